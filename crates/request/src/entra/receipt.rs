//! The wallet's own tokens, as the service passes them on.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use staffpass_jose::{base64url, json};
use url::form_urlencoded;

use super::Exchange;
use crate::{Expectation, Protocol, RequestError, ResponseMode};

/// The receipt of a presentation: an ID token and presentations of the JWT VC Presentation Profile.
#[derive(Clone, Serialize, Deserialize)]
pub struct Receipt {
    id_token: String,
    #[serde(default)]
    vp_token: OneOrMore,
    #[serde(default, rename = "faceCheck", skip_serializing_if = "Option::is_none")]
    face_check: Option<String>,
}

/// Quirk: one token is a string, several are an array.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

#[derive(Deserialize)]
struct WithNonce {
    nonce: String,
}

impl Receipt {
    /// The tokens in the body that a wallet posted in the JWT VC Presentation Profile, for a service
    /// that passes them on. None where it has no ID token, or two.
    #[must_use]
    pub fn of_answer(body: &[u8]) -> Option<Self> {
        let fields = |name: &'static str| {
            let fields = form_urlencoded::parse(body).filter(move |(field, _)| field == name);
            fields.map(|(_, value)| value.into_owned())
        };
        let mut id_tokens = fields("id_token");
        let id_token = id_tokens.next()?;
        let mut vp_tokens = Vec::new();
        for field in fields("vp_token") {
            // Drafts of SIOPv2 describe a JSON array in one field.
            match json::parse::<Vec<String>>(field.as_bytes(), &json::Limits::default()) {
                Ok(several) if field.starts_with('[') => vp_tokens.extend(several),
                _ => vp_tokens.push(field),
            }
        }
        let alone = id_tokens.next().is_none();
        let vp_token = match <[String; 1]>::try_from(vp_tokens) {
            Ok([one]) => OneOrMore::One(one),
            Err(several) => OneOrMore::More(several),
        };
        alone.then_some(Self { id_token, vp_token, face_check: None })
    }

    /// The ID token.
    #[must_use]
    pub fn id_token(&self) -> &str {
        &self.id_token
    }

    /// The presentations.
    #[must_use]
    pub fn vp_tokens(&self) -> &[String] {
        match &self.vp_token {
            OneOrMore::One(token) => std::slice::from_ref(token),
            OneOrMore::More(tokens) => tokens,
        }
    }

    /// The face check's own token (a JWT), which is not verified here.
    #[must_use]
    pub fn face_check(&self) -> Option<&str> {
        self.face_check.as_deref()
    }

    /// The tokens as the body that the wallet posted: what `staffpass-verify` receives. The `state`
    /// in a receipt is that of the service and the wallet, and left out.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("id_token", &self.id_token);
        for token in self.vp_tokens() {
            form.append_pair("vp_token", token);
        }
        form.finish().into_bytes()
    }

    /// What the tokens are held against: the audience is the verifier's DID, and they are no older
    /// than the request.
    ///
    /// The service's nonce is unknown, so it is read out of the ID token, unverified. Every
    /// presentation must have the same, which ties them together; to the request they are tied by
    /// the callback. There is no query: the service's map speaks of ids that are its own, so
    /// whatever is verified is matched by [`Exchange::confirm`].
    ///
    /// # Errors
    /// [`RequestError::Json`], [`RequestError::MemberMissing`] where the ID token has no nonce that
    /// can be read.
    pub fn expectation(&self, exchange: &Exchange) -> Result<Expectation, RequestError> {
        let nonce = self.nonce()?;
        let (from, until) = (exchange.created_at(), exchange.answerable_until());
        Expectation::builder(exchange.authority(), &nonce, from, until)
            .protocol(Protocol::JwtVcPresentationProfile, ResponseMode::Post)
            .build()
    }

    /// SHA-256 of the service's nonce. A portal keeps it where it can stand but once: a receipt of
    /// another request that comes again has one that is there already (attack P24).
    ///
    /// # Errors
    /// As [`expectation`](Self::expectation).
    pub fn nonce_digest(&self) -> Result<NonceDigest, RequestError> {
        Ok(NonceDigest(Sha256::digest(self.nonce()?).into()))
    }

    fn nonce(&self) -> Result<String, RequestError> {
        let missing = RequestError::MemberMissing { member: "nonce" };
        let payload = self.id_token.split('.').nth(1);
        let payload = payload.and_then(|payload| base64url::decode(payload).ok());
        let payload = payload.ok_or(missing)?;
        let WithNonce { nonce } = json::parse(&payload, &json::Limits::default())?;
        Ok(nonce)
    }
}

/// SHA-256 of the nonce of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NonceDigest([u8; 32]);

impl NonceDigest {
    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Prints no token.
impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("vp_tokens", &self.vp_tokens().len())
            .finish_non_exhaustive()
    }
}
