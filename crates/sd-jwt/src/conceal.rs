//! The issuer's side (RFC 9901 §4.2, §5): which claims are hidden, and what takes their places.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rand_core::CryptoRng;
use serde_json::{Map, Value, json};
use staffpass_jose::{HeaderBuilder, Signer, SigningError, UnsignedJws, VerificationKey};
use staffpass_query::{ClaimPath, PathElement};

use crate::disclosure::random_salt;
use crate::reveal::{ELLIPSIS, SD, SD_ALG, refuse_reserved};
use crate::{Disclosure, HashAlgorithm, SdJwtError};

/// The claims in which nothing may be hidden: those that SD-JWT VC names, sub-claims included, and
/// `aud` (RFC 9901 §9.7). Whether an SD-JWT holds, and for whom, is not for its holder to show or not.
pub const ALWAYS_OPEN: [&str; 9] =
    ["iss", "aud", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"];

/// Hides claims: each behind a disclosure with a salt of its own, of 128 random bits.
///
/// What is hidden inside something hidden has a disclosure of its own too (RFC 9901 §6.3).
#[derive(Clone)]
#[must_use]
pub struct Concealer {
    claims: Map<String, Value>,
    paths: Vec<(ClaimPath, Depth)>,
    hash_algorithm: HashAlgorithm,
    decoys: usize,
}

#[derive(Clone, Copy)]
enum Depth {
    Itself,
    AllInside,
}

impl Concealer {
    /// Starts from all claims of the JWT, those that stay open included.
    pub fn new(claims: Map<String, Value>) -> Self {
        Self { claims, paths: Vec::new(), hash_algorithm: HashAlgorithm::default(), decoys: 0 }
    }

    /// Hides what a path selects: a claim at any depth, an element of an array, or every element of
    /// one (null in the path), each on its own.
    pub fn conceal(mut self, path: ClaimPath) -> Self {
        self.paths.push((path, Depth::Itself));
        self
    }

    /// Hides what a path selects and, inside it, every member and every element on its own, so that
    /// the holder can show any one of them without the others.
    pub fn conceal_all_inside(mut self, path: ClaimPath) -> Self {
        self.paths.push((path, Depth::AllInside));
        self
    }

    /// Takes another hash algorithm than SHA-256.
    pub fn hash_algorithm(mut self, algorithm: HashAlgorithm) -> Self {
        self.hash_algorithm = algorithm;
        self
    }

    /// Adds so many digests that nothing fits to each object and to each array that hides something,
    /// so that how much it hides cannot be counted (RFC 9901 §4.2.5).
    pub fn decoys(mut self, each: usize) -> Self {
        self.decoys = each;
        self
    }

    /// Hides the claims.
    ///
    /// # Errors
    /// [`SdJwtError::AlwaysOpen`], [`SdJwtError::PathSelectsNothing`], [`SdJwtError::ReservedName`].
    pub fn build(self, rng: &mut impl CryptoRng) -> Result<Concealed, SdJwtError> {
        refuse_reserved_names(&self.claims)?;
        let plan = self.plan()?;
        let mut work = Work {
            hash_algorithm: self.hash_algorithm,
            decoys: self.decoys,
            rng,
            disclosures: Vec::new(),
        };
        let mut payload = work.object(self.claims, &plan);
        let disclosures = work.disclosures;
        if !disclosures.is_empty() {
            payload.insert(SD_ALG.to_owned(), self.hash_algorithm.name().into());
        }
        Ok(Concealed { payload, disclosures })
    }

    fn plan(&self) -> Result<Plan, SdJwtError> {
        let mut plan = Plan::default();
        for (position, (path, depth)) in self.paths.iter().enumerate() {
            refuse_always_open(path, position)?;
            if plan.mark_members(&self.claims, path.elements(), *depth) == 0 {
                return Err(SdJwtError::PathSelectsNothing { path: position });
            }
        }
        Ok(plan)
    }
}

impl fmt::Debug for Concealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Concealer")
            .field("paths", &self.paths.len())
            .field("hash_algorithm", &self.hash_algorithm)
            .field("decoys", &self.decoys)
            .finish_non_exhaustive()
    }
}

/// Claims with some hidden, and the disclosures that bring those back.
#[derive(Clone)]
#[must_use]
pub struct Concealed {
    payload: Map<String, Value>,
    disclosures: Vec<Disclosure>,
}

impl Concealed {
    /// The payload to be signed: open claims and digests.
    #[must_use]
    pub fn payload(&self) -> &Map<String, Value> {
        &self.payload
    }

    /// The disclosures, what is hidden inside another before that other.
    #[must_use]
    pub fn disclosures(&self) -> &[Disclosure] {
        &self.disclosures
    }

    /// Joins the payload with a header, to be signed.
    pub fn into_unsigned(self, header: &HeaderBuilder) -> UnsignedSdJwt {
        let jws = UnsignedJws::new(header, Value::Object(self.payload).to_string().as_bytes());
        UnsignedSdJwt { jws, disclosures: self.disclosures }
    }
}

impl fmt::Debug for Concealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Concealed")
            .field("disclosures", &self.disclosures.len())
            .finish_non_exhaustive()
    }
}

/// An SD-JWT whose issuer has yet to sign.
#[derive(Clone, Debug)]
#[must_use]
pub struct UnsignedSdJwt {
    jws: UnsignedJws,
    disclosures: Vec<Disclosure>,
}

impl UnsignedSdJwt {
    /// The bytes to sign.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.jws.signing_input()
    }

    /// Adds the signature and returns the compact form with all disclosures, after checking the
    /// signature as any verifier will.
    ///
    /// # Errors
    /// See [`UnsignedJws::with_signature`].
    pub fn with_signature(
        self,
        signature: &[u8],
        published: &VerificationKey,
    ) -> Result<String, SigningError> {
        Ok(compact(&self.jws.with_signature(signature, published)?, &self.disclosures))
    }

    /// Signs at once.
    ///
    /// # Errors
    /// See [`UnsignedJws::sign`].
    pub fn sign(self, signer: &dyn Signer) -> Result<String, SigningError> {
        Ok(compact(&self.jws.sign(signer)?, &self.disclosures))
    }
}

fn compact(jwt: &str, disclosures: &[Disclosure]) -> String {
    let parts = std::iter::once(jwt).chain(disclosures.iter().map(Disclosure::encoded));
    parts.flat_map(|part| [part, "~"]).collect()
}

/// SD-JWT VC, "Registered JWT Claims": neither these claims nor anything in them.
fn refuse_always_open(path: &ClaimPath, position: usize) -> Result<(), SdJwtError> {
    match path.elements().first() {
        Some(PathElement::Key(name)) if ALWAYS_OPEN.contains(&name.as_str()) => {
            Err(SdJwtError::AlwaysOpen { path: position })
        }
        _ => Ok(()),
    }
}

/// RFC 9901 §5.1: the claims of the issuer have no member that would be read as ours.
fn refuse_reserved_names(claims: &Map<String, Value>) -> Result<(), SdJwtError> {
    for (name, value) in claims {
        refuse_reserved(name)?;
        refuse_reserved_inside(value)?;
    }
    Ok(())
}

fn refuse_reserved_inside(value: &Value) -> Result<(), SdJwtError> {
    match value {
        Value::Object(members) => refuse_reserved_names(members),
        Value::Array(elements) => elements.iter().try_for_each(refuse_reserved_inside),
        _ => Ok(()),
    }
}

/// What is hidden, as a tree in the shape of the claims.
#[derive(Default)]
struct Plan {
    hidden: bool,
    members: BTreeMap<String, Self>,
    elements: BTreeMap<usize, Self>,
}

impl Plan {
    /// Marks what the rest of a path selects from a value on, and says how many places those are.
    fn mark(&mut self, value: &Value, rest: &[PathElement], depth: Depth) -> usize {
        if rest.is_empty() {
            self.hidden = true;
            if let Depth::AllInside = depth {
                self.mark_all_inside(value);
            }
            return 1;
        }
        match value {
            Value::Object(members) => self.mark_members(members, rest, depth),
            Value::Array(elements) => self.mark_elements(elements, rest, depth),
            _ => 0,
        }
    }

    fn mark_members(
        &mut self,
        members: &Map<String, Value>,
        path: &[PathElement],
        depth: Depth,
    ) -> usize {
        let Some((PathElement::Key(name), rest)) = path.split_first() else { return 0 };
        members.get(name).map_or(0, |value| {
            self.members.entry(name.clone()).or_default().mark(value, rest, depth)
        })
    }

    fn mark_elements(&mut self, elements: &[Value], path: &[PathElement], depth: Depth) -> usize {
        let Some((chosen, rest)) = path.split_first() else { return 0 };
        let mut marked = 0;
        for (index, value) in elements.iter().enumerate() {
            if *chosen == PathElement::All || *chosen == PathElement::Index(index) {
                marked += self.elements.entry(index).or_default().mark(value, rest, depth);
            }
        }
        marked
    }

    fn mark_all_inside(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    self.members.entry(name.clone()).or_default().mark(
                        value,
                        &[],
                        Depth::AllInside,
                    );
                }
            }
            Value::Array(elements) => {
                self.mark_elements(elements, &[PathElement::All], Depth::AllInside);
            }
            _ => {}
        }
    }
}

struct Work<'r, R> {
    hash_algorithm: HashAlgorithm,
    decoys: usize,
    rng: &'r mut R,
    disclosures: Vec<Disclosure>,
}

impl<R: CryptoRng> Work<'_, R> {
    fn value(&mut self, value: Value, plan: &Plan) -> Value {
        match value {
            Value::Object(members) => Value::Object(self.object(members, plan)),
            Value::Array(elements) => Value::Array(self.array(elements, plan)),
            plain => plain,
        }
    }

    /// RFC 9901 §4.2.4.1. The digests are sorted, so that their order tells nothing.
    fn object(&mut self, members: Map<String, Value>, plan: &Plan) -> Map<String, Value> {
        let mut open = Map::new();
        let mut digests = BTreeSet::new();
        for (name, value) in members {
            let Some(below) = plan.members.get(&name) else {
                open.insert(name, value);
                continue;
            };
            let value = self.value(value, below);
            if below.hidden {
                let disclosure = Disclosure::claim(&name, value, self.rng);
                digests.insert(self.keep(disclosure));
            } else {
                open.insert(name, value);
            }
        }
        if !digests.is_empty() {
            digests.extend((0..self.decoys).map(|_| self.decoy()));
            open.insert(SD.to_owned(), digests.into_iter().collect());
        }
        open
    }

    /// RFC 9901 §4.2.4.2. Decoys come anywhere, so that their places tell nothing either.
    fn array(&mut self, elements: Vec<Value>, plan: &Plan) -> Vec<Value> {
        let mut left = Vec::with_capacity(elements.len());
        let mut hides = false;
        for (index, value) in elements.into_iter().enumerate() {
            let Some(below) = plan.elements.get(&index) else {
                left.push(value);
                continue;
            };
            let value = self.value(value, below);
            if below.hidden {
                let disclosure = Disclosure::element(value, self.rng);
                left.push(json!({ ELLIPSIS: self.keep(disclosure) }));
                hides = true;
            } else {
                left.push(value);
            }
        }
        for _ in 0..if hides { self.decoys } else { 0 } {
            let at = self.position(left.len());
            left.insert(at, json!({ ELLIPSIS: self.decoy() }));
        }
        left
    }

    fn keep(&mut self, disclosure: Disclosure) -> String {
        let digest = disclosure.digest(self.hash_algorithm);
        self.disclosures.push(disclosure);
        digest
    }

    /// The digest of a random number, as RFC 9901 §4.2.5 recommends.
    fn decoy(&mut self) -> String {
        self.hash_algorithm.digest(&random_salt(self.rng))
    }

    /// A position from 0 to `last`. The remainder of 64 bits favours none by more than 1 in 2^40 for
    /// arrays of up to 2^24 elements.
    fn position(&mut self, last: usize) -> usize {
        let choices = u64::try_from(last).unwrap_or(u64::MAX).saturating_add(1);
        usize::try_from(self.rng.next_u64() % choices).unwrap_or(last)
    }
}
