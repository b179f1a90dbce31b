//! Which held credentials could answer which part of a request, and what the person chooses.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use staffpass_did::{Did, DidDocument, ResolveOptions, resolve_in_place};
use staffpass_jose::KeyMaterial;
use staffpass_query::{
    Candidate, ClaimPath, CredentialQuery, CredentialSetQuery, DcqlQuery, Mismatch, PathElement,
    Query,
};
use staffpass_request::Protocol;

use crate::held::holder_of_key;
use crate::{DisclosureError, Encoding, HeldCredential, RequestReview};

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
    /// What is asked for cannot be shown so that the verifier finds it: the request names an element of
    /// an array by its position, and positions change where elements are hidden one by one.
    #[error("the credential cannot be shown as it is asked for")]
    NotShowable,
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
            Self::NotShowable => "held_not_showable",
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
    /// of `holders` and it is valid now. An SD-JWT VC belongs to the holder in whose document the key in
    /// its `cnf` stands, for DIDs that are their own document (did:jwk, did:ion, and did:key of a curve
    /// whose points are not compressed).
    #[must_use]
    pub fn matches<'a>(
        &'a self,
        held: &'a [HeldCredential],
        holders: &[Did],
        now: DateTime<Utc>,
    ) -> Matches<'a> {
        let holders = names_of(holders);
        let usable: Vec<_> = held.iter().map(|one| usable(one, &holders, now)).collect();
        let candidates: Vec<_> = held.iter().map(HeldCredential::candidate).collect();
        let wallet = Wallet { held, candidates: &candidates, usable: &usable };
        let parts = self.query().parts().into_iter();
        let parts = parts.map(|part| match_part(self, part, &wallet)).collect();
        Matches { review: self, held, parts }
    }
}

/// What a request is held against, prepared once for all its parts.
struct Wallet<'w> {
    held: &'w [HeldCredential],
    candidates: &'w [Candidate<'w>],
    usable: &'w [Result<(), Unusable>],
}

impl Matches<'_> {
    /// The request.
    #[must_use]
    pub const fn review(&self) -> &RequestReview {
        self.review
    }

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
    /// another one for each part where there are enough: a verifier may count no credential twice, so a
    /// part takes an older one where a later part could be answered by nothing else. Where alternatives
    /// would do, the first that can be completed. The person may change it.
    ///
    /// # Errors
    /// [`Missing`] names the parts that nothing answers.
    pub fn default_choice(&self) -> Result<Choice, Missing> {
        self.check_satisfied(|id| self.is_answered(id))?;
        let needed = self.smallest_answer();
        let parts = self.parts.iter().filter(|part| needed.contains(&part.id.as_str()));
        let parts: Vec<&PartMatches> = parts.collect();
        let served = serve_each(&parts);
        let mut choice = Choice::default();
        for (at, part) in parts.iter().enumerate() {
            // Where there are not enough, its newest, though another part has it.
            let own = served.iter().find(|(_, served)| **served == at).map(|(held, _)| held);
            if let Some(held) = own.or(part.newest_first.first()) {
                choice.pick(&part.id, *held);
            }
        }
        Ok(choice)
    }

    /// The choices that the request itself offers (`credential_sets` of DCQL, OpenID4VP 1.0 §6.2), in its
    /// order; none where it wants every part.
    #[must_use]
    pub fn options(&self) -> Vec<SetOptions<'_>> {
        let Query::Dcql(query) = self.review.query() else { return Vec::new() };
        let complete = query.completable_options(|id| self.is_answered(id));
        let sets = query.credential_sets().iter().zip(complete);
        sets.map(|(set, complete)| SetOptions {
            required: set.is_required(),
            options: options_of(set, &complete),
        })
        .collect()
    }

    /// What would leave of a credential for a part, as the verifier reads it: of an SD-JWT VC what is
    /// always open and what was asked for, of any other the whole of `credentialSubject`.
    ///
    /// # Errors
    /// [`DisclosureError::NotAnAnswer`] where it does not answer the part, and
    /// [`DisclosureError::SdJwt`].
    pub fn shown(&self, part: &str, held: usize) -> Result<Map<String, Value>, DisclosureError> {
        let credential = self.held.get(held).ok_or(DisclosureError::NotAnAnswer)?;
        let mut shown = credential.shown(&self.paths(part, credential)?)?;
        let subject = match credential.encoding() {
            Encoding::SdJwtVc => Some(shown),
            _ => shown.get_mut("credentialSubject").map(Value::take),
        };
        match subject {
            Some(Value::Object(members)) => Ok(members),
            _ => Ok(Map::new()),
        }
    }

    /// The claims of a credential that a part asks for.
    pub(crate) fn paths(
        &self,
        part: &str,
        credential: &HeldCredential,
    ) -> Result<Vec<ClaimPath>, DisclosureError> {
        let paths = self.review.query().claims_to_disclose(part, &credential.candidate());
        let paths = paths.map_err(|_| DisclosureError::NotAnAnswer)?;
        Ok(paths.into_iter().cloned().collect())
    }

    fn is_answered(&self, id: &str) -> bool {
        self.part(id).is_some_and(|part| !part.is_missing())
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
        let complete = query.completable_options(|id| self.is_answered(id));
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
}

/// Which part (by its position) each credential is for: as many parts as can be served with a credential
/// of their own.
fn serve_each(parts: &[&PartMatches]) -> BTreeMap<usize, usize> {
    let mut served = BTreeMap::new();
    for (at, part) in parts.iter().enumerate() {
        let unused = part.newest_first.iter().find(|held| !served.contains_key(*held));
        match unused {
            Some(held) => drop(served.insert(*held, at)),
            None => drop(take_over(parts, at, &mut served, &mut BTreeSet::new())),
        }
    }
    served
}

/// Takes a credential from a part that can do with another one (an augmenting path of the bipartite
/// matching); `asked` are the credentials that were tried for that.
fn take_over(
    parts: &[&PartMatches],
    at: usize,
    served: &mut BTreeMap<usize, usize>,
    asked: &mut BTreeSet<usize>,
) -> bool {
    let Some(part) = parts.get(at) else { return false };
    for held in &part.newest_first {
        let free = asked.insert(*held)
            && match served.get(held).copied() {
                None => true,
                Some(other) => take_over(parts, other, served, asked),
            };
        if free {
            served.insert(*held, at);
            return true;
        }
    }
    false
}

/// A choice that a request offers: one of its options, answered whole.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetOptions<'r> {
    /// Whether one of them must be answered.
    pub required: bool,
    /// The options, in the order of the verifier's preference.
    pub options: Vec<SetOption<'r>>,
}

/// One option of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetOption<'r> {
    /// The parts that make it.
    pub parts: Vec<&'r str>,
    /// Whether something in the wallet answers each of them.
    pub complete: bool,
}

fn options_of<'r>(set: &'r CredentialSetQuery, complete: &[usize]) -> Vec<SetOption<'r>> {
    let options = set.options().iter().enumerate();
    let option = |(at, parts): (usize, &'r Vec<String>)| SetOption {
        parts: parts.iter().map(String::as_str).collect(),
        complete: complete.contains(&at),
    };
    options.map(option).collect()
}

/// By what names credentials know these holders: their DIDs, and those of the keys that stand in the
/// DIDs' own documents.
fn names_of(holders: &[Did]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for did in holders {
        names.insert(did.as_str().to_owned());
        // What cannot be resolved here still holds what was issued to the DID itself.
        let document = resolve_in_place(did, &ResolveOptions::default()).ok().flatten();
        let methods = document.iter().flat_map(DidDocument::verification_methods);
        names.extend(methods.filter_map(|method| match method.key() {
            KeyMaterial::Public(key) => Some(holder_of_key(key)),
            _ => None,
        }));
    }
    names
}

/// What makes a credential unusable whatever is asked.
fn usable(
    held: &HeldCredential,
    holders: &BTreeSet<String>,
    now: DateTime<Utc>,
) -> Result<(), Unusable> {
    if !holders.contains(held.holder()) {
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
fn match_part(review: &RequestReview, part: &str, wallet: &Wallet<'_>) -> PartMatches {
    let query = review.query();
    let by_position = names_positions(query, part);
    let outcome = |(at, candidate): (usize, &Candidate<'_>)| {
        let held = wallet.held.get(at).ok_or(Unusable::OtherHolder)?;
        check_encoding(review.protocol(), held.encoding())?;
        query.check(part, candidate)?;
        wallet.usable.get(at).copied().unwrap_or(Err(Unusable::OtherHolder))?;
        if by_position { check_showable(query, part, held) } else { Ok(()) }
    };
    let outcomes: Vec<_> = wallet.candidates.iter().enumerate().map(outcome).collect();
    let answering =
        wallet.held.iter().zip(&outcomes).enumerate().filter(|(_, (_, found))| found.is_ok());
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

/// The JWT VC Presentation Profile knows VC-JWT 1.1 alone.
fn check_encoding(protocol: Protocol, encoding: Encoding) -> Result<(), Unusable> {
    match protocol {
        Protocol::JwtVcPresentationProfile if encoding != Encoding::VcJwt => {
            Err(Mismatch::Format.into())
        }
        _ => Ok(()),
    }
}

/// Whether a part names an element of an array by its position.
fn names_positions(query: &Query, part: &str) -> bool {
    let Query::Dcql(query) = query else { return false };
    let index = |element: &PathElement| matches!(element, PathElement::Index(_));
    let claims = query.credential(part).map_or(&[][..], CredentialQuery::claims);
    claims.iter().any(|claim| claim.path().elements().iter().any(index))
}

/// Whether the part is still answered by no more than what would be shown.
fn check_showable(query: &Query, part: &str, held: &HeldCredential) -> Result<(), Unusable> {
    let Encoding::SdJwtVc = held.encoding() else { return Ok(()) };
    let paths = query.claims_to_disclose(part, &held.candidate())?;
    let paths: Vec<ClaimPath> = paths.into_iter().cloned().collect();
    let shown = held.shown(&paths).map_err(|_| Unusable::NotShowable)?;
    let shown = Candidate::sd_jwt_vc(&shown).with_holder_binding(true);
    query.check(part, &shown).map_err(|_| Unusable::NotShowable)
}
