//! A credential as the evaluator sees it: what it says, and what its keeper knows about it.

use std::fmt;

use staffpass_json::{Kind, Node};

use crate::{AuthorityType, Format};

/// A credential that may answer a part of a query.
///
/// It borrows; it believes nothing. A wallet makes one of each credential that it holds, a verifier of
/// each credential that it has *verified*, with the types for which its policy believes the
/// issuer.
///
/// | | paths of DCQL start at | paths of Presentation Exchange start at |
/// |---|---|---|
/// | W3C credential | the credential (`["credentialSubject", …]`) | the JWT's payload (`$.iss`, `$.vc.…`), or the credential if none is given |
/// | SD-JWT VC | the processed payload | the same |
#[derive(Clone)]
pub struct Candidate<'a> {
    pub(crate) format: Format,
    pub(crate) types: Vec<&'a str>,
    pub(crate) vct: Option<&'a str>,
    pub(crate) credential: Node<'a>,
    pub(crate) jwt_payload: Option<Node<'a>>,
    pub(crate) holder_bound: bool,
    pub(crate) authorities: Vec<(AuthorityType, &'a str)>,
}

impl<'a> Candidate<'a> {
    /// A W3C credential: the JSON object with `type`, `credentialSubject` and the rest. Its types are
    /// taken from `type` (a string or an array of strings) as they stand; a verifier replaces them
    /// by [`with_types`](Self::with_types).
    #[must_use]
    pub fn w3c(format: Format, credential: impl Into<Node<'a>>) -> Self {
        let credential = credential.into();
        Self { types: types_of(credential), ..Self::new(format, credential) }
    }

    /// An SD-JWT VC (`dc+sd-jwt`): its payload after processing, without `_sd` and `_sd_alg`. Its type is
    /// taken from `vct`.
    #[must_use]
    pub fn sd_jwt_vc(payload: impl Into<Node<'a>>) -> Self {
        let payload = payload.into();
        let vct = payload.get("vct").and_then(Node::as_str);
        Self { vct, ..Self::new(Format::DcSdJwt, payload) }
    }

    const fn new(format: Format, credential: Node<'a>) -> Self {
        Self {
            format,
            types: Vec::new(),
            vct: None,
            credential,
            jwt_payload: None,
            holder_bound: false,
            authorities: Vec::new(),
        }
    }

    /// The types that count, in place of those that the credential names.
    #[must_use]
    pub fn with_types(mut self, types: impl IntoIterator<Item = &'a str>) -> Self {
        self.types = types.into_iter().collect();
        self
    }

    /// The `vct` that counts, in place of the one that the credential names.
    #[must_use]
    pub fn with_vct(mut self, vct: &'a str) -> Self {
        self.vct = Some(vct);
        self
    }

    /// The payload of the JWT in which a W3C credential came: `$.iss` and `$.vc.…` of a presentation
    /// definition are looked for there, and nowhere else (attack Q6).
    #[must_use]
    pub fn with_jwt_payload(mut self, payload: impl Into<Node<'a>>) -> Self {
        self.jwt_payload = Some(payload.into());
        self
    }

    /// Whether it is bound to a holder's key: for a wallet, that it can prove it; for a verifier,
    /// that it was proved. False unless said.
    #[must_use]
    pub fn with_holder_binding(mut self, bound: bool) -> Self {
        self.holder_bound = bound;
        self
    }

    /// An authority that certifies its issuer, as far as the caller has established it: for
    /// [`AuthorityType::Aki`] the unpadded base64url of an authority key identifier in its
    /// certificate chain. It serves to answer `trusted_authorities` and is no trust.
    #[must_use]
    pub fn with_authority(mut self, kind: AuthorityType, value: &'a str) -> Self {
        self.authorities.push((kind, value));
        self
    }
}

/// Prints the kind of credential, and nothing that it says of a person.
impl fmt::Debug for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("format", &self.format)
            .field("types", &self.types)
            .field("vct", &self.vct)
            .field("holder_bound", &self.holder_bound)
            .finish_non_exhaustive()
    }
}

fn types_of(credential: Node<'_>) -> Vec<&str> {
    let Some(types) = credential.get("type") else { return Vec::new() };
    match types.kind() {
        Kind::Array => types.elements().into_iter().flatten().filter_map(Node::as_str).collect(),
        _ => types.as_str().into_iter().collect(),
    }
}
