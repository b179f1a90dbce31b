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
    /// The longest of the other documents, in bytes: issuer metadata, JWK sets, DID configurations.
    /// Default: 128 KiB. A DID configuration has one signed credential of 2 KiB or so a domain.
    pub max_metadata: usize,
    /// How long documents that name keys are kept: DID documents, issuer metadata, JWK sets, DID
    /// configurations. Default: 1 minute to 1 hour, 10 minutes where the server says nothing, never
    /// longer. The hour is how long a key can still be believed that its issuer has taken out; the
    /// minute keeps a server that forbids caching from being asked once a person.
    pub keys: Freshness,
    /// How long status lists are kept. Default: 10 seconds to 1 hour, 5 minutes where neither the
    /// server nor the list says anything, never longer: it is how long a revocation may go unseen.
    pub status_lists: Freshness,
    /// How long a document that cannot be had is not asked for again. Default: 15 s, less than a
    /// person takes to scan a code again.
    pub negative_ttl: Duration,
    /// How old a document must be before an unknown key id is a reason to fetch it again. Default:
    /// 30 s, so that forged key ids cause two requests a minute and issuer, whatever their number
    /// (N8).
    pub refetch_after: Duration,
    /// How old a document must be before a credential's signature that does not verify under it is a
    /// reason to fetch it again: its key may have been replaced under the same id. Default: 5 min,
    /// since most such signatures are forged.
    pub recheck_after: Duration,
    /// The most documents that are kept. Default: 512, a few for each trust in England.
    pub max_entries: usize,
    /// The most bytes that are kept. Default: 64 MiB, which is 32 of the longest status lists.
    pub max_cached_bytes: usize,
    /// How many requests one host may be sent at once. Default: 30.
    pub host_burst: u32,
    /// How long until a host may be sent one more. Default: 1 s.
    pub host_interval: Duration,
}

/// For how long documents of a kind are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Freshness {
    /// The shortest time, whatever the server says.
    pub shortest: Duration,
    /// The time where nobody says anything.
    pub usual: Duration,
    /// The longest time, whatever the server says. Zero: nothing is kept.
    pub longest: Duration,
    /// For how long after that a document still serves when no newer one can be had (RFC 5861 §4).
    /// Default: zero, so it serves never. The document keeps its age in the report.
    pub stale_if_error: Duration,
}

impl Freshness {
    /// From the shortest to the longest time, and the one where nobody says anything.
    #[must_use]
    pub const fn new(shortest: Duration, usual: Duration, longest: Duration) -> Self {
        Self { shortest, usual, longest, stale_if_error: Duration::ZERO }
    }

    /// The same, and a document serves so much longer when no newer one can be had.
    #[must_use]
    pub const fn stale_if_error(mut self, time: Duration) -> Self {
        self.stale_if_error = time;
        self
    }

    /// How long a document is kept that somebody said may be kept so long.
    pub(crate) fn clamp(&self, said: Option<Duration>) -> Duration {
        said.unwrap_or(self.usual).max(self.shortest).min(self.longest)
    }
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            loopback: LoopbackHttp::Refuse,
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(10),
            max_did_document: 128 * 1024,
            max_status_list: 2 * 1024 * 1024,
            max_metadata: 128 * 1024,
            keys: Freshness::new(seconds(60), seconds(600), seconds(3600)),
            status_lists: Freshness::new(seconds(10), seconds(300), seconds(3600)),
            negative_ttl: seconds(15),
            refetch_after: seconds(30),
            recheck_after: seconds(300),
            max_entries: 512,
            max_cached_bytes: 64 * 1024 * 1024,
            host_burst: 30,
            host_interval: seconds(1),
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
