//! The aggregate: what is stored of a share, and the one way in which it moves.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use staffpass_credentials::CredentialKind;
use staffpass_otp::Channel;

use crate::audit::{AuditEntry, AuditEvent};
use crate::connection::{Note, Requests, Scanned};
use crate::contact::{Contact, EmailAddress, MobileNumber};
use crate::error::Refusal;
use crate::further::Further;
use crate::invitation::Invitation;
use crate::journey::ShownNotices;
use crate::person::PersonMatch;
use crate::receipt::Accepted;
use crate::rules::Rules;
use crate::session::{Session, SessionDigest};
use crate::state::{Remedy, Stage, State};

/// One share: from an invitation to [`VerifiedShare`](crate::VerifiedShare).
///
/// Every call that moves it is a transition: it takes the time, returns what came of it with the
/// audit entries, and raises [`version`](Self::version); or it returns a [`Refusal`], and the share
/// is as it was. Store it by compare-and-set on the version (its JSON, by serde, is for that, and
/// holds addresses of a person: encrypt it). Where the compare-and-set is lost, read the share
/// again and repeat the call.
///
/// A `now` that is earlier than the latest the share has seen counts as that latest.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    pub(crate) invitation: Invitation,
    version: u64,
    clock: DateTime<Utc>,
    #[serde(default)]
    epoch: u64,
    pub(crate) session: Option<Session>,
    pub(crate) stage: Stage,
    pub(crate) notices: Option<ShownNotices>,
    pub(crate) selection: BTreeSet<String>,
    pub(crate) requests: Requests,
    pub(crate) accepted: Option<Accepted>,
    pub(crate) person: Option<PersonMatch>,
    pub(crate) email: Contact<EmailAddress>,
    pub(crate) mobile: Contact<MobileNumber>,
    pub(crate) role_disputed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) further: Option<Further>,
}

/// A transition was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Moved {
    /// What happened, in order, for the audit.
    pub events: Vec<AuditEntry>,
}

/// Whose call it is: what is refused once the invitation or the session has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// The person or her wallet, in a live session.
    Person,
    /// Whoever opens the invitation.
    Invitation,
    /// The trust.
    Trust,
}

/// A share in the middle of a transition.
pub(crate) struct Draft {
    pub(crate) share: Share,
    /// The time of the transition: never earlier than the one before.
    pub(crate) now: DateTime<Utc>,
    action: &'static str,
    events: Vec<AuditEntry>,
}

impl Share {
    /// The share of an invitation that is sent now.
    #[must_use]
    pub fn new(invitation: Invitation, now: DateTime<Utc>) -> Self {
        Self::of(invitation, None, now)
    }

    pub(crate) fn of(invitation: Invitation, further: Option<Further>, now: DateTime<Utc>) -> Self {
        Self {
            email: Contact::new(),
            mobile: Contact::new(),
            invitation,
            version: 0,
            clock: now,
            epoch: 0,
            session: None,
            stage: Stage::Invited,
            notices: None,
            selection: first_selection(further.as_ref()),
            requests: Requests::default(),
            accepted: None,
            person: None,
            role_disputed: false,
            further,
        }
    }

    /// The invitation.
    #[must_use]
    pub const fn invitation(&self) -> &Invitation {
        &self.invitation
    }

    /// How many transitions were made.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The epoch of the store in which the share was last ([`enter_epoch`](Self::enter_epoch)).
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The latest time that the share has seen: no call is judged by an earlier one.
    #[must_use]
    pub const fn clock(&self) -> DateTime<Utc> {
        self.clock
    }

    /// The ids of the catalogue that are selected; identity is always among them.
    pub fn selection(&self) -> impl Iterator<Item = &str> {
        self.selection.iter().map(String::as_str)
    }

    /// The ids of the catalogue that came with what was accepted last; none before.
    pub fn received(&self) -> impl Iterator<Item = &str> {
        self.accepted.iter().flat_map(|accepted| &accepted.received).map(String::as_str)
    }

    /// The email address to show: the one entered, or else the invited one.
    #[must_use]
    pub fn email(&self) -> &EmailAddress {
        self.email.address.as_ref().unwrap_or(&self.invitation.email)
    }

    /// The mobile number to show: the one entered, or else the one that the trust knows.
    #[must_use]
    pub fn mobile(&self) -> Option<&MobileNumber> {
        self.mobile.address.as_ref().or(self.invitation.mobile.as_ref())
    }

    /// How the shared identity compared with the invited person, once it has been shared.
    #[must_use]
    pub const fn person_match(&self) -> Option<PersonMatch> {
        self.person
    }

    /// When the session ends if nothing more happens, once there is one.
    #[must_use]
    pub fn session_ends_at(&self) -> Option<DateTime<Utc>> {
        self.session.as_ref().map(Session::ends_at)
    }

    /// Whether this session is the share's. Ask before each call that a browser makes: the latest
    /// to open the invitation has the share, and so of two browsers at most one can submit.
    ///
    /// # Errors
    ///
    /// [`Refusal::StartedElsewhere`].
    pub fn check_session(&self, session: &SessionDigest) -> Result<(), Refusal> {
        self.session.as_ref().ok_or(Refusal::StartedElsewhere)?.check(session)
    }

    /// Where the share stands.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> State {
        self.state_with(None, now)
    }

    /// Where the share stands, given that a wallet may have fetched the request.
    #[must_use]
    pub fn state_with(&self, scanned: Option<&Scanned>, now: DateTime<Utc>) -> State {
        let now = now.max(self.clock);
        match self.stage {
            Stage::Withdrawn => State::InvitationWithdrawn,
            Stage::Submitted => State::Submitted,
            Stage::NotMatched => State::NotMatched,
            _ if self.invitation.expires_at <= now => State::InvitationExpired,
            Stage::Invited => State::Invited,
            _ if self.session_ends_at().is_none_or(|end| end <= now) => State::TimedOut,
            _ => self.state_in_session(scanned, now),
        }
    }

    fn state_in_session(&self, scanned: Option<&Scanned>, now: DateTime<Utc>) -> State {
        match self.stage {
            Stage::RegisteredBefore => State::RegisteredBefore,
            Stage::FirstTime => State::FirstTime,
            Stage::Notices => State::Notices,
            Stage::Selecting => State::Selecting,
            Stage::Confirming => State::Confirming,
            Stage::Connecting => self.state_of_request(scanned, now),
            Stage::Returning => self.state_of_return(now),
            Stage::Gaps => self.state_with_gaps(),
            Stage::Received => State::Received,
            Stage::Email => State::Email,
            Stage::EmailCode => self.state_of_code(Channel::Email, State::EmailCode, now),
            Stage::Mobile => State::Mobile,
            Stage::MobileCode => self.state_of_code(Channel::Mobile, State::MobileCode, now),
            Stage::NoMobile => State::NoMobile,
            Stage::Role => State::Role,
            Stage::RoleDisputed => State::RoleDisputed,
            Stage::OnHold => State::OnHold,
            Stage::Ready => State::Ready,
            Stage::Invited => State::Invited,
            Stage::Withdrawn => State::InvitationWithdrawn,
            Stage::NotMatched => State::NotMatched,
            Stage::Submitted => State::Submitted,
        }
    }

    fn state_of_request(&self, scanned: Option<&Scanned>, now: DateTime<Utc>) -> State {
        let attempt = self.requests.count();
        match &self.requests.note {
            Some(Note::Expired) => return State::RequestExpired { attempt },
            Some(Note::NotReceived) => return State::NotReceived,
            Some(Note::Refused { codes }) => {
                let (codes, remedy) = (codes.clone(), Remedy::for_codes(codes));
                return State::Refused { codes, remedy };
            }
            None => {}
        }
        let Some(current) = self.requests.current() else {
            return State::Confirmed;
        };
        let (request, expires_at) = (current.handle, current.expires_at);
        if expires_at <= now {
            State::RequestExpired { attempt }
        } else if scanned.is_some_and(|scanned| scanned.request == request) {
            State::Scanned { request, expires_at }
        } else {
            State::Connecting { request, expires_at, attempt }
        }
    }

    fn state_with_gaps(&self) -> State {
        let listed = |set: &BTreeSet<String>| set.iter().cloned().collect();
        let accepted = self.accepted.as_ref();
        State::ReceivedWithGaps {
            received: accepted.map(|a| listed(&a.received)).unwrap_or_default(),
            missing: accepted.map(|a| listed(&a.missing)).unwrap_or_default(),
        }
    }

    fn state_of_code(&self, channel: Channel, open: State, now: DateTime<Utc>) -> State {
        let counter = match channel {
            Channel::Mobile => self.mobile.codes.counter(),
            _ => self.email.codes.counter(),
        };
        if counter.check_open(now).is_err() { State::CodesLocked { channel } } else { open }
    }

    /// The one way in which a share moves: on a copy, which takes its place only when all went well.
    pub(crate) fn step<T>(
        &mut self,
        action: &'static str,
        by: By,
        now: DateTime<Utc>,
        transition: impl FnOnce(&mut Draft) -> Result<T, Refusal>,
    ) -> Result<(T, Vec<AuditEntry>), Refusal> {
        let mut draft = Draft::of(self, action, now);
        draft.check_usable(by)?;
        let made = transition(&mut draft)?;
        let Draft { mut share, now, events, .. } = draft;
        share.clock = now;
        share.version = share.next_version();
        *self = share;
        Ok((made, events))
    }

    const fn next_version(&self) -> u64 {
        self.version.saturating_add(1)
    }

    /// A transition of which nothing comes but the move.
    pub(crate) fn step_on(
        &mut self,
        action: &'static str,
        by: By,
        now: DateTime<Utc>,
        transition: impl FnOnce(&mut Draft) -> Result<(), Refusal>,
    ) -> Result<Moved, Refusal> {
        self.step(action, by, now, transition).map(|((), events)| Moved { events })
    }
}

/// Identity alone; in a further share all that the trust asks for.
fn first_selection(further: Option<&Further>) -> BTreeSet<String> {
    let only_identity = || BTreeSet::from([CredentialKind::Identity.id().to_owned()]);
    further.map_or_else(only_identity, Further::all_parts)
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Share")
            .field("invitation", &self.invitation)
            .field("version", &self.version)
            .field("clock", &self.clock)
            .field("stage", &self.stage)
            .field("selection", &self.selection)
            .finish_non_exhaustive()
    }
}

impl Draft {
    /// Time does not run back (attack T12): an earlier `now` is raised, and that is written down.
    fn of(share: &Share, action: &'static str, now: DateTime<Utc>) -> Self {
        let mut draft =
            Self { share: share.clone(), now: now.max(share.clock), action, events: Vec::new() };
        if now < share.clock {
            let seconds = share.clock.signed_duration_since(now).num_seconds();
            draft.record(AuditEvent::ClockWentBack { seconds });
        }
        draft
    }

    fn check_usable(&self, by: By) -> Result<(), Refusal> {
        let (share, now) = (&self.share, self.now);
        match share.stage {
            Stage::Submitted => return Err(Refusal::AlreadySubmitted),
            Stage::Withdrawn => return Err(Refusal::InvitationWithdrawn),
            _ => {}
        }
        if by == By::Trust {
            return Ok(());
        }
        let until = share.invitation.expires_at;
        if until <= now {
            return Err(Refusal::InvitationExpired { now, until });
        }
        if share.stage == Stage::NotMatched {
            return Err(Refusal::NotMatched);
        }
        if by == By::Invitation { Ok(()) } else { self.check_session_time() }
    }

    fn check_session_time(&self) -> Result<(), Refusal> {
        let now = self.now;
        let until = self.share.session_ends_at().ok_or_else(|| self.wrong_state())?;
        if until <= now { Err(Refusal::SessionTimedOut { now, until }) } else { Ok(()) }
    }

    /// The version that the share will have after this transition.
    pub(crate) const fn next_version(&self) -> u64 {
        self.share.next_version()
    }

    pub(crate) fn record(&mut self, event: AuditEvent) {
        self.events.push(AuditEntry { at: self.now, event });
    }

    /// The person did something: the session rests no longer.
    pub(crate) fn keep_alive(&mut self) {
        if let Some(session) = &mut self.share.session {
            session.keep_alive(self.now);
        }
    }

    /// The call belongs to one of these stages, and to no other.
    pub(crate) fn expect(&self, stages: &[Stage]) -> Result<(), Refusal> {
        if stages.contains(&self.share.stage) { Ok(()) } else { Err(self.wrong_state()) }
    }

    pub(crate) fn wrong_state(&self) -> Refusal {
        let state = self.share.state(self.now).name();
        Refusal::WrongState { action: self.action, state }
    }

    /// From one of these stages to that one, by the person.
    pub(crate) fn go(&mut self, from: &[Stage], to: Stage) -> Result<(), Refusal> {
        self.expect(from)?;
        self.keep_alive();
        self.share.stage = to;
        Ok(())
    }
}

/// The invitation and its session.
impl Share {
    /// The person comes from the invitation, by a POST (a mail scanner's GET changes nothing). Where
    /// a session had the share, that one ends, its requests are dead, and what it received and
    /// confirmed is gone; what was ticked and typed stays for the pages, and wrong codes stay counted.
    /// The portal has checked the invitation's token.
    ///
    /// # Errors
    ///
    /// [`Refusal::InvitationWithdrawn`], [`Refusal::InvitationExpired`],
    /// [`Refusal::AlreadySubmitted`], [`Refusal::NotMatched`].
    pub fn open(
        &mut self,
        session: SessionDigest,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        self.step_on("open", By::Invitation, now, |draft| {
            if draft.share.session.is_some() {
                draft.record(AuditEvent::SessionSuperseded);
            }
            draft.share.leave_session();
            draft.share.session = Some(Session::begin(session, rules, draft.now));
            draft.share.stage = draft.share.first_stage();
            draft.record(AuditEvent::InvitationOpened);
            Ok(())
        })
    }

    /// The portal has given the session another secret, as it does where trust steps up: after the
    /// first answer, after a share, and at the end.
    ///
    /// # Errors
    ///
    /// [`Refusal::StartedElsewhere`] where `from` is not the share's session; and as
    /// [`extend`](Self::extend).
    pub fn rotate_session(
        &mut self,
        from: &SessionDigest,
        to: SessionDigest,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        self.step_on("rotate_session", By::Person, now, |draft| {
            let session = draft.share.session.as_mut().ok_or(Refusal::StartedElsewhere)?;
            session.check(from)?;
            session.rotate(to);
            draft.record(AuditEvent::SessionRotated);
            Ok(())
        })
    }

    /// The person is still there: the session rests no longer. Its whole length stays.
    ///
    /// # Errors
    ///
    /// [`Refusal::SessionTimedOut`], and as [`open`](Self::open).
    pub fn extend(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("extend", By::Person, now, |draft| {
            draft.keep_alive();
            Ok(())
        })
    }

    /// The trust withdraws the invitation.
    ///
    /// # Errors
    ///
    /// [`Refusal::InvitationWithdrawn`], [`Refusal::AlreadySubmitted`].
    pub fn withdraw(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("withdraw", By::Trust, now, |draft| {
            draft.share.leave_session();
            draft.share.session = None;
            draft.share.stage = Stage::Withdrawn;
            draft.record(AuditEvent::InvitationWithdrawn);
            Ok(())
        })
    }

    /// The store was restored from a backup, and this is its epoch now (attack B24): what was
    /// unfinished is dead. The session has ended, its request cannot be answered, no code confirms
    /// anything, and the person comes from the invitation again. An epoch that is not later than the
    /// share's changes nothing but the version.
    ///
    /// # Errors
    ///
    /// As [`withdraw`](Self::withdraw): what is finished stays as it is.
    pub fn enter_epoch(&mut self, epoch: u64, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("enter_epoch", By::Trust, now, |draft| {
            if epoch > draft.share.epoch {
                draft.share.epoch = epoch;
                draft.share.begin_again();
                draft.record(AuditEvent::EpochEntered { epoch });
            }
            Ok(())
        })
    }

    /// The session was abandoned, and what the person ticked and typed is kept no longer (24 hours by
    /// default; when is for the caller). The invitation stays, and wrong codes stay counted.
    ///
    /// # Errors
    ///
    /// As [`withdraw`](Self::withdraw).
    pub fn forget_answers(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("forget_answers", By::Trust, now, |draft| {
            draft.share.begin_again();
            (draft.share.email.address, draft.share.mobile.address) = (None, None);
            draft.share.selection = first_selection(draft.share.further.as_ref());
            draft.record(AuditEvent::AnswersForgotten);
            Ok(())
        })
    }

    /// Who has submitted once is not asked again whether she registered before.
    const fn first_stage(&self) -> Stage {
        match self.further {
            None => Stage::RegisteredBefore,
            Some(_) => Stage::Notices,
        }
    }

    /// Where it goes on once all has come: a further share has no profile.
    pub(crate) const fn stage_once_received(&self) -> Stage {
        match self.further {
            None => Stage::Received,
            Some(_) => Stage::Ready,
        }
    }

    /// As if nobody had come from the invitation; but a person who did not match stays so.
    fn begin_again(&mut self) {
        if self.stage != Stage::NotMatched {
            self.leave_session();
            self.stage = Stage::Invited;
        }
        self.session = None;
    }

    /// What belongs to one session goes with it.
    fn leave_session(&mut self) {
        self.requests.end(crate::connection::Fate::Superseded);
        (self.accepted, self.person, self.notices) = (None, None, None);
        self.email.unconfirm();
        self.mobile.unconfirm();
        self.role_disputed = false;
    }
}
