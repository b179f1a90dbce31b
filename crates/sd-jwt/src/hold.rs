//! The holder's side (RFC 9901 §7.2): what was received, and the least of it that shows some claims.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Bound;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use staffpass_jose::PublicKey;
use staffpass_query::{ClaimPath, PathElement};

use crate::key_binding::UnsignedKeyBinding;
use crate::{HashAlgorithm, Limits, Revealed, SdJwtError, UnverifiedSdJwt, confirmation_key};

/// An SD-JWT as its holder keeps it: the bytes as they came, and every disclosure in its place.
#[derive(Clone)]
pub struct HeldSdJwt {
    issuer_jwt: String,
    disclosures: Vec<String>,
    revealed: Revealed,
    holder_key: Option<PublicKey>,
}

impl HeldSdJwt {
    /// Takes what an issuer handed out.
    ///
    /// `payload` is the payload of its JWT, whose signature the holder has verified or chosen not to.
    ///
    /// # Errors
    /// [`SdJwtError::KeyBindingFromIssuer`] (RFC 9901 §7.2), and whatever a verifier refuses: what
    /// could not be shown is not taken.
    pub fn receive(
        compact: &str,
        payload: &Map<String, Value>,
        limits: &Limits,
    ) -> Result<Self, SdJwtError> {
        let sd_jwt = UnverifiedSdJwt::parse(compact, limits)?;
        if sd_jwt.key_binding_jwt().is_some() {
            return Err(SdJwtError::KeyBindingFromIssuer);
        }
        let revealed = sd_jwt.reveal(payload)?;
        Ok(Self {
            issuer_jwt: sd_jwt.issuer_jwt().to_owned(),
            disclosures: sd_jwt.disclosures().map(str::to_owned).collect(),
            holder_key: confirmation_key(revealed.claims())?,
            revealed,
        })
    }

    /// All claims, as a verifier would see them who is shown everything.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        self.revealed.claims()
    }

    /// What is hidden unless it is shown: one path for each disclosure.
    #[must_use]
    pub fn concealed_paths(&self) -> &[ClaimPath] {
        self.revealed.disclosed_paths()
    }

    /// The key in `cnf`, whose private half signs key bindings; `None` when there is none.
    #[must_use]
    pub fn holder_key(&self) -> Option<&PublicKey> {
        self.holder_key.as_ref()
    }

    /// The least that shows what some paths select: the disclosures of the claims themselves, of what
    /// is hidden inside them, and of what they are hidden in. None at all for no path.
    ///
    /// An index counts among all elements of the array, as in [`claims`](Self::claims). A verifier
    /// counts among those that it is shown, so where elements are hidden one by one, ask for them all
    /// or by value.
    ///
    /// # Errors
    /// [`SdJwtError::PathSelectsNothing`].
    pub fn select(&self, paths: &[ClaimPath]) -> Result<Presentation, SdJwtError> {
        let mut chosen = BTreeSet::new();
        for (position, path) in paths.iter().enumerate() {
            let mut places = Vec::new();
            collect_members(self.claims(), path.elements(), &mut Vec::new(), &mut places);
            if places.is_empty() {
                return Err(SdJwtError::PathSelectsNothing { path: position });
            }
            chosen.extend(places);
        }
        Ok(self.presentation(|place| is_needed(place, &chosen)))
    }

    fn presentation(&self, needed: impl Fn(&[PathElement]) -> bool) -> Presentation {
        let mut shown = BTreeSet::new();
        let mut paths = Vec::new();
        for (path, disclosure) in self.revealed.placed() {
            if needed(path.elements()) {
                shown.insert(disclosure);
                paths.push(path.clone());
            }
        }
        let disclosures = self.disclosures.iter().enumerate();
        let disclosures = disclosures
            .filter(|(position, _)| shown.contains(position))
            .map(|(_, text)| text.as_str());
        let parts = std::iter::once(self.issuer_jwt.as_str()).chain(disclosures);
        Presentation {
            compact: parts.flat_map(|part| [part, "~"]).collect(),
            hash_algorithm: self.revealed.hash_algorithm(),
            paths,
            holder_key: self.holder_key.clone(),
        }
    }
}

impl fmt::Debug for HeldSdJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldSdJwt")
            .field("disclosures", &self.disclosures.len())
            .finish_non_exhaustive()
    }
}

/// An SD-JWT with the disclosures that were chosen, and no key binding yet.
#[derive(Clone)]
#[must_use]
pub struct Presentation {
    compact: String,
    hash_algorithm: HashAlgorithm,
    paths: Vec<ClaimPath>,
    holder_key: Option<PublicKey>,
}

impl Presentation {
    /// The compact form without key binding: it ends in `~`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.compact
    }

    /// What it shows of what was hidden: one path for each disclosure in it.
    #[must_use]
    pub fn disclosed_paths(&self) -> &[ClaimPath] {
        &self.paths
    }

    /// Binds it to one verifier and one request (RFC 9901 §4.3): a key binding JWT to be signed by the
    /// key in `cnf`, with that key's algorithm.
    ///
    /// # Errors
    /// [`SdJwtError::NotBound`] for an SD-JWT without `cnf`, [`SdJwtError::Date`].
    pub fn bind(
        &self,
        audience: &str,
        nonce: &str,
        issued_at: DateTime<Utc>,
    ) -> Result<UnsignedKeyBinding, SdJwtError> {
        let holder_key = self.holder_key.as_ref().ok_or(SdJwtError::NotBound)?;
        let sd_hash = self.hash_algorithm.digest(&self.compact);
        UnsignedKeyBinding::new(&self.compact, holder_key, &sd_hash, audience, nonce, issued_at)
    }
}

impl fmt::Debug for Presentation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presentation")
            .field("disclosures", &self.paths.len())
            .finish_non_exhaustive()
    }
}

/// Whether a disclosure's place is one of the chosen, holds one, or is held by one.
fn is_needed(place: &[PathElement], chosen: &BTreeSet<Vec<PathElement>>) -> bool {
    // In a sorted set whatever starts with `place` stands together, right after `place`.
    let from = (Bound::Included(place), Bound::Unbounded);
    let holds_one =
        chosen.range::<[PathElement], _>(from).next().is_some_and(|next| next.starts_with(place));
    holds_one
        || (1..place.len()).any(|length| place.get(..length).is_some_and(|p| chosen.contains(p)))
}

/// The places that a path selects (OpenID4VP 1.0 §7.1), added to `places`.
fn collect_members(
    members: &Map<String, Value>,
    path: &[PathElement],
    at: &mut Vec<PathElement>,
    places: &mut Vec<Vec<PathElement>>,
) {
    let Some((PathElement::Key(name), rest)) = path.split_first() else { return };
    if let Some(value) = members.get(name) {
        at.push(PathElement::Key(name.clone()));
        collect(value, rest, at, places);
        at.pop();
    }
}

fn collect(
    value: &Value,
    path: &[PathElement],
    at: &mut Vec<PathElement>,
    places: &mut Vec<Vec<PathElement>>,
) {
    match value {
        _ if path.is_empty() => places.push(at.clone()),
        Value::Object(members) => collect_members(members, path, at, places),
        Value::Array(elements) => collect_elements(elements, path, at, places),
        _ => {}
    }
}

fn collect_elements(
    elements: &[Value],
    path: &[PathElement],
    at: &mut Vec<PathElement>,
    places: &mut Vec<Vec<PathElement>>,
) {
    let Some((chosen, rest)) = path.split_first() else { return };
    for (index, value) in elements.iter().enumerate() {
        if *chosen == PathElement::All || *chosen == PathElement::Index(index) {
            at.push(PathElement::Index(index));
            collect(value, rest, at, places);
            at.pop();
        }
    }
}
