//! A wallet in a folder of its own, an issuer that publishes its document on loopback, and the verifier of
//! `examples/verifier`. Fictional, all of it.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use std::cell::RefCell;
use std::io::{Cursor, Write, sink};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::rc::Rc;

use axum::Router;
use axum::routing::get;
use chrono::{TimeDelta, Utc};
use clap::Parser as _;
use serde_json::{Value, json};
use staffpass::aws_lc::SigningKey;
use staffpass::did::publish::DocumentBuilder;
use staffpass::did::{Did, Relationships, jwk};
use staffpass::jose::{Algorithm, HeaderBuilder, UnsignedJws};
use staffpass::query::ClaimPath;
use staffpass_sd_jwt::Concealer;
use tempfile::TempDir;
use tokio::net::TcpListener;
use verifier::Service;
use wallet::{Options, Terminal};

pub const PASSPHRASE: &str = "correct horse battery staple";

/// A wallet in a folder of its own.
pub struct Home {
    directory: TempDir,
}

impl Home {
    /// A folder without a wallet.
    pub fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("passphrase"), PASSPHRASE).unwrap();
        Self { directory }
    }

    pub fn new() -> Self {
        let home = Self::empty();
        home.ok(&["init"]);
        home
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn file(&self) -> PathBuf {
        self.path("wallet.age")
    }

    fn line(&self, more: &[&str]) -> Vec<String> {
        let file = self.file().to_str().unwrap().to_owned();
        let passphrase = self.path("passphrase").to_str().unwrap().to_owned();
        let own = ["--file", &file, "--passphrase-file", &passphrase, "--work-factor", "2"];
        own.into_iter().chain(more.iter().copied()).map(str::to_owned).collect()
    }

    /// A process of the wallet.
    pub fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wallet"));
        command.args(self.line(more)).env_remove("WALLET_PASSPHRASE");
        command
    }

    pub fn run(&self, more: &[&str]) -> Output {
        self.command(more).output().unwrap()
    }

    /// What it prints where it does what it is told.
    pub fn ok(&self, more: &[&str]) -> String {
        let output = self.run(more);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it says where it does not.
    pub fn refused(&self, more: &[&str]) -> String {
        let output = self.run(more);
        assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    /// The holder identifiers: did:jwk, did:ion.
    pub fn holders(&self) -> [Did; 2] {
        let text = self.ok(&["holders"]);
        let mut dids = text.lines().map(|line| line.parse().unwrap());
        [dids.next().unwrap(), dids.next().unwrap()]
    }

    pub fn add(&self, token: &str) {
        let file = self.path("token");
        std::fs::write(&file, token).unwrap();
        self.ok(&["add", file.to_str().unwrap()]);
    }

    /// The wallet in this process, with a person who keys in these lines; what it prints, or says.
    pub async fn with_person(&self, more: &[&str], keyed_in: &str) -> Result<String, String> {
        let line = std::iter::once("wallet".to_owned()).chain(self.line(more));
        let options = Options::try_parse_from(line).unwrap();
        let paper = Paper::default();
        let input = Cursor::new(keyed_in.to_owned());
        let mut terminal = Terminal::new(input, paper.clone(), sink());
        let done = wallet::run(&options, &mut terminal).await;
        done.map(|()| paper.text()).map_err(|error| format!("{error}\n{}", paper.text()))
    }
}

#[derive(Clone, Default)]
struct Paper(Rc<RefCell<Vec<u8>>>);

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A trust that issues.
pub struct Issuer {
    key: SigningKey,
    pub did: String,
}

impl Issuer {
    /// One that publishes nothing.
    pub fn unpublished() -> Self {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        Self { key, did: "did:web:eastmoor.example".to_owned() }
    }

    /// One whose document is on loopback.
    pub async fn published() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let did = Did::parse(&format!("did:web:localhost%3A{port}")).unwrap();
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let document = DocumentBuilder::new(&did)
            .key("key-1", key.public_key(), Relationships::SIGNING)
            .build()
            .unwrap()
            .to_string();
        let pages = Router::new().route("/.well-known/did.json", get(move || async { document }));
        tokio::spawn(async move { axum::serve(listener, pages).await });
        Self { key, did: did.as_str().to_owned() }
    }

    fn header(&self, typ: &str) -> HeaderBuilder {
        HeaderBuilder::new(Algorithm::Es256).typ(typ).kid(&format!("{}#key-1", self.did))
    }

    /// A VC-JWT 1.1, issued so many days ago.
    pub fn vc_jwt(&self, r#type: &str, holder: &Did, days: i64, subject: &Value) -> String {
        let issued = Utc::now() - TimeDelta::days(days);
        let claims = json!({
            "iss": self.did,
            "sub": holder.as_str(),
            "jti": format!("urn:example:{type}:{days}"),
            "nbf": issued.timestamp(),
            "iat": issued.timestamp(),
            "exp": (issued + TimeDelta::days(300)).timestamp(),
            "vc": {
                "@context": ["https://www.w3.org/2018/credentials/v1"],
                "type": ["VerifiableCredential", r#type],
                "credentialSubject": subject,
            },
        });
        let unsigned = UnsignedJws::new(&self.header("JWT"), claims.to_string().as_bytes());
        unsigned.sign(&self.key).unwrap()
    }

    /// An SD-JWT VC for the key of a did:jwk, every claim of the subject concealed.
    pub fn sd_jwt_vc(&self, kind: &str, holder: &Did, subject: &Value) -> String {
        let document = jwk::resolve(holder).unwrap();
        let key = match document.verification_methods()[0].key() {
            staffpass::jose::KeyMaterial::Public(key) => key.to_jwk(),
            other => panic!("{other:?}"),
        };
        let now = Utc::now().timestamp();
        let mut claims = json!({
            "iss": self.did,
            "vct": format!("urn:example:staff-passport:{kind}:1"),
            "iat": now - 60,
            "exp": now + 86_400,
            "cnf": { "jwk": key },
        });
        let mut hidden = Vec::new();
        for (name, value) in subject.as_object().unwrap() {
            claims[name] = value.clone();
            hidden.push(ClaimPath::key(name));
        }
        let concealer = Concealer::new(claims.as_object().unwrap().clone()).decoys(2);
        let concealer = hidden.into_iter().fold(concealer, Concealer::conceal);
        let concealed = concealer.build(&mut rand::rng()).unwrap();
        concealed.into_unsigned(&self.header("dc+sd-jwt")).sign(&self.key).unwrap()
    }
}

/// The service of `examples/verifier`, trusting one issuer.
pub struct Portal {
    pub base: String,
    http: reqwest::Client,
    directory: TempDir,
}

impl Portal {
    pub async fn trusting(issuer: &Issuer) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let policy = directory.path().join("policy.toml");
        let types = ["identity", "employment", "training"].map(|kind| {
            let (first, rest) = kind.split_at(1);
            let name = format!("Staff{}{rest}", first.to_uppercase());
            format!("\"{name}\", \"urn:example:staff-passport:{kind}:1\"")
        });
        let text =
            format!("[[issuer]]\nid = \"{}\"\nmay_assert = [{}]\n", issuer.did, types.join(", "));
        std::fs::write(&policy, text).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let data = directory.path().join("data");
        let line = [
            "verifier",
            "--public-url",
            &base,
            "--allow-loopback-http",
            "--client-name",
            "Westmoor Trust",
            "--policy",
            policy.to_str().unwrap(),
            "--data-dir",
            data.to_str().unwrap(),
        ];
        let options = verifier::Options::try_parse_from(line).unwrap();
        let service = Service::open(&options).await.unwrap();
        tokio::spawn(service.serve(listener));
        Self { base, http: reqwest::Client::new(), directory }
    }

    /// The authority that the service has made for itself.
    pub fn authority(&self) -> String {
        self.directory.path().join("data/ca.pem").to_str().unwrap().to_owned()
    }

    /// Asks; the id of the request and its link.
    pub async fn ask(&self, ask: &Value) -> (String, String) {
        let url = format!("{}/requests", self.base);
        let reply = self.http.post(url).header("content-type", "application/json");
        let reply = reply.body(ask.to_string()).send().await.unwrap().text().await.unwrap();
        let made: Value = serde_json::from_str(&reply).unwrap();
        let text =
            |member: &str| made[member].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        (text("id"), text("link"))
    }

    pub async fn result(&self, id: &str) -> Value {
        let url = format!("{}/requests/{id}", self.base);
        let text = self.http.get(url).send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

pub fn identity() -> Value {
    json!({ "given_name": "Amara", "family_name": "Okafor-Lee", "birthdate": "1990-02-16" })
}

pub fn job(title: &str) -> Value {
    json!({ "job_title": title })
}
