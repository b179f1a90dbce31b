//! `DIFFERENCES.md` lists what the tests show, and the tests show what it lists.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "tests"
)]

use std::collections::BTreeSet;

const LIST: &str = include_str!("../DIFFERENCES.md");
const TESTS: [&str; 5] = [
    include_str!("agreement_status.rs"),
    include_str!("agreement_credentials.rs"),
    include_str!("agreement_web.rs"),
    include_str!("agreement_keys.rs"),
    include_str!("agreement_jwt.rs"),
];

/// `W1` of `| W1 | …`.
fn listed() -> Vec<String> {
    let rows = LIST.lines().filter_map(|line| line.strip_prefix("| "));
    let ids = rows.filter_map(|row| row.split(' ').next()).filter(|id| is_id(id));
    ids.map(str::to_owned).collect()
}

/// `W1` of `fn w1_…`.
fn shown() -> BTreeSet<String> {
    let lines = TESTS.iter().flat_map(|text| text.lines());
    let names = lines.filter_map(|line| line.strip_prefix("fn ")?.split('_').next());
    names.map(str::to_uppercase).filter(|id| is_id(id)).collect()
}

fn is_id(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| "WKJVCT".contains(first))
        && characters.clone().count() > 0
        && characters.all(|rest| rest.is_ascii_digit())
}

#[test]
fn every_difference_is_shown_by_a_test_and_every_such_test_is_listed() {
    let listed = listed();
    let once: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), once.len(), "an id stands twice");
    assert!(once.len() >= 18);
    assert_eq!(once, shown());
}

#[test]
fn every_difference_has_both_sides_and_a_reason() {
    for line in LIST.lines().filter(|line| {
        line.strip_prefix("| ").is_some_and(|row| is_id(row.split(' ').next().unwrap_or_default()))
    }) {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{line}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{line}");
    }
}
