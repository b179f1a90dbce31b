//! A JWK, from its JSON to a key.

use staffpass_json::{Kind, Node};

use super::{KeyError, KeyUse, PublicKey};
use crate::{Curve, base64url, json, jwe};

/// A JWK is small: two coordinates of 48 bytes and some names; 16 KiB leaves room for an `x5c`.
pub(super) const JWK_LIMITS: json::Limits = json::Limits::new(16 * 1024, 4, 64);

/// Members of a private or a symmetric key (RFC 7518 §6).
const PRIVATE: [&str; 8] = ["d", "k", "p", "q", "dp", "dq", "qi", "oth"];

/// The members of a JWK that matter here.
pub(super) struct RawJwk<'a> {
    kty: &'a str,
    crv: Option<&'a str>,
    x: Option<&'a str>,
    y: Option<&'a str>,
    alg: Option<&'a str>,
    key_use: Option<&'a str>,
    key_ops: Option<Vec<&'a str>>,
    /// Whether a private member stands there, with `null` too.
    private: bool,
}

impl<'a> RawJwk<'a> {
    /// None where it is no object, or a member is of the wrong type.
    pub(super) fn read(jwk: Node<'a>) -> Option<Self> {
        let text = |name| member(jwk, name).map_or(Some(None), |text| Some(Some(text.as_str()?)));
        let texts = |texts: Node<'a>| texts.elements()?.map(Node::as_str).collect::<Option<_>>();
        Some(Self {
            kty: jwk.get("kty")?.as_str()?,
            crv: text("crv")?,
            x: text("x")?,
            y: text("y")?,
            alg: text("alg")?,
            key_use: text("use")?,
            key_ops: member(jwk, "key_ops").map_or(Some(None), |ops| texts(ops).map(Some))?,
            private: PRIVATE.iter().any(|name| jwk.get(name).is_some()),
        })
    }

    pub(super) fn import(self) -> Result<PublicKey, KeyError> {
        self.refuse_private_members()?;
        let curve = self.curve()?;
        let mut key = self.point(curve)?;
        key.key_use = self.declared_use(curve)?;
        self.check_algorithm(&key)?;
        Ok(key)
    }

    fn refuse_private_members(&self) -> Result<(), KeyError> {
        if self.kty == "oct" || self.private {
            return Err(KeyError::PrivateMember);
        }
        Ok(())
    }

    fn curve(&self) -> Result<Curve, KeyError> {
        if self.kty != "EC" && self.kty != "OKP" {
            return Err(KeyError::UnsupportedKeyType);
        }
        let curve = self.crv.and_then(Curve::from_name);
        curve.filter(|curve| curve.key_type() == self.kty).ok_or(KeyError::UnsupportedCurve)
    }

    fn point(&self, curve: Curve) -> Result<PublicKey, KeyError> {
        let x = coordinate(self.x)?;
        match curve {
            Curve::Ed25519 | Curve::X25519 if self.y.is_some() => {
                Err(KeyError::MalformedCoordinate)
            }
            Curve::Ed25519 => PublicKey::from_ed25519(&x),
            Curve::X25519 => PublicKey::from_x25519(&x),
            _ => PublicKey::from_affine(curve, &x, &coordinate(self.y)?),
        }
    }

    /// `use` and `key_ops` (RFC 7517 §4.2, §4.3): a key that may not verify is no signature key.
    fn declared_use(&self, curve: Curve) -> Result<KeyUse, KeyError> {
        // A key for ECDH-ES says so by its `alg` alone (RFC 7517 §4.4).
        let natural = match curve.algorithm() {
            Some(_) if self.alg != Some(jwe::ALGORITHM) => KeyUse::Signature,
            _ => KeyUse::Encryption,
        };
        let declared = match self.key_use {
            None => natural,
            Some("sig") => KeyUse::Signature,
            Some("enc") => KeyUse::Encryption,
            Some(_) => return Err(KeyError::UseMismatch),
        };
        if declared == KeyUse::Signature && natural == KeyUse::Encryption {
            return Err(KeyError::UseMismatch);
        }
        match &self.key_ops {
            Some(ops) if declared == KeyUse::Signature && !ops.contains(&"verify") => {
                Err(KeyError::UseMismatch)
            }
            _ => Ok(declared),
        }
    }

    /// `alg` (RFC 7517 §4.4), where present, is the algorithm of the curve.
    fn check_algorithm(&self, key: &PublicKey) -> Result<(), KeyError> {
        match (self.alg, key.algorithm()) {
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

/// A member that is there and not `null`.
fn member<'a>(jwk: Node<'a>, name: &str) -> Option<Node<'a>> {
    jwk.get(name).filter(|member| member.kind() != Kind::Null)
}
