//! The client of Microsoft's Request Service, and the verification of its receipts.
//!
//! ```text
//!  EntraClient::create ─ token, by client credentials ─► login.microsoftonline.com   (kept until it ends)
//!        │
//!        └─ POST createPresentationRequest ─► verifiedid.did.msidentity.com ─► Created
//!
//!  callback ─► Exchange::receive ─► Presented ─► Fetcher::verify_receipt ─► VerifiedResponse
//! ```
//!
//! | answer | what is done |
//! |---|---|
//! | 401 | the token is thrown away, and another is asked for once |
//! | 429, 5xx, no answer | asked again after a pause that doubles, or after `Retry-After`, three times in all |
//! | any other | the service's error, with the member at fault |
//!
//! The rules for addresses, redirects, sizes and times are those of [`Fetcher`]. A request that is
//! sent twice makes two at the service: the first is never shown to anybody, and its callbacks have
//! another request id.
//!
//! ```no_run
//! use staffpass_fetch::FetchOptions;
//! use staffpass_fetch::entra::{ClientSecret, EntraClient, EntraOptions};
//! use staffpass_request::entra::{Party, RequestBuilder, RequestedCredential};
//!
//! # async fn example(secret: String, now: chrono::DateTime<chrono::Utc>)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! let options = EntraOptions::new("tenant.example", "11111111-2222-3333-4444-555555555555");
//! let client = EntraClient::new(&options, &FetchOptions::default(), ClientSecret::new(secret))?;
//!
//! let callback = "https://portal.example/entra/callback";
//! let party = Party::new("did:web:portal.example", "Example Trust", callback)?;
//! let identity = RequestedCredential::new("StaffIdentity", ["did:web:old-trust.example"]);
//! let builder = RequestBuilder::new(&party, [identity]).with_receipt();
//! let (request, mut exchange) = builder.build(now, &mut rand::rng())?;
//! // Store the exchange here: a callback may be quicker than the answer.
//! let created = client.create(&request).await?;
//! exchange.created(&created);
//! println!("{}", created.link());
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use staffpass_jose::json;
use staffpass_request::RequestError;
use staffpass_request::entra::{
    CallbackError, Checked, Created, CredentialRequest, Exchange, Presented, ServiceError,
};
use staffpass_verify::{Evidence, Rejection, VerifiedResponse, Verifier};
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::resolver::{Lookup, PublicOnly, system};
use crate::target::check_url;
use crate::{FetchError, FetchOptions, Fetcher, http};

/// The resource that the token is for: the Request Service.
const SCOPE: &str = "3db474b9-6a0c-4840-96ac-1fceb342124f/.default";

/// The largest token reply, in bytes. A token has some 2,000.
const MAX_TOKEN_REPLY: usize = 64 * 1024;

/// The largest answer of the service, in bytes: it may hold a QR code.
const MAX_REPLY: usize = 256 * 1024;

/// How long before its end a token is no longer used: the request is still under way meanwhile.
const MARGIN: Duration = Duration::from_secs(60);

/// The longest that a token is kept, whatever its reply says.
const MAX_TOKEN_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

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
}

/// Prints no secret.
impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}

/// Why no request was made at the service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntraError {
    /// The tenant or an address among the options is not of the form that it must have.
    #[error("the options are malformed")]
    Options,
    /// No answer could be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// No token was given.
    #[error("no token was given: status {status}, {fault:?}")]
    TokenRefused {
        /// The HTTP status.
        status: u16,
        /// What is wrong.
        fault: TokenFault,
    },
    /// The token reply is not one.
    #[error("the token reply cannot be read")]
    TokenMalformed,
    /// The service refused.
    #[error(transparent)]
    Service(ServiceError),
    /// The service's answer is not one.
    #[error("the service's answer cannot be read")]
    Malformed(#[source] RequestError),
}

impl EntraError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Options => "entra_options",
            Self::Fetch(error) => error.code(),
            Self::TokenRefused { .. } => "entra_token_refused",
            Self::TokenMalformed => "entra_token_malformed",
            Self::Service(error) => error.code(),
            Self::Malformed(_) => "entra_service_malformed",
        }
    }

    /// Whether the same may succeed a little later.
    fn is_transient(&self) -> bool {
        match self {
            Self::Fetch(error) => matches!(
                error,
                FetchError::Connect
                    | FetchError::Timeout
                    | FetchError::Unresolved
                    | FetchError::Broken
            ),
            Self::TokenRefused { status, .. } => *status == 429 || *status >= 500,
            Self::Service(error) => error.is_transient(),
            _ => false,
        }
    }
}

/// Why no token was given (RFC 6749 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFault {
    /// `invalid_client`: the application or its secret is not known, or the secret has expired.
    InvalidClient,
    /// `unauthorized_client`: the application is not known in this tenant.
    UnauthorizedClient,
    /// `invalid_request`: the tenant is not known, say.
    InvalidRequest,
    /// `invalid_scope`.
    InvalidScope,
    /// Any other, or none that could be read.
    Other,
}

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

#[derive(Clone)]
struct Token {
    header: HeaderValue,
    until: Instant,
}

#[derive(Deserialize)]
struct TokenReply {
    access_token: String,
    token_type: String,
    expires_in: u64,
}

#[derive(Deserialize)]
struct TokenError {
    error: String,
}

/// An attempt that failed, and how long the server wants to be left alone.
struct Failure {
    error: EntraError,
    retry_after: Option<Duration>,
}

impl<E: Into<EntraError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { error: error.into(), retry_after: None }
    }
}

impl EntraClient {
    /// A client that asks the operating system for the addresses of names.
    ///
    /// # Errors
    /// [`EntraError::Options`], [`FetchError::Client`], and those of [`FetchError`] that an address
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
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        if options.tenant.is_empty() || !options.tenant.bytes().all(plain) {
            return Err(EntraError::Options);
        }
        let token_path = format!("{}/oauth2/v2.0/token", options.tenant);
        let create_path = "v1.0/verifiableCredentials/createPresentationRequest";
        Ok(Self(Arc::new(Inner {
            client: http::client(fetch, PublicOnly::new(lookup, fetch.loopback))?,
            options: options.clone(),
            secret,
            token_url: address(&options.login, &token_path, fetch)?,
            create_url: address(&options.service, create_path, fetch)?,
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
            if is_unauthorized(&failure.error) && !token_renewed {
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
        let mut kept = self.0.token.lock().await;
        match &*kept {
            Some(token) if Instant::now() < token.until => Ok(token.header.clone()),
            _ => {
                let token = self.new_token().await?;
                let header = token.header.clone();
                *kept = Some(token);
                Ok(header)
            }
        }
    }

    /// Client credentials (RFC 6749 §4.4).
    async fn new_token(&self) -> Result<Token, Failure> {
        let inner = &self.0;
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &inner.options.client_id)
            .append_pair("client_secret", &inner.secret.0)
            .append_pair("scope", SCOPE)
            .finish();
        let asked = Instant::now();
        let request = inner.client.post(inner.token_url.clone());
        let request = request.header(CONTENT_TYPE, form).body(body);
        let Reply { status, headers, body } = Reply::to(request, MAX_TOKEN_REPLY).await?;
        if status == StatusCode::OK {
            return read_token(&body, asked).ok_or_else(|| EntraError::TokenMalformed.into());
        }
        let error = EntraError::TokenRefused { status: status.as_u16(), fault: token_fault(&body) };
        Err(Failure { error, retry_after: retry_after(&headers) })
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

/// An answer, read to its end.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    async fn to(request: reqwest::RequestBuilder, limit: usize) -> Result<Self, FetchError> {
        let answer = request.send().await.map_err(|error| FetchError::of_client(&error))?;
        let status = answer.status();
        if status.is_redirection() {
            return Err(FetchError::Redirect { status: status.as_u16() });
        }
        http::check_encoding(&answer)?;
        let headers = answer.headers().clone();
        Ok(Self { status, headers, body: http::read(answer, limit).await? })
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

fn is_unauthorized(error: &EntraError) -> bool {
    matches!(error, EntraError::Service(ServiceError { status: 401, .. }))
}

/// In seconds alone (RFC 9110 §10.2.3): a date would need the server's clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn read_token(body: &[u8], asked: Instant) -> Option<Token> {
    let reply: TokenReply = json::parse(body, &json::Limits::default()).ok()?;
    if !reply.token_type.eq_ignore_ascii_case("bearer") || reply.access_token.is_empty() {
        return None;
    }
    let mut header = HeaderValue::from_str(&format!("Bearer {}", reply.access_token)).ok()?;
    header.set_sensitive(true);
    let life = Duration::from_secs(reply.expires_in).min(MAX_TOKEN_LIFE);
    Some(Token { header, until: asked + life.saturating_sub(MARGIN) })
}

fn token_fault(body: &[u8]) -> TokenFault {
    match json::parse::<TokenError>(body, &json::Limits::default()) {
        Ok(TokenError { error }) => match error.as_str() {
            "invalid_client" => TokenFault::InvalidClient,
            "unauthorized_client" => TokenFault::UnauthorizedClient,
            "invalid_request" => TokenFault::InvalidRequest,
            "invalid_scope" => TokenFault::InvalidScope,
            _ => TokenFault::Other,
        },
        Err(_) => TokenFault::Other,
    }
}

/// Why a receipt does not count.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// There is none.
    #[error("there is no receipt")]
    Missing,
    /// Its ID token cannot be read.
    #[error("the receipt cannot be read")]
    Unreadable(#[source] RequestError),
    /// Its tokens are refused; the report says why.
    #[error("the tokens of the receipt are refused")]
    Rejected(Box<Rejection>),
    /// What was verified is not what the service says, or not what was asked.
    #[error(transparent)]
    Refused(CallbackError),
}

impl ReceiptError {
    /// The stable code. Those of the tokens' checks are in the report.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "entra_receipt_missing",
            Self::Unreadable(error) => error.code(),
            Self::Rejected(_) => "entra_receipt_rejected",
            Self::Refused(error) => error.code(),
        }
    }
}

impl Fetcher {
    /// Verifies the receipt of a presentation as if the wallet had posted it here, and confirms that
    /// it is what the service says and what was asked. The exchange is verified or refused
    /// afterwards.
    ///
    /// Keep [`Receipt::nonce_digest`](staffpass_request::entra::Receipt::nonce_digest) where it can
    /// stand but once, and refuse a receipt whose digest is there already.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub async fn verify_receipt(
        &self,
        verifier: &Verifier,
        exchange: &mut Exchange,
        presented: &Presented,
        evidence: &mut Evidence,
        clock: impl Fn() -> DateTime<Utc>,
    ) -> Result<VerifiedResponse, ReceiptError> {
        let verified = self.verify_tokens(verifier, exchange, presented, evidence, clock).await;
        let response = verified.inspect_err(|_| exchange.refuse())?;
        let checked: Vec<_> = response
            .credentials()
            .iter()
            .map(|c| Checked::new(c.issuer(), c.types(), c.subject(), c.holder()))
            .collect();
        exchange.confirm(presented, &checked).map_err(ReceiptError::Refused)?;
        Ok(response)
    }

    async fn verify_tokens(
        &self,
        verifier: &Verifier,
        exchange: &Exchange,
        presented: &Presented,
        evidence: &mut Evidence,
        clock: impl Fn() -> DateTime<Utc>,
    ) -> Result<VerifiedResponse, ReceiptError> {
        let receipt = presented.receipt().ok_or(ReceiptError::Missing)?;
        let expectation = receipt.expectation(exchange).map_err(ReceiptError::Unreadable)?;
        let mut verification = verifier.receive(&expectation, &receipt.body());
        let verdict = self.verify(&mut verification, evidence, clock).await;
        verdict.map_err(|rejection| ReceiptError::Rejected(Box::new(rejection)))
    }
}
