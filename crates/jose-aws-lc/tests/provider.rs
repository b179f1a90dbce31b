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

mod suite;

use staffpass_jose_aws_lc::{AwsLc, SigningKey};

suite::tests_of_a_provider!(AwsLc, SigningKey);
