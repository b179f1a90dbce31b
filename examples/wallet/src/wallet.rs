//! What is in a wallet: keys, and credentials that were issued to them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use staffpass::aws_lc::SigningKey;
use staffpass::did::ion::{self, Commitment};
use staffpass::did::{Did, DidUrl, Method, Relationships, jwk};
use staffpass::disclosure::{HeldCredential, Holder};
use staffpass::issue::openid4vci::{key_proof, key_proof_of_did};
use staffpass::jose::{Algorithm, Signer as _};
use zeroize::Zeroizing;

use crate::{Error, KeyKind};

/// Keys and credentials.
pub(crate) struct Wallet {
    keys: Vec<HolderKey>,
    held: Vec<HeldCredential>,
}

/// A key, under the identifier to which issuers issue.
pub(crate) struct HolderKey {
    key_id: DidUrl,
    key: SigningKey,
}

/// The wallet as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    version: u32,
    keys: Vec<StoredKey>,
    credentials: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    id: String,
    private_jwk: Zeroizing<String>,
}

const VERSION: u32 = 1;

impl Wallet {
    /// A wallet with a P-256 key as a did:jwk, and a secp256k1 key under a long-form did:ion, as
    /// Microsoft Authenticator makes one.
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self { keys: vec![jwk_key()?, ion_key()?], held: Vec::new() })
    }

    pub(crate) fn from_json(text: &[u8]) -> Result<Self, Error> {
        let contents: Contents = serde_json::from_slice(text)?;
        if contents.version != VERSION {
            return Err("the file is of another version of the wallet".into());
        }
        let key = |stored: &StoredKey| {
            let key = SigningKey::from_private_jwk(stored.private_jwk.as_bytes())?;
            Ok(HolderKey { key_id: DidUrl::parse(&stored.id)?, key })
        };
        let keys = contents.keys.iter().map(key).collect::<Result<_, Error>>()?;
        let held = contents.credentials.iter().map(|one| HeldCredential::parse(one));
        Ok(Self { keys, held: held.collect::<Result<_, _>>()? })
    }

    pub(crate) fn to_json(&self) -> Result<Zeroizing<String>, Error> {
        let stored = |key: &HolderKey| StoredKey {
            id: key.key_id.as_str().to_owned(),
            private_jwk: key.key.to_private_jwk(),
        };
        let contents = Contents {
            version: VERSION,
            keys: self.keys.iter().map(stored).collect(),
            credentials: self.held.iter().map(|one| one.as_str().to_owned()).collect(),
        };
        Ok(Zeroizing::new(serde_json::to_string(&contents)?))
    }

    pub(crate) fn keys(&self) -> &[HolderKey] {
        &self.keys
    }

    /// The key of a kind.
    pub(crate) fn key(&self, kind: KeyKind) -> Result<&HolderKey, Error> {
        let wanted = |key: &&HolderKey| key.is_jwk() == (kind == KeyKind::Jwk);
        self.keys.iter().find(wanted).ok_or_else(|| "the wallet has no such key".into())
    }

    /// The credentials, in the order in which they came.
    pub(crate) fn held(&self) -> &[HeldCredential] {
        &self.held
    }

    pub(crate) fn holders(&self) -> Vec<Holder<'_>> {
        self.keys.iter().map(HolderKey::holder).collect()
    }

    pub(crate) fn dids(&self) -> Vec<Did> {
        self.keys.iter().map(|key| key.did().clone()).collect()
    }

    /// Adds every token of a text, or none; their numbers in the list. One that is there already keeps
    /// its number.
    pub(crate) fn add_all(&mut self, text: &str) -> Result<Vec<usize>, Error> {
        let numbers: Vec<usize> =
            text.split_whitespace().map(|token| self.add(token)).collect::<Result<_, _>>()?;
        if numbers.is_empty() { Err("there is no credential".into()) } else { Ok(numbers) }
    }

    fn add(&mut self, token: &str) -> Result<usize, Error> {
        let credential = HeldCredential::parse(token)?;
        if !self.keys.iter().any(|key| key.holder().holds(&credential)) {
            return Err("the credential was issued to none of this wallet's keys".into());
        }
        if let Some(at) = self.held.iter().position(|one| one.as_str() == token) {
            return Ok(at + 1);
        }
        self.held.push(credential);
        Ok(self.held.len())
    }
}

impl HolderKey {
    pub(crate) fn did(&self) -> &Did {
        self.key_id.did()
    }

    pub(crate) fn is_jwk(&self) -> bool {
        self.did().method() == Method::Jwk
    }

    /// A proof for an issuer that the key is here. Of a did:jwk the key itself is in it; another
    /// identifier is named.
    pub(crate) fn proof(
        &self,
        issuer: &str,
        nonce: &str,
        now: DateTime<Utc>,
    ) -> Result<String, Error> {
        let unsigned = match self.is_jwk() {
            true => key_proof(self.key.public_key(), issuer, nonce, now)?,
            false => key_proof_of_did(&self.key_id, self.key.algorithm(), issuer, nonce, now)?,
        };
        Ok(unsigned.sign(&self.key)?)
    }

    fn holder(&self) -> Holder<'_> {
        Holder::new(&self.key_id, &self.key)
    }
}

fn jwk_key() -> Result<HolderKey, Error> {
    let key = SigningKey::generate(Algorithm::Es256)?;
    let did = jwk::from_public_key(key.public_key());
    Ok(HolderKey { key_id: DidUrl::new(&did, "0")?, key })
}

/// The keys of its update and recovery are thrown away: this identifier stays as it is.
fn ion_key() -> Result<HolderKey, Error> {
    let key = SigningKey::generate(Algorithm::Es256k)?;
    let document = ion::Document::default().key("sig", key.public_key(), Relationships::SIGNING);
    let update = SigningKey::generate(Algorithm::Es256k)?;
    let recovery = SigningKey::generate(Algorithm::Es256k)?;
    let did = ion::create(
        &document,
        &Commitment::to_key(update.public_key())?,
        &Commitment::to_key(recovery.public_key())?,
    )?;
    Ok(HolderKey { key_id: DidUrl::new(&did, "sig")?, key })
}
