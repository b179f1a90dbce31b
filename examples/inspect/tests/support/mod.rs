//! Runs the binary, and makes cases for it.

#![allow(dead_code, reason = "each test file takes what it needs")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use staffpass_did::{Did, jwk};
use staffpass_jose::{Algorithm, base64url};
use staffpass_testkit::{Dialect, Exchange, Scenario, Token, now, signing_key};
use staffpass_verify::{Evidence, Fetched, Source, Step};

/// What the binary printed, and how it ended.
pub struct Ran {
    pub out: String,
    pub err: String,
    pub code: i32,
}

impl Ran {
    /// Each line as JSON.
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
    }

    /// The one line as JSON.
    pub fn line(&self) -> Value {
        let mut lines = self.lines();
        assert_eq!(lines.len(), 1, "{}", self.out);
        lines.remove(0)
    }

    /// The whole output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}{}", self.out, self.err))
    }
}

/// Runs `inspect` with arguments and a stdin.
pub fn inspect(arguments: &[&str], stdin: impl AsRef<[u8]>) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_inspect"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut input = child.stdin.take().expect("a pipe");
    let bytes = stdin.as_ref().to_vec();
    let writer = std::thread::spawn(move || drop(input.write_all(&bytes)));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it was written");
    Ran {
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
        code: output.status.code().expect("no signal"),
    }
}

/// Runs a batch mode on one case.
pub fn one(mode: &str, case: &Value) -> Value {
    inspect(&[mode], format!("{case}\n")).line()
}

/// The codes of a verdict.
pub fn codes(verdict: &Value) -> Vec<&str> {
    verdict["codes"].as_array().expect("codes").iter().map(|code| code.as_str().unwrap()).collect()
}

/// An exchange in which all three credentials are in one presentation.
pub fn exchange() -> Exchange {
    Scenario::new(Dialect::MicrosoftTogether).build()
}

/// The case of an exchange's first presentation, with every document that judging it takes.
pub fn case_of(exchange: &Exchange) -> Value {
    let types = ["StaffIdentity", "StaffEmployment", "StaffTraining"];
    let issuer = exchange.issuer.did().as_str();
    let trusted: Map<String, Value> =
        types.iter().map(|name| ((*name).to_owned(), json!([issuer]))).collect();
    let mut case = json!({
        "id": "case",
        "presentation": exchange.answer.presentations[0].compact(),
        "audience": exchange.expectation.client_id(),
        "nonce": exchange.expectation.nonce().as_str(),
        "now": exchange.now.timestamp(),
        "required_types": types,
        "trusted_issuers": trusted,
        "did_documents": {},
        "status_lists": {},
    });
    for (source, document) in needed(exchange) {
        let text = document.map(|bytes| String::from_utf8(bytes).expect("text"));
        match source {
            Source::DidDocument(did) => {
                let document = text.map(|text| serde_json::from_str::<Value>(&text).unwrap());
                case["did_documents"][did.as_str()] = document.unwrap_or_default();
            }
            Source::StatusList(url) => case["status_lists"][url.as_str()] = json!(text),
            _ => {}
        }
    }
    case
}

/// Every document that is asked for while the exchange is judged.
fn needed(exchange: &Exchange) -> Vec<(Source, Option<Vec<u8>>)> {
    let mut evidence = Evidence::new(std::sync::Arc::new(staffpass_jose_aws_lc::AwsLc));
    let mut verification = exchange.receive(&exchange.body());
    let mut served = Vec::new();
    while let Step::Needs(sources) = verification.step(&evidence, exchange.now) {
        for source in sources {
            let document = exchange.issuer.serve(&source, exchange.now);
            let fetched = document.as_deref().map_or(Fetched::Unavailable, Fetched::Document);
            evidence.insert(source.clone(), fetched, exchange.now);
            served.push((source, document));
        }
    }
    served
}

/// The issuer of the SD-JWT VCs here, by https URL.
pub const ISSUER: &str = "https://trust.example/staff";
/// Their type.
pub const VCT: &str = "https://credentials.trust.example/identity";
/// The verifier.
pub const AUDIENCE: &str = "x509_san_dns:portal.example";
/// The nonce.
pub const NONCE: &str = "n-0S6_WzA2Mj-7xkp";

/// An SD-JWT VC in the making, with two disclosures; each part may be changed.
pub struct SdJwt {
    pub issuer: Token,
    pub disclosures: Vec<String>,
    pub key_binding: Option<Token>,
}

impl Default for SdJwt {
    fn default() -> Self {
        Self::new()
    }
}

impl SdJwt {
    /// A good one.
    pub fn new() -> Self {
        let (issuer_key, holder_key) =
            (signing_key(Algorithm::Es256, 71), signing_key(Algorithm::Es256, 72));
        let disclosures =
            [r#"["c2FsdC0x","given_name","Rowan"]"#, r#"["c2FsdC0y","grade","Band 6"]"#];
        let disclosures = disclosures.map(base64url::encode).to_vec();
        let digest = |text: &String| base64url::encode(Sha256::digest(text.as_bytes()));
        let digests: Vec<String> = disclosures.iter().map(digest).collect();
        let mut issuer = Token::new(
            &issuer_key,
            "key-1",
            json!({
                "iss": ISSUER, "vct": VCT, "iat": now().timestamp() - 3600,
                "exp": now().timestamp() + 86400, "_sd": digests, "_sd_alg": "sha-256",
                "cnf": {"jwk": holder_key.public_key().to_jwk()}, "family_name": "Testerby",
            }),
        );
        issuer.header.insert("typ".to_owned(), "dc+sd-jwt".into());
        let mut key_binding = Token::new(
            &holder_key,
            "",
            json!({
                "aud": AUDIENCE, "nonce": NONCE, "iat": now().timestamp() - 5,
            }),
        );
        key_binding.header.insert("typ".to_owned(), "kb+jwt".into());
        key_binding.header.remove("kid");
        Self { issuer, disclosures, key_binding: Some(key_binding) }
    }

    /// Signs the issuer's part and then the holder's.
    pub fn compact(&self) -> String {
        let mut text = self.issuer.compact() + "~";
        for disclosure in &self.disclosures {
            text += &format!("{disclosure}~");
        }
        if let Some(key_binding) = &self.key_binding {
            let mut key_binding = key_binding.clone();
            let hash = base64url::encode(Sha256::digest(text.as_bytes()));
            key_binding.claims.entry("sd_hash").or_insert(hash.into());
            text += &key_binding.compact();
        }
        text
    }

    /// The issuer's JWK set.
    pub fn jwks(&self) -> Value {
        let mut jwk = self.issuer.key.public_key().to_jwk();
        jwk["kid"] = "key-1".into();
        json!({"keys": [jwk]})
    }

    /// The case.
    pub fn case(&self) -> Value {
        json!({
            "id": 7,
            "presentation": self.compact(),
            "audience": AUDIENCE,
            "nonce": NONCE,
            "now": now().timestamp(),
            "required_types": [VCT],
            "trusted_issuers": {VCT: [ISSUER]},
            "issuer_jwks": {ISSUER: self.jwks()},
        })
    }
}

/// A did:jwk of a seed.
pub fn did_jwk(algorithm: Algorithm, seed: u64) -> Did {
    jwk::from_public_key(signing_key(algorithm, seed).public_key())
}

/// A file that is gone with its folder.
pub struct Folder(std::path::PathBuf);

impl Folder {
    /// A new folder for a test.
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("inspect-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    /// Writes a file, and returns its path.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        std::fs::write(self.0.join(name), text).expect("written");
        self.path(name)
    }

    /// The path of a file.
    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a path").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
