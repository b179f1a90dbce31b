//! Identifiers: the person's identity id, and the code of an organisation.

use core::fmt;

use crate::error::Rule;

/// The identifier of one person's identity, given by the issuer of the identity credential and
/// repeated by the others: a lower-case version 4 UUID (RFC 9562).
///
/// It is a handle by which a person can be followed, so `Debug` does not print it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityId(String);

impl IdentityId {
    /// Reads a lower-case version 4 UUID.
    ///
    /// # Errors
    ///
    /// [`Rule::NotAUuid`].
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let shaped = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                14 => byte == b'4',
                19 => matches!(byte, b'8' | b'9' | b'a' | b'b'),
                _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            });
        if shaped { Ok(Self(text.to_owned())) } else { Err(Rule::NotAUuid) }
    }

    /// The UUID as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IdentityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityId(_)")
    }
}

/// The ODS code of an organisation: 3 to 8 upper-case letters and digits. That one exists is for
/// the ODS register to say.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OdsCode(String);

impl OdsCode {
    /// Reads a code as it stands in a credential: upper-case.
    ///
    /// # Errors
    ///
    /// [`Rule::Form`].
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let shaped = (3..=8).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if shaped { Ok(Self(text.to_owned())) } else { Err(Rule::Form) }
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OdsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OdsCode(_)")
    }
}
