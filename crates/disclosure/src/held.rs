//! A credential as its holder keeps it.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};
use staffpass_jose::{NumericDate, UnverifiedJws, json, jws};
use staffpass_query::{Candidate, Format};

use crate::DisclosureError;

/// A credential in a wallet: a VC-JWT (VC Data Model 1.1 §6.3.1) with its bytes as they came.
///
/// Its signature is not checked: whether the issuer is believed is for the verifier. What it says is
/// read only to show it to the person and to hold it against a request.
#[derive(Clone)]
pub struct HeldCredential {
    compact: String,
    issuer: String,
    holder: String,
    types: Vec<String>,
    issued_at: Option<DateTime<Utc>>,
    valid_from: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    payload: Value,
    credential: Value,
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    jti: Option<String>,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
    exp: Option<NumericDate>,
    vc: Option<Map<String, Value>>,
}

impl HeldCredential {
    /// Reads a VC-JWT.
    ///
    /// # Errors
    /// [`DisclosureError::CredentialJws`], [`DisclosureError::CredentialJson`],
    /// [`DisclosureError::CredentialMember`] for one without issuer, subject or `vc`,
    /// [`DisclosureError::CredentialSubjects`].
    pub fn parse(compact: &str) -> Result<Self, DisclosureError> {
        let limits = jws::Limits::default();
        let jws = UnverifiedJws::parse(compact, &limits).map_err(DisclosureError::CredentialJws)?;
        let bytes = jws.unverified_payload();
        let claims: Claims =
            json::parse(bytes, &limits.json).map_err(DisclosureError::CredentialJson)?;
        let payload = json::parse(bytes, &limits.json).map_err(DisclosureError::CredentialJson)?;
        Self::of(compact, &claims, payload)
    }

    fn of(compact: &str, claims: &Claims, payload: Value) -> Result<Self, DisclosureError> {
        let vc = claims.vc.as_ref().ok_or(missing("vc"))?;
        let valid_from = claims.nbf.or(claims.iat).map(NumericDate::ceil);
        Ok(Self {
            compact: compact.to_owned(),
            issuer: issuer_of(claims, vc)?,
            holder: subject_of(claims, vc)?,
            types: types_of(vc),
            issued_at: claims.iat.or(claims.nbf).map(NumericDate::ceil),
            valid_from,
            expires_at: claims.exp.map(NumericDate::floor),
            payload,
            credential: credential_of(claims, vc),
        })
    }

    /// The token as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.compact
    }

    /// Who issued it, by its own word.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The DID of its subject, who alone can present it.
    #[must_use]
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// Its types, as they stand in `type`.
    #[must_use]
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// When it was issued (`iat`, or else `nbf`), if it says so.
    #[must_use]
    pub const fn issued_at(&self) -> Option<DateTime<Utc>> {
        self.issued_at
    }

    /// From when on it is valid (`nbf`, or else `iat`), if it says so.
    #[must_use]
    pub const fn valid_from(&self) -> Option<DateTime<Utc>> {
        self.valid_from
    }

    /// When it expires, if it does.
    #[must_use]
    pub const fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at
    }

    /// What it says of its subject: `credentialSubject`, to show to the person.
    #[must_use]
    pub fn subject(&self) -> Option<&Map<String, Value>> {
        self.credential.get("credentialSubject").and_then(Value::as_object)
    }

    /// The credential as the evaluator sees it. Bound: the wallet presents only what it has the key
    /// for.
    pub(crate) fn candidate(&self) -> Candidate<'_> {
        Candidate::w3c(Format::JwtVcJson, &self.credential)
            .with_jwt_payload(&self.payload)
            .with_holder_binding(true)
    }
}

/// Prints no claim and no identifier of a person.
impl fmt::Debug for HeldCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldCredential")
            .field("types", &self.types)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

fn issuer_of(claims: &Claims, vc: &Map<String, Value>) -> Result<String, DisclosureError> {
    let in_vc = match vc.get("issuer") {
        Some(Value::Object(issuer)) => issuer.get("id"),
        other => other,
    };
    let issuer = claims.iss.as_deref().or(in_vc.and_then(Value::as_str));
    issuer.map(str::to_owned).ok_or(missing("issuer"))
}

fn subject_of(claims: &Claims, vc: &Map<String, Value>) -> Result<String, DisclosureError> {
    let in_vc = vc.get("credentialSubject").and_then(|subject| subject.get("id"));
    match (claims.sub.as_deref(), in_vc.and_then(Value::as_str)) {
        (Some(one), Some(other)) if one != other => Err(DisclosureError::CredentialSubjects),
        (Some(subject), _) | (None, Some(subject)) => Ok(subject.to_owned()),
        (None, None) => Err(missing("subject")),
    }
}

fn types_of(vc: &Map<String, Value>) -> Vec<String> {
    match vc.get("type") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(several)) => {
            several.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// VC Data Model 1.1 §6.3.1.1: the credential that the claims of the JWT and `vc` make together.
/// What `vc` says itself stays.
fn credential_of(claims: &Claims, vc: &Map<String, Value>) -> Value {
    let mut credential = vc.clone();
    let mut fill = |member: &str, value: Option<String>| {
        if let Some(value) = value {
            credential.entry(member).or_insert(value.into());
        }
    };
    let date = |date: DateTime<Utc>| date.to_rfc3339_opts(SecondsFormat::Secs, true);
    fill("issuer", claims.iss.clone());
    fill("id", claims.jti.clone());
    fill("issuanceDate", claims.nbf.or(claims.iat).map(|d| date(d.ceil())));
    fill("expirationDate", claims.exp.map(|d| date(d.floor())));
    let subject = credential.get_mut("credentialSubject").and_then(Value::as_object_mut);
    if let (Some(subject), Some(id)) = (subject, &claims.sub) {
        subject.entry("id").or_insert(id.as_str().into());
    }
    credential.into()
}

const fn missing(member: &'static str) -> DisclosureError {
    DisclosureError::CredentialMember { member }
}
