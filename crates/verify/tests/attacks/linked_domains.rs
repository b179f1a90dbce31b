//! The issuer's domain, where the policy asks for one (N14), and its keys over time (N17).

use super::*;

const ORIGIN: &str = "https://westmoor.example";

fn asked() -> Exchange {
    let mut exchange = good(Dialect::OpenId4Vp);
    trust(&mut exchange, |issuer| issuer.linked_domain = Some(ORIGIN.to_owned()));
    exchange
}

/// The verdict when the domain publishes this statement.
fn with_statement(exchange: &Exchange, change: impl Fn(&mut Token)) -> Vec<Code> {
    let mut statement = exchange.issuer.domain_linkage(ORIGIN, exchange.now);
    change(&mut statement);
    with_configuration(exchange, &json!({"linked_dids": [statement.compact()]}))
}

fn with_configuration(exchange: &Exchange, configuration: &Value) -> Vec<Code> {
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let url = format!("{ORIGIN}/.well-known/did-configuration.json");
    let source = Source::DidConfiguration(url.parse().unwrap());
    let text = configuration.to_string();
    evidence.insert(source, Fetched::Document(text.as_bytes()), exchange.now);
    let verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
    match exchange.drive(verification, &mut evidence) {
        Ok(_) => Vec::new(),
        Err(rejection) => rejection.codes(),
    }
}

#[test]
fn an_issuer_whose_domain_names_it_is_accepted() {
    let accepted = asked().verify().unwrap();
    let checks = &accepted.report().checks;
    let domains = checks.iter().filter(|record| record.check == Check::LinkedDomain);
    assert_eq!(domains.map(|record| record.outcome).collect::<Vec<_>>(), [Outcome::Passed; 3]);
    assert_eq!(with_statement(&asked(), |_| ()), []);
    // Microsoft's documents write the origin with a slash.
    let slash = |token: &mut Token| {
        token.claims["vc"]["credentialSubject"]["origin"] = json!(format!("{ORIGIN}/"));
    };
    assert_eq!(with_statement(&asked(), slash), []);
}

#[test]
fn n14_a_statement_that_is_not_of_this_did_and_this_origin_is_refused() {
    type Change = fn(&mut Token);
    let faults: [(&str, Change); 13] = [
        ("key", |t| t.key = signing_key(Algorithm::Es256, 999)),
        ("iss", |t| t.set("iss", "did:web:other.example")),
        ("sub", |t| t.set("sub", "did:web:other.example")),
        ("issuer", |t| t.claims["vc"]["issuer"] = json!("did:web:other.example")),
        ("subject", |t| t.claims["vc"]["credentialSubject"]["id"] = json!("did:web:o.example")),
        ("origin", |t| t.claims["vc"]["credentialSubject"]["origin"] = json!("https://o.example")),
        ("scheme", |t| {
            t.claims["vc"]["credentialSubject"]["origin"] = json!("http://westmoor.example");
        }),
        ("type", |t| t.claims["vc"]["type"] = json!(["VerifiableCredential"])),
        ("id", |t| t.claims["vc"]["id"] = json!("urn:uuid:1")),
        ("member", |t| t.set("jti", "urn:uuid:1")),
        ("exp", |t| t.set("exp", 1_000_000_000)),
        ("nbf", |t| t.set("nbf", 4_000_000_000_u64)),
        ("expirationDate", |t| t.claims["vc"]["expirationDate"] = json!("2026-01-01T00:00:00Z")),
    ];
    for (name, change) in faults {
        let codes = with_statement(&asked(), change);
        assert_eq!(codes, [Code::LinkedDomainInvalid], "{name}");
    }
}

#[test]
fn n14_one_good_statement_among_others_is_enough() {
    let exchange = asked();
    let good = exchange.issuer.domain_linkage(ORIGIN, exchange.now).compact();
    let configuration = json!({"linked_dids": ["not a token", {"proof": {}}, good]});
    assert_eq!(with_configuration(&exchange, &configuration), []);
    for bad in [json!({}), json!({"linked_dids": []}), json!([]), json!({"linked_dids": "x"})] {
        assert_eq!(with_configuration(&exchange, &bad), [Code::LinkedDomainInvalid], "{bad}");
    }
}

#[test]
fn n14_a_domain_that_cannot_be_had_is_refused() {
    let exchange = asked();
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let url = format!("{ORIGIN}/.well-known/did-configuration.json");
    let source = Source::DidConfiguration(url.parse().unwrap());
    evidence.insert(source, Fetched::Unavailable, exchange.now);
    let verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
    let codes = codes(exchange.drive(verification, &mut evidence));
    assert_eq!(codes, [Code::LinkedDomainUnavailable]);
}

#[test]
fn n17_an_issuer_all_of_whose_keys_changed_is_held_until_the_operator_has_looked() {
    let exchange = good(Dialect::OpenId4Vp);
    let source = Source::DidDocument(exchange.issuer.did().clone());
    let mut evidence = exchange.evidence();
    let known = evidence.keys_seen(&source);
    assert_eq!(known.len(), 1);
    let another = signing_key(Algorithm::Es256, 999).public_key().thumbprint();
    evidence.expect_keys(&source, &[another]);
    let verify = |evidence: &mut Evidence, exchange: &Exchange| {
        let verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
        exchange.drive(verification, evidence)
    };
    let held = codes(verify(&mut evidence, &exchange));
    assert_eq!(held, [Code::KeyContinuityBroken]);
    // Reported instead, where the policy says so.
    let mut reporting = exchange.clone();
    let report = staffpass_verify::policy::KeyContinuity::Report;
    reporting.policy = reporting.policy.key_continuity(report);
    let accepted = verify(&mut evidence, &reporting).unwrap();
    let key = PolicyKey::KeyContinuity;
    let named = [Check::Key, Check::Status].map(|check| of_each_credential(check, key)).concat();
    assert_eq!(waived(&accepted), named);
    evidence.accept_keys(&source);
    assert!(verify(&mut evidence, &exchange).is_ok());
    // One key in common is a rotation.
    evidence.expect_keys(&source, &[another, known[0]]);
    assert!(verify(&mut evidence, &exchange).is_ok());
}
