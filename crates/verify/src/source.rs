//! What a verdict may rest on beside the response: documents that somebody has to fetch.

use std::fmt;

use staffpass_did::Did;
use staffpass_status::IdentityHubQuery;
use url::Url;

/// A document that verification asks for. It is named only where the policy allows its address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The DID document of a trusted issuer.
    DidDocument(Did),
    /// The metadata of an issuer that is named by an https URL, by GET at this address (SD-JWT VC,
    /// "JWT VC Issuer Metadata"); see [`Source::issuer_metadata`].
    IssuerMetadata(Url),
    /// The JWK Set that an issuer's metadata points to (`jwks_uri`), at the issuer's own origin.
    JwkSet(Url),
    /// The DID configuration of a domain (Well Known DID Configuration §4), by GET at this address.
    DidConfiguration(Url),
    /// A status list credential or Status List Token, by GET at this address.
    StatusList(Url),
    /// A status list credential in an issuer's IdentityHub, by POST.
    IdentityHub(IdentityHubSource),
}

/// A status list in an IdentityHub: which one, and where to ask.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct IdentityHubSource {
    /// The issuer, the target of the query.
    pub issuer: Did,
    /// The hub's address, from the issuer's own document.
    pub endpoint: Url,
    /// Which list.
    pub query: IdentityHubQuery,
}

impl Source {
    /// Where the metadata of this https issuer is; none where the identifier is no such URL.
    ///
    /// ```
    /// use staffpass_verify::Source;
    ///
    /// let source = Source::issuer_metadata("https://trust.example/staff").unwrap();
    /// let url = "https://trust.example/.well-known/jwt-vc-issuer/staff";
    /// assert_eq!(source.to_string(), format!("issuer metadata {url}"));
    /// ```
    #[must_use]
    pub fn issuer_metadata(issuer: &str) -> Option<Self> {
        metadata_url(&Url::parse(issuer).ok()?).map(Self::IssuerMetadata)
    }
}

/// The well-known part stands between host and path, once a terminating `/` is gone. An issuer with
/// a query or a fragment has no such place.
pub(crate) fn metadata_url(issuer: &Url) -> Option<Url> {
    if issuer.query().is_some() || issuer.fragment().is_some() || issuer.cannot_be_a_base() {
        return None;
    }
    let mut url = issuer.clone();
    let path = issuer.path().strip_suffix('/').unwrap_or(issuer.path());
    url.set_path(&format!("/.well-known/jwt-vc-issuer{path}"));
    Some(url)
}

impl fmt::Display for Source {
    /// The issuer or the address: what an operator needs to see when it cannot be had.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DidDocument(did) => write!(f, "DID document of {did}"),
            Self::IssuerMetadata(url) => write!(f, "issuer metadata {url}"),
            Self::JwkSet(url) => write!(f, "JWK set {url}"),
            Self::DidConfiguration(url) => write!(f, "DID configuration {url}"),
            Self::StatusList(url) => write!(f, "status list {url}"),
            Self::IdentityHub(hub) => {
                write!(f, "status list {} at {}", hub.query.object_id(), hub.endpoint)
            }
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({self})")
    }
}

impl fmt::Debug for IdentityHubSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityHubSource")
            .field("endpoint", &self.endpoint.as_str())
            .finish_non_exhaustive()
    }
}
