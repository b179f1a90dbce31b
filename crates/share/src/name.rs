//! Names that are not what they look like (attack B20; Unicode Technical Standard 39).
//!
//! A name is never refused for its letters. What looks like another name is found by its skeleton
//! (UTS 39 section 4) and is never taken for that name; characters that hide, turn or pile up, and
//! words in letters of several scripts, are named for whoever looks at them.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_script::UnicodeScript as _;
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

impl OddCharacter {
    /// The script that the character is of, for example `Cyrillic`; `Common` and `Inherited` for what
    /// several scripts have.
    #[must_use]
    pub fn script(&self) -> &'static str {
        script_of(self.character)
    }

    /// The letter that it looks like (UTS 39 section 4), where that is another one.
    #[must_use]
    pub fn looks_like(&self) -> Option<char> {
        let mut buffer = [0; 4];
        let mut alike = unicode_security::skeleton(self.character.encode_utf8(&mut buffer)).fuse();
        let (first, second) = (alike.next(), alike.next());
        let is_letter = |alike: &char| alike.is_alphanumeric() && *alike != self.character;
        first.filter(|alike| second.is_none() && is_letter(alike))
    }
}

/// A character that looks like one of another name, and is another. `Display` gives its code point and
/// the letter that it looks like, for example `U+0420 (looks like P)`, and never the character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lookalike {
    /// The character.
    pub character: char,
    /// The character of the other name.
    pub looks_like: char,
}

impl Lookalike {
    /// The script that the character is of, for example `Cyrillic`.
    #[must_use]
    pub fn script(&self) -> &'static str {
        script_of(self.character)
    }
}

impl fmt::Display for Lookalike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "U+{:04X} (looks like {})", u32::from(self.character), self.looks_like)
    }
}

/// The characters of a name that look like one of the name that was expected and are not that one, each
/// once: a name that is all of another script has no [odd character](odd_characters), and may be spelt
/// like the expected one all the same.
#[must_use]
pub fn lookalikes(name: &str, expected: &str) -> Vec<Lookalike> {
    let mut found: Vec<Lookalike> = Vec::new();
    let is_seen = |c: &char| !turns(*c) && !is_invisible(*c) && !is_separator(*c);
    for character in name.chars().filter(is_seen) {
        let is_known = found.iter().any(|known| known.character == character)
            || expected.chars().any(|other| is_same_letter(other, character));
        let alike = expected.chars().filter(is_seen).find(|other| is_alike(*other, character));
        if let Some(looks_like) = alike.filter(|_| !is_known) {
            found.push(Lookalike { character, looks_like });
        }
    }
    found
}

/// In capitals or not.
fn is_same_letter(one: char, other: char) -> bool {
    one.to_lowercase().eq(other.to_lowercase())
}

fn is_alike(one: char, other: char) -> bool {
    let skeleton = |c: char| skeletons(c.encode_utf8(&mut [0; 4]));
    skeleton(one).iter().any(|one| !one.is_empty() && skeleton(other).contains(one))
}

fn script_of(character: char) -> &'static str {
    character.script().full_name()
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
    fn b20_an_odd_letter_says_its_script_and_what_it_looks_like() {
        let [a] = odd_characters("Am\u{430}ra")[..] else { panic!("one") };
        assert_eq!((a.script(), a.looks_like()), ("Cyrillic", Some('a')));
        let [hidden] = odd_characters("Am\u{200B}ara")[..] else { panic!("one") };
        assert_eq!(hidden.looks_like(), None);
    }

    #[test]
    fn b20_a_name_all_of_another_script_that_is_spelt_like_the_expected_one_is_told_by_its_letters()
    {
        let told = |name: &str, expected: &str| {
            lookalikes(name, expected).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let all_cyrillic = "\u{420}\u{43E}\u{440}\u{435}";
        assert_eq!(odd(all_cyrillic), Vec::<String>::new());
        let letters = [
            "U+0420 (looks like P)",
            "U+043E (looks like o)",
            "U+0440 (looks like P)",
            "U+0435 (looks like e)",
        ];
        assert_eq!(told(all_cyrillic, "Pope"), letters);
        assert_eq!(lookalikes(all_cyrillic, "Pope")[0].script(), "Cyrillic");
        assert_eq!(told("0kafor", "Okafor"), ["U+0030 (looks like O)"]);
        for same in ["Okafor", "OKAFOR", "oKaFor-", ""] {
            assert_eq!(told(same, "Okafor"), Vec::<String>::new(), "{same}");
        }
        assert_eq!(told("Ковальчук", "Derek"), Vec::<String>::new());
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
