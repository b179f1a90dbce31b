//! The three kinds together: making from code, round trips, names, and the old claim names.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod common;

use common::{context, example, full, object, read};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use staffpass_credentials::{
    AssignmentCategory, AssignmentStatus, Assurance, ClaimsContext, CredentialKind, DateOrTime,
    Employer, EmploymentCredential, IdentityId, OdsCode, Pedigree, StaffCredential, StaffGroup,
    TypeNameError, TypeNames, VerificationMethod, legacy,
};

fn from_code() -> EmploymentCredential {
    let mut credential = EmploymentCredential::new(
        IdentityId::parse("7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11").unwrap(),
        Employer::new("Eastmoor Hospitals (fictional)".into(), OdsCode::parse("Z9Z9Z").unwrap()),
        StaffGroup::MedicalAndDental,
        "Registrar in Elderly Care".into(),
        AssignmentCategory::FixedTerm,
        AssignmentStatus::Active,
        "2024-08-30".parse().unwrap(),
        Assurance::new(
            "Substantive NHS Employing Organisation".into(),
            "GPG 45".into(),
            "GPG 45 applied".into(),
            "Eastmoor Hospitals (fictional)".into(),
            "Origin".into(),
            VerificationMethod::NotVerified,
            Pedigree::Authoritative,
            DateOrTime::parse("2026-03-02").unwrap(),
        ),
    );
    credential.end_date = Some("2026-10-30".parse().unwrap());
    credential
}

#[test]
fn a_credential_made_in_code_is_the_one_read_from_claims() {
    let credential = from_code();
    assert_eq!(credential.validate(&context()), Ok(()));
    assert_eq!(Value::from(credential.to_claims()), example(CredentialKind::Employment));
    assert_eq!(
        read(CredentialKind::Employment, &example(CredentialKind::Employment)),
        Ok(credential.into())
    );
}

#[test]
fn a_credential_made_in_code_is_validated_by_the_same_rules() {
    let mut credential = from_code();
    credential.end_date = None;
    credential.job_title = String::new();
    let error = StaffCredential::from(credential).validate(&context()).unwrap_err();
    assert!(error.names("end_date", "missing_because") && error.names("job_title", "too_short"));
    assert_eq!(error.faults.len(), 2, "{error}");
}

#[test]
fn each_kind_says_what_it_is() {
    for kind in CredentialKind::ALL {
        let credential = read(kind, &full(kind)).unwrap();
        assert_eq!(credential.kind(), kind);
        assert_eq!(credential.identity_id().as_str(), "7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11");
        assert_eq!(credential.assurance().verifier, "Origin");
        assert_eq!(CredentialKind::from_id(kind.id()), Some(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), json!(kind.id()));
    }
    assert_eq!(CredentialKind::from_id("Identity"), None);
}

#[test]
fn claims_of_one_kind_are_not_another() {
    let claims = example(CredentialKind::Identity);
    let error = read(CredentialKind::Training, &claims).unwrap_err();
    assert!(error.names("framework", "missing"), "{error}");
}

#[test]
fn the_default_names_are_those_of_the_house() {
    let names = TypeNames::default();
    for (kind, vc_type, vct) in [
        (CredentialKind::Identity, "StaffIdentity", "urn:example:staff-passport:identity:1"),
        (CredentialKind::Employment, "StaffEmployment", "urn:example:staff-passport:employment:1"),
        (CredentialKind::Training, "StaffTraining", "urn:example:staff-passport:training:1"),
    ] {
        assert_eq!((names.vc_type(kind), names.vct(kind)), (vc_type, vct));
        assert_eq!(names.kind_of_vc_type(vc_type), Some(kind));
        assert_eq!(names.kind_of_vct(vct), Some(kind));
    }
    assert_eq!(names.kind_of_vc_type("staffidentity"), None);
    assert_eq!(names.kind_of_vc_type("VerifiableCredential"), None);
}

#[test]
fn names_that_cannot_stand_are_refused() {
    let set = |vc_type: &str, vct: &str| {
        TypeNames::default().with(CredentialKind::Identity, vc_type, vct).map_err(|e| e.code())
    };
    assert_eq!(set("", "x"), Err("type_name_empty"));
    assert_eq!(set("X", ""), Err(TypeNameError::Empty.code()));
    assert_eq!(set("VerifiableCredential", "x"), Err("type_name_base_type"));
    assert_eq!(set("StaffTraining", "x"), Err("type_name_taken"));
    assert_eq!(set("X", "urn:example:staff-passport:training:1"), Err("type_name_taken"));
    assert!(set("StaffIdentity", "x").is_ok());
}

#[test]
fn old_identity_names_are_translated() {
    let old = object(json!({
        "Identity.ID-LegalFirstName": "Amara Jane", "Identity.ID-LegalSurname": "Okafor-Lee",
        "ID-BirthDate": "1991-08-10T00:00:00", "Identity.UniqueIdentifier": "7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11",
        "ID-VerificationMethod": "Document Verification with Record Verification",
        "ID-Pedigree": "Sourced", "ID-Portrait": "unknown"
    }));
    let expected = json!({
        "given_name": "Amara Jane", "family_name": "Okafor-Lee", "birthdate": "1991-08-10",
        "identity_id": "7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11",
        "assurance": {"verification_method": "document_and_record_verification", "pedigree": "sourced"}
    });
    assert_eq!(Value::from(legacy::from_dsp(CredentialKind::Identity, "ID", &old)), expected);
}

#[test]
fn old_training_claims_make_a_training_credential() {
    let old = object(json!({
        "FS-StatMandSubject": "Fire Safety", "FS-Level": "1", "FS-AttainmentStatus": "ACHIEVED",
        "FS-CompetencyFramework": "CSTF", "FS-CompetencyName": "Fire Safety",
        "FS-LastDateAwarded": "2026-02-12T10:00:00Z", "FS-RenewalPeriod": "2", "FS-Units": "Years",
        "FS-LearningMethod": "e-Learning", "FS-DateTo": "2028-02-11T23:30:00+00:00",
        "FS-Origin": "Substantive NHS Employing Organisation", "FS-AssurancePolicy": "CSTF",
        "FS-AssuranceOutcome": "CSTF applied", "FS-Provider": "Eastmoor Learning (fictional)",
        "FS-Verifier": "Provider", "FS-VerificationMethod": "Not verified",
        "FS-Pedigree": "Authoritative", "FS-LastRefresh": "2026-02-12T10:00:00",
        "UniqueIdentifier": "7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11",
        "CR-StatMandSubject": "Conflict Resolution"
    }));
    let claims = legacy::from_dsp(CredentialKind::Training, "FS", &old);
    let credential =
        StaffCredential::from_claims(CredentialKind::Training, &claims, &context()).unwrap();
    let claims = Value::from(credential.to_claims());
    assert_eq!(claims["subject"], "fire-safety");
    assert_eq!(claims["renewal_period"], json!({"value": 2, "unit": "year"}));
    assert_eq!(claims["learning_method"], "elearning");
    assert_eq!(claims["valid_to"], "2028-02-11");
    assert_eq!(claims["assurance"]["last_refresh"], "2026-02-12");
}

#[test]
fn what_is_not_understood_is_passed_on_and_then_refused() {
    let old = object(
        json!({"FS-Level": "one", "FS-LastDateAwarded": "12/02/2026", "FS-Units": "Days", "FS-RenewalPeriod": 2}),
    );
    let claims = legacy::from_dsp(CredentialKind::Training, "FS", &old);
    let error = read(CredentialKind::Training, &claims.into()).unwrap_err();
    assert!(error.names("level", "not_an_integer"), "{error}");
    assert!(error.names("awarded_on", "not_a_date"), "{error}");
    assert!(error.names("renewal_period.unit", "not_in_vocabulary"), "{error}");
}

#[test]
fn names_go_to_the_old_ones_and_back() {
    for (kind, prefix) in [
        (CredentialKind::Identity, "ID"),
        (CredentialKind::Employment, "EMP"),
        (CredentialKind::Training, "FS"),
    ] {
        let claims = object(example(kind));
        let back = legacy::from_dsp(kind, prefix, &legacy::to_dsp(kind, prefix, &claims));
        assert!(
            !back.is_empty() && back.iter().all(|(name, value)| claims.get(name) == Some(value))
        );
    }
    let old =
        legacy::to_dsp(CredentialKind::Training, "FS", &object(example(CredentialKind::Training)));
    assert_eq!(old["FS-AttainmentStatus"], "ACHIEVED");
    assert_eq!(old["FS-CompetencyFramework"], "CSTF");
    assert_eq!(old["FS-StatMandSubject"], "Fire safety");
    assert_eq!(old["FS-VerificationMethod"], "Document Verification");
    assert_eq!(old["UniqueIdentifier"], "7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11");
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::from(Map::from_iter(map))),
        ]
    })
}

fn kind() -> impl Strategy<Value = CredentialKind> {
    prop::sample::select(&CredentialKind::ALL[..])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands at one claim: it is refused with a fault, or what was read is written and read
    /// again as the same.
    #[test]
    fn any_value_at_any_claim_is_refused_or_round_trips(
        kind in kind(), at in any::<prop::sample::Index>(), value in json_value(),
    ) {
        let mut claims = object(full(kind));
        let name = claims.keys().nth(at.index(claims.len())).unwrap().clone();
        claims.insert(name, value);
        match StaffCredential::from_claims(kind, &claims, &context()) {
            Ok(read) => {
                let again = StaffCredential::from_claims(kind, &read.to_claims(), &context());
                prop_assert_eq!(again, Ok(read));
            }
            Err(error) => prop_assert!(!error.faults.is_empty()),
        }
    }

    /// Any clock: no panic, and a credential of the past stays what it is.
    #[test]
    fn any_clock_gives_a_verdict(kind in kind(), issued in any::<i64>(), now in any::<i64>()) {
        let at = |seconds: i64| chrono::DateTime::from_timestamp(seconds % 8_000_000_000_000, 0).unwrap();
        let context = ClaimsContext::new(at(issued), at(now));
        let outcome = StaffCredential::from_claims(kind, &object(full(kind)), &context);
        match outcome {
            Ok(read) => prop_assert!(read.warnings(&context).len() <= 4),
            Err(error) => {
                let of_time = ["age", "after_issue", "in_future"];
                let all = error.faults.iter().all(|fault| of_time.contains(&fault.rule.code()));
                prop_assert!(all, "{}", error);
            }
        }
    }

    /// Names of any script survive, once normalised.
    #[test]
    fn names_round_trip(name in "[\\p{L}\\p{M}' -]{1,100}") {
        let mut claims = object(full(CredentialKind::Identity));
        claims.insert("family_name".into(), name.into());
        if let Ok(read) = StaffCredential::from_claims(CredentialKind::Identity, &claims, &context()) {
            let again = StaffCredential::from_claims(CredentialKind::Identity, &read.to_claims(), &context());
            prop_assert_eq!(again, Ok(read));
        }
    }
}
