//! Words of others on this terminal.

/// How much of one value is shown in a line.
const LONGEST: usize = 120;

/// A text of somebody else's in one line: no control character, nothing that turns the direction of
/// writing, and not without end. A terminal obeys what is printed on it.
pub(crate) fn plain(text: &str) -> String {
    let mut plain: String =
        text.chars().take(LONGEST).map(|c| if bad(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        plain.push('…');
    }
    plain
}

fn bad(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_text_cannot_move_the_cursor_or_turn_the_line() {
        assert_eq!(plain("Trust\u{1b}[2J\r\nof"), "Trust\u{fffd}[2J\u{fffd}\u{fffd}of");
        assert_eq!(plain("a\u{202e}b"), "a\u{fffd}b");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(plain(&"x".repeat(121)).chars().count(), 121);
        assert!(plain(&"x".repeat(121)).ends_with('…'));
        assert_eq!(plain(&"x".repeat(120)).chars().count(), 120);
    }
}
