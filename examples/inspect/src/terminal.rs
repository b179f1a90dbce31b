//! What people read: colour on a terminal, and no character that could move its cursor.

use std::fmt::{self, Write as _};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

/// Good.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Not good.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Not quite.
pub(crate) const NOTE: Style = AnsiColor::Yellow.on_default();
/// A heading.
pub(crate) const HEADING: Style = Style::new().bold();

/// A text in a style. The colours are dropped where stdout is no terminal.
pub(crate) fn styled(style: Style, text: impl fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A text of unknown origin: control characters, and those that turn the direction of writing, are
/// written as their numbers.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match is_harmless(character) {
            true => plain.push(character),
            false => drop(write!(plain, "\\u{{{:x}}}", u32::from(character))),
        }
    }
    plain
}

/// JSON on several lines. What [`plain`] leaves out is escaped as JSON has it.
pub(crate) fn pretty(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let text = serde_json::to_string_pretty(value)?;
    let mut pretty = String::with_capacity(text.len());
    for character in text.chars() {
        match is_harmless(character) {
            true => pretty.push(character),
            false => drop(write!(pretty, "\\u{:04x}", u32::from(character))),
        }
    }
    Ok(pretty)
}

fn is_harmless(character: char) -> bool {
    let turns = matches!(
        character,
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    );
    character == '\n' || !(character.is_control() || turns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor_or_turns_the_text() {
        let text = "a\u{1b}[2Jb\u{9b}c\u{202e}d\u{2066}e\r\nf";
        assert_eq!(plain(text), "a\\u{1b}[2Jb\\u{9b}c\\u{202e}d\\u{2066}e\\u{d}\nf");
        assert_eq!(plain("Zoë Ōtani"), "Zoë Ōtani");
    }

    #[test]
    fn json_stays_json() {
        let value = serde_json::json!({"a": "b\u{9b}c\u{202e}"});
        let text = pretty(&value).expect("JSON");
        assert!(text.contains("b\\u009bc\\u202e"), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), value);
    }
}
