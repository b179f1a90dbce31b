//! What the portal sends to people, and how.

use std::time::Duration;

use chrono::{DateTime, Utc};
use staffpass::credentials::london_date;
use staffpass::otp::Channel;
use staffpass::share::{CodeToSend, Share};
use staffpass_notify::{
    Channel as By, GovUkNotify, Kind, Message, Notifier, NotifyError, Recipient, Smtp, SmtpOptions,
    address,
};

use crate::service::Portal;
use crate::{Config, Error};

/// A person waits for her code no longer than this.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn notifier(config: &Config) -> Result<Notifier, Error> {
    let settings = &config.notify;
    Ok(match &*settings.backend {
        "smtp" => Notifier::by_channel(smtp(config)?, gov_uk_notify(config)?),
        "gov_uk_notify" => gov_uk_notify(config)?,
        _ => Notifier::outbox(&settings.outbox)?,
    })
}

fn smtp(config: &Config) -> Result<Notifier, NotifyError> {
    let settings = &config.notify;
    let host = &settings.smtp_host;
    let options = match settings.smtp_port {
        587 => SmtpOptions::start_tls(host),
        _ => SmtpOptions::tls(host),
    };
    let mut options = options.with_port(settings.smtp_port);
    if !settings.smtp_user.is_empty() {
        options = options.with_credentials(&settings.smtp_user, &settings.smtp_password);
    }
    Ok(Notifier::smtp(Smtp::new(options, &config.trust.name, &settings.smtp_from)?))
}

fn gov_uk_notify(config: &Config) -> Result<Notifier, NotifyError> {
    let settings = &config.notify;
    let templates = [
        (By::Email, Kind::Code, &settings.email_code_template),
        (By::Email, Kind::Invitation, &settings.email_invitation_template),
        (By::Email, Kind::ContactChanged, &settings.email_contact_changed_template),
        (By::Email, Kind::Submitted, &settings.email_submitted_template),
        (By::Email, Kind::MoreNeeded, &settings.email_more_needed_template),
        (By::Email, Kind::ShareMore, &settings.email_share_more_template),
        (By::Email, Kind::Reminder, &settings.email_reminder_template),
        (By::Sms, Kind::Code, &settings.sms_code_template),
        (By::Sms, Kind::Invitation, &settings.sms_invitation_template),
    ];
    let notify = GovUkNotify::new(&settings.api_key)?;
    let notify = templates
        .into_iter()
        .filter(|(_, _, id)| !id.is_empty())
        .fold(notify, |notify, (channel, kind, id)| notify.with_template(channel, kind, id));
    Ok(Notifier::gov_uk_notify(notify))
}

impl Portal {
    /// Sends a code that is stored. Says whether it went.
    pub(crate) async fn send(&self, code: &CodeToSend) -> bool {
        let recipient = match code.channel {
            Channel::Mobile => self.numbers().mobile(&code.address),
            _ => address::email(&code.address),
        };
        let Ok(recipient) = recipient else { return false };
        let minutes = u32::try_from(self.config().journey.code_minutes).unwrap_or(5);
        let message =
            Message::code(recipient, &self.config().trust.name, code.code.reveal(), minutes);
        let host = self.config().server.public_url.host_str().unwrap_or_default();
        self.deliver(&message.with_origin(host)).await
    }

    /// Tells the invited address that another was entered.
    pub(crate) async fn tell_of_change(&self, share: &Share) {
        let trust = &self.config().trust;
        let message =
            |recipient| Message::contact_changed(recipient, &trust.name, &trust.contact_email);
        self.tell(share.invitation().email().as_str(), message).await;
    }

    /// The receipt.
    pub(crate) async fn tell_submitted(&self, email: &str) {
        let trust = &self.config().trust;
        self.tell(email, |to| Message::submitted(to, &trust.name, &trust.contact_email)).await;
    }

    /// What the recruitment team wants to see beside what was shared.
    pub(crate) async fn tell_what_is_needed(&self, email: &str, what: &str) -> bool {
        let trust = &self.config().trust;
        let contact = &trust.contact_email;
        self.tell(email, |to| Message::more_needed(to, &trust.name, what, contact)).await
    }

    /// The link of a further share, to the address that was confirmed.
    pub(crate) async fn ask_to_share_more(&self, further: &Share, what: &str, link: &str) -> bool {
        let (invitation, trust) = (further.invitation(), &self.config().trust);
        let until = date_of(invitation.expires_at());
        let asked = (what, link, &*until);
        let message = |to| Message::share_more(to, &trust.name, asked, &trust.contact_email);
        self.tell(invitation.email().as_str(), message).await
    }

    /// The invitation, by email and, where the trust knows a mobile number, by text message.
    pub(crate) async fn invite_by_message(&self, share: &Share, link: &str) -> bool {
        let (invitation, name) = (share.invitation(), &self.config().trust.name);
        let until = date_of(invitation.expires_at());
        let message = |to| Message::invitation(to, name, link, &until);
        if let Some(Ok(to)) =
            invitation.mobile().map(|mobile| self.numbers().mobile(mobile.as_str()))
        {
            self.deliver(&message(to)).await;
        }
        self.tell(invitation.email().as_str(), message).await
    }

    /// To the invited address, by email alone: a reminder is worth no money.
    pub(crate) async fn remind_by_message(&self, share: &Share) -> bool {
        let (invitation, trust) = (share.invitation(), &self.config().trust);
        let until = date_of(invitation.expires_at());
        let contact = &trust.contact_email;
        let message = |to| Message::reminder(to, &trust.name, &until, contact);
        self.tell(invitation.email().as_str(), message).await
    }

    async fn tell(&self, email: &str, message: impl FnOnce(Recipient) -> Message) -> bool {
        match address::email(email) {
            Ok(recipient) => self.deliver(&message(recipient)).await,
            Err(_) => false,
        }
    }

    async fn deliver(&self, message: &Message) -> bool {
        let (kind, channel) = (message.kind().id(), message.recipient().channel().id());
        let sent = tokio::time::timeout(PATIENCE, self.notifier().send(message)).await;
        let code = match sent {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => error.code(),
            Err(_) => "timeout",
        };
        tracing::warn!(kind, channel, code, "a message was not sent");
        false
    }
}

/// As people write it: 16 March 2026.
pub(crate) fn date_of(instant: DateTime<Utc>) -> String {
    london_date(instant).format("%-d %B %Y").to_string()
}
