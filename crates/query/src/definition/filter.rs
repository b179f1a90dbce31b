//! Filters of fields: a bounded part of JSON Schema.

use serde::Serialize;
use serde_json::{Map, Value};
use staffpass_json::{Kind, Node};

use super::{Pattern, PatternReading};
use crate::limits::MAX_VALUES;
use crate::{ClaimValue, QueryError, read};

/// What must hold for the value of a field: everything that is said.
///
/// Stricter than JSON Schema in one point: `pattern` demands a string and `contains` an array, where JSON
/// Schema lets other types pass.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Filter {
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<FilterType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#const: Option<ClaimValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#enum: Option<Vec<ClaimValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<Pattern>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contains: Option<Box<Self>>,
}

/// A JSON type that a filter demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FilterType {
    /// A string.
    String,
    /// Any number.
    Number,
    /// An integer, written as one (`1.0` is none), of 64 bits with a sign.
    Integer,
    /// True or false.
    Boolean,
    /// An array.
    Array,
}

impl Filter {
    /// A string in which the pattern is found.
    #[must_use]
    pub fn pattern(pattern: Pattern) -> Self {
        Self { r#type: Some(FilterType::String), pattern: Some(pattern), ..Self::default() }
    }

    /// A value of that type.
    #[must_use]
    pub fn of_type(r#type: FilterType) -> Self {
        Self { r#type: Some(r#type), ..Self::default() }
    }

    /// That value.
    #[must_use]
    pub fn constant(value: impl Into<ClaimValue>) -> Self {
        Self { r#const: Some(value.into()), ..Self::default() }
    }

    /// One of the values. None at all is refused when the definition is built.
    #[must_use]
    pub fn one_of<V: Into<ClaimValue>>(values: impl IntoIterator<Item = V>) -> Self {
        Self { r#enum: Some(values.into_iter().map(Into::into).collect()), ..Self::default() }
    }

    /// An array of which one element passes `filter`.
    #[must_use]
    pub fn containing(filter: Self) -> Self {
        Self {
            r#type: Some(FilterType::Array),
            contains: Some(Box::new(filter)),
            ..Self::default()
        }
    }

    /// The pattern, if there is one.
    #[must_use]
    pub const fn as_pattern(&self) -> Option<&Pattern> {
        self.pattern.as_ref()
    }

    /// Whether a value passes.
    #[must_use]
    pub fn passes<'a>(&self, value: impl Into<Node<'a>>, reading: PatternReading) -> bool {
        self.passes_node(value.into(), reading)
    }

    fn passes_node(&self, value: Node<'_>, reading: PatternReading) -> bool {
        self.r#type.is_none_or(|r#type| r#type.is_of(value))
            && self.r#const.as_ref().is_none_or(|constant| constant.equals(value))
            && self.r#enum.as_ref().is_none_or(|values| values.iter().any(|one| one.equals(value)))
            && self.pattern.as_ref().is_none_or(|pattern| {
                value.as_str().is_some_and(|text| pattern.is_found_in(text, reading))
            })
            && self.contains.as_ref().is_none_or(|filter| {
                let mut elements = value.elements().into_iter().flatten();
                elements.any(|element| filter.passes_node(element, reading))
            })
    }

    /// Whether a pattern in it, or in the filter of its elements, has a slash.
    pub(super) fn has_slash(&self) -> bool {
        self.pattern.as_ref().is_some_and(Pattern::has_slash)
            || self.contains.as_ref().is_some_and(|filter| filter.has_slash())
    }

    pub(super) fn from_value(value: &Value) -> Result<Self, QueryError> {
        let filter = read::object(value, "filter")?;
        let contains = filter.get("contains").map(Self::element_from_value).transpose()?;
        let known = |keyword: &str| KEYWORDS.contains(&keyword) || keyword == "contains";
        Ok(Self { contains: contains.map(Box::new), ..Self::scalar(filter, known)? })
    }

    /// The filter of elements: no `contains` inside `contains`.
    fn element_from_value(value: &Value) -> Result<Self, QueryError> {
        Self::scalar(read::object(value, "contains")?, |keyword| KEYWORDS.contains(&keyword))
    }

    /// A keyword that is not known would constrain, so it is refused and not passed over.
    fn scalar(
        filter: &Map<String, Value>,
        known: impl Fn(&str) -> bool,
    ) -> Result<Self, QueryError> {
        if !filter.keys().all(|keyword| known(keyword)) {
            return Err(QueryError::FilterOutsideSubset);
        }
        let constant = |value| ClaimValue::from_value(value, "const");
        let pattern = |value: &Value| {
            Pattern::parse(value.as_str().ok_or(QueryError::WrongType { member: "pattern" })?)
        };
        Ok(Self {
            r#type: filter.get("type").map(FilterType::from_value).transpose()?,
            r#const: filter.get("const").map(constant).transpose()?,
            r#enum: filter.get("enum").map(constants).transpose()?,
            pattern: filter.get("pattern").map(pattern).transpose()?,
            contains: None,
        })
    }
}

fn constants(value: &Value) -> Result<Vec<ClaimValue>, QueryError> {
    read::list(value, "enum", MAX_VALUES, |value| ClaimValue::from_value(value, "enum"))
}

const KEYWORDS: [&str; 4] = ["type", "const", "enum", "pattern"];

impl FilterType {
    fn from_value(value: &Value) -> Result<Self, QueryError> {
        match value.as_str() {
            Some("string") => Ok(Self::String),
            Some("number") => Ok(Self::Number),
            Some("integer") => Ok(Self::Integer),
            Some("boolean") => Ok(Self::Boolean),
            Some("array") => Ok(Self::Array),
            _ => Err(QueryError::FilterOutsideSubset),
        }
    }

    fn is_of(self, value: Node<'_>) -> bool {
        match self {
            Self::String => value.kind() == Kind::String,
            Self::Number => value.kind() == Kind::Number,
            Self::Integer => value.as_i64().is_some(),
            Self::Boolean => value.kind() == Kind::Bool,
            Self::Array => value.kind() == Kind::Array,
        }
    }
}
