//! Attacks on signatures.

use staffpass_jose::{Algorithm, KeyMaterial, PublicKey, VerificationKey};

use super::{ECDSA, Subject, fixed_key, hex, minus, order, token, verify};

pub(crate) fn s03_another_algorithm_than_the_key_s_is_refused(subject: &Subject) {
    for algorithm in Algorithm::ALL {
        let token = token(&*fixed_key(subject, algorithm), b"{}");
        for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            let key = fixed_key(subject, other);
            let refused = verify(&token, key.verification_key());
            assert_eq!(refused, Err("jws_algorithm_mismatch"), "{algorithm} under {other}");
        }
    }
}

pub(crate) fn s08_zero_and_out_of_range_numbers_are_refused(subject: &Subject) {
    for algorithm in ECDSA {
        let key = fixed_key(subject, algorithm);
        let order = order(algorithm);
        let zero = vec![0; order.len()];
        let mut one = zero.clone();
        *one.last_mut().unwrap() = 1;
        let edges = [zero, one.clone(), minus(&order, &one), order.clone(), vec![255; order.len()]];
        for r in &edges {
            for s in &edges {
                let signature = [&r[..], &s[..]].concat();
                assert!(key.verification_key().verify(b"m", &signature).is_err(), "{algorithm}");
            }
        }
    }
}

pub(crate) fn s09_der_and_other_lengths_are_refused(subject: &Subject) {
    for algorithm in Algorithm::ALL {
        let key = fixed_key(subject, algorithm);
        let good = key.sign(b"m").expect("a signature");
        assert_eq!(key.verification_key().verify(b"m", &good), Ok(()));
        let longer = [&good[..], &[0]].concat();
        let shorter = &good[..good.len() - 1];
        for bad in [der(&good), longer, shorter.to_vec(), Vec::new()] {
            assert!(key.verification_key().verify(b"m", &bad).is_err(), "{algorithm}");
        }
    }
}

/// The same two numbers as an ASN.1 `ECDSA-Sig-Value`.
pub(crate) fn der(raw: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let number: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
        let sign: &[u8] = if number[0] >= 0x80 { &[0] } else { &[] };
        let length = u8::try_from(sign.len() + number.len()).expect("a short number");
        [&[2, length], sign, &number].concat()
    };
    let (r, s) = raw.split_at(raw.len() / 2);
    let body = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(body.len()).expect("a short body")], &body[..]].concat()
}

/// RFC 7518 does not ask for a low S, and real wallets send high ones. Both forms verify, so the
/// bytes of a signature identify nothing.
pub(crate) fn s10_a_high_s_is_accepted(subject: &Subject) {
    for algorithm in ECDSA {
        let key = fixed_key(subject, algorithm);
        let good = key.sign(b"m").expect("a signature");
        let (r, s) = good.split_at(good.len() / 2);
        let other = [r, &minus(&order(algorithm), s)].concat();
        assert_ne!(good, other);
        assert_eq!(key.verification_key().verify(b"m", &good), Ok(()), "{algorithm}");
        assert_eq!(key.verification_key().verify(b"m", &other), Ok(()), "{algorithm}");
    }
}

/// R = B, S = 1: with the identity as key, S·B = R + k·A for every k, so for every message.
pub(crate) const FITS_EVERY_MESSAGE: &str = concat!(
    "5866666666666666666666666666666666666666666666666666666666666666",
    "0100000000000000000000000000000000000000000000000000000000000000"
);

pub(crate) fn s26_the_identity_key_that_fits_every_message_is_refused(subject: &Subject) {
    let mut identity = [0; 32];
    identity[0] = 1;
    for sign in [0, 0x80] {
        identity[31] = sign;
        let refused = PublicKey::from_ed25519(&identity).map_err(|e| e.code());
        assert_eq!(refused, Err("key_low_order"));
    }
    let honest = fixed_key(subject, Algorithm::EdDsa);
    let signature = hex(FITS_EVERY_MESSAGE);
    assert!(honest.verification_key().verify(b"any message", &signature).is_err());
}

/// Whoever holds the key can make these: R the identity, S = k·a. One key, many signatures without
/// a nonce; a library checks only that the equation holds.
pub(crate) fn s26_a_low_order_or_non_canonical_r_is_refused(subject: &Subject) {
    let key = fixed_key(subject, Algorithm::EdDsa);
    let identity = concat!(
        "0100000000000000000000000000000000000000000000000000000000000000",
        "d4c5323131ff9683cfb3d30197c786c9043f1052d6c2d5293f19d6f36b911104"
    );
    let identity_not_reduced = concat!(
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "429287529325c4ed20a20ad97fccf713cadc367a64bb7024b811454179bf3707"
    );
    for signature in [identity, identity_not_reduced] {
        assert!(key.verification_key().verify(b"message", &hex(signature)).is_err());
    }
}

/// A key with a component of order 8. The first signature fits the equation of RFC 8032 §5.1.7
/// without the cofactor, the second only with it: verifiers that differ here would split.
pub(crate) fn s26_cofactored_signatures_are_refused(subject: &Subject) {
    let key = hex("fbb3211d177bccefd763d01a88f6473e43e5cf0a0740e44ab5c64460eefd4675");
    let key = prepare(subject, PublicKey::from_ed25519(&key).expect("a key of mixed order"));
    let without = hex(concat!(
        "ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a081",
        "9b8a3cd3737b790faa5f4bac8e7510d2489ca0a9302daaec7a8ae1a4283e0a07"
    ));
    let with = hex(concat!(
        "ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a081",
        "d93ef870fd5f227055c0ecaa771d0ac7d100ce28d92c98bcfcdd12f261be970c"
    ));
    assert_eq!(key.verify(b"message 7", &without), Ok(()));
    assert!(key.verify(b"message", &with).is_err());
}

/// y = 2 is the y of no point. The libraries say so only when they verify.
pub(crate) fn s11_an_ed25519_key_that_is_no_point_verifies_nothing(subject: &Subject) {
    let mut bytes = [0; 32];
    bytes[0] = 2;
    let key = prepare(subject, PublicKey::from_ed25519(&bytes).expect("32 canonical bytes"));
    let honest = fixed_key(subject, Algorithm::EdDsa).sign(b"m").expect("a signature");
    for signature in [honest, hex(FITS_EVERY_MESSAGE)] {
        assert!(key.verify(b"m", &signature).is_err());
    }
}

/// Every bit of a whole token: header, payload, signature and the dots between them.
pub(crate) fn no_single_bit_flip_verifies(subject: &Subject) {
    for algorithm in Algorithm::ALL {
        let key = fixed_key(subject, algorithm);
        let token = token(&*key, br#"{"sub":"1"}"#);
        assert!(verify(&token, key.verification_key()).is_ok());
        for at in 0..token.len() {
            // The eighth bit makes no text of it.
            for bit in 0..7 {
                let mut bytes = token.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let flipped = String::from_utf8(bytes).expect("ASCII");
                let verdict = verify(&flipped, key.verification_key());
                assert!(verdict.is_err(), "{algorithm}: byte {at}, bit {bit}");
            }
        }
    }
}

fn prepare(subject: &Subject, key: PublicKey) -> VerificationKey {
    subject.provider.prepare(&KeyMaterial::from(key)).expect("a key")
}
