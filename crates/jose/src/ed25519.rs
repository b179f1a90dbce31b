//! The points of curve 25519 that no honest party uses: of low order, or not canonically encoded.
//!
//! Both widely used C libraries *accept* the identity point as an Ed25519 key, and then one
//! signature fits every message; so these are refused here, before any provider sees them.

use crate::KeyError;

/// 2^255 − 19, little-endian: the field's prime.
const P: [u8; 32] = [
    0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
];

/// y = 0: two points of order 4 (and on the Montgomery curve u = 0, of order 2).
const ZERO: [u8; 32] = [0; 32];

/// y = 1: the identity (and u = 1, of order 4).
const ONE: [u8; 32] = {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
};

/// y = p − 1: the point of order 2 (and u = p − 1, of order 4).
const MINUS_ONE: [u8; 32] = {
    let mut bytes = P;
    bytes[0] = 0xec;
    bytes
};

/// The y coordinates of the four Edwards points of order 8.
const EDWARDS_ORDER_8: [[u8; 32]; 2] = [
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// The u coordinates of the Montgomery points of order 8 (RFC 7748 §6.1 asks for the check).
const MONTGOMERY_ORDER_8: [[u8; 32]; 2] = [
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef,
        0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f,
        0x11, 0x57,
    ],
];

/// Refuses an encoded Edwards point of low order, or one whose y is not below the prime.
pub(crate) fn judge_point(encoded: &[u8; 32]) -> Result<(), KeyError> {
    judge(&without_sign(encoded), &EDWARDS_ORDER_8)
}

/// Refuses a u coordinate of low order, or one that is not below the prime.
pub(crate) fn judge_x25519(encoded: &[u8; 32]) -> Result<(), KeyError> {
    let u = without_sign(encoded);
    if &u == encoded { judge(&u, &MONTGOMERY_ORDER_8) } else { Err(KeyError::NotCanonical) }
}

fn judge(coordinate: &[u8; 32], order_8: &[[u8; 32]; 2]) -> Result<(), KeyError> {
    if !below_prime(coordinate) {
        return Err(KeyError::NotCanonical);
    }
    let low = [ZERO, ONE, MINUS_ONE];
    if low.contains(coordinate) || order_8.contains(coordinate) {
        return Err(KeyError::LowOrder);
    }
    Ok(())
}

/// The top bit of an encoded Edwards point is the sign of x.
fn without_sign(encoded: &[u8; 32]) -> [u8; 32] {
    let mut coordinate = *encoded;
    if let Some(top) = coordinate.last_mut() {
        *top &= 0x7f;
    }
    coordinate
}

fn below_prime(little_endian: &[u8; 32]) -> bool {
    little_endian.iter().rev().lt(P.iter().rev())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edwards(bytes: [u8; 32]) -> Result<(), KeyError> {
        judge_point(&bytes)
    }

    #[test]
    fn s26_the_eight_low_order_points_are_refused_with_either_sign() {
        for y in [ZERO, ONE, MINUS_ONE, EDWARDS_ORDER_8[0], EDWARDS_ORDER_8[1]] {
            let mut negative = y;
            negative[31] |= 0x80;
            assert_eq!(edwards(y), Err(KeyError::LowOrder));
            assert_eq!(edwards(negative), Err(KeyError::LowOrder));
        }
    }

    #[test]
    fn s26_coordinates_from_the_prime_on_are_not_canonical() {
        for low in 0xed..=0xff {
            let mut y = P;
            y[0] = low;
            assert_eq!(edwards(y), Err(KeyError::NotCanonical), "{low:x}");
            assert_eq!(judge_x25519(&y), Err(KeyError::NotCanonical), "{low:x}");
        }
    }

    #[test]
    fn s26_montgomery_points_of_low_order_are_refused() {
        for u in [ZERO, ONE, MINUS_ONE, MONTGOMERY_ORDER_8[0], MONTGOMERY_ORDER_8[1]] {
            assert_eq!(judge_x25519(&u), Err(KeyError::LowOrder));
        }
    }

    #[test]
    fn the_base_points_are_good() {
        let mut base = [0x66; 32];
        base[0] = 0x58;
        assert_eq!(edwards(base), Ok(()));
        let mut nine = [0; 32];
        nine[0] = 9;
        assert_eq!(judge_x25519(&nine), Ok(()));
    }
}
