//! Keys and documents, to `ssi` and back.
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

use common::any_key;
use proptest::prelude::*;
use staffpass_did::publish::DocumentBuilder;
use staffpass_did::{Did, Relationships};
use staffpass_jose::PublicKey;
use staffpass_ssi::{document, key};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_key_goes_there_and_back(key in any_key()) {
        let theirs = key::to_ssi(&key).unwrap();
        prop_assert!(theirs.is_public());
        prop_assert_eq!(key::from_ssi(&theirs).unwrap(), key);
    }

    #[test]
    fn a_thumbprint_is_the_same(key in any_key()) {
        let theirs = key::to_ssi(&key).unwrap().thumbprint().unwrap();
        let ours = staffpass_jose::base64url::encode(key.thumbprint().as_bytes());
        prop_assert_eq!(theirs, ours);
    }

    #[test]
    fn a_document_goes_there_and_back(key in any_key()) {
        let did: Did = "did:web:trust.example".parse().unwrap();
        let builder = DocumentBuilder::new(&did).key("key-1", &key, Relationships::SIGNING);
        let bytes = builder.build().unwrap().to_string();
        let ours = staffpass_did::DidDocument::parse(&did, bytes.as_bytes()).unwrap();
        let theirs = document::to_ssi(&ours).unwrap();
        prop_assert_eq!(document::from_ssi(&did, &theirs).unwrap(), ours);
    }
}

#[test]
fn an_x25519_key_goes_there_and_back() {
    let key = PublicKey::from_x25519(&[9; 32]).unwrap();
    let back = key::from_ssi(&key::to_ssi(&key).unwrap()).unwrap();
    assert_eq!((back.curve(), back.x()), (key.curve(), key.x()));
}

#[test]
fn a_private_key_does_not_come_back() {
    let private = ssi::JWK::generate_p256();
    let error = key::from_ssi(&private).unwrap_err();
    assert_eq!(error.code(), "key_private_member");
    assert!(key::from_ssi(&private.to_public()).is_ok());
}

#[test]
fn another_dids_document_does_not_come_back() {
    let theirs: ssi::dids::Document =
        serde_json::from_str(r#"{"id": "did:web:other.example"}"#).unwrap();
    let did = "did:web:trust.example".parse().unwrap();
    let error = document::from_ssi(&did, &theirs).unwrap_err();
    assert_eq!(error.code(), "did_document_id_mismatch");
}
