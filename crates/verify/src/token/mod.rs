//! The kinds of tokens of a response, parsed and unbelieved. The claims of each are read
//! strictly: a member of the wrong type is refused, never skipped.

mod credential;
mod presentation;

use chrono::{DateTime, Utc};
use staffpass_jose::json::{Node, Tree};
use staffpass_jose::{JwsError, NumericDate, UnverifiedJws};
use staffpass_query::PresentationSubmission;

pub(crate) use credential::{Credential, Payload};
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
        let payload = payload_of(&jws, limits)?;
        let members = payload.root();
        let claims = Claims::of(members)?;
        if members.get("vp").is_some() || members.get("vc").is_some() {
            return Err(Code::TypMismatch);
        }
        let submissions = submissions(members.get("_vp_token"))?;
        Ok(Self { jws, claims, submissions })
    }
}

fn parse_jws(compact: String, limits: &Limits) -> Result<UnverifiedJws, Code> {
    UnverifiedJws::parse(compact, &limits.token).map_err(|error| match error {
        JwsError::UnsupportedAlgorithm => Code::AlgorithmNotAllowed,
        _ => Code::TokenMalformed,
    })
}

/// A claims set: a JSON object (RFC 7519 §7.2).
fn payload_of<'a>(jws: &'a UnverifiedJws, limits: &Limits) -> Result<Tree<'a>, Code> {
    let payload = Tree::parse(jws.unverified_payload(), &limits.json());
    let payload = payload.ok().filter(|payload| payload.root().is_object());
    payload.ok_or(Code::ClaimsMalformed)
}

/// `_vp_token` holds one `presentation_submission`, or is an array of such objects
/// (microsoft-wallet dialects: one definition or several).
fn submissions(member: Option<Node<'_>>) -> Result<Vec<PresentationSubmission>, Code> {
    let one = |holder: Node<'_>| {
        let submission = holder.get("presentation_submission").ok_or(Code::SubmissionInvalid)?;
        let submission = PresentationSubmission::from_value(&submission.to_value());
        submission.map_err(|_| Code::SubmissionInvalid)
    };
    let member = member.ok_or(Code::SubmissionInvalid)?;
    match member.elements() {
        Some(holders) => holders.map(one).collect(),
        None => Ok(vec![one(member)?]),
    }
}

/// Whether this context stands first (VC data model 1.1 §4.1, 2.0 §4.3).
fn is_first_context(contexts: Option<Node<'_>>, expected: &str) -> bool {
    let Some(contexts) = contexts else { return false };
    let first = match contexts.elements() {
        Some(mut contexts) => contexts.next(),
        None => Some(contexts),
    };
    first.and_then(Node::as_str) == Some(expected)
}

/// An RFC 3339 date (T6: bounded before it is parsed).
pub(crate) fn rfc3339(text: &str) -> Option<DateTime<Utc>> {
    let text = Some(text).filter(|text| text.len() <= 40)?;
    DateTime::parse_from_rfc3339(text).ok().map(|date| date.with_timezone(&Utc))
}

/// A party or its id: `issuer`, `holder`.
pub(crate) fn id_or_text(member: Option<Node<'_>>) -> Option<Node<'_>> {
    let party = member.filter(|member| member.is_object());
    // A party without an id is there, and agrees with nothing.
    party.map_or(member, |party| party.get("id").or(member))
}

/// Where both stand, they are equal; a member that is no string agrees with nothing.
pub(crate) fn text_agrees(member: Option<Node<'_>>, claim: Option<&str>) -> bool {
    let Some(member) = member else { return true };
    let agrees = |member| claim.is_none_or(|claim| member == claim);
    member.as_str().is_some_and(agrees)
}

pub(crate) fn strings(value: Node<'_>) -> Option<Vec<&str>> {
    match value.elements() {
        Some(many) => many.map(Node::as_str).collect(),
        None => Some(vec![value.as_str()?]),
    }
}

impl Claims {
    /// The registered claims (RFC 7519 §4.1). One that stands there is of its type: `"exp": null` must not
    /// read as "never expires".
    fn of(members: Node<'_>) -> Result<Self, Code> {
        Ok(Self {
            issuer: text(members, "iss")?,
            subject: text(members, "sub")?,
            id: text(members, "jti")?,
            audience: audience(members)?,
            nonce: text(members, "nonce")?,
            expires: date(members, "exp")?,
            not_before: date(members, "nbf")?,
            issued: date(members, "iat")?,
            has_subject_key: members.get("sub_jwk").is_some(),
        })
    }
}

fn text(members: Node<'_>, name: &str) -> Result<Option<String>, Code> {
    let text = members.get(name).map(|member| member.as_str().ok_or(Code::ClaimsMalformed));
    Ok(text.transpose()?.map(str::to_owned))
}

fn date(members: Node<'_>, name: &str) -> Result<Option<NumericDate>, Code> {
    let date = |member| NumericDate::from_node(member).ok_or(Code::ClaimsMalformed);
    members.get(name).map(date).transpose()
}

/// A string, or an array of strings (RFC 7519 §4.1.3).
fn audience(members: Node<'_>) -> Result<Vec<String>, Code> {
    let audience = members.get("aud").map_or(Some(Vec::new()), strings);
    Ok(audience.ok_or(Code::ClaimsMalformed)?.into_iter().map(str::to_owned).collect())
}
