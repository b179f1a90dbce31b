//! A DID document in the making: each id once, each key with one meaning.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use staffpass_jose::{Curve, KeyMaterial, PublicKey};

use crate::VerificationMethod;
use crate::document::MAX_ENTRIES;
use crate::multikey;
use crate::{Did, DidDocument, DidError, DidUrl, Relationship, Relationships, Service};

/// A document in the making, whatever it is read from.
pub(crate) struct Assembly {
    did: Did,
    methods: Vec<VerificationMethod>,
    unreadable: BTreeSet<DidUrl>,
    services: Vec<Service>,
    meanings: Meanings,
}

impl Assembly {
    pub(crate) fn new(did: &Did) -> Self {
        Self {
            did: did.clone(),
            methods: Vec::new(),
            unreadable: BTreeSet::new(),
            services: Vec::new(),
            meanings: Meanings::default(),
        }
    }

    pub(crate) fn did(&self) -> &Did {
        &self.did
    }

    pub(crate) fn method_count(&self) -> usize {
        self.methods.len()
    }

    /// Adds a key that has been imported.
    pub(crate) fn insert(
        &mut self,
        id: DidUrl,
        type_: &str,
        key: KeyMaterial,
        relationships: Relationships,
    ) -> Result<(), DidError> {
        self.refuse_known(&id)?;
        let controller = self.did.clone();
        let type_ = type_.to_owned();
        self.methods.push(VerificationMethod { id, controller, type_, key, relationships });
        Ok(())
    }

    /// Adds a method of a DID document. One whose id is no DID URL can be named by nobody, and is
    /// passed over.
    pub(crate) fn read_method(
        &mut self,
        object: &Map<String, Value>,
        relationships: Relationships,
    ) -> Result<(), DidError> {
        let id = object.get("id").and_then(Value::as_str).ok_or(DidError::DocumentMalformed)?;
        match DidUrl::parse_relative_to(&self.did, id) {
            Ok(id) => self.read_method_as(id, object, relationships),
            Err(_) => Ok(()),
        }
    }

    /// Adds a method whose absolute id is known.
    pub(crate) fn read_method_as(
        &mut self,
        id: DidUrl,
        object: &Map<String, Value>,
        relationships: Relationships,
    ) -> Result<(), DidError> {
        self.meanings.note(object)?;
        let own = id.did() == &self.did && controls(&self.did, object);
        let type_ = object.get("type").and_then(Value::as_str);
        match (type_, read_key(object)) {
            (Some(type_), Some(key)) if own => self.insert(id, type_, key, relationships),
            _ => self.pass_over(id),
        }
    }

    fn pass_over(&mut self, id: DidUrl) -> Result<(), DidError> {
        self.refuse_known(&id)?;
        self.unreadable.insert(id);
        Ok(())
    }

    /// Gives one of the first `listed` methods a relationship. A reference to a method that is not
    /// there (another DID's, or one that cannot be read) gives nothing to anybody.
    pub(crate) fn refer(&mut self, id: &str, relationship: Relationship, listed: usize) {
        let Ok(id) = DidUrl::parse_relative_to(&self.did, id) else { return };
        if let Some(method) = self.methods.iter_mut().take(listed).find(|own| own.id == id) {
            method.relationships = method.relationships.with(relationship);
        }
    }

    pub(crate) fn insert_service(&mut self, service: Service) -> Result<(), DidError> {
        if self.services.iter().any(|own| own.id() == service.id()) {
            return Err(DidError::DuplicateId);
        }
        if self.services.len() >= MAX_ENTRIES {
            return Err(DidError::TooManyEntries { limit: MAX_ENTRIES });
        }
        self.services.push(service);
        Ok(())
    }

    /// Two methods of one id would leave it to the order which key is meant (attack S27).
    fn refuse_known(&self, id: &DidUrl) -> Result<(), DidError> {
        if self.unreadable.contains(id) || self.methods.iter().any(|method| &method.id == id) {
            return Err(DidError::DuplicateId);
        }
        if self.methods.len() + self.unreadable.len() >= MAX_ENTRIES {
            return Err(DidError::TooManyEntries { limit: MAX_ENTRIES });
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> DidDocument {
        let Self { did: id, methods, unreadable, services, .. } = self;
        DidDocument { id, methods, unreadable, services }
    }
}

/// Whether the method's controller is the DID: absent and empty (relative to the base) are.
fn controls(did: &Did, object: &Map<String, Value>) -> bool {
    match object.get("controller") {
        None => true,
        Some(controller) => controller.as_str().is_some_and(|c| c.is_empty() || c == did.as_str()),
    }
}

/// The key of a method, in exactly one of the two forms of Controlled Identifiers §2.2.
fn read_key(object: &Map<String, Value>) -> Option<KeyMaterial> {
    match (object.get("publicKeyJwk"), object.get("publicKeyMultibase")) {
        (Some(jwk), None) => PublicKey::from_jwk(jwk).ok().map(KeyMaterial::Public),
        (None, Some(multibase)) => multikey::decode(multibase.as_str()?).ok(),
        _ => None,
    }
}

/// What each JWK of a document was said to be for, so that no key has two meanings (attack S27).
#[derive(Default)]
struct Meanings(BTreeMap<String, Meaning>);

#[derive(Default)]
struct Meaning {
    algorithm: Option<String>,
    key_use: Option<String>,
}

impl Meanings {
    fn note(&mut self, method: &Map<String, Value>) -> Result<(), DidError> {
        let Some(jwk) = method.get("publicKeyJwk").and_then(Value::as_object) else {
            return Ok(());
        };
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let identity =
            ["kty", "crv", "x", "y", "n", "e"].map(|name| text(name).unwrap_or_default());
        let known = self.0.entry(identity.join(" ")).or_default();
        agree(&mut known.algorithm, text("alg"))?;
        agree(&mut known.key_use, Some(effective_use(text("use"), text("crv"))))
    }
}

/// A JWK that names no use is read as one for signatures, unless its curve can make none.
fn effective_use<'a>(declared: Option<&'a str>, curve: Option<&str>) -> &'a str {
    match declared {
        Some(declared) => declared,
        None if curve == Some(Curve::X25519.name()) => "enc",
        None => "sig",
    }
}

fn agree(known: &mut Option<String>, said: Option<&str>) -> Result<(), DidError> {
    match (known.as_deref(), said) {
        (Some(known), Some(said)) if known != said => Err(DidError::AmbiguousKey),
        (None, Some(said)) => {
            *known = Some(said.to_owned());
            Ok(())
        }
        _ => Ok(()),
    }
}
