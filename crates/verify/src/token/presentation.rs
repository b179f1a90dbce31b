//! A presentation, parsed and unbelieved: by whom, and which credentials it carries.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use staffpass_jose::json::Object;
use staffpass_jose::{PublicKey, UnverifiedJws};
use staffpass_sd_jwt::{HashAlgorithm, UnverifiedSdJwt, confirmation_key};

use super::credential::{CONTEXT_V1, CONTEXT_V2, thumbprint_uri};
use super::{
    Claims, Credential, RawClaims, id_or_text, is_first_context, parse_jws, some, strings,
    text_agrees,
};
use crate::{Code, Limits};

/// A presentation of any format.
#[derive(Debug)]
pub(crate) struct Presentation {
    pub(crate) proof: Proof,
    pub(crate) credentials: Vec<Result<Credential, Code>>,
    /// The query id under which it came (OpenID4VP).
    pub(crate) part: Option<String>,
}

/// How the holder shows that the presentation is hers.
#[derive(Debug)]
pub(crate) enum Proof {
    /// A VP-JWT (VC data model 1.1 §6.3.1) or a VP by VC-JOSE-COSE, signed by the holder.
    Signed(Box<SignedPresentation>),
    /// A KB-JWT beside an SD-JWT (RFC 9901 §4.3).
    KeyBinding(Box<KeyBound>),
    /// An SD-JWT without key binding.
    None,
}

/// The token that a holder signed around her credentials.
#[derive(Debug)]
pub(crate) struct SignedPresentation {
    pub(crate) jws: UnverifiedJws,
    pub(crate) claims: Claims,
    /// Who says that it is hers: `iss`, or `holder` where the payload is the presentation.
    pub(crate) holder: Option<String>,
    /// Whether it is a VP-JWT 1.1, with the presentation in its claim `vp`.
    pub(crate) vp_in_claim: bool,
    pub(crate) shape: Result<(), Code>,
}

/// The token that a holder signed over an SD-JWT.
#[derive(Debug)]
pub(crate) struct KeyBound {
    pub(crate) jws: UnverifiedJws,
    /// The key that the issuer bound the credential to (`cnf.jwk`).
    pub(crate) key: Result<PublicKey, Code>,
    /// That key as a name.
    pub(crate) holder: String,
    /// The hash of what the KB-JWT must have been made for, or why there is none.
    pub(crate) sd_hash: Result<String, Code>,
    /// With what it was made, and the digests in the SD-JWT too.
    pub(crate) hash: HashAlgorithm,
}

/// The `typ` of a presentation by VC-JOSE-COSE (§3.2.1).
const VP_JWT: &str = "vp+jwt";

/// What stands before the token in the `id` of an `EnvelopedVerifiableCredential` (VC data model
/// 2.0 §4.13).
const ENVELOPE: &str = "data:application/vc+jwt,";

/// How many more credentials one response may hold. Taken before any of them is read.
pub(crate) struct Room(usize);

impl Room {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self(limits.credentials)
    }

    fn take(&mut self, credentials: usize) -> Result<(), Code> {
        self.0 = self.0.checked_sub(credentials).ok_or(Code::ResponseTooLarge)?;
        Ok(())
    }
}

impl Presentation {
    /// Parses a compact presentation of W3C credentials.
    pub(crate) fn parse(
        compact: String,
        part: Option<String>,
        limits: &Limits,
        room: &mut Room,
    ) -> Result<Self, Code> {
        let jws = parse_jws(compact, limits)?;
        let mut raw = RawClaims::parse(&jws, limits)?;
        if raw.vc.is_some() || raw.submissions.is_some() {
            return Err(Code::TypMismatch);
        }
        let vp_in_claim = raw.vp.is_some();
        let (shape, holder, credentials) = match (jws.header().typ.as_deref(), raw.vp.take()) {
            (Some("JWT") | None, Some(Object(vp))) => {
                let holder = raw.iss.as_deref().map(str::to_owned);
                let shape = vp.check_shape(CONTEXT_V1).and_then(|()| vp.agrees_with(&raw));
                (shape, holder, vp.tokens())
            }
            (Some(VP_JWT) | None, None) => enveloping(&jws)?,
            (Some("JWT"), None) => return Err(Code::ClaimsMalformed),
            _ => return Err(Code::TypMismatch),
        };
        room.take(credentials.len())?;
        let credentials = credentials.into_iter();
        let credentials = credentials.map(|token| Credential::parse(token, limits)).collect();
        let claims = raw.into_claims();
        let signed = SignedPresentation { jws, claims, holder, vp_in_claim, shape };
        Ok(Self { proof: Proof::Signed(Box::new(signed)), credentials, part })
    }

    /// Parses an SD-JWT, with or without key binding.
    pub(crate) fn parse_sd_jwt(
        compact: &str,
        part: Option<String>,
        limits: &Limits,
        room: &mut Room,
    ) -> Result<Self, Code> {
        room.take(1)?;
        let sd_jwt =
            UnverifiedSdJwt::parse(compact, &limits.sd_jwt).map_err(|_| Code::TokenMalformed)?;
        let (credential, hash) = Credential::parse_sd_jwt(&sd_jwt, limits)?;
        let proof = match sd_jwt.key_binding_jwt() {
            None => Proof::None,
            Some(token) => {
                let jws = parse_jws(token.to_owned(), limits)?;
                let key = key_of(&credential);
                let holder = key.as_ref().map(thumbprint_uri).unwrap_or_default();
                let sd_hash = hash.map(|hash| sd_jwt.sd_hash(hash)).ok_or(Code::DisclosuresInvalid);
                let hash = hash.unwrap_or_default();
                Proof::KeyBinding(Box::new(KeyBound { jws, key, holder, sd_hash, hash }))
            }
        };
        Ok(Self { proof, credentials: vec![Ok(credential)], part })
    }

    pub(crate) fn is_sd_jwt(&self) -> bool {
        !matches!(self.proof, Proof::Signed(_))
    }
}

/// RFC 9901 §7.3: the key is the one that the issuer put into the SD-JWT.
fn key_of(credential: &Credential) -> Result<PublicKey, Code> {
    let claims = credential.payload.as_object().ok_or(Code::HolderBinding)?;
    match confirmation_key(claims) {
        Ok(Some(key)) => Ok(key),
        Ok(None) => Err(Code::HolderBinding),
        Err(_) => Err(Code::KeyUnusable),
    }
}

type Parts = (Result<(), Code>, Option<String>, Vec<String>);

/// A presentation by VC-JOSE-COSE (§3.1.4): the payload is the presentation, its credentials are
/// enveloped.
fn enveloping(jws: &UnverifiedJws) -> Result<Parts, Code> {
    let Object(vp): Object<EnvelopingVp<'_>> =
        serde_json::from_slice(jws.unverified_payload()).map_err(|_| Code::ClaimsMalformed)?;
    let types = vp.types.as_ref().and_then(strings);
    let good = is_first_context(vp.context.as_ref(), CONTEXT_V2)
        && types.is_some_and(|types| types.contains(&"VerifiablePresentation"))
        && !vp.credentials.is_empty();
    let tokens = vp.credentials.iter().map(|Object(envelope)| envelope.token().map(str::to_owned));
    let tokens = tokens.collect::<Option<_>>().ok_or(Code::PresentationShape)?;
    let holder = id_or_text(vp.holder.as_ref());
    let agree =
        text_agrees(holder, vp.iss.as_deref()) && text_agrees(vp.id.as_ref(), vp.jti.as_deref());
    let shape = if good { Ok(()) } else { Err(Code::PresentationShape) };
    let shape = if agree { shape } else { Err(Code::ClaimsDisagree) };
    let holder = holder.and_then(Value::as_str).or(vp.iss.as_deref());
    let holder = holder.or_else(|| identifier_of_key(jws));
    Ok((shape, holder.map(str::to_owned), tokens))
}

/// Whose an absolute `kid` is (VC-JOSE-COSE §3.3.1). `holder` may be absent (VC data model 2.0 §4.13):
/// then who signed is who presents.
fn identifier_of_key(jws: &UnverifiedJws) -> Option<&str> {
    let (owner, _) = jws.header().kid.as_deref()?.split_once('#')?;
    Some(owner)
}

#[derive(Deserialize)]
struct EnvelopingVp<'a> {
    #[serde(rename = "@context")]
    context: Option<Value>,
    #[serde(rename = "type")]
    types: Option<Value>,
    #[serde(default, deserialize_with = "some")]
    id: Option<Value>,
    #[serde(default, deserialize_with = "some")]
    holder: Option<Value>,
    #[serde(borrow)]
    iss: Option<Cow<'a, str>>,
    #[serde(borrow)]
    jti: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "verifiableCredential", default)]
    credentials: Vec<Object<Envelope<'a>>>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(rename = "type")]
    types: Value,
}

impl Envelope<'_> {
    fn token(&self) -> Option<&str> {
        let types = strings(&self.types)?;
        let enveloped = types.contains(&"EnvelopedVerifiableCredential");
        self.id.strip_prefix(ENVELOPE).filter(|_| enveloped)
    }
}
