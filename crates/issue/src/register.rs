//! The status list that a trust keeps.

use std::fmt;

use chrono::{DateTime, Utc};
use rand_core::CryptoRng;
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use staffpass_status::{
    BitOrder, EntrySize, ListLocation, StatusEntry, StatusKind, StatusListBuilder, StatusPurpose,
};

use crate::allocation::{Allocated, STORED};
use crate::credential::{BASE_TYPE, CREDENTIALS_V1, envelope};
use crate::issuer::{VC_JWT, VC2_JWT};
use crate::{IssueError, IssuerKey, UnsignedCredential, vc2};

/// The least number of entries of a register: 16 KiB of bits, as StatusList2021 and Bitstring
/// Status List both ask of whoever makes a list, so that a fetch does not tell who is looked at.
pub const MINIMUM_ENTRIES: u64 = 131_072;

/// The register of one status list: which entries are given to credentials, and which are set.
///
/// Entries are given out at random, so that an index says nothing about when a credential was
/// issued, and never twice. A register is a value: whoever keeps it in a database stores it only
/// over the [`version`](Self::version) that was read, so that two machines cannot give out one
/// entry.
///
/// It is serialised with both its lists encoded, and read back only where they fit together.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Stored")]
pub struct StatusRegister {
    kind: StatusKind,
    purpose: StatusPurpose,
    location: ListLocation,
    version: u64,
    list: StatusListBuilder,
    allocated: Allocated,
}

impl StatusRegister {
    /// A register with nothing given out, of at least so many entries, for revocation or for
    /// suspension: a credential that can be both has an entry in two registers. The lists of 2020
    /// and of Entra are for revocation alone.
    ///
    /// # Errors
    /// [`IssueError::PurposeUnsupported`]; [`IssueError::RegisterTooSmall`] below
    /// [`MINIMUM_ENTRIES`]; [`IssueError::Status`] for a list too large for its readers.
    pub fn new(
        kind: StatusKind,
        purpose: StatusPurpose,
        location: ListLocation,
        entries: u64,
    ) -> Result<Self, IssueError> {
        if !keeps(kind, purpose) {
            return Err(IssueError::PurposeUnsupported);
        }
        if entries < MINIMUM_ENTRIES {
            let minimum = MINIMUM_ENTRIES;
            return Err(IssueError::RegisterTooSmall { entries, minimum });
        }
        Self::of_any_size(kind, purpose, location, entries)
    }

    fn of_any_size(
        kind: StatusKind,
        purpose: StatusPurpose,
        location: ListLocation,
        entries: u64,
    ) -> Result<Self, IssueError> {
        let list = StatusListBuilder::new(entries, EntrySize::ONE, kind.default_order())?;
        let allocated = Allocated::none(list.entries())?;
        Ok(Self { kind, purpose, location, version: 0, list, allocated })
    }

    /// Gives a free entry, drawn uniformly, to a credential that is about to be issued.
    ///
    /// # Errors
    /// [`IssueError::RegisterFull`].
    pub fn allocate(&mut self, rng: &mut impl CryptoRng) -> Result<StatusEntry, IssueError> {
        let index = self.allocated.take_one(rng)?;
        self.version += 1;
        Ok(StatusEntry::new(self.kind, self.purpose, index, self.location.clone()))
    }

    /// Revokes a credential, for good.
    ///
    /// # Errors
    /// [`IssueError::OtherPurpose`] unless the register is for revocation,
    /// [`IssueError::NotAllocated`].
    pub fn revoke(&mut self, index: u64) -> Result<(), IssueError> {
        self.write(index, StatusPurpose::Revocation, 1)
    }

    /// Suspends a credential.
    ///
    /// # Errors
    /// [`IssueError::OtherPurpose`] unless the register is for suspension,
    /// [`IssueError::NotAllocated`].
    pub fn suspend(&mut self, index: u64) -> Result<(), IssueError> {
        self.write(index, StatusPurpose::Suspension, 1)
    }

    /// Ends a suspension. There is no such way back from a revocation.
    ///
    /// # Errors
    /// As [`suspend`](Self::suspend).
    pub fn reinstate(&mut self, index: u64) -> Result<(), IssueError> {
        self.write(index, StatusPurpose::Suspension, 0)
    }

    /// Whether an entry is set.
    ///
    /// # Errors
    /// [`IssueError::NotAllocated`].
    pub fn is_set(&self, index: u64) -> Result<bool, IssueError> {
        self.allocated.check(index)?;
        Ok(self.list.value(index)? != 0)
    }

    /// The list as a credential (VC-JWT), ready to be signed and published at its address. A list
    /// without an end is believed as long as its readers like: give it one.
    ///
    /// # Errors
    /// [`IssueError::DateRange`], [`IssueError::ExpiresBeforeIssue`], [`IssueError::Status`].
    pub fn publish(
        &self,
        issuer: &IssuerKey,
        issued_at: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<UnsignedCredential, IssueError> {
        let (id, subject) = (self.location.to_string(), self.subject());
        let mut claims = envelope(issuer.did().as_str(), issued_at, expires_at)?;
        claims.insert("jti".to_owned(), id.as_str().into());
        claims.insert("sub".to_owned(), subject.as_str().into());
        claims.insert("vc".to_owned(), self.vc(&subject)?);
        Ok(UnsignedCredential::new(&issuer.header(VC_JWT), id, &claims.into()))
    }

    /// The list as a credential of VC Data Model 2.0 (`vc+jwt`): Bitstring Status List v1.0, §2.2.
    ///
    /// # Errors
    /// [`IssueError::StatusForm`] for any other kind of list, which belong to 1.1;
    /// [`IssueError::DateRange`], [`IssueError::ExpiresBeforeIssue`], [`IssueError::Status`].
    pub fn publish_vc2(
        &self,
        issuer: &IssuerKey,
        valid_from: DateTime<Utc>,
        valid_until: Option<DateTime<Utc>>,
    ) -> Result<UnsignedCredential, IssueError> {
        if self.kind != StatusKind::BitstringStatusList {
            return Err(IssueError::StatusForm);
        }
        let mut credential = vc2::envelope(issuer, valid_from, valid_until)?;
        let id = self.location.to_string();
        credential.insert("@context".to_owned(), json!([vc2::CREDENTIALS_V2]));
        credential.insert("id".to_owned(), id.as_str().into());
        credential.insert("type".to_owned(), json!([BASE_TYPE, self.kind.credential_type()]));
        credential.insert("credentialSubject".to_owned(), self.list_subject(&self.subject())?);
        Ok(UnsignedCredential::new(&issuer.header(VC2_JWT), id, &credential.into()))
    }

    /// The kind of the list.
    #[must_use]
    pub fn kind(&self) -> StatusKind {
        self.kind
    }

    /// What a set entry means.
    #[must_use]
    pub fn purpose(&self) -> StatusPurpose {
        self.purpose
    }

    /// Where the list is published.
    #[must_use]
    pub fn location(&self) -> &ListLocation {
        &self.location
    }

    /// How often the register was changed.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many entries are free.
    #[must_use]
    pub fn free(&self) -> u64 {
        self.allocated.free()
    }

    fn write(&mut self, index: u64, purpose: StatusPurpose, value: u8) -> Result<(), IssueError> {
        if self.purpose != purpose {
            return Err(IssueError::OtherPurpose { register: self.purpose });
        }
        self.allocated.check(index)?;
        self.list.set(index, value)?;
        self.version += 1;
        Ok(())
    }

    /// The id of the list itself: a fragment of its address, or Entra's URN.
    fn subject(&self) -> String {
        match &self.location {
            ListLocation::IdentityHub(query) => format!("urn:uuid:{}", query.object_id()),
            location => format!("{location}#list"),
        }
    }

    fn vc(&self, subject: &str) -> Result<Value, IssueError> {
        Ok(json!({
            "@context": [CREDENTIALS_V1, context_of(self.kind)],
            "type": [BASE_TYPE, self.kind.credential_type()],
            "credentialSubject": self.list_subject(subject)?,
        }))
    }

    fn list_subject(&self, id: &str) -> Result<Value, IssueError> {
        Ok(json!({
            "id": id,
            "type": self.kind.list_type(),
            "statusPurpose": self.purpose.name(),
            "encodedList": self.list.encode(self.kind.encoding())?,
        }))
    }
}

impl fmt::Debug for StatusRegister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusRegister")
            .field("kind", &self.kind)
            .field("purpose", &self.purpose)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Whether registers of a kind are kept for a purpose.
fn keeps(kind: StatusKind, purpose: StatusPurpose) -> bool {
    let either = matches!(kind, StatusKind::StatusList2021 | StatusKind::BitstringStatusList);
    match purpose {
        StatusPurpose::Revocation => true,
        StatusPurpose::Suspension => either,
        _ => false,
    }
}

/// The JSON-LD context that defines the terms of a list of this kind.
fn context_of(kind: StatusKind) -> &'static str {
    match kind {
        StatusKind::BitstringStatusList => "https://www.w3.org/ns/credentials/status/v1",
        StatusKind::RevocationList2021 => "https://w3id.org/vc-status-list-2021/v1",
        StatusKind::RevocationList2020 => "https://w3id.org/vc-revocation-list-2020/v1",
        _ => "https://w3id.org/vc/status-list/2021/v1",
    }
}

/// How a register is stored: its two lists are encoded like any status list.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    kind: StatusKind,
    purpose: StatusPurpose,
    location: String,
    version: u64,
    list: String,
    allocated: String,
}

impl TryFrom<Stored> for StatusRegister {
    type Error = IssueError;

    fn try_from(stored: Stored) -> Result<Self, IssueError> {
        let order = stored.kind.default_order();
        let register = Self {
            kind: stored.kind,
            purpose: stored.purpose,
            location: ListLocation::parse(&stored.location)?,
            version: stored.version,
            list: decode(&stored.list, order)?,
            allocated: Allocated::decode(&stored.allocated)?,
        };
        register.check()?;
        Ok(register)
    }
}

impl StatusRegister {
    /// The purpose is one that is kept, both lists have one length, and nothing is set that is not given out.
    fn check(&self) -> Result<(), IssueError> {
        if !keeps(self.kind, self.purpose) {
            return Err(IssueError::PurposeUnsupported);
        }
        let entries = self.list.entries();
        let stray =
            |index: u64| self.list.value(index) != Ok(0) && self.allocated.check(index).is_err();
        if entries != self.allocated.entries() || (0..entries).any(stray) {
            return Err(IssueError::RegisterDamaged);
        }
        Ok(())
    }
}

impl TryFrom<&StatusRegister> for Stored {
    type Error = IssueError;

    fn try_from(register: &StatusRegister) -> Result<Self, IssueError> {
        Ok(Self {
            kind: register.kind,
            purpose: register.purpose,
            location: register.location.to_string(),
            version: register.version,
            list: register.list.encode(STORED)?,
            allocated: register.allocated.encode()?,
        })
    }
}

impl Serialize for StatusRegister {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Stored::try_from(self).map_err(S::Error::custom)?.serialize(serializer)
    }
}

fn decode(text: &str, order: BitOrder) -> Result<StatusListBuilder, IssueError> {
    Ok(StatusListBuilder::from_encoded(text, STORED, EntrySize::ONE, order)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;
    use std::collections::BTreeSet;

    fn register(entries: u64) -> StatusRegister {
        let location = ListLocation::parse("https://trust.example/status/3").expect("an address");
        let (kind, purpose) = (StatusKind::BitstringStatusList, StatusPurpose::Revocation);
        StatusRegister::of_any_size(kind, purpose, location, entries).expect("a register")
    }

    #[test]
    fn i08_every_entry_is_given_out_once_and_then_the_register_is_full() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut register = register(1000);
        let given: BTreeSet<u64> =
            (0..1000).map(|_| register.allocate(&mut rng).expect("a free entry").index()).collect();
        assert_eq!(given, (0..1000).collect());
        assert_eq!(register.free(), 0);
        let error = register.allocate(&mut rng).expect_err("a full register");
        assert_eq!(error.code(), "issue_register_full");
    }

    #[test]
    fn entries_are_not_given_out_in_order() {
        let mut rng = StdRng::seed_from_u64(2);
        let mut register = register(131_072);
        let given: Vec<u64> =
            (0..64).map(|_| register.allocate(&mut rng).expect("a free entry").index()).collect();
        assert!(!given.is_sorted());
        assert!(given.iter().any(|i| *i < 65_536) && given.iter().any(|i| *i >= 65_536));
    }
}
