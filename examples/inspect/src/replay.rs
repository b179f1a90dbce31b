//! `inspect replay`: the same bytes, evidence and time give the same report, under either provider.

use serde_json::{Value, json};
use staffpass_verify::policy::TrustPolicy;

use crate::archive::{Archive, bytes_of};
use crate::options::ReplayOptions;
use crate::terminal::{BAD, GOOD, plain, pretty, styled};
use crate::verify::{Judged, Judging, Opening, report};
use crate::{Ending, Failure};

/// The providers whose reports are compared with one another.
const PROVIDERS: [&str; 2] = ["aws-lc", "josekit"];

/// Judges the archived response again. Good if the report is the same, byte for byte; where another
/// provider made it, all of it but the provider's name.
pub(crate) fn run(options: &ReplayOptions) -> Result<Ending, Failure> {
    let archive = Archive::read(&options.archive)?;
    let archived_by = known(&archive.provider()?)?;
    let provider = crate::provider::named(options.provider.provider);
    let Judged { verdict, .. } = judging(&archive)?.judge(&provider)?;
    let mut again = report(&verdict).clone();
    let judged_by = again.provider;
    again.provider = archived_by;
    let again = bytes_of(&again)?;
    let same = again.get() == archive.report.get();
    if options.form.is_json() {
        let accepted = verdict.is_ok();
        let codes = report(&verdict).codes();
        let shown = json!({
            "same": same, "accepted": accepted, "codes": codes,
            "archived_by": archived_by, "judged_by": judged_by,
        });
        anstream::println!("{}", pretty(&shown)?);
    } else {
        explain(same, archived_by, judged_by);
        if !same {
            differences(archive.report.get(), again.get())?;
        }
    }
    Ok(if same { Ending::Good } else { Ending::Bad })
}

fn judging(archive: &Archive) -> Result<Judging, Failure> {
    Ok(Judging {
        policy: TrustPolicy::from_toml(&archive.policy)?,
        expectation: archive.expectation.clone(),
        response: archive.response()?,
        opening: Opening::Before(archive.opened()?),
        documents: archive.evidence.clone(),
        now: archive.now,
    })
}

fn known(name: &str) -> Result<&'static str, Failure> {
    let known = PROVIDERS.into_iter().find(|known| *known == name);
    known.ok_or_else(|| "the archived report is by a provider that is not known".into())
}

fn explain(same: bool, archived_by: &str, judged_by: &str) {
    match same {
        true => anstream::println!("{}, byte for byte", styled(GOOD, "the same report")),
        false => anstream::println!("{}", styled(BAD, "another report")),
    }
    if archived_by != judged_by {
        anstream::println!("archived by {archived_by}, judged again by {judged_by}");
    }
}

/// Where the two differ, a line a member.
fn differences(archived: &str, again: &str) -> Result<(), Failure> {
    let lines = |text: &str| -> Result<Vec<String>, Failure> {
        let value: Value = serde_json::from_str(text)?;
        Ok(serde_json::to_string_pretty(&value)?.lines().map(plain).collect())
    };
    let (archived, again) = (lines(archived)?, lines(again)?);
    if archived == again {
        anstream::println!("only white space or the order of members differs");
    }
    for line in archived.iter().filter(|line| !again.contains(line)) {
        anstream::println!("- {line}");
    }
    for line in again.iter().filter(|line| !archived.contains(line)) {
        anstream::println!("+ {line}");
    }
    Ok(())
}
