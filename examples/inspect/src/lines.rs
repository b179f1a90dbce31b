//! JSON Lines: one case a line on stdin, one answer a line on stdout, in the same order.
//!
//! ```text
//!  stdin ─► reader thread ─► what has come so far, at most 64 lines ─► judged side by side ─► stdout
//! ```
//!
//! What has come is answered at once, so that a script may write a line and wait for its answer.

use std::borrow::Cow;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::ops::Deref;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use staffpass_jose::json::Object;

use crate::{Ending, Failure};

/// Lines that are judged together: enough for every core, few enough to wait for.
const TOGETHER: usize = 64;

/// What is written for a line.
struct Answered {
    text: String,
    judged: bool,
}

/// A line that is no case.
#[derive(Serialize)]
struct Malformed<'a> {
    id: Option<&'a RawValue>,
    error: String,
}

/// A case that cannot be judged although its members are there: it gets an error like a line that
/// is malformed.
pub(crate) struct NotJudged(pub(crate) String);

/// Judges every line of stdin. Good only if each was judged.
pub(crate) fn run<J>(judge: J) -> Result<Ending, Failure>
where
    J: Fn(&[u8]) -> Result<String, NotJudged> + Sync,
{
    let lines = stdin_lines();
    let progress = progress();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut all_judged = true;
    while let Some(together) = next_lines(&lines)? {
        for answered in side_by_side(&together, &judge) {
            all_judged &= answered.judged;
            writeln!(out, "{}", answered.text)?;
        }
        out.flush()?;
        progress.inc(u64::try_from(together.len())?);
    }
    progress.finish_and_clear();
    Ok(if all_judged { Ending::Good } else { Ending::Bad })
}

/// Reads a case: strict about its members, and lenient about nothing.
pub(crate) fn case<'a, C: Deserialize<'a>>(line: &'a [u8]) -> Result<C, NotJudged> {
    let case: Result<Object<C>, _> = serde_json::from_slice(line);
    case.map(|Object(case)| case).map_err(|error| NotJudged(reason(&error)))
}

/// Writes an answer.
pub(crate) fn answer(answer: &impl Serialize) -> Result<String, NotJudged> {
    serde_json::to_string(answer).map_err(|error| NotJudged(reason(&error)))
}

fn answered(line: &[u8], judge: &impl Fn(&[u8]) -> Result<String, NotJudged>) -> Answered {
    match judge(line) {
        Ok(text) => Answered { text, judged: true },
        Err(NotJudged(error)) => {
            let malformed = Malformed { id: id_of(line), error };
            let text = serde_json::to_string(&malformed).unwrap_or_default();
            Answered { text, judged: false }
        }
    }
}

/// The id of a line that is an object with one, whatever else is wrong with it.
fn id_of(line: &[u8]) -> Option<&RawValue> {
    #[derive(Deserialize)]
    struct Identified<'a> {
        #[serde(borrow)]
        id: &'a RawValue,
    }
    let read: Result<Object<Identified<'_>>, _> = serde_json::from_slice(line);
    read.ok().map(|Object(identified)| identified.id)
}

/// What is wrong with a line, without the values that stand in it.
fn reason(error: &serde_json::Error) -> String {
    let (message, column) = (error.to_string(), error.column());
    if !error.is_data() {
        return format!("not JSON, at column {column}");
    }
    match message.strip_prefix("invalid ").and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((_, expected)) => format!("wrongly typed: expected {expected}"),
        None => message,
    }
}

fn side_by_side<J>(lines: &[Vec<u8>], judge: &J) -> Vec<Answered>
where
    J: Fn(&[u8]) -> Result<String, NotJudged> + Sync,
{
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = lines.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let judged = |part: &[Vec<u8>]| -> Vec<Answered> {
            part.iter().map(|line| answered(line, judge)).collect()
        };
        let parts: Vec<_> =
            lines.chunks(share).map(|part| scope.spawn(move || judged(part))).collect();
        let finished = parts.into_iter().map(|part| match part.join() {
            Ok(answers) => answers,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        finished.flatten().collect()
    })
}

/// At least one line, and what else has come; none at the end.
fn next_lines(lines: &Receiver<io::Result<Vec<u8>>>) -> io::Result<Option<Vec<Vec<u8>>>> {
    let Ok(first) = lines.recv() else { return Ok(None) };
    let more = lines.try_iter().take(TOGETHER - 1);
    std::iter::once(first).chain(more).collect::<io::Result<_>>().map(Some)
}

fn stdin_lines() -> Receiver<io::Result<Vec<u8>>> {
    let (send, lines) = mpsc::sync_channel(TOGETHER);
    thread::spawn(move || {
        for line in io::stdin().lock().split(b'\n') {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// A count of the cases on a terminal; nothing in a pipe.
fn progress() -> ProgressBar {
    if !io::stderr().is_terminal() || io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {pos} cases, {per_sec}");
    ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

/// A text that mostly needs no copy.
///
/// JSON can write a text that no UTF-8 holds: half of a surrogate pair (RFC 8259 §8.2). It is judged
/// as it stands in the line, with its escapes, which is no DID and no token.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Text<'a>(Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        let Some(escaped) = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')) else {
            return Err(D::Error::custom("wrongly typed: expected a string"));
        };
        let text = match escaped.contains('\\') {
            true => serde_json::from_str(json).map_or(Cow::Borrowed(escaped), Cow::Owned),
            false => Cow::Borrowed(escaped),
        };
        Ok(Self(text))
    }
}
