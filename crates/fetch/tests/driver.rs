//! A whole verification over loopback: request, answer, and whatever has to be fetched between.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    dead_code,
    reason = "tests"
)]

mod server;

use std::sync::{Arc, OnceLock};

use server::{Server, ok};
use staffpass_fetch::{FetchOptions, Fetcher};
use staffpass_jose::Algorithm;
use staffpass_jose_aws_lc::AwsLc;
use staffpass_status::StatusKind;
use staffpass_testkit::{Dialect, Exchange, IssuerKind, Scenario, Tamper, now};
use staffpass_verify::{Code, Evidence, Rejection, VerifiedResponse};

/// An exchange whose issuer publishes on a server of its own.
async fn served(status: StatusKind, tamper: Option<Tamper>) -> (Server, Arc<Exchange>) {
    let published: Arc<OnceLock<Arc<Exchange>>> = Arc::default();
    let own = Arc::clone(&published);
    let server = Server::answering(move |request| {
        let issuer = &own.get().unwrap().issuer;
        let bytes = match request.split(' ').nth(1).unwrap_or_default() {
            "/.well-known/did.json" => issuer.did_document(),
            "/status/1" => issuer.status_list(now()).compact().into_bytes(),
            "/hub" => issuer.hub_reply(now()),
            _ => return b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec(),
        };
        ok(std::str::from_utf8(&bytes).unwrap())
    })
    .await;
    let issuer = IssuerKind::Loopback(server.port());
    let scenario = Scenario::new(Dialect::OpenId4Vp).issuer(issuer, Algorithm::Es256);
    let good = scenario.status(status).build();
    let exchange = Arc::new(tamper.map_or(good.clone(), |tamper| good.tampered(tamper)));
    published.set(Arc::clone(&exchange)).unwrap();
    (server, exchange)
}

async fn verify(
    exchange: &Exchange,
    options: &FetchOptions,
    evidence: &mut Evidence,
) -> Result<VerifiedResponse, Rejection> {
    let fetcher = Fetcher::new(options).unwrap();
    let mut verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
    fetcher.verify(&mut verification, evidence, || exchange.now).await
}

fn loopback() -> FetchOptions {
    FetchOptions::default().allow_loopback_http()
}

fn nothing() -> Evidence {
    Evidence::new(Arc::new(AwsLc))
}

#[tokio::test]
async fn a_verification_is_driven_to_its_verdict_and_needs_nothing_the_second_time() {
    let (server, exchange) = served(StatusKind::BitstringStatusList, None).await;
    let mut evidence = nothing();
    let response = verify(&exchange, &loopback(), &mut evidence).await.unwrap();
    assert_eq!(response.credentials().len(), 3);
    assert_eq!(server.connections(), 2, "one document, one list");
    let again = verify(&exchange, &loopback(), &mut evidence).await.unwrap();
    assert!(again.report().accepted());
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_list_in_an_identity_hub_is_asked_for_by_post() {
    let (server, exchange) = served(StatusKind::RevocationList2021, None).await;
    let response = verify(&exchange, &loopback(), &mut nothing()).await.unwrap();
    assert!(response.report().accepted());
    let requests = server.requests();
    let posted = requests.iter().find(|request| request.starts_with("POST /hub ")).unwrap();
    assert!(posted.contains("\r\ncontent-type: application/json\r\n"), "{posted}");
    assert!(posted.contains(exchange.issuer.did().as_str()), "{posted}");
}

#[tokio::test]
async fn a_revoked_credential_is_refused() {
    let (_server, exchange) = served(StatusKind::BitstringStatusList, Some(Tamper::Revoked)).await;
    let rejection = verify(&exchange, &loopback(), &mut nothing()).await.unwrap_err();
    assert_eq!(rejection.codes(), [Code::Revoked]);
}

#[tokio::test]
async fn n13_without_the_option_nothing_is_fetched_and_the_answer_refused() {
    let (server, exchange) = served(StatusKind::BitstringStatusList, None).await;
    let strict = FetchOptions::default();
    let rejection = verify(&exchange, &strict, &mut nothing()).await.unwrap_err();
    assert!(rejection.codes().contains(&Code::IssuerUnavailable));
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_forged_credential_causes_no_status_request() {
    for tamper in [Tamper::CredentialForged, Tamper::ForeignIssuer, Tamper::ClaimChanged] {
        let (server, exchange) = served(StatusKind::BitstringStatusList, Some(tamper)).await;
        let rejection = verify(&exchange, &loopback(), &mut nothing()).await.unwrap_err();
        assert!(rejection.codes().contains(&tamper.code()), "{tamper:?}");
        let asked = server.requests();
        assert!(!asked.iter().any(|request| request.contains("/status/")), "{tamper:?}");
    }
}

/// Handlers of a web server are spawned, and so must be what they wait for.
#[tokio::test]
async fn a_verification_can_be_driven_on_another_thread() {
    let (_server, exchange) = served(StatusKind::BitstringStatusList, None).await;
    let accepted = tokio::spawn(async move {
        let fetcher = Fetcher::new(&loopback()).unwrap();
        let mut verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
        fetcher.verify(&mut verification, &mut nothing(), now).await.is_ok()
    });
    assert!(accepted.await.unwrap());
}
