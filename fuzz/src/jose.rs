//! Tokens, keys and JSON.

use std::str;
use std::sync::LazyLock;

use serde_json::Value;
use staffpass_jose::{
    AgreementKey, Algorithm, CryptoProvider as _, PrivateJwk, PublicKey, Signer as _, UnopenedJwe,
    UnverifiedJws, VerificationKey, base64url, jwe as jose_jwe, jws as jose_jws,
};
use staffpass_jose_aws_lc::AwsLc;
use staffpass_testkit::signing_key;

use crate::seeds::AGREEMENT_JWK;

/// The key that the seeds are signed with, and none of whose secrets a fuzzer can guess.
static KEY: LazyLock<VerificationKey> =
    LazyLock::new(|| signing_key(Algorithm::EdDsa, 1).verification_key().clone());

/// The key that the seeds are encrypted to.
static AGREEMENT: LazyLock<Option<Box<dyn AgreementKey>>> =
    LazyLock::new(|| AwsLc.agreement_key_from_private_jwk(AGREEMENT_JWK).ok());

/// A compact JWS. What is accepted is kept as it came, has one encoding, and is JSON or is not.
pub fn jws(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let limits = jose_jws::Limits::default();
    let Ok(parsed) = UnverifiedJws::parse(text, &limits) else { return };
    assert_eq!(parsed.as_str(), text);
    let parts: Vec<&str> = text.split('.').collect();
    assert_eq!(parts.len(), 3);
    assert_eq!(parts.get(1).copied(), Some(&*base64url::encode(parsed.unverified_payload())));
    let _ = staffpass_jose::json::check(parsed.unverified_payload(), &limits.json);
    if let Ok(verified) = parsed.verify(&KEY) {
        assert_eq!(verified.header().alg, Algorithm::EdDsa);
    }
}

/// A compact JWE, opened where it is for the key at hand.
pub fn jwe(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(parsed) = UnopenedJwe::parse(text, &jose_jwe::Limits::default()) else { return };
    assert_eq!(text.split('.').count(), 5);
    if let Some(key) = AGREEMENT.as_ref()
        && let Ok(plaintext) = key.open(&parsed)
    {
        assert_eq!(plaintext.len(), parsed.ciphertext().len());
    }
}

/// A JWK, public or private. A public key that is accepted is written and read as the same key.
pub fn jwk(data: &[u8]) {
    if let Ok(key) = PublicKey::from_jwk_json(data) {
        let again = PublicKey::from_jwk(&key.to_jwk());
        assert_eq!(again.map(|again| again.thumbprint()), Ok(key.thumbprint()));
        let _ = AwsLc.prepare(&key.into());
    }
    if let Ok(key) = PrivateJwk::from_json(data) {
        let again = PrivateJwk::from_json(key.to_json().as_bytes());
        assert!(again.is_ok_and(|again| again.secret() == key.secret()));
    }
    if let Ok(text) = str::from_utf8(data) {
        let _ = AwsLc.agreement_key_from_private_jwk(text);
    }
}

/// A JSON text. Whatever the strict reader accepts, `serde_json` reads too, and its canonical form is
/// its own canonical form.
pub fn json(data: &[u8]) {
    let limits = staffpass_jose::json::Limits::default();
    match staffpass_jose::json::parse::<Value>(data, &limits) {
        Ok(value) => canonical_form_is_stable(&value),
        Err(staffpass_jose::json::JsonError::Shape) => {
            assert!(data.is_empty(), "checked, and not read")
        }
        Err(_) => {}
    }
}

fn canonical_form_is_stable(value: &Value) {
    let Ok(once) = staffpass_jose::json::canonical(value) else { return };
    let again = serde_json::from_slice::<Value>(&once).ok();
    let again = again.and_then(|again| staffpass_jose::json::canonical(&again).ok());
    assert_eq!(again, Some(once));
}
