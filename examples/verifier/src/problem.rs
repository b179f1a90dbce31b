//! What a portal is told when something is wrong with its call.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use staffpass::request::{NotTaken, RequestError};
use staffpass::store::StoreError;

use crate::book::NotKept;

/// A refusal: an OAuth-style error, and what in the call is at fault.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(skip)]
    status: StatusCode,
    error: &'static str,
    code: &'static str,
    message: String,
}

impl Problem {
    pub(crate) fn bad_request(code: &'static str, message: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", code, message)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "unknown_request", "there is no such request")
    }

    pub(crate) fn unauthorized() -> Self {
        let status = StatusCode::UNAUTHORIZED;
        Self::new(status, "invalid_token", "api_key", "an API key is needed, as a bearer token")
    }

    pub(crate) fn media_type() -> Self {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Self::new(status, "invalid_request", "media_type", "the body must be application/json")
    }

    /// A body that does not arrive whole: it is too long, most likely.
    pub(crate) fn body(status: StatusCode) -> Self {
        Self::new(status, "invalid_request", "body", "the body is too long or does not arrive")
    }

    fn busy() -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "temporarily_unavailable", "busy", "too many requests are open")
    }

    pub(crate) fn internal(code: &'static str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", code, "it is not your fault")
    }

    fn new(
        status: StatusCode,
        error: &'static str,
        code: &'static str,
        message: impl ToString,
    ) -> Self {
        Self { status, error, code, message: message.to_string() }
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        Self::bad_request(error.code(), error)
    }
}

impl From<NotTaken> for Problem {
    fn from(error: NotTaken) -> Self {
        Self::new(StatusCode::CONFLICT, "invalid_request", error.code(), error)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "temporarily_unavailable", error.code(), "requests cannot be kept now")
    }
}

impl From<NotKept> for Problem {
    fn from(not_kept: NotKept) -> Self {
        match not_kept {
            NotKept::Full => Self::busy(),
            NotKept::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}
