//! A fictional credential, its keys, and seeded randomness.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::sync::LazyLock;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};
use staffpass_jose::{Algorithm, HeaderBuilder};
use staffpass_jose_aws_lc::SigningKey;
use staffpass_query::ClaimPath;
use staffpass_sd_jwt::{Concealed, Concealer, HeldSdJwt, Limits, SD_JWT_VC_TYPE};

static ISSUER: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Es256).unwrap());
static HOLDER: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Es256).unwrap());

pub(crate) fn issuer() -> &'static SigningKey {
    &ISSUER
}

pub(crate) fn holder() -> &'static SigningKey {
    &HOLDER
}

pub(crate) fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

pub(crate) fn members(value: Value) -> Map<String, Value> {
    let Value::Object(members) = value else { panic!("claims are an object") };
    members
}

pub(crate) fn claims() -> Map<String, Value> {
    members(json!({
        "iss": "https://eastmoor.example", "vct": "https://eastmoor.example/identity",
        "exp": 1_900_000_000, "cnf": {"jwk": holder().public_key().to_jwk()},
        "given_name": "Amara", "family_name": "Okafor-Lee",
        "address": {"city": "Eastmoor", "postcode": "ZZ99 3WZ"},
        "trainings": [{"subject": "fire", "level": 1}, {"subject": "moving", "level": 2}],
    }))
}

pub(crate) fn at<const N: usize>(names: [&str; N]) -> ClaimPath {
    ClaimPath::keys(names).unwrap()
}

/// Everything hidden that may be.
pub(crate) fn all_concealed() -> Concealer {
    ["given_name", "family_name", "address", "trainings"]
        .into_iter()
        .fold(Concealer::new(claims()), |all, name| all.conceal_all_inside(ClaimPath::key(name)))
}

pub(crate) fn header() -> HeaderBuilder {
    HeaderBuilder::new(Algorithm::Es256).typ(SD_JWT_VC_TYPE)
}

pub(crate) fn issue(concealed: Concealed) -> String {
    concealed.into_unsigned(&header()).sign(issuer()).unwrap()
}

pub(crate) fn held(concealer: Concealer) -> (HeldSdJwt, Map<String, Value>) {
    let concealed = concealer.build(&mut rng(7)).unwrap();
    let payload = concealed.payload().clone();
    let compact = issue(concealed);
    (HeldSdJwt::receive(&compact, &payload, &Limits::default()).unwrap(), payload)
}
