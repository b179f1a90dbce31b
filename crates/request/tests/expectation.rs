//! What the verifier keeps: stored and read again, digested, expired, and made by hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod common;

use chrono::TimeDelta;
use common::*;
use serde_json::{Value, json};
use staffpass_jose::Algorithm;
use staffpass_query::{CredentialQuery, DcqlQuery};
use staffpass_request::{
    Endpoints, Expectation, Handle, Protocol, Request, RequestError, ResponseMode, microsoft,
};

fn query() -> DcqlQuery {
    DcqlQuery::new([CredentialQuery::jwt_vc("identity", "StaffIdentity")]).unwrap()
}

#[test]
fn p19_request_and_expectation_come_back_out_of_a_store_unchanged() {
    for request in [microsoft_request(1), openid4vp_request(1)] {
        let stored = serde_json::to_string(&request).unwrap();
        let found: Request = serde_json::from_str(&stored).unwrap();
        assert_eq!(found.object(), request.object());
        assert_eq!(found.object().media_type(), request.object().media_type());
        assert_eq!(found.link(), request.link());
        assert_eq!(found.response_uri(), request.response_uri());
        assert_eq!(found.request_id_digest(), request.request_id_digest());
        assert_eq!(found.expectation(), request.expectation());
        assert_eq!(found.expectation().digest(), request.expectation().digest());
        assert_eq!(found.into_expectation(), request.into_expectation());
    }
}

#[test]
fn the_stored_form_is_stable() {
    let expectation = Expectation::builder(DID, "n", now(), now() + TimeDelta::seconds(60))
        .protocol(Protocol::OpenId4Vp, ResponseMode::DirectPost)
        .state("s")
        .query(query())
        .response_address(
            "https://portal.example/response/",
            Handle::parse(&"A".repeat(43)).unwrap().digest(),
        )
        .tenant("trust-a")
        .build()
        .unwrap();
    assert_eq!(
        serde_json::to_value(&expectation).unwrap(),
        json!({
            "protocol": "openid4vp",
            "response_mode": "direct_post",
            "client_id": DID,
            "nonce": "n",
            "state": "s",
            "query": { "dcql": { "credentials": [{
                "id": "identity",
                "format": "jwt_vc_json",
                "meta": { "type_values": [["StaffIdentity"]] },
            }] } },
            "created_at": "2026-03-01T09:00:00Z",
            "expires_at": "2026-03-01T09:01:00Z",
            "response_endpoint": "https://portal.example/response",
            "handle_digest": "DwBzhbb51LfusnSGBa_hqYSgo7-j8BTQnip4TOnlzRo",
            "tenant": "trust-a",
        })
    );
    let protocol = serde_json::to_value(Protocol::JwtVcPresentationProfile).unwrap();
    assert_eq!(protocol, "jwt_vc_presentation_profile");
    assert_eq!(serde_json::to_value(ResponseMode::Post).unwrap(), "post");
}

#[test]
fn an_unknown_member_or_protocol_in_the_store_is_refused() {
    let good = serde_json::to_value(openid4vp_request(1).expectation()).unwrap();
    let with = |member: &str, value: Value| {
        let mut changed = good.clone();
        changed[member] = value;
        serde_json::from_value::<Expectation>(changed)
    };
    assert!(with("tenant", json!("trust-a")).is_ok());
    assert!(with("not_yet_known", json!([])).is_err());
    assert!(with("protocol", json!("openid4vp_2")).is_err());
    assert!(with("response_mode", json!("fragment")).is_err());
    assert!(with("query", json!({ "dcql": { "credentials": [] } })).is_err());
    assert!(with("query", json!({ "other": {} })).is_err());
}

#[test]
fn the_digest_changes_with_every_member() {
    let make = || Expectation::builder(DID, "nonce", now(), now() + TimeDelta::seconds(60));
    let handle = |seed| Handle::generate(&mut rng(seed)).digest();
    let all = [
        make(),
        Expectation::builder("did:web:b.example", "nonce", now(), now() + TimeDelta::seconds(60)),
        Expectation::builder(DID, "other", now(), now() + TimeDelta::seconds(60)),
        Expectation::builder(DID, "nonce", now(), now() + TimeDelta::seconds(61)),
        make().state("s"),
        make().tenant("trust-a"),
        make().query(query()),
        make().protocol(Protocol::OpenId4Vp, ResponseMode::DirectPost),
        make().protocol(Protocol::JwtVcPresentationProfile, ResponseMode::Post),
        make().response_address("https://portal.example/response", handle(1)),
        make().response_address("https://portal.example/response", handle(2)),
    ];
    let digests: std::collections::BTreeSet<_> =
        all.clone().into_iter().map(|builder| builder.build().unwrap().digest()).collect();
    assert_eq!(digests.len(), all.len());
    assert_eq!(make().build().unwrap().digest(), make().build().unwrap().digest());
}

#[test]
fn the_digest_is_that_of_the_canonical_json() {
    // SHA-256 of
    // `{"client_id":"a","created_at":"1970-01-01T00:00:00Z","expires_at":"1970-01-01T00:00:01Z","nonce":"n"}`.
    let epoch = chrono::DateTime::UNIX_EPOCH;
    let bare = Expectation::for_presentation("a", "n", None, epoch, epoch + TimeDelta::seconds(1))
        .unwrap();
    let hex: String = bare.digest().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "eafccdc25eb0734f4758560695dff7fba7f5c6d2dd5e23485fa01522a1f9acf9");
}

#[test]
fn p17_an_expectation_has_expired_from_its_last_second_on() {
    let request = microsoft_request(1);
    let expectation = request.expectation();
    let end = now() + TimeDelta::seconds(300);
    assert!(!expectation.is_expired(now()));
    assert!(!expectation.is_expired(end - TimeDelta::nanoseconds(1)));
    assert!(expectation.is_expired(end));
    assert!(expectation.is_expired(end + TimeDelta::days(1)));
}

#[test]
fn p21_the_address_fixes_the_tenant() {
    let party = |host: &str| {
        let base = format!("https://{host}/a");
        let endpoints = Endpoints::new(&base, &base).unwrap();
        let kid = format!("did:web:{host}#key-1");
        microsoft::Party::new(&kid, Algorithm::Es256, "Trust", endpoints).unwrap()
    };
    let build = |host: &str, tenant: &str, seed| {
        let builder = microsoft::RequestBuilder::new(&party(host), [identity()]).tenant(tenant);
        builder.build(now(), &mut rng(seed)).unwrap().sign(&key()).unwrap()
    };
    let (a, b) = (build("a.example", "trust-a", 1), build("b.example", "trust-b", 2));
    assert_eq!(a.expectation().tenant(), Some("trust-a"));
    assert_ne!(a.expectation().client_id(), b.expectation().client_id());
    assert_ne!(a.expectation().handle_digest(), b.expectation().handle_digest());
    let handle = Handle::parse(last_segment(b.response_uri())).unwrap();
    assert_eq!(a.expectation().response_uri(&handle), None);
    assert!(!decode(a.object().as_str()).1.to_string().contains("trust-a"), "nothing is sent");
}

#[test]
fn a_bare_presentation_needs_audience_nonce_and_a_window() {
    let end = now() + TimeDelta::seconds(60);
    let bare = Expectation::for_presentation("did:web:a.example", "n", None, now(), end).unwrap();
    assert_eq!(bare.protocol(), None);
    assert_eq!(bare.response_mode(), None);
    assert!(bare.query().is_none() && bare.state().is_none() && bare.handle_digest().is_none());
    assert!(bare.nonce().matches("n"));
    let asked = Expectation::for_presentation(DID, "n", Some(query().into()), now(), end).unwrap();
    assert_eq!(asked.query().unwrap().parts(), ["identity"]);

    let code = |result: Result<Expectation, RequestError>| result.map(|_| ()).unwrap_err().code();
    let missing = "request_member_missing";
    assert_eq!(code(Expectation::for_presentation("", "n", None, now(), end)), missing);
    assert_eq!(code(Expectation::for_presentation(DID, "", None, now(), end)), missing);
    assert_eq!(code(Expectation::builder(DID, "n", now(), end).state("").build()), missing);
    let empty = Expectation::for_presentation(DID, "n", None, now(), now());
    assert_eq!(code(empty), "request_empty_window");
    assert_eq!(
        code(Expectation::for_presentation(DID, "n", None, end, now())),
        "request_empty_window"
    );
}
