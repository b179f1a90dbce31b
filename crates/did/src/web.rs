//! did:web: the document is fetched from the domain that the DID names.
//!
//! The grammar here is narrower than the method's, so that no two readers see two hosts:
//!
//! ```text
//! did:web: host [ %3A port ] *( ":" segment )
//!
//! host     two labels or more, of letters, digits and inner hyphens (RFC 1123 §2.1, xn-- labels
//!          included), the last beginning with a letter: no IP address in any spelling, no
//!          trailing dot, no user, nothing percent-encoded
//! port     1 to 65535, no leading zero
//! segment  letters, digits, "-", "_", "."; neither "." nor ".."; nothing percent-encoded
//! ```
//!
//! On this machine, where [`LoopbackHttp::Allow`] says so, `localhost`, `127.0.0.1` and `[::1]`, which
//! is written `%5B%3A%3A1%5D`, are hosts too.
//!
//! An upper-case host is read, and stands in the URL in lower case; since a document's `id` is
//! compared byte for byte, such a DID resolves only where its document writes it so too.

use std::net::Ipv6Addr;

use url::{Host, Url};

use crate::{Did, DidError, Method};

/// Whether a program admits did:web on this machine, over plain http: for demonstrations and tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a switch")]
pub enum LoopbackHttp {
    /// `localhost`, `127.0.0.1` and `[::1]` are refused like every other address.
    #[default]
    Refuse,
    /// `localhost`, `127.0.0.1` and `[::1]` are read, and their URL is http. No other host changes.
    Allow,
}

/// Where the document of a did:web is: `https://host[:port]/.well-known/did.json`, or
/// `https://host[:port]/path/did.json`.
///
/// Which ports and addresses may be connected to is for whoever fetches to judge.
///
/// # Errors
/// [`DidError::OtherMethod`], [`DidError::WebHost`], [`DidError::WebLoopback`],
/// [`DidError::WebPort`] or [`DidError::WebPath`].
pub fn document_url(did: &Did, loopback: LoopbackHttp) -> Result<Url, DidError> {
    if did.method() != Method::Web {
        return Err(DidError::OtherMethod);
    }
    let mut segments = did.method_specific_id().split(':');
    let (host, port) = split_port(segments.next().unwrap_or_default())?;
    let host = host.to_ascii_lowercase();
    let scheme = scheme(&host, loopback)?;
    let path = path(segments)?;
    let text = format!("{scheme}://{host}{port}{path}/did.json");
    let url = Url::parse(&text).map_err(|_| DidError::WebHost)?;
    // The URL library has its own opinion on hosts (an xn-- label that decodes to nothing proper):
    // it must come to the same one.
    if url.host_str() == Some(host.as_str()) { Ok(url) } else { Err(DidError::WebHost) }
}

/// The did:web of an origin, such as `did:web:trust.example` for `https://trust.example/`.
///
/// # Errors
/// [`DidError::Origin`] where the URL has another scheme, a user, a path, a query or a fragment;
/// otherwise as [`document_url`].
pub fn did_of_origin(origin: &Url, loopback: LoopbackHttp) -> Result<Did, DidError> {
    let host = origin_host(origin)?;
    let host = if host == LOOPBACK_V6.0 { LOOPBACK_V6.1 } else { host };
    let did = match origin.port() {
        Some(port) => Did::parse(&format!("did:web:{host}%3A{port}")),
        None => Did::parse(&format!("did:web:{host}")),
    }
    .map_err(|_| DidError::Origin)?;
    let url = document_url(&did, loopback)?;
    if url.origin() == origin.origin() { Ok(did) } else { Err(DidError::Origin) }
}

/// The host of a URL that is an origin and nothing more.
fn origin_host(url: &Url) -> Result<&str, DidError> {
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    let named = match url.host() {
        Some(Host::Ipv6(address)) => address == Ipv6Addr::LOCALHOST,
        host => host.is_some(),
    };
    url.host_str().filter(|_| bare && anonymous && named).ok_or(DidError::Origin)
}

/// The one IPv6 address that is read, as a URL has it and as a DID.
const LOOPBACK_V6: (&str, &str) = ("[::1]", "%5B%3A%3A1%5D");

/// Splits `host%3Aport`; the port comes back as `:port`, or empty.
fn split_port(authority: &str) -> Result<(&str, String), DidError> {
    let (host, port) = match authority.strip_prefix(LOOPBACK_V6.1) {
        Some(port) => (LOOPBACK_V6.0, port),
        None => authority.split_at(authority.find('%').unwrap_or(authority.len())),
    };
    if port.is_empty() {
        return Ok((host, String::new()));
    }
    let port = port.strip_prefix("%3A").or_else(|| port.strip_prefix("%3a"));
    let port = port.ok_or(DidError::WebHost)?;
    let digits = !port.starts_with('0') && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(number) if digits => Ok((host, format!(":{number}"))),
        _ => Err(DidError::WebPort),
    }
}

fn scheme(host: &str, loopback: LoopbackHttp) -> Result<&'static str, DidError> {
    match (is_loopback(host), loopback) {
        (true, LoopbackHttp::Allow) => Ok("http"),
        (true, LoopbackHttp::Refuse) => Err(DidError::WebLoopback),
        (false, _) if is_domain_name(host) => Ok("https"),
        (false, _) => Err(DidError::WebHost),
    }
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1") || host == LOOPBACK_V6.0
}

/// RFC 1123 §2.1: at most 253 bytes, labels of letters, digits and inner hyphens. Two labels at
/// least, and a top-level one that begins with a letter: then no reader takes it for a number
/// (`127.1`, `2130706433`, `0x7f.1`).
fn is_domain_name(host: &str) -> bool {
    let top = host.rsplit_once('.').map(|(_, top)| top);
    host.len() <= 253
        && host.split('.').all(is_label)
        && top.is_some_and(|top| top.starts_with(|first: char| first.is_ascii_alphabetic()))
        && top != Some("localhost")
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn path<'a>(segments: impl Iterator<Item = &'a str>) -> Result<String, DidError> {
    let mut path = String::new();
    for segment in segments {
        if !is_segment(segment) {
            return Err(DidError::WebPath);
        }
        path.push('/');
        path.push_str(segment);
    }
    Ok(if path.is_empty() { "/.well-known".to_owned() } else { path })
}

fn is_segment(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..")
        && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}
