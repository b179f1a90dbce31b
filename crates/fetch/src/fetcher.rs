//! The fetcher, and the loop that drives a verification with it.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use staffpass_verify::{
    Evidence, Fetched, Rejection, Source, Step, Verification, VerifiedResponse,
};
use tokio::task::JoinSet;

use crate::resolver::{Lookup, PublicOnly, system};
use crate::target::Target;
use crate::{FetchError, FetchOptions};

/// Brings documents. One serves a whole program: it keeps connections for reuse, and a clone shares
/// them.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    options: Arc<FetchOptions>,
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
        let client = client(options, resolver)?;
        Ok(Self { client, options: Arc::new(options.clone()) })
    }

    /// Fetches documents, all at once: it takes the time of the slowest, not of the sum. The
    /// results stand in the order of the sources.
    ///
    /// Needs a tokio runtime with time and I/O. Dropping the future gives up whatever is under way.
    pub async fn fetch(&self, sources: &[Source]) -> Vec<(Source, Result<Vec<u8>, FetchError>)> {
        let mut tasks = JoinSet::new();
        for (position, source) in sources.iter().enumerate() {
            let (fetcher, source) = (self.clone(), source.clone());
            tasks.spawn(async move { (position, fetcher.fetch_one(&source).await) });
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

    /// Fetches what a verification needs, puts it into the evidence as fetched at `now`, and says
    /// what could not be had: it stands in the evidence as unavailable.
    ///
    /// `now` is best taken before the call: a document is then never younger than it is.
    pub async fn bring(
        &self,
        needs: &[Source],
        evidence: &mut Evidence,
        now: DateTime<Utc>,
    ) -> Vec<Failure> {
        let mut failures = Vec::new();
        for (source, result) in self.fetch(needs).await {
            match result {
                Ok(bytes) => evidence.insert(source, Fetched::Document(&bytes), now),
                Err(error) => {
                    evidence.insert(source.clone(), Fetched::Unavailable, now);
                    failures.push(Failure { source, error });
                }
            }
        }
        failures
    }

    /// Verifies to the end, and fetches whatever is needed on the way. The report says what could
    /// not be had; who wants to know why writes this loop with [`bring`](Self::bring).
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
        loop {
            match verification.step(evidence, clock()) {
                Step::Done(verdict) => return *verdict,
                Step::Needs(needs) => {
                    self.bring(&needs, evidence, clock()).await;
                }
            }
        }
    }

    async fn fetch_one(&self, source: &Source) -> Result<Vec<u8>, FetchError> {
        let target = Target::of(source, &self.options)?;
        let limit = target.limit;
        let answer = self.request(target).send().await;
        let answer = answer.map_err(|error| FetchError::of_client(&error))?;
        check_status(answer.status())?;
        check_encoding(&answer)?;
        read(answer, limit).await
    }

    fn request(&self, target: Target) -> RequestBuilder {
        let identity = HeaderValue::from_static("identity");
        let request = match target.body {
            None => self.client.get(target.url),
            Some(body) => {
                let json = HeaderValue::from_static("application/json");
                self.client.post(target.url).header(CONTENT_TYPE, json).body(body)
            }
        };
        request.header(ACCEPT_ENCODING, identity)
    }
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Every switch is set here, so that none depends on the features that others turn on, nor on the
/// environment.
fn client(options: &FetchOptions, resolver: PublicOnly) -> Result<Client, FetchError> {
    Client::builder()
        .dns_resolver(Arc::new(resolver))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .connect_timeout(options.connect_timeout)
        .timeout(options.total_timeout)
        .https_only(options.loopback == staffpass_did::LoopbackHttp::Refuse)
        .user_agent(concat!("staffpass/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|_| FetchError::Client)
}

fn check_status(status: StatusCode) -> Result<(), FetchError> {
    match status {
        StatusCode::OK => Ok(()),
        status if status.is_redirection() => Err(FetchError::Redirect { status: status.as_u16() }),
        status => Err(FetchError::Status { status: status.as_u16() }),
    }
}

/// A few bytes may stand for gigabytes (N7): nothing is inflated that the reader of the document
/// does not inflate within its own bounds.
fn check_encoding(answer: &Response) -> Result<(), FetchError> {
    let mut encodings = answer.headers().get_all(CONTENT_ENCODING).iter();
    if encodings.all(|encoding| encoding == "identity") {
        Ok(())
    } else {
        Err(FetchError::Compressed)
    }
}

/// Reads an answer to its end, and never more than the limit. What it announces is only a reason to
/// stop early.
async fn read(mut answer: Response, limit: usize) -> Result<Vec<u8>, FetchError> {
    let too_large = FetchError::TooLarge { limit };
    let announced = answer.content_length().map(usize::try_from);
    if announced.is_some_and(|length| length.map_or(true, |length| length > limit)) {
        return Err(too_large);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| FetchError::of_client(&error))? {
        if chunk.len() > limit.saturating_sub(bytes.len()) {
            return Err(too_large);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
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
