//! The key to which a wallet encrypts its answer (§8.3): made for one request, kept beside its
//! expectation.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use staffpass_jose::jwe::{self, ContentEncryption};
use staffpass_jose::{AgreementKey, Curve, KeyUse, PublicKey};
use zeroize::Zeroizing;

use crate::RequestError;

/// The private key of one request, by which its answer is opened.
///
/// Stored beside the expectation, so that any machine of a portal can take the answer, and best
/// sealed: serde writes the private JWK. A provider makes an [`AgreementKey`] of
/// [`private_jwk`](Self::private_jwk).
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseKey {
    kid: String,
    jwk: Zeroizing<String>,
}

impl ResponseKey {
    pub(super) fn of(key: &dyn AgreementKey) -> Self {
        Self { kid: key.kid(), jwk: key.private_jwk() }
    }

    /// Its id, which the header of the answer names: the thumbprint of the public half.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The JSON text of the private JWK.
    #[must_use]
    pub fn private_jwk(&self) -> &str {
        &self.jwk
    }
}

/// Prints no secret.
impl fmt::Debug for ResponseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseKey(..)")
    }
}

impl PartialEq for ResponseKey {
    fn eq(&self, other: &Self) -> bool {
        // The id is a digest of the public half, and so of the secret too.
        self.kid == other.kid
    }
}

impl Eq for ResponseKey {}

/// How a wallet encrypts its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseEncryption {
    /// The verifier's key.
    pub key: PublicKey,
    /// Its id, for the header of the JWE.
    pub kid: String,
    /// With what: the strongest of those that the verifier lists.
    pub content_encryption: ContentEncryption,
}

/// What stands in `client_metadata` (§5.1).
pub(super) fn names() -> Vec<String> {
    ContentEncryption::ALL.map(|encryption| encryption.name().to_owned()).to_vec()
}

/// The first key of `jwks` that can be used, and the strongest content encryption of the list
/// (A128GCM where there is none, §5.1).
pub(super) fn read(
    jwks: Option<&Value>,
    listed: Option<&[String]>,
) -> Result<ResponseEncryption, RequestError> {
    let malformed = RequestError::MemberValue { member: "jwks" };
    let keys = jwks.ok_or(RequestError::MemberMissing { member: "jwks" })?.get("keys");
    let keys = keys.and_then(Value::as_array).ok_or(malformed.clone())?;
    let (key, kid) = keys.iter().find_map(usable).ok_or(malformed)?;
    let content_encryption = match listed {
        None => Some(ContentEncryption::A128Gcm),
        Some(listed) => {
            let mut strongest = ContentEncryption::ALL.into_iter().rev();
            strongest.find(|encryption| listed.iter().any(|name| name == encryption.name()))
        }
    };
    let member = "encrypted_response_enc_values_supported";
    let content_encryption = content_encryption.ok_or(RequestError::MemberValue { member })?;
    Ok(ResponseEncryption { key, kid, content_encryption })
}

/// A key for ECDH-ES on P-256 with an id.
fn usable(jwk: &Value) -> Option<(PublicKey, String)> {
    let kid = jwk.get("kid")?.as_str().filter(|kid| !kid.is_empty() && kid.len() <= 256)?;
    if jwk.get("alg")?.as_str()? != jwe::ALGORITHM {
        return None;
    }
    let key = PublicKey::from_jwk_json(jwk.to_string().as_bytes()).ok()?;
    let fits = key.curve() == Curve::P256 && key.key_use() == KeyUse::Encryption;
    fits.then(|| (key, kid.to_owned()))
}
