use chrono::{DateTime, Utc};
use staffpass::otp::{Channel, CodeKey, KeyedIn, Verdict};
use staffpass::share::{Rules, Share};

/// Makes a code for the address that the person entered. Store the share before `deliver` sends it.
pub fn send_code(
    share: &mut Share,
    channel: Channel,
    key: &CodeKey,
    rules: &Rules,
    deliver: impl FnOnce(&str, &str),
    now: DateTime<Utc>,
) -> Result<(), Box<dyn std::error::Error>> {
    let sent = share.send_code(channel, key, rules, &mut rand::rng(), now)?;
    deliver(&sent.address, sent.code.reveal());
    Ok(())
}

/// Judges what the person keyed in. Store the share between the two calls: a try counts whatever
/// happens after it.
pub fn check_code(
    share: &mut Share,
    channel: Channel,
    keyed_in: &str,
    key: &CodeKey,
    now: DateTime<Utc>,
) -> Result<bool, Box<dyn std::error::Error>> {
    let keyed_in = KeyedIn::parse(keyed_in)?;
    let counted = share.count_code(channel, now)?;
    let judged = share.judge_code(channel, counted.attempt, &keyed_in, key, now)?;
    Ok(judged.verdict == Verdict::Confirmed)
}
