//! Private keys in memory.

use std::fmt;

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384};
use aws_lc_rs::rand::{self, SystemRandom};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
};
use secp256k1::{SecretKey, ecdsa};
use staffpass_jose::{
    Algorithm, CryptoProvider as _, Curve, KeyError, PrivateJwk, PublicKey, Signer, SigningError,
    VerificationKey, draw_key,
};
use zeroize::Zeroizing;

use crate::AwsLc;
use crate::provider::sha256;

/// A private key in memory that signs with aws-lc-rs or, for ES256K, with libsecp256k1.
///
/// Its public half is always derived from the secret, never taken beside it. ES256 and ES384
/// signatures draw on AWS-LC's own randomness, so no two are alike; EdDSA and ES256K signatures are
/// a function of key and message (RFC 8032 §5.1.6, RFC 6979), and those of ES256K have a low S.
/// The secret is wiped from memory when the key is dropped.
pub struct SigningKey {
    verification_key: VerificationKey,
    jwk: PrivateJwk,
    pair: Pair,
}

impl SigningKey {
    /// Makes a new key from AWS-LC's own randomness: the one place, with signing, where randomness
    /// is no argument.
    ///
    /// # Errors
    /// [`KeyError::Generation`] where the library's randomness fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let length = algorithm.curve().coordinate_length();
        draw_key(length, rand::fill, |secret| Self::from_secret_bytes(algorithm, secret))
    }

    /// The key of a secret: a big-endian number as long as the curve's field, or an Ed25519 seed.
    /// The same secret always makes the same key.
    ///
    /// # Errors
    /// [`KeyError::InvalidSecret`] for another length, zero, or a number not below the group order.
    pub fn from_secret_bytes(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        let (pair, public) = Pair::new(algorithm, secret)?;
        let jwk = PrivateJwk::new(&public, secret)?;
        let verification_key = AwsLc.prepare(&public.into())?;
        Ok(Self { verification_key, jwk, pair })
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
        self.pair.sign(message)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}

/// A key inside its library.
enum Pair {
    Ecdsa(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
    Secp256k1(ErasedOnDrop),
}

impl Pair {
    /// Derives the public key from the secret; the secret's range is the library's to judge.
    fn new(algorithm: Algorithm, secret: &[u8]) -> Result<(Self, PublicKey), KeyError> {
        match algorithm {
            Algorithm::Es256 => {
                Self::ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, &ECDH_P256, Curve::P256, secret)
            }
            Algorithm::Es384 => {
                Self::ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING, &ECDH_P384, Curve::P384, secret)
            }
            Algorithm::EdDsa => Self::ed25519(secret),
            Algorithm::Es256k => Self::secp256k1(secret),
            _ => Err(KeyError::NotOffered),
        }
    }

    /// aws-lc-rs derives a public key for key agreement only, so the secret is read twice.
    fn ecdsa(
        signing: &'static EcdsaSigningAlgorithm,
        agreement: &'static agreement::Algorithm,
        curve: Curve,
        secret: &[u8],
    ) -> Result<(Self, PublicKey), KeyError> {
        let derived = agreement::PrivateKey::from_private_key(agreement, secret)
            .map_err(|_| KeyError::InvalidSecret)?
            .compute_public_key()
            .map_err(|_| KeyError::InvalidSecret)?;
        let point = derived.as_ref();
        let pair = EcdsaKeyPair::from_private_key_and_public_key(signing, secret, point)
            .map_err(|_| KeyError::InvalidSecret)?;
        Ok((Self::Ecdsa(Box::new(pair)), PublicKey::from_sec1_uncompressed(curve, point)?))
    }

    fn ed25519(seed: &[u8]) -> Result<(Self, PublicKey), KeyError> {
        // The library would cut a longer seed.
        if seed.len() != Curve::Ed25519.coordinate_length() {
            return Err(KeyError::InvalidSecret);
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        let pair = pair.map_err(|_| KeyError::InvalidSecret)?;
        let public = PublicKey::from_ed25519(pair.public_key().as_ref())?;
        Ok((Self::Ed25519(Box::new(pair)), public))
    }

    fn secp256k1(secret: &[u8]) -> Result<(Self, PublicKey), KeyError> {
        let bytes: Zeroizing<[u8; 32]> =
            Zeroizing::new(secret.try_into().map_err(|_| KeyError::InvalidSecret)?);
        let secret = SecretKey::from_secret_bytes(*bytes);
        let secret = ErasedOnDrop(secret.map_err(|_| KeyError::InvalidSecret)?);
        let point = secret.0.public_key().serialize_uncompressed();
        let public = PublicKey::from_sec1_uncompressed(Curve::Secp256k1, &point)?;
        Ok((Self::Secp256k1(secret), public))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        match self {
            Self::Ecdsa(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message);
                Ok(signature.map_err(|_| SigningError::Signer)?.as_ref().to_vec())
            }
            Self::Ed25519(pair) => {
                let signature = pair.try_sign(message);
                Ok(signature.map_err(|_| SigningError::Signer)?.as_ref().to_vec())
            }
            Self::Secp256k1(secret) => {
                let digest = sha256(message).map_err(|_| SigningError::Signer)?;
                Ok(ecdsa::sign(digest, &secret.0).serialize_compact().to_vec())
            }
        }
    }
}

/// libsecp256k1's secret is a plain array that nobody wipes.
struct ErasedOnDrop(SecretKey);

impl Drop for ErasedOnDrop {
    fn drop(&mut self) {
        self.0.non_secure_erase();
    }
}
