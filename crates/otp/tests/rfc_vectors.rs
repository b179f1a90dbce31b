//! HOTP and TOTP against the test values of their RFCs.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use staffpass_otp::{Algorithm, Digits, Error, Hotp, KeyedIn, LastStep, Totp};

const SECRET: &[u8] = b"12345678901234567890";

/// The seeds of RFC 6238 appendix B are the digits 1 to 9 and 0 repeated to the length of the hash
/// (errata 2866).
fn seed(length: usize) -> Vec<u8> {
    b"1234567890".iter().copied().cycle().take(length).collect()
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn hotp() -> Hotp {
    Hotp::new(SECRET, Algorithm::Sha1, Digits::Six).unwrap()
}

fn totp() -> Totp {
    Totp::new(hotp(), Totp::DEFAULT_PERIOD).unwrap()
}

fn keyed_in(totp: &Totp, seconds: i64) -> KeyedIn {
    KeyedIn::parse(totp.value(at(seconds)).unwrap().reveal()).unwrap()
}

/// RFC 4226 appendix D.
#[test]
fn hotp_gives_the_values_of_rfc_4226() {
    let expected = [
        "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
        "520489",
    ];
    for (counter, value) in (0..).zip(expected) {
        assert_eq!(hotp().value(counter).reveal(), value);
    }
}

/// RFC 6238 appendix B.
#[test]
fn totp_gives_the_values_of_rfc_6238() {
    let expected = [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ];
    for (seconds, sha1, sha256, sha512) in expected {
        let cases = [
            (Algorithm::Sha1, 20, sha1),
            (Algorithm::Sha256, 32, sha256),
            (Algorithm::Sha512, 64, sha512),
        ];
        for (algorithm, length, value) in cases {
            let hotp = Hotp::new(&seed(length), algorithm, Digits::Eight).unwrap();
            let totp = Totp::new(hotp, 30).unwrap();
            assert_eq!(totp.value(at(seconds)).unwrap().reveal(), value);
        }
    }
}

/// Seven digits are the last seven of the eight.
#[test]
fn seven_digits_are_the_end_of_eight() {
    let seven = Hotp::new(SECRET, Algorithm::Sha1, Digits::new(7).unwrap()).unwrap();
    assert_eq!(seven.value(1).reveal(), "4287082");
}

#[test]
fn digits_are_six_to_eight() {
    for digits in [0, 5, 9] {
        let error = Digits::new(digits).unwrap_err();
        assert_eq!((error, error.code()), (Error::Digits { digits }, "otp_digits"));
    }
}

#[test]
fn a_short_secret_is_refused_unless_named() {
    let error = Hotp::new(&[1; 15], Algorithm::Sha1, Digits::Six).unwrap_err();
    assert_eq!(
        (error, error.code()),
        (Error::SecretTooShort { bytes: 15 }, "otp_secret_too_short")
    );
    assert!(Hotp::accept_short_secret(&[1; 10], Algorithm::Sha1, Digits::Six).is_ok());
    let error = Hotp::accept_short_secret(&[], Algorithm::Sha1, Digits::Six).unwrap_err();
    assert_eq!(error, Error::SecretTooShort { bytes: 0 });
}

#[test]
fn a_period_of_nothing_and_a_time_before_1970_are_refused() {
    let error = Totp::new(hotp(), 0).unwrap_err();
    assert_eq!((error, error.code()), (Error::Period, "otp_period"));
    let error = totp().value(at(-1)).unwrap_err();
    assert_eq!((error, error.code()), (Error::TimeBeforeFirstStep, "otp_time_before_first_step"));
}

#[test]
fn totp_accepts_this_step_and_the_one_before() {
    let value = keyed_in(&totp(), 3000);
    for (now, expected) in [
        (2999, Err(Error::WrongTotp)),
        (3000, Ok(())),
        (3029, Ok(())),
        (3059, Ok(())),
        (3060, Err(Error::WrongTotp)),
    ] {
        assert_eq!(totp().accept(&value, &mut LastStep::default(), at(now)), expected, "{now}");
    }
    assert_eq!(Error::WrongTotp.code(), "otp_wrong_totp");
}

#[test]
fn b07_a_totp_value_is_accepted_once() {
    let (value, mut last) = (keyed_in(&totp(), 3000), LastStep::default());
    assert_eq!(totp().accept(&value, &mut last, at(3000)), Ok(()));
    let error = totp().accept(&value, &mut last, at(3001)).unwrap_err();
    assert_eq!((error, error.code()), (Error::UsedTotp, "otp_used_totp"));
    assert_eq!(totp().accept(&value, &mut last, at(3031)), Err(Error::UsedTotp));
}

#[test]
fn b07_an_earlier_step_is_refused_after_a_later_one_even_when_the_clock_goes_back() {
    let mut last = LastStep::default();
    totp().accept(&keyed_in(&totp(), 3000), &mut last, at(3000)).unwrap();
    last = serde_json::from_str(&serde_json::to_string(&last).unwrap()).unwrap();
    let earlier = keyed_in(&totp(), 2970);
    assert_eq!(totp().accept(&earlier, &mut last, at(3000)), Err(Error::UsedTotp));
    assert_eq!(totp().accept(&earlier, &mut last, at(2970)), Err(Error::UsedTotp));
}

#[test]
fn a_wrong_value_leaves_the_last_step() {
    let mut last = LastStep::default();
    let wrong = KeyedIn::parse("000000").unwrap();
    assert_eq!(totp().accept(&wrong, &mut last, at(3000)), Err(Error::WrongTotp));
    assert_eq!(last, LastStep::default());
}

#[test]
fn pf37_a_value_of_another_length_is_wrong() {
    let short = KeyedIn::parse_digits("1234567", Digits::Seven).unwrap();
    assert_eq!(totp().accept(&short, &mut LastStep::default(), at(0)), Err(Error::WrongTotp));
}

#[test]
fn debug_shows_no_secret() {
    assert_eq!(format!("{:?}", totp()), "Totp { hotp: Hotp { digits: Six, .. }, period: 30 }");
}

proptest! {
    #[test]
    fn a_step_is_never_accepted_twice(offsets in prop::collection::vec((0_i64..300, 0_i64..300), 1..40)) {
        let (mut last, mut accepted) = (LastStep::default(), Vec::new());
        for (made, judged) in offsets {
            let now = at(3000 + judged);
            if totp().accept(&keyed_in(&totp(), 3000 + made), &mut last, now).is_ok() {
                let step = (3000 + made) / 30;
                prop_assert!(accepted.iter().all(|before| *before < step));
                accepted.push(step);
            }
        }
    }
}

#[test]
fn a_late_totp_time_is_a_step_like_any_other() {
    let late = DateTime::<Utc>::MAX_UTC - TimeDelta::days(1);
    assert_eq!(totp().value(late).unwrap().reveal().len(), 6);
}
