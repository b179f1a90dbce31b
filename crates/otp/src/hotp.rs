//! HOTP (RFC 4226) and TOTP (RFC 6238).

use core::fmt;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq};

use crate::code::{Code, Digits, KeyedIn};
use crate::error::Error;

/// The hash under the HMAC. RFC 4226 knows SHA-1 only; RFC 6238 section 1.2 adds the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC-SHA-1.
    #[default]
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

/// Values from a shared secret and a counter (RFC 4226 section 5).
///
/// ```
/// use staffpass_otp::{Algorithm, Digits, Hotp};
///
/// let hotp = Hotp::new(b"12345678901234567890", Algorithm::Sha1, Digits::Six)?;
/// assert_eq!(hotp.value(0).reveal(), "755224");
/// # Ok::<(), staffpass_otp::Error>(())
/// ```
#[derive(Clone)]
pub struct Hotp {
    mac: KeyedMac,
    digits: Digits,
}

#[derive(Clone)]
enum KeyedMac {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Hmac<Sha512>),
}

impl Hotp {
    /// Takes a shared secret of at least 16 bytes (RFC 4226 section 4, R6).
    ///
    /// # Errors
    ///
    /// [`Error::SecretTooShort`].
    pub fn new(secret: &[u8], algorithm: Algorithm, digits: Digits) -> Result<Self, Error> {
        if secret.len() < 16 {
            return Err(Error::SecretTooShort { bytes: secret.len() });
        }
        Self::accept_short_secret(secret, algorithm, digits)
    }

    /// Takes a shared secret of any length but none: some deployed systems use 10 bytes, which RFC
    /// 4226 does not allow.
    ///
    /// # Errors
    ///
    /// [`Error::SecretTooShort`] for an empty one.
    pub fn accept_short_secret(
        secret: &[u8],
        algorithm: Algorithm,
        digits: Digits,
    ) -> Result<Self, Error> {
        let short = Error::SecretTooShort { bytes: secret.len() };
        if secret.is_empty() {
            return Err(short);
        }
        let mac = match algorithm {
            Algorithm::Sha1 => Hmac::new_from_slice(secret).map(KeyedMac::Sha1),
            Algorithm::Sha256 => Hmac::new_from_slice(secret).map(KeyedMac::Sha256),
            Algorithm::Sha512 => Hmac::new_from_slice(secret).map(KeyedMac::Sha512),
        };
        mac.map(|mac| Self { mac, digits }).map_err(|_| short)
    }

    /// The value for a counter (RFC 4226 section 5.3).
    #[must_use]
    pub fn value(&self, counter: u64) -> Code {
        let moving = counter.to_be_bytes();
        let number = match &self.mac {
            KeyedMac::Sha1(mac) => {
                truncate(&mac.clone().chain_update(moving).finalize().into_bytes())
            }
            KeyedMac::Sha256(mac) => {
                truncate(&mac.clone().chain_update(moving).finalize().into_bytes())
            }
            KeyedMac::Sha512(mac) => {
                truncate(&mac.clone().chain_update(moving).finalize().into_bytes())
            }
        };
        Code::of(number, self.digits)
    }

    fn matches(&self, counter: u64, keyed_in: &KeyedIn) -> Choice {
        self.value(counter).reveal().as_bytes().ct_eq(keyed_in.as_bytes())
    }
}

impl fmt::Debug for Hotp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hotp").field("digits", &self.digits).finish_non_exhaustive()
    }
}

/// Dynamic truncation (RFC 4226 section 5.3): 31 bits from where the last four bits point.
fn truncate(mac: &[u8]) -> u32 {
    let offset = usize::from(mac.last().map_or(0, |last| last & 0x0f));
    let four = mac.iter().skip(offset).take(4);
    four.fold(0_u32, |number, byte| (number << 8) | u32::from(*byte)) & 0x7fff_ffff
}

/// Values from a shared secret and the time (RFC 6238), from 1970-01-01T00:00:00Z on.
#[derive(Debug, Clone)]
pub struct Totp {
    hotp: Hotp,
    period: u64,
}

/// The last time step whose value was accepted. Store it for each secret; by compare-and-set, so that
/// of two that present one value one loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LastStep(Option<u64>);

impl Totp {
    /// The time step of RFC 6238 section 5.2, in seconds.
    pub const DEFAULT_PERIOD: u64 = 30;

    /// Values that change each `period` seconds.
    ///
    /// # Errors
    ///
    /// [`Error::Period`] for none.
    pub fn new(hotp: Hotp, period: u64) -> Result<Self, Error> {
        if period == 0 { Err(Error::Period) } else { Ok(Self { hotp, period }) }
    }

    /// The value at a time.
    ///
    /// # Errors
    ///
    /// [`Error::TimeBeforeFirstStep`] before 1970.
    pub fn value(&self, at: DateTime<Utc>) -> Result<Code, Error> {
        self.step(at).map(|step| self.hotp.value(step))
    }

    /// Accepts the value of this time step or of the one before (RFC 6238 section 5.2), each once:
    /// a step not later than the last accepted is refused. Counting wrong tries is for the caller:
    /// [`ChannelCounter`](crate::ChannelCounter) does it.
    ///
    /// # Errors
    ///
    /// [`Error::WrongTotp`], [`Error::UsedTotp`] or [`Error::TimeBeforeFirstStep`].
    pub fn accept(
        &self,
        keyed_in: &KeyedIn,
        last: &mut LastStep,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let step = self.step(now)?;
        let current = bool::from(self.hotp.matches(step, keyed_in)).then_some(step);
        let before = step.checked_sub(1);
        let before = before.filter(|before| bool::from(self.hotp.matches(*before, keyed_in)));
        let matched = current.or(before).ok_or(Error::WrongTotp)?;
        if last.0.is_some_and(|last| matched <= last) {
            return Err(Error::UsedTotp);
        }
        last.0 = Some(matched);
        Ok(())
    }

    fn step(&self, at: DateTime<Utc>) -> Result<u64, Error> {
        let seconds = u64::try_from(at.timestamp()).map_err(|_| Error::TimeBeforeFirstStep)?;
        seconds.checked_div(self.period).ok_or(Error::Period)
    }
}
