//! The block that every staff credential carries: where its statements come from.

use crate::dates::DateOrTime;
use crate::reader::{refreshed, text, word};
use crate::table::claims;
use crate::vocabulary::{Pedigree, VerificationMethod};

claims! {
    /// Who verified what the credential states, how, and how fresh it is.
    pub struct Assurance (AssuranceDraft, |_, _| ()) {
        required {
            /// Where the statements come from; up to 120 characters.
            origin: String = text(1, 120),
            /// The policy that was followed, for example "GPG 45"; up to 120 characters.
            assurance_policy: String = text(1, 120),
            /// What came of it, for example "GPG 45 applied"; up to 120 characters.
            assurance_outcome: String = text(1, 120),
            /// Who provides the credential; up to 120 characters.
            provider: String = text(1, 120),
            /// Who verified: "Origin", "Provider" or an organisation; up to 120 characters.
            verifier: String = text(1, 120),
            /// How it was verified.
            verification_method: VerificationMethod = word,
            /// Whether the issuer is the authority.
            pedigree: Pedigree = word,
            /// When the statements were last brought up to date; at most five minutes from now.
            last_refresh: DateOrTime = refreshed,
        }
        optional {}
    }
}
