//! Registers: what is published says what was revoked, and no entry is given out twice.
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

use std::collections::BTreeSet;
use std::sync::Mutex;

use chrono::TimeDelta;
use common::{LIST, issuer, key, location, now, published, rng, verified};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use staffpass_issue::{IssueError, MINIMUM_ENTRIES, StatusRegister};
use staffpass_status::{
    IdentityHubQuery, Limits, ListLocation, StatusEntry, StatusKind, StatusList,
    StatusListCredential, StatusOutcome, StatusPurpose, StatusRules, judge,
};

const KINDS: [StatusKind; 4] = [
    StatusKind::StatusList2021,
    StatusKind::BitstringStatusList,
    StatusKind::RevocationList2021,
    StatusKind::RevocationList2020,
];

fn register(kind: StatusKind, purpose: StatusPurpose) -> StatusRegister {
    StatusRegister::new(kind, purpose, location(), MINIMUM_ENTRIES).unwrap()
}

fn revocation() -> StatusRegister {
    register(StatusKind::BitstringStatusList, StatusPurpose::Revocation)
}

/// The list as a verifier sees it: published, its signature checked, read.
fn published_list(register: &StatusRegister) -> StatusList {
    let expires = Some(now() + TimeDelta::days(1));
    let token = register.publish(&issuer(), now(), expires).unwrap().sign(&key()).unwrap();
    let payload = verified(&token, &published()).to_string();
    let list = StatusListCredential::parse(payload.as_bytes(), &Limits::default()).unwrap();
    list.inflate(&Limits::default()).unwrap()
}

fn outcome(entry: &StatusEntry, list: &StatusList) -> StatusOutcome {
    judge(entry, list, &StatusRules::new(entry.kind())).unwrap()
}

fn code<T>(result: Result<T, IssueError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "done")
}

#[test]
fn a_revoked_credential_is_revoked_in_the_published_list_and_no_other_is() {
    for kind in KINDS {
        let mut register = register(kind, StatusPurpose::Revocation);
        let mut rng = rng();
        let entries: Vec<_> = (0..20).map(|_| register.allocate(&mut rng).unwrap()).collect();
        register.revoke(entries[7].index()).unwrap();
        let list = published_list(&register);
        for (number, entry) in entries.iter().enumerate() {
            let valid = outcome(entry, &list) == StatusOutcome::Valid;
            assert_eq!(valid, number != 7, "{kind:?} {number}");
            assert_eq!(register.is_set(entry.index()), Ok(number == 7));
        }
    }
}

#[test]
fn a_suspended_credential_can_be_reinstated() {
    let mut register = register(StatusKind::StatusList2021, StatusPurpose::Suspension);
    let entry = register.allocate(&mut rng()).unwrap();
    register.suspend(entry.index()).unwrap();
    let set = StatusOutcome::Set { purpose: StatusPurpose::Suspension, value: 1 };
    assert_eq!(outcome(&entry, &published_list(&register)), set);
    register.reinstate(entry.index()).unwrap();
    assert_eq!(outcome(&entry, &published_list(&register)), StatusOutcome::Valid);
}

#[test]
fn a_revocation_is_final_and_registers_keep_their_purpose() {
    let mut revocations = revocation();
    let index = revocations.allocate(&mut rng()).unwrap().index();
    revocations.revoke(index).unwrap();
    assert_eq!(code(revocations.reinstate(index)), "issue_other_purpose");
    assert_eq!(code(revocations.suspend(index)), "issue_other_purpose");
    assert_eq!(revocations.is_set(index), Ok(true));
    let mut suspensions = register(StatusKind::StatusList2021, StatusPurpose::Suspension);
    let index = suspensions.allocate(&mut rng()).unwrap().index();
    assert_eq!(code(suspensions.revoke(index)), "issue_other_purpose");
}

#[test]
fn an_entry_that_no_credential_has_is_not_set() {
    let mut register = revocation();
    let index = register.allocate(&mut rng()).unwrap().index();
    let free = (0..).find(|other| *other != index).unwrap();
    for other in [free, MINIMUM_ENTRIES, u64::MAX] {
        assert_eq!(code(register.revoke(other)), "issue_not_allocated", "{other}");
        assert_eq!(code(register.is_set(other)), "issue_not_allocated", "{other}");
    }
}

#[test]
fn registers_that_no_verifier_would_read_are_not_kept() {
    let new = |kind, purpose, entries| StatusRegister::new(kind, purpose, location(), entries);
    let (kind, purpose) = (StatusKind::BitstringStatusList, StatusPurpose::Revocation);
    assert_eq!(code(new(kind, purpose, MINIMUM_ENTRIES - 1)), "issue_register_too_small");
    assert_eq!(code(new(kind, purpose, u64::MAX)), "status_list_too_large");
    for (kind, purpose) in [
        (kind, StatusPurpose::Refresh),
        (kind, StatusPurpose::Message),
        (StatusKind::RevocationList2021, StatusPurpose::Suspension),
        (StatusKind::RevocationList2020, StatusPurpose::Suspension),
    ] {
        assert_eq!(code(new(kind, purpose, MINIMUM_ENTRIES)), "issue_purpose_unsupported");
    }
}

#[test]
fn i08_no_entry_is_given_out_twice() {
    let mut register = revocation();
    let mut rng = rng();
    let given: BTreeSet<u64> =
        (0..2000).map(|_| register.allocate(&mut rng).unwrap().index()).collect();
    assert_eq!(given.len(), 2000);
    assert_eq!(register.free(), MINIMUM_ENTRIES - 2000);
}

#[test]
fn i08_allocation_is_unique_under_concurrency() {
    // Two machines that keep one register in a database: each reads it, allocates, and stores it
    // over the version that it read, or tries again.
    let database = Mutex::new(serde_json::to_value(revocation()).unwrap());
    let read = || database.lock().unwrap().clone();
    let store_over = |version: u64, register: &StatusRegister| {
        let mut stored = database.lock().unwrap();
        let current = stored["version"] == version;
        if current {
            *stored = serde_json::to_value(register).unwrap();
        }
        current
    };
    let machine = |seed: u64| {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut given = Vec::new();
        while given.len() < 5 {
            let mut register: StatusRegister = serde_json::from_value(read()).unwrap();
            let version = register.version();
            let entry = register.allocate(&mut rng).unwrap();
            if store_over(version, &register) {
                given.push(entry.index());
            }
        }
        given
    };
    // The same seed, so that both machines draw the same numbers.
    let given: Vec<u64> = std::thread::scope(|scope| {
        let machines = [1, 1].map(|seed| scope.spawn(move || machine(seed)));
        machines.into_iter().flat_map(|machine| machine.join().unwrap()).collect()
    });
    assert_eq!(given.iter().collect::<BTreeSet<_>>().len(), 10, "{given:?}");
}

#[test]
fn a_stored_register_comes_back_as_it_was() {
    let mut register = revocation();
    let mut rng = rng();
    let entries: Vec<_> = (0..50).map(|_| register.allocate(&mut rng).unwrap()).collect();
    register.revoke(entries[3].index()).unwrap();
    let text = serde_json::to_string(&register).unwrap();
    let again: StatusRegister = serde_json::from_str(&text).unwrap();
    assert_eq!(again, register);
    assert_eq!(again.version(), 51);
    assert!(text.len() < 2000, "a register is stored compressed: {}", text.len());
}

#[test]
fn a_stored_register_that_contradicts_itself_is_refused() {
    let mut register = revocation();
    let index = register.allocate(&mut rng()).unwrap().index();
    register.revoke(index).unwrap();
    let good = serde_json::to_value(&register).unwrap();
    let empty = serde_json::to_value(revocation()).unwrap();
    let larger =
        StatusRegister::new(register.kind(), register.purpose(), location(), 2 * MINIMUM_ENTRIES);
    let larger = serde_json::to_value(larger.unwrap()).unwrap();
    for (member, value, expected) in [
        ("allocated", empty["allocated"].clone(), "the stored register is damaged"),
        ("allocated", larger["allocated"].clone(), "the stored register is damaged"),
        ("purpose", json!("refresh"), "no register is kept for this purpose"),
        ("list", json!(""), "the status list cannot be kept"),
        ("location", json!("http://eastmoor.example/3"), "the status list cannot be kept"),
        ("kind", json!("StatusList2022Entry"), "unknown variant"),
        ("surplus", json!(1), "unknown field"),
    ] {
        let mut bad = good.clone();
        bad[member] = value;
        let error = serde_json::from_value::<StatusRegister>(bad).unwrap_err().to_string();
        assert!(error.contains(expected), "{member}: {error}");
    }
}

#[test]
fn a_published_list_has_the_shape_of_its_specification() {
    let register = revocation();
    let token = register.publish(&issuer(), now(), None).unwrap().sign(&key()).unwrap();
    let mut payload = verified(&token, &published());
    let encoded = payload["vc"]["credentialSubject"]["encodedList"].take();
    assert!(encoded.as_str().unwrap().starts_with("uH4sI"));
    let expected = json!({
        "iss": "did:web:eastmoor.example", "sub": format!("{LIST}#list"), "jti": LIST,
        "iat": 1_772_442_000, "nbf": 1_772_442_000,
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1",
                "https://www.w3.org/ns/credentials/status/v1"],
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "credentialSubject": {"id": format!("{LIST}#list"), "type": "BitstringStatusList",
                "statusPurpose": "revocation", "encodedList": null},
        },
    });
    assert_eq!(payload, expected);
}

#[test]
fn a_list_may_be_kept_in_an_identity_hub() {
    let query =
        IdentityHubQuery::new("did:web:eastmoor.example", "686b6953-a0a4-4ca8-b9d9-b8756e1aa3dd");
    let location = ListLocation::IdentityHub(query.unwrap());
    let (kind, purpose) = (StatusKind::RevocationList2021, StatusPurpose::Revocation);
    let mut register = StatusRegister::new(kind, purpose, location, 200_000).unwrap();
    let entry = register.allocate(&mut rng()).unwrap();
    assert_eq!(outcome(&entry, &published_list(&register)), StatusOutcome::Valid);
    register.revoke(entry.index()).unwrap();
    let list = published_list(&register);
    assert_ne!(outcome(&entry, &list), StatusOutcome::Valid);
    let subject = "urn:uuid:686b6953-a0a4-4ca8-b9d9-b8756e1aa3dd";
    assert_eq!(list.about().subject.as_deref(), Some(subject));
    assert_eq!(StatusEntry::parse(&entry.to_json()), Ok(entry));
}

#[test]
fn a_list_that_would_expire_before_it_is_issued_is_not_published() {
    let made = revocation().publish(&issuer(), now(), Some(now()));
    assert_eq!(code(made), "issue_expires_before_issue");
}

#[test]
fn debug_prints_no_index() {
    let mut register = revocation();
    let index = register.allocate(&mut rng()).unwrap().index();
    let text = format!("{register:?}");
    assert!(!text.contains(&index.to_string()) && !text.contains("eastmoor"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_is_published_is_what_was_revoked(seed: u64, revoked in prop::collection::vec(any::<bool>(), 1..40)) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut register = revocation();
        let mut credentials = Vec::new();
        for revoked in revoked {
            let entry = register.allocate(&mut rng).unwrap();
            if revoked {
                register.revoke(entry.index()).unwrap();
            }
            credentials.push((entry, revoked));
        }
        let list = published_list(&register);
        for (entry, revoked) in credentials {
            prop_assert_eq!(outcome(&entry, &list) == StatusOutcome::Valid, !revoked);
        }
    }
}

#[test]
fn a_stored_register_has_no_surprises() {
    let stored = serde_json::to_value(revocation()).unwrap();
    let members: Vec<&String> = stored.as_object().unwrap().keys().collect();
    let names = ["allocated", "kind", "list", "location", "purpose", "version"];
    assert_eq!(
        members.into_iter().collect::<BTreeSet<_>>(),
        names.map(String::from).iter().collect()
    );
    assert_eq!(stored["kind"], Value::from("BitstringStatusListEntry"));
}
