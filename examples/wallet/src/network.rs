//! The network: a request object is fetched, the verifier's document, and the answer is posted.

use std::time::Duration;

use chrono::Utc;
use rand::RngExt as _;
use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::Value;
use staffpass::aws_lc::AwsLc;
use staffpass::did::{Did, DidDocument, LoopbackHttp};
use staffpass::disclosure::{AuthorizationResponse, RequestReview, ReviewOptions};
use staffpass::fetch::{FetchOptions, Fetcher};
use staffpass::jose::base64url;
use staffpass::request::{Link, RequestUriMethod, Transport};
use staffpass::verify::Source;
use staffpass_x509::TrustAnchors;

use crate::{Error, Present};

/// As long as the longest request object that is read.
const LONGEST: usize = 64 * 1024;

/// How long a verifier may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// How this wallet reaches verifiers.
pub(crate) struct Network {
    http: Client,
    fetcher: Fetcher,
    transport: Transport,
    review: ReviewOptions,
}

impl Network {
    pub(crate) fn new(options: &Present) -> Result<Self, Error> {
        let http = Client::builder().redirect(Policy::none()).timeout(PATIENCE).build()?;
        let (fetch, review) = (FetchOptions::default(), review_options(options)?);
        let (transport, fetch, review) = match options.allow_loopback_http {
            true => (
                Transport::HttpsOrLoopbackHttp,
                fetch.allow_loopback_http(),
                review.with_loopback_http(LoopbackHttp::Allow),
            ),
            false => (Transport::Https, fetch, review),
        };
        Ok(Self { http, fetcher: Fetcher::new(&fetch)?, transport, review })
    }

    /// Fetches what a link points to, and believes it once it is verified.
    pub(crate) async fn request(&self, link: &str) -> Result<RequestReview, Error> {
        let link = Link::parse_with(link, self.transport)?;
        let wallet_nonce = base64url::encode(rand::rng().random::<[u8; 16]>());
        let (call, review) = match link.request_uri_method() {
            RequestUriMethod::Post => (
                self.http.post(link.request_uri()).form(&[("wallet_nonce", &wallet_nonce)]),
                self.review.clone().with_wallet_nonce(&wallet_nonce),
            ),
            _ => (self.http.get(link.request_uri()), self.review.clone()),
        };
        let object = text_of(call.send().await?.error_for_status()?).await?;
        let object = link.read_object(&object)?;
        let document = match RequestReview::document_needed(&object)? {
            Some(did) => Some(self.document(did).await?),
            None => None,
        };
        Ok(RequestReview::verify(&object, document.as_ref(), &AwsLc, &review, Utc::now())?)
    }

    async fn document(&self, did: Did) -> Result<DidDocument, Error> {
        let fetched = self.fetcher.fetch(&[Source::DidDocument(did.clone())]).await;
        let (_, bytes) = fetched.into_iter().next().ok_or("nothing was fetched")?;
        Ok(DidDocument::parse(&did, &bytes?)?)
    }

    /// Posts an answer; the address at which the verifier wants the person next, if it names one.
    pub(crate) async fn post(
        &self,
        response: &AuthorizationResponse,
    ) -> Result<Option<String>, Error> {
        let reply = self.http.post(response.response_uri()).form(response.fields()).send().await?;
        let status = reply.status();
        if !status.is_success() {
            return Err(format!("the verifier refused the answer ({status})").into());
        }
        // OpenID4VP 1.0 §8.2; the other profile answers with nothing.
        let text = text_of(reply).await?;
        let reply: Value = serde_json::from_str(&text).unwrap_or_default();
        Ok(reply.get("redirect_uri").and_then(Value::as_str).map(str::to_owned))
    }
}

fn review_options(options: &Present) -> Result<ReviewOptions, Error> {
    let mut review = ReviewOptions::default();
    if let Some(file) = &options.authorities {
        let anchors = TrustAnchors::from_pem(&std::fs::read_to_string(file)?)?;
        review = review.with_trust_anchors(anchors);
    }
    if let Some(origin) = &options.verifier_origin {
        review = review.with_linked_origin(origin.clone());
    }
    Ok(review)
}

/// The body, and no more of it than is ever read.
async fn text_of(mut reply: reqwest::Response) -> Result<String, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = reply.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            return Err("the verifier's reply is too long".into());
        }
    }
    Ok(String::from_utf8(body)?)
}
