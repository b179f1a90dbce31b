//! The browser session that a share belongs to, as far as the share has to know it.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::Refusal;
use crate::rules::Rules;

/// SHA-256 of the secret of a browser session. The portal makes the secret, keeps it in its cookie,
/// and sees to everything else about it; the share only knows whose turn it is.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionDigest([u8; 32]);

impl SessionDigest {
    /// The digest of a session's secret.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// For the portal's store, to find the share of a session.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// In constant time.
    fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SessionDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionDigest(_)")
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    digest: SessionDigest,
    opened_at: DateTime<Utc>,
    last_active: DateTime<Utc>,
    idle_seconds: i64,
    max_seconds: i64,
}

impl Session {
    pub(crate) fn begin(digest: SessionDigest, rules: &Rules, now: DateTime<Utc>) -> Self {
        Self {
            digest,
            opened_at: now,
            last_active: now,
            idle_seconds: rules.session_idle.num_seconds(),
            max_seconds: rules.session_max.num_seconds(),
        }
    }

    pub(crate) fn check(&self, digest: &SessionDigest) -> Result<(), Refusal> {
        if self.digest.is(digest) { Ok(()) } else { Err(Refusal::StartedElsewhere) }
    }

    pub(crate) const fn rotate(&mut self, digest: SessionDigest) {
        self.digest = digest;
    }

    /// When it ends, if nothing more happens.
    pub(crate) fn ends_at(&self) -> DateTime<Utc> {
        let idle = after(self.last_active, self.idle_seconds);
        idle.min(after(self.opened_at, self.max_seconds))
    }

    pub(crate) fn keep_alive(&mut self, now: DateTime<Utc>) {
        self.last_active = now;
    }
}

/// A span that cannot be had ends at once.
fn after(from: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
    TimeDelta::try_seconds(seconds).and_then(|span| from.checked_add_signed(span)).unwrap_or(from)
}
