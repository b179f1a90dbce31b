//! The letters of a name that a reader may not see as they are, in plain words (attack B20).

use staffpass::share::{Lookalike, OddCharacter, Oddity, lookalikes, odd_characters};

/// So many lines are read; a name with more is not looked at letter by letter.
const MOST_LINES: usize = 8;

/// What to know of the letters of a text, each line once: by code point, and never by the character.
/// A name is held against the one that was invited, too.
pub(crate) fn in_words(text: &str, invited: Option<&str>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let odd = odd_characters(text);
    let alike = invited.map(|invited| lookalikes(text, invited)).unwrap_or_default();
    let alike = alike.iter().filter(|alike| odd.iter().all(|odd| odd.character != alike.character));
    for line in odd.iter().map(of_odd).chain(alike.map(of_alike)) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("And more characters like these.".to_owned());
    }
    lines
}

fn of_odd(odd: &OddCharacter) -> String {
    let point = code_point(odd.character);
    match odd.oddity {
        Oddity::Invisible => format!("There is a character that cannot be seen ({point})."),
        Oddity::Direction => format!(
            "There is a character that changes the direction of the text ({point}): letters may stand in another order than you read."
        ),
        Oddity::StackedMark => {
            format!("One letter carries more marks than any spelling has ({point}).")
        }
        _ => of_another_script(odd, &point),
    }
}

fn of_another_script(odd: &OddCharacter, point: &str) -> String {
    let of = format!(
        "One letter is of another alphabet than the letters beside it ({}, {point})",
        odd.script()
    );
    match odd.looks_like() {
        Some(other) => format!("{of}. It looks like “{other}”, and is another letter."),
        None => format!("{of}."),
    }
}

fn of_alike(alike: &Lookalike) -> String {
    let (point, script) = (code_point(alike.character), alike.script());
    format!(
        "One character ({script}, {point}) is not the “{}” of the name that you invited, though it may look like it.",
        alike.looks_like
    )
}

fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}
