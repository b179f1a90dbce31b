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
    pub(crate) chain: Chain,
    pub(crate) host: String,
    pub(crate) did_json: String,
    pub(crate) did_configuration: String,
    /// The one that signs.
    newest: OwnKey,
    older: Vec<OwnKey>,
    certified: SigningKey,
}

/// A signing key, and its name in the DID document: its thumbprint, which is its own whatever other
/// keys come and go.
pub(crate) struct OwnKey {
    pub(crate) id: DidUrl,
    pub(crate) key: SigningKey,
}

impl Identity {
    pub(crate) fn open(options: &Options, now: DateTime<Utc>) -> Result<Self, Error> {
        fs::create_dir_all(&options.data_dir)?;
        let origin = options.origin()?;
        let host = origin.host_str().ok_or("the public URL has no host")?.to_owned();
        let did = web::did_of_origin(origin, options.loopback())?;
        let mut keys = own_keys(options, &did)?;
        let newest = keys.pop().ok_or("there is no signing key")?;
        let (chain, certified) = certified(options, &host)?;
        let published = std::iter::once(&newest).chain(&keys);
        let document = published.fold(DocumentBuilder::new(&did), |document, own| {
            document.key(own.id.fragment(), own.key.public_key(), Relationships::SIGNING)
        });
        let document = document.linked_domain(origin, options.loopback())?.build()?;
        let did_configuration = configuration(&document, &newest, now)?;
        let did_json = document.to_string();
        Ok(Self { did, chain, host, did_json, did_configuration, newest, older: keys, certified })
    }

    /// The key that signs now.
    pub(crate) const fn newest(&self) -> &OwnKey {
        &self.newest
    }

    /// The key with this thumbprint, old or new: what it signed it may sign again.
    pub(crate) fn key(&self, thumbprint: &str) -> Option<&SigningKey> {
        let own = std::iter::once(&self.newest).chain(&self.older).map(|own| &own.key);
        let mut keys = own.chain([&self.certified]);
        keys.find(|key| key.public_key().thumbprint().to_string() == thumbprint)
    }

    /// The key of the first certificate.
    pub(crate) const fn certified_key(&self) -> &SigningKey {
        &self.certified
    }
}

/// From the oldest to the newest.
fn own_keys(options: &Options, did: &Did) -> Result<Vec<OwnKey>, Error> {
    let keys = match options.key_file.as_slice() {
        [] => keys::load_or_make_all(&options.data_dir)?,
        files => files.iter().map(|path| keys::load(path)).collect::<Result<_, _>>()?,
    };
    let named = |key: SigningKey| {
        let id = DidUrl::new(did, &key.public_key().thumbprint().to_string())?;
        Ok(OwnKey { id, key })
    };
    keys.into_iter().map(named).collect()
}

fn certified(options: &Options, host: &str) -> Result<(Chain, SigningKey), Error> {
    match (&options.tls_chain, &options.tls_key) {
        (Some(chain), Some(key)) => keys::load_tls(chain, key),
        _ => keys::load_or_make_certified(&options.data_dir, host),
    }
}

/// Well-Known DID Configuration: one domain linkage credential, by the DID, about the origin exactly
/// as the DID document writes it.
fn configuration(document: &Value, own: &OwnKey, now: DateTime<Utc>) -> Result<String, Error> {
    let origin = document.pointer("/service/0/serviceEndpoint/origins/0");
    let origin = origin.and_then(Value::as_str).ok_or("the DID document links no domain")?;
    let issuer = IssuerKey::new(own.id.clone(), Algorithm::Es256);
    let until = now + TimeDelta::days(3650);
    Ok(UnsignedDidConfiguration::new(&issuer, origin, now, until)?.sign(&own.key)?)
}
