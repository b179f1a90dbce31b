//! Each rule of the training table, broken and kept.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod common;

use common::{assert_faults, assert_taken, context, example, full, warnings, with};
use serde_json::{Value, json};
use staffpass_credentials::{
    AttainmentStatus, CredentialKind, Framework, LearningMethod, Subject, TrainingCredential,
};

const KIND: CredentialKind = CredentialKind::Training;

fn training(claims: &Value) -> TrainingCredential {
    TrainingCredential::from_claims(claims.as_object().unwrap(), &context()).unwrap()
}

#[test]
fn the_worked_example_parses_with_its_assurance_completed() {
    let credential = training(&example(KIND));
    assert_eq!(credential.framework, Framework::Cstf);
    assert_eq!(credential.subject, Subject::FireSafety);
    assert_eq!(credential.level, Some(1));
    assert_eq!(credential.renewal_period.as_ref().unwrap().months(), 24);
    assert_eq!(credential.learning_method, Some(LearningMethod::Elearning));
    assert_eq!(Value::from(credential.to_claims()), example(KIND));
}

#[test]
fn every_claim_goes_in_and_comes_out() {
    assert_eq!(Value::from(training(&full(KIND)).to_claims()), full(KIND));
    assert!(warnings(KIND, json!({})).is_empty());
}

#[test]
fn each_required_claim_is_missed() {
    for path in [
        "identity_id",
        "framework",
        "subject",
        "competency_name",
        "attainment_status",
        "awarded_on",
        "assurance",
        "renewal_period/value",
        "renewal_period/unit",
        "training_provider/name",
    ] {
        let field = path.replace('/', ".");
        assert_faults(KIND, &[(&format!("/{path}"), Value::Null, &field, "missing")]);
    }
}

#[test]
fn each_optional_claim_may_be_absent() {
    for name in [
        "edition",
        "variant",
        "esr_competence",
        "proficiency_level",
        "renewal_period",
        "valid_to",
        "learning_method",
        "training_provider",
        "training_provider/ods_code",
    ] {
        assert_taken(KIND, &[(&format!("/{name}"), Value::Null)]);
    }
}

#[test]
fn the_eleven_subjects_are_known_and_others_kept() {
    assert_eq!(Subject::WORDS.len(), 11);
    for name in
        ["framework", "subject", "attainment_status", "proficiency_level", "learning_method"]
    {
        let mut claims = with(KIND, &format!("/{name}"), json!("something else"));
        claims.as_object_mut().unwrap().remove("esr_competence");
        assert_eq!(Value::from(training(&claims).to_claims()), claims, "{name}");
    }
}

#[test]
fn the_level_is_an_integer_from_1_to_5() {
    assert_faults(
        KIND,
        &[
            ("/level", json!(0), "level", "out_of_range"),
            ("/level", json!(6), "level", "out_of_range"),
            ("/level", json!(-1), "level", "out_of_range"),
            ("/level", json!(256 + 1), "level", "out_of_range"),
            ("/level", json!(1.5), "level", "not_an_integer"),
            ("/level", json!("1"), "level", "not_an_integer"),
        ],
    );
}

#[test]
fn the_core_skills_framework_needs_a_level() {
    assert_faults(KIND, &[("/level", Value::Null, "level", "missing_because")]);
    let mut claims = with(KIND, "/framework", json!("care-certificate"));
    claims["level"] = Value::Null;
    assert_eq!(training(&claims).level, None);
}

#[test]
fn it_is_awarded_at_most_a_day_after_issue() {
    assert_faults(KIND, &[("/awarded_on", json!("2026-03-04"), "awarded_on", "after_issue")]);
    assert_taken(KIND, &[("/awarded_on", json!("2026-03-03"))]);
}

#[test]
fn the_period_is_1_to_120_months_or_years() {
    assert_faults(
        KIND,
        &[
            ("/renewal_period/value", json!(0), "renewal_period.value", "out_of_range"),
            ("/renewal_period/value", json!(121), "renewal_period.value", "out_of_range"),
            ("/renewal_period/unit", json!("day"), "renewal_period.unit", "not_in_vocabulary"),
            ("/renewal_period", json!(2), "renewal_period", "not_an_object"),
        ],
    );
}

#[test]
fn it_is_not_valid_to_before_it_was_awarded() {
    assert_faults(KIND, &[("/valid_to", json!("2026-02-11"), "valid_to", "before")]);
    assert_taken(KIND, &[("/valid_to", json!("2026-02-12"))]);
}

#[test]
fn texts_are_bounded() {
    assert_faults(
        KIND,
        &[
            ("/competency_name", json!("x".repeat(201)), "competency_name", "too_long"),
            ("/variant", json!("x".repeat(201)), "variant", "too_long"),
            ("/edition", json!("x".repeat(41)), "edition", "too_long"),
            (
                "/training_provider/name",
                json!("x".repeat(201)),
                "training_provider.name",
                "too_long",
            ),
            ("/training_provider/ods_code", json!("z9z"), "training_provider.ods_code", "form"),
        ],
    );
}

#[test]
fn an_end_far_from_the_period_is_a_warning() {
    let to = |date: &str| warnings(KIND, json!({ "valid_to": date }));
    assert_eq!(to("2028-03-15"), ["valid_to valid_to_period"]);
    assert_eq!(to("2028-01-11"), ["valid_to valid_to_period"]);
    assert!(to("2028-03-14").is_empty() && to("2028-01-12").is_empty());
    assert!(warnings(KIND, json!({"valid_to": "2030-01-01", "renewal_period": null})).is_empty());
}

#[test]
fn an_esr_competence_that_disagrees_is_a_warning() {
    let esr = |text: &str| warnings(KIND, json!({ "esr_competence": text }));
    assert_eq!(esr("Fire Safety"), ["esr_competence esr_competence_form"]);
    assert_eq!(esr("NHS|CSTF|Resuscitation - 2 Years|"), ["esr_competence esr_competence_subject"]);
    assert_eq!(esr("NHS|CSTF|Fire Safety - 1 Year|"), ["esr_competence esr_competence_period"]);
    assert!(esr("NHS|CSTF|Fire Safety - 24 Months|").is_empty());
    assert!(esr("NHS|CSTF|Fire Safety - No Specified Renewal|").is_empty());
}

#[test]
fn only_achieved_is_shareable() {
    let mut credential = training(&example(KIND));
    assert!(credential.is_shareable());
    for status in ["not_achieved", "in_progress", "ACHIEVED"] {
        credential.attainment_status = AttainmentStatus::from_word(status);
        assert!(!credential.is_shareable(), "{status}");
    }
}
