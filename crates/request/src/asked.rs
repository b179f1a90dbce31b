//! What a portal wants to see, said once for every protocol.

use staffpass_query::{
    ClaimPath, CredentialQuery, Field, FieldPath, Format, InputDescriptor, QueryError,
};

use crate::RequestError;
use crate::text::check_text;

/// A credential that is asked for: the simple way to say it, for whichever protocol the person's
/// wallet speaks.
///
/// What this cannot say is said in the protocol's own language: a `PresentationDefinition` for
/// [`microsoft`](crate::microsoft), a `DcqlQuery` for [`openid4vp`](crate::openid4vp).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedCredential {
    id: String,
    r#type: String,
    format: Format,
    vct: Option<String>,
    name: Option<String>,
    purpose: Option<String>,
    issuers: Vec<String>,
    claims: Vec<String>,
}

impl RequestedCredential {
    /// A credential of a type, as it stands in `type`. The id (letters, digits, `_`, `-`) is the
    /// asker's own, and not the name of the type.
    #[must_use]
    pub fn new(id: &str, r#type: &str) -> Self {
        Self {
            id: id.to_owned(),
            r#type: r#type.to_owned(),
            format: Format::JwtVcJson,
            vct: None,
            name: None,
            purpose: None,
            issuers: Vec::new(),
            claims: Vec::new(),
        }
    }

    /// The type of the same credential as an SD-JWT VC (`vct`), for requests that ask for that
    /// format.
    #[must_use]
    pub fn with_vct(mut self, vct: &str) -> Self {
        self.vct = Some(vct.to_owned());
        self
    }

    /// The format that is asked for: [`Format::JwtVcJson`] unless said, or [`Format::DcSdJwt`], which
    /// needs a [`vct`](Self::with_vct). The JWT VC Presentation Profile knows the first alone.
    #[must_use]
    pub fn with_format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// The name that Microsoft's wallet shows. DCQL has no place for it.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// What it is wanted for, as Microsoft's wallet shows it. DCQL has no place for it.
    #[must_use]
    pub fn with_purpose(mut self, purpose: &str) -> Self {
        self.purpose = Some(purpose.to_owned());
        self
    }

    /// The issuers whose credentials the wallet should offer, by their whole identifiers. The JWT
    /// VC Presentation Profile needs one at least; DCQL cannot name issuers of `jwt_vc_json` by
    /// DID, so nothing of this is sent there. Either way it is a hint for the wallet: whom to
    /// believe is the verifier's policy.
    #[must_use]
    pub fn with_issuers<'i>(mut self, issuers: impl IntoIterator<Item = &'i str>) -> Self {
        self.issuers = issuers.into_iter().map(str::to_owned).collect();
        self
    }

    /// Claims that the credential must have: names, with dots between the levels (`job_title`,
    /// `address.postcode`), in the subject of a VC and at the top of an SD-JWT VC. For the JWT VC Presentation Profile only claims that are
    /// strings.
    #[must_use]
    pub fn with_claims<'c>(mut self, claims: impl IntoIterator<Item = &'c str>) -> Self {
        self.claims = claims.into_iter().map(str::to_owned).collect();
        self
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn r#type(&self) -> &str {
        &self.r#type
    }

    pub(crate) const fn format(&self) -> &Format {
        &self.format
    }

    pub(crate) fn issuers(&self) -> &[String] {
        &self.issuers
    }

    pub(crate) fn claims(&self) -> &[String] {
        &self.claims
    }

    /// As an input descriptor of Presentation Exchange. `part` is its position, from 0.
    pub(crate) fn to_descriptor(&self, part: usize) -> Result<InputDescriptor, RequestError> {
        if self.format != Format::JwtVcJson {
            return Err(RequestError::FormatNotSpoken { part });
        }
        if self.issuers.is_empty() {
            return Err(RequestError::NoAcceptedIssuer { part });
        }
        let issuers = self.issuers.iter().map(String::as_str);
        let mut descriptor = InputDescriptor::new(&self.id, [self.r#type.as_str()])
            .with_field(Field::issued_by(issuers)?);
        if let Some(name) = &self.name {
            descriptor = descriptor.with_name(check_text(name, "name")?);
        }
        if let Some(purpose) = &self.purpose {
            descriptor = descriptor.with_purpose(check_text(purpose, "purpose")?);
        }
        for claim in &self.claims {
            let names = names(claim)?.join(".");
            let path = FieldPath::parse(&format!("$.vc.credentialSubject.{names}"))?;
            descriptor = descriptor.with_field(Field::present(path));
        }
        Ok(descriptor)
    }

    /// As a credential query (OpenID4VP 1.0 §6.1). `part` is its position, from 0.
    pub(crate) fn to_credential_query(&self, part: usize) -> Result<CredentialQuery, RequestError> {
        let (mut query, top) = match self.format {
            Format::JwtVcJson => {
                (CredentialQuery::jwt_vc(&self.id, &self.r#type), Some("credentialSubject"))
            }
            Format::DcSdJwt => {
                let vct = self.vct.as_deref();
                let vct = vct.ok_or(RequestError::MemberMissing { member: "vct_values" })?;
                (CredentialQuery::sd_jwt_vc(&self.id, vct), None)
            }
            _ => return Err(RequestError::FormatNotSpoken { part }),
        };
        for claim in &self.claims {
            let path = top.into_iter().chain(names(claim)?);
            query = query.with_claim(ClaimPath::keys(path)?);
        }
        Ok(query)
    }
}

/// The levels of a claim's name: letters, digits, `_` and `-`, so that every reader of paths finds
/// the same.
pub(crate) fn names(claim: &str) -> Result<Vec<&str>, QueryError> {
    let plain = |name: &&str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        !name.is_empty() && name.bytes().all(allowed)
    };
    let names: Vec<&str> = claim.split('.').collect();
    if names.iter().all(plain) { Ok(names) } else { Err(QueryError::PathOutsideSubset) }
}
