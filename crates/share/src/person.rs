//! Is the shared identity that of the invited person?

use serde::{Deserialize, Serialize};
use staffpass_credentials::IdentityCredential;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::invitation::InvitedPerson;

/// How the shared identity compares with the invited person.
///
/// A first, plain rule: names are split at spaces, hyphens and apostrophes, without case and
/// accents, and compared word by word. It knows no nicknames, spellings or look-alike characters:
/// what it cannot tell is probable, and someone looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PersonMatch {
    /// The date of birth is right, where the trust gave one; the family names are the same, and so
    /// is at least one given name, where the trust gave any.
    Match,
    /// The date of birth is right, where the trust gave one, and some of the names are.
    Probable,
    /// The date of birth is another, or no name is the same.
    Mismatch,
}

impl PersonMatch {
    /// Compares.
    pub(crate) fn of(invited: &InvitedPerson, identity: &IdentityCredential) -> Self {
        if invited.birthdate.is_some_and(|birthdate| birthdate != identity.birthdate) {
            return Self::Mismatch;
        }
        let family = (words(&invited.family_name), words(&identity.family_name));
        let given = (
            words(invited.given_name.as_deref().unwrap_or_default()),
            words(identity.given_name.as_deref().unwrap_or_default()),
        );
        let given_agrees = given.0.is_empty() || share_a_word(&given);
        if !family.0.is_empty() && family.0 == family.1 && given_agrees {
            Self::Match
        } else if share_a_word(&family) || share_a_word(&given) {
            Self::Probable
        } else {
            Self::Mismatch
        }
    }
}

fn share_a_word((these, those): &(Vec<String>, Vec<String>)) -> bool {
    these.iter().any(|word| those.contains(word))
}

/// The words of a name without case and accents.
fn words(name: &str) -> Vec<String> {
    let folded: String = name.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    let separator =
        |c: char| c.is_whitespace() || matches!(c, '-' | '\'' | '\u{2010}'..='\u{2019}');
    folded
        .to_lowercase()
        .split(separator)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_accents_and_hyphens() {
        assert_eq!(words("Zoë  O’Brien-Núñez"), ["zoe", "o", "brien", "nunez"]);
        assert_eq!(words(" - "), Vec::<String>::new());
    }
}
