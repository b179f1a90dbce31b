//! Credentials of every encoding: read, matched and presented, in the open and encrypted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use common::{ISSUER, Person, Portal, bound_claims, code, field, members, now, opened, sd_jwt_vc};
use serde_json::{Value, json};
use staffpass_did::ion::{self, Commitment};
use staffpass_did::{Did, DidUrl, Relationships};
use staffpass_disclosure::{Choice, Encoding, HeldCredential, Holder, RequestReview, Unusable};
use staffpass_jose::jwe::UnopenedJwe;
use staffpass_jose::{Algorithm, CryptoProvider as _, HeaderBuilder, UnsignedJws, base64url};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_query::{
    ClaimPath, ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlQuery, Mismatch,
};
use staffpass_request::Request;

const VCT: &str = "urn:example:staff-passport:identity:1";
const CLIENT: &str = "decentralized_identifier:did:web:portal.example";

fn path(dotted: &str) -> ClaimPath {
    ClaimPath::keys(dotted.split('.')).unwrap()
}

fn identity(person: &Person) -> HeldCredential {
    let claims = json!({
        "family_name": "Okafor-Lee",
        "birthdate": "1990-02-16",
        "address": { "city": "Eastmoor", "postcode": "ZZ99 3WZ" },
        "nationalities": ["GB", "IE", "FR"],
    });
    let hidden = [
        path("family_name"),
        path("birthdate"),
        path("address"),
        path("address.city"),
        path("address.postcode"),
        path("nationalities").then_index(0),
        path("nationalities").then_index(1),
        path("nationalities").then_index(2),
    ];
    HeldCredential::parse(&sd_jwt_vc(&person.key, VCT, &claims, &hidden)).unwrap()
}

fn asks_for(paths: impl IntoIterator<Item = ClaimPath>) -> DcqlQuery {
    let query = CredentialQuery::sd_jwt_vc("identity", VCT);
    let query = paths.into_iter().fold(query, |query, path| query.with_claim(path));
    DcqlQuery::new([query]).unwrap()
}

/// The nonce of a request.
fn nonce(review: &RequestReview) -> &str {
    review.request().nonce()
}

/// The one presentation for a part.
fn token_of(vp_token: &str, part: &str) -> String {
    let tokens: Value = serde_json::from_str(vp_token).unwrap();
    let tokens = tokens[part].as_array().unwrap();
    assert_eq!(tokens.len(), 1);
    tokens[0].as_str().unwrap().to_owned()
}

#[test]
fn an_sd_jwt_vc_is_read_with_every_claim_in_its_place() {
    let person = Person::new();
    let held = identity(&person);
    assert_eq!(held.encoding(), Encoding::SdJwtVc);
    assert_eq!(held.issuer(), ISSUER);
    assert_eq!(held.types(), [VCT]);
    assert_eq!(held.holder(), person.did().as_str());
    assert_eq!(held.subject().unwrap()["address"]["city"], "Eastmoor");
    assert_eq!(held.concealed_paths().len(), 8);
    assert!(held.expires_at().unwrap() > now() && held.valid_from().unwrap() < now());
    let printed = format!("{held:?}");
    assert!(!printed.contains("Okafor") && !printed.contains("did:"), "{printed}");
}

#[test]
fn an_sd_jwt_vc_shows_what_is_asked_and_what_that_is_hidden_in() {
    let (portal, person) = (Portal::new(), Person::new());
    let review = portal.review(&portal.dcql(asks_for([path("address.city")])));
    let held = [identity(&person)];
    let matches = review.matches(&held, &[person.did().clone()], now());
    let choice = matches.default_choice().unwrap();
    let shown = matches.shown("identity", 0).unwrap();
    let answer = matches.present(&choice, &[person.holder()], now(), &mut rand::rng()).unwrap();
    let token = token_of(&field(&answer, "vp_token")[0], "identity");
    let claims = bound_claims(&token, &person.key, CLIENT, nonce(&review));
    assert_eq!(claims["address"], json!({ "city": "Eastmoor" }));
    assert_eq!(claims["nationalities"], json!([]));
    let names = ["address", "cnf", "exp", "iat", "iss", "nationalities", "vct"];
    assert_eq!(members(&claims), names);
    assert_eq!(Value::Object(shown), claims, "shown is another thing than what leaves");
}

#[test]
fn without_claims_an_sd_jwt_vc_shows_nothing_that_it_can_hide() {
    let (portal, person) = (Portal::new(), Person::new());
    let review = portal.review(&portal.dcql(asks_for([])));
    let held = [identity(&person)];
    let matches = review.matches(&held, &[person.did().clone()], now());
    let choice = matches.default_choice().unwrap();
    let answer = matches.present(&choice, &[person.holder()], now(), &mut rand::rng()).unwrap();
    let token = token_of(&field(&answer, "vp_token")[0], "identity");
    // The issuer's JWT and the key binding.
    assert_eq!(token.matches('~').count(), 1);
}

#[test]
fn an_element_that_the_verifier_would_not_find_is_not_offered() {
    let (portal, person) = (Portal::new(), Person::new());
    let held = [identity(&person)];
    let outcome = |asked: ClaimPath| {
        let review = portal.review(&portal.dcql(asks_for([asked])));
        let matches = review.matches(&held, &[person.did().clone()], now());
        matches.part("identity").unwrap().outcomes()[0]
    };
    assert_eq!(outcome(path("nationalities").then_index(0)), Ok(()));
    assert_eq!(outcome(path("nationalities").then_all()), Ok(()));
    let second = outcome(path("nationalities").then_index(1));
    assert_eq!(second, Err(Unusable::NotShowable));
    assert_eq!(second.unwrap_err().code(), "held_not_showable");
}

#[test]
fn a_key_of_a_did_ion_holds_what_was_issued_to_the_key() {
    let portal = Portal::new();
    let key = SigningKey::generate(Algorithm::Es256k).unwrap();
    let document = ion::Document::default().key("sig", key.public_key(), Relationships::SIGNING);
    let commitment = Commitment::to_key(key.public_key()).unwrap();
    let did = ion::create(&document, &commitment, &commitment).unwrap();
    let key_id = DidUrl::new(&did, "sig").unwrap();
    let claims = json!({ "family_name": "Okafor-Lee" });
    let token = sd_jwt_vc(&key, VCT, &claims, &[path("family_name")]);
    let held = [HeldCredential::parse(&token).unwrap()];
    let review = portal.review(&portal.dcql(asks_for([path("family_name")])));
    let matches = review.matches(&held, &[did], now());
    let choice = matches.default_choice().unwrap();
    let holder = Holder::new(&key_id, &key);
    assert!(holder.holds(&held[0]));
    let answer = matches.present(&choice, &[holder], now(), &mut rand::rng()).unwrap();
    let token = token_of(&field(&answer, "vp_token")[0], "identity");
    let claims = bound_claims(&token, &key, CLIENT, nonce(&review));
    assert_eq!(claims["family_name"], "Okafor-Lee");
}

#[test]
fn another_key_does_not_hold_it() {
    let (portal, person, other) = (Portal::new(), Person::new(), Person::new());
    let held = [identity(&person)];
    let review = portal.review(&portal.dcql(asks_for([])));
    let matches = review.matches(&held, &[other.did().clone()], now());
    let outcome = matches.part("identity").unwrap().outcomes()[0];
    assert_eq!(outcome, Err(Unusable::OtherHolder));
    let own = review.matches(&held, &[person.did().clone()], now());
    let choice = own.default_choice().unwrap();
    let refused = own.present(&choice, &[other.holder()], now(), &mut rand::rng());
    assert_eq!(code(refused), "holder_key_missing");
}

#[test]
fn each_reason_why_a_credential_does_not_answer_is_told() {
    let (portal, person) = (Portal::new(), Person::new());
    let expired = json!({ "family_name": "A", "exp": now().timestamp() });
    let later = json!({ "family_name": "A", "nbf": now().timestamp() + 60 });
    let sd = |claims| HeldCredential::parse(&sd_jwt_vc(&person.key, VCT, claims, &[])).unwrap();
    let held = [
        person.holds("StaffIdentity"),
        HeldCredential::parse(&sd_jwt_vc(&person.key, "urn:example:x", &json!({}), &[])).unwrap(),
        sd(&json!({})),
        sd(&json!({ "family_name": "B" })),
        sd(&expired),
        sd(&later),
        sd(&json!({ "family_name": "A" })),
    ];
    let asked = ClaimsQuery::new(path("family_name")).with_values(["A"]);
    let query = CredentialQuery::sd_jwt_vc("identity", VCT).with_claim(asked);
    let review = portal.review(&portal.dcql(DcqlQuery::new([query]).unwrap()));
    let matches = review.matches(&held, &[person.did().clone()], now());
    let expected = [
        Err(Unusable::Mismatch(Mismatch::Format)),
        Err(Unusable::Mismatch(Mismatch::Type)),
        Err(Unusable::Mismatch(Mismatch::ClaimMissing { claim: 0 })),
        Err(Unusable::Mismatch(Mismatch::ClaimValue { claim: 0 })),
        Err(Unusable::Expired),
        Err(Unusable::NotYetValid),
        Ok(()),
    ];
    assert_eq!(matches.part("identity").unwrap().outcomes(), expected);
}

#[test]
fn the_options_of_a_choice_say_which_can_be_completed() {
    let (portal, person) = (Portal::new(), Person::new());
    let ask = |id, r#type| CredentialQuery::jwt_vc(id, r#type);
    let queries = [
        ask("identity", "StaffIdentity"),
        ask("job", "StaffEmployment"),
        ask("t", "StaffTraining"),
    ];
    let sets = [
        CredentialSetQuery::required([vec!["identity", "job"], vec!["identity"]]),
        CredentialSetQuery::optional([["t"]]),
    ];
    let review = portal.review(&portal.dcql(DcqlQuery::with_sets(queries, sets).unwrap()));
    let held = [person.holds("StaffIdentity"), person.holds("StaffTraining")];
    let matches = review.matches(&held, &[person.did().clone()], now());
    let options = matches.options();
    let complete: Vec<Vec<bool>> = options
        .iter()
        .map(|set| set.options.iter().map(|option| option.complete).collect())
        .collect();
    assert_eq!(complete, [vec![false, true], vec![true]]);
    assert_eq!((options[0].required, options[1].required), (true, false));
    assert_eq!(options[0].options[0].parts, ["identity", "job"]);
    let choice = matches.default_choice().unwrap();
    let parts: Vec<_> = choice.iter().map(|(part, _)| part).collect();
    assert_eq!(parts, ["identity"]);
}

fn vc_jose(person: &Person, members: &Value) -> String {
    let mut credential = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "StaffIdentity"],
        "issuer": { "id": ISSUER },
        "validFrom": "2026-01-02T00:00:00Z",
        "validUntil": "2027-01-02T00:00:00Z",
        "credentialSubject": { "id": person.did().as_str(), "family_name": "Okafor-Lee" },
    });
    for (name, value) in members.as_object().unwrap() {
        credential[name] = value.clone();
    }
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let header = HeaderBuilder::new(Algorithm::Es256).typ("vc+jwt").kid("did:web:e.example#k");
    UnsignedJws::new(&header, credential.to_string().as_bytes()).sign(&key).unwrap()
}

#[test]
fn a_credential_of_vc_data_model_2_is_enveloped() {
    let (portal, person) = (Portal::new(), Person::new());
    let token = vc_jose(&person, &json!({}));
    let held = [HeldCredential::parse(&token).unwrap()];
    assert_eq!(held[0].encoding(), Encoding::VcJose);
    assert_eq!(held[0].issuer(), ISSUER);
    let query = CredentialQuery::jwt_vc("identity", "StaffIdentity");
    let query = query.with_claim(path("credentialSubject.family_name"));
    let review = portal.review(&portal.dcql(DcqlQuery::new([query]).unwrap()));
    let matches = review.matches(&held, &[person.did().clone()], now());
    let choice = matches.default_choice().unwrap();
    let answer = matches.present(&choice, &[person.holder()], now(), &mut rand::rng()).unwrap();
    let presented = token_of(&field(&answer, "vp_token")[0], "identity");
    let (header, vp) = opened(&presented, &person.key);
    assert_eq!(header.typ.as_deref(), Some("vp+jwt"));
    assert_eq!(header.kid.as_deref(), Some(person.key_id.as_str()));
    assert_eq!(vp["holder"], person.did().as_str());
    assert_eq!((vp["aud"].as_str(), vp["nonce"].as_str()), (Some(CLIENT), Some(nonce(&review))));
    let enveloped = vp["verifiableCredential"].as_array().unwrap();
    assert_eq!(enveloped.len(), 1);
    assert_eq!(enveloped[0]["type"], json!(["EnvelopedVerifiableCredential"]));
    assert_eq!(enveloped[0]["id"], format!("data:application/vc+jwt,{token}"));
    assert!(vp.get("vp").is_none(), "VC-JOSE-COSE forbids the claim `vp`");
}

#[test]
fn both_the_dates_of_the_signature_and_of_the_credential_count() {
    let person = Person::new();
    let early = json!({ "exp": 1_780_000_000, "nbf": 1_770_000_000 });
    let held = HeldCredential::parse(&vc_jose(&person, &early)).unwrap();
    assert_eq!(held.expires_at().unwrap().timestamp(), 1_780_000_000);
    assert_eq!(held.valid_from().unwrap().timestamp(), 1_770_000_000);
    let wrong = vc_jose(&person, &json!({ "validUntil": "next year" }));
    assert_eq!(code(HeldCredential::parse(&wrong)), "credential_claims");
}

#[test]
fn authenticators_profile_takes_vc_jwt_alone() {
    let (portal, person) = (Portal::new(), Person::new());
    let held = [HeldCredential::parse(&vc_jose(&person, &json!({}))).unwrap()];
    let review = portal.review(&portal.microsoft(vec![common::asks("identity")]));
    let matches = review.matches(&held, &[person.did().clone()], now());
    let outcome = matches.part("identity").unwrap().outcomes()[0];
    assert_eq!(outcome, Err(Unusable::Mismatch(Mismatch::Format)));
}

#[test]
fn an_answer_is_encrypted_to_the_requests_own_key() {
    let (portal, person) = (Portal::new(), Person::new());
    let request = portal.encrypted(asks_for([path("family_name")]));
    let review = portal.review(&request);
    let held = [identity(&person)];
    let matches = review.matches(&held, &[person.did().clone()], now());
    let choice = matches.default_choice().unwrap();
    let holders = [person.holder()];
    let open = matches.present(&choice, &holders, now(), &mut rand::rng());
    assert_eq!(code(open), "encryption_needed");
    let answer =
        matches.present_encrypted(&choice, &holders, &AwsLc, now(), &mut rand::rng()).unwrap();
    let names: Vec<_> = answer.fields().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["response"]);
    let plaintext = decrypted(&request, &field(&answer, "response")[0]);
    assert_eq!(members(&plaintext), ["state", "vp_token"]);
    assert_eq!(plaintext["state"].as_str(), review.request().state());
    let token = token_of(&plaintext["vp_token"].to_string(), "identity");
    let claims = bound_claims(&token, &person.key, CLIENT, nonce(&review));
    assert_eq!(claims["family_name"], "Okafor-Lee");
}

fn decrypted(request: &Request, response: &str) -> Value {
    let key = request.response_key().unwrap();
    let jwe = UnopenedJwe::parse(response, &staffpass_jose::jwe::Limits::default()).unwrap();
    assert_eq!(jwe.header().kid.as_deref(), Some(key.kid()));
    let key = AwsLc.agreement_key_from_private_jwk(key.private_jwk()).unwrap();
    serde_json::from_slice(&key.open(&jwe).unwrap()).unwrap()
}

#[test]
fn where_nothing_is_to_be_encrypted_both_ways_send_the_same_form() {
    let (portal, person) = (Portal::new(), Person::new());
    let review = portal.review(&portal.dcql(asks_for([])));
    let held = [identity(&person)];
    let matches = review.matches(&held, &[person.did().clone()], now());
    let choice = matches.default_choice().unwrap();
    let answer = matches
        .present_encrypted(&choice, &[person.holder()], &AwsLc, now(), &mut rand::rng())
        .unwrap();
    let names: Vec<_> = answer.fields().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["vp_token", "state"]);
}

#[test]
fn a_choice_that_answers_nothing_is_not_shown() {
    let (portal, person) = (Portal::new(), Person::new());
    let review = portal.review(&portal.dcql(asks_for([path("given_name")])));
    let held = [identity(&person)];
    let matches = review.matches(&held, &[person.did().clone()], now());
    assert_eq!(code(matches.shown("identity", 0)), "choice_no_answer");
    assert_eq!(code(matches.shown("identity", 7)), "choice_no_answer");
    let mut choice = Choice::new();
    choice.pick("identity", 0);
    let refused = matches.present(&choice, &[person.holder()], now(), &mut rand::rng());
    assert_eq!(code(refused), "choice_no_answer");
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let person = Person::new();
    let of = |typ: &str, claims: &Value| {
        let header = HeaderBuilder::new(Algorithm::Es256).typ(typ).kid("did:web:e.example#k");
        UnsignedJws::new(&header, claims.to_string().as_bytes()).sign(&person.key).unwrap()
    };
    let jwk = person.key.public_key().to_jwk();
    let sd = |claims: &Value| format!("{}~", of("dc+sd-jwt", claims));
    let cases = [
        (of("at+jwt", &json!({})), "credential_type"),
        (of("vc+jwt", &json!({ "vc": {} })), "credential_type"),
        (of("JWT", &json!({})), "credential_member_missing"),
        (of("vc+jwt", &json!({ "issuer": ISSUER })), "credential_member_missing"),
        (sd(&json!({ "iss": ISSUER, "vct": VCT })), "credential_member_missing"),
        (sd(&json!({ "iss": ISSUER, "cnf": { "jwk": jwk } })), "credential_member_missing"),
        (sd(&json!({ "vct": VCT, "cnf": { "jwk": jwk } })), "credential_member_missing"),
        (sd(&json!({ "iss": 7, "vct": VCT, "cnf": { "jwk": jwk } })), "credential_claims"),
        (format!("{}~", of("JWT", &json!({}))), "credential_type"),
    ];
    for (token, expected) in cases {
        assert_eq!(code(HeldCredential::parse(&token)), expected);
    }
}

#[test]
fn a_disclosure_of_nothing_is_refused() {
    let person = Person::new();
    let stray = base64url::encode(br#"["salt", "role", "chief"]"#);
    let token = sd_jwt_vc(&person.key, VCT, &json!({ "family_name": "A" }), &[]);
    assert_eq!(
        code(HeldCredential::parse(&format!("{token}{stray}~"))),
        "sd_jwt_disclosure_unreferenced"
    );
}

#[test]
fn holders_are_told_apart_by_their_keys() {
    let (one, other) = (Person::new(), Person::new());
    let dids: Vec<Did> = vec![one.did().clone(), other.did().clone()];
    let portal = Portal::new();
    let held = [identity(&one), identity(&other)];
    let query = CredentialQuery::sd_jwt_vc("identity", VCT).with_multiple();
    let review = portal.review(&portal.dcql(DcqlQuery::new([query]).unwrap()));
    let matches = review.matches(&held, &dids, now());
    let mut choice = Choice::new();
    choice.pick("identity", 0);
    choice.pick_also("identity", 1);
    let holders = [one.holder(), other.holder()];
    let answer = matches.present(&choice, &holders, now(), &mut rand::rng()).unwrap();
    let tokens: Value = serde_json::from_str(&field(&answer, "vp_token")[0]).unwrap();
    let nonce = nonce(&review);
    bound_claims(tokens["identity"][0].as_str().unwrap(), &one.key, CLIENT, nonce);
    bound_claims(tokens["identity"][1].as_str().unwrap(), &other.key, CLIENT, nonce);
}
