//! How much of somebody else's query is read. A query beyond a limit is refused as
//! [`QueryError::TooLarge`](crate::QueryError::TooLarge); none is cut off.

/// Credential queries or input descriptors in one query. A share of a whole staff record asks for
/// identity, employment and one training record per subject: some twenty.
pub const MAX_PARTS: usize = 64;

/// Credential sets, and options in one set.
pub const MAX_SETS: usize = 64;

/// Claims or fields in one part. The largest staff credential has about forty claims.
pub const MAX_CLAIMS: usize = 256;

/// Elements of `values`, `enum`, `type_values`, `vct_values`, authorities and paths of a field.
pub const MAX_VALUES: usize = 256;

/// Elements of a claims path, or of a field's path. The staff credentials nest three deep.
pub const MAX_PATH: usize = 32;

/// Bytes of an identifier. A UUID has 36; names of types serve as identifiers too.
pub const MAX_ID: usize = 128;

/// Bytes of any other string. A long-form did:ion has some 1,200.
pub const MAX_TEXT: usize = 4096;

/// Bytes of a pattern: a list of accepted issuers, each perhaps a long-form did:ion.
pub const MAX_PATTERN: usize = 16_384;

/// Comparisons of characters that one pattern may cost on one value. A value for which it would cost
/// more does not match. Anchored patterns cost no more than their length; a list of issuers that is not anchored,
/// as the Entra Request Service sends it, costs the length of each times the room that it has in the
/// value: a hundred did:web of 30 characters on a long-form did:ion some 3.5 million.
pub const MAX_PATTERN_WORK: usize = 1 << 23;
