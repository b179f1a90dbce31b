//! The terminal: the flow told step by step, or one JSON object at its end.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use staffpass::credentials::{CredentialKind, london_date};
use staffpass::request::qr::QrCode;
use staffpass::verify::Report;

use crate::{Error, Options};

/// Who speaks or acts.
#[derive(Clone, Copy)]
pub(crate) enum Who {
    Issuer,
    Portal,
    Person,
    Wallet,
    /// What reaches the person by email or text message.
    Inbox,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Issuer => "Eastmoor",
            Self::Portal => "Northfield",
            Self::Person => "Amara",
            Self::Wallet => "wallet",
            Self::Inbox => "inbox",
        })
    }
}

/// Where the flow is told.
#[derive(Debug)]
pub struct Terminal {
    json: bool,
    steps: Vec<Step>,
    refusals: Vec<Value>,
}

/// A step of the flow, and how it came out.
#[derive(Debug, Serialize)]
struct Step {
    name: &'static str,
    outcome: String,
}

/// A flow that ended as its options say it should.
#[derive(Debug)]
pub struct Ending {
    pub(crate) options: Options,
    pub(crate) report: Report,
    pub(crate) shared: Vec<Shared>,
}

/// A credential that is with the receiving trust.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) kind: CredentialKind,
    pub(crate) issuer: String,
    pub(crate) issued: DateTime<Utc>,
    pub(crate) expires: Option<DateTime<Utc>>,
}

impl Terminal {
    /// A terminal that tells the flow, or with `json` one that keeps it for the end.
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { json, steps: Vec::new(), refusals: Vec::new() }
    }

    /// A new step begins.
    pub(crate) fn begin(&self, title: &str) {
        self.print(format_args!("\n── {title}"));
    }

    /// The step ended so.
    pub(crate) fn end_step(&mut self, name: &'static str, outcome: &str) {
        self.steps.push(Step { name, outcome: outcome.to_owned() });
    }

    /// Somebody says or does something.
    pub(crate) fn tell(&self, who: Who, text: &str) {
        for (place, line) in text.lines().enumerate() {
            match place {
                0 => self.print(format_args!("   {who:<11} {line}")),
                _ => self.print(format_args!("   {:<11} {line}", "")),
            }
        }
    }

    /// A QR code, and the link that it holds.
    pub(crate) fn show_link(&self, link: &str) -> Result<(), Error> {
        let drawn = QrCode::of(link)?.to_terminal();
        self.print(format_args!("{}", drawn.trim_end_matches('\n')));
        self.print(format_args!("   On the same device: {link}"));
        Ok(())
    }

    /// Every check of a verification.
    pub(crate) fn show_report(&self, report: &Report) {
        report.to_string().lines().for_each(|line| self.print(format_args!("     {line}")));
    }

    /// A response was refused.
    pub(crate) fn refused(&mut self, report: &Report) -> Result<(), Error> {
        self.refusals.push(serde_json::to_value(report)?);
        Ok(())
    }

    /// How many responses were refused.
    pub(crate) fn refusals(&self) -> usize {
        self.refusals.len()
    }

    /// The flow as one JSON object.
    #[must_use]
    pub fn to_json(&self, ending: &Ending) -> Value {
        self.object(
            &ending.options,
            "verified",
            json!(ending.report),
            ending.shared.iter().map(Shared::to_json).collect(),
        )
    }

    /// Ends well.
    pub fn end(&self, ending: &Ending) {
        if self.json {
            println!("{}", self.to_json(ending));
        }
    }

    /// Ends as it should not.
    pub fn fail(&self, options: &Options, error: &dyn std::error::Error) {
        if self.json {
            println!("{}", self.object(options, "failed", Value::Null, Vec::new()));
        }
        eprintln!("share-flow: {error}");
    }

    fn object(&self, options: &Options, verdict: &str, report: Value, shared: Vec<Value>) -> Value {
        json!({
            "dialect": options.dialect,
            "holder": options.holder,
            "verdict": verdict,
            "steps": self.steps,
            "refusals": self.refusals,
            "report": report,
            "shared": shared,
        })
    }

    fn print(&self, line: fmt::Arguments<'_>) {
        if !self.json {
            println!("{line}");
        }
    }
}

impl Shared {
    fn to_json(&self) -> Value {
        let written = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        json!({
            "kind": self.kind,
            "issuer": self.issuer,
            "issued": written(self.issued),
            "expires": self.expires.map(written),
        })
    }
}

/// The line of the summary. Dates are shown as a calendar in London has them.
impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<10} from {}, ", self.kind.id(), self.issuer)?;
        write!(f, "issued {}", london_date(self.issued))?;
        match self.expires {
            Some(expires) => write!(f, ", good until {}", london_date(expires)),
            None => Ok(()),
        }
    }
}
