//! `verify`, `replay`, `decode` and `policy`: what they print, and how they end.

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
use staffpass_jose::base64url;
use staffpass_testkit::{Dialect, Encoding, Exchange, Scenario, Tamper};
use support::{Folder, Ran, SdJwt, case_of, exchange, inspect};

/// The files of an exchange whose answer came encrypted, and the key of its request.
fn encrypted_files(folder: &Folder, exchange: &Exchange, body: &[u8]) -> ([String; 4], String) {
    let [policy, evidence, ..] = files(folder, exchange);
    let stored = serde_json::to_string(&exchange.expectation).unwrap();
    let key = exchange.response_key.as_ref().unwrap().private_jwk();
    let files = [policy, evidence, folder.write("stored.json", stored), folder.write("body", body)];
    (files, folder.write("key.json", key.as_bytes()))
}

fn encrypted() -> Exchange {
    Scenario::new(Dialect::OpenId4Vp).encoding(Encoding::SdJwtVc).encrypted().build()
}

/// The files of an exchange: policy, evidence, expectation, presentation.
fn files(folder: &Folder, exchange: &Exchange) -> [String; 4] {
    let case = case_of(exchange);
    let evidence = json!({
        "did_documents": case["did_documents"], "status_lists": case["status_lists"],
    });
    let expect = json!({
        "audience": case["audience"], "nonce": case["nonce"], "now": case["now"],
    });
    let policy = exchange.policy.clone().build().unwrap().to_toml();
    [
        folder.write("policy.toml", policy),
        folder.write("evidence.json", evidence.to_string()),
        folder.write("expect.json", expect.to_string()),
        folder.write("presentation.txt", format!("{}\n", case["presentation"].as_str().unwrap())),
    ]
}

fn verify([policy, evidence, expect, presentation]: &[String; 4], more: &[&str]) -> Ran {
    let arguments = ["verify", "--policy", policy, "--evidence", evidence, "--expect", expect];
    inspect(&[&arguments, more, &[presentation.as_str()]].concat(), "")
}

#[test]
fn verify_prints_the_report_of_a_good_presentation() {
    let folder = Folder::new("good");
    let files = files(&folder, &exchange());
    let ran = verify(&files, &["--json"]);
    assert_eq!((ran.code, &ran.json()["accepted"]), (0, &json!(true)), "{}{}", ran.out, ran.err);
    assert_eq!(ran.json()["claims"].as_array().unwrap().len(), 3);
    assert!(ran.json()["report"]["checks"].as_array().unwrap().len() > 20);
    let text = verify(&files, &["--text"]);
    assert!(text.out.contains("ok   credential 0 of presentation 0: signature\n"), "{}", text.out);
    assert!(text.out.ends_with("accepted \n"), "{}", text.out);
    assert!(!text.out.contains('\u{1b}'), "no colour in a pipe");
    assert_eq!(verify(&files, &[]).out, ran.out, "JSON in a pipe");
}

#[test]
fn verify_ends_with_one_and_names_the_codes_of_a_bad_presentation() {
    let folder = Folder::new("bad");
    let bad = exchange().tampered(Tamper::Revoked);
    let ran = verify(&files(&folder, &bad), &["--text"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("FAIL credential 0 of presentation 0: status: revoked\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.ends_with("refused revoked\n"), "{}", ran.out);
}

#[test]
fn verify_asks_for_required_types() {
    let folder = Folder::new("types");
    let mut files = files(&folder, &exchange());
    let expect = std::fs::read_to_string(&files[2]).unwrap();
    let mut asking = |types: Value| {
        let mut expect: Value = serde_json::from_str(&expect).unwrap();
        expect["required_types"] = types;
        files[2] = folder.write("asking.json", expect.to_string());
        verify(&files, &[])
    };
    assert_eq!(asking(json!(["StaffTraining", "StaffIdentity"])).code, 0);
    let more = asking(json!(["StaffTraining", "StaffPayslip"]));
    assert_eq!((more.code, &more.json()["codes"]), (1, &json!(["answer_incomplete"])));
}

#[test]
fn verify_takes_a_whole_response_and_a_stored_expectation() {
    let folder = Folder::new("response");
    let exchange = exchange();
    let [policy, evidence, _, _] = files(&folder, &exchange);
    let stored = serde_json::to_string(&exchange.expectation).unwrap();
    let files = [
        policy,
        evidence,
        folder.write("stored.json", stored),
        folder.write("body", exchange.body()),
    ];
    let ran = verify(&files, &["--now", &exchange.now.to_rfc3339()]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn verify_ends_with_two_where_nothing_can_be_judged() {
    let folder = Folder::new("unusable");
    let good = files(&folder, &exchange());
    for (place, text) in
        [(0, "x = 1"), (1, "[]"), (1, r#"{"lists":{}}"#), (2, r#"{"audience":"a"}"#)]
    {
        let mut files = good.clone();
        files[place] = folder.write("odd", text);
        let ran = verify(&files, &[]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{text}");
        assert!(ran.err.starts_with("inspect: "), "{}", ran.err);
    }
    let mut missing = good;
    missing[3] = folder.path("nothing");
    assert_eq!(verify(&missing, &[]).code, 2);
}

#[test]
fn an_archive_replays_to_the_same_report_byte_for_byte() {
    for (name, exchange) in [
        ("replay-good", exchange()),
        ("replay-revoked", exchange().tampered(Tamper::Revoked)),
        ("replay-silent", exchange().tampered(Tamper::IssuerSilent)),
        ("replay-forged", exchange().tampered(Tamper::CredentialForged)),
    ] {
        let folder = Folder::new(name);
        let archive = folder.path("archive.json");
        let ran = verify(&files(&folder, &exchange), &["--archive", &archive]);
        let again = inspect(&["replay", &archive], "");
        assert_eq!(again.code, 0, "{}{}", again.out, again.err);
        assert_eq!(again.json()["same"], true);
        assert_eq!(again.json()["accepted"], ran.json()["accepted"]);
        assert_eq!(again.json()["codes"], ran.json()["codes"]);
    }
}

#[test]
fn an_encrypted_response_replays_to_the_same_report_and_its_key_is_not_archived() {
    let revoked = encrypted().tampered(Tamper::Revoked);
    let good = encrypted();
    let forged = [&good.body()[..good.body().len() - 4], b"AAAA"].concat();
    for (name, exchange, body, codes) in [
        ("sealed-good", &good, good.body(), json!([])),
        ("sealed-revoked", &revoked, revoked.body(), json!(["revoked"])),
        ("sealed-forged", &good, forged, json!(["response_encryption"])),
        ("sealed-not", &good, good.answer.body(), json!(["response_wrong_protocol"])),
    ] {
        let folder = Folder::new(name);
        let archive = folder.path("archive.json");
        let now = exchange.now.to_rfc3339();
        let (files, key) = encrypted_files(&folder, exchange, &body);
        let more = ["--now", &now, "--response-key", &key, "--archive", &archive];
        let ran = verify(&files, &more);
        assert_eq!(ran.json()["codes"], codes, "{name}: {}", ran.err);
        let text = std::fs::read_to_string(&archive).unwrap();
        let private: Value = serde_json::from_slice(&std::fs::read(key).unwrap()).unwrap();
        assert!(!text.contains(private["d"].as_str().unwrap()), "{name}");
        let again = inspect(&["replay", &archive], "");
        assert_eq!((again.code, &again.json()["same"]), (0, &json!(true)), "{name}: {}", again.out);
        assert_eq!(again.json()["codes"], codes, "{name}");
    }
}

#[test]
fn what_is_archived_as_opened_counts_and_another_is_noticed() {
    let (folder, exchange) = (Folder::new("opened"), encrypted());
    let archive = folder.path("archive.json");
    let (files, key) = encrypted_files(&folder, &exchange, &exchange.body());
    let now = exchange.now.to_rfc3339();
    let without = verify(&files, &["--now", &now]);
    assert_eq!(without.json()["codes"], json!(["response_encryption"]), "no key was given");
    verify(&files, &["--now", &now, "--response-key", &key, "--archive", &archive]);
    let good: Value = serde_json::from_slice(&std::fs::read(&archive).unwrap()).unwrap();
    let opened = base64url::decode(good["opened"].as_str().unwrap()).unwrap();
    let inside: Value = serde_json::from_slice(&opened).unwrap();
    assert!(inside["vp_token"]["identity"].is_array());
    for other in [json!(base64url::encode([&opened[..], b" "].concat())), Value::Null] {
        let mut changed = good.clone();
        changed["opened"] = other;
        let ran = inspect(&["replay", &folder.write("other.json", changed.to_string())], "");
        assert_eq!((ran.code, &ran.json()["same"]), (1, &json!(false)), "{}", ran.err);
    }
    let mut odd = good;
    odd["opened"] = json!("*");
    assert_eq!(inspect(&["replay", &folder.write("odd.json", odd.to_string())], "").code, 2);
}

#[test]
fn a_response_key_that_is_none_is_named_and_not_printed() {
    let (folder, exchange) = (Folder::new("no-key"), encrypted());
    let (files, _) = encrypted_files(&folder, &exchange, &exchange.body());
    let odd = folder.write("odd.json", r#"{"kty":"EC","d":"c2VjcmV0"}"#);
    let ran = verify(&files, &["--response-key", &odd]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("odd.json: ") && !ran.err.contains("c2VjcmV0"), "{}", ran.err);
}

#[test]
fn an_archive_is_never_written_over_another_file() {
    let folder = Folder::new("over");
    let archive = folder.write("archive.json", "mine");
    let ran = verify(&files(&folder, &exchange()), &["--archive", &archive]);
    assert_eq!(ran.code, 2);
    assert_eq!(std::fs::read_to_string(archive).unwrap(), "mine");
}

#[test]
fn a_changed_archive_replays_to_another_report() {
    let folder = Folder::new("changed");
    let archive = folder.path("archive.json");
    verify(&files(&folder, &exchange()), &["--archive", &archive]);
    let good: Value = serde_json::from_str(&std::fs::read_to_string(&archive).unwrap()).unwrap();
    let text = std::fs::read_to_string(&archive).unwrap();
    let changes = [
        text.replacen(r#""checks":[{"#, r#""checks": [{"#, 1),
        text.replacen("\"outcome\":\"passed\"", "\"outcome\":\"Passed\"", 1),
        text.replacen(good["now"].as_str().unwrap(), "2026-03-02T09:00:01Z", 1),
        text.replacen("clock_leeway_seconds = 60", "clock_leeway_seconds = 61", 1),
        text.replacen(good["response"].as_str().unwrap(), &base64url::encode("a.b.c"), 1),
        text.replacen(
            good["evidence"][0]["document"].as_str().unwrap(),
            &base64url::encode("{}"),
            1,
        ),
    ];
    for (place, changed) in changes.iter().enumerate() {
        assert_ne!(*changed, text, "{place}");
        let ran = inspect(&["replay", "--text", &folder.write("other.json", changed)], "");
        assert_eq!(ran.code, 1, "{place} {}{}", ran.out, ran.err);
        assert!(ran.out.starts_with("another report\n"), "{}", ran.out);
    }
    assert_eq!(inspect(&["replay", &folder.write("no.json", "{}")], "").code, 2);
}

#[cfg(feature = "josekit")]
#[test]
fn the_other_provider_comes_to_the_same_report() {
    let folder = Folder::new("josekit");
    let archive = folder.path("archive.json");
    verify(&files(&folder, &exchange()), &["--archive", &archive]);
    let ran = inspect(&["replay", "--provider", "josekit", &archive], "");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(ran.json()["same"], true);
    assert_eq!(
        (&ran.json()["archived_by"], &ran.json()["judged_by"]),
        (&json!("aws-lc"), &json!("josekit"))
    );
}

#[cfg(feature = "josekit")]
#[test]
fn an_encrypted_response_comes_to_the_same_report_under_either_provider() {
    let (folder, exchange) = (Folder::new("josekit-sealed"), encrypted());
    let (files, key) = encrypted_files(&folder, &exchange, &exchange.body());
    let now = exchange.now.to_rfc3339();
    for (first, second) in [("aws-lc", "josekit"), ("josekit", "aws-lc")] {
        let archive = folder.path(first);
        let more = ["--now", &now, "--provider", first, "--response-key", &key];
        let ran = verify(&files, &[&more[..], &["--archive", &archive]].concat());
        assert_eq!(ran.json()["accepted"], true, "{}", ran.err);
        let again = inspect(&["replay", "--provider", second, &archive], "").json();
        assert_eq!((&again["same"], &again["accepted"]), (&json!(true), &json!(true)), "{first}");
        assert_eq!((&again["archived_by"], &again["judged_by"]), (&json!(first), &json!(second)));
    }
}

#[test]
fn decode_says_that_nothing_is_verified() {
    let token = case_of(&exchange())["presentation"].as_str().unwrap().to_owned();
    let text = inspect(&["decode", "--text", &token], "");
    assert!(text.out.starts_with("NOT VERIFIED"), "{}", text.out);
    let shown = inspect(&["decode", &token], "").json();
    assert_eq!((&shown["verified"], &shown["kind"]), (&json!(false), &json!("JWS")));
    assert!(shown["notice"].as_str().unwrap().starts_with("NOT VERIFIED"));
    assert_eq!(shown["header"]["alg"], "ES256");
    assert_eq!(shown["inside"].as_array().unwrap().len(), 3);
    assert_eq!(shown["inside"][1]["at"], "$.vp.verifiableCredential[1]");
    assert!(shown["inside"][0]["payload"]["vc"].is_object());
}

#[test]
fn decode_shows_what_no_verifier_takes() {
    let part = |text: &str| base64url::encode(text);
    let unsigned = format!("{}.{}.", part(r#"{"alg":"none"}"#), part(r#"{"a":1,"a":2}"#));
    let shown = inspect(&["decode", "-"], format!("{unsigned}\n")).json();
    assert_eq!(shown["header"]["alg"], "none");
    assert_eq!(shown["signature_bytes"], 0);
    assert!(shown["faults"][0].as_str().unwrap().starts_with("payload: "), "{shown}");
    let padded = inspect(&["decode", "eyJhbGciOiJub25lIn0=.e30.AB"], "").json();
    assert_eq!(
        (&padded["header"]["alg"], padded["faults"].as_array().unwrap().len()),
        (&json!("none"), 2)
    );
    let jwe = format!("{}.a.b.YWJj.d", part(r#"{"alg":"ECDH-ES","enc":"A256GCM"}"#));
    let jwe = inspect(&["decode", &jwe], "").json();
    assert_eq!((&jwe["kind"], &jwe["ciphertext_bytes"]), (&json!("JWE"), &json!(3)));
    let nothing = inspect(&["decode", "nothing"], "");
    assert_eq!((nothing.code, &nothing.json()["kind"]), (1, &json!("unknown")));
}

#[test]
fn decode_shows_disclosures_and_key_binding() {
    let shown = inspect(&["decode", &SdJwt::new().compact()], "").json();
    assert_eq!(shown["kind"], "SD-JWT");
    assert_eq!(shown["disclosures"][0]["content"], json!(["c2FsdC0x", "given_name", "Rowan"]));
    assert_eq!(shown["disclosures"][0]["sha256"], shown["payload"]["_sd"][0]);
    assert_eq!(shown["key_binding"]["header"]["typ"], "kb+jwt");
}

#[test]
fn decode_sends_no_control_character_to_a_terminal() {
    let payload = base64url::encode(json!({"a": "\u{1b}[2J\u{9b}2J\u{202e}"}).to_string());
    let header = base64url::encode(r#"{"alg":"none"}"#);
    for form in ["--text", "--json"] {
        let ran = inspect(&["decode", form, &format!("{header}.{payload}.")], "");
        assert!(!ran.out.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{form}");
    }
}

#[test]
fn policy_explains_and_digests() {
    let folder = Folder::new("policy");
    let toml = r#"
        [[issuer]]
        id = "did:web:trust.example"
        may_assert = ["StaffIdentity"]
        unknown_status = "accept"
        formats = ["jwt_vc_json", "vc+sd-jwt"]
        typ_absent = true
        linked_domain = "https://trust.example"
        where = [{ type = "StaffIdentity", path = ["employer", "ods_code"], values = ["Z9Z9Z"] }]
    "#;
    let path = folder.write("policy.toml", toml);
    let text = inspect(&["policy", "--text", &path], "");
    assert_eq!(text.code, 0, "{}", text.err);
    for said in [
        "did:web:trust.example",
        "may assert StaffIdentity",
        "only where employer.ods_code is in [\"Z9Z9Z\"]",
        "looser: accepted although its status cannot be had",
        "in the formats [\"jwt_vc_json\",\"vc+sd-jwt\"]",
        "looser: its SD-JWT VCs may have the type of early drafts",
        "looser: its VC-JOSE-COSE credentials need no typ",
        "its DID is that of https://trust.example",
        "clock_leeway_seconds = 60",
    ] {
        assert!(text.out.contains(said), "{said}: {}", text.out);
    }
    let shown = inspect(&["policy", &path], "").json();
    let policy = staffpass_verify::policy::TrustPolicy::from_toml(toml).unwrap();
    assert_eq!(shown["digest"], policy.digest().to_string());
    assert!(text.out.contains(&policy.digest().to_string()));
    assert_eq!(shown["policy"]["issuer"][0]["id"], "did:web:trust.example");
}

#[test]
fn policy_says_what_conventions_come_to() {
    let folder = Folder::new("conventions");
    let toml = r#"
        issuer = [
            { id = "did:web:a.example", may_assert = ["Staff"], conventions = "entra" },
            { id = "https://b.example", may_assert = ["Staff"], conventions = "govuk" },
        ]
    "#;
    let ran = inspect(&["policy", "--text", &folder.write("policy.toml", toml)], "");
    for said in [
        "keeps its status lists at https://a.example, https://hub.did.msidentity.com, https://verif",
        "its keys are those of the did:web of its host",
    ] {
        assert!(ran.out.contains(said), "{said}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn policy_names_the_rule_that_is_broken() {
    let folder = Folder::new("no-policy");
    let ran = inspect(&["policy", &folder.write("policy.toml", "issuer = []")], "");
    assert_eq!((ran.code, &ran.json()["codes"]), (1, &json!(["policy_no_issuer"])));
    let text = inspect(&["policy", "--text", &folder.write("x.toml", "leeway = 1")], "");
    assert_eq!(text.code, 1);
    assert!(text.out.contains("no policy"), "{}", text.out);
}

#[test]
fn a_command_line_that_is_none_ends_with_two() {
    for arguments in [&[][..], &["check"], &["verify"], &["batch", "file"], &["decode"]] {
        assert_eq!(inspect(arguments, "").code, 2, "{arguments:?}");
    }
}
