//! What docs/assurance says of events, log lines and tables is what the code has.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The source of a folder, without its unit tests.
fn sources(folder: &str) -> String {
    let mut found = String::new();
    for entry in fs::read_dir(root().join(folder)).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            let inside = path.strip_prefix(root()).unwrap();
            found.push_str(&sources(inside.to_str().unwrap()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let whole = fs::read_to_string(path).unwrap();
            found.push_str(whole.split("#[cfg(test)]").next().unwrap_or_default());
        }
    }
    found
}

/// The first cell of each row of a table, as code; of the part of a page below a heading.
fn rows(page: &str, heading: &str) -> BTreeSet<String> {
    let part = page.split(&format!("\n{heading}\n")).nth(1).expect("the heading");
    let part = part.split("\n## ").next().unwrap();
    let cells = part.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    cells.map(str::to_owned).collect()
}

/// A name of an event: words of small letters with a dot between.
fn is_event(text: &str) -> bool {
    let of_words =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    text.contains('.') && text.split('.').all(of_words)
}

#[test]
fn the_log_catalogue_has_every_audit_event() {
    let events = |source: &str| -> BTreeSet<String> {
        let texts = source.split('"').skip(1).step_by(2).map(str::to_owned);
        texts.filter(|text| is_event(text)).collect()
    };
    let mut used = events(&text("crates/share/src/audit.rs"));
    used.extend(events(sources("crates/share/src").split("type ReviewEvent").nth(1).unwrap()));
    let store = text("crates/store/src/store.rs");
    used.extend(["invitation.created", "invitation.renewed"].map(str::to_owned));
    assert!(store.contains("(\"invitation.created\"") && store.contains("(\"invitation.renewed\""));
    let portal = sources("examples/portal/src");
    let noted = portal.split(".note(").skip(1).filter_map(|call| call.split('"').nth(3));
    used.extend(noted.map(str::to_owned));
    assert!(used.len() > 30, "{used:?}");

    let listed = rows(&text("docs/assurance/log-catalogue.md"), "## Audit events");
    assert_eq!(used, listed);
}

#[test]
fn the_log_catalogue_has_every_line_of_the_portal() {
    let source = sources("examples/portal/src");
    let calls = source.split("tracing::").skip(1);
    let calls = calls.filter(|call| {
        ["info!", "warn!", "error!", "debug!", "trace!"].iter().any(|name| call.starts_with(name))
    });
    // A call is on one line, or ends with a line of its own.
    let message = |call: &str| {
        let one_line = call.lines().next().unwrap();
        let whole = if one_line.ends_with('(') { call.split(");\n").next() } else { None };
        whole.unwrap_or(one_line).rsplit('"').nth(1).expect("a message").to_owned()
    };
    let used: BTreeSet<_> = calls.map(message).collect();
    assert!(used.len() > 5, "{used:?}");
    let page = text("docs/assurance/log-catalogue.md");
    assert_eq!(used, rows(&page, "## Lines of the example portal's log"));
}

#[test]
fn the_retention_table_has_every_table_of_the_database() {
    for database in ["sqlite", "postgres"] {
        let folder = root().join("crates/store/migrations").join(database);
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let schema: String = files.map(|file| fs::read_to_string(file).unwrap()).collect();
        let tables = schema.split("CREATE TABLE ").skip(1);
        let used: BTreeSet<_> =
            tables.map(|table| table.split([' ', '(']).next().unwrap().to_owned()).collect();
        assert!(used.len() > 10, "{used:?}");
        let page = text("docs/assurance/retention.md");
        assert_eq!(used, rows(&page, "## By table"), "{database}");
    }
}
