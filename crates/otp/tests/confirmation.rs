//! The judging of attempts: counted first, limited, single use.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use staffpass_otp::{
    Binding, Channel, Code, CodeKey, Confirmation, KeyedIn, Lifetime, Refusal, TRIES_IN_ALL,
    Verdict,
};

const START: &str = "2026-03-02T09:00:00Z";

/// One share's email channel with its clock, and the codes that were sent.
struct Journey {
    state: Confirmation,
    now: DateTime<Utc>,
    rng: StdRng,
    sent: Vec<String>,
}

impl Journey {
    fn new() -> Self {
        let (now, rng) = (START.parse().unwrap(), StdRng::seed_from_u64(11));
        Self { state: Confirmation::new(), now, rng, sent: Vec::new() }
    }

    fn with_code() -> Self {
        let mut journey = Self::new();
        journey.send().unwrap();
        journey
    }

    fn send(&mut self) -> Result<DateTime<Utc>, Refusal> {
        let code = Code::generate(&mut self.rng);
        let expiry =
            self.state.add_code(&code, &binding(), &key(), Lifetime::default(), self.now)?;
        self.sent.push(code.reveal().to_owned());
        Ok(expiry)
    }

    fn wait(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }

    fn key_in(&mut self, text: &str) -> Verdict {
        self.state.attempt(&KeyedIn::parse(text).unwrap(), &binding(), &key(), self.now)
    }

    fn right(&mut self) -> Verdict {
        let code = self.sent.last().unwrap().clone();
        self.key_in(&code)
    }

    /// Six digits that were never sent.
    fn wrong(&mut self) -> Verdict {
        let unsent = (0..).map(|n| format!("{n:06}")).find(|text| !self.sent.contains(text));
        self.key_in(&unsent.unwrap())
    }

    fn wrong_times(&mut self, times: u32) {
        (0..times).for_each(|_| assert_ne!(self.wrong(), Verdict::Confirmed));
    }

    /// As a store would: out to JSON and back.
    fn store(&mut self) {
        let stored = serde_json::to_string(&self.state).unwrap();
        self.state = serde_json::from_str(&stored).unwrap();
    }
}

fn key() -> CodeKey {
    CodeKey::new(&[7; 32]).unwrap()
}

fn binding() -> Binding<'static> {
    Binding::new("trust-a/share-1", Channel::Email, "amara@hospital.example")
}

/// The attempt is counted in time and judged too late: no try is given for codes that have ended.
#[test]
fn b07_a_wrong_code_that_is_judged_too_late_has_expired() {
    let mut journey = Journey::with_code();
    let attempt = journey.state.count_attempt(journey.now).unwrap();
    let unsent = if journey.sent[0] == "000000" { "000001" } else { "000000" };
    let keyed_in = KeyedIn::parse(unsent).unwrap();
    journey.wait(300);
    let until = journey.now;
    let verdict = journey.state.judge(attempt, &keyed_in, &binding(), &key(), until);
    assert_eq!(verdict, Verdict::Refused(Refusal::Expired { now: until, until }));
}

#[test]
fn a_state_is_live_from_a_code_until_it_ends() {
    assert!(!Journey::new().state.is_live(START.parse().unwrap()));
    let mut journey = Journey::with_code();
    assert!(journey.state.is_live(journey.now));
    assert!(journey.state.is_live(journey.now + TimeDelta::seconds(299)));
    assert!(!journey.state.is_live(journey.now + TimeDelta::seconds(300)));
    assert_eq!(journey.right(), Verdict::Confirmed);
    assert!(!journey.state.is_live(journey.now));
}

#[test]
fn the_right_code_confirms() {
    assert_eq!(Journey::with_code().right(), Verdict::Confirmed);
}

#[test]
fn without_a_code_there_is_nothing_to_judge() {
    let verdict = Journey::new().wrong();
    assert_eq!(
        (verdict, verdict.code()),
        (Verdict::Refused(Refusal::NoLiveCode), "otp_no_live_code")
    );
}

#[test]
fn b07_a_code_is_used_once() {
    let mut journey = Journey::with_code();
    assert_eq!(journey.right(), Verdict::Confirmed);
    assert_eq!(journey.right(), Verdict::Refused(Refusal::NoLiveCode));
}

#[test]
fn b07_a_confirmed_code_uses_up_the_other_live_one() {
    let mut journey = Journey::with_code();
    journey.send().unwrap();
    assert_eq!(journey.right(), Verdict::Confirmed);
    let first = journey.sent.first().unwrap().clone();
    assert_eq!(journey.key_in(&first), Verdict::Refused(Refusal::NoLiveCode));
}

#[test]
fn b07_five_wrong_tries_end_the_codes() {
    let mut journey = Journey::with_code();
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(journey.wrong(), Verdict::Wrong { left });
    }
    let verdict = journey.right();
    assert_eq!(
        (verdict, verdict.code()),
        (Verdict::Refused(Refusal::CodesEnded), "otp_codes_ended")
    );
    assert_eq!(journey.state.counter().total(), 5, "a refused attempt is not counted");
}

#[test]
fn b07_the_fifth_try_may_be_right() {
    let mut journey = Journey::with_code();
    journey.wrong_times(4);
    assert_eq!(journey.right(), Verdict::Confirmed);
}

#[test]
fn b07_sending_again_sets_back_no_count() {
    let mut journey = Journey::with_code();
    journey.wrong_times(4);
    journey.send().unwrap();
    assert_eq!(journey.wrong(), Verdict::Wrong { left: 0 });
    assert_eq!(journey.right(), Verdict::Refused(Refusal::CodesEnded));
}

#[test]
fn b07_the_tenth_wrong_try_closes_the_channel_for_30_minutes() {
    let mut journey = Journey::with_code();
    journey.wrong_times(5);
    journey.send().unwrap();
    journey.wrong_times(4);
    let (now, until) = (journey.now, journey.now + TimeDelta::minutes(30));
    let locked = Refusal::Locked { now, until };
    assert_eq!((journey.wrong(), locked.code()), (Verdict::Refused(locked), "otp_locked"));
    assert_eq!(journey.right(), Verdict::Refused(locked));
    assert_eq!(journey.send(), Err(locked));
    journey.wait(30 * 60 - 1);
    assert!(journey.send().is_err());
    journey.wait(1);
    journey.send().unwrap();
    assert_eq!(journey.right(), Verdict::Confirmed);
}

#[test]
fn b07_the_hundredth_wrong_try_closes_the_channel_for_good() {
    let mut journey = Journey::new();
    for _ in 0..TRIES_IN_ALL / 5 {
        journey.send().unwrap();
        journey.wrong_times(5);
        journey.wait(30 * 60);
    }
    journey.wait(365 * 24 * 60 * 60);
    let refusal = journey.send().unwrap_err();
    assert_eq!((refusal, refusal.code()), (Refusal::LockedForGood, "otp_locked_for_good"));
    assert_eq!(journey.right(), Verdict::Refused(Refusal::LockedForGood));
}

#[test]
fn b07_a_right_tenth_try_confirms_and_leaves_the_channel_open() {
    let mut journey = Journey::with_code();
    journey.wrong_times(5);
    journey.send().unwrap();
    journey.wrong_times(4);
    assert_eq!(journey.right(), Verdict::Confirmed);
    assert_eq!(journey.state.counter().total(), 10);
    assert!(journey.send().is_ok());
}

#[test]
fn b07_an_attempt_is_counted_before_it_is_judged() {
    let mut journey = Journey::with_code();
    let attempt = journey.state.count_attempt(journey.now).unwrap();
    assert_eq!(journey.state.counter().total(), 1);
    drop(attempt); // the process dies here
    journey.store();
    assert_eq!(journey.wrong(), Verdict::Wrong { left: 3 });
}

#[test]
fn b07_of_many_attempts_at_once_five_are_counted_and_each_may_be_judged() {
    let mut journey = Journey::with_code();
    let mut counted: Vec<_> =
        (0..50).filter_map(|_| journey.state.count_attempt(journey.now).ok()).collect();
    assert_eq!(counted.len(), 5);
    let keyed_in = KeyedIn::parse(journey.sent.last().unwrap()).unwrap();
    let verdict =
        journey.state.judge(counted.remove(0), &keyed_in, &binding(), &key(), journey.now);
    assert_eq!(verdict, Verdict::Confirmed);
}

#[test]
fn b07_an_attempt_that_was_not_stored_is_not_judged() {
    let mut journey = Journey::with_code();
    let before = journey.state.clone();
    let attempt = journey.state.count_attempt(journey.now).unwrap();
    journey.state = before;
    let keyed_in = KeyedIn::parse(journey.sent.last().unwrap()).unwrap();
    let verdict = journey.state.judge(attempt, &keyed_in, &binding(), &key(), journey.now);
    assert_eq!(
        (verdict, verdict.code()),
        (Verdict::Refused(Refusal::NotCounted), "otp_not_counted")
    );
}

#[test]
fn b07_an_attempt_of_an_earlier_set_is_not_judged_in_a_later_one() {
    let mut journey = Journey::with_code();
    let attempt = journey.state.count_attempt(journey.now).unwrap();
    journey.wait(301);
    journey.send().unwrap();
    let keyed_in = KeyedIn::parse(journey.sent.last().unwrap()).unwrap();
    let verdict = journey.state.judge(attempt, &keyed_in, &binding(), &key(), journey.now);
    assert_eq!(verdict, Verdict::Refused(Refusal::NotCounted));
}

#[test]
fn b07_a_code_is_dead_at_its_expiry() {
    let mut journey = Journey::with_code();
    let until = journey.now + TimeDelta::minutes(5);
    journey.wait(300);
    let expired = Refusal::Expired { now: until, until };
    assert_eq!((journey.right(), expired.code()), (Verdict::Refused(expired), "otp_expired"));
    assert_eq!(journey.state.counter().total(), 0, "what cannot be guessed is not counted");
}

#[test]
fn b07_a_code_that_expires_between_count_and_judgement_is_dead() {
    let mut journey = Journey::with_code();
    let attempt = journey.state.count_attempt(journey.now).unwrap();
    journey.wait(300);
    let keyed_in = KeyedIn::parse(journey.sent.last().unwrap()).unwrap();
    let verdict = journey.state.judge(attempt, &keyed_in, &binding(), &key(), journey.now);
    assert_eq!(verdict.code(), "otp_expired");
}

#[test]
fn an_earlier_code_lives_to_its_own_expiry_beside_the_later_one() {
    let mut journey = Journey::with_code();
    journey.wait(200);
    journey.send().unwrap();
    let first = journey.sent.first().unwrap().clone();
    let mut too_late =
        Journey { state: journey.state.clone(), sent: journey.sent.clone(), ..Journey::new() };
    too_late.now = journey.now;
    journey.wait(99);
    assert_eq!(journey.key_in(&first), Verdict::Confirmed);
    too_late.wait(100);
    assert_eq!(too_late.key_in(&first).code(), "otp_expired");
    assert_eq!(too_late.right(), Verdict::Confirmed);
}

#[test]
fn at_most_two_codes_are_live() {
    let mut journey = Journey::with_code();
    journey.send().unwrap();
    journey.send().unwrap();
    let [first, second] = [0, 1].map(|at: usize| journey.sent.get(at).unwrap().clone());
    assert_eq!(journey.key_in(&first), Verdict::Wrong { left: 4 });
    assert_eq!(journey.key_in(&second), Verdict::Confirmed);
}

#[test]
fn b07_a_clock_that_goes_back_brings_no_code_to_life() {
    let mut journey = Journey::with_code();
    journey.wait(300);
    assert_eq!(journey.wrong().code(), "otp_expired");
    journey.wait(-200);
    journey.store();
    assert_eq!(journey.right().code(), "otp_expired");
    assert!(!journey.state.is_live(journey.now));
}

#[test]
fn b07_a_clock_that_goes_back_opens_no_closed_channel() {
    let mut journey = Journey::with_code();
    journey.wrong_times(5);
    journey.send().unwrap();
    journey.wrong_times(5);
    journey.wait(-3600);
    assert_eq!(journey.send().unwrap_err().code(), "otp_locked");
}

#[test]
fn withdrawn_codes_are_dead_and_the_count_stands() {
    let mut journey = Journey::with_code();
    journey.wrong_times(3);
    journey.state.withdraw_codes();
    assert_eq!(journey.right(), Verdict::Refused(Refusal::NoLiveCode));
    assert_eq!(journey.state.counter().total(), 3);
}

#[test]
fn b17_closing_one_share_leaves_another_with_the_same_address_open() {
    let (mut thief, mut owner) = (Journey::with_code(), Journey::with_code());
    thief.wrong_times(5);
    thief.send().unwrap();
    thief.wrong_times(5);
    assert_eq!(thief.right().code(), "otp_locked");
    assert_eq!(owner.right(), Verdict::Confirmed);
}

/// Which of the two live codes is keyed in makes no difference to what is compared: both are found,
/// and each near miss in any one digit is wrong.
#[test]
fn pf37_all_live_codes_are_compared_and_all_six_digits() {
    for position in 0..2 {
        let mut journey = Journey::with_code();
        journey.send().unwrap();
        let code = journey.sent.get(position).unwrap().clone();
        for at in 0..6 {
            let mut near = Journey { state: journey.state.clone(), ..Journey::new() };
            let mut digits: Vec<char> = code.chars().collect();
            let digit = digits.get_mut(at).unwrap();
            *digit = if *digit == '9' { '0' } else { '9' };
            let text: String = digits.into_iter().collect();
            if !journey.sent.contains(&text) {
                assert_eq!(near.key_in(&text), Verdict::Wrong { left: 4 });
            }
        }
        assert_eq!(journey.key_in(&code), Verdict::Confirmed);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Send,
    Wait(i64),
    Right(usize),
    Wrong,
    CountOnly,
    Withdraw,
    Store,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Send),
        2 => (-600_i64..2400).prop_map(Step::Wait),
        2 => (0_usize..8).prop_map(Step::Right),
        6 => Just(Step::Wrong),
        1 => Just(Step::CountOnly),
        1 => Just(Step::Withdraw),
        1 => Just(Step::Store),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Any order of calls: the total never falls, no wrong code confirms, none confirms twice, no
    /// code confirms after its expiry, and no more than a hundred tries are counted.
    #[test]
    fn b07_any_order_of_calls_keeps_the_limits(steps in prop::collection::vec(step(), 1..200)) {
        let mut journey = Journey::new();
        let (mut used, mut expiries) = (Vec::new(), Vec::new());
        let (mut total, mut latest) = (0, None);
        for step in steps {
            // What the state is told of the time; it takes the latest.
            if !matches!(step, Step::Wait(_) | Step::Withdraw | Step::Store) {
                latest = latest.max(Some(journey.now));
            }
            match step {
                Step::Send => if let Ok(expiry) = journey.send() { expiries.push(expiry) },
                Step::Wait(seconds) => journey.wait(seconds),
                Step::Wrong => prop_assert_ne!(journey.wrong(), Verdict::Confirmed),
                Step::CountOnly => drop(journey.state.count_attempt(journey.now)),
                Step::Withdraw => journey.state.withdraw_codes(),
                Step::Store => journey.store(),
                Step::Right(back) => match journey.sent.len().checked_sub(back + 1) {
                    None => prop_assert_ne!(journey.wrong(), Verdict::Confirmed),
                    Some(at) => {
                        let code = journey.sent.get(at).unwrap().clone();
                        if journey.key_in(&code) == Verdict::Confirmed {
                            prop_assert!(back < 2, "an older code than the two latest");
                            prop_assert!(!used.contains(&at), "used twice");
                            prop_assert!(latest.as_ref() < expiries.get(at), "expired");
                            used.extend(0..=at);
                        }
                    }
                },
            }
            let counted = journey.state.counter().total();
            prop_assert!(counted >= total && counted <= total + 1 && counted <= TRIES_IN_ALL);
            total = counted;
        }
    }

    /// However often codes are sent again, guessing gets ten tries in any half hour.
    #[test]
    fn b07_a_guesser_gets_ten_tries_a_half_hour(sends in prop::collection::vec(any::<bool>(), 1..100)) {
        let mut journey = Journey::new();
        for send in sends {
            if send { let _refused = journey.send(); }
            prop_assert_ne!(journey.wrong(), Verdict::Confirmed);
            journey.wait(1);
        }
        prop_assert!(journey.state.counter().total() <= 10);
    }
}
