//! Texts that a request carries: those shown to people, and the identifier of a key.

use crate::RequestError;

/// Bytes of a text that a wallet shows. Authenticator has room for some lines.
const MAX_SHOWN: usize = 512;

/// Bytes of a key id. That of a long-form did:ion with one key and two services has 1,400.
const MAX_KEY_ID: usize = 4096;

/// A text for people: not empty, not too long, and no control character that could change how it is
/// shown.
pub(crate) fn check_text<'t>(text: &'t str, member: &'static str) -> Result<&'t str, RequestError> {
    if text.trim().is_empty() || text.len() > MAX_SHOWN || text.chars().any(char::is_control) {
        return Err(RequestError::TextForm { member });
    }
    Ok(text)
}

/// The key that signs a request: an absolute DID URL `<did>#<fragment>` (DID Core §3.2), and
/// nothing between, since Authenticator on iOS splits it at `#` and expects two parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyId {
    text: String,
    did_length: usize,
}

impl KeyId {
    pub(crate) fn parse(text: &str) -> Result<Self, RequestError> {
        let (did, fragment) = text.split_once('#').ok_or(RequestError::KeyIdForm)?;
        let fragment_good = !fragment.is_empty() && !fragment.contains('#');
        if text.len() > MAX_KEY_ID || !fragment_good || !is_did(did) {
            return Err(RequestError::KeyIdForm);
        }
        if !fragment.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(RequestError::KeyIdForm);
        }
        Ok(Self { text: text.to_owned(), did_length: did.len() })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn did(&self) -> &str {
        self.text.get(..self.did_length).unwrap_or_default()
    }
}

/// DID Core §3.1: `did:`, a method, and an identifier. What the identifier may be is the method's
/// affair.
pub(crate) fn is_did(text: &str) -> bool {
    let Some((method, id)) = text.strip_prefix("did:").and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    let in_method = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let in_id = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:%".contains(&byte);
    !method.is_empty()
        && method.bytes().all(in_method)
        && !id.is_empty()
        && !id.ends_with(':')
        && id.bytes().all(in_id)
}

/// A did:web, taken apart as far as this crate needs: the host and port, and whether a path
/// follows.
pub(crate) fn did_web(did: &str) -> Option<(String, bool)> {
    let id = did.strip_prefix("did:web:")?;
    let (host, path) = match id.split_once(':') {
        Some((host, _)) => (host, true),
        None => (id, false),
    };
    // The colon before a port is the one sign that did:web percent-encodes, but in the loopback's
    // address of IPv6.
    let host = host.replace("%5B%3A%3A1%5D", "[::1]");
    Some((host.replace("%3A", ":").replace("%3a", ":"), path))
}
