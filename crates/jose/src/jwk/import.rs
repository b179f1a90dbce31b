//! A JWK, from its JSON to a key.

use serde::Deserialize;

use super::{KeyError, KeyUse, PublicKey};
use crate::jws::present;
use crate::{Curve, base64url, json, jwe};

/// A JWK is small: two coordinates of 48 bytes and some names; 16 KiB leaves room for an `x5c`.
pub(super) const JWK_LIMITS: json::Limits =
    json::Limits { max_bytes: 16 * 1024, max_depth: 4, max_values: 64 };

/// The members of a JWK that matter here. The private ones are refused wherever they
/// stand, with `null` too.
#[derive(Deserialize)]
pub(super) struct RawJwk {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    key_use: Option<String>,
    key_ops: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    d: bool,
    #[serde(default, deserialize_with = "present")]
    k: bool,
    #[serde(default, deserialize_with = "present")]
    p: bool,
    #[serde(default, deserialize_with = "present")]
    q: bool,
    #[serde(default, deserialize_with = "present")]
    dp: bool,
    #[serde(default, deserialize_with = "present")]
    dq: bool,
    #[serde(default, deserialize_with = "present")]
    qi: bool,
    #[serde(default, deserialize_with = "present")]
    oth: bool,
}

impl RawJwk {
    pub(super) fn import(self) -> Result<PublicKey, KeyError> {
        self.refuse_private_members()?;
        let curve = self.curve()?;
        let mut key = self.point(curve)?;
        key.key_use = self.declared_use(curve)?;
        self.check_algorithm(&key)?;
        Ok(key)
    }

    fn refuse_private_members(&self) -> Result<(), KeyError> {
        let private = [self.d, self.k, self.p, self.q, self.dp, self.dq, self.qi, self.oth];
        if self.kty == "oct" || private.contains(&true) {
            return Err(KeyError::PrivateMember);
        }
        Ok(())
    }

    fn curve(&self) -> Result<Curve, KeyError> {
        if self.kty != "EC" && self.kty != "OKP" {
            return Err(KeyError::UnsupportedKeyType);
        }
        let curve = self.crv.as_deref().and_then(Curve::from_name);
        curve.filter(|curve| curve.key_type() == self.kty).ok_or(KeyError::UnsupportedCurve)
    }

    fn point(&self, curve: Curve) -> Result<PublicKey, KeyError> {
        let x = coordinate(self.x.as_deref())?;
        match curve {
            Curve::Ed25519 | Curve::X25519 if self.y.is_some() => {
                Err(KeyError::MalformedCoordinate)
            }
            Curve::Ed25519 => PublicKey::from_ed25519(&x),
            Curve::X25519 => PublicKey::from_x25519(&x),
            _ => PublicKey::from_affine(curve, &x, &coordinate(self.y.as_deref())?),
        }
    }

    /// `use` and `key_ops` (RFC 7517 §4.2, §4.3): a key that may not verify is no signature key.
    fn declared_use(&self, curve: Curve) -> Result<KeyUse, KeyError> {
        // A key for ECDH-ES says so by its `alg` alone (RFC 7517 §4.4).
        let natural = match curve.algorithm() {
            Some(_) if self.alg.as_deref() != Some(jwe::ALGORITHM) => KeyUse::Signature,
            _ => KeyUse::Encryption,
        };
        let declared = match self.key_use.as_deref() {
            None => natural,
            Some("sig") => KeyUse::Signature,
            Some("enc") => KeyUse::Encryption,
            Some(_) => return Err(KeyError::UseMismatch),
        };
        if declared == KeyUse::Signature && natural == KeyUse::Encryption {
            return Err(KeyError::UseMismatch);
        }
        match &self.key_ops {
            Some(ops) if declared == KeyUse::Signature && !ops.iter().any(|op| op == "verify") => {
                Err(KeyError::UseMismatch)
            }
            _ => Ok(declared),
        }
    }

    /// `alg` (RFC 7517 §4.4), where present, is the algorithm of the curve.
    fn check_algorithm(&self, key: &PublicKey) -> Result<(), KeyError> {
        match (self.alg.as_deref(), key.algorithm()) {
            (Some(name), Some(algorithm)) if name != algorithm.name() => {
                Err(KeyError::AlgorithmMismatch)
            }
            _ => Ok(()),
        }
    }
}

fn coordinate(text: Option<&str>) -> Result<Vec<u8>, KeyError> {
    text.and_then(|text| base64url::decode(text).ok()).ok_or(KeyError::MalformedCoordinate)
}
