//! Whether credentials answer what was asked, and whether what the service says of them is what was
//! verified here.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::{CallbackError, Claimed, Presented, RequestedCredential, RevocationStatus};

/// How far the service's clock may be from ours.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// A credential of a receipt that has been verified: what `staffpass-verify` says of it.
#[derive(Clone, Copy)]
pub struct Checked<'a> {
    issuer: &'a str,
    types: &'a [String],
    subject: &'a Map<String, Value>,
    holder: Option<&'a str>,
}

impl<'a> Checked<'a> {
    /// The issuer, the types that it may assert, the subject, and who proved to hold it.
    #[must_use]
    pub const fn new(
        issuer: &'a str,
        types: &'a [String],
        subject: &'a Map<String, Value>,
        holder: Option<&'a str>,
    ) -> Self {
        Self { issuer, types, subject, holder }
    }
}

/// Prints the issuer and types.
impl std::fmt::Debug for Checked<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checked")
            .field("issuer", &self.issuer)
            .field("types", &self.types)
            .finish_non_exhaustive()
    }
}

/// In what the service's word differs from what was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The number of credentials.
    Count,
    /// The holder.
    Holder,
    /// Issuer, types or claims: a credential that the service names is none of the verified ones.
    Credential,
}

/// The service's word against what was asked.
pub(super) fn answers(
    asked: &[RequestedCredential],
    presented: &Presented,
    now: DateTime<Utc>,
) -> Result<(), CallbackError> {
    let claimed = presented.credentials();
    let fits = |part: usize, place: usize| match (asked.get(part), claimed.get(place)) {
        (Some(asked), Some(claimed)) => claimed_fits(asked, claimed, now),
        _ => Err(CallbackError::Unrequested),
    };
    one_to_one(asked.len(), claimed.len(), fits).map(drop)
}

/// Whether what was verified is what was asked: every credential that was asked for, each of its own
/// issuers and with its constraints, and no other. For a service that answers as Microsoft's does;
/// a portal has [`Exchange::confirm`](super::Exchange::confirm).
///
/// # Errors
/// [`CallbackError::Unanswered`], [`CallbackError::Unrequested`], [`CallbackError::Issuer`],
/// [`CallbackError::Constraint`].
pub fn checked_answers(
    asked: &[RequestedCredential],
    checked: &[Checked<'_>],
) -> Result<(), CallbackError> {
    positions(asked, checked).map(drop)
}

/// The same, and of what was asked the position that each of the verified credentials answers.
pub(super) fn positions(
    asked: &[RequestedCredential],
    checked: &[Checked<'_>],
) -> Result<Vec<usize>, CallbackError> {
    let fits = |part: usize, place: usize| match (asked.get(part), checked.get(place)) {
        (Some(asked), Some(c)) => fits(asked, c.issuer, c.types, c.subject),
        _ => Err(CallbackError::Unrequested),
    };
    one_to_one(asked.len(), checked.len(), fits)
}

/// The service's word against what was verified: the same credentials, each with the same issuer
/// and claims, of the same holder.
pub(super) fn agree(presented: &Presented, checked: &[Checked<'_>]) -> Result<(), Difference> {
    let claimed = presented.credentials();
    if claimed.len() != checked.len() {
        return Err(Difference::Count);
    }
    if let Some(subject) = presented.subject()
        && !checked.iter().filter_map(|c| c.holder).any(|holder| holder == subject)
    {
        return Err(Difference::Holder);
    }
    let same = |place: usize, index: usize| match (claimed.get(place), checked.get(index)) {
        (Some(claimed), Some(checked)) if is_same(claimed, checked) => Ok(()),
        _ => Err(CallbackError::Unrequested),
    };
    one_to_one(claimed.len(), checked.len(), same).map(drop).map_err(|_| Difference::Credential)
}

/// The types that were verified are those that the policy lets the issuer assert, so the service
/// may name more. Entra writes no `id` into the subject; another issuer's is the holder, which has
/// been compared.
fn is_same(claimed: &Claimed, checked: &Checked<'_>) -> bool {
    let without_id = |claims: &Map<String, Value>| {
        let mut claims = claims.clone();
        claims.remove("id");
        claims
    };
    claimed.issuer() == checked.issuer
        && checked.types.iter().all(|r#type| claimed.types().contains(r#type))
        && without_id(claimed.claims()) == without_id(checked.subject)
}

fn claimed_fits(
    asked: &RequestedCredential,
    claimed: &Claimed,
    now: DateTime<Utc>,
) -> Result<(), CallbackError> {
    fits(asked, claimed.issuer(), claimed.types(), claimed.claims())?;
    match claimed.revocation_status() {
        RevocationStatus::Valid | RevocationStatus::NotStated => {}
        RevocationStatus::Revoked if asked.accepts_revoked() => {}
        _ => return Err(CallbackError::Revoked),
    }
    if claimed.expires_at().is_some_and(|until| now >= until + LEEWAY) {
        return Err(CallbackError::CredentialExpired);
    }
    if asked.wants_linked_domain() && claimed.linked_domain().is_none_or(str::is_empty) {
        return Err(CallbackError::LinkedDomain);
    }
    let score = claimed.match_confidence_score();
    match asked.face_check() {
        Some(check) if score.is_none_or(|score| score < f64::from(check.threshold())) => {
            Err(CallbackError::FaceCheck)
        }
        _ => Ok(()),
    }
}

fn fits(
    asked: &RequestedCredential,
    issuer: &str,
    types: &[String],
    claims: &Map<String, Value>,
) -> Result<(), CallbackError> {
    if !types.iter().any(|r#type| r#type == asked.r#type()) {
        return Err(CallbackError::Unrequested);
    }
    if !asked.accepted_issuers().iter().any(|accepted| accepted == issuer) {
        return Err(CallbackError::Issuer);
    }
    let holds =
        |constraint: &super::Constraint| constraint.holds(claims.get(constraint.claim_name()));
    if asked.constraints().iter().all(holds) { Ok(()) } else { Err(CallbackError::Constraint) }
}

/// Every part has one credential of its own, and no credential is left over (attacks Q8, B12). What
/// is wrong is said of the first part that has none: the fault of the credential that came nearest.
/// Gives the part of each place.
fn one_to_one(
    parts: usize,
    places: usize,
    fits: impl Fn(usize, usize) -> Result<(), CallbackError>,
) -> Result<Vec<usize>, CallbackError> {
    if places > parts {
        return Err(CallbackError::Unrequested);
    }
    let mut taken: Vec<Option<usize>> = vec![None; places];
    for part in 0..parts {
        let fit = |part: usize, place: usize| fits(part, place).is_ok();
        if !place_for(part, &fit, &mut taken, &mut vec![false; places]) {
            let faults = (0..places).filter_map(|place| fits(part, place).err());
            let nearest = faults.filter(|fault| *fault != CallbackError::Unrequested).last();
            return Err(nearest.unwrap_or(CallbackError::Unanswered { part }));
        }
    }
    Ok(taken.into_iter().flatten().collect())
}

/// Finds a place for a part, and moves others where they fit elsewhere.
fn place_for(
    part: usize,
    fit: &impl Fn(usize, usize) -> bool,
    taken: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for place in 0..taken.len() {
        if !fit(part, place) || seen.get(place).copied().unwrap_or(true) {
            continue;
        }
        if let Some(mark) = seen.get_mut(place) {
            *mark = true;
        }
        let free = match taken.get(place).copied().flatten() {
            None => true,
            Some(other) => place_for(other, fit, taken, seen),
        };
        if free && let Some(slot) = taken.get_mut(place) {
            *slot = Some(part);
            return true;
        }
    }
    false
}
