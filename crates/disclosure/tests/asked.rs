//! A set frozen into a request: what is asked, and what came of it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use common::{ISSUER, Person, Portal, now, signed};
use serde_json::{Value, json};
use staffpass_credentials::{CredentialKind, Subject};
use staffpass_disclosure::{
    AskedSet, Catalogue, Completeness, CredentialSet, HeldCredential, TrainingPolicy, TrainingRule,
};
use staffpass_query::Format;

const TABLE: &str = include_str!("tables/catalogue.toml");

fn frozen(chosen: &[&str], completeness: Completeness) -> AskedSet {
    let catalogue = Catalogue::from_toml(TABLE).unwrap();
    let set = CredentialSet::with_chosen(&catalogue, chosen.iter().copied()).unwrap();
    set.freeze(&catalogue, completeness).unwrap()
}

fn policy() -> TrainingPolicy {
    TrainingPolicy::new([
        TrainingRule::new(Subject::FireSafety, 12).at_level(1).mandatory(),
        TrainingRule::new(Subject::Resuscitation, 12).at_level(2).this_level_alone().mandatory(),
        TrainingRule::new(Subject::MovingAndHandling, 36),
    ])
    .unwrap()
}

fn ids(asked: &AskedSet) -> Vec<&str> {
    asked.parts().iter().map(|part| part.id.as_str()).collect()
}

#[test]
fn a_catalogue_is_read_from_toml() {
    let catalogue = Catalogue::from_toml(TABLE).unwrap();
    let ids: Vec<_> = catalogue.entries().iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, ["identity", "employment", "training", "parking"]);
    let identity = catalogue.entry("identity").unwrap();
    assert_eq!(identity.type_name.as_deref(), Some("StaffIdentity"));
    assert_eq!(identity.vct.as_deref(), Some("urn:example:staff-passport:identity:1"));
    assert!(identity.mandatory && !identity.several);
    assert!(catalogue.entry("training").unwrap().several);
    assert_eq!(catalogue.entry("parking").unwrap().kind, None);
}

#[test]
fn a_table_that_cannot_be_read_names_its_line() {
    let misspelt = "[[credential]]\nid = \"identity\"\nlable = \"Identity\"\n";
    let error = Catalogue::from_toml(misspelt).unwrap_err();
    assert_eq!(error.code(), "toml_line");
    assert!(
        error.to_string().contains("line 3") || error.to_string().contains("line 1"),
        "{error}"
    );
}

#[test]
fn a_catalogue_without_identity_is_refused() {
    let text = "[[credential]]\nid = \"training\"\nkind = \"training\"\nlabel = \"Training\"\n";
    assert_eq!(Catalogue::from_toml(text).unwrap_err().code(), "identity_absent");
}

#[test]
fn an_entry_without_any_type_is_refused() {
    let text = "[[credential]]\nid = \"identity\"\nlabel = \"Identity\"\nmandatory = true\n";
    assert_eq!(Catalogue::from_toml(text).unwrap_err().code(), "type_name_absent");
}

#[test]
fn a_strict_set_asks_for_every_part_it_has() {
    let asked = frozen(&["training"], Completeness::Strict);
    let query = serde_json::to_value(asked.to_dcql(&Format::JwtVcJson).unwrap()).unwrap();
    assert_eq!(query.get("credential_sets"), None);
    assert_eq!(query["credentials"][0]["id"], "identity");
    assert_eq!(query["credentials"][0]["meta"], json!({"type_values": [["StaffIdentity"]]}));
    let path = json!(["credentialSubject", "identity_id"]);
    assert_eq!(query["credentials"][0]["claims"][0]["path"], path);
    assert_eq!(query["credentials"][1]["multiple"], true);
    assert_eq!(query["credentials"].as_array().unwrap().len(), 2);
}

#[test]
fn a_lenient_set_asks_for_identity_and_offers_the_rest() {
    let asked = frozen(&["training", "employment"], Completeness::Lenient);
    let query = serde_json::to_value(asked.to_dcql(&Format::DcSdJwt).unwrap()).unwrap();
    let sets = json!([
        {"options": [["identity"]]},
        {"options": [["employment"]], "required": false},
        {"options": [["training"]], "required": false},
    ]);
    assert_eq!(query["credential_sets"], sets);
    assert_eq!(query["credentials"][0]["claims"][0]["path"], json!(["identity_id"]));
    let vct = json!({"vct_values": ["urn:example:staff-passport:employment:1"]});
    assert_eq!(query["credentials"][1]["meta"], vct);
}

#[test]
fn of_an_sd_jwt_vc_every_claim_is_asked_for_without_which_it_is_no_credential_of_its_kind() {
    let asked = CredentialSet::with_chosen(&Catalogue::staff(), ["employment", "training"]);
    let asked = asked.unwrap().freeze(&Catalogue::staff(), Completeness::Strict).unwrap();
    let query = serde_json::to_value(asked.to_dcql(&Format::DcSdJwt).unwrap()).unwrap();
    for (part, kind) in CredentialKind::ALL.into_iter().enumerate() {
        let part = &query["credentials"][part];
        let sets = part["claim_sets"].as_array().unwrap();
        for name in kind.required_claims() {
            let claims = part["claims"].as_array().unwrap();
            assert!(claims.contains(&json!({"id": name, "path": [name]})), "{kind} {name}");
            assert!(sets.iter().all(|set| set.as_array().unwrap().contains(&json!(name))));
        }
        let lengths: Vec<usize> = sets.iter().map(|set| set.as_array().unwrap().len()).collect();
        assert!(lengths.is_sorted_by(|more, fewer| more >= fewer), "{lengths:?}");
        assert_eq!(*lengths.last().unwrap(), kind.required_claims().len());
    }
    let w3c = serde_json::to_value(asked.to_dcql(&Format::JwtVcJson).unwrap()).unwrap();
    assert_eq!(w3c["credentials"][0].get("claims"), None, "it is shown whole");
}

#[test]
fn an_entry_is_not_asked_for_in_a_format_that_it_has_no_name_in() {
    let asked = frozen(&["parking"], Completeness::Strict);
    assert_eq!(asked.to_dcql(&Format::JwtVcJson).unwrap_err().code(), "type_name_absent");
    assert_eq!(asked.to_dcql(&Format::MsoMdoc).unwrap_err().code(), "type_name_absent");
    assert!(asked.to_dcql(&Format::DcSdJwt).is_ok());
}

#[test]
fn all_mandatory_training_is_one_part_a_subject() {
    let asked = frozen(&["training"], Completeness::Strict);
    let asked = asked.with_training(policy().mandatory()).unwrap();
    assert_eq!(ids(&asked), ["identity", "training-1", "training-2"]);
    assert_eq!(asked.parts()[1].label(), "Training: fire safety, level 1");
    let query = serde_json::to_value(asked.to_dcql(&Format::DcSdJwt).unwrap()).unwrap();
    let claim = |part: usize, name: &str| {
        let claims = query["credentials"][part]["claims"].as_array().unwrap();
        let claim = claims.iter().find(|claim| claim["path"] == json!([name])).unwrap();
        claim["values"].clone()
    };
    assert_eq!(claim(1, "subject"), json!(["fire-safety"]));
    assert_eq!(claim(1, "level"), json!([1, 2, 3, 4, 5]));
    assert_eq!(claim(1, "attainment_status"), json!(["achieved"]));
    assert_eq!(claim(2, "level"), json!([2]));
    assert_eq!(query["credentials"][1].get("multiple"), None);
}

#[test]
fn some_training_is_asked_for_by_subject() {
    let asked = frozen(&["training"], Completeness::Strict);
    let policy = policy();
    let some = [Subject::MovingAndHandling];
    let asked = asked.with_training(policy.about(&some)).unwrap();
    assert_eq!(ids(&asked), ["identity", "training-1"]);
    assert_eq!(asked.parts()[1].training.as_ref().unwrap().subject, Subject::MovingAndHandling);
}

#[test]
fn any_training_is_one_part_that_several_answer() {
    let asked = frozen(&["training"], Completeness::Strict).with_training([]).unwrap();
    assert_eq!(ids(&asked), ["identity", "training"]);
    let without = frozen(&[], Completeness::Strict).with_training(policy().mandatory()).unwrap();
    assert_eq!(ids(&without), ["identity"]);
}

#[test]
fn a_definition_asks_authenticator_for_what_it_can_compare() {
    let asked = frozen(&["training"], Completeness::Lenient);
    let asked = asked.with_training(policy().mandatory()).unwrap();
    let definition = asked.to_definition("d", |_| vec!["did:web:eastmoor.example"]).unwrap();
    let json = serde_json::to_value(definition).unwrap();
    let descriptor = &json["input_descriptors"][1];
    assert_eq!(descriptor["name"], "Training: fire safety, level 1");
    let fields = descriptor["constraints"]["fields"].as_array().unwrap();
    let of = |name: &str| {
        let path = json!([format!("$.vc.credentialSubject.{name}")]);
        Some(fields.iter().find(|field| field["path"] == path)?["filter"]["pattern"].clone())
    };
    assert_eq!(of("subject"), Some("^^fire-safety$".into()));
    assert_eq!(of("attainment_status"), Some("^^achieved$".into()));
    // A number, which neither phone app finds.
    assert_eq!(of("level"), None);
}

#[test]
fn a_definition_is_answered_by_training_whose_level_is_a_number() {
    let (portal, person) = (Portal::new(), Person::new());
    let asked = frozen(&["training"], Completeness::Strict);
    let asked = asked.with_training(policy().mandatory()).unwrap();
    let request = portal.definition(asked.to_definition("d", |_| vec![ISSUER]).unwrap());
    let review = portal.review(&request);
    let held = [training(&person, 2, 1)];
    let matches = review.matches(&held, &[person.did().clone()], now());
    let answering = |part| matches.part(part).unwrap().answering();
    assert_eq!(answering("training-1"), [0]);
    assert!(answering("training-2").is_empty());
}

/// A fire safety training at a level, issued so many days ago.
fn training(person: &Person, level: u8, days: i64) -> HeldCredential {
    let subject = json!({
        "framework": "cstf", "subject": "fire-safety", "level": level,
        "attainment_status": "achieved", "awarded_on": "2026-02-12",
    });
    credential(person, "StaffTraining", days, &subject)
}

fn credential(person: &Person, r#type: &str, days: i64, subject: &Value) -> HeldCredential {
    let token = signed(&json!({
        "iss": ISSUER,
        "sub": person.did().as_str(),
        "nbf": now().timestamp() - days * 86_400,
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiableCredential", r#type],
            "credentialSubject": subject,
        },
    }));
    HeldCredential::parse(&token).unwrap()
}

fn an_identity(person: &Person) -> HeldCredential {
    let subject = json!({
        "identity_id": "7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11", "family_name": "Okafor-Lee",
    });
    credential(person, "StaffIdentity", 1, &subject)
}

#[test]
fn each_piece_of_training_gets_a_credential_of_its_own_where_there_are_enough() {
    let (portal, person) = (Portal::new(), Person::new());
    let rule = |level| TrainingRule::new(Subject::FireSafety, 12).at_level(level);
    let table = TrainingPolicy::new([rule(1), rule(2), rule(3)]).unwrap();
    let asked = frozen(&["training"], Completeness::Strict).with_training(table.rules()).unwrap();
    let request = portal.dcql(asked.to_dcql(&Format::JwtVcJson).unwrap());
    let review = portal.review(&request);
    // The highest is the newest, and would answer every part.
    let held = [
        training(&person, 3, 1),
        training(&person, 2, 2),
        training(&person, 1, 3),
        an_identity(&person),
    ];
    let matches = review.matches(&held, &[person.did().clone()], now());
    for (part, newest_first) in
        [("training-1", &[0, 1, 2][..]), ("training-2", &[0, 1]), ("training-3", &[0])]
    {
        assert_eq!(matches.part(part).unwrap().answering(), newest_first);
    }
    let choice = matches.default_choice().unwrap();
    let chosen: Vec<_> = choice.iter().flat_map(|(_, held)| held.iter().copied()).collect();
    assert_eq!(chosen, [3, 2, 1, 0]);
}

#[test]
fn where_there_are_too_few_one_credential_answers_twice() {
    let (portal, person) = (Portal::new(), Person::new());
    let rule = |level| TrainingRule::new(Subject::FireSafety, 12).at_level(level);
    let table = TrainingPolicy::new([rule(1), rule(2)]).unwrap();
    let asked = frozen(&["training"], Completeness::Strict).with_training(table.rules()).unwrap();
    let review = portal.review(&portal.dcql(asked.to_dcql(&Format::JwtVcJson).unwrap()));
    let held = [training(&person, 2, 1), an_identity(&person)];
    let matches = review.matches(&held, &[person.did().clone()], now());
    let choice = matches.default_choice().unwrap();
    assert_eq!((choice.of("training-1"), choice.of("training-2")), (&[0][..], &[0][..]));
}

#[test]
fn asked_chosen_and_received_stand_side_by_side() {
    let asked = frozen(&["training"], Completeness::Lenient);
    let asked = asked.with_training(policy().mandatory()).unwrap();
    let rows = asked.receive(["identity", "training-2"]).unwrap();
    let seen: Vec<_> = rows
        .iter()
        .map(|row| (row.entry.as_str(), row.chosen, row.asked.len(), row.received.len()))
        .collect();
    let expected = [
        ("identity", true, 1, 1),
        ("employment", false, 0, 0),
        ("training", true, 2, 1),
        ("parking", false, 0, 0),
    ];
    assert_eq!(seen, expected);
    let missing: Vec<_> = rows[2].missing().map(|part| part.as_str()).collect();
    assert_eq!(missing, ["training-1"]);
    assert!(rows[0].is_complete() && !rows[2].is_complete());
}

#[test]
fn a_strict_set_wants_everything_and_a_lenient_one_identity() {
    let missing = |completeness, came: &[&str]| {
        let asked = frozen(&["training", "employment"], completeness);
        asked.receive(came.iter().copied()).unwrap_err()
    };
    let error = missing(Completeness::Strict, &["identity", "employment"]);
    assert_eq!(error.code(), "set_not_received");
    let staffpass_disclosure::DisclosureError::NotReceived { parts } = error else {
        panic!("another error")
    };
    assert_eq!(parts.iter().map(|part| part.as_str()).collect::<Vec<_>>(), ["training"]);
    let error = missing(Completeness::Lenient, &["training", "employment"]);
    assert_eq!(error.code(), "set_not_received");
}

#[test]
fn what_was_not_asked_for_is_not_received() {
    let asked = frozen(&[], Completeness::Lenient);
    assert_eq!(asked.receive(["identity", "training"]).unwrap_err().code(), "part_unknown");
}

#[test]
fn a_frozen_set_is_stored_and_comes_back_as_it_was() {
    let asked = frozen(&["training"], Completeness::Strict);
    let asked = asked.with_training(policy().mandatory()).unwrap();
    let mut stored = serde_json::to_value(&asked).unwrap();
    assert_eq!(serde_json::from_value::<AskedSet>(stored.clone()).unwrap(), asked);
    stored["parts"].as_array_mut().unwrap().remove(0);
    assert!(serde_json::from_value::<AskedSet>(stored).is_err(), "read without identity");
}

#[test]
fn a_frozen_set_stays_as_it_was_when_the_catalogue_changes() {
    let asked = frozen(&["training"], Completeness::Strict);
    let set = asked.set().amend(["employment"]).unwrap();
    assert!(set.contains("employment") && !asked.set().contains("employment"));
    assert_eq!(ids(&asked), ["identity", "training"]);
}
