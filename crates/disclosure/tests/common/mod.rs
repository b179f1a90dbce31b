//! A portal, a wallet and their keys. Fictional, all of it.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use staffpass_did::publish::DocumentBuilder;
use staffpass_did::{Did, DidDocument, DidUrl, Relationships, jwk};
use staffpass_disclosure::{
    AuthorizationResponse, DisclosureError, DomainRule, HeldCredential, Holder, RequestReview,
    ReviewOptions,
};
use staffpass_jose::{
    Algorithm, CryptoProvider as _, HeaderBuilder, UnsignedJws, UnverifiedJws, jws,
};
use staffpass_jose_aws_lc::{AwsLc, SigningKey};
use staffpass_query::{ClaimPath, DcqlQuery, PresentationDefinition};
use staffpass_request::{
    Endpoints, Request, RequestObject, RequestedCredential, Transport, UnverifiedRequestObject,
    microsoft, openid4vp,
};
use staffpass_sd_jwt::{Concealer, KeyBinding, Limits, UnverifiedSdJwt};

pub const PORTAL: &str = "did:web:portal.example";
pub const PORTAL_KEY: &str = "did:web:portal.example#key-1";
pub const ISSUER: &str = "did:web:eastmoor.example";

pub fn now() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

/// The receiving trust.
pub struct Portal {
    pub key: SigningKey,
    pub document: DidDocument,
    endpoints: Endpoints,
}

impl Portal {
    pub fn new() -> Self {
        Self::with_relationships(Relationships::SIGNING)
    }

    pub fn with_relationships(relationships: Relationships) -> Self {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let document = document_of(&key, relationships);
        let endpoints =
            Endpoints::new("https://portal.example/request", "https://portal.example/response");
        Self { key, document, endpoints: endpoints.unwrap() }
    }

    /// With answers to somebody else's address. The profile's builder would refuse it.
    pub fn answering_at(mut self, address: &str) -> Self {
        let request = "https://portal.example/request";
        self.endpoints =
            Endpoints::with_transport(request, address, Transport::HttpsOrLoopbackHttp).unwrap();
        self
    }

    pub fn microsoft(&self, asked: Vec<RequestedCredential>) -> Request {
        self.profile(microsoft::RequestBuilder::new(&self.profile_party(), asked))
    }

    pub fn definition(&self, definition: PresentationDefinition) -> Request {
        self.profile(microsoft::RequestBuilder::for_definition(&self.profile_party(), definition))
    }

    fn profile(&self, builder: microsoft::RequestBuilder) -> Request {
        builder.build(now(), &mut rand::rng()).unwrap().sign(&self.key).unwrap()
    }

    fn profile_party(&self) -> microsoft::Party {
        let (name, endpoints) = ("Westmoor Trust", self.endpoints.clone());
        let party = microsoft::Party::new(PORTAL_KEY, Algorithm::Es256, name, endpoints);
        party.unwrap().with_purpose("To check you before you start").unwrap()
    }

    pub fn openid4vp(&self, asked: Vec<RequestedCredential>) -> Request {
        let builder = openid4vp::RequestBuilder::new(&self.party(), asked).unwrap();
        builder.build(now(), &mut rand::rng()).unwrap().sign(&self.key).unwrap()
    }

    pub fn dcql(&self, query: DcqlQuery) -> Request {
        let builder = openid4vp::RequestBuilder::for_query(&self.party(), query);
        builder.build(now(), &mut rand::rng()).unwrap().sign(&self.key).unwrap()
    }

    /// With the answer encrypted.
    pub fn encrypted(&self, query: DcqlQuery) -> Request {
        let key = AwsLc.agreement_key().unwrap();
        let builder = openid4vp::RequestBuilder::for_query(&self.party(), query).encrypted_to(key);
        builder.build(now(), &mut rand::rng()).unwrap().sign(&self.key).unwrap()
    }

    fn party(&self) -> openid4vp::Party {
        openid4vp::Party::new(PORTAL_KEY, Algorithm::Es256, self.endpoints.clone()).unwrap()
    }

    pub fn review(&self, request: &Request) -> RequestReview {
        self.try_review(&object(request), now()).unwrap()
    }

    pub fn try_review(
        &self,
        object: &UnverifiedRequestObject,
        at: DateTime<Utc>,
    ) -> Result<RequestReview, DisclosureError> {
        let options = ReviewOptions::default().with_domain_rule(DomainRule::Waived);
        RequestReview::verify(object, Some(&self.document), &AwsLc, &options, at)
    }
}

pub fn document_of(key: &SigningKey, relationships: Relationships) -> DidDocument {
    let did: Did = PORTAL.parse().unwrap();
    let json =
        DocumentBuilder::new(&did).key("key-1", key.public_key(), relationships).build().unwrap();
    DidDocument::parse(&did, json.to_string().as_bytes()).unwrap()
}

pub fn object(request: &Request) -> UnverifiedRequestObject {
    RequestObject::parse(request.object().as_str()).unwrap()
}

/// The person's wallet key.
pub struct Person {
    pub key: SigningKey,
    pub key_id: DidUrl,
}

impl Person {
    pub fn new() -> Self {
        Self::with_algorithm(Algorithm::Es256)
    }

    pub fn with_algorithm(algorithm: Algorithm) -> Self {
        let key = SigningKey::generate(algorithm).unwrap();
        let did = jwk::from_public_key(key.public_key());
        Self { key_id: DidUrl::new(&did, "0").unwrap(), key }
    }

    pub fn did(&self) -> &Did {
        self.key_id.did()
    }

    pub fn holder(&self) -> Holder<'_> {
        Holder::new(&self.key_id, &self.key)
    }

    pub fn holds(&self, r#type: &str) -> HeldCredential {
        self.holds_of(r#type, 0)
    }

    /// The `nth` credential of a type, issued so many days after the first.
    pub fn holds_of(&self, r#type: &str, nth: i64) -> HeldCredential {
        let issued = now() - TimeDelta::days(300 - nth);
        HeldCredential::parse(&self.token(r#type, issued, Some(now() + TimeDelta::days(30))))
            .unwrap()
    }

    pub fn token(
        &self,
        r#type: &str,
        issued: DateTime<Utc>,
        expires: Option<DateTime<Utc>>,
    ) -> String {
        let mut claims = json!({
            "iss": ISSUER,
            "sub": self.did().as_str(),
            "jti": format!("urn:example:{type}:{}", issued.timestamp()),
            "nbf": issued.timestamp(),
            "iat": issued.timestamp(),
            "vc": {
                "@context": ["https://www.w3.org/2018/credentials/v1"],
                "type": ["VerifiableCredential", r#type],
                "credentialSubject": { "family_name": "Okafor-Lee" },
            },
        });
        if let Some(expires) = expires {
            claims["exp"] = expires.timestamp().into();
        }
        signed(&claims)
    }
}

/// An SD-JWT VC for this key, by an issuer whom nobody here verifies; `concealed` are the claims that it
/// can hide, with dots between the levels.
pub fn sd_jwt_vc(key: &SigningKey, vct: &str, claims: &Value, concealed: &[ClaimPath]) -> String {
    use staffpass_jose::Signer as _;
    let mut all = json!({
        "iss": ISSUER,
        "vct": vct,
        "iat": now().timestamp() - 60,
        "exp": now().timestamp() + 86_400,
        "cnf": { "jwk": key.verification_key().public_key().to_jwk() },
    });
    for (name, value) in claims.as_object().unwrap() {
        all[name] = value.clone();
    }
    let mut concealer = Concealer::new(all.as_object().unwrap().clone()).decoys(2);
    for path in concealed {
        concealer = concealer.conceal(path.clone());
    }
    let issuer = SigningKey::generate(Algorithm::Es256).unwrap();
    let header = HeaderBuilder::new(Algorithm::Es256).typ("dc+sd-jwt").kid("did:web:e.example#k");
    let concealed = concealer.build(&mut rand::rng()).unwrap();
    concealed.into_unsigned(&header).sign(&issuer).unwrap()
}

/// What a verifier reads of a presented SD-JWT VC, with the key binding checked.
pub fn bound_claims(presented: &str, key: &SigningKey, audience: &str, nonce: &str) -> Value {
    use staffpass_jose::Signer as _;
    let sd_jwt = UnverifiedSdJwt::parse(presented, &Limits::default()).unwrap();
    let issuer = UnverifiedJws::parse(sd_jwt.issuer_jwt(), &jws::Limits::default()).unwrap();
    let payload: Value = serde_json::from_slice(issuer.unverified_payload()).unwrap();
    let revealed = sd_jwt.reveal(payload.as_object().unwrap()).unwrap();
    let binding = sd_jwt.key_binding_jwt().unwrap();
    let binding = UnverifiedJws::parse(binding, &jws::Limits::default()).unwrap();
    let verified = binding.verify(key.verification_key()).unwrap();
    let binding = KeyBinding::read(&verified, &staffpass_jose::json::Limits::default()).unwrap();
    binding.check_sd_hash(&sd_jwt, revealed.hash_algorithm()).unwrap();
    assert_eq!((binding.audience(), binding.nonce()), (audience, nonce));
    revealed.into_claims().into()
}

/// A token that nobody here verifies.
pub fn signed(claims: &Value) -> String {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let header = HeaderBuilder::new(Algorithm::Es256).typ("JWT").kid("did:web:eastmoor.example#k");
    UnsignedJws::new(&header, claims.to_string().as_bytes()).sign(&key).unwrap()
}

/// The code of a refusal.
pub fn code<T: std::fmt::Debug>(result: Result<T, DisclosureError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "accepted")
}

pub fn asks(part: &str) -> RequestedCredential {
    let r#type = match part {
        "identity" => "StaffIdentity",
        "employment" => "StaffEmployment",
        _ => "StaffTraining",
    };
    RequestedCredential::new(part, r#type).with_issuers([ISSUER])
}

/// Header and payload of a token that the key has signed.
pub fn opened(token: &str, key: &SigningKey) -> (jws::Header, Value) {
    use staffpass_jose::Signer as _;
    let jws = UnverifiedJws::parse(token, &jws::Limits::default()).unwrap();
    let verified = jws.verify(key.verification_key()).unwrap();
    let payload = serde_json::from_slice(verified.payload()).unwrap();
    (verified.header().clone(), payload)
}

/// The values of the fields of a name, out of the body as it is posted.
pub fn field(response: &AuthorizationResponse, name: &str) -> Vec<String> {
    let body = response.body();
    let pairs = url::form_urlencoded::parse(body.as_bytes());
    pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
}

pub fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
