//! SMTP (RFC 5321), by `lettre`.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message as Email};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use crate::error::NotifyError;
use crate::message::{Channel, Message, Recipient};

/// A mail server to send by, and the address to send from.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    host: String,
    timeout: Duration,
}

/// How a mail server is reached.
pub struct SmtpOptions {
    host: String,
    port: Option<u16>,
    tls: TlsMode,
    credentials: Option<Credentials>,
    root: Option<Certificate>,
    timeout: Duration,
}

enum TlsMode {
    Implicit,
    StartTls,
    PlainOnLoopback,
}

impl SmtpOptions {
    /// TLS from the first byte (RFC 8314): port 465.
    #[must_use]
    pub fn tls(host: &str) -> Self {
        Self::new(host, TlsMode::Implicit)
    }

    /// TLS by STARTTLS, which the server must offer: port 587.
    #[must_use]
    pub fn start_tls(host: &str) -> Self {
        Self::new(host, TlsMode::StartTls)
    }

    /// No TLS, to a server on this machine (`127.0.0.1`): port 25.
    #[must_use]
    pub fn plain_on_loopback() -> Self {
        Self::new("127.0.0.1", TlsMode::PlainOnLoopback)
    }

    fn new(host: &str, tls: TlsMode) -> Self {
        let timeout = Duration::from_secs(20);
        Self { host: host.to_owned(), port: None, tls, credentials: None, root: None, timeout }
    }

    /// Another port.
    #[must_use]
    pub const fn with_port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// A user and password.
    #[must_use]
    pub fn with_credentials(mut self, user: &str, password: &str) -> Self {
        self.credentials = Some(Credentials::new(user.to_owned(), password.to_owned()));
        self
    }

    /// A root certificate (PEM) beside the public ones: of a trust's own mail server.
    ///
    /// # Errors
    ///
    /// [`NotifyError::Setting`].
    pub fn with_root_certificate(mut self, pem: &[u8]) -> Result<Self, NotifyError> {
        let malformed = NotifyError::Setting { setting: "root_certificate" };
        // A file without a certificate in it is no error to the parser.
        if !pem.starts_with(b"-----BEGIN CERTIFICATE-----") {
            return Err(malformed);
        }
        self.root = Some(Certificate::from_pem(pem).map_err(|_| malformed)?);
        Ok(self)
    }

    /// How long the whole conversation may take.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// Prints no password.
impl std::fmt::Debug for SmtpOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpOptions").field("host", &self.host).finish_non_exhaustive()
    }
}

impl Smtp {
    /// Sends by this server, from this address under this name.
    ///
    /// # Errors
    ///
    /// [`NotifyError::Setting`] for what is no email address, and for TLS that cannot be set up.
    pub fn new(options: SmtpOptions, name: &str, from: &str) -> Result<Self, NotifyError> {
        let from = from.parse::<Address>().map_err(|_| NotifyError::Setting { setting: "from" })?;
        let from = Mailbox::new(Some(name.to_owned()), from);
        let mut parameters = TlsParameters::builder(options.host.clone());
        if let Some(root) = options.root {
            parameters = parameters.add_root_certificate(root);
        }
        let tls = || parameters.build().map_err(|_| NotifyError::Setting { setting: "tls" });
        let (tls, port) = match options.tls {
            TlsMode::Implicit => (Tls::Wrapper(tls()?), 465),
            TlsMode::StartTls => (Tls::Required(tls()?), 587),
            TlsMode::PlainOnLoopback => (Tls::None, 25),
        };
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(options.host.clone())
                .port(options.port.unwrap_or(port))
                .timeout(Some(options.timeout))
                .tls(tls);
        if let Some(credentials) = options.credentials {
            builder = builder.credentials(credentials);
        }
        Ok(Self { transport: builder.build(), from, host: options.host, timeout: options.timeout })
    }

    pub(crate) async fn send(&self, message: &Message) -> Result<(), NotifyError> {
        let email = self.email(message)?;
        // The transport's own time-out is for connecting; a server may also fall silent later.
        let sent = tokio::time::timeout(self.timeout, self.transport.send(email)).await;
        let sent = sent.map_err(|_| NotifyError::Unknown)?;
        sent.map(drop).map_err(|error| fault(&error))
    }

    fn email(&self, message: &Message) -> Result<Email, NotifyError> {
        let Recipient::Email(address) = message.recipient() else {
            return Err(NotifyError::NoChannel { channel: Channel::Sms });
        };
        let to = address.parse::<Address>().map_err(|_| NotifyError::Address)?;
        let domain = self.from.email.domain();
        Email::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(message.subject())
            .message_id(Some(format!("<{}@{domain}>", message.reference())))
            .header(ContentType::TEXT_PLAIN)
            .body(message.text().to_string())
            .map_err(|_| NotifyError::Address)
    }
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("host", &self.host).finish_non_exhaustive()
    }
}

/// The reply's code is kept, and its text is not: servers quote addresses.
fn fault(error: &lettre::transport::smtp::Error) -> NotifyError {
    match error.status() {
        Some(code) if error.is_permanent() => NotifyError::Refused { status: u16::from(code) },
        Some(_) => NotifyError::Unavailable { attempts: 1 },
        None if error.is_timeout() => NotifyError::Unknown,
        None => NotifyError::Unavailable { attempts: 1 },
    }
}
