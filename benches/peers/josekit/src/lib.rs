//! `josekit`, composed by hand: with keys that are kept, and with the key from its JWK each time.

use josekit::jwk::Jwk;
use josekit::jws::alg::ecdsa::{EcdsaJwsAlgorithm, EcdsaJwsVerifier};
use josekit::jwt::{self, JwtPayload};
use peer_harness::{Tokens, credentials, serve};
use serde_json::Value;

/// Verifies the tokens again and again, with a verifier of each key from this.
pub fn run<V: AsRef<EcdsaJwsVerifier>>(name: &str, make: impl Fn(&Value) -> Box<dyn Fn() -> V>) {
    let tokens = Tokens::read();
    if tokens.work == "sd-jwt" {
        return;
    }
    let (holder, issuer) = (make(&tokens.holder), make(&tokens.issuer));
    let verify = || {
        let of_holder = holder();
        if let Some(id_token) = &tokens.id_token {
            check(&decoded(id_token, of_holder.as_ref()), &tokens);
        }
        let of_holder = holder();
        let vp = decoded(&tokens.presentation, of_holder.as_ref());
        check(&vp, &tokens);
        let payload = Value::Object(vp.claims_set().clone());
        for token in credentials(&payload) {
            let of_issuer = issuer();
            let credential = decoded(token, of_issuer.as_ref());
            assert_eq!(credential.claim("sub"), payload.get("iss"));
            assert_eq!(credential.issuer(), Some(tokens.issuer_did.as_str()));
            assert!(in_time(&credential, tokens.now));
        }
    };
    serve(name, "strict JSON, key look-up, status, query, report", verify);
}

/// A verifier of a JWK's key.
pub fn verifier(jwk: &Value) -> EcdsaJwsVerifier {
    let algorithm = match jwk["crv"].as_str() {
        Some("secp256k1") => EcdsaJwsAlgorithm::Es256k,
        _ => EcdsaJwsAlgorithm::Es256,
    };
    let jwk = Jwk::from_bytes(jwk.to_string()).expect("a JWK");
    algorithm.verifier_from_jwk(&jwk).expect("a key")
}

fn decoded(token: &str, verifier: &EcdsaJwsVerifier) -> JwtPayload {
    jwt::decode_with_verifier(token, verifier).expect("good").0
}

/// Its own validator panics on dates that are far away, so the claims are compared here.
fn check(payload: &JwtPayload, tokens: &Tokens) {
    assert_eq!(payload.claim("aud").and_then(Value::as_str), Some(tokens.audience.as_str()));
    assert_eq!(payload.claim("nonce").and_then(Value::as_str), Some(tokens.nonce.as_str()));
    assert!(in_time(payload, tokens.now));
}

fn in_time(payload: &JwtPayload, now: u64) -> bool {
    let seconds = |name| payload.claim(name).and_then(Value::as_u64);
    seconds("nbf").is_none_or(|from| from <= now) && seconds("exp").is_none_or(|until| now < until)
}
