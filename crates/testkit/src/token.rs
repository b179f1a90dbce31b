//! Tokens that are still open to any change.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use staffpass_issue::UnsignedCredential;
use staffpass_jose::{Signer as _, base64url};
use staffpass_jose_aws_lc::SigningKey;

/// A JWT before it is signed: header and claims as they will stand in it, whatever they say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Token {
    /// The header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
    /// The key that signs, whatever `alg` and `kid` say.
    pub key: Arc<SigningKey>,
    /// The disclosures of an SD-JWT, in the order in which they stand.
    pub disclosures: Vec<Value>,
    /// What becomes of the finished text.
    pub afterwards: fn(String) -> String,
}

impl Token {
    /// A token with the header that belongs to the key.
    #[must_use]
    pub fn new(key: &Arc<SigningKey>, kid: &str, claims: Value) -> Self {
        let header = json!({"alg": key.algorithm().name(), "typ": "JWT", "kid": kid});
        Self {
            header: object(header),
            claims: object(claims),
            key: Arc::clone(key),
            disclosures: Vec::new(),
            afterwards: std::convert::identity,
        }
    }

    /// A credential of the issuer's own making, opened again.
    #[must_use]
    pub fn of_credential(unsigned: &UnsignedCredential, key: &Arc<SigningKey>) -> Self {
        let input = std::str::from_utf8(unsigned.signing_input()).unwrap();
        let (header, claims) = input.split_once('.').unwrap();
        let read = |part: &str| serde_json::from_slice(&base64url::decode(part).unwrap()).unwrap();
        Self {
            header: read(header),
            claims: read(claims),
            key: Arc::clone(key),
            disclosures: Vec::new(),
            afterwards: std::convert::identity,
        }
    }

    /// Sets a claim.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.claims.insert(name.to_owned(), value.into());
    }

    /// Conceals a claim of an SD-JWT: its digest among the others, and its disclosure last.
    pub fn conceal(&mut self, name: &str, value: Value) {
        let disclosure = json!(["salt-of-the-concealed-0123", name, value]);
        let digest = crate::encoding::digest(&crate::encoding::disclosure(&disclosure));
        self.claims["_sd"].as_array_mut().unwrap().push(digest);
        self.disclosures.push(disclosure);
    }

    /// Signs.
    #[must_use]
    pub fn compact(&self) -> String {
        let part = |members: &Map<String, Value>| {
            base64url::encode(Value::Object(members.clone()).to_string())
        };
        let input = format!("{}.{}", part(&self.header), part(&self.claims));
        let signature = self.key.sign(input.as_bytes()).unwrap();
        (self.afterwards)(format!("{input}.{}", base64url::encode(signature)))
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("not an object: {other}"),
    }
}
