//! What must hold, whatever happens; and what the world outside the share knows, by which it is judged.

use staffpass_otp::Channel;

use super::calls::{By, Call, Keyed, Moved, Node, ReceiptId};
use super::things::{Asked, Sender, Way};

macro_rules! laws {
    ($($law:ident: $text:literal,)+) => {
        /// What must hold. F1 to F12 are the invariants of the share flow, the others limits of its
        /// guards; they are told apart so that each guard can be seen to be needed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Law { $($law),+ }

        impl Law {
            pub const ALL: &'static [Self] = &[$(Self::$law),+];

            pub const fn text(self) -> &'static str {
                match self { $(Self::$law => $text),+ }
            }
        }

        /// Each as a property for the checker.
        pub(super) fn properties() -> Vec<stateright::Property<super::Model>> {
            vec![$(stateright::Property::always(
                $text, |_, state: &super::State| state.broken.holds(Law::$law)
            )),+]
        }
    };
}

laws! {
    Identity: "F1: no page past the wallet without an identity that came in this session",
    Submitted: "F2: none submitted without two confirmed addresses and the notices, in this session",
    Selection: "F3: what is asked is what was confirmed",
    Session: "F4: an answer counts for its own request and in its own session",
    Counts: "F5: each try that was compared is counted, and no count falls",
    OneBrowser: "F6: the browser that opened last acts, and no other",
    Unchanged: "F7: what is refused changes nothing",
    Looking: "F8: looking changes nothing",
    WayBack: "F9: what did not come never blocks",
    Once: "a request is answered once, ever",
    Dead: "a request that was cancelled or superseded, or is of before a restore, is not answered",
    InTime: "a request is not answered after its time",
    Returned: "what came over the same device counts once its own browser is back with its code",
    ShortLife: "a request lives five minutes at most",
    Fresh: "no request is made twice",
    Own: "a request is of the share's trust",
    FewRequests: "three requests are unexpired at most, and ten made in a day, since a restore",
    Flood: "five refused answers to a request, and no more",
    Person: "the identity is the invited person's",
    Complete: "strict: all that was confirmed came",
    Settled: "where a disputed role stops, none is submitted with one",
    Ended: "what has ended stays ended",
    Rest: "a session that rested too long, or an invitation that has expired, lets nothing happen",
    Clock: "time does not run back",
    Code: "a code confirms once, in time, in its session and for its address",
    FewTries: "five tries at a set of codes, and no more",
    Closed: "a closed channel takes no try: 30 minutes after each tenth, for good after the hundredth",
}

/// Laws that were broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Broken(u32);

impl Broken {
    pub fn holds(self, law: Law) -> bool {
        self.0 & (1 << law as u32) == 0
    }

    pub fn unless(&mut self, holds: bool, law: Law) {
        if !holds {
            self.0 |= 1 << law as u32;
        }
    }

    pub fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub const fn any(self) -> bool {
        self.0 != 0
    }
}

/// What is known of a request: by whom it can be answered no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Known {
    pub asked: Asked,
    opening: u8,
    fate: Fate,
    refused: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Fate {
    Waiting,
    Dead,
    Answered,
}

/// A code that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sent {
    pub channel: Channel,
    pub serial: u8,
    /// Whether it went to the invited address.
    pub invited: bool,
    opening: u8,
    expires: i64,
    used: bool,
}

/// How a share has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    Submitted,
    Withdrawn,
    NotMatched,
}

impl End {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Withdrawn => "withdrawn",
            Self::NotMatched => "not_matched",
        }
    }
}

/// What the database ought to know: it goes back with a restore.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kept {
    pub ended: Option<End>,
    counted: [u32; 2],
    compared: [u32; 2],
    closed_until: [i64; 2],
}

/// What has happened in the session that has the share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct InSession {
    opened_at: i64,
    last_active: i64,
    notices: bool,
    ticked: bool,
    confirmed: Option<bool>,
    accepted: Option<usize>,
    returned: bool,
    invited: [bool; 2],
    addresses: [bool; 2],
    disputed: bool,
}

/// What the world outside the share knows. No restore takes it back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct History {
    pub openings: u8,
    /// The opening whose browser has the share.
    pub current: Option<u8>,
    pub requests: Vec<Known>,
    pub codes: Vec<Sent>,
    pub receipts: Vec<(usize, ReceiptId)>,
    /// Requests before this one are dead, and a database that was restored may not know of them.
    since_restore: usize,
    tries: [u32; 2],
    session: InSession,
}

/// The trust's rules, as far as laws depend on them.
#[derive(Clone, Copy, Debug)]
pub struct Strictness {
    pub strict: bool,
    pub dispute_stops: bool,
}

const IDLE: i64 = 20 * 60;
const LONGEST: i64 = 2 * 3600;
pub const INVITATION: i64 = 14 * 24 * 3600;

const fn at_index(channel: Channel) -> usize {
    match channel {
        Channel::Mobile => 1,
        _ => 0,
    }
}

impl History {
    pub fn request_serial(&self) -> u8 {
        u8::try_from(self.requests.len()).unwrap()
    }

    pub fn code_serial(&self) -> u8 {
        u8::try_from(self.codes.len()).unwrap()
    }

    /// The database was restored: whatever was unfinished is dead.
    pub fn restored(&mut self) {
        self.end_session();
        self.since_restore = self.requests.len();
        self.tries = [0, 0];
    }

    /// Whether the latest code of a channel could be keyed in: what the person would do.
    pub fn live_code(&self, channel: Channel, now: i64) -> Option<Sent> {
        let invited = self.session.invited[at_index(channel)];
        let live = |sent: &&Sent| {
            sent.channel == channel
                && !sent.used
                && Some(sent.opening) == self.current
                && sent.invited == invited
                && now < sent.expires
        };
        let found = self.codes.iter().rev().find(live).copied();
        found.filter(|_| self.tries[at_index(channel)] < 5)
    }

    fn end_session(&mut self) {
        self.kill_requests();
        self.current = None;
        self.session = InSession::default();
    }

    fn kill_requests(&mut self) {
        for known in self.requests.iter_mut().filter(|known| known.fate == Fate::Waiting) {
            known.fate = Fate::Dead;
        }
    }

    /// A call was made, and the share has moved: what of it is against a law? `now` is the time that
    /// the share went by.
    pub fn observe(
        &mut self,
        (by, call): (By, Call),
        moved: &Moved,
        node: &Node,
        kept: &mut Kept,
        rules: Strictness,
        now: i64,
    ) -> Broken {
        let mut broken = moved.faults;
        if moved.began_again {
            self.end_session();
        }
        // Whoever did not match can still be withdrawn.
        let withdrawn = kept.ended == Some(End::NotMatched) && call == Call::Withdraw;
        broken.unless(kept.ended.is_none() || withdrawn, Law::Ended);
        if !matches!(by, By::Trust) {
            broken.unless(now < INVITATION, Law::Rest);
        }
        if !matches!(call, Call::Open(_)) && !matches!(by, By::Trust) {
            let (active, opened) = (self.session.last_active, self.session.opened_at);
            broken.unless(now < active + IDLE && now < opened + LONGEST, Law::Rest);
        }
        if let By::Browser(opening) = by
            && !matches!(call, Call::Open(_))
        {
            broken.unless(self.current == Some(opening), Law::OneBrowser);
            self.session.last_active = now;
        }
        self.observe_call(call, moved, node, kept, rules, now, &mut broken);
        broken.add(self.judge(node, kept, now));
        broken
    }

    #[expect(clippy::too_many_arguments, reason = "what is observed, of what, and by what")]
    fn observe_call(
        &mut self,
        call: Call,
        moved: &Moved,
        node: &Node,
        kept: &mut Kept,
        rules: Strictness,
        now: i64,
        broken: &mut Broken,
    ) {
        match call {
            Call::Open(opening) => {
                self.end_session();
                self.openings += 1;
                self.current = Some(opening);
                self.session =
                    InSession { opened_at: now, last_active: now, ..InSession::default() };
                self.tries = [0, 0];
            }
            Call::Start => self.session.notices = true,
            Call::Select { employment } => self.session.ticked = employment,
            Call::Confirm => self.session.confirmed = Some(self.session.ticked),
            Call::Connect(asked) => self.observe_connect(asked, now, broken),
            Call::Cancel | Call::Amend => {
                self.kill_requests();
                self.session.accepted = None;
                self.session.returned = false;
            }
            Call::Return(asked) => self.observe_return(asked, now, broken),
            Call::Answer { to, of, sender } => {
                self.observe_answer((to, of, sender), moved, node, rules, now, broken);
                if node.is("not_matched") {
                    kept.ended = Some(End::NotMatched);
                }
            }
            Call::Refuse(asked) => {
                let known = self.requests.iter_mut().find(|known| known.asked == asked);
                let known = known.expect("only requests that were made are refused");
                known.refused += 1;
                broken.unless(known.refused <= 5, Law::Flood);
            }
            Call::Change(channel) => self.void(channel),
            Call::Email { invited } => self.enter(Channel::Email, invited),
            Call::Mobile => self.enter(Channel::Mobile, true),
            Call::Send(channel, serial) => self.observe_send(channel, serial, now, kept, broken),
            Call::Count(channel) => {
                kept.count(channel, now, broken);
            }
            Call::Judge { channel, keyed, .. } => {
                self.observe_judged(channel, keyed, moved.confirmed, kept, now, broken);
            }
            Call::RoleIncorrect => self.session.disputed = true,
            Call::ConfirmRole => self.session.disputed = false,
            Call::Submit(receipt) => {
                self.observe_submission(receipt, rules, broken);
                kept.ended = Some(End::Submitted);
            }
            Call::Withdraw => {
                self.end_session();
                kept.ended = Some(End::Withdrawn);
            }
            _ => {}
        }
    }

    fn enter(&mut self, channel: Channel, invited: bool) {
        self.session.invited[at_index(channel)] = invited;
        self.session.addresses[at_index(channel)] = false;
        self.void(channel);
    }

    /// The codes that went out over a channel are good for nothing.
    fn void(&mut self, channel: Channel) {
        for sent in self.codes.iter_mut().filter(|sent| sent.channel == channel) {
            sent.used = true;
        }
    }

    fn observe_connect(&mut self, asked: Asked, now: i64, broken: &mut Broken) {
        broken.unless(self.session.confirmed == Some(asked.employment), Law::Selection);
        broken.unless(asked.ours, Law::Own);
        broken.unless(self.requests.iter().all(|known| known.asked != asked), Law::Fresh);
        broken.unless(now < asked.expires() && asked.expires() <= now + 300, Law::ShortLife);
        self.kill_requests();
        self.session.accepted = None;
        self.session.returned = false;
        let opening = self.current.unwrap_or_default();
        self.requests.push(Known { asked, opening, fate: Fate::Waiting, refused: 0 });
        let known = &self.requests[self.since_restore..];
        let unexpired = known.iter().filter(|known| now < known.asked.expires()).count();
        broken.unless(unexpired <= 3 && known.len() <= 10, Law::FewRequests);
    }

    fn observe_answer(
        &mut self,
        (to, of, sender): (Asked, Asked, Sender),
        moved: &Moved,
        node: &Node,
        rules: Strictness,
        now: i64,
        broken: &mut Broken,
    ) {
        let place = self.requests.iter().rposition(|known| known.asked == to);
        let place = place.expect("only requests that were made are answered");
        let known = self.requests[place];
        broken.unless(known.fate != Fate::Answered, Law::Once);
        broken.unless(known.fate != Fate::Dead, Law::Dead);
        broken.unless(of == to && Some(known.opening) == self.current, Law::Session);
        broken.unless(now < to.expires(), Law::InTime);
        broken.unless(known.refused < 5, Law::Flood);
        self.requests[place].fate = Fate::Answered;
        if node.is("not_matched") {
            broken.unless(sender == Sender::Thief, Law::Person);
            return;
        }
        broken.unless(sender != Sender::Thief, Law::Person);
        let came = sender == Sender::Person || !to.employment;
        broken.unless(came || !rules.strict, Law::Complete);
        self.session.last_active = now;
        self.session.accepted = Some(place);
        self.receipts.extend(moved.receipt.map(|receipt| (place, receipt)));
    }

    /// A code is good once, in time, for what came to its own request.
    fn observe_return(&mut self, asked: Asked, now: i64, broken: &mut Broken) {
        let accepted = self.session.accepted.map(|place| self.requests[place].asked);
        let good = accepted == Some(asked) && !self.session.returned && now < asked.expires();
        broken.unless(good && asked.way == Way::SameDevice, Law::Returned);
        self.session.returned = true;
    }

    fn observe_send(
        &mut self,
        channel: Channel,
        serial: u8,
        now: i64,
        kept: &Kept,
        broken: &mut Broken,
    ) {
        let index = at_index(channel);
        broken.unless(kept.closed_until[index] <= now, Law::Closed);
        if self.live_code(channel, now).is_none() {
            self.tries[index] = 0;
        }
        let (invited, opening) = (self.session.invited[index], self.current.unwrap_or_default());
        self.codes.push(Sent {
            channel,
            serial,
            invited,
            opening,
            expires: now + 300,
            used: false,
        });
    }

    /// A code was compared, and that is what is counted: whoever keyed it in learns from it.
    pub fn observe_judged(
        &mut self,
        channel: Channel,
        keyed: Keyed,
        confirmed: bool,
        kept: &mut Kept,
        now: i64,
        broken: &mut Broken,
    ) {
        let index = at_index(channel);
        kept.compared[index] += 1;
        self.tries[index] += 1;
        broken.unless(self.tries[index] <= 5, Law::FewTries);
        if confirmed {
            kept.reopen(channel);
            self.confirmed(channel, keyed, now, broken);
        }
    }

    fn confirmed(&mut self, channel: Channel, keyed: Keyed, now: i64, broken: &mut Broken) {
        let (index, current) = (at_index(channel), self.current);
        let invited = self.session.invited[index];
        let sent = self.codes.iter_mut().find(|sent| keyed == Keyed::of(sent));
        let good = sent.as_ref().is_some_and(|sent| {
            !sent.used
                && sent.channel == channel
                && Some(sent.opening) == current
                && sent.invited == invited
                && now < sent.expires
        });
        broken.unless(good, Law::Code);
        if let Some(sent) = sent {
            sent.used = true;
        }
        self.session.addresses[index] = good;
    }

    fn observe_submission(&self, receipt: ReceiptId, rules: Strictness, broken: &mut Broken) {
        let session = &self.session;
        let complete = session.addresses == [true, true] && session.notices;
        broken.unless(complete, Law::Submitted);
        broken.unless(!(rules.dispute_stops && session.disputed), Law::Settled);
        let request = self.receipts.iter().find(|(_, known)| *known == receipt);
        let accepted = request.map(|(request, _)| *request);
        broken.unless(accepted.is_some() && accepted == session.accepted, Law::Identity);
    }

    /// Whether what was accepted came over the same device, and the person is not back yet.
    fn is_awaited(&self) -> bool {
        let accepted = self.session.accepted.map(|place| self.requests[place].asked.way);
        accepted == Some(Way::SameDevice) && !self.session.returned
    }

    /// What must hold of a share as it stands.
    pub fn judge(&self, node: &Node, kept: &Kept, now: i64) -> Broken {
        let mut broken = Broken::default();
        if node.is_past_the_wallet(now) && kept.ended.is_none() {
            let accepted = self.session.accepted.map(|place| self.requests[place].opening);
            broken.unless(accepted.is_some() && accepted == self.current, Law::Identity);
            broken.unless(!self.is_awaited(), Law::Returned);
        }
        for channel in 0..2 {
            let (counted, compared) = (kept.counted[channel], kept.compared[channel]);
            broken.unless(counted.max(compared) <= node.totals[channel], Law::Counts);
        }
        broken
    }
}

impl Kept {
    /// So many tries were made before the model begins.
    pub fn with_tries(channel: Channel, times: u32) -> Self {
        let mut kept = Self::default();
        kept.counted[at_index(channel)] = times;
        kept
    }

    /// A try is counted: each tenth closes the channel for 30 minutes, the hundredth for good.
    fn count(&mut self, channel: Channel, now: i64, broken: &mut Broken) {
        let index = at_index(channel);
        broken.unless(self.closed_until[index] <= now, Law::Closed);
        self.counted[index] += 1;
        if self.counted[index] >= 100 {
            self.closed_until[index] = i64::MAX;
        } else if self.counted[index].is_multiple_of(10) {
            self.closed_until[index] = now + 1800;
        }
    }

    /// It was right: that it was the tenth closes nothing.
    fn reopen(&mut self, channel: Channel) {
        let index = at_index(channel);
        if self.counted[index] < 100 && self.counted[index].is_multiple_of(10) {
            self.closed_until[index] = 0;
        }
    }
}
