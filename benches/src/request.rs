//! Asking: a request built and signed, beside its one signature.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use rand::rngs::StdRng;
use staffpass::aws_lc::SigningKey;
use staffpass::jose::Algorithm;
use staffpass::request::{
    Endpoints, Protocol, RequestedCredential, UnsignedRequest, microsoft, openid4vp,
};
use staffpass_testkit::{now, rng};

/// A portal that asks for three credentials, again and again.
pub struct Asking {
    protocol: Protocol,
    openid4vp: openid4vp::Party,
    microsoft: microsoft::Party,
    key: SigningKey,
    rng: StdRng,
    raw: EcdsaKeyPair,
    raw_rng: SystemRandom,
    raw_message: Vec<u8>,
}

impl Asking {
    /// A portal that asks in this protocol.
    #[must_use]
    pub fn new(protocol: Protocol) -> Self {
        let key_id = "did:web:portal.example#key-1";
        let base = "https://portal.example";
        let endpoints =
            || Endpoints::new(&format!("{base}/request"), &format!("{base}/response")).unwrap();
        let name = "Westmoor Hospitals (fictional)";
        let raw = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        assert!(!raw.public_key().as_ref().is_empty(), "a pair has a public key");
        let mut made = Self {
            protocol,
            openid4vp: openid4vp::Party::new(key_id, Algorithm::Es256, endpoints()).unwrap(),
            microsoft: microsoft::Party::new(key_id, Algorithm::Es256, name, endpoints()).unwrap(),
            key: SigningKey::generate(Algorithm::Es256).unwrap(),
            rng: rng(1),
            raw,
            raw_rng: SystemRandom::new(),
            raw_message: Vec::new(),
        };
        made.raw_message = made.build().signing_input().to_vec();
        made
    }

    /// Builds a request and signs it.
    pub fn ask(&mut self) {
        let request = self.build().sign(&self.key).expect("a good key");
        std::hint::black_box(request);
    }

    /// The one signature over the same number of bytes: the limit.
    pub fn raw_signature(&self) {
        let signature = self.raw.sign(&self.raw_rng, &self.raw_message).expect("a good key");
        std::hint::black_box(signature);
    }

    fn build(&mut self) -> UnsignedRequest {
        let kinds = ["StaffIdentity", "StaffEmployment", "StaffTraining"];
        let asked = kinds.map(|kind| {
            RequestedCredential::new(&kind.to_lowercase(), kind)
                .with_issuers(["did:web:westmoor.example"])
        });
        match self.protocol {
            Protocol::OpenId4Vp => openid4vp::RequestBuilder::new(&self.openid4vp, asked.to_vec())
                .unwrap()
                .build(now(), &mut self.rng)
                .unwrap(),
            _ => microsoft::RequestBuilder::new(&self.microsoft, asked.to_vec())
                .build(now(), &mut self.rng)
                .unwrap(),
        }
    }
}
