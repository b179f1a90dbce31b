//! Issuers with ways of their own. GOV.UK Wallet's: an https URL in the credential, a key of its host's
//! did:web. Entra's: lists in Microsoft's IdentityHubs.

use staffpass_status::StatusKind;
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

const HUB: &str = "https://verifiedid.hub.msidentity.com/v1.0/1";

/// An authority whose lists are in an IdentityHub, trusted without a word about where.
fn entra() -> Exchange {
    let scenario = Scenario::new(Dialect::MicrosoftTogether)
        .issuer(IssuerKind::Web("westmoor.example"), Algorithm::Es256);
    let mut exchange = scenario.status(StatusKind::RevocationList2021).build();
    by_entra(&mut exchange, |_| {});
    exchange
}

fn by_entra(exchange: &mut Exchange, change: impl FnOnce(&mut TrustedIssuer)) {
    trust(exchange, |issuer| {
        issuer.status_origins.clear();
        issuer.conventions = Some(IssuerConventions::Entra);
        change(issuer);
    });
}

/// The verdict where the issuer's document names this hub.
fn with_hub(exchange: &Exchange, hub: &str) -> Result<VerifiedResponse, Rejection> {
    let document = String::from_utf8(exchange.issuer.did_document()).unwrap();
    let document = document.replace("https://hub.example/v1.0/1", hub);
    assert!(document.contains(hub));
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let source = Source::DidDocument(exchange.issuer.did().clone());
    evidence.insert(source, Fetched::Document(document.as_bytes()), exchange.now);
    exchange.drive(exchange.receive(&exchange.body()), &mut evidence)
}

#[test]
fn a_list_in_microsofts_hub_is_sought_where_the_policy_says_that_the_issuer_is_entras() {
    let exchange = entra();
    let accepted = with_hub(&exchange, HUB).unwrap();
    assert_eq!(accepted.credentials()[0].status(), CredentialStatus::Valid);
    // A did:web lists its keys for assertions: nothing needed a loosening.
    assert_eq!(waived(&accepted), []);
    assert!(with_hub(&exchange, "https://hub.did.msidentity.com/v1.0/1").is_ok());
    let mut revoked = exchange.clone();
    revoked.issuer.revoke(revoked.indices[1]);
    assert_eq!(codes(with_hub(&revoked, HUB)), [Code::Revoked]);
    let mut unnamed = exchange;
    by_entra(&mut unnamed, |issuer| issuer.conventions = None);
    assert_eq!(codes(with_hub(&unnamed, HUB)), [Code::StatusOriginNotAllowed]);
}

#[test]
fn l10_a_hub_of_another_host_is_never_named_whatever_the_conventions() {
    for hub in [
        "https://hub.example/v1.0/1",
        "https://verifiedid.hub.msidentity.com.evil.example/v1.0/1",
        "https://msidentity.com/v1.0/1",
        "https://verifiedid.hub.msidentity.com:8443/v1.0/1",
        "http://verifiedid.hub.msidentity.com/v1.0/1",
    ] {
        assert_eq!(codes(with_hub(&entra(), hub)), [Code::StatusOriginNotAllowed], "{hub}");
    }
    // Origins that are written are all there are.
    let mut elsewhere = entra();
    let written = "https://lists.example".to_owned();
    by_entra(&mut elsewhere, |issuer| issuer.status_origins = [written].into());
    assert_eq!(codes(with_hub(&elsewhere, HUB)), [Code::StatusOriginNotAllowed]);
}

#[test]
fn s07_entras_conventions_let_no_did_web_sign_with_an_authentication_key() {
    let exchange = entra();
    let document = String::from_utf8(exchange.issuer.did_document()).unwrap();
    let document = document.replace("\"assertionMethod\"", "\"notForAssertion\"");
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let source = Source::DidDocument(exchange.issuer.did().clone());
    evidence.insert(source, Fetched::Document(document.as_bytes()), exchange.now);
    let verdict = exchange.drive(exchange.receive(&exchange.body()), &mut evidence);
    assert_eq!(codes(verdict), [Code::KeyPurpose]);
}
