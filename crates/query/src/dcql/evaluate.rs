//! Whether credentials answer a DCQL query (section 6.4). The same rules choose in a wallet and judge in a
//! verifier.

use super::types::answers_type;
use super::{
    ClaimPath, ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlQuery, Meta, PathFault,
};
use crate::{Candidate, Mismatch, Unsatisfied};

impl DcqlQuery {
    /// Section 6.4.2: without sets every credential query is answered; with sets one option of each
    /// required set is, whole.
    ///
    /// # Errors
    /// [`Unsatisfied`] names what is missing.
    pub fn satisfied_by(&self, answered: impl Fn(&str) -> bool) -> Result<(), Unsatisfied> {
        let unmet_sets = self.unmet_sets(&answered);
        let missing = self.missing(&unmet_sets, &answered);
        if missing.is_empty() && unmet_sets.is_empty() {
            return Ok(());
        }
        Err(Unsatisfied { missing, unmet_sets })
    }

    /// For each credential set, in order, the positions of its options that are answered whole: what a
    /// wallet offers for choice (section 6.4.3).
    #[must_use]
    pub fn completable_options(&self, answered: impl Fn(&str) -> bool) -> Vec<Vec<usize>> {
        self.credential_sets.iter().map(|set| set.complete_options(&answered).collect()).collect()
    }

    /// Whether no answer satisfies the query without this credential query.
    #[must_use]
    pub fn is_required(&self, id: &str) -> bool {
        self.credential(id).is_some() && self.satisfied_by(|other| other != id).is_err()
    }

    fn unmet_sets(&self, answered: &impl Fn(&str) -> bool) -> Vec<usize> {
        let unmet = |set: &CredentialSetQuery| {
            set.required && set.complete_options(answered).next().is_none()
        };
        let sets = self.credential_sets.iter().enumerate();
        sets.filter(|(_, set)| unmet(set)).map(|(index, _)| index).collect()
    }

    fn missing(&self, unmet_sets: &[usize], answered: &impl Fn(&str) -> bool) -> Vec<String> {
        let unmet = unmet_sets.iter().filter_map(|index| self.credential_sets.get(*index));
        let options: Vec<_> = unmet.flat_map(|set| &set.options).flatten().collect();
        let needed = |id: &String| self.credential_sets.is_empty() || options.contains(&id);
        let ids = self.credentials.iter().map(|credential| &credential.id);
        ids.filter(|id| needed(id) && !answered(id)).cloned().collect()
    }
}

impl CredentialSetQuery {
    fn complete_options(&self, answered: &impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
        let complete = |option: &[String]| option.iter().all(|id| answered(id));
        let options = self.options.iter().enumerate();
        options.filter(move |(_, option)| complete(option)).map(|(index, _)| index)
    }
}

impl CredentialQuery {
    /// Whether a credential answers this query.
    ///
    /// # Errors
    /// [`Mismatch`] is the first reason why not.
    pub fn check(&self, candidate: &Candidate<'_>) -> Result<(), Mismatch> {
        self.check_metadata(candidate)?;
        self.selected_claims(candidate).map(drop)
    }

    /// The claims to disclose of a credential that answers this query: all that are asked for, or those of
    /// the first claim set that it satisfies; none where no claims are asked for (section 6.4.1).
    /// A path that comes twice is named once.
    ///
    /// # Errors
    /// [`Mismatch`] when it does not answer; then nothing of it may be disclosed.
    pub fn claims_to_disclose(
        &self,
        candidate: &Candidate<'_>,
    ) -> Result<Vec<&ClaimPath>, Mismatch> {
        self.check_metadata(candidate)?;
        let mut paths = Vec::new();
        for claim in self.selected_claims(candidate)? {
            if !paths.contains(&&claim.path) {
                paths.push(&claim.path);
            }
        }
        Ok(paths)
    }

    fn check_metadata(&self, candidate: &Candidate<'_>) -> Result<(), Mismatch> {
        self.check_format(candidate)?;
        self.check_type(candidate)?;
        self.check_holder_binding(candidate)?;
        self.check_authorities_of(candidate)
    }

    fn check_format(&self, candidate: &Candidate<'_>) -> Result<(), Mismatch> {
        if self.format == candidate.format { Ok(()) } else { Err(Mismatch::Format) }
    }

    /// Appendices B.1.1 and B.3.5.
    fn check_type(&self, candidate: &Candidate<'_>) -> Result<(), Mismatch> {
        let answers = match &self.meta {
            Meta::Types { type_values } => type_values
                .iter()
                .any(|types| types.iter().all(|asked| answers_type(asked, candidate))),
            Meta::Vcts { vct_values } => {
                candidate.vct.is_some_and(|vct| vct_values.iter().any(|asked| asked == vct))
            }
            Meta::Doctype { .. } => false,
            Meta::Any {} => true,
        };
        if answers { Ok(()) } else { Err(Mismatch::Type) }
    }

    fn check_holder_binding(&self, candidate: &Candidate<'_>) -> Result<(), Mismatch> {
        if self.require_cryptographic_holder_binding && !candidate.holder_bound {
            return Err(Mismatch::HolderBinding);
        }
        Ok(())
    }

    /// Section 6.1.1. It narrows; whom to believe is the verifier's policy (attack Q9).
    fn check_authorities_of(&self, candidate: &Candidate<'_>) -> Result<(), Mismatch> {
        let asked = |kind: &_, value: &str| {
            let mut entries = self.trusted_authorities.iter();
            entries.any(|entry| entry.kind() == kind && entry.values.iter().any(|v| v == value))
        };
        if self.trusted_authorities.is_empty()
            || candidate.authorities.iter().any(|(kind, value)| asked(kind, value))
        {
            return Ok(());
        }
        Err(Mismatch::TrustedAuthority)
    }

    /// Section 6.4.1: all claims, or the first claim set that can be satisfied.
    fn selected_claims(&self, candidate: &Candidate<'_>) -> Result<Vec<&ClaimsQuery>, Mismatch> {
        if self.claim_sets.is_empty() {
            let claims = self.claims.iter().enumerate();
            return claims.map(|claim| check_claim(claim, candidate)).collect();
        }
        let mut sets = self.claim_sets.iter();
        sets.find_map(|set| self.claims_of_set(set, candidate)).ok_or(Mismatch::ClaimSets)
    }

    /// The claims of a set, if the credential satisfies every one (faults Q5 and PF8 are this test
    /// the wrong way round).
    fn claims_of_set(
        &self,
        set: &[String],
        candidate: &Candidate<'_>,
    ) -> Option<Vec<&ClaimsQuery>> {
        set.iter().map(|id| check_claim(self.claim(id)?, candidate).ok()).collect()
    }
}

/// Sections 6.3, 6.4.1 and 7.1: something stands at the path, and has one of the values, if any are named.
fn check_claim<'q>(
    (claim, query): (usize, &'q ClaimsQuery),
    candidate: &Candidate<'_>,
) -> Result<&'q ClaimsQuery, Mismatch> {
    let selected = query.path.select(candidate.credential).map_err(|fault| match fault {
        PathFault::Missing => Mismatch::ClaimMissing { claim },
        PathFault::Shape => Mismatch::ClaimShape { claim },
    })?;
    let Some(values) = &query.values else { return Ok(query) };
    if selected.iter().any(|found| values.iter().any(|value| value.equals(*found))) {
        return Ok(query);
    }
    if is_issuer(&query.path) { Err(Mismatch::Issuer) } else { Err(Mismatch::ClaimValue { claim }) }
}

fn is_issuer(path: &ClaimPath) -> bool {
    path.is_keys(&["iss"]) || path.is_keys(&["issuer"]) || path.is_keys(&["issuer", "id"])
}
