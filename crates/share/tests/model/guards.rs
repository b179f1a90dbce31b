//! Leaving out a guard: what the guard looks at is made to say yes before a call is made, on a copy, and
//! put back afterwards. The product's code is the same in every model.

use serde_json::{Value, json};
use staffpass_otp::Channel;
use staffpass_share::*;

use super::calls::{Call, Calls, Keyed};
use super::things::{self, Asked};
use crate::common::{at, stored};

/// A guard that a model can be without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// A share is stored where it is still the one that was read.
    CompareAndSet,
    /// A browser acts by the session that has the share.
    Session,
    /// A call belongs to the stage.
    Stage,
    /// What a session has done goes with it.
    OpenBeginsAgain,
    /// Two addresses were confirmed.
    Channels,
    /// The notices were shown.
    Notices,
    /// The request asks for what was confirmed.
    Asks,
    /// The request is of the trust.
    Tenant,
    /// A request lives for five minutes at most.
    Life,
    /// Neither nonce nor address was used before.
    Reuse,
    /// Three are unexpired at most, and ten made in a day.
    FewRequests,
    Answered,
    Superseded,
    Cancelled,
    Expired,
    /// Five refused posts, and no answer is taken.
    Flood,
    /// The response was judged against this request.
    Expectation,
    /// What came over the same device is shown to nobody before the person is back.
    Return,
    /// She is back with the code of the request that was answered.
    ReturnCode,
    /// A code is good as long as its request.
    ReturnTime,
    Person,
    Complete,
    RoleSettled,
    /// The receipt is of the request that was accepted.
    Evidence,
    SubmittedEnds,
    WithdrawnEnds,
    NotMatchedEnds,
    InvitationTime,
    SessionTime,
    /// An earlier time is raised to the latest that the share has seen.
    Clock,
    Epoch,
    CodeTime,
    /// A code that confirmed is used up.
    CodeOnce,
    /// A code is bound to the address to which it went.
    CodeAddress,
    FewTries,
    EachTenth,
    Hundredth,
    /// A try is stored as counted before it is compared.
    CountedFirst,
    /// What is refused leaves the share as it was.
    WholeOrNothing,
    /// A wallet's fetching of a request is written beside the share.
    Looking,
    /// From a request the selection can be amended.
    WayBack,
}

/// A copy on which the guard that is left out finds nothing to refuse.
pub fn blind(calls: &Calls, share: &Share, call: Call, now: i64) -> Share {
    let Some(guard) = calls.without else { return share.clone() };
    let mut json = stored(share);
    let told = at(now).max(share.clock());
    match (guard, call) {
        (Guard::Stage, call) => {
            json["stage"] = stage_of(call).map_or(json["stage"].clone(), Value::from)
        }
        (Guard::Channels, Call::Submit(_)) => {
            json["stage"] = "ready".into();
            for (channel, address) in [("email", "a@b.example"), ("mobile", "07700900123")] {
                json[channel]["address"] = address.into();
                json[channel]["confirmed_at"] = json!(share.clock());
            }
        }
        (Guard::Notices, Call::Select { .. }) if json["stage"] == "notices" => {
            json["stage"] = "selecting".into();
        }
        (Guard::Notices, Call::Submit(_)) if json["notices"].is_null() => {
            json["notices"] = json!({ "notices": { "privacy_notice": "3" }, "at": share.clock() });
        }
        (Guard::Asks, Call::Connect(asked)) => json["selection"] = json!(asked.parts()),
        (Guard::Tenant, Call::Connect(asked)) if !asked.ours => {
            json["invitation"]["tenant"] = "eastmoor".into();
        }
        (Guard::Life, Call::Connect(asked)) => {
            json["clock"] = json!(at(asked.made_at).max(share.clock()));
        }
        (Guard::Reuse, Call::Connect(asked)) => {
            let handle = json!(asked.handle());
            attempts(&mut json).retain(|attempt| attempt["handle"] != handle);
        }
        (Guard::FewRequests, Call::Connect(_)) => attempts(&mut json).clear(),
        (Guard::Answered, Call::Answer { to, .. }) => revive(&mut json, to, "answered"),
        (Guard::Superseded, Call::Answer { to, .. }) => revive(&mut json, to, "superseded"),
        (Guard::Cancelled, Call::Answer { to, .. }) => revive(&mut json, to, "cancelled"),
        (Guard::Expired, Call::Answer { to, .. }) => {
            let later = json!(told + chrono::TimeDelta::seconds(60));
            with_attempt(&mut json, to, |attempt| attempt["expires_at"] = later.clone());
        }
        (Guard::Flood, Call::Answer { to, .. } | Call::Refuse(to)) => {
            with_attempt(&mut json, to, |attempt| attempt["refused_posts"] = 0.into());
        }
        (Guard::Expectation, Call::Answer { to, of, .. }) => {
            let digest = json!(of.request().expectation().digest());
            with_attempt(&mut json, to, |attempt| attempt["expectation"] = digest.clone());
        }
        (Guard::Return, Call::BeginProfile) if json["stage"] == "returning" => {
            json["stage"] = "received".into();
        }
        (Guard::ReturnCode, Call::Return(asked)) => {
            let code = json!(asked.code().digest());
            for attempt in attempts(&mut json) {
                attempt["awaited"] = code.clone();
            }
        }
        (Guard::ReturnTime, Call::Return(_)) => {
            let later = json!(told + chrono::TimeDelta::seconds(60));
            for attempt in attempts(&mut json) {
                attempt["expires_at"] = later.clone();
            }
        }
        (Guard::Person, Call::Answer { .. }) => {
            json["invitation"]["person"] =
                json!({ "given_name": null, "family_name": "Quill", "birthdate": null });
        }
        (Guard::Evidence, Call::Submit(receipt)) if json["accepted"].is_object() => {
            json["accepted"]["request"] = json!(calls.receipt(receipt).1.handle());
        }
        (Guard::SubmittedEnds, Call::Open(_)) => begin_again(&mut json, "submitted"),
        (Guard::WithdrawnEnds, Call::Open(_)) => begin_again(&mut json, "withdrawn"),
        (Guard::NotMatchedEnds, Call::Open(_)) => begin_again(&mut json, "not_matched"),
        (Guard::InvitationTime, _) => {
            json["invitation"]["expires_at"] = json!(told + chrono::TimeDelta::days(1));
        }
        (Guard::SessionTime, _) if json["session"].is_object() => {
            json["session"]["opened_at"] = json!(told);
            json["session"]["last_active"] = json!(told);
        }
        (Guard::Clock, _) => {
            json["clock"] = json!(at(now));
            for channel in ["email", "mobile"] {
                json[channel]["codes"]["latest"] = Value::Null;
            }
        }
        (Guard::CodeTime, Call::Count(_) | Call::Judge { .. }) => each_code(&mut json, |code| {
            code["sent_at"] = json!(told);
        }),
        (
            Guard::CodeOnce,
            Call::Count(Channel::Email) | Call::Judge { channel: Channel::Email, .. },
        ) => {
            json["stage"] = "email_code".into();
        }
        (Guard::CodeAddress, Call::Judge { keyed: Keyed::Code { invited, .. }, .. }) => {
            json["email"]["address"] = json!(things::email(invited));
        }
        (Guard::FewTries, Call::Count(_)) => each_channel(&mut json, |codes| {
            codes["tries"] = 0.into();
        }),
        (Guard::EachTenth, Call::Count(_) | Call::Send(..)) => each_channel(&mut json, |codes| {
            codes["counter"]["closed_until"] = Value::Null;
        }),
        (Guard::Hundredth, Call::Count(_) | Call::Send(..)) => each_channel(&mut json, |codes| {
            let total = codes["counter"]["total"].as_u64().unwrap();
            codes["counter"] = json!({ "total": total.min(98), "closed_until": null });
        }),
        _ => return share.clone(),
    }
    read(json)
}

/// What was only made to look so is put back.
pub fn give_back(calls: &Calls, before: &Share, moved: Share, call: Call) -> Share {
    let Some(guard) = calls.without else { return moved };
    let (mut json, old) = (stored(&moved), stored(before));
    match (guard, call) {
        (Guard::OpenBeginsAgain, Call::Open(_)) if old["stage"] != "invited" => {
            for kept in ["stage", "notices", "accepted", "person", "email", "mobile"] {
                json[kept] = old[kept].clone();
            }
        }
        (Guard::Asks, Call::Connect(_)) => json["selection"] = old["selection"].clone(),
        (Guard::Tenant, Call::Connect(_)) => json["invitation"] = old["invitation"].clone(),
        (Guard::Person | Guard::InvitationTime, _) => {
            json["invitation"] = old["invitation"].clone();
        }
        (Guard::Life, Call::Connect(_)) => json["clock"] = old["clock"].clone(),
        (Guard::FewRequests, Call::Connect(_)) => {
            let mut all = old["requests"]["attempts"].as_array().unwrap().clone();
            all.append(attempts(&mut json));
            json["requests"]["attempts"] = all.into();
        }
        (Guard::CodeOnce, Call::Judge { .. }) => {
            json["email"]["codes"]["codes"] = old["email"]["codes"]["codes"].clone();
        }
        (Guard::CodeAddress, Call::Judge { .. }) => {
            json["email"]["address"] = old["email"]["address"].clone();
        }
        (Guard::CodeAddress, Call::Change(_) | Call::Email { .. }) => {
            json["email"]["codes"]["codes"] = old["email"]["codes"]["codes"].clone();
        }
        (Guard::Hundredth, Call::Count(_) | Call::Send(..)) => {
            let counted = u64::from(matches!(call, Call::Count(_)));
            for channel in ["email", "mobile"] {
                let total = old[channel]["codes"]["counter"]["total"].as_u64().unwrap();
                json[channel]["codes"]["counter"]["total"] = (total + counted).into();
            }
        }
        _ => return moved,
    }
    read(json)
}

/// What a share is after a refusal.
pub fn refused(calls: &Calls, share: Share, now: i64) -> Share {
    if calls.without != Some(Guard::WholeOrNothing) {
        return share;
    }
    let mut json = stored(&share);
    json["clock"] = json!(at(now).max(share.clock()));
    read(json)
}

/// The trust's rules: two guards are there.
pub fn rules(calls: &Calls, rules: &Rules, call: Call) -> Rules {
    match (calls.without, call) {
        (Some(Guard::Complete), Call::Answer { .. }) => {
            rules.clone().with_completeness(Completeness::Lenient)
        }
        (Some(Guard::RoleSettled), Call::GoOn) => {
            rules.clone().with_role_dispute(RoleDispute::ContinueAllowed)
        }
        _ => rules.clone(),
    }
}

fn read(json: Value) -> Share {
    serde_json::from_value(json).expect("still a share")
}

fn attempts(json: &mut Value) -> &mut Vec<Value> {
    json["requests"]["attempts"].as_array_mut().unwrap()
}

fn with_attempt(json: &mut Value, asked: Asked, change: impl Fn(&mut Value)) {
    let handle = json!(asked.handle());
    attempts(json).iter_mut().filter(|attempt| attempt["handle"] == handle).for_each(change);
}

/// The request waits for an answer again, and no other one does.
fn revive(json: &mut Value, asked: Asked, fate: &str) {
    let handle = json!(asked.handle());
    let is = |attempt: &&mut Value| attempt["handle"] == handle && attempt["fate"] == fate;
    if !attempts(json).iter_mut().any(|attempt| is(&attempt)) {
        return;
    }
    for attempt in attempts(json).iter_mut().filter(|attempt| attempt["fate"] == "live") {
        attempt["fate"] = "expired".into();
    }
    attempts(json).iter_mut().filter(is).for_each(|attempt| attempt["fate"] = "live".into());
    json["stage"] = "connecting".into();
}

fn begin_again(json: &mut Value, ended: &str) {
    if json["stage"] == ended {
        json["stage"] = "invited".into();
    }
}

fn each_channel(json: &mut Value, change: impl Fn(&mut Value)) {
    for channel in ["email", "mobile"] {
        change(&mut json[channel]["codes"]);
    }
}

fn each_code(json: &mut Value, change: impl Fn(&mut Value)) {
    each_channel(json, |codes| {
        let live = codes["codes"].as_array_mut().unwrap();
        live.iter_mut().filter(|code| code.is_object()).for_each(&change);
    });
}

/// The stage to which a call belongs.
fn stage_of(call: Call) -> Option<&'static str> {
    Some(match call {
        Call::Registered | Call::FirstTime => "registered_before",
        Call::Start => "notices",
        Call::Select { .. } => "selecting",
        Call::Amend | Call::Confirm => "confirming",
        Call::Connect(_) | Call::Cancel | Call::Expire => "connecting",
        Call::Answer { .. } | Call::Refuse(_) => "connecting",
        Call::Return(_) => "returning",
        Call::AcceptGaps => "gaps",
        Call::BeginProfile => "received",
        Call::Email { .. } => "email",
        Call::Mobile | Call::NoMobile => "mobile",
        Call::ConfirmRole | Call::RoleIncorrect => "role",
        Call::GoOn | Call::Hold | Call::Resume => "role_disputed",
        Call::Submit(_) => "ready",
        _ => return None,
    })
}
