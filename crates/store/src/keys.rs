//! The keys of the store. None of them is in the database.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use staffpass_otp::Channel;
use staffpass_share::{EmailAddress, MobileNumber, SealingKeys};

use crate::error::StoreError;

/// What the store seals, looks up and chains with. Give each trust's portal the same keys on all its
/// machines, and keep them outside the database and its backups.
#[derive(Clone)]
pub struct StoreKeys {
    pub(crate) sealing: SealingKeys,
    index: Hmac<Sha256>,
    audit: Hmac<Sha256>,
}

impl StoreKeys {
    /// The sealing keys, the key of the blind indexes and the key of the audit: of 32 random bytes
    /// each. Only the sealing keys can be changed later ([`reseal`](crate::Store::reseal)).
    ///
    /// # Errors
    ///
    /// [`StoreError::KeyTooShort`].
    pub fn new(sealing: SealingKeys, index: &[u8], audit: &[u8]) -> Result<Self, StoreError> {
        let (index, audit) = (mac_key("index", index)?, mac_key("audit", audit)?);
        Ok(Self { sealing, index, audit })
    }

    /// The blind index of a value: a keyed digest, another for each tenant and use.
    pub(crate) fn blind(&self, tenant: &str, what: &str, value: &str) -> Vec<u8> {
        mac(&self.index, &[tenant.as_bytes(), what.as_bytes(), value.as_bytes()]).to_vec()
    }

    pub(crate) fn email(&self, tenant: &str, email: &EmailAddress) -> Vec<u8> {
        self.blind(tenant, Channel::Email.id(), &email.as_str().to_lowercase())
    }

    pub(crate) fn mobile(&self, tenant: &str, home: &str, mobile: &MobileNumber) -> Vec<u8> {
        self.blind(tenant, Channel::Mobile.id(), &international(&mobile.digits(), home))
    }

    /// The link of an entry to the one before.
    pub(crate) fn chain(&self, tenant: &str, seq: i64, before: &[u8], entry: &str) -> [u8; 32] {
        mac(&self.audit, &[tenant.as_bytes(), &seq.to_be_bytes(), before, entry.as_bytes()])
    }
}

impl fmt::Debug for StoreKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKeys(_)")
    }
}

fn mac_key(name: &'static str, key: &[u8]) -> Result<Hmac<Sha256>, StoreError> {
    let short = StoreError::KeyTooShort { name, bytes: key.len() };
    if key.len() < 32 {
        return Err(short);
    }
    Hmac::new_from_slice(key).map_err(|_| short)
}

/// The name that the audit gives a share, under the share's own key: with that key gone, nobody can
/// tell whose the entries are.
pub(crate) fn subject(key: &[u8]) -> Option<[u8; 32]> {
    let key = Hmac::<Sha256>::new_from_slice(key).ok()?;
    Some(mac(&key, &[b"staffpass-store/subject"]))
}

/// HMAC-SHA-256 over parts, each with its length before it.
fn mac(key: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = key.clone();
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// One spelling for the number written for home and for abroad, so that one person has one index.
pub(crate) fn international(digits: &str, home: &str) -> String {
    match (digits.strip_prefix("00"), digits.strip_prefix('0')) {
        (Some(rest), _) => format!("+{rest}"),
        (None, Some(rest)) => format!("+{home}{rest}"),
        _ => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_written_for_home_and_for_abroad_is_one() {
        for written in ["07700900123", "00447700900123", "+447700900123"] {
            assert_eq!(international(written, "44"), "+447700900123");
        }
    }

    #[test]
    fn b13_an_index_is_another_in_each_tenant_and_channel() {
        let keys = StoreKeys::new(SealingKeys::new(1, [1; 32]), &[2; 32], &[3; 32]).unwrap();
        let indexes = [("a", "email"), ("b", "email"), ("a", "mobile"), ("ae", "mail")]
            .map(|(tenant, what)| keys.blind(tenant, what, "x"));
        let distinct: std::collections::BTreeSet<_> = indexes.iter().collect();
        assert_eq!(distinct.len(), 4);
    }

    #[test]
    fn a_short_key_is_refused() {
        let error = StoreKeys::new(SealingKeys::new(1, [1; 32]), &[2; 31], &[3; 32]).unwrap_err();
        assert_eq!(error.code(), "store_key_too_short");
    }
}
