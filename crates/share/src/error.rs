//! Why a call is refused. A refused call leaves the share as it was.

use chrono::{DateTime, Utc};
use staffpass_credentials::{ClaimsError, CredentialKind};
use thiserror::Error;

use crate::contact::ContactFault;

/// Why a share did not move on. It holds no claim, code, address or token.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The call does not belong to the state that the share is in.
    #[error("`{action}` does not belong to the state `{state}`")]
    WrongState {
        /// What was called.
        action: &'static str,
        /// The name of the state ([`State::name`](crate::State::name)).
        state: &'static str,
    },
    /// The trust has withdrawn the invitation.
    #[error("the invitation was withdrawn")]
    InvitationWithdrawn,
    /// The invitation has expired.
    #[error("the invitation expired at {until}; it is {now}")]
    InvitationExpired {
        /// The time of the call.
        now: DateTime<Utc>,
        /// When it expired.
        until: DateTime<Utc>,
    },
    /// The details are with the trust already.
    #[error("the share was submitted already")]
    AlreadySubmitted,
    /// What was shared is not of the invited person. The recruitment team has to look at it.
    #[error("the shared identity is not that of the invited person")]
    NotMatched,
    /// The session was idle, or open, for too long.
    #[error("the session ended at {until}; it is {now}")]
    SessionTimedOut {
        /// The time of the call.
        now: DateTime<Utc>,
        /// When it ended.
        until: DateTime<Utc>,
    },
    /// The invitation was opened again since, in another browser.
    #[error("the share was started elsewhere")]
    StartedElsewhere,

    /// No notices, or one without a name or version.
    #[error("the notices that were shown, and their versions, must be named")]
    NoticesMissing,
    /// Something was selected that the catalogue does not offer.
    #[error("the catalogue does not offer what was selected")]
    UnknownCredential,

    /// The trust has asked for nothing further, or not for what was selected.
    #[error("the trust has not asked for this")]
    NotAskedFor,
    /// Of what the trust asks for, nothing was selected.
    #[error("nothing of what the trust asks for was selected")]
    NothingSelected,

    /// The expectation has no response address or no query: nobody could tell what answers it.
    #[error("the request has no `{member}`")]
    RequestIncomplete {
        /// What it lacks.
        member: &'static str,
    },
    /// The request belongs to another tenant, or to none.
    #[error("the request is not of the share's tenant")]
    RequestOfAnotherTenant,
    /// The request asks for something else than the person confirmed.
    #[error("the request does not ask exactly for what was confirmed")]
    SelectionDiffers,
    /// The request would live longer than five minutes.
    #[error("the request expires at {until}, more than five minutes from {now}")]
    RequestTooLong {
        /// The time of the call.
        now: DateTime<Utc>,
        /// When it would expire.
        until: DateTime<Utc>,
    },
    /// The request has expired.
    #[error("the request expired at {until}; it is {now}")]
    RequestExpired {
        /// The time of the call.
        now: DateTime<Utc>,
        /// When it expired.
        until: DateTime<Utc>,
    },
    /// The request has not expired yet.
    #[error("the request lives until {until}; it is {now}")]
    RequestStillLive {
        /// The time of the call.
        now: DateTime<Utc>,
        /// When it will expire.
        until: DateTime<Utc>,
    },
    /// The nonce or the response address was in a request before.
    #[error("a new attempt needs a new nonce and a new response address")]
    RequestReused,
    /// Three requests have not expired yet, or ten were made in a day.
    #[error("too many requests: the next from {until}")]
    TooManyRequests {
        /// From when another may be made.
        until: DateTime<Utc>,
    },

    /// No request of this share has that address.
    #[error("the share made no such request")]
    UnknownRequest,
    /// Another request, or another session, took the place of this one.
    #[error("the request was superseded")]
    RequestSuperseded,
    /// The person cancelled the request, or changed the selection.
    #[error("the request was cancelled")]
    RequestCancelled,
    /// The person came back from the wallet with another response code, or with none.
    #[error("the response code is not the one that is awaited")]
    ResponseCode,
    /// The request has been answered, and is used up.
    #[error("the request was answered already")]
    AlreadyAnswered,
    /// Too many answers to this request were refused.
    #[error("too many answers to the request were refused")]
    TooManyPosts,
    /// The response was verified against another request than the one at this address.
    #[error("the response was verified against another request")]
    ResponseToAnother,

    /// A credential answers no part of the request.
    #[error("a credential answers nothing that was asked")]
    Unrequested,
    /// No identity credential came.
    #[error("there is no identity credential")]
    IdentityMissing,
    /// Something that was confirmed did not come (strict).
    #[error("not all that was confirmed has come: {}", .parts.join(", "))]
    CredentialsMissing {
        /// The ids of the catalogue that are missing.
        parts: Vec<String>,
    },
    /// More than one credential for something of which there is one.
    #[error("there is more than one credential for `{part}`")]
    TooManyCredentials {
        /// The id in the catalogue.
        part: String,
    },
    /// A credential does not say when it was issued: an SD-JWT VC may leave that out, but what it says
    /// of a person cannot be dated then.
    #[error("the credential for `{part}` does not say when it was issued")]
    IssueDateMissing {
        /// The id in the catalogue.
        part: String,
    },
    /// The believed types name no kind, more than one, or another than was asked for.
    #[error("a credential for `{part}` is not of the kind that was asked for")]
    KindDiffers {
        /// The id in the catalogue.
        part: String,
    },
    /// The claims break rules of the credential's table.
    #[error("{0}")]
    ClaimsInvalid(ClaimsError),
    /// The training is not achieved.
    #[error("the {kind} credential may not be shared")]
    NotShareable {
        /// The kind.
        kind: CredentialKind,
    },
    /// The credentials have not one identity id.
    #[error("the credentials are of different persons")]
    PersonsDiffer,

    /// An email address or a mobile number is not of the form.
    #[error(transparent)]
    Contact(#[from] ContactFault),
    /// No code can be sent or judged now.
    #[error(transparent)]
    Otp(#[from] staffpass_otp::Refusal),

    /// The trust does not let a person go on whose role is disputed.
    #[error("the recruitment team has to settle the role first")]
    RoleNotSettled,
    /// The receipt is of another share, or of another request than the accepted one.
    #[error("the receipt is not the one of this share")]
    ReceiptOfAnother,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "wrong_state",
            Self::InvitationWithdrawn => "invitation_withdrawn",
            Self::InvitationExpired { .. } => "invitation_expired",
            Self::AlreadySubmitted => "already_submitted",
            Self::NotMatched => "person_mismatch",
            Self::SessionTimedOut { .. } => "session_timed_out",
            Self::StartedElsewhere => "started_elsewhere",
            Self::NoticesMissing => "notices_missing",
            Self::UnknownCredential => "unknown_credential",
            Self::NotAskedFor => "not_asked_for",
            Self::NothingSelected => "nothing_selected",
            Self::RequestIncomplete { .. } => "request_incomplete",
            Self::RequestOfAnotherTenant => "request_of_another_tenant",
            Self::SelectionDiffers => "selection_differs",
            Self::RequestTooLong { .. } => "request_too_long",
            Self::RequestExpired { .. } => "request_expired",
            Self::RequestStillLive { .. } => "request_still_live",
            Self::RequestReused => "request_reused",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::UnknownRequest => "unknown_request",
            Self::RequestSuperseded => "request_superseded",
            Self::RequestCancelled => "request_cancelled",
            Self::ResponseCode => "response_code",
            Self::AlreadyAnswered => "already_answered",
            Self::TooManyPosts => "too_many_posts",
            Self::ResponseToAnother => "response_to_another",
            Self::Unrequested => "unrequested",
            Self::IdentityMissing => "missing_identity",
            Self::CredentialsMissing { .. } => "credentials_missing",
            Self::TooManyCredentials { .. } => "too_many_presentations",
            Self::IssueDateMissing { .. } => "issue_date_missing",
            Self::KindDiffers { .. } => "kind_differs",
            Self::ClaimsInvalid(_) => "claims_invalid",
            Self::NotShareable { .. } => "not_shareable",
            Self::PersonsDiffer => "mixed_identities",
            Self::Contact(fault) => fault.code(),
            Self::Otp(refusal) => refusal.code(),
            Self::RoleNotSettled => "role_not_settled",
            Self::ReceiptOfAnother => "receipt_of_another",
        }
    }
}
