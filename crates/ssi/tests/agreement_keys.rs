//! did:key and did:jwk: our reading against `ssi`'s, on the same DIDs.
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

use common::{any_key, did_jwk, ours, signing_key, their_reading, theirs};
use proptest::prelude::*;
use proptest::sample::Index;
use ssi::dids::{DIDJWK, DIDKey};
use staffpass_did::{Did, Relationship, jwk, key};
use staffpass_jose::{Algorithm, CryptoProvider as _, Curve, PublicKey, base64url};
use staffpass_ssi::key as convert;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_key_has_the_same_dids(key in any_key()) {
        let theirs = convert::to_ssi(&key).unwrap();
        let (did_key, did_jwk) = (key::from_public_key(&key).unwrap(), jwk::from_public_key(&key));
        prop_assert_eq!(did_jwk.to_string(), DIDJWK::generate(&theirs).to_string());
        prop_assert_eq!(did_key.to_string(), DIDKey::generate(&theirs).unwrap().to_string());
    }

    #[test]
    fn both_read_the_same_key_under_the_same_id(key in any_key()) {
        for did in [key::from_public_key(&key).unwrap(), jwk::from_public_key(&key)] {
            let (ours, theirs) = (ours(did.as_str()).unwrap(), their_reading(did.as_str()).unwrap());
            prop_assert_eq!(&ours.key, &key);
            prop_assert_eq!((ours.id, ours.key), (theirs.id, theirs.key));
        }
    }

    /// One character of the key is another: both refuse, or both read the same key.
    #[test]
    fn a_changed_did_key_is_no_other_key(key in any_key(), at in any::<Index>(), to in any::<Index>()) {
        const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        let mut did = key::from_public_key(&key).unwrap().as_str().to_owned().into_bytes();
        let start = "did:key:z".len();
        let position = start + at.index(did.len() - start);
        did[position] = BASE58[to.index(BASE58.len())];
        agree(std::str::from_utf8(&did).unwrap())?;
    }

    #[test]
    fn a_changed_did_jwk_is_no_other_key(key in any_key(), at in any::<Index>(), to in "[A-Za-z0-9_-]") {
        let mut did = jwk::from_public_key(&key).as_str().to_owned();
        let start = "did:jwk:".len();
        let position = start + at.index(did.len() - start);
        did.replace_range(position..=position, &to);
        agree(&did)?;
    }

    #[test]
    fn neither_reads_any_other_text(id in "[a-zA-Z0-9._-]{1,60}") {
        agree(&format!("did:key:{id}"))?;
        agree(&format!("did:jwk:{id}"))?;
    }
}

/// What we read, `ssi` reads the same. What only `ssi` reads is a difference, and then its key is not
/// one that we would have read otherwise.
fn agree(did: &str) -> Result<(), TestCaseError> {
    let (ours, theirs) = (ours(did), their_reading(did));
    if let Some(ours) = ours {
        let Some(theirs) = theirs else {
            // K6.
            prop_assert_eq!(ours.key.curve(), Curve::Ed25519);
            return Ok(());
        };
        prop_assert_eq!((ours.id, ours.key), (theirs.id, theirs.key));
    }
    Ok(())
}

const ED25519: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn multibase(base: char, codec: &[u8], key: &[u8]) -> String {
    let bytes = [codec, key].concat();
    match base {
        'f' => format!("did:key:f{}", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()),
        'u' => format!("did:key:u{}", base64url::encode(&bytes)),
        _ => panic!("not a base of these tests"),
    }
}

fn base58(codec: &[u8], key: &[u8]) -> String {
    let hex = multibase('f', codec, key);
    // ssi writes what it reads in base 58.
    let document = ssi_multikey(&hex);
    format!("did:key:{document}")
}

/// The `publicKeyMultibase` that ssi gives for a did:key by default.
fn ssi_multikey(did: &str) -> String {
    use ssi::dids::{DID, DIDResolver as _};
    let output = common::run(DIDKey.resolve(DID::new(did).unwrap())).unwrap();
    let method = output.document.into_document().verification_method.remove(0);
    method.properties.get("publicKeyMultibase").unwrap().as_str().unwrap().to_owned()
}

fn refusal(did: &str) -> &'static str {
    let did = Did::parse(did).unwrap();
    let resolved = staffpass_did::resolve_in_place(&did, &staffpass_did::ResolveOptions::default());
    resolved.unwrap_err().code()
}

#[test]
fn k1_did_key_has_one_base() {
    let key = base64url::decode(ED25519).unwrap();
    let good = base58(&[0xed, 0x01], &key);
    assert_eq!(ours(&good).unwrap().key, their_reading(&good).unwrap().key);
    for base in ['f', 'u'] {
        let did = multibase(base, &[0xed, 0x01], &key);
        assert_eq!(refusal(&did), "did_multikey_malformed");
        assert!(theirs(&did).is_some());
    }
}

#[test]
fn k2_did_key_is_a_public_key() {
    let did = base58(&[0x80, 0x26], &[7; 32]);
    assert_eq!(refusal(&did), "did_multikey_unsupported");
    assert!(theirs(&did).is_some(), "ED25519_PRIV");
}

#[test]
fn k3_did_key_is_judged_before_it_is_handed_on() {
    for (codec, key, code) in [
        ([0xed, 0x01], vec![7; 31], "key_coordinate_malformed"),
        ([0xed, 0x01], vec![0; 32], "key_low_order"),
        ([0x85, 0x24], vec![7; 32], "did_multikey_unsupported"),
    ] {
        let did = base58(&codec, &key);
        assert_eq!(refusal(&did), code);
        assert!(!ssi_multikey(&did).is_empty());
    }
}

#[test]
fn k4_did_key_relationships_are_the_methods() {
    let key = signing_key(Algorithm::Es256).public_key().clone();
    let did = key::from_public_key(&key).unwrap();
    assert_eq!(ours(did.as_str()).unwrap().relationships, Relationship::ALL);
    assert_eq!(
        their_reading(did.as_str()).unwrap().relationships,
        [Relationship::Authentication, Relationship::AssertionMethod],
    );
}

#[test]
fn k5_an_x25519_key_signs_nothing() {
    let key = PublicKey::from_x25519(&[9; 32]).unwrap();
    let did = key::from_public_key(&key).unwrap();
    assert_eq!(ours(did.as_str()).unwrap().relationships, [Relationship::KeyAgreement]);
    let did = ssi::dids::DID::new(did.as_str()).unwrap();
    let resolved = common::run(ssi::dids::DIDResolver::resolve(&DIDKey, did)).unwrap();
    let document = resolved.document.into_document();
    assert_eq!(document.verification_relationships.assertion_method.len(), 1);
    assert_eq!(document.verification_relationships.key_agreement.len(), 0);
}

#[test]
fn k6_bytes_that_are_no_ed25519_point_verify_nothing() {
    let candidates = (2..=u8::MAX).filter_map(|first| PublicKey::from_ed25519(&[first; 32]).ok());
    let dids = candidates.filter_map(|key| key::from_public_key(&key).ok());
    let off_curve = dids.filter(|did| theirs(did.as_str()).is_none()).collect::<Vec<_>>();
    assert!(off_curve.len() > 50, "about half of all values");
    for did in off_curve {
        if let Some(ours) = ours(did.as_str()) {
            let key = staffpass_jose_aws_lc::AwsLc.prepare(&ours.key.into()).unwrap();
            assert!(key.verify(b"message", &[7; 64]).is_err());
        }
    }
}

#[test]
fn j1_the_use_of_a_did_jwk_counts() {
    let jwk = |key_use: &str| {
        did_jwk(&format!(r#"{{"crv":"Ed25519","kty":"OKP","use":"{key_use}","x":"{ED25519}"}}"#))
    };
    let did = jwk("sig");
    assert!(!ours(&did).unwrap().relationships.contains(&Relationship::KeyAgreement));
    assert_eq!(their_reading(&did).unwrap().relationships, Relationship::ALL);

    let did = jwk("enc");
    assert_eq!(ours(&did).unwrap().relationships, [Relationship::KeyAgreement]);
    let document = theirs(&did).unwrap();
    assert_eq!(document.verification_relationships.assertion_method.len(), 1);
}

#[test]
fn neither_takes_a_shared_secret() {
    let did = did_jwk(r#"{"kty":"oct","k":"c2VjcmV0"}"#);
    assert!(refusal(&did).starts_with("key_"));
    assert!(theirs(&did).is_none());
}

#[test]
fn j2_the_key_of_a_did_jwk_is_imported() {
    let short = did_jwk(r#"{"crv":"P-256","kty":"EC","x":"AQ","y":"AQ"}"#);
    assert_eq!(refusal(&short), "key_coordinate_malformed");
    assert!(theirs(&short).is_some());

    let zero = did_jwk(&format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, "A".repeat(43)));
    assert_eq!(refusal(&zero), "key_low_order");
    assert!(theirs(&zero).is_some());
}
