//! The end of a share: what is with the trust.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;
use staffpass_verify::Report;

use crate::audit::{AuditEntry, AuditEvent};
use crate::contact::{EmailAddress, MobileNumber};
use crate::error::Refusal;
use crate::invitation::Role;
use crate::journey::{Notices, ShownNotices};
use crate::person::PersonMatch;
use crate::receipt::{Receipt, SharedCredential};
use crate::share::{By, Draft, Share};
use crate::state::Stage;

/// A share was submitted.
#[derive(Clone, Debug)]
#[must_use]
#[non_exhaustive]
pub struct Submitted {
    /// What is with the trust.
    pub share: VerifiedShare,
    /// What happened, in order, for the audit.
    pub events: Vec<AuditEntry>,
}

/// Something that the recruitment team has to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Flag {
    /// The confirmed email address is not the invited one.
    EmailChanged,
    /// The confirmed mobile number is not the one that the trust knew.
    MobileChanged,
    /// The identity is probably the invited person's, and someone has to look.
    PersonProbable,
    /// The person says that the role is wrong.
    RoleDisputed,
    /// Not all that was confirmed came.
    Gaps,
}

/// A share that is complete: a verified identity of the invited person and what else came, an email
/// address and a mobile number that codes confirmed, and the notices that were shown.
///
/// It is made by [`Share::submit`] and by nothing else: it has no public constructor, and cannot be
/// read from a store. `Debug` prints no personal value.
#[derive(Clone)]
pub struct VerifiedShare {
    tenant: String,
    invitation: String,
    credentials: Vec<SharedCredential>,
    report: Report,
    email: EmailAddress,
    mobile: MobileNumber,
    role: Role,
    notices: Notices,
    notices_shown_at: DateTime<Utc>,
    missing: Vec<String>,
    flags: BTreeSet<Flag>,
    received_at: DateTime<Utc>,
    submitted_at: DateTime<Utc>,
}

impl VerifiedShare {
    /// The tenant that invited.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The reference of the invitation.
    #[must_use]
    pub fn invitation(&self) -> &str {
        &self.invitation
    }

    /// What was shared. Identity is among it.
    #[must_use]
    pub fn credentials(&self) -> &[SharedCredential] {
        &self.credentials
    }

    /// Every check that was made when it came.
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// The confirmed email address.
    #[must_use]
    pub const fn email(&self) -> &EmailAddress {
        &self.email
    }

    /// The confirmed mobile number.
    #[must_use]
    pub const fn mobile(&self) -> &MobileNumber {
        &self.mobile
    }

    /// The role that the person was shown.
    #[must_use]
    pub const fn role(&self) -> &Role {
        &self.role
    }

    /// The notices that were shown.
    #[must_use]
    pub const fn notices(&self) -> &Notices {
        &self.notices
    }

    /// When they were shown.
    #[must_use]
    pub const fn notices_shown_at(&self) -> DateTime<Utc> {
        self.notices_shown_at
    }

    /// The ids of the catalogue that were confirmed and did not come (lenient only).
    #[must_use]
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// What the recruitment team has to look at.
    #[must_use]
    pub const fn flags(&self) -> &BTreeSet<Flag> {
        &self.flags
    }

    /// When the credentials were verified and accepted.
    #[must_use]
    pub const fn received_at(&self) -> DateTime<Utc> {
        self.received_at
    }

    /// When the share was submitted.
    #[must_use]
    pub const fn submitted_at(&self) -> DateTime<Utc> {
        self.submitted_at
    }
}

impl fmt::Debug for VerifiedShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedShare")
            .field("tenant", &self.tenant)
            .field("invitation", &self.invitation)
            .field("credentials", &self.credentials)
            .field("flags", &self.flags)
            .field("submitted_at", &self.submitted_at)
            .finish_non_exhaustive()
    }
}

impl Share {
    /// Submits (S14): the details are with the trust, once. Store the share and what this returns in
    /// one transaction.
    ///
    /// # Errors
    ///
    /// [`Refusal::ReceiptOfAnother`] where the receipt is not the one that
    /// [`receive`](Self::receive) last gave for this share; and as
    /// [`registered_before`](Self::registered_before).
    pub fn submit(&mut self, receipt: &Receipt, now: DateTime<Utc>) -> Result<Submitted, Refusal> {
        let submitted = self.step("submit", By::Person, now, |draft| {
            draft.expect(&[Stage::Ready])?;
            draft.check_receipt(receipt)?;
            let share = draft.verified_share(receipt)?;
            draft.share.stage = Stage::Submitted;
            draft.share.session = None;
            draft.record(AuditEvent::SubmissionReceived);
            Ok(share)
        });
        submitted.map(|(share, events)| Submitted { share, events })
    }

    /// What the recruitment team would have to look at as things stand.
    #[must_use]
    pub fn flags(&self) -> BTreeSet<Flag> {
        let gaps = self.accepted.as_ref().is_some_and(|accepted| !accepted.missing.is_empty());
        let flags = [
            (self.email_changed(), Flag::EmailChanged),
            (self.mobile_changed(), Flag::MobileChanged),
            (self.person == Some(PersonMatch::Probable), Flag::PersonProbable),
            (self.role_disputed, Flag::RoleDisputed),
            (gaps, Flag::Gaps),
        ];
        flags.into_iter().filter_map(|(raised, flag)| raised.then_some(flag)).collect()
    }
}

impl Draft {
    /// The receipt is of this share, and of the request that it accepted in this session.
    fn check_receipt(&self, receipt: &Receipt) -> Result<(), Refusal> {
        let invitation = &self.share.invitation;
        let accepted = self.share.accepted.as_ref().map(|accepted| accepted.request);
        let ours = receipt.tenant == invitation.tenant
            && receipt.invitation == invitation.reference
            && accepted == Some(receipt.request);
        if ours { Ok(()) } else { Err(Refusal::ReceiptOfAnother) }
    }

    /// Two confirmed addresses, an identity and the notices, or nothing: the stage says that they
    /// are there, and each is asked for again.
    fn verified_share(&self, receipt: &Receipt) -> Result<VerifiedShare, Refusal> {
        let share = &self.share;
        let missing = || self.wrong_state();
        receipt.identity().ok_or(Refusal::IdentityMissing)?;
        let accepted = share.accepted.as_ref().ok_or_else(missing)?;
        let ShownNotices { notices, at } = share.notices.clone().ok_or(Refusal::NoticesMissing)?;
        Ok(VerifiedShare {
            tenant: receipt.tenant.clone(),
            invitation: receipt.invitation.clone(),
            credentials: receipt.credentials.clone(),
            report: receipt.report.clone(),
            email: share.email.confirmed().cloned().ok_or_else(missing)?,
            mobile: share.mobile.confirmed().cloned().ok_or_else(missing)?,
            role: share.invitation.role.clone(),
            notices,
            notices_shown_at: at,
            missing: accepted.missing.iter().cloned().collect(),
            flags: share.flags(),
            received_at: receipt.received_at,
            submitted_at: self.now,
        })
    }
}
