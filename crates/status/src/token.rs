//! Token Status List (draft-ietf-oauth-status-list): the status of tokens such as SD-JWT VCs.
//!
//! A token points to its entry with the claim `status`; the list is a JWT of its own, with the
//! header `typ` `statuslist+jwt`, which the verifier checks with its signature.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use staffpass_jose::NumericDate;
use staffpass_jose::json::{self, Node, Object};
use url::Url;

use crate::judge::StatusOutcome;
use crate::list::{check_dates, not_null, shape};
use crate::location::parse_web;
use crate::{
    BitList, BitOrder, EntrySize, Limits, ListEncoding, StatusError, StatusPurpose, inflate,
};

/// The value that means suspended (§7.1): it may become valid again.
const SUSPENDED: u8 = 2;

/// What a token says of its status (§6.2): `{"status_list": {"idx": 7, "uri": "https://…"}}`.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenStatus {
    index: u64,
    uri: String,
    location: Url,
}

impl TokenStatus {
    /// Reads the claim `status`.
    ///
    /// # Errors
    /// [`StatusError::UnknownType`] for any mechanism but `status_list`, beside it too;
    /// [`StatusError::EntryMalformed`], [`StatusError::IndexMalformed`],
    /// [`StatusError::LocationMalformed`].
    pub fn parse<'a>(status: impl Into<Node<'a>>) -> Result<Self, StatusError> {
        let mut mechanisms = status.into().members().ok_or(StatusError::EntryMalformed)?;
        let reference = match (mechanisms.next(), mechanisms.next()) {
            (Some(("status_list", reference)), None) => reference,
            _ => return Err(StatusError::UnknownType),
        };
        let index = reference.get("idx").ok_or(StatusError::EntryMalformed)?;
        let uri = reference.get("uri").and_then(Node::as_str);
        let uri = uri.ok_or(StatusError::EntryMalformed)?;
        Ok(Self {
            index: index.as_u64().ok_or(StatusError::IndexMalformed)?,
            uri: uri.to_owned(),
            location: parse_web(uri)?,
        })
    }

    /// Which entry of the list, counted from 0.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The list's name as it stands: the list's `sub` is held against it.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Where the list is: the same name, as an address.
    #[must_use]
    pub fn location(&self) -> &Url {
        &self.location
    }
}

/// Prints neither the list nor the index, which together name one token.
impl fmt::Debug for TokenStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenStatus").finish_non_exhaustive()
    }
}

/// The claims of a Status List Token, unbelieved.
#[derive(Clone)]
pub struct StatusListToken {
    about: AboutToken,
    encoded: String,
}

/// What a Status List Token says of itself (§5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AboutToken {
    /// `iss`, if there is one.
    pub issuer: Option<String>,
    /// `sub`: the list's name, exactly as the tokens that point to it write it.
    pub subject: String,
    /// `iat`, a fraction rounded up.
    pub issued_at: DateTime<Utc>,
    /// `nbf`, a fraction rounded up: no member of a Status List Token, and of every JWT (RFC 7519
    /// §4.1.5).
    pub not_before: Option<DateTime<Utc>>,
    /// `exp`, a fraction cut off.
    pub expires_at: Option<DateTime<Utc>>,
    /// How long the issuer lets the list be kept (`ttl`, in seconds).
    pub ttl: Option<Duration>,
    /// The size of an entry: 1, 2, 4 or 8 bits.
    pub size: EntrySize,
}

impl AboutToken {
    /// Checks the dates (§8.3).
    ///
    /// # Errors
    /// [`StatusError::Expired`], [`StatusError::NotYetValid`], [`StatusError::IssuedInFuture`].
    pub fn check_dates(&self, now: DateTime<Utc>, leeway: TimeDelta) -> Result<(), StatusError> {
        check_dates(Some(self.issued_at), self.not_before, self.expires_at, now, leeway)
    }

    /// How long the list may be kept: its `ttl`, within bounds. `None` where it has none.
    #[must_use]
    pub fn ttl_within(&self, least: Duration, most: Duration) -> Option<Duration> {
        self.ttl.map(|ttl| ttl.max(least).min(most))
    }
}

impl StatusListToken {
    /// Reads the payload of a Status List Token.
    ///
    /// # Errors
    /// [`StatusError::ListMalformed`]; [`StatusError::SizeUnsupported`] unless an entry has 1, 2, 4
    /// or 8 bits.
    pub fn parse(payload: &[u8], limits: &Limits) -> Result<Self, StatusError> {
        let text = json::check(payload, &limits.json).map_err(StatusError::ListMalformed)?;
        let claims: Claims = shape(text)?;
        let Object(list) = claims.status_list;
        let about = AboutToken {
            issuer: claims.iss,
            subject: claims.sub,
            issued_at: claims.iat.ceil(),
            not_before: claims.nbf.map(NumericDate::ceil),
            expires_at: claims.exp.map(NumericDate::floor),
            ttl: claims.ttl.map(Duration::from_secs),
            size: size_of(list.bits)?,
        };
        Ok(Self { about, encoded: list.lst })
    }

    /// What the claims say, apart from the list.
    #[must_use]
    pub fn about(&self) -> &AboutToken {
        &self.about
    }

    /// Inflates the list, and lets go of its encoded form.
    ///
    /// # Errors
    /// See [`inflate`](crate::inflate()).
    pub fn inflate(self, limits: &Limits) -> Result<TokenStatusList, StatusError> {
        let bits = inflate(&self.encoded, ListEncoding::ZlibBase64Url, limits)?;
        Ok(TokenStatusList { about: self.about, bits })
    }
}

impl fmt::Debug for StatusListToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusListToken").field("about", &self.about).finish_non_exhaustive()
    }
}

/// A Token Status List, ready to be asked.
#[derive(Clone, Debug)]
pub struct TokenStatusList {
    about: AboutToken,
    bits: BitList,
}

impl TokenStatusList {
    /// What the claims say, apart from the list.
    #[must_use]
    pub fn about(&self) -> &AboutToken {
        &self.about
    }

    /// The bits of the list.
    #[must_use]
    pub fn bits(&self) -> &BitList {
        &self.bits
    }
}

/// Asks a list about a token (§8.3). The list's signature, its `typ`, its signer and its dates are
/// the caller's to check.
///
/// 0 is valid and 2 is suspended; 1 and every value that is not known here, the application's own
/// included, count as revoked.
///
/// # Errors
/// [`StatusError::ListMismatch`] where the list's `sub` is not exactly the `uri` of the token;
/// [`StatusError::IndexOutOfRange`].
pub fn judge(status: &TokenStatus, list: &TokenStatusList) -> Result<StatusOutcome, StatusError> {
    if list.about.subject != status.uri {
        return Err(StatusError::ListMismatch);
    }
    let order = BitOrder::LeastSignificantFirst;
    let value = list.bits.value(status.index, list.about.size, order)?;
    let purpose = match value {
        SUSPENDED => StatusPurpose::Suspension,
        _ => StatusPurpose::Revocation,
    };
    Ok(StatusOutcome::of(value, purpose))
}

#[derive(Deserialize)]
struct Claims {
    #[serde(default, deserialize_with = "not_null")]
    iss: Option<String>,
    sub: String,
    iat: NumericDate,
    #[serde(default, deserialize_with = "not_null")]
    nbf: Option<NumericDate>,
    #[serde(default, deserialize_with = "not_null")]
    exp: Option<NumericDate>,
    #[serde(default, deserialize_with = "not_null")]
    ttl: Option<u64>,
    status_list: Object<List>,
}

#[derive(Deserialize)]
struct List {
    bits: u64,
    lst: String,
}

/// §4.1 allows four sizes, so that no entry crosses the end of a byte.
fn size_of(bits: u64) -> Result<EntrySize, StatusError> {
    if matches!(bits, 1 | 2 | 4 | 8) {
        EntrySize::new(bits)
    } else {
        Err(StatusError::SizeUnsupported)
    }
}
