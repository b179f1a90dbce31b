//! The suite that every provider passes, run on this one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "tests"
)]

#[path = "../../jose-aws-lc/tests/suite/mod.rs"]
mod suite;

use staffpass_jose_josekit::{Josekit, SigningKey};

suite::tests_of_a_provider!(Josekit, SigningKey);
