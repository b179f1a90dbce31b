//! Whole exchanges.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use staffpass_credentials::{CredentialKind, TypeNames};
use staffpass_jose::jwe::{AgreementKey, ContentEncryption, Sealing};
use staffpass_jose::{Algorithm, CryptoProvider};
use staffpass_jose_aws_lc::AwsLc;
use staffpass_query::Format;
use staffpass_request::{Expectation, RequestedCredential};
use staffpass_status::StatusKind;
use staffpass_verify::policy::{TrustPolicy, TrustPolicyBuilder};
use staffpass_verify::{
    Evidence, Fetched, Rejection, Step, Verification, VerifiedResponse, Verifier,
};
use url::form_urlencoded;

use crate::{
    Answer, Dialect, Encoding, Holder, HolderKind, Issuer, IssuerKind, Portal, Tamper, Token, now,
};

/// What kind of exchange: set what matters to a test, and leave the rest.
#[derive(Clone, Debug)]
#[must_use]
pub struct Scenario {
    dialect: Dialect,
    holder: HolderKind,
    issuer: IssuerKind,
    algorithm: Algorithm,
    status: StatusKind,
    credentials: usize,
    encoding: Encoding,
    encrypted: bool,
    seed: u64,
}

impl Scenario {
    /// Three credentials by a did:web issuer with a Bitstring Status List, for a holder with a
    /// did:jwk, all of ES256.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            holder: HolderKind::Jwk(Algorithm::Es256),
            issuer: IssuerKind::Web("westmoor.example"),
            algorithm: Algorithm::Es256,
            status: StatusKind::BitstringStatusList,
            credentials: 3,
            encoding: Encoding::VcJwt,
            encrypted: false,
            seed: 1,
        }
    }

    /// Who holds the credentials.
    pub fn holder(self, holder: HolderKind) -> Self {
        Self { holder, ..self }
    }

    /// Who issues them, with keys of which algorithm.
    pub fn issuer(self, issuer: IssuerKind, algorithm: Algorithm) -> Self {
        Self { issuer, algorithm, ..self }
    }

    /// The kind of the status list.
    pub fn status(self, status: StatusKind) -> Self {
        Self { status, ..self }
    }

    /// How many credentials are asked for: identity, employment, and then training.
    pub fn credentials(self, credentials: usize) -> Self {
        Self { credentials, ..self }
    }

    /// How credentials and presentations are written. The Microsoft profile knows
    /// [`Encoding::VcJwt`] alone.
    pub fn encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    /// Has the answer encrypted to a key of the request (`direct_post.jwt`): OpenID4VP alone.
    pub fn encrypted(self) -> Self {
        Self { encrypted: true, ..self }
    }

    /// The seed of all keys and randomness.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Plays it up to the wallet's answer.
    #[must_use]
    pub fn build(&self) -> Exchange {
        let seed = self.seed.wrapping_mul(16);
        let mut issuer = Issuer::new(self.issuer, self.algorithm, self.status, seed);
        let holder = Holder::new(self.holder, seed + 1);
        let mut portal = Portal::new(seed + 2);
        let asked = (0..self.credentials).map(|place| self.requested(place, &issuer)).collect();
        let requested_at = now() - TimeDelta::minutes(1);
        let response_key = self.encrypted.then(|| AwsLc.agreement_key().unwrap());
        let request = match &response_key {
            Some(key) => portal.encrypted_request(asked, same_key(&**key), requested_at),
            None => portal.request(self.dialect.protocol(), asked, requested_at),
        };
        let expectation = request.into_expectation();
        let (credentials, indices) = self.issued(&mut issuer, &holder);
        let answer = holder.answer(self.dialect, &expectation, self.encoding, credentials, now());
        let policy = TrustPolicy::builder().issuer(issuer.trusted()).allow_loopback_http();
        Exchange {
            now: now(),
            issuer,
            holder,
            portal,
            expectation,
            response_key: response_key.map(Arc::from),
            answer,
            policy,
            indices,
            seed,
        }
    }

    fn issued(&self, issuer: &mut Issuer, holder: &Holder) -> (Vec<(String, Token)>, Vec<u64>) {
        let each = (0..self.credentials).map(|place| {
            let (token, index) = issuer.issue_as(self.encoding, kind(place), holder);
            ((part(place), token), index)
        });
        each.unzip()
    }

    fn requested(&self, place: usize, issuer: &Issuer) -> RequestedCredential {
        let (names, kind) = (TypeNames::default(), kind(place));
        let asked = RequestedCredential::new(&part(place), names.vc_type(kind))
            .with_issuers([issuer.did().as_str()]);
        match self.encoding {
            Encoding::SdJwtVc => asked.with_vct(names.vct(kind)).with_format(Format::DcSdJwt),
            _ => asked,
        }
    }
}

fn kind(place: usize) -> CredentialKind {
    CredentialKind::ALL.get(place).copied().unwrap_or(CredentialKind::Training)
}

/// `identity`, `employment`, `training`, `training-3`, `training-4`…
fn part(place: usize) -> String {
    match place {
        0..=2 => kind(place).id().to_owned(),
        _ => format!("training-{place}"),
    }
}

/// An exchange in which the wallet has answered. Everything may still be changed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// When it is judged.
    pub now: DateTime<Utc>,
    /// Who issued.
    pub issuer: Issuer,
    /// Who answers.
    pub holder: Holder,
    /// Who asked.
    pub portal: Portal,
    /// What was asked.
    pub expectation: Expectation,
    /// The key to which the answer is encrypted, if it is.
    pub response_key: Option<Arc<dyn AgreementKey>>,
    /// The answer.
    pub answer: Answer,
    /// Whom the portal trusts: the issuer, for all three types, on loopback too.
    pub policy: TrustPolicyBuilder,
    /// The entries of the credentials in the register.
    pub indices: Vec<u64>,
    pub(crate) seed: u64,
}

impl Exchange {
    /// The same with one thing wrong.
    #[must_use]
    pub fn tampered(&self, tamper: Tamper) -> Self {
        let mut changed = self.clone();
        tamper.apply(&mut changed);
        changed
    }

    /// The portal's verifier.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        Verifier::new(self.policy.clone().build().unwrap(), provider())
    }

    /// The body of the wallet's POST. ES256 and ES384 signatures are made anew each time.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        match &self.response_key {
            Some(key) => encrypted_body(&**key, self.answer.parameters().to_string().as_bytes()),
            None => self.answer.body(),
        }
    }

    /// A body of the wallet's, given to the portal's verifier.
    pub fn receive(&self, body: &[u8]) -> Verification {
        match &self.response_key {
            Some(key) => self.verifier().receive_encrypted(&self.expectation, &**key, body),
            None => self.verifier().receive(&self.expectation, body),
        }
    }

    /// Judges the answer, and serves whatever is needed.
    ///
    /// # Errors
    /// The verifier's own.
    pub fn verify(&self) -> Result<VerifiedResponse, Rejection> {
        self.drive(self.receive(&self.body()), &mut Evidence::new(provider()))
    }

    /// The evidence that the exchange as it stands comes to need.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let mut evidence = Evidence::new(provider());
        drop(self.drive(self.receive(&self.body()), &mut evidence));
        evidence
    }

    /// Steps a verification to its end, and serves whatever is needed.
    ///
    /// # Errors
    /// The verifier's own.
    pub fn drive(
        &self,
        mut verification: Verification,
        evidence: &mut Evidence,
    ) -> Result<VerifiedResponse, Rejection> {
        loop {
            let needs = match verification.step(evidence, self.now) {
                Step::Done(verdict) => return *verdict,
                Step::Needs(needs) => needs,
            };
            for source in needs {
                match self.issuer.serve(&source, self.now) {
                    Some(bytes) => evidence.insert(source, Fetched::Document(&bytes), self.now),
                    None => evidence.insert(source, Fetched::Unavailable, self.now),
                }
            }
        }
    }
}

/// The same key once more, as a portal has it back from its store.
fn same_key(key: &dyn AgreementKey) -> Box<dyn AgreementKey> {
    AwsLc.agreement_key_from_private_jwk(&key.private_jwk()).unwrap()
}

/// A body with these parameters, encrypted to a key (OpenID4VP 1.0 §8.3.1).
#[must_use]
pub fn encrypted_body(key: &dyn AgreementKey, parameters: &[u8]) -> Vec<u8> {
    let sealing = Sealing::new(ContentEncryption::A256Gcm).kid(&key.kid());
    let recipient = key.public_key().clone().for_encryption();
    let jwe = AwsLc.seal(&recipient, &sealing, parameters).unwrap();
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("response", &jwe);
    form.finish().into_bytes()
}

fn provider() -> Arc<dyn CryptoProvider> {
    Arc::new(AwsLc)
}

/// A presentation by itself, with everything that judging it takes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Presented {
    /// The verifier.
    pub verifier: Verifier,
    /// Audience, nonce and query.
    pub expectation: Expectation,
    /// The VP-JWT.
    pub compact: String,
    /// The issuer's document and its status list.
    pub evidence: Evidence,
    /// When it is judged.
    pub now: DateTime<Utc>,
}

/// A presentation of three credentials with status, every signature of one algorithm, and all
/// evidence at hand.
#[must_use]
pub fn presentation_vp3(algorithm: Algorithm) -> Presented {
    let scenario = Scenario::new(Dialect::MicrosoftTogether)
        .holder(HolderKind::Jwk(algorithm))
        .issuer(IssuerKind::Web("westmoor.example"), algorithm);
    let exchange = scenario.build();
    let asked = &exchange.expectation;
    let (audience, nonce) = (asked.client_id(), asked.nonce().as_str());
    let (from, until) = (asked.created_at(), asked.expires_at());
    let query = asked.query().cloned();
    Presented {
        verifier: exchange.verifier(),
        expectation: Expectation::for_presentation(audience, nonce, query, from, until).unwrap(),
        compact: exchange.answer.presentations[0].compact(),
        evidence: exchange.evidence(),
        now: exchange.now,
    }
}
