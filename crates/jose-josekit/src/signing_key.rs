//! Private keys in memory.

use std::fmt;

use josekit::JoseError;
use josekit::jws::{ES256, ES256K, ES384, EdDSA, JwsSigner};
use openssl::error::ErrorStack;
use openssl::pkey::{Id, PKey};
use openssl::rand;
use staffpass_jose::{
    Algorithm, CryptoProvider as _, KeyError, PrivateJwk, PublicKey, Signer, SigningError,
    VerificationKey, draw_key,
};
use zeroize::Zeroizing;

use crate::Josekit;
use crate::point::{self, Derived};

/// A private key in memory that signs with josekit.
///
/// Its public half is always derived from the secret, never taken beside it. ECDSA signatures draw
/// on OpenSSL's own randomness, so no two are alike, and their S may be high; EdDSA signatures are a
/// function of key and message (RFC 8032 §5.1.6). The secret is wiped from memory when the key is
/// dropped.
pub struct SigningKey {
    verification_key: VerificationKey,
    jwk: PrivateJwk,
    signer: Box<dyn JwsSigner>,
}

impl SigningKey {
    /// Makes a new key from OpenSSL's own randomness: the one place, with signing, where randomness
    /// is no argument.
    ///
    /// # Errors
    /// [`KeyError::Generation`] where the library's randomness fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let length = algorithm.curve().coordinate_length();
        draw_key(length, rand::rand_bytes, |secret| Self::from_secret_bytes(algorithm, secret))
    }

    /// The key of a secret: a big-endian number as long as the curve's field, or an Ed25519 seed.
    /// The same secret always makes the same key.
    ///
    /// # Errors
    /// [`KeyError::InvalidSecret`] for another length, zero, or a number not below the group order.
    pub fn from_secret_bytes(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() != algorithm.curve().coordinate_length() {
            return Err(KeyError::InvalidSecret);
        }
        let Derived { pkcs8, public } = match algorithm {
            Algorithm::EdDsa => ed25519(secret)?,
            _ => point::derived(algorithm.curve(), secret)?,
        };
        let signer = signer(algorithm, &pkcs8)?;
        let jwk = PrivateJwk::new(&public, secret)?;
        let verification_key = Josekit.prepare(&public.into())?;
        Ok(Self { verification_key, jwk, signer })
    }

    /// Reads a key that [`to_private_jwk`](Self::to_private_jwk) or another tool wrote: the JSON
    /// text of a JWK with `d`.
    ///
    /// # Errors
    /// See [`KeyError`]; [`KeyError::PublicMismatch`] where the JWK's public half is not the one of
    /// its secret.
    pub fn from_private_jwk(text: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let jwk = PrivateJwk::from_json(text.as_ref())?;
        let key = Self::from_secret_bytes(jwk.algorithm(), jwk.secret())?;
        jwk.check_public(key.public_key())?;
        Ok(key)
    }

    /// The whole key as the JSON text of a private JWK, wiped when dropped. Whoever writes it to a
    /// file lets nobody else read that file.
    #[must_use]
    pub fn to_private_jwk(&self) -> Zeroizing<String> {
        self.jwk.to_json()
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        self.verification_key.public_key()
    }
}

impl Signer for SigningKey {
    fn verification_key(&self) -> &VerificationKey {
        &self.verification_key
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.signer.sign(message).map_err(|_| SigningError::Signer)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}

/// Derives a public key from an Ed25519 seed (RFC 8032 §5.1.5).
fn ed25519(seed: &[u8]) -> Result<Derived, KeyError> {
    let derive = || {
        let key = PKey::private_key_from_raw_bytes(seed, Id::ED25519)?;
        Ok((Zeroizing::new(key.private_key_to_pkcs8()?), key.raw_public_key()?))
    };
    let (pkcs8, point) = derive().map_err(|_: ErrorStack| KeyError::InvalidSecret)?;
    Ok(Derived { pkcs8, public: PublicKey::from_ed25519(&point)? })
}

fn signer(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Box<dyn JwsSigner>, KeyError> {
    match algorithm {
        Algorithm::Es256 => boxed(ES256.signer_from_der(pkcs8)),
        Algorithm::Es384 => boxed(ES384.signer_from_der(pkcs8)),
        Algorithm::Es256k => boxed(ES256K.signer_from_der(pkcs8)),
        Algorithm::EdDsa => boxed(EdDSA.signer_from_der(pkcs8)),
        _ => Err(KeyError::NotOffered),
    }
}

fn boxed<S: JwsSigner + 'static>(
    made: Result<S, JoseError>,
) -> Result<Box<dyn JwsSigner>, KeyError> {
    match made {
        Ok(signer) => Ok(Box::new(signer)),
        Err(_) => Err(KeyError::InvalidSecret),
    }
}
