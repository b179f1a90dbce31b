//! Sends the callbacks that wait in the book: each at least once, those of one request in their
//! order, and none in the way of a wallet's answer.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use staffpass::store::{RequestKey, StoreError};
use tokio::sync::Semaphore;

use crate::book::Entry;
use crate::service::Service;

/// Callbacks that are under way at once.
const AT_ONCE: usize = 16;

/// How long nothing is looked for where nobody says that there is something: callbacks that are tried
/// again, or that another program left.
const PAUSE: Duration = Duration::from_secs(1);

/// Sends until the program ends.
pub(crate) async fn run(service: Service) {
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let due = service.book().due(Utc::now()).await.unwrap_or_default();
        if due.is_empty() {
            let _ = tokio::time::timeout(PAUSE, service.book().something_is_due()).await;
            continue;
        }
        for digest in due {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
            let service = service.clone();
            tokio::spawn(async move {
                // One that could not be leased, or not be noted, is still there.
                let _ = send(&service, digest).await;
                drop(permit);
            });
        }
        // The leases are taken by those tasks.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn send(service: &Service, digest: [u8; 32]) -> Result<(), StoreError> {
    let Some(entra) = service.entra() else { return Ok(()) };
    let lease = |entry: &mut Entry| entry.entra.as_mut().and_then(|share| share.lease(Utc::now()));
    let leased = service.book().step(RequestKey::Digest(digest), lease).await?;
    let Some(sending) = leased.flatten() else { return Ok(()) };
    let headers = sending.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let result = entra.poster.post(&sending.url, headers, sending.json).await;
    let note = move |entry: &mut Entry| {
        entry.entra.as_mut().is_some_and(|share| share.sent(result, Utc::now()))
    };
    let given_up = service.book().step(RequestKey::Digest(digest), note).await?;
    if let (Some(true), Err(error)) = (given_up, result) {
        eprintln!("verifier: a callback is given up: {}", error.code());
    }
    Ok(())
}
