//! What is sent, and to whom.

use std::collections::BTreeMap;
use std::fmt;

use rand::Rng as _;
use zeroize::Zeroizing;

/// How a message reaches a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// By email.
    Email,
    /// By text message.
    Sms,
}

impl Channel {
    /// `email` or `sms`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

/// To whom a message goes. `Debug` prints the channel, and no address.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recipient {
    /// An email address.
    Email(String),
    /// A mobile number, in international form (`+447700900123`).
    Mobile(String),
}

impl Recipient {
    /// The channel to it.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Mobile(_) => Channel::Sms,
        }
    }

    /// The address, for sending to it.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::Email(address) | Self::Mobile(address) => address,
        }
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({}, _)", self.channel().id())
    }
}

/// What a message is about: the name of its template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A security code.
    Code,
    /// An invitation, with its link.
    Invitation,
    /// A reminder of an invitation, without a link.
    Reminder,
    /// To the invited address: another one was entered.
    ContactChanged,
    /// The details are with the trust.
    Submitted,
    /// The trust wants to see something more.
    MoreNeeded,
    /// The trust asks for further credentials, with the link to share them.
    ShareMore,
}

impl Kind {
    /// The stable name, for example `contact_changed`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Invitation => "invitation",
            Self::Reminder => "reminder",
            Self::ContactChanged => "contact_changed",
            Self::Submitted => "submitted",
            Self::MoreNeeded => "more_needed",
            Self::ShareMore => "share_more",
        }
    }
}

/// A message to one person. `Debug` prints neither the address nor what it says.
#[derive(Clone)]
pub struct Message {
    recipient: Recipient,
    kind: Kind,
    values: BTreeMap<&'static str, Zeroizing<String>>,
    origin: Option<String>,
    reference: String,
}

impl Message {
    /// A security code, and for how many minutes it is good.
    #[must_use]
    pub fn code(recipient: Recipient, service: &str, code: &str, minutes: u32) -> Self {
        let minutes = minutes.to_string();
        let values = [("code", code), ("service_name", service), ("minutes", &minutes)];
        Self::new(recipient, Kind::Code, &values)
    }

    /// An invitation by a trust: where it begins, and until when, as the trust writes a date.
    #[must_use]
    pub fn invitation(recipient: Recipient, service: &str, link: &str, until: &str) -> Self {
        let values = [("service_name", service), ("link", link), ("until", until)];
        Self::new(recipient, Kind::Invitation, &values)
    }

    /// A reminder of an invitation: until when its link is good, and whom to ask for another one. The link
    /// is not in it: of that the database has a digest alone.
    #[must_use]
    pub fn reminder(recipient: Recipient, service: &str, until: &str, contact: &str) -> Self {
        let values = [("service_name", service), ("until", until), ("contact", contact)];
        Self::new(recipient, Kind::Reminder, &values)
    }

    /// To the address that was invited: another email address or mobile number was entered. `contact`
    /// is whom to tell if that was somebody else.
    #[must_use]
    pub fn contact_changed(recipient: Recipient, service: &str, contact: &str) -> Self {
        let values = [("service_name", service), ("contact", contact)];
        Self::new(recipient, Kind::ContactChanged, &values)
    }

    /// The details are with the trust.
    #[must_use]
    pub fn submitted(recipient: Recipient, service: &str, contact: &str) -> Self {
        let values = [("service_name", service), ("contact", contact)];
        Self::new(recipient, Kind::Submitted, &values)
    }

    /// The trust wants to see something more: what, in its words on one line.
    #[must_use]
    pub fn more_needed(recipient: Recipient, service: &str, what: &str, contact: &str) -> Self {
        let values = [("service_name", service), ("what", what), ("contact", contact)];
        Self::new(recipient, Kind::MoreNeeded, &values)
    }

    /// The trust asks a person who has shared for further credentials: what, on one line, where it
    /// begins, and until when, as the trust writes a date.
    #[must_use]
    pub fn share_more(
        recipient: Recipient,
        service: &str,
        (what, link, until): (&str, &str, &str),
        contact: &str,
    ) -> Self {
        let values = [
            ("service_name", service),
            ("what", what),
            ("link", link),
            ("until", until),
            ("contact", contact),
        ];
        Self::new(recipient, Kind::ShareMore, &values)
    }

    fn new(recipient: Recipient, kind: Kind, values: &[(&'static str, &str)]) -> Self {
        let value = |(name, value): &(&'static str, &str)| (*name, Zeroizing::new(line(value)));
        let values = values.iter().map(value).collect();
        let reference = format!("{:032x}", u128::from_le_bytes(random()));
        Self { recipient, kind, values, origin: None, reference }
    }

    /// The host of the portal: a code by text message is then bound to it, and phones offer to fill it
    /// in there and nowhere else.
    #[must_use]
    pub fn with_origin(mut self, host: &str) -> Self {
        self.origin = Some(line(host));
        self
    }

    /// To whom.
    #[must_use]
    pub const fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// What about.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The message's own random name: a message that is sent again keeps it, and so is not sent twice
    /// by a service that can tell.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// What fills the template: for the code `code`, `service_name` and `minutes`, and so on.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values.iter().map(|(name, value)| (*name, value.as_str()))
    }

    fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |value| value.as_str())
    }

    /// The subject of an email.
    #[must_use]
    pub fn subject(&self) -> String {
        let service = self.value("service_name");
        match self.kind {
            Kind::Code => format!("Your security code for {service}"),
            Kind::Invitation => format!("{service}: share your staff credentials"),
            Kind::Reminder => format!("{service}: you have not shared your credentials yet"),
            Kind::ContactChanged => format!("{service}: your contact details were changed"),
            Kind::Submitted => format!("{service}: we have received your details"),
            Kind::MoreNeeded => format!("{service}: we need to see something more"),
            Kind::ShareMore => format!("{service}: please share more of your credentials"),
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let (service, contact) = (self.value("service_name"), self.value("contact"));
        let text = match self.kind {
            Kind::Code => self.code_text(service),
            Kind::Invitation => format!(
                "You have been invited to share your staff credentials with {service}.\n\n\
                 Start now: {}\n\nThe link can be used until {}. We never send a QR code by email.\n",
                self.value("link"),
                self.value("until"),
            ),
            Kind::Reminder => format!(
                "{service} has invited you to share your staff credentials, and has not received them \
                 yet.\n\nFollow the link in the invitation that we sent you. It can be used until \
                 {}. If you do not find it, ask the recruitment team for another one: {contact}\n",
                self.value("until"),
            ),
            Kind::ContactChanged => format!(
                "Other contact details than the ones we invited were entered for {service}.\n\n\
                 If this was not you, tell the recruitment team: {contact}\n"
            ),
            Kind::Submitted => format!(
                "{service} has received your details.\n\n\
                 If this was not you, tell the recruitment team: {contact}\n"
            ),
            Kind::MoreNeeded => format!(
                "{service} needs to see something more before you start:\n\n{}\n\n\
                 Ask the recruitment team how to show it to them: {contact}\n",
                self.value("what"),
            ),
            Kind::ShareMore => format!(
                "{service} asks you to share more of your credentials:\n\n{}\n\n\
                 Start now: {}\n\nThe link can be used until {}. We never send a QR code by email. \
                 If you have a question, ask the recruitment team: {contact}\n",
                self.value("what"),
                self.value("link"),
                self.value("until"),
            ),
        };
        Zeroizing::new(text)
    }

    fn code_text(&self, service: &str) -> String {
        let (code, minutes) = (self.value("code"), self.value("minutes"));
        let bound = match (&self.origin, &self.recipient) {
            (Some(host), Recipient::Mobile(_)) => format!("\n@{host} #{code}\n"),
            _ => String::new(),
        };
        format!(
            "{code} is your security code for {service}. It expires in {minutes} minutes. \
             Do not tell it to anyone.\n{bound}"
        )
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("recipient", &self.recipient)
            .field("kind", &self.kind)
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A value is one line: what breaks lines, controls a terminal or turns text round is a space
/// (attack B19).
fn line(text: &str) -> String {
    let breaks = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if breaks(c) { ' ' } else { c }).collect()
}
