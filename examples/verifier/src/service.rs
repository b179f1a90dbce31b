//! The service: what its handlers work with, and which path leads to which.

use std::fs;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use chrono::Utc;
use sha2::{Digest as _, Sha256};
use staffpass::aws_lc::AwsLc;
use staffpass::did::Did;
use staffpass::fetch::{FetchOptions, Fetcher};
use staffpass::jose::{Algorithm, CryptoProvider};
use staffpass::request::{Endpoints, RequestError, Transport, microsoft};
use staffpass::verify::Verifier;
use staffpass::verify::policy::TrustPolicy;
use tokio::net::TcpListener;

use crate::book::Book;
use crate::entra::{self, Entra};
use crate::identity::Identity;
use crate::{Error, Options, keys, outbox, portal_api, wallet_api};

/// Bytes of an answer: three credentials with the 1 MB photo that Entra allows, and room.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// Bytes of everything else.
const MAX_BODY: usize = 128 * 1024;

/// Every path with its methods, as the OpenAPI description has them.
pub const ROUTES: [(&str, &[&str]); 10] = [
    ("/requests", &["post"]),
    ("/requests/{id}", &["get"]),
    ("/requests/{id}/return", &["post"]),
    ("/request/{request_id}", &["get", "post"]),
    ("/response/{handle}", &["post"]),
    ("/.well-known/did.json", &["get"]),
    ("/.well-known/did-configuration.json", &["get"]),
    ("/{tenant}/oauth2/v2.0/token", &["post"]),
    ("/v1.0/verifiableCredentials/createPresentationRequest", &["post"]),
    ("/openapi.json", &["get"]),
];

const OPENAPI: &str = include_str!("../openapi.json");

/// The service, ready to be served.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    identity: Identity,
    microsoft: Result<microsoft::Party, RequestError>,
    endpoints: Endpoints,
    transport: Transport,
    unsigned: bool,
    verifier: Verifier,
    fetcher: Fetcher,
    provider: Arc<dyn CryptoProvider>,
    api_key: Option<[u8; 32]>,
    book: Book,
    entra: Option<Entra>,
}

impl Service {
    /// Opens it: reads policy and keys, or makes them.
    ///
    /// # Errors
    /// Whatever in the options, the policy or the files does not do; off loopback the lack of an API
    /// key.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let identity = Identity::open(options, Utc::now())?;
        let (request, response) = (options.address("/request")?, options.address("/response")?);
        let transport = options.transport();
        let endpoints = Endpoints::with_transport(&request, &response, transport)?;
        let (key_id, name) = (identity.newest().id.as_str(), &options.client_name);
        let microsoft = microsoft::Party::new(key_id, Algorithm::Es256, name, endpoints.clone());
        let policy = fs::read_to_string(&options.policy)?;
        let policy = TrustPolicy::from_toml_with(&policy, options.loopback())?;
        let provider: Arc<dyn CryptoProvider> = Arc::new(AwsLc);
        let sealing = keys::load_or_make_sealing(&options.data_dir)?;
        let book = Book::open(&options.database_url, sealing).await?;
        let mut fetching = FetchOptions::default();
        if options.allow_loopback_http {
            fetching = fetching.allow_loopback_http();
        }
        let entra = options.entra_file.as_ref().map(|path| Entra::open(path, &fetching));
        let entra = entra.transpose()?;
        let inner = Inner {
            identity,
            microsoft,
            endpoints,
            transport,
            unsigned: options.unsigned(),
            verifier: Verifier::new(policy, Arc::clone(&provider)),
            fetcher: Fetcher::new(&fetching)?,
            provider,
            api_key: api_key(options)?,
            book,
            entra,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The DID of the service.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.inner.identity.did
    }

    /// Serves it until the program ends.
    ///
    /// # Errors
    /// What the listener says.
    pub async fn serve(self, listener: TcpListener) -> Result<(), Error> {
        let outbox = self.entra().map(|_| tokio::spawn(outbox::run(self.clone())));
        let served = axum::serve(listener, self.router()).await;
        if let Some(outbox) = outbox {
            outbox.abort();
        }
        Ok(served?)
    }

    fn router(self) -> Router {
        let portal = Router::new()
            .route("/requests", post(portal_api::create))
            .route("/requests/{id}", get(portal_api::status))
            .route("/requests/{id}/return", post(portal_api::come_back))
            .route_layer(axum::middleware::from_fn_with_state(self.clone(), portal_api::guard));
        let object = get(wallet_api::object).post(wallet_api::object_for);
        let answer = post(wallet_api::response).layer(DefaultBodyLimit::max(MAX_ANSWER));
        let json = |text: String| get(move || async move { body("application/json", text) });
        Router::new()
            .merge(portal)
            .route("/request/{request_id}", object)
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .route("/response/{handle}", answer)
            .route("/{tenant}/oauth2/v2.0/token", post(entra::token))
            .route("/v1.0/verifiableCredentials/createPresentationRequest", post(entra::create))
            .route("/.well-known/did.json", json(self.identity().did_json.clone()))
            .route(
                "/.well-known/did-configuration.json",
                json(self.identity().did_configuration.clone()),
            )
            .route("/openapi.json", json(OPENAPI.to_owned()))
            .with_state(self)
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.inner.identity
    }

    pub(crate) fn microsoft(&self) -> Result<&microsoft::Party, RequestError> {
        self.inner.microsoft.as_ref().map_err(Clone::clone)
    }

    pub(crate) fn endpoints(&self) -> Endpoints {
        self.inner.endpoints.clone()
    }

    pub(crate) fn transport(&self) -> Transport {
        self.inner.transport
    }

    pub(crate) fn allows_unsigned(&self) -> bool {
        self.inner.unsigned
    }

    pub(crate) fn book(&self) -> &Book {
        &self.inner.book
    }

    pub(crate) fn verifier(&self) -> &Verifier {
        &self.inner.verifier
    }

    pub(crate) fn fetcher(&self) -> &Fetcher {
        &self.inner.fetcher
    }

    pub(crate) fn provider(&self) -> Arc<dyn CryptoProvider> {
        Arc::clone(&self.inner.provider)
    }

    pub(crate) fn api_key(&self) -> Option<&[u8; 32]> {
        self.inner.api_key.as_ref()
    }

    pub(crate) fn entra(&self) -> Option<&Entra> {
        self.inner.entra.as_ref()
    }

    /// Whether the policy asks for the linked domain of an issuer.
    pub(crate) fn links_domain(&self, issuer: &str) -> bool {
        let mut issuers = self.verifier().policy().issuers();
        issuers.any(|trusted| trusted.id == issuer && trusted.linked_domain.is_some())
    }

    /// The issuers that the policy trusts for a type.
    pub(crate) fn issuers_of(&self, r#type: &str) -> Vec<&str> {
        let issuers = self.verifier().policy().issuers();
        issuers
            .filter(|issuer| issuer.may_assert.contains(r#type))
            .map(|issuer| issuer.id.as_str())
            .collect()
    }
}

/// SHA-256 of the API key. Off loopback there must be one, and a good one.
fn api_key(options: &Options) -> Result<Option<[u8; 32]>, Error> {
    let Some(path) = &options.api_key_file else {
        let needed = "off loopback an API key is needed (--api-key-file)";
        return if options.on_loopback() { Ok(None) } else { Err(needed.into()) };
    };
    let text = fs::read_to_string(path)?;
    let key = text.trim();
    if key.len() < 16 {
        return Err("the API key is too short to be one".into());
    }
    Ok(Some(Sha256::digest(key).into()))
}

/// A reply with a body of this type.
pub(crate) fn body(media_type: &'static str, text: String) -> axum::response::Response {
    ([(CONTENT_TYPE, media_type)], text).into_response()
}
