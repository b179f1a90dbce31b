//! W3C credentials, to `ssi` and back.
//!
//! What goes to `ssi` has been verified, and only what was verified goes. What comes back has been
//! verified by nobody: it is a credential in the making, for an issuer's own signature. A
//! [`VerifiedCredential`] is made by verification alone.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use ssi::claims::vc::{AnyJsonCredential, v1, v2};
use staffpass_did::Did;
use staffpass_issue::{CredentialBuilder, IssuerKey};
use staffpass_status::StatusEntry;
use staffpass_verify::VerifiedCredential;
use staffpass_verify::policy::CredentialFormat;

use crate::SsiError;

/// The context of the VC data model 1.1 (§4.1).
const CONTEXT_V1: &str = "https://www.w3.org/2018/credentials/v1";
/// The context of the VC data model 2.0 (§4.3).
const CONTEXT_V2: &str = "https://www.w3.org/ns/credentials/v2";
/// The type of every W3C credential.
const BASE_TYPE: &str = "VerifiableCredential";

/// What was verified of a credential, as `ssi` has it, in the data model in which it came: 1.1 for a
/// VC-JWT, 2.0 for VC-JOSE-COSE.
///
/// Its types are those that its issuer may assert, its subject is its holder, and its dates are those
/// that were judged, whichever claim said them. A further context, the status entry and any other
/// member are left out: nothing was concluded from them but that the credential is good.
///
/// `ssi`'s type says of itself that nobody verified it; who keeps it keeps the
/// [`Report`](staffpass_verify::Report) beside it.
///
/// # Errors
/// [`SsiError::NotRepresentable`] for an SD-JWT VC, which is no W3C credential, and where an identifier
/// or a date has a form that `ssi` does not take.
pub fn to_ssi(credential: &VerifiedCredential) -> Result<AnyJsonCredential, SsiError> {
    let no_place = |_| SsiError::NotRepresentable;
    match credential.format() {
        CredentialFormat::VcJwt => {
            let json = document(credential, CONTEXT_V1, "issuanceDate", "expirationDate");
            let credential: v1::JsonCredential = serde_json::from_value(json).map_err(no_place)?;
            Ok(AnyJsonCredential::V1(credential))
        }
        CredentialFormat::VcJose => {
            let json = document(credential, CONTEXT_V2, "validFrom", "validUntil");
            let credential: v2::syntax::JsonCredential<_> =
                serde_json::from_value(json).map_err(no_place)?;
            Ok(AnyJsonCredential::V2(credential))
        }
        _ => Err(SsiError::NotRepresentable),
    }
}

fn document(credential: &VerifiedCredential, context: &str, from: &str, until: &str) -> Value {
    let types = std::iter::once(BASE_TYPE).chain(credential.types().iter().map(String::as_str));
    let types: Vec<_> = types.collect();
    let mut subject = credential.subject().clone();
    if let Some(holder) = credential.holder() {
        subject.insert("id".to_owned(), holder.into());
    }
    let mut json = json!({
        "@context": [context],
        "type": types,
        "issuer": credential.issuer(),
        "credentialSubject": subject,
    });
    let date = |date: DateTime<Utc>| date.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let optional = [
        ("id", credential.id().map(str::to_owned)),
        (from, credential.issued_at().map(date)),
        (until, credential.expires_at().map(date)),
    ];
    for (name, text) in optional {
        if let (Some(text), Some(members)) = (text, json.as_object_mut()) {
            members.insert(name.to_owned(), text.into());
        }
    }
    json
}

/// A credential in the making from one that `ssi` has, in either data model: its types, its claims, its
/// dates and its status entries, to be signed by `issuer`. Its id is made anew when it is built.
///
/// # Errors
/// [`SsiError::Credential`], with the member: one that is missing or not of its form, an issuer that is
/// not `issuer`'s own DID, a subject that is not one DID, or a member that a credential of ours has no
/// place for, such as a proof, evidence or another context. Nothing is dropped unsaid but the id.
pub fn from_ssi(
    credential: &AnyJsonCredential,
    issuer: &IssuerKey,
) -> Result<CredentialBuilder, SsiError> {
    let json = serde_json::to_value(credential).map_err(|_| SsiError::NotRepresentable)?;
    let Value::Object(members) = json else { return Err(SsiError::NotRepresentable) };
    let (from, until) = model_of(&members)?;
    check_members(&members, &[from, until])?;
    is_by(&members, issuer)?;
    let (holder, claims) = subject(&members)?;
    let issued_at = date(&members, from)?.ok_or(SsiError::Credential { member: from })?;
    let mut builder = CredentialBuilder::new(issuer, &holder, issued_at).claims(claims);
    for name in types(&members)? {
        builder = builder.add_type(name);
    }
    if let Some(expires_at) = date(&members, until)? {
        builder = builder.expires_at(expires_at);
    }
    for entry in status(&members)? {
        builder = builder.status(entry);
    }
    Ok(builder)
}

type Members = Map<String, Value>;

/// The names of the two dates, by the context, which stands alone: a credential of ours has no other.
fn model_of(members: &Members) -> Result<(&'static str, &'static str), SsiError> {
    let context = match members.get("@context") {
        Some(Value::Array(contexts)) if contexts.len() == 1 => contexts.first(),
        context => context,
    };
    match context.and_then(Value::as_str) {
        Some(CONTEXT_V1) => Ok(("issuanceDate", "expirationDate")),
        Some(CONTEXT_V2) => Ok(("validFrom", "validUntil")),
        _ => Err(SsiError::Credential { member: "@context" }),
    }
}

fn check_members(members: &Members, dates: &[&str; 2]) -> Result<(), SsiError> {
    let known = ["@context", "id", "type", "issuer", "credentialSubject", "credentialStatus"];
    let has_place =
        |name: &String| known.contains(&name.as_str()) || dates.contains(&name.as_str());
    match members.iter().all(|(name, value)| has_place(name) || value.is_null()) {
        true => Ok(()),
        false => Err(SsiError::Credential { member: "other" }),
    }
}

fn is_by(members: &Members, issuer: &IssuerKey) -> Result<(), SsiError> {
    match members.get("issuer").and_then(Value::as_str) == Some(issuer.did().as_str()) {
        true => Ok(()),
        false => Err(SsiError::Credential { member: "issuer" }),
    }
}

/// One subject, by its DID, and what is said of it.
fn subject(members: &Members) -> Result<(Did, Members), SsiError> {
    let wrong = SsiError::Credential { member: "credentialSubject" };
    let subject = match members.get("credentialSubject") {
        Some(Value::Array(subjects)) if subjects.len() == 1 => subjects.first(),
        subject => subject,
    };
    let mut claims = subject.and_then(Value::as_object).ok_or(wrong)?.clone();
    let id = claims.remove("id");
    let id = id.as_ref().and_then(Value::as_str).ok_or(wrong)?;
    Ok((id.parse().map_err(|_| wrong)?, claims))
}

/// The types beside that of every credential.
fn types(members: &Members) -> Result<Vec<&str>, SsiError> {
    let wrong = SsiError::Credential { member: "type" };
    let types = match members.get("type") {
        Some(Value::Array(types)) => types.iter().map(Value::as_str).collect::<Option<Vec<_>>>(),
        one => one.and_then(Value::as_str).map(|one| vec![one]),
    };
    let mut types = types.ok_or(wrong)?;
    let before = types.len();
    types.retain(|name| *name != BASE_TYPE);
    if types.len() == before { Err(wrong) } else { Ok(types) }
}

/// RFC 3339: a date of `ssi`'s without a time zone is none.
fn date(members: &Members, name: &'static str) -> Result<Option<DateTime<Utc>>, SsiError> {
    let wrong = SsiError::Credential { member: name };
    let text = match members.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(text) => text.as_str().ok_or(wrong)?,
    };
    let date = DateTime::parse_from_rfc3339(text).map_err(|_| wrong)?;
    Ok(Some(date.with_timezone(&Utc)))
}

fn status(members: &Members) -> Result<Vec<StatusEntry>, SsiError> {
    let Some(status) = members.get("credentialStatus") else { return Ok(Vec::new()) };
    StatusEntry::parse_all(status).map_err(|_| SsiError::Credential { member: "credentialStatus" })
}
