//! Reading a DCQL query out of untrusted JSON. Unknown members are ignored, as section 6 demands.

use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

use super::{
    AuthorityType, ClaimPath, ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlQuery, Meta,
    TrustedAuthorities,
};
use crate::limits::{MAX_CLAIMS, MAX_PARTS, MAX_SETS, MAX_VALUES};
use crate::{ClaimValue, Format, QueryError, read};

impl DcqlQuery {
    /// Reads a query: the value of `dcql_query`.
    ///
    /// # Errors
    /// [`QueryError`] names the member and the rule that it breaks. The order of the members does not
    /// matter.
    pub fn from_value(value: &Value) -> Result<Self, QueryError> {
        let object = read::object(value, "dcql_query")?;
        let credentials = read::required(object, "credentials")?;
        let query = Self {
            credentials: read::list(credentials, "credentials", MAX_PARTS, credential)?,
            credential_sets: read::optional_list(object, "credential_sets", MAX_SETS, set)?,
        };
        query.validate()?;
        Ok(query)
    }
}

impl<'de> Deserialize<'de> for DcqlQuery {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

fn credential(value: &Value) -> Result<CredentialQuery, QueryError> {
    let object = read::object(value, "credentials")?;
    let format = Format::from_name(&read::text(read::required(object, "format")?, "format")?);
    let holder_binding = "require_cryptographic_holder_binding";
    Ok(CredentialQuery {
        id: read::text(read::required(object, "id")?, "id")?,
        meta: meta(&format, read::object(read::required(object, "meta")?, "meta")?)?,
        format,
        multiple: read::flag(object, "multiple", false)?,
        require_cryptographic_holder_binding: read::flag(object, holder_binding, true)?,
        trusted_authorities: read::optional_list(
            object,
            "trusted_authorities",
            MAX_VALUES,
            authorities,
        )?,
        claims: read::optional_list(object, "claims", MAX_CLAIMS, claim)?,
        claim_sets: read::optional_list(object, "claim_sets", MAX_SETS, |set| {
            read::texts(set, "claim_sets", MAX_CLAIMS)
        })?,
    })
}

/// The member of `meta` that belongs to the format. Without it `meta` asks for nothing, unless it has
/// another format's member: then it is a mistake, and matching everything would be the wrong answer.
fn meta(format: &Format, object: &Map<String, Value>) -> Result<Meta, QueryError> {
    let own = match format {
        Format::JwtVcJson | Format::LdpVc => "type_values",
        Format::DcSdJwt => "vct_values",
        Format::MsoMdoc => "doctype_value",
        Format::Other(_) => return known_meta(object),
    };
    match object.get(own) {
        Some(value) => meta_of(own, value),
        None if META.iter().any(|other| object.contains_key(*other)) => {
            Err(QueryError::MetaForFormat)
        }
        None => Ok(Meta::Any {}),
    }
}

/// The members of `meta` that formats define (appendix B).
const META: [&str; 3] = ["type_values", "vct_values", "doctype_value"];

/// A format that is not known here may use a member that is: `vc+sd-jwt` has `vct_values`. To pass
/// over it would be to match everything of that format.
fn known_meta(object: &Map<String, Value>) -> Result<Meta, QueryError> {
    let known = META.iter().find_map(|member| Some((*member, object.get(*member)?)));
    known.map_or(Ok(Meta::Any {}), |(member, value)| meta_of(member, value))
}

fn meta_of(member: &str, value: &Value) -> Result<Meta, QueryError> {
    let alternative = |types: &Value| read::texts(types, "type_values", MAX_VALUES);
    match member {
        "vct_values" => {
            Ok(Meta::Vcts { vct_values: read::texts(value, "vct_values", MAX_VALUES)? })
        }
        "doctype_value" => Ok(Meta::Doctype { doctype_value: read::text(value, "doctype_value")? }),
        _ => Ok(Meta::Types {
            type_values: read::list(value, "type_values", MAX_VALUES, alternative)?,
        }),
    }
}

fn claim(value: &Value) -> Result<ClaimsQuery, QueryError> {
    let object = read::object(value, "claims")?;
    let values = |value| {
        read::list(value, "values", MAX_VALUES, |element| ClaimValue::from_value(element, "values"))
    };
    Ok(ClaimsQuery {
        id: read::optional_text(object, "id")?,
        path: ClaimPath::from_value(read::required(object, "path")?)?,
        values: object.get("values").map(values).transpose()?,
    })
}

fn authorities(value: &Value) -> Result<TrustedAuthorities, QueryError> {
    let object = read::object(value, "trusted_authorities")?;
    let kind = match read::text(read::required(object, "type")?, "type")?.as_str() {
        "aki" => AuthorityType::Aki,
        "etsi_tl" => AuthorityType::EtsiTl,
        "openid_federation" => AuthorityType::OpenidFederation,
        other => AuthorityType::Other(other.to_owned()),
    };
    let values = read::texts(read::required(object, "values")?, "values", MAX_VALUES)?;
    Ok(TrustedAuthorities::new(kind, values))
}

fn set(value: &Value) -> Result<CredentialSetQuery, QueryError> {
    let object = read::object(value, "credential_sets")?;
    let options = read::required(object, "options")?;
    Ok(CredentialSetQuery {
        options: read::list(options, "options", MAX_SETS, |option| {
            read::texts(option, "options", MAX_PARTS)
        })?,
        required: read::flag(object, "required", true)?,
    })
}
