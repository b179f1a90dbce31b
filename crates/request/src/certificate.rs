//! What a certificate chain says of a client by itself, before any path is built to an anchor.

use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use staffpass_jose::base64url;
use webpki::EndEntityCert;

use crate::RequestError;

/// Certificates that a chain may have: a leaf, and more issuers than any public hierarchy.
const MAX_CERTIFICATES: usize = 6;

/// The chain of a client as it stands in `x5c`: the leaf first, no trust anchor (HAIP 1.0 §5).
///
/// That every certificate can be read, and that none certifies itself, has been checked. Nothing
/// says whether a wallet trusts it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    certificates: Vec<Vec<u8>>,
}

impl Chain {
    /// # Errors
    /// [`RequestError::CertificateForm`], [`RequestError::CertificateSelfSigned`].
    pub(crate) fn new(certificates: &[Vec<u8>]) -> Result<Self, RequestError> {
        if certificates.is_empty() || certificates.len() > MAX_CERTIFICATES {
            return Err(RequestError::CertificateForm);
        }
        for der in certificates {
            let der = CertificateDer::from(der.as_slice());
            let read = EndEntityCert::try_from(&der).map_err(|_| RequestError::CertificateForm)?;
            // A leaf that signs itself proves nothing, and an anchor is the wallet's own to know.
            if read.issuer() == read.subject() {
                return Err(RequestError::CertificateSelfSigned);
            }
        }
        Ok(Self { certificates: certificates.to_vec() })
    }

    pub(crate) fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// What stands after `x509_hash:` (OpenID4VP 1.0 §5.9.3).
    pub(crate) fn leaf_hash(&self) -> String {
        base64url::encode(Sha256::digest(self.leaf()))
    }

    /// Whether a DNS name stands in the leaf, letter for letter: a wildcard is no name of a client.
    pub(crate) fn has_dns_name(&self, name: &str) -> bool {
        let der = CertificateDer::from(self.leaf());
        EndEntityCert::try_from(&der)
            .is_ok_and(|leaf| leaf.valid_dns_names().any(|own| own.eq_ignore_ascii_case(name)))
    }

    fn leaf(&self) -> &[u8] {
        self.certificates.first().map(Vec::as_slice).unwrap_or_default()
    }
}
