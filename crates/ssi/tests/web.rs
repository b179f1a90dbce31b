//! `DidWeb`: our did:web under `ssi`'s resolvers.
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
use std::sync::atomic::{AtomicUsize, Ordering};

use common::run;
use ssi::dids::resolution::Error;
use ssi::dids::{DID, DIDResolver as _};
use staffpass_did::LoopbackHttp;
use staffpass_fetch::{FetchOptions, Fetcher};
use staffpass_ssi::DidWeb;
use staffpass_verify::Source;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A method that brings this text for every DID, and counts how often it was asked.
fn bringing(text: &'static str) -> (DidWeb, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let method = DidWeb::new(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { Some(text.as_bytes().to_vec()) })
    });
    (method, asked)
}

fn resolve(method: &DidWeb, did: &str) -> Result<ssi::dids::Document, Error> {
    run(method.resolve(DID::new(did).unwrap())).map(|output| output.document.into_document())
}

#[test]
fn n05_what_our_grammar_refuses_is_not_fetched() {
    let (method, asked) = bringing("{}");
    for did in [
        "did:web:10.0.0.1",
        "did:web:127.0.0.1",
        "did:web:localhost",
        "did:web:intranet",
        "did:web:trust.example:..:a",
        "did:web:trust.example%2Fa",
        "did:web:trust.example%3A0",
    ] {
        let error = resolve(&method, did).unwrap_err();
        assert!(
            matches!(error, Error::InvalidMethodSpecificId(code) if code.starts_with("did_web"))
        );
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    assert!(!format!("{method:?}").is_empty());
}

#[test]
fn a_document_is_read_strictly_before_ssi_sees_it() {
    let did = "did:web:trust.example";
    for (text, code) in [
        (r#"{"id": "did:web:other.example"}"#, "did_document_id_mismatch"),
        (r#"{"id": "did:web:trust.example", "id": "did:web:trust.example"}"#, "did_document_json"),
        ("<html>", "did_document_json"),
    ] {
        let error = resolve(&bringing(text).0, did).unwrap_err();
        assert!(matches!(error, Error::Internal(said) if said == code), "{code}");
    }
    let nothing = DidWeb::new(|_| Box::pin(async { None }));
    assert!(matches!(resolve(&nothing, did), Err(Error::NotFound)));
}

#[test]
fn ssi_gets_what_could_be_read() {
    let text = r##"{
        "id": "did:web:trust.example",
        "verificationMethod": [
            {"id": "#good", "type": "JsonWebKey2020", "controller": "did:web:trust.example",
             "publicKeyJwk": {"kty": "OKP", "crv": "Ed25519",
                              "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},
            {"id": "#secret", "type": "JsonWebKey2020", "controller": "did:web:trust.example",
             "publicKeyJwk": {"kty": "oct", "k": "c2VjcmV0"}}
        ],
        "assertionMethod": ["#good", "#secret"]
    }"##;
    let document = resolve(&bringing(text).0, "did:web:trust.example").unwrap();
    let ids = document.verification_method.iter().map(|method| method.id.to_string());
    assert_eq!(ids.collect::<Vec<_>>(), ["did:web:trust.example#good"]);
    assert_eq!(document.verification_relationships.assertion_method.len(), 1);
}

#[test]
fn it_stands_on_our_fetcher() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let did = format!("did:web:localhost%3A{port}");
        let body = format!(r#"{{"id":"{did}"}}"#);
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                asked.push(stream.read_u8().await.unwrap());
            }
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            String::from_utf8(asked).unwrap()
        });
        let fetcher = Fetcher::new(&FetchOptions::default().allow_loopback_http()).unwrap();
        let method = DidWeb::new(move |did| {
            let fetcher = fetcher.clone();
            Box::pin(async move {
                let fetched = fetcher.fetch(&[Source::DidDocument(did)]).await;
                fetched.into_iter().next()?.1.ok()
            })
        });
        let method = method.with_loopback(LoopbackHttp::Allow);
        let output = method.resolve(DID::new(&did).unwrap()).await.unwrap();
        assert_eq!(output.document.id.as_str(), did);
        assert!(server.await.unwrap().starts_with("GET /.well-known/did.json HTTP/1.1"));
    });
}
