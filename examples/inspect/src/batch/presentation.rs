//! `inspect batch`: a presentation, what was asked, whom to trust and what can be fetched, in one
//! line.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use staffpass_jose::Algorithm;
use staffpass_request::Expectation;
use staffpass_verify::policy::{
    HolderBinding, PolicyError, TrustPolicy, TrustPolicyBuilder, TrustedIssuer,
};
use staffpass_verify::{
    Code, Evidence, Fetched, Rejection, Step, Verification, VerifiedResponse, Verifier,
};
use url::Url;

use crate::documents::{ByName, Documents, Shelf};
use crate::lines::Text;

/// A line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    presentation: Text<'a>,
    #[serde(borrow)]
    audience: Text<'a>,
    #[serde(borrow)]
    nonce: Text<'a>,
    now: i64,
    #[serde(default = "sixty")]
    leeway_seconds: i64,
    #[serde(default = "six_hundred")]
    kb_max_age_seconds: i64,
    #[serde(default = "yes")]
    require_holder_binding: bool,
    #[serde(borrow, default)]
    required_types: Vec<Text<'a>>,
    #[serde(borrow)]
    trusted_issuers: BTreeMap<String, Vec<Text<'a>>>,
    #[serde(borrow, default)]
    did_documents: ByName<'a>,
    #[serde(borrow, default)]
    status_lists: ByName<'a>,
    #[serde(borrow, default)]
    issuer_jwks: ByName<'a>,
}

fn sixty() -> i64 {
    60
}

fn six_hundred() -> i64 {
    600
}

fn yes() -> bool {
    true
}

/// The verdict.
#[derive(Serialize)]
pub(super) struct Judged<'a> {
    id: &'a RawValue,
    accepted: bool,
    codes: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<Vec<Map<String, Value>>>,
}

impl<'a> Case<'a> {
    /// Judges it. A value that nothing could be judged with is a refusal, like all else that stands
    /// in a member of the right type.
    pub(super) fn judge(&self, shelf: &Shelf) -> Judged<'a> {
        match self.verdict(shelf) {
            Ok(claims) => {
                Judged { id: self.id, accepted: true, codes: Vec::new(), claims: Some(claims) }
            }
            Err(codes) => Judged { id: self.id, accepted: false, codes, claims: None },
        }
    }

    fn verdict(&self, shelf: &Shelf) -> Result<Vec<Map<String, Value>>, Vec<&'static str>> {
        let now = self.now()?;
        let policy = self.policy().map_err(|error| vec![error.code()])?;
        let expectation = self.expectation(now)?;
        let evidence = shelf.evidence(self.documents(), now);
        let verifier = Verifier::new(policy, Arc::clone(shelf.provider()));
        let verification = verifier.receive_presentation(&expectation, &self.presentation);
        let verified = drive(verification, evidence, now).map_err(|rejection| codes(&rejection))?;
        self.every_required_type_is_there(&verified)?;
        Ok(verified.credentials().iter().map(|credential| credential.subject().clone()).collect())
    }

    /// From 1970 to the year 9999, so that a leeway can be added to it and taken from it.
    fn now(&self) -> Result<DateTime<Utc>, Vec<&'static str>> {
        let known = (1..=253_402_300_799).contains(&self.now);
        let now = known.then(|| DateTime::from_timestamp(self.now, 0)).flatten();
        now.ok_or_else(|| vec!["now_out_of_range"])
    }

    fn documents(&self) -> Documents<'_> {
        Documents {
            did_documents: &self.did_documents,
            status_lists: &self.status_lists,
            issuer_jwks: &self.issuer_jwks,
        }
    }

    /// The case's own policy. An issuer whose identifier cannot be verified here is left out: then a
    /// credential of it is refused, and no other.
    fn policy(&self) -> Result<TrustPolicy, PolicyError> {
        let mut may_assert = self.by_issuer();
        loop {
            let issuers = may_assert.iter().map(|(id, types)| self.trusted(id, types));
            match issuers.fold(self.rules(), TrustPolicyBuilder::issuer).build() {
                Err(PolicyError::IssuerId { issuer }) => {
                    may_assert.remove(issuer.as_str());
                }
                built => return built,
            }
        }
    }

    fn rules(&self) -> TrustPolicyBuilder {
        // A leeway that is no u32 is one that the builder refuses.
        let leeway = u32::try_from(self.leeway_seconds).unwrap_or(u32::MAX);
        let binding = match self.require_holder_binding {
            true => HolderBinding::Required,
            false => HolderBinding::NotRequired,
        };
        TrustPolicy::builder()
            .clock_leeway_seconds(leeway)
            .key_binding_max_age_seconds(self.key_binding_max_age())
            .holder_binding(binding)
            .algorithms([Algorithm::Es256, Algorithm::Es384, Algorithm::Es256k, Algorithm::EdDsa])
    }

    /// A policy has a day at most: what is beyond is judged as a day. Below 0 it is one that the
    /// builder refuses.
    fn key_binding_max_age(&self) -> u32 {
        u32::try_from(self.kb_max_age_seconds.min(86_400)).unwrap_or(u32::MAX)
    }

    fn by_issuer(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut may_assert: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let named = self.trusted_issuers.iter().filter(|(name, _)| is_type_of_its_own(name));
        for (name, issuers) in named {
            for issuer in issuers {
                may_assert.entry(issuer).or_default().insert(name);
            }
        }
        may_assert
    }

    /// An issuer, whose status lists may be at the addresses that the case names.
    fn trusted(&self, id: &str, types: &BTreeSet<&str>) -> TrustedIssuer {
        let mut issuer = TrustedIssuer::new(id, types.iter().copied());
        let urls = self.status_lists.keys().filter_map(|name| Url::parse(name).ok());
        let secure = urls.filter(|url| url.scheme() == "https");
        issuer.status_origins.extend(secure.map(|url| url.origin().ascii_serialization()));
        issuer
    }

    /// When it was asked is not known. That it was within a week is more than any wallet needs (those
    /// in the field let a presentation live for hours to five days), and a year is too long (T4).
    fn expectation(&self, now: DateTime<Utc>) -> Result<Expectation, Vec<&'static str>> {
        let asked = now - TimeDelta::days(7);
        let until = now + TimeDelta::days(1);
        Expectation::for_presentation(&self.audience, &self.nonce, None, asked, until)
            .map_err(|error| vec![error.code()])
    }

    /// Each required type is one that a credential has and its issuer may assert.
    fn every_required_type_is_there(
        &self,
        verified: &VerifiedResponse,
    ) -> Result<(), Vec<&'static str>> {
        let is_there = |name: &Text<'_>| {
            verified.credentials().iter().any(|c| c.types().iter().any(|t| **t == **name))
        };
        match self.required_types.iter().all(is_there) {
            true => Ok(()),
            false => Err(vec![Code::AnswerIncomplete.as_str()]),
        }
    }
}

/// A policy trusts nobody for every credential that there is, nor for one without a name.
fn is_type_of_its_own(name: &str) -> bool {
    !matches!(name, "" | "VerifiableCredential")
}

/// Steps to the end. What is not in the evidence cannot be had.
fn drive(
    mut verification: Verification,
    mut evidence: Evidence,
    now: DateTime<Utc>,
) -> Result<VerifiedResponse, Rejection> {
    loop {
        let needs = match verification.step(&evidence, now) {
            Step::Done(verdict) => return *verdict,
            Step::Needs(needs) => needs,
        };
        for source in needs {
            evidence.insert(source, Fetched::Unavailable, now);
        }
    }
}

fn codes(rejection: &Rejection) -> Vec<&'static str> {
    rejection.codes().into_iter().map(Code::as_str).collect()
}
