//! GOV.UK Notify, against a fake of its API on loopback that checks what it is sent as Notify does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use staffpass_notify::*;

const SERVICE: &str = "26785a09-ab16-4eb0-8407-a37497a57506";
const SECRET: &str = "3d844edf-8d35-48ac-975b-e847b4f122b0";

/// What the fake does with a message.
#[derive(Clone, Copy)]
enum Answer {
    Take,
    /// Takes it, and fails to say so.
    TakeAndFail,
    Say(u16),
    SayRetryAfter(u64),
}

#[derive(Clone, Default)]
struct Fake {
    script: Arc<Mutex<VecDeque<Answer>>>,
    taken: Arc<Mutex<Vec<(String, Value)>>>,
    posts: Arc<Mutex<Vec<Instant>>>,
}

impl Fake {
    /// The next answers; after them, messages are taken.
    async fn start(script: &[Answer]) -> (Self, String) {
        let fake = Self {
            script: Arc::new(Mutex::new(script.iter().copied().collect())),
            ..Self::default()
        };
        let routes = Router::new()
            .route("/v2/notifications/email", post(Self::email))
            .route("/v2/notifications/sms", post(Self::sms))
            .route("/v2/notifications", get(Self::list))
            .with_state(fake.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (fake, base)
    }

    async fn email(
        State(fake): State<Self>,
        headers: HeaderMap,
        body: String,
    ) -> (StatusCode, HeaderMap) {
        fake.post("email", &headers, &body)
    }

    async fn sms(
        State(fake): State<Self>,
        headers: HeaderMap,
        body: String,
    ) -> (StatusCode, HeaderMap) {
        fake.post("sms", &headers, &body)
    }

    fn post(&self, channel: &str, headers: &HeaderMap, body: &str) -> (StatusCode, HeaderMap) {
        self.posts.lock().unwrap().push(Instant::now());
        if !authorised(headers) {
            return (StatusCode::FORBIDDEN, HeaderMap::new());
        }
        let body: Value = serde_json::from_str(body).unwrap();
        let answer = self.script.lock().unwrap().pop_front().unwrap_or(Answer::Take);
        let mut more = HeaderMap::new();
        let take = || self.taken.lock().unwrap().push((channel.to_owned(), body.clone()));
        let status = match answer {
            Answer::Take => {
                take();
                201
            }
            Answer::TakeAndFail => {
                take();
                500
            }
            Answer::Say(status) => status,
            Answer::SayRetryAfter(seconds) => {
                more.insert("retry-after", seconds.into());
                429
            }
        };
        (StatusCode::from_u16(status).unwrap(), more)
    }

    async fn list(
        State(fake): State<Self>,
        headers: HeaderMap,
        RawQuery(query): RawQuery,
    ) -> (StatusCode, String) {
        if !authorised(&headers) {
            return (StatusCode::FORBIDDEN, String::new());
        }
        let wanted = query.unwrap();
        let wanted = wanted.strip_prefix("reference=").unwrap();
        let taken = fake.taken.lock().unwrap();
        let found = taken.iter().filter(|(_, body)| body["reference"] == wanted);
        let found: Vec<Value> =
            found.map(|(_, body)| json!({ "reference": body["reference"] })).collect();
        (StatusCode::OK, json!({ "notifications": found, "links": {} }).to_string())
    }
}

/// As Notify does it: HS256 under the secret, the service as issuer, and within thirty seconds.
fn authorised(headers: &HeaderMap) -> bool {
    let Some(header) = headers.get("authorization") else { return false };
    let token = header.to_str().unwrap().strip_prefix("Bearer ").unwrap();
    let (input, mac) = token.rsplit_once('.').unwrap();
    let key = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    let genuine =
        key.chain_update(input).verify_slice(&URL_SAFE_NO_PAD.decode(mac).unwrap()).is_ok();
    let (head, claims) = input.split_once('.').unwrap();
    let json = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let (head, claims) = (json(head), json(claims));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    genuine
        && head == json!({ "typ": "JWT", "alg": "HS256" })
        && claims["iss"] == SERVICE
        && claims["iat"].as_u64().unwrap().abs_diff(now) <= 30
}

fn notifier(base: &str, secret: &str) -> Notifier {
    let key = format!("staffpass-test-{SERVICE}-{secret}");
    let notify = GovUkNotify::at(base, &key)
        .unwrap()
        .with_template(Channel::Email, Kind::Code, "template-email")
        .with_template(Channel::Sms, Kind::Code, "template-sms")
        .with_attempts(4, Duration::from_millis(20));
    Notifier::gov_uk_notify(notify)
}

fn by_email() -> Message {
    let to = address::email("simulate-delivered@notifications.service.gov.uk").unwrap();
    Message::code(to, "Westmoor", "042917", 5)
}

#[tokio::test]
async fn email_and_text_message_are_taken_with_the_values_and_nothing_else() {
    let (fake, base) = Fake::start(&[]).await;
    let notifier = notifier(&base, SECRET);
    let number = NumberRules::default().with_test_numbers().mobile("07700900111").unwrap();
    let text = Message::code(number, "Westmoor", "042917", 5).with_origin("portal.example");
    let email = by_email();
    notifier.send(&email).await.unwrap();
    notifier.send(&text).await.unwrap();
    let taken = fake.taken.lock().unwrap();
    let values = json!({ "code": "042917", "service_name": "Westmoor", "minutes": "5" });
    let wanted = json!({
        "email_address": "simulate-delivered@notifications.service.gov.uk",
        "template_id": "template-email", "personalisation": values, "reference": email.reference(),
    });
    assert_eq!(taken[0], ("email".to_owned(), wanted));
    let wanted = json!({
        "phone_number": "+447700900111",
        "template_id": "template-sms", "personalisation": values, "reference": text.reference(),
    });
    assert_eq!(taken[1], ("sms".to_owned(), wanted));
}

#[tokio::test]
async fn what_may_pass_is_tried_again_with_growing_pauses() {
    let script = [Answer::Say(429), Answer::Say(503), Answer::Say(500)];
    let (fake, base) = Fake::start(&script).await;
    notifier(&base, SECRET).send(&by_email()).await.unwrap();
    assert_eq!(fake.taken.lock().unwrap().len(), 1);
    let posts = fake.posts.lock().unwrap();
    let pauses: Vec<_> = posts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(pauses.len(), 3);
    for (pause, least) in pauses.iter().zip([20, 40, 80]) {
        assert!(*pause >= Duration::from_millis(least), "{pauses:?}");
    }
}

#[tokio::test]
async fn a_message_that_was_taken_before_the_failure_is_not_sent_twice() {
    let (fake, base) = Fake::start(&[Answer::TakeAndFail]).await;
    notifier(&base, SECRET).send(&by_email()).await.unwrap();
    assert_eq!(fake.taken.lock().unwrap().len(), 1);
    assert_eq!(fake.posts.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn trying_ends_and_says_why() {
    let cases = [(429, "notify_rate_limited"), (500, "notify_unavailable")];
    for (status, code) in cases {
        let (fake, base) = Fake::start(&[Answer::Say(status); 9]).await;
        let error = notifier(&base, SECRET).send(&by_email()).await.unwrap_err();
        assert_eq!(error.code(), code);
        assert_eq!(fake.posts.lock().unwrap().len(), 4);
    }
}

#[tokio::test]
async fn notify_may_ask_for_a_longer_pause() {
    let (fake, base) = Fake::start(&[Answer::SayRetryAfter(1)]).await;
    notifier(&base, SECRET).send(&by_email()).await.unwrap();
    let posts = fake.posts.lock().unwrap();
    assert!(posts[1] - posts[0] >= Duration::from_secs(1));
}

#[tokio::test]
async fn what_will_not_pass_is_not_tried_again() {
    let (fake, base) = Fake::start(&[Answer::Say(400)]).await;
    let error = notifier(&base, SECRET).send(&by_email()).await.unwrap_err();
    assert_eq!(error, NotifyError::Refused { status: 400 });
    let wrong = "00000000-8d35-48ac-975b-e847b4f122b0";
    let error = notifier(&base, wrong).send(&by_email()).await.unwrap_err();
    assert_eq!(error, NotifyError::Refused { status: 403 });
    assert_eq!(fake.posts.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unavailable() {
    let error = notifier("http://127.0.0.1:9", SECRET).send(&by_email()).await.unwrap_err();
    assert_eq!(error, NotifyError::Unavailable { attempts: 4 });
}

#[tokio::test]
async fn a_kind_without_a_template_is_not_sent() {
    let (fake, base) = Fake::start(&[]).await;
    let to = address::email("amara@hospital.example").unwrap();
    let message = Message::submitted(to, "Westmoor", "0000 000");
    let error = notifier(&base, SECRET).send(&message).await.unwrap_err();
    assert_eq!(error.code(), "notify_no_template");
    assert!(fake.posts.lock().unwrap().is_empty());
}

#[test]
fn an_address_without_tls_is_refused_but_on_this_machine() {
    let key = format!("x-{SERVICE}-{SECRET}");
    assert!(GovUkNotify::new(&key).is_ok());
    for base in ["http://notify.example", "ftp://127.0.0.1", "no address"] {
        let error = GovUkNotify::at(base, &key).unwrap_err();
        assert_eq!(error, NotifyError::Setting { setting: "base" }, "{base}");
    }
}

#[test]
fn b10_the_key_is_not_printed() {
    let notify = GovUkNotify::new(&format!("x-{SERVICE}-{SECRET}")).unwrap();
    assert!(!format!("{:?}", Notifier::gov_uk_notify(notify)).contains(SECRET));
}
