//! Sequence numbers, RFC 9293 3.4: arithmetic modulo 2^32.
//!
//! There is no order on a circle, so [`SeqNumber`] has no `Ord`: ask [`before`](SeqNumber::before),
//! [`after`](SeqNumber::after) or [`is_within`](SeqNumber::is_within).

use core::fmt;
use core::ops::{Add, Sub};

/// A place in the sequence space of one direction of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SeqNumber(pub u32);

impl SeqNumber {
    /// `self < other`: `other` is reached by going forward less than half way round.
    pub const fn before(self, other: Self) -> bool {
        other.0.wrapping_sub(self.0).wrapping_sub(1) < (1 << 31) - 1
    }

    /// `self > other`.
    pub const fn after(self, other: Self) -> bool {
        other.before(self)
    }

    /// Octets from `earlier` forward to `self`.
    pub const fn since(self, earlier: Self) -> u32 {
        self.0.wrapping_sub(earlier.0)
    }

    /// `start =< self < start + len`.
    pub const fn is_within(self, start: Self, len: u32) -> bool {
        self.since(start) < len
    }

    /// Whichever of the two is further on.
    #[must_use]
    pub const fn later(self, other: Self) -> Self {
        if self.before(other) { other } else { self }
    }

    /// Whichever of the two comes first.
    #[must_use]
    pub const fn earlier(self, other: Self) -> Self {
        if other.before(self) { other } else { self }
    }
}

impl Add<u32> for SeqNumber {
    type Output = Self;
    fn add(self, octets: u32) -> Self {
        Self(self.0.wrapping_add(octets))
    }
}

impl Sub<u32> for SeqNumber {
    type Output = Self;
    fn sub(self, octets: u32) -> Self {
        Self(self.0.wrapping_sub(octets))
    }
}

impl fmt::Debug for SeqNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SeqNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

/// A count of octets as sequence numbers count. Buffers are bounded far below 2^32; a longer one counts as 2^32 - 1.
pub(crate) fn octets(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A count of octets as buffers count.
pub(crate) fn size(octets: u32) -> usize {
    usize::try_from(octets).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: u32 = 1 << 31;

    #[test]
    fn comparison_survives_the_wrap() {
        for start in [0, 1, HALF - 1, HALF, u32::MAX - 1, u32::MAX].map(SeqNumber) {
            assert!(start.before(start + 1) && (start + 1).after(start));
            assert!(start.before(start + (HALF - 1)));
            assert!(!start.before(start) && !start.after(start));
            assert!(!start.before(start - 1) && start.after(start - 1));
        }
    }

    #[test]
    fn a_window_holds_its_first_number_and_not_its_end() {
        let start = SeqNumber(u32::MAX);
        assert!(start.is_within(start, 2) && (start + 1).is_within(start, 2));
        assert!(!(start + 2).is_within(start, 2) && !(start - 1).is_within(start, 2));
        assert!(!start.is_within(start, 0));
    }

    #[test]
    fn the_later_of_two_may_be_the_smaller_number() {
        let (old, new) = (SeqNumber(u32::MAX - 5), SeqNumber(3));
        assert_eq!((old.later(new), new.later(old)), (new, new));
        assert_eq!((old.earlier(new), new.earlier(old)), (old, old));
        assert_eq!(new.since(old), 9);
    }
}
