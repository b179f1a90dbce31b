//! The requests that are open, in a database: in memory, or in a file that outlives the program.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use staffpass::request::openid4vp::ResponseKey;
use staffpass::request::{Expectation, Progress};
use staffpass::share::SealingKeys;
use staffpass::store::{KeptRequest, Location, RequestKey, Requests, StoreError, StoreOptions};

use crate::Error;
use crate::ask::{Asked, SignedObject};

/// Requests that are kept at once: at some kilobytes each, a few hundred megabytes.
const MAX_REQUESTS: u64 = 50_000;

/// How long a result can be read after its request has ended.
const KEPT: TimeDelta = TimeDelta::hours(1);

/// One request.
#[derive(Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) expectation: Expectation,
    pub(crate) response_key: Option<ResponseKey>,
    pub(crate) object: Option<SignedObject>,
    pub(crate) return_url: Option<String>,
    pub(crate) progress: Progress,
    /// Of the last answer that was counted.
    pub(crate) outcome: Option<Outcome>,
}

impl Entry {
    pub(crate) fn new(asked: Asked) -> Self {
        Self {
            progress: Progress::new(&asked.expectation),
            expectation: asked.expectation,
            response_key: asked.response_key,
            object: asked.object,
            return_url: asked.return_url,
            outcome: None,
        }
    }
}

/// What came of an answer.
#[derive(Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) report: Value,
    pub(crate) credentials: Vec<Value>,
}

/// All of them. Each call is one atomic step.
#[derive(Clone)]
pub(crate) struct Book {
    requests: Requests<Entry>,
}

/// Why a request was not kept.
pub(crate) enum NotKept {
    /// There are too many.
    Full,
    /// The database says so.
    Store(StoreError),
}

impl Book {
    /// `sqlite::memory:`, or `sqlite:` and the path of a file.
    pub(crate) async fn open(url: &str, keys: SealingKeys) -> Result<Self, Error> {
        let path = url.strip_prefix("sqlite:").ok_or("the database is sqlite:, and a file")?;
        let location = match path.strip_prefix("//").unwrap_or(path) {
            ":memory:" => Location::SqliteMemory,
            "" => return Err("the database URL names no file".into()),
            path => Location::Sqlite(path.into()),
        };
        let requests = Requests::open(&location, keys, &StoreOptions::default()).await?;
        Ok(Self { requests })
    }

    pub(crate) async fn insert(
        &self,
        id: &str,
        entry: Entry,
        now: DateTime<Utc>,
    ) -> Result<(), NotKept> {
        if self.requests.forget(now).await.map_err(NotKept::Store)? >= MAX_REQUESTS {
            return Err(NotKept::Full);
        }
        let (handle, object) = (
            entry.expectation.handle_digest().copied(),
            entry.object.as_ref().map(|signed| signed.id),
        );
        let forget_at = entry.expectation.expires_at() + KEPT;
        let kept = KeptRequest { value: entry, forget_at, due_at: None };
        let insert = self.requests.insert(id, (handle.as_ref(), object.as_ref()), &kept);
        insert.await.map_err(NotKept::Store)
    }

    /// Looks at a request.
    pub(crate) async fn get(&self, key: RequestKey<'_>) -> Result<Option<Entry>, StoreError> {
        Ok(self.requests.get(&key).await?.map(|kept| kept.value))
    }

    /// Makes one step on a request. None where there is none.
    pub(crate) async fn step<T: Send>(
        &self,
        key: RequestKey<'_>,
        step: impl FnOnce(&mut Entry) -> T + Send,
    ) -> Result<Option<T>, StoreError> {
        self.requests.update(&key, |kept| step(&mut kept.value)).await
    }
}
