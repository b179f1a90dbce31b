//! A fictional trust, its staff and its keys.
#![allow(dead_code, reason = "each test file uses a part")]

use chrono::{DateTime, Utc};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};
use staffpass_credentials::{ClaimsContext, CredentialKind, StaffCredential};
use staffpass_did::{Did, DidUrl};
use staffpass_issue::IssuerKey;
use staffpass_jose::{Algorithm, Signer as _, UnverifiedJws, VerificationKey, jws};
use staffpass_jose_aws_lc::SigningKey;
use staffpass_status::ListLocation;

pub(crate) const KID: &str = "did:web:eastmoor.example#key-1";
pub(crate) const HOLDER: &str = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";
pub(crate) const LIST: &str = "https://eastmoor.example/status/3";

pub(crate) fn key() -> SigningKey {
    SigningKey::from_secret_bytes(Algorithm::Es256, &[7; 32]).unwrap()
}

pub(crate) fn issuer() -> IssuerKey {
    IssuerKey::new(DidUrl::parse(KID).unwrap(), Algorithm::Es256)
}

pub(crate) fn holder() -> Did {
    HOLDER.parse().unwrap()
}

pub(crate) fn location() -> ListLocation {
    ListLocation::parse(LIST).unwrap()
}

pub(crate) fn rng() -> StdRng {
    StdRng::seed_from_u64(1)
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn now() -> DateTime<Utc> {
    at("2026-03-02T09:00:00Z")
}

/// The payload of a token whose signature has been checked under the trust's key.
pub(crate) fn verified(token: &str, key: &VerificationKey) -> Value {
    let jws = UnverifiedJws::parse(token, &jws::Limits::default()).unwrap();
    serde_json::from_slice(jws.verify(key).unwrap().payload()).unwrap()
}

pub(crate) fn header(token: &str) -> jws::Header {
    UnverifiedJws::parse(token, &jws::Limits::default()).unwrap().header().clone()
}

pub(crate) fn published() -> VerificationKey {
    key().verification_key().clone()
}

pub(crate) fn claims(kind: CredentialKind) -> Map<String, Value> {
    let assurance = json!({
        "origin": "Substantive NHS Employing Organisation", "assurance_policy": "GPG 45",
        "assurance_outcome": "GPG 45 applied", "provider": "Eastmoor Hospitals (fictional)",
        "verifier": "Origin", "verification_method": "document_verification",
        "pedigree": "sourced", "last_refresh": "2026-03-02",
    });
    let mut claims = match kind {
        CredentialKind::Identity => json!({
            "given_name": "Amara Jane", "family_name": "Okafor-Lee", "birthdate": "1991-08-10",
            "confidence": "high", "evidence_profile": "H1A",
            "checked_by": "idsp: Example IDSP Ltd", "checked_on": "2026-02-27",
        }),
        CredentialKind::Employment => json!({
            "employer": {"name": "Eastmoor Hospitals (fictional)", "ods_code": "Z9Z9Z"},
            "staff_group": "medical_and_dental", "job_title": "Registrar in Elderly Care",
            "assignment_category": "fixed_term", "assignment_status": "active",
            "start_date": "2024-08-30", "end_date": "2026-10-30",
        }),
        _ => json!({
            "framework": "cstf", "subject": "fire-safety", "level": 1,
            "competency_name": "Fire Safety", "attainment_status": "achieved",
            "awarded_on": "2026-02-12", "renewal_period": {"value": 2, "unit": "year"},
            "valid_to": "2028-02-12", "learning_method": "elearning",
        }),
    };
    claims["identity_id"] = json!("7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11");
    claims["assurance"] = assurance;
    claims.as_object().unwrap().clone()
}

pub(crate) fn staff(kind: CredentialKind) -> StaffCredential {
    let context = ClaimsContext::new(now(), now());
    StaffCredential::from_claims(kind, &claims(kind), &context).unwrap()
}
