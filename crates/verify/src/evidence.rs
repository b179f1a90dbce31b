//! The documents at hand: a snapshot that is handed in, with every key in it already prepared.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use staffpass_did::{Did, DidDocument, Relationship};
use staffpass_jose::{CryptoProvider, Thumbprint, UnverifiedJws, VerificationKey};
use staffpass_status::{StatusList, hub};

use crate::report::{Digest, EvidenceUsed};
use crate::{Limits, Source};

/// What came of fetching a [`Source`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fetched<'a> {
    /// The document's bytes.
    Document(&'a [u8]),
    /// It cannot be had: no answer, an error status, a redirect, too large.
    Unavailable,
}

/// Documents that verdicts rest on. Cheap to clone: a clone shares what was prepared.
///
/// A verdict is a function of the *set* of documents: inserting them in another order, or a list
/// before the key that signs it, changes nothing.
#[derive(Clone, Debug)]
pub struct Evidence {
    provider: Arc<dyn CryptoProvider>,
    limits: Limits,
    entries: HashMap<Source, Arc<Entry>>,
}

#[derive(Debug)]
pub(crate) struct Entry {
    digest: Option<Digest>,
    fetched_at: DateTime<Utc>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Document(Keys),
    List(Box<List>),
    Malformed,
    Unavailable,
}

/// Why a document does not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    /// It was never inserted.
    Missing,
    /// It cannot be had.
    Unavailable,
    /// It is not what it should be.
    Malformed,
}

impl Evidence {
    /// No documents yet. Keys of those that will come are prepared by this provider.
    #[must_use]
    pub fn new(provider: Arc<dyn CryptoProvider>) -> Self {
        Self { provider, limits: Limits::default(), entries: HashMap::new() }
    }

    /// Adds what came of fetching a source, in place of what was there.
    ///
    /// Nothing is refused here: a document that is not what it should be makes the checks that rest
    /// on it fail.
    pub fn insert(&mut self, source: Source, fetched: Fetched<'_>, fetched_at: DateTime<Utc>) {
        let (digest, content) = match fetched {
            Fetched::Unavailable => (None, Content::Unavailable),
            Fetched::Document(bytes) => {
                (Some(Digest(Sha256::digest(bytes).into())), self.read(&source, bytes))
            }
        };
        self.entries.insert(source, Arc::new(Entry { digest, fetched_at, content }));
    }

    /// When a source was last fetched; none where it never was.
    #[must_use]
    pub fn fetched_at(&self, source: &Source) -> Option<DateTime<Utc>> {
        self.entries.get(source).map(|entry| entry.fetched_at)
    }

    /// Forgets a source.
    pub fn remove(&mut self, source: &Source) {
        self.entries.remove(source);
    }

    fn read(&self, source: &Source, bytes: &[u8]) -> Content {
        match source {
            Source::DidDocument(did) => match DidDocument::parse(did, bytes) {
                Ok(document) => Content::Document(Keys::prepare(document, &*self.provider)),
                Err(_) => Content::Malformed,
            },
            Source::StatusList(_) => self.read_list(std::str::from_utf8(bytes).ok()),
            Source::IdentityHub(source) => {
                let token = hub::parse_reply(bytes, &source.query, &self.limits.status).ok();
                self.read_list(token.as_deref())
            }
        }
    }

    fn read_list(&self, token: Option<&str>) -> Content {
        let jws = token.and_then(|token| UnverifiedJws::parse(token, &self.limits.token).ok());
        jws.map_or(Content::Malformed, |jws| {
            Content::List(Box::new(List { jws, verified: Mutex::default() }))
        })
    }

    fn entry(
        &self,
        source: &Source,
        now: DateTime<Utc>,
        leeway: TimeDelta,
    ) -> Result<&Entry, Absence> {
        let entry = self.entries.get(source).ok_or(Absence::Missing)?;
        // A document from the future is from another clock: it cannot be aged (T12).
        if entry.fetched_at > now + leeway {
            return Err(Absence::Missing);
        }
        Ok(entry)
    }

    pub(crate) fn document(
        &self,
        source: &Source,
        now: DateTime<Utc>,
        leeway: TimeDelta,
    ) -> Result<&Keys, Absence> {
        match &self.entry(source, now, leeway)?.content {
            Content::Document(keys) => Ok(keys),
            Content::Unavailable => Err(Absence::Unavailable),
            _ => Err(Absence::Malformed),
        }
    }

    pub(crate) fn list(
        &self,
        source: &Source,
        now: DateTime<Utc>,
        leeway: TimeDelta,
    ) -> Result<&List, Absence> {
        match &self.entry(source, now, leeway)?.content {
            Content::List(list) => Ok(list),
            Content::Unavailable => Err(Absence::Unavailable),
            _ => Err(Absence::Malformed),
        }
    }

    /// How a source that was looked at stands in the report.
    pub(crate) fn used(&self, source: &Source, now: DateTime<Utc>) -> Option<EvidenceUsed> {
        self.entries.get(source).map(|entry| EvidenceUsed {
            source: source.to_string(),
            digest: entry.digest,
            fetched_at: entry.fetched_at,
            age_seconds: (now - entry.fetched_at).num_seconds(),
        })
    }
}

/// A DID document with its keys prepared.
#[derive(Debug)]
pub(crate) struct Keys {
    document: DidDocument,
    prepared: Vec<Option<VerificationKey>>,
}

/// Why a document gives no key of this id for this purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    Unknown,
    Unusable,
    Purpose,
}

impl Keys {
    pub(crate) fn prepare(document: DidDocument, provider: &dyn CryptoProvider) -> Self {
        let methods = document.verification_methods();
        let prepared = methods.iter().map(|m| provider.prepare(m.key()).ok()).collect();
        Self { document, prepared }
    }

    pub(crate) fn document(&self) -> &DidDocument {
        &self.document
    }

    /// The key of this exact absolute id (S6, V8), if it is listed for the purpose (S7, V9).
    pub(crate) fn find(&self, id: &str, purpose: Relationship) -> Result<&VerificationKey, NoKey> {
        let mut listed = self.document.verification_methods().iter().zip(&self.prepared);
        let Some((method, key)) = listed.find(|(method, _)| method.id().as_str() == id) else {
            let unreadable = self.document.unreadable(id);
            return Err(if unreadable { NoKey::Unusable } else { NoKey::Unknown });
        };
        if !method.relationships().contains(purpose) {
            return Err(NoKey::Purpose);
        }
        key.as_ref().ok_or(NoKey::Unusable)
    }
}

/// A status list token, and what it said under the last key that verified it.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) jws: UnverifiedJws,
    verified: Mutex<Option<(Thumbprint, Arc<StatusList>)>>,
}

impl List {
    /// What the list says, if `key` signed it. The answer is kept for the key's thumbprint, so that
    /// a list of a million entries is verified and inflated once, and judged again as soon as the
    /// issuer's document names another key (L17).
    pub(crate) fn verified_by<E>(
        &self,
        key: &VerificationKey,
        read: impl FnOnce() -> Result<StatusList, E>,
    ) -> Result<Arc<StatusList>, E> {
        let mut kept = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((thumbprint, list)) = &*kept
            && *thumbprint == key.thumbprint()
        {
            return Ok(Arc::clone(list));
        }
        let list = Arc::new(read()?);
        *kept = Some((key.thumbprint(), Arc::clone(&list)));
        Ok(list)
    }
}

/// The document of an identifier that resolves in place: long-form did:ion, did:jwk, did:key.
pub(crate) fn in_place(
    did: &Did,
    options: &staffpass_did::ResolveOptions,
    provider: &dyn CryptoProvider,
) -> Option<Keys> {
    let document = staffpass_did::resolve_in_place(did, options).ok()??;
    Some(Keys::prepare(document, provider))
}
