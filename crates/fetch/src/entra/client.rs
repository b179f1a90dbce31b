//! The client: a request made at the service, tried again where that may help.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, StatusCode};
use staffpass_request::entra::{Created, CredentialRequest, ServiceError};
use tokio::sync::Mutex;
use url::Url;

use super::reply::{Failure, Reply, retry_after};
use super::token::Token;
use super::{ClientSecret, EntraError, EntraOptions};
use crate::resolver::{Lookup, PublicOnly, system};
use crate::{FetchOptions, http};

/// The largest answer of the service, in bytes: it may hold a QR code.
const MAX_REPLY: usize = 256 * 1024;

/// A client of Microsoft's Request Service. One serves a whole program; a clone shares its token.
#[derive(Clone)]
pub struct EntraClient(Arc<Inner>);

struct Inner {
    client: Client,
    options: EntraOptions,
    secret: ClientSecret,
    token_url: Url,
    create_url: Url,
    token: Mutex<Option<Token>>,
}

impl EntraClient {
    /// A client that asks the operating system for the addresses of names.
    ///
    /// # Errors
    /// [`EntraError::Options`], [`FetchError::Client`](crate::FetchError::Client), and those of [`FetchError`](crate::FetchError) that an address
    /// has which may not be fetched.
    pub fn new(
        options: &EntraOptions,
        fetch: &FetchOptions,
        secret: ClientSecret,
    ) -> Result<Self, EntraError> {
        Self::build(options, fetch, secret, Arc::new(system))
    }

    /// A client that asks `lookup`, which may block, for the addresses of names.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_lookup(
        options: &EntraOptions,
        fetch: &FetchOptions,
        secret: ClientSecret,
        lookup: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static,
    ) -> Result<Self, EntraError> {
        Self::build(options, fetch, secret, Arc::new(lookup))
    }

    fn build(
        options: &EntraOptions,
        fetch: &FetchOptions,
        secret: ClientSecret,
        lookup: Arc<Lookup>,
    ) -> Result<Self, EntraError> {
        Ok(Self(Arc::new(Inner {
            client: http::client(fetch, PublicOnly::new(lookup, fetch.loopback))?,
            options: options.clone(),
            secret,
            token_url: options.token_url(fetch)?,
            create_url: options.create_url(fetch)?,
            token: Mutex::new(None),
        })))
    }

    /// Makes a request at the service.
    ///
    /// Needs a tokio runtime with time and I/O.
    ///
    /// # Errors
    /// [`EntraError`]: of the last attempt, where several were made.
    pub async fn create(&self, request: &CredentialRequest) -> Result<Created, EntraError> {
        let body = request.to_json();
        let (mut attempt, mut token_renewed) = (1, false);
        loop {
            let failure = match self.create_once(&body).await {
                Ok(created) => return Ok(created),
                Err(failure) => failure,
            };
            if failure.error.is_unauthorized() && !token_renewed {
                token_renewed = true;
                continue;
            }
            let Some(pause) = self.pause_after(attempt, &failure) else {
                return Err(failure.error);
            };
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn create_once(&self, body: &str) -> Result<Created, Failure> {
        let inner = &self.0;
        let token = self.token().await?;
        let json = HeaderValue::from_static("application/json");
        let request = inner
            .client
            .post(inner.create_url.clone())
            .header(AUTHORIZATION, token)
            .header(CONTENT_TYPE, json.clone())
            .header(ACCEPT, json)
            .body(body.to_owned());
        let Reply { status, headers, body } = Reply::to(request, MAX_REPLY).await?;
        if status == StatusCode::CREATED || status == StatusCode::OK {
            return Created::parse(&body).map_err(|error| EntraError::Malformed(error).into());
        }
        if status == StatusCode::UNAUTHORIZED {
            *inner.token.lock().await = None;
        }
        let error = EntraError::Service(ServiceError::read(status.as_u16(), &body));
        Err(Failure { error, retry_after: retry_after(&headers) })
    }

    /// The token that is kept, or a new one. Whoever comes meanwhile waits for it, and asks for none.
    async fn token(&self) -> Result<HeaderValue, Failure> {
        let inner = &self.0;
        let mut kept = inner.token.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| token.is_good()) {
            return Ok(token.header.clone());
        }
        let (options, secret) = (&inner.options, &inner.secret);
        let token = Token::ask(&inner.client, &inner.token_url, options, secret).await?;
        Ok(kept.insert(token).header.clone())
    }

    /// How long to wait before the next attempt, if there is to be one.
    fn pause_after(&self, attempt: u32, failure: &Failure) -> Option<Duration> {
        let options = &self.0.options;
        if attempt >= options.attempts || !failure.error.is_transient() {
            return None;
        }
        match failure.retry_after {
            Some(wanted) if wanted > options.longest_pause => None,
            Some(wanted) => Some(wanted),
            None => {
                let pause = options.first_pause.saturating_mul(1 << (attempt - 1).min(16));
                let pause = pause + pause.mul_f64(rand::random::<f64>() / 2.0);
                Some(pause.min(options.longest_pause))
            }
        }
    }
}

/// Prints the options alone.
impl fmt::Debug for EntraClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntraClient").field("options", &self.0.options).finish_non_exhaustive()
    }
}
