//! JWE in compact form (RFC 7516 §7.1) for one key agreement: ECDH-ES on P-256, used directly, with
//! AES-GCM.
//!
//! ```text
//!  provider.agreement_key() ──► AgreementKey ── public_jwk() ──► the request's client_metadata
//!                                    │
//!  compact text ── UnopenedJwe::parse ──► UnopenedJwe ── key.open(&jwe) ──► plaintext
//!                  strict, unbelieved                                      by whoever had the JWK
//! ```
//!
//! That a JWE opens says only that its writer had the public key: who wrote it is the business of the
//! tokens inside. `alg` is `ECDH-ES` (RFC 7518 §4.6) and `enc` is `A128GCM` or `A256GCM`
//! (RFC 7518 §5.3), as OpenID4VP's `direct_post.jwt` and HAIP 1.0 use them. Key wrapping, `dir`, RSA,
//! passwords, CBC and `zip` are refused.

mod agreement;
mod error;
mod parse;
mod seal;

pub use agreement::{AgreementJwk, AgreementKey, other_info};
pub use error::JweError;
pub use parse::{Header, Limits, UnopenedJwe};
pub use seal::Sealing;

/// The one `alg` (RFC 7518 §4.6.1): key agreement whose result is the content encryption key.
pub const ALGORITHM: &str = "ECDH-ES";

/// Bytes of an AES-GCM initialisation vector (RFC 7518 §5.3).
pub const INITIALIZATION_VECTOR_LENGTH: usize = 12;

/// Bytes of an AES-GCM authentication tag (RFC 7518 §5.3).
pub const TAG_LENGTH: usize = 16;

/// A content encryption (RFC 7518 §5.1): the `enc` of a JWE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ContentEncryption {
    /// AES GCM with a 128-bit key.
    A128Gcm,
    /// AES GCM with a 256-bit key.
    A256Gcm,
}

impl ContentEncryption {
    /// Every content encryption, in the order of their names. HAIP 1.0 §5 asks verifiers for both.
    pub const ALL: [Self; 2] = [Self::A128Gcm, Self::A256Gcm];

    /// The name in a JOSE header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// The content encryption of this exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|enc| enc.name() == name)
    }

    /// Bytes of the content encryption key.
    #[must_use]
    pub const fn key_length(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A256Gcm => 32,
        }
    }
}

impl std::fmt::Display for ContentEncryption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
