//! One request for a document, however many wait for it (N8).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::FetchError;
use crate::cache::Document;
use crate::target::Key;

type Outcome = Result<Document, FetchError>;
type Flight = Arc<OnceCell<Outcome>>;

/// The requests that are under way.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<Key, Flight>>);

impl Flights {
    /// Runs `fetch`, or waits for the one that already runs for this key, and has its outcome. When
    /// the one that runs is given up, the next that waits runs its own.
    pub(crate) async fn join(&self, key: Key, fetch: impl Future<Output = Outcome>) -> Outcome {
        let seat = Seat::take(self, key);
        seat.flight.get_or_init(|| fetch).await.clone()
    }
}

/// A place on a flight. The last who leaves, or the first after it has landed, strikes it off.
struct Seat<'a> {
    flights: &'a Flights,
    key: Key,
    flight: Flight,
}

impl<'a> Seat<'a> {
    fn take(flights: &'a Flights, key: Key) -> Self {
        let mut under_way = flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        let flight = Arc::clone(under_way.entry(key.clone()).or_default());
        Self { flights, key, flight }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut under_way = self.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = under_way.get(&self.key).is_some_and(|flight| Arc::ptr_eq(flight, &self.flight));
        // Two: the list's and this one. Others are taken under the same lock.
        if own && (self.flight.initialized() || Arc::strong_count(&self.flight) == 2) {
            under_way.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use staffpass_verify::Source;

    use super::*;
    use crate::FetchOptions;
    use crate::target::Target;

    fn key() -> Key {
        let source = Source::StatusList("https://trust.example/list".parse().expect("a URL"));
        Target::of(&source, &FetchOptions::default()).expect("a target").key()
    }

    #[tokio::test]
    async fn nothing_stays_behind_when_a_flight_lands_or_everybody_leaves() {
        let flights = Flights::default();
        let outcome = flights.join(key(), async { Err(FetchError::Connect) }).await;
        assert_eq!(outcome.err(), Some(FetchError::Connect));
        assert!(flights.0.lock().expect("a lock").is_empty());
        let never = flights.join(key(), std::future::pending());
        let waited = tokio::time::timeout(std::time::Duration::from_millis(1), never).await;
        assert!(waited.is_err());
        assert!(flights.0.lock().expect("a lock").is_empty());
    }

    #[tokio::test]
    async fn who_waits_takes_over_from_one_who_gives_up() {
        let flights = Arc::new(Flights::default());
        let own = Arc::clone(&flights);
        let first = tokio::spawn(async move { own.join(key(), std::future::pending()).await });
        while flights.0.lock().expect("a lock").is_empty() {
            tokio::task::yield_now().await;
        }
        let own = Arc::clone(&flights);
        let second =
            tokio::spawn(async move { own.join(key(), async { Err(FetchError::Timeout) }).await });
        first.abort();
        let outcome = second.await.expect("the task ran");
        assert_eq!(outcome.err(), Some(FetchError::Timeout));
    }
}
