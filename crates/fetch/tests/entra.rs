//! The client of Microsoft's Request Service against a service on loopback that answers as
//! Microsoft documents it, and receipts verified with their issuer on loopback too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    dead_code,
    reason = "tests"
)]

mod server;
mod transcripts;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use server::{Server, ok};
use staffpass_fetch::entra::{
    ClientSecret, EntraClient, EntraError, EntraOptions, ReceiptError, TokenFault,
};
use staffpass_fetch::{FetchError, FetchOptions, Fetcher};
use staffpass_jose::Algorithm;
use staffpass_jose_aws_lc::AwsLc;
use staffpass_request::entra::{
    Created, CredentialRequest, Event, Exchange, InnerErrorCode, Party, Presented, RequestBuilder,
    RequestedCredential,
};
use staffpass_request::{RequestStatus, Transport};
use staffpass_status::StatusKind;
use staffpass_testkit::{Dialect, IssuerKind, Scenario, Tamper, now, rng};
use staffpass_verify::{Code, Evidence, VerifiedResponse};

const CREATE: &str = "/v1.0/verifiableCredentials/createPresentationRequest";
const TOKEN: &str = "/tenant.example/oauth2/v2.0/token";
const SECRET: &str = "s3cret & more";
const REQUEST_ID: &str = "e4ef27ca-eb8c-4b63-823b-3b95140eac11";

/// The service: tokens are good for one server, and what it answers to a request is told to it,
/// answer by answer; the last goes on.
struct Service {
    server: Server,
    tokens: Arc<AtomicUsize>,
}

impl Service {
    async fn answering(answers: Vec<Vec<u8>>) -> Self {
        Self::with_life(3600, answers).await
    }

    async fn with_life(life: u64, answers: Vec<Vec<u8>>) -> Self {
        let tokens = Arc::new(AtomicUsize::new(0));
        let (given, asked) = (Arc::clone(&tokens), AtomicUsize::new(0));
        let server = Server::answering(move |request| {
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            match head.split(' ').nth(1).unwrap() {
                TOKEN => token(head, body, life, &given),
                CREATE => {
                    let place = asked.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
                    create(head, body, given.load(Ordering::SeqCst), &answers[place])
                }
                _ => status(404, "Not Found", "", "{}"),
            }
        })
        .await;
        Self { server, tokens }
    }

    fn client(&self) -> EntraClient {
        self.client_with(SECRET)
    }

    fn client_with(&self, secret: &str) -> EntraClient {
        let mut options = EntraOptions::new("tenant.example", "client-1");
        options.login = self.server.url("");
        options.service = self.server.url("/");
        options.first_pause = Duration::from_millis(5);
        options.longest_pause = Duration::from_secs(1);
        let fetch = FetchOptions::default().allow_loopback_http();
        EntraClient::new(&options, &fetch, ClientSecret::new(secret.to_owned())).unwrap()
    }

    fn asked(&self, path: &str) -> usize {
        let line = format!("POST {path} HTTP/1.1\r\n");
        self.server.requests().iter().filter(|request| request.starts_with(&line)).count()
    }
}

/// The same requests are made at a service in Microsoft's place, in the tests of `verifier`.
#[tokio::test]
async fn each_transcript_is_read_as_it_says() {
    for transcript in transcripts::all() {
        let answer = transcript.answer().map(|(code, body)| status(code, "X", "", &body));
        let given = Arc::new(AtomicUsize::new(0));
        let tokens = Arc::clone(&given);
        let server = Server::answering(move |request| {
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            match head.split(' ').nth(1).unwrap() {
                TOKEN => token(head, body, 3600, &tokens),
                _ => answer.clone().expect("no request is made"),
            }
        });
        let service = Service { server: server.await, tokens: given };
        let client = service.client_with(transcript.secret().unwrap_or(SECRET));
        transcript.check(client.create(&transcript.request(&request())).await);
    }
}

fn status(code: u16, reason: &str, header: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {code} {reason}\r\n{header}content-length: {length}\r\n\r\n{body}").into()
}

/// RFC 6749 §4.4, as Microsoft's login does it.
fn token(head: &str, body: &str, life: u64, given: &AtomicUsize) -> Vec<u8> {
    assert!(head.contains("\r\ncontent-type: application/x-www-form-urlencoded"), "{head}");
    let form: std::collections::HashMap<_, _> =
        url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["client_id"], "client-1");
    assert_eq!(form["scope"], "3db474b9-6a0c-4840-96ac-1fceb342124f/.default");
    if form["client_secret"] != SECRET {
        let error = r#"{"error":"invalid_client","error_description":"AADSTS7000215","error_codes":[7000215]}"#;
        return status(401, "Unauthorized", "", error);
    }
    let number = given.fetch_add(1, Ordering::SeqCst) + 1;
    let reply = json!({
        "token_type": "Bearer", "expires_in": life, "ext_expires_in": life,
        "access_token": format!("token-{number}"),
    });
    ok(&reply.to_string())
}

/// Believes the newest token alone.
fn create(head: &str, body: &str, newest: usize, answer: &[u8]) -> Vec<u8> {
    assert!(head.contains("\r\ncontent-type: application/json\r\n"), "{head}");
    CredentialRequest::parse(body.as_bytes(), Transport::Https).expect("a documented request");
    if !head.contains(&format!("\r\nauthorization: Bearer token-{newest}\r\n")) {
        return unauthorized();
    }
    answer.to_vec()
}

fn created() -> Vec<u8> {
    let link = "openid-vc://?request_uri=https://service.example/v1.0/presentationRequests/1";
    let created = Created::new(REQUEST_ID, link, now() + TimeDelta::seconds(300));
    status(201, "Created", "content-type: application/json\r\n", &created.to_json())
}

fn service_error(code: u16, header: &str, outer: &str, inner: &str, target: &str) -> Vec<u8> {
    let body = json!({
        "requestId": REQUEST_ID, "date": "Mon, 02 Mar 2026 09:00:00 GMT", "mscv": "x.1",
        "error": {
            "code": outer, "message": "for people",
            "innererror": {"code": inner, "message": "for people", "target": target},
        },
    });
    status(code, "X", header, &body.to_string())
}

fn unauthorized() -> Vec<u8> {
    service_error(401, "", "unauthorized", "tokenError", "token")
}

fn too_many(header: &str) -> Vec<u8> {
    service_error(429, header, "tooManyRequests", "transientError", "")
}

fn request() -> CredentialRequest {
    let callback = "https://portal.example/entra/callback";
    let party = Party::new("did:web:portal.example", "Example Trust", callback).unwrap();
    let asked = RequestedCredential::new("StaffIdentity", ["did:web:old-trust.example"]);
    RequestBuilder::new(&party, [asked]).build(now(), &mut rng(1)).unwrap().0
}

#[tokio::test]
async fn a_request_is_made_with_a_token_that_is_kept() {
    let service = Service::answering(vec![created()]).await;
    let client = service.client();
    let made = client.create(&request()).await.unwrap();
    assert_eq!(made.request_id(), REQUEST_ID);
    assert!(client.clone().create(&request()).await.is_ok());
    assert_eq!((service.asked(TOKEN), service.asked(CREATE)), (1, 2));
}

#[tokio::test]
async fn many_at_once_ask_for_one_token() {
    let service = Service::answering(vec![created()]).await;
    let client = service.client();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let client = client.clone();
        tasks.spawn(async move { client.create(&request()).await.is_ok() });
    }
    assert!(tasks.join_all().await.into_iter().all(|made| made));
    assert_eq!((service.asked(TOKEN), service.asked(CREATE)), (1, 20));
}

#[tokio::test]
async fn a_token_that_is_about_to_end_is_not_used_again() {
    let service = Service::with_life(60, vec![created()]).await;
    let client = service.client();
    for _ in 0..2 {
        assert!(client.create(&request()).await.is_ok());
    }
    assert_eq!(service.asked(TOKEN), 2);
}

#[tokio::test]
async fn after_a_401_one_new_token_is_asked_for_and_no_more() {
    let service = Service::answering(vec![unauthorized(), created()]).await;
    assert!(service.client().create(&request()).await.is_ok());
    assert_eq!((service.asked(TOKEN), service.asked(CREATE)), (2, 2));

    let service = Service::answering(vec![unauthorized()]).await;
    let error = service.client().create(&request()).await.unwrap_err();
    assert_eq!(error.code(), "entra_service_unauthorized");
    assert_eq!((service.asked(TOKEN), service.asked(CREATE)), (2, 2));
}

#[tokio::test]
async fn a_wrong_secret_is_named_and_not_tried_again() {
    let service = Service::answering(vec![created()]).await;
    let error = service.client_with("wrong").create(&request()).await.unwrap_err();
    let fault = TokenFault::InvalidClient;
    assert_eq!(error, EntraError::TokenRefused { status: 401, fault });
    assert_eq!(error.code(), "entra_token_refused");
    assert_eq!((service.asked(TOKEN), service.asked(CREATE)), (1, 0));
}

#[tokio::test]
async fn after_a_429_and_a_503_it_is_tried_again_with_a_pause() {
    for first in [too_many(""), service_error(503, "", "serviceUnavailable", "transientError", "")]
    {
        let service = Service::answering(vec![first, created()]).await;
        assert!(service.client().create(&request()).await.is_ok());
        assert_eq!((service.asked(TOKEN), service.asked(CREATE)), (1, 2));
    }
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let service = Service::answering(vec![too_many("retry-after: 1\r\n"), created()]).await;
    let began = std::time::Instant::now();
    assert!(service.client().create(&request()).await.is_ok());
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_retry_after_that_nobody_would_wait_for_ends_it() {
    let service = Service::answering(vec![too_many("retry-after: 3600\r\n"), created()]).await;
    let error = service.client().create(&request()).await.unwrap_err();
    assert_eq!(error.code(), "entra_service_too_many_requests");
    assert_eq!(service.asked(CREATE), 1);
}

#[tokio::test]
async fn three_attempts_are_the_most() {
    let service = Service::answering(vec![too_many("")]).await;
    let error = service.client().create(&request()).await.unwrap_err();
    assert_eq!(error.code(), "entra_service_too_many_requests");
    assert_eq!(service.asked(CREATE), 3);
}

#[tokio::test]
async fn a_request_at_fault_is_not_tried_again_and_its_member_is_named() {
    let target = "requestedCredentials[0].acceptedIssuers";
    let refusal = service_error(400, "", "badRequest", "badOrMissingField", target);
    let service = Service::answering(vec![refusal, created()]).await;
    let error = service.client().create(&request()).await.unwrap_err();
    let EntraError::Service(error) = error else { panic!("the service's: {error:?}") };
    assert_eq!(error.inner, InnerErrorCode::BadOrMissingField);
    assert_eq!(error.target.unwrap().as_str(), target);
    assert_eq!(service.asked(CREATE), 1);
}

#[tokio::test]
async fn answers_that_are_none_are_refused() {
    for body in
        ["", "<html>", "[]", "{}", r#"{"requestId":"1","url":"https://evil.example","expiry":1}"#]
    {
        let service = Service::answering(vec![status(201, "Created", "", body)]).await;
        let error = service.client().create(&request()).await.unwrap_err();
        assert_eq!(error.code(), "entra_service_malformed", "{body}");
        assert_eq!(service.asked(CREATE), 1);
    }
}

#[tokio::test]
async fn token_replies_that_are_none_are_refused() {
    for body in [
        "",
        "{}",
        r#"{"token_type":"Bearer","expires_in":1,"access_token":""}"#,
        r#"{"token_type":"mac","expires_in":1,"access_token":"a"}"#,
        r#"{"token_type":"Bearer","expires_in":1,"access_token":"a\r\nb: c"}"#,
    ] {
        let server = Server::answering(move |_| ok(body)).await;
        let service = Service { server, tokens: Arc::default() };
        let error = service.client().create(&request()).await.unwrap_err();
        assert_eq!(error.code(), "entra_token_malformed", "{body}");
    }
}

#[tokio::test]
async fn n07_an_answer_without_end_is_cut() {
    let head = "HTTP/1.1 200 OK\r\n\r\n";
    let server = Server::streaming(head, vec![b'x'; 4096], Duration::ZERO).await;
    let service = Service { server, tokens: Arc::default() };
    let error = service.client().create(&request()).await.unwrap_err();
    assert_eq!(error.code(), "fetch_too_large");
}

#[tokio::test]
async fn n04_a_redirect_gets_neither_secret_nor_token() {
    let elsewhere = Server::answering(|_| ok("{}")).await;
    let location = elsewhere.url("/");
    let server =
        Server::answering(move |_| status(307, "Moved", &format!("location: {location}\r\n"), ""))
            .await;
    let service = Service { server, tokens: Arc::default() };
    let error = service.client().create(&request()).await.unwrap_err();
    assert_eq!(error, EntraError::Fetch(FetchError::Redirect { status: 307 }));
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn n13_n01_the_secret_goes_over_https_to_public_addresses_alone() {
    let secret = || ClientSecret::new(SECRET.to_owned());
    let code = |login: &str, fetch: &FetchOptions| {
        let mut options = EntraOptions::new("tenant.example", "client-1");
        options.login = login.to_owned();
        EntraClient::new(&options, fetch, secret()).err().map(|error| error.code())
    };
    let strict = FetchOptions::default();
    assert_eq!(code("http://login.example", &strict), Some("fetch_not_https"));
    assert_eq!(code("http://127.0.0.1:1", &strict), Some("fetch_not_https"));
    assert_eq!(code("https://127.0.0.1", &strict), Some("fetch_address_form"));
    assert_eq!(code("https://user@login.example", &strict), Some("fetch_address_form"));
    assert_eq!(code("login.example", &strict), Some("entra_options"));
    assert_eq!(code("https://login.example", &strict), None);

    let mut options = EntraOptions::new("tenant.example", "client-1");
    options.attempts = 1;
    let inside = |_: &str| Ok(vec![[10, 0, 0, 1].into()]);
    let client = EntraClient::with_lookup(&options, &strict, secret(), inside).unwrap();
    let error = client.create(&request()).await.unwrap_err();
    assert_eq!(error.code(), "fetch_address_not_public");
}

#[test]
fn a_tenant_is_no_path() {
    for tenant in ["", "../common", "a/b", "a?b", "a%2fb"] {
        let options = EntraOptions::new(tenant, "client-1");
        let secret = ClientSecret::new(SECRET.to_owned());
        let error = EntraClient::new(&options, &FetchOptions::default(), secret).unwrap_err();
        assert_eq!(error.code(), "entra_options", "{tenant}");
    }
}

#[tokio::test]
async fn pf21_no_secret_or_token_in_log() {
    let service = Service::answering(vec![too_many("")]).await;
    let client = service.client();
    let error = client.create(&request()).await.unwrap_err();
    let logged = format!("{client:?} {error:?} {error} {:?}", ClientSecret::new(SECRET.to_owned()));
    for secret in [SECRET, "token-", request().callback().api_key().unwrap()] {
        assert!(!logged.contains(secret), "{logged}");
    }
}

// Receipts.

/// A share by way of the service: the wallet's answer, and what the service says of it.
struct Share {
    _issuer: Server,
    wallet: Arc<staffpass_testkit::Exchange>,
    exchange: Exchange,
    api_key: String,
    callback: Value,
}

impl Share {
    /// With the wallet's answer as it was, or with one thing wrong that the service overlooks.
    async fn new(tamper: Option<Tamper>) -> Self {
        let (issuer, wallet, good) = issuer(tamper).await;
        let address = "https://portal.example/entra/callback";
        let authority = wallet.expectation.client_id();
        let party = Party::new(authority, "Example Trust", address).unwrap();
        let asked = ["StaffIdentity", "StaffEmployment", "StaffTraining"]
            .map(|r#type| RequestedCredential::new(r#type, [wallet.issuer.did().as_str()]));
        let builder = RequestBuilder::new(&party, asked).with_receipt();
        let began = now() - TimeDelta::minutes(1);
        let (request, mut exchange) = builder.build(began, &mut rng(1)).unwrap();
        let until = began + TimeDelta::seconds(300);
        exchange.created(&Created::new(REQUEST_ID, "openid-vc://x", until));
        let callback = json!({
            "requestId": REQUEST_ID,
            "requestStatus": "presentation_verified",
            "state": request.callback().state(),
            "subject": good.holder.did().as_str(),
            "verifiedCredentialsData": claimed(&good),
            "receipt": receipt(&wallet),
        });
        let api_key = request.callback().api_key().unwrap().to_owned();
        Self { _issuer: issuer, wallet, exchange, api_key, callback }
    }

    fn presented(&mut self) -> Box<Presented> {
        let body = self.callback.to_string();
        let event = self.exchange.receive(Some(&self.api_key), body.as_bytes(), now());
        let Event::Presented(presented) = event.unwrap() else { panic!("presented") };
        presented
    }

    async fn verify(&mut self) -> Result<VerifiedResponse, ReceiptError> {
        let presented = self.presented();
        let fetcher = Fetcher::new(&FetchOptions::default().allow_loopback_http()).unwrap();
        let mut evidence = Evidence::new(Arc::new(AwsLc));
        let verifier = self.wallet.verifier();
        fetcher.verify_receipt(&verifier, &mut self.exchange, &presented, &mut evidence, now).await
    }

    fn status(&self) -> RequestStatus {
        self.exchange.status(now())
    }
}

type Wallet = staffpass_testkit::Exchange;

/// An issuer on loopback, the wallet's answer, and the same before it was tampered with.
async fn issuer(tamper: Option<Tamper>) -> (Server, Arc<Wallet>, Wallet) {
    let published: Arc<OnceLock<Arc<Wallet>>> = Arc::default();
    let own = Arc::clone(&published);
    let server = Server::answering(move |request| {
        let issuer = &own.get().unwrap().issuer;
        let bytes = match request.split(' ').nth(1).unwrap_or_default() {
            "/.well-known/did.json" => issuer.did_document(),
            "/status/1" => issuer.status_list(now()).compact().into_bytes(),
            _ => return status(404, "Not Found", "", ""),
        };
        ok(std::str::from_utf8(&bytes).unwrap())
    })
    .await;
    let kind = IssuerKind::Loopback(server.port());
    let scenario = Scenario::new(Dialect::MicrosoftEach).issuer(kind, Algorithm::Es256);
    let good = scenario.status(StatusKind::BitstringStatusList).build();
    let wallet = Arc::new(tamper.map_or_else(|| good.clone(), |tamper| good.tampered(tamper)));
    published.set(Arc::clone(&wallet)).unwrap();
    (server, wallet, good)
}

/// What the service says of the credentials.
fn claimed(wallet: &Wallet) -> Value {
    let credentials = wallet.answer.presentations.iter().flat_map(|vp| &vp.credentials);
    credentials
        .map(|credential| {
            json!({
                "issuer": credential.claims["iss"],
                "type": credential.claims["vc"]["type"],
                "claims": credential.claims["vc"]["credentialSubject"],
                "credentialState": {"revocationStatus": "VALID"},
            })
        })
        .collect()
}

/// The wallet's own tokens.
fn receipt(wallet: &Wallet) -> Value {
    let tokens: Vec<_> = wallet.answer.presentations.iter().map(|vp| vp.compact()).collect();
    let id_token = wallet.answer.id_token.as_ref().unwrap().compact();
    json!({"id_token": id_token, "vp_token": tokens, "state": "the service's own"})
}

#[tokio::test]
async fn a_receipt_is_verified_here_and_confirms_the_service() {
    let mut share = Share::new(None).await;
    let response = share.verify().await.unwrap();
    assert_eq!(response.credentials().len(), 3);
    assert!(response.report().accepted());
    assert_eq!(share.status(), RequestStatus::Verified);
}

#[tokio::test]
async fn b11_what_the_service_overlooks_is_found_in_the_receipt() {
    for tamper in [
        Tamper::Nonce,
        Tamper::Audience,
        Tamper::PresentationSignature,
        Tamper::PresentationKey,
        Tamper::CredentialSignature,
        Tamper::CredentialForged,
        Tamper::ClaimChanged,
        Tamper::CredentialExpired,
        Tamper::OtherHolder,
        Tamper::ForeignIssuer,
        Tamper::Revoked,
        Tamper::ListByAnother,
    ] {
        let mut share = Share::new(Some(tamper)).await;
        let error = share.verify().await.expect_err("refused");
        let ReceiptError::Rejected(rejection) = &error else { panic!("{tamper:?}: {error:?}") };
        assert!(rejection.codes().contains(&tamper.code()), "{tamper:?}: {:?}", rejection.codes());
        assert_eq!(error.code(), "entra_receipt_rejected");
        assert_eq!(share.status(), RequestStatus::Refused, "{tamper:?}");
    }
}

#[tokio::test]
async fn p24_what_the_service_says_and_the_receipt_does_not_is_refused() {
    let first = "/verifiedCredentialsData/0";
    for (path, value, code) in [
        (format!("{first}/claims/family_name"), json!("Otherby"), "entra_differs_credential"),
        ("/subject".to_owned(), json!("did:jwk:other"), "entra_differs_holder"),
    ] {
        let mut share = Share::new(None).await;
        *share.callback.pointer_mut(&path).unwrap() = value;
        let error = share.verify().await.expect_err("refused");
        assert_eq!(error.code(), code);
        assert_eq!(share.status(), RequestStatus::Refused);
    }
}

#[tokio::test]
async fn p24_a_receipt_of_an_older_share_is_refused() {
    let mut share = Share::new(None).await;
    let presented = share.presented();
    // The same tokens, for a request that was made two minutes later.
    let later = now() + TimeDelta::minutes(2);
    let party = Party::new(
        share.wallet.expectation.client_id(),
        "Example Trust",
        "https://portal.example/entra/callback",
    )
    .unwrap();
    let asked = share.exchange.requested_credentials().to_vec();
    let builder = RequestBuilder::new(&party, asked).with_receipt();
    let (_, other) = builder.build(later, &mut rng(2)).unwrap();
    let receipt = presented.receipt().unwrap();
    let expectation = receipt.expectation(&other).unwrap();
    let fetcher = Fetcher::new(&FetchOptions::default().allow_loopback_http()).unwrap();
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let mut verification = share.wallet.verifier().receive(&expectation, &receipt.body());
    let verdict = fetcher.verify(&mut verification, &mut evidence, || later).await;
    let rejection = verdict.expect_err("refused");
    assert!(rejection.codes().contains(&Code::TooOld), "{:?}", rejection.codes());
}

#[tokio::test]
async fn a_receipt_that_cannot_be_read_is_refused() {
    let mut share = Share::new(None).await;
    share.callback["receipt"]["id_token"] = json!("a.b.c");
    let error = share.verify().await.expect_err("refused");
    assert!(matches!(error, ReceiptError::Unreadable(_)));
    assert_eq!(share.status(), RequestStatus::Refused);
}
