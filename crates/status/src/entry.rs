//! What a credential says of its status: `credentialStatus`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use staffpass_jose::json::{Kind, Node};

use crate::{BitOrder, EntrySize, ListEncoding, ListLocation, StatusError};

/// How many status entries one credential may have. Each may cost a fetch; four purposes in two
/// forms are eight.
pub const MAX_ENTRIES: usize = 8;

/// Bytes of one status message: a sentence or two.
const MAX_MESSAGE: usize = 1024;

/// The kinds of status list that are spoken here. Stored under the name of the entry's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum StatusKind {
    /// `StatusList2021Entry` (W3C, 2023 draft).
    #[serde(rename = "StatusList2021Entry")]
    StatusList2021,
    /// `BitstringStatusListEntry` (W3C Bitstring Status List v1.0).
    #[serde(rename = "BitstringStatusListEntry")]
    BitstringStatusList,
    /// `RevocationList2021Status`, as Entra and the JWT VC Presentation Profile use it.
    #[serde(rename = "RevocationList2021Status")]
    RevocationList2021,
    /// `RevocationList2020Status` (W3C CCG, the oldest form).
    #[serde(rename = "RevocationList2020Status")]
    RevocationList2020,
}

impl StatusKind {
    const ALL: [Self; 4] = [
        Self::StatusList2021,
        Self::BitstringStatusList,
        Self::RevocationList2021,
        Self::RevocationList2020,
    ];

    /// The `type` of an entry of this kind.
    #[must_use]
    pub fn entry_type(self) -> &'static str {
        match self {
            Self::StatusList2021 => "StatusList2021Entry",
            Self::BitstringStatusList => "BitstringStatusListEntry",
            Self::RevocationList2021 => "RevocationList2021Status",
            Self::RevocationList2020 => "RevocationList2020Status",
        }
    }

    /// The type of the credential that carries a list of this kind.
    #[must_use]
    pub fn credential_type(self) -> &'static str {
        match self {
            Self::StatusList2021 | Self::RevocationList2021 => "StatusList2021Credential",
            Self::BitstringStatusList => "BitstringStatusListCredential",
            Self::RevocationList2020 => "RevocationList2020Credential",
        }
    }

    /// The `type` of that credential's subject: the list itself.
    #[must_use]
    pub fn list_type(self) -> &'static str {
        match self {
            Self::StatusList2021 => "StatusList2021",
            Self::BitstringStatusList => "BitstringStatusList",
            Self::RevocationList2021 => "RevocationList2021",
            Self::RevocationList2020 => "RevocationList2020",
        }
    }

    /// How the list is written as text.
    #[must_use]
    pub fn encoding(self) -> ListEncoding {
        match self {
            Self::StatusList2021 | Self::RevocationList2021 => ListEncoding::GzipBase64Url,
            Self::BitstringStatusList => ListEncoding::GzipMultibase,
            Self::RevocationList2020 => ListEncoding::GzipBase64,
        }
    }

    /// The bit order that is read unless a policy names another for an issuer.
    ///
    /// Bitstring Status List §3.3 counts from the left, and StatusList2021 does too since early
    /// 2023. The text of RevocationList2020 leaves it open, and is read alike. The lists that Entra
    /// makes for `RevocationList2021Status` are read from the right by both of Microsoft's wallets.
    #[must_use]
    pub fn default_order(self) -> BitOrder {
        match self {
            Self::RevocationList2021 => BitOrder::LeastSignificantFirst,
            Self::StatusList2021 | Self::BitstringStatusList | Self::RevocationList2020 => {
                BitOrder::MostSignificantFirst
            }
        }
    }

    fn from_entry_type(name: &str) -> Result<Self, StatusError> {
        let kind = Self::ALL.into_iter().find(|kind| kind.entry_type() == name);
        kind.ok_or(StatusError::UnknownType)
    }

    /// The kind of the list whose subject has this type.
    pub(crate) fn from_list_type(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.list_type() == name)
    }

    /// Whether a missing purpose means revocation. Entra leaves it out, the form of 2020 has none
    /// to state, and the other two require it.
    pub(crate) fn purpose_defaults(self) -> bool {
        matches!(self, Self::RevocationList2021 | Self::RevocationList2020)
    }

    /// The names of the members that hold an entry's index and the address of its list.
    fn members(self) -> (&'static str, &'static str) {
        match self {
            Self::RevocationList2020 => ("revocationListIndex", "revocationListCredential"),
            _ => ("statusListIndex", "statusListCredential"),
        }
    }
}

/// What a set status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StatusPurpose {
    /// Revoked, for good.
    Revocation,
    /// Suspended: it may become valid again, so the answer must not be kept long.
    Suspension,
    /// A newer credential is to be had (Bitstring Status List).
    Refresh,
    /// A message, by value (Bitstring Status List).
    Message,
}

impl StatusPurpose {
    /// The value of `statusPurpose`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
            Self::Refresh => "refresh",
            Self::Message => "message",
        }
    }

    pub(crate) fn from_name(name: &str) -> Result<Self, StatusError> {
        [Self::Revocation, Self::Suspension, Self::Refresh, Self::Message]
            .into_iter()
            .find(|purpose| purpose.name() == name)
            .ok_or(StatusError::UnknownPurpose)
    }
}

/// One status entry of a credential: which bits of which list speak of it.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusEntry {
    kind: StatusKind,
    purpose: StatusPurpose,
    index: u64,
    size: EntrySize,
    list: ListLocation,
    messages: BTreeMap<u8, String>,
}

impl StatusEntry {
    /// An entry of one bit, to be put into a credential. `statusPurpose` is always written out.
    #[must_use]
    pub fn new(kind: StatusKind, purpose: StatusPurpose, index: u64, list: ListLocation) -> Self {
        let (size, messages) = (EntrySize::ONE, BTreeMap::new());
        Self { kind, purpose, index, size, list, messages }
    }

    /// This entry with another size: for a Bitstring Status List, which alone knows more than one
    /// bit.
    #[must_use]
    pub fn with_size(self, size: EntrySize) -> Self {
        Self { size, ..self }
    }

    /// Reads `credentialStatus`: one object, or an array of one to [`MAX_ENTRIES`] of them. Every
    /// one must be understood, since every one must be judged.
    ///
    /// # Errors
    /// See [`StatusError`]. An entry of an unknown type is [`StatusError::UnknownType`], never
    /// skipped.
    pub fn parse_all<'a>(value: impl Into<Node<'a>>) -> Result<Vec<Self>, StatusError> {
        let value = value.into();
        let Some(entries) = value.elements() else { return Ok(vec![Self::parse(value)?]) };
        let entries: Vec<_> = entries.take(MAX_ENTRIES + 1).collect();
        match entries.len() {
            1..=MAX_ENTRIES => entries.into_iter().map(Self::parse).collect(),
            _ => Err(StatusError::EntryCount { limit: MAX_ENTRIES }),
        }
    }

    /// Reads one status entry.
    ///
    /// # Errors
    /// See [`StatusError`].
    pub fn parse<'a>(value: impl Into<Node<'a>>) -> Result<Self, StatusError> {
        let entry = Some(value.into()).filter(|entry| entry.is_object());
        let entry = entry.ok_or(StatusError::EntryMalformed)?;
        let kind = StatusKind::from_entry_type(only_type(entry)?)?;
        check_id(entry)?;
        let (index, list) = kind.members();
        let size = size_of(entry, kind)?;
        Ok(Self {
            kind,
            purpose: purpose_of(entry, kind)?,
            index: index_of(entry.get(index))?,
            size,
            list: ListLocation::parse(text(entry, list)?)?,
            messages: messages_of(entry, kind, size)?,
        })
    }

    /// The entry as the object that stands in a credential. Its id is that of the list with the
    /// index as fragment, or, for a list in an IdentityHub, Entra's form with `?bit-index=`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (index, list) = self.kind.members();
        let mut entry = Map::new();
        entry.insert("id".to_owned(), self.id().into());
        entry.insert("type".to_owned(), self.kind.entry_type().into());
        entry.insert("statusPurpose".to_owned(), self.purpose.name().into());
        entry.insert(index.to_owned(), self.index.to_string().into());
        entry.insert(list.to_owned(), self.list.to_string().into());
        if self.size != EntrySize::ONE {
            entry.insert("statusSize".to_owned(), self.size.bits().into());
        }
        Value::Object(entry)
    }

    /// The kind of the entry, and of the list that it needs.
    #[must_use]
    pub fn kind(&self) -> StatusKind {
        self.kind
    }

    /// What a set status means.
    #[must_use]
    pub fn purpose(&self) -> StatusPurpose {
        self.purpose
    }

    /// Which entry of the list, counted from 0.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many bits the entry has.
    #[must_use]
    pub fn size(&self) -> EntrySize {
        self.size
    }

    /// Where the list is.
    #[must_use]
    pub fn list(&self) -> &ListLocation {
        &self.list
    }

    /// The issuer's words for a value (`statusMessage`). They come from the credential: show them
    /// as a quotation, and never decide by them.
    #[must_use]
    pub fn message(&self, value: u8) -> Option<&str> {
        self.messages.get(&value).map(String::as_str)
    }

    fn id(&self) -> String {
        match &self.list {
            ListLocation::Web(url) => format!("{url}#{}", self.index),
            ListLocation::IdentityHub(query) => {
                format!("urn:uuid:{}?bit-index={}", query.object_id(), self.index)
            }
        }
    }
}

/// Prints neither the list nor the index, which together name one credential.
impl fmt::Debug for StatusEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusEntry")
            .field("kind", &self.kind)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

/// The one type of an entry, alone or in an array of one.
fn only_type(entry: Node<'_>) -> Result<&str, StatusError> {
    let types = entry.get("type").ok_or(StatusError::EntryMalformed)?;
    let name = match types.elements() {
        Some(mut names) => names.next().filter(|_| names.next().is_none()),
        None => Some(types),
    };
    name.and_then(Node::as_str).ok_or(StatusError::EntryMalformed)
}

/// An id says nothing that is needed here, but it must be a text where there is one.
fn check_id(entry: Node<'_>) -> Result<(), StatusError> {
    match entry.get("id").map(Node::kind) {
        None | Some(Kind::String) => Ok(()),
        Some(_) => Err(StatusError::EntryMalformed),
    }
}

fn text<'a>(entry: Node<'a>, name: &str) -> Result<&'a str, StatusError> {
    entry.get(name).and_then(Node::as_str).ok_or(StatusError::EntryMalformed)
}

fn purpose_of(entry: Node<'_>, kind: StatusKind) -> Result<StatusPurpose, StatusError> {
    match entry.get("statusPurpose") {
        None if kind.purpose_defaults() => Ok(StatusPurpose::Revocation),
        None => Err(StatusError::MissingPurpose),
        Some(name) => StatusPurpose::from_name(name.as_str().ok_or(StatusError::EntryMalformed)?),
    }
}

/// A whole number, or a string of decimal digits and nothing else. Leading zeros are refused, so
/// that one index is written in one way.
fn index_of(value: Option<Node<'_>>) -> Result<u64, StatusError> {
    let value = value.ok_or(StatusError::EntryMalformed)?;
    let index = value.as_str().map_or_else(|| value.as_u64(), decimal);
    index.ok_or(StatusError::IndexMalformed)
}

fn decimal(digits: &str) -> Option<u64> {
    let canonical = digits == "0" || !digits.starts_with('0');
    let decimal = digits.bytes().all(|b| b.is_ascii_digit());
    if canonical && decimal { digits.parse().ok() } else { None }
}

/// `statusSize` is a member of Bitstring Status List entries alone (§2.1); all others are of one bit.
fn size_of(entry: Node<'_>, kind: StatusKind) -> Result<EntrySize, StatusError> {
    match entry.get("statusSize") {
        None => Ok(EntrySize::ONE),
        Some(size) if kind == StatusKind::BitstringStatusList => {
            EntrySize::new(size.as_u64().ok_or(StatusError::SizeUnsupported)?)
        }
        Some(_) => Err(StatusError::SizeUnsupported),
    }
}

/// `statusMessage`: as many as an entry has values, each with its value in hexadecimal (§2.1).
fn messages_of(
    entry: Node<'_>,
    kind: StatusKind,
    size: EntrySize,
) -> Result<BTreeMap<u8, String>, StatusError> {
    let list = match entry.get("statusMessage") {
        Some(list) if kind == StatusKind::BitstringStatusList => list,
        _ => return Ok(BTreeMap::new()),
    };
    let list = list.elements().ok_or(StatusError::MessagesMalformed)?;
    let list: Vec<_> = list.take(size.values() + 1).collect();
    if list.len() != size.values() {
        return Err(StatusError::MessagesMalformed);
    }
    let messages = list.into_iter().map(message).collect::<Option<BTreeMap<_, _>>>();
    let complete = messages.filter(|messages| {
        messages.len() == size.values() && messages.keys().all(|value| *value <= size.max_value())
    });
    complete.ok_or(StatusError::MessagesMalformed)
}

fn message(value: Node<'_>) -> Option<(u8, String)> {
    let digits = value.get("status")?.as_str()?.strip_prefix("0x")?;
    let hexadecimal = digits.bytes().all(|b| b.is_ascii_hexdigit());
    let status = hexadecimal.then(|| u8::from_str_radix(digits, 16).ok())??;
    let text = value.get("message")?.as_str()?;
    (text.len() <= MAX_MESSAGE).then(|| (status, text.to_owned()))
}
