//! Public keys: strict import of JWKs (RFC 7517, RFC 7518 §6.2, RFC 8037 §2) and bare key material.
//!
//! Import judges everything that bytes alone can tell: exact members, exact lengths, canonical
//! encodings, no private member, no low-order point. Whether an EC point lies on its curve is asked
//! of the crypto provider when it [prepares](crate::CryptoProvider::prepare) the key.

use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::base64url;
use crate::ed25519;
use crate::json::{self, JsonError};
use crate::jwe;
use crate::{Algorithm, Curve};

/// Why a key is refused. Holds no part of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The JWK is no JSON object of strings, or a member of it is of the wrong type.
    #[error("the JWK cannot be read")]
    Json(#[source] JsonError),
    /// `kty` is not `EC` or `OKP`.
    #[error("this key type is not supported")]
    UnsupportedKeyType,
    /// `crv` is not a curve spoken here, or does not belong to `kty`.
    #[error("this curve is not supported")]
    UnsupportedCurve,
    /// A member that only a private or symmetric key has (`d`, `k`, …).
    #[error("the JWK holds a private member")]
    PrivateMember,
    /// A coordinate is missing, in a non-canonical encoding, or not exactly as long as its field.
    #[error("a coordinate of the key is missing or malformed")]
    MalformedCoordinate,
    /// The point does not lie on its curve, or is the point at infinity.
    #[error("the point does not lie on its curve")]
    NotOnCurve,
    /// An Ed25519 or X25519 point of low order: one signature would fit every message.
    #[error("the key is a point of low order")]
    LowOrder,
    /// An Ed25519 or X25519 point that is not the canonical encoding of itself.
    #[error("the key is not canonically encoded")]
    NotCanonical,
    /// The JWK's own `alg` belongs to another curve, or is unknown.
    #[error("the JWK's alg does not belong to its curve")]
    AlgorithmMismatch,
    /// `use` or `key_ops` forbid what the key is imported for.
    #[error("the JWK's use or key_ops forbid verification")]
    UseMismatch,
    /// The provider does not offer this curve.
    #[error("the crypto provider does not offer this curve")]
    NotOffered,
    /// A secret that is missing, of another length than its curve asks, zero, or not below the
    /// group order.
    #[error("the secret is no private key of its curve")]
    InvalidSecret,
    /// The public half of a private JWK is not the one that belongs to its secret.
    #[error("the public half of the key does not belong to its secret")]
    PublicMismatch,
    /// The crypto library made no key: its source of randomness failed.
    #[error("the crypto library made no key")]
    Generation,
}

impl KeyError {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Json(_) => "key_malformed",
            Self::UnsupportedKeyType => "key_type_unsupported",
            Self::UnsupportedCurve => "key_curve_unsupported",
            Self::PrivateMember => "key_private_member",
            Self::MalformedCoordinate => "key_coordinate_malformed",
            Self::NotOnCurve => "key_not_on_curve",
            Self::LowOrder => "key_low_order",
            Self::NotCanonical => "key_not_canonical",
            Self::AlgorithmMismatch => "key_algorithm_mismatch",
            Self::UseMismatch => "key_use_mismatch",
            Self::NotOffered => "key_not_offered",
            Self::InvalidSecret => "key_secret_invalid",
            Self::PublicMismatch => "key_public_mismatch",
            Self::Generation => "key_generation_failed",
        }
    }
}

/// What a key is for (JWK `use`, RFC 7517 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyUse {
    /// Signatures, `sig`; also a key that does not say.
    Signature,
    /// Encryption, `enc`.
    Encryption,
}

/// A public key whose encoding has been judged, with both coordinates where its curve has two.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    curve: Curve,
    /// Big-endian coordinates: `x` then `y` for EC, the encoded point for OKP.
    bytes: Vec<u8>,
    key_use: KeyUse,
}

impl PublicKey {
    /// Imports a JWK from its JSON text.
    ///
    /// Members that RFC 7517 does not define for public keys are ignored; duplicates are refused.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_jwk_json(text: &[u8]) -> Result<Self, KeyError> {
        json::parse::<RawJwk>(text, &JWK_LIMITS).map_err(KeyError::Json)?.import()
    }

    /// Imports a JWK from a JSON value that came from strictly parsed text.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_jwk(value: &Value) -> Result<Self, KeyError> {
        RawJwk::deserialize(value).map_err(|_| KeyError::Json(JsonError::Shape))?.import()
    }

    /// A key from its affine coordinates, each exactly as long as the curve's field.
    ///
    /// # Errors
    /// [`KeyError::MalformedCoordinate`], or [`KeyError::UnsupportedCurve`] for an OKP curve.
    pub fn from_affine(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        if curve.key_type() != "EC" {
            return Err(KeyError::UnsupportedCurve);
        }
        let length = curve.coordinate_length();
        if x.len() != length || y.len() != length {
            return Err(KeyError::MalformedCoordinate);
        }
        Ok(Self { curve, bytes: [x, y].concat(), key_use: KeyUse::Signature })
    }

    /// A key from its uncompressed SEC 1 point (`04 ‖ x ‖ y`, SEC 1 §2.3.3).
    ///
    /// # Errors
    /// [`KeyError::MalformedCoordinate`] for any other form or length.
    pub fn from_sec1_uncompressed(curve: Curve, point: &[u8]) -> Result<Self, KeyError> {
        match point.split_first() {
            Some((4, coordinates)) if coordinates.len() == 2 * curve.coordinate_length() => {
                let (x, y) = coordinates.split_at(curve.coordinate_length());
                Self::from_affine(curve, x, y)
            }
            _ => Err(KeyError::MalformedCoordinate),
        }
    }

    /// An Ed25519 key from its 32 bytes (RFC 8032 §5.1.5), low-order and non-canonical ones refused.
    ///
    /// # Errors
    /// [`KeyError::MalformedCoordinate`], [`KeyError::LowOrder`] or [`KeyError::NotCanonical`].
    pub fn from_ed25519(point: &[u8]) -> Result<Self, KeyError> {
        let point: &[u8; 32] = point.try_into().map_err(|_| KeyError::MalformedCoordinate)?;
        ed25519::judge_point(point)?;
        Ok(Self { curve: Curve::Ed25519, bytes: point.to_vec(), key_use: KeyUse::Signature })
    }

    /// An X25519 key from its 32 bytes (RFC 7748 §5), low-order and non-canonical ones refused.
    ///
    /// # Errors
    /// [`KeyError::MalformedCoordinate`], [`KeyError::LowOrder`] or [`KeyError::NotCanonical`].
    pub fn from_x25519(point: &[u8]) -> Result<Self, KeyError> {
        let point: &[u8; 32] = point.try_into().map_err(|_| KeyError::MalformedCoordinate)?;
        ed25519::judge_x25519(point)?;
        Ok(Self { curve: Curve::X25519, bytes: point.to_vec(), key_use: KeyUse::Encryption })
    }

    /// The key's curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// The one algorithm of the key's signatures; none for a key that is not for signatures.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        match self.key_use {
            KeyUse::Signature => self.curve.algorithm(),
            KeyUse::Encryption => None,
        }
    }

    /// The same key, for encryption whatever its JWK declared.
    #[must_use]
    pub fn for_encryption(self) -> Self {
        Self { key_use: KeyUse::Encryption, ..self }
    }

    /// What the key is for.
    #[must_use]
    pub fn key_use(&self) -> KeyUse {
        self.key_use
    }

    /// The x coordinate, or the encoded point of an OKP key.
    #[must_use]
    pub fn x(&self) -> &[u8] {
        self.bytes.get(..self.curve.coordinate_length()).unwrap_or_default()
    }

    /// The y coordinate; none for an OKP key.
    #[must_use]
    pub fn y(&self) -> Option<&[u8]> {
        self.bytes.get(self.curve.coordinate_length()..).filter(|y| !y.is_empty())
    }

    /// The point as `04 ‖ x ‖ y` for EC, the encoded point as it stands for OKP.
    #[must_use]
    pub fn to_sec1(&self) -> Vec<u8> {
        match self.y() {
            Some(_) => [&[4], self.bytes.as_slice()].concat(),
            None => self.bytes.clone(),
        }
    }

    /// The JWK with its required members only, in lexicographic order (RFC 7638 §3.2).
    #[must_use]
    pub fn to_jwk(&self) -> Value {
        let x = base64url::encode(self.x());
        match self.y() {
            Some(y) => json!({
                "crv": self.curve.name(), "kty": "EC", "x": x, "y": base64url::encode(y),
            }),
            None => json!({ "crv": self.curve.name(), "kty": "OKP", "x": x }),
        }
    }

    /// The SHA-256 thumbprint (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        let x = base64url::encode(self.x());
        let (crv, kty) = (self.curve.name(), self.curve.key_type());
        // Written by hand: the order of members is the definition (RFC 7638 §3.3).
        let text = match self.y() {
            Some(y) => {
                let y = base64url::encode(y);
                format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#)
            }
            None => format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}"}}"#),
        };
        Thumbprint(Sha256::digest(text).into())
    }
}

impl fmt::Debug for PublicKey {
    /// Names the curve only: a holder's key is a lasting identifier of a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("curve", &self.curve).finish_non_exhaustive()
    }
}

/// Key material as identifiers carry it: a whole public key, or a compressed EC point that a
/// provider must expand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyMaterial {
    /// A public key.
    Public(PublicKey),
    /// A compressed point.
    Compressed(CompressedPoint),
}

impl KeyMaterial {
    /// The key's curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        match self {
            Self::Public(key) => key.curve(),
            Self::Compressed(point) => point.curve,
        }
    }

    /// The one algorithm of the key's signatures; none for a key that is not for signatures.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        match self {
            Self::Public(key) => key.algorithm(),
            Self::Compressed(point) => point.curve.algorithm(),
        }
    }
}

impl From<PublicKey> for KeyMaterial {
    fn from(key: PublicKey) -> Self {
        Self::Public(key)
    }
}

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

/// The SHA-256 thumbprint of a public key (RFC 7638).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thumbprint([u8; 32]);

impl Thumbprint {
    /// Reads a thumbprint from its base64url form.
    #[must_use]
    pub fn from_base64url(text: &str) -> Option<Self> {
        base64url::decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(self.0))
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thumbprint({self})")
    }
}

/// A JWK is small: two coordinates of 48 bytes and some names; 16 KiB leaves room for an `x5c`.
const JWK_LIMITS: json::Limits =
    json::Limits { max_bytes: 16 * 1024, max_depth: 4, max_values: 64 };

/// The members of a JWK that matter here. The private ones are read to be refused.
#[derive(Deserialize)]
struct RawJwk {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    key_use: Option<String>,
    key_ops: Option<Vec<String>>,
    d: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
    p: Option<IgnoredAny>,
    q: Option<IgnoredAny>,
    dp: Option<IgnoredAny>,
    dq: Option<IgnoredAny>,
    qi: Option<IgnoredAny>,
    oth: Option<IgnoredAny>,
}

impl RawJwk {
    fn import(self) -> Result<PublicKey, KeyError> {
        self.refuse_private_members()?;
        let curve = self.curve()?;
        let mut key = self.point(curve)?;
        key.key_use = self.declared_use(curve)?;
        self.check_algorithm(&key)?;
        Ok(key)
    }

    fn refuse_private_members(&self) -> Result<(), KeyError> {
        let private = [&self.d, &self.k, &self.p, &self.q, &self.dp, &self.dq, &self.qi, &self.oth];
        if self.kty == "oct" || private.iter().any(|member| member.is_some()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    fn import(jwk: &Value) -> Result<PublicKey, &'static str> {
        PublicKey::from_jwk_json(jwk.to_string().as_bytes()).map_err(|e| e.code())
    }

    fn p256() -> Value {
        json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y})
    }

    fn with(mut jwk: Value, member: &str, value: impl Into<Value>) -> Value {
        jwk[member] = value.into();
        jwk
    }

    #[test]
    fn a_jwk_comes_back_as_it_went_in() {
        let key = import(&with(p256(), "kid", "key-1")).expect("a good key");
        assert_eq!(key.to_jwk(), p256());
        assert_eq!(key.algorithm(), Some(Algorithm::Es256));
        assert_eq!(PublicKey::from_sec1_uncompressed(Curve::P256, &key.to_sec1()), Ok(key));
    }

    #[test]
    fn the_thumbprint_of_rfc_8037_appendix_a3() {
        let jwk = json!({
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        });
        let thumbprint = import(&jwk).expect("the key of RFC 8037").thumbprint();
        assert_eq!(thumbprint.to_string(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(Thumbprint::from_base64url(&thumbprint.to_string()), Some(thumbprint));
    }

    #[test]
    fn n12_private_and_symmetric_keys_are_refused() {
        for member in ["d", "k", "p", "q", "dp", "dq", "qi", "oth"] {
            assert_eq!(import(&with(p256(), member, "AQ")), Err("key_private_member"), "{member}");
        }
        assert_eq!(import(&json!({"kty": "oct", "k": "AQ"})), Err("key_private_member"));
    }

    #[test]
    fn s03_alg_use_and_key_ops_must_fit_the_curve() {
        assert!(import(&with(p256(), "alg", "ES256")).is_ok());
        assert_eq!(import(&with(p256(), "alg", "ES384")), Err("key_algorithm_mismatch"));
        assert_eq!(import(&with(p256(), "alg", "ES521")), Err("key_algorithm_mismatch"));
        assert_eq!(import(&with(p256(), "use", "tls")), Err("key_use_mismatch"));
        assert_eq!(import(&with(p256(), "key_ops", json!(["sign"]))), Err("key_use_mismatch"));
        assert!(import(&with(p256(), "key_ops", json!(["verify"]))).is_ok());
        let encryption = import(&with(p256(), "use", "enc")).expect("an encryption key");
        assert_eq!(encryption.algorithm(), None);
        let agreement = import(&with(p256(), "alg", "ECDH-ES")).expect("an agreement key");
        assert_eq!((agreement.algorithm(), agreement.key_use()), (None, KeyUse::Encryption));
        let both = with(with(p256(), "alg", "ECDH-ES"), "use", "sig");
        assert_eq!(import(&both), Err("key_use_mismatch"));
    }

    #[test]
    fn s11_coordinates_are_exactly_as_long_as_the_field() {
        for x in ["", "AQ", &X[..42], &format!("AA{X}"), &format!("{X}="), "not base64url!"] {
            assert_eq!(import(&with(p256(), "x", x)), Err("key_coordinate_malformed"), "{x}");
        }
        assert_eq!(import(&with(p256(), "x", Value::Null)), Err("key_coordinate_malformed"));
        assert_eq!(import(&with(p256(), "x", 5)), Err("key_malformed"));
    }

    #[test]
    fn key_types_and_curves_that_are_not_spoken_here_are_refused() {
        assert_eq!(
            import(&json!({"kty": "RSA", "n": "AQ", "e": "AQAB"})),
            Err("key_type_unsupported")
        );
        assert_eq!(import(&with(p256(), "crv", "P-521")), Err("key_curve_unsupported"));
        assert_eq!(import(&with(p256(), "kty", "OKP")), Err("key_curve_unsupported"));
        assert_eq!(import(&json!({"kty": "EC"})), Err("key_curve_unsupported"));
    }

    #[test]
    fn s12_an_rsa_key_of_any_size_is_no_key() {
        for n in ["AQ".to_owned(), "_".repeat(342), "_".repeat(683)] {
            for e in ["AQAB", "Aw", "AA"] {
                let jwk = json!({"kty": "RSA", "n": n, "e": e, "alg": "RS256"});
                assert_eq!(import(&jwk), Err("key_type_unsupported"), "{e}");
            }
        }
    }

    #[test]
    fn s16_a_member_that_stands_twice_is_refused() {
        let text = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","x":"{X}","y":"{Y}"}}"#);
        assert_eq!(
            PublicKey::from_jwk_json(text.as_bytes()).map_err(|e| e.code()),
            Err("key_malformed")
        );
    }

    #[test]
    fn s26_low_order_and_non_canonical_okp_keys_are_refused() {
        let okp = |crv: &str, bytes: [u8; 32]| {
            import(&json!({"kty": "OKP", "crv": crv, "x": base64url::encode(bytes)}))
        };
        let mut one = [0; 32];
        one[0] = 1;
        let mut not_reduced = [0xff; 32];
        not_reduced[31] = 0x7f;
        for crv in ["Ed25519", "X25519"] {
            assert_eq!(okp(crv, [0; 32]), Err("key_low_order"));
            assert_eq!(okp(crv, one), Err("key_low_order"));
            assert_eq!(okp(crv, not_reduced), Err("key_not_canonical"));
        }
    }

    #[test]
    fn debug_prints_no_coordinate() {
        let key = import(&p256()).expect("a good key");
        assert_eq!(format!("{key:?}"), "PublicKey { curve: P256, .. }");
    }
}
