//! The documents of a case or of an evidence file, and the evidence that they make.
//!
//! Evidence is kept for as long as one case after another brings the same documents: its keys are
//! prepared and its lists inflated once.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use staffpass_did::Did;
use staffpass_jose::CryptoProvider;
use staffpass_verify::{Evidence, Fetched, Source};
use url::Url;

/// Documents by name, each as it stands; `null` is one that cannot be fetched.
pub(crate) type ByName<'a> = BTreeMap<String, Option<&'a RawValue>>;

/// Documents by what they are.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Documents<'a> {
    pub(crate) did_documents: &'a ByName<'a>,
    pub(crate) status_lists: &'a ByName<'a>,
    pub(crate) issuer_jwks: &'a ByName<'a>,
}

impl<'a> Documents<'a> {
    /// Each document with the source that it is fetched from, and its bytes. A name that no source
    /// has is passed over: nothing could ask for it.
    pub(crate) fn sources(self) -> impl Iterator<Item = (Source, Option<Cow<'a, [u8]>>)> {
        let dids = self.did_documents.iter().filter_map(|(name, document)| {
            let source = Source::DidDocument(name.parse::<Did>().ok()?);
            Some((source, document.map(|json| json.get().as_bytes().into())))
        });
        let lists = self.status_lists.iter().filter_map(|(name, document)| {
            Some((Source::StatusList(Url::parse(name).ok()?), document.map(token)))
        });
        let issuers = self.issuer_jwks.iter().filter_map(|(issuer, keys)| {
            let source = Source::issuer_metadata(issuer)?;
            Some((source, keys.map(|keys| metadata(issuer, keys).into())))
        });
        dids.chain(lists).chain(issuers)
    }
}

/// Evidence that several cases rest on. A test corpus repeats its documents.
pub(crate) struct Shelf {
    provider: Arc<dyn CryptoProvider>,
    kept: Mutex<HashMap<String, Evidence>>,
}

impl Shelf {
    /// How many are kept before all are dropped: a corpus that repeats its documents has few.
    const PLACES: usize = 64;

    /// An empty shelf, for keys of this provider.
    pub(crate) fn new(provider: Arc<dyn CryptoProvider>) -> Self {
        Self { provider, kept: Mutex::default() }
    }

    /// Who prepares the keys.
    pub(crate) fn provider(&self) -> &Arc<dyn CryptoProvider> {
        &self.provider
    }

    /// The evidence of these documents, fetched at this time.
    pub(crate) fn evidence(&self, documents: Documents<'_>, at: DateTime<Utc>) -> Evidence {
        // The documents themselves are the name: no other case can come to have this evidence.
        let Ok(name) = serde_json::to_string(&(at, documents)) else {
            return self.read(documents, at);
        };
        if let Some(evidence) = self.kept().get(&name) {
            return evidence.clone();
        }
        let evidence = self.read(documents, at);
        let mut kept = self.kept();
        if kept.len() >= Self::PLACES {
            kept.clear();
        }
        kept.insert(name, evidence.clone());
        evidence
    }

    fn read(&self, documents: Documents<'_>, at: DateTime<Utc>) -> Evidence {
        let mut evidence = Evidence::new(Arc::clone(&self.provider));
        for (source, document) in documents.sources() {
            let fetched = document.as_deref().map_or(Fetched::Unavailable, Fetched::Document);
            evidence.insert(source, fetched, at);
        }
        evidence
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, Evidence>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The metadata in which an issuer publishes this JWK set (SD-JWT VC, "JWT VC Issuer Metadata"): the
/// set stands in it byte for byte.
fn metadata(issuer: &str, keys: &RawValue) -> Vec<u8> {
    let (issuer, keys) = (Value::from(issuer), keys.get());
    format!(r#"{{"issuer":{issuer},"jwks":{keys}}}"#).into_bytes()
}

/// A list is a token in a JSON string. Anything else is judged as it stands, and is none.
fn token(json: &RawValue) -> Cow<'_, [u8]> {
    match serde_json::from_str::<Cow<'_, str>>(json.get()) {
        Ok(token) => token.into_owned().into_bytes().into(),
        Err(_) => json.get().as_bytes().into(),
    }
}
