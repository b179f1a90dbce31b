//! What the parties of the model hold: requests, what wallets answer to them, codes. Each has a name,
//! and is made once: the same name is the same request wherever the search meets it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, LazyLock, Mutex};

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;
use staffpass_credentials::CredentialKind;
use staffpass_otp::Code;
use staffpass_request::{HandleDigest, Request};
use staffpass_share::{EmailAddress, SessionDigest};
use staffpass_verify::VerifiedResponse;

use crate::common::{self, ANOTHER, at, claims_with};

/// A request, by what tells it from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    /// Seconds after the start.
    pub made_at: i64,
    /// Whether it asks for employment beside identity.
    pub employment: bool,
    /// So many requests were made before it.
    pub serial: u8,
    /// Whether it is of the share's trust.
    pub ours: bool,
}

/// Who answers, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// The invited person's wallet, with all that is asked for.
    Person,
    /// The same, with the identity alone.
    PersonInPart,
    /// Somebody with the QR code, from a wallet of their own.
    Thief,
}

impl Asked {
    pub fn parts(self) -> Vec<&'static str> {
        if self.employment { vec!["identity", "employment"] } else { vec!["identity"] }
    }

    pub fn request(self) -> Arc<Request> {
        static MADE: Made<Asked, Request> = LazyLock::new(Mutex::default);
        made(&MADE, self, || {
            let tenant = if self.ours { common::TENANT } else { "eastmoor" };
            let world = common::world();
            world.lenient_request_of(tenant, &self.parts(), at(self.made_at))
        })
    }

    pub fn handle(self) -> HandleDigest {
        common::handle(&self.request())
    }

    /// Until when it can be answered, in seconds after the start.
    pub fn expires(self) -> i64 {
        let expires_at = self.request().expectation().expires_at();
        expires_at.signed_duration_since(at(0)).num_seconds()
    }

    /// What the wallet sends to this request, verified. A wallet with a clock of its own answers in
    /// time: what counts in the model is the share's clock.
    pub fn answer(self, sender: Sender) -> Arc<VerifiedResponse> {
        static MADE: Made<(Asked, Sender), VerifiedResponse> = LazyLock::new(Mutex::default);
        made(&MADE, (self, sender), || {
            let world = common::world();
            let wallet = match sender {
                Sender::Person => world.wallet_of(&self.parts()),
                Sender::PersonInPart => world.wallet_of(&["identity"]),
                Sender::Thief => wallet_of_thief(),
            };
            world.answer(&self.request(), &wallet, at(self.made_at + 1)).unwrap()
        })
    }
}

type Made<N, T> = LazyLock<Mutex<HashMap<N, Arc<T>>>>;

fn made<N: Eq + Hash, T>(all: &Made<N, T>, name: N, make: impl FnOnce() -> T) -> Arc<T> {
    let mut all = all.lock().unwrap();
    Arc::clone(all.entry(name).or_insert_with(|| Arc::new(make())))
}

/// Good credentials, of a trusted issuer, of somebody else.
fn wallet_of_thief() -> Vec<String> {
    let mut identity = claims_with(CredentialKind::Identity, "identity_id", json!(ANOTHER));
    identity.insert("given_name".to_owned(), json!("Mallory"));
    identity.insert("family_name".to_owned(), json!("Quill"));
    identity.insert("birthdate".to_owned(), json!("1980-01-01"));
    let employment = claims_with(CredentialKind::Employment, "identity_id", json!(ANOTHER));
    let world = common::world();
    vec![
        world.credential(CredentialKind::Identity, identity),
        world.credential(CredentialKind::Employment, employment),
    ]
}

/// The randomness of the code with this number.
pub fn rng(serial: u8) -> StdRng {
    StdRng::seed_from_u64(u64::from(serial))
}

/// The digits of the code with this number.
pub fn digits(serial: u8) -> String {
    Code::generate(&mut rng(serial)).reveal().to_owned()
}

/// The secret of the browser that opened the invitation as number so and so.
pub fn secret(opening: u8) -> SessionDigest {
    SessionDigest::of(&[opening])
}

pub fn email(invited: bool) -> EmailAddress {
    let text = if invited { "amara@hospital.example" } else { "amara@elsewhere.example" };
    EmailAddress::parse(text).unwrap()
}
