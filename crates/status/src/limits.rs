//! How much a status list may cost.

use staffpass_jose::json;

/// Bounds on what is read. Every one is checked before memory is taken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a list once inflated. Default 2 MiB, which is 16.7 million entries of one bit or
    /// 2 million of eight: the whole NHS employs some 1.5 million people, the lists of Entra have
    /// 200,000 entries, and 131,072 is the least that Bitstring Status List allows.
    pub max_inflated_bytes: usize,
    /// How many bytes may come out of one compressed byte. Default 1032, the most that DEFLATE can
    /// do: a list with nothing set comes near it, so a lower cap refuses honest lists, and a higher
    /// claim is a lie about the length.
    pub max_ratio: usize,
    /// Limits of the claims as JSON. Default as for any token: 2 MiB of text.
    pub json: json::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_inflated_bytes: 2 * 1024 * 1024, max_ratio: 1032, json: json::Limits::default() }
    }
}
