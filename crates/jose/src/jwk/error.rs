//! Why a key is refused.

use crate::json::JsonError;

/// Why a key is refused. Holds no part of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The JWK is no JSON object of strings, or a member of it is of the wrong type.
    #[error("the JWK cannot be read")]
    Json(#[source] JsonError),
    /// `kty` is not `EC` or `OKP`.
    #[error("this key type is not supported")]
    UnsupportedKeyType,
    /// `crv` is not a curve spoken here, or does not belong to `kty`.
    #[error("this curve is not supported")]
    UnsupportedCurve,
    /// A member that only a private or symmetric key has (`d`, `k`, …).
    #[error("the JWK holds a private member")]
    PrivateMember,
    /// A coordinate is missing, in a non-canonical encoding, or not exactly as long as its field.
    #[error("a coordinate of the key is missing or malformed")]
    MalformedCoordinate,
    /// The point does not lie on its curve, or is the point at infinity.
    #[error("the point does not lie on its curve")]
    NotOnCurve,
    /// An Ed25519 or X25519 point of low order: one signature would fit every message.
    #[error("the key is a point of low order")]
    LowOrder,
    /// An Ed25519 or X25519 point that is not the canonical encoding of itself.
    #[error("the key is not canonically encoded")]
    NotCanonical,
    /// The JWK's own `alg` belongs to another curve, or is unknown.
    #[error("the JWK's alg does not belong to its curve")]
    AlgorithmMismatch,
    /// `use` or `key_ops` forbid what the key is imported for.
    #[error("the JWK's use or key_ops forbid verification")]
    UseMismatch,
    /// The provider does not offer this curve.
    #[error("the crypto provider does not offer this curve")]
    NotOffered,
    /// A secret that is missing, of another length than its curve asks, zero, or not below the
    /// group order.
    #[error("the secret is no private key of its curve")]
    InvalidSecret,
    /// The public half of a private JWK is not the one that belongs to its secret.
    #[error("the public half of the key does not belong to its secret")]
    PublicMismatch,
    /// The crypto library made no key: its source of randomness failed.
    #[error("the crypto library made no key")]
    Generation,
}

impl KeyError {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Json(_) => "key_malformed",
            Self::UnsupportedKeyType => "key_type_unsupported",
            Self::UnsupportedCurve => "key_curve_unsupported",
            Self::PrivateMember => "key_private_member",
            Self::MalformedCoordinate => "key_coordinate_malformed",
            Self::NotOnCurve => "key_not_on_curve",
            Self::LowOrder => "key_low_order",
            Self::NotCanonical => "key_not_canonical",
            Self::AlgorithmMismatch => "key_algorithm_mismatch",
            Self::UseMismatch => "key_use_mismatch",
            Self::NotOffered => "key_not_offered",
            Self::InvalidSecret => "key_secret_invalid",
            Self::PublicMismatch => "key_public_mismatch",
            Self::Generation => "key_generation_failed",
        }
    }
}
