//! Reminders of invitations: when the next is due, to one of several portals.

use chrono::{DateTime, TimeDelta, Utc};
use staffpass_share::State;

use crate::error::StoreError;
use crate::store::{Store, micros};

/// How often a person is reminded of an invitation that she has not followed to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReminderRules {
    every: TimeDelta,
    most: u32,
}

/// Every three days, three times.
impl Default for ReminderRules {
    fn default() -> Self {
        Self { every: TimeDelta::days(3), most: 3 }
    }
}

impl ReminderRules {
    /// After how long the next goes, and how many go at most; none goes where that is zero.
    #[must_use]
    pub const fn new(every: TimeDelta, most: u32) -> Self {
        Self { every, most }
    }
}

impl Store {
    /// Whether a reminder of this invitation is to be sent now. It is counted at once, so that of
    /// any number of calls at a time, from any number of portals, one sends it; where that one fails,
    /// the next reminder is the next. The first is due one span after the first call for the
    /// invitation: call it by a timer. Nobody is reminded who is in the middle of it, or has done, or
    /// whose invitation is no good any more.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`], [`StoreError::Unavailable`].
    pub async fn claim_reminder(
        &self,
        tenant: &str,
        reference: &str,
        rules: &ReminderRules,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let share = self.share(tenant, reference).await?;
        if rules.most == 0 || !matches!(share.state(now), State::Invited | State::TimedOut) {
            return Ok(false);
        }
        let begin = "INSERT INTO reminders (tenant, reference, sent, last_at) \
            VALUES ($1, $2, 0, $3) ON CONFLICT (tenant, reference) DO NOTHING";
        let begin = sqlx::query(begin).bind(tenant).bind(reference).bind(micros(now));
        begin.execute(&self.database.pool).await?;
        let claim = "UPDATE reminders SET sent = sent + 1, last_at = $3 \
            WHERE tenant = $1 AND reference = $2 AND last_at <= $4 AND sent < $5";
        let due = now.checked_sub_signed(rules.every).unwrap_or(DateTime::<Utc>::MIN_UTC);
        let claim = sqlx::query(claim)
            .bind(tenant)
            .bind(reference)
            .bind(micros(now))
            .bind(micros(due))
            .bind(i64::from(rules.most));
        Ok(claim.execute(&self.database.pool).await?.rows_affected() == 1)
    }
}
