//! Token Status Lists: what is published says how each token stands.
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

use chrono::TimeDelta;
use common::{LIST, at, header, issuer, key, now, published, rng, verified};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use staffpass_issue::{IssueError, MINIMUM_ENTRIES, TokenState, TokenStatusRegister};
use staffpass_status::token::{StatusListToken, TokenStatus, judge};
use staffpass_status::{Limits, StatusOutcome, StatusPurpose};

fn register() -> TokenStatusRegister {
    TokenStatusRegister::new(LIST, MINIMUM_ENTRIES).unwrap()
}

fn payload(register: &TokenStatusRegister) -> Value {
    let ttl = Some(TimeDelta::minutes(15));
    let expires = Some(now() + TimeDelta::days(1));
    let token = register.publish(&issuer(), now(), expires, ttl).unwrap().sign(&key()).unwrap();
    assert_eq!(header(&token).typ.as_deref(), Some("statuslist+jwt"));
    verified(&token, &published())
}

/// What a verifier concludes from the published list.
fn outcome(register: &TokenStatusRegister, status: &TokenStatus) -> StatusOutcome {
    let limits = Limits::default();
    let token = StatusListToken::parse(payload(register).to_string().as_bytes(), &limits).unwrap();
    judge(status, &token.inflate(&limits).unwrap()).unwrap()
}

fn set(purpose: StatusPurpose, value: u8) -> StatusOutcome {
    StatusOutcome::Set { purpose, value }
}

fn code<T>(result: Result<T, IssueError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "done")
}

#[test]
fn the_published_list_says_how_each_token_stands() {
    let mut register = register();
    let mut rng = rng();
    let [valid, revoked, suspended, reinstated] =
        std::array::from_fn(|_| register.allocate(&mut rng).unwrap());
    register.revoke(revoked.index()).unwrap();
    register.suspend(suspended.index()).unwrap();
    register.suspend(reinstated.index()).unwrap();
    register.reinstate(reinstated.index()).unwrap();
    assert_eq!(outcome(&register, &valid), StatusOutcome::Valid);
    assert_eq!(outcome(&register, &revoked), set(StatusPurpose::Revocation, 1));
    assert_eq!(outcome(&register, &suspended), set(StatusPurpose::Suspension, 2));
    assert_eq!(outcome(&register, &reinstated), StatusOutcome::Valid);
    assert_eq!(register.state(suspended.index()), Ok(TokenState::Suspended));
}

#[test]
fn the_token_names_its_list_its_issuer_and_how_long_it_may_be_kept() {
    let payload = payload(&register());
    assert_eq!(payload["sub"], json!(LIST));
    assert_eq!(payload["iss"], json!("did:web:eastmoor.example"));
    assert_eq!(payload["iat"], json!(now().timestamp()));
    assert_eq!(payload["exp"], json!((now() + TimeDelta::days(1)).timestamp()));
    assert_eq!(payload["ttl"], json!(900));
    assert_eq!(payload["status_list"]["bits"], json!(2));
}

#[test]
fn a_revocation_is_final() {
    let mut register = register();
    let index = register.allocate(&mut rng()).unwrap().index();
    register.revoke(index).unwrap();
    assert_eq!(code(register.reinstate(index)), "issue_revoked");
    assert_eq!(code(register.suspend(index)), "issue_revoked");
    assert_eq!(register.state(index), Ok(TokenState::Revoked));
}

#[test]
fn an_entry_that_is_not_given_out_cannot_be_set() {
    let mut register = register();
    for index in [0, MINIMUM_ENTRIES, u64::MAX] {
        assert_eq!(code(register.revoke(index)), "issue_not_allocated");
        assert_eq!(code(register.suspend(index)), "issue_not_allocated");
        assert_eq!(code(register.reinstate(index)), "issue_not_allocated");
        assert_eq!(code(register.state(index)), "issue_not_allocated");
    }
    assert_eq!(register.version(), 0);
}

#[test]
fn what_no_reader_would_take_is_not_made() {
    assert_eq!(code(TokenStatusRegister::new(LIST, 1000)), "issue_register_too_small");
    for uri in ["http://eastmoor.example/status/3", "urn:x", "", "did:ion:x?service=y"] {
        assert!(TokenStatusRegister::new(uri, MINIMUM_ENTRIES).is_err(), "{uri}");
    }
    let publish = |until, ttl| code(register().publish(&issuer(), now(), until, ttl));
    assert_eq!(publish(Some(now()), None), "issue_expires_before_issue");
    assert_eq!(publish(None, Some(TimeDelta::milliseconds(999))), "issue_ttl");
    assert_eq!(publish(None, Some(TimeDelta::seconds(1))), "done");
    let early = register().publish(&issuer(), at("1969-12-31T23:59:59Z"), None, None);
    assert_eq!(code(early), "issue_date_range");
}

#[test]
fn each_change_counts_in_the_version() {
    let mut register = register();
    let index = register.allocate(&mut rng()).unwrap().index();
    register.suspend(index).unwrap();
    register.reinstate(index).unwrap();
    register.revoke(index).unwrap();
    assert_eq!(register.version(), 4);
    assert_eq!(register.free(), MINIMUM_ENTRIES - 1);
}

fn stored(register: &TokenStatusRegister) -> Value {
    serde_json::to_value(register).unwrap()
}

#[test]
fn a_register_is_stored_and_read_back() {
    let mut register = register();
    let index = register.allocate(&mut rng()).unwrap().index();
    register.suspend(index).unwrap();
    let read: TokenStatusRegister = serde_json::from_value(stored(&register)).unwrap();
    assert!(read == register);
}

#[test]
fn a_stored_register_that_contradicts_itself_is_not_read() {
    let mut register = register();
    let index = register.allocate(&mut rng()).unwrap().index();
    register.revoke(index).unwrap();
    let empty = stored(&self::register());
    let mut strays = stored(&register);
    strays["allocated"] = empty["allocated"].clone();
    let mut elsewhere = stored(&register);
    elsewhere["uri"] = json!("http://eastmoor.example/status/3");
    let mut longer = stored(&register);
    let twice = TokenStatusRegister::new(LIST, 2 * MINIMUM_ENTRIES).unwrap();
    longer["allocated"] = stored(&twice)["allocated"].clone();
    for wrong in [strays, elsewhere, longer] {
        assert!(serde_json::from_value::<TokenStatusRegister>(wrong).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn i08_no_index_is_given_out_twice(seed: u64, count in 1_usize..200) {
        let mut register = register();
        let mut rng = StdRng::seed_from_u64(seed);
        let given: BTreeSet<_> =
            (0..count).map(|_| register.allocate(&mut rng).unwrap().index()).collect();
        prop_assert_eq!(given.len(), count);
    }
}
