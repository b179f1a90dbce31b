//! The authorities that a policy trusts.

use std::fmt;

use rustls_pki_types::TrustAnchor;
use rustls_pki_types::pem::{PemObject as _, SectionKind};

use crate::certificate::Certificate;
use crate::{CertificateChain, X509Error};

/// Trust anchors, at least one.
///
/// An anchor is a name and a key; the dates of the certificate that carried them are not looked at
/// (RFC 5280 §6.1.1 (d)), its name constraints are.
#[derive(Clone)]
pub struct TrustAnchors {
    certificates: Vec<Certificate>,
    anchors: Vec<TrustAnchor<'static>>,
}

impl TrustAnchors {
    /// Reads certificates in DER.
    ///
    /// # Errors
    /// See [`X509Error`]; [`X509Error::ChainLength`] for none.
    pub fn from_der(certificates: &[impl AsRef<[u8]>]) -> Result<Self, X509Error> {
        if certificates.is_empty() {
            return Err(X509Error::ChainLength { limit: CertificateChain::MAX_LENGTH });
        }
        let certificates = certificates.iter().map(|der| Certificate::read(der.as_ref()));
        let certificates: Vec<_> = certificates.collect::<Result<_, _>>()?;
        let anchors = certificates.iter().map(anchor).collect::<Result<_, _>>()?;
        Ok(Self { certificates, anchors })
    }

    /// Reads a PEM text of certificates (RFC 7468 §5), one after another.
    ///
    /// # Errors
    /// [`X509Error::Pem`] for a text with no certificate, or with something else such as a private
    /// key; otherwise as [`from_der`](Self::from_der).
    pub fn from_pem(text: &str) -> Result<Self, X509Error> {
        Self::from_der(&certificates_of_pem(text)?)
    }

    /// The SHA-256 of each anchor's certificate, in the order in which they were given: what a policy
    /// is digested and explained by.
    pub fn sha256s(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.certificates.iter().map(Certificate::sha256)
    }

    pub(crate) fn anchors(&self) -> &[TrustAnchor<'static>] {
        &self.anchors
    }

    /// Whether a certificate is an anchor's own, or another one of its name and key.
    pub(crate) fn contain(&self, certificate: &Certificate) -> bool {
        self.certificates.iter().any(|anchor| anchor.is_same_entity(certificate))
    }
}

impl fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustAnchors").field("count", &self.anchors.len()).finish()
    }
}

impl PartialEq for TrustAnchors {
    fn eq(&self, other: &Self) -> bool {
        self.sha256s().eq(other.sha256s())
    }
}

impl Eq for TrustAnchors {}

fn anchor(certificate: &Certificate) -> Result<TrustAnchor<'static>, X509Error> {
    let anchor = webpki::anchor_from_trusted_cert(certificate.der());
    anchor.map(|anchor| anchor.to_owned()).map_err(|_| X509Error::Malformed)
}

/// The certificates of a PEM text, and nothing else in it.
pub(crate) fn certificates_of_pem(text: &str) -> Result<Vec<Vec<u8>>, X509Error> {
    let sections = <(SectionKind, Vec<u8>)>::pem_slice_iter(text.as_bytes());
    let certificates = sections.map(|section| match section {
        Ok((SectionKind::Certificate, der)) => Ok(der),
        _ => Err(X509Error::Pem),
    });
    let certificates: Vec<_> = certificates.collect::<Result<_, _>>()?;
    if certificates.is_empty() { Err(X509Error::Pem) } else { Ok(certificates) }
}
