//! Base64url without padding (RFC 4648 §5, RFC 7515 §2), canonical form only.
//!
//! Two different strings never decode to the same bytes: padding, white space, the standard
//! alphabet's `+` and `/`, and set bits after the last whole byte are all refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Why a text is not canonical unpadded base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not canonical unpadded base64url")]
#[non_exhaustive]
pub struct InvalidBase64Url;

/// Writes bytes as unpadded base64url.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads unpadded base64url.
///
/// # Errors
/// [`InvalidBase64Url`] for any text that [`encode`] would not have written.
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, InvalidBase64Url> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidBase64Url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn s13_padding_white_space_and_the_standard_alphabet_are_refused() {
        for text in ["Zg==", "Zg=", "Zm9v\n", " Zm9v", "Zm 9v", "-_+/", "Zm9v.", "Z"] {
            assert_eq!(decode(text), Err(InvalidBase64Url), "{text:?}");
        }
    }

    #[test]
    fn s13_bits_after_the_last_byte_are_refused() {
        assert_eq!(decode("Zg"), Ok(b"f".to_vec()));
        assert_eq!(decode("Zh"), Err(InvalidBase64Url));
    }

    proptest! {
        #[test]
        fn what_decodes_is_what_encodes(text in "[A-Za-z0-9_-]{0,40}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(bytes), text);
            }
        }

        #[test]
        fn every_byte_string_comes_back(bytes: Vec<u8>) {
            prop_assert_eq!(decode(encode(&bytes)), Ok(bytes));
        }
    }
}
