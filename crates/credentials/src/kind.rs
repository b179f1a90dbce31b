//! The three kinds of staff credential, and the type names that they go by.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{EmploymentCredential, IdentityCredential, TrainingCredential};

/// A kind of staff credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CredentialKind {
    /// Who the person is: [`IdentityCredential`](crate::IdentityCredential).
    Identity,
    /// Where and as what the person works: [`EmploymentCredential`](crate::EmploymentCredential).
    Employment,
    /// One subject learned, at one level: [`TrainingCredential`](crate::TrainingCredential).
    Training,
}

impl CredentialKind {
    /// Every kind, identity first.
    pub const ALL: [Self; 3] = [Self::Identity, Self::Employment, Self::Training];

    /// The kind's lower-case id: `identity`, `employment`, `training`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Employment => "employment",
            Self::Training => "training",
        }
    }

    /// The kind with this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// The claims that every credential of this kind has, by name: what must be asked for where only
    /// what is asked for comes.
    #[must_use]
    pub const fn required_claims(self) -> &'static [&'static str] {
        match self {
            Self::Identity => IdentityCredential::REQUIRED,
            Self::Employment => EmploymentCredential::REQUIRED,
            Self::Training => TrainingCredential::REQUIRED,
        }
    }
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// The names that a kind goes by on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeName {
    /// The W3C type beside `VerifiableCredential`, for example `StaffIdentity`.
    pub vc_type: String,
    /// The `vct` of SD-JWT VC, for example `urn:example:staff-passport:identity:1`.
    pub vct: String,
}

/// Which W3C type and which `vct` stand for which kind. The default has `StaffIdentity`,
/// `StaffEmployment` and `StaffTraining`, and `urn:example:staff-passport:<kind>:1`.
///
/// ```
/// use staffpass_credentials::{CredentialKind, TypeNames};
///
/// let names = TypeNames::default()
///     .with(CredentialKind::Identity, "TrustIdentity", "https://credentials.example/identity")?;
/// assert_eq!(names.kind_of_vc_type("TrustIdentity"), Some(CredentialKind::Identity));
/// assert_eq!(names.vct(CredentialKind::Training), "urn:example:staff-passport:training:1");
/// # Ok::<(), staffpass_credentials::TypeNameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeNames {
    identity: TypeName,
    employment: TypeName,
    training: TypeName,
}

impl Default for TypeNames {
    fn default() -> Self {
        let name = |vc_type: &str, kind: CredentialKind| TypeName {
            vc_type: vc_type.to_owned(),
            vct: format!("urn:example:staff-passport:{kind}:1"),
        };
        Self {
            identity: name("StaffIdentity", CredentialKind::Identity),
            employment: name("StaffEmployment", CredentialKind::Employment),
            training: name("StaffTraining", CredentialKind::Training),
        }
    }
}

impl TypeNames {
    /// The same names with these for one kind.
    ///
    /// # Errors
    ///
    /// [`TypeNameError`] where a name is empty or is the base type, or already stands for another kind.
    pub fn with(
        mut self,
        kind: CredentialKind,
        vc_type: impl Into<String>,
        vct: impl Into<String>,
    ) -> Result<Self, TypeNameError> {
        let name = TypeName { vc_type: vc_type.into(), vct: vct.into() };
        if name.vc_type.is_empty() || name.vct.is_empty() {
            return Err(TypeNameError::Empty);
        }
        if name.vc_type == "VerifiableCredential" {
            return Err(TypeNameError::BaseType);
        }
        let taken = |found: Option<CredentialKind>| found.is_some_and(|other| other != kind);
        if taken(self.kind_of_vc_type(&name.vc_type)) || taken(self.kind_of_vct(&name.vct)) {
            return Err(TypeNameError::Taken);
        }
        match kind {
            CredentialKind::Identity => self.identity = name,
            CredentialKind::Employment => self.employment = name,
            CredentialKind::Training => self.training = name,
        }
        Ok(self)
    }

    /// Both names of a kind.
    #[must_use]
    pub fn name(&self, kind: CredentialKind) -> &TypeName {
        match kind {
            CredentialKind::Identity => &self.identity,
            CredentialKind::Employment => &self.employment,
            CredentialKind::Training => &self.training,
        }
    }

    /// The W3C type of a kind.
    #[must_use]
    pub fn vc_type(&self, kind: CredentialKind) -> &str {
        &self.name(kind).vc_type
    }

    /// The `vct` of a kind.
    #[must_use]
    pub fn vct(&self, kind: CredentialKind) -> &str {
        &self.name(kind).vct
    }

    /// The kind that a W3C type stands for; compared exactly.
    #[must_use]
    pub fn kind_of_vc_type(&self, vc_type: &str) -> Option<CredentialKind> {
        CredentialKind::ALL.into_iter().find(|kind| self.vc_type(*kind) == vc_type)
    }

    /// The kind that a `vct` stands for; compared exactly.
    #[must_use]
    pub fn kind_of_vct(&self, vct: &str) -> Option<CredentialKind> {
        CredentialKind::ALL.into_iter().find(|kind| self.vct(*kind) == vct)
    }
}

/// Type names that cannot stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TypeNameError {
    /// An empty name.
    #[error("a type name is empty")]
    Empty,
    /// `VerifiableCredential` stands for every credential, so for no kind.
    #[error("`VerifiableCredential` cannot stand for one kind")]
    BaseType,
    /// The name already stands for another kind.
    #[error("the type name already stands for another kind")]
    Taken,
}

impl TypeNameError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "type_name_empty",
            Self::BaseType => "type_name_base_type",
            Self::Taken => "type_name_taken",
        }
    }
}
