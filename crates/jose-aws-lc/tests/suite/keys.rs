//! What becomes a key, and what does not.

use std::thread;

use serde_json::json;
use staffpass_jose::{
    Algorithm, CompressedPoint, Curve, KeyMaterial, PublicKey, VerificationKey, base64url,
};

use super::{ECDSA, Subject, fixed_key, hex, plus, prime};

fn prepare(subject: &Subject, key: PublicKey) -> Result<VerificationKey, &'static str> {
    subject.provider.prepare(&key.into()).map_err(|e| e.code())
}

fn expand(subject: &Subject, curve: Curve, sign: u8, x: &[u8]) -> Result<PublicKey, &'static str> {
    let point = CompressedPoint::new(curve, &[&[sign], x].concat()).expect("a compressed point");
    let key = subject.provider.prepare(&KeyMaterial::Compressed(point));
    key.map(|key| key.public_key().clone()).map_err(|e| e.code())
}

pub(crate) fn s11_points_off_their_curve_are_refused(subject: &Subject) {
    for algorithm in ECDSA {
        let curve = algorithm.curve();
        let key = fixed_key(subject, algorithm).verification_key().public_key().clone();
        let (x, y) = (key.x().to_vec(), key.y().expect("two coordinates").to_vec());
        let zero = vec![0; x.len()];
        let mut near = y.clone();
        near[x.len() - 1] ^= 1;
        assert!(prepare(subject, key).is_ok());
        // (0, 0) is how some libraries write the point at infinity.
        for (x, y) in [(&x, &near), (&y, &x), (&x, &zero), (&zero, &zero)] {
            let point = PublicKey::from_affine(curve, x, y).expect("two coordinates");
            let refused = prepare(subject, point).map(|_| ());
            assert_eq!(refused, Err("key_not_on_curve"), "{algorithm}");
        }
    }
}

/// x + p names the same point in arithmetic modulo p, and another key in every comparison of bytes.
pub(crate) fn s11_coordinates_beyond_the_field_are_refused(subject: &Subject) {
    for algorithm in ECDSA {
        let curve = algorithm.curve();
        let (x, y) = (1..=255)
            .find_map(|small| {
                let mut x = vec![0; curve.coordinate_length()];
                *x.last_mut().unwrap() = small;
                let key = expand(subject, curve, 2, &x).ok()?;
                Some((x, key.y().expect("two coordinates").to_vec()))
            })
            .expect("half of all numbers are the x of a point");
        let (beyond, fits) = plus(&x, &prime(algorithm));
        assert!(fits);
        let point = PublicKey::from_affine(curve, &beyond, &y).expect("two coordinates");
        assert_eq!(prepare(subject, point).map(|_| ()), Err("key_not_on_curve"), "{algorithm}");
        assert_eq!(expand(subject, curve, 2, &beyond), Err("key_not_on_curve"), "{algorithm}");
    }
}

pub(crate) fn s11_compressed_points_are_expanded_or_refused(subject: &Subject) {
    for algorithm in ECDSA {
        let curve = algorithm.curve();
        let key = fixed_key(subject, algorithm).verification_key().public_key().clone();
        let sign = 2 + (key.y().and_then(|y| y.last()).expect("two coordinates") & 1);
        assert_eq!(expand(subject, curve, sign, key.x()), Ok(key.clone()), "{algorithm}");
        let negative = expand(subject, curve, 5 - sign, key.x()).expect("the point below");
        assert_eq!(negative.x(), key.x());
        assert_eq!(plus(negative.y().unwrap(), key.y().unwrap()), (prime(algorithm), true));

        let (mut points, mut refused) = (0, 0);
        for small in 1..=64 {
            let mut x = vec![0; curve.coordinate_length()];
            *x.last_mut().unwrap() = small;
            match expand(subject, curve, 3, &x) {
                Ok(key) => {
                    assert_eq!(key.x(), x);
                    assert!(prepare(subject, key).is_ok(), "{algorithm} {small}");
                    points += 1;
                }
                Err(code) => {
                    assert_eq!(code, "key_not_on_curve", "{algorithm} {small}");
                    refused += 1;
                }
            }
        }
        assert!(points > 10 && refused > 10, "{algorithm}: {points} and {refused}");
    }
}

pub(crate) fn s03_keys_that_are_not_for_signatures_are_refused(subject: &Subject) {
    let nine = hex("0900000000000000000000000000000000000000000000000000000000000000");
    let agreement = PublicKey::from_x25519(&nine).expect("the base point");
    assert_eq!(prepare(subject, agreement).map(|_| ()), Err("key_not_offered"));

    let key = fixed_key(subject, Algorithm::Es256).verification_key().public_key().clone();
    let encryption = json!({
        "kty": "EC", "crv": "P-256", "use": "enc",
        "x": base64url::encode(key.x()), "y": key.y().map(base64url::encode),
    });
    let encryption = PublicKey::from_jwk(&encryption).expect("an encryption key");
    assert_eq!(prepare(subject, encryption).map(|_| ()), Err("key_not_offered"));
}

pub(crate) fn pf47_a_key_is_prepared_once_and_shared_by_threads(subject: &Subject) {
    for algorithm in Algorithm::ALL {
        let signer = fixed_key(subject, algorithm);
        let signature = signer.sign(b"m").expect("a signature");
        let public = signer.verification_key().public_key().clone();
        let key = prepare(subject, public).expect("a key");
        thread::scope(|scope| {
            for _ in 0..4 {
                let (key, signature) = (key.clone(), &signature);
                scope.spawn(move || {
                    for _ in 0..25 {
                        assert_eq!(key.verify(b"m", signature), Ok(()), "{algorithm}");
                        assert!(key.verify(b"n", signature).is_err(), "{algorithm}");
                    }
                });
            }
        });
    }
}
