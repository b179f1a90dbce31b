//! The live codes of one share over one channel, and the judging of what is keyed in.

use core::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use subtle::Choice;

use crate::binding::{Binding, CodeDigest, CodeKey};
use crate::code::{Code, KeyedIn};
use crate::counter::{ChannelCounter, TRIES_PER_SET};
use crate::error::{Error, Refusal};

/// How long a code lives: 5 minutes unless told otherwise, and never more than 10 (NIST SP 800-63B-4
/// section 3.1.3.2; ASVS 5.0, 6.5.5). No other value can be made, nor read from a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Lifetime(TimeDelta);

impl Lifetime {
    /// The longest: 10 minutes.
    pub const MAX: Self = Self(TimeDelta::minutes(10));

    /// A lifetime in whole seconds.
    ///
    /// # Errors
    ///
    /// [`Error::Lifetime`] unless from 1 to 600.
    pub fn from_seconds(seconds: i64) -> Result<Self, Error> {
        let span = TimeDelta::try_seconds(seconds).map(Self);
        span.filter(|_| seconds >= 1)
            .filter(|span| *span <= Self::MAX)
            .ok_or(Error::Lifetime { seconds })
    }

    /// The lifetime in seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.num_seconds()
    }
}

impl Default for Lifetime {
    fn default() -> Self {
        Self(TimeDelta::minutes(5))
    }
}

impl TryFrom<i64> for Lifetime {
    type Error = Error;

    fn try_from(seconds: i64) -> Result<Self, Error> {
        Self::from_seconds(seconds)
    }
}

impl From<Lifetime> for i64 {
    fn from(lifetime: Lifetime) -> Self {
        lifetime.seconds()
    }
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Verdict {
    /// The code is right: the address of the binding is confirmed. All live codes are used up.
    Confirmed,
    /// The code is wrong.
    Wrong {
        /// The tries that are left for these codes; at 0 they have ended, and another must be sent.
        left: u32,
    },
    /// The attempt was not judged, or this wrong try closed the channel.
    Refused(Refusal),
}

impl Verdict {
    /// The stable code of this verdict.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Confirmed => "otp_confirmed",
            Self::Wrong { .. } => "otp_wrong",
            Self::Refused(refusal) => refusal.code(),
        }
    }
}

/// An attempt that has been counted and may be judged, once. It cannot be made, copied or stored
/// otherwise.
#[derive(Debug)]
#[must_use]
pub struct CountedAttempt {
    set: u64,
    number: u32,
    closed_channel: bool,
}

/// The codes and counts of one share over one channel. Store it; it holds no code and no address.
///
/// A *set* begins with a code sent when none is live. A code sent again joins the set (the two latest
/// count) and sets back nothing.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Confirmation {
    counter: ChannelCounter,
    set: u64,
    tries: u32,
    codes: [Option<LiveCode>; 2],
    latest: Option<DateTime<Utc>>,
}

impl Confirmation {
    /// No codes, and nothing counted.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the digest of a code, and says until when it lives. Store the state, then send the code.
    ///
    /// # Errors
    ///
    /// [`Refusal::Locked`] or [`Refusal::LockedForGood`] while the channel is closed.
    pub fn add_code(
        &mut self,
        code: &Code,
        binding: &Binding<'_>,
        key: &CodeKey,
        lifetime: Lifetime,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, Refusal> {
        let now = self.raise_clock(now);
        self.counter.check_open(now)?;
        if self.check_live(now).is_err() {
            self.begin_set();
        }
        let digest = key.digest(binding, code.reveal().as_bytes());
        let added = LiveCode { digest, sent_at: now, lifetime };
        let expires_at = added.expires_at();
        let previous = self.codes.first_mut().and_then(|newest| newest.replace(added));
        if let Some(second) = self.codes.last_mut() {
            *second = previous;
        }
        Ok(expires_at)
    }

    /// Counts an attempt as a wrong one, before anything is compared. Store the state, and only then
    /// call [`judge`](Self::judge): so an attempt is counted even where the process dies, and of many
    /// attempts at once each is counted.
    ///
    /// # Errors
    ///
    /// [`Refusal`] where no attempt may be made; then nothing is counted.
    pub fn count_attempt(&mut self, now: DateTime<Utc>) -> Result<CountedAttempt, Refusal> {
        let now = self.raise_clock(now);
        self.counter.check_open(now)?;
        self.check_live(now)?;
        self.counter.count(now)?;
        self.tries = self.tries.saturating_add(1);
        let closed_channel = self.counter.check_open(now).is_err();
        Ok(CountedAttempt { set: self.set, number: self.tries, closed_channel })
    }

    /// Judges a counted attempt: the digest of what was keyed in is compared with that of every live
    /// code, in constant time. Store the state, by compare-and-set, before acting on the verdict: of
    /// two that say confirmed, one loses.
    pub fn judge(
        &mut self,
        attempt: CountedAttempt,
        keyed_in: &KeyedIn,
        binding: &Binding<'_>,
        key: &CodeKey,
        now: DateTime<Utc>,
    ) -> Verdict {
        let now = self.raise_clock(now);
        if attempt.set != self.set || attempt.number > self.tries {
            return Verdict::Refused(Refusal::NotCounted);
        }
        let found = self.find(&key.digest(binding, keyed_in.as_bytes()), now);
        match (found, self.latest_expiry()) {
            (Found::Live, _) => self.confirm(&attempt),
            (_, None) => Verdict::Refused(Refusal::NoLiveCode),
            (Found::Expired, Some(until)) => Verdict::Refused(Refusal::Expired { now, until }),
            (Found::Nothing, Some(until)) if until <= now => {
                Verdict::Refused(Refusal::Expired { now, until })
            }
            (Found::Nothing, Some(_)) => self.wrong(now),
        }
    }

    /// Counts and judges in one. Only where the state is stored as a whole, under a lock or by
    /// compare-and-set, *before* the verdict is shown; otherwise use the two steps.
    pub fn attempt(
        &mut self,
        keyed_in: &KeyedIn,
        binding: &Binding<'_>,
        key: &CodeKey,
        now: DateTime<Utc>,
    ) -> Verdict {
        match self.count_attempt(now) {
            Ok(attempt) => self.judge(attempt, keyed_in, binding, key, now),
            Err(refusal) => Verdict::Refused(refusal),
        }
    }

    /// Ends the live codes, for example when the person changes the address. The counts stand.
    pub fn withdraw_codes(&mut self) {
        self.codes = [None, None];
    }

    /// The tries over this channel for this share, and whether it is closed.
    #[must_use]
    pub const fn counter(&self) -> &ChannelCounter {
        &self.counter
    }

    /// Whether a code could be tried now.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        let now = self.not_before_latest(now);
        self.counter.check_open(now).is_ok() && self.check_live(now).is_ok()
    }

    /// Time never runs back: a clock that was set back must not bring a dead code to life.
    fn raise_clock(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        let raised = self.not_before_latest(now);
        self.latest = Some(raised);
        raised
    }

    fn not_before_latest(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.latest.map_or(now, |latest| now.max(latest))
    }

    fn check_live(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let until = self.latest_expiry().ok_or(Refusal::NoLiveCode)?;
        if self.tries >= TRIES_PER_SET {
            return Err(Refusal::CodesEnded);
        }
        if until <= now { Err(Refusal::Expired { now, until }) } else { Ok(()) }
    }

    fn latest_expiry(&self) -> Option<DateTime<Utc>> {
        self.codes.iter().flatten().map(LiveCode::expires_at).max()
    }

    fn begin_set(&mut self) {
        self.set = self.set.saturating_add(1);
        self.tries = 0;
        self.withdraw_codes();
    }

    /// Compares with both codes, whichever matches: the time that it takes says nothing.
    fn find(&self, digest: &CodeDigest, now: DateTime<Utc>) -> Found {
        let (mut live, mut any) = (Choice::from(0), Choice::from(0));
        for code in self.codes.iter().flatten() {
            let same = code.digest.matches(digest);
            live |= same & Choice::from(u8::from(now < code.expires_at()));
            any |= same;
        }
        match (bool::from(live), bool::from(any)) {
            (true, _) => Found::Live,
            (false, true) => Found::Expired,
            (false, false) => Found::Nothing,
        }
    }

    /// Single use (ASVS 5.0, 6.5.1): with one code the whole set is used up.
    fn confirm(&mut self, attempt: &CountedAttempt) -> Verdict {
        self.withdraw_codes();
        if attempt.closed_channel {
            self.counter.reopen();
        }
        Verdict::Confirmed
    }

    fn wrong(&self, now: DateTime<Utc>) -> Verdict {
        let left = TRIES_PER_SET.saturating_sub(self.tries);
        self.counter.check_open(now).map_or_else(Verdict::Refused, |()| Verdict::Wrong { left })
    }
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation")
            .field("counter", &self.counter)
            .field("set", &self.set)
            .field("tries", &self.tries)
            .field("codes", &self.codes.iter().flatten().count())
            .finish_non_exhaustive()
    }
}

enum Found {
    Live,
    Expired,
    Nothing,
}

#[derive(Clone, Serialize, Deserialize)]
struct LiveCode {
    digest: CodeDigest,
    sent_at: DateTime<Utc>,
    lifetime: Lifetime,
}

impl LiveCode {
    fn expires_at(&self) -> DateTime<Utc> {
        self.sent_at.checked_add_signed(self.lifetime.0).unwrap_or(self.sent_at)
    }
}
