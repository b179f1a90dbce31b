//! The hash algorithms of `_sd_alg` (RFC 9901 §4.1.1).

use std::fmt;

use sha2::{Digest as _, Sha256, Sha384, Sha512};
use staffpass_jose::base64url;

/// How the digests of an SD-JWT and the `sd_hash` of its key binding are made.
///
/// A closed list: the SHA-2 family of FIPS 180-4, by the names of IANA's registry of named
/// information hash algorithms, untruncated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HashAlgorithm {
    /// `sha-256`, meant too where `_sd_alg` is absent.
    #[default]
    Sha256,
    /// `sha-384`.
    Sha384,
    /// `sha-512`.
    Sha512,
}

impl HashAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// The name in `_sd_alg`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    /// The algorithm of a name, spelled exactly so. `None` for any other, `md5` or `sha-256-128`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The base64url of the digest of a text's ASCII bytes (RFC 9901 §4.2.3, §4.3.1).
    #[must_use]
    pub fn digest(self, text: &str) -> String {
        match self {
            Self::Sha256 => base64url::encode(Sha256::digest(text)),
            Self::Sha384 => base64url::encode(Sha384::digest(text)),
            Self::Sha512 => base64url::encode(Sha512::digest(text)),
        }
    }

    /// Bytes of a digest.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
