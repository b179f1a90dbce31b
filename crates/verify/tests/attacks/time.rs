//! Time and claims (T).

use staffpass_request::Expectation;

use super::*;

#[test]
fn t01_dates_of_the_wrong_type_are_refused_never_skipped() {
    for date in [json!("1700000000"), json!(true), json!(1e300), json!(null), json!([1])] {
        let codes = refused(|exchange| identity(exchange).set("exp", date.clone()));
        assert_eq!(codes, [Code::ClaimsMalformed], "{date}");
    }
}

#[test]
fn pf40_huge_dates_are_refused_without_a_panic() {
    for date in [json!(u64::MAX), json!(1e20), json!(9_007_199_254_740_993_000_u64)] {
        let codes = refused(|exchange| presentation(exchange).set("exp", date.clone()));
        assert!(codes.contains(&Code::ClaimsMalformed), "{date}");
    }
}

#[test]
fn t02_nbf_is_always_checked() {
    let codes = refused(|exchange| {
        let later = (exchange.now + TimeDelta::minutes(2)).timestamp();
        identity(exchange).set("nbf", later);
    });
    assert_eq!(codes, [Code::NotYetValid]);
}

#[test]
fn t03_a_presentation_without_iat_and_exp_is_refused() {
    let codes = refused(|exchange| {
        for date in ["iat", "nbf", "exp"] {
            presentation(exchange).claims.remove(date);
        }
    });
    assert!(codes.contains(&Code::DateMissing), "{codes:?}");
}

#[test]
fn t03_a_presentation_without_exp_is_no_older_than_a_key_binding_may_be() {
    let of_age = |seconds| {
        let mut exchange = good(Dialect::OpenId4Vp);
        let asked = exchange.now - TimeDelta::days(1);
        exchange.expectation = Expectation::for_presentation(
            exchange.expectation.client_id(),
            exchange.expectation.nonce().as_str(),
            exchange.expectation.query().cloned(),
            asked,
            exchange.now + TimeDelta::days(1),
        )
        .unwrap();
        let iat = (exchange.now - TimeDelta::seconds(seconds)).timestamp();
        presentation(&mut exchange).set("iat", iat);
        for date in ["nbf", "exp"] {
            presentation(&mut exchange).claims.remove(date);
        }
        exchange.policy = exchange.policy.clone().clock_leeway_seconds(0);
        let token = exchange.answer.presentations[0].compact();
        let verifier = exchange.verifier();
        let received = verifier.receive_presentation(&exchange.expectation, &token);
        exchange.drive(received, &mut Evidence::new(Arc::new(AwsLc)))
    };
    assert!(!codes(of_age(600)).contains(&Code::TooOld));
    assert!(codes(of_age(601)).contains(&Code::TooOld));
}

#[test]
fn t03_a_credential_without_a_date_of_issue_is_refused() {
    let codes = refused(|exchange| {
        identity(exchange).claims.remove("nbf");
        identity(exchange).claims.remove("iat");
        identity(exchange).claims["vc"].as_object_mut().unwrap().remove("issuanceDate");
    });
    assert_eq!(codes, [Code::DateMissing]);
}

#[test]
fn t02_an_issuance_date_counts_where_no_nbf_stands_for_it() {
    let codes = refused(|exchange| {
        identity(exchange).claims.remove("nbf");
        identity(exchange).claims["vc"]["issuanceDate"] = "2999-01-01T00:00:00Z".into();
    });
    assert_eq!(codes, [Code::NotYetValid]);
}

#[test]
fn t07_a_presentation_that_says_two_things_of_itself_is_refused() {
    for (member, value) in [
        ("holder", json!("did:web:other.example")),
        ("holder", json!({"id": "did:web:other.example"})),
        ("holder", json!({})),
        ("holder", json!(null)),
        ("id", json!("urn:uuid:other")),
        ("id", json!(7)),
    ] {
        let codes = refused(|exchange| {
            presentation(exchange).set("jti", "urn:uuid:one");
            presentation(exchange).claims["vp"][member] = value.clone();
        });
        assert!(codes.contains(&Code::ClaimsDisagree), "{member} {value} {codes:?}");
    }
    let mut exchange = good(Dialect::OpenId4Vp);
    let holder = presentation(&mut exchange).claims["iss"].clone();
    presentation(&mut exchange).claims["vp"]["holder"] = holder;
    assert!(exchange.verify().is_ok());
}

#[test]
fn t04_a_presentation_a_year_old_or_ahead_is_refused() {
    for (days, code) in [(-365, Code::TooOld), (365, Code::NotYetValid)] {
        let codes = refused(|exchange| {
            let iat = (exchange.now + TimeDelta::days(days)).timestamp();
            presentation(exchange).set("iat", iat);
        });
        assert!(codes.contains(&code), "{codes:?}");
    }
}

#[test]
fn t05_the_leeway_reaches_so_far_and_no_further() {
    let expired = |seconds| {
        let mut exchange = good(Dialect::OpenId4Vp);
        let exp = (exchange.now - TimeDelta::seconds(seconds)).timestamp();
        identity(&mut exchange).set("exp", exp);
        exchange.verify().is_err()
    };
    assert!(!expired(59));
    assert!(expired(60));
}

#[test]
fn t07_t11_claims_and_members_that_disagree_are_refused() {
    for (member, value) in [
        ("issuer", json!("did:web:other.example")),
        ("issuer", json!({"id": "did:web:other.example"})),
        ("issuer", json!({"name": "no id"})),
        ("issuanceDate", json!("2001-01-01T00:00:00Z")),
        ("id", json!("urn:uuid:other")),
        ("id", json!(7)),
    ] {
        let codes = refused(|exchange| identity(exchange).claims["vc"][member] = value.clone());
        assert_eq!(codes, [Code::ClaimsDisagree], "{member}");
    }
    let codes =
        refused(|e| identity(e).claims["vc"]["expirationDate"] = "2999-01-01T00:00:00Z".into());
    assert_eq!(codes, [Code::ClaimsDisagree]);
}

#[test]
fn t06_a_date_that_is_no_date_is_refused() {
    for date in [json!("yesterday"), json!(5), json!("9".repeat(10_000))] {
        let codes = refused(|e| identity(e).claims["vc"]["expirationDate"] = date.clone());
        assert!(codes.contains(&Code::ClaimsMalformed), "{codes:?}");
    }
}

#[test]
fn t08_any_audience_but_exactly_ours_is_refused() {
    let mut exchange = good(Dialect::OpenId4Vp);
    let ours = exchange.expectation.client_id().to_owned();
    presentation(&mut exchange).set("aud", json!([ours]));
    assert!(exchange.verify().is_ok(), "an array of one is ours");
    for audience in [json!([]), json!([ours, "did:web:other.example"]), json!("")] {
        let codes = refused(|exchange| presentation(exchange).set("aud", audience.clone()));
        assert!(codes.contains(&Code::AudienceMismatch), "{audience}");
    }
    let codes = refused(|exchange| drop(presentation(exchange).claims.remove("aud")));
    assert!(codes.contains(&Code::AudienceMismatch));
}

#[test]
fn t09_milliseconds_as_seconds_are_refused() {
    let codes = refused(|exchange| {
        let ms = exchange.now.timestamp_millis() + 86_400_000;
        identity(exchange).set("exp", ms);
    });
    assert_eq!(codes, [Code::ClaimsMalformed]);
}

#[test]
fn t10_an_issuer_is_trusted_for_each_type_by_itself() {
    let codes = refused(|exchange| {
        trust(exchange, |issuer| issuer.may_assert.retain(|name| name != "StaffIdentity"));
    });
    assert_eq!(codes, [Code::TypeNotTrusted]);
}

#[test]
fn t10_pf27_a_prefix_of_an_issuer_is_not_the_issuer() {
    let codes = refused(|exchange| {
        trust(exchange, |issuer| issuer.id = "did:web:westmoor.exampl".to_owned());
    });
    assert_eq!(codes, [Code::IssuerNotTrusted]);
}

#[test]
fn further_types_are_not_believed_and_no_fault() {
    let mut exchange = good(Dialect::OpenId4Vp);
    let types = json!(["VerifiableCredential", "StaffIdentity", "ChiefExecutive"]);
    identity(&mut exchange).claims["vc"]["type"] = types;
    let verified = exchange.verify().unwrap();
    let identity = verified.part("identity").next().unwrap();
    assert_eq!(identity.types(), ["StaffIdentity"]);
}

#[test]
fn t12_evidence_from_the_future_is_no_evidence() {
    let exchange = good(Dialect::OpenId4Vp);
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let source = Source::DidDocument(exchange.issuer.did().clone());
    let later = exchange.now + TimeDelta::hours(1);
    evidence.insert(source, Fetched::Document(&exchange.issuer.did_document()), later);
    let mut verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
    assert!(matches!(verification.step(&evidence, exchange.now), Step::Needs(_)));
}

#[test]
fn t13_an_issuer_may_not_assert_another_trusts_ods_code() {
    let rule = |value: &str| ValueRule::new("StaffEmployment", ["employer", "ods_code"], [value]);
    let with = |exchange: &mut Exchange, value: &str| {
        let issuer = exchange.issuer.trusted().only_where(rule(value));
        exchange.policy = TrustPolicy::builder().issuer(issuer);
    };
    let codes = refused(|exchange| with(exchange, "X0X0X"));
    assert_eq!(codes, [Code::IssuerNotAuthorisedForValue]);
    let mut exchange = good(Dialect::OpenId4Vp);
    let employment = &exchange.answer.presentations[1].credentials[0];
    let own = employment.claims["vc"]["credentialSubject"]["employer"]["ods_code"].clone();
    with(&mut exchange, own.as_str().unwrap());
    assert!(exchange.verify().is_ok());
}

#[test]
fn n16_a_lapsed_issuer_is_no_longer_believed() {
    let codes = refused(|exchange| {
        let until = exchange.now;
        trust(exchange, |issuer| issuer.valid_until = Some(until));
    });
    assert_eq!(codes, [Code::IssuerTrustLapsed]);
    let codes = refused(|exchange| {
        let before = exchange.now - TimeDelta::days(3650);
        trust(exchange, |issuer| issuer.issued_before = Some(before));
    });
    assert_eq!(codes, [Code::IssuerTrustLapsed]);
}
