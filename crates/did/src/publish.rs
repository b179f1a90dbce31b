//! Publishing our own did:web: the `did.json` of a verifier or an issuer.
//!
//! Microsoft's wallets read DID documents narrowly, so the document is written as Entra writes its
//! own: ids relative to a base that the context names, relationships as arrays of strings, each key
//! as a JWK, the linked domains as an object whose origins end in a slash.
//!
//! ```
//! use staffpass_did::publish::DocumentBuilder;
//! use staffpass_did::{Did, DidDocument, LoopbackHttp, Relationships};
//! # use staffpass_jose::PublicKey;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let now = PublicKey::from_jwk_json(
//! #     br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
//! # let before = PublicKey::from_jwk_json(
//! #     br#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
//! #          "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#)?;
//! let did: Did = "did:web:trust.example".parse()?;
//! let document = DocumentBuilder::new(&did)
//!     .key("key-2", &now, Relationships::SIGNING)
//!     .key("key-1", &before, Relationships::SIGNING) // kept, so that what it signed still verifies
//!     .linked_domain(&"https://trust.example".parse()?, LoopbackHttp::Refuse)?
//!     .build()?;
//! let read = DidDocument::parse(&did, document.to_string().as_bytes())?;
//! assert!(read.method("did:web:trust.example#key-1").is_some());
//! # Ok(())
//! # }
//! ```

use serde_json::{Map, Value, json};
use staffpass_jose::PublicKey;
use url::Url;

use crate::document::{public_key_jwk, verification_type};
use crate::{Did, DidDocument, DidError, LoopbackHttp, Relationship, Relationships, web};

/// A DID document in the making. The order of its keys is kept: the current one first, earlier ones
/// after it as long as anything that they signed is to be verified.
#[derive(Clone, Debug)]
#[must_use]
pub struct DocumentBuilder {
    did: Did,
    keys: Vec<(Value, Relationships)>,
    origins: Vec<String>,
}

impl DocumentBuilder {
    /// A document without keys.
    pub fn new(did: &Did) -> Self {
        Self { did: did.clone(), keys: Vec::new(), origins: Vec::new() }
    }

    /// Adds a key. The id is a fragment, without `#`.
    pub fn key(mut self, id: &str, key: &PublicKey, relationships: Relationships) -> Self {
        let method = json!({
            "id": format!("#{id}"),
            "controller": self.did.as_str(),
            "type": verification_type(key.curve()),
            "publicKeyJwk": public_key_jwk(key),
        });
        self.keys.push((method, relationships));
        self
    }

    /// Adds an origin to the linked domains. Microsoft's wallets look at the first one only.
    ///
    /// # Errors
    /// [`DidError::Origin`] where the URL is no https origin (or http on loopback, where that is
    /// allowed); [`DidError::WebHost`] or [`DidError::WebLoopback`] where its host is none that a
    /// did:web may have.
    pub fn linked_domain(mut self, origin: &Url, loopback: LoopbackHttp) -> Result<Self, DidError> {
        web::did_of_origin(origin, loopback)?;
        self.origins.push(origin.to_string());
        Ok(self)
    }

    /// Writes the document, after reading it as any verifier will.
    ///
    /// # Errors
    /// What [`DidDocument::parse`] refuses: two keys with one id, one key under two uses;
    /// [`DidError::UrlSyntax`] for an id that is no fragment.
    pub fn build(self) -> Result<Value, DidError> {
        let document = self.to_json();
        let read = DidDocument::parse(&self.did, document.to_string().as_bytes())?;
        let readable = read.verification_methods().len();
        if readable == self.keys.len() { Ok(document) } else { Err(DidError::UrlSyntax) }
    }

    fn to_json(&self) -> Value {
        let base = json!({ "@base": self.did.as_str() });
        let mut document = Map::new();
        document.insert("@context".to_owned(), json!(["https://www.w3.org/ns/did/v1", base]));
        document.insert("id".to_owned(), self.did.as_str().into());
        let methods = self.keys.iter().map(|(method, _)| method.clone()).collect();
        document.insert("verificationMethod".to_owned(), methods);
        for relationship in Relationship::ALL {
            let ids = self.ids_with(relationship);
            if !ids.is_empty() {
                document.insert(relationship.name().to_owned(), ids.into());
            }
        }
        if !self.origins.is_empty() {
            document.insert("service".to_owned(), json!([self.linked_domains()]));
        }
        Value::Object(document)
    }

    fn ids_with(&self, relationship: Relationship) -> Vec<Value> {
        let having = self.keys.iter().filter(|(_, own)| own.contains(relationship));
        having.filter_map(|(method, _)| method.get("id").cloned()).collect()
    }

    fn linked_domains(&self) -> Value {
        json!({
            "id": "#linkeddomains",
            "type": "LinkedDomains",
            "serviceEndpoint": { "origins": self.origins },
        })
    }
}
