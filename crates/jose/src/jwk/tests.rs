//! What a key is taken as, and what is refused.

use super::*;

const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

fn import(jwk: &Value) -> Result<PublicKey, &'static str> {
    PublicKey::from_jwk_json(jwk.to_string().as_bytes()).map_err(|e| e.code())
}

fn p256() -> Value {
    json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y})
}

fn with(mut jwk: Value, member: &str, value: impl Into<Value>) -> Value {
    jwk[member] = value.into();
    jwk
}

#[test]
fn a_jwk_comes_back_as_it_went_in() {
    let key = import(&with(p256(), "kid", "key-1")).expect("a good key");
    assert_eq!(key.to_jwk(), p256());
    assert_eq!(key.algorithm(), Some(Algorithm::Es256));
    assert_eq!(PublicKey::from_sec1_uncompressed(Curve::P256, &key.to_sec1()), Ok(key));
}

#[test]
fn the_thumbprint_of_rfc_8037_appendix_a3() {
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    let thumbprint = import(&jwk).expect("the key of RFC 8037").thumbprint();
    assert_eq!(thumbprint.to_string(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(Thumbprint::from_base64url(&thumbprint.to_string()), Some(thumbprint));
}

#[test]
fn n12_private_and_symmetric_keys_are_refused() {
    for member in ["d", "k", "p", "q", "dp", "dq", "qi", "oth"] {
        assert_eq!(import(&with(p256(), member, "AQ")), Err("key_private_member"), "{member}");
    }
    assert_eq!(import(&json!({"kty": "oct", "k": "AQ"})), Err("key_private_member"));
}

#[test]
fn s03_alg_use_and_key_ops_must_fit_the_curve() {
    assert!(import(&with(p256(), "alg", "ES256")).is_ok());
    assert_eq!(import(&with(p256(), "alg", "ES384")), Err("key_algorithm_mismatch"));
    assert_eq!(import(&with(p256(), "alg", "ES521")), Err("key_algorithm_mismatch"));
    assert_eq!(import(&with(p256(), "use", "tls")), Err("key_use_mismatch"));
    assert_eq!(import(&with(p256(), "key_ops", json!(["sign"]))), Err("key_use_mismatch"));
    assert!(import(&with(p256(), "key_ops", json!(["verify"]))).is_ok());
    let encryption = import(&with(p256(), "use", "enc")).expect("an encryption key");
    assert_eq!(encryption.algorithm(), None);
    let agreement = import(&with(p256(), "alg", "ECDH-ES")).expect("an agreement key");
    assert_eq!((agreement.algorithm(), agreement.key_use()), (None, KeyUse::Encryption));
    let both = with(with(p256(), "alg", "ECDH-ES"), "use", "sig");
    assert_eq!(import(&both), Err("key_use_mismatch"));
}

#[test]
fn s11_coordinates_are_exactly_as_long_as_the_field() {
    for x in ["", "AQ", &X[..42], &format!("AA{X}"), &format!("{X}="), "not base64url!"] {
        assert_eq!(import(&with(p256(), "x", x)), Err("key_coordinate_malformed"), "{x}");
    }
    assert_eq!(import(&with(p256(), "x", Value::Null)), Err("key_coordinate_malformed"));
    assert_eq!(import(&with(p256(), "x", 5)), Err("key_malformed"));
}

#[test]
fn key_types_and_curves_that_are_not_spoken_here_are_refused() {
    assert_eq!(import(&json!({"kty": "RSA", "n": "AQ", "e": "AQAB"})), Err("key_type_unsupported"));
    assert_eq!(import(&with(p256(), "crv", "P-521")), Err("key_curve_unsupported"));
    assert_eq!(import(&with(p256(), "kty", "OKP")), Err("key_curve_unsupported"));
    assert_eq!(import(&json!({"kty": "EC"})), Err("key_curve_unsupported"));
}

#[test]
fn s12_an_rsa_key_of_any_size_is_no_key() {
    for n in ["AQ".to_owned(), "_".repeat(342), "_".repeat(683)] {
        for e in ["AQAB", "Aw", "AA"] {
            let jwk = json!({"kty": "RSA", "n": n, "e": e, "alg": "RS256"});
            assert_eq!(import(&jwk), Err("key_type_unsupported"), "{e}");
        }
    }
}

#[test]
fn s16_a_member_that_stands_twice_is_refused() {
    let text = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","x":"{X}","y":"{Y}"}}"#);
    assert_eq!(
        PublicKey::from_jwk_json(text.as_bytes()).map_err(|e| e.code()),
        Err("key_malformed")
    );
}

#[test]
fn s26_low_order_and_non_canonical_okp_keys_are_refused() {
    let okp = |crv: &str, bytes: [u8; 32]| {
        import(&json!({"kty": "OKP", "crv": crv, "x": base64url::encode(bytes)}))
    };
    let mut one = [0; 32];
    one[0] = 1;
    let mut not_reduced = [0xff; 32];
    not_reduced[31] = 0x7f;
    for crv in ["Ed25519", "X25519"] {
        assert_eq!(okp(crv, [0; 32]), Err("key_low_order"));
        assert_eq!(okp(crv, one), Err("key_low_order"));
        assert_eq!(okp(crv, not_reduced), Err("key_not_canonical"));
    }
}

#[test]
fn debug_prints_no_coordinate() {
    let key = import(&p256()).expect("a good key");
    assert_eq!(format!("{key:?}"), "PublicKey { curve: P256, .. }");
}
