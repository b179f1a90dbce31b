//! Handing credentials over (OpenID4VCI 1.0): the whole flow, and every attack on it.
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

use std::collections::BTreeSet;
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use common::{now, rng};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use staffpass_credentials::{CredentialKind, TypeNames};
use staffpass_issue::openid4vci::{
    AccessToken, CredentialConfiguration, CredentialRequest, HolderKey, HolderKeys, Issuance,
    IssuerMetadata, KnownIssuer, Nonces, OfferTerms, Offered, ProofRules, Refusal, TokenEndpoint,
    TokenRequest, TransactionCode, UntrustedOffer, credential_request, credential_response,
    key_proof, offer_json, offer_link, token_request, well_known,
};
use staffpass_issue::{MINIMUM_ENTRIES, TokenStatusRegister};
use staffpass_jose::{Algorithm, AlgorithmSet, HeaderBuilder, Signer as _, UnsignedJws};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_otp::{Channel, CodeKey};
use url::Url;

const ISSUER: &str = "https://eastmoor.example/staff";
const CONFIGURATION: &str = "identity_dc_sd_jwt";

fn code_key() -> CodeKey {
    CodeKey::new(&[7; 32]).unwrap()
}

fn offer() -> Offered {
    offered(&OfferTerms::new([CONFIGURATION]))
}

fn offered(terms: &OfferTerms) -> Offered {
    Issuance::offer(terms, &code_key(), now(), &mut rng()).unwrap()
}

fn waived() -> Offered {
    offered(&OfferTerms::new([CONFIGURATION]).transaction_code(TransactionCode::Waived))
}

/// Redeems an offer, and says with what token or why not.
fn redeem_at(
    offered: &mut Offered,
    code: &str,
    tx_code: Option<&str>,
    now: DateTime<Utc>,
) -> Result<AccessToken, Refusal> {
    let request = TokenRequest::parse(token_request(code, tx_code).as_bytes())?;
    let response = offered.issuance.redeem(&request, &code_key(), now, &mut rng())?;
    let token = response.to_json()["access_token"].as_str().unwrap().to_owned();
    AccessToken::from_authorization(&format!("Bearer {token}"))
}

fn redeem(offered: &mut Offered, tx_code: Option<&str>) -> Result<AccessToken, Refusal> {
    let code = offered.code().to_owned();
    redeem_at(offered, &code, tx_code, now())
}

fn tx_code(offered: &Offered) -> String {
    offered.tx_code().unwrap().reveal().to_owned()
}

fn wrong(right: &str) -> String {
    let first = if right.starts_with('1') { "2" } else { "1" };
    format!("{first}{}", &right[1..])
}

fn holder() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).unwrap()
}

fn proof(key: &SigningKey, nonce: &str) -> String {
    key_proof(key.public_key(), ISSUER, nonce, now()).unwrap().sign(key).unwrap()
}

fn request(proofs: &[String]) -> CredentialRequest {
    let body = credential_request(CONFIGURATION, proofs).to_string();
    CredentialRequest::parse(body.as_bytes()).unwrap()
}

/// An issuer with one redeemed offer.
struct Desk {
    issuance: Issuance,
    token: AccessToken,
    nonces: Nonces,
}

impl Desk {
    fn new() -> Self {
        let mut offered = waived();
        let token = redeem(&mut offered, None).unwrap();
        Self { issuance: offered.issuance, token, nonces: Nonces::new(&mut rand::rng()) }
    }

    fn nonce(&self) -> String {
        self.nonces.issue(now(), &mut rand::rng())
    }

    fn accept_at(
        &mut self,
        proofs: &[String],
        now: DateTime<Utc>,
    ) -> Result<Vec<HolderKey>, Refusal> {
        let rules = ProofRules::new(ISSUER, &AwsLc).batch_size(3);
        let request = request(proofs);
        self.issuance.accept(&self.token, &request, &rules, &mut self.nonces, now)
    }

    fn accept(&mut self, proofs: &[String]) -> Result<Vec<HolderKey>, Refusal> {
        self.accept_at(proofs, now())
    }
}

/// The code of a refusal, and what the wallet is told.
fn told<T>(result: Result<T, Refusal>) -> (&'static str, &'static str) {
    result.map_or_else(|refusal| (refusal.code(), refusal.error()), |_| ("accepted", ""))
}

/// What comes of a proof with this header and these claims, signed by this key.
fn judged(
    key: &SigningKey,
    header: impl Fn(HeaderBuilder) -> HeaderBuilder,
    claims: impl Fn(&mut Value),
) -> (&'static str, &'static str) {
    let mut desk = Desk::new();
    let mut body = json!({"aud": ISSUER, "iat": now().timestamp(), "nonce": desk.nonce()});
    claims(&mut body);
    let header = header(HeaderBuilder::new(key.algorithm()).typ("openid4vci-proof+jwt"));
    let proof = UnsignedJws::new(&header, body.to_string().as_bytes()).sign(key).unwrap();
    told(desk.accept(&[proof]))
}

fn with_jwk(key: &SigningKey) -> impl Fn(HeaderBuilder) -> HeaderBuilder {
    let jwk = key.public_key().to_jwk();
    move |header| header.member("jwk", jwk.clone())
}

#[test]
fn a_wallet_is_handed_a_credential() {
    // The issuer offers, and shows a QR code.
    let mut offered = offer();
    let metadata = IssuerMetadata::new(ISSUER, "Eastmoor Hospitals (fictional)", Algorithm::Es256)
        .unwrap()
        .configurations(CredentialConfiguration::staff(
            CredentialKind::Identity,
            &TypeNames::default(),
            "Staff identity",
        ));
    let offer = offer_json(ISSUER, &offered.issuance, offered.code()).to_string();

    // The wallet reads it, knows the issuer, and asks for the digits.
    let accepted = UntrustedOffer::parse(offer.as_bytes()).unwrap().accept(&[ISSUER]).unwrap();
    assert!(accepted.needs_tx_code());
    assert_eq!(accepted.configurations().collect::<Vec<_>>(), [CONFIGURATION]);
    let known = KnownIssuer::read(metadata.to_json().to_string().as_bytes(), ISSUER).unwrap();
    assert_eq!(known.format_of(CONFIGURATION), Some("dc+sd-jwt"));
    let server = metadata.authorization_server_json().to_string();
    let endpoint = TokenEndpoint::read(server.as_bytes(), ISSUER).unwrap();
    assert_eq!(endpoint.url().as_str(), "https://eastmoor.example/staff/token");

    // Token, nonce, proof, credential.
    let digits = tx_code(&offered);
    let token = redeem_at(&mut offered, accepted.code(), Some(&digits), now()).unwrap();
    assert_eq!(token.issuance_id(), offered.issuance.id());
    let mut nonces = Nonces::new(&mut rng());
    let nonce = nonces.response(now(), &mut rng())["c_nonce"].as_str().unwrap().to_owned();
    let key = holder();
    let rules = ProofRules::new(ISSUER, &AwsLc);
    let request = request(&[proof(&key, &nonce)]);
    let keys = offered.issuance.accept(&token, &request, &rules, &mut nonces, now()).unwrap();
    let [holder] = keys.as_slice() else { panic!("one key") };
    assert_eq!(holder.public_key().thumbprint(), key.public_key().thumbprint());
    assert_eq!(holder.did(), &staffpass_did::jwk::from_public_key(key.public_key()));
    assert!(offered.issuance.is_over(now()));
    let response = credential_response(["the credential"]);
    assert_eq!(response, json!({"credentials": [{"credential": "the credential"}]}));
}

#[test]
fn i01_a_transaction_code_is_required_unless_it_is_waived() {
    let mut offered = offer();
    assert_eq!(told(redeem(&mut offered, None)), ("vci_tx_code_missing", "invalid_request"));
    let digits = tx_code(&offered);
    assert!(redeem(&mut offered, Some(&digits)).is_ok());
    let unexpected = redeem(&mut waived(), Some("123456"));
    assert_eq!(told(unexpected), ("vci_tx_code_unexpected", "invalid_request"));
}

#[test]
fn i01_the_offer_says_by_which_other_channel_the_transaction_code_comes() {
    for (channel, word) in [(Channel::Email, "email"), (Channel::Mobile, "text message")] {
        let terms = OfferTerms::new([CONFIGURATION]).transaction_code(TransactionCode::By(channel));
        let offered = offered(&terms);
        let offer = offer_json(ISSUER, &offered.issuance, offered.code());
        let grant = &offer["grants"]["urn:ietf:params:oauth:grant-type:pre-authorized_code"];
        assert_eq!(grant["tx_code"]["length"], json!(6));
        assert_eq!(grant["tx_code"]["input_mode"], json!("numeric"));
        assert!(grant["tx_code"]["description"].as_str().unwrap().contains(word));
        assert!(!offer.to_string().contains(&tx_code(&offered)));
    }
}

#[test]
fn i01_a_code_is_long_short_lived_good_once_and_kept_as_a_hash() {
    let mut offered = offer();
    let (code, digits) = (offered.code().to_owned(), tx_code(&offered));
    assert_eq!(staffpass_jose::base64url::decode(&code).unwrap().len(), 32);
    assert_eq!(offered.issuance.expires_at(), now() + TimeDelta::minutes(10));
    let late = offered.issuance.expires_at();
    let expired = redeem_at(&mut offered, &code, Some(&digits), late);
    assert_eq!(told(expired), ("vci_code_expired", "invalid_grant"));

    let stored = serde_json::to_string(&offered.issuance).unwrap();
    assert!(!stored.contains(&code) && !stored.contains(&digits));
    let token = redeem(&mut offered, Some(&digits)).unwrap();
    let again = redeem(&mut offered, Some(&digits));
    assert_eq!(told(again), ("vci_code_used", "invalid_grant"));
    let stored = serde_json::to_string(&offered.issuance).unwrap();
    let secret = format!("{token:?} {stored}");
    assert!(!secret.contains(&code));
}

#[test]
fn i01_a_code_of_another_offer_is_unknown() {
    let mut offered = waived();
    let other =
        Issuance::offer(&OfferTerms::new([CONFIGURATION]), &code_key(), now(), &mut rand::rng())
            .unwrap();
    let code = other.code().to_owned();
    let refused = redeem_at(&mut offered, &code, None, now());
    assert_eq!(told(refused), ("vci_code_unknown", "invalid_grant"));
}

#[test]
fn i02_the_fifth_wrong_transaction_code_ends_the_offer() {
    let mut offered = offer();
    let digits = tx_code(&offered);
    for _ in 0..4 {
        let refused = redeem(&mut offered, Some(&wrong(&digits)));
        assert_eq!(told(refused), ("vci_tx_code_wrong", "invalid_grant"));
    }
    let fifth = redeem(&mut offered, Some(&wrong(&digits)));
    assert_eq!(told(fifth), ("vci_tx_code_exhausted", "invalid_grant"));
    let right = redeem(&mut offered, Some(&digits));
    assert_eq!(told(right), ("vci_tx_code_exhausted", "invalid_grant"));
}

#[test]
fn i02_tries_count_across_a_store() {
    let mut offered = offer();
    let digits = tx_code(&offered);
    for _ in 0..5 {
        redeem(&mut offered, Some(&wrong(&digits))).unwrap_err();
        let stored = serde_json::to_value(&offered.issuance).unwrap();
        offered.issuance = serde_json::from_value(stored).unwrap();
    }
    assert!(redeem(&mut offered, Some(&digits)).is_err());
}

#[test]
fn i02_what_has_not_the_form_of_a_code_is_wrong() {
    let mut offered = offer();
    for text in ["", "12345", "1234567", "abcdef"] {
        let refused = redeem(&mut offered, Some(text));
        assert_eq!(told(refused), ("vci_tx_code_wrong", "invalid_grant"), "{text}");
    }
}

#[test]
fn i03_a_nonce_is_good_once() {
    let mut desk = Desk::new();
    let nonce = desk.nonce();
    let key = holder();
    desk.accept(&[proof(&key, &nonce)]).unwrap();
    let mut second = Desk::new();
    second.nonces = desk.nonces;
    let replayed = second.accept(&[proof(&key, &nonce)]);
    assert_eq!(told(replayed), ("vci_nonce_used", "invalid_nonce"));
}

#[test]
fn i03_a_nonce_that_is_stale_or_foreign_is_refused() {
    let key = holder();
    let mut desk = Desk::new();
    let stale = desk.nonces.issue(now() - TimeDelta::minutes(5), &mut rng());
    assert_eq!(told(desk.accept(&[proof(&key, &stale)])), ("vci_nonce_expired", "invalid_nonce"));
    let foreign = Nonces::new(&mut rng()).issue(now(), &mut rng());
    let mut longer = desk.nonce();
    longer.push_str("AAAA");
    for nonce in [foreign.as_str(), &longer, "", "AAAA", "not base64url!"] {
        let refused = desk.accept(&[proof(&key, nonce)]);
        assert_eq!(told(refused), ("vci_nonce_unknown", "invalid_nonce"), "{nonce}");
    }
}

#[test]
fn i03_no_bit_of_a_nonce_can_be_changed() {
    let mut desk = Desk::new();
    let good = staffpass_jose::base64url::decode(desk.nonce()).unwrap();
    let key = holder();
    for bit in 0..good.len() * 8 {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let refused = desk.accept(&[proof(&key, &staffpass_jose::base64url::encode(bytes))]);
        assert_eq!(refused.unwrap_err().code(), "vci_nonce_unknown", "{bit}");
    }
}

#[test]
fn i03_a_proof_that_is_not_fresh_is_refused() {
    let key = holder();
    for (change, expected) in
        [(-301, "vci_proof_time"), (-300, "accepted"), (60, "accepted"), (61, "vci_proof_time")]
    {
        let iat = now().timestamp() + change;
        let (code, _) = judged(&key, with_jwk(&key), |claims| claims["iat"] = json!(iat));
        assert_eq!(code, expected, "{change}");
    }
    let ended = |claims: &mut Value| claims["exp"] = json!(now().timestamp());
    assert_eq!(judged(&key, with_jwk(&key), ended), ("vci_proof_time", "invalid_proof"));
}

#[test]
fn i03_a_refused_proof_does_not_use_the_nonce_up() {
    let mut desk = Desk::new();
    let (key, nonce) = (holder(), desk.nonce());
    let elsewhere = key_proof(key.public_key(), "https://other.example", &nonce, now()).unwrap();
    desk.accept(&[elsewhere.sign(&key).unwrap()]).unwrap_err();
    assert!(desk.accept(&[proof(&key, &nonce)]).is_ok());
}

#[test]
fn i04_a_proof_of_another_type_is_refused() {
    let key = holder();
    for typ in ["JWT", "openid4vci-proof+JWT", "application/openid4vci-proof+jwt", "kb+jwt"] {
        let told = judged(&key, |header| with_jwk(&key)(header).typ(typ), |_| {});
        assert_eq!(told, ("vci_proof_type", "invalid_proof"), "{typ}");
    }
}

#[test]
fn i04_a_proof_for_another_issuer_is_refused() {
    let key = holder();
    for aud in ["https://eastmoor.example", "https://eastmoor.example/staff/", ""] {
        let told = judged(&key, with_jwk(&key), |claims| claims["aud"] = json!(aud));
        assert_eq!(told, ("vci_proof_audience", "invalid_proof"), "{aud}");
    }
    let list = judged(&key, with_jwk(&key), |claims| claims["aud"] = json!([ISSUER]));
    assert_eq!(list, ("vci_proof_claims", "invalid_proof"));
}

#[test]
fn i04_a_proof_that_lacks_a_claim_is_refused() {
    let key = holder();
    for name in ["aud", "iat", "nonce"] {
        let told = judged(&key, with_jwk(&key), |claims| {
            claims.as_object_mut().unwrap().remove(name);
        });
        assert_eq!(told, ("vci_proof_claims", "invalid_proof"), "{name}");
    }
}

#[test]
fn i04_a_private_key_in_a_proof_is_refused() {
    let key = holder();
    let private: Value = serde_json::from_str(&key.to_private_jwk()).unwrap();
    let told = judged(&key, |header| header.member("jwk", private.clone()), |_| {});
    assert_eq!(told, ("vci_proof_key", "invalid_proof"));
}

#[test]
fn i04_a_proof_names_its_key_in_exactly_one_way() {
    let key = holder();
    let did = staffpass_did::jwk::from_public_key(key.public_key());
    let kid = format!("{did}#0");
    assert_eq!(judged(&key, |header| header.kid(&kid), |_| {}).0, "accepted");
    assert_eq!(judged(&key, with_jwk(&key), |_| {}).0, "accepted");
    let count = ("vci_proof_key_count", "invalid_proof");
    assert_eq!(judged(&key, |header| header, |_| {}), count);
    assert_eq!(judged(&key, |header| with_jwk(&key)(header).kid(&kid), |_| {}), count);
    assert_eq!(judged(&key, |header| with_jwk(&key)(header).x5c(&[b"x"]), |_| {}), count);
    assert_eq!(judged(&key, |header| header.kid(&kid).x5c(&[b"x"]), |_| {}), count);
    let empty = judged(&key, |header| header.kid(&kid).member("jwk", Value::Null), |_| {});
    assert_eq!(empty, count);
    // What is read of every header is refused there where it is null.
    let empty = judged(&key, |header| with_jwk(&key)(header).member("kid", Value::Null), |_| {});
    assert_eq!(empty, ("vci_proof_jwt", "invalid_proof"));
    let certificate = judged(&key, |header| header.x5c(&[b"x"]), |_| {});
    assert_eq!(certificate, ("vci_proof_key_unsupported", "invalid_proof"));
}

#[test]
fn i04_a_key_that_would_have_to_be_fetched_or_is_not_the_dids_is_refused() {
    let key = holder();
    let did = staffpass_did::jwk::from_public_key(key.public_key());
    for kid in ["did:web:attacker.example#key-1", "key-1", "#0", "", &format!("{did}#1")] {
        let told = judged(&key, |header| header.kid(kid), |_| {});
        assert_eq!(told, ("vci_proof_key_unsupported", "invalid_proof"), "{kid}");
    }
}

#[test]
fn i04_a_proof_that_its_key_did_not_sign_is_refused() {
    let (key, other) = (holder(), holder());
    let told = judged(&key, with_jwk(&other), |_| {});
    assert_eq!(told, ("vci_proof_signature", "invalid_proof"));
}

#[test]
fn i04_an_algorithm_that_is_not_offered_is_refused() {
    let mut desk = Desk::new();
    let key = SigningKey::generate(Algorithm::Es384).unwrap();
    let proof = proof(&key, &desk.nonce());
    let only = AlgorithmSet::EMPTY.with(Algorithm::Es256);
    let rules = ProofRules::new(ISSUER, &AwsLc).algorithms(only);
    let refused =
        desk.issuance.accept(&desk.token, &request(&[proof]), &rules, &mut desk.nonces, now());
    assert_eq!(told(refused), ("vci_proof_algorithm", "invalid_proof"));
}

#[test]
fn every_algorithm_and_did_method_of_the_metadata_proves_a_key() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        assert_eq!(judged(&key, with_jwk(&key), |_| {}).0, "accepted", "{algorithm:?}");
        let did = staffpass_did::key::from_public_key(key.public_key()).unwrap();
        let kid = format!("{did}#{}", did.method_specific_id());
        assert_eq!(judged(&key, |header| header.kid(&kid), |_| {}).0, "accepted", "{kid}");
    }
}

#[test]
fn i05_each_proof_gets_one_credential_and_two_of_one_key_none() {
    let mut desk = Desk::new();
    let (nonce, one, other) = (desk.nonce(), holder(), holder());
    let twice = desk.accept(&[proof(&one, &nonce), proof(&one, &nonce)]);
    assert_eq!(told(twice), ("vci_key_repeated", "invalid_proof"));
    let keys = desk.accept(&[proof(&one, &nonce), proof(&other, &nonce)]).unwrap();
    let keys: BTreeSet<_> =
        keys.iter().map(|key| key.public_key().thumbprint().to_string()).collect();
    assert_eq!(keys.len(), 2);
}

#[test]
fn i05_a_credential_is_issued_once_for_an_offer() {
    let mut desk = Desk::new();
    let key = holder();
    desk.accept(&[proof(&key, &desk.nonce())]).unwrap();
    let again = desk.accept(&[proof(&key, &desk.nonce())]);
    assert_eq!(told(again), ("vci_already_issued", "credential_request_denied"));
}

#[test]
fn i05_more_proofs_than_the_metadata_allows_or_of_several_nonces_are_refused() {
    let mut desk = Desk::new();
    let nonce = desk.nonce();
    let four: Vec<_> = (0..4).map(|_| proof(&holder(), &nonce)).collect();
    assert_eq!(told(desk.accept(&four)), ("vci_too_many_proofs", "invalid_proof"));
    let mixed = [proof(&holder(), &nonce), proof(&holder(), &desk.nonce())];
    assert_eq!(told(desk.accept(&mixed)), ("vci_nonce_mixed", "invalid_nonce"));
}

#[test]
fn i05_one_key_serves_one_person() {
    let mut desk = Desk::new();
    let keys = desk.accept(&[proof(&holder(), &desk.nonce())]).unwrap();
    let mut known = HolderKeys::new();
    known.note(&keys, "person-1").unwrap();
    known.note(&keys, "person-1").unwrap();
    let stored = serde_json::to_value(&known).unwrap();
    let mut known: HolderKeys = serde_json::from_value(stored).unwrap();
    let another = known.note(&keys, "person-2");
    assert_eq!(told(another), ("vci_key_of_another", "invalid_proof"));
}

#[test]
fn i06_an_offer_of_an_unknown_issuer_asks_for_nothing() {
    let offered = offer();
    for issuer in ["https://attacker.example", "https://eastmoor.example/staff/x"] {
        let offer = offer_json(issuer, &offered.issuance, offered.code()).to_string();
        let offer = UntrustedOffer::parse(offer.as_bytes()).unwrap();
        assert_eq!(offer.issuer(), issuer);
        let refused = offer.accept(&[ISSUER, "https://northmoor.example"]);
        assert_eq!(refused.err().map(|refusal| refusal.code()), Some("vci_issuer_unknown"));
    }
}

#[test]
fn i06_an_offer_that_would_make_a_wallet_fetch_elsewhere_is_refused() {
    let offered = offer();
    for issuer in [
        "http://eastmoor.example",
        "https://eastmoor.example/?q=1",
        "https://eastmoor.example/#f",
        "https://someone@eastmoor.example",
        "file:///etc/hosts",
        "https://EASTMOOR.example",
        "",
    ] {
        let offer = offer_json(issuer, &offered.issuance, offered.code()).to_string();
        let refused = UntrustedOffer::parse(offer.as_bytes());
        assert_eq!(refused.err(), Some(Refusal::IssuerAddress), "{issuer}");
    }
}

#[test]
fn i06_an_offer_that_is_none_is_refused() {
    let good = offer_json(ISSUER, &offer().issuance, "code");
    for (pointer, value) in [
        ("/credential_configuration_ids", json!([])),
        ("/credential_configuration_ids", json!("x")),
        ("/grants", json!({})),
        ("/grants", json!({"authorization_code": {}})),
        ("/credential_issuer", json!(1)),
    ] {
        let mut offer = good.clone();
        *offer.pointer_mut(pointer).unwrap() = value;
        let refused = UntrustedOffer::parse(offer.to_string().as_bytes());
        assert_eq!(refused.err(), Some(Refusal::OfferForm), "{pointer}");
    }
}

#[test]
fn i07_metadata_of_another_issuer_is_refused() {
    let metadata = IssuerMetadata::new(ISSUER, "Eastmoor", Algorithm::Es256).unwrap();
    let (issuer, server) = (metadata.to_json(), metadata.authorization_server_json());
    for other in
        ["https://eastmoor.example", "https://eastmoor.example/staff/", "https://x.example"]
    {
        let read = KnownIssuer::read(issuer.to_string().as_bytes(), other);
        assert_eq!(read.err(), Some(Refusal::MetadataOfAnother), "{other}");
        let read = TokenEndpoint::read(server.to_string().as_bytes(), other);
        assert_eq!(read.err(), Some(Refusal::MetadataOfAnother), "{other}");
    }
    let mut unsafe_endpoint = issuer.clone();
    unsafe_endpoint["credential_endpoint"] = json!("http://eastmoor.example/credential");
    let read = KnownIssuer::read(unsafe_endpoint.to_string().as_bytes(), ISSUER);
    assert_eq!(read.err(), Some(Refusal::IssuerAddress));
}

#[test]
fn i08_indices_given_out_by_many_at_once_are_unique() {
    let register = TokenStatusRegister::new("https://eastmoor.example/s", MINIMUM_ENTRIES).unwrap();
    let register = Mutex::new(register);
    let given = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    let entry = register.lock().unwrap().allocate(&mut rand::rng()).unwrap();
                    assert!(given.lock().unwrap().insert(entry.index()));
                }
            });
        }
    });
    assert_eq!(given.lock().unwrap().len(), 200);
}

#[test]
fn a_token_request_that_is_none_is_refused() {
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code";
    for (form, expected) in [
        (String::new(), ("vci_token_request_form", "invalid_request")),
        (grant.to_owned(), ("vci_token_request_form", "invalid_request")),
        (
            format!("{grant}&pre-authorized_code=a&pre-authorized_code=b"),
            ("vci_token_request_form", "invalid_request"),
        ),
        (
            format!("{grant}&pre-authorized_code={}", "a".repeat(10_000)),
            ("vci_token_request_form", "invalid_request"),
        ),
        (
            "grant_type=authorization_code&code=a".to_owned(),
            ("vci_grant_type", "unsupported_grant_type"),
        ),
        (format!("{grant}&pre-authorized_code=a&client_id=w"), ("accepted", "")),
    ] {
        assert_eq!(told(TokenRequest::parse(form.as_bytes())), expected, "{form:.80}");
    }
}

#[test]
fn a_credential_request_that_is_none_is_refused() {
    let good = credential_request(CONFIGURATION, &["x".to_owned()]);
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        told(CredentialRequest::parse(body.to_string().as_bytes()))
    };
    assert_eq!(with("unknown", json!(1)), ("accepted", ""));
    let form = ("vci_credential_request_form", "invalid_credential_request");
    assert_eq!(with("credential_configuration_id", json!(1)), form);
    assert_eq!(with("credential_configuration_id", json!(null)), form);
    assert_eq!(with("proofs", json!([])), form);
    assert_eq!(told(CredentialRequest::parse(b"{\"a\":1,\"a\":2}")), form);
    let identifier = ("vci_identifier_unknown", "unknown_credential_identifier");
    assert_eq!(with("credential_identifier", json!("x")), identifier);
    let encryption = ("vci_encryption_unsupported", "invalid_encryption_parameters");
    assert_eq!(with("credential_response_encryption", json!({})), encryption);
    let missing = ("vci_proof_missing", "invalid_proof");
    for proofs in [json!(null), json!({}), json!({"jwt": []}), json!({"jwt": [1]})] {
        assert_eq!(with("proofs", proofs), missing);
    }
    let unsupported = ("vci_proof_unsupported", "invalid_proof");
    assert_eq!(with("proofs", json!({"attestation": ["x"]})), unsupported);
    assert_eq!(with("proofs", json!({"jwt": ["x"], "di_vp": []})), unsupported);
}

#[test]
fn a_token_is_this_issuances_and_in_time() {
    let mut desk = Desk::new();
    let proofs = [proof(&holder(), &desk.nonce())];
    let late = desk.accept_at(&proofs, now() + TimeDelta::minutes(10));
    assert_eq!(told(late), ("vci_token_expired", "invalid_token"));
    let mine = std::mem::replace(&mut desk.token, Desk::new().token);
    let forged = format!("Bearer {}.AAAA", mine.issuance_id());
    for header in [forged.as_str(), "Bearer x.y"] {
        desk.token = AccessToken::from_authorization(header).unwrap();
        assert_eq!(told(desk.accept(&proofs)), ("vci_token_unknown", "invalid_token"));
        assert_eq!(desk.accept(&proofs).unwrap_err().status(), 401);
    }
    for header in ["", "Bearer", "Basic x.y", "Bearer xy", "Bearer x.y.z"] {
        let refused = AccessToken::from_authorization(header);
        assert_eq!(told(refused), ("vci_token_unknown", "invalid_token"), "{header}");
    }
}

#[test]
fn a_token_is_for_what_was_offered_only() {
    let mut desk = Desk::new();
    let body = credential_request("employment_dc_sd_jwt", &[proof(&holder(), &desk.nonce())]);
    let request = CredentialRequest::parse(body.to_string().as_bytes()).unwrap();
    let rules = ProofRules::new(ISSUER, &AwsLc);
    let refused = desk.issuance.accept(&desk.token, &request, &rules, &mut desk.nonces, now());
    assert_eq!(told(refused), ("vci_configuration_unknown", "unknown_credential_configuration"));
}

#[test]
fn an_offer_names_something_and_nothing_twice() {
    for ids in [vec![], vec!["a", "a"]] {
        let offer = Issuance::offer(&OfferTerms::new(ids), &code_key(), now(), &mut rng());
        assert_eq!(offer.err(), Some(Refusal::OfferTerms));
    }
}

#[test]
fn well_known_addresses_stand_between_host_and_path() {
    let name = "openid-credential-issuer";
    for (identifier, expected) in [
        ("https://a.example", "https://a.example/.well-known/openid-credential-issuer"),
        (
            "https://a.example:8443/t/x",
            "https://a.example:8443/.well-known/openid-credential-issuer/t/x",
        ),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/.well-known/openid-credential-issuer"),
    ] {
        assert_eq!(well_known(identifier, name).unwrap().as_str(), expected);
    }
    for wrong in ["http://a.example", "https://a.example/", "https://a.example?x", "a.example"] {
        assert_eq!(well_known(wrong, name).err(), Some(Refusal::IssuerAddress), "{wrong}");
    }
}

#[test]
fn the_metadata_says_what_the_specification_requires() {
    let kind = CredentialKind::Training;
    let metadata = IssuerMetadata::new(ISSUER, "Eastmoor", Algorithm::Es256)
        .unwrap()
        .batch_size(5)
        .proof_algorithms(AlgorithmSet::EMPTY.with(Algorithm::Es256))
        .configurations(CredentialConfiguration::staff(kind, &TypeNames::default(), "Training"));
    let json = metadata.to_json();
    assert_eq!(json["credential_issuer"], json!(ISSUER));
    assert_eq!(json["nonce_endpoint"], json!("https://eastmoor.example/staff/nonce"));
    assert_eq!(json["batch_credential_issuance"]["batch_size"], json!(5));
    let entries = &json["credential_configurations_supported"];
    let jwt = &entries["training_jwt_vc_json"];
    assert_eq!(jwt["format"], json!("jwt_vc_json"));
    let types = json!(["VerifiableCredential", "StaffTraining"]);
    assert_eq!(jwt["credential_definition"]["type"], types);
    let sd_jwt = &entries["training_dc_sd_jwt"];
    assert_eq!(sd_jwt["vct"], json!(TypeNames::default().vct(kind)));
    let algorithms = &sd_jwt["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"];
    assert_eq!(algorithms, &json!(["ES256"]));
    assert_eq!(sd_jwt["credential_signing_alg_values_supported"], json!(["ES256"]));
    let server = metadata.authorization_server_json();
    assert_eq!(server["pre-authorized_grant_anonymous_access_supported"], json!(true));
    assert!(metadata.configuration("training_dc_sd_jwt").is_some());
}

#[test]
fn the_link_of_an_offer_is_by_reference() {
    let offer = Url::parse("https://eastmoor.example/offers/abc").unwrap();
    let expected = "openid-credential-offer://?credential_offer_uri=\
                    https%3A%2F%2Feastmoor.example%2Foffers%2Fabc";
    assert_eq!(offer_link(&offer), expected);
}

proptest! {
    #[test]
    fn nothing_that_comes_makes_a_reader_panic(bytes: Vec<u8>, text in "[ -~é]{0,200}") {
        let texts = [&bytes[..], text.as_bytes()];
        for bytes in texts {
            let _ = (TokenRequest::parse(bytes), CredentialRequest::parse(bytes));
            let _ = (UntrustedOffer::parse(bytes), KnownIssuer::read(bytes, ISSUER));
            let _ = TokenEndpoint::read(bytes, ISSUER);
        }
        let _ = (AccessToken::from_authorization(&text), well_known(&text, "x"));
        let mut desk = Desk::new();
        let refused = desk.accept(std::slice::from_ref(&text)).unwrap_err();
        prop_assert_eq!(refused.error(), "invalid_proof");
        let unknown = desk.accept(&[proof(&holder(), &text)]).unwrap_err();
        prop_assert_eq!(unknown.error(), "invalid_nonce");
    }

    #[test]
    fn i04_no_bit_of_a_proof_can_be_changed(at: Index, bit in 0_u8..8) {
        let mut desk = Desk::new();
        let good = proof(&holder(), &desk.nonce());
        let mut bytes = good.into_bytes();
        let index = at.index(bytes.len());
        bytes[index] ^= 1 << bit;
        if let Ok(flipped) = String::from_utf8(bytes) {
            prop_assert!(desk.accept(&[flipped]).is_err());
        }
    }
}

#[test]
fn no_secret_is_printed() {
    let mut offered = offer();
    let (code, digits) = (offered.code().to_owned(), tx_code(&offered));
    let printed = format!("{offered:?}");
    let request = TokenRequest::parse(token_request(&code, Some(&digits)).as_bytes()).unwrap();
    let response = offered.issuance.redeem(&request, &code_key(), now(), &mut rng()).unwrap();
    let token = response.to_json()["access_token"].as_str().unwrap().to_owned();
    let printed = format!("{printed} {request:?} {response:?} {:?}", offered.issuance);
    for secret in [code, digits, token] {
        assert!(!printed.contains(&secret), "{printed}");
    }
}
