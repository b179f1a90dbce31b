//! A status list credential: its claims, unbelieved, and the list that is made of them.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny};
use serde_json::Value;
use staffpass_jose::NumericDate;
use staffpass_jose::json::{self, JsonError, Object};

use crate::inflate::inflate;
use crate::{BitList, Limits, StatusError, StatusKind, StatusPurpose};

/// How many purposes one list may have: there are four.
const MAX_PURPOSES: usize = 4;

/// The claims of a status list credential.
///
/// Reading them proves nothing: whoever uses them has checked the token's signature, and that its
/// signer may speak for the issuer of the credentials in question.
#[derive(Clone)]
pub struct StatusListCredential {
    about: About,
    encoded: String,
}

impl StatusListCredential {
    /// Reads the payload of a token: a VC-JWT (VC Data Model 1.1 §6.3.1, the credential in `vc`) or
    /// a credential secured as it is (VC-JOSE-COSE §3.1.1).
    ///
    /// Where a JWT claim and the credential's own member both stand there, ids and issuers must be
    /// equal, and of the dates the narrower counts.
    ///
    /// # Errors
    /// See [`StatusError`]. A list that has a status itself is refused: to judge it another list
    /// would be needed, and so on.
    pub fn parse(payload: &[u8], limits: &Limits) -> Result<Self, StatusError> {
        let text = json::check(payload, &limits.json).map_err(StatusError::ListMalformed)?;
        let mut claims: Claims = shape(text)?;
        let credential = match claims.vc.take() {
            Some(Object(credential)) => credential,
            None => shape(text)?,
        };
        Self::from_parts(claims, credential)
    }

    fn from_parts(claims: Claims, credential: Credential) -> Result<Self, StatusError> {
        if credential.credential_status {
            return Err(StatusError::ListHasStatus);
        }
        let kind = kind_of(&credential)?;
        let Object(subject) = credential.credential_subject;
        let about = About {
            kind,
            purposes: purposes_of(subject.status_purpose.as_ref(), kind)?,
            issuer: agreed(claims.iss, issuer_of(credential.issuer)?)?,
            id: agreed(claims.jti, credential.id)?,
            subject: agreed(claims.sub, subject.id)?,
            issued_at: claims.iat.map(NumericDate::ceil),
            valid_from: valid_from(&claims.nbf, [&credential.issuance, &credential.valid_from])?,
            valid_until: valid_until(&claims.exp, [&credential.expiration, &credential.until])?,
            ttl: subject.ttl.map(Duration::from_millis),
        };
        Ok(Self { about, encoded: subject.encoded_list })
    }

    /// What the claims say, apart from the list.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Inflates the list, and lets go of its encoded form.
    ///
    /// # Errors
    /// See [`inflate`](crate::inflate()).
    pub fn inflate(self, limits: &Limits) -> Result<StatusList, StatusError> {
        let bits = inflate(&self.encoded, self.about.kind.encoding(), limits)?;
        Ok(StatusList { about: self.about, bits })
    }
}

impl fmt::Debug for StatusListCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusListCredential")
            .field("kind", &self.about.kind)
            .finish_non_exhaustive()
    }
}

/// A status list, ready to be asked.
#[derive(Clone, Debug)]
pub struct StatusList {
    about: About,
    bits: BitList,
}

impl StatusList {
    /// What the claims say, apart from the list.
    #[must_use]
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The bits of the list.
    #[must_use]
    pub fn bits(&self) -> &BitList {
        &self.bits
    }
}

/// What a status list credential says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct About {
    /// The kind of the list.
    pub kind: StatusKind,
    /// What a set bit can mean: at least one.
    pub purposes: Vec<StatusPurpose>,
    /// The issuer, if it is named: `iss`, `issuer` or `issuer.id`.
    pub issuer: Option<String>,
    /// The id of the credential, if it has one: `jti` or `id`.
    pub id: Option<String>,
    /// The id of the list, if it has one: `sub` or `credentialSubject.id`.
    pub subject: Option<String>,
    /// `iat`, a fraction rounded up.
    pub issued_at: Option<DateTime<Utc>>,
    /// The latest of `nbf`, `issuanceDate` and `validFrom`.
    pub valid_from: Option<DateTime<Utc>>,
    /// The earliest of `exp`, `expirationDate` and `validUntil`.
    pub valid_until: Option<DateTime<Utc>>,
    /// How long the issuer lets the list be kept (`ttl`, in milliseconds, of a Bitstring list).
    pub ttl: Option<Duration>,
}

impl About {
    /// Checks every date that is there. A date that is not there is not required: the lists of
    /// Entra have `iat` alone.
    ///
    /// # Errors
    /// [`StatusError::Expired`], [`StatusError::NotYetValid`], [`StatusError::IssuedInFuture`].
    pub fn check_dates(&self, now: DateTime<Utc>, leeway: TimeDelta) -> Result<(), StatusError> {
        check_dates(self.issued_at, self.valid_from, self.valid_until, now, leeway)
    }

    /// When the list was made, as far as it says so: `iat`, else the beginning of its validity. Of
    /// two lists with one name, the later counts.
    #[must_use]
    pub fn made_at(&self) -> Option<DateTime<Utc>> {
        self.issued_at.or(self.valid_from)
    }

    /// How long the list may be kept: its `ttl`, within bounds. `None` where it has none.
    #[must_use]
    pub fn ttl_within(&self, least: Duration, most: Duration) -> Option<Duration> {
        self.ttl.map(|ttl| ttl.max(least).min(most))
    }
}

/// Holds the dates that are there against the time of the judgement.
pub(crate) fn check_dates(
    issued_at: Option<DateTime<Utc>>,
    valid_from: Option<DateTime<Utc>>,
    valid_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    leeway: TimeDelta,
) -> Result<(), StatusError> {
    let soonest = now.checked_add_signed(leeway).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let latest = now.checked_sub_signed(leeway).unwrap_or(DateTime::<Utc>::MIN_UTC);
    if let Some(until) = valid_until.filter(|until| *until <= latest) {
        return Err(StatusError::Expired { now, until });
    }
    if let Some(from) = valid_from.filter(|from| *from > soonest) {
        return Err(StatusError::NotYetValid { now, from });
    }
    if let Some(issued) = issued_at.filter(|issued| *issued > soonest) {
        return Err(StatusError::IssuedInFuture { now, issued });
    }
    Ok(())
}

#[derive(serde::Deserialize)]
struct Claims {
    #[serde(default, deserialize_with = "not_null")]
    iss: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    sub: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    jti: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    iat: Option<NumericDate>,
    #[serde(default, deserialize_with = "not_null")]
    nbf: Option<NumericDate>,
    #[serde(default, deserialize_with = "not_null")]
    exp: Option<NumericDate>,
    #[serde(default, deserialize_with = "not_null")]
    vc: Option<Object<Credential>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    #[serde(default, deserialize_with = "not_null")]
    id: Option<String>,
    r#type: Value,
    #[serde(default, deserialize_with = "not_null")]
    issuer: Option<Value>,
    #[serde(rename = "issuanceDate", default, deserialize_with = "not_null")]
    issuance: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    valid_from: Option<String>,
    #[serde(rename = "expirationDate", default, deserialize_with = "not_null")]
    expiration: Option<String>,
    #[serde(rename = "validUntil", default, deserialize_with = "not_null")]
    until: Option<String>,
    #[serde(default, deserialize_with = "present")]
    credential_status: bool,
    credential_subject: Object<Subject>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subject {
    #[serde(default, deserialize_with = "not_null")]
    id: Option<String>,
    r#type: Value,
    #[serde(default, deserialize_with = "not_null")]
    status_purpose: Option<Value>,
    encoded_list: String,
    #[serde(default, deserialize_with = "not_null")]
    ttl: Option<u64>,
}

pub(crate) fn shape<T: DeserializeOwned>(text: &str) -> Result<T, StatusError> {
    let read: Result<Object<T>, _> = serde_json::from_str(text);
    read.map(|Object(read)| read).map_err(|_| StatusError::ListMalformed(JsonError::Shape))
}

/// A member that may be absent but not `null`: a date of `null` is not no date, an issuer of `null`
/// not none.
pub(crate) fn not_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

/// Whether a member stands there at all, whatever its value.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// The subject's type says which kind of list it is, and the credential's type must be that kind's.
fn kind_of(credential: &Credential) -> Result<StatusKind, StatusError> {
    let mut kinds = texts(&credential.credential_subject.0.r#type)
        .ok_or(StatusError::ListType)?
        .into_iter()
        .filter_map(StatusKind::from_list_type);
    let (Some(kind), None) = (kinds.next(), kinds.next()) else {
        return Err(StatusError::ListType);
    };
    let types = texts(&credential.r#type).ok_or(StatusError::ListType)?;
    if types.contains(&kind.credential_type()) { Ok(kind) } else { Err(StatusError::ListType) }
}

fn purposes_of(value: Option<&Value>, kind: StatusKind) -> Result<Vec<StatusPurpose>, StatusError> {
    let Some(value) = value else {
        let default = kind.purpose_defaults().then(|| vec![StatusPurpose::Revocation]);
        return default.ok_or(StatusError::MissingPurpose);
    };
    let names = texts(value).filter(|names| (1..=MAX_PURPOSES).contains(&names.len()));
    let names = names.ok_or(StatusError::UnknownPurpose)?;
    names.into_iter().map(StatusPurpose::from_name).collect()
}

/// One text, or an array of them.
fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::Array(values) => values.iter().map(Value::as_str).collect(),
        value => value.as_str().map(|text| vec![text]),
    }
}

/// `issuer` as a text, or as an object with an id (VC Data Model 1.1 §4.5).
fn issuer_of(value: Option<Value>) -> Result<Option<String>, StatusError> {
    let malformed = StatusError::ListMalformed(JsonError::Shape);
    match value {
        None => Ok(None),
        Some(Value::String(issuer)) => Ok(Some(issuer)),
        Some(issuer) => match issuer.get("id").and_then(Value::as_str) {
            Some(id) => Ok(Some(id.to_owned())),
            None => Err(malformed),
        },
    }
}

/// What a claim and the member that it stands for say together (VC Data Model 1.1 §6.3.1).
fn agreed(claim: Option<String>, member: Option<String>) -> Result<Option<String>, StatusError> {
    match (claim, member) {
        (Some(claim), Some(member)) if claim != member => Err(StatusError::ListContradictory),
        (claim, member) => Ok(claim.or(member)),
    }
}

fn valid_from(
    nbf: &Option<NumericDate>,
    members: [&Option<String>; 2],
) -> Result<Option<DateTime<Utc>>, StatusError> {
    let [first, second] = members.map(date);
    Ok([nbf.map(NumericDate::ceil), first?, second?].into_iter().flatten().max())
}

fn valid_until(
    exp: &Option<NumericDate>,
    members: [&Option<String>; 2],
) -> Result<Option<DateTime<Utc>>, StatusError> {
    let [first, second] = members.map(date);
    Ok([exp.map(NumericDate::floor), first?, second?].into_iter().flatten().min())
}

fn date(text: &Option<String>) -> Result<Option<DateTime<Utc>>, StatusError> {
    let Some(text) = text else { return Ok(None) };
    let date = DateTime::parse_from_rfc3339(text).map_err(|_| StatusError::ListDate)?;
    Ok(Some(date.with_timezone(&Utc)))
}
