//! Keys and certificates as files: read, or made on the first start.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use rand::RngExt as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm,
};
use staffpass::aws_lc::SigningKey;
use staffpass::jose::{Algorithm, PublicKey, Signer as _, base64url};
use staffpass::share::SealingKeys;
use staffpass::x509::CertificateChain;
use zeroize::Zeroizing;

use crate::Error;

/// The first key that the service makes; those of later are `key-2.jwk`, `key-3.jwk` …
const FIRST: &str = "key.jwk";

/// The key of the certificates that the service makes, and of nothing else: so that they outlive a
/// change of the other keys.
const CERTIFIED: &str = "certificate-key.jwk";

/// All keys that the service made, from the oldest to the newest; the first one if there is none.
pub(crate) fn load_or_make_all(directory: &Path) -> Result<Vec<SigningKey>, Error> {
    let numbers = numbers(directory)?;
    if numbers.is_empty() {
        return Ok(vec![load_or_make(&directory.join(FIRST))?]);
    }
    numbers.into_iter().map(|number| load(&directory.join(name(number)))).collect()
}

/// Makes one key more, the newest from now on.
pub(crate) fn rotate(directory: &Path) -> Result<PathBuf, Error> {
    fs::create_dir_all(directory)?;
    let next = numbers(directory)?.last().map_or(1, |newest| newest + 1);
    let path = directory.join(name(next));
    make(&path)?;
    Ok(path)
}

fn name(number: u32) -> String {
    if number == 1 { FIRST.to_owned() } else { format!("key-{number}.jwk") }
}

/// The numbers of the keys that are there, in their order.
fn numbers(directory: &Path) -> Result<Vec<u32>, Error> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(directory)? {
        let file = entry?.file_name();
        let file = file.to_string_lossy();
        let number = file.strip_prefix("key-").and_then(|rest| rest.strip_suffix(".jwk"));
        let number = number.and_then(|number| number.parse().ok());
        let number = if file == FIRST { Some(1) } else { number };
        numbers.extend(number.filter(|number| name(*number) == file));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// The key of a file, or a new one that is kept there for this user alone.
fn load_or_make(path: &Path) -> Result<SigningKey, Error> {
    match fs::read(path) {
        Ok(text) => read_jwk(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => make(path),
        Err(error) => Err(error.into()),
    }
}

fn make(path: &Path) -> Result<SigningKey, Error> {
    let key = SigningKey::generate(Algorithm::Es256)?;
    write_private(path, key.to_private_jwk().as_bytes())?;
    Ok(key)
}

/// The key under which the database is sealed: 32 random bytes, made where they are missing.
pub(crate) fn load_or_make_sealing(directory: &Path) -> Result<SealingKeys, Error> {
    let path = directory.join("sealing.key");
    let text = match fs::read_to_string(&path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text = Zeroizing::new(base64url::encode(rand::rng().random::<[u8; 32]>()));
            write_private(&path, text.as_bytes())?;
            text
        }
        Err(error) => return Err(error.into()),
    };
    let key = base64url::decode(text.trim()).ok().and_then(|key| key.try_into().ok());
    Ok(SealingKeys::new(1, key.ok_or("sealing.key is not 32 bytes in base64url")?))
}

/// A private JWK that was given.
pub(crate) fn load(path: &Path) -> Result<SigningKey, Error> {
    read_jwk(&fs::read(path)?)
}

fn read_jwk(text: &[u8]) -> Result<SigningKey, Error> {
    let key = SigningKey::from_private_jwk(text)?;
    if key.algorithm() == Algorithm::Es256 {
        Ok(key)
    } else {
        Err("the key is not for ES256".into())
    }
}

/// Fails where the file exists: two processes must not both think that theirs is the key.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path)?.write_all(bytes)?)
}

/// Certificates for a key, as DER: the leaf first, and no anchor.
pub(crate) type Chain = Vec<Vec<u8>>;

/// The chain and the key that were given.
pub(crate) fn load_tls(chain: &Path, key: &Path) -> Result<(Chain, SigningKey), Error> {
    let pair = KeyPair::from_pem(&fs::read_to_string(key)?)?;
    let key = secret_of(&pair).ok_or("the TLS key is not on P-256")?;
    let chain = read_pem(&fs::read_to_string(chain)?)?;
    if !certifies(&chain, &key) {
        return Err("the TLS key is not that of the first certificate".into());
    }
    Ok((chain, key))
}

/// Whether the first certificate has this key: its point stands in one as it is (RFC 5480 §2.2).
fn certifies(chain: &Chain, key: &SigningKey) -> bool {
    let point = point(key.public_key());
    chain.first().is_some_and(|leaf| leaf.windows(point.len()).any(|window| window == point))
}

/// PKCS #8 holds an ECPrivateKey (RFC 5915): version 1, and an octet string of 32 bytes. That the
/// right bytes were found shows in the public key.
fn secret_of(pair: &KeyPair) -> Option<SigningKey> {
    const BEFORE: [u8; 5] = [0x02, 0x01, 0x01, 0x04, 0x20];
    let der = pair.serialize_der();
    let at = der.windows(BEFORE.len()).position(|window| window == BEFORE)? + BEFORE.len();
    let key = SigningKey::from_secret_bytes(Algorithm::Es256, der.get(at..at + 32)?).ok()?;
    (point(key.public_key()) == pair.der_bytes()).then_some(key)
}

fn read_pem(text: &str) -> Result<Chain, Error> {
    let begin = "-----BEGIN CERTIFICATE-----";
    let end = "-----END CERTIFICATE-----";
    let mut chain = Vec::new();
    for part in text.split(begin).skip(1) {
        let (body, _) = part.split_once(end).ok_or("the certificates are not PEM")?;
        let body: String = body.split_whitespace().collect();
        let der = staffpass::jose::base64url::decode(
            body.trim_end_matches('=').replace('+', "-").replace('/', "_"),
        );
        chain.push(der.map_err(|_| "the certificates are not PEM")?);
    }
    Ok(chain)
}

/// The chain in `directory` and its key, or new ones by a local authority, whose own certificate is
/// written beside it (`ca.pem`) for wallets to trust. The authority's key is thrown away.
pub(crate) fn load_or_make_certified(
    directory: &Path,
    host: &str,
) -> Result<(Chain, SigningKey), Error> {
    let key = load_or_make(&directory.join(CERTIFIED))?;
    // A URL writes an IPv6 address in brackets.
    let host = host.trim_matches(['[', ']']);
    let (chain, anchor) = (directory.join("chain.pem"), directory.join("ca.pem"));
    let kept = match fs::read_to_string(&chain) {
        Ok(text) => Some(read_pem(&text)?),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    // One for another key or of another name would be refused by every wallet.
    if let Some(kept) = kept.filter(|kept| certifies(kept, &key) && is_named(kept, host)) {
        return Ok((kept, key));
    }
    let made = make_chain(&key, host)?;
    fs::write(&anchor, made.anchor)?;
    fs::write(&chain, &made.leaf)?;
    Ok((read_pem(&made.leaf)?, key))
}

/// Whether the first certificate is of this host. Of an address nothing is asked: only a name is a
/// client's.
fn is_named(chain: &Chain, host: &str) -> bool {
    let address = host.parse::<IpAddr>().is_ok();
    address || CertificateChain::from_x5c(chain).is_ok_and(|chain| chain.leaf_has_dns_name(host))
}

struct Made {
    leaf: String,
    anchor: String,
}

fn make_chain(key: &SigningKey, host: &str) -> Result<Made, Error> {
    let mut authority = CertificateParams::new(Vec::<String>::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    authority.distinguished_name.push(DnType::CommonName, "staffpass verifier, local authority");
    let authority_key = KeyPair::generate()?;
    let anchor = authority.self_signed(&authority_key)?.pem();
    let mut leaf = CertificateParams::new(vec![host.to_owned()])?;
    leaf.distinguished_name.push(DnType::CommonName, host);
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.use_authority_key_identifier_extension = true;
    let issuer = Issuer::new(authority, authority_key);
    let leaf = leaf.signed_by(&Leaf(point(key.public_key())), &issuer)?.pem();
    Ok(Made { leaf, anchor })
}

/// The public half of our own key, as a certificate has it.
struct Leaf(Vec<u8>);

impl PublicKeyData for Leaf {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// The uncompressed point (SEC 1 §2.3.3).
fn point(key: &PublicKey) -> Vec<u8> {
    [&[4], key.x(), key.y().unwrap_or_default()].concat()
}
