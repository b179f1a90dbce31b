//! The DID methods that `ssi` knows and `staffpass-did` does not.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde_json::{Map, Value};
use ssi::dids::ion::sidetree::HTTPSidetreeDIDResolver;
use ssi::dids::resolution::{DIDMethodResolver as _, Error, HTTPDIDResolver, Options};
use ssi::dids::{DIDEthr, DIDION, DIDPKH, DIDTz};
use staffpass_did::{Did, DidDocument, Method};
use staffpass_jose::json;
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::{Host, Url};

use crate::SsiError;

/// What a resolution may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest time, by the runtime's clock. The default of 10 seconds is what a person waits
    /// for.
    pub timeout: Duration,
    /// The longest document that is read, in bytes. `ssi` has it in memory by then: the limit spares
    /// its readers, not the memory. The default of 128 KiB is the most that
    /// [`DidDocument::parse`] takes.
    pub max_document_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), max_document_bytes: 128 * 1024 }
    }
}

/// A DID's document, as the resolver brought it and as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Resolved {
    bytes: Vec<u8>,
    document: DidDocument,
}

impl Resolved {
    /// The document's JSON, for `Fetched::Document` of `staffpass_verify`.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The document, read strictly.
    #[must_use]
    pub fn document(&self) -> &DidDocument {
        &self.document
    }
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolved").field("document", &self.document).finish_non_exhaustive()
    }
}

/// Resolves the DID methods that `ssi` knows and `staffpass-did` does not: did:pkh and did:ethr
/// from the DID itself, short-form did:ion and did:tz by asking a service that you name.
///
/// Most documents of did:pkh, of did:tz and of did:ethr with an address list an account
/// (`blockchainAccountId`) and no key: no signature can be checked with them. A did:ethr with a
/// public key has that key.
///
/// A service is believed: nothing in its answer proves that the document is the DID's. Name one
/// that you run, or trust as you trust an issuer.
#[derive(Clone, Default)]
pub struct SsiResolver {
    ion: Option<DIDION>,
    tezos: Option<DIDTz>,
    limits: Limits,
}

impl SsiResolver {
    /// A resolver that asks no service: did:pkh and did:ethr only.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks a Sidetree node for short-form did:ion, by GET at `<node>/identifiers/<did>`.
    ///
    /// # Errors
    /// [`SsiError::ServiceAddress`].
    pub fn with_ion_node(mut self, node: &Url) -> Result<Self, SsiError> {
        let identifiers = format!("{}/identifiers/", service_address(node)?);
        let endpoint = identifiers.parse().map_err(|_| SsiError::ServiceAddress)?;
        let mut client = DIDION::new(Some(endpoint));
        // `new` leaves no slash between the path and the DID, which no node answers.
        client.resolver = client.endpoint.as_deref().map(|endpoint| HTTPSidetreeDIDResolver {
            http_did_resolver: HTTPDIDResolver::new(endpoint),
            _marker: PhantomData,
        });
        self.ion = Some(client);
        Ok(self)
    }

    /// Asks a TzKT indexer for did:tz, by GET at `<indexer's origin>/v1/contracts`.
    ///
    /// # Errors
    /// [`SsiError::ServiceAddress`].
    pub fn with_tezos_indexer(mut self, indexer: &Url) -> Result<Self, SsiError> {
        let address = service_address(indexer)?.parse().map_err(|_| SsiError::ServiceAddress)?;
        self.tezos = Some(DIDTz::new(Some(address)));
        Ok(self)
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Resolves a DID.
    ///
    /// Needs a tokio runtime with time and I/O. Dropping the future gives up whatever is under way.
    ///
    /// # Errors
    /// See [`SsiError`]; [`SsiError::OwnMethod`] for a DID that `staffpass-did` reads.
    pub async fn resolve(&self, did: &Did) -> Result<Resolved, SsiError> {
        check_method(did)?;
        let bytes = self.contained(did.clone()).await?;
        self.check_length(&bytes)?;
        let bytes = if did.method() == Method::Ion { document_of_answer(bytes)? } else { bytes };
        let document = DidDocument::parse(did, &bytes).map_err(SsiError::Document)?;
        Ok(Resolved { bytes, document })
    }

    /// Asks in a task of its own: a panic in `ssi` ends the task, and not the caller.
    async fn contained(&self, did: Did) -> Result<Vec<u8>, SsiError> {
        let resolver = self.clone();
        let mut task = JoinSet::new();
        task.spawn(async move { resolver.ask(&did).await });
        match timeout(self.limits.timeout, task.join_next()).await {
            Ok(Some(Ok(answer))) => answer,
            Ok(_) => Err(SsiError::Panicked),
            Err(_) => Err(SsiError::TimedOut { limit: self.limits.timeout }),
        }
    }

    async fn ask(&self, did: &Did) -> Result<Vec<u8>, SsiError> {
        let (id, options) = (did.method_specific_id(), Options::default());
        let answer = match (did.method_name(), &self.ion, &self.tezos) {
            ("pkh", ..) => DIDPKH.resolve_method_representation(id, options).await,
            ("ethr", ..) => DIDEthr.resolve_method_representation(id, options).await,
            ("ion", Some(ion), _) => ion.resolve_method_representation(id, options).await,
            ("tz", _, Some(tezos)) => tezos.resolve_method_representation(id, options).await,
            ("ion" | "tz", ..) => return Err(SsiError::NotConfigured),
            _ => return Err(SsiError::MethodNotSupported),
        };
        answer.map(|output| output.document).map_err(|error| cause(&error))
    }

    fn check_length(&self, bytes: &[u8]) -> Result<(), SsiError> {
        let limit = self.limits.max_document_bytes;
        if bytes.len() > limit { Err(SsiError::TooLong { limit }) } else { Ok(()) }
    }
}

impl fmt::Debug for SsiResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SsiResolver")
            .field("ion", &self.ion.is_some())
            .field("tezos", &self.tezos.is_some())
            .field("limits", &self.limits)
            .finish()
    }
}

/// No DID has two readings: what `staffpass-did` reads is not asked of `ssi`.
fn check_method(did: &Did) -> Result<(), SsiError> {
    let long_form = || did.method_specific_id().contains(':');
    match did.method() {
        Method::Web | Method::Jwk | Method::Key => Err(SsiError::OwnMethod),
        Method::Ion if long_form() => Err(SsiError::OwnMethod),
        _ => Ok(()),
    }
}

/// The cause alone: the text of `ssi`'s error holds the DID and the address.
fn cause(error: &Error) -> SsiError {
    match error {
        Error::MethodNotSupported(_) => SsiError::MethodNotSupported,
        Error::NotFound => SsiError::NotFound,
        Error::InvalidMethodSpecificId(_) => SsiError::MethodSpecificId,
        _ => SsiError::Broken,
    }
}

/// The document in a Sidetree node's answer (DID Resolution, "DID Resolution Result"), or the answer
/// where it is the document itself.
fn document_of_answer(answer: Vec<u8>) -> Result<Vec<u8>, SsiError> {
    let mut members: Map<String, Value> =
        json::parse(&answer, &json::Limits::default()).map_err(|_| SsiError::Broken)?;
    match members.remove("didDocument") {
        Some(document) => Ok(document.to_string().into_bytes()),
        None => Ok(answer),
    }
}

/// The address without a slash at its end.
fn service_address(url: &Url) -> Result<&str, SsiError> {
    let bare = url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    if bare && anonymous && (url.scheme() == "https" || is_loopback_http(url)) {
        Ok(url.as_str().trim_end_matches('/'))
    } else {
        Err(SsiError::ServiceAddress)
    }
}

fn is_loopback_http(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && loopback
}
