//! Making a long-form did:ion, as a wallet does.

use std::fmt;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use staffpass_jose::PublicKey;
use staffpass_jose::{base64url, json as strict};

use super::{IonHashing, multihash, resolve};
use crate::document::{public_key_jwk, verification_type};
use crate::{Did, DidError, Relationship, Relationships};

/// Makes a long-form did:ion.
///
/// # Errors
/// Whatever [`resolve`] would refuse about the result: two keys with one id, an id that is no
/// fragment, more than a DID can hold ([`DidError::TooLong`]).
pub fn create(
    document: &Document,
    update: &Commitment,
    recovery: &Commitment,
) -> Result<Did, DidError> {
    let delta = json!({
        "patches": [{ "action": "replace", "document": document.to_json() }],
        "updateCommitment": update.0,
    });
    let suffix_data = json!({
        "deltaHash": multihash(canonical(&delta)?),
        "recoveryCommitment": recovery.0,
    });
    let suffix = multihash(canonical(&suffix_data)?);
    let state = canonical(&json!({ "delta": delta, "suffixData": suffix_data }))?;
    let did = Did::parse(&format!("did:ion:{suffix}:{}", base64url::encode(state)))?;
    resolve(&did, IonHashing::Canonical)?;
    Ok(did)
}

/// What a did:ion that is being made says: keys and services, each under an id of its own.
#[derive(Clone, Default)]
#[must_use]
pub struct Document {
    keys: Vec<Value>,
    services: Vec<Value>,
}

impl Document {
    /// Adds a key. The id is a fragment, without `#`.
    pub fn key(mut self, id: &str, key: &PublicKey, purposes: Relationships) -> Self {
        let purposes: Vec<&str> = purposes.iter().map(Relationship::name).collect();
        self.keys.push(json!({
            "id": id,
            "type": verification_type(key.curve()),
            "publicKeyJwk": public_key_jwk(key),
            "purposes": purposes,
        }));
        self
    }

    /// Adds a service. The id is a fragment, without `#`; the endpoint a string or an object.
    pub fn service(mut self, id: &str, service_type: &str, endpoint: &Value) -> Self {
        self.services.push(json!({
            "id": id, "type": service_type, "serviceEndpoint": endpoint,
        }));
        self
    }

    /// Sidetree leaves out what is empty, and so do wallets.
    fn to_json(&self) -> Value {
        let both = [("publicKeys", &self.keys), ("services", &self.services)];
        let present = both.into_iter().filter(|(_, entries)| !entries.is_empty());
        present.map(|(name, entries)| (name.to_owned(), Value::from(entries.as_slice()))).collect()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("keys", &self.keys.len())
            .field("services", &self.services.len())
            .finish()
    }
}

/// What a later update or recovery must reveal: the hash of the hash of a public key
/// (Sidetree §6.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment(String);

impl Commitment {
    /// Commits to a key.
    ///
    /// # Errors
    /// None for a key that `staffpass-jose` has imported.
    pub fn to_key(key: &PublicKey) -> Result<Self, DidError> {
        let revealed = Sha256::digest(canonical(&key.to_jwk())?);
        Ok(Self(multihash(revealed)))
    }

    /// The multihash in base64url.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn canonical(value: &Value) -> Result<Vec<u8>, DidError> {
    strict::canonical(value).map_err(|_| DidError::IonMalformed)
}
