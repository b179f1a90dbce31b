//! A DID (DID Core §3.1).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::DidError;

/// A decentralized identifier whose grammar has been proved (DID Core §3.1), at most
/// [`Did::MAX_LENGTH`] bytes long.
///
/// What a method asks beyond that grammar is judged when the DID is resolved. Two DIDs are equal
/// when their bytes are: nothing is normalised. A holder's DID is personal data, so `Debug` prints
/// its method only; `Display` prints it whole. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Did(Arc<str>);

impl Did {
    /// The longest DID that is read, in bytes: a long-form did:ion with one key has 0.7 kB, a real
    /// issuer's with two services 1.2 kB, and ION itself refuses an operation above 2.5 kB, which
    /// base64url makes 3.4 kB.
    pub const MAX_LENGTH: usize = 4096;

    /// Reads a DID.
    ///
    /// # Errors
    /// [`DidError::TooLong`] or [`DidError::Syntax`].
    pub fn parse(text: &str) -> Result<Self, DidError> {
        if text.len() > Self::MAX_LENGTH {
            return Err(DidError::TooLong { limit: Self::MAX_LENGTH });
        }
        if is_did(text) { Ok(Self(text.into())) } else { Err(DidError::Syntax) }
    }

    /// A DID that this crate has composed of parts that it has judged.
    pub(crate) fn composed(method: &str, specific_id: &str) -> Self {
        Self(format!("did:{method}:{specific_id}").into())
    }

    /// The DID as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its method.
    #[must_use]
    pub fn method(&self) -> Method {
        match self.split().0 {
            "web" => Method::Web,
            "jwk" => Method::Jwk,
            "key" => Method::Key,
            "ion" => Method::Ion,
            _ => Method::Other,
        }
    }

    /// The name of its method, such as `web`.
    #[must_use]
    pub fn method_name(&self) -> &str {
        self.split().0
    }

    /// What stands after `did:<method>:`.
    #[must_use]
    pub fn method_specific_id(&self) -> &str {
        self.split().1
    }

    fn split(&self) -> (&str, &str) {
        let rest = self.0.strip_prefix("did:").unwrap_or_default();
        rest.split_once(':').unwrap_or_default()
    }
}

impl FromStr for Did {
    type Err = DidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl AsRef<str> for Did {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Did({}:…)", self.method_name())
    }
}

impl Serialize for Did {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Did {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// The methods that this crate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Method {
    /// did:web: the document is fetched from the domain that the DID names.
    Web,
    /// did:jwk: the DID is one key, written as a JWK.
    Jwk,
    /// did:key: the DID is one key, written as a multicodec.
    Key,
    /// did:ion: the long form holds its document; the short form needs an ION node.
    Ion,
    /// Any other method: its document comes from a resolver elsewhere.
    Other,
}

/// `did:` method-name `:` method-specific-id.
fn is_did(text: &str) -> bool {
    let Some((method, specific_id)) =
        text.strip_prefix("did:").and_then(|rest| rest.split_once(':'))
    else {
        return false;
    };
    is_method_name(method) && is_method_specific_id(specific_id)
}

fn is_method_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// `*( *idchar ":" ) 1*idchar`: the last segment is not empty.
fn is_method_specific_id(id: &str) -> bool {
    !id.is_empty() && !id.ends_with(':') && id.split(':').all(is_idchars)
}

/// `idchar = ALPHA / DIGIT / "." / "-" / "_" / pct-encoded`.
fn is_idchars(segment: &str) -> bool {
    percent_encoded(segment, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
    })
}

/// Whether every byte is plain, or part of a `%` and two hexadecimal digits (RFC 3986 §2.1).
pub(crate) fn percent_encoded(text: &str, plain: impl Fn(u8) -> bool) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let good = match byte {
            b'%' => {
                let mut hex = || bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit());
                hex() && hex()
            }
            _ => plain(byte),
        };
        if !good {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> &'static str {
        Did::parse(text).map_or_else(|error| error.code(), |_| "accepted")
    }

    #[test]
    fn pf36_a_did_proves_its_grammar() {
        for good in [
            "did:web:trust.example",
            "did:example:123",
            "did:ex4mple:a:b:c",
            "did:example::a",
            "did:web:trust.example%3A8443:a",
            "did:example:%00",
            "did:example:A.b-c_d",
        ] {
            assert_eq!(code(good), "accepted", "{good}");
        }
        for bad in [
            "",
            "did:",
            "did::",
            "did:web",
            "did:web:",
            "did:web:a:",
            "did::a",
            "DID:web:a",
            "did:Web:a",
            "did:we-b:a",
            " did:web:a",
            "did:web:a ",
            "did:web:a/b",
            "did:web:a?b",
            "did:web:a#b",
            "did:web:a@b",
            "did:web:a%",
            "did:web:a%4",
            "did:web:a%zz",
            "did:web:caf\u{e9}",
            "did:web:a\\b",
            "did:web:a\0",
            "did:web:[..1]",
            "urn:did:web:a",
        ] {
            assert_eq!(code(bad), "did_syntax", "{bad}");
        }
    }

    #[test]
    fn n07_a_did_beyond_the_limit_is_refused() {
        let long = |length: usize| format!("did:ion:{}", "a".repeat(length - 8));
        assert_eq!(code(&long(Did::MAX_LENGTH)), "accepted");
        assert_eq!(code(&long(Did::MAX_LENGTH + 1)), "did_too_long");
    }

    #[test]
    fn debug_prints_the_method_only() {
        let did = Did::parse("did:example:secret").expect("a DID");
        assert_eq!(format!("{did:?}"), "Did(example:…)");
        assert_eq!(did.to_string(), "did:example:secret");
        assert_eq!((did.method_name(), did.method_specific_id()), ("example", "secret"));
        assert_eq!(did.method(), Method::Other);
    }

    #[test]
    fn it_is_a_string_on_the_wire() {
        let did = Did::parse("did:web:trust.example").expect("a DID");
        let text = serde_json::to_string(&did).expect("JSON");
        assert_eq!(text, r#""did:web:trust.example""#);
        assert_eq!(serde_json::from_str::<Did>(&text).expect("a DID"), did);
        assert!(serde_json::from_str::<Did>(r#""did:web:a/b""#).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _ = Did::parse(&text);
        }

        #[test]
        fn what_is_read_is_what_is_written(text in "did:[a-z]{1,4}:[a-zA-Z0-9:%._-]{1,12}") {
            if let Ok(did) = Did::parse(&text) {
                prop_assert_eq!(did.as_str(), &text);
                prop_assert_eq!(format!("did:{}:{}", did.method_name(), did.method_specific_id()), text);
            }
        }
    }
}
