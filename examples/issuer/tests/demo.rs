//! The demo script of the README ends as it says.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]
#![cfg(unix)]

use std::net::TcpListener;
use std::process::Command;

/// A port that was free a moment ago.
fn port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

#[test]
fn a_trust_issues_revokes_publishes_and_offers() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("not run: the demonstration needs curl, which is not installed");
        return;
    }
    let mut script = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/demo.sh"));
    let output = script.env("ISSUER", env!("CARGO_BIN_EXE_issuer")).env("PORT", port()).output();
    let output = output.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    assert!(errors.contains("line 4: ") && errors.contains("2 issued, 1 refused"), "{errors}");
    for words in [
        "\nrevoked\n",
        ": left the trust",
        "openid-credential-offer://?credential_offer_uri=",
        "\"access_token\":",
        "\"c_nonce\":",
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
}
