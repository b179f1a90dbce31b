//! Each credential that the answer refers to, of every format by the same list of checks:
//! VC-JWT (VC data model 1.1 §6.3.1), VC-JOSE-COSE (§3.1.3), SD-JWT VC.

use chrono::{DateTime, Utc};
use staffpass_jose::json::Node;
use staffpass_query::Location;

use super::answer::Assigned;
use super::presentation::Holder;
use super::{Believed, Judge, Loosenings, Stop, dates};
use crate::Code;
use crate::policy::{CredentialFormat, IssuerRules, ValueRule};
use crate::report::{Check, PolicyKey, Subject};
use crate::response::Answer;
use crate::token::{Credential, id_or_text, rfc3339, text_agrees};
use crate::verified::CredentialStatus;

/// What is checked of every credential; of its issuer's domain, what the policy asks for.
const REQUIRED: &[Check] = &[
    Check::Token,
    Check::Issuer,
    Check::Key,
    Check::Signature,
    Check::Disclosures,
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
        holders: &[Option<Holder<'a>>],
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
                match *holder {
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
        holder: Holder<'a>,
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
        let credential = self.sentence_or_waived(about, Check::Token, form)?;
        let rules = self.issuer_is_trusted(credential);
        let rules = self.sentence(about, Check::Issuer, rules)?;
        let key = self.issuer_key(&credential.jws, rules);
        let key = self.sentence_or_waived(about, Check::Key, key)?;
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
        holder: Holder<'a>,
        parts: Vec<&'a str>,
    ) -> Option<Believed<'a>> {
        let about = subject(location);
        let disclosures = credential.disclosures.map_err(Stop::from);
        self.sentence(about, Check::Disclosures, disclosures);
        self.sentence(about, Check::Shape, has_good_shape(credential));
        let issued_at = self.dates_of_credential(credential, rules);
        let issued_at = self.sentence(about, Check::Dates, issued_at);
        let types = issuer_may_assert(credential, rules);
        let types = self.sentence(about, Check::Authority, types);
        self.holder_binding(about, credential, holder);
        if self.ledger.failed(about) {
            return None;
        }
        Some(Believed {
            location,
            credential,
            rules,
            issuer: credential.issuer()?,
            types: types?,
            subject: credential.subject()?,
            issued_at: issued_at?,
            expires_at: expires_at(credential),
            holder,
            status: CredentialStatus::None,
            parts,
        })
    }

    fn credential_form(
        &self,
        credential: Result<&'a Credential, Code>,
    ) -> Result<(&'a Credential, Loosenings), Stop> {
        let credential = credential?;
        self.algorithm_is_allowed(&credential.jws)?;
        Ok((credential, self.typ_is_taken(credential)?))
    }

    /// S17, D15: a `typ` that its issuer alone makes good. An issuer that is not known has no say:
    /// the next check refuses it.
    fn typ_is_taken(&self, credential: &Credential) -> Result<Loosenings, Stop> {
        let Some(rules) = self.rules_of(credential) else { return Ok(Vec::new()) };
        let has_typ = credential.jws.header().typ.is_some();
        match (credential.format, has_typ) {
            (CredentialFormat::VcJose, false) if rules.issuer.typ_absent => {
                Ok(vec![PolicyKey::TypAbsent])
            }
            (CredentialFormat::VcJose, false) => Err(Code::TypMismatch.into()),
            (format @ CredentialFormat::LegacySdJwtVc, _) if rules.takes(format) => {
                Ok(vec![PolicyKey::LegacySdJwtVc])
            }
            _ => Ok(Vec::new()),
        }
    }

    fn rules_of(&self, credential: &Credential) -> Option<&'a IssuerRules> {
        self.policy.issuer(credential.issuer()?)
    }

    /// V16, P6: the credential is bound to the key that signed its presentation. Absolute, where a
    /// binding is asked for: a credential that names nobody is bound to nobody.
    fn holder_binding(&mut self, about: Subject, credential: &Credential, holder: Holder<'a>) {
        match holder {
            Some(holder) => {
                let bound = credential.bound_to().is_some_and(|subject| subject == holder);
                let verdict = if bound { Ok(()) } else { Err(Code::HolderBinding.into()) };
                self.sentence(about, Check::HolderBinding, verdict);
            }
            None => self.waive(about, Check::HolderBinding, PolicyKey::HolderBinding),
        }
    }

    /// V17: the whole identifier, byte for byte, and a format that the policy takes from it. An
    /// unknown issuer stops here: no key of it is sought, nothing is fetched.
    fn issuer_is_trusted(&self, credential: &Credential) -> Result<&'a IssuerRules, Stop> {
        let rules = self.rules_of(credential).ok_or(Stop::Fail(Code::IssuerNotTrusted))?;
        match rules.takes(credential.format) {
            true => Ok(rules),
            false => Err(Code::FormatNotTrusted.into()),
        }
    }

    /// V19, N16: the dates of the JWT, those of the credential itself, and those of the trust.
    fn dates_of_credential(
        &self,
        credential: &Credential,
        rules: &IssuerRules,
    ) -> Result<Option<DateTime<Utc>>, Stop> {
        let (now, leeway) = (self.now, self.policy.leeway());
        let issued_at = dates::of_credential(&credential.claims, now, leeway)?;
        let (from, until) = own_dates(credential)?;
        dates::has_begun(from, now, leeway)?;
        dates::not_expired(until, now, leeway)?;
        let issued_at = from.max(issued_at);
        // The VC data model 1.1 asks for such a date (§4.6); 2.0 (§4.9) and SD-JWT VC do not.
        if issued_at.is_none() && credential.format == CredentialFormat::VcJwt {
            return Err(Code::DateMissing.into());
        }
        match rules.trusted_at(now, issued_at) {
            true => Ok(issued_at),
            false => Err(Code::IssuerTrustLapsed.into()),
        }
    }
}

/// The dates that stand in the credential rather than in its JWT. Those of VC-JWT 1.1 must agree with
/// `nbf` and `exp` where both stand (`has_good_shape`), and count by themselves where they do not.
fn own_dates(credential: &Credential) -> Result<(OptionalDate, OptionalDate), Code> {
    let Some(document) = credential.document() else { return Ok((None, None)) };
    match credential.format {
        CredentialFormat::VcJwt => {
            Ok((date_member(document, "issuanceDate")?, date_member(document, "expirationDate")?))
        }
        CredentialFormat::VcJose => {
            Ok((date_member(document, "validFrom")?, date_member(document, "validUntil")?))
        }
        _ => Ok((None, None)),
    }
}

type OptionalDate = Option<DateTime<Utc>>;

/// The earliest of the dates at which it ends.
fn expires_at(credential: &Credential) -> OptionalDate {
    let of_jwt = credential.claims.expires.map(|date| date.floor());
    let own = own_dates(credential).ok().and_then(|(_, until)| until);
    [of_jwt, own].into_iter().flatten().min()
}

pub(super) fn subject(location: Location) -> Subject {
    Subject::Credential(location.presentation, location.credential)
}

/// V18, V19, P23, T7, T11: context and type of its data model, one subject, and no member of the
/// credential that says another thing than the JWT claim that stands for it (VC data model 1.1
/// §6.3.1, VC-JOSE-COSE §3.1.3).
fn has_good_shape(credential: &Credential) -> Result<(), Stop> {
    if !credential.has_shape_of_its_format() {
        return Err(Code::CredentialShape.into());
    }
    let subject = credential.subject().ok_or(Code::CredentialShape)?;
    if credential.is_sd_jwt() {
        return Ok(());
    }
    let vc = credential.document().ok_or(Code::CredentialShape)?;
    let claims = &credential.claims;
    let agree = text_agrees(id_or_text(vc.get("issuer")), claims.issuer.as_deref())
        && text_agrees(vc.get("id"), claims.id.as_deref())
        && text_agrees(subject.get("id"), claims.subject.as_deref())
        && dates_agree(credential)?;
    if agree { Ok(()) } else { Err(Code::ClaimsDisagree.into()) }
}

/// In VC-JWT 1.1 the JWT's dates stand for the credential's; in VC-JOSE-COSE they are dates of
/// their own, of the signature.
fn dates_agree(credential: &Credential) -> Result<bool, Code> {
    if credential.format != CredentialFormat::VcJwt {
        return Ok(true);
    }
    let (vc, claims) = (credential.document().ok_or(Code::CredentialShape)?, &credential.claims);
    Ok(date_agrees(vc, "issuanceDate", claims.not_before.map(|date| date.floor()))?
        && date_agrees(vc, "expirationDate", claims.expires.map(|date| date.floor()))?)
}

fn date_agrees(vc: Node<'_>, member: &str, claim: Option<DateTime<Utc>>) -> Result<bool, Code> {
    let date = date_member(vc, member)?;
    Ok(date.zip(claim).is_none_or(|(date, claim)| date.timestamp() == claim.timestamp()))
}

fn date_member(vc: Node<'_>, member: &str) -> Result<Option<DateTime<Utc>>, Code> {
    let Some(date) = vc.get(member) else { return Ok(None) };
    let date = date.as_str().and_then(rfc3339);
    date.map(Some).ok_or(Code::ClaimsMalformed)
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
    value.is_some_and(|value| rule.values.iter().any(|allowed| value == *allowed))
}
