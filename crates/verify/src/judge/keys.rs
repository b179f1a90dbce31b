//! From a `kid` to a key: it only selects among the keys that a known party publishes (S4–S7).

use std::sync::Arc;

use staffpass_did::{Did, DidUrl, Method, Relationship, ResolveOptions};
use staffpass_jose::{UnverifiedJws, VerificationKey, VerifiedJws};

use super::{Judge, Stop};
use crate::evidence::{self, Absence, Keys, NoKey};
use crate::policy::IssuerRules;
use crate::report::PolicyKey;
use crate::{Code, Source};

impl<'a> Judge<'a> {
    /// The key of a holder: an identifier that resolves in place, since no document is ever
    /// fetched because a wallet named it.
    pub(super) fn holder_key(
        &mut self,
        jws: &UnverifiedJws,
        owner: Option<&str>,
    ) -> Result<VerificationKey, Stop> {
        let owner: Did = owner.and_then(|o| o.parse().ok()).ok_or(Code::IdentifierNotSupported)?;
        let id = key_id(jws, &owner)?;
        let keys = self.resolved_in_place(&owner)?;
        keys.find(id.as_str(), Relationship::Authentication)
            .cloned()
            .map_err(|no_key| no_key.code().into())
    }

    /// The key of a trusted issuer, and the loosening that it needed, if any.
    pub(super) fn issuer_key(
        &mut self,
        jws: &UnverifiedJws,
        rules: &IssuerRules,
    ) -> Result<(VerificationKey, Option<PolicyKey>), Stop> {
        let did = rules.did.as_ref().ok_or(Code::IdentifierNotSupported)?;
        let id = key_id(jws, did)?;
        let keys = self.issuer_keys(did)?;
        let (key, loosening) = find_issuer_key(keys.get(), &id, rules)?;
        if !rules.may_use_key(&key.thumbprint()) {
            return Err(Code::KeyNotPinned.into());
        }
        Ok((key.clone(), loosening))
    }

    /// The issuer's document: in place where its method allows, else from the evidence (V12).
    pub(super) fn issuer_keys(&mut self, did: &Did) -> Result<KeysRef<'a>, Stop> {
        if did.method() != Method::Web {
            return self.resolved_in_place(did).map(KeysRef::InPlace);
        }
        let source = Source::DidDocument(did.clone());
        match self.evidence.document(&source, self.now, self.policy.leeway()) {
            Ok(keys) => {
                self.used.insert(source);
                Ok(KeysRef::Evidence(keys))
            }
            Err(Absence::Missing) => self.wait_for(source),
            Err(Absence::Unavailable) => {
                self.used.insert(source);
                Err(Code::IssuerUnavailable.into())
            }
            Err(Absence::Malformed) => {
                self.used.insert(source);
                Err(Code::IssuerDocumentInvalid.into())
            }
        }
    }

    pub(super) fn wait_for<T>(&mut self, source: Source) -> Result<T, Stop> {
        self.needs.insert(source);
        Err(Stop::Wait)
    }

    fn resolved_in_place(&mut self, did: &Did) -> Result<Arc<Keys>, Stop> {
        if !self.in_place.iter().any(|(known, _)| known == did) {
            let options = ResolveOptions::default().with_ion_hashing(self.policy.ion_hashing());
            let keys = evidence::in_place(did, &options, &**self.provider);
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
        match self.policy.algorithms().contains(jws.header().alg) {
            true => Ok(()),
            false => Err(Code::AlgorithmNotAllowed.into()),
        }
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
