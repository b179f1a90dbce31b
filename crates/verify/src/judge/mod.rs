//! The order of judging, stage by stage (see the crate's front page). Each check is a function of
//! its own, in the file of its subject.

mod answer;
mod credential;
mod dates;
mod id_token;
mod keys;
mod linked_domain;
mod person;
mod presentation;
mod status;
mod transaction;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use staffpass_did::Did;
use staffpass_jose::CryptoProvider;
use staffpass_jose::json::Node;
use staffpass_query::Location;
use staffpass_request::Expectation;

use crate::evidence::{Keys, VerifiedList};
use crate::limits::Budget;
use crate::policy::{IssuerRules, TrustPolicy};
use crate::report::{Check, Ledger, Outcome, PolicyKey, Subject};
use crate::response::Answer;
use crate::token::Credential;
use crate::verified::CredentialStatus;
use crate::{Code, Evidence, Limits, Source};

/// Why a check did not pass.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It failed.
    Fail(Code),
    /// It waits for a document, which has been noted.
    Wait,
}

impl From<Code> for Stop {
    fn from(code: Code) -> Self {
        Self::Fail(code)
    }
}

/// The keys of the policy without which a check would not have passed.
pub(crate) type Loosenings = Vec<PolicyKey>;

/// A list that is authentic for the credentials of one issuer.
struct KnownList<'a> {
    source: Source,
    rules: &'a IssuerRules,
    list: Arc<VerifiedList>,
    loosenings: Loosenings,
}

/// Everything that a verdict is a function of, and what has come of it so far.
pub(crate) struct Judge<'a> {
    pub(crate) policy: &'a TrustPolicy,
    pub(crate) provider: &'a Arc<dyn CryptoProvider>,
    pub(crate) limits: &'a Limits,
    pub(crate) expectation: &'a Expectation,
    pub(crate) evidence: &'a Evidence,
    pub(crate) now: DateTime<Utc>,
    pub(crate) ledger: Ledger,
    pub(crate) needs: BTreeSet<Source>,
    pub(crate) used: BTreeSet<Source>,
    pub(crate) dropped: Vec<Subject>,
    pub(crate) offers: Vec<(&'a str, Location)>,
    /// The entries of the transaction data that a holder's key has signed.
    authorised: BTreeSet<usize>,
    budget: Budget,
    /// The lists that are authentic for an issuer, found so once for one response.
    lists: Vec<KnownList<'a>>,
    /// Documents of identifiers that resolve in place, resolved once for one response.
    in_place: Vec<(Did, Option<Arc<Keys>>)>,
}

/// A credential that is authentic, within its dates, by a trusted issuer, and bound to its holder.
pub(crate) struct Believed<'a> {
    pub(crate) location: Location,
    pub(crate) credential: &'a Credential,
    pub(crate) issuer: &'a str,
    pub(crate) rules: &'a IssuerRules,
    pub(crate) types: Vec<&'a str>,
    pub(crate) subject: Node<'a>,
    pub(crate) issued_at: Option<DateTime<Utc>>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    /// Who proved to hold it; none where no proof was asked for.
    pub(crate) holder: Option<&'a str>,
    pub(crate) status: CredentialStatus,
    pub(crate) parts: Vec<&'a str>,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(
        policy: &'a TrustPolicy,
        provider: &'a Arc<dyn CryptoProvider>,
        limits: &'a Limits,
        expectation: &'a Expectation,
        evidence: &'a Evidence,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            policy,
            provider,
            limits,
            expectation,
            evidence,
            now,
            ledger: Ledger::with_capacity(48),
            needs: BTreeSet::new(),
            used: BTreeSet::new(),
            dropped: Vec::new(),
            offers: Vec::new(),
            authorised: BTreeSet::new(),
            budget: Budget::new(limits),
            lists: Vec::new(),
            in_place: Vec::new(),
        }
    }

    /// Judges an answer. The verdict stands in the ledger; what it returns counts only if nothing
    /// there failed and nothing is missing.
    pub(crate) fn answer(&mut self, answer: &'a Answer) -> Vec<Believed<'a>> {
        self.ledger.record(Subject::Response, Check::Form, Outcome::Passed);
        let open = self.request_is_open();
        self.sentence(Subject::Response, Check::Open, open);
        let state = self.state_is_the_requests(answer.state.as_deref());
        self.sentence(Subject::Response, Check::State, state);
        let id_token = self.id_token(answer);
        let holders = self.presentations(answer);
        self.all_is_authorised();
        self.holders_are_one(id_token, &holders);
        let assigned = self.assign(answer);
        self.offers = assigned.offers().to_vec();
        let mut believed = self.credentials(answer, &holders, &assigned);
        self.linked_domains(&believed);
        self.statuses(&mut believed);
        self.person(&believed);
        self.answers(&mut believed, &assigned);
        believed
    }

    /// V2: the request is still open.
    fn request_is_open(&self) -> Result<(), Stop> {
        match self.expectation.is_expired(self.now) {
            true => Err(Code::RequestExpired.into()),
            false => Ok(()),
        }
    }

    /// V2: `state`, compared in constant time, where the request has one.
    fn state_is_the_requests(&self, state: Option<&str>) -> Result<(), Stop> {
        match (self.expectation.state(), state) {
            (None, _) => Ok(()),
            (Some(expected), Some(state)) if expected.matches(state) => Ok(()),
            _ => Err(Code::StateMismatch.into()),
        }
    }

    /// Records a check only where it failed: what it gives is judged further.
    fn sentence_of_failure<T, E: Into<Stop>>(
        &mut self,
        subject: Subject,
        check: Check,
        outcome: Result<T, E>,
    ) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(stop) => self.sentence(subject, check, Err(stop.into())),
        }
    }

    /// Records how a check came out, where the policy may have let something be: a line for each key
    /// that it took.
    fn sentence_or_waived<T>(
        &mut self,
        subject: Subject,
        check: Check,
        outcome: Result<(T, Loosenings), Stop>,
    ) -> Option<T> {
        match outcome {
            Ok((value, loosenings)) if !loosenings.is_empty() => {
                loosenings.into_iter().for_each(|key| self.waive(subject, check, key));
                Some(value)
            }
            other => self.sentence(subject, check, other.map(|(value, _)| value)),
        }
    }

    fn waive(&mut self, subject: Subject, check: Check, key: PolicyKey) {
        self.ledger.record(subject, check, Outcome::Waived(key));
    }

    /// Records how a check came out. One that waits leaves no record yet.
    fn sentence<T>(
        &mut self,
        subject: Subject,
        check: Check,
        outcome: Result<T, Stop>,
    ) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.ledger.record(subject, check, Outcome::Passed);
                Some(value)
            }
            Err(Stop::Fail(code)) => {
                self.ledger.record(subject, check, Outcome::Failed(code));
                None
            }
            Err(Stop::Wait) => None,
        }
    }
}
