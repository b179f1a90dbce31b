//! The flow: what each party does, one step after the other.

mod connect;
mod profile;

use std::collections::BTreeSet;

use chrono::Utc;
use staffpass::credentials::CredentialKind;
use staffpass::disclosure::CredentialSet;
use staffpass::share::{Notices, SharedCredential, VerifiedShare};

use crate::issuer::{self, IssuingTrust};
use crate::portal::{self, Portal};
use crate::terminal::{Shared, Who};
use crate::wallet::Wallet;
use crate::{Ending, Error, Options, Terminal, person};

/// The notices, and their versions.
const NOTICES: [(&str, &str); 3] =
    [("privacy notice", "2026-01"), ("terms of use", "3"), ("terms and conditions", "2")];

/// Plays the flow that the options describe.
///
/// # Errors
/// Whatever ends it otherwise than the options say.
pub async fn play(options: &Options, terminal: &mut Terminal) -> Result<Ending, Error> {
    let issuer = IssuingTrust::open().await?;
    let mut wallet = Wallet::new(options.holder)?;
    let portal = Portal::open(options.dialect, &issuer.did).await?;

    fill_wallet(options, terminal, &issuer, &mut wallet)?;
    invite(terminal, &portal)?;
    registered_before(terminal, &portal)?;
    read_notices(terminal, &portal)?;
    let mut set = CredentialSet::with_chosen(portal.catalogue(), ids(&options.selected()))?;
    loop {
        select(terminal, &portal, &set)?;
        let link = confirm(terminal, &portal, &set)?;
        match connect::connect(terminal, &portal, &wallet, &link).await? {
            connect::Outcome::Shared => break,
            connect::Outcome::TakeOut(kind) => set = amend(terminal, &portal, &set, kind)?,
        }
    }
    profile::make(options, terminal, &portal)?;
    profile::confirm_role(terminal, &portal)?;
    let share = submit(terminal, &portal)?;
    check_ending(options, terminal, &share)?;
    Ok(Ending { options: options.clone(), report: share.report().clone(), shared: summary(&share) })
}

/// The present trust issues what the options leave her, and revokes what they say.
fn fill_wallet(
    options: &Options,
    terminal: &mut Terminal,
    issuer: &IssuingTrust,
    wallet: &mut Wallet,
) -> Result<(), Error> {
    terminal.begin("Before: her present trust issues credentials to her wallet");
    terminal.tell(Who::Issuer, &format!("{} is {}", issuer::NAME, issuer.did));
    terminal.tell(Who::Wallet, &format!("its holder is {}", shortened(wallet.did.as_str())));
    for credential in person::credentials(Utc::now())? {
        let kind = credential.kind();
        if options.without.is_some_and(|without| without.kind() == kind) {
            continue;
        }
        let issued = issuer.issue(&wallet.did, &credential)?;
        wallet.add(&issued.compact)?;
        terminal.tell(Who::Issuer, &format!("issues {}", person::describe(&credential)));
        if options.revoked.is_some_and(|revoked| revoked.kind() == kind) {
            issuer.revoke(&issued)?;
            terminal.tell(Who::Issuer, &format!("revokes {kind} again, and writes to her"));
        }
    }
    terminal.end_step("issue", "issued");
    Ok(())
}

fn invite(terminal: &mut Terminal, portal: &Portal) -> Result<(), Error> {
    terminal.begin("Invitation");
    terminal.tell(Who::Portal, &format!("{} is {}", portal::NAME, portal.did));
    let letter = format!(
        "To {}:\n{} invites you to share your staff credentials. [ START NOW ]",
        person::EMAIL,
        portal::NAME,
    );
    terminal.tell(Who::Inbox, &letter);
    portal.open_session()?;
    terminal.tell(Who::Person, "opens the link in the email, and starts");
    terminal.end_step("invitation", "opened");
    Ok(())
}

fn registered_before(terminal: &mut Terminal, portal: &Portal) -> Result<(), Error> {
    terminal.begin("Have you registered before, with this or another organisation?");
    portal.act(|share, now| share.registered_before(now))?;
    terminal.tell(Who::Person, "Yes");
    terminal.end_step("registered_before", "yes");
    Ok(())
}

fn read_notices(terminal: &mut Terminal, portal: &Portal) -> Result<(), Error> {
    terminal.begin("What you will do");
    terminal.tell(
        Who::Portal,
        "You will choose what to share, connect to your wallet by a QR code, confirm your email\n\
         address and mobile number, and check your role. Have your phone at hand.",
    );
    for (name, version) in NOTICES {
        terminal.tell(Who::Portal, &format!("{name}, version {version}"));
    }
    let notices = Notices::new(NOTICES)?;
    portal.act(|share, now| share.start(notices, now))?;
    terminal.tell(Who::Person, "has read them: Start");
    terminal.end_step("notices", "shown");
    Ok(())
}

fn select(terminal: &mut Terminal, portal: &Portal, set: &CredentialSet) -> Result<(), Error> {
    terminal.begin("Select the credentials to share");
    for entry in portal.catalogue().entries() {
        let id = entry.id.as_str();
        let tick = if set.contains(id) { "[x]" } else { "[ ]" };
        let fixed = if set.is_mandatory(id) { " (always shared)" } else { "" };
        terminal.tell(Who::Person, &format!("{tick} {}{fixed}: {}", entry.label, entry.hint));
    }
    portal.select(set)?;
    terminal.end_step("selection", &names(set));
    Ok(())
}

fn confirm(terminal: &mut Terminal, portal: &Portal, set: &CredentialSet) -> Result<String, Error> {
    terminal.begin("Confirm the selection");
    terminal.tell(Who::Portal, &format!("You have selected: {}. Is that right?", names(set)));
    portal.act(|share, now| share.confirm(now))?;
    terminal.tell(Who::Person, "Yes, connect to my wallet");
    terminal.end_step("confirmation", "confirmed");
    portal.connect(set)
}

/// Back to the ticks, one fewer.
fn amend(
    terminal: &mut Terminal,
    portal: &Portal,
    set: &CredentialSet,
    kind: CredentialKind,
) -> Result<CredentialSet, Error> {
    portal.act(|share, now| share.amend(now))?;
    terminal.tell(Who::Person, &format!("goes back, and takes {kind} out"));
    terminal.end_step("amendment", &format!("without {kind}"));
    Ok(set.without(kind.id())?)
}

fn submit(terminal: &mut Terminal, portal: &Portal) -> Result<VerifiedShare, Error> {
    terminal.begin("Your details are with the trust");
    let share = portal.submit()?;
    terminal.tell(Who::Portal, &format!("{} has received:", portal::NAME));
    for shared in summary(&share) {
        terminal.tell(Who::Portal, &format!("  {shared}"));
    }
    terminal.end_step("submission", "submitted");

    terminal.begin("What happens next");
    terminal.tell(
        Who::Portal,
        "The recruitment team makes its own checks of your identity. You will get an email when\n\
         your access is ready. It is with your wallet that you log in then, not with a code.",
    );
    terminal.end_step("next", "told");
    Ok(share)
}

/// What was shared, identity first: the order in which it came is the protocol's.
fn summary(share: &VerifiedShare) -> Vec<Shared> {
    let mut summary: Vec<_> = share.credentials().iter().map(shared).collect();
    summary.sort_by_key(|shared| shared.kind);
    summary
}

fn shared(credential: &SharedCredential) -> Shared {
    Shared {
        kind: credential.kind(),
        issuer: credential.issuer().to_owned(),
        issued: credential.issued_at(),
        expires: credential.expires_at(),
    }
}

/// The flow ends as its options say it should: all that was ticked is there, but for what hindered
/// it; and what was revoked was refused.
fn check_ending(
    options: &Options,
    terminal: &Terminal,
    share: &VerifiedShare,
) -> Result<(), Error> {
    let shared: BTreeSet<_> = share.credentials().iter().map(|one| one.kind()).collect();
    let expected = &options.selected() - &options.hindered();
    if shared != expected || !share.report().accepted() {
        return Err("what was shared is not what was selected".into());
    }
    if terminal.refusals() != options.refusals_expected() {
        return Err("the portal refused more or less than it should".into());
    }
    Ok(())
}

fn ids(kinds: &BTreeSet<CredentialKind>) -> impl Iterator<Item = &'static str> {
    kinds.iter().map(|kind| kind.id())
}

fn names(set: &CredentialSet) -> String {
    let names: Vec<&str> = set.parts().map(|part| part.as_str()).collect();
    names.join(", ")
}

/// A long-form did:ion has a whole document in it.
fn shortened(did: &str) -> String {
    match did.get(..60) {
        Some(beginning) => format!("{beginning}… ({} characters)", did.len()),
        None => did.to_owned(),
    }
}
