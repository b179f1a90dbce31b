//! What an evaluation finds: why a credential does not answer, what is missing, what answers what.

/// Why a credential does not answer a part of a query. It holds no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// The query has no part with that id (attack Q2).
    #[error("the query has no such part")]
    UnknownPart,
    /// It is of another format.
    #[error("the format is another")]
    Format,
    /// It is of another type (`type`, `vct`).
    #[error("the type is another")]
    Type,
    /// It is not of an issuer that is asked for.
    #[error("the issuer is another")]
    Issuer,
    /// It is not bound to a holder's key, and the query wants that.
    #[error("it is not bound to a holder")]
    HolderBinding,
    /// It is certified by none of the authorities that are asked for, as far as is known.
    #[error("it is of none of the authorities asked for")]
    TrustedAuthority,
    /// A claim (or field) that is asked for is not there.
    #[error("claim {claim} of the part is missing")]
    ClaimMissing {
        /// Position in the part's `claims` or `fields`, from 0.
        claim: usize,
    },
    /// The way to a claim leads through something that is no object or no array.
    #[error("claim {claim} of the part has another shape")]
    ClaimShape {
        /// Position in the part's `claims` or `fields`, from 0.
        claim: usize,
    },
    /// A claim (or field) is there and has none of the values that are asked for.
    #[error("claim {claim} of the part has another value")]
    ClaimValue {
        /// Position in the part's `claims` or `fields`, from 0.
        claim: usize,
    },
    /// None of the `claim_sets` can be satisfied.
    #[error("no claim set is satisfied")]
    ClaimSets,
}

impl Mismatch {
    /// The stable code for logs, reports and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownPart => "mismatch_unknown_part",
            Self::Format => "mismatch_format",
            Self::Type => "mismatch_type",
            Self::Issuer => "mismatch_issuer",
            Self::HolderBinding => "mismatch_holder_binding",
            Self::TrustedAuthority => "mismatch_trusted_authority",
            Self::ClaimMissing { .. } => "mismatch_claim_missing",
            Self::ClaimShape { .. } => "mismatch_claim_shape",
            Self::ClaimValue { .. } => "mismatch_claim_value",
            Self::ClaimSets => "mismatch_claim_sets",
        }
    }
}

/// What a query still lacks: the answers that there are do not satisfy it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} parts of the query have no answer that it needs", missing.len())]
#[non_exhaustive]
pub struct Unsatisfied {
    /// Ids of the parts without an answer that the query needs, in order. Where alternatives would do
    /// (`credential_sets`), the parts of every alternative are named.
    pub missing: Vec<String>,
    /// Positions in `credential_sets`, from 0, of the required sets of which no option is complete.
    pub unmet_sets: Vec<usize>,
}

impl Unsatisfied {
    /// The stable code for logs, reports and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        if self.unmet_sets.is_empty() { "query_unsatisfied" } else { "credential_set_unmet" }
    }
}

/// Which of several credentials answer which part of a query. Credentials are named by their position in
/// the slice that was matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matches {
    pub(crate) parts: Vec<PartMatches>,
    pub(crate) satisfied: Result<(), Unsatisfied>,
}

impl Matches {
    /// Every part of the query, in its order.
    #[must_use]
    pub fn parts(&self) -> &[PartMatches] {
        &self.parts
    }

    /// One part, by its id.
    #[must_use]
    pub fn part(&self, id: &str) -> Option<&PartMatches> {
        self.parts.iter().find(|part| part.id == id)
    }

    /// Whether the query is satisfied if every credential that answers is given.
    ///
    /// # Errors
    /// [`Unsatisfied`] names what nothing answers.
    pub fn satisfied(&self) -> Result<(), &Unsatisfied> {
        self.satisfied.as_ref().copied()
    }
}

/// Which of several credentials answer one part of a query, and why the others do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartMatches {
    pub(crate) id: String,
    pub(crate) outcomes: Vec<Result<(), Mismatch>>,
}

impl PartMatches {
    /// The part's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Positions of the credentials that answer it, in order, whatever `multiple` says.
    pub fn answering(&self) -> impl Iterator<Item = usize> + '_ {
        self.outcomes.iter().enumerate().filter(|(_, outcome)| outcome.is_ok()).map(|(i, _)| i)
    }

    /// Whether nothing answers it.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.answering().next().is_none()
    }

    /// One outcome for each credential, in order.
    pub fn outcomes(&self) -> &[Result<(), Mismatch>] {
        &self.outcomes
    }
}
