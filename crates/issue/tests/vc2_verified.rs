//! What is issued in VC Data Model 2.0 (VC-JOSE-COSE) is what a verifier believes: credential and list.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod common;

use std::sync::Arc;

use chrono::TimeDelta;
use common::{claims, issuer, key, location, now, rng, staff};
use staffpass_credentials::{CredentialKind, TypeNames};
use staffpass_did::publish::DocumentBuilder;
use staffpass_did::{Did, DidDocument, DidUrl, Relationships, jwk};
use staffpass_disclosure::{HeldCredential, Holder, RequestReview};
use staffpass_issue::{CredentialBuilder, MINIMUM_ENTRIES, StatusRegister};
use staffpass_jose::Algorithm;
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_request::{Endpoints, Expectation, RequestObject, RequestedCredential, openid4vp};
use staffpass_status::{StatusKind, StatusPurpose};
use staffpass_verify::policy::{StatusRequirement, TrustPolicy, TrustedIssuer};
use staffpass_verify::{Evidence, Fetched, Rejection, Source, Step, VerifiedResponse, Verifier};

const PORTAL_KEY: &str = "did:web:portal.example#key-1";

/// A holder, a trust that keeps a list, and what the holder's wallet got from it.
struct World {
    holder: SigningKey,
    register: StatusRegister,
}

impl World {
    fn new() -> Self {
        let (kind, purpose) = (StatusKind::BitstringStatusList, StatusPurpose::Revocation);
        let register = StatusRegister::new(kind, purpose, location(), MINIMUM_ENTRIES).unwrap();
        Self { holder: SigningKey::generate(Algorithm::Es256).unwrap(), register }
    }

    fn did(&self) -> Did {
        jwk::from_public_key(self.holder.public_key())
    }

    /// A credential of a kind, as `vc+jwt`, and its index in the list.
    fn issue(&mut self, kind: CredentialKind) -> (String, u64) {
        let names = TypeNames::default();
        let entry = self.register.allocate(&mut rng()).unwrap();
        let index = entry.index();
        let builder =
            CredentialBuilder::staff(&issuer(), &self.did(), now(), &staff(kind), &names).unwrap();
        let builder = builder.expires_at(now() + TimeDelta::days(30)).status(entry);
        (builder.build_vc2(&mut rng()).unwrap().sign(&key()).unwrap(), index)
    }

    /// What a verifier asks for, and what the wallet answers with this credential.
    fn answer(&self, type_name: &str, token: &str) -> (Expectation, String) {
        let portal = SigningKey::generate(Algorithm::Es256).unwrap();
        let endpoints = Endpoints::new("https://portal.example/q", "https://portal.example/a");
        let party = openid4vp::Party::new(PORTAL_KEY, Algorithm::Es256, endpoints.unwrap());
        let asked = RequestedCredential::new("part", type_name);
        let request = openid4vp::RequestBuilder::new(&party.unwrap(), [asked]).unwrap();
        let request = request.build(now(), &mut rng()).unwrap().sign(&portal).unwrap();
        let object = RequestObject::parse(request.object().as_str()).unwrap();
        let document = document("did:web:portal.example", &portal);
        let document =
            DidDocument::parse(&"did:web:portal.example".parse().unwrap(), document.as_bytes());
        let review = RequestReview::verify(
            &object,
            Some(&document.unwrap()),
            &AwsLc,
            &Default::default(),
            now(),
        );
        let (held, key_id) =
            ([HeldCredential::parse(token).unwrap()], DidUrl::new(&self.did(), "0").unwrap());
        let review = review.unwrap();
        let matches = review.matches(&held, &[self.did()], now());
        let (choice, holder) =
            (matches.default_choice().unwrap(), Holder::new(&key_id, &self.holder));
        let response = matches.present(&choice, &[holder], now(), &mut rng()).unwrap();
        (request.expectation().clone(), response.body())
    }

    /// Judges an answer with the trust's document and its list as it stands.
    fn judge(
        &self,
        type_name: &str,
        (expectation, body): &(Expectation, String),
    ) -> Result<VerifiedResponse, Rejection> {
        let mut trusted = TrustedIssuer::new(issuer().did().as_str(), [type_name]);
        trusted.status = StatusRequirement::Required;
        let policy = TrustPolicy::builder().issuer(trusted).build().unwrap();
        let until = Some(now() + TimeDelta::hours(1));
        let list = self.register.publish_vc2(&issuer(), now(), until).unwrap().sign(&key());
        let (document, list) = (document(issuer().did().as_str(), &key()), list.unwrap());
        let verifier = Verifier::new(policy, Arc::new(AwsLc));
        let mut verification = verifier.receive(expectation, body.as_bytes());
        let mut evidence = Evidence::new(Arc::new(AwsLc));
        loop {
            match verification.step(&evidence, now()) {
                Step::Done(verdict) => return *verdict,
                Step::Needs(sources) => {
                    for source in sources {
                        let file = match &source {
                            Source::DidDocument(_) => &document,
                            Source::StatusList(_) => &list,
                            other => panic!("{other}"),
                        };
                        let file = Fetched::Document(file.as_bytes()).to_owned();
                        evidence.insert(source, file, now());
                    }
                }
            }
        }
    }
}

fn document(did: &str, key: &SigningKey) -> String {
    let did: Did = did.parse().unwrap();
    let builder = DocumentBuilder::new(&did);
    builder.key("key-1", key.public_key(), Relationships::SIGNING).build().unwrap().to_string()
}

#[test]
fn every_kind_is_believed_as_it_was_issued() {
    for kind in CredentialKind::ALL {
        let name = TypeNames::default().vc_type(kind).to_owned();
        let mut world = World::new();
        let (token, _) = world.issue(kind);
        let believed = world.judge(&name, &world.answer(&name, &token)).expect("a good answer");
        let [credential] = believed.credentials() else { panic!("one credential") };
        for (claim, value) in claims(kind) {
            assert_eq!(credential.subject().get(&claim), Some(&value), "{claim}");
        }
    }
}

#[test]
fn a_revoked_one_is_refused_and_its_neighbour_is_not() {
    let kind = CredentialKind::Training;
    let name = TypeNames::default().vc_type(kind).to_owned();
    let mut world = World::new();
    let ((revoked, index), (other, _)) = (world.issue(kind), world.issue(kind));
    world.register.revoke(index).unwrap();
    let refused = world.judge(&name, &world.answer(&name, &revoked)).expect_err("a revoked one");
    let codes: Vec<_> = refused.codes().into_iter().map(|code| code.as_str()).collect();
    assert_eq!(codes, ["revoked"]);
    assert!(world.judge(&name, &world.answer(&name, &other)).is_ok());
}

#[test]
fn one_changed_letter_is_refused() {
    let kind = CredentialKind::Identity;
    let name = TypeNames::default().vc_type(kind).to_owned();
    let mut world = World::new();
    let (token, _) = world.issue(kind);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let swapped = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{signed}.{swapped}{}", signature.get(1..).unwrap());
    let refused = world.judge(&name, &world.answer(&name, &forged)).expect_err("a forged one");
    let codes: Vec<_> = refused.codes().into_iter().map(|code| code.as_str()).collect();
    assert_eq!(codes, ["signature_invalid"]);
}
