//! Who asks: the client identifier, its prefix, and what signs for it (§5.9).

use std::fmt;

use staffpass_jose::{Algorithm, HeaderBuilder};
use url::Url;

use crate::certificate::Chain;
use crate::error::Address;
use crate::protocol::Profile;
use crate::text::{KeyId, check_text};
use crate::{Endpoints, RequestError};

/// How a client identifier says what it is (§5.9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientIdPrefix {
    /// A DID, whose key signs the request object.
    DecentralizedIdentifier,
    /// A DNS name in the certificate whose key signs the request object.
    X509SanDns,
    /// The SHA-256 of the certificate whose key signs the request object.
    X509Hash,
    /// The response address itself. Such a request cannot be signed.
    RedirectUri,
    /// No prefix: the wallet knows the client already (§5.9.2).
    PreRegistered,
}

impl ClientIdPrefix {
    /// Every kind of client identifier.
    pub const ALL: [Self; 5] = [
        Self::DecentralizedIdentifier,
        Self::X509SanDns,
        Self::X509Hash,
        Self::RedirectUri,
        Self::PreRegistered,
    ];

    /// The prefix, without the colon after it; empty for a client that is known already.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DecentralizedIdentifier => "decentralized_identifier",
            Self::X509SanDns => "x509_san_dns",
            Self::X509Hash => "x509_hash",
            Self::RedirectUri => "redirect_uri",
            Self::PreRegistered => "",
        }
    }

    /// The prefix of a client identifier, and what follows it. None for a prefix that is not spoken
    /// here: what has a colon is never taken for a client that is known already.
    #[must_use]
    pub fn split(client_id: &str) -> Option<(Self, &str)> {
        let Some((prefix, rest)) = client_id.split_once(':') else {
            return (!client_id.is_empty()).then_some((Self::PreRegistered, client_id));
        };
        let mut spoken = Self::ALL.into_iter().filter(|known| *known != Self::PreRegistered);
        spoken.find(|known| known.as_str() == prefix).map(|known| (known, rest))
    }

    /// The whole client identifier.
    fn of(self, rest: &str) -> String {
        match self {
            Self::PreRegistered => rest.to_owned(),
            _ => format!("{}:{rest}", self.as_str()),
        }
    }
}

/// Who asks: a verifier, as wallets of OpenID4VP see it. Made once, checked once, used for every
/// request.
#[derive(Clone)]
pub struct Party {
    pub(super) client_id: String,
    pub(super) endpoints: Endpoints,
    pub(super) profile: Profile,
    prefix: ClientIdPrefix,
    algorithm: Algorithm,
    key: Key,
}

/// What the header says of the key that signs.
#[derive(Clone)]
enum Key {
    Id(String),
    Certificates(Chain),
    None,
}

impl Party {
    /// A verifier whose requests are signed by the key `key_id` (`<did>#<fragment>`) with
    /// `algorithm`, and who is known by the DID of that key (`decentralized_identifier`).
    ///
    /// # Errors
    /// [`RequestError::KeyIdForm`].
    pub fn new(
        key_id: &str,
        algorithm: Algorithm,
        endpoints: Endpoints,
    ) -> Result<Self, RequestError> {
        let key_id = KeyId::parse(key_id)?;
        let key = Key::Id(key_id.as_str().to_owned());
        let prefix = ClientIdPrefix::DecentralizedIdentifier;
        Ok(Self::known_by(prefix, key_id.did(), algorithm, key, endpoints))
    }

    /// A verifier known by a DNS name (`x509_san_dns`), whose requests are signed by the key of the
    /// first certificate of `chain` (DER; the issuers follow, without the trust anchor).
    ///
    /// # Errors
    /// [`RequestError::CertificateForm`] for a chain that cannot be read,
    /// [`RequestError::CertificateSelfSigned`] where one certifies itself,
    /// [`RequestError::CertificateName`] where the name is not one of the leaf's DNS names or not
    /// the host of the response address.
    pub fn x509_san_dns(
        dns_name: &str,
        chain: &[Vec<u8>],
        algorithm: Algorithm,
        endpoints: Endpoints,
    ) -> Result<Self, RequestError> {
        let chain = Chain::new(chain)?;
        if !chain.has_dns_name(dns_name) || !is_host_of(dns_name, endpoints.response()) {
            return Err(RequestError::CertificateName);
        }
        let (prefix, key) = (ClientIdPrefix::X509SanDns, Key::Certificates(chain));
        Ok(Self::known_by(prefix, dns_name, algorithm, key, endpoints))
    }

    /// A verifier known by the SHA-256 of its certificate (`x509_hash`), the first of `chain`.
    ///
    /// # Errors
    /// [`RequestError::CertificateForm`], [`RequestError::CertificateSelfSigned`].
    pub fn x509_hash(
        chain: &[Vec<u8>],
        algorithm: Algorithm,
        endpoints: Endpoints,
    ) -> Result<Self, RequestError> {
        let chain = Chain::new(chain)?;
        let (hash, prefix) = (chain.leaf_hash(), ClientIdPrefix::X509Hash);
        Ok(Self::known_by(prefix, &hash, algorithm, Key::Certificates(chain), endpoints))
    }

    /// A verifier under the High Assurance Interoperability Profile 1.0: `x509_hash`, ES256, and
    /// from every [`RequestBuilder`](super::RequestBuilder) of it nothing but SD-JWT VCs with their
    /// holder's key, encrypted answers and `haip-vp://` links.
    ///
    /// # Errors
    /// As [`x509_hash`](Self::x509_hash).
    pub fn haip(chain: &[Vec<u8>], endpoints: Endpoints) -> Result<Self, RequestError> {
        let party = Self::x509_hash(chain, Algorithm::Es256, endpoints)?;
        Ok(Self { profile: Profile::Haip, ..party })
    }

    /// A verifier that its wallets know already by a name without a colon, and whose key they find
    /// by `key_id` (§5.9.2).
    ///
    /// # Errors
    /// [`RequestError::ClientIdPrefix`] for a name with a colon, [`RequestError::TextForm`] for one
    /// that is empty or has control characters.
    pub fn pre_registered(
        client_id: &str,
        key_id: &str,
        algorithm: Algorithm,
        endpoints: Endpoints,
    ) -> Result<Self, RequestError> {
        check_text(client_id, "client_id")?;
        let key = Key::Id(check_text(key_id, "kid")?.to_owned());
        if client_id.contains(':') {
            return Err(RequestError::ClientIdPrefix);
        }
        let prefix = ClientIdPrefix::PreRegistered;
        Ok(Self::known_by(prefix, client_id, algorithm, key, endpoints))
    }

    /// A verifier that is nobody: known by the response address (`redirect_uri`), its requests
    /// unsigned and whole in the link. Whoever changes the link changes the request, so this is for
    /// tests of wallets; only
    /// [`build_by_value`](super::RequestBuilder::build_by_value) takes it.
    #[must_use]
    pub fn unsigned_for_tests(endpoints: Endpoints) -> Self {
        let (prefix, address) = (ClientIdPrefix::RedirectUri, endpoints.response().to_owned());
        Self::known_by(prefix, &address, Algorithm::Es256, Key::None, endpoints)
    }

    fn known_by(
        prefix: ClientIdPrefix,
        name: &str,
        algorithm: Algorithm,
        key: Key,
        endpoints: Endpoints,
    ) -> Self {
        let client_id = prefix.of(name);
        Self { client_id, endpoints, profile: Profile::Base, prefix, algorithm, key }
    }

    /// The whole client identifier, with its prefix. (Of [`unsigned_for_tests`] the part that is
    /// common to all requests.)
    ///
    /// [`unsigned_for_tests`]: Self::unsigned_for_tests
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// How it is known.
    #[must_use]
    pub const fn client_id_prefix(&self) -> ClientIdPrefix {
        self.prefix
    }

    /// What it may ask for, and how.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// The signing key's id; empty where certificates, or nothing, say which key it is.
    #[must_use]
    pub fn key_id(&self) -> &str {
        match &self.key {
            Key::Id(id) => id,
            Key::Certificates(_) | Key::None => "",
        }
    }

    /// The algorithm of the signatures.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The header of its request objects, without `typ`. None where nothing signs.
    pub(super) fn header(&self) -> Option<HeaderBuilder> {
        let header = HeaderBuilder::new(self.algorithm);
        match &self.key {
            Key::Id(id) => Some(header.kid(id)),
            Key::Certificates(chain) => Some(header.x5c(chain.certificates())),
            Key::None => None,
        }
    }
}

/// Prints the client alone.
impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party")
            .field("client_id", &self.client_id)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

/// §5.9.3: the host of the response address is the client's name.
pub(crate) fn is_host_of(dns_name: &str, address: &str) -> bool {
    let host = Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| host.eq_ignore_ascii_case(dns_name))
}

/// The client identifier of one unsigned request (§5.9.3): its own response address.
pub(super) fn unsigned_client_id(response_uri: &str) -> String {
    ClientIdPrefix::RedirectUri.of(response_uri)
}

/// Whether an unsigned request's client identifier is its response address.
pub(super) fn check_unsigned(client_id: &str, response_uri: &str) -> Result<(), RequestError> {
    match ClientIdPrefix::split(client_id) {
        Some((ClientIdPrefix::RedirectUri, address)) if address == response_uri => Ok(()),
        Some((ClientIdPrefix::RedirectUri, _)) => {
            Err(RequestError::AddressOrigin { address: Address::Response })
        }
        _ => Err(RequestError::ClientIdPrefix),
    }
}
