//! DID documents: reading what was brought, and writing our own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "tests"
)]

use proptest::prelude::*;
use serde_json::{Value, json};
use staffpass_did::publish::DocumentBuilder;
use staffpass_did::{Did, DidDocument, DidUrl, LoopbackHttp, Relationship, Relationships};
use staffpass_jose::{Algorithm, Curve, KeyMaterial, PublicKey, base64url};

const DID: &str = "did:web:trust.example";

fn did() -> Did {
    Did::parse(DID).expect("a DID")
}

fn parse(document: &Value) -> Result<DidDocument, &'static str> {
    DidDocument::parse(&did(), document.to_string().as_bytes()).map_err(|error| error.code())
}

fn okp(byte: u8) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": base64url::encode([byte; 32])})
}

fn p256() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

fn method(id: &str, jwk: Value) -> Value {
    json!({"id": id, "type": "JsonWebKey2020", "controller": DID, "publicKeyJwk": jwk})
}

fn with(mut value: Value, member: &str, new: impl Into<Value>) -> Value {
    value[member] = new.into();
    value
}

/// A document with one key, `#key-1`, that asserts.
fn document() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/did/v1", {"@base": DID}],
        "id": DID,
        "verificationMethod": [method("#key-1", okp(3))],
        "assertionMethod": ["#key-1"],
    })
}

#[test]
fn relative_ids_are_made_absolute() {
    let read = parse(&document()).expect("a document");
    let own = read.method("did:web:trust.example#key-1").expect("its key");
    assert_eq!(own.id().as_str(), "did:web:trust.example#key-1");
    assert_eq!(own.controller().as_str(), DID);
    assert_eq!(own.relationships(), Relationship::AssertionMethod.into());
    assert_eq!(own.key().algorithm(), Some(Algorithm::EdDsa));
    let absolute = with(
        with(document(), "verificationMethod", json!([method(&format!("{DID}#key-1"), okp(3))])),
        "assertionMethod",
        json!([format!("{DID}#key-1")]),
    );
    assert_eq!(parse(&absolute), Ok(read));
}

#[test]
fn pf26_kid_substring_does_not_match() {
    let methods = json!([method("#key-10", okp(3)), method("#my-key-1", okp(5))]);
    let read = parse(&with(document(), "verificationMethod", methods)).expect("a document");
    for id in [
        "#key-1",
        "key-1",
        "did:web:trust.example#key-1",
        "did:web:trust.example#KEY-10",
        "did:web:trust.example.evil#key-10",
        "#key-10",
        "",
        "did:web:trust.example",
    ] {
        assert_eq!(read.method(id), None, "{id}");
        assert!(!read.unreadable(id), "{id}");
    }
    assert!(read.method("did:web:trust.example#key-10").is_some());
    assert!(
        read.verification_methods().iter().all(|m| m.relationships().is_empty()),
        "a reference to #key-1 is not one to #key-10"
    );
}

#[test]
fn n06_a_document_of_another_did_is_refused() {
    for id in [
        "did:web:other.example",
        "did:web:TRUST.example",
        "did:web:trust.example:a",
        "",
        "did:web:trust.example.evil",
        "https://trust.example",
    ] {
        let code = parse(&with(document(), "id", id));
        assert_eq!(code, Err("did_document_id_mismatch"), "{id}");
    }
    for id in [Value::Null, json!(5), json!([DID])] {
        assert_eq!(parse(&with(document(), "id", id)), Err("did_document_malformed"));
    }
}

#[test]
fn n06_relative_ids_stand_on_the_did_and_on_no_other_base() {
    let context = |base: Value| with(document(), "@context", json!([{"@base": base}]));
    for base in [json!("did:web:other.example"), json!(""), json!(null), json!(5)] {
        assert_eq!(parse(&context(base.clone())), Err("did_document_base_mismatch"), "{base}");
    }
    let object = with(document(), "@context", json!({"@base": "did:web:other.example"}));
    assert_eq!(parse(&object), Err("did_document_base_mismatch"));
    assert!(parse(&context(json!(DID))).is_ok());
    let mut plain = document();
    plain.as_object_mut().unwrap().remove("@context");
    assert!(parse(&plain).is_ok());
}

#[test]
fn s06_a_method_of_another_did_is_nobodys_here() {
    let foreign = method("did:web:other.example#key-1", okp(3));
    let read =
        parse(&with(document(), "verificationMethod", json!([foreign]))).expect("a document");
    assert_eq!(read.method("did:web:other.example#key-1"), None);
    assert!(read.unreadable("did:web:other.example#key-1"));
    let controlled = with(method("#key-1", okp(3)), "controller", "did:web:other.example");
    let read =
        parse(&with(document(), "verificationMethod", json!([controlled]))).expect("a document");
    assert_eq!(read.method("did:web:trust.example#key-1"), None);
    assert!(read.unreadable("did:web:trust.example#key-1"));
}

#[test]
fn s06_a_kid_leads_to_a_key_by_its_exact_absolute_id() {
    let read = parse(&document()).expect("a document");
    let find = |kid: &str| {
        let id = DidUrl::parse_relative_to(&did(), kid).ok()?;
        read.method(id.as_str())
    };
    assert!(find("#key-1").is_some() && find("did:web:trust.example#key-1").is_some());
    for kid in [
        "key-1",
        "#",
        "##key-1",
        "#key-1#",
        "did:web:trust.example/#key-1",
        "#../key-1",
        "did:web:other.example#key-1",
        "#key-1'--",
        "#key%2D1",
    ] {
        assert_eq!(find(kid), None, "{kid}");
    }
}

#[test]
fn s07_a_key_has_the_relationships_that_name_it_and_no_other() {
    let methods = json!([method("#a", okp(3)), method("#b", okp(5)), method("#c", okp(7))]);
    let read = parse(&json!({
        "id": DID,
        "verificationMethod": methods,
        "authentication": ["#a", format!("{DID}#b")],
        "keyAgreement": ["#c", "#never-there", "did:web:other.example#a", "not an id"],
        "capabilityInvocation": ["#a"],
    }))
    .expect("a document");
    let of = |fragment: &str| read.method(&format!("{DID}#{fragment}")).unwrap().relationships();
    let expected = [Relationship::Authentication, Relationship::CapabilityInvocation];
    assert_eq!(of("a"), expected.into_iter().collect());
    assert_eq!(of("b"), Relationship::Authentication.into());
    assert_eq!(of("c"), Relationship::KeyAgreement.into());
}

#[test]
fn pf42_a_key_listed_for_key_agreement_alone_asserts_nothing() {
    let agreement = json!({
        "id": DID, "verificationMethod": [method("#key-1", okp(3))], "keyAgreement": ["#key-1"],
    });
    let read = parse(&agreement).expect("a document");
    let relationships = read.verification_methods()[0].relationships();
    assert!(!relationships.contains(Relationship::AssertionMethod));
    assert!(!relationships.contains(Relationship::Authentication));
}

#[test]
fn s07_an_embedded_method_has_the_relationship_that_embeds_it_alone() {
    let read = parse(&json!({
        "id": DID,
        "authentication": [method("#a", okp(3))],
        "assertionMethod": ["#a", method("#b", okp(5))],
    }))
    .expect("a document");
    let of = |fragment: &str| read.method(&format!("{DID}#{fragment}")).unwrap().relationships();
    assert_eq!(of("a"), Relationship::Authentication.into());
    assert_eq!(of("b"), Relationship::AssertionMethod.into());
}

#[test]
fn s27_two_methods_with_one_id_are_refused() {
    let rsa = json!({"kty": "RSA", "n": "AQ", "e": "AQAB"});
    for second in [
        method("#key-1", okp(5)),
        method("#key-1", okp(3)),
        method(&format!("{DID}#key-1"), okp(5)),
        method("#key-1", rsa),
    ] {
        let listed = json!([method("#key-1", okp(3)), second]);
        let code = parse(&with(document(), "verificationMethod", listed));
        assert_eq!(code, Err("did_document_duplicate_id"));
        let swapped = json!([second, method("#key-1", okp(3))]);
        let code = parse(&with(document(), "verificationMethod", swapped));
        assert_eq!(code, Err("did_document_duplicate_id"));
        let embedded = with(document(), "authentication", json!([second]));
        assert_eq!(parse(&embedded), Err("did_document_duplicate_id"));
    }
}

#[test]
fn s27_one_key_under_two_algorithms_or_uses_is_refused() {
    let both = |first: Value, second: Value| {
        parse(&with(
            document(),
            "verificationMethod",
            json!([method("#a", first), method("#b", second)]),
        ))
    };
    let refused = Err("did_document_ambiguous_key");
    let used = |key_use: &str| with(p256(), "use", key_use);
    let named = |algorithm: &str| with(p256(), "alg", algorithm);
    assert_eq!(both(used("sig"), used("enc")), refused);
    assert_eq!(both(p256(), used("enc")), refused);
    assert_eq!(both(used("enc"), p256()), refused);
    assert_eq!(both(named("ES256"), named("ES384")), refused);
    assert_eq!(both(named("ES256"), named("HS256")), refused, "one of them unreadable");
    assert!(both(p256(), used("sig")).is_ok());
    assert!(both(p256(), named("ES256")).is_ok());
    assert!(both(p256(), p256()).is_ok(), "one key may have two ids");
    assert!(both(okp(3), used("enc")).is_ok());
    // A curve that makes no signatures has its use by nature.
    let agreement = with(okp(3), "crv", "X25519");
    assert!(both(agreement.clone(), with(agreement.clone(), "use", "enc")).is_ok());
    assert_eq!(both(agreement.clone(), with(agreement, "use", "sig")), refused);
}

#[test]
fn s16_a_member_that_stands_twice_is_refused_at_any_depth() {
    let text = document().to_string();
    let twice = [
        text.replacen("{", r#"{"id":"did:web:other.example","#, 1),
        text.replacen(r#""kty":"#, r#""x":"AQ","kty":"#, 1),
        text.replacen(r#""controller":"#, r##""id":"#other","controller":"##, 1),
    ];
    for twice in twice {
        assert_ne!(twice, text);
        let code = DidDocument::parse(&did(), twice.as_bytes()).map_err(|error| error.code());
        assert_eq!(code, Err("did_document_json"), "{twice}");
    }
}

#[test]
fn r04_what_is_no_json_object_is_refused() {
    for text in ["", "<html></html>", "{", "\u{feff}{}"] {
        let code = DidDocument::parse(&did(), text.as_bytes()).map_err(|error| error.code());
        assert_eq!(code, Err("did_document_json"), "{text}");
    }
    for value in [json!([]), json!("did:web:trust.example"), json!(null), json!({})] {
        assert_eq!(parse(&value), Err("did_document_malformed"), "{value}");
    }
    let nested = format!("{}{}", "[".repeat(17), "]".repeat(17));
    let code = DidDocument::parse(&did(), nested.as_bytes()).map_err(|error| error.code());
    assert_eq!(code, Err("did_document_json"));
}

#[test]
fn n07_a_document_has_limits() {
    let many = |n: usize| (0..n).map(|i| method(&format!("#key-{i}"), okp(3))).collect::<Value>();
    let code = |n| parse(&with(document(), "verificationMethod", many(n))).map(drop);
    assert_eq!(code(64), Ok(()));
    assert_eq!(code(65), Err("did_document_too_many_entries"));
    let spread = json!({
        "id": DID,
        "verificationMethod": many(64),
        "authentication": [method("#one-more", okp(5))],
    });
    assert_eq!(parse(&spread), Err("did_document_too_many_entries"));
    let references = with(document(), "authentication", vec!["#key-1"; 65]);
    assert_eq!(parse(&references), Err("did_document_too_many_entries"));
    let large = with(document(), "more", "a".repeat(128 * 1024));
    assert_eq!(parse(&large), Err("did_document_json"));
}

#[test]
fn members_of_another_type_are_refused() {
    for (member, value) in [
        ("verificationMethod", json!({})),
        ("verificationMethod", json!(["#key-1"])),
        ("verificationMethod", json!([{"type": "JsonWebKey2020"}])),
        ("authentication", json!("#key-1")),
        ("authentication", json!([5])),
        ("assertionMethod", json!(null)),
        ("service", json!({})),
        ("service", json!(["#hub"])),
        ("service", json!([{"id": "#hub", "type": "IdentityHub"}])),
        ("service", json!([{"type": "IdentityHub", "serviceEndpoint": "https://a.example"}])),
        ("service", json!([{"id": "#a", "type": [], "serviceEndpoint": "https://a.example"}])),
        ("service", json!([{"id": "#a", "type": 5, "serviceEndpoint": "https://a.example"}])),
        ("service", json!([{"id": "#a", "type": "b", "serviceEndpoint": 5}])),
        ("service", json!([{"id": "#a", "type": "b", "serviceEndpoint": [5]}])),
    ] {
        let code = parse(&with(document(), member, value.clone()));
        assert_eq!(code, Err("did_document_malformed"), "{member}: {value}");
    }
}

#[test]
fn a_method_that_cannot_be_read_is_a_fault_only_when_it_is_named() {
    let unreadable = [
        method("#rsa", json!({"kty": "RSA", "n": "AQ", "e": "AQAB"})),
        method("#p521", json!({"kty": "EC", "crv": "P-521", "x": "AQ", "y": "AQ"})),
        method("#private", with(okp(5), "d", "AQ")),
        method("#no-object", json!("a JWK")),
        json!({"id": "#none", "type": "JsonWebKey2020", "controller": DID}),
        json!({"id": "#base58", "type": "Ed25519VerificationKey2018", "publicKeyBase58": "4zvw"}),
        json!({"id": "#multi", "type": "Multikey", "publicKeyMultibase": "zUnknown"}),
        json!({"id": "#untyped", "controller": DID, "publicKeyJwk": okp(7)}),
        with(
            method("#two-forms", okp(9)),
            "publicKeyMultibase",
            "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
        ),
        json!({"id": "no DID URL at all", "type": "JsonWebKey2020", "publicKeyJwk": okp(11)}),
    ];
    let mut methods = vec![method("#key-1", okp(3))];
    methods.extend(unreadable.clone());
    let read = parse(&with(document(), "verificationMethod", methods)).expect("a document");
    assert_eq!(read.verification_methods().len(), 1);
    for own in &unreadable[..9] {
        let id = format!("{DID}{}", own["id"].as_str().unwrap());
        assert!(read.unreadable(&id), "{id}");
        assert_eq!(read.method(&id), None, "{id}");
    }
    assert!(!read.unreadable("did:web:trust.example#key-1"));
    assert!(!read.unreadable("no DID URL at all"));
}

#[test]
fn a_multikey_is_read_like_a_did_key() {
    let multikey = json!({
        "id": "#a", "type": "Multikey", "controller": DID,
        "publicKeyMultibase": "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv",
    });
    let read =
        parse(&with(document(), "verificationMethod", json!([multikey]))).expect("a document");
    let key = read.method("did:web:trust.example#a").expect("its key").key();
    assert!(matches!(key, KeyMaterial::Compressed(point) if point.curve() == Curve::P256));
}

#[test]
fn services_are_read_in_their_forms() {
    let read = parse(&with(
        document(),
        "service",
        json!([
            {"id": "#linkeddomains", "type": "LinkedDomains",
             "serviceEndpoint": {"origins": ["https://trust.example/", 5, "https://b.example/"]}},
            {"id": "#hub", "type": ["IdentityHub", "Other"],
             "serviceEndpoint": {"instances": ["https://hub.example/v1.0/a"]}},
            {"id": "https://trust.example/service", "type": "A",
             "serviceEndpoint": ["https://a.example", {"origins": ["https://c.example/"]}]},
        ]),
    ))
    .expect("a document");
    let [domains, hub, other] = read.services() else { panic!("three services") };
    assert_eq!(domains.id(), "did:web:trust.example#linkeddomains");
    assert_eq!(
        domains.endpoint().origins().collect::<Vec<_>>(),
        ["https://trust.example/", "https://b.example/"]
    );
    assert!(hub.is("IdentityHub") && hub.is("Other") && !hub.is("other"));
    assert_eq!(hub.endpoint().instances().collect::<Vec<_>>(), ["https://hub.example/v1.0/a"]);
    assert_eq!(other.id(), "https://trust.example/service");
    assert_eq!(other.endpoint().uris().collect::<Vec<_>>(), ["https://a.example"]);
    assert_eq!(other.endpoint().origins().collect::<Vec<_>>(), ["https://c.example/"]);
    let written = json!({
        "id": "did:web:trust.example#hub", "type": ["IdentityHub", "Other"],
        "serviceEndpoint": {"instances": ["https://hub.example/v1.0/a"]},
    });
    assert_eq!(hub.to_json(), written);
    let twice = with(
        document(),
        "service",
        json!([
            {"id": "#hub", "type": "A", "serviceEndpoint": "https://a.example"},
            {"id": format!("{DID}#hub"), "type": "B", "serviceEndpoint": "https://b.example"},
        ]),
    );
    assert_eq!(parse(&twice), Err("did_document_duplicate_id"));
}

#[test]
fn a_document_is_written_as_it_was_read() {
    let full = json!({
        "id": DID,
        "verificationMethod": [
            method("#a", okp(3)),
            method("#enc", with(p256(), "use", "enc")),
            {"id": "#m", "type": "Multikey",
             "publicKeyMultibase": "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"},
        ],
        "authentication": ["#a"],
        "assertionMethod": ["#a", "#m"],
        "keyAgreement": ["#enc"],
        "service": [{"id": "#hub", "type": ["A", "B"], "serviceEndpoint": {"x": ["y"]}}],
    });
    let read = parse(&full).expect("a document");
    assert_eq!(read.verification_methods().len(), 3);
    assert_eq!(parse(&read.to_json()), Ok(read));
}

#[test]
fn debug_prints_no_id_and_no_key() {
    let printed = format!("{:?}", parse(&document()).expect("a document"));
    assert!(!printed.contains("trust.example") && !printed.contains("AwMD"), "{printed}");
    assert!(printed.contains("AssertionMethod") && printed.contains("Ed25519"), "{printed}");
}

// --- publishing --------------------------------------------------------------------------------

fn key(byte: u8) -> PublicKey {
    PublicKey::from_ed25519(&[byte; 32]).expect("a key")
}

fn builder() -> DocumentBuilder {
    let relationships =
        [Relationship::Authentication, Relationship::AssertionMethod].into_iter().collect();
    let origin = "https://trust.example".parse().expect("a URL");
    DocumentBuilder::new(&did())
        .key("key-2", &PublicKey::from_jwk(&p256()).expect("a key"), relationships)
        .key("key-1", &key(3), relationships)
        .linked_domain(&origin, LoopbackHttp::Refuse)
        .expect("an https origin")
}

#[test]
fn our_own_document_is_what_the_narrowest_wallet_reads() {
    let document = builder().build().expect("a document");
    assert_eq!(
        document,
        json!({
            "@context": ["https://www.w3.org/ns/did/v1", {"@base": DID}],
            "id": DID,
            "verificationMethod": [
                {"id": "#key-2", "controller": DID, "type": "JsonWebKey2020", "publicKeyJwk": p256()},
                {"id": "#key-1", "controller": DID, "type": "JsonWebKey2020", "publicKeyJwk": okp(3)},
            ],
            "authentication": ["#key-2", "#key-1"],
            "assertionMethod": ["#key-2", "#key-1"],
            "service": [{
                "id": "#linkeddomains", "type": "LinkedDomains",
                "serviceEndpoint": {"origins": ["https://trust.example/"]},
            }],
        })
    );
    let read = parse(&document).expect("what we write, we read");
    assert_eq!(read.verification_methods().len(), 2);
    assert_eq!(read.services()[0].endpoint().origins().next(), Some("https://trust.example/"));
}

#[test]
fn a_secp256k1_key_is_published_under_the_type_that_wallets_know() {
    let point = [7; 32];
    let key = PublicKey::from_affine(Curve::Secp256k1, &point, &point).expect("two coordinates");
    let document = DocumentBuilder::new(&did()).key("k", &key, Relationships::NONE).build();
    let document = document.expect("a document");
    assert_eq!(document["verificationMethod"][0]["type"], "EcdsaSecp256k1VerificationKey2019");
    assert_eq!(document.get("authentication"), None);
    assert_eq!(document.get("service"), None);
}

#[test]
fn what_no_verifier_would_read_is_not_published() {
    let code = |builder: DocumentBuilder| builder.build().map(drop).map_err(|error| error.code());
    let again = builder().key("key-1", &key(5), Relationships::SIGNING);
    assert_eq!(code(again), Err("did_document_duplicate_id"));
    for id in ["", "#key-3", "key 3", "k\u{e9}y"] {
        let bad = builder().key(id, &key(5), Relationships::SIGNING);
        assert_eq!(code(bad), Err("did_url_syntax"), "{id}");
    }
    let both = PublicKey::from_jwk(&with(p256(), "use", "enc")).expect("a key");
    let bad = builder().key("enc", &both, Relationship::KeyAgreement.into());
    assert_eq!(code(bad), Err("did_document_ambiguous_key"));
}

#[test]
fn n13_a_linked_domain_is_an_https_origin() {
    let code = |origin: &str, loopback| {
        let origin = origin.parse().expect("a URL");
        builder().linked_domain(&origin, loopback).map(drop).map_err(|error| error.code())
    };
    assert_eq!(code("http://trust.example", LoopbackHttp::Allow), Err("did_origin"));
    assert_eq!(code("https://trust.example/a", LoopbackHttp::Refuse), Err("did_origin"));
    assert_eq!(code("http://localhost:8080", LoopbackHttp::Refuse), Err("did_web_loopback"));
    assert_eq!(code("http://localhost:8080", LoopbackHttp::Allow), Ok(()));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, text in "[{}\\[\\]:,\"a-z@#0-9]{0,60}") {
        let _ = DidDocument::parse(&did(), &bytes);
        let _ = DidDocument::parse(&did(), text.as_bytes());
    }

    #[test]
    fn the_order_of_methods_gives_no_key_another_relationship(order in Just([0usize, 1, 2]).prop_shuffle()) {
        let methods = [method("#a", okp(3)), method("#b", okp(5)), method("#c", okp(7))];
        let shuffled: Vec<Value> = order.iter().map(|n| methods[*n].clone()).collect();
        let read = parse(&json!({
            "id": DID, "verificationMethod": shuffled,
            "authentication": ["#b"], "assertionMethod": ["#c"],
        })).unwrap();
        let of = |fragment: &str| read.method(&format!("{DID}#{fragment}")).unwrap().relationships();
        prop_assert_eq!(of("a"), Relationships::NONE);
        prop_assert_eq!(of("b"), Relationship::Authentication.into());
        prop_assert_eq!(of("c"), Relationship::AssertionMethod.into());
    }
}
