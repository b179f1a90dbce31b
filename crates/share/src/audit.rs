//! What is written down of each step: names that stay, and no personal value.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use staffpass_otp::Channel;

/// Something that happened, and when. Tenant and invitation are those of the share; the portal adds
/// who was at the other end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuditEntry {
    /// The time of the share: never earlier than that of the entry before.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: AuditEvent,
}

/// What happened. No event holds a claim, a code, a token or an address of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuditEvent {
    /// The person came from the invitation.
    InvitationOpened,
    /// The trust withdrew the invitation.
    InvitationWithdrawn,
    /// An earlier session ended, because the invitation was opened elsewhere.
    SessionSuperseded,
    /// The session has another secret from here on.
    SessionRotated,
    /// The notices were shown and the person went on.
    TermsShown {
        /// Name and version of each.
        versions: BTreeMap<String, String>,
    },
    /// The person confirmed what to share.
    SelectionConfirmed {
        /// Ids of the catalogue.
        parts: Vec<String>,
    },
    /// A request was made.
    RequestCreated,
    /// A wallet fetched the request.
    RequestRetrieved,
    /// The request expired unanswered.
    RequestExpired,
    /// The person cancelled the request, or changed the selection.
    RequestCancelled,
    /// Another request took its place.
    RequestSuperseded,
    /// A response was accepted.
    PresentationVerified {
        /// Id of the catalogue, and the issuers whose credentials came for it.
        issuers: BTreeMap<String, Vec<String>>,
        /// What was confirmed and did not come.
        missing: Vec<String>,
    },
    /// A response was refused.
    PresentationRejected {
        /// The codes of the report or of the refusal.
        codes: Vec<String>,
    },
    /// The person is back from the wallet on the same device: what was accepted counts.
    PresentationReturned,
    /// The identity is that of the invited person.
    IdentityMatch,
    /// The identity is probably that of the invited person: someone has to look.
    IdentityProbable,
    /// The identity is not that of the invited person.
    IdentityMismatch,
    /// The person entered another address than the invited one.
    ContactChanged {
        /// Which.
        channel: Channel,
    },
    /// A code was made, to be sent.
    OtpSent {
        /// How.
        channel: Channel,
    },
    /// A code was wrong.
    OtpFailed {
        /// How it had been sent.
        channel: Channel,
    },
    /// A wrong code closed the channel.
    OtpLocked {
        /// How it had been sent.
        channel: Channel,
    },
    /// The address is confirmed.
    OtpConfirmed {
        /// Which.
        channel: Channel,
    },
    /// The person says that the role is right.
    RoleConfirmed,
    /// The person says that the role is wrong.
    RoleDisputed,
    /// The details are with the trust.
    SubmissionReceived,
    /// The store was restored: what was unfinished is dead.
    EpochEntered {
        /// The epoch from here on.
        epoch: u64,
    },
    /// The session was abandoned, and what was ticked and typed is gone.
    AnswersForgotten,
    /// The clock was behind the share's; the share's counts.
    ClockWentBack {
        /// By how much, in whole seconds.
        seconds: i64,
    },
}

impl AuditEvent {
    /// The stable name, for example `presentation.verified`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InvitationOpened => "invitation.opened",
            Self::InvitationWithdrawn => "invitation.withdrawn",
            Self::SessionSuperseded => "session.superseded",
            Self::SessionRotated => "session.rotated",
            Self::TermsShown { .. } => "terms.shown",
            Self::SelectionConfirmed { .. } => "selection.confirmed",
            Self::RequestCreated => "request.created",
            Self::RequestRetrieved => "request.retrieved",
            Self::RequestExpired => "request.expired",
            Self::RequestCancelled => "request.cancelled",
            Self::RequestSuperseded => "request.superseded",
            Self::PresentationVerified { .. } => "presentation.verified",
            Self::PresentationRejected { .. } => "presentation.rejected",
            Self::PresentationReturned => "presentation.returned",
            Self::IdentityMatch => "identity.match",
            Self::IdentityProbable => "identity.probable",
            Self::IdentityMismatch => "identity.mismatch",
            Self::ContactChanged { .. } => "contact.changed",
            Self::OtpSent { .. } => "otp.sent",
            Self::OtpFailed { .. } => "otp.failed",
            Self::OtpLocked { .. } => "otp.locked",
            Self::OtpConfirmed { .. } => "otp.confirmed",
            Self::RoleConfirmed => "role.confirmed",
            Self::RoleDisputed => "role.disputed",
            Self::SubmissionReceived => "submission.received",
            Self::EpochEntered { .. } => "epoch.entered",
            Self::AnswersForgotten => "answers.forgotten",
            Self::ClockWentBack { .. } => "clock.went_back",
        }
    }
}
