//! The trust's own people: a sign-in on its way to a provider and back, and who is signed in. In the
//! database, so that each of several portals knows.

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use staffpass_share::SessionDigest;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::store::{Store, TokenDigest, micros};

/// After a restore from a backup, rows of before it are dead.
const IS_LIVE: &str = "ends_at > $3 AND epoch = (SELECT epoch FROM installation WHERE id = 1)";

impl Store {
    /// A browser goes to the provider: keeps, sealed, what has to be known when it comes back with
    /// `state`, until `ends_at`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sealed`], [`StoreError::Unavailable`].
    pub async fn begin_staff_sign_in(
        &self,
        tenant: &str,
        state: &TokenDigest,
        secret: &[u8],
        ends_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.insert_staff("staff_sign_ins", "state", tenant, state.as_bytes(), secret, ends_at)
            .await
    }

    /// The browser is back: what was kept, to the first who asks and to nobody after.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] for a state that is unknown, used or too old: the same for all;
    /// [`StoreError::Sealed`], [`StoreError::Unavailable`].
    pub async fn take_staff_sign_in(
        &self,
        tenant: &str,
        state: &TokenDigest,
        now: DateTime<Utc>,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let take = format!(
            "DELETE FROM staff_sign_ins WHERE tenant = $1 AND state = $2 AND {IS_LIVE} RETURNING body"
        );
        let row = sqlx::query(&take).bind(tenant).bind(&state.as_bytes()[..]).bind(micros(now));
        let row = row.fetch_optional(&self.database.pool).await?.ok_or(StoreError::NotFound)?;
        self.open_staff("staff_sign_ins", tenant, state.as_bytes(), row.try_get(0)?)
    }

    /// Somebody is signed in, by this name, until then.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sealed`], [`StoreError::Unavailable`].
    pub async fn sign_in_staff(
        &self,
        tenant: &str,
        session: &SessionDigest,
        name: &str,
        ends_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (row, name) = (session.as_bytes(), name.as_bytes());
        self.insert_staff("staff_sessions", "session", tenant, row, name, ends_at).await
    }

    /// Who is signed in, by the name that [`sign_in_staff`](Self::sign_in_staff) was given.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] for nobody; [`StoreError::Sealed`], [`StoreError::Unavailable`].
    pub async fn staff(
        &self,
        tenant: &str,
        session: &SessionDigest,
        now: DateTime<Utc>,
    ) -> Result<String, StoreError> {
        let select = format!(
            "SELECT body FROM staff_sessions WHERE tenant = $1 AND session = $2 AND {IS_LIVE}"
        );
        let row = sqlx::query(&select).bind(tenant).bind(&session.as_bytes()[..]).bind(micros(now));
        let row = row.fetch_optional(&self.database.pool).await?.ok_or(StoreError::NotFound)?;
        let name =
            self.open_staff("staff_sessions", tenant, session.as_bytes(), row.try_get(0)?)?;
        String::from_utf8(name.to_vec()).map_err(|_| StoreError::NotFound)
    }

    /// Nobody is signed in by this session any more.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    pub async fn sign_out_staff(
        &self,
        tenant: &str,
        session: &SessionDigest,
    ) -> Result<(), StoreError> {
        let delete = "DELETE FROM staff_sessions WHERE tenant = $1 AND session = $2";
        let delete = sqlx::query(delete).bind(tenant).bind(&session.as_bytes()[..]);
        Ok(delete.execute(&self.database.pool).await.map(drop)?)
    }

    /// What has ended, of both.
    pub(crate) async fn delete_ended_staff(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut deleted = 0_u64;
        for table in ["staff_sign_ins", "staff_sessions"] {
            let delete = format!("DELETE FROM {table} WHERE ends_at <= $1");
            let done = sqlx::query(&delete).bind(micros(now)).execute(&self.database.pool).await?;
            deleted = deleted.saturating_add(done.rows_affected());
        }
        Ok(deleted)
    }

    /// Seals again what is sealed under an older key, of both; says how many rows that were. A row that
    /// was taken meanwhile stays gone.
    pub(crate) async fn reseal_staff(&self) -> Result<u64, StoreError> {
        let mut changed = 0_u64;
        for (table, column) in [("staff_sign_ins", "state"), ("staff_sessions", "session")] {
            let select = format!("SELECT tenant, {column}, body FROM {table}");
            for row in sqlx::query(&select).fetch_all(&self.database.pool).await? {
                let (tenant, key, old): (String, Vec<u8>, Vec<u8>) =
                    (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
                if self.keys.sealing.is_current(&old) {
                    continue;
                }
                let place = [table.as_bytes(), b"body", tenant.as_bytes(), &key];
                let sealed = self.keys.sealing.reseal(&old, &place, &mut rand::rng())?;
                let update = format!(
                    "UPDATE {table} SET body = $4 WHERE tenant = $1 AND {column} = $2 AND body = $3"
                );
                let update = sqlx::query(&update).bind(&tenant).bind(&key).bind(&old).bind(sealed);
                let done = update.execute(&self.database.pool).await?;
                changed = changed.saturating_add(done.rows_affected());
            }
        }
        Ok(changed)
    }

    async fn insert_staff(
        &self,
        table: &str,
        column: &str,
        tenant: &str,
        row: &[u8; 32],
        body: &[u8],
        ends_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let body =
            self.keys.sealing.seal(body, &staff_place(table, tenant, row), &mut rand::rng())?;
        let insert = format!(
            "INSERT INTO {table} (tenant, {column}, epoch, ends_at, body) \
             SELECT $1, $2, epoch, $3, $4 FROM installation WHERE id = 1"
        );
        let insert = sqlx::query(&insert).bind(tenant).bind(&row[..]).bind(micros(ends_at));
        Ok(insert.bind(body).execute(&self.database.pool).await.map(drop)?)
    }

    fn open_staff(
        &self,
        table: &str,
        tenant: &str,
        row: &[u8; 32],
        sealed: Vec<u8>,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        Ok(self.keys.sealing.open(&sealed, &staff_place(table, tenant, row))?)
    }
}

fn staff_place<'p>(table: &'p str, tenant: &'p str, row: &'p [u8; 32]) -> [&'p [u8]; 4] {
    [table.as_bytes(), b"body", tenant.as_bytes(), row]
}
