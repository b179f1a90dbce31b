//! Reading a presentation definition out of untrusted JSON.
//!
//! In the definition and in its descriptors a member that is not known is passed over (Microsoft's service adds
//! some that constrain nothing); in `constraints`, `fields` and `filter` it is refused, since there it would
//! constrain.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

use super::{
    Constraints, Field, FieldPath, Filter, Formats, InputDescriptor, LimitDisclosure,
    PatternReading, PresentationDefinition, Schema,
};
use crate::limits::{MAX_CLAIMS, MAX_PARTS, MAX_VALUES};
use crate::{QueryError, read};

impl PresentationDefinition {
    /// Reads a definition: the value of `presentation_definition`.
    ///
    /// # Errors
    /// [`QueryError`] names the member and the rule that it breaks, or what is outside the subset.
    pub fn from_value(value: &Value) -> Result<Self, QueryError> {
        let object = read::object(value, "presentation_definition")?;
        if object.contains_key("submission_requirements") || object.contains_key("frame") {
            return Err(QueryError::OutsideSubset { member: "presentation_definition" });
        }
        let descriptors = read::required(object, "input_descriptors")?;
        let definition = Self {
            id: read::text(read::required(object, "id")?, "id")?,
            name: read::optional_text(object, "name")?,
            purpose: read::optional_text(object, "purpose")?,
            format: formats(object)?,
            input_descriptors: read::list(descriptors, "input_descriptors", MAX_PARTS, descriptor)?,
            reading: PatternReading::default(),
        };
        definition.validate()?;
        Ok(definition)
    }
}

impl<'de> Deserialize<'de> for PresentationDefinition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

fn descriptor(value: &Value) -> Result<InputDescriptor, QueryError> {
    let object = read::object(value, "input_descriptors")?;
    Ok(InputDescriptor {
        id: read::text(read::required(object, "id")?, "id")?,
        name: read::optional_text(object, "name")?,
        purpose: read::optional_text(object, "purpose")?,
        schema: read::optional_list(object, "schema", MAX_VALUES, schema)?,
        format: formats(object)?,
        constraints: object.get("constraints").map(constraints).transpose()?.unwrap_or_default(),
    })
}

/// Version 1. Several mean "one of them" to Microsoft's wallets; `required: true` would mean "this one too".
fn schema(value: &Value) -> Result<Schema, QueryError> {
    let object = read::object(value, "schema")?;
    if read::flag(object, "required", false)? {
        return Err(QueryError::OutsideSubset { member: "schema" });
    }
    Ok(Schema { uri: read::text(read::required(object, "uri")?, "uri")? })
}

fn constraints(value: &Value) -> Result<Constraints, QueryError> {
    let object = read::object(value, "constraints")?;
    check_known(object, "constraints", &["fields", "limit_disclosure"])?;
    let fields = match object.get("fields") {
        // Written by some although the schema forbids it; it asks for nothing.
        Some(Value::Array(fields)) if fields.is_empty() => Vec::new(),
        _ => read::optional_list(object, "fields", MAX_CLAIMS, field)?,
    };
    let limit_disclosure = object.get("limit_disclosure").map(limit_disclosure).transpose()?;
    Ok(Constraints { fields, limit_disclosure })
}

fn limit_disclosure(value: &Value) -> Result<LimitDisclosure, QueryError> {
    match value.as_str() {
        Some("required") => Ok(LimitDisclosure::Required),
        Some("preferred") => Ok(LimitDisclosure::Preferred),
        _ => Err(QueryError::OutsideSubset { member: "limit_disclosure" }),
    }
}

fn field(value: &Value) -> Result<Field, QueryError> {
    let object = read::object(value, "fields")?;
    let known = ["path", "filter", "optional", "id", "name", "purpose", "intent_to_retain"];
    check_known(object, "fields", &known)?;
    let path = |path: &Value| FieldPath::parse(&read::text(path, "path")?);
    Ok(Field {
        path: read::list(read::required(object, "path")?, "path", MAX_VALUES, path)?,
        filter: object.get("filter").map(Filter::from_value).transpose()?,
        optional: read::flag(object, "optional", false)?,
        id: read::optional_text(object, "id")?,
        name: read::optional_text(object, "name")?,
        purpose: read::optional_text(object, "purpose")?,
    })
}

fn formats(object: &Map<String, Value>) -> Result<Formats, QueryError> {
    let Some(format) = object.get("format") else { return Ok(Formats::new()) };
    let formats = read::object(format, "format")?;
    if formats.is_empty() {
        return Err(QueryError::Empty { member: "format" });
    }
    if formats.len() > MAX_VALUES {
        return Err(QueryError::TooLarge { member: "format", limit: MAX_VALUES });
    }
    formats.iter().map(|(name, lists)| Ok((name.clone(), format_lists(lists)?))).collect()
}

fn format_lists(value: &Value) -> Result<BTreeMap<String, Vec<String>>, QueryError> {
    let lists = read::object(value, "format")?.iter();
    lists.map(|(name, list)| Ok((name.clone(), read::texts(list, "format", MAX_VALUES)?))).collect()
}

fn check_known(
    object: &Map<String, Value>,
    member: &'static str,
    known: &[&str],
) -> Result<(), QueryError> {
    if object.keys().all(|name| known.contains(&name.as_str())) {
        return Ok(());
    }
    Err(QueryError::OutsideSubset { member })
}
