//! Verifiers whom no domain confirms, and offers of issuers whom nobody knows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::routing::get;
use chrono::Utc;
use common::{Home, Issuer, identity};
use serde_json::{Value, json};
use staffpass::aws_lc::SigningKey;
use staffpass::did::publish::DocumentBuilder;
use staffpass::did::{DidUrl, LoopbackHttp, Relationships, web};
use staffpass::issue::{IssuerKey, UnsignedDidConfiguration};
use staffpass::jose::Algorithm;
use staffpass::request::{Endpoints, RequestedCredential, Transport, microsoft, openid4vp};
use tokio::net::TcpListener;
use url::Url;

/// A verifier with one request, whose domain publishes whatever the test says.
struct Verifier {
    link: String,
    origin: String,
    posted: Arc<Mutex<usize>>,
}

/// What the verifier's document and its domain say.
#[derive(Clone, Copy, PartialEq)]
enum Domain {
    /// The document names none.
    Absent,
    /// The file is not there.
    Silent,
    /// The file is about another origin.
    Elsewhere,
    /// All as it should be.
    Confirms,
}

impl Verifier {
    async fn asking(dialect: &str, domain: Domain) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let origin: Url = format!("http://localhost:{port}").parse().unwrap();
        let did = web::did_of_origin(&origin, LoopbackHttp::Allow).unwrap();
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let key_id = DidUrl::new(&did, "key-1").unwrap();
        let mut document =
            DocumentBuilder::new(&did).key("key-1", key.public_key(), Relationships::SIGNING);
        if domain != Domain::Absent {
            document = document.linked_domain(&origin, LoopbackHttp::Allow).unwrap();
        }
        let document = document.build().unwrap().to_string();
        let (object, link) = request(dialect, &key_id, &key, &origin);
        let posted = Arc::new(Mutex::new(0));
        let (count, file) = (posted.clone(), configuration(domain, &key_id, &key, &origin));
        let pages = Router::new()
            .route("/.well-known/did.json", get(|| async { document }))
            .route(
                "/.well-known/did-configuration.json",
                get(|| async { file.ok_or(StatusCode::NOT_FOUND) }),
            )
            .route("/q/{id}", get(|| async { object }))
            .fallback(move || async move { *count.lock().unwrap() += 1 });
        tokio::spawn(async move { axum::serve(listener, pages).await });
        let origin = origin.origin().ascii_serialization();
        Self { link, origin, posted }
    }
}

fn request(dialect: &str, key_id: &DidUrl, key: &SigningKey, origin: &Url) -> (String, String) {
    let (q, a) = (format!("{origin}q"), format!("{origin}a"));
    let endpoints = Endpoints::with_transport(&q, &a, Transport::HttpsOrLoopbackHttp).unwrap();
    let asked = RequestedCredential::new("identity", "StaffIdentity")
        .with_issuers(["did:web:eastmoor.example"]);
    let (kid, now, rng) = (key_id.as_str(), Utc::now(), &mut rand::rng());
    let unsigned = match dialect {
        "microsoft" => {
            let party = microsoft::Party::new(kid, Algorithm::Es256, "Westmoor Trust", endpoints);
            microsoft::RequestBuilder::new(&party.unwrap(), [asked]).build(now, rng)
        }
        _ => {
            let party = openid4vp::Party::new(kid, Algorithm::Es256, endpoints).unwrap();
            openid4vp::RequestBuilder::new(&party, [asked]).unwrap().build(now, rng)
        }
    };
    let request = unsigned.unwrap().sign(key).unwrap();
    (request.object().as_str().to_owned(), request.link().to_owned())
}

fn configuration(
    domain: Domain,
    key_id: &DidUrl,
    key: &SigningKey,
    origin: &Url,
) -> Option<String> {
    let origin = match domain {
        Domain::Absent | Domain::Silent => return None,
        Domain::Elsewhere => "https://westmoor.example/",
        Domain::Confirms => origin.as_str(),
    };
    let issuer = IssuerKey::new(key_id.clone(), Algorithm::Es256);
    let (now, until) = (Utc::now(), Utc::now() + chrono::TimeDelta::days(1));
    Some(UnsignedDidConfiguration::new(&issuer, origin, now, until).unwrap().sign(key).unwrap())
}

/// A wallet with an identity.
fn wallet() -> Home {
    let (home, issuer) = (Home::new(), Issuer::unpublished());
    let [jwk, _] = home.holders();
    home.add(&issuer.vc_jwt("StaffIdentity", &jwk, 1, &identity()));
    home
}

fn presenting<'a>(verifier: &'a Verifier, more: &[&'a str]) -> Vec<&'a str> {
    [&["present", &verifier.link, "--allow-loopback-http", "--yes"][..], more].concat()
}

#[tokio::test]
async fn n14_a_verifier_whose_domain_does_not_confirm_it_is_not_shown() {
    let home = wallet();
    for dialect in ["openid4vp", "microsoft"] {
        for domain in [Domain::Silent, Domain::Elsewhere] {
            let verifier = Verifier::asking(dialect, domain).await;
            let said = home.with_person(&presenting(&verifier, &[]), "").await.unwrap_err();
            assert!(!said.contains("asks"), "{said}");
            assert!(said.contains(&verifier.origin), "{said}");
            assert_eq!(*verifier.posted.lock().unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn n14_in_the_profile_a_verifier_that_names_no_domain_is_not_shown() {
    let home = wallet();
    let verifier = Verifier::asking("microsoft", Domain::Absent).await;
    let said = home.with_person(&presenting(&verifier, &[]), "").await.unwrap_err();
    assert!(!said.contains("asks") && said.contains("names no domain"), "{said}");
    // Elsewhere the DID's own address is enough, and the person is told so.
    let verifier = Verifier::asking("openid4vp", Domain::Absent).await;
    let said = home.with_person(&presenting(&verifier, &[]), "").await.unwrap();
    assert!(said.contains("no did-configuration.json confirms it"), "{said}");
    assert_eq!(*verifier.posted.lock().unwrap(), 1);
}

#[tokio::test]
async fn the_person_may_go_on_without_and_is_told_that_nobody_confirms() {
    let home = wallet();
    for dialect in ["openid4vp", "microsoft"] {
        for domain in [Domain::Absent, Domain::Silent, Domain::Elsewhere] {
            let verifier = Verifier::asking(dialect, domain).await;
            let line = presenting(&verifier, &["--unconfirmed-domain"]);
            let said = home.with_person(&line, "").await.unwrap();
            assert!(said.contains("no did-configuration.json confirms it"), "{said}");
            assert!(!said.contains("is its own"), "{said}");
        }
    }
}

#[tokio::test]
async fn a_domain_that_confirms_the_verifier_is_named() {
    let home = wallet();
    for dialect in ["openid4vp", "microsoft"] {
        let verifier = Verifier::asking(dialect, Domain::Confirms).await;
        let said = home.with_person(&presenting(&verifier, &[]), "").await.unwrap();
        let confirmed = format!("{} confirms that this verifier is its own.", verifier.origin);
        assert!(said.contains(&confirmed), "{said}");
    }
}

/// An issuer with one offer that asks for a transaction code and takes none; what it was asked for.
struct Stranger {
    link: String,
    origin: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Stranger {
    async fn offering() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, base) = (asked.clone(), origin.clone());
        let pages = Router::new().fallback(move |address: Uri| async move {
            let path = address.path().to_owned();
            seen.lock().unwrap().push(path.clone());
            match stranger_says(&base, &path) {
                Some(page) => Ok(page.to_string()),
                None => Err((StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#)),
            }
        });
        tokio::spawn(async move { axum::serve(listener, pages).await });
        let offer = format!("{origin}/offers/1").parse().unwrap();
        let link = staffpass::issue::openid4vci::offer_link(&offer);
        Self { link, origin, asked }
    }

    fn was_asked_for(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn stranger_says(origin: &str, path: &str) -> Option<Value> {
    let grant = json!({ "pre-authorized_code": "code", "tx_code": { "length": 6 } });
    let grant_type = staffpass::issue::openid4vci::PRE_AUTHORIZED_CODE;
    match path {
        "/offers/1" => Some(json!({
            "credential_issuer": origin,
            "credential_configuration_ids": ["identity"],
            "grants": { grant_type: grant },
        })),
        "/.well-known/openid-credential-issuer" => Some(json!({
            "credential_issuer": origin,
            "credential_endpoint": format!("{origin}/credential"),
            "nonce_endpoint": format!("{origin}/nonce"),
            "credential_configurations_supported": { "identity": { "format": "dc+sd-jwt" } },
        })),
        "/.well-known/oauth-authorization-server" => Some(json!({
            "issuer": origin, "token_endpoint": format!("{origin}/token"),
        })),
        _ => None,
    }
}

#[tokio::test]
async fn i06_of_an_offer_in_a_strangers_name_nothing_but_the_offer_is_fetched() {
    let home = Home::new();
    for (more, keyed_in) in [(&["--issuer", "https://eastmoor.example"][..], ""), (&[], "n\n")] {
        let stranger = Stranger::offering().await;
        let line = [&["receive", &stranger.link, "--allow-loopback-http"], more].concat();
        home.with_person(&line, keyed_in).await.unwrap_err();
        assert_eq!(stranger.was_asked_for(), ["/offers/1"]);
    }
}

#[tokio::test]
async fn i06_the_person_sees_in_whose_name_it_is_offered() {
    let (home, stranger) = (Home::new(), Stranger::offering().await);
    let line = ["receive", &stranger.link, "--allow-loopback-http"];
    let said = home.with_person(&line, "n\n").await.unwrap_err();
    let name = format!("offers a credential in the name of {}.", stranger.origin);
    assert!(said.contains(&name) && said.contains("was not taken"), "{said}");
}

#[tokio::test]
async fn a_code_that_the_issuer_does_not_take_is_told_and_nothing_is_kept() {
    let (home, stranger) = (Home::new(), Stranger::offering().await);
    let line = ["receive", &stranger.link, "--allow-loopback-http", "--issuer", &stranger.origin];
    let said = home.with_person(&line, "123456\n").await.unwrap_err();
    assert!(said.contains("invalid_grant") && said.contains("identity (dc+sd-jwt)"), "{said}");
    assert_eq!(home.ok(&["list"]), "Nothing is held yet.\n");
}

#[tokio::test]
async fn an_offer_over_plain_http_is_refused_unless_it_is_admitted() {
    let (home, stranger) = (Home::new(), Stranger::offering().await);
    let line = ["receive", &stranger.link, "--issuer", &stranger.origin];
    let said = home.with_person(&line, "123456\n").await.unwrap_err();
    assert!(said.contains("not https") && !said.contains("offers/1"), "{said}");
    assert!(stranger.was_asked_for().is_empty());
}
