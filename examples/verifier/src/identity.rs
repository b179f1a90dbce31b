//! Who the service is: its DID with the documents that say so, and its certificates.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use staffpass::aws_lc::SigningKey;
use staffpass::did::publish::DocumentBuilder;
use staffpass::did::{Did, DidUrl, Relationships, web};
use staffpass::issue::{IssuerKey, UnsignedDidConfiguration};
use staffpass::jose::Algorithm;

use crate::keys::{self, Chain};
use crate::{Error, Options};

/// Keys, identifiers, published documents.
pub(crate) struct Identity {
    pub(crate) did: Did,
    pub(crate) key_id: DidUrl,
    pub(crate) key: SigningKey,
    pub(crate) chain: Chain,
    pub(crate) certified_key: Option<SigningKey>,
    pub(crate) host: String,
    pub(crate) did_json: String,
    pub(crate) did_configuration: String,
}

impl Identity {
    pub(crate) fn open(options: &Options, now: DateTime<Utc>) -> Result<Self, Error> {
        fs::create_dir_all(&options.data_dir)?;
        let key = match &options.key_file {
            Some(path) => keys::load(path)?,
            None => keys::load_or_make(&options.data_dir.join("key.jwk"))?,
        };
        let host = options.public_url.host_str().ok_or("the public URL has no host")?.to_owned();
        let (chain, certified_key) = match (&options.tls_chain, &options.tls_key) {
            (Some(chain), Some(key)) => {
                let (chain, key) = keys::load_tls(chain, key)?;
                (chain, Some(key))
            }
            _ => (keys::load_or_make_chain(&options.data_dir, &key, &host)?, None),
        };
        let did = web::did_of_origin(&options.public_url, options.loopback())?;
        let key_id = DidUrl::new(&did, "key-1")?;
        let document = DocumentBuilder::new(&did)
            .key(key_id.fragment(), key.public_key(), Relationships::SIGNING)
            .linked_domain(&options.public_url, options.loopback())?
            .build()?;
        let did_configuration = configuration(&document, &key_id, &key, now)?;
        let did_json = document.to_string();
        Ok(Self { did, key_id, key, chain, certified_key, host, did_json, did_configuration })
    }

    /// The key of the first certificate.
    pub(crate) fn certified_key(&self) -> &SigningKey {
        self.certified_key.as_ref().unwrap_or(&self.key)
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
    let issuer = IssuerKey::new(key_id.clone(), Algorithm::Es256);
    let until = now + TimeDelta::days(3650);
    Ok(UnsignedDidConfiguration::new(&issuer, origin, now, until)?.sign(key)?)
}
