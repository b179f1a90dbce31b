//! The notifier: one of four ways to send, or two of them by channel.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::NotifyError;
use crate::gov_uk_notify::GovUkNotify;
use crate::message::{Channel, Message};
use crate::outbox::Outbox;
use crate::smtp::Smtp;

/// Sends messages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Notifier(Arc<Backend>);

#[derive(Debug)]
enum Backend {
    GovUkNotify(GovUkNotify),
    Smtp(Smtp),
    Outbox(Outbox),
    Memory(Memory),
    ByChannel { email: Notifier, sms: Notifier },
}

impl Notifier {
    /// Writes each message into a file of its own in this directory, for the owner alone: the way that
    /// needs no account anywhere. The files hold addresses and codes in the clear: for trying things
    /// out, and not for people's real ones.
    ///
    /// # Errors
    ///
    /// [`NotifyError::Outbox`] where the directory cannot be made.
    pub fn outbox(directory: impl Into<PathBuf>) -> Result<Self, NotifyError> {
        Ok(Self::of(Backend::Outbox(Outbox::open(directory.into())?)))
    }

    /// Keeps messages in memory, for tests; the other value shows them.
    #[must_use]
    pub fn memory() -> (Self, Memory) {
        let memory = Memory::default();
        (Self::of(Backend::Memory(memory.clone())), memory)
    }

    /// Sends email to a mail server. It sends no text messages.
    #[must_use]
    pub fn smtp(smtp: Smtp) -> Self {
        Self::of(Backend::Smtp(smtp))
    }

    /// Sends email and text messages by GOV.UK Notify.
    #[must_use]
    pub fn gov_uk_notify(notify: GovUkNotify) -> Self {
        Self::of(Backend::GovUkNotify(notify))
    }

    /// Sends email by one notifier and text messages by another.
    #[must_use]
    pub fn by_channel(email: Self, sms: Self) -> Self {
        Self::of(Backend::ByChannel { email, sms })
    }

    fn of(backend: Backend) -> Self {
        Self(Arc::new(backend))
    }

    /// Sends a message: it has been taken by the service, which is not yet to say that it has arrived.
    /// What may pass is tried again for a while (GOV.UK Notify); so call this beside the answer to the
    /// person, or have her wait.
    ///
    /// # Errors
    ///
    /// [`NotifyError`].
    pub async fn send(&self, message: &Message) -> Result<(), NotifyError> {
        match self.backend(message.recipient().channel()) {
            Backend::GovUkNotify(notify) => notify.send(message).await,
            Backend::Smtp(smtp) => smtp.send(message).await,
            Backend::Outbox(outbox) => outbox.write(message).await,
            Backend::Memory(memory) => memory.keep(message),
            Backend::ByChannel { .. } => {
                Err(NotifyError::NoChannel { channel: message.recipient().channel() })
            }
        }
    }

    /// The one that sends by this channel.
    fn backend(&self, channel: Channel) -> &Backend {
        match (&*self.0, channel) {
            (Backend::ByChannel { email, .. }, Channel::Email) => email.backend(channel),
            (Backend::ByChannel { sms, .. }, Channel::Sms) => sms.backend(channel),
            (backend, _) => backend,
        }
    }

    /// Where the messages are, if in files: for the terminal to say so.
    #[must_use]
    pub fn directory(&self) -> Option<&std::path::Path> {
        match &*self.0 {
            Backend::Outbox(outbox) => Some(outbox.directory()),
            Backend::ByChannel { email, sms } => email.directory().or_else(|| sms.directory()),
            _ => None,
        }
    }
}

/// Messages in memory. `Debug` prints none.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Vec<Message>>>);

impl Memory {
    /// Those that were sent, in order.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, message: &Message) -> Result<(), NotifyError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
        Ok(())
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory(_)")
    }
}
