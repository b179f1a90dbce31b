//! Answers by the drafts of OpenID4VP, whose map stands in a field of its own.

use super::*;

fn draft(credentials: usize) -> Exchange {
    Scenario::new(Dialect::OpenId4VpDraft).credentials(credentials).build()
}

fn submission(exchange: &mut Exchange) -> &mut Value {
    exchange.answer.submission.as_mut().unwrap()
}

#[test]
fn an_answer_by_the_drafts_is_accepted_in_either_data_model_with_one_presentation_or_more() {
    for encoding in [Encoding::VcJwt, Encoding::VcJose] {
        for credentials in [1, 3] {
            let scenario = Scenario::new(Dialect::OpenId4VpDraft).encoding(encoding);
            let accepted = scenario.credentials(credentials).build().verify().unwrap();
            assert_eq!(accepted.credentials().len(), credentials, "{encoding:?}");
            assert_eq!(accepted.part("identity").count(), 1);
        }
    }
}

#[test]
fn what_is_wrong_in_every_protocol_is_wrong_in_the_drafts() {
    for tamper in [
        Tamper::Nonce,
        Tamper::Audience,
        Tamper::PresentationSignature,
        Tamper::PresentationKey,
        Tamper::PresentationOld,
        Tamper::CredentialSignature,
        Tamper::CredentialForged,
        Tamper::ClaimChanged,
        Tamper::CredentialExpired,
        Tamper::OtherHolder,
        Tamper::ForeignIssuer,
        Tamper::Revoked,
        Tamper::RequestExpired,
    ] {
        let codes = codes(draft(3).tampered(tamper).verify());
        assert!(codes.contains(&tamper.code()), "{tamper:?}: {codes:?}");
    }
}

#[test]
fn q02_a_map_of_another_definition_or_to_nowhere_is_refused() {
    for (path, value, code) in [
        ("/definition_id", json!("another"), Code::SubmissionInvalid),
        ("/descriptor_map/0/id", json!("another"), Code::Unrequested),
        ("/descriptor_map/0/path", json!("$[7]"), Code::SubmissionInvalid),
        ("/descriptor_map/0/path", json!("$..*"), Code::SubmissionInvalid),
        ("/descriptor_map/0/format", json!("ldp_vp"), Code::SubmissionInvalid),
        ("/descriptor_map/1/path", json!("$[0]"), Code::AnswerReused),
    ] {
        let mut exchange = draft(3);
        *submission(&mut exchange).pointer_mut(path).unwrap() = value;
        assert_eq!(codes(exchange.verify()), [code], "{path}");
    }
    let mut exchange = draft(3);
    submission(&mut exchange)["descriptor_map"].as_array_mut().unwrap().swap(0, 1);
    assert!(exchange.verify().is_ok(), "the order says nothing");
    let mut exchange = draft(3);
    let map = submission(&mut exchange)["descriptor_map"].as_array_mut().unwrap();
    let (one, two) = (map[0]["path"].clone(), map[1]["path"].clone());
    map[0]["path"] = two;
    map[1]["path"] = one;
    assert_eq!(codes(exchange.verify()), [Code::AnswerWrongType]);
}

#[test]
fn the_map_stands_once_and_is_json() {
    let code_of = |change: fn(&mut Exchange)| {
        let mut exchange = draft(1);
        change(&mut exchange);
        codes(exchange.verify())
    };
    let twice = |exchange: &mut Exchange| {
        let again = exchange.answer.submission.clone().unwrap().to_string();
        exchange.answer.extra.push(("presentation_submission".to_owned(), again));
    };
    assert_eq!(code_of(|exchange| exchange.answer.submission = None), [Code::ResponseFields]);
    assert_eq!(code_of(twice), [Code::ResponseFields]);
    let junk = |exchange: &mut Exchange| exchange.answer.submission = Some(json!("junk"));
    assert_eq!(code_of(junk), [Code::SubmissionInvalid]);
}

#[test]
fn p22_an_answer_of_1_0_or_of_microsofts_is_none_by_the_drafts_and_the_reverse() {
    let answers = |exchange: &Exchange, body: &[u8]| {
        codes(exchange.drive(exchange.receive(body), &mut Evidence::new(Arc::new(AwsLc))))
    };
    let asked = draft(1);
    for other in Dialect::ALL {
        let other = Scenario::new(other).credentials(1).build();
        assert_eq!(answers(&asked, &other.body()), [Code::ResponseWrongProtocol]);
        let found = answers(&other, &asked.body());
        let expected = [Code::ResponseWrongProtocol, Code::ResponseFields];
        assert!(found.iter().all(|code| expected.contains(code)), "{found:?}");
    }
}

/// A field looks at the credential's own word: what its issuer is believed in counts beside it.
#[test]
fn t10_a_type_that_the_issuer_may_not_assert_does_not_answer_by_its_name() {
    let mut exchange = draft(1);
    let types = json!(["VerifiableCredential", "StaffTraining", "StaffIdentity"]);
    identity(&mut exchange).claims["vc"]["type"] = types;
    trust(&mut exchange, |issuer| issuer.may_assert.retain(|name| name != "StaffIdentity"));
    assert_eq!(codes(exchange.verify()), [Code::AnswerWrongType]);
}
