//! The fetcher, and the loop that drives a verification with it.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue, IF_NONE_MATCH};
use reqwest::{Client, RequestBuilder};
use staffpass_verify::policy::TrustPolicy;
use staffpass_verify::{
    Code, Evidence, Fetched, Outcome, Rejection, Source, Step, Subject, Verification,
    VerifiedResponse,
};
use tokio::task::JoinSet;

use crate::cache::{Cache, Document, Life, Wanted};
use crate::flights::Flights;
use crate::freshness;
use crate::hosts::Hosts;
use crate::http;
use crate::resolver::{Lookup, PublicOnly, system};
use crate::target::Target;
use crate::{FetchError, FetchOptions};

/// Brings documents. One serves a whole program: it keeps documents and connections for reuse, and a
/// clone shares them.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    shared: Arc<Shared>,
}

struct Shared {
    options: FetchOptions,
    cache: Mutex<Cache>,
    flights: Flights,
    hosts: Hosts,
}

/// A document that could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The document.
    pub source: Source,
    /// Why not.
    pub error: FetchError,
}

impl Fetcher {
    /// A fetcher that asks the operating system for the addresses of names.
    ///
    /// # Errors
    /// [`FetchError::Client`].
    pub fn new(options: &FetchOptions) -> Result<Self, FetchError> {
        Self::build(options, Arc::new(system))
    }

    /// A fetcher that asks `lookup`, which may block, for the addresses of names. What it gives is
    /// judged like the system's answer.
    ///
    /// # Errors
    /// [`FetchError::Client`].
    pub fn with_lookup(
        options: &FetchOptions,
        lookup: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static,
    ) -> Result<Self, FetchError> {
        Self::build(options, Arc::new(lookup))
    }

    fn build(options: &FetchOptions, lookup: Arc<Lookup>) -> Result<Self, FetchError> {
        Self::resolving_by(options, PublicOnly::new(lookup, options.loopback))
    }

    fn resolving_by(options: &FetchOptions, resolver: PublicOnly) -> Result<Self, FetchError> {
        let client = http::client(options, resolver)?;
        let shared = Shared {
            options: options.clone(),
            cache: Mutex::new(Cache::new(options)),
            flights: Flights::default(),
            hosts: Hosts::new(options.host_burst, options.host_interval),
        };
        Ok(Self { client, shared: Arc::new(shared) })
    }

    /// Fetches documents, all at once: it takes the time of the slowest, not of the sum. One that is
    /// kept and fresh is not fetched again. The results stand in the order of the sources.
    ///
    /// Needs a tokio runtime with time and I/O. Dropping the future gives up whatever is under way,
    /// but for what somebody else waits for.
    pub async fn fetch(&self, sources: &[Source]) -> Vec<(Source, Result<Vec<u8>, FetchError>)> {
        let obtained = self.obtain_all(sources, Wanted::Fresh).await;
        let bytes = |document: Document| document.bytes.to_vec();
        obtained.into_iter().map(|(source, result)| (source, result.map(bytes))).collect()
    }

    /// Brings what a verification needs and puts it into the evidence, with the time at which it was
    /// fetched if it is fetched now: `now`, less the age of what was kept. Says what could not be
    /// had: it stands in the evidence as unavailable.
    ///
    /// `now` is best taken before the call: a document is then never younger than it is.
    pub async fn bring(
        &self,
        needs: &[Source],
        evidence: &mut Evidence,
        now: DateTime<Utc>,
    ) -> Vec<Failure> {
        let began = Instant::now();
        let mut failures = Vec::new();
        for (source, result) in self.obtain_all(needs, Wanted::Fresh).await {
            match result {
                Ok(document) => {
                    let fetched_at = document.fetched_at(began, now);
                    evidence.insert(source, Fetched::Document(&document.bytes), fetched_at);
                }
                Err(error) => {
                    evidence.insert(source.clone(), Fetched::Unavailable, now);
                    failures.push(Failure { source, error });
                }
            }
        }
        failures
    }

    /// Brings what a policy names by itself, and then what that points to, into the evidence: the keys
    /// of every issuer, before anybody presents anything. On a timer it keeps the evidence warm.
    pub async fn bring_issuers(
        &self,
        policy: &TrustPolicy,
        evidence: &mut Evidence,
        now: DateTime<Utc>,
    ) -> Vec<Failure> {
        let named: Vec<_> = policy.issuers_to_fetch().collect();
        let mut failures = self.bring(&named, evidence, now).await;
        let pointed: Vec<_> =
            named.iter().filter_map(|source| evidence.points_to(source)).collect();
        failures.extend(self.bring(&pointed, evidence, now).await);
        failures
    }

    /// Verifies to the end, and fetches whatever is needed on the way. The report says what could
    /// not be had; who wants to know why writes this loop with [`bring`](Self::bring).
    ///
    /// A key id that the documents do not know may be a new one: those documents that this fetcher
    /// keeps are then fetched once more, unless that was done a moment ago
    /// ([`FetchOptions::refetch_after`]), and the response is judged again. So may a key be under whose
    /// id a credential's signature does not verify ([`FetchOptions::recheck_after`]).
    ///
    /// # Errors
    /// The verification's own [`Rejection`]; a document that cannot be had is for its policy to
    /// judge.
    pub async fn verify(
        &self,
        verification: &mut Verification,
        evidence: &mut Evidence,
        clock: impl Fn() -> DateTime<Utc>,
    ) -> Result<VerifiedResponse, Rejection> {
        let mut renewed = false;
        loop {
            match verification.step(evidence, clock()) {
                Step::Needs(needs) => {
                    self.bring(&needs, evidence, clock()).await;
                }
                Step::Done(verdict) => match *verdict {
                    Err(rejection) if !renewed => {
                        renewed = true;
                        let Some(wanted) = self.reason_to_look_again(&rejection) else {
                            return Err(rejection);
                        };
                        if !self.renew_keys(&rejection, wanted, evidence, clock()).await {
                            return Err(rejection);
                        }
                    }
                    verdict => return verdict,
                },
            }
        }
    }

    /// How old the documents of keys may be, where a verdict is a reason to look for newer ones.
    fn reason_to_look_again(&self, rejection: &Rejection) -> Option<Wanted> {
        let options = &self.shared.options;
        if rejection.codes().contains(&Code::KeyUnknown) {
            Some(Wanted::AskedWithin(options.refetch_after))
        } else if is_signed_by_another(rejection) {
            Some(Wanted::AskedWithin(options.recheck_after))
        } else {
            None
        }
    }

    /// Fetches anew the documents of keys that a verdict rests on. Says whether one came that is
    /// younger than what the verdict saw.
    async fn renew_keys(
        &self,
        rejection: &Rejection,
        wanted: Wanted,
        evidence: &mut Evidence,
        now: DateTime<Utc>,
    ) -> bool {
        let used = &rejection.report().evidence;
        let printed: Vec<&str> = used.iter().map(|used| used.source.as_str()).collect();
        let mut sources = self.cache().sources(&printed);
        sources.retain(names_keys);
        let (began, mut younger, mut newest) = (Instant::now(), false, Vec::new());
        for (source, result) in self.obtain_all(&sources, wanted).await {
            // What cannot be had now stays as it was: it served until now.
            let Ok(document) = result else { return false };
            let fetched_at = document.fetched_at(began, now);
            let seen = evidence.fetched_at(&source);
            younger |= document.fetched >= began || seen.is_none_or(|seen| fetched_at > seen);
            newest.push((source, document.bytes, fetched_at));
        }
        if younger {
            for (source, bytes, fetched_at) in newest {
                evidence.insert(source, Fetched::Document(&bytes), fetched_at);
            }
        }
        younger
    }

    async fn obtain_all(
        &self,
        sources: &[Source],
        wanted: Wanted,
    ) -> Vec<(Source, Result<Document, FetchError>)> {
        let mut tasks = JoinSet::new();
        for (position, source) in sources.iter().enumerate() {
            let (fetcher, source) = (self.clone(), source.clone());
            tasks.spawn(async move { (position, fetcher.obtain(&source, wanted).await) });
        }
        let mut results: Vec<_> =
            sources.iter().map(|source| (source.clone(), Err(FetchError::Broken))).collect();
        while let Some(finished) = tasks.join_next().await {
            if let Ok((position, result)) = finished
                && let Some(slot) = results.get_mut(position)
            {
                slot.1 = result;
            }
        }
        results
    }

    async fn obtain(&self, source: &Source, wanted: Wanted) -> Result<Document, FetchError> {
        let target = Target::of(source, &self.shared.options)?;
        let key = target.key();
        let kept = self.cache().find(&key, wanted, Instant::now());
        if let Some(kept) = kept {
            return kept;
        }
        self.shared.flights.join(key, self.obtain_anew(source, target, wanted)).await
    }

    /// Only one runs at a time for a key, so what the last one brought may be there by now.
    async fn obtain_anew(
        &self,
        source: &Source,
        target: Target,
        wanted: Wanted,
    ) -> Result<Document, FetchError> {
        let (key, asked) = (target.key(), Instant::now());
        let kept = self.cache().find(&key, wanted, asked);
        if let Some(kept) = kept {
            return kept;
        }
        let kept = self.cache().kept(&key);
        match self.fetch_now(target, kept, asked).await {
            Ok((document, life)) => {
                self.cache().keep(key, source, document.clone(), life);
                Ok(document)
            }
            Err(error) => self.cache().miss(key, source, error, Instant::now()),
        }
    }

    async fn fetch_now(
        &self,
        target: Target,
        kept: Option<Document>,
        asked: Instant,
    ) -> Result<(Document, Life), FetchError> {
        if !self.shared.hosts.admit(&target.host(), asked) {
            return Err(FetchError::RateLimited);
        }
        let (limit, kind) = (target.limit, target.kind);
        let kept = kept.and_then(|kept| Some((kept.bytes, kept.validator?)));
        let mut request = self.request(target);
        if let Some((_, validator)) = &kept {
            request = request.header(IF_NONE_MATCH, validator.clone());
        }
        let answer = request.send().await.map_err(|error| FetchError::of_client(&error))?;
        let headers = answer.headers().clone();
        let (bytes, validator) = match kept {
            Some((bytes, validator)) if http::is_not_modified(&answer) => (bytes, Some(validator)),
            _ => (http::document(answer, limit).await?.into(), http::validator(&headers)),
        };
        let freshness = kind.freshness(&self.shared.options);
        let fresh = freshness.clamp(freshness::said(&headers, kind, &bytes));
        let life = Life { fresh, stale_if_error: freshness.stale_if_error };
        Ok((Document { bytes, fetched: asked, validator }, life))
    }

    fn request(&self, target: Target) -> RequestBuilder {
        let accept = HeaderValue::from_static(target.kind.accept());
        let request = match target.body {
            None => self.client.get(target.url),
            Some(body) => {
                let json = HeaderValue::from_static("application/json");
                self.client.post(target.url).header(CONTENT_TYPE, json).body(body)
            }
        };
        let identity = HeaderValue::from_static("identity");
        request.header(ACCEPT, accept).header(ACCEPT_ENCODING, identity)
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.shared.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher").field("options", &self.shared.options).finish_non_exhaustive()
    }
}

/// Whether a credential's signature is not that of the key that its issuer lists: a forgery, or a key
/// that was replaced under its id (attack S25). One of a presentation says nothing of an issuer.
fn is_signed_by_another(rejection: &Rejection) -> bool {
    let failed = Outcome::Failed(Code::SignatureInvalid);
    rejection
        .report()
        .checks
        .iter()
        .any(|record| matches!(record.subject, Subject::Credential(..)) && record.outcome == failed)
}

/// Whether a document lists an issuer's keys, or says where they are.
fn names_keys(source: &Source) -> bool {
    matches!(source, Source::DidDocument(_) | Source::IssuerMetadata(_) | Source::JwkSet(_))
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    use super::*;

    /// Through the whole client: the name exists nowhere, so whoever is connected to is who the
    /// resolver said.
    #[tokio::test]
    async fn n03_the_connection_is_made_to_the_address_that_was_judged_and_speaks_tls() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await?;
            stream.read_u8().await
        });
        let resolver = PublicOnly::admitting_all(Arc::new(|_| Ok(vec![[127, 0, 0, 1].into()])));
        let fetcher = Fetcher::resolving_by(&FetchOptions::default(), resolver).expect("a client");
        let url = format!("https://trust.example:{port}/list").parse().expect("a URL");
        let results = fetcher.fetch(&[Source::StatusList(url)]).await;
        assert_eq!(results[0].1, Err(FetchError::Connect));
        let first = server.await.expect("the server ran").expect("somebody connected");
        assert_eq!(first, 0x16, "a TLS handshake record");
    }
}
