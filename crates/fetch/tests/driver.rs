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

use std::sync::{Arc, Mutex, OnceLock};

use server::{Server, ok};
use staffpass_fetch::{FetchOptions, Fetcher};
use staffpass_jose::Algorithm;
use staffpass_jose_aws_lc::AwsLc;
use staffpass_status::StatusKind;
use staffpass_testkit::{
    Dialect, Encoding, Exchange, IssuerKind, Scenario, Tamper, Token, now, signing_key,
};
use staffpass_verify::policy::TrustedIssuer;
use staffpass_verify::{Code, Evidence, Rejection, Source, Step, VerifiedResponse};

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

// Issuers that are URLs: SD-JWT VC, "JWT VC Issuer Metadata".

const METADATA: &str = "GET /.well-known/jwt-vc-issuer ";

/// An exchange of SD-JWT VCs whose issuer is the URL of a server of its own. Its metadata has the keys,
/// or what `jwks_uri` makes of the server's address.
async fn by_url(jwks_uri: Option<fn(&str) -> String>) -> (Server, Exchange) {
    let published: Arc<OnceLock<Exchange>> = Arc::default();
    let own = Arc::clone(&published);
    let server = Server::answering(move |request| {
        let issuer = &own.get().unwrap().issuer;
        let metadata: serde_json::Value = serde_json::from_slice(&issuer.metadata()).unwrap();
        let keys = metadata.get("jwks").unwrap().to_string();
        let body = match (request.split(' ').nth(1).unwrap_or_default(), jwks_uri) {
            ("/.well-known/jwt-vc-issuer", None) => metadata.to_string(),
            ("/.well-known/jwt-vc-issuer", Some(uri)) => {
                let (name, uri) = (issuer.name(), uri(&issuer.name()));
                serde_json::json!({"issuer": name, "jwks_uri": uri}).to_string()
            }
            ("/keys", _) => keys,
            ("/status/token", _) => issuer.status_list_token(now()).compact(),
            _ => return b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec(),
        };
        ok(&body)
    })
    .await;
    let issuer = IssuerKind::LoopbackUrl(server.port());
    let scenario = Scenario::new(Dialect::OpenId4Vp).issuer(issuer, Algorithm::Es256);
    let exchange = scenario.encoding(Encoding::SdJwtVc).build();
    published.set(exchange.clone()).unwrap();
    (server, exchange)
}

fn first_credential(exchange: &mut Exchange) -> &mut Token {
    let presentation = exchange.answer.presentations.first_mut().unwrap();
    presentation.credentials.first_mut().unwrap()
}

#[tokio::test]
async fn the_metadata_of_a_url_is_fetched_in_the_first_round_and_what_it_points_to_in_the_next() {
    let in_place = (None, vec![METADATA, "GET /status/token "]);
    let elsewhere: fn(&str) -> String = |issuer| format!("{issuer}/keys");
    let pointing = (Some(elsewhere), vec![METADATA, "GET /keys ", "GET /status/token "]);
    for (jwks_uri, rounds) in [in_place, pointing] {
        let (server, exchange) = by_url(jwks_uri).await;
        let first = exchange.receive(&exchange.body()).step(&nothing(), exchange.now);
        let metadata = Source::issuer_metadata(&exchange.issuer.name()).unwrap();
        assert!(matches!(first, Step::Needs(needs) if needs == [metadata]));
        let accepted = verify(&exchange, &loopback(), &mut nothing()).await.unwrap();
        assert_eq!(accepted.credentials().len(), 3);
        let asked = server.requests();
        assert_eq!(asked.len(), rounds.len(), "{asked:?}");
        let in_order = asked.iter().zip(&rounds).all(|(asked, round)| asked.starts_with(round));
        assert!(in_order, "{asked:?}");
    }
}

#[tokio::test]
async fn issuers_that_were_brought_beforehand_are_not_asked_for_again() {
    let (server, mut exchange) = by_url(Some(|issuer| format!("{issuer}/keys"))).await;
    // One whose document cannot be had beside it: 404.
    let away = format!("{}/away", exchange.issuer.name());
    exchange.policy = exchange.policy.issuer(TrustedIssuer::new(&away, ["Other"]));
    let fetcher = Fetcher::new(&loopback()).unwrap();
    let mut evidence = nothing();
    let verifier = exchange.verifier();
    let failures = fetcher.bring_issuers(verifier.policy(), &mut evidence, exchange.now).await;
    let failed: Vec<_> = failures.into_iter().map(|failure| Some(failure.source)).collect();
    assert_eq!(failed, [Source::issuer_metadata(&away)]);
    assert_eq!(server.connections(), 3);
    match exchange.receive(&exchange.body()).step(&evidence, exchange.now) {
        Step::Needs(needs) => {
            assert!(matches!(needs.as_slice(), [Source::StatusList(_)]), "{needs:?}");
        }
        Step::Done(verdict) => panic!("the list is missing: {verdict:?}"),
    }
    let mut verification = exchange.receive(&exchange.body());
    assert!(fetcher.verify(&mut verification, &mut evidence, || exchange.now).await.is_ok());
    assert_eq!(server.connections(), 4, "the list alone");
}

#[tokio::test]
async fn n01_no_url_that_a_forged_sd_jwt_names_is_connected_to() {
    let canary = Server::answering(|_| ok("caught")).await;
    let (server, good) = by_url(None).await;
    let status = serde_json::json!({"status_list": {"idx": 1, "uri": canary.url("/status")}});
    // A trusted name over another's signature: its metadata is fetched, and nothing that it names.
    let mut forged = good.clone();
    let credential = first_credential(&mut forged);
    credential.key = signing_key(Algorithm::Es256, 999);
    credential.set("status", status.clone());
    let rejection = verify(&forged, &loopback(), &mut nothing()).await.unwrap_err();
    assert!(rejection.codes().contains(&Code::SignatureInvalid), "{:?}", rejection.codes());
    assert!(server.requests().iter().all(|asked| asked.starts_with(METADATA)));
    // A name that nobody trusts is the address of nothing.
    let mut stranger = good.clone();
    let credential = first_credential(&mut stranger);
    credential.set("iss", canary.url(""));
    credential.set("status", status.clone());
    let before = server.connections();
    let rejection = verify(&stranger, &loopback(), &mut nothing()).await.unwrap_err();
    assert!(rejection.codes().contains(&Code::IssuerNotTrusted), "{:?}", rejection.codes());
    assert!(server.connections() <= before + 1, "the other credentials' issuer at most");
    // The issuer's own signature over an address that the policy does not allow it.
    let mut signed = good;
    first_credential(&mut signed).set("status", status);
    let rejection = verify(&signed, &loopback(), &mut nothing()).await.unwrap_err();
    assert!(rejection.codes().contains(&Code::StatusOriginNotAllowed), "{:?}", rejection.codes());
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn n05_metadata_that_points_to_another_origin_causes_no_connection_there() {
    let canary = Server::answering(|_| ok("caught")).await;
    static CANARY: Mutex<String> = Mutex::new(String::new());
    *CANARY.lock().unwrap() = canary.url("/keys");
    let (_server, exchange) = by_url(Some(|_| CANARY.lock().unwrap().clone())).await;
    let rejection = verify(&exchange, &loopback(), &mut nothing()).await.unwrap_err();
    assert_eq!(rejection.codes(), [Code::IssuerDocumentInvalid]);
    let fetcher = Fetcher::new(&loopback()).unwrap();
    let verifier = exchange.verifier();
    let failures = fetcher.bring_issuers(verifier.policy(), &mut nothing(), exchange.now).await;
    assert_eq!(failures, []);
    assert_eq!(canary.connections(), 0);
}
