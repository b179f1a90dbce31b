//! DCQL queries out of untrusted JSON, and out of code: what is valid, and why the rest is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use serde_json::{Value, json};
use staffpass_query::{
    AuthorityType, ClaimPath, ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlQuery, Format,
    Meta, QueryError, TrustedAuthorities, limits,
};

fn code(query: &Value) -> &'static str {
    DcqlQuery::from_value(query).unwrap_err().code()
}

/// A valid query with everything in it, for one thing to be changed.
fn full() -> Value {
    json!({
        "credentials": [
            {
                "id": "identity",
                "format": "dc+sd-jwt",
                "meta": {"vct_values": ["urn:example:staff-passport:identity:1"]},
                "require_cryptographic_holder_binding": false,
                "trusted_authorities": [{"type": "aki", "values": ["c3RhZmZwYXNz"]}],
                "claims": [
                    {"id": "a", "path": ["name", "family"]},
                    {"id": "b", "path": ["addresses", 0, "country"], "values": ["GB", "IE"]},
                    {"id": "c", "path": ["registrations", null, "number"]}
                ],
                "claim_sets": [["a", "b"], ["c"]]
            },
            {
                "id": "employment",
                "format": "jwt_vc_json",
                "meta": {"type_values": [["StaffEmployment"], ["Contract", "Signed"]]},
                "multiple": true
            }
        ],
        "credential_sets": [
            {"options": [["identity"], ["employment"]]},
            {"options": [["identity", "employment"]], "required": false}
        ]
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut query = full();
    *query.pointer_mut(pointer).unwrap() = value;
    query
}

fn without(pointer: &str, member: &str) -> Value {
    let mut query = full();
    query.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(member).unwrap();
    query
}

#[test]
fn a_full_query_is_read_and_written_unchanged() {
    let query = DcqlQuery::from_value(&full()).unwrap();
    assert_eq!(serde_json::to_value(&query).unwrap(), full());
    let identity = query.credential("identity").unwrap();
    assert!(!identity.requires_holder_binding() && !identity.allows_multiple());
    assert_eq!(identity.trusted_authorities()[0].kind(), &AuthorityType::Aki);
    let employment = query.credential("employment").unwrap();
    assert!(employment.requires_holder_binding() && employment.allows_multiple());
    assert!(!query.credential_sets()[1].is_required());
}

#[test]
fn unknown_members_are_ignored_everywhere() {
    let mut query = full();
    for pointer in [
        "",
        "/credentials/0",
        "/credentials/0/meta",
        "/credentials/0/claims/0",
        "/credentials/0/trusted_authorities/0",
        "/credential_sets/0",
    ] {
        let object = query.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        object.insert("__proto__".to_owned(), json!({"deep": [[[{}]]]}));
    }
    let read = DcqlQuery::from_value(&query).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), full());
}

#[test]
fn every_fault_has_its_code() {
    let text = "x".repeat(limits::MAX_TEXT + 1);
    let faults: Vec<(Value, &str)> = vec![
        (json!([]), "query_wrong_type"),
        (json!("{}"), "query_wrong_type"),
        (json!(null), "query_wrong_type"),
        (json!({}), "query_missing_member"),
        (json!({"credentials": []}), "query_empty_member"),
        (json!({"credentials": {}}), "query_wrong_type"),
        (json!({"credentials": [7]}), "query_wrong_type"),
        (without("/credentials/0", "id"), "query_missing_member"),
        (without("/credentials/0", "format"), "query_missing_member"),
        (without("/credentials/0", "meta"), "query_missing_member"),
        (with("/credentials/0/meta", json!([])), "query_wrong_type"),
        (with("/credentials/0/format", json!(1)), "query_wrong_type"),
        (with("/credentials/1/multiple", json!("true")), "query_wrong_type"),
        (with("/credentials/1/multiple", json!(null)), "query_wrong_type"),
        (with("/credentials/0/require_cryptographic_holder_binding", json!(0)), "query_wrong_type"),
        (with("/credentials/0/meta/vct_values", json!([])), "query_empty_member"),
        (with("/credentials/0/meta/vct_values", json!("urn:x")), "query_wrong_type"),
        (with("/credentials/0/meta/vct_values/0", json!(text)), "query_too_large"),
        (with("/credentials/1/meta/type_values", json!(["StaffEmployment"])), "query_wrong_type"),
        (with("/credentials/1/meta/type_values", json!([[]])), "query_empty_member"),
        (with("/credentials/0/meta", json!({"type_values": [["A"]]})), "query_meta_for_format"),
        (with("/credentials/1/meta", json!({"vct_values": ["a"]})), "query_meta_for_format"),
        (with("/credentials/0/trusted_authorities", json!([])), "query_empty_member"),
        (with("/credentials/0/trusted_authorities/0/values", json!([])), "query_empty_member"),
        (without("/credentials/0/trusted_authorities/0", "type"), "query_missing_member"),
        (with("/credentials/0/claims", json!([])), "query_empty_member"),
        (without("/credentials/0", "claims"), "query_claim_sets_without_claims"),
        (without("/credentials/0/claims/1", "id"), "query_claim_without_id"),
        (with("/credentials/0/claims/1/id", json!("a")), "query_duplicate_id"),
        (with("/credentials/0/claims/1/id", json!("a.b")), "query_id_grammar"),
        (without("/credentials/0/claims/1", "path"), "query_missing_member"),
        (with("/credentials/0/claims/1/path", json!([])), "query_empty_member"),
        (with("/credentials/0/claims/1/path", json!("name")), "query_wrong_type"),
        (with("/credentials/0/claims/1/path/1", json!(-1)), "query_path_element"),
        (with("/credentials/0/claims/1/path/1", json!(1.5)), "query_path_element"),
        (with("/credentials/0/claims/1/path/1", json!(1.0)), "query_path_element"),
        (with("/credentials/0/claims/1/path/1", json!(true)), "query_path_element"),
        (with("/credentials/0/claims/1/path/1", json!(["x"])), "query_path_element"),
        (with("/credentials/0/claims/1/path", json!(vec!["a"; 33])), "query_too_large"),
        (with("/credentials/0/claims/1/values", json!([])), "query_empty_member"),
        (with("/credentials/0/claims/1/values", json!("GB")), "query_wrong_type"),
        (with("/credentials/0/claims/1/values/0", json!(null)), "query_value_not_scalar"),
        (with("/credentials/0/claims/1/values/0", json!({})), "query_value_not_scalar"),
        (with("/credentials/0/claims/1/values/0", json!(1.5)), "query_value_not_scalar"),
        (with("/credentials/0/claims/1/values/0", json!(1.0)), "query_value_not_scalar"),
        (with("/credentials/0/claims/1/values/0", json!(u64::MAX)), "query_value_not_scalar"),
        (with("/credentials/0/claim_sets", json!([])), "query_empty_member"),
        (with("/credentials/0/claim_sets/0", json!([])), "query_empty_member"),
        (with("/credentials/0/claim_sets/0", json!("a")), "query_wrong_type"),
        (with("/credentials/0/claim_sets/0/0", json!("z")), "query_unknown_claim"),
        (with("/credential_sets", json!([])), "query_empty_member"),
        (with("/credential_sets/0/options", json!([])), "query_empty_member"),
        (with("/credential_sets/0/options/0", json!([])), "query_empty_member"),
        (with("/credential_sets/0/options/0", json!("identity")), "query_wrong_type"),
        (with("/credential_sets/0/options/0/0", json!("training")), "query_unknown_credential"),
        (with("/credential_sets/1/required", json!("no")), "query_wrong_type"),
        (without("/credential_sets/0", "options"), "query_missing_member"),
    ];
    for (query, expected) in faults {
        assert_eq!(code(&query), expected, "{query}");
    }
}

#[test]
fn q10_ids_outside_the_grammar_are_refused() {
    for id in ["__proto__.x", "a b", "é", "a/b", "a\u{0}", "id:1", "a.b"] {
        assert_eq!(code(&with("/credentials/0/id", json!(id))), "query_id_grammar", "{id:?}");
    }
    assert_eq!(code(&with("/credentials/0/id", json!(""))), "query_empty_member");
    assert_eq!(code(&with("/credentials/0/id", json!("x".repeat(129)))), "query_too_large");
    assert_eq!(code(&with("/credentials/0/id", json!("employment"))), "query_duplicate_id");
    // Names that another language would stumble over are names like any other.
    for id in ["__proto__", "constructor", "0", "-1"] {
        let query = json!({"credentials": [{"id": id, "format": "dc+sd-jwt", "meta": {}}]});
        assert_eq!(DcqlQuery::from_value(&query).unwrap().credentials()[0].id(), id);
    }
}

#[test]
fn r02_lists_beyond_their_limit_are_refused() {
    let part = |i: usize| json!({"id": format!("p{i}"), "format": "dc+sd-jwt", "meta": {}});
    let parts = |count: usize| json!({"credentials": (0..count).map(part).collect::<Vec<_>>()});
    assert!(DcqlQuery::from_value(&parts(limits::MAX_PARTS)).is_ok());
    assert_eq!(code(&parts(limits::MAX_PARTS + 1)), "query_too_large");
    let values = with("/credentials/0/claims/1/values", json!(vec!["GB"; limits::MAX_VALUES + 1]));
    assert_eq!(code(&values), "query_too_large");
    let claim = json!({"id": "a", "path": ["x"]});
    let claims = with("/credentials/0/claims", json!(vec![claim; limits::MAX_CLAIMS + 1]));
    assert_eq!(code(&claims), "query_too_large");
    let sets = with("/credential_sets", json!(vec![json!({"options": [["identity"]]}); 65]));
    assert_eq!(code(&sets), "query_too_large");
}

#[test]
fn an_empty_meta_asks_for_nothing_and_other_formats_keep_their_name() {
    let query = json!({"credentials": [
        {"id": "a", "format": "jwt_vc_json", "meta": {}},
        {"id": "b", "format": "mso_mdoc", "meta": {"doctype_value": "org.example.licence"},
         "claims": [{"path": ["org.example", "given_name"], "intent_to_retain": false}]},
        {"id": "c", "format": "acme+cbor", "meta": {"anything": 1}},
    ]});
    let query = DcqlQuery::from_value(&query).unwrap();
    assert_eq!(query.credentials()[0].meta(), &Meta::Any {});
    assert_eq!(query.credentials()[1].format(), &Format::MsoMdoc);
    assert_eq!(query.credentials()[2].format().as_str(), "acme+cbor");
    let path = json!({"credentials": [{"id": "b", "format": "mso_mdoc", "meta": {},
        "claims": [{"path": ["org.example"]}]}]});
    assert_eq!(code(&path), "query_path_element");
}

#[test]
fn what_we_send_is_the_plain_type_alone() {
    let query = DcqlQuery::new([CredentialQuery::jwt_vc("identity", "StaffIdentity")]).unwrap();
    assert_eq!(
        serde_json::to_value(&query).unwrap(),
        json!({"credentials": [{
            "id": "identity",
            "format": "jwt_vc_json",
            "meta": {"type_values": [["StaffIdentity"]]},
        }]})
    );
}

#[test]
fn building_refuses_what_parsing_refuses() {
    let identity = || CredentialQuery::jwt_vc("identity", "StaffIdentity");
    let name = || ClaimsQuery::new(ClaimPath::key("name"));
    let built: Vec<(Result<DcqlQuery, QueryError>, &str)> = vec![
        (DcqlQuery::new([]), "query_empty_member"),
        (DcqlQuery::new([identity(), identity()]), "query_duplicate_id"),
        (DcqlQuery::new([CredentialQuery::jwt_vc("a b", "X")]), "query_id_grammar"),
        (
            DcqlQuery::new([identity().with_claim(name().with_values([""; 0]))]),
            "query_empty_member",
        ),
        (
            DcqlQuery::new([identity().with_claim(name()).with_claim_set(["n"])]),
            "query_claim_without_id",
        ),
        (DcqlQuery::new([identity().with_claim_set(["n"])]), "query_claim_sets_without_claims"),
        (
            DcqlQuery::new([identity().with_claim(name()).with_claim(name())]),
            "query_duplicate_claim_path",
        ),
        (
            DcqlQuery::new([CredentialQuery::with_meta(
                "a",
                Format::DcSdJwt,
                Meta::Types { type_values: vec![vec!["X".to_owned()]] },
            )]),
            "query_meta_for_format",
        ),
        (
            DcqlQuery::new([identity().with_trusted_authorities(TrustedAuthorities::new(
                AuthorityType::Aki,
                Vec::new(),
            ))]),
            "query_empty_member",
        ),
        (
            DcqlQuery::with_sets([identity()], [CredentialSetQuery::required([["training"]])]),
            "query_unknown_credential",
        ),
        (
            DcqlQuery::with_sets([identity()], [CredentialSetQuery::optional([[""; 0]])]),
            "query_empty_member",
        ),
    ];
    for (result, expected) in built {
        assert_eq!(result.unwrap_err().code(), expected);
    }
    assert_eq!(ClaimPath::keys([]).unwrap_err().code(), "query_empty_member");
}

#[test]
fn a_wallet_does_not_mind_the_same_claim_twice() {
    let claim = json!({"path": ["name"]});
    let query = json!({"credentials": [
        {"id": "a", "format": "dc+sd-jwt", "meta": {}, "claims": [claim, claim]}]});
    assert_eq!(DcqlQuery::from_value(&query).unwrap().credentials()[0].claims().len(), 2);
}

#[test]
fn errors_and_debug_repeat_no_value() {
    let query = DcqlQuery::from_value(&with(
        "/credentials/0/claims/1/values",
        json!(["Jane Fictional", 19_700_101, true]),
    ));
    let debug = format!("{:?}", query.unwrap());
    assert!(!debug.contains("Jane") && !debug.contains("19700101"), "{debug}");
    let error = DcqlQuery::from_value(&with("/credentials/0/id", json!("Jane Fictional")));
    assert!(!error.unwrap_err().to_string().contains("Jane"));
}
