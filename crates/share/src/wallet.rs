//! The wallet's part: a request, and what comes for it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use staffpass_request::{Expectation, HandleDigest};
use staffpass_verify::{Rejection, VerifiedCredential, VerifiedResponse};

use crate::audit::{AuditEntry, AuditEvent};
use crate::connection::{Fate, NewRequest, Note, Scanned};
use crate::error::Refusal;
use crate::person::PersonMatch;
use crate::receipt::{self, Accepted, Receipt};
use crate::rules::Rules;
use crate::share::{By, Draft, Moved, Share};
use crate::state::Stage;

/// A response was taken.
#[derive(Clone, Debug)]
#[must_use]
#[non_exhaustive]
pub struct Received {
    /// What came of it.
    pub arrival: Arrival,
    /// What happened, in order, for the audit.
    pub events: Vec<AuditEntry>,
}

/// What came of a response that was taken.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Arrival {
    /// All of it is there (S8).
    Complete(Receipt),
    /// The identity is there, and not all of the rest (S7b; lenient only).
    WithGaps(Receipt),
    /// The identity is not that of the invited person (E7). Nothing is kept of it; tell the
    /// recruitment team, and the person nothing.
    NotMatched,
}

impl Arrival {
    /// The receipt, where there is one.
    #[must_use]
    pub fn into_receipt(self) -> Option<Receipt> {
        match self {
            Self::Complete(receipt) | Self::WithGaps(receipt) => Some(receipt),
            Self::NotMatched => None,
        }
    }
}

/// A wallet has fetched the request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Retrieved {
    /// To be stored beside the share.
    pub scanned: Scanned,
    /// For the audit.
    pub event: AuditEntry,
}

impl Share {
    /// A request was made for what the person confirmed (S5); its expectation is stored by the
    /// caller. Every attempt has its own nonce and response address, and the one before is dead.
    ///
    /// # Errors
    ///
    /// [`Refusal::SelectionDiffers`] unless its query has exactly the confirmed parts;
    /// [`Refusal::RequestIncomplete`], [`Refusal::RequestOfAnotherTenant`] (build requests with
    /// `.tenant(…)`, the invitation's), [`Refusal::RequestExpired`], [`Refusal::RequestTooLong`],
    /// [`Refusal::RequestReused`]; [`Refusal::TooManyRequests`] where three have not expired or ten
    /// were made in a day; and as [`registered_before`](Self::registered_before).
    pub fn connect(
        &mut self,
        expectation: &Expectation,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        let request = NewRequest::direct(expectation, None);
        self.step_on("connect", By::Person, now, |draft| draft.connect(&request))
    }

    /// The person cancels the request, and is asked to confirm again (S4).
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn cancel(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("cancel", By::Person, now, |draft| {
            draft.go(&[Stage::Connecting, Stage::Returning], Stage::Confirming)?;
            draft.cancel_request();
            draft.share.accepted = None;
            draft.share.person = None;
            Ok(())
        })
    }

    /// Writes down that the request expired. Nothing depends on it: [`state`](Self::state) knows.
    ///
    /// # Errors
    ///
    /// [`Refusal::RequestStillLive`]; [`Refusal::UnknownRequest`] where none is open; and as
    /// [`registered_before`](Self::registered_before).
    pub fn expire(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("expire", By::Person, now, |draft| {
            draft.expect(&[Stage::Connecting])?;
            let (now, current) = (draft.now, draft.share.requests.current());
            let until = current.ok_or(Refusal::UnknownRequest)?.expires_at;
            if now < until {
                return Err(Refusal::RequestStillLive { now, until });
            }
            draft.share.requests.end(Fate::Expired);
            draft.share.requests.note = Some(Note::Expired);
            draft.record(AuditEvent::RequestExpired);
            Ok(())
        })
    }

    /// A wallet has fetched the request of this address. This changes nothing in the share: store
    /// what it returns beside it. None where the request is not the live one.
    #[must_use]
    pub fn retrieved(&self, request: &HandleDigest, now: DateTime<Utc>) -> Option<Retrieved> {
        let current = self.requests.current().filter(|_| self.stage == Stage::Connecting)?;
        if current.handle != *request || current.expires_at <= now {
            return None;
        }
        let event = AuditEntry { at: now, event: AuditEvent::RequestRetrieved };
        Some(Retrieved { scanned: Scanned { request: *request, at: now }, event })
    }

    /// A verified response came to the address with this digest (S7). All of it is taken, or nothing.
    /// A request is answered once.
    ///
    /// Where this refuses, the share is as it was. Tell the person by [`refuse`](Self::refuse) with
    /// the refusal's code.
    ///
    /// # Errors
    ///
    /// The request: [`Refusal::UnknownRequest`], [`Refusal::AlreadyAnswered`],
    /// [`Refusal::RequestCancelled`], [`Refusal::RequestSuperseded`], [`Refusal::RequestExpired`],
    /// [`Refusal::TooManyPosts`], [`Refusal::ResponseToAnother`]. What came:
    /// [`Refusal::Unrequested`], [`Refusal::KindDiffers`], [`Refusal::IssueDateMissing`],
    /// [`Refusal::ClaimsInvalid`],
    /// [`Refusal::NotShareable`], [`Refusal::IdentityMissing`], [`Refusal::TooManyCredentials`],
    /// [`Refusal::PersonsDiffer`], [`Refusal::CredentialsMissing`] (strict). And as
    /// [`registered_before`](Self::registered_before).
    pub fn receive(
        &mut self,
        response: &VerifiedResponse,
        request: &HandleDigest,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<Received, Refusal> {
        let taken = self.step("receive", By::Person, now, |draft| {
            draft.check_answers(request, response.report().expectation.as_bytes())?;
            let parts = response.credentials().iter().map(VerifiedCredential::part).collect();
            draft.take(response, parts, request, rules)
        });
        taken.map(|(arrival, events)| Received { arrival, events })
    }

    /// A response to this request was refused: the person is told (E5 where something is missing, E6
    /// otherwise), and can amend the selection or try again. The request stays open for a better
    /// answer until it expires, and for five refused ones at most: whoever photographed the QR code
    /// cannot end the person's share with rubbish.
    ///
    /// # Errors
    ///
    /// The request, as in [`receive`](Self::receive); and as
    /// [`registered_before`](Self::registered_before).
    pub fn refuse<'c>(
        &mut self,
        request: &HandleDigest,
        codes: impl IntoIterator<Item = &'c str>,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        let codes: Vec<String> = codes.into_iter().map(str::to_owned).collect();
        self.step_on("refuse", By::Person, now, |draft| {
            let at = draft.now;
            draft.share.requests.open(request, at)?.refuse_post();
            draft.expect(&[Stage::Connecting])?;
            draft.record(AuditEvent::PresentationRejected { codes: codes.clone() });
            draft.share.requests.note = Some(note(codes));
            Ok(())
        })
    }

    /// [`refuse`](Self::refuse), with the codes of a rejection's report.
    ///
    /// # Errors
    ///
    /// As [`refuse`](Self::refuse).
    pub fn reject(
        &mut self,
        request: &HandleDigest,
        rejection: &Rejection,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        self.refuse(request, rejection.codes().into_iter().map(|code| code.as_str()), now)
    }

    /// The wallet answered with an error (E5). It does not say whether something is missing or was
    /// declined.
    ///
    /// # Errors
    ///
    /// As [`refuse`](Self::refuse).
    pub fn wallet_error(
        &mut self,
        request: &HandleDigest,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        self.refuse(request, ["wallet_error"], now)
    }

    /// Goes on without what did not come (S7b; lenient only).
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn accept_gaps(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("accept_gaps", By::Person, now, |draft| {
            draft.go(&[Stage::Gaps], draft.share.stage_once_received())
        })
    }

    /// Every request names its tenant, and a share takes its own only (attacks P21, B13).
    fn check_tenant(&self, request: &NewRequest<'_>) -> Result<(), Refusal> {
        if request.tenant == Some(self.invitation.tenant()) {
            Ok(())
        } else {
            Err(Refusal::RequestOfAnotherTenant)
        }
    }

    /// The invited person, and in a further share the one of the first.
    fn compare(&self, receipt: &Receipt) -> Result<PersonMatch, Refusal> {
        let identity = receipt.identity().ok_or(Refusal::IdentityMissing)?;
        let invited = PersonMatch::of(&self.invitation.person, identity);
        let shared = receipt.shared_identity();
        let further = self.further.as_ref().zip(shared);
        let of_first = further.map(|(further, shared)| further.compare(shared));
        Ok(of_first.map_or(invited, |of_first| invited.max(of_first)))
    }

    /// It has a part for each thing that was confirmed, and no other.
    fn check_asks_selection(&self, request: &NewRequest<'_>) -> Result<(), Refusal> {
        let parts = request.parts.as_ref().ok_or(Refusal::RequestIncomplete { member: "query" })?;
        let asked: BTreeSet<&str> = parts.iter().copied().collect();
        let confirmed: BTreeSet<&str> = self.selection().collect();
        if asked == confirmed { Ok(()) } else { Err(Refusal::SelectionDiffers) }
    }
}

impl Draft {
    /// The request takes the place of any before it.
    pub(crate) fn connect(&mut self, request: &NewRequest<'_>) -> Result<(), Refusal> {
        let from = [Stage::Connecting, Stage::Returning, Stage::Gaps];
        self.go(&from, Stage::Connecting)?;
        self.share.check_tenant(request)?;
        self.share.check_asks_selection(request)?;
        self.supersede_request();
        self.share.accepted = None;
        self.share.person = None;
        self.share.requests.begin(request, self.now)?;
        self.record(AuditEvent::RequestCreated);
        Ok(())
    }

    fn supersede_request(&mut self) {
        let current = self.share.requests.current();
        let Some(expired) = current.map(|current| current.expires_at <= self.now) else {
            self.share.requests.note = None;
            return;
        };
        let fate = if expired { Fate::Expired } else { Fate::Superseded };
        self.share.requests.end(fate);
        self.record(if expired {
            AuditEvent::RequestExpired
        } else {
            AuditEvent::RequestSuperseded
        });
    }

    /// All of the response is taken, each credential for its part, or nothing.
    pub(crate) fn take(
        &mut self,
        response: &VerifiedResponse,
        parts: Vec<Option<&str>>,
        request: &HandleDigest,
        rules: &Rules,
    ) -> Result<Arrival, Refusal> {
        let credentials = response.credentials().iter().zip(parts);
        let receipt = Receipt {
            tenant: self.share.invitation.tenant.clone(),
            invitation: self.share.invitation.reference.clone(),
            request: *request,
            version: self.next_version(),
            received_at: self.now,
            credentials: receipt::read(credentials, &self.share.selection, rules, self.now)?,
            report: response.report().clone(),
        };
        self.share.requests.end(Fate::Answered);
        self.accept(receipt)
    }

    /// The request may be answered now, and the response was judged against its expectation.
    pub(crate) fn check_answers(
        &mut self,
        request: &HandleDigest,
        expectation: &[u8; 32],
    ) -> Result<(), Refusal> {
        let now = self.now;
        let attempt = self.share.requests.open(request, now)?;
        if attempt.expectation != *expectation {
            return Err(Refusal::ResponseToAnother);
        }
        self.expect(&[Stage::Connecting])
    }

    fn accept(&mut self, receipt: Receipt) -> Result<Arrival, Refusal> {
        let received = receipt.parts();
        let missing: BTreeSet<String> =
            self.share.selection.difference(&received).cloned().collect();
        self.record(AuditEvent::PresentationVerified {
            issuers: receipt.issuers(),
            missing: missing.iter().cloned().collect(),
        });
        let person = self.share.compare(&receipt)?;
        self.share.person = Some(person);
        self.record(match person {
            PersonMatch::Match => AuditEvent::IdentityMatch,
            PersonMatch::Probable => AuditEvent::IdentityProbable,
            PersonMatch::Mismatch => AuditEvent::IdentityMismatch,
        });
        if person == PersonMatch::Mismatch {
            self.share.stage = Stage::NotMatched;
            return Ok(Arrival::NotMatched);
        }
        self.keep_alive();
        let complete = missing.is_empty();
        let request = self.share.requests.of(&receipt.request);
        let is_awaited = request.is_some_and(|request| request.awaited.is_some());
        self.share.accepted = Some(Accepted {
            request: receipt.request,
            version: receipt.version,
            received,
            missing,
        });
        self.share.stage = match complete {
            _ if is_awaited => Stage::Returning,
            true => self.share.stage_once_received(),
            false => Stage::Gaps,
        };
        Ok(if complete { Arrival::Complete(receipt) } else { Arrival::WithGaps(receipt) })
    }
}

/// What is missing or was declined cannot be told apart, and is one page; what came and is bad is another.
fn note(codes: Vec<String>) -> Note {
    const NOT_RECEIVED: [&str; 3] = ["wallet_error", "answer_incomplete", "credentials_missing"];
    let not_received =
        !codes.is_empty() && codes.iter().all(|c| NOT_RECEIVED.contains(&c.as_str()));
    if not_received { Note::NotReceived } else { Note::Refused { codes } }
}
