//! Verifiers that are known by certificates: `x509_san_dns` and `x509_hash`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use common::{asks, code, now};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm, date_time_ymd,
};
use staffpass_disclosure::{DisclosureError, RequestReview, ReviewOptions, VerifierId};
use staffpass_jose::Algorithm;
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_request::openid4vp::{Party, RequestBuilder};
use staffpass_request::{Endpoints, RequestObject, UnverifiedRequestObject};
use staffpass_x509::TrustAnchors;

/// An authority, and a portal that it has certified for some names.
struct Certified {
    anchor: Vec<u8>,
    leaf: Vec<u8>,
    key: SigningKey,
}

struct LeafKey(Vec<u8>);

impl PublicKeyData for LeafKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl Certified {
    fn new(name: &str) -> Self {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let anchor_key = KeyPair::generate().unwrap();
        let mut anchor = CertificateParams::default();
        anchor.distinguished_name.push(DnType::CommonName, "Fictional authority");
        anchor.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        anchor.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        anchor.not_before = date_time_ymd(2026, 1, 1);
        let mut leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
        leaf.is_ca = IsCa::ExplicitNoCa;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.use_authority_key_identifier_extension = true;
        leaf.not_before = date_time_ymd(2026, 1, 1);
        let issuer = Issuer::from_params(&anchor, &anchor_key);
        let leaf = leaf.signed_by(&LeafKey(key.public_key().to_sec1()), &issuer).unwrap();
        let anchor = anchor.self_signed(&anchor_key).unwrap().der().to_vec();
        Self { anchor, leaf: leaf.der().to_vec(), key }
    }

    fn anchors(&self) -> TrustAnchors {
        TrustAnchors::from_der(&[&self.anchor]).unwrap()
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        vec![self.leaf.clone()]
    }

    fn by_name(&self) -> Party {
        Party::x509_san_dns("portal.example", &self.chain(), Algorithm::Es256, endpoints()).unwrap()
    }

    fn by_hash(&self) -> Party {
        Party::x509_hash(&self.chain(), Algorithm::Es256, endpoints()).unwrap()
    }

    fn asks(&self, party: &Party) -> UnverifiedRequestObject {
        let builder = RequestBuilder::new(party, [asks("identity")]).unwrap();
        let request = builder.build(now(), &mut rand::rng()).unwrap().sign(&self.key).unwrap();
        RequestObject::parse(request.object().as_str()).unwrap()
    }
}

fn endpoints() -> Endpoints {
    Endpoints::new("https://portal.example/request", "https://portal.example/response").unwrap()
}

fn review(
    object: &UnverifiedRequestObject,
    options: &ReviewOptions,
) -> Result<RequestReview, DisclosureError> {
    assert_eq!(RequestReview::document_needed(object).unwrap(), None);
    RequestReview::verify(object, None, &AwsLc, options, now())
}

fn trusting(certified: &Certified) -> ReviewOptions {
    ReviewOptions::default().with_trust_anchors(certified.anchors())
}

#[test]
fn a_verifier_with_a_certificate_of_a_known_authority_is_shown_by_its_name() {
    let certified = Certified::new("portal.example");
    for party in [certified.by_name(), certified.by_hash()] {
        let review = review(&certified.asks(&party), &trusting(&certified)).unwrap();
        let name = VerifierId::Certified { name: "portal.example".to_owned() };
        assert_eq!(*review.verifier(), name);
        assert_eq!(review.verifier().to_string(), "portal.example");
        assert_eq!(review.origin(), "https://portal.example");
    }
}

#[test]
fn a_certificate_of_another_authority_is_refused() {
    let (certified, other) = (Certified::new("portal.example"), Certified::new("portal.example"));
    for party in [certified.by_name(), certified.by_hash()] {
        let refused = review(&certified.asks(&party), &trusting(&other));
        assert!(code(refused).starts_with("x509_"));
    }
}

#[test]
fn without_authorities_no_certificate_is_believed() {
    let certified = Certified::new("portal.example");
    let refused = review(&certified.asks(&certified.by_name()), &ReviewOptions::default());
    assert_eq!(code(refused), "verifier_unknown");
}

#[test]
fn an_expired_certificate_is_refused() {
    let certified = Certified::new("portal.example");
    let object = certified.asks(&certified.by_hash());
    let before = "2025-12-31T00:00:00Z".parse().unwrap();
    let refused = RequestReview::verify(&object, None, &AwsLc, &trusting(&certified), before);
    assert!(code(refused).starts_with("x509_"));
}

#[test]
fn b6_an_answer_to_a_host_that_the_certificate_does_not_name_is_refused() {
    let certified = Certified::new("elsewhere.example");
    let refused = review(&certified.asks(&certified.by_hash()), &trusting(&certified));
    assert_eq!(code(refused), "response_origin_foreign");
}

#[test]
fn a_request_signed_by_another_key_than_the_certificates_is_refused() {
    let certified = Certified::new("portal.example");
    let thief = SigningKey::generate(Algorithm::Es256).unwrap();
    let builder = RequestBuilder::new(&certified.by_hash(), [asks("identity")]).unwrap();
    let unsigned = builder.build(now(), &mut rand::rng()).unwrap();
    let stolen = unsigned.sign(&thief).unwrap();
    let object = RequestObject::parse(stolen.object().as_str()).unwrap();
    let refused = review(&object, &trusting(&certified));
    assert_eq!(code(refused), "jws_signature_mismatch");
}

#[test]
fn a_client_that_is_to_be_known_beforehand_is_not() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let party = Party::pre_registered("portal", "key-1", Algorithm::Es256, endpoints()).unwrap();
    let builder = RequestBuilder::new(&party, [asks("identity")]).unwrap();
    let request = builder.build(now(), &mut rand::rng()).unwrap().sign(&key).unwrap();
    let object = RequestObject::parse(request.object().as_str()).unwrap();
    assert_eq!(code(review(&object, &ReviewOptions::default())), "verifier_unknown");
}

#[test]
fn a_request_fetched_by_post_repeats_the_wallets_nonce() {
    let certified = Certified::new("portal.example");
    let builder = RequestBuilder::new(&certified.by_name(), [asks("identity")]).unwrap();
    let request = builder.build(now(), &mut rand::rng()).unwrap().sign(&certified.key).unwrap();
    let posted = request.object().with_wallet_nonce("n-1").unwrap().sign(&certified.key).unwrap();
    let posted = RequestObject::parse(posted.as_str()).unwrap();
    let fetched = RequestObject::parse(request.object().as_str()).unwrap();
    let options = |nonce: &str| trusting(&certified).with_wallet_nonce(nonce);
    assert!(review(&posted, &options("n-1")).is_ok());
    assert!(review(&fetched, &trusting(&certified)).is_ok());
    assert_eq!(code(review(&posted, &options("n-2"))), "wallet_nonce_mismatch");
    assert_eq!(code(review(&posted, &trusting(&certified))), "wallet_nonce_mismatch");
    assert_eq!(code(review(&fetched, &options("n-1"))), "wallet_nonce_mismatch");
}
