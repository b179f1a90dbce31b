//! Addresses: https, or by a named option plain http on this machine's loopback.

use std::fmt;

use url::{Host, Origin, Url};

use crate::RequestError;
use crate::error::Address;

/// Which schemes an address may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// https alone.
    #[default]
    Https,
    /// Plain http too, on `localhost`, `127.0.0.1` and `[::1]`, any port: for development and
    /// tests.
    HttpsOrLoopbackHttp,
}

/// Longest address that is read, in bytes. Real ones have some hundred.
const MAX_ADDRESS: usize = 2048;

impl Transport {
    /// Reads an address: a URL with a host, of a scheme that may be, without user and fragment.
    pub(crate) fn read(self, text: &str, address: Address) -> Result<Url, RequestError> {
        let form = RequestError::AddressForm { address };
        // A backslash is a slash to some readers of URLs, and part of a user's name to others.
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        if text.len() > MAX_ADDRESS || !text.bytes().all(plain) {
            return Err(form);
        }
        let url = Url::parse(text).map_err(|_| form.clone())?;
        if !self.accepts(&url) {
            return Err(RequestError::AddressScheme { address });
        }
        // Some readers supply slashes that are missing, or drop those that are too many.
        let slashes = text.get(url.scheme().len()..).is_some_and(|rest| {
            rest.strip_prefix("://").is_some_and(|rest| !rest.starts_with('/'))
        });
        let user = !url.username().is_empty() || url.password().is_some();
        if !slashes || user || url.fragment().is_some() || url.host().is_none() {
            return Err(form);
        }
        Ok(url)
    }

    fn accepts(self, url: &Url) -> bool {
        match url.scheme() {
            "https" => true,
            "http" => self == Self::HttpsOrLoopbackHttp && is_loopback(url),
            _ => false,
        }
    }
}

/// These three and no other name: nothing is asked of a resolver.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => address == std::net::Ipv6Addr::LOCALHOST,
        None => false,
    }
}

/// Where a verifier serves its request objects and takes its answers: two addresses, to which each
/// request adds a random segment of its own.
#[derive(Clone)]
pub struct Endpoints {
    request: Url,
    response: Url,
    transport: Transport,
}

impl Endpoints {
    /// `https://portal.example/request` and `https://portal.example/response`, say. A slash at the
    /// end counts for nothing.
    ///
    /// # Errors
    /// [`RequestError::AddressForm`] for what is no URL or has a user, a query or a fragment;
    /// [`RequestError::AddressScheme`] for what is not https.
    pub fn new(request: &str, response: &str) -> Result<Self, RequestError> {
        Self::with_transport(request, response, Transport::Https)
    }

    /// The same, with the schemes that `transport` accepts.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_transport(
        request: &str,
        response: &str,
        transport: Transport,
    ) -> Result<Self, RequestError> {
        let request = base(transport, request, Address::Request)?;
        let response = base(transport, response, Address::Response)?;
        Ok(Self { request, response, transport })
    }

    /// The address under which request objects are served, without the random segment.
    #[must_use]
    pub fn request(&self) -> &str {
        self.request.as_str()
    }

    /// The address under which answers are taken, without the random segment.
    #[must_use]
    pub fn response(&self) -> &str {
        self.response.as_str()
    }

    /// The schemes that are accepted.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        self.transport
    }

    pub(crate) fn request_uri(&self, segment: &str) -> String {
        join(&self.request, segment)
    }

    pub(crate) fn response_uri(&self, segment: &str) -> String {
        join(&self.response, segment)
    }

    /// The profile wants one origin for the verifier's did:web and both addresses.
    pub(crate) fn check_origin(&self, origin: &Origin) -> Result<(), RequestError> {
        if self.request.origin() != *origin {
            return Err(RequestError::AddressOrigin { address: Address::Request });
        }
        if self.response.origin() != *origin {
            return Err(RequestError::AddressOrigin { address: Address::Response });
        }
        Ok(())
    }

    pub(crate) fn request_origin(&self) -> Origin {
        self.request.origin()
    }

    /// The origin at which the document of a did:web stands, given its first segment. Over plain
    /// http where the request's address is.
    pub(crate) fn origin_of(&self, host: &str) -> Option<Origin> {
        // What is still encoded would be decoded by the parser of URLs, and be another name (attack
        // N5).
        if host.contains('%') {
            return None;
        }
        Url::parse(&format!("{}://{host}", self.request.scheme())).ok().map(|url| url.origin())
    }
}

/// Prints no address: a path may name a tenant.
impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoints").field("transport", &self.transport).finish_non_exhaustive()
    }
}

fn base(transport: Transport, text: &str, address: Address) -> Result<Url, RequestError> {
    let mut url = transport.read(text, address)?;
    if url.query().is_some() {
        return Err(RequestError::AddressForm { address });
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Adds a segment of unreserved characters.
fn join(base: &Url, segment: &str) -> String {
    format!("{}/{segment}", base.as_str().trim_end_matches('/'))
}
