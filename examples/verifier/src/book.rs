//! The requests that are open, in a database: in memory, or in a file that outlives the program.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use staffpass::request::entra::{CallbackError, PresentationError};
use staffpass::request::openid4vp::ResponseKey;
use staffpass::request::{Expectation, Progress};
use staffpass::share::SealingKeys;
use staffpass::store::{KeptRequest, Location, RequestKey, Requests, StoreError, StoreOptions};
use staffpass::verify::VerifiedResponse;
use tokio::sync::Notify;

use crate::Error;
use crate::ask::{Asked, SignedObject};
use crate::entra::Share;

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
    /// Where it was made in Entra's words.
    #[serde(default)]
    pub(crate) entra: Option<Share>,
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
            entra: None,
        }
    }

    pub(crate) fn in_entras_words(self, share: Share) -> Self {
        Self { entra: Some(share), ..self }
    }

    /// Whether what was verified is what was asked in Entra's words too; what they say otherwise than
    /// the wallet's protocol can is judged here.
    pub(crate) fn is_answered_by(
        &self,
        response: &VerifiedResponse,
    ) -> Result<(), PresentationError> {
        let Some(share) = &self.entra else { return Ok(()) };
        share.is_answered_by(response).map_err(|error| match error {
            CallbackError::Constraint => PresentationError::ClaimValidation,
            _ => PresentationError::Other,
        })
    }

    /// A wallet has fetched the object.
    pub(crate) fn fetched(&mut self, now: DateTime<Utc>) {
        self.progress.fetched();
        if let Some(share) = &mut self.entra {
            share.fetched(now);
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
    /// Told when something is to be sent.
    due: Arc<Notify>,
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
        Ok(Self { requests, due: Arc::default() })
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
        let step = |kept: &mut KeptRequest<Entry>| {
            let made = step(&mut kept.value);
            kept.due_at = kept.value.entra.as_ref().and_then(Share::due_at);
            (made, kept.due_at.is_some())
        };
        let Some((made, due)) = self.requests.update(&key, step).await? else { return Ok(None) };
        if due {
            self.due.notify_one();
        }
        Ok(Some(made))
    }

    /// The requests for which something is to be sent now.
    pub(crate) async fn due(&self, now: DateTime<Utc>) -> Result<Vec<[u8; 32]>, StoreError> {
        self.requests.due(now, 64).await
    }

    /// Waits until somebody says that there is something to be sent.
    pub(crate) async fn something_is_due(&self) {
        self.due.notified().await;
    }
}
