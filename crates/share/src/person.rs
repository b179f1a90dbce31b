//! Is the shared identity that of the invited person?

use serde::{Deserialize, Serialize};
use staffpass_credentials::IdentityCredential;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::invitation::InvitedPerson;
use crate::name::{is_separator, odd_characters, skeletons};

/// How the shared identity compares with the invited person.
///
/// A first, plain rule: names are split at spaces, hyphens and apostrophes, without case and
/// accents, and compared word by word. It knows no nicknames and spellings: what it cannot tell is
/// probable, and someone looks. What only looks like the name (letters of another script, digits for
/// letters, characters that are not seen) is never a match, and probable at most (attack B20);
/// [`odd_characters`](crate::odd_characters) names such characters for whoever looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PersonMatch {
    /// The date of birth is right, where the trust gave one; the family names are the same, and so
    /// is at least one given name, where the trust gave any.
    Match,
    /// The date of birth is right, where the trust gave one, and some of the names are, or look so.
    Probable,
    /// The date of birth is another, or no name is the same or looks the same.
    Mismatch,
}

impl PersonMatch {
    /// Compares.
    pub(crate) fn of(invited: &InvitedPerson, identity: &IdentityCredential) -> Self {
        if invited.birthdate.is_some_and(|birthdate| birthdate != identity.birthdate) {
            return Self::Mismatch;
        }
        let names = Names::of(invited, identity);
        match names.compare(words) {
            Self::Match if names.are_odd() => Self::Probable,
            Self::Mismatch => match names.compare(skeletons) {
                Self::Mismatch => Self::Mismatch,
                _ => Self::Probable,
            },
            compared => compared,
        }
    }
}

/// The names of two persons, each pair the invited one's first.
struct Names<'n> {
    family: [&'n str; 2],
    given: [&'n str; 2],
}

impl<'n> Names<'n> {
    fn of(invited: &'n InvitedPerson, identity: &'n IdentityCredential) -> Self {
        let given = [&invited.given_name, &identity.given_name];
        Self {
            family: [&invited.family_name, &identity.family_name],
            given: given.map(|name| name.as_deref().unwrap_or_default()),
        }
    }

    fn compare(&self, words: fn(&str) -> Vec<String>) -> PersonMatch {
        let (family, given) = (self.family.map(words), self.given.map(words));
        let [invited_given, _] = &given;
        let given_agrees = invited_given.is_empty() || share_a_word(&given);
        let [invited, shared] = &family;
        if !invited.is_empty() && invited == shared && given_agrees {
            PersonMatch::Match
        } else if share_a_word(&family) || share_a_word(&given) {
            PersonMatch::Probable
        } else {
            PersonMatch::Mismatch
        }
    }

    /// Whether a reader may see something else in what was shared than is there.
    fn are_odd(&self) -> bool {
        let [_, family] = self.family;
        let [_, given] = self.given;
        [family, given].iter().any(|name| !odd_characters(name).is_empty())
    }
}

fn share_a_word([these, those]: &[Vec<String>; 2]) -> bool {
    these.iter().any(|word| those.contains(word))
}

/// The words of a name without case and accents. Letters that only look like others stay what they
/// are: compatibility forms (𝐎 or Ｏ for O) are not taken for them.
fn words(name: &str) -> Vec<String> {
    let folded: String = name.nfd().filter(|c| !is_combining_mark(*c)).collect();
    let words = folded.to_lowercase();
    words.split(is_separator).filter(|word| !word.is_empty()).map(str::to_owned).collect()
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
