//! `inspect verify`: one presentation or response, and the report of every check.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use staffpass_jose::jwe::AgreementKey;
use staffpass_jose::{CryptoProvider, base64url};
use staffpass_query::{CredentialQuery, CredentialSetQuery, DcqlQuery, Query, QueryError};
use staffpass_request::Expectation;
use staffpass_verify::policy::TrustPolicy;
use staffpass_verify::{
    Evidence, Fetched, Outcome, Rejection, Report, Source, Step, Verification, VerifiedResponse,
    Verifier,
};
use zeroize::Zeroizing;

use crate::archive::{Archive, Document, bytes_of};
use crate::documents::{ByName, Documents};
use crate::options::VerifyOptions;
use crate::terminal::{BAD, GOOD, NOTE, plain, pretty, styled};
use crate::{Ending, Failure};

/// What the expectation file says, in its short form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    audience: String,
    nonce: String,
    now: Option<i64>,
    requested_at: Option<i64>,
    query: Option<Query>,
    #[serde(default)]
    required_types: Vec<String>,
}

impl Expect {
    /// The query, or one for a credential of each required type, in whatever format it comes.
    fn query(&self) -> Result<Option<Query>, Failure> {
        match (&self.query, self.required_types.as_slice()) {
            (query, []) => Ok(query.clone()),
            (None, types) => Ok(Some(for_types(types)?.into())),
            _ => Err("the expectation has both a query and required types".into()),
        }
    }
}

/// Whether a key has to be proved is for the policy to say, and not for this query.
fn for_types(types: &[String]) -> Result<DcqlQuery, QueryError> {
    let ids = |place: usize| [format!("w3c-{place}"), format!("sd-jwt-{place}")];
    let parts = types.iter().enumerate().flat_map(|(place, name)| {
        let [w3c, sd_jwt] = ids(place);
        [CredentialQuery::jwt_vc(&w3c, name), CredentialQuery::sd_jwt_vc(&sd_jwt, name)]
    });
    let either = (0..types.len()).map(|place| {
        let [w3c, sd_jwt] = ids(place);
        CredentialSetQuery::required([[w3c.as_str()], [sd_jwt.as_str()]])
    });
    DcqlQuery::with_sets(parts.map(CredentialQuery::accept_without_holder_binding), either)
}

/// The evidence file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceFile<'a> {
    fetched_at: Option<i64>,
    #[serde(borrow, default)]
    did_documents: ByName<'a>,
    #[serde(borrow, default)]
    status_lists: ByName<'a>,
    #[serde(borrow, default)]
    issuer_jwks: ByName<'a>,
}

/// Runs the command.
pub(crate) fn run(options: &VerifyOptions) -> Result<Ending, Failure> {
    let policy = TrustPolicy::from_toml(&text(&options.policy)?)?;
    let (expectation, now) = expected(options)?;
    let response = read(&options.presentation)?;
    let evidence = options.evidence.as_deref().map(text).transpose()?;
    let documents = documents(evidence.as_deref(), now)?;
    let provider = crate::provider::named(options.provider.provider);
    let opening = opening(options.response_key.as_deref(), &provider)?;
    let case = Judging { policy, expectation, response, opening, documents, now };
    let Judged { verdict, opened } = case.judge(&provider)?;
    if let Some(path) = &options.archive {
        case.archive(report(&verdict), opened.as_deref())?.write(path)?;
    }
    show(&verdict, options.form.is_json())?;
    Ok(if verdict.is_ok() { Ending::Good } else { Ending::Bad })
}

fn opening(key: Option<&Path>, provider: &Arc<dyn CryptoProvider>) -> Result<Opening, Failure> {
    let Some(path) = key else { return Ok(Opening::Before(None)) };
    let jwk = Zeroizing::new(text(path)?);
    let key = provider.agreement_key_from_private_jwk(&jwk);
    Ok(Opening::With(key.map_err(|error| format!("{}: {error}", path.display()))?))
}

/// How a response that came encrypted is opened.
pub(crate) enum Opening {
    /// With the key of its request.
    With(Box<dyn AgreementKey>),
    /// It was opened before, to this; none where it was not.
    Before(Option<Vec<u8>>),
}

/// Everything that a verdict rests on.
pub(crate) struct Judging {
    pub(crate) policy: TrustPolicy,
    pub(crate) expectation: Expectation,
    pub(crate) response: Vec<u8>,
    pub(crate) opening: Opening,
    pub(crate) documents: Vec<Document>,
    pub(crate) now: DateTime<Utc>,
}

/// What came of it.
pub(crate) struct Judged {
    pub(crate) verdict: Result<VerifiedResponse, Rejection>,
    /// What stood inside an encrypted response.
    pub(crate) opened: Option<Zeroizing<Vec<u8>>>,
}

impl Judging {
    /// The verdict. A document is looked for by the name that the report has for it; one that is not
    /// there cannot be had.
    pub(crate) fn judge(&self, provider: &Arc<dyn CryptoProvider>) -> Result<Judged, Failure> {
        let mut verification =
            self.received(&Verifier::new(self.policy.clone(), Arc::clone(provider)))?;
        let opened = verification.opened().map(|opened| Zeroizing::new(opened.to_vec()));
        let mut evidence = Evidence::new(Arc::clone(provider));
        loop {
            let needs = match verification.step(&evidence, self.now) {
                Step::Done(verdict) => return Ok(Judged { verdict: *verdict, opened }),
                Step::Needs(needs) => needs,
            };
            for source in needs {
                self.supply(source, &mut evidence)?;
            }
        }
    }

    /// A whole response where the expectation says in which protocol it was asked for, else a
    /// presentation by itself.
    fn received(&self, verifier: &Verifier) -> Result<Verification, Failure> {
        let (asked, body) = (&self.expectation, &self.response);
        if asked.protocol().is_none() {
            return Ok(verifier.receive_presentation(asked, std::str::from_utf8(body)?));
        }
        Ok(match &self.opening {
            Opening::With(key) => verifier.receive_encrypted(asked, &**key, body),
            Opening::Before(opened) => verifier.receive_opened(asked, opened.as_deref(), body),
        })
    }

    fn supply(&self, source: Source, evidence: &mut Evidence) -> Result<(), Failure> {
        let name = source.to_string();
        let document = self.documents.iter().find(|document| document.source == name);
        let at = document.map_or(self.now, |document| document.fetched_at);
        let bytes = document.map(Document::bytes).transpose()?.flatten();
        let fetched = bytes.as_deref().map_or(Fetched::Unavailable, Fetched::Document);
        evidence.insert(source, fetched, at);
        Ok(())
    }

    fn archive(&self, report: &Report, opened: Option<&Vec<u8>>) -> Result<Archive, Failure> {
        Ok(Archive {
            archive: Archive::VERSION,
            response: base64url::encode(&self.response),
            opened: opened.map(base64url::encode),
            expectation: self.expectation.clone(),
            policy: self.policy.to_toml(),
            evidence: self.documents.clone(),
            now: self.now,
            report: bytes_of(report)?,
        })
    }
}

/// The report of either verdict.
pub(crate) fn report(verdict: &Result<VerifiedResponse, Rejection>) -> &Report {
    match verdict {
        Ok(verified) => verified.report(),
        Err(rejection) => rejection.report(),
    }
}

/// The expectation, and when it is judged: as the command line says, else as the file does, else now.
fn expected(options: &VerifyOptions) -> Result<(Expectation, DateTime<Utc>), Failure> {
    let text = text(&options.expect)?;
    if let Ok(stored) = serde_json::from_str::<Expectation>(&text) {
        return Ok((stored, options.now.unwrap_or_else(Utc::now)));
    }
    let expect: Expect = serde_json::from_str(&text)?;
    let in_file = expect.now.map(seconds).transpose()?;
    let now = options.now.or(in_file).unwrap_or_else(Utc::now);
    let asked = expect.requested_at.map_or(Ok(DateTime::UNIX_EPOCH), seconds)?;
    let (audience, nonce, until) = (&expect.audience, &expect.nonce, now + TimeDelta::days(1));
    let query = expect.query()?;
    let expectation = Expectation::for_presentation(audience, nonce, query, asked, until)?;
    Ok((expectation, now))
}

fn documents(text: Option<&str>, now: DateTime<Utc>) -> Result<Vec<Document>, Failure> {
    let file: EvidenceFile<'_> = text.map(serde_json::from_str).transpose()?.unwrap_or_default();
    let at = file.fetched_at.map_or(Ok(now), seconds)?;
    let documents = Documents {
        did_documents: &file.did_documents,
        status_lists: &file.status_lists,
        issuer_jwks: &file.issuer_jwks,
    };
    let each = documents.sources();
    Ok(each.map(|(source, bytes)| Document::new(&source, at, bytes.as_deref())).collect())
}

fn seconds(seconds: i64) -> Result<DateTime<Utc>, Failure> {
    let known = (0..=253_402_300_799).contains(&seconds);
    let time = known.then(|| DateTime::from_timestamp(seconds, 0)).flatten();
    time.ok_or_else(|| "a time is not between 1970 and 9999".into())
}

/// The bytes of the response, without the line end that editors add.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match path.to_str() {
        Some("-") => drop(std::io::stdin().lock().read_to_end(&mut bytes)?),
        _ => bytes = contents(path)?,
    }
    bytes.truncate(bytes.trim_ascii_end().len());
    Ok(bytes)
}

pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    Ok(String::from_utf8(contents(path)?)?)
}

fn contents(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn show(verdict: &Result<VerifiedResponse, Rejection>, as_json: bool) -> Result<(), Failure> {
    let report = report(verdict);
    if as_json {
        let claims = verdict.as_ref().ok().map(claims);
        let codes = report.codes();
        let shown = json!({
            "accepted": verdict.is_ok(), "codes": codes, "claims": claims, "report": report,
        });
        anstream::println!("{}", pretty(&shown)?);
        return Ok(());
    }
    anstream::print!("{}", as_text(report));
    let (style, word) = if verdict.is_ok() { (GOOD, "accepted") } else { (BAD, "refused") };
    let codes: Vec<_> = report.codes().iter().map(|code| code.as_str()).collect();
    anstream::println!("{} {}", styled(style, word), codes.join(" "));
    Ok(())
}

fn claims(verified: &VerifiedResponse) -> Vec<&Map<String, Value>> {
    verified.credentials().iter().map(|credential| credential.subject()).collect()
}

/// The report's own text, a colour a line, and below it what the verdict rests on.
fn as_text(report: &Report) -> String {
    let mut text = String::new();
    for (place, line) in report.to_string().lines().enumerate() {
        let style = match report.checks.get(place).map(|record| record.outcome) {
            Some(Outcome::Passed) => GOOD,
            Some(Outcome::Failed(_)) => BAD,
            _ => NOTE,
        };
        text += &format!("{}\n", styled(style, plain(line)));
    }
    for used in &report.evidence {
        let state = if used.digest.is_some() { "" } else { ", unavailable" };
        text += &format!("     {}: {} s old{state}\n", plain(&used.source), used.age_seconds);
    }
    text += &format!(
        "     judged at {} by {} under policy {}\n",
        report.judged_at.to_rfc3339(),
        report.provider,
        report.policy
    );
    text
}
