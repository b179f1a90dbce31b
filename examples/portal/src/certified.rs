//! The certificates by which high assurance wallets know the portal (HAIP 1.0 §5), and their key.

use std::fs;

use staffpass::aws_lc::SigningKey;
use staffpass::jose::{Algorithm, PublicKey, Signer as _};
use staffpass::x509::CertificateChain;
use zeroize::Zeroizing;

use crate::{Config, Error};

/// A chain as DER, the leaf first, and the key of the leaf.
pub(crate) struct Certified {
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) key: SigningKey,
}

impl Certified {
    /// As the configuration names them; none where HAIP is no choice.
    pub(crate) fn of(config: &Config) -> Result<Option<Self>, Error> {
        let wallets = &config.wallets;
        if !wallets.dialects.iter().any(|dialect| dialect == "haip") {
            return Ok(None);
        }
        let (chain, key) = (&wallets.haip_certificates, &wallets.haip_key);
        let text = read("wallets.haip_certificates", chain)?;
        let read_chain = CertificateChain::from_pem(&text);
        let read_chain = read_chain.map_err(|error| fault("wallets.haip_certificates", error))?;
        let text = read("wallets.haip_key", key)?;
        let key = SigningKey::from_private_jwk(text.as_bytes());
        let key = key.map_err(|error| fault("wallets.haip_key", error))?;
        let chain: Vec<Vec<u8>> = read_chain.certificates().map(<[u8]>::to_vec).collect();
        if key.algorithm() != Algorithm::Es256 || !certifies(&chain, key.public_key()) {
            return Err(fault("wallets.haip_key", "is not the key of the first certificate"));
        }
        Ok(Some(Self { chain, key }))
    }
}

fn read(setting: &str, path: &str) -> Result<Zeroizing<String>, Error> {
    let text = fs::read_to_string(path);
    text.map(Zeroizing::new).map_err(|error| fault(setting, format!("{path}: {error}")))
}

fn fault(setting: &str, what: impl std::fmt::Display) -> Error {
    format!("{setting}: {what}").into()
}

/// Whether the first certificate has this key: its point stands in one as it is (RFC 5480 §2.2).
fn certifies(chain: &[Vec<u8>], key: &PublicKey) -> bool {
    let point = [&[4], key.x(), key.y().unwrap_or_default()].concat();
    chain.first().is_some_and(|leaf| leaf.windows(point.len()).any(|window| window == point))
}
