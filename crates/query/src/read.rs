//! Reading members of an untrusted JSON object, each with its type and its limit.

use serde_json::{Map, Value};

use crate::QueryError;
use crate::limits::{MAX_ID, MAX_TEXT};

type Object = Map<String, Value>;

pub(crate) fn object<'v>(value: &'v Value, member: &'static str) -> Result<&'v Object, QueryError> {
    value.as_object().ok_or(QueryError::WrongType { member })
}

/// A non-empty array of at most `limit` elements.
pub(crate) fn array<'v>(
    value: &'v Value,
    member: &'static str,
    limit: usize,
) -> Result<&'v [Value], QueryError> {
    let array = value.as_array().ok_or(QueryError::WrongType { member })?;
    if array.is_empty() {
        return Err(QueryError::Empty { member });
    }
    if array.len() > limit {
        return Err(QueryError::TooLarge { member, limit });
    }
    Ok(array)
}

/// A string of at most [`MAX_TEXT`] bytes.
pub(crate) fn text(value: &Value, member: &'static str) -> Result<String, QueryError> {
    let text = value.as_str().ok_or(QueryError::WrongType { member })?;
    if text.len() > MAX_TEXT {
        return Err(QueryError::TooLarge { member, limit: MAX_TEXT });
    }
    Ok(text.to_owned())
}

pub(crate) fn required<'v>(
    object: &'v Object,
    member: &'static str,
) -> Result<&'v Value, QueryError> {
    object.get(member).ok_or(QueryError::Missing { member })
}

pub(crate) fn optional_text(
    object: &Object,
    member: &'static str,
) -> Result<Option<String>, QueryError> {
    object.get(member).map(|value| text(value, member)).transpose()
}

pub(crate) fn flag(
    object: &Object,
    member: &'static str,
    default: bool,
) -> Result<bool, QueryError> {
    object
        .get(member)
        .map_or(Ok(default), |value| value.as_bool().ok_or(QueryError::WrongType { member }))
}

/// Each element of a non-empty array, read by `read`.
pub(crate) fn list<T>(
    value: &Value,
    member: &'static str,
    limit: usize,
    read: impl Fn(&Value) -> Result<T, QueryError>,
) -> Result<Vec<T>, QueryError> {
    array(value, member, limit)?.iter().map(read).collect()
}

/// [`list`], and an empty list where the member is absent.
pub(crate) fn optional_list<T>(
    object: &Object,
    member: &'static str,
    limit: usize,
    read: impl Fn(&Value) -> Result<T, QueryError>,
) -> Result<Vec<T>, QueryError> {
    object.get(member).map_or(Ok(Vec::new()), |value| list(value, member, limit, read))
}

pub(crate) fn texts(
    value: &Value,
    member: &'static str,
    limit: usize,
) -> Result<Vec<String>, QueryError> {
    list(value, member, limit, |element| text(element, member))
}

/// DCQL, sections 6.1 and 6.3: an id is letters, digits, `_` and `-`, and not empty (attack Q10).
pub(crate) fn check_id(id: &str, member: &'static str) -> Result<(), QueryError> {
    check_id_length(id, member)?;
    if id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') {
        return Ok(());
    }
    Err(QueryError::IdGrammar { member })
}

pub(crate) fn check_id_length(id: &str, member: &'static str) -> Result<(), QueryError> {
    if id.is_empty() {
        return Err(QueryError::Empty { member });
    }
    if id.len() > MAX_ID {
        return Err(QueryError::TooLarge { member, limit: MAX_ID });
    }
    Ok(())
}

/// No identifier comes twice. Ordered comparison: no hash for a sender to flood (attack R6).
pub(crate) fn check_unique<'a>(
    ids: impl Iterator<Item = &'a str>,
    member: &'static str,
) -> Result<(), QueryError> {
    let mut seen = std::collections::BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(QueryError::DuplicateId { member });
        }
    }
    Ok(())
}
