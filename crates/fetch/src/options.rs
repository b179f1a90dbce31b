//! Limits, each with its reason.

use std::time::Duration;

use staffpass_did::LoopbackHttp;

/// What a [`Fetcher`](crate::Fetcher) keeps to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchOptions {
    /// Whether plain http on this machine's loopback is fetched. Default: no.
    pub loopback: LoopbackHttp,
    /// The longest that a connection may take to make, name and TLS included. Default: 5 s.
    pub connect_timeout: Duration,
    /// The longest that one document may take in all. Default: 10 s, since a person waits for it
    /// with a phone in the hand.
    pub total_timeout: Duration,
    /// The longest DID document, in bytes. Default: 128 KiB, which holds some 300 keys; real ones
    /// have a few KiB.
    pub max_did_document: usize,
    /// The longest status list, in bytes, as it is sent. Default: 2 MiB. A list of 131 072 entries
    /// has 30 KiB when it cannot be compressed at all, one of eight million 1.7 MiB.
    pub max_status_list: usize,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            loopback: LoopbackHttp::Refuse,
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(10),
            max_did_document: 128 * 1024,
            max_status_list: 2 * 1024 * 1024,
        }
    }
}

impl FetchOptions {
    /// The same, and plain http is fetched from `localhost`, `127.0.0.1` and `[::1]`: for
    /// development and tests.
    #[must_use]
    pub fn allow_loopback_http(mut self) -> Self {
        self.loopback = LoopbackHttp::Allow;
        self
    }
}
