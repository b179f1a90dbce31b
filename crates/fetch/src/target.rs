//! What is asked for, of whom, and how much of an answer is read.

use staffpass_did::{LoopbackHttp, web};
use staffpass_status::{IdentityHubQuery, hub};
use staffpass_verify::Source;
use url::{Host, Url};

use crate::{FetchError, FetchOptions};

/// One request. Its URL has been judged.
pub(crate) struct Target {
    pub(crate) url: Url,
    /// What is posted, as JSON; none for a GET.
    pub(crate) body: Option<String>,
    pub(crate) limit: usize,
}

impl Target {
    pub(crate) fn of(source: &Source, options: &FetchOptions) -> Result<Self, FetchError> {
        let target = match source {
            Source::DidDocument(did) => {
                let url = web::document_url(did, options.loopback);
                let url = url.map_err(|_| FetchError::NotFetched)?;
                Self { url, body: None, limit: options.max_did_document }
            }
            Source::StatusList(url) => {
                Self { url: url.clone(), body: None, limit: options.max_status_list }
            }
            Source::IdentityHub(hub) => Self::of_hub(&hub.endpoint, &hub.query, options)?,
            _ => return Err(FetchError::NotFetched),
        };
        check_url(&target.url, options.loopback)?;
        Ok(target)
    }

    fn of_hub(
        endpoint: &Url,
        query: &IdentityHubQuery,
        options: &FetchOptions,
    ) -> Result<Self, FetchError> {
        check_hub_port(endpoint)?;
        let body = hub::request_body(query, &random_uuid());
        Ok(Self { url: endpoint.clone(), body: Some(body), limit: options.max_status_list })
    }
}

/// https to a name, without a user; or http to loopback, where that is allowed (N2, N13).
fn check_url(url: &Url, loopback: LoopbackHttp) -> Result<(), FetchError> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::AddressForm);
    }
    match (url.scheme(), url.host()) {
        ("https", Some(Host::Domain(_))) => Ok(()),
        ("https", _) => Err(FetchError::AddressForm),
        ("http", Some(host)) if loopback == LoopbackHttp::Allow && is_loopback(&host) => Ok(()),
        _ => Err(FetchError::NotHttps),
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => *address == std::net::Ipv4Addr::LOCALHOST,
        Host::Ipv6(address) => *address == std::net::Ipv6Addr::LOCALHOST,
    }
}

/// A hub's address is from the issuer's document, where the policy says nothing about ports: only
/// the usual one is asked (and any on loopback, for tests).
fn check_hub_port(endpoint: &Url) -> Result<(), FetchError> {
    let usual = endpoint.scheme() != "https" || endpoint.port().is_none();
    if usual { Ok(()) } else { Err(FetchError::AddressForm) }
}

/// A random UUID (RFC 9562 §5.4), by which a hub names the request in its answer.
fn random_uuid() -> String {
    let random: u128 = rand::random();
    let bits = random & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    let mut text = String::with_capacity(36);
    for (position, digit) in hex.chars().enumerate() {
        if matches!(position, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(url: &str, loopback: LoopbackHttp) -> Option<&'static str> {
        let url = Url::parse(url).expect("a URL");
        check_url(&url, loopback).err().map(|error| error.code())
    }

    #[test]
    fn n13_http_is_refused_but_on_loopback_where_that_is_allowed() {
        use LoopbackHttp::{Allow, Refuse};
        for url in ["http://trust.example/", "http://9.9.9.9/", "ftp://trust.example/", "data:,x"] {
            assert_eq!(code(url, Refuse), Some("fetch_not_https"), "{url}");
            assert_eq!(code(url, Allow), Some("fetch_not_https"), "{url}");
        }
        for url in ["http://localhost:8080/", "http://127.0.0.1:8080/", "http://[::1]:8080/"] {
            assert_eq!(code(url, Refuse), Some("fetch_not_https"), "{url}");
            assert_eq!(code(url, Allow), None, "{url}");
        }
        assert_eq!(code("http://127.0.0.2/", Allow), Some("fetch_not_https"));
        assert_eq!(code("https://trust.example/list", Refuse), None);
    }

    #[test]
    fn n02_an_ip_address_in_any_spelling_is_refused() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "2130706433",
            "0177.0.0.1",
            "9.9.9.9",
            "[::1]",
            "[::ffff:7f00:1]",
        ] {
            let url = format!("https://{host}/list");
            assert_eq!(code(&url, LoopbackHttp::Allow), Some("fetch_address_form"), "{host}");
        }
    }

    #[test]
    fn n05_a_user_in_an_address_is_refused() {
        for url in ["https://trust.example@evil.example/", "https://:secret@trust.example/"] {
            assert_eq!(code(url, LoopbackHttp::Refuse), Some("fetch_address_form"), "{url}");
        }
    }

    #[test]
    fn a_hub_is_asked_on_the_usual_port_for_one_object() {
        let object = "b7bd5b4c-06f4-4c1d-9d2a-0f3d0d3f7a11";
        let query = IdentityHubQuery::new("did:web:trust.example", object).expect("a query");
        let options = FetchOptions::default();
        let of_hub =
            |endpoint: &str| Target::of_hub(&endpoint.parse().expect("a URL"), &query, &options);
        let error = of_hub("https://hub.example:8443/v1.0").err().map(|error| error.code());
        assert_eq!(error, Some("fetch_address_form"));
        let target = of_hub("https://hub.example/v1.0").expect("a target");
        let body = target.body.expect("a body");
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(body["target"], "did:web:trust.example");
        assert_eq!(body["messages"][0]["descriptor"]["objectId"], object);
    }

    #[test]
    fn request_ids_are_uuids_of_version_4() {
        for _ in 0..64 {
            let id = random_uuid();
            let parts: Vec<_> = id.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12]);
            assert_eq!(id.as_bytes()[14], b'4', "{id}");
            assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
        }
    }
}
