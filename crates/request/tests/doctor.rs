//! What the doctor finds: one test for each fault, in files that are good but for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use chrono::TimeDelta;
use common::{DID, KID, key, microsoft_party, now};
use serde_json::{Value, json};
use staffpass_jose::{Algorithm, Signer, base64url};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_request::microsoft::Party;
use staffpass_request::microsoft::doctor::{Finding, examine};
use staffpass_request::{Endpoints, Transport};

/// What a verifier publishes, and its key.
struct Site {
    key: SigningKey,
    document: Value,
    configuration: Value,
    claims: Value,
}

impl Site {
    fn good() -> Self {
        let key = key();
        let document = json!({
            "@context": ["https://www.w3.org/ns/did/v1", {"@base": DID}],
            "id": DID,
            "verificationMethod": [{
                "id": "#key-1", "controller": DID, "type": "JsonWebKey2020",
                "publicKeyJwk": key.public_key().to_jwk(),
            }],
            "authentication": ["#key-1"],
            "assertionMethod": ["#key-1"],
            "service": [{
                "id": "#linkeddomains", "type": "LinkedDomains",
                "serviceEndpoint": {"origins": ["https://portal.example/"]},
            }],
        });
        let until = now() + TimeDelta::days(365);
        let claims = json!({
            "iss": DID, "sub": DID, "nbf": now().timestamp(), "exp": until.timestamp(),
            "vc": {
                "@context": ["https://www.w3.org/2018/credentials/v1"],
                "type": ["VerifiableCredential", "DomainLinkageCredential"],
                "issuer": DID,
                "issuanceDate": now().to_rfc3339(),
                "expirationDate": until.to_rfc3339(),
                "credentialSubject": {"id": DID, "origin": "https://portal.example/"},
            },
        });
        Self { configuration: Value::Null, key, document, claims }.signed()
    }

    fn signed(mut self) -> Self {
        let token = token(&self.claims, &self.key);
        self.configuration = json!({
            "@context": "https://identity.foundation/.well-known/did-configuration/v1",
            "linked_dids": [token],
        });
        self
    }

    fn findings(&self) -> Vec<Finding> {
        self.findings_for(&microsoft_party())
    }

    fn findings_for(&self, party: &Party) -> Vec<Finding> {
        let (document, configuration) = (self.document.to_string(), self.configuration.to_string());
        let key = self.key.public_key();
        examine(party, key, document.as_bytes(), configuration.as_bytes(), &AwsLc, now())
    }
}

fn token(claims: &Value, key: &SigningKey) -> String {
    let header = json!({"alg": "ES256", "kid": KID});
    let part = |value: &Value| base64url::encode(value.to_string());
    let input = format!("{}.{}", part(&header), part(claims));
    format!("{input}.{}", base64url::encode(key.sign(input.as_bytes()).unwrap()))
}

/// The findings once the DID document has this at a path; `null` takes it out.
fn with_document(path: &str, value: Value) -> Vec<Finding> {
    let mut site = Site::good();
    set(&mut site.document, path, value);
    site.findings()
}

/// The findings once the statement says this, signed again.
fn with_claims(path: &str, value: Value) -> Vec<Finding> {
    let mut site = Site::good();
    set(&mut site.claims, path, value);
    site.signed().findings()
}

fn with_configuration(path: &str, value: Value) -> Vec<Finding> {
    let mut site = Site::good();
    set(&mut site.configuration, path, value);
    site.findings()
}

fn set(json: &mut Value, path: &str, value: Value) {
    let (parent, name) = path.rsplit_once('/').unwrap();
    match json.pointer_mut(parent).unwrap() {
        Value::Object(members) if value.is_null() => drop(members.remove(name)),
        Value::Object(members) => drop(members.insert(name.to_owned(), value)),
        Value::Array(entries) => entries[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{path}"),
    }
}

#[test]
fn nothing_is_found_where_all_is_well() {
    assert_eq!(Site::good().findings(), []);
}

#[test]
fn what_the_apps_cannot_use_of_did_json_is_found() {
    let method = "/verificationMethod/0";
    let id = format!("{method}/id");
    assert_eq!(with_document("/id", json!("did:web:other.example")), [Finding::DocumentId]);
    assert_eq!(with_document(&id, json!(KID)), [Finding::KeyIdAbsolute]);
    assert_eq!(with_document(&id, json!("#key-2")), [Finding::KeyMissing]);
    let jwk = format!("{method}/publicKeyJwk");
    assert_eq!(with_document(&jwk, Value::Null), [Finding::KeyForm]);
    assert_eq!(with_document(&format!("{jwk}/y"), Value::Null), [Finding::KeyForm]);
}

#[test]
fn a_key_on_a_curve_that_the_apps_do_not_verify_is_found() {
    let other = SigningKey::generate(Algorithm::Es384).unwrap();
    let jwk = other.public_key().to_jwk();
    let findings = with_document("/verificationMethod/0/publicKeyJwk", jwk);
    let expected = [Finding::KeyOther, Finding::KeyCurve, Finding::StatementSignature];
    assert_eq!(findings, expected);
}

#[test]
fn relationships_that_the_apps_cannot_read_are_found() {
    let embedded = json!([{"id": "#key-1"}]);
    let both = [Finding::AuthenticationForm, Finding::AuthenticationMissing];
    assert_eq!(with_document("/authentication", embedded), both);
    assert_eq!(with_document("/authentication", json!(["#k"])), [Finding::AuthenticationMissing]);
    assert_eq!(with_document("/assertionMethod", json!([])), [Finding::AssertionMethodMissing]);
}

#[test]
fn a_linked_domain_that_the_apps_do_not_see_is_found() {
    assert_eq!(with_document("/service", Value::Null), [Finding::ServiceMissing]);
    assert_eq!(with_document("/service/0/type", json!("Hub")), [Finding::ServiceMissing]);
    let text = with_document("/service/0/serviceEndpoint", json!("https://portal.example/"));
    assert_eq!(text, [Finding::ServiceForm]);
    let origins = "/service/0/serviceEndpoint/origins";
    assert_eq!(with_document(origins, json!([])), [Finding::ServiceForm]);
    let second = json!(["https://other.example/", "https://portal.example/"]);
    let findings = with_document(origins, second);
    assert_eq!(findings, [Finding::FirstOrigin, Finding::StatementOrigin]);
}

#[test]
fn n14_a_slash_that_only_one_of_the_two_files_has_is_found() {
    let origin = "/vc/credentialSubject/origin";
    assert_eq!(with_claims(origin, json!("https://portal.example")), [Finding::StatementOrigin]);
    let origins = json!(["https://portal.example"]);
    let findings = with_document("/service/0/serviceEndpoint/origins", origins);
    assert_eq!(findings, [Finding::StatementOrigin]);
}

#[test]
fn a_configuration_that_the_apps_cannot_read_is_found() {
    let context = json!(["https://identity.foundation/.well-known/did-configuration/v1"]);
    assert_eq!(with_configuration("/@context", context), [Finding::ConfigurationContext]);
    let unreadable = [Finding::ConfigurationUnreadable];
    assert_eq!(with_configuration("/linked_dids", Value::Null), unreadable);
    let missing = [Finding::StatementMissing];
    assert_eq!(with_configuration("/linked_dids", json!([])), missing);
    assert_eq!(with_configuration("/linked_dids/0", json!("a.b.c")), missing);
    let entry = [Finding::ConfigurationEntry, Finding::StatementMissing];
    assert_eq!(with_configuration("/linked_dids/0", json!({"issuer": DID})), entry);
}

#[test]
fn a_statement_that_is_not_the_first_is_found() {
    let mut site = Site::good();
    let own = site.configuration["linked_dids"][0].clone();
    site.configuration["linked_dids"] = json!(["a.b.c", own]);
    assert_eq!(site.findings(), [Finding::StatementNotFirst]);
}

#[test]
fn n14_a_statement_of_another_expired_or_forged_is_found() {
    for path in ["/iss", "/sub", "/vc/credentialSubject/id"] {
        let other = with_claims(path, json!("did:web:other.example"));
        assert_eq!(other, [Finding::StatementMissing], "{path}");
    }
    for path in ["/vc/issuer", "/vc/issuanceDate", "/vc/expirationDate"] {
        assert_eq!(with_claims(path, json!(1)), [Finding::StatementForm], "{path}");
    }
    let past = json!((now() - TimeDelta::seconds(1)).to_rfc3339());
    assert_eq!(with_claims("/vc/expirationDate", past), [Finding::StatementDates]);
    let future = json!((now() + TimeDelta::seconds(1)).to_rfc3339());
    assert_eq!(with_claims("/vc/issuanceDate", future), [Finding::StatementDates]);
    let mut site = Site::good();
    site.configuration["linked_dids"][0] = token(&site.claims, &key()).into();
    assert_eq!(site.findings(), [Finding::StatementSignature]);
}

#[test]
fn files_that_are_none_are_found() {
    let site = Site::good();
    let (party, key) = (microsoft_party(), site.key.public_key());
    for text in ["", "<html>", "[]", "null"] {
        let findings = examine(&party, key, text.as_bytes(), b"{}", &AwsLc, now());
        assert_eq!(findings, [Finding::DocumentUnreadable], "{text}");
    }
    let document = site.document.to_string();
    for text in ["", "<html>", "[]", "{}"] {
        let findings = examine(&party, key, document.as_bytes(), text.as_bytes(), &AwsLc, now());
        assert_eq!(findings, [Finding::ConfigurationUnreadable], "{text}");
    }
}

#[test]
fn a_did_with_a_path_and_plain_http_are_found() {
    let kid = "did:web:portal.example:trust-a#key-1";
    let party =
        Party::accept_did_web_path(kid, Algorithm::Es256, "Example Trust", common::endpoints());
    let findings = Site::good().findings_for(&party.unwrap());
    assert_eq!(findings[..2], [Finding::DidPath, Finding::DocumentId]);

    let (request, response) = ("http://localhost:8080/request", "http://localhost:8080/response");
    let loopback = Transport::HttpsOrLoopbackHttp;
    let endpoints = Endpoints::with_transport(request, response, loopback).unwrap();
    let kid = "did:web:localhost%3A8080#key-1";
    let party = Party::new(kid, Algorithm::Es256, "Example Trust", endpoints).unwrap();
    assert_eq!(Site::good().findings_for(&party)[0], Finding::NotHttps);
}

#[test]
fn every_finding_has_words_and_a_code_of_its_own() {
    let findings = [
        Finding::NotDidWeb,
        Finding::KeyIdAbsolute,
        Finding::FirstOrigin,
        Finding::StatementOrigin,
    ];
    let codes: std::collections::HashSet<_> = findings.map(Finding::code).into();
    assert_eq!(codes.len(), findings.len());
    assert!(findings.iter().all(|finding| finding.to_string().contains(' ')));
}
