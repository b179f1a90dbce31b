//! The certificate chain of a client, before any path is built to an anchor.

use staffpass_jose::base64url;
use staffpass_x509::{CertificateChain, X509Error};

use crate::RequestError;

/// The chain of a client as it stands in `x5c`: the leaf first, no trust anchor (HAIP 1.0 §5).
///
/// That every certificate can be read, that each is followed by its issuer's, and that none certifies
/// itself, has been checked. Nothing says whether a wallet trusts it.
#[derive(Clone)]
pub(crate) struct Chain {
    read: Box<CertificateChain>,
    certificates: Vec<Vec<u8>>,
}

impl Chain {
    /// # Errors
    /// [`RequestError::CertificateForm`], [`RequestError::CertificateSelfSigned`].
    pub(crate) fn new(certificates: &[Vec<u8>]) -> Result<Self, RequestError> {
        let read = CertificateChain::from_x5c(certificates).map_err(|error| match error {
            // A leaf that signs itself proves nothing, and an anchor is the wallet's own to know.
            X509Error::SelfSignedLeaf | X509Error::AnchorInChain => {
                RequestError::CertificateSelfSigned
            }
            _ => RequestError::CertificateForm,
        })?;
        Ok(Self { read: Box::new(read), certificates: certificates.to_vec() })
    }

    pub(crate) fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// What stands after `x509_hash:` (OpenID4VP 1.0 §5.9.3).
    pub(crate) fn leaf_hash(&self) -> String {
        base64url::encode(self.read.leaf_sha256())
    }

    /// Whether a DNS name stands in the leaf: a wildcard is no name of a client.
    pub(crate) fn has_dns_name(&self, name: &str) -> bool {
        self.read.leaf_has_dns_name(name)
    }
}
