//! The claims path pointer (OpenID4VP 1.0, section 7).

use serde::Serialize;
use serde_json::Value;
use staffpass_json::{Kind, Node};

use crate::QueryError;
use crate::limits::{MAX_PATH, MAX_TEXT};
use crate::read;

/// A claims path pointer: a non-empty list of keys, indices and "every element".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ClaimPath {
    elements: Vec<PathElement>,
}

/// An element of a claims path pointer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
#[expect(clippy::exhaustive_enums, reason = "section 7 knows these three")]
pub enum PathElement {
    /// A string: the member of that name in each selected object.
    Key(String),
    /// A non-negative integer: the element at that position, from 0, in each selected array.
    Index(usize),
    /// Null: every element of each selected array.
    All,
}

/// Why a path selects nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "section 7.1 ends in these two ways")]
pub enum PathFault {
    /// Nothing stands there.
    Missing,
    /// The way leads through something that is no object or no array.
    Shape,
}

impl ClaimPath {
    /// The path that starts with a member of the credential.
    #[must_use]
    pub fn key(name: &str) -> Self {
        Self { elements: vec![PathElement::Key(name.to_owned())] }
    }

    /// The path of members, one inside the other.
    ///
    /// # Errors
    /// [`QueryError::Empty`] when there is none.
    pub fn keys<'k>(names: impl IntoIterator<Item = &'k str>) -> Result<Self, QueryError> {
        let elements: Vec<_> =
            names.into_iter().map(|name| PathElement::Key(name.to_owned())).collect();
        if elements.is_empty() {
            Err(QueryError::Empty { member: "path" })
        } else {
            Ok(Self { elements })
        }
    }

    /// This path, and on to a member.
    #[must_use]
    pub fn then_key(mut self, name: &str) -> Self {
        self.elements.push(PathElement::Key(name.to_owned()));
        self
    }

    /// This path, and on to the element at a position, from 0.
    #[must_use]
    pub fn then_index(mut self, index: usize) -> Self {
        self.elements.push(PathElement::Index(index));
        self
    }

    /// This path, and on to every element.
    #[must_use]
    pub fn then_all(mut self) -> Self {
        self.elements.push(PathElement::All);
        self
    }

    /// Reads a path from the JSON array of its elements.
    ///
    /// # Errors
    /// [`QueryError`] when it is no array, empty, too long, or has an element that is none: a negative
    /// number, a fraction (`1.0` too), an object …
    pub fn from_value(value: &Value) -> Result<Self, QueryError> {
        Ok(Self { elements: read::list(value, "path", MAX_PATH, element)? })
    }

    /// Its elements, at least one.
    #[must_use]
    pub fn elements(&self) -> &[PathElement] {
        &self.elements
    }

    /// Selects what the path points to, by the steps of section 7.1: one element at least.
    ///
    /// # Errors
    /// [`PathFault::Shape`] when a selected element is no object where a key comes, or no array where an
    /// index or null comes; [`PathFault::Missing`] when nothing is left.
    pub fn select<'v>(&self, credential: impl Into<Node<'v>>) -> Result<Vec<Node<'v>>, PathFault> {
        let mut selected = vec![credential.into()];
        for element in &self.elements {
            selected = element.select(selected)?;
        }
        if selected.is_empty() { Err(PathFault::Missing) } else { Ok(selected) }
    }

    pub(crate) fn is_keys(&self, names: &[&str]) -> bool {
        let is_key = |(element, name): (&PathElement, &&str)| matches!(element, PathElement::Key(key) if key == name);
        self.elements.len() == names.len() && self.elements.iter().zip(names).all(is_key)
    }
}

impl PathElement {
    /// Section 7.1, step 2.
    fn select<'v>(&self, selected: Vec<Node<'v>>) -> Result<Vec<Node<'v>>, PathFault> {
        if matches!(self, Self::All) {
            let arrays: Result<Vec<_>, _> = selected
                .into_iter()
                .map(|value| value.elements().ok_or(PathFault::Shape))
                .collect();
            return Ok(arrays?.into_iter().flatten().collect());
        }
        selected.into_iter().filter_map(|value| self.step(value).transpose()).collect()
    }

    /// What a key or an index selects in one element, if it is there.
    fn step<'v>(&self, value: Node<'v>) -> Result<Option<Node<'v>>, PathFault> {
        match (self, value.kind()) {
            (Self::Key(key), Kind::Object) => Ok(value.get(key)),
            (Self::Index(index), Kind::Array) => Ok(value.element(*index)),
            _ => Err(PathFault::Shape),
        }
    }
}

fn element(value: &Value) -> Result<PathElement, QueryError> {
    match value {
        Value::Null => Ok(PathElement::All),
        Value::String(key) if key.len() > MAX_TEXT => {
            Err(QueryError::TooLarge { member: "path", limit: MAX_TEXT })
        }
        Value::String(key) => Ok(PathElement::Key(key.clone())),
        Value::Number(number) => index(number.as_u64()),
        _ => Err(QueryError::PathElement),
    }
}

fn index(number: Option<u64>) -> Result<PathElement, QueryError> {
    let index = number.and_then(|number| usize::try_from(number).ok());
    index.map(PathElement::Index).ok_or(QueryError::PathElement)
}
