//! Everything but serving.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write as _};
use std::path::Path;

use chrono::Utc;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};
use staffpass::credentials::CredentialKind;
use staffpass::request::qr::QrCode;

use crate::Error;
use crate::credential::{self, Holder, Issued, read_claims};
use crate::csv_file::{self, Row};
use crate::identity::Identity;
use crate::offers;
use crate::options::{Command, Format, Issue, Offer, Options};
use crate::store::{Books, Store};

/// Rows of a CSV file that are issued under one lock and written together.
const TOGETHER: usize = 200;

/// Runs a command, and says whether everything that was asked for was done.
///
/// # Errors
/// Whatever kept it from doing anything.
pub fn run(options: &Options) -> Result<bool, Error> {
    let identity = Identity::open(&options.common, Utc::now())?;
    let store = Store::open(&options.common.data_dir, &identity)?;
    match &options.command {
        Command::Serve(_) => Err("serving is done by the service".into()),
        Command::Issue(issue) => match &issue.csv {
            Some(path) => issue_many(&identity, &store, path, issue.format),
            None => issue_one(&identity, &store, issue).map(|()| true),
        },
        Command::Offer(offer) => self::offer(&identity, &store, offer).map(|()| true),
        Command::Revoke { id, reason } => revoke(&store, id, reason).map(|()| true),
        Command::Status { id } => status(&store, id).map(|()| true),
    }
}

/// Prints the credential; its id goes to the standard error, so that the output can be a file.
fn issue_one(identity: &Identity, store: &Store, issue: &Issue) -> Result<(), Error> {
    let missing = "a kind, claims and a holder are needed";
    let kind = CredentialKind::from(issue.kind.ok_or(missing)?);
    let claims = read_file(issue.claims.as_deref().ok_or(missing)?)?;
    let holder = issue.holder.clone().ok_or(missing)?;
    let row = Row { kind, holder, format: Some(issue.format), claims };
    let issued = store.with(|books| issue_row(identity, books, row, issue.format))?;
    eprintln!("id {}", issued.id);
    println!("{}", issued.credential);
    Ok(())
}

/// Prints a JSON line for each credential. A bad row is named with its line on the standard error, and
/// the others go on.
fn issue_many(
    identity: &Identity,
    store: &Store,
    path: &Path,
    format: Format,
) -> Result<bool, Error> {
    let mut text = Vec::new();
    open(path)?.read_to_end(&mut text)?;
    let progress = progress(text.iter().filter(|byte| **byte == b'\n').count());
    let mut rows = csv_file::rows(text.as_slice())?.peekable();
    let (mut good, mut bad) = (0, 0);
    while rows.peek().is_some() {
        let results = store.with(|books| {
            let together = rows.by_ref().take(TOGETHER);
            Ok(together
                .map(|(line, row)| {
                    progress.inc(1);
                    (line, row.and_then(|row| issue_row(identity, books, row, format)))
                })
                .collect::<Vec<_>>())
        })?;
        for (line, result) in results {
            match result {
                Ok(Issued { id, credential }) => {
                    let json = json!({ "line": line, "id": id, "credential": credential });
                    writeln!(io::stdout(), "{json}")?;
                    good += 1;
                }
                Err(error) => {
                    progress.suspend(|| eprintln!("line {line}: {error}"));
                    bad += 1;
                }
            }
        }
    }
    progress.finish_and_clear();
    eprintln!("{good} issued, {bad} refused");
    Ok(bad == 0)
}

fn issue_row(
    identity: &Identity,
    books: &mut Books,
    row: Row,
    format: Format,
) -> Result<Issued, Error> {
    let now = Utc::now();
    let says = read_claims(row.kind, &row.claims, now)?;
    let holder = Holder::of_did(&row.holder)?;
    credential::issue(identity, books, &says, &holder, row.format.unwrap_or(format), now)
}

/// Shows the QR code to the person, and the transaction code to the operator, who sends it another way.
fn offer(identity: &Identity, store: &Store, wanted: &Offer) -> Result<(), Error> {
    let claims = read_file(&wanted.claims)?;
    let new = offers::offer(identity, store, wanted, claims, Utc::now())?;
    if io::stdout().is_terminal() {
        println!("{}", QrCode::of(&new.link)?.to_terminal());
    }
    println!("{}", new.link);
    if let Some(tx_code) = new.offered.tx_code() {
        eprintln!(
            "transaction code, for the person alone and by another channel: {}",
            tx_code.reveal()
        );
    }
    eprintln!("good until {}", new.offered.issuance.expires_at().format("%H:%M:%S UTC"));
    Ok(())
}

fn revoke(store: &Store, id: &str, reason: &str) -> Result<(), Error> {
    let was_valid = store.with(|books| books.revoke(id, reason, Utc::now()))?;
    println!("{}", if was_valid { "revoked" } else { "was revoked before" });
    Ok(())
}

fn status(store: &Store, id: &str) -> Result<(), Error> {
    let (record, revocation) = store.with(|books| books.find(id))?;
    println!("kind     {}", record.kind);
    println!("format   {}", record.format);
    println!("holder   {}", record.holder);
    println!("issued   {}", record.issued_at.format("%Y-%m-%dT%H:%M:%SZ"));
    println!("list     {} {}", record.list, record.index);
    match revocation {
        None => println!("status   not revoked"),
        Some(revoked) => {
            let at = revoked.revoked_at.format("%Y-%m-%dT%H:%M:%SZ");
            println!("status   revoked {at}: {}", revoked.reason);
        }
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<Map<String, Value>, Error> {
    let mut text = Vec::new();
    open(path)?.read_to_end(&mut text)?;
    let unreadable = |error| format!("{}: {error}", path.display());
    Ok(serde_json::from_slice(&text).map_err(unreadable)?)
}

fn open(path: &Path) -> Result<Box<dyn Read>, Error> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Box::new(file))
}

/// A bar on a terminal that shows nothing else; none in a pipe.
fn progress(rows: usize) -> ProgressBar {
    if !io::stderr().is_terminal() || io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(u64::try_from(rows.saturating_sub(1)).unwrap_or(0)).with_style(style)
}
