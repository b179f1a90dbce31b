//! Nonce, state, handle and id: how long, of which letters, whose, and where they must not stand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::collections::BTreeSet;

use common::*;
use proptest::prelude::*;
use staffpass_jose::base64url;
use staffpass_request::{Handle, HandleDigest, Nonce, Request, RequestId, RequestIdDigest, State};

fn both(seed: u64) -> [Request; 2] {
    [microsoft_request(seed), openid4vp_request(seed)]
}

fn secrets(request: &Request) -> [String; 4] {
    [
        request.expectation().nonce().as_str().to_owned(),
        request.expectation().state().unwrap().as_str().to_owned(),
        last_segment(request.response_uri()).to_owned(),
        last_segment(request.request_uri()).to_owned(),
    ]
}

#[test]
fn each_secret_has_128_random_bits_at_least_in_unreserved_characters() {
    for request in both(1) {
        for (secret, bytes) in secrets(&request).iter().zip([32, 32, 32, 16]) {
            assert_eq!(base64url::decode(secret).unwrap().len(), bytes);
            let unreserved = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            assert!(secret.bytes().all(unreserved));
        }
    }
}

#[test]
fn p18_nonce_and_state_are_fresh_for_each_request_and_all_secrets_differ() {
    let mut seen = BTreeSet::new();
    let mut rng = rand::rng();
    for _ in 0..1000 {
        assert!(seen.insert(Nonce::generate(&mut rng).as_str().to_owned()));
        assert!(seen.insert(State::generate(&mut rng).as_str().to_owned()));
        assert!(seen.insert(Handle::generate(&mut rng).as_str().to_owned()));
        assert!(seen.insert(RequestId::generate(&mut rng).as_str().to_owned()));
    }
    for seed in 0..20 {
        for request in both(seed).into_iter().take(1) {
            for secret in secrets(&request) {
                assert!(seen.insert(secret));
            }
        }
    }
}

#[test]
fn p18_one_builder_used_twice_makes_two_requests() {
    let builder =
        staffpass_request::microsoft::RequestBuilder::new(&microsoft_party(), [identity()]);
    let mut rng = rng(1);
    let one = builder.clone().build(now(), &mut rng).unwrap().sign(&key()).unwrap();
    let other = builder.build(now(), &mut rng).unwrap().sign(&key()).unwrap();
    for (one, other) in secrets(&one).iter().zip(secrets(&other)) {
        assert_ne!(*one, other);
    }
    assert_ne!(one.expectation().digest(), other.expectation().digest());
}

#[test]
fn b05_qr_carries_no_nonce_no_state_no_handle_and_nothing_of_what_is_asked() {
    for request in both(2) {
        let [nonce, state, handle, id] = secrets(&request);
        let link = request.link();
        assert!(link.contains(&id));
        for secret in [nonce, state, handle] {
            assert!(!link.contains(&secret));
        }
        for word in ["nonce", "state", "response", "identity", "Staff", "old-trust", "request="] {
            assert!(!link.contains(word), "{word}");
        }
    }
}

#[test]
fn the_address_of_the_object_does_not_reveal_the_address_of_the_response() {
    for request in both(3) {
        let [_, _, handle, id] = secrets(&request);
        assert!(!handle.contains(&id));
        assert!(Handle::parse(&id).is_err());
        assert!(RequestId::parse(&handle).is_err());
    }
}

#[test]
fn b26_a_handle_is_found_by_its_digest_and_kept_nowhere_else() {
    for request in both(4) {
        let text = last_segment(request.response_uri()).to_owned();
        let handle = Handle::parse(&text).unwrap();
        let expectation = request.expectation();
        assert_eq!(expectation.handle_digest(), Some(&handle.digest()));
        assert_eq!(expectation.response_uri(&handle).as_deref(), Some(request.response_uri()));
        assert!(!serde_json::to_string(expectation).unwrap().contains(&text));

        let other = Handle::generate(&mut rng(99));
        assert_ne!(expectation.handle_digest(), Some(&other.digest()));
        assert_eq!(expectation.response_uri(&other), None);
    }
}

#[test]
fn b26_an_object_is_found_by_the_digest_of_its_id() {
    for request in both(5) {
        let id = RequestId::parse(last_segment(request.request_uri())).unwrap();
        assert_eq!(*request.request_id_digest(), id.digest());
    }
}

#[test]
fn a_digest_is_the_sha_256_of_the_text() {
    let handle = Handle::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
    // As sha256sum says of the 43 letters.
    let hex: String = handle.digest().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1a");
}

#[test]
fn digests_come_back_out_of_a_store() {
    let digest = Handle::generate(&mut rng(1)).digest();
    assert_eq!(HandleDigest::from_bytes(*digest.as_bytes()), digest);
    let json = serde_json::to_string(&digest).unwrap();
    assert_eq!(serde_json::from_str::<HandleDigest>(&json).unwrap(), digest);
    let id = RequestId::generate(&mut rng(1)).digest();
    let json = serde_json::to_string(&id).unwrap();
    assert_eq!(serde_json::from_str::<RequestIdDigest>(&json).unwrap(), id);
    for bad in ["\"\"", "\"AAAA\"", "5", "\"!\"", "null"] {
        assert!(serde_json::from_str::<HandleDigest>(bad).is_err(), "{bad}");
    }
}

#[test]
fn handles_of_another_form_are_refused() {
    let good = "A".repeat(43);
    assert!(Handle::parse(&good).is_ok());
    let long = "A".repeat(1_000_000);
    for bad in [
        "",
        "A",
        &"A".repeat(42),
        &"A".repeat(44),
        &format!("{}=", "A".repeat(42)),
        &format!("{}+", "A".repeat(42)),
        &format!("{}/", "A".repeat(42)),
        &format!("{}é", "A".repeat(41)),
        // Bits after the last byte: another text for the same bytes.
        &format!("{}B", "A".repeat(42)),
        &long,
    ] {
        let error = Handle::parse(bad).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), "request_handle_form");
    }
}

#[test]
fn nonce_and_state_match_the_whole_text_alone() {
    let mut rng = rng(1);
    let (nonce, state) = (Nonce::generate(&mut rng), State::generate(&mut rng));
    assert!(nonce.matches(nonce.as_str()) && state.matches(state.as_str()));
    for other in ["", &nonce.as_str()[1..], &nonce.as_str()[..42], &format!("{} ", nonce.as_str())]
    {
        assert!(!nonce.matches(other), "{other:?}");
    }
    assert!(!nonce.matches(state.as_str()) && !state.matches(nonce.as_str()));
    assert!(!nonce.matches(&nonce.as_str().to_lowercase()));
}

#[test]
fn b10_debug_prints_no_secret_no_address_and_nothing_of_what_is_asked() {
    for request in both(6) {
        let object = staffpass_request::RequestObject::parse(request.object().as_str()).unwrap();
        let link = staffpass_request::Link::parse(request.link()).unwrap();
        let mut rng = rng(1);
        let printed = format!(
            "{request:?} {:?} {:?} {object:?} {:?} {link:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            request.object(),
            request.expectation(),
            object.unverified_request(),
            endpoints(),
            Nonce::generate(&mut rng),
            State::generate(&mut rng),
            Handle::generate(&mut rng),
            RequestId::generate(&mut rng),
            microsoft_party(),
        );
        for secret in secrets(&request) {
            assert!(!printed.contains(&secret));
        }
        for word in ["old-trust", "StaffIdentity", "job_title", "https"] {
            assert!(!printed.contains(word), "{word}: {printed}");
        }
    }
}

proptest! {
    #[test]
    fn no_segment_makes_a_handle_panic(segment in "\\PC{0,60}") {
        let _ = Handle::parse(&segment);
        let _ = RequestId::parse(&segment);
    }

    #[test]
    fn a_handle_that_is_read_is_the_text(segment in "[A-Za-z0-9_-]{43}") {
        if let Ok(handle) = Handle::parse(&segment) {
            prop_assert_eq!(handle.as_str(), segment);
        }
    }
}
