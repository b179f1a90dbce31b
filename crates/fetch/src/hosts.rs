//! How often one host is asked (N8).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The most hosts that are counted. They come from policies, which name some hundred.
const MAX_HOSTS: usize = 4096;

/// A leaky bucket for each host: it takes a burst at once, and then one request an interval. What is
/// kept of a host is the moment at which its bucket will be empty again.
pub(crate) struct Hosts {
    burst: u32,
    interval: Duration,
    empty_at: Mutex<HashMap<String, Instant>>,
}

impl Hosts {
    pub(crate) fn new(burst: u32, interval: Duration) -> Self {
        Self { burst, interval, empty_at: Mutex::default() }
    }

    /// Whether the host may be sent one more request now; if so, it has been counted.
    pub(crate) fn admit(&self, host: &str, now: Instant) -> bool {
        let mut buckets = self.empty_at.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_HOSTS {
            buckets.retain(|_, empty_at| *empty_at > now);
        }
        if buckets.len() >= MAX_HOSTS && !buckets.contains_key(host) {
            return false;
        }
        let empty_at = buckets.get(host).map_or(now, |empty_at| (*empty_at).max(now));
        let filled = empty_at.saturating_duration_since(now) + self.interval;
        if filled > self.interval * self.burst {
            return false;
        }
        buckets.insert(host.to_owned(), now + filled);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn n08_a_host_takes_its_burst_and_then_one_an_interval() {
        let hosts = Hosts::new(3, SECOND);
        let now = Instant::now();
        let admitted = (0..1000).filter(|_| hosts.admit("trust.example:443", now)).count();
        assert_eq!(admitted, 3);
        let later = now + SECOND;
        assert!(hosts.admit("trust.example:443", later));
        assert!(!hosts.admit("trust.example:443", later));
        let rested = now + 60 * SECOND;
        let admitted = (0..1000).filter(|_| hosts.admit("trust.example:443", rested)).count();
        assert_eq!(admitted, 3);
    }

    #[test]
    fn one_host_does_not_use_up_what_another_may() {
        let hosts = Hosts::new(1, SECOND);
        let now = Instant::now();
        assert!(hosts.admit("trust.example:443", now));
        assert!(!hosts.admit("trust.example:443", now));
        assert!(hosts.admit("other-trust.example:443", now));
        assert!(hosts.admit("trust.example:8443", now));
    }

    #[test]
    fn the_number_of_hosts_that_are_counted_is_bounded() {
        let hosts = Hosts::new(1, SECOND);
        let now = Instant::now();
        for number in 0..MAX_HOSTS {
            assert!(hosts.admit(&number.to_string(), now));
        }
        assert!(!hosts.admit("one more", now));
        assert!(hosts.admit("one more", now + SECOND));
        assert_eq!(hosts.empty_at.lock().expect("a lock").len(), 1);
    }
}
