//! Verifications with all evidence at hand.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use staffpass::aws_lc::SigningKey;
use staffpass::jose::{Algorithm, base64url};
use staffpass::json;
use staffpass::request::Expectation;
use staffpass::verify::{Evidence, Step, Verification, VerifiedResponse, Verifier};
use staffpass_testkit::{Dialect, Encoding, Exchange, HolderKind, IssuerKind, Scenario, Token};

use crate::RawCheck;

/// A response, everything that judging it takes, and its raw signature checks.
pub struct Work {
    verifier: Verifier,
    expectation: Expectation,
    input: Input,
    evidence: Evidence,
    now: DateTime<Utc>,
    raw: Vec<RawCheck>,
    /// Every part of every token that is base64url: headers and payloads, disclosures, signatures.
    parts: Vec<Part>,
    tokens: Tokens,
}

struct Part {
    text: String,
    is_json: bool,
    is_digested: bool,
}

enum Input {
    Presentation(String),
    Body(Vec<u8>),
}

/// The tokens of a response and the keys under which they verify: what peers are given.
struct Tokens {
    compact: String,
    id_token: Option<String>,
    audience: String,
    nonce: String,
    holder: Value,
    issuer: Value,
    issuer_did: String,
}

impl Work {
    /// A VP-JWT with so many VC-JWTs of 1.4 kB, all ES256, each with a status entry: judged by itself.
    #[must_use]
    pub fn presentation(credentials: usize) -> Self {
        let scenario = Scenario::new(Dialect::MicrosoftTogether).credentials(credentials);
        let mut exchange = scenario.build();
        exchange.answer.presentations[0].credentials.iter_mut().for_each(trim);
        let compact = exchange.answer.presentations[0].compact();
        let raw = raw_of_presentation(&compact, &exchange);
        Self::of_compact(&exchange, compact, raw)
    }

    /// What Microsoft's Authenticator posts: an ID token and a VP by a secp256k1 key in a long-form
    /// did:ion, with three ES256 credentials.
    #[must_use]
    pub fn authenticator() -> Self {
        let scenario = Scenario::new(Dialect::MicrosoftTogether)
            .holder(HolderKind::Ion(Algorithm::Es256k))
            .issuer(IssuerKind::Web("westmoor.example"), Algorithm::Es256);
        let mut exchange = scenario.build();
        exchange.answer.presentations[0].credentials.iter_mut().for_each(trim);
        let body = exchange.answer.body();
        let compact = field(&body, "vp_token");
        let mut raw = raw_of_presentation(&compact, &exchange);
        let id_token = field(&body, "id_token");
        raw.push(RawCheck::new(&id_token, exchange.holder.key()));
        let mut made = Self::of_compact(&exchange, compact, raw);
        made.parts.extend(parts_of(&id_token));
        made.tokens.id_token = Some(id_token);
        Self { input: Input::Body(body), expectation: exchange.expectation, ..made }
    }

    /// The body of the Microsoft profile with so many ES256 credentials in one presentation.
    #[must_use]
    pub fn body(credentials: usize) -> Self {
        let exchange = Scenario::new(Dialect::MicrosoftTogether).credentials(credentials).build();
        let body = exchange.answer.body();
        let made = Self::of_compact(&exchange, field(&body, "vp_token"), Vec::new());
        Self { input: Input::Body(body), expectation: exchange.expectation, ..made }
    }

    /// An SD-JWT VC with ten disclosures and a KB-JWT, ES256.
    #[must_use]
    pub fn sd_jwt() -> Self {
        let scenario = Scenario::new(Dialect::OpenId4Vp).encoding(Encoding::SdJwtVc).credentials(1);
        let mut exchange = scenario.build();
        let credential = &mut exchange.answer.presentations[0].credentials[0];
        while credential.disclosures.len() < 10 {
            credential.conceal("work_email", "rowan.testerby@westmoor.example".into());
        }
        let compact = exchange.answer.presentations[0].compact();
        let (issued, rest) = compact.split_once('~').unwrap();
        let (_, binding) = rest.rsplit_once('~').unwrap();
        let raw = vec![
            RawCheck::new(issued, exchange.issuer.key()),
            RawCheck::new(binding, exchange.holder.key()),
        ];
        Self::of_compact(&exchange, compact, raw)
    }

    fn of_compact(exchange: &Exchange, compact: String, raw: Vec<RawCheck>) -> Self {
        let asked = &exchange.expectation;
        let expectation = Expectation::for_presentation(
            asked.client_id(),
            asked.nonce().as_str(),
            asked.query().cloned(),
            asked.created_at(),
            asked.expires_at(),
        );
        let tokens = Tokens {
            compact: compact.clone(),
            id_token: None,
            audience: asked.client_id().to_owned(),
            nonce: asked.nonce().as_str().to_owned(),
            holder: exchange.holder.key().public_key().to_jwk(),
            issuer: exchange.issuer.key().public_key().to_jwk(),
            issuer_did: exchange.issuer.did().to_string(),
        };
        let mut parts: Vec<_> = compact.split('~').flat_map(parts_of).collect();
        if !compact.contains('~') {
            parts.extend(credentials_in(&compact).iter().flat_map(|token| parts_of(token)));
        }
        Self {
            verifier: exchange.verifier(),
            expectation: expectation.unwrap(),
            input: Input::Presentation(compact),
            evidence: exchange.evidence(),
            now: exchange.now,
            raw,
            parts,
            tokens,
        }
    }

    /// The whole verification: parsing, policy, keys in evidence, every signature, every status bit,
    /// the query, the report.
    pub fn verify(&self) -> VerifiedResponse {
        self.verify_with(&self.evidence)
    }

    pub(crate) fn verify_with(&self, evidence: &Evidence) -> VerifiedResponse {
        match self.received().step(evidence, self.now) {
            Step::Done(verdict) => verdict.expect("a good presentation"),
            Step::Needs(sources) => panic!("warm evidence lacks {sources:?}"),
        }
    }

    fn received(&self) -> Verification {
        match &self.input {
            Input::Presentation(compact) => {
                self.verifier.receive_presentation(&self.expectation, compact)
            }
            Input::Body(body) => self.verifier.receive(&self.expectation, body),
        }
    }

    /// The raw signature checks with prepared keys: the limit.
    pub fn raw_checks(&self) {
        self.raw.iter().for_each(RawCheck::check);
    }

    /// The same, and what nobody can leave out who reads a response strictly and says in a report which
    /// one it was: base64url, one walk over each JSON text, the digest of the whole, and that of each
    /// disclosure. Nothing is kept, sought, compared or decided.
    pub fn least(&self) {
        self.raw_checks();
        for part in &self.parts {
            let bytes = base64url::decode(&part.text).expect("base64url");
            if part.is_json {
                json::check(&bytes, &json::Limits::default()).expect("JSON");
            }
            if part.is_digested {
                std::hint::black_box(digest(&SHA256, part.text.as_bytes()));
            }
        }
        let whole = match &self.input {
            Input::Presentation(compact) => compact.as_bytes(),
            Input::Body(body) => body,
        };
        std::hint::black_box(digest(&SHA256, whole));
    }

    /// How many signatures there are.
    #[must_use]
    pub fn signatures(&self) -> usize {
        self.raw.len()
    }

    /// Bytes of the presentation or the body.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match &self.input {
            Input::Presentation(compact) => compact.len(),
            Input::Body(body) => body.len(),
        }
    }

    /// What a peer needs to do its part of the same work.
    #[must_use]
    pub fn for_peers(&self) -> Value {
        let tokens = &self.tokens;
        json!({
            "presentation": tokens.compact, "id_token": tokens.id_token, "audience": tokens.audience, "nonce": tokens.nonce,
            "holder": tokens.holder, "issuer": tokens.issuer, "issuer_did": tokens.issuer_did,
            "now": self.now.timestamp(),
        })
    }
}

/// Takes claims out of a credential until it has the 1.4 kB of a real one.
fn trim(credential: &mut Token) {
    for name in ["assurance", "checked_by", "learning_method", "assignment_category"] {
        if credential.compact().len() > 1_450 {
            let subject = credential.claims["vc"]["credentialSubject"].as_object_mut();
            subject.unwrap().remove(name);
        }
    }
}

/// The parts of a JWS; a disclosure is one part.
fn parts_of(token: &str) -> Vec<Part> {
    let is_jws = token.contains('.');
    let part = |(place, text): (usize, &str)| Part {
        text: text.to_owned(),
        is_json: place < 2,
        is_digested: !is_jws,
    };
    token.split('.').filter(|part| !part.is_empty()).enumerate().map(part).collect()
}

fn raw_of_presentation(compact: &str, exchange: &Exchange) -> Vec<RawCheck> {
    let issuer: &SigningKey = exchange.issuer.key();
    let credentials = credentials_in(compact);
    let raw = credentials.iter().map(|token| RawCheck::new(token, issuer));
    raw.chain([RawCheck::new(compact, exchange.holder.key())]).collect()
}

/// The credentials of a VP-JWT.
fn credentials_in(compact: &str) -> Vec<String> {
    let payload = compact.split('.').nth(1).unwrap();
    let payload = staffpass::jose::base64url::decode(payload).unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    let credentials = payload["vp"]["verifiableCredential"].as_array().unwrap();
    credentials.iter().map(|token| token.as_str().unwrap().to_owned()).collect()
}

/// A field of a form whose value needs no decoding.
fn field(body: &[u8], name: &str) -> String {
    let body = std::str::from_utf8(body).unwrap();
    let mut fields = body.split('&').filter_map(|pair| pair.split_once('='));
    fields.find(|(found, _)| *found == name).unwrap().1.to_owned()
}
