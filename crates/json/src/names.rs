//! The member names of one object.

use std::borrow::Cow;
use std::collections::HashSet;

/// Under `serde_json/arbitrary_precision`, an object whose first member has this prefix is read as
/// a number or a raw text. No such object may come from outside.
const RESERVED: &str = "$serde_json::private::";

/// How many member names are compared in place.
const FEW_NAMES: usize = 16;

/// The member names of one object. Small objects, nearly all, are compared in place; large ones go
/// into a keyed hash set, so that no input makes this quadratic.
#[derive(Default)]
pub(super) struct Names<'a> {
    few: [&'a str; FEW_NAMES],
    count: usize,
    many: Option<HashSet<String>>,
}

impl<'a> Names<'a> {
    /// Whether this name is the first of its kind, and may stand there.
    pub(super) fn insert(&mut self, name: Cow<'a, str>) -> bool {
        match name {
            Cow::Borrowed(name) => self.insert_plain(name),
            Cow::Owned(name) => self.insert_owned(name),
        }
    }

    fn insert_plain(&mut self, name: &'a str) -> bool {
        let Some(free) = self.few.get_mut(self.count) else {
            return self.insert_owned(name.to_owned());
        };
        *free = name;
        let known = self.few.iter().take(self.count).any(|other| *other == name);
        self.count += 1;
        let among_many = self.many.as_ref().is_some_and(|many| many.contains(name));
        !known && !among_many && !name.starts_with(RESERVED)
    }

    fn insert_owned(&mut self, name: String) -> bool {
        let known = self.few.iter().take(self.count).any(|other| *other == name);
        !known && !name.starts_with(RESERVED) && self.many.get_or_insert_default().insert(name)
    }
}
