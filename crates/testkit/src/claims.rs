//! What the credentials say: one fictional person at one fictional trust.

use serde_json::{Map, Value, json};
use staffpass_credentials::CredentialKind;

const IDENTITY_ID: &str = "3c1f6a52-8d0e-4b7a-9c44-51d2e0a7b9f3";

/// The subject claims of a credential of this kind.
#[must_use]
pub fn claims(kind: CredentialKind) -> Map<String, Value> {
    let claims = match kind {
        CredentialKind::Identity => identity(),
        CredentialKind::Employment => employment(),
        _ => training(),
    };
    claims.as_object().cloned().unwrap_or_default()
}

fn identity() -> Value {
    json!({
        "identity_id": IDENTITY_ID, "given_name": "Rowan", "family_name": "Testerby",
        "birthdate": "1988-11-03", "confidence": "high", "evidence_profile": "H1A",
        "checked_by": "idsp: Example IDSP Ltd", "checked_on": "2026-02-20",
        "assurance": assurance("GPG 45", "GPG 45 applied", "document_verification", "sourced"),
    })
}

fn employment() -> Value {
    json!({
        "identity_id": IDENTITY_ID,
        "employer": {"name": "Westmoor Hospitals (fictional)", "ods_code": "Z9Z9Z"},
        "staff_group": "medical_and_dental", "job_title": "Registrar in Elderly Care",
        "assignment_category": "fixed_term", "assignment_status": "active",
        "start_date": "2024-09-01", "end_date": "2026-10-31",
        "assurance": assurance("GPG 45", "GPG 45 applied", "not_verified", "authoritative"),
    })
}

fn training() -> Value {
    let policy = "Core Skills Training Framework (CSTF)";
    json!({
        "identity_id": IDENTITY_ID, "framework": "cstf", "subject": "fire-safety", "level": 1,
        "competency_name": "Fire Safety", "attainment_status": "achieved",
        "awarded_on": "2026-02-10", "renewal_period": {"value": 2, "unit": "year"},
        "valid_to": "2028-02-10", "learning_method": "elearning",
        "assurance": assurance(policy, "GPG 45 applied", "document_verification", "sourced"),
    })
}

fn assurance(policy: &str, outcome: &str, method: &str, pedigree: &str) -> Value {
    json!({
        "origin": "Substantive NHS Employing Organisation", "assurance_policy": policy,
        "assurance_outcome": outcome, "provider": "Westmoor Hospitals (fictional)",
        "verifier": "Origin", "verification_method": method, "pedigree": pedigree,
        "last_refresh": "2026-03-01",
    })
}
