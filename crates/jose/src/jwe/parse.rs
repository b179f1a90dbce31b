//! Compact JWEs, parsed strictly and unbelieved until opened.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{ALGORITHM, ContentEncryption, INITIALIZATION_VECTOR_LENGTH, JweError, TAG_LENGTH};
use crate::base64url;
use crate::json;
use crate::{Curve, KeyError, PublicKey};

/// How large a compact JWE may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the compact form. Default 3 MiB: a presentation of the 2 MiB that
    /// [`jws::Limits`](crate::jws::Limits) admits, base64url-encoded once more.
    pub max_bytes: usize,
    /// Bytes of the encoded header. Default 4 KiB: a key, a key id and two nonces take 600 bytes.
    pub max_header_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 3 * 1024 * 1024, max_header_bytes: 4 * 1024 }
    }
}

/// A compact JWE that has been parsed and not yet opened.
#[derive(Clone)]
pub struct UnopenedJwe {
    header: Header,
    encoded_header: String,
    initialization_vector: [u8; INITIALIZATION_VECTOR_LENGTH],
    ciphertext: Vec<u8>,
    tag: [u8; TAG_LENGTH],
}

impl UnopenedJwe {
    /// Parses a compact JWE.
    ///
    /// # Errors
    /// See [`JweError`].
    pub fn parse(compact: &str, limits: &Limits) -> Result<Self, JweError> {
        if compact.len() > limits.max_bytes {
            return Err(JweError::TooLong { limit: limits.max_bytes });
        }
        let [header, encrypted_key, initialization_vector, ciphertext, tag] = five_parts(compact)?;
        if header.len() > limits.max_header_bytes {
            return Err(JweError::TooLong { limit: limits.max_header_bytes });
        }
        let encoded_header = header.to_owned();
        let header = Header::parse(&decode(header)?, limits)?;
        if !encrypted_key.is_empty() {
            return Err(JweError::EncryptedKey);
        }
        Ok(Self {
            header,
            encoded_header,
            initialization_vector: exactly(&decode(initialization_vector)?)?,
            ciphertext: decode(ciphertext)?,
            tag: exactly(&decode(tag)?)?,
        })
    }

    /// The protected header. It selects a key among the request's own and proves nothing.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The additional authenticated data: the encoded header as it came (RFC 7516 §5.2). For
    /// providers.
    #[must_use]
    pub fn additional_data(&self) -> &[u8] {
        self.encoded_header.as_bytes()
    }

    /// The initialisation vector. For providers.
    #[must_use]
    pub fn initialization_vector(&self) -> &[u8; INITIALIZATION_VECTOR_LENGTH] {
        &self.initialization_vector
    }

    /// The ciphertext. For providers.
    #[must_use]
    pub fn ciphertext(&self) -> &[u8] {
        &self.ciphertext
    }

    /// The authentication tag. For providers.
    #[must_use]
    pub fn tag(&self) -> &[u8; TAG_LENGTH] {
        &self.tag
    }
}

impl fmt::Debug for UnopenedJwe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnopenedJwe").field("enc", &self.header.enc).finish_non_exhaustive()
    }
}

/// The members of a protected header that are read here. `jwk`, `jku`, `x5u`, `x5c` and `x5t` are
/// ignored, as is every member that no specification read here defines.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// The content encryption.
    pub enc: ContentEncryption,
    /// The writer's ephemeral P-256 key (RFC 7518 §4.6.1.1). Whether it lies on its curve is judged
    /// when the token is opened.
    pub epk: PublicKey,
    /// The id of the recipient's key, as it stands.
    pub kid: Option<String>,
    /// Agreement PartyUInfo, decoded (RFC 7518 §4.6.1.2).
    pub apu: Option<Vec<u8>>,
    /// Agreement PartyVInfo, decoded (RFC 7518 §4.6.1.3).
    pub apv: Option<Vec<u8>>,
    /// The media type of the whole token, as it stands (RFC 7516 §4.1.11).
    pub typ: Option<String>,
    /// The media type of the plaintext, as it stands (RFC 7516 §4.1.12).
    pub cty: Option<String>,
}

impl Header {
    fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, JweError> {
        let json = json::Limits::new(limits.max_header_bytes, 8, 128);
        let json::Object(raw): json::Object<RawHeader<'_>> =
            json::parse(bytes, &json).map_err(JweError::Header)?;
        raw.check_algorithm()?;
        raw.refuse_what_is_not_implemented()?;
        let enc = raw.enc.as_deref().and_then(ContentEncryption::from_name);
        Ok(Self {
            enc: enc.ok_or(JweError::UnsupportedEncryption)?,
            epk: ephemeral_key(raw.epk.as_ref()).map_err(JweError::EphemeralKey)?,
            kid: raw.kid.map(Cow::into_owned),
            apu: raw.apu.as_deref().map(decode).transpose()?,
            apv: raw.apv.as_deref().map(decode).transpose()?,
            typ: raw.typ.map(Cow::into_owned),
            cty: raw.cty.map(Cow::into_owned),
        })
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header").field("enc", &self.enc).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct RawHeader<'a> {
    #[serde(borrow)]
    alg: Option<Cow<'a, str>>,
    #[serde(borrow)]
    enc: Option<Cow<'a, str>>,
    epk: Option<Value>,
    #[serde(borrow)]
    kid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    apu: Option<Cow<'a, str>>,
    #[serde(borrow)]
    apv: Option<Cow<'a, str>>,
    #[serde(borrow)]
    typ: Option<Cow<'a, str>>,
    #[serde(borrow)]
    cty: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    zip: bool,
    #[serde(default, deserialize_with = "present")]
    iv: bool,
    #[serde(default, deserialize_with = "present")]
    tag: bool,
    #[serde(default, deserialize_with = "present")]
    p2s: bool,
    #[serde(default, deserialize_with = "present")]
    p2c: bool,
}

impl RawHeader<'_> {
    /// `alg` is `ECDH-ES`, byte for byte (RFC 7516 §4.1.1).
    fn check_algorithm(&self) -> Result<(), JweError> {
        if self.alg.as_deref() == Some(ALGORITHM) {
            Ok(())
        } else {
            Err(JweError::UnsupportedAlgorithm)
        }
    }

    fn refuse_what_is_not_implemented(&self) -> Result<(), JweError> {
        if self.crit {
            return Err(JweError::CriticalExtension);
        }
        if self.zip {
            return Err(JweError::Compressed);
        }
        if self.iv || self.tag || self.p2s || self.p2c {
            return Err(JweError::ForeignMember);
        }
        Ok(())
    }
}

/// Whether a member stands there at all, whatever its value, `null` included.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// The `epk`: a public key on P-256, the one curve of our agreement keys.
fn ephemeral_key(epk: Option<&Value>) -> Result<PublicKey, KeyError> {
    let key = PublicKey::from_jwk(epk.ok_or(KeyError::MalformedCoordinate)?)?;
    if key.curve() == Curve::P256 {
        Ok(key.for_encryption())
    } else {
        Err(KeyError::UnsupportedCurve)
    }
}

fn five_parts(compact: &str) -> Result<[&str; 5], JweError> {
    // A sixth piece is enough to know that there are not five.
    let mut parts = compact.splitn(6, '.');
    let five: [Option<&str>; 5] = std::array::from_fn(|_| parts.next());
    match (five, parts.next()) {
        ([Some(header), Some(key), Some(vector), Some(ciphertext), Some(tag)], None) => {
            Ok([header, key, vector, ciphertext, tag])
        }
        _ => Err(JweError::NotFiveParts),
    }
}

fn decode(part: &str) -> Result<Vec<u8>, JweError> {
    base64url::decode(part).map_err(|_| JweError::Base64)
}

fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], JweError> {
    bytes.try_into().map_err(|_| JweError::Length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn p12_no_text_makes_it_panic(text in "[\\PC.]{0,80}") {
            prop_assert!(UnopenedJwe::parse(&text, &Limits::default()).is_err());
        }

        #[test]
        fn p12_no_header_makes_it_panic(header in "[{}\":,a-z\\\\ ]{0,40}") {
            let token = format!("{}..AAAAAAAAAAAAAAAA.AQ.AQ", base64url::encode(header));
            prop_assert!(UnopenedJwe::parse(&token, &Limits::default()).is_err());
        }
    }
}
