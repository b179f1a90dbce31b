//! What the tests share: credentials and lists with one thing set.
#![allow(dead_code, reason = "each test file uses a part")]

use serde_json::{Value, json};
use staffpass_status::{
    BitOrder, EntrySize, Limits, StatusEntry, StatusError, StatusKind, StatusList,
    StatusListBuilder, StatusListCredential,
};

pub(crate) const LIST: &str = "https://trust.example/status/3";
pub(crate) const ISSUER: &str = "did:web:trust.example";

pub(crate) fn limits() -> Limits {
    Limits::default()
}

pub(crate) fn size(bits: u64) -> EntrySize {
    EntrySize::new(bits).unwrap()
}

/// A Bitstring entry for an index of the list at [`LIST`].
pub(crate) fn bitstring_entry(index: u64) -> Value {
    json!({
        "id": format!("{LIST}#{index}"),
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": index.to_string(),
        "statusListCredential": LIST,
    })
}

/// The same for StatusList2021.
pub(crate) fn entry_2021(index: u64) -> Value {
    with(bitstring_entry(index), "type", json!("StatusList2021Entry"))
}

/// A value with one member set, or removed by `null`.
pub(crate) fn with(mut value: Value, path: &str, member: Value) -> Value {
    let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
    let parent = match parents {
        "" => &mut value,
        parents => value.pointer_mut(&format!("/{parents}")).unwrap(),
    };
    match member {
        Value::Null => drop(parent.as_object_mut().unwrap().remove(name)),
        member => parent[name] = member,
    }
    value
}

pub(crate) fn parse(entry: &Value) -> Result<StatusEntry, StatusError> {
    StatusEntry::parse(entry)
}

pub(crate) fn entry_code(entry: &Value) -> &'static str {
    StatusEntry::parse(entry).map_or_else(|error| error.code(), |_| "accepted")
}

/// A list of so many entries of one bit in which some are set.
pub(crate) fn encoded(kind: StatusKind, entries: u64, set: &[u64]) -> String {
    let order = kind.default_order();
    let mut list = StatusListBuilder::new(entries, EntrySize::ONE, order).unwrap();
    set.iter().for_each(|index| list.set(*index, 1).unwrap());
    list.encode(kind.encoding()).unwrap()
}

/// The claims of a list credential as a VC-JWT 1.1.
pub(crate) fn claims(kind: StatusKind, encoded: &str) -> Value {
    json!({
        "iss": ISSUER, "sub": format!("{LIST}#list"), "jti": LIST,
        "nbf": 1_767_225_600, "iat": 1_767_225_600,
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiableCredential", kind.credential_type()],
            "credentialSubject": {
                "id": format!("{LIST}#list"), "type": kind.list_type(),
                "statusPurpose": "revocation", "encodedList": encoded,
            },
        },
    })
}

pub(crate) fn read(claims: &Value) -> Result<StatusListCredential, StatusError> {
    StatusListCredential::parse(claims.to_string().as_bytes(), &limits())
}

pub(crate) fn list_code(claims: &Value) -> &'static str {
    match read(claims).and_then(|list| list.inflate(&limits())) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

/// A whole list, opened.
pub(crate) fn list(kind: StatusKind, entries: u64, set: &[u64]) -> StatusList {
    open(&claims(kind, &encoded(kind, entries, set)))
}

pub(crate) fn open(claims: &Value) -> StatusList {
    read(claims).unwrap().inflate(&limits()).unwrap()
}

pub(crate) const BOTH: [BitOrder; 2] =
    [BitOrder::MostSignificantFirst, BitOrder::LeastSignificantFirst];
