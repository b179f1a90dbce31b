//! Where a list is: an address on the web, or a query to the IdentityHub of a DID.

use std::fmt;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Value, json};
use staffpass_jose::json;
use url::form_urlencoded;
use url::{Host, Url};

use crate::StatusError;

/// Bytes of a list's address. A long-form did:ion with its query takes 2 KiB; double that and more.
const MAX_ADDRESS: usize = 8 * 1024;

/// The one schema of the queries for status lists.
const SCHEMA: &str = "https://w3id.org/vc-status-list-2021/v1";

/// Where the list of a status entry is.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListLocation {
    /// To be fetched with GET: an https URL without user information, or plain http on a loopback
    /// host. Whether it may be fetched at all is for the policy to say.
    Web(Url),
    /// To be asked of the IdentityHub of a DID: the way of Entra.
    IdentityHub(IdentityHubQuery),
}

impl ListLocation {
    /// Reads the address of a list.
    ///
    /// # Errors
    /// [`StatusError::LocationMalformed`].
    pub fn parse(address: &str) -> Result<Self, StatusError> {
        if address.len() > MAX_ADDRESS {
            return Err(StatusError::LocationMalformed);
        }
        if address.starts_with("did:") {
            IdentityHubQuery::parse(address).map(Self::IdentityHub)
        } else {
            parse_web(address).map(Self::Web)
        }
    }
}

impl fmt::Debug for ListLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Web(_) => "Web(..)",
            Self::IdentityHub(_) => "IdentityHub(..)",
        })
    }
}

/// The address as it is written in a status entry.
impl fmt::Display for ListLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Web(url) => url.fmt(f),
            Self::IdentityHub(query) => query.fmt(f),
        }
    }
}

/// A query for a status list: `<did>?service=IdentityHub&queries=<base64 of a JSON array>`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityHubQuery {
    did: String,
    object_id: String,
}

impl IdentityHubQuery {
    /// A query for an object of a DID's IdentityHub. The object's id is taken in lower case.
    ///
    /// # Errors
    /// [`StatusError::LocationMalformed`] where the first is no DID, or the second no UUID.
    pub fn new(did: &str, object_id: &str) -> Result<Self, StatusError> {
        if !is_did(did) || !is_uuid(object_id) {
            return Err(StatusError::LocationMalformed);
        }
        Ok(Self { did: did.to_owned(), object_id: object_id.to_ascii_lowercase() })
    }

    fn parse(address: &str) -> Result<Self, StatusError> {
        let (did, query) = address.split_once('?').ok_or(StatusError::LocationMalformed)?;
        let queries = queries_of(query)?;
        Self::new(did, &object_id_of(&queries)?)
    }

    /// The DID whose IdentityHub is asked. It must be the credential's issuer; the verifier checks.
    #[must_use]
    pub fn did(&self) -> &str {
        &self.did
    }

    /// The id of the list: a UUID in lower case.
    #[must_use]
    pub fn object_id(&self) -> &str {
        &self.object_id
    }

    /// The query as JSON. It is written anew, so that nothing of a credential's text is sent on.
    pub(crate) fn descriptor(&self) -> Value {
        json!({"method": "CollectionsQuery", "schema": SCHEMA, "objectId": self.object_id})
    }

    /// Whether a subject's id names this list: `urn:uuid:<object id>`.
    pub(crate) fn is_subject(&self, id: &str) -> bool {
        id.strip_prefix("urn:uuid:").is_some_and(|id| id.eq_ignore_ascii_case(&self.object_id))
    }
}

impl fmt::Display for IdentityHubQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Written out, so that the text does not depend on how a JSON library orders members.
        let (schema, id) = (SCHEMA, &self.object_id);
        let queries =
            format!(r#"[{{"method":"CollectionsQuery","schema":"{schema}","objectId":"{id}"}}]"#);
        let queries = staffpass_jose::base64url::encode(queries);
        write!(f, "{}?service=IdentityHub&queries={queries}", self.did)
    }
}

impl fmt::Debug for IdentityHubQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityHubQuery").finish_non_exhaustive()
    }
}

pub(crate) fn parse_web(address: &str) -> Result<Url, StatusError> {
    if address.len() > MAX_ADDRESS {
        return Err(StatusError::LocationMalformed);
    }
    let url = Url::parse(address).map_err(|_| StatusError::LocationMalformed)?;
    let secure = match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_loopback(&url),
        _ => false,
    };
    let anonymous = url.username().is_empty() && url.password().is_none();
    if secure && anonymous { Ok(url) } else { Err(StatusError::LocationMalformed) }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The `queries` of a query string that holds `service=IdentityHub` and them, once each.
fn queries_of(query: &str) -> Result<Vec<u8>, StatusError> {
    let mut service = None;
    let mut queries = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let slot = match name.as_ref() {
            "service" => &mut service,
            "queries" => &mut queries,
            _ => return Err(StatusError::LocationMalformed),
        };
        if slot.replace(value).is_some() {
            return Err(StatusError::LocationMalformed);
        }
    }
    if service.as_deref() != Some("IdentityHub") {
        return Err(StatusError::LocationMalformed);
    }
    // A form reads a plus as a space; in base64 only the plus can be meant.
    let text = queries.ok_or(StatusError::LocationMalformed)?.replace(' ', "+");
    decode_any_base64(&text).ok_or(StatusError::LocationMalformed)
}

/// The object that the one query asks for.
fn object_id_of(queries: &[u8]) -> Result<String, StatusError> {
    let malformed = StatusError::LocationMalformed;
    let limits = json::Limits::default();
    let queries: Vec<Value> = json::parse(queries, &limits).map_err(|_| malformed)?;
    let [query] = queries.as_slice() else { return Err(malformed) };
    let text = |name| query.get(name).and_then(Value::as_str);
    if text("method") != Some("CollectionsQuery") || text("schema") != Some(SCHEMA) {
        return Err(malformed);
    }
    text("objectId").map(str::to_owned).ok_or(malformed)
}

/// Base64 in either alphabet, padded or not: Entra and its wallets do not agree on one, nor do the
/// makers of the oldest lists. What is inside is read strictly.
pub(crate) fn decode_any_base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, LENIENT).decode(text).ok()
}

/// As much of the grammar of DID Core §3.1 as tells a DID from a URL with a query or a fragment.
fn is_did(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b".-_:%".contains(&b);
    let mut parts = text.splitn(3, ':');
    parts.next() == Some("did")
        && parts.next().is_some_and(|method| !method.is_empty())
        && parts.next().is_some_and(|id| !id.is_empty() && id.bytes().all(allowed))
}

/// The text form of a UUID (RFC 9562 §4), in either case.
fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(str::len);
    groups.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}
