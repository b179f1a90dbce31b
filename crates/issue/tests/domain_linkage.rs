//! The DID's statement about its domain: DIF Well-Known DID Configuration.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "tests"
)]

mod common;

use chrono::TimeDelta;
use common::{KID, header, issuer, key, now, published, verified};
use serde_json::{Value, json};
use staffpass_issue::{IssueError, UnsignedDidConfiguration};
use staffpass_jose::Signer as _;

const ORIGIN: &str = "https://eastmoor.example/";

fn unsigned(origin: &str) -> Result<UnsignedDidConfiguration, IssueError> {
    UnsignedDidConfiguration::new(&issuer(), origin, now(), now() + TimeDelta::days(365))
}

fn statement(file: &str) -> String {
    let file: Value = serde_json::from_str(file).unwrap();
    let [statement] = file["linked_dids"].as_array().unwrap().as_slice() else { panic!("one") };
    statement.as_str().unwrap().to_owned()
}

#[test]
fn the_statement_is_by_the_did_about_itself_and_the_origin() {
    let file = unsigned(ORIGIN).unwrap().sign(&key()).unwrap();
    let payload = verified(&statement(&file), &published());
    let did = "did:web:eastmoor.example";
    let subject = json!({"id": did, "origin": ORIGIN});
    assert_eq!((&payload["iss"], &payload["sub"]), (&json!(did), &json!(did)));
    assert_eq!(payload["vc"]["credentialSubject"], subject);
    assert_eq!(payload["vc"]["issuer"], json!(did));
    let types = json!(["VerifiableCredential", "DomainLinkageCredential"]);
    assert_eq!(payload["vc"]["type"], types);
    assert_eq!(payload["nbf"], json!(now().timestamp()));
    assert_eq!(payload["exp"], json!((now() + TimeDelta::days(365)).timestamp()));
    assert_eq!(payload["vc"]["expirationDate"], json!("2027-03-02T09:00:00Z"));
}

#[test]
fn there_is_no_claim_and_no_header_member_that_the_specification_does_not_list() {
    let file = unsigned(ORIGIN).unwrap().sign(&key()).unwrap();
    let payload = verified(&statement(&file), &published());
    let mut names: Vec<_> = payload.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["exp", "iss", "nbf", "sub", "vc"]);
    let header = header(&statement(&file));
    assert_eq!((header.kid.as_deref(), header.typ, header.cty), (Some(KID), None, None));
    let file: Value = serde_json::from_str(&file).unwrap();
    let context = file["@context"].as_str().unwrap();
    assert_eq!(payload["vc"]["@context"][1], json!(context));
}

#[test]
fn what_is_no_origin_is_not_linked() {
    for wrong in [
        "",
        "eastmoor.example",
        "http://eastmoor.example",
        "https://eastmoor.example/path",
        "https://eastmoor.example//",
        "https://eastmoor.example?q",
        "https://someone@eastmoor.example",
        "https://EASTMOOR.example",
        "https://eastmoor.example:443",
        "ftp://eastmoor.example",
    ] {
        assert_eq!(unsigned(wrong).unwrap_err().code(), "issue_origin", "{wrong}");
    }
    for right in
        ["https://eastmoor.example", "https://eastmoor.example:8443/", "http://127.0.0.1:80801"]
    {
        assert_eq!(unsigned(right).is_ok(), !right.contains("80801"), "{right}");
    }
    assert!(unsigned("http://localhost:8080/").is_ok());
}

#[test]
fn a_statement_needs_an_end_after_its_beginning() {
    let ends_at_once = UnsignedDidConfiguration::new(&issuer(), ORIGIN, now(), now());
    assert_eq!(ends_at_once.unwrap_err().code(), "issue_expires_before_issue");
}

#[test]
fn a_signature_made_elsewhere_is_checked_and_joined() {
    let signature = key().sign(unsigned(ORIGIN).unwrap().signing_input()).unwrap();
    let joined = unsigned(ORIGIN).unwrap().with_signature(&signature, &published()).unwrap();
    verified(&statement(&joined), &published());
    let forged = unsigned(ORIGIN).unwrap().with_signature(&[0; 64], &published());
    assert_eq!(forged.unwrap_err().code(), "signing_signature_mismatch");
}
