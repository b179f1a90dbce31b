//! Sealing what is stored: authenticated encryption, bound to the place where it is stored.

use std::collections::BTreeMap;
use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;

/// The form of what is sealed: this byte, four bytes of key id, 24 of nonce, the ciphertext with its
/// tag.
const FORM: u8 = 1;
const NONCE: usize = 24;

/// The keys under which a portal seals what it stores, each with an id; they stay outside the store.
/// One is current: everything is sealed under it. Older ones still open what they sealed, until that
/// has been [resealed](Self::reseal).
///
/// XChaCha20-Poly1305, with a random nonce of 192 bits for each sealing: so many that two are never
/// alike. What is sealed opens at its place only: the place is authenticated with it.
///
/// ```
/// use staffpass_share::SealingKeys;
///
/// let keys = SealingKeys::new(1, [7; 32]); // from the portal's configuration
/// let place = [&b"westmoor"[..], b"invitation-1"];
/// let sealed = keys.seal(b"what is stored", &place, &mut rand::rng())?;
/// assert_eq!(*keys.open(&sealed, &place)?, b"what is stored");
/// assert!(keys.open(&sealed, &[b"westmoor", b"invitation-2"]).is_err());
/// # Ok::<(), staffpass_share::SealError>(())
/// ```
#[derive(Clone)]
pub struct SealingKeys {
    current: u32,
    keys: BTreeMap<u32, Zeroizing<[u8; 32]>>,
}

impl SealingKeys {
    /// One key, of 32 random bytes, which is current.
    #[must_use]
    pub fn new(id: u32, key: [u8; 32]) -> Self {
        Self { current: id, keys: BTreeMap::from([(id, Zeroizing::new(key))]) }
    }

    /// With an older key, for opening only. The current one keeps its id where both have the same.
    #[must_use]
    pub fn with_older(mut self, id: u32, key: [u8; 32]) -> Self {
        self.keys.entry(id).or_insert_with(|| Zeroizing::new(key));
        self
    }

    /// Seals for a place: the parts that name it, for example tenant, table, column and row.
    ///
    /// # Errors
    ///
    /// [`SealError::TooLong`].
    pub fn seal(
        &self,
        plaintext: &[u8],
        place: &[&[u8]],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        let header = header(self.current);
        let payload = Payload { msg: plaintext, aad: &associated(&header, place) };
        let cipher = self.cipher(self.current)?;
        let ciphertext =
            cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::TooLong)?;
        Ok([&header[..], &nonce, &ciphertext].concat())
    }

    /// Opens what was sealed for this place, under the current key or an older one.
    ///
    /// # Errors
    ///
    /// [`SealError::Malformed`], [`SealError::UnknownKey`]; [`SealError::DoesNotOpen`] where it was
    /// changed, or sealed for another place.
    pub fn open(&self, sealed: &[u8], place: &[&[u8]]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (header, rest) = sealed.split_first_chunk::<5>().ok_or(SealError::Malformed)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>().ok_or(SealError::Malformed)?;
        let cipher = self.cipher(key_id(sealed).ok_or(SealError::Malformed)?)?;
        let payload = Payload { msg: ciphertext, aad: &associated(header, place) };
        let opened = cipher.decrypt(&XNonce::from(*nonce), payload);
        opened.map(Zeroizing::new).map_err(|_| SealError::DoesNotOpen)
    }

    /// Whether this was sealed under the current key.
    #[must_use]
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        key_id(sealed) == Some(self.current)
    }

    /// The same, sealed again for its place under the current key.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`seal`](Self::seal).
    pub fn reseal(
        &self,
        sealed: &[u8],
        place: &[&[u8]],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        self.seal(&self.open(sealed, place)?, place, rng)
    }

    fn cipher(&self, id: u32) -> Result<XChaCha20Poly1305, SealError> {
        let key = self.keys.get(&id).ok_or(SealError::UnknownKey { id })?;
        XChaCha20Poly1305::new_from_slice(&key[..]).map_err(|_| SealError::UnknownKey { id })
    }
}

impl fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKeys").field("current", &self.current).finish_non_exhaustive()
    }
}

fn header(id: u32) -> [u8; 5] {
    let [a, b, c, d] = id.to_be_bytes();
    [FORM, a, b, c, d]
}

fn key_id(sealed: &[u8]) -> Option<u32> {
    match sealed.first_chunk::<5>()? {
        [FORM, id @ ..] => Some(u32::from_be_bytes(*id)),
        _ => None,
    }
}

/// The header and every part of the place, each with its length before it, so that no two places
/// give the same bytes.
fn associated(header: &[u8], place: &[&[u8]]) -> Vec<u8> {
    let mut bytes = header.to_vec();
    for part in place {
        bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend(*part);
    }
    bytes
}

/// Why something was not sealed, or did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// Not of the form of what is sealed here.
    #[error("that is not of the form of sealed data")]
    Malformed,
    /// The key of this id is not among the keys.
    #[error("the key {id} is not among the keys")]
    UnknownKey {
        /// Its id.
        id: u32,
    },
    /// It was changed, or sealed for another place.
    #[error("the sealed data was changed, or belongs to another place")]
    DoesNotOpen,
    /// More than can be sealed at once.
    #[error("there is too much to be sealed at once")]
    TooLong,
}

impl SealError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "sealed_malformed",
            Self::UnknownKey { .. } => "sealed_key_unknown",
            Self::DoesNotOpen => "sealed_does_not_open",
            Self::TooLong => "sealed_too_long",
        }
    }
}
