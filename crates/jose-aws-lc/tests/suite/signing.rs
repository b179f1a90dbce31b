//! Signing keys, and tokens made with them.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use staffpass_jose::{Algorithm, HeaderBuilder, KeyError, UnsignedJws};

use super::{ECDSA, Subject, fixed_key, minus, order, token, verify};

pub(crate) fn what_is_signed_verifies(subject: &Subject) {
    let payloads = proptest::collection::vec(any::<u8>(), 1..200);
    let mut runner = TestRunner::new(Config::with_cases(16));
    let outcome = runner.run(&payloads, |payload| {
        for algorithm in Algorithm::ALL {
            let key = (subject.generate)(algorithm);
            let token = token(&*key, &payload);
            prop_assert_eq!(verify(&token, key.verification_key()), Ok(payload.clone()));
            let other = (subject.generate)(algorithm);
            let refused = verify(&token, other.verification_key());
            prop_assert_eq!(refused, Err("jws_signature_mismatch"));
        }
        Ok(())
    });
    assert_eq!(outcome, Ok(()));
}

pub(crate) fn a_wrong_signature_makes_no_token(subject: &Subject) {
    for algorithm in Algorithm::ALL {
        let key = fixed_key(subject, algorithm);
        let unsigned = UnsignedJws::new(&HeaderBuilder::new(algorithm), b"{}");
        let good = key.sign(unsigned.signing_input()).expect("a signature");
        let made = unsigned.clone().with_signature(&good, key.verification_key());
        assert!(verify(&made.expect("a token"), key.verification_key()).is_ok());
        let of_another_message = key.sign(b"another message").expect("a signature");
        let mut flipped = good.clone();
        flipped[10] ^= 1;
        for bad in [of_another_message, flipped, good[1..].to_vec(), Vec::new()] {
            let refused = unsigned.clone().with_signature(&bad, key.verification_key());
            assert_eq!(refused.map_err(|e| e.code()), Err("signing_signature_mismatch"));
        }
        let published = (subject.generate)(algorithm);
        let refused = unsigned.with_signature(&good, published.verification_key());
        assert_eq!(refused.map_err(|e| e.code()), Err("signing_signature_mismatch"));
    }
}

pub(crate) fn a_header_of_another_algorithm_makes_no_token(subject: &Subject) {
    let key = fixed_key(subject, Algorithm::Es256);
    let unsigned = UnsignedJws::new(&HeaderBuilder::new(Algorithm::Es256k), b"{}");
    let signature = key.sign(unsigned.signing_input()).expect("a signature");
    let two_steps = unsigned.clone().with_signature(&signature, key.verification_key());
    assert_eq!(two_steps.map_err(|e| e.code()), Err("signing_algorithm_mismatch"));
    assert_eq!(unsigned.sign(&*key).map_err(|e| e.code()), Err("signing_algorithm_mismatch"));
}

pub(crate) fn the_same_secret_makes_the_same_key(subject: &Subject) {
    for algorithm in Algorithm::ALL {
        let (one, two) = (fixed_key(subject, algorithm), fixed_key(subject, algorithm));
        let thumbprint = one.verification_key().thumbprint();
        assert_eq!(thumbprint, two.verification_key().thumbprint());
        let (fresh, another) = ((subject.generate)(algorithm), (subject.generate)(algorithm));
        assert_ne!(fresh.verification_key().thumbprint(), another.verification_key().thumbprint());
    }
}

pub(crate) fn secrets_outside_the_group_are_refused(subject: &Subject) {
    let refusal = |algorithm, secret: &[u8]| (subject.from_secret)(algorithm, secret).map(|_| ());
    for algorithm in ECDSA {
        let order = order(algorithm);
        let zero = vec![0; order.len()];
        let mut one = zero.clone();
        *one.last_mut().unwrap() = 1;
        for secret in [&zero, &order, &vec![255; order.len()]] {
            assert_eq!(refusal(algorithm, secret), Err(KeyError::InvalidSecret), "{algorithm}");
        }
        assert_eq!(refusal(algorithm, &one), Ok(()), "{algorithm}");
        assert_eq!(refusal(algorithm, &minus(&order, &one)), Ok(()), "{algorithm}");
    }
    for algorithm in Algorithm::ALL {
        let length = algorithm.curve().coordinate_length();
        for length in [0, length - 1, length + 1, 2 * length] {
            let secret = vec![1; length];
            assert_eq!(refusal(algorithm, &secret), Err(KeyError::InvalidSecret), "{algorithm}");
        }
    }
}

pub(crate) fn a_key_comes_back_from_its_private_jwk(subject: &Subject) {
    for algorithm in Algorithm::ALL {
        let (text, published) = (subject.new_private_jwk)(algorithm);
        let key = (subject.from_private_jwk)(&text).expect("the same key");
        assert_eq!(key.algorithm(), algorithm);
        assert_eq!(key.verification_key().thumbprint(), published.thumbprint());
        assert!(verify(&token(&*key, b"{}"), &published).is_ok());
    }
    let refused = (subject.from_private_jwk)("{}").map(|_| ()).map_err(|e| e.code());
    assert_eq!(refused, Err("key_malformed"));
}

pub(crate) fn pf38_halves_of_two_keys_make_no_key(subject: &Subject) {
    for algorithm in Algorithm::ALL {
        let read = |text: String| serde_json::from_str::<Value>(&text).expect("JSON");
        let mut jwk = read((subject.new_private_jwk)(algorithm).0);
        let other = read((subject.new_private_jwk)(algorithm).0);
        jwk["d"] = other["d"].clone();
        let refused = (subject.from_private_jwk)(&jwk.to_string()).map(|_| ());
        assert_eq!(refused.map_err(|e| e.code()), Err("key_public_mismatch"), "{algorithm}");
    }
}

pub(crate) fn b14_debug_prints_no_key(subject: &Subject) {
    for algorithm in Algorithm::ALL {
        let key = fixed_key(subject, algorithm);
        assert_eq!(format!("{key:?}"), format!("SigningKey {{ algorithm: {algorithm:?}, .. }}"));
        let printed = format!("{:?}", key.verification_key());
        assert_eq!(printed, format!("VerificationKey {{ algorithm: {algorithm:?}, .. }}"));
    }
}
