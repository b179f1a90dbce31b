//! What makes a DCQL query valid beyond the shape of its members (section 6).

use super::{ClaimsQuery, CredentialQuery, DcqlQuery, PathElement};
use crate::{Format, QueryError, read};

impl DcqlQuery {
    pub(super) fn validate(&self) -> Result<(), QueryError> {
        self.credentials.iter().try_for_each(CredentialQuery::validate)?;
        read::check_unique(self.credentials.iter().map(CredentialQuery::id), "credentials")?;
        self.check_options()
    }

    /// Section 6.2: options refer to credential queries that there are.
    fn check_options(&self) -> Result<(), QueryError> {
        let mut ids = self.credential_sets.iter().flat_map(|set| &set.options).flatten();
        if ids.all(|id| self.credential(id).is_some()) {
            return Ok(());
        }
        Err(QueryError::UnknownCredential)
    }

    /// Section 6.1: a verifier does not point to the same claim twice. (A wallet does not mind.)
    pub(super) fn check_no_claim_twice(&self) -> Result<(), QueryError> {
        for credential in &self.credentials {
            let mut paths: Vec<_> = credential.claims.iter().map(ClaimsQuery::path).collect();
            paths.sort_unstable();
            paths.dedup();
            if paths.len() < credential.claims.len() {
                return Err(QueryError::DuplicateClaimPath);
            }
        }
        Ok(())
    }
}

impl CredentialQuery {
    fn validate(&self) -> Result<(), QueryError> {
        read::check_id(&self.id, "credentials")?;
        self.claims.iter().try_for_each(|claim| claim.validate(&self.format))?;
        read::check_unique(self.claims.iter().filter_map(ClaimsQuery::id), "claims")?;
        self.check_claim_sets()
    }

    /// Sections 6.3 and 6.4.1: claim sets need claims, each with an id, and refer to those.
    fn check_claim_sets(&self) -> Result<(), QueryError> {
        if self.claim_sets.is_empty() {
            return Ok(());
        }
        if self.claims.is_empty() {
            return Err(QueryError::ClaimSetsWithoutClaims);
        }
        if self.claims.iter().any(|claim| claim.id.is_none()) {
            return Err(QueryError::ClaimWithoutId);
        }
        if self.claim_sets.iter().flatten().any(|id| self.claim(id).is_none()) {
            return Err(QueryError::UnknownClaim);
        }
        Ok(())
    }

    /// The claim with that id, and its position.
    pub(super) fn claim(&self, id: &str) -> Option<(usize, &ClaimsQuery)> {
        self.claims.iter().enumerate().find(|(_, claim)| claim.id.as_deref() == Some(id))
    }
}

impl ClaimsQuery {
    fn validate(&self, format: &Format) -> Result<(), QueryError> {
        if let Some(id) = &self.id {
            read::check_id(id, "claims")?;
        }
        check_mdoc_path(format, self.path.elements())
    }
}

/// Section 7.2: the path of an mdoc is a namespace and a name.
const fn check_mdoc_path(format: &Format, path: &[PathElement]) -> Result<(), QueryError> {
    match (format, path) {
        (Format::MsoMdoc, [PathElement::Key(_), PathElement::Key(_)]) => Ok(()),
        (Format::MsoMdoc, _) => Err(QueryError::PathElement),
        _ => Ok(()),
    }
}
