//! Whole exchanges.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use staffpass_credentials::{CredentialKind, TypeNames};
use staffpass_jose::{Algorithm, CryptoProvider};
use staffpass_jose_aws_lc::AwsLc;
use staffpass_query::Format;
use staffpass_request::{Expectation, RequestedCredential};
use staffpass_status::StatusKind;
use staffpass_verify::policy::{TrustPolicy, TrustPolicyBuilder};
use staffpass_verify::{
    Evidence, Fetched, Rejection, Step, Verification, VerifiedResponse, Verifier,
};

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
        let request = portal.request(self.dialect.protocol(), asked, requested_at);
        let expectation = request.into_expectation();
        let (credentials, indices) = self.issued(&mut issuer, &holder);
        let answer = holder.answer(self.dialect, &expectation, self.encoding, credentials, now());
        let policy = TrustPolicy::builder().issuer(issuer.trusted()).allow_loopback_http();
        Exchange { now: now(), issuer, holder, portal, expectation, answer, policy, indices, seed }
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
        self.answer.body()
    }

    /// Judges the answer, and serves whatever is needed.
    ///
    /// # Errors
    /// The verifier's own.
    pub fn verify(&self) -> Result<VerifiedResponse, Rejection> {
        let verification = self.verifier().receive(&self.expectation, &self.body());
        self.drive(verification, &mut Evidence::new(provider()))
    }

    /// The evidence that the exchange as it stands comes to need.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let mut evidence = Evidence::new(provider());
        let verification = self.verifier().receive(&self.expectation, &self.body());
        drop(self.drive(verification, &mut evidence));
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
