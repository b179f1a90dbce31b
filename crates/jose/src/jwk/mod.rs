//! Public keys: strict import of JWKs (RFC 7517, RFC 7518 §6.2, RFC 8037 §2) and bare key material.
//!
//! Import judges everything that bytes alone can tell: exact members, exact lengths, canonical
//! encodings, no private member, no low-order point. Whether an EC point lies on its curve is asked
//! of the crypto provider when it [prepares](crate::CryptoProvider::prepare) the key.

mod compressed;
mod error;
mod import;
#[cfg(test)]
mod tests;
mod thumbprint;

use std::fmt;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub use compressed::CompressedPoint;
pub use error::KeyError;
use import::{JWK_LIMITS, RawJwk};
pub use thumbprint::Thumbprint;

use crate::base64url;
use crate::ed25519;
use crate::json::{JsonError, Node, Tree};
use crate::{Algorithm, Curve};

/// What a key is for (JWK `use`, RFC 7517 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyUse {
    /// Signatures, `sig`; also a key that does not say.
    Signature,
    /// Encryption, `enc`.
    Encryption,
}

/// A public key whose encoding has been judged, with both coordinates where its curve has two.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    curve: Curve,
    /// Big-endian coordinates: `x` then `y` for EC, the encoded point for OKP.
    bytes: Vec<u8>,
    key_use: KeyUse,
}

impl PublicKey {
    /// Imports a JWK from its JSON text.
    ///
    /// Members that RFC 7517 does not define for public keys are ignored; duplicates are refused.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_jwk_json(text: &[u8]) -> Result<Self, KeyError> {
        Self::from_jwk(&Tree::parse(text, &JWK_LIMITS).map_err(KeyError::Json)?)
    }

    /// Imports a JWK from a JSON value that came from strictly parsed text.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_jwk<'a>(jwk: impl Into<Node<'a>>) -> Result<Self, KeyError> {
        RawJwk::read(jwk.into()).ok_or(KeyError::Json(JsonError::Shape))?.import()
    }

    /// A key from its affine coordinates, each exactly as long as the curve's field.
    ///
    /// # Errors
    /// [`KeyError::MalformedCoordinate`], or [`KeyError::UnsupportedCurve`] for an OKP curve.
    pub fn from_affine(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        if curve.key_type() != "EC" {
            return Err(KeyError::UnsupportedCurve);
        }
        let length = curve.coordinate_length();
        if x.len() != length || y.len() != length {
            return Err(KeyError::MalformedCoordinate);
        }
        Ok(Self { curve, bytes: [x, y].concat(), key_use: KeyUse::Signature })
    }

    /// A key from its uncompressed SEC 1 point (`04 ‖ x ‖ y`, SEC 1 §2.3.3).
    ///
    /// # Errors
    /// [`KeyError::MalformedCoordinate`] for any other form or length.
    pub fn from_sec1_uncompressed(curve: Curve, point: &[u8]) -> Result<Self, KeyError> {
        match point.split_first() {
            Some((4, coordinates)) if coordinates.len() == 2 * curve.coordinate_length() => {
                let (x, y) = coordinates.split_at(curve.coordinate_length());
                Self::from_affine(curve, x, y)
            }
            _ => Err(KeyError::MalformedCoordinate),
        }
    }

    /// An Ed25519 key from its 32 bytes (RFC 8032 §5.1.5), low-order and non-canonical ones refused.
    ///
    /// # Errors
    /// [`KeyError::MalformedCoordinate`], [`KeyError::LowOrder`] or [`KeyError::NotCanonical`].
    pub fn from_ed25519(point: &[u8]) -> Result<Self, KeyError> {
        let point: &[u8; 32] = point.try_into().map_err(|_| KeyError::MalformedCoordinate)?;
        ed25519::judge_point(point)?;
        Ok(Self { curve: Curve::Ed25519, bytes: point.to_vec(), key_use: KeyUse::Signature })
    }

    /// An X25519 key from its 32 bytes (RFC 7748 §5), low-order and non-canonical ones refused.
    ///
    /// # Errors
    /// [`KeyError::MalformedCoordinate`], [`KeyError::LowOrder`] or [`KeyError::NotCanonical`].
    pub fn from_x25519(point: &[u8]) -> Result<Self, KeyError> {
        let point: &[u8; 32] = point.try_into().map_err(|_| KeyError::MalformedCoordinate)?;
        ed25519::judge_x25519(point)?;
        Ok(Self { curve: Curve::X25519, bytes: point.to_vec(), key_use: KeyUse::Encryption })
    }

    /// The key's curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// The one algorithm of the key's signatures; none for a key that is not for signatures.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        match self.key_use {
            KeyUse::Signature => self.curve.algorithm(),
            KeyUse::Encryption => None,
        }
    }

    /// The same key, for encryption whatever its JWK declared.
    #[must_use]
    pub fn for_encryption(self) -> Self {
        Self { key_use: KeyUse::Encryption, ..self }
    }

    /// What the key is for.
    #[must_use]
    pub fn key_use(&self) -> KeyUse {
        self.key_use
    }

    /// The x coordinate, or the encoded point of an OKP key.
    #[must_use]
    pub fn x(&self) -> &[u8] {
        self.bytes.get(..self.curve.coordinate_length()).unwrap_or_default()
    }

    /// The y coordinate; none for an OKP key.
    #[must_use]
    pub fn y(&self) -> Option<&[u8]> {
        self.bytes.get(self.curve.coordinate_length()..).filter(|y| !y.is_empty())
    }

    /// The point as `04 ‖ x ‖ y` for EC, the encoded point as it stands for OKP.
    #[must_use]
    pub fn to_sec1(&self) -> Vec<u8> {
        match self.y() {
            Some(_) => [&[4], self.bytes.as_slice()].concat(),
            None => self.bytes.clone(),
        }
    }

    /// The JWK with its required members only, in lexicographic order (RFC 7638 §3.2).
    #[must_use]
    pub fn to_jwk(&self) -> Value {
        let x = base64url::encode(self.x());
        match self.y() {
            Some(y) => json!({
                "crv": self.curve.name(), "kty": "EC", "x": x, "y": base64url::encode(y),
            }),
            None => json!({ "crv": self.curve.name(), "kty": "OKP", "x": x }),
        }
    }

    /// The SHA-256 thumbprint (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        let x = base64url::encode(self.x());
        let (crv, kty) = (self.curve.name(), self.curve.key_type());
        // Written by hand: the order of members is the definition (RFC 7638 §3.3).
        let text = match self.y() {
            Some(y) => {
                let y = base64url::encode(y);
                format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#)
            }
            None => format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}"}}"#),
        };
        Thumbprint(Sha256::digest(text).into())
    }
}

impl fmt::Debug for PublicKey {
    /// Names the curve only: a holder's key is a lasting identifier of a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("curve", &self.curve).finish_non_exhaustive()
    }
}

/// Key material as identifiers carry it: a whole public key, or a compressed EC point that a
/// provider must expand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyMaterial {
    /// A public key.
    Public(PublicKey),
    /// A compressed point.
    Compressed(CompressedPoint),
}

impl KeyMaterial {
    /// The key's curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        match self {
            Self::Public(key) => key.curve(),
            Self::Compressed(point) => point.curve(),
        }
    }

    /// The one algorithm of the key's signatures; none for a key that is not for signatures.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        match self {
            Self::Public(key) => key.algorithm(),
            Self::Compressed(point) => point.curve().algorithm(),
        }
    }
}

impl From<PublicKey> for KeyMaterial {
    fn from(key: PublicKey) -> Self {
        Self::Public(key)
    }
}
