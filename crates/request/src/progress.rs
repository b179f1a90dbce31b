//! Where one request stands: what happens to it, and in which order it may.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Expectation;
use crate::secret::{ResponseCode, ResponseCodeDigest};

/// Answers with the right `state` that are judged for one request. A wallet that stumbles tries once
/// or twice more; whoever tries oftener is guessing.
pub const MAX_ANSWERS: u8 = 5;

/// Where a request stands, as a page or an API shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RequestStatus {
    /// Nobody has fetched the request object.
    Created,
    /// Somebody has fetched it: a wallet, most likely. After this a wallet of Microsoft's that lacks
    /// a credential, or whose owner declines, says nothing at all: "if your wallet says that a
    /// credential is missing, go back and deselect it".
    Retrieved,
    /// A good answer has come, and waits for the person to come back in the same browser.
    AwaitingReturn,
    /// A good answer has come.
    Verified,
    /// The last answer with the right `state` was not accepted. Another may follow while the
    /// request lives.
    Refused,
    /// Time has run out.
    Expired,
}

impl RequestStatus {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Retrieved => "retrieved",
            Self::AwaitingReturn => "awaiting_return",
            Self::Verified => "verified",
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }
}

/// Why an answer is not judged at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTaken {
    /// The request has expired.
    #[error("the request has expired")]
    Expired,
    /// A good answer has been taken: a request is answered once (attack P1).
    #[error("the request has been answered")]
    Answered,
    /// Too many answers have been refused.
    #[error("too many answers were refused")]
    TooMany,
    /// The response code is another, or no return is awaited.
    #[error("no return with this code is awaited")]
    ResponseCode,
}

impl NotTaken {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Expired => "request_expired",
            Self::Answered => "request_answered",
            Self::TooMany => "request_too_many_answers",
            Self::ResponseCode => "request_response_code",
        }
    }
}

/// The course of one request, to be stored beside its [`Expectation`].
///
/// ```text
///  created ── fetched ──► retrieved ─┐
///     └──────────────────────────────┴─ judge ─┬─ accepted ──► verified | awaiting_return ─ returned ─► verified
///                      ▲                       │
///                      └──────────── refused ◄─┘  (five times at most, until expiry)
/// ```
///
/// Each method is one step, taken on the stored value under the store's own lock or compare-and-set:
/// [`may_answer`](Self::may_answer) before an answer is judged, and
/// [`accept`](Self::accept) or [`refuse`](Self::refuse), which ask the same again, after. Only
/// answers with the right `state` are counted: what anybody could post must change nothing (attack
/// P14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    expires_at: DateTime<Utc>,
    fetched: bool,
    refused: u8,
    accepted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    awaited: Option<ResponseCodeDigest>,
}

impl Progress {
    /// Of a request that was just made.
    #[must_use]
    pub const fn new(expectation: &Expectation) -> Self {
        let expires_at = expectation.expires_at();
        Self { expires_at, fetched: false, refused: 0, accepted: false, awaited: None }
    }

    /// Where it stands now.
    #[must_use]
    pub fn status(&self, now: DateTime<Utc>) -> RequestStatus {
        match self {
            Self { accepted: true, awaited: Some(_), .. } if self.is_expired(now) => {
                RequestStatus::Expired
            }
            Self { accepted: true, awaited: Some(_), .. } => RequestStatus::AwaitingReturn,
            Self { accepted: true, .. } => RequestStatus::Verified,
            Self { refused: 1.., .. } => RequestStatus::Refused,
            _ if self.is_expired(now) => RequestStatus::Expired,
            Self { fetched: true, .. } => RequestStatus::Retrieved,
            _ => RequestStatus::Created,
        }
    }

    /// Somebody fetched the request object. It gates nothing: a mail scanner fetches too (attack
    /// P19).
    pub const fn fetched(&mut self) {
        self.fetched = true;
    }

    /// Whether an answer that comes now is judged.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn may_answer(&self, now: DateTime<Utc>) -> Result<(), NotTaken> {
        if self.accepted {
            Err(NotTaken::Answered)
        } else if self.is_expired(now) {
            Err(NotTaken::Expired)
        } else if self.refused >= MAX_ANSWERS {
            Err(NotTaken::TooMany)
        } else {
            Ok(())
        }
    }

    /// An answer with the right `state` was not accepted.
    ///
    /// # Errors
    /// As [`may_answer`](Self::may_answer): another answer came first.
    pub fn refuse(&mut self, now: DateTime<Utc>) -> Result<(), NotTaken> {
        self.may_answer(now)?;
        self.refused += 1;
        Ok(())
    }

    /// An answer was accepted: the one answer of this request. With `awaited`, the person must come
    /// back with that code before anything is shown (OpenID4VP 1.0 §8.2, §13.3).
    ///
    /// # Errors
    /// As [`may_answer`](Self::may_answer): another answer came first.
    pub fn accept(
        &mut self,
        awaited: Option<&ResponseCode>,
        now: DateTime<Utc>,
    ) -> Result<(), NotTaken> {
        self.may_answer(now)?;
        self.accepted = true;
        self.awaited = awaited.map(ResponseCode::digest);
        Ok(())
    }

    /// The person is back in the browser session that began, with the response code of the address
    /// to which the wallet led. A code is good once.
    ///
    /// # Errors
    /// [`NotTaken::Expired`]; [`NotTaken::ResponseCode`] for another code, or where none is awaited.
    pub fn returned(&mut self, response_code: &str, now: DateTime<Utc>) -> Result<(), NotTaken> {
        let code = ResponseCode::parse(response_code).map_err(|_| NotTaken::ResponseCode)?;
        match self.awaited {
            Some(_) if self.is_expired(now) => Err(NotTaken::Expired),
            Some(awaited) if self.accepted && awaited == code.digest() => {
                self.awaited = None;
                Ok(())
            }
            _ => Err(NotTaken::ResponseCode),
        }
    }

    fn is_expired(&self, now: DateTime<Utc>) -> bool {
        now >= self.expires_at
    }
}
