//! Each presentation by itself: nothing in one is believed because of another.

use staffpass_request::Protocol;

use super::Judge;
use super::Stop;
use super::keys::typ_is_jwt_or_absent;
use crate::Code;
use crate::report::{Check, Outcome, PolicyKey, Subject};
use crate::response::Answer;
use crate::token::Presentation;

/// What is checked of every presentation.
const REQUIRED: &[Check] = &[
    Check::Token,
    Check::Key,
    Check::Signature,
    Check::Audience,
    Check::Nonce,
    Check::Dates,
    Check::Shape,
];

impl<'a> Judge<'a> {
    /// Judges every presentation, and returns the holder of each whose signature is good.
    pub(super) fn presentations(&mut self, answer: &'a Answer) -> Vec<Option<&'a str>> {
        let judged = answer.presentations.iter().enumerate().map(|(place, presentation)| {
            let holder = self.presentation(place, presentation.as_ref());
            self.ledger.close(Subject::Presentation(place), REQUIRED);
            holder
        });
        judged.collect()
    }

    fn presentation(
        &mut self,
        place: usize,
        presentation: Result<&'a Presentation, &Code>,
    ) -> Option<&'a str> {
        let about = Subject::Presentation(place);
        let form = self.presentation_form(presentation);
        let presentation = self.sentence(about, Check::Token, form)?;
        let claims = &presentation.claims;
        let key = self.holder_key(&presentation.jws, claims.issuer.as_deref());
        let key = self.sentence(about, Check::Key, key)?;
        let signature = self.signature(&presentation.jws, &key).map(drop);
        self.sentence(about, Check::Signature, signature)?;

        let audience = self.audience_is_this_verifier(claims);
        self.sentence(about, Check::Audience, audience);
        let nonce = self.nonce_is_the_requests(claims);
        self.sentence(about, Check::Nonce, nonce);
        let dates = self.dates_of_presentation(claims);
        self.sentence(about, Check::Dates, dates);
        self.sentence(about, Check::Shape, presentation.shape.map_err(Stop::from));
        claims.issuer.as_deref()
    }

    fn presentation_form(
        &self,
        presentation: Result<&'a Presentation, &Code>,
    ) -> Result<&'a Presentation, Stop> {
        let presentation = presentation.map_err(|code| *code)?;
        self.algorithm_is_allowed(&presentation.jws)?;
        typ_is_jwt_or_absent(&presentation.jws)?;
        Ok(presentation)
    }

    /// V15: in the Microsoft profile the ID token and every presentation are by one holder, unless
    /// the policy accepts a mix; then the ID token's subject is still one of them.
    pub(super) fn holders_are_one(
        &mut self,
        id_token: Option<&'a str>,
        holders: &[Option<&'a str>],
    ) {
        if self.expectation.protocol() != Some(Protocol::JwtVcPresentationProfile) {
            return;
        }
        let unknown = id_token.is_none() || holders.contains(&None);
        let one = holders.iter().all(|holder| *holder == id_token);
        let mixed = self.policy.mixed_holders() && holders.contains(&id_token);
        let outcome = match (unknown, one, mixed) {
            (true, _, _) => Outcome::NotReached(Check::Signature),
            (_, true, _) => Outcome::Passed,
            (_, _, true) => Outcome::Waived(PolicyKey::MixedHolders),
            _ => Outcome::Failed(Code::HoldersDiffer),
        };
        self.ledger.record(Subject::Response, Check::Holders, outcome);
    }
}
