//! `jsonwebtoken` with aws-lc-rs and keys that are kept. It has no ES256K.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use peer_harness::{Tokens, credentials, serve};
use serde_json::Value;

fn main() {
    let tokens = Tokens::read();
    if tokens.work != "vp3" {
        return;
    }
    let key = |jwk: &Value| {
        let jwk: Jwk = serde_json::from_value(jwk.clone()).expect("a JWK");
        DecodingKey::from_jwk(&jwk).expect("a key")
    };
    let (holder, issuer) = (key(&tokens.holder), key(&tokens.issuer));
    // The library asks the clock of the machine, so the dates are compared here.
    let mut of_presentation = Validation::new(Algorithm::ES256);
    of_presentation.validate_exp = false;
    of_presentation.set_audience(&[&tokens.audience]);
    let mut of_credential = Validation::new(Algorithm::ES256);
    of_credential.validate_exp = false;
    of_credential.set_issuer(&[&tokens.issuer_did]);
    let verify = || {
        let vp = decode::<Value>(&tokens.presentation, &holder, &of_presentation).expect("good");
        assert_eq!(vp.claims["nonce"], tokens.nonce);
        assert!(in_time(&vp.claims, tokens.now));
        for token in credentials(&vp.claims) {
            let credential = decode::<Value>(token, &issuer, &of_credential).expect("good");
            assert_eq!(credential.claims["sub"], vp.claims["iss"]);
            assert!(in_time(&credential.claims, tokens.now));
        }
    };
    let leaves_out = "strict JSON, key look-up, status, query, report";
    serve("jsonwebtoken, keys kept", leaves_out, verify);
}

fn in_time(claims: &Value, now: u64) -> bool {
    claims["nbf"].as_u64().is_none_or(|from| from <= now)
        && claims["exp"].as_u64().is_none_or(|until| now < until)
}
