//! The requests that are open, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use staffpass::request::openid4vp::ResponseKey;
use staffpass::request::{
    Expectation, HandleDigest, Progress, RequestIdDigest, RequestObject, ReturnAddress,
};

/// Requests that are kept at once: at some kilobytes each, a few hundred megabytes.
const MAX_REQUESTS: usize = 50_000;

/// How long a result can be read after its request has ended.
const KEPT: TimeDelta = TimeDelta::hours(1);

/// One request.
pub(crate) struct Entry {
    pub(crate) expectation: Expectation,
    pub(crate) response_key: Option<ResponseKey>,
    pub(crate) object: Option<(RequestIdDigest, RequestObject)>,
    pub(crate) return_address: Option<ReturnAddress>,
    pub(crate) certified: bool,
    pub(crate) progress: Progress,
    /// Of the last answer that was counted.
    pub(crate) outcome: Option<Outcome>,
}

/// What came of an answer.
pub(crate) struct Outcome {
    pub(crate) report: Value,
    pub(crate) credentials: Vec<Value>,
}

/// All of them. Each call is one atomic step.
#[derive(Default)]
pub(crate) struct Book {
    entries: Mutex<Entries>,
}

/// By the portal's id, by the address of the object and by that of the answer: three secrets, of
/// which none leads to another.
#[derive(Default)]
struct Entries {
    by_id: HashMap<String, Entry>,
    by_object: HashMap<RequestIdDigest, String>,
    by_handle: HashMap<HandleDigest, String>,
}

impl Book {
    /// Keeps a request. None where there are too many.
    pub(crate) fn insert(&self, id: &str, entry: Entry, now: DateTime<Utc>) -> Option<()> {
        let mut entries = self.lock();
        entries.forget(now);
        if entries.by_id.len() >= MAX_REQUESTS {
            return None;
        }
        if let Some((digest, _)) = &entry.object {
            entries.by_object.insert(*digest, id.to_owned());
        }
        if let Some(handle) = entry.expectation.handle_digest() {
            entries.by_handle.insert(*handle, id.to_owned());
        }
        entries.by_id.insert(id.to_owned(), entry);
        Some(())
    }

    pub(crate) fn by_id<T>(&self, id: &str, step: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        self.lock().by_id.get_mut(id).map(step)
    }

    pub(crate) fn by_object<T>(
        &self,
        digest: &RequestIdDigest,
        step: impl FnOnce(&mut Entry) -> T,
    ) -> Option<T> {
        let mut entries = self.lock();
        let id = entries.by_object.get(digest)?.clone();
        entries.by_id.get_mut(&id).map(step)
    }

    pub(crate) fn by_handle<T>(
        &self,
        digest: &HandleDigest,
        step: impl FnOnce(&mut Entry) -> T,
    ) -> Option<T> {
        let mut entries = self.lock();
        let id = entries.by_handle.get(digest)?.clone();
        entries.by_id.get_mut(&id).map(step)
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn forget(&mut self, now: DateTime<Utc>) {
        let by_id = &mut self.by_id;
        by_id.retain(|_, entry| now < entry.expectation.expires_at() + KEPT);
        self.by_object.retain(|_, id| by_id.contains_key(id));
        self.by_handle.retain(|_, id| by_id.contains_key(id));
    }
}
