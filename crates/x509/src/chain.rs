//! Certificates as a token carries them.

use std::fmt;

use chrono::{DateTime, Utc};
use staffpass_jose::CryptoProvider;

use crate::anchors::certificates_of_pem;
use crate::certificate::Certificate;
use crate::{KeyPurpose, TrustAnchors, ValidatedLeaf, X509Error, leaf, path};

/// A leaf and the certificates of its issuers, read and not yet believed.
#[derive(Clone)]
pub struct CertificateChain {
    leaf: Certificate,
    issuers: Vec<Certificate>,
}

impl CertificateChain {
    /// The most certificates of a chain: a leaf, and more issuers than any public hierarchy has.
    pub const MAX_LENGTH: usize = 6;

    /// The most bytes of one certificate: one with RSA keys and many names takes 3 KiB.
    pub const MAX_BYTES: usize = 8 * 1024;

    /// Reads what [`Header::x5c`](staffpass_jose::Header::x5c) returns: DER, the leaf first, each
    /// followed by its issuer's (RFC 7515 §4.1.6). No certificate certifies itself (HAIP 1.0
    /// §6.1.1).
    ///
    /// # Errors
    /// See [`X509Error`].
    pub fn from_x5c(x5c: &[impl AsRef<[u8]>]) -> Result<Self, X509Error> {
        check_length(x5c)?;
        let mut certificates = x5c.iter().map(|der| Certificate::read(der.as_ref()));
        let Some(leaf) = certificates.next().transpose()? else {
            return Err(X509Error::ChainLength { limit: Self::MAX_LENGTH });
        };
        let chain = Self { leaf, issuers: certificates.collect::<Result<_, _>>()? };
        chain.check_self_issued()?;
        chain.check_order()?;
        Ok(chain)
    }

    /// Reads a PEM text (RFC 7468 §5) in the same order.
    ///
    /// # Errors
    /// [`X509Error::Pem`], otherwise as [`from_x5c`](Self::from_x5c).
    pub fn from_pem(text: &str) -> Result<Self, X509Error> {
        Self::from_x5c(&certificates_of_pem(text)?)
    }

    /// The certificates in DER, the leaf first: what goes into `x5c`.
    pub fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        self.all().map(|certificate| certificate.der().as_ref())
    }

    /// The SHA-256 of the leaf, unbelieved: what `x509_hash` compares (OpenID4VP 1.0 §5.9.3).
    #[must_use]
    pub fn leaf_sha256(&self) -> &[u8; 32] {
        self.leaf.sha256()
    }

    /// Whether the leaf, unbelieved, has this DNS name: what `x509_san_dns` compares before any path
    /// is built (OpenID4VP 1.0 §5.9.3). As [`ValidatedLeaf::check_dns_name`].
    #[must_use]
    pub fn leaf_has_dns_name(&self, name: &str) -> bool {
        leaf::names(&self.leaf).is_ok_and(|(dns_names, _)| leaf::has_dns_name(&dns_names, name))
    }

    /// Judges the path from the leaf to an anchor at a time (RFC 5280 §6).
    ///
    /// # Errors
    /// See [`X509Error`].
    pub fn validate(
        &self,
        anchors: &TrustAnchors,
        purpose: KeyPurpose,
        provider: &dyn CryptoProvider,
        now: DateTime<Utc>,
    ) -> Result<ValidatedLeaf, X509Error> {
        self.check_no_anchor(anchors)?;
        path::validate(&self.leaf, &self.issuers, anchors, provider, now)?;
        path::check_key_usage(&self.leaf, &self.issuers)?;
        path::check_purpose(&self.leaf, &self.issuers, purpose)?;
        ValidatedLeaf::new(&self.leaf, &self.issuers)
    }

    fn all(&self) -> impl Iterator<Item = &Certificate> {
        std::iter::once(&self.leaf).chain(&self.issuers)
    }

    /// No certificate vouches for itself: as a leaf it proves nothing, as an issuer it is an anchor.
    fn check_self_issued(&self) -> Result<(), X509Error> {
        if self.leaf.is_self_issued() {
            return Err(X509Error::SelfSignedLeaf);
        }
        if self.issuers.iter().any(Certificate::is_self_issued) {
            return Err(X509Error::AnchorInChain);
        }
        Ok(())
    }

    /// RFC 7515 §4.1.6: each certificate certifies the one before it.
    fn check_order(&self) -> Result<(), X509Error> {
        let in_order = self.all().zip(&self.issuers).all(|(one, next)| one.is_issued_by(next));
        if in_order { Ok(()) } else { Err(X509Error::Order) }
    }

    /// HAIP 1.0 §6.1.1: the anchor is the verifier's to know, not the token's to bring.
    fn check_no_anchor(&self, anchors: &TrustAnchors) -> Result<(), X509Error> {
        if self.all().any(|certificate| anchors.contain(certificate)) {
            return Err(X509Error::AnchorInChain);
        }
        Ok(())
    }
}

impl fmt::Debug for CertificateChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = 1 + self.issuers.len();
        f.debug_struct("CertificateChain").field("length", &length).finish_non_exhaustive()
    }
}

fn check_length(x5c: &[impl AsRef<[u8]>]) -> Result<(), X509Error> {
    if x5c.len() > CertificateChain::MAX_LENGTH {
        return Err(X509Error::ChainLength { limit: CertificateChain::MAX_LENGTH });
    }
    if x5c.iter().any(|der| der.as_ref().len() > CertificateChain::MAX_BYTES) {
        return Err(X509Error::TooLong { limit: CertificateChain::MAX_BYTES });
    }
    Ok(())
}
