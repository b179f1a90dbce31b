//! `inspect batch-otp`: the contract, a sentence a test.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    unreachable_pub,
    missing_docs,
    reason = "tests"
)]

mod support;

use serde_json::{Value, json};
use support::{inspect, one};

/// `12345678901234567890`, the secret of RFC 4226 appendix D.
const SECRET: &str = "3132333435363738393031323334353637383930";

fn hotp(counter: u64) -> Value {
    json!({
        "id": counter, "kind": "hotp", "secret_hex": SECRET, "counter": counter, "digits": 6,
        "algorithm": "SHA1",
    })
}

fn totp(time: u64, algorithm: &str, length: usize) -> Value {
    let secret = SECRET.repeat(4)[..2 * length].to_owned();
    json!({
        "id": time, "kind": "totp", "secret_hex": secret, "time": time, "period": 30, "digits": 8,
        "algorithm": algorithm,
    })
}

#[test]
fn the_values_of_rfc_4226_appendix_d() {
    let values = [
        "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
        "520489",
    ];
    for (counter, value) in (0..).zip(values) {
        assert_eq!(one("batch-otp", &hotp(counter)), json!({"id": counter, "code": value}));
    }
}

#[test]
fn the_values_of_rfc_6238_appendix_b() {
    let table = [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ];
    for (time, sha1, sha256, sha512) in table {
        for (name, length, value) in
            [("SHA1", 20, sha1), ("SHA256", 32, sha256), ("SHA512", 64, sha512)]
        {
            assert_eq!(one("batch-otp", &totp(time, name, length))["code"], value);
        }
    }
}

#[test]
fn hexadecimal_may_be_of_either_case_and_a_secret_short() {
    let value = |secret: &str| {
        let mut case = hotp(1);
        case["secret_hex"] = json!(secret);
        one("batch-otp", &case)
    };
    assert_eq!(value("ABCDEF0123"), value("abcdef0123"));
    assert!(value("ab")["code"].is_string());
}

#[test]
fn a_member_of_the_other_kind_is_passed_over() {
    let mut case = hotp(0);
    case["period"] = json!(30);
    assert_eq!(one("batch-otp", &case)["code"], "755224");
}

#[test]
fn a_line_that_is_no_case_gets_an_error() {
    let wrong = [
        ("kind", json!("HOTP")),
        ("kind", json!("ocra")),
        ("kind", json!({"hotp": null})),
        ("algorithm", json!({"SHA1": null})),
        ("secret_hex", json!("abc")),
        ("secret_hex", json!("zz")),
        ("secret_hex", json!("")),
        ("secret_hex", json!("\u{e9}\u{e9}")),
        ("counter", json!(-1)),
        ("counter", json!("0")),
        ("counter", json!(null)),
        ("digits", json!(5)),
        ("digits", json!(9)),
        ("algorithm", json!("MD5")),
        ("algorithm", json!("sha1")),
        ("extra", json!(1)),
    ];
    for (member, value) in wrong {
        let mut case = hotp(3);
        case[member] = value.clone();
        let ran = inspect(&["batch-otp"], case.to_string());
        let line = ran.line();
        assert!(line["error"].is_string() && line["id"] == 3, "{member} {value} {line}");
        assert_eq!(ran.code, 1);
    }
    for (member, value) in [("time", json!(-1)), ("time", json!(null)), ("period", json!(0))] {
        let mut case = totp(59, "SHA1", 20);
        case[member] = value;
        assert!(one("batch-otp", &case)["error"].is_string(), "{member}");
    }
}

#[test]
fn each_member_of_the_kind_must_be_there() {
    for member in ["kind", "secret_hex", "counter", "digits", "algorithm"] {
        let mut case = hotp(3);
        case.as_object_mut().map(|members| members.remove(member));
        assert!(one("batch-otp", &case)["error"].is_string(), "{member}");
    }
    for member in ["time", "period"] {
        let mut case = totp(59, "SHA1", 20);
        case.as_object_mut().map(|members| members.remove(member));
        assert!(one("batch-otp", &case)["error"].is_string(), "{member}");
    }
}
