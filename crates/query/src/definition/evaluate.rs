//! Whether a credential answers an input descriptor.

use super::{Field, Formats, InputDescriptor, PatternReading, PresentationDefinition};
use crate::{Candidate, Format, Mismatch, Unsatisfied};

impl PresentationDefinition {
    /// Whether a credential answers a descriptor of this definition.
    ///
    /// # Errors
    /// [`Mismatch`] is the first reason why not.
    pub fn check(&self, id: &str, candidate: &Candidate<'_>) -> Result<(), Mismatch> {
        let descriptor = self.input_descriptor(id).ok_or(Mismatch::UnknownPart)?;
        self.check_format(descriptor, candidate)?;
        descriptor.check_type(candidate)?;
        check_holder_binding(candidate)?;
        descriptor.check_fields(candidate, self.reading)
    }

    /// Every descriptor is answered.
    ///
    /// # Errors
    /// [`Unsatisfied`] names those that are not.
    pub fn satisfied_by(&self, answered: impl Fn(&str) -> bool) -> Result<(), Unsatisfied> {
        let ids = self.input_descriptors.iter().map(InputDescriptor::id);
        let missing: Vec<_> = ids.filter(|id| !answered(id)).map(str::to_owned).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Unsatisfied { missing, unmet_sets: Vec::new() })
    }

    fn check_format(
        &self,
        descriptor: &InputDescriptor,
        candidate: &Candidate<'_>,
    ) -> Result<(), Mismatch> {
        let own = descriptor.format();
        let accepted = if own.is_empty() { &self.format } else { own };
        if accepts(accepted, &candidate.format) { Ok(()) } else { Err(Mismatch::Format) }
    }
}

/// A name of a presentation's format stands for the credentials in it.
fn accepts(formats: &Formats, format: &Format) -> bool {
    let is_named = |name: &str| match format {
        Format::JwtVcJson => {
            ["jwt", "jwt_vc", "jwt_vp", "jwt_vc_json", "jwt_vp_json"].contains(&name)
        }
        Format::LdpVc => ["ldp", "ldp_vc", "ldp_vp"].contains(&name),
        other => other.as_str() == name,
    };
    formats.is_empty() || formats.keys().any(|name| is_named(name))
}

/// A presentation is signed by the holder of the credentials in it, always.
fn check_holder_binding(candidate: &Candidate<'_>) -> Result<(), Mismatch> {
    if candidate.holder_bound { Ok(()) } else { Err(Mismatch::HolderBinding) }
}

impl InputDescriptor {
    /// Membership, byte for byte (attack R8).
    fn check_type(&self, candidate: &Candidate<'_>) -> Result<(), Mismatch> {
        if self.schema.is_empty() || self.types().any(|asked| candidate.types.contains(&asked)) {
            return Ok(());
        }
        Err(Mismatch::Type)
    }

    fn check_fields(
        &self,
        candidate: &Candidate<'_>,
        reading: PatternReading,
    ) -> Result<(), Mismatch> {
        let mut fields = self.fields().iter().enumerate();
        fields.try_for_each(|(claim, field)| field.check(claim, candidate, reading))
    }
}

impl Field {
    /// The first path at which something stands decides; a later one is not tried when its value does not pass.
    fn check(
        &self,
        claim: usize,
        candidate: &Candidate<'_>,
        reading: PatternReading,
    ) -> Result<(), Mismatch> {
        let root = candidate.jwt_payload.unwrap_or(candidate.credential);
        let Some(value) = self.path.iter().find_map(|path| path.select(root)) else {
            return if self.optional { Ok(()) } else { Err(Mismatch::ClaimMissing { claim }) };
        };
        if self.filter.as_ref().is_none_or(|filter| filter.passes(value, reading)) {
            return Ok(());
        }
        Err(if self.names_issuer() { Mismatch::Issuer } else { Mismatch::ClaimValue { claim } })
    }
}
