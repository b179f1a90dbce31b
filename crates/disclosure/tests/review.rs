//! Whether a request may be shown.

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
use common::{PORTAL, Person, Portal, asks, document_of, now, object};
use staffpass_did::{Did, DidDocument, DidUrl, LoopbackHttp, Relationship, Relationships, jwk};
use staffpass_disclosure::{
    Catalogue, CredentialSet, DisclosureError, RequestReview, ReviewOptions,
};
use staffpass_jose::{Algorithm, base64url};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_request::{
    Endpoints, Protocol, RequestObject, Transport, UnverifiedRequestObject, openid4vp,
};

fn code<T: std::fmt::Debug>(result: Result<T, DisclosureError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "accepted")
}

#[test]
fn a_good_request_says_who_asks_what_for_and_where_the_answer_goes() {
    let portal = Portal::new();
    let request =
        portal.microsoft(vec![asks("identity").with_name("Identity").with_purpose("To see you")]);
    let review = portal.review(&request);
    assert_eq!(review.verifier().as_str(), PORTAL);
    assert_eq!(review.origin(), "https://portal.example");
    assert_eq!(review.verifier_name(), Some("Westmoor Trust"));
    assert_eq!(review.purpose(), Some("To check you before you start"));
    assert_eq!(review.part_name("identity"), Some("Identity"));
    assert_eq!(review.part_purpose("identity"), Some("To see you"));
    assert_eq!(review.protocol(), Protocol::JwtVcPresentationProfile);
    assert_eq!(review.query().parts(), ["identity"]);
}

#[test]
fn a_set_becomes_a_request_in_both_protocols() {
    let catalogue = Catalogue::staff();
    let set = CredentialSet::with_chosen(&catalogue, ["training"]).unwrap();
    let asked = || set.to_requested(&catalogue, |_| vec![common::ISSUER]).unwrap();
    let portal = Portal::new();
    for request in [portal.microsoft(asked()), portal.openid4vp(asked())] {
        let review = portal.review(&request);
        assert_eq!(review.query().parts(), ["identity", "training"]);
        let asked = serde_json::to_string(review.query()).unwrap();
        assert!(asked.contains("StaffIdentity") && asked.contains("StaffTraining"));
        assert!(!asked.contains("StaffEmployment"));
    }
    let review = portal.review(&portal.microsoft(asked()));
    assert_eq!(review.part_name("training"), Some("Training"));
    assert_eq!(review.part_purpose("identity"), Some("To check who you are."));
}

#[test]
fn both_protocols_are_read() {
    let portal = Portal::new();
    let review = portal.review(&portal.openid4vp(vec![asks("identity")]));
    assert_eq!(review.protocol(), Protocol::OpenId4Vp);
    assert_eq!(review.verifier_name(), None);
    assert_eq!(review.part_name("identity"), None);
}

#[test]
fn the_document_of_a_did_web_must_be_brought() {
    let portal = Portal::new();
    let object = object(&portal.openid4vp(vec![asks("identity")]));
    let needed = RequestReview::document_needed(&object).unwrap();
    assert_eq!(needed.unwrap().as_str(), PORTAL);
    let options = ReviewOptions::default();
    let review = RequestReview::verify(&object, None, &AwsLc, &options, now());
    assert_eq!(code(review), "verifier_document_needed");
}

#[test]
fn a_request_of_another_signer_is_refused() {
    let (portal, other) = (Portal::new(), Portal::new());
    for request in
        [other.openid4vp(vec![asks("identity")]), other.microsoft(vec![asks("identity")])]
    {
        assert_eq!(code(portal.try_review(&object(&request), now())), "jws_signature_mismatch");
    }
}

#[test]
fn a_document_of_another_did_is_refused() {
    let portal = Portal::new();
    let object = object(&portal.openid4vp(vec![asks("identity")]));
    let did: Did = "did:web:other.example".parse().unwrap();
    let json = portal.document.to_json().to_string().replace(PORTAL, did.as_str());
    let other = DidDocument::parse(&did, json.as_bytes()).unwrap();
    let options = ReviewOptions::default();
    let review = RequestReview::verify(&object, Some(&other), &AwsLc, &options, now());
    assert_eq!(code(review), "verifier_document_of_another");
}

#[test]
fn a_key_that_the_document_has_not_is_refused() {
    let mut portal = Portal::new();
    let object = object(&portal.openid4vp(vec![asks("identity")]));
    let json = portal.document.to_json().to_string().replace("#key-1", "#key-2");
    portal.document = DidDocument::parse(&PORTAL.parse().unwrap(), json.as_bytes()).unwrap();
    assert_eq!(code(portal.try_review(&object, now())), "verifier_key_unknown");
}

#[test]
fn s07_a_key_for_assertions_alone_signs_no_request() {
    let relationships = Relationships::from_iter([Relationship::AssertionMethod]);
    let portal = Portal::with_relationships(relationships);
    let object = object(&portal.openid4vp(vec![asks("identity")]));
    assert_eq!(code(portal.try_review(&object, now())), "verifier_key_relationship");
}

#[test]
fn an_expired_request_is_refused_from_the_second_on() {
    let portal = Portal::new();
    for request in
        [portal.openid4vp(vec![asks("identity")]), portal.microsoft(vec![asks("identity")])]
    {
        let ends = request.expectation().expires_at();
        let object = object(&request);
        assert_eq!(code(portal.try_review(&object, ends - TimeDelta::seconds(1))), "accepted");
        assert_eq!(code(portal.try_review(&object, ends)), "request_expired");
    }
}

#[test]
fn a_request_from_the_future_is_refused() {
    let portal = Portal::new();
    let object = object(&portal.openid4vp(vec![asks("identity")]));
    assert_eq!(code(portal.try_review(&object, now() - TimeDelta::minutes(5))), "accepted");
    let before = now() - TimeDelta::seconds(301);
    assert_eq!(code(portal.try_review(&object, before)), "request_from_future");
}

#[test]
fn b06_an_answer_to_another_origin_is_refused() {
    for address in [
        "https://portal.example.evil.example/response",
        "https://evil.example/response",
        "https://portal.example:8443/response",
        "https://www.portal.example/response",
    ] {
        let portal = Portal::new().answering_at(address);
        let object = object(&portal.openid4vp(vec![asks("identity")]));
        assert_eq!(code(portal.try_review(&object, now())), "response_origin_foreign", "{address}");
    }
}

#[test]
fn an_altered_request_is_refused() {
    let portal = Portal::new();
    for request in
        [portal.openid4vp(vec![asks("identity")]), portal.microsoft(vec![asks("identity")])]
    {
        let parts: Vec<&str> = request.object().as_str().split('.').collect();
        let payload = String::from_utf8(base64url::decode(parts[1]).unwrap()).unwrap();
        for (from, to) in [("/response/", "/elsewhere/"), ("StaffIdentity", "StaffTraining")] {
            let altered = payload.replace(from, to);
            assert_ne!(altered, payload);
            let altered = format!("{}.{}.{}", parts[0], base64url::encode(altered), parts[2]);
            let object = RequestObject::parse(&altered).unwrap();
            assert_eq!(code(portal.try_review(&object, now())), "jws_signature_mismatch");
        }
    }
}

/// A request of a verifier who is a did:jwk, over https.
fn did_jwk_request() -> UnverifiedRequestObject {
    let person = Person::new();
    let endpoints = Endpoints::new("https://portal.example/q", "https://portal.example/a").unwrap();
    let party = openid4vp::Party::new(person.key_id.as_str(), Algorithm::Es256, endpoints).unwrap();
    let builder = openid4vp::RequestBuilder::new(&party, [asks("identity")]).unwrap();
    let request = builder.build(now(), &mut rand::rng()).unwrap().sign(&person.key).unwrap();
    object(&request)
}

#[test]
fn a_did_that_names_no_domain_needs_an_origin_that_was_established() {
    let object = did_jwk_request();
    assert_eq!(RequestReview::document_needed(&object), Ok(None));
    let verify =
        |options: ReviewOptions| RequestReview::verify(&object, None, &AwsLc, &options, now());
    assert_eq!(code(verify(ReviewOptions::default())), "verifier_origin_unknown");
    let at = |origin: &str| ReviewOptions::default().with_linked_origin(origin.parse().unwrap());
    assert_eq!(code(verify(at("https://portal.example"))), "accepted");
    assert_eq!(code(verify(at("https://other.example"))), "response_origin_foreign");
}

#[test]
fn an_origin_that_is_given_does_not_replace_that_of_a_did_web() {
    let portal = Portal::new().answering_at("https://evil.example/response");
    let object = object(&portal.openid4vp(vec![asks("identity")]));
    let options =
        ReviewOptions::default().with_linked_origin("https://evil.example".parse().unwrap());
    let review = RequestReview::verify(&object, Some(&portal.document), &AwsLc, &options, now());
    assert_eq!(code(review), "response_origin_foreign");
}

#[test]
fn the_loopback_is_read_only_where_that_is_said() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let did: Did = "did:web:localhost%3A8080".parse().unwrap();
    let json = document_of(&key, Relationships::SIGNING).to_json().to_string();
    let json = json.replace(PORTAL, did.as_str());
    let document = DidDocument::parse(&did, json.as_bytes()).unwrap();
    let transport = Transport::HttpsOrLoopbackHttp;
    let (q, a) = ("http://localhost:8080/q", "http://localhost:8080/a");
    let endpoints = Endpoints::with_transport(q, a, transport).unwrap();
    let kid = DidUrl::new(&did, "key-1").unwrap();
    let party = openid4vp::Party::new(kid.as_str(), Algorithm::Es256, endpoints).unwrap();
    let builder = openid4vp::RequestBuilder::new(&party, [asks("identity")]).unwrap();
    let request = builder.build(now(), &mut rand::rng()).unwrap().sign(&key).unwrap();
    let object = UnverifiedRequestObject::parse(request.object().as_str(), transport).unwrap();

    let verify = |loopback| {
        let options = ReviewOptions::default().with_loopback_http(loopback);
        RequestReview::verify(&object, Some(&document), &AwsLc, &options, now())
    };
    assert_eq!(verify(LoopbackHttp::Allow).unwrap().origin(), "http://localhost:8080");
    assert_eq!(code(verify(LoopbackHttp::Refuse)), "did_web_loopback");
}

#[test]
fn b10_debug_prints_nothing_of_what_is_asked() {
    let portal = Portal::new();
    let review = portal.review(&portal.openid4vp(vec![asks("identity")]));
    let printed = format!("{review:?}");
    assert!(!printed.contains("StaffIdentity") && !printed.contains(review.request().nonce()));
    assert!(jwk::from_public_key(portal.key.public_key()).as_str().starts_with("did:jwk:"));
}
