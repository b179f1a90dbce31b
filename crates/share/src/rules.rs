//! What the trust has settled for all its shares: configuration, not state.

use chrono::TimeDelta;
use staffpass_credentials::{CredentialKind, TypeNames};
use staffpass_disclosure::Catalogue;
use staffpass_otp::Lifetime;

/// The rules of a trust's shares. The default offers the three kinds by their ids, wants all that was
/// confirmed, lets nobody go on with a disputed role, and ends a session after 20 minutes of rest or
/// two hours.
#[derive(Clone, Debug)]
pub struct Rules {
    pub(crate) catalogue: Catalogue,
    pub(crate) type_names: TypeNames,
    pub(crate) completeness: Completeness,
    pub(crate) role_dispute: RoleDispute,
    pub(crate) code_lifetime: Lifetime,
    pub(crate) session_idle: TimeDelta,
    pub(crate) session_max: TimeDelta,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            catalogue: Catalogue::staff(),
            type_names: TypeNames::default(),
            completeness: Completeness::Strict,
            role_dispute: RoleDispute::Stop,
            code_lifetime: Lifetime::default(),
            session_idle: TimeDelta::minutes(20),
            session_max: TimeDelta::hours(2),
        }
    }
}

impl Rules {
    /// What a person may choose to share. The type of each entry must be one that the type names
    /// know; a part of another type is asked for in vain.
    #[must_use]
    pub fn with_catalogue(mut self, catalogue: Catalogue) -> Self {
        self.catalogue = catalogue;
        self
    }

    /// Which type names stand for which kind.
    #[must_use]
    pub fn with_type_names(mut self, type_names: TypeNames) -> Self {
        self.type_names = type_names;
        self
    }

    /// Whether all that was confirmed must come.
    #[must_use]
    pub const fn with_completeness(mut self, completeness: Completeness) -> Self {
        self.completeness = completeness;
        self
    }

    /// Whether a person may go on with a disputed role.
    #[must_use]
    pub const fn with_role_dispute(mut self, role_dispute: RoleDispute) -> Self {
        self.role_dispute = role_dispute;
        self
    }

    /// How long a code lives.
    #[must_use]
    pub const fn with_code_lifetime(mut self, lifetime: Lifetime) -> Self {
        self.code_lifetime = lifetime;
        self
    }

    /// How long a session may rest, and how long it may last in all; negative spans count as none.
    #[must_use]
    pub fn with_session_limits(mut self, idle: TimeDelta, max: TimeDelta) -> Self {
        (self.session_idle, self.session_max) =
            (idle.max(TimeDelta::zero()), max.max(TimeDelta::zero()));
        self
    }

    /// What a person may choose to share.
    #[must_use]
    pub const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The kind that a part of the catalogue asks for, by the type that its entry names.
    pub(crate) fn kind_of_part(&self, part: &str) -> Option<CredentialKind> {
        let entry = self.catalogue.entry(part)?;
        let by_type =
            entry.type_name.as_deref().and_then(|name| self.type_names.kind_of_vc_type(name));
        let by_vct = entry.vct.as_deref().and_then(|vct| self.type_names.kind_of_vct(vct));
        by_type.or(by_vct)
    }
}

/// Whether all that was confirmed must come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Completeness {
    /// All of it, or the response is refused (the published guidance).
    Strict,
    /// The identity credential; what else is missing is listed, and the person decides.
    Lenient,
}

/// What a person may do who says that the role is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoleDispute {
    /// Go on, with a flag for the recruitment team.
    ContinueAllowed,
    /// Stop, and come back when it is settled.
    Stop,
}
