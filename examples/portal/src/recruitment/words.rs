//! What was verified, flagged and decided, in plain words.

use chrono::NaiveDate;
use serde_json::Value;
use staffpass::share::{
    Act, Decision, Flag, RecordedFurther, RecordedShare, Review, ReviewRefusal, ReviewState,
    SharedCredential, State,
};

use super::further::{self, Asked};
use super::{ReviewSheet, Shown, ShownClaim, Wanted, letters};
use crate::messages::date_of;
use crate::person::asked_for;
use crate::service::Portal;

/// Each flag: its id in forms, and what it means.
pub(crate) const FLAGS: [(Flag, &str, &str); 5] = [
    (
        Flag::EmailChanged,
        "email_changed",
        "The confirmed email address is not the one that you invited. Ask the person by a way that you knew before.",
    ),
    (
        Flag::MobileChanged,
        "mobile_changed",
        "The confirmed mobile number is not the one that you knew.",
    ),
    (
        Flag::PersonProbable,
        "person_probable",
        "The name that was shared is similar to the name that you invited, and not the same.",
    ),
    (Flag::RoleDisputed, "role_disputed", "The person says that the role is not correct."),
    (Flag::Gaps, "gaps", "Not everything that the person wanted to share has come."),
];

/// Where a person stands, and the colour of the tag.
pub(crate) const fn standing(
    state: &State,
    review: Option<ReviewState>,
) -> (&'static str, &'static str) {
    match (state, review) {
        (State::Submitted, Some(ReviewState::AppointmentNeeded)) => {
            ("Appointment needed", "nhsuk-tag--yellow")
        }
        (State::Submitted, Some(ReviewState::Credentials)) => {
            ("Credentials to review", "nhsuk-tag--yellow")
        }
        (State::Submitted, Some(ReviewState::Reviewed)) => ("Reviewed", "nhsuk-tag--green"),
        (State::Submitted, Some(ReviewState::Declined)) => ("Declined", "nhsuk-tag--red"),
        (State::Submitted, _) => ("Identity to review", "nhsuk-tag--yellow"),
        (State::Invited, _) => ("Invitation sent", ""),
        (State::InvitationExpired, _) => ("Invitation expired", "nhsuk-tag--red"),
        (State::InvitationWithdrawn, _) => ("Invitation withdrawn", "nhsuk-tag--red"),
        (State::NotMatched, _) => ("Identity did not match", "nhsuk-tag--red"),
        (State::NoMobile, _) => ("Has no mobile", "nhsuk-tag--yellow"),
        (State::OnHold | State::RoleDisputed, _) => ("Says the role is wrong", "nhsuk-tag--yellow"),
        _ => ("In progress", ""),
    }
}

pub(crate) fn review(
    portal: &Portal,
    (share, asked): (&RecordedShare, &[Asked]),
    review: &Review,
    invited: &str,
) -> ReviewSheet {
    let open: Vec<Flag> = review.open_flags().collect();
    let flags = FLAGS.iter().filter(|(flag, _, _)| open.contains(flag));
    let confirmed = review
        .identity()
        .map(|confirmed| format!("{} on {}", confirmed.act.by, date_of(confirmed.act.at)));
    let shown =
        |(place, credential)| shown(portal, (share.report(), review), place, credential, invited);
    let wanted = |(place, asked)| wanted(portal, review, (place, asked), invited);
    let notices = share
        .notices()
        .iter()
        .map(|(name, version)| format!("{} {version}", name.replace('_', " ")));
    ReviewSheet {
        state: review.state(),
        flags: flags.map(|(_, id, text)| (*id, *text)).collect(),
        confirmed: confirmed.unwrap_or_default(),
        credentials: share.credentials().iter().enumerate().map(shown).collect(),
        missing: share.missing().iter().map(|id| label(portal, id)).collect(),
        email: share.email().as_str().to_owned(),
        mobile: share.mobile().as_str().to_owned(),
        submitted: date_of(share.submitted_at()),
        notices: notices.collect::<Vec<_>>().join(", "),
        is_key_offered: review.is_key_offered(),
        more: asked.iter().enumerate().map(wanted).collect(),
        offers: further::offers(portal, share, asked),
        is_awaited: review.awaited().is_some(),
    }
}

fn wanted(
    portal: &Portal,
    review: &Review,
    (place, asked): (usize, &Asked),
    invited: &str,
) -> Wanted {
    let more = &asked.more;
    let by = |act: &Act| format!("{} on {}", act.by, date_of(act.at));
    let seen = more.seen.as_ref().map(|(note, act)| format!("{note} ({})", by(act)));
    let is_awaited = review.awaited().is_some_and(|(awaited, _)| awaited == place);
    let left_out = asked.came.iter().flat_map(RecordedFurther::left_out);
    Wanted {
        place,
        what: in_one(portal, asked),
        asked: by(&more.asked),
        seen: seen.unwrap_or_default(),
        stands: stands(portal, asked),
        is_awaited,
        left_out: left_out.map(|id| label(portal, id)).collect(),
        credentials: came(portal, review, asked, invited),
    }
}

/// The labels of what is to be shared, and what the team wrote.
fn in_one(portal: &Portal, asked: &Asked) -> String {
    let labels = asked_for(portal, asked.more.parts.iter().map(String::as_str)).join(", ");
    match (labels.is_empty(), asked.more.what.is_empty()) {
        (true, _) => asked.more.what.clone(),
        (false, true) => labels,
        (false, false) => format!("{labels} ({})", asked.more.what),
    }
}

fn stands(portal: &Portal, asked: &Asked) -> String {
    if let Some(came) = &asked.more.came {
        return format!("Shared on {}", date_of(came.at));
    }
    let state = asked.share.as_ref().map(|share| share.state(portal.now()));
    let text = match state {
        None if asked.more.share.is_none() => "",
        None | Some(State::InvitationExpired) => "The link has expired",
        Some(State::InvitationWithdrawn) => "Not needed any more",
        Some(State::NotMatched) => "The identity was not that of the person who shared first",
        Some(State::Invited) => "The person has a link",
        Some(_) => "The person has begun",
    };
    text.to_owned()
}

/// What came, in its place among all that is decided on.
fn came(portal: &Portal, review: &Review, asked: &Asked, invited: &str) -> Vec<Shown> {
    let (Some(came), Some(further)) = (&asked.more.came, &asked.came) else { return Vec::new() };
    let credentials = further.credentials().iter().enumerate();
    let of = (further.report(), review);
    let shown = |(place, credential)| shown(portal, of, came.first + place, credential, invited);
    credentials.map(shown).collect()
}

fn shown(
    portal: &Portal,
    (report, review): (&Value, &Review),
    place: usize,
    credential: &SharedCredential,
    invited: &str,
) -> Shown {
    let decided = match review.decision(place) {
        Some(Decision::Accepted) => "Accepted".to_owned(),
        Some(Decision::Rejected { note }) => format!("Rejected: {note}"),
        _ => String::new(),
    };
    Shown {
        place,
        label: label(portal, credential.part()),
        issuer: credential.issuer().to_owned(),
        issued: date_of(credential.issued_at()),
        expires: credential.expires_at().map(date_of).unwrap_or_default(),
        claims: claims(credential, invited),
        checks: checks(report),
        decided,
    }
}

/// Every claim in words. A name is held against the invited one, letter by letter.
fn claims(credential: &SharedCredential, invited: &str) -> Vec<ShownClaim> {
    let mut claims = Vec::new();
    for (name, value) in credential.credential().to_claims() {
        match &*name {
            "portrait" => claims.push((name, PORTRAIT.to_owned())),
            _ => flatten(&name, &value, &mut claims),
        }
    }
    let shown = |(name, value): (String, String)| {
        let is_name = ["given name", "family name"].contains(&&*name);
        let letters = letters::in_words(&value, is_name.then_some(invited));
        ShownClaim { name, value, letters }
    };
    claims.into_iter().map(shown).collect()
}

/// A picture may be anything behind its first bytes: it is neither decoded nor served (attack B21).
const PORTRAIT: &str = "Was shared. This page does not show it.";

fn label(portal: &Portal, id: &str) -> String {
    let entry = portal.rules().catalogue().entry(id);
    entry.map_or_else(|| id.to_owned(), |entry| entry.label.clone())
}

/// `employer.ods_code` is "employer: ods code".
fn flatten(name: &str, value: &Value, claims: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                flatten(&format!("{name}: {member}"), value, claims);
            }
        }
        Value::Array(items) => {
            let items = items.iter().map(text).collect::<Vec<_>>().join(", ");
            claims.push((name.replace('_', " "), items));
        }
        value => claims.push((name.replace('_', " "), text(value))),
    }
}

fn text(value: &Value) -> String {
    match value.as_str().map(|text| (text, NaiveDate::parse_from_str(text, "%Y-%m-%d"))) {
        Some((_, Ok(day))) => date(day),
        Some((text, Err(_))) => text.to_owned(),
        None => value.to_string(),
    }
}

pub(crate) fn date(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// Each check that was made, once, with how it came out wherever it was made.
fn checks(report: &Value) -> Vec<(String, &'static str)> {
    let records = report.get("checks").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut checks: Vec<(String, &'static str)> = Vec::new();
    for record in records {
        let check = record.get("check").and_then(Value::as_str).unwrap_or_default();
        let outcome = record.get("outcome").map(outcome).unwrap_or("not made");
        let text = in_words(check);
        match checks.iter_mut().find(|(known, _)| *known == text) {
            Some((_, known)) if outcome != "passed" => *known = outcome,
            Some(_) => {}
            None => checks.push((text, outcome)),
        }
    }
    checks
}

fn outcome(outcome: &Value) -> &'static str {
    if outcome == "passed" {
        "passed"
    } else if outcome.get("waived").is_some() {
        "did not pass; the trust policy allows that"
    } else {
        "not made"
    }
}

fn in_words(check: &str) -> String {
    let text = match check {
        "form" => "The wallet's answer has the right form",
        "open" => "The request was still open",
        "state" | "nonce" => "The answer is to this request and to no other",
        "token" => "The credential is signed as it must be",
        "issuer" => "The issuer is one that we trust",
        "key" => "The key belongs to whom it must",
        "signature" => "The signatures are genuine: nothing was changed",
        "audience" => "The answer was meant for us",
        "dates" => "It is neither expired nor too early",
        "sd_hash" | "disclosures" => "What was left out does not change what was shown",
        "shape" => "The credential is written as it must be",
        "self_issued" => "The wallet speaks for its own holder",
        "authority" => "The issuer may say what the credential says",
        "holder_binding" => "The credential was issued to the wallet that showed it",
        "linked_domain" => "The issuer's website says that it is the issuer",
        "status" => "The issuer has not withdrawn it",
        "holders" => "All that was shared comes from one wallet",
        "person" => "All that was shared is about one person",
        "answer" => "What was shared is what was asked, and nothing more",
        other => other,
    };
    text.to_owned()
}

pub(crate) const fn refusal(refusal: ReviewRefusal) -> &'static str {
    match refusal {
        ReviewRefusal::FlagsOpen => "Look at what is flagged first",
        ReviewRefusal::CareNotAttested => "Say that you have taken reasonable care",
        ReviewRefusal::Undecided => "Accept or reject every credential first",
        ReviewRefusal::ReasonMissing => "Give a reason or select an answer",
        ReviewRefusal::MoreAwaited => "Record what you have seen of what you asked for first",
        ReviewRefusal::NotAskedFor => "This was not asked for, or it was seen already",
        ReviewRefusal::FurtherAwaited => {
            "The person is asked to share more already: wait until it has come, or record that it is not needed"
        }
        ReviewRefusal::TooMuchAskedFor => "You have asked for as much as one review can hold",
        ReviewRefusal::KeyOffered => "The access key was offered already",
        _ => "That cannot be done here",
    }
}
