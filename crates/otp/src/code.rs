//! Codes: made, sent, and keyed in again.

use core::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::error::{Error, KeyedInFault};

/// How many digits a value has. The codes that confirm an address have six.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Digits {
    /// Six.
    #[default]
    Six,
    /// Seven.
    Seven,
    /// Eight.
    Eight,
}

impl Digits {
    /// Six, seven or eight (RFC 4226 section 5.3: at least six, possibly seven and eight).
    ///
    /// # Errors
    ///
    /// [`Error::Digits`] for any other number.
    pub const fn new(digits: u32) -> Result<Self, Error> {
        match digits {
            6 => Ok(Self::Six),
            7 => Ok(Self::Seven),
            8 => Ok(Self::Eight),
            _ => Err(Error::Digits { digits }),
        }
    }

    pub(crate) const fn count(self) -> usize {
        match self {
            Self::Six => 6,
            Self::Seven => 7,
            Self::Eight => 8,
        }
    }

    /// Ten to the power of the number of digits.
    const fn modulus(self) -> u32 {
        match self {
            Self::Six => 1_000_000,
            Self::Seven => 10_000_000,
            Self::Eight => 100_000_000,
        }
    }
}

/// A one-time code, in the clear: for sending, and then for forgetting. It is wiped from memory when
/// dropped, does not print itself, cannot be cloned and cannot be stored.
pub struct Code(Zeroizing<String>);

impl Code {
    /// A code of six digits, each of the million as likely as the next.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        // 20 bits hold 0 to 1,048,575. What is not below a million is drawn again: a remainder
        // would favour the low codes.
        loop {
            let drawn = rng.next_u32() >> 12;
            if drawn < Digits::Six.modulus() {
                return Self::of(drawn, Digits::Six);
            }
        }
    }

    /// The last digits of a number, with zeros before them.
    pub(crate) fn of(number: u32, digits: Digits) -> Self {
        let (rest, width) = (number % digits.modulus(), digits.count());
        Self(Zeroizing::new(format!("{rest:0width$}")))
    }

    /// The digits, to be sent to the address and written nowhere else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(_)")
    }
}

/// What a person keyed in, of the form of a code. It is wiped from memory when dropped, and does not
/// print itself.
pub struct KeyedIn(Zeroizing<String>);

impl KeyedIn {
    /// Reads a code of six digits. Spaces, hyphens and dashes are left out; then exactly six ASCII
    /// digits must stand.
    ///
    /// # Errors
    ///
    /// [`KeyedInFault`], for the page to say what to do.
    pub fn parse(text: &str) -> Result<Self, KeyedInFault> {
        Self::parse_digits(text, Digits::Six)
    }

    /// Reads a value of that many digits in the same way.
    ///
    /// # Errors
    ///
    /// [`KeyedInFault`].
    pub fn parse_digits(text: &str, digits: Digits) -> Result<Self, KeyedInFault> {
        let mut kept = Zeroizing::new(String::with_capacity(digits.count()));
        let mut found = 0_usize;
        for character in text.chars().filter(|character| !is_filler(*character)) {
            if !character.is_ascii_digit() {
                return Err(KeyedInFault::NotNumbers);
            }
            found = found.saturating_add(1);
            // No more is kept than fits, so that the text never moves to where it is not wiped.
            if found <= digits.count() {
                kept.push(character);
            }
        }
        match found {
            0 => Err(KeyedInFault::Empty),
            few if few < digits.count() => Err(KeyedInFault::TooFew),
            many if many > digits.count() => Err(KeyedInFault::TooMany),
            _ => Ok(Self(kept)),
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for KeyedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedIn(_)")
    }
}

/// Spaces of every kind, hyphens, dashes and the minus sign: what people and keyboards put between.
fn is_filler(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '-' | '\u{AD}' | '\u{2010}'
                ..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}'
        )
}
