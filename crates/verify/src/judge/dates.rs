//! Dates, all with one capped leeway.

use chrono::{DateTime, TimeDelta, Utc};

use staffpass_sd_jwt::KeyBinding;

use crate::Code;
use crate::token::Claims;

/// V13, V14, T3, T4: an ID token's or a presentation's dates, within the request's life.
pub(super) fn of_presentation(
    claims: &Claims,
    oldest: DateTime<Utc>,
    now: DateTime<Utc>,
    leeway: TimeDelta,
) -> Result<(), Code> {
    if claims.issued.is_none() && claims.expires.is_none() {
        return Err(Code::DateMissing);
    }
    not_expired(claims.expires.map(|date| date.floor()), now, leeway)?;
    begun(claims, now, leeway)?;
    match claims.issued {
        Some(issued) if issued.floor() < oldest - leeway => Err(Code::TooOld),
        _ => Ok(()),
    }
}

/// RFC 9901 §7.3, step 5: a KB-JWT is neither older than this nor from the future.
pub(super) fn of_key_binding(
    claims: &KeyBinding,
    oldest: DateTime<Utc>,
    now: DateTime<Utc>,
    leeway: TimeDelta,
) -> Result<(), Code> {
    let issued_at = claims.issued_at();
    // RFC 7519 §4.1.4 and §4.1.5: no KB-JWT needs these two, and what stands there counts.
    not_expired(claims.expires_at().map(|date| date.floor()), now, leeway)?;
    has_begun(claims.not_before().map(|date| date.ceil()), now, leeway)?;
    has_begun(Some(issued_at.ceil()), now, leeway)?;
    if issued_at.floor() < oldest - leeway { Err(Code::TooOld) } else { Ok(()) }
}

/// V19, T2: the dates of a credential's JWT. Returns when it was issued, as far as the JWT says:
/// `nbf`, else `iat`, since real Entra credentials have no `nbf`.
pub(super) fn of_credential(
    claims: &Claims,
    now: DateTime<Utc>,
    leeway: TimeDelta,
) -> Result<Option<DateTime<Utc>>, Code> {
    not_expired(claims.expires.map(|date| date.floor()), now, leeway)?;
    begun(claims, now, leeway)?;
    let issued = claims.not_before.or(claims.issued);
    Ok(issued.map(|date| date.ceil()))
}

/// A date of the credential itself from which on it is good.
pub(super) fn has_begun(
    from: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    leeway: TimeDelta,
) -> Result<(), Code> {
    match from {
        Some(from) if from > now + leeway => Err(Code::NotYetValid),
        _ => Ok(()),
    }
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
