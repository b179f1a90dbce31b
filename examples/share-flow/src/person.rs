//! The person, and what her present trust says of her. All of it is fictional.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use staffpass::credentials::{ClaimsContext, CredentialKind, StaffCredential};

use crate::Error;
use crate::issuer::{NAME, ODS_CODE};

pub(crate) const FIRST_NAME: &str = "Amara";
pub(crate) const FAMILY_NAME: &str = "Okafor-Lee";
pub(crate) const BIRTHDATE: &str = "1991-08-10";
pub(crate) const EMAIL: &str = "amara.okafor-lee@eastmoor.example";
/// Of the range that Ofcom keeps for drama.
pub(crate) const MOBILE: &str = "07700 900123";

const IDENTITY_ID: &str = "7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11";

/// Her credentials: one identity, one employment, and training in two subjects.
pub(crate) fn credentials(now: DateTime<Utc>) -> Result<Vec<StaffCredential>, Error> {
    let context = ClaimsContext::new(now, now);
    let today = now.date_naive();
    let claims = [
        (CredentialKind::Identity, identity(today)),
        (CredentialKind::Employment, employment(today)),
        (CredentialKind::Training, training("fire-safety", "Fire Safety", today)),
        (CredentialKind::Training, training("moving-and-handling", "Moving and Handling", today)),
    ];
    let read = |(kind, claims): (CredentialKind, Value)| {
        let claims = claims.as_object().cloned().unwrap_or_default();
        Ok(StaffCredential::from_claims(kind, &claims, &context)?)
    };
    claims.into_iter().map(read).collect()
}

/// A credential in a few words.
pub(crate) fn describe(credential: &StaffCredential) -> String {
    format!("{}: {}", credential.kind(), name_of(Some(&credential.to_claims())))
}

/// What a wallet writes on the card.
pub(crate) fn name_of(subject: Option<&Map<String, Value>>) -> String {
    let claim = |name: &str| subject.and_then(|claims| claims.get(name)).and_then(Value::as_str);
    let named = claim("competency_name").or(claim("job_title"));
    let name = named.or(claim("family_name")).unwrap_or("a credential");
    name.to_owned()
}

fn identity(today: NaiveDate) -> Value {
    json!({
        "identity_id": IDENTITY_ID,
        "given_name": format!("{FIRST_NAME} Jane"),
        "family_name": FAMILY_NAME,
        "birthdate": BIRTHDATE,
        "confidence": "high",
        "evidence_profile": "H1A",
        "checked_by": "idsp: Example IDSP Ltd",
        "checked_on": today - TimeDelta::days(4),
        "assurance": assurance("GPG 45", "document_verification", "sourced", today),
    })
}

fn employment(today: NaiveDate) -> Value {
    json!({
        "identity_id": IDENTITY_ID,
        "employer": { "name": NAME, "ods_code": ODS_CODE },
        "staff_group": "medical_and_dental",
        "job_title": "Registrar in Elderly Care",
        "assignment_category": "fixed_term",
        "assignment_status": "active",
        "start_date": today - TimeDelta::days(500),
        "end_date": today + TimeDelta::days(240),
        "assurance": assurance("Staff record", "not_verified", "authoritative", today),
    })
}

fn training(subject: &str, name: &str, today: NaiveDate) -> Value {
    json!({
        "identity_id": IDENTITY_ID,
        "framework": "cstf",
        "subject": subject,
        "level": 1,
        "competency_name": name,
        "attainment_status": "achieved",
        "awarded_on": today - TimeDelta::days(20),
        "learning_method": "elearning",
        "assurance": assurance(
            "Core Skills Training Framework (CSTF)", "elearning_completion", "authoritative", today,
        ),
    })
}

fn assurance(policy: &str, method: &str, pedigree: &str, today: NaiveDate) -> Value {
    json!({
        "origin": "Substantive NHS Employing Organisation",
        "assurance_policy": policy,
        "assurance_outcome": format!("{policy} applied"),
        "provider": NAME,
        "verifier": "Origin",
        "verification_method": method,
        "pedigree": pedigree,
        "last_refresh": today - TimeDelta::days(1),
    })
}
