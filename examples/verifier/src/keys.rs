//! Keys and certificates as files: read, or made on the first start.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm,
};
use staffpass::aws_lc::SigningKey;
use staffpass::jose::{Algorithm, PublicKey, Signer as _};

use crate::Error;

/// The key of a file, or a new one that is kept there for this user alone.
pub(crate) fn load_or_make(path: &Path) -> Result<SigningKey, Error> {
    match fs::read(path) {
        Ok(text) => read_jwk(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = SigningKey::generate(Algorithm::Es256)?;
            write_private(path, key.to_private_jwk().as_bytes())?;
            Ok(key)
        }
        Err(error) => Err(error.into()),
    }
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
    Ok((read_pem(&fs::read_to_string(chain)?)?, key))
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

/// The chain in `directory`, or a new one by a local authority, whose own certificate is written
/// beside it (`ca.pem`) for wallets to trust. The authority's key is thrown away.
pub(crate) fn load_or_make_chain(
    directory: &Path,
    key: &SigningKey,
    host: &str,
) -> Result<Chain, Error> {
    let (chain, anchor) = (directory.join("chain.pem"), directory.join("ca.pem"));
    match fs::read_to_string(&chain) {
        Ok(text) => read_pem(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let made = make_chain(key, host)?;
            fs::write(&anchor, made.anchor)?;
            fs::write(&chain, &made.leaf)?;
            read_pem(&made.leaf)
        }
        Err(error) => Err(error.into()),
    }
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
