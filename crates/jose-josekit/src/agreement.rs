//! JWE by ECDH-ES on P-256 (RFC 7518 §4.6): agreement, Concat KDF and AES-GCM are josekit's.
//!
//! josekit is given what the strict parser has read, never the token itself.

use std::fmt;

use josekit::jwe::alg::ecdh_es::EcdhEsJweDecrypter;
use josekit::jwe::enc::{A128GCM, A256GCM};
use josekit::jwe::{
    ECDH_ES, JweContentEncryption, JweDecrypter as _, JweEncrypter as _, JweHeader,
};
use josekit::jwk::Jwk;
use openssl::rand;
use serde_json::Value;
use staffpass_jose::jwe::{
    AgreementJwk, AgreementKey, ContentEncryption, INITIALIZATION_VECTOR_LENGTH, JweError, Sealing,
    UnopenedJwe,
};
use staffpass_jose::{Curve, KeyError, KeyUse, PublicKey, base64url, draw_key};
use zeroize::Zeroizing;

use crate::point;

/// A private agreement key inside josekit.
pub(crate) struct JosekitAgreementKey {
    decrypter: EcdhEsJweDecrypter,
    jwk: AgreementJwk,
}

impl JosekitAgreementKey {
    pub(crate) fn generate() -> Result<Self, KeyError> {
        draw_key(Curve::P256.coordinate_length(), rand::rand_bytes, Self::from_secret)
    }

    pub(crate) fn from_private_jwk(text: &str) -> Result<Self, KeyError> {
        let jwk = AgreementJwk::from_json(text.as_bytes())?;
        let key = Self::from_secret(jwk.secret())?;
        jwk.check_public(key.public_key())?;
        Ok(key)
    }

    fn from_secret(secret: &[u8]) -> Result<Self, KeyError> {
        let derived = point::derived(Curve::P256, secret)?;
        let decrypter = ECDH_ES.decrypter_from_der(&*derived.pkcs8);
        let decrypter = decrypter.map_err(|_| KeyError::InvalidSecret)?;
        Ok(Self { decrypter, jwk: AgreementJwk::new(&derived.public, secret)? })
    }
}

impl AgreementKey for JosekitAgreementKey {
    fn public_key(&self) -> &PublicKey {
        self.jwk.public_key()
    }

    fn private_jwk(&self) -> Zeroizing<String> {
        self.jwk.to_json()
    }

    fn open(&self, jwe: &UnopenedJwe) -> Result<Zeroizing<Vec<u8>>, JweError> {
        let enc = content_encryption(jwe.header().enc).ok_or(JweError::UnsupportedEncryption)?;
        let header = header_of(jwe).ok_or(JweError::NotOpened)?;
        // Agreement and Concat KDF; it fails for a point off the curve alone.
        let key = self.decrypter.decrypt(None, enc, &header);
        let key = key.map_err(|_| JweError::EphemeralKey(KeyError::NotOnCurve))?;
        let key = Zeroizing::new(key.into_owned());
        let plaintext = enc.decrypt(
            &key,
            Some(jwe.initialization_vector()),
            jwe.ciphertext(),
            jwe.additional_data(),
            Some(jwe.tag()),
        );
        plaintext.map(Zeroizing::new).map_err(|_| JweError::NotOpened)
    }
}

impl fmt::Debug for JosekitAgreementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JosekitAgreementKey").finish_non_exhaustive()
    }
}

/// Encrypts with a new ephemeral key (RFC 7516 §5.1).
pub(crate) fn seal(
    recipient: &PublicKey,
    sealing: &Sealing,
    plaintext: &[u8],
) -> Result<String, JweError> {
    if recipient.curve() != Curve::P256 {
        return Err(JweError::RecipientKey(KeyError::UnsupportedCurve));
    }
    if recipient.key_use() != KeyUse::Encryption {
        return Err(JweError::RecipientKey(KeyError::UseMismatch));
    }
    let enc = content_encryption(sealing.enc()).ok_or(JweError::UnsupportedEncryption)?;
    let (key, epk) = content_key(recipient, sealing, enc)?;
    let mut vector = [0; INITIALIZATION_VECTOR_LENGTH];
    rand::rand_bytes(&mut vector).map_err(|_| JweError::Sealing)?;
    let header = sealing.encoded_header(&epk);
    let sealed = enc.encrypt(&key, Some(&vector), plaintext, header.as_bytes());
    let (content, tag) = sealed.map_err(|_| JweError::Sealing)?;
    let tag = base64url::encode(tag.ok_or(JweError::Sealing)?);
    Ok(format!("{header}..{}.{}.{tag}", base64url::encode(vector), base64url::encode(content)))
}

/// Agreement and Concat KDF, and the ephemeral key that josekit made for them.
fn content_key(
    recipient: &PublicKey,
    sealing: &Sealing,
    enc: &dyn JweContentEncryption,
) -> Result<(Zeroizing<Vec<u8>>, PublicKey), JweError> {
    let jwk = Jwk::from_bytes(recipient.to_jwk().to_string()).map_err(|_| JweError::Sealing)?;
    let encrypter = ECDH_ES.encrypter_from_jwk(&jwk);
    let mut encrypter = encrypter.map_err(|_| JweError::RecipientKey(KeyError::NotOnCurve))?;
    if let Some(apu) = sealing.party_u() {
        encrypter.set_agreement_partyuinfo(apu);
    }
    if let Some(apv) = sealing.party_v() {
        encrypter.set_agreement_partyvinfo(apv);
    }
    let mut made = JweHeader::new();
    let key = encrypter.compute_content_encryption_key(enc, &JweHeader::new(), &mut made);
    let key = key.map_err(|_| JweError::Sealing)?.ok_or(JweError::Sealing)?;
    let key = Zeroizing::new(key.into_owned());
    let epk = PublicKey::from_jwk(made.claim("epk").unwrap_or(&Value::Null));
    Ok((key, epk.map_err(|_| JweError::Sealing)?))
}

/// What josekit reads of a header to agree on a key.
fn header_of(jwe: &UnopenedJwe) -> Option<JweHeader> {
    let mut header = JweHeader::new();
    header.set_claim("epk", Some(jwe.header().epk.to_jwk())).ok()?;
    if let Some(apu) = &jwe.header().apu {
        header.set_agreement_partyuinfo(apu);
    }
    if let Some(apv) = &jwe.header().apv {
        header.set_agreement_partyvinfo(apv);
    }
    Some(header)
}

fn content_encryption(enc: ContentEncryption) -> Option<&'static dyn JweContentEncryption> {
    match enc {
        ContentEncryption::A128Gcm => Some(&A128GCM),
        ContentEncryption::A256Gcm => Some(&A256GCM),
        _ => None,
    }
}
