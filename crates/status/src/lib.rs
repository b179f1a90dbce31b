//! Status lists that say which credentials were revoked: making, reading, bit orders and bounds.
//!
//! ```text
//!  credentialStatus ── StatusEntry::parse_all ──► StatusEntry ─────────────────────┐
//!                      unknown types refused                                       ▼
//!  list token's ────── StatusListCredential ──── inflate ────► StatusList ────► judge ──► StatusOutcome
//!  verified payload    ::parse: claims           bounded       bits                       Valid | Set
//! ```
//!
//! - It checks no signature and fetches nothing. Whoever hands in a payload has verified its token
//!   under a key of someone who may speak for the credential's issuer, and asks
//!   [`About::check_dates`] whether the list is of today.
//! - Only the value 0 is [`StatusOutcome::Valid`]. Every [`StatusError`] means that the status is
//!   unknown; nothing here turns an unknown status into a good one.
//! - From which end of a byte bits are counted is a property of the *kind* of list, and of the policy
//!   for its issuer: see [`StatusKind::default_order`].
//! - What is read is bounded by [`Limits`], before memory is taken for it.
//! - [`StatusListBuilder`] makes lists; [`hub`] holds the bodies of Entra's IdentityHub exchange.
//! - [`token`] is the Token Status List of the IETF, whose references, lists and values are not those
//!   of the W3C.
//!
//! ```
//! use serde_json::json;
//! use staffpass_status::{
//!     EntrySize, Limits, StatusEntry, StatusKind, StatusListBuilder, StatusListCredential,
//!     StatusOutcome, StatusPurpose, StatusRules, judge,
//! };
//!
//! // The issuer revokes number 7.
//! let kind = StatusKind::BitstringStatusList;
//! let mut bits = StatusListBuilder::new(131_072, EntrySize::ONE, kind.default_order())?;
//! bits.set(7, 1)?;
//! let payload = json!({
//!     "iss": "did:web:trust.example",
//!     "jti": "https://trust.example/status/3",
//!     "vc": {
//!         "type": ["VerifiableCredential", "BitstringStatusListCredential"],
//!         "credentialSubject": {
//!             "type": "BitstringStatusList",
//!             "statusPurpose": "revocation",
//!             "encodedList": bits.encode(kind.encoding())?,
//!         },
//!     },
//! });
//!
//! // A verifier asks.
//! let entries = StatusEntry::parse_all(&json!({
//!     "type": "BitstringStatusListEntry",
//!     "statusPurpose": "revocation",
//!     "statusListIndex": "7",
//!     "statusListCredential": "https://trust.example/status/3",
//! }))?;
//! let limits = Limits::default();
//! let list = StatusListCredential::parse(payload.to_string().as_bytes(), &limits)?;
//! let list = list.inflate(&limits)?;
//! let outcome = judge(&entries[0], &list, &StatusRules::new(kind))?;
//! assert_eq!(outcome, StatusOutcome::Set { purpose: StatusPurpose::Revocation, value: 1 });
//! # Ok::<(), staffpass_status::StatusError>(())
//! ```
//!
//! An SD-JWT VC points into a Token Status List, whose bits are counted from the other end:
//!
//! ```
//! use serde_json::json;
//! use staffpass_status::token::{StatusListToken, TokenStatus, judge};
//! use staffpass_status::{Limits, StatusOutcome};
//!
//! // The example of the specification: bits 0, 3, 4, 5, 7, 8, 9, 13 and 15 are set.
//! let payload = json!({
//!     "sub": "https://trust.example/statuslists/1", "iat": 1_767_225_600,
//!     "status_list": {"bits": 1, "lst": "eNrbuRgAAhcBXQ"},
//! });
//! let limits = Limits::default();
//! let token = StatusListToken::parse(payload.to_string().as_bytes(), &limits)?;
//! let list = token.inflate(&limits)?;
//! let status = |index: u64| {
//!     let uri = "https://trust.example/statuslists/1";
//!     TokenStatus::parse(&json!({"status_list": {"idx": index, "uri": uri}}))
//! };
//! assert_eq!(judge(&status(1)?, &list)?, StatusOutcome::Valid);
//! assert!(matches!(judge(&status(3)?, &list)?, StatusOutcome::Set { .. }));
//! # Ok::<(), staffpass_status::StatusError>(())
//! ```
//!
//! An entry of an unknown type is an error: a status that nobody here can read is not a good one.
//!
//! ```
//! use serde_json::json;
//! use staffpass_status::StatusEntry;
//!
//! let entry = json!({"type": "SomeOtherList2030", "id": "https://trust.example/x"});
//! assert!(StatusEntry::parse_all(&entry).is_err());
//! ```

mod bits;
mod builder;
mod entry;
mod error;
pub mod hub;
mod inflate;
mod judge;
mod limits;
mod list;
mod location;
pub mod token;

pub use bits::{BitList, BitOrder, EntrySize};
pub use builder::StatusListBuilder;
pub use entry::{MAX_ENTRIES, StatusEntry, StatusKind, StatusPurpose};
pub use error::StatusError;
pub use inflate::{ListEncoding, inflate};
pub use judge::{StatusOutcome, StatusRules, judge};
pub use limits::Limits;
pub use list::{About, StatusList, StatusListCredential};
pub use location::{IdentityHubQuery, ListLocation};
