//! W3C credentials as JWTs: VC Data Model 1.1 with `vc`, and 2.0 by VC-JOSE-COSE.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};
use staffpass_jose::{NumericDate, UnverifiedJws};

use super::{Dates, Encoding, HeldCredential, claims_of, missing, payload as read};
use crate::DisclosureError;

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    jti: Option<String>,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
    exp: Option<NumericDate>,
}

/// VC Data Model 1.1 §6.3.1.
pub(super) fn parse_1_1(
    compact: &str,
    jws: &UnverifiedJws,
    payload: Map<String, Value>,
) -> Result<HeldCredential, DisclosureError> {
    let claims: Claims = read(jws)?;
    let vc = payload.get("vc").and_then(Value::as_object).ok_or(missing("vc"))?;
    Ok(HeldCredential {
        compact: compact.to_owned(),
        encoding: Encoding::VcJwt,
        issuer: issuer_of(&claims, vc)?,
        holder: subject_of(&claims, vc)?,
        types: types_of(vc),
        dates: Dates {
            issued_at: claims.iat.or(claims.nbf).map(NumericDate::ceil),
            valid_from: claims.nbf.or(claims.iat).map(NumericDate::ceil),
            expires_at: claims.exp.map(NumericDate::floor),
        },
        credential: credential_of(&claims, vc),
        payload: Value::Object(payload),
        sd_jwt: None,
    })
}

/// VC-JOSE-COSE §3.1.1: the payload is the credential. Dates of the signature and of the credential
/// both count.
pub(super) fn parse_2_0(
    compact: &str,
    credential: Map<String, Value>,
) -> Result<HeldCredential, DisclosureError> {
    let credential = Value::Object(credential);
    let claims: Claims = claims_of(&credential)?;
    let members = credential.as_object().ok_or(DisclosureError::CredentialClaims)?;
    if !members.contains_key("credentialSubject") {
        return Err(missing("credentialSubject"));
    }
    let from = moment(members, "validFrom")?;
    let until = moment(members, "validUntil")?;
    let not_before = claims.nbf.map(NumericDate::ceil);
    let expires = claims.exp.map(NumericDate::floor);
    Ok(HeldCredential {
        compact: compact.to_owned(),
        encoding: Encoding::VcJose,
        issuer: issuer_of(&claims, members)?,
        holder: subject_of(&claims, members)?,
        types: types_of(members),
        dates: Dates {
            issued_at: claims.iat.map(NumericDate::ceil).or(from),
            valid_from: from.max(not_before),
            expires_at: until.into_iter().chain(expires).min(),
        },
        payload: Value::Null,
        credential,
        sd_jwt: None,
    })
}

/// VC Data Model 2.0 §4.9: a date and time with its zone.
fn moment(
    members: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<DateTime<Utc>>, DisclosureError> {
    let Some(value) = members.get(name) else { return Ok(None) };
    let date = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let date = date.ok_or(DisclosureError::CredentialClaims)?;
    Ok(Some(date.to_utc()))
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
