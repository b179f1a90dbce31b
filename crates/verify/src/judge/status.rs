//! Status, sought only for a credential that is authentic and within its dates (Token Status List,
//! validation rules; L14), and only where the policy lets its issuer keep lists.

use std::sync::Arc;

use staffpass_did::Did;
use staffpass_status::{
    ListLocation, StatusEntry, StatusKind, StatusList, StatusListCredential, StatusOutcome,
    StatusPurpose, StatusRules, judge,
};

use super::keys::typ_is_jwt_or_absent;
use super::{Believed, Judge, Stop, credential};
use crate::evidence::{Absence, List};
use crate::policy::{IssuerRules, StatusRequirement, UnknownStatus, allowed_url};
use crate::report::{Check, PolicyKey};
use crate::source::IdentityHubSource;
use crate::verified::CredentialStatus;
use crate::{Code, Source};

/// What the entries of a credential say.
enum Said {
    /// It has none.
    Nothing,
    /// Every one is valid.
    Valid,
    /// At least one cannot be known, and none says anything against it.
    Unknown(Code),
}

impl<'a> Judge<'a> {
    /// Judges the status of every believed credential. All are asked before any is waited for, so
    /// that one round brings every list.
    pub(super) fn statuses(&mut self, believed: &mut [Believed<'a>]) {
        if self.ledger.any_failed() {
            // The response is refused already: nothing is fetched for it.
            for credential in believed {
                self.ledger.close(
                    credential::subject(credential.location),
                    &[Check::Dates, Check::Status],
                );
            }
            return;
        }
        for credential in believed {
            credential.status = self.status(credential);
        }
    }

    fn status(&mut self, credential: &Believed<'a>) -> CredentialStatus {
        let about = credential::subject(credential.location);
        let rules = credential.rules;
        match self.entries_say(credential) {
            Ok(Said::Nothing) => {
                let missing = rules.issuer.status == StatusRequirement::Required;
                let verdict = if missing { Err(Code::StatusRequired.into()) } else { Ok(()) };
                self.sentence(about, Check::Status, verdict);
                CredentialStatus::None
            }
            Ok(Said::Valid) => {
                self.sentence(about, Check::Status, Ok(()));
                CredentialStatus::Valid
            }
            Ok(Said::Unknown(code)) => {
                match rules.unknown_status {
                    UnknownStatus::Accept => {
                        self.waive(about, Check::Status, PolicyKey::UnknownStatus);
                    }
                    UnknownStatus::Deny => {
                        self.sentence::<()>(about, Check::Status, Err(code.into()));
                    }
                }
                CredentialStatus::Unknown
            }
            Err(stop) => {
                self.sentence::<()>(about, Check::Status, Err(stop));
                CredentialStatus::Unknown
            }
        }
    }

    /// L15: every entry is judged; the first that speaks against the credential ends it.
    fn entries_say(&mut self, credential: &Believed<'a>) -> Result<Said, Stop> {
        let Some(member) = credential.vc.get("credentialStatus") else { return Ok(Said::Nothing) };
        let entries = StatusEntry::parse_all(member).map_err(|_| Code::StatusEntryInvalid)?;
        if entries.len() > self.limits.status_entries {
            return Err(Code::StatusEntryInvalid.into());
        }
        let mut said = Said::Valid;
        let mut waits = false;
        for entry in &entries {
            match self.entry_says(entry, credential.rules) {
                Ok(()) => {}
                Err(Stop::Fail(code)) if is_unknown(code) => said = Said::Unknown(code),
                Err(Stop::Fail(code)) => return Err(code.into()),
                Err(Stop::Wait) => waits = true,
            }
        }
        if waits { Err(Stop::Wait) } else { Ok(said) }
    }

    fn entry_says(&mut self, entry: &StatusEntry, rules: &'a IssuerRules) -> Result<(), Stop> {
        let source = self.source_of(entry, rules)?;
        let list = self.list_from(source)?;
        let list = self.authentic_list(list, rules)?;
        let about = list.about();
        about.check_dates(self.now, self.policy.leeway()).map_err(|_| Code::StatusListInvalid)?;
        let outcome = judge(entry, &list, &rules_for(entry, rules));
        match outcome.map_err(|_| Code::StatusListInvalid)? {
            StatusOutcome::Valid => Ok(()),
            StatusOutcome::Set { purpose: StatusPurpose::Revocation, .. } => {
                Err(Code::Revoked.into())
            }
            StatusOutcome::Set { purpose: StatusPurpose::Suspension, .. } => {
                Err(Code::Suspended.into())
            }
            _ => Err(Code::StatusSet.into()),
        }
    }

    /// Where the list is: at an origin that the policy allows for this issuer, or in the hub that
    /// the issuer's own document names.
    fn source_of(&mut self, entry: &StatusEntry, rules: &'a IssuerRules) -> Result<Source, Stop> {
        match entry.list() {
            ListLocation::Web(url) => {
                let allowed = allowed_url(url.as_str(), self.policy.loopback());
                let url = allowed.filter(|url| rules.may_keep_lists_at(url));
                Ok(Source::StatusList(url.ok_or(Code::StatusOriginNotAllowed)?))
            }
            ListLocation::IdentityHub(query) => {
                let did = rules.did.as_ref().filter(|did| did.as_str() == query.did());
                let did = did.ok_or(Code::StatusListNotAuthentic)?;
                let endpoint = self.hub_of(did, rules)?;
                let issuer = did.clone();
                Ok(Source::IdentityHub(IdentityHubSource {
                    issuer,
                    endpoint,
                    query: query.clone(),
                }))
            }
            _ => Err(Code::StatusEntryInvalid.into()),
        }
    }

    fn hub_of(&mut self, did: &Did, rules: &IssuerRules) -> Result<url::Url, Stop> {
        let keys = self.issuer_keys(did)?;
        let services = keys.get().document().services().iter();
        let mut hubs = services.filter(|service| service.is("IdentityHub"));
        let instance = hubs.find_map(|hub| hub.endpoint().instances().next().map(str::to_owned));
        let url = instance.and_then(|text| allowed_url(&text, self.policy.loopback()));
        let url = url.filter(|url| rules.may_keep_lists_at(url));
        url.ok_or(Stop::Fail(Code::StatusOriginNotAllowed))
    }

    fn list_from(&mut self, source: Source) -> Result<&'a List, Stop> {
        let found = self.evidence.list(&source, self.now, self.policy.leeway());
        match found {
            Err(Absence::Missing) => return self.wait_for(source),
            _ => self.used.insert(source),
        };
        match found {
            Ok(list) => Ok(list),
            Err(Absence::Malformed) => Err(Code::StatusListInvalid.into()),
            Err(_) => Err(Code::StatusUnavailable.into()),
        }
    }

    /// L3, V23: the list is signed by the credential's issuer, with a key that its document lists
    /// today (L17).
    fn authentic_list(
        &mut self,
        list: &'a List,
        rules: &'a IssuerRules,
    ) -> Result<Arc<StatusList>, Stop> {
        self.algorithm_is_allowed(&list.jws).map_err(not_authentic)?;
        typ_is_jwt_or_absent(&list.jws).map_err(not_authentic)?;
        let (key, _) = self.issuer_key(&list.jws, rules).map_err(not_authentic)?;
        let limits = self.limits.status;
        let verified = list.verified_by(&key, || {
            let verified = self.signature(&list.jws, &key).map_err(not_authentic)?;
            let credential = StatusListCredential::parse(verified.payload(), &limits)
                .map_err(|_| Code::StatusListInvalid)?;
            credential.inflate(&limits).map_err(|_| Stop::Fail(Code::StatusListInvalid))
        })?;
        match verified.about().issuer.as_deref() {
            Some(issuer) if issuer == rules.issuer.id => Ok(verified),
            _ => Err(Code::StatusListNotAuthentic.into()),
        }
    }
}

fn rules_for(entry: &StatusEntry, rules: &IssuerRules) -> StatusRules {
    let defaults = StatusRules::new(entry.kind());
    match entry.kind() {
        StatusKind::StatusList2021 => defaults.with_order(rules.bit_order),
        _ => defaults,
    }
}

/// Whether a failure means that nothing is known, rather than that something is wrong.
fn is_unknown(code: Code) -> bool {
    matches!(code, Code::StatusUnavailable | Code::StatusOriginNotAllowed)
}

/// A list whose key or signature fails is not authentic, whatever the detail.
fn not_authentic(stop: Stop) -> Stop {
    match stop {
        Stop::Fail(Code::IssuerUnavailable | Code::BudgetExhausted) | Stop::Wait => stop,
        Stop::Fail(_) => Stop::Fail(Code::StatusListNotAuthentic),
    }
}
