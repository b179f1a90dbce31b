//! What a list says of a credential.

use url::Url;

use crate::{
    About, BitOrder, ListLocation, StatusEntry, StatusError, StatusKind, StatusList, StatusPurpose,
};

/// The least number of entries of a Bitstring Status List (§3.2), so that one credential is hidden
/// among many.
const BITSTRING_MINIMUM: u64 = 131_072;

/// What a policy says about the lists of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusRules {
    /// From which end of a byte the entries are counted.
    pub order: BitOrder,
    /// The least number of entries.
    pub minimum_entries: u64,
}

impl StatusRules {
    /// The rules of a kind of list: its [`StatusKind::default_order`], and 131,072 entries at least
    /// for a Bitstring Status List, whose validation (§3.2) asks for them; the others' does not.
    #[must_use]
    pub fn new(kind: StatusKind) -> Self {
        let minimum_entries =
            if kind == StatusKind::BitstringStatusList { BITSTRING_MINIMUM } else { 0 };
        Self { order: kind.default_order(), minimum_entries }
    }

    /// These rules with another bit order.
    #[must_use]
    pub fn with_order(self, order: BitOrder) -> Self {
        Self { order, ..self }
    }

    /// These rules with another least number of entries.
    #[must_use]
    pub fn with_minimum_entries(self, minimum_entries: u64) -> Self {
        Self { minimum_entries, ..self }
    }
}

/// What a list says of a credential. What it does not say is a [`StatusError`]: unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[must_use]
pub enum StatusOutcome {
    /// The value is 0.
    Valid,
    /// The value is anything else.
    Set {
        /// What it means that the status is set.
        purpose: StatusPurpose,
        /// The value, 1 to 255.
        value: u8,
    },
}

impl StatusOutcome {
    /// The one rule: only 0 is valid.
    pub(crate) fn of(value: u8, purpose: StatusPurpose) -> Self {
        if value == 0 { Self::Valid } else { Self::Set { purpose, value } }
    }
}

/// Asks a list about a credential. The list's signature, its signer and its dates
/// ([`About::check_dates`]) are the caller's to check.
///
/// # Errors
/// [`StatusError::KindMismatch`], [`StatusError::PurposeMismatch`], [`StatusError::ListMismatch`],
/// [`StatusError::TooShort`], [`StatusError::IndexOutOfRange`].
pub fn judge(
    entry: &StatusEntry,
    list: &StatusList,
    rules: &StatusRules,
) -> Result<StatusOutcome, StatusError> {
    check_kind(entry, list.about())?;
    check_purpose(entry, list.about())?;
    check_identity(entry.list(), list.about())?;
    check_length(entry, list, rules.minimum_entries)?;
    let value = list.bits().value(entry.index(), entry.size(), rules.order)?;
    Ok(StatusOutcome::of(value, entry.purpose()))
}

/// The entry's type names the type of the list (Bitstring Status List §2.1).
fn check_kind(entry: &StatusEntry, list: &About) -> Result<(), StatusError> {
    if entry.kind() == list.kind { Ok(()) } else { Err(StatusError::KindMismatch) }
}

/// The entry's purpose is among the list's (Bitstring Status List §3.2).
fn check_purpose(entry: &StatusEntry, list: &About) -> Result<(), StatusError> {
    let among = list.purposes.contains(&entry.purpose());
    if among { Ok(()) } else { Err(StatusError::PurposeMismatch) }
}

/// The list is the one that the entry names, as far as it says which one it is, so that no other
/// list of the same issuer can be put in its place.
///
/// On the web, an id or a subject that is itself a web address must be the list's, whatever its
/// fragment. In an IdentityHub the subject must be the object.
fn check_identity(location: &ListLocation, list: &About) -> Result<(), StatusError> {
    let same = match location {
        ListLocation::Web(url) => {
            [&list.id, &list.subject].into_iter().flatten().all(|id| may_name(id, url))
        }
        ListLocation::IdentityHub(query) => {
            list.subject.as_deref().is_some_and(|subject| query.is_subject(subject))
        }
    };
    if same { Ok(()) } else { Err(StatusError::ListMismatch) }
}

/// Whether an id is this address, or no web address at all. Ids are written like the address as a
/// rule, so that nothing has to be parsed for each credential.
fn may_name(id: &str, address: &Url) -> bool {
    let address = without_fragment(address.as_str());
    without_fragment(id) == address
        || match Url::parse(id) {
            Ok(url) if matches!(url.scheme(), "https" | "http") => {
                without_fragment(url.as_str()) == address
            }
            _ => true,
        }
}

fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or_default()
}

fn check_length(entry: &StatusEntry, list: &StatusList, minimum: u64) -> Result<(), StatusError> {
    let entries = list.bits().entries(entry.size());
    if entries < minimum { Err(StatusError::TooShort { entries, minimum }) } else { Ok(()) }
}
