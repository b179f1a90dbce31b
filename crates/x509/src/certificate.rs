//! One certificate, read strictly and believed no further.

use std::fmt;

use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use x509_cert::Certificate as Parsed;
use x509_cert::der::oid::AssociatedOid;
use x509_cert::der::{Decode, Encode};

use crate::X509Error;

/// A certificate in DER, and what was read of it.
#[derive(Clone)]
pub(crate) struct Certificate {
    der: CertificateDer<'static>,
    parsed: Parsed,
    sha256: [u8; 32],
}

impl Certificate {
    /// Reads a certificate that is exactly as an encoder of DER would have written it.
    pub(crate) fn read(der: &[u8]) -> Result<Self, X509Error> {
        let parsed = Parsed::from_der(der).map_err(|_| X509Error::Malformed)?;
        let written = parsed.to_der().map_err(|_| X509Error::Malformed)?;
        if written != der {
            return Err(X509Error::NotCanonical);
        }
        let sha256 = Sha256::digest(der).into();
        Ok(Self { der: CertificateDer::from(written), parsed, sha256 })
    }

    pub(crate) fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    pub(crate) fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    pub(crate) fn parsed(&self) -> &Parsed {
        &self.parsed
    }

    /// Whether it names itself as its issuer (RFC 5280 §3.2, self-issued).
    pub(crate) fn is_self_issued(&self) -> bool {
        self.parsed.tbs_certificate().issuer() == self.parsed.tbs_certificate().subject()
    }

    pub(crate) fn is_issued_by(&self, issuer: &Self) -> bool {
        self.parsed.tbs_certificate().issuer() == issuer.parsed.tbs_certificate().subject()
    }

    /// Whether two certificates are of one name and one key, as two renewals of an authority are.
    pub(crate) fn is_same_entity(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.parsed.tbs_certificate(), other.parsed.tbs_certificate());
        ours.subject() == theirs.subject()
            && ours.subject_public_key_info() == theirs.subject_public_key_info()
    }

    /// An extension, which stands there once or not at all.
    pub(crate) fn extension<'a, T>(&'a self) -> Result<Option<T>, X509Error>
    where
        T: Decode<'a> + AssociatedOid,
    {
        let found = self.parsed.tbs_certificate().get_extension::<T>();
        Ok(found.map_err(|_| X509Error::Malformed)?.map(|(_, extension)| extension))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").finish_non_exhaustive()
    }
}
