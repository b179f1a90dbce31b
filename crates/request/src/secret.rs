//! The random values of a request: each of 256 bits (the request's id: 128) from the caller's
//! generator, written in base64url, whose letters stand as they are in addresses, forms and JSON.

use std::fmt;

use rand_core::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use staffpass_jose::base64url;
use subtle::ConstantTimeEq;

use crate::RequestError;

/// Random bytes of a nonce, a state and a handle: twice what OpenID4VP 1.0 §5.3 asks for.
const SECRET_BYTES: usize = 32;

/// Random bytes of a request's id: the 128 bits asked for, and no more, since the id stands in the
/// QR code.
const ID_BYTES: usize = 16;

fn random<const N: usize>(rng: &mut impl CryptoRng) -> String {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    base64url::encode(bytes)
}

/// A text with `bytes` random bytes, for ids that are no secret.
pub(crate) fn random_id(rng: &mut impl CryptoRng) -> String {
    random::<ID_BYTES>(rng)
}

/// Compares in a time that depends on the lengths alone.
fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// What ties a presentation to one request (OpenID4VP 1.0 §5.2): the wallet signs it.
///
/// Only [`generate`](Self::generate) makes a new one, so that nobody else chooses it (attack P18).
/// Comparison takes constant time.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nonce(String);

impl Nonce {
    /// A new nonce of 256 random bits, in 43 unreserved characters.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(random::<SECRET_BYTES>(rng))
    }

    /// For an expectation that was made elsewhere: see
    /// [`Expectation::builder`](crate::Expectation::builder).
    pub(crate) fn given(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text, as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a token's `nonce` is this one.
    #[must_use]
    pub fn matches(&self, nonce: &str) -> bool {
        same(&self.0, nonce)
    }
}

/// What comes back with the answer (OpenID4VP 1.0 §5.2, §8.2): a second value to compare.
///
/// Made by [`generate`](Self::generate); comparison takes constant time.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(String);

impl State {
    /// A new state of 256 random bits, in 43 unreserved characters.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(random::<SECRET_BYTES>(rng))
    }

    /// For an expectation that was made elsewhere: see
    /// [`Expectation::builder`](crate::Expectation::builder).
    pub(crate) fn given(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text, as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the `state` of an answer is this one.
    #[must_use]
    pub fn matches(&self, state: &str) -> bool {
        same(&self.0, state)
    }
}

/// The secret at the end of a response address. It names the request, and with it the tenant, the
/// protocol, the response mode and the expectation (attacks P21, P22); nothing in the body of an
/// answer does.
///
/// Keep its [`digest`](Self::digest), not it: a digest that is looked up betrays nothing by its
/// timing, and a copy of the store answers no request (attack B26).
#[derive(Clone)]
pub struct Handle(String);

impl Handle {
    /// A new handle of 256 random bits, in 43 unreserved characters.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(random::<SECRET_BYTES>(rng))
    }

    /// Reads the last path segment of an address that was called.
    ///
    /// # Errors
    /// [`RequestError::HandleForm`] for anything that [`generate`](Self::generate) cannot have
    /// made.
    pub fn parse(segment: &str) -> Result<Self, RequestError> {
        parse::<SECRET_BYTES>(segment).map(Self)
    }

    /// The text, as it stands in the address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up.
    #[must_use]
    pub fn digest(&self) -> HandleDigest {
        HandleDigest(Sha256::digest(&self.0).into())
    }
}

/// The secret at the end of the address from which the wallet fetches a request object. It stands
/// in the QR code (attack B5), and has nothing to do with the [`Handle`] of the response address.
///
/// Keep its [`digest`](Self::digest), not it.
#[derive(Clone)]
pub struct RequestId(String);

impl RequestId {
    /// A new id of 128 random bits, in 22 unreserved characters.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(random::<ID_BYTES>(rng))
    }

    /// Reads the last path segment of an address that was called.
    ///
    /// # Errors
    /// [`RequestError::HandleForm`] for anything that [`generate`](Self::generate) cannot have
    /// made.
    pub fn parse(segment: &str) -> Result<Self, RequestError> {
        parse::<ID_BYTES>(segment).map(Self)
    }

    /// The text, as it stands in the address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up.
    #[must_use]
    pub fn digest(&self) -> RequestIdDigest {
        RequestIdDigest(Sha256::digest(&self.0).into())
    }
}

/// What a wallet on the same device carries back to the browser, so that the answer counts only in
/// the session that asked (OpenID4VP 1.0 §8.2: a fresh secret of 128 bits at least).
///
/// Keep its [`digest`](Self::digest), not it.
#[derive(Clone)]
pub struct ResponseCode(String);

impl ResponseCode {
    /// A new code of 256 random bits, in 43 unreserved characters.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(random::<SECRET_BYTES>(rng))
    }

    /// Reads the code that came back.
    ///
    /// # Errors
    /// [`RequestError::HandleForm`] for anything that [`generate`](Self::generate) cannot have
    /// made.
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        parse::<SECRET_BYTES>(text).map(Self)
    }

    /// The text, as it stands in the address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored and compared.
    #[must_use]
    pub fn digest(&self) -> ResponseCodeDigest {
        ResponseCodeDigest(Sha256::digest(&self.0).into())
    }
}

fn parse<const N: usize>(segment: &str) -> Result<String, RequestError> {
    // The length first, so that no long text is decoded.
    let expected = (N * 4).div_ceil(3);
    if segment.len() != expected {
        return Err(RequestError::HandleForm);
    }
    match base64url::decode(segment) {
        Ok(bytes) if bytes.len() == N => Ok(segment.to_owned()),
        _ => Err(RequestError::HandleForm),
    }
}

/// SHA-256 of a [`Handle`]: the key under which a request is stored. Written in base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HandleDigest([u8; 32]);

/// SHA-256 of a [`RequestId`]: the key under which a request object is stored. Written in
/// base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestIdDigest([u8; 32]);

/// SHA-256 of a [`ResponseCode`]. Written in base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResponseCodeDigest([u8; 32]);

/// What the digests, and the secrets, have in common.
macro_rules! digest {
    ($name:ident) => {
        impl $name {
            /// The 32 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// The digest with these 32 bytes, out of a store.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&base64url::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let bytes = base64url::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
                bytes.map(Self).ok_or_else(|| de::Error::custom("not a SHA-256 digest"))
            }
        }
    };
}

macro_rules! secret {
    ($name:ident) => {
        /// In constant time.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                same(&self.0, &other.0)
            }
        }

        impl Eq for $name {}

        /// Prints the type alone.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

digest!(HandleDigest);
digest!(RequestIdDigest);
digest!(ResponseCodeDigest);
secret!(Nonce);
secret!(State);
secret!(Handle);
secret!(RequestId);
secret!(ResponseCode);
