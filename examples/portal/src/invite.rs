//! Invitations: made, stored, sent.

use chrono::TimeDelta;
use rand::RngExt as _;
use staffpass::jose::base64url;
use staffpass::share::{EmailAddress, Invitation, InvitedPerson, MobileNumber, Role, Share};
use staffpass_store::{StoreError, TokenDigest};

use crate::Error;
use crate::service::Portal;

/// Whom the recruitment team invites, for what.
pub(crate) struct Invited {
    pub(crate) person: InvitedPerson,
    pub(crate) email: EmailAddress,
    pub(crate) mobile: Option<MobileNumber>,
    pub(crate) role: Role,
}

impl Portal {
    /// Stores an invitation and sends it. Gives its reference and its link, which is in no log and in
    /// no database.
    pub(crate) async fn invite(&self, invited: Invited) -> Result<(String, String), StoreError> {
        let now = self.now();
        let reference = base64url::encode(rand::rng().random::<[u8; 12]>());
        let until = now + TimeDelta::days(self.config().journey.invitation_days);
        let Invited { person, email, mobile, role } = invited;
        let mut invitation = Invitation::new(self.tenant(), &reference, person, email, role, until);
        if let Some(mobile) = mobile {
            invitation = invitation.with_mobile(mobile);
        }
        let share = Share::new(invitation, now);
        let (token, link) = self.link();
        self.store().invite(&share, &TokenDigest::of(&token), now).await?;
        if self.invite_by_message(&share, &link).await {
            self.store().note(self.tenant(), &reference, "portal", "invitation.sent", now).await?;
        }
        Ok((reference, link))
    }

    /// A token of 256 random bits, and the link with it.
    pub(crate) fn link(&self) -> (String, String) {
        let token = base64url::encode(rand::rng().random::<[u8; 32]>());
        let link = format!("{}i/{token}", self.config().server.public_url);
        (token, link)
    }

    /// An invitation of a fictional person, for walking the journey, and its link. Where she was
    /// invited before, another link for her; where she has submitted, another invitation.
    ///
    /// # Errors
    ///
    /// Whatever the store says.
    pub async fn demo_invitation(&self) -> Result<String, Error> {
        let email = EmailAddress::parse("amara.okafor-lee@example.com")?;
        let now = self.now();
        if let Ok(reference) = self.store().find_by_email(self.tenant(), &email).await {
            let (token, link) = self.link();
            let token = TokenDigest::of(&token);
            match self.store().renew_invitation(self.tenant(), &reference, &token, now).await {
                Ok(()) => return Ok(link),
                Err(StoreError::Refused(_)) => {
                    self.store().erase(self.tenant(), &reference, now).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        let invited = Invited {
            person: InvitedPerson::new("Okafor-Lee").with_given_name("Amara"),
            email,
            mobile: Some(MobileNumber::parse("07700 900123")?),
            role: Role::new("Medical and dental", "Fixed term")
                .with_job_role("Specialty registrar"),
        };
        Ok(self.invite(invited).await?.1)
    }
}
