//! The end of a share: what is with the trust.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use staffpass_credentials::CredentialKind;
use staffpass_request::HandleDigest;
use staffpass_verify::Report;

use crate::audit::{AuditEntry, AuditEvent};
use crate::contact::{EmailAddress, MobileNumber};
use crate::error::Refusal;
use crate::invitation::Role;
use crate::journey::{Notices, ShownNotices};
use crate::person::PersonMatch;
use crate::receipt::{Receipt, SharedCredential};
use crate::record::RecordedReceipt;
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

/// A share was submitted, from the record of its receipt.
#[derive(Clone, Debug)]
#[must_use]
#[non_exhaustive]
pub struct SubmittedRecord {
    /// What is with the trust.
    pub share: RecordedShare,
    /// What happened, in order, for the audit.
    pub events: Vec<AuditEntry>,
}

/// Something that the recruitment team has to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    pub(crate) details: Details,
    pub(crate) report: Report,
}

impl VerifiedShare {
    /// Every check that was made when it came.
    pub const fn report(&self) -> &Report {
        &self.report
    }
}

/// A share that is complete, as it was recorded: the same as a [`VerifiedShare`], and not itself a
/// verification. It comes from a [`SealedRecord`](crate::SealedRecord), or of a
/// [recorded receipt](Share::submit_recorded). `Debug` prints no personal value.
#[derive(Clone)]
pub struct RecordedShare {
    pub(crate) details: Details,
    pub(crate) report: Value,
    pub(crate) recorded_at: DateTime<Utc>,
}

impl RecordedShare {
    /// Every check that was made when it came, as JSON (the verified share's report).
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

/// What a verified share and its record have in common.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Details {
    pub(crate) tenant: String,
    pub(crate) invitation: String,
    /// The version of the share at which it was submitted.
    pub(crate) version: u64,
    /// Recorded beside the details, as claims.
    #[serde(skip)]
    pub(crate) credentials: Vec<SharedCredential>,
    email: EmailAddress,
    mobile: MobileNumber,
    role: Role,
    notices: Notices,
    notices_shown_at: DateTime<Utc>,
    missing: Vec<String>,
    flags: BTreeSet<Flag>,
    pub(crate) received_at: DateTime<Utc>,
    submitted_at: DateTime<Utc>,
}

macro_rules! complete_share {
    ($name:ident) => {
        impl $name {
            /// The tenant that invited.
            #[must_use]
            pub fn tenant(&self) -> &str {
                &self.details.tenant
            }

            /// The reference of the invitation.
            #[must_use]
            pub fn invitation(&self) -> &str {
                &self.details.invitation
            }

            /// What was shared. Identity is among it.
            #[must_use]
            pub fn credentials(&self) -> &[SharedCredential] {
                &self.details.credentials
            }

            /// The confirmed email address.
            #[must_use]
            pub const fn email(&self) -> &EmailAddress {
                &self.details.email
            }

            /// The confirmed mobile number.
            #[must_use]
            pub const fn mobile(&self) -> &MobileNumber {
                &self.details.mobile
            }

            /// The role that the person was shown.
            #[must_use]
            pub const fn role(&self) -> &Role {
                &self.details.role
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

            /// The ids of the catalogue that were confirmed and did not come (lenient only).
            #[must_use]
            pub fn missing(&self) -> &[String] {
                &self.details.missing
            }

            /// What the recruitment team has to look at.
            #[must_use]
            pub const fn flags(&self) -> &BTreeSet<Flag> {
                &self.details.flags
            }

            /// When the credentials were verified and accepted.
            #[must_use]
            pub const fn received_at(&self) -> DateTime<Utc> {
                self.details.received_at
            }

            /// When the share was submitted.
            #[must_use]
            pub const fn submitted_at(&self) -> DateTime<Utc> {
                self.details.submitted_at
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("tenant", &self.details.tenant)
                    .field("invitation", &self.details.invitation)
                    .field("credentials", &self.details.credentials)
                    .field("flags", &self.details.flags)
                    .field("submitted_at", &self.details.submitted_at)
                    .finish_non_exhaustive()
            }
        }
    };
}

complete_share!(VerifiedShare);
complete_share!(RecordedShare);

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
        let evidence = Evidence {
            tenant: &receipt.tenant,
            invitation: &receipt.invitation,
            request: &receipt.request,
            received_at: receipt.received_at,
            credentials: &receipt.credentials,
        };
        let submitted = self.step("submit", By::Person, now, |draft| draft.submit(&evidence));
        submitted.map(|(details, events)| {
            let share = VerifiedShare { details, report: receipt.report.clone() };
            Submitted { share, events }
        })
    }

    /// Submits (S14) from the record of the receipt: on another machine than the one that received,
    /// or after a restart.
    ///
    /// # Errors
    ///
    /// As [`submit`](Self::submit).
    pub fn submit_recorded(
        &mut self,
        receipt: &RecordedReceipt,
        now: DateTime<Utc>,
    ) -> Result<SubmittedRecord, Refusal> {
        let evidence = receipt.evidence();
        let submitted = self.step("submit", By::Person, now, |draft| draft.submit(&evidence));
        submitted.map(|(details, events)| {
            let (report, recorded_at) = (receipt.report.clone(), receipt.recorded_at);
            SubmittedRecord { share: RecordedShare { details, report, recorded_at }, events }
        })
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

/// What was received, by the receipt or by its record.
pub(crate) struct Evidence<'r> {
    tenant: &'r str,
    invitation: &'r str,
    request: &'r HandleDigest,
    received_at: DateTime<Utc>,
    credentials: &'r [SharedCredential],
}

impl RecordedReceipt {
    pub(crate) fn evidence(&self) -> Evidence<'_> {
        Evidence {
            tenant: &self.tenant,
            invitation: &self.invitation,
            request: &self.request,
            received_at: self.received_at,
            credentials: &self.credentials,
        }
    }
}

impl Draft {
    fn submit(&mut self, evidence: &Evidence<'_>) -> Result<Details, Refusal> {
        self.expect(&[Stage::Ready])?;
        if self.share.further.is_some() {
            return Err(self.wrong_state());
        }
        self.check_evidence(evidence)?;
        let details = self.details(evidence)?;
        self.share.stage = Stage::Submitted;
        self.share.session = None;
        self.record(AuditEvent::SubmissionReceived);
        Ok(details)
    }

    /// The receipt is of this share, and of the request that it accepted in this session.
    pub(crate) fn check_evidence(&self, evidence: &Evidence<'_>) -> Result<(), Refusal> {
        let invitation = &self.share.invitation;
        let accepted = self.share.accepted.as_ref().map(|accepted| accepted.request);
        let ours = evidence.tenant == invitation.tenant
            && evidence.invitation == invitation.reference
            && accepted == Some(*evidence.request);
        if ours { Ok(()) } else { Err(Refusal::ReceiptOfAnother) }
    }

    /// Two confirmed addresses, an identity and the notices, or nothing: the stage says that they
    /// are there, and each is asked for again.
    fn details(&self, evidence: &Evidence<'_>) -> Result<Details, Refusal> {
        let share = &self.share;
        let missing = || self.wrong_state();
        let identity = |shared: &SharedCredential| shared.kind() == CredentialKind::Identity;
        if !evidence.credentials.iter().any(identity) {
            return Err(Refusal::IdentityMissing);
        }
        let accepted = share.accepted.as_ref().ok_or_else(missing)?;
        let ShownNotices { notices, at } = share.notices.clone().ok_or(Refusal::NoticesMissing)?;
        Ok(Details {
            tenant: evidence.tenant.to_owned(),
            invitation: evidence.invitation.to_owned(),
            version: self.next_version(),
            credentials: evidence.credentials.to_vec(),
            email: share.email.confirmed().cloned().ok_or_else(missing)?,
            mobile: share.mobile.confirmed().cloned().ok_or_else(missing)?,
            role: share.invitation.role.clone(),
            notices,
            notices_shown_at: at,
            missing: accepted.missing.iter().cloned().collect(),
            flags: share.flags(),
            received_at: evidence.received_at,
            submitted_at: self.now,
        })
    }
}
