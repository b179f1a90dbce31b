//! The person's profile: email and mobile, each confirmed by a code, and the role.

use std::fmt;

use chrono::{DateTime, Utc};
use rand_core::CryptoRng;
use serde_json::json;
use staffpass_otp::{
    Binding, Channel, Code, CodeKey, Confirmation, CountedAttempt, KeyedIn, Verdict,
};

use crate::audit::{AuditEntry, AuditEvent};
use crate::contact::{EmailAddress, MobileNumber};
use crate::error::Refusal;
use crate::rules::{RoleDispute, Rules};
use crate::share::{By, Draft, Moved, Share};
use crate::state::Stage;

/// A code was made: store the share, then send it. `Debug` prints neither code nor address.
#[must_use]
#[non_exhaustive]
pub struct CodeToSend {
    /// How.
    pub channel: Channel,
    /// To whom: the email address, or the digits of the mobile number.
    pub address: String,
    /// The code, in the clear, for sending and nothing else.
    pub code: Code,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// What happened, in order, for the audit.
    pub events: Vec<AuditEntry>,
}

impl fmt::Debug for CodeToSend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeToSend")
            .field("channel", &self.channel)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// An attempt was counted: store the share, then judge it.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub struct CodeCounted {
    /// For [`Share::judge_code`], once.
    pub attempt: CountedAttempt,
    /// What happened, in order, for the audit.
    pub events: Vec<AuditEntry>,
}

/// A code was judged: store the share, by compare-and-set, before acting on the verdict.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub struct CodeJudged {
    /// The verdict.
    pub verdict: Verdict,
    /// What happened, in order, for the audit.
    pub events: Vec<AuditEntry>,
}

impl Share {
    /// "Create your profile" (S8), once all that was asked for came, or the gaps were accepted.
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn begin_profile(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("begin_profile", By::Person, now, |draft| {
            draft.go(&[Stage::Received], Stage::Email)
        })
    }

    /// The person's email address (S9). Codes that went to another are void. Another address than
    /// the invited one is taken, and [flagged](crate::Flag::EmailChanged): the portal tells the
    /// invited address.
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn enter_email(
        &mut self,
        email: EmailAddress,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        self.step_on("enter_email", By::Person, now, |draft| {
            draft.go(&[Stage::Email], Stage::EmailCode)?;
            draft.share.email.enter(email);
            draft.note_change(Channel::Email, draft.share.email_changed());
            Ok(())
        })
    }

    /// The person's mobile number (S11). Codes that went to another are void. Another number than
    /// the one that the trust knows is taken, and [flagged](crate::Flag::MobileChanged).
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn enter_mobile(
        &mut self,
        mobile: MobileNumber,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        self.step_on("enter_mobile", By::Person, now, |draft| {
            draft.go(&[Stage::Mobile, Stage::NoMobile], Stage::MobileCode)?;
            draft.share.mobile.enter(mobile);
            draft.note_change(Channel::Mobile, draft.share.mobile_changed());
            Ok(())
        })
    }

    /// "I have no mobile" (X2): the recruitment team has to help.
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn no_mobile(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("no_mobile", By::Person, now, |draft| {
            draft.go(&[Stage::Mobile], Stage::NoMobile)
        })
    }

    /// Makes a code for the address that was entered (S10, S12), the first or another. How often one
    /// may be sent is for the caller's `staffpass_otp::SendWindow`s, per address, share and network.
    ///
    /// # Errors
    ///
    /// [`Refusal::Otp`] while the channel is closed; and as
    /// [`registered_before`](Self::registered_before).
    pub fn send_code(
        &mut self,
        channel: Channel,
        key: &CodeKey,
        rules: &Rules,
        rng: &mut impl CryptoRng,
        now: DateTime<Utc>,
    ) -> Result<CodeToSend, Refusal> {
        let made = self.step("send_code", By::Person, now, |draft| {
            let (purpose, address) = draft.code_for(channel)?;
            let (code, now) = (Code::generate(rng), draft.now);
            let binding = Binding::new(&purpose, channel, &address).in_epoch(draft.share.epoch());
            let codes = draft.codes(channel);
            let expires_at = codes.add_code(&code, &binding, key, rules.code_lifetime, now)?;
            draft.keep_alive();
            draft.record(AuditEvent::OtpSent { channel });
            Ok((address, code, expires_at))
        });
        made.map(|((address, code, expires_at), events)| CodeToSend {
            channel,
            address,
            code,
            expires_at,
            events,
        })
    }

    /// Counts an attempt, before anything is compared. Store the share, and only then
    /// [judge](Self::judge_code) it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Otp`] where no attempt may be made: no live code, expired, too many tries; and as
    /// [`registered_before`](Self::registered_before).
    pub fn count_code(
        &mut self,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Result<CodeCounted, Refusal> {
        let counted = self.step("count_code", By::Person, now, |draft| {
            draft.code_for(channel)?;
            let now = draft.now;
            draft.keep_alive();
            Ok(draft.codes(channel).count_attempt(now)?)
        });
        counted.map(|(attempt, events)| CodeCounted { attempt, events })
    }

    /// Judges a counted attempt. The right code confirms the address and moves on (S11, S13); a wrong
    /// one leaves the person on the page. Both are transitions: store the share before the verdict
    /// is shown.
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn judge_code(
        &mut self,
        channel: Channel,
        attempt: CountedAttempt,
        keyed_in: &KeyedIn,
        key: &CodeKey,
        now: DateTime<Utc>,
    ) -> Result<CodeJudged, Refusal> {
        let judged = self.step("judge_code", By::Person, now, |draft| {
            let (purpose, address) = draft.code_for(channel)?;
            let now = draft.now;
            let binding = Binding::new(&purpose, channel, &address).in_epoch(draft.share.epoch());
            let verdict = draft.codes(channel).judge(attempt, keyed_in, &binding, key, now);
            draft.act_on(channel, verdict);
            Ok(verdict)
        });
        judged.map(|(verdict, events)| CodeJudged { verdict, events })
    }

    /// Back to enter another address (from S10 to S9, from S12 to S11). Its codes are void.
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn change_contact(
        &mut self,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        self.step_on("change_contact", By::Person, now, |draft| {
            let (from, to) = match channel {
                Channel::Mobile => (Stage::MobileCode, Stage::Mobile),
                _ => (Stage::EmailCode, Stage::Email),
            };
            draft.go(&[from], to)?;
            draft.codes(channel).withdraw_codes();
            Ok(())
        })
    }

    /// "Yes, this is my role" (S13).
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn confirm_role(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("confirm_role", By::Person, now, |draft| {
            draft.go(&[Stage::Role], Stage::Ready)?;
            draft.share.role_disputed = false;
            draft.record(AuditEvent::RoleConfirmed);
            Ok(())
        })
    }

    /// "That is not my role" (S13): contact the recruitment team (S13b).
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn role_incorrect(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("role_incorrect", By::Person, now, |draft| {
            draft.go(&[Stage::Role], Stage::RoleDisputed)?;
            draft.share.role_disputed = true;
            draft.record(AuditEvent::RoleDisputed);
            Ok(())
        })
    }

    /// Goes on with a disputed role, [flagged](crate::Flag::RoleDisputed), where the trust lets
    /// people (S13b).
    ///
    /// # Errors
    ///
    /// [`Refusal::RoleNotSettled`] where it does not; and as
    /// [`registered_before`](Self::registered_before).
    pub fn continue_with_disputed_role(
        &mut self,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<Moved, Refusal> {
        self.step_on("continue_with_disputed_role", By::Person, now, |draft| {
            draft.go(&[Stage::RoleDisputed], Stage::Ready)?;
            match rules.role_dispute {
                RoleDispute::ContinueAllowed => Ok(()),
                RoleDispute::Stop => Err(Refusal::RoleNotSettled),
            }
        })
    }

    /// Stops until the recruitment team has settled the role (S-hold).
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn hold(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("hold", By::Person, now, |draft| {
            draft.go(&[Stage::RoleDisputed], Stage::OnHold)
        })
    }

    /// Back from the hold to the role (S13), within the session.
    ///
    /// # Errors
    ///
    /// As [`registered_before`](Self::registered_before).
    pub fn resume(&mut self, now: DateTime<Utc>) -> Result<Moved, Refusal> {
        self.step_on("resume", By::Person, now, |draft| {
            draft.go(&[Stage::OnHold, Stage::RoleDisputed], Stage::Role)
        })
    }

    pub(crate) fn email_changed(&self) -> bool {
        self.email.address.as_ref().is_some_and(|email| *email != self.invitation.email)
    }

    pub(crate) fn mobile_changed(&self) -> bool {
        let invited = self.invitation.mobile.as_ref();
        self.mobile.address.as_ref().zip(invited).is_some_and(|(mobile, invited)| mobile != invited)
    }
}

impl Draft {
    fn codes(&mut self, channel: Channel) -> &mut Confirmation {
        match channel {
            Channel::Mobile => &mut self.share.mobile.codes,
            _ => &mut self.share.email.codes,
        }
    }

    /// What a code over this channel is bound to: tenant, share and purpose as one text (JSON, so
    /// that no two can be alike), and the address (attack B8).
    fn code_for(&self, channel: Channel) -> Result<(String, String), Refusal> {
        let share = &self.share;
        let (stage, address) = match channel {
            Channel::Email => {
                (Stage::EmailCode, share.email.address.as_ref().map(|a| a.as_str().to_owned()))
            }
            Channel::Mobile => {
                (Stage::MobileCode, share.mobile.address.as_ref().map(MobileNumber::digits))
            }
            _ => return Err(self.wrong_state()),
        };
        self.expect(&[stage])?;
        let invitation = &share.invitation;
        let purpose = json!([invitation.tenant, invitation.reference, "confirm"]).to_string();
        Ok((purpose, address.ok_or_else(|| self.wrong_state())?))
    }

    fn act_on(&mut self, channel: Channel, verdict: Verdict) {
        match verdict {
            Verdict::Confirmed => self.confirm_contact(channel),
            Verdict::Refused(
                staffpass_otp::Refusal::Locked { .. } | staffpass_otp::Refusal::LockedForGood,
            ) => self.record(AuditEvent::OtpLocked { channel }),
            _ => self.record(AuditEvent::OtpFailed { channel }),
        }
    }

    fn confirm_contact(&mut self, channel: Channel) {
        let now = self.now;
        match channel {
            Channel::Mobile => {
                self.share.mobile.confirmed_at = Some(now);
                self.share.stage = Stage::Role;
            }
            _ => {
                self.share.email.confirmed_at = Some(now);
                self.share.stage = Stage::Mobile;
            }
        }
        self.record(AuditEvent::OtpConfirmed { channel });
    }

    fn note_change(&mut self, channel: Channel, changed: bool) {
        if changed {
            self.record(AuditEvent::ContactChanged { channel });
        }
    }
}
