//! What a wallet could answer, and the answer itself, member by member.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "tests"
)]

mod common;

use chrono::TimeDelta;
use common::{Person, Portal, asks, field, members, now, opened, signed};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use staffpass_disclosure::{
    AuthorizationResponse, Choice, Decline, DisclosureError, HeldCredential, Matches,
    RequestReview, Shared, Unusable,
};
use staffpass_jose::Algorithm;
use staffpass_query::{
    Assignments, CredentialQuery, CredentialSetQuery, DcqlQuery, PresentationSubmission, Query,
};

fn code<T: std::fmt::Debug>(result: Result<T, DisclosureError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "accepted")
}

/// Reviews of one request in both protocols.
fn both(parts: &[&str]) -> [RequestReview; 2] {
    let portal = Portal::new();
    let asked = || parts.iter().map(|part| asks(part)).collect();
    [portal.review(&portal.microsoft(asked())), portal.review(&portal.openid4vp(asked()))]
}

fn unusable(matches: &Matches<'_>, part: &str, held: usize) -> &'static str {
    let outcome = matches.part(part).unwrap().outcomes()[held];
    outcome.map_or_else(|reason: Unusable| reason.code(), |()| "answers")
}

fn present(matches: &Matches<'_>, person: &Person) -> AuthorizationResponse {
    let choice = matches.default_choice().unwrap();
    matches.present(&choice, &[person.holder()], now(), &mut rand::rng()).unwrap()
}

// ---- What a wallet could answer ----

#[test]
fn each_part_says_which_credentials_answer_and_why_the_others_do_not() {
    let (person, stranger) = (Person::new(), Person::new());
    let later = now() + TimeDelta::days(1);
    let token = |issued, expires| person.token("StaffIdentity", issued, Some(expires));
    let held = [
        person.holds("StaffIdentity"),
        person.holds("StaffEmployment"),
        stranger.holds("StaffIdentity"),
        HeldCredential::parse(&token(now() - TimeDelta::days(9), now())).unwrap(),
        HeldCredential::parse(&token(now() + TimeDelta::seconds(1), later)).unwrap(),
        HeldCredential::parse(&token(now(), now() + TimeDelta::seconds(1))).unwrap(),
    ];
    for review in both(&["identity", "employment"]) {
        let matches = review.matches(&held, &[person.did().clone()], now());
        let found: Vec<_> = (0..held.len()).map(|at| unusable(&matches, "identity", at)).collect();
        let wanted = [
            "answers",
            "mismatch_type",
            "held_other_holder",
            "held_expired",
            "held_not_yet_valid",
            "answers",
        ];
        assert_eq!(found, wanted);
        assert_eq!(matches.part("identity").unwrap().answering(), [5, 0]);
        assert_eq!(matches.part("employment").unwrap().answering(), [1]);
        assert!(matches.part("payslip").is_none());
    }
}

#[test]
fn another_issuer_and_a_missing_claim_are_named() {
    let portal = Portal::new();
    let person = Person::new();
    let held = [person.holds("StaffIdentity")];
    let holders = [person.did().clone()];
    let elsewhere = asks("identity").with_issuers(["did:web:northmoor.example"]);
    let review = portal.review(&portal.microsoft(vec![elsewhere]));
    assert_eq!(unusable(&review.matches(&held, &holders, now()), "identity", 0), "mismatch_issuer");
    for claim in ["family_name", "job_title"] {
        let asked = || vec![asks("identity").with_claims([claim])];
        let wanted = if claim == "family_name" { "answers" } else { "mismatch_claim_missing" };
        for request in [portal.microsoft(asked()), portal.openid4vp(asked())] {
            let review = portal.review(&request);
            let matches = review.matches(&held, &holders, now());
            assert_eq!(unusable(&matches, "identity", 0), wanted);
        }
    }
}

#[test]
fn what_is_missing_is_named_in_the_order_of_the_request() {
    let person = Person::new();
    let held = [person.holds("StaffEmployment")];
    for review in both(&["identity", "employment", "training"]) {
        let matches = review.matches(&held, &[person.did().clone()], now());
        let missing = matches.default_choice().unwrap_err();
        assert_eq!(missing.parts(), ["identity", "training"]);
        assert_eq!(missing.to_string(), "nothing in the wallet answers 2 of the parts");
        assert!(matches.part("training").unwrap().is_missing());
        let mut choice = Choice::new();
        choice.pick("employment", 0);
        let refused = matches.present(&choice, &[person.holder()], now(), &mut rand::rng());
        assert_eq!(code(refused), "credentials_missing");
    }
}

#[test]
fn the_newest_valid_one_is_chosen_unless_the_person_chooses_another() {
    let person = Person::new();
    let held: Vec<_> = [3, 9, 1].map(|nth| person.holds_of("StaffIdentity", nth)).into();
    for review in both(&["identity"]) {
        let matches = review.matches(&held, &[person.did().clone()], now());
        assert_eq!(matches.part("identity").unwrap().answering(), [1, 0, 2]);
        let mut choice = matches.default_choice().unwrap();
        assert_eq!(choice.of("identity"), [1]);
        choice.pick("identity", 2);
        let response =
            matches.present(&choice, &[person.holder()], now(), &mut rand::rng()).unwrap();
        assert_eq!(shown(&response), vec![held[2].as_str().to_owned()]);
        assert_eq!(response.shared().iter().map(|one| one.held).collect::<Vec<_>>(), [2]);
    }
}

#[test]
fn two_parts_of_one_kind_are_answered_by_two_credentials_where_there_are_two() {
    let person = Person::new();
    let held: Vec<_> = [1, 2].map(|nth| person.holds_of("StaffTraining", nth)).into();
    for review in both(&["training", "training-2"]) {
        let matches = review.matches(&held, &[person.did().clone()], now());
        let choice = matches.default_choice().unwrap();
        assert_eq!((choice.of("training"), choice.of("training-2")), (&[1][..], &[0][..]));
    }
}

#[test]
fn a_choice_that_does_not_answer_is_refused() {
    let person = Person::new();
    let held =
        [person.holds("StaffIdentity"), person.holds_of("StaffIdentity", 1), person.holds("X")];
    let with = |change: &dyn Fn(&mut Choice)| {
        both(&["identity"]).map(|review| {
            let matches = review.matches(&held, &[person.did().clone()], now());
            let mut choice = matches.default_choice().unwrap();
            change(&mut choice);
            code(matches.present(&choice, &[person.holder()], now(), &mut rand::rng()))
        })
    };
    assert_eq!(with(&|choice| choice.pick("identity", 2)), ["choice_no_answer"; 2]);
    assert_eq!(with(&|choice| choice.pick("identity", 3)), ["choice_no_answer"; 2]);
    assert_eq!(with(&|choice| choice.pick("employment", 0)), ["part_unknown"; 2]);
    assert_eq!(with(&|choice| choice.pick_also("identity", 0)), ["choice_too_many"; 2]);
    assert_eq!(with(&|choice| choice.leave_out("identity")), ["credentials_missing"; 2]);
    assert_eq!(with(&|_| {}), ["accepted"; 2]);
}

#[test]
fn of_alternatives_the_first_that_can_be_completed_is_chosen_and_nothing_optional() {
    let portal = Portal::new();
    let person = Person::new();
    let query = |id: &str, r#type| CredentialQuery::jwt_vc(id, r#type);
    let credentials = [
        query("identity", "StaffIdentity"),
        query("passport", "Passport"),
        query("employment", "StaffEmployment"),
    ];
    let sets = [
        CredentialSetQuery::required([vec!["passport"], vec!["identity"]]),
        CredentialSetQuery::optional([["employment"]]),
    ];
    let query = DcqlQuery::with_sets(credentials, sets).unwrap();
    let review = portal.review(&portal.dcql(query));
    let held = [person.holds("StaffIdentity"), person.holds("StaffEmployment")];
    let matches = review.matches(&held, &[person.did().clone()], now());
    let mut choice = matches.default_choice().unwrap();
    let chosen =
        |choice: &Choice| choice.iter().map(|(part, _)| part.to_owned()).collect::<Vec<_>>();
    assert_eq!(chosen(&choice), ["identity"]);
    choice.pick("employment", 1);
    let response = matches.present(&choice, &[person.holder()], now(), &mut rand::rng()).unwrap();
    assert_eq!(shown(&response).len(), 2);

    // Q11: an optional part alone does not do.
    choice.leave_out("identity");
    let refused = matches.present(&choice, &[person.holder()], now(), &mut rand::rng());
    assert_eq!(code(refused), "credentials_missing");
}

#[test]
fn several_are_shown_only_where_the_request_allows_several() {
    let portal = Portal::new();
    let person = Person::new();
    let query = CredentialQuery::jwt_vc("training", "StaffTraining").with_multiple();
    let review = portal.review(&portal.dcql(DcqlQuery::new([query]).unwrap()));
    let held: Vec<_> = [1, 2, 3].map(|nth| person.holds_of("StaffTraining", nth)).into();
    let matches = review.matches(&held, &[person.did().clone()], now());
    assert!(matches.part("training").unwrap().allows_multiple());
    let mut choice = matches.default_choice().unwrap();
    choice.pick_also("training", 0);
    let response = matches.present(&choice, &[person.holder()], now(), &mut rand::rng()).unwrap();
    assert_eq!(shown(&response).len(), 2);
    choice.pick_also("training", 0);
    let refused = matches.present(&choice, &[person.holder()], now(), &mut rand::rng());
    assert_eq!(code(refused), "choice_too_many");
}

// ---- The answer ----

/// The credentials in a response, by taking its tokens apart.
fn shown(response: &AuthorizationResponse) -> Vec<String> {
    let fields = field(response, "vp_token");
    let tokens = fields.iter().flat_map(|text| match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(parts)) => parts.values().flat_map(texts).collect::<Vec<_>>(),
        _ => vec![text.clone()],
    });
    tokens.flat_map(|token| texts(&payload(&token)["vp"]["verifiableCredential"])).collect()
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn payload(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&staffpass_jose::base64url::decode(part).unwrap()).unwrap()
}

#[test]
fn microsoft_id_token_member_by_member() {
    for algorithm in [Algorithm::Es256, Algorithm::Es256k] {
        let person = Person::with_algorithm(algorithm);
        let [review, _] = both(&["identity", "employment"]);
        let held = [person.holds("StaffEmployment"), person.holds("StaffIdentity")];
        let matches = review.matches(&held, &[person.did().clone()], now());
        let response = present(&matches, &person);
        let (header, claims) = opened(&field(&response, "id_token")[0], &person.key);
        assert_eq!(header.alg, algorithm);
        assert_eq!(header.typ.as_deref(), Some("JWT"));
        assert_eq!(header.kid.as_deref(), Some(person.key_id.as_str()));
        let own = ["_vp_token", "aud", "exp", "iat", "iss", "nonce", "sub"];
        assert_eq!(members(&claims), own);
        assert_eq!(claims["iss"], "https://self-issued.me/v2/openid-vc");
        assert_eq!(claims["sub"], person.did().as_str());
        assert_eq!(claims["aud"], common::PORTAL);
        assert_eq!(claims["nonce"], review.request().nonce());
        assert_eq!(claims["iat"], now().timestamp());
        assert_eq!(claims["exp"], now().timestamp() + 300);
        assert_eq!(members(&claims["_vp_token"]), ["presentation_submission"]);
        let submission = &claims["_vp_token"]["presentation_submission"];
        assert_eq!(members(submission), ["definition_id", "descriptor_map", "id"]);
        let Query::PresentationDefinition(definition) = review.query() else { panic!() };
        assert_eq!(submission["definition_id"], definition.id());
        let entry = |id: &str, at: usize| {
            json!({"id": id, "format": "jwt_vp", "path": "$", "path_nested": {
                "id": id, "format": "jwt_vc", "path": format!("$.verifiableCredential[{at}]"),
            }})
        };
        assert_eq!(
            submission["descriptor_map"],
            json!([entry("identity", 0), entry("employment", 1)])
        );
    }
}

#[test]
fn microsoft_form_and_presentation_member_by_member() {
    let person = Person::new();
    let [review, _] = both(&["identity", "employment"]);
    let held = [person.holds("StaffEmployment"), person.holds("StaffIdentity")];
    let matches = review.matches(&held, &[person.did().clone()], now());
    let response = present(&matches, &person);
    let names: Vec<&str> = response.fields().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["id_token", "vp_token", "state"]);
    assert_eq!(field(&response, "state"), [review.request().state().unwrap()]);
    assert_eq!(response.response_uri(), review.request().response_uri());

    let (header, claims) = opened(&field(&response, "vp_token")[0], &person.key);
    assert_eq!(header.kid.as_deref(), Some(person.key_id.as_str()));
    check_presentation(&claims, &review, &person);
    let credentials = [held[1].as_str(), held[0].as_str()];
    assert_eq!(claims["vp"]["verifiableCredential"], json!(credentials));
    let shared: Vec<_> =
        response.shared().iter().map(|one: &Shared| (one.part.as_str(), one.held)).collect();
    assert_eq!(shared, [("identity", 1), ("employment", 0)]);
}

#[test]
fn openid4vp_form_and_presentations_member_by_member() {
    let person = Person::new();
    let [_, review] = both(&["identity", "employment"]);
    let held = [person.holds("StaffEmployment"), person.holds("StaffIdentity")];
    let matches = review.matches(&held, &[person.did().clone()], now());
    let response = present(&matches, &person);
    let names: Vec<&str> = response.fields().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["vp_token", "state"]);
    assert_eq!(field(&response, "state"), [review.request().state().unwrap()]);

    let vp_token: Value = serde_json::from_str(&field(&response, "vp_token")[0]).unwrap();
    assert_eq!(members(&vp_token), ["employment", "identity"]);
    let mut ids = Vec::new();
    for (part, credential) in [("identity", &held[1]), ("employment", &held[0])] {
        let answers = texts(&vp_token[part]);
        assert_eq!(answers.len(), 1);
        let (_, claims) = opened(&answers[0], &person.key);
        check_presentation(&claims, &review, &person);
        assert_eq!(claims["vp"]["verifiableCredential"], json!([credential.as_str()]));
        ids.push(claims["jti"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}

fn check_presentation(claims: &Value, review: &RequestReview, person: &Person) {
    assert_eq!(members(claims), ["aud", "exp", "iat", "iss", "jti", "nbf", "nonce", "vp"]);
    assert_eq!(claims["iss"], person.did().as_str());
    assert_eq!(claims["aud"], review.request().client_id());
    assert_eq!(claims["nonce"], review.request().nonce());
    assert_eq!(claims["iat"], now().timestamp());
    assert_eq!(claims["nbf"], claims["iat"]);
    assert_eq!(claims["exp"], now().timestamp() + 300);
    assert_eq!(members(&claims["vp"]), ["@context", "type", "verifiableCredential"]);
    assert_eq!(claims["vp"]["@context"], json!(["https://www.w3.org/2018/credentials/v1"]));
    assert_eq!(claims["vp"]["type"], json!(["VerifiablePresentation"]));
    let id: Vec<&str> = claims["jti"].as_str().unwrap().split('-').collect();
    assert_eq!(id.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert!(id[2].starts_with('4') && id[3].starts_with(['8', '9', 'a', 'b']));
}

#[test]
fn microsoft_two_holders_send_a_presentation_each() {
    let (one, other) = (Person::with_algorithm(Algorithm::Es256k), Person::new());
    let [review, _] = both(&["identity", "employment", "training"]);
    let held =
        [one.holds("StaffIdentity"), other.holds("StaffEmployment"), one.holds("StaffTraining")];
    let holders = [one.did().clone(), other.did().clone()];
    let matches = review.matches(&held, &holders, now());
    let choice = matches.default_choice().unwrap();
    let keys = [other.holder(), one.holder()];
    let response = matches.present(&choice, &keys, now(), &mut rand::rng()).unwrap();

    let tokens = field(&response, "vp_token");
    assert_eq!(tokens.len(), 2);
    let (_, first) = opened(&tokens[0], &one.key);
    let (_, second) = opened(&tokens[1], &other.key);
    assert_eq!(texts(&first["vp"]["verifiableCredential"]), [held[0].as_str(), held[2].as_str()]);
    assert_eq!(texts(&second["vp"]["verifiableCredential"]), [held[1].as_str()]);
    let (_, id_token) = opened(&field(&response, "id_token")[0], &one.key);
    let submission = &id_token["_vp_token"]["presentation_submission"];
    let submission = PresentationSubmission::from_value(submission).unwrap();
    let Query::PresentationDefinition(definition) = review.query() else { panic!() };
    let assigned = Assignments::resolve(definition, &[submission], &[2, 1]).unwrap();
    let at = |part| assigned.location(part).map(|at| (at.presentation, at.credential));
    assert_eq!(
        [at("identity"), at("employment"), at("training")],
        [Some((0, 0)), Some((1, 0)), Some((0, 1))]
    );

    let refused = matches.present(&choice, &[one.holder()], now(), &mut rand::rng());
    assert_eq!(code(refused), "holder_key_missing");
}

#[test]
fn a_credential_of_another_holder_is_never_shown() {
    let (person, stranger) = (Person::new(), Person::new());
    let held = [stranger.holds("StaffIdentity")];
    for review in both(&["identity"]) {
        let matches = review.matches(&held, &[person.did().clone()], now());
        let mut choice = Choice::new();
        choice.pick("identity", 0);
        let refused = matches.present(&choice, &[person.holder()], now(), &mut rand::rng());
        assert_eq!(code(refused), "choice_no_answer");
    }
}

#[test]
fn a_request_that_expires_while_the_person_thinks_is_not_answered() {
    let person = Person::new();
    let held = [person.holds("StaffIdentity")];
    for review in both(&["identity"]) {
        let matches = review.matches(&held, &[person.did().clone()], now());
        let choice = matches.default_choice().unwrap();
        let late = review.request().expires_at().unwrap().floor();
        let refused = matches.present(&choice, &[person.holder()], late, &mut rand::rng());
        assert_eq!(code(refused), "request_expired");
    }
}

#[test]
fn declining_is_told_in_openid4vp_and_silent_in_microsofts_profile() {
    let [microsoft, openid4vp] = both(&["identity"]);
    assert_eq!(microsoft.decline(), Decline::Silent);
    let Decline::Send(response) = openid4vp.decline() else { panic!("nothing is sent") };
    let state = openid4vp.request().state().unwrap();
    assert_eq!(response.body(), format!("error=access_denied&state={state}"));
    assert_eq!(response.response_uri(), openid4vp.request().response_uri());
    assert!(response.shared().is_empty());
}

#[test]
fn the_same_randomness_makes_the_same_ids() {
    let person = Person::with_algorithm(Algorithm::EdDsa);
    let held = [person.holds("StaffIdentity")];
    for review in both(&["identity"]) {
        let matches = review.matches(&held, &[person.did().clone()], now());
        let choice = matches.default_choice().unwrap();
        let body = |seed| {
            let mut rng = StdRng::seed_from_u64(seed);
            matches.present(&choice, &[person.holder()], now(), &mut rng).unwrap().body()
        };
        assert_eq!(body(1), body(1));
        assert_ne!(body(1), body(2));
    }
}

// ---- What is held ----

#[test]
fn a_held_credential_says_what_it_is() {
    let person = Person::new();
    let held = person.holds("StaffIdentity");
    assert_eq!((held.issuer(), held.holder()), (common::ISSUER, person.did().as_str()));
    assert_eq!(held.types(), ["VerifiableCredential", "StaffIdentity"]);
    assert_eq!(held.issued_at(), Some(now() - TimeDelta::days(300)));
    assert_eq!(held.expires_at(), Some(now() + TimeDelta::days(30)));
    assert_eq!(held.subject().unwrap()["family_name"], "Okafor-Lee");
    assert_eq!(HeldCredential::parse(held.as_str()).unwrap().as_str(), held.as_str());
}

#[test]
fn a_credential_without_expiry_stays_valid() {
    let person = Person::new();
    let token = person.token("StaffIdentity", now(), None);
    let held = [HeldCredential::parse(&token).unwrap()];
    for review in both(&["identity"]) {
        let matches = review.matches(&held, &[person.did().clone()], now());
        assert_eq!(unusable(&matches, "identity", 0), "answers");
    }
}

#[test]
fn what_is_no_credential_is_refused() {
    let parse = |claims: Value| code(HeldCredential::parse(&signed(&claims)));
    assert_eq!(code(HeldCredential::parse("a.b")), "jws_not_three_parts");
    assert_eq!(parse(json!([])), "json_shape");
    assert_eq!(
        parse(json!({"iss": "did:web:a.example", "sub": "did:jwk:e30"})),
        "credential_member_missing"
    );
    assert_eq!(parse(json!({"iss": "did:web:a.example", "vc": {}})), "credential_member_missing");
    assert_eq!(parse(json!({"sub": "did:jwk:e30", "vc": {}})), "credential_member_missing");
    assert_eq!(
        parse(json!({"iss": "did:web:a.example", "sub": "did:jwk:e30", "exp": "1", "vc": {}})),
        "json_shape"
    );
    let two = json!({"iss": "did:web:a.example", "sub": "did:jwk:e30", "vc": {"credentialSubject": {"id": "did:jwk:e31"}}});
    assert_eq!(parse(two), "credential_subjects_differ");
    let in_vc = json!({"vc": {"issuer": {"id": "did:web:a.example"}, "credentialSubject": {"id": "did:jwk:e30"}}});
    assert_eq!(parse(in_vc), "accepted");
}

#[test]
fn b10_debug_prints_no_claim_and_no_token() {
    let person = Person::new();
    let held = [person.holds("StaffIdentity")];
    for review in both(&["identity"]) {
        let matches = review.matches(&held, &[person.did().clone()], now());
        let response = present(&matches, &person);
        for printed in [format!("{held:?}"), format!("{matches:?}"), format!("{response:?}")] {
            assert!(!printed.contains("Okafor"), "{printed}");
            assert!(!printed.contains("eyJ"), "{printed}");
            assert!(!printed.contains("did:jwk:ey"), "{printed}");
        }
    }
}

// ---- No more than was chosen ----

const KINDS: [(&str, &str); 3] = [
    ("identity", "StaffIdentity"),
    ("employment", "StaffEmployment"),
    ("training", "StaffTraining"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any wallet, any request, any choice: what leaves is exactly what was chosen.
    #[test]
    fn a_credential_that_was_not_chosen_never_leaves(
        wallet in prop::collection::vec((0..3usize, 0..200i64), 1..12),
        asked in prop::sample::subsequence(vec![0, 1, 2], 1..=3),
        picks: [prop::sample::Index; 3],
    ) {
        let person = Person::new();
        let held: Vec<_> =
            wallet.iter().map(|(kind, nth)| person.holds_of(KINDS[*kind].1, *nth)).collect();
        let parts: Vec<&str> = asked.iter().map(|kind| KINDS[*kind].0).collect();
        for review in both(&parts) {
            let matches = review.matches(&held, &[person.did().clone()], now());
            let mut choice = match matches.default_choice() {
                Ok(choice) => choice,
                Err(missing) => {
                    let absent = |part: &&&str| !wallet.iter().any(|(kind, _)| KINDS[*kind].0 == **part);
                    let absent: Vec<_> = parts.iter().filter(absent).copied().collect();
                    prop_assert_eq!(missing.parts(), absent);
                    continue;
                }
            };
            for (part, pick) in parts.iter().zip(&picks) {
                choice.pick(part, *pick.get(matches.part(part).unwrap().answering()));
            }
            let response =
                matches.present(&choice, &[person.holder()], now(), &mut rand::rng()).unwrap();

            let chosen: Vec<usize> = parts.iter().flat_map(|part| choice.of(part)).copied().collect();
            let mut wanted: Vec<_> = chosen.iter().map(|at| held[*at].as_str().to_owned()).collect();
            let mut found = shown(&response);
            wanted.sort();
            found.sort();
            prop_assert_eq!(found, wanted);
            let shared: Vec<usize> = response.shared().iter().map(|one| one.held).collect();
            prop_assert_eq!(&shared, &chosen);
            // And nowhere else in what is posted: not in the ID token, not in a field of its own.
            for (at, credential) in held.iter().enumerate() {
                if !chosen.contains(&at) {
                    let tokens = response.fields().iter().map(|(_, value)| value.as_str());
                    prop_assert!(!everything(tokens).contains(credential.as_str()));
                }
            }
        }
    }
}

/// The fields, and the payloads of every token in them.
fn everything<'f>(fields: impl Iterator<Item = &'f str>) -> String {
    let mut all = String::new();
    for text in fields {
        all.push_str(text);
        for token in text.split('"').filter(|token| token.matches('.').count() == 2) {
            all.push_str(&payload(token).to_string());
        }
    }
    all
}
