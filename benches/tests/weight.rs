//! How many crates of others the front door brings, in the lock file of this repository.

use std::collections::BTreeSet;
use std::process::Command;

/// The lock file chooses the back end by which `url` reads domain names beyond ASCII: of ICU4X it would be
/// nineteen crates more (see docs/dependencies.md).
const MOST: usize = 80;

#[test]
fn the_default_front_door_brings_few_crates_and_no_openssl() {
    let crates = tree(&["-p", "staffpass"]);
    assert!(crates.len() <= MOST, "{} crates: {crates:?}", crates.len());
    for unwanted in ["openssl", "openssl-sys", "josekit", "tokio", "reqwest", "sqlx", "ssi"] {
        assert!(!crates.iter().any(|name| name.starts_with(&format!("{unwanted} "))), "{unwanted}");
    }
}

/// Names and versions in a normal tree, ours left out.
fn tree(options: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["tree", "-e", "normal", "--prefix", "none", "--locked", "--offline"])
        .args(options)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let name = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    text.lines().map(name).filter(|name| !name.starts_with("staffpass")).collect()
}
