//! What a service in Microsoft's place calls back with.

use std::fmt;

use serde::Serialize;

use super::{Claimed, CredentialRequest, PresentationError, Receipt};

/// The body of a callback, to be posted to the address of a request's
/// [`callback`](CredentialRequest::callback) with the headers that stand there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice<'a> {
    request_id: &'a str,
    request_status: &'static str,
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_credentials_data: Option<&'a [Claimed]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<&'a Receipt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<NoticeError>,
}

#[derive(Serialize)]
struct NoticeError {
    code: &'static str,
    message: &'static str,
}

impl<'a> Notice<'a> {
    /// The wallet has fetched the request.
    #[must_use]
    pub fn retrieved(request: &'a CredentialRequest, request_id: &'a str) -> Self {
        Self::of(request, request_id, "request_retrieved")
    }

    /// The wallet has presented what was asked: these credentials, of this holder. With the wallet's
    /// own tokens, where they were asked for.
    #[must_use]
    pub fn verified(
        request: &'a CredentialRequest,
        request_id: &'a str,
        subject: Option<&'a str>,
        credentials: &'a [Claimed],
        receipt: Option<&'a Receipt>,
    ) -> Self {
        Self {
            subject,
            verified_credentials_data: Some(credentials),
            receipt: receipt.filter(|_| request.wants_receipt()),
            ..Self::of(request, request_id, "presentation_verified")
        }
    }

    /// The wallet's answer was not accepted.
    #[must_use]
    pub fn failed(
        request: &'a CredentialRequest,
        request_id: &'a str,
        error: PresentationError,
    ) -> Self {
        let (code, message) = error.as_sent();
        let error = Some(NoticeError { code, message });
        Self { error, ..Self::of(request, request_id, "presentation_error") }
    }

    /// The body, to be posted as `application/json`.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Strings, lists and numbers that came out of JSON: it cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn of(
        request: &'a CredentialRequest,
        request_id: &'a str,
        request_status: &'static str,
    ) -> Self {
        Self {
            request_id,
            request_status,
            state: request.callback().state(),
            subject: None,
            verified_credentials_data: None,
            receipt: None,
            error: None,
        }
    }
}

/// Prints the status alone.
impl fmt::Debug for Notice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notice").field("status", &self.request_status).finish_non_exhaustive()
    }
}
