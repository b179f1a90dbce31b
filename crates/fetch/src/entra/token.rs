//! The token for the service, by client credentials (RFC 6749 §4.4).

use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use staffpass_jose::json;
use url::{Url, form_urlencoded};

use super::reply::{Failure, Reply, retry_after};
use super::{ClientSecret, EntraError, EntraOptions, TokenFault};

/// The resource that the token is for: the Request Service.
const SCOPE: &str = "3db474b9-6a0c-4840-96ac-1fceb342124f/.default";

/// The largest token reply, in bytes. A token has some 2,000.
const MAX_TOKEN_REPLY: usize = 64 * 1024;

/// How long before its end a token is no longer used: the request is still under way meanwhile.
const MARGIN: Duration = Duration::from_secs(60);

/// The longest that a token is kept, whatever its reply says.
const MAX_TOKEN_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Clone)]
pub(super) struct Token {
    pub(super) header: HeaderValue,
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

impl Token {
    pub(super) fn is_good(&self) -> bool {
        Instant::now() < self.until
    }

    /// A new one.
    pub(super) async fn ask(
        client: &Client,
        url: &Url,
        options: &EntraOptions,
        secret: &ClientSecret,
    ) -> Result<Self, Failure> {
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &options.client_id)
            .append_pair("client_secret", secret.reveal())
            .append_pair("scope", SCOPE)
            .finish();
        let asked = Instant::now();
        let request = client.post(url.clone()).header(CONTENT_TYPE, form).body(body);
        let Reply { status, headers, body } = Reply::to(request, MAX_TOKEN_REPLY).await?;
        if status == StatusCode::OK {
            return read_token(&body, asked).ok_or_else(|| EntraError::TokenMalformed.into());
        }
        let error = EntraError::TokenRefused { status: status.as_u16(), fault: token_fault(&body) };
        Err(Failure { error, retry_after: retry_after(&headers) })
    }
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
