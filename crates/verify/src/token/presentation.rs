//! A presentation, parsed and unbelieved: by whom, and which credentials it carries.

use staffpass_jose::json::Node;
use staffpass_jose::{PublicKey, UnverifiedJws};
use staffpass_sd_jwt::{HashAlgorithm, UnverifiedSdJwt, confirmation_key};

use super::credential::{CONTEXT_V1, CONTEXT_V2, thumbprint_uri};
use super::{
    Claims, Credential, id_or_text, is_first_context, parse_jws, payload_of, strings, text_agrees,
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
        let payload = payload_of(&jws, limits)?;
        let (members, claims) = (payload.root(), Claims::of(payload.root())?);
        if members.get("vc").is_some() || members.get("_vp_token").is_some() {
            return Err(Code::TypMismatch);
        }
        let vp = members.get("vp");
        let Contents { shape, holder, credentials } = match (jws.header().typ.as_deref(), vp) {
            (Some("JWT") | None, Some(vp)) => in_claim(vp, &claims)?,
            (Some(VP_JWT) | None, None) => enveloping(&jws, members, &claims)?,
            (Some("JWT"), None) => return Err(Code::ClaimsMalformed),
            _ => return Err(Code::TypMismatch),
        };
        let vp_in_claim = vp.is_some();
        room.take(credentials.len())?;
        let credentials = credentials.into_iter();
        let credentials = credentials.map(|token| Credential::parse(token, limits)).collect();
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
    let claims = credential.payload.revealed().ok_or(Code::HolderBinding)?;
    match confirmation_key(claims) {
        Ok(Some(key)) => Ok(key),
        Ok(None) => Err(Code::HolderBinding),
        Err(_) => Err(Code::KeyUnusable),
    }
}

/// What a W3C presentation says of itself, and the tokens in it.
struct Contents {
    shape: Result<(), Code>,
    holder: Option<String>,
    credentials: Vec<String>,
}

/// A presentation by VC-JWT 1.1: the claim `vp`, with `iss` for the holder and `jti` for the id (T7, VC data
/// model 1.1 §6.3.1).
fn in_claim(vp: Node<'_>, claims: &Claims) -> Result<Contents, Code> {
    if !vp.is_object() {
        return Err(Code::ClaimsMalformed);
    }
    let tokens = vp.get("verifiableCredential");
    let tokens =
        tokens.map_or(Some(Vec::new()), |tokens| tokens.elements()?.map(Node::as_str).collect());
    let tokens = tokens.ok_or(Code::ClaimsMalformed)?;
    let shape = has_shape(vp, CONTEXT_V1, !tokens.is_empty()).and_then(|()| agrees(vp, claims));
    let credentials = tokens.into_iter().map(str::to_owned).collect();
    Ok(Contents { shape, holder: claims.issuer.clone(), credentials })
}

/// A presentation by VC-JOSE-COSE (§3.1.4): the payload is the presentation, its credentials are
/// enveloped.
fn enveloping(jws: &UnverifiedJws, vp: Node<'_>, claims: &Claims) -> Result<Contents, Code> {
    let envelopes = match vp.get("verifiableCredential") {
        Some(envelopes) => envelopes.elements().ok_or(Code::ClaimsMalformed)?.collect(),
        None => Vec::new(),
    };
    let credentials: Result<Vec<_>, _> = envelopes.into_iter().map(enveloped).collect();
    let credentials = credentials?;
    let shape = has_shape(vp, CONTEXT_V2, !credentials.is_empty());
    let shape = agrees(vp, claims).and(shape);
    let holder = id_or_text(vp.get("holder")).and_then(Node::as_str);
    let holder = holder.or(claims.issuer.as_deref()).or_else(|| identifier_of_key(jws));
    Ok(Contents { shape, holder: holder.map(str::to_owned), credentials })
}

fn has_shape(vp: Node<'_>, context: &str, has_credentials: bool) -> Result<(), Code> {
    let types = vp.get("type").and_then(strings);
    let good = is_first_context(vp.get("@context"), context)
        && types.is_some_and(|types| types.contains(&"VerifiablePresentation"))
        && has_credentials;
    if good { Ok(()) } else { Err(Code::PresentationShape) }
}

/// `holder` and `id` say what `iss` and `jti` say, where both stand.
fn agrees(vp: Node<'_>, claims: &Claims) -> Result<(), Code> {
    let agree = text_agrees(id_or_text(vp.get("holder")), claims.issuer.as_deref())
        && text_agrees(vp.get("id"), claims.id.as_deref());
    if agree { Ok(()) } else { Err(Code::ClaimsDisagree) }
}

/// The token in an `EnvelopedVerifiableCredential`.
fn enveloped(envelope: Node<'_>) -> Result<String, Code> {
    let id = envelope.get("id").and_then(Node::as_str).ok_or(Code::ClaimsMalformed)?;
    let types = envelope.get("type").ok_or(Code::ClaimsMalformed)?;
    let types = strings(types).ok_or(Code::PresentationShape)?;
    let token = id.strip_prefix(ENVELOPE);
    let token = token.filter(|_| types.contains(&"EnvelopedVerifiableCredential"));
    token.map(str::to_owned).ok_or(Code::PresentationShape)
}

/// Whose an absolute `kid` is (VC-JOSE-COSE §3.3.1). `holder` may be absent (VC data model 2.0 §4.13):
/// then who signed is who presents.
fn identifier_of_key(jws: &UnverifiedJws) -> Option<&str> {
    let (owner, _) = jws.header().kid.as_deref()?.split_once('#')?;
    Some(owner)
}
