//! Credentials of VC Data Model 2.0, to be secured as VC-JOSE-COSE says (§3.1.1).

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use staffpass_jose::NumericDate;
use staffpass_status::StatusKind;

use crate::credential::check_period;
use crate::{CredentialBuilder, IssueError, IssuerKey};

/// The context that stands first in every credential of VC Data Model 2.0.
pub(crate) const CREDENTIALS_V2: &str = "https://www.w3.org/ns/credentials/v2";

/// Defines every term that 2.0 does not define itself, so that the types and claims of a trust
/// need no context of its own. It stands last (VC Data Model 2.0, §5.13 and B.3).
const UNDEFINED_TERMS: &str = "https://www.w3.org/ns/credentials/undefined-terms/v2";

/// The credential with this id: the whole payload.
pub(crate) fn credential(builder: &CredentialBuilder, id: &str) -> Result<Value, IssueError> {
    check_status(builder)?;
    let mut credential = envelope(&builder.issuer, builder.issued_at, builder.expires_at)?;
    credential.insert("@context".to_owned(), json!([CREDENTIALS_V2, UNDEFINED_TERMS]));
    credential.insert("id".to_owned(), id.into());
    credential.insert("type".to_owned(), builder.all_types().into());
    credential.insert("credentialSubject".to_owned(), subject(builder));
    if let Some(status) = builder.status_member() {
        credential.insert("credentialStatus".to_owned(), status);
    }
    Ok(credential.into())
}

/// `issuer`, `validFrom` and, where there is an end, `validUntil` (§4.9).
pub(crate) fn envelope(
    issuer: &IssuerKey,
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
) -> Result<Map<String, Value>, IssueError> {
    check_period(from, until)?;
    let mut credential = Map::new();
    credential.insert("issuer".to_owned(), issuer.did().as_str().into());
    credential.insert("validFrom".to_owned(), date(from)?);
    if let Some(until) = until {
        credential.insert("validUntil".to_owned(), date(until)?);
    }
    Ok(credential)
}

/// The specification of the list says which entries belong to 2.0; the older ones belong to 1.1.
fn check_status(builder: &CredentialBuilder) -> Result<(), IssueError> {
    let bitstring = StatusKind::BitstringStatusList;
    let fits = builder.status.iter().all(|entry| entry.kind() == bitstring);
    if fits { Ok(()) } else { Err(IssueError::StatusForm) }
}

fn subject(builder: &CredentialBuilder) -> Value {
    let mut subject = builder.claims.clone();
    subject.insert("id".to_owned(), builder.subject.as_str().into());
    subject.into()
}

/// An XML Schema dateTimeStamp, within the years that a NumericDate has too.
fn date(at: DateTime<Utc>) -> Result<Value, IssueError> {
    let date = NumericDate::from_datetime(at).ok_or(IssueError::DateRange)?;
    Ok(date.floor().to_rfc3339_opts(SecondsFormat::Secs, true).into())
}
