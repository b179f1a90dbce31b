//! An outbox of files.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use chrono::Utc;
use zeroize::Zeroizing;

use crate::error::NotifyError;
use crate::message::Message;

pub(crate) struct Outbox {
    directory: PathBuf,
}

impl Outbox {
    pub(crate) fn open(directory: PathBuf) -> Result<Self, NotifyError> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&directory).map_err(|_| NotifyError::Outbox)?;
        Ok(Self { directory })
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The file's name says when and in what order, and nothing of the person.
    pub(crate) async fn write(&self, message: &Message) -> Result<(), NotifyError> {
        let (kind, channel) = (message.kind().id(), message.recipient().channel().id());
        let at = Utc::now().format("%Y%m%dT%H%M%S%6fZ");
        let name = format!("{at}-{channel}-{kind}-{}", message.reference());
        let (directory, text) = (self.directory.clone(), file_text(message));
        let written = tokio::task::spawn_blocking(move || write(&directory, &name, &text)).await;
        written.map_err(|_| NotifyError::Outbox)?.map_err(|_| NotifyError::Outbox)
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbox(_)")
    }
}

fn file_text(message: &Message) -> Zeroizing<String> {
    let (to, text) = (message.recipient().address(), message.text());
    Zeroizing::new(format!("To: {to}\nSubject: {}\n\n{}", message.subject(), *text))
}

/// Whole or not at all: under another name first.
fn write(directory: &Path, name: &str, text: &str) -> io::Result<()> {
    let (partial, whole) =
        (directory.join(format!(".{name}.partial")), directory.join(format!("{name}.txt")));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(partial, whole)
}
