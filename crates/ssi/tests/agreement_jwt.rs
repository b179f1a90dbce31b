//! JWTs: our verdict on a whole response against `ssi`'s on the tokens in it.
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

use std::panic::catch_unwind;

use common::{ALGORITHMS, Documents, signing_key, ssi_accepts};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;
use staffpass_did::jwk;
use staffpass_jose::jws::Limits;
use staffpass_jose::{Algorithm, UnverifiedJws, VerificationKey};
use staffpass_testkit::{Dialect, Exchange, HolderKind, IssuerKind, Scenario, Tamper, Token, now};

fn scenario(algorithm: Algorithm) -> Scenario {
    Scenario::new(Dialect::MicrosoftTogether)
        .holder(HolderKind::Jwk(algorithm))
        .issuer(IssuerKind::Web("westmoor.example"), algorithm)
}

fn documents(exchange: &Exchange) -> Documents {
    Documents::new(exchange.issuer.did(), exchange.issuer.did_document())
}

/// Every presentation of an answer, and every credential in them.
fn tokens(exchange: &Exchange) -> Vec<String> {
    let presentations = exchange.answer.presentations.iter();
    presentations
        .flat_map(|presentation| {
            let credentials = presentation.credentials.iter().map(Token::compact);
            std::iter::once(presentation.compact()).chain(credentials).collect::<Vec<_>>()
        })
        .collect()
}

fn ssi_accepts_all(exchange: &Exchange) -> bool {
    let documents = documents(exchange);
    tokens(exchange).iter().all(|token| ssi_accepts(token, &documents, exchange.now))
}

#[test]
fn both_accept_a_good_response() {
    for algorithm in ALGORITHMS {
        let exchange = scenario(algorithm).build();
        assert!(exchange.verify().is_ok(), "{algorithm:?}");
        assert!(ssi_accepts_all(&exchange), "{algorithm:?}");
    }
}

/// What is wrong with a token by itself, both refuse. What is wrong with it *here*, `ssi` cannot see:
/// V1.
const WRONG_IN_ITSELF: [Tamper; 9] = [
    Tamper::PresentationExpired,
    Tamper::AlgorithmNone,
    Tamper::PresentationSignature,
    Tamper::PresentationKey,
    Tamper::CredentialSignature,
    Tamper::ClaimChanged,
    Tamper::CredentialForged,
    Tamper::CredentialExpired,
    Tamper::CredentialEarly,
];

#[test]
fn both_refuse_a_token_that_is_wrong_in_itself() {
    let good = scenario(Algorithm::Es256).build();
    for tamper in WRONG_IN_ITSELF {
        let exchange = good.tampered(tamper);
        let codes = exchange.verify().unwrap_err().codes();
        assert!(codes.contains(&tamper.code()), "{tamper:?}: {codes:?}");
        assert!(!ssi_accepts_all(&exchange), "{tamper:?}");
    }
}

#[test]
fn v1_ssi_judges_a_token_and_not_what_it_is_for() {
    let good = scenario(Algorithm::Es256).build();
    let in_context = Tamper::ALL.into_iter().filter(|tamper| !WRONG_IN_ITSELF.contains(tamper));
    // The document of another issuer is not at hand; the other protocol has an audience of V7.
    let unresolvable = [Tamper::ForeignIssuer, Tamper::WrongProtocol];
    let mut seen = 0;
    for tamper in in_context.filter(|tamper| !unresolvable.contains(tamper)) {
        let exchange = good.tampered(tamper);
        let codes = exchange.verify().unwrap_err().codes();
        assert!(codes.contains(&tamper.code()), "{tamper:?}: {codes:?}");
        assert!(ssi_accepts_all(&exchange), "{tamper:?}");
        seen += 1;
    }
    assert_eq!(seen, 16);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// One character of a good token is another: neither accepts it.
    #[test]
    fn neither_accepts_a_changed_token(
        algorithm in 0..ALGORITHMS.len(),
        which in any::<Index>(),
        at in any::<Index>(),
        to in "[A-Za-z0-9_.-]",
    ) {
        let exchange = scenario(ALGORITHMS[algorithm]).build();
        let tokens = tokens(&exchange);
        let good = &tokens[which.index(tokens.len())];
        let position = at.index(good.len());
        prop_assume!(good[position..=position] != to);
        let mut changed = good.clone();
        changed.replace_range(position..=position, &to);
        let keys = [exchange.issuer.key(), &exchange.answer.presentations[0].token.key];
        prop_assert!(!keys.iter().any(|key| we_verify(&changed, &verification_key(key))));
        prop_assert!(!ssi_accepts(&changed, &documents(&exchange), exchange.now));
    }

    /// On numbers in dates both say the same, within what `ssi` can read without a panic (V4).
    #[test]
    fn both_read_whole_dates_alike(offset in -100_000_i64..100_000) {
        prop_assume!(offset.abs() > 1);
        let exchange = scenario(Algorithm::Es256).build();
        let mut credential = exchange.answer.presentations[0].credentials[0].clone();
        credential.set("exp", exchange.now.timestamp() + offset);
        let accepted = ssi_accepts(&credential.compact(), &documents(&exchange), exchange.now);
        prop_assert_eq!(accepted, offset > 0);
        let mut exchange = exchange;
        exchange.answer.presentations[0].credentials[0] = credential;
        // Ours has a leeway of a minute: V6.
        prop_assert_eq!(exchange.verify().is_ok(), offset > -60);
    }
}

fn verification_key(key: &staffpass_jose_aws_lc::SigningKey) -> VerificationKey {
    use staffpass_jose::CryptoProvider as _;
    staffpass_jose_aws_lc::AwsLc.prepare(&key.public_key().clone().into()).unwrap()
}

fn we_verify(token: &str, key: &VerificationKey) -> bool {
    UnverifiedJws::parse(token, &Limits::default()).is_ok_and(|jws| jws.verify(key).is_ok())
}

/// A JWT of a did:jwk, with these claims.
fn token(claims: serde_json::Value) -> Token {
    let key = signing_key(Algorithm::Es256);
    let kid = format!("{}#0", jwk::from_public_key(key.public_key()));
    Token::new(&key, &kid, claims)
}

fn no_documents() -> Documents {
    Documents::new(&"did:web:nobody.example".parse().unwrap(), Vec::new())
}

#[test]
fn v2_a_key_for_agreement_signs_nothing() {
    let mut exchange = scenario(Algorithm::Es256).build();
    let mut document: serde_json::Value =
        serde_json::from_slice(&exchange.issuer.did_document()).unwrap();
    let method = document["assertionMethod"].take();
    for relationship in ["assertionMethod", "authentication", "capabilityInvocation"] {
        document.as_object_mut().unwrap().remove(relationship);
    }
    document.as_object_mut().unwrap().remove("capabilityDelegation");
    document["keyAgreement"] = method;
    let bytes = document.to_string().into_bytes();

    let documents = Documents::new(exchange.issuer.did(), bytes.clone());
    let credential = exchange.answer.presentations[0].credentials.remove(0).compact();
    assert!(ssi_accepts(&credential, &documents, exchange.now));

    let ours = staffpass_did::DidDocument::parse(exchange.issuer.did(), &bytes).unwrap();
    let relationships = ours.verification_methods()[0].relationships();
    assert!(!relationships.contains(staffpass_did::Relationship::AssertionMethod));
}

#[test]
fn v3_the_key_is_the_issuers_own() {
    let good = scenario(Algorithm::Es256).build();
    let mut exchange = good;
    let credential = &mut exchange.answer.presentations[0].credentials[0];
    credential.set("iss", "did:web:other.example");
    let compact = credential.compact();
    assert!(ssi_accepts(&compact, &documents(&exchange), exchange.now));
    assert!(!exchange.verify().unwrap_err().codes().is_empty());
}

#[test]
fn v4_no_date_breaks_the_verifier_down() {
    for date in ["1e300", "9007199254740993000"] {
        let date: serde_json::Value = serde_json::from_str(date).unwrap();
        let mut exchange = scenario(Algorithm::Es256).build();
        exchange.answer.presentations[0].token.set("exp", date);
        assert!(!exchange.verify().unwrap_err().codes().is_empty());
        let compact = exchange.answer.presentations[0].compact();
        let broke_down = catch_unwind(|| {
            ssi_accepts(&compact, &no_documents(), now());
        });
        assert!(broke_down.is_err(), "ssi panics");
    }
}

#[test]
fn v5_a_claim_stands_once() {
    let key = signing_key(Algorithm::Es256);
    let mut twice = token(json!({"sub": "a"}));
    twice.header.insert("typ".to_owned(), json!("JWT"));
    let claims = r#"{"sub":"a","sub":"b"}"#;
    let compact = {
        use staffpass_jose::{Signer as _, base64url};
        let header = serde_json::Value::Object(twice.header).to_string();
        let input = format!("{}.{}", base64url::encode(header), base64url::encode(claims));
        let signature = base64url::encode(key.sign(input.as_bytes()).unwrap());
        format!("{input}.{signature}")
    };
    assert!(ssi_accepts(&compact, &no_documents(), now()));
    let read = staffpass_jose::json::parse::<serde_json::Value>(
        claims.as_bytes(),
        &staffpass_jose::json::Limits::default(),
    );
    assert!(read.is_err());
}

#[test]
fn v6_a_clock_may_be_a_minute_off() {
    let mut exchange = scenario(Algorithm::Es256).build();
    let just_over = exchange.now.timestamp() - 30;
    exchange.answer.presentations[0].credentials[0].set("exp", just_over);
    assert!(exchange.verify().is_ok());
    let credential = exchange.answer.presentations[0].credentials[0].compact();
    assert!(!ssi_accepts(&credential, &documents(&exchange), exchange.now));
}

#[test]
fn v7_an_audience_may_be_a_prefixed_client_id() {
    let exchange = Scenario::new(Dialect::OpenId4Vp)
        .holder(HolderKind::Jwk(Algorithm::Es256))
        .issuer(IssuerKind::Web("westmoor.example"), Algorithm::Es256)
        .build();
    assert!(exchange.verify().is_ok());
    let presentation = exchange.answer.presentations[0].compact();
    assert!(!ssi_accepts(&presentation, &documents(&exchange), exchange.now));
}
