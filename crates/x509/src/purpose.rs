//! What a certificate's key must be for.

use std::fmt;

use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::ExtendedKeyUsage;

use crate::X509Error;

/// An object identifier, such as `1.3.6.1.5.5.7.3.1`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(ObjectIdentifier);

impl ObjectId {
    /// Reads the dotted form.
    ///
    /// # Errors
    /// [`X509Error::ObjectIdentifier`].
    pub fn parse(text: &str) -> Result<Self, X509Error> {
        ObjectIdentifier::new(text).map(Self).map_err(|_| X509Error::ObjectIdentifier)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({})", self.0)
    }
}

/// The extended key usage that is asked of a path (RFC 5280 §4.2.1.12).
///
/// `anyExtendedKeyUsage` in a certificate is no other usage than itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyPurpose {
    /// Nothing is asked.
    Any,
    /// A certificate that names usages names this one.
    IfLimited(ObjectId),
    /// The leaf names this usage, and every issuer that names usages names it too.
    Required(ObjectId),
}

impl KeyPurpose {
    pub(crate) fn check_leaf(self, usage: Option<&ExtendedKeyUsage>) -> Result<(), X509Error> {
        match (self, usage) {
            (Self::Required(_), None) => Err(X509Error::ExtendedKeyUsage),
            _ => self.check_issuer(usage),
        }
    }

    pub(crate) fn check_issuer(self, usage: Option<&ExtendedKeyUsage>) -> Result<(), X509Error> {
        match (self, usage) {
            (Self::IfLimited(purpose) | Self::Required(purpose), Some(usage))
                if !usage.0.contains(&purpose.0) =>
            {
                Err(X509Error::ExtendedKeyUsage)
            }
            _ => Ok(()),
        }
    }
}
