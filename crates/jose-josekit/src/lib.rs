//! A crypto provider of staffpass on josekit and OpenSSL, for those who standardise on OpenSSL.
//!
//! [`Josekit`] verifies ES256, ES384, ES256K and EdDSA (Ed25519) with josekit's verifiers, made once
//! for each key, and opens and seals encrypted responses (ECDH-ES on P-256, AES-GCM) with josekit's
//! agreement, key derivation and encryption; [`SigningKey`] signs. Tokens and JWKs never reach josekit: the strict
//! parser and the key import of `staffpass-jose` stand before it, and its JWT validator is not used.
//! What josekit does not offer is asked of OpenSSL itself: expanding compressed points, deriving a
//! public key from a secret, and the ECDSA checks that it lends to X.509 path validation.
//!
//! ```text
//!                 strict, before any provider                josekit and OpenSSL
//!  token, JWK ──► staffpass-jose ── bytes, key material ──► Josekit.prepare ──► verify, open, seal
//! ```
//!
//! The feature `vendored`, on by default, builds OpenSSL from source, which needs a C compiler, make
//! and perl, and takes a minute or two. Without it the system's libssl is linked (Debian:
//! `libssl-dev` and `pkg-config`).
//!
//! In a build that holds josekit, `serde_json` keeps members in their order (its feature
//! `preserve_order`). Nothing in staffpass depends on that order.
//!
//! ```
//! use staffpass_jose::{Algorithm, HeaderBuilder, Signer, UnsignedJws, UnverifiedJws, jws};
//! use staffpass_jose_josekit::SigningKey;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::generate(Algorithm::Es256)?;
//! let header = HeaderBuilder::new(Algorithm::Es256).typ("JWT");
//! let token = UnsignedJws::new(&header, br#"{"iss":"https://trust.example"}"#).sign(&key)?;
//!
//! let parsed = UnverifiedJws::parse(token, &jws::Limits::default())?;
//! assert!(parsed.verify(key.verification_key()).is_ok());
//! # Ok(())
//! # }
//! ```
//!
//! It is chosen where a verifier or an evidence is made, and both providers judge alike:
//!
//! ```
//! use std::sync::Arc;
//!
//! use staffpass_jose::{CryptoProvider, KeyMaterial, PublicKey};
//! use staffpass_jose_aws_lc::AwsLc;
//! use staffpass_jose_josekit::Josekit;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
//! let material = KeyMaterial::from(PublicKey::from_jwk_json(jwk.as_bytes())?);
//! let providers: [Arc<dyn CryptoProvider>; 2] = [Arc::new(Josekit), Arc::new(AwsLc)];
//! for provider in providers {
//!     let key = provider.prepare(&material)?;
//!     assert!(key.verify(b"nobody signed this", &[0; 64]).is_err());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! An encrypted response, as a verifier opens it and a wallet seals it:
//!
//! ```
//! use staffpass_jose::jwe::{ContentEncryption, Limits, Sealing};
//! use staffpass_jose::{CryptoProvider, PublicKey, UnopenedJwe};
//! use staffpass_jose_josekit::Josekit;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = Josekit.agreement_key()?;
//! let published = PublicKey::from_jwk(&key.public_jwk())?;
//! let sealing = Sealing::new(ContentEncryption::A128Gcm).kid(&key.kid());
//! let response = Josekit.seal(&published, &sealing, br#"{"state":"af0ifjsldkj"}"#)?;
//!
//! let jwe = UnopenedJwe::parse(&response, &Limits::default())?;
//! assert_eq!(&key.open(&jwe)?[..], br#"{"state":"af0ifjsldkj"}"#);
//! # Ok(())
//! # }
//! ```
//!
//! What it cannot tell: OpenSSL does not say whether 32 bytes are an Ed25519 point before it
//! verifies with them, so bytes that decode to no point are prepared like a key. No signature
//! verifies under them.

mod agreement;
mod certificate;
mod point;
mod provider;
mod signing_key;

pub use provider::Josekit;
pub use signing_key::SigningKey;
