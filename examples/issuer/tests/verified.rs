//! What the trust issues is asked for by a portal, shown by a wallet, and believed under a trust policy,
//! until it is revoked.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use std::sync::Arc;

use chrono::Utc;
use common::{Trust, holder, training};
use staffpass::aws_lc::{AwsLc, SigningKey};
use staffpass::did::publish::DocumentBuilder;
use staffpass::did::{DidDocument, DidUrl, LoopbackHttp, Relationships, jwk, web};
use staffpass::disclosure::{HeldCredential, Holder, RequestReview};
use staffpass::jose::Algorithm;
use staffpass::query::Format;
use staffpass::request::{Endpoints, Expectation, RequestObject, RequestedCredential, openid4vp};
use staffpass::verify::policy::TrustPolicy;
use staffpass::verify::{Evidence, Fetched, Rejection, Source, Step, VerifiedResponse, Verifier};

const VCT: &str = "urn:example:staff-passport:training:1";

/// What a portal asks for a training in a format, and what the wallet answers.
fn answer(issuer: &str, format: &str, key: &SigningKey, token: &str) -> (Expectation, String) {
    let now = Utc::now();
    let portal_key = SigningKey::generate(Algorithm::Es256).unwrap();
    let portal = "did:web:portal.example".parse().unwrap();
    let document = DocumentBuilder::new(&portal)
        .key("key-1", portal_key.public_key(), Relationships::SIGNING)
        .build()
        .unwrap();
    let document = DidDocument::parse(&portal, document.to_string().as_bytes()).unwrap();
    let endpoints = Endpoints::new("https://portal.example/q", "https://portal.example/a").unwrap();
    let kid = "did:web:portal.example#key-1";
    let party = openid4vp::Party::new(kid, Algorithm::Es256, endpoints).unwrap();
    let asked = RequestedCredential::new("training", "StaffTraining")
        .with_issuers([issuer])
        .with_claims(["subject", "level"]);
    let asked = match format {
        "dc+sd-jwt" => asked.with_vct(VCT).with_format(Format::DcSdJwt),
        _ => asked,
    };
    let request = openid4vp::RequestBuilder::new(&party, [asked]).unwrap();
    let request = request.build(now, &mut rand::rng()).unwrap().sign(&portal_key).unwrap();

    let object = RequestObject::parse(request.object().as_str()).unwrap();
    let review =
        RequestReview::verify(&object, Some(&document), &AwsLc, &Default::default(), now).unwrap();
    let key_id = DidUrl::new(&jwk::from_public_key(key.public_key()), "0").unwrap();
    let held = [HeldCredential::parse(token).unwrap()];
    let matches = review.matches(&held, std::slice::from_ref(key_id.did()), now);
    let choice = matches.default_choice().unwrap();
    let holder = Holder::new(&key_id, key);
    let response = matches.present(&choice, &[holder], now, &mut rand::rng()).unwrap();
    (request.expectation().clone(), response.body())
}

fn did(trust: &Trust) -> String {
    web::did_of_origin(&trust.origin.parse().unwrap(), LoopbackHttp::Allow).unwrap().to_string()
}

/// Judges an answer with what the trust publishes.
async fn judge(
    trust: &Trust,
    issuer: &str,
    (expectation, body): &(Expectation, String),
) -> Result<VerifiedResponse, Rejection> {
    let policy =
        format!("[[issuer]]\nid = \"{issuer}\"\nmay_assert = [\"StaffTraining\", \"{VCT}\"]\n");
    let policy = TrustPolicy::from_toml_with(&policy, LoopbackHttp::Allow).unwrap();
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let verifier = Verifier::new(policy, Arc::new(AwsLc));
    let mut verification = verifier.receive(expectation, body.as_bytes());
    loop {
        match verification.step(&evidence, Utc::now()) {
            Step::Done(verdict) => return *verdict,
            Step::Needs(sources) => {
                for source in sources {
                    let address = match &source {
                        Source::StatusList(at) | Source::IssuerMetadata(at) => at.to_string(),
                        _ => format!("{}/.well-known/did.json", trust.origin),
                    };
                    assert!(address.starts_with(&trust.origin), "{address}");
                    let document = reqwest::get(address).await.unwrap().bytes().await.unwrap();
                    evidence.insert(source, Fetched::Document(&document), Utc::now());
                }
            }
        }
    }
}

async fn is_believed_until_it_is_revoked(trust: &Trust, issuer: &str, format: &str) {
    let claims = trust.file("claims.json", &training().to_string());
    let (key, did) = holder();
    let command = ["issue", "--kind", "training", "--claims", claims];
    let command = [&command[..], &["--holder", did.as_str(), "--format", format]].concat();
    let (token, errors) = tokio::task::block_in_place(|| trust.done(&command));
    let answer = answer(issuer, format, &key, token.trim());

    let believed = judge(trust, issuer, &answer).await.expect("a good credential");
    let shown = believed.credentials().first().expect("one credential").subject();
    assert_eq!(shown.get("subject"), training().get("subject"));
    assert_eq!(shown.get("competency_name").is_some(), format != "dc+sd-jwt");

    let id = errors.trim().strip_prefix("id ").unwrap();
    tokio::task::block_in_place(|| trust.done(&["revoke", id, "--reason", "left the trust"]));
    let refused = judge(trust, issuer, &answer).await.expect_err("a revoked credential");
    let codes: Vec<_> = refused.codes().into_iter().map(|code| code.as_str()).collect();
    assert_eq!(codes, ["revoked"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vc_jwt_is_believed_until_it_is_revoked() {
    let trust = Trust::served().await;
    is_believed_until_it_is_revoked(&trust, &did(&trust), "jwt_vc_json").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_of_vc_2_0_is_believed_until_it_is_revoked() {
    let trust = Trust::served().await;
    is_believed_until_it_is_revoked(&trust, &did(&trust), "vc+jwt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sd_jwt_vc_is_believed_until_it_is_revoked() {
    let trust = Trust::served().await;
    is_believed_until_it_is_revoked(&trust, &did(&trust), "dc+sd-jwt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sd_jwt_vc_of_an_https_issuer_is_believed_until_it_is_revoked() {
    let trust = Trust::served_with(&["--https-issuer"]).await;
    is_believed_until_it_is_revoked(&trust, &trust.origin, "dc+sd-jwt").await;
}
