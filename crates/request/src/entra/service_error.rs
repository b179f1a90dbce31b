//! What Microsoft's service says when it refuses a request.

use std::fmt;

use serde::{Deserialize, Serialize};
use staffpass_jose::json;

/// The largest error that is read, in bytes. Real ones have some hundred.
const MAX_BYTES: usize = 16 * 1024;

/// The service refused: its HTTP status, its codes, and the member of the request at fault. Its
/// message is for people, may repeat what was sent, and is not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the service answers with status {status} ({code}, {inner})")]
#[non_exhaustive]
pub struct ServiceError {
    /// The HTTP status.
    pub status: u16,
    /// The outer code, which follows the status.
    pub code: ServiceErrorCode,
    /// The inner code.
    pub inner: InnerErrorCode,
    /// The member of the request at fault, where the service names one.
    pub target: Option<Target>,
}

/// Outer codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServiceErrorCode {
    /// `badRequest`.
    BadRequest,
    /// `unauthorized`: the token is missing or not good.
    Unauthorized,
    /// `forbidden`: the token lacks a permission.
    Forbidden,
    /// `notFound`.
    NotFound,
    /// `tooManyRequests`.
    TooManyRequests,
    /// Any other.
    Other,
}

/// Inner codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InnerErrorCode {
    /// `badOrMissingField`.
    BadOrMissingField,
    /// `notFound`: the authority, say.
    NotFound,
    /// `tokenError`.
    TokenError,
    /// `transientError`: worth another try.
    TransientError,
    /// Any other, or none.
    Other,
}

/// The path of a member, such as `requestedCredentials[0].type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(String);

#[derive(Deserialize)]
struct Wire {
    error: Outer,
}

#[derive(Deserialize)]
struct Outer {
    code: String,
    #[serde(default)]
    innererror: Option<Inner>,
}

#[derive(Deserialize)]
struct Inner {
    code: String,
    #[serde(default)]
    target: Option<String>,
}

/// What a service writes that answers as Microsoft's does.
#[derive(Serialize)]
struct Reply<'a> {
    #[serde(rename = "requestId")]
    request_id: &'a str,
    date: &'a str,
    error: ReplyOuter<'a>,
}

#[derive(Serialize)]
struct ReplyOuter<'a> {
    code: &'static str,
    message: &'a str,
    innererror: ReplyInner<'a>,
}

#[derive(Serialize)]
struct ReplyInner<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
}

impl ServiceError {
    /// An error of one's own: for a service that answers as Microsoft's does.
    #[must_use]
    pub const fn new(status: u16, inner: InnerErrorCode, target: Option<Target>) -> Self {
        Self { status, code: ServiceErrorCode::of_status(status), inner, target }
    }

    /// Reads the answer to a request that was not created. A body that is no such error leaves the
    /// status, which is what counts.
    #[must_use]
    pub fn read(status: u16, body: &[u8]) -> Self {
        let mut limits = json::Limits::default();
        limits.max_bytes = MAX_BYTES;
        let Ok(Wire { error }) = json::parse::<Wire>(body, &limits) else {
            return Self::new(status, InnerErrorCode::Other, None);
        };
        let inner = error.innererror.as_ref();
        Self {
            status,
            code: ServiceErrorCode::named(&error.code),
            inner: inner.map_or(InnerErrorCode::Other, |inner| InnerErrorCode::named(&inner.code)),
            target: inner.and_then(|inner| Target::parse(inner.target.as_deref()?)),
        }
    }

    /// The error as the service writes it, with the sentence for people.
    #[must_use]
    pub fn to_json(&self, request_id: &str, date: &str, message: &str) -> String {
        let target = self.target.as_ref().map(Target::as_str);
        let innererror = ReplyInner { code: self.inner.as_str(), message, target };
        let error = ReplyOuter { code: self.code.as_str(), message, innererror };
        // Strings alone: it cannot fail.
        serde_json::to_string(&Reply { request_id, date, error }).unwrap_or_default()
    }

    /// Whether the same request may succeed a little later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        self.status == 429 || self.status >= 500
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.code {
            ServiceErrorCode::BadRequest => "entra_service_bad_request",
            ServiceErrorCode::Unauthorized => "entra_service_unauthorized",
            ServiceErrorCode::Forbidden => "entra_service_forbidden",
            ServiceErrorCode::NotFound => "entra_service_not_found",
            ServiceErrorCode::TooManyRequests => "entra_service_too_many_requests",
            ServiceErrorCode::Other => "entra_service_error",
        }
    }
}

impl ServiceErrorCode {
    const fn of_status(status: u16) -> Self {
        match status {
            400 => Self::BadRequest,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            429 => Self::TooManyRequests,
            _ => Self::Other,
        }
    }

    fn named(code: &str) -> Self {
        match code {
            "badRequest" => Self::BadRequest,
            "unauthorized" => Self::Unauthorized,
            "forbidden" => Self::Forbidden,
            "notFound" => Self::NotFound,
            "tooManyRequests" => Self::TooManyRequests,
            _ => Self::Other,
        }
    }

    /// The code on the wire; for others that of a server's fault.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "badRequest",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "notFound",
            Self::TooManyRequests => "tooManyRequests",
            Self::Other => "internalServerError",
        }
    }
}

impl InnerErrorCode {
    fn named(code: &str) -> Self {
        match code {
            "badOrMissingField" => Self::BadOrMissingField,
            "notFound" => Self::NotFound,
            "tokenError" => Self::TokenError,
            "transientError" => Self::TransientError,
            _ => Self::Other,
        }
    }

    /// The code on the wire; for others that of a passing fault.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadOrMissingField => "badOrMissingField",
            Self::NotFound => "notFound",
            Self::TokenError => "tokenError",
            Self::TransientError | Self::Other => "transientError",
        }
    }
}

impl fmt::Display for ServiceErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Other { "other" } else { self.as_str() })
    }
}

impl fmt::Display for InnerErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Other { "other" } else { self.as_str() })
    }
}

impl Target {
    /// A path of member names, positions and dots, of 128 characters at most: never a value.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]$".contains(&byte);
        let good = !text.is_empty() && text.len() <= 128 && text.bytes().all(plain);
        good.then(|| Self(text.to_owned()))
    }

    /// A path that is written in this crate.
    pub(super) fn of(path: &'static str) -> Self {
        Self(path.to_owned())
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
