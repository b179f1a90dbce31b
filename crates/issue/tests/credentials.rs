//! Credentials: what is issued is what is read back.
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

use chrono::{DateTime, Months, TimeDelta};
use common::{
    HOLDER, KID, LIST, at, claims, header, holder, issuer, key, location, now, published, rng,
    staff, verified,
};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};
use staffpass_credentials::{ClaimsContext, CredentialKind, StaffCredential, TypeNames};
use staffpass_issue::{CredentialBuilder, IssueError, UnsignedCredential};
use staffpass_jose::{Algorithm, Signer as _};
use staffpass_jose_aws_lc::SigningKey;
use staffpass_status::{MAX_ENTRIES, StatusEntry, StatusKind, StatusPurpose};

fn builder(kind: CredentialKind) -> CredentialBuilder {
    let names = TypeNames::default();
    CredentialBuilder::staff(&issuer(), &holder(), now(), &staff(kind), &names).unwrap()
}

fn plain() -> CredentialBuilder {
    let mut claims = Map::new();
    claims.insert("displayName".to_owned(), "Amara Okafor-Lee".into());
    CredentialBuilder::new(&issuer(), &holder(), now()).add_type("VerifiedEmployee").claims(claims)
}

fn entry(index: u64) -> StatusEntry {
    let kind = StatusKind::BitstringStatusList;
    StatusEntry::new(kind, StatusPurpose::Revocation, index, location())
}

fn code(made: Result<UnsignedCredential, IssueError>) -> &'static str {
    made.map_or_else(|error| error.code(), |_| "made")
}

#[test]
fn what_is_issued_reads_back_as_the_same_staff_credential() {
    for kind in CredentialKind::ALL {
        let token = builder(kind).build(&mut rng()).unwrap().sign(&key()).unwrap();
        let payload = verified(&token, &published());
        let subject = payload["vc"]["credentialSubject"].as_object().unwrap();
        let context = ClaimsContext::new(now(), now() + TimeDelta::days(30));
        assert_eq!(StaffCredential::from_claims(kind, subject, &context), Ok(staff(kind)));
        let types = json!(["VerifiableCredential", TypeNames::default().vc_type(kind)]);
        assert_eq!(payload["vc"]["type"], types);
    }
}

#[test]
fn the_token_has_the_shape_of_a_real_one_and_says_each_thing_once() {
    let unsigned = plain().expires_at(at("2026-09-01T00:00:00Z")).status(entry(94567));
    let unsigned = unsigned.build(&mut rng()).unwrap();
    let id = unsigned.id().to_owned();
    let token = unsigned.sign(&key()).unwrap();
    let expected = json!({
        "iss": "did:web:eastmoor.example", "sub": HOLDER, "jti": id,
        "iat": 1_772_442_000, "nbf": 1_772_442_000, "exp": 1_788_220_800,
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiableCredential", "VerifiedEmployee"],
            "credentialSubject": {"displayName": "Amara Okafor-Lee"},
            "credentialStatus": {
                "id": format!("{LIST}#94567"), "type": "BitstringStatusListEntry",
                "statusPurpose": "revocation", "statusListIndex": "94567",
                "statusListCredential": LIST,
            },
        },
    });
    assert_eq!(verified(&token, &published()), expected);
    let header = header(&token);
    assert_eq!((header.alg, header.kid.as_deref()), (Algorithm::Es256, Some(KID)));
    assert_eq!(header.typ.as_deref(), Some("JWT"));
}

#[test]
fn status_entries_read_back_as_they_went_in() {
    for count in [1, 2, MAX_ENTRIES] {
        let entries: Vec<StatusEntry> = (0..count as u64).map(entry).collect();
        let builder = entries.iter().cloned().fold(plain(), CredentialBuilder::status);
        let token = builder.build(&mut rng()).unwrap().sign(&key()).unwrap();
        let status = &verified(&token, &published())["vc"]["credentialStatus"];
        assert_eq!(StatusEntry::parse_all(status), Ok(entries));
        assert_eq!(status.is_object(), count == 1);
    }
    let token = plain().build(&mut rng()).unwrap().sign(&key()).unwrap();
    assert_eq!(verified(&token, &published())["vc"].get("credentialStatus"), None);
}

#[test]
fn a_credential_with_more_status_entries_than_are_read_is_not_made() {
    let many = (0..=MAX_ENTRIES as u64).map(entry).fold(plain(), CredentialBuilder::status);
    assert_eq!(code(many.build(&mut rng())), "issue_too_many_status_entries");
}

#[test]
fn staff_credentials_expire_with_the_employment_or_after_a_year() {
    let expiry = |kind| {
        let token = builder(kind).build(&mut rng()).unwrap().sign(&key()).unwrap();
        DateTime::from_timestamp(verified(&token, &published())["exp"].as_i64().unwrap(), 0)
    };
    let year = now().checked_add_months(Months::new(12));
    assert_eq!(expiry(CredentialKind::Identity), year);
    assert_eq!(expiry(CredentialKind::Training), year);
    assert_eq!(expiry(CredentialKind::Employment), Some(at("2026-10-30T23:59:59Z")));
}

#[test]
fn a_staff_credential_that_breaks_a_rule_is_not_issued() {
    // The ID check would be after the issue.
    let early = at("2026-02-01T09:00:00Z");
    let identity = staff(CredentialKind::Identity);
    let made =
        CredentialBuilder::staff(&issuer(), &holder(), early, &identity, &TypeNames::default());
    let IssueError::Claims(faults) = made.unwrap_err() else { panic!("faults in the claims") };
    assert!(faults.faults.iter().any(|fault| fault.field.to_string() == "checked_on"));
}

#[test]
fn an_employment_that_has_ended_is_not_issued() {
    let (late, employment) = (at("2026-11-02T09:00:00Z"), staff(CredentialKind::Employment));
    let made =
        CredentialBuilder::staff(&issuer(), &holder(), late, &employment, &TypeNames::default());
    assert_eq!(code(made.and_then(|made| made.build(&mut rng()))), "issue_expires_before_issue");
}

#[test]
fn two_step_signing_makes_the_token_that_signing_at_once_makes() {
    let unsigned = plain().build(&mut rng()).unwrap();
    let signature = key().sign(unsigned.signing_input()).unwrap();
    let input = String::from_utf8(unsigned.signing_input().to_vec()).unwrap();
    let token = unsigned.with_signature(&signature, &published()).unwrap();
    assert!(token.starts_with(&input));
    assert_eq!(verified(&token, &published())["sub"], HOLDER);
}

#[test]
fn two_step_signing_refuses_a_signature_by_another_key() {
    let other = SigningKey::generate(Algorithm::Es256).unwrap();
    let unsigned = plain().build(&mut rng()).unwrap();
    let signature = other.sign(unsigned.signing_input()).unwrap();
    let error = unsigned.clone().with_signature(&signature, &published()).unwrap_err();
    assert_eq!(error.code(), "signing_signature_mismatch");
    let of_another_text = key().sign(b"another text").unwrap();
    let error = unsigned.clone().with_signature(&of_another_text, &published()).unwrap_err();
    assert_eq!(error.code(), "signing_signature_mismatch");
    let error = unsigned.with_signature(&[], &published()).unwrap_err();
    assert_eq!(error.code(), "signing_signature_mismatch");
}

#[test]
fn a_key_of_another_algorithm_than_the_published_one_does_not_sign() {
    let other = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let unsigned = plain().build(&mut rng()).unwrap();
    let error = unsigned.clone().sign(&other).unwrap_err();
    assert_eq!(error.code(), "signing_algorithm_mismatch");
    let signature = other.sign(unsigned.signing_input()).unwrap();
    let error = unsigned.with_signature(&signature, other.verification_key()).unwrap_err();
    assert_eq!(error.code(), "signing_algorithm_mismatch");
}

#[test]
fn a_credential_without_a_type_of_its_own_is_not_made() {
    let new = || {
        CredentialBuilder::new(&issuer(), &holder(), now()).claims(claims(CredentialKind::Identity))
    };
    assert_eq!(code(new().build(&mut rng())), "issue_types");
    assert_eq!(code(new().add_type("").build(&mut rng())), "issue_types");
    assert_eq!(code(new().add_type("VerifiableCredential").build(&mut rng())), "issue_types");
    assert_eq!(code(new().add_type("A").add_type("A").build(&mut rng())), "issue_types");
    assert_eq!(code(new().add_type("A").add_type("B").build(&mut rng())), "made");
}

#[test]
fn a_credential_that_says_nothing_or_names_another_subject_is_not_made() {
    let with = |claims: Value| plain().claims(claims.as_object().unwrap().clone());
    assert_eq!(code(with(json!({})).build(&mut rng())), "issue_no_claims");
    let own_subject = with(json!({"id": "did:example:another", "name": "x"}));
    assert_eq!(code(own_subject.build(&mut rng())), "issue_subject_in_claims");
}

#[test]
fn dates_that_make_no_sense_are_refused() {
    for expires in [now(), now() - TimeDelta::days(1), now() + TimeDelta::milliseconds(500)] {
        let made = plain().expires_at(expires).build(&mut rng());
        assert_eq!(code(made), "issue_expires_before_issue", "{expires}");
    }
    let made = plain().expires_at(at("+10000-01-01T00:00:00Z")).build(&mut rng());
    assert_eq!(code(made), "issue_date_range");
    let before_1970 = CredentialBuilder::new(&issuer(), &holder(), at("1969-12-31T23:59:59Z"));
    let before_1970 = before_1970.add_type("A").claims(claims(CredentialKind::Identity));
    assert_eq!(code(before_1970.build(&mut rng())), "issue_date_range");
}

#[test]
fn debug_prints_no_claim_and_no_holder() {
    let builder = plain();
    let text = format!("{builder:?} {:?}", builder.clone().build(&mut rng()).unwrap());
    assert!(!text.contains("Amara") && !text.contains("did:key"), "{text}");
}

proptest! {
    #[test]
    fn every_id_is_a_random_uuid_of_version_4(seed: u64) {
        let id = plain().build(&mut StdRng::seed_from_u64(seed)).unwrap().id().to_owned();
        let uuid = id.strip_prefix("urn:uuid:").unwrap();
        prop_assert!(uuid.split('-').map(str::len).eq([8, 4, 4, 4, 12]), "{}", id);
        prop_assert!(uuid.bytes().all(|b| b == b'-' || matches!(b, b'0'..=b'9' | b'a'..=b'f')));
        prop_assert_eq!(&uuid[14..15], "4");
        prop_assert!("89ab".contains(&uuid[19..20]));
        let other = plain().build(&mut StdRng::seed_from_u64(seed ^ 1)).unwrap();
        prop_assert_ne!(other.id(), id);
    }
}
