//! The three kinds of tokens of a response, parsed and unbelieved. The claims of each are read
//! strictly: a member of the wrong type is refused, never skipped.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use staffpass_jose::{JwsError, NumericDate, UnverifiedJws, json};
use staffpass_query::PresentationSubmission;

use crate::{Code, Limits};

/// An ID token of the JWT VC Presentation Profile.
#[derive(Debug)]
pub(crate) struct IdToken {
    pub(crate) jws: UnverifiedJws,
    pub(crate) claims: Claims,
    pub(crate) submissions: Vec<PresentationSubmission>,
}

/// A presentation (VP-JWT, VC data model 1.1 §6.3.1).
#[derive(Debug)]
pub(crate) struct Presentation {
    pub(crate) jws: UnverifiedJws,
    pub(crate) claims: Claims,
    pub(crate) shape: Result<(), Code>,
    pub(crate) credentials: Vec<Result<Credential, Code>>,
    /// The query id under which it came (OpenID4VP).
    pub(crate) part: Option<String>,
}

/// A credential (VC-JWT, VC data model 1.1 §6.3.1).
#[derive(Debug)]
pub(crate) struct Credential {
    pub(crate) jws: UnverifiedJws,
    pub(crate) claims: Claims,
    /// The whole payload; `vc` is an object in it.
    pub(crate) payload: Value,
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

impl Presentation {
    pub(crate) fn parse(
        compact: String,
        part: Option<String>,
        limits: &Limits,
    ) -> Result<Self, Code> {
        let jws = parse_jws(compact, limits)?;
        let mut raw = RawClaims::parse(&jws, limits)?;
        if raw.vc.is_some() || raw.submissions.is_some() {
            return Err(Code::TypMismatch);
        }
        let vp = raw.vp.take().ok_or(Code::ClaimsMalformed)?;
        let shape = vp.check_shape();
        let credentials = vp.credentials.into_iter();
        let credentials =
            credentials.map(|vc| Credential::parse(vc.into_owned(), limits)).collect();
        let claims = raw.into_claims();
        Ok(Self { jws, claims, shape, credentials, part })
    }
}

impl Credential {
    fn parse(compact: String, limits: &Limits) -> Result<Self, Code> {
        let jws = parse_jws(compact, limits)?;
        let raw = RawClaims::parse(&jws, limits)?;
        if raw.vp.is_some() || raw.submissions.is_some() {
            return Err(Code::TypMismatch);
        }
        let claims = raw.into_claims();
        // The first reading has checked the text; this one keeps every claim for the query.
        let payload: Value =
            serde_json::from_slice(jws.unverified_payload()).map_err(|_| Code::ClaimsMalformed)?;
        if !payload.get("vc").is_some_and(Value::is_object) {
            return Err(Code::ClaimsMalformed);
        }
        Ok(Self { jws, claims, payload })
    }

    /// The credential itself: what stands under `vc`.
    pub(crate) fn vc(&self) -> &Value {
        self.payload.get("vc").unwrap_or(&Value::Null)
    }

    /// The types as they stand, a lone string or an array of strings.
    pub(crate) fn types(&self) -> Option<Vec<&str>> {
        strings(self.vc().get("type")?)
    }

    /// The one subject (P23): an object, or an array that holds exactly one.
    pub(crate) fn subject(&self) -> Option<&Map<String, Value>> {
        match self.vc().get("credentialSubject")? {
            Value::Object(subject) => Some(subject),
            Value::Array(subjects) => match subjects.as_slice() {
                [Value::Object(subject)] => Some(subject),
                _ => None,
            },
            _ => None,
        }
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

/// The context of the VC data model 1.1, the first of every credential and presentation (§4.1).
const BASE_CONTEXT: &str = "https://www.w3.org/2018/credentials/v1";

/// Context first, and the type that each must have (VC data model 1.1 §4.1, §4.3).
pub(crate) fn check_context_and_type(
    context: Option<&Value>,
    types: Option<&[&str]>,
    required: &str,
) -> bool {
    let first = match context {
        Some(Value::Array(contexts)) => contexts.first(),
        single => single,
    };
    first.and_then(Value::as_str) == Some(BASE_CONTEXT)
        && types.is_some_and(|types| types.contains(&required))
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
    vp: Option<RawVp<'a>>,
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

impl<'a> RawClaims<'a> {
    fn parse(jws: &'a UnverifiedJws, limits: &Limits) -> Result<Self, Code> {
        json::parse(jws.unverified_payload(), &limits.json()).map_err(|_| Code::ClaimsMalformed)
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
    fn check_shape(&self) -> Result<(), Code> {
        let types = self.types.as_ref().and_then(strings);
        let good = check_context_and_type(
            self.context.as_ref(),
            types.as_deref(),
            "VerifiablePresentation",
        );
        if good && !self.credentials.is_empty() { Ok(()) } else { Err(Code::PresentationShape) }
    }
}
