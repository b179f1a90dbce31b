//! From a `kid` to a key: it only selects among the keys that a known party publishes (S4–S7).

use std::sync::Arc;

use staffpass_did::{Did, DidUrl, Method, Relationship};
use staffpass_jose::{Algorithm, KeyMaterial, UnverifiedJws, VerificationKey, VerifiedJws};
use staffpass_request::Profile;
use staffpass_x509::{CertificateChain, X509Error};
use url::Url;

use super::{Judge, Loosenings, Stop};
use crate::evidence::{self, Absence, Keys, Moment, NoKey};
use crate::keyset::{KeySet, NoSuchKey};
use crate::policy::{CertificateRules, IssuerRules, KeyContinuity};
use crate::report::PolicyKey;
use crate::{Code, Source};

impl<'a> Judge<'a> {
    /// The key of a holder: an identifier that resolves in place, since no document is ever
    /// fetched because a wallet named it.
    pub(super) fn holder_key(
        &mut self,
        jws: &UnverifiedJws,
        owner: Option<&str>,
    ) -> Result<(VerificationKey, Loosenings), Stop> {
        let owner: Did = owner.and_then(|o| o.parse().ok()).ok_or(Code::IdentifierNotSupported)?;
        let id = key_id(jws, &owner)?;
        let keys = self.resolved_in_place(&owner)?;
        let key = keys.find(id.as_str(), Relationship::Authentication).map_err(NoKey::code)?;
        Ok((key.clone(), keys.loosening().into_iter().collect()))
    }

    /// The key of a trusted issuer, and the loosenings that it needed. How it is found is the
    /// policy's to say, and nothing in the token (S22).
    pub(super) fn issuer_key(
        &mut self,
        jws: &UnverifiedJws,
        rules: &IssuerRules,
    ) -> Result<(VerificationKey, Loosenings), Stop> {
        let (key, loosenings) = match (&rules.certificates, &rules.did, &rules.metadata) {
            (Some(certificates), ..) => (self.key_in_certificate(jws, certificates)?, Vec::new()),
            (None, Some(did), _) => self.key_in_document(jws, did, rules)?,
            (None, None, Some(metadata)) => self.key_in_metadata(jws, metadata, rules)?,
            (None, None, None) => return Err(Code::IdentifierNotSupported.into()),
        };
        match rules.may_use_key(&key.thumbprint()) {
            true => Ok((key, loosenings)),
            false => Err(Code::KeyNotPinned.into()),
        }
    }

    fn key_in_document(
        &mut self,
        jws: &UnverifiedJws,
        did: &Did,
        rules: &IssuerRules,
    ) -> Result<(VerificationKey, Loosenings), Stop> {
        let id = key_id(jws, did)?;
        let keys = self.issuer_keys(did)?;
        let (key, of_purpose) = find_issuer_key(keys.get(), &id, rules)?;
        let source = Source::DidDocument(did.clone());
        let loosenings = [of_purpose, keys.get().loosening(), self.keys_are_continuous(&source)?];
        Ok((key.clone(), loosenings.into_iter().flatten().collect()))
    }

    /// SD-JWT VC, "JWT VC Issuer Metadata": the metadata says that it is this issuer's, and has the
    /// keys or points to them at the issuer's own origin.
    fn key_in_metadata(
        &mut self,
        jws: &UnverifiedJws,
        metadata: &Url,
        rules: &IssuerRules,
    ) -> Result<(VerificationKey, Loosenings), Stop> {
        let mut source = Source::IssuerMetadata(metadata.clone());
        let mut keys = self.key_set(&source)?;
        if keys.issuer.as_deref() != Some(rules.issuer.id.as_str()) {
            return Err(Code::IssuerDocumentInvalid.into());
        }
        let elsewhere = keys.jwks_uri_of(metadata).map_err(|_| Code::IssuerDocumentInvalid)?;
        if let Some(elsewhere) = elsewhere {
            source = Source::JwkSet(elsewhere.clone());
            keys = self.key_set(&source)?;
        }
        let key = keys.find(jws.header().kid.as_deref()).map_err(|no_key| match no_key {
            NoSuchKey::Unknown => Code::KeyUnknown,
            NoSuchKey::Unusable => Code::KeyUnusable,
            NoSuchKey::Ambiguous => Code::KeyIdInvalid,
        })?;
        Ok((key.clone(), self.keys_are_continuous(&source)?.into_iter().collect()))
    }

    /// RFC 7515 §4.1.6, HAIP 1.0 §6.1.1: a chain to an anchor of the policy's, valid now, whose leaf
    /// has the name that the policy gives this issuer.
    fn key_in_certificate(
        &self,
        jws: &UnverifiedJws,
        rules: &CertificateRules,
    ) -> Result<VerificationKey, Stop> {
        let x5c = jws.header().x5c().ok_or(Code::CertificateChain)?;
        let invalid = |_: X509Error| Stop::Fail(Code::CertificateChain);
        let chain = CertificateChain::from_x5c(x5c).map_err(invalid)?;
        let provider = &**self.provider;
        let leaf = chain.validate(&rules.anchors, rules.purpose, provider, self.now);
        let leaf = leaf.map_err(invalid)?;
        rules.name_matches(&leaf).map_err(|_| Stop::Fail(Code::CertificateName))?;
        let material = KeyMaterial::Public(leaf.public_key().clone());
        provider.prepare(&material).map_err(|_| Code::KeyUnusable.into())
    }

    fn key_set(&mut self, source: &Source) -> Result<&'a KeySet, Stop> {
        let found = self.evidence.key_set(source, self.moment());
        self.issuers_document(source.clone(), found)
    }

    /// An issuer none of whose keys was known when it was last seen is held, or reported.
    fn keys_are_continuous(&self, source: &Source) -> Result<Option<PolicyKey>, Stop> {
        match (self.evidence.continuity_is_broken(source), self.policy.key_continuity()) {
            (false, _) => Ok(None),
            (true, KeyContinuity::Report) => Ok(Some(PolicyKey::KeyContinuity)),
            (true, KeyContinuity::Hold) => Err(Code::KeyContinuityBroken.into()),
        }
    }

    /// The issuer's document: in place where its method allows, else from the evidence (V12).
    pub(super) fn issuer_keys(&mut self, did: &Did) -> Result<KeysRef<'a>, Stop> {
        if did.method() != Method::Web {
            return self.resolved_in_place(did).map(KeysRef::InPlace);
        }
        let source = Source::DidDocument(did.clone());
        let found = self.evidence.document(&source, self.moment());
        self.issuers_document(source, found).map(KeysRef::Evidence)
    }

    /// What the evidence holds of an issuer, noted as used; what it lacks is asked for.
    fn issuers_document<T>(
        &mut self,
        source: Source,
        found: Result<T, Absence>,
    ) -> Result<T, Stop> {
        if matches!(found, Err(Absence::Missing)) {
            return self.wait_for(source);
        }
        self.used.insert(source);
        found.map_err(|absence| match absence {
            Absence::Malformed => Code::IssuerDocumentInvalid.into(),
            _ => Code::IssuerUnavailable.into(),
        })
    }

    /// When evidence is looked at.
    pub(super) fn moment(&self) -> Moment {
        Moment { now: self.now, leeway: self.policy.leeway() }
    }

    pub(super) fn wait_for<T>(&mut self, source: Source) -> Result<T, Stop> {
        self.needs.insert(source);
        Err(Stop::Wait)
    }

    fn resolved_in_place(&mut self, did: &Did) -> Result<Arc<Keys>, Stop> {
        if !self.in_place.iter().any(|(known, _)| known == did) {
            let keys = evidence::in_place(did, self.policy.ion_hashing(), &**self.provider);
            self.in_place.push((did.clone(), keys.map(Arc::new)));
        }
        let known = self.in_place.iter().find(|(known, _)| known == did);
        let keys = known.and_then(|(_, keys)| keys.as_ref().map(Arc::clone));
        keys.ok_or(Stop::Fail(Code::IdentifierNotSupported))
    }

    /// V5, V6, V10: the signature, over the bytes that came, under the key that was chosen.
    pub(super) fn signature<'t>(
        &mut self,
        jws: &'t UnverifiedJws,
        key: &VerificationKey,
    ) -> Result<VerifiedJws<'t>, Stop> {
        self.budget.signature()?;
        jws.verify(key).map_err(|_| Code::SignatureInvalid.into())
    }

    /// V6, S24: the algorithm is one that the policy allows.
    pub(super) fn algorithm_is_allowed(&self, jws: &UnverifiedJws) -> Result<(), Stop> {
        let algorithm = jws.header().alg;
        match self.policy.algorithms().contains(algorithm) && self.profile_has(algorithm) {
            true => Ok(()),
            false => Err(Code::AlgorithmNotAllowed.into()),
        }
    }

    /// HAIP 1.0 §7: ES256 is what everybody has. An ecosystem may add others; here none is added.
    fn profile_has(&self, algorithm: Algorithm) -> bool {
        self.expectation.profile() != Profile::Haip || algorithm == Algorithm::Es256
    }
}

/// Keys by reference or shared.
pub(super) enum KeysRef<'a> {
    InPlace(Arc<Keys>),
    Evidence(&'a Keys),
}

impl KeysRef<'_> {
    pub(super) fn get(&self) -> &Keys {
        match self {
            Self::InPlace(keys) => keys,
            Self::Evidence(keys) => keys,
        }
    }
}

/// V7: `kid`, absolute or relative, names a key of exactly this identifier.
fn key_id(jws: &UnverifiedJws, owner: &Did) -> Result<DidUrl, Stop> {
    let kid = jws.header().kid.as_deref().ok_or(Code::KeyIdInvalid)?;
    let id = DidUrl::parse_relative_to(owner, kid).map_err(|_| Code::KeyIdInvalid)?;
    if id.did() == owner { Ok(id) } else { Err(Code::KeyOfAnother.into()) }
}

/// V9: `assertionMethod`, or `authentication` where the policy names that loosening.
fn find_issuer_key<'k>(
    keys: &'k Keys,
    id: &DidUrl,
    rules: &IssuerRules,
) -> Result<(&'k VerificationKey, Option<PolicyKey>), Stop> {
    match keys.find(id.as_str(), Relationship::AssertionMethod) {
        Ok(key) => Ok((key, None)),
        Err(NoKey::Purpose) if rules.issuer.accept_authentication_key => {
            let key = keys.find(id.as_str(), Relationship::Authentication);
            let key = key.map_err(NoKey::code)?;
            Ok((key, Some(PolicyKey::AcceptAuthenticationKey)))
        }
        Err(no_key) => Err(no_key.code().into()),
    }
}

impl NoKey {
    fn code(self) -> Code {
        match self {
            Self::Unknown => Code::KeyUnknown,
            Self::Unusable => Code::KeyUnusable,
            Self::Purpose => Code::KeyPurpose,
        }
    }
}

/// The `typ` of the VC data model 1.1's tokens: `JWT`, or none (S17).
pub(super) fn typ_is_jwt_or_absent(jws: &UnverifiedJws) -> Result<(), Stop> {
    match jws.header().typ.as_deref() {
        None | Some("JWT") => Ok(()),
        Some(_) => Err(Code::TypMismatch.into()),
    }
}
