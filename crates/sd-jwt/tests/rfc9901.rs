//! The examples of RFC 9901, which are in `vectors/`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

use serde_json::{Map, Value, json};
use staffpass_jose::{CryptoProvider as _, PublicKey, UnverifiedJws, VerificationKey, jws};
use staffpass_query::ClaimPath;
use staffpass_sd_jwt::{HeldSdJwt, KeyBinding, Limits, UnverifiedSdJwt, confirmation_key};

const ISSUED: [&str; 3] = [
    include_str!("vectors/rfc9901/section-5.1-issued.json"),
    include_str!("vectors/rfc9901/a.3-issued.json"),
    include_str!("vectors/rfc9901/a.4-issued.json"),
];
const BOUND: [&str; 3] = [
    include_str!("vectors/rfc9901/section-5.2-presented.json"),
    include_str!("vectors/rfc9901/a.3-presented.json"),
    include_str!("vectors/rfc9901/a.4-presented.json"),
];
const UNBOUND: [&str; 2] = [
    include_str!("vectors/rfc9901/a.1-presented.json"),
    include_str!("vectors/rfc9901/a.2-presented.json"),
];

struct Example {
    sd_jwt: String,
    claims: Map<String, Value>,
}

fn read(text: &str) -> Example {
    let file: Value = serde_json::from_str(text).unwrap();
    let claims = file.get("claims").and_then(Value::as_object).cloned().unwrap();
    let sd_jwt = file.get("sd_jwt").and_then(Value::as_str).unwrap().to_owned();
    Example { sd_jwt, claims }
}

fn prepared(key: PublicKey) -> VerificationKey {
    staffpass_jose_aws_lc::AwsLc.prepare(&key.into()).unwrap()
}

fn issuer_key() -> VerificationKey {
    let jwk = json!({
        "kty": "EC", "crv": "P-256",
        "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
    });
    prepared(PublicKey::from_jwk(&jwk).unwrap())
}

fn payload(issuer_jwt: &str) -> Map<String, Value> {
    let jws = UnverifiedJws::parse(issuer_jwt, &jws::Limits::default()).unwrap();
    let verified = jws.verify(&issuer_key()).expect("the issuer's signature");
    serde_json::from_slice(verified.payload()).unwrap()
}

#[test]
fn the_signatures_of_the_examples_verify_and_their_claims_are_revealed() {
    for text in ISSUED.iter().chain(&BOUND).chain(&UNBOUND) {
        let example = read(text);
        let sd_jwt = UnverifiedSdJwt::parse(&example.sd_jwt, &Limits::default()).unwrap();
        let revealed = sd_jwt.reveal(&payload(sd_jwt.issuer_jwt())).unwrap();
        assert_eq!(revealed.claims(), &example.claims);
        assert_eq!(revealed.disclosed_paths().len(), sd_jwt.disclosures().len());
    }
}

#[test]
fn the_key_bindings_of_the_examples_verify_under_the_key_in_cnf() {
    for text in BOUND {
        let example = read(text);
        let sd_jwt = UnverifiedSdJwt::parse(&example.sd_jwt, &Limits::default()).unwrap();
        let revealed = sd_jwt.reveal(&payload(sd_jwt.issuer_jwt())).unwrap();
        let key = prepared(confirmation_key(revealed.claims()).unwrap().unwrap());
        let limits = jws::Limits::default();
        let jws = UnverifiedJws::parse(sd_jwt.key_binding_jwt().unwrap(), &limits).unwrap();
        let binding = KeyBinding::read(&jws.verify(&key).unwrap(), &limits.json).unwrap();
        binding.check_sd_hash(&sd_jwt, revealed.hash_algorithm()).unwrap();
        assert_eq!(binding.audience(), "https://verifier.example.org");
        assert_eq!(binding.nonce(), "1234567890");
    }
}

#[test]
fn a_holder_of_the_examples_shows_the_disclosures_that_the_specification_shows() {
    let paths: [&[ClaimPath]; 3] = [
        &[
            ClaimPath::key("family_name"),
            ClaimPath::key("address"),
            ClaimPath::key("given_name"),
            ClaimPath::key("nationalities").then_index(0),
        ],
        &[ClaimPath::key("nationalities"), ClaimPath::key("age_equal_or_over").then_key("18")],
        &[
            ClaimPath::keys(["credentialSubject", "vaccine", "atcCode"]).unwrap(),
            ClaimPath::keys(["credentialSubject", "vaccine", "medicinalProductName"]).unwrap(),
            ClaimPath::keys(["credentialSubject", "order"]).unwrap(),
            ClaimPath::keys(["credentialSubject", "dateOfVaccination"]).unwrap(),
        ],
    ];
    for ((issued, presented), paths) in ISSUED.iter().zip(BOUND).zip(paths) {
        let (issued, presented) = (read(issued), read(presented));
        let limits = Limits::default();
        let signed = payload(UnverifiedSdJwt::parse(&issued.sd_jwt, &limits).unwrap().issuer_jwt());
        let held = HeldSdJwt::receive(&issued.sd_jwt, &signed, &limits).unwrap();
        let selected = held.select(paths).unwrap();
        assert_eq!(sorted(selected.as_str()), sorted(&presented.sd_jwt));
    }
}

/// The disclosures, whose order is the holder's to choose.
fn sorted(compact: &str) -> Vec<String> {
    let sd_jwt = UnverifiedSdJwt::parse(compact, &Limits::default()).unwrap();
    let mut disclosures: Vec<_> = sd_jwt.disclosures().map(str::to_owned).collect();
    disclosures.sort();
    disclosures
}
