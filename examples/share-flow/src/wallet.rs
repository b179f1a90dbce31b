//! The wallet: it holds a key and credentials, reads requests, asks the person, and shares.

use chrono::Utc;
use staffpass::aws_lc::{AwsLc, SigningKey};
use staffpass::did::ion::{self, Commitment};
use staffpass::did::{Did, DidDocument, DidUrl, LoopbackHttp, Relationships, jwk};
use staffpass::disclosure::{
    AuthorizationResponse, Choice, ClaimedDomain, Decline, HeldCredential, Holder, LinkedDomain,
    Matches, RequestReview, ReviewOptions,
};
use staffpass::fetch::{FetchOptions, Fetcher};
use staffpass::jose::Algorithm;
use staffpass::request::{Link, Transport};
use staffpass::verify::Source;

use crate::{Error, options};

/// A wallet on a phone.
pub(crate) struct Wallet {
    pub(crate) did: Did,
    key_id: DidUrl,
    key: SigningKey,
    held: Vec<HeldCredential>,
    http: reqwest::Client,
    fetcher: Fetcher,
}

impl Wallet {
    /// A new wallet, with a key and an identifier of its own.
    pub(crate) fn new(holder: options::Holder) -> Result<Self, Error> {
        let (key, did, fragment) = match holder {
            options::Holder::Ion => ion_holder()?,
            options::Holder::Jwk => jwk_holder()?,
        };
        let key_id = DidUrl::new(&did, fragment)?;
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let fetcher = Fetcher::new(&FetchOptions::default().allow_loopback_http())?;
        Ok(Self { did, key_id, key, held: Vec::new(), http, fetcher })
    }

    /// Adds a credential.
    pub(crate) fn add(&mut self, compact: &str) -> Result<(), Error> {
        self.held.push(HeldCredential::parse(compact)?);
        Ok(())
    }

    /// Reads the link out of a QR code, fetches what it points to, and believes that once it is
    /// signed by a key of the verifier whom it names, and that verifier's domain confirms it.
    pub(crate) async fn scan(&self, link: &str) -> Result<RequestReview, Error> {
        let link = Link::parse_with(link, Transport::HttpsOrLoopbackHttp)?;
        let reply = self.http.get(link.request_uri()).send().await?.error_for_status()?;
        let object = link.read_object(&reply.text().await?)?;
        let document = match RequestReview::document_needed(&object)? {
            Some(did) => Some(self.document(did).await?),
            None => None,
        };
        let mut options = ReviewOptions::default().with_loopback_http(LoopbackHttp::Allow);
        let (document, now) = (document.as_ref(), Utc::now());
        let claimed = RequestReview::domain_claimed(&object, document, &AwsLc, &options, now)?;
        if let Some(claimed) = claimed {
            options = options.with_linked_domain(self.confirmed(&claimed).await?);
        }
        Ok(RequestReview::verify(&object, document, &AwsLc, &options, now)?)
    }

    async fn document(&self, did: Did) -> Result<DidDocument, Error> {
        let file = self.fetched(Source::DidDocument(did.clone())).await?;
        Ok(DidDocument::parse(&did, &file)?)
    }

    async fn confirmed(&self, claimed: &ClaimedDomain) -> Result<LinkedDomain, Error> {
        let file = self.fetched(Source::DidConfiguration(claimed.configuration_url())).await?;
        Ok(claimed.confirm(&file, &AwsLc, Utc::now())?)
    }

    async fn fetched(&self, source: Source) -> Result<Vec<u8>, Error> {
        let fetched = self.fetcher.fetch(&[source]).await;
        let (_, bytes) = fetched.into_iter().next().ok_or("nothing was fetched")?;
        Ok(bytes?)
    }

    /// What of the wallet could answer the request.
    pub(crate) fn matches<'w>(&'w self, review: &'w RequestReview) -> Matches<'w> {
        review.matches(&self.held, std::slice::from_ref(&self.did), Utc::now())
    }

    /// Shares what was chosen. True where the verifier took it.
    pub(crate) async fn share(
        &self,
        matches: &Matches<'_>,
        choice: &Choice,
    ) -> Result<bool, Error> {
        let (holder, rng) = (Holder::new(&self.key_id, &self.key), &mut rand::rng());
        // Encrypted where the request asks for it.
        let response = matches.present_encrypted(choice, &[holder], &AwsLc, Utc::now(), rng)?;
        self.post(&response).await
    }

    /// Declines: the verifier is told, in the protocol that has a way to. True where it was.
    pub(crate) async fn decline(&self, review: &RequestReview) -> Result<bool, Error> {
        match review.decline() {
            Decline::Send(response) => self.post(&response).await.map(|_| true),
            Decline::Silent => Ok(false),
        }
    }

    async fn post(&self, response: &AuthorizationResponse) -> Result<bool, Error> {
        let form = self.http.post(response.response_uri()).form(response.fields());
        Ok(form.send().await?.status().is_success())
    }
}

/// A secp256k1 key under a long-form did:ion, as Microsoft Authenticator makes one.
fn ion_holder() -> Result<(SigningKey, Did, &'static str), Error> {
    let key = SigningKey::generate(Algorithm::Es256k)?;
    let document = ion::Document::default().key("sig", key.public_key(), Relationships::SIGNING);
    let update = SigningKey::generate(Algorithm::Es256k)?;
    let recovery = SigningKey::generate(Algorithm::Es256k)?;
    let did = ion::create(
        &document,
        &Commitment::to_key(update.public_key())?,
        &Commitment::to_key(recovery.public_key())?,
    )?;
    Ok((key, did, "sig"))
}

/// A P-256 key, which its did:jwk is made of.
fn jwk_holder() -> Result<(SigningKey, Did, &'static str), Error> {
    let key = SigningKey::generate(Algorithm::Es256)?;
    let did = jwk::from_public_key(key.public_key());
    Ok((key, did, "0"))
}
