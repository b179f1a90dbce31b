//! `sd-jwt-payload`, with the signatures that it does not check by `josekit` with kept keys.

use josekit::jwk::Jwk;
use josekit::jws::JwsVerifier as _;
use josekit::jws::alg::ecdsa::{EcdsaJwsAlgorithm, EcdsaJwsVerifier};
use peer_harness::{Tokens, decode, serve};
use sd_jwt_payload::{Hasher as _, SdJwt, Sha256Hasher};
use serde_json::Value;

fn main() {
    let tokens = Tokens::read();
    if tokens.work != "sd-jwt" {
        return;
    }
    let key = |jwk: &Value| {
        let jwk = Jwk::from_bytes(jwk.to_string()).expect("a JWK");
        EcdsaJwsAlgorithm::Es256.verifier_from_jwk(&jwk).expect("a key")
    };
    let (holder, issuer) = (key(&tokens.holder), key(&tokens.issuer));
    let verify = || {
        let text = tokens.presentation.as_str();
        let (disclosed, binding) = text.rsplit_once('~').expect("a KB-JWT");
        let (issued, _) = disclosed.split_once('~').expect("disclosures");
        check(issued, &issuer);
        check(binding, &holder);
        let sd_jwt = SdJwt::parse(text).expect("an SD-JWT");
        let bound = sd_jwt.key_binding_jwt().expect("a KB-JWT").claims();
        assert_eq!((bound.aud.as_str(), bound.nonce.as_str()), (&*tokens.audience, &*tokens.nonce));
        let hash = Sha256Hasher::new().encoded_digest(&text[..=disclosed.len()]);
        assert_eq!(bound.sd_hash, hash);
        let object = sd_jwt.into_disclosed_object(&Sha256Hasher::new()).expect("disclosures");
        assert_eq!(object["iss"], tokens.issuer_did);
        assert!(object["exp"].as_u64().is_none_or(|until| tokens.now < until));
    };
    let leaves_out = "strict JSON, key look-up, status, query, report";
    serve("sd-jwt-payload, signatures by josekit", leaves_out, verify);
}

fn check(token: &str, key: &EcdsaJwsVerifier) {
    let (message, signature) = token.rsplit_once('.').expect("a signature");
    key.verify(message.as_bytes(), &decode(signature)).expect("good");
}
