//! The service's answer to a request.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use staffpass_jose::json;

use crate::RequestError;

/// The largest answer that is read, in bytes. A QR code as PNG in base64 has some 20,000.
const MAX_BYTES: usize = 256 * 1024;

/// The longest request id, in bytes. Real ones are UUIDs.
pub(super) const MAX_REQUEST_ID: usize = 256;

/// Microsoft's own, and that of a service in its place that asks any wallet.
const SCHEMES: [&str; 3] = ["openid-vc://", "openid4vp://", "haip-vp://"];

/// The service has made the request: what is shown to the person, and until when.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    request_id: String,
    url: String,
    #[serde(with = "chrono::serde::ts_seconds")]
    expiry: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    qr_code: Option<String>,
}

impl Created {
    /// An answer of one's own: for a service that answers as Microsoft's does.
    #[must_use]
    pub fn new(request_id: &str, url: &str, expiry: DateTime<Utc>) -> Self {
        let (request_id, url) = (request_id.to_owned(), url.to_owned());
        Self { request_id, url, expiry, qr_code: None }
    }

    /// The same with a QR code as data URL.
    #[must_use]
    pub fn with_qr_code(mut self, qr_code: String) -> Self {
        self.qr_code = Some(qr_code);
        self
    }

    /// Reads the body of an answer with status 201.
    ///
    /// # Errors
    /// [`RequestError::Json`] for what is not such an answer; [`RequestError::MemberValue`] for a
    /// request id or QR code of a wrong form; [`RequestError::LinkScheme`] for a link that no wallet
    /// opens.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let mut limits = json::Limits::default();
        limits.max_bytes = MAX_BYTES;
        let created: Self = json::parse(body, &limits)?;
        let id = &created.request_id;
        let id_good = !id.is_empty() && id.len() <= MAX_REQUEST_ID;
        if !id_good || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(RequestError::MemberValue { member: "requestId" });
        }
        if !SCHEMES.iter().any(|scheme| created.url.starts_with(scheme)) {
            return Err(RequestError::LinkScheme);
        }
        // It goes into the `src` of an image on the portal's page.
        let data = |qr: &str| {
            let image = qr.strip_prefix("data:image/png;base64,");
            let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
            image.is_some_and(|image| image.bytes().all(base64))
        };
        match created.qr_code.as_deref() {
            Some(qr) if !data(qr) => Err(RequestError::MemberValue { member: "qrCode" }),
            _ => Ok(created),
        }
    }

    /// The answer as the service writes it.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings and a whole number: it cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The service's id of the request, which comes back in every callback.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The link that is shown to the person: Microsoft's is `openid-vc://?request_uri=…`.
    #[must_use]
    pub fn link(&self) -> &str {
        &self.url
    }

    /// Until when the wallet may fetch it.
    #[must_use]
    pub const fn expires_at(&self) -> DateTime<Utc> {
        self.expiry
    }

    /// The link as a QR code, a data URL of a PNG, where it was asked for.
    #[must_use]
    pub fn qr_code(&self) -> Option<&str> {
        self.qr_code.as_deref()
    }
}

/// Prints no link: whoever has it can answer.
impl fmt::Debug for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Created").field("expiry", &self.expiry).finish_non_exhaustive()
    }
}
