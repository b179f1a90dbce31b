//! The ID token of the JWT VC Presentation Profile (SIOPv2, in the profile's form).

use staffpass_request::Protocol;

use super::keys::typ_is_jwt_or_absent;
use super::{Judge, Stop, dates};
use crate::Code;
use crate::report::{Check, Subject};
use crate::response::Answer;
use crate::token::{Claims, IdToken};

/// What is checked of every ID token.
const REQUIRED: &[Check] = &[
    Check::Token,
    Check::Key,
    Check::Signature,
    Check::SelfIssued,
    Check::Audience,
    Check::Nonce,
    Check::Dates,
];

/// The issuer of every self-issued ID token in the profile.
const SELF_ISSUED: &str = "https://self-issued.me/v2/openid-vc";

impl<'a> Judge<'a> {
    /// Judges the ID token, where the protocol has one, and returns its subject.
    pub(super) fn id_token(&mut self, answer: &'a Answer) -> Option<&'a str> {
        if self.expectation.protocol() != Some(Protocol::JwtVcPresentationProfile) {
            return None;
        }
        let subject = self.judge_id_token(answer);
        self.ledger.close(Subject::IdToken, REQUIRED);
        subject
    }

    fn judge_id_token(&mut self, answer: &'a Answer) -> Option<&'a str> {
        let about = Subject::IdToken;
        let token = self.id_token_form(answer);
        let token = self.sentence(about, Check::Token, token)?;
        let key = self.holder_key(&token.jws, token.claims.subject.as_deref());
        let key = self.sentence_or_waived(about, Check::Key, key)?;
        let signature = self.signature(&token.jws, &key).map(drop);
        self.sentence(about, Check::Signature, signature)?;

        let claims = &token.claims;
        self.sentence(about, Check::SelfIssued, is_self_issued(claims));
        let audience = self.audience_is_this_verifier(claims);
        self.sentence(about, Check::Audience, audience);
        let nonce = self.nonce_is_the_requests(claims.nonce.as_deref());
        self.sentence(about, Check::Nonce, nonce);
        let dates = self.dates_of_presentation(claims);
        self.sentence(about, Check::Dates, dates);
        claims.subject.as_deref()
    }

    fn id_token_form(&self, answer: &'a Answer) -> Result<&'a IdToken, Stop> {
        let token = match &answer.id_token {
            Some(Ok(token)) => token,
            Some(Err(code)) => return Err((*code).into()),
            None => return Err(Code::ResponseFields.into()),
        };
        self.algorithm_is_allowed(&token.jws)?;
        typ_is_jwt_or_absent(&token.jws)?;
        Ok(token)
    }

    /// V13, V14, T8: exactly one audience, the whole client id.
    pub(super) fn audience_is_this_verifier(&self, claims: &Claims) -> Result<(), Stop> {
        match claims.audience.as_slice() {
            [audience] => self.audience_is(audience),
            _ => Err(Code::AudienceMismatch.into()),
        }
    }

    pub(super) fn audience_is(&self, audience: &str) -> Result<(), Stop> {
        match audience == self.expectation.client_id() {
            true => Ok(()),
            false => Err(Code::AudienceMismatch.into()),
        }
    }

    /// V13, V14: the request's nonce, compared in constant time.
    pub(super) fn nonce_is_the_requests(&self, nonce: Option<&str>) -> Result<(), Stop> {
        match nonce.is_some_and(|nonce| self.expectation.nonce().matches(nonce)) {
            true => Ok(()),
            false => Err(Code::NonceMismatch.into()),
        }
    }

    pub(super) fn dates_of_presentation(&self, claims: &Claims) -> Result<(), Stop> {
        let mut oldest = self.expectation.created_at();
        // T3: what does not say when it ends is no older than a KB-JWT, which never says so.
        if claims.expires.is_none() {
            oldest = oldest.max(self.now - self.policy.key_binding_max_age());
        }
        Ok(dates::of_presentation(claims, oldest, self.now, self.policy.leeway())?)
    }
}

/// V13: the profile's fixed issuer, and no `sub_jwk`, since the subject is a DID.
fn is_self_issued(claims: &Claims) -> Result<(), Stop> {
    if claims.issuer.as_deref() != Some(SELF_ISSUED) {
        return Err(Code::SelfIssuedIssuer.into());
    }
    if claims.has_subject_key || claims.subject.is_none() {
        return Err(Code::SubjectKey.into());
    }
    Ok(())
}
