//! The wallet's part of the flow: the QR code, the choice, the share, and what came of it.

use staffpass::credentials::CredentialKind;
use staffpass::disclosure::{Choice, HeldCredential, Matches, RequestReview};
use staffpass::share::{Remedy, State};

use crate::portal::Portal;
use crate::terminal::Who;
use crate::wallet::Wallet;
use crate::{Error, Terminal, person};

/// What came of it.
pub(super) enum Outcome {
    /// The portal has verified what was selected.
    Shared,
    /// It cannot be shared with this in it.
    TakeOut(CredentialKind),
}

/// From the QR code to the verdict.
pub(super) async fn connect(
    terminal: &mut Terminal,
    portal: &Portal,
    wallet: &Wallet,
    link: &str,
) -> Result<Outcome, Error> {
    show_link(terminal, link)?;
    let review = scan(terminal, portal, wallet, link).await?;
    let matches = wallet.matches(&review);
    match matches.default_choice() {
        Ok(choice) => {
            choose(terminal, &matches, &choice);
            what_leaves(terminal, &matches, &choice)?;
            let taken = wallet.share(&matches, &choice).await?;
            terminal.end_step("share", "sent");
            if taken { verified(terminal, portal) } else { refused(terminal, portal) }
        }
        Err(missing) => {
            let kinds = missing.parts().iter().map(|part| CredentialKind::from_id(part));
            let kind = kinds.flatten().next().ok_or("nothing that is missing can be taken out")?;
            let told = wallet.decline(&review).await?;
            not_received(terminal, portal, kind, told)?;
            Ok(Outcome::TakeOut(kind))
        }
    }
}

fn show_link(terminal: &mut Terminal, link: &str) -> Result<(), Error> {
    terminal.begin("Scan this QR code with the wallet on your phone");
    terminal.show_link(link)?;
    terminal.tell(
        Who::Portal,
        "Only scan it if you opened this page from your invitation: we never send a QR code.\n\
         If your wallet says that you do not have a credential, go back and untick it.",
    );
    terminal.end_step("qr_code", "shown");
    Ok(())
}

async fn scan(
    terminal: &mut Terminal,
    portal: &Portal,
    wallet: &Wallet,
    link: &str,
) -> Result<RequestReview, Error> {
    terminal.begin("In the wallet");
    let review = wallet.scan(link).await?;
    if !matches!(portal.state(), State::Scanned { .. }) {
        return Err("the portal did not see the wallet fetch its request".into());
    }
    let name = review.verifier_name().unwrap_or("a verifier");
    terminal.tell(Who::Wallet, &format!("{name} at {} asks, signed and checked,", review.origin()));
    if let Some(domain) = review.linked_domain() {
        let confirmed = format!("{} confirms that it is its own,", domain.origin());
        terminal.tell(Who::Wallet, &confirmed);
    }
    for part in review.query().parts() {
        terminal.tell(Who::Wallet, &format!("for {}", review.part_name(part).unwrap_or(part)));
    }
    terminal.end_step("scan", "request_verified");
    Ok(review)
}

/// Where several credentials would do, the person is asked.
fn choose(terminal: &mut Terminal, matches: &Matches<'_>, choice: &Choice) {
    for part in matches.parts() {
        let shown = |held: &usize| matches.held().get(*held).map(describe).unwrap_or_default();
        let picked: Vec<_> = choice.of(part.id()).iter().map(shown).collect();
        if part.answering().len() > 1 {
            let offered: Vec<_> = part.answering().iter().map(shown).collect();
            terminal.tell(Who::Wallet, &format!("Which one? {}", offered.join(" / ")));
            terminal.tell(Who::Person, &picked.join(", "));
        }
    }
    terminal.end_step("choice", "chosen");
}

/// What the verifier will see, by the names of the claims, before it goes.
fn what_leaves(terminal: &Terminal, matches: &Matches<'_>, choice: &Choice) -> Result<(), Error> {
    for (part, held) in choice.iter() {
        for held in held {
            let claims = matches.shown(part, *held)?;
            let names: Vec<_> = claims.keys().filter(|name| *name != "id").cloned().collect();
            terminal.tell(Who::Wallet, &format!("will show of {part}: {}", names.join(", ")));
        }
    }
    terminal.tell(Who::Person, "Share");
    Ok(())
}

fn describe(held: &HeldCredential) -> String {
    person::name_of(held.subject())
}

/// The portal's checks, all of them.
fn verified(terminal: &mut Terminal, portal: &Portal) -> Result<Outcome, Error> {
    terminal.begin("Verification");
    let State::Received = portal.state() else {
        return Err("the portal took the response, and does not go on".into());
    };
    let receipt = portal.receipt().ok_or("the portal kept no receipt")?;
    terminal.show_report(receipt.report());
    for row in portal.rows() {
        let word = |yes, word| if yes { word } else { "-" };
        let (chosen, asked) = (word(row.chosen, "chosen"), word(!row.asked.is_empty(), "asked"));
        let received = word(!row.received.is_empty(), "received");
        let line = format!("{:<12} {chosen:<7} {asked:<6} {received}", row.label);
        terminal.tell(Who::Portal, line.trim_end());
    }
    terminal.tell(Who::Portal, "Every check passed. The page on her computer changes by itself.");
    terminal.end_step("verification", "verified");
    Ok(Outcome::Shared)
}

/// The portal refused what came. The page names the credential and no technical reason; the report
/// does.
fn refused(terminal: &mut Terminal, portal: &Portal) -> Result<Outcome, Error> {
    terminal.begin("Verification");
    let rejection = portal.take_rejection().ok_or("the portal refused, and kept no report")?;
    terminal.show_report(rejection.report());
    terminal.refused(rejection.report())?;
    let codes: Vec<_> = rejection.codes().iter().map(|code| code.as_str()).collect();
    terminal.end_step("verification", &format!("refused: {}", codes.join(", ")));
    let State::Refused { remedy: Remedy::AskIssuer, .. } = portal.state() else {
        return Err(format!("the share was refused: {}", codes.join(", ")).into());
    };
    let parts = rejection.report().failed_parts();
    let kind = parts.first().and_then(|part| CredentialKind::from_id(part));
    let kind = kind.ok_or("the report names no credential")?;
    terminal.tell(
        Who::Portal,
        &format!(
            "We cannot accept your {kind} credential: the trust that issued it has withdrawn it, or\n\
             it has expired. Ask your employer for a new one, or go back and share without it."
        ),
    );
    Ok(Outcome::TakeOut(kind))
}

/// Something that was asked for is not in the wallet. The portal is not told what.
fn not_received(
    terminal: &mut Terminal,
    portal: &Portal,
    missing: CredentialKind,
    told: bool,
) -> Result<(), Error> {
    terminal.tell(Who::Wallet, &format!("You do not have: {missing}"));
    terminal.end_step("choice", &format!("missing: {missing}"));
    if !told {
        let told = "This protocol has no answer for that, so the portal hears nothing.";
        terminal.tell(Who::Wallet, told);
    }
    if let Some(rejection) = portal.take_rejection() {
        terminal.begin("Verification");
        terminal.show_report(rejection.report());
        terminal.refused(rejection.report())?;
        terminal.end_step("verification", "not_received");
    }
    terminal.tell(
        Who::Portal,
        "We did not receive the credentials you selected. You may not have one of them in your\n\
         wallet. Change your selection, try again, or ask your employer for the missing one.",
    );
    Ok(())
}
