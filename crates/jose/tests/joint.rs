//! The joint to a provider: what it is handed, and what comes of its yes and no. The key here knows one
//! message and one signature; whether signatures are checked is the providers' suite's to say.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use staffpass_jose::jwe::{AgreementJwk, ContentEncryption};
use staffpass_jose::{
    Algorithm, AlgorithmSet, CompressedPoint, Curve, HeaderBuilder, JwsError, KeyError,
    KeyMaterial, NumericDate, PreparedKey, PrivateJwk, PublicKey, SignatureMismatch, UnsignedJws,
    UnverifiedJws, VerificationKey, base64url, jws,
};

/// The key of RFC 7515, appendix A.3.
const JWK: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

#[derive(Debug)]
struct Knows {
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl PreparedKey for Knows {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureMismatch> {
        let known = message == self.message && signature == self.signature;
        if known { Ok(()) } else { Err(SignatureMismatch) }
    }
}

fn public() -> PublicKey {
    PublicKey::from_jwk_json(JWK.as_bytes()).unwrap()
}

fn key(message: &str, signature: &[u8]) -> VerificationKey {
    let (message, signature) = (message.as_bytes().to_vec(), signature.to_vec());
    VerificationKey::new(public(), Box::new(Knows { message, signature })).unwrap()
}

fn encoded(parts: [&[u8]; 2]) -> String {
    parts.map(base64url::encode).join(".")
}

#[test]
fn a_provider_is_handed_the_first_two_parts_as_they_came_and_the_signature_decoded() {
    let signed = encoded([br#"{"alg":"ES256","typ":"JWT"}"#, br#"{"iss":"a"}"#]);
    let token = format!("{signed}.{}", base64url::encode([1; 64]));
    let jws = UnverifiedJws::parse(&*token, &jws::Limits::default()).unwrap();
    assert_eq!(jws.as_str(), token);
    let verified = jws.verify(&key(&signed, &[1; 64])).unwrap();
    assert_eq!(verified.payload(), br#"{"iss":"a"}"#);
    assert_eq!(verified.header().typ.as_deref(), Some("JWT"));
    for other in [key("another message", &[1; 64]), key(&signed, &[2; 64])] {
        assert_eq!(jws.verify(&other).unwrap_err(), JwsError::SignatureMismatch);
    }
    let printed = format!("{jws:?}");
    assert!(printed.starts_with("UnverifiedJws") && !printed.contains("eyJ"), "{printed}");
}

#[test]
fn what_is_signed_elsewhere_is_joined_as_it_was_handed_out() {
    let header = HeaderBuilder::new(Algorithm::Es256).typ("JWT").kid("did:web:a.example#k");
    let unsigned = UnsignedJws::new(&header, b"{}");
    let input = String::from_utf8(unsigned.signing_input().to_vec()).unwrap();
    let (header, payload) = input.split_once('.').unwrap();
    let header: serde_json::Value =
        serde_json::from_slice(&base64url::decode(header).unwrap()).unwrap();
    let expected = serde_json::json!({"alg": "ES256", "typ": "JWT", "kid": "did:web:a.example#k"});
    assert_eq!(header, expected);
    assert_eq!(payload, base64url::encode("{}"));
    let token = unsigned.clone().with_signature(&[1; 64], &key(&input, &[1; 64])).unwrap();
    assert_eq!(token, format!("{input}.{}", base64url::encode([1; 64])));
    assert!(unsigned.with_signature(&[2; 64], &key(&input, &[1; 64])).is_err());
}

#[test]
fn a_point_has_the_length_of_its_curve() {
    let good = public().to_sec1();
    assert_eq!(PublicKey::from_sec1_uncompressed(Curve::P256, &good).unwrap(), public());
    for length in (0..=good.len() + 2).filter(|length| *length != good.len()) {
        let mut point = good.clone();
        point.resize(length, 1);
        assert!(PublicKey::from_sec1_uncompressed(Curve::P256, &point).is_err(), "{length}");
    }
}

#[test]
fn a_key_whole_or_compressed_has_the_algorithm_of_its_curve() {
    let whole = KeyMaterial::from(public());
    let mut point = public().to_sec1();
    point.truncate(33);
    if let Some(first) = point.first_mut() {
        *first = 3;
    }
    let compressed = CompressedPoint::new(Curve::P256, &point).unwrap();
    let compressed = KeyMaterial::Compressed(compressed);
    for material in [whole, compressed] {
        assert_eq!(material.algorithm(), Some(Algorithm::Es256));
        assert_eq!(material.curve(), Curve::P256);
    }
    let encryption = KeyMaterial::from(public().for_encryption());
    assert_eq!(encryption.algorithm(), None);
}

#[test]
fn a_set_has_the_algorithms_that_were_put_into_it() {
    let two = AlgorithmSet::EMPTY.with(Algorithm::Es256).with(Algorithm::EdDsa);
    assert_eq!(two.iter().collect::<Vec<_>>(), [Algorithm::Es256, Algorithm::EdDsa]);
    assert_eq!(two.with(Algorithm::Es256), two);
    assert!(AlgorithmSet::EMPTY.is_empty() && !two.is_empty());
    assert_eq!(Algorithm::ALL.into_iter().collect::<AlgorithmSet>(), AlgorithmSet::ALL);
}

#[test]
fn a_content_encryption_has_its_name_and_the_length_of_its_key() {
    let lengths = [("A128GCM", 16), ("A256GCM", 32)];
    for (name, length) in lengths {
        let enc = ContentEncryption::from_name(name).unwrap();
        assert_eq!((enc.name(), enc.key_length()), (name, length));
    }
    for name in ["A192GCM", "a128gcm", "A128CBC-HS256", ""] {
        assert_eq!(ContentEncryption::from_name(name), None, "{name}");
    }
}

#[test]
fn t01_an_instant_between_1970_and_9999_is_a_date() {
    let at = |seconds| chrono::DateTime::from_timestamp(seconds, 999_999_999).unwrap();
    for seconds in [0, 1_767_225_600, 253_402_300_799] {
        let date = NumericDate::from_datetime(at(seconds)).unwrap();
        assert_eq!(date.floor().timestamp(), seconds);
        assert_eq!(date.ceil(), date.floor());
    }
    assert_eq!(NumericDate::from_datetime(at(-1)), None);
    assert_eq!(NumericDate::from_datetime(at(253_402_300_800)), None);
}

#[test]
fn a_private_jwk_is_its_secrets_by_both_coordinates() {
    let (public, secret) = (public(), [7; 32]);
    let (x, y) = (public.x().to_vec(), public.y().unwrap().to_vec());
    let other = |x: &[u8], y: &[u8]| PublicKey::from_affine(Curve::P256, x, y).unwrap();
    let signing = PrivateJwk::new(&public, &secret).unwrap();
    let again = PrivateJwk::from_json(signing.to_json().as_bytes()).unwrap();
    assert_eq!((again.secret(), again.algorithm()), (&secret[..], Algorithm::Es256));
    let agreement = AgreementJwk::new(&public, &secret).unwrap();
    let again_agreement = AgreementJwk::from_json(agreement.to_json().as_bytes()).unwrap();
    assert_eq!(again_agreement.secret(), secret);
    let named = public.clone().for_encryption();
    assert_eq!(again_agreement.public_key(), &named);
    for (derived, verdict) in [
        (public.clone(), Ok(())),
        (other(&x, &[1; 32]), Err(KeyError::PublicMismatch)),
        (other(&[1; 32], &y), Err(KeyError::PublicMismatch)),
    ] {
        assert_eq!(again.check_public(&derived), verdict);
        assert_eq!(again_agreement.check_public(&derived), verdict);
    }
    let of_another_curve = PublicKey::from_affine(Curve::Secp256k1, &x, &y).unwrap();
    assert_eq!(again.check_public(&of_another_curve), Err(KeyError::PublicMismatch));
}
