//! The calls of the model, each made on the real share: once for each share, call and time that the
//! search meets, since the same call on the same share at the same time does the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use staffpass_otp::{Channel, KeyedIn, Verdict};
use staffpass_share::*;

use super::guards::{self, Guard};
use super::laws::{Broken, Law, Sent};
use super::things::{self, Asked, Sender, Way, secret};
use crate::common::{self, at, key, notices, set};

pub type NodeId = u32;
pub type ReceiptId = u32;

/// Whose call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// A browser, by the opening whose secret it holds.
    Browser(u8),
    /// Whoever posts to a response address: a wallet, or somebody with the QR code.
    Post,
    Trust,
}

/// What is keyed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyed {
    Wrong,
    /// The code with this number, and whether it had gone to the invited address.
    Code {
        serial: u8,
        invited: bool,
    },
}

impl Keyed {
    pub const fn of(sent: &Sent) -> Self {
        Self::Code { serial: sent.serial, invited: sent.invited }
    }

    fn read(self) -> KeyedIn {
        let text = match self {
            Self::Wrong => "000000".to_owned(),
            Self::Code { serial, .. } => things::digits(serial),
        };
        KeyedIn::parse(&text).unwrap()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    Open(u8),
    Registered,
    FirstTime,
    Start,
    Select {
        employment: bool,
    },
    Amend,
    Confirm,
    Connect(Asked),
    Cancel,
    Expire,
    /// A verified response to one request, at the address of another or the same.
    Answer {
        to: Asked,
        of: Asked,
        sender: Sender,
    },
    /// Rubbish at a response address.
    Refuse(Asked),
    /// A browser is back from the wallet, with the code of this request.
    Return(Asked),
    AcceptGaps,
    BeginProfile,
    Email {
        invited: bool,
    },
    Mobile,
    NoMobile,
    Send(Channel, u8),
    /// What a person does with a code: it is counted, and then judged.
    KeyIn(Channel, Keyed),
    Count(Channel),
    /// The attempt is the one that was counted on that share at that time.
    Judge {
        channel: Channel,
        keyed: Keyed,
        counted_on: NodeId,
        at: i64,
    },
    Change(Channel),
    ConfirmRole,
    RoleIncorrect,
    GoOn,
    Hold,
    Resume,
    Submit(ReceiptId),
    Extend,
    Withdraw,
}

/// A share that the search has met, and what laws look at.
pub struct Node {
    pub share: Share,
    pub totals: [u32; 2],
}

impl Node {
    pub fn name(&self, now: i64) -> &'static str {
        self.share.state(at(now)).name()
    }

    /// Whatever the time is.
    pub fn is(&self, name: &str) -> bool {
        self.share.state(self.share.clock()).name() == name
    }

    pub fn clock(&self) -> i64 {
        self.share.clock().signed_duration_since(at(0)).num_seconds()
    }

    pub fn is_past_the_wallet(&self, now: i64) -> bool {
        let names = [
            "received",
            "received_with_gaps",
            "email",
            "email_code",
            "mobile",
            "mobile_code",
            "codes_locked",
            "no_mobile",
            "role",
            "role_disputed",
            "on_hold",
            "ready",
            "submitted",
        ];
        names.contains(&self.name(now))
    }
}

/// The share has moved.
#[derive(Clone, Debug)]
pub struct Moved {
    pub node: NodeId,
    pub receipt: Option<ReceiptId>,
    /// A code confirmed an address.
    pub confirmed: bool,
    /// The call found that the database was restored.
    pub began_again: bool,
    pub faults: Broken,
}

/// It has not.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    pub code: &'static str,
    pub faults: Broken,
}

/// What came of a call.
#[derive(Default)]
struct Done {
    events: Vec<AuditEntry>,
    receipt: Option<(Receipt, Asked)>,
    confirmed: bool,
}

type Step = (NodeId, By, Call, i64, u64);

/// Every share that the search has met, and every call that was made on one.
#[derive(Default)]
struct Memo {
    nodes: Vec<Arc<Node>>,
    ids: HashMap<[u8; 32], NodeId>,
    receipts: Vec<(Arc<Receipt>, Asked)>,
    steps: HashMap<Step, Result<Moved, Refused>>,
}

pub struct Calls {
    rules: Rules,
    pub without: Option<Guard>,
    memo: Mutex<Memo>,
}

/// What is stored of a share.
fn written(share: &Share) -> Vec<u8> {
    serde_json::to_vec(share).unwrap()
}

/// What is stored of a share, without its versions: no call depends on them.
fn name(share: &Share) -> [u8; 32] {
    let text = String::from_utf8(written(share)).unwrap();
    let mut digest = Sha256::new();
    for part in text.split("\"version\":") {
        digest.update(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    digest.finalize().into()
}

impl Calls {
    pub fn new(rules: Rules, without: Option<Guard>) -> Self {
        Self { rules, without, memo: Mutex::default() }
    }

    pub fn node(&self, id: NodeId) -> Arc<Node> {
        Arc::clone(&self.memo.lock().unwrap().nodes[id as usize])
    }

    pub fn shares(&self) -> usize {
        self.memo.lock().unwrap().nodes.len()
    }

    pub fn made(&self) -> usize {
        self.memo.lock().unwrap().steps.len()
    }

    pub fn keep(&self, share: Share) -> NodeId {
        let id = name(&share);
        let mut memo = self.memo.lock().unwrap();
        if let Some(known) = memo.ids.get(&id) {
            return *known;
        }
        let json = common::stored(&share);
        let total = |channel: &str| json[channel]["codes"]["counter"]["total"].as_u64().unwrap();
        let totals = ["email", "mobile"].map(|channel| total(channel).try_into().unwrap());
        let number = NodeId::try_from(memo.nodes.len()).unwrap();
        memo.nodes.push(Arc::new(Node { share, totals }));
        memo.ids.insert(id, number);
        number
    }

    fn keep_receipt(&self, receipt: Receipt, to: Asked) -> ReceiptId {
        let mut memo = self.memo.lock().unwrap();
        memo.receipts.push((Arc::new(receipt), to));
        ReceiptId::try_from(memo.receipts.len() - 1).unwrap()
    }

    /// A receipt, and the request that was answered.
    pub fn receipt(&self, id: ReceiptId) -> (Arc<Receipt>, Asked) {
        self.memo.lock().unwrap().receipts[id as usize].clone()
    }

    /// Makes a call on a share, as a store of this epoch does, by a clock that says `now`.
    pub fn step(
        &self,
        from: NodeId,
        by: By,
        call: Call,
        now: i64,
        epoch: u64,
    ) -> Result<Moved, Refused> {
        let step = (from, by, call, now, epoch);
        if let Some(known) = self.memo.lock().unwrap().steps.get(&step) {
            return known.clone();
        }
        let made = self.make(step);
        self.memo.lock().unwrap().steps.insert(step, made.clone());
        made
    }

    fn make(&self, (from, by, call, now, epoch): Step) -> Result<Moved, Refused> {
        let mut share = self.node(from).share.clone();
        let began_again = self.enter_epoch(&mut share, epoch, now);
        let blinded = guards::blind(self, &share, call, now);
        let mut moved = blinded.clone();
        match self.perform(&mut moved, by, call, at(now)) {
            Ok(done) => {
                let moved = guards::give_back(self, &share, moved, call);
                let faults = faults(&share, &moved, &done.events);
                let receipt = done.receipt.map(|(receipt, to)| self.keep_receipt(receipt, to));
                let (node, confirmed) = (self.keep(moved), done.confirmed);
                Ok(Moved { node, receipt, confirmed, began_again, faults })
            }
            Err(refusal) => {
                let moved = guards::refused(self, moved, now);
                let mut faults = Broken::default();
                faults.unless(written(&moved) == written(&blinded), Law::Unchanged);
                Err(Refused { code: refusal.code(), faults })
            }
        }
    }

    /// As the store does when it locks a share.
    fn enter_epoch(&self, share: &mut Share, epoch: u64, now: i64) -> bool {
        let old = share.epoch() < epoch && self.without != Some(Guard::Epoch);
        old && share.enter_epoch(epoch, at(now)).is_ok()
    }

    fn perform(
        &self,
        share: &mut Share,
        by: By,
        call: Call,
        now: DateTime<Utc>,
    ) -> Result<Done, Refusal> {
        if let By::Browser(opening) = by
            && !matches!(call, Call::Open(_))
            && self.without != Some(Guard::Session)
        {
            share.check_session(&secret(opening))?;
        }
        if self.without == Some(Guard::WayBack) && call == Call::Amend {
            let _ = share.confirm(now)?;
        }
        let rules = guards::rules(self, &self.rules, call);
        let moved = match call {
            Call::Open(opening) => share.open(secret(opening), &rules, now),
            Call::Registered => share.registered_before(now),
            Call::FirstTime => share.first_time(now),
            Call::Start => share.start(notices(), now),
            Call::Select { employment } => {
                let ticked: &[&str] = if employment { &["employment"] } else { &[] };
                share.select(&set(ticked), &rules, now)
            }
            Call::Amend => share.amend(now),
            Call::Confirm => share.confirm(now),
            Call::Connect(asked) => connect(share, asked, now),
            Call::Cancel => share.cancel(now),
            Call::Expire => share.expire(now),
            Call::Answer { to, of, sender } => {
                let received = receive(share, (to, of, sender), &rules, now)?;
                let receipt = received.arrival.into_receipt().map(|receipt| (receipt, to));
                return Ok(Done { events: received.events, receipt, confirmed: false });
            }
            Call::Refuse(asked) => share.refuse(&asked.handle(), ["nonce_mismatch"], now),
            Call::Return(asked) => share.returned(&asked.code(), now),
            Call::AcceptGaps => share.accept_gaps(now),
            Call::BeginProfile => share.begin_profile(now),
            Call::Email { invited } => share.enter_email(things::email(invited), now),
            Call::Mobile => share.enter_mobile(MobileNumber::parse("07700 900123").unwrap(), now),
            Call::NoMobile => share.no_mobile(now),
            Call::Send(channel, serial) => {
                let mut rng = things::rng(serial);
                let sent = share.send_code(channel, &key(), &rules, &mut rng, now)?;
                return Ok(Done { events: sent.events, ..Done::default() });
            }
            Call::KeyIn(..) => unreachable!("it is made in two steps"),
            Call::Count(channel) => {
                let counted = share.count_code(channel, now)?;
                return Ok(Done { events: counted.events, ..Done::default() });
            }
            Call::Judge { channel, keyed, counted_on, at } => {
                return self.judge(share, (channel, keyed), (counted_on, at), now);
            }
            Call::Change(channel) => share.change_contact(channel, now),
            Call::ConfirmRole => share.confirm_role(now),
            Call::RoleIncorrect => share.role_incorrect(now),
            Call::GoOn => share.continue_with_disputed_role(&rules, now),
            Call::Hold => share.hold(now),
            Call::Resume => share.resume(now),
            Call::Submit(receipt) => {
                let submitted = share.submit(&self.receipt(receipt).0, now)?;
                return Ok(Done { events: submitted.events, ..Done::default() });
            }
            Call::Extend => share.extend(now),
            Call::Withdraw => share.withdraw(now),
        }?;
        Ok(Done { events: moved.events, ..Done::default() })
    }

    /// A counted attempt cannot be kept; it is counted again on the share that it was counted on.
    fn judge(
        &self,
        share: &mut Share,
        (channel, keyed): (Channel, Keyed),
        (counted_on, counted_at): (NodeId, i64),
        now: DateTime<Utc>,
    ) -> Result<Done, Refusal> {
        let counting = self.node(counted_on);
        let mut counting = guards::blind(self, &counting.share, Call::Count(channel), counted_at);
        let attempt = counting.count_code(channel, at(counted_at))?.attempt;
        let judged = share.judge_code(channel, attempt, &keyed.read(), &key(), now)?;
        let confirmed = judged.verdict == Verdict::Confirmed;
        Ok(Done { events: judged.events, confirmed, receipt: None })
    }
}

fn connect(
    share: &mut Share,
    asked: Asked,
    now: DateTime<Utc>,
) -> Result<staffpass_share::Moved, Refusal> {
    match asked.way {
        Way::AnotherDevice => share.connect(asked.request().expectation(), now),
        Way::SameDevice => {
            let awaited = asked.code().digest();
            share.connect_on_same_device(asked.request().expectation(), awaited, now)
        }
        Way::Service => share.connect_through_service(&asked.exchange(), now),
    }
}

fn receive(
    share: &mut Share,
    (to, of, sender): (Asked, Asked, Sender),
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Received, Refusal> {
    match to.way {
        Way::Service => {
            let (response, exchange) = (of.receipt(sender), to.receipt(sender));
            share.receive_receipt(&response.0, &exchange.1, rules, now)
        }
        _ => share.receive(&of.answer(sender), &to.handle(), rules, now),
    }
}

/// What can be seen from a transition alone.
fn faults(before: &Share, after: &Share, events: &[AuditEntry]) -> Broken {
    let mut broken = Broken::default();
    let (then, now) = (before.clock(), after.clock());
    let forward = events.iter().all(|entry| then <= entry.at && entry.at <= now);
    broken.unless(then <= now && forward, Law::Clock);
    broken.unless(after.version() == before.version() + 1, Law::Unchanged);
    // Looking, each way that there is.
    let seen = written(after);
    let _ = (after.state(now), after.flags(), after.email(), after.session_ends_at());
    broken.unless(written(after) == seen, Law::Looking);
    broken
}
