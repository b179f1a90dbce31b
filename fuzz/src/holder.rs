//! What a holder's side reads: links, request objects, credentials it is handed, and the files that say
//! what is shared.

use std::str;
use std::sync::LazyLock;

use staffpass_did::publish::DocumentBuilder;
use staffpass_did::{Did, DidDocument, Relationships};
use staffpass_disclosure::{
    Catalogue, CredentialSet, DomainRule, HeldCredential, RequestReview, ReviewOptions,
    TrainingPolicy, VerifierId,
};
use staffpass_jose::{Algorithm, HeaderBuilder, UnsignedJws};
use staffpass_jose_aws_lc::AwsLc;
use staffpass_request::{Link, RequestObject, openid4vp};
use staffpass_testkit::{now, signing_key};

use crate::seeds;

/// A link or QR code that starts a request.
pub fn request_link(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(link) = Link::parse(text) {
        let address = url::Url::parse(link.request_uri());
        assert!(address.is_ok_and(|address| address.scheme() == "https"));
    }
}

/// The verifier whose requests are believed, and its document.
static VERIFIER: LazyLock<Option<(Did, DidDocument)>> = LazyLock::new(|| {
    let did = Did::parse(seeds::VERIFIER).ok()?;
    let key = signing_key(Algorithm::EdDsa, 1);
    let document =
        DocumentBuilder::new(&did).key("key-1", key.public_key(), Relationships::SIGNING);
    let document = document.build().ok()?.to_string();
    let document = DidDocument::parse(&did, document.as_bytes()).ok()?;
    Some((did, document))
});

/// The first byte says what the rest is: a request object, the claims of one in either protocol, which
/// are then signed by its verifier, or the body of a POST that asks for one.
pub fn request_object(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    match first % 4 {
        0 => str::from_utf8(bytes).into_iter().for_each(review),
        1 => signed("oauth-authz-req+jwt", bytes).iter().for_each(|object| review(object)),
        2 => signed("JWT", bytes).iter().for_each(|object| review(object)),
        _ => drop(openid4vp::WalletPost::parse(bytes)),
    }
}

fn signed(typ: &str, claims: &[u8]) -> Option<String> {
    let key = signing_key(Algorithm::EdDsa, 1);
    let kid = format!("{}#key-1", seeds::VERIFIER);
    let header = HeaderBuilder::new(Algorithm::EdDsa).typ(typ).kid(&kid);
    UnsignedJws::new(&header, claims).sign(&*key).ok()
}

/// As a wallet reads a request: what is believed is the verifier's, and answered at its origin alone.
fn review(compact: &str) {
    let Ok(object) = RequestObject::parse(compact) else { return };
    let _ = RequestReview::document_needed(&object);
    let Some((did, document)) = &*VERIFIER else { return };
    let options = ReviewOptions::default().with_domain_rule(DomainRule::Waived);
    if let Ok(review) = RequestReview::verify(&object, Some(document), &AwsLc, &options, now()) {
        assert_eq!(review.origin(), "https://portal.example");
        assert_eq!(review.verifier(), &VerifierId::Did(did.clone()));
    }
}

/// A credential as a wallet is handed one.
pub fn held(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(held) = HeldCredential::parse(text) {
        assert_eq!(held.as_str(), text);
        let _ = (held.types(), held.subject());
    }
}

/// The catalogue of what can be asked for, and the table of training, as a trust writes them.
pub fn sets(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(catalogue) = Catalogue::from_toml(text) {
        let ids = catalogue.entries().iter().map(|entry| entry.id.as_str());
        let set = CredentialSet::with_chosen(&catalogue, ids);
        assert!(set.is_ok_and(|set| set.parts().count() == catalogue.entries().len()));
    }
    if let Ok(policy) = TrainingPolicy::from_toml(text) {
        assert!(policy.mandatory().count() <= policy.rules().len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requests_of_both_protocols_are_believed() {
        let Some((_, document)) = &*VERIFIER else { unreachable!("a document") };
        let options = ReviewOptions::default().with_domain_rule(DomainRule::Waived);
        for (protocol, typ) in [(1, "oauth-authz-req+jwt"), (2, "JWT")] {
            let seeds = seeds::of("request_object");
            let claims = seeds.iter().find(|seed| seed.first() == Some(&protocol));
            let object = claims.and_then(|claims| signed(typ, claims.get(1..)?));
            let object = RequestObject::parse(&object.unwrap_or_default());
            let object = object.map_err(|error| error.code());
            let review = object.map(|object| {
                RequestReview::verify(&object, Some(document), &AwsLc, &options, now())
                    .map(drop)
                    .map_err(|error| error.code())
            });
            assert_eq!(review, Ok(Ok(())), "{typ}");
        }
    }

    #[test]
    fn the_links_credentials_and_sets_are_read() {
        let read = |name, each: &dyn Fn(&str) -> bool| {
            let seeds = seeds::of(name);
            seeds.iter().filter(|seed| str::from_utf8(seed).is_ok_and(each)).count()
        };
        assert!(read("request_link", &|text| Link::parse(text).is_ok()) > 1);
        assert!(read("held", &|text| HeldCredential::parse(text).is_ok()) > 3);
        assert!(read("sets", &|text| Catalogue::from_toml(text).is_ok()) > 0);
        assert!(read("sets", &|text| TrainingPolicy::from_toml(text).is_ok()) > 0);
    }
}
