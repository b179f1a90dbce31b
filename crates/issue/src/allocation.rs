//! Which entries of a list are given out: at random, and each once.

use rand_core::CryptoRng;
use staffpass_status::{BitOrder, EntrySize, ListEncoding, StatusListBuilder};

use crate::IssueError;

/// How the lists of a register are stored.
pub(crate) const STORED: ListEncoding = ListEncoding::GzipBase64Url;

/// The order of the bits that say what is given out; they are never published.
const ORDER: BitOrder = BitOrder::LeastSignificantFirst;

/// Which entries are given out.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Allocated {
    list: StatusListBuilder,
}

impl Allocated {
    pub(crate) fn none(entries: u64) -> Result<Self, IssueError> {
        Ok(Self { list: StatusListBuilder::new(entries, EntrySize::ONE, ORDER)? })
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub(crate) fn decode(text: &str) -> Result<Self, IssueError> {
        let list = StatusListBuilder::from_encoded(text, STORED, EntrySize::ONE, ORDER)?;
        Ok(Self { list })
    }

    pub(crate) fn encode(&self) -> Result<String, IssueError> {
        Ok(self.list.encode(STORED)?)
    }

    pub(crate) fn entries(&self) -> u64 {
        self.list.entries()
    }

    pub(crate) fn check(&self, index: u64) -> Result<(), IssueError> {
        if self.list.value(index) == Ok(1) { Ok(()) } else { Err(IssueError::NotAllocated) }
    }

    pub(crate) fn free(&self) -> u64 {
        self.list.bits().as_bytes().iter().map(|byte| u64::from(byte.count_zeros())).sum()
    }

    /// Takes one of the free entries, each as likely as any other, however few are left.
    pub(crate) fn take_one(&mut self, rng: &mut impl CryptoRng) -> Result<u64, IssueError> {
        let free = self.free();
        if free == 0 {
            return Err(IssueError::RegisterFull);
        }
        let index = self.nth_free(below(free, rng)).ok_or(IssueError::RegisterFull)?;
        self.list.set(index, 1)?;
        Ok(index)
    }

    /// The index of the free entry that has `rank` free ones before it.
    fn nth_free(&self, mut rank: u64) -> Option<u64> {
        let mut first = 0;
        for byte in self.list.bits().as_bytes() {
            let free = u64::from(byte.count_zeros());
            if rank < free {
                let mut free_bits = (0..8).filter(|bit| byte >> bit & 1 == 0);
                return free_bits.nth(usize::try_from(rank).ok()?).map(|bit| first + bit);
            }
            rank -= free;
            first += 8;
        }
        None
    }
}

/// A number below `bound`, each as likely as any other; `bound` is not 0.
fn below(bound: u64, rng: &mut impl CryptoRng) -> u64 {
    // The largest multiple of the bound: what lies beyond it would favour small numbers.
    let fair = u64::MAX - u64::MAX % bound;
    loop {
        let number = rng.next_u64();
        if number < fair {
            return number % bound;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[test]
    fn the_last_free_entry_is_found() {
        let mut allocated = Allocated::none(32).expect("a list");
        for index in (0..32).filter(|index| *index != 21) {
            allocated.list.set(index, 1).expect("in range");
        }
        assert_eq!((allocated.nth_free(0), allocated.nth_free(1)), (Some(21), None));
    }

    #[test]
    fn numbers_below_a_bound_are_below_it() {
        let mut rng = StdRng::seed_from_u64(3);
        for bound in [1, 2, 3, 1000, u64::MAX] {
            assert!((0..100).all(|_| below(bound, &mut rng) < bound), "{bound}");
        }
    }
}
