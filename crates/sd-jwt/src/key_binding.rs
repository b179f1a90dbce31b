//! The key binding JWT (RFC 9901 §4.3): read once its signature has verified, and made; and the key
//! it is for.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use staffpass_jose::json::{Limits, Object};
use staffpass_jose::{
    HeaderBuilder, KeyError, NumericDate, PublicKey, Signer, Thumbprint, UnsignedJws,
    VerificationKey, VerifiedJws,
};

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
    #[serde(default, deserialize_with = "not_null")]
    exp: Option<NumericDate>,
    #[serde(default, deserialize_with = "not_null")]
    nbf: Option<NumericDate>,
}

impl KeyBinding {
    /// Reads a verified key binding JWT: `typ` is `kb+jwt`, and the four claims are there, `aud` as one
    /// string.
    ///
    /// # Errors
    /// [`SdJwtError::KeyBindingType`], [`SdJwtError::KeyBindingClaims`].
    pub fn read(jws: &VerifiedJws<'_>, limits: &Limits) -> Result<Self, SdJwtError> {
        if jws.header().typ.as_deref() != Some(KEY_BINDING_TYPE) {
            return Err(SdJwtError::KeyBindingType);
        }
        let claims = staffpass_jose::json::parse::<Object<Self>>(jws.payload(), limits);
        claims.map(|Object(claims)| claims).map_err(SdJwtError::KeyBindingClaims)
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

    /// `exp`, if it has one: from then on it is not to be accepted (RFC 7519 §4.1.4).
    #[must_use]
    pub fn expires_at(&self) -> Option<NumericDate> {
        self.exp
    }

    /// `nbf`, if it has one: before, it is not to be accepted (RFC 7519 §4.1.5).
    #[must_use]
    pub fn not_before(&self) -> Option<NumericDate> {
        self.nbf
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

/// A member that may be absent but not `null`: an `exp` of `null` is not no `exp`.
fn not_null<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl fmt::Debug for KeyBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyBinding").field("iat", &self.iat).finish_non_exhaustive()
    }
}

/// A key binding JWT that the holder has yet to sign, with the SD-JWT it is for.
#[derive(Clone)]
#[must_use]
pub struct UnsignedKeyBinding {
    sd_jwt: String,
    jws: UnsignedJws,
    holder: Thumbprint,
}

impl UnsignedKeyBinding {
    pub(crate) fn new(
        sd_jwt: &str,
        holder_key: &PublicKey,
        sd_hash: &str,
        audience: &str,
        nonce: &str,
        issued_at: DateTime<Utc>,
    ) -> Result<Self, SdJwtError> {
        let iat = NumericDate::from_datetime(issued_at).ok_or(SdJwtError::Date)?;
        let algorithm =
            holder_key.algorithm().ok_or(SdJwtError::ConfirmationKey(KeyError::UseMismatch))?;
        let claims = json!({ "iat": iat, "aud": audience, "nonce": nonce, "sd_hash": sd_hash });
        let header = HeaderBuilder::new(algorithm).typ(KEY_BINDING_TYPE);
        Ok(Self {
            sd_jwt: sd_jwt.to_owned(),
            jws: UnsignedJws::new(&header, claims.to_string().as_bytes()),
            holder: holder_key.thumbprint(),
        })
    }

    /// The bytes to sign.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.jws.signing_input()
    }

    /// Adds the signature and returns the SD-JWT with its key binding, after checking the signature as
    /// the verifier will.
    ///
    /// # Errors
    /// [`SdJwtError::HolderKeyMismatch`], [`SdJwtError::Signing`].
    pub fn with_signature(
        self,
        signature: &[u8],
        published: &VerificationKey,
    ) -> Result<String, SdJwtError> {
        self.check_holder(published)?;
        let jwt = self.jws.with_signature(signature, published).map_err(SdJwtError::Signing)?;
        Ok(self.sd_jwt + &jwt)
    }

    /// Signs at once.
    ///
    /// # Errors
    /// [`SdJwtError::HolderKeyMismatch`], [`SdJwtError::Signing`].
    pub fn sign(self, signer: &dyn Signer) -> Result<String, SdJwtError> {
        self.check_holder(signer.verification_key())?;
        let jwt = self.jws.sign(signer).map_err(SdJwtError::Signing)?;
        Ok(self.sd_jwt + &jwt)
    }

    /// RFC 9901 §4.3: the key is the one in `cnf`.
    fn check_holder(&self, key: &VerificationKey) -> Result<(), SdJwtError> {
        if key.thumbprint() == self.holder { Ok(()) } else { Err(SdJwtError::HolderKeyMismatch) }
    }
}

impl fmt::Debug for UnsignedKeyBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedKeyBinding").finish_non_exhaustive()
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
