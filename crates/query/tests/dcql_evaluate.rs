//! Whether credentials answer a DCQL query: tables both ways, so that a rule turned round is seen.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use serde_json::{Value, json};
use staffpass_query::{
    AuthorityType, Candidate, ClaimPath, DcqlQuery, Format, Mismatch, PathElement, Query,
};

fn query(value: Value) -> Query {
    Query::Dcql(DcqlQuery::from_value(&value).unwrap())
}

/// A query for one SD-JWT VC, with these members besides.
fn asks(members: Value) -> Query {
    let mut part = json!({"id": "p", "format": "dc+sd-jwt", "meta": {}});
    part.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    query(json!({"credentials": [part]}))
}

fn asks_claim(claim: Value) -> Query {
    asks(json!({"claims": [claim]}))
}

fn staff() -> Value {
    json!({
        "vct": "urn:example:staff-passport:identity:1",
        "iss": "https://trust.example",
        "name": {"family": "Okafor-Bell", "given": ["Ada", "Maria"]},
        "grade": 7,
        "active": true,
        "nothing": null,
        "registrations": [
            {"body": "NMC", "number": "99X9999E"},
            {"body": "HCPC"},
        ],
        "mixed": [{"a": 1}, "text"],
        "empty": [],
    })
}

fn check(query: &Query, credential: &Value) -> Result<(), Mismatch> {
    query.check("p", &Candidate::sd_jwt_vc(credential).with_holder_binding(true))
}

#[test]
fn paths_select_by_key_index_and_every_element() {
    let claim = 0;
    let missing = Err(Mismatch::ClaimMissing { claim });
    let shape = Err(Mismatch::ClaimShape { claim });
    let table = [
        (json!(["name"]), Ok(())),
        (json!(["name", "family"]), Ok(())),
        (json!(["name", "given", 1]), Ok(())),
        (json!(["name", "given", null]), Ok(())),
        (json!(["registrations", null, "number"]), Ok(())),
        (json!(["registrations", 0, "number"]), Ok(())),
        (json!(["nothing"]), Ok(())),
        (json!(["name", "middle"]), missing),
        (json!(["name", "given", 2]), missing),
        (json!(["registrations", 1, "number"]), missing),
        (json!(["registrations", null, "expiry"]), missing),
        (json!(["empty", null]), missing),
        (json!(["empty", 0]), missing),
        (json!(["name", 0]), shape),
        (json!(["name", null]), shape),
        (json!(["grade", "x"]), shape),
        (json!(["nothing", "x"]), shape),
        (json!(["registrations", "number"]), shape),
        (json!(["mixed", null, "a"]), shape),
        (json!([0]), shape),
        (json!([null]), shape),
    ];
    for (path, expected) in table {
        assert_eq!(check(&asks_claim(json!({"path": path})), &staff()), expected, "{path}");
    }
}

#[test]
fn values_match_by_type_and_value() {
    let other = Err(Mismatch::ClaimValue { claim: 0 });
    let table = [
        (json!(["name", "family"]), json!(["Okafor-Bell"]), Ok(())),
        (json!(["name", "family"]), json!(["Smith", "Okafor-Bell"]), Ok(())),
        (json!(["name", "family"]), json!(["okafor-bell"]), other),
        (json!(["name", "family"]), json!(["Okafor"]), other),
        (json!(["grade"]), json!([7]), Ok(())),
        (json!(["grade"]), json!(["7"]), other),
        (json!(["grade"]), json!([true]), other),
        (json!(["active"]), json!([true]), Ok(())),
        (json!(["active"]), json!([1, "true", false]), other),
        (json!(["name"]), json!(["Okafor-Bell"]), other),
        (json!(["nothing"]), json!(["null", 0, false]), other),
        (json!(["name", "given"]), json!(["Ada"]), other),
        (json!(["name", "given", null]), json!(["Maria"]), Ok(())),
        (json!(["registrations", null, "body"]), json!(["HCPC"]), Ok(())),
        (json!(["registrations", null, "body"]), json!(["GMC"]), other),
    ];
    for (path, values, expected) in table {
        let query = asks_claim(json!({"path": path, "values": values}));
        assert_eq!(check(&query, &staff()), expected, "{path} {values}");
    }
}

#[test]
fn numbers_match_only_as_integers() {
    for (found, answers) in [("7", true), ("7.0", false), ("7e0", false), ("7.5", false)] {
        let credential = serde_json::from_str(&format!(r#"{{"grade": {found}}}"#)).unwrap();
        let query = asks_claim(json!({"path": ["grade"], "values": [7]}));
        assert_eq!(check(&query, &credential).is_ok(), answers, "{found}");
    }
}

#[test]
fn q04_values_are_evaluated_again_on_what_was_verified() {
    let query = asks_claim(json!({"path": ["grade"], "values": [8]}));
    assert_eq!(check(&query, &staff()).unwrap_err().code(), "mismatch_claim_value");
}

#[test]
fn an_issuer_that_is_not_asked_for_is_named_as_such() {
    let query = asks_claim(json!({"path": ["iss"], "values": ["https://other.example"]}));
    assert_eq!(check(&query, &staff()).unwrap_err().code(), "mismatch_issuer");
    let query = asks_claim(json!({"path": ["iss"], "values": ["https://trust.example"]}));
    assert_eq!(check(&query, &staff()), Ok(()));
}

/// Claim sets: which claims the credential has, and which set is then taken.
#[test]
fn q05_claim_sets_both_ways() {
    let query = asks(json!({
        "claims": [
            {"id": "full", "path": ["birth_date"]},
            {"id": "adult", "path": ["over_18"], "values": [true]},
            {"id": "name", "path": ["family"]},
        ],
        "claim_sets": [["adult", "name"], ["full", "name"], ["name"]],
    }));
    let paths = |names: &[&str]| names.iter().map(|name| ClaimPath::key(name)).collect::<Vec<_>>();
    let table = [
        (json!({"family": "B", "over_18": true}), Some(paths(&["over_18", "family"]))),
        (
            json!({"family": "B", "over_18": true, "birth_date": "1990-02-03"}),
            Some(paths(&["over_18", "family"])),
        ),
        (
            json!({"family": "B", "over_18": false, "birth_date": "1990-02-03"}),
            Some(paths(&["birth_date", "family"])),
        ),
        (
            json!({"family": "B", "birth_date": "1990-02-03"}),
            Some(paths(&["birth_date", "family"])),
        ),
        (json!({"family": "B"}), Some(paths(&["family"]))),
        (json!({"over_18": true, "birth_date": "1990-02-03"}), None),
        (json!({}), None),
    ];
    for (credential, expected) in table {
        let candidate = Candidate::sd_jwt_vc(&credential).with_holder_binding(true);
        let disclosed = query.claims_to_disclose("p", &candidate);
        match expected {
            Some(paths) => assert_eq!(disclosed.unwrap(), paths.iter().collect::<Vec<_>>()),
            None => assert_eq!(disclosed.unwrap_err(), Mismatch::ClaimSets),
        }
    }
}

fn two_sets() -> Query {
    asks(json!({
        "claims": [{"id": "a", "path": ["a"]}, {"id": "b", "path": ["b"]}],
        "claim_sets": [["a"], ["b"]],
    }))
}

#[test]
fn pf08_claim_set_satisfied() {
    assert_eq!(check(&two_sets(), &json!({"b": 1})), Ok(()));
}

#[test]
fn pf08_claim_set_unsatisfied() {
    assert_eq!(check(&two_sets(), &json!({"c": 1})).unwrap_err().code(), "mismatch_claim_sets");
}

#[test]
fn claims_to_disclose_are_exactly_those_asked_for() {
    let candidate = |credential| Candidate::sd_jwt_vc(credential).with_holder_binding(true);
    let staff = staff();
    assert_eq!(asks(json!({})).claims_to_disclose("p", &candidate(&staff)), Ok(vec![]));
    let two = asks(json!({"claims": [
        {"path": ["grade"]}, {"path": ["registrations", null, "number"]}, {"path": ["grade"]}]}));
    let paths = two.claims_to_disclose("p", &candidate(&staff)).unwrap();
    assert_eq!(paths.len(), 2, "a claim that is asked for twice is named once");
    assert_eq!(paths[1].elements()[1], PathElement::All);
    let more = asks(json!({"claims": [{"path": ["grade"]}, {"path": ["salary"]}]}));
    assert_eq!(
        more.claims_to_disclose("p", &candidate(&staff)),
        Err(Mismatch::ClaimMissing { claim: 1 }),
        "a credential that cannot answer whole gives nothing"
    );
}

#[test]
fn d11_a_credential_of_another_format_does_not_answer() {
    let credential = json!({"type": ["VerifiableCredential", "StaffIdentity"], "name": "x"});
    let query = asks_claim(json!({"path": ["name"]}));
    for format in ["jwt_vc_json", "ldp_vc", "vc+sd-jwt", "DC+SD-JWT", "mso_mdoc"] {
        let candidate =
            Candidate::w3c(Format::from_name(format), &credential).with_holder_binding(true);
        assert_eq!(query.check("p", &candidate).unwrap_err().code(), "mismatch_format", "{format}");
    }
}

#[test]
fn d15_the_meta_of_a_format_that_is_not_known_here_counts_too() {
    let asks = |meta: Value| {
        let one = json!({"id": "p", "format": "vc+sd-jwt", "meta": meta});
        Query::from(DcqlQuery::from_value(&json!({"credentials": [one]})).unwrap())
    };
    let credential = json!({});
    let candidate = Candidate::w3c(Format::from_name("vc+sd-jwt"), &credential);
    let candidate = candidate.with_vct("urn:a").with_holder_binding(true);
    let check = |meta| asks(meta).check("p", &candidate);
    assert_eq!(check(json!({"vct_values": ["urn:a"]})), Ok(()));
    assert_eq!(check(json!({"vct_values": ["urn:b"]})), Err(Mismatch::Type));
    assert_eq!(check(json!({"type_values": [["urn:a"]]})), Err(Mismatch::Type));
    assert_eq!(check(json!({"doctype_value": "urn:a"})), Err(Mismatch::Type));
    assert_eq!(check(json!({"of_its_own": 1})), Ok(()));
}

#[test]
fn vct_is_one_of_those_asked_for() {
    let vct = |values: Value| asks(json!({"meta": {"vct_values": values}}));
    let identity = "urn:example:staff-passport:identity:1";
    assert_eq!(check(&vct(json!(["urn:x", identity])), &staff()), Ok(()));
    assert_eq!(check(&vct(json!(["urn:x"])), &staff()), Err(Mismatch::Type));
    assert_eq!(check(&vct(json!([identity])), &json!({})), Err(Mismatch::Type));
    let believed = staff();
    let candidate = Candidate::sd_jwt_vc(&believed).with_vct("urn:other").with_holder_binding(true);
    assert_eq!(vct(json!([identity])).check("p", &candidate), Err(Mismatch::Type));
}

fn asks_types(types: Value) -> Query {
    query(json!({"credentials": [
        {"id": "p", "format": "jwt_vc_json", "meta": {"type_values": types}}]}))
}

fn check_w3c(query: &Query, credential: &Value) -> Result<(), Mismatch> {
    query.check("p", &Candidate::w3c(Format::JwtVcJson, credential).with_holder_binding(true))
}

#[test]
fn types_match_as_they_stand_and_expanded() {
    const V1: &str = "https://www.w3.org/2018/credentials/v1";
    const V2: &str = "https://www.w3.org/ns/credentials/v2";
    const IRI: &str = "https://www.w3.org/2018/credentials#VerifiableCredential";
    let credential = |context: Value| json!({"@context": context, "type": ["VerifiableCredential", "StaffIdentity"]});
    let table = [
        (json!([["StaffIdentity"]]), json!([V1]), true),
        (json!([["VerifiableCredential", "StaffIdentity"]]), json!([V1]), true),
        (json!([[IRI, "StaffIdentity"]]), json!([V1]), true),
        (json!([[IRI, "StaffIdentity"]]), json!([V2, {"x": "y"}]), true),
        (json!([[IRI]]), json!(V1), true),
        (json!([["StaffEmployment"], ["StaffIdentity"]]), json!([V1]), true),
        (json!([["StaffIdentity", "StaffEmployment"]]), json!([V1]), false),
        (json!([["StaffEmployment"]]), json!([V1]), false),
        (json!([[IRI]]), json!(["https://other.example/v1"]), false),
        (json!([["https://www.w3.org/2018/credentials#StaffIdentity"]]), json!([V1]), false),
        (
            json!([["https://www.w3.org/ns/credentials/status#VerifiableCredential"]]),
            json!([V2]),
            false,
        ),
    ];
    for (types, context, answers) in table {
        let outcome = check_w3c(&asks_types(types.clone()), &credential(context.clone()));
        assert_eq!(
            outcome,
            if answers { Ok(()) } else { Err(Mismatch::Type) },
            "{types} {context}"
        );
    }
    let status = json!({"@context": [V2], "type": ["BitstringStatusListCredential"]});
    let asked = "https://www.w3.org/ns/credentials/status#BitstringStatusListCredential";
    assert_eq!(check_w3c(&asks_types(json!([[asked]])), &status), Ok(()));
    let status_v1 = json!({"@context": [V1], "type": ["BitstringStatusListCredential"]});
    assert_eq!(check_w3c(&asks_types(json!([[asked]])), &status_v1), Err(Mismatch::Type));
    let expanded = json!({"@context": [V1], "type": [IRI]});
    assert_eq!(check_w3c(&asks_types(json!([["VerifiableCredential"]])), &expanded), Ok(()));
    let foreign = json!({"@context": ["https://other.example/v1"], "type": [IRI]});
    let outcome = check_w3c(&asks_types(json!([["VerifiableCredential"]])), &foreign);
    assert_eq!(outcome, Err(Mismatch::Type));
    let bare = json!({"type": ["VerifiableCredential"]});
    assert_eq!(check_w3c(&asks_types(json!([[IRI]])), &bare), Ok(()), "no @context at all");
}

#[test]
fn one_type_may_be_a_string_and_other_shapes_are_no_type() {
    let query = asks_types(json!([["StaffIdentity"]]));
    assert_eq!(check_w3c(&query, &json!({"type": "StaffIdentity"})), Ok(()));
    for r#type in [json!({"a": "StaffIdentity"}), json!([["StaffIdentity"]]), json!(null)] {
        assert_eq!(check_w3c(&query, &json!({"type": r#type})), Err(Mismatch::Type));
    }
}

#[test]
fn only_types_that_are_believed_count() {
    let credential = json!({"type": ["VerifiableCredential", "StaffIdentity", "StaffTraining"]});
    let candidate = Candidate::w3c(Format::JwtVcJson, &credential)
        .with_types(["StaffTraining"])
        .with_holder_binding(true);
    let query = asks_types(json!([["StaffIdentity"]]));
    assert_eq!(query.check("p", &candidate), Err(Mismatch::Type));
}

#[test]
fn r08_look_alike_type_names_are_other_names() {
    let query = asks_types(json!([["StaffIdentity"]]));
    for look_alike in
        ["Staff\u{406}dentity", "StaffIdentity\u{200b}", "staffidentity", "Ｓtaff\u{49}dentity"]
    {
        let credential = json!({"type": ["VerifiableCredential", look_alike]});
        let code = check_w3c(&query, &credential).unwrap_err().code();
        assert_eq!(code, "mismatch_type", "{look_alike}");
    }
    // Composed and decomposed: the same to the eye, and not to us.
    let query = asks_types(json!([["Caf\u{e9}"]]));
    assert!(check_w3c(&query, &json!({"type": ["Cafe\u{301}"]})).is_err());
}

#[test]
fn holder_binding_is_asked_for_unless_said_otherwise() {
    let staff = staff();
    let bare = Candidate::sd_jwt_vc(&staff);
    let asked = asks(json!({}));
    assert_eq!(asked.check("p", &bare), Err(Mismatch::HolderBinding));
    assert!(asked.requires_holder_binding("p"));
    let waived = asks(json!({"require_cryptographic_holder_binding": false}));
    assert_eq!(waived.check("p", &bare), Ok(()));
    assert!(!waived.requires_holder_binding("p"));
}

#[test]
fn q09_trusted_authorities_narrow_and_make_nothing_trusted() {
    let query = asks(json!({"trusted_authorities": [
        {"type": "aki", "values": ["b3RoZXI", "c3RhZmZwYXNz"]},
        {"type": "etsi_tl", "values": ["https://list.example"]},
    ]}));
    let staff = staff();
    let bare = || Candidate::sd_jwt_vc(&staff).with_holder_binding(true);
    let table = [
        (AuthorityType::Aki, "c3RhZmZwYXNz", true),
        (AuthorityType::EtsiTl, "https://list.example", true),
        (AuthorityType::Aki, "https://list.example", false),
        (AuthorityType::OpenidFederation, "https://list.example", false),
        (AuthorityType::Aki, "c3RhZmZwYXN0", false),
    ];
    for (kind, value, answers) in table {
        let outcome = query.check("p", &bare().with_authority(kind, value));
        assert_eq!(outcome.is_ok(), answers, "{value}");
    }
    assert_eq!(query.check("p", &bare()).unwrap_err().code(), "mismatch_trusted_authority");
}

#[test]
fn pf20_trusted_authorities_is_not_trust() {
    // The claim of an authority answers no other demand.
    let query = asks(json!({
        "trusted_authorities": [{"type": "aki", "values": ["c3RhZmZwYXNz"]}],
        "meta": {"vct_values": ["urn:asked"]},
    }));
    let staff = staff();
    let candidate = Candidate::sd_jwt_vc(&staff)
        .with_authority(AuthorityType::Aki, "c3RhZmZwYXNz")
        .with_holder_binding(true);
    assert_eq!(query.check("p", &candidate), Err(Mismatch::Type));
}

#[test]
fn q02_a_part_that_was_not_asked_for_is_unknown() {
    let query = asks(json!({}));
    let staff = staff();
    let candidate = Candidate::sd_jwt_vc(&staff).with_holder_binding(true);
    assert_eq!(query.check("q", &candidate).unwrap_err().code(), "mismatch_unknown_part");
    assert_eq!(query.claims_to_disclose("q", &candidate), Err(Mismatch::UnknownPart));
    assert!(!query.has_part("q") && !query.is_required("q") && !query.allows_multiple("q"));
    assert!(query.requires_holder_binding("q"));
}

#[test]
fn mdocs_are_asked_for_and_answered_by_nothing() {
    let query = query(json!({"credentials": [
        {"id": "p", "format": "mso_mdoc", "meta": {"doctype_value": "org.example.licence"}}]}));
    assert_eq!(check(&query, &staff()), Err(Mismatch::Format));
}

/// Identity, employment, two ways to show training, and a photo if there is one.
fn sets() -> Query {
    let part = |id: &str| json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [id]}});
    let parts = ["identity", "employment", "core", "fire", "rescue", "photo", "stray"];
    query(json!({
        "credentials": parts.map(part),
        "credential_sets": [
            {"options": [["identity", "employment"]]},
            {"options": [["core"], ["fire", "rescue"]]},
            {"options": [["photo"]], "required": false},
        ],
    }))
}

#[test]
fn credential_sets_both_ways() {
    let query = sets();
    type Lacks = (&'static [&'static str], &'static [usize]);
    let table: [(&[&str], Result<(), Lacks>); 8] = [
        (&["identity", "employment", "core"], Ok(())),
        (&["identity", "employment", "fire", "rescue"], Ok(())),
        (&["identity", "employment", "core", "photo", "stray"], Ok(())),
        (&["identity", "employment", "fire"], Err((&["core", "rescue"], &[1]))),
        (&["identity", "employment"], Err((&["core", "fire", "rescue"], &[1]))),
        (&["identity", "core"], Err((&["employment"], &[0]))),
        (
            &["photo", "stray"],
            Err((&["identity", "employment", "core", "fire", "rescue"], &[0, 1])),
        ),
        (&[], Err((&["identity", "employment", "core", "fire", "rescue"], &[0, 1]))),
    ];
    for (answered, expected) in table {
        match (query.satisfied_by(|id| answered.contains(&id)), expected) {
            (Ok(()), Ok(())) => {}
            (Err(unsatisfied), Err((missing, unmet))) => {
                assert_eq!(unsatisfied.missing, missing, "{answered:?}");
                assert_eq!(unsatisfied.unmet_sets, unmet, "{answered:?}");
            }
            (found, _) => panic!("{answered:?}: {found:?}"),
        }
    }
    assert_eq!(query.required_parts(), ["identity", "employment"]);
}

#[test]
fn pf06_optional_query_may_be_absent() {
    let query = sets();
    let answered = ["identity", "employment", "core"];
    assert_eq!(query.satisfied_by(|id| answered.contains(&id)), Ok(()));
    assert!(!query.is_required("photo") && !query.is_required("stray"));
}

#[test]
fn pf23_credential_set_unmet() {
    let unsatisfied = sets().satisfied_by(|id| id == "core").unwrap_err();
    assert_eq!(unsatisfied.code(), "credential_set_unmet");
    assert_eq!(unsatisfied.unmet_sets, [0]);
}

#[test]
fn q11_optional_sets_do_not_stand_in_for_required_ones() {
    assert!(sets().satisfied_by(|id| id == "photo").is_err());
}

#[test]
fn q01_without_sets_every_part_is_required() {
    let part = |id: &str| json!({"id": id, "format": "dc+sd-jwt", "meta": {}});
    let query = query(json!({"credentials": [part("identity"), part("employment")]}));
    assert_eq!(query.parts(), ["identity", "employment"]);
    assert_eq!(query.required_parts(), ["identity", "employment"]);
    let unsatisfied = query.satisfied_by(|id| id == "identity").unwrap_err();
    assert_eq!(unsatisfied.code(), "query_unsatisfied");
    assert_eq!(unsatisfied.missing, ["employment"]);
    assert_eq!(query.satisfied_by(|_| true), Ok(()));
}

#[test]
fn a_wallet_sees_which_options_it_can_complete() {
    let Query::Dcql(query) = sets() else { panic!("DCQL") };
    let held = ["identity", "core", "fire", "rescue"];
    let completable = query.completable_options(|id| held.contains(&id));
    assert_eq!(completable, [vec![], vec![0, 1], vec![]]);
}

#[test]
fn q08_one_credential_may_answer_two_parts() {
    let part = |id: &str| json!({"id": id, "format": "dc+sd-jwt", "meta": {}});
    let query = query(json!({"credentials": [part("a"), part("b")]}));
    let staff = staff();
    let matches = query.matches(&[Candidate::sd_jwt_vc(&staff).with_holder_binding(true)]);
    let answering = |id: &str| matches.part(id).unwrap().answering().collect::<Vec<_>>();
    assert_eq!((answering("a"), answering("b")), (vec![0], vec![0]));
    assert_eq!(matches.satisfied(), Ok(()));
}

#[test]
fn matches_name_what_answers_and_why_the_rest_does_not() {
    let query = query(json!({"credentials": [
        {"id": "identity", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:identity"]}},
        {"id": "training", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:training"]},
         "multiple": true, "claims": [{"path": ["subject"], "values": ["Fire safety"]}]},
        {"id": "employment", "format": "jwt_vc_json",
         "meta": {"type_values": [["StaffEmployment"]]}},
    ]}));
    let held = [
        json!({"vct": "urn:identity"}),
        json!({"vct": "urn:training", "subject": "Fire safety"}),
        json!({"vct": "urn:training", "subject": "Moving and handling"}),
        json!({"vct": "urn:training"}),
        json!({"vct": "urn:training", "subject": "Fire safety", "level": 2}),
    ];
    let candidates: Vec<_> =
        held.iter().map(|held| Candidate::sd_jwt_vc(held).with_holder_binding(true)).collect();
    let matches = query.matches(&candidates);
    let training = matches.part("training").unwrap();
    assert_eq!(training.answering().collect::<Vec<_>>(), [1, 4]);
    assert_eq!(training.outcomes()[0], Err(Mismatch::Type));
    assert_eq!(training.outcomes()[2], Err(Mismatch::ClaimValue { claim: 0 }));
    assert_eq!(training.outcomes()[3], Err(Mismatch::ClaimMissing { claim: 0 }));
    assert!(query.allows_multiple("training") && !query.allows_multiple("identity"));
    assert!(matches.part("employment").unwrap().is_missing());
    assert!(matches.part("photo").is_none());
    assert_eq!(matches.satisfied().unwrap_err().missing, ["employment"]);
    let ids: Vec<_> = matches.parts().iter().map(|part| part.id()).collect();
    assert_eq!(ids, ["identity", "training", "employment"]);
}

#[test]
fn debug_of_a_candidate_prints_no_claim() {
    let staff = staff();
    let debug = format!("{:?}", Candidate::sd_jwt_vc(&staff));
    assert!(debug.contains("DcSdJwt") && !debug.contains("Okafor"), "{debug}");
}
