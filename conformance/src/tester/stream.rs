//! The octets of one direction of a connection: the pattern, but where somebody wrote literal octets.

/// Octet i of a stream is i mod this (`notation.md`, "Segments").
const PERIOD: i64 = 251;

/// Pieces of literal octets in one direction that do not touch each other; more of them than any scenario needs.
pub const MAX_LITERALS: usize = 4096;

/// What the octets of one direction are. Octet 0 is the first behind the SYN; octets before it have no pattern of
/// their own, they count backwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    literals: Vec<(i64, Vec<u8>)>,
}

impl Stream {
    /// From now on the octets from `offset` on are these. False if there are [`MAX_LITERALS`] pieces already: nothing is
    /// changed then.
    #[must_use]
    pub fn write(&mut self, offset: i64, octets: &[u8]) -> bool {
        let end = |piece: &(i64, Vec<u8>)| piece.0.saturating_add_unsigned(piece.1.len() as u64);
        let is_full = self.literals.len() >= MAX_LITERALS;
        match self.literals.last_mut() {
            Some(last) if end(last) == offset => last.1.extend_from_slice(octets),
            _ if octets.is_empty() => {}
            _ if is_full => return false,
            _ => self.literals.push((offset, octets.to_vec())),
        }
        true
    }

    /// Octet number `index`. What was written last holds.
    pub fn octet(&self, index: i64) -> u8 {
        let literal = self.literals.iter().rev().find_map(|(offset, octets)| {
            let within = usize::try_from(index.checked_sub(*offset)?).ok()?;
            octets.get(within).copied()
        });
        // The remainder is in 0..251.
        literal.unwrap_or_else(|| u8::try_from(index.rem_euclid(PERIOD)).unwrap_or_default())
    }

    /// `count` octets from `offset` on.
    pub fn octets(&self, offset: i64, count: usize) -> Vec<u8> {
        (offset..).take(count).map(|index| self.octet(index)).collect()
    }

    /// Where `octets`, found at `offset`, first differ from the stream: the place in them.
    pub fn first_difference(&self, offset: i64, octets: &[u8]) -> Option<usize> {
        octets.iter().zip(offset..).position(|(octet, index)| *octet != self.octet(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_follow_the_pattern_with_period_251() {
        let stream = Stream::default();
        assert_eq!(stream.octets(249, 4), [249, 250, 0, 1]);
        assert_eq!(stream.octet(-1), 250);
    }

    #[test]
    fn literal_octets_replace_the_pattern_which_counts_on_behind_them() {
        let mut stream = Stream::default();
        assert!(stream.write(2, b"GET"));
        assert_eq!(stream.octets(1, 5), [1, b'G', b'E', b'T', 5]);
        assert!(stream.write(3, b"U"));
        assert_eq!(stream.octets(2, 3), *b"GUT");
    }

    #[test]
    fn pieces_that_touch_are_one_and_too_many_pieces_are_refused() {
        let mut stream = Stream::default();
        assert!((0..10_000).all(|offset| stream.write(offset, b"x")));
        assert_eq!(stream.octets(9_999, 2), [b'x', u8::try_from(10_000 % PERIOD).unwrap()]);
        let mut apart = (20_000..).step_by(2);
        assert!(apart.by_ref().take(MAX_LITERALS - 1).all(|offset| stream.write(offset, b"y")));
        assert!(!stream.write(apart.next().unwrap(), b"y"));
    }

    #[test]
    fn the_first_octet_that_differs_is_told() {
        let stream = Stream::default();
        assert_eq!(stream.first_difference(10, &[10, 11, 12]), None);
        assert_eq!(stream.first_difference(10, &[10, 11, 13]), Some(2));
    }
}
