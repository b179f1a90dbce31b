//! Which credential answers which part: by the command line, or by the person.

use staffpass::disclosure::{Choice, Matches, PartMatches};

use crate::text::plain;
use crate::{Error, Pick, Present, Terminal, show};

/// The person's choice, beginning with the newest of each part that is needed.
pub(crate) fn choose(
    matches: &Matches<'_>,
    mut choice: Choice,
    options: &Present,
    terminal: &mut Terminal,
) -> Result<Choice, Error> {
    for pick in &options.choose {
        picked(matches, &mut choice, pick)?;
    }
    if options.yes {
        return Ok(choice);
    }
    let said = |part: &PartMatches| options.choose.iter().any(|pick| pick.part == part.id());
    for part in matches.parts().iter().filter(|part| !part.is_missing() && !said(part)) {
        ask(matches, part, &mut choice, terminal)?;
    }
    Ok(choice)
}

/// What a part is called: in the verifier's words, or by its id.
pub(crate) fn name_of(matches: &Matches<'_>, part: &str) -> String {
    plain(matches.review().part_name(part).unwrap_or(part))
}

fn picked(matches: &Matches<'_>, choice: &mut Choice, pick: &Pick) -> Result<(), Error> {
    let part = matches.part(&pick.part);
    let part = part.ok_or_else(|| format!("nothing called {} is asked for", plain(&pick.part)))?;
    choice.leave_out(&pick.part);
    for number in &pick.numbers {
        let held = answering(part, *number)?;
        choice.pick_also(&pick.part, held);
    }
    Ok(())
}

fn answering(part: &PartMatches, number: usize) -> Result<usize, Error> {
    let held = number.checked_sub(1).filter(|held| part.is_answered_by(*held));
    held.ok_or_else(|| format!("{number} does not answer {}", plain(part.id())).into())
}

fn ask(
    matches: &Matches<'_>,
    part: &PartMatches,
    choice: &mut Choice,
    terminal: &mut Terminal,
) -> Result<(), Error> {
    let needed = !choice.of(part.id()).is_empty();
    if needed && part.answering().len() == 1 {
        return Ok(());
    }
    let name = name_of(matches, part.id());
    terminal.say(&format!("{name}: these answer"))?;
    for &at in part.answering() {
        if let Some(held) = matches.held().get(at) {
            terminal.say(&format!("  {}  {}", at + 1, show::summary(held)))?;
        }
    }
    let several = if part.allows_multiple() { " (several with commas)" } else { "" };
    let newest = part.answering().first().map_or(0, |at| at + 1);
    let question = match needed {
        true => format!("Which one{several}? [{newest}]"),
        false => format!("Which one{several}? It can be left out. [none]"),
    };
    loop {
        match read_numbers(part, &terminal.ask(&question)?) {
            Ok(numbers) if numbers.is_empty() => return Ok(()),
            Ok(numbers) => {
                choice.leave_out(part.id());
                numbers.into_iter().for_each(|held| choice.pick_also(part.id(), held));
                return Ok(());
            }
            Err(error) => terminal.say(&error.to_string())?,
        }
    }
}

/// The credentials that were keyed in; none where nothing was.
fn read_numbers(part: &PartMatches, line: &str) -> Result<Vec<usize>, Error> {
    let numbers = line.split([',', ' ']).filter(|number| !number.is_empty());
    let numbers: Vec<usize> = numbers
        .map(|number| answering(part, number.parse().map_err(|_| "that is no number")?))
        .collect::<Result<_, Error>>()?;
    if numbers.len() > 1 && !part.allows_multiple() {
        return Err("one only".into());
    }
    Ok(numbers)
}
