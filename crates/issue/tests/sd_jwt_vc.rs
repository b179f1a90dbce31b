//! SD-JWT VCs: what is issued is what is read back, and everything may be kept back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "tests"
)]

mod common;

use chrono::TimeDelta;
use common::{KID, LIST, at, claims, header, issuer, key, now, published, rng, staff, verified};
use serde_json::{Map, Value, json};
use staffpass_credentials::{ClaimsContext, CredentialKind, StaffCredential, TypeNames};
use staffpass_issue::{
    IssueError, MINIMUM_ENTRIES, SdJwtVcBuilder, TokenIssuer, TokenStatusRegister,
};
use staffpass_jose::{Algorithm, PublicKey, Signer as _};
use staffpass_jose_aws_lc::SigningKey;
use staffpass_query::ClaimPath;
use staffpass_sd_jwt::{ALWAYS_OPEN, HeldSdJwt, Limits, UnverifiedSdJwt, confirmation_key};
use staffpass_status::token::TokenStatus;

fn holder_key() -> PublicKey {
    SigningKey::from_secret_bytes(Algorithm::Es256, &[9; 32]).unwrap().public_key().clone()
}

fn builder(kind: CredentialKind) -> SdJwtVcBuilder {
    let names = TypeNames::default();
    SdJwtVcBuilder::staff(&issuer(), &holder_key(), now(), &staff(kind), &names).unwrap()
}

fn plain(claims: Value) -> SdJwtVcBuilder {
    let claims = claims.as_object().unwrap().clone();
    SdJwtVcBuilder::new(&issuer(), &holder_key(), now(), "urn:example:staff").claims(claims)
}

fn issued(builder: SdJwtVcBuilder) -> (String, Map<String, Value>) {
    let compact = builder.build(&mut rng()).unwrap().sign(&key()).unwrap();
    let sd_jwt = UnverifiedSdJwt::parse(&compact, &Limits::default()).unwrap();
    let payload = verified(sd_jwt.issuer_jwt(), &published()).as_object().unwrap().clone();
    (compact, payload)
}

fn code(builder: SdJwtVcBuilder) -> &'static str {
    builder.build(&mut rng()).map_or_else(|error| error.code(), |_| "made")
}

#[test]
fn what_is_issued_reads_back_as_the_same_staff_credential() {
    for kind in CredentialKind::ALL {
        let (compact, payload) = issued(builder(kind).decoys(2));
        let held = HeldSdJwt::receive(&compact, &payload, &Limits::default()).unwrap();
        let context = ClaimsContext::new(now(), now() + TimeDelta::days(30));
        let mut subject = held.claims().clone();
        for open in ["iss", "iat", "nbf", "exp", "vct", "cnf"] {
            subject.remove(open).expect("an open claim");
        }
        assert_eq!(StaffCredential::from_claims(kind, &subject, &context), Ok(staff(kind)));
        assert_eq!(payload["vct"], json!(TypeNames::default().vct(kind)));
    }
}

#[test]
fn open_is_only_what_every_verifier_needs() {
    let (_, payload) = issued(builder(CredentialKind::Employment));
    let mut names: Vec<_> = payload.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["_sd", "_sd_alg", "cnf", "exp", "iat", "iss", "nbf", "vct"]);
}

#[test]
fn one_claim_inside_another_can_be_shown_alone() {
    let (compact, payload) = issued(builder(CredentialKind::Employment));
    let held = HeldSdJwt::receive(&compact, &payload, &Limits::default()).unwrap();
    let shown = held.select(&[ClaimPath::key("employer").then_key("ods_code")]).unwrap();
    let shown = UnverifiedSdJwt::parse(shown.as_str(), &Limits::default()).unwrap();
    let claims = shown.reveal(&payload).unwrap().into_claims();
    assert_eq!(claims["employer"], json!({"ods_code": "Z9Z9Z"}));
    assert_eq!(claims.get("job_title"), None);
}

#[test]
fn the_header_says_what_it_is_and_whose_key_signed() {
    let (compact, _) = issued(builder(CredentialKind::Identity));
    let header = header(compact.split('~').next().unwrap());
    assert_eq!(header.typ.as_deref(), Some("dc+sd-jwt"));
    assert_eq!(header.kid.as_deref(), Some(KID));
}

#[test]
fn the_holder_is_the_key_in_cnf() {
    let (_, payload) = issued(builder(CredentialKind::Training));
    let key = confirmation_key(&payload).unwrap().unwrap();
    assert_eq!(key.thumbprint(), holder_key().thumbprint());
    assert_eq!(payload.get("sub"), None);
}

#[test]
fn the_status_entry_is_open_and_reads_back() {
    let mut register = TokenStatusRegister::new(LIST, MINIMUM_ENTRIES).unwrap();
    let status = register.allocate(&mut rng()).unwrap();
    let (_, payload) = issued(builder(CredentialKind::Identity).status(status.clone()));
    let read = TokenStatus::parse(&payload["status"]).unwrap();
    assert_eq!((read.index(), read.uri()), (status.index(), LIST));
}

#[test]
fn it_expires_with_the_employment_or_after_a_year() {
    let (_, employment) = issued(builder(CredentialKind::Employment));
    let (_, training) = issued(builder(CredentialKind::Training));
    assert_eq!(training["exp"], json!(at("2027-03-02T09:00:00Z").timestamp()));
    assert!(employment["exp"].as_i64() < training["exp"].as_i64());
}

#[test]
fn d04_claims_of_the_format_are_refused_among_the_subjects() {
    for name in ALWAYS_OPEN.into_iter().chain(["iat", "jti", "sub"]) {
        assert_eq!(code(plain(json!({name: "x"}))), "issue_reserved_claim", "{name}");
    }
}

#[test]
fn d03_a_reserved_name_is_refused() {
    for claims in [json!({"_sd": "x"}), json!({"a": {"...": 1}}), json!({"a": [{"_sd_alg": 1}]})] {
        assert_eq!(code(plain(claims)), "sd_jwt_reserved_name");
    }
}

#[test]
fn what_says_nothing_is_not_issued() {
    assert_eq!(code(plain(json!({}))), "issue_no_claims");
    let typeless = SdJwtVcBuilder::new(&issuer(), &holder_key(), now(), "");
    assert_eq!(code(typeless.claims(claims(CredentialKind::Identity))), "issue_types");
    assert_eq!(code(plain(json!({"a": 1})).expires_at(now())), "issue_expires_before_issue");
}

#[test]
fn claims_that_break_a_rule_of_their_model_are_not_issued() {
    let credential = staff(CredentialKind::Training);
    let early = at("2020-01-01T00:00:00Z");
    let names = TypeNames::default();
    let made = SdJwtVcBuilder::staff(&issuer(), &holder_key(), early, &credential, &names);
    assert!(matches!(made.unwrap_err(), IssueError::Claims(_)));
}

#[test]
fn a_signature_made_elsewhere_is_checked_and_joined() {
    let unsigned = builder(CredentialKind::Identity).build(&mut rng()).unwrap();
    let signature = key().sign(unsigned.signing_input()).unwrap();
    let compact = unsigned.clone().with_signature(&signature, &published()).unwrap();
    assert!(compact.ends_with('~'));
    let error = unsigned.with_signature(&[0; 64], &published()).unwrap_err();
    assert_eq!(error.code(), "signing_signature_mismatch");
}

#[test]
fn nothing_of_a_claim_is_printed() {
    let printed = format!("{:?}", builder(CredentialKind::Identity));
    assert!(!printed.contains("Amara"), "{printed}");
}

fn by(issuer: &TokenIssuer) -> (String, Map<String, Value>) {
    let claims = claims(CredentialKind::Identity);
    issued(SdJwtVcBuilder::new(issuer, &holder_key(), now(), "urn:example:staff").claims(claims))
}

#[test]
fn an_issuer_with_an_https_url_has_its_key_in_its_metadata() {
    let url = "https://eastmoor.example/staff";
    let issuer = TokenIssuer::with_metadata(url, "key-1", Algorithm::Es256).unwrap();
    let (compact, payload) = by(&issuer);
    assert_eq!(payload["iss"], json!(url));
    assert_eq!(header(compact.split('~').next().unwrap()).kid.as_deref(), Some("key-1"));
    let (address, metadata) = issuer.metadata(key().public_key()).unwrap();
    assert_eq!(address.as_str(), "https://eastmoor.example/.well-known/jwt-vc-issuer/staff");
    assert_eq!(metadata["issuer"], json!(url));
    assert_eq!(metadata["jwks"]["keys"][0]["kid"], json!("key-1"));
    assert_eq!(metadata["jwks"]["keys"][0]["x"], key().public_key().to_jwk()["x"]);
}

#[test]
fn an_issuer_with_a_certificate_shows_it_and_no_key_id() {
    let chain = [b"leaf".to_vec(), b"intermediate".to_vec()];
    let url = "https://eastmoor.example";
    let issuer = TokenIssuer::with_certificates(url, &chain, Algorithm::Es256).unwrap();
    let (compact, payload) = by(&issuer);
    assert_eq!(payload["iss"], json!(url));
    let header = header(compact.split('~').next().unwrap());
    assert_eq!((header.kid.as_deref(), header.x5c()), (None, Some(&chain[..])));
    assert_eq!(issuer.metadata(key().public_key()), None);
}

#[test]
fn an_issuer_that_no_verifier_would_look_up_is_refused() {
    for url in ["http://eastmoor.example", "https://eastmoor.example/", "https://e.example?q", "x"]
    {
        let refused = TokenIssuer::with_metadata(url, "key-1", Algorithm::Es256);
        assert_eq!(refused.unwrap_err().code(), "issue_issuer_url", "{url}");
    }
    let bare = TokenIssuer::with_certificates("https://e.example", &[], Algorithm::Es256);
    assert_eq!(bare.unwrap_err().code(), "issue_issuer_url");
}
