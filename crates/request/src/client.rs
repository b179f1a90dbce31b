//! Which key of which client must have signed a request object.

use staffpass_jose::Header;

use crate::RequestError;
use crate::certificate::Chain;
use crate::openid4vp::{ClientIdPrefix, is_host_of};
use crate::text::KeyId;

/// The client of a request object, by what its identifier and the header say.
#[derive(Clone)]
pub(crate) enum Client {
    Did(KeyId),
    Certificates(Chain),
    Registered { client_id: String, key_id: Option<String> },
}

/// Where the key of a request object is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientKey<'a> {
    /// In the DID document of the client: the verification method with this id.
    VerificationMethod {
        /// The client's DID.
        did: &'a str,
        /// The whole DID URL of the key.
        key_id: &'a str,
    },
    /// In the first of these certificates (DER, the issuers after it), once a path leads from it to
    /// an anchor that the wallet trusts. That it belongs to the client identifier has been checked.
    Certificates(&'a [Vec<u8>]),
    /// With the wallet, which knows the client already.
    Registered {
        /// The client's name.
        client_id: &'a str,
        /// `kid`, if there is one.
        key_id: Option<&'a str>,
    },
}

impl Client {
    /// OpenID4VP 1.0 §5.9.3: what the prefix asks of header and response address.
    pub(crate) fn of(
        client_id: &str,
        header: &Header,
        response_uri: &str,
    ) -> Result<Self, RequestError> {
        let (prefix, name) =
            ClientIdPrefix::split(client_id).ok_or(RequestError::ClientIdPrefix)?;
        match prefix {
            ClientIdPrefix::DecentralizedIdentifier => Self::did(name, header),
            ClientIdPrefix::X509SanDns => {
                let chain = chain(header)?;
                let named = chain.has_dns_name(name) && is_host_of(name, response_uri);
                if named {
                    Ok(Self::Certificates(chain))
                } else {
                    Err(RequestError::CertificateName)
                }
            }
            ClientIdPrefix::X509Hash => {
                let chain = chain(header)?;
                let own = chain.leaf_hash() == name;
                if own { Ok(Self::Certificates(chain)) } else { Err(RequestError::CertificateName) }
            }
            ClientIdPrefix::PreRegistered => {
                let key_id = header.kid.clone();
                Ok(Self::Registered { client_id: name.to_owned(), key_id })
            }
            // It names an address that anybody could write: nothing can be signed under it.
            ClientIdPrefix::RedirectUri => Err(RequestError::ClientIdPrefix),
        }
    }

    fn did(did: &str, header: &Header) -> Result<Self, RequestError> {
        let key_id = Self::key_id(header)?;
        if key_id.did() == did {
            Ok(Self::Did(key_id))
        } else {
            Err(RequestError::ClientIdNotOfKey)
        }
    }

    /// `kid` as an absolute DID URL.
    pub(crate) fn key_id(header: &Header) -> Result<KeyId, RequestError> {
        let kid = header.kid.as_deref().ok_or(RequestError::MemberMissing { member: "kid" })?;
        KeyId::parse(kid)
    }

    pub(crate) fn key(&self) -> ClientKey<'_> {
        match self {
            Self::Did(key_id) => {
                ClientKey::VerificationMethod { did: key_id.did(), key_id: key_id.as_str() }
            }
            Self::Certificates(chain) => ClientKey::Certificates(chain.certificates()),
            Self::Registered { client_id, key_id } => {
                ClientKey::Registered { client_id, key_id: key_id.as_deref() }
            }
        }
    }
}

fn chain(header: &Header) -> Result<Chain, RequestError> {
    let x5c = header.x5c().ok_or(RequestError::MemberMissing { member: "x5c" })?;
    Chain::new(x5c)
}
