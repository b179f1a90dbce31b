//! Who the trust is: its key, its DID, and the documents that say so.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng as _;
use staffpass::aws_lc::SigningKey;
use staffpass::did::publish::DocumentBuilder;
use staffpass::did::{Did, DidUrl, Relationships, web};
use staffpass::issue::{IssuerKey, TokenIssuer, UnsignedDidConfiguration};
use staffpass::jose::{Algorithm, base64url};
use staffpass::otp::CodeKey;

use crate::{Common, Error, store};

/// The id of the key, in the DID document and in the issuer metadata.
const KEY_ID: &str = "key-1";

/// How long the statement about the domain is good. It is made anew at each start.
const LINKAGE: TimeDelta = TimeDelta::days(365);

/// The trust, with its private key.
pub(crate) struct Identity {
    pub(crate) origin: String,
    pub(crate) issuer: IssuerKey,
    pub(crate) token_issuer: TokenIssuer,
    pub(crate) key: SigningKey,
    pub(crate) code_key: CodeKey,
    pub(crate) did_json: String,
    pub(crate) did_configuration: String,
}

impl Identity {
    /// Reads the keys, or makes them.
    pub(crate) fn open(common: &Common, now: DateTime<Utc>) -> Result<Self, Error> {
        let origin = common.origin()?;
        store::make_private(&common.data_dir)?;
        let (key, code_key) = store::locked(&common.data_dir, || secrets(&common.data_dir))?;
        let key = SigningKey::from_private_jwk(key)?;
        let did = web::did_of_origin(&common.public_url, common.loopback())?;
        let id = DidUrl::new(&did, KEY_ID)?;
        let document = DocumentBuilder::new(&did)
            .key(id.fragment(), key.public_key(), Relationships::SIGNING)
            .linked_domain(&common.public_url, common.loopback())?
            .build()?;
        let issuer = IssuerKey::new(id, Algorithm::Es256);
        let token_issuer = match common.https_issuer {
            true => TokenIssuer::with_metadata(&origin, KEY_ID, Algorithm::Es256)?,
            false => TokenIssuer::from(&issuer),
        };
        let domain = common.public_url.as_str();
        let linkage = UnsignedDidConfiguration::new(&issuer, domain, now, now + LINKAGE)?;
        let did_configuration = linkage.sign(&key)?;
        let code_key = CodeKey::new(&base64url::decode(code_key.trim())?)?;
        let did_json = document.to_string();
        Ok(Self { origin, issuer, token_issuer, key, code_key, did_json, did_configuration })
    }

    pub(crate) fn did(&self) -> &Did {
        self.issuer.did()
    }

    /// Where the list of a kind is.
    pub(crate) fn list_address(&self, list: &str) -> String {
        format!("{}/status/{list}", self.origin)
    }
}

/// The signing key as a private JWK, and the key of the transaction codes.
fn secrets(directory: &Path) -> Result<(String, String), Error> {
    let key = load_or_make(&directory.join("key.jwk"), || {
        Ok(SigningKey::generate(Algorithm::Es256)?.to_private_jwk().to_string())
    })?;
    let code_key = load_or_make(&directory.join("code.key"), || Ok(random_key()))?;
    Ok((key, code_key))
}

fn random_key() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    base64url::encode(bytes)
}

/// A secret from its file, or a new one that is kept there for this user alone.
fn load_or_make(path: &Path, make: impl Fn() -> Result<String, Error>) -> Result<String, Error> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let secret = make()?;
            let mut file = store::private().write(true).create_new(true).open(path)?;
            file.write_all(secret.as_bytes())?;
            file.sync_all()?;
            Ok(secret)
        }
        read => Ok(read?),
    }
}
