//! A wallet on the same device: what it sent counts once the person is back with the code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of what is common")]

mod common;

use common::*;
use staffpass_request::{Request, ResponseCode};
use staffpass_share::*;

const PARTS: [&str; 2] = ["identity", "employment"];

/// A share whose wallet, on the same device, has sent these parts; and the code that it was told.
fn answered(rules: &Rules, sent: &[&str]) -> (Share, ResponseCode) {
    let mut share = confirmed(&["employment"]);
    let (request, code) = (world().lenient_request(&PARTS, at(6)), fresh());
    let _ = share.connect_on_same_device(request.expectation(), code.digest(), at(6)).unwrap();
    answer(&mut share, &request, rules, sent);
    (share, code)
}

fn answer(share: &mut Share, request: &Request, rules: &Rules, sent: &[&str]) {
    let response = world().answer(request, &world().wallet_of(sent), at(20)).unwrap();
    let _ = share.receive(&response, &handle(request), rules, at(20)).unwrap();
}

fn fresh() -> ResponseCode {
    ResponseCode::generate(&mut rand::rng())
}

fn refused(share: &mut Share, code: &ResponseCode, seconds: i64) -> &'static str {
    let before = stored(share);
    let refused = share.returned(code, at(seconds)).expect_err("it is refused").code();
    assert_eq!(stored(share), before, "what is refused changes nothing");
    refused
}

#[test]
fn b3_what_came_counts_once_the_person_is_back_with_the_code_and_the_code_is_good_once() {
    let (mut share, code) = answered(&Rules::default(), &PARTS);
    assert_eq!(share.state(at(20)).name(), "awaiting_return");
    assert!(share.clone().begin_profile(at(21)).is_err(), "nothing goes on before");
    let another = fresh();
    assert_eq!(refused(&mut share, &another, 21), "response_code");
    let _ = share.returned(&code, at(22)).unwrap();
    assert_eq!(share.state(at(22)), State::Received);
    assert_eq!(refused(&mut share, &code, 23), "wrong_state");
    let _ = share.begin_profile(at(24)).unwrap();
}

#[test]
fn b3_a_code_comes_too_late_when_its_request_has_expired() {
    let (mut share, code) = answered(&Rules::default(), &PARTS);
    assert!(matches!(share.state(at(400)), State::RequestExpired { .. }));
    assert_eq!(refused(&mut share, &code, 400), "request_expired");
}

#[test]
fn b3_a_code_of_an_earlier_request_is_worth_nothing() {
    let (mut share, code) = answered(&Rules::default(), &PARTS);
    let request = world().request(&PARTS, at(30));
    let later = fresh();
    let _ = share.connect_on_same_device(request.expectation(), later.digest(), at(30)).unwrap();
    assert_eq!(refused(&mut share, &code, 31), "wrong_state");
    answer(&mut share, &request, &Rules::default(), &PARTS);
    assert_eq!(refused(&mut share, &code, 40), "response_code");
    let _ = share.returned(&later, at(41)).unwrap();
}

#[test]
fn with_lenient_rules_the_gaps_are_told_when_the_person_is_back() {
    let rules = Rules::default().with_completeness(Completeness::Lenient);
    let (mut share, code) = answered(&rules, &["identity"]);
    assert!(share.clone().accept_gaps(at(21)).is_err());
    let _ = share.returned(&code, at(22)).unwrap();
    assert_eq!(share.state(at(22)).name(), "received_with_gaps");
}

#[test]
fn the_person_may_do_something_else_than_come_back() {
    let (share, code) = answered(&Rules::default(), &PARTS);
    let mut amended = share.clone();
    let _ = amended.amend(at(30)).unwrap();
    assert_eq!(amended.state(at(30)), State::Selecting);
    assert_eq!(refused(&mut amended, &code, 31), "wrong_state");
    let mut cancelled = share;
    let _ = cancelled.cancel(at(30)).unwrap();
    assert_eq!(cancelled.state(at(30)), State::Confirming);
    assert_eq!(refused(&mut cancelled, &code, 31), "wrong_state");
}

#[test]
fn of_a_request_on_another_device_nobody_is_awaited() {
    let mut share = confirmed(&["employment"]);
    let request = world().request(&PARTS, at(6));
    let _ = share.connect(request.expectation(), at(6)).unwrap();
    answer(&mut share, &request, &Rules::default(), &PARTS);
    assert_eq!(share.state(at(20)), State::Received);
    assert_eq!(refused(&mut share, &fresh(), 21), "wrong_state");
}
