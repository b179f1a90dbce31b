//! `inspect batch`: the contract, a sentence a test.

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
use staffpass_credentials::CredentialKind;
use staffpass_jose::Algorithm;
use staffpass_status::{BitOrder, EntrySize, ListEncoding, StatusKind, StatusListBuilder};
use staffpass_testkit::{
    Dialect, HolderKind, IssuerKind, Scenario, Tamper, Token, claims, now, signing_key,
};
use support::{AUDIENCE, ISSUER, Ran, SdJwt, VCT, case_of, codes, exchange, inspect, one};

fn batch(case: &Value) -> Value {
    one("batch", case)
}

fn with(mut case: Value, member: &str, value: Value) -> Value {
    case[member] = value;
    case
}

fn without(mut case: Value, member: &str) -> Value {
    case.as_object_mut().unwrap().remove(member);
    case
}

fn run(lines: &str) -> Ran {
    inspect(&["batch"], lines)
}

#[test]
fn a_good_presentation_is_accepted_with_the_subject_of_each_credential() {
    let verdict = batch(&case_of(&exchange()));
    assert_eq!(verdict["id"], "case");
    assert_eq!(verdict["accepted"], true, "{verdict}");
    assert_eq!(verdict["codes"], json!([]));
    let subjects = verdict["claims"].as_array().unwrap();
    assert_eq!(subjects.len(), 3);
    for (subject, kind) in subjects.iter().zip(CredentialKind::ALL) {
        for (name, value) in claims(kind) {
            assert_eq!(subject[&name], value, "{name}");
        }
    }
}

#[test]
fn every_kind_of_holder_issuer_and_list_is_accepted() {
    let lists = [StatusKind::BitstringStatusList, StatusKind::StatusList2021];
    for holder in HolderKind::ALL {
        for issuer in [IssuerKind::Web("westmoor.example"), IssuerKind::Jwk] {
            for list in lists {
                let scenario = Scenario::new(Dialect::MicrosoftTogether).holder(holder);
                let scenario = scenario.issuer(issuer, Algorithm::Es384).status(list);
                let verdict = batch(&case_of(&scenario.build()));
                assert_eq!(verdict["accepted"], true, "{holder:?} {issuer:?} {verdict}");
            }
        }
    }
}

#[test]
fn each_thing_wrong_is_refused_with_its_code_and_without_claims() {
    let of_the_response = [
        Tamper::PresentationOld,
        Tamper::NoStatus,
        Tamper::WrongType,
        Tamper::StateMissing,
        Tamper::StateWrong,
        Tamper::StateTwice,
        Tamper::Unrequested,
        Tamper::Incomplete,
        Tamper::WrongProtocol,
        Tamper::RequestExpired,
    ];
    let good = exchange();
    for tamper in Tamper::ALL.into_iter().filter(|tamper| !of_the_response.contains(tamper)) {
        let verdict = batch(&case_of(&good.tampered(tamper)));
        assert_eq!(verdict["accepted"], false, "{tamper:?}");
        assert!(codes(&verdict).contains(&tamper.code().as_str()), "{tamper:?} {verdict}");
        assert_eq!(verdict.get("claims"), None, "{tamper:?}");
    }
}

#[test]
fn null_and_absent_documents_cannot_be_fetched() {
    let good = case_of(&exchange());
    for member in ["did_documents", "status_lists"] {
        let name = good[member].as_object().unwrap().keys().next().unwrap().clone();
        let code =
            if member == "status_lists" { "status_unavailable" } else { "issuer_unavailable" };
        let mut null = good.clone();
        null[member][&name] = Value::Null;
        assert_eq!(codes(&batch(&null)), [code]);
        assert!(!codes(&batch(&with(good.clone(), member, json!({})))).is_empty());
        assert_eq!(batch(&without(good.clone(), member))["accepted"], false);
    }
}

#[test]
fn whatever_stands_in_a_document_or_a_list_is_judged() {
    let good = case_of(&exchange());
    let did = good["did_documents"].as_object().unwrap().keys().next().unwrap().clone();
    let url = good["status_lists"].as_object().unwrap().keys().next().unwrap().clone();
    for document in
        [json!("text"), json!([]), json!({}), json!(1), json!({"id": "did:web:other.example"})]
    {
        let mut case = good.clone();
        case["did_documents"][&did] = document;
        assert_eq!(codes(&batch(&case)), ["issuer_document_invalid"]);
    }
    for list in [json!("<html>"), json!(""), json!({}), json!(false)] {
        let mut case = good.clone();
        case["status_lists"][&url] = list;
        assert_eq!(codes(&batch(&case)), ["status_list_invalid"]);
    }
}

#[test]
fn a_member_that_stands_twice_in_a_document_is_seen() {
    let good = case_of(&exchange());
    let line = good.to_string();
    let doubled = line.replacen(
        r#""verificationMethod":"#,
        r#""verificationMethod":[],"verificationMethod":"#,
        1,
    );
    assert_ne!(line, doubled);
    assert_eq!(codes(&run(&doubled).line()), ["issuer_document_invalid"]);
}

#[test]
fn whatever_stands_in_presentation_is_judged() {
    let good = case_of(&exchange());
    for text in ["", ".", "a.b.c", "~", "~~", "null", "<html>", "eyJ", "a.b.c.d.e", "\u{0}"] {
        let verdict = batch(&with(good.clone(), "presentation", json!(text)));
        assert_eq!(verdict["accepted"], false, "{text:?}");
        assert!(!codes(&verdict).is_empty(), "{text:?}");
    }
}

#[test]
fn a_required_type_must_be_there_and_none_means_any_trusted_one() {
    let good = case_of(&exchange());
    let more = with(good.clone(), "required_types", json!(["StaffIdentity", "StaffPayslip"]));
    assert_eq!(codes(&batch(&more)), ["answer_incomplete"]);
    for types in [json!([]), json!(["StaffTraining"])] {
        assert_eq!(batch(&with(good.clone(), "required_types", types))["accepted"], true);
    }
    assert_eq!(batch(&without(good, "required_types"))["accepted"], true);
}

#[test]
fn a_type_is_trusted_from_its_own_issuers_only() {
    let good = case_of(&exchange());
    let mut swapped = good.clone();
    swapped["trusted_issuers"]["StaffIdentity"] = json!(["did:web:other.example"]);
    assert_eq!(codes(&batch(&swapped)), ["type_not_trusted"]);
    let mut odd = good.clone();
    let list = odd["trusted_issuers"]["StaffIdentity"].as_array_mut().unwrap();
    list.extend([json!("did:example:1"), json!(""), json!("ftp://x")]);
    assert_eq!(batch(&odd)["accepted"], true, "an issuer that cannot be verified spoils no other");
    for nobody in [json!({}), json!({"StaffIdentity": []}), json!({"X": ["did:example:1"]})] {
        assert_eq!(
            codes(&batch(&with(good.clone(), "trusted_issuers", nobody))),
            ["policy_no_issuer"]
        );
    }
}

#[test]
fn leeway_is_sixty_unless_said_and_three_hundred_at_most() {
    let mut exchange = exchange();
    let good = case_of(&exchange);
    exchange.answer.presentations[0].token.set("exp", now().timestamp() - 100);
    let late = with(good, "presentation", json!(exchange.answer.presentations[0].compact()));
    assert_eq!(codes(&batch(&late)), ["expired"]);
    let lenient = batch(&with(late.clone(), "leeway_seconds", json!(300)));
    assert_eq!(lenient["accepted"], true, "{lenient}");
    assert_eq!(codes(&batch(&with(late.clone(), "leeway_seconds", json!(0)))), ["expired"]);
    for outside in [301, -1, i64::MAX, i64::MIN] {
        let verdict = batch(&with(late.clone(), "leeway_seconds", json!(outside)));
        assert_eq!(codes(&verdict), ["policy_invalid"], "{outside}");
    }
}

#[test]
fn a_time_or_a_text_that_nothing_can_be_judged_with_is_a_refusal() {
    let good = case_of(&exchange());
    for now in [i64::MIN, -1, 0, 253_402_300_800, i64::MAX] {
        assert_eq!(codes(&batch(&with(good.clone(), "now", json!(now)))), ["now_out_of_range"]);
    }
    for member in ["audience", "nonce"] {
        assert_eq!(batch(&with(good.clone(), member, json!("")))["accepted"], false);
    }
}

#[test]
fn documents_for_methods_that_resolve_in_place_are_ignored() {
    let scenario =
        Scenario::new(Dialect::MicrosoftTogether).issuer(IssuerKind::Jwk, Algorithm::Es256);
    let exchange = scenario.build();
    let mut case = case_of(&exchange);
    case["did_documents"][exchange.issuer.did().as_str()] = json!({"id": "nonsense"});
    case["did_documents"][exchange.holder.did().as_str()] = Value::Null;
    assert_eq!(batch(&case)["accepted"], true);
}

#[test]
fn a_line_that_is_no_case_gets_an_error_and_the_run_goes_on() {
    let good = case_of(&exchange());
    let unknown = with(good.clone(), "extra", json!(1));
    let bad = [
        ("not json".to_owned(), Value::Null),
        (String::new(), Value::Null),
        ("[]".to_owned(), Value::Null),
        ("{}".to_owned(), Value::Null),
        (without(good.clone(), "id").to_string(), Value::Null),
        (unknown.to_string(), json!("case")),
    ];
    for (line, id) in bad {
        let ran = run(&format!("{line}\n{good}\n"));
        let lines = ran.lines();
        assert_eq!(lines.len(), 2, "{line}");
        assert_eq!(lines[0]["id"], id, "{line}");
        assert!(lines[0]["error"].is_string(), "{line}");
        assert_eq!(lines[0].as_object().unwrap().len(), 2, "{line}");
        assert_eq!(lines[1]["accepted"], true, "{line}");
        assert_eq!(ran.code, 1, "not every line was judged");
    }
}

#[test]
fn every_member_must_be_there_and_of_its_type() {
    let good = case_of(&exchange());
    for member in ["presentation", "audience", "nonce", "now", "trusted_issuers"] {
        let verdict = batch(&without(good.clone(), member));
        assert_eq!(verdict["id"], "case");
        assert!(verdict["error"].as_str().unwrap().contains(member), "{verdict}");
    }
    let wrong = [
        ("presentation", json!(1)),
        ("presentation", Value::Null),
        ("audience", json!(["a"])),
        ("nonce", json!({})),
        ("now", json!("1767225600")),
        ("now", json!(1.5)),
        ("now", Value::Null),
        ("leeway_seconds", json!("60")),
        ("leeway_seconds", Value::Null),
        ("kb_max_age_seconds", json!(true)),
        ("require_holder_binding", json!("true")),
        ("require_holder_binding", Value::Null),
        ("required_types", json!("StaffIdentity")),
        ("required_types", json!([1])),
        ("trusted_issuers", json!([])),
        ("trusted_issuers", json!({"StaffIdentity": "did:web:x.example"})),
        ("did_documents", json!([])),
        ("status_lists", Value::Null),
        ("issuer_jwks", json!("")),
    ];
    for (member, value) in wrong {
        let verdict = batch(&with(good.clone(), member, value.clone()));
        assert!(verdict.get("error").is_some(), "{member} {value} {verdict}");
        assert_eq!(verdict["id"], "case");
    }
}

#[test]
fn an_error_repeats_no_value() {
    let good = case_of(&exchange());
    for member in ["now", "did_documents", "require_holder_binding"] {
        let verdict = batch(&with(good.clone(), member, json!("secret, expected nothing")));
        assert!(!verdict["error"].as_str().unwrap().contains("secret"), "{verdict}");
    }
}

#[test]
fn the_id_comes_back_as_it_stands() {
    let good = case_of(&exchange());
    for id in [json!("a\"b\u{1f600}"), json!(12), json!(null), json!({"a": [1]})] {
        assert_eq!(batch(&with(good.clone(), "id", id.clone()))["id"], id);
    }
    let line = good.to_string().replace(r#""id":"case""#, r#""id":123456789012345678901234567890"#);
    assert!(run(&line).out.contains(r#""id":123456789012345678901234567890,"#));
}

#[test]
fn answers_come_in_the_order_of_the_lines_and_nothing_else_is_printed() {
    let (good, sd_jwt) = (case_of(&exchange()), SdJwt::new().case());
    let input: String = (0..300)
        .map(|number| match number % 3 {
            0 => format!("{}\n", with(good.clone(), "id", json!(number))),
            1 => format!("{}\n", with(sd_jwt.clone(), "id", json!(number))),
            _ => format!("{}\r\n", json!({"id": number})),
        })
        .collect();
    let ran = run(&input);
    let ids: Vec<_> = ran.lines().iter().map(|line| line["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (0..300).collect::<Vec<u64>>());
    assert_eq!(ran.err, "", "no progress bar in a pipe");
    assert_eq!(ran.code, 1);
}

#[test]
fn the_end_is_zero_when_every_line_was_judged() {
    let good = case_of(&exchange());
    let refused = with(good.clone(), "nonce", json!("another"));
    assert_eq!(run(&format!("{good}\n{refused}")).code, 0);
    let nothing = run("");
    assert_eq!((nothing.code, nothing.out.as_str()), (0, ""));
}

#[test]
fn a_script_may_wait_for_each_answer() {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_inspect"))
        .arg("batch")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for number in 0..3 {
        writeln!(input, "{}", with(case_of(&exchange()), "id", json!(number))).unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let verdict: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(verdict["id"], number);
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn an_sd_jwt_is_accepted_with_its_processed_payload() {
    let verdict = batch(&SdJwt::new().case());
    assert_eq!(verdict["accepted"], true, "{verdict}");
    assert_eq!(verdict["id"], 7);
    let claims = &verdict["claims"][0];
    assert_eq!(claims["given_name"], "Rowan");
    assert_eq!(claims["grade"], "Band 6");
    assert_eq!(claims["family_name"], "Testerby");
    assert_eq!(claims["vct"], VCT);
    assert_eq!((claims.get("_sd"), claims.get("_sd_alg")), (None, None));
    let mut fewer = SdJwt::new();
    fewer.disclosures.remove(1);
    assert_eq!(batch(&fewer.case())["claims"][0].get("grade"), None);
}

#[test]
fn each_thing_wrong_with_an_sd_jwt_is_refused() {
    type Change = fn(&mut SdJwt);
    let changes: [(&str, Change); 10] = [
        ("audience", |sd| binding(sd, "aud", json!("x509_san_dns:other.example"))),
        ("nonce", |sd| binding(sd, "nonce", json!("another"))),
        ("sd_hash", |sd| binding(sd, "sd_hash", json!("AAAA"))),
        ("future", |sd| binding(sd, "iat", json!(now().timestamp() + 61))),
        ("expired", |sd| sd.issuer.set("exp", now().timestamp() - 60)),
        ("vct", |sd| sd.issuer.set("vct", "https://credentials.trust.example/other")),
        ("iss", |sd| sd.issuer.set("iss", "https://other.example")),
        ("forged", |sd| sd.issuer.key = signing_key(Algorithm::Es256, 99)),
        ("stolen", |sd| sd.key_binding.as_mut().unwrap().key = signing_key(Algorithm::Es256, 99)),
        ("foreign disclosure", |sd| sd.disclosures.push("WyJ4IiwieSIsMV0".to_owned())),
    ];
    for (name, change) in changes {
        let mut sd_jwt = SdJwt::new();
        let good = sd_jwt.case();
        change(&mut sd_jwt);
        let verdict = batch(&with(good, "presentation", json!(sd_jwt.compact())));
        assert_eq!(verdict["accepted"], false, "{name}");
        assert!(!codes(&verdict).is_empty(), "{name}");
    }
}

fn binding(sd_jwt: &mut SdJwt, name: &str, value: Value) {
    sd_jwt.key_binding.as_mut().unwrap().set(name, value);
}

#[test]
fn a_key_binding_is_as_old_as_the_case_allows_and_no_older() {
    let aged = |age: i64, allowed: Option<i64>| {
        let mut sd_jwt = SdJwt::new();
        binding(&mut sd_jwt, "iat", json!(now().timestamp() - age));
        let mut case = with(sd_jwt.case(), "leeway_seconds", json!(0));
        if let Some(allowed) = allowed {
            case["kb_max_age_seconds"] = json!(allowed);
        }
        batch(&case)["accepted"].clone()
    };
    assert_eq!(aged(600, None), true);
    assert_eq!(aged(601, None), false);
    assert_eq!(aged(30, Some(30)), true);
    assert_eq!(aged(31, Some(30)), false);
    assert_eq!((aged(0, Some(0)), aged(1, Some(0))), (json!(true), json!(false)));
    assert_eq!(
        (aged(86_400, Some(86_400)), aged(86_401, Some(90_000))),
        (json!(true), json!(false))
    );
    assert_eq!(aged(0, Some(-1)), false);
}

#[test]
fn t03_t04_a_presentation_says_when_it_ends_or_is_young_and_none_is_a_year_old() {
    let aged = |age: i64, ends: bool| {
        let mut exchange = exchange();
        let case = with(case_of(&exchange), "leeway_seconds", json!(0));
        let token = &mut exchange.answer.presentations[0].token;
        token.claims.remove("nbf");
        token.set("iat", now().timestamp() - age);
        if !ends {
            token.claims.remove("exp");
        }
        let compact = exchange.answer.presentations[0].compact();
        batch(&with(case, "presentation", json!(compact)))["accepted"].clone()
    };
    assert_eq!((aged(600, false), aged(601, false)), (json!(true), json!(false)));
    assert_eq!((aged(7 * 86_400, true), aged(365 * 86_400, true)), (json!(true), json!(false)));
}

#[test]
fn the_type_of_every_credential_is_trusted_from_nobody() {
    let mut both = case_of(&exchange());
    let trusted = both["trusted_issuers"]["StaffIdentity"].clone();
    both["trusted_issuers"]["VerifiableCredential"] = trusted.clone();
    assert_eq!(batch(&both)["accepted"], true);
    let alone = with(both, "trusted_issuers", json!({"VerifiableCredential": trusted}));
    assert_eq!(codes(&batch(&alone)), ["policy_no_issuer"]);
}

#[test]
fn holder_binding_is_required_unless_the_case_says_not() {
    let mut bare = SdJwt::new();
    bare.key_binding = None;
    assert_eq!(batch(&bare.case())["accepted"], false);
    let unbound = with(bare.case(), "require_holder_binding", json!(false));
    assert_eq!(batch(&unbound)["accepted"], true, "{}", batch(&unbound));
    let mut bad = SdJwt::new();
    binding(&mut bad, "nonce", json!("another"));
    let bad = with(bad.case(), "require_holder_binding", json!(false));
    assert_eq!(batch(&bad)["accepted"], false, "what is there is judged");
}

#[test]
fn the_issuers_key_set_is_what_the_case_says() {
    let good = SdJwt::new().case();
    for keys in [
        Value::Null,
        json!({"keys": []}),
        json!({}),
        json!([[good["issuer_jwks"][ISSUER]["keys"][0].clone()]]),
        json!([]),
        json!("x"),
        json!({"keys": [1]}),
    ] {
        let mut case = good.clone();
        case["issuer_jwks"][ISSUER] = keys.clone();
        let verdict = batch(&case);
        assert_eq!(verdict["accepted"], false, "{keys}");
        assert!(!codes(&verdict).is_empty());
    }
    assert_eq!(batch(&without(good, "issuer_jwks"))["accepted"], false);
    assert!(AUDIENCE.starts_with("x509_san_dns:"));
}

/// A case whose credential names entry 7 of a Status List Token that says this of it.
fn with_status(says: u8) -> Value {
    let url = "https://status.example/1";
    let mut sd_jwt = SdJwt::new();
    sd_jwt.issuer.set("status", json!({"status_list": {"idx": 7, "uri": url}}));
    let (size, order) = (EntrySize::new(2).unwrap(), BitOrder::LeastSignificantFirst);
    let mut list = StatusListBuilder::new(1024, size, order).unwrap();
    list.set(7, says).unwrap();
    let claims = json!({
        "iss": ISSUER, "sub": url, "iat": now().timestamp() - 60,
        "status_list": {"bits": 2, "lst": list.encode(ListEncoding::ZlibBase64Url).unwrap()},
    });
    let mut token = Token::new(&sd_jwt.issuer.key, "key-1", claims);
    token.header.insert("typ".to_owned(), "statuslist+jwt".into());
    with(sd_jwt.case(), "status_lists", json!({url: token.compact()}))
}

#[test]
fn a_token_status_list_is_judged() {
    assert_eq!(batch(&with_status(0))["accepted"], true, "{}", batch(&with_status(0)));
    assert_eq!(codes(&batch(&with_status(1))), ["revoked"]);
    assert_eq!(codes(&batch(&with_status(2))), ["suspended"]);
    assert!(!codes(&batch(&with(with_status(0), "status_lists", json!({})))).is_empty());
}
