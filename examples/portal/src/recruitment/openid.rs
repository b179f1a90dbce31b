//! Sign-in of the trust's own people by a provider that the configuration names: OpenID Connect Core 1.0,
//! the authorization code flow (§3.1) with PKCE (RFC 7636). The ID token is judged by `openidconnect`.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::TimeDelta;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AsyncHttpClient, AuthorizationCode, ClaimsVerificationError, Client,
    ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IdTokenClaims, IdTokenFields, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse,
    StandardTokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use staffpass::jose::base64url;
use staffpass_store::{StoreError, TokenDigest};
use tokio::sync::Mutex;

use crate::browser::{Browser, Cookie, Secret};
use crate::pages::{self, Frame};
use crate::service::Portal;
use crate::start::see;
use crate::{Config, Error};

use super::staff;

/// Who goes to the provider is back by then.
const BACK_WITHIN: TimeDelta = TimeDelta::minutes(10);

/// The provider's metadata and keys are asked for anew after this time, and a key that they lack is a
/// reason to ask after [`ASKED_LATELY`].
const KNOWN_FOR: Duration = Duration::from_secs(600);
const ASKED_LATELY: Duration = Duration::from_secs(1);

/// Bytes of whatever the provider sends.
const MAX_REPLY: usize = 256 * 1024;

/// Signatures that anybody can check with the provider's published keys; none by the client's secret.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 5] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The claims that the specification does not name, such as groups or roles.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Others(Map<String, Value>);

impl AdditionalClaims for Others {}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Others,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type Relying = Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

type Claims = IdTokenClaims<Others, CoreGenderClaim>;

/// The provider, as the configuration names it. Nothing is asked of it before somebody signs in.
pub(crate) struct Provider {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    back: RedirectUrl,
    /// The claim and what it must name; none where the provider decides.
    group: Option<(String, String)>,
    http: Http,
    known: Mutex<Option<Known>>,
}

struct Known {
    metadata: Arc<CoreProviderMetadata>,
    asked: Instant,
}

/// What is kept while the browser is at the provider.
#[derive(Serialize, Deserialize)]
struct Kept {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    /// The digest of the browser's secret: another browser cannot come back in its place.
    browser: String,
}

/// Why nobody was signed in.
enum Fault {
    Store(StoreError),
    NotReached,
    /// The provider says no, or the person does, or what came back is not of a sign-in from here.
    NotThisTime,
    /// The ID token does not do.
    NotAccepted,
    NotInGroup,
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotThisTime,
            error => Self::Store(error),
        }
    }
}

impl Fault {
    fn page(&self, portal: &Portal) -> Response {
        let (status, code, why) = match self {
            Self::Store(error) => return pages::of_store_error(portal, error),
            Self::NotReached => (
                StatusCode::SERVICE_UNAVAILABLE,
                "provider_not_reached",
                "The service that you sign in with does not answer. Try again in a few minutes.",
            ),
            Self::NotThisTime => (
                StatusCode::BAD_REQUEST,
                "not_signed_in",
                "You did not sign in, or it took too long, or you came back in another browser.",
            ),
            Self::NotAccepted => (
                StatusCode::BAD_GATEWAY,
                "id_token_not_accepted",
                "The service that you sign in with sent something that cannot be accepted. Tell whoever looks after this service.",
            ),
            Self::NotInGroup => (
                StatusCode::FORBIDDEN,
                "not_in_group",
                "Your account may not use these pages. Ask the recruitment team's manager for access.",
            ),
        };
        tracing::warn!(code, "nobody was signed in");
        let frame = Frame::plain(portal);
        let mut page = pages::show(&pages::NotSignedIn { frame, why }, &[]);
        *page.status_mut() = status;
        page
    }
}

/// `GET /recruitment/sign-in/begin`: to the provider. Only from the page that has given the browser its
/// secret.
pub(super) async fn begin(State(portal): State<Portal>, browser: Browser) -> Response {
    let secret = portal.secret(&browser.headers, Cookie::Staff);
    let (Some(secret), Some(provider)) = (secret, portal.provider_of_staff()) else {
        return see("/recruitment/sign-in");
    };
    match provider.begin(&portal, &secret).await {
        Ok(address) => see(&address),
        Err(fault) => fault.page(&portal),
    }
}

/// `GET /recruitment/sign-in/back`: from the provider.
pub(super) async fn back(
    State(portal): State<Portal>,
    RawQuery(query): RawQuery,
    browser: Browser,
) -> Response {
    let secret = portal.secret(&browser.headers, Cookie::Staff);
    let (Some(secret), Some(provider)) = (secret, portal.provider_of_staff()) else {
        return Fault::NotThisTime.page(&portal);
    };
    match provider.back(&portal, &secret, &query.unwrap_or_default()).await {
        Ok(name) => staff::signed_in(&portal, &name).await,
        Err(fault) => fault.page(&portal),
    }
}

impl Provider {
    /// The one that is configured, if one is.
    pub(crate) fn of(config: &Config) -> Result<Option<Self>, Error> {
        let staff = &config.recruitment;
        if staff.sign_in != "openid_connect" {
            return Ok(None);
        }
        let secret = &staff.client_secret;
        let back = config.server.public_url.join("/recruitment/sign-in/back")?;
        let group = (staff.group_claim.clone(), staff.group.clone());
        Ok(Some(Self {
            issuer: IssuerUrl::new(staff.issuer.clone())?,
            client_id: ClientId::new(staff.client_id.clone()),
            client_secret: (!secret.is_empty()).then(|| ClientSecret::new(secret.clone())),
            back: RedirectUrl::from_url(back),
            group: (!staff.anybody).then_some(group),
            http: http()?,
            known: Mutex::new(None),
        }))
    }

    /// The provider's address for this browser. What has to be known later is kept.
    async fn begin(&self, portal: &Portal, secret: &Secret) -> Result<String, Fault> {
        let client = self.client(&*self.metadata(KNOWN_FOR).await?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (url, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let kept = Kept { nonce, verifier, browser: named(secret) };
        let kept = serde_json::to_vec(&kept).map_err(|_| Fault::NotThisTime)?;
        let (state, until) = (TokenDigest::of(state.secret()), portal.now() + BACK_WITHIN);
        portal.store().begin_staff_sign_in(portal.tenant(), &state, &kept, until).await?;
        Ok(url.into())
    }

    /// The name of who has signed in. Each state serves once, whatever came with it.
    async fn back(&self, portal: &Portal, secret: &Secret, query: &str) -> Result<String, Fault> {
        let state = TokenDigest::of(&parameter(query, "state")?);
        let (store, now) = (portal.store(), portal.now());
        let kept = store.take_staff_sign_in(portal.tenant(), &state, now).await?;
        let kept: Kept = serde_json::from_slice(&kept).map_err(|_| Fault::NotThisTime)?;
        if kept.browser != named(secret) || !self.is_from_here(query) {
            return Err(Fault::NotThisTime);
        }
        let code = AuthorizationCode::new(parameter(query, "code")?);
        let tokens = self.exchange(code, kept.verifier).await?;
        let claims = self.claims(portal, &tokens, &kept.nonce).await?;
        self.admit(&claims)?;
        Ok(actor(&claims))
    }

    /// RFC 9207: an answer that names its issuer names this one.
    fn is_from_here(&self, query: &str) -> bool {
        parameter(query, "iss").map_or(true, |issuer| issuer == self.issuer.as_str())
    }

    async fn exchange(
        &self,
        code: AuthorizationCode,
        verifier: PkceCodeVerifier,
    ) -> Result<Tokens, Fault> {
        let client = self.client(&*self.metadata(KNOWN_FOR).await?);
        let request = client.exchange_code(code).map_err(|_| Fault::NotAccepted)?;
        request.set_pkce_verifier(verifier).request_async(&self.http).await.map_err(|error| {
            match error {
                openidconnect::RequestTokenError::Request(_) => Fault::NotReached,
                openidconnect::RequestTokenError::ServerResponse(_) => Fault::NotThisTime,
                _ => Fault::NotAccepted,
            }
        })
    }

    /// The ID token's, judged (OpenID Connect Core §3.1.3.7). A key that is not known may be a new one.
    async fn claims(
        &self,
        portal: &Portal,
        tokens: &Tokens,
        nonce: &Nonce,
    ) -> Result<Claims, Fault> {
        let metadata = self.metadata(KNOWN_FOR).await?;
        match self.judge(portal, &metadata, tokens, nonce) {
            Err(Some(ClaimsVerificationError::SignatureVerification(_))) => {
                let newer = self.metadata(ASKED_LATELY).await?;
                self.judge(portal, &newer, tokens, nonce).map_err(|_| Fault::NotAccepted)
            }
            judged => judged.map_err(|_| Fault::NotAccepted),
        }
    }

    /// `None` where there is no ID token.
    fn judge(
        &self,
        portal: &Portal,
        metadata: &CoreProviderMetadata,
        tokens: &Tokens,
        nonce: &Nonce,
    ) -> Result<Claims, Option<ClaimsVerificationError>> {
        let client = self.client(metadata);
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
        let verifier = verifier.set_time_fn(|| portal.now());
        let token = tokens.extra_fields().id_token().ok_or(None)?;
        token.claims(&verifier, nonce).cloned().map_err(Some)
    }

    fn admit(&self, claims: &Claims) -> Result<(), Fault> {
        let Some((claim, group)) = &self.group else { return Ok(()) };
        let is_it = |value: &Value| value.as_str() == Some(group);
        let named = claims.additional_claims().0.get(claim);
        let admitted = named.is_some_and(|named| match named {
            Value::Array(groups) => groups.iter().any(is_it),
            one => is_it(one),
        });
        admitted.then_some(()).ok_or(Fault::NotInGroup)
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> Relying {
        let (id, secret) = (self.client_id.clone(), self.client_secret.clone());
        Relying::from_provider_metadata(metadata.clone(), id, secret)
            .set_redirect_uri(self.back.clone())
    }

    /// The provider's metadata with its keys, asked for no longer ago than this. One call asks at a
    /// time.
    async fn metadata(&self, within: Duration) -> Result<Arc<CoreProviderMetadata>, Fault> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| known.asked.elapsed() < within) {
            return Ok(Arc::clone(&known.metadata));
        }
        let (asked, issuer) = (Instant::now(), self.issuer.clone());
        let metadata = CoreProviderMetadata::discover_async(issuer, &self.http).await;
        let metadata = Arc::new(metadata.map_err(|_| Fault::NotReached)?);
        *known = Some(Known { metadata: Arc::clone(&metadata), asked });
        Ok(metadata)
    }
}

/// What speaks to the provider.
struct Http(reqwest::Client);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, io::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl Http {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, io::Error> {
        let request = reqwest::Request::try_from(request).map_err(io::Error::other)?;
        let mut reply = self.0.execute(request).await.map_err(io::Error::other)?;
        let (status, headers) = (reply.status(), std::mem::take(reply.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) = reply.chunk().await.map_err(io::Error::other)? {
            if body.len() + chunk.len() > MAX_REPLY {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        (*response.status_mut(), *response.headers_mut()) = (status, headers);
        Ok(response)
    }
}

/// The provider is the configuration's own choice, so its address is not judged; it leads nowhere else.
fn http() -> Result<Http, Error> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.connect_timeout(Duration::from_secs(5)).timeout(Duration::from_secs(15));
    Ok(Http(client.build()?))
}

fn named(secret: &Secret) -> String {
    base64url::encode(secret.digest().as_bytes())
}

/// A parameter that is there once.
fn parameter(query: &str, name: &str) -> Result<String, Fault> {
    let mut found = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Ok(value.into_owned()),
        _ => Err(Fault::NotThisTime),
    }
}

/// Who acts, for the audit: what people call the account, and `sub`, which alone is one person's for good
/// (§5.7).
fn actor(claims: &Claims) -> String {
    let named = claims.preferred_username().map(|name| name.as_str());
    let named = named.or_else(|| claims.email().map(|email| email.as_str())).unwrap_or_default();
    let short =
        |text: &str| -> String { text.chars().filter(|c| !c.is_control()).take(80).collect() };
    match named {
        "" => short(claims.subject()),
        named => format!("{} ({})", short(named), short(claims.subject())),
    }
}
