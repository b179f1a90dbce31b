//! Resolution of the methods whose documents are in the DID itself.

use crate::{Did, DidDocument, DidError, IonHashing, Method, ion, jwk, key};

/// How DIDs are resolved. The default is the strict reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResolveOptions {
    /// What the hashes of a long-form did:ion are taken over.
    pub ion_hashing: IonHashing,
}

impl ResolveOptions {
    /// These options with another reading of did:ion hashes.
    #[must_use]
    pub fn with_ion_hashing(mut self, ion_hashing: IonHashing) -> Self {
        self.ion_hashing = ion_hashing;
        self
    }
}

/// Resolves a DID whose document is in the DID itself: did:jwk, did:key, long-form did:ion.
///
/// None for every other method: its document must be brought from elsewhere.
///
/// # Errors
/// See [`DidError`]; [`DidError::IonShortForm`] for a did:ion without its state.
pub fn resolve_in_place(
    did: &Did,
    options: &ResolveOptions,
) -> Result<Option<DidDocument>, DidError> {
    match did.method() {
        Method::Jwk => jwk::resolve(did).map(Some),
        Method::Key => key::resolve(did).map(Some),
        Method::Ion => ion::resolve(did, options.ion_hashing).map(Some),
        Method::Web | Method::Other => Ok(None),
    }
}
