//! Email, mobile and role.
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

use common::*;
use staffpass_otp::{Channel, KeyedIn, Verdict};
use staffpass_share::*;

/// At the email page.
fn at_email() -> (Share, Receipt) {
    let (mut share, receipt) = received(&["identity"]);
    let _ = share.begin_profile(at(30)).unwrap();
    (share, receipt)
}

/// At the email code page, with a code that was sent.
fn at_email_code() -> (Share, CodeToSend) {
    let (mut share, _) = at_email();
    let email = share.email().clone();
    let _ = share.enter_email(email, at(31)).unwrap();
    let sent = send(&mut share, Channel::Email, 32).unwrap();
    (share, sent)
}

fn at_role() -> (Share, Receipt) {
    let (mut share, receipt) = received(&["identity"]);
    up_to_role(&mut share);
    (share, receipt)
}

fn send(share: &mut Share, channel: Channel, second: i64) -> Result<CodeToSend, Refusal> {
    share.send_code(channel, &key(), &Rules::default(), &mut rand::rng(), at(second))
}

/// A code that is not this one.
fn wrong(code: &CodeToSend) -> &'static str {
    if code.code.reveal() == "000000" { "000001" } else { "000000" }
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

#[test]
fn the_invited_addresses_prefill_the_profile() {
    let (share, _) = at_email();
    assert_eq!(share.email().as_str(), "amara@hospital.example");
    assert_eq!(share.mobile().unwrap().as_str(), "07700 900123");
}

#[test]
fn a_code_goes_to_the_address_and_a_wrong_one_is_counted() {
    let (mut share, sent) = at_email_code();
    assert_eq!(sent.address, "amara@hospital.example");
    assert_eq!(names(&sent.events), ["otp.sent"]);
    assert_eq!(sent.expires_at, at(32 + 300));
    let verdict = try_code(&mut share, Channel::Email, wrong(&sent), at(33)).unwrap();
    assert_eq!(verdict, Verdict::Wrong { left: 4 });
    assert_eq!(share.state(at(33)), State::EmailCode);
    let verdict = try_code(&mut share, Channel::Email, sent.code.reveal(), at(34)).unwrap();
    assert_eq!(verdict, Verdict::Confirmed);
    assert_eq!(share.state(at(34)), State::Mobile);
}

#[test]
fn b7_an_attempt_is_counted_and_stored_before_it_is_judged() {
    let (mut share, sent) = at_email_code();
    let (before, version) = (stored(&share), share.version());
    let _ = share.count_code(Channel::Email, at(33)).unwrap();
    assert_eq!(share.version(), version + 1);
    let after = stored(&share);
    assert_ne!(before["email"]["codes"], after["email"]["codes"]);
    // The process died here; the attempt stays counted.
    let mut restored: Share = serde_json::from_value(after).unwrap();
    let verdict = try_code(&mut restored, Channel::Email, wrong(&sent), at(34)).unwrap();
    assert_eq!(verdict, Verdict::Wrong { left: 3 });
}

#[test]
fn b7_a_code_is_good_once() {
    let (mut share, sent) = at_email_code();
    let code = sent.code.reveal();
    let _ = try_code(&mut share, Channel::Email, code, at(33)).unwrap();
    let again = try_code(&mut share, Channel::Email, code, at(34));
    assert_eq!(again.unwrap_err().code(), "wrong_state");
}

#[test]
fn b7_five_wrong_tries_end_the_codes_and_ten_close_the_channel() {
    let (mut share, mut sent) = at_email_code();
    let mut last = None;
    for n in 0..10 {
        if n == 5 {
            let ended = share.count_code(Channel::Email, at(40));
            assert_eq!(ended.unwrap_err().code(), "otp_codes_ended");
            sent = send(&mut share, Channel::Email, 40).unwrap();
        }
        last = Some(try_code(&mut share, Channel::Email, wrong(&sent), at(41)).unwrap());
    }
    assert_eq!(last.unwrap().code(), "otp_locked");
    assert_eq!(share.state(at(42)), State::CodesLocked { channel: Channel::Email });
    assert_eq!(send(&mut share, Channel::Email, 42).unwrap_err().code(), "otp_locked");
    // Another address does not help, and nor does another session.
    let _ = share.change_contact(Channel::Email, at(43)).unwrap();
    let _ = share.enter_email(email("other@hospital.example"), at(44)).unwrap();
    assert_eq!(send(&mut share, Channel::Email, 45).unwrap_err().code(), "otp_locked");
}

#[test]
fn f5_counters_do_not_fall_when_the_invitation_is_opened_again() {
    let (mut share, sent) = at_email_code();
    let _ = try_code(&mut share, Channel::Email, wrong(&sent), at(33)).unwrap();
    let before = stored(&share)["email"]["codes"]["counter"].clone();
    let _ = share.open(session("other"), &Rules::default(), at(34)).unwrap();
    assert_eq!(stored(&share)["email"]["codes"]["counter"], before);
    assert_ne!(before, serde_json::json!(null));
}

#[test]
fn what_was_confirmed_is_not_when_the_invitation_is_opened_again() {
    let (mut share, _) = at_role();
    assert_ne!(stored(&share)["email"]["confirmed_at"], serde_json::Value::Null);
    let _ = share.open(session("other"), &Rules::default(), at(60)).unwrap();
    for channel in ["email", "mobile"] {
        assert_eq!(stored(&share)[channel]["confirmed_at"], serde_json::Value::Null);
    }
    assert_eq!(share.email().as_str(), "amara@hospital.example", "what was typed stays");
}

#[test]
fn b8_a_code_for_one_address_does_not_confirm_another() {
    let (mut share, sent) = at_email_code();
    let _ = share.change_contact(Channel::Email, at(33)).unwrap();
    assert_eq!(share.state(at(33)), State::Email);
    let _ = share.enter_email(email("amara.new@mail.example"), at(34)).unwrap();
    let void = try_code(&mut share, Channel::Email, sent.code.reveal(), at(35));
    assert_eq!(void.unwrap_err().code(), "otp_no_live_code");
    let second = send(&mut share, Channel::Email, 36).unwrap();
    assert_eq!(second.address, "amara.new@mail.example");
    if second.code.reveal() != sent.code.reveal() {
        let verdict = try_code(&mut share, Channel::Email, sent.code.reveal(), at(37)).unwrap();
        assert_eq!(verdict, Verdict::Wrong { left: 4 });
    }
}

#[test]
fn b8_a_code_of_one_share_does_not_confirm_in_another() {
    let (share, sent) = at_email_code();
    let mut json = stored(&share);
    json["invitation"]["reference"] = "invitation-2".into();
    let mut other: Share = serde_json::from_value(json).unwrap();
    let verdict = try_code(&mut other, Channel::Email, sent.code.reveal(), at(33)).unwrap();
    assert_eq!(verdict, Verdict::Wrong { left: 4 });
}

#[test]
fn b8_a_counted_attempt_is_judged_for_its_channel_only() {
    let (mut share, sent) = at_email_code();
    let counted = share.count_code(Channel::Email, at(33)).unwrap();
    let keyed_in = KeyedIn::parse(sent.code.reveal()).unwrap();
    let judged = share.judge_code(Channel::Mobile, counted.attempt, &keyed_in, &key(), at(33));
    assert_eq!(judged.unwrap_err().code(), "wrong_state");
}

#[test]
fn an_expired_code_is_refused_and_another_helps() {
    let (mut share, sent) = at_email_code();
    let expired = try_code(&mut share, Channel::Email, sent.code.reveal(), at(332));
    assert_eq!(expired.unwrap_err().code(), "otp_expired");
    confirm(&mut share, Channel::Email, at(340));
    assert_eq!(share.state(at(340)), State::Mobile);
}

#[test]
fn a_changed_email_is_flagged() {
    let (mut share, receipt) = at_email();
    let moved = share.enter_email(email("amara@elsewhere.example"), at(31)).unwrap();
    assert_eq!(names(&moved.events), ["contact.changed"]);
    confirm(&mut share, Channel::Email, at(32));
    let mobile = share.mobile().unwrap().clone();
    let _ = share.enter_mobile(mobile, at(33)).unwrap();
    confirm(&mut share, Channel::Mobile, at(34));
    let _ = share.confirm_role(at(35)).unwrap();
    let verified = share.submit(&receipt, at(36)).unwrap().share;
    assert_eq!(verified.flags().iter().collect::<Vec<_>>(), [&Flag::EmailChanged]);
    assert_eq!(verified.email().as_str(), "amara@elsewhere.example");
}

#[test]
fn a_changed_mobile_is_flagged_and_the_same_digits_are_not() {
    let (mut share, _) = at_email();
    let invited = share.email().clone();
    let _ = share.enter_email(invited, at(31)).unwrap();
    confirm(&mut share, Channel::Email, at(32));
    let _ = share.no_mobile(at(33)).unwrap();
    assert_eq!(share.state(at(33)), State::NoMobile);
    let _ = share.enter_mobile(MobileNumber::parse("(07700) 900-123").unwrap(), at(34)).unwrap();
    assert!(share.flags().is_empty());
    let _ = share.change_contact(Channel::Mobile, at(35)).unwrap();
    let _ = share.enter_mobile(MobileNumber::parse("07700 900999").unwrap(), at(36)).unwrap();
    assert!(share.flags().contains(&Flag::MobileChanged));
}

#[test]
fn f2_without_two_confirmed_channels_nothing_is_submitted() {
    let (mut share, receipt) = at_email();
    assert_eq!(share.confirm_role(at(31)).unwrap_err().code(), "wrong_state");
    assert_eq!(share.submit(&receipt, at(31)).unwrap_err().code(), "wrong_state");
    // A row that says otherwise is not believed.
    let (mut ready, receipt) = at_role();
    let _ = ready.confirm_role(at(60)).unwrap();
    for (pointer, code) in [
        ("/email/confirmed_at", "wrong_state"),
        ("/mobile/confirmed_at", "wrong_state"),
        ("/notices", "notices_missing"),
        ("/accepted", "receipt_of_another"),
    ] {
        let mut json = stored(&ready);
        *json.pointer_mut(pointer).unwrap() = serde_json::Value::Null;
        let mut forged: Share = serde_json::from_value(json).unwrap();
        assert_eq!(forged.submit(&receipt, at(61)).unwrap_err().code(), code);
    }
}

#[test]
fn a_disputed_role_stops_where_the_trust_says_so() {
    let (mut share, _) = at_role();
    let moved = share.role_incorrect(at(60)).unwrap();
    assert_eq!(names(&moved.events), ["role.disputed"]);
    assert_eq!(share.state(at(60)), State::RoleDisputed);
    let refused = share.continue_with_disputed_role(&Rules::default(), at(61));
    assert_eq!(refused.unwrap_err().code(), "role_not_settled");
    let _ = share.hold(at(62)).unwrap();
    assert_eq!(share.state(at(62)), State::OnHold);
    let _ = share.resume(at(63)).unwrap();
    let _ = share.confirm_role(at(64)).unwrap();
    assert!(share.flags().is_empty(), "it is settled");
}

#[test]
fn a_disputed_role_is_flagged_where_the_trust_lets_people_go_on() {
    let (mut share, receipt) = at_role();
    let rules = Rules::default().with_role_dispute(RoleDispute::ContinueAllowed);
    let _ = share.role_incorrect(at(60)).unwrap();
    let _ = share.continue_with_disputed_role(&rules, at(61)).unwrap();
    let verified = share.submit(&receipt, at(62)).unwrap().share;
    assert_eq!(verified.flags().iter().collect::<Vec<_>>(), [&Flag::RoleDisputed]);
}

#[test]
fn malformed_addresses_are_refused() {
    for text in [
        "",
        "amara",
        "@x.example",
        "a@b",
        "a b@x.example",
        "a@x..example",
        "a@.example",
        "a..b@x.example",
        "a@@x.example",
        "a,b@x.example",
        "<a@x.example>",
        "a\u{202e}b@x.example",
        "a@x.exa\u{202e}mple",
        "a\u{7}@x.example",
    ] {
        assert_eq!(EmailAddress::parse(text).unwrap_err().code(), "email_form", "{text:?}");
    }
    let long = format!("a@{}.example", "x".repeat(250));
    assert_eq!(EmailAddress::parse(&long).unwrap_err().code(), "email_form");
    assert_eq!(email(" Amara@Hospital.EXAMPLE ").as_str(), "Amara@hospital.example");
    for text in ["", "0770", "07700 900 12a", "++447700900123", "0770090012345678"] {
        assert_eq!(MobileNumber::parse(text).unwrap_err().code(), "mobile_form", "{text:?}");
    }
    let mobile = MobileNumber::parse(" +44 (0)7700 900123").unwrap();
    assert_eq!(
        (mobile.as_str(), mobile.digits()),
        ("+44 (0)7700 900123", "+4407700900123".to_owned())
    );
}
