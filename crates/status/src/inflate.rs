//! From the text of a list to its bits, within bounds that are checked before memory is taken.

use std::io::Read;

use flate2::bufread::{GzDecoder, ZlibDecoder};
use staffpass_jose::base64url;

use crate::location::decode_any_base64;
use crate::{BitList, Limits, StatusError};

/// How the bits of a list are written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListEncoding {
    /// gzip (RFC 1952) in unpadded base64url: StatusList2021, and the lists of Entra.
    GzipBase64Url,
    /// The same after the multibase prefix `u`: Bitstring Status List §2.2.
    GzipMultibase,
    /// gzip in base64 of either alphabet, padded or not: RevocationList2020, whose text and whose
    /// examples differ.
    GzipBase64,
    /// zlib (RFC 1950) in unpadded base64url: Token Status List §4.1.
    ZlibBase64Url,
}

/// Reads an encoded list.
///
/// The length that the gzip trailer claims is held against the limits first, then exactly so much
/// memory is taken, and exactly so much must come out of exactly one gzip member. A zlib stream
/// claims no length: it is inflated once to be measured, within the limits, and once to be kept.
///
/// # Errors
/// [`StatusError::Encoding`], [`StatusError::Compression`], [`StatusError::TrailingData`],
/// [`StatusError::TooLarge`], [`StatusError::Ratio`].
pub fn inflate(
    encoded: &str,
    encoding: ListEncoding,
    limits: &Limits,
) -> Result<BitList, StatusError> {
    let compressed = match encoding {
        ListEncoding::GzipBase64Url | ListEncoding::ZlibBase64Url => {
            base64url::decode(encoded).ok()
        }
        ListEncoding::GzipMultibase => {
            encoded.strip_prefix('u').and_then(|text| base64url::decode(text).ok())
        }
        ListEncoding::GzipBase64 => decode_any_base64(encoded),
    };
    let compressed = compressed.ok_or(StatusError::Encoding)?;
    let bytes = match encoding {
        ListEncoding::ZlibBase64Url => unzlib(&compressed, limits)?,
        _ => gunzip(&compressed, limits)?,
    };
    Ok(BitList::new(bytes))
}

/// Inflates one gzip member that is the whole of its input.
fn gunzip(compressed: &[u8], limits: &Limits) -> Result<Vec<u8>, StatusError> {
    check_header(compressed)?;
    let length = claimed_length(compressed)?;
    check_length(length, compressed.len(), limits)?;
    let mut decoder = GzDecoder::new(compressed);
    let (bytes, ended) = read_exactly(&mut decoder, length)?;
    match (ended, decoder.into_inner()) {
        (true, [_, ..]) => Err(StatusError::TrailingData),
        (true, []) if bytes.len() == length => Ok(bytes),
        _ => Err(StatusError::Compression),
    }
}

/// Inflates one zlib stream that is the whole of its input.
fn unzlib(compressed: &[u8], limits: &Limits) -> Result<Vec<u8>, StatusError> {
    let mut decoder = ZlibDecoder::new(compressed);
    let length = measure(&mut decoder, limits.max_inflated_bytes)?;
    if !decoder.into_inner().is_empty() {
        return Err(StatusError::TrailingData);
    }
    check_length(length, compressed.len(), limits)?;
    let (bytes, _) = read_exactly(&mut ZlibDecoder::new(compressed), length)?;
    Ok(bytes)
}

/// How much comes out, up to a limit, with no more memory than one block.
fn measure(decoder: &mut impl Read, limit: usize) -> Result<usize, StatusError> {
    let (mut block, mut length) = ([0; 8192], 0);
    loop {
        match decoder.read(&mut block).map_err(|_| StatusError::Compression)? {
            0 => return Ok(length),
            count => length += count,
        }
        if length > limit {
            return Err(StatusError::TooLarge { limit });
        }
    }
}

/// The fixed part of the header (RFC 1952 §2.3.1): DEFLATE, and no reserved flag.
fn check_header(compressed: &[u8]) -> Result<(), StatusError> {
    match compressed {
        [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0 => Ok(()),
        _ => Err(StatusError::Compression),
    }
}

/// The length of the uncompressed data, as the last four bytes say (RFC 1952 §2.3.1, ISIZE).
fn claimed_length(compressed: &[u8]) -> Result<usize, StatusError> {
    let trailer = compressed.last_chunk::<4>().ok_or(StatusError::Compression)?;
    usize::try_from(u32::from_le_bytes(*trailer)).map_err(|_| StatusError::Compression)
}

fn check_length(length: usize, compressed: usize, limits: &Limits) -> Result<(), StatusError> {
    if length > limits.max_inflated_bytes {
        return Err(StatusError::TooLarge { limit: limits.max_inflated_bytes });
    }
    if length > compressed.saturating_mul(limits.max_ratio) {
        return Err(StatusError::Ratio { limit: limits.max_ratio });
    }
    Ok(())
}

/// Takes memory for `length` bytes and fills it. Says what came, and whether the data ended there:
/// only then have checksum and length been compared.
fn read_exactly(decoder: &mut impl Read, length: usize) -> Result<(Vec<u8>, bool), StatusError> {
    let mut bytes = vec![0; length];
    let filled = fill(decoder, &mut bytes)?;
    let ended = filled < length || fill(decoder, &mut [0])? == 0;
    bytes.truncate(filled);
    Ok((bytes, ended))
}

fn fill(decoder: &mut impl Read, buffer: &mut [u8]) -> Result<usize, StatusError> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match decoder.read(rest).map_err(|_| StatusError::Compression)? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}
