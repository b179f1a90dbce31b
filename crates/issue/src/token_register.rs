//! The status list of tokens such as SD-JWT VCs: Token Status List (draft-ietf-oauth-status-list).

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use rand_core::CryptoRng;
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};
use staffpass_status::token::TokenStatus;
use staffpass_status::{
    BitOrder, EntrySize, ListEncoding, ListLocation, StatusError, StatusListBuilder,
};

use crate::allocation::{Allocated, STORED};
use crate::credential::{check_period, seconds};
use crate::issuer::STATUS_LIST;
use crate::{IssueError, MINIMUM_ENTRIES, TokenIssuer, UnsignedCredential};

/// The order of the draft, §4.1.
const ORDER: BitOrder = BitOrder::LeastSignificantFirst;

/// Bits of an entry: valid, revoked and suspended need two.
const BITS: u64 = 2;

/// How a token stands in the register (§7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenState {
    /// `VALID`.
    Valid,
    /// `INVALID`, for good.
    Revoked,
    /// `SUSPENDED`: it may become valid again.
    Suspended,
}

impl TokenState {
    const fn value(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Revoked => 1,
            Self::Suspended => 2,
        }
    }

    /// The register writes no other value, and does not read a list back that holds one.
    const fn from_value(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::Valid),
            1 => Some(Self::Revoked),
            2 => Some(Self::Suspended),
            _ => None,
        }
    }
}

/// The register of one Token Status List: which entries are given to tokens, and how they stand.
///
/// As a [`StatusRegister`](crate::StatusRegister), it gives its entries out at random and never
/// twice, and is a value to be stored over the [`version`](Self::version) that was read. One list
/// holds revocation and suspension alike.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Stored")]
pub struct TokenStatusRegister {
    uri: String,
    version: u64,
    list: StatusListBuilder,
    allocated: Allocated,
}

impl TokenStatusRegister {
    /// A register with nothing given out, of at least so many entries, published at an https
    /// address (or at a loopback one, for tests).
    ///
    /// # Errors
    /// [`IssueError::Status`] for an address that no token may name or a list too large for its
    /// readers; [`IssueError::RegisterTooSmall`] below [`MINIMUM_ENTRIES`].
    pub fn new(uri: &str, entries: u64) -> Result<Self, IssueError> {
        if entries < MINIMUM_ENTRIES {
            let minimum = MINIMUM_ENTRIES;
            return Err(IssueError::RegisterTooSmall { entries, minimum });
        }
        let list = StatusListBuilder::new(entries, size()?, ORDER)?;
        let allocated = Allocated::none(list.entries())?;
        Ok(Self { uri: web_address(uri)?, version: 0, list, allocated })
    }

    /// Gives a free entry, drawn uniformly, to a token that is about to be issued.
    ///
    /// # Errors
    /// [`IssueError::RegisterFull`].
    pub fn allocate(&mut self, rng: &mut impl CryptoRng) -> Result<TokenStatus, IssueError> {
        let index = self.allocated.take_one(rng)?;
        self.version += 1;
        let reference = json!({"status_list": {"idx": index, "uri": self.uri}});
        Ok(TokenStatus::parse(&reference)?)
    }

    /// Revokes a token, for good.
    ///
    /// # Errors
    /// [`IssueError::NotAllocated`].
    pub fn revoke(&mut self, index: u64) -> Result<(), IssueError> {
        self.write(index, TokenState::Revoked)
    }

    /// Suspends a token.
    ///
    /// # Errors
    /// [`IssueError::NotAllocated`]; [`IssueError::Revoked`].
    pub fn suspend(&mut self, index: u64) -> Result<(), IssueError> {
        self.check_not_revoked(index)?;
        self.write(index, TokenState::Suspended)
    }

    /// Ends a suspension. There is no such way back from a revocation.
    ///
    /// # Errors
    /// As [`suspend`](Self::suspend).
    pub fn reinstate(&mut self, index: u64) -> Result<(), IssueError> {
        self.check_not_revoked(index)?;
        self.write(index, TokenState::Valid)
    }

    /// How a token stands.
    ///
    /// # Errors
    /// [`IssueError::NotAllocated`].
    pub fn state(&self, index: u64) -> Result<TokenState, IssueError> {
        self.allocated.check(index)?;
        TokenState::from_value(self.list.value(index)?).ok_or(IssueError::RegisterDamaged)
    }

    /// The list as a Status List Token (`statuslist+jwt`, §5.1), ready to be signed and published
    /// at its address. `ttl` says how long readers may keep it.
    ///
    /// # Errors
    /// [`IssueError::DateRange`], [`IssueError::ExpiresBeforeIssue`], [`IssueError::Ttl`] for less
    /// than a second, [`IssueError::Status`].
    pub fn publish(
        &self,
        issuer: impl Into<TokenIssuer>,
        issued_at: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
        ttl: Option<TimeDelta>,
    ) -> Result<UnsignedCredential, IssueError> {
        let issuer = issuer.into();
        check_period(issued_at, expires_at)?;
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), issuer.id().into());
        claims.insert("sub".to_owned(), self.uri.as_str().into());
        claims.insert("iat".to_owned(), seconds(issued_at)?);
        if let Some(expires_at) = expires_at {
            claims.insert("exp".to_owned(), seconds(expires_at)?);
        }
        if let Some(ttl) = ttl {
            claims.insert("ttl".to_owned(), seconds_of(ttl)?.into());
        }
        claims.insert("status_list".to_owned(), self.status_list()?);
        Ok(UnsignedCredential::new(&issuer.header(STATUS_LIST), self.uri.clone(), &claims.into()))
    }

    /// Where the list is published, exactly as its tokens write it.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
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

    fn status_list(&self) -> Result<Value, IssueError> {
        let encoded = self.list.encode(ListEncoding::ZlibBase64Url)?;
        Ok(json!({"bits": BITS, "lst": encoded}))
    }

    fn check_not_revoked(&self, index: u64) -> Result<(), IssueError> {
        match self.state(index)? {
            TokenState::Revoked => Err(IssueError::Revoked),
            _ => Ok(()),
        }
    }

    fn write(&mut self, index: u64, state: TokenState) -> Result<(), IssueError> {
        self.allocated.check(index)?;
        self.list.set(index, state.value())?;
        self.version += 1;
        Ok(())
    }

    /// Both lists have one length, every value is one that is written here, and nothing stands that
    /// is not given out.
    fn check(&self) -> Result<(), IssueError> {
        let entries = self.list.entries();
        let good = |index: u64| match self.list.value(index).ok().and_then(TokenState::from_value) {
            Some(TokenState::Valid) => true,
            Some(_) => self.allocated.check(index).is_ok(),
            None => false,
        };
        if entries == self.allocated.entries() && (0..entries).all(good) {
            Ok(())
        } else {
            Err(IssueError::RegisterDamaged)
        }
    }
}

impl fmt::Debug for TokenStatusRegister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenStatusRegister")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// How a register is stored: its two lists are encoded like any status list.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    uri: String,
    version: u64,
    list: String,
    allocated: String,
}

impl TryFrom<Stored> for TokenStatusRegister {
    type Error = IssueError;

    fn try_from(stored: Stored) -> Result<Self, IssueError> {
        let register = Self {
            uri: web_address(&stored.uri)?,
            version: stored.version,
            list: StatusListBuilder::from_encoded(&stored.list, STORED, size()?, ORDER)?,
            allocated: Allocated::decode(&stored.allocated)?,
        };
        register.check()?;
        Ok(register)
    }
}

impl Serialize for TokenStatusRegister {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = Stored {
            uri: self.uri.clone(),
            version: self.version,
            list: self.list.encode(STORED).map_err(S::Error::custom)?,
            allocated: self.allocated.encode().map_err(S::Error::custom)?,
        };
        stored.serialize(serializer)
    }
}

fn size() -> Result<EntrySize, StatusError> {
    EntrySize::new(BITS)
}

/// The list's name is written as it was given: its tokens' `uri` and its `sub` are compared as texts.
fn web_address(uri: &str) -> Result<String, IssueError> {
    match ListLocation::parse(uri)? {
        ListLocation::Web(_) => Ok(uri.to_owned()),
        _ => Err(StatusError::LocationMalformed.into()),
    }
}

fn seconds_of(ttl: TimeDelta) -> Result<i64, IssueError> {
    Some(ttl.num_seconds()).filter(|seconds| *seconds > 0).ok_or(IssueError::Ttl)
}
