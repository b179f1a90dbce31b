//! The verifier's domain: what it confirms, what does not, and what is refused without it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

mod common;

use chrono::{SecondsFormat, TimeDelta};
use common::{PORTAL, PORTAL_KEY, Portal, now, object};
use serde_json::{Value, json};
use staffpass_did::ion::{self, Commitment};
use staffpass_did::publish::DocumentBuilder;
use staffpass_did::{Did, DidDocument, DidUrl, LoopbackHttp, Relationship, Relationships};
use staffpass_disclosure::{
    ClaimedDomain, DisclosureError, DomainRule, LinkedDomain, RequestReview, ReviewOptions,
};
use staffpass_jose::{Algorithm, HeaderBuilder, UnsignedJws};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_request::{
    Endpoints, RequestedCredential, UnverifiedRequestObject, microsoft, openid4vp,
};

const ORIGIN: &str = "https://portal.example";

/// A portal whose document names these origins.
fn portal_of(origins: &[&str]) -> Portal {
    let mut portal = Portal::new();
    portal.document =
        document_naming(&portal.key, Relationships::SIGNING, &json!({ "origins": origins }));
    portal
}

fn document_naming(key: &SigningKey, purposes: Relationships, endpoint: &Value) -> DidDocument {
    let did: Did = PORTAL.parse().unwrap();
    let builder = DocumentBuilder::new(&did).key("key-1", key.public_key(), purposes);
    let origin = ORIGIN.parse().unwrap();
    let mut json = builder.linked_domain(&origin, LoopbackHttp::Refuse).unwrap().build().unwrap();
    json["service"][0]["serviceEndpoint"] = endpoint.clone();
    DidDocument::parse(&did, json.to_string().as_bytes()).unwrap()
}

fn requests(portal: &Portal) -> [UnverifiedRequestObject; 2] {
    let asked = || {
        let identity = RequestedCredential::new("identity", "StaffIdentity");
        vec![identity.with_issuers([common::ISSUER])]
    };
    [object(&portal.microsoft(asked())), object(&portal.openid4vp(asked()))]
}

fn claimed(
    portal: &Portal,
    object: &UnverifiedRequestObject,
) -> Result<Option<ClaimedDomain>, DisclosureError> {
    let options = ReviewOptions::default();
    RequestReview::domain_claimed(object, Some(&portal.document), &AwsLc, &options, now())
}

fn review(
    portal: &Portal,
    object: &UnverifiedRequestObject,
    options: &ReviewOptions,
) -> Result<RequestReview, DisclosureError> {
    RequestReview::verify(object, Some(&portal.document), &AwsLc, options, now())
}

fn with(domain: LinkedDomain) -> ReviewOptions {
    ReviewOptions::default().with_linked_domain(domain)
}

fn code<T>(result: Result<T, DisclosureError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "accepted")
}

/// The claims of a good statement.
fn statement() -> Value {
    let (from, until) = (now() - TimeDelta::days(1), now() + TimeDelta::days(30));
    json!({
        "iss": PORTAL,
        "sub": PORTAL,
        "nbf": from.timestamp(),
        "exp": until.timestamp(),
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiableCredential", "DomainLinkageCredential"],
            "issuer": PORTAL,
            "issuanceDate": from.to_rfc3339_opts(SecondsFormat::Secs, true),
            "expirationDate": until.to_rfc3339_opts(SecondsFormat::Secs, true),
            "credentialSubject": { "id": PORTAL, "origin": format!("{ORIGIN}/") },
        },
    })
}

fn signed(key: &SigningKey, kid: &str, statement: &Value) -> String {
    let header = HeaderBuilder::new(key_algorithm(key)).kid(kid);
    UnsignedJws::new(&header, statement.to_string().as_bytes()).sign(key).unwrap()
}

fn key_algorithm(key: &SigningKey) -> Algorithm {
    key.public_key().algorithm().unwrap()
}

fn file(statements: &[String]) -> Vec<u8> {
    let context = "https://identity.foundation/.well-known/did-configuration/v1";
    json!({ "@context": context, "linked_dids": statements }).to_string().into_bytes()
}

/// What the portal's domain says with this file.
fn confirm(portal: &Portal, file: &[u8]) -> Result<LinkedDomain, DisclosureError> {
    let [object, _] = requests(portal);
    claimed(portal, &object)?.unwrap().confirm(file, &AwsLc, now())
}

fn good_file(portal: &Portal) -> Vec<u8> {
    file(&[signed(&portal.key, PORTAL_KEY, &statement())])
}

#[test]
fn a_domain_that_confirms_the_verifier_is_shown() {
    let portal = portal_of(&["https://portal.example/"]);
    for object in requests(&portal) {
        let domain = claimed(&portal, &object).unwrap().unwrap();
        assert_eq!(domain.origin(), ORIGIN);
        let address = "https://portal.example/.well-known/did-configuration.json";
        assert_eq!(domain.configuration_url().as_str(), address);
        let domain = domain.confirm(&good_file(&portal), &AwsLc, now()).unwrap();
        assert_eq!((domain.did().as_str(), &*domain.origin()), (PORTAL, ORIGIN));
        let review = review(&portal, &object, &with(domain)).unwrap();
        assert_eq!(review.linked_domain().unwrap().origin(), ORIGIN);
    }
}

#[test]
fn n14_a_verifier_whom_its_domain_has_not_confirmed_is_refused_in_every_protocol() {
    let portal = portal_of(&[ORIGIN]);
    for object in requests(&portal) {
        let refused = review(&portal, &object, &ReviewOptions::default());
        assert_eq!(code(refused), "verifier_domain_unconfirmed");
    }
}

#[test]
fn n14_without_a_domain_the_profile_refuses_and_a_did_web_elsewhere_is_its_own() {
    let portal = Portal::new();
    let [microsoft, openid4vp] = requests(&portal);
    for object in [&microsoft, &openid4vp] {
        assert!(claimed(&portal, object).unwrap().is_none());
    }
    let options = ReviewOptions::default();
    assert_eq!(code(review(&portal, &microsoft, &options)), "verifier_domain_absent");
    assert_eq!(review(&portal, &openid4vp, &options).unwrap().linked_domain(), None);
}

#[test]
fn the_rule_can_be_waived_and_then_nobody_has_confirmed() {
    let options = ReviewOptions::default().with_domain_rule(DomainRule::Waived);
    for portal in [Portal::new(), portal_of(&[ORIGIN])] {
        for object in requests(&portal) {
            assert_eq!(review(&portal, &object, &options).unwrap().linked_domain(), None);
        }
    }
}

#[test]
fn n14_a_statement_that_is_not_of_this_did_and_this_origin_is_refused() {
    let portal = portal_of(&[ORIGIN]);
    let changed = |pointer: &str, value: Value| {
        let mut statement = statement();
        *statement.pointer_mut(pointer).unwrap() = value;
        statement
    };
    let mut with_id = statement();
    with_id["vc"]["id"] = json!("urn:example:1");
    let mut with_more = statement();
    with_more["jti"] = json!("1");
    let later = now() + TimeDelta::minutes(6);
    for statement in [
        changed("/iss", json!("did:web:other.example")),
        changed("/sub", json!("did:web:other.example")),
        changed("/vc/issuer", json!("did:web:other.example")),
        changed("/vc/credentialSubject/id", json!("did:web:other.example")),
        changed("/vc/credentialSubject/origin", json!("https://other.example")),
        changed("/vc/credentialSubject/origin", json!("http://portal.example")),
        changed("/vc/credentialSubject/origin", json!("https://portal.example:8443")),
        changed("/vc/credentialSubject/origin", json!("https://portal.example//")),
        changed("/vc/type", json!(["VerifiableCredential"])),
        changed("/exp", json!(now().timestamp())),
        changed("/vc/expirationDate", json!("2026-03-02T09:00:00Z")),
        changed("/vc/issuanceDate", json!("yesterday")),
        changed("/nbf", json!(later.timestamp())),
        with_id,
        with_more,
    ] {
        let file = file(&[signed(&portal.key, PORTAL_KEY, &statement)]);
        assert_eq!(code(confirm(&portal, &file)), "verifier_domain_unconfirmed", "{statement}");
    }
}

#[test]
fn n14_a_statement_of_another_key_or_purpose_is_refused() {
    let mut portal = portal_of(&[ORIGIN]);
    let other = SigningKey::generate(Algorithm::Es256).unwrap();
    for file in [
        file(&[signed(&other, PORTAL_KEY, &statement())]),
        file(&[signed(&portal.key, "did:web:portal.example#key-2", &statement())]),
        file(&[signed(&portal.key, "did:web:other.example#key-1", &statement())]),
        file(&[]),
        b"{}".to_vec(),
        b"<html>".to_vec(),
    ] {
        assert_eq!(code(confirm(&portal, &file)), "verifier_domain_unconfirmed");
    }
    let good = good_file(&portal);
    assert_eq!(code(confirm(&portal, &good)), "accepted");
    let authenticates = Relationships::NONE.with(Relationship::Authentication);
    let endpoint = json!({ "origins": [ORIGIN] });
    portal.document = document_naming(&portal.key, authenticates, &endpoint);
    assert_eq!(code(confirm(&portal, &good)), "verifier_domain_unconfirmed");
}

#[test]
fn n14_one_good_statement_among_others_is_enough() {
    let portal = portal_of(&[ORIGIN]);
    let good = signed(&portal.key, PORTAL_KEY, &statement());
    let file = file(&["rubbish".to_owned(), good]);
    assert_eq!(code(confirm(&portal, &file)), "accepted");
}

#[test]
fn n14_a_domain_that_has_confirmed_another_is_none() {
    let portal = portal_of(&[ORIGIN]);
    let domain = confirm(&portal, &good_file(&portal)).unwrap();
    let object = ion_request(&ion_verifier(ORIGIN));
    let refused = RequestReview::verify(&object, None, &AwsLc, &with(domain), now());
    assert_eq!(code(refused), "verifier_origin_unknown");
}

#[test]
fn n14_a_domain_where_the_answer_does_not_go_is_refused() {
    let portal = portal_of(&["https://other.example", ORIGIN]);
    let mut elsewhere = statement();
    elsewhere["vc"]["credentialSubject"]["origin"] = json!("https://other.example");
    let file = file(&[signed(&portal.key, PORTAL_KEY, &elsewhere)]);
    let domain = confirm(&portal, &file).unwrap();
    assert_eq!(domain.origin(), "https://other.example");
    for object in requests(&portal) {
        let refused = review(&portal, &object, &with(domain.clone()));
        assert_eq!(code(refused), "verifier_domain_of_another");
    }
}

#[test]
fn nothing_is_fetched_but_a_domain_at_https() {
    for (endpoint, why) in [
        (json!({ "origins": [] }), "verifier_domain_absent"),
        (json!({ "origins": ["portal.example"] }), "verifier_domain_absent"),
        (json!({ "origins": ["http://portal.example"] }), "did_origin"),
        (json!({ "origins": ["https://portal.example/path"] }), "did_origin"),
        (json!({ "origins": ["https://user@portal.example"] }), "did_origin"),
        (json!({ "origins": ["https://10.0.0.1"] }), "did_web_host"),
        (json!({ "origins": ["http://localhost:80"] }), "did_web_loopback"),
    ] {
        let mut portal = Portal::new();
        portal.document = document_naming(&portal.key, Relationships::SIGNING, &endpoint);
        for object in requests(&portal) {
            assert_eq!(code(claimed(&portal, &object)), why, "{endpoint}");
        }
    }
    // In an older form the endpoint is the origin itself.
    let mut portal = Portal::new();
    portal.document = document_naming(&portal.key, Relationships::SIGNING, &json!(ORIGIN));
    let [object, _] = requests(&portal);
    assert_eq!(claimed(&portal, &object).unwrap().unwrap().origin(), ORIGIN);
}

#[test]
fn nothing_is_fetched_for_a_request_that_is_not_the_verifiers() {
    let (portal, other) = (portal_of(&[ORIGIN]), Portal::new());
    for object in requests(&other) {
        assert_eq!(code(claimed(&portal, &object)), "jws_signature_mismatch");
    }
}

/// A verifier of did:ion whose document names a domain.
struct IonVerifier {
    key: SigningKey,
    key_id: DidUrl,
}

fn ion_verifier(origin: &str) -> IonVerifier {
    let key = SigningKey::generate(Algorithm::Es256k).unwrap();
    let other = SigningKey::generate(Algorithm::Es256k).unwrap();
    let commitment = Commitment::to_key(other.public_key()).unwrap();
    let document = ion::Document::default()
        .key("sig", key.public_key(), Relationships::SIGNING)
        .service("domain", "LinkedDomains", &json!({ "origins": [origin] }));
    let did = ion::create(&document, &commitment, &commitment).unwrap();
    IonVerifier { key, key_id: DidUrl::new(&did, "sig").unwrap() }
}

fn ion_request(verifier: &IonVerifier) -> UnverifiedRequestObject {
    let endpoints = Endpoints::new("https://portal.example/q", "https://portal.example/a").unwrap();
    let kid = verifier.key_id.as_str();
    let identity = RequestedCredential::new("identity", "StaffIdentity");
    let party = openid4vp::Party::new(kid, Algorithm::Es256k, endpoints).unwrap();
    let builder = openid4vp::RequestBuilder::new(&party, [identity]).unwrap();
    object(&builder.build(now(), &mut rand::rng()).unwrap().sign(&verifier.key).unwrap())
}

#[test]
fn a_did_that_names_no_domain_itself_takes_answers_at_the_one_that_confirms_it() {
    let verifier = ion_verifier(ORIGIN);
    let object = ion_request(&verifier);
    let options = ReviewOptions::default();
    let domain = RequestReview::domain_claimed(&object, None, &AwsLc, &options, now());
    let mut statement = statement();
    let did = verifier.key_id.did().as_str();
    for pointer in ["/iss", "/sub", "/vc/issuer", "/vc/credentialSubject/id"] {
        *statement.pointer_mut(pointer).unwrap() = did.into();
    }
    let file = file(&[signed(&verifier.key, verifier.key_id.as_str(), &statement)]);
    let domain = domain.unwrap().unwrap().confirm(&file, &AwsLc, now()).unwrap();
    let review = RequestReview::verify(&object, None, &AwsLc, &with(domain), now()).unwrap();
    assert_eq!(review.origin(), ORIGIN);
    let refused = RequestReview::verify(&object, None, &AwsLc, &options, now());
    assert_eq!(code(refused), "verifier_origin_unknown");
}

#[test]
fn an_origin_that_the_caller_has_established_needs_no_confirmation() {
    let verifier = ion_verifier(ORIGIN);
    let endpoints = Endpoints::new("https://portal.example/q", "https://portal.example/a").unwrap();
    let kid = verifier.key_id.as_str();
    let party = microsoft::Party::new(kid, Algorithm::Es256k, "Westmoor Trust", endpoints).unwrap();
    let asked = RequestedCredential::new("identity", "StaffIdentity");
    let builder =
        microsoft::RequestBuilder::new(&party, vec![asked.with_issuers([common::ISSUER])]);
    let request = builder.build(now(), &mut rand::rng()).unwrap().sign(&verifier.key).unwrap();
    let options = ReviewOptions::default().with_linked_origin(ORIGIN.parse().unwrap());
    let review = RequestReview::verify(&object(&request), None, &AwsLc, &options, now()).unwrap();
    assert_eq!((review.origin().as_str(), review.linked_domain()), (ORIGIN, None));
}
