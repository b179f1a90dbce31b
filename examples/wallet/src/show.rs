//! What is held, as a table and one by one.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use staffpass::credentials::{CredentialKind, TypeNames, london_date};
use staffpass::disclosure::{Encoding, HeldCredential};

use crate::text::plain;
use crate::wallet::Wallet;
use crate::{Error, Terminal};

/// Members of an SD-JWT VC that are not about the person.
const REGISTERED: &[&str] = &["iss", "iat", "nbf", "exp", "cnf", "vct", "status", "sub"];

/// Every credential in a line.
pub(crate) fn list(wallet: &Wallet, terminal: &mut Terminal) -> Result<(), Error> {
    if wallet.held().is_empty() {
        return terminal.say("Nothing is held yet.");
    }
    let head = ["", "kind", "issuer", "subject or job", "valid until", "status"];
    let mut rows = vec![head.map(str::to_owned)];
    let now = Utc::now();
    rows.extend(wallet.held().iter().zip(1..).map(|(held, number)| row(held, number, now)));
    for line in aligned(&rows) {
        terminal.say(&line)?;
    }
    Ok(())
}

fn row(held: &HeldCredential, number: usize, now: DateTime<Utc>) -> [String; 6] {
    let until = held.expires_at().map_or("–".to_owned(), |at| london_date(at).to_string());
    let state = status(held, now).to_owned();
    [number.to_string(), kind(held), issuer(held), subject(held), until, state]
}

/// Everything that one credential says.
pub(crate) fn one(wallet: &Wallet, number: usize, terminal: &mut Terminal) -> Result<(), Error> {
    let held = number.checked_sub(1).and_then(|at| wallet.held().get(at));
    let held = held.ok_or("the list has no such number")?;
    terminal.say(&format!("kind        {}", kind(held)))?;
    terminal.say(&format!("written as  {}", encoding(held.encoding())))?;
    terminal.say(&format!("issuer      {}", issuer(held)))?;
    terminal.say(&format!("holder      {}", plain(held.holder())))?;
    terminal.say(&format!("status      {}", status(held, Utc::now())))?;
    for (name, at) in
        [("issued", held.issued_at()), ("from", held.valid_from()), ("until", held.expires_at())]
    {
        if let Some(at) = at {
            terminal.say(&format!("{name:<11} {}", at.to_rfc3339()))?;
        }
    }
    terminal.say("says")?;
    claims(&about_person(held), terminal)
}

/// Claims in lines, those inside others by their path.
pub(crate) fn claims(claims: &Map<String, Value>, terminal: &mut Terminal) -> Result<(), Error> {
    for (name, value) in claims {
        say_claim(&plain(name), value, terminal)?;
    }
    Ok(())
}

fn say_claim(path: &str, value: &Value, terminal: &mut Terminal) -> Result<(), Error> {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, inner) in members {
                say_claim(&format!("{path}.{}", plain(name)), inner, terminal)?;
            }
            Ok(())
        }
        Value::String(text) => terminal.say(&format!("  {path}: {}", plain(text))),
        other => terminal.say(&format!("  {path}: {}", plain(&other.to_string()))),
    }
}

/// What a credential says of its subject, without what is there for machines.
pub(crate) fn about_person(held: &HeldCredential) -> Map<String, Value> {
    let mut claims = held.subject().cloned().unwrap_or_default();
    without_registered(held.encoding(), &mut claims);
    claims
}

pub(crate) fn without_registered(encoding: Encoding, claims: &mut Map<String, Value>) {
    match encoding {
        Encoding::SdJwtVc => claims.retain(|name, _| !REGISTERED.contains(&name.as_str())),
        _ => claims.retain(|name, _| name != "id"),
    }
}

/// A credential in some words, to choose by.
pub(crate) fn summary(held: &HeldCredential) -> String {
    let until = held.expires_at();
    let until = until.map_or(String::new(), |at| format!(", valid until {}", london_date(at)));
    let about = subject(held);
    let about = if about.is_empty() { about } else { format!(": {about}") };
    format!("{}{about} ({}{until})", kind(held), issuer(held))
}

fn kind_of(held: &HeldCredential) -> Option<CredentialKind> {
    let names = TypeNames::default();
    let kind = |name: &String| match held.encoding() {
        Encoding::SdJwtVc => names.kind_of_vct(name),
        _ => names.kind_of_vc_type(name),
    };
    held.types().iter().find_map(kind)
}

fn kind(held: &HeldCredential) -> String {
    match kind_of(held) {
        Some(kind) => kind.to_string(),
        None => held.types().last().map(|name| plain(name)).unwrap_or_default(),
    }
}

fn issuer(held: &HeldCredential) -> String {
    match held.issuer() {
        "" => "its certificate's".to_owned(),
        // The colon before a port, as people write it (did:web, "Method-specific identifier").
        issuer => match issuer.strip_prefix("did:web:") {
            Some(domain) => plain(&domain.replacen("%3A", ":", 1)),
            None => plain(issuer),
        },
    }
}

/// Of identity the name, of employment the job, of training the subject and level.
fn subject(held: &HeldCredential) -> String {
    let text = |name: &str| held.subject().and_then(|claims| claims.get(name)?.as_str());
    let joined = |names: &[&str]| {
        names.iter().filter_map(|name| text(name)).map(plain).collect::<Vec<_>>().join(" ")
    };
    match kind_of(held) {
        Some(CredentialKind::Identity) => joined(&["given_name", "family_name"]),
        Some(CredentialKind::Employment) => joined(&["job_title"]),
        Some(CredentialKind::Training) => {
            let level = held.subject().and_then(|claims| claims.get("level")?.as_u64());
            let level = level.map_or(String::new(), |level| format!(" level {level}"));
            joined(&["subject"]).replace('-', " ") + &level
        }
        _ => String::new(),
    }
}

/// By its dates. Whether it was revoked is the verifier's to find out, who asks the issuer's list.
fn status(held: &HeldCredential, now: DateTime<Utc>) -> &'static str {
    let expired = held.expires_at().is_some_and(|at| at <= now);
    let early = held.valid_from().is_some_and(|at| at > now);
    match (expired, early, held.status().is_some()) {
        (true, _, _) => "expired",
        (_, true, _) => "not yet valid",
        (_, _, true) => "valid, revocable",
        _ => "valid",
    }
}

const fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::VcJwt => "VC-JWT 1.1 (shown whole)",
        Encoding::VcJose => "vc+jwt, VC Data Model 2.0 (shown whole)",
        Encoding::SdJwtVc => "SD-JWT VC (claims one by one)",
        _ => "another encoding",
    }
}

/// Columns as wide as their widest cell.
fn aligned(rows: &[[String; 6]]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..6).map(width).collect();
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
