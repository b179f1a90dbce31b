//! OpenSSL's signature checks, lent to X.509 path validation.

use openssl::bn::BigNumContext;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Public};
use openssl::sign::Verifier;
use rustls_pki_types::{
    AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
};

/// See [`CryptoProvider::certificate_algorithms`](staffpass_jose::CryptoProvider).
pub(crate) static ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    &Ecdsa { curve: Nid::X9_62_PRIME256V1, key: alg_id::ECDSA_P256, digest: Digest::Sha256 },
    &Ecdsa { curve: Nid::X9_62_PRIME256V1, key: alg_id::ECDSA_P256, digest: Digest::Sha384 },
    &Ecdsa { curve: Nid::SECP384R1, key: alg_id::ECDSA_P384, digest: Digest::Sha256 },
    &Ecdsa { curve: Nid::SECP384R1, key: alg_id::ECDSA_P384, digest: Digest::Sha384 },
];

#[derive(Clone, Copy, Debug)]
enum Digest {
    Sha256,
    Sha384,
}

/// ECDSA with a DER signature (RFC 5480, RFC 5758 §3.2).
#[derive(Debug)]
struct Ecdsa {
    curve: Nid,
    key: AlgorithmIdentifier,
    digest: Digest,
}

impl Ecdsa {
    /// A point in one of the forms of RFC 5480 §2.2: the hybrid one is refused.
    fn public_key(&self, point: &[u8]) -> Result<PKey<Public>, InvalidSignature> {
        if !matches!(point.first(), Some(2..=4)) {
            return Err(InvalidSignature);
        }
        let read = || {
            let group = EcGroup::from_curve_name(self.curve)?;
            let mut context = BigNumContext::new()?;
            let point = EcPoint::from_bytes(&group, point, &mut context)?;
            let key = EcKey::from_public_key(&group, &point)?;
            key.check_key()?;
            PKey::from_ec_key(key)
        };
        read().map_err(|_: ErrorStack| InvalidSignature)
    }
}

impl SignatureVerificationAlgorithm for Ecdsa {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let digest = match self.digest {
            Digest::Sha256 => MessageDigest::sha256(),
            Digest::Sha384 => MessageDigest::sha384(),
        };
        let key = self.public_key(public_key)?;
        match Verifier::new(digest, &key).and_then(|mut v| v.verify_oneshot(signature, message)) {
            Ok(true) => Ok(()),
            _ => Err(InvalidSignature),
        }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        match self.digest {
            Digest::Sha256 => alg_id::ECDSA_SHA256,
            Digest::Sha384 => alg_id::ECDSA_SHA384,
        }
    }
}
