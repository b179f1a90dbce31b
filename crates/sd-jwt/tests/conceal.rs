//! What an issuer hides, through the public API (RFC 9901 §4.2, §5; SD-JWT VC).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod common;

use std::collections::HashSet;

use common::{at, claims, issue, members, rng};
use serde_json::{Value, json};
use staffpass_jose::{Signer as _, base64url};
use staffpass_query::ClaimPath;
use staffpass_sd_jwt::{
    ALWAYS_OPEN, Concealed, Concealer, Disclosure, HashAlgorithm, Limits, SdJwtError,
    UnverifiedSdJwt,
};

fn build(concealer: Concealer) -> Result<Concealed, SdJwtError> {
    concealer.build(&mut rng(1))
}

fn code(concealer: Concealer) -> &'static str {
    build(concealer).map_or_else(|error| error.code(), |_| "made")
}

fn text_of(encoded: &str) -> Value {
    serde_json::from_slice(&base64url::decode(encoded).unwrap()).unwrap()
}

#[test]
fn what_is_concealed_is_a_digest_and_comes_back_by_its_disclosure() {
    let concealed = build(Concealer::new(claims()).conceal(ClaimPath::key("given_name"))).unwrap();
    let payload = Value::Object(concealed.payload().clone());
    assert_eq!(payload.get("given_name"), None);
    assert_eq!(payload.get("family_name"), claims().get("family_name"));
    assert_eq!(payload.get("_sd_alg"), Some(&json!("sha-256")));
    let [disclosure] = concealed.disclosures() else { panic!("one disclosure") };
    assert_eq!(payload.get("_sd"), Some(&json!([disclosure.digest(HashAlgorithm::Sha256)])));
    let text = text_of(disclosure.encoded());
    assert_eq!(text.get(1), Some(&json!("given_name")));
    assert_eq!(text.get(2), claims().get("given_name"));
}

#[test]
fn nothing_concealed_leaves_the_claims_as_they_are() {
    let concealed = build(Concealer::new(claims()).decoys(3)).unwrap();
    assert_eq!(concealed.payload(), &claims());
    assert!(concealed.disclosures().is_empty());
}

#[test]
fn each_salt_has_128_bits_and_comes_once() {
    let concealed = build(common::all_concealed()).unwrap();
    let salts: Vec<_> = concealed
        .disclosures()
        .iter()
        .map(|d| text_of(d.encoded()).get(0).and_then(Value::as_str).unwrap().to_owned())
        .collect();
    assert!(salts.iter().all(|salt| base64url::decode(salt).unwrap().len() == 16));
    assert_eq!(salts.iter().collect::<HashSet<_>>().len(), salts.len());
}

#[test]
fn nested_claims_and_elements_are_concealed_each_on_its_own() {
    let concealer = Concealer::new(claims())
        .conceal(at(["address", "city"]))
        .conceal(ClaimPath::key("trainings").then_all().then_key("subject"))
        .conceal(ClaimPath::key("trainings").then_index(1));
    let concealed = build(concealer).unwrap();
    let payload = Value::Object(concealed.payload().clone());
    assert_eq!(payload.pointer("/address/postcode"), Some(&json!("ZZ99 3WZ")));
    assert_eq!(payload.pointer("/address/_sd").and_then(Value::as_array).map(Vec::len), Some(1));
    assert_eq!(payload.pointer("/trainings/0/level"), Some(&json!(1)));
    let placeholder = payload.pointer("/trainings/1").and_then(Value::as_object).unwrap();
    assert_eq!(placeholder.keys().collect::<Vec<_>>(), ["..."]);
    // Two subjects and a whole training, in which one of the subjects is hidden once more.
    assert_eq!(concealed.disclosures().len(), 4);
}

#[test]
fn a_place_that_two_paths_select_is_concealed_once() {
    let twice = Concealer::new(claims())
        .conceal(ClaimPath::key("address"))
        .conceal_all_inside(ClaimPath::key("address"));
    assert_eq!(build(twice).unwrap().disclosures().len(), 3);
}

#[test]
fn decoys_hide_how_much_is_hidden_and_fit_no_disclosure() {
    let concealer = Concealer::new(claims())
        .conceal(ClaimPath::key("given_name"))
        .conceal(ClaimPath::key("trainings").then_index(0))
        .decoys(5);
    let concealed = build(concealer).unwrap();
    let payload = Value::Object(concealed.payload().clone());
    let digests = payload.get("_sd").and_then(Value::as_array).unwrap();
    assert_eq!(digests.len(), 6);
    assert_eq!(payload.get("trainings").and_then(Value::as_array).map(Vec::len), Some(7));
    assert_eq!(concealed.disclosures().len(), 2);
    let compact = issue(concealed.clone());
    let sd_jwt = UnverifiedSdJwt::parse(&compact, &Limits::default()).unwrap();
    assert_eq!(sd_jwt.reveal(concealed.payload()).unwrap().claims(), &claims());
}

#[test]
fn digests_are_sorted_so_that_their_order_tells_nothing() {
    let concealed = build(common::all_concealed().decoys(4)).unwrap();
    let digests = concealed.payload().get("_sd").and_then(Value::as_array).unwrap();
    let texts: Vec<_> = digests.iter().map(|digest| digest.as_str().unwrap()).collect();
    assert!(texts.is_sorted());
}

#[test]
fn another_hash_algorithm_is_named_and_used() {
    for algorithm in HashAlgorithm::ALL {
        let concealed = build(common::all_concealed().hash_algorithm(algorithm)).unwrap();
        assert_eq!(concealed.payload().get("_sd_alg"), Some(&json!(algorithm.name())));
        let compact = issue(concealed.clone());
        let sd_jwt = UnverifiedSdJwt::parse(&compact, &Limits::default()).unwrap();
        assert_eq!(sd_jwt.reveal(concealed.payload()).unwrap().claims(), &claims());
    }
}

#[test]
fn d04_claims_that_sd_jwt_vc_keeps_open_are_not_concealed_nor_anything_in_them() {
    for name in ALWAYS_OPEN {
        let mut all = claims();
        all.insert(name.to_owned(), json!({"inside": [1]}));
        for path in [
            ClaimPath::key(name),
            ClaimPath::key(name).then_key("inside"),
            ClaimPath::key(name).then_key("inside").then_all(),
        ] {
            let whole = Concealer::new(all.clone()).conceal(ClaimPath::key("given_name"));
            assert_eq!(code(whole.clone().conceal(path.clone())), "sd_jwt_always_open", "{name}");
            assert_eq!(code(whole.conceal_all_inside(path)), "sd_jwt_always_open", "{name}");
        }
    }
    let error = build(
        Concealer::new(claims())
            .conceal(ClaimPath::key("given_name"))
            .conceal(ClaimPath::key("vct")),
    );
    assert_eq!(error.unwrap_err(), SdJwtError::AlwaysOpen { path: 1 });
}

#[test]
fn d03_claims_with_a_reserved_name_are_not_issued() {
    for name in ["_sd", "...", "_sd_alg"] {
        for claims in
            [json!({name: "x"}), json!({"a": {name: []}}), json!({"a": [{"b": {name: 1}}]})]
        {
            assert_eq!(code(Concealer::new(members(claims))), "sd_jwt_reserved_name", "{name}");
        }
    }
}

#[test]
fn a_path_that_selects_nothing_is_refused() {
    for path in [
        ClaimPath::key("absent"),
        ClaimPath::key("given_name").then_key("x"),
        ClaimPath::key("given_name").then_all(),
        ClaimPath::key("address").then_index(0),
        ClaimPath::key("trainings").then_key("subject"),
        ClaimPath::key("trainings").then_index(9),
    ] {
        assert_eq!(code(Concealer::new(claims()).conceal(path)), "sd_jwt_path_selects_nothing");
    }
}

#[test]
fn a_decoy_of_an_array_stands_anywhere() {
    let places: HashSet<_> = (0..40)
        .map(|seed| {
            let claims = members(json!({"l": ["x"]}));
            let path = ClaimPath::key("l").then_index(0);
            let concealer = Concealer::new(claims).conceal(path).decoys(2);
            let concealed = concealer.build(&mut rng(seed)).unwrap();
            let [disclosure] = concealed.disclosures() else { panic!("one disclosure") };
            let own = json!({"...": disclosure.digest(HashAlgorithm::Sha256)});
            let list = concealed.payload().get("l").and_then(Value::as_array).unwrap();
            list.iter().position(|element| *element == own).unwrap()
        })
        .collect();
    assert_eq!(places, HashSet::from([0, 1, 2]));
}

#[test]
fn a_signature_made_elsewhere_is_checked_and_joined() {
    let unsigned = build(common::all_concealed()).unwrap().into_unsigned(&common::header());
    let signature = common::issuer().sign(unsigned.signing_input()).unwrap();
    let key = common::issuer().verification_key();
    let compact = unsigned.clone().with_signature(&signature, key).unwrap();
    let signed = compact.split('~').next().and_then(|jwt| jwt.rsplit_once('.')).unwrap();
    assert_eq!(signed.0.as_bytes(), unsigned.signing_input());
    let sd_jwt = UnverifiedSdJwt::parse(&compact, &Limits::default()).unwrap();
    assert_eq!(sd_jwt.disclosures().len(), 12);
    let error = unsigned.with_signature(&[0; 64], key).unwrap_err();
    assert_eq!(error.code(), "signing_signature_mismatch");
}

#[test]
fn a_disclosure_says_what_it_discloses() {
    let disclosure = Disclosure::claim("a", json!(1), &mut rng(1));
    assert_eq!((disclosure.name(), disclosure.value()), (Some("a"), &json!(1)));
    let element = Disclosure::element(json!("x"), &mut rng(1));
    assert_eq!((element.name(), element.value()), (None, &json!("x")));
}

#[test]
fn nothing_of_a_claim_is_printed() {
    let concealer = common::all_concealed();
    let concealed = build(concealer.clone()).unwrap();
    let unsigned = concealed.clone().into_unsigned(&common::header());
    let printed = format!("{concealer:?} {concealed:?} {unsigned:?}");
    assert!(!printed.contains("Amara") && !printed.contains("given_name"), "{printed}");
    for name in ["Concealer", "Concealed", "UnsignedSdJwt"] {
        assert!(printed.contains(name), "{printed}");
    }
}
