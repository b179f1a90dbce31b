//! Presentation Exchange, a fixed subset: the model of a presentation definition.

mod evaluate;
mod filter;
mod parse;
mod path;
mod pattern;
mod validate;

use std::collections::BTreeMap;

use serde::Serialize;

pub use filter::{Filter, FilterType};
pub use path::FieldPath;
pub use pattern::{Pattern, PatternReading};

use crate::QueryError;

/// Names of credential formats (`jwt_vc`, `jwt_vp` …) with the lists of each (`alg` …).
pub type Formats = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// A presentation definition within the subset that this crate evaluates.
///
/// | of Presentation Exchange | here |
/// |---|---|
/// | `schema[].uri` (version 1) | names of types, one of which the credential has |
/// | paths | `$.a.b`, `$['a']`, `$.a[0]` |
/// | filters | `type`, `const`, `enum`, `contains`, and `pattern` in a tiny language ([`Pattern`]) |
/// | `optional`, `limit_disclosure`, `format`, `name`, `purpose` | kept; a credential of another format does not answer |
/// | `submission_requirements`, `predicate`, `subject_is_issuer`, `is_holder`, `same_subject`, `statuses`, `frame` | refused |
///
/// Every value of this type is valid. What we send is made by [`new`](Self::new), and refused there when
/// a wallet could read it otherwise; what others sent is read by [`from_value`](Self::from_value).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PresentationDefinition {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    format: Formats,
    input_descriptors: Vec<InputDescriptor>,
    #[serde(skip)]
    reading: PatternReading,
}

impl PresentationDefinition {
    /// A definition to send.
    ///
    /// # Errors
    /// A [`QueryError`] for an empty list, an id outside letters, digits, `_` and `-` or used twice, a
    /// pattern with a slash ([`Pattern`] says why), a list beyond its limit.
    pub fn new(
        id: &str,
        input_descriptors: impl IntoIterator<Item = InputDescriptor>,
    ) -> Result<Self, QueryError> {
        let built = Self {
            id: id.to_owned(),
            name: None,
            purpose: None,
            format: Formats::new(),
            input_descriptors: input_descriptors.into_iter().collect(),
            reading: PatternReading::default(),
        };
        built.check_ours()?;
        built.read_back()
    }

    /// What is sent is what a reader makes of it: so one parser says what is valid.
    fn read_back(&self) -> Result<Self, QueryError> {
        let member = "presentation_definition";
        let json = serde_json::to_value(self).map_err(|_| QueryError::WrongType { member })?;
        Self::from_value(&json)
    }

    /// Says for what it is asked.
    #[must_use]
    pub fn with_purpose(mut self, purpose: &str) -> Self {
        self.purpose = Some(purpose.to_owned());
        self
    }

    /// Gives it a name.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// How its patterns are read. A wallet that plays Microsoft's says
    /// [`PatternReading::Microsoft`]; it is not part of the JSON.
    #[must_use]
    pub const fn with_reading(mut self, reading: PatternReading) -> Self {
        self.reading = reading;
        self
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name, if it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// For what it is asked, if it says so.
    #[must_use]
    pub fn purpose(&self) -> Option<&str> {
        self.purpose.as_deref()
    }

    /// The formats that any descriptor accepts which names none itself; empty means any.
    #[must_use]
    pub const fn format(&self) -> &Formats {
        &self.format
    }

    /// Its input descriptors, in order.
    #[must_use]
    pub fn input_descriptors(&self) -> &[InputDescriptor] {
        &self.input_descriptors
    }

    /// One input descriptor, by its id.
    #[must_use]
    pub fn input_descriptor(&self, id: &str) -> Option<&InputDescriptor> {
        self.input_descriptors.iter().find(|descriptor| descriptor.id == id)
    }
}

/// One credential that a definition asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputDescriptor {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    schema: Vec<Schema>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    format: Formats,
    #[serde(skip_serializing_if = "Constraints::is_empty")]
    constraints: Constraints,
}

impl InputDescriptor {
    /// Asks for a credential of one of `types`, names as they stand in `type`; none means any.
    #[must_use]
    pub fn new<'t>(id: &str, types: impl IntoIterator<Item = &'t str>) -> Self {
        let schema = |r#type: &str| Schema { uri: r#type.to_owned() };
        Self {
            id: id.to_owned(),
            name: None,
            purpose: None,
            schema: types.into_iter().map(schema).collect(),
            format: Formats::new(),
            constraints: Constraints::default(),
        }
    }

    /// Gives it a name.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Says for what it is asked.
    #[must_use]
    pub fn with_purpose(mut self, purpose: &str) -> Self {
        self.purpose = Some(purpose.to_owned());
        self
    }

    /// Adds a field that the credential must have.
    #[must_use]
    pub fn with_field(mut self, field: Field) -> Self {
        self.constraints.fields.push(field);
        self
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name, if it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// For what it is asked, if it says so.
    #[must_use]
    pub fn purpose(&self) -> Option<&str> {
        self.purpose.as_deref()
    }

    /// The types of which the credential has one; none means any.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.schema.iter().map(|schema| schema.uri.as_str())
    }

    /// The formats that it accepts; empty means those of the definition.
    #[must_use]
    pub const fn format(&self) -> &Formats {
        &self.format
    }

    /// The fields that the credential must have, in order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.constraints.fields
    }

    /// Whether no more than the fields is wanted. (A credential that cannot hide claims is shown whole
    /// whatever this says.)
    #[must_use]
    pub const fn limit_disclosure(&self) -> Option<LimitDisclosure> {
        self.constraints.limit_disclosure
    }
}

/// `schema` of version 1: a type by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Schema {
    uri: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct Constraints {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Field>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_disclosure: Option<LimitDisclosure>,
}

impl Constraints {
    const fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.limit_disclosure.is_none()
    }
}

/// Whether no more than the fields is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "Presentation Exchange knows these two")]
pub enum LimitDisclosure {
    /// No more may come.
    Required,
    /// No more should come.
    Preferred,
}

/// A field that a credential must have: the first of its paths at which something stands, and what must
/// hold there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    path: Vec<FieldPath>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<Filter>,
    #[serde(skip_serializing_if = "is_false")]
    optional: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
}

impl Field {
    /// The value at the first of `paths` at which one stands passes `filter`.
    #[must_use]
    pub fn new(paths: impl IntoIterator<Item = FieldPath>, filter: Filter) -> Self {
        Self {
            path: paths.into_iter().collect(),
            filter: Some(filter),
            optional: false,
            id: None,
            name: None,
            purpose: None,
        }
    }

    /// Some string that is not empty stands at `path`: sent with the pattern `^^.`, since some wallets reject
    /// a field without a pattern.
    #[must_use]
    pub fn present(path: FieldPath) -> Self {
        Self::new([path], Filter::pattern(Pattern::present()))
    }

    /// The credential is of one of `issuers`, whole identifiers: looked for at `$.issuer`, `$.vc.issuer` and
    /// `$.iss`. A hint for the wallet and a check of the answer; whom to believe is the
    /// verifier's policy.
    ///
    /// # Errors
    /// [`QueryError`] when there is none, or one has a slash.
    pub fn issued_by<'i>(issuers: impl IntoIterator<Item = &'i str>) -> Result<Self, QueryError> {
        let paths = FieldPath::of_issuer().into_iter();
        Ok(Self::new(paths, Filter::pattern(Pattern::one_of(issuers)?)))
    }

    /// Lets the credential lack the field. If it has it, the filter still holds.
    #[must_use]
    pub fn into_optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Where it may stand, in order.
    #[must_use]
    pub fn paths(&self) -> &[FieldPath] {
        &self.path
    }

    /// What must hold, if anything.
    #[must_use]
    pub const fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    /// Whether the credential may lack it.
    #[must_use]
    pub const fn is_optional(&self) -> bool {
        self.optional
    }

    fn names_issuer(&self) -> bool {
        self.path.iter().any(FieldPath::is_issuer)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}
