//! What the recruitment team makes of a share that was submitted: the identity first, then each
//! credential.
//!
//! ```text
//!  awaiting identity ── confirm ──► credentials ── decide each ── complete | bypass ──► reviewed
//!     │    ▲   │                        ▲   └── offer access key
//!     │    │   └─ appointment needed ───┘ attended
//!     └─ not now                 └────────► decline ──► declined
//! ```
//!
//! While the credentials are looked at, the trust may ask for more: for something that it records once it
//! was shown, or for further credentials, which the person [shares](crate::Share::begin_further) from her wallet and
//! which are then looked at with the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use staffpass_disclosure::CredentialSet;
use thiserror::Error;

use crate::further::{RecordedFurther, is_identity};
use crate::submitted::{Flag, RecordedShare, VerifiedShare};

/// The review of one submitted share by one trust. Each call is a transition, which gives the name
/// under which the audit has it, or a [`ReviewRefusal`] and leaves the review as it was.
///
/// Store it beside the share, encrypted: notes are free text. `Debug` prints none.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    stage: ReviewState,
    flags: BTreeSet<Flag>,
    cleared: BTreeMap<Flag, Act>,
    identity: Option<Confirmed>,
    decisions: BTreeMap<usize, (Decision, Act)>,
    credentials: usize,
    declined: Option<(DeclineReason, Act)>,
    finished: Option<(Option<String>, Act)>,
    key_offered: Option<Act>,
    #[serde(default)]
    more: Vec<More>,
}

/// Something that the trust wants to see beside what was shared. `Debug` prints no note.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct More {
    /// What, in the trust's words.
    pub what: String,
    /// Who asked, and when.
    pub asked: Act,
    /// What was seen or why it is not needed any more, who says so, and when.
    pub seen: Option<(String, Act)>,
    /// The ids of the catalogue that the person is to share; none where she is not asked to share.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub parts: BTreeSet<String>,
    /// The reference of the further share, where she is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<String>,
    /// What came with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came: Option<Came>,
}

impl More {
    /// Neither seen nor shared yet.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.seen.is_none() && self.came.is_none()
    }
}

/// Further credentials have come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Came {
    /// The place of the first of them among all that the review decides on.
    pub first: usize,
    /// How many.
    pub credentials: usize,
    /// When the person sent them.
    pub at: DateTime<Utc>,
}

impl fmt::Debug for More {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("More").field("is_seen", &self.seen.is_some()).finish_non_exhaustive()
    }
}

/// Who did something, by the name that the audit has, and when.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Act {
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Act {
    /// An act of somebody's, now.
    #[must_use]
    pub fn new(by: &str, at: DateTime<Utc>) -> Self {
        Self { by: by.to_owned(), at }
    }
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Act").field("at", &self.at).finish_non_exhaustive()
    }
}

/// The identity was confirmed: for what kind of employment, and by whom, who says that reasonable
/// care was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Confirmed {
    /// For what kind of employment.
    pub employment: EmploymentType,
    /// Who attests that reasonable care was taken, and when.
    pub act: Act,
}

/// Where a review stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReviewState {
    /// The trust has to confirm who the person is (T0).
    AwaitingIdentity,
    /// The identity that was shared does not do: the person has to come (T2).
    AppointmentNeeded,
    /// The identity is confirmed, and each credential is looked at (T1, T4).
    Credentials,
    /// All is decided (T6).
    Reviewed,
    /// The trust has declined (T3).
    Declined,
}

impl ReviewState {
    /// The stable name, for example `awaiting_identity`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingIdentity => "awaiting_identity",
            Self::AppointmentNeeded => "appointment_needed",
            Self::Credentials => "credentials",
            Self::Reviewed => "reviewed",
            Self::Declined => "declined",
        }
    }
}

/// What kind of employment the identity is confirmed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EmploymentType {
    /// Permanent or fixed term.
    PermanentOrFixedTerm,
    /// A temporary mover.
    TemporaryMover,
}

/// Why a trust declines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeclineReason {
    /// Nobody who is about to start.
    NotNewStarter,
    /// The identity could not be confirmed.
    IdentityNotConfirmed,
    /// Something else.
    Other,
}

/// What became of one credential. `Debug` prints no note.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Decision {
    /// The trust relies on it.
    Accepted,
    /// The trust does not, and why. It cannot revoke what another has issued.
    Rejected {
        /// Why.
        note: String,
    },
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "Accepted",
            Self::Rejected { .. } => "Rejected { .. }",
        })
    }
}

/// Why a review did not move on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReviewRefusal {
    /// The call does not belong to where the review stands.
    #[error("`{action}` does not belong to a review that is `{state}`")]
    WrongState {
        /// What was called.
        action: &'static str,
        /// Where the review stands.
        state: &'static str,
    },
    /// Something was flagged, and nobody has looked at it.
    #[error("flags are open")]
    FlagsOpen,
    /// Nobody says that reasonable care was taken.
    #[error("reasonable care is not attested")]
    CareNotAttested,
    /// The share has no such flag, or it was cleared.
    #[error("there is no such flag")]
    NoSuchFlag,
    /// The share has no such credential.
    #[error("there is no such credential")]
    NoSuchCredential,
    /// A credential is not decided.
    #[error("a credential is not decided yet")]
    Undecided,
    /// A reason must be given.
    #[error("a reason must be given")]
    ReasonMissing,
    /// The access key was offered already.
    #[error("the access key was offered already")]
    KeyOffered,
    /// Something was asked for, and nobody says that it was seen.
    #[error("something that was asked for has not been seen yet")]
    MoreAwaited,
    /// Nothing like it is asked for, or it was seen.
    #[error("there is nothing like it that is asked for")]
    NotAskedFor,
    /// Further credentials are asked for, and have not come yet.
    #[error("further credentials are awaited already")]
    FurtherAwaited,
    /// As much is asked for as one review holds: 20.
    #[error("no more can be asked for")]
    TooMuchAskedFor,
}

impl ReviewRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::WrongState { .. } => "review_wrong_state",
            Self::FlagsOpen => "review_flags_open",
            Self::CareNotAttested => "review_care_not_attested",
            Self::NoSuchFlag => "review_no_such_flag",
            Self::NoSuchCredential => "review_no_such_credential",
            Self::Undecided => "review_undecided",
            Self::ReasonMissing => "review_reason_missing",
            Self::KeyOffered => "review_key_offered",
            Self::MoreAwaited => "review_more_awaited",
            Self::NotAskedFor => "review_not_asked_for",
            Self::FurtherAwaited => "review_further_awaited",
            Self::TooMuchAskedFor => "review_too_much_asked_for",
        }
    }
}

/// So much may be asked for in one review.
const MOST_ASKED_FOR: usize = 20;

/// The name of what happened, for the audit.
pub type ReviewEvent = &'static str;

impl Review {
    /// The review of what was submitted.
    #[must_use]
    pub fn of(share: &RecordedShare) -> Self {
        Self::new(share.flags(), share.credentials().len())
    }

    /// The same, where it was not stored in between.
    #[must_use]
    pub fn of_verified(share: &VerifiedShare) -> Self {
        Self::new(share.flags(), share.credentials().len())
    }

    fn new(flags: &BTreeSet<Flag>, credentials: usize) -> Self {
        Self {
            stage: ReviewState::AwaitingIdentity,
            flags: flags.clone(),
            cleared: BTreeMap::new(),
            identity: None,
            decisions: BTreeMap::new(),
            credentials,
            declined: None,
            finished: None,
            key_offered: None,
            more: Vec::new(),
        }
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> ReviewState {
        self.stage
    }

    /// The flags that nobody has looked at yet.
    pub fn open_flags(&self) -> impl Iterator<Item = Flag> {
        self.flags.iter().copied().filter(|flag| !self.cleared.contains_key(flag))
    }

    /// Who confirmed the identity, for what.
    #[must_use]
    pub const fn identity(&self) -> Option<&Confirmed> {
        self.identity.as_ref()
    }

    /// What became of a credential, by its place in the share.
    #[must_use]
    pub fn decision(&self, credential: usize) -> Option<&Decision> {
        self.decisions.get(&credential).map(|(decision, _)| decision)
    }

    /// Why it was declined.
    #[must_use]
    pub fn declined(&self) -> Option<DeclineReason> {
        self.declined.as_ref().map(|(reason, _)| *reason)
    }

    /// Whether the person was offered an access key.
    #[must_use]
    pub const fn is_key_offered(&self) -> bool {
        self.key_offered.is_some()
    }

    /// What the trust has asked for beside what was shared, in the order in which it did.
    #[must_use]
    pub fn more(&self) -> &[More] {
        &self.more
    }

    /// Somebody has looked at what is flagged, and it is in order.
    ///
    /// # Errors
    ///
    /// [`ReviewRefusal::NoSuchFlag`], [`ReviewRefusal::WrongState`].
    pub fn clear_flag(&mut self, flag: Flag, act: Act) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect(
            "clear_flag",
            &[ReviewState::AwaitingIdentity, ReviewState::AppointmentNeeded],
        )?;
        if !self.open_flags().any(|open| open == flag) {
            return Err(ReviewRefusal::NoSuchFlag);
        }
        self.cleared.insert(flag, act);
        Ok("hr.flag.cleared")
    }

    /// The trust has made its own checks of who the person is, and whoever says so attests that
    /// reasonable care was taken.
    ///
    /// # Errors
    ///
    /// [`ReviewRefusal::FlagsOpen`], [`ReviewRefusal::CareNotAttested`],
    /// [`ReviewRefusal::WrongState`].
    pub fn confirm_identity(
        &mut self,
        employment: EmploymentType,
        reasonable_care: bool,
        act: Act,
    ) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect("confirm_identity", &[ReviewState::AwaitingIdentity])?;
        self.confirm(employment, reasonable_care, act)
    }

    fn confirm(
        &mut self,
        employment: EmploymentType,
        reasonable_care: bool,
        act: Act,
    ) -> Result<ReviewEvent, ReviewRefusal> {
        if self.open_flags().next().is_some() {
            return Err(ReviewRefusal::FlagsOpen);
        }
        if !reasonable_care {
            return Err(ReviewRefusal::CareNotAttested);
        }
        self.identity = Some(Confirmed { employment, act });
        self.stage = ReviewState::Credentials;
        Ok("hr.identity.confirmed")
    }

    /// Not now: it is only written down.
    ///
    /// # Errors
    ///
    /// [`ReviewRefusal::WrongState`].
    pub fn defer(&self) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect("defer", &[ReviewState::AwaitingIdentity])?;
        Ok("hr.identity.deferred")
    }

    /// The identity that was shared does not do: the person has to come.
    ///
    /// # Errors
    ///
    /// [`ReviewRefusal::WrongState`].
    pub fn need_appointment(&mut self) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect("need_appointment", &[ReviewState::AwaitingIdentity])?;
        self.stage = ReviewState::AppointmentNeeded;
        Ok("hr.identity.rejected")
    }

    /// The person came, and the identity was confirmed face to face.
    ///
    /// # Errors
    ///
    /// As [`confirm_identity`](Self::confirm_identity).
    pub fn attended(
        &mut self,
        employment: EmploymentType,
        reasonable_care: bool,
        act: Act,
    ) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect("attended", &[ReviewState::AppointmentNeeded])?;
        self.confirm(employment, reasonable_care, act)
    }

    /// The trust declines, before it has confirmed who the person is.
    ///
    /// # Errors
    ///
    /// [`ReviewRefusal::WrongState`].
    pub fn decline(
        &mut self,
        reason: DeclineReason,
        act: Act,
    ) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect("decline", &[ReviewState::AwaitingIdentity, ReviewState::AppointmentNeeded])?;
        self.stage = ReviewState::Declined;
        self.declined = Some((reason, act));
        Ok("hr.identity.declined")
    }

    /// Decides on a credential, by its place in the share; again, as long as the review is open.
    ///
    /// # Errors
    ///
    /// [`ReviewRefusal::NoSuchCredential`], [`ReviewRefusal::ReasonMissing`],
    /// [`ReviewRefusal::WrongState`].
    pub fn decide(
        &mut self,
        credential: usize,
        decision: Decision,
        act: Act,
    ) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect("decide", &[ReviewState::Credentials])?;
        if credential >= self.credentials {
            return Err(ReviewRefusal::NoSuchCredential);
        }
        let event = match &decision {
            Decision::Accepted => "credential.accepted",
            Decision::Rejected { note } if note.trim().is_empty() => {
                return Err(ReviewRefusal::ReasonMissing);
            }
            Decision::Rejected { .. } => "credential.rejected",
        };
        self.decisions.insert(credential, (decision, act));
        Ok(event)
    }

    /// The trust wants to see something more (T5b): `what`, for the person to read. Whoever calls this
    /// tells the person.
    ///
    /// # Errors
    ///
    /// [`ReviewRefusal::ReasonMissing`] where `what` is empty; [`ReviewRefusal::TooMuchAskedFor`],
    /// [`ReviewRefusal::WrongState`].
    pub fn ask_for_more(&mut self, what: &str, act: Act) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect("ask_for_more", &[ReviewState::Credentials])?;
        if what.trim().is_empty() {
            return Err(ReviewRefusal::ReasonMissing);
        }
        self.want(what, BTreeSet::new(), None, act)?;
        Ok("more.requested")
    }

    /// The trust wants the person to share further credentials (T5b): identity and what else is in the
    /// set, by a further share with this reference, which the trust gives once. `what` is for the person
    /// to read, and may be empty. One further share is awaited at a time.
    ///
    /// # Errors
    ///
    /// [`ReviewRefusal::NotAskedFor`] for identity alone; [`ReviewRefusal::FurtherAwaited`],
    /// [`ReviewRefusal::TooMuchAskedFor`], [`ReviewRefusal::WrongState`].
    pub fn ask_for_credentials(
        &mut self,
        set: &CredentialSet,
        what: &str,
        reference: &str,
        act: Act,
    ) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect("ask_for_credentials", &[ReviewState::Credentials])?;
        let parts: BTreeSet<String> = set.parts().map(|id| id.as_str().to_owned()).collect();
        if parts.iter().all(|part| is_identity(part)) {
            return Err(ReviewRefusal::NotAskedFor);
        }
        if self.awaited().is_some() {
            return Err(ReviewRefusal::FurtherAwaited);
        }
        self.want(what, parts, Some(reference.to_owned()), act)?;
        Ok("credentials.requested")
    }

    fn want(
        &mut self,
        what: &str,
        parts: BTreeSet<String>,
        share: Option<String>,
        asked: Act,
    ) -> Result<(), ReviewRefusal> {
        if self.more.len() >= MOST_ASKED_FOR {
            return Err(ReviewRefusal::TooMuchAskedFor);
        }
        let what = what.trim().to_owned();
        self.more.push(More { what, asked, seen: None, parts, share, came: None });
        Ok(())
    }

    /// The further share that may still be submitted, by its place in [`more`](Self::more): none once it
    /// has come, once the trust has recorded that it needs it no more, and once the review has ended.
    #[must_use]
    pub fn awaited(&self) -> Option<(usize, &More)> {
        let open = |(_, more): &(usize, &More)| more.share.is_some() && more.is_open();
        let is_under_way = self.stage == ReviewState::Credentials;
        self.more.iter().enumerate().find(open).filter(|_| is_under_way)
    }

    /// What the person shared further joins what is to be decided, after all that is there.
    ///
    /// # Errors
    ///
    /// [`ReviewRefusal::NotAskedFor`] for any other than the one that is
    /// [awaited](Self::awaited); [`ReviewRefusal::WrongState`].
    pub fn further_came(
        &mut self,
        further: &RecordedFurther,
    ) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect("further_came", &[ReviewState::Credentials])?;
        let awaited = self.awaited().map(|(place, more)| (place, more.share.as_deref()));
        if awaited != Some((further.place(), Some(further.reference()))) {
            return Err(ReviewRefusal::NotAskedFor);
        }
        let (first, credentials) = (self.credentials, further.credentials().len());
        let more = self.more.get_mut(further.place()).ok_or(ReviewRefusal::NotAskedFor)?;
        more.came = Some(Came { first, credentials, at: further.submitted_at() });
        self.credentials = first.saturating_add(credentials);
        Ok("credentials.received")
    }

    /// The person has brought what was asked for, by its place in [`more`](Self::more): a paper, a
    /// certificate, a new course. `note` says what was seen, or why it is not needed any more.
    ///
    /// # Errors
    ///
    /// [`ReviewRefusal::ReasonMissing`] where the note is empty; [`ReviewRefusal::NotAskedFor`],
    /// [`ReviewRefusal::WrongState`].
    pub fn record_evidence(
        &mut self,
        place: usize,
        note: &str,
        act: Act,
    ) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect("record_evidence", &[ReviewState::Credentials])?;
        let more = self.more.get_mut(place).filter(|more| more.is_open());
        let more = more.ok_or(ReviewRefusal::NotAskedFor)?;
        if note.trim().is_empty() {
            return Err(ReviewRefusal::ReasonMissing);
        }
        more.seen = Some((note.trim().to_owned(), act));
        Ok("evidence.recorded")
    }

    /// Every credential is decided, and what was asked for beside them was seen.
    ///
    /// # Errors
    ///
    /// [`ReviewRefusal::Undecided`], [`ReviewRefusal::MoreAwaited`], [`ReviewRefusal::WrongState`].
    pub fn complete(&mut self, act: Act) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect("complete", &[ReviewState::Credentials])?;
        if self.decisions.len() < self.credentials {
            return Err(ReviewRefusal::Undecided);
        }
        if self.more.iter().any(More::is_open) {
            return Err(ReviewRefusal::MoreAwaited);
        }
        self.finished = Some((None, act));
        self.stage = ReviewState::Reviewed;
        Ok("required.completed")
    }

    /// Ends the review before every credential is decided, and why.
    ///
    /// # Errors
    ///
    /// [`ReviewRefusal::ReasonMissing`], [`ReviewRefusal::WrongState`].
    pub fn bypass(&mut self, why: &str, act: Act) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect("bypass", &[ReviewState::Credentials])?;
        if why.trim().is_empty() {
            return Err(ReviewRefusal::ReasonMissing);
        }
        self.finished = Some((Some(why.to_owned()), act));
        self.stage = ReviewState::Reviewed;
        Ok("required.bypassed")
    }

    /// The person is offered an access key: only where the identity is confirmed (a submitted share
    /// has a confirmed mobile number for its code).
    ///
    /// # Errors
    ///
    /// [`ReviewRefusal::KeyOffered`], [`ReviewRefusal::WrongState`].
    pub fn offer_access_key(&mut self, act: Act) -> Result<ReviewEvent, ReviewRefusal> {
        self.expect("offer_access_key", &[ReviewState::Credentials, ReviewState::Reviewed])?;
        if self.key_offered.is_some() {
            return Err(ReviewRefusal::KeyOffered);
        }
        self.key_offered = Some(act);
        Ok("accesskey.offered")
    }

    fn expect(&self, action: &'static str, states: &[ReviewState]) -> Result<(), ReviewRefusal> {
        if states.contains(&self.stage) {
            Ok(())
        } else {
            Err(ReviewRefusal::WrongState { action, state: self.stage.name() })
        }
    }
}

impl fmt::Debug for Review {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Review")
            .field("stage", &self.stage)
            .field("flags", &self.flags)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act() -> Act {
        Act::new("reviewer", DateTime::UNIX_EPOCH)
    }

    fn review(flags: &[Flag]) -> Review {
        Review::new(&flags.iter().copied().collect(), 2)
    }

    #[test]
    fn an_identity_is_confirmed_with_care_and_without_open_flags() {
        let mut review = review(&[Flag::EmailChanged]);
        let kind = EmploymentType::TemporaryMover;
        let open = review.confirm_identity(kind, true, act()).unwrap_err();
        assert_eq!(open.code(), "review_flags_open");
        let none = review.clear_flag(Flag::Gaps, act()).unwrap_err();
        assert_eq!(none.code(), "review_no_such_flag");
        review.clear_flag(Flag::EmailChanged, act()).unwrap();
        let careless = review.confirm_identity(kind, false, act()).unwrap_err();
        assert_eq!(careless.code(), "review_care_not_attested");
        assert_eq!(review.confirm_identity(kind, true, act()), Ok("hr.identity.confirmed"));
        assert_eq!(review.state(), ReviewState::Credentials);
    }

    #[test]
    fn a_review_is_complete_when_each_credential_is_decided_or_somebody_says_why_not() {
        let mut review = review(&[]);
        let early = review.decide(0, Decision::Accepted, act()).unwrap_err();
        assert_eq!(early.code(), "review_wrong_state");
        let kind = EmploymentType::PermanentOrFixedTerm;
        review.confirm_identity(kind, true, act()).unwrap();
        review.decide(0, Decision::Accepted, act()).unwrap();
        assert_eq!(review.complete(act()).unwrap_err().code(), "review_undecided");
        let silent = Decision::Rejected { note: " ".to_owned() };
        let silent = review.decide(1, silent, act()).unwrap_err();
        assert_eq!(silent.code(), "review_reason_missing");
        let third = review.decide(2, Decision::Accepted, act()).unwrap_err();
        assert_eq!(third.code(), "review_no_such_credential");
        let mut other = review.clone();
        assert_eq!(other.bypass("", act()).unwrap_err().code(), "review_reason_missing");
        assert_eq!(other.bypass("seen on paper", act()), Ok("required.bypassed"));
        review.decide(1, Decision::Rejected { note: "too old".to_owned() }, act()).unwrap();
        assert_eq!(review.complete(act()), Ok("required.completed"));
        assert_eq!(review.state(), ReviewState::Reviewed);
    }

    #[test]
    fn a_review_is_not_complete_while_something_more_is_awaited() {
        let mut review = review(&[]);
        let early = review.ask_for_more("a certificate", act()).unwrap_err();
        assert_eq!(early.code(), "review_wrong_state");
        review.confirm_identity(EmploymentType::TemporaryMover, true, act()).unwrap();
        for place in 0..review.credentials {
            review.decide(place, Decision::Accepted, act()).unwrap();
        }
        assert_eq!(review.ask_for_more(" ", act()), Err(ReviewRefusal::ReasonMissing));
        assert_eq!(review.ask_for_more(" a certificate ", act()), Ok("more.requested"));
        assert_eq!(review.complete(act()), Err(ReviewRefusal::MoreAwaited));
        assert_eq!(review.record_evidence(1, "seen", act()), Err(ReviewRefusal::NotAskedFor));
        assert_eq!(review.record_evidence(0, "", act()), Err(ReviewRefusal::ReasonMissing));
        assert_eq!(review.record_evidence(0, "seen", act()), Ok("evidence.recorded"));
        assert_eq!(review.record_evidence(0, "again", act()), Err(ReviewRefusal::NotAskedFor));
        assert_eq!(review.more()[0].what, "a certificate");
        for _ in 1..20 {
            review.ask_for_more("another", act()).unwrap();
        }
        assert_eq!(review.ask_for_more("more", act()), Err(ReviewRefusal::TooMuchAskedFor));
        assert_eq!(review.bypass("enough was seen", act()), Ok("required.bypassed"));
        assert_eq!(
            review.record_evidence(1, "late", act()).unwrap_err().code(),
            "review_wrong_state"
        );
    }

    #[test]
    fn a_review_of_before_anything_could_be_asked_for_is_still_read() {
        let mut stored = serde_json::to_value(review(&[])).unwrap();
        stored.as_object_mut().unwrap().remove("more").unwrap();
        let read: Review = serde_json::from_value(stored).unwrap();
        assert!(read.more().is_empty());
    }

    #[test]
    fn who_is_declined_is_declined_and_gets_no_access_key() {
        let mut review = review(&[]);
        let early = review.offer_access_key(act()).unwrap_err();
        assert_eq!(early.code(), "review_wrong_state", "invariant 12");
        review.defer().unwrap();
        review.need_appointment().unwrap();
        review.decline(DeclineReason::IdentityNotConfirmed, act()).unwrap();
        assert_eq!(review.declined(), Some(DeclineReason::IdentityNotConfirmed));
        let kind = EmploymentType::TemporaryMover;
        assert!(review.attended(kind, true, act()).is_err());
        assert!(review.offer_access_key(act()).is_err());
    }

    #[test]
    fn an_access_key_is_offered_once_and_after_an_appointment_too() {
        let mut review = review(&[]);
        review.need_appointment().unwrap();
        review.attended(EmploymentType::TemporaryMover, true, act()).unwrap();
        review.offer_access_key(act()).unwrap();
        assert_eq!(review.offer_access_key(act()).unwrap_err().code(), "review_key_offered");
    }

    #[test]
    fn a_review_is_stored_and_read_as_it_was() {
        let mut review = review(&[Flag::Gaps, Flag::RoleDisputed]);
        review.clear_flag(Flag::Gaps, act()).unwrap();
        let text = serde_json::to_string(&review).unwrap();
        let read: Review = serde_json::from_str(&text).unwrap();
        assert_eq!(read.open_flags().collect::<Vec<_>>(), [Flag::RoleDisputed]);
        assert!(!format!("{read:?}").contains("reviewer"));
    }
}
