//! The patches of a delta, and the document that they make (Sidetree §9).

use serde_json::{Map, Value};

use crate::assembly::Assembly;
use crate::{Did, DidDocument, DidError, DidUrl, Relationship, Relationships, Service};

/// Applies the patches one after the other.
pub(super) fn apply(did: &Did, patches: &[Value]) -> Result<DidDocument, DidError> {
    let mut entries = Entries::default();
    for patch in patches {
        entries.apply(patch.as_object().ok_or(DidError::IonMalformed)?)?;
    }
    entries.assemble(did)
}

/// Keys and services as the patches left them.
#[derive(Default)]
struct Entries<'a> {
    keys: Vec<&'a Map<String, Value>>,
    services: Vec<&'a Map<String, Value>>,
}

impl<'a> Entries<'a> {
    /// An action that is not known is refused: it could take a key away.
    fn apply(&mut self, patch: &'a Map<String, Value>) -> Result<(), DidError> {
        match text(patch, "action")? {
            "replace" => self.replace(patch)?,
            "add-public-keys" => self.keys.extend(required(patch, "publicKeys")?),
            "add-services" => self.services.extend(required(patch, "services")?),
            "remove-public-keys" => remove(&mut self.keys, patch)?,
            "remove-services" => remove(&mut self.services, patch)?,
            _ => return Err(DidError::IonPatch),
        }
        Ok(())
    }

    fn replace(&mut self, patch: &'a Map<String, Value>) -> Result<(), DidError> {
        let document = patch.get("document").and_then(Value::as_object);
        let document = document.ok_or(DidError::IonMalformed)?;
        if document.keys().any(|member| member != "publicKeys" && member != "services") {
            return Err(DidError::IonMalformed);
        }
        self.keys = optional(document, "publicKeys")?;
        self.services = optional(document, "services")?;
        Ok(())
    }

    fn assemble(self, did: &Did) -> Result<DidDocument, DidError> {
        let mut document = Assembly::new(did);
        for key in self.keys {
            let id = DidUrl::new(did, text(key, "id")?).map_err(|_| DidError::IonMalformed)?;
            document.read_method_as(id, key, purposes(key)?)?;
        }
        for service in self.services {
            let id = DidUrl::new(did, text(service, "id")?).map_err(|_| DidError::IonMalformed)?;
            let service = Service::with_id(id.to_string(), service);
            document.insert_service(service.map_err(|_| DidError::IonMalformed)?)?;
        }
        Ok(document.finish())
    }
}

fn remove(
    entries: &mut Vec<&Map<String, Value>>,
    patch: &Map<String, Value>,
) -> Result<(), DidError> {
    let ids = patch.get("ids").and_then(Value::as_array).ok_or(DidError::IonMalformed)?;
    entries.retain(|entry| !entry.get("id").is_some_and(|id| ids.contains(id)));
    Ok(())
}

/// `purposes`: absent, the key is for nothing.
fn purposes(key: &Map<String, Value>) -> Result<Relationships, DidError> {
    let Some(purposes) = key.get("purposes") else { return Ok(Relationships::NONE) };
    let purposes = purposes.as_array().ok_or(DidError::IonMalformed)?;
    let known = purposes.iter().map(|purpose| purpose.as_str().and_then(Relationship::from_name));
    known.collect::<Option<Relationships>>().ok_or(DidError::IonMalformed)
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a str, DidError> {
    object.get(name).and_then(Value::as_str).ok_or(DidError::IonMalformed)
}

fn required<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> Result<Vec<&'a Map<String, Value>>, DidError> {
    let entries = object.get(name).and_then(Value::as_array).ok_or(DidError::IonMalformed)?;
    let objects = entries.iter().map(Value::as_object);
    objects.collect::<Option<Vec<_>>>().ok_or(DidError::IonMalformed)
}

fn optional<'a>(
    object: &'a Map<String, Value>,
    name: &str,
) -> Result<Vec<&'a Map<String, Value>>, DidError> {
    if object.contains_key(name) { required(object, name) } else { Ok(Vec::new()) }
}
