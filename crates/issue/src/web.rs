//! Addresses on the web.

use url::{Host, Url};

/// https, or http on a loopback address.
pub(crate) fn is_safe(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(ip))) => ip.is_loopback(),
        ("http", Some(Host::Ipv6(ip))) => ip.is_loopback(),
        _ => false,
    }
}

/// The URL that names an issuer: safe, without query, fragment and user, and written as a URL is,
/// without a closing slash.
pub(crate) fn issuer_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let normal = url.as_str().trim_end_matches('/') == text;
    (plain && normal && is_safe(&url)).then_some(url)
}

/// The well-known address of such a URL: the name stands between its host and its path.
pub(crate) fn well_known(issuer: &Url, name: &str) -> Url {
    let mut url = issuer.clone();
    let path = issuer.path().trim_end_matches('/');
    url.set_path(&format!("/.well-known/{name}{path}"));
    url
}
