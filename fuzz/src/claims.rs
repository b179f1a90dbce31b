//! The claims of staff credentials, and one-time codes as people type them and as they are stored.

use std::str;

use chrono::TimeDelta;
use serde_json::{Map, Value};
use staffpass_credentials::{ClaimsContext, CredentialKind, StaffCredential, legacy};
use staffpass_jose::json::{Limits, parse};
use staffpass_otp::{
    Binding, Channel, CodeKey, Confirmation, Digits, KeyedIn, Refusal, SendLimits, SendWindow,
    TRIES_PER_SET, Verdict,
};
use staffpass_testkit::now;

/// The claims of a credential of each kind. What is accepted keeps every rule, and is written and read
/// as the same credential.
pub fn credentials(data: &[u8]) {
    let Ok(claims) = parse::<Map<String, Value>>(data, &Limits::default()) else { return };
    let context = ClaimsContext::new(now(), now());
    for kind in CredentialKind::ALL {
        if let Ok(credential) = StaffCredential::from_claims(kind, &claims, &context) {
            assert_eq!(credential.validate(&context), Ok(()));
            let again = StaffCredential::from_claims(kind, &credential.to_claims(), &context);
            assert_eq!(again.as_ref(), Ok(&credential));
            let _ = credential.warnings(&context);
        }
        let translated = legacy::from_dsp(kind, "ID", &claims);
        let _ = legacy::to_dsp(kind, "ID", &translated);
        let _ = StaffCredential::from_claims(kind, &translated, &context);
    }
}

/// What a person keys in; and, as JSON, what a store hands back.
pub fn otp(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    for digits in [Digits::Six, Digits::Seven, Digits::Eight] {
        let _ = KeyedIn::parse_digits(text, digits);
    }
    if let Ok(stored) = serde_json::from_str::<Confirmation>(text) {
        try_codes(stored);
    }
    if let (Ok(mut window), Ok(limits)) =
        (serde_json::from_str::<SendWindow>(text), SendLimits::new(3, 6))
    {
        let _ = window.check(&limits, now());
        let _ = window.count(&limits, now());
    }
}

/// However a stored state looks, it gives no more tries than a set has, and never counts fewer.
fn try_codes(mut stored: Confirmation) {
    let (Ok(key), Ok(keyed_in)) = (CodeKey::new(&[7; 32]), KeyedIn::parse("123456")) else {
        return;
    };
    let binding = Binding::new("share", Channel::Email, "asha@westmoor.example");
    let mut wrong = 0;
    for minute in 0..20 {
        let at = now() + TimeDelta::minutes(minute);
        match stored.attempt(&keyed_in, &binding, &key, at) {
            Verdict::Wrong { .. } => wrong += 1,
            Verdict::Refused(Refusal::CodesEnded) => break,
            _ => {}
        }
    }
    assert!(wrong <= TRIES_PER_SET, "{wrong} tries");
}
