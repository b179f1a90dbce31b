//! Further credentials, shared after the first were submitted: who may share them, what, and how they join.
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

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use common::*;
use proptest::prelude::*;
use serde_json::json;
use staffpass_credentials::CredentialKind;
use staffpass_otp::Channel;
use staffpass_request::{Request, ResponseCode};
use staffpass_share::*;

const TRAINING: [&str; 2] = ["identity", "training"];

fn keys() -> SealingKeys {
    SealingKeys::new(1, [1; 32])
}

fn act() -> Act {
    Act::new("reviewer", at(100))
}

/// A share that was submitted with these parts, as it is and as it was recorded, and its review, in which
/// the identity is confirmed.
fn submitted(parts: &[&str]) -> (Share, RecordedShare, Review) {
    let (mut share, receipt) = received(parts);
    up_to_role(&mut share);
    let _ = share.confirm_role(at(60)).unwrap();
    let record = share.submit(&receipt, at(61)).unwrap().share;
    let record = record.record(&keys(), at(61), &mut rand::rng()).unwrap();
    let recorded = record.open_share(&keys(), &share).unwrap();
    let mut review = Review::of(&recorded);
    review.confirm_identity(EmploymentType::TemporaryMover, true, act()).unwrap();
    (share, recorded, review)
}

/// The further share that is asked for.
fn asked(parts: &[&str]) -> (Share, Review, Share) {
    let (first, recorded, mut review) = submitted(&["identity"]);
    review.ask_for_credentials(&set(parts), "of this year", "more-1", act()).unwrap();
    let further = first.begin_further(&recorded, &review, at(14 * 24 * 3600), at(101)).unwrap();
    (first, review, further)
}

/// Up to the wallet.
fn confirmed_further(share: &mut Share, now: DateTime<Utc>) {
    let _ = share.open(session("phone"), &Rules::default(), now).unwrap();
    let _ = share.start(notices(), now).unwrap();
    let _ = share.confirm(now).unwrap();
}

fn connect(share: &mut Share, parts: &[&str], now: DateTime<Utc>) -> Request {
    let request = world().request(parts, now);
    let _ = share.connect(request.expectation(), now).unwrap();
    request
}

/// What came, recorded and opened again as a store does.
fn answered(share: &mut Share, parts: &[&str], now: DateTime<Utc>) -> RecordedReceipt {
    let request = connect(share, parts, now);
    let response = world().good_answer(&request, parts, now);
    let taken = share.receive(&response, &handle(&request), &Rules::default(), now).unwrap();
    recorded(share, taken, now)
}

fn recorded(share: &Share, taken: Received, now: DateTime<Utc>) -> RecordedReceipt {
    let receipt = taken.arrival.into_receipt().unwrap();
    let record = receipt.record(&keys(), now, &mut rand::rng()).unwrap();
    record.open_receipt(&keys(), share).unwrap()
}

fn code(result: Result<impl Sized, Refusal>) -> &'static str {
    result.err().expect("it is refused").code()
}

#[test]
fn further_credentials_are_asked_for_shared_and_join_the_review() {
    let (first, mut review, mut further) = asked(&["training"]);
    assert_eq!(review.awaited().unwrap().1.share.as_deref(), Some("more-1"));
    let what = further.further().unwrap();
    assert_eq!((what.first(), what.what()), ("invitation-1", "of this year"));
    assert_eq!(what.parts().collect::<Vec<_>>(), TRAINING);
    assert_eq!(further.state(at(110)), State::Invited);
    let _ = further.open(session("phone"), &Rules::default(), at(110)).unwrap();
    assert_eq!(further.state(at(111)), State::Notices, "nobody asks whether she registered before");
    let _ = further.start(notices(), at(112)).unwrap();
    assert_eq!(further.state(at(112)), State::Confirming, "what is asked for is selected");
    let _ = further.confirm(at(113)).unwrap();
    let receipt = answered(&mut further, &TRAINING, at(120));
    assert_eq!(further.state(at(121)), State::Ready, "there is no profile");
    for profile in [
        further.clone().begin_profile(at(122)),
        further.clone().enter_email(further.email().clone(), at(122)),
        further.clone().enter_mobile(MobileNumber::parse("07700900124").unwrap(), at(122)),
        further.clone().change_contact(Channel::Mobile, at(122)),
        further.clone().confirm_role(at(122)),
        further.clone().role_incorrect(at(122)),
    ] {
        assert_eq!(code(profile), "wrong_state");
    }
    assert_eq!(code(further.clone().submit_recorded(&receipt, at(122))), "wrong_state");

    let sent = further.submit_further(&receipt, at(130)).unwrap();
    assert_eq!(names(&sent.events), ["submission.received"]);
    assert_eq!(further.state(at(131)), State::Submitted);
    assert_eq!(code(further.submit_further(&receipt, at(132))), "already_submitted");
    let record = sent.further.record(&keys(), &mut rand::rng()).unwrap();
    let opened = record.open_further(&keys(), &first, 0).unwrap();
    assert_eq!((opened.reference(), opened.first()), ("more-1", "invitation-1"));
    assert_eq!(opened.submitted_at(), at(130));
    assert!(opened.left_out().is_empty() && opened.notices().iter().count() == 2);

    assert_eq!(review.further_came(&opened), Ok("credentials.received"));
    assert_eq!(review.further_came(&opened).unwrap_err().code(), "review_not_asked_for");
    assert!(review.awaited().is_none());
    let came = review.more()[0].came.as_ref().unwrap();
    assert_eq!((came.first, came.credentials, came.at), (1, 2, at(130)));
    let accept = |review: &mut Review, place| review.decide(place, Decision::Accepted, act());
    accept(&mut review, 0).unwrap();
    accept(&mut review, 1).unwrap();
    assert_eq!(review.complete(act()).unwrap_err().code(), "review_undecided");
    accept(&mut review, 2).unwrap();
    assert_eq!(accept(&mut review, 3).unwrap_err().code(), "review_no_such_credential");
    assert_eq!(review.complete(act()), Ok("required.completed"));
}

#[test]
fn the_person_may_leave_out_what_was_asked_for_and_add_nothing() {
    let (_, _, mut further) = asked(&["employment", "training"]);
    confirmed_further(&mut further, at(110));
    let _ = further.amend(at(111)).unwrap();
    let rules = Rules::default();
    assert_eq!(code(further.select(&set(&[]), &rules, at(112))), "nothing_selected");
    let _ = further.select(&set(&["training"]), &rules, at(112)).unwrap();
    let _ = further.confirm(at(113)).unwrap();
    let receipt = answered(&mut further, &TRAINING, at(120));
    let sent = further.submit_further(&receipt, at(130)).unwrap();
    assert_eq!(sent.further.left_out(), ["employment"]);

    let (_, _, mut further) = asked(&["training"]);
    confirmed_further(&mut further, at(110));
    let _ = further.amend(at(111)).unwrap();
    let before = stored(&further);
    assert_eq!(code(further.select(&set(&["employment"]), &rules, at(112))), "not_asked_for");
    assert_eq!(stored(&further), before);
    // Whoever stops has all of it selected again when she comes back.
    let _ = further.forget_answers(at(113)).unwrap();
    assert_eq!(further.selection().collect::<Vec<_>>(), TRAINING);
    assert_eq!(further.state(at(114)), State::Invited);
}

#[test]
fn lenient_what_does_not_come_is_left_out() {
    let (_, _, mut further) = asked(&["training"]);
    confirmed_further(&mut further, at(110));
    let rules = Rules::default().with_completeness(Completeness::Lenient);
    let request = world().lenient_request(&TRAINING, at(111));
    let _ = further.connect(request.expectation(), at(111)).unwrap();
    let response = world().good_answer(&request, &["identity"], at(112));
    let taken = further.receive(&response, &handle(&request), &rules, at(112)).unwrap();
    let receipt = recorded(&further, taken, at(112));
    assert_eq!(further.state(at(113)).name(), "received_with_gaps");
    assert_eq!(code(further.submit_further(&receipt, at(113))), "wrong_state");
    let _ = further.accept_gaps(at(114)).unwrap();
    let sent = further.submit_further(&receipt, at(115)).unwrap();
    assert_eq!(sent.further.left_out(), ["training"]);
}

#[test]
fn a_wallet_on_the_same_device_and_one_that_a_service_asks_share_further_too() {
    let (_, _, mut further) = asked(&["training"]);
    confirmed_further(&mut further, at(110));
    let (request, back) =
        (world().request(&TRAINING, at(111)), ResponseCode::generate(&mut rand::rng()));
    let _ = further.connect_on_same_device(request.expectation(), back.digest(), at(111)).unwrap();
    let response = world().good_answer(&request, &TRAINING, at(112));
    let rules = Rules::default();
    let taken = further.receive(&response, &handle(&request), &rules, at(112)).unwrap();
    let receipt = recorded(&further, taken, at(112));
    assert_eq!(code(further.submit_further(&receipt, at(113))), "wrong_state");
    let _ = further.returned(&back, at(114)).unwrap();
    assert!(further.submit_further(&receipt, at(115)).is_ok());

    let (_, _, mut further) = asked(&["training"]);
    confirmed_further(&mut further, at(110));
    let mut made = world().service_request(TENANT, &TRAINING, at(111));
    let _ = further.connect_through_service(&made.1, at(111)).unwrap();
    let response = world().service_answer(&mut made, &world().wallet_of(&TRAINING), at(112));
    let taken = further.receive_receipt(&response, &made.1, &rules, at(112)).unwrap();
    let receipt = recorded(&further, taken, at(112));
    assert!(further.submit_further(&receipt, at(115)).is_ok());
}

/// The link of somebody else's further share, opened by whoever has it: another person's wallet ends it.
#[test]
fn another_persons_wallet_shares_nothing_further() {
    let (_, _, mut further) = asked(&["training"]);
    confirmed_further(&mut further, at(110));
    let request = connect(&mut further, &TRAINING, at(111));
    let kinds = [CredentialKind::Identity, CredentialKind::Training];
    // All else is as the trust knows it, the name and the date of birth too.
    let of_another = |kind| claims_with(kind, "identity_id", ANOTHER.into());
    let wallet = kinds.map(|kind| world().credential(kind, of_another(kind)));
    let response = world().answer(&request, &wallet, at(112)).unwrap();
    let taken = further.receive(&response, &handle(&request), &Rules::default(), at(112)).unwrap();
    assert!(matches!(taken.arrival, Arrival::NotMatched));
    assert!(names(&taken.events).contains(&"identity.mismatch"));
    assert_eq!(further.state(at(113)), State::NotMatched);
    assert_eq!(code(further.open(session("again"), &Rules::default(), at(114))), "person_mismatch");
}

#[test]
fn another_issuer_of_the_same_identity_is_probable() {
    let (_, _, mut further) = asked(&["training"]);
    let mut json = stored(&further);
    json["further"]["issuer"] = "did:web:another.example".into();
    further = serde_json::from_value(json).unwrap();
    confirmed_further(&mut further, at(110));
    answered(&mut further, &TRAINING, at(111));
    assert_eq!(further.person_match(), Some(PersonMatch::Probable));
}

#[test]
fn nothing_further_is_shared_that_the_review_does_not_await() {
    let (first, recorded, mut review) = submitted(&["identity"]);
    let begin = |review: &Review| first.begin_further(&recorded, review, at(9999), at(101));
    assert_eq!(code(begin(&review)), "not_asked_for");
    let ask = |review: &mut Review, parts: &[&str], reference| {
        review.ask_for_credentials(&set(parts), "", reference, act())
    };
    assert_eq!(ask(&mut review, &[], "more-1"), Err(ReviewRefusal::NotAskedFor));
    ask(&mut review, &["training"], "more-1").unwrap();
    assert_eq!(ask(&mut review, &["training"], "more-2"), Err(ReviewRefusal::FurtherAwaited));
    review.decide(0, Decision::Accepted, act()).unwrap();
    assert_eq!(review.complete(act()), Err(ReviewRefusal::MoreAwaited));
    let further = begin(&review).unwrap();
    assert_eq!(further.invitation().email(), recorded.email());
    let mut other = stored(&first);
    other["invitation"]["reference"] = "invitation-2".into();
    let other: Share = serde_json::from_value(other).unwrap();
    let moved = other.begin_further(&recorded, &review, at(9999), at(101));
    assert_eq!(code(moved), "receipt_of_another");
    let open = share();
    assert_eq!(code(open.begin_further(&recorded, &review, at(9999), at(101))), "wrong_state");

    // Recorded as needed no more: the next may be asked for, and the first is not awaited.
    review.record_evidence(0, "seen on paper", act()).unwrap();
    assert!(review.awaited().is_none());
    ask(&mut review, &["employment"], "more-2").unwrap();
    assert_eq!(begin(&review).unwrap().invitation().reference(), "more-2");
    let mut late = further;
    confirmed_further(&mut late, at(110));
    let receipt = answered(&mut late, &TRAINING, at(111));
    let sent = late.submit_further(&receipt, at(112)).unwrap();
    assert_eq!(review.further_came(&sent.further).unwrap_err().code(), "review_not_asked_for");
    review.bypass("enough was seen", act()).unwrap();
    assert!(review.awaited().is_none(), "a review that has ended awaits nothing");
    assert_eq!(review.further_came(&sent.further).unwrap_err().code(), "review_wrong_state");
    assert_eq!(code(late.begin_further(&recorded, &review, at(9999), at(113))), "wrong_state");
}

#[test]
fn b22_a_record_of_further_credentials_opens_in_its_place_only() {
    let (first, _, mut further) = asked(&["training"]);
    confirmed_further(&mut further, at(110));
    let receipt = answered(&mut further, &TRAINING, at(111));
    let sent = further.submit_further(&receipt, at(112)).unwrap();
    let record = sent.further.record(&keys(), &mut rand::rng()).unwrap();
    let error =
        |share: &Share, place| record.open_further(&keys(), share, place).unwrap_err().code();
    assert_eq!(error(&first, 1), "sealed_does_not_open");
    assert_eq!(error(&share(), 0), "record_not_submitted");
    for (member, value) in [("reference", "invitation-2"), ("tenant", "eastmoor")] {
        let mut json = stored(&first);
        json["invitation"][member] = value.into();
        let other: Share = serde_json::from_value(json).unwrap();
        assert_eq!(error(&other, 0), "sealed_does_not_open", "{member}");
    }
    let mut json = stored(&first);
    json["version"] = json!(json["version"].as_u64().unwrap() + 1);
    assert_eq!(error(&serde_json::from_value(json).unwrap(), 0), "sealed_does_not_open");
    assert_eq!(record.open_share(&keys(), &first).unwrap_err().code(), "sealed_does_not_open");
    let both = SealingKeys::new(2, [2; 32]).with_older(1, [1; 32]);
    let renewed = record.reseal_further(&both, &first, 0, &mut rand::rng()).unwrap();
    let new = SealingKeys::new(2, [2; 32]);
    assert!(renewed.open_further(&new, &first, 0).is_ok());
}

#[test]
fn a_share_of_before_there_were_further_ones_is_still_read() {
    let first = stored(&share());
    assert!(first.get("further").is_none(), "a first share is stored as it was");
    let read: Share = serde_json::from_value(first).unwrap();
    assert!(read.further().is_none());
    let (_, recorded, _) = submitted(&["identity"]);
    let review = serde_json::to_value(Review::of(&recorded)).unwrap();
    let mut old = review.clone();
    old["more"] = json!([{ "what": "x", "asked": { "by": "r", "at": at(1) }, "seen": null }]);
    let read: Review = serde_json::from_value(old.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), old);
}

#[derive(Clone, Copy, Debug)]
enum Call {
    Next,
    Open,
    Select(bool, bool),
    Amend,
    Cancel,
    Connect,
    AnswerOld { mine: bool },
    Profile,
    Email,
    Role,
    SubmitAsFirst,
    SubmitOld,
    Withdraw,
    Forget,
    Epoch,
    Wait(i64),
}

fn call() -> impl Strategy<Value = Call> {
    let any_other = prop_oneof![
        Just(Call::Open),
        any::<(bool, bool)>().prop_map(|(e, t)| Call::Select(e, t)),
        Just(Call::Amend),
        Just(Call::Cancel),
        Just(Call::Connect),
        (0..8).prop_map(|n| Call::AnswerOld { mine: n > 0 }),
        Just(Call::Profile),
        Just(Call::Email),
        Just(Call::Role),
        Just(Call::SubmitAsFirst),
        Just(Call::SubmitOld),
        Just(Call::Forget),
        Just(Call::Epoch),
        (-200..400_i64).prop_map(Call::Wait),
    ];
    prop_oneof![60 => Just(Call::Next), 39 => any_other, 1 => Just(Call::Withdraw)]
}

struct Run {
    share: Share,
    now: DateTime<Utc>,
    requests: Vec<Request>,
    receipts: Vec<(RecordedReceipt, BTreeSet<String>)>,
    sent: Vec<RecordedFurther>,
    epoch: u64,
}

impl Run {
    fn next(&self) -> Call {
        match self.share.state(self.now).name() {
            "selecting" => Call::Select(true, true),
            "confirmed" | "request_expired" | "not_received" | "refused" => Call::Connect,
            "connecting" => Call::AnswerOld { mine: true },
            "ready" => Call::SubmitOld,
            _ => Call::Open,
        }
    }

    fn make(&mut self, call: Call) -> Result<(), Refusal> {
        let (now, rules, share) = (self.now, Rules::default(), &mut self.share);
        match call {
            Call::Next => match self.share.state(now).name() {
                "notices" => self.share.start(notices(), now).map(drop),
                "confirming" => self.share.confirm(now).map(drop),
                _ => self.make(self.next()),
            },
            Call::Open => share.open(session("a"), &rules, now).map(drop),
            Call::Select(employment, training) => {
                let ticked = [(employment, "employment"), (training, "training")];
                let ticked: Vec<_> =
                    ticked.iter().filter(|(on, _)| *on).map(|(_, id)| *id).collect();
                share.select(&set(&ticked), &rules, now).map(drop)
            }
            Call::Amend => share.amend(now).map(drop),
            Call::Cancel => share.cancel(now).map(drop),
            Call::Connect => {
                let parts: Vec<&str> = share.selection().collect();
                let request = world().request(&parts, now.max(share.clock()));
                let connected = share.connect(request.expectation(), now).map(drop);
                self.requests.push(request);
                connected
            }
            Call::AnswerOld { mine } => self.answer(mine),
            Call::Profile => share.begin_profile(now).map(drop),
            Call::Email => share.enter_email(share.email().clone(), now).map(drop),
            Call::Role => share.confirm_role(now).map(drop),
            Call::SubmitAsFirst => match self.receipts.last() {
                Some((receipt, _)) => share.submit_recorded(receipt, now).map(drop),
                None => Err(Refusal::ReceiptOfAnother),
            },
            Call::SubmitOld => self.submit(),
            Call::Withdraw => share.withdraw(now).map(drop),
            Call::Forget => share.forget_answers(now).map(drop),
            Call::Epoch => {
                self.epoch += 1;
                share.enter_epoch(self.epoch, now).map(drop)
            }
            Call::Wait(seconds) => {
                self.now += TimeDelta::seconds(seconds);
                Ok(())
            }
        }
    }

    fn answer(&mut self, mine: bool) -> Result<(), Refusal> {
        let Some(request) = self.requests.last() else { return Err(Refusal::UnknownRequest) };
        let parts = request.expectation().query().unwrap().parts();
        let of = |part: &&str| {
            let kind = CredentialKind::from_id(part).unwrap();
            let id = if mine { PERSON } else { ANOTHER };
            world().credential(kind, claims_with(kind, "identity_id", id.into()))
        };
        let wallet: Vec<String> = parts.iter().map(of).collect();
        let then = request.expectation().created_at() + TimeDelta::seconds(1);
        let response = world().answer(request, &wallet, then).unwrap();
        let (now, handle) = (self.now, handle(request));
        let selection = self.share.selection().map(str::to_owned).collect();
        let taken = self.share.receive(&response, &handle, &Rules::default(), now)?;
        assert_eq!(matches!(taken.arrival, Arrival::NotMatched), !mine, "of one person alone");
        if mine {
            self.receipts.push((recorded(&self.share, taken, now), selection));
        }
        Ok(())
    }

    fn submit(&mut self) -> Result<(), Refusal> {
        for (receipt, selection) in self.receipts.iter().rev() {
            if let Ok(sent) = self.share.submit_further(receipt, self.now) {
                let came: BTreeSet<String> =
                    sent.further.credentials().iter().map(|c| c.part().to_owned()).collect();
                assert_eq!(came, *selection, "what came is what was confirmed");
                self.sent.push(sent.further);
                return Ok(());
            }
        }
        Err(Refusal::ReceiptOfAnother)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Of any calls in any order: nothing but what was asked for is ever selected, no page of a profile is
    /// reached, of one person alone is anything taken, it is sent once, and a refused call changes nothing.
    #[test]
    fn whatever_is_called_a_further_share_stays_what_it_is(
        calls in proptest::collection::vec(call(), 1..60),
    ) {
        let (first, mut review, share) = asked(&["training"]);
        let (untouched, mut outside) = (stored(&first), stored(&share));
        let mut run = Run {
            share, now: at(110), requests: vec![], receipts: vec![], sent: vec![], epoch: 0,
        };
        for call in calls {
            let made = run.make(call);
            if made.is_err() {
                prop_assert_eq!(&stored(&run.share), &outside, "F7: {:?}", call);
            }
            outside = stored(&run.share);
            let selection: BTreeSet<&str> = run.share.selection().collect();
            prop_assert_eq!(selection, BTreeSet::from(TRAINING));
            const OF_A_PROFILE: [&str; 10] = [
                "registered_before", "first_time", "received", "email", "email_code", "mobile",
                "mobile_code", "no_mobile", "role", "role_disputed",
            ];
            prop_assert!(!OF_A_PROFILE.contains(&run.share.state(run.now).name()));
            prop_assert!(run.sent.len() <= 1, "sent once");
        }
        prop_assert_eq!(stored(&first), untouched);
        for sent in &run.sent {
            prop_assert_eq!(review.further_came(sent), Ok("credentials.received"));
        }
    }
}
