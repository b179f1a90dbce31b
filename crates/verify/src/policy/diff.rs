//! What a change of policy means: which keys let through more than they did.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};

use super::file::{
    HolderBinding, IonState, IssuerConventions, KeyContinuity, StatusRequirement, TrustedIssuer,
    UnknownStatus,
};
use super::{CredentialFormat, IssuerRules, TrustPolicy, ValueRule};

/// One key that the next policy has otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The issuer whose key it is; none: a key of the whole policy.
    pub issuer: Option<String>,
    /// The key as the file form spells it; `id` where the whole issuer comes or goes.
    pub key: &'static str,
    /// What it comes to.
    pub effect: Effect,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.issuer {
            Some(issuer) => write!(f, "{issuer}: {} {}", self.key, self.effect),
            None => write!(f, "{} {}", self.key, self.effect),
        }
    }
}

/// What a difference comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Effect {
    /// Something may be accepted that was refused.
    Loosens,
    /// Something is refused that may have been accepted, and nothing else changes.
    Tightens,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loosens => "loosens",
            Self::Tightens => "tightens",
        })
    }
}

impl TrustPolicy {
    /// What the next policy has otherwise, key by key. A change that lets something through and
    /// shuts something else out loosens.
    #[must_use]
    pub fn diff(&self, next: &Self) -> Vec<Difference> {
        let of_all = self.keys_against(next).into_iter().map(|(key, effect)| (None, key, effect));
        let of_issuers = self.issuers_against(next).into_iter();
        let of_issuers = of_issuers.map(|(issuer, key, effect)| (Some(issuer), key, effect));
        let all = of_all.chain(of_issuers);
        let changed = all.filter_map(|(issuer, key, effect)| {
            effect.map(|effect| Difference { issuer, key, effect })
        });
        changed.collect()
    }

    fn keys_against(&self, next: &Self) -> Vec<(&'static str, Option<Effect>)> {
        let (old, new) = (&self.file, &next.file);
        let continuity = |file: &super::PolicyFile| file.key_continuity == KeyContinuity::Report;
        vec![
            ("clock_leeway_seconds", more(old.clock_leeway_seconds, new.clock_leeway_seconds)),
            ("unknown_status", more(accepts(old.unknown_status), accepts(new.unknown_status))),
            ("algorithms", wider(&old.algorithms, &new.algorithms)),
            ("mixed_holders", more(old.mixed_holders, new.mixed_holders)),
            ("ion_state", more(raw(old.ion_state), raw(new.ion_state))),
            ("holder_binding", more(unbound(old.holder_binding), unbound(new.holder_binding))),
            (
                "key_binding_max_age_seconds",
                more(old.key_binding_max_age_seconds, new.key_binding_max_age_seconds),
            ),
            ("key_continuity", more(continuity(old), continuity(new))),
            ("person_link", fewer_checks(old.person_link.as_ref(), new.person_link.as_ref())),
        ]
    }

    fn issuers_against(&self, next: &Self) -> Vec<(String, &'static str, Option<Effect>)> {
        let mut differences = Vec::new();
        for old in self.issuers.values() {
            let id = &old.issuer.id;
            match next.issuer(id) {
                None => differences.push((id.clone(), "id", Some(Effect::Tightens))),
                Some(new) => {
                    let keys = old.keys_against(new).into_iter();
                    differences.extend(keys.map(|(key, effect)| (id.clone(), key, effect)));
                }
            }
        }
        let added = next.issuers.values().filter(|new| self.issuer(&new.issuer.id).is_none());
        differences.extend(added.map(|new| (new.issuer.id.clone(), "id", Some(Effect::Loosens))));
        differences
    }
}

impl IssuerRules {
    fn keys_against(&self, next: &Self) -> Vec<(&'static str, Option<Effect>)> {
        let (old, new) = (&self.issuer, &next.issuer);
        let optional = |rules: &Self| rules.issuer.status != StatusRequirement::Required;
        vec![
            ("may_assert", wider(&old.may_assert, &new.may_assert)),
            ("formats", wider(&self.formats(), &next.formats())),
            ("where", rules_against(&old.value_rules, &new.value_rules)),
            ("valid_from", later(new.valid_from, old.valid_from, DateTime::<Utc>::MIN_UTC)),
            ("valid_until", later(old.valid_until, new.valid_until, DateTime::<Utc>::MAX_UTC)),
            (
                "issued_before",
                later(old.issued_before, new.issued_before, DateTime::<Utc>::MAX_UTC),
            ),
            ("key_thumbprints", pins(&old.key_thumbprints, &new.key_thumbprints)),
            ("status_origins", wider(&self.origins(), &next.origins())),
            ("status_signers", wider(&self.signers(), &next.signers())),
            ("status_bit_order", fewer_checks(Some(self.bit_order), Some(next.bit_order))),
            ("status", more(optional(self), optional(next))),
            ("unknown_status", more(accepts(self.unknown_status), accepts(next.unknown_status))),
            (
                "accept_authentication_key",
                more(old.accept_authentication_key, new.accept_authentication_key),
            ),
            ("typ_absent", more(old.typ_absent, new.typ_absent)),
            ("linked_domain", fewer_checks(old.linked_domain.as_ref(), new.linked_domain.as_ref())),
            // Either way its keys are found in another place than before.
            ("x509", (old.x509 != new.x509).then_some(Effect::Loosens)),
            // The same. Entra's are the keys for which they are short, each of which is named.
            ("conventions", (govuk(old) != govuk(new)).then_some(Effect::Loosens)),
        ]
    }

    fn formats(&self) -> BTreeSet<CredentialFormat> {
        CredentialFormat::ALL.into_iter().filter(|format| self.takes(*format)).collect()
    }

    fn origins(&self) -> BTreeSet<&str> {
        self.status_origins.iter().map(String::as_str).collect()
    }

    /// Whose signature on a list counts.
    fn signers(&self) -> BTreeSet<&str> {
        let itself = std::iter::once(self.issuer.id.as_str());
        let named = self.issuer.status_signers.iter().map(String::as_str);
        if self.issuer.status_signers.is_empty() { itself.collect() } else { named.collect() }
    }
}

fn govuk(issuer: &TrustedIssuer) -> bool {
    issuer.conventions == Some(IssuerConventions::GovUk)
}

fn accepts(unknown: UnknownStatus) -> bool {
    unknown == UnknownStatus::Accept
}

fn raw(state: IonState) -> bool {
    state != IonState::Canonical
}

fn unbound(binding: HolderBinding) -> bool {
    binding != HolderBinding::Required
}

/// More is looser: false before true, a small number before a large one.
fn more<T: Ord>(old: T, new: T) -> Option<Effect> {
    match old.cmp(&new) {
        std::cmp::Ordering::Less => Some(Effect::Loosens),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(Effect::Tightens),
    }
}

/// A later end is looser; without a date there is no end.
fn later(
    old: Option<DateTime<Utc>>,
    new: Option<DateTime<Utc>>,
    none: DateTime<Utc>,
) -> Option<Effect> {
    more(old.unwrap_or(none), new.unwrap_or(none))
}

/// A set of what is allowed: anything new in it is looser.
fn wider<T: Ord>(old: &BTreeSet<T>, new: &BTreeSet<T>) -> Option<Effect> {
    match (new.is_subset(old), old == new) {
        (_, true) => None,
        (true, _) => Some(Effect::Tightens),
        (false, _) => Some(Effect::Loosens),
    }
}

/// A set of pins, of which none means any.
fn pins(old: &BTreeSet<String>, new: &BTreeSet<String>) -> Option<Effect> {
    match (old.is_empty(), new.is_empty()) {
        (true, true) => None,
        (true, false) => Some(Effect::Tightens),
        (false, true) => Some(Effect::Loosens),
        (false, false) => wider(old, new),
    }
}

/// A check that may be absent: only where it comes anew is nothing let through.
fn fewer_checks<T: PartialEq>(old: Option<T>, new: Option<T>) -> Option<Effect> {
    match (old == new, old.is_none()) {
        (true, _) => None,
        (false, true) => Some(Effect::Tightens),
        (false, false) => Some(Effect::Loosens),
    }
}

/// Rules about values: each old one must still stand, with no value more.
fn rules_against(old: &[ValueRule], new: &[ValueRule]) -> Option<Effect> {
    let stands = |rule: &ValueRule| {
        new.iter().any(|other| {
            other.credential_type == rule.credential_type
                && other.path == rule.path
                && other.values.iter().all(|value| rule.values.contains(value))
        })
    };
    match (old == new, old.iter().all(stands)) {
        (true, _) => None,
        (_, true) => Some(Effect::Tightens),
        (_, false) => Some(Effect::Loosens),
    }
}
