//! The modules of the OpenID Foundation's conformance suite for verifiers (HAIP plan: `x509_hash`, a
//! signed request by reference, `direct_post.jwt`, `dc+sd-jwt` by an issuer that is known by its
//! certificate) that concern SD-JWT VC and the redirect flows, over HTTP. Each is named after its
//! module; what must be refused is refused with a 4xx at the response address.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use chrono::{TimeDelta, Utc};
use common::*;
use rcgen::{CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType};
use serde_json::{Value, json};
use staffpass::did::Did;
use staffpass::jose::{Algorithm, base64url};
use staffpass_testkit::{Answer, Encoding, Token, signing_key};

const NAME: &str = "issuer.example";

/// The plan: an issuer with a certificate, and the anchor in the policy.
struct Plan {
    world: World,
    x5c: Value,
}

impl Plan {
    async fn new() -> Self {
        let key = signing_key(Algorithm::Es256, ISSUER_SEED);
        let (x5c, anchor) = certify(&key);
        let policy = format!(
            "[[issuer]]\nid = \"https://{NAME}\"\nmay_assert = [\"{VCT}\"]\n\
             x509 = {{ anchors = [\"\"\"{anchor}\"\"\"], san = \"{NAME}\" }}\n"
        );
        let did = Did::parse(&format!("did:web:{NAME}")).unwrap();
        let world = World::under("127.0.0.1", "localhost", (did, key), &policy, &[]).await;
        Self { world, x5c }
    }

    async fn open(&self) -> Open {
        self.world.open(&ask_sd_jwt("haip")).await
    }

    /// The good answer: the same credential, with a certificate in place of a key id.
    fn answer(&self, open: &Open) -> Answer {
        let mut answer = self.world.sd_jwt_answer(open);
        let credential = credential(&mut answer);
        credential.header.remove("kid");
        credential.header.insert("x5c".to_owned(), self.x5c.clone());
        credential.set("iss", format!("https://{NAME}"));
        answer
    }

    async fn post(&self, open: &Open, answer: &Answer) -> (u16, String) {
        self.world.respond(open, self.world.body(open, answer)).await
    }

    /// What is changed is refused, and the good answer that follows is not.
    async fn refuses(&self, code: &str, change: impl FnOnce(&mut Answer)) {
        let open = self.open().await;
        let mut answer = self.answer(&open);
        change(&mut answer);
        let (status, text) = self.post(&open, &answer).await;
        assert_eq!((status, &*text), (400, r#"{"error":"invalid_request"}"#), "{code}");
        let shown = self.world.status(&open.id).await;
        assert_eq!((&shown["status"], &shown["credentials"]), (&json!("refused"), &json!([])));
        let failed = json!({ "failed": code });
        let checks = shown["report"]["checks"].as_array().unwrap();
        assert!(checks.iter().any(|check| check["outcome"] == failed), "{code} {shown}");
        assert_eq!(self.post(&open, &self.answer(&open)).await.0, 200);
    }
}

fn credential(answer: &mut Answer) -> &mut Token {
    &mut answer.presentations[0].credentials[0]
}

fn key_binding(answer: &mut Answer) -> &mut Token {
    &mut answer.presentations[0].token
}

/// The `x5c` of a leaf for the issuer's key, and the root that signed it, as PEM.
fn certify(key: &staffpass::aws_lc::SigningKey) -> (Value, String) {
    let mut root = CertificateParams::default();
    root.distinguished_name.push(DnType::CommonName, "Fictional Root");
    root.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let root_key = KeyPair::generate().unwrap();
    let anchor = root.self_signed(&root_key).unwrap().pem();
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name.push(DnType::CommonName, "Fictional Trust");
    leaf.subject_alt_names = vec![SanType::DnsName(NAME.try_into().unwrap())];
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let leaf = leaf.signed_by(&Certified::of(key), &Issuer::new(root, root_key)).unwrap();
    let pem = leaf.pem();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    (json!([body]), anchor)
}

/// A key as rcgen takes it: the uncompressed point.
struct Certified(Vec<u8>);

impl Certified {
    fn of(key: &staffpass::aws_lc::SigningKey) -> Self {
        let key = key.public_key();
        Self([&[4], key.x(), key.y().unwrap()].concat())
    }
}

impl rcgen::PublicKeyData for Certified {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

/// Another last byte than it had.
fn broken(compact: String) -> String {
    let (front, signature) = compact.rsplit_once('.').unwrap();
    let mut bytes = base64url::decode(signature).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    format!("{front}.{}", base64url::encode(bytes))
}

#[tokio::test]
async fn oidf_happy_flow() {
    let plan = Plan::new().await;
    let open = plan.open().await;
    assert!(open.link.starts_with("haip-vp://?client_id=x509_hash%3A"));
    assert_eq!(plan.post(&open, &plan.answer(&open)).await, (200, "{}".to_owned()));
    let shown = plan.world.status(&open.id).await;
    assert_eq!(shown["status"], "verified", "{shown}");
    assert_eq!(shown["credentials"][0]["type"], VCT);
    assert_eq!(shown["credentials"][0]["claims"]["displayName"], "Amara Example");
}

#[tokio::test]
async fn oidf_happy_flow_on_the_same_device_leads_back_to_the_session_that_began() {
    let plan = Plan::new().await;
    let ask = with(ask_sd_jwt("haip"), "flow", "same_device");
    let back = format!("{}/back", plan.world.base);
    let open = plan.world.open(&with(ask.clone(), "return_url", back.clone())).await;
    let (status, text) = plan.post(&open, &plan.answer(&open)).await;
    let reply: Value = serde_json::from_str(&text).unwrap();
    let code = reply["redirect_uri"].as_str().unwrap().split_once("response_code=").unwrap().1;
    assert_eq!(status, 200);
    // In another browser session, which knows another request.
    let other = plan.world.open(&with(ask, "return_url", back)).await;
    let path = format!("/requests/{}/return", other.id);
    assert_eq!(plan.world.post(&path, &json!({ "response_code": code })).await.0, 409);
    assert_eq!(plan.world.status(&open.id).await["status"], "awaiting_return");
    let path = format!("/requests/{}/return", open.id);
    let (status, shown) = plan.world.post(&path, &json!({ "response_code": code })).await;
    assert_eq!((status, &shown["status"]), (200, &json!("verified")));
}

#[tokio::test]
async fn oidf_minimal_cnf_jwk() {
    let plan = Plan::new().await;
    let open = plan.open().await;
    let mut answer = plan.answer(&open);
    let members: Vec<_> =
        credential(&mut answer).claims["cnf"]["jwk"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(members.iter().collect::<std::collections::BTreeSet<_>>().len(), 4, "{members:?}");
    assert_eq!(plan.post(&open, &answer).await.0, 200);
    // And one that says what it is for.
    let open = plan.open().await;
    let mut answer = plan.answer(&open);
    let jwk = &mut credential(&mut answer).claims["cnf"]["jwk"];
    jwk["use"] = json!("sig");
    jwk["alg"] = json!("ES256");
    jwk["kid"] = json!("holder-key");
    assert_eq!(plan.post(&open, &answer).await.0, 200);
}

#[tokio::test]
async fn oidf_request_uri_by_post() {
    let plan = Plan::new().await;
    let ask = with(ask_sd_jwt("haip"), "request_uri_method", "post");
    let open = plan.world.open(&ask).await;
    assert!(open.link.ends_with("&request_uri_method=post"));
    let transport = staffpass::request::Transport::HttpsOrLoopbackHttp;
    let link = staffpass::request::Link::parse_with(&open.link, transport).unwrap();
    let form =
        [("wallet_nonce", "n-0S6_WzA2Mj"), ("wallet_metadata", r#"{"vp_formats_supported":{}}"#)];
    let reply = plan.world.http.post(link.request_uri()).form(&form).send().await.unwrap();
    assert_eq!(reply.headers()["content-type"], "application/oauth-authz-req+jwt");
    let object = link.read_object(&reply.text().await.unwrap()).unwrap();
    assert_eq!(object.client_id(), open.asked.client_id());
    assert_eq!(plan.post(&open, &plan.answer(&open)).await.0, 200);
}

#[tokio::test]
async fn oidf_request_uri_fetched_twice() {
    let plan = Plan::new().await;
    let open = plan.open().await;
    let transport = staffpass::request::Transport::HttpsOrLoopbackHttp;
    let link = staffpass::request::Link::parse_with(&open.link, transport).unwrap();
    let fetch = || async {
        let reply = plan.world.http.get(link.request_uri()).send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    };
    let (first, second) = (fetch().await, fetch().await);
    assert_eq!((first.0, &first), (200, &second));
    assert_eq!(plan.post(&open, &plan.answer(&open)).await.0, 200);
}

#[tokio::test]
async fn oidf_invalid_kb_jwt_signature() {
    let plan = Plan::new().await;
    plan.refuses("signature_invalid", |answer| key_binding(answer).afterwards = broken).await;
}

#[tokio::test]
async fn oidf_invalid_credential_signature() {
    let plan = Plan::new().await;
    plan.refuses("signature_invalid", |answer| credential(answer).afterwards = broken).await;
}

#[tokio::test]
async fn oidf_invalid_sd_hash() {
    let plan = Plan::new().await;
    let other = base64url::encode([7; 32]);
    plan.refuses("sd_hash_mismatch", |answer| key_binding(answer).set("sd_hash", other)).await;
}

#[tokio::test]
async fn oidf_invalid_kb_jwt_nonce() {
    let plan = Plan::new().await;
    plan.refuses("nonce_mismatch", |answer| key_binding(answer).set("nonce", "another")).await;
}

#[tokio::test]
async fn oidf_invalid_kb_jwt_aud() {
    let plan = Plan::new().await;
    let change = |answer: &mut Answer| key_binding(answer).set("aud", "x509_hash:another");
    plan.refuses("audience_mismatch", change).await;
}

#[tokio::test]
async fn oidf_kb_jwt_iat_a_year_ago() {
    let plan = Plan::new().await;
    let then = (Utc::now() - TimeDelta::days(365)).timestamp();
    plan.refuses("too_old", |answer| key_binding(answer).set("iat", then)).await;
}

#[tokio::test]
async fn oidf_kb_jwt_iat_a_year_ahead() {
    let plan = Plan::new().await;
    let then = (Utc::now() + TimeDelta::days(365)).timestamp();
    plan.refuses("not_yet_valid", |answer| key_binding(answer).set("iat", then)).await;
}

/// HAIP 1.0, sections 7 and 8: what is not ES256 and SHA-256 is not taken here.
#[tokio::test]
async fn haip_takes_no_other_hash_than_sha_256() {
    let plan = Plan::new().await;
    let change = |answer: &mut Answer| {
        let credential = credential(answer);
        credential.disclosures.clear();
        credential.claims.remove("_sd");
        credential.set("_sd_alg", "sha-512");
        credential.set("displayName", "Amara Example");
    };
    plan.refuses("algorithm_not_allowed", change).await;
    // Nor a presentation that is encoded in another way.
    let open = plan.open().await;
    assert_eq!(open.asked.query().unwrap().format("identity").unwrap().as_str(), "dc+sd-jwt");
    let encoding = Encoding::VcJwt;
    let credentials = vec![("identity".to_owned(), plan.world.credential())];
    let dialect = staffpass_testkit::Dialect::OpenId4Vp;
    let answer = plan.world.holder.answer(dialect, &open.asked, encoding, credentials, Utc::now());
    assert_eq!(plan.post(&open, &answer).await.0, 400);
}
