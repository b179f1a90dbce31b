//! The kinds of tokens of a response, parsed and unbelieved. The claims of each are read
//! strictly: a member of the wrong type is refused, never skipped.

mod credential;
mod presentation;

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use staffpass_jose::json::{self, Object};
use staffpass_jose::{JwsError, NumericDate, UnverifiedJws};
use staffpass_query::PresentationSubmission;

pub(crate) use credential::{Credential, subject_of};
pub(crate) use presentation::{KeyBound, Presentation, Proof, Room, SignedPresentation};

use crate::{Code, Limits};

/// An ID token of the JWT VC Presentation Profile.
#[derive(Debug)]
pub(crate) struct IdToken {
    pub(crate) jws: UnverifiedJws,
    pub(crate) claims: Claims,
    pub(crate) submissions: Vec<PresentationSubmission>,
}

/// The registered claims of a token, and which other members stand there.
#[derive(Debug)]
pub(crate) struct Claims {
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) audience: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) expires: Option<NumericDate>,
    pub(crate) not_before: Option<NumericDate>,
    pub(crate) issued: Option<NumericDate>,
    pub(crate) has_subject_key: bool,
}

impl IdToken {
    pub(crate) fn parse(compact: String, limits: &Limits) -> Result<Self, Code> {
        let jws = parse_jws(compact, limits)?;
        let raw = RawClaims::parse(&jws, limits)?;
        if raw.vp.is_some() || raw.vc.is_some() {
            return Err(Code::TypMismatch);
        }
        let submissions = submissions(raw.submissions.as_ref())?;
        let claims = raw.into_claims();
        Ok(Self { jws, claims, submissions })
    }
}

fn parse_jws(compact: String, limits: &Limits) -> Result<UnverifiedJws, Code> {
    UnverifiedJws::parse(compact, &limits.token).map_err(|error| match error {
        JwsError::UnsupportedAlgorithm => Code::AlgorithmNotAllowed,
        _ => Code::TokenMalformed,
    })
}

/// `_vp_token` holds one `presentation_submission`, or is an array of such objects
/// (microsoft-wallet dialects: one definition or several).
fn submissions(member: Option<&Value>) -> Result<Vec<PresentationSubmission>, Code> {
    let one = |holder: &Value| {
        let submission = holder.get("presentation_submission").ok_or(Code::SubmissionInvalid)?;
        PresentationSubmission::from_value(submission).map_err(|_| Code::SubmissionInvalid)
    };
    match member {
        Some(Value::Array(holders)) => holders.iter().map(one).collect(),
        Some(holder) => Ok(vec![one(holder)?]),
        None => Err(Code::SubmissionInvalid),
    }
}

/// Whether this context stands first (VC data model 1.1 §4.1, 2.0 §4.3).
fn is_first_context(contexts: Option<&Value>, expected: &str) -> bool {
    let first = match contexts {
        Some(Value::Array(contexts)) => contexts.first(),
        single => single,
    };
    first.and_then(Value::as_str) == Some(expected)
}

/// An RFC 3339 date (T6: bounded before it is parsed).
pub(crate) fn rfc3339(text: &str) -> Option<DateTime<Utc>> {
    let text = Some(text).filter(|text| text.len() <= 40)?;
    DateTime::parse_from_rfc3339(text).ok().map(|date| date.with_timezone(&Utc))
}

/// A party or its id: `issuer`, `holder`.
pub(crate) fn id_or_text(member: Option<&Value>) -> Option<&Value> {
    match member {
        Some(Value::Object(party)) => Some(party.get("id").unwrap_or(&Value::Null)),
        other => other,
    }
}

/// Where both stand, they are equal; a member that is no string agrees with nothing.
pub(crate) fn text_agrees(member: Option<&Value>, claim: Option<&str>) -> bool {
    match (member, claim) {
        (None, _) => true,
        (Some(Value::String(member)), Some(claim)) => member == claim,
        (Some(Value::String(_)), None) => true,
        (Some(_), _) => false,
    }
}

pub(crate) fn strings(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(one) => Some(vec![one]),
        Value::Array(many) => many.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

#[derive(Deserialize)]
struct RawClaims<'a> {
    #[serde(borrow, default, deserialize_with = "some")]
    iss: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "some")]
    sub: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "some")]
    jti: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "some")]
    aud: Option<OneOrMany<'a>>,
    #[serde(borrow, default, deserialize_with = "some")]
    nonce: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "some")]
    exp: Option<NumericDate>,
    #[serde(default, deserialize_with = "some")]
    nbf: Option<NumericDate>,
    #[serde(default, deserialize_with = "some")]
    iat: Option<NumericDate>,
    #[serde(default, deserialize_with = "some")]
    sub_jwk: Option<IgnoredAny>,
    #[serde(borrow, default, deserialize_with = "some")]
    vp: Option<Object<RawVp<'a>>>,
    #[serde(default, deserialize_with = "some")]
    vc: Option<IgnoredAny>,
    #[serde(rename = "_vp_token", default, deserialize_with = "some")]
    submissions: Option<Value>,
}

#[derive(Deserialize)]
struct RawVp<'a> {
    #[serde(rename = "@context")]
    context: Option<Value>,
    #[serde(rename = "type")]
    types: Option<Value>,
    #[serde(default, deserialize_with = "some")]
    id: Option<Value>,
    #[serde(default, deserialize_with = "some")]
    holder: Option<Value>,
    #[serde(borrow, rename = "verifiableCredential", default)]
    credentials: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<'a> {
    One(Cow<'a, str>),
    Many(Vec<Cow<'a, str>>),
}

/// A member that may be missing, but not `null`: `"exp": null` must not read as "never expires".
fn some<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl Claims {
    /// The claims of a payload that has been read already, with what [`RawClaims`] asks of each. None
    /// where one is of a kind that is seldom met: then the text is read as it stands.
    fn of(members: &Map<String, Value>) -> Option<Self> {
        if members.contains_key("vp") {
            return None;
        }
        Some(Self {
            issuer: text(members, "iss")?,
            subject: text(members, "sub")?,
            id: text(members, "jti")?,
            audience: audience(members.get("aud"))?,
            nonce: text(members, "nonce")?,
            expires: whole_seconds(members, "exp")?,
            not_before: whole_seconds(members, "nbf")?,
            issued: whole_seconds(members, "iat")?,
            has_subject_key: members.contains_key("sub_jwk"),
        })
    }
}

fn text(members: &Map<String, Value>, name: &str) -> Option<Option<String>> {
    match members.get(name) {
        None => Some(None),
        Some(Value::String(text)) => Some(Some(text.clone())),
        Some(_) => None,
    }
}

fn audience(member: Option<&Value>) -> Option<Vec<String>> {
    match member {
        None => Some(Vec::new()),
        Some(Value::String(one)) => Some(vec![one.clone()]),
        Some(Value::Array(many)) => many.iter().map(|one| Some(one.as_str()?.to_owned())).collect(),
        Some(_) => None,
    }
}

/// A date without a fraction. What a float was written as, its value does not tell.
fn whole_seconds(members: &Map<String, Value>, name: &str) -> Option<Option<NumericDate>> {
    let Some(member) = members.get(name) else { return Some(None) };
    let seconds = i64::try_from(member.as_u64()?).ok()?;
    let date = NumericDate::from_datetime(DateTime::from_timestamp(seconds, 0)?)?;
    Some(Some(date))
}

impl<'a> RawClaims<'a> {
    fn parse(jws: &'a UnverifiedJws, limits: &Limits) -> Result<Self, Code> {
        let claims = json::parse::<Object<Self>>(jws.unverified_payload(), &limits.json());
        claims.map(|Object(claims)| claims).map_err(|_| Code::ClaimsMalformed)
    }

    fn into_claims(self) -> Claims {
        let audience = match self.aud {
            None => Vec::new(),
            Some(OneOrMany::One(one)) => vec![one.into_owned()],
            Some(OneOrMany::Many(many)) => many.into_iter().map(Cow::into_owned).collect(),
        };
        Claims {
            issuer: self.iss.map(Cow::into_owned),
            subject: self.sub.map(Cow::into_owned),
            id: self.jti.map(Cow::into_owned),
            audience,
            nonce: self.nonce.map(Cow::into_owned),
            expires: self.exp,
            not_before: self.nbf,
            issued: self.iat,
            has_subject_key: self.sub_jwk.is_some(),
        }
    }
}

impl RawVp<'_> {
    fn check_shape(&self, context: &str) -> Result<(), Code> {
        let types = self.types.as_ref().and_then(strings);
        let good = is_first_context(self.context.as_ref(), context)
            && types.is_some_and(|types| types.contains(&"VerifiablePresentation"));
        if good && !self.credentials.is_empty() { Ok(()) } else { Err(Code::PresentationShape) }
    }

    /// T7: `iss` stands for the holder, `jti` for the id (VC data model 1.1 §6.3.1).
    fn agrees_with(&self, claims: &RawClaims<'_>) -> Result<(), Code> {
        let agree = text_agrees(id_or_text(self.holder.as_ref()), claims.iss.as_deref())
            && text_agrees(self.id.as_ref(), claims.jti.as_deref());
        if agree { Ok(()) } else { Err(Code::ClaimsDisagree) }
    }

    fn tokens(self) -> Vec<String> {
        self.credentials.into_iter().map(Cow::into_owned).collect()
    }
}
