//! Which addresses may be sent to.

use std::collections::BTreeSet;
use std::fmt;

use email_address::Options;
use phonenumber::country::Id;
use phonenumber::{Mode, PhoneNumber, Type};
use thiserror::Error;

use crate::message::Recipient;

/// What is wrong with an address, for the page to say. It holds no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddressFault {
    /// Not of the form of an email address.
    #[error("that is not an email address")]
    Email,
    /// Not a telephone number that there could be.
    #[error("that is not a telephone number")]
    Number,
    /// A number of a region to which no messages are sent.
    #[error("no messages are sent to numbers of that region")]
    Region,
    /// A number of another kind: landline, premium, personal.
    #[error("that is not a mobile number")]
    NotMobile,
}

impl AddressFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Email => "address_email",
            Self::Number => "address_number",
            Self::Region => "address_region",
            Self::NotMobile => "address_not_mobile",
        }
    }
}

/// Reads an email address (RFC 5321): at most 254 characters, with a dot in its domain, without a
/// name beside it, and without an address in brackets for a domain. Spaces around it are left out.
///
/// # Errors
///
/// [`AddressFault::Email`].
pub fn email(text: &str) -> Result<Recipient, AddressFault> {
    let text = text.trim();
    let options =
        Options::default().without_display_text().without_domain_literal().with_required_tld();
    let parsed = email_address::EmailAddress::parse_with_options(text, options);
    // Quoted local parts are legal, and nobody has one: they are where headers get broken.
    let usual = text.len() <= 254 && !text.contains(|c: char| c == '"' || c.is_control());
    parsed.ok().filter(|_| usual).ok_or(AddressFault::Email)?;
    Ok(Recipient::Email(text.to_owned()))
}

/// To which numbers text messages go: mobiles of the regions on a list, and no others. A calling code
/// is not enough to tell: `+44` is also Jersey's, and begins personal and premium numbers
/// (attack B16).
#[derive(Clone)]
pub struct NumberRules {
    home: Id,
    regions: BTreeSet<String>,
    test_numbers: bool,
}

impl Default for NumberRules {
    /// Mobiles of Great Britain and Northern Ireland (`GB`) and of Ireland (`IE`); what is written
    /// without a calling code is British.
    fn default() -> Self {
        Self {
            home: Id::GB,
            regions: [Id::GB, Id::IE].into_iter().map(code_of).collect(),
            test_numbers: false,
        }
    }
}

impl NumberRules {
    /// Mobiles of these regions (ISO 3166-1 alpha-2), and of no others.
    ///
    /// # Errors
    ///
    /// [`AddressFault::Region`] for what is not the code of a region.
    pub fn with_regions<'r>(
        mut self,
        regions: impl IntoIterator<Item = &'r str>,
    ) -> Result<Self, AddressFault> {
        let known =
            |region: &str| region.parse::<Id>().map(code_of).map_err(|_| AddressFault::Region);
        self.regions = regions.into_iter().map(known).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Takes the numbers that Ofcom keeps for drama (07700 900000 to 900999), which reach nobody: for
    /// demonstrations and tests.
    #[must_use]
    pub const fn with_test_numbers(mut self) -> Self {
        self.test_numbers = true;
        self
    }

    /// Reads a number in any usual spelling, and gives it in international form.
    ///
    /// # Errors
    ///
    /// [`AddressFault::Number`], [`AddressFault::Region`], [`AddressFault::NotMobile`].
    pub fn mobile(&self, text: &str) -> Result<Recipient, AddressFault> {
        // The parser reads vanity letters and extensions; a person who types those has mistyped.
        let plain = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-.()/".contains(c);
        if text.len() > 32 || !text.chars().all(plain) {
            return Err(AddressFault::Number);
        }
        let number = phonenumber::parse(Some(self.home), text.trim());
        let number = number.map_err(|_| AddressFault::Number)?;
        let international = number.format().mode(Mode::E164).to_string();
        if !(self.test_numbers && is_test_number(&international)) {
            self.check(&number)?;
        }
        Ok(Recipient::Mobile(international))
    }

    fn check(&self, number: &PhoneNumber) -> Result<(), AddressFault> {
        if !number.is_valid() {
            return Err(AddressFault::Number);
        }
        let region = number.country().id().map(code_of);
        if !region.is_some_and(|region| self.regions.contains(&region)) {
            return Err(AddressFault::Region);
        }
        match number.number_type(&phonenumber::metadata::DATABASE) {
            Type::Mobile | Type::FixedLineOrMobile => Ok(()),
            _ => Err(AddressFault::NotMobile),
        }
    }
}

impl fmt::Debug for NumberRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NumberRules")
            .field("regions", &self.regions)
            .field("test_numbers", &self.test_numbers)
            .finish_non_exhaustive()
    }
}

fn code_of(id: Id) -> String {
    id.as_ref().to_owned()
}

fn is_test_number(international: &str) -> bool {
    let rest = international.strip_prefix("+447700900");
    rest.is_some_and(|rest| rest.len() == 3 && rest.bytes().all(|b| b.is_ascii_digit()))
}
