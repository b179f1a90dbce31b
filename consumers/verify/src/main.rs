//! Verifies an exchange that others made: a test vector of the JWT VC Presentation Profile.
use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta};
use serde_json::Value;
use staffpass_jose_aws_lc::AwsLc;
use staffpass_query::PresentationDefinition;
use staffpass_request::{Expectation, Protocol, ResponseMode};
use staffpass_verify::policy::TrustPolicy;
use staffpass_verify::{Evidence, Step, Verifier};

const VECTOR: &str = include_str!(
    "../../../crates/verify/tests/vectors/jwt-vc-presentation-profile/all-ed25519.json"
);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let vector: Value = serde_json::from_str(VECTOR)?;
    let request = payload(&vector["siopRequest"])?;
    let text = |member: &str| request[member].as_str().unwrap_or_default();
    let time = |member: &str| DateTime::from_timestamp(request[member].as_i64()?, 0);
    let (created, expires) = time("iat").zip(time("exp")).ok_or("no dates")?;
    let definition = &request["claims"]["vp_token"]["presentation_definition"];
    let expectation = Expectation::builder(text("client_id"), text("nonce"), created, expires)
        .protocol(Protocol::JwtVcPresentationProfile, ResponseMode::Post)
        .query(PresentationDefinition::from_value(definition)?)
        .state(text("state"))
        .build()?;

    let presentation = payload(&vector["siopResponse"]["vp_token"])?;
    let issuer = payload(&presentation["vp"]["verifiableCredential"][0])?;
    let issuer = issuer["iss"].as_str().unwrap_or_default();
    let policy = TrustPolicy::from_toml(&format!(
        "[[issuer]]\nid = {issuer:?}\nmay_assert = [\"WorkplaceCredential\"]\n\
         accept_authentication_key = true # as this vector's issuer has it"
    ))?;

    let mut body = form_urlencoded::Serializer::new(String::new());
    for field in ["id_token", "vp_token"] {
        body.append_pair(field, vector["siopResponse"][field].as_str().unwrap_or_default());
    }
    let body = body.append_pair("state", text("state")).finish();
    let verifier = Verifier::new(policy, Arc::new(AwsLc));
    let evidence = Evidence::new(Arc::new(AwsLc)); // its did:ion identifiers need none
    let now = created + TimeDelta::seconds(30);
    match verifier.receive(&expectation, body.as_bytes()).step(&evidence, now) {
        Step::Done(verdict) => match *verdict {
            Ok(verified) => println!("{} credential verified", verified.credentials().len()),
            Err(rejection) => return Err(format!("{:?}", rejection.codes()).into()),
        },
        Step::Needs(sources) => return Err(format!("asks for {sources:?}").into()),
    }
    Ok(())
}

fn payload(token: &Value) -> Result<Value, Box<dyn std::error::Error>> {
    let part = token.as_str().and_then(|token| token.split('.').nth(1)).ok_or("no token")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?)
}
