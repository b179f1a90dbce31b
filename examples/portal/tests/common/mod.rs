//! A portal on loopback with an issuer that it trusts, a browser without JavaScript, and a wallet.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use chrono::{DateTime, TimeDelta, Utc};
use portal::{Config, Portal};
use rand::RngExt as _;
use staffpass::aws_lc::AwsLc;
use staffpass::credentials::CredentialKind;
use staffpass::jose::jwe::Sealing;
use staffpass::jose::{Algorithm, CryptoProvider as _, base64url};
use staffpass::query::{DcqlQuery, PresentationDefinition, Query};
use staffpass::request::openid4vp::ResponseEncryption;
use staffpass::request::{
    AuthorizationRequest, Expectation, Link, Protocol, ResponseMode, Transport,
};
use staffpass::share::{EmailAddress, Invitation, InvitedPerson, MobileNumber, Role, Share, State};
use staffpass::verify::policy::{PersonLink, TrustPolicy};
use staffpass_store::TokenDigest;
use staffpass_testkit::{Answer, Dialect, Encoding, Holder, HolderKind, Issuer, IssuerKind, Token};
use tokio::net::TcpListener;

pub const WALLETS: [&str; 2] = ["microsoft", "openid4vp"];
pub const EMAIL: &str = "rowan.testerby@example.com";
pub const MOBILE: &str = "07700 900123";
pub const TENANT: &str = "westmoor";

/// Everything that a test needs.
pub struct World {
    pub base: String,
    pub portal: Portal,
    pub clock: Arc<Mutex<DateTime<Utc>>>,
    pub issuer: Arc<Mutex<Issuer>>,
    pub holder: Holder,
    pub directory: PathBuf,
    pub text: String,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with("").await
    }

    /// With more of a configuration.
    pub async fn with(more: &str) -> Self {
        let clock = Arc::new(Mutex::new(staffpass_testkit::now()));
        let (issuer, directory) = (issuer(&clock).await, directory());
        let (listener, base) = listener().await;
        let text = config(&base, &directory, &database(&directory).await, more);
        write_policy(&issuer.lock().unwrap(), &directory);
        let portal = open(&text, &clock).await;
        let served = portal.clone();
        tokio::spawn(async move { served.serve(listener, std::future::pending()).await });
        let holder = Holder::new(HolderKind::Jwk(Algorithm::Es256), 77);
        Self { base, portal, clock, issuer, holder, directory, text }
    }

    pub fn now(&self) -> DateTime<Utc> {
        *self.clock.lock().unwrap()
    }

    pub fn wait(&self, span: TimeDelta) {
        *self.clock.lock().unwrap() += span;
    }

    /// The address of an invitation's link, and its reference.
    pub async fn invite(&self) -> (String, String) {
        self.invite_person(InvitedPerson::new("Testerby").with_given_name("Rowan")).await
    }

    pub async fn invite_person(&self, person: InvitedPerson) -> (String, String) {
        self.invite_with(person, EMAIL, Some(MOBILE)).await
    }

    /// Somebody beside the one with the address and the number that all others have.
    pub async fn invite_another(&self, person: InvitedPerson, email: &str) -> (String, String) {
        self.invite_with(person, email, None).await
    }

    async fn invite_with(
        &self,
        person: InvitedPerson,
        email: &str,
        mobile: Option<&str>,
    ) -> (String, String) {
        let (reference, token) = (random(), random());
        let email = EmailAddress::parse(email).unwrap();
        let role = Role::new("Medical and dental", "Fixed term").with_job_role("Registrar");
        let until = self.now() + TimeDelta::days(14);
        let mut invitation = Invitation::new(TENANT, &reference, person, email, role, until);
        if let Some(mobile) = mobile {
            invitation = invitation.with_mobile(MobileNumber::parse(mobile).unwrap());
        }
        let share = Share::new(invitation, self.now());
        let token_digest = TokenDigest::of(&token);
        self.portal.store().invite(&share, &token_digest, self.now()).await.unwrap();
        (format!("/i/{token}"), reference)
    }

    pub async fn state(&self, reference: &str) -> State {
        self.portal.store().share(TENANT, reference).await.unwrap().state(self.now())
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.base)
    }

    /// A browser that stands before the QR code for all three credentials.
    pub async fn at_qr(&self, wallet: &str) -> (Browser, String) {
        self.at_qr_for(wallet, &["employment", "training"]).await
    }

    pub async fn at_qr_for(&self, wallet: &str, ticked: &[&str]) -> (Browser, String) {
        let (link, reference) = self.invite().await;
        (self.to_qr(&link, wallet, ticked).await, reference)
    }

    pub async fn to_qr(&self, link: &str, wallet: &str, ticked: &[&str]) -> Browser {
        let mut browser = self.browser();
        browser.get(link).await;
        browser.submit(link, &[("registered", "before")]).await;
        browser.submit("/share/start", &[]).await;
        let ticks: Vec<_> = ticked.iter().map(|id| ("credential", *id)).collect();
        browser.submit("/share/select", &ticks).await;
        browser.submit("/share/confirm", &[("answer", wallet)]).await;
        browser
    }

    /// A browser that has shared, and stands before "Create your profile".
    pub async fn at_received(&self, wallet: &str) -> (Browser, String) {
        let (mut browser, reference) = self.at_qr(wallet).await;
        let open = self.scan(&browser).await;
        assert_eq!(self.respond(&open, self.answer(&open).body()).await.0, 200);
        browser.get("/share").await;
        (browser, reference)
    }

    /// The profile, with something else for an email address.
    pub async fn at_received_with_email(&self, email: &str) -> (Browser, String) {
        let (mut browser, reference) = self.at_received("microsoft").await;
        browser.submit("/share/profile", &[]).await;
        browser.submit("/share/email", &[("email", email)]).await;
        (browser, reference)
    }

    /// Up to the page for the code that was sent by email.
    pub async fn at_email_code(&self, wallet: &str) -> (Browser, String) {
        let (mut browser, reference) = self.at_received(wallet).await;
        browser.submit("/share/profile", &[]).await;
        browser.submit("/share/email", &[("email", EMAIL)]).await;
        (browser, reference)
    }

    /// Up to the role.
    pub async fn at_role(&self, wallet: &str) -> (Browser, String) {
        let (mut browser, reference) = self.at_email_code(wallet).await;
        browser.submit("/share/code", &[("code", &self.code("email"))]).await;
        browser.submit("/share/mobile", &[("mobile", MOBILE)]).await;
        browser.submit("/share/code", &[("code", &self.code("sms"))]).await;
        (browser, reference)
    }

    /// From "Create your profile" to the end.
    pub async fn finish(&self, browser: &mut Browser) {
        browser.shows("Create your profile");
        browser.submit("/share/profile", &[]).await;
        browser.finish(&self.directory, EMAIL).await;
    }

    /// What a wallet reads of the QR code on the page.
    pub async fn scan(&self, browser: &Browser) -> Open {
        let link = browser.wallet_link();
        let read = Link::parse_with(&link, Transport::HttpsOrLoopbackHttp).unwrap();
        let reply = http().get(read.request_uri()).send().await.unwrap();
        assert_eq!(reply.status(), 200);
        let object = read.read_object(&reply.text().await.unwrap()).unwrap();
        let request = object.unverified_request();
        let response_uri = request.response_uri().to_owned();
        let encryption = match request {
            AuthorizationRequest::OpenId4Vp(request) => request.response_encryption.clone(),
            _ => None,
        };
        Open { link, asked: expectation(request, self.now()), response_uri, encryption }
    }

    pub fn credential(&self, kind: CredentialKind) -> Token {
        self.issuer.lock().unwrap().issue(kind, self.holder.did()).0
    }

    pub fn credentials(&self, ids: &[&str]) -> Vec<(String, Token)> {
        let credential = |id: &&str| ((*id).to_owned(), self.credential(kind(id)));
        ids.iter().map(credential).collect()
    }

    /// A good answer with all three.
    pub fn answer(&self, open: &Open) -> Answer {
        self.answer_with(open, self.credentials(&["identity", "employment", "training"]))
    }

    pub fn answer_with(&self, open: &Open, credentials: Vec<(String, Token)>) -> Answer {
        let dialect = match open.asked.protocol() {
            Some(Protocol::OpenId4Vp) => Dialect::OpenId4Vp,
            _ => Dialect::MicrosoftTogether,
        };
        self.holder.answer(dialect, &open.asked, Encoding::VcJwt, credentials, self.now())
    }

    /// The same as SD-JWT VCs, with everything disclosed.
    pub fn answer_sd_jwt(&self, open: &Open) -> Answer {
        let encoding = Encoding::SdJwtVc;
        let credential = |id: &str| {
            let mut issuer = self.issuer.lock().unwrap();
            (id.to_owned(), issuer.issue_as(encoding, kind(id), &self.holder).0)
        };
        let credentials = ["identity", "employment", "training"].map(credential).into();
        self.holder.answer(Dialect::OpenId4Vp, &open.asked, encoding, credentials, self.now())
    }

    /// The body of an answer: encrypted where the request asks for that.
    pub fn body(&self, open: &Open, answer: &Answer) -> Vec<u8> {
        let Some(asked) = &open.encryption else { return answer.body() };
        let sealing = Sealing::new(asked.content_encryption).kid(&asked.kid);
        let parameters = answer.parameters().to_string();
        let jwe = AwsLc.seal(&asked.key, &sealing, parameters.as_bytes()).unwrap();
        format!("response={jwe}").into_bytes()
    }

    /// Posts an answer as a wallet does.
    pub async fn respond(&self, open: &Open, body: Vec<u8>) -> (u16, String) {
        let post = http().post(&open.response_uri).body(body);
        let post = post.header("content-type", "application/x-www-form-urlencoded");
        let reply = post.send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    }

    /// The messages that were sent by a channel, in order.
    pub fn messages(&self, channel: &str) -> Vec<String> {
        messages(&self.directory, channel)
    }

    /// The latest code that was sent by a channel.
    pub fn code(&self, channel: &str) -> String {
        code(&self.directory, channel)
    }

    /// A code that was not sent.
    pub fn wrong_code(&self, channel: &str) -> String {
        let last: u32 = self.code(channel).parse().unwrap();
        format!("{:06}", (last + 1) % 1_000_000)
    }
}

/// The messages in the outbox of a portal that went by a channel, in order.
pub fn messages(directory: &Path, channel: &str) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(directory.join("outbox")) else { return Vec::new() };
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.to_str().unwrap().contains(&format!("-{channel}-")));
    files.sort();
    files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

/// The latest code that went by a channel.
pub fn code(directory: &Path, channel: &str) -> String {
    let messages = messages(directory, channel);
    let code = messages.iter().rev().find_map(|text| {
        let (before, _) = text.split_once(" is your security code")?;
        Some(before.get(before.len() - 6..)?.to_owned())
    });
    code.expect("a code was sent")
}

/// The path of the link in the latest email.
pub fn invitation(directory: &Path) -> String {
    let email = messages(directory, "email").pop().unwrap();
    let link = email.split("Start now: ").nth(1).unwrap().lines().next().unwrap();
    format!("/i/{}", link.split_once("/i/").unwrap().1)
}

/// A browser of the recruitment team.
pub async fn signed_in(base: &str) -> Browser {
    let mut staff = Browser::new(base);
    staff.get("/recruitment").await.shows("Sign in for development");
    staff.submit("/recruitment/sign-in", &[("name", "A. Reviewer")]).await.shows("People");
    staff
}

/// What a wallet has read.
#[derive(Clone)]
pub struct Open {
    pub link: String,
    pub asked: Expectation,
    pub response_uri: String,
    pub encryption: Option<ResponseEncryption>,
}

/// A browser: cookies, pages, forms, and no JavaScript.
#[derive(Clone)]
pub struct Browser {
    pub base: String,
    pub jar: BTreeMap<String, String>,
    pub status: u16,
    pub path: String,
    pub headers: reqwest::header::HeaderMap,
    pub html: String,
    last_form: Vec<(String, String)>,
}

impl Browser {
    pub fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            jar: BTreeMap::new(),
            status: 0,
            path: String::new(),
            headers: reqwest::header::HeaderMap::new(),
            html: String::new(),
            last_form: Vec::new(),
        }
    }

    pub async fn get(&mut self, path: &str) -> &mut Self {
        let mut path = path.to_owned();
        for _ in 0..4 {
            let request = http().get(format!("{}{path}", self.base));
            self.load(request, &path).await;
            match self.location() {
                Some(next) => path = next,
                None => return self,
            }
        }
        panic!("too many redirects");
    }

    /// Follows nothing.
    pub async fn get_once(&mut self, path: &str) -> &mut Self {
        let request = http().get(format!("{}{path}", self.base));
        self.load(request, path).await;
        self
    }

    /// Fills in the form of this action that is on the page, sends it, and follows.
    pub async fn submit(&mut self, action: &str, fields: &[(&str, &str)]) -> &mut Self {
        let hidden = self.hidden(action);
        let hidden = hidden.iter().map(|(name, value)| (&**name, &**value));
        let form: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        self.post(action, &form).await;
        match self.location() {
            Some(next) => self.get(&next).await,
            None => self,
        }
    }

    /// Sends a form of the page as it was, though the page may have changed since.
    pub async fn submit_anyway(&mut self, action: &str) -> &mut Self {
        let form = self.last_form.clone();
        let form: Vec<_> = form.iter().map(|(name, value)| (&**name, &**value)).collect();
        self.post(action, &form).await
    }

    /// Sends a form as it is, and follows nothing.
    pub async fn post(&mut self, action: &str, form: &[(&str, &str)]) -> &mut Self {
        let request = http().post(format!("{}{action}", self.base)).form(form);
        self.load(request, action).await;
        self
    }

    /// The email address, the mobile number, and the role.
    pub async fn finish(&mut self, directory: &Path, email: &str) {
        self.submit("/share/email", &[("email", email)]).await;
        self.submit("/share/code", &[("code", &code(directory, "email"))]).await;
        self.submit("/share/mobile", &[("mobile", MOBILE)]).await;
        self.submit("/share/code", &[("code", &code(directory, "sms"))]).await;
        self.submit("/share/role", &[("role", "correct")]).await.shows("Details shared");
    }

    async fn load(&mut self, request: reqwest::RequestBuilder, path: &str) {
        let cookies: Vec<_> =
            self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request =
            if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) };
        let reply = request.send().await.unwrap();
        self.status = reply.status().as_u16();
        self.path = path.to_owned();
        self.headers = reply.headers().clone();
        for cookie in self.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        self.html = reply.text().await.unwrap();
        if let Some(form) = self.html.split("<form method=\"post\"").nth(1) {
            self.last_form = fields(form.split("</form>").next().unwrap_or_default());
        }
    }

    fn location(&self) -> Option<String> {
        if self.status != 303 {
            return None;
        }
        Some(self.headers["location"].to_str().unwrap().to_owned())
    }

    /// The hidden fields of a form on the page.
    pub fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let form = self
            .form(action)
            .unwrap_or_else(|| panic!("no form {action} on the page \"{}\"", self.title()));
        fields(form)
    }

    pub fn form(&self, action: &str) -> Option<&str> {
        let start = self.html.find(&format!("action=\"{action}\""))?;
        let rest = self.html.get(start..)?;
        rest.split("</form>").next()
    }

    pub fn title(&self) -> &str {
        let title = self.html.split("<title>").nth(1).unwrap_or_default();
        title.split(" - ").next().unwrap_or_default().trim()
    }

    #[track_caller]
    pub fn shows(&self, title: &str) -> &Self {
        assert_eq!(self.title(), title, "status {}", self.status);
        self
    }

    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.html.contains(text), "{text:?} is not in\n{}", self.html);
        self
    }

    pub fn wallet_link(&self) -> String {
        let schemes = ["openid-vc://", "openid4vp://", "haip-vp://"];
        let values = self.html.split("=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let mut links =
            values.filter(|value| schemes.iter().any(|scheme| value.starts_with(scheme)));
        unescape(links.next().expect("a link to a wallet is on the page"))
    }
}

fn fields(form: &str) -> Vec<(String, String)> {
    form.split("<input ")
        .filter(|input| input.starts_with("type=\"hidden\""))
        .map(|input| (attribute(input, "name"), attribute(input, "value")))
        .collect()
}

fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split(&format!("{name}=\"")).nth(1).unwrap_or_default();
    unescape(value.split('"').next().unwrap_or_default())
}

fn unescape(text: &str) -> String {
    text.replace("&#38;", "&")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&amp;", "&")
}

pub fn http() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub fn kind(id: &str) -> CredentialKind {
    CredentialKind::ALL.into_iter().find(|kind| kind.id() == id).unwrap()
}

pub async fn open(text: &str, clock: &Arc<Mutex<DateTime<Utc>>>) -> Portal {
    let config = Config::from_text(text, |_| None).unwrap();
    let clock = Arc::clone(clock);
    Portal::with_clock(config, move || *clock.lock().unwrap()).await.unwrap()
}

pub fn config(base: &str, directory: &Path, database: &str, more: &str) -> String {
    let at = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    let (data, policy, outbox) = (at("data"), at("policy.toml"), at("outbox"));
    format!(
        "server.public_url = \"{base}\"\nserver.data_dir = \"{data}\"\n\
         store.database = \"{database}\"\nwallets.policy = \"{policy}\"\n\
         notify.outbox = \"{outbox}\"\n{more}\n"
    )
}

/// A port of this machine, and its origin.
pub async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    (listener, base)
}

/// A SQLite file, or a new database in the PostgreSQL server that `PORTAL_TEST_POSTGRES` names.
pub async fn database(directory: &Path) -> String {
    let Ok(server) = std::env::var("PORTAL_TEST_POSTGRES") else {
        return format!("sqlite:{}", directory.join("portal.db").display());
    };
    let name = format!("portal_{:032x}", rand::rng().random::<u128>());
    sqlx::any::install_default_drivers();
    let administrator = sqlx::AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
    sqlx::query(&format!("CREATE DATABASE {name}")).execute(&administrator).await.unwrap();
    administrator.close().await;
    format!("{server}/{name}")
}

fn write_policy(issuer: &Issuer, directory: &Path) {
    let person = PersonLink::new("identity_id", "identity");
    let policy = TrustPolicy::builder().issuer(issuer.trusted()).person_link(person);
    let policy = policy.allow_loopback_http().build().unwrap();
    std::fs::write(directory.join("policy.toml"), policy.to_toml()).unwrap();
}

pub fn directory() -> PathBuf {
    let directory = std::env::temp_dir().join(format!("portal-test-{}", random()));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

pub fn random() -> String {
    base64url::encode(rand::rng().random::<[u8; 12]>())
}

/// An issuer that publishes its document and its status list on loopback. The portal keeps a list for
/// some seconds of the machine's clock, in which a test's clock may run for days.
pub async fn issuer(clock: &Arc<Mutex<DateTime<Utc>>>) -> Arc<Mutex<Issuer>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let kind = staffpass::status::StatusKind::BitstringStatusList;
    let issuer = Issuer::new(IssuerKind::Loopback(port), Algorithm::Es256, kind, 11);
    let issuer = Arc::new(Mutex::new(issuer));
    let [document, list, tokens] = [(); 3].map(|()| Arc::clone(&issuer));
    let (clock, tokens_clock) = (Arc::clone(clock), Arc::clone(clock));
    let pages = Router::new()
        .route(
            "/.well-known/did.json",
            get(move || async move { document.lock().unwrap().did_document() }),
        )
        .route(
            "/status/1",
            get(move || async move {
                let now = *clock.lock().unwrap();
                list.lock().unwrap().status_list_for(now, TimeDelta::days(60)).compact()
            }),
        )
        .route(
            "/status/token",
            get(move || async move {
                let now = *tokens_clock.lock().unwrap();
                tokens.lock().unwrap().status_list_token(now).compact()
            }),
        );
    tokio::spawn(async move { axum::serve(listener, pages).await });
    issuer
}

/// What a wallet makes of a request.
fn expectation(request: &AuthorizationRequest, now: DateTime<Utc>) -> Expectation {
    let (client_id, nonce) = (request.client_id(), request.nonce());
    let builder = Expectation::builder(client_id, nonce, now, now + TimeDelta::minutes(5));
    let query: Query = match request.query() {
        Query::Dcql(query) => DcqlQuery::clone(query).into(),
        Query::PresentationDefinition(query) => PresentationDefinition::clone(query).into(),
        other => panic!("{other:?}"),
    };
    let mode = match request {
        AuthorizationRequest::OpenId4Vp(request) => request.response_mode,
        _ => ResponseMode::Post,
    };
    let builder = builder.protocol(request.protocol(), mode).query(query);
    builder.state(request.state().unwrap()).build().unwrap()
}
