//! Presentation submissions: every path dialect that wallets speak, and the refusal of every other.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use serde_json::{Value, json};
use staffpass_query::{
    Assignments, DescriptorMapEntry, InputDescriptor, Location, PresentationDefinition,
    PresentationSubmission, SubmissionError,
};

fn submission(entries: Value) -> Result<PresentationSubmission, SubmissionError> {
    PresentationSubmission::from_value(&json!({
        "id": "s", "definition_id": "x", "descriptor_map": entries,
    }))
}

fn entry(path: &str, nested: Option<&str>) -> Value {
    let mut entry = json!({"id": "d", "format": "jwt_vp", "path": path});
    if let Some(path) = nested {
        entry["path_nested"] = json!({"id": "d", "format": "jwt_vc", "path": path});
    }
    entry
}

fn resolve_json(entry: Value, presentations: &[usize]) -> Result<(usize, usize), &'static str> {
    let submission = submission(json!([entry])).map_err(|error| error.code())?;
    let location = submission.descriptor_map[0].resolve(presentations).map_err(|e| e.code())?;
    Ok((location.presentation, location.credential))
}

fn resolve(
    path: &str,
    nested: impl Into<Option<&'static str>>,
    presentations: &[usize],
) -> Result<(usize, usize), &'static str> {
    resolve_json(entry(path, nested.into()), presentations)
}

#[test]
fn dialect_a_one_presentation_holds_all() {
    assert_eq!(resolve("$", "$.verifiableCredential[0]", &[3]), Ok((0, 0)));
    assert_eq!(resolve("$", "$.verifiableCredential[2]", &[3]), Ok((0, 2)));
}

#[test]
fn dialect_b_presentations_are_numbered_even_if_there_is_one() {
    assert_eq!(resolve("$[0]", "$.verifiableCredential[1]", &[2]), Ok((0, 1)));
    assert_eq!(resolve("$[1]", "$.verifiableCredential[0]", &[1, 1]), Ok((1, 0)));
}

#[test]
fn dialect_c_the_nested_path_is_absolute() {
    assert_eq!(resolve("$[0]", "$[0].verifiableCredential[1]", &[2]), Ok((0, 1)));
    assert_eq!(resolve("$[1]", "$[1].verifiableCredential[0]", &[4, 1]), Ok((1, 0)));
    assert_eq!(resolve("$", "$[0].verifiableCredential[0]", &[1]), Ok((0, 0)));
}

#[test]
fn dialect_d_by_the_letter() {
    assert_eq!(resolve("$", "$.vp.verifiableCredential[1]", &[2]), Ok((0, 1)));
    assert_eq!(resolve("$[1]", "$.vp.verifiableCredential[0]", &[1, 1]), Ok((1, 0)));
    assert_eq!(resolve("$[1]", "$[1].vp.verifiableCredential[0]", &[1, 1]), Ok((1, 0)));
}

#[test]
fn dialect_e_only_where_there_is_one_credential() {
    assert_eq!(resolve("$", None, &[1]), Ok((0, 0)));
    assert_eq!(resolve("$[1]", None, &[2, 1]), Ok((1, 0)));
    assert_eq!(resolve("$", "$.verifiableCredential", &[1]), Ok((0, 0)));
    assert_eq!(resolve("$", "$.vp.verifiableCredential", &[1]), Ok((0, 0)));
    for presentations in [[2], [0]] {
        let ambiguous = Err("submission_ambiguous_credential");
        assert_eq!(resolve("$", None, &presentations), ambiguous);
        assert_eq!(resolve("$", "$.verifiableCredential", &presentations), ambiguous);
    }
}

#[test]
fn the_leading_dollar_of_a_nested_path_may_be_left_out() {
    assert_eq!(resolve("$", ".verifiableCredential[0]", &[1]), Ok((0, 0)));
    assert_eq!(resolve("$[1]", "[1].vp.verifiableCredential[0]", &[1, 1]), Ok((1, 0)));
}

#[test]
fn an_outer_path_that_is_no_presentation_is_refused() {
    let presentation = "$.verifiableCredential[0]";
    for path in [
        "",
        "$.",
        "$.vp",
        "$.vp_token[0]",
        "$..",
        "$[*]",
        "$[?(@.a)]",
        "$[-1]",
        "$[0:1]",
        "$[0,1]",
        "$['0']",
        "$[0][0]",
        "$[00]",
        "$[01]",
        "$[0",
        "$0",
        "[0]",
        "$[ 0]",
        "$[+0]",
        "$[]",
        "$[0] ",
        "$[18446744073709551616]",
        "$[1000000000000]",
        "@",
        "$.verifiableCredential[0]",
        "$.attestations.presentations.StaffIdentity",
    ] {
        let outcome = resolve(path, presentation, &[1]);
        assert_eq!(outcome, Err("submission_presentation_path"), "{path}");
    }
    assert_eq!(resolve("$[1]", presentation, &[1]), Err("submission_no_such_presentation"));
    assert_eq!(resolve("$[999999999]", presentation, &[1]), Err("submission_no_such_presentation"));
    assert_eq!(resolve("$[0]", presentation, &[]), Err("submission_no_such_presentation"));
    assert_eq!(resolve("$", presentation, &[]), Err("submission_no_such_presentation"));
    assert_eq!(resolve("$", presentation, &[1, 1]), Err("submission_ambiguous_presentation"));
}

#[test]
fn q06_a_nested_path_that_is_no_credential_is_refused() {
    for path in [
        "",
        "$",
        "$..verifiableCredential[0]",
        "$.verifiableCredential[*]",
        "$.verifiableCredential[-1]",
        "$.verifiableCredential[0].credentialSubject",
        "$.verifiableCredential[?(@.type)]",
        "$.verifiableCredential[(@.length-1)]",
        "$.verifiableCredential[0][0]",
        "$.verifiableCredential[00]",
        "$.verifiableCredential.0",
        "$['verifiableCredential'][0]",
        "$.verifiablecredential[0]",
        "$.vc[0]",
        "$.verifiableCredential[0]x",
        "$.vp.vp.verifiableCredential[0]",
        "$.vpverifiableCredential[0]",
        "$[0][0].verifiableCredential[0]",
        "verifiableCredential[0]",
        "$.verifiableCredential[99999999999999999999]",
        "$[99999999999].verifiableCredential[0]",
        "$.attestations.presentations.StaffIdentity",
        "$.verifiableCredentials[0]",
    ] {
        let outcome = resolve_json(entry("$", Some(path)), &[1]);
        assert_eq!(outcome, Err("submission_credential_path"), "{path}");
    }
    let absent = resolve("$", "$.verifiableCredential[1]", &[1]);
    assert_eq!(absent, Err("submission_no_such_credential"));
    for (outer, nested) in
        [("$[0]", "$[1].verifiableCredential[0]"), ("$[1]", "$[0].verifiableCredential[0]")]
    {
        let differ = resolve(outer, nested, &[1, 1]);
        assert_eq!(differ, Err("submission_presentations_differ"), "{outer}");
    }
}

#[test]
fn formats_are_read_in_upper_and_lower_case() {
    let with = |outer: &str, inner: &str| {
        let mut entry = entry("$", Some("$.verifiableCredential[0]"));
        entry["format"] = json!(outer);
        entry["path_nested"]["format"] = json!(inner);
        resolve_json(entry, &[1])
    };
    for (outer, inner) in
        [("jwt_vp", "jwt_vc"), ("JWT_VP", "JWT_VC"), ("jwt_vp_json", "jwt_vc_json")]
    {
        assert_eq!(with(outer, inner), Ok((0, 0)), "{outer} {inner}");
    }
    for (outer, inner) in [
        ("jwt_vc", "jwt_vc"),
        ("jwt_vp", "jwt_vp"),
        ("ldp_vp", "jwt_vc"),
        ("jwt_vp", "ldp_vc"),
        ("jwt_vp", "vc+sd-jwt"),
        ("", ""),
    ] {
        assert_eq!(with(outer, inner), Err("submission_format"), "{outer} {inner}");
    }
    let mut alone = entry("$", None);
    alone["format"] = json!("jwt_vc_json");
    assert_eq!(resolve_json(alone, &[1]), Ok((0, 0)), "without a nested path either is written");
}

#[test]
fn r01_nesting_deeper_than_one_is_refused() {
    let mut deep = entry("$", Some("$.verifiableCredential[0]"));
    deep["path_nested"]["path_nested"] = json!({"format": "jwt_vc", "path": "$"});
    assert_eq!(submission(json!([deep])).unwrap_err(), SubmissionError::NestedTooDeep);
    let mut null = entry("$", Some("$.verifiableCredential[0]"));
    null["path_nested"]["path_nested"] = json!(null);
    assert_eq!(resolve_json(null, &[1]), Ok((0, 0)));
}

#[test]
fn a_nested_id_is_the_same_or_absent() {
    let mut entry = entry("$", Some("$.verifiableCredential[0]"));
    entry["path_nested"].as_object_mut().unwrap().remove("id").unwrap();
    assert_eq!(resolve_json(entry.clone(), &[1]), Ok((0, 0)));
    entry["path_nested"]["id"] = json!("other");
    assert_eq!(resolve_json(entry, &[1]), Err("submission_ids_differ"));
}

#[test]
fn malformed_submissions_are_refused() {
    let malformed = [
        json!(null),
        json!([]),
        json!("x"),
        json!({}),
        json!({"id": "s", "descriptor_map": []}),
        json!({"id": 1, "definition_id": "x", "descriptor_map": []}),
        json!({"id": "s", "definition_id": "x", "descriptor_map": {}}),
        json!({"id": "s", "definition_id": "x", "descriptor_map": [[]]}),
        json!({"id": "s", "definition_id": "x", "descriptor_map": [{"id": "d", "format": "jwt_vp"}]}),
        json!({"id": "s", "definition_id": "x",
            "descriptor_map": [{"id": "d".repeat(129), "format": "jwt_vp", "path": "$"}]}),
    ];
    for value in malformed {
        let error = PresentationSubmission::from_value(&value).unwrap_err();
        assert_eq!(error.code(), "submission_malformed", "{value}");
    }
    let many = submission(json!(vec![entry("$", None); 65])).unwrap_err();
    assert_eq!(many.code(), "submission_too_many_entries");
}

fn definition() -> PresentationDefinition {
    let descriptor = |id| InputDescriptor::new(id, ["A"]);
    PresentationDefinition::new("x", ["a", "b", "c"].map(descriptor)).unwrap()
}

fn assign(entries: Vec<DescriptorMapEntry>) -> Result<Assignments, SubmissionError> {
    let submission = PresentationSubmission::new("s", "another definition", entries);
    Assignments::resolve(&definition(), &[submission], &[2])
}

#[test]
fn entries_are_matched_by_descriptor_id() {
    let assigned = assign(vec![
        DescriptorMapEntry::jwt_vc_in_vp("b", 0),
        DescriptorMapEntry::jwt_vc_in_vp("a", 1).in_presentation(0),
    ])
    .unwrap();
    let at = |credential| Some(Location { presentation: 0, credential });
    assert_eq!((assigned.location("a"), assigned.location("b")), (at(1), at(0)));
    assert_eq!(assigned.location("c"), None);
    assert_eq!(assigned.iter().map(|(id, _)| id).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(assigned.reused(), []);
    let unsatisfied = definition().satisfied_by(|id| assigned.location(id).is_some()).unwrap_err();
    assert_eq!(unsatisfied.missing, ["c"]);
}

#[test]
fn q02_an_entry_that_was_not_asked_for_is_refused() {
    let error = assign(vec![DescriptorMapEntry::jwt_vc_in_vp("z", 0)]).unwrap_err();
    assert_eq!(error.code(), "submission_unknown_descriptor");
    let twice = vec![DescriptorMapEntry::jwt_vc_in_vp("a", 0); 2];
    assert_eq!(assign(twice).unwrap_err().code(), "submission_duplicate_descriptor");
}

#[test]
fn pf22_a_credential_that_nothing_refers_to_is_seen() {
    let assigned = assign(vec![DescriptorMapEntry::jwt_vc_in_vp("a", 0)]).unwrap();
    assert!(assigned.refers_to(Location { presentation: 0, credential: 0 }));
    assert!(!assigned.refers_to(Location { presentation: 0, credential: 1 }));
}

#[test]
fn q08_a_credential_used_for_two_descriptors_is_seen() {
    let entries = ["a", "b", "c"].map(|id| DescriptorMapEntry::jwt_vc_in_vp(id, 1)).to_vec();
    let reused = assign(entries).unwrap().reused();
    assert_eq!(reused, [Location { presentation: 0, credential: 1 }]);
}

#[test]
fn several_submissions_are_read_together() {
    let submission = |id: &str, credential| {
        PresentationSubmission::new(
            "s",
            "x",
            [DescriptorMapEntry::jwt_vc_in_vp(id, credential).in_presentation(credential)],
        )
    };
    let assigned =
        Assignments::resolve(&definition(), &[submission("a", 0), submission("b", 1)], &[1, 2]);
    assert_eq!(assigned.unwrap().location("b"), Some(Location { presentation: 1, credential: 1 }));
}

#[test]
fn what_we_write_is_the_profiles_dialect() {
    let submission =
        PresentationSubmission::new("s", "x", [DescriptorMapEntry::jwt_vc_in_vp("d", 0)]);
    let json = serde_json::to_value(&submission).unwrap();
    assert_eq!(json["descriptor_map"], json!([entry("$", Some("$.verifiableCredential[0]"))]));
    assert_eq!(serde_json::from_value::<PresentationSubmission>(json).unwrap(), submission);
}
