//! The demo script of the README ends as it says.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]
#![cfg(unix)]

use std::process::Command;

#[test]
fn the_demo_plays_every_share_to_its_end() {
    let mut script = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/demo.sh"));
    let output = script.env("SHARE_FLOW", env!("CARGO_BIN_EXE_share-flow")).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.matches("What happens next").count(), 3);
    assert_eq!(said.matches("confirms that it is its own").count(), 5);
    assert!(said.contains("will show of identity: ") && said.contains("You do not have: training"));
    assert!(said.trim_end().lines().last().unwrap().starts_with("{\"dialect\":\"microsoft\""));
}
