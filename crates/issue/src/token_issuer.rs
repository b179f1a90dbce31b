//! Who signs SD-JWT VCs and Status List Tokens.

use serde_json::{Value, json};
use staffpass_jose::{Algorithm, HeaderBuilder, PublicKey};
use url::Url;

use crate::issuer::Typ;
use crate::{IssueError, IssuerKey, web};

/// The issuer of an SD-JWT VC or of a Status List Token: a DID, as [`IssuerKey`] has it, or an https URL
/// whose key is in its metadata or in a certificate.
///
/// Verifiers that know SD-JWT VC alone know the URL only (draft-ietf-oauth-sd-jwt-vc, "Issuer Signature
/// Mechanisms"); a DID is what the other formats have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenIssuer {
    iss: String,
    algorithm: Algorithm,
    key: Key,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Id(String),
    Certificates(Vec<Vec<u8>>),
}

impl TokenIssuer {
    /// An issuer by its https URL (or a loopback one), whose key has this id in its metadata.
    ///
    /// # Errors
    /// [`IssueError::IssuerUrl`].
    pub fn with_metadata(url: &str, kid: &str, algorithm: Algorithm) -> Result<Self, IssueError> {
        Self::of_url(url, Key::Id(kid.to_owned()), algorithm)
    }

    /// An issuer by its https URL (or a loopback one), whose key is that of the first of these
    /// certificates (DER). The last is issued by the verifiers' trust anchor, which is not among them.
    ///
    /// # Errors
    /// [`IssueError::IssuerUrl`], also for no certificate.
    pub fn with_certificates(
        url: &str,
        certificates: &[Vec<u8>],
        algorithm: Algorithm,
    ) -> Result<Self, IssueError> {
        if certificates.is_empty() {
            return Err(IssueError::IssuerUrl);
        }
        Self::of_url(url, Key::Certificates(certificates.to_vec()), algorithm)
    }

    fn of_url(url: &str, key: Key, algorithm: Algorithm) -> Result<Self, IssueError> {
        web::issuer_url(url).ok_or(IssueError::IssuerUrl)?;
        Ok(Self { iss: url.to_owned(), algorithm, key })
    }

    /// The issuer as its tokens name it (`iss`).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.iss
    }

    /// The metadata with the issuer's key ("JWT VC Issuer Metadata"), and where it is published; `None`
    /// where the key is not looked up in metadata.
    #[must_use]
    pub fn metadata(&self, key: &PublicKey) -> Option<(Url, Value)> {
        let Key::Id(kid) = &self.key else { return None };
        let url = web::issuer_url(&self.iss)?;
        let mut jwk = key.to_jwk();
        jwk.as_object_mut()?.insert("kid".to_owned(), kid.as_str().into());
        let metadata = json!({ "issuer": self.iss, "jwks": { "keys": [jwk] } });
        Some((web::well_known(&url, "jwt-vc-issuer"), metadata))
    }

    /// The header of what is signed: `alg`, `typ`, and `kid` or `x5c`.
    pub(crate) fn header(&self, typ: Typ) -> HeaderBuilder {
        let header = HeaderBuilder::new(self.algorithm).typ(typ.typ());
        match &self.key {
            Key::Id(kid) => header.kid(kid),
            Key::Certificates(certificates) => header.x5c(certificates),
        }
    }
}

impl From<&IssuerKey> for TokenIssuer {
    fn from(issuer: &IssuerKey) -> Self {
        Self {
            iss: issuer.did().to_string(),
            algorithm: issuer.algorithm(),
            key: Key::Id(issuer.id().as_str().to_owned()),
        }
    }
}

impl From<&Self> for TokenIssuer {
    fn from(issuer: &Self) -> Self {
        issuer.clone()
    }
}
