//! What a holder shows and binds, through the public API (RFC 9901 §4.3, §7.2).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod common;

use chrono::{DateTime, Utc};
use common::{all_concealed, at, claims, held, holder, issue, issuer, members, rng};
use serde_json::{Map, Value, json};
use staffpass_jose::{
    Algorithm, HeaderBuilder, NumericDate, Signer as _, UnsignedJws, UnverifiedJws, jws,
};
use staffpass_jose_aws_lc::SigningKey;
use staffpass_query::ClaimPath;
use staffpass_sd_jwt::{
    Concealer, HashAlgorithm, HeldSdJwt, KeyBinding, Limits, SdJwtError, UnverifiedSdJwt,
};

const AUDIENCE: &str = "https://portal.example";
const NONCE: &str = "n-0S6_WzA2Mj";

fn now() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

/// What a verifier sees who is shown this.
fn seen(compact: &str, payload: &Map<String, Value>) -> Value {
    let sd_jwt = UnverifiedSdJwt::parse(compact, &Limits::default()).unwrap();
    let mut claims = sd_jwt.reveal(payload).unwrap().into_claims();
    for open in ["iss", "vct", "exp", "cnf"] {
        claims.remove(open).expect("an open claim");
    }
    Value::Object(claims)
}

fn shown(paths: &[ClaimPath]) -> Value {
    let (held, payload) = held(all_concealed().decoys(1));
    seen(held.select(paths).unwrap().as_str(), &payload)
}

#[test]
fn no_path_shows_what_is_open_and_nothing_else() {
    assert_eq!(shown(&[]), json!({}));
    assert_eq!(shown(&[ClaimPath::key("vct")]), json!({}));
}

#[test]
fn a_claim_is_shown_with_what_it_is_hidden_in() {
    assert_eq!(shown(&[at(["address", "city"])]), json!({"address": {"city": "Eastmoor"}}));
    let subject = ClaimPath::key("trainings").then_index(1).then_key("subject");
    assert_eq!(shown(&[subject]), json!({"trainings": [{"subject": "moving"}]}));
}

#[test]
fn a_claim_is_shown_with_what_is_hidden_in_it() {
    let address = json!({"address": {"city": "Eastmoor", "postcode": "ZZ99 3WZ"}});
    assert_eq!(shown(&[ClaimPath::key("address")]), address);
    let trainings = ClaimPath::key("trainings");
    assert_eq!(shown(&[trainings]).get("trainings"), claims().get("trainings"));
}

#[test]
fn every_element_is_selected_by_null_and_only_where_the_rest_of_the_path_leads_on() {
    let subjects = ClaimPath::key("trainings").then_all().then_key("subject");
    let expected = json!({"trainings": [{"subject": "fire"}, {"subject": "moving"}]});
    assert_eq!(shown(&[subjects]), expected);

    let claims = members(json!({"l": [{"a": 1}, {"b": 2}, 3]}));
    let concealer = Concealer::new(claims).conceal_all_inside(ClaimPath::key("l"));
    let (held, payload) = held(concealer);
    let selected = held.select(&[ClaimPath::key("l").then_all().then_key("b")]).unwrap();
    let sd_jwt = UnverifiedSdJwt::parse(selected.as_str(), &Limits::default()).unwrap();
    let revealed = sd_jwt.reveal(&payload).unwrap().into_claims();
    assert_eq!(Value::Object(revealed), json!({"l": [{"b": 2}]}));
}

#[test]
fn a_name_that_starts_like_another_is_another() {
    let claims = members(json!({"a": 1, "ab": 2, "abc": {"a": 3}}));
    let paths = ["a", "ab", "abc"].map(ClaimPath::key);
    let concealer = paths.into_iter().fold(Concealer::new(claims), Concealer::conceal_all_inside);
    let (held, payload) = held(concealer);
    let selected = held.select(&[ClaimPath::key("ab")]).unwrap();
    assert_eq!(selected.disclosed_paths(), [ClaimPath::key("ab")]);
    let sd_jwt = UnverifiedSdJwt::parse(selected.as_str(), &Limits::default()).unwrap();
    assert_eq!(Value::Object(sd_jwt.reveal(&payload).unwrap().into_claims()), json!({"ab": 2}));
}

#[test]
fn a_path_that_selects_nothing_is_refused() {
    let (held, _) = held(all_concealed());
    for path in [ClaimPath::key("absent"), ClaimPath::key("trainings").then_index(2)] {
        let error = held.select(&[ClaimPath::key("vct"), path]).unwrap_err();
        assert_eq!(error, SdJwtError::PathSelectsNothing { path: 1 });
        assert_eq!(error.code(), "sd_jwt_path_selects_nothing");
    }
}

#[test]
fn d14_a_holder_refuses_a_key_binding_from_an_issuer() {
    let (held, payload) = held(all_concealed());
    let bound = bind(&held);
    let error = HeldSdJwt::receive(&bound, &payload, &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "sd_jwt_key_binding_from_issuer");
}

#[test]
fn a_holder_takes_nothing_that_a_verifier_would_refuse() {
    let concealed = all_concealed().build(&mut rng(2)).unwrap();
    let payload = concealed.payload().clone();
    let compact = issue(concealed);
    let mut parts: Vec<_> = compact.split('~').collect();
    parts.insert(1, "WyJzIiwiYSIsMV0");
    let error = HeldSdJwt::receive(&parts.join("~"), &payload, &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "sd_jwt_disclosure_unreferenced");
}

fn bind(held: &HeldSdJwt) -> String {
    let presentation = held.select(&[ClaimPath::key("given_name")]).unwrap();
    presentation.bind(AUDIENCE, NONCE, now()).unwrap().sign(holder()).unwrap()
}

/// The key binding of a presentation, verified under the holder's key.
fn binding(compact: &str) -> KeyBinding {
    let sd_jwt = UnverifiedSdJwt::parse(compact, &Limits::default()).unwrap();
    read(sd_jwt.key_binding_jwt().unwrap()).unwrap()
}

fn read(jwt: &str) -> Result<KeyBinding, SdJwtError> {
    let limits = jws::Limits::default();
    let jws = UnverifiedJws::parse(jwt, &limits).unwrap();
    KeyBinding::read(&jws.verify(holder().verification_key()).unwrap(), &limits.json)
}

#[test]
fn a_key_binding_says_for_whom_when_and_over_what() {
    let (held, payload) = held(all_concealed());
    let compact = bind(&held);
    let binding = binding(&compact);
    assert_eq!((binding.audience(), binding.nonce()), (AUDIENCE, NONCE));
    assert_eq!(binding.issued_at().floor(), now());
    let sd_jwt = UnverifiedSdJwt::parse(&compact, &Limits::default()).unwrap();
    binding.check_sd_hash(&sd_jwt, HashAlgorithm::Sha256).unwrap();
    assert_eq!(binding.sd_hash(), sd_jwt.sd_hash(HashAlgorithm::Sha256));
    let key = held.holder_key().map(|key| key.thumbprint());
    assert_eq!(key, Some(holder().public_key().thumbprint()));
    assert_eq!(seen(&compact, &payload), json!({"given_name": "Amara"}));
}

fn signed(claims: &Value) -> String {
    let header = HeaderBuilder::new(Algorithm::Es256).typ(staffpass_sd_jwt::KEY_BINDING_TYPE);
    UnsignedJws::new(&header, claims.to_string().as_bytes()).sign(holder()).unwrap()
}

#[test]
fn t01_the_dates_of_a_key_binding_are_dates_and_its_claims_an_object() {
    let good =
        json!({"aud": AUDIENCE, "nonce": NONCE, "iat": 1, "sd_hash": "x", "exp": 5, "nbf": 2});
    let binding = read(&signed(&good)).unwrap();
    let seconds = |date: Option<NumericDate>| date.unwrap().floor().timestamp();
    assert_eq!((seconds(binding.not_before()), seconds(binding.expires_at())), (2, 5));
    for member in ["exp", "nbf", "iat"] {
        for wrong in [json!(null), json!("5"), json!([5])] {
            let mut claims = good.clone();
            claims[member] = wrong;
            assert!(read(&signed(&claims)).is_err(), "{claims}");
        }
    }
    assert!(read(&signed(&json!([AUDIENCE, NONCE, 1, "x", 5, 2]))).is_err());
}

#[test]
fn the_hash_of_a_key_binding_is_made_by_the_algorithm_of_the_sd_jwt() {
    let (held, _) = held(all_concealed().hash_algorithm(HashAlgorithm::Sha512));
    let compact = bind(&held);
    let sd_jwt = UnverifiedSdJwt::parse(&compact, &Limits::default()).unwrap();
    binding(&compact).check_sd_hash(&sd_jwt, HashAlgorithm::Sha512).unwrap();
    let error = binding(&compact).check_sd_hash(&sd_jwt, HashAlgorithm::Sha256).unwrap_err();
    assert_eq!(error.code(), "sd_jwt_sd_hash_mismatch");
}

#[test]
fn a_signature_made_elsewhere_is_checked_and_joined() {
    let (held, _) = held(all_concealed());
    let presentation = held.select(&[]).unwrap();
    let unsigned = presentation.bind(AUDIENCE, NONCE, now()).unwrap();
    let signature = holder().sign(unsigned.signing_input()).unwrap();
    let key = holder().verification_key();
    let compact = unsigned.clone().with_signature(&signature, key).unwrap();
    assert!(compact.starts_with(presentation.as_str()));
    let error = unsigned.with_signature(&[0; 64], key).unwrap_err();
    assert_eq!(error.code(), "signing_signature_mismatch");
}

#[test]
fn p04_disclosures_added_or_withheld_after_the_key_binding_are_noticed() {
    let (held, _) = held(all_concealed());
    let compact = bind(&held);
    let all = held.select(&["given_name", "family_name"].map(ClaimPath::key)).unwrap();
    let (_, jwt) = compact.rsplit_once('~').unwrap();
    let more = format!("{}{jwt}", all.as_str());
    let fewer = format!("{}{jwt}", held.select(&[]).unwrap().as_str());
    for forged in [more, fewer] {
        let sd_jwt = UnverifiedSdJwt::parse(&forged, &Limits::default()).unwrap();
        let error = binding(&forged).check_sd_hash(&sd_jwt, HashAlgorithm::Sha256).unwrap_err();
        assert_eq!(error, SdJwtError::SdHashMismatch);
    }
}

#[test]
fn p05_a_key_that_is_not_the_one_in_cnf_does_not_bind() {
    let (held, _) = held(all_concealed());
    let unsigned = || held.select(&[]).unwrap().bind(AUDIENCE, NONCE, now()).unwrap();
    let other = SigningKey::generate(Algorithm::Es256).unwrap();
    let error = unsigned().sign(&other).unwrap_err();
    assert_eq!(error.code(), "sd_jwt_holder_key_mismatch");
    let signature = other.sign(unsigned().signing_input()).unwrap();
    let error = unsigned().with_signature(&signature, other.verification_key()).unwrap_err();
    assert_eq!(error.code(), "sd_jwt_holder_key_mismatch");
    let key = holder().verification_key();
    let error = unsigned().with_signature(&signature, key).unwrap_err();
    assert_eq!(error.code(), "signing_signature_mismatch");
}

#[test]
fn an_sd_jwt_without_cnf_cannot_be_bound() {
    let (held, _) = held(Concealer::new(members(json!({"a": 1}))));
    assert!(held.holder_key().is_none());
    let error = held.select(&[]).unwrap().bind(AUDIENCE, NONCE, now()).unwrap_err();
    assert_eq!(error.code(), "sd_jwt_not_bound");
}

#[test]
fn a_date_that_no_jwt_can_hold_is_refused() {
    let (held, _) = held(all_concealed());
    let early = DateTime::<Utc>::MIN_UTC;
    let error = held.select(&[]).unwrap().bind(AUDIENCE, NONCE, early).unwrap_err();
    assert_eq!(error.code(), "sd_jwt_date");
}

#[test]
fn a_jwt_of_another_type_is_no_key_binding() {
    let claims = json!({"aud": AUDIENCE, "nonce": NONCE, "iat": 1, "sd_hash": "x"}).to_string();
    let sign = |header: HeaderBuilder| {
        UnsignedJws::new(&header, claims.as_bytes()).sign(holder()).unwrap()
    };
    let header = HeaderBuilder::new(Algorithm::Es256);
    for wrong in [header.clone(), header.clone().typ("JWT"), header.clone().typ("KB+JWT")] {
        assert_eq!(read(&sign(wrong)).unwrap_err().code(), "sd_jwt_key_binding_type");
    }
    assert!(read(&sign(header.typ("kb+jwt"))).is_ok());
}

#[test]
fn a_key_binding_that_lacks_a_claim_or_names_two_audiences_is_refused() {
    let whole = json!({"aud": AUDIENCE, "nonce": NONCE, "iat": 1, "sd_hash": "x"});
    let header = HeaderBuilder::new(Algorithm::Es256).typ("kb+jwt");
    let code = |claims: &Value| {
        let jws = UnsignedJws::new(&header, claims.to_string().as_bytes());
        read(&jws.sign(holder()).unwrap()).map_or_else(|error| error.code(), |_| "read")
    };
    assert_eq!(code(&whole), "read");
    for name in ["aud", "nonce", "iat", "sd_hash"] {
        let mut claims = members(whole.clone());
        claims.remove(name);
        assert_eq!(code(&Value::Object(claims)), "sd_jwt_key_binding_claims", "{name}");
    }
    for (name, value) in [
        ("aud", json!([AUDIENCE])),
        ("aud", json!([AUDIENCE, "https://other.example"])),
        ("nonce", json!(1)),
        ("iat", json!("1")),
        ("sd_hash", json!(null)),
    ] {
        let mut claims = members(whole.clone());
        claims.insert(name.to_owned(), value);
        assert_eq!(code(&Value::Object(claims)), "sd_jwt_key_binding_claims", "{name}");
    }
}

#[test]
fn nothing_of_a_claim_is_printed() {
    let (held, _) = held(all_concealed());
    let presentation = held.select(&[ClaimPath::key("given_name")]).unwrap();
    let unsigned = presentation.bind(AUDIENCE, NONCE, now()).unwrap();
    let binding = binding(&bind(&held));
    let printed = format!("{held:?} {presentation:?} {unsigned:?} {binding:?}");
    assert!(!printed.contains("Amara") && !printed.contains(NONCE), "{printed}");
    for name in ["HeldSdJwt", "Presentation", "UnsignedKeyBinding", " KeyBinding {"] {
        assert!(printed.contains(name), "{printed}");
    }
}

#[test]
fn d09_the_json_form_is_not_spoken() {
    let concealed = all_concealed().build(&mut rng(3)).unwrap();
    let compact = concealed.into_unsigned(&common::header()).sign(issuer()).unwrap();
    let parts: Vec<_> = compact.split('~').collect();
    let (jwt, disclosures) = parts.split_first().unwrap();
    let jwt: Vec<_> = jwt.split('.').collect();
    let json = json!({
        "payload": jwt.get(1), "signatures": [
            {"protected": jwt.first(), "signature": jwt.get(2), "header": {"disclosures": []}},
            {"protected": jwt.first(), "signature": jwt.get(2), "header": {"disclosures": disclosures}},
        ],
    })
    .to_string();
    for text in [json.clone(), format!("{json}~")] {
        let error = UnverifiedSdJwt::parse(&text, &Limits::default()).unwrap_err();
        assert_eq!(error.code(), "sd_jwt_grammar");
    }
}
