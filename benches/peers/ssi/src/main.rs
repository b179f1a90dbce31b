//! `ssi`: JWTs under the keys of two JWKs, with its own checks of dates.

use peer_harness::{Tokens, credentials, decode, serve};
use serde_json::Value;
use ssi::JWK;
use ssi::claims::VerificationParameters;
use ssi::claims::jws::JwsStr;
use ssi::claims::jwt::ToDecodedJwt as _;

fn main() {
    let tokens = Tokens::read();
    if tokens.work == "sd-jwt" {
        return;
    }
    let key = |jwk: &Value| serde_json::from_value::<JWK>(jwk.clone()).expect("a JWK");
    let now = chrono::DateTime::from_timestamp(tokens.now.try_into().expect("a date"), 0);
    let parameters = |jwk: &Value| {
        let mut parameters = VerificationParameters::from_resolver(key(jwk));
        parameters.date_time = now;
        parameters
    };
    let (holder, issuer) = (parameters(&tokens.holder), parameters(&tokens.issuer));
    let check = |token: &str, parameters: &VerificationParameters<JWK>| {
        let jws = JwsStr::new(token).expect("a JWS");
        pollster::block_on(jws.verify_jwt(parameters)).expect("no error").expect("good");
    };
    let verify = || {
        if let Some(id_token) = &tokens.id_token {
            check(id_token, &holder);
        }
        check(&tokens.presentation, &holder);
        let vp: Value = serde_json::from_slice(&payload(&tokens.presentation)).expect("claims");
        assert_eq!(vp["nonce"], tokens.nonce);
        for token in credentials(&vp) {
            check(token, &issuer);
            let credential: Value = serde_json::from_slice(&payload(token)).expect("claims");
            assert_eq!(credential["sub"], vp["iss"]);
        }
    };
    let leaves_out = "strict JSON, audience, key look-up, status, query, report";
    serve("ssi, keys from JWKs", leaves_out, verify);
}

fn payload(token: &str) -> Vec<u8> {
    decode(token.split('.').nth(1).expect("a payload"))
}
