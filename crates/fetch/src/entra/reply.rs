//! An answer of either server, and an attempt that failed.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::EntraError;
use crate::{FetchError, http};

/// An answer, read to its end.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) async fn to(
        request: reqwest::RequestBuilder,
        limit: usize,
    ) -> Result<Self, FetchError> {
        let answer = request.send().await.map_err(|error| FetchError::of_client(&error))?;
        let status = answer.status();
        if status.is_redirection() {
            return Err(FetchError::Redirect { status: status.as_u16() });
        }
        http::check_encoding(&answer)?;
        let headers = answer.headers().clone();
        Ok(Self { status, headers, body: http::read(answer, limit).await? })
    }
}

/// An attempt that failed, and how long the server wants to be left alone.
pub(super) struct Failure {
    pub(super) error: EntraError,
    pub(super) retry_after: Option<Duration>,
}

impl<E: Into<EntraError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { error: error.into(), retry_after: None }
    }
}

/// In seconds alone (RFC 9110 §10.2.3): a date would need the server's clock.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
