//! The answer: the chosen credentials and no others, signed by their holder.

mod microsoft;
mod openid4vp;

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use rand_core::CryptoRng;
use serde_json::{Map, Value, json};
use staffpass_did::{Did, DidUrl};
use staffpass_jose::jwe::Sealing;
use staffpass_jose::{CryptoProvider, HeaderBuilder, NumericDate, Signer, UnsignedJws};
use staffpass_request::AuthorizationRequest;
use staffpass_request::openid4vp::ResponseEncryption;
use staffpass_sd_jwt::Presentation;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::held::holder_of_key;
use crate::{Choice, DisclosureError, Encoding, HeldCredential, Matches, RequestReview};

/// The context of the VC Data Model 2.0 (§4.3).
const CONTEXT_V2: &str = "https://www.w3.org/ns/credentials/v2";

/// How long a presentation lives: from the wallet's key to the verifier's answer takes seconds, and
/// Authenticator on iOS allows as much.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// A holder's key: its id in the holder's DID document, and what signs with it. The holder is the DID
/// of the key's id, so that the two cannot differ.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    key_id: &'a DidUrl,
    signer: &'a dyn Signer,
}

impl<'a> Holder<'a> {
    /// A key by its id: `did:jwk:…#0`, or a did:ion and the fragment of its key.
    #[must_use]
    pub const fn new(key_id: &'a DidUrl, signer: &'a dyn Signer) -> Self {
        Self { key_id, signer }
    }

    /// The holder.
    #[must_use]
    pub fn did(&self) -> &'a Did {
        self.key_id.did()
    }

    /// Whether a credential was issued to this holder: to the DID, or, of an SD-JWT VC, to the key.
    #[must_use]
    pub fn holds(&self, credential: &HeldCredential) -> bool {
        match credential.encoding() {
            Encoding::SdJwtVc => {
                let key = self.signer.verification_key().public_key();
                holder_of_key(key) == credential.holder()
            }
            _ => self.did().as_str() == credential.holder(),
        }
    }

    /// The id of the key.
    #[must_use]
    pub const fn key_id(&self) -> &'a DidUrl {
        self.key_id
    }
}

/// The answer to a request, ready to be posted as `application/x-www-form-urlencoded`.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationResponse {
    response_uri: String,
    fields: Vec<(String, String)>,
    shared: Vec<Shared>,
}

impl AuthorizationResponse {
    /// Where it is posted.
    #[must_use]
    pub fn response_uri(&self) -> &str {
        &self.response_uri
    }

    /// The fields of the form, in order. A name may stand more than once.
    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }

    /// What it shows, in the order of the request.
    #[must_use]
    pub fn shared(&self) -> &[Shared] {
        &self.shared
    }
}

/// Prints no token.
impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.fields.iter().map(|(name, _)| name).collect();
        f.debug_struct("AuthorizationResponse")
            .field("fields", &names)
            .field("shared", &self.shared)
            .finish_non_exhaustive()
    }
}

/// A credential that an answer shows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shared {
    /// The part that it answers.
    pub part: String,
    /// Its position among the credentials that were matched.
    pub held: usize,
}

/// What a wallet does when the person declines.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "something is sent or nothing is")]
pub enum Decline {
    /// OpenID4VP 1.0 §8.5: the verifier is told, and not why.
    Send(AuthorizationResponse),
    /// The JWT VC Presentation Profile has no such answer: nothing is sent.
    Silent,
}

impl RequestReview {
    /// Declines: `access_denied` in OpenID4VP, nothing at all in the JWT VC Presentation Profile.
    #[must_use]
    pub fn decline(&self) -> Decline {
        match self.request() {
            AuthorizationRequest::OpenId4Vp(_) => Decline::Send(
                self.answer(vec![("error".to_owned(), "access_denied".to_owned())], Vec::new()),
            ),
            _ => Decline::Silent,
        }
    }

    /// The form with the request's state at its end.
    fn answer(
        &self,
        mut fields: Vec<(String, String)>,
        shared: Vec<Shared>,
    ) -> AuthorizationResponse {
        let state = self.request().state().map(|state| ("state".to_owned(), state.to_owned()));
        fields.extend(state);
        let response_uri = self.request().response_uri().to_owned();
        AuthorizationResponse { response_uri, fields, shared }
    }
}

impl Matches<'_> {
    /// The answer with the chosen credentials and no others, each presented by its own holder's
    /// key: of an SD-JWT VC the fewest disclosures that answer, of any other the whole.
    ///
    /// # Errors
    /// [`DisclosureError::UnknownPart`], [`DisclosureError::NotAnAnswer`],
    /// [`DisclosureError::TooManyChosen`], [`DisclosureError::NothingChosen`],
    /// [`DisclosureError::Missing`] for a choice that does not do;
    /// [`DisclosureError::HolderKeyMissing`], [`DisclosureError::HolderAlgorithm`],
    /// [`DisclosureError::Signing`], [`DisclosureError::SdJwt`] for the keys;
    /// [`DisclosureError::RequestExpired`] where the person took too long;
    /// [`DisclosureError::EncryptionNeeded`] where the request wants what
    /// [`present_encrypted`](Self::present_encrypted) does; [`DisclosureError::Clock`].
    pub fn present(
        &self,
        choice: &Choice,
        holders: &[Holder<'_>],
        now: DateTime<Utc>,
        rng: &mut impl CryptoRng,
    ) -> Result<AuthorizationResponse, DisclosureError> {
        if self.encryption().is_some() {
            return Err(DisclosureError::EncryptionNeeded);
        }
        let (parameters, shared) = self.answer(choice, holders, now, rng)?;
        Ok(self.review.answer(parameters.into_fields(), shared))
    }

    /// The answer as [`present`](Self::present) makes it, encrypted to the verifier's key where the
    /// request wants that (`direct_post.jwt`, OpenID4VP 1.0 §8.3): whoever carries it reads nothing.
    ///
    /// # Errors
    /// As [`present`](Self::present), and [`DisclosureError::Encryption`].
    pub fn present_encrypted(
        &self,
        choice: &Choice,
        holders: &[Holder<'_>],
        provider: &dyn CryptoProvider,
        now: DateTime<Utc>,
        rng: &mut impl CryptoRng,
    ) -> Result<AuthorizationResponse, DisclosureError> {
        let (parameters, shared) = self.answer(choice, holders, now, rng)?;
        let Some(encryption) = self.encryption() else {
            return Ok(self.review.answer(parameters.into_fields(), shared));
        };
        let plaintext = parameters.into_plaintext(self.review.request().state());
        let sealing = Sealing::new(encryption.content_encryption).kid(&encryption.kid);
        let sealed = provider.seal(&encryption.key, &sealing, plaintext.as_bytes())?;
        // §8.3.1: `response` alone; the state is inside.
        let fields = vec![("response".to_owned(), sealed)];
        let response_uri = self.review.request().response_uri().to_owned();
        Ok(AuthorizationResponse { response_uri, fields, shared })
    }

    fn encryption(&self) -> Option<&ResponseEncryption> {
        match self.review.request() {
            AuthorizationRequest::OpenId4Vp(request) => request.response_encryption.as_ref(),
            _ => None,
        }
    }

    fn answer(
        &self,
        choice: &Choice,
        holders: &[Holder<'_>],
        now: DateTime<Utc>,
        rng: &mut impl CryptoRng,
    ) -> Result<(Parameters, Vec<Shared>), DisclosureError> {
        let request = self.review.request();
        if request.expires_at().is_some_and(|expires| expires.floor() <= now) {
            return Err(DisclosureError::RequestExpired);
        }
        let chosen = self.chosen(choice, holders)?;
        let tokens = Tokens::new(request, now)?;
        let parameters = match request {
            AuthorizationRequest::JwtVcPresentationProfile(request) => {
                Parameters::Fields(microsoft::fields(request, &chosen, &tokens, rng)?)
            }
            AuthorizationRequest::OpenId4Vp(_) => {
                Parameters::VpToken(openid4vp::vp_token(&chosen, &tokens, rng)?)
            }
            _ => return Err(DisclosureError::Protocol),
        };
        let shared = chosen.iter().map(|one| Shared { part: one.part.to_owned(), held: one.held });
        Ok((parameters, shared.collect()))
    }

    /// What is shown, in the order of the request, each with its holder's key.
    fn chosen<'c>(
        &'c self,
        choice: &Choice,
        holders: &[Holder<'c>],
    ) -> Result<Vec<Chosen<'c>>, DisclosureError> {
        self.check(choice)?;
        let mut chosen = Vec::new();
        for part in self.parts() {
            for &held in choice.of(part.id()) {
                let credential = self.held.get(held).ok_or(DisclosureError::NotAnAnswer)?;
                let holder = self.holder_of(credential, holders)?;
                let paths = self.paths(part.id(), credential)?;
                let presentation = credential.select(&paths)?;
                chosen.push(Chosen { part: part.id(), held, credential, presentation, holder });
            }
        }
        Ok(chosen)
    }

    /// Every chosen credential answers its part, and together they satisfy the request.
    fn check(&self, choice: &Choice) -> Result<(), DisclosureError> {
        for (part, held) in choice.iter() {
            let part = self.part(part).ok_or(DisclosureError::UnknownPart)?;
            if !held.iter().all(|held| part.is_answered_by(*held)) {
                return Err(DisclosureError::NotAnAnswer);
            }
            let distinct: std::collections::BTreeSet<_> = held.iter().collect();
            if distinct.len() < held.len() || (held.len() > 1 && !part.allows_multiple()) {
                return Err(DisclosureError::TooManyChosen);
            }
        }
        self.check_satisfied(|part| !choice.of(part).is_empty())?;
        if choice.iter().all(|(_, held)| held.is_empty()) {
            return Err(DisclosureError::NothingChosen);
        }
        Ok(())
    }

    /// Holder binding: the key of the very DID to which the credential was issued.
    fn holder_of<'c>(
        &self,
        credential: &HeldCredential,
        holders: &[Holder<'c>],
    ) -> Result<Holder<'c>, DisclosureError> {
        let mut holders = holders.iter();
        let own = holders.find(|holder| holder.holds(credential));
        let holder = own.ok_or(DisclosureError::HolderKeyMissing)?;
        let algorithm = holder.signer.algorithm();
        if !self.review.accepts_algorithm(&credential.encoding().format(), algorithm) {
            return Err(DisclosureError::HolderAlgorithm { algorithm });
        }
        Ok(*holder)
    }
}

/// What is answered, before it is a form.
enum Parameters {
    Fields(Vec<(String, String)>),
    VpToken(Map<String, Value>),
}

impl Parameters {
    fn into_fields(self) -> Vec<(String, String)> {
        match self {
            Self::Fields(fields) => fields,
            Self::VpToken(tokens) => {
                vec![("vp_token".to_owned(), Value::Object(tokens).to_string())]
            }
        }
    }

    /// OpenID4VP 1.0 §8.3: the parameters are the members of the plaintext.
    fn into_plaintext(self, state: Option<&str>) -> Zeroizing<String> {
        let mut members: Map<String, Value> = match self {
            Self::VpToken(tokens) => [("vp_token".to_owned(), tokens.into())].into_iter().collect(),
            Self::Fields(fields) => fields.into_iter().map(|(k, v)| (k, v.into())).collect(),
        };
        members.extend(state.map(|state| ("state".to_owned(), state.into())));
        Zeroizing::new(Value::Object(members).to_string())
    }
}

/// A credential that is shown, for a part, by its holder.
struct Chosen<'c> {
    part: &'c str,
    held: usize,
    credential: &'c HeldCredential,
    /// Of an SD-JWT VC: the claims that were asked for.
    presentation: Option<Presentation>,
    holder: Holder<'c>,
}

/// What every token of one answer has in common.
struct Tokens<'r> {
    client_id: &'r str,
    nonce: &'r str,
    now: DateTime<Utc>,
    issued: NumericDate,
    expires: NumericDate,
}

impl<'r> Tokens<'r> {
    fn new(request: &'r AuthorizationRequest, now: DateTime<Utc>) -> Result<Self, DisclosureError> {
        let date = |at| NumericDate::from_datetime(at).ok_or(DisclosureError::Clock);
        Ok(Self {
            client_id: request.client_id(),
            nonce: request.nonce(),
            now,
            issued: date(now)?,
            expires: date(now + LIFETIME)?,
        })
    }

    /// The presentation of one credential, in its own encoding.
    fn present(
        &self,
        chosen: &Chosen<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<String, DisclosureError> {
        let token = chosen.credential.as_str();
        match (&chosen.presentation, chosen.credential.encoding()) {
            // RFC 9901 §4.3: the KB-JWT is made over exactly these disclosures.
            (Some(presentation), _) => {
                let unsigned = presentation.bind(self.client_id, self.nonce, self.now)?;
                Ok(unsigned.sign(chosen.holder.signer)?)
            }
            (None, Encoding::VcJose) => self.enveloping(&chosen.holder, token),
            (None, _) => self.presentation(&chosen.holder, std::iter::once(token), rng),
        }
    }

    /// A presentation by VC-JOSE-COSE (§3.1.2), of one enveloped credential (VC Data Model 2.0 §4.13).
    fn enveloping(&self, holder: &Holder<'_>, token: &str) -> Result<String, DisclosureError> {
        let claims = json!({
            "@context": [CONTEXT_V2],
            "type": ["VerifiablePresentation"],
            "holder": holder.did().as_str(),
            "verifiableCredential": [{
                "@context": [CONTEXT_V2],
                "type": ["EnvelopedVerifiableCredential"],
                "id": format!("data:application/vc+jwt,{token}"),
            }],
            "aud": self.client_id,
            "nonce": self.nonce,
            "iat": self.issued,
            "exp": self.expires,
        });
        sign_as("vp+jwt", holder, &claims)
    }

    /// A VP-JWT (VC Data Model 1.1 §6.3.1): no `vp.holder` and no `sub`, as wallets send it.
    fn presentation<'t>(
        &self,
        holder: &Holder<'_>,
        credentials: impl Iterator<Item = &'t str>,
        rng: &mut impl CryptoRng,
    ) -> Result<String, DisclosureError> {
        let credentials: Vec<&str> = credentials.collect();
        let claims = json!({
            "jti": uuid(rng),
            "iss": holder.did().as_str(),
            "aud": self.client_id,
            "nonce": self.nonce,
            "iat": self.issued,
            "nbf": self.issued,
            "exp": self.expires,
            "vp": {
                "@context": ["https://www.w3.org/2018/credentials/v1"],
                "type": ["VerifiablePresentation"],
                "verifiableCredential": credentials,
            },
        });
        sign(holder, &claims)
    }
}

fn sign(holder: &Holder<'_>, claims: &Value) -> Result<String, DisclosureError> {
    sign_as("JWT", holder, claims)
}

fn sign_as(typ: &str, holder: &Holder<'_>, claims: &Value) -> Result<String, DisclosureError> {
    let header = HeaderBuilder::new(holder.signer.algorithm()).typ(typ);
    let header = header.kid(holder.key_id.as_str());
    Ok(UnsignedJws::new(&header, claims.to_string().as_bytes()).sign(holder.signer)?)
}

/// A random UUID (RFC 9562 §5.4).
fn uuid(rng: &mut impl CryptoRng) -> String {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    let number = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{number:032x}");
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    let parts = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)];
    parts.join("-")
}
