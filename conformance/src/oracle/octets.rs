//! The octets of one direction that may be sent again, bounded.

use std::collections::VecDeque;

use super::ranges::{before, distance};

/// How many octets of a direction are kept: the newest.
pub(super) const MOST_OCTETS: usize = 128 * 1024;
/// So few octets are kept when all is acknowledged, in place.
const AT_REST: usize = 8;
/// Memory of fewer octets than this is given back at rest.
const SMALL: usize = 16 * 1024;

/// The last octets of a direction, by their numbers. What was not captured is not held.
#[derive(Clone, Debug, Default)]
pub(super) struct Octets {
    /// The number of the first octet kept.
    first: u32,
    /// How many octets there are in `rest`; then there are no others.
    resting: u8,
    rest: [u8; AT_REST],
    kept: VecDeque<u8>,
}

impl Octets {
    /// The place at which an octet is other than it was, with both; `None` if all that can be compared are the same.
    pub(super) fn difference(&self, seq: u32, octets: &[u8]) -> Option<(u32, u8, u8)> {
        let skip = usize::try_from(distance(seq, self.first)).unwrap_or(0);
        let start = usize::try_from(distance(self.first, seq)).unwrap_or(0);
        let new = octets.get(skip..)?;
        let (front, back) = match self.resting() {
            [] => self.kept.as_slices(),
            resting => (resting, Default::default()),
        };
        let split = front.len().max(start) - start;
        let (early, late) = new.split_at(split.min(new.len()));
        let old_early = front.get(start..).unwrap_or_default();
        let old_late = back.get(start.saturating_sub(front.len())..).unwrap_or_default();
        let pairs = [(old_early, early, 0), (old_late, late, early.len())];
        pairs.into_iter().find_map(|(old, new, offset)| {
            let same = old.len().min(new.len());
            if old[..same] == new[..same] {
                return None;
            }
            let at = (0..same).find(|at| old[*at] != new[*at])?;
            let number = u32::try_from(skip + offset + at).unwrap_or(u32::MAX);
            Some((seq.wrapping_add(number), old[at], new[at]))
        })
    }

    /// Keeps octets that continue what is kept; after a hole all begins anew.
    pub(super) fn keep(&mut self, seq: u32, octets: &[u8]) {
        let len = self.kept.len() + usize::from(self.resting);
        let end = self.first.wrapping_add(u32::try_from(len).unwrap_or(0));
        let ahead = distance(end, seq);
        let new = if ahead > 0 || len == 0 {
            self.kept.clear();
            self.resting = 0;
            self.first = seq;
            octets
        } else {
            usize::try_from(ahead.unsigned_abs())
                .ok()
                .and_then(|known| octets.get(known..))
                .unwrap_or_default()
        };
        if new.is_empty() {
            return;
        }
        if self.kept.capacity() == 0 {
            // Others will follow.
            self.kept.reserve((len + 2 * new.len()).min(MOST_OCTETS));
        }
        if self.resting > 0 {
            self.kept.extend(&self.rest[..usize::from(self.resting)]);
            self.resting = 0;
        }
        // What is too much goes first, so that the room does not grow for it.
        let too_many = (self.kept.len() + new.len()).saturating_sub(MOST_OCTETS);
        let old = too_many.min(self.kept.len());
        if old > 0 {
            self.drop_front(old);
        }
        self.kept.extend(new.get(too_many - old..).unwrap_or_default());
        self.first = self.first.wrapping_add(u32::try_from(too_many - old).unwrap_or(0));
    }

    /// Forgets what stands before `seq`.
    pub(super) fn forget_before(&mut self, seq: u32) {
        if before(self.first, seq) {
            let count = usize::try_from(distance(self.first, seq)).unwrap_or(0);
            match self.resting {
                0 => self.drop_front(count.min(self.kept.len())),
                resting => {
                    let count = u8::try_from(count).unwrap_or(u8::MAX).min(resting);
                    self.rest.copy_within(usize::from(count)..usize::from(resting), 0);
                    self.resting -= count;
                    self.first = self.first.wrapping_add(count.into());
                }
            }
        }
    }

    fn resting(&self) -> &[u8] {
        &self.rest[..usize::from(self.resting)]
    }

    fn drop_front(&mut self, count: usize) {
        if count == self.kept.len() {
            self.kept.clear();
        } else {
            self.kept.drain(..count);
        }
        self.first = self.first.wrapping_add(u32::try_from(count).unwrap_or(0));
        // A connection at rest takes no memory; one that sends much keeps it.
        if self.kept.len() <= AT_REST && (1..SMALL).contains(&self.kept.capacity()) {
            for (place, octet) in self.rest.iter_mut().zip(&self.kept) {
                *place = *octet;
            }
            self.resting = u8::try_from(self.kept.len()).unwrap_or(0);
            self.kept = VecDeque::new();
        }
    }

    /// How many octets of memory it takes.
    pub(super) fn room(&self) -> usize {
        self.kept.capacity()
    }

    /// Forgets all, and gives the memory back.
    pub(super) fn clear(&mut self) {
        self.kept = VecDeque::new();
        self.resting = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_sent_again_are_compared_wherever_they_are_cut() {
        let mut octets = Octets::default();
        octets.keep(u32::MAX - 1, b"abcd");
        octets.keep(2, b"efgh");
        assert_eq!(octets.difference(0, b"cdef"), None);
        assert_eq!(octets.difference(0, b"cdXf"), Some((2, b'e', b'X')));
        assert_eq!(octets.difference(5, b"hij"), None);
        assert_eq!(octets.difference(100, b"zz"), None);
        octets.forget_before(2);
        assert_eq!(octets.difference(0, b"XXef"), None);
        assert_eq!(octets.difference(0, b"XXeX"), Some((3, b'f', b'X')));
    }

    #[test]
    fn numbers_half_the_space_away_are_neither_before_nor_behind() {
        let mut octets = Octets::default();
        octets.keep(0, b"a");
        octets.keep(1 + (1 << 31), b"b");
        assert_eq!(octets.difference(0, b"a"), None);
    }

    #[test]
    fn the_newest_octets_are_kept() {
        let mut octets = Octets::default();
        (0..3).for_each(|n| octets.keep(n * MOST_OCTETS as u32 / 2, &vec![n as u8; MOST_OCTETS / 2]));
        assert_eq!(octets.difference(0, &[9]), None);
        assert!(octets.difference(MOST_OCTETS as u32, &[9]).is_some());
    }
}
