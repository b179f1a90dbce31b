//! `SsiResolver`: what it resolves, what it refuses, and what bounds it.
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

use std::sync::Arc;
use std::time::Duration;

use common::run;
use proptest::prelude::*;
use staffpass_did::Did;
use staffpass_jose::CryptoProvider as _;
use staffpass_jose_aws_lc::AwsLc;
use staffpass_ssi::{Limits, SsiError, SsiResolver};
use staffpass_verify::{Evidence, Fetched, Source};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

const ETHR: &str = "did:ethr:0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
const ION: &str = "did:ion:EiClkZMDxPKqC9c-umQfTkR8vvZ9JPhl_xLDI9Nfk38w5w";
const TEZOS: &str = "did:tz:tz1TzrmTBSuiVHV2VfMnGRMYvTEPCP42oSM8";

fn did(text: &str) -> Did {
    text.parse().unwrap()
}

fn code(resolver: &SsiResolver, text: &str) -> &'static str {
    run(resolver.resolve(&did(text))).unwrap_err().code()
}

/// A server of one answer for every request; what was asked comes back when it is asked.
async fn server(answer: String) -> (Url, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            asked.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        String::from_utf8(asked).unwrap().lines().next().unwrap().to_owned()
    });
    (url, task)
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len(),
    )
}

#[test]
fn a_did_ethr_of_a_public_key_has_that_key() {
    let resolved = run(SsiResolver::new().resolve(&did(ETHR))).unwrap();
    let method = resolved.document().method(&format!("{ETHR}#controllerKey")).unwrap();
    let key = AwsLc.prepare(method.key()).unwrap();
    assert_eq!(key.algorithm(), staffpass_jose::Algorithm::Es256k);

    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let source = Source::DidDocument(did(ETHR));
    let now = staffpass_testkit::now();
    evidence.insert(source.clone(), Fetched::Document(resolved.bytes()), now);
    assert_eq!(evidence.fetched_at(&source), Some(now));
    assert!(!format!("{resolved:?}").contains("0x0279"));
}

#[test]
fn an_account_is_no_key() {
    let account = "did:pkh:eip155:1:0xb9c5714089478a327f09197987f16f9e5d936e8a";
    let resolved = run(SsiResolver::new().resolve(&did(account))).unwrap();
    let id = format!("{account}#blockchainAccountId");
    assert!(resolved.document().method(&id).is_none());
    assert!(resolved.document().unreadable(&id));
}

#[test]
fn what_staffpass_did_reads_is_not_asked_of_ssi() {
    let resolver = SsiResolver::new();
    for own in [
        "did:web:trust.example",
        "did:jwk:e30",
        "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
        "did:ion:EiClkZMDxPKqC9c-umQfTkR8vvZ9JPhl_xLDI9Nfk38w5w:eyJ9",
    ] {
        assert_eq!(code(&resolver, own), "ssi_own_method", "{own}");
    }
}

#[test]
fn no_service_is_asked_that_nobody_named() {
    let resolver = SsiResolver::new();
    assert_eq!(code(&resolver, ION), "ssi_not_configured");
    assert_eq!(code(&resolver, TEZOS), "ssi_not_configured");
    assert_eq!(code(&resolver, "did:example:a"), "ssi_method_not_supported");
    assert_eq!(code(&resolver, "did:ethr:0x12"), "ssi_method_specific_id");
}

#[test]
fn a_service_is_https_or_on_this_machine() {
    for good in ["https://node.example", "https://node.example/api/", "http://127.0.0.1:3000"] {
        let url = good.parse().unwrap();
        assert!(SsiResolver::new().with_ion_node(&url).is_ok(), "{good}");
        assert!(SsiResolver::new().with_tezos_indexer(&url).is_ok(), "{good}");
    }
    for bad in [
        "http://node.example",
        "http://10.0.0.1",
        "https://user@node.example",
        "https://node.example/?a=b",
        "https://node.example/#a",
        "ftp://127.0.0.1",
    ] {
        let url = bad.parse().unwrap();
        let refused = SsiResolver::new().with_ion_node(&url).map(|_| ());
        assert_eq!(refused, Err(SsiError::ServiceAddress), "{bad}");
        assert!(SsiResolver::new().with_tezos_indexer(&url).is_err(), "{bad}");
    }
}

async fn from_node(answer: String) -> (Result<(), &'static str>, String) {
    let (node, asked) = server(answer).await;
    let resolver = SsiResolver::new().with_ion_node(&node).unwrap();
    let resolved = resolver.resolve(&did(ION)).await.map_err(|error| error.code());
    let resolved = resolved.map(|resolved| {
        assert_eq!(resolved.document().id().as_str(), ION);
        assert!(resolved.bytes().starts_with(b"{"));
    });
    (resolved, asked.await.unwrap())
}

#[test]
fn a_short_did_ion_is_asked_of_the_node() {
    let bare = format!(r#"{{"id":"{ION}"}}"#);
    let wrapped = format!(r#"{{"didDocument":{bare},"didDocumentMetadata":{{}}}}"#);
    for body in [bare, wrapped] {
        let (resolved, asked) = run(from_node(ok(&body)));
        assert_eq!(resolved, Ok(()));
        assert_eq!(asked, format!("GET /identifiers/{ION} HTTP/1.1"));
    }
}

#[test]
fn a_node_that_answers_otherwise_is_refused() {
    let other = r#"{"didDocument":{"id":"did:ion:EiOther"}}"#;
    let gone = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned();
    let redirected =
        "HTTP/1.1 302 Found\r\nlocation: ftp://127.0.0.1/\r\ncontent-length: 0\r\n\r\n".to_owned();
    for (answer, code) in [
        (ok(other), "did_document_id_mismatch"),
        (ok("<html>"), "ssi_broken"),
        (ok(r#"{"didDocument":1,"didDocument":2}"#), "ssi_broken"),
        (ok(&format!(r#"{{"id":"{ION}","a":"{}"}}"#, "a".repeat(128 * 1024))), "ssi_too_long"),
        (gone, "ssi_not_found"),
        (redirected, "ssi_broken"),
    ] {
        let (resolved, _) = run(from_node(answer.clone()));
        assert_eq!(resolved, Err(code), "{}", &answer[..answer.len().min(120)]);
    }
}

#[test]
fn a_silent_service_is_given_up() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let node = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let mut limits = Limits::default();
        limits.timeout = Duration::from_millis(50);
        let resolver = SsiResolver::new().with_ion_node(&node).unwrap().with_limits(limits);
        let error = resolver.resolve(&did(ION)).await.unwrap_err();
        assert_eq!(error, SsiError::TimedOut { limit: Duration::from_millis(50) });
        assert_eq!(error.code(), "ssi_timed_out");
    });
}

#[test]
fn a_did_tz_is_asked_of_the_indexer() {
    run(async {
        let (indexer, asked) = server(ok("[]")).await;
        let resolver = SsiResolver::new().with_tezos_indexer(&indexer).unwrap();
        let resolved = resolver.resolve(&did(TEZOS)).await.unwrap();
        assert!(resolved.document().unreadable(&format!("{TEZOS}#blockchainAccountId")));
        let asked = asked.await.unwrap();
        assert!(asked.starts_with("GET /v1/contracts?creator=tz1Tzrm"), "{asked}");
    });
}

proptest! {
    /// Whatever the DID is: an answer with a code, never a panic.
    #[test]
    fn no_did_breaks_it_down(id in "(pkh|ethr|ion|tz|other):[a-zA-Z0-9:.%_-]{0,48}") {
        if let Ok(did) = format!("did:{id}").parse::<Did>() {
            let outcome = run(SsiResolver::new().resolve(&did));
            prop_assert!(outcome.is_ok() || !outcome.unwrap_err().code().is_empty());
        }
    }

    #[test]
    fn no_account_breaks_it_down(
        chain in "(eip155:1|bip122:000000000019d6689c085ae165831e93|tezos:NetXdQprcVkpaWU|solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ|aleo:1|eth|tz|btc|doge|sol|celo|poly)",
        account in "[a-zA-Z0-9]{0,44}",
    ) {
        let did: Did = format!("did:pkh:{chain}:{account}a").parse().unwrap();
        let outcome = run(SsiResolver::new().resolve(&did));
        prop_assert!(outcome.is_ok() || !outcome.unwrap_err().code().is_empty());
    }
}
