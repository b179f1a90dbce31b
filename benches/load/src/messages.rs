//! The outbox, read as people read their messages.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::Error;

/// What has come, by recipient; files that were read are deleted.
#[derive(Default)]
pub(crate) struct Messages(Mutex<HashMap<String, Vec<String>>>);

impl Messages {
    /// Reads whatever comes, for good.
    pub(crate) async fn watch(&self, outbox: PathBuf) {
        loop {
            self.read(&outbox);
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
    }

    fn read(&self, outbox: &Path) {
        let Ok(files) = std::fs::read_dir(outbox) else { return };
        let paths = files.filter_map(|file| Some(file.ok()?.path()));
        for path in paths.filter(|path| path.extension().is_some_and(|ending| ending == "txt")) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let to = text.lines().next().and_then(|line| line.strip_prefix("To: "));
            let to = to.unwrap_or_default().to_owned();
            let mut messages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            messages.entry(to).or_default().push(text);
            let _ = std::fs::remove_file(path);
        }
    }

    fn take(&self, to: &str) -> Option<String> {
        let mut messages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = messages.get_mut(to)?.pop();
        messages.retain(|_, texts| !texts.is_empty());
        text
    }

    /// The next message to somebody.
    pub(crate) async fn next(&self, to: &str) -> Result<String, Error> {
        for _ in 0..15_000 {
            if let Some(text) = self.take(to) {
                return Ok(text);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Err(format!("no message to {to}").into())
    }

    /// The code of the next message.
    pub(crate) async fn code(&self, to: &str) -> Result<String, Error> {
        let text = self.next(to).await?;
        let code = text.split(" is your security code").next();
        let code = code.and_then(|before| before.get(before.len().checked_sub(6)?..));
        Ok(code.ok_or("no code in a message")?.to_owned())
    }
}
