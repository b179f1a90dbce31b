//! Why nothing was issued.

use chrono::{DateTime, Utc};
use staffpass_credentials::ClaimsError;
use staffpass_jose::SigningError;
use staffpass_sd_jwt::SdJwtError;
use staffpass_status::{StatusError, StatusPurpose};

/// Why a credential, a status list or an entry in one was not made. Holds no claim's value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The staff credential breaks rules of its model; every fault is listed.
    #[error("the staff credential is not valid")]
    Claims(#[from] ClaimsError),
    /// No type, an empty one, one that stands twice, or the base type itself.
    #[error("the types of the credential are not usable")]
    Types,
    /// The credential would say nothing.
    #[error("the credential has no claims")]
    NoClaims,
    /// The claims have a member `id`. The subject stands in `sub`, and in one place only.
    #[error("the claims name a subject of their own")]
    SubjectInClaims,
    /// A date outside 1970 to 9999.
    #[error("a date of the credential cannot be written as a NumericDate")]
    DateRange,
    /// The credential would expire before, or as soon as, it is issued.
    #[error("the credential would expire at {expires}, and is issued at {issued}")]
    ExpiresBeforeIssue {
        /// When it is issued.
        issued: DateTime<Utc>,
        /// When it would expire.
        expires: DateTime<Utc>,
    },
    /// More status entries than a verifier takes.
    #[error("the credential has more than {limit} status entries")]
    TooManyStatusEntries {
        /// The limit in force.
        limit: usize,
    },
    /// The signature was not made, or does not verify under the published key.
    #[error("the credential was not signed")]
    Signing(#[from] SigningError),
    /// A status list cannot be made or read.
    #[error("the status list cannot be kept")]
    Status(#[from] StatusError),
    /// The register would have too few entries to hide one credential among many.
    #[error("the register has {entries} entries, fewer than {minimum}")]
    RegisterTooSmall {
        /// The entries asked for.
        entries: u64,
        /// The least number in force.
        minimum: u64,
    },
    /// No register is kept for this purpose in this kind of list.
    #[error("no register is kept for this purpose in this kind of list")]
    PurposeUnsupported,
    /// Every entry of the register is taken.
    #[error("the register is full")]
    RegisterFull,
    /// No credential has this entry.
    #[error("the entry is not allocated")]
    NotAllocated,
    /// The register keeps another purpose.
    #[error("the register is for {}", .register.name())]
    OtherPurpose {
        /// What the register is for.
        register: StatusPurpose,
    },
    /// The token is revoked, and there is no way back.
    #[error("the token is revoked for good")]
    Revoked,
    /// A list that may be kept for less than a second.
    #[error("a list cannot be kept for less than a second")]
    Ttl,
    /// A status entry or list that VC Data Model 2.0 has not: it has Bitstring Status Lists, the older
    /// ones belong to 1.1.
    #[error("the form of the status entry does not belong to the format of the credential")]
    StatusForm,
    /// A claim of an SD-JWT VC has a name that the format keeps for itself.
    #[error("a claim has a name that the format keeps for itself")]
    ReservedClaim,
    /// The claims cannot be concealed.
    #[error("the claims cannot be concealed")]
    Conceal(#[from] SdJwtError),
    /// An issuer is named by an https URL (or a loopback one) without query, fragment and closing slash,
    /// and has a certificate if its key is in one.
    #[error("the issuer is not named by an https URL, or has no certificate")]
    IssuerUrl,
    /// A domain is linked by its origin: scheme, host and port of an https URL (or a loopback one),
    /// without path.
    #[error("a linked domain is not written as an origin")]
    Origin,
    /// A stored register contradicts itself.
    #[error("the stored register is damaged")]
    RegisterDamaged,
}

impl IssueError {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Claims(error) => error.code(),
            Self::Types => "issue_types",
            Self::NoClaims => "issue_no_claims",
            Self::SubjectInClaims => "issue_subject_in_claims",
            Self::DateRange => "issue_date_range",
            Self::ExpiresBeforeIssue { .. } => "issue_expires_before_issue",
            Self::TooManyStatusEntries { .. } => "issue_too_many_status_entries",
            Self::Signing(error) => error.code(),
            Self::Status(error) => error.code(),
            Self::RegisterTooSmall { .. } => "issue_register_too_small",
            Self::PurposeUnsupported => "issue_purpose_unsupported",
            Self::RegisterFull => "issue_register_full",
            Self::NotAllocated => "issue_not_allocated",
            Self::OtherPurpose { .. } => "issue_other_purpose",
            Self::Revoked => "issue_revoked",
            Self::Ttl => "issue_ttl",
            Self::StatusForm => "issue_status_form",
            Self::ReservedClaim => "issue_reserved_claim",
            Self::Conceal(error) => error.code(),
            Self::IssuerUrl => "issue_issuer_url",
            Self::Origin => "issue_origin",
            Self::RegisterDamaged => "issue_register_damaged",
        }
    }
}
