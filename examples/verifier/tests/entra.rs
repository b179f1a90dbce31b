//! The routes of Microsoft's Request Service: the client that was written for Microsoft's own is run
//! against them, with the transcripts of the service that answers as Microsoft documents it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    dead_code,
    missing_docs,
    reason = "tests"
)]

mod common;
#[path = "../../../crates/fetch/tests/transcripts/mod.rs"]
mod transcripts;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use chrono::Utc;
use common::*;
use serde_json::{Value, json};
use staffpass::aws_lc::AwsLc;
use staffpass::did::LoopbackHttp;
use staffpass::fetch::entra::{ClientSecret, EntraClient, EntraError, EntraOptions, ReceiptError};
use staffpass::fetch::{FetchOptions, Fetcher};
use staffpass::request::entra::{
    Constraint, Created, CredentialRequest, Event, Exchange, Party, PresentationError, Presented,
    RequestBuilder, RequestedCredential,
};
use staffpass::request::{RequestStatus, Transport};
use staffpass::verify::policy::TrustPolicy;
use staffpass::verify::{Evidence, VerifiedResponse, Verifier};
use tokio::net::TcpListener;

const SECRET: &str = ENTRA_SECRET;
const PART: &str = "credential-0";
const SD_JWT: &str = "[sd_jwt.VerifiedIdentity]\nvct = \"urn:example:verified-identity:1\"\nclaims = [\"displayName\"]\n";

/// A portal that was written for Microsoft's service, at its own address.
struct Portal {
    world: World,
    callback: String,
    inbox: Arc<Inbox>,
}

/// What was called back with, and what is answered to it: the last goes on.
#[derive(Default)]
struct Inbox {
    came: Mutex<VecDeque<(HeaderMap, Bytes)>>,
    answers: Mutex<VecDeque<StatusCode>>,
}

impl Portal {
    async fn new(dialect: &str) -> Self {
        Self::with(dialect, &[]).await
    }

    /// One that is asked for SD-JWT VCs where portals name a type.
    async fn of_sd_jwts(dialect: &str) -> Self {
        Self::of(dialect, SD_JWT, &[]).await
    }

    async fn with(dialect: &str, more: &[&str]) -> Self {
        Self::of(dialect, "", more).await
    }

    async fn of(dialect: &str, in_file: &str, more: &[&str]) -> Self {
        let inbox = Arc::new(Inbox::default());
        let pages = Router::new()
            .route("/callback/{handle}", post(called_back))
            .with_state(Arc::clone(&inbox));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let callback = format!("http://{}/callback", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, pages).await });
        let directory = directory();
        let file = entra_file(&directory, dialect, in_file);
        let entra = ["--entra-file", file.to_str().unwrap()];
        let mut world = World::with(&[&entra[..], more].concat()).await;
        world.keep(directory);
        Self { world, callback, inbox }
    }

    fn client(&self, secret: &str) -> EntraClient {
        let mut options = EntraOptions::new("tenant.example", "client-1");
        options.login = self.world.base.clone();
        options.service = self.world.base.clone();
        options.first_pause = Duration::from_millis(5);
        let fetch = FetchOptions::default().allow_loopback_http();
        EntraClient::new(&options, &fetch, ClientSecret::new(secret.to_owned())).unwrap()
    }

    fn party(&self) -> Party {
        let transport = Transport::HttpsOrLoopbackHttp;
        Party::with_transport(&self.did(), "Example Trust", &self.callback, transport).unwrap()
    }

    /// The service's own.
    fn did(&self) -> String {
        let port = self.world.base.rsplit(':').next().unwrap();
        format!("did:web:localhost%3A{port}")
    }

    fn asked(&self) -> RequestedCredential {
        RequestedCredential::new(TYPE, [self.world.issuer.as_str()])
    }

    /// Asks as the portal does, and scans as the wallet does.
    async fn ask(&self) -> Share {
        self.ask_for(self.asked(), false).await
    }

    async fn ask_for(&self, asked: RequestedCredential, receipt: bool) -> Share {
        let party = self.party();
        let builder = RequestBuilder::new(&party, [asked]).with_qr_code();
        let builder = if receipt { builder.with_receipt() } else { builder };
        let (request, mut exchange) = builder.build(Utc::now(), &mut rand::rng()).unwrap();
        let created = self.client(SECRET).create(&request).await.unwrap();
        exchange.created(&created);
        let api_key = request.callback().api_key().unwrap().to_owned();
        let open = self.world.scan(String::new(), created.link().to_owned()).await;
        Share { open, exchange, api_key, created }
    }

    async fn respond(&self, share: &Share) -> u16 {
        let answer = self.world.answer_to(&share.open, PART, self.world.credential());
        self.world.respond(&share.open, answer.body()).await.0
    }

    /// The next callback.
    async fn next(&self) -> (HeaderMap, Bytes) {
        for _ in 0..600 {
            if let Some(came) = self.inbox.came.lock().unwrap().pop_front() {
                return came;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no callback comes");
    }

    /// Takes the next callback as the portal does.
    async fn take(&self, share: &mut Share) -> Event {
        let (headers, body) = self.next().await;
        let api_key = headers.get("api-key").map(|key| key.to_str().unwrap());
        assert_eq!(api_key, Some(share.api_key.as_str()));
        assert_eq!(headers["content-type"], "application/json");
        share.exchange.receive(api_key, &body, Utc::now()).unwrap()
    }

    fn answers(&self, answers: impl IntoIterator<Item = u16>) {
        let answers = answers.into_iter().map(|status| StatusCode::from_u16(status).unwrap());
        *self.inbox.answers.lock().unwrap() = answers.collect();
    }
}

struct Share {
    open: Open,
    exchange: Exchange,
    api_key: String,
    created: Created,
}

async fn called_back(
    State(inbox): State<Arc<Inbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    inbox.came.lock().unwrap().push_back((headers, body));
    let mut answers = inbox.answers.lock().unwrap();
    match answers.len() {
        0 => StatusCode::OK,
        1 => answers[0],
        _ => answers.pop_front().unwrap(),
    }
}

#[tokio::test]
async fn each_transcript_comes_out_of_the_service_in_microsofts_place() {
    for dialect in ["microsoft", "openid4vp"] {
        let portal = Portal::new(dialect).await;
        for transcript in transcripts::all() {
            let party = portal.party();
            let builder = RequestBuilder::new(&party, [portal.asked()]);
            let (good, _) = builder.build(Utc::now(), &mut rand::rng()).unwrap();
            let client = portal.client(transcript.secret().unwrap_or(SECRET));
            transcript.check(client.create(&transcript.request(&good)).await);
        }
    }
}

#[tokio::test]
async fn a_share_goes_its_way_by_callbacks_in_either_protocol() {
    for (dialect, scheme) in [("microsoft", "openid-vc://"), ("openid4vp", "openid4vp://")] {
        let portal = Portal::new(dialect).await;
        let mut share = portal.ask().await;
        assert!(share.created.link().starts_with(scheme));
        assert!(share.created.qr_code().unwrap().starts_with("data:image/png;base64,"));
        assert!(matches!(portal.take(&mut share).await, Event::Retrieved));
        assert_eq!(portal.respond(&share).await, 200);
        let Event::Presented(presented) = portal.take(&mut share).await else { panic!() };
        assert_eq!(share.exchange.status(Utc::now()), RequestStatus::Verified);
        let [credential] = presented.credentials() else { panic!("one credential") };
        assert_eq!(credential.issuer(), portal.world.issuer.as_str());
        assert_eq!(credential.types(), ["VerifiableCredential", TYPE]);
        assert_eq!(
            Value::Object(credential.claims().clone()),
            json!({ "displayName": "Amara Example" })
        );
        assert_eq!(presented.subject(), Some(portal.world.holder.did().as_str()));
        assert!(credential.issued_at().is_some() && credential.expires_at().is_some());
        assert!(presented.receipt().is_none());
    }
}

#[tokio::test]
async fn an_sd_jwt_vc_is_told_of_by_the_name_that_the_portal_knows() {
    for (dialect, is_encrypted) in [("openid4vp", false), ("haip", true)] {
        let portal = Portal::of_sd_jwts(dialect).await;
        let mut share = portal.ask().await;
        assert_eq!(share.open.encryption.is_some(), is_encrypted, "{dialect}");
        assert!(matches!(portal.take(&mut share).await, Event::Retrieved));
        let answer = portal.world.sd_jwt_answer_to(&share.open, PART);
        let body = portal.world.body(&share.open, &answer);
        assert_eq!(portal.world.respond(&share.open, body).await.0, 200);
        let Event::Presented(presented) = portal.take(&mut share).await else { panic!() };
        let [credential] = presented.credentials() else { panic!("one credential") };
        assert_eq!(credential.types(), ["VerifiableCredential", TYPE]);
        assert_eq!(credential.issuer(), portal.world.issuer.as_str());
        assert_eq!(
            Value::Object(credential.claims().clone()),
            json!({ "displayName": "Amara Example" })
        );
    }
}

#[tokio::test]
async fn constraints_are_held_against_what_an_sd_jwt_vc_discloses() {
    let portal = Portal::of_sd_jwts("haip").await;
    let asked =
        portal.asked().with_constraint(Constraint::one_of("displayName", ["Somebody Else"]));
    let mut share = portal.ask_for(asked, false).await;
    assert!(matches!(portal.take(&mut share).await, Event::Retrieved));
    let answer = portal.world.sd_jwt_answer_to(&share.open, PART);
    let body = portal.world.body(&share.open, &answer);
    assert_eq!(portal.world.respond(&share.open, body).await.0, 400);
    assert!(matches!(portal.take(&mut share).await, Event::Failed(_)));
}

#[tokio::test]
async fn a_type_that_haip_has_no_name_for_is_refused_by_its_member() {
    let portal = Portal::of_sd_jwts("haip").await;
    let other = RequestedCredential::new("Employment", [portal.world.issuer.as_str()]);
    let party = portal.party();
    let builder = RequestBuilder::new(&party, [other]);
    let (request, _) = builder.build(Utc::now(), &mut rand::rng()).unwrap();
    let error = portal.client(SECRET).create(&request).await.unwrap_err();
    let EntraError::Service(error) = error else { panic!("{error}") };
    assert_eq!(error.target.unwrap().as_str(), "requestedCredentials.type");
}

#[tokio::test]
async fn what_is_said_of_sd_jwt_vcs_fits_the_dialect_or_nothing_starts() {
    let named = |vct: &str, claims: &str| format!("vct = \"{vct}\"\nclaims = [{claims}]\n");
    let two = format!("[sd_jwt.A]\n{0}[sd_jwt.B]\n{0}", named("https://a.example/v", "\"name\""));
    let nothing = format!("[sd_jwt.A]\n{}", named("https://a.example/v", ""));
    for (dialect, in_file, says) in [
        ("microsoft", SD_JWT, "Microsoft's wallet"),
        ("haip", "", "HAIP needs"),
        ("openid4vp", two.as_str(), "two have one"),
        ("openid4vp", nothing.as_str(), "no claims"),
    ] {
        let directory = directory();
        let file = entra_file(&directory, dialect, in_file);
        let arguments = ["--entra-file", file.to_str().unwrap()];
        write_policy(&directory, "did:web:trust.example");
        let opened =
            verifier::Service::open(&options(&directory, "http://localhost:1", &arguments)).await;
        let said = opened.map(drop).unwrap_err().to_string();
        assert!(said.contains(says), "{dialect}: {said}");
    }
}

#[tokio::test]
async fn a_request_that_is_fetched_twice_is_called_retrieved_once() {
    let portal = Portal::new("openid4vp").await;
    let mut share = portal.ask().await;
    portal.world.scan(String::new(), share.created.link().to_owned()).await;
    assert!(matches!(portal.take(&mut share).await, Event::Retrieved));
    assert_eq!(portal.respond(&share).await, 200);
    assert!(matches!(portal.take(&mut share).await, Event::Presented(_)));
}

/// Verifies a receipt as a portal does that trusts nobody.
async fn confirm(
    portal: &Portal,
    share: &mut Share,
    presented: &Presented,
) -> Result<VerifiedResponse, ReceiptError> {
    let policy = std::fs::read_to_string(portal.world.directory.join("policy.toml")).unwrap();
    let policy = TrustPolicy::from_toml_with(&policy, LoopbackHttp::Allow).unwrap();
    let verifier = Verifier::new(policy, Arc::new(AwsLc));
    let fetcher = Fetcher::new(&FetchOptions::default().allow_loopback_http()).unwrap();
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let exchange = &mut share.exchange;
    fetcher.verify_receipt(&verifier, exchange, presented, &mut evidence, Utc::now).await
}

#[tokio::test]
async fn the_receipt_has_the_wallets_own_tokens_and_confirms_the_callback() {
    let portal = Portal::new("microsoft").await;
    let mut share = portal.ask_for(portal.asked(), true).await;
    assert!(matches!(portal.take(&mut share).await, Event::Retrieved));
    assert_eq!(portal.respond(&share).await, 200);
    let Event::Presented(presented) = portal.take(&mut share).await else { panic!() };
    assert_eq!(share.exchange.status(Utc::now()), RequestStatus::Retrieved);
    let response = confirm(&portal, &mut share, &presented).await.unwrap();
    assert_eq!(response.credentials().len(), 1);
    assert_eq!(share.exchange.status(Utc::now()), RequestStatus::Verified);
}

#[tokio::test]
async fn what_the_service_cannot_do_is_refused_by_its_member() {
    let portal = Portal::new("openid4vp").await;
    let plain = || portal.asked();
    let validation = "requestedCredentials.configuration.validation";
    let other = RequestedCredential::new(TYPE, ["did:web:nobody.example"]);
    for (asked, receipt, target) in [
        (plain(), true, "includeReceipt".to_owned()),
        (plain().accept_revoked(), false, format!("{validation}.allowRevoked")),
        (plain().with_linked_domain(), false, format!("{validation}.validateLinkedDomain")),
        (other, false, "requestedCredentials.acceptedIssuers".to_owned()),
    ] {
        let party = portal.party();
        let builder = RequestBuilder::new(&party, [asked]);
        let builder = if receipt { builder.with_receipt() } else { builder };
        let (request, _) = builder.build(Utc::now(), &mut rand::rng()).unwrap();
        let error = portal.client(SECRET).create(&request).await.unwrap_err();
        let EntraError::Service(error) = error else { panic!("{error}") };
        assert_eq!((error.status, error.target.unwrap().as_str()), (400, target.as_str()));
    }
}

#[tokio::test]
async fn an_authority_of_before_the_move_may_be_named() {
    let portal = Portal::new("openid4vp").await;
    let transport = Transport::HttpsOrLoopbackHttp;
    let before = "did:web:tenant.example";
    let party = Party::with_transport(before, "Example Trust", &portal.callback, transport);
    let (request, _) = RequestBuilder::new(&party.unwrap(), [portal.asked()])
        .build(Utc::now(), &mut rand::rng())
        .unwrap();
    assert!(portal.client(SECRET).create(&request).await.is_ok());
}

#[tokio::test]
async fn a_claim_that_a_constraint_does_not_want_is_an_error_and_a_good_answer_may_follow() {
    for dialect in ["microsoft", "openid4vp"] {
        let portal = Portal::new(dialect).await;
        let asked = portal.asked().with_constraint(Constraint::starts_with("displayName", "amara"));
        let mut share = portal.ask_for(asked, false).await;
        assert!(matches!(portal.take(&mut share).await, Event::Retrieved));
        let mut other = portal.world.credential();
        other.claims["vc"]["credentialSubject"]["displayName"] = json!("Somebody Else");
        let answer = portal.world.answer_to(&share.open, PART, other);
        assert_eq!(portal.world.respond(&share.open, answer.body()).await.0, 400);
        let event = portal.take(&mut share).await;
        assert!(matches!(event, Event::Failed(PresentationError::ClaimValidation)), "{event:?}");
        assert_eq!(portal.respond(&share).await, 200);
        assert!(matches!(portal.take(&mut share).await, Event::Presented(_)));
    }
}

#[tokio::test]
async fn a_refused_answer_is_called_back_and_junk_is_not() {
    let portal = Portal::new("openid4vp").await;
    let mut share = portal.ask().await;
    assert!(matches!(portal.take(&mut share).await, Event::Retrieved));
    assert_eq!(portal.world.respond(&share.open, b"vp_token=junk".to_vec()).await.0, 400);
    let state = share.open.asked.state().unwrap().as_str().to_owned();
    let declined = format!("error=access_denied&state={state}").into_bytes();
    assert_eq!(portal.world.respond(&share.open, declined).await.0, 200);
    let event = portal.take(&mut share).await;
    assert!(matches!(event, Event::Failed(PresentationError::Other)), "{event:?}");
    assert_eq!(share.exchange.status(Utc::now()), RequestStatus::Refused);
}

#[tokio::test]
async fn a_portal_that_is_busy_is_called_again_and_in_order() {
    let portal = Portal::new("openid4vp").await;
    portal.answers([503, 200]);
    let mut share = portal.ask().await;
    assert_eq!(portal.respond(&share).await, 200);
    let (first, second) = (portal.next().await.1, portal.next().await.1);
    assert_eq!(first, second);
    let api_key = share.api_key.clone();
    let event = share.exchange.receive(Some(&api_key), &second, Utc::now()).unwrap();
    assert!(matches!(event, Event::Retrieved));
    assert!(matches!(portal.take(&mut share).await, Event::Presented(_)));
}

#[tokio::test]
async fn a_portal_that_refuses_or_sends_elsewhere_is_not_called_again() {
    for status in [404, 307] {
        let portal = Portal::new("openid4vp").await;
        portal.answers([status, 200]);
        let mut share = portal.ask().await;
        assert_eq!(portal.respond(&share).await, 200);
        portal.next().await;
        assert!(matches!(portal.take(&mut share).await, Event::Presented(_)), "{status}");
    }
}

#[tokio::test]
async fn callbacks_outlive_a_restart() {
    let directory = directory();
    let database = format!("sqlite:{}", directory.join("requests.db").display());
    let mut portal = Portal::with("openid4vp", &["--database-url", &database]).await;
    portal.answers([503]);
    let mut share = portal.ask().await;
    assert_eq!(portal.respond(&share).await, 200);
    let first = portal.next().await.1;
    portal.world.restart().await;
    portal.answers([200]);
    let mut came = portal.next().await.1;
    // Until the first one is taken the second one waits.
    while came == first {
        came = portal.next().await.1;
    }
    let api_key = share.api_key.clone();
    let event = share.exchange.receive(Some(&api_key), &came, Utc::now()).unwrap();
    assert!(matches!(event, Event::Presented(_)));
    std::fs::remove_dir_all(directory).unwrap();
}

#[tokio::test]
async fn tokens_are_given_for_the_right_secret_in_the_right_words() {
    let portal = Portal::new("microsoft").await;
    let scope = "3db474b9-6a0c-4840-96ac-1fceb342124f/.default";
    let good = [
        ("grant_type", "client_credentials"),
        ("client_id", "client-1"),
        ("client_secret", SECRET),
        ("scope", scope),
    ];
    let ask = async |tenant: &str, form: &[(&str, &str)]| {
        let url = format!("{}/{tenant}/oauth2/v2.0/token", portal.world.base);
        let reply = portal.world.http.post(url).form(form).send().await.unwrap();
        assert_eq!(reply.headers()["cache-control"], "no-store");
        read(reply).await
    };
    let (status, token) = ask("tenant.example", &good).await;
    assert_eq!((status, &token["token_type"]), (200, &json!("Bearer")));
    assert_eq!(token["expires_in"], 3600);
    let with = |name: &str, value: &'static str| {
        let mut form = good;
        form.iter_mut().find(|(known, _)| *known == name).unwrap().1 = value;
        form
    };
    for (form, status, error) in [
        (with("client_secret", "another").to_vec(), 401, "invalid_client"),
        (with("client_secret", "").to_vec(), 401, "invalid_client"),
        (with("client_id", "client-2").to_vec(), 401, "invalid_client"),
        (with("grant_type", "password").to_vec(), 400, "unsupported_grant_type"),
        (with("scope", "https://graph.microsoft.com/.default").to_vec(), 400, "invalid_scope"),
        (good[1..].to_vec(), 400, "invalid_request"),
        ([&good[..], &good[..1]].concat(), 400, "invalid_request"),
        (Vec::new(), 400, "invalid_request"),
    ] {
        let (found, body) = ask("tenant.example", &form).await;
        assert_eq!((found, &body["error"]), (status, &json!(error)), "{form:?}");
    }
    assert_eq!(ask("another", &good).await.0, 400);
}

#[tokio::test]
async fn without_a_good_token_nothing_is_made() {
    let portal = Portal::new("microsoft").await;
    let url = format!("{}/v1.0/verifiableCredentials/createPresentationRequest", portal.world.base);
    // Whatever else the service's own key signed is no token.
    let (_, configuration) = portal.world.get("/.well-known/did-configuration.json").await;
    let linkage = configuration["linked_dids"][0].as_str().unwrap();
    let open = portal.world.open(&ask("openid4vp")).await;
    let transport = Transport::HttpsOrLoopbackHttp;
    let link = staffpass::request::Link::parse_with(&open.link, transport).unwrap();
    let object = portal.world.http.get(link.request_uri()).send().await.unwrap();
    let object = object.text().await.unwrap();
    for token in ["", "a.b.c", SECRET, linkage, &object] {
        let post = portal.world.http.post(&url).bearer_auth(token).json(&json!({}));
        let (status, body) = read(post.send().await.unwrap()).await;
        assert_eq!((status, &body["error"]["code"]), (401, &json!("unauthorized")), "{token}");
        assert_eq!(body["error"]["innererror"]["code"], "tokenError");
        assert!(body["requestId"].is_string() && body["date"].is_string());
    }
    let bare = portal.world.http.post(&url).json(&json!({})).send().await.unwrap();
    assert_eq!(bare.status(), 401);
}

#[tokio::test]
async fn where_no_clients_are_named_there_are_no_such_routes() {
    let world = World::new().await;
    let path = "/v1.0/verifiableCredentials/createPresentationRequest";
    let (status, body) = world.post(path, &json!({})).await;
    assert_eq!((status, &body["error"]["code"]), (404, &json!("notFound")));
    let (_, document) = world.get("/openapi.json").await;
    let schema = &document["components"]["schemas"]["EntraError"]["properties"];
    assert!(body.as_object().unwrap().keys().all(|member| schema[member].is_object()));
    let (status, _) = world.post("/tenant.example/oauth2/v2.0/token", &json!({})).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn clients_are_named_with_good_secrets_and_once() {
    let directory = directory();
    write_policy(&directory, "did:web:a.example");
    let file = directory.join("entra.toml");
    let client =
        |id: &str, secret: &str| format!("[[client]]\nid = \"{id}\"\nsecret = \"{secret}\"\n");
    let good = client("one", SECRET);
    let tenant = "tenant = \"t.example\"\n";
    for (text, opens) in [
        (format!("{tenant}{good}"), true),
        (good.clone(), false),
        (format!("tenant = \"a/b\"\n{good}"), false),
        (format!("{tenant}{good}{good}"), false),
        (format!("{tenant}{}", client("one", "short")), false),
        (format!("{tenant}{}", client("", SECRET)), false),
        (format!("{tenant}dialect = \"haip\"\n{good}"), false),
        (format!("{tenant}more = 1\n{good}"), false),
    ] {
        std::fs::write(&file, &text).unwrap();
        let more = ["--entra-file", file.to_str().unwrap()];
        let options = options(&directory, "http://localhost:8080", &more);
        assert_eq!(verifier::Service::open(&options).await.is_ok(), opens, "{text}");
    }
    std::fs::remove_dir_all(directory).unwrap();
}
