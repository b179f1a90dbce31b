//! A frozen set as a query of either language.

mod model;

use staffpass_credentials::AttainmentStatus;
use staffpass_query::{
    ClaimPath, ClaimValue, ClaimsQuery, CredentialQuery, CredentialSetQuery, DcqlQuery, Field,
    FieldPath, Filter, Format, InputDescriptor, Meta, Pattern, PresentationDefinition,
};

use super::{AskedPart, AskedSet};
use crate::{DisclosureError, PartId, TrainingRule};

impl AskedSet {
    /// The set as a DCQL query (OpenID4VP 1.0 §6), every part in one format: `jwt_vc_json` or
    /// `dc+sd-jwt`. Strict asks for all; lenient makes an optional set of each part that is not
    /// mandatory (§6.4.2).
    ///
    /// # Errors
    /// [`DisclosureError::TypeNameAbsent`] where an entry has no type of the format, or there is no
    /// such format here; [`DisclosureError::Query`].
    pub fn to_dcql(&self, format: &Format) -> Result<DcqlQuery, DisclosureError> {
        let queries = self.parts.iter().map(|part| part.to_credential_query(format));
        let queries = queries.collect::<Result<Vec<_>, _>>()?;
        let optional = |part: &AskedPart| !self.must_come(part);
        if !self.parts.iter().any(optional) {
            return Ok(DcqlQuery::new(queries)?);
        }
        let must = self.parts.iter().filter(|part| self.must_come(part));
        let must = CredentialSetQuery::required([must.map(|part| part.id.as_str())]);
        let may = self.parts.iter().filter(|part| !self.must_come(part));
        let may = may.map(|part| CredentialSetQuery::optional([[part.id.as_str()]]));
        Ok(DcqlQuery::with_sets(queries, std::iter::once(must).chain(may))?)
    }

    /// The set as a presentation definition, for Microsoft Authenticator; `issuers` names the accepted
    /// issuers of each part. It asks for every part whatever [`Completeness`](super::Completeness)
    /// says, and for one credential of each: the language has no way to ask for less or for several
    /// there. Of a piece of training it asks by subject and variant, and of its level nothing: the level is
    /// a number, Authenticator finds nothing but strings, and a field that it does not find makes it
    /// offer nothing. The table judges the level of what comes.
    ///
    /// # Errors
    /// [`DisclosureError::TypeNameAbsent`], [`DisclosureError::Query`].
    pub fn to_definition<S: AsRef<str>>(
        &self,
        id: &str,
        mut issuers: impl FnMut(&PartId) -> Vec<S>,
    ) -> Result<PresentationDefinition, DisclosureError> {
        let descriptors =
            self.parts.iter().map(|part| part.to_descriptor(&issuers(&part.entry.id)));
        let descriptors = descriptors.collect::<Result<Vec<_>, _>>()?;
        Ok(PresentationDefinition::new(id, descriptors)?)
    }
}

impl AskedPart {
    fn to_credential_query(&self, format: &Format) -> Result<CredentialQuery, DisclosureError> {
        let (meta, top) = match format {
            Format::JwtVcJson => {
                let types = self.entry.type_name.clone();
                (
                    types.map(|name| Meta::Types { type_values: vec![vec![name]] }),
                    Some("credentialSubject"),
                )
            }
            Format::DcSdJwt => {
                let vct = self.entry.vct.clone();
                (vct.map(|name| Meta::Vcts { vct_values: vec![name] }), None)
            }
            _ => (None, None),
        };
        let meta = meta.ok_or_else(|| self.no_type_name())?;
        let mut query = CredentialQuery::with_meta(self.id.as_str(), format.clone(), meta);
        for claim in self.claims() {
            let path = ClaimPath::keys(top.into_iter().chain(claim.name.split('.')))?;
            let asked = ClaimsQuery::new(path);
            let any = claim.values.is_empty();
            query = query.with_claim(if any { asked } else { asked.with_values(claim.values) });
        }
        if *format == Format::DcSdJwt
            && let Some(kind) = self.entry.kind
        {
            query = model::ask_for_all_of(kind, &query);
        }
        // A piece of training is one credential; any training may be several.
        let several = self.entry.several && self.training.is_none();
        Ok(if several { query.with_multiple() } else { query })
    }

    fn to_descriptor<S: AsRef<str>>(
        &self,
        issuers: &[S],
    ) -> Result<InputDescriptor, DisclosureError> {
        let name = self.entry.type_name.as_deref().ok_or_else(|| self.no_type_name())?;
        let issuers = issuers.iter().map(AsRef::as_ref);
        let mut descriptor =
            InputDescriptor::new(self.id.as_str(), [name]).with_field(Field::issued_by(issuers)?);
        let label = self.label();
        if !label.is_empty() {
            descriptor = descriptor.with_name(&label);
        }
        if !self.entry.purpose.is_empty() {
            descriptor = descriptor.with_purpose(&self.entry.purpose);
        }
        for claim in self.claims() {
            if let Some(field) = claim.to_field()? {
                descriptor = descriptor.with_field(field);
            }
        }
        Ok(descriptor)
    }

    /// The entry's claims, and those by which a piece of training is known, each once.
    fn claims(&self) -> Vec<AskedClaim<'_>> {
        let known = self.training.as_ref().map(training_claims).unwrap_or_default();
        let own = self.entry.claims.iter().map(|name| AskedClaim { name, values: Vec::new() });
        let mut claims: Vec<AskedClaim<'_>> = Vec::new();
        for claim in known.into_iter().chain(own) {
            if !claims.iter().any(|other| other.name == claim.name) {
                claims.push(claim);
            }
        }
        claims
    }

    fn no_type_name(&self) -> DisclosureError {
        DisclosureError::TypeNameAbsent { part: self.entry.id.clone() }
    }
}

/// A claim, and the values of which it must have one; any where there are none.
struct AskedClaim<'a> {
    name: &'a str,
    values: Vec<ClaimValue>,
}

impl AskedClaim<'_> {
    /// What Authenticator can find: strings. On Android and on iOS a path leads to a string or to
    /// nothing, whatever the filter says, and a field without a pattern is refused by some builds on
    /// iOS; so a claim that has another type is not asked for at all.
    fn to_field(&self) -> Result<Option<Field>, DisclosureError> {
        let path = FieldPath::parse(&format!("$.vc.credentialSubject.{}", self.name))?;
        if self.values.is_empty() {
            return Ok(Some(Field::present(path)));
        }
        let text = |value: &ClaimValue| match value {
            ClaimValue::Text(text) => Some(text.clone()),
            _ => None,
        };
        let texts: Option<Vec<String>> = self.values.iter().map(text).collect();
        let Some(texts) = texts else { return Ok(None) };
        let pattern = Pattern::one_of(texts.iter().map(String::as_str))?;
        Ok(Some(Field::new([path], Filter::pattern(pattern))))
    }
}

fn training_claims(rule: &TrainingRule) -> Vec<AskedClaim<'_>> {
    let text = |name, text: &str| AskedClaim { name, values: vec![text.into()] };
    let mut claims = vec![
        text("framework", rule.framework.as_str()),
        text("subject", rule.subject.as_str()),
        text("attainment_status", AttainmentStatus::Achieved.as_str()),
    ];
    let levels = rule.levels();
    if !levels.is_empty() {
        let values = levels.into_iter().map(|level| i64::from(level).into()).collect();
        claims.push(AskedClaim { name: "level", values });
    }
    claims.extend(rule.variant.as_deref().map(|variant| text("variant", variant)));
    claims
}
