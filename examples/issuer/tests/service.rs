//! The service over loopback: what it publishes, and a wallet that is handed a credential.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

mod common;

use chrono::Utc;
use common::{Trust, holder, training};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use staffpass::aws_lc::{AwsLc, SigningKey};
use staffpass::did::{Did, DidDocument};
use staffpass::issue::openid4vci::{
    AcceptedOffer, KnownIssuer, TokenEndpoint, UntrustedOffer, credential_request, key_proof,
    token_request, well_known,
};
use staffpass::jose::{CryptoProvider as _, UnverifiedJws, VerificationKey, jws};
use staffpass::status::token::{self, StatusListToken, TokenStatus};
use staffpass::status::{
    Limits, StatusEntry, StatusListCredential, StatusOutcome, StatusRules, judge,
};
use staffpass_sd_jwt::{HeldSdJwt, UnverifiedSdJwt};

async fn get(url: &str) -> Response {
    Client::new().get(url).send().await.unwrap()
}

async fn json_of(response: Response) -> Value {
    response.json().await.unwrap()
}

async fn document(url: &str) -> Vec<u8> {
    let response = get(url).await;
    assert_eq!(response.status(), 200, "{url}");
    response.bytes().await.unwrap().to_vec()
}

/// The key that the trust publishes.
async fn published(trust: &Trust) -> VerificationKey {
    let did: Did =
        format!("did:web:{}", trust.origin["http://".len()..].replace(':', "%3A")).parse().unwrap();
    let json = document(&format!("{}/.well-known/did.json", trust.origin)).await;
    let read = DidDocument::parse(&did, &json).unwrap();
    let key = read.method(&format!("{did}#key-1")).unwrap().key();
    AwsLc.prepare(key).unwrap()
}

fn verified(token: &str, key: &VerificationKey) -> Value {
    let jws = UnverifiedJws::parse(token, &jws::Limits::default()).unwrap();
    serde_json::from_slice(jws.verify(key).unwrap().payload()).unwrap()
}

/// Runs a command of the trust beside its service.
async fn done(trust: &Trust, command: &[&str]) -> (String, String) {
    tokio::task::block_in_place(|| trust.done(command))
}

/// An offer of a training: its link, and the transaction code.
async fn offer(trust: &Trust, more: &[&str]) -> (String, Option<String>) {
    let claims = trust.file("claims.json", &training().to_string());
    let command = [&["offer", "--kind", "training", "--claims", claims][..], more].concat();
    let (out, errors) = done(trust, &command).await;
    let link = out.trim().to_owned();
    let digits = errors.lines().find_map(|line| line.split("channel: ").nth(1));
    (link, digits.map(str::to_owned))
}

/// A wallet that has read an offer of an issuer that it knows.
struct Wallet {
    key: SigningKey,
    offer: AcceptedOffer,
    issuer: KnownIssuer,
    token_endpoint: TokenEndpoint,
    origin: String,
}

impl Wallet {
    async fn scans(trust: &Trust, link: &str) -> Self {
        let link = url::Url::parse(link).unwrap();
        assert_eq!(link.scheme(), "openid-credential-offer");
        let (name, uri) = link.query_pairs().next().unwrap();
        assert_eq!(name, "credential_offer_uri");
        let offer = UntrustedOffer::parse(&document(&uri).await).unwrap();
        let origin = trust.origin.clone();
        let offer = offer.accept(&[&origin]).unwrap();
        let at = |name| well_known(&origin, name).unwrap().to_string();
        let metadata = document(&at("openid-credential-issuer")).await;
        let server = document(&at("oauth-authorization-server")).await;
        let issuer = KnownIssuer::read(&metadata, &origin).unwrap();
        let token_endpoint = TokenEndpoint::read(&server, &origin).unwrap();
        Self { key: holder().0, offer, issuer, token_endpoint, origin }
    }

    async fn asks_for_token(&self, tx_code: Option<&str>) -> Response {
        let form = token_request(self.offer.code(), tx_code);
        let request = Client::new().post(self.token_endpoint.url().clone());
        let form_type = "application/x-www-form-urlencoded";
        request.header("content-type", form_type).body(form).send().await.unwrap()
    }

    async fn token(&self, tx_code: Option<&str>) -> String {
        let response = self.asks_for_token(tx_code).await;
        assert_eq!(response.headers()["cache-control"], "no-store");
        let token = json_of(response).await;
        assert_eq!(token["token_type"], "Bearer");
        token["access_token"].as_str().unwrap().to_owned()
    }

    async fn nonce(&self) -> String {
        let endpoint = self.issuer.nonce_endpoint().unwrap().clone();
        let response = Client::new().post(endpoint).send().await.unwrap();
        assert_eq!(response.headers()["cache-control"], "no-store");
        json_of(response).await["c_nonce"].as_str().unwrap().to_owned()
    }

    async fn asks_for_credential(&self, token: &str, proofs: &[String]) -> Response {
        let id = self.offer.configurations().next().unwrap();
        let request = Client::new().post(self.issuer.credential_endpoint().clone());
        let body = credential_request(id, proofs);
        request.bearer_auth(token).json(&body).send().await.unwrap()
    }

    fn proof(&self, nonce: &str) -> String {
        let key = self.key.public_key();
        key_proof(key, &self.origin, nonce, Utc::now()).unwrap().sign(&self.key).unwrap()
    }

    async fn credential(&self, tx_code: Option<&str>) -> String {
        let token = self.token(tx_code).await;
        let proof = self.proof(&self.nonce().await);
        let answer = json_of(self.asks_for_credential(&token, &[proof]).await).await;
        answer["credentials"][0]["credential"].as_str().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_is_handed_an_sd_jwt_vc_and_can_show_it() {
    let trust = Trust::served().await;
    let (link, digits) = offer(&trust, &[]).await;
    let wallet = Wallet::scans(&trust, &link).await;
    assert!(wallet.offer.needs_tx_code());
    assert_eq!(wallet.issuer.format_of("training_dc_sd_jwt"), Some("dc+sd-jwt"));
    let credential = wallet.credential(digits.as_deref()).await;

    let limits = staffpass_sd_jwt::Limits::default();
    let sd_jwt = UnverifiedSdJwt::parse(&credential, &limits).unwrap();
    let payload = verified(sd_jwt.issuer_jwt(), &published(&trust).await);
    let held = HeldSdJwt::receive(&credential, payload.as_object().unwrap(), &limits).unwrap();
    let holder = held.holder_key().unwrap().thumbprint();
    assert_eq!(holder, wallet.key.public_key().thumbprint());
    for (name, value) in training().as_object().unwrap() {
        assert_eq!(held.claims().get(name), Some(value), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_is_handed_a_vc_jwt() {
    let trust = Trust::served().await;
    let more = ["--format", "jwt_vc_json", "--tx-code", "waived"];
    let (link, digits) = offer(&trust, &more).await;
    assert_eq!(digits, None);
    let wallet = Wallet::scans(&trust, &link).await;
    let credential = wallet.credential(None).await;
    let payload = verified(&credential, &published(&trust).await);
    let did = staffpass::did::jwk::from_public_key(wallet.key.public_key());
    assert_eq!(payload["sub"], json!(did.as_str()));
    assert_eq!(payload["vc"]["credentialSubject"]["level"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn i01_a_code_is_good_once_and_its_offer_is_gone() {
    let trust = Trust::served().await;
    let (link, digits) = offer(&trust, &[]).await;
    let wallet = Wallet::scans(&trust, &link).await;
    let missing = wallet.asks_for_token(None).await;
    assert_eq!(missing.status(), 400);
    assert_eq!(json_of(missing).await["error"], "invalid_request");
    wallet.token(digits.as_deref()).await;
    let again = wallet.asks_for_token(digits.as_deref()).await;
    assert_eq!(json_of(again).await["error_description"], "vci_code_used");
    let address = format!("{}/offers/{}", trust.origin, wallet.offer.code());
    assert_eq!(get(&address).await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn i02_five_wrong_transaction_codes_end_the_offer() {
    let trust = Trust::served().await;
    let (link, digits) = offer(&trust, &["--tx-code", "mobile"]).await;
    let digits = digits.unwrap();
    let wrong = if digits == "000000" { "000001" } else { "000000" };
    let wallet = Wallet::scans(&trust, &link).await;
    for _ in 0..5 {
        let refused = wallet.asks_for_token(Some(wrong)).await;
        assert_eq!(refused.status(), 400);
        assert_eq!(json_of(refused).await["error"], "invalid_grant");
    }
    let right = wallet.asks_for_token(Some(&digits)).await;
    assert_eq!(json_of(right).await["error_description"], "vci_tx_code_exhausted");
}

#[tokio::test(flavor = "multi_thread")]
async fn i03_a_proof_is_not_taken_twice() {
    let trust = Trust::served().await;
    let (link, digits) = offer(&trust, &[]).await;
    let wallet = Wallet::scans(&trust, &link).await;
    let token = wallet.token(digits.as_deref()).await;
    let proof = wallet.proof(&wallet.nonce().await);
    let first = wallet.asks_for_credential(&token, std::slice::from_ref(&proof)).await;
    assert_eq!(first.status(), 200);

    let (link, digits) = offer(&trust, &[]).await;
    let second = Wallet::scans(&trust, &link).await;
    let token = second.token(digits.as_deref()).await;
    let replayed = second.asks_for_credential(&token, &[proof]).await;
    assert_eq!(json_of(replayed).await["error"], "invalid_nonce");
}

#[tokio::test(flavor = "multi_thread")]
async fn i01_a_used_code_stays_used_when_the_service_is_killed_and_starts_again() {
    let (trust, program) = Trust::as_program();
    let (link, digits) = offer(&trust, &[]).await;
    let wallet = Wallet::scans(&trust, &link).await;
    let token = wallet.token(digits.as_deref()).await;
    program.dies();
    let program = trust.starts();
    let again = wallet.asks_for_token(digits.as_deref()).await;
    assert_eq!(json_of(again).await["error_description"], "vci_code_used");
    // The token is good once, before the next death and after it.
    let proof = wallet.proof(&wallet.nonce().await);
    assert_eq!(wallet.asks_for_credential(&token, &[proof]).await.status(), 200);
    program.dies();
    let _program = trust.starts();
    let proof = wallet.proof(&wallet.nonce().await);
    assert_eq!(wallet.asks_for_credential(&token, &[proof]).await.status(), 401);
    let again = wallet.asks_for_token(digits.as_deref()).await;
    assert_eq!(json_of(again).await["error"], "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn i02_wrong_transaction_codes_count_on_when_the_service_starts_again() {
    let (trust, mut program) = Trust::as_program();
    let (link, digits) = offer(&trust, &[]).await;
    let digits = digits.unwrap();
    let wrong = if digits == "000000" { "000001" } else { "000000" };
    let wallet = Wallet::scans(&trust, &link).await;
    for _ in 0..5 {
        let refused = wallet.asks_for_token(Some(wrong)).await;
        assert_eq!(json_of(refused).await["error"], "invalid_grant");
        program.dies();
        program = trust.starts();
    }
    let right = wallet.asks_for_token(Some(&digits)).await;
    assert_eq!(json_of(right).await["error_description"], "vci_tx_code_exhausted");
    program.dies();
}

#[tokio::test(flavor = "multi_thread")]
async fn i03_no_nonce_of_before_is_good_when_the_service_starts_again() {
    let (trust, program) = Trust::as_program();
    let (link, digits) = offer(&trust, &[]).await;
    let wallet = Wallet::scans(&trust, &link).await;
    let token = wallet.token(digits.as_deref()).await;
    let (used, unused) = (wallet.proof(&wallet.nonce().await), wallet.proof(&wallet.nonce().await));
    let taken = wallet.asks_for_credential(&token, std::slice::from_ref(&used)).await;
    assert_eq!(taken.status(), 200);

    let (link, digits) = offer(&trust, &[]).await;
    let second = Wallet::scans(&trust, &link).await;
    let token = second.token(digits.as_deref()).await;
    program.dies();
    let _program = trust.starts();
    for proof in [used, unused] {
        let refused = second.asks_for_credential(&token, &[proof]).await;
        assert_eq!(json_of(refused).await["error_description"], "vci_nonce_unknown");
    }
    // A wallet asks for another (§8.3.1.2), and gets its credential.
    let proof = second.proof(&second.nonce().await);
    assert_eq!(second.asks_for_credential(&token, &[proof]).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn i05_a_key_of_one_person_gets_nothing_of_another() {
    let trust = Trust::served().await;
    let (link, digits) = offer(&trust, &[]).await;
    let first = Wallet::scans(&trust, &link).await;
    first.credential(digits.as_deref()).await;

    let mut other = training();
    other["identity_id"] = json!("0b1f6a52-6f0e-4f0c-8a39-0d8a3f1f2b22");
    let claims = trust.file("other.json", &other.to_string());
    let (out, errors) = done(&trust, &["offer", "--kind", "training", "--claims", claims]).await;
    let digits = errors.lines().find_map(|line| line.split("channel: ").nth(1)).unwrap();
    let mut second = Wallet::scans(&trust, out.trim()).await;
    second.key = first.key;
    let token = second.token(Some(digits)).await;
    let proof = second.proof(&second.nonce().await);
    let refused = second.asks_for_credential(&token, &[proof]).await;
    assert_eq!(json_of(refused).await["error_description"], "vci_key_of_another");
    // With a key of its own the second person still gets it.
    second.key = holder().0;
    let proof = second.proof(&second.nonce().await);
    assert_eq!(second.asks_for_credential(&token, &[proof]).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_is_for_whoever_has_a_token() {
    let trust = Trust::served().await;
    let (link, _) = offer(&trust, &[]).await;
    let wallet = Wallet::scans(&trust, &link).await;
    let proof = wallet.proof(&wallet.nonce().await);
    for token in ["x", "x.y", "../../key.y"] {
        let refused = wallet.asks_for_credential(token, std::slice::from_ref(&proof)).await;
        assert_eq!(refused.status(), 401, "{token}");
        assert!(refused.headers().contains_key("www-authenticate"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_shows_in_the_published_lists() {
    let trust = Trust::served().await;
    let key = published(&trust).await;
    let claims = trust.file("claims.json", &training().to_string());
    let did = holder().1.to_string();
    for format in ["jwt_vc_json", "dc+sd-jwt"] {
        let arguments = ["issue", "--kind", "training", "--claims", claims, "--holder", &did];
        let (out, errors) = done(&trust, &[&arguments[..], &["--format", format]].concat()).await;
        let payload = verified(out.trim().split('~').next().unwrap(), &key);
        assert!(is_valid(&trust, &payload, &key).await, "{format}");
        let id = errors.trim().strip_prefix("id ").unwrap();
        done(&trust, &["revoke", id, "--reason", "left the trust"]).await;
        assert!(!is_valid(&trust, &payload, &key).await, "{format}");
    }
}

/// Whether a credential is valid by the list that it names.
async fn is_valid(trust: &Trust, payload: &Value, key: &VerificationKey) -> bool {
    let limits = Limits::default();
    if let Some(status) = payload.get("status") {
        let status = TokenStatus::parse(status).unwrap();
        let list = verified(&fetch_list(trust, status.uri()).await, key).to_string();
        let list = StatusListToken::parse(list.as_bytes(), &limits).unwrap();
        let outcome = token::judge(&status, &list.inflate(&limits).unwrap());
        return outcome.unwrap() == StatusOutcome::Valid;
    }
    let entries = StatusEntry::parse_all(&payload["vc"]["credentialStatus"]).unwrap();
    let [entry] = entries.as_slice() else { panic!("one entry") };
    let list = fetch_list(trust, &entry.list().to_string()).await;
    let list = verified(&list, key).to_string();
    let list = StatusListCredential::parse(list.as_bytes(), &limits).unwrap();
    let rules = StatusRules::new(entry.kind());
    let outcome = judge(entry, &list.inflate(&limits).unwrap(), &rules);
    outcome.unwrap() == StatusOutcome::Valid
}

async fn fetch_list(trust: &Trust, address: &str) -> String {
    assert!(address.starts_with(&trust.origin), "{address}");
    String::from_utf8(document(address).await).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_domain_is_linked_by_the_trusts_own_key() {
    let trust = Trust::served().await;
    let address = format!("{}/.well-known/did-configuration.json", trust.origin);
    let file: Value = serde_json::from_slice(&document(&address).await).unwrap();
    let statement = file["linked_dids"][0].as_str().unwrap();
    let payload = verified(statement, &published(&trust).await);
    let origin = payload["vc"]["credentialSubject"]["origin"].as_str().unwrap();
    assert_eq!(origin.trim_end_matches('/'), trust.origin);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found() {
    let trust = Trust::served().await;
    for path in ["/status/other", "/offers/x", "/offers/..%2F..%2Fkey", "/"] {
        assert_eq!(get(&format!("{}{path}", trust.origin)).await.status(), 404, "{path}");
    }
}
