//! What leaves here is what a verifier accepts, in both protocols, with every kind of holder.

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

use std::sync::Arc;

use common::{ISSUER, Person, Portal, asks, now};
use serde_json::json;
use staffpass_did::publish::DocumentBuilder;
use staffpass_did::{Did, DidUrl, Relationship, Relationships, ion};
use staffpass_disclosure::{AuthorizationResponse, HeldCredential};
use staffpass_jose::{Algorithm, HeaderBuilder, UnsignedJws};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_request::Expectation;
use staffpass_verify::policy::{TrustPolicy, TrustedIssuer};
use staffpass_verify::{Evidence, Fetched, Source, Step, Verifier};

/// A trust that issues, with the document that a verifier fetches.
struct Issuer {
    key: SigningKey,
    did: Did,
}

impl Issuer {
    fn new() -> Self {
        Self { key: SigningKey::generate(Algorithm::Es256).unwrap(), did: ISSUER.parse().unwrap() }
    }

    fn issues(&self, r#type: &str, holder: &Did) -> HeldCredential {
        let claims = json!({
            "iss": ISSUER, "sub": holder.as_str(), "jti": format!("urn:example:{type}"),
            "nbf": now().timestamp() - 60, "iat": now().timestamp() - 60,
            "exp": now().timestamp() + 86_400,
            "vc": {
                "@context": ["https://www.w3.org/2018/credentials/v1"],
                "type": ["VerifiableCredential", r#type],
                "credentialSubject": { "family_name": "Okafor-Lee" },
            },
        });
        let header =
            HeaderBuilder::new(Algorithm::Es256).typ("JWT").kid(&format!("{ISSUER}#key-1"));
        let token = UnsignedJws::new(&header, claims.to_string().as_bytes()).sign(&self.key);
        HeldCredential::parse(&token.unwrap()).unwrap()
    }

    /// The issuers of the verified parts, or the codes of the refusal.
    fn judge(&self, expectation: &Expectation, response: &AuthorizationResponse) -> Vec<String> {
        let types = ["StaffIdentity", "StaffEmployment", "StaffTraining"];
        let issuer = TrustedIssuer::new(ISSUER, types);
        let policy = TrustPolicy::builder().issuer(issuer).accept_mixed_holders().build().unwrap();
        let mut evidence = Evidence::new(Arc::new(AwsLc));
        let document = DocumentBuilder::new(&self.did)
            .key("key-1", self.key.public_key(), Relationships::SIGNING)
            .build()
            .unwrap()
            .to_string();
        let source = Source::DidDocument(self.did.clone());
        evidence.insert(source, Fetched::Document(document.as_bytes()), now());
        let verifier = Verifier::new(policy, Arc::new(AwsLc));
        let mut verification = verifier.receive(expectation, response.body().as_bytes());
        match verification.step(&evidence, now()) {
            Step::Done(verdict) => match *verdict {
                Ok(verified) => {
                    let parts = verified.credentials().iter().filter_map(|one| one.part());
                    parts.map(str::to_owned).collect()
                }
                Err(rejection) => rejection.codes().iter().map(|c| c.as_str().to_owned()).collect(),
            },
            other => panic!("{other:?}"),
        }
    }
}

/// A holder of long-form did:ion, as Authenticator makes one.
fn ion_person() -> Person {
    let key = SigningKey::generate(Algorithm::Es256k).unwrap();
    let purposes = Relationships::from_iter([Relationship::Authentication]);
    let document = ion::Document::default().key("sign_1", key.public_key(), purposes);
    let commitment = ion::Commitment::to_key(key.public_key()).unwrap();
    let did = ion::create(&document, &commitment, &commitment).unwrap();
    Person { key_id: DidUrl::new(&did, "sign_1").unwrap(), key }
}

#[test]
fn a_verifier_accepts_the_answer_and_sees_each_part() {
    let parts = ["identity", "employment", "training"];
    for person in [Person::new(), ion_person(), Person::with_algorithm(Algorithm::EdDsa)] {
        let (portal, issuer) = (Portal::new(), Issuer::new());
        let held = ["StaffTraining", "StaffIdentity", "StaffEmployment"]
            .map(|r#type| issuer.issues(r#type, person.did()));
        let asked = || parts.map(asks).into();
        for request in [portal.microsoft(asked()), portal.openid4vp(asked())] {
            let review = portal.review(&request);
            let matches = review.matches(&held, &[person.did().clone()], now());
            let choice = matches.default_choice().unwrap();
            let keys = [person.holder()];
            let response = matches.present(&choice, &keys, now(), &mut rand::rng()).unwrap();
            let mut seen = issuer.judge(request.expectation(), &response);
            seen.sort();
            assert_eq!(seen, ["employment", "identity", "training"]);
        }
    }
}

#[test]
fn a_verifier_that_admits_two_holders_accepts_their_answer() {
    let (portal, issuer) = (Portal::new(), Issuer::new());
    let (old, new) = (ion_person(), Person::new());
    let held =
        [issuer.issues("StaffIdentity", old.did()), issuer.issues("StaffEmployment", new.did())];
    let request = portal.microsoft(vec![asks("identity"), asks("employment")]);
    let review = portal.review(&request);
    let matches = review.matches(&held, &[old.did().clone(), new.did().clone()], now());
    let choice = matches.default_choice().unwrap();
    let keys = [old.holder(), new.holder()];
    let response = matches.present(&choice, &keys, now(), &mut rand::rng()).unwrap();
    assert_eq!(issuer.judge(request.expectation(), &response), ["identity", "employment"]);
}
