//! did:jwk and did:key, against the vectors of did:key and against themselves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "tests"
)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use staffpass_did::{
    Did, DidDocument, Relationship, Relationships, ResolveOptions, jwk, key, resolve_in_place,
};
use staffpass_jose::{
    Algorithm, CompressedPoint, CryptoProvider, Curve, KeyMaterial, PublicKey, Signer, base64url,
};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};

fn resolve(did: &str) -> Result<DidDocument, &'static str> {
    let did = Did::parse(did).map_err(|error| error.code())?;
    let document = resolve_in_place(&did, &ResolveOptions::default());
    Ok(document.map_err(|error| error.code())?.expect("a method that resolves in place"))
}

fn did_jwk(jwk: &Value) -> String {
    format!("did:jwk:{}", base64url::encode(jwk.to_string()))
}

fn p256() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

fn with(mut jwk: Value, member: &str, value: impl Into<Value>) -> Value {
    jwk[member] = value.into();
    jwk
}

fn all() -> Relationships {
    Relationship::ALL.into_iter().collect()
}

fn agreement() -> Relationships {
    Relationship::KeyAgreement.into()
}

// --- did:key, the vectors of the specification -------------------------------------------------

/// The DID documents of one file of vectors.
fn vectors(text: &str) -> Vec<(String, Value)> {
    let file: Value = serde_json::from_str(text).expect("JSON");
    let entries = file.get("didDocument").unwrap_or(&file).as_object().expect("an object");
    let document = |entry: &Value| entry.get("didDocument").unwrap_or(entry).clone();
    entries.iter().map(|(did, entry)| (did.clone(), document(entry))).collect()
}

/// The relationships that a published document gives a method.
fn published_relationships(document: &Value, id: &str) -> Relationships {
    let listed = |relationship: &Relationship| {
        let entries = document[relationship.name()].as_array();
        entries.is_some_and(|entries| entries.iter().any(|entry| entry == id))
    };
    Relationship::ALL.into_iter().filter(listed).collect()
}

/// The key of a published method, whatever form it is in.
fn published_key(method: &Value, curve: Curve) -> PublicKey {
    if let Some(jwk) = method.get("publicKeyJwk") {
        return PublicKey::from_jwk(jwk).expect("a JWK");
    }
    let base58 = method["publicKeyBase58"].as_str().expect("a key in base58");
    let bytes = bs58::decode(base58).into_vec().expect("base58");
    match curve {
        Curve::Ed25519 => PublicKey::from_ed25519(&bytes).expect("a key"),
        Curve::X25519 => PublicKey::from_x25519(&bytes).expect("a key"),
        _ => expand(&KeyMaterial::Compressed(CompressedPoint::new(curve, &bytes).unwrap())),
    }
}

/// The whole key, where it takes a provider to know it.
fn expand(key: &KeyMaterial) -> PublicKey {
    match key {
        KeyMaterial::Public(key) => key.clone(),
        compressed => AwsLc.prepare(compressed).expect("a point").public_key().clone(),
    }
}

fn agrees_with_the_vectors(text: &str, curve: Curve, supported: usize) {
    let mut seen = 0;
    for (did, published) in vectors(text) {
        let document = match resolve(&did) {
            Ok(document) => document,
            Err(code) => {
                assert_eq!(code, "did_multikey_unsupported", "{did}");
                continue;
            }
        };
        let [method] = document.verification_methods() else { panic!("one method: {did}") };
        if method.key().curve() != curve {
            continue;
        }
        seen += 1;
        let id = method.id().as_str();
        let methods = published["verificationMethod"].as_array().expect("methods");
        let own = methods.iter().find(|own| own["id"] == id).expect("the same id");
        assert_eq!(
            expand(method.key()).thumbprint(),
            published_key(own, curve).thumbprint(),
            "{did}"
        );
        assert_eq!(method.relationships(), published_relationships(&published, id), "{did}");
        assert_eq!(method.controller().as_str(), did);
    }
    assert_eq!(seen, supported, "{curve:?}");
}

const ED25519: &str = include_str!("vectors/did-key/ed25519-x25519.json");
const NIST: &str = include_str!("vectors/did-key/nist-curves.json");
const SECP256K1: &str = include_str!("vectors/did-key/secp256k1.json");
const X25519: &str = include_str!("vectors/did-key/x25519.json");
const BLS: &str = include_str!("vectors/did-key/bls12381.json");
const RSA: &str = include_str!("vectors/did-key/rsa.json");

#[test]
fn ed25519_vectors_agree() {
    agrees_with_the_vectors(ED25519, Curve::Ed25519, 5);
}

#[test]
fn p256_vectors_agree() {
    agrees_with_the_vectors(NIST, Curve::P256, 3);
}

#[test]
fn p384_vectors_agree() {
    agrees_with_the_vectors(NIST, Curve::P384, 2);
}

#[test]
fn secp256k1_vectors_agree() {
    agrees_with_the_vectors(SECP256K1, Curve::Secp256k1, 6);
}

#[test]
fn x25519_vectors_agree() {
    agrees_with_the_vectors(X25519, Curve::X25519, 4);
}

#[test]
fn no_key_agreement_key_is_derived_from_an_ed25519_key() {
    for (did, published) in vectors(ED25519) {
        let document = resolve(&did).expect("an Ed25519 key");
        assert_eq!(document.verification_methods().len(), 1, "{did}");
        assert_eq!(published["verificationMethod"].as_array().map(Vec::len), Some(2), "{did}");
    }
}

#[test]
fn p521_bls_and_rsa_keys_are_not_supported() {
    let unsupported = |text| {
        let codes = vectors(text).into_iter().map(|(did, _)| resolve(&did).map(drop));
        codes.filter(|code| *code == Err("did_multikey_unsupported")).count()
    };
    assert_eq!(unsupported(NIST), 2, "P-521");
    assert_eq!(unsupported(BLS), 6, "BLS12-381");
    assert_eq!(unsupported(RSA), 2, "RSA");
}

#[test]
fn n11_every_vector_comes_back_from_its_key() {
    for (did, _) in [ED25519, NIST, SECP256K1, X25519].into_iter().flat_map(vectors) {
        if let Ok(document) = resolve(&did) {
            let key = expand(document.verification_methods()[0].key());
            assert_eq!(key::from_public_key(&key).expect("a did:key").as_str(), did);
        }
    }
}

// --- did:key, faults ---------------------------------------------------------------------------

fn did_key(bytes: &[u8]) -> String {
    format!("did:key:z{}", bs58::encode(bytes).into_string())
}

#[test]
fn n11_a_multicodec_that_is_not_in_its_shortest_form_is_refused() {
    let point = [3; 32];
    assert!(resolve(&did_key(&[&[0xed, 0x01], &point[..]].concat())).is_ok());
    let padded = did_key(&[&[0xed, 0x81, 0x00], &point[..]].concat());
    assert_eq!(resolve(&padded), Err("did_multikey_malformed"));
}

#[test]
fn n11_a_key_of_another_length_or_form_is_refused() {
    let x = [3; 32];
    for bytes in [
        vec![0xed, 0x01],
        [&[0xed, 0x01], &x[..31]].concat(),
        [&[0xed, 0x01], &x[..], &[0]].concat(),
        [&[0x80, 0x24], &x[..]].concat(),
        [&[0x80, 0x24, 4], &x[..], &x[..]].concat(),
        [&[0x80, 0x24, 0], &x[..]].concat(),
        [&[0x81, 0x24, 2], &x[..]].concat(),
        [&[0xe7, 0x01, 5], &x[..]].concat(),
    ] {
        assert_eq!(resolve(&did_key(&bytes)), Err("key_coordinate_malformed"), "{bytes:?}");
    }
}

#[test]
fn n11_a_point_that_is_not_on_its_curve_is_refused_by_the_provider() {
    // Half of all x have no point: among 16 small ones some do not.
    let mut refused = 0;
    for x in 0..16 {
        let bytes = [&[0x80, 0x24, 2][..], &[0; 31], &[x]].concat();
        let document = resolve(&did_key(&bytes)).expect("a well-formed point");
        let prepared = AwsLc.prepare(document.verification_methods()[0].key());
        refused += usize::from(prepared.is_err_and(|error| error.code() == "key_not_on_curve"));
    }
    assert!((1..16).contains(&refused), "{refused}");
}

#[test]
fn n11_low_order_points_are_refused() {
    let identity = [&[0xed, 0x01, 1][..], &[0; 31]].concat();
    assert_eq!(resolve(&did_key(&identity)), Err("key_low_order"));
    let zero = [&[0xec, 0x01][..], &[0; 32]].concat();
    assert_eq!(resolve(&did_key(&zero)), Err("key_low_order"));
}

#[test]
fn n11_other_bases_and_other_codecs_are_refused() {
    let good = "6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";
    assert!(resolve(&format!("did:key:z{good}")).is_ok());
    for text in ["m", "u", "f", "", "Z"] {
        let code = resolve(&format!("did:key:{text}{good}"));
        assert_eq!(code, Err("did_multikey_malformed"), "{text}");
    }
    for text in ["z", "z0", "zI", "zl", "zO", "z1.1", "1.1:z6Mk", &format!("z{}", "2".repeat(2000))]
    {
        let code = resolve(&format!("did:key:{text}"));
        assert_eq!(code, Err("did_multikey_malformed"), "{text}");
    }
    assert_eq!(resolve("did:key:z1"), Err("did_multikey_unsupported"), "identity");
    assert_eq!(resolve(&did_key(&[0xeb, 0x01, 1])), Err("did_multikey_unsupported"));
    assert_eq!(resolve(&did_key(&[0x82, 0x24, 2])), Err("did_multikey_unsupported"), "P-521");
}

// --- did:jwk -----------------------------------------------------------------------------------

#[test]
fn a_did_jwk_has_one_method() {
    let did = did_jwk(&with(p256(), "kid", "anything"));
    let document = resolve(&did).expect("a did:jwk");
    let [method] = document.verification_methods() else { panic!("one method") };
    assert_eq!(method.id().as_str(), format!("{did}#0"));
    assert_eq!(method.type_(), "JsonWebKey2020");
    assert_eq!(method.relationships(), all());
    assert_eq!(document.method(&format!("{did}#1")), None);
    assert_eq!(document.method("#0"), None, "ids are absolute");
    assert!(!document.unreadable(&format!("{did}#1")));
}

#[test]
fn s07_the_use_of_a_did_jwk_decides_what_it_is_for() {
    let relationships = |jwk: Value| {
        let document = resolve(&did_jwk(&jwk)).expect("a did:jwk");
        let method = &document.verification_methods()[0];
        (method.relationships(), method.key().algorithm())
    };
    assert_eq!(relationships(p256()), (all(), Some(Algorithm::Es256)));
    let signing = (Relationships::SIGNING, Some(Algorithm::Es256));
    assert_eq!(relationships(with(p256(), "use", "sig")), signing);
    assert_eq!(relationships(with(p256(), "use", "enc")), (agreement(), None));
    let x25519 = json!({"kty": "OKP", "crv": "X25519", "x": base64url::encode([9; 32])});
    assert_eq!(relationships(x25519.clone()), (agreement(), None));
    assert_eq!(relationships(with(x25519, "use", "enc")), (agreement(), None));
}

#[test]
fn n12_private_and_symmetric_keys_are_refused() {
    assert_eq!(resolve(&did_jwk(&with(p256(), "d", "AQ"))), Err("key_private_member"));
    assert_eq!(resolve(&did_jwk(&with(p256(), "d", Value::Null))), Err("key_private_member"));
    let symmetric = json!({"kty": "oct", "k": "AQ"});
    assert_eq!(resolve(&did_jwk(&symmetric)), Err("key_private_member"));
}

#[test]
fn n12_a_jwk_that_is_not_strictly_read_is_refused() {
    assert_eq!(resolve(&did_jwk(&with(p256(), "crv", "P-521"))), Err("key_curve_unsupported"));
    assert_eq!(resolve(&did_jwk(&with(p256(), "y", Value::Null))), Err("key_coordinate_malformed"));
    assert_eq!(resolve(&did_jwk(&with(p256(), "use", "tls"))), Err("key_use_mismatch"));
    assert_eq!(resolve(&did_jwk(&json!([]))), Err("key_malformed"));
    let twice = r#"{"kty":"OKP","kty":"EC"}"#;
    let did = format!("did:jwk:{}", base64url::encode(twice));
    assert_eq!(resolve(&did), Err("key_malformed"));
    assert_eq!(resolve("did:jwk:e30"), Err("key_malformed"));
}

#[test]
fn s13_a_did_jwk_has_one_encoding_of_its_bytes() {
    for id in ["e31", "e", "e30.", "e30:e30", "e%330", "{}"] {
        let code = resolve(&format!("did:jwk:{id}")).expect_err(id);
        assert!(code == "did_jwk_encoding" || code == "did_syntax", "{id}: {code}");
    }
    assert_eq!(resolve("did:jwk:e31"), Err("did_jwk_encoding"), "bits after the last byte");
}

#[test]
fn a_key_in_use_is_found_under_both_methods() {
    for algorithm in Algorithm::ALL {
        let signer = SigningKey::generate(algorithm).expect("a key");
        let public = signer.verification_key().public_key();
        for did in [jwk::from_public_key(public), key::from_public_key(public).expect("a did:key")]
        {
            let document = resolve(did.as_str()).expect("a document");
            let prepared = AwsLc.prepare(document.verification_methods()[0].key()).expect("a key");
            assert_eq!(prepared.thumbprint(), public.thumbprint(), "{algorithm}");
        }
    }
}

#[test]
fn another_method_is_refused_by_each() {
    let did = Did::parse("did:example:a").expect("a DID");
    assert_eq!(jwk::resolve(&did).map_err(|e| e.code()), Err("did_other_method"));
    assert_eq!(key::resolve(&did).map_err(|e| e.code()), Err("did_other_method"));
    assert_eq!(resolve_in_place(&did, &ResolveOptions::default()), Ok(None));
}

fn any_key() -> impl Strategy<Value = PublicKey> {
    let okp = any::<[u8; 32]>();
    prop_oneof![
        okp.prop_filter_map("a good point", |bytes| PublicKey::from_ed25519(&bytes).ok()),
        okp.prop_filter_map("a good point", |bytes| PublicKey::from_x25519(&bytes).ok()),
        any::<([u8; 32], [u8; 32])>().prop_map(|(x, y)| PublicKey::from_affine(
            Curve::P256,
            &x,
            &y
        )
        .unwrap()),
        any::<([u8; 32], [u8; 32])>().prop_map(|(x, y)| PublicKey::from_affine(
            Curve::Secp256k1,
            &x,
            &y
        )
        .unwrap()),
        prop::collection::vec(any::<u8>(), 96).prop_map(|xy| PublicKey::from_affine(
            Curve::P384,
            &xy[..48],
            &xy[48..]
        )
        .unwrap()),
    ]
}

proptest! {
    #[test]
    fn a_did_jwk_round_trip(key in any_key()) {
        let did = jwk::from_public_key(&key);
        let document = resolve(did.as_str()).unwrap();
        prop_assert_eq!(document.verification_methods()[0].key(), &KeyMaterial::Public(key));
        prop_assert_eq!(Did::parse(did.as_str()), Ok(did.clone()));
        let written = document.to_json().to_string();
        prop_assert_eq!(DidDocument::parse(&did, written.as_bytes()), Ok(document));
    }

    #[test]
    fn a_did_key_round_trip(key in any_key()) {
        let did = key::from_public_key(&key).unwrap();
        let document = resolve(did.as_str()).unwrap();
        let method = &document.verification_methods()[0];
        match method.key() {
            KeyMaterial::Public(own) => prop_assert_eq!(own, &key),
            KeyMaterial::Compressed(point) => {
                prop_assert_eq!(point.curve(), key.curve());
                prop_assert_eq!(&point.as_bytes()[1..], key.x());
                prop_assert_eq!(point.as_bytes()[0] & 1, key.y().unwrap().last().unwrap() & 1);
            }
            _ => prop_assert!(false, "another form of key"),
        }
        prop_assert_eq!(method.id().fragment(), did.method_specific_id());
        let written = document.to_json().to_string();
        prop_assert_eq!(DidDocument::parse(&did, written.as_bytes()), Ok(document));
    }

    #[test]
    fn no_did_key_or_did_jwk_makes_it_panic(id in "[a-zA-Z0-9_-]{1,60}") {
        let _ = resolve(&format!("did:jwk:{id}"));
        let _ = resolve(&format!("did:key:z{id}"));
    }

    #[test]
    fn two_did_keys_never_share_a_key(bytes in any::<[u8; 32]>(), index in 0usize..48, other in "[1-9A-HJ-NP-Za-km-z]") {
        prop_assume!(PublicKey::from_ed25519(&bytes).is_ok());
        let did = did_key(&[&[0xed, 0x01], &bytes[..]].concat());
        let at = 9 + index.min(did.len() - 10);
        let mut changed = did.clone();
        changed.replace_range(at..=at, &other);
        let dids = BTreeSet::from([did.clone(), changed.clone()]);
        let keys: BTreeSet<_> = dids.iter().filter_map(|did| resolve(did).ok())
            .map(|document| expand(document.verification_methods()[0].key()).to_jwk().to_string())
            .collect();
        let resolved = dids.iter().filter(|did| resolve(did).is_ok()).count();
        prop_assert_eq!(keys.len(), resolved);
    }
}
