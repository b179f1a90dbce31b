//! Status lists that say which credentials were revoked: making, reading, bit orders and bounds.

mod bits;
mod builder;
mod entry;
mod error;
pub mod hub;
mod inflate;
mod judge;
mod limits;
mod list;
mod location;

pub use bits::{BitList, BitOrder, EntrySize};
pub use builder::StatusListBuilder;
pub use entry::{MAX_ENTRIES, StatusEntry, StatusKind, StatusPurpose};
pub use error::StatusError;
pub use inflate::{ListEncoding, inflate};
pub use judge::{StatusOutcome, StatusRules, judge};
pub use limits::Limits;
pub use list::{About, StatusList, StatusListCredential};
pub use location::{IdentityHubQuery, ListLocation};
