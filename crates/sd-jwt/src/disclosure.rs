//! A disclosure (RFC 9901 §4.2): a salt, perhaps a claim name, and a value.

use std::fmt;

use rand_core::CryptoRng;
use serde_json::Value;
use staffpass_jose::base64url;
use staffpass_jose::json::{self, Node, Tree};

use crate::{HashAlgorithm, SdJwtError};

/// What fits a digest: a claim with its name, or an element of an array.
///
/// Its encoded text is kept as it came or as it was first written; digests are made of nothing else.
#[derive(Clone, PartialEq)]
pub struct Disclosure {
    encoded: String,
    name: Option<String>,
    value: Value,
}

impl Disclosure {
    /// A claim of an object (RFC 9901 §4.2.1), with a salt of 128 random bits.
    #[must_use]
    pub fn claim(name: &str, value: Value, rng: &mut impl CryptoRng) -> Self {
        let text = Value::from(vec![random_salt(rng).into(), name.into(), value.clone()]);
        Self { encoded: base64url::encode(text.to_string()), name: Some(name.to_owned()), value }
    }

    /// An element of an array (RFC 9901 §4.2.2), with a salt of 128 random bits.
    #[must_use]
    pub fn element(value: Value, rng: &mut impl CryptoRng) -> Self {
        let text = Value::from(vec![random_salt(rng).into(), value.clone()]);
        Self { encoded: base64url::encode(text.to_string()), name: None, value }
    }

    /// A disclosure from its JSON text, which is encoded as it stands, white space included.
    ///
    /// # Errors
    /// [`SdJwtError::DisclosureJson`], [`SdJwtError::DisclosureShape`], with position 0.
    pub fn from_json_text(text: &str, limits: &json::Limits) -> Result<Self, SdJwtError> {
        let array = Tree::parse(text.as_bytes(), limits)
            .map_err(|reason| SdJwtError::DisclosureJson { disclosure: 0, reason })?;
        let salted = Salted::of(array.root());
        let Salted { name, value } = salted.ok_or(SdJwtError::DisclosureShape { disclosure: 0 })?;
        let (name, value) = (name.map(str::to_owned), value.to_value());
        Ok(Self { encoded: base64url::encode(text), name, value })
    }

    /// The encoded text: base64url, as it stands between two `~`.
    #[must_use]
    pub fn encoded(&self) -> &str {
        &self.encoded
    }

    /// The digest of the encoded text (RFC 9901 §4.2.3).
    #[must_use]
    pub fn digest(&self, algorithm: HashAlgorithm) -> String {
        algorithm.digest(&self.encoded)
    }

    /// The name of the claim; `None` for an element of an array.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The value, in which more may be hidden.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }
}

/// What stands behind the salt of a disclosure: a claim's name and value (RFC 9901 §4.2.1), or an element
/// (§4.2.2).
#[derive(Clone, Copy)]
pub(crate) struct Salted<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) value: Node<'a>,
}

impl<'a> Salted<'a> {
    pub(crate) fn of(array: Node<'a>) -> Option<Self> {
        let mut elements = array.elements()?;
        let _salt = elements.next()?.as_str()?;
        match (elements.next()?, elements.next(), elements.next()) {
            (value, None, None) => Some(Self { name: None, value }),
            (name, Some(value), None) => Some(Self { name: Some(name.as_str()?), value }),
            _ => None,
        }
    }
}

impl fmt::Debug for Disclosure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.name.is_some() { "claim" } else { "element" };
        f.debug_struct("Disclosure").field("kind", &kind).finish_non_exhaustive()
    }
}

/// 128 random bits, as RFC 9901 §9.3 recommends.
pub(crate) fn random_salt(rng: &mut impl CryptoRng) -> String {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    base64url::encode(bytes)
}
