//! The attacks of the field against a verifier, each by its id, each refused with its code.
//!
//! Every test starts from the same good exchange and changes one thing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::sync::Arc;

use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::{Value, json};
use staffpass_credentials::CredentialKind;
use staffpass_did::Did;
use staffpass_jose::{Algorithm, base64url};
use staffpass_jose_aws_lc::AwsLc;
use staffpass_testkit::{
    Dialect, Exchange, Holder, HolderKind, IssuerKind, Scenario, Tamper, Token, signing_key,
};
use staffpass_verify::policy::{
    PersonLink, StatusRequirement, TrustPolicy, TrustedIssuer, UnknownStatus, ValueRule,
};
use staffpass_verify::{
    Check, Code, CredentialStatus, Evidence, Fetched, Limits, Outcome, PolicyKey, Rejection,
    Source, Step, Subject, VerifiedResponse, Verifier, WalletError,
};

fn good(dialect: Dialect) -> Exchange {
    Scenario::new(dialect).build()
}

/// The codes with which the exchange is refused once it is changed, in each dialect.
fn refused(change: impl Fn(&mut Exchange)) -> Vec<Code> {
    let codes = |dialect| {
        let mut exchange = good(dialect);
        change(&mut exchange);
        codes(exchange.verify())
    };
    let microsoft = codes(Dialect::MicrosoftTogether);
    assert_eq!(microsoft, codes(Dialect::OpenId4Vp), "the dialects differ");
    microsoft
}

fn codes(verdict: Result<VerifiedResponse, Rejection>) -> Vec<Code> {
    let rejection = verdict.map(|_| ()).expect_err("refused");
    assert!(!rejection.report().accepted());
    assert!(!rejection.codes().is_empty());
    rejection.codes()
}

fn identity(exchange: &mut Exchange) -> &mut Token {
    &mut exchange.answer.presentations[0].credentials[0]
}

fn presentation(exchange: &mut Exchange) -> &mut Token {
    &mut exchange.answer.presentations[0].token
}

/// The issuer as the good policy has it, changed.
fn trust(exchange: &mut Exchange, change: impl FnOnce(&mut TrustedIssuer)) {
    let mut issuer = exchange.issuer.trusted();
    change(&mut issuer);
    exchange.policy = TrustPolicy::builder().issuer(issuer);
}

// Signatures and keys

#[test]
fn s01_alg_none_is_refused_before_any_key_is_sought() {
    for alg in ["none", "None", "nOnE"] {
        let codes = refused(|exchange| {
            presentation(exchange).header.insert("alg".to_owned(), alg.into());
        });
        assert!(codes.contains(&Code::AlgorithmNotAllowed), "{codes:?}");
    }
}

#[test]
fn s02_hmac_under_the_public_key_is_refused() {
    let codes = refused(|e| drop(identity(e).header.insert("alg".to_owned(), "HS256".into())));
    assert_eq!(codes, [Code::AlgorithmNotAllowed]);
}

#[test]
fn s04_s05_keys_and_addresses_in_headers_are_ignored() {
    let stranger = signing_key(Algorithm::Es256, 999);
    let codes = refused(|exchange| {
        let token = identity(exchange);
        token.key = Arc::clone(&stranger);
        token.header.insert("jwk".to_owned(), stranger.public_key().to_jwk());
        token.header.insert("jku".to_owned(), "https://stranger.example/jwks.json".into());
    });
    assert_eq!(codes, [Code::SignatureInvalid]);
}

#[test]
fn s06_a_kid_of_another_identifier_is_refused() {
    let stranger = Holder::new(HolderKind::Jwk(Algorithm::Es256), 999);
    let kid = format!("{}#0", stranger.did());
    let codes =
        refused(|e| drop(presentation(e).header.insert("kid".to_owned(), kid.clone().into())));
    assert!(codes.contains(&Code::KeyOfAnother), "{codes:?}");
    for kid in ["../../etc/passwd", "' OR 1=1 --", "https://x.example/#k", "#", ""] {
        let codes = refused(|e| drop(identity(e).header.insert("kid".to_owned(), kid.into())));
        assert!(matches!(codes[..], [Code::KeyIdInvalid | Code::KeyUnknown]), "{kid}: {codes:?}");
    }
}

#[test]
fn s06_a_part_of_a_key_id_does_not_match() {
    let codes = refused(|exchange| {
        let token = identity(exchange);
        let kid = token.header["kid"].as_str().unwrap().to_owned();
        token.header.insert("kid".to_owned(), kid[..kid.len() - 1].into());
    });
    assert!(matches!(codes[..], [Code::KeyUnknown | Code::KeyIdInvalid]), "{codes:?}");
}

#[test]
fn s07_a_key_listed_for_another_purpose_is_refused_unless_the_policy_names_it() {
    let only_authentication = |exchange: &Exchange| {
        let document = String::from_utf8(exchange.issuer.did_document()).unwrap();
        document.replace("\"assertionMethod\"", "\"notForAssertion\"")
    };
    let mut exchange = good(Dialect::OpenId4Vp);
    let verdict = |exchange: &Exchange| {
        let mut evidence = exchange.evidence();
        let source = Source::DidDocument(exchange.issuer.did().clone());
        let document = only_authentication(exchange);
        evidence.insert(source, Fetched::Document(document.as_bytes()), exchange.now);
        exchange.drive(
            exchange.verifier().receive(&exchange.expectation, &exchange.body()),
            &mut evidence,
        )
    };
    assert_eq!(codes(verdict(&exchange)), [Code::KeyPurpose]);
    trust(&mut exchange, |issuer| issuer.accept_authentication_key = true);
    let accepted = verdict(&exchange).unwrap();
    let waived = Outcome::Waived(PolicyKey::AcceptAuthenticationKey);
    let keys = accepted.report().checks.iter().filter(|record| record.check == Check::Key);
    assert_eq!(keys.filter(|record| record.outcome == waived).count(), 3);
}

#[test]
fn s14_s15_critical_extensions_are_refused() {
    for (member, value) in [("crit", json!(["b64"])), ("crit", json!([])), ("b64", json!(false))] {
        let codes = refused(|e| drop(identity(e).header.insert(member.to_owned(), value.clone())));
        assert_eq!(codes, [Code::TokenMalformed], "{member}");
    }
}

/// Puts a member in front of the payload once more, and signs nothing anew.
fn duplicate_subject(compact: String) -> String {
    let parts: Vec<_> = compact.split('.').collect();
    let claims = String::from_utf8(base64url::decode(parts[1]).unwrap()).unwrap();
    let claims = claims.replacen('{', r#"{"sub":"did:example:other","#, 1);
    format!("{}.{}.{}", parts[0], base64url::encode(claims), parts[2])
}

#[test]
fn s16_a_claim_that_stands_twice_is_refused_before_the_signature() {
    let codes = refused(|exchange| identity(exchange).afterwards = duplicate_subject);
    assert_eq!(codes, [Code::ClaimsMalformed]);
}

#[test]
fn s17_one_kind_of_token_in_the_place_of_another_is_refused() {
    for typ in ["kb+jwt", "vc+jwt", "statuslist+jwt", "oauth-authz-req+jwt", "jwt", "vp+jwt"] {
        let codes = refused(|e| drop(identity(e).header.insert("typ".to_owned(), typ.into())));
        assert_eq!(codes, [Code::TypMismatch], "{typ}");
    }
    // A presentation where a credential belongs, and a credential that is also a presentation.
    let codes = refused(|exchange| {
        let vp = presentation(exchange).claims["vp"].clone();
        identity(exchange).claims.insert("vp".to_owned(), vp);
    });
    assert!(matches!(codes[..], [Code::TypMismatch | Code::ClaimsMalformed]), "{codes:?}");
}

#[test]
fn s24_an_algorithm_that_the_policy_leaves_out_is_refused() {
    let mut exchange = good(Dialect::OpenId4Vp);
    exchange.policy = exchange.policy.algorithms([Algorithm::Es384]);
    assert_eq!(codes(exchange.verify()), [Code::AlgorithmNotAllowed]);
}

#[test]
fn v09_a_pinned_key_is_the_only_one_that_counts() {
    let pin = |exchange: &mut Exchange, thumbprint: String| {
        trust(exchange, |issuer| issuer.key_thumbprints = [thumbprint].into());
    };
    let stranger = signing_key(Algorithm::Es256, 999).public_key().thumbprint().to_string();
    assert_eq!(refused(|exchange| pin(exchange, stranger.clone())), [Code::KeyNotPinned]);
    let mut exchange = good(Dialect::OpenId4Vp);
    let own = exchange.issuer.key().public_key().thumbprint().to_string();
    pin(&mut exchange, own);
    assert!(exchange.verify().is_ok());
}

// Time and claims

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
fn t03_a_credential_without_nbf_and_iat_is_refused() {
    let codes = refused(|exchange| {
        identity(exchange).claims.remove("nbf");
        identity(exchange).claims.remove("iat");
    });
    assert_eq!(codes, [Code::DateMissing]);
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

// Presentation binding

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

// Query and submission

#[test]
fn q01_q02_what_is_missing_and_what_was_not_asked_are_refused() {
    for tamper in [Tamper::Incomplete, Tamper::Unrequested, Tamper::WrongType] {
        for dialect in Dialect::ALL {
            let codes = codes(good(dialect).tampered(tamper).verify());
            assert!(codes.contains(&tamper.code()), "{dialect:?} {tamper:?} {codes:?}");
        }
    }
}

#[test]
fn q02_pf22_an_unreferenced_credential_is_dropped_and_reported() {
    let mut exchange = good(Dialect::MicrosoftTogether);
    let (extra, _) = exchange.issuer.issue(CredentialKind::Training, exchange.holder.did());
    exchange.answer.presentations[0].credentials.push(extra);
    let verified = exchange.verify().unwrap();
    assert_eq!(verified.credentials().len(), 3);
    assert_eq!(verified.report().dropped, [Subject::Credential(0, 3)]);
}

#[test]
fn q03_more_answers_than_one_part_may_have_are_refused() {
    let mut exchange = good(Dialect::OpenId4Vp);
    let mut again = exchange.answer.presentations[0].clone();
    let (second, _) = exchange.issuer.issue(CredentialKind::Identity, exchange.holder.did());
    again.credentials = vec![second];
    exchange.answer.presentations.push(again);
    assert_eq!(codes(exchange.verify()), [Code::AnswerTooMany]);
}

#[test]
fn q06_paths_outside_the_dialects_are_refused() {
    for path in
        ["$..verifiableCredential[0]", "$.vc[?(@)]", "$.attestations.presentations.x", "$[7]"]
    {
        let mut exchange = good(Dialect::MicrosoftTogether);
        let token = exchange.answer.id_token.as_mut().unwrap();
        let map = &mut token.claims["_vp_token"]["presentation_submission"]["descriptor_map"];
        map[0]["path_nested"]["path"] = path.into();
        assert_eq!(codes(exchange.verify()), [Code::SubmissionInvalid], "{path}");
    }
}

#[test]
fn q08_v21_one_credential_does_not_answer_two_descriptors() {
    let mut exchange = good(Dialect::MicrosoftTogether);
    let token = exchange.answer.id_token.as_mut().unwrap();
    let map = &mut token.claims["_vp_token"]["presentation_submission"]["descriptor_map"];
    map[1]["path_nested"]["path"] = map[0]["path_nested"]["path"].clone();
    assert_eq!(codes(exchange.verify()), [Code::AnswerReused]);
}

#[test]
fn v20_a_submission_of_another_definition_or_none_is_refused() {
    let mut exchange = good(Dialect::MicrosoftTogether);
    let token = exchange.answer.id_token.as_mut().unwrap();
    token.claims["_vp_token"]["presentation_submission"]["definition_id"] = "other".into();
    assert_eq!(codes(exchange.verify()), [Code::SubmissionInvalid]);
    let mut exchange = good(Dialect::MicrosoftTogether);
    exchange.answer.id_token.as_mut().unwrap().claims.remove("_vp_token");
    assert!(codes(exchange.verify()).contains(&Code::SubmissionInvalid));
}

#[test]
fn several_submissions_in_an_array_are_read() {
    let mut exchange = good(Dialect::MicrosoftTogether);
    let token = exchange.answer.id_token.as_mut().unwrap();
    let one = token.claims["_vp_token"].clone();
    token.claims["_vp_token"] = json!([one]);
    assert!(exchange.verify().is_ok());
}

#[test]
fn v22_credentials_of_two_persons_are_refused_where_the_policy_links_them() {
    let link = || PersonLink::new("identity_id", "identity");
    let mut exchange = good(Dialect::OpenId4Vp);
    exchange.policy = exchange.policy.person_link(link());
    assert!(exchange.verify().is_ok());
    let other = json!("00000000-0000-4000-8000-000000000000");
    let mut pooled = exchange.clone();
    let employment = &mut pooled.answer.presentations[1].credentials[0];
    employment.claims["vc"]["credentialSubject"]["identity_id"] = other;
    assert_eq!(codes(pooled.verify()), [Code::PersonsDiffer]);
    let mut silent = exchange;
    let employment = &mut silent.answer.presentations[1].credentials[0];
    employment.claims["vc"]["credentialSubject"].as_object_mut().unwrap().remove("identity_id");
    assert_eq!(codes(silent.verify()), [Code::PersonsDiffer]);
}

// Status

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
    evidence.insert(source, Fetched::Document(replaced.as_bytes()), exchange.now);
    assert_eq!(codes(verify(&mut evidence)), [Code::SignatureInvalid]);
}

// Evidence and resources

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

// The report

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
