//! A query of either language, evaluated by the same calls.

use serde::{Deserialize, Serialize};

use crate::{
    Candidate, ClaimPath, CredentialQuery, DcqlQuery, Format, InputDescriptor, Matches, Mismatch,
    PartMatches, PresentationDefinition, Unsatisfied,
};

/// What is asked, in one of two languages.
///
/// Its JSON is for keeping it (`{"dcql": …}` or `{"presentation_definition": …}`); what goes to a wallet is the
/// JSON of the variant's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Query {
    /// DCQL (OpenID4VP 1.0); its parts are credential queries.
    Dcql(DcqlQuery),
    /// The subset of Presentation Exchange; its parts are input descriptors.
    PresentationDefinition(PresentationDefinition),
}

impl Query {
    /// The ids of its parts, in order, each once.
    #[must_use]
    pub fn parts(&self) -> Vec<&str> {
        match self {
            Self::Dcql(query) => query.credentials().iter().map(CredentialQuery::id).collect(),
            Self::PresentationDefinition(definition) => {
                definition.input_descriptors().iter().map(InputDescriptor::id).collect()
            }
        }
    }

    /// The format in which a part of a DCQL query is asked for. None for an unknown part, and for a
    /// presentation definition, which names formats in another way.
    #[must_use]
    pub fn format(&self, part: &str) -> Option<&Format> {
        match self {
            Self::Dcql(query) => query.credential(part).map(CredentialQuery::format),
            Self::PresentationDefinition(_) => None,
        }
    }

    /// Whether it has a part with that id.
    #[must_use]
    pub fn has_part(&self, part: &str) -> bool {
        match self {
            Self::Dcql(query) => query.credential(part).is_some(),
            Self::PresentationDefinition(definition) => definition.input_descriptor(part).is_some(),
        }
    }

    /// Whether a credential answers a part.
    ///
    /// # Errors
    /// [`Mismatch`] is the first reason why not; [`Mismatch::UnknownPart`] when there is no such part.
    pub fn check(&self, part: &str, candidate: &Candidate<'_>) -> Result<(), Mismatch> {
        match self {
            Self::Dcql(query) => {
                query.credential(part).ok_or(Mismatch::UnknownPart)?.check(candidate)
            }
            Self::PresentationDefinition(definition) => definition.check(part, candidate),
        }
    }

    /// Whether the whole query is satisfied, given which parts have an answer that
    /// [`check`](Self::check) accepted.
    ///
    /// # Errors
    /// [`Unsatisfied`] names what is missing.
    pub fn satisfied_by(&self, answered: impl Fn(&str) -> bool) -> Result<(), Unsatisfied> {
        match self {
            Self::Dcql(query) => query.satisfied_by(answered),
            Self::PresentationDefinition(definition) => definition.satisfied_by(answered),
        }
    }

    /// Whether no answer satisfies the query without this part.
    #[must_use]
    pub fn is_required(&self, part: &str) -> bool {
        match self {
            Self::Dcql(query) => query.is_required(part),
            Self::PresentationDefinition(definition) => definition.input_descriptor(part).is_some(),
        }
    }

    /// The ids of the parts without which no answer satisfies the query, in order.
    #[must_use]
    pub fn required_parts(&self) -> Vec<&str> {
        let mut parts = self.parts();
        parts.retain(|part| self.is_required(part));
        parts
    }

    /// Whether several credentials may answer a part.
    #[must_use]
    pub fn allows_multiple(&self, part: &str) -> bool {
        match self {
            Self::Dcql(query) => {
                query.credential(part).is_some_and(CredentialQuery::allows_multiple)
            }
            Self::PresentationDefinition(_) => false,
        }
    }

    /// Whether the answer to a part must prove the holder's key. True also for a part that there is not.
    #[must_use]
    pub fn requires_holder_binding(&self, part: &str) -> bool {
        match self {
            Self::Dcql(query) => {
                query.credential(part).is_none_or(CredentialQuery::requires_holder_binding)
            }
            Self::PresentationDefinition(_) => true,
        }
    }

    /// The claims to disclose of a credential that answers a part (DCQL, section 6.4.1): none where no claims
    /// are asked for, and none in Presentation Exchange, which serves credentials that are
    /// shown whole.
    ///
    /// # Errors
    /// [`Mismatch`] when it does not answer; then nothing of it may be disclosed.
    pub fn claims_to_disclose(
        &self,
        part: &str,
        candidate: &Candidate<'_>,
    ) -> Result<Vec<&ClaimPath>, Mismatch> {
        match self {
            Self::Dcql(query) => {
                query.credential(part).ok_or(Mismatch::UnknownPart)?.claims_to_disclose(candidate)
            }
            Self::PresentationDefinition(definition) => {
                definition.check(part, candidate).map(|()| Vec::new())
            }
        }
    }

    /// Holds every credential against every part.
    #[must_use]
    pub fn matches(&self, candidates: &[Candidate<'_>]) -> Matches {
        let outcomes = |part: &str| candidates.iter().map(|c| self.check(part, c)).collect();
        let parts = self.parts().into_iter();
        let parts: Vec<_> = parts
            .map(|part| PartMatches { id: part.to_owned(), outcomes: outcomes(part) })
            .collect();
        let satisfied =
            self.satisfied_by(|id| parts.iter().any(|part| part.id() == id && !part.is_missing()));
        Matches { parts, satisfied }
    }
}

impl From<DcqlQuery> for Query {
    fn from(query: DcqlQuery) -> Self {
        Self::Dcql(query)
    }
}

impl From<PresentationDefinition> for Query {
    fn from(definition: PresentationDefinition) -> Self {
        Self::PresentationDefinition(definition)
    }
}
