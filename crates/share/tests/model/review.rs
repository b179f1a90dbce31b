//! What the recruitment team makes of a share: every order of its calls, on the real `Review`.
//!
//! The share is one that was submitted with two flags, so that two confirmed addresses are behind it
//! (`Law::Submitted`); what the search adds is that no access key is offered before the identity is
//! confirmed with care and with no flag open (F12), and that what is decided stays decided.

use chrono::DateTime;
use staffpass_otp::Channel;
use staffpass_share::*;
use stateright::{Checker as _, HasDiscoveries, Property};

use crate::common::{self, at};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Clear(Flag),
    Confirm { care: bool },
    Defer,
    Appointment,
    Attended { care: bool },
    Decline,
    Decide { credential: usize, accepted: bool },
    Complete,
    Bypass,
    Offer,
}

/// A guard that a model can be without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guard {
    FlagsCleared,
    Care,
    ConfirmedFirst,
    OneKey,
    Decided,
    DeclinedEnds,
}

/// A review, and what the world outside knows of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    /// As it is stored: the whole of it.
    review: String,
    cleared: usize,
    confirmed: bool,
    with_care: bool,
    declined: bool,
    keys: u8,
    decided: [bool; 2],
    completed: bool,
}

struct Model {
    without: Option<Guard>,
    review: Review,
}

const CREDENTIALS: usize = 2;
const FLAGS: [Flag; 2] = [Flag::EmailChanged, Flag::RoleDisputed];

const F12: &str = "F12: an access key needs a confirmed identity, of which no flag was open";
const CARE: &str = "whoever confirms an identity says that reasonable care was taken";
const ONE_KEY: &str = "an access key is offered once";
const DECIDED: &str = "a review is complete when each credential is decided";
const DECLINED: &str = "who is declined stays declined";

impl Model {
    fn new(without: Option<Guard>) -> Self {
        Self { without, review: Review::of_verified(&submitted_with_flags()) }
    }

    /// The copy on which a guard that is left out finds nothing to refuse.
    fn blind(&self, review: &Review, step: Step) -> Review {
        let mut json = stored_review(review);
        match (self.without, step) {
            (Some(Guard::FlagsCleared), Step::Confirm { .. } | Step::Attended { .. }) => {
                json["flags"] = serde_json::json!([]);
            }
            (Some(Guard::ConfirmedFirst), Step::Offer) if json["stage"] != "declined" => {
                json["stage"] = "credentials".into();
            }
            (Some(Guard::OneKey), Step::Offer) => json["key_offered"] = serde_json::Value::Null,
            (Some(Guard::Decided), Step::Complete) => json["credentials"] = 0.into(),
            (Some(Guard::DeclinedEnds), Step::Confirm { .. }) if json["stage"] == "declined" => {
                json["stage"] = "awaiting_identity".into();
            }
            _ => return review.clone(),
        }
        serde_json::from_value(json).unwrap()
    }

    fn make(&self, review: &Review, step: Step) -> Result<Review, ReviewRefusal> {
        let mut review = self.blind(review, step);
        let act = || Act::new("reviewer", DateTime::UNIX_EPOCH);
        let kind = EmploymentType::TemporaryMover;
        let careful = |care| care || self.without == Some(Guard::Care);
        match step {
            Step::Clear(flag) => review.clear_flag(flag, act()),
            Step::Confirm { care } => review.confirm_identity(kind, careful(care), act()),
            Step::Defer => review.defer(),
            Step::Appointment => review.need_appointment(),
            Step::Attended { care } => review.attended(kind, careful(care), act()),
            Step::Decline => review.decline(DeclineReason::IdentityNotConfirmed, act()),
            Step::Decide { credential, accepted } => {
                let rejected = Decision::Rejected { note: "too old".to_owned() };
                let decision = if accepted { Decision::Accepted } else { rejected };
                review.decide(credential, decision, act())
            }
            Step::Complete => review.complete(act()),
            Step::Bypass => review.bypass("seen on paper", act()),
            Step::Offer => review.offer_access_key(act()),
        }?;
        Ok(review)
    }
}

impl stateright::Model for Model {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let review = stored_review(&self.review).to_string();
        vec![State {
            review,
            cleared: 0,
            confirmed: false,
            with_care: true,
            declined: false,
            keys: 0,
            decided: [false; CREDENTIALS],
            completed: false,
        }]
    }

    fn actions(&self, _: &State, steps: &mut Vec<Step>) {
        steps.extend(FLAGS.map(Step::Clear));
        steps.extend([Step::Clear(Flag::Gaps), Step::Defer, Step::Appointment, Step::Decline]);
        steps.extend([Step::Complete, Step::Bypass, Step::Offer]);
        for yes in [true, false] {
            steps.extend([Step::Confirm { care: yes }, Step::Attended { care: yes }]);
            let decide = |credential| Step::Decide { credential, accepted: yes };
            steps.extend((0..=CREDENTIALS).map(decide));
        }
    }

    fn next_state(&self, state: &State, step: Step) -> Option<State> {
        let review: Review = serde_json::from_str(&state.review).unwrap();
        let moved = self.make(&review, step).ok()?;
        let mut next = State { review: stored_review(&moved).to_string(), ..state.clone() };
        match step {
            Step::Clear(_) => next.cleared += 1,
            Step::Confirm { care } | Step::Attended { care } => {
                next.confirmed = true;
                next.with_care &= care;
            }
            Step::Decline => next.declined = true,
            Step::Decide { credential, .. } => next.decided[credential] = true,
            Step::Complete => next.completed = true,
            Step::Offer => next.keys += 1,
            Step::Defer | Step::Appointment | Step::Bypass => {}
        }
        (next != *state).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(F12, |_, state: &State| {
                state.keys == 0 || (state.confirmed && state.cleared == FLAGS.len())
            }),
            Property::always(CARE, |_, state: &State| state.with_care),
            Property::always(ONE_KEY, |_, state: &State| state.keys <= 1),
            Property::always(DECIDED, |_, state: &State| {
                !state.completed || state.decided == [true; CREDENTIALS]
            }),
            Property::always(DECLINED, |_, state: &State| {
                !state.declined || (!state.confirmed && state.keys == 0)
            }),
            Property::sometimes("an access key is offered", |_, state: &State| state.keys == 1),
            Property::sometimes("a review is complete", |_, state: &State| state.completed),
        ]
    }
}

#[test]
fn f12_every_order_of_a_review_offers_no_access_key_without_a_confirmed_identity() {
    let checker = stateright::Model::checker(Model::new(None)).spawn_bfs().join();
    let (states, depth) = (checker.unique_state_count(), checker.max_depth());
    println!("reviews: all {states} states, runs of up to {depth} steps");
    checker.assert_properties();
}

#[test]
fn review_guards_are_needed() {
    let needed = [
        (Guard::FlagsCleared, F12),
        (Guard::ConfirmedFirst, F12),
        (Guard::Care, CARE),
        (Guard::OneKey, ONE_KEY),
        (Guard::Decided, DECIDED),
        (Guard::DeclinedEnds, DECLINED),
    ];
    for (guard, law) in needed {
        let checker = stateright::Model::checker(Model::new(Some(guard)))
            .finish_when(HasDiscoveries::AnyOf([law].into()))
            .spawn_bfs()
            .join();
        let example = checker.discovery(law);
        let example = example.unwrap_or_else(|| panic!("without {guard:?}: {law} still holds"));
        println!("without {guard:?}: {law}\n  {:?}", example.into_actions());
    }
}

fn stored_review(review: &Review) -> serde_json::Value {
    serde_json::to_value(review).unwrap()
}

/// The share behind the reviews: another email address, and a role that is disputed.
fn submitted_with_flags() -> VerifiedShare {
    let rules = Rules::default().with_role_dispute(RoleDispute::ContinueAllowed);
    let (mut share, receipt) = common::received(&["identity", "employment"]);
    let _ = share.begin_profile(at(30)).unwrap();
    let _ = share.enter_email(super::things::email(false), at(31)).unwrap();
    common::confirm(&mut share, Channel::Email, at(40));
    let mobile = share.mobile().unwrap().clone();
    let _ = share.enter_mobile(mobile, at(41)).unwrap();
    common::confirm(&mut share, Channel::Mobile, at(50));
    let _ = share.role_incorrect(at(51)).unwrap();
    let _ = share.continue_with_disputed_role(&rules, at(52)).unwrap();
    share.submit(&receipt, at(53)).unwrap().share
}
