//! The default crypto provider of staffpass: aws-lc-rs, and libsecp256k1 for ES256K.
//!
//! | algorithm | curve | library |
//! |---|---|---|
//! | ES256, ES384 | P-256, P-384 | aws-lc-rs |
//! | EdDSA | Ed25519 | aws-lc-rs |
//! | ES256K | secp256k1 | libsecp256k1, six times as fast at it as AWS-LC |
//! | ECDH-ES with A128GCM, A256GCM | P-256 | aws-lc-rs, its one-step KDF included |
//!
//! ```text
//!  key material ── AwsLc.prepare ──► VerificationKey ── verify(signed bytes, signature)
//!  SigningKey ───── sign ──► signature              AwsLc.agreement_key ── open ──► what a wallet sealed
//! ```
//!
//! [`AwsLc`] is a value that is handed to whatever verifies; [`SigningKey`] is a private key in
//! memory. Neither needs a system library, only a C compiler when it is built.
//!
//! ```
//! use staffpass_jose::{Algorithm, HeaderBuilder, Signer, UnsignedJws, UnverifiedJws, jws};
//! use staffpass_jose_aws_lc::SigningKey;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::generate(Algorithm::Es256)?;
//! let header = HeaderBuilder::new(Algorithm::Es256).typ("JWT");
//! let token = UnsignedJws::new(&header, br#"{"iss":"https://trust.example"}"#).sign(&key)?;
//!
//! let parsed = UnverifiedJws::parse(token, &jws::Limits::default())?;
//! let verified = parsed.verify(key.verification_key())?;
//! assert_eq!(verified.payload(), br#"{"iss":"https://trust.example"}"#);
//! # Ok(())
//! # }
//! ```
//!
//! An encrypted response, as a verifier opens it and a wallet seals it:
//!
//! ```
//! use staffpass_jose::jwe::{ContentEncryption, Limits, Sealing};
//! use staffpass_jose::{CryptoProvider, PublicKey, UnopenedJwe};
//! use staffpass_jose_aws_lc::AwsLc;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = AwsLc.agreement_key()?;
//!
//! let published = PublicKey::from_jwk(&key.public_jwk())?;
//! let sealing = Sealing::new(ContentEncryption::A256Gcm).kid(&key.kid());
//! let response = AwsLc.seal(&published, &sealing, br#"{"state":"af0ifjsldkj"}"#)?;
//!
//! let jwe = UnopenedJwe::parse(&response, &Limits::default())?;
//! assert_eq!(jwe.header().kid.as_deref(), Some(&*key.kid()));
//! assert_eq!(&key.open(&jwe)?[..], br#"{"state":"af0ifjsldkj"}"#);
//! # Ok(())
//! # }
//! ```
//!
//! A key that an HSM holds signs elsewhere; here it is only checked that its signature fits:
//!
//! ```
//! use staffpass_jose::{Algorithm, CryptoProvider, HeaderBuilder, KeyMaterial, Signer, UnsignedJws};
//! use staffpass_jose_aws_lc::{AwsLc, SigningKey};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let hsm = SigningKey::generate(Algorithm::Es256k)?;
//! # let published_jwk = hsm.public_key().to_jwk();
//! let material = KeyMaterial::from(staffpass_jose::PublicKey::from_jwk(&published_jwk)?);
//! let published = AwsLc.prepare(&material)?;
//! let unsigned = UnsignedJws::new(&HeaderBuilder::new(Algorithm::Es256k), b"{}");
//! let signature = hsm.sign(unsigned.signing_input())?;
//! assert!(unsigned.with_signature(&signature, &published).is_ok());
//! # Ok(())
//! # }
//! ```
//!
//! For X.509 path validation it lends rustls-webpki's adapters of aws-lc-rs: ECDSA on P-256 and P-384.
//!
//! What it cannot tell: AWS-LC offers no check of an Ed25519 key without a signature, so 32 bytes
//! that decode to no point are prepared like a key. No signature verifies under them.

mod agreement;
mod provider;
mod signing_key;

pub use provider::AwsLc;
pub use signing_key::SigningKey;
