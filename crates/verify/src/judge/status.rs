//! Status, sought only for a credential that is authentic and within its dates (Token Status List,
//! validation rules; L14), and only where the policy lets its issuer keep lists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::de::IgnoredAny;
use serde_json::Value;
use staffpass_did::Did;
use staffpass_jose::UnverifiedJws;
use staffpass_status::token::{self, StatusListToken, TokenStatus};
use staffpass_status::{
    Limits, ListLocation, StatusEntry, StatusError, StatusKind, StatusListCredential,
    StatusOutcome, StatusPurpose, StatusRules, judge,
};
use url::Url;

use super::{Believed, Judge, KnownList, Loosenings, Stop, credential};
use crate::evidence::{Absence, List, Moment, VerifiedList};
use crate::policy::{IssuerRules, StatusRequirement, UnknownStatus, allowed_url, is_allowed};
use crate::report::{Check, PolicyKey};
use crate::source::IdentityHubSource;
use crate::token::Credential;
use crate::verified::CredentialStatus;
use crate::{Code, Source};

/// What the entries of a credential say.
enum Said {
    /// It has none.
    Nothing,
    /// Every one is valid, by lists whose keys needed these loosenings.
    Valid(BTreeSet<PolicyKey>),
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
                let about = credential::subject(credential.location);
                self.ledger.close(about, &[Check::Dates, Check::Status]);
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
            Ok(Said::Valid(loosenings)) => {
                let valid = Ok(((), loosenings.into_iter().collect()));
                self.sentence_or_waived(about, Check::Status, valid);
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
        let entries = entries_of(credential.credential, self.limits.status_entries)?;
        if entries.is_empty() {
            return Ok(Said::Nothing);
        }
        let (mut unknown, mut waits, mut loosenings) = (None, false, BTreeSet::new());
        for entry in &entries {
            match self.entry_says(entry, credential.rules) {
                Ok(needed) => loosenings.extend(needed),
                Err(Stop::Fail(code)) if is_unknown(code) => unknown = Some(code),
                Err(Stop::Fail(code)) => return Err(code.into()),
                Err(Stop::Wait) => waits = true,
            }
        }
        match (waits, unknown) {
            (true, _) => Err(Stop::Wait),
            (false, Some(code)) => Ok(Said::Unknown(code)),
            (false, None) => Ok(Said::Valid(loosenings)),
        }
    }

    fn entry_says(&mut self, entry: &Entry, rules: &'a IssuerRules) -> Result<Loosenings, Stop> {
        let source = self.source_of(entry, rules)?;
        let (list, loosenings) = self.list(source, rules)?;
        match outcome(entry, &list, rules, self.moment())? {
            StatusOutcome::Valid => Ok(loosenings),
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
    fn source_of(&mut self, entry: &Entry, rules: &'a IssuerRules) -> Result<Source, Stop> {
        let location = match entry {
            Entry::Credential(entry) => entry.list(),
            Entry::Token(entry) => return self.web_source(entry.location(), rules),
        };
        match location {
            ListLocation::Web(url) => self.web_source(url, rules),
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

    fn web_source(&self, url: &Url, rules: &IssuerRules) -> Result<Source, Stop> {
        let allowed = is_allowed(url, self.policy.loopback()) && rules.may_keep_lists_at(url);
        match allowed {
            true => Ok(Source::StatusList(url.clone())),
            false => Err(Code::StatusOriginNotAllowed.into()),
        }
    }

    fn hub_of(&mut self, did: &Did, rules: &IssuerRules) -> Result<Url, Stop> {
        let keys = self.issuer_keys(did)?;
        let services = keys.get().document().services().iter();
        let mut hubs = services.filter(|service| service.is("IdentityHub"));
        let instance = hubs.find_map(|hub| hub.endpoint().instances().next().map(str::to_owned));
        let url = instance.and_then(|text| allowed_url(&text, self.policy.loopback()));
        let url = url.filter(|url| rules.may_keep_lists_at(url));
        url.ok_or(Stop::Fail(Code::StatusOriginNotAllowed))
    }

    /// The list at a source, authentic for the credentials of this issuer.
    fn list(
        &mut self,
        source: Source,
        rules: &'a IssuerRules,
    ) -> Result<(Arc<VerifiedList>, Loosenings), Stop> {
        let mut known = self.lists.iter();
        let known = known.find(|list| std::ptr::eq(list.rules, rules) && list.source == source);
        if let Some(KnownList { list, loosenings, .. }) = known {
            return Ok((Arc::clone(list), loosenings.clone()));
        }
        let list = self.list_from(source.clone())?;
        let (list, loosenings) = self.authentic_list(list, rules)?;
        let known = KnownList { source, rules, list: Arc::clone(&list), loosenings };
        let loosenings = known.loosenings.clone();
        self.lists.push(known);
        Ok((list, loosenings))
    }

    fn list_from(&mut self, source: Source) -> Result<&'a List, Stop> {
        let found = self.evidence.list(&source, self.moment());
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

    /// L3, V23: the list is signed by the credential's issuer or by who the policy says signs for
    /// it, with a key that its document lists today (L17).
    fn authentic_list(
        &mut self,
        list: &'a List,
        rules: &'a IssuerRules,
    ) -> Result<(Arc<VerifiedList>, Loosenings), Stop> {
        self.algorithm_is_allowed(&list.jws).map_err(not_authentic)?;
        let form = ListForm::of(&list.jws)?;
        let signer = signer_of(&list.jws, rules)?;
        let (key, loosenings) = self.issuer_key(&list.jws, signer).map_err(not_authentic)?;
        let limits = self.limits.status;
        let verified = list.verified_by(&key, || {
            let verified = self.signature(&list.jws, &key).map_err(not_authentic)?;
            form.read(verified.payload(), &limits).map_err(|_| Stop::Fail(Code::StatusListInvalid))
        })?;
        match named_issuer(&verified) {
            Some(named) if named != signer.issuer.id => Err(Code::StatusListNotAuthentic.into()),
            // A Status List Token need not name its issuer, a credential must.
            None if form != ListForm::Token => Err(Code::StatusListNotAuthentic.into()),
            _ => Ok((verified, loosenings)),
        }
    }
}

/// One statement of a credential about its status.
enum Entry {
    /// `credentialStatus`.
    Credential(StatusEntry),
    /// `status.status_list` (Token Status List §6).
    Token(TokenStatus),
}

/// Every entry, of either kind, within the limit. One that cannot be read is a fault: it could have
/// said "revoked" (L9).
fn entries_of(credential: &Credential, limit: usize) -> Result<Vec<Entry>, Code> {
    let mut entries = Vec::new();
    let document = credential.document();
    if let Some(member) = document.and_then(|document| document.get("credentialStatus")) {
        let parsed = StatusEntry::parse_all(member).map_err(|_| Code::StatusEntryInvalid)?;
        if parsed.is_empty() {
            return Err(Code::StatusEntryInvalid);
        }
        entries.extend(parsed.into_iter().map(Entry::Credential));
    }
    if let Some(member) = credential.payload.get("status") {
        let parsed = TokenStatus::parse(member).map_err(|_| Code::StatusEntryInvalid)?;
        entries.push(Entry::Token(parsed));
    }
    if entries.len() > limit { Err(Code::StatusEntryInvalid) } else { Ok(entries) }
}

/// How a list is secured, by its `typ` (S17).
#[derive(Clone, Copy, PartialEq, Eq)]
enum ListForm {
    /// VC-JWT 1.1, or VC-JOSE-COSE without `typ`.
    Credential,
    /// VC-JOSE-COSE (§3.1.3: the payload is the credential, without `vc` and `vp`).
    JoseCredential,
    /// Status List Token (§5.1).
    Token,
}

impl ListForm {
    fn of(jws: &UnverifiedJws) -> Result<Self, Stop> {
        match jws.header().typ.as_deref() {
            None | Some("JWT") => Ok(Self::Credential),
            Some("vc+jwt") => Ok(Self::JoseCredential),
            Some("statuslist+jwt") => Ok(Self::Token),
            Some(_) => Err(Code::StatusListNotAuthentic.into()),
        }
    }

    fn read(self, payload: &[u8], limits: &Limits) -> Result<VerifiedList, StatusError> {
        match self {
            Self::JoseCredential if has_vc_or_vp(payload) => Err(StatusError::ListContradictory),
            Self::Credential | Self::JoseCredential => {
                StatusListCredential::parse(payload, limits)?
                    .inflate(limits)
                    .map(VerifiedList::Credential)
            }
            Self::Token => {
                StatusListToken::parse(payload, limits)?.inflate(limits).map(VerifiedList::Token)
            }
        }
    }
}

fn has_vc_or_vp(payload: &[u8]) -> bool {
    let members: Result<BTreeMap<String, IgnoredAny>, _> = serde_json::from_slice(payload);
    members.is_ok_and(|members| members.contains_key("vc") || members.contains_key("vp"))
}

/// Whose key must have signed a list: the issuer's, unless the policy names other signers and the
/// list names one of them.
fn signer_of<'r>(jws: &UnverifiedJws, rules: &'r IssuerRules) -> Result<&'r IssuerRules, Stop> {
    if rules.status_signers.is_empty() {
        return Ok(rules);
    }
    let named: NamedIssuer = serde_json::from_slice(jws.unverified_payload())
        .map_err(|_| Stop::Fail(Code::StatusListInvalid))?;
    let Some(named) = named.iss.or(named.issuer).as_ref().and_then(issuer_text) else {
        return rules.status_signers.first().ok_or(Stop::Fail(Code::StatusListNotAuthentic));
    };
    let mut signers = rules.status_signers.iter();
    let signer = signers.find(|signer| signer.issuer.id == named);
    signer.ok_or(Stop::Fail(Code::StatusListNotAuthentic))
}

/// Unverified: only to choose among the signers that the policy names.
#[derive(serde::Deserialize)]
struct NamedIssuer {
    iss: Option<Value>,
    issuer: Option<Value>,
}

fn issuer_text(issuer: &Value) -> Option<String> {
    let text = match issuer {
        Value::Object(issuer) => issuer.get("id")?.as_str(),
        issuer => issuer.as_str(),
    };
    text.map(str::to_owned)
}

fn named_issuer(list: &VerifiedList) -> Option<&str> {
    match list {
        VerifiedList::Credential(list) => list.about().issuer.as_deref(),
        VerifiedList::Token(list) => list.about().issuer.as_deref(),
    }
}

/// What a list within its dates says about an entry of its own kind.
fn outcome(
    entry: &Entry,
    list: &VerifiedList,
    rules: &IssuerRules,
    at: Moment,
) -> Result<StatusOutcome, Code> {
    let outcome = match (entry, list) {
        (Entry::Credential(entry), VerifiedList::Credential(list)) => list
            .about()
            .check_dates(at.now, at.leeway)
            .and_then(|()| judge(entry, list, &rules_for(entry, rules))),
        (Entry::Token(entry), VerifiedList::Token(list)) => {
            list.about().check_dates(at.now, at.leeway).and_then(|()| token::judge(entry, list))
        }
        _ => return Err(Code::StatusListInvalid),
    };
    outcome.map_err(|_| Code::StatusListInvalid)
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
