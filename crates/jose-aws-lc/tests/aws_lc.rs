//! What is particular to the libraries of this provider.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

use aws_lc_rs::signature::{ED25519, ParsedPublicKey};
use staffpass_jose::{Algorithm, CryptoProvider, Signer};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};

#[test]
fn the_provider_has_a_name_for_reports() {
    assert_eq!(AwsLc.name(), "aws-lc");
    assert_eq!(format!("{AwsLc:?}"), "AwsLc");
}

/// Why `staffpass-jose` refuses low-order keys before any provider sees them: the library accepts
/// the identity as a key, and one signature then fits every message. Should this ever fail, the
/// library has mended it.
#[test]
fn s26_the_library_alone_would_accept_the_identity_key() {
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut signature = [0x66; 64];
    signature[0] = 0x58;
    signature[32..].fill(0);
    signature[32] = 1;
    let key = ParsedPublicKey::new(&ED25519, identity).expect("the library takes it");
    for message in [&b"one message"[..], b"another", b""] {
        assert!(key.verify_sig(message, &signature).is_ok());
    }
}

/// Likewise a signature whose R is the identity, made with the key of the seed 07…07: the library
/// sees an equation that holds.
#[test]
fn s26_the_library_alone_would_accept_a_low_order_r() {
    let mut signature = [0; 64];
    signature[0] = 1;
    signature[32..].copy_from_slice(&[
        0xd4, 0xc5, 0x32, 0x31, 0x31, 0xff, 0x96, 0x83, 0xcf, 0xb3, 0xd3, 0x01, 0x97, 0xc7, 0x86,
        0xc9, 0x04, 0x3f, 0x10, 0x52, 0xd6, 0xc2, 0xd5, 0x29, 0x3f, 0x19, 0xd6, 0xf3, 0x6b, 0x91,
        0x11, 0x04,
    ]);
    let ours = SigningKey::from_secret_bytes(Algorithm::EdDsa, &[7; 32]).expect("a key");
    let key = ParsedPublicKey::new(&ED25519, ours.public_key().x()).expect("a key");
    assert!(key.verify_sig(b"message", &signature).is_ok());
    assert!(ours.verification_key().verify(b"message", &signature).is_err());
}

#[test]
fn es256k_signatures_have_a_low_s() {
    let key = SigningKey::generate(Algorithm::Es256k).expect("a key");
    // Half the group order begins with 7f ff.
    for message in 0..32_u8 {
        let signature = key.sign(&[message]).expect("a signature");
        assert!(signature[32] < 0x80);
    }
}

#[test]
fn es256k_and_eddsa_sign_alike_each_time() {
    for algorithm in [Algorithm::Es256k, Algorithm::EdDsa] {
        let key = SigningKey::from_secret_bytes(algorithm, &[9; 32]).expect("a key");
        assert_eq!(key.sign(b"m"), key.sign(b"m"), "{algorithm}");
    }
}
