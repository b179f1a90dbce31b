//! The portal's own keys, as files: read, or made on the first start.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use rand::RngExt as _;
use staffpass::aws_lc::SigningKey;
use staffpass::jose::{Algorithm, Signer as _, base64url};
use staffpass::otp::CodeKey;
use staffpass::share::SealingKeys;
use staffpass_store::StoreKeys;

use crate::Error;

/// Every key. Several portals of a trust need the same: copy the files, and keep them from where the
/// database's backups go.
pub(crate) struct Keys {
    /// Signs requests, as the portal's DID.
    pub(crate) signing: SigningKey,
    pub(crate) store: StoreKeys,
    pub(crate) codes: CodeKey,
    /// Authenticates forms and receipts of browsers.
    pub(crate) browser: [u8; 32],
}

impl Keys {
    pub(crate) fn open(directory: &Path) -> Result<Self, Error> {
        make_directory(directory)?;
        let secret = |name: &str| secret(&directory.join(name));
        let store = StoreKeys::new(
            SealingKeys::new(1, secret("sealing-1.key")?),
            &secret("index.key")?,
            &secret("audit.key")?,
        )?;
        Ok(Self {
            signing: signing(&directory.join("signing.jwk"))?,
            store,
            codes: CodeKey::new(&secret("codes.key")?)?,
            browser: secret("browser.key")?,
        })
    }
}

/// For this user alone.
pub(crate) fn make_directory(directory: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| format!("{}: {error}", directory.display()).into())
}

fn signing(path: &Path) -> Result<SigningKey, Error> {
    let made = || Ok(SigningKey::generate(Algorithm::Es256)?.to_private_jwk().as_bytes().to_vec());
    let key = SigningKey::from_private_jwk(&read_or_make(path, made)?)?;
    let fit = key.algorithm() == Algorithm::Es256;
    if fit { Ok(key) } else { Err(format!("{}: is not for ES256", path.display()).into()) }
}

/// 32 random bytes, in base64url.
fn secret(path: &Path) -> Result<[u8; 32], Error> {
    let made = || Ok(base64url::encode(rand::rng().random::<[u8; 32]>()).into_bytes());
    let text = String::from_utf8(read_or_make(path, made)?)?;
    let bytes = base64url::decode(text.trim())?;
    bytes.try_into().map_err(|_| format!("{}: is not a key of 32 bytes", path.display()).into())
}

/// Two processes may both make a key: the first to put its file there is right, and a file is whole
/// or not there.
fn read_or_make(
    path: &Path,
    make: impl FnOnce() -> Result<Vec<u8>, Error>,
) -> Result<Vec<u8>, Error> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        read => return read.map_err(|error| format!("{}: {error}", path.display()).into()),
    }
    let partial = path.with_extension(format!("partial-{}", rand::rng().random::<u64>()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&partial)?;
    file.write_all(&make()?)?;
    file.sync_all()?;
    let linked = fs::hard_link(&partial, path);
    fs::remove_file(&partial)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(fs::read(path)?),
    }
}
