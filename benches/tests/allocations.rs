//! What one verification takes from Rust's global allocator. It does not depend on the machine, so it
//! is held here; what is to be reached stands in `docs/performance.md`.

use allocation_counter::measure;
use benches::{Work, worst_inputs};

#[test]
fn a_verification_allocates_no_more_than_it_did() {
    for (name, work, count, kibibytes) in [
        ("VP-JWT with 3 VC-JWTs", Work::presentation(3), 170, 44),
        ("Authenticator", Work::authenticator(), 620, 114),
        ("SD-JWT VC", Work::sd_jwt(), 370, 40),
    ] {
        // The first one fills what is computed once.
        drop(work.verify());
        let counted = measure(|| drop(work.verify()));
        let (count, bytes) = (allowed(count), allowed(kibibytes * 1024));
        assert!(counted.count_total <= count, "{name}: {} allocations", counted.count_total);
        assert!(counted.bytes_total <= bytes, "{name}: {} bytes", counted.bytes_total);
        assert_eq!((counted.count_current, counted.bytes_current), (0, 0), "{name} keeps memory");
    }
}

/// Some crate of the whole workspace has `serde_json` keep the order of members and the text of numbers;
/// a value then takes more.
fn allowed(lean: u64) -> u64 {
    let members = serde_json::json!({"second": 2, "first": 1}).to_string();
    if members.starts_with("{\"second\"") { lean + lean / 2 } else { lean }
}

#[test]
fn a_raw_check_allocates_nothing_that_is_counted() {
    let work = Work::presentation(3);
    assert_eq!(measure(|| work.raw_checks()).count_total, 0);
}

#[test]
fn r01_no_response_takes_more_than_64_mebibytes() {
    for worst in worst_inputs() {
        let most = measure(|| worst.judge()).bytes_max;
        assert!(most <= 64 << 20, "{}: {most} bytes at once", worst.name);
    }
}
