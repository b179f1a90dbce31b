//! Signing in two steps, so that a key in an HSM or a KMS need not block.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::base64url;
use crate::{Algorithm, VerificationKey};

/// Why no signed token was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The signer failed: its key is not there, or its device did not answer.
    #[error("the signer made no signature")]
    Signer,
    /// The header names another algorithm than the published key's.
    #[error("the header's algorithm is not the published key's")]
    AlgorithmMismatch,
    /// The signature does not verify under the published key, so nobody could verify it.
    #[error("the signature does not verify under the published key")]
    SignatureMismatch,
}

impl SigningError {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Signer => "signing_failed",
            Self::AlgorithmMismatch => "signing_algorithm_mismatch",
            Self::SignatureMismatch => "signing_signature_mismatch",
        }
    }
}

/// A private key that signs at once. A convenience over the two steps of [`UnsignedJws`].
pub trait Signer: fmt::Debug + Send + Sync {
    /// The published key under which the signatures verify.
    fn verification_key(&self) -> &VerificationKey;

    /// Signs a message: R and S side by side for ECDSA, RFC 8032's form for Ed25519.
    ///
    /// # Errors
    /// [`SigningError::Signer`].
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError>;

    /// The algorithm of the signatures.
    fn algorithm(&self) -> Algorithm {
        self.verification_key().algorithm()
    }
}

/// The protected header of a token to be signed.
#[derive(Clone, Debug)]
pub struct HeaderBuilder {
    algorithm: Algorithm,
    members: Map<String, Value>,
}

impl HeaderBuilder {
    /// A header with this algorithm and nothing else.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        let mut members = Map::new();
        members.insert("alg".to_owned(), algorithm.name().into());
        Self { algorithm, members }
    }

    /// Sets `typ` (RFC 7515 §4.1.9).
    #[must_use]
    pub fn typ(self, typ: &str) -> Self {
        self.member("typ", typ.into())
    }

    /// Sets `kid` (RFC 7515 §4.1.4).
    #[must_use]
    pub fn kid(self, kid: &str) -> Self {
        self.member("kid", kid.into())
    }

    /// Sets `x5c`, certificates as DER with the signer's own first (RFC 7515 §4.1.6).
    #[must_use]
    pub fn x5c(self, certificates: &[impl AsRef<[u8]>]) -> Self {
        let encode = |der: &_| Value::from(STANDARD.encode(AsRef::<[u8]>::as_ref(der)));
        self.member("x5c", certificates.iter().map(encode).collect())
    }

    /// Sets any other member. `alg` stays the signer's, whatever is given here.
    #[must_use]
    pub fn member(mut self, name: &str, value: Value) -> Self {
        if name != "alg" {
            self.members.insert(name.to_owned(), value);
        }
        self
    }
}

/// A token whose signature is still missing.
#[derive(Clone)]
#[must_use]
pub struct UnsignedJws {
    algorithm: Algorithm,
    signing_input: String,
}

impl UnsignedJws {
    /// Joins a header and a payload into a signing input (RFC 7515 §5.1).
    pub fn new(header: &HeaderBuilder, payload: &[u8]) -> Self {
        let header_text = Value::Object(header.members.clone()).to_string();
        let signing_input =
            format!("{}.{}", base64url::encode(header_text), base64url::encode(payload));
        Self { algorithm: header.algorithm, signing_input }
    }

    /// The bytes to sign.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    /// Adds the signature and returns the compact form, after checking it as any verifier will.
    ///
    /// # Errors
    /// [`SigningError::AlgorithmMismatch`] or [`SigningError::SignatureMismatch`].
    pub fn with_signature(
        self,
        signature: &[u8],
        published: &VerificationKey,
    ) -> Result<String, SigningError> {
        if published.algorithm() != self.algorithm {
            return Err(SigningError::AlgorithmMismatch);
        }
        published
            .verify(self.signing_input(), signature)
            .map_err(|_| SigningError::SignatureMismatch)?;
        Ok(self.joined(signature))
    }

    /// Signs at once.
    ///
    /// # Errors
    /// See [`SigningError`]. The signature of a [`Signer`] is taken as it is: a local key cannot be
    /// another than the published one, and the check would double the cost of each request.
    pub fn sign(self, signer: &dyn Signer) -> Result<String, SigningError> {
        if signer.algorithm() != self.algorithm {
            return Err(SigningError::AlgorithmMismatch);
        }
        let signature = signer.sign(self.signing_input())?;
        Ok(self.joined(&signature))
    }

    fn joined(self, signature: &[u8]) -> String {
        format!("{}.{}", self.signing_input, base64url::encode(signature))
    }
}

impl fmt::Debug for UnsignedJws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedJws").field("alg", &self.algorithm).finish_non_exhaustive()
    }
}
