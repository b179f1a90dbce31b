//! What a Prometheus server reads, on an address of its own: how many calls of which route were answered
//! how, and how long that took.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::Error;
use crate::service::Portal;

/// By route and status: how many, and how long all of them took.
#[derive(Default)]
pub(crate) struct Metrics(Mutex<BTreeMap<(String, u16), (u64, Duration)>>);

impl Metrics {
    pub(crate) fn count(&self, route: &str, status: u16, took: Duration) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, sum) = calls.entry((route.to_owned(), status)).or_default();
        *count = count.saturating_add(1);
        *sum = sum.saturating_add(took);
    }

    fn text(&self) -> String {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::from("# TYPE portal_request_duration_seconds summary\n");
        for ((route, status), (count, sum)) in &*calls {
            let labels = format!("{{route=\"{route}\",status=\"{status}\"}}");
            let sum = sum.as_secs_f64();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "portal_request_duration_seconds_count{labels} {count}");
            let _ = writeln!(text, "portal_request_duration_seconds_sum{labels} {sum}");
        }
        text
    }
}

impl Portal {
    /// Serves `/metrics`, where the configuration names an address for it.
    ///
    /// # Errors
    ///
    /// Where the address cannot be had.
    pub(crate) async fn serve_metrics(&self) -> Result<(), Error> {
        let address = &self.config().server.metrics_listen;
        if address.is_empty() {
            return Ok(());
        }
        let listener = TcpListener::bind(address).await?;
        let shown = |State(portal): State<Self>| async move { portal.metrics().text() };
        let router = Router::new().route("/metrics", get(shown)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_route_and_status() {
        let metrics = Metrics::default();
        metrics.count("/share", 200, Duration::from_millis(20));
        metrics.count("/share", 200, Duration::from_millis(30));
        metrics.count("/i/{token}", 404, Duration::from_millis(1));
        let text = metrics.text();
        let line = "portal_request_duration_seconds_count{route=\"/share\",status=\"200\"} 2\n";
        assert!(text.contains(line), "{text}");
        assert!(text.contains("_sum{route=\"/share\",status=\"200\"} 0.05\n"), "{text}");
    }
}
