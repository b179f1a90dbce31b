//! The verifier's processing (RFC 9901 §7.1): every disclosure to its place, or a refusal.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use serde_json::{Map, Value};
use staffpass_jose::base64url;
use staffpass_jose::json::{Kind, Node, Tree};
use staffpass_query::ClaimPath;

use crate::disclosure::Salted;
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
    payload: Node<'_>,
    limits: &Limits,
) -> Result<Revealed, SdJwtError> {
    if !payload.is_object() {
        return Err(SdJwtError::PayloadShape);
    }
    let hash_algorithm = hash_algorithm(payload)?;
    let texts = decoded(encoded)?;
    let arrays = arrays(&texts, limits)?;
    let mut process = Process::new(encoded, &arrays, hash_algorithm, limits)?;
    let claims = process.payload(payload)?;
    process.refuse_what_is_left()?;
    let Process { places, positions_placed: positions, concealing, .. } = process;
    Ok(Revealed { claims, hash_algorithm, places, positions, concealing })
}

/// RFC 9901 §4.1.1: SHA-256 where none is named.
fn hash_algorithm(payload: Node<'_>) -> Result<HashAlgorithm, SdJwtError> {
    let Some(name) = payload.get(SD_ALG) else { return Ok(HashAlgorithm::default()) };
    name.as_str().and_then(HashAlgorithm::from_name).ok_or(SdJwtError::HashAlgorithm)
}

fn decoded(encoded: &[&str]) -> Result<Vec<Vec<u8>>, SdJwtError> {
    let decode = |(disclosure, text): (usize, &&str)| {
        base64url::decode(text).map_err(|_| SdJwtError::DisclosureBase64 { disclosure })
    };
    encoded.iter().enumerate().map(decode).collect()
}

fn arrays<'a>(texts: &'a [Vec<u8>], limits: &Limits) -> Result<Vec<Tree<'a>>, SdJwtError> {
    let parse = |(disclosure, text): (usize, &'a Vec<u8>)| {
        Tree::parse(text, &limits.json)
            .map_err(|reason| SdJwtError::DisclosureJson { disclosure, reason })
    };
    texts.iter().enumerate().map(parse).collect()
}

/// An element of a path to one place.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// The path of steps, of which the first is a claim; none of none.
fn claim_path(steps: &[Step<'_>]) -> Option<ClaimPath> {
    let (Step::Key(claim), rest) = steps.split_first()? else { return None };
    Some(rest.iter().fold(ClaimPath::key(claim), |path, step| match step {
        Step::Key(name) => path.then_key(name),
        Step::Index(index) => path.then_index(*index),
    }))
}

struct Process<'a> {
    hash_algorithm: HashAlgorithm,
    /// Position by digest.
    positions: HashMap<String, usize>,
    /// Taken out as they are placed.
    disclosures: Vec<Option<Salted<'a>>>,
    digests: HashSet<&'a str>,
    places: Vec<ClaimPath>,
    positions_placed: Vec<usize>,
    concealing: BTreeSet<String>,
    path: Vec<Step<'a>>,
    values: usize,
    limits: Limits,
}

impl<'a> Process<'a> {
    fn new(
        encoded: &[&str],
        arrays: &'a [Tree<'_>],
        hash_algorithm: HashAlgorithm,
        limits: &Limits,
    ) -> Result<Self, SdJwtError> {
        let mut positions = HashMap::with_capacity(encoded.len());
        let mut disclosures = Vec::with_capacity(encoded.len());
        for (disclosure, (text, array)) in encoded.iter().zip(arrays).enumerate() {
            let salted = Salted::of(array.root());
            disclosures.push(Some(salted.ok_or(SdJwtError::DisclosureShape { disclosure })?));
            if positions.insert(hash_algorithm.digest(text), disclosure).is_some() {
                return Err(SdJwtError::DisclosureRepeated { disclosure });
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

    fn payload(&mut self, payload: Node<'a>) -> Result<Map<String, Value>, SdJwtError> {
        self.members(payload, &[SD, SD_ALG])
    }

    fn value(&mut self, value: Node<'a>) -> Result<Value, SdJwtError> {
        self.count_value()?;
        match value.kind() {
            Kind::Object if value.get(SD_ALG).is_some() => Err(SdJwtError::NestedHashAlgorithm),
            Kind::Object => self.members(value, &[SD]).map(Value::Object),
            Kind::Array => self.array(value).map(Value::Array),
            _ => Ok(value.to_value()),
        }
    }

    /// RFC 9901 §7.1, step 3: open members first, so that none of them can be overwritten.
    fn members(
        &mut self,
        object: Node<'a>,
        left_out: &[&str],
    ) -> Result<Map<String, Value>, SdJwtError> {
        if object.get(ELLIPSIS).is_some() {
            return Err(SdJwtError::Placeholder);
        }
        let mut revealed = Map::new();
        let open = object.members().into_iter().flatten();
        for (name, value) in open.filter(|(name, _)| !left_out.contains(name)) {
            let value = self.at(Step::Key(name), |process| process.value(value))?;
            revealed.insert(name.to_owned(), value);
        }
        if let Some(hidden) = object.get(SD) {
            self.hidden_claims(hidden, &mut revealed)?;
        }
        Ok(revealed)
    }

    /// The digests of `_sd` (RFC 9901 §4.2.4.1).
    fn hidden_claims(
        &mut self,
        digests: Node<'a>,
        revealed: &mut Map<String, Value>,
    ) -> Result<(), SdJwtError> {
        self.note_concealment();
        for digest in digests.elements().ok_or(SdJwtError::DigestList)? {
            let digest = digest.as_str().ok_or(SdJwtError::DigestList)?;
            if let Some((disclosure, found)) = self.look_up(digest)? {
                self.hidden_claim(disclosure, found, revealed)?;
            }
        }
        Ok(())
    }

    fn hidden_claim(
        &mut self,
        disclosure: usize,
        Salted { name, value }: Salted<'a>,
        revealed: &mut Map<String, Value>,
    ) -> Result<(), SdJwtError> {
        let name = name.ok_or(SdJwtError::DisclosureShape { disclosure })?;
        refuse_reserved(name)?;
        if revealed.contains_key(name) {
            return Err(SdJwtError::NameCollision { disclosure });
        }
        let value = self.at(Step::Key(name), |process| process.placed(disclosure, value))?;
        revealed.insert(name.to_owned(), value);
        Ok(())
    }

    /// Elements whose digest has no disclosure are removed (RFC 9901 §7.1, step 3d).
    fn array(&mut self, array: Node<'a>) -> Result<Vec<Value>, SdJwtError> {
        let mut revealed = Vec::new();
        for element in array.elements().into_iter().flatten() {
            let step = Step::Index(revealed.len());
            let kept = match placeholder(element)? {
                None => Some(self.at(step, |process| process.value(element))?),
                Some(digest) => self.hidden_element(digest, step)?,
            };
            revealed.extend(kept);
        }
        Ok(revealed)
    }

    fn hidden_element(
        &mut self,
        digest: &'a str,
        step: Step<'a>,
    ) -> Result<Option<Value>, SdJwtError> {
        self.note_concealment();
        let Some((disclosure, found)) = self.look_up(digest)? else { return Ok(None) };
        let Salted { name: None, value } = found else {
            return Err(SdJwtError::DisclosureShape { disclosure });
        };
        self.at(step, |process| process.placed(disclosure, value)).map(Some)
    }

    /// A disclosed value, in which more may be hidden.
    fn placed(&mut self, disclosure: usize, value: Node<'a>) -> Result<Value, SdJwtError> {
        if let Some(path) = claim_path(&self.path) {
            self.places.push(path);
            self.positions_placed.push(disclosure);
        }
        self.note_concealment();
        self.value(value)
    }

    /// The disclosure of a digest, which stands nowhere else (RFC 9901 §7.1, step 4).
    fn look_up(&mut self, digest: &'a str) -> Result<Option<(usize, Salted<'a>)>, SdJwtError> {
        let bytes = base64url::decode(digest).map_err(|_| SdJwtError::DigestForm)?;
        if bytes.len() != self.hash_algorithm.length() {
            return Err(SdJwtError::DigestForm);
        }
        if !self.digests.insert(digest) {
            return Err(SdJwtError::DigestRepeated);
        }
        let position = self.positions.get(digest).copied();
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
        step: Step<'a>,
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
            && !self.concealing.contains(*name)
        {
            self.concealing.insert((*name).to_owned());
        }
    }
}

/// The digest of an array's hidden element; `None` for any other element (RFC 9901 §4.2.4.2).
fn placeholder(element: Node<'_>) -> Result<Option<&str>, SdJwtError> {
    let Some(digest) = element.get(ELLIPSIS) else { return Ok(None) };
    let alone = element.members().is_some_and(|members| members.count() == 1);
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
