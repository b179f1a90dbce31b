//! One value of a text, or of a tree of `serde_json`.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Number, Value};

use crate::tree::{Entry, Index, What};

/// One JSON value, borrowed: of a [`Tree`](crate::Tree), or a [`serde_json::Value`], or an object's
/// [`serde_json::Map`].
///
/// ```
/// use serde_json::json;
/// use staffpass_json::Node;
///
/// let value = json!({"employer": {"ods_code": "Z9Z9Z"}, "grades": [5, 6]});
/// let node = Node::from(&value);
/// let code = node.get("employer").and_then(|employer| employer.get("ods_code"));
/// assert_eq!(code.and_then(|code| code.as_str()), Some("Z9Z9Z"));
/// let grades = node.get("grades").and_then(|grades| grades.elements());
/// assert_eq!(grades.into_iter().flatten().filter_map(|grade| grade.as_i64()).sum::<i64>(), 11);
/// ```
#[derive(Clone, Copy)]
pub struct Node<'a>(Of<'a>);

#[derive(Clone, Copy)]
enum Of<'a> {
    Tree { text: &'a str, index: &'a Index, at: usize },
    Value(&'a Value),
    Members(&'a Map<String, Value>),
}

/// What a [`Node`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "JSON has these (RFC 8259 §3)")]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl<'a> Node<'a> {
    pub(crate) const fn root(text: &'a str, index: &'a Index) -> Self {
        Self(Of::Tree { text, index, at: 0 })
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.0 {
            Of::Tree { index, at, .. } => index.entry(at).map_or(Kind::Null, Entry::kind),
            Of::Value(value) => kind_of(value),
            Of::Members(_) => Kind::Object,
        }
    }

    /// The member of this name; none where it is no object.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Self> {
        match self.0 {
            Of::Tree { text, index, .. } => {
                let mut names = self.children(What::Object)?.step_by_members();
                let at = names.find(|at| index.says(text, *at, name))? + 1;
                Some(Self(Of::Tree { text, index, at }))
            }
            Of::Value(value) => value.get(name).map(Self::from),
            Of::Members(members) => members.get(name).map(Self::from),
        }
    }

    /// The members, each with its name; none where it is no object.
    #[must_use]
    pub fn members(self) -> Option<impl Iterator<Item = (&'a str, Self)>> {
        let (of_tree, of_value) = match self.0 {
            Of::Tree { .. } => (Some(self.children(What::Object)?), None),
            Of::Value(value) => (None, Some(value.as_object()?)),
            Of::Members(members) => (None, Some(members)),
        };
        let of_tree = of_tree.into_iter().flat_map(Children::step_by_members);
        let of_tree =
            of_tree.filter_map(move |at| Some((self.moved(at).as_str()?, self.moved(at + 1))));
        let of_value = of_value.into_iter().flatten();
        Some(of_tree.chain(of_value.map(|(name, value)| (name.as_str(), Self::from(value)))))
    }

    /// The elements; none where it is no array.
    #[must_use]
    pub fn elements(self) -> Option<impl Iterator<Item = Self>> {
        let (of_tree, of_value) = match self.0 {
            Of::Tree { .. } => (Some(self.children(What::Array)?), None),
            Of::Value(value) => (None, Some(value.as_array()?)),
            Of::Members(_) => return None,
        };
        let of_tree = of_tree.into_iter().flatten().map(move |at| self.moved(at));
        Some(of_tree.chain(of_value.into_iter().flatten().map(Self::from)))
    }

    /// The element at this place, counted from 0; none where it is no array.
    #[must_use]
    pub fn element(self, place: usize) -> Option<Self> {
        self.elements()?.nth(place)
    }

    /// What a string says.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        match self.0 {
            Of::Tree { text, index, at } => {
                let entry = index.entry(at).filter(|entry| entry.kind() == Kind::String)?;
                index.text(text, entry)
            }
            Of::Value(value) => value.as_str(),
            Of::Members(_) => None,
        }
    }

    /// Whether it is true or false.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.0 {
            Of::Tree { index, at, .. } => match index.entry(at)?.what {
                What::True => Some(true),
                What::False => Some(false),
                _ => None,
            },
            Of::Value(value) => value.as_bool(),
            Of::Members(_) => None,
        }
    }

    /// A number that is written as an integer without a sign: neither `1.0` nor `1e0`.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        match self.0 {
            Of::Tree { .. } => self.digits()?.parse().ok(),
            Of::Value(value) => value.as_u64(),
            Of::Members(_) => None,
        }
    }

    /// A number that is written as an integer: neither `1.0` nor `1e0`, nor `-0`, whose sign some
    /// readers keep and others lose.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        match self.0 {
            Of::Tree { .. } => self.digits()?.parse().ok(),
            Of::Value(Value::Number(number)) => integer(number),
            Of::Value(_) | Of::Members(_) => None,
        }
    }

    /// How a number is written; of a [`Value`], how `serde_json` writes it.
    #[must_use]
    pub fn number(self) -> Option<Cow<'a, str>> {
        match self.0 {
            Of::Tree { .. } => self.digits().map(Cow::Borrowed),
            Of::Value(Value::Number(number)) => Some(number.to_string().into()),
            Of::Value(_) | Of::Members(_) => None,
        }
    }

    /// Whether it is an object.
    #[must_use]
    pub fn is_object(self) -> bool {
        self.kind() == Kind::Object
    }

    /// A copy as a tree of `serde_json`.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self.0 {
            Of::Tree { .. } => self.copied(),
            Of::Value(value) => value.clone(),
            Of::Members(members) => Value::Object(members.clone()),
        }
    }

    /// A copy of the members, where it is an object.
    #[must_use]
    pub fn to_members(self) -> Option<Map<String, Value>> {
        match self.to_value() {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// As deep as [`Limits::max_depth`](crate::Limits::max_depth).
    fn copied(self) -> Value {
        match self.kind() {
            Kind::Null => Value::Null,
            Kind::Bool => self.as_bool().unwrap_or_default().into(),
            Kind::Number => number(self.digits().unwrap_or_default()),
            Kind::String => self.as_str().unwrap_or_default().into(),
            Kind::Array => self.elements().into_iter().flatten().map(Self::to_value).collect(),
            Kind::Object => {
                let members = self.members().into_iter().flatten();
                members.map(|(name, value)| (name.to_owned(), value.to_value())).collect()
            }
        }
    }

    fn digits(self) -> Option<&'a str> {
        let Of::Tree { text, index, at } = self.0 else { return None };
        let entry = index.entry(at).filter(|entry| entry.what == What::Number)?;
        index.text(text, entry)
    }

    /// What is in an array, or in an object, of a tree.
    fn children(self, what: What) -> Option<Children<'a>> {
        let Of::Tree { index, at, .. } = self.0 else { return None };
        let entry = index.entry(at).filter(|entry| entry.what == what)?;
        Some(Children { index, at: at + 1, end: entry.end() })
    }

    const fn moved(self, at: usize) -> Self {
        match self.0 {
            Of::Tree { text, index, .. } => Self(Of::Tree { text, index, at }),
            Of::Value(_) | Of::Members(_) => self,
        }
    }
}

impl<'a> From<&'a Value> for Node<'a> {
    fn from(value: &'a Value) -> Self {
        Self(Of::Value(value))
    }
}

impl<'a> From<&'a Map<String, Value>> for Node<'a> {
    fn from(members: &'a Map<String, Value>) -> Self {
        Self(Of::Members(members))
    }
}

impl<'a> From<&'a crate::Tree<'_>> for Node<'a> {
    fn from(tree: &'a crate::Tree<'_>) -> Self {
        tree.root()
    }
}

/// Whether both say the same: members in any order, numbers as `serde_json` compares them.
impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        *self == other.to_value()
    }
}

impl PartialEq<Value> for Node<'_> {
    fn eq(&self, other: &Value) -> bool {
        match self.0 {
            Of::Value(value) => value == other,
            Of::Members(members) => other.as_object() == Some(members),
            Of::Tree { .. } => self.to_value() == *other,
        }
    }
}

/// Prints what it is, and nothing that it says.
impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Node").field(&self.kind()).finish()
    }
}

impl Entry {
    const fn kind(self) -> Kind {
        match self.what {
            What::Null => Kind::Null,
            What::False | What::True => Kind::Bool,
            What::Number => Kind::Number,
            What::Plain | What::Unescaped => Kind::String,
            What::Array => Kind::Array,
            What::Object => Kind::Object,
        }
    }
}

const fn kind_of(value: &Value) -> Kind {
    match value {
        Value::Null => Kind::Null,
        Value::Bool(_) => Kind::Bool,
        Value::Number(_) => Kind::Number,
        Value::String(_) => Kind::String,
        Value::Array(_) => Kind::Array,
        Value::Object(_) => Kind::Object,
    }
}

/// The integer that a number is, if it is written as one. (`-0` is kept as a double or as its text, as
/// `serde_json` was told; the sign of its double tells in both cases.)
fn integer(number: &Number) -> Option<i64> {
    let is_minus_zero = || number.as_f64().is_none_or(f64::is_sign_negative);
    number.as_i64().filter(|integer| *integer != 0 || !is_minus_zero())
}

/// The entries directly in an array or an object.
struct Children<'a> {
    index: &'a Index,
    at: usize,
    end: usize,
}

impl Children<'_> {
    /// Of an object: the names, each followed by its value.
    fn step_by_members(mut self) -> impl Iterator<Item = usize> {
        std::iter::from_fn(move || {
            let name = self.next()?;
            self.next().map(|_| name)
        })
    }
}

impl Iterator for Children<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let at = self.at;
        self.at = self.index.after(at);
        (at < self.end).then_some(at)
    }
}

/// The reader has seen that it can be held.
fn number(text: &str) -> Value {
    match text.parse::<u64>() {
        Ok(number) => number.into(),
        Err(_) => serde_json::from_str(text).unwrap_or_default(),
    }
}
