//! A credential, parsed and unbelieved: what the data model of its encoding puts where.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use staffpass_jose::json::{Node, Tree};
use staffpass_jose::{PublicKey, UnverifiedJws};
use staffpass_query::{Candidate, Format};
use staffpass_sd_jwt::{HashAlgorithm, Revealed, UnverifiedSdJwt, confirmation_key};

use super::{Claims, id_or_text, is_first_context, parse_jws, payload_of, strings};
use crate::policy::CredentialFormat;
use crate::{Code, Limits};

/// A credential of any format.
#[derive(Debug)]
pub(crate) struct Credential {
    pub(crate) jws: UnverifiedJws,
    /// The registered claims of the JWT.
    pub(crate) claims: Claims,
    pub(crate) format: CredentialFormat,
    /// The whole payload; of an SD-JWT VC, as its disclosures leave it. What comes of a verification
    /// shares it.
    pub(crate) payload: Arc<Payload>,
    /// Whether its disclosures are what RFC 9901 allows.
    pub(crate) disclosures: Result<(), Code>,
}

/// What a credential says.
pub(crate) enum Payload {
    /// As it was signed.
    Signed(Tree<'static>),
    /// As the disclosures leave it.
    Revealed(Value),
}

/// The `typ` of a credential by VC-JOSE-COSE (§3.2.1).
pub(super) const VC_JWT: &str = "vc+jwt";

/// The context of the VC data model 1.1, the first of every credential and presentation (§4.1).
pub(super) const CONTEXT_V1: &str = "https://www.w3.org/2018/credentials/v1";

/// The context of the VC data model 2.0 (§4.3).
pub(super) const CONTEXT_V2: &str = "https://www.w3.org/ns/credentials/v2";

/// Claims of an SD-JWT VC that are never hidden, nor anything in them (SD-JWT VC, "Registered JWT
/// Claims").
const NEVER_HIDDEN: &[&str] =
    &["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"];

impl Credential {
    /// Parses a compact W3C credential, by VC-JWT 1.1 or VC-JOSE-COSE.
    pub(super) fn parse(compact: String, limits: &Limits) -> Result<Self, Code> {
        let jws = parse_jws(compact, limits)?;
        let payload = payload_of(&jws, limits)?;
        let members = payload.root();
        let claims = Claims::of(members)?;
        if members.get("vp").is_some() || members.get("_vp_token").is_some() {
            return Err(Code::TypMismatch);
        }
        let vc = members.get("vc");
        let format = w3c_format(jws.header().typ.as_deref(), vc.is_some())?;
        if format == CredentialFormat::VcJwt && !vc.is_some_and(Node::is_object) {
            return Err(Code::ClaimsMalformed);
        }
        let payload = Arc::new(Payload::Signed(payload.into_owned()));
        Ok(Self { jws, claims, format, payload, disclosures: Ok(()) })
    }

    /// Parses the issuer's part of an SD-JWT VC, and applies its disclosures. Where they can be applied,
    /// the hash algorithm comes with it.
    pub(super) fn parse_sd_jwt(
        sd_jwt: &UnverifiedSdJwt<'_>,
        limits: &Limits,
    ) -> Result<(Self, Option<HashAlgorithm>), Code> {
        let jws = parse_jws(sd_jwt.issuer_jwt().to_owned(), limits)?;
        let format = sd_jwt_format(jws.header().typ.as_deref())?;
        let payload = payload_of(&jws, limits)?;
        let revealed = sd_jwt.reveal(&payload).ok();
        let sd_hash_algorithm = revealed.as_ref().map(Revealed::hash_algorithm);
        let disclosures = match &revealed {
            Some(revealed) if hides_too_much(revealed) => Err(Code::DisclosureForbidden),
            Some(_) => Ok(()),
            None => Err(Code::DisclosuresInvalid),
        };
        // The dates may be disclosed; who issued it and whose it is may not.
        let members = revealed.map(|revealed| Value::Object(revealed.into_claims()));
        let payload = members.unwrap_or_else(|| payload.root().to_value());
        let claims = Claims::of(Node::from(&payload))?;
        let payload = Arc::new(Payload::Revealed(payload));
        Ok((Self { jws, claims, format, payload, disclosures }, sd_hash_algorithm))
    }

    /// The credential itself, as the query and the rules see it.
    pub(crate) fn document(&self) -> Option<Node<'_>> {
        self.payload.document(self.format)
    }

    pub(crate) fn is_sd_jwt(&self) -> bool {
        matches!(self.format, CredentialFormat::SdJwtVc | CredentialFormat::LegacySdJwtVc)
    }

    /// Who says that it issued this: `iss`, or `issuer` where the payload is the credential
    /// (VC-JOSE-COSE §3.1.3). That both agree is checked with the shape.
    pub(crate) fn issuer(&self) -> Option<&str> {
        match self.format {
            CredentialFormat::VcJose => id_or_text(self.payload.get("issuer"))?.as_str(),
            _ => self.claims.issuer.as_deref(),
        }
    }

    /// The credential's own id.
    pub(crate) fn id(&self) -> Option<&str> {
        match self.format {
            CredentialFormat::VcJose => self.payload.get("id").and_then(Node::as_str),
            _ => self.claims.id.as_deref(),
        }
    }

    /// The types as they stand: a lone string or an array of strings; of an SD-JWT VC its `vct`,
    /// and nothing that `aka_vcts` adds (D12).
    pub(crate) fn types(&self) -> Option<Vec<&str>> {
        match self.is_sd_jwt() {
            true => Some(vec![self.payload.get("vct")?.as_str()?]),
            false => strings(self.document()?.get("type")?),
        }
    }

    /// The one subject (P23): an object, or an array that holds exactly one. An SD-JWT VC speaks of
    /// its subject in its own members.
    pub(crate) fn subject(&self) -> Option<Node<'_>> {
        self.payload.subject(self.format)
    }

    /// The id of the subject that the presentation's signer has to be: `sub`, or the subject's `id`
    /// where the payload is the credential.
    pub(crate) fn bound_to(&self) -> Option<Cow<'_, str>> {
        match self.format {
            CredentialFormat::VcJwt => self.claims.subject.as_deref().map(Cow::Borrowed),
            CredentialFormat::VcJose => {
                self.subject()?.get("id").and_then(Node::as_str).map(Cow::Borrowed)
            }
            _ => {
                let key = confirmation_key(self.payload.revealed()?).ok()??;
                Some(Cow::Owned(thumbprint_uri(&key)))
            }
        }
    }

    /// What a query is matched against, with these types believed. Whether its holder is known is
    /// judged with its presentation, and where that is waived the query does not ask again.
    pub(crate) fn candidate<'c>(&'c self, types: &[&'c str]) -> Candidate<'c> {
        if self.is_sd_jwt() {
            let candidate = Candidate::sd_jwt_vc(self.payload.root()).with_holder_binding(true);
            return types.first().map_or(candidate.clone(), |vct| candidate.with_vct(vct));
        }
        let payload = self.payload.root();
        let candidate = Candidate::w3c(Format::JwtVcJson, self.document().unwrap_or(payload))
            .with_types(types.iter().copied())
            .with_holder_binding(true);
        match self.format {
            CredentialFormat::VcJwt => candidate.with_jwt_payload(payload),
            _ => candidate,
        }
    }

    /// Whether the context, the types and the members that only one encoding has are those of its
    /// data model.
    pub(crate) fn has_shape_of_its_format(&self) -> bool {
        let Some(document) = self.document() else { return false };
        let has_base_type = || self.types().is_some_and(|t| t.contains(&"VerifiableCredential"));
        match self.format {
            CredentialFormat::VcJwt => {
                is_first_context(document.get("@context"), CONTEXT_V1) && has_base_type()
            }
            // VC-JOSE-COSE §3.1.3: the payload is the credential, without `vc` and `vp`.
            CredentialFormat::VcJose => {
                is_first_context(document.get("@context"), CONTEXT_V2) && has_base_type()
            }
            // D15: `vct` says that it is an SD-JWT VC; `@context` would say another thing.
            _ => {
                document.get("vct").is_some_and(|vct| vct.as_str().is_some())
                    && document.get("@context").is_none()
            }
        }
    }
}

/// Prints nothing that it says.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root().fmt(f)
    }
}

impl Payload {
    pub(crate) fn root(&self) -> Node<'_> {
        match self {
            Self::Signed(tree) => tree.root(),
            Self::Revealed(value) => value.into(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<Node<'_>> {
        self.root().get(name)
    }

    pub(super) fn revealed(&self) -> Option<&Map<String, Value>> {
        match self {
            Self::Signed(_) => None,
            Self::Revealed(value) => value.as_object(),
        }
    }

    fn document(&self, format: CredentialFormat) -> Option<Node<'_>> {
        match format {
            CredentialFormat::VcJwt => self.get("vc"),
            _ => Some(self.root()),
        }
    }

    /// See [`Credential::subject`].
    pub(crate) fn subject(&self, format: CredentialFormat) -> Option<Node<'_>> {
        let subject = match format {
            CredentialFormat::SdJwtVc | CredentialFormat::LegacySdJwtVc => self.root(),
            _ => self.document(format)?.get("credentialSubject")?,
        };
        let subject = match subject.elements() {
            Some(mut subjects) => subjects.next().filter(|_| subjects.next().is_none())?,
            None => subject,
        };
        subject.is_object().then_some(subject)
    }
}

/// A key as a holder's name (RFC 9278).
pub(super) fn thumbprint_uri(key: &PublicKey) -> String {
    format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{}", key.thumbprint())
}

/// Which of the two W3C encodings a token is: by its `typ`, and where that is absent by whether the
/// payload holds a credential or is one. Whether an absent `typ` counts is the policy's to say.
fn w3c_format(typ: Option<&str>, has_vc: bool) -> Result<CredentialFormat, Code> {
    match (typ, has_vc) {
        (Some("JWT") | None, true) => Ok(CredentialFormat::VcJwt),
        (Some(VC_JWT) | None, false) => Ok(CredentialFormat::VcJose),
        (Some("JWT"), false) => Err(Code::ClaimsMalformed),
        _ => Err(Code::TypMismatch),
    }
}

fn sd_jwt_format(typ: Option<&str>) -> Result<CredentialFormat, Code> {
    match typ {
        Some(staffpass_sd_jwt::SD_JWT_VC_TYPE) => Ok(CredentialFormat::SdJwtVc),
        Some(staffpass_sd_jwt::LEGACY_SD_JWT_VC_TYPE) => Ok(CredentialFormat::LegacySdJwtVc),
        _ => Err(Code::TypMismatch),
    }
}

fn hides_too_much(revealed: &Revealed) -> bool {
    NEVER_HIDDEN.iter().any(|name| revealed.is_selectively_disclosable(name))
}
