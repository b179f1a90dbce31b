//! Why a document could not be had.

use std::error::Error;
use std::fmt;

/// Why a document could not be had. Nothing that a server sent is in it, but for the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The TLS client cannot be set up: no root certificates, say.
    #[error("the TLS client cannot be set up")]
    Client,
    /// A DID whose document is not at an address: only those of did:web are.
    #[error("the DID has no document that is fetched")]
    NotFetched,
    /// The address is plain http (N13).
    #[error("the address is not https")]
    NotHttps,
    /// The address has a user, a port or an IP address where none may be.
    #[error("the address is not one that is fetched")]
    AddressForm,
    /// The name resolves to an address that is not public ([`is_public`](crate::is_public)).
    #[error("the name resolves to an address that is not public")]
    AddressNotPublic,
    /// The name does not resolve.
    #[error("the name does not resolve")]
    Unresolved,
    /// No connection, or its certificate is not good.
    #[error("no secure connection could be made")]
    Connect,
    /// The time was up.
    #[error("the server took too long")]
    Timeout,
    /// The answer is a redirect, which is never followed (N4).
    #[error("the server redirects")]
    Redirect {
        /// The HTTP status.
        status: u16,
    },
    /// The answer's status is not 200.
    #[error("the server answers with status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// The answer is compressed, although no compression was offered.
    #[error("the answer is compressed")]
    Compressed,
    /// The answer is longer than it may be.
    #[error("the answer is longer than {limit} bytes")]
    TooLarge {
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// The host has been asked too often, and is not asked now (N8).
    #[error("the host is not asked so often")]
    RateLimited,
    /// The answer is not HTTP, or ends before its end.
    #[error("the answer is broken")]
    Broken,
}

impl FetchError {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Client => "fetch_client",
            Self::NotFetched => "fetch_not_fetched",
            Self::NotHttps => "fetch_not_https",
            Self::AddressForm => "fetch_address_form",
            Self::AddressNotPublic => "fetch_address_not_public",
            Self::Unresolved => "fetch_unresolved",
            Self::Connect => "fetch_connect",
            Self::Timeout => "fetch_timeout",
            Self::Redirect { .. } => "fetch_redirect",
            Self::Status { .. } => "fetch_status",
            Self::Compressed => "fetch_compressed",
            Self::TooLarge { .. } => "fetch_too_large",
            Self::RateLimited => "fetch_rate_limited",
            Self::Broken => "fetch_broken",
        }
    }

    /// Whether the fault says something of the document, and so is remembered for a while.
    pub(crate) fn is_remembered(&self) -> bool {
        !matches!(self, Self::RateLimited | Self::Client)
    }

    /// What went wrong inside the HTTP client. A fault of the resolver's comes back out of it whole.
    pub(crate) fn of_client(error: &reqwest::Error) -> Self {
        let mut cause: Option<&dyn Error> = Some(error);
        while let Some(error) = cause {
            if let Some(Refusal(own)) = error.downcast_ref() {
                return *own;
            }
            cause = error.source();
        }
        match error {
            error if error.is_timeout() => Self::Timeout,
            error if error.is_connect() => Self::Connect,
            _ => Self::Broken,
        }
    }
}

/// A fault of the resolver's on its way through the HTTP client.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) FetchError);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Refusal {}
