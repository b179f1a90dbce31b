//! `inspect batch-dcql`: the contract, a sentence a test.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    unreachable_pub,
    missing_docs,
    reason = "tests"
)]

mod support;

use serde_json::{Value, json};
use support::{codes, inspect, one};

fn evaluate(query: Value, credentials: Value) -> Value {
    one("batch-dcql", &json!({"id": 1, "query": query, "credentials": credentials}))
}

fn identity() -> Value {
    json!({"id": "identity", "format": "jwt_vc_json", "meta": {"type_values": [["StaffIdentity"]]}})
}

fn grade() -> Value {
    json!({
        "id": "grade", "format": "dc+sd-jwt", "meta": {"vct_values": ["https://trust.example/grade"]},
        "claims": [{"path": ["grade"], "values": ["Band 6"]}],
    })
}

fn held() -> Value {
    json!([
        {
            "format": "dc+sd-jwt", "vct": "https://trust.example/grade", "holder_binding": true,
            "claims": {"vct": "https://trust.example/grade", "grade": "Band 6"},
        },
        {
            "format": "jwt_vc_json", "type": ["VerifiableCredential", "StaffIdentity"],
            "holder_binding": true, "claims": {"credentialSubject": {"given_name": "Rowan"}},
        },
        {
            "format": "dc+sd-jwt", "vct": "https://trust.example/grade", "holder_binding": true,
            "claims": {"grade": "Band 6"},
        },
    ])
}

#[test]
fn every_query_id_has_all_credentials_that_answer_it_whatever_multiple_says() {
    let verdict = evaluate(json!({"credentials": [identity(), grade()]}), held());
    let expected = json!({
        "id": 1, "valid": true, "codes": [], "satisfied": true,
        "matches": {"identity": [1], "grade": [0, 2]},
    });
    assert_eq!(verdict, expected);
}

#[test]
fn a_query_id_that_nothing_answers_has_null() {
    let verdict = evaluate(json!({"credentials": [identity(), grade()]}), json!([held()[1]]));
    assert_eq!(verdict["matches"], json!({"identity": [0], "grade": null}));
    assert_eq!((&verdict["valid"], &verdict["satisfied"]), (&json!(true), &json!(false)));
    assert_eq!(codes(&verdict), ["query_unsatisfied"]);
}

#[test]
fn a_credential_set_may_be_satisfied_without_every_part() {
    let query = json!({
        "credentials": [identity(), grade()],
        "credential_sets": [{"options": [["grade"], ["identity"]]}],
    });
    let verdict = evaluate(query.clone(), json!([held()[1]]));
    assert_eq!((&verdict["satisfied"], &verdict["matches"]["grade"]), (&json!(true), &Value::Null));
    assert_eq!(codes(&evaluate(query, json!([]))), ["credential_set_unmet"]);
}

#[test]
fn paths_of_w3c_credentials_begin_at_the_whole_credential() {
    let mut query = identity();
    query["claims"] = json!([{"path": ["credentialSubject", "given_name"]}]);
    assert_eq!(evaluate(json!({"credentials": [query]}), held())["satisfied"], true);
}

#[test]
fn holder_binding_counts_only_where_it_is_said() {
    let query = json!({"credentials": [grade()]});
    let mut credential = held()[0].clone();
    for unbound in [json!(false), Value::Null, json!("true")] {
        credential["holder_binding"] = unbound;
        assert_eq!(evaluate(query.clone(), json!([credential]))["satisfied"], false);
    }
    let mut lenient = grade();
    lenient["require_cryptographic_holder_binding"] = json!(false);
    assert_eq!(evaluate(json!({"credentials": [lenient]}), json!([credential]))["satisfied"], true);
}

#[test]
fn query_may_be_any_json_value_and_is_judged() {
    let deep =
        format!(r#"{{"id":1,"query":{}{},"credentials":[]}}"#, "[".repeat(500), "]".repeat(500));
    let queries = [
        json!([]),
        json!(null),
        json!("x"),
        json!(1),
        json!({}),
        json!({"credentials": []}),
        json!({"credentials": [{"id": "a b", "format": "dc+sd-jwt", "meta": {}}]}),
        json!({"credentials": [grade(), grade()]}),
        json!({"credentials": [grade()], "credential_sets": []}),
        json!({"credentials": [grade()], "credential_sets": [{"options": [["other"]]}]}),
    ];
    for query in queries {
        let verdict = evaluate(query.clone(), held());
        assert_eq!(verdict["valid"], false, "{query}");
        assert_eq!((&verdict["satisfied"], &verdict["matches"]), (&json!(false), &json!({})));
        assert!(!codes(&verdict).is_empty(), "{query}");
    }
    let verdict = inspect(&["batch-dcql"], deep);
    assert_eq!((verdict.line()["valid"].clone(), verdict.code), (json!(false), 0));
}

#[test]
fn whatever_stands_in_credentials_is_judged() {
    let odd = json!([1, null, "x", [], {}, {"format": 1}, {"format": "dc+sd-jwt", "claims": []}]);
    let verdict = evaluate(json!({"credentials": [grade()]}), odd);
    assert_eq!((&verdict["valid"], &verdict["matches"]["grade"]), (&json!(true), &Value::Null));
}

#[test]
fn a_credential_that_cannot_be_held_answers_nothing_and_spoils_no_other() {
    let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
    for claim in ["1e400", r#""\ud800""#, &deep] {
        let odd = held()[0].to_string().replace(r#""Band 6""#, claim);
        let (query, good) = (json!({"credentials": [grade()]}), &held()[0]);
        let line = format!(r#"{{"id":1,"query":{query},"credentials":[{odd},{good}]}}"#);
        let ran = inspect(&["batch-dcql"], line);
        assert_eq!((ran.line()["matches"]["grade"].clone(), ran.code), (json!([1]), 0));
    }
}

#[test]
fn the_type_of_a_credential_is_the_member_beside_its_claims() {
    let mut credential = held()[1].clone();
    credential["claims"]["type"] = json!(["StaffIdentity"]);
    credential.as_object_mut().unwrap().remove("type");
    let verdict = evaluate(json!({"credentials": [identity()]}), json!([credential]));
    assert_eq!(verdict["satisfied"], false);
}

#[test]
fn a_line_that_is_no_case_gets_an_error() {
    for line in [
        json!({"id": 1, "query": {}}),
        json!({"id": 1, "credentials": []}),
        json!({"id": 1, "query": {}, "credentials": {}}),
        json!({"id": 1, "query": {}, "credentials": null}),
        json!({"id": 1, "query": {}, "credentials": [], "more": 1}),
    ] {
        let ran = inspect(&["batch-dcql"], line.to_string());
        assert!(ran.line()["error"].is_string(), "{line}");
        assert_eq!((ran.line()["id"].clone(), ran.code), (json!(1), 1));
    }
}
