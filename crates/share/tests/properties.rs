//! The invariants, over random sequences of calls by the person, two browsers, a wallet, the trust
//! and a clock that also runs back. Most calls are the next right one, so that sequences get far;
//! the rest is anything.
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
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use serde_json::Value;
use staffpass_otp::{Channel, KeyedIn, Verdict};
use staffpass_request::{HandleDigest, Request};
use staffpass_share::*;

#[derive(Clone, Debug)]
enum Call {
    Next,
    Open(bool),
    Registered,
    FirstTime,
    Start,
    Select(bool, bool),
    Amend,
    Confirm,
    Connect { as_confirmed: bool },
    Cancel,
    Expire,
    Answer { request: Index, with_all: bool },
    Refuse(Index),
    AcceptGaps,
    BeginProfile,
    Email(bool),
    Mobile,
    NoMobile,
    Send(bool),
    Guess { mobile: bool, right: bool },
    Change(bool),
    ConfirmRole,
    RoleIncorrect,
    GoOn,
    Hold,
    Resume,
    Submit(Index),
    Wait(i64),
    ClockBack(i64),
    Extend,
    Withdraw,
}

fn call() -> impl Strategy<Value = Call> {
    let any_other = prop_oneof![
        any::<bool>().prop_map(Call::Open),
        Just(Call::Registered),
        Just(Call::FirstTime),
        Just(Call::Start),
        any::<(bool, bool)>().prop_map(|(e, t)| Call::Select(e, t)),
        Just(Call::Amend),
        Just(Call::Confirm),
        any::<bool>().prop_map(|as_confirmed| Call::Connect { as_confirmed }),
        Just(Call::Cancel),
        Just(Call::Expire),
        any::<(Index, bool)>().prop_map(|(request, with_all)| Call::Answer { request, with_all }),
        any::<Index>().prop_map(Call::Refuse),
        Just(Call::AcceptGaps),
        Just(Call::BeginProfile),
        any::<bool>().prop_map(Call::Email),
        Just(Call::Mobile),
        Just(Call::NoMobile),
        any::<bool>().prop_map(Call::Send),
        any::<(bool, bool)>().prop_map(|(mobile, right)| Call::Guess { mobile, right }),
        any::<bool>().prop_map(Call::Change),
        Just(Call::ConfirmRole),
        Just(Call::RoleIncorrect),
        Just(Call::GoOn),
        Just(Call::Hold),
        Just(Call::Resume),
        any::<Index>().prop_map(Call::Submit),
        (1..400_i64).prop_map(Call::Wait),
        (1..400_i64).prop_map(Call::ClockBack),
        Just(Call::Extend),
    ];
    // Old requests answered, and the invitation opened again: what tends to go wrong.
    let stale = prop_oneof![
        3 => any::<(Index, bool)>()
            .prop_map(|(request, with_all)| Call::Answer { request, with_all }),
        1 => any::<bool>().prop_map(Call::Open),
    ];
    prop_oneof![
        70 => Just(Call::Next),
        12 => stale,
        17 => any_other,
        1 => Just(Call::Withdraw),
    ]
}

/// What one session has done, as the world outside the share knows it.
#[derive(Default)]
struct InSession {
    notices: bool,
    handles: Vec<HandleDigest>,
    email: bool,
    mobile: bool,
}

struct World {
    share: Share,
    rules: Rules,
    now: DateTime<Utc>,
    requests: Vec<Request>,
    receipts: Vec<(HandleDigest, Receipt)>,
    codes: [Option<String>; 2],
    session: InSession,
    confirmed: BTreeSet<String>,
    accepted: Option<HandleDigest>,
    submitted: usize,
    last_entry: DateTime<Utc>,
}

type Outcome = Result<Vec<AuditEntry>, Refusal>;

fn channel(mobile: bool) -> Channel {
    if mobile { Channel::Mobile } else { Channel::Email }
}

fn moved(result: Result<Moved, Refusal>) -> Outcome {
    result.map(|moved| moved.events)
}

impl World {
    fn new(lenient: bool) -> Self {
        let completeness = if lenient { Completeness::Lenient } else { Completeness::Strict };
        let rules = Rules::default()
            .with_completeness(completeness)
            .with_role_dispute(RoleDispute::ContinueAllowed);
        Self {
            share: share(),
            rules,
            now: start(),
            requests: Vec::new(),
            receipts: Vec::new(),
            codes: [None, None],
            session: InSession::default(),
            confirmed: BTreeSet::new(),
            accepted: None,
            submitted: 0,
            last_entry: start(),
        }
    }

    /// The step that the page of the present state leads to.
    fn next(&self) -> Call {
        let newest = newest();
        match self.share.state(self.now) {
            State::RegisteredBefore | State::FirstTime => Call::Registered,
            State::Notices => Call::Start,
            State::Selecting => Call::Select(true, false),
            State::Confirming => Call::Confirm,
            State::Confirmed
            | State::NotReceived
            | State::Refused { .. }
            | State::RequestExpired { .. } => Call::Connect { as_confirmed: true },
            State::Connecting { .. } => Call::Answer { request: newest, with_all: true },
            State::ReceivedWithGaps { .. } => Call::AcceptGaps,
            State::Received => Call::BeginProfile,
            State::Email => Call::Email(true),
            State::EmailCode if self.codes[0].is_none() => Call::Send(false),
            State::EmailCode => Call::Guess { mobile: false, right: true },
            State::Mobile | State::NoMobile => Call::Mobile,
            State::MobileCode if self.codes[1].is_none() => Call::Send(true),
            State::MobileCode => Call::Guess { mobile: true, right: true },
            State::Role => Call::ConfirmRole,
            State::RoleDisputed => Call::GoOn,
            State::OnHold => Call::Resume,
            State::Ready => Call::Submit(newest),
            _ => Call::Open(true),
        }
    }

    fn make(&mut self, call: Call) -> Option<Outcome> {
        let (now, rules) = (self.now, self.rules.clone());
        let share = &mut self.share;
        Some(match call {
            Call::Next => return self.make(self.next()),
            Call::Wait(seconds) => {
                self.now += TimeDelta::seconds(seconds);
                return None;
            }
            Call::ClockBack(seconds) => {
                self.now -= TimeDelta::seconds(seconds);
                return None;
            }
            Call::Open(first) => {
                let opened = share.open(session(if first { "a" } else { "b" }), &rules, now);
                if opened.is_ok() {
                    self.session = InSession::default();
                    (self.accepted, self.codes) = (None, [None, None]);
                }
                moved(opened)
            }
            Call::Registered => moved(share.registered_before(now)),
            Call::FirstTime => moved(share.first_time(now)),
            Call::Start => {
                let started = share.start(notices(), now);
                self.session.notices |= started.is_ok();
                moved(started)
            }
            Call::Select(employment, training) => {
                let ticked = [(employment, "employment"), (training, "training")];
                let ticked: Vec<_> =
                    ticked.iter().filter_map(|(on, id)| on.then_some(*id)).collect();
                moved(share.select(&set(&ticked), &rules, now))
            }
            Call::Amend => {
                let amended = share.amend(now);
                if amended.is_ok() {
                    self.accepted = None;
                }
                moved(amended)
            }
            Call::Confirm => {
                let confirmed = share.confirm(now);
                if confirmed.is_ok() {
                    self.confirmed = share.selection().map(str::to_owned).collect();
                }
                moved(confirmed)
            }
            Call::Connect { as_confirmed } => self.connect(as_confirmed),
            Call::Cancel => moved(share.cancel(now)),
            Call::Expire => moved(share.expire(now)),
            Call::Answer { request, with_all } => return self.answer(&request, with_all),
            Call::Refuse(request) => {
                let request = pick(&self.requests, &request)?;
                moved(share.refuse(&handle(request), ["revoked"], now))
            }
            Call::AcceptGaps => moved(share.accept_gaps(now)),
            Call::BeginProfile => moved(share.begin_profile(now)),
            Call::Email(invited) => {
                let text = if invited { "amara@hospital.example" } else { "a@other.example" };
                let entered = share.enter_email(EmailAddress::parse(text).unwrap(), now);
                if entered.is_ok() {
                    self.session.email = false;
                    self.codes[0] = None;
                }
                moved(entered)
            }
            Call::Mobile => {
                let entered = share.enter_mobile(MobileNumber::parse("07700900123").unwrap(), now);
                if entered.is_ok() {
                    self.session.mobile = false;
                    self.codes[1] = None;
                }
                moved(entered)
            }
            Call::NoMobile => moved(share.no_mobile(now)),
            Call::Send(mobile) => {
                let mut rng = rand::rng();
                let sent = share.send_code(channel(mobile), &key(), &rules, &mut rng, now);
                sent.map(|sent| {
                    self.codes[usize::from(mobile)] = Some(sent.code.reveal().to_owned());
                    sent.events
                })
            }
            Call::Guess { mobile, right } => return self.guess(mobile, right),
            Call::Change(mobile) => moved(share.change_contact(channel(mobile), now)),
            Call::ConfirmRole => moved(share.confirm_role(now)),
            Call::RoleIncorrect => moved(share.role_incorrect(now)),
            Call::GoOn => moved(share.continue_with_disputed_role(&rules, now)),
            Call::Hold => moved(share.hold(now)),
            Call::Resume => moved(share.resume(now)),
            Call::Submit(receipt) => return self.submit(&receipt),
            Call::Extend => moved(share.extend(now)),
            Call::Withdraw => moved(share.withdraw(now)),
        })
    }

    fn connect(&mut self, as_confirmed: bool) -> Outcome {
        // A portal makes a request at the time that the share goes by.
        let clock = serde_json::from_value(stored(&self.share)["clock"].clone()).unwrap();
        let made_at = self.now.max(clock);
        let mut parts: Vec<&str> = self.share.selection().collect();
        if !as_confirmed {
            parts = if parts.contains(&"training") {
                vec!["identity"]
            } else {
                vec!["identity", "training"]
            };
        }
        let asked: BTreeSet<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        let request = super_world().lenient_request(&parts, made_at);
        let connected = self.share.connect(request.expectation(), self.now);
        if connected.is_ok() {
            // F3: what is asked is what was confirmed.
            assert_eq!(asked, self.confirmed, "F3");
            self.session.handles.push(handle(&request));
            self.accepted = None;
        }
        self.requests.push(request);
        moved(connected)
    }

    fn answer(&mut self, request: &Index, with_all: bool) -> Option<Outcome> {
        let request = pick(&self.requests, request)?.clone();
        let parts = request.expectation().query().unwrap().parts();
        let parts = if with_all { parts } else { vec!["identity"] };
        // A wallet with a clock of its own answers in time; what counts here is the share's clock.
        let then = request.expectation().created_at() + TimeDelta::seconds(1);
        let response = super_world().good_answer(&request, &parts, then);
        let taken = self.share.receive(&response, &handle(&request), &self.rules, self.now);
        Some(taken.map(|taken| {
            // F1, F4: the request was made in this session, and is answered for the first time.
            assert!(self.session.handles.contains(&handle(&request)), "F1, F4");
            assert!(self.receipts.iter().all(|(other, _)| *other != handle(&request)), "once");
            self.accepted = Some(handle(&request));
            let receipt = taken.arrival.into_receipt().expect("the person is right");
            self.receipts.push((handle(&request), receipt));
            taken.events
        }))
    }

    fn guess(&mut self, mobile: bool, right: bool) -> Option<Outcome> {
        let (channel, now) = (channel(mobile), self.now);
        let before = stored(&self.share);
        let counted = match self.share.count_code(channel, now) {
            Ok(counted) => counted,
            Err(refusal) => return Some(Err(refusal)),
        };
        assert_ne!(stored(&self.share), before, "B7: counted before it is judged");
        let code = self.codes[usize::from(mobile)].clone();
        let keyed_in = code.filter(|_| right).unwrap_or_else(|| "000000".to_owned());
        let keyed_in = KeyedIn::parse(&keyed_in).unwrap();
        let judged = self.share.judge_code(channel, counted.attempt, &keyed_in, &key(), now);
        let judged = judged.expect("what was counted is judged");
        if judged.verdict == Verdict::Confirmed {
            *(if mobile { &mut self.session.mobile } else { &mut self.session.email }) = true;
            self.codes[usize::from(mobile)] = None;
        }
        // Two transitions: the caller of this looks at refusals only.
        None
    }

    fn submit(&mut self, receipt: &Index) -> Option<Outcome> {
        let (request, receipt) = pick(&self.receipts, receipt)?;
        let submitted = self.share.submit(receipt, self.now);
        Some(submitted.map(|submitted| {
            // F2: two confirmed channels and the notices, in this session; F1: its own receipt.
            let session = &self.session;
            assert!(session.email && session.mobile && session.notices, "F2");
            assert_eq!(self.accepted, Some(*request), "F1");
            assert!(session.handles.contains(request), "F4");
            let parts: BTreeSet<_> =
                submitted.share.credentials().iter().map(|c| c.part().to_owned()).collect();
            assert!(parts.contains("identity") && parts.is_subset(&self.confirmed), "F3");
            self.submitted += 1;
            submitted.events
        }))
    }

    /// F1: no state past the wallet without a response that was accepted in this session.
    fn check_state(&self) {
        use State::*;
        match self.share.state(self.now) {
            Received
            | ReceivedWithGaps { .. }
            | Email
            | EmailCode
            | Mobile
            | MobileCode
            | CodesLocked { .. }
            | NoMobile
            | Role
            | RoleDisputed
            | OnHold
            | Ready
            | Submitted => {
                let accepted = self.accepted.expect("F1: something was accepted");
                assert!(self.session.handles.contains(&accepted), "F1: in this session");
                assert!(self.session.notices, "the notices were shown");
            }
            _ => {}
        }
    }

    fn counters(&self) -> [Value; 2] {
        let json = stored(&self.share);
        ["email", "mobile"].map(|channel| json[channel]["codes"]["counter"].clone())
    }
}

/// The index of the newest, whatever the list it is used on.
fn newest() -> Index {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    loop {
        let index = any::<Index>().new_tree(&mut runner).unwrap().current();
        if index.index(64) == 63 {
            return index;
        }
    }
}

fn pick<'l, T>(list: &'l [T], index: &Index) -> Option<&'l T> {
    (!list.is_empty()).then(|| index.get(list))
}

fn super_world() -> &'static common::World {
    common::world()
}

/// Each counter's total, which never falls (F5).
fn total(counter: &Value) -> u64 {
    counter["total"].as_u64().expect("the counter has a total")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn f1_to_f9_hold_whatever_is_called(lenient: bool, calls in prop::collection::vec(call(), 1..80)) {
        let mut world = World::new(lenient);
        for call in calls {
            let (before, version, counters) =
                (stored(&world.share), world.share.version(), world.counters());
            match world.make(call) {
                Some(Ok(events)) => {
                    prop_assert_eq!(world.share.version(), version + 1);
                    for entry in events {
                        prop_assert!(world.last_entry <= entry.at, "T12: time does not run back");
                        world.last_entry = entry.at;
                    }
                }
                Some(Err(_)) => prop_assert_eq!(&stored(&world.share), &before, "F7"),
                None => {}
            }
            for (now, then) in world.counters().iter().zip(&counters) {
                prop_assert!(total(now) >= total(then), "F5");
            }
            prop_assert!(world.submitted <= 1, "F6");
            world.check_state();
            // F8: looking changes nothing; and what is stored comes back the same.
            let looked = stored(&world.share);
            let restored: Share = serde_json::from_value(looked.clone()).unwrap();
            prop_assert_eq!(restored.state(world.now), world.share.state(world.now));
            prop_assert_eq!(&stored(&restored), &looked);
            prop_assert_eq!(&stored(&world.share), &looked, "F8");
        }
    }
}

#[test]
fn the_next_right_call_each_time_ends_submitted() {
    let mut world = World::new(false);
    for _ in 0..40 {
        let _ = world.make(Call::Next);
    }
    assert_eq!(world.submitted, 1, "{:?}", world.share.state(world.now));
}
