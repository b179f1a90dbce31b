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
//!
//! An issuer by its certificates, as the header of its token has them:
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use staffpass_jose::{CryptoProvider, PublicKey, UnverifiedJws};
//! use staffpass_x509::{CertificateChain, KeyPurpose, TrustAnchors, X509Error};
//!
//! /// The key under which a token of this host's verifies; none where it brings no certificates.
//! fn key_of(
//!     token: &UnverifiedJws,
//!     host: &str,
//!     anchors: &TrustAnchors,
//!     provider: &dyn CryptoProvider,
//!     now: DateTime<Utc>,
//! ) -> Result<Option<PublicKey>, X509Error> {
//!     let Some(x5c) = token.header().x5c() else { return Ok(None) };
//!     let leaf = CertificateChain::from_x5c(x5c)?.validate(anchors, KeyPurpose::Any, provider, now)?;
//!     leaf.check_dns_name(host)?;
//!     Ok(Some(leaf.public_key().clone()))
//! }
//! ```
//!
//! A key that a local authority vouches for (the example `local_authority` is the same with a key of one's own):
//!
//! ```
//! use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
//! use staffpass_jose_aws_lc::AwsLc;
//! use staffpass_x509::{CertificateChain, KeyPurpose, TrustAnchors};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let authority_key = KeyPair::generate()?;
//! let mut authority = CertificateParams::default();
//! authority.distinguished_name.push(DnType::CommonName, "Local authority");
//! authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
//! authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
//!
//! let mut leaf = CertificateParams::new(vec!["trust.example".to_owned()])?;
//! leaf.is_ca = IsCa::ExplicitNoCa;
//! leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
//! let issuer = Issuer::from_params(&authority, &authority_key);
//! let leaf = leaf.signed_by(&KeyPair::generate()?, &issuer)?;
//!
//! let anchors = TrustAnchors::from_der(&[authority.self_signed(&authority_key)?.der()])?;
//! let chain = CertificateChain::from_x5c(&[leaf.der()])?;
//! let now = "2026-03-02T09:00:00Z".parse()?;
//! let validated = chain.validate(&anchors, KeyPurpose::Any, &AwsLc, now)?;
//! assert!(validated.check_dns_name("trust.example").is_ok());
//! assert!(validated.check_dns_name("other.example").is_err());
//!
//! let others = CertificateParams::default().self_signed(&KeyPair::generate()?)?;
//! let nobody = TrustAnchors::from_der(&[others.der()])?;
//! assert!(chain.validate(&nobody, KeyPurpose::Any, &AwsLc, now).is_err());
//! # Ok(())
//! # }
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
