//! A wallet on the same device: its answer counts once the person is back from it.
//!
//! ```text
//!  connect_on_same_device ─► Connecting ── receive ─► AwaitingReturn ── returned ─► Received | ReceivedWithGaps
//!                                                          └── amend, cancel, connect, expiry
//! ```
//!
//! Whoever shows another person's request to a victim gets the victim's answer sent to the share, and
//! not the code, which the wallet carries to a browser on the victim's own device (OpenID4VP 1.0 §13.3;
//! attacks B3 and P25). Of a request that is scanned from another screen nobody comes back.

use chrono::{DateTime, Utc};
use staffpass_request::{Expectation, ResponseCode, ResponseCodeDigest};

use crate::audit::AuditEvent;
use crate::connection::NewRequest;
use crate::error::Refusal;
use crate::share::{By, Draft, Moved, Share};
use crate::state::{Stage, State};

impl Share {
    /// [`connect`](Self::connect) for a wallet on the same device: what it sends is accepted, and shown
    /// to nobody, until the person is [back](Self::returned) with the code of this digest. Tell the
    /// wallet the code when its answer was accepted, and not before.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub fn connect_on_same_device(
        &mut self,
        expectation: &Expectation,
        awaited: ResponseCodeDigest,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        let action = "connect_on_same_device";
        self.step_on(action, By::Person, now, |draft| {
            draft.connect(&NewRequest::direct(expectation, Some(awaited)))
        })
    }

    /// The person is back from the wallet, in the session that began
    /// ([`check_session`](Self::check_session)). A code is good once, and as long as its request.
    ///
    /// # Errors
    ///
    /// [`Refusal::ResponseCode`] for any other code; [`Refusal::RequestExpired`];
    /// [`Refusal::WrongState`] where nobody is awaited, and as
    /// [`registered_before`](Self::registered_before).
    pub fn returned(&mut self, code: &ResponseCode, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("returned", By::Person, now, |draft| {
            draft.expect(&[Stage::Returning])?;
            draft.check_awaited(code)?;
            let accepted = draft.share.accepted.as_ref();
            let complete = accepted.is_some_and(|accepted| accepted.missing.is_empty());
            let received = draft.share.stage_once_received();
            draft.go(&[Stage::Returning], if complete { received } else { Stage::Gaps })?;
            draft.record(AuditEvent::PresentationReturned);
            Ok(())
        })
    }

    /// As long as its request the answer waits; then it is as if none had come.
    pub(crate) fn state_of_return(&self, now: DateTime<Utc>) -> State {
        let accepted = self.accepted.as_ref();
        let request = accepted.and_then(|accepted| self.requests.of(&accepted.request));
        match request.map(|request| request.expires_at) {
            Some(expires_at) if now < expires_at => State::AwaitingReturn { expires_at },
            _ => State::RequestExpired { attempt: self.requests.count() },
        }
    }
}

impl Draft {
    fn check_awaited(&self, code: &ResponseCode) -> Result<(), Refusal> {
        let accepted = self.share.accepted.as_ref().ok_or(Refusal::UnknownRequest)?;
        let request = self.share.requests.of(&accepted.request).ok_or(Refusal::UnknownRequest)?;
        let (now, until) = (self.now, request.expires_at);
        if until <= now {
            Err(Refusal::RequestExpired { now, until })
        } else if request.awaited == Some(code.digest()) {
            Ok(())
        } else {
            Err(Refusal::ResponseCode)
        }
    }
}
