//! The whole journey with `examples/wallet` for a phone, over HTTP, at this very hour: from the
//! recruitment team's invitation to "Details shared", and the ways back on the way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::cell::RefCell;
use std::io::{Write, empty, sink};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use chrono::Utc;
use clap::Parser as _;
use common::*;
use portal::{Config, Portal};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm,
};
use serde_json::{Map, Value};
use staffpass::aws_lc::{AwsLc, SigningKey};
use staffpass::credentials::{ClaimsContext, CredentialKind, StaffCredential, TypeNames};
use staffpass::did::{Did, DidUrl, ResolveOptions, resolve_in_place};
use staffpass::jose::{Algorithm, CryptoProvider as _};
use staffpass_issue::{CredentialBuilder, IssuerKey, SdJwtVcBuilder};
use staffpass_testkit::Issuer;
use wallet::{Options, Terminal};

const AMARA: &str = "amara@example.com";

/// A trust that issues and a portal that believes it, by the clock on the wall.
struct Place {
    base: String,
    directory: PathBuf,
    issuer: Arc<Mutex<Issuer>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Place {
    async fn with(more: &str) -> Self {
        Self::within(directory(), more).await
    }

    async fn within(directory: PathBuf, more: &str) -> Self {
        let issuer = issuer(&Arc::new(Mutex::new(Utc::now()))).await;
        let (listener, base) = listener().await;
        let believed = include_str!("../policy.toml")
            .replace("did:web:localhost%3A8090", issuer.lock().unwrap().did().as_str());
        std::fs::write(directory.join("policy.toml"), believed).unwrap();
        let text = config(&base, &directory, &database(&directory).await, more);
        let portal = Portal::open(Config::from_text(&text, |_| None).unwrap()).await.unwrap();
        tokio::spawn(async move { portal.serve(listener, std::future::pending()).await });
        Self { base, directory, issuer }
    }

    /// The recruitment team invites Amara; the link is in her email.
    async fn invite(&self, (email, mobile): (&str, &str)) -> String {
        let mut staff = signed_in(&self.base).await;
        staff.get("/recruitment/invite").await;
        let amara = [
            ("given_name", "Amara Jane"),
            ("family_name", "Okafor-Lee"),
            ("email", email),
            ("mobile", mobile),
            ("staff_group", "Medical and Dental"),
            ("employment_status", "Temporary mover"),
        ];
        staff.submit("/recruitment/invite", &amara).await.shows("Amara Jane Okafor-Lee");
        invitation(&self.directory)
    }

    /// A browser before the QR code for both that may be ticked.
    async fn at_qr(&self, dialect: &str) -> Browser {
        self.invited_at_qr((AMARA, MOBILE), dialect).await
    }

    async fn invited_at_qr(&self, at: (&str, &str), dialect: &str) -> Browser {
        let link = self.invite(at).await;
        let mut browser = Browser::new(&self.base);
        browser.get(&link).await.shows("Have you registered before?");
        browser.submit(&link, &[("registered", "before")]).await;
        browser.submit("/share/start", &[]).await;
        connect(&mut browser, dialect, &["employment", "training"]).await;
        browser
    }

    fn issue(&self, kind: CredentialKind, format: &str, holder: &Did) -> String {
        let issuer = self.issuer.lock().unwrap();
        let id = DidUrl::new(issuer.did(), "key-1").unwrap();
        let id = IssuerKey::new(id, Algorithm::Es256);
        let (now, names, rng) = (Utc::now(), TypeNames::default(), &mut rand::rng());
        let says = StaffCredential::from_claims(kind, &says(kind), &ClaimsContext::new(now, now));
        let says = says.unwrap();
        if format == "dc+sd-jwt" {
            let document = resolve_in_place(holder, &ResolveOptions::default()).unwrap().unwrap();
            let key = AwsLc.prepare(document.verification_methods()[0].key()).unwrap();
            let builder = SdJwtVcBuilder::staff(&id, key.public_key(), now, &says, &names).unwrap();
            return builder.build(rng).unwrap().sign(&**issuer.key()).unwrap();
        }
        let builder = CredentialBuilder::staff(&id, holder, now, &says, &names).unwrap();
        builder.build(rng).unwrap().sign(&**issuer.key()).unwrap()
    }

    /// A new wallet that has been given these.
    async fn phone(&self, kinds: &[CredentialKind], format: &str) -> Phone {
        let phone = Phone { directory: self.directory.clone() };
        phone.run(&["init"]).await.unwrap();
        let holder = phone.run(&["holders"]).await.unwrap();
        let holder: Did = holder.lines().next().unwrap().parse().unwrap();
        let tokens = kinds.iter().map(|kind| self.issue(*kind, format, &holder));
        let tokens = tokens.collect::<Vec<_>>().join("\n");
        let file = self.directory.join("tokens");
        std::fs::write(&file, tokens).unwrap();
        phone.run(&["add", file.to_str().unwrap()]).await.unwrap();
        phone
    }
}

/// What the demonstration of the wallet says of Amara: nothing of it ends at a date.
fn says(kind: CredentialKind) -> Map<String, Value> {
    let text = match kind.id() {
        "identity" => include_str!("../../wallet/demo/identity.json"),
        "employment" => include_str!("../../wallet/demo/employment.json"),
        _ => include_str!("../../wallet/demo/training.json"),
    };
    serde_json::from_str(text).unwrap()
}

/// From the ticks to the QR code.
async fn connect(browser: &mut Browser, dialect: &str, ticked: &[&str]) {
    let ticks: Vec<_> = ticked.iter().map(|id| ("credential", *id)).collect();
    browser.shows("Select the credentials to share");
    browser.submit("/share/select", &ticks).await;
    browser.submit("/share/confirm", &[("answer", dialect)]).await.shows("Connect to your wallet");
}

/// The program of `examples/wallet`, with a file of its own.
struct Phone {
    directory: PathBuf,
}

impl Phone {
    /// What it prints, or why it does not do what it is told.
    async fn run(&self, command: &[&str]) -> Result<String, String> {
        let (file, secret) = (self.directory.join("wallet.age"), self.directory.join("passphrase"));
        std::fs::write(&secret, "correct horse battery staple").unwrap();
        let (file, secret) = (file.to_str().unwrap(), secret.to_str().unwrap());
        let own = ["wallet", "--file", file, "--passphrase-file", secret, "--work-factor", "2"];
        let options = Options::try_parse_from(own.iter().chain(command)).unwrap();
        let paper = Paper::default();
        let mut terminal = Terminal::new(empty(), paper.clone(), sink());
        let done = wallet::run(&options, &mut terminal).await;
        let said = String::from_utf8(paper.0.borrow().clone()).unwrap();
        done.map(|()| said.clone()).map_err(|error| format!("{said}{error}"))
    }

    /// Scans the QR code of a page.
    async fn scan(&self, browser: &Browser, answer: &str) -> Result<String, String> {
        self.scan_with(browser, &[answer]).await
    }

    async fn scan_with(&self, browser: &Browser, options: &[&str]) -> Result<String, String> {
        let link = browser.wallet_link();
        let command = ["present", &link, "--allow-loopback-http"];
        self.run(&[&command, options].concat()).await
    }
}

#[derive(Clone, Default)]
struct Paper(Rc<RefCell<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The rest, once the wallet's answer is there.
async fn to_the_end(place: &Place, browser: &mut Browser) {
    browser.get("/share").await.shows("Create your profile");
    browser.submit("/share/profile", &[]).await;
    browser.finish(&place.directory, AMARA).await;
}

/// The recruitment team confirms the identity and asks for training: the person before the QR code for it.
async fn asked_for_more(place: &Place, dialect: &str) -> Browser {
    let mut staff = signed_in(&place.base).await;
    let page = staff.html.split("href=\"").find(|rest| rest.starts_with("/recruitment/people/"));
    let page = page.unwrap().split('"').next().unwrap().to_owned();
    staff.get(&page).await;
    let confirm = [("employment", "temporary"), ("care", "yes")];
    staff.submit(&format!("{page}/confirm"), &confirm).await;
    staff.submit(&format!("{page}/ask-for-more"), &[("part", "training")]).await;
    let (link, mut browser) = (invitation(&place.directory), Browser::new(&place.base));
    browser.get(&link).await.shows("Share more of your credentials");
    browser.submit(&link, &[]).await;
    browser.submit("/share/confirm", &[("answer", dialect)]).await.shows("Connect to your wallet");
    browser
}

async fn send_more(browser: &mut Browser) {
    until_shown(browser, "Send your credentials").await;
    browser.says("We have received: Identity, Training.");
    browser.submit("/share/submit", &[]).await.shows("Credentials shared");
}

#[tokio::test]
async fn further_credentials_come_from_the_same_wallet() {
    for dialect in WALLETS {
        let place = Place::with("").await;
        let phone = place.phone(&CredentialKind::ALL, "jwt_vc_json").await;
        let mut browser = place.at_qr(dialect).await;
        phone.scan(&browser, "--yes").await.unwrap();
        to_the_end(&place, &mut browser).await;
        let mut browser = asked_for_more(&place, dialect).await;
        let said = phone.scan(&browser, "--yes").await.unwrap();
        assert!(said.contains("Shared: the verifier took the answer."), "{said}");
        send_more(&mut browser).await;
    }
}

#[tokio::test]
async fn further_credentials_come_from_a_wallet_on_the_same_device() {
    let place = Place::with("").await;
    let phone = place.phone(&CredentialKind::ALL, "jwt_vc_json").await;
    let mut browser = place.at_qr("openid4vp").await;
    phone.scan(&browser, "--yes").await.unwrap();
    to_the_end(&place, &mut browser).await;
    let mut browser = asked_for_more(&place, "openid4vp").await;
    browser.submit("/share/connect_here", &[]).await.shows("Open your wallet");
    let said = phone.scan(&browser, "--yes").await.unwrap();
    let next = said.split("Go on at ").nth(1).expect("an address").trim();
    browser.get(next.strip_prefix(&place.base).unwrap()).await;
    browser.submit("/share/returned", &[]).await;
    send_more(&mut browser).await;
}

#[tokio::test]
async fn a_credential_is_missing_is_deselected_and_the_rest_is_shared_to_the_end() {
    for dialect in WALLETS {
        let place = Place::with("").await;
        let held = [CredentialKind::Identity, CredentialKind::Employment];
        let phone = place.phone(&held, "jwt_vc_json").await;
        let mut browser = place.at_qr(dialect).await;
        browser.says("Go back and untick it");
        let refused = phone.scan(&browser, "--yes").await.unwrap_err();
        assert!(refused.contains("confirms that this verifier is its own."), "{refused}");
        assert!(refused.contains("Nothing in this wallet answers"), "{dialect}: {refused}");
        browser.get("/share").await.shows("Follow the instructions in your wallet");

        browser.submit("/share/amend", &[]).await;
        browser.says("value=\"training\" aria-describedby=\"credential-training-hint\" checked");
        connect(&mut browser, dialect, &["employment"]).await;
        let said = phone.scan(&browser, "--yes").await.unwrap();
        assert!(said.contains("Shared: the verifier took the answer."), "{said}");
        browser.get("/share").await.says("We have received: Identity, Employment.");
        to_the_end(&place, &mut browser).await;

        let mut staff = signed_in(&place.base).await;
        staff.says("Identity to review");
        let page =
            staff.html.split("href=\"").find(|rest| rest.starts_with("/recruitment/people/"));
        let page = page.unwrap().split('"').next().unwrap().to_owned();
        staff.get(&page).await.says("Amara Jane").says("Registrar in Elderly Care");
        staff.says("The signatures are genuine: nothing was changed: passed");
    }
}

#[tokio::test]
async fn sd_jwts_go_encrypted_or_not_as_the_portal_asks() {
    for encrypted in [false, true] {
        let more = format!(
            "wallets.openid4vp_format = \"dc+sd-jwt\"\nwallets.openid4vp_encrypted = {encrypted}"
        );
        let place = Place::with(&more).await;
        let phone = place.phone(&CredentialKind::ALL, "dc+sd-jwt").await;
        let mut browser = place.at_qr("openid4vp").await;
        let said = phone.scan(&browser, "--yes").await.unwrap();
        assert!(said.contains("Shared"), "{said}");
        for asked in ["given_name: Amara Jane", "job_title: Registrar", "level: 1"] {
            assert!(said.contains(asked), "{asked}: {said}");
        }
        for not_asked in ["evidence_profile", "learning_method"] {
            assert!(!said.contains(not_asked), "{not_asked}: {said}");
        }
        browser.get("/share").await.says("We have received: Identity, Employment, Training.");
        to_the_end(&place, &mut browser).await;
    }
}

/// An authority and a certificate of it for the portal, as files.
fn certificates(directory: &Path) -> [String; 3] {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.distinguished_name.push(DnType::CommonName, "an authority");
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority_key = KeyPair::generate().unwrap();
    let anchor = authority.self_signed(&authority_key).unwrap().pem();
    let mut leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    leaf.distinguished_name.push(DnType::CommonName, "localhost");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.use_authority_key_identifier_extension = true;
    let own = key.public_key();
    let own = Point([&[4], own.x(), own.y().unwrap()].concat());
    let leaf = leaf.signed_by(&own, &rcgen::Issuer::new(authority, authority_key)).unwrap().pem();
    let jwk = key.to_private_jwk().to_string();
    [("anchor.pem", anchor), ("chain.pem", leaf), ("haip.jwk", jwk)].map(|(name, text)| {
        let path = directory.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    })
}

/// A public key as a certificate has it (SEC 1 §2.3.3).
struct Point(Vec<u8>);

impl PublicKeyData for Point {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

#[tokio::test]
async fn under_haip_the_wallet_knows_the_portal_by_its_certificate() {
    let directory = directory();
    let [anchor, chain, key] = certificates(&directory);
    let more = format!(
        "wallets.dialects = [\"microsoft\", \"haip\"]\nwallets.haip_certificates = \"{chain}\"\nwallets.haip_key = \"{key}\""
    );
    let place = Place::within(directory, &more).await;
    let phone = place.phone(&CredentialKind::ALL, "dc+sd-jwt").await;
    let mut browser = place.at_qr("haip").await;
    assert!(browser.wallet_link().starts_with("haip-vp://"));
    phone.scan(&browser, "--yes").await.expect_err("the authority is not known");
    let said = phone.scan_with(&browser, &["--yes", "--authorities", &anchor]).await.unwrap();
    assert!(said.starts_with("localhost asks"), "{said}");
    browser.get("/share").await.says("We have received: Identity, Employment, Training.");
    to_the_end(&place, &mut browser).await;
    let mut browser = asked_for_more(&place, "haip").await;
    phone.scan_with(&browser, &["--yes", "--authorities", &anchor]).await.unwrap();
    send_more(&mut browser).await;
}

#[tokio::test]
async fn a_key_that_is_not_the_certificates_is_refused_at_the_start() {
    let (directory, other) = (directory(), directory());
    let ([_, chain, _], [_, _, key]) = (certificates(&directory), certificates(&other));
    let more = format!(
        "wallets.dialects = [\"haip\"]\nwallets.haip_certificates = \"{chain}\"\nwallets.haip_key = \"{key}\""
    );
    std::fs::write(directory.join("policy.toml"), include_str!("../policy.toml")).unwrap();
    let text = config("http://localhost:1", &directory, "sqlite:unused", &more);
    let opened = Portal::open(Config::from_text(&text, |_| None).unwrap()).await;
    let error = opened.expect_err("it is refused").to_string();
    assert!(error.starts_with("wallets.haip_key: is not the key"), "{error}");
    for directory in [directory, other] {
        std::fs::remove_dir_all(directory).unwrap();
    }
}

#[tokio::test]
async fn on_the_same_device_the_wallet_leads_back_to_the_browser() {
    let place = Place::with("").await;
    let phone = place.phone(&CredentialKind::ALL, "jwt_vc_json").await;
    let mut browser = place.at_qr("openid4vp").await;
    browser.submit("/share/connect_here", &[]).await.shows("Open your wallet");
    let said = phone.scan(&browser, "--yes").await.unwrap();
    let next = said.split("Go on at ").nth(1).expect("an address").trim();
    browser.get("/share").await.shows("Come back from your wallet");
    browser.get(next.strip_prefix(&place.base).unwrap()).await;
    browser.submit("/share/returned", &[]).await;
    to_the_end(&place, &mut browser).await;
}

#[tokio::test]
async fn who_declines_is_told_so_where_the_wallet_says_it_and_may_share_after_all() {
    for (dialect, title) in [
        ("microsoft", "Follow the instructions in your wallet"),
        ("openid4vp", "We did not receive the credentials you selected"),
    ] {
        let place = Place::with("").await;
        let phone = place.phone(&CredentialKind::ALL, "jwt_vc_json").await;
        let mut browser = place.at_qr(dialect).await;
        let said = phone.scan(&browser, "--decline").await.unwrap();
        assert!(said.contains("Declined"), "{said}");
        browser.get("/share").await.shows(title);
        browser.submit("/share/amend", &[]).await;
        connect(&mut browser, dialect, &["employment", "training"]).await;
        phone.scan(&browser, "--yes").await.unwrap();
        browser.get("/share").await.shows("Create your profile");
    }
}

/// Microsoft's Request Service, in whose place `examples/verifier` stands, and between it and the portal a
/// line that hears what is said, and can be cut.
#[derive(Clone)]
struct Service {
    base: String,
    /// What the portal asked for, and what the service replied.
    heard: Arc<Mutex<Vec<(Value, Value)>>>,
    /// With which status the line is cut.
    cut: Arc<Mutex<Option<u16>>>,
    /// What the service has called back and the portal has heard, and what is made of it on the way.
    called: Arc<Mutex<Vec<Value>>>,
    changed: Arc<Mutex<Option<Change>>>,
}

/// What becomes of what the service says.
type Change = fn(&mut Value);

async fn line(
    axum::extract::State(service): axum::extract::State<Service>,
    uri: axum::http::Uri,
    headers: axum::http::HeaderMap,
    body: axum::body::Bytes,
) -> (axum::http::StatusCode, String) {
    let cut = *service.cut.lock().unwrap();
    if let Some(status) = cut {
        return (status.try_into().unwrap(), String::new());
    }
    if let Some(handle) = uri.path().strip_prefix("/back/") {
        return service.calls_back(handle, &headers, &body).await;
    }
    let asks = uri.path().ends_with("createPresentationRequest");
    let sent = if asks { service.with_way_back(&headers, &body) } else { body.to_vec() };
    let mut post = http().post(format!("{}{uri}", service.base)).body(sent);
    for name in ["authorization", "content-type"] {
        if let Some(value) = headers.get(name) {
            post = post.header(name, value);
        }
    }
    let reply = post.send().await.unwrap();
    let (status, text) = (reply.status(), reply.text().await.unwrap());
    if asks {
        let json = |text: &[u8]| serde_json::from_slice(text).unwrap();
        service.heard.lock().unwrap().push((json(&body), json(text.as_bytes())));
    }
    (status, text)
}

impl Service {
    /// A portal that asks through it.
    async fn with_portal() -> (Self, Place) {
        let ((verifier, base), (listener, front)) = (listener().await, listener().await);
        let service = Self {
            base,
            heard: Arc::default(),
            cut: Arc::default(),
            called: Arc::default(),
            changed: Arc::default(),
        };
        let router = axum::Router::new().fallback(line).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let port = service.base.rsplit(':').next().unwrap();
        let more = format!(
            "wallets.dialects = [\"entra\", \"openid4vp\"]\nentra.tenant = \"tenant.example\"\n\
             entra.client_id = \"client-1\"\nentra.client_secret = \"more than sixteen letters\"\n\
             entra.authority = \"did:web:localhost%3A{port}\"\n\
             entra.login = \"{front}\"\nentra.service = \"{front}\"\n"
        );
        let place = Place::with(&more).await;
        let file = place.directory.join("entra.toml");
        let clients = "tenant = \"tenant.example\"\n[[client]]\nid = \"client-1\"\n\
                       secret = \"more than sixteen letters\"\n";
        std::fs::write(&file, clients).unwrap();
        // The service knows no parts, and so the person by the type.
        let believed = std::fs::read_to_string(place.directory.join("policy.toml")).unwrap();
        let believed = believed.replace("anchor = \"identity\"", "anchor = \"StaffIdentity\"");
        std::fs::write(place.directory.join("service.toml"), believed).unwrap();
        let (policy, data) =
            (place.directory.join("service.toml"), place.directory.join("service"));
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let options = verifier::Options::try_parse_from([
            "verifier".to_owned(),
            format!("--public-url={}", service.base),
            format!("--policy={}", text(&policy)),
            format!("--data-dir={}", text(&data)),
            format!("--entra-file={}", text(&file)),
            "--allow-loopback-http".to_owned(),
        ]);
        let opened = verifier::Service::open(&options.unwrap()).await.unwrap();
        tokio::spawn(opened.serve(verifier));
        (service, place)
    }

    /// The portal's request with another address to call back: that of this line.
    fn with_way_back(&self, headers: &axum::http::HeaderMap, body: &[u8]) -> Vec<u8> {
        let mut asked: Value = serde_json::from_slice(body).unwrap();
        let front = headers["host"].to_str().unwrap();
        let url = asked["callback"]["url"].as_str().unwrap();
        let (_, handle) = url.rsplit_once('/').unwrap();
        asked["callback"]["url"] = format!("http://{front}/back/{handle}").into();
        asked.to_string().into_bytes()
    }

    async fn calls_back(
        &self,
        handle: &str,
        headers: &axum::http::HeaderMap,
        body: &[u8],
    ) -> (axum::http::StatusCode, String) {
        let said: Value = serde_json::from_slice(body).unwrap();
        let (heard, changed) = (self.heard.lock().unwrap().clone(), *self.changed.lock().unwrap());
        let is_for = |asked: &&(Value, Value)| {
            asked.0["callback"]["url"].as_str().unwrap().ends_with(handle)
        };
        let (asked, _) = heard.iter().find(is_for).expect("the portal has asked");
        let mut body = said.clone();
        if let Some(change) = changed.filter(|_| body["requestStatus"] == "presentation_verified") {
            change(&mut body);
        }
        let status = call_back(asked, headers["api-key"].to_str().unwrap(), &body).await;
        self.called.lock().unwrap().push(said);
        (status.try_into().unwrap(), String::new())
    }

    /// What the service said last, once it has said that so many presentations were verified.
    async fn said(&self, times: usize) -> Value {
        let verified = |body: &&Value| body["requestStatus"] == "presentation_verified";
        for _ in 0..200 {
            let called = self.called.lock().unwrap().clone();
            if called.iter().filter(verified).count() >= times {
                return called.last().cloned().unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the service has not called back");
    }

    fn latest(&self) -> (Value, Value) {
        self.heard.lock().unwrap().last().cloned().expect("the portal has asked")
    }
}

/// Until the service has called back.
async fn until_shown(browser: &mut Browser, title: &str) {
    for _ in 0..200 {
        browser.get("/share").await;
        if browser.title() == title {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    browser.shows(title);
}

#[tokio::test]
async fn through_the_request_service_the_rest_is_shared_to_the_end() {
    let (service, place) = Service::with_portal().await;
    let held = [CredentialKind::Identity, CredentialKind::Employment];
    let phone = place.phone(&held, "jwt_vc_json").await;
    let mut browser = place.at_qr("entra").await;
    browser.says("Microsoft Authenticator, go to Verified IDs");
    let (asked, _) = service.latest();
    assert_eq!(asked["requestedCredentials"].as_array().unwrap().len(), 3);
    assert_eq!(asked["includeReceipt"], true);
    let refused = phone.scan(&browser, "--yes").await.unwrap_err();
    assert!(refused.contains("Nothing in this wallet answers"), "{refused}");
    until_shown(&mut browser, "Follow the instructions in your wallet").await;

    browser.submit("/share/amend", &[]).await;
    connect(&mut browser, "entra", &["employment"]).await;
    let said = phone.scan(&browser, "--yes").await.unwrap();
    assert!(said.contains("Shared: the verifier took the answer."), "{said}");
    until_shown(&mut browser, "Create your profile").await;
    browser.says("We have received: Identity, Employment.");
    to_the_end(&place, &mut browser).await;
}

#[tokio::test]
async fn through_the_request_service_further_credentials_are_shared() {
    let (service, place) = Service::with_portal().await;
    let phone = place.phone(&CredentialKind::ALL, "jwt_vc_json").await;
    let mut browser = place.at_qr("entra").await;
    phone.scan(&browser, "--yes").await.unwrap();
    until_shown(&mut browser, "Create your profile").await;
    to_the_end(&place, &mut browser).await;
    let mut browser = asked_for_more(&place, "entra").await;
    let (asked, _) = service.latest();
    assert_eq!(asked["requestedCredentials"].as_array().unwrap().len(), 2);
    assert_eq!(asked["includeReceipt"], true);
    phone.scan(&browser, "--yes").await.unwrap();
    send_more(&mut browser).await;
}

#[tokio::test]
async fn no_qr_code_is_shown_when_the_request_service_does_not_do_its_part() {
    let (service, place) = Service::with_portal().await;
    let mut browser = place.at_qr("entra").await;
    let asked = service.heard.lock().unwrap().len();
    for status in [429, 503, 400] {
        *service.cut.lock().unwrap() = Some(status);
        browser.submit("/share/amend", &[]).await;
        browser.submit("/share/select", &[("credential", "employment")]).await;
        browser.submit("/share/confirm", &[("answer", "entra")]).await;
        browser.shows("We could not make a QR code").says("name=\"wallet\" value=\"entra\"");
    }
    assert_eq!(service.heard.lock().unwrap().len(), asked);
    *service.cut.lock().unwrap() = None;
    browser.submit("/share/connect", &[]).await.shows("Connect to your wallet");
}

/// A callback as the service would post it.
async fn call_back(asked: &Value, api_key: &str, body: &Value) -> u16 {
    let post = http().post(asked["callback"]["url"].as_str().unwrap()).header("api-key", api_key);
    post.body(body.to_string()).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn b11_a_callback_counts_from_the_service_and_for_its_request_alone() {
    let (service, place) = Service::with_portal().await;
    let mut browser = place.at_qr("entra").await;
    let (asked, reply) = service.latest();
    let key = asked["callback"]["headers"]["api-key"].as_str().unwrap();
    let body = serde_json::json!({
        "requestId": reply["requestId"], "requestStatus": "presentation_error",
        "state": asked["callback"]["state"],
        "error": { "code": "claimValidationError", "message": "no" },
    });
    let with = |name: &str, value: &str| {
        let mut body = body.clone();
        body[name] = value.into();
        body
    };
    assert_eq!(call_back(&asked, "another", &body).await, 401);
    assert_eq!(call_back(&asked, key, &with("requestId", "another")).await, 400);
    assert_eq!(call_back(&asked, key, &with("state", "another")).await, 400);
    assert_eq!(call_back(&asked, key, &with("requestStatus", "another")).await, 400);
    let mut nowhere = asked.clone();
    let url = asked["callback"]["url"].as_str().unwrap();
    let (base, _) = url.rsplit_once('/').unwrap();
    nowhere["callback"]["url"] = format!("{base}/{}", "A".repeat(43)).into();
    assert_eq!(call_back(&nowhere, key, &body).await, 404);
    browser.get("/share").await.shows("Connect to your wallet");

    // By the service's word alone nothing is received.
    let mut claims = with("requestStatus", "presentation_verified");
    claims["verifiedCredentialsData"] = serde_json::json!([]);
    assert_eq!(call_back(&asked, key, &claims).await, 200);
    browser.get("/share").await;
    assert!(!browser.html.contains("Create your profile"));

    assert_eq!(call_back(&asked, key, &with("requestStatus", "request_retrieved")).await, 200);
    assert_eq!(call_back(&asked, key, &body).await, 200);
    browser.get("/share").await;
    assert!(!browser.html.contains("Create your profile"));

    // The request before has ended: what comes late for it changes nothing.
    browser.submit("/share/amend", &[]).await;
    connect(&mut browser, "entra", &["employment"]).await;
    assert_eq!(call_back(&asked, key, &body).await, 200);
    browser.get("/share").await.shows("Connect to your wallet");
}

#[tokio::test]
async fn p24_a_receipt_that_was_taken_is_taken_for_no_other_request() {
    let (service, place) = Service::with_portal().await;
    let phone = place.phone(&CredentialKind::ALL, "jwt_vc_json").await;
    let mut first = place.at_qr("entra").await;
    phone.scan(&first, "--yes").await.unwrap();
    until_shown(&mut first, "Create your profile").await;
    let mut taken = service.said(1).await;
    assert!(taken["receipt"].is_object());

    let mut second = place.invited_at_qr(("amara@home.example", "07700 900124"), "entra").await;
    let (asked, reply) = service.latest();
    let key = asked["callback"]["headers"]["api-key"].as_str().unwrap();
    taken["requestId"] = reply["requestId"].clone();
    taken["state"] = asked["callback"]["state"].clone();
    assert_eq!(call_back(&asked, key, &taken).await, 200);
    second.get("/share").await.shows("We cannot accept what you shared");
    first.get("/share").await.shows("Create your profile");

    second.submit("/share/amend", &[]).await;
    connect(&mut second, "entra", &["employment", "training"]).await;
    phone.scan(&second, "--yes").await.unwrap();
    until_shown(&mut second, "Create your profile").await;
}

#[tokio::test]
async fn what_the_service_says_counts_for_nothing_where_its_receipt_says_something_else() {
    let changes: [(Change, &str); 2] = [
        (
            |body| {
                body["verifiedCredentialsData"][0]["claims"]["family_name"] = "Quill".into();
            },
            "We cannot accept what you shared",
        ),
        (
            |body| {
                body["verifiedCredentialsData"].as_array_mut().unwrap().pop();
            },
            "We did not receive the credentials you selected",
        ),
    ];
    let (service, place) = Service::with_portal().await;
    let phone = place.phone(&CredentialKind::ALL, "jwt_vc_json").await;
    let mut browser = place.at_qr("entra").await;
    for (number, (change, shown)) in changes.into_iter().enumerate() {
        *service.changed.lock().unwrap() = Some(change);
        phone.scan(&browser, "--yes").await.unwrap();
        let _ = service.said(number + 1).await;
        browser.get("/share").await.shows(shown);
        browser.submit("/share/amend", &[]).await;
        connect(&mut browser, "entra", &["employment", "training"]).await;
    }
    *service.changed.lock().unwrap() = None;
    phone.scan(&browser, "--yes").await.unwrap();
    until_shown(&mut browser, "Create your profile").await;
}
