//! The verifier's processing (RFC 9901 §7.1): every disclosure to its place, or a refusal.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use serde_json::{Map, Value};
use staffpass_jose::base64url;
use staffpass_query::ClaimPath;

use crate::disclosure::Disclosure;
use crate::{HashAlgorithm, Limits, SdJwtError};

/// The member that lists the digests of an object's hidden claims.
pub(crate) const SD: &str = "_sd";
/// The member that holds the digest of an array's hidden element.
pub(crate) const ELLIPSIS: &str = "...";
/// The member that names the hash algorithm.
pub(crate) const SD_ALG: &str = "_sd_alg";

/// The claims of an SD-JWT with every disclosure in its place: no `_sd`, no `...`, no `_sd_alg`.
/// Made by [`UnverifiedSdJwt::reveal`](crate::UnverifiedSdJwt::reveal) alone.
#[derive(Clone, PartialEq)]
#[must_use]
pub struct Revealed {
    claims: Map<String, Value>,
    hash_algorithm: HashAlgorithm,
    places: Vec<ClaimPath>,
    /// Which disclosure went to each of `places`.
    positions: Vec<usize>,
    concealing: BTreeSet<String>,
}

impl Revealed {
    /// The claims.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The claims, given away.
    #[must_use]
    pub fn into_claims(self) -> Map<String, Value> {
        self.claims
    }

    /// The hash algorithm of `_sd_alg`, which a key binding uses too.
    #[must_use]
    pub fn hash_algorithm(&self) -> HashAlgorithm {
        self.hash_algorithm
    }

    /// Where each disclosure went: names and positions in [`claims`](Self::claims).
    #[must_use]
    pub fn disclosed_paths(&self) -> &[ClaimPath] {
        &self.places
    }

    /// Each place with the position of the disclosure that went there.
    pub(crate) fn placed(&self) -> impl Iterator<Item = (&ClaimPath, usize)> {
        self.places.iter().zip(self.positions.iter().copied())
    }

    /// Whether a top-level claim came from a disclosure, or hides something at any depth, disclosed
    /// or not, decoys included.
    ///
    /// SD-JWT VC forbids this for `iss`, `nbf`, `exp`, `cnf`, `vct`, `status` and others, their
    /// sub-claims included: whoever reads such credentials refuses when this is true for one.
    #[must_use]
    pub fn is_selectively_disclosable(&self, name: &str) -> bool {
        self.concealing.contains(name)
    }
}

impl fmt::Debug for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revealed")
            .field("hash_algorithm", &self.hash_algorithm)
            .field("disclosures", &self.places.len())
            .finish_non_exhaustive()
    }
}

pub(crate) fn reveal(
    encoded: &[&str],
    payload: &Map<String, Value>,
    limits: &Limits,
) -> Result<Revealed, SdJwtError> {
    let hash_algorithm = hash_algorithm(payload)?;
    let mut process = Process::new(encoded, hash_algorithm, limits)?;
    let claims = process.payload(payload)?;
    process.refuse_what_is_left()?;
    let Process { places, positions_placed: positions, concealing, .. } = process;
    Ok(Revealed { claims, hash_algorithm, places, positions, concealing })
}

/// RFC 9901 §4.1.1: SHA-256 where none is named.
fn hash_algorithm(payload: &Map<String, Value>) -> Result<HashAlgorithm, SdJwtError> {
    match payload.get(SD_ALG) {
        None => Ok(HashAlgorithm::default()),
        Some(Value::String(name)) => {
            HashAlgorithm::from_name(name).ok_or(SdJwtError::HashAlgorithm)
        }
        Some(_) => Err(SdJwtError::HashAlgorithm),
    }
}

/// An element of a path to one place.
#[derive(Clone)]
enum Step {
    Key(String),
    Index(usize),
}

/// The path of steps, of which the first is a claim; none of none.
fn claim_path(steps: &[Step]) -> Option<ClaimPath> {
    let (Step::Key(claim), rest) = steps.split_first()? else { return None };
    Some(rest.iter().fold(ClaimPath::key(claim), |path, step| match step {
        Step::Key(name) => path.then_key(name),
        Step::Index(index) => path.then_index(*index),
    }))
}

struct Process {
    hash_algorithm: HashAlgorithm,
    /// Position by digest.
    positions: HashMap<String, usize>,
    /// Taken out as they are placed.
    disclosures: Vec<Option<Disclosure>>,
    digests: HashSet<String>,
    places: Vec<ClaimPath>,
    positions_placed: Vec<usize>,
    concealing: BTreeSet<String>,
    path: Vec<Step>,
    values: usize,
    limits: Limits,
}

impl Process {
    fn new(
        encoded: &[&str],
        hash_algorithm: HashAlgorithm,
        limits: &Limits,
    ) -> Result<Self, SdJwtError> {
        let mut positions = HashMap::with_capacity(encoded.len());
        let mut disclosures = Vec::with_capacity(encoded.len());
        for (position, text) in encoded.iter().enumerate() {
            disclosures.push(Some(Disclosure::decode(text, position, &limits.json)?));
            if positions.insert(hash_algorithm.digest(text), position).is_some() {
                return Err(SdJwtError::DisclosureRepeated { disclosure: position });
            }
        }
        Ok(Self {
            hash_algorithm,
            positions,
            disclosures,
            digests: HashSet::new(),
            places: Vec::with_capacity(encoded.len()),
            positions_placed: Vec::with_capacity(encoded.len()),
            concealing: BTreeSet::new(),
            path: Vec::new(),
            values: 0,
            limits: *limits,
        })
    }

    fn payload(&mut self, payload: &Map<String, Value>) -> Result<Map<String, Value>, SdJwtError> {
        let mut members = payload.clone();
        members.remove(SD_ALG);
        self.object(members)
    }

    fn value(&mut self, value: Value) -> Result<Value, SdJwtError> {
        self.count_value()?;
        match value {
            Value::Object(members) => self.object(members).map(Value::Object),
            Value::Array(elements) => self.array(elements).map(Value::Array),
            plain => Ok(plain),
        }
    }

    /// RFC 9901 §7.1, step 3: open members first, so that none of them can be overwritten.
    fn object(
        &mut self,
        mut members: Map<String, Value>,
    ) -> Result<Map<String, Value>, SdJwtError> {
        let hidden = members.remove(SD);
        if members.contains_key(ELLIPSIS) {
            return Err(SdJwtError::Placeholder);
        }
        if members.contains_key(SD_ALG) {
            return Err(SdJwtError::NestedHashAlgorithm);
        }
        let mut revealed = Map::new();
        for (name, value) in members {
            let value = self.at(Step::Key(name.clone()), |process| process.value(value))?;
            revealed.insert(name, value);
        }
        if let Some(hidden) = hidden {
            self.hidden_claims(hidden, &mut revealed)?;
        }
        Ok(revealed)
    }

    /// The digests of `_sd` (RFC 9901 §4.2.4.1).
    fn hidden_claims(
        &mut self,
        digests: Value,
        revealed: &mut Map<String, Value>,
    ) -> Result<(), SdJwtError> {
        self.note_concealment();
        let Value::Array(digests) = digests else { return Err(SdJwtError::DigestList) };
        for digest in digests {
            let Value::String(digest) = digest else { return Err(SdJwtError::DigestList) };
            if let Some((disclosure, found)) = self.look_up(digest)? {
                self.hidden_claim(disclosure, found, revealed)?;
            }
        }
        Ok(())
    }

    fn hidden_claim(
        &mut self,
        disclosure: usize,
        found: Disclosure,
        revealed: &mut Map<String, Value>,
    ) -> Result<(), SdJwtError> {
        let (name, value) = found.into_parts();
        let name = name.ok_or(SdJwtError::DisclosureShape { disclosure })?;
        refuse_reserved(&name)?;
        if revealed.contains_key(&name) {
            return Err(SdJwtError::NameCollision { disclosure });
        }
        let value =
            self.at(Step::Key(name.clone()), |process| process.placed(disclosure, value))?;
        revealed.insert(name, value);
        Ok(())
    }

    /// Elements whose digest has no disclosure are removed (RFC 9901 §7.1, step 3d).
    fn array(&mut self, elements: Vec<Value>) -> Result<Vec<Value>, SdJwtError> {
        let mut revealed = Vec::with_capacity(elements.len());
        for element in elements {
            let step = Step::Index(revealed.len());
            let kept = match placeholder(&element)? {
                None => Some(self.at(step, |process| process.value(element))?),
                Some(digest) => self.hidden_element(digest.to_owned(), step)?,
            };
            revealed.extend(kept);
        }
        Ok(revealed)
    }

    fn hidden_element(&mut self, digest: String, step: Step) -> Result<Option<Value>, SdJwtError> {
        self.note_concealment();
        let Some((disclosure, found)) = self.look_up(digest)? else { return Ok(None) };
        let (None, value) = found.into_parts() else {
            return Err(SdJwtError::DisclosureShape { disclosure });
        };
        self.at(step, |process| process.placed(disclosure, value)).map(Some)
    }

    /// A disclosed value, in which more may be hidden.
    fn placed(&mut self, disclosure: usize, value: Value) -> Result<Value, SdJwtError> {
        if let Some(path) = claim_path(&self.path) {
            self.places.push(path);
            self.positions_placed.push(disclosure);
        }
        self.note_concealment();
        self.value(value)
    }

    /// The disclosure of a digest, which stands nowhere else (RFC 9901 §7.1, step 4).
    fn look_up(&mut self, digest: String) -> Result<Option<(usize, Disclosure)>, SdJwtError> {
        let bytes = base64url::decode(&digest).map_err(|_| SdJwtError::DigestForm)?;
        if bytes.len() != self.hash_algorithm.length() {
            return Err(SdJwtError::DigestForm);
        }
        let position = self.positions.get(&digest).copied();
        if !self.digests.insert(digest) {
            return Err(SdJwtError::DigestRepeated);
        }
        let found = position.and_then(|at| Some((at, self.disclosures.get_mut(at)?.take()?)));
        Ok(found)
    }

    fn refuse_what_is_left(&self) -> Result<(), SdJwtError> {
        match self.disclosures.iter().position(Option::is_some) {
            Some(disclosure) => Err(SdJwtError::DisclosureUnreferenced { disclosure }),
            None => Ok(()),
        }
    }

    /// Does something one level deeper.
    fn at<T>(
        &mut self,
        step: Step,
        work: impl FnOnce(&mut Self) -> Result<T, SdJwtError>,
    ) -> Result<T, SdJwtError> {
        let limit = self.limits.json.max_depth;
        if self.path.len() >= limit {
            return Err(SdJwtError::TooDeep { limit });
        }
        self.path.push(step);
        let done = work(self);
        self.path.pop();
        done
    }

    fn count_value(&mut self) -> Result<(), SdJwtError> {
        let limit = self.limits.json.max_values;
        self.values += 1;
        if self.values > limit { Err(SdJwtError::TooManyValues { limit }) } else { Ok(()) }
    }

    fn note_concealment(&mut self) {
        if let Some(Step::Key(name)) = self.path.first()
            && !self.concealing.contains(name)
        {
            self.concealing.insert(name.clone());
        }
    }
}

/// The digest of an array's hidden element; `None` for any other element (RFC 9901 §4.2.4.2).
fn placeholder(element: &Value) -> Result<Option<&str>, SdJwtError> {
    let Some(digest) = element.as_object().and_then(|members| members.get(ELLIPSIS)) else {
        return Ok(None);
    };
    let alone = element.as_object().is_some_and(|members| members.len() == 1);
    digest.as_str().filter(|_| alone).map(Some).ok_or(SdJwtError::Placeholder)
}

/// Names that no claim may have (RFC 9901 §5.1, §7.1). `_sd_alg` among them: from a disclosure it
/// would stand where only the issuer's payload may have it.
pub(crate) fn refuse_reserved(name: &str) -> Result<(), SdJwtError> {
    match name {
        SD | ELLIPSIS | SD_ALG => Err(SdJwtError::ReservedName),
        _ => Ok(()),
    }
}
