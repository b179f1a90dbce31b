//! Names that are not what they look like (attack B20; Unicode Technical Standard 39).
//!
//! A name is never refused for its letters. What looks like another name is found by its skeleton
//! (UTS 39 section 4) and is never taken for that name; characters that hide, turn or pile up, and
//! words in letters of several scripts, are named for whoever looks at them.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::mixed_script::AugmentedScriptSet;

/// More marks than this on one letter are not a spelling: Vietnamese and pointed Hebrew have two or
/// three.
const MOST_MARKS: usize = 4;

/// A character of a name that a reader may not see as it is. `Display` gives its code point and the
/// reason, for example `U+200B (invisible)`, and never the character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OddCharacter {
    /// The character.
    pub character: char,
    /// What is odd about it.
    pub oddity: Oddity,
}

/// What is odd about a character of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Oddity {
    /// It is not seen: zero-width characters, fillers, tags, controls.
    Invisible,
    /// It changes the direction of what stands beside it.
    Direction,
    /// One letter carries more marks than any spelling has.
    StackedMark,
    /// It is of another script than the word that it stands in.
    AnotherScript,
}

impl fmt::Display for OddCharacter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.oddity {
            Oddity::Invisible => "invisible",
            Oddity::Direction => "changes the direction",
            Oddity::StackedMark => "one mark too many",
            Oddity::AnotherScript => "of another script",
        };
        write!(f, "U+{:04X} ({reason})", u32::from(self.character))
    }
}

/// The characters of a name that a reader may not see as they are, in order: to be shown beside it by
/// their code points.
#[must_use]
pub fn odd_characters(name: &str) -> Vec<OddCharacter> {
    let odd = |character, oddity| OddCharacter { character, oddity };
    let mut found = Vec::new();
    let (mut marks, mut script) = (0_usize, AugmentedScriptSet::default());
    for character in name.chars() {
        marks = if is_combining_mark(character) { marks.saturating_add(1) } else { 0 };
        if is_separator(character) {
            script = AugmentedScriptSet::default();
        }
        if turns(character) {
            found.push(odd(character, Oddity::Direction));
        } else if is_invisible(character) {
            found.push(odd(character, Oddity::Invisible));
        } else if marks > MOST_MARKS {
            found.push(odd(character, Oddity::StackedMark));
        } else if !joins(&mut script, character) {
            found.push(odd(character, Oddity::AnotherScript));
        }
    }
    found
}

/// Whether a character is of a script that the word so far may be of; if so, the word is of that
/// (UTS 39 section 5.1: `Jpan`, `Kore` and `Hanb` are one script each).
fn joins(word: &mut AugmentedScriptSet, character: char) -> bool {
    let mut both = *word;
    both.intersect_with(AugmentedScriptSet::for_char(character));
    let joined = !both.is_empty();
    if joined {
        *word = both;
    }
    joined
}

/// The skeletons of a name's words: two words that look alike have one (UTS 39 section 4), in capitals
/// or not.
pub(crate) fn skeletons(name: &str) -> Vec<String> {
    let seen: String = name.chars().filter(|c| !turns(*c) && !is_invisible(*c)).collect();
    let skeleton = |word: &str| {
        let lower: String = unicode_security::skeleton(&word.to_lowercase()).collect();
        let lower: String = lower.nfkd().filter(|c| !is_combining_mark(*c)).collect();
        lower.to_lowercase()
    };
    seen.split(is_separator).filter(|word| !word.is_empty()).map(skeleton).collect()
}

/// What stands between the words of a name.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\'' | '\u{2010}'..='\u{2019}')
}

/// Bidirectional formatting characters (UAX 9 section 2).
const fn turns(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Controls, and what has the property `Default_Ignorable_Code_Point` and is none of those above; the
/// blank Braille pattern besides.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}')
        || matches!(c, '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{206F}')
        || matches!(c, '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}')
        || matches!(c, '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}')
        || matches!(c, '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn odd(name: &str) -> Vec<String> {
        odd_characters(name).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn b20_what_a_reader_cannot_see_is_named_by_its_code_point() {
        assert_eq!(odd("Am\u{200B}ara"), ["U+200B (invisible)"]);
        assert_eq!(odd("\u{202E}aramA"), ["U+202E (changes the direction)"]);
        assert_eq!(odd("Am\u{430}ra"), ["U+0430 (of another script)"], "a Cyrillic a");
        assert_eq!(odd("O\u{3bf}kafor"), ["U+03BF (of another script)"], "a Greek omicron");
        let stacked = format!("Zoe{}", "\u{301}".repeat(6));
        assert_eq!(odd(&stacked), ["U+0301 (one mark too many)"; 2]);
        assert_eq!(odd("Okafor\u{E0041}"), ["U+E0041 (invisible)"]);
    }

    #[test]
    fn names_of_any_script_are_not_odd() {
        let names = [
            "Zoë O’Brien-Núñez",
            "Nguyễn Thị Ánh",
            "Ołena Ковальчук",
            "山田 はなこ",
            "김 민지",
            "שָׂרָה כֹּהֵן",
            "محمد",
            "Αθηνά",
            "Nguye\u{302}\u{303}n",
            "D'Souza",
            "ᎠᏂᎩᏚᏩᎩ",
            "अनुष्का",
        ];
        for name in names {
            assert_eq!(odd(name), Vec::<String>::new(), "{name}");
        }
    }

    #[test]
    fn words_that_look_alike_have_one_skeleton() {
        for alike in ["\u{41E}kafor", "0kafor", "Oka\u{200D}for", "\u{1D40E}kafor", "Ｏkafor"] {
            assert_eq!(skeletons(alike), skeletons("Okafor"), "{alike}");
        }
        assert_ne!(skeletons("Okafor"), skeletons("Okefor"));
        assert_eq!(skeletons("Okafor-Lee").len(), 2);
    }
}
