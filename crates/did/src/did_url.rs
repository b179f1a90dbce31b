//! A DID URL that names something inside a document (DID Core §3.2).

use std::fmt;

use crate::did::percent_encoded;
use crate::{Did, DidError};

/// A DID and a fragment: the absolute id of a verification method.
///
/// Path and query are refused: nothing here is looked up by them. Compared byte for byte. `Debug`
/// prints the DID's method only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DidUrl {
    did: Did,
    /// The whole text, the DID included.
    text: String,
}

impl DidUrl {
    /// The longest fragment that is read, in bytes: a did:key repeats its key there, which takes
    /// 80 for P-384.
    pub const MAX_FRAGMENT_LENGTH: usize = 256;

    /// Reads an absolute DID URL.
    ///
    /// # Errors
    /// [`DidError::UrlSyntax`], [`DidError::Syntax`] or [`DidError::TooLong`].
    pub fn parse(text: &str) -> Result<Self, DidError> {
        let (did, fragment) = text.split_once('#').ok_or(DidError::UrlSyntax)?;
        Self::new(&Did::parse(did)?, fragment)
    }

    /// Reads a DID URL that is absolute, or `#` and a fragment of `did`'s document.
    ///
    /// An absolute one may name another DID: what a `kid` says is held against the issuer by
    /// whoever asks.
    ///
    /// # Errors
    /// As [`DidUrl::parse`].
    pub fn parse_relative_to(did: &Did, text: &str) -> Result<Self, DidError> {
        // One that begins with this very DID says it twice, and is proved once.
        let rest = text.strip_prefix(did.as_str()).unwrap_or(text);
        match rest.strip_prefix('#') {
            Some(fragment) => Self::new(did, fragment),
            None => Self::parse(text),
        }
    }

    /// Joins a DID and a fragment.
    ///
    /// # Errors
    /// [`DidError::UrlSyntax`] or [`DidError::TooLong`].
    pub fn new(did: &Did, fragment: &str) -> Result<Self, DidError> {
        if fragment.len() > Self::MAX_FRAGMENT_LENGTH {
            return Err(DidError::TooLong { limit: Self::MAX_FRAGMENT_LENGTH });
        }
        if fragment.is_empty() || !percent_encoded(fragment, is_fragment_byte) {
            return Err(DidError::UrlSyntax);
        }
        Ok(Self { did: did.clone(), text: [did.as_str(), "#", fragment].concat() })
    }

    /// The DID before the `#`.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// What stands after the `#`, as it was written; never empty.
    #[must_use]
    pub fn fragment(&self) -> &str {
        self.text.get(self.did.as_str().len() + 1..).unwrap_or_default()
    }

    /// The whole DID URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for DidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for DidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DidUrl({}:…)", self.did.method_name())
    }
}

/// `fragment = *( pchar / "/" / "?" )` (RFC 3986 §3.5), percent-encoding aside.
fn is_fragment_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        DidUrl::parse(text).map_or_else(|error| error.code(), |_| "accepted")
    }

    #[test]
    fn s06_a_key_id_is_a_did_and_a_bounded_fragment() {
        assert_eq!(code("did:web:trust.example#key-1"), "accepted");
        assert_eq!(code(&format!("did:jwk:e30#{}", "a".repeat(256))), "accepted");
        assert_eq!(code(&format!("did:jwk:e30#{}", "a".repeat(257))), "did_too_long");
        for bad in [
            "did:web:trust.example",
            "did:web:trust.example#",
            "did:web:trust.example#a#b",
            "did:web:trust.example#a b",
            "did:web:trust.example#a\nb",
            "did:web:trust.example#a\\b",
            "did:web:trust.example#a\"b",
            "did:web:trust.example#a%2",
            "did:web:trust.example#\u{e9}",
        ] {
            assert_eq!(code(bad), "did_url_syntax", "{bad}");
        }
        for bad in [
            "#key-1",
            "../../etc/passwd#a",
            "https://trust.example/keys#a",
            "did:web:trust.example/keys#a",
            "did:web:trust.example?versionId=1#a",
            "' OR 1=1 --#a",
        ] {
            assert_eq!(code(bad), "did_syntax", "{bad}");
        }
    }

    #[test]
    fn a_relative_id_is_made_absolute() {
        let did = Did::parse("did:web:trust.example").expect("a DID");
        let url = DidUrl::parse_relative_to(&did, "#key-1").expect("a relative id");
        assert_eq!(url.as_str(), "did:web:trust.example#key-1");
        assert_eq!((url.did(), url.fragment()), (&did, "key-1"));
        assert_eq!(DidUrl::parse(url.as_str()).as_ref(), Ok(&url));
        let other =
            DidUrl::parse_relative_to(&did, "did:web:other.example#key-1").expect("absolute");
        assert_eq!(other.did().as_str(), "did:web:other.example");
        assert!(DidUrl::parse_relative_to(&did, "key-1").is_err());
        assert_eq!(format!("{url:?}"), "DidUrl(web:…)");
    }
}
