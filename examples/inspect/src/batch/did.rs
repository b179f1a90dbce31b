//! `inspect batch-did`: whether a DID is well formed, and what stands in it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use staffpass_did::{
    Did, DidDocument, DidError, LoopbackHttp, Method, Relationship, ResolveOptions, Service,
    VerificationMethod, resolve_in_place, web,
};
use staffpass_jose::{CryptoProvider, KeyError, KeyMaterial};

use crate::lines::Text;

/// A line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    did: Text<'a>,
}

/// The verdict.
#[derive(Serialize)]
pub(super) struct Judged<'a> {
    id: &'a RawValue,
    accepted: bool,
    codes: Vec<&'static str>,
    keys: Vec<Key>,
    services: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Key {
    id: String,
    jwk: Value,
    relationships: Vec<&'static str>,
}

/// What a good DID comes to.
#[derive(Default)]
struct Resolved {
    keys: Vec<Key>,
    services: Vec<Value>,
    url: Option<String>,
}

impl<'a> Case<'a> {
    pub(super) fn judge(&self, provider: &dyn CryptoProvider) -> Judged<'a> {
        let (codes, resolved) = match self.resolve(provider) {
            Ok(resolved) => (Vec::new(), resolved),
            Err(error) => (vec![error.code()], Resolved::default()),
        };
        let Resolved { keys, services, url } = resolved;
        Judged { id: self.id, accepted: codes.is_empty(), codes, keys, services, url }
    }

    fn resolve(&self, provider: &dyn CryptoProvider) -> Result<Resolved, DidError> {
        let did: Did = self.did.parse()?;
        if did.method() == Method::Web {
            let url = web::document_url(&did, LoopbackHttp::Refuse)?;
            return Ok(Resolved { url: Some(url.into()), ..Resolved::default() });
        }
        let document = resolve_in_place(&did, &ResolveOptions::default())?;
        in_full(&document.ok_or(DidError::OtherMethod)?, provider)
    }
}

fn in_full(document: &DidDocument, provider: &dyn CryptoProvider) -> Result<Resolved, DidError> {
    let keys = document.verification_methods().iter().map(|method| key(method, provider));
    Ok(Resolved {
        keys: keys.collect::<Result<_, _>>()?,
        services: document.services().iter().map(Service::to_json).collect(),
        url: None,
    })
}

fn key(method: &VerificationMethod, provider: &dyn CryptoProvider) -> Result<Key, DidError> {
    let relationships = method.relationships().iter().map(Relationship::name);
    Ok(Key {
        id: method.id().as_str().to_owned(),
        jwk: imported(method.key(), provider).map_err(DidError::Key)?,
        relationships: relationships.collect(),
    })
}

/// The key as the provider has it: it is on its curve, and not compressed. A key that makes no
/// signatures is nothing to this provider, and stands as our own import has it.
fn imported(material: &KeyMaterial, provider: &dyn CryptoProvider) -> Result<Value, KeyError> {
    match material {
        KeyMaterial::Public(key) if material.algorithm().is_none() => Ok(key.to_jwk()),
        _ => Ok(provider.prepare(material)?.public_key().to_jwk()),
    }
}
