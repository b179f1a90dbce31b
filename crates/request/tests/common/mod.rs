//! What the test files share: a clock, a verifier, keys.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use chrono::{DateTime, TimeZone, Utc};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use staffpass_jose::{Algorithm, base64url};
use staffpass_jose_aws_lc::SigningKey;
use staffpass_request::{Endpoints, Request, RequestedCredential, microsoft, openid4vp};

pub const DID: &str = "did:web:portal.example";
pub const KID: &str = "did:web:portal.example#key-1";
pub const ISSUER: &str = "did:web:old-trust.example";

pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 1, 9, 0, 0).unwrap()
}

pub fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

pub fn key() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).unwrap()
}

pub fn endpoints() -> Endpoints {
    Endpoints::new("https://portal.example/request", "https://portal.example/response").unwrap()
}

pub fn microsoft_party() -> microsoft::Party {
    microsoft::Party::new(KID, Algorithm::Es256, "Example Trust", endpoints()).unwrap()
}

pub fn openid4vp_party() -> openid4vp::Party {
    openid4vp::Party::new(KID, Algorithm::Es256, endpoints()).unwrap()
}

pub fn identity() -> RequestedCredential {
    RequestedCredential::new("identity", "StaffIdentity").with_issuers([ISSUER])
}

pub fn employment() -> RequestedCredential {
    RequestedCredential::new("employment", "StaffEmployment")
        .with_name("Employment")
        .with_purpose("To see where you work")
        .with_issuers([ISSUER, "did:web:other-trust.example"])
        .with_claims(["job_title", "employer.name"])
}

pub fn microsoft_request(seed: u64) -> Request {
    let builder = microsoft::RequestBuilder::new(&microsoft_party(), [identity(), employment()]);
    builder.build(now(), &mut rng(seed)).unwrap().sign(&key()).unwrap()
}

pub fn openid4vp_request(seed: u64) -> Request {
    let party = openid4vp_party();
    let builder = openid4vp::RequestBuilder::new(&party, [identity(), employment()]).unwrap();
    builder.build(now(), &mut rng(seed)).unwrap().sign(&key()).unwrap()
}

/// Header and payload of a compact JWS.
pub fn decode(compact: &str) -> (Value, Value) {
    let mut parts = compact.split('.').map(|part| {
        let bytes = base64url::decode(part).unwrap();
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

/// A compact JWS with this header and payload, and a signature that is none.
pub fn encode(header: &Value, payload: &Value) -> String {
    let part = |value: &Value| base64url::encode(value.to_string());
    format!("{}.{}.{}", part(header), part(payload), base64url::encode([1; 64]))
}

pub fn last_segment(address: &str) -> &str {
    address.rsplit('/').next().unwrap()
}
