//! How often one network may call: a window of a minute, in memory, beside the limits that the store
//! keeps for codes.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

use crate::service::Portal;

/// A hospital may have one address for all its staff, and its wallets.
const PER_MINUTE: u32 = 600;

/// So many networks are remembered; a flood from more empties the book.
const MOST: usize = 10_000;

const WINDOW: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(crate) struct RateLimit(Mutex<HashMap<String, (Instant, u32)>>);

impl RateLimit {
    /// Counts a call, and says whether it may be answered.
    pub(crate) fn allows(&self, network: &str, now: Instant) -> bool {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if book.len() >= MOST {
            book.retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
        }
        if book.len() >= MOST {
            book.clear();
        }
        let (since, count) = book.entry(network.to_owned()).or_insert((now, 0));
        if now.duration_since(*since) >= WINDOW {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= PER_MINUTE
    }
}

impl Portal {
    /// The network block that a call comes from: the last address that our own proxy put down, or the
    /// connection's.
    pub(crate) fn network(&self, parts: &Parts) -> String {
        let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back();
        let forwarded = forwarded.filter(|_| self.config().server.behind_proxy);
        let forwarded = forwarded
            .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        forwarded.or(peer).map(block).unwrap_or_default()
    }
}

/// A /24 of IPv4, a /56 of IPv6: what one household or hospital has.
fn block(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{:x}::/56", d & 0xff00)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_counted_by_its_block_and_by_the_minute() {
        assert_eq!(block("192.0.2.77".parse().unwrap()), "192.0.2.0/24");
        assert_eq!(block("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.0/24");
        assert_eq!(block("2001:db8:1:2ff::1".parse().unwrap()), "2001:db8:1:200::/56");
        let (limit, now) = (RateLimit::default(), Instant::now());
        assert!((0..PER_MINUTE).all(|_| limit.allows("a", now)));
        assert!(!limit.allows("a", now));
        assert!(limit.allows("b", now));
        assert!(limit.allows("a", now + WINDOW));
    }
}
