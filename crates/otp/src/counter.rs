//! The counts of tries and sends: they only ever rise.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Refusal};

/// Wrong tries that end a set of live codes.
pub const TRIES_PER_SET: u32 = 5;
/// Wrong tries that close a channel for a while: each tenth.
pub const TRIES_PER_LOCK: u32 = 10;
/// Wrong tries that close a channel for good (NIST SP 800-63B-4 section 3.2.2: no more than 100).
pub const TRIES_IN_ALL: u32 = 100;
/// For how many minutes a channel closes.
pub const LOCK_MINUTES: i64 = 30;

/// Every try at any code of one share over one channel, whatever was sent again between. Each tenth
/// closes the channel for 30 minutes, the hundredth for good. The count never falls.
///
/// A try is counted before it is judged, and so as a wrong one. One that turns out right stays in the
/// count, but does not leave the channel closed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChannelCounter {
    total: u32,
    closed_until: Option<DateTime<Utc>>,
}

impl ChannelCounter {
    /// A count of nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { total: 0, closed_until: None }
    }

    /// The tries so far.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.total
    }

    /// Whether a try may be made now.
    ///
    /// # Errors
    ///
    /// [`Refusal::Locked`] or [`Refusal::LockedForGood`].
    pub fn check_open(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self.closed_until {
            _ if self.total >= TRIES_IN_ALL => Err(Refusal::LockedForGood),
            Some(until) if now < until => Err(Refusal::Locked { now, until }),
            _ => Ok(()),
        }
    }

    /// Counts a try, if one may be made now, and closes the channel with each tenth.
    ///
    /// # Errors
    ///
    /// [`Refusal::Locked`] or [`Refusal::LockedForGood`]; then nothing is counted.
    pub fn count(&mut self, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.check_open(now)?;
        self.total = self.total.saturating_add(1);
        if self.total.is_multiple_of(TRIES_PER_LOCK) {
            let until = now.checked_add_signed(TimeDelta::minutes(LOCK_MINUTES));
            self.closed_until = Some(until.unwrap_or(DateTime::<Utc>::MAX_UTC));
        }
        Ok(())
    }

    /// A try was right: the closing that counting it as wrong brought about is taken back. The total
    /// stands, and so does a closing for good.
    pub(crate) fn reopen(&mut self) {
        self.closed_until = None;
    }
}

/// How often codes may be sent: by default 3 in any 15 minutes, and 6 in any 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendLimits {
    per_quarter_hour: usize,
    per_day: usize,
}

impl Default for SendLimits {
    fn default() -> Self {
        Self { per_quarter_hour: 3, per_day: 6 }
    }
}

impl SendLimits {
    /// Other limits, for example for a network block that many people share: each from 1 to 1000.
    ///
    /// # Errors
    ///
    /// [`Error::SendLimits`].
    pub fn new(per_quarter_hour: u16, per_day: u16) -> Result<Self, Error> {
        let within = |limit: u16| (1..=1000).contains(&limit);
        if !within(per_quarter_hour) || !within(per_day) {
            return Err(Error::SendLimits);
        }
        Ok(Self { per_quarter_hour: per_quarter_hour.into(), per_day: per_day.into() })
    }
}

/// The sends of the last 24 hours to one address, for one share, or from one network block. Keep one
/// for each and count a send in all of them, and store them, before it goes out.
///
/// It delays; it never locks: whoever knows an address cannot shut its owner out for good.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SendWindow {
    sent: Vec<DateTime<Utc>>,
}

impl SendWindow {
    /// No sends.
    #[must_use]
    pub const fn new() -> Self {
        Self { sent: Vec::new() }
    }

    /// Whether a code may be sent now.
    ///
    /// # Errors
    ///
    /// [`Error::TooManySends`], with the time from which the next may be sent.
    pub fn check(&self, limits: &SendLimits, now: DateTime<Utc>) -> Result<(), Error> {
        let now = self.not_before_last(now);
        let quarter = self.free_from(limits.per_quarter_hour, TimeDelta::minutes(15));
        let day = self.free_from(limits.per_day, TimeDelta::hours(24));
        match quarter.max(day) {
            Some(until) if now < until => Err(Error::TooManySends { now, until }),
            _ => Ok(()),
        }
    }

    /// Counts a send, if one may be made now.
    ///
    /// # Errors
    ///
    /// [`Error::TooManySends`]; then nothing is counted.
    pub fn count(&mut self, limits: &SendLimits, now: DateTime<Utc>) -> Result<(), Error> {
        let now = self.not_before_last(now);
        self.check(limits, now)?;
        self.sent.retain(|sent| now.signed_duration_since(*sent) < TimeDelta::hours(24));
        self.sent.push(now);
        Ok(())
    }

    /// A clock that went back does not open the window again.
    fn not_before_last(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.sent.last().map_or(now, |last| now.max(*last))
    }

    /// When the send that fills the limit, counted from the latest, falls out of the span.
    fn free_from(&self, limit: usize, span: TimeDelta) -> Option<DateTime<Utc>> {
        let filling = self.sent.iter().rev().nth(limit.checked_sub(1)?)?;
        filling.checked_add_signed(span)
    }
}
