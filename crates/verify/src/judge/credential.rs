//! Each credential that the answer refers to (VC data model 1.1 as JWT, §6.3.1).

use chrono::{DateTime, Utc};
use serde_json::Value;
use staffpass_query::Location;

use super::answer::Assigned;
use super::keys::typ_is_jwt_or_absent;
use super::{Believed, Judge, Stop, dates};
use crate::Code;
use crate::policy::{IssuerRules, ValueRule};
use crate::report::{Check, Outcome, PolicyKey, Subject};
use crate::response::Answer;
use crate::token::{Claims, Credential, check_context_and_type};
use crate::verified::CredentialStatus;

/// What is checked of every credential.
const REQUIRED: &[Check] = &[
    Check::Token,
    Check::Issuer,
    Check::Key,
    Check::Signature,
    Check::Shape,
    Check::Dates,
    Check::Authority,
    Check::HolderBinding,
    Check::Status,
];

impl<'a> Judge<'a> {
    /// Judges every credential that the answer refers to, in every presentation whose signature is
    /// good. The others are dropped unread.
    pub(super) fn credentials(
        &mut self,
        answer: &'a Answer,
        holders: &[Option<&'a str>],
        assigned: &Assigned<'a>,
    ) -> Vec<Believed<'a>> {
        let mut believed = Vec::new();
        if matches!(assigned, Assigned::Unreadable) {
            return believed;
        }
        for (presentation, holder) in holders.iter().enumerate() {
            let Some(Ok(token)) = answer.presentations.get(presentation) else { continue };
            for (place, credential) in token.credentials.iter().enumerate() {
                let location = Location { presentation, credential: place };
                let about = subject(location);
                if !assigned.refers_to(location) {
                    self.dropped.push(about);
                    continue;
                }
                let parts = assigned.parts_of(location);
                match holder {
                    Some(holder) => {
                        let credential = credential.as_ref().map_err(|code| *code);
                        let judged = self.credential(location, credential, holder, parts);
                        believed.extend(judged);
                    }
                    None => self.ledger.close(about, REQUIRED),
                }
            }
        }
        believed
    }

    fn credential(
        &mut self,
        location: Location,
        credential: Result<&'a Credential, Code>,
        holder: &'a str,
        parts: Vec<&'a str>,
    ) -> Option<Believed<'a>> {
        let about = subject(location);
        let believed =
            self.authentic_credential(about, credential).and_then(|(credential, rules)| {
                self.credible_credential(location, credential, rules, holder, parts)
            });
        // The status of what is believed is judged in its own stage.
        if believed.is_none() {
            self.ledger.close(about, REQUIRED);
        }
        believed
    }

    /// Form, issuer, key, signature: nothing later runs on a token that is not authentic.
    fn authentic_credential(
        &mut self,
        about: Subject,
        credential: Result<&'a Credential, Code>,
    ) -> Option<(&'a Credential, &'a IssuerRules)> {
        let form = self.credential_form(credential);
        let credential = self.sentence(about, Check::Token, form)?;
        let rules = self.issuer_is_trusted(&credential.claims);
        let rules = self.sentence(about, Check::Issuer, rules)?;
        let key = match self.issuer_key(&credential.jws, rules) {
            Ok((key, None)) => self.sentence(about, Check::Key, Ok(key))?,
            Ok((key, Some(loosening))) => {
                self.ledger.record(about, Check::Key, Outcome::Waived(loosening));
                key
            }
            Err(stop) => return self.sentence(about, Check::Key, Err(stop)),
        };
        let signature = self.signature(&credential.jws, &key).map(drop);
        self.sentence(about, Check::Signature, signature)?;
        Some((credential, rules))
    }

    /// Shape, dates, authority, holder binding: all are judged, so that the report is whole.
    fn credible_credential(
        &mut self,
        location: Location,
        credential: &'a Credential,
        rules: &'a IssuerRules,
        holder: &'a str,
        parts: Vec<&'a str>,
    ) -> Option<Believed<'a>> {
        let about = subject(location);
        let claims = &credential.claims;
        self.sentence(about, Check::Shape, has_good_shape(credential));
        let issued_at = self.dates_of_credential(credential, rules);
        let issued_at = self.sentence(about, Check::Dates, issued_at);
        let types = issuer_may_assert(credential, rules);
        let types = self.sentence(about, Check::Authority, types);
        self.sentence(about, Check::HolderBinding, is_bound_to(credential, holder));
        if self.ledger.failed(about) {
            return None;
        }
        Some(Believed {
            location,
            issuer: claims.issuer.as_deref()?,
            rules,
            types: types?,
            subject: credential.subject()?,
            vc: credential.vc(),
            payload: &credential.payload,
            id: claims.id.as_deref(),
            issued_at: issued_at?,
            expires_at: claims.expires.map(|date| date.floor()),
            holder,
            status: CredentialStatus::None,
            parts,
        })
    }

    fn credential_form(
        &self,
        credential: Result<&'a Credential, Code>,
    ) -> Result<&'a Credential, Stop> {
        let credential = credential?;
        self.algorithm_is_allowed(&credential.jws)?;
        typ_is_jwt_or_absent(&credential.jws)?;
        Ok(credential)
    }

    /// V17: the whole identifier, byte for byte. An unknown issuer stops here: no key of it is
    /// sought, nothing is fetched.
    fn issuer_is_trusted(&self, claims: &Claims) -> Result<&'a IssuerRules, Stop> {
        let rules = claims.issuer.as_deref().and_then(|issuer| self.policy.issuer(issuer));
        rules.ok_or(Stop::Fail(Code::IssuerNotTrusted))
    }

    /// V19, N16: the credential's own dates, those that `vc` repeats, and those of the trust.
    fn dates_of_credential(
        &self,
        credential: &Credential,
        rules: &IssuerRules,
    ) -> Result<DateTime<Utc>, Stop> {
        let (now, leeway) = (self.now, self.policy.leeway());
        let issued_at = dates::of_credential(&credential.claims, now, leeway)?;
        // Only where the JWT has no `exp`; where it has one, the two must agree (has_good_shape).
        let until = date_member(credential.vc(), "expirationDate")?;
        dates::not_expired(until, now, leeway)?;
        match rules.trusted_at(now, issued_at) {
            true => Ok(issued_at),
            false => Err(Code::IssuerTrustLapsed.into()),
        }
    }
}

pub(super) fn subject(location: Location) -> Subject {
    Subject::Credential(location.presentation, location.credential)
}

/// V18, V19, P23, T7, T11: context and type, one subject, and no member of `vc` that says another
/// thing than the JWT claim it stands for (VC data model 1.1 §6.3.1).
fn has_good_shape(credential: &Credential) -> Result<(), Stop> {
    let vc = credential.vc();
    let types = credential.types();
    if !check_context_and_type(vc.get("@context"), types.as_deref(), "VerifiableCredential") {
        return Err(Code::CredentialShape.into());
    }
    let subject = credential.subject().ok_or(Code::CredentialShape)?;
    let claims = &credential.claims;
    let agree = text_agrees(issuer_member(vc), claims.issuer.as_deref())
        && text_agrees(vc.get("id"), claims.id.as_deref())
        && text_agrees(subject.get("id"), claims.subject.as_deref())
        && date_agrees(vc, "issuanceDate", claims.not_before.map(|date| date.floor()))?
        && date_agrees(vc, "expirationDate", claims.expires.map(|date| date.floor()))?;
    if agree { Ok(()) } else { Err(Code::ClaimsDisagree.into()) }
}

fn issuer_member(vc: &Value) -> Option<&Value> {
    match vc.get("issuer") {
        Some(Value::Object(issuer)) => Some(issuer.get("id").unwrap_or(&Value::Null)),
        other => other,
    }
}

/// Where both stand, they are equal; a member that is no string agrees with nothing.
fn text_agrees(member: Option<&Value>, claim: Option<&str>) -> bool {
    match (member, claim) {
        (None, _) => true,
        (Some(Value::String(member)), Some(claim)) => member == claim,
        (Some(Value::String(_)), None) => true,
        (Some(_), _) => false,
    }
}

fn date_agrees(vc: &Value, member: &str, claim: Option<DateTime<Utc>>) -> Result<bool, Code> {
    let date = date_member(vc, member)?;
    Ok(date.zip(claim).is_none_or(|(date, claim)| date.timestamp() == claim.timestamp()))
}

/// An RFC 3339 date (T6: bounded before it is parsed).
fn date_member(vc: &Value, member: &str) -> Result<Option<DateTime<Utc>>, Code> {
    match vc.get(member) {
        None => Ok(None),
        Some(Value::String(text)) if text.len() <= 40 => DateTime::parse_from_rfc3339(text)
            .map(|date| Some(date.with_timezone(&Utc)))
            .map_err(|_| Code::ClaimsMalformed),
        Some(_) => Err(Code::ClaimsMalformed),
    }
}

/// T10, T13: the types of the credential that its issuer may assert, and the values. Further types
/// are not believed, and no fault.
fn issuer_may_assert<'a>(
    credential: &'a Credential,
    rules: &IssuerRules,
) -> Result<Vec<&'a str>, Stop> {
    let types = credential.types().unwrap_or_default();
    let believed: Vec<_> = types.into_iter().filter(|name| rules.may_assert(name)).collect();
    if believed.is_empty() {
        return Err(Code::TypeNotTrusted.into());
    }
    let rules = rules.issuer.value_rules.iter();
    let mut applicable = rules.filter(|rule| believed.contains(&rule.credential_type.as_str()));
    match applicable.all(|rule| value_is_allowed(credential, rule)) {
        true => Ok(believed),
        false => Err(Code::IssuerNotAuthorisedForValue.into()),
    }
}

fn value_is_allowed(credential: &Credential, rule: &ValueRule) -> bool {
    let Some((first, rest)) = rule.path.split_first() else { return false };
    let start = credential.subject().and_then(|subject| subject.get(first));
    let value = rest.iter().fold(start, |value, name| value?.get(name));
    value.is_some_and(|value| rule.values.contains(value))
}

/// V16, P6: the credential's subject is the holder that signed the presentation. Absolute: a
/// credential that names nobody is bound to nobody.
fn is_bound_to(credential: &Credential, holder: &str) -> Result<(), Stop> {
    match credential.claims.subject.as_deref() {
        Some(subject) if subject == holder => Ok(()),
        _ => Err(Code::HolderBinding.into()),
    }
}

impl Judge<'_> {
    pub(super) fn waive(&mut self, about: Subject, check: Check, key: PolicyKey) {
        self.ledger.record(about, check, Outcome::Waived(key));
    }
}
