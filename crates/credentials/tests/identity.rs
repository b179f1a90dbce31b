//! Each rule of the identity table and of the assurance block, broken and kept.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod common;

use common::{assert_faults, assert_taken, context, example, full, read, warnings, with};
use serde_json::{Value, json};
use staffpass_credentials::{
    CheckedBy, ClaimsContext, Confidence, CredentialKind, DateOrTime, IdentityCredential,
    StaffCredential,
};

const KIND: CredentialKind = CredentialKind::Identity;

fn identity(claims: &Value) -> IdentityCredential {
    IdentityCredential::from_claims(claims.as_object().unwrap(), &context()).unwrap()
}

#[test]
fn the_worked_example_parses_as_it_stands() {
    let credential = identity(&example(KIND));
    assert_eq!(credential.given_name.as_deref(), Some("Amara Jane"));
    assert_eq!(credential.birthdate.to_string(), "1991-08-10");
    assert_eq!(credential.confidence, Confidence::High);
    assert!(matches!(&credential.checked_by, CheckedBy::Idsp(name) if name == "Example IDSP Ltd"));
    assert!(matches!(credential.assurance.last_refresh, DateOrTime::Date(_)));
    assert_eq!(Value::from(credential.to_claims()), example(KIND));
}

#[test]
fn every_claim_goes_in_and_comes_out() {
    assert_eq!(Value::from(identity(&full(KIND)).to_claims()), full(KIND));
}

#[test]
fn each_required_claim_is_missed() {
    let required = [
        "identity_id",
        "family_name",
        "birthdate",
        "confidence",
        "checked_by",
        "checked_on",
        "assurance",
        "assurance/origin",
        "assurance/assurance_policy",
        "assurance/assurance_outcome",
        "assurance/provider",
        "assurance/verifier",
        "assurance/verification_method",
        "assurance/pedigree",
        "assurance/last_refresh",
    ];
    for path in required {
        let field = path.replace('/', ".");
        assert_faults(KIND, &[(&format!("/{path}"), Value::Null, &field, "missing")]);
    }
    let error = read(KIND, &json!({})).unwrap_err();
    assert_eq!(error.faults.len(), 7, "{error}");
}

#[test]
fn each_optional_claim_may_be_absent() {
    let optional = [
        "given_name",
        "middle_name",
        "preferred_name",
        "legal_gender",
        "nationalities",
        "address",
        "portrait",
        "evidence_profile",
        "evidence_expires_on",
    ];
    optional.iter().for_each(|name| assert_taken(KIND, &[(&format!("/{name}"), Value::Null)]));
}

#[test]
fn the_identity_id_is_a_lower_case_v4_uuid() {
    for wrong in [
        "",
        "7D0D3C9E-3F0B-4C1E-9A55-2B8F6F1F0A11",
        "7d0d3c9e-3f0b-1c1e-9a55-2b8f6f1f0a11",
        "7d0d3c9e-3f0b-4c1e-7a55-2b8f6f1f0a11",
        "7d0d3c9e3f0b4c1e9a552b8f6f1f0a11",
        " 7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11",
        "urn:uuid:7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11",
    ] {
        assert_faults(KIND, &[("/identity_id", json!(wrong), "identity_id", "not_a_uuid")]);
    }
}

#[test]
fn names_have_1_to_100_harmless_characters() {
    let long = "ä".repeat(101);
    for name in ["given_name", "family_name", "preferred_name"] {
        let pointer = format!("/{name}");
        assert_faults(
            KIND,
            &[
                (&pointer, json!(""), name, "too_short"),
                (&pointer, json!(" \u{a0}"), name, "too_short"),
                (&pointer, json!(long), name, "too_long"),
                (&pointer, json!("a\u{202e}b"), name, "forbidden_character"),
                (&pointer, json!("a\u{7f}b"), name, "forbidden_character"),
                (&pointer, json!(7), name, "not_a_string"),
            ],
        );
        assert_taken(
            KIND,
            &[(&pointer, json!("O’Brien-Ñuñez 王")), (&pointer, json!("ä".repeat(100)))],
        );
    }
    assert_taken(KIND, &[("/middle_name", json!(""))]);
    assert_faults(KIND, &[("/middle_name", json!(long), "middle_name", "too_long")]);
}

#[test]
fn names_are_read_in_nfc_and_trimmed() {
    let credential = identity(&with(KIND, "/family_name", json!(" Zoe\u{308} ")));
    assert_eq!(credential.family_name, "Zoë");
}

#[test]
fn age_at_issue_is_14_to_110() {
    assert_faults(
        KIND,
        &[
            ("/birthdate", json!("2012-03-03"), "birthdate", "age"),
            ("/birthdate", json!("1915-03-02"), "birthdate", "age"),
            ("/birthdate", json!("2030-01-01"), "birthdate", "age"),
            ("/birthdate", json!("1899-12-31"), "birthdate", "before_first_date"),
            ("/birthdate", json!("10/08/1991"), "birthdate", "not_a_date"),
            ("/birthdate", json!("1991-08-10T00:00:00Z"), "birthdate", "not_a_date"),
        ],
    );
    assert_taken(KIND, &[("/birthdate", json!("2012-03-02")), ("/birthdate", json!("1915-03-03"))]);
}

#[test]
fn closed_lists_refuse_other_words() {
    assert_faults(
        KIND,
        &[
            ("/legal_gender", json!("Female"), "legal_gender", "not_in_vocabulary"),
            ("/confidence", json!("extreme"), "confidence", "not_in_vocabulary"),
            ("/assurance/pedigree", json!("Sourced"), "assurance.pedigree", "not_in_vocabulary"),
        ],
    );
}

#[test]
fn an_unknown_verification_method_is_kept() {
    let claims = with(KIND, "/assurance/verification_method", json!("palm reading"));
    let credential = identity(&claims);
    assert_eq!(credential.assurance.verification_method.as_str(), "palm reading");
    assert_eq!(Value::from(credential.to_claims()), claims);
    assert_faults(
        KIND,
        &[(
            "/assurance/verification_method",
            json!("x".repeat(121)),
            "assurance.verification_method",
            "too_long",
        )],
    );
}

#[test]
fn nationalities_are_1_to_4_country_codes() {
    assert_faults(
        KIND,
        &[
            ("/nationalities", json!([]), "nationalities", "no_items"),
            (
                "/nationalities",
                json!(["GB", "NG", "IE", "FR", "DE"]),
                "nationalities",
                "too_many_items",
            ),
            ("/nationalities", json!(["GB", "British"]), "nationalities[1]", "form"),
            ("/nationalities", json!(["gb"]), "nationalities[0]", "form"),
            ("/nationalities", json!([1]), "nationalities[0]", "not_a_string"),
            ("/nationalities", json!("GB"), "nationalities", "not_an_array"),
        ],
    );
    let error = read(KIND, &with(KIND, "/nationalities", json!(["gb", 1]))).unwrap_err();
    assert_eq!(error.faults.len(), 2, "{error}");
}

#[test]
fn the_address_is_an_object_with_a_short_postcode() {
    assert_faults(
        KIND,
        &[
            ("/address", json!("1 Example Street"), "address", "not_an_object"),
            ("/address/postal_code", json!("ZZ99 9ZZ ZZ99"), "address.postal_code", "too_long"),
        ],
    );
}

#[test]
fn the_portrait_is_a_small_jpeg_or_png() {
    assert_faults(
        KIND,
        &[
            ("/portrait", json!("R0lGODlhAQABAAAAACw="), "portrait", "form"),
            ("/portrait", json!("/9j/4AAQSkZJRg"), "portrait", "form"),
            ("/portrait", json!("/9j/4AAQ_-ZJRg=="), "portrait", "form"),
            ("/portrait", json!(format!("/9j/{}", "A".repeat(40_960))), "portrait", "form"),
        ],
    );
    assert_taken(
        KIND,
        &[
            ("/portrait", json!("iVBORw0KGgoA")),
            ("/portrait", json!(format!("/9j/{}", "A".repeat(40_956)))),
        ],
    );
}

#[test]
fn the_profile_agrees_with_the_confidence() {
    assert_faults(
        KIND,
        &[
            ("/evidence_profile", json!("M1A"), "evidence_profile", "disagrees"),
            ("/confidence", json!("medium"), "evidence_profile", "disagrees"),
            ("/evidence_profile", json!("H5A"), "evidence_profile", "form"),
            ("/evidence_profile", json!("H1A "), "evidence_profile", "form"),
        ],
    );
    for (profile, confidence) in
        [("L1A", "low"), ("M2B", "medium"), ("H4D", "high"), ("V1C", "very_high")]
    {
        let mut claims = with(KIND, "/evidence_profile", json!(profile));
        claims["confidence"] = json!(confidence);
        assert!(read(KIND, &claims).is_ok(), "{profile}");
    }
}

#[test]
fn checked_by_names_a_provider_or_an_organisation() {
    assert_faults(
        KIND,
        &[
            ("/checked_by", json!("Example IDSP Ltd"), "checked_by", "form"),
            ("/checked_by", json!("idsp: "), "checked_by", "too_short"),
            ("/checked_by", json!("face_to_face: Eastmoor"), "checked_by", "form"),
            ("/checked_by", json!("video: Z9Z9Z"), "checked_by", "form"),
        ],
    );
    let credential = identity(&with(KIND, "/checked_by", json!("face_to_face: Z9Z9Z")));
    assert!(
        matches!(&credential.checked_by, CheckedBy::FaceToFace(code) if code.as_str() == "Z9Z9Z")
    );
    assert_eq!(credential.to_claims()["checked_by"], "face_to_face: Z9Z9Z");
}

#[test]
fn the_check_is_not_after_issue_in_london() {
    assert_faults(KIND, &[("/checked_on", json!("2026-03-03"), "checked_on", "after_issue")]);
    assert_taken(KIND, &[("/checked_on", json!("2026-03-02"))]);
    // 23:30 UTC on 30 June is 1 July in London.
    let summer = "2026-06-30T23:30:00Z".parse().unwrap();
    let claims = with(KIND, "/checked_on", json!("2026-07-01"));
    let context = ClaimsContext::new(summer, summer);
    assert!(IdentityCredential::from_claims(claims.as_object().unwrap(), &context).is_ok());
}

#[test]
fn the_refresh_is_a_date_or_time_at_most_five_minutes_on() {
    let pointer = "/assurance/last_refresh";
    let field = "assurance.last_refresh";
    assert_faults(
        KIND,
        &[
            (pointer, json!("2026-03-03"), field, "in_future"),
            (pointer, json!("2026-03-02T09:05:01Z"), field, "in_future"),
            (pointer, json!("2026-03-02T09:00:00"), field, "not_a_date"),
            (pointer, json!("yesterday"), field, "not_a_date"),
            (pointer, json!("1899-03-02T09:00:00Z"), field, "before_first_date"),
        ],
    );
    assert_taken(
        KIND,
        &[(pointer, json!("2026-03-02T09:05:00Z")), (pointer, json!("2026-03-02T10:05:00+01:00"))],
    );
    let claims = with(KIND, pointer, json!("2026-03-02T08:00:00.250+01:00"));
    assert_eq!(Value::from(identity(&claims).to_claims()), claims);
}

#[test]
fn expired_evidence_is_a_warning() {
    let expiry = |date: &str| warnings(KIND, json!({ "evidence_expires_on": date }));
    assert_eq!(expiry("2026-03-01"), ["evidence_expires_on evidence_expired"]);
    assert!(expiry("2026-03-02").is_empty());
}

#[test]
fn all_faults_are_listed_at_once() {
    let claims = json!({
        "identity_id": "x", "family_name": "", "birthdate": "1991-13-10", "confidence": "medium",
        "evidence_profile": "H1A", "checked_by": "nobody", "checked_on": 7,
        "nationalities": ["GB", "gb"], "assurance": {"origin": ""}
    });
    let error = read(KIND, &claims).unwrap_err();
    let listed: Vec<String> =
        error.faults.iter().map(|f| format!("{} {}", f.field, f.rule.code())).collect();
    let expected = [
        "identity_id not_a_uuid",
        "family_name too_short",
        "birthdate not_a_date",
        "checked_by form",
        "checked_on not_a_string",
        "assurance.origin too_short",
        "assurance.assurance_policy missing",
        "assurance.assurance_outcome missing",
        "assurance.provider missing",
        "assurance.verifier missing",
        "assurance.verification_method missing",
        "assurance.pedigree missing",
        "assurance.last_refresh missing",
        "nationalities[1] form",
        "evidence_profile disagrees",
    ];
    assert_eq!(listed, expected);
}

#[test]
fn unknown_claims_are_ignored() {
    let mut claims = example(KIND);
    claims["id"] = json!("did:example:123");
    claims["passport_number"] = json!("123456789");
    assert_eq!(Value::from(identity(&claims).to_claims()), example(KIND));
}

#[test]
fn no_value_is_printed() {
    let claims = full(KIND);
    let credential = read(KIND, &claims).unwrap();
    let printed = format!("{credential:?} {credential:#?}");
    assert!(printed.contains("IdentityCredential") && printed.contains("birthdate"));
    let StaffCredential::Identity(inner) = &credential else { unreachable!() };
    let parts = format!(
        "{:?}{:?}{:?}{:?}{:?}",
        inner.identity_id,
        inner.checked_by,
        inner.address,
        inner.assurance,
        inner.assurance.last_refresh
    );
    let wrong = with(KIND, "/family_name", json!("Okafor\u{202e}Lee"));
    let error = read(KIND, &wrong).unwrap_err();
    let shown = format!("{printed} {parts} {error} {error:?}");
    for secret in
        ["Amara", "Okafor", "1991", "7d0d3c9e", "Example", "ZZ99", "Eastmoor", "GPG", "2026"]
    {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
