//! The wallet: a holder's key, and the answers that it signs.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use staffpass_did::ion::{self, Commitment, Document};
use staffpass_did::{Did, DidUrl, Relationship, Relationships, jwk, key};
use staffpass_jose::Algorithm;
use staffpass_jose_aws_lc::SigningKey;
use staffpass_query::{DescriptorMapEntry, PresentationSubmission};
use staffpass_request::Expectation;

use crate::answer::{Answer, Dialect, Presentation};
use crate::encoding::{self, Encoding};
use crate::{Token, signing_key};

/// The identifiers that wallets use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HolderKind {
    /// did:jwk with a key for this algorithm; P-256 is what Microsoft's wallet makes now.
    Jwk(Algorithm),
    /// did:key with a key for this algorithm.
    Key(Algorithm),
    /// Long-form did:ion with a key for this algorithm; secp256k1 is what Microsoft's wallet made.
    Ion(Algorithm),
}

impl HolderKind {
    /// Those that are met.
    pub const ALL: [Self; 6] = [
        Self::Jwk(Algorithm::Es256),
        Self::Ion(Algorithm::Es256k),
        Self::Ion(Algorithm::EdDsa),
        Self::Key(Algorithm::EdDsa),
        Self::Key(Algorithm::Es256),
        Self::Jwk(Algorithm::Es384),
    ];

    fn algorithm(self) -> Algorithm {
        match self {
            Self::Jwk(algorithm) | Self::Key(algorithm) | Self::Ion(algorithm) => algorithm,
        }
    }
}

/// A person's wallet.
#[derive(Clone, Debug)]
pub struct Holder {
    key: Arc<SigningKey>,
    key_id: DidUrl,
}

impl Holder {
    /// The holder of a seed.
    #[must_use]
    pub fn new(kind: HolderKind, seed: u64) -> Self {
        let key = signing_key(kind.algorithm(), seed);
        let (did, fragment) = match kind {
            HolderKind::Jwk(_) => (jwk::from_public_key(key.public_key()), "0".to_owned()),
            HolderKind::Key(_) => {
                let did = key::from_public_key(key.public_key()).unwrap();
                let fragment = did.method_specific_id().to_owned();
                (did, fragment)
            }
            HolderKind::Ion(_) => (ion_did(&key), "sign_1".to_owned()),
        };
        Self { key, key_id: DidUrl::new(&did, &fragment).unwrap() }
    }

    /// Who the holder is.
    #[must_use]
    pub fn did(&self) -> &Did {
        self.key_id.did()
    }

    /// The holder's key.
    #[must_use]
    pub fn key(&self) -> &Arc<SigningKey> {
        &self.key
    }

    /// A token of this holder's.
    #[must_use]
    pub fn token(&self, claims: Value) -> Token {
        Token::new(&self.key, self.key_id.as_str(), claims)
    }

    /// Answers a request with credentials, each for the part whose id stands beside it.
    #[must_use]
    pub fn answer(
        &self,
        dialect: Dialect,
        expectation: &Expectation,
        encoding: Encoding,
        credentials: Vec<(String, Token)>,
        now: DateTime<Utc>,
    ) -> Answer {
        let parts: Vec<String> = credentials.iter().map(|(part, _)| part.clone()).collect();
        let vp = || {
            let token = self.token(self.presentation_claims(expectation, now));
            match encoding {
                Encoding::VcJwt => token,
                Encoding::VcJose => encoding::to_vp_jose(token),
                Encoding::SdJwtVc => encoding::to_key_binding(token),
            }
        };
        let presentations: Vec<Presentation> = if dialect == Dialect::MicrosoftTogether {
            let credentials = credentials.into_iter().map(|(_, token)| token).collect();
            vec![Presentation { encoding, part: String::new(), token: vp(), credentials }]
        } else {
            let each = credentials.into_iter();
            each.map(|(part, token)| {
                let credentials = vec![token];
                Presentation { encoding, part, token: vp(), credentials }
            })
            .collect()
        };
        let id_token = match dialect {
            Dialect::OpenId4Vp | Dialect::OpenId4VpDraft => None,
            _ => Some(self.token(self.id_token_claims(dialect, expectation, &parts, now))),
        };
        let submission = (dialect == Dialect::OpenId4VpDraft)
            .then(|| json!(submission(dialect, expectation, &parts)));
        let state = expectation.state().map(|state| state.as_str().to_owned());
        Answer { dialect, id_token, submission, presentations, state, extra: Vec::new() }
    }

    fn presentation_claims(&self, expectation: &Expectation, now: DateTime<Utc>) -> Value {
        json!({
            "jti": "urn:uuid:6e0f9e0e-52a1-4f0b-8a83-1f1f1a1b1c1d",
            "iss": self.did().as_str(),
            "aud": expectation.client_id(),
            "nonce": expectation.nonce().as_str(),
            "iat": now.timestamp(),
            "nbf": now.timestamp(),
            "exp": (now + TimeDelta::minutes(5)).timestamp(),
            "vp": {
                "@context": ["https://www.w3.org/2018/credentials/v1"],
                "type": ["VerifiablePresentation"],
            },
        })
    }

    fn id_token_claims(
        &self,
        dialect: Dialect,
        expectation: &Expectation,
        parts: &[String],
        now: DateTime<Utc>,
    ) -> Value {
        let submission = submission(dialect, expectation, parts);
        json!({
            "iss": "https://self-issued.me/v2/openid-vc",
            "sub": self.did().as_str(),
            "aud": expectation.client_id(),
            "nonce": expectation.nonce().as_str(),
            "iat": now.timestamp(),
            "exp": (now + TimeDelta::minutes(5)).timestamp(),
            "_vp_token": {"presentation_submission": submission},
        })
    }
}

/// Where each part is answered.
fn submission(
    dialect: Dialect,
    expectation: &Expectation,
    parts: &[String],
) -> PresentationSubmission {
    let definition = expectation.definition_id().unwrap_or_default();
    let entries = parts.iter().enumerate().map(|(place, part)| match dialect {
        Dialect::OpenId4VpDraft if parts.len() == 1 => DescriptorMapEntry::jwt_vc_in_vp(part, 0),
        Dialect::MicrosoftEach | Dialect::OpenId4VpDraft => {
            DescriptorMapEntry::jwt_vc_in_vp(part, 0).in_presentation(place)
        }
        _ => DescriptorMapEntry::jwt_vc_in_vp(part, place),
    });
    PresentationSubmission::new("submission-1", definition, entries)
}

/// As Microsoft's wallet makes it: one key, for `authentication` alone.
fn ion_did(key: &SigningKey) -> Did {
    let purposes = Relationships::from(Relationship::Authentication);
    let document = Document::default().key("sign_1", key.public_key(), purposes);
    let commitment = Commitment::to_key(key.public_key()).unwrap();
    ion::create(&document, &commitment, &commitment).unwrap()
}
