//! What is kept, for how long, and what is asked for again: against servers on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    dead_code,
    reason = "tests"
)]

mod server;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::TimeDelta;
use server::{Server, ok};
use staffpass_fetch::{FetchError, FetchOptions, Fetcher, Freshness};
use staffpass_jose::Algorithm;
use staffpass_jose_aws_lc::AwsLc;
use staffpass_status::StatusKind;
use staffpass_testkit::{Dialect, Exchange, IssuerKind, Scenario, now};
use staffpass_verify::{Code, Evidence, Fetched, Rejection, Source, VerifiedResponse};

const ZERO: Duration = Duration::ZERO;
const HOUR: Duration = Duration::from_secs(3600);

fn options() -> FetchOptions {
    FetchOptions::default().allow_loopback_http()
}

fn fetcher(options: &FetchOptions) -> Fetcher {
    Fetcher::new(options).unwrap()
}

fn list(url: &str) -> Source {
    Source::StatusList(url.parse().unwrap())
}

async fn fetch_one(fetcher: &Fetcher, source: &Source) -> Result<Vec<u8>, FetchError> {
    fetcher.fetch(std::slice::from_ref(source)).await.remove(0).1
}

fn busy() -> Vec<u8> {
    b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n".to_vec()
}

/// An answer with a header, and this body.
fn with(header: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{header}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into()
}

/// Answers the first request with one thing, and all others with another.
async fn first_then(
    first: impl Fn() -> Vec<u8> + Send + Sync + 'static,
    then: impl Fn() -> Vec<u8> + Send + Sync + 'static,
) -> Server {
    let asked = AtomicUsize::new(0);
    Server::answering(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => first(),
        _ => then(),
    })
    .await
}

/// Status lists of which nothing stays fresh.
fn always_stale() -> FetchOptions {
    let mut options = options();
    options.status_lists = Freshness::new(ZERO, ZERO, HOUR);
    options.negative_ttl = ZERO;
    options
}

#[tokio::test]
async fn l12_one_list_is_fetched_once_for_all_who_need_it() {
    let server = Server::answering(|_| ok("list")).await;
    let (fetcher, source) = (fetcher(&options()), list(&server.url("/list")));
    for _ in 0..3 {
        assert_eq!(fetch_one(&fetcher, &source).await.as_deref(), Ok(&b"list"[..]));
    }
    assert_eq!(fetch_one(&fetcher.clone(), &source).await.as_deref(), Ok(&b"list"[..]));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn n09_a_document_is_kept_once_however_its_address_is_spelt() {
    let server = Server::answering(|_| ok("list")).await;
    let fetcher = fetcher(&options());
    let port = server.port();
    for url in ["http://localhost", "HTTP://LOCALHOST", "http://LocalHost"] {
        let source = list(&format!("{url}:{port}/a/../list#{url}"));
        assert!(fetch_one(&fetcher, &source).await.is_ok());
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn n08_many_who_wait_for_one_document_cause_one_request() {
    // The server answers at its leisure, so that all wait.
    let server = Server::streaming(
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n",
        b"x".to_vec(),
        Duration::from_millis(20),
    )
    .await;
    let (fetcher, source) = (fetcher(&options()), list(&server.url("/list")));
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (fetcher, source) = (fetcher.clone(), source.clone());
        waiting.spawn(async move { fetch_one(&fetcher, &source).await });
    }
    let outcomes = waiting.join_all().await;
    assert_eq!(outcomes.len(), 100);
    assert!(outcomes.iter().all(|outcome| outcome.as_deref() == Ok(&b"xxxx"[..])));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn n08_one_host_is_not_asked_for_more_than_its_burst() {
    let (server, other) =
        (Server::answering(|_| ok("list")).await, Server::answering(|_| ok("list")).await);
    let mut options = options();
    options.host_burst = 3;
    options.host_interval = HOUR;
    let fetcher = fetcher(&options);
    let sources: Vec<_> = (0..10).map(|number| list(&server.url(&format!("/{number}")))).collect();
    let results = fetcher.fetch(&sources).await;
    let limited = results.iter().filter(|(_, result)| *result == Err(FetchError::RateLimited));
    assert_eq!(limited.count(), 7);
    assert_eq!(server.connections(), 3);
    // What came is kept, and another host is not to blame.
    let again = fetcher.fetch(&sources).await;
    assert_eq!(again.iter().filter(|(_, result)| result.is_ok()).count(), 3);
    assert!(fetch_one(&fetcher, &list(&other.url("/list"))).await.is_ok());
    let code = again.iter().find_map(|(_, result)| result.as_ref().err()).unwrap().code();
    assert_eq!(code, "fetch_rate_limited");
}

#[tokio::test]
async fn n08_what_cannot_be_had_is_not_asked_for_again_at_once() {
    let server = first_then(busy, || ok("list")).await;
    let mut options = options();
    options.negative_ttl = Duration::from_millis(300);
    let (fetcher, source) = (fetcher(&options), list(&server.url("/list")));
    let unavailable = Err(FetchError::Status { status: 503 });
    for _ in 0..10 {
        assert_eq!(fetch_one(&fetcher, &source).await, unavailable);
    }
    assert_eq!(server.connections(), 1);
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert!(fetch_one(&fetcher, &source).await.is_ok());
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn s23_a_document_serves_no_longer_than_the_policy_of_the_fetcher_allows() {
    // The server says a year; the fetcher's longest time is over at once.
    let server = first_then(|| with("cache-control: max-age=31536000", "old"), || ok("new")).await;
    let mut options = options();
    options.status_lists = Freshness::new(ZERO, ZERO, ZERO);
    let (fetcher, source) = (fetcher(&options), list(&server.url("/list")));
    assert_eq!(fetch_one(&fetcher, &source).await.as_deref(), Ok(&b"old"[..]));
    assert_eq!(fetch_one(&fetcher, &source).await.as_deref(), Ok(&b"new"[..]));
}

#[tokio::test]
async fn a_server_that_forbids_keeping_is_asked_each_time_where_nothing_is_said_of_a_shortest_one()
{
    let server = Server::answering(|_| with("cache-control: no-store", "list")).await;
    let (stale, usual) = (fetcher(&always_stale()), fetcher(&options()));
    let source = list(&server.url("/list"));
    for _ in 0..2 {
        assert!(fetch_one(&stale, &source).await.is_ok());
    }
    assert_eq!(server.connections(), 2);
    // By default the shortest time holds, so that no server makes itself asked once a person.
    for _ in 0..2 {
        assert!(fetch_one(&usual, &source).await.is_ok());
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn l08_an_old_document_serves_in_an_outage_only_where_the_option_says_so() {
    for (allowed, expected) in [(false, None), (true, Some(&b"list"[..]))] {
        let server = first_then(|| ok("list"), busy).await;
        let mut options = always_stale();
        if allowed {
            options.status_lists = options.status_lists.stale_if_error(HOUR);
        }
        let (fetcher, source) = (fetcher(&options), list(&server.url("/list")));
        assert!(fetch_one(&fetcher, &source).await.is_ok());
        let second = fetch_one(&fetcher, &source).await;
        assert_eq!(second.as_deref().ok(), expected, "allowed: {allowed}");
        assert_eq!(server.connections(), 2);
    }
}

#[tokio::test]
async fn a_document_that_is_kept_stands_in_the_evidence_with_its_age() {
    let server = Server::answering(|_| ok("{}")).await;
    let fetcher = fetcher(&options());
    let needs = [Source::DidDocument(server.did())];
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    fetcher.bring(&needs, &mut evidence, now()).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    fetcher.bring(&needs, &mut evidence, now()).await;
    let fetched_at = evidence.fetched_at(&needs[0]).unwrap();
    assert!(fetched_at <= now() - TimeDelta::milliseconds(50), "{fetched_at}");
    assert_eq!(server.connections(), 1);
}

// Conditional requests.

#[tokio::test]
async fn a_document_with_an_etag_is_asked_for_by_it_and_not_sent_again() {
    let not_modified = || b"HTTP/1.1 304 Not Modified\r\ncontent-length: 0\r\n\r\n".to_vec();
    let server = first_then(|| with("etag: \"v1\"", "list"), not_modified).await;
    let (fetcher, source) = (fetcher(&always_stale()), list(&server.url("/list")));
    for _ in 0..3 {
        assert_eq!(fetch_one(&fetcher, &source).await.as_deref(), Ok(&b"list"[..]));
    }
    let requests = server.requests();
    let asked_by_it = |request: &String| request.contains("\r\nif-none-match: \"v1\"\r\n");
    assert_eq!(requests.iter().map(asked_by_it).collect::<Vec<_>>(), [false, true, true]);
}

#[tokio::test]
async fn a_newer_document_takes_the_place_of_one_with_an_etag() {
    let server = first_then(|| with("etag: \"v1\"", "old"), || with("etag: \"v2\"", "new")).await;
    let (fetcher, source) = (fetcher(&always_stale()), list(&server.url("/list")));
    for expected in ["old", "new", "new"] {
        assert_eq!(fetch_one(&fetcher, &source).await.unwrap(), expected.as_bytes());
    }
    assert!(server.requests()[2].contains("\r\nif-none-match: \"v2\"\r\n"));
}

#[tokio::test]
async fn n04_not_modified_is_no_document_where_nothing_is_kept() {
    let server = Server::answering(|_| {
        b"HTTP/1.1 304 Not Modified\r\netag: \"v1\"\r\ncontent-length: 0\r\n\r\n".to_vec()
    })
    .await;
    let error = fetch_one(&fetcher(&options()), &list(&server.url("/list"))).await.unwrap_err();
    assert_eq!(error, FetchError::Redirect { status: 304 });
}

// The kinds of documents.

#[tokio::test]
async fn the_documents_of_an_https_issuer_and_of_its_domain_are_fetched() {
    let server =
        Server::answering(|request| ok(request.split(' ').nth(1).unwrap_or_default())).await;
    let url = |path: &str| server.url(path).parse::<url::Url>().unwrap();
    let metadata = Source::issuer_metadata(&server.url("/staff")).unwrap();
    let sources = [
        (metadata, "/.well-known/jwt-vc-issuer/staff"),
        (Source::JwkSet(url("/jwks.json")), "/jwks.json"),
        (
            Source::DidConfiguration(url("/.well-known/did-configuration.json")),
            "/.well-known/did-configuration.json",
        ),
    ];
    let fetcher = fetcher(&options());
    for (source, path) in &sources {
        assert_eq!(fetch_one(&fetcher, source).await.unwrap(), path.as_bytes());
        assert_eq!(fetch_one(&fetcher, source).await.unwrap(), path.as_bytes());
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    for (request, (_, path)) in requests.iter().zip(&sources) {
        assert!(request.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{request}");
        assert!(request.contains("\r\naccept: application/json\r\n"), "{request}");
    }
}

#[tokio::test]
async fn n07_metadata_has_a_limit_of_its_own() {
    let mut small = options();
    small.max_metadata = 100;
    let fetcher = fetcher(&small);
    for (length, expected) in [(100, None), (101, Some("fetch_too_large"))] {
        let server = Server::answering(move |_| ok(&"x".repeat(length))).await;
        let source = Source::JwkSet(server.url("/jwks").parse().unwrap());
        let error = fetch_one(&fetcher, &source).await.err().map(|error| error.code());
        assert_eq!(error, expected);
    }
}

#[tokio::test]
async fn n13_metadata_is_not_fetched_over_http_without_the_option() {
    let server = Server::answering(|_| ok("{}")).await;
    let strict = fetcher(&FetchOptions::default());
    let url = server.url("/x").parse::<url::Url>().unwrap();
    for source in [
        Source::IssuerMetadata(url.clone()),
        Source::JwkSet(url.clone()),
        Source::DidConfiguration(url),
    ] {
        let error = fetch_one(&strict, &source).await.unwrap_err();
        assert_eq!(error.code(), "fetch_not_https");
    }
    assert_eq!(server.connections(), 0);
}

// Keys that are not known yet.

/// An exchange whose issuer publishes its key only after its document has been fetched so often:
/// until then under another name.
async fn rotating(after: usize) -> (Server, Arc<Exchange>) {
    let published: Arc<OnceLock<Arc<Exchange>>> = Arc::default();
    let own = Arc::clone(&published);
    let fetched = AtomicUsize::new(0);
    let server = Server::answering(move |request| {
        let issuer = &own.get().unwrap().issuer;
        let bytes = match request.split(' ').nth(1).unwrap_or_default() {
            "/.well-known/did.json" => {
                let document = String::from_utf8(issuer.did_document()).unwrap();
                match fetched.fetch_add(1, Ordering::SeqCst) < after {
                    true => document.replace("#key-1", "#key-0").into_bytes(),
                    false => document.into_bytes(),
                }
            }
            "/status/1" => issuer.status_list(now()).compact().into_bytes(),
            _ => return busy(),
        };
        ok(std::str::from_utf8(&bytes).unwrap())
    })
    .await;
    let issuer = IssuerKind::Loopback(server.port());
    let scenario = Scenario::new(Dialect::OpenId4Vp).issuer(issuer, Algorithm::Es256);
    let exchange = Arc::new(scenario.status(StatusKind::BitstringStatusList).build());
    published.set(Arc::clone(&exchange)).unwrap();
    (server, exchange)
}

async fn verify(
    fetcher: &Fetcher,
    exchange: &Exchange,
    evidence: &mut Evidence,
) -> Result<VerifiedResponse, Rejection> {
    let mut verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
    fetcher.verify(&mut verification, evidence, || exchange.now).await
}

fn documents_asked_for(server: &Server) -> usize {
    server.requests().iter().filter(|request| request.contains("/did.json ")).count()
}

/// As soon as a document may be old, however young it is.
fn eager() -> FetchOptions {
    let mut options = options();
    options.refetch_after = ZERO;
    options
}

#[tokio::test]
async fn s23_a_key_that_the_kept_document_does_not_know_is_looked_for_once_more() {
    let (server, exchange) = rotating(1).await;
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let response = verify(&fetcher(&eager()), &exchange, &mut evidence).await.unwrap();
    assert!(response.report().accepted());
    assert_eq!(documents_asked_for(&server), 2);
}

#[tokio::test]
async fn s25_one_fresh_look_for_an_unknown_key_and_never_a_loop() {
    let (server, exchange) = rotating(usize::MAX).await;
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let rejection = verify(&fetcher(&eager()), &exchange, &mut evidence).await.unwrap_err();
    assert!(rejection.codes().contains(&Code::KeyUnknown));
    assert_eq!(documents_asked_for(&server), 2);
}

#[tokio::test]
async fn n08_forged_key_ids_do_not_make_an_issuer_be_asked_again_so_soon() {
    let (server, exchange) = rotating(usize::MAX).await;
    let fetcher = fetcher(&options());
    for _ in 0..5 {
        let mut evidence = Evidence::new(Arc::new(AwsLc));
        let rejection = verify(&fetcher, &exchange, &mut evidence).await.unwrap_err();
        assert!(rejection.codes().contains(&Code::KeyUnknown));
    }
    assert_eq!(documents_asked_for(&server), 1);
}

#[tokio::test]
async fn s25_a_second_look_that_fails_leaves_the_first_verdict() {
    let (_, exchange) = rotating(usize::MAX).await;
    let document = String::from_utf8(exchange.issuer.did_document()).unwrap();
    let unknown = document.replace("#key-1", "#key-0");
    let once = Server::answering(|_| busy()).await;
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let source = Source::DidDocument(exchange.issuer.did().clone());
    evidence.insert(source.clone(), Fetched::Document(unknown.as_bytes()), now());
    let rejection = verify(&fetcher(&eager()), &exchange, &mut evidence).await.unwrap_err();
    assert!(rejection.codes().contains(&Code::KeyUnknown));
    assert_eq!(evidence.fetched_at(&source), Some(now()));
    assert_eq!(once.connections(), 0);
}

/// The issuer's first document lists another key under the id.
async fn replaced_in_place() -> (Server, Arc<Exchange>) {
    let published: Arc<OnceLock<Arc<Exchange>>> = Arc::default();
    let own = Arc::clone(&published);
    let fetched = AtomicUsize::new(0);
    let server = Server::answering(move |request| {
        let exchange = own.get().unwrap();
        let bytes = match request.split(' ').nth(1).unwrap_or_default() {
            "/.well-known/did.json" if fetched.fetch_add(1, Ordering::SeqCst) == 0 => {
                let other = IssuerKind::Loopback(exchange_port(exchange));
                let other = Scenario::new(Dialect::OpenId4Vp).issuer(other, Algorithm::Es256);
                other.seed(42).build().issuer.did_document()
            }
            "/.well-known/did.json" => exchange.issuer.did_document(),
            "/status/1" => exchange.issuer.status_list(now()).compact().into_bytes(),
            _ => return busy(),
        };
        ok(std::str::from_utf8(&bytes).unwrap())
    })
    .await;
    let issuer = IssuerKind::Loopback(server.port());
    let scenario = Scenario::new(Dialect::OpenId4Vp).issuer(issuer, Algorithm::Es256);
    let exchange = Arc::new(scenario.status(StatusKind::BitstringStatusList).build());
    published.set(Arc::clone(&exchange)).unwrap();
    (server, exchange)
}

fn exchange_port(exchange: &Exchange) -> u16 {
    exchange.issuer.did().as_str().rsplit("%3A").next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn s25_a_key_replaced_under_its_id_is_looked_for_once_more_but_not_at_once() {
    let (server, exchange) = replaced_in_place().await;
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let soon = verify(&fetcher(&eager()), &exchange, &mut evidence).await.unwrap_err();
    assert!(soon.codes().contains(&Code::SignatureInvalid));
    assert_eq!(documents_asked_for(&server), 1);

    let (server, exchange) = replaced_in_place().await;
    let mut options = options();
    options.recheck_after = ZERO;
    let fetcher = fetcher(&options);
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    // The new key is none of those last seen, so the issuer is held until its operator has looked.
    let later = verify(&fetcher, &exchange, &mut evidence).await.unwrap_err();
    assert_eq!(documents_asked_for(&server), 2);
    assert!(later.codes().contains(&Code::KeyContinuityBroken), "{:?}", later.codes());
}

// No fetch because a wallet says so.

#[tokio::test]
async fn n01_a_forged_credential_that_names_a_canary_causes_no_connection() {
    let canary = Server::answering(|_| ok("caught")).await;
    let (server, exchange) = rotating(0).await;
    let mut exchange = (*exchange).clone();
    let foreign = staffpass_testkit::signing_key(Algorithm::Es256, 999);
    let credential = &mut exchange.answer.presentations[0].credentials[0];
    let address = canary.url("/status/1");
    credential.claims["vc"]["credentialStatus"]["statusListCredential"] = address.clone().into();
    credential.claims["vc"]["credentialStatus"]["id"] = format!("{address}#1").into();
    // With the issuer's name and another's key; and, below, with the issuer's own.
    let own = std::mem::replace(&mut credential.key, foreign);
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let rejection = verify(&fetcher(&options()), &exchange, &mut evidence).await.unwrap_err();
    assert!(rejection.codes().contains(&Code::SignatureInvalid), "{:?}", rejection.codes());
    assert_eq!(canary.connections(), 0);

    // The issuer's own signature over an address that the policy does not allow it.
    exchange.answer.presentations[0].credentials[0].key = own;
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let rejection = verify(&fetcher(&options()), &exchange, &mut evidence).await.unwrap_err();
    assert!(!rejection.codes().is_empty());
    assert_eq!(canary.connections(), 0);
    assert!(server.connections() > 0);
}
