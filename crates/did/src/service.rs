//! Services of a DID document (DID Core §5.4).

use std::fmt;

use serde_json::{Map, Value};

use crate::{Did, DidError};

/// A service.
#[derive(Clone, PartialEq, Eq)]
pub struct Service {
    id: String,
    types: Vec<String>,
    endpoint: ServiceEndpoint,
}

impl Service {
    /// Reads a service whose id may be relative to `did`.
    pub(crate) fn read(did: &Did, object: &Map<String, Value>) -> Result<Self, DidError> {
        let id = object.get("id").and_then(Value::as_str).ok_or(DidError::DocumentMalformed)?;
        let id = if id.starts_with('#') { format!("{did}{id}") } else { id.to_owned() };
        Self::with_id(id, object)
    }

    pub(crate) fn with_id(id: String, object: &Map<String, Value>) -> Result<Self, DidError> {
        let types = object.get("type").and_then(one_or_many);
        let endpoint = object.get("serviceEndpoint").filter(|value| is_endpoint(value));
        match (types, endpoint) {
            (Some(types), Some(endpoint)) if !types.is_empty() => {
                Ok(Self { id, types, endpoint: ServiceEndpoint(endpoint.clone()) })
            }
            _ => Err(DidError::DocumentMalformed),
        }
    }

    /// The service's id; a relative one has been made absolute.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the service is of a type, such as `LinkedDomains` or `IdentityHub`.
    #[must_use]
    pub fn is(&self, service_type: &str) -> bool {
        self.types.iter().any(|own| own == service_type)
    }

    /// The service's types; at least one.
    #[must_use]
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// Where the service is.
    #[must_use]
    pub fn endpoint(&self) -> &ServiceEndpoint {
        &self.endpoint
    }

    /// Writes it, with its absolute id.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let types = match self.types.as_slice() {
            [one] => Value::from(one.as_str()),
            many => Value::from(many),
        };
        Value::Object(Map::from_iter([
            ("id".to_owned(), Value::from(self.id.as_str())),
            ("type".to_owned(), types),
            ("serviceEndpoint".to_owned(), self.endpoint.0.clone()),
        ]))
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("types", &self.types).finish_non_exhaustive()
    }
}

/// Where a service is: a URI, an object, or a list of those. None of it is judged: it is text that
/// the document's author chose.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceEndpoint(Value);

impl ServiceEndpoint {
    /// The endpoints that are plain strings.
    pub fn uris(&self) -> impl Iterator<Item = &str> {
        self.each().filter_map(Value::as_str)
    }

    /// The strings of `origins`, the form of `LinkedDomains`; in an older form of it the endpoint is
    /// the one origin itself, which [`uris`](Self::uris) has.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.listed("origins")
    }

    /// The strings of `instances`, the form of `IdentityHub`.
    pub fn instances(&self) -> impl Iterator<Item = &str> {
        self.listed("instances")
    }

    /// The endpoint as it stands in the document.
    #[must_use]
    pub fn as_json(&self) -> &Value {
        &self.0
    }

    fn each(&self) -> impl Iterator<Item = &Value> {
        match &self.0 {
            Value::Array(many) => many.as_slice(),
            one => std::slice::from_ref(one),
        }
        .iter()
    }

    fn listed<'a>(&'a self, member: &'a str) -> impl Iterator<Item = &'a str> {
        let lists = self.each().filter_map(move |each| each.get(member)?.as_array());
        lists.flatten().filter_map(Value::as_str)
    }
}

impl fmt::Debug for ServiceEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceEndpoint").finish_non_exhaustive()
    }
}

fn one_or_many(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(many) => many.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

fn is_endpoint(value: &Value) -> bool {
    match value {
        Value::String(_) | Value::Object(_) => true,
        Value::Array(many) => many.iter().all(|one| one.is_string() || one.is_object()),
        _ => false,
    }
}
