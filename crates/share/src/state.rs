//! Where a share stands: what is stored, and what that means at a given time.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use staffpass_otp::Channel;
use staffpass_request::HandleDigest;

/// Where a share stands now. It says which page may be seen, and nothing else does.
///
/// What depends on time (an expired request, a session that has timed out, a closed channel) is
/// computed when asked for, and stored nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// Nobody has come from the invitation yet (S0).
    Invited,
    /// The trust has withdrawn the invitation (E1).
    InvitationWithdrawn,
    /// The invitation has expired (E1).
    InvitationExpired,
    /// "Have you registered before?" (S1).
    RegisteredBefore,
    /// The person has not; the route for that is elsewhere (X1).
    FirstTime,
    /// What the person will do, and the notices (S2).
    Notices,
    /// What to share (S3).
    Selecting,
    /// Is that right? (S4).
    Confirming,
    /// Confirmed, and there is no request yet (before S5; where none can be made, E4).
    Confirmed,
    /// A request waits for the wallet (S5).
    Connecting {
        /// The digest of its response address.
        request: HandleDigest,
        /// Until when an answer is taken.
        expires_at: DateTime<Utc>,
        /// How many requests this share has made in the last day, this one included.
        attempt: usize,
    },
    /// A wallet has fetched the request (S6). Telemetry: only where [`Share::state_with`] is told.
    ///
    /// [`Share::state_with`]: crate::Share::state_with
    Scanned {
        /// The digest of its response address.
        request: HandleDigest,
        /// Until when an answer is taken.
        expires_at: DateTime<Utc>,
    },
    /// An answer has come from a wallet on the same device, and counts once the person is back from it in
    /// the browser that began, with the response code (OpenID4VP 1.0 §8.2).
    AwaitingReturn {
        /// Until when.
        expires_at: DateTime<Utc>,
    },
    /// The request has expired (E3). Another may be made.
    RequestExpired {
        /// How many requests this share has made in the last day. From three on, suggest the same
        /// device, or help.
        attempt: usize,
    },
    /// What was selected did not come (E5): missing, declined or too late; nobody can tell.
    NotReceived,
    /// Something came that cannot be accepted (E6).
    Refused {
        /// The codes, for the audit and never for the page.
        codes: Vec<String>,
        /// What the page may suggest.
        remedy: Remedy,
    },
    /// It came, with gaps (S7b; lenient only).
    ReceivedWithGaps {
        /// Ids of the catalogue that came.
        received: Vec<String>,
        /// Ids of the catalogue that did not.
        missing: Vec<String>,
    },
    /// It came (S8).
    Received,
    /// The identity is not that of the invited person (E7). The page says nothing of this.
    NotMatched,
    /// Enter an email address (S9).
    Email,
    /// Enter the code that was sent by email (S10).
    EmailCode,
    /// Enter a mobile number (S11).
    Mobile,
    /// Enter the code that was sent to the mobile (S12).
    MobileCode,
    /// Too many wrong codes (E8).
    CodesLocked {
        /// How they had been sent.
        channel: Channel,
    },
    /// The person has no mobile; the recruitment team has to help (X2).
    NoMobile,
    /// Is this your role? (S13).
    Role,
    /// It is not (S13b).
    RoleDisputed,
    /// The person waits for the recruitment team to settle the role (S-hold).
    OnHold,
    /// All is there; it is to be submitted (S14; where that fails, E9).
    Ready,
    /// The details are with the trust (S15; E2 for who comes again).
    Submitted,
    /// The session was idle, or open, for too long (E10). The invitation opens another.
    TimedOut,
}

impl State {
    /// The stable name, for example `received_with_gaps`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::InvitationWithdrawn => "invitation_withdrawn",
            Self::InvitationExpired => "invitation_expired",
            Self::RegisteredBefore => "registered_before",
            Self::FirstTime => "first_time",
            Self::Notices => "notices",
            Self::Selecting => "selecting",
            Self::Confirming => "confirming",
            Self::Confirmed => "confirmed",
            Self::Connecting { .. } => "connecting",
            Self::Scanned { .. } => "scanned",
            Self::AwaitingReturn { .. } => "awaiting_return",
            Self::RequestExpired { .. } => "request_expired",
            Self::NotReceived => "not_received",
            Self::Refused { .. } => "refused",
            Self::ReceivedWithGaps { .. } => "received_with_gaps",
            Self::Received => "received",
            Self::NotMatched => "not_matched",
            Self::Email => "email",
            Self::EmailCode => "email_code",
            Self::Mobile => "mobile",
            Self::MobileCode => "mobile_code",
            Self::CodesLocked { .. } => "codes_locked",
            Self::NoMobile => "no_mobile",
            Self::Role => "role",
            Self::RoleDisputed => "role_disputed",
            Self::OnHold => "on_hold",
            Self::Ready => "ready",
            Self::Submitted => "submitted",
            Self::TimedOut => "timed_out",
        }
    }
}

/// What a person may be told to do about a refused share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// Expired, revoked or suspended: ask the employer for a new one, or share without it.
    AskIssuer,
    /// Something could not be looked up: try again.
    TryAgain,
    /// Anything else: contact the recruitment team, or share without it.
    ContactTrust,
}

impl Remedy {
    /// The remedy for these codes: the gentlest that helps against all of them.
    pub(crate) fn for_codes(codes: &[String]) -> Self {
        let all = |known: &[&str]| codes.iter().all(|code| known.contains(&code.as_str()));
        if codes.is_empty() {
            Self::ContactTrust
        } else if all(&["issuer_unavailable", "status_unavailable", "evidence_missing"]) {
            Self::TryAgain
        } else if all(&["expired", "revoked", "suspended", "status_set"]) {
            Self::AskIssuer
        } else {
            Self::ContactTrust
        }
    }
}

/// What is stored of where a share stands. Time says the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    Invited,
    Withdrawn,
    RegisteredBefore,
    FirstTime,
    Notices,
    Selecting,
    Confirming,
    Connecting,
    Returning,
    Gaps,
    Received,
    NotMatched,
    Email,
    EmailCode,
    Mobile,
    MobileCode,
    NoMobile,
    Role,
    RoleDisputed,
    OnHold,
    Ready,
    Submitted,
}
