//! The recruitment team signs in at a provider: one on loopback that does as OpenID Connect Core 1.0
//! says, and one with one thing wrong.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use common::*;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use staffpass::jose::base64url;
use tokio::net::TcpListener;

const CLIENT: &str = "portal-of-westmoor";
const SECRET: &str = "a secret of the client";

type Fields = BTreeMap<String, String>;
type Twist = fn(&mut Value, &mut Value);

/// A provider: its keys, who is about to sign in, and what it does wrong.
struct Provider {
    issuer: String,
    clock: Arc<Mutex<DateTime<Utc>>>,
    key: Mutex<(String, RsaKeyPair)>,
    /// A key that it does not publish, to sign with.
    forger: Mutex<Option<RsaKeyPair>>,
    groups: Mutex<Value>,
    twist: Mutex<Twist>,
    codes: Mutex<BTreeMap<String, Fields>>,
}

type Its = State<Arc<Provider>>;

fn key() -> RsaKeyPair {
    RsaKeyPair::generate(KeySize::Rsa2048).unwrap()
}

impl Provider {
    async fn start(clock: &Arc<Mutex<DateTime<Utc>>>) -> Arc<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let issuer = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let provider = Arc::new(Self {
            issuer,
            clock: Arc::clone(clock),
            key: Mutex::new(("key-1".to_owned(), key())),
            forger: Mutex::new(None),
            groups: Mutex::new(json!(["everybody", "recruitment"])),
            twist: Mutex::new(|_, _| {}),
            codes: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&provider));
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    /// What its authorization endpoint does when a person has signed in: where the browser is sent.
    fn authorize(&self, address: &str) -> String {
        let (endpoint, query) = address.split_once('?').unwrap();
        assert_eq!(endpoint, format!("{}/authorize", self.issuer));
        let asked: Fields = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["scope"], "openid profile");
        assert!(asked["nonce"].len() >= 16 && asked["state"].len() >= 16);
        let (code, back) = (random(), asked["redirect_uri"].clone());
        assert!(back.ends_with("/recruitment/sign-in/back"));
        let state = asked["state"].clone();
        self.codes.lock().unwrap().insert(code.clone(), asked);
        let issuer: String = form_urlencoded::byte_serialize(self.issuer.as_bytes()).collect();
        format!("/recruitment/sign-in/back?code={code}&state={state}&iss={issuer}")
    }

    fn id_token(&self, nonce: &str) -> String {
        let now = self.clock.lock().unwrap().timestamp();
        let key = self.key.lock().unwrap();
        let mut header = json!({"alg": "RS256", "kid": key.0});
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT, "sub": "248289761001", "nonce": nonce,
            "iat": now, "exp": now + 300, "preferred_username": "a.reviewer",
            "roles": *self.groups.lock().unwrap(),
        });
        (self.twist.lock().unwrap())(&mut header, &mut claims);
        let encode = |value: &Value| base64url::encode(value.to_string());
        let input = format!("{}.{}", encode(&header), encode(&claims));
        let forger = self.forger.lock().unwrap();
        let signature = match header["alg"].as_str() {
            Some("none") => Vec::new(),
            Some("HS256") => hmac(input.as_bytes()),
            _ => rs256(forger.as_ref().unwrap_or(&key.1), input.as_bytes()),
        };
        format!("{input}.{}", base64url::encode(signature))
    }
}

fn rs256(key: &RsaKeyPair, input: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input, &mut signature).unwrap();
    signature
}

fn hmac(input: &[u8]) -> Vec<u8> {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, SECRET.as_bytes());
    aws_lc_rs::hmac::sign(&key, input).as_ref().to_vec()
}

async fn discovery(State(provider): Its) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", provider.issuer);
    Json(json!({
        "issuer": provider.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn keys(State(provider): Its) -> Json<Value> {
    let key = provider.key.lock().unwrap();
    let public = key.1.public_key();
    let [n, e] = [public.modulus(), public.exponent()]
        .map(|part| base64url::encode(part.big_endian_without_leading_zero()));
    Json(json!({"keys": [
        {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.0, "n": n, "e": e},
    ]}))
}

/// RFC 6749 §4.1.3 and RFC 7636 §4.6: the client's secret, the code once, the verifier.
async fn token(
    State(provider): Its,
    headers: HeaderMap,
    Form(asked): Form<Fields>,
) -> (StatusCode, Json<Value>) {
    let refuse = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error})));
    let secret: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let basic = format!("{CLIENT}:{secret}");
    let given = headers["authorization"].to_str().unwrap().strip_prefix("Basic ").unwrap();
    if given != base64(basic.as_bytes()) {
        return refuse("invalid_client");
    }
    let Some(authorized) = provider.codes.lock().unwrap().remove(&asked["code"]) else {
        return refuse("invalid_grant");
    };
    let challenge = base64url::encode(Sha256::digest(&asked["code_verifier"]));
    if challenge != authorized["code_challenge"]
        || asked["redirect_uri"] != authorized["redirect_uri"]
    {
        return refuse("invalid_grant");
    }
    let id_token = provider.id_token(&authorized["nonce"]);
    let tokens = json!({"access_token": random(), "token_type": "Bearer", "id_token": id_token});
    (StatusCode::OK, Json(tokens))
}

/// With padding, as HTTP's Basic has it.
fn base64(bytes: &[u8]) -> String {
    let text = base64url::encode(bytes).replace('-', "+").replace('_', "/");
    let padding = (4 - text.len() % 4) % 4;
    format!("{text}{}", "=".repeat(padding))
}

fn configured(issuer: &str, more: &str) -> String {
    format!(
        "recruitment.sign_in = \"openid_connect\"\nrecruitment.issuer = \"{issuer}\"\n\
         recruitment.client_id = \"{CLIENT}\"\nrecruitment.client_secret = \"{SECRET}\"\n{more}\n"
    )
}

/// A portal whose recruitment team signs in at a provider.
async fn stage() -> (World, Arc<Provider>) {
    stage_with("recruitment.group = \"recruitment\"").await
}

async fn stage_with(more: &str) -> (World, Arc<Provider>) {
    let clock = Arc::new(Mutex::new(staffpass_testkit::now()));
    let provider = Provider::start(&clock).await;
    let world = World::with(&configured(&provider.issuer, more)).await;
    (world, provider)
}

/// A browser that has gone to the provider and signed in there; the address that leads back.
async fn away(world: &World, provider: &Provider) -> (Browser, String) {
    let mut browser = world.browser();
    browser.get("/recruitment").await.shows("Sign in");
    browser.get_once("/recruitment/sign-in/begin").await;
    assert_eq!(browser.status, 303);
    let back = provider.authorize(browser.headers["location"].to_str().unwrap());
    (browser, back)
}

async fn tried(world: &World, provider: &Provider) -> Browser {
    let (mut browser, back) = away(world, provider).await;
    browser.get(&back).await;
    browser
}

#[tokio::test]
async fn the_team_signs_in_at_the_provider_and_the_audit_says_who() {
    let (world, provider) = stage().await;
    let (_, reference) = world.at_role("openid4vp").await;
    world.portal.store().check().await.unwrap();
    let mut staff = tried(&world, &provider).await;
    staff.shows("People").says("a.reviewer (248289761001)");
    let person = format!("/recruitment/people/{reference}");
    staff.get(&person).await.shows("Rowan Testerby");
    staff.submit(&format!("{person}/withdraw"), &[]).await.shows("Rowan Testerby");
    staff.submit("/recruitment/sign-out", &[]).await.shows("Sign in");
    staff.get("/recruitment").await.shows("Sign in");
}

#[tokio::test]
async fn a_portal_beside_it_knows_who_has_signed_in_until_it_ends() {
    let (world, provider) = stage().await;
    let mut staff = tried(&world, &provider).await;
    let beside = open(&world.text, &world.clock).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    staff.base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move { beside.serve(listener, std::future::pending()).await });
    staff.get("/recruitment").await.shows("People");
    world.wait(chrono::TimeDelta::hours(8));
    staff.get("/recruitment").await.shows("Sign in");
}

#[tokio::test]
async fn an_account_outside_the_group_is_not_let_in() {
    let (world, provider) = stage().await;
    for groups in [json!(["everybody"]), json!("recruit"), json!([]), json!(7), json!(null)] {
        *provider.groups.lock().unwrap() = groups.clone();
        let mut browser = tried(&world, &provider).await;
        assert_eq!(browser.status, 403, "{groups}");
        browser.shows("You could not be signed in");
        browser.get("/recruitment").await.shows("Sign in");
    }
    *provider.groups.lock().unwrap() = json!("recruitment");
    tried(&world, &provider).await.shows("People");
}

#[tokio::test]
async fn anybody_to_whom_the_provider_gives_a_token_may_where_that_is_configured() {
    let (world, provider) = stage_with("recruitment.anybody = true").await;
    *provider.groups.lock().unwrap() = json!(null);
    tried(&world, &provider).await.shows("People");
}

#[tokio::test]
async fn an_id_token_with_one_thing_wrong_signs_nobody_in() {
    let (world, provider) = stage().await;
    let twists: [(&str, Twist); 9] = [
        ("another audience", |_, claims| claims["aud"] = json!("another-client")),
        ("a further audience", |_, claims| claims["aud"] = json!([CLIENT, "another-client"])),
        ("another issuer", |_, claims| claims["iss"] = json!("https://login.example")),
        ("another nonce", |_, claims| claims["nonce"] = json!("another")),
        ("no nonce", |_, claims| drop(claims.as_object_mut().unwrap().remove("nonce"))),
        ("expired", |_, claims| claims["exp"] = json!(claims["iat"].as_i64().unwrap() - 1)),
        ("no expiry", |_, claims| drop(claims.as_object_mut().unwrap().remove("exp"))),
        ("not signed", |header, _| *header = json!({"alg": "none"})),
        ("signed with the client's secret", |header, _| *header = json!({"alg": "HS256"})),
    ];
    for (what, twist) in twists {
        *provider.twist.lock().unwrap() = twist;
        let mut browser = tried(&world, &provider).await;
        assert_eq!(
            (browser.status, browser.title()),
            (502, "You could not be signed in"),
            "{what}"
        );
        browser.get("/recruitment").await.shows("Sign in");
    }
    *provider.twist.lock().unwrap() = |_, _| {};
    *provider.forger.lock().unwrap() = Some(key());
    assert_eq!(tried(&world, &provider).await.status, 502, "signed by another");
    *provider.forger.lock().unwrap() = None;
    tried(&world, &provider).await.shows("People");
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_looked_for() {
    let (world, provider) = stage().await;
    tried(&world, &provider).await.shows("People");
    *provider.key.lock().unwrap() = ("key-2".to_owned(), key());
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    tried(&world, &provider).await.shows("People");
}

#[tokio::test]
async fn coming_back_counts_once_in_the_browser_that_went() {
    let (world, provider) = stage().await;
    let (went, back) = away(&world, &provider).await;
    let mut other = world.browser();
    other.get("/recruitment/sign-in").await;
    other.get(&back).await.shows("You could not be signed in");
    // The state is used up with that, in the right browser too.
    let mut went = went;
    went.get(&back).await.shows("You could not be signed in");

    let (mut browser, back) = away(&world, &provider).await;
    browser.get(&back).await.shows("People");
    browser.get(&back).await.shows("You could not be signed in");
    assert_eq!(browser.status, 400);
    let mut bare = world.browser();
    bare.get_once("/recruitment/sign-in/begin").await;
    assert_eq!(bare.headers["location"], "/recruitment/sign-in");
}

#[tokio::test]
async fn an_answer_that_is_none_signs_nobody_in() {
    let (world, provider) = stage().await;
    let part = |back: &str, name: &str| {
        let part = back.split(['?', '&']).find(|part| part.starts_with(name)).unwrap();
        part.to_owned()
    };
    let path = "/recruitment/sign-in/back";
    for what in ["refused", "without a code", "two codes", "another issuer", "unknown", "late"] {
        let (mut browser, back) = away(&world, &provider).await;
        let (state, code) = (part(&back, "state="), part(&back, "code="));
        let address = match what {
            "refused" => format!("{path}?error=access_denied&{state}"),
            "without a code" => format!("{path}?{state}"),
            "two codes" => format!("{path}?{code}&{code}&{state}"),
            "another issuer" => format!("{path}?{code}&{state}&iss=https%3A%2F%2Flogin.example"),
            "unknown" => format!("{path}?{code}&state=unknown"),
            _ => {
                world.wait(chrono::TimeDelta::minutes(10));
                back
            }
        };
        browser.get(&address).await.shows("You could not be signed in");
        assert_eq!(browser.status, 400, "{what}");
    }
}

#[tokio::test]
async fn without_the_provider_the_page_says_so_and_people_go_on_sharing() {
    let issuer = {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        format!("http://localhost:{}", listener.local_addr().unwrap().port())
    };
    let world = World::with(&configured(&issuer, "recruitment.group = \"recruitment\"")).await;
    let mut browser = world.browser();
    browser.get("/recruitment").await.shows("Sign in");
    browser.get("/recruitment/sign-in/begin").await.shows("You could not be signed in");
    assert_eq!(browser.status, 503);
    world.at_received("openid4vp").await;
}

#[test]
fn a_provider_that_is_half_configured_is_refused() {
    let good = configured("https://login.example/tenant", "recruitment.group = \"recruitment\"");
    let faults = |text: &str| {
        let read = portal::Config::from_text(text, |_| None);
        read.map_or_else(|error| error.faults.join("\n"), |_| String::new())
    };
    assert_eq!(faults(&good), "");
    let with = |from: &str, to: &str| faults(&good.replace(from, to));
    assert!(with("https://login.example/tenant", "").contains("recruitment.issuer"));
    assert!(with("https://login.example", "http://login.example").contains("recruitment.issuer"));
    assert!(with(CLIENT, "").contains("recruitment.client_id"));
    assert!(with("\"recruitment\"", "\"\"").contains("recruitment.group"));
    let both = format!("{good}recruitment.anybody = true\n");
    assert!(faults(&both).contains("recruitment.group"));
}
