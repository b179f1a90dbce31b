//! Query and submission (Q).

use super::*;

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
