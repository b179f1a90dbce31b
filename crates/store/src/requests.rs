//! Requests outside any share: for a service that asks wallets on behalf of others, and keeps of each
//! request whatever it needs to answer to it.

use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use staffpass_request::{HandleDigest, RequestIdDigest};
use staffpass_share::SealingKeys;
use zeroize::Zeroizing;

use crate::database::{Database, Location, Tx};
use crate::error::{StoreError, is_duplicate};
use crate::store::{StoreOptions, instant, micros};

/// Where nothing is due.
const NEVER: i64 = i64::MAX;

const UNREADABLE: StoreError = StoreError::Unreadable { column: "open_requests.body" };

/// Requests in a database, each with a value that is sealed at its place. Cheap to clone; each clone
/// is the same store.
///
/// A request has three secrets, of which none leads to another: its id, by which its owner knows it,
/// the end of its response address, and the end of the address of its object. Of each the SHA-256 is
/// kept.
///
/// ```
/// use staffpass_share::SealingKeys;
/// use staffpass_store::{KeptRequest, Location, Requests, RequestKey, StoreOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (keys, options) = (SealingKeys::new(1, [7; 32]), StoreOptions::default());
/// let requests: Requests<Vec<String>> =
///     Requests::open(&Location::SqliteMemory, keys, &options).await?;
///
/// let forget_at = "2026-03-02T10:00:00Z".parse()?;
/// let kept = KeptRequest { value: vec!["made".to_owned()], forget_at, due_at: None };
/// requests.insert("the id of its owner", (None, None), &kept).await?;
///
/// let key = RequestKey::Id("the id of its owner");
/// let events = requests.update(&key, |kept| {
///     kept.value.push("fetched".to_owned());
///     kept.value.len()
/// });
/// assert_eq!(events.await?, Some(2));
/// # Ok(())
/// # }
/// ```
pub struct Requests<T> {
    database: Database,
    sealing: SealingKeys,
    of: PhantomData<fn() -> T>,
}

/// What is kept of a request, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "made by whoever keeps a request")]
pub struct KeptRequest<T> {
    /// Whatever its owner wants.
    pub value: T,
    /// When [`Requests::forget`] deletes it.
    pub forget_at: DateTime<Utc>,
    /// From when on [`Requests::due`] names it: where something is to be sent, say.
    pub due_at: Option<DateTime<Utc>>,
}

/// By what a request is found.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum RequestKey<'a> {
    /// The id by which its owner knows it.
    Id(&'a str),
    /// The digest of that id.
    Digest([u8; 32]),
    /// The end of its response address.
    Handle(&'a HandleDigest),
    /// The end of the address of its object.
    Object(&'a RequestIdDigest),
}

impl RequestKey<'_> {
    const fn column(&self) -> &'static str {
        match self {
            Self::Id(_) | Self::Digest(_) => "id",
            Self::Handle(_) => "handle",
            Self::Object(_) => "object",
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Id(id) => Sha256::digest(id).to_vec(),
            Self::Digest(digest) => digest.to_vec(),
            Self::Handle(digest) => digest.as_bytes().to_vec(),
            Self::Object(digest) => digest.as_bytes().to_vec(),
        }
    }
}

/// Prints no id.
impl fmt::Debug for RequestKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestKey").field(&self.column()).finish()
    }
}

impl<T: Serialize + DeserializeOwned> Requests<T> {
    /// Opens the database, makes its tables where they are missing, and checks that what it commits
    /// cannot be lost.
    ///
    /// # Errors
    /// As [`Store::open`](crate::Store::open).
    pub async fn open(
        location: &Location,
        sealing: SealingKeys,
        options: &StoreOptions,
    ) -> Result<Self, StoreError> {
        let database = Database::open(location, options.connections()).await?;
        Ok(Self { database, sealing, of: PhantomData })
    }

    /// Ends all connections. Calls that are under way finish first.
    pub async fn close(&self) {
        self.database.pool.close().await;
    }

    /// Keeps a new request under its id and, where it has them, the digests of its two addresses.
    ///
    /// # Errors
    /// [`StoreError::ReferenceTaken`] where one of the three is there already;
    /// [`StoreError::Unavailable`].
    pub async fn insert(
        &self,
        id: &str,
        (handle, object): (Option<&HandleDigest>, Option<&RequestIdDigest>),
        kept: &KeptRequest<T>,
    ) -> Result<(), StoreError> {
        let id: [u8; 32] = Sha256::digest(id).into();
        let handle = handle.map_or_else(|| nobody(&id, b"handle"), |handle| *handle.as_bytes());
        let object = object.map_or_else(|| nobody(&id, b"object"), |object| *object.as_bytes());
        let insert = "INSERT INTO open_requests (id, handle, object, forget_at, due_at, body) \
            VALUES ($1, $2, $3, $4, $5, $6)";
        let insert = sqlx::query(insert)
            .bind(id.to_vec())
            .bind(handle.to_vec())
            .bind(object.to_vec())
            .bind(micros(kept.forget_at))
            .bind(kept.due_at.map_or(NEVER, micros))
            .bind(self.seal(&id, &kept.value)?);
        match insert.execute(&self.database.pool).await {
            Err(error) if is_duplicate(&error) => Err(StoreError::ReferenceTaken),
            done => Ok(done.map(drop)?),
        }
    }

    /// The request as it stands; none where there is none, or no longer.
    ///
    /// # Errors
    /// [`StoreError::Sealed`], [`StoreError::Unreadable`]; [`StoreError::Unavailable`].
    pub async fn get(&self, key: &RequestKey<'_>) -> Result<Option<KeptRequest<T>>, StoreError> {
        let select = select(key, "");
        let row = sqlx::query(&select).bind(key.bytes()).fetch_optional(&self.database.pool);
        row.await?.map(|row| self.read(&row).map(|(_, kept)| kept)).transpose()
    }

    /// Makes one step on a request, locked, and keeps what came of it. None where there is no such
    /// request.
    ///
    /// # Errors
    /// As [`get`](Self::get); nothing was kept then.
    pub async fn update<R: Send>(
        &self,
        key: &RequestKey<'_>,
        step: impl FnOnce(&mut KeptRequest<T>) -> R + Send,
    ) -> Result<Option<R>, StoreError>
    where
        T: Send,
    {
        let mut tx = self.database.write().await?;
        let select = select(key, self.database.for_update());
        let row = sqlx::query(&select).bind(key.bytes()).fetch_optional(&mut *tx).await?;
        let Some(row) = row else { return Ok(None) };
        let (id, mut kept) = self.read(&row)?;
        let made = step(&mut kept);
        self.save(&mut tx, &id, &kept).await?;
        tx.commit().await?;
        Ok(Some(made))
    }

    /// The digests of the ids of requests that are due, the longest first; so many at most.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn due(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<[u8; 32]>, StoreError> {
        let select = "SELECT id FROM open_requests WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2";
        let rows = sqlx::query(select).bind(micros(now)).bind(i64::from(limit));
        let rows = rows.fetch_all(&self.database.pool).await?;
        rows.iter().map(|row| digest(row, 0)).collect()
    }

    /// Deletes what has been kept long enough, and says how many are left.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let delete = sqlx::query("DELETE FROM open_requests WHERE forget_at <= $1");
        delete.bind(micros(now)).execute(&self.database.pool).await?;
        let count = sqlx::query("SELECT COUNT(*) FROM open_requests");
        let count: i64 = count.fetch_one(&self.database.pool).await?.try_get(0)?;
        Ok(crate::store::unsigned(count))
    }

    async fn save(
        &self,
        tx: &mut Tx,
        id: &[u8; 32],
        kept: &KeptRequest<T>,
    ) -> Result<(), StoreError> {
        let update =
            "UPDATE open_requests SET forget_at = $2, due_at = $3, body = $4 WHERE id = $1";
        let update = sqlx::query(update)
            .bind(id.to_vec())
            .bind(micros(kept.forget_at))
            .bind(kept.due_at.map_or(NEVER, micros))
            .bind(self.seal(id, &kept.value)?);
        update.execute(&mut **tx).await?;
        Ok(())
    }

    fn seal(&self, id: &[u8; 32], value: &T) -> Result<Vec<u8>, StoreError> {
        let body = serde_json::to_vec(value).map(Zeroizing::new).map_err(|_| UNREADABLE)?;
        Ok(self.sealing.seal(&body, &place(id), &mut rand::rng())?)
    }

    fn read(&self, row: &AnyRow) -> Result<([u8; 32], KeptRequest<T>), StoreError> {
        let id = digest(row, 0)?;
        let sealed: Vec<u8> = row.try_get(3)?;
        let body = self.sealing.open(&sealed, &place(&id))?;
        let value = serde_json::from_slice(&body).map_err(|_| UNREADABLE)?;
        let due: i64 = row.try_get(2)?;
        let due_at = (due != NEVER).then(|| instant(due));
        Ok((id, KeptRequest { value, forget_at: instant(row.try_get(1)?), due_at }))
    }
}

impl<T> Clone for Requests<T> {
    fn clone(&self) -> Self {
        Self { database: self.database.clone(), sealing: self.sealing.clone(), of: PhantomData }
    }
}

impl<T> fmt::Debug for Requests<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests").field("database", &self.database).finish_non_exhaustive()
    }
}

fn select(key: &RequestKey<'_>, lock: &str) -> String {
    let column = key.column();
    format!("SELECT id, forget_at, due_at, body FROM open_requests WHERE {column} = $1{lock}")
}

fn digest(row: &AnyRow, column: usize) -> Result<[u8; 32], StoreError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    bytes.try_into().map_err(|_| StoreError::Unreadable { column: "open_requests.id" })
}

/// What stands for an address that a request has not: the digest of nothing that could be called.
fn nobody(id: &[u8; 32], what: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(b"no address").chain_update(what).chain_update(id).finalize().into()
}

const fn place(id: &[u8; 32]) -> [&[u8]; 3] {
    [b"open_requests", b"body", id]
}
