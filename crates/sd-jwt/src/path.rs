//! Where a claim stands: names, positions, and "every element".

/// An element of a path, as in the claims path pointer of OpenID4VP 1.0 (section 7).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the claims path pointer knows these three")]
pub enum PathElement {
    /// The member of that name in an object.
    Key(String),
    /// The element at that position in an array, from 0.
    Index(usize),
    /// Every element of an array.
    All,
}

/// A path from the top of the claims, never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimPath {
    elements: Vec<PathElement>,
}

impl ClaimPath {
    /// The path that starts with a claim.
    #[must_use]
    pub fn key(name: &str) -> Self {
        Self { elements: vec![PathElement::Key(name.to_owned())] }
    }

    /// The path of given elements; `None` when there is none.
    #[must_use]
    pub fn from_elements(elements: impl IntoIterator<Item = PathElement>) -> Option<Self> {
        let elements: Vec<_> = elements.into_iter().collect();
        (!elements.is_empty()).then_some(Self { elements })
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

    /// Its elements, at least one.
    #[must_use]
    pub fn elements(&self) -> &[PathElement] {
        &self.elements
    }
}

/// An element of a path to one place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

impl ClaimPath {
    /// The path of steps, which are never none here.
    pub(crate) fn from_steps(steps: &[Step]) -> Self {
        let elements = steps.iter().map(|step| match step {
            Step::Key(name) => PathElement::Key(name.clone()),
            Step::Index(index) => PathElement::Index(*index),
        });
        Self { elements: elements.collect() }
    }
}
