//! did:web: our URL against the one that `did-web` asks for, on the same DIDs.
//!
//! `did-web` keeps its URL to itself; it stands in the error of a request that fails. So each DID is
//! resolved by a child process whose HTTP goes to a proxy on a closed port of this machine: nothing
//! is sent beyond it.
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

use std::process::Command;

use did_web::DIDWeb;
use proptest::prelude::*;
use ssi::dids::resolution::{DIDMethodResolver as _, Error, Options};
use staffpass_did::{Did, LoopbackHttp, web};
use url::Url;

/// Nothing listens at the discard port.
const NOWHERE: &str = "http://127.0.0.1:9";
const CHILD: &str = "STAFFPASS_SSI_CHILD";

fn ours(did: &str) -> Result<Url, &'static str> {
    let did = Did::parse(did).map_err(|error| error.code())?;
    web::document_url(&did, LoopbackHttp::Refuse).map_err(|error| error.code())
}

/// The URL that `did-web` asks for, as its HTTP client reads it; none where it refuses the DID.
fn theirs(did: &str) -> Option<String> {
    assert!(std::env::var_os(CHILD).is_some(), "only where nothing is sent");
    let id = did.strip_prefix("did:web:").unwrap();
    let error = common::run(DIDWeb.resolve_method_representation(id, Options::default()));
    match error.map(|_| ()).expect_err("nobody answers") {
        Error::InvalidMethodSpecificId(_) => None,
        Error::Internal(text) => {
            let text = text.strip_prefix("Error sending HTTP request (").expect("a request");
            let (url, cause) = text.split_once("): ").unwrap();
            assert!(!cause.is_empty());
            Some(url.to_owned())
        }
        other => panic!("{other}"),
    }
}

/// Runs a test of this file again, in a process that reaches nobody.
fn in_child(test: &str) -> bool {
    if std::env::var_os(CHILD).is_some() {
        return true;
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]).env(CHILD, "1");
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        child.env(name, NOWHERE).env(name.to_lowercase(), NOWHERE);
    }
    for name in ["NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
        child.env_remove(name);
    }
    let output = child.output().unwrap();
    let (out, err) = (&output.stdout, &output.stderr);
    let said = format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    false
}

#[test]
fn both_ask_for_the_same_url() {
    if !in_child("both_ask_for_the_same_url") {
        return;
    }
    let label = "[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?";
    let host = format!(r"({label}\.){{1,3}}[a-z][a-z0-9]{{1,6}}");
    let port = "(%3A[1-9][0-9]{0,3})?";
    let path = "(:[A-Za-z0-9_-][A-Za-z0-9._-]{0,6}){0,3}";
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(128));
    let dids = proptest::string::string_regex(&format!("did:web:{host}{port}{path}")).unwrap();
    let outcome = runner.run(&dids, |did| {
        // An xn-- label that decodes to nothing, or a host of "localhost", is ours to refuse.
        prop_assume!(ours(&did).is_ok());
        let theirs = Url::parse(&theirs(&did).expect("did-web reads what we read")).unwrap();
        prop_assert_eq!(ours(&did).unwrap(), theirs);
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn what_we_read_of_any_text_did_web_reads_alike() {
    if !in_child("what_we_read_of_any_text_did_web_reads_alike") {
        return;
    }
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(256));
    let dids = r"did:web:[a-zA-Z0-9.%:_-]{1,6}(\.[a-z0-9]{1,4}){0,2}(%3[Aa][0-9]{0,6})?(:[a-z.%0-9]{0,4}){0,2}";
    let dids = proptest::string::string_regex(dids).unwrap();
    let outcome = runner.run(&dids, |did| {
        if let Ok(ours) = ours(&did) {
            // W5 aside: did-web takes `%3a` for a part of the host.
            prop_assume!(!did.contains("%3a"));
            let theirs = Url::parse(&theirs(&did).expect("did-web reads what we read")).unwrap();
            prop_assert_eq!(ours, theirs);
        }
        Ok(())
    });
    outcome.unwrap();
}

/// DIDs that we refuse and `did-web` asks somebody for.
fn only_theirs(test: &str, cases: &[(&str, &str, &str)]) {
    if !in_child(test) {
        return;
    }
    for (did, code, url) in cases {
        assert_eq!(ours(did), Err(*code), "{did}");
        assert_eq!(theirs(did).as_deref(), Some(*url), "{did}");
    }
}

#[test]
fn w1_no_ip_address_is_a_host() {
    let cases = [
        ("did:web:10.0.0.1", "did_web_host", "http://10.0.0.1/.well-known/did.json"),
        ("did:web:192.168.0.1%3A3003:a", "did_web_host", "http://192.168.0.1:3003/a/did.json"),
        ("did:web:127.0.0.1", "did_web_loopback", "http://127.0.0.1/.well-known/did.json"),
        // Other spellings of 127.0.0.1, which did-web takes for names.
        ("did:web:2130706433", "did_web_host", "https://2130706433/.well-known/did.json"),
        ("did:web:0x7f.1", "did_web_host", "https://0x7f.1/.well-known/did.json"),
        ("did:web:127.1", "did_web_host", "https://127.1/.well-known/did.json"),
    ];
    only_theirs("w1_no_ip_address_is_a_host", &cases);
}

#[test]
fn w2_this_machine_is_asked_only_where_the_program_allows_it() {
    let did = Did::parse("did:web:localhost%3A8443:a").unwrap();
    let url = web::document_url(&did, LoopbackHttp::Allow).unwrap();
    assert_eq!(url.as_str(), "http://localhost:8443/a/did.json");
    let cases =
        [("did:web:localhost%3A8443:a", "did_web_loopback", "http://localhost:8443/a/did.json")];
    only_theirs("w2_this_machine_is_asked_only_where_the_program_allows_it", &cases);
}

#[test]
fn w3_a_host_is_a_full_domain_name() {
    let cases = [
        ("did:web:intranet", "did_web_host", "https://intranet/.well-known/did.json"),
        ("did:web:trust.example.", "did_web_host", "https://trust.example./.well-known/did.json"),
        ("did:web:a_b.example", "did_web_host", "https://a_b.example/.well-known/did.json"),
        ("did:web:-a.example", "did_web_host", "https://-a.example/.well-known/did.json"),
    ];
    only_theirs("w3_a_host_is_a_full_domain_name", &cases);
}

#[test]
fn w4_nothing_in_a_host_is_encoded() {
    let cases = [
        ("did:web:%61.example", "did_web_host", "https://%61.example/.well-known/did.json"),
        (
            "did:web:trust.example%2Fevil",
            "did_web_host",
            "https://trust.example%2Fevil/.well-known/did.json",
        ),
    ];
    only_theirs("w4_nothing_in_a_host_is_encoded", &cases);
}

#[test]
fn w5_a_port_may_be_encoded_in_lower_case() {
    if !in_child("w5_a_port_may_be_encoded_in_lower_case") {
        return;
    }
    let did = "did:web:trust.example%3a8443";
    assert_eq!(ours(did).unwrap().as_str(), "https://trust.example:8443/.well-known/did.json");
    let theirs = theirs(did).unwrap();
    assert_eq!(theirs, "https://trust.example%3a8443/.well-known/did.json");
    assert!(Url::parse(&theirs).is_err(), "no HTTP client asks for it");
}

#[test]
fn w6_a_port_is_a_port() {
    let cases = [
        (
            "did:web:trust.example%3A08443",
            "did_web_port",
            "https://trust.example:08443/.well-known/did.json",
        ),
        (
            "did:web:trust.example%3A0",
            "did_web_port",
            "https://trust.example:0/.well-known/did.json",
        ),
        (
            "did:web:trust.example%3A99999",
            "did_web_port",
            "https://trust.example:99999/.well-known/did.json",
        ),
        ("did:web:trust.example%3A", "did_web_port", "https://trust.example:/.well-known/did.json"),
    ];
    only_theirs("w6_a_port_is_a_port", &cases);
}

#[test]
fn w7_a_path_names_one_place() {
    let cases = [
        ("did:web:trust.example:..:a", "did_web_path", "https://trust.example/../a/did.json"),
        ("did:web:trust.example::a", "did_web_path", "https://trust.example//a/did.json"),
        ("did:web:trust.example:a%2Fb", "did_web_path", "https://trust.example/a%2Fb/did.json"),
        (
            "did:web:trust.example:%2e%2e:a",
            "did_web_path",
            "https://trust.example/%2e%2e/a/did.json",
        ),
    ];
    only_theirs("w7_a_path_names_one_place", &cases);
}
