//! The course of one request, and the way back on the same device.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use chrono::TimeDelta;
use common::*;
use proptest::prelude::*;
use staffpass_request::{
    MAX_ANSWERS, NotTaken, Progress, RequestStatus, ResponseCode, ReturnAddress, Transport,
};

fn progress() -> Progress {
    Progress::new(openid4vp_request(1).expectation())
}

fn late() -> chrono::DateTime<chrono::Utc> {
    now() + TimeDelta::seconds(300)
}

#[test]
fn a_request_is_created_retrieved_and_verified() {
    let mut progress = progress();
    assert_eq!(progress.status(now()), RequestStatus::Created);
    progress.fetched();
    assert_eq!(progress.status(now()), RequestStatus::Retrieved);
    progress.accept(None, now()).unwrap();
    assert_eq!(progress.status(now()), RequestStatus::Verified);
    assert_eq!(progress.status(late()), RequestStatus::Verified);
}

#[test]
fn silence_ends_in_expiry() {
    let mut progress = progress();
    progress.fetched();
    assert_eq!(progress.status(late()), RequestStatus::Expired);
    assert_eq!(progress.accept(None, late()), Err(NotTaken::Expired));
    assert_eq!(progress.status(late()).as_str(), "expired");
}

#[test]
fn p19_an_object_fetched_twice_changes_nothing() {
    let mut progress = progress();
    progress.fetched();
    let once = progress.clone();
    progress.fetched();
    assert_eq!(progress, once);
}

#[test]
fn p01_a_request_is_answered_once() {
    let mut progress = progress();
    progress.accept(None, now()).unwrap();
    let answered = progress.clone();
    assert_eq!(progress.accept(None, now()), Err(NotTaken::Answered));
    assert_eq!(progress.refuse(now()), Err(NotTaken::Answered));
    progress.fetched();
    assert_eq!(progress.status(now()), RequestStatus::Verified);
    assert_eq!(answered.may_answer(now()).unwrap_err().code(), "request_answered");
}

#[test]
fn a_good_answer_may_follow_four_bad_ones_and_none_the_fifth() {
    let mut progress = progress();
    for _ in 1..MAX_ANSWERS {
        progress.refuse(now()).unwrap();
        assert_eq!(progress.status(now()), RequestStatus::Refused);
    }
    let mut lucky = progress.clone();
    lucky.accept(None, now()).unwrap();
    assert_eq!(lucky.status(now()), RequestStatus::Verified);
    progress.refuse(now()).unwrap();
    assert_eq!(progress.accept(None, now()), Err(NotTaken::TooMany));
    assert_eq!(progress.status(late()), RequestStatus::Refused);
}

#[test]
fn pf14_response_code_required_on_the_same_device_before_an_answer_counts() {
    let mut progress = progress();
    let code = ResponseCode::generate(&mut rng(4));
    progress.accept(Some(&code), now()).unwrap();
    assert_eq!(progress.status(now()), RequestStatus::AwaitingReturn);
    let other = ResponseCode::generate(&mut rng(5));
    assert_eq!(progress.returned(other.as_str(), now()), Err(NotTaken::ResponseCode));
    assert_eq!(progress.returned("", now()), Err(NotTaken::ResponseCode));
    assert_eq!(progress.status(now()), RequestStatus::AwaitingReturn);
    progress.returned(code.as_str(), now()).unwrap();
    assert_eq!(progress.status(now()), RequestStatus::Verified);
    assert_eq!(progress.returned(code.as_str(), now()), Err(NotTaken::ResponseCode));
}

#[test]
fn a_code_that_comes_back_too_late_shows_nothing() {
    let mut progress = progress();
    let code = ResponseCode::generate(&mut rng(4));
    progress.accept(Some(&code), now()).unwrap();
    assert_eq!(progress.returned(code.as_str(), late()), Err(NotTaken::Expired));
    assert_eq!(progress.status(late()), RequestStatus::Expired);
}

#[test]
fn the_code_is_stored_as_a_digest() {
    let mut progress = progress();
    let code = ResponseCode::generate(&mut rng(4));
    progress.accept(Some(&code), now()).unwrap();
    let stored = serde_json::to_string(&progress).unwrap();
    assert!(!stored.contains(code.as_str()));
    assert_eq!(serde_json::from_str::<Progress>(&stored).unwrap(), progress);
    assert_eq!(format!("{code:?}"), "ResponseCode(..)");
}

#[test]
fn the_way_back_carries_the_code() {
    let code = ResponseCode::generate(&mut rng(4));
    let address = ReturnAddress::parse("https://portal.example/back?share=1").unwrap();
    let with = format!("https://portal.example/back?share=1&response_code={}", code.as_str());
    assert_eq!(address.with_code(&code), with);
    for bad in ["https://portal.example/?response_code=x", "nonsense", "https://p.example/#f"] {
        assert_eq!(ReturnAddress::parse(bad).unwrap_err().code(), "request_address_form", "{bad}");
    }
    let plain = "http://localhost:8080/back";
    assert_eq!(ReturnAddress::parse(plain).unwrap_err().code(), "request_address_scheme");
    assert!(ReturnAddress::parse_with(plain, Transport::HttpsOrLoopbackHttp).is_ok());
}

proptest! {
    /// Whatever happens in whichever order, one answer is accepted and no more than five refused.
    #[test]
    fn any_order_of_calls_accepts_once(calls in prop::collection::vec((0_u8..4, 0_i64..400), 0..40)) {
        let mut progress = progress();
        let code = ResponseCode::generate(&mut rng(4));
        let (mut accepted, mut refused) = (0, 0);
        for (call, second) in calls {
            let at = now() + TimeDelta::seconds(second);
            match call {
                0 => progress.fetched(),
                1 => accepted += u32::from(progress.accept(Some(&code), at).is_ok()),
                2 => refused += u32::from(progress.refuse(at).is_ok()),
                _ => drop(progress.returned(code.as_str(), at)),
            }
        }
        prop_assert!(accepted <= 1 && refused <= u32::from(MAX_ANSWERS));
        let shown = progress.status(now()) == RequestStatus::Verified;
        prop_assert!(!shown || accepted == 1);
    }
}
