//! Requests through Microsoft's Request Service: whose receipt is taken, and what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of what is common")]

mod common;

use common::*;
use staffpass_request::entra::{CredentialRequest, Exchange, RequestBuilder};
use staffpass_share::*;
use staffpass_verify::VerifiedResponse;

const ALL: [&str; 3] = ["identity", "employment", "training"];

/// A share with an open request for these parts.
fn connected(parts: &[&str]) -> (Share, (CredentialRequest, Exchange)) {
    let mut share = confirmed(parts);
    let made = world().service_request(TENANT, parts, at(6));
    let _ = share.connect_through_service(&made.1, at(7)).unwrap();
    (share, made)
}

/// What the share says; on a refusal it must be as it was.
fn receive(
    share: &mut Share,
    response: &VerifiedResponse,
    exchange: &Exchange,
) -> Result<Received, Refusal> {
    let before = stored(share);
    let taken = share.receive_receipt(response, exchange, &Rules::default(), at(20));
    if taken.is_err() {
        assert_eq!(stored(share), before, "a bad receipt leaves the share as it was");
    }
    taken
}

fn code(result: Result<impl Sized, Refusal>) -> &'static str {
    result.err().expect("it is refused").code()
}

/// What `connect_through_service` says of a share in which these parts are confirmed.
fn refused(confirmed_parts: &[&str], exchange: &Exchange) -> &'static str {
    code(confirmed(confirmed_parts).connect_through_service(exchange, at(7)))
}

#[test]
fn each_credential_of_the_receipt_is_taken_for_its_part() {
    let (mut share, mut made) = connected(&ALL);
    let mut wallet = world().wallet_of(&ALL);
    wallet.reverse();
    let response = world().service_answer(&mut made, &wallet, at(20));
    assert!(response.credentials().iter().all(|credential| credential.part().is_none()));
    let received = receive(&mut share, &response, &made.1).unwrap();
    assert_eq!(names(&received.events), ["presentation.verified", "identity.match"]);
    let receipt = received.arrival.into_receipt().unwrap();
    let parts = receipt.credentials().iter().map(|shared| (shared.part(), shared.kind().id()));
    assert_eq!(parts.collect::<Vec<_>>(), ALL.map(|part| (part, part)));
    assert_eq!(share.state(at(21)), State::Received);
}

#[test]
fn an_exchange_that_was_stored_is_the_same_exchange() {
    let (mut share, mut made) = connected(&["identity"]);
    let store = |exchange: &Exchange| -> Exchange {
        serde_json::from_str(&serde_json::to_string(exchange).unwrap()).unwrap()
    };
    made.1 = store(&made.1);
    let response = world().service_answer(&mut made, &world().wallet_of(&["identity"]), at(20));
    assert!(receive(&mut share, &response, &store(&made.1)).is_ok());
}

#[test]
fn b12_a_portal_that_asks_for_no_receipt_believes_nothing() {
    let party = world().service_party();
    let builder = RequestBuilder::new(&party, world().service_asks(&["identity"])).tenant(TENANT);
    let (_, exchange) = world().made(builder, at(6));
    assert_eq!(refused(&["identity"], &exchange), "request_incomplete");
}

#[test]
fn f3_through_the_service_exactly_what_was_confirmed_is_asked_for() {
    let (_, exchange) = world().service_request(TENANT, &["identity", "training"], at(6));
    assert_eq!(refused(&["identity"], &exchange), "selection_differs");
    assert_eq!(refused(&ALL, &exchange), "selection_differs");
    let party = world().service_party();
    let issuer = ["did:web:trust.example"];
    let nameless = staffpass_request::entra::RequestedCredential::new("StaffIdentity", issuer);
    let builder = RequestBuilder::new(&party, [nameless]).tenant(TENANT).with_receipt();
    assert_eq!(refused(&["identity"], &world().made(builder, at(6)).1), "request_incomplete");
}

#[test]
fn p21_a_request_of_another_tenant_through_the_service_is_refused() {
    let (_, exchange) = world().service_request("eastmoor", &["identity"], at(6));
    assert_eq!(refused(&["identity"], &exchange), "request_of_another_tenant");
}

/// The service says 303 seconds; the share ends it after 300.
#[test]
fn the_services_clock_does_not_lengthen_a_request() {
    let (mut share, mut made) = connected(&["identity"]);
    assert_eq!(code(share.expire(at(305))), "request_still_live");
    assert_eq!(share.state(at(306)), State::RequestExpired { attempt: 1 });
    let response = world().service_answer(&mut made, &world().wallet_of(&["identity"]), at(20));
    let late = share.receive_receipt(&response, &made.1, &Rules::default(), at(306));
    assert_eq!(code(late), "request_expired");
    let (_, of_the_future) = world().service_request(TENANT, &["identity"], at(8));
    assert_eq!(refused(&["identity"], &of_the_future), "request_too_long");
}

#[test]
fn p17_a_request_through_the_service_is_answered_once() {
    let (mut share, mut made) = connected(&["identity"]);
    assert_eq!(code(share.connect_through_service(&made.1, at(8))), "request_reused");
    let response = world().service_answer(&mut made, &world().wallet_of(&["identity"]), at(20));
    assert!(receive(&mut share, &response, &made.1).is_ok());
    assert_eq!(code(receive(&mut share, &response, &made.1)), "already_answered");
}

#[test]
fn what_the_exchange_has_not_confirmed_is_refused() {
    let (mut share, made) = connected(&["identity"]);
    let wallet = world().wallet_of(&["identity"]);
    let mut done = made.clone();
    let response = world().service_answer(&mut done, &wallet, at(20));
    assert_eq!(code(receive(&mut share, &response, &made.1)), "response_to_another");
    // Another answer to the same request, which the exchange has not confirmed.
    let other = world().service_answer(&mut made.clone(), &wallet, at(20));
    assert_eq!(code(receive(&mut share, &other, &done.1)), "response_to_another");
    assert!(receive(&mut share, &response, &done.1).is_ok());
}

#[test]
fn an_answer_to_the_portal_and_one_through_the_service_are_never_taken_for_each_other() {
    let (mut share, mut made) = connected(&["identity"]);
    let wallet = world().wallet_of(&["identity"]);
    let response = world().service_answer(&mut made, &wallet, at(20));
    let handle = made.1.handle_digest();
    let taken = share.receive(&response, handle, &Rules::default(), at(20));
    assert_eq!(code(taken), "response_to_another");
    let direct = world().request(&["identity"], at(6));
    let mut other = confirmed(&["identity"]);
    let _ = other.connect(direct.expectation(), at(6)).unwrap();
    assert_eq!(code(receive(&mut other, &response, &made.1)), "unknown_request");
}

/// The wallet's tokens for the first request come again, under the second one's id.
#[test]
fn p24_the_receipt_of_another_request_of_the_share_is_refused() {
    let (mut share, mut first) = connected(&["identity"]);
    let wallet = world().wallet_of(&["identity"]);
    let callback = world().service_callback(&first, &wallet, at(20));
    let answer = world().take_callback(&first.0, &mut first.1, &callback, at(20));
    assert!(receive(&mut share, &answer, &first.1).is_ok());
    let _ = share.open(session("another browser"), &Rules::default(), at(21)).unwrap();
    let _ = share.registered_before(at(21)).unwrap();
    let _ = share.start(notices(), at(21)).unwrap();
    let _ = share.select(&set(&["identity"]), &Rules::default(), at(21)).unwrap();
    let _ = share.confirm(at(21)).unwrap();
    let mut second = world().service_request(TENANT, &["identity"], at(21));
    let _ = share.connect_through_service(&second.1, at(21)).unwrap();
    let (id, state) = (first.1.request_id().unwrap(), first.0.callback().state());
    let again = callback
        .replace(id, second.1.request_id().unwrap())
        .replace(state, second.0.callback().state());
    let answer = world().take_callback(&second.0, &mut second.1, &again, at(22));
    let taken = share.receive_receipt(&answer, &second.1, &Rules::default(), at(22));
    assert_eq!(code(taken), "response_to_another");
}
