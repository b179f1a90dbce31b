//! The verification of one response, in rounds: each asks for documents, or gives the verdict.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use staffpass_jose::CryptoProvider;
use staffpass_jose::jwe::AgreementKey;
use staffpass_query::Location;
use staffpass_request::Expectation;
use zeroize::Zeroizing;

use crate::judge::{Believed, Judge};
use crate::policy::TrustPolicy;
use crate::report::{Check, Digest, Offer, Outcome, Report, Subject};
use crate::response::{self, Answer, NoAnswer, Opening, Read};
use crate::verified::{Rejection, VerifiedResponse};
use crate::{Code, Evidence, Limits, Source};

/// Judges responses under one policy. Cheap to clone and to share between threads.
#[derive(Clone, Debug)]
pub struct Verifier {
    policy: Arc<TrustPolicy>,
    provider: Arc<dyn CryptoProvider>,
    limits: Limits,
}

impl Verifier {
    /// A verifier with the default limits.
    #[must_use]
    pub fn new(policy: TrustPolicy, provider: Arc<dyn CryptoProvider>) -> Self {
        Self { policy: Arc::new(policy), provider, limits: Limits::default() }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> &TrustPolicy {
        &self.policy
    }

    /// Takes the body of a wallet's POST, as it came, and what the request at that address asked.
    ///
    /// `expectation` comes from the address alone (see [`Expectation`]): nothing in the body may
    /// choose it. Whatever is wrong with the body comes out as the verdict.
    pub fn receive(&self, expectation: &Expectation, body: &[u8]) -> Verification {
        self.receive_opened(expectation, None, body)
    }

    /// As [`receive`](Self::receive), where the request asked for `direct_post.jwt` (OpenID4VP 1.0
    /// §8.3.1): `key` is that of this request, kept beside the expectation. An answer in the clear is
    /// refused then, but for an error. For a request of another mode the key is not used.
    pub fn receive_encrypted(
        &self,
        expectation: &Expectation,
        key: &dyn AgreementKey,
        body: &[u8],
    ) -> Verification {
        let read = response::read(expectation, Opening::With(key), body, &self.limits);
        self.verification(expectation, body, read)
    }

    /// As [`receive_encrypted`](Self::receive_encrypted) for a body that was opened before and whose
    /// key is gone: `opened` is what [`Verification::opened`] said then. The body is held to every
    /// rule once more, but that it opens to this is the caller's word; the report has the digests of
    /// both.
    pub fn receive_opened(
        &self,
        expectation: &Expectation,
        opened: Option<&[u8]>,
        body: &[u8],
    ) -> Verification {
        let read = response::read(expectation, Opening::Before(opened), body, &self.limits);
        self.verification(expectation, body, read)
    }

    /// Takes one presentation by itself, for tools that work offline.
    pub fn receive_presentation(&self, expectation: &Expectation, compact: &str) -> Verification {
        let answer = response::read_presentation(compact, &self.limits);
        self.verification(expectation, compact.as_bytes(), answer.into())
    }

    fn verification(&self, expectation: &Expectation, bytes: &[u8], read: Read) -> Verification {
        Verification {
            verifier: self.clone(),
            // Of the caller's own, which keeps it.
            asked: Digest(expectation.digest()),
            expectation: expectation.clone(),
            response: Digest(Sha256::digest(bytes).into()),
            answer: read.answer,
            opened: read.opened,
            rounds: 0,
        }
    }
}

/// What a [`Verification`] says when it is stepped.
#[derive(Debug)]
#[must_use]
#[expect(
    clippy::exhaustive_enums,
    reason = "a step asks or tells; a third thing would be another API"
)]
pub enum Step {
    /// These documents are missing. Fetch them at once, insert what came of it into the evidence,
    /// and step again. None is named because a wallet sent its address.
    Needs(Vec<Source>),
    /// The verdict.
    Done(Box<Result<VerifiedResponse, Rejection>>),
}

/// One response that is being verified.
///
/// ```
/// # use chrono::{DateTime, Utc};
/// # use staffpass_verify::{Evidence, Fetched, Rejection, Source, Step, Verification, VerifiedResponse};
/// # fn fetch(source: &Source) -> Option<Vec<u8>> { None }
/// fn verdict(
///     mut verification: Verification,
///     evidence: &mut Evidence,
///     now: DateTime<Utc>,
/// ) -> Result<VerifiedResponse, Rejection> {
///     loop {
///         let sources = match verification.step(evidence, now) {
///             Step::Done(verdict) => return *verdict,
///             Step::Needs(sources) => sources,
///         };
///         for source in sources {
///             match fetch(&source) {
///                 Some(bytes) => evidence.insert(source, Fetched::Document(&bytes), now),
///                 None => evidence.insert(source, Fetched::Unavailable, now),
///             }
///         }
///     }
/// }
/// ```
///
/// `Debug` prints nothing of the response.
#[must_use]
pub struct Verification {
    verifier: Verifier,
    expectation: Expectation,
    asked: Digest,
    response: Digest,
    answer: Result<Answer, NoAnswer>,
    opened: Option<Zeroizing<Vec<u8>>>,
    rounds: usize,
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification")
            .field("response", &self.response)
            .field("rounds", &self.rounds)
            .finish_non_exhaustive()
    }
}

impl Verification {
    /// What stood inside a response that came encrypted, where it could be opened: personal data,
    /// with which [`Verifier::receive_opened`] judges the response again after its key is gone. Keep
    /// it sealed, or not at all.
    #[must_use]
    pub fn opened(&self) -> Option<&[u8]> {
        self.opened.as_ref().map(|opened| opened.as_slice())
    }

    /// Judges the response on the evidence at hand.
    ///
    /// The verdict is a function of the response, the expectation, the policy, the *set* of
    /// documents and `now`: calling it again with the same gives the same. After
    /// [`Limits::rounds`] calls that asked for documents, what is still missing is a failure.
    pub fn step(&mut self, evidence: &Evidence, now: DateTime<Utc>) -> Step {
        let verifier = &self.verifier;
        let mut judge = Judge::new(
            &verifier.policy,
            &verifier.provider,
            &verifier.limits,
            &self.expectation,
            evidence,
            now,
        );
        let answer = match &self.answer {
            Ok(answer) => answer,
            Err(no_answer) => return done(Err(self.refused(no_answer, judge))),
        };
        let believed = judge.answer(answer);
        if !judge.needs.is_empty() && !judge.ledger.any_failed() {
            if self.rounds < verifier.limits.rounds {
                self.rounds += 1;
                return Step::Needs(judge.needs.into_iter().collect());
            }
            let missing = Outcome::Failed(Code::EvidenceMissing);
            judge.ledger.record(Subject::Response, Check::Answer, missing);
        }
        done(self.verdict(judge, believed))
    }

    fn verdict(
        &self,
        judge: Judge<'_>,
        believed: Vec<Believed<'_>>,
    ) -> Result<VerifiedResponse, Rejection> {
        let report = self.report(judge);
        if report.accepted() {
            Ok(VerifiedResponse::new(believed, report))
        } else {
            Err(Rejection::new(report, None))
        }
    }

    /// A body that is no answer. An error of the wallet's counts only with the right `state`: one
    /// that anybody could send must not end another person's share (P14). Whether the `state` was
    /// right is in the report of a malformed body too, for a portal that counts answers.
    fn refused(&self, no_answer: &NoAnswer, mut judge: Judge<'_>) -> Rejection {
        let mut record = |check, outcome| judge.ledger.record(Subject::Response, check, outcome);
        let wallet_error = match no_answer {
            NoAnswer::Refused { code, state } => {
                record(Check::Form, Outcome::Failed(*code));
                if state.is_some() && self.is_our_state(state.as_deref()) {
                    record(Check::State, Outcome::Passed);
                }
                None
            }
            NoAnswer::Error { error, state } if self.is_our_state(state.as_deref()) => {
                record(Check::Form, Outcome::Failed(Code::WalletError));
                Some(*error)
            }
            NoAnswer::Error { .. } => {
                record(Check::State, Outcome::Failed(Code::StateMismatch));
                None
            }
        };
        Rejection::new(self.report(judge), wallet_error)
    }

    fn is_our_state(&self, state: Option<&str>) -> bool {
        self.expectation
            .state()
            .is_none_or(|expected| state.is_some_and(|state| expected.matches(state)))
    }

    fn report(&self, judge: Judge<'_>) -> Report {
        let used = judge.used.iter();
        Report {
            judged_at: judge.now,
            provider: self.verifier.provider.name(),
            policy: self.verifier.policy.digest(),
            expectation: self.asked,
            response: self.response,
            opened: self.opened().map(|opened| Digest(Sha256::digest(opened).into())),
            evidence: used.filter_map(|source| judge.evidence.used(source, judge.now)).collect(),
            offers: judge.offers.into_iter().map(offer).collect(),
            checks: judge.ledger.checks,
            dropped: judge.dropped,
        }
    }
}

fn offer((part, location): (&str, Location)) -> Offer {
    let subject = Subject::Credential(location.presentation, location.credential);
    Offer { subject, part: part.to_owned() }
}

fn done(verdict: Result<VerifiedResponse, Rejection>) -> Step {
    Step::Done(Box::new(verdict))
}
