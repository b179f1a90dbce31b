//! An index over a text: where each value stands in it.

use std::borrow::Cow;
use std::fmt;

use crate::node::Node;
use crate::reader::Reader;
use crate::{JsonError, Limits};

/// A JSON text that was checked, with the place of each of its values: what takes one buffer where a
/// [`serde_json::Value`] takes one for each text, name and object.
///
/// It is walked by [`Node`]s, which borrow from it.
///
/// ```
/// use staffpass_json::{Limits, Tree};
///
/// let tree = Tree::parse(br#"{"aud": "portal", "exp": 1767225600}"#, &Limits::default())?;
/// assert_eq!(tree.root().get("aud").and_then(|aud| aud.as_str()), Some("portal"));
/// assert_eq!(tree.root().get("exp").and_then(|exp| exp.as_u64()), Some(1_767_225_600));
/// # Ok::<(), staffpass_json::JsonError>(())
/// ```
#[derive(Clone)]
pub struct Tree<'a> {
    text: Cow<'a, str>,
    index: Index,
}

impl<'a> Tree<'a> {
    /// Checks a JSON text and indexes it, both in one pass.
    ///
    /// # Errors
    /// Whatever [`check`](crate::check) refuses.
    pub fn parse(bytes: &'a [u8], limits: &Limits) -> Result<Self, JsonError> {
        let (text, index) = Reader::new(bytes, limits)?.index()?;
        Ok(Self { text: text.into(), index })
    }

    /// The same with a copy of the text, to be kept.
    #[must_use]
    pub fn into_owned(self) -> Tree<'static> {
        Tree { text: Cow::Owned(self.text.into_owned()), index: self.index }
    }

    /// The one value that the text is.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node::root(&self.text, &self.index)
    }
}

/// Prints how many values there are, and none of them.
impl fmt::Debug for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("values", &self.index.entries.len()).finish_non_exhaustive()
    }
}

/// The values of a text, each before what is in it: an array before its elements, an object before its
/// members, and a member's name before its value.
#[derive(Clone, Default)]
pub(crate) struct Index {
    pub(crate) entries: Vec<Entry>,
    /// What the strings with escapes say.
    unescaped: String,
}

/// One value, or the name of a member.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) what: What,
    /// Where its text begins: in the JSON text, or in what the escapes say.
    start: u32,
    /// Where its text ends; of an array or an object, which entry comes after its last.
    end: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Null,
    False,
    True,
    Number,
    Plain,
    Unescaped,
    Array,
    Object,
}

impl Index {
    /// An index for a text of so many bytes.
    pub(crate) fn for_text(bytes: usize) -> Self {
        Self { entries: Vec::with_capacity((bytes / 12).clamp(4, 128)), unescaped: String::new() }
    }

    pub(crate) fn word(&mut self, what: What) {
        self.entries.push(Entry { what, start: 0, end: 0 });
    }

    /// A number, or a string without escapes: what stands in the text from `start` to `end`.
    pub(crate) fn span(&mut self, what: What, start: usize, end: usize) {
        self.entries.push(Entry { what, start: offset(start), end: offset(end) });
    }

    pub(crate) fn unescaped(&mut self, text: &str) {
        let start = self.unescaped.len();
        self.unescaped.push_str(text);
        self.span(What::Unescaped, start, self.unescaped.len());
    }

    /// An array or an object begins. What is in it comes next.
    pub(crate) fn open(&mut self, what: What) -> usize {
        self.word(what);
        self.entries.len() - 1
    }

    pub(crate) fn close(&mut self, opened: usize) {
        let end = offset(self.entries.len());
        if let Some(entry) = self.entries.get_mut(opened) {
            entry.end = end;
        }
    }

    pub(crate) fn entry(&self, at: usize) -> Option<Entry> {
        self.entries.get(at).copied()
    }

    /// The entry that comes after this value and all that is in it.
    pub(crate) fn after(&self, at: usize) -> usize {
        match self.entries.get(at) {
            Some(Entry { what: What::Array | What::Object, end, .. }) => place(*end),
            _ => at + 1,
        }
    }

    /// Whether a name says this. Most do not, and most of those have another length.
    pub(crate) fn says(&self, text: &str, at: usize, name: &str) -> bool {
        let Some(entry) = self.entries.get(at) else { return false };
        let (start, end) = (place(entry.start), place(entry.end));
        let from = if entry.what == What::Plain { text } else { &self.unescaped };
        end.wrapping_sub(start) == name.len()
            && from.as_bytes().get(start..end) == Some(name.as_bytes())
    }

    /// What a string says, or how a number is written.
    pub(crate) fn text<'a>(&'a self, text: &'a str, entry: Entry) -> Option<&'a str> {
        let span = place(entry.start)..place(entry.end);
        match entry.what {
            What::Plain | What::Number => text.get(span),
            What::Unescaped => self.unescaped.get(span),
            _ => None,
        }
    }
}

impl Entry {
    /// The entry after the last of an array or an object.
    pub(crate) fn end(self) -> usize {
        place(self.end)
    }
}

/// [`Reader::new`] admits no text of more than `u32::MAX` bytes.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn place(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
