//! What a code is for, and the keyed digest that is all that is kept of it.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use crate::error::Error;

/// How a code reaches a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Channel {
    /// By email.
    Email,
    /// By text message to a mobile.
    Mobile,
}

impl Channel {
    /// `email` or `mobile`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Mobile => "mobile",
        }
    }
}

/// The one thing that a code confirms: for this purpose, over this channel, at this address. A code
/// made for one binding confirms no other.
#[derive(Clone, Copy)]
pub struct Binding<'a> {
    purpose: &'a str,
    channel: Channel,
    address: &'a str,
    epoch: u64,
}

impl<'a> Binding<'a> {
    /// A binding to a purpose (tenant, share and what is being confirmed, as one text that no other
    /// purpose has), a channel, and an address in one fixed spelling.
    #[must_use]
    pub const fn new(purpose: &'a str, channel: Channel, address: &'a str) -> Self {
        Self { purpose, channel, address, epoch: 0 }
    }

    /// The same, in an epoch. Raise the epoch when a store is restored from a backup, and every code
    /// of before is dead. Without this the epoch is 0.
    #[must_use]
    pub const fn in_epoch(mut self, epoch: u64) -> Self {
        self.epoch = epoch;
        self
    }
}

impl fmt::Debug for Binding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binding").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// The server's key for the digests of codes: at least 32 random bytes, kept outside the store. Six
/// digits are quickly tried through, so without this key a digest would hide nothing. When the key
/// is changed, the live codes are dead.
#[derive(Clone)]
pub struct CodeKey(Hmac<Sha256>);

impl CodeKey {
    /// Takes a key of at least 32 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::KeyTooShort`].
    pub fn new(key: &[u8]) -> Result<Self, Error> {
        let short = Error::KeyTooShort { bytes: key.len() };
        let long_enough = key.get(..32).map(|_| key).ok_or(short)?;
        Hmac::new_from_slice(long_enough).map(Self).map_err(|_| short)
    }

    /// HMAC-SHA-256 over every part of the binding and the code, each with its length before it, so
    /// that no two bindings give the same bytes.
    pub(crate) fn digest(&self, binding: &Binding<'_>, code: &[u8]) -> CodeDigest {
        let epoch = binding.epoch.to_be_bytes();
        let parts: [&[u8]; 6] = [
            b"staffpass-otp/1",
            binding.purpose.as_bytes(),
            binding.channel.id().as_bytes(),
            binding.address.as_bytes(),
            &epoch,
            code,
        ];
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        CodeDigest(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey(_)")
    }
}

/// The keyed digest of a code. It has no `==`: it is compared in constant time only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct CodeDigest([u8; 32]);

impl CodeDigest {
    pub(crate) fn matches(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}
