//! The journey from invitation to submitted, and each step out of its place.
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

use chrono::TimeDelta;
use common::*;
use staffpass_credentials::{CredentialKind, StaffCredential};
use staffpass_disclosure::{Catalogue, CatalogueEntry, CredentialSet, PartId};
use staffpass_share::*;

const ALL: [&str; 3] = ["identity", "employment", "training"];

#[test]
fn the_whole_journey_ends_with_a_verified_share() {
    let (mut share, rules) = (share(), Rules::default());
    assert_eq!(share.state(at(0)), State::Invited);
    let moved = share.open(session("browser"), &rules, at(1)).unwrap();
    assert_eq!(names(&moved.events), ["invitation.opened"]);
    assert_eq!(share.state(at(1)), State::RegisteredBefore);
    let _ = share.registered_before(at(2)).unwrap();
    assert_eq!(share.state(at(2)), State::Notices);
    let moved = share.start(notices(), at(3)).unwrap();
    assert_eq!(names(&moved.events), ["terms.shown"]);
    assert_eq!(share.state(at(3)), State::Selecting);
    let _ = share.select(&set(&["training", "employment"]), &rules, at(4)).unwrap();
    assert_eq!(share.state(at(4)), State::Confirming);
    let moved = share.confirm(at(5)).unwrap();
    assert_eq!(names(&moved.events), ["selection.confirmed"]);
    assert_eq!(share.state(at(5)), State::Confirmed);

    let request = world().request(&ALL, at(6));
    let moved = share.connect(request.expectation(), at(6)).unwrap();
    assert_eq!(names(&moved.events), ["request.created"]);
    let expires_at = request.expectation().expires_at();
    let connecting = State::Connecting { request: handle(&request), expires_at, attempt: 1 };
    assert_eq!(share.state(at(7)), connecting);

    let version = share.version();
    let retrieved = share.retrieved(&handle(&request), at(8)).unwrap();
    assert_eq!(share.version(), version);
    let scanned = State::Scanned { request: handle(&request), expires_at };
    assert_eq!(share.state_with(Some(&retrieved.scanned), at(9)), scanned);

    let response = world().good_answer(&request, &ALL, at(20));
    let taken = share.receive(&response, &handle(&request), &rules, at(20)).unwrap();
    assert_eq!(names(&taken.events), ["presentation.verified", "identity.match"]);
    let Arrival::Complete(receipt) = taken.arrival else { panic!("all came") };
    assert_eq!(share.state(at(21)), State::Received);
    assert_eq!(share.person_match(), Some(PersonMatch::Match));

    up_to_role(&mut share);
    assert_eq!(share.state(at(51)), State::Role);
    let _ = share.confirm_role(at(52)).unwrap();
    assert_eq!(share.state(at(52)), State::Ready);
    let submitted = share.submit(&receipt, at(53)).unwrap();
    assert_eq!(names(&submitted.events), ["submission.received"]);
    assert_eq!(share.state(at(54)), State::Submitted);

    let verified = submitted.share;
    let kinds: Vec<_> = verified.credentials().iter().map(SharedCredential::kind).collect();
    assert_eq!(kinds, CredentialKind::ALL);
    assert!(verified.credentials().iter().all(|c| c.issuer().starts_with("did:jwk:")));
    let StaffCredential::Identity(identity) = verified.credentials()[0].credential() else {
        panic!("identity is first")
    };
    assert_eq!(identity.family_name, "Okafor-Lee");
    assert!(verified.flags().is_empty());
    assert!(verified.report().accepted());
    assert_eq!(verified.email().as_str(), "amara@hospital.example");
    assert_eq!(verified.notices().iter().next(), Some(("privacy_notice", "3")));
    assert_eq!((verified.received_at(), verified.submitted_at()), (at(20), at(53)));
}

#[test]
fn identity_alone_may_be_shared() {
    let (mut share, receipt) = received(&["identity"]);
    up_to_role(&mut share);
    let _ = share.confirm_role(at(60)).unwrap();
    assert_eq!(share.submit(&receipt, at(61)).unwrap().share.credentials().len(), 1);
}

#[test]
fn submitting_twice_is_refused() {
    let (mut share, receipt) = received(&ALL);
    up_to_role(&mut share);
    let _ = share.confirm_role(at(60)).unwrap();
    let _ = share.submit(&receipt, at(61)).unwrap();
    let stored_before = stored(&share);
    assert_eq!(share.submit(&receipt, at(62)).unwrap_err().code(), "already_submitted");
    assert_eq!(
        share.open(session("b"), &Rules::default(), at(63)).unwrap_err().code(),
        "already_submitted"
    );
    assert_eq!(share.withdraw(at(64)).unwrap_err().code(), "already_submitted");
    assert_eq!(stored(&share), stored_before);
}

#[test]
fn a_receipt_of_another_share_is_refused() {
    let (mut share, _) = received(&ALL);
    let (_, other) = received(&ALL);
    up_to_role(&mut share);
    let _ = share.confirm_role(at(60)).unwrap();
    assert_eq!(share.submit(&other, at(61)).unwrap_err().code(), "receipt_of_another");
    assert_eq!(share.state(at(61)), State::Ready);
}

#[test]
fn b22_a_receipt_of_another_invitation_or_tenant_is_refused() {
    let (share, receipt) = received(&["identity"]);
    for (pointer, value) in [("tenant", "eastmoor"), ("reference", "invitation-2")] {
        let mut json = stored(&share);
        json["invitation"][pointer] = value.into();
        let mut moved: Share = serde_json::from_value(json).unwrap();
        up_to_role(&mut moved);
        let _ = moved.confirm_role(at(60)).unwrap();
        assert_eq!(moved.submit(&receipt, at(61)).unwrap_err().code(), "receipt_of_another");
    }
}

#[test]
fn a_share_survives_storage_and_holds_no_claim() {
    let (mut share, receipt) = received(&ALL);
    let json = serde_json::to_string(&share).unwrap();
    for claim in [PERSON, "Registrar", "Fire", "Z9Z9Z", "did:jwk"] {
        assert!(!json.contains(claim), "the share stores a claim");
    }
    up_to_role(&mut share);
    let mut share: Share = serde_json::from_value(stored(&share)).unwrap();
    let _ = share.confirm_role(at(60)).unwrap();
    assert!(share.submit(&receipt, at(61)).is_ok());
}

#[test]
fn debug_prints_nothing_personal() {
    let (mut share, receipt) = received(&ALL);
    up_to_role(&mut share);
    let _ = share.confirm_role(at(60)).unwrap();
    let submitted = share.submit(&receipt, at(61)).unwrap();
    let parts = (share.email(), share.mobile(), share.invitation().role());
    let printed = format!("{share:?} {submitted:?} {receipt:?} {parts:?}");
    for personal in ["amara", "Amara", "Okafor", "07700", "1991", PERSON, "medical", "Consultant"] {
        assert!(!printed.contains(personal), "Debug prints a personal value");
    }
}

#[test]
fn steps_out_of_their_place_are_refused() {
    let (mut share, rules) = (share(), Rules::default());
    let wrong =
        |result: Result<Moved, Refusal>| assert_eq!(result.unwrap_err().code(), "wrong_state");
    wrong(share.registered_before(at(1)));
    wrong(share.start(notices(), at(1)));
    let _ = share.open(session("browser"), &rules, at(2)).unwrap();
    wrong(share.start(notices(), at(3)));
    wrong(share.select(&set(&[]), &rules, at(3)));
    wrong(share.confirm(at(3)));
    wrong(share.amend(at(3)));
    wrong(share.cancel(at(3)));
    wrong(share.begin_profile(at(3)));
    wrong(share.confirm_role(at(3)));
    let request = world().request(&["identity"], at(3));
    wrong(share.connect(request.expectation(), at(3)));
    assert_eq!(share.version(), 1);
}

#[test]
fn the_refusal_names_action_and_state() {
    let refusal = confirmed(&[]).begin_profile(at(6)).unwrap_err();
    let named = Refusal::WrongState { action: "begin_profile", state: "confirmed" };
    assert_eq!(refusal, named);
}

#[test]
fn first_time_leads_elsewhere_and_back() {
    let mut share = share();
    let _ = share.open(session("browser"), &Rules::default(), at(1)).unwrap();
    let _ = share.first_time(at(2)).unwrap();
    assert_eq!(share.state(at(2)), State::FirstTime);
    assert_eq!(share.start(notices(), at(3)).unwrap_err().code(), "wrong_state");
    let _ = share.registered_before(at(4)).unwrap();
    assert_eq!(share.state(at(4)), State::Notices);
}

#[test]
fn notices_without_a_version_are_refused() {
    assert_eq!(Notices::new([]).unwrap_err().code(), "notices_missing");
    assert_eq!(Notices::new([("privacy_notice", "")]).unwrap_err().code(), "notices_missing");
}

#[test]
fn an_unknown_credential_is_refused() {
    let mut share = share();
    let _ = share.open(session("browser"), &Rules::default(), at(1)).unwrap();
    let _ = share.registered_before(at(2)).unwrap();
    let _ = share.start(notices(), at(3)).unwrap();
    let entry = |id: &str| CatalogueEntry::new(PartId::parse(id).unwrap(), "Type", "Label");
    let other = Catalogue::new([entry("identity").mandatory(), entry("parking")]).unwrap();
    let parking = CredentialSet::with_chosen(&other, ["parking"]).unwrap();
    let refused = share.select(&parking, &Rules::default(), at(4));
    assert_eq!(refused.unwrap_err().code(), "unknown_credential");
    assert_eq!(share.state(at(4)), State::Selecting);
}

#[test]
fn identity_is_always_selected_and_ticks_are_kept() {
    let mut share = confirmed(&["training"]);
    assert_eq!(share.selection().collect::<Vec<_>>(), ["identity", "training"]);
    let _ = share.amend(at(6)).unwrap();
    assert_eq!(share.state(at(6)), State::Selecting);
    assert_eq!(share.selection().collect::<Vec<_>>(), ["identity", "training"]);
}

#[test]
fn an_expired_invitation_is_refused() {
    let late = at(14 * 24 * 3600);
    let mut share = share();
    assert_eq!(share.state(late), State::InvitationExpired);
    let refused = share.open(session("browser"), &Rules::default(), late);
    assert_eq!(refused.unwrap_err().code(), "invitation_expired");
}

#[test]
fn a_withdrawn_invitation_is_refused() {
    let mut share = confirmed(&[]);
    let request = world().request(&["identity"], at(6));
    let _ = share.connect(request.expectation(), at(6)).unwrap();
    let moved = share.withdraw(at(7)).unwrap();
    assert_eq!(names(&moved.events), ["invitation.withdrawn"]);
    assert_eq!(share.state(at(8)), State::InvitationWithdrawn);
    assert_eq!(share.amend(at(8)).unwrap_err().code(), "invitation_withdrawn");
    let response = world().good_answer(&request, &["identity"], at(8));
    let refused = share.receive(&response, &handle(&request), &Rules::default(), at(8));
    assert_eq!(refused.unwrap_err().code(), "invitation_withdrawn");
}

#[test]
fn an_idle_session_times_out_and_the_invitation_opens_another() {
    let mut share = confirmed(&["training"]);
    let idle = 5 + 20 * 60;
    assert_eq!(share.state(at(idle - 1)), State::Confirmed);
    assert_eq!(share.state(at(idle)), State::TimedOut);
    assert_eq!(share.amend(at(idle)).unwrap_err().code(), "session_timed_out");
    let _ = share.open(session("browser-2"), &Rules::default(), at(idle + 1)).unwrap();
    assert_eq!(share.state(at(idle + 1)), State::RegisteredBefore);
    assert!(share.selection().any(|part| part == "training"), "what was ticked stays");
}

#[test]
fn a_session_is_extended_but_not_beyond_its_length() {
    let (mut share, rules) = (
        share(),
        Rules::default().with_session_limits(TimeDelta::minutes(20), TimeDelta::minutes(30)),
    );
    let _ = share.open(session("browser"), &rules, at(0)).unwrap();
    let _ = share.extend(at(19 * 60)).unwrap();
    assert_eq!(share.session_ends_at(), Some(at(30 * 60)));
    assert_eq!(share.extend(at(30 * 60)).unwrap_err().code(), "session_timed_out");
}

#[test]
fn f6_a_second_browser_takes_the_share_and_the_first_is_told() {
    let mut share = confirmed(&[]);
    assert!(share.check_session(&session("browser")).is_ok());
    let moved = share.open(session("other"), &Rules::default(), at(6)).unwrap();
    assert_eq!(names(&moved.events), ["session.superseded", "invitation.opened"]);
    assert!(share.check_session(&session("other")).is_ok());
    let refused = share.check_session(&session("browser"));
    assert_eq!(refused.unwrap_err().code(), "started_elsewhere");
}

#[test]
fn f4_what_one_session_received_is_not_the_next_ones() {
    let (mut share, receipt) = received(&["identity"]);
    up_to_role(&mut share);
    let _ = share.confirm_role(at(60)).unwrap();
    let _ = share.open(session("other"), &Rules::default(), at(61)).unwrap();
    assert_eq!(share.state(at(61)), State::RegisteredBefore);
    assert_eq!(share.person_match(), None);
    assert_eq!(share.submit(&receipt, at(62)).unwrap_err().code(), "wrong_state");
}

#[test]
fn a_rotated_session_goes_on_under_its_new_secret_only() {
    let mut share = confirmed(&[]);
    let refused = share.rotate_session(&session("thief"), session("new"), at(6));
    assert_eq!(refused.unwrap_err().code(), "started_elsewhere");
    let _ = share.rotate_session(&session("browser"), session("new"), at(7)).unwrap();
    assert!(share.check_session(&session("new")).is_ok());
    assert!(share.check_session(&session("browser")).is_err());
    assert_eq!(share.state(at(7)), State::Confirmed);
}

#[test]
fn t12_clock_goes_back_and_is_raised() {
    let mut share = confirmed(&[]);
    let moved = share.amend(at(-60)).unwrap();
    let seconds = 65;
    assert_eq!(moved.events[0].event, AuditEvent::ClockWentBack { seconds });
    assert!(moved.events.iter().all(|entry| entry.at == at(5)));
}

#[test]
fn t12_clock_goes_back_and_no_expired_request_lives_again() {
    let mut share = confirmed(&[]);
    let request = world().request(&["identity"], at(6));
    let _ = share.connect(request.expectation(), at(6)).unwrap();
    let response = world().good_answer(&request, &["identity"], at(7));
    let _ = share.extend(at(6 + 300)).unwrap();
    assert_eq!(share.state(at(7)), State::RequestExpired { attempt: 1 });
    let refused = share.receive(&response, &handle(&request), &Rules::default(), at(7));
    assert_eq!(refused.unwrap_err().code(), "request_expired");
}
