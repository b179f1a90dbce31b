//! DID documents (DID Core §4, §5), read strictly.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value, json};
use staffpass_jose::json::{self as strict, Limits};
use staffpass_jose::{Curve, KeyMaterial, KeyUse, PublicKey};

use crate::assembly::Assembly;
use crate::multikey;
use crate::{Did, DidError, DidUrl, Relationship, Relationships, Service};

/// The most verification methods, services, or references of one relationship that are read. An
/// Entra authority loads up to ten keys; each one read is a key import.
pub(crate) const MAX_ENTRIES: usize = 64;

/// A key of a DID document.
#[derive(Clone, PartialEq, Eq)]
pub struct VerificationMethod {
    pub(crate) id: DidUrl,
    pub(crate) controller: Did,
    pub(crate) type_: String,
    pub(crate) key: KeyMaterial,
    pub(crate) relationships: Relationships,
}

impl VerificationMethod {
    /// The absolute id.
    #[must_use]
    pub fn id(&self) -> &DidUrl {
        &self.id
    }

    /// Who controls the key: the document's DID, always. A method that names another is
    /// [unreadable](DidDocument::unreadable), as Controlled Identifiers §3.3 demands.
    #[must_use]
    pub fn controller(&self) -> &Did {
        &self.controller
    }

    /// The method's `type`, such as `JsonWebKey2020`. Nothing is decided by it.
    #[must_use]
    pub fn type_(&self) -> &str {
        &self.type_
    }

    /// The key, for a crypto provider to prepare.
    #[must_use]
    pub fn key(&self) -> &KeyMaterial {
        &self.key
    }

    /// What the key is for.
    #[must_use]
    pub fn relationships(&self) -> Relationships {
        self.relationships
    }

    fn to_json(&self) -> Value {
        let mut object = Map::from_iter([
            ("id".to_owned(), Value::from(self.id.as_str())),
            ("type".to_owned(), Value::from(self.type_.as_str())),
            ("controller".to_owned(), Value::from(self.controller.as_str())),
        ]);
        let (member, key) = match &self.key {
            KeyMaterial::Public(key) => ("publicKeyJwk", public_key_jwk(key)),
            KeyMaterial::Compressed(point) => (
                "publicKeyMultibase",
                multikey::encode_compressed(point).map_or(Value::Null, Value::from),
            ),
            _ => ("publicKeyJwk", Value::Null),
        };
        object.insert(member.to_owned(), key);
        Value::Object(object)
    }
}

impl fmt::Debug for VerificationMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationMethod")
            .field("id", &self.id)
            .field("key", &self.key)
            .field("relationships", &self.relationships)
            .finish_non_exhaustive()
    }
}

/// The document of a DID: its keys, each under one id, and its services.
#[derive(Clone, PartialEq, Eq)]
pub struct DidDocument {
    pub(crate) id: Did,
    pub(crate) methods: Vec<VerificationMethod>,
    pub(crate) unreadable: BTreeSet<DidUrl>,
    pub(crate) services: Vec<Service>,
}

impl DidDocument {
    /// Reads the document that was brought for a DID.
    ///
    /// Relative ids are made absolute against the DID. A verification method that cannot be read (a
    /// key type that is not spoken here, a private member, another DID's method) is skipped: it is a
    /// fault only where a token names it, see [`unreadable`](Self::unreadable). A context is never
    /// looked up.
    ///
    /// # Errors
    /// The `Document…` variants of [`DidError`], and [`DidError::DuplicateId`],
    /// [`DidError::AmbiguousKey`], [`DidError::TooManyEntries`].
    pub fn parse(did: &Did, json: &[u8]) -> Result<Self, DidError> {
        let value: Value = strict::parse(json, &limits()).map_err(DidError::DocumentJson)?;
        let members = value.as_object().ok_or(DidError::DocumentMalformed)?;
        check_id(did, members)?;
        check_base(did, members)?;
        let mut document = Assembly::new(did);
        read_methods(&mut document, members)?;
        read_relationships(&mut document, members)?;
        read_services(&mut document, members)?;
        Ok(document.finish())
    }

    /// The DID.
    #[must_use]
    pub fn id(&self) -> &Did {
        &self.id
    }

    /// The keys that can be read, in the order of the document.
    #[must_use]
    pub fn verification_methods(&self) -> &[VerificationMethod] {
        &self.methods
    }

    /// The key with exactly this absolute id.
    #[must_use]
    pub fn method(&self, id: &str) -> Option<&VerificationMethod> {
        self.methods.iter().find(|method| method.id.as_str() == id)
    }

    /// Whether the document lists a key with exactly this absolute id, in a form that cannot be
    /// read.
    #[must_use]
    pub fn unreadable(&self, id: &str) -> bool {
        self.unreadable.iter().any(|own| own.as_str() == id)
    }

    /// The services, in the order of the document.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// Writes the document, with absolute ids; what could not be read is left out.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("@context".to_owned(), json!(["https://www.w3.org/ns/did/v1"]));
        object.insert("id".to_owned(), self.id.as_str().into());
        let methods = self.methods.iter().map(VerificationMethod::to_json).collect();
        object.insert("verificationMethod".to_owned(), methods);
        for relationship in Relationship::ALL {
            let having = self.methods.iter().filter(|m| m.relationships.contains(relationship));
            let ids: Vec<&str> = having.map(|method| method.id.as_str()).collect();
            if !ids.is_empty() {
                object.insert(relationship.name().to_owned(), ids.into());
            }
        }
        if !self.services.is_empty() {
            let services = self.services.iter().map(Service::to_json).collect();
            object.insert("service".to_owned(), services);
        }
        Value::Object(object)
    }
}

impl fmt::Debug for DidDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DidDocument")
            .field("id", &self.id)
            .field("methods", &self.methods)
            .field("services", &self.services)
            .finish_non_exhaustive()
    }
}

/// The JWK of a public key, with `use` where it is for encryption: an EC key could be for either.
pub(crate) fn public_key_jwk(key: &PublicKey) -> Value {
    let mut jwk = key.to_jwk();
    if let (KeyUse::Encryption, Some(members)) = (key.key_use(), jwk.as_object_mut()) {
        members.insert("use".to_owned(), "enc".into());
    }
    jwk
}

/// The `type` that wallets expect of a key that is published as a JWK.
pub(crate) fn verification_type(curve: Curve) -> &'static str {
    match curve {
        Curve::Secp256k1 => "EcdsaSecp256k1VerificationKey2019",
        _ => "JsonWebKey2020",
    }
}

/// 128 KiB, 16 levels and 4,000 values: a document with ten keys takes 5 kB, with certificate
/// chains beside them 100 kB.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_bytes = 128 * 1024;
    limits.max_depth = 16;
    limits.max_values = 4000;
    limits
}

/// DID Core §5.1.1, and the did:web method: the document's `id` is the DID, byte for byte.
fn check_id(did: &Did, members: &Map<String, Value>) -> Result<(), DidError> {
    match members.get("id").and_then(Value::as_str) {
        Some(id) if id == did.as_str() => Ok(()),
        Some(_) => Err(DidError::DocumentIdMismatch),
        None => Err(DidError::DocumentMalformed),
    }
}

/// A context may name the base that relative ids stand on (Entra writes one): it is the DID.
fn check_base(did: &Did, members: &Map<String, Value>) -> Result<(), DidError> {
    let contexts = match members.get("@context") {
        Some(Value::Array(many)) => many.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let mut bases = contexts.iter().filter_map(|context| context.get("@base"));
    if bases.all(|base| base.as_str() == Some(did.as_str())) {
        Ok(())
    } else {
        Err(DidError::DocumentBaseMismatch)
    }
}

/// DID Core §5.2.
fn read_methods(document: &mut Assembly, members: &Map<String, Value>) -> Result<(), DidError> {
    for entry in list(members, "verificationMethod")? {
        let object = entry.as_object().ok_or(DidError::DocumentMalformed)?;
        document.read_method(object, Relationships::NONE)?;
    }
    Ok(())
}

/// DID Core §5.3: an entry is the id of a method, or a method that has this relationship only.
fn read_relationships(
    document: &mut Assembly,
    members: &Map<String, Value>,
) -> Result<(), DidError> {
    let listed = document.method_count();
    for relationship in Relationship::ALL {
        for entry in list(members, relationship.name())? {
            match entry {
                Value::String(id) => document.refer(id, relationship, listed),
                Value::Object(object) => document.read_method(object, relationship.into())?,
                _ => return Err(DidError::DocumentMalformed),
            }
        }
    }
    Ok(())
}

/// DID Core §5.4.
fn read_services(document: &mut Assembly, members: &Map<String, Value>) -> Result<(), DidError> {
    for entry in list(members, "service")? {
        let object = entry.as_object().ok_or(DidError::DocumentMalformed)?;
        let service = Service::read(document.did(), object)?;
        document.insert_service(service)?;
    }
    Ok(())
}

fn list<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a [Value], DidError> {
    match members.get(name) {
        None => Ok(&[]),
        Some(Value::Array(entries)) if entries.len() > MAX_ENTRIES => {
            Err(DidError::TooManyEntries { limit: MAX_ENTRIES })
        }
        Some(Value::Array(entries)) => Ok(entries),
        Some(_) => Err(DidError::DocumentMalformed),
    }
}
