//! Public keys, to `ssi` and back.

use ssi::JWK;
use staffpass_jose::PublicKey;

use crate::SsiError;

/// The key as `ssi` has it.
///
/// # Errors
/// [`SsiError::NotRepresentable`] where `ssi` does not take the JWK; of the curves that
/// `staffpass-jose` imports it takes every one.
pub fn to_ssi(key: &PublicKey) -> Result<JWK, SsiError> {
    serde_json::from_value(key.to_jwk()).map_err(|_| SsiError::NotRepresentable)
}

/// The key, imported like any other JWK: `ssi` judged neither its members nor their lengths.
///
/// # Errors
/// [`SsiError::Key`]: a private key, a curve that is not spoken, a coordinate of another length.
pub fn from_ssi(key: &JWK) -> Result<PublicKey, SsiError> {
    let jwk = serde_json::to_value(key).map_err(|_| SsiError::NotRepresentable)?;
    PublicKey::from_jwk(&jwk).map_err(SsiError::Key)
}
