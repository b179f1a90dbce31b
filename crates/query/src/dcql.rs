//! The Digital Credentials Query Language (OpenID4VP 1.0, sections 6 and 7): the model.

mod evaluate;
mod parse;
mod path;
mod types;
mod validate;

use serde::Serialize;

pub use path::{ClaimPath, PathElement, PathFault};

use crate::{ClaimValue, Format, QueryError};

/// A DCQL query: what is asked for, and which combinations of it are enough.
///
/// Every value of this type is valid: [`from_value`](Self::from_value) and [`new`](Self::new) refuse
/// the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DcqlQuery {
    credentials: Vec<CredentialQuery>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    credential_sets: Vec<CredentialSetQuery>,
}

impl DcqlQuery {
    /// Asks for all of `credentials`.
    ///
    /// # Errors
    /// A [`QueryError`] for what section 6 forbids (an empty list, an id outside the grammar or used
    /// twice, claim sets that refer to nothing, the same claim twice …), and beyond the
    /// [`limits`](crate::limits).
    pub fn new(credentials: impl IntoIterator<Item = CredentialQuery>) -> Result<Self, QueryError> {
        Self::with_sets(credentials, [])
    }

    /// Asks for the combinations of `credentials` that `sets` name (section 6.4.2). Without any set all
    /// credentials are asked for.
    ///
    /// # Errors
    /// As [`new`](Self::new), and for an option that is empty or refers to nothing.
    pub fn with_sets(
        credentials: impl IntoIterator<Item = CredentialQuery>,
        sets: impl IntoIterator<Item = CredentialSetQuery>,
    ) -> Result<Self, QueryError> {
        let credentials = credentials.into_iter().collect();
        let built = Self { credentials, credential_sets: sets.into_iter().collect() };
        built.check_no_claim_twice()?;
        built.read_back()
    }

    /// What is sent is what a reader makes of it: so one parser says what is valid.
    fn read_back(self) -> Result<Self, QueryError> {
        let member = "dcql_query";
        let json = serde_json::to_value(&self).map_err(|_| QueryError::WrongType { member })?;
        let read = Self::from_value(&json)?;
        // What a reader would pass over is not written.
        if read == self { Ok(read) } else { Err(QueryError::MetaForFormat) }
    }

    /// The credential queries, in order.
    #[must_use]
    pub fn credentials(&self) -> &[CredentialQuery] {
        &self.credentials
    }

    /// One credential query, by its id.
    #[must_use]
    pub fn credential(&self, id: &str) -> Option<&CredentialQuery> {
        self.credentials.iter().find(|credential| credential.id == id)
    }

    /// The credential sets, in order; none if every credential is asked for.
    #[must_use]
    pub fn credential_sets(&self) -> &[CredentialSetQuery] {
        &self.credential_sets
    }
}

/// A credential query (section 6.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CredentialQuery {
    id: String,
    format: Format,
    meta: Meta,
    #[serde(skip_serializing_if = "is_false")]
    multiple: bool,
    #[serde(skip_serializing_if = "is_true")]
    require_cryptographic_holder_binding: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trusted_authorities: Vec<TrustedAuthorities>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    claims: Vec<ClaimsQuery>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    claim_sets: Vec<Vec<String>>,
}

impl CredentialQuery {
    /// A W3C credential as a JWT (`jwt_vc_json`) of one type, as it stands in `type`: sent as
    /// `[["StaffIdentity"]]`.
    #[must_use]
    pub fn jwt_vc(id: &str, r#type: &str) -> Self {
        let meta = Meta::Types { type_values: vec![vec![r#type.to_owned()]] };
        Self::with_meta(id, Format::JwtVcJson, meta)
    }

    /// An SD-JWT VC (`dc+sd-jwt`) of one type.
    #[must_use]
    pub fn sd_jwt_vc(id: &str, vct: &str) -> Self {
        let meta = Meta::Vcts { vct_values: vec![vct.to_owned()] };
        Self::with_meta(id, Format::DcSdJwt, meta)
    }

    /// A credential of any format, with several types if need be.
    #[must_use]
    pub fn with_meta(id: &str, format: Format, meta: Meta) -> Self {
        Self {
            id: id.to_owned(),
            format,
            meta,
            multiple: false,
            require_cryptographic_holder_binding: true,
            trusted_authorities: Vec::new(),
            claims: Vec::new(),
            claim_sets: Vec::new(),
        }
    }

    /// Adds a claim that is asked for.
    #[must_use]
    pub fn with_claim(mut self, claim: impl Into<ClaimsQuery>) -> Self {
        self.claims.push(claim.into());
        self
    }

    /// Adds a combination of claims that is enough, by their ids; the first that can be satisfied is taken.
    #[must_use]
    pub fn with_claim_set<'i>(mut self, ids: impl IntoIterator<Item = &'i str>) -> Self {
        self.claim_sets.push(ids.into_iter().map(str::to_owned).collect());
        self
    }

    /// Lets the wallet answer with several credentials.
    #[must_use]
    pub fn with_multiple(mut self) -> Self {
        self.multiple = true;
        self
    }

    /// Lets the wallet answer without proof of the holder's key.
    #[must_use]
    pub fn accept_without_holder_binding(mut self) -> Self {
        self.require_cryptographic_holder_binding = false;
        self
    }

    /// Names authorities. A hint for the wallet: it makes nothing trusted (attack Q9).
    #[must_use]
    pub fn with_trusted_authorities(mut self, authorities: TrustedAuthorities) -> Self {
        self.trusted_authorities.push(authorities);
        self
    }

    /// The id under which the answer comes.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The format asked for.
    #[must_use]
    pub const fn format(&self) -> &Format {
        &self.format
    }

    /// The type asked for.
    #[must_use]
    pub const fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Whether several credentials may answer.
    #[must_use]
    pub const fn allows_multiple(&self) -> bool {
        self.multiple
    }

    /// Whether proof of the holder's key is asked for.
    #[must_use]
    pub const fn requires_holder_binding(&self) -> bool {
        self.require_cryptographic_holder_binding
    }

    /// The authorities asked for; none means any.
    #[must_use]
    pub fn trusted_authorities(&self) -> &[TrustedAuthorities] {
        &self.trusted_authorities
    }

    /// The claims asked for, in order.
    #[must_use]
    pub fn claims(&self) -> &[ClaimsQuery] {
        &self.claims
    }

    /// The combinations of claims that are enough, by claim ids, in order of preference; none means all
    /// claims.
    #[must_use]
    pub fn claim_sets(&self) -> &[Vec<String>] {
        &self.claim_sets
    }
}

/// Which types of credential a credential query asks for (`meta`, appendix B).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Meta {
    /// `type_values` of W3C credentials: alternatives, each a list of types that must all be there.
    Types {
        /// The alternatives.
        type_values: Vec<Vec<String>>,
    },
    /// `vct_values` of SD-JWT VCs: alternatives.
    Vcts {
        /// The alternatives.
        vct_values: Vec<String>,
    },
    /// `doctype_value` of an mdoc.
    Doctype {
        /// The document type.
        doctype_value: String,
    },
    /// An empty `meta`: any type of the format (section 6.1).
    Any {},
}

/// A claim that is asked for (section 6.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimsQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    path: ClaimPath,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<ClaimValue>>,
}

impl ClaimsQuery {
    /// The claim at `path`, whatever its value.
    #[must_use]
    pub const fn new(path: ClaimPath) -> Self {
        Self { id: None, path, values: None }
    }

    /// Gives it an id, for claim sets to refer to.
    #[must_use]
    pub fn with_id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Asks for one of these values.
    #[must_use]
    pub fn with_values<V: Into<ClaimValue>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.values = Some(values.into_iter().map(Into::into).collect());
        self
    }

    /// Its id, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Where the claim stands.
    #[must_use]
    pub const fn path(&self) -> &ClaimPath {
        &self.path
    }

    /// The values of which it must have one; empty means any.
    #[must_use]
    pub fn values(&self) -> &[ClaimValue] {
        self.values.as_deref().unwrap_or_default()
    }
}

impl From<ClaimPath> for ClaimsQuery {
    fn from(path: ClaimPath) -> Self {
        Self::new(path)
    }
}

/// Combinations of credentials of which one is enough (section 6.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CredentialSetQuery {
    options: Vec<Vec<String>>,
    #[serde(skip_serializing_if = "is_true")]
    required: bool,
}

impl CredentialSetQuery {
    /// One of `options`, each a list of credential query ids, must be answered whole.
    #[must_use]
    pub fn required<'i, O: IntoIterator<Item = &'i str>>(
        options: impl IntoIterator<Item = O>,
    ) -> Self {
        let owned = |option: O| option.into_iter().map(str::to_owned).collect();
        Self { options: options.into_iter().map(owned).collect(), required: true }
    }

    /// One of `options` may be answered.
    #[must_use]
    pub fn optional<'i, O: IntoIterator<Item = &'i str>>(
        options: impl IntoIterator<Item = O>,
    ) -> Self {
        Self { required: false, ..Self::required(options) }
    }

    /// The combinations, by credential query ids.
    #[must_use]
    pub fn options(&self) -> &[Vec<String>] {
        &self.options
    }

    /// Whether one of them must be answered.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        self.required
    }
}

/// Authorities of one type of which one certifies the issuer (section 6.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrustedAuthorities {
    r#type: AuthorityType,
    values: Vec<String>,
}

impl TrustedAuthorities {
    /// Authorities of a type, by its kind of identifier.
    #[must_use]
    pub fn new(kind: AuthorityType, values: impl IntoIterator<Item = String>) -> Self {
        Self { r#type: kind, values: values.into_iter().collect() }
    }

    /// What the values are.
    #[must_use]
    pub const fn kind(&self) -> &AuthorityType {
        &self.r#type
    }

    /// The identifiers of the authorities.
    #[must_use]
    pub fn values(&self) -> &[String] {
        &self.values
    }
}

/// How an authority is identified (sections 6.1.1.1 to 6.1.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum AuthorityType {
    /// Unpadded base64url of an X.509 authority key identifier.
    #[serde(rename = "aki")]
    Aki,
    /// The identifier of an ETSI trusted list.
    #[serde(rename = "etsi_tl")]
    EtsiTl,
    /// An entity identifier of OpenID Federation.
    #[serde(rename = "openid_federation")]
    OpenidFederation,
    /// Any other type, as it stands.
    #[serde(untagged)]
    Other(String),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_true(flag: &bool) -> bool {
    *flag
}
