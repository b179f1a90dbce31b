//! Making a list.

use std::fmt;
use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, GzBuilder};
use staffpass_jose::base64url;

use crate::{BitList, BitOrder, EntrySize, Limits, ListEncoding, StatusError, inflate};

/// The bits of a list in the making.
///
/// The same bits are always encoded alike by one build: no time of day goes into the gzip header.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusListBuilder {
    bits: BitList,
    size: EntrySize,
    order: BitOrder,
}

impl StatusListBuilder {
    /// A list with nothing set, of at least so many entries; its length is a whole number of bytes.
    ///
    /// # Errors
    /// [`StatusError::TooLarge`] where no reader with the default [`Limits`] would take it.
    pub fn new(entries: u64, size: EntrySize, order: BitOrder) -> Result<Self, StatusError> {
        let limit = Limits::default().max_inflated_bytes;
        let bits = entries.checked_mul(u64::from(size.bits()));
        let bytes = bits.and_then(|bits| usize::try_from(bits.div_ceil(8)).ok());
        let bytes = bytes.filter(|bytes| *bytes <= limit).ok_or(StatusError::TooLarge { limit })?;
        Ok(Self { bits: BitList::new(vec![0; bytes]), size, order })
    }

    /// Takes up a list that was encoded before.
    ///
    /// # Errors
    /// See [`inflate`](crate::inflate()).
    pub fn from_encoded(
        encoded: &str,
        encoding: ListEncoding,
        size: EntrySize,
        order: BitOrder,
    ) -> Result<Self, StatusError> {
        Ok(Self { bits: inflate(encoded, encoding, &Limits::default())?, size, order })
    }

    /// How many entries the list has.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.bits.entries(self.size)
    }

    /// The bits as they are now.
    #[must_use]
    pub fn bits(&self) -> &BitList {
        &self.bits
    }

    /// The value of an entry.
    ///
    /// # Errors
    /// [`StatusError::IndexOutOfRange`].
    pub fn value(&self, index: u64) -> Result<u8, StatusError> {
        self.bits.value(index, self.size, self.order)
    }

    /// Gives an entry a value; 0 clears it.
    ///
    /// # Errors
    /// [`StatusError::IndexOutOfRange`], [`StatusError::ValueOutOfRange`].
    pub fn set(&mut self, index: u64, value: u8) -> Result<(), StatusError> {
        self.bits.check_index(index, self.size)?;
        if value > self.size.max_value() {
            return Err(StatusError::ValueOutOfRange);
        }
        self.bits.write(index, self.size, self.order, value);
        Ok(())
    }

    /// Clears an entry.
    ///
    /// # Errors
    /// [`StatusError::IndexOutOfRange`].
    pub fn clear(&mut self, index: u64) -> Result<(), StatusError> {
        self.set(index, 0)
    }

    /// Writes the list as text.
    ///
    /// # Errors
    /// [`StatusError::Compression`], were the compressor to fail; it writes to memory.
    pub fn encode(&self, encoding: ListEncoding) -> Result<String, StatusError> {
        let bytes = self.bits.as_bytes();
        Ok(match encoding {
            ListEncoding::GzipBase64Url | ListEncoding::GzipBase64 => {
                base64url::encode(gzip(bytes)?)
            }
            ListEncoding::GzipMultibase => format!("u{}", base64url::encode(gzip(bytes)?)),
            ListEncoding::ZlibBase64Url => base64url::encode(zlib(bytes)?),
        })
    }
}

impl fmt::Debug for StatusListBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusListBuilder")
            .field("entries", &self.entries())
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, StatusError> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(bytes).map_err(|_| StatusError::Compression)?;
    encoder.finish().map_err(|_| StatusError::Compression)
}

fn zlib(bytes: &[u8]) -> Result<Vec<u8>, StatusError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).map_err(|_| StatusError::Compression)?;
    encoder.finish().map_err(|_| StatusError::Compression)
}
