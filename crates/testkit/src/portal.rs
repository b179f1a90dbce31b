//! The portal that asks.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use staffpass_jose::Algorithm;
use staffpass_jose::jwe::AgreementKey;
use staffpass_jose_aws_lc::SigningKey;
use staffpass_request::{
    Endpoints, Protocol, Request, RequestedCredential, UnsignedRequest, microsoft, openid4vp,
    openid4vp_draft,
};

use crate::{Seed, signing_key};

const KEY_ID: &str = "did:web:portal.example#key-1";

/// A portal, known by `did:web:portal.example`.
#[derive(Clone, Debug)]
pub struct Portal {
    key: Arc<SigningKey>,
    seed: Seed,
}

impl Portal {
    /// The portal of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { key: signing_key(Algorithm::Es256, seed), seed: Seed(seed) }
    }

    /// A request in a protocol, signed. No two have one nonce.
    pub fn request(
        &mut self,
        protocol: Protocol,
        asked: Vec<RequestedCredential>,
        now: DateTime<Utc>,
    ) -> Request {
        let unsigned = match protocol {
            Protocol::OpenId4Vp => self.openid4vp(asked, now),
            Protocol::OpenId4VpDraftPe => self.openid4vp_draft(asked, now),
            Protocol::JwtVcPresentationProfile => self.microsoft(asked, now),
            other => panic!("no builder for {other:?}"),
        };
        unsigned.sign(&*self.key).unwrap()
    }

    /// A request by OpenID4VP whose answer is to be encrypted (`direct_post.jwt`) to this key.
    pub fn encrypted_request(
        &mut self,
        asked: Vec<RequestedCredential>,
        key: Box<dyn AgreementKey>,
        now: DateTime<Utc>,
    ) -> Request {
        let party = openid4vp::Party::new(KEY_ID, Algorithm::Es256, endpoints()).unwrap();
        let builder = openid4vp::RequestBuilder::new(&party, asked).unwrap().encrypted_to(key);
        builder.build(now, &mut self.seed.rng()).unwrap().sign(&*self.key).unwrap()
    }

    fn microsoft(
        &mut self,
        asked: Vec<RequestedCredential>,
        now: DateTime<Utc>,
    ) -> UnsignedRequest {
        let name = "Westmoor Hospitals (fictional)";
        let party = microsoft::Party::new(KEY_ID, Algorithm::Es256, name, endpoints()).unwrap();
        microsoft::RequestBuilder::new(&party, asked).build(now, &mut self.seed.rng()).unwrap()
    }

    fn openid4vp_draft(
        &mut self,
        asked: Vec<RequestedCredential>,
        now: DateTime<Utc>,
    ) -> UnsignedRequest {
        let party = openid4vp_draft::Party::new(KEY_ID, Algorithm::Es256, endpoints()).unwrap();
        let builder = openid4vp_draft::RequestBuilder::new(&party, asked);
        builder.build(now, &mut self.seed.rng()).unwrap()
    }

    fn openid4vp(
        &mut self,
        asked: Vec<RequestedCredential>,
        now: DateTime<Utc>,
    ) -> UnsignedRequest {
        let party = openid4vp::Party::new(KEY_ID, Algorithm::Es256, endpoints()).unwrap();
        let builder = openid4vp::RequestBuilder::new(&party, asked).unwrap();
        builder.build(now, &mut self.seed.rng()).unwrap()
    }
}

fn endpoints() -> Endpoints {
    let base = "https://portal.example";
    Endpoints::new(&format!("{base}/request"), &format!("{base}/response")).unwrap()
}
