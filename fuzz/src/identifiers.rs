//! DIDs, their documents, and certificates.

use std::str;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use staffpass_did::{
    Did, DidDocument, DidUrl, IonHashing, LoopbackHttp, ResolveOptions, resolve_in_place, web,
};
use staffpass_jose::CryptoProvider as _;
use staffpass_jose_aws_lc::AwsLc;
use staffpass_testkit::now;
use staffpass_x509::{CertificateChain, KeyPurpose, TrustAnchors};

use crate::seeds::ROOT;

/// A DID or DID URL. What is accepted is kept as it came; a did:web leads to one plain https address;
/// a document that is made of the DID itself is that DID's.
pub fn did(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let _ = DidUrl::parse(text);
    let Ok(did) = Did::parse(text) else { return };
    assert_eq!(did.as_str(), text);
    if let Ok(url) = web::document_url(&did, LoopbackHttp::Refuse) {
        assert_eq!((url.scheme(), url.username(), url.query()), ("https", "", None));
        assert!(url.domain().is_some() && url.password().is_none() && url.fragment().is_none());
        assert!(url.path().ends_with("/did.json"));
    }
    for hashing in [IonHashing::Canonical, IonHashing::AcceptRawBytes] {
        let options = ResolveOptions::default().with_ion_hashing(hashing);
        if let Ok(Some(document)) = resolve_in_place(&did, &options) {
            assert_eq!(document.id(), &did);
            prepare_all(&document);
        }
    }
}

static DID: LazyLock<Option<Did>> = LazyLock::new(|| Did::parse("did:web:trust.example").ok());

/// The document of a did:web. What is accepted is that DID's, and no two of its keys have one id.
pub fn did_document(data: &[u8]) {
    let Some(did) = &*DID else { return };
    let Ok(document) = DidDocument::parse(did, data) else { return };
    assert_eq!(document.id(), did);
    let methods = document.verification_methods();
    for method in methods {
        let same = methods.iter().filter(|other| other.id() == method.id());
        assert_eq!(same.count(), 1);
    }
    prepare_all(&document);
    let again = DidDocument::parse(did, document.to_json().to_string().as_bytes());
    assert!(again.is_ok_and(|again| again.verification_methods().len() == methods.len()));
}

fn prepare_all(document: &DidDocument) {
    for method in document.verification_methods() {
        let _ = AwsLc.prepare(method.key());
    }
}

static ANCHORS: LazyLock<Option<TrustAnchors>> =
    LazyLock::new(|| TrustAnchors::from_der(&[ROOT]).ok());

/// Certificates, each after its length in two bytes, the leaf first; and the same bytes as PEM.
pub fn x509(data: &[u8]) {
    let Some(anchors) = &*ANCHORS else { return };
    let certificates = split(data);
    if let Ok(chain) = CertificateChain::from_x5c(&certificates) {
        assert_eq!(chain.certificates().count(), certificates.len());
        believe(&chain, anchors, now());
    }
    let _ = TrustAnchors::from_der(&certificates);
    if let Ok(text) = str::from_utf8(data) {
        let _ = CertificateChain::from_pem(text);
        let _ = TrustAnchors::from_pem(text);
    }
}

fn believe(chain: &CertificateChain, anchors: &TrustAnchors, at: DateTime<Utc>) {
    if let Ok(leaf) = chain.validate(anchors, KeyPurpose::Any, &AwsLc, at) {
        assert!(leaf.valid_until() >= at);
        assert_eq!(leaf.sha256(), chain.leaf_sha256());
        let _ = AwsLc.prepare(&leaf.public_key().clone().into());
    }
}

fn split(mut data: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some((length, rest)) = data.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (part, rest) = rest.split_at(length);
        parts.push(part);
        data = rest;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds;

    #[test]
    fn the_chains_are_believed_or_not_as_they_should_be() {
        let anchors = ANCHORS.as_ref();
        let verdicts: Vec<_> = seeds::of("x509")
            .iter()
            .map(|seed| CertificateChain::from_x5c(&split(seed)))
            .map(|chain| {
                chain.is_ok_and(|chain| {
                    anchors.is_some_and(|anchors| {
                        chain.validate(anchors, KeyPurpose::Any, &AwsLc, now()).is_ok()
                    })
                })
            })
            .collect();
        assert_eq!(verdicts.get(..4), Some(&[true, true, false, false][..]));
    }

    #[test]
    fn the_documents_are_read() {
        let did = DID.as_ref();
        let seeds = seeds::of("did_document");
        let read = |seed: &Vec<u8>| did.is_some_and(|did| DidDocument::parse(did, seed).is_ok());
        assert!(seeds.iter().take(3).all(read), "those of the test kit");
        assert!(seeds.iter().filter(|seed| read(seed)).count() > 5, "and published ones");
    }
}
