//! The claim names of the retired NHS Digital Staff Passport, as far as they are public.
//!
//! Public are four names of the identity credential, the names of the core skills credentials, and
//! the assurance block of every credential. Of the employment credential only labels are public, so
//! only its identity id and assurance block are translated. What the old credentials did not say
//! (for an identity: confidence, and who checked it and when) the caller adds before reading the
//! claims.
//!
//! Translating refuses nothing: a value that is not understood is passed on as it stands, and reading
//! the claims then names the fault.
//!
//! ```
//! use staffpass_credentials::{CredentialKind, legacy};
//!
//! let old = serde_json::json!({"FS-StatMandSubject": "Fire Safety", "FS-LastDateAwarded": "2024-06-01T09:30:00Z"});
//! let new = legacy::from_dsp(CredentialKind::Training, "FS", old.as_object().unwrap());
//! assert_eq!(new["subject"], "fire-safety");
//! assert_eq!(new["awarded_on"], "2024-06-01");
//! ```

use chrono::{DateTime, NaiveDateTime};
use serde_json::{Map, Value};

use crate::dates::london_date;
use crate::kind::CredentialKind;
use crate::vocabulary::{
    AttainmentStatus, Framework, LearningMethod, Pedigree, PeriodUnit, Subject, VerificationMethod,
};

/// From claims by their old names to claims by ours. `prefix` is what stands before the hyphen in the
/// names (`ID` for identity; each subject has its own). For identity a name may also begin with
/// `Identity.`, as the gateway wrote it. Dates may be ISO dates or date-times; one with an offset
/// gives the day in Europe/London. Other claims are left out.
#[must_use]
pub fn from_dsp(
    kind: CredentialKind,
    prefix: &str,
    claims: &Map<String, Value>,
) -> Map<String, Value> {
    let mut translated = Map::new();
    for row in rows(kind) {
        let name = row.dsp_name(prefix);
        let by_gateway = || claims.get(&format!("Identity.{name}"));
        let by_gateway = || by_gateway().filter(|_| kind == CredentialKind::Identity);
        if let Some(value) = claims.get(&name).or_else(by_gateway) {
            insert(&mut translated, row.group, row.ours, (row.from)(value));
        }
    }
    translated
}

/// From claims by our names to claims by the old ones, without the gateway's prefix. Words are written
/// as they were seen (`ACHIEVED`, `CSTF`, `Document Verification`), else with spaces and a capital.
/// Claims that have no public old name are left out.
#[must_use]
pub fn to_dsp(
    kind: CredentialKind,
    prefix: &str,
    claims: &Map<String, Value>,
) -> Map<String, Value> {
    let old = |row: &Row| {
        let owner =
            if row.group.is_empty() { Some(claims) } else { claims.get(row.group)?.as_object() };
        Some((row.dsp_name(prefix), (row.to)(owner?.get(row.ours)?)))
    };
    rows(kind).filter_map(old).collect()
}

/// One claim by both names.
struct Row {
    dsp: &'static str,
    /// The object of ours that the claim stands in, or nothing.
    group: &'static str,
    ours: &'static str,
    from: fn(&Value) -> Value,
    to: fn(&Value) -> Value,
}

impl Row {
    const fn new(
        dsp: &'static str,
        (group, ours): (&'static str, &'static str),
        from: fn(&Value) -> Value,
        to: fn(&Value) -> Value,
    ) -> Self {
        Self { dsp, group, ours, from, to }
    }

    /// Every old name but one has the prefix.
    fn dsp_name(&self, prefix: &str) -> String {
        if self.dsp == UNIQUE_IDENTIFIER {
            self.dsp.to_owned()
        } else {
            format!("{prefix}-{}", self.dsp)
        }
    }
}

fn rows(kind: CredentialKind) -> impl Iterator<Item = &'static Row> {
    let own: &[Row] = match kind {
        CredentialKind::Identity => IDENTITY,
        CredentialKind::Employment => &[],
        CredentialKind::Training => TRAINING,
    };
    own.iter().chain(COMMON)
}

fn insert(claims: &mut Map<String, Value>, group: &str, name: &str, value: Value) {
    if group.is_empty() {
        claims.insert(name.to_owned(), value);
        return;
    }
    let owner = claims.entry(group).or_insert_with(|| Map::new().into());
    if let Some(owner) = owner.as_object_mut() {
        owner.insert(name.to_owned(), value);
    }
}

const UNIQUE_IDENTIFIER: &str = "UniqueIdentifier";

#[rustfmt::skip]
const IDENTITY: &[Row] = &[
    Row::new("LegalFirstName", ("", "given_name"), same, same),
    Row::new("LegalSurname", ("", "family_name"), same, same),
    Row::new("BirthDate", ("", "birthdate"), date, same),
];

#[rustfmt::skip]
const TRAINING: &[Row] = &[
    Row::new("StatMandSubject", ("", "subject"), |v| word(v, Subject::WORDS), sentence),
    Row::new("Level", ("", "level"), number, same),
    Row::new("AttainmentStatus", ("", "attainment_status"), |v| word(v, AttainmentStatus::WORDS), capitals),
    Row::new("CompetencyFramework", ("", "framework"), |v| word(v, Framework::WORDS), capitals),
    Row::new("CompetencyName", ("", "competency_name"), same, same),
    Row::new("LastDateAwarded", ("", "awarded_on"), date, same),
    Row::new("RenewalPeriod", ("renewal_period", "value"), number, same),
    Row::new("Units", ("renewal_period", "unit"), unit, sentence),
    Row::new("LearningMethod", ("", "learning_method"), |v| word(v, LearningMethod::WORDS), sentence),
    Row::new("DateTo", ("", "valid_to"), date, same),
];

#[rustfmt::skip]
const COMMON: &[Row] = &[
    Row::new(UNIQUE_IDENTIFIER, ("", "identity_id"), same, same),
    Row::new("Origin", ("assurance", "origin"), same, same),
    Row::new("AssurancePolicy", ("assurance", "assurance_policy"), same, same),
    Row::new("AssuranceOutcome", ("assurance", "assurance_outcome"), same, same),
    Row::new("Provider", ("assurance", "provider"), same, same),
    Row::new("Verifier", ("assurance", "verifier"), same, same),
    Row::new("VerificationMethod", ("assurance", "verification_method"), method, method_to_dsp),
    Row::new("Pedigree", ("assurance", "pedigree"), |v| word(v, Pedigree::WORDS), sentence),
    Row::new("LastRefresh", ("assurance", "last_refresh"), refresh, same),
];

/// The methods as they were seen, beside our words.
const METHODS: [(&str, &str); 4] = [
    ("Document Verification", "document_verification"),
    ("Record Verification", "record_verification"),
    ("Document Verification with Record Verification", "document_and_record_verification"),
    ("Not verified", "not_verified"),
];

fn same(value: &Value) -> Value {
    value.clone()
}

/// The word of the list that has the same letters and digits, else the text as it stands.
fn word(value: &Value, words: &[&str]) -> Value {
    let wanted = value.as_str().map(letters);
    let found = words.iter().find(|known| wanted.as_ref() == Some(&letters(known)));
    found.map_or_else(|| value.clone(), |known| (*known).into())
}

fn letters(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect::<String>().to_lowercase()
}

/// `Years` is `year`.
fn unit(value: &Value) -> Value {
    let singular = value.as_str().map(|text| text.trim_end_matches(['s', 'S']).into());
    let read = word(singular.as_ref().unwrap_or(value), PeriodUnit::WORDS);
    let known = read.as_str().is_some_and(|text| PeriodUnit::WORDS.contains(&text));
    if known { read } else { value.clone() }
}

fn method(value: &Value) -> Value {
    let wanted = value.as_str().map(letters);
    let found = METHODS.iter().find(|(seen, _)| wanted.as_ref() == Some(&letters(seen)));
    found.map_or_else(|| word(value, VerificationMethod::WORDS), |(_, ours)| (*ours).into())
}

fn method_to_dsp(value: &Value) -> Value {
    let found = METHODS.iter().find(|(_, ours)| value.as_str() == Some(ours));
    found.map_or_else(|| sentence(value), |(seen, _)| (*seen).into())
}

/// A whole number, which may have been written as text.
fn number(value: &Value) -> Value {
    let read = value.as_str().and_then(|text| text.trim().parse::<u64>().ok());
    read.map_or_else(|| value.clone(), Value::from)
}

/// The day of a date-time: in Europe/London where it has an offset, else as written.
fn date(value: &Value) -> Value {
    let text = value.as_str().unwrap_or_default();
    let by_offset = DateTime::parse_from_rfc3339(text).map(|time| london_date(time.to_utc()));
    let as_written = || text.parse::<NaiveDateTime>().map(|time| time.date());
    let read = by_offset.or_else(|_| as_written());
    read.map_or_else(|_| value.clone(), |date| date.to_string().into())
}

/// A date-time with an offset stays one; without, it gives the day.
fn refresh(value: &Value) -> Value {
    let with_offset = value.as_str().is_some_and(|text| DateTime::parse_from_rfc3339(text).is_ok());
    if with_offset { value.clone() } else { date(value) }
}

fn capitals(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| spaced(text).to_uppercase().into())
}

fn sentence(value: &Value) -> Value {
    let Some(text) = value.as_str() else { return value.clone() };
    let text = spaced(text);
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).collect::<String>().into()
}

fn spaced(word: &str) -> String {
    word.replace(['-', '_'], " ")
}
