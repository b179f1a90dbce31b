//! A credential of any of the three kinds.

use serde_json::{Map, Value};

use crate::assurance::Assurance;
use crate::employment::EmploymentCredential;
use crate::error::{ClaimsError, Warning};
use crate::identity::IdentityCredential;
use crate::ids::IdentityId;
use crate::kind::CredentialKind;
use crate::reader::{ClaimsContext, Reader};
use crate::training::TrainingCredential;

/// A credential of one of the three kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StaffCredential {
    /// Who the person is.
    Identity(IdentityCredential),
    /// Where and as what the person works.
    Employment(EmploymentCredential),
    /// One subject learned, at one level.
    Training(TrainingCredential),
}

impl StaffCredential {
    /// Reads the subject claims of a credential of this kind. Unknown claims are ignored.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`] with every fault.
    pub fn from_claims(
        kind: CredentialKind,
        claims: &Map<String, Value>,
        context: &ClaimsContext,
    ) -> Result<Self, ClaimsError> {
        Ok(match kind {
            CredentialKind::Identity => IdentityCredential::from_claims(claims, context)?.into(),
            CredentialKind::Employment => {
                EmploymentCredential::from_claims(claims, context)?.into()
            }
            CredentialKind::Training => TrainingCredential::from_claims(claims, context)?.into(),
        })
    }

    /// The claims as JSON members.
    #[must_use]
    pub fn to_claims(&self) -> Map<String, Value> {
        match self {
            Self::Identity(credential) => credential.to_claims(),
            Self::Employment(credential) => credential.to_claims(),
            Self::Training(credential) => credential.to_claims(),
        }
    }

    /// Holds the credential against every rule.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`] with every fault.
    pub fn validate(&self, context: &ClaimsContext) -> Result<(), ClaimsError> {
        match self {
            Self::Identity(credential) => credential.validate(context),
            Self::Employment(credential) => credential.validate(context),
            Self::Training(credential) => credential.validate(context),
        }
    }

    /// What a person should look at.
    #[must_use]
    pub fn warnings(&self, context: &ClaimsContext) -> Vec<Warning> {
        match self {
            Self::Identity(credential) => credential.warnings(context),
            Self::Employment(credential) => credential.warnings(context),
            Self::Training(credential) => credential.warnings(context),
        }
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> CredentialKind {
        match self {
            Self::Identity(_) => CredentialKind::Identity,
            Self::Employment(_) => CredentialKind::Employment,
            Self::Training(_) => CredentialKind::Training,
        }
    }

    /// The identity id of the person.
    #[must_use]
    pub const fn identity_id(&self) -> &IdentityId {
        match self {
            Self::Identity(credential) => &credential.identity_id,
            Self::Employment(credential) => &credential.identity_id,
            Self::Training(credential) => &credential.identity_id,
        }
    }

    /// Where the statements come from.
    #[must_use]
    pub const fn assurance(&self) -> &Assurance {
        match self {
            Self::Identity(credential) => &credential.assurance,
            Self::Employment(credential) => &credential.assurance,
            Self::Training(credential) => &credential.assurance,
        }
    }
}

/// What each of the three credentials can do as a whole.
macro_rules! credential {
    ($name:ident, $kind:ident) => {
        impl $name {
            /// The kind.
            #[must_use]
            pub const fn kind(&self) -> CredentialKind {
                CredentialKind::$kind
            }

            /// Reads the subject claims of a credential. Unknown claims are ignored, strings are
            /// brought to NFC and trimmed, and null counts as absent.
            ///
            /// # Errors
            ///
            /// [`ClaimsError`] with every fault.
            pub fn from_claims(
                claims: &Map<String, Value>,
                context: &ClaimsContext,
            ) -> Result<Self, ClaimsError> {
                let mut reader = Reader::new(*context);
                let read = Self::read(&mut reader, claims);
                let faults = reader.into_faults();
                read.filter(|_| faults.is_empty())
                    .ok_or(ClaimsError { kind: CredentialKind::$kind, faults })
            }

            /// Holds the credential against every rule, as reading its claims would.
            ///
            /// # Errors
            ///
            /// [`ClaimsError`] with every fault.
            pub fn validate(&self, context: &ClaimsContext) -> Result<(), ClaimsError> {
                Self::from_claims(&self.to_claims(), context).map(drop)
            }
        }

        impl From<$name> for StaffCredential {
            fn from(credential: $name) -> Self {
                Self::$kind(credential)
            }
        }
    };
}

credential!(IdentityCredential, Identity);
credential!(EmploymentCredential, Employment);
credential!(TrainingCredential, Training);
