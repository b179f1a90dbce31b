//! Proofs that a wallet has a key (appendix F).

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use staffpass_did::{Did, DidUrl, Relationship, ResolveOptions, resolve_in_place};
use staffpass_jose::{
    AlgorithmSet, CryptoProvider, KeyMaterial, NumericDate, PublicKey, UnverifiedJws,
    VerificationKey, base64url, json, jws,
};

use super::PROOF_TYPE;
use super::nonce::Nonces;
use super::refusal::Refusal;

/// How old a proof may be, which is as old as its nonce may be.
const MAX_AGE: TimeDelta = TimeDelta::minutes(5);

/// By how much the wallet's clock may be ahead.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// What a key proof is held against.
#[derive(Clone, Copy, Debug)]
pub struct ProofRules<'a> {
    issuer: &'a str,
    algorithms: AlgorithmSet,
    batch_size: usize,
    provider: &'a dyn CryptoProvider,
}

impl<'a> ProofRules<'a> {
    /// The rules of an issuer, by its identifier exactly as its metadata has it: every algorithm, one
    /// proof a request.
    #[must_use]
    pub fn new(issuer: &'a str, provider: &'a dyn CryptoProvider) -> Self {
        Self { issuer, algorithms: AlgorithmSet::ALL, batch_size: 1, provider }
    }

    /// Takes these algorithms only.
    #[must_use]
    pub fn algorithms(self, algorithms: AlgorithmSet) -> Self {
        Self { algorithms, ..self }
    }

    /// Takes so many proofs in one request.
    #[must_use]
    pub fn batch_size(self, batch_size: usize) -> Self {
        Self { batch_size, ..self }
    }

    /// Appendix F.4: every proof is good, all have one nonce, which is new, and no two have one key.
    pub(crate) fn check(
        &self,
        proofs: &[String],
        nonces: &mut Nonces,
        now: DateTime<Utc>,
    ) -> Result<Vec<HolderKey>, Refusal> {
        if proofs.len() > self.batch_size {
            return Err(Refusal::TooManyProofs { limit: self.batch_size });
        }
        let good: Vec<_> =
            proofs.iter().map(|proof| self.check_one(proof, now)).collect::<Result<_, _>>()?;
        refuse_repeated_keys(&good)?;
        nonces.take(one_nonce(&good)?, now)?;
        Ok(good.into_iter().map(|(key, _)| key).collect())
    }

    fn check_one(&self, proof: &str, now: DateTime<Utc>) -> Result<(HolderKey, String), Refusal> {
        let limits = jws::Limits::default();
        let jws = UnverifiedJws::parse(proof, &limits).map_err(Refusal::ProofJwt)?;
        check_type(&jws)?;
        if !self.algorithms.contains(jws.header().alg) {
            return Err(Refusal::ProofAlgorithm);
        }
        let (holder, key) = self.key(&jws)?;
        if key.algorithm() != jws.header().alg {
            return Err(Refusal::ProofAlgorithm);
        }
        let verified = jws.verify(&key).map_err(|_| Refusal::ProofSignature)?;
        let claims: Claims =
            json::parse(verified.payload(), &limits.json).map_err(Refusal::ProofClaims)?;
        if claims.aud != self.issuer {
            return Err(Refusal::ProofAudience);
        }
        claims.check_time(now)?;
        Ok((holder, claims.nonce))
    }

    /// The key that the header names, in exactly one way.
    fn key(&self, jws: &UnverifiedJws) -> Result<(HolderKey, VerificationKey), Refusal> {
        let header = RawHeader::read(jws)?;
        match (header.kid, header.jwk, header.x5c) {
            (Some(kid), None, None) => self.key_of_did(kid.as_str().unwrap_or_default()),
            (None, Some(jwk), None) => self.key_of_jwk(&jwk),
            (None, None, Some(_)) => Err(Refusal::ProofKeyUnsupported),
            _ => Err(Refusal::ProofKeyCount),
        }
    }

    fn key_of_jwk(&self, jwk: &Value) -> Result<(HolderKey, VerificationKey), Refusal> {
        let public = PublicKey::from_jwk(jwk).map_err(Refusal::ProofKey)?;
        let did = staffpass_did::jwk::from_public_key(&public);
        let key = self.prepare(&public.into())?;
        Ok((HolderKey { key: key.public_key().clone(), did }, key))
    }

    /// A key that a DID lists for authentication. The DID says itself what its keys are: nothing is
    /// fetched because a wallet named it.
    fn key_of_did(&self, kid: &str) -> Result<(HolderKey, VerificationKey), Refusal> {
        let unsupported = Refusal::ProofKeyUnsupported;
        let id = DidUrl::parse(kid).map_err(|_| unsupported)?;
        let document = resolve_in_place(id.did(), &ResolveOptions::default());
        let document = document.ok().flatten().ok_or(unsupported)?;
        let method = document.method(id.as_str()).ok_or(unsupported)?;
        if !method.relationships().contains(Relationship::Authentication) {
            return Err(unsupported);
        }
        let key = self.prepare(method.key())?;
        Ok((HolderKey { key: key.public_key().clone(), did: id.did().clone() }, key))
    }

    fn prepare(&self, key: &KeyMaterial) -> Result<VerificationKey, Refusal> {
        self.provider.prepare(key).map_err(Refusal::ProofKey)
    }
}

/// A key whose possession was proved: one credential is for its holder.
#[derive(Clone)]
#[must_use]
pub struct HolderKey {
    key: PublicKey,
    did: Did,
}

impl HolderKey {
    /// The key, for `cnf`.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// The DID that the proof named, or the did:jwk of its key, for `sub`.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }
}

impl fmt::Debug for HolderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HolderKey").field("key", &self.key.thumbprint()).finish_non_exhaustive()
    }
}

/// The members of the header by which a key may come; any value counts as there, null too.
#[derive(Deserialize)]
struct RawHeader {
    #[serde(default, deserialize_with = "present")]
    kid: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    jwk: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    x5c: Option<Value>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl RawHeader {
    /// The header once more: `jose` reads no `jwk`, since elsewhere no key comes from a header.
    fn read(jws: &UnverifiedJws) -> Result<Self, Refusal> {
        let header = jws.as_str().split('.').next().unwrap_or_default();
        let bytes = base64url::decode(header).map_err(|_| Refusal::ProofKeyCount)?;
        json::parse(&bytes, &json::Limits::default()).map_err(|_| Refusal::ProofKeyCount)
    }
}

/// `iss` is not read: with anonymous access it says nothing (F.1).
#[derive(Deserialize)]
struct Claims {
    aud: String,
    iat: NumericDate,
    exp: Option<NumericDate>,
    nonce: String,
}

impl Claims {
    /// §13.8: the proof was made a short while ago, and if it says an end, that has not come.
    fn check_time(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let made = self.iat.ceil();
        let fresh = made <= now + LEEWAY && made >= now - MAX_AGE;
        let expired = self.exp.is_some_and(|exp| exp.floor() <= now);
        if fresh && !expired { Ok(()) } else { Err(Refusal::ProofTime) }
    }
}

fn check_type(jws: &UnverifiedJws) -> Result<(), Refusal> {
    match jws.header().typ.as_deref() {
        Some(PROOF_TYPE) => Ok(()),
        _ => Err(Refusal::ProofType),
    }
}

fn refuse_repeated_keys(good: &[(HolderKey, String)]) -> Result<(), Refusal> {
    let keys: BTreeSet<_> = good.iter().map(|(key, _)| key.key.thumbprint().to_string()).collect();
    if keys.len() == good.len() { Ok(()) } else { Err(Refusal::KeyRepeated) }
}

fn one_nonce(good: &[(HolderKey, String)]) -> Result<&str, Refusal> {
    let (_, first) = good.first().ok_or(Refusal::ProofMissing)?;
    if good.iter().all(|(_, nonce)| nonce == first) { Ok(first) } else { Err(Refusal::NonceMixed) }
}
