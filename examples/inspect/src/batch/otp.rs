//! `inspect batch-otp`: the value of a shared secret for a counter or a time.

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use staffpass_otp::{Algorithm, Digits, Error, Hotp, Totp};

use crate::lines::{NotJudged, Text};

/// A line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    kind: Kind,
    #[serde(borrow)]
    secret_hex: Text<'a>,
    #[serde(default, deserialize_with = "some")]
    counter: Option<u64>,
    #[serde(default, deserialize_with = "some")]
    time: Option<i64>,
    #[serde(default, deserialize_with = "some")]
    period: Option<u64>,
    digits: u32,
    algorithm: Name,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
enum Kind {
    Hotp,
    Totp,
}

/// A derived enum would be read from `{"hotp": null}` too.
impl TryFrom<String> for Kind {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        match name.as_str() {
            "hotp" => Ok(Self::Hotp),
            "totp" => Ok(Self::Totp),
            _ => Err("kind is neither hotp nor totp"),
        }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Name(Algorithm);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        match name.as_str() {
            "SHA1" => Ok(Self(Algorithm::Sha1)),
            "SHA256" => Ok(Self(Algorithm::Sha256)),
            "SHA512" => Ok(Self(Algorithm::Sha512)),
            _ => Err("algorithm is none of SHA1, SHA256 and SHA512"),
        }
    }
}

/// The answer.
#[derive(Serialize)]
pub(super) struct Computed<'a> {
    id: &'a RawValue,
    code: String,
}

impl<'a> Case<'a> {
    pub(super) fn compute(&self) -> Result<Computed<'a>, NotJudged> {
        let secret = bytes(&self.secret_hex)?;
        let digits = Digits::new(self.digits).map_err(not_judged)?;
        let hotp = Hotp::accept_short_secret(&secret, self.algorithm.0, digits);
        let hotp = hotp.map_err(not_judged)?;
        let code = match self.kind {
            Kind::Hotp => hotp.value(there(self.counter, "counter")?),
            Kind::Totp => self.at_time(hotp)?,
        };
        Ok(Computed { id: self.id, code: code.reveal().to_owned() })
    }

    fn at_time(&self, hotp: Hotp) -> Result<staffpass_otp::Code, NotJudged> {
        let time = there(self.time, "time")?;
        let totp = Totp::new(hotp, there(self.period, "period")?).map_err(not_judged)?;
        let time = DateTime::from_timestamp(time, 0);
        let time = time.ok_or_else(|| NotJudged("time is out of range".to_owned()))?;
        totp.value(time).map_err(not_judged)
    }
}

/// A member that may be missing, but is not `null`.
fn some<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn there<T>(member: Option<T>, name: &str) -> Result<T, NotJudged> {
    member.ok_or_else(|| NotJudged(format!("missing field `{name}`")))
}

fn not_judged(error: Error) -> NotJudged {
    NotJudged(error.to_string())
}

/// Two hexadecimal digits a byte, in either case.
fn bytes(hex: &str) -> Result<Vec<u8>, NotJudged> {
    let wrong = || NotJudged("secret_hex is not hexadecimal".to_owned());
    if !hex.len().is_multiple_of(2) {
        return Err(wrong());
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pairs = hex.as_bytes().chunks_exact(2);
    let read = pairs.map(|pair| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    read.collect::<Option<_>>().ok_or_else(wrong)
}
