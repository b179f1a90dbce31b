//! did:key: one key, written as a multicodec.

use staffpass_jose::{KeyMaterial, PublicKey};

use crate::assembly::Assembly;
use crate::multikey;
use crate::{Did, DidDocument, DidError, DidUrl, Method, Relationship, Relationships};

/// Resolves a did:key of Ed25519, X25519, P-256, P-384 or secp256k1.
///
/// Its document has one verification method, whose fragment repeats the key. An Ed25519 key has
/// every relationship but `keyAgreement` (no X25519 key is derived from it), an EC key every one,
/// an X25519 key `keyAgreement` alone.
///
/// # Errors
/// [`DidError::OtherMethod`], [`DidError::MultikeyMalformed`], [`DidError::MultikeyUnsupported`]
/// (P-521, RSA, BLS), or [`DidError::Key`].
pub fn resolve(did: &Did) -> Result<DidDocument, DidError> {
    if did.method() != Method::Key {
        return Err(DidError::OtherMethod);
    }
    let multibase = did.method_specific_id();
    let key = multikey::decode(multibase)?;
    let relationships = relationships(&key);
    let id = DidUrl::new(did, multibase)?;
    let mut document = Assembly::new(did);
    document.insert(id, "Multikey", key, relationships)?;
    Ok(document.finish())
}

/// The did:key of a public key; the point of an EC key is compressed.
///
/// # Errors
/// [`DidError::MultikeyUnsupported`] for a curve that has no multicodec here; every curve that
/// `staffpass-jose` imports has one.
pub fn from_public_key(key: &PublicKey) -> Result<Did, DidError> {
    multikey::encode(key).map(|multibase| Did::composed("key", &multibase))
}

fn relationships(key: &KeyMaterial) -> Relationships {
    match (key.curve().key_type(), key.algorithm()) {
        (_, None) => Relationships::from(Relationship::KeyAgreement),
        ("EC", Some(_)) => Relationships::SIGNING.with(Relationship::KeyAgreement),
        (_, Some(_)) => Relationships::SIGNING,
    }
}
