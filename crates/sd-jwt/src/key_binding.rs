//! The key binding JWT (RFC 9901 §4.3), once its signature has verified, and the key it is for.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};
use staffpass_jose::json;
use staffpass_jose::{NumericDate, PublicKey, VerifiedJws};

use crate::{HashAlgorithm, KEY_BINDING_TYPE, SdJwtError, UnverifiedSdJwt};

/// The claims of a key binding JWT: who it was made for, when, and over which SD-JWT.
///
/// Read only from a JWS that has verified; under the key of [`confirmation_key`], which is for the
/// caller to have done.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct KeyBinding {
    aud: String,
    nonce: String,
    iat: NumericDate,
    sd_hash: String,
}

impl KeyBinding {
    /// Reads a verified key binding JWT: `typ` is `kb+jwt`, and the four claims are there, `aud` as one
    /// string.
    ///
    /// # Errors
    /// [`SdJwtError::KeyBindingType`], [`SdJwtError::KeyBindingClaims`].
    pub fn read(jws: &VerifiedJws<'_>, limits: &json::Limits) -> Result<Self, SdJwtError> {
        if jws.header().typ.as_deref() != Some(KEY_BINDING_TYPE) {
            return Err(SdJwtError::KeyBindingType);
        }
        json::parse(jws.payload(), limits).map_err(SdJwtError::KeyBindingClaims)
    }

    /// The verifier it was made for.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.aud
    }

    /// The verifier's nonce.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// When it was made, by the holder's clock.
    #[must_use]
    pub fn issued_at(&self) -> NumericDate {
        self.iat
    }

    /// The hash of the SD-JWT it was made for, as it stands.
    #[must_use]
    pub fn sd_hash(&self) -> &str {
        &self.sd_hash
    }

    /// Checks that it was made for this SD-JWT with exactly these disclosures (RFC 9901 §7.3, step 5),
    /// over the bytes received, by the hash algorithm of the SD-JWT.
    ///
    /// # Errors
    /// [`SdJwtError::SdHashMismatch`].
    pub fn check_sd_hash(
        &self,
        sd_jwt: &UnverifiedSdJwt<'_>,
        algorithm: HashAlgorithm,
    ) -> Result<(), SdJwtError> {
        if self.sd_hash == sd_jwt.sd_hash(algorithm) {
            Ok(())
        } else {
            Err(SdJwtError::SdHashMismatch)
        }
    }
}

impl fmt::Debug for KeyBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyBinding").field("iat", &self.iat).finish_non_exhaustive()
    }
}

/// The holder's key in `cnf.jwk` (RFC 7800 §3.2); `None` when there is no `cnf`, and so no holder.
///
/// # Errors
/// [`SdJwtError::ConfirmationShape`] when `cnf` is there without a `jwk`,
/// [`SdJwtError::ConfirmationKey`] when its key cannot be used.
pub fn confirmation_key(claims: &Map<String, Value>) -> Result<Option<PublicKey>, SdJwtError> {
    let Some(confirmation) = claims.get("cnf") else { return Ok(None) };
    let jwk = confirmation.get("jwk").filter(|jwk| jwk.is_object());
    let jwk = jwk.ok_or(SdJwtError::ConfirmationShape)?;
    PublicKey::from_jwk(jwk).map(Some).map_err(SdJwtError::ConfirmationKey)
}
