//! Credentials: what we verified against what `ssi` decodes, and what we would sign against what `ssi`
//! would encode.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "tests"
)]

use proptest::prelude::*;
use rand::SeedableRng as _;
use serde_json::{Map, Value, json};
use ssi::claims::JWTClaims;
use ssi::claims::vc::v1::{ToJwtClaims as _, decode_jwt_vc_claims};
use ssi::claims::vc::{AnyJsonCredential, v1};
use staffpass_did::DidUrl;
use staffpass_issue::{CredentialBuilder, IssuerKey};
use staffpass_jose::{Algorithm, base64url};
use staffpass_ssi::{SsiError, credential};
use staffpass_testkit::{Dialect, Encoding, Exchange, Scenario};
use staffpass_verify::VerifiedCredential;

fn exchange(encoding: Encoding) -> Exchange {
    Scenario::new(Dialect::OpenId4Vp).encoding(encoding).build()
}

/// The first credential of the answer: verified, and as its token.
fn first(exchange: &Exchange) -> (VerifiedCredential, Map<String, Value>) {
    let claims = payload(&exchange.answer.presentations[0].credentials[0].compact());
    let id = claims.get("jti").or(claims.get("id")).and_then(Value::as_str);
    let accepted = exchange.verify().unwrap();
    let mut credentials = accepted.credentials().iter();
    (credentials.find(|credential| id.is_none() || credential.id() == id).unwrap().clone(), claims)
}

fn payload(token: &str) -> Map<String, Value> {
    let payload = base64url::decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

fn as_json<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap()
}

/// What `ssi` makes of a VC-JWT's claims.
fn decoded_by_ssi(claims: &Map<String, Value>) -> Value {
    let claims: JWTClaims = serde_json::from_str(&as_json(claims).to_string()).unwrap();
    as_json(&decode_jwt_vc_claims::<v1::JsonCredential>(claims).unwrap())
}

/// The issuer's key, by which it may sign again what was its own.
fn issuer_key(exchange: &Exchange) -> IssuerKey {
    let id = DidUrl::new(exchange.issuer.did(), "key-1").unwrap();
    IssuerKey::new(id, Algorithm::Es256)
}

/// The payload that a builder comes to.
fn built(builder: CredentialBuilder) -> Map<String, Value> {
    let mut rng = rand::rngs::StdRng::seed_from_u64(1);
    let unsigned = builder.build(&mut rng).unwrap();
    payload(std::str::from_utf8(unsigned.signing_input()).unwrap())
}

/// Any JSON value that a claim may have, but for floats, whose text is not one.
fn any_claim() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Where the token says each thing once, both read the same credential, but for its end (C1) and
    /// for its status, from which we conclude only that it is good.
    #[test]
    fn both_read_one_credential(name in "[a-z]{3,8}_[a-z]{1,4}", claim in any_claim()) {
        let mut exchange = exchange(Encoding::VcJwt);
        let token = &mut exchange.answer.presentations[0].credentials[0];
        token.claims["vc"]["credentialSubject"][&name] = claim.clone();
        let (verified, claims) = first(&exchange);
        let mut ours = as_json(&credential::to_ssi(&verified).unwrap());
        let mut theirs = decoded_by_ssi(&claims);
        prop_assert_eq!(&ours["credentialSubject"][&name], &claim);
        prop_assert!(ours.as_object_mut().unwrap().remove("expirationDate").is_some());
        theirs["credentialSubject"].as_object_mut().unwrap().remove("expirationDate");
        prop_assert!(theirs.as_object_mut().unwrap().remove("credentialStatus").is_some());
        prop_assert_eq!(ours, theirs);
    }

    /// There and back: what an issuer would sign again is what was verified.
    #[test]
    fn what_comes_back_is_what_was_verified(
        name in "[a-z]{3,8}_[a-z]{1,4}",
        claim in any_claim(),
        second in any::<bool>(),
    ) {
        let encoding = if second { Encoding::VcJose } else { Encoding::VcJwt };
        let mut exchange = exchange(encoding);
        let token = &mut exchange.answer.presentations[0].credentials[0];
        let subject = match encoding {
            Encoding::VcJwt => &mut token.claims["vc"]["credentialSubject"],
            _ => &mut token.claims["credentialSubject"],
        };
        subject[&name] = claim;
        let (verified, _) = first(&exchange);
        let theirs = credential::to_ssi(&verified).unwrap();
        prop_assert_eq!(matches!(theirs, AnyJsonCredential::V2(_)), second);
        let back = built(credential::from_ssi(&theirs, &issuer_key(&exchange)).unwrap());
        let mut subject = verified.subject().clone();
        subject.remove("id");
        prop_assert_eq!(&back["vc"]["credentialSubject"], &Value::Object(subject));
        let mut types = vec!["VerifiableCredential".to_owned()];
        types.extend(verified.types().iter().cloned());
        prop_assert_eq!(&back["vc"]["type"], &json!(types));
        prop_assert_eq!(back["sub"].as_str(), verified.holder());
        prop_assert_eq!(back["iss"].as_str(), Some(verified.issuer()));
        prop_assert_eq!(back["nbf"].as_i64(), verified.issued_at().map(|at| at.timestamp()));
        prop_assert_eq!(back["exp"].as_i64(), verified.expires_at().map(|at| at.timestamp()));
    }
}

#[test]
fn what_we_sign_of_it_is_what_ssi_encodes_but_for_the_end_of_c1() {
    let exchange = exchange(Encoding::VcJwt);
    let (verified, _) = first(&exchange);
    let AnyJsonCredential::V1(theirs) = credential::to_ssi(&verified).unwrap() else {
        panic!("a VC-JWT is of the data model 1.1")
    };
    let mut encoded = as_json(&theirs.to_jwt_claims().unwrap());
    let any = AnyJsonCredential::V1(theirs);
    let mut ours = built(credential::from_ssi(&any, &issuer_key(&exchange)).unwrap());
    // Our id is made anew, and our `iat` is said beside `nbf`.
    for name in ["jti", "iat"] {
        ours.remove(name).unwrap();
    }
    encoded.as_object_mut().unwrap().remove("jti").unwrap();
    let until = encoded["vc"].as_object_mut().unwrap().remove("expirationDate").unwrap();
    let until = chrono::DateTime::parse_from_rfc3339(until.as_str().unwrap()).unwrap();
    assert_eq!(ours.remove("exp").unwrap(), json!(until.timestamp()));
    assert_eq!(Value::Object(ours), encoded);
}

#[test]
fn types_that_the_issuer_may_not_assert_and_what_was_not_judged_do_not_go() {
    let mut exchange = exchange(Encoding::VcJwt);
    let token = &mut exchange.answer.presentations[0].credentials[0];
    let types = token.claims["vc"]["type"].as_array_mut().unwrap();
    types.push("Surgeon".into());
    token.claims["vc"]["evidence"] = json!([{"type": "Seen"}]);
    let (verified, claims) = first(&exchange);
    let ours = as_json(&credential::to_ssi(&verified).unwrap());
    assert!(!ours.to_string().contains("Surgeon") && !ours.to_string().contains("Seen"));
    assert!(decoded_by_ssi(&claims).to_string().contains("Surgeon"));
}

#[test]
fn an_sd_jwt_vc_is_no_w3c_credential() {
    let (verified, _) = first(&exchange(Encoding::SdJwtVc));
    assert_eq!(credential::to_ssi(&verified).unwrap_err(), SsiError::NotRepresentable);
}

/// A credential of `ssi`'s, as its own reader takes it.
fn theirs(json: &Value) -> AnyJsonCredential {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{error}: {json}"))
}

fn good(exchange: &Exchange) -> Value {
    let (verified, _) = first(exchange);
    as_json(&credential::to_ssi(&verified).unwrap())
}

#[test]
fn a_credential_that_our_issuer_could_not_sign_does_not_come_back() {
    let exchange = exchange(Encoding::VcJwt);
    let (good, key) = (good(&exchange), issuer_key(&exchange));
    assert!(credential::from_ssi(&theirs(&good), &key).is_ok());
    let v2 = "https://www.w3.org/ns/credentials/v2";
    let v1 = "https://www.w3.org/2018/credentials/v1";
    let subject = |id: Value| json!({"id": id, "given_name": "Rowan"});
    // What has no context of either model, or lacks the type of every credential, `ssi` refuses itself.
    for (member, value) in
        [("@context", json!(["https://other.example/context"])), ("type", json!(["StaffIdentity"]))]
    {
        let mut changed = good.clone();
        changed[member] = value;
        assert!(serde_json::from_value::<AnyJsonCredential>(changed).is_err(), "{member}");
    }
    for (member, value, named) in [
        ("@context", json!([v1, "https://other.example/context"]), "@context"),
        // The dates of 1.1 are none of 2.0.
        ("@context", json!([v2]), "other"),
        ("issuer", json!("did:web:other.example"), "issuer"),
        ("issuer", json!({"id": "did:web:westmoor.example"}), "issuer"),
        ("issuanceDate", json!("2026-03-02T09:00:00"), "issuanceDate"),
        ("expirationDate", json!("2026-03-02T09:00:00"), "expirationDate"),
        ("credentialSubject", subject(json!("urn:uuid:1")), "credentialSubject"),
        ("credentialSubject", json!({"given_name": "Rowan"}), "credentialSubject"),
        (
            "credentialSubject",
            json!([subject(json!("did:jwk:e30")), subject(json!("did:jwk:e30"))]),
            "credentialSubject",
        ),
        (
            "credentialStatus",
            json!({"id": "https://a.example/1", "type": "Vibes"}),
            "credentialStatus",
        ),
        ("evidence", json!([{"type": ["Seen"]}]), "other"),
        ("proof", json!({"type": "DataIntegrityProof"}), "other"),
        ("name", json!("A name"), "other"),
    ] {
        let mut changed = good.clone();
        changed[member] = value;
        let error = credential::from_ssi(&theirs(&changed), &key).unwrap_err();
        assert_eq!(error, SsiError::Credential { member: named }, "{member}");
        assert_eq!(error.code(), "ssi_credential");
    }
    let mut undated = good;
    undated["issuanceDate"] = Value::Null;
    let error = credential::from_ssi(&theirs(&undated), &key).unwrap_err();
    assert_eq!(error, SsiError::Credential { member: "issuanceDate" });
}

#[test]
fn a_status_entry_comes_along() {
    let exchange = exchange(Encoding::VcJwt);
    let mut json = good(&exchange);
    let token = &exchange.answer.presentations[0].credentials[0];
    json["credentialStatus"] = token.claims["vc"]["credentialStatus"].clone();
    let builder = credential::from_ssi(&theirs(&json), &issuer_key(&exchange)).unwrap();
    assert_eq!(built(builder)["vc"]["credentialStatus"], json["credentialStatus"]);
}

#[test]
fn c1_the_end_of_a_vc_jwt_is_the_credentials_and_not_a_claim_about_its_subject() {
    let (verified, claims) = first(&exchange(Encoding::VcJwt));
    let ours = as_json(&credential::to_ssi(&verified).unwrap());
    let theirs = decoded_by_ssi(&claims);
    assert!(ours["expirationDate"].is_string());
    assert!(ours["credentialSubject"].get("expirationDate").is_none());
    assert!(theirs.get("expirationDate").is_none());
    assert!(theirs["credentialSubject"]["expirationDate"].is_string());
}

#[test]
fn c2_a_credential_is_issued_when_it_becomes_good_not_when_it_was_signed() {
    let mut exchange = exchange(Encoding::VcJwt);
    let token = &mut exchange.answer.presentations[0].credentials[0];
    let signed = token.claims["nbf"].as_i64().unwrap() - 86_400;
    token.set("iat", signed);
    let (verified, claims) = first(&exchange);
    let at = |json: &Value| {
        let date = json["issuanceDate"].as_str().unwrap();
        chrono::DateTime::parse_from_rfc3339(date).unwrap().timestamp()
    };
    let ours = as_json(&credential::to_ssi(&verified).unwrap());
    assert_eq!(Some(at(&ours)), claims["nbf"].as_i64());
    assert_eq!(at(&decoded_by_ssi(&claims)), signed);
}
