//! Presentation definitions: what we send, what others send, and whether credentials answer.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use serde_json::{Value, json};
use staffpass_query::{
    Candidate, Field, FieldPath, Filter, FilterType, Format, InputDescriptor, LimitDisclosure,
    Mismatch, Pattern, PatternReading, PresentationDefinition, Query, QueryError,
};

const ISSUER: &str = "did:web:trust.example";

/// The payload of a VC-JWT 1.1, as Entra issues it: no `vc.issuer`, no `credentialSubject.id`.
fn payload() -> Value {
    json!({
        "iss": ISSUER,
        "sub": "did:jwk:holder",
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiableCredential", "StaffEmployment"],
            "credentialSubject": {
                "job_title": "Midwife", "grade": 6, "bank": false, "sites": ["A1", "B2"], "note": ""
            },
        },
    })
}

fn check_as(definition: PresentationDefinition, payload: &Value) -> Result<(), Mismatch> {
    let candidate = Candidate::w3c(Format::JwtVcJson, &payload["vc"])
        .with_jwt_payload(payload)
        .with_holder_binding(true);
    Query::from(definition).check("d", &candidate)
}

fn check_json(definition: &Value, payload: &Value) -> Result<(), Mismatch> {
    check_as(PresentationDefinition::from_value(definition).unwrap(), payload)
}

/// A definition with one descriptor that has one field.
fn with_field(field: Value) -> Value {
    json!({"id": "x", "input_descriptors": [{"id": "d", "constraints": {"fields": [field]}}]})
}

fn with_filter(path: &str, filter: Value) -> Value {
    with_field(json!({"path": [path], "filter": filter}))
}

fn code(definition: &Value) -> &'static str {
    PresentationDefinition::from_value(definition).unwrap_err().code()
}

fn ours() -> PresentationDefinition {
    let employment = InputDescriptor::new("d", ["StaffEmployment"])
        .with_name("Employment")
        .with_purpose("To see where you work")
        .with_field(Field::issued_by([ISSUER]).unwrap());
    PresentationDefinition::new("request-1", [employment]).unwrap()
}

#[test]
fn what_we_send_is_read_alike_by_every_wallet() {
    assert_eq!(
        serde_json::to_value(ours()).unwrap(),
        json!({
            "id": "request-1",
            "input_descriptors": [{
                "id": "d",
                "name": "Employment",
                "purpose": "To see where you work",
                "schema": [{"uri": "StaffEmployment"}],
                "constraints": {"fields": [{
                    "path": ["$.issuer", "$.vc.issuer", "$.iss"],
                    "filter": {"type": "string", "pattern": "^^did:web:trust\\.example$"},
                }]},
            }],
        })
    );
}

#[test]
fn our_constraints_are_exact_and_microsofts_reading_is_not() {
    assert_eq!(check_as(ours(), &payload()), Ok(()));
    let mut shouting = payload();
    shouting["iss"] = json!("DID:WEB:Trust.example");
    assert_eq!(check_as(ours(), &shouting), Err(Mismatch::Issuer));
    assert_eq!(check_as(ours().with_reading(PatternReading::Microsoft), &shouting), Ok(()));
    let mut longer = payload();
    longer["iss"] = json!("did:web:trust.example.evil");
    assert_eq!(check_as(ours(), &longer), Err(Mismatch::Issuer));
    let longer = check_as(ours().with_reading(PatternReading::Microsoft), &longer);
    assert_eq!(longer.unwrap_err().code(), "mismatch_issuer");
}

/// The way of the Entra Request Service: descriptor named for its type, issuers unescaped and
/// unanchored, members that constrain nothing.
#[test]
fn a_definition_of_the_request_service_is_read() {
    let definition = json!({
        "id": "ceb93534-0000-4fcf-8166-000000000000",
        "input_descriptors": [{
            "id": "d",
            "name": "StaffEmployment",
            "purpose": "To see where you work",
            "schema": [{"uri": "StaffEmployment"}],
            "issuance": [{"manifest": "https://issuer.example/manifest"}],
            "exclusivePresentationWith": ["other"],
            "constraints": {"fields": [{
                "path": ["$.issuer", "$.vc.issuer", "$.iss"],
                "filter": {"type": "string", "pattern": "did:web:other.example|did:web:Trust.example"},
            }]},
        }],
    });
    let read = || PresentationDefinition::from_value(&definition).unwrap();
    assert_eq!(check_as(read(), &payload()), Err(Mismatch::Issuer), "JSON Schema tells case apart");
    let microsoft = || read().with_reading(PatternReading::Microsoft);
    assert_eq!(check_as(microsoft(), &payload()), Ok(()));
    let mut evil = payload();
    evil["iss"] = json!("did:web:trust-example.evil");
    assert_eq!(check_as(microsoft(), &evil), Ok(()), "as the wallets do: a hint, no trust");
}

/// The way of the JWT VC Presentation Profile's examples: types alone, no constraints.
#[test]
fn a_definition_of_the_profile_is_read() {
    let definition = json!({
        "id": "c278823a-0000-4a22-9a73-000000000000",
        "input_descriptors": [{
            "id": "d", "name": "d", "purpose": "We need to verify that you have one.",
            "schema": [{"uri": "StaffIdentity"}, {"uri": "StaffEmployment"}],
        }],
    });
    assert_eq!(check_json(&definition, &payload()), Ok(()));
    let read = PresentationDefinition::from_value(&definition).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), definition);
    let mut other = payload();
    other["vc"]["type"] = json!(["VerifiableCredential", "staffemployment"]);
    assert_eq!(check_json(&definition, &other), Err(Mismatch::Type));
}

#[test]
fn filters_both_ways() {
    let subject = |member: &str| format!("$.vc.credentialSubject.{member}");
    let value = Err(Mismatch::ClaimValue { claim: 0 });
    let missing = Err(Mismatch::ClaimMissing { claim: 0 });
    let table = [
        ("job_title", json!({}), Ok(())),
        ("job_title", json!({"type": "string"}), Ok(())),
        ("job_title", json!({"type": "number"}), value),
        ("job_title", json!({"const": "Midwife"}), Ok(())),
        ("job_title", json!({"const": "midwife"}), value),
        ("job_title", json!({"enum": ["Nurse", "Midwife"]}), Ok(())),
        ("job_title", json!({"enum": ["Nurse"]}), value),
        ("job_title", json!({"type": "string", "pattern": "^^Mid"}), Ok(())),
        ("job_title", json!({"pattern": "wife$"}), Ok(())),
        ("job_title", json!({"pattern": "^wife"}), value),
        ("job_title", json!({"pattern": "^Mid", "const": "Nurse"}), value),
        ("grade", json!({"type": "integer", "const": 6}), Ok(())),
        ("grade", json!({"type": "number"}), Ok(())),
        ("grade", json!({"const": "6"}), value),
        ("grade", json!({"pattern": "6"}), value),
        ("grade", json!({"type": "boolean"}), value),
        ("bank", json!({"type": "boolean", "const": false}), Ok(())),
        ("bank", json!({"type": "integer"}), value),
        ("sites", json!({"type": "array", "contains": {"const": "B2"}}), Ok(())),
        ("sites", json!({"contains": {"type": "string", "pattern": "^^A"}}), Ok(())),
        ("sites", json!({"contains": {"const": "C3"}}), value),
        ("sites", json!({"const": "A1"}), value),
        ("job_title", json!({"contains": {"const": "Midwife"}}), value),
        ("note", json!({"pattern": "^^."}), value),
        ("absent", json!({}), missing),
    ];
    for (member, filter, expected) in table {
        let definition = with_filter(&subject(member), filter.clone());
        assert_eq!(check_json(&definition, &payload()), expected, "{member} {filter}");
    }
}

#[test]
fn the_first_path_with_a_value_decides() {
    let filter = json!({"type": "string", "pattern": "^^did:web:trust\\.example$"});
    let paths = json!({"path": ["$.issuer", "$.vc.issuer", "$.iss"], "filter": filter});
    let definition = with_field(paths);
    assert_eq!(check_json(&definition, &payload()), Ok(()));
    let mut two = payload();
    two["issuer"] = json!("did:web:evil.example");
    assert_eq!(check_json(&definition, &two), Err(Mismatch::Issuer), "no second try");
}

#[test]
fn q06_a_path_reads_the_payload_that_was_verified_and_nothing_else() {
    let signed = payload();
    let beside = json!({"job_title": "Surgeon", "iss": "did:web:evil.example"});
    let candidate = Candidate::w3c(Format::JwtVcJson, &beside)
        .with_types(["StaffEmployment"])
        .with_jwt_payload(&signed)
        .with_holder_binding(true);
    let at = |path: &str| {
        let definition = with_filter(path, json!({"type": "string"}));
        Query::from(PresentationDefinition::from_value(&definition).unwrap()).check("d", &candidate)
    };
    assert_eq!(at("$.job_title"), Err(Mismatch::ClaimMissing { claim: 0 }));
    assert_eq!(at("$.vc.credentialSubject.job_title"), Ok(()));
    assert_eq!(Query::from(ours()).check("d", &candidate), Ok(()));
}

#[test]
fn an_optional_field_may_be_absent_and_not_wrong() {
    let field = |value: &str| json!({"path": ["$.vc.credentialSubject.nick"], "filter": {"const": value}, "optional": true});
    assert_eq!(check_json(&with_field(field("x")), &payload()), Ok(()));
    let mut wrong = payload();
    wrong["vc"]["credentialSubject"]["nick"] = json!("y");
    let outcome = check_json(&with_field(field("x")), &wrong);
    assert_eq!(outcome, Err(Mismatch::ClaimValue { claim: 0 }));
}

#[test]
fn formats_narrow() {
    let with =
        |format: Value| json!({"id": "x", "format": format, "input_descriptors": [{"id": "d"}]});
    for format in ["jwt", "jwt_vc", "jwt_vp", "jwt_vc_json", "jwt_vp_json"] {
        let definition = with(json!({format: {"alg": ["ES256"]}}));
        assert_eq!(check_json(&definition, &payload()), Ok(()), "{format}");
        let read = PresentationDefinition::from_value(&definition).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), definition);
    }
    for format in ["ldp_vc", "dc+sd-jwt", "mso_mdoc", "JWT_VC"] {
        let definition = with(json!({format: {}}));
        assert_eq!(check_json(&definition, &payload()), Err(Mismatch::Format), "{format}");
    }
    let own = json!({"id": "x", "format": {"ldp_vc": {"proof_type": ["x"]}},
        "input_descriptors": [{"id": "d", "format": {"jwt_vc": {"alg": ["ES256"]}}}]});
    assert_eq!(check_json(&own, &payload()), Ok(()), "a descriptor's own format comes first");
}

#[test]
fn the_holder_is_always_bound() {
    let payload = payload();
    let candidate = Candidate::w3c(Format::JwtVcJson, &payload["vc"]).with_jwt_payload(&payload);
    let query = Query::from(ours());
    assert_eq!(query.check("d", &candidate), Err(Mismatch::HolderBinding));
    assert!(query.requires_holder_binding("d") && !query.allows_multiple("d"));
}

#[test]
fn every_descriptor_is_required() {
    let two = PresentationDefinition::new(
        "x",
        [InputDescriptor::new("identity", ["A"]), InputDescriptor::new("training", ["B"])],
    );
    let query = Query::from(two.unwrap());
    assert_eq!(query.required_parts(), ["identity", "training"]);
    let unsatisfied = query.satisfied_by(|id| id == "identity").unwrap_err();
    assert_eq!(
        (unsatisfied.code(), &unsatisfied.missing[..]),
        ("query_unsatisfied", &["training".to_owned()][..])
    );
    assert_eq!(query.satisfied_by(|_| true), Ok(()));
    let nothing = json!({});
    let candidate = Candidate::sd_jwt_vc(&nothing).with_holder_binding(true);
    assert_eq!(query.check("other", &candidate), Err(Mismatch::UnknownPart));
}

#[test]
fn a_credential_that_is_shown_whole_has_no_claims_to_choose() {
    let payload = payload();
    let candidate = Candidate::w3c(Format::JwtVcJson, &payload["vc"])
        .with_jwt_payload(&payload)
        .with_holder_binding(true);
    assert_eq!(Query::from(ours()).claims_to_disclose("d", &candidate), Ok(vec![]));
}

#[test]
fn what_is_outside_the_subset_is_refused_by_a_wallet() {
    let descriptor = |descriptor: Value| json!({"id": "x", "input_descriptors": [descriptor]});
    let constraints =
        |constraints: Value| descriptor(json!({"id": "d", "constraints": constraints}));
    let field = with_field;
    let filter = |filter: Value| with_filter("$.a", filter);
    let faults = [
        (json!([]), "query_wrong_type"),
        (json!({"id": "x"}), "query_missing_member"),
        (json!({"input_descriptors": [{"id": "d"}]}), "query_missing_member"),
        (json!({"id": "x", "input_descriptors": []}), "query_empty_member"),
        (json!({"id": "", "input_descriptors": [{"id": "d"}]}), "query_empty_member"),
        (json!({"id": "x\u{7}", "input_descriptors": [{"id": "d"}]}), "query_id_grammar"),
        (json!({"id": "x", "input_descriptors": [{"id": "d"}, {"id": "d"}]}), "query_duplicate_id"),
        (
            json!({"id": "x", "input_descriptors": [{"id": "d"}], "submission_requirements": []}),
            "query_outside_subset",
        ),
        (
            json!({"id": "x", "input_descriptors": [{"id": "d"}], "frame": {}}),
            "query_outside_subset",
        ),
        (
            json!({"id": "x", "input_descriptors": [{"id": "d"}], "format": {}}),
            "query_empty_member",
        ),
        (descriptor(json!({"name": "d"})), "query_missing_member"),
        (descriptor(json!({"id": "d", "schema": {"uri": "A"}})), "query_wrong_type"),
        (
            descriptor(json!({"id": "d", "schema": [{"uri": "A", "required": true}]})),
            "query_outside_subset",
        ),
        (constraints(json!({"subject_is_issuer": "required"})), "query_outside_subset"),
        (constraints(json!({"statuses": {}})), "query_outside_subset"),
        (constraints(json!({"limit_disclosure": "maybe"})), "query_outside_subset"),
        (field(json!({"path": ["$.a"], "predicate": "required"})), "query_outside_subset"),
        (field(json!({"path": []})), "query_empty_member"),
        (field(json!({"filter": {}})), "query_missing_member"),
        (field(json!({"path": ["$..a"]})), "query_path_outside_subset"),
        (field(json!({"path": ["$.a[*]"]})), "query_path_outside_subset"),
        (filter(json!({"type": "object"})), "query_filter_outside_subset"),
        (filter(json!({"type": ["string", "null"]})), "query_filter_outside_subset"),
        (filter(json!({"minimum": 1})), "query_filter_outside_subset"),
        (filter(json!({"not": {}})), "query_filter_outside_subset"),
        (filter(json!({"contains": {"contains": {}}})), "query_filter_outside_subset"),
        (filter(json!({"contains": true})), "query_wrong_type"),
        (filter(json!({"const": {}})), "query_value_not_scalar"),
        (filter(json!({"enum": []})), "query_empty_member"),
        (filter(json!({"pattern": 1})), "query_wrong_type"),
    ];
    for (definition, expected) in faults {
        assert_eq!(code(&definition), expected, "{definition}");
    }
}

#[test]
fn q07_patterns_that_need_an_engine_are_refused() {
    for pattern in ["(a+)+$", "(?=x)", "[a-z]*", r"^\d{10}$", "/did:web:.*/gi"] {
        let definition = with_filter("$.iss", json!({"type": "string", "pattern": pattern}));
        assert_eq!(code(&definition), "query_pattern_outside_subset", "{pattern}");
    }
    let long = with_filter("$.iss", json!({"pattern": "a".repeat(16_385)}));
    assert_eq!(code(&long), "query_too_large");
}

#[test]
fn limit_disclosure_is_kept() {
    let definition = json!({"id": "x", "input_descriptors": [
        {"id": "d", "constraints": {"fields": [], "limit_disclosure": "required"}}]});
    let read = PresentationDefinition::from_value(&definition).unwrap();
    let descriptor = read.input_descriptor("d").unwrap();
    assert_eq!(descriptor.limit_disclosure(), Some(LimitDisclosure::Required));
}

#[test]
fn building_refuses_what_a_wallet_could_read_otherwise() {
    let path = || FieldPath::parse("$.vc.credentialSubject.job_title").unwrap();
    let with = |filter: Filter| {
        let descriptor = InputDescriptor::new("d", ["A"]).with_field(Field::new([path()], filter));
        PresentationDefinition::new("x", [descriptor])
    };
    let slash = || Pattern::parse("^^https://a$").unwrap();
    let built: Vec<(Result<PresentationDefinition, QueryError>, &str)> = vec![
        (with(Filter::pattern(slash())), "query_pattern_slash"),
        (with(Filter::containing(Filter::pattern(slash()))), "query_pattern_slash"),
        (with(Filter::one_of([""; 0])), "query_empty_member"),
        (
            with(Filter::containing(Filter::containing(Filter::constant(1)))),
            "query_filter_outside_subset",
        ),
        (PresentationDefinition::new("x", []), "query_empty_member"),
        (PresentationDefinition::new("a b", [InputDescriptor::new("d", [])]), "query_id_grammar"),
        (PresentationDefinition::new("x", [InputDescriptor::new("d:1", [])]), "query_id_grammar"),
        (
            PresentationDefinition::new(
                "x",
                [InputDescriptor::new("d", []), InputDescriptor::new("d", [])],
            ),
            "query_duplicate_id",
        ),
        (
            PresentationDefinition::new(
                "x",
                [InputDescriptor::new("d", []).with_field(Field::new([], Filter::default()))],
            ),
            "query_empty_member",
        ),
    ];
    for (result, expected) in built {
        assert_eq!(result.unwrap_err().code(), expected);
    }
    assert_eq!(Field::issued_by([]).unwrap_err().code(), "query_empty_member");
    assert_eq!(Field::issued_by(["https://a.example"]).unwrap_err().code(), "query_pattern_slash");
    assert!(with(Filter::containing(Filter::of_type(FilterType::String))).is_ok());
}

#[test]
fn a_field_that_must_be_present_is_sent_with_a_pattern() {
    let path = FieldPath::parse("$.vc.credentialSubject.job_title").unwrap();
    let descriptor = InputDescriptor::new("d", []).with_field(Field::present(path));
    let definition = PresentationDefinition::new("x", [descriptor]).unwrap();
    let json = serde_json::to_value(&definition).unwrap();
    let filter = &json["input_descriptors"][0]["constraints"]["fields"][0]["filter"];
    assert_eq!(filter, &json!({"type": "string", "pattern": "^^."}));
    assert_eq!(check_as(definition, &payload()), Ok(()));
}

#[test]
fn debug_of_a_pattern_prints_no_value() {
    let field = Field::issued_by(["did:web:jane.example"]).unwrap();
    assert!(!format!("{field:?}").contains("jane"));
}
