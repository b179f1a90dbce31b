//! Who asks, and where.

use std::fmt;
use std::time::Duration;

use url::Url;
use zeroize::Zeroizing;

use super::EntraError;
use crate::FetchOptions;
use crate::target::check_url;

/// Which tenant asks, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntraOptions {
    /// The tenant: its id or one of its domains.
    pub tenant: String,
    /// The application's id in that tenant.
    pub client_id: String,
    /// Where tokens are had. Default: `https://login.microsoftonline.com`.
    pub login: String,
    /// Where the Request Service is. Default: `https://verifiedid.did.msidentity.com`. A service in
    /// its place that answers the same is named here.
    pub service: String,
    /// How often one request is tried in all. Default: 3.
    pub attempts: u32,
    /// The pause before the second attempt; it doubles. Default: 500 ms, and up to half as much more
    /// at random, so that portals that were refused together do not come back together.
    pub first_pause: Duration,
    /// The longest pause, and the longest `Retry-After` that is waited for. Default: 5 s: a person
    /// waits for the QR code.
    pub longest_pause: Duration,
}

impl EntraOptions {
    /// Of an application in a tenant.
    #[must_use]
    pub fn new(tenant: &str, client_id: &str) -> Self {
        Self {
            tenant: tenant.to_owned(),
            client_id: client_id.to_owned(),
            login: "https://login.microsoftonline.com".to_owned(),
            service: "https://verifiedid.did.msidentity.com".to_owned(),
            attempts: 3,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(5),
        }
    }

    pub(super) fn token_url(&self, fetch: &FetchOptions) -> Result<Url, EntraError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        if self.tenant.is_empty() || !self.tenant.bytes().all(plain) {
            return Err(EntraError::Options);
        }
        address(&self.login, &format!("{}/oauth2/v2.0/token", self.tenant), fetch)
    }

    pub(super) fn create_url(&self, fetch: &FetchOptions) -> Result<Url, EntraError> {
        address(&self.service, "v1.0/verifiableCredentials/createPresentationRequest", fetch)
    }
}

/// The application's secret.
#[derive(Clone)]
pub struct ClientSecret(Zeroizing<String>);

impl ClientSecret {
    /// Takes the secret.
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

/// Prints no secret.
impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}

fn address(base: &str, path: &str, fetch: &FetchOptions) -> Result<Url, EntraError> {
    let address = format!("{}/{path}", base.trim_end_matches('/'));
    let url = Url::parse(&address).map_err(|_| EntraError::Options)?;
    check_url(&url, fetch.loopback)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(EntraError::Options);
    }
    Ok(url)
}
