//! What a wallet says when it fetches a request object by POST (§5.10).

use std::fmt;

use serde_json::{Map, Value};
use staffpass_jose::json;
use url::form_urlencoded;

use crate::RequestError;

/// Bytes of the form (attack R10). Metadata of real wallets have some thousand.
const MAX_BODY: usize = 64 * 1024;

/// Fields of the form, known and unknown.
const MAX_FIELDS: usize = 16;

/// Characters of a nonce.
const MAX_NONCE: usize = 512;

/// The form that a wallet posts to the address of a request object. It chooses nothing of what the
/// answer is held against.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WalletPost {
    /// `wallet_nonce`: to be repeated in the request object, by
    /// [`RequestObject::with_wallet_nonce`](crate::RequestObject::with_wallet_nonce).
    pub wallet_nonce: Option<String>,
    /// `wallet_metadata`: what the wallet says that it can do.
    pub wallet_metadata: Option<Map<String, Value>>,
}

impl WalletPost {
    /// Reads the body of the POST. Fields that the text does not define are passed over.
    ///
    /// # Errors
    /// [`RequestError::MemberValue`] for a form or a field that is too long or malformed, or a field
    /// that stands twice.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let form = RequestError::MemberValue { member: "request_uri" };
        let fields = body.split(|byte| *byte == b'&').count();
        if body.len() > MAX_BODY || fields > MAX_FIELDS || std::str::from_utf8(body).is_err() {
            return Err(form);
        }
        let mut post = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "wallet_nonce" => once(&mut post.wallet_nonce, nonce(&value)?, "wallet_nonce")?,
                "wallet_metadata" => {
                    let read = metadata(&value)?;
                    once(&mut post.wallet_metadata, read, "wallet_metadata")?;
                }
                _ => {}
            }
        }
        Ok(post)
    }
}

/// Prints nothing of what the wallet said.
impl fmt::Debug for WalletPost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WalletPost")
            .field("wallet_nonce", &self.wallet_nonce.is_some())
            .field("wallet_metadata", &self.wallet_metadata.is_some())
            .finish()
    }
}

fn once<T>(place: &mut Option<T>, value: T, member: &'static str) -> Result<(), RequestError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(RequestError::MemberValue { member }),
    }
}

/// §5.10: a string, which is signed as it came. Visible ASCII, so that it says nothing to anybody.
fn nonce(value: &str) -> Result<String, RequestError> {
    let good = !value.is_empty() && value.len() <= MAX_NONCE;
    if good && value.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(value.to_owned())
    } else {
        Err(RequestError::MemberValue { member: "wallet_nonce" })
    }
}

fn metadata(value: &str) -> Result<Map<String, Value>, RequestError> {
    let mut limits = json::Limits::default();
    limits.max_bytes = MAX_BODY;
    json::parse(value.as_bytes(), &limits)
        .map_err(|_| RequestError::MemberValue { member: "wallet_metadata" })
}
