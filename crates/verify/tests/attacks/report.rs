//! The report, whatever happens.

use super::*;

#[test]
fn every_required_check_stands_in_the_report_whatever_happens() {
    let required = [
        Check::Token,
        Check::Issuer,
        Check::Key,
        Check::Signature,
        Check::Shape,
        Check::Dates,
        Check::Authority,
        Check::HolderBinding,
        Check::Status,
    ];
    for tamper in Tamper::ALL {
        let rejection = good(Dialect::MicrosoftTogether).tampered(tamper).verify().unwrap_err();
        let report = rejection.report();
        assert!(!report.codes().is_empty(), "{tamper:?}");
        let about = Subject::Credential(0, 0);
        let made: Vec<_> =
            report.checks.iter().filter(|r| r.subject == about).map(|r| r.check).collect();
        if !made.is_empty() {
            let missing: Vec<_> = required.iter().filter(|check| !made.contains(check)).collect();
            assert!(missing.is_empty(), "{tamper:?} lacks {missing:?}");
        }
    }
}

#[test]
fn b10_no_claim_value_stands_in_a_report_or_a_debug() {
    let exchange = good(Dialect::MicrosoftTogether);
    let verified = exchange.verify().unwrap();
    let subject = verified.part("identity").next().unwrap().subject().clone();
    let holder: &Did = exchange.holder.did();
    let texts = [
        format!("{:?}", exchange.receive(&exchange.body())),
        format!("{verified:?}"),
        verified.report().to_string(),
        serde_json::to_string(verified.report()).unwrap(),
        format!("{:?}", exchange.tampered(Tamper::Revoked).verify().unwrap_err()),
    ];
    let mut values: Vec<_> = subject.values().filter_map(Value::as_str).collect();
    values.push(holder.as_str());
    for text in texts {
        for value in &values {
            assert!(!text.contains(value), "a claim value in {text}");
        }
    }
}

#[test]
fn the_verdict_is_a_function_of_the_set_of_documents() {
    let exchange = good(Dialect::OpenId4Vp);
    let body = exchange.body();
    let keys = Source::DidDocument(exchange.issuer.did().clone());
    let list = Source::StatusList(exchange.issuer.list_location().to_string().parse().unwrap());
    let documents = [keys, list].map(|source| {
        let bytes = exchange.issuer.serve(&source, exchange.now).unwrap();
        (source, bytes)
    });
    let report = |order: [usize; 2]| {
        let mut evidence = Evidence::new(Arc::new(AwsLc));
        for place in order {
            let (source, bytes) = documents[place].clone();
            evidence.insert(source, Fetched::Document(&bytes), exchange.now);
        }
        let mut verification = exchange.verifier().receive(&exchange.expectation, &body);
        match verification.step(&evidence, exchange.now) {
            Step::Done(verdict) => serde_json::to_string(verdict.unwrap().report()).unwrap(),
            Step::Needs(needs) => panic!("lacks {needs:?}"),
        }
    };
    assert_eq!(report([0, 1]), report([1, 0]));
}

fn verifier_and_exchange() -> (Verifier, Exchange, Vec<u8>, Evidence) {
    let exchange = Scenario::new(Dialect::MicrosoftTogether)
        .issuer(IssuerKind::Web("westmoor.example"), Algorithm::Es256)
        .build();
    (exchange.verifier(), exchange.clone(), exchange.body(), exchange.evidence())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_single_bit_flip_of_a_good_response_is_accepted(place: usize, bit in 0..8_u8) {
        let (verifier, exchange, mut body, evidence) = verifier_and_exchange();
        let place = place % body.len();
        body[place] ^= 1 << bit;
        let mut verification = verifier.receive(&exchange.expectation, &body);
        let step = verification.step(&evidence, exchange.now);
        prop_assert!(matches!(step, Step::Done(verdict) if verdict.is_err()), "byte {}", place);
    }

    #[test]
    fn no_bytes_make_it_panic(body: Vec<u8>) {
        let exchange = good(Dialect::OpenId4Vp);
        let mut verification = exchange.verifier().receive(&exchange.expectation, &body);
        let step = verification.step(&Evidence::new(Arc::new(AwsLc)), exchange.now);
        prop_assert!(matches!(step, Step::Done(verdict) if verdict.is_err()));
    }
}

#[test]
fn a_refused_credential_is_named_by_the_part_that_it_was_offered_for() {
    for dialect in Dialect::ALL {
        let mut exchange = good(dialect);
        exchange.issuer.revoke(exchange.indices[1]);
        let rejection = exchange.verify().unwrap_err();
        assert_eq!(rejection.codes(), [Code::Revoked]);
        assert_eq!(rejection.report().failed_parts(), ["employment"], "{dialect:?}");
        let text = rejection.report().to_string();
        assert!(text.contains("(employment): status: revoked"), "{text}");
    }
}

#[test]
fn what_stands_in_a_credential_is_what_is_given_out_of_it() {
    let exchange = good(Dialect::MicrosoftTogether);
    let token = &exchange.answer.presentations[0].credentials[0];
    let seconds = |member: &str| token.claims[member].as_i64().unwrap();
    let verified = exchange.verify().unwrap();
    let identity = verified.part("identity").next().unwrap();
    assert_eq!(identity.issued_at().unwrap().timestamp(), seconds("nbf"));
    assert_eq!(identity.expires_at().unwrap().timestamp(), seconds("exp"));
    assert_eq!(identity.id(), token.claims["jti"].as_str());
    assert_eq!(identity.holder(), token.claims["sub"].as_str());
}

/// A credential with a fault of its own goes no further: nothing is said of its status but that.
#[test]
fn the_status_of_a_credential_that_is_not_credible_is_not_reached() {
    let mut exchange = good(Dialect::OpenId4Vp);
    identity(&mut exchange).claims["vc"]["@context"] = json!(["https://other.example"]);
    let rejection = exchange.verify().unwrap_err();
    assert_eq!(rejection.codes(), [Code::CredentialShape]);
    let faulty = rejection.report().failures().next().unwrap().0;
    let lines = rejection.report().checks.iter();
    let status: Vec<_> = lines
        .filter(|line| line.check == Check::Status)
        .map(|line| (line.subject == faulty, line.outcome))
        .collect();
    assert_eq!(status.len(), 3);
    for (is_faulty, outcome) in status {
        let after = if is_faulty { Check::HolderBinding } else { Check::Dates };
        assert_eq!(outcome, Outcome::NotReached(after));
    }
}

#[test]
fn a_document_that_was_removed_is_asked_for_again() {
    let exchange = good(Dialect::OpenId4Vp);
    let mut evidence = exchange.evidence();
    let source = Source::DidDocument(exchange.issuer.did().clone());
    evidence.remove(&source);
    assert_eq!(evidence.fetched_at(&source), None);
    match exchange.receive(&exchange.body()).step(&evidence, exchange.now) {
        Step::Needs(needs) => assert_eq!(needs, [source]),
        Step::Done(verdict) => panic!("without the document: {verdict:?}"),
    }
}
