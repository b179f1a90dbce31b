//! The recruitment team's pages: invite, list, review, decide.

mod export;
mod forms;
mod further;
mod letters;
mod openid;
mod staff;
mod words;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use staffpass::share::{
    Act, Decision, DeclineReason, EmploymentType, Flag, Review, ReviewRefusal, ReviewState, Share,
    State as Stands,
};
use staffpass_store::{Outcome, StoreError, TokenDigest};

use crate::browser::Posted;
use crate::messages::date_of;
use crate::pages::{self, Fault, Frame};
use crate::service::Portal;
use crate::start::see;

pub(crate) use forms::Typed;
pub(crate) use openid::Provider;
use staff::Staff;

/// A person in the list.
pub(crate) struct Row {
    pub(crate) reference: String,
    pub(crate) name: String,
    pub(crate) stands: String,
    pub(crate) colour: &'static str,
    pub(crate) touched: String,
}

/// A person and what became of the invitation, for whoever reviews.
pub(crate) struct Sheet {
    pub(crate) reference: String,
    pub(crate) name: String,
    pub(crate) letters: Vec<String>,
    pub(crate) birthdate: String,
    pub(crate) email: String,
    pub(crate) mobile: String,
    pub(crate) role: Vec<String>,
    pub(crate) until: String,
    pub(crate) stands: String,
    pub(crate) is_open: bool,
    pub(crate) review: Option<ReviewSheet>,
}

/// What was submitted, in words.
pub(crate) struct ReviewSheet {
    pub(crate) state: ReviewState,
    pub(crate) flags: Vec<(&'static str, &'static str)>,
    pub(crate) confirmed: String,
    pub(crate) credentials: Vec<Shown>,
    pub(crate) missing: Vec<String>,
    pub(crate) email: String,
    pub(crate) mobile: String,
    pub(crate) submitted: String,
    pub(crate) notices: String,
    pub(crate) is_key_offered: bool,
    pub(crate) more: Vec<Wanted>,
    /// What the person can be asked to share: id and label.
    pub(crate) offers: Vec<(String, String)>,
    pub(crate) is_awaited: bool,
}

/// What the team has asked for beside what was shared.
pub(crate) struct Wanted {
    pub(crate) place: usize,
    pub(crate) what: String,
    pub(crate) asked: String,
    /// Empty as long as nobody has seen it.
    pub(crate) seen: String,
    /// How far the person is with sharing it; empty where she is not asked to.
    pub(crate) stands: String,
    /// It can be sent a link for.
    pub(crate) is_awaited: bool,
    pub(crate) left_out: Vec<String>,
    pub(crate) credentials: Vec<Shown>,
}

/// A credential that was shared.
pub(crate) struct Shown {
    pub(crate) place: usize,
    pub(crate) label: String,
    pub(crate) issuer: String,
    pub(crate) issued: String,
    pub(crate) expires: String,
    pub(crate) claims: Vec<ShownClaim>,
    pub(crate) checks: Vec<(String, &'static str)>,
    pub(crate) decided: String,
}

/// A claim, and what a reader may not see of its letters.
pub(crate) struct ShownClaim {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) letters: Vec<String>,
}

pub(crate) fn routes(portal: &Portal) -> Router<Portal> {
    Router::new()
        .merge(staff::routes(portal))
        .route("/recruitment", get(list))
        .route("/recruitment/people.csv", get(export::list))
        .route("/recruitment/invite", get(forms::page).post(forms::invite))
        .route("/recruitment/invite-list", post(forms::invite_list))
        .route("/recruitment/people/{reference}", get(person))
        .route("/recruitment/people/{reference}/{action}", post(act))
        .route("/recruitment/audit", get(audit))
}

/// `GET /recruitment`.
async fn list(State(portal): State<Portal>, staff: Staff) -> Response {
    match rows(&portal).await {
        Ok(rows) => {
            let frame = Frame::of(&portal, &staff.secret, "");
            pages::show(&pages::People { frame, staff: staff.name, rows }, &[])
        }
        Err(error) => pages::of_store_error(&portal, &error),
    }
}

async fn rows(portal: &Portal) -> Result<Vec<Row>, StoreError> {
    let (store, tenant) = (portal.store(), portal.tenant());
    let mut rows = Vec::new();
    for listed in store.list(tenant, "", 500).await? {
        let share = store.share(tenant, &listed.reference).await?;
        let review = match listed.outcome {
            Outcome::Submitted => Some(store.review(tenant, &listed.reference).await?.state()),
            _ => None,
        };
        let (stands, colour) = words::standing(&share.state(portal.now()), review);
        rows.push(Row {
            reference: listed.reference,
            name: name(&share),
            stands: stands.to_owned(),
            colour,
            touched: date_of(listed.touched_at),
        });
    }
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(rows)
}

fn name(share: &Share) -> String {
    let person = share.invitation().person();
    match person.given_name() {
        Some(given) => format!("{given} {}", person.family_name()),
        None => person.family_name().to_owned(),
    }
}

/// `GET /recruitment/people/{reference}`.
async fn person(
    State(portal): State<Portal>,
    Path(reference): Path<String>,
    staff: Staff,
) -> Response {
    show(&portal, &staff, &reference, Vec::new()).await
}

async fn show(portal: &Portal, staff: &Staff, reference: &str, faults: Vec<Fault>) -> Response {
    match sheet(portal, reference).await {
        Ok(sheet) => {
            let frame = Frame::of(portal, &staff.secret, "").with_faults(faults.clone());
            pages::show(&pages::Person { frame, staff: staff.name.clone(), sheet }, &faults)
        }
        Err(StoreError::NotFound) => pages::nowhere(State(portal.clone())).await,
        Err(error) => pages::of_store_error(portal, &error),
    }
}

/// A person has one page: a further share has none of its own.
async fn first_share(portal: &Portal, reference: &str) -> Result<Share, StoreError> {
    let share = portal.store().share(portal.tenant(), reference).await?;
    if share.further().is_none() { Ok(share) } else { Err(StoreError::NotFound) }
}

/// Of this trust's records alone: the tenant is in every key (invariant 11).
async fn sheet(portal: &Portal, reference: &str) -> Result<Sheet, StoreError> {
    let (store, tenant) = (portal.store(), portal.tenant());
    let share = first_share(portal, reference).await?;
    let state = share.state(portal.now());
    let (invitation, role) = (share.invitation(), share.invitation().role());
    let review = match state {
        Stands::Submitted => {
            let submitted = store.submitted(tenant, reference).await?;
            let review = store.review(tenant, reference).await?;
            let asked = further::asked(portal, reference, &review).await?;
            Some(words::review(portal, (&submitted, &asked), &review, &name(&share)))
        }
        _ => None,
    };
    let finished = matches!(state, Stands::Submitted | Stands::InvitationWithdrawn);
    let (stands, _) = words::standing(&state, review.as_ref().map(|review| review.state));
    Ok(Sheet {
        reference: reference.to_owned(),
        name: name(&share),
        letters: letters::in_words(&name(&share), None),
        birthdate: invitation.person().birthdate().map(words::date).unwrap_or_default(),
        email: invitation.email().as_str().to_owned(),
        mobile: invitation.mobile().map(|mobile| mobile.as_str().to_owned()).unwrap_or_default(),
        role: [&role.staff_group, &role.employment_status]
            .into_iter()
            .chain(&role.job_role)
            .cloned()
            .collect(),
        until: date_of(invitation.expires_at()),
        stands: stands.to_owned(),
        is_open: !finished,
        review,
    })
}

/// `POST /recruitment/people/{reference}/{action}`.
async fn act(
    State(portal): State<Portal>,
    Path((reference, action)): Path<(String, String)>,
    staff: Staff,
    posted: Posted,
) -> Response {
    let ticked: Vec<&str> = posted.all("part").collect();
    let done = match &*action {
        "ask-for-more" if !ticked.is_empty() => match line(posted.text("what")) {
            Ok(what) => further::ask(&portal, &reference, &staff.name, (ticked, what)).await,
            Err(refusal) => Err(refusal.into()),
        },
        "withdraw" => withdraw(&portal, &reference).await,
        "send-again" => send_again(&portal, &reference).await,
        "send-further" => further::send_again(&portal, &reference).await,
        _ => return review_act(&portal, &staff, &reference, &action, &posted).await,
    };
    match done {
        Ok(()) => see(&format!("/recruitment/people/{reference}")),
        Err(StoreError::NotFound) => pages::nowhere(State(portal)).await,
        Err(StoreError::Refused(_)) => pages::conflict(&portal),
        Err(StoreError::Review(refusal)) => refused(&portal, &staff, &reference, refusal).await,
        Err(error) => pages::of_store_error(&portal, &error),
    }
}

/// The page of the person, with what the review has against it; or that the page was not the latest.
async fn refused(
    portal: &Portal,
    staff: &Staff,
    reference: &str,
    refusal: ReviewRefusal,
) -> Response {
    match refusal {
        ReviewRefusal::WrongState { .. } => pages::conflict(portal),
        refusal => {
            let fault = Fault::new("decision", words::refusal(refusal));
            show(portal, staff, reference, vec![fault]).await
        }
    }
}

async fn withdraw(portal: &Portal, reference: &str) -> Result<(), StoreError> {
    first_share(portal, reference).await?;
    portal.store().withdraw(portal.tenant(), reference, portal.now()).await
}

/// Another link; those before are dead.
async fn send_again(portal: &Portal, reference: &str) -> Result<(), StoreError> {
    first_share(portal, reference).await?;
    let (store, tenant, now) = (portal.store(), portal.tenant(), portal.now());
    let (token, link) = portal.link();
    store.renew_invitation(tenant, reference, &TokenDigest::of(&token), now).await?;
    let share = store.share(tenant, reference).await?;
    if portal.invite_by_message(&share, &link).await {
        store.note(tenant, reference, "portal", "invitation.sent", now).await?;
    }
    Ok(())
}

async fn review_act(
    portal: &Portal,
    staff: &Staff,
    reference: &str,
    action: &str,
    posted: &Posted,
) -> Response {
    let (store, tenant, now) = (portal.store(), portal.tenant(), portal.now());
    let by = &staff.name;
    let step = |review: &mut Review| step(review, action, posted, Act::new(by, now));
    match store.update_review(tenant, reference, by, now, step).await {
        Ok(_) => {
            if action == "ask-for-more" {
                tell_what_is_needed(portal, reference, posted.text("what")).await;
            }
            see(&format!("/recruitment/people/{reference}"))
        }
        Err(StoreError::Review(refusal)) => refused(portal, staff, reference, refusal).await,
        Err(StoreError::NotFound) => pages::nowhere(State(portal.clone())).await,
        Err(error) => pages::of_store_error(portal, &error),
    }
}

/// By email to the address that was confirmed. Where it does not go, the page still says what is asked
/// for, and the log that it did not.
async fn tell_what_is_needed(portal: &Portal, reference: &str, what: &str) {
    if let Ok(submitted) = portal.store().submitted(portal.tenant(), reference).await {
        portal.tell_what_is_needed(submitted.email().as_str(), what).await;
    }
}

/// A form of the review page, as a step of the review.
fn step(
    review: &mut Review,
    action: &str,
    posted: &Posted,
    act: Act,
) -> Result<&'static str, ReviewRefusal> {
    let care = posted.text("care") == "yes";
    let employment = match posted.text("employment") {
        "permanent" => Some(EmploymentType::PermanentOrFixedTerm),
        "temporary" => Some(EmploymentType::TemporaryMover),
        _ => None,
    };
    let place = posted.text("credential").parse().unwrap_or(usize::MAX);
    match action {
        "clear-flag" => review.clear_flag(flag(posted.text("flag"))?, act),
        "confirm" => {
            review.confirm_identity(employment.ok_or(ReviewRefusal::ReasonMissing)?, care, act)
        }
        "attended" => review.attended(employment.ok_or(ReviewRefusal::ReasonMissing)?, care, act),
        "not-now" => review.defer(),
        "appointment" => review.need_appointment(),
        "decline" => review.decline(decline_reason(posted.text("reason"))?, act),
        "accept" => review.decide(place, Decision::Accepted, act),
        "reject" => {
            let note = posted.text("note").to_owned();
            review.decide(place, Decision::Rejected { note }, act)
        }
        "ask-for-more" => review.ask_for_more(line(posted.text("what"))?, act),
        "evidence" => review.record_evidence(place, line(posted.text("note"))?, act),
        "complete" => review.complete(act),
        "bypass" => review.bypass(posted.text("why"), act),
        "offer-key" => review.offer_access_key(act),
        _ => Err(ReviewRefusal::NoSuchCredential),
    }
}

/// One line, which is not too long for a message.
fn line(text: &str) -> Result<&str, ReviewRefusal> {
    let fits = text.chars().count() <= 200 && !text.chars().any(char::is_control);
    fits.then_some(text).ok_or(ReviewRefusal::ReasonMissing)
}

fn flag(id: &str) -> Result<Flag, ReviewRefusal> {
    let found = words::FLAGS.iter().find(|(_, known, _)| *known == id);
    found.map(|(flag, _, _)| *flag).ok_or(ReviewRefusal::NoSuchFlag)
}

fn decline_reason(id: &str) -> Result<DeclineReason, ReviewRefusal> {
    match id {
        "not_new_starter" => Ok(DeclineReason::NotNewStarter),
        "identity_not_confirmed" => Ok(DeclineReason::IdentityNotConfirmed),
        "other" => Ok(DeclineReason::Other),
        _ => Err(ReviewRefusal::ReasonMissing),
    }
}

/// `GET /recruitment/audit`: the latest entries, and whether the chain holds.
async fn audit(State(portal): State<Portal>, staff: Staff) -> Response {
    match audited(&portal).await {
        Ok((entries, fault)) => {
            let frame = Frame::of(&portal, &staff.secret, "");
            pages::show(&pages::Audit { frame, staff: staff.name, entries, fault }, &[])
        }
        Err(error) => pages::of_store_error(&portal, &error),
    }
}

type Entries = Vec<(u64, String, String, String)>;

async fn audited(portal: &Portal) -> Result<(Entries, String), StoreError> {
    const LATEST: u64 = 200;
    let (store, tenant) = (portal.store(), portal.tenant());
    let end = store.audit_head(tenant).await?.map_or(0, |head| head.seq);
    let audited = store.audit(tenant, end.saturating_sub(LATEST), 1000).await?;
    let entry = |(seq, entry): (u64, staffpass_store::Audited)| {
        (seq, entry.at.format("%Y-%m-%d %H:%M:%S UTC").to_string(), entry.actor, entry.name)
    };
    let fault = store.check_audit(tenant, None).await?.err();
    let fault = fault.map(|fault| fault.to_string()).unwrap_or_default();
    Ok((audited.into_iter().rev().map(entry).collect(), fault))
}

/// Recruitment pages that a configuration has switched off are not there.
pub(crate) fn is_on(portal: &Portal) -> bool {
    portal.config().recruitment.sign_in != "off"
}
