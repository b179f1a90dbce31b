//! The profile: email address and mobile number, each confirmed by a code, and the role.

use staffpass::otp::{Channel, Verdict};
use staffpass::share::{EmailAddress, MobileNumber};

use crate::portal::Portal;
use crate::terminal::Who;
use crate::{Error, Options, Terminal, person};

/// Creates the profile.
pub(super) fn make(
    options: &Options,
    terminal: &mut Terminal,
    portal: &Portal,
) -> Result<(), Error> {
    terminal.begin("Create your staff passport profile");
    portal.act(|share, now| share.begin_profile(now))?;
    terminal.end_step("profile", "begun");

    let email = EmailAddress::parse(person::EMAIL)?;
    terminal.tell(Who::Person, &format!("enters her email address: {}", person::EMAIL));
    portal.act(|share, now| share.enter_email(email, now))?;
    confirm_address(options, terminal, portal, Channel::Email)?;
    terminal.end_step("email_code", "confirmed");

    let mobile = MobileNumber::parse(person::MOBILE)?;
    terminal.tell(Who::Person, &format!("enters her mobile number: {}", person::MOBILE));
    portal.act(|share, now| share.enter_mobile(mobile, now))?;
    confirm_address(options, terminal, portal, Channel::Mobile)?;
    terminal.end_step("mobile_code", "confirmed");
    Ok(())
}

/// Sends a code, and takes it back.
fn confirm_address(
    options: &Options,
    terminal: &mut Terminal,
    portal: &Portal,
    channel: Channel,
) -> Result<(), Error> {
    let sent = portal.send_code(channel)?;
    let code = sent.code.reveal();
    terminal.tell(Who::Inbox, &format!("To {}: your security code is {code}", sent.address));
    if options.wrong_code {
        let wrong = another(code);
        terminal.tell(Who::Person, &format!("keys in {wrong}"));
        let Verdict::Wrong { left } = portal.check_code(channel, &wrong)? else {
            return Err("a wrong code was not told to be wrong".into());
        };
        let message = format!("The code is not correct. You can try {left} more times.");
        terminal.tell(Who::Portal, &message);
        terminal.end_step(step(channel), "wrong");
    }
    terminal.tell(Who::Person, &format!("keys in {code}"));
    match portal.check_code(channel, code)? {
        Verdict::Confirmed => {
            terminal.tell(Who::Portal, "Thank you, that is confirmed.");
            Ok(())
        }
        other => Err(format!("the right code was refused: {}", other.code()).into()),
    }
}

/// A code that differs in its last digit.
fn another(code: &str) -> String {
    let (beginning, last) = code.split_at(code.len().saturating_sub(1));
    format!("{beginning}{}", if last == "0" { "1" } else { "0" })
}

fn step(channel: Channel) -> &'static str {
    if channel == Channel::Email { "email_code" } else { "mobile_code" }
}

/// The role, as the recruitment team entered it.
pub(super) fn confirm_role(terminal: &mut Terminal, portal: &Portal) -> Result<(), Error> {
    terminal.begin("Check your role");
    terminal.tell(Who::Portal, &portal.role());
    portal.act(|share, now| share.confirm_role(now))?;
    terminal.tell(Who::Person, "Yes, that is my role");
    terminal.end_step("role", "confirmed");
    Ok(())
}
