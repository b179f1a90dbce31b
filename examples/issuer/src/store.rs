//! What the trust keeps: two registers, whose key is whose, open offers, and a ledger of what was issued.
//!
//! ```text
//!  lock               held by whoever reads or changes anything
//!  revocation.json    StatusRegister, for the W3C formats
//!  tokens.json        TokenStatusRegister, for SD-JWT VCs
//!  holder-keys.json   HolderKeys
//!  offers/ID.json     an offer with what it is about, until it is over
//!  ledger.jsonl       a line for each credential issued and each revoked; never changed
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use fd_lock::RwLock;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use staffpass::issue::openid4vci::{HolderKeys, Issuance};
use staffpass::issue::{MINIMUM_ENTRIES, StatusRegister, TokenStatusRegister};
use staffpass::status::{ListLocation, StatusKind, StatusPurpose};

use crate::Error;
use crate::identity::Identity;

/// The name of the W3C list in its address.
pub(crate) const REVOCATION: &str = "revocation";
/// The name of the token list in its address.
pub(crate) const TOKENS: &str = "tokens";

/// The directory.
#[derive(Clone)]
pub(crate) struct Store {
    directory: PathBuf,
    revocation_list: String,
    token_list: String,
}

/// What stands in it, while it is locked.
pub(crate) struct Books {
    pub(crate) revocation: StatusRegister,
    pub(crate) tokens: TokenStatusRegister,
    pub(crate) holder_keys: HolderKeys,
    entries: Vec<Entry>,
    directory: PathBuf,
}

/// A line of the ledger.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    Issued(Record),
    Revoked(Revocation),
}

/// A credential that was issued: not what it says.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) format: String,
    pub(crate) holder: String,
    pub(crate) issued_at: DateTime<Utc>,
    pub(crate) list: String,
    pub(crate) index: u64,
}

/// That a credential was revoked.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Revocation {
    pub(crate) id: String,
    pub(crate) revoked_at: DateTime<Utc>,
    pub(crate) reason: String,
}

/// An offer, with what it is about.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct OpenOffer {
    pub(crate) issuance: Issuance,
    pub(crate) kind: String,
    pub(crate) claims: Map<String, Value>,
}

impl Store {
    /// The directory of a trust, made on the first use.
    pub(crate) fn open(directory: &Path, identity: &Identity) -> Result<Self, Error> {
        make_private(&directory.join("offers"))?;
        Ok(Self {
            directory: directory.to_owned(),
            revocation_list: identity.list_address(REVOCATION),
            token_list: identity.list_address(TOKENS),
        })
    }

    /// Works on the books under the lock, and writes what was changed if the work was done: first the
    /// registers, then the ledger, so that no index is ever given out twice.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&mut Books) -> Result<T, Error>,
    ) -> Result<T, Error> {
        locked(&self.directory, || self.work(work))
    }

    fn work<T>(&self, work: impl FnOnce(&mut Books) -> Result<T, Error>) -> Result<T, Error> {
        let mut books = self.read()?;
        let before = (books.revocation.version(), books.tokens.version());
        let keys_before = books.holder_keys.clone();
        let done = work(&mut books)?;
        if books.revocation.version() != before.0 {
            write_whole(&self.directory.join("revocation.json"), &books.revocation)?;
        }
        if books.tokens.version() != before.1 {
            write_whole(&self.directory.join("tokens.json"), &books.tokens)?;
        }
        if books.holder_keys != keys_before {
            write_whole(&self.directory.join("holder-keys.json"), &books.holder_keys)?;
        }
        books.append_entries()?;
        Ok(done)
    }

    fn read(&self) -> Result<Books, Error> {
        let revocation = self.read_or("revocation.json", || {
            let (kind, purpose) = (StatusKind::BitstringStatusList, StatusPurpose::Revocation);
            let location = ListLocation::parse(&self.revocation_list)?;
            Ok(StatusRegister::new(kind, purpose, location, MINIMUM_ENTRIES)?)
        })?;
        let tokens = self.read_or("tokens.json", || {
            Ok(TokenStatusRegister::new(&self.token_list, MINIMUM_ENTRIES)?)
        })?;
        let moved = revocation.location().to_string() != self.revocation_list
            || tokens.uri() != self.token_list;
        if moved {
            return Err("the status lists were issued under another public URL".into());
        }
        let holder_keys = self.read_or("holder-keys.json", || Ok(HolderKeys::new()))?;
        let (entries, directory) = (Vec::new(), self.directory.clone());
        Ok(Books { revocation, tokens, holder_keys, entries, directory })
    }

    fn read_or<T: DeserializeOwned>(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        read_json(&self.directory.join(name))?.map_or_else(make, Ok)
    }
}

impl Books {
    /// Notes that a credential is issued.
    pub(crate) fn issued(&mut self, record: Record) {
        self.entries.push(Entry::Issued(record));
    }

    /// Revokes a credential, and says whether it was valid until now.
    pub(crate) fn revoke(
        &mut self,
        id: &str,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let (record, revocation) = self.find(id)?;
        if revocation.is_some() {
            return Ok(false);
        }
        match record.list.as_str() {
            TOKENS => self.tokens.revoke(record.index)?,
            _ => self.revocation.revoke(record.index)?,
        }
        let (id, reason) = (id.to_owned(), reason.to_owned());
        self.entries.push(Entry::Revoked(Revocation { id, revoked_at: now, reason }));
        Ok(true)
    }

    /// A credential, and its revocation if there was one.
    pub(crate) fn find(&self, id: &str) -> Result<(Record, Option<Revocation>), Error> {
        let (mut record, mut revocation) = (None, None);
        for line in read_ledger(&self.ledger())?.lines() {
            match serde_json::from_str(line)? {
                Entry::Issued(issued) if issued.id == id => record = Some(issued),
                Entry::Revoked(revoked) if revoked.id == id => revocation = Some(revoked),
                _ => {}
            }
        }
        let record = record.ok_or("no credential with this id was issued here")?;
        Ok((record, revocation))
    }

    /// An open offer, by its id; `None` for what is no id too.
    pub(crate) fn offer(&self, id: &str) -> Result<Option<OpenOffer>, Error> {
        let is_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if id.len() != 43 || !id.bytes().all(is_id) {
            return Ok(None);
        }
        read_json(&self.offer_path(id))
    }

    /// Keeps an offer as it stands now, or throws it away if it is over.
    pub(crate) fn keep_offer(&self, offer: &OpenOffer, now: DateTime<Utc>) -> Result<(), Error> {
        let path = self.offer_path(offer.issuance.id());
        if offer.issuance.is_over(now) {
            fs::remove_file(&path)?;
            return sync_directory_of(&path);
        }
        write_whole(&path, offer)
    }

    /// Throws away the offers that are over, whose claims nobody needs any more.
    pub(crate) fn forget_offers(&self, now: DateTime<Utc>) -> Result<(), Error> {
        for entry in fs::read_dir(self.directory.join("offers"))? {
            let path = entry?.path();
            let over = |offer: OpenOffer| offer.issuance.is_over(now);
            if read_json(&path)?.is_some_and(over) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn offer_path(&self, id: &str) -> PathBuf {
        self.directory.join("offers").join(format!("{id}.json"))
    }

    fn ledger(&self) -> PathBuf {
        self.directory.join("ledger.jsonl")
    }

    fn append_entries(&self) -> Result<(), Error> {
        if self.entries.is_empty() {
            return Ok(());
        }
        let mut lines = String::new();
        for entry in &self.entries {
            lines.push_str(&serde_json::to_string(entry)?);
            lines.push('\n');
        }
        let mut file = private().create(true).read(true).write(true).open(self.ledger())?;
        let whole = u64::try_from(read_ledger(&self.ledger())?.len())?;
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        if whole == 0 { sync_directory_of(&self.ledger()) } else { Ok(()) }
    }
}

/// Does something while no other process does anything in the directory.
pub(crate) fn locked<T>(
    directory: &Path,
    work: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let path = directory.join("lock");
    let mut lock = RwLock::new(private().create(true).truncate(false).write(true).open(path)?);
    let _held = lock.write()?;
    work()
}

/// The ledger's lines; one that a crash cut short is none.
fn read_ledger(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(text),
        file => file?.read_to_string(&mut text)?,
    };
    text.truncate(text.rfind('\n').map_or(0, |last| last + 1));
    Ok(text)
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        read => {
            let damaged = |error| format!("{}: {error}", path.display());
            Ok(Some(serde_json::from_slice(&read?).map_err(damaged)?))
        }
    }
}

/// Never half: written beside it, synced, and moved into its place, for good before anything is
/// answered: a code that was used stays used though the machine loses its power.
fn write_whole(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let beside = path.with_extension("new");
    let mut file = private().create(true).truncate(true).write(true).open(&beside)?;
    file.write_all(&serde_json::to_vec(value)?)?;
    file.sync_all()?;
    fs::rename(beside, path)?;
    sync_directory_of(path)
}

/// The new name, or that there is none any more, is on the disk too.
fn sync_directory_of(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    if let Some(directory) = path.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// A directory for this user alone, with those above it, where it is not there yet.
pub(crate) fn make_private(directory: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.recursive(true).create(directory)?)
}

/// For this user alone.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
