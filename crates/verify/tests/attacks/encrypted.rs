//! Answers that are encrypted to a key of the request (`direct_post.jwt`).

use staffpass_jose::CryptoProvider as _;
use staffpass_testkit::encrypted_body;

use super::*;

fn encrypted(encoding: Encoding) -> Exchange {
    Scenario::new(Dialect::OpenId4Vp).encoding(encoding).encrypted().build()
}

fn codes_of(exchange: &Exchange, body: &[u8]) -> Vec<Code> {
    codes(exchange.drive(exchange.receive(body), &mut Evidence::new(Arc::new(AwsLc))))
}

fn sealed(exchange: &Exchange, parameters: &Value) -> Vec<u8> {
    let key = exchange.response_key.as_ref().unwrap();
    encrypted_body(&**key, parameters.to_string().as_bytes())
}

#[test]
fn an_encrypted_answer_is_accepted_in_every_encoding() {
    for encoding in Encoding::ALL {
        let accepted = encrypted(encoding).verify().unwrap();
        assert_eq!(accepted.credentials().len(), 3, "{encoding:?}");
    }
}

#[test]
fn p09_an_answer_encrypted_to_another_requests_key_is_refused() {
    let exchange = encrypted(Encoding::VcJwt);
    let other = AwsLc.agreement_key().unwrap();
    let body = encrypted_body(&*other, exchange.answer.parameters().to_string().as_bytes());
    assert_eq!(codes_of(&exchange, &body), [Code::ResponseEncryption]);
    // And where the portal mixes its keys up.
    let mixed = exchange.verifier().receive_encrypted(&exchange.expectation, &*other, &body);
    let codes = codes(exchange.drive(mixed, &mut Evidence::new(Arc::new(AwsLc))));
    assert_eq!(codes, [Code::ResponseEncryption]);
}

#[test]
fn p09_the_state_stands_inside_and_an_outer_one_agrees() {
    let exchange = encrypted(Encoding::VcJwt);
    let mut parameters = exchange.answer.parameters();
    parameters["state"] = json!("another");
    assert_eq!(codes_of(&exchange, &sealed(&exchange, &parameters)), [Code::StateMismatch]);
    parameters.as_object_mut().unwrap().remove("state");
    assert_eq!(codes_of(&exchange, &sealed(&exchange, &parameters)), [Code::StateMismatch]);
    let mut outer = exchange.body();
    outer.extend_from_slice(b"&state=another");
    assert_eq!(codes_of(&exchange, &outer), [Code::StateMismatch]);
    let mut agreeing = exchange.body();
    let state = exchange.expectation.state().unwrap();
    agreeing.extend_from_slice(format!("&state={}", state.as_str()).as_bytes());
    let verification = exchange.receive(&agreeing);
    assert!(exchange.drive(verification, &mut Evidence::new(Arc::new(AwsLc))).is_ok());
}

#[test]
fn p09_an_answer_in_the_clear_is_refused_where_it_was_asked_for_encrypted() {
    let exchange = encrypted(Encoding::VcJwt);
    assert_eq!(codes_of(&exchange, &exchange.answer.body()), [Code::ResponseWrongProtocol]);
    let both = [exchange.body(), b"&vp_token={}".to_vec()].concat();
    assert_eq!(codes_of(&exchange, &both), [Code::ResponseWrongProtocol]);
    // An encrypted answer to a request that has no key.
    let plain = good(Dialect::OpenId4Vp);
    assert_eq!(codes_of(&plain, &exchange.body()), [Code::ResponseWrongProtocol]);
    // A portal that forgot the key accepts nothing.
    let forgotten = exchange.verifier().receive(&exchange.expectation, &exchange.body());
    let codes = codes(exchange.drive(forgotten, &mut Evidence::new(Arc::new(AwsLc))));
    assert_eq!(codes, [Code::ResponseEncryption]);
}

#[test]
fn p12_what_is_no_jwe_or_not_what_was_written_is_refused() {
    let exchange = encrypted(Encoding::VcJwt);
    for odd in ["", "a.b.c", "a.b.c.d.e", "....", "e30.e30.e30.e30.e30"] {
        let codes = codes_of(&exchange, format!("response={odd}").as_bytes());
        assert_eq!(codes, [Code::ResponseEncryption], "{odd}");
    }
    let text = String::from_utf8(exchange.body()).unwrap();
    let (front, tag) = text.rsplit_once('.').unwrap();
    let changed = if tag.starts_with('A') { "B" } else { "A" };
    let changed = format!("{front}.{changed}{}", &tag[1..]);
    assert_eq!(codes_of(&exchange, changed.as_bytes()), [Code::ResponseEncryption]);
    let twice = format!("{text}&{text}");
    assert_eq!(codes_of(&exchange, twice.as_bytes()), [Code::ResponseFields]);
    for inside in [json!({}), json!({"vp_token": {}, "error": "access_denied"})] {
        let codes = codes_of(&exchange, &sealed(&exchange, &inside));
        assert_eq!(codes, [Code::ResponseFields], "{inside}");
    }
    for inside in [json!([]), json!({"vp_token": "a.b.c"}), json!({"vp_token": {"identity": []}})] {
        let codes = codes_of(&exchange, &sealed(&exchange, &inside));
        assert_eq!(codes, [Code::ResponseMalformed], "{inside}");
    }
}

#[test]
fn an_error_may_come_in_the_clear_or_encrypted() {
    let exchange = encrypted(Encoding::VcJwt);
    let state = exchange.expectation.state().unwrap().as_str();
    let clear = format!("error=access_denied&state={state}").into_bytes();
    let inside = sealed(&exchange, &json!({"error": "access_denied", "state": state}));
    for body in [clear, inside] {
        let verdict = exchange.drive(exchange.receive(&body), &mut exchange.evidence());
        let rejection = verdict.map(|_| ()).unwrap_err();
        assert_eq!(rejection.wallet_error(), Some(WalletError::AccessDenied));
        assert_eq!(rejection.codes(), [Code::WalletError]);
    }
    let stranger = sealed(&exchange, &json!({"error": "access_denied", "state": "guessed"}));
    assert_eq!(codes_of(&exchange, &stranger), [Code::StateMismatch]);
}

/// A verification and its report, in the bytes that an archive keeps.
fn judged(
    exchange: &Exchange,
    evidence: &Evidence,
    verification: Verification,
) -> (Option<Vec<u8>>, String) {
    let opened = verification.opened().map(<[u8]>::to_vec);
    let verdict = exchange.drive(verification, &mut evidence.clone());
    let report = match &verdict {
        Ok(verified) => serde_json::to_string(verified.report()),
        Err(rejection) => serde_json::to_string(rejection.report()),
    };
    (opened, report.unwrap())
}

#[test]
fn what_was_opened_is_judged_again_to_the_same_report_once_the_key_is_gone() {
    let good = encrypted(Encoding::SdJwtVc);
    let state = good.expectation.state().unwrap().as_str();
    let declined = sealed(&good, &json!({"error": "access_denied", "state": state}));
    let text = String::from_utf8(good.body()).unwrap();
    let changed = format!("{}AAAA", &text[..text.len() - 4]);
    let evidence = good.evidence();
    let other = AwsLc.agreement_key().unwrap();
    let to_another = encrypted_body(&*other, good.answer.parameters().to_string().as_bytes());
    for (body, opens) in [
        (good.body(), true),
        (declined, true),
        (sealed(&good, &json!([])), true),
        (changed.into_bytes(), false),
        (to_another, false),
        (good.answer.body(), false),
        (b"response=a".to_vec(), false),
        (b"error=access_denied".to_vec(), false),
    ] {
        let (opened, report) = judged(&good, &evidence, good.receive(&body));
        assert_eq!(opened.is_some(), opens, "{report}");
        assert_eq!(report.contains(r#""opened":"#), opens, "{report}");
        let again = good.verifier().receive_opened(&good.expectation, opened.as_deref(), &body);
        assert_eq!(judged(&good, &evidence, again), (opened, report));
    }
}

#[test]
fn another_plaintext_gives_another_report_and_another_requests_body_none_at_all() {
    let exchange = encrypted(Encoding::VcJwt);
    let (body, evidence) = (exchange.body(), exchange.evidence());
    let (opened, report) = judged(&exchange, &evidence, exchange.receive(&body));
    let opened = opened.unwrap();
    let spaced = [&opened[..], b" "].concat();
    let verifier = exchange.verifier();
    let again = verifier.receive_opened(&exchange.expectation, Some(&spaced), &body);
    assert_ne!(judged(&exchange, &evidence, again).1, report);
    // What is said to have been opened does not make a JWE to another key this request's.
    let other = AwsLc.agreement_key().unwrap();
    let foreign = encrypted_body(&*other, &opened);
    let again = verifier.receive_opened(&exchange.expectation, Some(&opened), &foreign);
    assert_eq!(again.opened(), None);
    let verdict = exchange.drive(again, &mut Evidence::new(Arc::new(AwsLc)));
    assert_eq!(codes(verdict), [Code::ResponseEncryption]);
    // A request that was answered in the clear opens nothing.
    let plain = good(Dialect::OpenId4Vp);
    let (body, evidence) = (plain.body(), plain.evidence());
    let again = plain.verifier().receive_opened(&plain.expectation, Some(&opened), &body);
    let first = judged(&plain, &evidence, plain.receive(&body));
    assert_eq!(judged(&plain, &evidence, again), first);
}
