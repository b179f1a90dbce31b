//! The wallet answers requests of `examples/verifier` over loopback, in every protocol.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use common::{Home, Issuer, Portal, identity, job};
use serde_json::{Value, json};

/// A wallet, an issuer and a portal that trusts it.
async fn world() -> (Home, Issuer, Portal) {
    let issuer = Issuer::published().await;
    let portal = Portal::trusting(&issuer).await;
    (Home::new(), issuer, portal)
}

fn asks(dialect: &str, credentials: &Value) -> Value {
    json!({ "dialect": dialect, "credentials": credentials })
}

fn with(mut ask: Value, member: &str, value: impl Into<Value>) -> Value {
    ask[member] = value.into();
    ask
}

fn staff_identity() -> Value {
    json!({ "id": "identity", "type": "StaffIdentity", "claims": ["family_name"] })
}

/// The command line that answers a link.
fn presenting<'a>(link: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let own = ["present", link, "--allow-loopback-http"];
    own.into_iter().chain(more.iter().copied()).collect()
}

#[tokio::test]
async fn both_dialects_are_answered_with_either_key() {
    let (home, issuer, portal) = world().await;
    for holder in home.holders() {
        home.add(&issuer.vc_jwt("StaffIdentity", &holder, 1, &identity()));
    }
    for dialect in ["openid4vp", "microsoft"] {
        for choose in ["identity=1", "identity=2"] {
            let (id, link) = portal.ask(&asks(dialect, &json!([staff_identity()]))).await;
            let line = presenting(&link, &["--yes", "--choose", choose]);
            let said = home.with_person(&line, "").await.unwrap();
            assert!(said.contains("Shared"), "{said}");
            let result = portal.result(&id).await;
            assert_eq!(result["status"], "verified", "{dialect} {choose} {result}");
            assert_eq!(result["credentials"][0]["claims"]["family_name"], "Okafor-Lee");
        }
    }
}

#[tokio::test]
async fn of_an_sd_jwt_vc_only_what_was_asked_arrives() {
    let (home, issuer, portal) = world().await;
    let [jwk, _] = home.holders();
    home.add(&issuer.sd_jwt_vc("identity", &jwk, &identity()));
    let vct = "urn:example:staff-passport:identity:1";
    let asked = json!([{ "id": "identity", "vct": vct, "claims": ["family_name"] }]);
    for mode in ["direct_post", "direct_post.jwt"] {
        let ask = with(asks("openid4vp", &asked), "format", "dc+sd-jwt");
        let (id, link) = portal.ask(&with(ask, "response_mode", mode)).await;
        let said = home.with_person(&presenting(&link, &["--yes"]), "").await.unwrap();
        assert!(said.contains("family_name: Okafor-Lee"), "{said}");
        assert!(!said.contains("birthdate"), "{said}");
        let result = portal.result(&id).await;
        assert_eq!(result["status"], "verified", "{mode} {result}");
        let claims = &result["credentials"][0]["claims"];
        assert_eq!(claims["family_name"], "Okafor-Lee");
        assert_eq!(claims.get("birthdate"), None);
        assert_eq!(claims.get("given_name"), None);
    }
}

#[tokio::test]
async fn haip_is_answered_encrypted_where_the_authority_is_known() {
    let (home, issuer, portal) = world().await;
    let [jwk, _] = home.holders();
    home.add(&issuer.sd_jwt_vc("identity", &jwk, &identity()));
    let vct = "urn:example:staff-passport:identity:1";
    let asked = json!([{ "id": "identity", "vct": vct, "claims": ["family_name"] }]);
    let (_, link) = portal.ask(&asks("haip", &asked)).await;
    assert!(link.starts_with("haip-vp://"), "{link}");
    let refused = home.with_person(&presenting(&link, &["--yes"]), "").await.unwrap_err();
    assert!(refused.contains("the verifier is not known"), "{refused}");
    let authority = portal.authority();
    let line = presenting(&link, &["--yes", "--authorities", &authority]);
    let said = home.with_person(&line, "").await.unwrap();
    assert!(said.starts_with("localhost asks"), "{said}");
    assert!(said.contains("Shared"), "{said}");
}

#[tokio::test]
async fn a_request_fetched_by_post_is_answered() {
    let (home, issuer, portal) = world().await;
    let [jwk, _] = home.holders();
    home.add(&issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity()));
    let ask = asks("openid4vp", &json!([staff_identity()]));
    let (id, link) = portal.ask(&with(ask, "request_uri_method", "post")).await;
    home.with_person(&presenting(&link, &["--yes"]), "").await.unwrap();
    assert_eq!(portal.result(&id).await["status"], "verified");
}

#[tokio::test]
async fn the_person_sees_who_asks_and_what_would_leave_and_may_say_no() {
    let (home, issuer, portal) = world().await;
    let [jwk, _] = home.holders();
    home.add(&issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity()));
    let (id, link) = portal.ask(&asks("openid4vp", &json!([staff_identity()]))).await;
    let said = home.with_person(&presenting(&link, &[]), "n\n").await.unwrap();
    let seen = ["asks", &portal.base, "whole", "birthdate: 1990-02-16", "Declined"];
    for words in seen {
        assert!(said.contains(words), "{words} in {said}");
    }
    let result = portal.result(&id).await;
    assert_eq!(result["credentials"], json!([]));
    assert_ne!(result["status"], "verified");
}

#[tokio::test]
async fn the_person_chooses_where_several_answer() {
    let (home, issuer, portal) = world().await;
    let [jwk, ion] = home.holders();
    home.add(&issuer.vc_jwt("StaffEmployment", &jwk, 30, &job("Nurse")));
    home.add(&issuer.vc_jwt("StaffEmployment", &ion, 5, &job("Midwife")));
    let asked = json!([{ "id": "job", "type": "StaffEmployment", "claims": ["job_title"] }]);
    for (keyed_in, expected) in [("1\ny\n", "Nurse"), ("\ny\n", "Midwife"), ("7\n1\ny\n", "Nurse")]
    {
        let (id, link) = portal.ask(&asks("microsoft", &asked)).await;
        let said = home.with_person(&presenting(&link, &[]), keyed_in).await.unwrap();
        assert!(said.contains("these answer"), "{said}");
        let result = portal.result(&id).await;
        assert_eq!(result["credentials"][0]["claims"]["job_title"], expected, "{result}");
    }
}

#[tokio::test]
async fn what_a_verifier_calls_itself_is_shown_as_its_own_word() {
    let (home, issuer, portal) = world().await;
    let [jwk, _] = home.holders();
    home.add(&issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity()));
    let (_, link) = portal.ask(&asks("microsoft", &json!([staff_identity()]))).await;
    let said = home.with_person(&presenting(&link, &["--decline"]), "").await.unwrap();
    assert!(said.contains("which calls itself \"Westmoor Trust\""), "{said:?}");
}

#[tokio::test]
async fn declining_tells_the_verifier_where_the_protocol_can() {
    let (home, _, portal) = world().await;
    let (id, link) = portal.ask(&asks("openid4vp", &json!([staff_identity()]))).await;
    let said = home.with_person(&presenting(&link, &["--decline"]), "").await.unwrap();
    assert!(said.contains("the verifier was told"), "{said}");
    assert_ne!(portal.result(&id).await["status"], "retrieved");
    let (id, link) = portal.ask(&asks("microsoft", &json!([staff_identity()]))).await;
    let said = home.with_person(&presenting(&link, &["--decline"]), "").await.unwrap();
    assert!(said.contains("nothing was sent"), "{said}");
    assert_eq!(portal.result(&id).await["status"], "retrieved");
}

#[tokio::test]
async fn what_is_missing_is_named_with_what_stands_in_the_way() {
    let (home, issuer, portal) = world().await;
    let [jwk, _] = home.holders();
    home.add(&issuer.vc_jwt("StaffIdentity", &jwk, 400, &identity()));
    home.add(&issuer.vc_jwt("StaffEmployment", &jwk, 1, &job("Nurse")));
    let (_, link) = portal.ask(&asks("openid4vp", &json!([staff_identity()]))).await;
    let said = home.with_person(&presenting(&link, &["--yes"]), "").await.unwrap_err();
    assert!(said.contains("Nothing in this wallet answers identity."), "{said}");
    assert!(said.contains("1: the credential has expired"), "{said}");
    assert!(!said.contains("2:"), "{said}");
}

#[tokio::test]
async fn a_choice_that_does_not_answer_is_refused() {
    let (home, issuer, portal) = world().await;
    let [jwk, _] = home.holders();
    home.add(&issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity()));
    home.add(&issuer.vc_jwt("StaffEmployment", &jwk, 1, &job("Nurse")));
    let (id, link) = portal.ask(&asks("openid4vp", &json!([staff_identity()]))).await;
    for (choose, why) in [
        ("identity=2", "2 does not answer identity"),
        ("identity=9", "9 does not answer identity"),
        ("job=1", "nothing called job is asked for"),
        ("identity=", "nothing in the wallet answers 1 of the parts"),
    ] {
        let line = presenting(&link, &["--yes", "--choose", choose]);
        let said = home.with_person(&line, "").await.unwrap_err();
        assert!(said.contains(why), "{choose}: {said}");
    }
    assert_eq!(portal.result(&id).await["credentials"], json!([]));
}

#[tokio::test]
async fn optional_parts_are_left_out_unless_the_person_adds_them() {
    let (home, issuer, portal) = world().await;
    let [jwk, _] = home.holders();
    home.add(&issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity()));
    home.add(&issuer.vc_jwt("StaffEmployment", &jwk, 1, &job("Nurse")));
    let part = |id: &str, name: &str| json!({ "id": id, "format": "jwt_vc_json", "meta": { "type_values": [[name]] } });
    let query = json!({
        "credentials": [part("identity", "StaffIdentity"), part("job", "StaffEmployment")],
        "credential_sets": [
            { "options": [["identity"]] }, { "options": [["job"]], "required": false },
        ],
    });
    for (more, keyed_in, expected) in [
        (vec!["--yes"], "", 1),
        (vec!["--yes", "--choose", "job=2"], "", 2),
        (vec![], "\ny\n", 1),
        (vec![], "2\ny\n", 2),
    ] {
        let ask = json!({ "dialect": "openid4vp", "dcql_query": query });
        let (id, link) = portal.ask(&ask).await;
        home.with_person(&presenting(&link, &more), keyed_in).await.unwrap();
        let result = portal.result(&id).await;
        assert_eq!(result["status"], "verified", "{result}");
        assert_eq!(result["credentials"].as_array().unwrap().len(), expected, "{result}");
    }
}

#[tokio::test]
async fn nobody_at_the_terminal_shares_nothing() {
    let (home, issuer, portal) = world().await;
    let [jwk, _] = home.holders();
    home.add(&issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity()));
    let (id, link) = portal.ask(&asks("openid4vp", &json!([staff_identity()]))).await;
    let said = home.with_person(&presenting(&link, &[]), "").await.unwrap_err();
    assert!(said.contains("nobody answers"), "{said}");
    assert_eq!(portal.result(&id).await["credentials"], json!([]));
}

#[tokio::test]
async fn plain_http_is_refused_unless_it_is_admitted() {
    let (home, _, portal) = world().await;
    let (_, link) = portal.ask(&asks("openid4vp", &json!([staff_identity()]))).await;
    assert!(home.with_person(&["present", &link, "--yes"], "").await.is_err());
}

#[tokio::test]
async fn a_request_that_nobody_has_signed_is_not_shown() {
    let (home, _, portal) = world().await;
    let ask = asks("openid4vp", &json!([staff_identity()]));
    let (_, link) = portal.ask(&with(ask, "client_id_prefix", "redirect_uri")).await;
    let said = home.with_person(&presenting(&link, &["--yes"]), "").await.unwrap_err();
    assert!(!said.contains("asks"), "{said}");
}

#[tokio::test]
async fn an_answer_goes_once() {
    let (home, issuer, portal) = world().await;
    let [jwk, _] = home.holders();
    home.add(&issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity()));
    let (_, link) = portal.ask(&asks("openid4vp", &json!([staff_identity()]))).await;
    home.with_person(&presenting(&link, &["--yes"]), "").await.unwrap();
    let again = home.with_person(&presenting(&link, &["--yes"]), "").await;
    assert!(again.is_err());
}
