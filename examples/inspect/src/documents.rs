//! The documents of a case or of an evidence file, and the evidence that they make.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use serde_json::value::RawValue;
use staffpass_did::Did;
use staffpass_jose::CryptoProvider;
use staffpass_verify::{Evidence, Fetched, Source};
use url::Url;

/// Documents by name, each as it stands; `null` is one that cannot be fetched.
pub(crate) type ByName<'a> = BTreeMap<String, Option<&'a RawValue>>;

/// Documents by what they are.
#[derive(Clone, Copy)]
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

    /// The same as evidence.
    pub(crate) fn evidence(
        self,
        provider: &Arc<dyn CryptoProvider>,
        at: DateTime<Utc>,
    ) -> Evidence {
        let mut evidence = Evidence::new(Arc::clone(provider));
        for (source, document) in self.sources() {
            let fetched = document.as_deref().map_or(Fetched::Unavailable, Fetched::Document);
            evidence.insert(source, fetched, at);
        }
        evidence
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
