//! Why no request was made at the service.

use staffpass_request::RequestError;
use staffpass_request::entra::ServiceError;

use crate::FetchError;

/// Why no request was made at the service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntraError {
    /// The tenant or an address among the options is not of the form that it must have.
    #[error("the options are malformed")]
    Options,
    /// No answer could be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// No token was given.
    #[error("no token was given: status {status}, {fault:?}")]
    TokenRefused {
        /// The HTTP status.
        status: u16,
        /// What is wrong.
        fault: TokenFault,
    },
    /// The token reply is not one.
    #[error("the token reply cannot be read")]
    TokenMalformed,
    /// The service refused.
    #[error(transparent)]
    Service(ServiceError),
    /// The service's answer is not one.
    #[error("the service's answer cannot be read")]
    Malformed(#[source] RequestError),
}

impl EntraError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Options => "entra_options",
            Self::Fetch(error) => error.code(),
            Self::TokenRefused { .. } => "entra_token_refused",
            Self::TokenMalformed => "entra_token_malformed",
            Self::Service(error) => error.code(),
            Self::Malformed(_) => "entra_service_malformed",
        }
    }

    /// Whether the same may succeed a little later.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Fetch(error) => matches!(
                error,
                FetchError::Connect
                    | FetchError::Timeout
                    | FetchError::Unresolved
                    | FetchError::Broken
            ),
            Self::TokenRefused { status, .. } => *status == 429 || *status >= 500,
            Self::Service(error) => error.is_transient(),
            _ => false,
        }
    }

    pub(super) fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Service(ServiceError { status: 401, .. }))
    }
}

/// Why no token was given (RFC 6749 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFault {
    /// `invalid_client`: the application or its secret is not known, or the secret has expired.
    InvalidClient,
    /// `unauthorized_client`: the application is not known in this tenant.
    UnauthorizedClient,
    /// `invalid_request`: the tenant is not known, say.
    InvalidRequest,
    /// `invalid_scope`.
    InvalidScope,
    /// Any other, or none that could be read.
    Other,
}
