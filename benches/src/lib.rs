//! What the benches measure: whole verifications, and beside each the raw signature checks of the same
//! bytes, which are its limit.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::exhaustive_structs,
    clippy::cast_precision_loss,
    reason = "a bench that cannot make its input has nothing to measure"
)]

mod list;
mod raw;
mod request;
mod work;
mod worst;

pub use list::List;
pub use raw::RawCheck;
pub use request::Asking;
pub use work::Work;
pub use worst::{Worst, worst_inputs};
