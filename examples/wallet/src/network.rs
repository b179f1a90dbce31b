//! The network: what issuers and verifiers publish is fetched, and what they are told is posted.

use std::time::Duration;

use chrono::Utc;
use rand::RngExt as _;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;
use staffpass::aws_lc::AwsLc;
use staffpass::did::{Did, DidDocument, LoopbackHttp};
use staffpass::disclosure::{
    AuthorizationResponse, ClaimedDomain, DomainRule, LinkedDomain, RequestReview, ReviewOptions,
};
use staffpass::fetch::{FetchOptions, Fetcher};
use staffpass::jose::base64url;
use staffpass::request::{Link, RequestUriMethod, Transport, UnverifiedRequestObject};
use staffpass::verify::Source;
use staffpass_x509::TrustAnchors;
use url::Url;

use crate::text::plain;
use crate::{Error, Present};

/// As long as the longest reply that is read: a few credentials, each with a portrait.
const LONGEST: usize = 1024 * 1024;

/// How long a verifier may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// How this wallet reaches issuers and verifiers.
pub(crate) struct Network {
    http: Client,
    fetcher: Fetcher,
    transport: Transport,
}

impl Network {
    /// https alone, or http on this machine too.
    pub(crate) fn new(allow_loopback_http: bool) -> Result<Self, Error> {
        let http = Client::builder().redirect(Policy::none()).timeout(PATIENCE).build()?;
        let fetch = FetchOptions::default();
        let (transport, fetch) = match allow_loopback_http {
            true => (Transport::HttpsOrLoopbackHttp, fetch.allow_loopback_http()),
            false => (Transport::Https, fetch),
        };
        Ok(Self { http, fetcher: Fetcher::new(&fetch)?, transport })
    }

    pub(crate) async fn get(&self, url: &Url) -> Result<Vec<u8>, Error> {
        answer(self.http.get(self.checked(url)?)).await
    }

    pub(crate) async fn post_form(&self, url: &Url, form: String) -> Result<Vec<u8>, Error> {
        let form_type = "application/x-www-form-urlencoded";
        answer(self.http.post(self.checked(url)?).header(CONTENT_TYPE, form_type).body(form)).await
    }

    pub(crate) async fn post_json(
        &self,
        url: &Url,
        token: &str,
        body: &Value,
    ) -> Result<Vec<u8>, Error> {
        let call = self.http.post(self.checked(url)?).bearer_auth(token);
        answer(call.header(CONTENT_TYPE, "application/json").body(body.to_string())).await
    }

    /// The library has seen that it is https, or http on this machine.
    fn checked(&self, url: &Url) -> Result<Url, Error> {
        match self.transport == Transport::Https && url.scheme() != "https" {
            true => Err("the address is not https".into()),
            false => Ok(url.clone()),
        }
    }

    /// Fetches what a link points to, and believes it once it is verified: by the verifier's key, and
    /// by the verifier's domain.
    pub(crate) async fn request(
        &self,
        link: &str,
        review: ReviewOptions,
    ) -> Result<RequestReview, Error> {
        let link = Link::parse_with(link, self.transport)?;
        let wallet_nonce = base64url::encode(rand::rng().random::<[u8; 16]>());
        let (call, review) = match link.request_uri_method() {
            RequestUriMethod::Post => (
                self.http.post(link.request_uri()).form(&[("wallet_nonce", &wallet_nonce)]),
                review.with_wallet_nonce(&wallet_nonce),
            ),
            _ => (self.http.get(link.request_uri()), review),
        };
        let object = link.read_object(&String::from_utf8(answer(call).await?)?)?;
        let document = match RequestReview::document_needed(&object)? {
            Some(did) => Some(self.document(did).await?),
            None => None,
        };
        let review = match self.linked_domain(&object, document.as_ref(), &review).await? {
            Some(domain) => review.with_linked_domain(domain),
            None => review,
        };
        Ok(RequestReview::verify(&object, document.as_ref(), &AwsLc, &review, Utc::now())?)
    }

    /// Asks the domain that the verifier names whether it is the verifier's. A domain that does not
    /// answer has not confirmed anything; the review's rule says what follows from that.
    async fn linked_domain(
        &self,
        object: &UnverifiedRequestObject,
        document: Option<&DidDocument>,
        review: &ReviewOptions,
    ) -> Result<Option<LinkedDomain>, Error> {
        let claimed = RequestReview::domain_claimed(object, document, &AwsLc, review, Utc::now())?;
        let Some(claimed) = claimed else { return Ok(None) };
        match self.confirm(&claimed).await {
            Ok(domain) => Ok(Some(domain)),
            Err(_) if review.domain_rule == DomainRule::Waived => Ok(None),
            Err(error) => Err(format!("{}: {error}", claimed.origin()).into()),
        }
    }

    async fn confirm(&self, claimed: &ClaimedDomain) -> Result<LinkedDomain, Error> {
        let source = Source::DidConfiguration(claimed.configuration_url());
        let file = self.fetched(source).await?;
        Ok(claimed.confirm(&file, &AwsLc, Utc::now())?)
    }

    async fn document(&self, did: Did) -> Result<DidDocument, Error> {
        let file = self.fetched(Source::DidDocument(did.clone())).await?;
        Ok(DidDocument::parse(&did, &file)?)
    }

    async fn fetched(&self, source: Source) -> Result<Vec<u8>, Error> {
        let fetched = self.fetcher.fetch(&[source]).await;
        let (_, bytes) = fetched.into_iter().next().ok_or("nothing was fetched")?;
        Ok(bytes?)
    }

    /// Posts an answer; the address at which the verifier wants the person next, if it names one.
    pub(crate) async fn post(
        &self,
        response: &AuthorizationResponse,
    ) -> Result<Option<String>, Error> {
        let call = self.http.post(response.response_uri()).form(response.fields());
        // OpenID4VP 1.0 §8.2; the other profile answers with nothing.
        let reply: Value = serde_json::from_slice(&answer(call).await?).unwrap_or_default();
        Ok(reply.get("redirect_uri").and_then(Value::as_str).map(str::to_owned))
    }
}

/// What the command line admits of a verifier.
pub(crate) fn review_options(options: &Present) -> Result<ReviewOptions, Error> {
    let mut review = ReviewOptions::default();
    if options.allow_loopback_http {
        review = review.with_loopback_http(LoopbackHttp::Allow);
    }
    if let Some(file) = &options.authorities {
        let anchors = TrustAnchors::from_pem(&std::fs::read_to_string(file)?)?;
        review = review.with_trust_anchors(anchors);
    }
    if let Some(origin) = &options.verifier_origin {
        review = review.with_linked_origin(origin.clone());
    }
    if options.unconfirmed_domain {
        review = review.with_domain_rule(DomainRule::Waived);
    }
    Ok(review)
}

/// The body of an answer that is none of refusal. Errors name no address: some are as good as a code.
async fn answer(call: RequestBuilder) -> Result<Vec<u8>, Error> {
    let mut reply = call.send().await.map_err(reqwest::Error::without_url)?;
    let mut body = Vec::new();
    while let Some(chunk) = reply.chunk().await.map_err(reqwest::Error::without_url)? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            return Err("the reply is too long".into());
        }
    }
    if reply.status().is_success() { Ok(body) } else { Err(refused(reply.status(), &body)) }
}

/// OAuth's `error` (RFC 6749 §5.2) is one of few words.
fn refused(status: StatusCode, body: &[u8]) -> Error {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match body.get("error").and_then(Value::as_str) {
        Some(error) => format!("refused: {} ({status})", plain(error)).into(),
        None => format!("refused ({status})").into(),
    }
}
