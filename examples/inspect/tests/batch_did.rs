//! `inspect batch-did`: the contract, a sentence a test.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    unreachable_pub,
    missing_docs,
    reason = "tests"
)]

mod support;

use serde_json::{Value, json};
use staffpass_did::Relationships;
use staffpass_did::ion::{self, Commitment, Document};
use staffpass_jose::{Algorithm, base64url};
use staffpass_testkit::{Holder, HolderKind, signing_key};
use support::{codes, did_jwk, inspect, one};

fn resolve(did: &str) -> Value {
    one("batch-did", &json!({"id": did, "did": did}))
}

const SIGNING: [&str; 4] =
    ["authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation"];

#[test]
fn a_did_web_is_well_formed_with_its_url_and_without_keys() {
    let verdict = resolve("did:web:Trust.example%3A8443:staff:issuer");
    let url = "https://trust.example:8443/staff/issuer/did.json";
    let id = "did:web:Trust.example%3A8443:staff:issuer";
    let expected = json!({
        "id": id, "accepted": true, "codes": [], "keys": [], "services": [], "url": url,
    });
    assert_eq!(verdict, expected);
    let root = resolve("did:web:trust.example");
    assert_eq!(root["url"], "https://trust.example/.well-known/did.json");
}

#[test]
fn n05_a_did_web_outside_the_grammar_is_refused_without_url() {
    for did in [
        "did:web:localhost",
        "did:web:127.0.0.1",
        "did:web:trust.example%2Fa",
        "did:web:user%40trust.example",
        "did:web:trust.example%3A0",
        "did:web:trust.example:..:a",
        "did:web:trust",
    ] {
        let verdict = resolve(did);
        assert_eq!(verdict["accepted"], false, "{did}");
        assert!(!codes(&verdict).is_empty(), "{did}");
        assert_eq!(verdict.get("url"), None, "{did}");
    }
}

#[test]
fn a_key_comes_out_imported_with_its_relationships() {
    for algorithm in Algorithm::ALL {
        let key = signing_key(algorithm, 5);
        let did = did_jwk(algorithm, 5);
        let verdict = resolve(did.as_str());
        assert_eq!(verdict["accepted"], true, "{verdict}");
        assert_eq!(verdict["keys"].as_array().unwrap().len(), 1);
        assert_eq!(verdict["keys"][0]["id"], format!("{did}#0"));
        assert_eq!(verdict["keys"][0]["jwk"], key.public_key().to_jwk());
        let relationships = verdict["keys"][0]["relationships"].as_array().unwrap();
        for signing in SIGNING {
            assert!(relationships.contains(&json!(signing)), "{signing}");
        }
        assert_eq!(verdict.get("url"), None);
    }
}

#[test]
fn a_compressed_key_comes_out_whole() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Es256k, Algorithm::EdDsa] {
        let did =
            staffpass_did::key::from_public_key(signing_key(algorithm, 6).public_key()).unwrap();
        let verdict = resolve(did.as_str());
        assert_eq!(verdict["keys"][0]["jwk"], signing_key(algorithm, 6).public_key().to_jwk());
    }
}

#[test]
fn a_key_for_agreement_alone_comes_out_too() {
    let x25519 = "did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F";
    let verdict = resolve(x25519);
    assert_eq!(verdict["accepted"], true, "{verdict}");
    assert_eq!(verdict["keys"][0]["jwk"]["crv"], "X25519");
    assert_eq!(verdict["keys"][0]["relationships"], json!(["keyAgreement"]));
}

#[test]
fn a_long_form_did_ion_has_its_keys() {
    let holder = Holder::new(HolderKind::Ion(Algorithm::Es256k), 3);
    let verdict = resolve(holder.did().as_str());
    assert_eq!(verdict["accepted"], true, "{verdict}");
    assert_eq!(verdict["keys"][0]["jwk"]["crv"], "secp256k1");
    assert!(verdict["keys"][0]["id"].as_str().unwrap().starts_with(holder.did().as_str()));
}

#[test]
fn a_long_form_did_ion_has_its_services() {
    let key = signing_key(Algorithm::Es256, 8);
    let endpoint = json!("https://trust.example/");
    let document = Document::default()
        .key("sign_1", key.public_key(), Relationships::SIGNING)
        .service("domain", "LinkedDomains", &endpoint);
    let commitment = Commitment::to_key(key.public_key()).unwrap();
    let did = ion::create(&document, &commitment, &commitment).unwrap();
    let verdict = resolve(did.as_str());
    let service = json!({
        "id": format!("{did}#domain"), "type": "LinkedDomains", "serviceEndpoint": endpoint,
    });
    assert_eq!(verdict["services"], json!([service]));
}

#[test]
fn whatever_stands_in_did_is_judged() {
    let off_curve = json!({"kty": "EC", "crv": "P-256", "x": "AQ".repeat(21) + "A", "y": "Ag".repeat(21) + "A"});
    let off_curve = format!("did:jwk:{}", base64url::encode(off_curve.to_string()));
    for did in [
        "",
        "did:",
        "x",
        "did:jwk:e30",
        "did:key:z",
        "did:example:1",
        "did:ion:EiAshortform",
        &off_curve,
    ] {
        let verdict = resolve(did);
        assert_eq!(verdict["accepted"], false, "{did}");
        assert!(!codes(&verdict).is_empty(), "{did}");
        assert_eq!((&verdict["keys"], &verdict["services"]), (&json!([]), &json!([])));
    }
    assert_eq!(codes(&resolve("did:example:1")), ["did_other_method"]);
    assert_eq!(codes(&resolve("did:ion:EiAshortform")), ["did_ion_short_form"]);
}

#[test]
fn r04_half_of_a_surrogate_pair_is_judged() {
    let line = r#"{"id": 1, "did": "did:web:\ud800.example"}"#;
    let ran = inspect(&["batch-did"], line);
    assert_eq!((codes(&ran.line()), ran.code), (vec!["did_syntax"], 0));
}

#[test]
fn a_line_that_is_no_case_gets_an_error() {
    for (line, id) in [
        (json!({"id": 1}), json!(1)),
        (json!({"id": 1, "did": null}), json!(1)),
        (json!({"id": 1, "did": ["did:web:a.example"]}), json!(1)),
        (json!({"id": 1, "did": "did:web:a.example", "url": true}), json!(1)),
        (json!("did:web:a.example"), Value::Null),
        (json!([1, "did:web:a.example"]), Value::Null),
    ] {
        let ran = inspect(&["batch-did"], line.to_string());
        assert_eq!(ran.line()["id"], id);
        assert!(ran.line()["error"].is_string(), "{line}");
        assert_eq!(ran.code, 1);
    }
}
