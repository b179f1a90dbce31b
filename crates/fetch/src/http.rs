//! The HTTP client, and what an answer must be before it is read.

use std::sync::Arc;

use reqwest::header::{CONTENT_ENCODING, ETAG, HeaderMap, HeaderValue};
use reqwest::{Client, Response, StatusCode};

use crate::resolver::PublicOnly;
use crate::{FetchError, FetchOptions};

/// Every switch is set here, so that none depends on the features that others turn on, nor on the
/// environment.
pub(crate) fn client(options: &FetchOptions, resolver: PublicOnly) -> Result<Client, FetchError> {
    Client::builder()
        .dns_resolver(Arc::new(resolver))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .connect_timeout(options.connect_timeout)
        .timeout(options.total_timeout)
        .https_only(options.loopback == staffpass_did::LoopbackHttp::Refuse)
        .user_agent(concat!("staffpass/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|_| FetchError::Client)
}

/// The longest `ETag` that is kept and sent back, in bytes. Real ones have some dozen.
const MAX_VALIDATOR: usize = 256;

/// The document in an answer, if it is one.
pub(crate) async fn document(answer: Response, limit: usize) -> Result<Vec<u8>, FetchError> {
    check_status(answer.status())?;
    check_encoding(&answer)?;
    read(answer, limit).await
}

/// Whether the server says that what it was asked about is the newest (RFC 9110 §15.4.5).
pub(crate) fn is_not_modified(answer: &Response) -> bool {
    answer.status() == StatusCode::NOT_MODIFIED
}

/// The server's name for the bytes that it sent.
pub(crate) fn validator(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(ETAG).filter(|etag| etag.len() <= MAX_VALIDATOR).cloned()
}

fn check_status(status: StatusCode) -> Result<(), FetchError> {
    match status {
        StatusCode::OK => Ok(()),
        status if status.is_redirection() => Err(FetchError::Redirect { status: status.as_u16() }),
        status => Err(FetchError::Status { status: status.as_u16() }),
    }
}

/// A few bytes may stand for gigabytes (N7): nothing is inflated that the reader of the document
/// does not inflate within its own bounds.
pub(crate) fn check_encoding(answer: &Response) -> Result<(), FetchError> {
    let mut encodings = answer.headers().get_all(CONTENT_ENCODING).iter();
    if encodings.all(|encoding| encoding == "identity") {
        Ok(())
    } else {
        Err(FetchError::Compressed)
    }
}

/// Reads an answer to its end, and never more than the limit. What it announces is only a reason to
/// stop early.
pub(crate) async fn read(mut answer: Response, limit: usize) -> Result<Vec<u8>, FetchError> {
    let too_large = FetchError::TooLarge { limit };
    let announced = answer.content_length().map(usize::try_from);
    if announced.is_some_and(|length| length.map_or(true, |length| length > limit)) {
        return Err(too_large);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| FetchError::of_client(&error))? {
        if chunk.len() > limit.saturating_sub(bytes.len()) {
            return Err(too_large);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
