//! Fuzz targets: one for each parser that reads untrusted bytes, and one for the whole path from the
//! body of a wallet's POST to the verdict.
//!
//! Each target is a function of bytes. It must return for every input; where it can say more of an
//! input that is accepted, it asserts it. `fuzz_targets/` makes executables for libFuzzer of them
//! (feature `libfuzzer`); `tests/replay.rs` runs every seed through them on a stable compiler.

mod claims;
mod holder;
mod identifiers;
mod jose;
mod queries;
pub mod seeds;
mod status;
mod verdict;

pub use claims::{credentials, otp};
pub use holder::{held, request_link, request_object, sets};
pub use identifiers::{did, did_document, x509};
pub use jose::{json, jwe, jwk, jws};
pub use queries::{dcql, definition, submission};
pub use status::{sd_jwt, status_entry, status_hub, status_list, status_token};
pub use verdict::{evidence, policy, response, verdict};

/// A target: its name, and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, in the order of their names.
pub const TARGETS: [Target; 25] = [
    ("credentials", credentials),
    ("dcql", dcql),
    ("definition", definition),
    ("did", did),
    ("did_document", did_document),
    ("evidence", evidence),
    ("held", held),
    ("json", json),
    ("jwe", jwe),
    ("jwk", jwk),
    ("jws", jws),
    ("otp", otp),
    ("policy", policy),
    ("request_link", request_link),
    ("request_object", request_object),
    ("response", response),
    ("sd_jwt", sd_jwt),
    ("sets", sets),
    ("status_entry", status_entry),
    ("status_hub", status_hub),
    ("status_list", status_list),
    ("status_token", status_token),
    ("submission", submission),
    ("verdict", verdict),
    ("x509", x509),
];
