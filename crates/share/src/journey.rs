//! The person's steps before the wallet: registered before, notices, selection, confirmation.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use staffpass_disclosure::CredentialSet;

use crate::audit::AuditEvent;
use crate::connection::Fate;
use crate::error::Refusal;
use crate::rules::Rules;
use crate::share::{By, Draft, Moved, Share};
use crate::state::Stage;

/// The notices that were shown, each by name and version: privacy notice, terms of use, and so on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Notices(BTreeMap<String, String>);

impl Notices {
    /// Notices by name and version.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoticesMissing`] for none, and for an empty name or version.
    pub fn new<'n>(shown: impl IntoIterator<Item = (&'n str, &'n str)>) -> Result<Self, Refusal> {
        let owned = |(name, version): (&str, &str)| (name.to_owned(), version.to_owned());
        shown.into_iter().map(owned).collect::<BTreeMap<_, _>>().try_into()
    }

    /// Name and version of each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, version)| (name.as_str(), version.as_str()))
    }
}

impl TryFrom<BTreeMap<String, String>> for Notices {
    type Error = Refusal;

    fn try_from(shown: BTreeMap<String, String>) -> Result<Self, Refusal> {
        let empty = shown.iter().any(|(name, version)| name.is_empty() || version.is_empty());
        if shown.is_empty() || empty { Err(Refusal::NoticesMissing) } else { Ok(Self(shown)) }
    }
}

impl From<Notices> for BTreeMap<String, String> {
    fn from(notices: Notices) -> Self {
        notices.0
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShownNotices {
    pub(crate) notices: Notices,
    pub(crate) at: DateTime<Utc>,
}

impl Share {
    /// "I have registered before, with this or another organisation" (S1).
    ///
    /// # Errors
    ///
    /// [`Refusal::WrongState`], or what every call of the person may meet:
    /// [`Refusal::SessionTimedOut`], [`Refusal::InvitationExpired`],
    /// [`Refusal::InvitationWithdrawn`], [`Refusal::AlreadySubmitted`], [`Refusal::NotMatched`].
    pub fn registered_before(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("registered_before", By::Person, now, |draft| {
            draft.go(&[Stage::RegisteredBefore, Stage::FirstTime], Stage::Notices)
        })
    }

    /// "This is my first time" (S1): the route for that is elsewhere (X1).
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn first_time(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("first_time", By::Person, now, |draft| {
            draft.go(&[Stage::RegisteredBefore], Stage::FirstTime)
        })
    }

    /// "Start", under the notices (S2). Which versions were shown is kept. In a further share all that
    /// the trust asks for is selected, and the person is asked to confirm it.
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn start(&mut self, shown: Notices, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("start", By::Person, now, |draft| {
            draft.go(&[Stage::Notices], draft.share.stage_once_started())?;
            draft.record(AuditEvent::TermsShown { versions: shown.0.clone() });
            draft.share.notices = Some(ShownNotices { notices: shown, at: draft.now });
            Ok(())
        })
    }

    /// What the person ticked (S3). Identity is always in the set.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownCredential`] for an id that the catalogue does not offer; in a further share
    /// [`Refusal::NotAskedFor`] and [`Refusal::NothingSelected`]; and as
    /// [`registered_before`](Self::registered_before).
    pub fn select(
        &mut self,
        set: &CredentialSet,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        let selection: BTreeSet<String> = set.parts().map(|id| id.as_str().to_owned()).collect();
        self.step_on("select", By::Person, now, |draft| {
            draft.go(&[Stage::Selecting], Stage::Confirming)?;
            if selection.iter().any(|id| rules.catalogue.entry(id).is_none()) {
                return Err(Refusal::UnknownCredential);
            }
            if let Some(further) = &draft.share.further {
                further.check_selected(&selection)?;
            }
            draft.share.selection = selection;
            Ok(())
        })
    }

    /// The person changes the selection: from the confirmation (S4), from the QR code, or when
    /// something did not come or was refused. A request that was open is cancelled. The ticks stay.
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn amend(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("amend", By::Person, now, |draft| {
            let from = [Stage::Confirming, Stage::Connecting, Stage::Returning, Stage::Gaps];
            draft.go(&from, Stage::Selecting)?;
            draft.cancel_request();
            draft.share.accepted = None;
            draft.share.person = None;
            Ok(())
        })
    }

    /// "Yes, connect to my wallet" (S4). From here on the selection is fixed: requests are made for
    /// exactly it.
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn confirm(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("confirm", By::Person, now, |draft| {
            draft.go(&[Stage::Confirming], Stage::Connecting)?;
            let parts = draft.share.selection.iter().cloned().collect();
            draft.record(AuditEvent::SelectionConfirmed { parts });
            Ok(())
        })
    }
}

impl Share {
    const fn stage_once_started(&self) -> Stage {
        match self.further {
            None => Stage::Selecting,
            Some(_) => Stage::Confirming,
        }
    }
}

impl Draft {
    /// The request that is open, if one is, will be answered no more.
    pub(crate) fn cancel_request(&mut self) {
        if self.share.requests.end(Fate::Cancelled) {
            self.record(AuditEvent::RequestCancelled);
        }
    }
}
