//! The wallet's file: encrypted at rest, never half-written, and changed by one process at a time.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use fd_lock::RwLock;
use zeroize::Zeroizing;

use crate::wallet::Wallet;
use crate::{Error, Options};

/// Where a wallet is kept. Beside its file stands a lock (`….lock`), which stays, and for a moment the
/// next state of the file (`….new`).
pub(crate) struct Vault {
    file: PathBuf,
    work_factor: u8,
}

impl Vault {
    pub(crate) fn of(options: &Options) -> Self {
        Self { file: options.file.clone(), work_factor: options.work_factor }
    }

    pub(crate) fn check_absent(&self) -> Result<(), Error> {
        match self.file.try_exists()? {
            true => Err(format!("{} is there already", self.file.display()).into()),
            false => Ok(()),
        }
    }

    /// Reading needs no lock: a file is replaced whole.
    pub(crate) fn read(&self, passphrase: &SecretString) -> Result<Wallet, Error> {
        let sealed = fs::read(&self.file).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                format!("there is no wallet at {}: make one with `init`", self.file.display())
                    .into()
            }
            _ => Error::from(error),
        })?;
        let identity = age::scrypt::Identity::new(passphrase.clone());
        let opened = age::decrypt(&identity, &sealed);
        let opened = opened.map_err(|_| "the passphrase is wrong, or the file is damaged")?;
        Wallet::from_json(&Zeroizing::new(opened))
    }

    pub(crate) fn create(&self, passphrase: &SecretString, wallet: &Wallet) -> Result<(), Error> {
        self.locked(|| {
            self.check_absent()?;
            self.write(passphrase, wallet)
        })
    }

    /// Reads, changes and writes, with nobody between.
    pub(crate) fn change<T>(
        &self,
        passphrase: &SecretString,
        change: impl FnOnce(&mut Wallet) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.locked(|| {
            let mut wallet = self.read(passphrase)?;
            let done = change(&mut wallet)?;
            self.write(passphrase, &wallet)?;
            Ok(done)
        })
    }

    pub(crate) fn remove(&self) -> Result<(), Error> {
        self.locked(|| {
            fs::remove_file(&self.file)?;
            sync_directory_of(&self.file)
        })
    }

    fn locked<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let mut lock = RwLock::new(private(&self.beside("lock"), false)?);
        let _guard = lock.write()?;
        work()
    }

    /// Written beside, synced, and put in the file's place: a crash leaves the old state or the new.
    fn write(&self, passphrase: &SecretString, wallet: &Wallet) -> Result<(), Error> {
        let mut recipient = age::scrypt::Recipient::new(passphrase.clone());
        recipient.set_work_factor(self.work_factor);
        let sealed = age::encrypt(&recipient, wallet.to_json()?.as_bytes())?;
        let next = self.beside("new");
        let mut file = private(&next, true)?;
        file.write_all(&sealed)?;
        file.sync_all()?;
        fs::rename(&next, &self.file)?;
        sync_directory_of(&self.file)
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(".");
        name.push(ending);
        name.into()
    }
}

/// A file for this user alone.
fn private(path: &Path, truncate: bool) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(truncate);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path)?)
}

/// The new name is on the disk too.
fn sync_directory_of(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    {
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
