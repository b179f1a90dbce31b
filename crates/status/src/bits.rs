//! The bits of a list, their order, and the size of an entry.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::StatusError;

/// From which end of a byte the entries are counted.
///
/// It is a property of the type of list and of its issuer, never of a list itself: whoever misreads
/// it checks another person's bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "a byte has two ends")]
pub enum BitOrder {
    /// Entry 0 stands in the most significant bits of the first byte: Bitstring Status List §3.3.
    MostSignificantFirst,
    /// Entry 0 stands in the least significant bits of the first byte: Token Status List §4.1, and
    /// the lists of Entra.
    LeastSignificantFirst,
}

/// How many bits an entry has: 1 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntrySize(u8);

impl EntrySize {
    /// One bit: set or not.
    pub const ONE: Self = Self(1);

    /// A size in bits.
    ///
    /// # Errors
    /// [`StatusError::SizeUnsupported`] unless it is 1 to 8.
    pub fn new(bits: u64) -> Result<Self, StatusError> {
        match u8::try_from(bits) {
            Ok(bits @ 1..=8) => Ok(Self(bits)),
            _ => Err(StatusError::SizeUnsupported),
        }
    }

    /// The size in bits.
    #[must_use]
    pub fn bits(self) -> u8 {
        self.0
    }

    /// How many values an entry of this size can have: 2 to 256.
    #[must_use]
    pub fn values(self) -> usize {
        1 << self.0
    }

    /// The largest value of an entry.
    #[must_use]
    pub fn max_value(self) -> u8 {
        u8::MAX >> (8 - self.0)
    }
}

/// The bits of a list, inflated: exactly as many bytes as the list has.
#[derive(Clone, PartialEq, Eq)]
pub struct BitList {
    bytes: Vec<u8>,
}

impl BitList {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// The bytes as they stand in the list.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many whole entries of this size the list has.
    #[must_use]
    pub fn entries(&self, size: EntrySize) -> u64 {
        let bytes = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX / 8);
        bytes * 8 / u64::from(size.bits())
    }

    /// The value of one entry.
    ///
    /// Entries lie side by side without gaps, across the ends of bytes where their size does not
    /// divide 8. The first bit of an entry, in the given order, is its highest where the order is
    /// [`BitOrder::MostSignificantFirst`] and its lowest where it is not.
    ///
    /// # Errors
    /// [`StatusError::IndexOutOfRange`]: an entry that is not there has no value.
    pub fn value(&self, index: u64, size: EntrySize, order: BitOrder) -> Result<u8, StatusError> {
        self.check_index(index, size)?;
        let places = Places::of(index, size, order);
        Ok(places.fold(0, |value, place| value | self.bit(place) << place.weight))
    }

    /// Writes one entry. The index and the value must have been checked.
    pub(crate) fn write(&mut self, index: u64, size: EntrySize, order: BitOrder, value: u8) {
        for place in Places::of(index, size, order) {
            if let Some(byte) = self.bytes.get_mut(place.byte) {
                let bit = value >> place.weight & 1;
                *byte = *byte & !(1 << place.shift) | bit << place.shift;
            }
        }
    }

    pub(crate) fn check_index(&self, index: u64, size: EntrySize) -> Result<(), StatusError> {
        let entries = self.entries(size);
        if index < entries { Ok(()) } else { Err(StatusError::IndexOutOfRange { entries }) }
    }

    fn bit(&self, place: Place) -> u8 {
        self.bytes.get(place.byte).map_or(0, |byte| byte >> place.shift & 1)
    }
}

impl fmt::Debug for BitList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BitList").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// Where one bit of an entry stands, and which bit of the entry's value it is.
#[derive(Clone, Copy)]
struct Place {
    byte: usize,
    shift: u8,
    weight: u8,
}

struct Places {
    first: u64,
    size: u8,
    next: u8,
    order: BitOrder,
}

impl Places {
    /// For an index that is known to lie within a list, so that the product fits.
    fn of(index: u64, size: EntrySize, order: BitOrder) -> Self {
        Self { first: index * u64::from(size.bits()), size: size.bits(), next: 0, order }
    }
}

impl Iterator for Places {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        if self.next == self.size {
            return None;
        }
        let position = self.first + u64::from(self.next);
        let byte = usize::try_from(position / 8).ok()?;
        let within = u8::try_from(position % 8).ok()?;
        let (shift, weight) = match self.order {
            BitOrder::MostSignificantFirst => (7 - within, self.size - 1 - self.next),
            BitOrder::LeastSignificantFirst => (within, self.next),
        };
        self.next += 1;
        Some(Place { byte, shift, weight })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use BitOrder::{LeastSignificantFirst as Lsb, MostSignificantFirst as Msb};

    fn size(bits: u64) -> EntrySize {
        EntrySize::new(bits).expect("a size")
    }

    #[test]
    fn l06_the_two_orders_read_opposite_ends_of_a_byte() {
        let list = BitList::new(vec![0b1000_0000, 0b0000_0001]);
        let set = |order| {
            (0..16).filter(|i| list.value(*i, EntrySize::ONE, order) == Ok(1)).collect::<Vec<_>>()
        };
        assert_eq!(set(Msb), [0, 15]);
        assert_eq!(set(Lsb), [7, 8]);
    }

    #[test]
    fn l06_wide_entries_are_read_in_either_order() {
        // The example of Token Status List §4.1: two bits an entry, the first entry in the lowest.
        let list = BitList::new(vec![0xc9, 0x44, 0xf9]);
        let values = |order| {
            (0..12).map(|i| list.value(i, size(2), order).expect("in range")).collect::<Vec<_>>()
        };
        assert_eq!(values(Lsb), [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
        assert_eq!(values(Msb), [3, 0, 2, 1, 1, 0, 1, 0, 3, 3, 2, 1]);
    }

    #[test]
    fn entries_that_do_not_divide_a_byte_go_across_its_end() {
        // 101 110 01|1 000 111 0: two entries of three bits, then one across the bytes' border.
        let list = BitList::new(vec![0b1011_1001, 0b1000_1110]);
        let value = |i| list.value(i, size(3), Msb).expect("in range");
        assert_eq!([value(0), value(1), value(2), value(3), value(4)], [5, 6, 3, 0, 7]);
        assert_eq!(list.entries(size(3)), 5);
    }

    #[test]
    fn l05_only_sizes_from_one_to_eight_bits_are_sizes() {
        for bits in [0, 9, 16, 255, 256, 257, u64::MAX] {
            assert_eq!(EntrySize::new(bits), Err(StatusError::SizeUnsupported), "{bits}");
        }
        for bits in 1..=8 {
            assert_eq!(u64::from(size(bits).bits()), bits);
        }
        assert_eq!((size(1).max_value(), size(3).max_value(), size(8).max_value()), (1, 7, 255));
    }
}
