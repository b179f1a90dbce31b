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
use staffpass_request::entra::{CredentialRequest, Exchange};
use staffpass_request::{HandleDigest, Request, ResponseCode};
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
    pub way: Way,
}

/// How the wallet is asked, and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// By itself, on another device than the browser's.
    AnotherDevice,
    /// By itself, on the same device: the person comes back with a code.
    SameDevice,
    /// Through Microsoft's Request Service, by a receipt.
    Service,
}

impl Way {
    pub const ALL: [Self; 3] = [Self::AnotherDevice, Self::SameDevice, Self::Service];
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

    /// The exchange of a request through a service.
    pub fn exchange(self) -> Exchange {
        self.asked_of_service().1.clone()
    }

    fn asked_of_service(self) -> Arc<AskedOfService> {
        static MADE: Made<Asked, AskedOfService> = LazyLock::new(Mutex::default);
        made(&MADE, self, || {
            let tenant = if self.ours { common::TENANT } else { "eastmoor" };
            common::world().service_request(tenant, &self.parts(), at(self.made_at))
        })
    }

    /// The code with which the person comes back from a wallet on the same device.
    pub fn code(self) -> Arc<ResponseCode> {
        static MADE: Made<Asked, ResponseCode> = LazyLock::new(Mutex::default);
        made(&MADE, self, || ResponseCode::generate(&mut rand::rng()))
    }

    pub fn handle(self) -> HandleDigest {
        match self.way {
            Way::Service => *self.asked_of_service().1.handle_digest(),
            _ => common::handle(&self.request()),
        }
    }

    /// Until when it can be answered, in seconds after the start. The service's clock lengthens nothing.
    pub fn expires(self) -> i64 {
        match self.way {
            Way::Service => self.made_at + 300,
            _ => {
                let expires_at = self.request().expectation().expires_at();
                expires_at.signed_duration_since(at(0)).num_seconds()
            }
        }
    }

    /// What the wallet sends to this request, verified. A wallet with a clock of its own answers in
    /// time: what counts in the model is the share's clock.
    pub fn answer(self, sender: Sender) -> Arc<VerifiedResponse> {
        static MADE: Made<(Asked, Sender), VerifiedResponse> = LazyLock::new(Mutex::default);
        made(&MADE, (self, sender), || {
            let wallet = self.wallet(sender);
            common::world().answer(&self.request(), &wallet, at(self.made_at + 1)).unwrap()
        })
    }

    /// The receipt of what the wallet showed to the service, verified; and the exchange that has
    /// confirmed it.
    pub fn receipt(self, sender: Sender) -> Arc<(VerifiedResponse, Exchange)> {
        static MADE: Made<(Asked, Sender), (VerifiedResponse, Exchange)> =
            LazyLock::new(Mutex::default);
        made(&MADE, (self, sender), || {
            let mut asked = (*self.asked_of_service()).clone();
            let (world, wallet) = (common::world(), self.wallet(sender));
            let response = world.service_answer(&mut asked, &wallet, at(self.made_at + 1));
            (response, asked.1)
        })
    }

    fn wallet(self, sender: Sender) -> Vec<String> {
        match sender {
            Sender::Person => common::world().wallet_of(&self.parts()),
            Sender::PersonInPart => common::world().wallet_of(&["identity"]),
            Sender::Thief => wallet_of_thief(),
        }
    }
}

type AskedOfService = (CredentialRequest, Exchange);

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
