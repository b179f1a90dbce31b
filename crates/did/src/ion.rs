//! did:ion: the long form, which holds its document (the ION method, on Sidetree §7, §11).
//!
//! ```text
//! did:ion:[test:] suffix : state
//!
//! state   base64url of {"delta":{patches, updateCommitment},
//!                       "suffixData":{deltaHash, recoveryCommitment}}
//! suffix  multihash of suffixData           multihash  base64url of 12 20 ‖ SHA-256
//! deltaHash  multihash of delta
//! ```
//!
//! The hashes are recomputed, so the suffix fixes the keys. By default the state is also held to be
//! its own canonical JSON (RFC 8785), as wallets write it and the method asks: the hashes are then
//! taken over canonical bytes, and one document has one long form.
//!
//! The long form says nothing about a later update on the chain; the short form is refused, since
//! only an ION node knows its keys.

mod create;
mod patches;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use staffpass_jose::base64url;
use staffpass_jose::json::{self, Limits};

pub use self::create::{Commitment, Document, create};
use crate::{Did, DidDocument, DidError, Method};

/// What the hashes of a long-form did:ion are taken over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "hashes are taken over one or the other")]
pub enum IonHashing {
    /// Over canonical JSON (RFC 8785): a state in any other form is refused.
    #[default]
    Canonical,
    /// Over the bytes of `delta` and `suffixData` as they stand in the state. Two DIDs that differ
    /// in the order of members then have the same keys; equality of the hashes is still demanded.
    /// For the published vectors of the JWT VC Presentation Profile, which are not canonical.
    AcceptRawBytes,
}

/// Resolves a long-form did:ion.
///
/// The absolute id of each key and service is the whole DID as it was given, `#`, and its own id.
/// Each key is listed whatever its `purposes`; a document without keys is valid.
///
/// # Errors
/// [`DidError::OtherMethod`], the `Ion…` variants of [`DidError`], [`DidError::DuplicateId`],
/// [`DidError::AmbiguousKey`] or [`DidError::TooManyEntries`].
pub fn resolve(did: &Did, hashing: IonHashing) -> Result<DidDocument, DidError> {
    if did.method() != Method::Ion {
        return Err(DidError::OtherMethod);
    }
    let (suffix, state) = split(did.method_specific_id())?;
    let text = base64url::decode(state).map_err(|_| DidError::IonMalformed)?;
    let state = State::read(&text)?;
    state.check_form(&text, hashing)?;
    check_suffix(suffix, state.suffix_data.get())?;
    let suffix_data: SuffixData = read(state.suffix_data.get())?;
    suffix_data.check_delta(state.delta.get())?;
    let delta: Delta = read(state.delta.get())?;
    delta.check_commitment()?;
    patches::apply(did, &delta.patches)
}

/// Splits the method-specific id into suffix and state. `test` is the one network that is known.
fn split(id: &str) -> Result<(&str, &str), DidError> {
    let id = id.strip_prefix("test:").unwrap_or(id);
    match id.split_once(':') {
        Some((_, state)) if state.contains(':') => Err(DidError::IonMalformed),
        Some(parts) => Ok(parts),
        None => Err(DidError::IonShortForm),
    }
}

/// The suffix is the multihash of `suffixData` (Sidetree §7.1).
fn check_suffix(suffix: &str, suffix_data: &str) -> Result<(), DidError> {
    check_multihash(suffix)?;
    if suffix == multihash(suffix_data) { Ok(()) } else { Err(DidError::IonSuffixMismatch) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct State<'a> {
    #[serde(borrow)]
    delta: &'a RawValue,
    #[serde(borrow, rename = "suffixData")]
    suffix_data: &'a RawValue,
}

impl<'a> State<'a> {
    fn read(text: &'a [u8]) -> Result<Self, DidError> {
        let state = json::parse::<json::Object<Self>>(text, &limits());
        state.map(|json::Object(state)| state).map_err(|_| DidError::IonMalformed)
    }

    /// Nothing of the state is outside the hashes: it is its own canonical form, or at least the
    /// two hashed texts and the fewest characters that join them.
    fn check_form(&self, text: &[u8], hashing: IonHashing) -> Result<(), DidError> {
        let good = match hashing {
            IonHashing::Canonical => is_canonical(text),
            IonHashing::AcceptRawBytes => self.is_bare(text),
        };
        if good { Ok(()) } else { Err(DidError::IonNotCanonical) }
    }

    fn is_bare(&self, text: &[u8]) -> bool {
        let (delta, suffix_data) = (self.delta.get(), self.suffix_data.get());
        text == format!(r#"{{"delta":{delta},"suffixData":{suffix_data}}}"#).as_bytes()
            || text == format!(r#"{{"suffixData":{suffix_data},"delta":{delta}}}"#).as_bytes()
    }
}

fn is_canonical(text: &[u8]) -> bool {
    let value = json::parse::<Value>(text, &limits());
    value.and_then(|value| json::canonical(&value)).is_ok_and(|canonical| canonical == text)
}

/// `type` and `anchorOrigin` are for the chain; any other member is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SuffixData {
    #[serde(rename = "deltaHash")]
    delta_hash: String,
    #[serde(rename = "recoveryCommitment")]
    recovery_commitment: String,
    #[serde(rename = "type")]
    _type: Option<String>,
    #[serde(rename = "anchorOrigin")]
    _anchor_origin: Option<Value>,
}

impl SuffixData {
    /// `deltaHash` is the multihash of `delta` (Sidetree §7.1, §11.1).
    fn check_delta(&self, delta: &str) -> Result<(), DidError> {
        check_multihash(&self.recovery_commitment)?;
        check_multihash(&self.delta_hash)?;
        if self.delta_hash == multihash(delta) { Ok(()) } else { Err(DidError::IonDeltaMismatch) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delta {
    patches: Vec<Value>,
    #[serde(rename = "updateCommitment")]
    update_commitment: String,
}

impl Delta {
    fn check_commitment(&self) -> Result<(), DidError> {
        check_multihash(&self.update_commitment)
    }
}

fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, DidError> {
    let read: Result<json::Object<T>, _> = serde_json::from_str(text);
    read.map(|json::Object(read)| read).map_err(|_| DidError::IonMalformed)
}

/// Refuses what is not a SHA-256 multihash in canonical base64url.
fn check_multihash(text: &str) -> Result<(), DidError> {
    match base64url::decode(text).as_deref() {
        Ok([0x12, 0x20, digest @ ..]) if digest.len() == 32 => Ok(()),
        _ => Err(DidError::IonMultihash),
    }
}

fn multihash(bytes: impl AsRef<[u8]>) -> String {
    let digest = Sha256::digest(bytes);
    base64url::encode([&[0x12, 0x20], digest.as_slice()].concat())
}

/// A DID holds less than 4 KiB, and a state three quarters of that. Keys stand eight levels deep.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_bytes = Did::MAX_LENGTH;
    limits.max_depth = 16;
    limits.max_values = 1000;
    limits
}
