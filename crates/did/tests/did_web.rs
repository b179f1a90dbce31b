//! did:web: the grammar, and the URL that it gives.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "tests"
)]

use proptest::prelude::*;
use staffpass_did::web::{did_of_origin, document_url};
use staffpass_did::{Did, LoopbackHttp, Method};
use url::Url;

fn url_with(did: &str, loopback: LoopbackHttp) -> Result<String, &'static str> {
    let did = Did::parse(did).map_err(|error| error.code())?;
    document_url(&did, loopback).map(String::from).map_err(|error| error.code())
}

fn url(did: &str) -> Result<String, &'static str> {
    url_with(did, LoopbackHttp::Refuse)
}

fn ok(url: &str) -> Result<String, &'static str> {
    Ok(url.to_owned())
}

#[test]
fn a_host_has_its_document_at_the_well_known_place_and_a_path_beside_it() {
    assert_eq!(url("did:web:trust.example"), ok("https://trust.example/.well-known/did.json"));
    assert_eq!(
        url("did:web:trust.example:staff:id-1"),
        ok("https://trust.example/staff/id-1/did.json")
    );
    assert_eq!(
        url("did:web:verifiedid.entra.example:0a1b:2c3d"),
        ok("https://verifiedid.entra.example/0a1b/2c3d/did.json")
    );
}

#[test]
fn n05_a_port_is_read_after_3a_in_either_case() {
    let expected = ok("https://trust.example:8443/.well-known/did.json");
    assert_eq!(url("did:web:trust.example%3A8443"), expected);
    assert_eq!(url("did:web:trust.example%3a8443"), expected);
    assert_eq!(
        url("did:web:trust.example%3A443:a"),
        ok("https://trust.example/a/did.json"),
        "the default port is not written"
    );
    for port in ["0", "08443", "65536", "99999999999", "", "80a", "-1", "%31"] {
        let did = format!("did:web:trust.example%3A{port}");
        assert_eq!(url(&did), Err("did_web_port"), "{port}");
    }
}

#[test]
fn n05_punycode_labels_are_read_and_reach_the_url_unchanged() {
    assert_eq!(
        url("did:web:xn--bcher-kva.example"),
        ok("https://xn--bcher-kva.example/.well-known/did.json")
    );
    // RUSTSEC-2024-0421: a punycode label that decodes to nothing but ASCII.
    assert_eq!(url("did:web:xn--example-.org"), Err("did_web_host"));
    assert_eq!(url("did:web:xn--trust-.example"), Err("did_web_host"));
    assert_eq!(url("did:web:xn--a.example"), Err("did_web_host"));
}

#[test]
fn n05_nothing_else_is_encoded_in_a_host() {
    for host in [
        "trust%2Eexample",
        "trust.example%2Fpath",
        "trust.example%00",
        "user%40trust.example",
        "trust.example%3F",
        "trust.example%23",
        "%74rust.example",
        "%5B%3A%3A2%5D",
        "trust.example%3A8443%3A1",
        "trust.example%5Cpath",
    ] {
        let code = url(&format!("did:web:{host}")).expect_err(host);
        assert!(code == "did_web_host" || code == "did_web_port", "{host}: {code}");
    }
}

#[test]
fn n05_a_user_a_query_and_a_fragment_are_no_part_of_a_did() {
    for did in [
        "did:web:user@trust.example",
        "did:web:trust.example?a=b",
        "did:web:trust.example#a",
        "did:web:trust.example/a",
        "did:web:trust.example:a/b",
        "did:web:trust.example\\a",
        "did:web:tru\u{455}t.example",
        "did:web:trust.example\n",
        "did:web:[::1]",
        "did:web:",
        "did:web:trust.example:",
    ] {
        assert_eq!(url(did), Err("did_syntax"), "{did}");
    }
}

#[test]
fn n05_a_path_has_plain_segments() {
    for path in ["", "a:", ":a", ".", "..", "a:..:b", "%2F", "a%2Fb", "%2e%2e", "a%20b", "%00"] {
        let did = format!("did:web:trust.example:{path}:end");
        assert_eq!(url(&did), Err("did_web_path"), "{path}");
    }
    assert_eq!(
        url("did:web:trust.example:.a:b.:c_d-e"),
        ok("https://trust.example/.a/b./c_d-e/did.json")
    );
}

#[test]
fn n05_labels_are_letters_digits_and_inner_hyphens() {
    let label = "a".repeat(63);
    let long_host = [label.as_str(); 4].join(".");
    for host in [
        "-trust.example",
        "trust-.example",
        "trust..example",
        ".trust.example",
        "trust_example.org",
        &format!("a{label}.example"),
        &format!("{long_host}.example"),
    ] {
        assert_eq!(url(&format!("did:web:{host}")), Err("did_web_host"), "{host}");
    }
    assert!(url(&format!("did:web:{label}.example")).is_ok());
}

#[test]
fn n02_an_ip_address_is_refused_in_every_spelling() {
    for host in [
        "127.1",
        "0x7f.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.0.1",
        "0",
        "0.0.0.0",
        "1.2.3.4",
        "trust.example.1",
        "trust.0x1",
        "127.0.0.2",
        "1.1.1.0x1",
        "100.64.0.1",
    ] {
        assert_eq!(url(&format!("did:web:{host}")), Err("did_web_host"), "{host}");
        let loopback = url_with(&format!("did:web:{host}"), LoopbackHttp::Allow);
        assert_eq!(loopback, Err("did_web_host"), "{host}");
    }
}

#[test]
fn n01_a_name_of_one_label_is_refused() {
    for host in ["intranet", "metadata", "local", "a.localhost", "foo.bar.LOCALHOST"] {
        assert_eq!(url(&format!("did:web:{host}")), Err("did_web_host"), "{host}");
    }
}

#[test]
fn n09_a_host_has_one_spelling_in_the_url() {
    let expected = ok("https://trust.example/.well-known/did.json");
    assert_eq!(url("did:web:TRUST.Example"), expected);
    assert_eq!(url("did:web:trust.example."), Err("did_web_host"));
    assert_eq!(url("did:web:trust.example.:a"), Err("did_web_host"));
    assert_ne!(Did::parse("did:web:TRUST.example"), Did::parse("did:web:trust.example"));
}

#[test]
fn n13_http_is_for_loopback_alone_and_only_where_it_is_allowed() {
    let hosts = ["localhost", "127.0.0.1", "LocalHost", "localhost%3A8080"];
    for host in hosts.into_iter().chain(["%5B%3A%3A1%5D", "%5B%3A%3A1%5D%3A8080:a"]) {
        assert_eq!(url(&format!("did:web:{host}")), Err("did_web_loopback"), "{host}");
    }
    let allowed = |did| url_with(did, LoopbackHttp::Allow);
    assert_eq!(
        allowed("did:web:localhost%3A8080"),
        ok("http://localhost:8080/.well-known/did.json")
    );
    assert_eq!(allowed("did:web:127.0.0.1%3A1:a"), ok("http://127.0.0.1:1/a/did.json"));
    let v6 = "did:web:%5B%3A%3A1%5D%3A8080";
    assert_eq!(allowed(v6), ok("http://[::1]:8080/.well-known/did.json"));
    assert_eq!(allowed("did:web:%5B%3A%3A1%5D:a"), ok("http://[::1]/a/did.json"));
    let origin = Url::parse("http://[::1]:8080").expect("a URL");
    let did = did_of_origin(&origin, LoopbackHttp::Allow);
    assert_eq!(did.map(|did| did.to_string()), Ok(v6.to_owned()));
    for other in
        ["%5b%3A%3A1%5D", "%5B%3A%3A2%5D", "%5B::1%5D", "%5B%3A%3A1%5D8080", "a%5B%3A%3A1%5D"]
    {
        let did = format!("did:web:{other}");
        assert!(url_with(&did, LoopbackHttp::Allow).is_err(), "{other}");
    }
    assert_eq!(allowed("did:web:trust.example"), url("did:web:trust.example"));
}

#[test]
fn another_method_has_no_document_url() {
    assert_eq!(url("did:webs:trust.example"), Err("did_other_method"));
    assert_eq!(url("did:key:z6Mk"), Err("did_other_method"));
}

#[test]
fn an_origin_has_a_did() {
    let did = |origin: &str, loopback| {
        let origin = Url::parse(origin).expect("a URL");
        did_of_origin(&origin, loopback).map(|did| did.to_string()).map_err(|error| error.code())
    };
    let strict = |origin| did(origin, LoopbackHttp::Refuse);
    assert_eq!(strict("https://trust.example"), ok("did:web:trust.example"));
    assert_eq!(strict("https://trust.example:443/"), ok("did:web:trust.example"));
    assert_eq!(strict("https://trust.example:8443"), ok("did:web:trust.example%3A8443"));
    for bad in [
        "http://trust.example",
        "https://trust.example/a",
        "https://trust.example/?q",
        "https://trust.example/#f",
        "https://user@trust.example",
        "https://:secret@trust.example",
        "https://[::2]/",
        "ftp://trust.example",
        "data:text/plain,a",
    ] {
        assert_eq!(strict(bad), Err("did_origin"), "{bad}");
    }
    assert_eq!(strict("https://10.0.0.1"), Err("did_web_host"));
    assert_eq!(strict("http://localhost:8080"), Err("did_web_loopback"));
    assert_eq!(did("http://localhost:8080", LoopbackHttp::Allow), ok("did:web:localhost%3A8080"));
    assert_eq!(did("https://localhost:8080", LoopbackHttp::Allow), Err("did_origin"));
}

proptest! {
    #[test]
    fn no_did_makes_it_panic_and_the_urls_host_is_the_dids(
        id in "[a-zA-Z0-9.:%_-]{1,40}",
        allow: bool,
    ) {
        let loopback = if allow { LoopbackHttp::Allow } else { LoopbackHttp::Refuse };
        if let Ok(did) = Did::parse(&format!("did:web:{id}")) {
            prop_assert_eq!(did.method(), Method::Web);
            if let Ok(url) = document_url(&did, loopback) {
                let host = id.split([':', '%']).next().unwrap().to_ascii_lowercase();
                prop_assert_eq!(url.host_str(), Some(host.as_str()));
                let loopback = ["localhost", "127.0.0.1", "[::1]"];
                prop_assert_eq!(url.scheme() == "http", loopback.contains(&host.as_str()));
                prop_assert!(url.path().ends_with("/did.json"));
                prop_assert!(url.username().is_empty() && url.query().is_none());
            }
        }
    }

    #[test]
    fn a_well_formed_did_gives_the_url_that_was_meant(
        host in "[a-z0-9]{1,8}(\\.[a-z][a-z0-9]{0,8}){1,3}",
        port in proptest::option::of(1..=65535u16),
        path in prop::collection::vec("[a-zA-Z0-9_-]{1,8}", 0..4),
    ) {
        prop_assume!(!host.ends_with(".localhost"));
        let encoded = port.map(|port| format!("%3A{port}")).unwrap_or_default();
        let did: String = std::iter::once(format!("did:web:{host}{encoded}"))
            .chain(path.iter().cloned())
            .collect::<Vec<_>>()
            .join(":");
        let url = document_url(&Did::parse(&did).unwrap(), LoopbackHttp::Refuse).unwrap();
        prop_assert_eq!(url.host_str(), Some(host.as_str()));
        prop_assert_eq!(url.port_or_known_default(), port.or(Some(443)));
        let expected = if path.is_empty() { ".well-known".to_owned() } else { path.join("/") };
        prop_assert_eq!(url.path(), format!("/{expected}/did.json"));
    }
}
