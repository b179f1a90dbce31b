//! The requests of a share: one that may be answered, and those that no longer may.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use staffpass_request::entra::Exchange;
use staffpass_request::{Expectation, HandleDigest, ResponseCodeDigest};

use crate::error::Refusal;

/// A request lives no longer than this (domain of the cross-device attacks: a relayed QR code is
/// worth nothing afterwards).
pub(crate) const MAX_LIFE: TimeDelta = TimeDelta::minutes(5);
/// So many requests may be unexpired at a time, the dead ones included: their QR codes are still
/// out in the world.
const MAX_UNEXPIRED: usize = 3;
/// So many requests may be made in 24 hours.
const MAX_PER_DAY: usize = 10;
/// So many answers to one request may be refused before it is dead. A wallet that is refused once
/// may have another try; a flood may not.
const MAX_REFUSED_POSTS: u32 = 5;

/// A wallet's fetching of a request: telemetry, stored beside the share and outside its version, so
/// that it can never make the person's call lose a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scanned {
    pub(crate) request: HandleDigest,
    pub(crate) at: DateTime<Utc>,
}

impl Scanned {
    /// Which request, by the digest of its response address.
    #[must_use]
    pub const fn request(&self) -> &HandleDigest {
        &self.request
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Requests {
    attempts: Vec<Attempt>,
    pub(crate) note: Option<Note>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attempt {
    pub(crate) handle: HandleDigest,
    /// The digest of the whole expectation, by which a response is known to be judged against it; of
    /// a request through a service, that of the exchange.
    pub(crate) expectation: [u8; 32],
    /// Of a request through a service, which makes the nonce: the exchange's digest until it is known.
    nonce: [u8; 32],
    made_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    fate: Fate,
    refused_posts: u32,
    /// On the same device: the code with which the person comes back from the wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) awaited: Option<ResponseCodeDigest>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    Live,
    Expired,
    Superseded,
    Cancelled,
    Answered,
}

/// What came instead of an acceptable answer, for the person to be told.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Note {
    Expired,
    NotReceived,
    Refused { codes: Vec<String> },
}

/// A request that is to be taken up.
pub(crate) struct NewRequest<'a> {
    pub(crate) tenant: Option<&'a str>,
    /// None where it does not say what it asks for.
    pub(crate) parts: Option<Vec<&'a str>>,
    handle: Option<HandleDigest>,
    expectation: [u8; 32],
    nonce: [u8; 32],
    expires_at: DateTime<Utc>,
    awaited: Option<ResponseCodeDigest>,
}

impl<'a> NewRequest<'a> {
    /// One that the wallet answers here. Where a code is awaited, the answer counts once the person
    /// has come back with it.
    pub(crate) fn direct(
        expectation: &'a Expectation,
        awaited: Option<ResponseCodeDigest>,
    ) -> Self {
        Self {
            tenant: expectation.tenant(),
            parts: expectation.query().map(|query| query.parts().into_iter().collect()),
            handle: expectation.handle_digest().copied(),
            expectation: expectation.digest(),
            nonce: Sha256::digest(expectation.nonce().as_str()).into(),
            expires_at: expectation.expires_at(),
            awaited,
        }
    }

    /// One through a service. Its end is by the service's clock; here it is five minutes after it was
    /// made at the latest.
    pub(crate) fn through_service(exchange: &'a Exchange) -> Self {
        let asked = exchange.requested_credentials().iter();
        Self {
            tenant: exchange.tenant(),
            parts: asked.map(|credential| credential.part()).collect(),
            handle: Some(*exchange.handle_digest()),
            expectation: exchange.digest(),
            nonce: exchange.digest(),
            expires_at: exchange.expires_at().min(exchange.created_at() + MAX_LIFE),
            awaited: None,
        }
    }
}

impl Requests {
    /// The request that has not been answered, cancelled or superseded; it may have expired.
    pub(crate) fn current(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.fate == Fate::Live)
    }

    /// The request of this address, however it ended.
    pub(crate) fn of(&self, handle: &HandleDigest) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.handle == *handle)
    }

    pub(crate) const fn count(&self) -> usize {
        self.attempts.len()
    }

    /// Ends the current request, and says whether there was one.
    pub(crate) fn end(&mut self, fate: Fate) -> bool {
        self.note = None;
        let current = self.attempts.iter_mut().find(|attempt| attempt.fate == Fate::Live);
        current.map(|attempt| attempt.fate = fate).is_some()
    }

    /// Takes up a new request. The one before must have been ended.
    pub(crate) fn begin(
        &mut self,
        request: &NewRequest<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        check_life(request.expires_at, now)?;
        let attempt = Attempt::of(request, now)?;
        let seen = |other: &Attempt| other.handle == attempt.handle || other.nonce == attempt.nonce;
        if self.attempts.iter().any(seen) {
            return Err(Refusal::RequestReused);
        }
        self.attempts.retain(|old| now < old.forgotten_at());
        self.check_counts(now)?;
        self.attempts.push(attempt);
        Ok(())
    }

    fn check_counts(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let unexpired = self.attempts.iter().map(|old| old.expires_at).filter(|until| now < *until);
        if unexpired.clone().count() >= MAX_UNEXPIRED {
            return Err(Refusal::TooManyRequests { until: unexpired.min().unwrap_or(now) });
        }
        if self.attempts.len() >= MAX_PER_DAY {
            let first = self.attempts.iter().map(Attempt::forgotten_at).min();
            return Err(Refusal::TooManyRequests { until: first.unwrap_or(now) });
        }
        Ok(())
    }

    /// The service's nonce has become known: the current request has it, and no other had it before
    /// (attack P24).
    pub(crate) fn learn_nonce(&mut self, nonce: [u8; 32]) -> Result<(), Refusal> {
        if self.attempts.iter().any(|attempt| attempt.nonce == nonce) {
            return Err(Refusal::ResponseToAnother);
        }
        let current = self.attempts.iter_mut().find(|attempt| attempt.fate == Fate::Live);
        current.ok_or(Refusal::UnknownRequest)?.nonce = nonce;
        Ok(())
    }

    /// The request at this address, if it may be answered now (attack P17).
    pub(crate) fn open(
        &mut self,
        handle: &HandleDigest,
        now: DateTime<Utc>,
    ) -> Result<&mut Attempt, Refusal> {
        let found = self.attempts.iter_mut().find(|attempt| attempt.handle == *handle);
        let attempt = found.ok_or(Refusal::UnknownRequest)?;
        match attempt.fate {
            Fate::Answered => Err(Refusal::AlreadyAnswered),
            Fate::Cancelled => Err(Refusal::RequestCancelled),
            Fate::Superseded => Err(Refusal::RequestSuperseded),
            Fate::Live | Fate::Expired if attempt.expires_at <= now => {
                Err(Refusal::RequestExpired { now, until: attempt.expires_at })
            }
            Fate::Expired => Err(Refusal::RequestExpired { now, until: attempt.expires_at }),
            Fate::Live if attempt.refused_posts >= MAX_REFUSED_POSTS => Err(Refusal::TooManyPosts),
            Fate::Live => Ok(attempt),
        }
    }
}

impl Attempt {
    fn of(request: &NewRequest<'_>, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let incomplete = Refusal::RequestIncomplete { member: "response address" };
        Ok(Self {
            handle: request.handle.ok_or(incomplete)?,
            expectation: request.expectation,
            nonce: request.nonce,
            made_at: now,
            expires_at: request.expires_at,
            fate: Fate::Live,
            refused_posts: 0,
            awaited: request.awaited,
        })
    }

    pub(crate) fn refuse_post(&mut self) {
        self.refused_posts = self.refused_posts.saturating_add(1);
    }

    /// After a day a request no longer counts. It has long expired, so that its nonce cannot come again.
    fn forgotten_at(&self) -> DateTime<Utc> {
        self.made_at.checked_add_signed(TimeDelta::days(1)).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

fn check_life(until: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Refusal> {
    if until <= now {
        return Err(Refusal::RequestExpired { now, until });
    }
    if until.signed_duration_since(now) > MAX_LIFE {
        return Err(Refusal::RequestTooLong { now, until });
    }
    Ok(())
}
