//! What was fetched, kept for a while: documents, and that there is none.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderValue;
use staffpass_verify::Source;

use crate::target::Key;
use crate::{FetchError, FetchOptions};

/// A document and the moment at which it was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) fetched: Instant,
    /// The server's name for these bytes (`ETag`, RFC 9110 §8.8.3), by which it can be asked whether
    /// there are newer ones.
    pub(crate) validator: Option<HeaderValue>,
}

impl Document {
    /// When it was asked for, by a clock that showed `now` at the moment `then`.
    pub(crate) fn fetched_at(&self, then: Instant, now: DateTime<Utc>) -> DateTime<Utc> {
        let age = then.saturating_duration_since(self.fetched);
        now - TimeDelta::from_std(age).unwrap_or_default()
    }
}

/// How long a document is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) fresh: Duration,
    pub(crate) stale_if_error: Duration,
}

/// What may come out of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// What is still fresh.
    Fresh,
    /// What was asked for no longer ago than this: somebody has a reason to want it newer.
    AskedWithin(Duration),
}

/// Bounded in entries and bytes; what was not used for longest goes first.
pub(crate) struct Cache {
    max_entries: usize,
    max_bytes: usize,
    negative_ttl: Duration,
    entries: HashMap<Key, Entry>,
    bytes: usize,
    uses: u64,
}

struct Entry {
    source: Source,
    outcome: Result<Document, FetchError>,
    asked: Instant,
    fresh_until: Instant,
    stale_until: Instant,
    used: u64,
}

impl Entry {
    fn len(&self) -> usize {
        self.outcome.as_ref().map_or(0, |document| document.bytes.len())
    }

    fn serves(&self, wanted: Wanted, now: Instant) -> bool {
        match wanted {
            Wanted::Fresh => now < self.fresh_until,
            Wanted::AskedWithin(time) => now.saturating_duration_since(self.asked) < time,
        }
    }
}

impl Cache {
    pub(crate) fn new(options: &FetchOptions) -> Self {
        Self {
            max_entries: options.max_entries,
            max_bytes: options.max_cached_bytes,
            negative_ttl: options.negative_ttl,
            entries: HashMap::new(),
            bytes: 0,
            uses: 0,
        }
    }

    pub(crate) fn find(
        &mut self,
        key: &Key,
        wanted: Wanted,
        now: Instant,
    ) -> Option<Result<Document, FetchError>> {
        self.uses += 1;
        let entry = self.entries.get_mut(key).filter(|entry| entry.serves(wanted, now))?;
        entry.used = self.uses;
        Some(entry.outcome.clone())
    }

    /// The document that is kept, however old: a server may say that it is still the newest.
    pub(crate) fn kept(&self, key: &Key) -> Option<Document> {
        self.entries.get(key)?.outcome.clone().ok()
    }

    /// Keeps a document.
    pub(crate) fn keep(&mut self, key: Key, source: &Source, document: Document, life: Life) {
        let fresh_until = document.fetched + life.fresh;
        let stale_until = fresh_until + life.stale_if_error;
        let asked = document.fetched;
        let outcome = Ok(document);
        let source = source.clone();
        self.insert(key, Entry { source, outcome, asked, fresh_until, stale_until, used: 0 });
    }

    /// Takes note that a document could not be had, and gives what is had in its place: the one that
    /// was kept, as long as it may serve. It is not asked for again at once either way.
    pub(crate) fn miss(
        &mut self,
        key: Key,
        source: &Source,
        error: FetchError,
        now: Instant,
    ) -> Result<Document, FetchError> {
        let again = now + self.negative_ttl;
        if let Some(kept) = self.entries.get_mut(&key)
            && kept.outcome.is_ok()
            && now < kept.stale_until
        {
            kept.asked = now;
            kept.fresh_until = again.min(kept.stale_until).max(kept.fresh_until);
            return kept.outcome.clone();
        }
        if error.is_remembered() {
            let (source, outcome) = (source.clone(), Err(error));
            let (fresh_until, stale_until) = (again, again);
            let entry = Entry { source, outcome, asked: now, fresh_until, stale_until, used: 0 };
            self.insert(key, entry);
        }
        Err(error)
    }

    /// The kept sources that print like this.
    pub(crate) fn sources(&self, printed: &[&str]) -> Vec<Source> {
        let sources = self.entries.values().map(|entry| &entry.source);
        sources.filter(|source| printed.contains(&source.to_string().as_str())).cloned().collect()
    }

    fn insert(&mut self, key: Key, mut entry: Entry) {
        self.remove(&key);
        if self.max_entries == 0 || entry.len() > self.max_bytes {
            return;
        }
        while self.entries.len() >= self.max_entries
            || self.bytes.saturating_add(entry.len()) > self.max_bytes
        {
            let longest_unused = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            let Some(key) = longest_unused.map(|(key, _)| key.clone()) else { return };
            self.remove(&key);
        }
        self.uses += 1;
        entry.used = self.uses;
        self.bytes += entry.len();
        self.entries.insert(key, entry);
    }

    fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= entry.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Target;

    const SECOND: Duration = Duration::from_secs(1);

    fn source(number: usize) -> Source {
        let url = format!("https://trust.example/{number}");
        Source::StatusList(url.parse().expect("a URL"))
    }

    fn key(number: usize) -> Key {
        Target::of(&source(number), &FetchOptions::default()).expect("a target").key()
    }

    fn document(length: usize, fetched: Instant) -> Document {
        Document { bytes: vec![0; length].into(), fetched, validator: None }
    }

    fn life(fresh: u32, stale: u32) -> Life {
        Life { fresh: fresh * SECOND, stale_if_error: stale * SECOND }
    }

    fn cache(max_entries: usize, max_cached_bytes: usize) -> Cache {
        Cache::new(&FetchOptions { max_entries, max_cached_bytes, ..FetchOptions::default() })
    }

    #[test]
    fn a_document_serves_until_its_time_is_up() {
        let (mut cache, now) = (cache(10, 100), Instant::now());
        cache.keep(key(1), &source(1), document(1, now), life(10, 0));
        assert!(cache.find(&key(1), Wanted::Fresh, now + 9 * SECOND).is_some());
        assert!(cache.find(&key(1), Wanted::Fresh, now + 10 * SECOND).is_none());
    }

    #[test]
    fn n08_an_unknown_key_is_no_reason_to_ask_again_so_soon() {
        let (mut cache, now) = (cache(10, 100), Instant::now());
        let wanted = Wanted::AskedWithin(30 * SECOND);
        cache.keep(key(1), &source(1), document(1, now), life(600, 0));
        assert!(cache.find(&key(1), wanted, now + 29 * SECOND).is_some());
        assert!(cache.find(&key(1), wanted, now + 30 * SECOND).is_none());
        // Nor when asking did not help: the document that is kept is as old as before.
        let later = now + 30 * SECOND;
        let kept = cache.miss(key(1), &source(1), FetchError::Timeout, later).expect("fresh");
        assert_eq!(kept.fetched, now);
        assert!(cache.find(&key(1), wanted, later + 29 * SECOND).is_some());
    }

    #[test]
    fn n08_what_cannot_be_had_is_not_asked_for_again_so_soon() {
        let (mut cache, now) = (cache(10, 100), Instant::now());
        let missed = cache.miss(key(1), &source(1), FetchError::Timeout, now);
        assert_eq!(missed.err(), Some(FetchError::Timeout));
        let found = cache.find(&key(1), Wanted::Fresh, now + 14 * SECOND).expect("remembered");
        assert_eq!(found.err(), Some(FetchError::Timeout));
        assert!(cache.find(&key(1), Wanted::Fresh, now + 15 * SECOND).is_none());
    }

    #[test]
    fn a_host_that_was_asked_too_often_says_nothing_of_its_documents() {
        let (mut cache, now) = (cache(10, 100), Instant::now());
        let missed = cache.miss(key(1), &source(1), FetchError::RateLimited, now);
        assert_eq!(missed.err(), Some(FetchError::RateLimited));
        assert!(cache.find(&key(1), Wanted::Fresh, now).is_none());
    }

    #[test]
    fn without_the_option_a_document_whose_time_is_up_never_serves() {
        let (mut cache, now) = (cache(10, 100), Instant::now());
        cache.keep(key(1), &source(1), document(1, now), life(10, 0));
        let missed = cache.miss(key(1), &source(1), FetchError::Connect, now + 10 * SECOND);
        assert_eq!(missed.err(), Some(FetchError::Connect));
    }

    #[test]
    fn with_the_option_it_serves_with_its_true_age_and_not_a_moment_longer() {
        let (mut cache, now) = (cache(10, 100), Instant::now());
        cache.keep(key(1), &source(1), document(1, now), life(10, 20));
        let late = now + 15 * SECOND;
        assert!(cache.find(&key(1), Wanted::Fresh, late).is_none());
        let stale = cache.miss(key(1), &source(1), FetchError::Connect, late).expect("stale");
        assert_eq!(stale.fetched, now);
        // The server is left alone meanwhile, but the end stays the end.
        assert!(cache.find(&key(1), Wanted::Fresh, now + 29 * SECOND).is_some());
        let end = now + 30 * SECOND;
        assert!(cache.find(&key(1), Wanted::Fresh, end).is_none());
        let missed = cache.miss(key(1), &source(1), FetchError::Connect, end);
        assert_eq!(missed.err(), Some(FetchError::Connect));
    }

    #[test]
    fn entries_are_bounded_and_the_one_unused_for_longest_goes() {
        let (mut cache, now) = (cache(2, 100), Instant::now());
        cache.keep(key(1), &source(1), document(1, now), life(10, 0));
        cache.keep(key(2), &source(2), document(1, now), life(10, 0));
        assert!(cache.find(&key(1), Wanted::Fresh, now).is_some());
        cache.keep(key(3), &source(3), document(1, now), life(10, 0));
        assert!(cache.find(&key(2), Wanted::Fresh, now).is_none());
        assert!(cache.find(&key(1), Wanted::Fresh, now).is_some());
        for number in 4..1000 {
            let _ = cache.miss(key(number), &source(number), FetchError::Connect, now);
        }
        assert_eq!((cache.entries.len(), cache.bytes), (2, 0));
    }

    #[test]
    fn bytes_are_bounded_and_a_document_longer_than_the_bound_is_not_kept() {
        let (mut cache, now) = (cache(10, 100), Instant::now());
        for number in 1..=3 {
            cache.keep(key(number), &source(number), document(40, now), life(10, 0));
        }
        assert!(cache.find(&key(1), Wanted::Fresh, now).is_none());
        assert_eq!((cache.entries.len(), cache.bytes), (2, 80));
        cache.keep(key(3), &source(3), document(101, now), life(10, 0));
        assert_eq!((cache.entries.len(), cache.bytes), (1, 40));
    }
}
