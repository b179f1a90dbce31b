//! How often codes may be sent.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use staffpass_otp::{Error, SendLimits, SendWindow};

fn at(minutes: i64) -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

/// The window after sends at these minutes.
fn after(minutes: &[i64]) -> SendWindow {
    let mut window = SendWindow::new();
    minutes.iter().for_each(|minute| window.count(&SendLimits::default(), at(*minute)).unwrap());
    window
}

#[test]
fn b17_the_fourth_send_in_15_minutes_waits() {
    let window = after(&[0, 1, 2]);
    let error = window.check(&SendLimits::default(), at(14)).unwrap_err();
    assert_eq!(error, Error::TooManySends { now: at(14), until: at(15) });
    assert_eq!(error.code(), "otp_too_many_sends");
    assert_eq!(window.check(&SendLimits::default(), at(15)), Ok(()));
}

#[test]
fn b17_the_seventh_send_in_24_hours_waits() {
    let window = after(&[0, 20, 40, 60, 80, 100]);
    let day = 24 * 60;
    let error = window.check(&SendLimits::default(), at(day - 1)).unwrap_err();
    assert_eq!(error, Error::TooManySends { now: at(day - 1), until: at(day) });
    assert_eq!(window.check(&SendLimits::default(), at(day)), Ok(()));
}

#[test]
fn sends_of_yesterday_are_not_kept() {
    let day = 24 * 60;
    assert_eq!(after(&[0, day]), after(&[day]));
    assert_ne!(after(&[0, day - 1]), after(&[day - 1]));
}

#[test]
fn b17_a_clock_that_goes_back_opens_no_window() {
    let mut window = after(&[0, 1, 2]);
    let error = window.count(&SendLimits::default(), at(-2000)).unwrap_err();
    assert_eq!(error, Error::TooManySends { now: at(2), until: at(15) });
}

#[test]
fn b17_a_refused_send_is_not_counted_and_never_locks() {
    let mut window = after(&[0, 1, 2]);
    (3..15).for_each(|minute| assert!(window.count(&SendLimits::default(), at(minute)).is_err()));
    assert!(window.count(&SendLimits::default(), at(15)).is_ok());
}

#[test]
fn limits_can_be_set_for_a_network_block() {
    let limits = SendLimits::new(1, 2).unwrap();
    let mut window = SendWindow::new();
    assert!(window.count(&limits, at(0)).is_ok());
    assert!(window.count(&limits, at(14)).is_err());
    assert!(window.count(&limits, at(15)).is_ok());
    assert!(window.count(&limits, at(60)).is_err());
    for (quarter, day) in [(0, 6), (3, 0), (1001, 6), (3, 1001)] {
        let error = SendLimits::new(quarter, day).unwrap_err();
        assert_eq!((error, error.code()), (Error::SendLimits, "otp_send_limits"));
    }
}

proptest! {
    /// Whatever the requests: no more than 3 sends in any 15 minutes, nor 6 in any 24 hours.
    #[test]
    fn b17_no_span_holds_more_than_its_limit(waits in prop::collection::vec(0_i64..400, 1..100)) {
        let (mut window, mut sent, mut minute) = (SendWindow::new(), Vec::new(), 0);
        for wait in waits {
            minute += wait;
            if window.count(&SendLimits::default(), at(minute)).is_ok() {
                sent.push(minute);
            }
            let stored = serde_json::to_string(&window).unwrap();
            window = serde_json::from_str(&stored).unwrap();
        }
        for from in &sent {
            let within = |span: i64| sent.iter().filter(|s| (*from..from + span).contains(*s)).count();
            prop_assert!(within(15) <= 3 && within(24 * 60) <= 6);
        }
    }
}
