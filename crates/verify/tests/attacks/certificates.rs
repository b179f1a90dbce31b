//! Issuers of SD-JWT VCs that sign under certificates (S22, and what HAIP asks).

use base64::Engine as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SignatureAlgorithm, date_time_ymd,
};
use staffpass_verify::policy::X509Trust;

use super::formats::by_https;
use super::*;

const NAME: &str = "westmoor.example";

/// A root of a fictional trust.
struct Root {
    params: CertificateParams,
    key: KeyPair,
    pem: String,
}

impl Root {
    fn new() -> Self {
        let mut params = dated(CertificateParams::default());
        params.distinguished_name.push(DnType::CommonName, "Fictional Root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { params, key, pem }
    }

    /// The `x5c` of a leaf for the issuer's own key.
    fn certify(&self, exchange: &Exchange, params: CertificateParams) -> Value {
        let issuer = Issuer::from_params(&self.params, &self.key);
        let leaf = params.signed_by(&IssuerPublicKey::of(exchange), &issuer).unwrap();
        json!([base64::engine::general_purpose::STANDARD.encode(leaf.der())])
    }
}

fn dated(mut params: CertificateParams) -> CertificateParams {
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

fn leaf_for(name: &str) -> CertificateParams {
    let mut params = dated(CertificateParams::default());
    params.distinguished_name.push(DnType::CommonName, "Fictional Trust");
    params.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params
}

/// The issuer's key as rcgen takes it: the uncompressed point.
struct IssuerPublicKey(Vec<u8>);

impl IssuerPublicKey {
    fn of(exchange: &Exchange) -> Self {
        let jwk = exchange.issuer.key().public_key().to_jwk();
        let coordinate = |name: &str| base64url::decode(jwk[name].as_str().unwrap()).unwrap();
        Self([vec![4], coordinate("x"), coordinate("y")].concat())
    }
}

impl PublicKeyData for IssuerPublicKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// Every credential with this `x5c`, under a policy with this root and name. They have no status:
/// a list would be signed by the same chain.
fn certified(x5c: &Value, trust: X509Trust) -> Exchange {
    let mut exchange = by_https(Encoding::SdJwtVc);
    for presentation in &mut exchange.answer.presentations {
        let token = &mut presentation.credentials[0];
        token.header.remove("kid");
        token.header.insert("x5c".to_owned(), x5c.clone());
        token.claims.remove("status");
    }
    super::trust(&mut exchange, |issuer| {
        issuer.status = StatusRequirement::default();
        issuer.x509 = Some(trust);
    });
    exchange
}

#[test]
fn an_issuer_is_known_by_its_certificate() {
    let root = Root::new();
    let x5c = root.certify(&by_https(Encoding::SdJwtVc), leaf_for(NAME));
    let exchange = certified(&x5c, X509Trust::named([&root.pem], NAME));
    let accepted = exchange.verify().unwrap();
    assert_eq!(accepted.credentials()[0].issuer(), "https://westmoor.example");
    assert!(accepted.report().evidence.is_empty(), "nothing was fetched");
}

#[test]
fn s22_an_issuer_of_certificates_is_known_in_no_other_way_and_no_other_issuer_by_them() {
    let root = Root::new();
    let exchange = by_https(Encoding::SdJwtVc);
    let x5c = root.certify(&exchange, leaf_for(NAME));
    // Metadata and `kid` are good, but the policy wants a chain.
    let mut without = certified(&x5c, X509Trust::named([&root.pem], NAME));
    without.answer = exchange.answer.clone();
    for presentation in &mut without.answer.presentations {
        presentation.token.set("nonce", without.expectation.nonce().as_str());
    }
    assert_eq!(codes(without.verify()), [Code::CertificateChain]);
    // The chain is good, but the policy wants the metadata, which is silent.
    let mut with = certified(&x5c, X509Trust::named([&root.pem], NAME));
    with.policy = exchange.policy;
    with.issuer.fall_silent();
    assert_eq!(codes(with.verify()), [Code::IssuerUnavailable]);
}

#[test]
fn s22_a_chain_to_another_anchor_or_for_another_name_is_refused() {
    let (root, other) = (Root::new(), Root::new());
    let exchange = by_https(Encoding::SdJwtVc);
    let x5c = root.certify(&exchange, leaf_for(NAME));
    let elsewhere = certified(&x5c, X509Trust::named([&other.pem], NAME));
    assert_eq!(codes(elsewhere.verify()), [Code::CertificateChain]);
    let another = root.certify(&exchange, leaf_for("other.example"));
    let another = certified(&another, X509Trust::named([&root.pem], NAME));
    assert_eq!(codes(another.verify()), [Code::CertificateName]);
    let mut lapsed = leaf_for(NAME);
    lapsed.not_after = date_time_ymd(2026, 2, 1);
    let lapsed = certified(&root.certify(&exchange, lapsed), X509Trust::named([&root.pem], NAME));
    assert_eq!(codes(lapsed.verify()), [Code::CertificateChain]);
    let mut usage = X509Trust::named([&root.pem], NAME);
    usage.eku = Some("1.3.6.1.5.5.7.3.36".to_owned());
    assert_eq!(codes(certified(&x5c, usage).verify()), [Code::CertificateChain]);
}

#[test]
fn s22_a_certificate_does_not_help_a_signature_by_another_key() {
    let root = Root::new();
    let x5c = root.certify(&by_https(Encoding::SdJwtVc), leaf_for(NAME));
    let mut exchange = certified(&x5c, X509Trust::named([&root.pem], NAME));
    identity(&mut exchange).key = signing_key(Algorithm::Es256, 999);
    assert_eq!(codes(exchange.verify()), [Code::SignatureInvalid]);
}
