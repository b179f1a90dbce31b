//! JWE by ECDH-ES on P-256 (RFC 7518 §4.6): agreement, Concat KDF and AES-GCM are AWS-LC's.

use std::fmt;

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::kdf::{SskdfDigestAlgorithmId, get_sskdf_digest_algorithm, sskdf_digest};
use aws_lc_rs::rand;
use staffpass_jose::jwe::{
    AgreementJwk, AgreementKey, ContentEncryption, INITIALIZATION_VECTOR_LENGTH, JweError, Sealing,
    UnopenedJwe, other_info,
};
use staffpass_jose::{Curve, KeyError, KeyUse, PublicKey, base64url, draw_key};
use zeroize::Zeroizing;

/// A private agreement key inside AWS-LC.
pub(crate) struct AwsLcAgreementKey {
    private: PrivateKey,
    jwk: AgreementJwk,
}

impl AwsLcAgreementKey {
    pub(crate) fn generate() -> Result<Self, KeyError> {
        draw_key(Curve::P256.coordinate_length(), rand::fill, Self::from_secret)
    }

    pub(crate) fn from_private_jwk(text: &str) -> Result<Self, KeyError> {
        let jwk = AgreementJwk::from_json(text.as_bytes())?;
        let key = Self::from_secret(jwk.secret())?;
        jwk.check_public(key.public_key())?;
        Ok(key)
    }

    fn from_secret(secret: &[u8]) -> Result<Self, KeyError> {
        let private = PrivateKey::from_private_key(&ECDH_P256, secret);
        let private = private.map_err(|_| KeyError::InvalidSecret)?;
        let public = public_key(&private).ok_or(KeyError::InvalidSecret)?;
        Ok(Self { private, jwk: AgreementJwk::new(&public, secret)? })
    }
}

impl AgreementKey for AwsLcAgreementKey {
    fn public_key(&self) -> &PublicKey {
        self.jwk.public_key()
    }

    fn private_jwk(&self) -> Zeroizing<String> {
        self.jwk.to_json()
    }

    fn open(&self, jwe: &UnopenedJwe) -> Result<Zeroizing<Vec<u8>>, JweError> {
        let header = jwe.header();
        let info = other_info(header.enc, header.apu.as_deref(), header.apv.as_deref());
        let key = content_key(&self.private, &header.epk, header.enc, &info)
            .map_err(JweError::EphemeralKey)?;
        let nonce = Nonce::assume_unique_for_key(*jwe.initialization_vector());
        let mut content = Zeroizing::new([jwe.ciphertext(), jwe.tag()].concat());
        let opened = key.open_in_place(nonce, Aad::from(jwe.additional_data()), &mut content);
        let length = opened.map_err(|_| JweError::NotOpened)?.len();
        content.truncate(length);
        Ok(content)
    }
}

impl fmt::Debug for AwsLcAgreementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsLcAgreementKey").finish_non_exhaustive()
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
    let ephemeral = PrivateKey::generate(&ECDH_P256).map_err(|_| JweError::Sealing)?;
    let epk = public_key(&ephemeral).ok_or(JweError::Sealing)?;
    let info = other_info(sealing.enc(), sealing.party_u(), sealing.party_v());
    let key =
        content_key(&ephemeral, recipient, sealing.enc(), &info).map_err(JweError::RecipientKey)?;
    let mut vector = [0; INITIALIZATION_VECTOR_LENGTH];
    rand::fill(&mut vector).map_err(|_| JweError::Sealing)?;
    let header = sealing.encoded_header(&epk);
    let mut content = plaintext.to_vec();
    let nonce = Nonce::assume_unique_for_key(vector);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(header.as_bytes()), &mut content);
    let tag = base64url::encode(tag.map_err(|_| JweError::Sealing)?);
    Ok(format!("{header}..{}.{}.{tag}", base64url::encode(vector), base64url::encode(content)))
}

fn public_key(private: &PrivateKey) -> Option<PublicKey> {
    let point = private.compute_public_key().ok()?;
    let key = PublicKey::from_sec1_uncompressed(Curve::P256, point.as_ref()).ok()?;
    Some(key.for_encryption())
}

/// Agreement and Concat KDF (NIST SP 800-56A §5.8.1, RFC 7518 §4.6.2), which is AWS-LC's one-step
/// KDF over SHA-256 (NIST SP 800-56C §4, option 1).
///
/// P-256 has no points of small order, so the agreement fails for a point off the curve alone.
fn content_key(
    private: &PrivateKey,
    public: &PublicKey,
    enc: ContentEncryption,
    info: &[u8],
) -> Result<LessSafeKey, KeyError> {
    let algorithm = match enc {
        ContentEncryption::A128Gcm => &AES_128_GCM,
        ContentEncryption::A256Gcm => &AES_256_GCM,
        _ => return Err(KeyError::NotOffered),
    };
    let kdf = get_sskdf_digest_algorithm(SskdfDigestAlgorithmId::Sha256);
    let kdf = kdf.ok_or(KeyError::NotOffered)?;
    let mut key = Zeroizing::new(vec![0; enc.key_length()]);
    let point = UnparsedPublicKey::new(&ECDH_P256, public.to_sec1());
    agree(private, point, KeyError::NotOnCurve, |secret| {
        sskdf_digest(kdf, secret, info, &mut key).map_err(|_| KeyError::NotOffered)
    })?;
    UnboundKey::new(algorithm, &key).map(LessSafeKey::new).map_err(|_| KeyError::NotOffered)
}
