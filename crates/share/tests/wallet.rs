//! Requests and what comes for them: what is refused, what is taken, and what the person is told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of what is common")]

mod common;

use std::time::Duration;

use common::*;
use serde_json::json;
use staffpass_credentials::CredentialKind::{Employment, Identity, Training};
use staffpass_query::{CredentialQuery, DcqlQuery};
use staffpass_request::{Expectation, HandleDigest, Request};
use staffpass_share::*;

const ALL: [&str; 3] = ["identity", "employment", "training"];

/// A share with an open request for these parts.
fn connected(parts: &[&str]) -> (Share, Request) {
    let mut share = confirmed(parts);
    let request = world().request(parts, at(6));
    let _ = share.connect(request.expectation(), at(6)).unwrap();
    (share, request)
}

/// What the share says to a wallet with these credentials; on a refusal it must be as it was.
fn receive(share: &mut Share, request: &Request, wallet: &[String]) -> Result<Received, Refusal> {
    let response = world().answer(request, wallet, at(20)).unwrap();
    let before = stored(share);
    let taken = share.receive(&response, &handle(request), &Rules::default(), at(20));
    if taken.is_err() {
        assert_eq!(stored(share), before, "a bad post leaves the share as it was");
    }
    taken
}

fn code(result: Result<impl Sized, Refusal>) -> &'static str {
    result.err().expect("it is refused").code()
}

fn expectation_like(request: &Request) -> staffpass_request::ExpectationBuilder {
    let own = request.expectation();
    Expectation::builder(own.client_id(), "a nonce of its own", own.created_at(), own.expires_at())
        .query(own.query().cloned().unwrap())
        .tenant(TENANT)
}

// ---- the request ----

#[test]
fn f3_a_request_for_more_than_was_confirmed_is_refused() {
    let mut share = confirmed(&["training"]);
    let request = world().request(&ALL, at(6));
    assert_eq!(code(share.connect(request.expectation(), at(6))), "selection_differs");
    assert_eq!(share.state(at(6)), State::Confirmed);
}

#[test]
fn f3_a_request_for_less_than_was_confirmed_is_refused() {
    let mut share = confirmed(&["training"]);
    let request = world().request(&["identity"], at(6));
    assert_eq!(code(share.connect(request.expectation(), at(6))), "selection_differs");
}

#[test]
fn p21_a_request_of_another_tenant_is_refused() {
    let mut share = confirmed(&[]);
    let request = world().request_of_nobody(at(6));
    assert_eq!(code(share.connect(request.expectation(), at(6))), "request_of_another_tenant");
}

#[test]
fn a_request_without_query_or_address_is_refused() {
    let mut share = confirmed(&[]);
    let request = world().request(&["identity"], at(6));
    let own = request.expectation();
    let bare = Expectation::builder("did:web:x", "n", own.created_at(), own.expires_at());
    let bare = bare.tenant(TENANT).build().unwrap();
    assert_eq!(code(share.connect(&bare, at(6))), "request_incomplete");
    let no_address = expectation_like(&request).build().unwrap();
    assert_eq!(code(share.connect(&no_address, at(6))), "request_incomplete");
}

#[test]
fn b1_a_request_that_lives_longer_than_five_minutes_is_refused() {
    let mut share = confirmed(&[]);
    let request = world().request(&["identity"], at(6));
    assert_eq!(code(share.connect(request.expectation(), at(5))), "request_too_long");
    assert!(share.connect(request.expectation(), at(6)).is_ok());
}

#[test]
fn an_expired_request_is_not_taken_up() {
    let mut share = confirmed(&[]);
    let request = world().request(&["identity"], at(6));
    assert_eq!(code(share.connect(request.expectation(), at(306))), "request_expired");
}

#[test]
fn a_request_that_is_used_twice_is_refused() {
    let (mut share, request) = connected(&["identity"]);
    assert_eq!(code(share.connect(request.expectation(), at(7))), "request_reused");
    let _ = share.cancel(at(8)).unwrap();
    let _ = share.confirm(at(9)).unwrap();
    assert_eq!(code(share.connect(request.expectation(), at(10))), "request_reused");
}

#[test]
fn n_a_nonce_that_is_used_twice_is_refused() {
    let (mut share, request) = connected(&["identity"]);
    let own = request.expectation();
    let nonce = own.nonce().as_str();
    let same = Expectation::builder(own.client_id(), nonce, own.created_at(), own.expires_at())
        .query(own.query().cloned().unwrap())
        .tenant(TENANT)
        .response_address("https://portal.example/response", HandleDigest::from_bytes([1; 32]));
    assert_eq!(code(share.connect(&same.build().unwrap(), at(7))), "request_reused");
}

#[test]
fn b25_a_fourth_unexpired_request_is_refused() {
    let mut share = confirmed(&[]);
    for second in 6..9 {
        let request = world().request(&["identity"], at(second));
        let _ = share.connect(request.expectation(), at(second)).unwrap();
    }
    let fourth = world().request(&["identity"], at(10));
    let refused = share.connect(fourth.expectation(), at(10)).unwrap_err();
    assert_eq!(refused, Refusal::TooManyRequests { until: at(306) });
    let later = world().request(&["identity"], at(306));
    assert!(share.connect(later.expectation(), at(306)).is_ok());
}

#[test]
fn an_eleventh_request_in_a_day_is_refused() {
    let mut share = confirmed(&[]);
    for attempt in 0..10 {
        let now = at(10 + attempt * 301);
        let request = world().request(&["identity"], now);
        let _ = share.connect(request.expectation(), now).unwrap();
    }
    let now = at(10 + 10 * 301);
    let request = world().request(&["identity"], now);
    assert_eq!(code(share.connect(request.expectation(), now)), "too_many_requests");
}

#[test]
fn a_new_request_ends_the_one_before() {
    let (mut share, old) = connected(&["identity"]);
    let new = world().request(&["identity"], at(10));
    let moved = share.connect(new.expectation(), at(10)).unwrap();
    assert_eq!(names(&moved.events), ["request.superseded", "request.created"]);
    let wallet = world().wallet_of(&["identity"]);
    assert_eq!(code(receive(&mut share, &old, &wallet)), "request_superseded");
    assert!(share.retrieved(&handle(&old), at(11)).is_none());
    assert!(receive(&mut share, &new, &wallet).is_ok());
}

#[test]
fn an_expired_request_is_seen_as_such_and_another_is_made() {
    let (mut share, request) = connected(&["identity"]);
    assert_eq!(code(share.expire(at(305))), "request_still_live");
    assert_eq!(share.state(at(306)), State::RequestExpired { attempt: 1 });
    let moved = share.expire(at(306)).unwrap();
    assert_eq!(names(&moved.events), ["request.expired"]);
    assert_eq!(share.state(at(306)), State::RequestExpired { attempt: 1 });
    assert!(share.retrieved(&handle(&request), at(307)).is_none());
    let _ = share.cancel(at(308)).unwrap();
    let _ = share.confirm(at(309)).unwrap();
    assert_eq!(share.state(at(309)), State::Confirmed);
    let another = world().request(&["identity"], at(310));
    let _ = share.connect(another.expectation(), at(310)).unwrap();
    assert!(matches!(share.state(at(310)), State::Connecting { attempt: 2, .. }));
}

#[test]
fn scanning_gates_nothing_and_changes_nothing() {
    let (mut share, request) = connected(&["identity"]);
    let before = stored(&share);
    assert!(share.retrieved(&handle(&request), at(7)).is_some());
    assert!(share.retrieved(&HandleDigest::from_bytes([9; 32]), at(7)).is_none());
    assert_eq!(stored(&share), before);
    let wallet = world().wallet_of(&["identity"]);
    assert!(receive(&mut share, &request, &wallet).is_ok(), "no scan was ever recorded");
}

// ---- the response ----

#[test]
fn p17_a_second_response_after_a_verified_one_is_refused() {
    let (mut share, request) = connected(&ALL);
    let wallet = world().wallet_of(&ALL);
    assert!(receive(&mut share, &request, &wallet).is_ok());
    assert_eq!(code(receive(&mut share, &request, &wallet)), "already_answered");
    assert_eq!(code(share.refuse(&handle(&request), ["expired"], at(21))), "already_answered");
    assert_eq!(share.state(at(21)), State::Received);
}

/// Neither a good answer, nor a refusal, nor another connection changes what was once received.
#[test]
fn pf02_finished_session_stays_finished() {
    let (mut share, request) = connected(&ALL);
    let wallet = world().wallet_of(&ALL);
    assert!(receive(&mut share, &request, &wallet).is_ok());
    for _ in 0..3 {
        assert_eq!(code(receive(&mut share, &request, &wallet)), "already_answered");
        assert_eq!(code(share.refuse(&handle(&request), ["expired"], at(21))), "already_answered");
        assert_eq!(share.state(at(21)), State::Received);
    }
    assert_eq!(code(share.connect(request.expectation(), at(22))), "wrong_state");
}

/// A request that nobody answers is over by itself, to the second; and so is the browser's session.
#[test]
fn pf03_session_expires() {
    let response = |at_second| {
        let (mut share, request) = connected(&["identity"]);
        let response = world().good_answer(&request, &["identity"], at(20));
        let received =
            share.receive(&response, &handle(&request), &Rules::default(), at(at_second));
        code(received)
    };
    assert_eq!(response(306), "request_expired");
    assert_eq!(response(100_000), "session_timed_out");
}

#[test]
fn p17_a_response_after_expiry_is_refused() {
    let (mut share, request) = connected(&["identity"]);
    let response = world().good_answer(&request, &["identity"], at(20));
    let refused = share.receive(&response, &handle(&request), &Rules::default(), at(306));
    assert_eq!(code(refused), "request_expired");
}

#[test]
fn p17_a_response_to_a_cancelled_request_is_refused() {
    let (mut share, request) = connected(&["identity"]);
    let moved = share.cancel(at(7)).unwrap();
    assert_eq!(names(&moved.events), ["request.cancelled"]);
    assert_eq!(share.state(at(7)), State::Confirming);
    let wallet = world().wallet_of(&["identity"]);
    assert_eq!(code(receive(&mut share, &request, &wallet)), "request_cancelled");
}

#[test]
fn b1_a_response_to_a_request_of_an_earlier_session_is_refused() {
    let (mut share, request) = connected(&["identity"]);
    let _ = share.open(session("other"), &Rules::default(), at(10)).unwrap();
    let wallet = world().wallet_of(&["identity"]);
    assert_eq!(code(receive(&mut share, &request, &wallet)), "request_superseded");
}

#[test]
fn f4_a_response_to_another_shares_request_is_refused() {
    let (mut share, _) = connected(&["identity"]);
    let (_, elsewhere) = connected(&["identity"]);
    let wallet = world().wallet_of(&["identity"]);
    assert_eq!(code(receive(&mut share, &elsewhere, &wallet)), "unknown_request");
}

#[test]
fn f1_a_response_verified_against_another_request_is_refused() {
    let (mut share, request) = connected(&["identity"]);
    let another = world().request(&["identity"], at(6));
    let response = world().good_answer(&another, &["identity"], at(20));
    let refused = share.receive(&response, &handle(&request), &Rules::default(), at(20));
    assert_eq!(code(refused), "response_to_another");
    assert!(matches!(share.state(at(20)), State::Connecting { .. }));
}

#[test]
fn identity_missing_is_refused() {
    let mut share = confirmed(&["training"]);
    let queries = ["identity", "training"].map(|part| {
        let names = [("identity", "StaffIdentity"), ("training", "StaffTraining")];
        let name = names.iter().find(|(id, _)| *id == part).unwrap().1;
        CredentialQuery::jwt_vc(part, name)
    });
    let sets = queries
        .each_ref()
        .map(|query| staffpass_query::CredentialSetQuery::optional([[query.id()]]));
    let request = world().ask(DcqlQuery::with_sets(queries, sets).unwrap(), at(6));
    let _ = share.connect(request.expectation(), at(6)).unwrap();
    let wallet = world().wallet_of(&["training"]);
    assert_eq!(code(receive(&mut share, &request, &wallet)), "missing_identity");
}

#[test]
fn strict_something_confirmed_that_does_not_come_is_refused() {
    let mut share = confirmed(&["employment", "training"]);
    let request = world().lenient_request(&ALL, at(6));
    let _ = share.connect(request.expectation(), at(6)).unwrap();
    let wallet = world().wallet_of(&["identity", "training"]);
    let refused = receive(&mut share, &request, &wallet).unwrap_err();
    assert_eq!(refused, Refusal::CredentialsMissing { parts: vec!["employment".to_owned()] });
    let _ = share.refuse(&handle(&request), [refused.code()], at(21)).unwrap();
    assert_eq!(share.state(at(21)), State::NotReceived);
}

#[test]
fn f9_lenient_something_that_does_not_come_is_listed_and_blocks_nothing() {
    let mut share = confirmed(&["employment", "training"]);
    let rules = Rules::default().with_completeness(Completeness::Lenient);
    let request = world().lenient_request(&ALL, at(6));
    let _ = share.connect(request.expectation(), at(6)).unwrap();
    let wallet = world().wallet_of(&["identity", "training"]);
    let response = world().answer(&request, &wallet, at(20)).unwrap();
    let taken = share.receive(&response, &handle(&request), &rules, at(20)).unwrap();
    let Arrival::WithGaps(receipt) = taken.arrival else { panic!("employment is missing") };
    let gaps = State::ReceivedWithGaps {
        received: vec!["identity".to_owned(), "training".to_owned()],
        missing: vec!["employment".to_owned()],
    };
    assert_eq!(share.state(at(21)), gaps);
    assert_eq!(code(share.begin_profile(at(22))), "wrong_state");
    let _ = share.accept_gaps(at(23)).unwrap();
    up_to_role(&mut share);
    let _ = share.confirm_role(at(60)).unwrap();
    let verified = share.submit(&receipt, at(61)).unwrap().share;
    assert_eq!(verified.missing(), ["employment"]);
    assert!(verified.flags().contains(&Flag::Gaps));
}

#[test]
fn with_gaps_the_person_may_try_again_or_amend() {
    let rules = Rules::default().with_completeness(Completeness::Lenient);
    let gaps = || {
        let mut share = confirmed(&["training"]);
        let request = world().lenient_request(&["identity", "training"], at(6));
        let _ = share.connect(request.expectation(), at(6)).unwrap();
        let response = world().good_answer(&request, &["identity"], at(20));
        let _ = share.receive(&response, &handle(&request), &rules, at(20)).unwrap();
        share
    };
    let (mut retried, mut amended) = (gaps(), gaps());
    let again = world().lenient_request(&["identity", "training"], at(30));
    let _ = retried.connect(again.expectation(), at(30)).unwrap();
    assert_eq!(retried.person_match(), None);
    let _ = amended.amend(at(30)).unwrap();
    assert_eq!(amended.state(at(30)), State::Selecting);
}

#[test]
fn f9_strict_what_does_not_come_is_recoverable_by_amending() {
    let (mut share, request) = connected(&ALL);
    let moved = share.wallet_error(&handle(&request), at(10)).unwrap();
    assert_eq!(names(&moved.events), ["presentation.rejected"]);
    assert_eq!(share.state(at(10)), State::NotReceived);
    let _ = share.amend(at(11)).unwrap();
    let _ = share.select(&set(&["employment"]), &Rules::default(), at(12)).unwrap();
    let _ = share.confirm(at(13)).unwrap();
    let parts = ["identity", "employment"];
    let second = world().request(&parts, at(14));
    let _ = share.connect(second.expectation(), at(14)).unwrap();
    assert!(receive(&mut share, &second, &world().wallet_of(&parts)).is_ok());
    assert_eq!(share.state(at(21)), State::Received);
}

#[test]
fn two_identities_are_refused_by_the_share_too() {
    // Here the query lets several identities come, as no query of a portal should.
    let mut share = confirmed(&[]);
    let query = CredentialQuery::jwt_vc("identity", "StaffIdentity").with_multiple();
    let request = world().ask(DcqlQuery::new([query]).unwrap(), at(6));
    let _ = share.connect(request.expectation(), at(6)).unwrap();
    let wallet = world().wallet_of(&["identity", "identity"]);
    assert_eq!(code(receive(&mut share, &request, &wallet)), "too_many_presentations");
}

#[test]
fn several_training_credentials_are_taken() {
    let (mut share, request) = connected(&["identity", "training"]);
    let wallet = world().wallet_of(&["identity", "training", "training"]);
    let taken = receive(&mut share, &request, &wallet).unwrap();
    assert_eq!(taken.arrival.into_receipt().unwrap().credentials().len(), 3);
}

#[test]
fn p7_credentials_of_two_persons_are_refused() {
    let (mut share, request) = connected(&["identity", "training"]);
    let mut wallet = world().wallet_of(&["identity"]);
    wallet.push(world().credential(Training, claims_with(Training, "identity_id", ANOTHER.into())));
    assert_eq!(code(receive(&mut share, &request, &wallet)), "mixed_identities");
}

#[test]
fn a_credential_whose_claims_break_a_rule_is_refused() {
    let (mut share, request) = connected(&["identity", "employment"]);
    let mut wallet = world().wallet_of(&["identity"]);
    wallet.push(world().credential(Employment, claims_with(Employment, "start_date", json!(7))));
    let refused = receive(&mut share, &request, &wallet).unwrap_err();
    assert_eq!(refused.code(), "claims_invalid");
    let Refusal::ClaimsInvalid(error) = refused else { panic!("claims are invalid") };
    assert!(error.names("start_date", "not_a_string"), "{error}");
}

#[test]
fn training_that_is_not_achieved_is_refused() {
    let (mut share, request) = connected(&["identity", "training"]);
    let mut wallet = world().wallet_of(&["identity"]);
    let failed = claims_with(Training, "attainment_status", json!("failed"));
    wallet.push(world().credential(Training, failed));
    assert_eq!(code(receive(&mut share, &request, &wallet)), "not_shareable");
}

#[test]
fn a_credential_of_another_kind_than_its_part_is_refused() {
    let mut share = confirmed(&["training"]);
    let identity = CredentialQuery::jwt_vc("identity", "StaffIdentity");
    let parking = CredentialQuery::jwt_vc("training", "StaffParking");
    let request = world().ask(DcqlQuery::new([identity, parking]).unwrap(), at(6));
    let _ = share.connect(request.expectation(), at(6)).unwrap();
    let mut wallet = world().wallet_of(&["identity"]);
    wallet.push(world().credential_of_type("StaffParking", claims(Training)));
    assert_eq!(code(receive(&mut share, &request, &wallet)), "kind_differs");
}

// ---- the person ----

#[test]
fn another_date_of_birth_is_no_match_and_ends_the_session() {
    let (mut share, request) = connected(&["identity"]);
    let wallet =
        [world().credential(Identity, claims_with(Identity, "birthdate", json!("1990-08-10")))];
    let taken = receive(&mut share, &request, &wallet).unwrap();
    assert_eq!(names(&taken.events), ["presentation.verified", "identity.mismatch"]);
    assert!(taken.arrival.into_receipt().is_none(), "nothing is kept of it");
    assert_eq!(share.state(at(21)), State::NotMatched);
    let opened = share.open(session("b"), &Rules::default(), at(22));
    assert_eq!(code(opened), "person_mismatch");
    assert_eq!(code(share.amend(at(22))), "person_mismatch");
    assert!(share.withdraw(at(23)).is_ok(), "the trust may still withdraw");
}

#[test]
fn names_without_a_word_in_common_are_no_match() {
    let (mut share, request) = connected(&["identity"]);
    let mut claims = claims_with(Identity, "family_name", json!("Fenwick"));
    claims.insert("given_name".to_owned(), json!("Morag"));
    let wallet = [world().credential(Identity, claims)];
    let _ = receive(&mut share, &request, &wallet).unwrap();
    assert_eq!(share.state(at(21)), State::NotMatched);
}

/// The date of birth is right, as it is for somebody who knows the invited person's.
#[test]
fn b20_a_name_that_only_looks_like_the_invited_one_is_flagged_and_never_a_match() {
    let names_of = [
        ("Amara Jane", "\u{41E}kafor-Lee", "a Cyrillic capital for the O"),
        ("\u{410}m\u{430}r\u{430}", "\u{41E}k\u{430}f\u{43E}r-L\u{435}\u{435}", "both"),
        ("Amara Jane", "0kafor-Lee", "a digit"),
        ("Amara Jane", "\u{1D40E}kafor-Lee", "a mathematical letter"),
        ("Ama\u{200D}ra Amara", "Okafor-Lee", "a character that is not seen"),
        ("Amara J\u{430}ne", "Okafor-Lee", "two scripts in a further name"),
    ];
    for (given_name, family_name, what) in names_of {
        let (mut share, request) = connected(&["identity"]);
        let mut claims = claims_with(Identity, "family_name", json!(family_name));
        claims.insert("given_name".to_owned(), json!(given_name));
        let _ = receive(&mut share, &request, &[world().credential(Identity, claims)]).unwrap();
        assert_eq!(share.person_match(), Some(PersonMatch::Probable), "{what}");
        assert!(share.flags().contains(&Flag::PersonProbable), "{what}");
    }
}

#[test]
fn a_changed_family_name_is_probable_and_flagged() {
    let (mut share, request) = connected(&["identity"]);
    let wallet =
        [world().credential(Identity, claims_with(Identity, "family_name", json!("Fenwick")))];
    let taken = receive(&mut share, &request, &wallet).unwrap();
    assert_eq!(names(&taken.events), ["presentation.verified", "identity.probable"]);
    let receipt = taken.arrival.into_receipt().unwrap();
    up_to_role(&mut share);
    let _ = share.confirm_role(at(60)).unwrap();
    let verified = share.submit(&receipt, at(61)).unwrap().share;
    assert!(verified.flags().contains(&Flag::PersonProbable));
}

#[test]
fn case_accents_and_hyphens_do_not_matter_for_the_match() {
    let (mut share, request) = connected(&["identity"]);
    let wallet =
        [world().credential(Identity, claims_with(Identity, "family_name", json!("ÓKAFOR LEE")))];
    let taken = receive(&mut share, &request, &wallet).unwrap();
    assert_eq!(names(&taken.events), ["presentation.verified", "identity.match"]);
}

// ---- refused ----

#[test]
fn b4_refused_posts_leave_the_request_open_for_a_good_one() {
    let (mut share, request) = connected(&["identity"]);
    let _ = share.refuse(&handle(&request), ["signature_invalid"], at(10)).unwrap();
    let refused = State::Refused {
        codes: vec!["signature_invalid".to_owned()],
        remedy: Remedy::ContactTrust,
    };
    assert_eq!(share.state(at(10)), refused);
    let wallet = world().wallet_of(&["identity"]);
    assert!(receive(&mut share, &request, &wallet).is_ok());
    assert_eq!(share.state(at(21)), State::Received);
}

#[test]
fn b4_a_flood_of_refused_posts_ends_the_request_and_not_the_share() {
    let (mut share, request) = connected(&["identity"]);
    for second in 10..15 {
        let _ = share.refuse(&handle(&request), ["response_malformed"], at(second)).unwrap();
    }
    let refused = share.refuse(&handle(&request), ["response_malformed"], at(15));
    assert_eq!(code(refused), "too_many_posts");
    let wallet = world().wallet_of(&["identity"]);
    assert_eq!(code(receive(&mut share, &request, &wallet)), "too_many_posts");
    let again = world().request(&["identity"], at(16));
    let _ = share.connect(again.expectation(), at(16)).unwrap();
    assert!(receive(&mut share, &again, &wallet).is_ok());
}

#[test]
fn a_rejection_is_told_with_the_codes_of_its_report() {
    let (mut share, request) = connected(&["identity"]);
    let rejection = world().verify(&request, b"vp_token=rubbish", at(10)).unwrap_err();
    let codes: Vec<_> = rejection.codes().into_iter().map(|c| c.as_str().to_owned()).collect();
    let _ = share.reject(&handle(&request), &rejection, at(10)).unwrap();
    assert_eq!(share.state(at(10)), State::Refused { codes, remedy: Remedy::ContactTrust });
}

#[test]
fn p14_a_wallets_error_is_told_and_ends_nothing() {
    let (mut share, request) = connected(&["identity"]);
    let state = request.expectation().state().unwrap().as_str();
    let body = format!("error=access_denied&state={state}");
    let rejection = world().verify(&request, body.as_bytes(), at(10)).unwrap_err();
    let _ = share.reject(&handle(&request), &rejection, at(10)).unwrap();
    assert_eq!(share.state(at(10)), State::NotReceived);
    assert!(receive(&mut share, &request, &world().wallet_of(&["identity"])).is_ok());
}

#[test]
fn the_remedy_follows_from_the_codes() {
    let remedy = |codes: &[&'static str]| {
        let (mut share, request) = connected(&["identity"]);
        let _ = share.refuse(&handle(&request), codes.iter().copied(), at(10)).unwrap();
        match share.state(at(10)) {
            State::Refused { remedy, .. } => remedy,
            other => panic!("refused, not {other:?}"),
        }
    };
    assert_eq!(remedy(&["revoked"]), Remedy::AskIssuer);
    assert_eq!(remedy(&["expired", "suspended"]), Remedy::AskIssuer);
    assert_eq!(remedy(&["status_unavailable"]), Remedy::TryAgain);
    assert_eq!(remedy(&["issuer_not_trusted"]), Remedy::ContactTrust);
    assert_eq!(remedy(&["revoked", "issuer_not_trusted"]), Remedy::ContactTrust);
    assert_eq!(remedy(&[]), Remedy::ContactTrust);
}

#[test]
fn a_revoked_credential_is_amended_away() {
    let (mut share, request) = connected(&["identity", "employment"]);
    let _ = share.refuse(&handle(&request), ["revoked"], at(10)).unwrap();
    let moved = share.amend(at(11)).unwrap();
    assert_eq!(names(&moved.events), ["request.cancelled"]);
    let wallet = world().wallet_of(&["identity", "employment"]);
    assert_eq!(code(receive(&mut share, &request, &wallet)), "request_cancelled");
}

#[test]
fn a_lifetime_of_ten_minutes_is_more_than_a_share_takes() {
    let mut share = confirmed(&[]);
    let request = world().request(&["identity"], at(6));
    let own = request.expectation();
    let until = own.created_at() + Duration::from_secs(600);
    let long = Expectation::builder(own.client_id(), "nonce", own.created_at(), until)
        .query(own.query().cloned().unwrap())
        .tenant(TENANT)
        .response_address("https://portal.example/response", HandleDigest::from_bytes([2; 32]));
    assert_eq!(code(share.connect(&long.build().unwrap(), at(6))), "request_too_long");
}
