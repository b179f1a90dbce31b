//! What the recruitment team makes of a submitted share.

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use staffpass_share::{Review, ReviewEvent, ReviewRefusal};

use crate::database::Tx;
use crate::error::StoreError;
use crate::store::{Locked, Store, micros, place};

/// The kind of a review among the records.
pub(crate) const REVIEW: i64 = 2;

const UNREADABLE: StoreError = StoreError::Unreadable { column: "records.review" };

impl Store {
    /// The review of a submitted share, as it stands.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] where nothing was submitted; [`StoreError::Sealed`] where the row was
    /// changed or moved.
    pub async fn review(&self, tenant: &str, reference: &str) -> Result<Review, StoreError> {
        let submitted = self.submitted(tenant, reference).await?;
        let mut tx = self.database.pool.begin().await?;
        let stored = self.stored_review(&mut tx, tenant, reference).await?;
        Ok(stored.unwrap_or_else(|| Review::of(&submitted)))
    }

    /// A step of the review, by somebody whose name may be in the audit, which gets an entry in the
    /// same transaction. Steps at once are made one after the other. A further share that the review
    /// [awaits](Review::awaited) no more after the step is withdrawn with it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Review`] with what `step` returned: nothing is stored then; and as
    /// [`review`](Self::review).
    pub async fn update_review(
        &self,
        tenant: &str,
        reference: &str,
        by: &str,
        now: DateTime<Utc>,
        step: impl FnOnce(&mut Review) -> Result<ReviewEvent, ReviewRefusal> + Send,
    ) -> Result<Review, StoreError> {
        let mut locked = self.lock(tenant, reference, now).await?;
        let mut review = self.locked_review(&mut locked, now).await?;
        let event = self.step_review(&mut locked, &mut review, step, now).await?;
        self.save_review(locked, &review, (event, by), now).await?;
        Ok(review)
    }

    /// Stores a review with its entry in the audit, and commits. The share is as it was.
    pub(crate) async fn save_review(
        &self,
        mut locked: Locked,
        review: &Review,
        note: (ReviewEvent, &str),
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let invitation = locked.share.invitation();
        let (tenant, reference) = (invitation.tenant(), invitation.reference());
        self.put_review(&mut locked.tx, tenant, reference, review, now).await?;
        let version = locked.share.version();
        self.write_note(&mut locked.tx, tenant, reference, note, version, now).await?;
        self.save_untouched(locked, now).await
    }

    pub(crate) async fn stored_review(
        &self,
        tx: &mut Tx,
        tenant: &str,
        reference: &str,
    ) -> Result<Option<Review>, StoreError> {
        let select = "SELECT body FROM records WHERE tenant = $1 AND reference = $2 AND kind = $3";
        let row = sqlx::query(select).bind(tenant).bind(reference).bind(REVIEW);
        let Some(row) = row.fetch_optional(&mut **tx).await? else { return Ok(None) };
        let sealed: Vec<u8> = row.try_get(0)?;
        let body = self.keys.sealing.open(&sealed, &place("records.review", tenant, reference))?;
        serde_json::from_slice(&body).map(Some).map_err(|_| UNREADABLE)
    }

    async fn put_review(
        &self,
        tx: &mut Tx,
        tenant: &str,
        reference: &str,
        review: &Review,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let body = serde_json::to_vec(review).map(zeroize::Zeroizing::new);
        let body = body.map_err(|_| UNREADABLE)?;
        let place = place("records.review", tenant, reference);
        let sealed = self.keys.sealing.seal(&body, &place, &mut rand::rng())?;
        let put = "INSERT INTO records (tenant, reference, kind, recorded_at, body) \
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, reference, kind) \
            DO UPDATE SET recorded_at = excluded.recorded_at, body = excluded.body";
        let put = sqlx::query(put).bind(tenant).bind(reference).bind(REVIEW);
        put.bind(micros(now)).bind(sealed).execute(&mut **tx).await?;
        Ok(())
    }
}
