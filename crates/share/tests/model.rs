//! The share flow, model-checked: the real transitions of `Share`, driven by every interleaving of two
//! browsers, two portals, a wallet, somebody with the QR code, the trust, the clock, crashes and a
//! restore of the database, up to a number of departures from the straight way.
//!
//! **A state** is what the database holds, a backup of it, what a portal has read and not yet written,
//! what each browser holds, and what the world outside knows. **The straight way** is the call to which
//! the page of the present state leads, or the wallet's answer; it costs nothing, so that every run goes
//! as far as it can. **Everything else is a departure**: any other call of the person's, by either
//! browser; any call by a portal whose clock is behind, or that holds what it has read and writes it
//! later; what the thief posts; an old answer; a wrong or an old code; waiting; a backup and a restore. The
//! search is exhaustive: every run with at most so many departures, to its end.
//!
//! The wallet is asked on another device, on the same one (the person then comes back with a code), or
//! through Microsoft's Request Service: in a search one of these is the straight way, and the others are
//! departures.
//!
//! **Laws** are the invariants of the flow, as `always` properties. **Guards** are left out one at a time
//! in a model of their own, which must find a counter-example to the law that the guard keeps, where the
//! same search with the guard finds none.
//!
//! `cargo test` searches two departures of every kind; `STAFFPASS_MODEL_DEPARTURES` sets another number.
//! The ignored tests search three (`--release -- --ignored`), of the kinds that touch each other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "tests"
)]
#![allow(
    dead_code,
    unreachable_pub,
    unnameable_types,
    reason = "each test file uses its part of what is common"
)]

#[path = "model/calls.rs"]
mod calls;
mod common;
#[path = "model/guards.rs"]
mod guards;
#[path = "model/laws.rs"]
mod laws;
#[path = "model/review.rs"]
mod review;
#[path = "model/things.rs"]
mod things;

use std::time::Instant;

use calls::{By, Call, Calls, Keyed, Moved, NodeId, ReceiptId, Refused};
use guards::Guard;
use laws::{Broken, History, INVITATION, Kept, Law, Strictness};
use staffpass_otp::Channel;
use staffpass_share::{Completeness, RoleDispute, Rules};
use stateright::{Checker as _, HasDiscoveries, Property};
use things::{Asked, Sender, Way};

/// How far the clock of the second portal is behind, in seconds.
const BEHIND: i64 = 360;
/// A portal tries again so often where its compare-and-set is lost.
const TRIES: u8 = 5;

/// What the database holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Database {
    share: NodeId,
    receipt: Option<ReceiptId>,
    kept: Kept,
}

/// A call for which a portal has read the share, and which it has not written yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Held {
    by: By,
    call: Call,
    browser: usize,
    read: NodeId,
    now: i64,
    tries: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    database: Database,
    backup: Option<Database>,
    epoch: u64,
    now: i64,
    held: Option<Held>,
    /// The opening whose secret each browser holds.
    browsers: [Option<u8>; 2],
    history: History,
    departures: u8,
    broken: Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    /// The next right call.
    Straight,
    /// Another call, at once, by a portal with the right clock or by one that is behind.
    Make {
        by: By,
        call: Call,
        browser: usize,
        behind: bool,
    },
    /// Another call, for which a portal reads the share and then holds it.
    Read {
        by: By,
        call: Call,
        browser: usize,
    },
    /// That portal goes on.
    Write,
    /// That portal dies.
    Crash,
    Wait(i64),
    Backup,
    Restore,
    /// A wallet, or somebody else, fetches the latest request.
    Fetch,
}

/// Kinds of departures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Somebody opens the invitation, from the first browser or the second.
    Open,
    /// The browser that has the share calls something else than the next.
    Person,
    /// The other browser calls something.
    Other,
    /// A wrong code.
    Guess,
    /// A code that was sent, and is not the latest.
    OldCode,
    /// A request for something else, of another trust, of a portal whose clock is ahead, or made before.
    WrongRequest,
    /// A request in another way than the straight one.
    OtherWay,
    /// A receipt of an earlier request.
    OldReceipt,
    /// A browser comes from a wallet, with the code of any request, or one that was never made.
    Return,
    /// The wallet answers, all or in part.
    Wallet,
    /// An answer to a request other than the latest, or of one at the address of another.
    Replay,
    /// Somebody with the QR code answers from a wallet of their own.
    Thief,
    /// Somebody with the QR code posts rubbish.
    Rubbish,
    Withdraw,
    Wait,
    Restore,
    Fetch,
    /// A portal whose clock is behind makes any of these.
    Behind,
    /// A portal holds any of these.
    Hold,
}

const EVERYTHING: &[Kind] = &[
    Kind::Open,
    Kind::Person,
    Kind::Other,
    Kind::Guess,
    Kind::OldCode,
    Kind::WrongRequest,
    Kind::OldReceipt,
    Kind::Return,
    Kind::Wallet,
    Kind::Replay,
    Kind::Thief,
    Kind::Rubbish,
    Kind::Withdraw,
    Kind::Wait,
    Kind::Restore,
    Kind::Fetch,
    Kind::Behind,
    Kind::Hold,
];

struct Model {
    calls: Calls,
    /// How the wallet is asked on the straight way.
    way: Way,
    strictness: Strictness,
    kinds: &'static [Kind],
    departures: u8,
    /// What has happened before the search begins.
    before: Vec<Action>,
    begins: Begins,
}

/// How a model begins.
#[derive(Clone, Copy, Default)]
enum Begins {
    #[default]
    Invited,
    /// 99 tries were made at codes by email.
    AfterManyTries,
}

impl Model {
    fn new(strict: bool, without: Option<Guard>, kinds: &'static [Kind], departures: u8) -> Self {
        let (completeness, dispute) = if strict {
            (Completeness::Strict, RoleDispute::Stop)
        } else {
            (Completeness::Lenient, RoleDispute::ContinueAllowed)
        };
        let rules = Rules::default().with_completeness(completeness).with_role_dispute(dispute);
        Self {
            calls: Calls::new(rules, without),
            way: Way::AnotherDevice,
            strictness: Strictness { strict, dispute_stops: strict },
            kinds,
            departures,
            before: Vec::new(),
            begins: Begins::Invited,
        }
    }

    fn allows(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    fn begin(&self) -> State {
        let mut share = common::share();
        let mut kept = Kept::default();
        if let Begins::AfterManyTries = self.begins {
            let mut json = common::stored(&share);
            json["email"]["codes"]["counter"]["total"] = 99.into();
            share = serde_json::from_value(json).unwrap();
            kept = Kept::with_tries(Channel::Email, 99);
        }
        let share = self.calls.keep(share);
        let begin = State {
            database: Database { share, receipt: None, kept },
            backup: None,
            epoch: 0,
            now: 1,
            held: None,
            browsers: [None, None],
            history: History::default(),
            departures: u8::MAX,
            broken: Broken::default(),
        };
        let act = |state: State, action: &Action| {
            let next = self.follow(&state, *action);
            next.unwrap_or_else(|| panic!("{action:?} leads nowhere: {state:?}"))
        };
        let mut begin = self.before.iter().fold(begin, act);
        assert!(!begin.broken.any(), "a law is broken before the search begins");
        begin.departures = self.departures;
        begin
    }

    fn follow(&self, state: &State, action: Action) -> Option<State> {
        match action {
            Action::Straight => {
                let (by, call) = self.straight(state)?;
                let browser = state.browser_of(by);
                self.make(state, by, call, browser, state.now)
            }
            Action::Make { by, call, browser, behind } => {
                let now = if behind { state.now - BEHIND } else { state.now };
                self.make(state, by, call, browser, now).map(State::departed)
            }
            Action::Read { by, call, browser } => {
                self.read(state, by, call, browser).map(State::departed)
            }
            Action::Write => self.write(state),
            Action::Crash => self.crash(state),
            Action::Wait(seconds) => {
                let now = state.now + seconds;
                Some(State { now, ..state.clone() }.departed())
            }
            Action::Backup => {
                let backup = Some(state.database.clone());
                (state.backup != backup).then(|| State { backup, ..state.clone() }.departed())
            }
            Action::Restore => Self::restore(state),
            Action::Fetch => self.fetch(state),
        }
    }

    /// The call to which the page leads, or the wallet's answer.
    fn straight(&self, state: &State) -> Option<(By, Call)> {
        let node = self.calls.node(state.database.share);
        let open = || state.open(0);
        let restored = node.share.epoch() < state.epoch;
        if restored && state.database.kept.ended.is_none() {
            return open();
        }
        let latest = state.history.requests.last().map(|known| known.asked);
        let call = match node.name(state.now.max(node.clock())) {
            "invited" | "timed_out" => return open(),
            "registered_before" | "first_time" => Call::Registered,
            "notices" => Call::Start,
            "selecting" => Call::Select { employment: true },
            "confirming" => Call::Confirm,
            "confirmed" | "request_expired" | "not_received" | "refused" => {
                Call::Connect(self.next_request(state))
            }
            "connecting" => {
                let (to, sender) = (latest?, Sender::Person);
                return Some((By::Post, Call::Answer { to, of: to, sender }));
            }
            "awaiting_return" => Call::Return(latest?),
            "received_with_gaps" => Call::AcceptGaps,
            "received" => Call::BeginProfile,
            "email" => Call::Email { invited: true },
            "email_code" => state.next_code(Channel::Email),
            "mobile" | "no_mobile" => Call::Mobile,
            "mobile_code" => state.next_code(Channel::Mobile),
            "role" => Call::ConfirmRole,
            "role_disputed" if self.strictness.dispute_stops => Call::Resume,
            "role_disputed" => Call::GoOn,
            "on_hold" => Call::Resume,
            "ready" => Call::Submit(state.database.receipt?),
            _ => return None,
        };
        Some((By::Browser(state.history.current?), call))
    }

    /// A request for what the share says was confirmed, made by the right clock.
    fn next_request(&self, state: &State) -> Asked {
        let node = self.calls.node(state.database.share);
        let employment = node.share.selection().any(|part| part == "employment");
        let serial = state.history.request_serial();
        Asked { made_at: state.now, employment, serial, ours: true, way: self.way }
    }

    /// A call at once, by a portal whose clock says `now`.
    fn make(&self, state: &State, by: By, call: Call, browser: usize, now: i64) -> Option<State> {
        if let Call::KeyIn(channel, keyed) = call {
            let (counted_on, mut next) = (state.database.share, None);
            if let Some(counted) = self.make(state, by, Call::Count(channel), browser, now) {
                let judge = Call::Judge { channel, keyed, counted_on, at: now };
                next = self.make(&counted, by, judge, browser, now).or(Some(counted));
            }
            return next;
        }
        match self.calls.step(state.database.share, by, call, now, state.epoch) {
            Ok(moved) => Some(self.stored(state, (by, call), &moved, browser, now)),
            Err(Refused { faults, .. }) if faults.any() => Some(state.with(faults)),
            Err(refused) => self.told(state, call, refused, now),
        }
    }

    /// What a portal refuses of an answer is told to the share, for the person.
    fn told(&self, state: &State, call: Call, refused: Refused, now: i64) -> Option<State> {
        match call {
            Call::Answer { to, .. } if refused.code != "wrong_state" => {
                self.make(state, By::Post, Call::Refuse(to), 0, now)
            }
            _ => None,
        }
    }

    /// What was made is written, with all that belongs to it.
    fn stored(
        &self,
        state: &State,
        (by, call): (By, Call),
        moved: &Moved,
        browser: usize,
        now: i64,
    ) -> State {
        let mut next = state.clone();
        let now = now.max(self.calls.node(state.database.share).clock());
        let database = &mut next.database;
        database.share = moved.node;
        if moved.began_again || matches!(call, Call::Open(_) | Call::Connect(_) | Call::Withdraw) {
            database.receipt = None;
        }
        database.receipt = moved.receipt.or(database.receipt);
        if let Call::Open(opening) = call {
            next.browsers[browser] = Some(opening);
        }
        let node = self.calls.node(moved.node);
        let (kept, rules) = (&mut next.database.kept, self.strictness);
        let broken = next.history.observe((by, call), moved, &node, kept, rules, now);
        next.broken.add(broken);
        next.broken.unless(self.has_way_back(&next), Law::WayBack);
        if matches!(call, Call::Connect(_) | Call::Send(..)) && next.backup.is_none() {
            // The backup that is put back is of when a request or a code had just been made.
            next.backup = Some(next.database.clone());
        }
        next
    }

    /// F9: from every page on which something is missing the selection can be changed, and another
    /// request made unless there were too many; in the lenient way the gaps can be accepted.
    fn has_way_back(&self, state: &State) -> bool {
        let node = self.calls.node(state.database.share);
        let now = state.now.max(node.clock());
        let name = node.name(now);
        let Some(current) = state.history.current else { return true };
        let by = By::Browser(current);
        let may = |call| match self.calls.step(state.database.share, by, call, now, state.epoch) {
            Ok(_) => true,
            Err(refused) => refused.code == "too_many_requests",
        };
        let again = Call::Connect(Asked { made_at: now, ..self.next_request(state) });
        match name {
            "request_expired" | "not_received" | "refused" => may(Call::Amend) && may(again),
            "received_with_gaps" => may(Call::Amend) && may(again) && may(Call::AcceptGaps),
            "awaiting_return" => may(Call::Amend) && may(Call::Cancel) && may(again),
            _ => true,
        }
    }

    /// A portal reads the share for a call that could be made, and goes no further.
    fn read(&self, state: &State, by: By, call: Call, browser: usize) -> Option<State> {
        let (read, now) = (state.database.share, state.now);
        let (by, call) = by_another_portal(by, call);
        let first = match call {
            Call::KeyIn(channel, _) => Call::Count(channel),
            call => call,
        };
        let may = self.calls.step(read, by, first, now, state.epoch).is_ok();
        let held = Some(Held { by, call, browser, read, now, tries: 0 });
        (may && state.held.is_none()).then(|| State { held, ..state.clone() })
    }

    /// The portal makes its call on what it has read, and stores it where the share is still that one.
    /// Otherwise it reads again.
    fn write(&self, state: &State) -> Option<State> {
        let held = state.held.clone()?;
        let free = State { held: None, ..state.clone() };
        let lost = held.read != state.database.share && !matches!(held.call, Call::Judge { .. });
        if lost && self.calls.without != Some(Guard::CompareAndSet) {
            let tries = held.tries + 1;
            let again = Held { read: state.database.share, tries, ..held };
            return Some(State { held: (tries < TRIES).then_some(again), ..free });
        }
        let Held { by, call, browser, now, .. } = held;
        let read = if lost { held.read } else { state.database.share };
        let on = State { database: Database { share: read, ..free.database.clone() }, ..free };
        let Call::KeyIn(channel, keyed) = call else {
            let unchanged = State { database: state.database.clone(), ..on.clone() };
            return self.make(&on, by, call, browser, now).or(Some(unchanged));
        };
        let judge = Call::Judge { channel, keyed, counted_on: read, at: now };
        let mut counted = self.make(&on, by, Call::Count(channel), browser, now);
        if self.calls.without == Some(Guard::CountedFirst) {
            // The try is compared first, and nothing is stored yet.
            counted = Some(on.clone());
        }
        let counted = counted.unwrap_or(State { database: state.database.clone(), ..on });
        let read = counted.database.share;
        let held = Some(Held { by, call: judge, browser, read, now, tries: 0 });
        Some(State { held, ..counted })
    }

    /// Of a try that was counted nothing more is known. Where it was compared before it was counted, the
    /// person has seen the verdict.
    fn crash(&self, state: &State) -> Option<State> {
        let held = state.held.clone()?;
        let mut next = State { held: None, ..state.clone() };
        if let (Call::Judge { channel, keyed, .. }, Some(Guard::CountedFirst)) =
            (held.call, self.calls.without)
        {
            let (kept, broken) = (&mut next.database.kept, &mut next.broken);
            next.history.observe_judged(channel, keyed, false, kept, held.now, broken);
            let node = self.calls.node(next.database.share);
            next.broken.add(next.history.judge(&node, &next.database.kept, held.now));
        }
        Some(next)
    }

    fn restore(state: &State) -> Option<State> {
        let mut next = state.clone();
        next.database = state.backup.clone()?;
        next.epoch += 1;
        next.backup = None;
        next.history.restored();
        Some(next.departed())
    }

    fn fetch(&self, state: &State) -> Option<State> {
        let asked = state.history.requests.last()?.asked;
        let node = self.calls.node(state.database.share);
        let seen = node.share.retrieved(&asked.handle(), common::at(state.now));
        if self.calls.without != Some(Guard::Looking) || seen.is_none() {
            return None;
        }
        let by = By::Browser(state.history.current?);
        let next = self.make(state, by, Call::Extend, 0, state.now + 1)?;
        let mut broken = Broken::default();
        broken.unless(next.database.share == state.database.share, Law::Looking);
        Some(next.with(broken))
    }

    fn departures(&self, state: &State) -> Vec<(Kind, By, Call, usize)> {
        let mut all = Vec::new();
        for browser in 0..2 {
            if state.history.openings < 3 {
                let (by, call) = state.open(browser).expect("an opening has a number");
                all.push((Kind::Open, by, call, browser));
            }
            let Some(opening) = state.browsers[browser] else { continue };
            let (by, current) = (By::Browser(opening), state.history.current == Some(opening));
            let person = if current { Kind::Person } else { Kind::Other };
            for (kind, call) in self.calls_of_a_browser(state) {
                let kind = kind.filter(|_| current).unwrap_or(person);
                all.push((kind, by, call, browser));
            }
        }
        all.extend(posts(state).into_iter().map(|(kind, call)| (kind, By::Post, call, 0)));
        all.push((Kind::Withdraw, By::Trust, Call::Withdraw, 0));
        all
    }

    /// Everything that a page of any state could post, and what was tampered with.
    fn calls_of_a_browser(&self, state: &State) -> Vec<(Option<Kind>, Call)> {
        use Channel::{Email, Mobile};
        let mut all: Vec<(Option<Kind>, Call)> = [
            Call::Registered,
            Call::FirstTime,
            Call::Start,
            Call::Select { employment: false },
            Call::Select { employment: true },
            Call::Amend,
            Call::Confirm,
            Call::Cancel,
            Call::Expire,
            Call::AcceptGaps,
            Call::BeginProfile,
            Call::Email { invited: true },
            Call::Email { invited: false },
            Call::Mobile,
            Call::NoMobile,
            Call::Send(Email, state.history.code_serial()),
            Call::Send(Mobile, state.history.code_serial()),
            Call::Change(Email),
            Call::Change(Mobile),
            Call::ConfirmRole,
            Call::RoleIncorrect,
            Call::GoOn,
            Call::Hold,
            Call::Resume,
            Call::Extend,
        ]
        .map(|call| (None, call))
        .into();
        for channel in [Email, Mobile] {
            all.push((Some(Kind::Guess), Call::KeyIn(channel, Keyed::Wrong)));
            for sent in &state.history.codes {
                all.push((Some(Kind::OldCode), Call::KeyIn(channel, Keyed::of(sent))));
            }
        }
        let asked = self.next_request(state);
        all.push((None, Call::Connect(asked)));
        let tampered = [
            Asked { employment: !asked.employment, ..asked },
            Asked { ours: false, ..asked },
            Asked { made_at: asked.made_at + 600, ..asked },
        ];
        let old = state.history.requests.iter().map(|known| known.asked);
        let wrong = tampered.into_iter().chain(old);
        all.extend(wrong.map(|asked| (Some(Kind::WrongRequest), Call::Connect(asked))));
        let other_ways = Way::ALL.into_iter().filter(|way| *way != self.way);
        let other_ways = other_ways.map(|way| Call::Connect(Asked { way, ..asked }));
        all.extend(other_ways.map(|call| (Some(Kind::OtherWay), call)));
        let codes = state.history.requests.iter().map(|known| known.asked).chain([asked]);
        let codes = codes.filter(|asked| asked.way == Way::SameDevice);
        all.extend(codes.map(|asked| (Some(Kind::Return), Call::Return(asked))));
        for (_, receipt) in &state.history.receipts {
            all.push((Some(Kind::OldReceipt), Call::Submit(*receipt)));
        }
        all
    }
}

/// What one portal makes (a secret, a code, a request) is never what another makes meanwhile.
fn by_another_portal(by: By, call: Call) -> (By, Call) {
    const ANOTHER: u8 = 100;
    match call {
        Call::Open(opening) => (By::Browser(opening + ANOTHER), Call::Open(opening + ANOTHER)),
        Call::Send(channel, serial) => (by, Call::Send(channel, serial + ANOTHER)),
        Call::Connect(asked) => {
            (by, Call::Connect(Asked { serial: asked.serial + ANOTHER, ..asked }))
        }
        call => (by, call),
    }
}

/// What comes to the addresses of requests.
fn posts(state: &State) -> Vec<(Kind, Call)> {
    let mut all = Vec::new();
    let requests = &state.history.requests;
    for (place, known) in requests.iter().enumerate() {
        let to = known.asked;
        let latest = place + 1 == requests.len();
        let wallet = if latest { Kind::Wallet } else { Kind::Replay };
        for sender in senders(to.way) {
            all.push((wallet, Call::Answer { to, of: to, sender: *sender }));
        }
        all.push((Kind::Thief, Call::Answer { to, of: to, sender: Sender::Thief }));
        all.push((Kind::Rubbish, Call::Refuse(to)));
        let others = requests.iter().map(|other| other.asked).filter(|other| *other != to);
        for of in others.filter(|of| (of.way == Way::Service) == (to.way == Way::Service)) {
            let sender = Sender::Person;
            all.push((Kind::Replay, Call::Answer { to, of, sender }));
        }
    }
    all
}

/// Through the service a wallet shows all that is asked for, or nothing.
const fn senders(way: Way) -> &'static [Sender] {
    match way {
        Way::Service => &[Sender::Person],
        _ => &[Sender::Person, Sender::PersonInPart],
    }
}

impl State {
    fn departed(mut self) -> Self {
        self.departures = self.departures.saturating_sub(1);
        self
    }

    fn with(&self, broken: Broken) -> Self {
        let mut next = self.clone();
        next.broken.add(broken);
        next
    }

    /// Another opening of the invitation, by this browser.
    fn open(&self, browser: usize) -> Option<(By, Call)> {
        let opening = self.history.openings;
        (browser < 2).then_some((By::Browser(opening), Call::Open(opening)))
    }

    fn browser_of(&self, by: By) -> usize {
        let holds = |opening: u8| self.browsers.iter().position(|held| *held == Some(opening));
        match by {
            By::Browser(opening) => holds(opening).unwrap_or(0),
            _ => 0,
        }
    }

    /// The code that the person got, or the sending of one.
    fn next_code(&self, channel: Channel) -> Call {
        match self.history.live_code(channel, self.now) {
            Some(sent) => Call::KeyIn(channel, Keyed::of(&sent)),
            None => Call::Send(channel, self.history.code_serial()),
        }
    }
}

impl stateright::Model for Model {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.begin()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.broken.any() {
            return;
        }
        actions.push(Action::Straight);
        if state.held.is_some() {
            actions.extend([Action::Write, Action::Crash]);
        }
        if state.departures == 0 {
            return;
        }
        for (kind, by, call, browser) in self.departures(state) {
            if !self.allows(kind) {
                continue;
            }
            actions.push(Action::Make { by, call, browser, behind: false });
            if self.allows(Kind::Behind) {
                actions.push(Action::Make { by, call, browser, behind: true });
            }
            if self.allows(Kind::Hold) {
                actions.push(Action::Read { by, call, browser });
            }
        }
        if self.allows(Kind::Wait) && state.now < INVITATION {
            actions.extend([301, 1201, INVITATION].map(Action::Wait));
        }
        if self.allows(Kind::Restore) {
            actions.extend([Action::Backup, Action::Restore]);
        }
        if self.allows(Kind::Fetch) {
            actions.push(Action::Fetch);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        self.follow(state, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut all = laws::properties();
        all.extend([
            Property::sometimes("a share is submitted", |_, state: &State| {
                state.ended("submitted")
            }),
            Property::sometimes("somebody else's identity ends a share", |_, state: &State| {
                state.ended("not_matched")
            }),
            Property::sometimes("a share is submitted after a restore", |_, state: &State| {
                state.epoch > 0 && state.ended("submitted")
            }),
        ]);
        all
    }
}

impl State {
    fn ended(&self, how: &str) -> bool {
        self.database.kept.ended.is_some_and(|end| end.name() == how)
    }
}

/// How many departures are searched.
fn departures() -> u8 {
    std::env::var("STAFFPASS_MODEL_DEPARTURES").map_or(2, |number| number.parse().unwrap())
}

fn search(strict: bool, kinds: &'static [Kind], departures: u8) {
    search_by(Way::AnotherDevice, strict, kinds, departures);
}

fn search_by(way: Way, strict: bool, kinds: &'static [Kind], departures: u8) {
    let started = Instant::now();
    let model = Model { way, ..Model::new(strict, None, kinds, departures) };
    let checker = stateright::Model::checker(model).spawn_dfs().join();
    println!(
        "{way:?}, {}, {departures} departures: {} states ({} met), runs of up to {} steps; {} shares, {} calls; {:?}",
        if strict { "strict" } else { "lenient" },
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        checker.model().calls.shares(),
        checker.model().calls.made(),
        started.elapsed(),
    );
    for (law, path) in checker.discoveries() {
        if checker.model().laws().contains(&law) {
            panic!("{law}\n{}", told(&path.into_actions()));
        }
    }
    // What must be possible: the search is not empty.
    for possible in checker.model().possible() {
        assert!(checker.discovery(possible).is_some(), "no run in which {possible}");
    }
}

fn told(actions: &[Action]) -> String {
    actions.iter().map(|action| format!("  {action:?}\n")).collect()
}

const SUBMITTED: &str = "a share is submitted";
const NOT_MATCHED: &str = "somebody else's identity ends a share";
const RESTORED: &str = "a share is submitted after a restore";

impl Model {
    fn possible(&self) -> Vec<&'static str> {
        let needed =
            [(SUBMITTED, None), (NOT_MATCHED, Some(Kind::Thief)), (RESTORED, Some(Kind::Restore))];
        let possible =
            needed.into_iter().filter(|(_, kind)| kind.is_none_or(|kind| self.allows(kind)));
        possible.map(|(name, _)| name).collect()
    }

    fn laws(&self) -> Vec<&'static str> {
        Law::ALL.iter().map(|law| law.text()).collect()
    }
}

#[test]
fn every_run_keeps_every_law_where_all_must_come() {
    search(true, EVERYTHING, departures());
}

#[test]
fn every_run_keeps_every_law_where_gaps_are_accepted() {
    search(false, EVERYTHING, departures());
}

/// What can go wrong around a wallet, and between the ways of asking it.
const AROUND_THE_WALLET: &[Kind] = &[
    Kind::Open,
    Kind::Other,
    Kind::Return,
    Kind::OtherWay,
    Kind::Wallet,
    Kind::Replay,
    Kind::Thief,
    Kind::Rubbish,
    Kind::Wait,
    Kind::Restore,
    Kind::Hold,
];

#[test]
fn every_run_keeps_every_law_where_the_wallet_is_on_the_same_device() {
    search_by(Way::SameDevice, true, EVERYTHING, 1);
    search_by(Way::SameDevice, false, AROUND_THE_WALLET, departures());
}

#[test]
fn every_run_keeps_every_law_through_the_service() {
    search_by(Way::Service, true, EVERYTHING, 1);
    search_by(Way::Service, false, AROUND_THE_WALLET, departures());
}

#[test]
#[ignore = "minutes: .ci/long runs it"]
fn three_departures_on_the_same_device_and_through_the_service() {
    let kinds = &[Kind::Open, Kind::Return, Kind::OtherWay, Kind::Wallet, Kind::Replay, Kind::Wait];
    search_by(Way::SameDevice, false, kinds, 3);
    search_by(Way::Service, true, kinds, 3);
}

#[test]
#[ignore = "minutes: .ci/long runs it"]
fn three_departures_of_browsers_and_slow_portals() {
    search(true, &[Kind::Open, Kind::Other, Kind::Wallet, Kind::Guess, Kind::Hold], 3);
}

#[test]
#[ignore = "minutes: .ci/long runs it"]
fn three_departures_of_wallets_and_thieves() {
    let kinds = &[
        Kind::Open,
        Kind::Wallet,
        Kind::Replay,
        Kind::Thief,
        Kind::Rubbish,
        Kind::WrongRequest,
        Kind::Wait,
        Kind::Behind,
    ];
    search(true, kinds, 3);
}

#[test]
#[ignore = "minutes: .ci/long runs it"]
fn three_departures_of_codes_and_the_clock() {
    search(true, &[Kind::Person, Kind::Guess, Kind::OldCode, Kind::Wait, Kind::Open], 3);
}

#[test]
#[ignore = "minutes: .ci/long runs it"]
fn three_departures_around_a_restore() {
    let kinds = &[
        Kind::Restore,
        Kind::Open,
        Kind::Wallet,
        Kind::Replay,
        Kind::OldCode,
        Kind::OldReceipt,
        Kind::Withdraw,
        Kind::Hold,
    ];
    search(true, kinds, 3);
}

/// Without a guard, in the smallest search in which it is needed: the law is broken; with it, it is not.
struct Needed {
    strict: bool,
    guard: Guard,
    law: Law,
    kinds: &'static [Kind],
    departures: u8,
    before: Vec<Action>,
    begins: Begins,
    way: Way,
}

impl Needed {
    fn for_law(guard: Guard, law: Law, kinds: &'static [Kind], departures: u8) -> Self {
        let (before, begins, way) = (Vec::new(), Begins::Invited, Way::AnotherDevice);
        Self { strict: true, guard, law, kinds, departures, before, begins, way }
    }

    fn on_the_same_device(self) -> Self {
        Self { way: Way::SameDevice, ..self }
    }

    fn lenient(self) -> Self {
        Self { strict: false, ..self }
    }

    fn after(self, before: impl IntoIterator<Item = Action>) -> Self {
        Self { before: before.into_iter().collect(), ..self }
    }

    fn model(&self, without: Option<Guard>) -> Model {
        let mut model = Model::new(self.strict, without, self.kinds, self.departures);
        (model.before, model.begins) = (self.before.clone(), self.begins);
        model.way = self.way;
        model
    }

    /// The shortest run that breaks the law without the guard is printed.
    fn check(self) {
        let (law, started) = (self.law.text(), Instant::now());
        let with = stateright::Model::checker(self.model(None)).spawn_bfs().join();
        for kept in with.model().laws() {
            let broken = with.discovery(kept).map(|path| told(&path.into_actions()));
            assert!(broken.is_none(), "with the guard: {kept}\n{}", broken.unwrap_or_default());
        }
        let without = stateright::Model::checker(self.model(Some(self.guard)))
            .finish_when(HasDiscoveries::AnyOf([law].into()))
            .spawn_bfs()
            .join();
        let example = without.discovery(law);
        let example = example.unwrap_or_else(|| panic!("{law}: no counter-example"));
        let (with, without) = (with.unique_state_count(), without.unique_state_count());
        println!(
            "without {:?}, after {without} states (with it {with} are good; {:?}): {law}\n{}",
            self.guard,
            started.elapsed(),
            told(&example.into_actions())
        );
    }
}

/// The first so many steps of the straight way.
fn straight(steps: usize) -> Vec<Action> {
    vec![Action::Straight; steps]
}

/// A call by the first browser, which opened once.
fn person(call: Call) -> Action {
    Action::Make { by: By::Browser(0), call, browser: 0, behind: false }
}

/// Up to the request that waits for the wallet; up to what it sent; up to a code that was sent.
const CONNECTED: usize = 6;
const RECEIVED: usize = 7;
const EMAIL_CODE: usize = 10;

fn first_request() -> Asked {
    Asked { made_at: 1, employment: true, serial: 0, ours: true, way: Way::AnotherDevice }
}

/// Up to so many wrong codes, five for each code that is sent.
fn wrong_codes(times: usize) -> Vec<Action> {
    let wrong = person(Call::KeyIn(Channel::Email, Keyed::Wrong));
    let mut before = straight(EMAIL_CODE);
    for number in 0..times {
        if number > 0 && number.is_multiple_of(5) {
            let serial = u8::try_from(number / 5).unwrap();
            before.push(person(Call::Send(Channel::Email, serial)));
        }
        before.push(wrong);
    }
    before
}

/// So many requests, each cancelled, `apart` seconds from each other; and the next confirmed.
fn cancelled_requests(times: usize, apart: i64) -> Vec<Action> {
    let mut before = straight(CONNECTED);
    for _ in 0..times {
        before.push(person(Call::Cancel));
        before.push(Action::Straight);
        if apart > 0 {
            before.push(Action::Wait(apart));
        }
        before.push(Action::Straight);
    }
    before.truncate(before.len() - 1);
    before
}

macro_rules! guards {
    ($($test:ident: $needed:expr;)+) => {
        $(#[test] fn $test() { $needed.check(); })+
    };
}

guards! {
    guard_compare_and_set: Needed::for_law(
        Guard::CompareAndSet, Law::Counts, &[Kind::Guess, Kind::Hold], 2,
    ).after(straight(EMAIL_CODE));
    guard_session: Needed::for_law(
        Guard::Session, Law::OneBrowser, &[Kind::Open, Kind::Other], 2,
    );
    guard_stage: Needed::for_law(Guard::Stage, Law::Identity, &[Kind::Person], 1);
    guard_open_begins_again: Needed::for_law(
        Guard::OpenBeginsAgain, Law::Identity, &[Kind::Open], 1,
    );
    guard_channels: Needed::for_law(Guard::Channels, Law::Submitted, &[Kind::OldReceipt], 1);
    guard_notices: Needed::for_law(Guard::Notices, Law::Submitted, &[Kind::Person], 1);
    guard_asks: Needed::for_law(Guard::Asks, Law::Selection, &[Kind::WrongRequest], 1);
    guard_tenant: Needed::for_law(Guard::Tenant, Law::Own, &[Kind::WrongRequest], 1);
    guard_life: Needed::for_law(Guard::Life, Law::ShortLife, &[Kind::WrongRequest], 1);
    guard_reuse: Needed::for_law(Guard::Reuse, Law::Fresh, &[Kind::WrongRequest], 1)
        .after(straight(CONNECTED));
    guard_three_requests: Needed::for_law(
        Guard::FewRequests, Law::FewRequests, &[], 0,
    ).after(cancelled_requests(3, 0));
    guard_ten_requests: Needed::for_law(
        Guard::FewRequests, Law::FewRequests, &[], 0,
    ).after(cancelled_requests(10, 301));
    guard_answered: Needed::for_law(Guard::Answered, Law::Once, &[Kind::Wallet], 1);
    guard_superseded: Needed::for_law(
        Guard::Superseded, Law::Session, &[Kind::Open, Kind::Replay, Kind::Wallet], 2,
    );
    guard_cancelled: Needed::for_law(
        Guard::Cancelled, Law::Dead, &[Kind::Person, Kind::Wallet], 2,
    ).after(straight(CONNECTED));
    guard_expired: Needed::for_law(Guard::Expired, Law::InTime, &[Kind::Wait, Kind::Wallet], 2)
        .after(straight(CONNECTED));
    guard_flood: Needed::for_law(Guard::Flood, Law::Flood, &[Kind::Rubbish, Kind::Wallet], 1)
        .after(straight(CONNECTED).into_iter().chain([Action::Make {
            by: By::Post, call: Call::Refuse(first_request()), browser: 0, behind: false,
        }; 5]));
    guard_expectation: Needed::for_law(
        Guard::Expectation, Law::Session, &[Kind::Open, Kind::Replay], 2,
    );
    guard_return: Needed::for_law(Guard::Return, Law::Returned, &[Kind::Person], 1)
        .on_the_same_device();
    guard_return_code: Needed::for_law(Guard::ReturnCode, Law::Returned, &[Kind::Return], 1)
        .on_the_same_device();
    guard_return_time: Needed::for_law(
        Guard::ReturnTime, Law::Returned, &[Kind::Wait, Kind::Return], 2,
    ).on_the_same_device();
    guard_person: Needed::for_law(Guard::Person, Law::Person, &[Kind::Thief], 1);
    guard_complete: Needed::for_law(Guard::Complete, Law::Complete, &[Kind::Wallet], 1);
    guard_role_settled: Needed::for_law(Guard::RoleSettled, Law::Settled, &[Kind::Person], 2)
        .after(straight(RECEIVED));
    guard_evidence: Needed::for_law(
        Guard::Evidence, Law::Identity, &[Kind::Open, Kind::OldReceipt], 2,
    );
    guard_submitted_ends: Needed::for_law(Guard::SubmittedEnds, Law::Ended, &[Kind::Open], 1);
    guard_withdrawn_ends: Needed::for_law(
        Guard::WithdrawnEnds, Law::Ended, &[Kind::Withdraw, Kind::Open], 2,
    );
    guard_not_matched_ends: Needed::for_law(
        Guard::NotMatchedEnds, Law::Ended, &[Kind::Thief, Kind::Open], 2,
    );
    guard_invitation_time: Needed::for_law(
        Guard::InvitationTime, Law::Rest, &[Kind::Wait, Kind::Open], 2,
    );
    guard_session_time: Needed::for_law(
        Guard::SessionTime, Law::Rest, &[Kind::Wait, Kind::Person], 2,
    ).after(straight(RECEIVED));
    guard_clock: Needed::for_law(
        Guard::Clock, Law::Clock, &[Kind::Person, Kind::Behind], 1,
    );
    guard_epoch: Needed::for_law(
        Guard::Epoch, Law::Dead, &[Kind::Restore, Kind::Wallet], 2,
    );
    guard_code_time: Needed::for_law(
        Guard::CodeTime, Law::Code, &[Kind::Wait, Kind::OldCode], 2,
    ).after(straight(EMAIL_CODE));
    guard_code_once: Needed::for_law(Guard::CodeOnce, Law::Code, &[Kind::OldCode], 1)
        .after(straight(EMAIL_CODE));
    guard_code_address: Needed::for_law(
        Guard::CodeAddress, Law::Code, &[Kind::Person, Kind::OldCode], 3,
    ).after(straight(EMAIL_CODE));
    guard_few_tries: Needed::for_law(Guard::FewTries, Law::FewTries, &[Kind::Guess], 1)
        .after(wrong_codes(5));
    guard_each_tenth: Needed::for_law(
        Guard::EachTenth, Law::Closed, &[Kind::Person, Kind::Guess], 2,
    ).after(wrong_codes(10));
    guard_hundredth: Needed {
        begins: Begins::AfterManyTries,
        ..Needed::for_law(Guard::Hundredth, Law::Closed, &[Kind::Person, Kind::Guess], 2)
    }.after(wrong_codes(1));
    guard_counted_first: Needed::for_law(
        Guard::CountedFirst, Law::Counts, &[Kind::Guess, Kind::Hold], 1,
    ).after(straight(EMAIL_CODE));
    guard_whole_or_nothing: Needed::for_law(
        Guard::WholeOrNothing, Law::Unchanged, &[Kind::Wait, Kind::Person], 2,
    ).after(straight(RECEIVED));
    guard_looking: Needed::for_law(Guard::Looking, Law::Looking, &[Kind::Fetch], 1);
    guard_way_back: Needed::for_law(
        Guard::WayBack, Law::WayBack, &[Kind::Wallet], 1,
    ).lenient();
}
