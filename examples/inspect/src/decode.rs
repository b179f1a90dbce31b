//! `inspect decode`: any token, as it says of itself. Nothing is verified, and the first line says so.

use std::io::Read as _;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use staffpass_jose::{base64url, json};

use crate::options::DecodeOptions;
use crate::terminal::{BAD, HEADING, plain, pretty, styled};
use crate::{Ending, Failure};

/// What every output says first.
const NOTICE: &str = "NOT VERIFIED: anybody can write a token that says this";

/// Tokens inside tokens are shown to this depth: a list of presentations of credentials.
const MAX_DEPTH: usize = 4;

/// What a token says.
#[derive(Default, Serialize)]
struct Decoded {
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ciphertext_bytes: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disclosures: Vec<Disclosure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_binding: Option<Box<Self>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inside: Vec<Self>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<String>,
}

/// A disclosure: salt, name and value, or salt and value (RFC 9901 §4.2).
#[derive(Serialize)]
struct Disclosure {
    sha256: String,
    content: Option<Value>,
}

#[derive(Serialize)]
struct Shown {
    verified: bool,
    notice: &'static str,
    #[serde(flatten)]
    token: Decoded,
}

/// Shows a token. Not good if it is none.
pub(crate) fn run(options: &DecodeOptions) -> Result<Ending, Failure> {
    let mut text = options.token.clone();
    if text == "-" {
        text.clear();
        std::io::stdin().lock().read_to_string(&mut text)?;
    }
    let token = decode(text.trim(), 0);
    let ending = if token.kind == "unknown" { Ending::Bad } else { Ending::Good };
    if options.form.is_json() {
        let shown = Shown { verified: false, notice: NOTICE, token };
        anstream::println!("{}", pretty(&shown)?);
    } else {
        anstream::println!("{}", styled(BAD, NOTICE));
        print(&token)?;
    }
    Ok(ending)
}

fn decode(text: &str, depth: usize) -> Decoded {
    if text.contains('~') {
        return sd_jwt(text, depth);
    }
    match text.split('.').collect::<Vec<_>>().as_slice() {
        [header, payload, signature] => jws([header, payload, signature], depth),
        [header, _, _, ciphertext, _] => jwe(header, ciphertext),
        parts => Decoded {
            kind: "unknown",
            faults: vec![format!("{} parts between dots: a JWS has 3, a JWE 5", parts.len())],
            ..Decoded::default()
        },
    }
}

fn jws([header, payload, signature]: [&str; 3], depth: usize) -> Decoded {
    let mut token = Decoded { kind: "JWS", ..Decoded::default() };
    token.header = token.json("header", header);
    token.payload = token.json("payload", payload);
    token.signature_bytes = token.bytes("signature", signature).map(|bytes| bytes.len());
    if depth < MAX_DEPTH {
        let mut inside = Vec::new();
        token.payload.iter().for_each(|payload| tokens_in(payload, "$", depth, &mut inside));
        token.inside = inside;
    }
    token
}

fn jwe(header: &str, ciphertext: &str) -> Decoded {
    let mut token = Decoded { kind: "JWE", ..Decoded::default() };
    token.header = token.json("header", header);
    token.ciphertext_bytes = token.bytes("ciphertext", ciphertext).map(|bytes| bytes.len());
    token
}

/// `<issuer's JWT>~<disclosure>~…~[<key binding JWT>]` (RFC 9901 §4).
fn sd_jwt(text: &str, depth: usize) -> Decoded {
    let parts: Vec<&str> = text.split('~').collect();
    let [issuer, disclosures @ .., key_binding] = parts.as_slice() else {
        return Decoded { kind: "unknown", ..Decoded::default() };
    };
    let mut token = Decoded { kind: "SD-JWT", ..decode(issuer, depth) };
    for (place, disclosure) in disclosures.iter().enumerate() {
        let content = token.json(&format!("disclosure {place}"), disclosure);
        let sha256 = base64url::encode(Sha256::digest(disclosure.as_bytes()));
        token.disclosures.push(Disclosure { sha256, content });
    }
    if !key_binding.is_empty() {
        token.key_binding = Some(Box::new(decode(key_binding, depth + 1)));
    }
    token
}

impl Decoded {
    /// A part as JSON; where it is none, as the text that it is.
    fn json(&mut self, name: &str, part: &str) -> Option<Value> {
        let bytes = self.bytes(name, part)?;
        if let Err(error) = json::check(&bytes, &json::Limits::default()) {
            self.faults.push(format!("{name}: {}", error.code()));
        }
        serde_json::from_slice(&bytes)
            .ok()
            .or_else(|| String::from_utf8(bytes).ok().map(Value::String))
    }

    /// A part's bytes, canonical base64url or not.
    fn bytes(&mut self, name: &str, part: &str) -> Option<Vec<u8>> {
        if let Ok(bytes) = base64url::decode(part) {
            return Some(bytes);
        }
        self.faults.push(format!("{name}: not canonical base64url"));
        let lenient = GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent);
        GeneralPurpose::new(&URL_SAFE, lenient).decode(part).ok()
    }
}

/// Every string in a payload that looks like a token: by itself, or in a `data:` URL (VC data model
/// 2.0, `EnvelopedVerifiableCredential`).
fn tokens_in(value: &Value, at: &str, depth: usize, found: &mut Vec<Decoded>) {
    match value {
        Value::String(text) => {
            let token = text.strip_prefix("data:").and_then(|data| data.split_once(','));
            let token = token.map_or(text.as_str(), |(_, token)| token);
            if token.starts_with("eyJ") && token.contains('.') {
                found.push(Decoded { at: Some(at.to_owned()), ..decode(token, depth + 1) });
            }
        }
        Value::Array(many) => {
            let each = many.iter().enumerate();
            each.for_each(|(i, one)| tokens_in(one, &format!("{at}[{i}]"), depth, found));
        }
        Value::Object(members) => {
            let each = members.iter();
            each.for_each(|(name, one)| tokens_in(one, &format!("{at}.{name}"), depth, found));
        }
        _ => {}
    }
}

fn print(token: &Decoded) -> Result<(), Failure> {
    let at = token.at.as_deref().map_or(String::new(), |at| format!(" at {}", plain(at)));
    anstream::println!("{}{at}", styled(HEADING, token.kind));
    for (name, part) in [("header", &token.header), ("payload", &token.payload)] {
        if let Some(part) = part {
            anstream::println!("{name} {}", pretty(part)?);
        }
    }
    for disclosure in &token.disclosures {
        anstream::println!("disclosure {} {}", disclosure.sha256, pretty(&disclosure.content)?);
    }
    let sizes = [("signature", token.signature_bytes), ("ciphertext", token.ciphertext_bytes)];
    for (name, size) in sizes {
        if let Some(size) = size {
            anstream::println!("{name} of {size} bytes, not checked");
        }
    }
    for fault in &token.faults {
        anstream::println!("{}", styled(BAD, plain(fault)));
    }
    if let Some(key_binding) = &token.key_binding {
        anstream::println!("key binding:");
        print(key_binding)?;
    }
    token.inside.iter().try_for_each(print)
}
