//! What is stored of a verification: it opens for its own share only, and submits like the receipt.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    dead_code,
    unreachable_pub,
    reason = "tests"
)]

mod common;

use common::*;
use proptest::prelude::*;
use staffpass_share::*;

fn keys() -> SealingKeys {
    SealingKeys::new(1, [1; 32])
}

/// A share that is ready, its receipt, and the sealed record of that.
fn ready(parts: &[&str]) -> (Share, Receipt, SealedRecord) {
    let (mut share, receipt) = received(parts);
    let record = receipt.record(&keys(), at(20), &mut rand::rng()).unwrap();
    up_to_role(&mut share);
    let _ = share.confirm_role(at(60)).unwrap();
    (share, receipt, record)
}

#[test]
fn a_recorded_receipt_submits_as_the_receipt_does() {
    let (share, receipt, record) = ready(&["identity", "employment", "training"]);
    let opened = record.open_receipt(&keys(), &share).unwrap();
    assert_eq!(opened.recorded_at(), at(20));
    assert_eq!(opened.received_at(), receipt.received_at());
    assert_eq!(*opened.report(), serde_json::to_value(receipt.report()).unwrap());

    let (mut here, mut there) = (share.clone(), share);
    let verified = here.submit(&receipt, at(61)).unwrap();
    let recorded = there.submit_recorded(&opened, at(61)).unwrap();
    assert_eq!(verified.events, recorded.events);
    assert_eq!(stored(&here), stored(&there));
    let (verified, recorded) = (verified.share, recorded.share);
    assert_eq!(verified.email(), recorded.email());
    assert_eq!(verified.credentials().len(), 3);
    for (live, kept) in verified.credentials().iter().zip(recorded.credentials()) {
        assert_eq!(live.credential(), kept.credential());
        assert_eq!((live.issuer(), live.part()), (kept.issuer(), kept.part()));
        assert_eq!((live.issued_at(), live.expires_at()), (kept.issued_at(), kept.expires_at()));
    }
}

#[test]
fn a_submitted_share_opens_from_its_record() {
    let (mut share, receipt, _) = ready(&["identity"]);
    let submitted = share.submit(&receipt, at(61)).unwrap().share;
    let record = submitted.record(&keys(), at(62), &mut rand::rng()).unwrap();
    let opened = record.open_share(&keys(), &share).unwrap();
    assert_eq!(opened.submitted_at(), at(61));
    assert_eq!(opened.recorded_at(), at(62));
    assert_eq!(opened.mobile(), submitted.mobile());
    assert_eq!(opened.flags(), submitted.flags());
    assert!(opened.notices().iter().eq(submitted.notices().iter()));
    let again = opened.record(&keys(), &mut rand::rng()).unwrap();
    assert_eq!(again.open_share(&keys(), &share).unwrap().recorded_at(), at(62));
}

#[test]
fn b22_a_record_does_not_open_for_another_share_or_tenant() {
    let (share, _, record) = ready(&["identity"]);
    for (member, value) in [("reference", "invitation-2"), ("tenant", "eastmoor")] {
        let mut json = stored(&share);
        json["invitation"][member] = value.into();
        let other: Share = serde_json::from_value(json).unwrap();
        let error = record.open_receipt(&keys(), &other).unwrap_err();
        assert_eq!(error.code(), "sealed_does_not_open", "{member}");
    }
}

#[test]
fn b22_a_record_of_an_earlier_request_does_not_open_after_another() {
    let (mut share, receipt) = received(&["identity"]);
    let old = receipt.record(&keys(), at(20), &mut rand::rng()).unwrap();
    // The person opens the invitation again, and shares again.
    let _ = share.open(session("another"), &Rules::default(), at(21)).unwrap();
    assert_eq!(old.open_receipt(&keys(), &share).unwrap_err(), RecordError::NothingAccepted);
    let _ = share.registered_before(at(22)).unwrap();
    let _ = share.start(notices(), at(23)).unwrap();
    let _ = share.select(&set(&["identity"]), &Rules::default(), at(24)).unwrap();
    let _ = share.confirm(at(25)).unwrap();
    let request = world().request(&["identity"], at(26));
    let _ = share.connect(request.expectation(), at(26)).unwrap();
    let response = world().good_answer(&request, &["identity"], at(27));
    let _ = share.receive(&response, &handle(&request), &Rules::default(), at(27)).unwrap();
    let error = old.open_receipt(&keys(), &share).unwrap_err();
    assert_eq!(error.code(), "sealed_does_not_open");
}

#[test]
fn b22_a_receipt_is_not_taken_for_a_share() {
    let (mut share, receipt, record) = ready(&["identity"]);
    assert_eq!(record.open_share(&keys(), &share).unwrap_err(), RecordError::NotSubmitted);
    let _ = share.submit(&receipt, at(61)).unwrap();
    let error = record.open_share(&keys(), &share).unwrap_err();
    assert_eq!(error.code(), "sealed_does_not_open");
}

#[test]
fn a_record_outlives_a_change_of_keys() {
    let (share, _, record) = ready(&["identity"]);
    let both = SealingKeys::new(2, [2; 32]).with_older(1, [1; 32]);
    let renewed = record.reseal(&both, &share, &mut rand::rng()).unwrap();
    assert!(both.is_current(renewed.as_bytes()) && !both.is_current(record.as_bytes()));
    let new = SealingKeys::new(2, [2; 32]);
    assert!(renewed.open_receipt(&new, &share).is_ok());
    let error = record.open_receipt(&new, &share).unwrap_err();
    assert_eq!(error.code(), "sealed_key_unknown");
}

#[test]
fn b24_a_new_epoch_ends_the_session_its_request_and_its_codes() {
    let (mut share, rules) = (confirmed(&["identity"]), Rules::default());
    let request = world().request(&["identity"], at(6));
    let _ = share.connect(request.expectation(), at(6)).unwrap();
    let moved = share.enter_epoch(1, at(7)).unwrap();
    assert_eq!(names(&moved.events), ["epoch.entered"]);
    assert_eq!(share.state(at(7)), State::Invited);
    let response = world().good_answer(&request, &["identity"], at(8));
    let refused = share.receive(&response, &handle(&request), &rules, at(8)).unwrap_err();
    assert_eq!(refused.code(), "wrong_state");
    let _ = share.open(session("again"), &rules, at(9)).unwrap();
    let refused = share.receive(&response, &handle(&request), &rules, at(9)).unwrap_err();
    assert_eq!(refused.code(), "request_superseded");
}

#[test]
fn b24_a_code_of_an_older_epoch_confirms_nothing() {
    let (mut share, _) = received(&["identity"]);
    let _ = share.begin_profile(at(30)).unwrap();
    let email = share.email().clone();
    let _ = share.enter_email(email, at(31)).unwrap();
    let rules = Rules::default();
    let channel = staffpass_otp::Channel::Email;
    let sent = share.send_code(channel, &key(), &rules, &mut rand::rng(), at(32)).unwrap();
    // The store takes the share as it is, in an epoch that it had not seen: only the code is bound.
    let mut json = stored(&share);
    json["epoch"] = 3.into();
    let mut restored: Share = serde_json::from_value(json).unwrap();
    let verdict = try_code(&mut restored, channel, sent.code.reveal(), at(33)).unwrap();
    assert_eq!(verdict.code(), "otp_wrong");
}

#[test]
fn an_epoch_leaves_what_is_submitted_alone() {
    let (mut share, receipt, _) = ready(&["identity"]);
    let _ = share.submit(&receipt, at(61)).unwrap();
    assert_eq!(share.enter_epoch(1, at(62)).unwrap_err().code(), "already_submitted");
    assert_eq!(share.state(at(62)), State::Submitted);
}

#[test]
fn answers_are_forgotten_and_wrong_codes_are_not() {
    let (mut share, _) = received(&["identity", "training"]);
    let _ = share.begin_profile(at(30)).unwrap();
    let _ = share.enter_email(EmailAddress::parse("a@b.example").unwrap(), at(31)).unwrap();
    let (rules, channel) = (Rules::default(), staffpass_otp::Channel::Email);
    let _sent = share.send_code(channel, &key(), &rules, &mut rand::rng(), at(32)).unwrap();
    let _ = share.count_code(channel, at(33)).unwrap();
    let moved = share.forget_answers(at(24 * 3600)).unwrap();
    assert_eq!(names(&moved.events), ["answers.forgotten"]);
    let json = stored(&share);
    assert!(!json.to_string().contains("a@b.example"));
    assert_eq!(json["email"]["codes"]["counter"]["total"], 1);
    assert_eq!(share.selection().collect::<Vec<_>>(), ["identity"]);
    assert_eq!(share.state(at(24 * 3600)), State::Invited);
}

#[test]
fn b9_what_is_sealed_does_not_print_itself() {
    let (share, receipt, record) = ready(&["identity"]);
    let opened = record.open_receipt(&keys(), &share).unwrap();
    let printed = format!("{record:?} {opened:?} {receipt:?} {:?}", keys());
    assert!(!printed.contains("Okafor") && !printed.contains("1991"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_changed_byte_opens(
        text in proptest::collection::vec(any::<u8>(), 0..64),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u32,
    ) {
        let place = [&b"tenant"[..], b"row"];
        let mut sealed = keys().seal(&text, &place, &mut rand::rng()).unwrap();
        prop_assert_eq!(&*keys().open(&sealed, &place).unwrap(), &text);
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(keys().open(&sealed, &place).is_err());
    }

    #[test]
    fn no_other_place_opens(a in "[ab]{0,3}", b in "[ab]{0,3}", c in "[ab]{0,3}", d in "[ab]{0,3}") {
        let sealed = keys().seal(b"text", &[a.as_bytes(), b.as_bytes()], &mut rand::rng()).unwrap();
        let opened = keys().open(&sealed, &[c.as_bytes(), d.as_bytes()]).is_ok();
        prop_assert_eq!(opened, (a, b) == (c, d));
    }
}

#[test]
fn sealing_the_same_twice_gives_different_bytes() {
    let seal = || keys().seal(b"text", &[b"place"], &mut rand::rng()).unwrap();
    assert_ne!(seal(), seal());
    assert_eq!(keys().open(b"", &[]).unwrap_err().code(), "sealed_malformed");
    assert_eq!(keys().open(&[2; 64], &[]).unwrap_err().code(), "sealed_malformed");
}
