//! Private signature keys as JWKs (RFC 7518 §6.2.2, RFC 8037 §2), for providers that keep a key in
//! a file.

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::base64url;
use crate::json;
use crate::{Algorithm, Curve, KeyError, PublicKey};

/// A private signature key in its portable form. A provider makes a signing key of it.
///
/// The public half is never taken from here: a provider derives it from the secret, and
/// [`check_public`](Self::check_public) then holds it against what the JWK says. Wiped when dropped.
pub struct PrivateJwk {
    algorithm: Algorithm,
    secret: Zeroizing<Vec<u8>>,
    x: String,
    y: Option<String>,
}

/// Makes a private key of secrets drawn at random, for providers: `fill` is their own randomness,
/// `make` refuses a secret outside the group with [`KeyError::InvalidSecret`], and then another one
/// is drawn (FIPS 186-5 A.2.2).
///
/// # Errors
/// [`KeyError::Generation`] where the randomness fails, or never draws a secret inside the group;
/// otherwise what `make` says.
pub fn draw_key<K, E>(
    length: usize,
    mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
    make: impl Fn(&[u8]) -> Result<K, KeyError>,
) -> Result<K, KeyError> {
    let mut secret = Zeroizing::new(vec![0; length]);
    for _ in 0..MOST_TRIES {
        fill(&mut secret).map_err(|_| KeyError::Generation)?;
        match make(&secret) {
            Err(KeyError::InvalidSecret) => {}
            made => return made,
        }
    }
    Err(KeyError::Generation)
}

/// A draw outside the group has a chance below 2^-32 on P-256, the worst of the curves; four in a
/// row say that the randomness is broken.
const MOST_TRIES: usize = 4;

impl PrivateJwk {
    /// Joins a secret with the public key that was derived from it.
    ///
    /// # Errors
    /// [`KeyError::NotOffered`] for a key that is not for signatures, [`KeyError::InvalidSecret`]
    /// where the secret is not as long as the curve asks.
    pub fn new(public: &PublicKey, secret: &[u8]) -> Result<Self, KeyError> {
        let algorithm = public.algorithm().ok_or(KeyError::NotOffered)?;
        if secret.len() != algorithm.curve().coordinate_length() {
            return Err(KeyError::InvalidSecret);
        }
        let (x, y) = (base64url::encode(public.x()), public.y().map(base64url::encode));
        Ok(Self { algorithm, secret: Zeroizing::new(secret.to_vec()), x, y })
    }

    /// Reads a private JWK from its JSON text.
    ///
    /// # Errors
    /// See [`KeyError`]; [`KeyError::InvalidSecret`] where `d` is missing or malformed.
    pub fn from_json(text: &[u8]) -> Result<Self, KeyError> {
        json::parse::<RawPrivateJwk>(text, &LIMITS).map_err(KeyError::Json)?.import()
    }

    /// Writes the JWK with its required members only, in lexicographic order.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        let curve = self.algorithm.curve();
        let secret = Zeroizing::new(base64url::encode(&*self.secret));
        // Room for all of it, so that growing leaves no copy of the secret behind.
        let mut text = Zeroizing::new(String::with_capacity(512));
        let x = Some(self.x.as_str());
        let members = [
            ("{\"crv\":\"", Some(curve.name())),
            ("\",\"d\":\"", Some(secret.as_str())),
            ("\",\"kty\":\"", Some(curve.key_type())),
            ("\",\"x\":\"", x),
            ("\",\"y\":\"", self.y.as_deref()),
        ];
        for (name, value) in members {
            if let Some(value) = value {
                text.push_str(name);
                text.push_str(value);
            }
        }
        text.push_str("\"}");
        text
    }

    /// The algorithm of the key's signatures.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The secret: a big-endian number for EC, the seed for Ed25519.
    #[must_use]
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// Whether the JWK's public half is the one that was derived from its secret.
    ///
    /// # Errors
    /// [`KeyError::PublicMismatch`].
    pub fn check_public(&self, derived: &PublicKey) -> Result<(), KeyError> {
        let x = base64url::encode(derived.x());
        let y = derived.y().map(base64url::encode);
        if self.algorithm.curve() == derived.curve() && self.x == x && self.y == y {
            Ok(())
        } else {
            Err(KeyError::PublicMismatch)
        }
    }
}

impl fmt::Debug for PrivateJwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateJwk").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// Three numbers of 48 bytes and some names.
const LIMITS: json::Limits = json::Limits::new(16 * 1024, 4, 64);

#[derive(Deserialize)]
struct RawPrivateJwk {
    kty: String,
    crv: Option<String>,
    d: Option<String>,
    x: Option<String>,
    y: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    key_use: Option<String>,
    key_ops: Option<Vec<String>>,
}

impl RawPrivateJwk {
    fn import(mut self) -> Result<PrivateJwk, KeyError> {
        // First of all, so that it is wiped whatever else is wrong.
        let secret = self.secret();
        let algorithm = self.algorithm()?;
        self.check_use()?;
        let secret = secret.ok_or(KeyError::InvalidSecret)?;
        if secret.len() != algorithm.curve().coordinate_length() {
            return Err(KeyError::InvalidSecret);
        }
        let (x, y) = self.public(algorithm.curve())?;
        Ok(PrivateJwk { algorithm, secret, x, y })
    }

    /// The public half as it stands: one coordinate or two, each in its one encoding, so that it can be
    /// written again as it came.
    fn public(self, curve: Curve) -> Result<(String, Option<String>), KeyError> {
        let whole = |text: &String| {
            base64url::decode(text).is_ok_and(|bytes| bytes.len() == curve.coordinate_length())
        };
        let x = self.x.filter(whole).ok_or(KeyError::MalformedCoordinate)?;
        let y = self.y.map(|y| Some(y).filter(whole).ok_or(KeyError::MalformedCoordinate));
        let y = y.transpose()?;
        if y.is_some() == (curve.key_type() == "EC") {
            Ok((x, y))
        } else {
            Err(KeyError::MalformedCoordinate)
        }
    }

    fn secret(&mut self) -> Option<Zeroizing<Vec<u8>>> {
        let text = Zeroizing::new(self.d.take()?);
        base64url::decode(&*text).ok().map(Zeroizing::new)
    }

    /// The algorithm of the curve, which `alg` names where it is there (RFC 7517 §4.4).
    fn algorithm(&self) -> Result<Algorithm, KeyError> {
        if self.kty != "EC" && self.kty != "OKP" {
            return Err(KeyError::UnsupportedKeyType);
        }
        let curve = self.crv.as_deref().and_then(Curve::from_name);
        let curve = curve.filter(|curve| curve.key_type() == self.kty);
        let algorithm = curve.and_then(Curve::algorithm).ok_or(KeyError::UnsupportedCurve)?;
        match self.alg.as_deref() {
            Some(name) if name != algorithm.name() => Err(KeyError::AlgorithmMismatch),
            _ => Ok(algorithm),
        }
    }

    /// `use` and `key_ops` (RFC 7517 §4.2, §4.3) do not forbid signing.
    fn check_use(&self) -> Result<(), KeyError> {
        let signs = self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "sign"));
        if self.key_use.as_deref().is_none_or(|key_use| key_use == "sig") && signs {
            Ok(())
        } else {
            Err(KeyError::UseMismatch)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// The key of RFC 8037 appendix A.1.
    fn ed25519() -> Value {
        json!({
            "kty": "OKP", "crv": "Ed25519", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        })
    }

    fn code(jwk: &Value) -> &'static str {
        match PrivateJwk::from_json(jwk.to_string().as_bytes()) {
            Ok(_) => "accepted",
            Err(error) => error.code(),
        }
    }

    fn with(member: &str, value: impl Into<Value>) -> Value {
        let mut jwk = ed25519();
        jwk[member] = value.into();
        jwk
    }

    #[test]
    fn a_private_jwk_comes_back_as_it_went_in() {
        let jwk = PrivateJwk::from_json(ed25519().to_string().as_bytes()).expect("a private key");
        assert_eq!(serde_json::from_str::<Value>(&jwk.to_json()).expect("JSON"), ed25519());
        let public = jwk.x.clone();
        let public = base64url::decode(public).expect("base64url");
        let public = PublicKey::from_ed25519(&public).expect("a public key");
        assert_eq!(jwk.check_public(&public), Ok(()));
        let again = PrivateJwk::new(&public, jwk.secret()).expect("the same key");
        assert_eq!(again.to_json(), jwk.to_json());
    }

    #[test]
    fn a_private_jwk_without_its_secret_or_its_public_half_is_refused() {
        assert_eq!(code(&with("d", Value::Null)), "key_secret_invalid");
        assert_eq!(code(&with("d", "AQ")), "key_secret_invalid");
        assert_eq!(code(&with("d", "not base64url!")), "key_secret_invalid");
        assert_eq!(code(&with("x", Value::Null)), "key_coordinate_malformed");
    }

    /// Found by fuzzing: a quote or backslash in a coordinate went into the JSON that was written.
    #[test]
    fn a_public_half_in_another_encoding_or_of_another_length_is_refused() {
        for x in [
            "",
            "AQ",
            "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcH\\,o",
            "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        ] {
            assert_eq!(code(&with("x", x)), "key_coordinate_malformed", "{x}");
        }
        assert_eq!(code(&with("y", ed25519()["x"].clone())), "key_coordinate_malformed");
        let mut p256 =
            json!({"kty": "EC", "crv": "P-256", "d": ed25519()["d"], "x": ed25519()["x"]});
        assert_eq!(code(&p256), "key_coordinate_malformed");
        p256["y"] = ed25519()["x"].clone();
        assert_eq!(code(&p256), "accepted");
        p256["y"] = "\"".into();
        assert_eq!(code(&p256), "key_coordinate_malformed");
    }

    #[test]
    fn s03_alg_use_and_key_ops_of_a_private_jwk_must_fit_signing() {
        assert_eq!(code(&with("alg", "EdDSA")), "accepted");
        assert_eq!(code(&with("alg", "ES256")), "key_algorithm_mismatch");
        assert_eq!(code(&with("use", "enc")), "key_use_mismatch");
        assert_eq!(code(&with("key_ops", json!(["verify"]))), "key_use_mismatch");
        assert_eq!(code(&with("key_ops", json!(["sign"]))), "accepted");
        assert_eq!(code(&with("crv", "X25519")), "key_curve_unsupported");
        assert_eq!(code(&with("kty", "EC")), "key_curve_unsupported");
        assert_eq!(code(&with("kty", "RSA")), "key_type_unsupported");
    }

    #[test]
    fn b14_debug_and_errors_print_no_secret() {
        let jwk = PrivateJwk::from_json(ed25519().to_string().as_bytes()).expect("a private key");
        assert_eq!(format!("{jwk:?}"), "PrivateJwk { algorithm: EdDsa, .. }");
        // A secret one character short: the error says that, and nothing of the secret.
        let cut = with("d", "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2");
        let error = PrivateJwk::from_json(cut.to_string().as_bytes()).map(drop).unwrap_err();
        assert_eq!(error.code(), "key_secret_invalid");
        assert!(!format!("{error:?} {error}").contains("nWGxne"));
    }
}
