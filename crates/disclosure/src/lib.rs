//! Shows only what was chosen: the chosen credential set, what in a wallet could answer a request, and
//! the smallest presentation that does.

mod catalogue;
mod error;
mod held;
mod matching;
mod present;
mod review;
mod set;

pub use catalogue::{Catalogue, CatalogueEntry, PartId};
pub use error::DisclosureError;
pub use held::HeldCredential;
pub use matching::{Choice, Matches, Missing, PartMatches, Unusable};
pub use present::{AuthorizationResponse, Decline, Holder, Shared};
pub use review::{RequestReview, ReviewOptions};
pub use set::CredentialSet;
