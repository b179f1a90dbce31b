//! How much work one SD-JWT may ask for.

use staffpass_jose::json;

/// How large an SD-JWT may be, and how much may be hidden in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the compact form, disclosures and key binding included. Default 2 MiB: a credential
    /// with a 1 MB photo in a disclosure, encoded once more.
    pub max_bytes: usize,
    /// Disclosures. Default 1,000: the European identity credential has about 40, a record with
    /// each of 200 trainings hidden some hundred.
    pub max_disclosures: usize,
    /// The JSON of each disclosure: bytes, depth, values. Depth and values hold for the claims as
    /// they stand after all disclosures too, so that disclosures inside disclosures add up.
    pub json: json::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 2 * 1024 * 1024, max_disclosures: 1_000, json: json::Limits::default() }
    }
}
