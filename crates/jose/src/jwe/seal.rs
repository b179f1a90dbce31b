//! What a JWE says beside its plaintext, for those who make one.

use serde_json::{Map, Value};

use super::{ALGORITHM, ContentEncryption};
use crate::{PublicKey, base64url};

/// The header of a JWE to be made: what its writer chooses.
#[derive(Clone, Debug)]
pub struct Sealing {
    enc: ContentEncryption,
    apu: Option<Vec<u8>>,
    apv: Option<Vec<u8>>,
    members: Map<String, Value>,
}

impl Sealing {
    /// With this content encryption and nothing else.
    #[must_use]
    pub fn new(enc: ContentEncryption) -> Self {
        Self { enc, apu: None, apv: None, members: Map::new() }
    }

    /// Sets `kid`, the id of the recipient's key (RFC 7516 §4.1.6).
    #[must_use]
    pub fn kid(mut self, kid: &str) -> Self {
        self.members.insert("kid".to_owned(), kid.into());
        self
    }

    /// Sets `apu`, given unencoded (RFC 7518 §4.6.1.2).
    #[must_use]
    pub fn apu(mut self, apu: impl Into<Vec<u8>>) -> Self {
        self.apu = Some(apu.into());
        self
    }

    /// Sets `apv`, given unencoded (RFC 7518 §4.6.1.3).
    #[must_use]
    pub fn apv(mut self, apv: impl Into<Vec<u8>>) -> Self {
        self.apv = Some(apv.into());
        self
    }

    /// Sets `typ` (RFC 7516 §4.1.11).
    #[must_use]
    pub fn typ(mut self, typ: &str) -> Self {
        self.members.insert("typ".to_owned(), typ.into());
        self
    }

    /// Sets `cty` (RFC 7516 §4.1.12).
    #[must_use]
    pub fn cty(mut self, cty: &str) -> Self {
        self.members.insert("cty".to_owned(), cty.into());
        self
    }

    /// The content encryption. For providers.
    #[must_use]
    pub fn enc(&self) -> ContentEncryption {
        self.enc
    }

    /// Agreement PartyUInfo, unencoded. For providers.
    #[must_use]
    pub fn party_u(&self) -> Option<&[u8]> {
        self.apu.as_deref()
    }

    /// Agreement PartyVInfo, unencoded. For providers.
    #[must_use]
    pub fn party_v(&self) -> Option<&[u8]> {
        self.apv.as_deref()
    }

    /// The encoded protected header with the ephemeral key that the provider made: the first part of
    /// the compact form and the additional authenticated data (RFC 7516 §5.1). For providers.
    #[must_use]
    pub fn encoded_header(&self, epk: &PublicKey) -> String {
        let mut members = self.members.clone();
        members.insert("alg".to_owned(), ALGORITHM.into());
        members.insert("enc".to_owned(), self.enc.name().into());
        members.insert("epk".to_owned(), epk.to_jwk());
        for (name, party) in [("apu", &self.apu), ("apv", &self.apv)] {
            if let Some(party) = party {
                members.insert(name.to_owned(), base64url::encode(party).into());
            }
        }
        base64url::encode(Value::Object(members).to_string())
    }
}
