//! What every peer does alike: read the tokens, answer with times.

use std::io::BufRead as _;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// Turns for each time that is told.
const TURNS: u32 = 20;

/// The tokens, and whose keys verify them.
pub struct Tokens {
    /// Which work it is: `vp3`, `authenticator` or `sd-jwt`.
    pub work: String,
    /// The presentation.
    pub presentation: String,
    /// The ID token, where there is one.
    pub id_token: Option<String>,
    /// The audience that it must name.
    pub audience: String,
    /// The nonce that it must name.
    pub nonce: String,
    /// The holder's key, a JWK.
    pub holder: Value,
    /// The issuer's key, a JWK.
    pub issuer: Value,
    /// The issuer.
    pub issuer_did: String,
    /// When it is judged, in seconds.
    pub now: u64,
}

impl Tokens {
    /// Reads the file that the first argument names.
    pub fn read() -> Self {
        let mut arguments = std::env::args().skip(1);
        let path = arguments.next().expect("a file of tokens");
        let work = arguments.next().expect("the name of the work");
        let text = std::fs::read_to_string(path).expect("the file can be read");
        let file: Value = serde_json::from_str(&text).expect("the file is JSON");
        let text = |name: &str| file[name].as_str().expect("a text").to_owned();
        Self {
            work,
            presentation: text("presentation"),
            id_token: file["id_token"].as_str().map(str::to_owned),
            audience: text("audience"),
            nonce: text("nonce"),
            holder: file["holder"].clone(),
            issuer: file["issuer"].clone(),
            issuer_did: text("issuer_did"),
            now: file["now"].as_u64().expect("seconds"),
        }
    }
}

/// The credentials in a presentation's payload.
pub fn credentials(payload: &Value) -> impl Iterator<Item = &str> {
    let tokens = payload["vp"]["verifiableCredential"].as_array().expect("credentials");
    tokens.iter().map(|token| token.as_str().expect("a token"))
}

/// Decodes a part of a token.
pub fn decode(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).expect("base64url")
}

/// Verifies once, says what this peer is, and then how long it takes, for every line that comes.
pub fn serve(name: &str, leaves_out: &str, mut verify: impl FnMut()) {
    verify();
    println!("{name}\t{leaves_out}");
    for line in std::io::stdin().lock().lines() {
        line.expect("a line");
        let start = Instant::now();
        (0..TURNS).for_each(|_| verify());
        println!("{}", start.elapsed().as_nanos() as f64 / f64::from(TURNS));
    }
}
