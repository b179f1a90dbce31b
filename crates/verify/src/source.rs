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
    /// A status list credential, by GET at this address.
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

impl fmt::Display for Source {
    /// The issuer or the address: what an operator needs to see when it cannot be had.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DidDocument(did) => write!(f, "DID document of {did}"),
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
