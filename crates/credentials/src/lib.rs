//! What a staff credential says: identity, employment and training, with their vocabularies and validation.

mod assurance;
mod dates;
mod employment;
mod error;
mod esr;
mod identity;
mod ids;
mod kind;
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
