//! Dates, all with one capped leeway.

use chrono::{DateTime, TimeDelta, Utc};

use crate::Code;
use crate::token::Claims;

/// V13, V14, T3, T4: an ID token's or a presentation's dates, within the request's life.
pub(super) fn of_presentation(
    claims: &Claims,
    requested_at: DateTime<Utc>,
    now: DateTime<Utc>,
    leeway: TimeDelta,
) -> Result<(), Code> {
    if claims.issued.is_none() && claims.expires.is_none() {
        return Err(Code::DateMissing);
    }
    not_expired(claims.expires.map(|date| date.floor()), now, leeway)?;
    begun(claims, now, leeway)?;
    match claims.issued {
        Some(issued) if issued.floor() < requested_at - leeway => Err(Code::TooOld),
        _ => Ok(()),
    }
}

/// V19, T2: a credential's dates. Returns when it was issued: `nbf`, else `iat`, since real Entra
/// credentials have no `nbf`; one with neither is refused.
pub(super) fn of_credential(
    claims: &Claims,
    now: DateTime<Utc>,
    leeway: TimeDelta,
) -> Result<DateTime<Utc>, Code> {
    let issued = claims.not_before.or(claims.issued).ok_or(Code::DateMissing)?;
    not_expired(claims.expires.map(|date| date.floor()), now, leeway)?;
    begun(claims, now, leeway)?;
    Ok(issued.ceil())
}

pub(super) fn not_expired(
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    leeway: TimeDelta,
) -> Result<(), Code> {
    match until {
        Some(until) if until + leeway <= now => Err(Code::Expired),
        _ => Ok(()),
    }
}

/// Neither `nbf` nor `iat` lies in the future.
fn begun(claims: &Claims, now: DateTime<Utc>, leeway: TimeDelta) -> Result<(), Code> {
    let dates = [claims.not_before, claims.issued];
    match dates.into_iter().flatten().any(|date| date.ceil() > now + leeway) {
        true => Err(Code::NotYetValid),
        false => Ok(()),
    }
}
