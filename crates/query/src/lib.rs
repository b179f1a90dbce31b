//! What is asked of a wallet, and whether given claims answer it: one model and one evaluator, to ask, to choose
//! and to judge alike.
//!
//! ```text
//!            asks                     chooses                      judges
//!     verifier builds a  ─────►  wallet matches what   ─────►  verifier checks what it
//!     Query, and keeps it        it holds against it           has verified against its own
//! ```
//!
//! A [`Query`] is of one of two languages, and has *parts*, each with an id and each for one credential:
//!
//! - [`DcqlQuery`], the Digital Credentials Query Language of OpenID4VP 1.0 (sections 6 and 7), whole;
//!   its parts are credential queries;
//! - [`PresentationDefinition`], a fixed subset of Presentation Exchange, as Microsoft Authenticator
//!   and wallets of the earlier drafts need it; its parts are input descriptors.
//!   [`PresentationSubmission`] is what such a wallet sends with its answer.
//!
//! A [`Candidate`] is a credential as the evaluator sees it. Nothing here verifies anything: a wallet gives what it
//! holds, a verifier gives only what it has verified, with the types for which it believes the issuer.
//!
//! ```
//! use serde_json::json;
//! use staffpass_query::{Candidate, ClaimPath, ClaimsQuery, CredentialQuery, DcqlQuery, Format, Query};
//!
//! let job = ClaimPath::key("credentialSubject").then_key("job_title");
//! let asked = CredentialQuery::jwt_vc("employment", "StaffEmployment")
//!     .with_claim(ClaimsQuery::new(job).with_values(["Nurse", "Midwife"]));
//! let query = Query::Dcql(DcqlQuery::new([asked])?);
//!
//! let credential = json!({
//!     "type": ["VerifiableCredential", "StaffEmployment"],
//!     "credentialSubject": {"job_title": "Midwife"},
//! });
//! let held = Candidate::w3c(Format::JwtVcJson, &credential).with_holder_binding(true);
//! assert_eq!(query.check("employment", &held), Ok(()));
//! assert!(query.satisfied_by(|part| part == "employment").is_ok());
//! # Ok::<(), staffpass_query::QueryError>(())
//! ```
//!
//! # What is read of untrusted input
//!
//! [`DcqlQuery::from_value`], [`PresentationDefinition::from_value`] and
//! [`PresentationSubmission::from_value`] read any JSON; [`limits`] bounds them. Evaluation never
//! panics, does no recursion on a credential, has no regular expressions and no JSONPath, and
//! compares strings byte for byte. Errors, and `Debug` of what was asked or found, hold no value.
//!
//! The same question for wallets that know Presentation Exchange:
//!
//! ```
//! use serde_json::json;
//! use staffpass_query::{Candidate, Format, InputDescriptor, PresentationDefinition, Query};
//!
//! let descriptor = InputDescriptor::new("identity", ["StaffIdentity"]);
//! let query = Query::from(PresentationDefinition::new("ask-1", [descriptor])?);
//! let credential = json!({"vc": {"type": ["VerifiableCredential", "StaffIdentity"]}});
//! let held = Candidate::w3c(Format::JwtVcJson, &credential["vc"]).with_holder_binding(true);
//! assert_eq!(query.check("identity", &held), Ok(()));
//! # Ok::<(), staffpass_query::QueryError>(())
//! ```
//!
//! What is outside is refused by name, and nothing is guessed:
//!
//! ```
//! use serde_json::json;
//! use staffpass_query::DcqlQuery;
//!
//! let two = json!({"credentials": [
//!     {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}},
//!     {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:y"]}},
//! ]});
//! assert!(DcqlQuery::from_value(&two).is_err()); // one id names one question
//! ```

mod candidate;
mod dcql;
mod definition;
mod error;
mod format;
pub mod limits;
mod outcome;
mod query;
mod read;
mod submission;
mod value;

pub use candidate::Candidate;
pub use dcql::{
    AuthorityType, ClaimPath, ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlQuery, Meta,
    PathElement, PathFault, TrustedAuthorities,
};
pub use definition::{
    Field, FieldPath, Filter, FilterType, Formats, InputDescriptor, LimitDisclosure, Pattern,
    PatternReading, PresentationDefinition,
};
pub use error::QueryError;
pub use format::Format;
pub use outcome::{Matches, Mismatch, PartMatches, Unsatisfied};
pub use query::Query;
pub use submission::{
    Assignments, DescriptorMapEntry, Location, PathNested, PresentationSubmission, SubmissionError,
};
pub use value::ClaimValue;

/// The example of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
