//! Presentation binding (P).

use super::*;

#[test]
fn p01_p17_an_answer_after_expiry_or_with_another_nonce_is_refused() {
    for tamper in [Tamper::RequestExpired, Tamper::Nonce, Tamper::PresentationOld] {
        let codes = codes(good(Dialect::OpenId4Vp).tampered(tamper).verify());
        assert!(codes.contains(&tamper.code()), "{codes:?}");
    }
}

#[test]
fn v14_every_presentation_has_its_own_nonce_check() {
    let mut exchange = good(Dialect::MicrosoftEach);
    let last = exchange.answer.presentations.len() - 1;
    exchange.answer.presentations[last].token.claims.remove("nonce");
    assert_eq!(codes(exchange.verify()), [Code::NonceMismatch]);
}

#[test]
fn q03_pf07_the_second_presentation_is_verified_too() {
    for dialect in [Dialect::MicrosoftEach, Dialect::OpenId4Vp] {
        let mut exchange = good(dialect);
        exchange.answer.presentations[1].token.key = signing_key(Algorithm::Es256, 999);
        assert_eq!(codes(exchange.verify()), [Code::SignatureInvalid], "{dialect:?}");
    }
}

#[test]
fn p06_a_credential_of_another_holder_or_of_nobody_is_refused() {
    let codes_of_bearer = refused(|exchange| drop(identity(exchange).claims.remove("sub")));
    assert_eq!(codes_of_bearer, [Code::HolderBinding]);
    let codes = refused(|exchange| identity(exchange).set("sub", ""));
    assert_eq!(codes, [Code::HolderBinding]);
}

#[test]
fn p07_presentations_by_two_holders_are_refused_in_the_microsoft_profile_unless_named() {
    let other = Holder::new(HolderKind::Jwk(Algorithm::Es256), 999);
    let mut exchange = good(Dialect::MicrosoftEach);
    let (token, _) = exchange.issuer.issue(CredentialKind::Training, other.did());
    let last = exchange.answer.presentations.len() - 1;
    let presentation = &mut exchange.answer.presentations[last];
    presentation.credentials = vec![token];
    let mut claims = presentation.token.claims.clone();
    claims.insert("iss".to_owned(), other.did().as_str().into());
    presentation.token = other.token(Value::Object(claims));
    assert_eq!(codes(exchange.verify()), [Code::HoldersDiffer]);
    exchange.policy = exchange.policy.accept_mixed_holders();
    let accepted = exchange.verify().unwrap();
    let waived = Outcome::Waived(PolicyKey::MixedHolders);
    assert!(accepted.report().checks.iter().any(|record| record.outcome == waived));
}

#[test]
fn p14_an_error_of_a_stranger_ends_nothing() {
    let exchange = good(Dialect::OpenId4Vp);
    let verdict = |body: &str| {
        let mut verification = exchange.verifier().receive(&exchange.expectation, body.as_bytes());
        match verification.step(&exchange.evidence(), exchange.now) {
            Step::Done(verdict) => verdict.map(|_| ()).unwrap_err(),
            Step::Needs(_) => panic!("an error needs nothing"),
        }
    };
    let stranger = verdict("error=access_denied&state=guessed");
    assert_eq!((stranger.codes(), stranger.wallet_error()), (vec![Code::StateMismatch], None));
    let state = exchange.expectation.state().unwrap().as_str();
    let own = verdict(&format!("error=access_denied&state={state}"));
    assert_eq!(own.codes(), [Code::WalletError]);
    assert_eq!(own.wallet_error(), Some(WalletError::AccessDenied));
}

#[test]
fn p15_an_error_beside_tokens_and_repeated_fields_are_refused() {
    for (name, value) in [("error", "access_denied"), ("state", "again")] {
        let codes = refused(|e| e.answer.extra.push((name.to_owned(), value.to_owned())));
        assert_eq!(codes, [Code::ResponseFields], "{name}");
    }
    let mut exchange = good(Dialect::MicrosoftTogether);
    exchange.answer.extra.push(("id_token".to_owned(), "a.b.c".to_owned()));
    assert_eq!(codes(exchange.verify()), [Code::ResponseFields]);
    let mut exchange = good(Dialect::OpenId4Vp);
    exchange.answer.extra.push(("vp_token".to_owned(), "{}".to_owned()));
    assert_eq!(codes(exchange.verify()), [Code::ResponseFields]);
}

#[test]
fn unknown_fields_are_ignored() {
    for dialect in Dialect::ALL {
        let mut exchange = good(dialect);
        exchange.answer.extra.push(("expires_in".to_owned(), "300".to_owned()));
        assert!(exchange.verify().is_ok());
    }
}

#[test]
fn p22_a_body_of_the_other_protocol_is_refused() {
    for dialect in Dialect::ALL {
        let codes = codes(good(dialect).tampered(Tamper::WrongProtocol).verify());
        assert_eq!(codes, [Code::ResponseWrongProtocol], "{dialect:?}");
    }
}

#[test]
fn p23_two_subjects_are_refused() {
    let codes = refused(|exchange| {
        let subject = &mut identity(exchange).claims["vc"]["credentialSubject"];
        *subject = json!([subject.clone(), {"id": "did:example:victim"}]);
    });
    assert_eq!(codes, [Code::CredentialShape]);
}

#[test]
fn v18_context_and_type_are_required() {
    for (member, value) in [
        ("@context", json!([])),
        (
            "@context",
            json!(["https://example.org/other", "https://www.w3.org/2018/credentials/v1"]),
        ),
        ("@context", json!(["https://www.w3.org/ns/credentials/v2"])),
        ("type", json!(["StaffIdentity"])),
    ] {
        let codes = refused(|exchange| identity(exchange).claims["vc"][member] = value.clone());
        assert_eq!(codes, [Code::CredentialShape], "{member} {value}");
    }
    let codes = refused(|e| presentation(e).claims["vp"]["type"] = json!(["Something"]));
    assert!(codes.contains(&Code::PresentationShape), "{codes:?}");
}

#[test]
fn v13_the_id_tokens_issuer_and_subject_are_fixed() {
    for (claim, value, code) in [
        ("iss", json!("https://self-issued.me/v2"), Code::SelfIssuedIssuer),
        ("iss", json!("https://self-issued.me"), Code::SelfIssuedIssuer),
        ("sub_jwk", json!({"kty": "EC"}), Code::SubjectKey),
        ("nonce", json!("another"), Code::NonceMismatch),
        ("aud", json!("did:web:other.example"), Code::AudienceMismatch),
        ("exp", json!(1_000_000_000), Code::Expired),
    ] {
        let mut exchange = good(Dialect::MicrosoftTogether);
        exchange.answer.id_token.as_mut().unwrap().set(claim, value);
        assert_eq!(codes(exchange.verify()), [code], "{claim}");
    }
}

#[test]
fn a_holder_whose_document_would_have_to_be_fetched_is_refused() {
    let codes = refused(|exchange| {
        let token = presentation(exchange);
        token.set("iss", "did:web:holder.example");
        token.header.insert("kid".to_owned(), "did:web:holder.example#key-1".into());
    });
    assert!(codes.contains(&Code::IdentifierNotSupported), "{codes:?}");
}

/// Whoever counts answers must be able to tell a stranger's junk from a wallet's stumbling.
#[test]
fn p14_the_report_of_a_malformed_answer_says_whether_the_state_was_right() {
    let is_right = |exchange: &Exchange, body: &[u8]| {
        let verdict = exchange.drive(exchange.receive(body), &mut Evidence::new(Arc::new(AwsLc)));
        let rejection = verdict.map(|_| ()).unwrap_err();
        let mut checks = rejection.report().checks.iter();
        checks.any(|record| record.check == Check::State && record.outcome == Outcome::Passed)
    };
    for dialect in Dialect::ALL {
        let exchange = good(dialect);
        let state = exchange.expectation.state().unwrap().as_str();
        for fields in ["vp_token=junk", "response=junk", "vp_token=%7B%22a%22%3A1%7D", ""] {
            let body = |state: &str| format!("{fields}&state={state}").into_bytes();
            assert!(is_right(&exchange, &body(state)), "{dialect:?} {fields}");
            assert!(!is_right(&exchange, &body("another")), "{dialect:?} {fields}");
            assert!(!is_right(&exchange, &body(&format!("{state}&state={state}"))));
            assert!(!is_right(&exchange, fields.as_bytes()));
        }
    }
    let exchange = Scenario::new(Dialect::OpenId4Vp).encrypted().build();
    let key = exchange.response_key.clone().unwrap();
    let mut parameters = exchange.answer.parameters();
    parameters["vp_token"] = json!("junk");
    let sealed = |parameters: &Value| {
        staffpass_testkit::encrypted_body(&*key, parameters.to_string().as_bytes())
    };
    assert!(is_right(&exchange, &sealed(&parameters)));
    // In the clear it stands where it must not.
    let state = exchange.expectation.state().unwrap().as_str();
    assert!(!is_right(&exchange, format!("vp_token=%7B%7D&state={state}").as_bytes()));
    parameters["state"] = json!("another");
    assert!(!is_right(&exchange, &sealed(&parameters)));
}
