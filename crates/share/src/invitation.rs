//! What the recruitment team gave: whom it invites, for what role, until when.

use core::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::contact::{EmailAddress, MobileNumber};

/// One invitation of one person by one trust. `Debug` prints no personal value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    pub(crate) tenant: String,
    pub(crate) reference: String,
    pub(crate) person: InvitedPerson,
    pub(crate) email: EmailAddress,
    pub(crate) mobile: Option<MobileNumber>,
    pub(crate) role: Role,
    pub(crate) expires_at: DateTime<Utc>,
}

impl Invitation {
    /// An invitation by a tenant, under a reference that the tenant gives once.
    #[must_use]
    pub fn new(
        tenant: &str,
        reference: &str,
        person: InvitedPerson,
        email: EmailAddress,
        role: Role,
        expires_at: DateTime<Utc>,
    ) -> Self {
        let (tenant, reference) = (tenant.to_owned(), reference.to_owned());
        Self { tenant, reference, person, email, mobile: None, role, expires_at }
    }

    /// The same, with the mobile number that the trust knows.
    #[must_use]
    pub fn with_mobile(mut self, mobile: MobileNumber) -> Self {
        self.mobile = Some(mobile);
        self
    }

    /// The tenant's id: every request of the share must name it.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The reference.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// Whom the trust invites.
    #[must_use]
    pub const fn person(&self) -> &InvitedPerson {
        &self.person
    }

    /// The email address to which the invitation went; it prefills the profile.
    #[must_use]
    pub const fn email(&self) -> &EmailAddress {
        &self.email
    }

    /// The mobile number that the trust knows.
    #[must_use]
    pub const fn mobile(&self) -> Option<&MobileNumber> {
        self.mobile.as_ref()
    }

    /// The role, for the person to check.
    #[must_use]
    pub const fn role(&self) -> &Role {
        &self.role
    }

    /// From when the invitation cannot be used.
    #[must_use]
    pub const fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation")
            .field("tenant", &self.tenant)
            .field("reference", &self.reference)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Whom the trust invites: what the shared identity is compared with. `Debug` prints no value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvitedPerson {
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: String,
    pub(crate) birthdate: Option<NaiveDate>,
}

impl InvitedPerson {
    /// A person of that family name.
    #[must_use]
    pub fn new(family_name: &str) -> Self {
        Self { given_name: None, family_name: family_name.to_owned(), birthdate: None }
    }

    /// With the first names.
    #[must_use]
    pub fn with_given_name(mut self, given_name: &str) -> Self {
        self.given_name = Some(given_name.to_owned());
        self
    }

    /// With the date of birth, which the shared identity must then have.
    #[must_use]
    pub const fn with_birthdate(mut self, birthdate: NaiveDate) -> Self {
        self.birthdate = Some(birthdate);
        self
    }
}

impl InvitedPerson {
    /// The first names, where the trust gave any.
    #[must_use]
    pub fn given_name(&self) -> Option<&str> {
        self.given_name.as_deref()
    }

    /// The family name.
    #[must_use]
    pub fn family_name(&self) -> &str {
        &self.family_name
    }

    /// The date of birth, where the trust gave it.
    #[must_use]
    pub const fn birthdate(&self) -> Option<NaiveDate> {
        self.birthdate
    }
}

impl fmt::Debug for InvitedPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitedPerson(_)")
    }
}

/// The role at the receiving trust, as the recruitment team entered it: shown to the person, who can
/// say that it is wrong and change nothing. `Debug` prints no value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Role {
    /// The staff group.
    pub staff_group: String,
    /// The employment status.
    pub employment_status: String,
    /// The job role, where one is set.
    pub job_role: Option<String>,
}

impl Role {
    /// A role of that staff group and employment status.
    #[must_use]
    pub fn new(staff_group: &str, employment_status: &str) -> Self {
        let (staff_group, employment_status) = (staff_group.into(), employment_status.into());
        Self { staff_group, employment_status, job_role: None }
    }

    /// With a job role.
    #[must_use]
    pub fn with_job_role(mut self, job_role: &str) -> Self {
        self.job_role = Some(job_role.to_owned());
        self
    }
}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Role(_)")
    }
}
