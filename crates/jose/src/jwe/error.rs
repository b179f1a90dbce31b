//! Why a JWE is refused, not opened or not made.

use crate::KeyError;
use crate::json::JsonError;

/// Why a text is no compact JWE that can be opened here, or why none was made. Holds no part of the
/// text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JweError {
    /// Longer than [`Limits::max_bytes`](super::Limits::max_bytes), or a header longer than
    /// [`Limits::max_header_bytes`](super::Limits::max_header_bytes).
    #[error("the encrypted token is longer than {limit} bytes")]
    TooLong {
        /// The limit in force, in bytes.
        limit: usize,
    },
    /// Not five parts with four dots between them (RFC 7516 §7.1).
    #[error("the encrypted token does not have five parts")]
    NotFiveParts,
    /// A part, `apu` or `apv` is not canonical unpadded base64url.
    #[error("a part of the encrypted token is not canonical base64url")]
    Base64,
    /// The header is not strict JSON, or a member of it is missing or of the wrong type.
    #[error("the encrypted token's header cannot be read")]
    Header(#[source] JsonError),
    /// `alg` is missing or not `ECDH-ES`: key wrapping, `dir`, RSA, passwords.
    #[error("the encrypted token's key agreement is not supported")]
    UnsupportedAlgorithm,
    /// `enc` is missing, or neither `A128GCM` nor `A256GCM`.
    #[error("the encrypted token's content encryption is not supported")]
    UnsupportedEncryption,
    /// `crit` is there: no extension is implemented, so none can be understood (RFC 7516 §4.1.13).
    #[error("the encrypted token has a critical header extension")]
    CriticalExtension,
    /// `zip` is there: a small token could become a large one (RFC 8725 §3.6).
    #[error("the encrypted token is compressed")]
    Compressed,
    /// A member that belongs to another `alg` (`iv`, `tag`, `p2s`, `p2c`) is there.
    #[error("the encrypted token's header has a member of another algorithm")]
    ForeignMember,
    /// The encrypted-key part is not empty, as it must be for ECDH-ES used directly
    /// (RFC 7518 §4.6).
    #[error("the encrypted token has an encrypted key")]
    EncryptedKey,
    /// `epk` is missing, is not a P-256 public key, or does not lie on the curve
    /// (RFC 7518 §4.6.1.1).
    #[error("the encrypted token's ephemeral key is refused")]
    EphemeralKey(#[source] KeyError),
    /// The initialisation vector is not 12 bytes, or the tag not 16 (RFC 7518 §5.3).
    #[error("the encrypted token's initialisation vector or tag has another length")]
    Length,
    /// The content does not decrypt: another key, or a changed byte. There is nothing to tell apart.
    #[error("the encrypted token does not open with this key")]
    NotOpened,
    /// The recipient's key is not a P-256 key for encryption, or not on the curve.
    #[error("the recipient's key is refused")]
    RecipientKey(#[source] KeyError),
    /// The crypto library made no ciphertext: its source of randomness failed.
    #[error("the crypto library encrypted nothing")]
    Sealing,
}

impl JweError {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "jwe_too_long",
            Self::NotFiveParts => "jwe_not_five_parts",
            Self::Base64 => "jwe_base64",
            Self::Header(_) => "jwe_header",
            Self::UnsupportedAlgorithm => "jwe_algorithm_unsupported",
            Self::UnsupportedEncryption => "jwe_encryption_unsupported",
            Self::CriticalExtension => "jwe_critical_extension",
            Self::Compressed => "jwe_compressed",
            Self::ForeignMember => "jwe_foreign_member",
            Self::EncryptedKey => "jwe_encrypted_key",
            Self::EphemeralKey(_) => "jwe_ephemeral_key",
            Self::Length => "jwe_length",
            Self::NotOpened => "jwe_not_opened",
            Self::RecipientKey(_) => "jwe_recipient_key",
            Self::Sealing => "jwe_sealing_failed",
        }
    }
}
