//! Each rule of the employment table, broken and kept.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod common;

use chrono::{DateTime, Utc};
use common::{assert_faults, assert_taken, context, example, full, read, warnings, with};
use serde_json::{Value, json};
use staffpass_credentials::{
    AssignmentCategory, AssignmentStatus, CredentialKind, EmploymentCredential, StaffGroup,
};

const KIND: CredentialKind = CredentialKind::Employment;

fn employment(claims: &Value) -> EmploymentCredential {
    EmploymentCredential::from_claims(claims.as_object().unwrap(), &context()).unwrap()
}

#[test]
fn the_worked_example_parses_with_its_assurance_completed() {
    let credential = employment(&example(KIND));
    assert_eq!(credential.employer.ods_code.as_str(), "Z9Z9Z");
    assert_eq!(credential.staff_group, StaffGroup::MedicalAndDental);
    assert_eq!(credential.assignment_category, AssignmentCategory::FixedTerm);
    assert_eq!(credential.assignment_status, AssignmentStatus::Active);
    assert_eq!(Value::from(credential.to_claims()), example(KIND));
}

#[test]
fn every_claim_goes_in_and_comes_out() {
    assert_eq!(Value::from(employment(&full(KIND)).to_claims()), full(KIND));
}

#[test]
fn each_required_claim_is_missed() {
    for path in [
        "identity_id",
        "employer",
        "employer/name",
        "employer/ods_code",
        "staff_group",
        "job_title",
        "assignment_category",
        "assignment_status",
        "start_date",
        "assurance",
    ] {
        let field = path.replace('/', ".");
        assert_faults(KIND, &[(&format!("/{path}"), Value::Null, &field, "missing")]);
    }
}

#[test]
fn each_optional_claim_may_be_absent() {
    for name in [
        "department",
        "area_of_work",
        "job_role",
        "occupation_code",
        "pay_band",
        "esr",
        "fte",
        "registrations",
        "licence_to_attend",
    ] {
        assert_taken(KIND, &[(&format!("/{name}"), Value::Null)]);
    }
}

#[test]
fn ods_codes_are_3_to_8_capitals_and_digits() {
    for wrong in ["z9z9z", "Z9", "Z9Z9Z9Z9Z", "Z9-9Z", " Z9Z9Z"] {
        assert_faults(KIND, &[("/employer/ods_code", json!(wrong), "employer.ods_code", "form")]);
    }
    assert_taken(KIND, &[("/employer/ods_code", json!("Z9Z"))]);
}

#[test]
fn texts_are_bounded() {
    let too_long = |max: usize| json!("x".repeat(max + 1));
    assert_faults(
        KIND,
        &[
            ("/employer/name", too_long(200), "employer.name", "too_long"),
            ("/department", too_long(120), "department", "too_long"),
            ("/area_of_work", too_long(200), "area_of_work", "too_long"),
            ("/job_role", too_long(200), "job_role", "too_long"),
            ("/job_title", too_long(200), "job_title", "too_long"),
        ],
    );
}

#[test]
fn the_staff_group_is_closed_and_the_other_lists_are_open() {
    assert_faults(KIND, &[("/staff_group", json!("wizards"), "staff_group", "not_in_vocabulary")]);
    assert_eq!(StaffGroup::ALL.len(), 10);
    for name in ["assignment_category", "assignment_status"] {
        let claims = with(KIND, &format!("/{name}"), json!("zero hours"));
        assert_eq!(Value::from(employment(&claims).to_claims()), claims);
    }
}

#[test]
fn a_fixed_term_and_a_rotation_end() {
    for category in ["fixed_term", "training_rotation"] {
        let mut claims = full(KIND);
        claims["assignment_category"] = json!(category);
        claims.as_object_mut().unwrap().remove("end_date");
        let error = read(KIND, &claims).unwrap_err();
        assert!(error.names("end_date", "missing_because") && error.faults.len() == 1, "{error}");
        claims["assignment_category"] = json!("bank");
        assert!(read(KIND, &claims).is_ok());
    }
    assert_faults(KIND, &[("/end_date", json!("soon"), "end_date", "not_a_date")]);
}

#[test]
fn the_end_is_after_the_start() {
    assert_faults(
        KIND,
        &[
            ("/end_date", json!("2024-08-30"), "end_date", "before"),
            ("/start_date", json!("2026-10-31"), "end_date", "before"),
        ],
    );
    assert_taken(KIND, &[("/end_date", json!("2024-08-31"))]);
}

#[test]
fn pay_bands_are_agenda_for_change_or_a_scale() {
    for band in ["8", "0", "10", "8e", "8A", "mn37", "MN3", ""] {
        assert_faults(KIND, &[("/pay_band", json!(band), "pay_band", "form")]);
    }
    ["1", "7", "9", "8a", "8d", "MN37"]
        .iter()
        .for_each(|b| assert_taken(KIND, &[("/pay_band", json!(b))]));
}

#[test]
fn esr_numbers_have_their_forms() {
    assert_faults(
        KIND,
        &[
            ("/esr/vpd", json!("99"), "esr.vpd", "form"),
            ("/esr/vpd", json!(999), "esr.vpd", "not_a_string"),
            ("/esr/assignment_number", json!("0000000"), "esr.assignment_number", "form"),
            ("/esr/assignment_number", json!("00000000-"), "esr.assignment_number", "form"),
            ("/esr/assignment_number", json!("00000000-123"), "esr.assignment_number", "form"),
        ],
    );
    assert_taken(KIND, &[("/esr/assignment_number", json!("00000000"))]);
}

#[test]
fn the_fraction_is_0_to_1() {
    for wrong in ["1.01", "2", "0.", ".5", "-0.5", "0.123456", "0,5", "1.00001"] {
        assert_faults(KIND, &[("/fte", json!(wrong), "fte", "form")]);
    }
    ["0", "1", "1.00", "0.53333"].iter().for_each(|f| assert_taken(KIND, &[("/fte", json!(f))]));
    assert_faults(KIND, &[("/fte", json!(0.5), "fte", "not_a_string")]);
}

#[test]
fn registration_numbers_have_the_form_of_their_body() {
    let good = [
        ("GMC", "7000000"),
        ("GMC", "C7000000"),
        ("GMC", "L700000"),
        ("NMC", "71A2998E"),
        ("HCPC", "PH095159"),
        ("HCPC", "PH1"),
        ("GPhC", "2000000"),
        ("GDC", "12-34/A"),
    ];
    let bad = [
        ("GMC", "700000"),
        ("GMC", "L7000000"),
        ("GMC", "C700000"),
        ("NMC", "71A2998"),
        ("NMC", "71a2998E"),
        ("HCPC", "P095159"),
        ("HCPC", "PHX95159"),
        ("HCPC", "PH0951590"),
        ("GPhC", "20000000"),
        ("GDC", "12 34"),
    ];
    let entry = |(body, number): (&str, &str)| json!([{"body": body, "number": number}]);
    good.iter().for_each(|pair| assert_taken(KIND, &[("/registrations", entry(*pair))]));
    for pair in bad {
        assert_faults(KIND, &[("/registrations", entry(pair), "registrations[0].number", "form")]);
    }
    assert_faults(
        KIND,
        &[
            (
                "/registrations",
                entry(("GDC", &"1".repeat(21))),
                "registrations[0].number",
                "too_long",
            ),
            ("/registrations/0/body", Value::Null, "registrations[0].body", "missing"),
            ("/registrations/0", json!("GMC"), "registrations[0]", "not_an_object"),
            ("/registrations", json!([]), "registrations", "no_items"),
            (
                "/registrations",
                json!(vec![json!({"body": "GMC", "number": "7000000"}); 11]),
                "registrations",
                "too_many_items",
            ),
        ],
    );
}

#[test]
fn the_licence_is_a_boolean() {
    assert_faults(
        KIND,
        &[("/licence_to_attend", json!("yes"), "licence_to_attend", "not_a_boolean")],
    );
}

#[test]
fn an_odd_occupation_code_is_a_warning() {
    for code in ["11", "0111", "n2A", "N2AB", "1AB"] {
        assert_eq!(
            warnings(KIND, json!({ "occupation_code": code })),
            ["occupation_code occupation_code_form"]
        );
    }
    ["011", "N2A", "S1U"].iter().for_each(|code| {
        assert!(warnings(KIND, json!({ "occupation_code": code })).is_empty());
    });
}

#[test]
fn a_licence_to_attend_with_a_permanent_post_is_a_warning() {
    let changes =
        |licence: bool| json!({"assignment_category": "permanent", "licence_to_attend": licence});
    assert_eq!(
        warnings(KIND, changes(true)),
        ["licence_to_attend licence_to_attend_with_permanent"]
    );
    assert!(warnings(KIND, changes(false)).is_empty());
}

#[test]
fn it_expires_with_the_last_day_or_after_a_year() {
    let issued: DateTime<Utc> = "2024-02-29T12:00:00Z".parse().unwrap();
    let mut credential = employment(&example(KIND));
    assert_eq!(credential.default_expiry(issued).to_rfc3339(), "2026-10-30T23:59:59+00:00");
    credential.end_date = None;
    assert_eq!(credential.default_expiry(issued).to_rfc3339(), "2025-02-28T12:00:00+00:00");
}
