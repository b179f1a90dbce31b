//! The IdentityHub exchange.
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

use common::{limits, with};
use proptest::prelude::*;
use serde_json::{Value, json};
use staffpass_status::{IdentityHubQuery, hub};

const REPLY: &[u8] = include_bytes!("vectors/entra/identity_hub_response_jwt.json");
const OBJECT: &str = "686b6953-a0a4-4ca8-b9d9-b8756e1aa3dd";

fn query() -> IdentityHubQuery {
    IdentityHubQuery::new("did:ion:abc", OBJECT).unwrap()
}

fn reply() -> Value {
    serde_json::from_slice(REPLY).unwrap()
}

fn code(reply: &Value) -> &'static str {
    match hub::parse_reply(reply.to_string().as_bytes(), &query(), &limits()) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

fn with_data(data: Value) -> Value {
    with(reply(), "replies/0/entries/0/data", data)
}

#[test]
fn the_request_asks_for_one_object() {
    let body = hub::request_body(&query(), "b74373c9-ace3-48c6-81e2-b8436b3d642e");
    let expected = json!({
        "requestId": "b74373c9-ace3-48c6-81e2-b8436b3d642e",
        "target": "did:ion:abc",
        "messages": [{"descriptor": {
            "method": "CollectionsQuery",
            "schema": "https://w3id.org/vc-status-list-2021/v1",
            "objectId": OBJECT,
        }}],
    });
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), expected);
}

#[test]
fn a_reply_that_is_made_is_a_reply_that_is_read() {
    let body = hub::reply_body(&query(), "b74373c9-ace3-48c6-81e2-b8436b3d642e", "a.b.c");
    assert_eq!(hub::parse_reply(body.as_bytes(), &query(), &limits()).as_deref(), Ok("a.b.c"));
}

#[test]
fn the_real_reply_holds_a_compact_token() {
    let token = hub::parse_reply(REPLY, &query(), &limits()).unwrap();
    let jws = staffpass_jose::UnverifiedJws::parse(token, &Default::default()).unwrap();
    assert_eq!(jws.header().alg, staffpass_jose::Algorithm::Es256k);
}

#[test]
fn the_status_at_the_top_may_be_missing_but_not_be_bad() {
    assert_eq!(code(&with(reply(), "status", Value::Null)), "accepted");
    assert_eq!(code(&with(reply(), "replies/0/status", Value::Null)), "accepted");
    for bad in [404, 500, 201, 0] {
        assert_eq!(code(&with(reply(), "status/code", json!(bad))), "status_hub_refused");
        assert_eq!(code(&with(reply(), "replies/0/status/code", json!(bad))), "status_hub_refused");
    }
    assert_eq!(code(&with(reply(), "status/code", json!("200"))), "status_hub_malformed");
    assert_eq!(code(&with(reply(), "status/code", json!(-1))), "status_hub_malformed");
}

#[test]
fn l03_an_object_that_is_not_there_or_there_twice_is_refused() {
    let path = "replies/0/entries/0/descriptor/objectId";
    let other = json!("00000000-a0a4-4ca8-b9d9-b8756e1aa3dd");
    assert_eq!(code(&with(reply(), path, other)), "status_hub_object");
    assert_eq!(code(&with(reply(), path, Value::Null)), "status_hub_object");
    assert_eq!(code(&with(reply(), path, json!(OBJECT.to_uppercase()))), "accepted");
    assert_eq!(code(&with(reply(), "replies/0/entries", json!([]))), "status_hub_object");
    assert_eq!(code(&with(reply(), "replies/0/entries", Value::Null)), "status_hub_object");
    assert_eq!(code(&with(reply(), "replies", json!([]))), "status_hub_object");
    let entry = reply()["replies"][0]["entries"][0].clone();
    let twice = with(reply(), "replies/0/entries", json!([entry, entry]));
    assert_eq!(code(&twice), "status_hub_object");
}

#[test]
fn data_is_read_in_every_base64_and_nothing_else() {
    let token = hub::parse_reply(REPLY, &query(), &limits()).unwrap();
    // A text whose base64 has both padding and characters in which the alphabets differ.
    let text = format!("{token}?>~ü");
    let url = staffpass_jose::base64url::encode(&text);
    let standard = url.replace('-', "+").replace('_', "/");
    let padding = "=".repeat((4 - url.len() % 4) % 4);
    assert!(standard != url && !padding.is_empty());
    for data in
        [url.clone(), format!("{url}{padding}"), standard.clone(), format!("{standard}{padding}")]
    {
        let reply = with_data(json!(data)).to_string();
        assert_eq!(hub::parse_reply(reply.as_bytes(), &query(), &limits()), Ok(text.clone()));
    }
    let not_text = staffpass_jose::base64url::encode([0xff, 0xfe]);
    for bad in [json!("a b"), json!("-_+/"), json!("*"), json!(1), json!({}), json!(not_text)] {
        assert_eq!(code(&with_data(bad.clone())), "status_hub_data", "{bad}");
    }
}

#[test]
fn what_is_no_reply_is_refused() {
    for body in ["", "[]", "null", "{}", "<html>", r#"{"replies":{}}"#, r#"{"replies":[1]}"#] {
        let error = hub::parse_reply(body.as_bytes(), &query(), &limits()).unwrap_err();
        assert_eq!(error.code(), "status_hub_malformed", "{body}");
    }
    let twice = String::from_utf8(REPLY.to_vec()).unwrap();
    let twice = twice.replacen("\"replies\"", "\"replies\": [], \"replies\"", 1);
    let error = hub::parse_reply(twice.as_bytes(), &query(), &limits()).unwrap_err();
    assert_eq!(error.code(), "status_hub_malformed", "a member twice");
    let mut small = limits();
    small.json.max_bytes = 1000;
    let error = hub::parse_reply(REPLY, &query(), &small).unwrap_err();
    assert_eq!(error.code(), "status_hub_malformed", "longer than the limit");
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes: Vec<u8>) {
        prop_assert!(hub::parse_reply(&bytes, &query(), &limits()).is_err());
    }
}
