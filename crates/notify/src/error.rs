//! Why a message was not sent.

use thiserror::Error;

use crate::message::{Channel, Kind};

/// Why a message was not sent, or a notifier not made. It holds no address, no code and no answer of
/// another server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotifyError {
    /// This notifier has no way to send by this channel.
    #[error("this notifier does not send by {}", .channel.id())]
    NoChannel {
        /// Which.
        channel: Channel,
    },
    /// No template is configured for this kind of message.
    #[error("there is no template for {} by {}", .kind.id(), .channel.id())]
    NoTemplate {
        /// What about.
        kind: Kind,
        /// How.
        channel: Channel,
    },
    /// The address is not one that can be written into a message.
    #[error("the address cannot be sent to")]
    Address,
    /// The service refused the message, and would again.
    #[error("the message was refused (status {status})")]
    Refused {
        /// The HTTP status, or the SMTP reply code.
        status: u16,
    },
    /// The service asked to wait, each time.
    #[error("too many messages, after {attempts} attempts")]
    RateLimited {
        /// How often it was asked.
        attempts: u32,
    },
    /// The service could not be reached, or failed, each time.
    #[error("the service is not available, after {attempts} attempts")]
    Unavailable {
        /// How often it was tried.
        attempts: u32,
    },
    /// The message was handed over, and whether it was taken cannot be known: the connection broke.
    /// Sending it again may send it twice.
    #[error("whether the message was sent is not known")]
    Unknown,
    /// A file of the outbox could not be written.
    #[error("the outbox cannot be written")]
    Outbox,
    /// An API key, address or other setting is not of the form.
    #[error("the setting `{setting}` is not of the form")]
    Setting {
        /// Which.
        setting: &'static str,
    },
}

impl NotifyError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoChannel { .. } => "notify_no_channel",
            Self::NoTemplate { .. } => "notify_no_template",
            Self::Address => "notify_address",
            Self::Refused { .. } => "notify_refused",
            Self::RateLimited { .. } => "notify_rate_limited",
            Self::Unavailable { .. } => "notify_unavailable",
            Self::Unknown => "notify_unknown",
            Self::Outbox => "notify_outbox",
            Self::Setting { .. } => "notify_setting",
        }
    }
}
