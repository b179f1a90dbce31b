//! A point by one coordinate.

use std::fmt;

use super::KeyError;
use crate::Curve;

/// A compressed EC point (`02` or `03`, then x; SEC 1 §2.3.3), as `did:key` carries it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CompressedPoint {
    curve: Curve,
    bytes: Vec<u8>,
}

impl CompressedPoint {
    /// Reads a compressed point of a curve.
    ///
    /// # Errors
    /// [`KeyError::UnsupportedCurve`] for an OKP curve, [`KeyError::MalformedCoordinate`] for any
    /// other form or length.
    pub fn new(curve: Curve, bytes: &[u8]) -> Result<Self, KeyError> {
        if curve.key_type() != "EC" {
            return Err(KeyError::UnsupportedCurve);
        }
        match bytes.split_first() {
            Some((2 | 3, x)) if x.len() == curve.coordinate_length() => {
                Ok(Self { curve, bytes: bytes.to_vec() })
            }
            _ => Err(KeyError::MalformedCoordinate),
        }
    }

    /// The point's curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// The point's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for CompressedPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompressedPoint").field("curve", &self.curve).finish_non_exhaustive()
    }
}
