//! Project Wycheproof: each result as the vectors say, and counts so that nothing is skipped.

use serde_json::Value;
use staffpass_jose::{Algorithm, CryptoProvider, Curve, PublicKey, UnverifiedJws, jws};
use wycheproof::{TestResult, ecdsa, eddsa};

use super::Subject;

const SIGNATURE: &str = include_str!("../vectors/wycheproof/json_web_signature_test.json");
const KEY: &str = include_str!("../vectors/wycheproof/json_web_key_test.json");
const CRYPTO: &str = include_str!("../vectors/wycheproof/json_web_crypto_test.json");

pub(crate) fn json_web_signature_vectors(subject: &Subject) {
    let counts = run_json(subject, SIGNATURE);
    assert_eq!(counts, Counts { accepted: 2, not_spoken: 44, refused: 355 });
}

pub(crate) fn json_web_key_vectors(subject: &Subject) {
    let counts = run_json(subject, KEY);
    assert_eq!(counts, Counts { accepted: 0, not_spoken: 5, refused: 21 });
}

pub(crate) fn json_web_crypto_vectors(subject: &Subject) {
    let counts = run_json(subject, CRYPTO);
    assert_eq!(counts, Counts { accepted: 1, not_spoken: 5, refused: 77 });
}

/// How many vectors were accepted; refused though valid, for an algorithm not spoken here; refused
/// as invalid.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    accepted: usize,
    not_spoken: usize,
    refused: usize,
}

fn run_json(subject: &Subject, text: &str) -> Counts {
    let file: Value = serde_json::from_str(text).expect("a vector file");
    let mut counts = Counts::default();
    for group in file["testGroups"].as_array().expect("groups") {
        let key = group.get("public").unwrap_or(&group["private"]);
        for test in group["tests"].as_array().expect("tests") {
            let (id, valid) = (&test["tcId"], test["result"] == "valid");
            let token = test.get("jws").unwrap_or(&test["jwe"]);
            let token = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
            match judge(subject.provider, key, &token) {
                Ok(()) => {
                    assert!(valid, "{id} was accepted");
                    counts.accepted += 1;
                }
                Err(code) if valid => {
                    assert!(NOT_SPOKEN.contains(&code), "{id} was refused: {code}");
                    counts.not_spoken += 1;
                }
                Err(_) => counts.refused += 1,
            }
        }
    }
    counts
}

/// The only reasons to refuse a valid vector: HMAC and RSA, P-521, key sets, and JWEs.
const NOT_SPOKEN: [&str; 5] = [
    "key_private_member",
    "key_type_unsupported",
    "key_curve_unsupported",
    "key_malformed",
    "jws_not_three_parts",
];

/// As a caller would: import the key, prepare it, parse the token, verify.
fn judge(provider: &dyn CryptoProvider, key: &Value, token: &str) -> Result<(), &'static str> {
    let key = PublicKey::from_jwk_json(key.to_string().as_bytes()).map_err(|e| e.code())?;
    let key = provider.prepare(&key.into()).map_err(|e| e.code())?;
    let jws = UnverifiedJws::parse(token, &jws::Limits::default()).map_err(|e| e.code())?;
    jws.verify(&key).map(|_| ()).map_err(|e| e.code())
}

pub(crate) fn ecdsa_p256_vectors(subject: &Subject) {
    run_ecdsa(subject, ecdsa::TestName::EcdsaSecp256r1Sha256P1363, Algorithm::Es256);
}

pub(crate) fn ecdsa_p384_vectors(subject: &Subject) {
    run_ecdsa(subject, ecdsa::TestName::EcdsaSecp384r1Sha384P1363, Algorithm::Es384);
}

/// The set in which a high S is valid, as it is in JOSE; the `bitcoin` set says otherwise.
pub(crate) fn ecdsa_secp256k1_vectors(subject: &Subject) {
    run_ecdsa(subject, ecdsa::TestName::EcdsaSecp256k1Sha256P1363, Algorithm::Es256k);
}

fn run_ecdsa(subject: &Subject, name: ecdsa::TestName, algorithm: Algorithm) {
    let set = ecdsa::TestSet::load(name).expect("a vector set");
    let (mut valid, mut invalid) = (0, 0);
    for group in &set.test_groups {
        let key = PublicKey::from_sec1_uncompressed(algorithm.curve(), &group.key.key);
        let key = key.expect("an uncompressed point");
        let key = subject.provider.prepare(&key.into()).expect("a point of the curve");
        for test in &group.tests {
            let verdict = key.verify(&test.msg, &test.sig).is_ok();
            match test.result {
                TestResult::Valid => valid += 1,
                TestResult::Invalid => invalid += 1,
                TestResult::Acceptable => panic!("{} may be either", test.tc_id),
            }
            assert_eq!(verdict, test.result == TestResult::Valid, "{}", test.tc_id);
        }
    }
    assert_eq!(valid + invalid, set.number_of_tests);
    assert!(valid > 100 && invalid > 50, "{valid} valid and {invalid} invalid");
}

pub(crate) fn ed25519_vectors(subject: &Subject) {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).expect("a vector set");
    let (mut valid, mut invalid) = (0, 0);
    for group in &set.test_groups {
        let key = PublicKey::from_ed25519(&group.key.pk).expect("a point");
        assert_eq!(key.curve(), Curve::Ed25519);
        let key = subject.provider.prepare(&key.into()).expect("a key");
        for test in &group.tests {
            let verdict = key.verify(&test.msg, &test.sig).is_ok();
            assert_eq!(verdict, test.result == TestResult::Valid, "{}", test.tc_id);
            if verdict { valid += 1 } else { invalid += 1 }
        }
    }
    assert_eq!(valid + invalid, set.number_of_tests);
    assert!(valid > 50 && invalid > 40, "{valid} valid and {invalid} invalid");
}
