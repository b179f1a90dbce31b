//! What is asked for, of whom, and how much of an answer is read.

use staffpass_did::{LoopbackHttp, web};
use staffpass_status::{IdentityHubQuery, hub};
use staffpass_verify::Source;
use url::{Host, Url};

use crate::options::Freshness;
use crate::{FetchError, FetchOptions};

/// One request. Its URL has been judged.
pub(crate) struct Target {
    pub(crate) url: Url,
    /// What is posted, as JSON; none for a GET.
    pub(crate) body: Option<String>,
    pub(crate) limit: usize,
    pub(crate) kind: Kind,
    query: Option<IdentityHubQuery>,
}

/// What is asked for, as far as it matters how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    DidDocument,
    /// Issuer metadata, a JWK set, a DID configuration.
    Metadata,
    StatusList,
    HubReply,
}

impl Kind {
    /// The media types, best first (DID Core §7.1, RFC 7517 §8.5, Token Status List §8.1).
    pub(crate) fn accept(self) -> &'static str {
        match self {
            Self::DidDocument => "application/did+json, application/did+ld+json, application/json",
            Self::Metadata | Self::HubReply => "application/json",
            Self::StatusList => "application/statuslist+jwt, application/vc+jwt, */*;q=0.1",
        }
    }

    pub(crate) fn freshness(self, options: &FetchOptions) -> Freshness {
        match self {
            Self::DidDocument | Self::Metadata => options.keys,
            Self::StatusList | Self::HubReply => options.status_lists,
        }
    }
}

/// What is kept and asked for once, however it is spelt: the parser of URLs has put the host in
/// lower case and its one encoding, the port and the path in their canonical form (N9).
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    kind: Kind,
    url: Url,
    query: Option<IdentityHubQuery>,
}

impl Target {
    pub(crate) fn of(source: &Source, options: &FetchOptions) -> Result<Self, FetchError> {
        let mut target = match source {
            Source::DidDocument(did) => {
                let url = web::document_url(did, options.loopback);
                let url = url.map_err(|_| FetchError::NotFetched)?;
                Self::get(url, Kind::DidDocument, options.max_did_document)
            }
            Source::IssuerMetadata(url) | Source::JwkSet(url) | Source::DidConfiguration(url) => {
                Self::get(url.clone(), Kind::Metadata, options.max_metadata)
            }
            Source::StatusList(url) => {
                Self::get(url.clone(), Kind::StatusList, options.max_status_list)
            }
            Source::IdentityHub(hub) => Self::of_hub(&hub.endpoint, &hub.query, options)?,
            _ => return Err(FetchError::NotFetched),
        };
        check_url(&target.url, options.loopback)?;
        target.url.set_fragment(None);
        Ok(target)
    }

    fn get(url: Url, kind: Kind, limit: usize) -> Self {
        Self { url, body: None, limit, kind, query: None }
    }

    pub(crate) fn key(&self) -> Key {
        Key { kind: self.kind, url: self.url.clone(), query: self.query.clone() }
    }

    /// Host and port: what the number of requests is counted for.
    pub(crate) fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        format!("{host}:{}", self.url.port_or_known_default().unwrap_or_default())
    }

    fn of_hub(
        endpoint: &Url,
        query: &IdentityHubQuery,
        options: &FetchOptions,
    ) -> Result<Self, FetchError> {
        check_hub_port(endpoint)?;
        let body = hub::request_body(query, &random_uuid());
        let mut target = Self::get(endpoint.clone(), Kind::HubReply, options.max_status_list);
        target.body = Some(body);
        target.query = Some(query.clone());
        Ok(target)
    }
}

/// https to a name, without a user and without a dot at its end (another name to a cache, and the
/// same to a resolver: N9); or http to loopback, where that is allowed (N2, N13).
pub(crate) fn check_url(url: &Url, loopback: LoopbackHttp) -> Result<(), FetchError> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::AddressForm);
    }
    match (url.scheme(), url.host()) {
        ("https", Some(Host::Domain(name))) if !name.ends_with('.') => Ok(()),
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
    fn n09_a_name_with_a_dot_at_its_end_is_refused_and_case_makes_no_other_document() {
        let dotted = code("https://trust.example./list", LoopbackHttp::Refuse);
        assert_eq!(dotted, Some("fetch_address_form"));
        let key = |url: &str| {
            let source = Source::StatusList(url.parse().expect("a URL"));
            Target::of(&source, &FetchOptions::default()).ok().map(|target| target.key())
        };
        let canonical = key("https://trust.example/list");
        for url in [
            "https://TRUST.Example/list",
            "HTTPS://trust.example:443/list",
            "https://trust.example/x/../list",
            "https://trust.example/list#1",
        ] {
            assert!(canonical.is_some() && key(url) == canonical, "{url}");
        }
        for url in ["https://trust.example/LIST", "https://trust.example/list?a"] {
            assert!(key(url) != canonical, "{url}");
        }
    }

    #[test]
    fn documents_of_two_kinds_at_one_address_are_two() {
        let url: Url = "https://trust.example/jwks".parse().expect("a URL");
        let key =
            |source| Target::of(&source, &FetchOptions::default()).ok().map(|target| target.key());
        assert!(key(Source::JwkSet(url.clone())) != key(Source::StatusList(url)));
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
