//! The octets of a stream: octet i is i mod 251, but where literal octets were written.
//!
//! 251 is prime, so that an octet at a wrong place shows, whatever the sizes of segments and buffers.

use std::collections::BTreeMap;

/// How long the pattern is before it begins again.
pub const PERIOD: u64 = 251;

/// Octet `offset` of the pattern.
pub const fn octet(offset: u64) -> u8 {
    // Below 251.
    (offset % PERIOD) as u8
}

/// `len` octets of the pattern from octet `offset` on.
pub fn octets(offset: u64, len: usize) -> Vec<u8> {
    (offset..).take(len).map(octet).collect()
}

/// What one side has written: the pattern, with literal octets in places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// Literal octets by the offset of their first; they do not overlap.
    literals: BTreeMap<u64, Vec<u8>>,
    len: u64,
}

impl Stream {
    /// How many octets have been written.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing has been written.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Writes `count` octets of the pattern and gives the offset of the first.
    pub const fn write_pattern(&mut self, count: u64) -> u64 {
        let offset = self.len;
        self.len = self.len.saturating_add(count);
        offset
    }

    /// Writes literal octets and gives the offset of the first. The pattern is counted on behind them.
    pub fn write_literal(&mut self, octets: &[u8]) -> u64 {
        let offset = self.write_pattern(octets.len() as u64);
        if !octets.is_empty() {
            self.literals.insert(offset, octets.to_vec());
        }
        offset
    }

    /// Octet `offset`, written or still to be written.
    pub fn octet(&self, offset: u64) -> u8 {
        let before = self.literals.range(..=offset).next_back();
        let literal = before.and_then(|(start, octets)| octets.get(usize::try_from(offset - start).ok()?));
        literal.copied().unwrap_or_else(|| octet(offset))
    }

    /// `len` octets from octet `offset` on.
    pub fn octets(&self, offset: u64, len: usize) -> Vec<u8> {
        (offset..).take(len).map(|offset| self.octet(offset)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_begins_again_behind_octet_250() {
        assert_eq!(octets(249, 4), [249, 250, 0, 1]);
        assert_eq!(octet(251 * 1_000_000_007 + 3), 3);
    }

    #[test]
    fn the_pattern_is_counted_on_behind_literal_octets() {
        let mut stream = Stream::default();
        assert_eq!(stream.write_literal(b"GET"), 0);
        assert_eq!(stream.write_pattern(3), 3);
        assert_eq!(stream.write_literal(b"!"), 6);
        assert_eq!(stream.octets(0, 8), [b'G', b'E', b'T', 3, 4, 5, b'!', 7]);
        assert_eq!(stream.len(), 7);
    }
}
