//! The raw signature checks of a token: the limit of every verification.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use secp256k1::{Message, ecdsa};
use staffpass::aws_lc::SigningKey;
use staffpass::jose::{Algorithm, Signer as _, base64url};

/// One signature, its message, and its key, parsed once: straight to the libraries, with nothing of
/// ours between.
pub struct RawCheck {
    key: RawKey,
    message: Vec<u8>,
    signature: Vec<u8>,
}

enum RawKey {
    P256(ParsedPublicKey),
    Secp256k1(secp256k1::PublicKey),
}

impl RawCheck {
    /// The check of a compact token that this key signed.
    #[must_use]
    pub fn new(token: &str, key: &SigningKey) -> Self {
        let (message, signature) = token.rsplit_once('.').unwrap();
        let point = key.public_key().to_sec1();
        let key = match key.algorithm() {
            Algorithm::Es256k => {
                RawKey::Secp256k1(secp256k1::PublicKey::from_slice(&point).unwrap())
            }
            _ => RawKey::P256(ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).unwrap()),
        };
        let signature = base64url::decode(signature).unwrap();
        Self { key, message: message.as_bytes().to_vec(), signature }
    }

    /// Checks the signature.
    pub fn check(&self) {
        match &self.key {
            RawKey::P256(key) => key.verify_sig(&self.message, &self.signature).expect("good"),
            RawKey::Secp256k1(key) => {
                let mut signature = ecdsa::Signature::from_compact(&self.signature).expect("good");
                signature.normalize_s();
                let digest = digest::digest(&digest::SHA256, &self.message);
                let message = Message::from_digest(digest.as_ref().try_into().expect("32 bytes"));
                signature.verify(message, key).expect("good");
            }
        }
    }
}
