//! Requests that others made: Microsoft's Request Service, and the JWT VC Presentation Profile.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use serde_json::Value;
use staffpass_jose::{CryptoProvider as _, KeyMaterial, PublicKey, VerificationKey, base64url};
use staffpass_jose_aws_lc::AwsLc;
use staffpass_query::PatternReading;
use staffpass_request::UnverifiedRequestObject;
use staffpass_request::{AuthorizationRequest, Link, Protocol, RequestObject, microsoft};

fn file(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The one key of a long-form did:ion, out of the DID itself. (Whether the DID's hashes fit is not
/// asked here.)
fn key_of(did: &str) -> VerificationKey {
    let state = base64url::decode(did.rsplit(':').next().unwrap()).unwrap();
    let state: Value = serde_json::from_slice(&state).unwrap();
    let jwk = &state["delta"]["patches"][0]["document"]["publicKeys"][0]["publicKeyJwk"];
    let key = PublicKey::from_jwk(jwk).unwrap();
    AwsLc.prepare(&KeyMaterial::from(key)).unwrap()
}

fn microsoft(object: &UnverifiedRequestObject) -> &microsoft::AuthorizationRequest {
    let AuthorizationRequest::JwtVcPresentationProfile(request) = object.unverified_request()
    else {
        panic!("another protocol");
    };
    request
}

#[test]
fn the_request_services_own_request_is_read_and_verifies() {
    let file = file(include_str!("vectors/request_service_requests.json"));
    let object = RequestObject::parse(file["requests"][0]["jwt"].as_str().unwrap()).unwrap();
    assert_eq!(object.protocol(), Protocol::JwtVcPresentationProfile);
    assert!(object.verify(&key_of(object.client_did())).is_ok());

    let request = microsoft(&object);
    assert_eq!(request.nonce, "wbecIKWI/SsdpjRUy0pXHQ==", "standard base64");
    assert!(request.state.len() > 1000);
    assert_eq!(request.expires_at.floor().timestamp(), 1_644_007_734);
    assert_eq!(request.registration.client_name.as_deref(), Some("December Demo"));
    assert_eq!(request.registration.subject_syntax_types_supported, ["did:ion"]);
    let definition = request.presentation_definition().unwrap();
    let ids: Vec<_> = definition.input_descriptors().iter().map(|one| one.id()).collect();
    assert_eq!(ids, ["NameTagCredential", "BusinessCardCredential"]);
    // Its issuers are joined by `|`, unanchored: found inside of anything.
    let pattern = definition.input_descriptors()[0].fields()[0].filter().unwrap().as_pattern();
    let evil = format!("x{}x", object.client_did());
    assert!(pattern.unwrap().is_found_in(&evil, PatternReading::Microsoft));
}

#[test]
fn the_tampered_copy_of_it_is_refused() {
    let file = file(include_str!("vectors/request_service_requests.json"));
    let object = RequestObject::parse(file["requests"][1]["jwt"].as_str().unwrap()).unwrap();
    let refused = object.verify(&key_of(object.client_did())).map(|_| ()).unwrap_err();
    assert_eq!(refused.code(), "jws_signature_mismatch");
}

#[test]
fn the_profiles_whole_exchange_begins_with_a_request_that_verifies() {
    let file = file(include_str!("vectors/all-ed25519.json"));
    let link = Link::parse(file["openidURI"].as_str().unwrap()).unwrap();
    let object = link.read_object(file["siopRequest"].as_str().unwrap()).unwrap();
    assert!(object.verify(&key_of(object.client_did())).is_ok());
    let request = microsoft(&object);
    assert_eq!(request.nonce, "5b2ce3c3-39cf-4a16-aa63-fa83707eca9e");
    assert_eq!(request.redirect_uri, "https://example.com/siop-response");
    let definition = request.presentation_definition().unwrap();
    assert_eq!(definition.input_descriptors()[0].id(), "WorkplaceCredentialVC");
    assert!(definition.input_descriptors()[0].fields().is_empty());
}

#[test]
fn no_changed_byte_of_the_profiles_request_verifies() {
    let file = file(include_str!("vectors/all-ed25519.json"));
    let good = file["siopRequest"].as_str().unwrap();
    let key = key_of(RequestObject::parse(good).unwrap().client_did());
    for at in 0..good.len() {
        let mut bytes = good.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        let object = RequestObject::parse(&changed);
        assert!(!object.is_ok_and(|object| object.verify(&key).is_ok()), "byte {at}");
    }
}

#[test]
fn the_request_in_the_profiles_text_is_read_and_verifies() {
    let file = file(include_str!("vectors/spec_test_vectors.json"));
    let object = RequestObject::parse(file["tokens"][0]["jwt"].as_str().unwrap()).unwrap();
    assert!(object.verify(&key_of(object.client_did())).is_ok());
    assert_eq!(microsoft(&object).state, "649d8c3c-f5ac-41bd-9c19-5804ea1b8fe9");
}

#[test]
fn the_other_tokens_of_the_profile_are_no_requests() {
    let file = file(include_str!("vectors/spec_test_vectors.json"));
    for token in file["tokens"].as_array().unwrap().iter().skip(1) {
        let refused = RequestObject::parse(token["jwt"].as_str().unwrap()).map(|_| ()).unwrap_err();
        assert!(["request_typ", "request_member_missing"].contains(&refused.code()), "{refused}");
    }
}
