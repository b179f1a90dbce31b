//! `inspect batch-dcql`: whether a DCQL query is valid, and which credentials answer it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use staffpass_jose::json;
use staffpass_query::{Candidate, DcqlQuery, Format, Query};

/// A line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    query: &'a RawValue,
    #[serde(borrow)]
    credentials: Vec<&'a RawValue>,
}

/// The verdict.
#[derive(Serialize)]
pub(super) struct Judged<'a> {
    id: &'a RawValue,
    valid: bool,
    codes: Vec<&'static str>,
    satisfied: bool,
    matches: BTreeMap<String, Option<Vec<usize>>>,
}

impl<'a> Case<'a> {
    pub(super) fn judge(&self) -> Judged<'a> {
        match self.query() {
            Ok(query) => self.evaluate(&query),
            Err(code) => Judged {
                id: self.id,
                valid: false,
                codes: vec![code],
                satisfied: false,
                matches: BTreeMap::new(),
            },
        }
    }

    /// The query as a wallet or a portal would read it: strict JSON, and then strict DCQL.
    fn query(&self) -> Result<Query, &'static str> {
        let text = self.query.get().as_bytes();
        let value: Value = json::parse(text, &json::Limits::default()).map_err(|e| e.code())?;
        DcqlQuery::from_value(&value).map(Query::from).map_err(|error| error.code())
    }

    fn evaluate(&self, query: &Query) -> Judged<'a> {
        let credentials: Vec<_> = self.credentials.iter().map(|json| read(json)).collect();
        let candidates: Vec<_> = credentials.iter().map(candidate).collect();
        let matches = query.matches(&candidates);
        let unsatisfied = matches.satisfied().err().map(|unsatisfied| unsatisfied.code());
        let by_part = matches.parts().iter().map(|part| {
            let answering: Vec<usize> = part.answering().collect();
            (part.id().to_owned(), Some(answering).filter(|some| !some.is_empty()))
        });
        Judged {
            id: self.id,
            valid: true,
            codes: unsatisfied.into_iter().collect(),
            satisfied: unsatisfied.is_none(),
            matches: by_part.collect(),
        }
    }
}

/// A credential that cannot be held (a number beyond every float, half of a surrogate pair, nesting
/// without end) is one without members.
fn read(credential: &RawValue) -> Value {
    serde_json::from_str(credential.get()).unwrap_or_default()
}

/// A credential by the members that are as they should be; by the others it answers nothing.
fn candidate(credential: &Value) -> Candidate<'_> {
    let text = |member: &str| credential.get(member).and_then(Value::as_str);
    let format = Format::from_name(text("format").unwrap_or_default());
    let claims = credential.get("claims").unwrap_or(&Value::Null);
    let bound = credential.get("holder_binding").and_then(Value::as_bool);
    let candidate = Candidate::w3c(format, claims)
        .with_types(types(credential.get("type")))
        .with_holder_binding(bound.unwrap_or_default());
    match text("vct") {
        Some(vct) => candidate.with_vct(vct),
        None => candidate,
    }
}

fn types(member: Option<&Value>) -> Vec<&str> {
    match member {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
