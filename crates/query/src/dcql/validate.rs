//! What makes a DCQL query valid (section 6), whether it was read or built.

use super::{ClaimsQuery, CredentialQuery, DcqlQuery, Meta, PathElement};
use crate::limits::{MAX_CLAIMS, MAX_PARTS, MAX_SETS, MAX_VALUES};
use crate::{Format, QueryError, read};

impl DcqlQuery {
    pub(super) fn validate(&self) -> Result<(), QueryError> {
        check_length(self.credentials.len(), 1, MAX_PARTS, "credentials")?;
        check_length(self.credential_sets.len(), 0, MAX_SETS, "credential_sets")?;
        self.credentials.iter().try_for_each(CredentialQuery::validate)?;
        read::check_unique(self.credentials.iter().map(CredentialQuery::id), "credentials")?;
        self.check_options()
    }

    /// Section 6.2: options are not empty, and refer to credential queries that there are.
    fn check_options(&self) -> Result<(), QueryError> {
        for set in &self.credential_sets {
            check_length(set.options.len(), 1, MAX_SETS, "options")?;
            for option in &set.options {
                check_length(option.len(), 1, MAX_PARTS, "options")?;
                if option.iter().any(|id| self.credential(id).is_none()) {
                    return Err(QueryError::UnknownCredential);
                }
            }
        }
        Ok(())
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
        self.check_meta()?;
        self.check_authorities()?;
        check_length(self.claims.len(), 0, MAX_CLAIMS, "claims")?;
        self.claims.iter().try_for_each(|claim| claim.validate(&self.format))?;
        read::check_unique(self.claims.iter().filter_map(ClaimsQuery::id), "claims")?;
        self.check_claim_sets()
    }

    /// Appendix B: the type is asked for in the way of the format.
    fn check_meta(&self) -> Result<(), QueryError> {
        match (&self.meta, &self.format) {
            (Meta::Types { type_values }, Format::JwtVcJson | Format::LdpVc) => {
                check_length(type_values.len(), 1, MAX_VALUES, "type_values")?;
                let lengths = type_values.iter().map(Vec::len);
                lengths.into_iter().try_for_each(|n| check_length(n, 1, MAX_VALUES, "type_values"))
            }
            (Meta::Vcts { vct_values }, Format::DcSdJwt) => {
                check_length(vct_values.len(), 1, MAX_VALUES, "vct_values")
            }
            (Meta::Doctype { .. }, Format::MsoMdoc) | (Meta::Any {}, _) => Ok(()),
            _ => Err(QueryError::MetaForFormat),
        }
    }

    /// Section 6.1.1: each entry names an authority.
    fn check_authorities(&self) -> Result<(), QueryError> {
        let member = "trusted_authorities";
        check_length(self.trusted_authorities.len(), 0, MAX_VALUES, member)?;
        let mut lengths = self.trusted_authorities.iter().map(|entry| entry.values.len());
        lengths.try_for_each(|length| check_length(length, 1, MAX_VALUES, member))
    }

    /// Sections 6.3 and 6.4.1: claim sets need claims, each with an id, and refer to those.
    fn check_claim_sets(&self) -> Result<(), QueryError> {
        if self.claim_sets.is_empty() {
            return Ok(());
        }
        check_length(self.claim_sets.len(), 1, MAX_SETS, "claim_sets")?;
        if self.claims.is_empty() {
            return Err(QueryError::ClaimSetsWithoutClaims);
        }
        if self.claims.iter().any(|claim| claim.id.is_none()) {
            return Err(QueryError::ClaimWithoutId);
        }
        self.claim_sets.iter().try_for_each(|set| self.check_claim_set(set))
    }

    fn check_claim_set(&self, set: &[String]) -> Result<(), QueryError> {
        check_length(set.len(), 1, MAX_CLAIMS, "claim_sets")?;
        if set.iter().any(|id| self.claim(id).is_none()) {
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
        if let Some(values) = &self.values {
            check_length(values.len(), 1, MAX_VALUES, "values")?;
        }
        check_mdoc_path(format, self.path.elements())?;
        self.path.clone().checked().map(drop)
    }
}

/// Section 7.2: the path of an mdoc is a namespace and a name.
fn check_mdoc_path(format: &Format, path: &[PathElement]) -> Result<(), QueryError> {
    match (format, path) {
        (Format::MsoMdoc, [PathElement::Key(_), PathElement::Key(_)]) => Ok(()),
        (Format::MsoMdoc, _) => Err(QueryError::PathElement),
        _ => Ok(()),
    }
}

const fn check_length(
    length: usize,
    least: usize,
    limit: usize,
    member: &'static str,
) -> Result<(), QueryError> {
    if length < least {
        return Err(QueryError::Empty { member });
    }
    if length > limit {
        return Err(QueryError::TooLarge { member, limit });
    }
    Ok(())
}
