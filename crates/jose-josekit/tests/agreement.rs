//! Two providers, one verdict: on keys, on signatures, on what either of them made.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

use proptest::prelude::*;
use proptest::sample::select;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use staffpass_jose::jwe::{ContentEncryption, Limits, Sealing, UnopenedJwe};
use staffpass_jose::{
    Algorithm, CompressedPoint, CryptoProvider, Curve, HeaderBuilder, KeyMaterial, PublicKey,
    Signer, UnsignedJws, UnverifiedJws, jws,
};
use staffpass_jose_aws_lc::{AwsLc, SigningKey as AwsLcKey};
use staffpass_jose_josekit::{Josekit, SigningKey as JosekitKey};
use staffpass_x509::{CertificateChain, KeyPurpose, TrustAnchors};

const EC: [Curve; 3] = [Curve::P256, Curve::P384, Curve::Secp256k1];

/// The same secret inside both libraries. An Ed25519 seed or an EC secret of one byte fewer than the
/// order has always lies within the group.
fn keys(algorithm: Algorithm, secret: &[u8; 47]) -> (AwsLcKey, JosekitKey) {
    let length = algorithm.curve().coordinate_length();
    let secret = [&[0], &secret[..length - 1]].concat();
    let ours = AwsLcKey::from_secret_bytes(algorithm, &secret).expect("a secret in the group");
    let theirs = JosekitKey::from_secret_bytes(algorithm, &secret).expect("a secret in the group");
    (ours, theirs)
}

fn secret() -> impl Strategy<Value = [u8; 47]> {
    any::<[u8; 47]>().prop_filter("zero is no secret", |secret| secret[0] != 0)
}

fn algorithm() -> impl Strategy<Value = Algorithm> {
    select(&Algorithm::ALL[..])
}

/// What both providers say of a key, which must be the same.
fn prepare_by_both(material: &KeyMaterial) -> Result<PublicKey, &'static str> {
    let by = |provider: &dyn CryptoProvider| {
        let key = provider.prepare(material).map_err(|e| e.code())?;
        Ok(key.public_key().clone())
    };
    let verdict = by(&AwsLc);
    assert_eq!(verdict, by(&Josekit));
    verdict
}

/// What both providers say of a signature, which must be the same.
fn verify_by_both(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let by = |provider: &dyn CryptoProvider| {
        let key = provider.prepare(&key.clone().into()).expect("a good key");
        key.verify(message, signature).is_ok()
    };
    let verdict = by(&AwsLc);
    assert_eq!(verdict, by(&Josekit));
    verdict
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn one_secret_has_one_public_key(algorithm in algorithm(), secret in secret()) {
        let (ours, theirs) = keys(algorithm, &secret);
        prop_assert_eq!(ours.public_key(), theirs.public_key());
        prop_assert_eq!(ours.to_private_jwk(), theirs.to_private_jwk());
        let read = AwsLcKey::from_private_jwk(theirs.to_private_jwk().as_bytes());
        let read = read.expect("a private JWK");
        prop_assert_eq!(read.public_key(), ours.public_key());
        let read = JosekitKey::from_private_jwk(ours.to_private_jwk().as_bytes());
        let read = read.expect("a private JWK");
        prop_assert_eq!(read.public_key(), ours.public_key());
    }

    #[test]
    fn what_one_signs_both_verify(
        algorithm in algorithm(), secret in secret(), payload in "\\PC{1,80}",
    ) {
        let (ours, theirs) = keys(algorithm, &secret);
        let signers: [&dyn Signer; 2] = [&ours, &theirs];
        for signer in signers {
            let unsigned = UnsignedJws::new(&HeaderBuilder::new(algorithm), payload.as_bytes());
            let token = unsigned.sign(signer).expect("a token");
            let jws = UnverifiedJws::parse(token, &jws::Limits::default()).expect("a token");
            for verifier in signers {
                prop_assert!(jws.verify(verifier.verification_key()).is_ok());
            }
        }
    }

    #[test]
    fn what_one_signs_neither_verifies_with_a_bit_flipped(
        algorithm in algorithm(), secret in secret(),
        message in proptest::collection::vec(any::<u8>(), 1..64),
        at: proptest::sample::Index, bit in 0..8,
    ) {
        let (ours, theirs) = keys(algorithm, &secret);
        let signers: [&dyn Signer; 2] = [&ours, &theirs];
        for signer in signers {
            let signature = signer.sign(&message).expect("a signature");
            prop_assert!(verify_by_both(ours.public_key(), &message, &signature));
            let mut changed = signature.clone();
            changed[at.index(signature.len())] ^= 1_u8 << bit;
            prop_assert!(!verify_by_both(ours.public_key(), &message, &changed));
            let mut changed = message.clone();
            changed[at.index(message.len())] ^= 1_u8 << bit;
            prop_assert!(!verify_by_both(ours.public_key(), &changed, &signature));
        }
    }

    #[test]
    fn noise_is_no_signature(
        algorithm in algorithm(), secret in secret(),
        noise in proptest::collection::vec(any::<u8>(), 96),
    ) {
        let (ours, _) = keys(algorithm, &secret);
        let noise = &noise[..algorithm.signature_length()];
        prop_assert!(!verify_by_both(ours.public_key(), b"m", noise));
    }

    #[test]
    fn s11_both_refuse_points_off_the_curve(
        curve in select(&EC[..]), x: [u8; 32], y: [u8; 32], pad: [u8; 16],
    ) {
        let pad = &pad[..curve.coordinate_length() - 32];
        let (x, y) = ([pad, &x[..]].concat(), [pad, &y[..]].concat());
        let point = PublicKey::from_affine(curve, &x, &y).expect("two coordinates");
        prop_assert_eq!(prepare_by_both(&point.into()), Err("key_not_on_curve"));
    }

    #[test]
    fn s11_both_take_a_good_point_and_refuse_its_neighbours(
        algorithm in select(vec![Algorithm::Es256, Algorithm::Es384, Algorithm::Es256k]),
        secret in secret(), at: proptest::sample::Index, bit in 0..8,
    ) {
        let (ours, _) = keys(algorithm, &secret);
        let mut point = ours.public_key().to_sec1();
        prop_assert!(prepare_by_both(&ours.public_key().clone().into()).is_ok());
        point[1 + at.index(2 * algorithm.curve().coordinate_length())] ^= 1_u8 << bit;
        let near = PublicKey::from_sec1_uncompressed(algorithm.curve(), &point).expect("a shape");
        prop_assert_eq!(prepare_by_both(&near.into()), Err("key_not_on_curve"));
    }

    #[test]
    fn s11_both_expand_a_compressed_point_alike(
        curve in select(&EC[..]), sign in 2..=3_u8, x: [u8; 32], pad: [u8; 16],
    ) {
        let x = [&pad[..curve.coordinate_length() - 32], &x[..]].concat();
        let point = CompressedPoint::new(curve, &[&[sign], &x[..]].concat()).expect("a shape");
        match prepare_by_both(&KeyMaterial::Compressed(point)) {
            Ok(key) => {
                prop_assert_eq!(key.x(), &x[..]);
                prop_assert!(prepare_by_both(&key.into()).is_ok());
            }
            Err(code) => prop_assert_eq!(code, "key_not_on_curve"),
        }
    }

    #[test]
    fn both_say_the_same_of_any_ed25519_key(bytes: [u8; 32], signature in any::<[u8; 32]>()) {
        if let Ok(key) = PublicKey::from_ed25519(&bytes) {
            prop_assert!(prepare_by_both(&key.clone().into()).is_ok());
            let signature = [&bytes[..], &signature[..]].concat();
            prop_assert!(!verify_by_both(&key, b"m", &signature));
        }
    }
}

const BOTH: [&dyn CryptoProvider; 2] = [&AwsLc, &Josekit];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_one_seals_both_open(
        enc in select(&ContentEncryption::ALL[..]),
        apu in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40)),
        apv in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40)),
        plaintext in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut sealing = Sealing::new(enc);
        if let Some(apu) = apu {
            sealing = sealing.apu(apu);
        }
        if let Some(apv) = apv {
            sealing = sealing.apv(apv);
        }
        for maker in BOTH {
            let made = maker.agreement_key().expect("a key");
            for sealer in BOTH {
                let token = sealer.seal(made.public_key(), &sealing, &plaintext).expect("a JWE");
                let jwe = UnopenedJwe::parse(&token, &Limits::default()).expect("a JWE");
                for opener in BOTH {
                    let key = opener.agreement_key_from_private_jwk(&made.private_jwk());
                    let opened = key.expect("the same key").open(&jwe);
                    prop_assert_eq!(opened.as_deref(), Ok(&plaintext));
                }
            }
        }
    }

    #[test]
    fn p13_both_say_the_same_of_any_ephemeral_key(x: [u8; 32], y: [u8; 32]) {
        let point = PublicKey::from_affine(Curve::P256, &x, &y).expect("two coordinates");
        let header = Sealing::new(ContentEncryption::A128Gcm).encoded_header(&point);
        let token = format!("{header}..AAAAAAAAAAAAAAAA.AQ.AAAAAAAAAAAAAAAAAAAAAA");
        let jwe = UnopenedJwe::parse(&token, &Limits::default()).expect("a JWE");
        for provider in BOTH {
            let key = provider.agreement_key().expect("a key");
            let refused = key.open(&jwe).map(|_| ()).map_err(|e| e.code());
            prop_assert_eq!(refused, Err("jwe_ephemeral_key"));
        }
    }
}

/// A leaf signed by an authority, and the same leaf with every byte changed in turn.
#[test]
fn s20_both_believe_the_same_certificate_path() {
    let (ca_key, leaf_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut ca = CertificateParams::new(vec!["ca.trust.example".to_owned()]).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.distinguished_name.push(rcgen::DnType::CommonName, "Fictional Root");
    let anchors = TrustAnchors::from_der(&[ca.self_signed(&ca_key).unwrap().der()]).unwrap();
    let leaf = CertificateParams::new(vec!["trust.example".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&leaf_key, &Issuer::from_params(&ca, &ca_key)).unwrap();
    let now = "2026-06-01T12:00:00Z".parse().unwrap();
    let judge = |provider: &dyn CryptoProvider, der: &[u8]| {
        let chain = CertificateChain::from_x5c(&[der]).map_err(|e| e.code())?;
        let leaf = chain.validate(&anchors, KeyPurpose::Any, provider, now);
        leaf.map(|leaf| leaf.public_key().clone()).map_err(|e| e.code())
    };
    let verdicts = BOTH.map(|provider| judge(provider, leaf.der()));
    assert!(verdicts[0].is_ok());
    assert_eq!(verdicts[0], verdicts[1]);
    for at in 0..leaf.der().len() {
        let mut changed = leaf.der().to_vec();
        changed[at] ^= 1;
        let verdicts = BOTH.map(|provider| judge(provider, &changed));
        assert!(verdicts[0].is_err(), "byte {at}");
        assert_eq!(verdicts[0], verdicts[1], "byte {at}");
    }
}

#[test]
fn both_have_a_name_for_reports() {
    assert_eq!((AwsLc.name(), Josekit.name()), ("aws-lc", "josekit"));
    assert_eq!(format!("{Josekit:?}"), "Josekit");
}
