//! Whether the verified credentials are what was asked, and nothing more.

use staffpass_query::{Assignments, Candidate, Location, Mismatch, Query};
use staffpass_request::Protocol;

use super::{Believed, Judge, Stop};
use crate::Code;
use crate::report::{Check, Outcome, Subject};
use crate::response::Answer;
use crate::token::{Credential, IdToken, Presentation};

/// Which credential is offered for which part, by the wallet's word: it only says where to look.
pub(crate) enum Assigned<'a> {
    /// The protocol has no map: every credential counts.
    Everything,
    /// What the map says.
    Offers(Vec<(&'a str, Location)>),
    /// The map, or what it leads to, cannot be read: nothing is looked at.
    Unreadable,
}

impl<'a> Assigned<'a> {
    pub(super) fn refers_to(&self, location: Location) -> bool {
        match self {
            Self::Everything => true,
            Self::Offers(offers) => offers.iter().any(|(_, offered)| *offered == location),
            Self::Unreadable => false,
        }
    }

    pub(super) fn parts_of(&self, location: Location) -> Vec<&'a str> {
        let matching = self.offers().iter().filter(|(_, offered)| *offered == location);
        matching.map(|(part, _)| *part).collect()
    }

    pub(super) fn offers(&self) -> &[(&'a str, Location)] {
        match self {
            Self::Offers(offers) => offers,
            _ => &[],
        }
    }
}

impl<'a> Judge<'a> {
    /// Reads the wallet's map, once everything that it leads to has been read.
    pub(super) fn assign(&mut self, answer: &'a Answer) -> Assigned<'a> {
        let Some(query) = self.expectation.query() else { return Assigned::Everything };
        let id_token_unread = matches!(answer.id_token, Some(Err(_)));
        if id_token_unread || answer.presentations.iter().any(Result::is_err) {
            return Assigned::Unreadable;
        }
        let offers = match self.expectation.protocol() {
            Some(Protocol::JwtVcPresentationProfile | Protocol::OpenId4VpDraftPe) => {
                submitted(answer, query)
            }
            Some(Protocol::OpenId4Vp) => by_query_id(answer, query),
            _ => return Assigned::Everything,
        };
        match offers {
            Ok(offers) => Assigned::Offers(offers),
            Err(code) => {
                self.ledger.record(Subject::Response, Check::Answer, Outcome::Failed(code));
                Assigned::Unreadable
            }
        }
    }

    /// The last stage: the answer is matched on verified data (Q1–Q11).
    pub(super) fn answers(&mut self, believed: &mut [Believed<'a>], assigned: &Assigned<'a>) {
        let made = self.ledger.checks.iter().any(|record| record.check == Check::Answer);
        if self.ledger.any_failed() || !self.needs.is_empty() || made {
            self.close_response();
            return;
        }
        let verdict = match (self.expectation.query(), assigned) {
            (None, _) => Ok(()),
            (Some(query), Assigned::Offers(offers)) => as_offered(query, believed, offers),
            (Some(query), _) => as_found(query, believed),
        };
        self.sentence(Subject::Response, Check::Answer, verdict);
    }

    fn close_response(&mut self) {
        self.ledger.close(Subject::Response, &[Check::State, Check::Person, Check::Answer]);
    }
}

/// V20: the presentation submission, in the ID token or beside the presentations, of exactly the
/// definition that was sent.
fn submitted<'a>(answer: &'a Answer, query: &'a Query) -> Result<Vec<(&'a str, Location)>, Code> {
    let Query::PresentationDefinition(definition) = query else {
        return Err(Code::SubmissionInvalid);
    };
    let submissions = match (&answer.id_token, &answer.submission) {
        (Some(Ok(IdToken { submissions, .. })), None) => submissions.as_slice(),
        (None, Some(submission)) => std::slice::from_ref(submission),
        _ => return Err(Code::SubmissionInvalid),
    };
    if submissions.iter().any(|submission| submission.definition_id != definition.id()) {
        return Err(Code::SubmissionInvalid);
    }
    let counts: Vec<_> = answer.presentations.iter().map(credentials_in).collect();
    let assignments = Assignments::resolve(definition, submissions, &counts);
    let assignments = assignments.map_err(|error| match error {
        staffpass_query::SubmissionError::UnknownDescriptor => Code::Unrequested,
        _ => Code::SubmissionInvalid,
    })?;
    // Q8, V21: one credential is not counted twice.
    if !assignments.reused().is_empty() {
        return Err(Code::AnswerReused);
    }
    let parts = query.parts().into_iter();
    Ok(parts.filter_map(|part| Some((part, assignments.location(part)?))).collect())
}

fn credentials_in(presentation: &Result<Presentation, Code>) -> usize {
    presentation.as_ref().map_or(0, |presentation| presentation.credentials.len())
}

/// OpenID4VP 1.0 §8.1: a presentation stands under its query id. Where it holds several
/// credentials, those that claim to answer the part are taken.
fn by_query_id<'a>(answer: &'a Answer, query: &'a Query) -> Result<Vec<(&'a str, Location)>, Code> {
    let mut offers = Vec::new();
    for (place, presentation) in answer.presentations.iter().enumerate() {
        let Ok(presentation) = presentation else { continue };
        let part = presentation.part.as_deref().filter(|part| query.has_part(part));
        let part = part.ok_or(Code::Unrequested)?;
        let one = presentation.credentials.len() == 1;
        let before = offers.len();
        for (index, credential) in presentation.credentials.iter().enumerate() {
            let claims_to = credential.as_ref().is_ok_and(|c| claims_to_answer(c, query, part));
            if one || claims_to {
                offers.push((part, Location { presentation: place, credential: index }));
            }
        }
        if offers.len() == before {
            return Err(Code::AnswerWrongType);
        }
    }
    Ok(offers)
}

/// Unverified: only to choose which credential of several is meant. What is chosen is verified and
/// matched again.
fn claims_to_answer(credential: &Credential, query: &Query, part: &str) -> bool {
    let candidate = credential.candidate(&credential.types().unwrap_or_default());
    query.check(part, &candidate).is_ok()
}

/// Every credential answers the part that it is offered for, no part has more than it may, and
/// together they satisfy the query.
fn as_offered(
    query: &Query,
    believed: &[Believed<'_>],
    offers: &[(&str, Location)],
) -> Result<(), Stop> {
    for credential in believed {
        for part in &credential.parts {
            query.check(part, &candidate(credential)).map_err(code_of)?;
        }
    }
    for part in query.parts() {
        let count = offers.iter().filter(|(offered, _)| *offered == part).count();
        if count > 1 && !query.allows_multiple(part) {
            return Err(Code::AnswerTooMany.into());
        }
    }
    let answered = |part: &str| believed.iter().any(|credential| credential.parts.contains(&part));
    query.satisfied_by(answered).map_err(|_| Code::AnswerIncomplete.into())
}

/// Without a map, each credential answers whatever part it fits.
fn as_found<'a>(query: &'a Query, believed: &mut [Believed<'a>]) -> Result<(), Stop> {
    for credential in believed.iter_mut() {
        let found = {
            let candidate = candidate(credential);
            query.parts().into_iter().filter(|part| query.check(part, &candidate).is_ok()).collect()
        };
        credential.parts = found;
    }
    let answered = |part: &str| believed.iter().any(|credential| credential.parts.contains(&part));
    query.satisfied_by(answered).map_err(|_| Code::AnswerIncomplete.into())
}

fn candidate<'b>(believed: &'b Believed<'_>) -> Candidate<'b> {
    believed.credential.candidate(&believed.types)
}

fn code_of(mismatch: Mismatch) -> Stop {
    Stop::Fail(match mismatch {
        Mismatch::UnknownPart => Code::Unrequested,
        Mismatch::Issuer | Mismatch::TrustedAuthority => Code::AnswerWrongIssuer,
        Mismatch::Format | Mismatch::Type => Code::AnswerWrongType,
        _ => Code::AnswerWrongClaims,
    })
}
