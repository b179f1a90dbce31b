//! Further credentials, which a person shares after she has submitted, because the trust asks for more.
//!
//! A further share is a [`Share`] of its own: an invitation with another reference and link, for the same
//! person at the same addresses, of a share that was submitted. It goes the same way up to the wallet and
//! ends there: there is no profile, no code and no role in it, and nothing of what was submitted changes.
//! What comes is read with the first share: its record belongs to that one, and its credentials join those
//! that the [`Review`](crate::Review) decides on.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use staffpass_credentials::CredentialKind;

use crate::audit::{AuditEntry, AuditEvent};
use crate::error::Refusal;
use crate::invitation::Invitation;
use crate::journey::{Notices, ShownNotices};
use crate::person::PersonMatch;
use crate::receipt::SharedCredential;
use crate::record::RecordedReceipt;
use crate::review::Review;
use crate::share::{By, Draft, Share};
use crate::state::Stage;
use crate::submitted::RecordedShare;

/// What a further share belongs to, what it is to bring, and of whom. `Debug` prints no value.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Further {
    first: String,
    /// The version at which the first share was submitted.
    version: u64,
    /// The place of what was asked for in the review.
    place: usize,
    parts: BTreeSet<String>,
    what: String,
    /// The digest of the identity id that the first share has.
    person: [u8; 32],
    /// Who asserted it.
    issuer: String,
}

impl Further {
    /// The reference of the share that was submitted.
    #[must_use]
    pub fn first(&self) -> &str {
        &self.first
    }

    /// The ids of the catalogue that the trust asks for; identity is always among them.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(String::as_str)
    }

    /// What the trust wants to see, in its words; empty where it says no more than the parts.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Of what was asked for, at least one part beside identity, and nothing else.
    pub(crate) fn check_selected(&self, selection: &BTreeSet<String>) -> Result<(), Refusal> {
        if !selection.is_subset(&self.parts) {
            Err(Refusal::NotAskedFor)
        } else if selection.iter().all(|part| is_identity(part)) {
            Err(Refusal::NothingSelected)
        } else {
            Ok(())
        }
    }

    /// The person is the one of the first share by the identity id; where another issuer asserts it, that
    /// is probable at most.
    pub(crate) fn compare(&self, shared: &SharedCredential) -> PersonMatch {
        if person(shared) != self.person {
            PersonMatch::Mismatch
        } else if shared.issuer() == self.issuer {
            PersonMatch::Match
        } else {
            PersonMatch::Probable
        }
    }

    pub(crate) fn all_parts(&self) -> BTreeSet<String> {
        self.parts.clone()
    }
}

impl fmt::Debug for Further {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Further")
            .field("first", &self.first)
            .field("place", &self.place)
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

fn person(shared: &SharedCredential) -> [u8; 32] {
    let id = shared.credential().identity_id().as_str();
    Sha256::new_with_prefix("staffpass-share/person/1").chain_update(id).finalize().into()
}

/// Further credentials were submitted.
#[derive(Clone, Debug)]
#[must_use]
#[non_exhaustive]
pub struct SubmittedFurther {
    /// What is with the trust.
    pub further: RecordedFurther,
    /// What happened, in order, for the audit.
    pub events: Vec<AuditEntry>,
}

/// Further credentials, as they were recorded. They come of a further share by
/// [`submit_further`](Share::submit_further), or from a [`SealedRecord`](crate::SealedRecord). `Debug`
/// prints no personal value.
#[derive(Clone)]
pub struct RecordedFurther {
    pub(crate) details: FurtherDetails,
    pub(crate) credentials: Vec<SharedCredential>,
    pub(crate) report: Value,
    pub(crate) recorded_at: DateTime<Utc>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FurtherDetails {
    pub(crate) tenant: String,
    pub(crate) first: String,
    pub(crate) version: u64,
    pub(crate) place: usize,
    reference: String,
    left_out: Vec<String>,
    notices: Notices,
    notices_shown_at: DateTime<Utc>,
    pub(crate) received_at: DateTime<Utc>,
    submitted_at: DateTime<Utc>,
}

impl RecordedFurther {
    /// The reference of the share that they belong to.
    #[must_use]
    pub fn first(&self) -> &str {
        &self.details.first
    }

    /// The reference of the further share with which they came.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.details.reference
    }

    /// The place of what was asked for in [`Review::more`].
    #[must_use]
    pub const fn place(&self) -> usize {
        self.details.place
    }

    /// What was shared. Identity is among it.
    #[must_use]
    pub fn credentials(&self) -> &[SharedCredential] {
        &self.credentials
    }

    /// The ids of the catalogue that were asked for and did not come.
    #[must_use]
    pub fn left_out(&self) -> &[String] {
        &self.details.left_out
    }

    /// The notices that were shown.
    #[must_use]
    pub const fn notices(&self) -> &Notices {
        &self.details.notices
    }

    /// When they were shown.
    #[must_use]
    pub const fn notices_shown_at(&self) -> DateTime<Utc> {
        self.details.notices_shown_at
    }

    /// When the credentials were verified and accepted.
    #[must_use]
    pub const fn received_at(&self) -> DateTime<Utc> {
        self.details.received_at
    }

    /// When the person sent them.
    #[must_use]
    pub const fn submitted_at(&self) -> DateTime<Utc> {
        self.details.submitted_at
    }

    /// Every check that was made when they came, as JSON.
    #[must_use]
    pub const fn report(&self) -> &Value {
        &self.report
    }

    /// When what was verified was recorded.
    #[must_use]
    pub const fn recorded_at(&self) -> DateTime<Utc> {
        self.recorded_at
    }
}

impl fmt::Debug for RecordedFurther {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedFurther")
            .field("first", &self.details.first)
            .field("place", &self.details.place)
            .field("credentials", &self.credentials)
            .field("submitted_at", &self.details.submitted_at)
            .finish_non_exhaustive()
    }
}

impl Share {
    /// The further share for what the review [awaits](Review::awaited): of this share, which was
    /// submitted, and whose record says who the person is. Its invitation has the reference that the
    /// review has, and the address that was confirmed. Store it, with the digest of its link's token, in
    /// one transaction with the review.
    ///
    /// # Errors
    ///
    /// [`Refusal::WrongState`] where this share was not submitted, or is a further one;
    /// [`Refusal::ReceiptOfAnother`] where the record is not its own; [`Refusal::NotAskedFor`] where the
    /// review awaits nothing; [`Refusal::IdentityMissing`].
    pub fn begin_further(
        &self,
        submitted: &RecordedShare,
        review: &Review,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let first = &self.invitation;
        if self.stage != Stage::Submitted || self.further.is_some() {
            let state = self.state(now).name();
            return Err(Refusal::WrongState { action: "begin_further", state });
        }
        let ours = (first.tenant(), first.reference(), self.version());
        if ours != (submitted.tenant(), submitted.invitation(), submitted.details.version) {
            return Err(Refusal::ReceiptOfAnother);
        }
        let (place, wish) = review.awaited().ok_or(Refusal::NotAskedFor)?;
        let reference = wish.share.as_deref().ok_or(Refusal::NotAskedFor)?;
        let identity = identity(submitted.credentials()).ok_or(Refusal::IdentityMissing)?;
        let further = Further {
            first: first.reference.clone(),
            version: self.version(),
            place,
            parts: wish.parts.clone(),
            what: wish.what.clone(),
            person: person(identity),
            issuer: identity.issuer().to_owned(),
        };
        let invitation = Invitation {
            reference: reference.to_owned(),
            email: submitted.email().clone(),
            mobile: Some(submitted.mobile().clone()),
            expires_at,
            ..first.clone()
        };
        Ok(Self::of(invitation, Some(further), now))
    }

    /// What this share belongs to, where it is a further one.
    #[must_use]
    pub const fn further(&self) -> Option<&Further> {
        self.further.as_ref()
    }

    /// Sends what further came, from the record of the receipt: it is with the trust, once. Store the
    /// share, the [record](RecordedFurther::record) of what this returns and the review that
    /// [has it](Review::further_came) in one transaction.
    ///
    /// # Errors
    ///
    /// [`Refusal::WrongState`] of a share that is no further one; and as [`submit`](Self::submit).
    pub fn submit_further(
        &mut self,
        receipt: &RecordedReceipt,
        now: DateTime<Utc>,
    ) -> Result<SubmittedFurther, Refusal> {
        let submitted = self.step("submit_further", By::Person, now, |draft| {
            draft.expect(&[Stage::Ready])?;
            draft.check_evidence(&receipt.evidence())?;
            let details = draft.further_details(receipt)?;
            draft.share.stage = Stage::Submitted;
            draft.share.session = None;
            draft.record(AuditEvent::SubmissionReceived);
            Ok(details)
        });
        submitted.map(|(details, events)| {
            let (credentials, report) = (receipt.credentials.clone(), receipt.report.clone());
            let recorded_at = receipt.recorded_at;
            SubmittedFurther {
                further: RecordedFurther { details, credentials, report, recorded_at },
                events,
            }
        })
    }
}

impl Draft {
    fn further_details(&self, receipt: &RecordedReceipt) -> Result<FurtherDetails, Refusal> {
        let share = &self.share;
        let further = share.further.as_ref().ok_or_else(|| self.wrong_state())?;
        let accepted = share.accepted.as_ref().ok_or_else(|| self.wrong_state())?;
        identity(&receipt.credentials).ok_or(Refusal::IdentityMissing)?;
        let ShownNotices { notices, at } = share.notices.clone().ok_or(Refusal::NoticesMissing)?;
        Ok(FurtherDetails {
            tenant: share.invitation.tenant.clone(),
            first: further.first.clone(),
            version: further.version,
            place: further.place,
            reference: share.invitation.reference.clone(),
            left_out: further.parts.difference(&accepted.received).cloned().collect(),
            notices,
            notices_shown_at: at,
            received_at: receipt.received_at,
            submitted_at: self.now,
        })
    }
}

pub(crate) fn is_identity(part: &str) -> bool {
    part == CredentialKind::Identity.id()
}

fn identity(credentials: &[SharedCredential]) -> Option<&SharedCredential> {
    credentials.iter().find(|shared| shared.kind() == CredentialKind::Identity)
}
