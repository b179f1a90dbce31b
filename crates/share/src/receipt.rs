//! What a wallet's verified response says, read as staff credentials and held against what the
//! person confirmed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use staffpass_credentials::{ClaimsContext, CredentialKind, IdentityCredential, StaffCredential};
use staffpass_request::HandleDigest;
use staffpass_verify::{Report, VerifiedCredential};

use crate::error::Refusal;
use crate::rules::{Completeness, Rules};

/// The credentials that were accepted for one share, from one verified response.
///
/// It is made by [`Share::receive`](crate::Share::receive) and by nothing else: it has no public
/// constructor and cannot be read from a store. Keep it in memory until the share is
/// [submitted](crate::Share::submit), or store its [record](Self::record). The share itself stores no
/// claim.
#[derive(Clone)]
pub struct Receipt {
    pub(crate) tenant: String,
    pub(crate) invitation: String,
    pub(crate) request: HandleDigest,
    /// The version of the share that has accepted it.
    pub(crate) version: u64,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) credentials: Vec<SharedCredential>,
    pub(crate) report: Report,
}

impl Receipt {
    /// The credentials: identity, employment, training; within a kind in the order in which they came.
    #[must_use]
    pub fn credentials(&self) -> &[SharedCredential] {
        &self.credentials
    }

    /// Every check that was made.
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// When the response was accepted.
    #[must_use]
    pub const fn received_at(&self) -> DateTime<Utc> {
        self.received_at
    }

    pub(crate) fn identity(&self) -> Option<&IdentityCredential> {
        self.credentials.iter().find_map(|shared| match &shared.credential {
            StaffCredential::Identity(identity) => Some(identity),
            _ => None,
        })
    }

    pub(crate) fn shared_identity(&self) -> Option<&SharedCredential> {
        self.credentials.iter().find(|shared| shared.kind() == CredentialKind::Identity)
    }

    pub(crate) fn parts(&self) -> BTreeSet<String> {
        self.credentials.iter().map(|shared| shared.part.clone()).collect()
    }

    pub(crate) fn issuers(&self) -> BTreeMap<String, Vec<String>> {
        let mut issuers = BTreeMap::<String, Vec<String>>::new();
        for shared in &self.credentials {
            issuers.entry(shared.part.clone()).or_default().push(shared.issuer.clone());
        }
        issuers
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("received_at", &self.received_at)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

/// One credential that was shared: who issued it, when, and what it says. `Debug` prints no claim.
#[derive(Clone)]
pub struct SharedCredential {
    pub(crate) part: String,
    pub(crate) issuer: String,
    pub(crate) issued_at: DateTime<Utc>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) credential: StaffCredential,
}

impl SharedCredential {
    /// The id in the catalogue for which it came.
    #[must_use]
    pub fn part(&self) -> &str {
        &self.part
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> CredentialKind {
        self.credential.kind()
    }

    /// Who issued it: the verified identifier.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// When it was issued.
    #[must_use]
    pub const fn issued_at(&self) -> DateTime<Utc> {
        self.issued_at
    }

    /// When it expires, if it does.
    #[must_use]
    pub const fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at
    }

    /// What it says.
    #[must_use]
    pub const fn credential(&self) -> &StaffCredential {
        &self.credential
    }
}

impl fmt::Debug for SharedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedCredential")
            .field("part", &self.part)
            .field("kind", &self.kind())
            .field("issuer", &self.issuer)
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// What the share itself stores of what was accepted: no claim, and no issuer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accepted {
    pub(crate) request: HandleDigest,
    /// The version of the share with which it was accepted: its record opens for this one only.
    pub(crate) version: u64,
    pub(crate) received: BTreeSet<String>,
    pub(crate) missing: BTreeSet<String>,
}

/// Reads the credentials of a response, each with its part, all of them or none, and holds them against the selection.
pub(crate) fn read<'v>(
    verified: impl Iterator<Item = (&'v VerifiedCredential, Option<&'v str>)>,
    selection: &BTreeSet<String>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Vec<SharedCredential>, Refusal> {
    let mut credentials: Vec<_> = verified
        .map(|(credential, part)| read_one(credential, part, selection, rules, now))
        .collect::<Result<_, _>>()?;
    credentials.sort_by_key(SharedCredential::kind);
    check_identity(&credentials)?;
    check_counts(&credentials)?;
    check_one_person(&credentials)?;
    check_complete(&credentials, selection, rules)?;
    Ok(credentials)
}

fn read_one(
    verified: &VerifiedCredential,
    part: Option<&str>,
    selection: &BTreeSet<String>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<SharedCredential, Refusal> {
    let part = part.filter(|part| selection.contains(*part));
    let part = part.ok_or(Refusal::Unrequested)?;
    let kind = rules.kind_of_part(part).ok_or(Refusal::UnknownCredential)?;
    check_kind(verified.types(), part, kind, rules)?;
    let issued_at = verified.issued_at();
    let issued_at = issued_at.ok_or_else(|| Refusal::IssueDateMissing { part: part.to_owned() })?;
    let context = ClaimsContext::new(issued_at, now);
    let credential = StaffCredential::from_claims(kind, verified.subject(), &context)
        .map_err(Refusal::ClaimsInvalid)?;
    check_shareable(&credential)?;
    Ok(SharedCredential {
        part: part.to_owned(),
        issuer: verified.issuer().to_owned(),
        issued_at,
        expires_at: verified.expires_at(),
        credential,
    })
}

/// The believed types name one kind, and it is the one that was asked for.
fn check_kind(
    types: &[String],
    part: &str,
    kind: CredentialKind,
    rules: &Rules,
) -> Result<(), Refusal> {
    let names = &rules.type_names;
    let kind_of = |name: &String| names.kind_of_vc_type(name).or_else(|| names.kind_of_vct(name));
    let kinds: BTreeSet<_> = types.iter().filter_map(kind_of).collect();
    if kinds == BTreeSet::from([kind]) {
        Ok(())
    } else {
        Err(Refusal::KindDiffers { part: part.to_owned() })
    }
}

fn check_shareable(credential: &StaffCredential) -> Result<(), Refusal> {
    match credential {
        StaffCredential::Training(training) if !training.is_shareable() => {
            Err(Refusal::NotShareable { kind: CredentialKind::Training })
        }
        _ => Ok(()),
    }
}

/// There is an identity, strict or lenient.
fn check_identity(credentials: &[SharedCredential]) -> Result<(), Refusal> {
    let found = credentials.iter().any(|shared| shared.kind() == CredentialKind::Identity);
    if found { Ok(()) } else { Err(Refusal::IdentityMissing) }
}

/// Of identity and employment there is one. Training may be several, one for each subject, where the
/// request lets it (`verify` has held it against the query).
fn check_counts(credentials: &[SharedCredential]) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    let mut extra = credentials.iter().filter(|shared| !seen.insert(shared.part()));
    let extra = extra.find(|shared| shared.kind() != CredentialKind::Training);
    extra.map_or(Ok(()), |shared| Err(Refusal::TooManyCredentials { part: shared.part.clone() }))
}

/// Every credential repeats the identity's id.
fn check_one_person(credentials: &[SharedCredential]) -> Result<(), Refusal> {
    let persons: BTreeSet<_> = credentials.iter().map(|s| s.credential.identity_id()).collect();
    if persons.len() == 1 { Ok(()) } else { Err(Refusal::PersonsDiffer) }
}

/// Strict: all that was confirmed came. Lenient: all of it that is mandatory.
fn check_complete(
    credentials: &[SharedCredential],
    selection: &BTreeSet<String>,
    rules: &Rules,
) -> Result<(), Refusal> {
    let came = |part: &str| credentials.iter().any(|shared| shared.part == part);
    let mandatory = |part: &str| rules.catalogue.entry(part).is_none_or(|entry| entry.mandatory);
    let strict = rules.completeness == Completeness::Strict;
    let lacking = selection.iter().filter(|part| !came(part) && (strict || mandatory(part)));
    let parts: Vec<_> = lacking.cloned().collect();
    if parts.is_empty() { Ok(()) } else { Err(Refusal::CredentialsMissing { parts }) }
}
