//! A root, an intermediate authority and a leaf of a fictional trust, each with one thing changed.

use chrono::{DateTime, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use staffpass_jose_aws_lc::AwsLc;
use staffpass_x509::{CertificateChain, KeyPurpose, TrustAnchors, ValidatedLeaf, X509Error};

pub(crate) const DNS: &str = "credentials.trust.example";
pub(crate) const URI: &str = "https://credentials.trust.example/identity";

/// A certificate and its key.
pub(crate) struct Entity {
    pub(crate) params: CertificateParams,
    pub(crate) key: KeyPair,
    pub(crate) der: Vec<u8>,
}

impl Entity {
    pub(crate) fn root() -> Self {
        Self::signed(authority("Fictional Root"), None)
    }

    pub(crate) fn intermediate(root: &Self) -> Self {
        Self::signed(authority("Fictional Issuing CA"), Some(root))
    }

    pub(crate) fn leaf(issuer: &Self) -> Self {
        Self::signed(leaf_params(), Some(issuer))
    }

    /// Signed by an issuer, or by itself.
    pub(crate) fn signed(params: CertificateParams, issuer: Option<&Self>) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = match issuer {
            Some(issuer) => {
                let issuer = Issuer::from_params(&issuer.params, &issuer.key);
                params.signed_by(&key, &issuer).unwrap()
            }
            None => params.self_signed(&key).unwrap(),
        };
        let der = certificate.der().to_vec();
        Self { params, key, der }
    }
}

pub(crate) fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    dated(params)
}

pub(crate) fn leaf_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Fictional Trust");
    params.subject_alt_names = vec![
        SanType::DnsName(DNS.try_into().unwrap()),
        SanType::DnsName("*.wild.example".try_into().unwrap()),
        SanType::URI(URI.try_into().unwrap()),
    ];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    dated(params)
}

fn dated(mut params: CertificateParams) -> CertificateParams {
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn now() -> DateTime<Utc> {
    at("2026-06-01T12:00:00Z")
}

pub(crate) fn anchors(roots: &[&Entity]) -> TrustAnchors {
    let ders: Vec<_> = roots.iter().map(|root| root.der.clone()).collect();
    TrustAnchors::from_der(&ders).unwrap()
}

/// Reads and validates without a key purpose, at [`now`].
pub(crate) fn validate(x5c: &[&[u8]], anchors: &TrustAnchors) -> Result<ValidatedLeaf, X509Error> {
    validate_at(x5c, anchors, KeyPurpose::Any, now())
}

pub(crate) fn validate_at(
    x5c: &[&[u8]],
    anchors: &TrustAnchors,
    purpose: KeyPurpose,
    now: DateTime<Utc>,
) -> Result<ValidatedLeaf, X509Error> {
    CertificateChain::from_x5c(x5c)?.validate(anchors, purpose, &AwsLc, now)
}

pub(crate) fn code(result: Result<ValidatedLeaf, X509Error>) -> &'static str {
    match result {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}
