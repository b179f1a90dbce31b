//! Why a query, a presentation definition or a pattern was refused.

/// Why a query was refused, when it was parsed or built.
///
/// Members are named by the specification's word for them; nothing of the input is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// A member, or the whole, is not of the JSON type that it must have.
    #[error("{member} has the wrong JSON type")]
    WrongType {
        /// The member's name in the specification.
        member: &'static str,
    },
    /// A member that must be there is not.
    #[error("{member} is missing")]
    Missing {
        /// The member's name in the specification.
        member: &'static str,
    },
    /// A list or a string that must not be empty is.
    #[error("{member} is empty")]
    Empty {
        /// The member's name in the specification.
        member: &'static str,
    },
    /// A list or a string is longer than this crate reads (see [`crate::limits`]).
    #[error("{member} is longer than {limit}")]
    TooLarge {
        /// The member's name in the specification.
        member: &'static str,
        /// The limit, in elements or in bytes.
        limit: usize,
    },
    /// An identifier has other characters than letters, digits, `_` and `-`
    /// (a definition of somebody else's: control characters).
    #[error("{member} has an id outside its grammar")]
    IdGrammar {
        /// The list in which the identifier stands.
        member: &'static str,
    },
    /// Two elements of a list have the same identifier.
    #[error("{member} has the same id twice")]
    DuplicateId {
        /// The list in which the identifiers stand.
        member: &'static str,
    },
    /// DCQL, section 6.3: `claim_sets` is present, and a claim has no `id`.
    #[error("a claim has no id although claim_sets is present")]
    ClaimWithoutId,
    /// DCQL, section 6.4.1: `claim_sets` is present, and `claims` is absent.
    #[error("claim_sets without claims")]
    ClaimSetsWithoutClaims,
    /// A claim set refers to a claim that is not in `claims`.
    #[error("claim_sets refers to an unknown claim")]
    UnknownClaim,
    /// An option refers to a credential query that is not in `credentials`.
    #[error("credential_sets refers to an unknown credential query")]
    UnknownCredential,
    /// An element of a claims path is neither a string, null, nor a non-negative integer; or the
    /// path is none that the format has (an mdoc's is a namespace and a name).
    #[error("a claims path has an element that is none")]
    PathElement,
    /// The same claim is asked for twice in one credential query (refused when built; DCQL,
    /// section 6.1).
    #[error("the same claim is asked for twice")]
    DuplicateClaimPath,
    /// An element of `values`, a `const` or an element of an `enum` is neither a string, a boolean
    /// nor an integer that is exact.
    #[error("a value is neither string, boolean nor exact integer")]
    ValueNotScalar,
    /// `meta` constrains by another format's member.
    #[error("meta is another format's")]
    MetaForFormat,
    /// A field's path is outside the subset `$.a.b`, `$['a']`, `$.a[0]`.
    #[error("a field's path is outside the subset")]
    PathOutsideSubset,
    /// A pattern is outside the subset (see [`crate::Pattern`]).
    #[error("a pattern is outside the subset")]
    PatternOutsideSubset,
    /// A pattern that is sent would need a `/`, which wallets read as a delimiter.
    #[error("a pattern has a slash")]
    PatternSlash,
    /// A filter has a keyword outside the subset, or is nested.
    #[error("a filter is outside the subset")]
    FilterOutsideSubset,
    /// A definition constrains by something that this crate does not evaluate.
    #[error("{member} is outside the subset")]
    OutsideSubset {
        /// The object in which the constraint stands, or its own name.
        member: &'static str,
    },
}

impl QueryError {
    /// The stable code for logs, reports and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongType { .. } => "query_wrong_type",
            Self::Missing { .. } => "query_missing_member",
            Self::Empty { .. } => "query_empty_member",
            Self::TooLarge { .. } => "query_too_large",
            Self::IdGrammar { .. } => "query_id_grammar",
            Self::DuplicateId { .. } => "query_duplicate_id",
            Self::ClaimWithoutId => "query_claim_without_id",
            Self::ClaimSetsWithoutClaims => "query_claim_sets_without_claims",
            Self::UnknownClaim => "query_unknown_claim",
            Self::UnknownCredential => "query_unknown_credential",
            Self::PathElement => "query_path_element",
            Self::DuplicateClaimPath => "query_duplicate_claim_path",
            Self::ValueNotScalar => "query_value_not_scalar",
            Self::MetaForFormat => "query_meta_for_format",
            Self::PathOutsideSubset => "query_path_outside_subset",
            Self::PatternOutsideSubset => "query_pattern_outside_subset",
            Self::PatternSlash => "query_pattern_slash",
            Self::FilterOutsideSubset => "query_filter_outside_subset",
            Self::OutsideSubset { .. } => "query_outside_subset",
        }
    }
}
