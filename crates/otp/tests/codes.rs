//! Codes: how they are drawn, keyed in, bound and printed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "tests")]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use staffpass_otp::{
    Binding, Channel, Code, CodeKey, Confirmation, Error, KeyedIn, KeyedInFault, Lifetime, Verdict,
};

fn now() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

fn key() -> CodeKey {
    CodeKey::new(&[7; 32]).unwrap()
}

fn binding() -> Binding<'static> {
    Binding::new("trust-a/share-1", Channel::Email, "amara@hospital.example")
}

fn code(seed: u64) -> Code {
    Code::generate(&mut StdRng::seed_from_u64(seed))
}

/// What judging `keyed_in` under one binding says of a code that was sent under another.
fn cross(sent: &Binding<'_>, judged: &Binding<'_>, sent_key: &CodeKey) -> Verdict {
    let code = code(1);
    let mut state = Confirmation::new();
    state.add_code(&code, sent, sent_key, Lifetime::default(), now()).unwrap();
    state.attempt(&KeyedIn::parse(code.reveal()).unwrap(), judged, &key(), now())
}

#[test]
fn codes_have_six_digits_with_zeros_before() {
    let mut rng = StdRng::seed_from_u64(42);
    let codes: Vec<Code> = (0..20_000).map(|_| Code::generate(&mut rng)).collect();
    assert!(codes.iter().all(|code| code.reveal().len() == 6));
    assert!(codes.iter().all(|code| code.reveal().bytes().all(|byte| byte.is_ascii_digit())));
    assert!(codes.iter().any(|code| code.reveal().starts_with('0')));
}

/// Chi squared over 100 equal cells; with 99 degrees of freedom, 180 is passed once in a million.
#[test]
fn codes_are_uniform_at_both_ends() {
    let mut rng = StdRng::seed_from_u64(7);
    let (mut first, mut last) = ([0_f64; 100], [0_f64; 100]);
    for _ in 0..100_000 {
        let code = Code::generate(&mut rng);
        first[code.reveal()[..2].parse::<usize>().unwrap()] += 1.0;
        last[code.reveal()[4..].parse::<usize>().unwrap()] += 1.0;
    }
    for cells in [first, last] {
        let chi: f64 = cells.iter().map(|seen| (seen - 1000.0).powi(2) / 1000.0).sum();
        assert!(chi < 180.0, "{chi}");
    }
}

#[test]
fn keyed_in_takes_spaces_hyphens_and_dashes() {
    for text in [
        "123456",
        " 123 456 ",
        "123-456",
        "12–34—56",
        "1\u{a0}2\t3\n4 5 6",
        "123\u{2212}456",
        "123\u{ad}456",
    ] {
        assert!(KeyedIn::parse(text).is_ok(), "{text:?}");
    }
}

#[test]
fn keyed_in_says_what_is_wrong() {
    let cases = [
        ("", KeyedInFault::Empty, "otp_empty"),
        (" - ", KeyedInFault::Empty, "otp_empty"),
        ("12345", KeyedInFault::TooFew, "otp_too_few_numbers"),
        ("1234567", KeyedInFault::TooMany, "otp_too_many_numbers"),
        ("12345a", KeyedInFault::NotNumbers, "otp_not_numbers"),
        ("12345678901234567890x", KeyedInFault::NotNumbers, "otp_not_numbers"),
        ("１２３４５６", KeyedInFault::NotNumbers, "otp_not_numbers"),
        ("٠١٢٣٤٥", KeyedInFault::NotNumbers, "otp_not_numbers"),
        ("+12345", KeyedInFault::NotNumbers, "otp_not_numbers"),
    ];
    for (text, fault, code) in cases {
        let found = KeyedIn::parse(text).unwrap_err();
        assert_eq!((found, Error::from(found).code()), (fault, code), "{text:?}");
    }
}

#[test]
fn b08_a_code_of_one_share_is_wrong_in_another() {
    let other = Binding::new("trust-a/share-2", Channel::Email, "amara@hospital.example");
    assert_eq!(cross(&binding(), &binding(), &key()), Verdict::Confirmed);
    assert_eq!(cross(&binding(), &other, &key()), Verdict::Wrong { left: 4 });
}

#[test]
fn b08_a_code_of_one_channel_is_wrong_in_another() {
    let other = Binding::new("trust-a/share-1", Channel::Mobile, "amara@hospital.example");
    assert_eq!(cross(&binding(), &other, &key()), Verdict::Wrong { left: 4 });
}

#[test]
fn b08_a_code_of_one_address_is_wrong_for_another() {
    let other = Binding::new("trust-a/share-1", Channel::Email, "mallory@elsewhere.example");
    assert_eq!(cross(&binding(), &other, &key()), Verdict::Wrong { left: 4 });
}

/// Without lengths before the parts, these two would be the same bytes.
#[test]
fn b08_parts_of_a_binding_cannot_be_moved_across_their_border() {
    let sent = Binding::new("aemail", Channel::Email, "b");
    let judged = Binding::new("a", Channel::Email, "emailb");
    assert_eq!(cross(&sent, &judged, &key()), Verdict::Wrong { left: 4 });
}

#[test]
fn b24_a_code_of_before_a_restore_is_dead() {
    assert_eq!(cross(&binding(), &binding().in_epoch(1), &key()), Verdict::Wrong { left: 4 });
    assert_eq!(cross(&binding().in_epoch(1), &binding().in_epoch(1), &key()), Verdict::Confirmed);
}

#[test]
fn b07_a_digest_under_another_key_is_worth_nothing() {
    let other = CodeKey::new(&[8; 32]).unwrap();
    assert_eq!(cross(&binding(), &binding(), &other), Verdict::Wrong { left: 4 });
}

#[test]
fn b07_the_server_key_has_32_bytes() {
    let error = CodeKey::new(&[7; 31]).unwrap_err();
    assert_eq!((error, error.code()), (Error::KeyTooShort { bytes: 31 }, "otp_key_too_short"));
}

#[test]
fn b07_what_is_stored_and_printed_holds_no_code_address_or_key() {
    let code = code(3);
    let keyed_in = KeyedIn::parse(code.reveal()).unwrap();
    let mut state = Confirmation::new();
    state.add_code(&code, &binding(), &key(), Lifetime::default(), now()).unwrap();
    let attempt = state.count_attempt(now()).unwrap();
    let stored = serde_json::to_string(&state).unwrap();
    let printed =
        format!("{code:?} {keyed_in:?} {:?} {:?} {state:?} {attempt:?}", binding(), key());
    for secret in [code.reveal(), "amara", "share-1"] {
        assert!(!stored.contains(secret) && !printed.contains(secret));
    }
    assert!(!printed.contains("7, 7, 7") && !printed.contains("digest"));
    for name in ["Code(_)", "KeyedIn(_)", "Binding { ", "CodeKey", "Confirmation { counter: "] {
        assert!(printed.contains(name), "{name} is not named in {printed}");
    }
}

/// A generator that says what it is told.
struct Told(Vec<u32>);

impl rand_core::TryRng for Told {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.0.remove(0))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.try_next_u32().map(u64::from)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(0);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Told {}

/// 20 bits that are a million or more would be a low code again if their remainder were taken.
#[test]
fn b07_no_code_is_likelier_than_another() {
    let drawn = |numbers: &[u32]| {
        let told = numbers.iter().map(|number| number << 12).collect();
        Code::generate(&mut Told(told)).reveal().to_owned()
    };
    assert_eq!(drawn(&[999_999]), "999999");
    assert_eq!(drawn(&[1_000_000, 5]), "000005");
    assert_eq!(drawn(&[1_000_001, 1_048_575, 1_000_000, 123_456]), "123456");
}

#[test]
fn b07_no_lifetime_over_ten_minutes_can_be_made_or_read() {
    for seconds in [-1, 0, 601, i64::MAX] {
        let error = Lifetime::from_seconds(seconds).unwrap_err();
        assert_eq!((error, error.code()), (Error::Lifetime { seconds }, "otp_lifetime"));
        assert!(serde_json::from_value::<Lifetime>(seconds.into()).is_err());
    }
    assert_eq!(Lifetime::from_seconds(600), Ok(Lifetime::MAX));
    assert_eq!(Lifetime::default().seconds(), 300);
}

#[test]
fn b07_a_stored_state_with_a_longer_lifetime_does_not_load() {
    let mut state = Confirmation::new();
    state.add_code(&code(1), &binding(), &key(), Lifetime::MAX, now()).unwrap();
    let good = serde_json::to_string(&state).unwrap();
    assert!(serde_json::from_str::<Confirmation>(&good).is_ok());
    let bad = good.replace("\"lifetime\":600", "\"lifetime\":6000");
    assert_ne!(bad, good);
    assert!(serde_json::from_str::<Confirmation>(&bad).is_err());
}

proptest! {
    #[test]
    fn keyed_in_never_panics_and_takes_six_digits_only(text in any::<String>()) {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        if KeyedIn::parse(&text).is_ok() {
            prop_assert_eq!(digits, 6);
        }
    }

    #[test]
    fn every_code_confirms_however_it_is_spaced(seed in any::<u64>(), at in 0_usize..=6) {
        let code = code(seed);
        let mut text = code.reveal().to_owned();
        text.insert_str(at, " - ");
        let mut state = Confirmation::new();
        state.add_code(&code, &binding(), &key(), Lifetime::default(), now()).unwrap();
        let keyed_in = KeyedIn::parse(&text).unwrap();
        let later = now() + TimeDelta::seconds(299);
        prop_assert_eq!(state.attempt(&keyed_in, &binding(), &key(), later), Verdict::Confirmed);
    }
}
