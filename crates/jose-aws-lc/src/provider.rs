//! Preparing keys and checking signatures.

use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey,
    VerificationAlgorithm,
};
use rustls_pki_types::SignatureVerificationAlgorithm;
use secp256k1::{Message, ecdsa};
use staffpass_jose::jwe::{AgreementKey, JweError, Sealing};
use staffpass_jose::{
    Algorithm, CryptoProvider, Curve, KeyError, KeyMaterial, PreparedKey, PublicKey,
    SignatureMismatch, VerificationKey,
};
use webpki::aws_lc_rs::{
    ECDSA_P256_SHA256, ECDSA_P256_SHA384, ECDSA_P384_SHA256, ECDSA_P384_SHA384,
};

use crate::agreement::{self, AwsLcAgreementKey};

/// The provider on aws-lc-rs and libsecp256k1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a provider without settings is a plain value")]
pub struct AwsLc;

impl CryptoProvider for AwsLc {
    fn name(&self) -> &'static str {
        "aws-lc"
    }

    fn prepare(&self, material: &KeyMaterial) -> Result<VerificationKey, KeyError> {
        match material.algorithm() {
            Some(Algorithm::Es256) => prepare(&ECDSA_P256_SHA256_FIXED, material),
            Some(Algorithm::Es384) => prepare(&ECDSA_P384_SHA384_FIXED, material),
            Some(Algorithm::EdDsa) => prepare(&ED25519, material),
            Some(Algorithm::Es256k) => prepare_secp256k1(material),
            _ => Err(KeyError::NotOffered),
        }
    }

    fn agreement_key(&self) -> Result<Box<dyn AgreementKey>, KeyError> {
        Ok(Box::new(AwsLcAgreementKey::generate()?))
    }

    fn agreement_key_from_private_jwk(
        &self,
        text: &str,
    ) -> Result<Box<dyn AgreementKey>, KeyError> {
        Ok(Box::new(AwsLcAgreementKey::from_private_jwk(text)?))
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
        CERTIFICATE_ALGORITHMS
    }
}

/// rustls-webpki's own adapters of aws-lc-rs.
static CERTIFICATE_ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] =
    &[ECDSA_P256_SHA256, ECDSA_P256_SHA384, ECDSA_P384_SHA256, ECDSA_P384_SHA384];

/// Parses a key once. AWS-LC refuses points off their curve here (SEC 1 §3.2.2.1).
fn prepare(
    algorithm: &'static dyn VerificationAlgorithm,
    material: &KeyMaterial,
) -> Result<VerificationKey, KeyError> {
    let parsed = ParsedPublicKey::new(algorithm, sec1(material)?);
    let parsed = parsed.map_err(|_| KeyError::NotOnCurve)?;
    let public = match material {
        KeyMaterial::Public(key) => key.clone(),
        _ => expanded(material.curve(), &parsed)?,
    };
    VerificationKey::new(public, Box::new(AwsLcKey(parsed)))
}

/// The public key of a parsed point that came compressed.
///
/// The library gives a parsed key back as `SubjectPublicKeyInfo` only (RFC 5480 §2), whose last
/// bytes are the uncompressed point.
fn expanded(curve: Curve, parsed: &ParsedPublicKey) -> Result<PublicKey, KeyError> {
    let der: PublicKeyX509Der<'_> = parsed.as_der().map_err(|_| KeyError::NotOnCurve)?;
    let der = der.as_ref();
    let start = der.len().checked_sub(1 + 2 * curve.coordinate_length());
    let point = start.and_then(|start| der.get(start..)).unwrap_or_default();
    PublicKey::from_sec1_uncompressed(curve, point)
}

/// Parses a secp256k1 key once, expanding a compressed point.
fn prepare_secp256k1(material: &KeyMaterial) -> Result<VerificationKey, KeyError> {
    let key = secp256k1::PublicKey::from_slice(&sec1(material)?);
    let key = key.map_err(|_| KeyError::NotOnCurve)?;
    let public = match material {
        KeyMaterial::Public(public) => public.clone(),
        _ => PublicKey::from_sec1_uncompressed(Curve::Secp256k1, &key.serialize_uncompressed())?,
    };
    VerificationKey::new(public, Box::new(Secp256k1Key(key)))
}

fn sec1(material: &KeyMaterial) -> Result<Vec<u8>, KeyError> {
    match material {
        KeyMaterial::Public(key) => Ok(key.to_sec1()),
        KeyMaterial::Compressed(point) => Ok(point.as_bytes().to_vec()),
        _ => Err(KeyError::NotOffered),
    }
}

struct AwsLcKey(ParsedPublicKey);

impl PreparedKey for AwsLcKey {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureMismatch> {
        self.0.verify_sig(message, signature).map_err(|_| SignatureMismatch)
    }
}

impl fmt::Debug for AwsLcKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsLcKey").finish_non_exhaustive()
    }
}

struct Secp256k1Key(secp256k1::PublicKey);

impl PreparedKey for Secp256k1Key {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureMismatch> {
        let mut signature =
            ecdsa::Signature::from_compact(signature).map_err(|_| SignatureMismatch)?;
        // The library refuses a high S, which JOSE allows and real wallets send.
        signature.normalize_s();
        signature.verify(sha256(message)?, &self.0).map_err(|_| SignatureMismatch)
    }
}

impl fmt::Debug for Secp256k1Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secp256k1Key").finish_non_exhaustive()
    }
}

/// The digest that ES256K signs (RFC 8812 §3.2).
pub(crate) fn sha256(message: &[u8]) -> Result<Message, SignatureMismatch> {
    let digest = digest::digest(&digest::SHA256, message);
    let bytes = digest.as_ref().try_into().map_err(|_| SignatureMismatch)?;
    Ok(Message::from_digest(bytes))
}
