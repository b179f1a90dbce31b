//! The documents at hand: a snapshot that is handed in, with every key in it already prepared.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use staffpass_did::linked_domain::DidConfiguration;
use staffpass_did::{Did, DidDocument, IonHashing, Method, Relationship, ResolveOptions};
use staffpass_jose::{CryptoProvider, Thumbprint, UnverifiedJws, VerificationKey};
use staffpass_status::token::TokenStatusList;
use staffpass_status::{StatusList, hub};

use crate::keyset::KeySet;
use crate::report::{Digest, EvidenceUsed, PolicyKey};
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
    entries: HashMap<Source, Entry>,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    digest: Option<Digest>,
    fetched_at: DateTime<Utc>,
    content: Arc<Content>,
    /// The thumbprints that the source had when last seen, if none of them is left.
    before: Vec<Thumbprint>,
}

#[derive(Debug)]
enum Content {
    Document(Keys),
    KeySet(KeySet),
    Configuration(DidConfiguration),
    List(Box<List>),
    Malformed,
    Unavailable,
}

impl Content {
    fn thumbprints(&self) -> Vec<Thumbprint> {
        match self {
            Self::Document(keys) => keys.prepared.iter().flatten().map(thumbprint).collect(),
            Self::KeySet(keys) => keys.keys().map(thumbprint).collect(),
            _ => Vec::new(),
        }
    }
}

fn thumbprint(key: &VerificationKey) -> Thumbprint {
    key.thumbprint()
}

/// Whether two sets of keys share one. Nothing known before is no break.
fn overlap(seen: &[Thumbprint], now: &[Thumbprint]) -> bool {
    seen.is_empty() || seen.iter().any(|key| now.contains(key))
}

/// When a document is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: DateTime<Utc>,
    pub(crate) leeway: TimeDelta,
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
        let before = self.keys_that_vanished(&source, &content);
        let content = Arc::new(content);
        self.entries.insert(source, Entry { digest, fetched_at, content, before });
    }

    /// The thumbprints of the keys that a source lists; empty where it is no document of keys. Keep
    /// them with the portal's own data, and give them back with
    /// [`expect_keys`](Self::expect_keys) after a restart.
    #[must_use]
    pub fn keys_seen(&self, source: &Source) -> Vec<Thumbprint> {
        self.entries.get(source).map_or_else(Vec::new, |entry| match entry.before.as_slice() {
            [] => entry.content.thumbprints(),
            before => before.to_vec(),
        })
    }

    /// Says which keys a source had when last seen. Where its document has none of them, its issuer
    /// is held or reported, as the policy says (`key_continuity`).
    pub fn expect_keys(&mut self, source: &Source, seen: &[Thumbprint]) {
        let Some(entry) = self.entries.get_mut(source) else { return };
        let now = entry.content.thumbprints();
        let vanished = !now.is_empty() && !seen.is_empty() && !overlap(seen, &now);
        entry.before = if vanished { seen.to_vec() } else { Vec::new() };
    }

    /// Takes the keys that a source has now as its own: the operator has looked.
    pub fn accept_keys(&mut self, source: &Source) {
        self.expect_keys(source, &[]);
    }

    /// The keys that were known of a source, where the new content has keys and none of those.
    fn keys_that_vanished(&self, source: &Source, content: &Content) -> Vec<Thumbprint> {
        let (seen, now) = (self.keys_seen(source), content.thumbprints());
        let vanished = !now.is_empty() && !overlap(&seen, &now);
        if vanished { seen } else { Vec::new() }
    }

    /// The JWK set to which an issuer's metadata points, at the issuer's own origin; none where it has
    /// its keys itself, or points elsewhere.
    #[must_use]
    pub fn points_to(&self, source: &Source) -> Option<Source> {
        let Source::IssuerMetadata(metadata) = source else { return None };
        let Content::KeySet(keys) = &*self.entries.get(source)?.content else { return None };
        keys.jwks_uri_of(metadata).ok()?.cloned().map(Source::JwkSet)
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
            Source::IssuerMetadata(_) => {
                let set = KeySet::from_metadata(bytes, &self.limits.json(), &*self.provider);
                set.map_or(Content::Malformed, Content::KeySet)
            }
            Source::JwkSet(_) => {
                let set = KeySet::from_set(bytes, &self.limits.json(), &*self.provider);
                set.map_or(Content::Malformed, Content::KeySet)
            }
            Source::DidConfiguration(_) => {
                let configuration = DidConfiguration::parse(bytes, &self.limits.token);
                configuration.map_or(Content::Malformed, Content::Configuration)
            }
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

    fn entry(&self, source: &Source, at: Moment) -> Result<&Entry, Absence> {
        let entry = self.entries.get(source).ok_or(Absence::Missing)?;
        // A document from the future is from another clock: it cannot be aged (T12).
        if entry.fetched_at > at.now + at.leeway {
            return Err(Absence::Missing);
        }
        Ok(entry)
    }

    fn content<'e, T>(
        &'e self,
        source: &Source,
        at: Moment,
        read: impl FnOnce(&'e Content) -> Option<&'e T>,
    ) -> Result<&'e T, Absence> {
        match &*self.entry(source, at)?.content {
            Content::Unavailable => Err(Absence::Unavailable),
            content => read(content).ok_or(Absence::Malformed),
        }
    }

    pub(crate) fn document(&self, source: &Source, at: Moment) -> Result<&Keys, Absence> {
        self.content(source, at, |content| match content {
            Content::Document(keys) => Some(keys),
            _ => None,
        })
    }

    pub(crate) fn key_set(&self, source: &Source, at: Moment) -> Result<&KeySet, Absence> {
        self.content(source, at, |content| match content {
            Content::KeySet(keys) => Some(keys),
            _ => None,
        })
    }

    pub(crate) fn configuration(
        &self,
        source: &Source,
        at: Moment,
    ) -> Result<&DidConfiguration, Absence> {
        self.content(source, at, |content| match content {
            Content::Configuration(configuration) => Some(configuration),
            _ => None,
        })
    }

    pub(crate) fn list(&self, source: &Source, at: Moment) -> Result<&List, Absence> {
        self.content(source, at, |content| match content {
            Content::List(list) => Some(&**list),
            _ => None,
        })
    }

    /// Whether none of the keys that a source had when last seen is left.
    pub(crate) fn continuity_is_broken(&self, source: &Source) -> bool {
        self.entries.get(source).is_some_and(|entry| !entry.before.is_empty())
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
    /// Whether it is a did:ion document whose state hashes as raw bytes only.
    from_raw_state: bool,
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
        Self { document, prepared, from_raw_state: false }
    }

    /// The key of the policy without which this would be no document.
    pub(crate) fn loosening(&self) -> Option<PolicyKey> {
        self.from_raw_state.then_some(PolicyKey::IonState)
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
    verified: Mutex<Option<(Thumbprint, Arc<VerifiedList>)>>,
}

/// A list as its signer secured it.
#[derive(Debug)]
pub(crate) enum VerifiedList {
    /// As a credential, by VC-JWT 1.1 or VC-JOSE-COSE.
    Credential(StatusList),
    /// As a Status List Token.
    Token(TokenStatusList),
}

impl List {
    /// What the list says, if `key` signed it. The answer is kept for the key's thumbprint, so that
    /// a list of a million entries is verified and inflated once, and judged again as soon as the
    /// issuer's document names another key (L17).
    pub(crate) fn verified_by<E>(
        &self,
        key: &VerificationKey,
        read: impl FnOnce() -> Result<VerifiedList, E>,
    ) -> Result<Arc<VerifiedList>, E> {
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
    hashing: IonHashing,
    provider: &dyn CryptoProvider,
) -> Option<Keys> {
    let document = |hashing| {
        let options = ResolveOptions::default().with_ion_hashing(hashing);
        staffpass_did::resolve_in_place(did, &options).ok()?
    };
    if let Some(document) = document(IonHashing::Canonical) {
        return Some(Keys::prepare(document, provider));
    }
    let raw = hashing == IonHashing::AcceptRawBytes && did.method() == Method::Ion;
    let document = raw.then(|| document(hashing)).flatten()?;
    Some(Keys { from_raw_state: true, ..Keys::prepare(document, provider) })
}
