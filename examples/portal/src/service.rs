//! The portal: what its handlers work with, and which path leads to which.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use axum::routing::{MethodRouter, get, post};
use chrono::{DateTime, Utc};
use staffpass::aws_lc::AwsLc;
use staffpass::did::LoopbackHttp;
use staffpass::fetch::Fetcher;
use staffpass::jose::CryptoProvider;
use staffpass::share::Rules;
use staffpass::verify::Verifier;
use staffpass::verify::policy::TrustPolicy;
use staffpass_notify::{Notifier, NumberRules};
use staffpass_store::{SendRules, Store, StoreOptions};

use crate::ask::Asker;
use crate::identity::Identity;
use crate::keys::{Keys, make_directory};
use crate::limits::RateLimit;
use crate::metrics::Metrics;
use crate::recruitment::{self, Provider};
use crate::{Config, Error, entra, messages, pages, person, shell, start, wallet};

/// Bytes of a wallet's answer: three credentials with the 1 MB photo that Entra allows, and room.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// Bytes of a callback of the Request Service: what it says, and the wallet's answer in its receipt.
const MAX_CALLBACK: usize = 2 * MAX_ANSWER;

/// Bytes of a form.
const MAX_FORM: usize = 16 * 1024;

/// Bytes of a form of the recruitment team's, which may hold a list of people.
const MAX_LIST: usize = 256 * 1024;

/// The policy that is made where there is none: an issuer on this machine, for all three types, which
/// may speak of its own ODS code alone.
const LOCAL_POLICY: &str = include_str!("../policy.toml");

/// The portal, ready to be served. Cheap to clone.
#[derive(Clone)]
pub struct Portal {
    inner: Arc<Inner>,
}

type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

struct Inner {
    config: Config,
    keys: Keys,
    identity: Identity,
    asker: Asker,
    rules: Rules,
    verifier: Verifier,
    receipt_verifier: Verifier,
    fetcher: Fetcher,
    provider: Arc<dyn CryptoProvider>,
    store: Store,
    notifier: Notifier,
    numbers: NumberRules,
    send_rules: SendRules,
    rate_limit: RateLimit,
    provider_of_staff: Option<Provider>,
    metrics: Metrics,
    stylesheet: String,
    clock: Clock,
}

impl Portal {
    /// Opens it: reads keys and policy, or makes them, and opens the database.
    ///
    /// # Errors
    ///
    /// Whatever in the configuration, the files or the database does not do.
    pub async fn open(config: Config) -> Result<Self, Error> {
        Self::with_clock(config, Utc::now).await
    }

    /// The same by another clock.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn with_clock(
        config: Config,
        clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let keys = Keys::open(&config.server.data_dir)?;
        let identity = Identity::of(&config, &keys.signing, clock())?;
        let provider: Arc<dyn CryptoProvider> = Arc::new(AwsLc);
        let location = config.location().ok_or("store.database: is no database")?;
        let (policy, rules) = (policy(&config)?, config.rules());
        let of_receipts = policy_of_receipts(&policy, &rules, config.loopback())?;
        let options = StoreOptions::default().with_connections(config.store.connections);
        let inner = Inner {
            asker: Asker::new(&config, &identity)?,
            rules,
            verifier: Verifier::new(policy, Arc::clone(&provider)),
            receipt_verifier: Verifier::new(of_receipts, Arc::clone(&provider)),
            fetcher: fetcher(&config)?,
            provider,
            store: Store::open(&location, keys.store.clone(), &options).await?,
            notifier: messages::notifier(&config)?,
            numbers: config.number_rules(),
            send_rules: config.send_rules(),
            rate_limit: RateLimit::default(),
            provider_of_staff: Provider::of(&config)?,
            metrics: Metrics::default(),
            stylesheet: stylesheet(&config)?,
            clock: Arc::new(clock),
            config,
            keys,
            identity,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Every path, with its headers and limits.
    pub fn router(&self) -> Router {
        let asset =
            |media_type: &'static str, text: String| served(media_type, text, "max-age=3600");
        let document = |text: &str| served("application/json", text.to_owned(), "no-store");
        let pages = Router::new()
            .route("/", get(pages::front))
            .route("/i/{token}", get(start::question).post(start::answer))
            .route("/share", get(person::page))
            .route("/share/status", get(person::status))
            .route("/share/done", get(person::done))
            .route("/share/back", get(person::back))
            .route("/share/{action}", post(person::act))
            .route("/notices/{name}", get(pages::notice))
            .route("/accessibility", get(pages::accessibility))
            .layer(DefaultBodyLimit::max(MAX_FORM));
        let recruitment = if recruitment::is_on(self) {
            recruitment::routes(self).layer(DefaultBodyLimit::max(MAX_LIST))
        } else {
            Router::new()
        };
        Router::new()
            .merge(pages)
            .merge(recruitment)
            .route("/request/{id}", get(wallet::object))
            .route(
                "/response/{handle}",
                post(wallet::response).layer(DefaultBodyLimit::max(MAX_ANSWER)),
            )
            .route(
                "/entra/{handle}",
                post(entra::callback).layer(DefaultBodyLimit::max(MAX_CALLBACK)),
            )
            .route("/.well-known/did.json", document(&self.inner.identity.did_json))
            .route(
                "/.well-known/did-configuration.json",
                document(&self.inner.identity.did_configuration),
            )
            .route("/assets/portal.css", asset("text/css", self.inner.stylesheet.clone()))
            .route(
                "/assets/portal.js",
                asset("text/javascript", include_str!("../assets/portal.js").to_owned()),
            )
            .route("/healthz", get(|| async { "ok" }))
            .route("/readyz", get(shell::ready))
            .fallback(pages::nowhere)
            .method_not_allowed_fallback(pages::nowhere)
            .layer(axum::middleware::from_fn_with_state(self.clone(), shell::around))
            .with_state(self.clone())
    }

    /// Deletes what was kept long enough, now and every hour, and sends the reminders that are due, every hour.
    /// Several portals may.
    pub(crate) async fn keep_house(self) {
        let retention = self.config().retention();
        loop {
            match self.store().retain(&retention, self.now()).await {
                Ok(retained) => tracing::info!(?retained, "what was kept long enough is deleted"),
                Err(error) => tracing::warn!(code = error.code(), "nothing was deleted"),
            }
            tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
            match self.remind().await {
                Ok(reminders) => tracing::info!(reminders, "people were reminded"),
                Err(error) => tracing::warn!(code = error.code(), "not everybody was reminded"),
            }
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.config
    }

    pub(crate) fn tenant(&self) -> &str {
        &self.inner.config.trust.id
    }

    pub(crate) fn has_https(&self) -> bool {
        self.inner.config.server.public_url.scheme() == "https"
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    pub(crate) fn asker(&self) -> &Asker {
        &self.inner.asker
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.inner.rules
    }

    pub(crate) fn verifier(&self) -> &Verifier {
        &self.inner.verifier
    }

    /// For the receipts of the Request Service.
    pub(crate) fn receipt_verifier(&self) -> &Verifier {
        &self.inner.receipt_verifier
    }

    pub(crate) fn fetcher(&self) -> &Fetcher {
        &self.inner.fetcher
    }

    pub(crate) fn provider(&self) -> Arc<dyn CryptoProvider> {
        Arc::clone(&self.inner.provider)
    }

    /// Where shares are kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn notifier(&self) -> &Notifier {
        &self.inner.notifier
    }

    pub(crate) fn numbers(&self) -> &NumberRules {
        &self.inner.numbers
    }

    pub(crate) fn send_rules(&self) -> &SendRules {
        &self.inner.send_rules
    }

    /// Where the trust's own people sign in, if not by name.
    pub(crate) fn provider_of_staff(&self) -> Option<&Provider> {
        self.inner.provider_of_staff.as_ref()
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    pub(crate) fn allows(&self, network: &str) -> bool {
        self.inner.rate_limit.allows(network, Instant::now())
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.inner.clock)()
    }
}

impl std::fmt::Debug for Portal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Portal").finish_non_exhaustive()
    }
}

fn policy(config: &Config) -> Result<TrustPolicy, Error> {
    let path = &config.wallets.policy;
    if !path.exists() && config.loopback() == LoopbackHttp::Allow {
        make_directory(path.parent().unwrap_or(Path::new(".")))?;
        fs::write(path, LOCAL_POLICY)?;
    }
    let text = fs::read_to_string(path)
        .map_err(|error| format!("wallets.policy: {}: {error}", path.display()))?;
    let policy = TrustPolicy::from_toml_with(&text, config.loopback());
    policy.map_err(|error| format!("wallets.policy: {}: {error}", path.display()).into())
}

/// A receipt has no query, and so no parts: where the policy knows the person by the credential of a part,
/// it is by that of the part's type here.
fn policy_of_receipts(
    policy: &TrustPolicy,
    rules: &Rules,
    loopback: LoopbackHttp,
) -> Result<TrustPolicy, Error> {
    let mut file: toml::Table = policy.to_toml().parse()?;
    let anchor = file.get_mut("person_link").and_then(|link| link.get_mut("anchor"));
    if let Some(anchor) = anchor {
        let entry = anchor.as_str().and_then(|part| rules.catalogue().entry(part));
        if let Some(name) = entry.and_then(|entry| entry.type_name.clone()) {
            *anchor = toml::Value::String(name);
        }
    }
    Ok(TrustPolicy::from_toml_with(&file.to_string(), loopback)?)
}

fn fetcher(config: &Config) -> Result<Fetcher, Error> {
    Ok(Fetcher::new(&config.fetching())?)
}

fn stylesheet(config: &Config) -> Result<String, Error> {
    let path = &config.theme.stylesheet;
    if path.is_empty() {
        return Ok(include_str!("../assets/portal.css").to_owned());
    }
    fs::read_to_string(path).map_err(|error| format!("theme.stylesheet: {path}: {error}").into())
}

fn served(media_type: &'static str, text: String, cached: &'static str) -> MethodRouter<Portal> {
    get(move || async move {
        ([(CONTENT_TYPE, media_type), (CACHE_CONTROL, cached)], text).into_response()
    })
}
