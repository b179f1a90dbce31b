//! Why a text is refused.

/// Why a JSON text is refused. Holds no part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Longer than [`Limits::max_bytes`](crate::Limits::max_bytes).
    #[error("JSON text is longer than {limit} bytes")]
    TooLong {
        /// The limit in force, in bytes.
        limit: usize,
    },
    /// Nested deeper than [`Limits::max_depth`](crate::Limits::max_depth).
    #[error("JSON text is nested deeper than {limit} levels")]
    TooDeep {
        /// The limit in force, in levels.
        limit: usize,
    },
    /// More values than [`Limits::max_values`](crate::Limits::max_values).
    #[error("JSON text has more than {limit} values")]
    TooManyValues {
        /// The limit in force, in values.
        limit: usize,
    },
    /// Not UTF-8.
    #[error("JSON text is not UTF-8")]
    NotUtf8,
    /// Not JSON (RFC 8259), a lone surrogate included.
    #[error("not a JSON text (at byte {at})")]
    Syntax {
        /// Offset in bytes of the first thing that does not fit.
        at: usize,
    },
    /// One object has two members of one name.
    #[error("a JSON object has one member twice (at byte {at})")]
    DuplicateMember {
        /// Offset in bytes of the second name.
        at: usize,
    },
    /// A string holds U+0000.
    #[error("a JSON string holds a NUL (at byte {at})")]
    Nul {
        /// Offset in bytes of the string.
        at: usize,
    },
    /// A number that no reader can hold exactly, or at all.
    #[error("a JSON number is out of range (at byte {at})")]
    Number {
        /// Offset in bytes of the number.
        at: usize,
    },
    /// A well-formed JSON text of another shape than the one asked for: a member is missing or of
    /// the wrong type.
    #[error("a JSON member is missing or of the wrong type")]
    Shape,
}

impl JsonError {
    /// The stable code of this cause.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "json_too_long",
            Self::TooDeep { .. } => "json_too_deep",
            Self::TooManyValues { .. } => "json_too_many_values",
            Self::NotUtf8 => "json_not_utf8",
            Self::Syntax { .. } => "json_syntax",
            Self::DuplicateMember { .. } => "json_duplicate_member",
            Self::Nul { .. } => "json_nul",
            Self::Number { .. } => "json_number",
            Self::Shape => "json_shape",
        }
    }
}
