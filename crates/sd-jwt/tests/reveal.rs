//! What a verifier reveals and what it refuses (RFC 9901 §7.1), through the public API.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

use serde_json::{Map, Value, json};
use staffpass_jose::base64url;
use staffpass_sd_jwt::{Disclosure, HashAlgorithm, Limits, Revealed, SdJwtError, UnverifiedSdJwt};

const JWT: &str = "aa.bb.cc";

fn encoded(text: &str) -> String {
    base64url::encode(text)
}

fn digest(encoded: &str) -> String {
    HashAlgorithm::Sha256.digest(encoded)
}

fn reveal_within(
    payload: Value,
    disclosures: &[&str],
    limits: &Limits,
) -> Result<Revealed, SdJwtError> {
    let Value::Object(payload) = payload else { panic!("a payload is an object") };
    let compact: String =
        std::iter::once(JWT).chain(disclosures.iter().copied()).map(|p| format!("{p}~")).collect();
    UnverifiedSdJwt::parse(&compact, limits)?.reveal(&payload)
}

fn reveal(payload: Value, disclosures: &[&str]) -> Result<Revealed, SdJwtError> {
    reveal_within(payload, disclosures, &Limits::default())
}

fn claims(payload: Value, disclosures: &[&str]) -> Map<String, Value> {
    reveal(payload, disclosures).expect("an SD-JWT that is good").into_claims()
}

fn code(payload: Value, disclosures: &[&str]) -> &'static str {
    reveal(payload, disclosures).map_or_else(|error| error.code(), |_| "accepted")
}

/// The code for one disclosure of a given text, referred to from the top of the payload.
fn code_of(text: &str) -> &'static str {
    let disclosure = encoded(text);
    code(json!({"_sd": [digest(&disclosure)]}), &[&disclosure])
}

#[test]
fn the_specifications_own_disclosures_and_digests_come_out_byte_for_byte() {
    let limits = staffpass_jose::json::Limits::default();
    for (text, encoded, digest) in [
        (
            r#"["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]"#,
            "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
            "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
        ),
        (
            r#"["lklxF5jMYlGTPUovMNIvCA", "FR"]"#,
            "WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0",
            "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs",
        ),
    ] {
        let disclosure = Disclosure::from_json_text(text, &limits).unwrap();
        assert_eq!(disclosure.encoded(), encoded);
        assert_eq!(disclosure.digest(HashAlgorithm::Sha256), digest);
    }
}

#[test]
fn every_spelling_of_the_specification_is_read_alike() {
    for text in [
        r#"["_26bc4LT-ac6q2KI6cBW5es", "family_name", "M\u00f6bius"]"#,
        r#"["_26bc4LT-ac6q2KI6cBW5es","family_name","Möbius"]"#,
        "[\n\"_26bc4LT-ac6q2KI6cBW5es\",\n\"family_name\",\n\"Möbius\"\n]",
    ] {
        let disclosure = encoded(text);
        let payload = json!({"given_name": "Alice", "_sd": [digest(&disclosure)]});
        let expected = json!({"given_name": "Alice", "family_name": "Möbius"});
        assert_eq!(Value::Object(claims(payload, &[&disclosure])), expected);
    }
}

#[test]
fn nested_and_array_disclosures_go_to_their_places_and_the_rest_is_removed() {
    let element = encoded(r#"["s1","DE"]"#);
    let list = encoded(
        &json!(["s2", "nationalities", [
            {"...": digest(&element)}, {"...": digest("decoy")}, "UK",
        ]])
        .to_string(),
    );
    let payload = json!({
        "_sd_alg": "sha-256", "vct": "x", "_sd": [digest("another decoy"), digest(&list)],
        "address": {"_sd": [digest("a third")]},
    });
    let revealed = reveal(payload, &[&element, &list]).unwrap();
    let expected = json!({"vct": "x", "nationalities": ["DE", "UK"], "address": {}});
    assert_eq!(Value::Object(revealed.claims().clone()), expected);
    assert_eq!(revealed.disclosed_paths().len(), 2);
    assert!(revealed.is_selectively_disclosable("nationalities"));
    assert!(!revealed.is_selectively_disclosable("vct"));
}

#[test]
fn p08_a_claim_that_hides_something_at_any_depth_is_told() {
    let whole = encoded(r#"["s","cnf",{}]"#);
    for (payload, disclosures) in [
        (json!({"cnf": {"_sd": [digest("decoy")]}}), vec![]),
        (json!({"cnf": {"_sd": []}}), vec![]),
        (json!({"cnf": {"jwk": {"key_ops": [{"...": digest("decoy")}]}}}), vec![]),
        (json!({"_sd": [digest(&whole)]}), vec![whole.as_str()]),
    ] {
        assert!(reveal(payload, &disclosures).unwrap().is_selectively_disclosable("cnf"));
    }
    let open = reveal(json!({"cnf": {}, "_sd": [digest("decoy")]}), &[]).unwrap();
    assert!(!open.is_selectively_disclosable("cnf"));
}

#[test]
fn p04_sd_hash_is_over_the_bytes_received_up_to_the_last_tilde() {
    let with = UnverifiedSdJwt::parse("a.b.c~xyz~d.e.f", &Limits::default()).unwrap();
    assert_eq!(with.sd_hash(HashAlgorithm::Sha256), digest("a.b.c~xyz~"));
    assert_eq!(with.key_binding_jwt(), Some("d.e.f"));
    let fewer = UnverifiedSdJwt::parse("a.b.c~d.e.f", &Limits::default()).unwrap();
    assert_ne!(fewer.sd_hash(HashAlgorithm::Sha256), with.sd_hash(HashAlgorithm::Sha256));
}

#[test]
fn d01_a_digest_that_stands_twice_is_refused() {
    let claim = encoded(r#"["s","a",1]"#);
    let (used, decoy) = (digest(&claim), digest("decoy"));
    let twice = |digest: &str| json!({"_sd": [digest], "x": {"_sd": [digest]}});
    assert_eq!(code(twice(&used), &[&claim]), "sd_jwt_digest_repeated");
    assert_eq!(code(twice(&decoy), &[]), "sd_jwt_digest_repeated");
    let inner = encoded(&json!(["s", "b", {"_sd": [decoy]}]).to_string());
    let payload = json!({"_sd": [digest(&inner)], "l": [{"...": decoy}]});
    assert_eq!(code(payload, &[&inner]), "sd_jwt_digest_repeated");
    assert_eq!(code(json!({"_sd": [used]}), &[&claim, &claim]), "sd_jwt_disclosure_repeated");
}

#[test]
fn d02_a_disclosure_that_nothing_refers_to_is_refused() {
    let (claim, child) = (encoded(r#"["s","a",1]"#), encoded(r#"["s","b",1]"#));
    assert_eq!(code(json!({}), &[&claim]), "sd_jwt_disclosure_unreferenced");
    // Its parent, where its digest stands, was not disclosed.
    let parent = encoded(&json!(["s", "p", {"_sd": [digest(&child)]}]).to_string());
    let payload = json!({"_sd": [digest(&parent)]});
    assert_eq!(code(payload, &[&child]), "sd_jwt_disclosure_unreferenced");
}

#[test]
fn d03_a_claim_with_a_reserved_name_is_refused() {
    for name in ["_sd", "...", "_sd_alg"] {
        assert_eq!(code_of(&json!(["s", name, "x"]).to_string()), "sd_jwt_reserved_name");
    }
}

#[test]
fn d04_a_disclosure_that_has_the_name_of_another_claim_is_refused() {
    let (first, second) = (encoded(r#"["s","iss","x"]"#), encoded(r#"["t","iss","y"]"#));
    let open = json!({"_sd": [digest(&first)], "iss": "https://trust.example"});
    assert_eq!(code(open, &[&first]), "sd_jwt_name_collision");
    let both = json!({"_sd": [digest(&first), digest(&second)]});
    assert_eq!(code(both, &[&first, &second]), "sd_jwt_name_collision");
}

#[test]
fn d05_a_hash_algorithm_that_is_unknown_weak_or_nested_is_refused() {
    for alg in [json!("md5"), json!("SHA-256"), json!("sha-256-128"), json!(256), json!(null)] {
        assert_eq!(code(json!({"_sd_alg": alg}), &[]), "sd_jwt_hash_algorithm");
    }
    let nested = json!({"x": [{"_sd_alg": "sha-256"}]});
    assert_eq!(code(nested, &[]), "sd_jwt_hash_algorithm_nested");
    assert_eq!(code_of(r#"["s","x",{"_sd_alg":"sha-256"}]"#), "sd_jwt_hash_algorithm_nested");
    for digest in ["", "AAAA", "not base64!", &"A".repeat(86)] {
        assert_eq!(code(json!({"_sd": [digest]}), &[]), "sd_jwt_digest_form");
    }
}

#[test]
fn d05_each_algorithm_of_the_list_is_spoken() {
    let claim = encoded(r#"["s","a",1]"#);
    for algorithm in HashAlgorithm::ALL {
        let payload = json!({"_sd_alg": algorithm.name(), "_sd": [algorithm.digest(&claim)]});
        let revealed = reveal(payload, &[&claim]).unwrap();
        assert_eq!(revealed.hash_algorithm(), algorithm);
        assert_eq!(algorithm.to_string(), algorithm.name());
        assert_eq!(revealed.claims().get("a"), Some(&json!(1)));
    }
}

#[test]
fn d06_a_malformed_disclosure_is_an_error_with_a_name() {
    for text in ["", "[", "[\"s\",\"a\",1", "nonsense", r#"["s","a",{"b":1,"b":2}]"#] {
        assert_ne!(code_of(text), "accepted", "{text}");
    }
    assert_eq!(code_of(r#"["s","a",{"b":1,"b":2}]"#), "sd_jwt_disclosure_json");
    for text in ["!", "WyJz=", "WyJ+", "é"] {
        let payload = json!({"_sd": [digest(text)]});
        assert_eq!(code(payload, &[text]), "sd_jwt_disclosure_base64", "{text}");
    }
}

#[test]
fn pf16_unreferenced_disclosures_are_refused_wherever_they_stand() {
    let (good, stray) = (encoded(r#"["s","a",1]"#), encoded(r#"["t","b",1]"#));
    let payload = json!({"_sd": [digest(&good), digest("decoy")], "l": [{"...": digest("other")}]});
    assert_eq!(code(payload.clone(), &[&good]), "accepted");
    for disclosures in [[&good, &stray], [&stray, &good]] {
        let texts: Vec<_> = disclosures.iter().map(|text| text.as_str()).collect();
        assert_eq!(code(payload.clone(), &texts), "sd_jwt_disclosure_unreferenced");
    }
}

#[test]
fn pf17_malformed_disclosures_are_errors_and_no_panic() {
    for bytes in
        [&b""[..], b"\xff", b"[", b"[]", b"[[", b"null", b"[\"s\",\"\\ud800\",1]", b"[\"s\",1e999]"]
    {
        let disclosure = base64url::encode(bytes);
        let payload = json!({"_sd": [digest(&disclosure)]});
        let code = code(payload, &[&disclosure]);
        assert!(code == "sd_jwt_grammar" || code.starts_with("sd_jwt_disclosure_"), "{code}");
    }
}

#[test]
fn d07_a_disclosure_of_the_wrong_shape_is_refused() {
    for text in [
        "{}",
        "\"s\"",
        "[]",
        r#"["s"]"#,
        r#"["s","a"]"#,
        r#"["s","a",1,2]"#,
        r#"[1,"a",1]"#,
        r#"["s",1,1]"#,
        r#"[null,"a",1]"#,
    ] {
        assert_eq!(code_of(text), "sd_jwt_disclosure_shape", "{text}");
    }
    let claim = encoded(r#"["s","a",1]"#);
    let payload = json!({"list": [{"...": digest(&claim)}]});
    assert_eq!(code(payload, &[&claim]), "sd_jwt_disclosure_shape");
}

#[test]
fn d08_depth_count_values_and_bytes_are_limited() {
    let mut limits = Limits::default();
    limits.max_disclosures = 1;
    let two = reveal_within(json!({}), &["YQ", "Yg"], &limits).unwrap_err();
    assert_eq!(two.code(), "sd_jwt_too_many_disclosures");
    limits.max_bytes = 5;
    assert_eq!(reveal_within(json!({}), &[], &limits).unwrap_err().code(), "sd_jwt_too_long");
    limits.max_bytes = JWT.len() + 1;
    assert!(reveal_within(json!({}), &[], &limits).is_ok());

    let mut disclosures = vec![encoded(r#"["s","a",1]"#)];
    for _ in 0..40 {
        let inner = digest(disclosures.last().unwrap());
        disclosures.push(encoded(&json!(["s", "a", {"_sd": [inner]}]).to_string()));
    }
    let payload = json!({"_sd": [digest(disclosures.last().unwrap())]});
    let disclosures: Vec<_> = disclosures.iter().map(String::as_str).collect();
    assert_eq!(code(payload, &disclosures), "sd_jwt_too_deep");

    let mut limits = Limits::default();
    limits.json.max_values = 3;
    let many = reveal_within(json!({"a": [1, 2, 3]}), &[], &limits).unwrap_err();
    assert_eq!(many.code(), "sd_jwt_too_many_values");
    limits.json.max_values = 4;
    assert!(reveal_within(json!({"a": [1, 2, 3]}), &[], &limits).is_ok());
}

#[test]
fn d10_a_digest_of_the_decoded_text_is_refused() {
    let text = r#"["s","a",1]"#;
    let payload = json!({"_sd": [digest(text)]});
    assert_eq!(code(payload, &[&encoded(text)]), "sd_jwt_disclosure_unreferenced");
}

#[test]
fn d14_lists_and_placeholders_that_are_malformed_are_refused() {
    for sd in [json!("x"), json!({}), json!(null), json!([1]), json!([null]), json!([["x"]])] {
        assert_eq!(code(json!({"a": {"_sd": sd}}), &[]), "sd_jwt_digest_list", "{sd}");
    }
    let decoy = digest("decoy");
    for payload in [
        json!({"l": [{"...": decoy, "more": 1}]}),
        json!({"l": [{"...": 1}]}),
        json!({"l": {"...": decoy}}),
        json!({"...": decoy}),
    ] {
        assert_eq!(code(payload.clone(), &[]), "sd_jwt_placeholder", "{payload}");
    }
}

#[test]
fn s19_what_is_no_compact_form_is_refused() {
    for text in [
        "",
        "~",
        "a.b.c",
        "a.b~",
        "a.b.c~~",
        "~a.b.c~",
        "a.b.c~x",
        "a.b.c~x~y",
        "a..c~",
        "a.b.c~d.e",
        r#"{"payload":"e30","disclosures":[]}~"#,
    ] {
        let error = UnverifiedSdJwt::parse(text, &Limits::default()).unwrap_err();
        assert_eq!(error.code(), "sd_jwt_grammar", "{text}");
    }
}

#[test]
fn nothing_of_a_claim_is_printed() {
    let claim = encoded(r#"["s","name","Alma Fictional"]"#);
    let revealed = reveal(json!({"_sd": [digest(&claim)]}), &[&claim]).unwrap();
    let limits = staffpass_jose::json::Limits::default();
    let disclosure = Disclosure::from_json_text(r#"["s","Alma"]"#, &limits).unwrap();
    let sd_jwt = UnverifiedSdJwt::parse("a.b.c~", &Limits::default()).unwrap();
    let printed = format!("{revealed:?} {disclosure:?} {sd_jwt:?}");
    assert!(!printed.contains("Alma"));
    for name in ["Revealed", "Disclosure", "UnverifiedSdJwt"] {
        assert!(printed.contains(name), "{printed}");
    }
}

#[test]
fn a_payload_that_is_no_object_is_refused() {
    let sd_jwt = UnverifiedSdJwt::parse("a.b.c~", &Limits::default()).unwrap();
    for payload in [json!([]), json!("{}"), json!(null)] {
        assert_eq!(sd_jwt.reveal(&payload).unwrap_err().code(), "sd_jwt_payload_shape");
    }
}
