//! Nonces that show that a key proof is new (§7).

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand_core::CryptoRng;
use serde_json::{Value, json};
use sha2::Sha256;
use staffpass_jose::base64url;

use super::refusal::Refusal;

/// How long a nonce is good: a person may be asked by the wallet in between.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// Bytes of a nonce before its MAC: the second in which it expires, and 128 random bits.
const BODY: usize = 24;

/// Gives nonces out and takes each back once.
///
/// Anybody may ask for a nonce, so none is remembered before it comes back: a nonce says itself, under a
/// MAC, until when it is good. Only those that came back within a signed proof are remembered, until
/// then. For a server of one process: the key and the memory are its own. Both end with the process,
/// and the key is drawn anew in the next, so that no nonce of before, used or not, is good again: a
/// wallet that is told `invalid_nonce` asks for another.
#[derive(Clone)]
pub struct Nonces {
    mac: Hmac<Sha256>,
    used: BTreeMap<Vec<u8>, DateTime<Utc>>,
}

impl Nonces {
    /// With a new random key.
    pub fn new(rng: &mut impl CryptoRng) -> Self {
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        // HMAC takes a key of any length: what is made of the block's own length cannot fail.
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        for (place, byte) in block.iter_mut().zip(key) {
            *place = byte;
        }
        Self { mac: Hmac::new(&block), used: BTreeMap::new() }
    }

    /// A new nonce, good for 5 minutes.
    #[must_use]
    pub fn issue(&self, now: DateTime<Utc>, rng: &mut impl CryptoRng) -> String {
        let mut random = [0; 16];
        rng.fill_bytes(&mut random);
        let expires = (now + LIFETIME).timestamp().to_be_bytes();
        let mut nonce = [expires.as_slice(), random.as_slice()].concat();
        let mac = self.mac.clone().chain_update(&nonce).finalize().into_bytes();
        nonce.extend_from_slice(&mac);
        base64url::encode(nonce)
    }

    /// The body of the nonce endpoint's answer (§7.2), to be sent with `Cache-Control: no-store`.
    #[must_use]
    pub fn response(&self, now: DateTime<Utc>, rng: &mut impl CryptoRng) -> Value {
        json!({ "c_nonce": self.issue(now, rng) })
    }

    /// Takes a nonce that came back: made here, in time, for the first time.
    pub(crate) fn take(&mut self, nonce: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        let (body, expires_at) = self.read(nonce)?;
        if expires_at <= now {
            return Err(Refusal::NonceExpired);
        }
        self.used.retain(|_, until| *until > now);
        match self.used.insert(body, expires_at) {
            None => Ok(()),
            Some(_) => Err(Refusal::NonceUsed),
        }
    }

    fn read(&self, nonce: &str) -> Result<(Vec<u8>, DateTime<Utc>), Refusal> {
        let bytes = base64url::decode(nonce).map_err(|_| Refusal::NonceUnknown)?;
        let (body, mac) = bytes.split_at_checked(BODY).ok_or(Refusal::NonceUnknown)?;
        let made_here = self.mac.clone().chain_update(body).verify_slice(mac);
        made_here.map_err(|_| Refusal::NonceUnknown)?;
        let expires = body.first_chunk().copied().map(i64::from_be_bytes);
        let expires = expires.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        Ok((body.to_vec(), expires.ok_or(Refusal::NonceUnknown)?))
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nonces").field("used", &self.used.len()).finish_non_exhaustive()
    }
}
