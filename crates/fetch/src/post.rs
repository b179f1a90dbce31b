//! Posting to an address that somebody else chose: callbacks.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::resolver::{Lookup, PublicOnly, system};
use crate::target::check_url;
use crate::{FetchError, FetchOptions, http};

/// Posts JSON to addresses that others chose, by the rules for addresses of
/// [`Fetcher`](crate::Fetcher): https, a name that resolves to public addresses alone, no redirect, no
/// proxy, its time. Of the answer only the status is looked at. Cheap to clone.
///
/// ```no_run
/// use staffpass_fetch::{FetchOptions, Poster};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let poster = Poster::new(&FetchOptions::default())?;
/// let headers = [("api-key", "a secret of the receiver's")];
/// poster.post("https://portal.example/callback", headers, "{}".to_owned()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Poster {
    client: Client,
    options: FetchOptions,
}

impl Poster {
    /// One that asks the operating system for the addresses of names.
    ///
    /// # Errors
    /// [`FetchError::Client`].
    pub fn new(options: &FetchOptions) -> Result<Self, FetchError> {
        Self::build(options, Arc::new(system))
    }

    /// One that asks `lookup`, which may block, for the addresses of names.
    ///
    /// # Errors
    /// [`FetchError::Client`].
    pub fn with_lookup(
        options: &FetchOptions,
        lookup: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static,
    ) -> Result<Self, FetchError> {
        Self::build(options, Arc::new(lookup))
    }

    fn build(options: &FetchOptions, lookup: Arc<Lookup>) -> Result<Self, FetchError> {
        let client = http::client(options, PublicOnly::new(lookup, options.loopback))?;
        Ok(Self { client, options: options.clone() })
    }

    /// Whether an address is one that is posted to, as far as it can be told before its name is
    /// resolved.
    ///
    /// # Errors
    /// [`FetchError::NotHttps`], [`FetchError::AddressForm`].
    pub fn check(&self, address: &str) -> Result<(), FetchError> {
        self.read(address).map(drop)
    }

    /// Posts a JSON text with these headers more, and waits for the answer. Any status of 2xx is a
    /// good one.
    ///
    /// Needs a tokio runtime with time and I/O.
    ///
    /// # Errors
    /// As [`check`](Self::check), [`FetchError::AddressForm`] for a header that is none too;
    /// [`FetchError::AddressNotPublic`], [`FetchError::Unresolved`], [`FetchError::Connect`],
    /// [`FetchError::Timeout`], [`FetchError::Broken`]; [`FetchError::Redirect`] and
    /// [`FetchError::Status`] for another answer.
    pub async fn post<'h>(
        &self,
        address: &str,
        headers: impl IntoIterator<Item = (&'h str, &'h str)>,
        json: String,
    ) -> Result<(), FetchError> {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            let (name, value) = header(name, value).ok_or(FetchError::AddressForm)?;
            all.insert(name, value);
        }
        all.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let request = self.client.post(self.read(address)?).headers(all).body(json);
        let answer = request.send().await.map_err(|error| FetchError::of_client(&error))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status if status.is_redirection() => {
                Err(FetchError::Redirect { status: status.as_u16() })
            }
            status => Err(FetchError::Status { status: status.as_u16() }),
        }
    }

    fn read(&self, address: &str) -> Result<Url, FetchError> {
        let url = Url::parse(address).map_err(|_| FetchError::AddressForm)?;
        check_url(&url, self.options.loopback)?;
        Ok(url)
    }
}

/// Whoever reads the log reads no secret of the receiver's.
fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

/// Prints the options alone.
impl fmt::Debug for Poster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poster").field("options", &self.options).finish_non_exhaustive()
    }
}
