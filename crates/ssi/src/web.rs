//! did:web for `ssi`'s resolvers, under our grammar.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use ssi::dids::DIDMethod;
use ssi::dids::document::representation::MediaType;
use ssi::dids::resolution::{DIDMethodResolver, Error, Options, Output};
use staffpass_did::{Did, DidDocument, LoopbackHttp, web};

/// A boxed future that can be sent to another thread.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

type Fetch = dyn Fn(Did) -> BoxFuture<Option<Vec<u8>>> + Send + Sync;

/// did:web as a method for `ssi`'s resolvers, in place of its own: our narrower grammar, a document
/// fetched by whom you choose, and read strictly before `ssi` sees it.
///
/// `ssi` gets the document as [`DidDocument::to_json`] writes it: with absolute ids, each key once,
/// and without what could not be read.
///
/// ```
/// use ssi::dids::{DID, DIDResolver as _};
/// use staffpass_ssi::DidWeb;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let method = DidWeb::new(|did| {
///     Box::pin(async move {
///         // Here `staffpass_fetch::Fetcher::fetch(&[Source::DidDocument(did)])`.
///         Some(format!(r#"{{"id": "{did}"}}"#).into_bytes())
///     })
/// });
/// let document = method.resolve(DID::new("did:web:trust.example").unwrap()).await.unwrap();
/// assert_eq!(document.document.id, "did:web:trust.example");
/// // ssi's own method would ask this machine.
/// assert!(method.resolve(DID::new("did:web:127.0.0.1").unwrap()).await.is_err());
/// # }
/// ```
#[derive(Clone)]
pub struct DidWeb {
    fetch: Arc<Fetch>,
    loopback: LoopbackHttp,
}

impl DidWeb {
    /// A method whose documents come from `fetch`, which is called only with a did:web that
    /// [`web::document_url`] takes, and gives none where there is no document.
    #[must_use]
    pub fn new(fetch: impl Fn(Did) -> BoxFuture<Option<Vec<u8>>> + Send + Sync + 'static) -> Self {
        Self { fetch: Arc::new(fetch), loopback: LoopbackHttp::Refuse }
    }

    /// The same with another rule on this machine.
    #[must_use]
    pub fn with_loopback(mut self, loopback: LoopbackHttp) -> Self {
        self.loopback = loopback;
        self
    }

    async fn document(&self, method_specific_id: &str) -> Result<DidDocument, Error> {
        let invalid = |code: &str| Error::InvalidMethodSpecificId(code.to_owned());
        let did = Did::parse(&format!("did:web:{method_specific_id}"))
            .map_err(|error| invalid(error.code()))?;
        web::document_url(&did, self.loopback).map_err(|error| invalid(error.code()))?;
        let bytes = (self.fetch)(did.clone()).await.ok_or(Error::NotFound)?;
        DidDocument::parse(&did, &bytes).map_err(|error| Error::internal(error.code()))
    }
}

impl fmt::Debug for DidWeb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DidWeb").field("loopback", &self.loopback).finish_non_exhaustive()
    }
}

impl DIDMethod for DidWeb {
    const DID_METHOD_NAME: &'static str = "web";
}

impl DIDMethodResolver for DidWeb {
    async fn resolve_method_representation<'a>(
        &'a self,
        method_specific_id: &'a str,
        _options: Options,
    ) -> Result<Output<Vec<u8>>, Error> {
        let document = self.document(method_specific_id).await?;
        let bytes = document.to_json().to_string().into_bytes();
        Ok(Output::from_content(bytes, Some(MediaType::Json.to_string())))
    }
}
