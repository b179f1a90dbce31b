//! Signature checks as X.509 path validation borrows them: keys and signatures in DER's forms.

use rustls_pki_types::{AlgorithmIdentifier, SignatureVerificationAlgorithm, alg_id};
use staffpass_jose::Algorithm;

use super::attacks::der;
use super::{Subject, fixed_key, prime};

/// The pairs whose signatures a signing key of the suite can make.
const PAIRS: [(Algorithm, AlgorithmIdentifier, AlgorithmIdentifier); 2] = [
    (Algorithm::Es256, alg_id::ECDSA_P256, alg_id::ECDSA_SHA256),
    (Algorithm::Es384, alg_id::ECDSA_P384, alg_id::ECDSA_SHA384),
];

fn lent(
    subject: &Subject,
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
) -> &'static dyn SignatureVerificationAlgorithm {
    let mut all = subject.provider.certificate_algorithms().iter().copied();
    let found = all.find(|a| a.public_key_alg_id() == key && a.signature_alg_id() == signature);
    found.expect("an algorithm that is lent")
}

pub(crate) fn the_algorithms_lent_are_these_four(subject: &Subject) {
    for key in [alg_id::ECDSA_P256, alg_id::ECDSA_P384] {
        for signature in [alg_id::ECDSA_SHA256, alg_id::ECDSA_SHA384] {
            lent(subject, key, signature);
        }
    }
    assert_eq!(subject.provider.certificate_algorithms().len(), 4);
}

pub(crate) fn s20_what_is_signed_verifies_and_nothing_else(subject: &Subject) {
    for (algorithm, key_id, signature_id) in PAIRS {
        let check = lent(subject, key_id, signature_id);
        let key = fixed_key(subject, algorithm);
        let point = key.verification_key().public_key().to_sec1();
        let raw = key.sign(b"m").expect("a signature");
        let good = der(&raw);
        assert!(check.verify_signature(&point, b"m", &good).is_ok(), "{algorithm}");
        assert!(check.verify_signature(&point, b"n", &good).is_err(), "{algorithm}");
        let longer = [&good[..], &[0]].concat();
        let zero = der_of_two_ones(0);
        for bad in [&raw[..], &longer, &good[..good.len() - 1], &[], &zero, &der_of_two_ones(1)] {
            assert!(check.verify_signature(&point, b"m", bad).is_err(), "{algorithm}");
        }
        let other = match signature_id {
            alg_id::ECDSA_SHA256 => alg_id::ECDSA_SHA384,
            _ => alg_id::ECDSA_SHA256,
        };
        let another_digest = lent(subject, key_id, other);
        assert!(another_digest.verify_signature(&point, b"m", &good).is_err(), "{algorithm}");
    }
}

fn der_of_two_ones(number: u8) -> Vec<u8> {
    vec![0x30, 6, 2, 1, number, 2, 1, number]
}

pub(crate) fn s11_points_that_are_no_keys_verify_nothing(subject: &Subject) {
    for (algorithm, key_id, signature_id) in PAIRS {
        let check = lent(subject, key_id, signature_id);
        let key = fixed_key(subject, algorithm);
        let good = der(&key.sign(b"m").expect("a signature"));
        let point = key.verification_key().public_key().to_sec1();
        let y = point.last().expect("a point") & 1;
        // Hybrid forms say the sign beside both coordinates; RFC 5480 §2.2 refuses them.
        let hybrid = [&[6 + y], &point[1..]].concat();
        let mut off = point.clone();
        *off.last_mut().unwrap() ^= 1;
        let mut beyond = point.clone();
        beyond[1..=prime(algorithm).len()].copy_from_slice(&prime(algorithm));
        for bad in [&[][..], &[0], &point[1..], &point[..point.len() - 1], &hybrid, &off, &beyond] {
            assert!(check.verify_signature(bad, b"m", &good).is_err(), "{algorithm}");
        }
        let compressed = [&[2 + y], &point[1..=point.len() / 2]].concat();
        assert!(check.verify_signature(&compressed, b"m", &good).is_ok(), "{algorithm}");
    }
}
