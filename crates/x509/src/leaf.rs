//! What a believed certificate says.

use std::fmt;

use chrono::{DateTime, Utc};
use staffpass_jose::{Curve, KeyError, PublicKey};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectAltName, SubjectKeyIdentifier};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::X509Error;
use crate::certificate::Certificate;

/// The leaf of a path that has been validated. Made by
/// [`CertificateChain::validate`](crate::CertificateChain::validate) alone.
///
/// A path says that an anchor's authority vouches for the leaf's names, not that this leaf may speak
/// for a given issuer: that takes one of the `check_…` functions.
#[derive(Clone)]
#[must_use]
pub struct ValidatedLeaf {
    public_key: PublicKey,
    dns_names: Vec<String>,
    uris: Vec<String>,
    subject_key_id: Option<Vec<u8>>,
    authority_key_ids: Vec<Vec<u8>>,
    sha256: [u8; 32],
    valid_until: DateTime<Utc>,
}

impl ValidatedLeaf {
    pub(crate) fn new(leaf: &Certificate, issuers: &[Certificate]) -> Result<Self, X509Error> {
        let tbs = leaf.parsed().tbs_certificate();
        let (dns_names, uris) = names(leaf)?;
        let subject_key_id = leaf.extension::<SubjectKeyIdentifier>()?;
        Ok(Self {
            public_key: public_key(tbs.subject_public_key_info()).map_err(X509Error::Key)?,
            dns_names,
            uris,
            subject_key_id: subject_key_id.map(|id| id.0.as_bytes().to_vec()),
            authority_key_ids: authority_key_ids(leaf, issuers)?,
            sha256: *leaf.sha256(),
            valid_until: DateTime::from(tbs.validity().not_after.to_system_time()),
        })
    }

    /// The leaf's key. A provider judges when it prepares it whether the point lies on its curve.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The DNS names of the subject alternative name, as they stand, wildcards included.
    pub fn dns_names(&self) -> impl Iterator<Item = &str> {
        self.dns_names.iter().map(String::as_str)
    }

    /// The URIs of the subject alternative name, as they stand.
    pub fn uris(&self) -> impl Iterator<Item = &str> {
        self.uris.iter().map(String::as_str)
    }

    /// The subject key identifier (RFC 5280 §4.2.1.2).
    #[must_use]
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.subject_key_id.as_deref()
    }

    /// The authority key identifiers of the chain, the leaf's first (RFC 5280 §4.2.1.1): what an
    /// `aki` of `trusted_authorities` is compared with (OpenID4VP 1.0 §6.1.1.1).
    pub fn authority_key_ids(&self) -> impl Iterator<Item = &[u8]> {
        self.authority_key_ids.iter().map(Vec::as_slice)
    }

    /// The SHA-256 of the leaf's DER: what `x509_hash` compares (OpenID4VP 1.0 §5.9.3).
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// The end of the leaf's validity.
    #[must_use]
    pub fn valid_until(&self) -> DateTime<Utc> {
        self.valid_until
    }

    /// Whether the leaf has this DNS name, whole and in either case (RFC 4343). A wildcard is
    /// nobody's name.
    ///
    /// # Errors
    /// [`X509Error::NameMismatch`].
    pub fn check_dns_name(&self, name: &str) -> Result<(), X509Error> {
        matches(has_dns_name(&self.dns_names, name))
    }

    /// Whether the leaf has this URI, byte for byte.
    ///
    /// # Errors
    /// [`X509Error::NameMismatch`].
    pub fn check_uri(&self, uri: &str) -> Result<(), X509Error> {
        matches(!uri.is_empty() && self.uris().any(|own| own == uri))
    }

    /// Whether the leaf has this subject key identifier.
    ///
    /// # Errors
    /// [`X509Error::NameMismatch`].
    pub fn check_subject_key_id(&self, id: &[u8]) -> Result<(), X509Error> {
        matches(!id.is_empty() && self.subject_key_id() == Some(id))
    }
}

impl fmt::Debug for ValidatedLeaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValidatedLeaf").finish_non_exhaustive()
    }
}

/// Whether a name stands among these, whole and in either case. A wildcard is nobody's name.
pub(crate) fn has_dns_name(dns_names: &[String], name: &str) -> bool {
    let plain = !name.is_empty() && !name.contains('*');
    plain && dns_names.iter().any(|own| own.eq_ignore_ascii_case(name))
}

fn matches(matches: bool) -> Result<(), X509Error> {
    if matches { Ok(()) } else { Err(X509Error::NameMismatch) }
}

/// The DNS names and URIs of the subject alternative name (RFC 5280 §4.2.1.6).
pub(crate) fn names(leaf: &Certificate) -> Result<(Vec<String>, Vec<String>), X509Error> {
    let (mut dns_names, mut uris) = (Vec::new(), Vec::new());
    let names = leaf.extension::<SubjectAltName>()?;
    for name in names.iter().flat_map(|names| &names.0) {
        match name {
            GeneralName::DnsName(name) => dns_names.push(name.to_string()),
            GeneralName::UniformResourceIdentifier(uri) => uris.push(uri.to_string()),
            _ => {}
        }
    }
    Ok((dns_names, uris))
}

fn authority_key_ids(
    leaf: &Certificate,
    issuers: &[Certificate],
) -> Result<Vec<Vec<u8>>, X509Error> {
    let mut ids = Vec::new();
    for certificate in std::iter::once(leaf).chain(issuers) {
        let id = certificate.extension::<AuthorityKeyIdentifier>()?;
        ids.extend(id.and_then(|id| id.key_identifier).map(|id| id.as_bytes().to_vec()));
    }
    Ok(ids)
}

/// RFC 5480 §2, RFC 8410 §3 and §4.
fn public_key(spki: &SubjectPublicKeyInfoOwned) -> Result<PublicKey, KeyError> {
    let bits = spki.subject_public_key.as_bytes().ok_or(KeyError::MalformedCoordinate)?;
    let parameters = spki.algorithm.parameters.as_ref();
    match (spki.algorithm.oid, parameters) {
        (EC_PUBLIC_KEY, Some(parameters)) => {
            let curve = parameters.decode_as::<ObjectIdentifier>();
            let curve = curve.ok().and_then(curve_of).ok_or(KeyError::UnsupportedCurve)?;
            PublicKey::from_sec1_uncompressed(curve, bits)
        }
        (ED25519, None) => PublicKey::from_ed25519(bits),
        _ => Err(KeyError::UnsupportedKeyType),
    }
}

fn curve_of(oid: ObjectIdentifier) -> Option<Curve> {
    match oid {
        SECP256R1 => Some(Curve::P256),
        SECP384R1 => Some(Curve::P384),
        SECP256K1 => Some(Curve::Secp256k1),
        _ => None,
    }
}

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const SECP256K1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.10");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
