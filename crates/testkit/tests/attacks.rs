//! `docs/attacks.md` and `docs/attacks-not-applicable.md` against the tests that there are: each known
//! attack is tested by name, explained, or open, and none is called tested that is not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The catalogue: each family of attacks and how many it has. No id is ever used again.
const FAMILIES: [(&str, u32); 11] = [
    ("S", 27),
    ("T", 13),
    ("P", 25),
    ("D", 15),
    ("Q", 11),
    ("L", 17),
    ("N", 17),
    ("B", 26),
    ("R", 11),
    ("I", 8),
    ("PF", 47),
];

/// The heading under which the open ones stand.
const OPEN: &str = "## Not yet built";

/// A row of a table: its id and its other cells.
type Row = (String, Vec<String>);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn catalogue() -> BTreeSet<String> {
    let ids = FAMILIES.iter().flat_map(|(name, count)| (1..=*count).map(move |n| (name, n)));
    ids.map(|(name, n)| format!("{name}{n}")).collect()
}

/// The rows of a Markdown text whose first cell is an id.
fn rows(text: &str) -> Vec<Row> {
    let ids = catalogue();
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let row = |line: &str| {
        let mut cells = cells(line);
        let id = cells.remove(0);
        ids.contains(&id).then_some((id, cells))
    };
    text.lines().filter(|line| line.starts_with('|')).filter_map(row).collect()
}

/// What is tested, and what is open.
fn tested_and_open() -> (Vec<Row>, Vec<Row>) {
    let text = read("docs/attacks.md");
    let (tested, open) = text.split_once(OPEN).expect("a part for what is not yet built");
    (rows(tested), rows(open))
}

fn explained() -> Vec<Row> {
    rows(&read("docs/attacks-not-applicable.md"))
}

/// Whether a test's name begins with an id: `s08_…`, or with others before it, `s04_s05_…`.
fn begins_with(name: &str, id: &str) -> bool {
    let plain = |part: &str| {
        let digits = part.trim_start_matches(|c: char| c.is_ascii_lowercase());
        let family = part.strip_suffix(digits)?.to_uppercase();
        Some(format!("{family}{}", digits.parse::<u32>().ok()?))
    };
    name.split('_').map_while(plain).any(|found| found == id)
}

#[test]
fn each_attack_is_tested_explained_or_open_and_only_one_of_them() {
    let (tested, open) = tested_and_open();
    let mut seen = BTreeMap::<String, u32>::new();
    for (id, _) in tested.iter().chain(&open).chain(&explained()) {
        *seen.entry(id.clone()).or_default() += 1;
    }
    let missing: Vec<_> = catalogue().into_iter().filter(|id| !seen.contains_key(id)).collect();
    assert!(missing.is_empty(), "neither tested nor explained nor open: {missing:?}");
    let twice: Vec<_> = seen.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "more than once: {twice:?}");
    println!("{} tested, {} open, {} explained", tested.len(), open.len(), explained().len());
}

#[test]
fn each_test_that_is_named_is_there_and_bears_the_id() {
    let (tested, _) = tested_and_open();
    let mut wrong = Vec::new();
    for (id, cells) in tested {
        let (test, file) = (cells[1].trim_matches('`'), cells[2].trim_matches('`'));
        let source = fs::read_to_string(root().join(file)).unwrap_or_default();
        if !begins_with(test, &id) || !source.contains(&format!("fn {test}(")) {
            wrong.push(format!("{id}: {test} in {file}"));
        }
    }
    assert!(wrong.is_empty(), "no such test: {wrong:#?}");
}

#[test]
fn what_cannot_apply_has_a_reason_and_what_is_open_a_place() {
    let (_, open) = tested_and_open();
    for (id, cells) in open.into_iter().chain(explained()) {
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{id} says nothing");
        assert!(cells.len() > 1, "{id} says too little");
    }
}

#[test]
fn a_name_bears_an_id_only_at_its_front() {
    assert!(begins_with("s08_zero_is_refused", "S8"));
    assert!(begins_with("s8_zero_is_refused", "S8"));
    assert!(begins_with("s04_s05_headers_are_ignored", "S5"));
    assert!(begins_with("q03_pf07_the_second_one", "PF7"));
    assert!(!begins_with("s08_zero_is_refused", "S80"));
    assert!(!begins_with("zero_s08_is_refused", "S8"));
    assert!(!begins_with("pf08_sets", "F8"));
}
