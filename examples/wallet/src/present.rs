//! A request is answered: who asks, what would leave, and only then the answer.

use chrono::Utc;
use staffpass::aws_lc::AwsLc;
use staffpass::did::Method;
use staffpass::disclosure::{
    Choice, Decline, Encoding, Matches, Missing, RequestReview, Unusable, VerifierId,
};
use staffpass::query::Mismatch;

use crate::network::{Network, review_options};
use crate::text::plain;
use crate::wallet::Wallet;
use crate::{Error, Present, Terminal, choose, show};

/// Answers the request of a link.
pub(crate) async fn present(
    wallet: &Wallet,
    options: &Present,
    terminal: &mut Terminal,
) -> Result<(), Error> {
    let network = Network::new(options.allow_loopback_http)?;
    let review = network.request(&options.link, review_options(options)?).await?;
    who_asks(&review, terminal)?;
    if options.decline {
        return decline(&network, &review, terminal).await;
    }
    let matches = review.matches(wallet.held(), &wallet.dids(), Utc::now());
    let choice = match matches.default_choice() {
        Ok(choice) => choose::choose(&matches, choice, options, terminal)?,
        Err(missing) => {
            what_is_missing(&matches, &missing, terminal)?;
            return Err(missing.into());
        }
    };
    what_leaves(&matches, &choice, terminal)?;
    if !options.yes && !terminal.confirm("Share this?")? {
        return decline(&network, &review, terminal).await;
    }
    let rng = &mut rand::rng();
    let response =
        matches.present_encrypted(&choice, &wallet.holders(), &AwsLc, Utc::now(), rng)?;
    let next = network.post(&response).await?;
    terminal.say("Shared: the verifier took the answer.")?;
    match next {
        Some(address) => terminal.say(&format!("Go on at {}", plain(&address))),
        None => Ok(()),
    }
}

async fn decline(
    network: &Network,
    review: &RequestReview,
    terminal: &mut Terminal,
) -> Result<(), Error> {
    match review.decline() {
        Decline::Send(response) => {
            network.post(&response).await?;
            terminal.say("Declined: the verifier was told.")
        }
        Decline::Silent => terminal.say("Declined: nothing was sent."),
    }
}

fn who_asks(review: &RequestReview, terminal: &mut Terminal) -> Result<(), Error> {
    let name = review.verifier_name().map(plain);
    let name = name.map_or(String::new(), |name| format!(", which calls itself {name:?}"));
    terminal.say(&format!("{} asks{name}.", plain(&review.verifier().to_string())))?;
    terminal.say(&format!("The answer goes to {}.", review.origin()))?;
    terminal.say(&confirmed_by(review))?;
    if let Some(purpose) = review.purpose() {
        terminal.say(&format!("Purpose: {}", plain(purpose)))?;
    }
    Ok(())
}

/// What was found out about the verifier's domain.
fn confirmed_by(review: &RequestReview) -> String {
    let origin = review.origin();
    match (review.linked_domain(), review.verifier()) {
        (Some(domain), _) => format!("{} confirms that this verifier is its own.", domain.origin()),
        (None, VerifierId::Certified { name }) => {
            format!("An authority that you named certifies it for {}.", plain(name))
        }
        (None, VerifierId::Did(did)) if did.method() == Method::Web => {
            format!("Its identifier is kept at {origin}; no did-configuration.json confirms it.")
        }
        _ => format!("No domain confirms it: that {origin} is its own is by your own word."),
    }
}

/// Every claim that would leave. Of a credential that cannot hide any, everything does.
fn what_leaves(
    matches: &Matches<'_>,
    choice: &Choice,
    terminal: &mut Terminal,
) -> Result<(), Error> {
    for part in matches.parts() {
        for &at in choice.of(part.id()) {
            let held = matches.held().get(at).ok_or("a credential is gone")?;
            let whole = if held.encoding() == Encoding::SdJwtVc { "" } else { ", whole" };
            let name = choose::name_of(matches, part.id());
            terminal.say(&format!("{name}: {}{whole}", show::summary(held)))?;
            let mut shown = matches.shown(part.id(), at)?;
            show::without_registered(held.encoding(), &mut shown);
            show::claims(&shown, terminal)?;
        }
    }
    Ok(())
}

/// The parts that nothing answers, and what stands in the way of each credential that could be meant.
fn what_is_missing(
    matches: &Matches<'_>,
    missing: &Missing,
    terminal: &mut Terminal,
) -> Result<(), Error> {
    for id in missing.parts() {
        terminal
            .say(&format!("Nothing in this wallet answers {}.", choose::name_of(matches, id)))?;
        let Some(part) = matches.part(id) else { continue };
        for (outcome, number) in part.outcomes().iter().zip(1..) {
            match outcome {
                // Of another kind: no news.
                Ok(()) | Err(Unusable::Mismatch(Mismatch::Type | Mismatch::Format)) => {}
                Err(why) => terminal.say(&format!("  {number}: {why}"))?,
            }
        }
    }
    Ok(())
}
