//! Issuers that sign under certificates: the policy's own anchors, and the name that the leaf must
//! have.

use staffpass_x509::{KeyPurpose, ObjectId, TrustAnchors, ValidatedLeaf, X509Error};

use super::{PolicyError, TrustedIssuer, X509Trust, fault};

/// How an issuer's chain is judged.
#[derive(Clone, Debug)]
pub(crate) struct CertificateRules {
    pub(crate) anchors: TrustAnchors,
    pub(crate) purpose: KeyPurpose,
    name: LeafName,
}

/// What ties the leaf to the issuer.
#[derive(Clone, Debug)]
enum LeafName {
    Dns(String),
    Uri(String),
    SubjectKeyId(Vec<u8>),
}

impl CertificateRules {
    pub(super) fn compile(issuer: &TrustedIssuer) -> Result<Option<Self>, PolicyError> {
        let Some(trust) = &issuer.x509 else { return Ok(None) };
        if issuer.id.starts_with("did:") {
            return Err(fault(issuer, "x509", "is for issuers that are https URLs"));
        }
        let anchors = TrustAnchors::from_pem(&trust.anchors.join("\n"));
        let anchors = anchors.map_err(|_| fault(issuer, "x509.anchors", "must be certificates"))?;
        Ok(Some(Self { anchors, purpose: purpose(issuer, trust)?, name: name(issuer, trust)? }))
    }

    /// Whether the leaf is the issuer's.
    pub(crate) fn name_matches(&self, leaf: &ValidatedLeaf) -> Result<(), X509Error> {
        match &self.name {
            LeafName::Dns(name) => leaf.check_dns_name(name),
            LeafName::Uri(uri) => leaf.check_uri(uri),
            LeafName::SubjectKeyId(id) => leaf.check_subject_key_id(id),
        }
    }
}

fn purpose(issuer: &TrustedIssuer, trust: &X509Trust) -> Result<KeyPurpose, PolicyError> {
    let Some(eku) = &trust.eku else { return Ok(KeyPurpose::Any) };
    let purpose = ObjectId::parse(eku);
    let purpose = purpose.map_err(|_| fault(issuer, "x509.eku", "must be an object identifier"))?;
    Ok(KeyPurpose::Required(purpose))
}

fn name(issuer: &TrustedIssuer, trust: &X509Trust) -> Result<LeafName, PolicyError> {
    match (&trust.san, &trust.subject_key_id) {
        (Some(san), None) if san.is_empty() => {
            Err(fault(issuer, "x509.san", "must be a DNS name or a URI"))
        }
        (Some(san), None) if san.contains(':') => Ok(LeafName::Uri(san.clone())),
        (Some(san), None) => Ok(LeafName::Dns(san.clone())),
        (None, Some(id)) => unhex(id)
            .map(LeafName::SubjectKeyId)
            .ok_or_else(|| fault(issuer, "x509.subject_key_id", "must be hexadecimal")),
        _ => Err(fault(issuer, "x509", "must name either `san` or `subject_key_id`")),
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| !digits.is_empty() && digits.len() % 2 == 0)?;
    digits.chunks(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.last()?).ok()).collect()
}
