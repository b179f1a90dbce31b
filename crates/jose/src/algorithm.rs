//! The signature algorithms that are spoken here, a closed list (RFC 7518 §3, RFC 8037, RFC 8812).
//!
//! `none` and the symmetric algorithms are not on it, so no code path can come to them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A JWS signature algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA on P-384 with SHA-384 (RFC 7518 §3.4).
    #[serde(rename = "ES384")]
    Es384,
    /// ECDSA on secp256k1 with SHA-256 (RFC 8812 §3.2).
    #[serde(rename = "ES256K")]
    Es256k,
    /// Ed25519 (RFC 8037 §3.1).
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// Every algorithm, in the order of their names.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Es256k, Self::Es384, Self::EdDsa];

    /// The name in a JOSE header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es256k => "ES256K",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of this exact name. Names are compared byte for byte (RFC 7515 §4.1.1).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The curve whose keys make signatures of this algorithm.
    #[must_use]
    pub const fn curve(self) -> Curve {
        match self {
            Self::Es256 => Curve::P256,
            Self::Es384 => Curve::P384,
            Self::Es256k => Curve::Secp256k1,
            Self::EdDsa => Curve::Ed25519,
        }
    }

    /// Length of a signature in bytes: R and S side by side (RFC 7518 §3.4, RFC 8032 §5.1.6).
    #[must_use]
    pub const fn signature_length(self) -> usize {
        match self {
            Self::Es384 => 96,
            Self::Es256 | Self::Es256k | Self::EdDsa => 64,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A curve whose public keys can be imported (RFC 7518 §6.2.1.1, RFC 8037 §2, RFC 8812 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// secp256k1.
    Secp256k1,
    /// Edwards curve 25519, for signatures.
    Ed25519,
    /// Montgomery curve 25519, for key agreement only.
    X25519,
}

impl Curve {
    /// The value of the JWK member `crv`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::Secp256k1 => "secp256k1",
            Self::Ed25519 => "Ed25519",
            Self::X25519 => "X25519",
        }
    }

    /// The value of the JWK member `kty`.
    #[must_use]
    pub const fn key_type(self) -> &'static str {
        match self {
            Self::P256 | Self::P384 | Self::Secp256k1 => "EC",
            Self::Ed25519 | Self::X25519 => "OKP",
        }
    }

    /// The one signature algorithm of this curve's keys; none for a key-agreement curve.
    #[must_use]
    pub const fn algorithm(self) -> Option<Algorithm> {
        match self {
            Self::P256 => Some(Algorithm::Es256),
            Self::P384 => Some(Algorithm::Es384),
            Self::Secp256k1 => Some(Algorithm::Es256k),
            Self::Ed25519 => Some(Algorithm::EdDsa),
            Self::X25519 => None,
        }
    }

    /// Length in bytes of one coordinate.
    #[must_use]
    pub const fn coordinate_length(self) -> usize {
        match self {
            Self::P384 => 48,
            Self::P256 | Self::Secp256k1 | Self::Ed25519 | Self::X25519 => 32,
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::P256, Self::P384, Self::Secp256k1, Self::Ed25519, Self::X25519]
            .into_iter()
            .find(|curve| curve.name() == name)
    }
}

/// A set of algorithms that a policy or a slot allows.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AlgorithmSet(u8);

impl AlgorithmSet {
    /// Every algorithm that is spoken here.
    pub const ALL: Self = Self(0b1111);
    /// No algorithm.
    pub const EMPTY: Self = Self(0);

    /// This set and one algorithm more.
    #[must_use]
    pub const fn with(self, algorithm: Algorithm) -> Self {
        Self(self.0 | Self::bit(algorithm))
    }

    /// Whether the set allows an algorithm.
    #[must_use]
    pub const fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & Self::bit(algorithm) != 0
    }

    /// Whether the set allows nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The algorithms of the set, in the order of their names.
    pub fn iter(self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL.into_iter().filter(move |algorithm| self.contains(*algorithm))
    }

    const fn bit(algorithm: Algorithm) -> u8 {
        match algorithm {
            Algorithm::Es256 => 1,
            Algorithm::Es256k => 2,
            Algorithm::Es384 => 4,
            Algorithm::EdDsa => 8,
        }
    }
}

impl FromIterator<Algorithm> for AlgorithmSet {
    fn from_iter<T: IntoIterator<Item = Algorithm>>(algorithms: T) -> Self {
        algorithms.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Debug for AlgorithmSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s01_none_is_no_algorithm_in_any_spelling() {
        for name in ["none", "None", "NONE", "nOnE", "", " none"] {
            assert_eq!(Algorithm::from_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn algorithms_are_printed_by_their_names() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(&algorithm.to_string()), Some(algorithm));
        }
        for enc in crate::jwe::ContentEncryption::ALL {
            assert_eq!(enc.to_string(), enc.name());
        }
    }

    #[test]
    fn s02_symmetric_algorithms_are_no_algorithms() {
        for name in ["HS256", "HS384", "HS512", "RS256", "es256", "ES512"] {
            assert_eq!(Algorithm::from_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn names_and_curves_go_both_ways() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(algorithm));
            assert_eq!(algorithm.curve().algorithm(), Some(algorithm));
            assert_eq!(Curve::from_name(algorithm.curve().name()), Some(algorithm.curve()));
        }
        assert_eq!(AlgorithmSet::ALL.iter().count(), 4);
        assert!(!AlgorithmSet::EMPTY.with(Algorithm::Es256).contains(Algorithm::Es384));
    }
}
