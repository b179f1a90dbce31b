//! Properties: round trips, no panic on any JSON, and what must not change a verdict.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use staffpass_query::{
    Candidate, DcqlQuery, FieldPath, Format, Pattern, PatternReading, PresentationDefinition,
    PresentationSubmission, Query,
};

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-3i64..3).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-c$.^|\\[\\]0-9]{0,6}".prop_map(Value::from),
        ".{0,4}".prop_map(Value::from),
    ]
}

/// Names that the readers know, so that random JSON gets past the door.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "credentials",
            "credential_sets",
            "options",
            "required",
            "id",
            "format",
            "meta",
            "multiple",
            "claims",
            "claim_sets",
            "path",
            "values",
            "vct_values",
            "type_values",
            "trusted_authorities",
            "type",
            "input_descriptors",
            "schema",
            "uri",
            "constraints",
            "fields",
            "filter",
            "pattern",
            "const",
            "enum",
            "contains",
            "descriptor_map",
            "definition_id",
            "path_nested",
            "a",
            "b",
            "c",
            "vct",
            "@context",
        ])
        .prop_map(str::to_owned),
        "[a-c]{1,2}",
    ]
}

fn anything() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name(), inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn path() -> impl Strategy<Value = Value> {
    let element = prop_oneof![
        3 => "[a-c]".prop_map(Value::from),
        1 => (0u64..3).prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    ("[a-c]", prop::collection::vec(element, 0..3))
        .prop_map(|(first, rest)| Value::from_iter(std::iter::once(Value::from(first)).chain(rest)))
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-2i64..3).prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
    ]
}

fn claim() -> impl Strategy<Value = Map<String, Value>> {
    (path(), prop::option::of(prop::collection::vec(value(), 1..4))).prop_map(|(path, values)| {
        let mut claim = Map::new();
        claim.insert("path".to_owned(), path);
        claim.extend(values.map(|values| ("values".to_owned(), Value::from(values))));
        claim
    })
}

/// A valid query for one SD-JWT VC, with claim sets or without.
fn valid_query() -> impl Strategy<Value = Value> {
    let sets = prop::collection::vec(prop::collection::vec(0usize..8, 1..4), 0..4);
    (prop::collection::vec(claim(), 1..6), sets, any::<bool>()).prop_map(
        |(claims, sets, multiple)| {
            let count = claims.len();
            let with_id = |(i, mut claim): (usize, Map<String, Value>)| {
                claim.insert("id".to_owned(), json!(format!("c{i}")));
                claim
            };
            let claims: Vec<_> = claims.into_iter().enumerate().map(with_id).collect();
            let mut part = json!({"id": "p", "format": "dc+sd-jwt", "meta": {}, "claims": claims});
            if multiple {
                part["multiple"] = json!(true);
            }
            if !sets.is_empty() {
                let ids =
                    |set: &Vec<usize>| set.iter().map(|i| format!("c{}", i % count)).collect();
                part["claim_sets"] = json!(sets.iter().map(ids).collect::<Vec<Vec<String>>>());
            }
            json!({"credentials": [part]})
        },
    )
}

fn object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![value(), Just(Value::Null)];
    let inner = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[a-c]", inner, 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn check(query: &Value, credential: &Value) -> bool {
    let query = Query::Dcql(DcqlQuery::from_value(query).unwrap());
    query.check("p", &Candidate::sd_jwt_vc(credential).with_holder_binding(true)).is_ok()
}

/// The rules of section 6.4.1 once more, as a plain recursion, to hold the evaluator against.
fn expected(query: &Value, credential: &Value) -> bool {
    fn select<'v>(path: &[Value], from: Vec<&'v Value>) -> Option<Vec<&'v Value>> {
        let Some((element, rest)) = path.split_first() else { return Some(from) };
        let mut next = vec![];
        for value in from {
            match element {
                Value::String(key) => next.extend(value.as_object()?.get(key)),
                Value::Null => next.extend(value.as_array()?),
                index => next.extend(value.as_array()?.get(usize::try_from(index.as_u64()?).ok()?)),
            }
        }
        select(rest, next)
    }
    let holds = |claim: &Value| {
        let path = claim["path"].as_array().unwrap();
        let Some(found) = select(path, vec![credential]) else { return false };
        match claim.get("values") {
            None => !found.is_empty(),
            Some(values) => found.iter().any(|f| values.as_array().unwrap().contains(f)),
        }
    };
    let part = &query["credentials"][0];
    let claims = part["claims"].as_array().unwrap();
    let by_id = |id: &Value| holds(claims.iter().find(|claim| &claim["id"] == id).unwrap());
    match part.get("claim_sets") {
        None => claims.iter().all(holds),
        Some(sets) => {
            let mut sets = sets.as_array().unwrap().iter();
            sets.any(|set| set.as_array().unwrap().iter().all(by_id))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn r05_no_json_makes_a_reader_or_the_evaluator_panic(query in anything(), credential in anything()) {
        let w3c = Candidate::w3c(Format::JwtVcJson, &credential).with_jwt_payload(&credential);
        let candidates = [w3c.with_holder_binding(true), Candidate::sd_jwt_vc(&credential)];
        if let Ok(query) = DcqlQuery::from_value(&query) {
            let query = Query::Dcql(query);
            prop_assert_eq!(query.matches(&candidates).parts().len(), query.parts().len());
        }
        if let Ok(query) = PresentationDefinition::from_value(&query) {
            let query = Query::PresentationDefinition(query);
            prop_assert_eq!(query.matches(&candidates).parts().len(), query.parts().len());
        }
        if let Ok(submission) = PresentationSubmission::from_value(&query) {
            for entry in &submission.descriptor_map {
                if let Ok(location) = entry.resolve(&[1, 3]) {
                    prop_assert!(location.credential < [1, 3][location.presentation]);
                }
            }
        }
    }

    #[test]
    fn a_query_reads_back_as_itself(query in valid_query()) {
        let read = DcqlQuery::from_value(&query).unwrap();
        prop_assert_eq!(&serde_json::to_value(&read).unwrap(), &query);
        let kept = serde_json::to_string(&Query::Dcql(read.clone())).unwrap();
        prop_assert_eq!(serde_json::from_str::<Query>(&kept).unwrap(), Query::Dcql(read));
    }

    #[test]
    fn q05_the_evaluator_agrees_with_the_rules(query in valid_query(), credential in object()) {
        prop_assert_eq!(check(&query, &credential), expected(&query, &credential));
    }

    #[test]
    fn an_unrelated_claim_never_takes_an_answer_away(
        query in valid_query(), credential in object(), extra in anything(),
    ) {
        let mut more = credential.clone();
        more.as_object_mut().unwrap().insert("unrelated".to_owned(), extra);
        prop_assert_eq!(check(&query, &credential), check(&query, &more));
    }

    #[test]
    fn disclosed_claims_were_asked_for_and_are_enough(query in valid_query(), credential in object()) {
        let read = DcqlQuery::from_value(&query).unwrap();
        let candidate = Candidate::sd_jwt_vc(&credential).with_holder_binding(true);
        let part = read.credential("p").unwrap();
        if let Ok(paths) = part.claims_to_disclose(&candidate) {
            for path in paths {
                prop_assert!(part.claims().iter().any(|claim| claim.path() == path));
                prop_assert!(path.select(&credential).is_ok());
            }
        } else {
            prop_assert!(!check(&query, &credential));
        }
    }

    #[test]
    fn exactly_finds_its_text_and_no_other(text in "[^/]{1,12}", other in ".{0,12}") {
        let pattern = Pattern::exactly(&text).unwrap();
        prop_assert!(pattern.is_found_in(&text, PatternReading::JsonSchema));
        prop_assert!(pattern.is_found_in(&text, PatternReading::Microsoft));
        prop_assert_eq!(pattern.is_found_in(&other, PatternReading::JsonSchema), other == text);
        for longer in [text.clone() + "x", "x".to_owned() + &text] {
            prop_assert!(!pattern.is_found_in(&longer, PatternReading::Microsoft));
        }
        prop_assert_eq!(Pattern::parse(pattern.as_str()).unwrap(), pattern);
    }

    #[test]
    fn r05_no_text_makes_a_pattern_or_a_path_panic(source in ".{0,24}", text in ".{0,24}") {
        if let Ok(pattern) = Pattern::parse(&source) {
            prop_assert_eq!(pattern.as_str(), &source);
            let found = |reading| pattern.is_found_in(&text, reading);
            prop_assert!(found(PatternReading::Microsoft) || !found(PatternReading::JsonSchema));
        }
        if let Ok(path) = FieldPath::parse(&source) {
            prop_assert_eq!(path.as_str(), &source);
            prop_assert_eq!(path.select(&Value::Null), None);
        }
    }
}

/// Every definition that is read is written and read again as itself.
#[test]
fn a_definition_reads_back_as_itself() {
    let definition = json!({
        "id": "x", "name": "n", "purpose": "p", "format": {"jwt_vc": {"alg": ["ES256K"]}},
        "input_descriptors": [{
            "id": "d", "name": "n", "purpose": "p", "schema": [{"uri": "A"}, {"uri": "B"}],
            "format": {"jwt_vp": {"alg": ["ES256", "EdDSA"]}},
            "constraints": {
                "limit_disclosure": "preferred",
                "fields": [
                    {"path": ["$.a", "$['b'][0]"], "id": "f", "name": "n", "purpose": "p",
                     "optional": true, "filter": {"type": "array", "contains": {"const": 1}}},
                    {"path": ["$.c"], "filter": {"enum": ["x", true, -1], "pattern": "^^a|b$"}},
                    {"path": ["$.e"]},
                ],
            },
        }],
    });
    let read = PresentationDefinition::from_value(&definition).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), definition);
    let kept = serde_json::to_string(&Query::from(read.clone())).unwrap();
    assert_eq!(serde_json::from_str::<Query>(&kept).unwrap(), Query::from(read));
}
