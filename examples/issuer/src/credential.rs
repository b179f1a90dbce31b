//! One credential: built, entered in a register, signed, and written into the ledger.

use chrono::{DateTime, Utc};
use rand::Rng as _;
use serde_json::{Map, Value};
use staffpass::aws_lc::AwsLc;
use staffpass::credentials::{ClaimsContext, CredentialKind, StaffCredential, TypeNames};
use staffpass::did::{Did, Relationship, ResolveOptions, resolve_in_place};
use staffpass::issue::{CredentialBuilder, SdJwtVcBuilder};
use staffpass::jose::{CryptoProvider as _, PublicKey};

use crate::Error;
use crate::identity::Identity;
use crate::options::Format;
use crate::store::{Books, REVOCATION, Record, TOKENS};

/// For whom a credential is.
pub(crate) struct Holder {
    pub(crate) did: Did,
    pub(crate) key: PublicKey,
}

impl Holder {
    /// The holder of a DID that says itself what its key is: its first one for authentication.
    pub(crate) fn of_did(did: &str) -> Result<Self, Error> {
        let did: Did = did.parse()?;
        let document = resolve_in_place(&did, &ResolveOptions::default())?;
        let document = document.ok_or("the holder is no did:jwk, did:key or long-form did:ion")?;
        let mut methods = document.verification_methods().iter();
        let method = methods.find(|m| m.relationships().contains(Relationship::Authentication));
        let method = method.ok_or("the holder's DID has no key for authentication")?;
        let key = AwsLc.prepare(method.key())?.public_key().clone();
        Ok(Self { did, key })
    }
}

/// What was issued.
pub(crate) struct Issued {
    pub(crate) id: String,
    pub(crate) credential: String,
}

/// Reads the claims of a staff credential, with every fault in one error.
pub(crate) fn read_claims(
    kind: CredentialKind,
    claims: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<StaffCredential, Error> {
    Ok(StaffCredential::from_claims(kind, claims, &ClaimsContext::new(now, now))?)
}

/// Issues a credential. It is good once the books are written.
pub(crate) fn issue(
    identity: &Identity,
    books: &mut Books,
    says: &StaffCredential,
    holder: &Holder,
    format: Format,
    now: DateTime<Utc>,
) -> Result<Issued, Error> {
    let (list, index, credential) = match format {
        Format::DcSdJwt => sd_jwt_vc(identity, books, says, holder, now)?,
        _ => w3c(identity, books, says, holder, format, now)?,
    };
    let id = random_id();
    books.issued(Record {
        id: id.clone(),
        kind: says.kind().id().to_owned(),
        format: format.id().to_owned(),
        holder: holder.did.to_string(),
        issued_at: now,
        list: list.to_owned(),
        index,
    });
    Ok(Issued { id, credential })
}

type Signed = (&'static str, u64, String);

fn w3c(
    identity: &Identity,
    books: &mut Books,
    says: &StaffCredential,
    holder: &Holder,
    format: Format,
    now: DateTime<Utc>,
) -> Result<Signed, Error> {
    let (names, mut rng) = (TypeNames::default(), rand::rng());
    let builder = CredentialBuilder::staff(&identity.issuer, &holder.did, now, says, &names)?;
    let entry = books.revocation.allocate(&mut rng)?;
    let index = entry.index();
    let builder = builder.status(entry);
    let unsigned = match format {
        Format::VcJwt => builder.build_vc2(&mut rng)?,
        _ => builder.build(&mut rng)?,
    };
    Ok((REVOCATION, index, unsigned.sign(&identity.key)?))
}

fn sd_jwt_vc(
    identity: &Identity,
    books: &mut Books,
    says: &StaffCredential,
    holder: &Holder,
    now: DateTime<Utc>,
) -> Result<Signed, Error> {
    let (names, mut rng) = (TypeNames::default(), rand::rng());
    let builder = SdJwtVcBuilder::staff(&identity.token_issuer, &holder.key, now, says, &names)?;
    let status = books.tokens.allocate(&mut rng)?;
    let index = status.index();
    let unsigned = builder.status(status).build(&mut rng)?;
    Ok((TOKENS, index, unsigned.sign(&identity.key)?))
}

/// What the trust knows a credential by: 128 random bits, in letters and digits alone, so that no
/// command line takes it for an option.
fn random_id() -> String {
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}
