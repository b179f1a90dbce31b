//! What other verifiers were seen to get wrong (PF), and foreign contexts (R7).

use super::formats::written;
use super::*;

/// The caller gives a policy and documents, and gets a verdict: it has no function to answer with,
/// and a verification that is not stepped to its end gives nothing.
#[test]
fn pf01_the_verdict_comes_from_the_library() {
    let exchange = good(Dialect::OpenId4Vp);
    let mut verification = exchange.receive(&exchange.body());
    let nothing = Evidence::new(Arc::new(AwsLc));
    let Step::Needs(needs) = verification.step(&nothing, exchange.now) else {
        panic!("nothing can be said without the issuer's document");
    };
    assert_eq!(needs, [Source::DidDocument(exchange.issuer.did().clone())]);
    // Whoever brings nothing, however often, is refused, and never accepted.
    for _ in 0..Limits::default().rounds {
        if let Step::Done(verdict) = verification.step(&nothing, exchange.now) {
            assert_eq!(codes(*verdict), [Code::EvidenceMissing]);
            return;
        }
    }
    panic!("a verification ends");
}

#[test]
fn pf05_a_presentation_for_another_audience_is_refused() {
    let own = good(Dialect::OpenId4Vp).expectation.client_id().to_owned();
    let near = [
        "https://other.example".to_owned(),
        own.to_uppercase(),
        format!("{own}/"),
        format!("{own}.example"),
        own.trim_start_matches("decentralized_identifier:").to_owned(),
    ];
    for audience in near.into_iter().filter(|audience| *audience != own) {
        for encoding in Encoding::ALL {
            let mut exchange = written(encoding);
            presentation(&mut exchange).set("aud", audience.as_str());
            assert_eq!(
                codes(exchange.verify()),
                [Code::AudienceMismatch],
                "{encoding:?} {audience}"
            );
        }
    }
}

#[test]
fn p02_a_presentation_that_another_verifier_asked_for_is_refused() {
    // The relay: a whole good answer to another portal's request, nonce and all.
    let exchange = good(Dialect::OpenId4Vp);
    let other = Scenario::new(Dialect::OpenId4Vp).seed(2).build();
    let refused =
        codes(exchange.drive(exchange.receive(&other.body()), &mut Evidence::new(Arc::new(AwsLc))));
    assert!(refused.contains(&Code::StateMismatch), "{refused:?}");
    let mut relayed = exchange;
    relayed.answer = other.answer;
    relayed.answer.state = relayed.expectation.state().map(|state| state.as_str().to_owned());
    let refused = codes(relayed.verify());
    assert!(refused.contains(&Code::NonceMismatch), "{refused:?}");
}

#[test]
fn pf25_nbf_is_always_checked_and_a_date_of_the_wrong_type_is_no_date() {
    for encoding in Encoding::ALL {
        let mut exchange = written(encoding);
        identity(&mut exchange).set("nbf", 4_000_000_000_u64);
        let early = codes(exchange.verify());
        assert!(early.contains(&Code::NotYetValid), "{encoding:?} {early:?}");
        for claim in ["exp", "nbf", "iat"] {
            for value in [json!("4000000000"), json!(null), json!([1]), json!(true)] {
                let mut exchange = written(encoding);
                identity(&mut exchange).set(claim, value.clone());
                let refused = codes(exchange.verify());
                let malformed = refused.contains(&Code::ClaimsMalformed);
                assert!(malformed, "{encoding:?} {claim} {value}: {refused:?}");
            }
        }
    }
}

#[test]
fn pf41_what_the_request_requires_must_be_there() {
    for encoding in Encoding::ALL {
        for claim in ["aud", "nonce"] {
            let mut exchange = written(encoding);
            presentation(&mut exchange).claims.remove(claim);
            let refused = codes(exchange.verify());
            let expected = [Code::AudienceMismatch, Code::NonceMismatch, Code::ClaimsMalformed];
            assert!(refused.iter().all(|code| expected.contains(code)), "{encoding:?} {refused:?}");
        }
    }
}

#[test]
fn r07_a_foreign_context_is_fetched_by_nobody_and_redefines_nothing() {
    for encoding in [Encoding::VcJwt, Encoding::VcJose] {
        let mut exchange = written(encoding);
        let foreign = json!("https://canary.example/context");
        let redefining = json!({"given_name": "https://canary.example/family_name"});
        let contexts = |credential: &mut Value| {
            let contexts = credential["@context"].as_array_mut().unwrap();
            contexts.extend([foreign.clone(), redefining.clone()]);
        };
        let claims = &mut identity(&mut exchange).claims;
        match encoding {
            Encoding::VcJwt => contexts(&mut claims["vc"]),
            _ => {
                let mut credential = Value::Object(claims.clone());
                contexts(&mut credential);
                *claims = credential.as_object().cloned().unwrap();
            }
        }
        let mut verification = exchange.receive(&exchange.body());
        let mut evidence = Evidence::new(Arc::new(AwsLc));
        while let Step::Needs(needs) = verification.step(&evidence, exchange.now) {
            for source in needs {
                assert!(!source.to_string().contains("canary"), "{source}");
                let bytes = exchange.issuer.serve(&source, exchange.now).unwrap();
                evidence.insert(source, Fetched::Document(&bytes), exchange.now);
            }
        }
        let accepted = exchange.verify().unwrap();
        let credentials = accepted.credentials();
        let identity = credentials.iter().find(|one| one.part() == Some("identity")).unwrap();
        assert_eq!(identity.subject()["given_name"], "Rowan", "{encoding:?}");
    }
}
