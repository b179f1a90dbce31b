//! Secrets that a wallet brings back: 256 random bits, of which only a hash is kept.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use staffpass_jose::base64url;
use subtle::ConstantTimeEq as _;

/// A new secret: 256 random bits in base64url.
pub(crate) fn draw(rng: &mut impl CryptoRng) -> String {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    base64url::encode(bytes)
}

/// The SHA-256 of a secret, in base64url. It needs no salt: nobody guesses 256 bits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Hashed(String);

impl Hashed {
    pub(crate) fn of(secret: &str) -> Self {
        Self(base64url::encode(Sha256::digest(secret)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn matches(&self, secret: &str) -> bool {
        self.0.as_bytes().ct_eq(Self::of(secret).0.as_bytes()).into()
    }
}
