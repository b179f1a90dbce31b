//! A local authority and a leaf for a signing key, as a verifier on one machine needs them for
//! `x509_san_dns` and `x509_hash`: the leaf is not self-signed, and the anchor stays out of `x5c`.
//!
//! `cargo run -p staffpass-x509 --example local_authority`

use std::error::Error;
use std::time::SystemTime;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm, date_time_ymd,
};
use staffpass_jose::{Algorithm, PublicKey};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_x509::{CertificateChain, KeyPurpose, TrustAnchors};

fn main() -> Result<(), Box<dyn Error>> {
    let key = SigningKey::generate(Algorithm::Es256)?;
    let (anchor, leaf) = local_authority("localhost", key.public_key())?;

    let chain = CertificateChain::from_x5c(&[leaf])?;
    let anchors = TrustAnchors::from_der(&[anchor])?;
    let leaf = chain.validate(&anchors, KeyPurpose::Any, &AwsLc, SystemTime::now().into())?;
    leaf.check_dns_name("localhost")?;
    println!("x509_hash:{}", staffpass_jose::base64url::encode(leaf.sha256()));
    Ok(())
}

/// The anchor and the leaf in DER. The anchor's key is dropped: it signs this one leaf.
fn local_authority(name: &str, key: &PublicKey) -> Result<(Vec<u8>, Vec<u8>), rcgen::Error> {
    let anchor_key = KeyPair::generate()?;
    let mut anchor = CertificateParams::default();
    anchor.distinguished_name.push(DnType::CommonName, "Local test authority");
    anchor.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    anchor.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    anchor.not_before = date_time_ymd(2026, 1, 1);

    let mut leaf = CertificateParams::new(vec![name.to_owned()])?;
    leaf.distinguished_name.push(DnType::CommonName, "Local verifier");
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.use_authority_key_identifier_extension = true;
    leaf.not_before = date_time_ymd(2026, 1, 1);

    let issuer = Issuer::from_params(&anchor, &anchor_key);
    let leaf = leaf.signed_by(&Es256Key(key.to_sec1()), &issuer)?;
    Ok((anchor.self_signed(&anchor_key)?.der().to_vec(), leaf.der().to_vec()))
}

/// A P-256 point of a key that rcgen did not make.
struct Es256Key(Vec<u8>);

impl PublicKeyData for Es256Key {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}
