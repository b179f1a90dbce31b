//! GOV.UK Wallet's issuers: an https URL in the credential, a key of its host's did:web.

use staffpass_verify::policy::IssuerConventions;

use super::formats::by_https;
use super::*;

const ISSUER: &str = "https://westmoor.example";

fn govuk() -> Exchange {
    let mut exchange = by_https(Encoding::VcJose);
    for presentation in &mut exchange.answer.presentations {
        let token = &mut presentation.credentials[0];
        token.set("issuer", ISSUER);
        token.set("iss", ISSUER);
        token.header.insert("cty".to_owned(), "vc".into());
    }
    trust(&mut exchange, |issuer| {
        issuer.conventions = Some(IssuerConventions::GovUk);
        issuer.status_signers = ["did:web:westmoor.example".to_owned()].into();
    });
    exchange
}

#[test]
fn an_https_issuer_with_the_keys_of_its_host_is_accepted_where_the_policy_names_it() {
    let accepted = govuk().verify().unwrap();
    assert_eq!(accepted.credentials()[0].issuer(), ISSUER);
    let mut unnamed = govuk();
    trust(&mut unnamed, |issuer| {
        issuer.status_signers = ["did:web:westmoor.example".to_owned()].into();
    });
    assert_eq!(codes(unnamed.verify()), [Code::KeyUnknown]);
}

#[test]
fn s22_a_key_of_another_host_is_not_the_issuers() {
    let mut exchange = govuk();
    let token = identity(&mut exchange);
    token.header.insert("kid".to_owned(), "did:web:other.example#key-1".into());
    assert_eq!(codes(exchange.verify()), [Code::KeyOfAnother]);
    let mut exchange = govuk();
    identity(&mut exchange).key = signing_key(Algorithm::Es256, 999);
    assert_eq!(codes(exchange.verify()), [Code::SignatureInvalid]);
}

#[test]
fn the_conventions_are_for_https_issuers_without_certificates() {
    let with = |id: &str| {
        let mut issuer = TrustedIssuer::new(id, ["Permit"]);
        issuer.conventions = Some(IssuerConventions::GovUk);
        TrustPolicy::builder().issuer(issuer).build()
    };
    assert!(with("https://issuer.example/permits").is_ok());
    assert_eq!(with("did:web:issuer.example").unwrap_err().code(), "policy_issuer_invalid");
}
