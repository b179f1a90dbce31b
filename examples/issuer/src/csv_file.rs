//! Many credentials from a CSV file.

use std::io::{Cursor, Read};
use std::sync::Arc;

use csv::{Position, Reader, ReaderBuilder, StringRecord, Trim};
use serde_json::{Map, Value};
use staffpass::credentials::CredentialKind;

use crate::Error;
use crate::options::Format;

/// Columns whose cells are JSON: numbers and truth values. So is a cell that begins with a bracket;
/// every other cell is text, whatever it looks like, and an empty one is no claim.
const JSON_COLUMNS: [&str; 3] = ["level", "renewal_period.value", "licence_to_attend"];

/// A row that can be issued.
pub(crate) struct Row {
    pub(crate) kind: CredentialKind,
    pub(crate) holder: String,
    pub(crate) format: Option<Format>,
    pub(crate) claims: Map<String, Value>,
}

/// The rows of a file, each with its line number; the header is line 1.
pub(crate) fn rows(
    mut input: impl Read,
) -> Result<impl Iterator<Item = (usize, Result<Row, Error>)>, Error> {
    let mut text = Vec::new();
    input.read_to_end(&mut text)?;
    let text: Arc<[u8]> = text.into();
    let mut lines = Lines { text: text.clone(), byte: 0, line: 1 };
    let mut reader: Reader<_> = ReaderBuilder::new().trim(Trim::All).from_reader(Cursor::new(text));
    let header = reader.headers()?.clone();
    for needed in ["kind", "holder"] {
        if !header.iter().any(|name| name == needed) {
            return Err(format!("the CSV file has no column {needed}").into());
        }
    }
    Ok(reader.into_records().map(move |record| {
        let line = lines.at(match &record {
            Ok(record) => record.position(),
            Err(error) => error.position(),
        });
        (line, record.map_err(fault).and_then(|record| row(&header, &record)))
    }))
}

/// What is wrong, without the place: that is told in lines as an editor counts them.
fn fault(error: csv::Error) -> Error {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("there are {len} cells under {expected_len} names").into()
        }
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8".into(),
        _ => error.into(),
    }
}

/// Counts lines as an editor does, whatever ends them. The reader's own count is one too low after
/// each end of two characters, as spreadsheets write it.
struct Lines {
    text: Arc<[u8]>,
    byte: usize,
    line: usize,
}

impl Lines {
    /// The line in which a record begins, after the last one and any empty lines.
    fn at(&mut self, position: Option<&Position>) -> usize {
        let start = position.and_then(|position| usize::try_from(position.byte()).ok());
        let start = start.unwrap_or(self.byte).max(self.byte);
        let rest = self.text.get(start..).unwrap_or_default();
        let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.text.get(self.byte..start + ends).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.byte = start + ends;
        self.line
    }
}

fn row(header: &StringRecord, record: &StringRecord) -> Result<Row, Error> {
    let (mut kind, mut holder, mut format) = (None, None, None);
    let mut claims = Map::new();
    for (name, cell) in header.iter().zip(record).filter(|(_, cell)| !cell.is_empty()) {
        match name {
            "kind" => kind = CredentialKind::from_id(cell),
            "holder" => holder = Some(cell.to_owned()),
            "format" => format = Some(clap::ValueEnum::from_str(cell, false)?),
            _ => put(&mut claims, name, value(name, cell)?)?,
        }
    }
    let kind = kind.ok_or("the kind is not identity, employment or training")?;
    let holder = holder.ok_or("the holder is missing")?;
    Ok(Row { kind, holder, format, claims })
}

fn value(name: &str, cell: &str) -> Result<Value, Error> {
    if JSON_COLUMNS.contains(&name) || cell.starts_with(['[', '{']) {
        return serde_json::from_str(cell).map_err(|_| format!("{name}: is not JSON").into());
    }
    Ok(cell.into())
}

/// Puts a value at a path, `employer.ods_code`, say.
fn put(claims: &mut Map<String, Value>, path: &str, value: Value) -> Result<(), Error> {
    let Some((first, rest)) = path.split_once('.') else {
        claims.insert(path.to_owned(), value);
        return Ok(());
    };
    let inner = claims.entry(first).or_insert_with(|| Map::new().into());
    let inner = inner.as_object_mut().ok_or_else(|| format!("{first}: is text and has members"))?;
    put(inner, rest, value)
}
