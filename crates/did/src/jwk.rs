//! did:jwk: one key, written as a JWK.

use serde::Deserialize;
use staffpass_jose::base64url;
use staffpass_jose::json::{self, JsonError};
use staffpass_jose::{KeyError, KeyUse, PublicKey};

use crate::assembly::Assembly;
use crate::document::public_key_jwk;
use crate::{Did, DidDocument, DidError, DidUrl, Method, Relationship, Relationships};

/// The one fragment of a did:jwk.
const FRAGMENT: &str = "0";

/// Resolves a did:jwk. Its document has one verification method, `#0`.
///
/// A key without `use` has every relationship, one for signatures all but `keyAgreement`, one for
/// encryption `keyAgreement` alone; so has an X25519 key that does not say, which can sign nothing.
///
/// # Errors
/// [`DidError::OtherMethod`], [`DidError::JwkEncoding`], or [`DidError::Key`] where the JWK is
/// refused: a private member, `oct`, another curve, a malformed coordinate.
pub fn resolve(did: &Did) -> Result<DidDocument, DidError> {
    if did.method() != Method::Jwk {
        return Err(DidError::OtherMethod);
    }
    let text = base64url::decode(did.method_specific_id()).map_err(|_| DidError::JwkEncoding)?;
    let key = PublicKey::from_jwk_json(&text).map_err(DidError::Key)?;
    let relationships = relationships(&text, &key)?;
    let id = DidUrl::new(did, FRAGMENT)?;
    let mut document = Assembly::new(did);
    document.insert(id, "JsonWebKey2020", key.into(), relationships)?;
    Ok(document.finish())
}

/// The did:jwk of a public key: the base64url of its canonical JWK (RFC 8785), with `use` where the
/// key is for encryption.
#[must_use]
pub fn from_public_key(key: &PublicKey) -> Did {
    let jwk = public_key_jwk(key);
    // A JWK holds strings only, which are always written; the order of members is all that counts.
    let text = json::canonical(&jwk).unwrap_or_else(|_| jwk.to_string().into_bytes());
    Did::composed("jwk", &base64url::encode(text))
}

/// The method's rule on `use`.
fn relationships(text: &[u8], key: &PublicKey) -> Result<Relationships, DidError> {
    #[derive(Deserialize)]
    struct Declared {
        #[serde(rename = "use")]
        key_use: Option<String>,
    }
    let declared: Declared = json::parse(text, &json::Limits::default())
        .map_err(|_| DidError::Key(KeyError::Json(JsonError::Shape)))?;
    Ok(match (key.key_use(), declared.key_use) {
        (KeyUse::Encryption, _) => Relationships::from(Relationship::KeyAgreement),
        (_, Some(_)) => Relationships::SIGNING,
        (_, None) => Relationships::SIGNING.with(Relationship::KeyAgreement),
    })
}
