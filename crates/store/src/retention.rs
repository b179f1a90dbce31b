//! What is kept for how long. The job may run at any time, in several portals at once, and twice.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row as _;

use crate::codes::day;
use crate::database::Tx;
use crate::error::StoreError;
use crate::store::{Outcome, Store, delete_receipt, delete_session, instant, micros};

/// How long what is kept. The defaults: what a session left behind 24 hours, an invitation that
/// expired, was withdrawn or did not match 30 days, what was submitted 90 days. Audit entries are not
/// deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    abandoned: TimeDelta,
    unsubmitted: TimeDelta,
    submitted: TimeDelta,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            abandoned: TimeDelta::hours(24),
            unsubmitted: TimeDelta::days(30),
            submitted: TimeDelta::days(90),
        }
    }
}

impl Retention {
    /// How long the ticks, addresses and received credentials of a session that rests.
    #[must_use]
    pub const fn with_abandoned(mut self, span: TimeDelta) -> Self {
        self.abandoned = span;
        self
    }

    /// How long an invitation that can no longer be submitted.
    #[must_use]
    pub const fn with_unsubmitted(mut self, span: TimeDelta) -> Self {
        self.unsubmitted = span;
        self
    }

    /// How long what was submitted: until the trust's employment record has taken over.
    #[must_use]
    pub const fn with_submitted(mut self, span: TimeDelta) -> Self {
        self.submitted = span;
        self
    }
}

/// What a run of the job has deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retained {
    /// Sessions whose answers were forgotten.
    pub forgotten: u64,
    /// Shares of every outcome that are gone, with all that belonged to them.
    pub erased: u64,
    /// Requests that had expired a day before.
    pub requests: u64,
    /// Counts of sends and of spending that no longer count.
    pub counters: u64,
    /// Sign-ins of the trust's own people that have ended.
    pub sign_ins: u64,
}

impl Store {
    /// Deletes what has been kept long enough. Of a share that is deleted the number stays, by trust,
    /// month and outcome; its entries in the audit stay, and name nobody.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`]; what was deleted before stays deleted.
    pub async fn retain(
        &self,
        retention: &Retention,
        now: DateTime<Utc>,
    ) -> Result<Retained, StoreError> {
        Ok(Retained {
            forgotten: self.forget_abandoned(retention, now).await?,
            erased: self.erase_old(retention, now).await?,
            requests: self.delete_requests(now).await?,
            counters: self.delete_counters(now).await?,
            sign_ins: self.delete_ended_staff(now).await?,
        })
    }

    /// Deletes a share and all that belongs to it now, whatever its outcome: for a person who asks.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`], [`StoreError::Unavailable`].
    pub async fn erase(
        &self,
        tenant: &str,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.database.write().await?;
        // Whatever its outcome, and however young.
        if !erase(&mut tx, tenant, reference, (i64::MAX, i64::MAX), now).await? {
            return Err(StoreError::NotFound);
        }
        Ok(tx.commit().await?)
    }

    /// How many shares of this outcome were deleted that ended in this month (`2026-03`).
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    pub async fn retired(
        &self,
        tenant: &str,
        month: &str,
        outcome: Outcome,
    ) -> Result<u64, StoreError> {
        let select = "SELECT shares FROM retired WHERE tenant = $1 AND month = $2 AND outcome = $3";
        let row = sqlx::query(select).bind(tenant).bind(month).bind(outcome.number());
        let row = row.fetch_optional(&self.database.pool).await?;
        let shares = row.map(|row| row.try_get::<i64, _>(0)).transpose()?;
        Ok(crate::store::unsigned(shares.unwrap_or(0)))
    }

    async fn forget_abandoned(
        &self,
        retention: &Retention,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let before = micros(since(now, retention.abandoned));
        let select = "SELECT tenant, reference FROM shares \
            WHERE outcome = 0 AND has_answers = 1 AND touched_at <= $1";
        let rows = sqlx::query(select).bind(before).fetch_all(&self.database.pool).await?;
        let mut forgotten = 0_u64;
        for row in rows {
            let (tenant, reference): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let mut locked = match self.lock(&tenant, &reference, now).await {
                Err(StoreError::NotFound) => continue,
                locked => locked?,
            };
            if !still_abandoned(&mut locked.tx, &tenant, &reference, before).await? {
                continue;
            }
            let moved = locked.share.forget_answers(now)?;
            delete_session(&mut locked.tx, &tenant, &reference).await?;
            delete_receipt(&mut locked.tx, &tenant, &reference).await?;
            self.save(locked, moved.events, now).await?;
            forgotten = forgotten.saturating_add(1);
        }
        Ok(forgotten)
    }

    async fn erase_old(
        &self,
        retention: &Retention,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let submitted = micros(since(now, retention.submitted));
        let others = micros(since(now, retention.unsubmitted));
        let select = "SELECT tenant, reference FROM shares WHERE \
            (outcome = 1 AND touched_at <= $1) OR (outcome > 1 AND touched_at <= $2) \
            OR (outcome = 0 AND expires_at <= $2) ORDER BY tenant, further_to IS NOT NULL, reference";
        let rows = sqlx::query(select).bind(submitted).bind(others);
        let mut erased = 0_u64;
        for row in rows.fetch_all(&self.database.pool).await? {
            let (tenant, reference): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let mut tx = self.database.write().await?;
            if erase(&mut tx, &tenant, &reference, (submitted, others), now).await? {
                tx.commit().await?;
                erased = erased.saturating_add(1);
            }
        }
        Ok(erased)
    }

    async fn delete_requests(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let delete = "DELETE FROM requests WHERE expires_at <= $1";
        let delete = sqlx::query(delete).bind(micros(since(now, TimeDelta::days(1))));
        Ok(delete.execute(&self.database.pool).await?.rows_affected())
    }

    async fn delete_counters(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let windows = "DELETE FROM send_windows WHERE touched_at <= $1";
        let windows = sqlx::query(windows).bind(micros(since(now, TimeDelta::days(1))));
        let windows = windows.execute(&self.database.pool).await?.rows_affected();
        let spend = "DELETE FROM spend WHERE day < $1";
        let spend = sqlx::query(spend).bind(day(since(now, TimeDelta::days(31))));
        let spend = spend.execute(&self.database.pool).await?.rows_affected();
        Ok(windows.saturating_add(spend))
    }
}

/// The share may have moved since it was found.
async fn still_abandoned(
    tx: &mut Tx,
    tenant: &str,
    reference: &str,
    before: i64,
) -> Result<bool, StoreError> {
    let select = "SELECT 1 FROM shares WHERE tenant = $1 AND reference = $2 \
        AND outcome = 0 AND has_answers = 1 AND touched_at <= $3";
    let row = sqlx::query(select).bind(tenant).bind(reference).bind(before);
    Ok(row.fetch_optional(&mut **tx).await?.is_some())
}

/// Deletes a share that is still old enough, by whether it was submitted or not; what belongs to it
/// goes with it, further shares too. One statement decides, so that of two runs at once one deletes and
/// counts it. A further share is counted as none: the person has one share.
async fn erase(
    tx: &mut Tx,
    tenant: &str,
    reference: &str,
    (submitted, others): (i64, i64),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let delete = "DELETE FROM shares WHERE tenant = $1 AND reference = $2 \
        AND ((outcome = 1 AND touched_at <= $3) OR (outcome > 1 AND touched_at <= $4) \
        OR (outcome = 0 AND expires_at <= $4)) RETURNING outcome, touched_at, further_to";
    let row = sqlx::query(delete).bind(tenant).bind(reference).bind(submitted).bind(others);
    let Some(row) = row.fetch_optional(&mut **tx).await? else { return Ok(false) };
    let (outcome, ended): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let further_to: Option<String> = row.try_get(2)?;
    if further_to.is_some() {
        return Ok(true);
    }
    let further = "DELETE FROM shares WHERE tenant = $1 AND further_to = $2";
    sqlx::query(further).bind(tenant).bind(reference).execute(&mut **tx).await?;
    let month = instant(ended).min(now).format("%Y-%m").to_string();
    let count = "INSERT INTO retired (tenant, month, outcome, shares) VALUES ($1, $2, $3, 1) \
        ON CONFLICT (tenant, month, outcome) DO UPDATE SET shares = retired.shares + 1";
    sqlx::query(count).bind(tenant).bind(month).bind(outcome).execute(&mut **tx).await?;
    Ok(true)
}

fn since(now: DateTime<Utc>, span: TimeDelta) -> DateTime<Utc> {
    now.checked_sub_signed(span).unwrap_or(DateTime::<Utc>::MIN_UTC)
}
