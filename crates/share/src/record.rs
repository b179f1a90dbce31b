//! What is stored of a verification: a sealed record, which opens to types of its own.
//!
//! A [`Receipt`] and a [`VerifiedShare`] cannot be read from a store. What is kept of them is a
//! [`SealedRecord`]. It opens only for the share that it belongs to, at the version at which it was
//! made (attack B22): a row that was moved to another share or tenant, or an older row put back in
//! its place, does not open. What comes out says that it is a record, and when it was made.

use std::fmt;

use chrono::{DateTime, Utc};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use staffpass_credentials::{ClaimsContext, CredentialKind, StaffCredential};
use staffpass_request::HandleDigest;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::further::{FurtherDetails, RecordedFurther};
use crate::receipt::{Receipt, SharedCredential};
use crate::sealed::{SealError, SealingKeys};
use crate::share::Share;
use crate::state::Stage;
use crate::submitted::{Details, RecordedShare, VerifiedShare};

/// The sealed record of a receipt or of a share. Store its bytes. `Debug` prints none.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedRecord(Vec<u8>);

impl SealedRecord {
    /// From a store. Nothing is believed of it until it opens.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// For a store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Opens the receipt that the share has accepted.
    ///
    /// # Errors
    ///
    /// [`RecordError::NothingAccepted`] where the share has accepted none; and as
    /// [`open_share`](Self::open_share).
    pub fn open_receipt(
        &self,
        keys: &SealingKeys,
        share: &Share,
    ) -> Result<RecordedReceipt, RecordError> {
        let accepted = share.accepted.as_ref().ok_or(RecordError::NothingAccepted)?;
        let body: ReceiptBody = self.open(keys, Kind::Receipt, share, accepted.version)?;
        RecordedReceipt::read(body, share)
    }

    /// Opens what the share submitted.
    ///
    /// # Errors
    ///
    /// [`RecordError::NotSubmitted`]; [`RecordError::Sealed`] where the record is of another share,
    /// or of another version of it; [`RecordError::Unreadable`].
    pub fn open_share(
        &self,
        keys: &SealingKeys,
        share: &Share,
    ) -> Result<RecordedShare, RecordError> {
        if share.stage != Stage::Submitted {
            return Err(RecordError::NotSubmitted);
        }
        let body: ShareBody = self.open(keys, Kind::Share, share, share.version())?;
        let (mut details, report) = (body.details, body.report);
        details.credentials = read_all(&body.credentials, details.received_at)?;
        Ok(RecordedShare { details, report, recorded_at: body.recorded_at })
    }

    /// Opens what further came for this share, for what its review has asked for at this place.
    ///
    /// # Errors
    ///
    /// As [`open_share`](Self::open_share).
    pub fn open_further(
        &self,
        keys: &SealingKeys,
        first: &Share,
        place: usize,
    ) -> Result<RecordedFurther, RecordError> {
        let opened = keys.open(&self.0, &FurtherPlace::of(first, place)?.parts())?;
        let body: FurtherBody =
            serde_json::from_slice(&opened).map_err(|_| RecordError::Unreadable)?;
        let credentials = read_all(&body.credentials, body.details.received_at)?;
        let (details, report, recorded_at) = (body.details, body.report, body.recorded_at);
        Ok(RecordedFurther { details, credentials, report, recorded_at })
    }

    /// The same, under the current key: the record of what further came for this share.
    ///
    /// # Errors
    ///
    /// As [`open_further`](Self::open_further).
    pub fn reseal_further(
        &self,
        keys: &SealingKeys,
        first: &Share,
        place: usize,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, RecordError> {
        let place = FurtherPlace::of(first, place)?;
        Ok(Self(keys.reseal(&self.0, &place.parts(), rng)?))
    }

    /// The same, under the current key. `share` is the one that it belongs to.
    ///
    /// # Errors
    ///
    /// As [`open_receipt`](Self::open_receipt) and [`open_share`](Self::open_share).
    pub fn reseal(
        &self,
        keys: &SealingKeys,
        share: &Share,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, RecordError> {
        let (kind, version) = match (&share.accepted, share.stage) {
            (_, Stage::Submitted) => (Kind::Share, share.version()),
            (Some(accepted), _) => (Kind::Receipt, accepted.version),
            (None, _) => return Err(RecordError::NothingAccepted),
        };
        let invitation = &share.invitation;
        let version = version.to_be_bytes();
        let place = kind.place(&invitation.tenant, &invitation.reference, &version);
        Ok(Self(keys.reseal(&self.0, &place, rng)?))
    }

    fn open<B: for<'de> Deserialize<'de>>(
        &self,
        keys: &SealingKeys,
        kind: Kind,
        share: &Share,
        version: u64,
    ) -> Result<B, RecordError> {
        let invitation = &share.invitation;
        let version = version.to_be_bytes();
        let place = kind.place(&invitation.tenant, &invitation.reference, &version);
        let opened = keys.open(&self.0, &place)?;
        serde_json::from_slice(&opened).map_err(|_| RecordError::Unreadable)
    }
}

impl fmt::Debug for SealedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedRecord(_)")
    }
}

/// What a record is of, with the schema of its body: associated data of the sealing, beside tenant,
/// share and version.
#[derive(Clone, Copy)]
enum Kind {
    Receipt,
    Share,
}

impl Kind {
    const fn schema(self) -> &'static [u8] {
        match self {
            Self::Receipt => b"staffpass-share/receipt/1",
            Self::Share => b"staffpass-share/share/1",
        }
    }

    fn place<'p>(self, tenant: &'p str, share: &'p str, version: &'p [u8; 8]) -> [&'p [u8]; 4] {
        [self.schema(), tenant.as_bytes(), share.as_bytes(), version]
    }

    fn seal(
        self,
        body: &impl Serialize,
        (tenant, share, version): (&str, &str, u64),
        keys: &SealingKeys,
        rng: &mut impl CryptoRng,
    ) -> Result<SealedRecord, RecordError> {
        let json = serde_json::to_vec(body).map(Zeroizing::new);
        let json = json.map_err(|_| RecordError::Unreadable)?;
        let place = self.place(tenant, share, &version.to_be_bytes()).map(<[u8]>::to_vec);
        let place: Vec<&[u8]> = place.iter().map(Vec::as_slice).collect();
        Ok(SealedRecord(keys.seal(&json, &place, rng)?))
    }
}

/// Where the record of further credentials belongs: to the share that was submitted, at that version, and
/// to one place of its review. One moved to another, or put back in its place, does not open.
struct FurtherPlace<'p> {
    tenant: &'p str,
    first: &'p str,
    version: [u8; 8],
    place: [u8; 8],
}

impl<'p> FurtherPlace<'p> {
    fn new(tenant: &'p str, first: &'p str, version: u64, place: usize) -> Self {
        let place = u64::try_from(place).unwrap_or(u64::MAX).to_be_bytes();
        Self { tenant, first, version: version.to_be_bytes(), place }
    }

    fn of(first: &'p Share, place: usize) -> Result<Self, RecordError> {
        if first.stage != Stage::Submitted {
            return Err(RecordError::NotSubmitted);
        }
        let invitation = &first.invitation;
        Ok(Self::new(&invitation.tenant, &invitation.reference, first.version(), place))
    }

    fn parts(&self) -> [&[u8]; 5] {
        let schema = b"staffpass-share/further/1";
        [schema, self.tenant.as_bytes(), self.first.as_bytes(), &self.version, &self.place]
    }
}

impl RecordedFurther {
    /// The record of these credentials, for the store: beside that of the share that they belong to.
    ///
    /// # Errors
    ///
    /// [`RecordError::Sealed`].
    pub fn record(
        &self,
        keys: &SealingKeys,
        rng: &mut impl CryptoRng,
    ) -> Result<SealedRecord, RecordError> {
        let details = self.details.clone();
        let credentials = write_all(&self.credentials);
        let (report, recorded_at) = (self.report.clone(), self.recorded_at);
        let body = FurtherBody { details, credentials, report, recorded_at };
        let json = serde_json::to_vec(&body).map(Zeroizing::new);
        let json = json.map_err(|_| RecordError::Unreadable)?;
        let FurtherDetails { tenant, first, version, place, .. } = &self.details;
        let place = FurtherPlace::new(tenant, first, *version, *place);
        Ok(SealedRecord(keys.seal(&json, &place.parts(), rng)?))
    }
}

impl Receipt {
    /// The record of this receipt, for the store: so that another machine, or this one after a
    /// restart, can [submit](Share::submit_recorded) what this one received.
    ///
    /// # Errors
    ///
    /// [`RecordError::Sealed`].
    pub fn record(
        &self,
        keys: &SealingKeys,
        now: DateTime<Utc>,
        rng: &mut impl CryptoRng,
    ) -> Result<SealedRecord, RecordError> {
        let body = ReceiptBody {
            request: self.request,
            received_at: self.received_at,
            recorded_at: now,
            credentials: write_all(&self.credentials),
            report: json(&self.report)?,
        };
        Kind::Receipt.seal(&body, (&self.tenant, &self.invitation, self.version), keys, rng)
    }
}

impl VerifiedShare {
    /// The record of this share, for the store.
    ///
    /// # Errors
    ///
    /// [`RecordError::Sealed`].
    pub fn record(
        &self,
        keys: &SealingKeys,
        now: DateTime<Utc>,
        rng: &mut impl CryptoRng,
    ) -> Result<SealedRecord, RecordError> {
        seal_share(&self.details, json(&self.report)?, keys, now, rng)
    }
}

impl RecordedShare {
    /// The record of this share, for the store. It keeps the time of the first record.
    ///
    /// # Errors
    ///
    /// [`RecordError::Sealed`].
    pub fn record(
        &self,
        keys: &SealingKeys,
        rng: &mut impl CryptoRng,
    ) -> Result<SealedRecord, RecordError> {
        seal_share(&self.details, self.report.clone(), keys, self.recorded_at, rng)
    }
}

fn seal_share(
    details: &Details,
    report: Value,
    keys: &SealingKeys,
    recorded_at: DateTime<Utc>,
    rng: &mut impl CryptoRng,
) -> Result<SealedRecord, RecordError> {
    let credentials = write_all(&details.credentials);
    let place = (details.tenant.as_str(), details.invitation.as_str(), details.version);
    let body = ShareBody { details: details.clone(), credentials, report, recorded_at };
    Kind::Share.seal(&body, place, keys, rng)
}

/// A receipt that was recorded when a response was accepted, and has been opened since. It is not a
/// verification: it says what was verified, and when. `Debug` prints no claim.
#[derive(Clone)]
pub struct RecordedReceipt {
    pub(crate) tenant: String,
    pub(crate) invitation: String,
    pub(crate) request: HandleDigest,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) credentials: Vec<SharedCredential>,
    pub(crate) report: Value,
}

impl RecordedReceipt {
    fn read(body: ReceiptBody, share: &Share) -> Result<Self, RecordError> {
        Ok(Self {
            tenant: share.invitation.tenant.clone(),
            invitation: share.invitation.reference.clone(),
            request: body.request,
            received_at: body.received_at,
            recorded_at: body.recorded_at,
            credentials: read_all(&body.credentials, body.received_at)?,
            report: body.report,
        })
    }

    /// The credentials, as in the receipt.
    #[must_use]
    pub fn credentials(&self) -> &[SharedCredential] {
        &self.credentials
    }

    /// Every check that was made, as JSON (the receipt's report).
    #[must_use]
    pub const fn report(&self) -> &Value {
        &self.report
    }

    /// When the response was accepted.
    #[must_use]
    pub const fn received_at(&self) -> DateTime<Utc> {
        self.received_at
    }

    /// When the record was made.
    #[must_use]
    pub const fn recorded_at(&self) -> DateTime<Utc> {
        self.recorded_at
    }
}

impl fmt::Debug for RecordedReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedReceipt")
            .field("received_at", &self.received_at)
            .field("recorded_at", &self.recorded_at)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptBody {
    request: HandleDigest,
    received_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    credentials: Vec<CredentialBody>,
    report: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShareBody {
    details: Details,
    credentials: Vec<CredentialBody>,
    report: Value,
    recorded_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FurtherBody {
    details: FurtherDetails,
    credentials: Vec<CredentialBody>,
    report: Value,
    recorded_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialBody {
    part: String,
    issuer: String,
    issued_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    kind: CredentialKind,
    claims: Map<String, Value>,
}

fn json(report: &impl Serialize) -> Result<Value, RecordError> {
    serde_json::to_value(report).map_err(|_| RecordError::Unreadable)
}

fn write_all(credentials: &[SharedCredential]) -> Vec<CredentialBody> {
    let write = |shared: &SharedCredential| CredentialBody {
        part: shared.part.clone(),
        issuer: shared.issuer.clone(),
        issued_at: shared.issued_at,
        expires_at: shared.expires_at,
        kind: shared.kind(),
        claims: shared.credential.to_claims(),
    };
    credentials.iter().map(write).collect()
}

/// Reads the claims again by the same rules and for the same time as when they came.
fn read_all(
    bodies: &[CredentialBody],
    received_at: DateTime<Utc>,
) -> Result<Vec<SharedCredential>, RecordError> {
    let read = |body: &CredentialBody| {
        let context = ClaimsContext::new(body.issued_at, received_at);
        let credential = StaffCredential::from_claims(body.kind, &body.claims, &context)
            .map_err(|_| RecordError::Unreadable)?;
        Ok(SharedCredential {
            part: body.part.clone(),
            issuer: body.issuer.clone(),
            issued_at: body.issued_at,
            expires_at: body.expires_at,
            credential,
        })
    };
    bodies.iter().map(read).collect()
}

/// Why a record was not made, or does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The share has accepted no response.
    #[error("the share has accepted no response")]
    NothingAccepted,
    /// The share was not submitted.
    #[error("the share was not submitted")]
    NotSubmitted,
    /// It does not open: it was changed, moved or put back, or the key is not there.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// What was sealed cannot be written, or cannot be read by this version.
    #[error("the record cannot be read")]
    Unreadable,
}

impl RecordError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NothingAccepted => "record_nothing_accepted",
            Self::NotSubmitted => "record_not_submitted",
            Self::Sealed(error) => error.code(),
            Self::Unreadable => "record_unreadable",
        }
    }
}
