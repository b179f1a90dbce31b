//! The table of the crate's front page names functions that there are.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What the table names that is no function: members of tokens.
const MEMBERS: [&str; 5] = ["cnf", "id", "sd_hash", "sub", "cnf.jwk"];

/// The text of every source file, joined.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { sources(&path) } else { fs::read_to_string(path).unwrap() })
        .collect()
}

/// What stands in backticks in the rows about presentations, responses, tokens and credentials.
fn named() -> BTreeSet<String> {
    let page = include_str!("../src/lib.rs");
    let rows = page.lines().filter(|line| {
        let row = line.strip_prefix("//! | ").unwrap_or_default();
        row.split_once(": ").is_some_and(|(subject, _)| {
            ["presentation", "response", "any token", "credential"].contains(&subject)
        })
    });
    let cells = rows.flat_map(|row| row.split('`').skip(1).step_by(2)).map(str::to_owned);
    cells.filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || "_.".contains(c))).collect()
}

#[test]
fn every_function_of_the_table_is_one() {
    let source = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let named = named();
    assert!(named.len() > 25, "{named:?}");
    for name in named.iter().filter(|name| !MEMBERS.contains(&name.as_str())) {
        let is_one = ["(", "<"].iter().any(|next| source.contains(&format!("fn {name}{next}")));
        assert!(is_one, "{name} is no function here");
    }
}
