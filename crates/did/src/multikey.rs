//! Public keys as multibase text: base58btc over a multicodec (Controlled Identifiers §2.2.2, and
//! the did:key method).

use staffpass_jose::{CompressedPoint, Curve, KeyError, KeyMaterial, PublicKey};

use crate::DidError;

/// The longest text that is decoded: base58 takes quadratic time, and RSA with 4096 bits, the
/// longest key that is known to be written so, has 740.
const MAX_LENGTH: usize = 1024;

/// Reads a multibase key.
///
/// # Errors
/// [`DidError::MultikeyMalformed`], [`DidError::MultikeyUnsupported`] or [`DidError::Key`].
pub(crate) fn decode(text: &str) -> Result<KeyMaterial, DidError> {
    let base58 = text.strip_prefix('z').ok_or(DidError::MultikeyMalformed)?;
    if base58.len() > MAX_LENGTH {
        return Err(DidError::MultikeyMalformed);
    }
    let bytes = bs58::decode(base58).into_vec().map_err(|_| DidError::MultikeyMalformed)?;
    let (codec, key) = split_varint(&bytes).ok_or(DidError::MultikeyMalformed)?;
    import(codec, key)
}

/// Writes a public key as multibase text; points of two coordinates are compressed.
pub(crate) fn encode(key: &PublicKey) -> Result<String, DidError> {
    let bytes = match key.y().and_then(<[u8]>::last) {
        Some(last) => [&[2 + (last & 1)], key.x()].concat(),
        None => key.x().to_vec(),
    };
    encode_bytes(key.curve(), &bytes)
}

/// Writes a compressed point as multibase text.
pub(crate) fn encode_compressed(point: &CompressedPoint) -> Result<String, DidError> {
    encode_bytes(point.curve(), point.as_bytes())
}

fn encode_bytes(curve: Curve, key: &[u8]) -> Result<String, DidError> {
    let prefix: [u8; 2] = match curve {
        Curve::Ed25519 => [0xed, 0x01],
        Curve::X25519 => [0xec, 0x01],
        Curve::Secp256k1 => [0xe7, 0x01],
        Curve::P256 => [0x80, 0x24],
        Curve::P384 => [0x81, 0x24],
        _ => return Err(DidError::MultikeyUnsupported),
    };
    Ok(format!("z{}", bs58::encode([&prefix, key].concat()).into_string()))
}

/// The table of multicodecs: `ed25519-pub`, `x25519-pub`, `secp256k1-pub`, `p256-pub`, `p384-pub`.
fn import(codec: u64, key: &[u8]) -> Result<KeyMaterial, DidError> {
    let compressed = |curve| CompressedPoint::new(curve, key).map(KeyMaterial::Compressed);
    let imported: Result<KeyMaterial, KeyError> = match codec {
        0xed => PublicKey::from_ed25519(key).map(KeyMaterial::Public),
        0xec => PublicKey::from_x25519(key).map(KeyMaterial::Public),
        0xe7 => compressed(Curve::Secp256k1),
        0x1200 => compressed(Curve::P256),
        0x1201 => compressed(Curve::P384),
        _ => return Err(DidError::MultikeyUnsupported),
    };
    imported.map_err(DidError::Key)
}

/// An unsigned varint: seven bits a byte, least significant first, in its shortest form (the last
/// byte of more than one is not zero), and of at most nine bytes.
fn split_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let shortest = *byte != 0 || index == 0;
            return bytes.get(index + 1..).filter(|_| shortest).map(|rest| (value, rest));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn n07_a_key_beyond_the_limit_is_not_decoded() {
        // What is within the limit is decoded, and is then of a codec that is none.
        let code = |length| decode(&format!("z{}", "2".repeat(length))).map_err(|e| e.code());
        assert_eq!(code(MAX_LENGTH).map(drop), Err("did_multikey_unsupported"));
        assert_eq!(code(MAX_LENGTH + 1).map(drop), Err("did_multikey_malformed"));
    }

    #[test]
    fn n11_a_varint_has_one_form() {
        assert_eq!(split_varint(&[0xed, 0x01, 7]), Some((0xed, &[7][..])));
        assert_eq!(split_varint(&[0x80, 0x24]), Some((0x1200, &[][..])));
        assert_eq!(split_varint(&[0]), Some((0, &[][..])));
        assert_eq!(split_varint(&[0xed, 0x81, 0x00, 7]), None);
        assert_eq!(split_varint(&[0x80, 0x00]), None);
        assert_eq!(split_varint(&[0xed]), None);
        assert_eq!(split_varint(&[]), None);
        assert_eq!(split_varint(&[0xff; 20]), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "z?[1-9A-HJ-NP-Za-km-z]{0,60}") {
            let _ = decode(&text);
        }
    }
}
