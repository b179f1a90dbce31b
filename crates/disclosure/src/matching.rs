//! Which held credentials could answer which part of a request, and what the person chooses.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use staffpass_did::Did;
use staffpass_query::{DcqlQuery, Mismatch, Query};

use crate::{HeldCredential, RequestReview};

/// Why a held credential cannot answer a part. It holds no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// It is not what is asked for.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// Its subject is none of the holder's DIDs, so that nobody here can present it.
    #[error("the credential belongs to another holder")]
    OtherHolder,
    /// It has expired.
    #[error("the credential has expired")]
    Expired,
    /// It is not yet valid.
    #[error("the credential is not yet valid")]
    NotYetValid,
}

impl Unusable {
    /// The stable code of this cause.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Mismatch(mismatch) => mismatch.code(),
            Self::OtherHolder => "held_other_holder",
            Self::Expired => "held_expired",
            Self::NotYetValid => "held_not_yet_valid",
        }
    }
}

/// Parts of a request that nothing in the wallet answers. Its text counts them and does not name them,
/// since their ids are the verifier's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing in the wallet answers {} of the parts", parts.len())]
pub struct Missing {
    parts: Vec<String>,
}

impl Missing {
    /// Their ids, in the request's order. Where alternatives would do, those of every alternative.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.parts
    }
}

/// The held credentials against one part of a request. Credentials are named by their position among
/// those that were matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartMatches {
    id: String,
    required: bool,
    multiple: bool,
    outcomes: Vec<Result<(), Unusable>>,
    newest_first: Vec<usize>,
}

impl PartMatches {
    /// The part's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether no answer satisfies the request without it.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        self.required
    }

    /// Whether several credentials may answer it.
    #[must_use]
    pub const fn allows_multiple(&self) -> bool {
        self.multiple
    }

    /// The credentials that answer it, the newest first.
    #[must_use]
    pub fn answering(&self) -> &[usize] {
        &self.newest_first
    }

    /// Whether a credential answers it.
    #[must_use]
    pub fn is_answered_by(&self, held: usize) -> bool {
        self.outcomes.get(held).is_some_and(Result::is_ok)
    }

    /// Whether nothing answers it.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.newest_first.is_empty()
    }

    /// One outcome for each held credential, in order: why it does not answer.
    pub fn outcomes(&self) -> &[Result<(), Unusable>] {
        &self.outcomes
    }
}

/// A verified request and a wallet, laid side by side. What a person decides on, and what
/// [`present`](Self::present) shows from.
#[derive(Clone, Debug)]
pub struct Matches<'a> {
    pub(crate) review: &'a RequestReview,
    pub(crate) held: &'a [HeldCredential],
    parts: Vec<PartMatches>,
}

impl RequestReview {
    /// Holds every credential against every part. A credential answers only if its subject is one
    /// of `holders` and it is valid now.
    #[must_use]
    pub fn matches<'a>(
        &'a self,
        held: &'a [HeldCredential],
        holders: &[Did],
        now: DateTime<Utc>,
    ) -> Matches<'a> {
        let usable: Vec<_> = held.iter().map(|one| usable(one, holders, now)).collect();
        let parts = self.query().parts().into_iter();
        let parts = parts.map(|part| match_part(self.query(), part, held, &usable)).collect();
        Matches { review: self, held, parts }
    }
}

impl Matches<'_> {
    /// Every part of the request, in its order.
    #[must_use]
    pub fn parts(&self) -> &[PartMatches] {
        &self.parts
    }

    /// One part, by its id.
    #[must_use]
    pub fn part(&self, id: &str) -> Option<&PartMatches> {
        self.parts.iter().find(|part| part.id == id)
    }

    /// The held credentials, in the order in which outcomes name them.
    #[must_use]
    pub const fn held(&self) -> &[HeldCredential] {
        self.held
    }

    /// The smallest answer: the newest valid credential for each part that the request needs, and
    /// another one for each part where there are enough. Where alternatives would do, the first
    /// that can be completed. The person may change it.
    ///
    /// # Errors
    /// [`Missing`] names the parts that nothing answers.
    pub fn default_choice(&self) -> Result<Choice, Missing> {
        self.check_satisfied(|id| self.part(id).is_some_and(|part| !part.is_missing()))?;
        let needed = self.smallest_answer();
        let mut choice = Choice::default();
        for part in self.parts.iter().filter(|part| needed.contains(&part.id.as_str())) {
            let unused = part.newest_first.iter().find(|held| !choice.has(**held));
            if let Some(held) = unused.or(part.newest_first.first()) {
                choice.pick(&part.id, *held);
            }
        }
        Ok(choice)
    }

    pub(crate) fn check_satisfied(&self, answered: impl Fn(&str) -> bool) -> Result<(), Missing> {
        let satisfied = self.review.query().satisfied_by(answered);
        satisfied.map_err(|unsatisfied| Missing { parts: unsatisfied.missing })
    }

    /// The ids of the parts that the smallest answer has.
    fn smallest_answer(&self) -> Vec<&str> {
        match self.review.query() {
            Query::Dcql(query) if !query.credential_sets().is_empty() => self.first_options(query),
            query => query.parts(),
        }
    }

    /// OpenID4VP 1.0 §6.4.2: of each required set the first option that can be completed.
    fn first_options<'q>(&self, query: &'q DcqlQuery) -> Vec<&'q str> {
        let answered = |id: &str| self.part(id).is_some_and(|part| !part.is_missing());
        let complete = query.completable_options(answered);
        let sets = query.credential_sets().iter().zip(complete);
        let required = sets.filter(|(set, _)| set.is_required());
        let options = required.filter_map(|(set, complete)| set.options().get(*complete.first()?));
        options.flatten().map(String::as_str).collect()
    }
}

/// Which credential is shown for which part, as the person decided. Credentials are named by their
/// position among those that were matched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    by_part: BTreeMap<String, Vec<usize>>,
}

impl Choice {
    /// Nothing chosen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows this credential for a part, and no other.
    pub fn pick(&mut self, part: &str, held: usize) {
        self.by_part.insert(part.to_owned(), vec![held]);
    }

    /// Shows this credential too, where the part allows several.
    pub fn pick_also(&mut self, part: &str, held: usize) {
        self.by_part.entry(part.to_owned()).or_default().push(held);
    }

    /// Shows nothing for a part.
    pub fn leave_out(&mut self, part: &str) {
        self.by_part.remove(part);
    }

    /// The credentials chosen for a part.
    #[must_use]
    pub fn of(&self, part: &str) -> &[usize] {
        self.by_part.get(part).map_or(&[], Vec::as_slice)
    }

    /// Every part with the credentials chosen for it, by part id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.by_part.iter().map(|(part, held)| (part.as_str(), held.as_slice()))
    }

    fn has(&self, held: usize) -> bool {
        self.by_part.values().flatten().any(|chosen| *chosen == held)
    }
}

/// What makes a credential unusable whatever is asked.
fn usable(held: &HeldCredential, holders: &[Did], now: DateTime<Utc>) -> Result<(), Unusable> {
    if !holders.iter().any(|holder| holder.as_str() == held.holder()) {
        return Err(Unusable::OtherHolder);
    }
    if held.expires_at().is_some_and(|expires| expires <= now) {
        return Err(Unusable::Expired);
    }
    if held.valid_from().is_some_and(|from| from > now) {
        return Err(Unusable::NotYetValid);
    }
    Ok(())
}

/// The query's reason comes first: that a credential of another type has expired is no news.
fn match_part(
    query: &Query,
    part: &str,
    held: &[HeldCredential],
    usable: &[Result<(), Unusable>],
) -> PartMatches {
    let outcome = |(one, usable): (&HeldCredential, &Result<(), Unusable>)| {
        query.check(part, &one.candidate())?;
        *usable
    };
    let outcomes: Vec<_> = held.iter().zip(usable).map(outcome).collect();
    let answering = held.iter().zip(&outcomes).enumerate().filter(|(_, (_, found))| found.is_ok());
    let mut dated: Vec<_> = answering.map(|(at, (one, _))| (one.issued_at(), at)).collect();
    // The later one of the wallet where two were issued at one time.
    dated.sort_unstable_by(|one, other| other.cmp(one));
    PartMatches {
        id: part.to_owned(),
        required: query.is_required(part),
        multiple: query.allows_multiple(part),
        outcomes,
        newest_first: dated.into_iter().map(|(_, at)| at).collect(),
    }
}
