//! The demo script of the README ends as it says.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]
#![cfg(unix)]

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

/// A port that was free a moment ago.
fn port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

/// When anything under a path was last written.
fn last_written(path: &Path) -> SystemTime {
    let metadata = path.metadata().unwrap();
    if metadata.is_file() {
        return metadata.modified().unwrap();
    }
    let entries = path.read_dir().unwrap().map(|entry| last_written(&entry.unwrap().path()));
    entries.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Whether a program is newer than all that it is made of.
fn is_current(program: &Path) -> bool {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let sources = ["crates", "examples/issuer/src", "examples/verifier/src", "Cargo.lock"];
    let sources = sources.map(|path| last_written(&root.join(path)));
    let built = program.metadata().and_then(|metadata| metadata.modified());
    built.is_ok_and(|built| sources.iter().all(|written| *written <= built))
}

/// The programs of the other packages are built here: cargo builds those of this package alone, or, where
/// the whole workspace is tested, has built them.
fn build(directory: &Path) {
    if ["issuer", "verifier"].iter().all(|name| is_current(&directory.join(name))) {
        return;
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--quiet", "-p", "issuer", "-p", "verifier"]);
    cargo.env("CARGO_TARGET_DIR", directory.parent().unwrap());
    assert!(cargo.status().unwrap().success());
}

#[test]
fn an_issuer_issues_a_verifier_asks_and_the_wallet_presents_in_both_dialects_and_formats() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("not run: the demonstration needs curl, which is not installed");
        return;
    }
    let directory = Path::new(env!("CARGO_BIN_EXE_wallet")).parent().unwrap();
    build(directory);
    let mut script = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/demo.sh"));
    script.env("BIN", directory).env("ISSUER_PORT", port()).env("VERIFIER_PORT", port());
    let output = script.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.matches("The verifier says: verified").count(), 4, "{said}");
    assert_eq!(said.matches("confirms that this verifier is its own.").count(), 5, "{said}");
    assert!(said.contains("Declined: the verifier was told."), "{said}");
    assert!(said.contains("family_name: Okafor-Lee") && !said.contains("birthdate"), "{said}");
}
