//! Who the portal is to wallets: its DID, and the documents that say so.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use staffpass::aws_lc::SigningKey;
use staffpass::did::publish::DocumentBuilder;
use staffpass::did::{DidUrl, Relationships, web};
use staffpass::jose::{Algorithm, HeaderBuilder, UnsignedJws};

use crate::{Config, Error};

/// The context of a domain linkage credential, as the wallets know it.
const LINKAGE_CONTEXT: &str =
    "https://identity.foundation/.well-known/contexts/did-configuration-v0.0.jsonld";

pub(crate) struct Identity {
    pub(crate) key_id: DidUrl,
    pub(crate) did_json: String,
    pub(crate) did_configuration: String,
}

impl Identity {
    pub(crate) fn of(config: &Config, key: &SigningKey, now: DateTime<Utc>) -> Result<Self, Error> {
        let (origin, loopback) = (&config.server.public_url, config.loopback());
        let did = web::did_of_origin(origin, loopback)?;
        let key_id = DidUrl::new(&did, "key-1")?;
        let document = DocumentBuilder::new(&did)
            .key(key_id.fragment(), key.public_key(), Relationships::SIGNING)
            .linked_domain(origin, loopback)?
            .build()?;
        let did_configuration = configuration(&document, &key_id, key, now)?;
        Ok(Self { key_id, did_json: document.to_string(), did_configuration })
    }
}

/// Well-Known DID Configuration: one domain linkage credential, by the DID, about the origin exactly
/// as the DID document writes it.
fn configuration(
    document: &Value,
    key_id: &DidUrl,
    key: &SigningKey,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    let origin = document.pointer("/service/0/serviceEndpoint/origins/0");
    let origin = origin.and_then(Value::as_str).ok_or("the DID document links no domain")?;
    let (did, until) = (key_id.did().as_str(), now + TimeDelta::days(365));
    let written = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let payload = json!({
        "iss": did,
        "sub": did,
        "nbf": now.timestamp(),
        "exp": until.timestamp(),
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1", LINKAGE_CONTEXT],
            "type": ["VerifiableCredential", "DomainLinkageCredential"],
            "issuer": did,
            "issuanceDate": written(now),
            "expirationDate": written(until),
            "credentialSubject": { "id": did, "origin": origin },
        },
    });
    let header = HeaderBuilder::new(Algorithm::Es256).kid(key_id.as_str());
    let linkage = UnsignedJws::new(&header, payload.to_string().as_bytes()).sign(key)?;
    Ok(json!({ "@context": LINKAGE_CONTEXT, "linked_dids": [linkage] }).to_string())
}
