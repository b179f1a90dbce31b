//! Counts what passes through Rust's global allocator. A program of its own: the counting allocator
//! would cost the others time.
#![allow(clippy::unwrap_used, reason = "a bench")]

use allocation_counter::{AllocationInfo, measure};
use benches::{List, Work, worst_inputs};

fn main() {
    for (name, work) in [
        ("vp3", Work::presentation(3)),
        ("authenticator", Work::authenticator()),
        ("sd-jwt", Work::sd_jwt()),
    ] {
        drop(work.verify());
        print(name, measure(|| drop(work.verify())));
        print(&format!("{name} raw"), measure(|| work.raw_checks()));
    }
    let list = List::of_a_million();
    let mut evidence = list.evidence();
    let kept = measure(|| {
        list.insert(&mut evidence);
        list.verify(&evidence);
    });
    print("list", kept);
    for worst in worst_inputs() {
        print(&format!("worst: {}", worst.name), measure(|| worst.judge()));
    }
}

/// Name, count, bytes, the most at once, what is kept: between tabs, for the report.
fn print(name: &str, info: AllocationInfo) {
    let AllocationInfo { count_total, bytes_total, bytes_max, bytes_current, .. } = info;
    println!("{name}\t{count_total}\t{bytes_total}\t{bytes_max}\t{bytes_current}");
}
