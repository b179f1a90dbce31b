//! Ties a key to a name by a certificate path.
//!
//! ```text
//!  header.x5c() ── CertificateChain::from_x5c ──► CertificateChain      TrustAnchors (the policy's)
//!                  bounded, DER, in order               │ validate(anchors, key purpose, provider, now)
//!                                                       ▼
//!                                                 ValidatedLeaf ── public_key, DNS names, URIs,
//!                                                                  key identifiers, SHA-256
//! ```
//!
//! The path is judged by rustls-webpki (RFC 5280 §6) with signature checks that a
//! [`CryptoProvider`](staffpass_jose::CryptoProvider) lends. What webpki leaves to others is judged
//! here:
//!
//! - each certificate is in DER, and the next one in the chain is its issuer's (RFC 7515 §4.1.6);
//! - the leaf does not certify itself, and no anchor stands in the chain (HAIP 1.0 §6.1.1);
//! - key usage: the leaf may sign, its issuers may sign certificates (RFC 5280 §4.2.1.3);
//! - the extended key usage that is asked for, in the leaf and in every issuer that limits it;
//! - names are compared whole: a wildcard in a certificate is no name of an issuer.
//!
//! What is not done: revocation by CRL or OCSP. A certificate that must not be trusted any longer is
//! taken away by its anchor or its name in the policy.
//!
//! ```
//! use staffpass_x509::{CertificateChain, TrustAnchors};
//!
//! let refused = CertificateChain::from_x5c(&[b"no certificate".to_vec()]).unwrap_err();
//! assert_eq!(refused.code(), "x509_malformed");
//! assert_eq!(TrustAnchors::from_pem("").unwrap_err().code(), "x509_pem");
//! ```

mod anchors;
mod certificate;
mod chain;
mod error;
mod leaf;
mod path;
mod purpose;

pub use anchors::TrustAnchors;
pub use chain::CertificateChain;
pub use error::X509Error;
pub use leaf::ValidatedLeaf;
pub use purpose::{KeyPurpose, ObjectId};
