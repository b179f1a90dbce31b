//! What a staff credential says: identity, employment and training, with their vocabularies and
//! validation.
//!
//! ```text
//!   subject claims (JSON)  --from_claims-->  IdentityCredential    --to_claims-->  subject claims
//!                                            EmploymentCredential
//!                                            TrainingCredential
//!                          ClaimsError: every fault, by field and rule, and no value
//! ```
//!
//! - A credential is its *subject claims*. Who signed it, for whom, until when and whether it was
//!   revoked stand in the envelope, and belong to the crates that read envelopes. Nothing here is
//!   evidence of anything: a credential can be made from any claims.
//! - Each model is one table of claims with their rules. Unknown claims are ignored; null counts as
//!   absent; strings are brought to NFC and trimmed, and hold no control or direction-override
//!   characters; dates are full-dates from 1900 on. Text is still the issuer's: escape it when
//!   you display it.
//! - Vocabularies are enums. Where the table says "enum + other" an unknown word is kept as `Other`.
//! - Rules that look at time take a [`ClaimsContext`]. What is only unusual is a [`Warning`].
//! - `Debug` prints which claims there are, never what they say.
//!
//! ```
//! use staffpass_credentials::{ClaimsContext, EmploymentCredential};
//!
//! let claims = serde_json::json!({
//!     "identity_id": "7d0d3c9e-3f0b-4c1e-9a55-2b8f6f1f0a11",
//!     "employer": {"name": "Eastmoor Hospitals (fictional)", "ods_code": "z9z9z"},
//!     "staff_group": "medical_and_dental", "job_title": "Registrar in Elderly Care",
//!     "assignment_category": "fixed_term", "assignment_status": "active",
//!     "start_date": "2024-08-30"
//! });
//! let now = "2026-03-02T09:00:00Z".parse().unwrap();
//! let context = ClaimsContext::new(now, now);
//!
//! let error = EmploymentCredential::from_claims(claims.as_object().unwrap(), &context).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "employment credential: employer.ods_code: is not of the required form; \
//!      assurance: is required; end_date: is required because of `assignment_category`"
//! );
//! ```
//!
//! Which type on the wire stands for which kind is a trust's to set:
//!
//! ```
//! use staffpass_credentials::{CredentialKind, TypeNames};
//!
//! let names = TypeNames::default()
//!     .with(CredentialKind::Identity, "TrustIdentity", "https://trust.example/identity")?;
//! assert_eq!(names.kind_of_vc_type("TrustIdentity"), Some(CredentialKind::Identity));
//! assert_eq!(names.kind_of_vc_type("StaffIdentity"), None);
//! # Ok::<(), staffpass_credentials::TypeNameError>(())
//! ```
//!
//! Claims of the retired NHS Digital Staff Passport are read by their old names ([`legacy`]):
//!
//! ```
//! use staffpass_credentials::{CredentialKind, legacy};
//!
//! let old = serde_json::json!({"FS-StatMandSubject": "Fire Safety"});
//! let claims = legacy::from_dsp(CredentialKind::Training, "FS", old.as_object().unwrap());
//! assert_eq!(claims["subject"], "fire-safety");
//! ```

mod assurance;
mod dates;
mod employment;
mod error;
mod esr;
mod identity;
mod ids;
mod kind;
pub mod legacy;
mod reader;
mod staff;
mod table;
mod training;
mod vocabulary;

pub use assurance::Assurance;
pub use dates::{DateOrTime, london_date};
pub use employment::{Employer, EmploymentCredential, Esr, Registration};
pub use error::{ClaimsError, Fault, FieldPath, Rule, Warning, WarningReason};
pub use esr::EsrCompetence;
pub use identity::{Address, CheckedBy, IdentityCredential};
pub use ids::{IdentityId, OdsCode};
pub use kind::{CredentialKind, TypeName, TypeNameError, TypeNames};
pub use reader::ClaimsContext;
pub use staff::StaffCredential;
pub use training::{RenewalPeriod, TrainingCredential, TrainingProvider};
pub use vocabulary::{
    AssignmentCategory, AssignmentStatus, AttainmentStatus, Confidence, Framework, LearningMethod,
    LegalGender, Pedigree, PeriodUnit, ProficiencyLevel, RegistrationBody, StaffGroup, Subject,
    VerificationMethod,
};
