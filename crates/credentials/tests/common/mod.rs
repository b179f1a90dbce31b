//! The worked examples (fictional people, trusts and numbers), and one thing wrong with them.

use serde_json::{Map, Value, json};
use staffpass_credentials::{ClaimsContext, ClaimsError, CredentialKind, StaffCredential};

/// Issued and read on 2 March 2026.
pub fn context() -> ClaimsContext {
    let now = "2026-03-02T09:00:00Z".parse().unwrap();
    ClaimsContext::new(now, now)
}

/// The example of this kind; the second and third with their assurance block completed.
pub fn example(kind: CredentialKind) -> Value {
    let identity: Value = serde_json::from_str(IDENTITY).unwrap();
    let with_assurance = |text: &str, own: Value| {
        let mut claims: Value = serde_json::from_str(text).unwrap();
        let mut assurance = identity["assurance"].clone();
        assurance.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        claims["assurance"] = assurance;
        claims
    };
    match kind {
        CredentialKind::Employment => with_assurance(
            EMPLOYMENT,
            json!({"pedigree": "authoritative", "verification_method": "not_verified"}),
        ),
        CredentialKind::Training => with_assurance(
            TRAINING,
            json!({"assurance_policy": "Core Skills Training Framework (CSTF)"}),
        ),
        _ => identity.clone(),
    }
}

/// A credential of this kind with every optional claim.
#[allow(dead_code, reason = "not every test file needs it")]
pub fn full(kind: CredentialKind) -> Value {
    let more = match kind {
        CredentialKind::Identity => json!({
            "middle_name": "Rose", "preferred_name": "Amy", "legal_gender": "female",
            "nationalities": ["GB", "NG"],
            "address": {"street_address": "1 Example Street", "locality": "Eastmoor", "region": "Moorshire",
                        "postal_code": "ZZ99 9ZZ", "country": "GB"},
            "portrait": "/9j/4AAQSkZJRg==", "evidence_expires_on": "2029-07-25"
        }),
        CredentialKind::Employment => json!({
            "department": "Radiology", "area_of_work": "Elderly Care Medicine",
            "job_role": "Specialty Registrar", "occupation_code": "011", "pay_band": "MN37",
            "esr": {"vpd": "999", "assignment_number": "00000000-2"}, "fte": "0.8",
            "registrations": [{"body": "GMC", "number": "7000000", "status": "Registered", "expires_on": "2027-01-31"}],
            "licence_to_attend": true
        }),
        _ => json!({
            "edition": "2026", "variant": "basic", "esr_competence": "NHS|CSTF|Fire Safety - 2 Years|",
            "proficiency_level": "1 - Assessed",
            "training_provider": {"name": "Eastmoor Learning (fictional)", "ods_code": "Z9Z9Z"}
        }),
    };
    let mut claims = example(kind);
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    claims
}

pub fn read(kind: CredentialKind, claims: &Value) -> Result<StaffCredential, ClaimsError> {
    StaffCredential::from_claims(kind, claims.as_object().unwrap(), &context())
}

/// The full credential with the value at a JSON pointer replaced, or taken out where it is `Null`.
#[allow(dead_code, reason = "not every test file needs it")]
pub fn with(kind: CredentialKind, pointer: &str, value: Value) -> Value {
    let mut claims = full(kind);
    let (owner, name) = pointer.rsplit_once('/').unwrap();
    let owner = claims.pointer_mut(owner).unwrap();
    match owner {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        _ => owner[name] = value,
    }
    claims
}

/// Each case: a pointer, a value put there, and the one fault (field, code) that it makes.
#[allow(dead_code, reason = "not every test file needs it")]
pub fn assert_faults(kind: CredentialKind, cases: &[(&str, Value, &str, &str)]) {
    for (pointer, value, field, code) in cases {
        let error = read(kind, &with(kind, pointer, value.clone())).unwrap_err();
        assert!(error.names(field, code), "{pointer} = {value}: {error}");
        assert_eq!(error.faults.len(), 1, "{pointer} = {value}: {error}");
        assert_eq!((error.code(), error.kind), ("credential_claims", kind));
    }
}

/// Each case: a pointer and a value that may stand there.
#[allow(dead_code, reason = "not every test file needs it")]
pub fn assert_taken(kind: CredentialKind, cases: &[(&str, Value)]) {
    for (pointer, value) in cases {
        let outcome = read(kind, &with(kind, pointer, value.clone()));
        assert!(outcome.is_ok(), "{pointer} = {value}: {}", outcome.unwrap_err());
    }
}

/// The warnings of the full credential with these changes, as `field code`.
#[allow(dead_code, reason = "not every test file needs it")]
pub fn warnings(kind: CredentialKind, changes: Value) -> Vec<String> {
    let mut claims = full(kind);
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let warnings = read(kind, &claims).unwrap().warnings(&context());
    warnings.iter().map(|warning| format!("{} {}", warning.field, warning.reason.code())).collect()
}

#[allow(dead_code, reason = "not every test file needs it")]
pub fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

const IDENTITY: &str = r#"{"identity_id":"7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11","given_name":"Amara Jane","family_name":"Okafor-Lee",
 "birthdate":"1991-08-10","confidence":"high","evidence_profile":"H1A","checked_by":"idsp: Example IDSP Ltd","checked_on":"2026-02-27",
 "assurance":{"origin":"Substantive NHS Employing Organisation","assurance_policy":"GPG 45","assurance_outcome":"GPG 45 applied",
  "provider":"Eastmoor Hospitals (fictional)","verifier":"Origin","verification_method":"document_verification","pedigree":"sourced","last_refresh":"2026-03-02"}}"#;

const EMPLOYMENT: &str = r#"{"identity_id":"7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11","employer":{"name":"Eastmoor Hospitals (fictional)","ods_code":"Z9Z9Z"},
 "staff_group":"medical_and_dental","job_title":"Registrar in Elderly Care","assignment_category":"fixed_term","assignment_status":"active",
 "start_date":"2024-08-30","end_date":"2026-10-30"}"#;

const TRAINING: &str = r#"{"identity_id":"7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11","framework":"cstf","subject":"fire-safety","level":1,"competency_name":"Fire Safety",
 "attainment_status":"achieved","awarded_on":"2026-02-12","renewal_period":{"value":2,"unit":"year"},"valid_to":"2028-02-12",
 "learning_method":"elearning"}"#;
