//! Signed and encrypted JSON, parsed strictly, and the one joint where a crypto library fits in.
//!
//! ```text
//!  compact text ── UnverifiedJws::parse ──► UnverifiedJws ── verify(key) ──► VerifiedJws
//!                  strict, unbelieved            ▲                            payload
//!                                                │
//!  JWK, did:key ── PublicKey::from_jwk… ──► KeyMaterial ── provider.prepare ──► VerificationKey
//!                  judged by its bytes            once, when evidence is inserted
//! ```
//!
//! What it speaks: JWS and JWT (RFC 7515, RFC 7519), JWK and its thumbprint (RFC 7517, RFC 7638),
//! ES256, ES384, ES256K and EdDSA with Ed25519 (RFC 7518, RFC 8812, RFC 8037), with the advice of
//! RFC 8725; and JWE for encrypted responses (RFC 7516: ECDH-ES on P-256 with AES-GCM, see [`jwe`]).
//! What it leaves out on purpose: `none`, symmetric signatures, RSA, keys in headers but by a
//! certificate path (`x5c`, which `staffpass-x509` judges), `crit`, `zip`, wrapped keys, detached and
//! unencoded payloads, the JSON serialisations.
//!
//! It holds no cryptography. A [`CryptoProvider`] is a value handed to it: `staffpass-jose-aws-lc`
//! unless you have a reason, `staffpass-jose-josekit` where OpenSSL is the house rule.
//!
//! # Reading a token
//!
//! ```
//! use staffpass_jose::{JwsError, UnverifiedJws, jws};
//!
//! let forged = "eyJhbGciOiJub25lIn0.e30.AA";
//! let error = UnverifiedJws::parse(forged, &jws::Limits::default()).unwrap_err();
//! assert_eq!(error, JwsError::UnsupportedAlgorithm);
//! assert_eq!(error.code(), "jws_algorithm_unsupported");
//! ```
//!
//! # Importing a key
//!
//! ```
//! use staffpass_jose::PublicKey;
//!
//! let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
//! let key = PublicKey::from_jwk_json(jwk.as_bytes())?;
//! assert_eq!(key.thumbprint().to_string(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
//! # Ok::<(), staffpass_jose::KeyError>(())
//! ```
//!
//! # Reading JSON
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use staffpass_jose::json::{self, Limits};
//!
//! let twice = br#"{"iss": "https://trust.example", "iss": "https://other.example"}"#;
//! let read = json::parse::<BTreeMap<String, String>>(twice, &Limits::default());
//! assert!(read.is_err()); // two readers must not see two claims
//! ```

mod algorithm;
pub mod base64url;
mod ed25519;
pub mod jwe;
mod jwk;
pub mod jws;
mod numeric_date;
mod private_jwk;
mod provider;
mod sign;

pub use algorithm::{Algorithm, AlgorithmSet, Curve};
pub use jwe::{AgreementKey, JweError, UnopenedJwe};
pub use jwk::{CompressedPoint, KeyError, KeyMaterial, KeyUse, PublicKey, Thumbprint};
pub use jws::{Header, JwsError, UnverifiedJws, VerifiedJws};
pub use numeric_date::NumericDate;
pub use private_jwk::{PrivateJwk, draw_key};
pub use provider::{CryptoProvider, PreparedKey, SignatureMismatch, VerificationKey};
pub use sign::{HeaderBuilder, Signer, SigningError, UnsignedJws};
pub use staffpass_json as json;
