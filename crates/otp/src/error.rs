//! Why a code was not judged, or a thing could not be made.

use chrono::{DateTime, Utc};
use thiserror::Error;

/// Everything that can go wrong here. No variant holds a code, an address or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// What was keyed in is not a code.
    #[error(transparent)]
    KeyedIn(#[from] KeyedInFault),
    /// No code is judged, or sent, now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// As many codes as are allowed have been sent.
    #[error("too many codes have been sent: the next from {until}")]
    TooManySends {
        /// The time of the request.
        now: DateTime<Utc>,
        /// From when one may be sent again.
        until: DateTime<Utc>,
    },
    /// The server key has fewer than 32 bytes.
    #[error("the server key has {bytes} bytes; it needs 32")]
    KeyTooShort {
        /// Its length.
        bytes: usize,
    },
    /// A shared secret that is empty, or has fewer than the 16 bytes that RFC 4226 section 4 (R6) demands.
    #[error("the secret has {bytes} bytes; it needs 16")]
    SecretTooShort {
        /// Its length.
        bytes: usize,
    },
    /// A lifetime that is not from one second to ten minutes.
    #[error("a code lives from 1 to 600 seconds, not {seconds}")]
    Lifetime {
        /// What was asked for.
        seconds: i64,
    },
    /// Sending limits of nothing, or of more than a thousand a day.
    #[error("sending limits are from 1 to 1000")]
    SendLimits,
    /// A number of digits that is not 6, 7 or 8.
    #[error("a value has 6 to 8 digits, not {digits}")]
    Digits {
        /// What was asked for.
        digits: u32,
    },
    /// A time step of no seconds.
    #[error("a time step has at least one second")]
    Period,
    /// A time before the first step (1970-01-01T00:00:00Z).
    #[error("the time is before the first time step")]
    TimeBeforeFirstStep,
    /// The keyed-in value is not that of the moment (RFC 6238).
    #[error("the value is not that of this time")]
    WrongTotp,
    /// The value of this time step has been accepted already (RFC 6238 section 5.2).
    #[error("the value of this time step has been used")]
    UsedTotp,
}

impl Error {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::KeyedIn(fault) => fault.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::TooManySends { .. } => "otp_too_many_sends",
            Self::KeyTooShort { .. } => "otp_key_too_short",
            Self::SecretTooShort { .. } => "otp_secret_too_short",
            Self::Lifetime { .. } => "otp_lifetime",
            Self::SendLimits => "otp_send_limits",
            Self::Digits { .. } => "otp_digits",
            Self::Period => "otp_period",
            Self::TimeBeforeFirstStep => "otp_time_before_first_step",
            Self::WrongTotp => "otp_wrong_totp",
            Self::UsedTotp => "otp_used_totp",
        }
    }
}

/// What is wrong with the text that a person keyed in, for the page to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyedInFault {
    /// Nothing, spaces and dashes aside.
    #[error("no code was entered")]
    Empty,
    /// Something that is neither a digit 0 to 9, a space nor a dash.
    #[error("a code has numbers only")]
    NotNumbers,
    /// Fewer digits than a code has.
    #[error("not enough numbers were entered")]
    TooFew,
    /// More digits than a code has.
    #[error("too many numbers were entered")]
    TooMany,
}

impl KeyedInFault {
    /// The stable code of this fault.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "otp_empty",
            Self::NotNumbers => "otp_not_numbers",
            Self::TooFew => "otp_too_few_numbers",
            Self::TooMany => "otp_too_many_numbers",
        }
    }
}

/// Why no code is judged now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No code was sent, or the one that was sent has been used or withdrawn.
    #[error("there is no live code")]
    NoLiveCode,
    /// The code has expired; send another.
    #[error("the code expired at {until}; it is {now}")]
    Expired {
        /// The time of the attempt.
        now: DateTime<Utc>,
        /// When it expired.
        until: DateTime<Utc>,
    },
    /// Five wrong tries have ended the live codes; send another.
    #[error("too many wrong tries have ended the code")]
    CodesEnded,
    /// Ten more wrong tries have closed the channel for a while.
    #[error("the channel is closed until {until}; it is {now}")]
    Locked {
        /// The time of the attempt.
        now: DateTime<Utc>,
        /// When it opens again.
        until: DateTime<Utc>,
    },
    /// A hundred wrong tries have closed the channel for this share for good.
    #[error("the channel is closed for good")]
    LockedForGood,
    /// The attempt was not counted in this state first, or belongs to codes that are gone.
    #[error("the attempt was not counted in this state")]
    NotCounted,
}

impl Refusal {
    /// The stable code of this refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoLiveCode => "otp_no_live_code",
            Self::Expired { .. } => "otp_expired",
            Self::CodesEnded => "otp_codes_ended",
            Self::Locked { .. } => "otp_locked",
            Self::LockedForGood => "otp_locked_for_good",
            Self::NotCounted => "otp_not_counted",
        }
    }
}
