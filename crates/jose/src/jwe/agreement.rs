//! Agreement keys, and what goes into the derivation of a content key beside the secret.

use std::fmt;

use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{ALGORITHM, ContentEncryption, JweError, UnopenedJwe};
use crate::json;
use crate::{Curve, KeyError, PublicKey, base64url};

/// A private P-256 key that opens JWEs, made by
/// [`CryptoProvider::agreement_key`](crate::CryptoProvider::agreement_key) for one request.
pub trait AgreementKey: fmt::Debug + Send + Sync {
    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// The whole key as the JSON text of a private JWK, wiped when dropped. It goes nowhere but into
    /// sealed storage.
    fn private_jwk(&self) -> Zeroizing<String>;

    /// Opens a JWE.
    ///
    /// Its `kid` is not looked at: the caller has chosen this key among the request's own by it.
    ///
    /// # Errors
    /// [`JweError::EphemeralKey`] where `epk` does not lie on the curve, [`JweError::NotOpened`].
    fn open(&self, jwe: &UnopenedJwe) -> Result<Zeroizing<Vec<u8>>, JweError>;

    /// The key's id: its thumbprint (RFC 7638).
    fn kid(&self) -> String {
        self.public_key().thumbprint().to_string()
    }

    /// The public JWK as it is published in `client_metadata.jwks` (OpenID4VP 1.0 §5.1), with `alg`,
    /// `kid` and `use`.
    fn public_jwk(&self) -> Value {
        let mut jwk = self.public_key().to_jwk();
        if let Some(members) = jwk.as_object_mut() {
            members.insert("alg".to_owned(), json!(ALGORITHM));
            members.insert("kid".to_owned(), json!(self.kid()));
            members.insert("use".to_owned(), json!("enc"));
        }
        jwk
    }
}

/// A private P-256 agreement key in its portable form. A provider makes an [`AgreementKey`] of it.
/// Wiped when dropped.
///
/// Like a signature key's, its public half is derived from the secret by the provider, and
/// [`check_public`](Self::check_public) holds the derived one against what the JWK says.
pub struct AgreementJwk {
    secret: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

impl AgreementJwk {
    /// Joins a secret with the public key that was derived from it.
    ///
    /// # Errors
    /// [`KeyError::UnsupportedCurve`] for another curve than P-256, [`KeyError::InvalidSecret`] where
    /// the secret is not 32 bytes.
    pub fn new(public: &PublicKey, secret: &[u8]) -> Result<Self, KeyError> {
        if public.curve() != Curve::P256 {
            return Err(KeyError::UnsupportedCurve);
        }
        if secret.len() != Curve::P256.coordinate_length() {
            return Err(KeyError::InvalidSecret);
        }
        let public = public.clone().for_encryption();
        Ok(Self { secret: Zeroizing::new(secret.to_vec()), public })
    }

    /// Reads a private JWK from its JSON text. `use` is absent or `enc`, `alg` absent or `ECDH-ES`.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_json(text: &[u8]) -> Result<Self, KeyError> {
        let mut raw: RawJwk = json::parse(text, &LIMITS).map_err(KeyError::Json)?;
        // First of all, so that it is wiped whatever else is wrong.
        let secret = raw.secret();
        raw.check_use()?;
        let coordinate = |text: Option<&String>| {
            text.and_then(|text| base64url::decode(text).ok()).ok_or(KeyError::MalformedCoordinate)
        };
        let (x, y) = (coordinate(raw.x.as_ref())?, coordinate(raw.y.as_ref())?);
        let public = PublicKey::from_affine(Curve::P256, &x, &y)?;
        Self::new(&public, &secret.ok_or(KeyError::InvalidSecret)?)
    }

    /// Writes the JWK.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        let secret = Zeroizing::new(base64url::encode(&*self.secret));
        let x = base64url::encode(self.public.x());
        let y = base64url::encode(self.public.y().unwrap_or_default());
        // Room for all of it, so that growing leaves no copy of the secret behind.
        let mut text = Zeroizing::new(String::with_capacity(512));
        for part in [
            r#"{"alg":"ECDH-ES","crv":"P-256","d":""#,
            &secret,
            r#"","kty":"EC","use":"enc","x":""#,
            &x,
            r#"","y":""#,
            &y,
            r#""}"#,
        ] {
            text.push_str(part);
        }
        text
    }

    /// The secret: a big-endian number of 32 bytes.
    #[must_use]
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// The public half, as the JWK says it.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Whether the JWK's public half is the one that was derived from its secret.
    ///
    /// # Errors
    /// [`KeyError::PublicMismatch`].
    pub fn check_public(&self, derived: &PublicKey) -> Result<(), KeyError> {
        if self.public.thumbprint() == derived.thumbprint() {
            Ok(())
        } else {
            Err(KeyError::PublicMismatch)
        }
    }
}

impl fmt::Debug for AgreementJwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgreementJwk").finish_non_exhaustive()
    }
}

/// Three numbers of 32 bytes and some names.
const LIMITS: json::Limits = json::Limits::new(16 * 1024, 4, 64);

#[derive(Deserialize)]
struct RawJwk {
    kty: String,
    crv: Option<String>,
    d: Option<String>,
    x: Option<String>,
    y: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    key_use: Option<String>,
}

impl RawJwk {
    fn secret(&mut self) -> Option<Zeroizing<Vec<u8>>> {
        let text = Zeroizing::new(self.d.take()?);
        base64url::decode(&*text).ok().map(Zeroizing::new)
    }

    fn check_use(&self) -> Result<(), KeyError> {
        if self.kty != "EC" {
            return Err(KeyError::UnsupportedKeyType);
        }
        if self.crv.as_deref() != Some(Curve::P256.name()) {
            return Err(KeyError::UnsupportedCurve);
        }
        if self.alg.as_deref().is_some_and(|alg| alg != ALGORITHM) {
            return Err(KeyError::AlgorithmMismatch);
        }
        if self.key_use.as_deref().is_some_and(|key_use| key_use != "enc") {
            return Err(KeyError::UseMismatch);
        }
        Ok(())
    }
}

/// The `OtherInfo` of the Concat KDF for ECDH-ES used directly (RFC 7518 §4.6.2): AlgorithmID is the
/// `enc`, SuppPubInfo the key's length in bits, SuppPrivInfo empty. For providers.
#[must_use]
pub fn other_info(enc: ContentEncryption, apu: Option<&[u8]>, apv: Option<&[u8]>) -> Vec<u8> {
    let bits: u32 = match enc {
        ContentEncryption::A128Gcm => 128,
        ContentEncryption::A256Gcm => 256,
    };
    let mut info = length_prefixed(enc.name().as_bytes());
    info.extend(length_prefixed(apu.unwrap_or_default()));
    info.extend(length_prefixed(apv.unwrap_or_default()));
    info.extend(bits.to_be_bytes());
    info
}

/// A 32-bit big-endian count of bytes, then the bytes. No header that the parser admits, and no
/// memory of this machine's, holds 4 GiB of them; more would be cut off, not counted wrongly.
fn length_prefixed(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut prefixed = length.to_be_bytes().to_vec();
    prefixed.extend(bytes);
    prefixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_info_of_rfc_7518_appendix_c() {
        let info = other_info(ContentEncryption::A128Gcm, Some(b"Alice"), Some(b"Bob"));
        let expected = [
            &[0, 0, 0, 7][..],
            b"A128GCM",
            &[0, 0, 0, 5],
            b"Alice",
            &[0, 0, 0, 3],
            b"Bob",
            &[0, 0, 0, 128],
        ];
        assert_eq!(info, expected.concat());
        let bare = other_info(ContentEncryption::A256Gcm, None, None);
        let expected = [&[0, 0, 0, 7][..], b"A256GCM", &[0; 8], &[0, 0, 1, 0]];
        assert_eq!(bare, expected.concat());
    }

    #[test]
    fn debug_prints_no_secret() {
        let public = PublicKey::from_affine(Curve::P256, &[1; 32], &[2; 32]).expect("a shape");
        let jwk = AgreementJwk::new(&public, &[3; 32]).expect("a key");
        assert_eq!(format!("{jwk:?}"), "AgreementJwk { .. }");
        let read = AgreementJwk::from_json(jwk.to_json().as_bytes()).expect("the same key");
        assert_eq!(read.to_json(), jwk.to_json());
        assert_eq!(read.secret(), [3; 32]);
    }
}
