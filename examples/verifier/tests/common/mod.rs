//! A service on loopback with an issuer that it trusts, and a wallet to call it.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use chrono::{TimeDelta, Utc};
use clap::Parser as _;
use rand::RngExt as _;
use serde_json::{Value, json};
use staffpass::aws_lc::{AwsLc, SigningKey};
use staffpass::did::publish::DocumentBuilder;
use staffpass::did::{Did, DidUrl, Relationships};
use staffpass::jose::jwe::Sealing;
use staffpass::jose::{Algorithm, CryptoProvider as _, base64url};
use staffpass::query::{DcqlQuery, PresentationDefinition, Query};
use staffpass::request::openid4vp::{AuthorizationRequest as OpenId4Vp, ResponseEncryption};
use staffpass::request::{
    AuthorizationRequest, Expectation, Link, Protocol, ResponseMode, Transport,
};
use staffpass_testkit::{
    Answer, Dialect, Encoding, Holder, HolderKind, Token, sd_jwt_vc, signing_key,
};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use verifier::{Options, Service};

pub const TYPE: &str = "VerifiedIdentity";
pub const VCT: &str = "urn:example:verified-identity:1";

/// Everything that a test needs.
pub struct World {
    pub base: String,
    pub issuer: Did,
    pub issuer_key: Arc<SigningKey>,
    pub holder: Holder,
    pub http: reqwest::Client,
    pub directory: PathBuf,
    options: Options,
    serving: JoinHandle<()>,
    /// Further directories that are gone with it.
    kept: Vec<PathBuf>,
}

impl Drop for World {
    fn drop(&mut self) {
        for directory in self.kept.iter().chain([&self.directory]) {
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}

/// A request as the portal has it, and what the wallet read.
pub struct Open {
    pub id: String,
    pub link: String,
    pub asked: Expectation,
    pub response_uri: String,
    pub encryption: Option<ResponseEncryption>,
}

impl World {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// A service on loopback with these options more.
    pub async fn with(more: &[&str]) -> Self {
        Self::of("127.0.0.1", "localhost", Algorithm::Es256, more).await
    }

    /// One whose issuer has keys of this algorithm.
    pub async fn issued_by(algorithm: Algorithm) -> Self {
        Self::of("127.0.0.1", "localhost", algorithm, &[]).await
    }

    /// A service that listens on an address and is known by a host.
    pub async fn of(listen: &str, host: &str, algorithm: Algorithm, more: &[&str]) -> Self {
        let issuer_key = signing_key(algorithm, ISSUER_SEED);
        let issuer = issuer(&issuer_key).await;
        let policy = policy_of(issuer.as_str());
        Self::under(listen, host, (issuer, issuer_key), &policy, more).await
    }

    /// The same under a policy of the test's own.
    pub async fn under(
        listen: &str,
        host: &str,
        (issuer, issuer_key): (Did, Arc<SigningKey>),
        policy: &str,
        more: &[&str],
    ) -> Self {
        let directory = directory();
        std::fs::write(directory.join("policy.toml"), policy).unwrap();
        let listener = TcpListener::bind((listen, 0)).await.unwrap();
        let base = format!("http://{host}:{}", listener.local_addr().unwrap().port());
        let options = options(&directory, &base, more);
        let serving = serve(&options, listener).await;
        let holder = Holder::new(HolderKind::Jwk(Algorithm::Es256), 77);
        Self {
            base,
            issuer,
            issuer_key,
            holder,
            http: http(),
            directory,
            options,
            serving,
            kept: Vec::new(),
        }
    }

    pub fn keep(&mut self, directory: PathBuf) {
        self.kept.push(directory);
    }

    /// The service ends, and begins again.
    pub async fn restart(&mut self) {
        self.serving.abort();
        let _ = (&mut self.serving).await;
        let port = self.options.public_url.port().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        self.serving = serve(&self.options, listener).await;
        // Connections to the one that has ended are not used again.
        self.http = http();
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.base);
        read(self.http.post(url).json(body).send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        read(self.http.get(format!("{}{path}", self.base)).send().await.unwrap()).await
    }

    pub async fn status(&self, id: &str) -> Value {
        let (status, body) = self.get(&format!("/requests/{id}")).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Asks, and reads the request as a wallet does.
    pub async fn open(&self, ask: &Value) -> Open {
        let (status, made) = self.post("/requests", ask).await;
        assert_eq!(status, 201, "{made}");
        let text = |member: &str| made[member].as_str().unwrap().to_owned();
        self.scan(text("id"), text("link")).await
    }

    /// Reads the request of a link as a wallet does; the portal's id of it is its own affair.
    pub async fn scan(&self, id: String, link: String) -> Open {
        let transport = Transport::HttpsOrLoopbackHttp;
        if link.starts_with("openid4vp://?client_id=redirect_uri") {
            let request = OpenId4Vp::from_unsigned_link(&link, transport).unwrap();
            let request = AuthorizationRequest::OpenId4Vp(request);
            return Open {
                id,
                link,
                asked: expectation(&request),
                response_uri: request.response_uri().to_owned(),
                encryption: None,
            };
        }
        let read = Link::parse_with(&link, transport).unwrap();
        let reply = self.http.get(read.request_uri()).send().await.unwrap();
        assert_eq!(reply.status(), 200);
        let object = read.read_object(&reply.text().await.unwrap()).unwrap();
        let request = object.unverified_request();
        let response_uri = request.response_uri().to_owned();
        let encryption = match request {
            AuthorizationRequest::OpenId4Vp(request) => request.response_encryption.clone(),
            _ => None,
        };
        Open { id, link, asked: expectation(request), response_uri, encryption }
    }

    /// Asks by the drafts of OpenID4VP, and reads the request as a wallet of that time does.
    pub async fn open_draft(&self, ask: &Value) -> Open {
        let (status, made) = self.post("/requests", ask).await;
        assert_eq!(status, 201, "{made}");
        let (id, link) = (made["id"].as_str().unwrap(), made["link"].as_str().unwrap());
        let last = link.rsplit("%2F").next().unwrap();
        let object = self.http.get(format!("{}/request/{last}", self.base)).send().await.unwrap();
        let object = object.text().await.unwrap();
        let claims = base64url::decode(object.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        let text = |member: &str| claims[member].as_str().unwrap();
        let now = Utc::now();
        let definition = &claims["presentation_definition"];
        let definition = PresentationDefinition::from_value(definition).unwrap();
        let (client_id, nonce) = (text("client_id"), text("nonce"));
        let asked = Expectation::builder(client_id, nonce, now, now + TimeDelta::minutes(5))
            .protocol(Protocol::OpenId4VpDraftPe, ResponseMode::DirectPost)
            .query(definition)
            .state(text("state"))
            .build()
            .unwrap();
        Open {
            id: id.to_owned(),
            link: link.to_owned(),
            asked,
            response_uri: text("response_uri").to_owned(),
            encryption: None,
        }
    }

    /// A credential of the issuer's for the holder.
    pub fn credential(&self) -> Token {
        self.credential_of(&self.issuer_key)
    }

    pub fn credential_of(&self, key: &Arc<SigningKey>) -> Token {
        let (now, issuer) = (Utc::now(), self.issuer.as_str());
        let claims = json!({
            "iss": issuer,
            "sub": self.holder.did().as_str(),
            "jti": "urn:uuid:8d6f2c1e-7c39-4c5a-9a53-0f2f1f0a4b11",
            "nbf": (now - TimeDelta::hours(1)).timestamp(),
            "exp": (now + TimeDelta::days(1)).timestamp(),
            "vc": {
                "@context": ["https://www.w3.org/2018/credentials/v1"],
                "type": ["VerifiableCredential", TYPE],
                "credentialSubject": { "displayName": "Amara Example" },
            },
        });
        Token::new(key, &format!("{issuer}#key-1"), claims)
    }

    pub fn answer(&self, open: &Open) -> Answer {
        self.answer_with(open, self.credential())
    }

    pub fn answer_with(&self, open: &Open, credential: Token) -> Answer {
        self.answer_to(open, "identity", credential)
    }

    pub fn answer_to(&self, open: &Open, part: &str, credential: Token) -> Answer {
        let dialect = match open.asked.protocol() {
            Some(Protocol::OpenId4Vp) => Dialect::OpenId4Vp,
            Some(Protocol::OpenId4VpDraftPe) => Dialect::OpenId4VpDraft,
            _ => Dialect::MicrosoftTogether,
        };
        let credentials = vec![(part.to_owned(), credential)];
        self.holder.answer(dialect, &open.asked, Encoding::VcJwt, credentials, Utc::now())
    }

    /// An answer with the same credential as an SD-JWT VC.
    pub fn sd_jwt_answer(&self, open: &Open) -> Answer {
        self.sd_jwt_answer_to(open, "identity")
    }

    pub fn sd_jwt_answer_to(&self, open: &Open, part: &str) -> Answer {
        let issuer = self.issuer.as_str();
        let credential = sd_jwt_vc(self.credential(), issuer, VCT, &self.holder, None);
        let credentials = vec![(part.to_owned(), credential)];
        let encoding = Encoding::SdJwtVc;
        self.holder.answer(Dialect::OpenId4Vp, &open.asked, encoding, credentials, Utc::now())
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
        let post = self.http.post(&open.response_uri).body(body);
        let post = post.header("content-type", "application/x-www-form-urlencoded");
        let reply = post.send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    }
}

async fn serve(options: &Options, listener: TcpListener) -> JoinHandle<()> {
    let service = Service::open(options).await.unwrap();
    tokio::spawn(async move { service.serve(listener).await.unwrap() })
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub async fn read(reply: reqwest::Response) -> (u16, Value) {
    let status = reply.status().as_u16();
    let text = reply.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// What a wallet makes of a request.
pub fn expectation(request: &AuthorizationRequest) -> Expectation {
    let now = Utc::now();
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

pub fn write_policy(directory: &std::path::Path, issuer: &str) {
    std::fs::write(directory.join("policy.toml"), policy_of(issuer)).unwrap();
}

fn policy_of(issuer: &str) -> String {
    format!("[[issuer]]\nid = \"{issuer}\"\nmay_assert = [\"{TYPE}\", \"{VCT}\"]\n")
}

pub fn options(directory: &std::path::Path, base: &str, more: &[&str]) -> Options {
    strict_options(directory, base, &[&["--allow-loopback-http"], more].concat())
}

/// Without plain http.
pub fn strict_options(directory: &std::path::Path, base: &str, more: &[&str]) -> Options {
    let (policy, data) = (directory.join("policy.toml"), directory.join("data"));
    let mut line = vec!["verifier", "--public-url", base];
    line.extend(["--policy", policy.to_str().unwrap(), "--data-dir", data.to_str().unwrap()]);
    line.extend(more);
    Options::try_parse_from(line).unwrap()
}

pub fn directory() -> PathBuf {
    let name = base64url::encode(rand::rng().random::<[u8; 12]>());
    let directory = std::env::temp_dir().join(format!("verifier-test-{name}"));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

pub const ENTRA_SECRET: &str = "s3cret & more than sixteen";

/// Who may ask in Entra's words.
pub fn entra_file(directory: &std::path::Path, dialect: &str, more: &str) -> PathBuf {
    let file = directory.join("entra.toml");
    let text = format!(
        "tenant = \"tenant.example\"\ndialect = \"{dialect}\"\n\
         authorities = [\"did:web:tenant.example\"]\n\
         [[client]]\nid = \"client-1\"\nsecret = \"{ENTRA_SECRET}\"\n{more}"
    );
    std::fs::write(&file, text).unwrap();
    file
}

pub const ISSUER_SEED: u64 = 11;

/// An issuer that publishes its document on loopback.
async fn issuer(key: &SigningKey) -> Did {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let did = Did::parse(&format!("did:web:localhost%3A{port}")).unwrap();
    let key_id = DidUrl::new(&did, "key-1").unwrap();
    let document = DocumentBuilder::new(&did)
        .key(key_id.fragment(), key.public_key(), Relationships::SIGNING)
        .build()
        .unwrap()
        .to_string();
    let pages = Router::new().route("/.well-known/did.json", get(move || async move { document }));
    tokio::spawn(async move { axum::serve(listener, pages).await });
    did
}

/// The same for an SD-JWT VC.
pub fn ask_sd_jwt(dialect: &str) -> Value {
    json!({
        "dialect": dialect,
        "format": "dc+sd-jwt",
        "credentials": [{ "id": "identity", "vct": VCT, "claims": ["displayName"] }],
    })
}

/// The plain way to ask in a dialect.
pub fn ask(dialect: &str) -> Value {
    json!({
        "dialect": dialect,
        "credentials": [{ "id": "identity", "type": TYPE, "claims": ["displayName"] }],
    })
}

/// The same with a member more.
pub fn with(mut ask: Value, member: &str, value: impl Into<Value>) -> Value {
    ask[member] = value.into();
    ask
}
