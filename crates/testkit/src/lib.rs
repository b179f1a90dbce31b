//! Simulated issuer, wallet and portal for the tests of staffpass: whole exchanges at a fixed time,
//! with keys and randomness from a seed, good or with one thing wrong.
//!
//! ```text
//!  Portal ── request ──► Expectation ─┐
//!  Issuer ── issue ────► Token ───────┼─► Holder::answer ──► Answer ── body ──► the wallet's POST
//!    │                                │
//!    └── serve(Source) ◄── Needs ── Exchange::verify ──► VerifiedResponse | Rejection
//! ```
//!
//! ```
//! use staffpass_testkit::{Dialect, Scenario, Tamper};
//!
//! let exchange = Scenario::new(Dialect::OpenId4Vp).build();
//! assert_eq!(exchange.verify().unwrap().credentials().len(), 3);
//!
//! let rejection = exchange.tampered(Tamper::Nonce).verify().unwrap_err();
//! assert!(rejection.codes().contains(&Tamper::Nonce.code()));
//! ```
//!
//! Every person, trust and number is made up. Not published, and for tests alone: what cannot be
//! made panics. Of ES256 and ES384 only the keys come from the seed: their signatures differ each
//! time.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test kit whatever cannot be made is a failure of the test"
)]

mod answer;
mod claims;
mod encoding;
mod exchange;
mod holder;
mod issuer;
mod portal;
mod tamper;
mod token;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use staffpass_jose::Algorithm;
use staffpass_jose_aws_lc::SigningKey;

pub use answer::{Answer, Dialect, Presentation};
pub use claims::claims;
pub use encoding::{Encoding, sd_jwt_vc};
pub use exchange::{Exchange, Presented, Scenario, encrypted_body, presentation_vp3};
pub use holder::{Holder, HolderKind};
pub use issuer::{Issuer, IssuerKind};
pub use portal::Portal;
pub use tamper::Tamper;
pub use token::Token;

/// When everything happens: 2 March 2026, 9:00 UTC.
#[must_use]
pub fn now() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

/// A generator that always says the same.
#[must_use]
pub fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// A seed for one generator after another: unlike a generator it can be cloned.
#[derive(Clone, Debug)]
pub(crate) struct Seed(u64);

impl Seed {
    pub(crate) fn rng(&mut self) -> StdRng {
        self.0 = self.0.wrapping_add(1 << 32);
        rng(self.0)
    }
}

/// The key of a seed.
#[must_use]
pub fn signing_key(algorithm: Algorithm, seed: u64) -> Arc<SigningKey> {
    let mut secret = vec![0; algorithm.curve().coordinate_length()];
    rng(seed).fill_bytes(&mut secret);
    Arc::new(SigningKey::from_secret_bytes(algorithm, &secret).expect("a secret in the group"))
}
