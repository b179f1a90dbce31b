//! What a text is read into.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::names::Names;

/// Under `serde_json/arbitrary_precision`, an object whose first member has this prefix is read as
/// a number or a raw text. No such object may come from outside.
pub(super) const RESERVED: &str = "$serde_json::private::";

/// What becomes of what is read: nothing, where it is only checked, or a tree.
pub(super) trait Form<'a>: Sized {
    /// The members of an object that is being read.
    type Members: Default;

    fn null() -> Self;
    fn bool(value: bool) -> Self;
    fn string(text: Cow<'a, str>) -> Self;
    /// A number that has been checked; none where it cannot be held.
    fn number(text: &str) -> Option<Self>;
    fn array(elements: Vec<Self>) -> Self;
    fn object(members: Self::Members) -> Self;
    /// Whether this member is the first of its name.
    fn insert(members: &mut Self::Members, name: Cow<'a, str>, value: Self) -> bool;
}

impl<'a> Form<'a> for () {
    type Members = Names<'a>;

    fn null() -> Self {}
    fn bool(_: bool) -> Self {}
    fn string(_: Cow<'a, str>) -> Self {}
    fn number(_: &str) -> Option<Self> {
        Some(())
    }
    fn array(_: Vec<Self>) -> Self {}
    fn object(_: Self::Members) -> Self {}
    fn insert(members: &mut Self::Members, name: Cow<'a, str>, (): Self) -> bool {
        members.insert(name)
    }
}

impl<'a> Form<'a> for Value {
    type Members = Map<String, Self>;

    fn null() -> Self {
        Self::Null
    }

    fn bool(value: bool) -> Self {
        Self::Bool(value)
    }

    fn string(text: Cow<'a, str>) -> Self {
        Self::String(text.into_owned())
    }

    fn number(text: &str) -> Option<Self> {
        match text.parse::<u64>() {
            Ok(number) => Some(number.into()),
            Err(_) => serde_json::from_str(text).ok(),
        }
    }

    fn array(elements: Vec<Self>) -> Self {
        Self::Array(elements)
    }

    fn object(members: Self::Members) -> Self {
        Self::Object(members)
    }

    fn insert(members: &mut Self::Members, name: Cow<'a, str>, value: Self) -> bool {
        !name.starts_with(RESERVED) && members.insert(name.into_owned(), value).is_none()
    }
}
