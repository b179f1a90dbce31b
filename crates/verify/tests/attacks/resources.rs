//! Evidence and resources (N, R).

use super::*;

#[test]
fn n06_a_document_of_another_identifier_is_refused() {
    let exchange = good(Dialect::OpenId4Vp);
    for document in ["{}", "[]", "", "<html>", r#"{"id":"did:web:other.example"}"#] {
        let mut evidence = exchange.evidence();
        let source = Source::DidDocument(exchange.issuer.did().clone());
        evidence.insert(source, Fetched::Document(document.as_bytes()), exchange.now);
        let verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
        let refused = codes(exchange.drive(verification, &mut evidence));
        assert_eq!(refused, [Code::IssuerDocumentInvalid], "{document}");
    }
}

#[test]
fn r02_bodies_and_counts_beyond_the_limits_are_refused() {
    let exchange = good(Dialect::MicrosoftEach);
    let verdict = |limits: Limits, body: &[u8]| {
        let verifier = exchange.verifier().with_limits(limits);
        codes(
            exchange.drive(verifier.receive(&exchange.expectation, body), &mut exchange.evidence()),
        )
    };
    let mut limits = Limits::default();
    limits.body_bytes = 100;
    assert_eq!(verdict(limits, &exchange.body()), [Code::ResponseTooLarge]);
    let mut limits = Limits::default();
    limits.presentations = 2;
    assert_eq!(verdict(limits, &exchange.body()), [Code::ResponseTooLarge]);
    let mut limits = Limits::default();
    limits.credentials = 2;
    assert_eq!(verdict(limits, &exchange.body()), [Code::ResponseTooLarge]);
    let fields = "a=b&".repeat(1000);
    assert_eq!(verdict(Limits::default(), fields.as_bytes()), [Code::ResponseTooLarge]);
}

#[test]
fn r04_a_body_that_is_not_utf_8_is_refused() {
    let exchange = good(Dialect::OpenId4Vp);
    let mut verification = exchange.verifier().receive(&exchange.expectation, b"vp_token=\xff");
    match verification.step(&exchange.evidence(), exchange.now) {
        Step::Done(verdict) => assert_eq!(codes(*verdict), [Code::ResponseMalformed]),
        Step::Needs(_) => panic!("nothing is needed"),
    }
}

#[test]
fn r10_work_is_counted() {
    let exchange = good(Dialect::MicrosoftEach);
    let mut limits = Limits::default();
    limits.signatures = 3;
    let verification =
        exchange.verifier().with_limits(limits).receive(&exchange.expectation, &exchange.body());
    let codes = codes(exchange.drive(verification, &mut exchange.evidence()));
    assert!(codes.contains(&Code::BudgetExhausted), "{codes:?}");
}

#[test]
fn r10_rounds_are_counted() {
    let exchange = good(Dialect::OpenId4Vp);
    let empty = Evidence::new(Arc::new(AwsLc));
    let mut verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
    let rounds = (0..100)
        .take_while(|_| matches!(verification.step(&empty, exchange.now), Step::Needs(_)))
        .count();
    assert_eq!(rounds, Limits::default().rounds);
    match verification.step(&empty, exchange.now) {
        Step::Done(verdict) => assert_eq!(codes(*verdict), [Code::EvidenceMissing]),
        Step::Needs(_) => panic!("the rounds are over"),
    }
}
