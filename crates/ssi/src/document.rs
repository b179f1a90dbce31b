//! DID documents, to `ssi` and back.

use ssi::dids::Document;
use staffpass_did::{Did, DidDocument};

use crate::SsiError;

/// The document as `ssi` has it: with absolute ids, each key once, and without what could not be
/// read.
///
/// # Errors
/// [`SsiError::NotRepresentable`] where `ssi` does not take it, such as a service whose id or
/// address is no URI.
pub fn to_ssi(document: &DidDocument) -> Result<Document, SsiError> {
    serde_json::from_value(document.to_json()).map_err(|_| SsiError::NotRepresentable)
}

/// The document, read like one that was fetched for `did`.
///
/// # Errors
/// [`SsiError::Document`].
pub fn from_ssi(did: &Did, document: &Document) -> Result<DidDocument, SsiError> {
    let bytes = serde_json::to_vec(document).map_err(|_| SsiError::NotRepresentable)?;
    DidDocument::parse(did, &bytes).map_err(SsiError::Document)
}
