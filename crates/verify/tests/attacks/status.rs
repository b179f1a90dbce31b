//! Status (L).

use staffpass_status::StatusKind;
use staffpass_verify::policy::StatusBitOrder;

use super::*;

fn status_of(exchange: &mut Exchange) -> &mut Value {
    &mut identity(exchange).claims["vc"]["credentialStatus"]
}

#[test]
fn l02_an_index_out_of_range_is_refused() {
    for index in ["99999999", "131072000"] {
        let codes = refused(|exchange| status_of(exchange)["statusListIndex"] = index.into());
        assert_eq!(codes, [Code::StatusListInvalid], "{index}");
    }
    for index in ["-1", "1e3", "", "18446744073709551616", "0x10"] {
        let codes = refused(|exchange| status_of(exchange)["statusListIndex"] = index.into());
        assert_eq!(codes, [Code::StatusEntryInvalid], "{index}");
    }
}

#[test]
fn l03_a_list_by_another_or_for_another_purpose_is_refused() {
    let exchange = good(Dialect::OpenId4Vp).tampered(Tamper::ListByAnother);
    assert_eq!(codes(exchange.verify()), [Code::StatusListNotAuthentic]);
    let codes = refused(|exchange| status_of(exchange)["statusPurpose"] = "suspension".into());
    assert_eq!(codes, [Code::StatusListInvalid]);
}

/// VC-JOSE-COSE §3.1.3: the payload is the credential, so that nothing in it is one besides.
#[test]
fn a_list_by_vc_jose_cose_has_no_vc_claim() {
    let judged_with = |typ: &str| {
        let exchange = good(Dialect::OpenId4Vp);
        let mut list = exchange.issuer.status_list(exchange.now);
        list.header.insert("typ".to_owned(), typ.into());
        let mut evidence = exchange.evidence();
        let source =
            Source::StatusList(exchange.issuer.list_location().to_string().parse().unwrap());
        evidence.insert(source, Fetched::Document(list.compact().as_bytes()), exchange.now);
        let body = exchange.body();
        exchange.drive(exchange.verifier().receive(&exchange.expectation, &body), &mut evidence)
    };
    assert!(judged_with("JWT").is_ok());
    assert_eq!(codes(judged_with("vc+jwt")), [Code::StatusListInvalid]);
}

#[test]
fn l08_a_silent_status_host_refuses_unless_the_policy_accepts_it() {
    let silent = |exchange: &Exchange| {
        let mut evidence = exchange.evidence();
        let list = Source::StatusList(exchange.issuer.list_location().to_string().parse().unwrap());
        evidence.insert(list, Fetched::Unavailable, exchange.now);
        let body = exchange.body();
        exchange.drive(exchange.verifier().receive(&exchange.expectation, &body), &mut evidence)
    };
    let mut exchange = good(Dialect::OpenId4Vp);
    assert_eq!(codes(silent(&exchange)), [Code::StatusUnavailable]);
    trust(&mut exchange, |issuer| issuer.unknown_status = Some(UnknownStatus::Accept));
    let accepted = silent(&exchange).unwrap();
    assert_eq!(accepted.credentials()[0].status(), CredentialStatus::Unknown);
    let waived = Outcome::Waived(PolicyKey::UnknownStatus);
    assert!(accepted.report().checks.iter().any(|record| record.outcome == waived));
}

#[test]
fn l09_a_status_of_unknown_type_is_refused() {
    let codes = refused(|exchange| status_of(exchange)["type"] = "RevokedByVibes".into());
    assert_eq!(codes, [Code::StatusEntryInvalid]);
}

#[test]
fn no_status_is_not_an_unknown_one() {
    let without = |required| {
        let mut exchange = good(Dialect::OpenId4Vp);
        identity(&mut exchange).claims["vc"].as_object_mut().unwrap().remove("credentialStatus");
        trust(&mut exchange, |issuer| issuer.status = required);
        exchange.verify()
    };
    let accepted = without(StatusRequirement::Optional).unwrap();
    assert_eq!(accepted.part("identity").next().unwrap().status(), CredentialStatus::None);
    assert_eq!(codes(without(StatusRequirement::Required)), [Code::StatusRequired]);
}

#[test]
fn l10_a_list_at_an_address_that_the_policy_does_not_allow_is_never_named() {
    for address in [
        "https://elsewhere.example/list",
        "http://westmoor.example/list",
        "https://169.254.169.254/latest",
        "https://westmoor.example:8443/list",
    ] {
        let codes =
            refused(|exchange| status_of(exchange)["statusListCredential"] = address.into());
        let allowed = [Code::StatusOriginNotAllowed, Code::StatusEntryInvalid];
        assert!(matches!(codes[..], [code] if allowed.contains(&code)), "{address}: {codes:?}");
    }
}

#[test]
fn l14_nothing_is_asked_for_a_forged_credential_beyond_its_issuers_keys() {
    let exchange = good(Dialect::OpenId4Vp).tampered(Tamper::CredentialForged);
    let mut verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
    let mut evidence = Evidence::new(Arc::new(AwsLc));
    let issuer = Source::DidDocument(exchange.issuer.did().clone());
    match verification.step(&evidence, exchange.now) {
        Step::Needs(needs) => assert_eq!(needs, std::slice::from_ref(&issuer)),
        Step::Done(_) => panic!("the keys are missing"),
    }
    evidence.insert(issuer, Fetched::Document(&exchange.issuer.did_document()), exchange.now);
    assert!(matches!(verification.step(&evidence, exchange.now), Step::Done(_)));
}

#[test]
fn nothing_is_asked_for_an_unknown_issuer() {
    let exchange = good(Dialect::OpenId4Vp).tampered(Tamper::ForeignIssuer);
    let mut verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
    let empty = Evidence::new(Arc::new(AwsLc));
    assert!(matches!(verification.step(&empty, exchange.now), Step::Done(_)));
}

#[test]
fn l15_every_status_entry_is_judged() {
    let mut exchange = good(Dialect::OpenId4Vp);
    let (other, index) = exchange.issuer.issue(CredentialKind::Training, exchange.holder.did());
    exchange.issuer.revoke(index);
    let good_entry = status_of(&mut exchange).clone();
    let revoked = other.claims["vc"]["credentialStatus"].clone();
    *status_of(&mut exchange) = json!([good_entry, revoked]);
    assert_eq!(codes(exchange.verify()), [Code::Revoked]);
    *status_of(&mut exchange) = json!([good_entry, {"type": "Unknown"}]);
    assert_eq!(codes(exchange.verify()), [Code::StatusEntryInvalid]);
}

#[test]
fn l17_a_list_is_judged_again_when_the_issuers_key_changes() {
    let exchange = good(Dialect::OpenId4Vp);
    let mut evidence = exchange.evidence();
    let verify = |evidence: &mut Evidence| {
        let verification = exchange.verifier().receive(&exchange.expectation, &exchange.body());
        exchange.drive(verification, evidence)
    };
    assert!(verify(&mut evidence).is_ok());
    // The key is withdrawn: the issuer now publishes another one under the same id.
    let mut replaced = String::from_utf8(exchange.issuer.did_document()).unwrap();
    let old = exchange.issuer.key().public_key().to_jwk();
    let new = signing_key(Algorithm::Es256, 999).public_key().to_jwk();
    for member in ["x", "y"] {
        replaced = replaced.replace(old[member].as_str().unwrap(), new[member].as_str().unwrap());
    }
    let source = Source::DidDocument(exchange.issuer.did().clone());
    evidence.insert(source.clone(), Fetched::Document(replaced.as_bytes()), exchange.now);
    assert_eq!(codes(verify(&mut evidence)), [Code::KeyContinuityBroken]);
    evidence.accept_keys(&source);
    assert_eq!(codes(verify(&mut evidence)), [Code::SignatureInvalid]);
}

/// The order is the policy's to say for a StatusList2021, and for no other: read the wrong way round, a
/// revocation is another person's.
#[test]
fn l06_the_policy_says_in_which_order_a_status_list_2021_is_read_and_no_other() {
    let read_from_the_right = |status| {
        let mut exchange = Scenario::new(Dialect::OpenId4Vp).status(status).build();
        exchange.issuer.revoke(exchange.indices[1]);
        assert_eq!(codes(exchange.verify()), [Code::Revoked], "{status:?}");
        trust(&mut exchange, |issuer| {
            issuer.status_bit_order = StatusBitOrder::LeastSignificantFirst;
        });
        exchange.verify()
    };
    assert!(read_from_the_right(StatusKind::StatusList2021).is_ok());
    for status in [StatusKind::BitstringStatusList, StatusKind::RevocationList2021] {
        assert_eq!(codes(read_from_the_right(status)), [Code::Revoked], "{status:?}");
    }
}
