//! Posting to addresses that others chose.
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

use server::{Server, ok};
use staffpass_fetch::{FetchError, FetchOptions, Poster};

fn poster() -> Poster {
    Poster::new(&FetchOptions::default().allow_loopback_http()).unwrap()
}

fn status(line: &str) -> Vec<u8> {
    format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn a_body_and_its_headers_arrive() {
    let server = Server::answering(|_| status("202 Accepted")).await;
    let headers = [("api-key", "secret"), ("Authorization", "Bearer more")];
    poster().post(&server.url("/callback?a=1"), headers, r#"{"a":1}"#.to_owned()).await.unwrap();
    let request = server.requests().remove(0);
    assert!(request.starts_with("POST /callback?a=1 HTTP/1.1\r\n"), "{request}");
    for line in ["api-key: secret", "authorization: Bearer more", "content-type: application/json"]
    {
        assert!(request.contains(&format!("\r\n{line}\r\n")), "{line} {request}");
    }
    assert!(request.ends_with("\r\n\r\n{\"a\":1}"), "{request}");
}

#[tokio::test]
async fn another_status_than_2xx_is_a_failure() {
    for (line, error) in [
        ("404 Not Found", FetchError::Status { status: 404 }),
        ("503 Busy", FetchError::Status { status: 503 }),
    ] {
        let server = Server::answering(move |_| status(line)).await;
        let posted = poster().post(&server.url("/"), [], "{}".to_owned()).await;
        assert_eq!(posted, Err(error));
    }
}

#[tokio::test]
async fn n04_a_redirect_gets_neither_body_nor_headers() {
    let elsewhere = Server::answering(|_| ok("{}")).await;
    let location = elsewhere.url("/");
    let answer = format!("HTTP/1.1 307 Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    let server = Server::answering(move |_| answer.clone().into_bytes()).await;
    let posted = poster().post(&server.url("/"), [("api-key", "secret")], "{}".to_owned()).await;
    assert_eq!(posted, Err(FetchError::Redirect { status: 307 }));
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn n13_n01_nothing_is_posted_but_over_https_to_public_addresses() {
    let strict = Poster::new(&FetchOptions::default()).unwrap();
    for (address, error) in [
        ("http://portal.example/", FetchError::NotHttps),
        ("http://127.0.0.1:1/", FetchError::NotHttps),
        ("https://127.0.0.1/", FetchError::AddressForm),
        ("https://[::1]/", FetchError::AddressForm),
        ("https://user@portal.example/", FetchError::AddressForm),
        ("https://portal.example./", FetchError::AddressForm),
        ("ftp://portal.example/", FetchError::NotHttps),
        ("portal.example", FetchError::AddressForm),
    ] {
        assert_eq!(strict.check(address), Err(error), "{address}");
        assert_eq!(strict.post(address, [], String::new()).await, Err(error), "{address}");
    }
    assert_eq!(strict.check("https://portal.example:8443/callback"), Ok(()));
    for inside in [[10, 0, 0, 1], [169, 254, 169, 254], [127, 0, 0, 1]] {
        let lookup = move |_: &str| Ok(vec![inside.into()]);
        let poster = Poster::with_lookup(&FetchOptions::default(), lookup).unwrap();
        let posted = poster.post("https://portal.example/", [], String::new()).await;
        assert_eq!(posted, Err(FetchError::AddressNotPublic), "{inside:?}");
    }
}

#[tokio::test]
async fn a_header_that_is_none_is_refused() {
    for (name, value) in [("api key", "a"), ("", "a"), ("api-key", "a\r\nb: c")] {
        let posted = poster().post("http://localhost:1/", [(name, value)], String::new()).await;
        assert_eq!(posted, Err(FetchError::AddressForm), "{name}");
    }
}
