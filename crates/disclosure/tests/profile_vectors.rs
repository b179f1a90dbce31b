//! The exchange of the JWT VC Presentation Profile, answered with its own holder key: what leaves is what its authors
//! sent.

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

use chrono::{DateTime, TimeDelta, Utc};
use common::{Person, opened};
use serde_json::Value;
use staffpass_did::{Did, DidUrl, IonHashing, ResolveOptions};
use staffpass_disclosure::{
    AuthorizationResponse, HeldCredential, Holder, RequestReview, ReviewOptions,
};
use staffpass_jose::{Algorithm, Signer as _, UnverifiedJws, base64url, jws};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_request::{Link, UnverifiedRequestObject};

struct Exchange {
    file: Value,
    key: SigningKey,
    key_id: DidUrl,
}

impl Exchange {
    fn read() -> Self {
        let file: Value = serde_json::from_str(include_str!("vectors/all-ed25519.json")).unwrap();
        let secret = base64url::decode(file["holderKey"].as_str().unwrap()).unwrap();
        let key = SigningKey::from_secret_bytes(Algorithm::EdDsa, &secret).unwrap();
        let did: Did = file["holder"].as_str().unwrap().parse().unwrap();
        Self { key, key_id: DidUrl::new(&did, "key-1").unwrap(), file }
    }

    fn object(&self) -> UnverifiedRequestObject {
        let link = Link::parse(self.file["openidURI"].as_str().unwrap()).unwrap();
        link.read_object(self.file["siopRequest"].as_str().unwrap()).unwrap()
    }

    fn review(&self) -> RequestReview {
        RequestReview::verify(&self.object(), None, &AwsLc, &options(), at()).unwrap()
    }

    /// The payload of a token that the profile's authors made, verified by the holder's key.
    fn theirs(&self, token: &str) -> Value {
        let token = self.file["siopResponse"][token].as_str().unwrap();
        let jws = UnverifiedJws::parse(token, &jws::Limits::default()).unwrap();
        let verified = jws.verify(self.key.verification_key()).unwrap();
        serde_json::from_slice(verified.payload()).unwrap()
    }

    fn held(&self) -> HeldCredential {
        let vp = self.theirs("vp_token");
        HeldCredential::parse(vp["vp"]["verifiableCredential"][0].as_str().unwrap()).unwrap()
    }
}

/// Its did:ion hash the state as it is encoded, and its verifier's domain is example.com.
fn options() -> ReviewOptions {
    let resolve = ResolveOptions::default().with_ion_hashing(IonHashing::AcceptRawBytes);
    let origin = "https://example.com".parse().unwrap();
    ReviewOptions::default().with_resolve_options(resolve).with_linked_origin(origin)
}

/// When it was made.
fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_651_773_939, 0).unwrap()
}

fn answer(exchange: &Exchange) -> AuthorizationResponse {
    let review = exchange.review();
    let held = [exchange.held()];
    let matches = review.matches(&held, &[exchange.key_id.did().clone()], at());
    let choice = matches.default_choice().unwrap();
    let holder = Holder::new(&exchange.key_id, &exchange.key);
    matches.present(&choice, &[holder], at(), &mut rand::rng()).unwrap()
}

/// The claims without those that are new each time, or that only one of the two writes.
fn without(mut claims: Value, members: &[&str]) -> Value {
    for member in members {
        claims.as_object_mut().unwrap().remove(*member);
    }
    claims
}

#[test]
fn the_request_is_shown_with_its_name_and_its_purpose() {
    let review = Exchange::read().review();
    assert_eq!(review.verifier_name(), Some("Example Verifier"));
    assert_eq!(review.origin(), "https://example.com");
    let purpose = review.part_purpose("WorkplaceCredentialVC").unwrap();
    assert!(purpose.starts_with("We need to verify"));
}

#[test]
fn it_has_expired_since() {
    let object = Exchange::read().object();
    let late = at() + TimeDelta::hours(1);
    let refused = RequestReview::verify(&object, None, &AwsLc, &options(), late).unwrap_err();
    assert_eq!(refused.code(), "request_expired");
}

#[test]
fn the_answer_is_the_one_of_the_profile() {
    let exchange = Exchange::read();
    let response = answer(&exchange);
    let field = |name| common::field(&response, name).remove(0);
    assert_eq!(response.response_uri(), "https://example.com/siop-response");
    assert_eq!(field("state"), exchange.file["siopResponse"]["state"].as_str().unwrap());

    let (header, mut ours) = opened(&field("id_token"), &exchange.key);
    assert_eq!(header.kid.as_deref(), Some(exchange.key_id.as_str()));
    let mut theirs = exchange.theirs("id_token");
    for claims in [&mut ours, &mut theirs] {
        let submission = claims["_vp_token"]["presentation_submission"].as_object_mut().unwrap();
        submission.remove("id").unwrap();
    }
    assert_eq!(without(ours, &["exp"]), without(theirs, &["exp", "jti"]));

    let (_, ours) = opened(&field("vp_token"), &exchange.key);
    let theirs = exchange.theirs("vp_token");
    assert_eq!(without(ours, &["exp", "jti", "nbf"]), without(theirs, &["exp", "jti", "nbf"]));
}

#[test]
fn a_key_whose_signatures_the_verifier_does_not_read_signs_nothing() {
    let review = Exchange::read().review();
    let signs = |algorithm| {
        let person = Person::with_algorithm(algorithm);
        let token = person.token("WorkplaceCredential", at(), None);
        let held = [HeldCredential::parse(&token).unwrap()];
        let matches = review.matches(&held, &[person.did().clone()], at());
        let choice = matches.default_choice().unwrap();
        let response = matches.present(&choice, &[person.holder()], at(), &mut rand::rng());
        response.map_or_else(|error| error.code(), |_| "accepted")
    };
    assert_eq!(signs(Algorithm::Es256), "holder_algorithm");
    assert_eq!(signs(Algorithm::Es256k), "accepted");
}
