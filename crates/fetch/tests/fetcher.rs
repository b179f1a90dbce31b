//! The fetcher against servers on loopback. No test sends a packet beyond it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod server;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use server::{Server, ok};
use staffpass_fetch::{FetchError, FetchOptions, Fetcher};
use staffpass_jose_aws_lc::AwsLc;
use staffpass_verify::{Evidence, Source};

fn options() -> FetchOptions {
    FetchOptions::default().allow_loopback_http()
}

fn fetcher() -> Fetcher {
    Fetcher::new(&options()).unwrap()
}

fn list(url: &str) -> Source {
    Source::StatusList(url.parse().unwrap())
}

async fn fetch_one(fetcher: &Fetcher, source: Source) -> Result<Vec<u8>, FetchError> {
    let mut results = fetcher.fetch(std::slice::from_ref(&source)).await;
    assert_eq!(results.len(), 1);
    let (of, result) = results.remove(0);
    assert_eq!(of, source);
    result
}

async fn code(fetcher: &Fetcher, source: Source) -> &'static str {
    fetch_one(fetcher, source).await.expect_err("refused").code()
}

#[tokio::test]
async fn a_did_document_is_fetched_from_its_well_known_address() {
    let server = Server::answering(|_| ok("{}")).await;
    let did = server.did();
    let bytes = fetch_one(&fetcher(), Source::DidDocument(did)).await.unwrap();
    assert_eq!(bytes, b"{}");
    let request = server.requests().remove(0);
    assert!(request.starts_with("GET /.well-known/did.json HTTP/1.1\r\n"), "{request}");
    let request = request.to_ascii_lowercase();
    assert!(request.contains("\r\naccept-encoding: identity\r\n"), "{request}");
    assert!(!request.contains("cookie") && !request.contains("referer"), "{request}");
}

#[tokio::test]
async fn results_stand_in_the_order_of_the_sources() {
    let server = Server::answering(|request| {
        let path = request.split(' ').nth(1).unwrap_or_default();
        ok(path)
    })
    .await;
    let paths = ["/c", "/a", "/b"];
    let sources: Vec<_> = paths.iter().map(|path| list(&server.url(path))).collect();
    let results = fetcher().fetch(&sources).await;
    for ((source, result), path) in results.iter().zip(paths) {
        assert_eq!(*source, list(&server.url(path)));
        assert_eq!(result.as_deref(), Ok(path.as_bytes()));
    }
}

#[tokio::test]
async fn n13_plain_http_is_refused_without_the_option() {
    let server = Server::answering(|_| ok("list")).await;
    let strict = Fetcher::new(&FetchOptions::default()).unwrap();
    assert_eq!(code(&strict, list(&server.url("/list"))).await, "fetch_not_https");
    assert_eq!(code(&strict, Source::DidDocument(server.did())).await, "fetch_not_fetched");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn n01_a_name_that_resolves_to_loopback_is_not_connected_to() {
    let server = Server::answering(|_| ok("list")).await;
    let inside: [IpAddr; 4] = [
        Ipv4Addr::LOCALHOST.into(),
        "169.254.169.254".parse().unwrap(),
        "::ffff:127.0.0.1".parse().unwrap(),
        "64:ff9b::7f00:1".parse().unwrap(),
    ];
    for address in inside {
        let fetcher = Fetcher::with_lookup(&options(), move |_| Ok(vec![address])).unwrap();
        let url = format!("https://trust.example:{}/list", server.port());
        assert_eq!(code(&fetcher, list(&url)).await, "fetch_address_not_public", "{address}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn n03_a_name_is_resolved_once_for_a_connection() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let lookup = move |name: &str| {
        assert_eq!(name, "trust.example");
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(vec![IpAddr::from([127, 0, 0, 1])])
    };
    let fetcher = Fetcher::with_lookup(&options(), lookup).unwrap();
    let source = Source::DidDocument("did:web:trust.example".parse().unwrap());
    assert_eq!(code(&fetcher, source).await, "fetch_address_not_public");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn n04_redirect_refused() {
    for status in [301, 302, 303, 307, 308] {
        let inner = Server::answering(|_| ok("inside")).await;
        let location = inner.url("/inside");
        let outer = Server::answering(move |_| {
            format!("HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
                .into_bytes()
        })
        .await;
        let error = fetch_one(&fetcher(), list(&outer.url("/list"))).await.unwrap_err();
        assert_eq!(error, FetchError::Redirect { status });
        assert_eq!(error.code(), "fetch_redirect");
        assert_eq!(inner.connections(), 0);
    }
}

#[tokio::test]
async fn only_status_200_is_a_document() {
    for status in [201, 203, 204, 206, 400, 404, 500, 503] {
        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
        let server = Server::answering(move |_| head.clone().into_bytes()).await;
        let error = fetch_one(&fetcher(), list(&server.url("/list"))).await.unwrap_err();
        assert_eq!(error, FetchError::Status { status });
    }
}

#[tokio::test]
async fn n07_a_document_that_announces_too_much_is_refused_before_it_is_read() {
    let server =
        Server::answering(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n".to_vec())
            .await;
    assert_eq!(code(&fetcher(), list(&server.url("/list"))).await, "fetch_too_large");
}

#[tokio::test]
async fn n07_a_document_as_long_as_the_limit_is_read_and_one_byte_more_is_not() {
    let mut small = options();
    small.max_did_document = 100;
    small.max_status_list = 200;
    let fetcher = Fetcher::new(&small).unwrap();
    for limit in [100, 200] {
        let source = |server: &Server| match limit {
            100 => Source::DidDocument(server.did()),
            _ => list(&server.url("/list")),
        };
        let fits = Server::answering(move |_| ok(&"x".repeat(limit))).await;
        assert_eq!(fetch_one(&fetcher, source(&fits)).await.map(|bytes| bytes.len()), Ok(limit));
        let more = Server::answering(move |_| ok(&"x".repeat(limit + 1))).await;
        let error = fetch_one(&fetcher, source(&more)).await.unwrap_err();
        assert_eq!(error, FetchError::TooLarge { limit });
    }
}

#[tokio::test]
async fn n07_an_endless_document_is_cut_at_the_limit() {
    let server =
        Server::streaming("HTTP/1.1 200 OK\r\n\r\n", vec![b'x'; 4096], Duration::ZERO).await;
    let mut small = options();
    small.max_status_list = 64 * 1024;
    let fetcher = Fetcher::new(&small).unwrap();
    assert_eq!(code(&fetcher, list(&server.url("/list"))).await, "fetch_too_large");
}

/// What a resolver of another library was seen to do: follow, read without end, wait without end.
#[tokio::test]
async fn pf43_no_redirect_no_endless_document_and_no_silence_is_borne() {
    let mut small = options();
    small.max_status_list = 64 * 1024;
    small.total_timeout = Duration::from_millis(500);
    let fetcher = Fetcher::new(&small).unwrap();
    let endless = Server::streaming("HTTP/1.1 200 OK\r\n\r\n", vec![b'x'; 4096], Duration::ZERO);
    let endless = endless.await;
    assert_eq!(code(&fetcher, list(&endless.url("/list"))).await, "fetch_too_large");
    let moved = Server::answering(|_| b"HTTP/1.1 302 Found\r\nlocation: /other\r\n\r\n".to_vec());
    assert_eq!(code(&fetcher, list(&moved.await.url("/list"))).await, "fetch_redirect");
    let silent = Server::streaming("", Vec::new(), Duration::from_millis(20)).await;
    assert_eq!(code(&fetcher, list(&silent.url("/list"))).await, "fetch_timeout");
    let strict = Fetcher::new(&FetchOptions::default()).unwrap();
    assert_eq!(code(&strict, list(&silent.url("/list"))).await, "fetch_not_https");
}

#[tokio::test]
async fn n07_a_document_that_drips_is_given_up_when_its_time_is_up() {
    let server =
        Server::streaming("HTTP/1.1 200 OK\r\n\r\n", vec![b'x'], Duration::from_millis(20)).await;
    let mut short = options();
    short.total_timeout = Duration::from_millis(200);
    let fetcher = Fetcher::new(&short).unwrap();
    assert_eq!(code(&fetcher, list(&server.url("/list"))).await, "fetch_timeout");
}

#[tokio::test]
async fn n07_a_silent_server_is_given_up_when_its_time_is_up() {
    let server = Server::streaming("", Vec::new(), Duration::from_millis(20)).await;
    let mut short = options();
    short.total_timeout = Duration::from_millis(200);
    let fetcher = Fetcher::new(&short).unwrap();
    assert_eq!(code(&fetcher, list(&server.url("/list"))).await, "fetch_timeout");
}

#[tokio::test]
async fn n07_a_compressed_document_is_refused() {
    for encoding in ["gzip", "br", "zstd", "deflate", "identity, gzip", "x-unknown"] {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: 2\r\n\r\n{{}}"
        );
        let server = Server::answering(move |_| head.clone().into_bytes()).await;
        assert_eq!(code(&fetcher(), list(&server.url("/list"))).await, "fetch_compressed");
    }
}

#[tokio::test]
async fn a_document_that_ends_too_early_is_broken() {
    let server =
        Server::answering(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}".to_vec()).await;
    assert_eq!(code(&fetcher(), list(&server.url("/list"))).await, "fetch_broken");
    let server = Server::answering(|_| b"SSH-2.0-x\r\n\r\n".to_vec()).await;
    assert_eq!(code(&fetcher(), list(&server.url("/list"))).await, "fetch_broken");
}

#[tokio::test]
async fn a_server_that_is_not_there_cannot_be_connected_to() {
    let port = Server::answering(|_| ok("")).await.close().await;
    let url = format!("http://127.0.0.1:{port}/list");
    assert_eq!(code(&fetcher(), list(&url)).await, "fetch_connect");
}

/// Each server answers only when all requests are under way: one after the other would never end.
#[tokio::test]
async fn a_round_is_fetched_all_at_once() {
    const TOGETHER: usize = 8;
    let server = Server::answering_together(TOGETHER, |_| ok("list")).await;
    let sources: Vec<_> =
        (0..TOGETHER).map(|number| list(&server.url(&format!("/{number}")))).collect();
    for (source, result) in fetcher().fetch(&sources).await {
        assert_eq!(result.as_deref(), Ok(&b"list"[..]), "{source}");
    }
    assert_eq!(server.connections(), TOGETHER);
}

#[tokio::test]
async fn what_is_brought_stands_in_the_evidence_and_so_does_what_cannot_be_had() {
    let server = Server::answering(|request| match request.contains("did.json") {
        true => ok("{}"),
        false => b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n".to_vec(),
    })
    .await;
    let needs = [Source::DidDocument(server.did()), list(&server.url("/list"))];
    let now = "2026-03-02T09:00:00Z".parse().unwrap();
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let failures = fetcher().bring(&needs, &mut evidence, now).await;
    assert_eq!(failures.len(), 1);
    assert_eq!((&failures[0].source, failures[0].error.code()), (&needs[1], "fetch_status"));
    for source in &needs {
        assert_eq!(evidence.fetched_at(source), Some(now), "{source}");
    }
}
