//! Every option ends as it says, in both dialects and with both kinds of holder.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use clap::Parser as _;
use serde_json::Value;
use share_flow::{Options, Terminal, play};

/// Plays the flow with these options, whichever dialect and holder, and hands out the JSON.
async fn in_every_dialect(arguments: &[&str], check: impl Fn(&str, &Value)) {
    for dialect in ["microsoft", "openid4vp"] {
        for holder in ["ion", "jwk"] {
            let spoken = ["share-flow", "--json", "--dialect", dialect, "--holder", holder];
            let options = Options::try_parse_from(spoken.iter().chain(arguments)).unwrap();
            let mut terminal = Terminal::new(true);
            let ending = play(&options, &mut terminal).await.unwrap();
            let json = terminal.to_json(&ending);
            assert_eq!(json["dialect"], dialect);
            assert_eq!(json["holder"], holder);
            assert_eq!(json["verdict"], "verified");
            assert_every_check_passed(&json["report"]);
            check(dialect, &json);
        }
    }
}

fn assert_every_check_passed(report: &Value) {
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.len() > 20 && checks.iter().all(|check| check["outcome"] == "passed"));
}

fn shared(json: &Value) -> Vec<&str> {
    let shared = json["shared"].as_array().unwrap().iter();
    shared
        .map(|one| {
            assert!(one["issuer"].as_str().unwrap().starts_with("did:web:localhost%3A"));
            assert!(one["issued"].as_str() < one["expires"].as_str());
            one["kind"].as_str().unwrap()
        })
        .collect()
}

fn outcomes<'j>(json: &'j Value, name: &str) -> Vec<&'j str> {
    let steps = json["steps"].as_array().unwrap().iter().filter(|step| step["name"] == name);
    steps.map(|step| step["outcome"].as_str().unwrap()).collect()
}

fn refusals(json: &Value) -> Vec<&Value> {
    json["refusals"].as_array().unwrap().iter().collect()
}

fn failures(report: &Value) -> Vec<&Value> {
    let checks = report["checks"].as_array().unwrap().iter();
    checks.filter(|check| check["outcome"]["failed"].is_string()).collect()
}

#[tokio::test]
async fn by_default_all_three_are_shared() {
    in_every_dialect(&[], |_, json| {
        assert_eq!(shared(json), ["identity", "employment", "training"]);
        assert!(refusals(json).is_empty());
        let names: Vec<_> = json["steps"].as_array().unwrap().iter().map(|s| &s["name"]).collect();
        let expected = [
            "issue",
            "invitation",
            "registered_before",
            "notices",
            "selection",
            "confirmation",
            "qr_code",
            "scan",
            "choice",
            "share",
            "verification",
            "profile",
            "email_code",
            "mobile_code",
            "role",
            "submission",
            "next",
        ];
        assert_eq!(names, expected);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_selected_is_not_shared() {
    in_every_dialect(&["--select", "identity,training"], |_, json| {
        assert_eq!(shared(json), ["identity", "training"]);
    })
    .await;
}

#[tokio::test]
async fn identity_is_shared_though_nobody_ticks_it() {
    in_every_dialect(&["--select", "employment"], |_, json| {
        assert_eq!(shared(json), ["identity", "employment"]);
    })
    .await;
}

#[tokio::test]
async fn a_wallet_without_training_succeeds_without_it() {
    in_every_dialect(&["--without", "training"], |dialect, json| {
        assert_eq!(shared(json), ["identity", "employment"]);
        assert_eq!(outcomes(json, "choice"), ["missing: training", "chosen"]);
        assert_eq!(outcomes(json, "amendment"), ["without training"]);
        // Authenticator sends nothing; OpenID4VP has an error, which does not say what is missing.
        let told: Vec<_> = refusals(json).into_iter().flat_map(failures).collect();
        match dialect {
            "microsoft" => assert!(told.is_empty()),
            _ => assert_eq!(told[0]["outcome"]["failed"], "wallet_error"),
        }
    })
    .await;
}

#[tokio::test]
async fn a_revoked_employment_is_refused_and_taken_out() {
    in_every_dialect(&["--revoked", "employment"], |_, json| {
        assert_eq!(shared(json), ["identity", "training"]);
        assert_eq!(outcomes(json, "verification"), ["refused: revoked", "verified"]);
        let refused = refusals(json);
        let [report] = refused.as_slice() else { panic!("one response is refused") };
        let failed = failures(report);
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0]["check"], "status");
        assert_eq!(failed[0]["outcome"]["failed"], "revoked");
        assert!(failed[0]["subject"]["credential"].is_array());
    })
    .await;
}

#[tokio::test]
async fn a_wrong_code_is_told_and_the_right_one_confirms() {
    in_every_dialect(&["--wrong-code"], |_, json| {
        assert_eq!(outcomes(json, "email_code"), ["wrong", "confirmed"]);
        assert_eq!(outcomes(json, "mobile_code"), ["wrong", "confirmed"]);
    })
    .await;
}

#[tokio::test]
async fn all_of_it_at_once_ends_with_identity_alone() {
    let everything = ["--without", "training", "--revoked", "employment", "--wrong-code"];
    in_every_dialect(&everything, |_, json| assert_eq!(shared(json), ["identity"])).await;
}

#[test]
fn what_is_no_option_is_refused() {
    for arguments in [["--dialect", "other"], ["--without", "identity"], ["--select", "salary"]] {
        let spoken = ["share-flow"].iter().chain(&arguments);
        assert!(Options::try_parse_from(spoken).is_err());
    }
}
