//! Email addresses and mobile numbers, as far as this crate looks at them.
//!
//! The rules here are the least that keeps nonsense out. Whether an address or number exists, is a
//! mobile, or is in an allowed country is for whoever sends to it; the code that comes back proves it.

use core::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use staffpass_otp::Confirmation;
use thiserror::Error;

/// An email address: one `@`, 1 to 64 characters before it, a domain with a dot after it, at most
/// 254 bytes in all, no spaces, control characters, quotes or brackets. The domain is kept in lower
/// case.
///
/// `Debug` does not print it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads what a person entered; spaces around it are left out.
    ///
    /// # Errors
    ///
    /// [`ContactFault::Email`].
    pub fn parse(text: &str) -> Result<Self, ContactFault> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(ContactFault::Email)?;
        let clean = text.len() <= 254 && !text.chars().any(is_unfit);
        let local_stands = (1..=64).contains(&local.chars().count()) && has_no_empty_label(local);
        let domain_stands = domain.contains('.') && has_no_empty_label(domain) && is_host(domain);
        if !clean || !local_stands || !domain_stands {
            return Err(ContactFault::Email);
        }
        Ok(Self(format!("{local}@{}", domain.to_lowercase())))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What would break a mail header or deceive a reader (attacks B19, B20): spaces, controls, the
/// specials of RFC 5322 section 3.2.3 but `@` and the dot, and characters that turn or hide text.
fn is_unfit(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || r#"()<>[]:;,\""#.contains(c)
        || matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(c, '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

fn has_no_empty_label(text: &str) -> bool {
    text.split('.').all(|label| !label.is_empty())
}

fn is_host(domain: &str) -> bool {
    domain.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.')
}

/// A mobile number: 7 to 15 digits, perhaps with a `+` before them; spaces, hyphens, dots and round
/// brackets may stand between. It is kept as it was entered, and compared by its digits: the same
/// number written for home and for abroad counts as two.
///
/// `Debug` does not print it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MobileNumber(String);

impl MobileNumber {
    /// Reads what a person entered; spaces around it are left out.
    ///
    /// # Errors
    ///
    /// [`ContactFault::Mobile`].
    pub fn parse(text: &str) -> Result<Self, ContactFault> {
        let text = text.trim();
        let rest = text.strip_prefix('+').unwrap_or(text);
        let filler = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')');
        let formed = rest.chars().all(|c| c.is_ascii_digit() || filler(c));
        let digits = rest.chars().filter(char::is_ascii_digit).count();
        if formed && text.len() <= 32 && (7..=15).contains(&digits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ContactFault::Mobile)
        }
    }

    /// The number as it was entered: for showing.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits, with the `+` if there is one: for sending and comparing.
    #[must_use]
    pub fn digits(&self) -> String {
        self.0.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
    }
}

impl PartialEq for MobileNumber {
    fn eq(&self, other: &Self) -> bool {
        self.digits() == other.digits()
    }
}

impl Eq for MobileNumber {}

macro_rules! personal_text {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(_)"))
            }
        }

        impl TryFrom<String> for $name {
            type Error = ContactFault;

            fn try_from(text: String) -> Result<Self, ContactFault> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

personal_text!(EmailAddress);
personal_text!(MobileNumber);

/// What is wrong with an address or number, for the page to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ContactFault {
    /// Not of the form of an email address.
    #[error("that is not an email address")]
    Email,
    /// Not of the form of a mobile number.
    #[error("that is not a mobile number")]
    Mobile,
}

impl ContactFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Email => "email_form",
            Self::Mobile => "mobile_form",
        }
    }
}

/// One way to reach the person: what was entered, and whether a code confirmed it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contact<A> {
    pub(crate) address: Option<A>,
    pub(crate) confirmed_at: Option<DateTime<Utc>>,
    pub(crate) codes: Confirmation,
}

impl<A> Contact<A> {
    pub(crate) fn new() -> Self {
        Self { address: None, confirmed_at: None, codes: Confirmation::new() }
    }

    /// Another address: nothing about the one before holds, but the wrong tries that were counted.
    pub(crate) fn enter(&mut self, address: A) {
        self.address = Some(address);
        self.unconfirm();
    }

    pub(crate) fn unconfirm(&mut self) {
        self.confirmed_at = None;
        self.codes.withdraw_codes();
    }

    pub(crate) fn confirmed(&self) -> Option<&A> {
        self.address.as_ref().filter(|_| self.confirmed_at.is_some())
    }
}
