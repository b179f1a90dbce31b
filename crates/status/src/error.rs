//! Why a status could not be told.

use chrono::{DateTime, Utc};
use staffpass_jose::json::JsonError;

/// Why a status entry, a status list or a reply is refused. Holds no part of what was read.
///
/// Every one of these means that the status is *unknown*, never that a credential is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// A status entry is not an object, lacks a member, or has one of the wrong type.
    #[error("a status entry is malformed")]
    EntryMalformed,
    /// More status entries than [`MAX_ENTRIES`](crate::MAX_ENTRIES), or none in an array.
    #[error("a credential has no status entry in its array, or more than {limit}")]
    EntryCount {
        /// The limit in force.
        limit: usize,
    },
    /// A status entry of a type that is not spoken here.
    #[error("the type of a status entry is unknown")]
    UnknownType,
    /// A purpose that is not spoken here.
    #[error("the purpose of a status is unknown")]
    UnknownPurpose,
    /// A purpose is missing where the type requires one.
    #[error("the purpose of a status is missing")]
    MissingPurpose,
    /// An index that is not a whole number from 0 to 2^64 − 1, in decimal.
    #[error("the index of a status entry is malformed")]
    IndexMalformed,
    /// A size of entry other than 1 to 8 bits (for a Token Status List: 1, 2, 4 or 8).
    #[error("the size of the entries is not supported")]
    SizeUnsupported,
    /// The status messages are not as many as the values that an entry can have, or malformed.
    #[error("the status messages do not fit the size of the entry")]
    MessagesMalformed,
    /// The list's address is no https URL and no IdentityHub query, or is too long.
    #[error("the address of a status list is malformed")]
    LocationMalformed,
    /// The list's claims are no strict JSON, or not of the right shape.
    #[error("the claims of a status list cannot be read")]
    ListMalformed(#[source] JsonError),
    /// A JWT claim and the member of the credential that it stands for say different things.
    #[error("the claims of a status list contradict each other")]
    ListContradictory,
    /// The credential's type and its subject's type are not those of a status list known here.
    #[error("the credential is no status list known here")]
    ListType,
    /// A date of the list cannot be read.
    #[error("a date of the status list is malformed")]
    ListDate,
    /// The status list has a status itself; lists are judged one deep.
    #[error("the status list has a status itself")]
    ListHasStatus,
    /// The encoded list is not base64url (with its multibase prefix where the type has one).
    #[error("the encoded status list is not in its encoding")]
    Encoding,
    /// The encoded list is not one whole gzip member (RFC 1952) or zlib stream (RFC 1950).
    #[error("the compressed status list is malformed")]
    Compression,
    /// Something follows the compressed data.
    #[error("data follows the compressed status list")]
    TrailingData,
    /// The list would be larger than [`Limits::max_inflated_bytes`](crate::Limits).
    #[error("the status list is larger than {limit} bytes")]
    TooLarge {
        /// The limit in force, in bytes.
        limit: usize,
    },
    /// The list claims to shrink further than [`Limits::max_ratio`](crate::Limits).
    #[error("the status list is compressed more than {limit} times")]
    Ratio {
        /// The limit in force.
        limit: usize,
    },
    /// The list is not of the type that the entry names.
    #[error("the status list is of another type than the entry")]
    KindMismatch,
    /// The list does not have the entry's purpose.
    #[error("the status list has another purpose than the entry")]
    PurposeMismatch,
    /// The list's id or subject says that it is another list than the one that was named.
    #[error("the status list is another one than the entry names")]
    ListMismatch,
    /// The list has fewer entries than its type, or the policy, requires.
    #[error("the status list has {entries} entries, fewer than {minimum}")]
    TooShort {
        /// The entries of the list.
        entries: u64,
        /// The least number in force.
        minimum: u64,
    },
    /// The index lies beyond the end of the list.
    #[error("the index of a status entry lies beyond the list's {entries} entries")]
    IndexOutOfRange {
        /// The entries of the list.
        entries: u64,
    },
    /// A value that does not fit the size of the entries.
    #[error("the value does not fit an entry")]
    ValueOutOfRange,
    /// The list's time is over.
    #[error("the status list expired at {until}")]
    Expired {
        /// The time of the judgement.
        now: DateTime<Utc>,
        /// The end of the list's validity.
        until: DateTime<Utc>,
    },
    /// The list's time has not come.
    #[error("the status list is not valid before {from}")]
    NotYetValid {
        /// The time of the judgement.
        now: DateTime<Utc>,
        /// The beginning of the list's validity.
        from: DateTime<Utc>,
    },
    /// The list says that it was issued in the future.
    #[error("the status list was issued at {issued}, which is yet to come")]
    IssuedInFuture {
        /// The time of the judgement.
        now: DateTime<Utc>,
        /// When the list says that it was issued.
        issued: DateTime<Utc>,
    },
    /// The reply of an IdentityHub cannot be read.
    #[error("the reply of the identity hub is malformed")]
    HubMalformed(#[source] JsonError),
    /// An IdentityHub answered with another status than 200.
    #[error("the identity hub answered with status {status}")]
    HubRefused {
        /// The status in its reply.
        status: u16,
    },
    /// The reply of an IdentityHub does not hold the object that was asked for exactly once.
    #[error("the reply of the identity hub does not hold the list once")]
    HubObject,
    /// The object in the reply of an IdentityHub is no base64 of a text, or is too long.
    #[error("the list in the reply of the identity hub cannot be read")]
    HubData,
}

impl StatusError {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::EntryMalformed => "status_entry_malformed",
            Self::EntryCount { .. } => "status_entry_count",
            Self::UnknownType => "status_type_unknown",
            Self::UnknownPurpose => "status_purpose_unknown",
            Self::MissingPurpose => "status_purpose_missing",
            Self::IndexMalformed => "status_index_malformed",
            Self::SizeUnsupported => "status_size_unsupported",
            Self::MessagesMalformed => "status_messages_malformed",
            Self::LocationMalformed => "status_location_malformed",
            Self::ListMalformed(_) => "status_list_malformed",
            Self::ListContradictory => "status_list_contradictory",
            Self::ListType => "status_list_type",
            Self::ListDate => "status_list_date",
            Self::ListHasStatus => "status_list_has_status",
            Self::Encoding => "status_list_encoding",
            Self::Compression => "status_list_compression",
            Self::TrailingData => "status_list_trailing_data",
            Self::TooLarge { .. } => "status_list_too_large",
            Self::Ratio { .. } => "status_list_ratio",
            Self::KindMismatch => "status_kind_mismatch",
            Self::PurposeMismatch => "status_purpose_mismatch",
            Self::ListMismatch => "status_list_mismatch",
            Self::TooShort { .. } => "status_list_too_short",
            Self::IndexOutOfRange { .. } => "status_index_out_of_range",
            Self::ValueOutOfRange => "status_value_out_of_range",
            Self::Expired { .. } => "status_list_expired",
            Self::NotYetValid { .. } => "status_list_not_yet_valid",
            Self::IssuedInFuture { .. } => "status_list_issued_in_future",
            Self::HubMalformed(_) => "status_hub_malformed",
            Self::HubRefused { .. } => "status_hub_refused",
            Self::HubObject => "status_hub_object",
            Self::HubData => "status_hub_data",
        }
    }
}
