//! The joint where a crypto library fits in.

use std::fmt;
use std::sync::Arc;

use rustls_pki_types::SignatureVerificationAlgorithm;

use crate::ed25519;
use crate::jwe::{AgreementKey, JweError, Sealing};
use crate::{Algorithm, KeyError, KeyMaterial, PublicKey, Thumbprint};

/// A crypto library, as the rest of staffpass sees it: a value that is passed where a verifier is
/// made, never a Cargo feature.
///
/// A provider decides nothing about trust. It says whether a point lies on its curve, expands
/// compressed points, and checks signatures; everything that bytes alone can tell has been judged
/// before it is asked.
pub trait CryptoProvider: fmt::Debug + Send + Sync {
    /// A short name for reports, such as `aws-lc`.
    fn name(&self) -> &'static str;

    /// Prepares a verification key, once, so that checking a signature parses nothing.
    ///
    /// Implementations expand compressed points, refuse EC points that do not lie on their curve, and
    /// return [`VerificationKey::new`]. An Ed25519 key that decodes to no point may be prepared, since
    /// libraries find out only when they verify; no signature verifies under it.
    ///
    /// # Errors
    /// [`KeyError::NotOnCurve`], or [`KeyError::NotOffered`] for a curve this library lacks or a key
    /// that is not for signatures.
    fn prepare(&self, material: &KeyMaterial) -> Result<VerificationKey, KeyError>;

    /// Makes a new P-256 key for one encrypted response, from the library's own randomness.
    ///
    /// # Errors
    /// [`KeyError::Generation`] where the library's randomness fails.
    fn agreement_key(&self) -> Result<Box<dyn AgreementKey>, KeyError>;

    /// Reads a key that [`AgreementKey::private_jwk`] wrote, by this provider or another.
    ///
    /// # Errors
    /// See [`KeyError`]; [`KeyError::PublicMismatch`] where the JWK's public half is not the one of
    /// its secret.
    fn agreement_key_from_private_jwk(&self, text: &str)
    -> Result<Box<dyn AgreementKey>, KeyError>;

    /// Encrypts to a recipient's P-256 key with a new ephemeral key (RFC 7518 §4.6), and returns the
    /// compact JWE. The ephemeral key and the initialisation vector come from the library's own
    /// randomness.
    ///
    /// # Errors
    /// [`JweError::RecipientKey`] where the key is on another curve, declared for signatures
    /// ([`PublicKey::for_encryption`] is the caller's word that it may be used), or no point of the
    /// curve; [`JweError::Sealing`] where the library fails.
    fn seal(
        &self,
        recipient: &PublicKey,
        sealing: &Sealing,
        plaintext: &[u8],
    ) -> Result<String, JweError>;

    /// The signature algorithms that this library lends to X.509 path validation: ECDSA on P-256 and
    /// P-384 with SHA-256 and SHA-384. No RSA, as everywhere, and no Ed25519, whose low-order keys a
    /// library would take here unjudged.
    fn certificate_algorithms(&self) -> &'static [&'static dyn SignatureVerificationAlgorithm];
}

/// A key inside a crypto library, ready to check signatures.
pub trait PreparedKey: fmt::Debug + Send + Sync {
    /// Checks one signature over one message. The signature's length and the range of its parts
    /// have been checked already (see [`VerificationKey::verify`]).
    ///
    /// # Errors
    /// [`SignatureMismatch`]; there is nothing to tell apart.
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureMismatch>;
}

/// The signature does not fit the message and the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
#[expect(clippy::exhaustive_structs, reason = "providers make it, and it never says more")]
pub struct SignatureMismatch;

/// A public key that a provider has prepared. Cheap to clone.
#[derive(Clone)]
pub struct VerificationKey {
    inner: Arc<Inner>,
}

struct Inner {
    public: PublicKey,
    algorithm: Algorithm,
    thumbprint: Thumbprint,
    prepared: Box<dyn PreparedKey>,
}

impl VerificationKey {
    /// Joins a public key with what a provider made of it. For providers only.
    ///
    /// # Errors
    /// [`KeyError::NotOffered`] where the key is not for signatures.
    pub fn new(public: PublicKey, prepared: Box<dyn PreparedKey>) -> Result<Self, KeyError> {
        let algorithm = public.algorithm().ok_or(KeyError::NotOffered)?;
        let thumbprint = public.thumbprint();
        Ok(Self { inner: Arc::new(Inner { public, algorithm, thumbprint, prepared }) })
    }

    /// The one algorithm of this key. Nothing that a token says changes it.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.inner.algorithm
    }

    /// The public key, with both coordinates.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.inner.public
    }

    /// The key's SHA-256 thumbprint (RFC 7638), computed once.
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        self.inner.thumbprint
    }

    /// Checks a JWS signature: R and S side by side for ECDSA (RFC 7518 §3.4), RFC 8032's form for
    /// Ed25519. A high S is accepted, since JOSE does not forbid it and real wallets send it; so
    /// never use signature bytes as a replay key.
    ///
    /// # Errors
    /// [`SignatureMismatch`] where the signature has another length, R or S of an ECDSA signature
    /// is zero or not below the group order, R of an Ed25519 signature is of low order, or the
    /// signature does not fit.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureMismatch> {
        check_form(self.inner.algorithm, signature)?;
        self.inner.prepared.verify(message, signature)
    }
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationKey")
            .field("algorithm", &self.inner.algorithm)
            .finish_non_exhaustive()
    }
}

/// What can be said of a signature without a key.
fn check_form(algorithm: Algorithm, signature: &[u8]) -> Result<(), SignatureMismatch> {
    if signature.len() != algorithm.signature_length() {
        return Err(SignatureMismatch);
    }
    let (r, s) = signature.split_at(signature.len() / 2);
    let good = match group_order(algorithm) {
        Some(order) => in_group(r, order) && in_group(s, order),
        None => r.try_into().is_ok_and(|r| ed25519::judge_point(r).is_ok()),
    };
    if good { Ok(()) } else { Err(SignatureMismatch) }
}

/// Whether a big-endian number is neither zero nor the group order or more (FIPS 186-5 §6.4.2).
fn in_group(number: &[u8], order: &[u8]) -> bool {
    number < order && number.iter().any(|byte| *byte != 0)
}

fn group_order(algorithm: Algorithm) -> Option<&'static [u8]> {
    match algorithm {
        Algorithm::Es256 => Some(&P256_ORDER),
        Algorithm::Es384 => Some(&P384_ORDER),
        Algorithm::Es256k => Some(&SECP256K1_ORDER),
        Algorithm::EdDsa => None,
    }
}

/// SEC 2 §2.4.2, n of secp256r1.
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// SEC 2 §2.4.1, n of secp256k1.
const SECP256K1_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// SEC 2 §2.5.1, n of secp384r1.
const P384_ORDER: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(r: &[u8], s: &[u8]) -> Vec<u8> {
        [r, s].concat()
    }

    #[test]
    fn s08_r_or_s_of_zero_or_beyond_the_group_is_refused() {
        let one = |length: usize| {
            let mut bytes = vec![0; length];
            bytes[length - 1] = 1;
            bytes
        };
        for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Es256k] {
            let order = group_order(algorithm).expect("an ECDSA algorithm");
            let (zero, one) = (vec![0; order.len()], one(order.len()));
            assert_eq!(check_form(algorithm, &signature(&one, &one)), Ok(()));
            for bad in [&zero[..], order, &vec![0xff; order.len()]] {
                assert!(check_form(algorithm, &signature(bad, &one)).is_err(), "{algorithm}");
                assert!(check_form(algorithm, &signature(&one, bad)).is_err(), "{algorithm}");
            }
        }
    }

    #[test]
    fn s09_a_signature_of_another_length_is_refused() {
        for algorithm in Algorithm::ALL {
            for length in [0, 1, 63, 65, 70, 72, 95, 97, 128] {
                assert!(check_form(algorithm, &vec![1; length]).is_err(), "{algorithm} {length}");
            }
        }
    }

    #[test]
    fn s26_a_low_order_r_is_refused() {
        let mut low = [0; 64];
        low[0] = 1;
        low[32] = 1;
        assert!(check_form(Algorithm::EdDsa, &low).is_err());
        let mut good = [0x66; 64];
        good[0] = 0x58;
        assert!(check_form(Algorithm::EdDsa, &good).is_ok());
    }
}
