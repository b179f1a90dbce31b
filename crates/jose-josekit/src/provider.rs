//! Preparing keys and checking signatures.

use std::fmt;

use josekit::JoseError;
use josekit::jwk::Jwk;
use josekit::jws::{ES256, ES256K, ES384, EdDSA, JwsVerifier};
use rustls_pki_types::SignatureVerificationAlgorithm;
use staffpass_jose::jwe::{AgreementKey, JweError, Sealing};
use staffpass_jose::{
    Algorithm, CryptoProvider, KeyError, KeyMaterial, PreparedKey, PublicKey, SignatureMismatch,
    VerificationKey,
};

use crate::agreement::{self, JosekitAgreementKey};
use crate::{certificate, point};

/// The provider on josekit and OpenSSL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a provider without settings is a plain value")]
pub struct Josekit;

impl CryptoProvider for Josekit {
    fn name(&self) -> &'static str {
        "josekit"
    }

    fn prepare(&self, material: &KeyMaterial) -> Result<VerificationKey, KeyError> {
        let public = match material {
            KeyMaterial::Public(key) => key.clone(),
            KeyMaterial::Compressed(point) => point::expanded(point)?,
            _ => return Err(KeyError::NotOffered),
        };
        let verifier = verifier(&public)?;
        VerificationKey::new(public, Box::new(JosekitKey(verifier)))
    }

    fn agreement_key(&self) -> Result<Box<dyn AgreementKey>, KeyError> {
        Ok(Box::new(JosekitAgreementKey::generate()?))
    }

    fn agreement_key_from_private_jwk(
        &self,
        text: &str,
    ) -> Result<Box<dyn AgreementKey>, KeyError> {
        Ok(Box::new(JosekitAgreementKey::from_private_jwk(text)?))
    }

    fn seal(
        &self,
        recipient: &PublicKey,
        sealing: &Sealing,
        plaintext: &[u8],
    ) -> Result<String, JweError> {
        agreement::seal(recipient, sealing, plaintext)
    }

    fn certificate_algorithms(&self) -> &'static [&'static dyn SignatureVerificationAlgorithm] {
        certificate::ALGORITHMS
    }
}

/// A verifier that is made once: on OpenSSL 3.0 making one costs more than verifying does, and takes
/// a lock. OpenSSL refuses points off their curve here (SEC 1 §3.2.2.1).
fn verifier(public: &PublicKey) -> Result<Box<dyn JwsVerifier>, KeyError> {
    let algorithm = public.algorithm().ok_or(KeyError::NotOffered)?;
    let jwk = Jwk::from_bytes(public.to_jwk().to_string()).map_err(|_| KeyError::NotOffered)?;
    match algorithm {
        Algorithm::Es256 => boxed(ES256.verifier_from_jwk(&jwk)),
        Algorithm::Es384 => boxed(ES384.verifier_from_jwk(&jwk)),
        Algorithm::Es256k => boxed(ES256K.verifier_from_jwk(&jwk)),
        Algorithm::EdDsa => boxed(EdDSA.verifier_from_jwk(&jwk)),
        _ => Err(KeyError::NotOffered),
    }
}

fn boxed<V: JwsVerifier + 'static>(
    made: Result<V, JoseError>,
) -> Result<Box<dyn JwsVerifier>, KeyError> {
    match made {
        Ok(verifier) => Ok(Box::new(verifier)),
        Err(_) => Err(KeyError::NotOnCurve),
    }
}

struct JosekitKey(Box<dyn JwsVerifier>);

impl PreparedKey for JosekitKey {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureMismatch> {
        self.0.verify(message, signature).map_err(|_| SignatureMismatch)
    }
}

impl fmt::Debug for JosekitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JosekitKey").finish_non_exhaustive()
    }
}
