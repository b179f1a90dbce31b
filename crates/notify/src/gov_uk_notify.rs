//! GOV.UK Notify, by its REST API.
//!
//! Notify keeps the texts, as templates; it is given their ids, and of a message its
//! [values](Message::values) and nothing else. What may pass (429, 5xx, a connection that fails) is
//! tried again with growing pauses. Notify does not compare references: so before a message is sent
//! again, Notify is asked whether it has one under the message's reference.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng as _;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;
use zeroize::Zeroizing;

use crate::error::NotifyError;
use crate::message::{Channel, Kind, Message, Recipient};

/// The last 73 characters of an API key are two UUIDs with a hyphen between: the service and its
/// secret. What stands before is the key's name, which may have hyphens too.
const UUID: usize = 36;
/// Notify's answers are short.
const MOST_BYTES: usize = 64 * 1024;

/// Notify's API, an API key, and the ids of the templates.
pub struct GovUkNotify {
    client: Client,
    base: Url,
    service: String,
    secret: Zeroizing<String>,
    templates: BTreeMap<(Channel, Kind), String>,
    retry: Retry,
}

#[derive(Clone, Copy)]
struct Retry {
    attempts: u32,
    first_pause: Duration,
}

impl GovUkNotify {
    /// Notify's own address, with an API key of a service.
    ///
    /// # Errors
    ///
    /// [`NotifyError::Setting`] where that is not an API key.
    pub fn new(api_key: &str) -> Result<Self, NotifyError> {
        Self::at("https://api.notifications.service.gov.uk", api_key)
    }

    /// The same API at another address: https, or http on this machine.
    ///
    /// # Errors
    ///
    /// [`NotifyError::Setting`].
    pub fn at(base: &str, api_key: &str) -> Result<Self, NotifyError> {
        let base = Url::parse(base).ok().filter(is_safe);
        let (service, secret) = parse_key(api_key)?;
        let client = Client::builder()
            .timeout(Duration::from_secs(20))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| NotifyError::Setting { setting: "tls" })?;
        Ok(Self {
            client,
            base: base.ok_or(NotifyError::Setting { setting: "base" })?,
            service,
            secret,
            templates: BTreeMap::new(),
            retry: Retry { attempts: 4, first_pause: Duration::from_millis(500) },
        })
    }

    /// With the id of the template for this kind of message by this channel.
    #[must_use]
    pub fn with_template(mut self, channel: Channel, kind: Kind, id: &str) -> Self {
        self.templates.insert((channel, kind), id.to_owned());
        self
    }

    /// How often a message is tried, and how long the first pause is; each next one is twice as long,
    /// and none longer than ten seconds.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32, first_pause: Duration) -> Self {
        self.retry = Retry { attempts: attempts.max(1), first_pause };
        self
    }

    pub(crate) async fn send(&self, message: &Message) -> Result<(), NotifyError> {
        let body = self.body(message)?;
        let mut attempt = 1;
        loop {
            let failure = match self.post(message, &body).await {
                Outcome::Taken => return Ok(()),
                Outcome::Refused(status) => {
                    return Err(NotifyError::Refused { status: status.as_u16() });
                }
                Outcome::Wait(failure) => failure,
            };
            if attempt >= self.retry.attempts {
                return Err(failure.error(attempt));
            }
            tokio::time::sleep(self.retry.pause(attempt, &failure)).await;
            // A refusal to take it is sure; anything else may have come after it was taken.
            if !matches!(failure, Failure::RateLimited { .. }) && self.has(message).await? {
                return Ok(());
            }
            attempt += 1;
        }
    }

    fn body(&self, message: &Message) -> Result<Zeroizing<String>, NotifyError> {
        let (kind, channel) = (message.kind(), message.recipient().channel());
        let template = self.templates.get(&(channel, kind));
        let template = template.ok_or(NotifyError::NoTemplate { kind, channel })?;
        let values: serde_json::Map<String, Value> =
            message.values().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let (name, address) = match message.recipient() {
            Recipient::Email(address) => ("email_address", address),
            Recipient::Mobile(number) => ("phone_number", number),
        };
        let body = json!({
            name: address,
            "template_id": template,
            "personalisation": values,
            "reference": message.reference(),
        });
        Ok(Zeroizing::new(body.to_string()))
    }

    async fn post(&self, message: &Message, body: &str) -> Outcome {
        let path = match message.recipient().channel() {
            Channel::Email => "v2/notifications/email",
            Channel::Sms => "v2/notifications/sms",
        };
        let Ok(url) = self.base.join(path) else { return Outcome::Refused(StatusCode::NOT_FOUND) };
        let post = self.client.post(url).header("content-type", "application/json");
        match self.authorised(post).body(body.to_owned()).send().await {
            Err(_) => Outcome::Wait(Failure::Unavailable),
            Ok(answer) if answer.status() == StatusCode::CREATED => Outcome::Taken,
            Ok(answer) if answer.status() == StatusCode::TOO_MANY_REQUESTS => {
                Outcome::Wait(Failure::RateLimited { retry_after: retry_after(&answer) })
            }
            Ok(answer) if answer.status().is_server_error() => Outcome::Wait(Failure::Unavailable),
            Ok(answer) => Outcome::Refused(answer.status()),
        }
    }

    /// Whether Notify has a message under this reference.
    async fn has(&self, message: &Message) -> Result<bool, NotifyError> {
        let url = self.base.join("v2/notifications");
        let mut url = url.map_err(|_| NotifyError::Setting { setting: "base" })?;
        url.query_pairs_mut().append_pair("reference", message.reference());
        let Ok(answer) = self.authorised(self.client.get(url)).send().await else {
            return Ok(false);
        };
        if answer.status() != StatusCode::OK {
            return Ok(false);
        }
        let body = answer.bytes().await.unwrap_or_default();
        let listed = body.get(..body.len().min(MOST_BYTES)).map(serde_json::from_slice::<Value>);
        let Some(Ok(listed)) = listed else { return Ok(false) };
        let found = listed.get("notifications").and_then(Value::as_array);
        Ok(found.is_some_and(|found| !found.is_empty()))
    }

    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(token(&self.service, &self.secret, Utc::now()))
    }
}

/// Prints no key.
impl std::fmt::Debug for GovUkNotify {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GovUkNotify").field("service", &self.service).finish_non_exhaustive()
    }
}

enum Outcome {
    Taken,
    Refused(StatusCode),
    Wait(Failure),
}

enum Failure {
    RateLimited { retry_after: Option<Duration> },
    Unavailable,
}

impl Failure {
    const fn error(&self, attempts: u32) -> NotifyError {
        match self {
            Self::RateLimited { .. } => NotifyError::RateLimited { attempts },
            Self::Unavailable => NotifyError::Unavailable { attempts },
        }
    }
}

impl Retry {
    /// Twice as long each time, with up to half as much again by chance, so that many portals do not
    /// come back at once; or as long as Notify asks for. Never longer than ten seconds.
    fn pause(&self, attempt: u32, failure: &Failure) -> Duration {
        const LONGEST: Duration = Duration::from_secs(10);
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let pause = self.first_pause.saturating_mul(doubled);
        let by_chance = pause.mul_f64(f64::from(rand::rng().next_u32() >> 16) / 131_072.0);
        let asked = match failure {
            Failure::RateLimited { retry_after } => *retry_after,
            Failure::Unavailable => None,
        };
        pause.saturating_add(by_chance).max(asked.unwrap_or_default()).min(LONGEST)
    }
}

fn retry_after(answer: &reqwest::Response) -> Option<Duration> {
    let seconds = answer.headers().get("retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn is_safe(base: &Url) -> bool {
    let loopback = matches!(base.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    base.scheme() == "https" || (base.scheme() == "http" && loopback)
}

fn parse_key(api_key: &str) -> Result<(String, Zeroizing<String>), NotifyError> {
    let malformed = NotifyError::Setting { setting: "api_key" };
    let start = api_key.len().checked_sub(2 * UUID + 1).ok_or(malformed)?;
    let end = api_key.get(start..).ok_or(malformed)?;
    let (service, rest) = end.split_at_checked(UUID).ok_or(malformed)?;
    let secret = rest.strip_prefix('-').ok_or(malformed)?;
    if is_uuid(service) && is_uuid(secret) {
        Ok((service.to_owned(), Zeroizing::new(secret.to_owned())))
    } else {
        Err(malformed)
    }
}

fn is_uuid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    text.len() == UUID
        && text.bytes().enumerate().all(|(at, byte)| {
            if hyphens.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() }
        })
}

/// A JWT (RFC 7519) with HS256: the service, and now. Notify takes it for thirty seconds.
fn token(service: &str, secret: &str, now: DateTime<Utc>) -> String {
    let header = json!({ "typ": "JWT", "alg": "HS256" }).to_string();
    let claims = json!({ "iss": service, "iat": now.timestamp() }).to_string();
    sign(&header, &claims, secret.as_bytes())
}

/// JWS compact form (RFC 7515 section 3.1) with HMAC-SHA-256 (RFC 7518 section 3.2).
fn sign(header: &str, payload: &str, key: &[u8]) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    // HMAC takes a key of any length.
    let mac = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(&input).finalize());
    let mac = mac.map(|mac| URL_SAFE_NO_PAD.encode(mac.into_bytes())).unwrap_or_default();
    format!("{input}.{mac}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515 appendix A.1.
    #[test]
    fn the_token_is_signed_as_in_rfc_7515() {
        let header = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
        let payload =
            "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = URL_SAFE_NO_PAD.decode(key).unwrap();
        assert!(
            sign(header, payload, &key).ends_with(".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        );
    }

    #[test]
    fn an_api_key_is_read_from_its_end() {
        let (service, secret) =
            ("26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0");
        let (read, kept) = parse_key(&format!("a-name-with-hyphens-{service}-{secret}")).unwrap();
        assert_eq!((read.as_str(), kept.as_str()), (service, secret));
        for wrong in ["", "short", &format!("{service}{secret}"), &format!("x-{service}-é{secret}")]
        {
            assert_eq!(parse_key(wrong).unwrap_err().code(), "notify_setting");
        }
    }

    #[test]
    fn no_pause_is_longer_than_ten_seconds() {
        let retry = Retry { attempts: 9, first_pause: Duration::from_millis(500) };
        let asked = Failure::RateLimited { retry_after: Some(Duration::from_secs(3600)) };
        assert_eq!(retry.pause(1, &asked), Duration::from_secs(10));
        for attempt in 1..100 {
            let pause = retry.pause(attempt, &Failure::Unavailable);
            assert!(pause >= Duration::from_millis(500) && pause <= Duration::from_secs(10));
        }
    }
}
