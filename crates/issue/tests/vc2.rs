//! Credentials and lists of VC Data Model 2.0, secured as VC-JOSE-COSE says.
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
use common::{
    HOLDER, KID, LIST, at, header, holder, issuer, key, location, now, published, rng, staff,
    verified,
};
use serde_json::{Value, json};
use staffpass_credentials::{ClaimsContext, CredentialKind, StaffCredential, TypeNames};
use staffpass_issue::{CredentialBuilder, IssueError, MINIMUM_ENTRIES, StatusRegister};
use staffpass_status::{StatusEntry, StatusKind, StatusPurpose};

fn builder(kind: CredentialKind) -> CredentialBuilder {
    let names = TypeNames::default();
    CredentialBuilder::staff(&issuer(), &holder(), now(), &staff(kind), &names).unwrap()
}

fn plain() -> CredentialBuilder {
    let claims = json!({"displayName": "Amara"}).as_object().unwrap().clone();
    CredentialBuilder::new(&issuer(), &holder(), now()).add_type("Staff").claims(claims)
}

fn payload(builder: CredentialBuilder) -> Value {
    let token = builder.build_vc2(&mut rng()).unwrap().sign(&key()).unwrap();
    verified(&token, &published())
}

fn code(builder: CredentialBuilder) -> &'static str {
    builder.build_vc2(&mut rng()).map_or_else(|error| error.code(), |_| "made")
}

#[test]
fn what_is_issued_reads_back_as_the_same_staff_credential() {
    for kind in CredentialKind::ALL {
        let mut subject = payload(builder(kind))["credentialSubject"].as_object().unwrap().clone();
        assert_eq!(subject.remove("id"), Some(json!(HOLDER)));
        let context = ClaimsContext::new(now(), now() + TimeDelta::days(30));
        assert_eq!(StaffCredential::from_claims(kind, &subject, &context), Ok(staff(kind)));
    }
}

#[test]
fn the_payload_is_the_credential_and_says_nothing_twice() {
    let credential = payload(plain().expires_at(at("2027-03-02T09:00:00.7Z")));
    let members: Vec<_> = credential.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected =
        ["@context", "credentialSubject", "id", "issuer", "type", "validFrom", "validUntil"];
    expected.sort_unstable();
    let mut members = members;
    members.sort_unstable();
    assert_eq!(members, expected);
    assert_eq!(credential["issuer"], json!("did:web:eastmoor.example"));
    assert_eq!(credential["validFrom"], json!("2026-03-02T09:00:00Z"));
    assert_eq!(credential["validUntil"], json!("2027-03-02T09:00:00Z"));
    assert_eq!(credential["type"], json!(["VerifiableCredential", "Staff"]));
    assert!(credential["id"].as_str().unwrap().starts_with("urn:uuid:"));
}

#[test]
fn the_context_of_undefined_terms_stands_last() {
    let contexts = [
        "https://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/undefined-terms/v2",
    ];
    assert_eq!(payload(plain())["@context"], json!(contexts));
}

#[test]
fn typ_cty_and_kid_say_what_it_is_and_whose_key_signed() {
    let token = plain().build_vc2(&mut rng()).unwrap().sign(&key()).unwrap();
    let header = header(&token);
    assert_eq!((header.typ.as_deref(), header.cty.as_deref()), (Some("vc+jwt"), Some("vc")));
    assert_eq!(header.kid.as_deref(), Some(KID));
}

#[test]
fn a_bitstring_entry_goes_in_and_an_older_one_does_not() {
    let entry = |kind| StatusEntry::new(kind, StatusPurpose::Revocation, 5, location());
    let credential = payload(plain().status(entry(StatusKind::BitstringStatusList)));
    assert_eq!(credential["credentialStatus"]["type"], json!("BitstringStatusListEntry"));
    assert_eq!(credential["credentialStatus"]["statusListIndex"], json!("5"));
    for kind in [StatusKind::StatusList2021, StatusKind::RevocationList2020] {
        assert_eq!(code(plain().status(entry(kind))), "issue_status_form");
    }
}

#[test]
fn what_is_refused_in_1_1_is_refused_here() {
    assert_eq!(code(plain().expires_at(now())), "issue_expires_before_issue");
    assert_eq!(code(plain().add_type("Staff")), "issue_types");
    assert_eq!(code(plain().claims(serde_json::Map::new())), "issue_no_claims");
    let own = json!({"id": "did:example:other"}).as_object().unwrap().clone();
    assert_eq!(code(plain().claims(own)), "issue_subject_in_claims");
}

#[test]
fn a_list_is_published_in_2_0_if_it_is_a_bitstring_list() {
    let register = |kind| {
        StatusRegister::new(kind, StatusPurpose::Revocation, location(), MINIMUM_ENTRIES).unwrap()
    };
    let list = register(StatusKind::BitstringStatusList);
    let until = Some(now() + TimeDelta::days(1));
    let token = list.publish_vc2(&issuer(), now(), until).unwrap().sign(&key()).unwrap();
    let credential = verified(&token, &published());
    assert_eq!(header(&token).typ.as_deref(), Some("vc+jwt"));
    assert_eq!(credential["id"], json!(LIST));
    let types = json!(["VerifiableCredential", "BitstringStatusListCredential"]);
    assert_eq!(credential["type"], types);
    assert_eq!(credential["credentialSubject"]["statusPurpose"], json!("revocation"));
    assert_eq!(credential["validUntil"], json!("2026-03-03T09:00:00Z"));
    let older = register(StatusKind::StatusList2021).publish_vc2(&issuer(), now(), until);
    assert_eq!(older.err(), Some(IssueError::StatusForm));
}
