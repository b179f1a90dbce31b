//! What can be wrong with claims: a field, a rule, and never the value.

use core::fmt;

use thiserror::Error;

use crate::CredentialKind;

/// Claims that do not make a credential: every fault that was found, in the order of the table.
///
/// It names fields and rules only; what a claim said is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error("{kind} credential: {}", Listed(.faults))]
pub struct ClaimsError {
    /// The kind of credential that the claims were read as.
    pub kind: CredentialKind,
    /// Every fault; never empty.
    pub faults: Vec<Fault>,
}

impl ClaimsError {
    /// The stable code of this error for audit: `credential_claims`. Each fault's rule has its own.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "credential_claims"
    }

    /// Whether the field of this path (as displayed, for example `employer.ods_code`) broke a rule
    /// with this code.
    #[must_use]
    pub fn names(&self, field: &str, code: &str) -> bool {
        self.faults.iter().any(|f| f.rule.code() == code && f.field.to_string() == field)
    }
}

/// One field that broke one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// Where.
    pub field: FieldPath,
    /// What was broken.
    pub rule: Rule,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.rule)
    }
}

/// Something that a person should look at; the credential stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// Where.
    pub field: FieldPath,
    /// What is unusual.
    pub reason: WarningReason,
}

impl Warning {
    pub(crate) fn new(path: &[&'static str], reason: WarningReason) -> Self {
        let mut field = FieldPath::default();
        path.iter().for_each(|name| field.push(Segment::Name(name)));
        Self { field, reason }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.reason)
    }
}

/// Where a claim stands: names from the tables and positions in lists, never text from the claims.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FieldPath(Vec<Segment>);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Segment {
    Name(&'static str),
    Index(usize),
}

impl FieldPath {
    pub(crate) fn push(&mut self, segment: Segment) {
        self.0.push(segment);
    }

    pub(crate) fn pop(&mut self) {
        self.0.pop();
    }
}

impl fmt::Display for FieldPath {
    /// `employer.ods_code`, `registrations[0].number`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Name(name) if position == 0 => f.write_str(name)?,
                Segment::Name(name) => write!(f, ".{name}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A rule of the credential tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Rule {
    /// The claim is required and is absent or null.
    #[error("is required")]
    Missing,
    /// The claim is required because of what another field says.
    #[error("is required because of `{because}`")]
    MissingBecause {
        /// The other field.
        because: &'static str,
    },
    /// Not a JSON string.
    #[error("must be a string")]
    NotAString,
    /// Not a JSON boolean.
    #[error("must be true or false")]
    NotABoolean,
    /// Not a JSON integer.
    #[error("must be an integer")]
    NotAnInteger,
    /// Not a JSON object.
    #[error("must be an object")]
    NotAnObject,
    /// Not a JSON array.
    #[error("must be an array")]
    NotAnArray,
    /// Fewer characters than the field must have, after NFC and trimming.
    #[error("must have at least {min} characters")]
    TooShort {
        /// Characters (Unicode scalar values).
        min: usize,
    },
    /// More characters than the field may have, after NFC and trimming.
    #[error("must have at most {max} characters")]
    TooLong {
        /// Characters (Unicode scalar values).
        max: usize,
    },
    /// An empty list where at least one item must stand.
    #[error("must have at least one item")]
    NoItems,
    /// More items than the list may have.
    #[error("must have at most {max} items")]
    TooManyItems {
        /// Items.
        max: usize,
    },
    /// A control character, a line separator, or one that overrides the direction of text.
    #[error("must have no control or direction-override characters")]
    ForbiddenCharacter,
    /// Not of the form that the table states for the field.
    #[error("is not of the required form")]
    Form,
    /// Not a lower-case version 4 UUID (RFC 9562).
    #[error("must be a lower-case version 4 UUID")]
    NotAUuid,
    /// Not one of the words of a closed list.
    #[error("is not in the list")]
    NotInVocabulary,
    /// A number outside its bounds.
    #[error("must be from {min} to {max}")]
    OutOfRange {
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// Not a full-date (RFC 3339), nor, where one is allowed, a date-time.
    #[error("must be a date")]
    NotADate,
    /// A date before 1 January 1900.
    #[error("must not be before 1900-01-01")]
    BeforeFirstDate,
    /// A date after the day (Europe/London) on which the credential was issued.
    #[error("must not be after the date of issue")]
    AfterIssue,
    /// A time later than now, beyond the allowance of five minutes.
    #[error("must not be in the future")]
    InFuture,
    /// An age at issue outside 14 to 110 years.
    #[error("must give an age from 14 to 110 at issue")]
    Age,
    /// Not later than the other field, or, where the table allows it, not the same.
    #[error("must not come before `{other}`")]
    Before {
        /// The other field.
        other: &'static str,
    },
    /// Says another thing than the other field.
    #[error("does not agree with `{other}`")]
    Disagrees {
        /// The other field.
        other: &'static str,
    },
}

impl Rule {
    /// The stable code of this rule.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::MissingBecause { .. } => "missing_because",
            Self::NotAString => "not_a_string",
            Self::NotABoolean => "not_a_boolean",
            Self::NotAnInteger => "not_an_integer",
            Self::NotAnObject => "not_an_object",
            Self::NotAnArray => "not_an_array",
            Self::TooShort { .. } => "too_short",
            Self::TooLong { .. } => "too_long",
            Self::NoItems => "no_items",
            Self::TooManyItems { .. } => "too_many_items",
            Self::ForbiddenCharacter => "forbidden_character",
            Self::Form => "form",
            Self::NotAUuid => "not_a_uuid",
            Self::NotInVocabulary => "not_in_vocabulary",
            Self::OutOfRange { .. } => "out_of_range",
            Self::NotADate => "not_a_date",
            Self::BeforeFirstDate => "before_first_date",
            Self::AfterIssue => "after_issue",
            Self::InFuture => "in_future",
            Self::Age => "age",
            Self::Before { .. } => "before",
            Self::Disagrees { .. } => "disagrees",
        }
    }
}

/// Why a person should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WarningReason {
    /// The identity evidence has expired: identity may still be used, right to work may not.
    #[error("the evidence has expired; it no longer supports right to work")]
    EvidenceExpired,
    /// Not of the form that occupation codes usually have.
    #[error("is not of the usual form of an occupation code")]
    OccupationCodeForm,
    /// A licence to attend belongs to temporary moves; the assignment is permanent.
    #[error("is for temporary moves, and the assignment is permanent")]
    LicenceToAttendWithPermanent,
    /// The ESR competence cannot be parsed.
    #[error("is not an ESR competence string")]
    EsrCompetenceForm,
    /// The ESR competence names another subject.
    #[error("names another subject than `subject`")]
    EsrCompetenceSubject,
    /// The ESR competence states another period.
    #[error("states another period than `renewal_period`")]
    EsrCompetencePeriod,
    /// `valid_to` is more than 31 days from `awarded_on` plus the renewal period.
    #[error("is more than 31 days from `awarded_on` and `renewal_period`")]
    ValidToPeriod,
}

impl WarningReason {
    /// The stable code of this reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::EvidenceExpired => "evidence_expired",
            Self::OccupationCodeForm => "occupation_code_form",
            Self::LicenceToAttendWithPermanent => "licence_to_attend_with_permanent",
            Self::EsrCompetenceForm => "esr_competence_form",
            Self::EsrCompetenceSubject => "esr_competence_subject",
            Self::EsrCompetencePeriod => "esr_competence_period",
            Self::ValidToPeriod => "valid_to_period",
        }
    }
}

struct Listed<'a>(&'a [Fault]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.0.iter().enumerate() {
            let comma = if position == 0 { "" } else { "; " };
            write!(f, "{comma}{fault}")?;
        }
        Ok(())
    }
}
