//! The keys of an issuer that is named by an https URL: its metadata, or the JWK Set that it points
//! to (SD-JWT VC, "JWT VC Issuer Metadata"; RFC 7517 §5).

use serde::Deserialize;
use serde_json::Value;
use staffpass_jose::json::{self, Object};
use staffpass_jose::{CryptoProvider, KeyMaterial, KeyUse, PublicKey, VerificationKey};
use url::Url;

/// Keys beyond this count are not read: the largest published sets have a few dozen.
const MAX_KEYS: usize = 100;

/// An issuer's keys, prepared.
#[derive(Debug)]
pub(crate) struct KeySet {
    /// Whose they are, by the metadata's own word.
    pub(crate) issuer: Option<String>,
    /// Where they are, if not here.
    jwks_uri: Option<Url>,
    keys: Vec<ListedKey>,
}

#[derive(Debug)]
struct ListedKey {
    id: Option<String>,
    /// None where it is no key for signatures that can be used here.
    key: Option<VerificationKey>,
}

/// The metadata points to another origin than its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere;

/// Why a set gives no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSuchKey {
    Unknown,
    Unusable,
    Ambiguous,
}

impl KeySet {
    /// Reads issuer metadata: `issuer`, and exactly one of `jwks` and `jwks_uri`.
    pub(crate) fn from_metadata(
        bytes: &[u8],
        limits: &json::Limits,
        provider: &dyn CryptoProvider,
    ) -> Option<Self> {
        let Object(metadata): Object<Metadata> = json::parse(bytes, limits).ok()?;
        let (keys, jwks_uri) = match (metadata.jwks, metadata.jwks_uri) {
            (Some(Object(set)), None) => (set.prepare(provider)?, None),
            (None, Some(uri)) => (Vec::new(), Some(Url::parse(&uri).ok()?)),
            _ => return None,
        };
        Some(Self { issuer: Some(metadata.issuer), jwks_uri, keys })
    }

    /// Reads a JWK Set.
    pub(crate) fn from_set(
        bytes: &[u8],
        limits: &json::Limits,
        provider: &dyn CryptoProvider,
    ) -> Option<Self> {
        let Object(set): Object<JwkSet> = json::parse(bytes, limits).ok()?;
        Some(Self { issuer: None, jwks_uri: None, keys: set.prepare(provider)? })
    }

    /// Where the keys are, if not here: at the origin of the metadata. Elsewhere is an error.
    pub(crate) fn jwks_uri_of(&self, metadata: &Url) -> Result<Option<&Url>, Elsewhere> {
        match &self.jwks_uri {
            Some(uri) if uri.origin() != metadata.origin() => Err(Elsewhere),
            uri => Ok(uri.as_ref()),
        }
    }

    /// The key that `kid` names; without a `kid`, the only one there is (RFC 7515 §4.1.4: it is a
    /// hint, and guessing among several is no choice).
    pub(crate) fn find(&self, kid: Option<&str>) -> Result<&VerificationKey, NoSuchKey> {
        let listed = match (kid, self.keys.as_slice()) {
            (Some(kid), keys) => keys.iter().find(|key| key.id.as_deref() == Some(kid)),
            (None, [only]) => Some(only),
            (None, []) => None,
            (None, _) => return Err(NoSuchKey::Ambiguous),
        };
        let listed = listed.ok_or(NoSuchKey::Unknown)?;
        listed.key.as_ref().ok_or(NoSuchKey::Unusable)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &VerificationKey> {
        self.keys.iter().filter_map(|listed| listed.key.as_ref())
    }
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks: Option<Object<JwkSet>>,
    jwks_uri: Option<String>,
}

#[derive(Deserialize)]
struct JwkSet {
    keys: Vec<Value>,
}

impl JwkSet {
    /// Prepares each key. A key that cannot be read leaves its place empty; two keys of one id make
    /// the set useless (S27).
    fn prepare(self, provider: &dyn CryptoProvider) -> Option<Vec<ListedKey>> {
        if self.keys.len() > MAX_KEYS {
            return None;
        }
        let mut listed: Vec<ListedKey> = Vec::with_capacity(self.keys.len());
        for jwk in &self.keys {
            let id = match jwk.get("kid") {
                None => None,
                Some(id) => Some(id.as_str()?.to_owned()),
            };
            if id.is_some() && listed.iter().any(|other| other.id == id) {
                return None;
            }
            listed.push(ListedKey { id, key: prepare(jwk, provider) });
        }
        Some(listed)
    }
}

fn prepare(jwk: &Value, provider: &dyn CryptoProvider) -> Option<VerificationKey> {
    let key = PublicKey::from_jwk(jwk).ok()?;
    if key.key_use() != KeyUse::Signature {
        return None;
    }
    provider.prepare(&KeyMaterial::Public(key)).ok()
}
