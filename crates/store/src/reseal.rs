//! A change of keys: everything that is sealed, sealed again under the current key.

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use staffpass_share::SealedRecord;

use crate::error::StoreError;
use crate::further::place_of;
use crate::journey::request_place;
use crate::review::REVIEW;
use crate::store::{Locked, Store, place};

impl Store {
    /// Seals again, under the current key, whatever is still sealed under an older one; says of how
    /// many shares, sign-ins and sessions of staff something was. To be run after a new key was made current on every portal, at any
    /// time, and twice. When a run says none, the older key is needed no more.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sealed`] where something does not open; [`StoreError::Unavailable`]. What was
    /// done before stays done.
    pub async fn reseal(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let rows = sqlx::query("SELECT tenant, reference FROM shares ORDER BY tenant, reference");
        let mut changed = 0_u64;
        for row in rows.fetch_all(&self.database.pool).await? {
            let (tenant, reference): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            if self.reseal_share(&tenant, &reference, now).await? {
                changed = changed.saturating_add(1);
            }
        }
        Ok(changed.saturating_add(self.reseal_staff().await?))
    }

    async fn reseal_share(
        &self,
        tenant: &str,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut locked = match self.lock(tenant, reference, now).await {
            Err(StoreError::NotFound) => return Ok(false),
            locked => locked?,
        };
        let select = "SELECT body FROM shares WHERE tenant = $1 AND reference = $2";
        let row = sqlx::query(select).bind(tenant).bind(reference);
        let sealed: Vec<u8> = row.fetch_one(&mut *locked.tx).await?.try_get(0)?;
        let mut changed = !self.keys.sealing.is_current(&sealed);
        changed |= self.reseal_subject(&mut locked, tenant, reference).await?;
        changed |= self.reseal_records(&mut locked, tenant, reference).await?;
        changed |= self.reseal_requests(&mut locked, tenant, reference).await?;
        if changed {
            self.save_untouched(locked, now).await?;
        }
        Ok(changed)
    }

    async fn reseal_subject(
        &self,
        locked: &mut Locked,
        tenant: &str,
        reference: &str,
    ) -> Result<bool, StoreError> {
        let select = "SELECT body FROM subjects WHERE tenant = $1 AND reference = $2";
        let row = sqlx::query(select).bind(tenant).bind(reference);
        let Some(row) = row.fetch_optional(&mut *locked.tx).await? else { return Ok(false) };
        let sealed: Vec<u8> = row.try_get(0)?;
        if self.keys.sealing.is_current(&sealed) {
            return Ok(false);
        }
        let place = place("subjects", tenant, reference);
        let sealed = self.keys.sealing.reseal(&sealed, &place, &mut rand::rng())?;
        let update = "UPDATE subjects SET body = $3 WHERE tenant = $1 AND reference = $2";
        let update = sqlx::query(update).bind(tenant).bind(reference).bind(sealed);
        update.execute(&mut *locked.tx).await?;
        Ok(true)
    }

    async fn reseal_records(
        &self,
        locked: &mut Locked,
        tenant: &str,
        reference: &str,
    ) -> Result<bool, StoreError> {
        let select = "SELECT kind, body FROM records WHERE tenant = $1 AND reference = $2";
        let rows = sqlx::query(select).bind(tenant).bind(reference);
        let mut changed = false;
        for row in rows.fetch_all(&mut *locked.tx).await? {
            let (kind, sealed): (i64, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
            if self.keys.sealing.is_current(&sealed) {
                continue;
            }
            let body = if kind == REVIEW {
                let place = place("records.review", tenant, reference);
                self.keys.sealing.reseal(&sealed, &place, &mut rand::rng())?
            } else if let Some(place) = place_of(kind) {
                let record = SealedRecord::from_bytes(sealed);
                let (keys, first) = (&self.keys.sealing, &locked.share);
                let record = record.reseal_further(keys, first, place, &mut rand::rng())?;
                record.as_bytes().to_vec()
            } else {
                let record = SealedRecord::from_bytes(sealed);
                let record = record.reseal(&self.keys.sealing, &locked.share, &mut rand::rng())?;
                record.as_bytes().to_vec()
            };
            let update =
                "UPDATE records SET body = $4 WHERE tenant = $1 AND reference = $2 AND kind = $3";
            let update = sqlx::query(update).bind(tenant).bind(reference).bind(kind);
            update.bind(body).execute(&mut *locked.tx).await?;
            changed = true;
        }
        Ok(changed)
    }

    async fn reseal_requests(
        &self,
        locked: &mut Locked,
        tenant: &str,
        reference: &str,
    ) -> Result<bool, StoreError> {
        let select = "SELECT handle, body FROM requests WHERE tenant = $1 AND reference = $2";
        let rows = sqlx::query(select).bind(tenant).bind(reference);
        let mut changed = false;
        for row in rows.fetch_all(&mut *locked.tx).await? {
            let (handle, sealed): (Vec<u8>, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
            if self.keys.sealing.is_current(&sealed) {
                continue;
            }
            let place = request_place(tenant, reference, &handle);
            let sealed = self.keys.sealing.reseal(&sealed, &place, &mut rand::rng())?;
            let update = "UPDATE requests SET body = $3 WHERE tenant = $1 AND handle = $2";
            let update = sqlx::query(update).bind(tenant).bind(handle).bind(sealed);
            update.execute(&mut *locked.tx).await?;
            changed = true;
        }
        Ok(changed)
    }
}
