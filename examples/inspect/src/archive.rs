//! An archive: everything that one verdict rests on, in one JSON file.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use staffpass_jose::base64url;
use staffpass_request::Expectation;
use staffpass_verify::{Report, Source};

use crate::Failure;

/// The file form. It holds personal data, like the response in it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Archive {
    /// The version of this form.
    pub(crate) archive: u32,
    /// What the wallet sent, in base64url.
    pub(crate) response: String,
    /// What stood inside, in base64url, where it came encrypted and was opened. The key that opened
    /// it is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) opened: Option<String>,
    /// What was asked.
    pub(crate) expectation: Expectation,
    /// The policy in its file form.
    pub(crate) policy: String,
    /// Each document that there was.
    pub(crate) evidence: Vec<Document>,
    /// When it was judged.
    pub(crate) now: DateTime<Utc>,
    /// The report, byte for byte.
    pub(crate) report: Box<RawValue>,
}

/// A document.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    /// What it is, in the words of the report.
    pub(crate) source: String,
    /// When it was fetched.
    pub(crate) fetched_at: DateTime<Utc>,
    /// Its bytes in base64url; none where it could not be had.
    pub(crate) document: Option<String>,
}

impl Document {
    pub(crate) fn new(source: &Source, at: DateTime<Utc>, bytes: Option<&[u8]>) -> Self {
        Self { source: source.to_string(), fetched_at: at, document: bytes.map(base64url::encode) }
    }

    /// Its bytes.
    pub(crate) fn bytes(&self) -> Result<Option<Vec<u8>>, Failure> {
        let decoded = self.document.as_deref().map(base64url::decode).transpose();
        decoded.map_err(|_| "a document of the archive is not base64url".into())
    }
}

impl Archive {
    /// The version that is written and read.
    pub(crate) const VERSION: u32 = 1;

    /// Reads an archive.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read(path)?;
        let archive: Self = serde_json::from_slice(&text)?;
        match archive.archive {
            Self::VERSION => Ok(archive),
            _ => Err("the archive is of another version".into()),
        }
    }

    /// Writes a new file, for its owner alone.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let mut file = new_file(path)?;
        serde_json::to_writer(&file, self)?;
        file.write_all(b"\n")?;
        Ok(())
    }

    /// The response as it came.
    pub(crate) fn response(&self) -> Result<Vec<u8>, Failure> {
        base64url::decode(&self.response).map_err(|_| "the response is not base64url".into())
    }

    /// What stood inside.
    pub(crate) fn opened(&self) -> Result<Option<Vec<u8>>, Failure> {
        let opened = self.opened.as_deref().map(base64url::decode).transpose();
        opened.map_err(|_| "what was opened is not base64url".into())
    }

    /// The name of the provider that made the report.
    pub(crate) fn provider(&self) -> Result<Cow<'_, str>, Failure> {
        #[derive(Deserialize)]
        struct Judged<'a> {
            #[serde(borrow)]
            provider: Cow<'a, str>,
        }
        let judged: Judged<'_> = serde_json::from_str(self.report.get())?;
        Ok(judged.provider)
    }
}

/// A report in the bytes that are kept and compared.
pub(crate) fn bytes_of(report: &Report) -> Result<Box<RawValue>, Failure> {
    Ok(serde_json::value::to_raw_value(report)?)
}

fn new_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
