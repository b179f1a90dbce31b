//! Plays issuer, holder and verifier for other implementations to be held against: a JSON object a line
//! in, a JSON object a line out.
//!
//! ```text
//!  {"do": "issue"}                                        {issued, issuer_jwk, holder_jwk, claims}
//!  {"do": "present"}                                      {presentation, issuer_jwk, claims}
//!  {"do": "verify", "presentation": …, "issuer_jwk": …}   {claims}, or {code} for a refusal
//! ```
//!
//! The audience is `https://portal.example`, the nonce `n-0S6_WzA2Mj`.

use std::error::Error;
use std::io::{self, BufRead as _, Write as _};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use staffpass_jose::{
    Algorithm, CryptoProvider as _, HeaderBuilder, PublicKey, UnverifiedJws, VerificationKey, jws,
};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_query::ClaimPath;
use staffpass_sd_jwt::{
    Concealer, HeldSdJwt, KeyBinding, Limits, SD_JWT_VC_TYPE, UnverifiedSdJwt, confirmation_key,
};

const AUDIENCE: &str = "https://portal.example";
const NONCE: &str = "n-0S6_WzA2Mj";

fn main() -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lock().lines() {
        let line: Value = serde_json::from_str(&line?)?;
        let answer = match line.get("do").and_then(Value::as_str) {
            Some("issue") => issue()?.json(),
            Some("present") => present()?,
            Some("verify") => verify(&line).unwrap_or_else(|code| json!({ "code": code })),
            _ => return Err("unknown task".into()),
        };
        writeln!(io::stdout(), "{answer}")?;
    }
    Ok(())
}

fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

struct Issued {
    compact: String,
    payload: Map<String, Value>,
    claims: Value,
    issuer: SigningKey,
    holder: SigningKey,
}

/// A fictional colleague; every kind of JSON value, hidden at every depth, with decoys.
fn issue() -> Result<Issued, Box<dyn Error>> {
    let (issuer, holder) =
        (SigningKey::generate(Algorithm::Es256)?, SigningKey::generate(Algorithm::Es256)?);
    let claims = json!({
        "iss": "https://eastmoor.example", "vct": "https://eastmoor.example/staff",
        "iat": now().timestamp(), "exp": now().timestamp() + 86_400,
        "cnf": { "jwk": holder.public_key().to_jwk() },
        "given_name": "Amära \"A\" Okafor", "level": 2, "fte": 0.5, "permanent": true, "end": null,
        "employer": { "name": "Eastmoor Hospitals (fictional)", "ods_code": "Z9Z9Z" },
        "trainings": [{ "subject": "fire", "level": 1 }, { "subject": "moving", "level": 2 }],
    });
    let hidden = ["given_name", "level", "fte", "permanent", "end", "employer", "trainings"];
    let concealer = Concealer::new(claims.as_object().cloned().unwrap_or_default()).decoys(2);
    let concealer = hidden
        .iter()
        .fold(concealer, |concealer, name| concealer.conceal_all_inside(ClaimPath::key(name)));
    let concealed = concealer.build(&mut rand::rng())?;
    let payload = concealed.payload().clone();
    let header = HeaderBuilder::new(Algorithm::Es256).typ(SD_JWT_VC_TYPE);
    let compact = concealed.into_unsigned(&header).sign(&issuer)?;
    Ok(Issued { compact, payload, claims, issuer, holder })
}

impl Issued {
    fn json(&self) -> Value {
        let holder: Option<Value> = serde_json::from_str(&self.holder.to_private_jwk()).ok();
        json!({
            "issued": self.compact, "claims": self.claims, "holder_jwk": holder,
            "issuer_jwk": self.issuer.public_key().to_jwk(),
        })
    }
}

fn present() -> Result<Value, Box<dyn Error>> {
    let issued = issue()?;
    let held = HeldSdJwt::receive(&issued.compact, &issued.payload, &Limits::default())?;
    let shown = [
        ClaimPath::key("given_name"),
        ClaimPath::key("end"),
        ClaimPath::key("employer").then_key("ods_code"),
        ClaimPath::key("trainings").then_all().then_key("subject"),
    ];
    let presentation = held.select(&shown)?;
    let bound = presentation.bind(AUDIENCE, NONCE, now())?.sign(&issued.holder)?;
    let mut claims = issued.claims.as_object().cloned().unwrap_or_default();
    for kept_back in ["level", "fte", "permanent"] {
        claims.remove(kept_back);
    }
    claims.insert("employer".to_owned(), json!({ "ods_code": "Z9Z9Z" }));
    claims.insert("trainings".to_owned(), json!([{ "subject": "fire" }, { "subject": "moving" }]));
    let issuer = issued.issuer.public_key().to_jwk();
    Ok(json!({ "presentation": bound, "claims": claims, "issuer_jwk": issuer }))
}

/// A verifier in small: it has no policy and no clock.
fn verify(line: &Value) -> Result<Value, &'static str> {
    let limits = jws::Limits::default();
    let compact = line.get("presentation").and_then(Value::as_str).unwrap_or_default();
    let sd_jwt = UnverifiedSdJwt::parse(compact, &Limits::default()).map_err(|e| e.code())?;
    let issuer = PublicKey::from_jwk(line.get("issuer_jwk").unwrap_or(&Value::Null));
    let issuer = prepare(issuer.map_err(|e| e.code())?)?;
    let jws = UnverifiedJws::parse(sd_jwt.issuer_jwt(), &limits).map_err(|e| e.code())?;
    let verified = jws.verify(&issuer).map_err(|e| e.code())?;
    let payload: Value = serde_json::from_slice(verified.payload()).map_err(|_| "payload")?;
    let revealed = sd_jwt.reveal(&payload).map_err(|e| e.code())?;
    let holder = confirmation_key(revealed.claims()).map_err(|e| e.code())?.ok_or("no_cnf")?;
    let holder = prepare(holder)?;
    let binding = sd_jwt.key_binding_jwt().ok_or("no_key_binding")?;
    let binding = UnverifiedJws::parse(binding, &limits).map_err(|e| e.code())?;
    let binding = binding.verify(&holder).map_err(|e| e.code())?;
    let binding = KeyBinding::read(&binding, &limits.json).map_err(|e| e.code())?;
    binding.check_sd_hash(&sd_jwt, revealed.hash_algorithm()).map_err(|e| e.code())?;
    if binding.audience() != AUDIENCE || binding.nonce() != NONCE {
        return Err("other_request");
    }
    Ok(json!({ "claims": revealed.into_claims() }))
}

fn prepare(key: PublicKey) -> Result<VerificationKey, &'static str> {
    AwsLc.prepare(&key.into()).map_err(|error| error.code())
}
