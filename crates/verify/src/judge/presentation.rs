//! Each presentation by itself: nothing in one is believed because of another.

use staffpass_jose::KeyMaterial;
use staffpass_request::{Profile, Protocol};
use staffpass_sd_jwt::{HashAlgorithm, KeyBinding};

use super::Judge;
use super::{Stop, dates};
use crate::Code;
use crate::report::{Check, Outcome, PolicyKey, Subject};
use crate::response::Answer;
use crate::token::{KeyBound, Presentation, Proof, SignedPresentation};

/// What is checked of every presentation that a holder signed around W3C credentials.
const SIGNED: &[Check] = &[
    Check::Token,
    Check::Key,
    Check::Signature,
    Check::Audience,
    Check::Nonce,
    Check::Dates,
    Check::Shape,
];

/// What is checked of every SD-JWT's key binding: the same, and what it was made for.
const KEY_BOUND: &[Check] = &[
    Check::Token,
    Check::Key,
    Check::Signature,
    Check::Audience,
    Check::Nonce,
    Check::Dates,
    Check::SdHash,
];

/// The holder of a presentation whose proof is good; none stands for "nobody", where the policy or
/// the request does without.
pub(super) type Holder<'a> = Option<&'a str>;

impl<'a> Judge<'a> {
    /// Judges every presentation, and returns the holder of each whose proof is good.
    pub(super) fn presentations(&mut self, answer: &'a Answer) -> Vec<Option<Holder<'a>>> {
        let judged = answer.presentations.iter().enumerate().map(|(place, presentation)| {
            let holder = self.presentation(place, presentation.as_ref());
            let bound = presentation.as_ref().is_ok_and(Presentation::is_sd_jwt);
            let required = if bound { KEY_BOUND } else { SIGNED };
            self.ledger.close(Subject::Presentation(place), required);
            holder
        });
        judged.collect()
    }

    fn presentation(
        &mut self,
        place: usize,
        presentation: Result<&'a Presentation, &Code>,
    ) -> Option<Holder<'a>> {
        let about = Subject::Presentation(place);
        let presentation =
            self.sentence_of_failure(about, Check::Token, presentation.map_err(|code| *code))?;
        match &presentation.proof {
            Proof::Signed(signed) => self.signed(about, signed),
            Proof::KeyBinding(bound) => self.key_bound(about, bound, presentation.part.as_deref()),
            Proof::None => self.unbound(about, presentation.part.as_deref()),
        }
    }

    /// A token of the holder's own around her credentials.
    fn signed(&mut self, about: Subject, token: &'a SignedPresentation) -> Option<Holder<'a>> {
        let form = self.signed_form(token);
        self.sentence(about, Check::Token, form)?;
        let key = self.holder_key(&token.jws, token.holder.as_deref());
        let key = self.sentence_or_waived(about, Check::Key, key)?;
        let signature = self.signature(&token.jws, &key).map(drop);
        self.sentence(about, Check::Signature, signature)?;

        let claims = &token.claims;
        let audience = self.audience_is_this_verifier(claims);
        self.sentence(about, Check::Audience, audience);
        let nonce = self.nonce_is_the_requests(claims.nonce.as_deref());
        self.sentence(about, Check::Nonce, nonce);
        let dates = self.dates_of_presentation(claims);
        self.sentence(about, Check::Dates, dates);
        self.sentence(about, Check::Shape, token.shape.map_err(Stop::from));
        Some(token.holder.as_deref())
    }

    /// RFC 9901 §7.3: a KB-JWT under the key that the issuer put into the SD-JWT. Whether that
    /// SD-JWT is the issuer's is judged with the credential.
    fn key_bound(
        &mut self,
        about: Subject,
        token: &'a KeyBound,
        part: Option<&str>,
    ) -> Option<Holder<'a>> {
        let form = self.algorithm_is_allowed(&token.jws).and_then(|()| is_key_binding(token));
        self.sentence(about, Check::Token, form)?;
        let key = token.key.as_ref().map_err(|code| Stop::Fail(*code)).and_then(|key| {
            let material = KeyMaterial::Public(key.clone());
            self.provider.prepare(&material).map_err(|_| Code::KeyUnusable.into())
        });
        let key = self.sentence(about, Check::Key, key)?;
        let signed = self.signature(&token.jws, &key);
        let signed = self.sentence(about, Check::Signature, signed)?;

        let claims = KeyBinding::read(&signed, &self.limits.json());
        let claims = claims.map_err(|_| Stop::Fail(Code::ClaimsMalformed));
        let claims = self.sentence_of_failure(about, Check::Audience, claims)?;
        let audience = self.audience_is(claims.audience());
        self.sentence(about, Check::Audience, audience);
        let nonce = self.nonce_is_the_requests(Some(claims.nonce()));
        self.sentence(about, Check::Nonce, nonce);
        let dates = self.dates_of_key_binding(&claims);
        self.sentence(about, Check::Dates, dates);
        let hash = self.profile_has_hash(token).and_then(|()| is_made_for_this(&claims, token));
        self.sentence(about, Check::SdHash, hash);
        self.authorises(about, part, &signed);
        Some(Some(&token.holder))
    }

    /// HAIP 1.0 §8: SHA-256 for all digests. Here no other is added.
    fn profile_has_hash(&self, token: &KeyBound) -> Result<(), Stop> {
        match self.expectation.profile() == Profile::Haip && token.hash != HashAlgorithm::Sha256 {
            true => Err(Code::AlgorithmNotAllowed.into()),
            false => Ok(()),
        }
    }

    /// Whether a proof is needed is decided by the policy and the request, never by what arrived.
    fn unbound(&mut self, about: Subject, part: Option<&str>) -> Option<Holder<'a>> {
        let asked_without = part
            .and_then(|part| Some(self.expectation.query()?.requires_holder_binding(part)))
            .is_some_and(|required| !required);
        let waived = match (self.policy.requires_holder_binding(), asked_without) {
            (false, _) => PolicyKey::HolderBinding,
            (_, true) => PolicyKey::RequestedWithoutHolderBinding,
            _ => {
                self.sentence::<()>(about, Check::Token, Err(Code::KeyBindingMissing.into()));
                return None;
            }
        };
        for check in KEY_BOUND {
            self.waive(about, *check, waived);
        }
        Some(None)
    }

    /// V6, S17: `typ` is the one of the data model. It may be absent in a VP-JWT 1.1 alone, which is
    /// also all that the Microsoft profile knows.
    fn signed_form(&self, token: &SignedPresentation) -> Result<(), Stop> {
        self.algorithm_is_allowed(&token.jws)?;
        let of_1_1 = token.vp_in_claim;
        let microsoft = self.expectation.protocol() == Some(Protocol::JwtVcPresentationProfile);
        match (of_1_1, token.jws.header().typ.is_none()) {
            (true, _) => Ok(()),
            (false, false) if !microsoft => Ok(()),
            _ => Err(Code::TypMismatch.into()),
        }
    }

    /// A KB-JWT's age: within the request's life, and no older than the policy lets it be.
    fn dates_of_key_binding(&self, claims: &KeyBinding) -> Result<(), Stop> {
        let requested_at = self.expectation.created_at();
        let oldest = self.now - self.policy.key_binding_max_age();
        let leeway = self.policy.leeway();
        Ok(dates::of_key_binding(claims, requested_at.max(oldest), self.now, leeway)?)
    }

    /// V15: in the Microsoft profile the ID token and every presentation are by one holder, unless
    /// the policy accepts a mix; then the ID token's subject is still one of them.
    pub(super) fn holders_are_one(
        &mut self,
        id_token: Option<&'a str>,
        holders: &[Option<Holder<'a>>],
    ) {
        if self.expectation.protocol() != Some(Protocol::JwtVcPresentationProfile) {
            return;
        }
        let unknown = id_token.is_none() || holders.contains(&None);
        let one = holders.iter().all(|holder| *holder == Some(id_token));
        let mixed = self.policy.mixed_holders() && holders.contains(&Some(id_token));
        let outcome = match (unknown, one, mixed) {
            (true, _, _) => Outcome::NotReached(Check::Signature),
            (_, true, _) => Outcome::Passed,
            (_, _, true) => Outcome::Waived(PolicyKey::MixedHolders),
            _ => Outcome::Failed(Code::HoldersDiffer),
        };
        self.ledger.record(Subject::Response, Check::Holders, outcome);
    }
}

/// S17: a KB-JWT and nothing else.
fn is_key_binding(token: &KeyBound) -> Result<(), Stop> {
    match token.jws.header().typ.as_deref() {
        Some(staffpass_sd_jwt::KEY_BINDING_TYPE) => Ok(()),
        _ => Err(Code::TypMismatch.into()),
    }
}

/// RFC 9901 §7.3, step 5: it was made for this SD-JWT with exactly these disclosures.
fn is_made_for_this(claims: &KeyBinding, token: &KeyBound) -> Result<(), Stop> {
    match token.sd_hash.as_ref().map_err(|code| *code)? == claims.sd_hash() {
        true => Ok(()),
        false => Err(Code::SdHashMismatch.into()),
    }
}
