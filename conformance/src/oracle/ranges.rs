//! Sequence arithmetic on bare numbers, and sets of octets by their numbers, bounded.

use crate::notation::Seq;

/// How many pieces a set keeps; further ones are forgotten and the set says so.
pub(super) const MOST_PIECES: usize = 64;

/// Whether `a` stands before `b`, modulo 2^32 (RFC 9293 3.4).
pub(super) const fn before(a: u32, b: u32) -> bool {
    Seq(a).is_before(Seq(b))
}

/// Whether `a` stands before `b` or is `b`.
pub(super) const fn at_or_before(a: u32, b: u32) -> bool {
    a == b || before(a, b)
}

/// How far it is from `a` to `b`, negative if `b` stands before.
pub(super) const fn distance(a: u32, b: u32) -> i32 {
    Seq(b).distance(Seq(a))
}

/// The later one of two.
pub(super) const fn later(a: u32, b: u32) -> u32 {
    if before(a, b) { b } else { a }
}

/// Numbers that were seen: all up to an edge, and pieces behind it.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranges {
    edge: Option<u32>,
    /// Left and right edge of each, in order, apart from each other and from the edge.
    pieces: Vec<(u32, u32)>,
    /// Whether pieces were forgotten.
    pub(super) is_partial: bool,
}

impl Ranges {
    /// All numbers up to `edge`, without it.
    pub(super) fn up_to(edge: u32) -> Self {
        Self { edge: Some(edge), pieces: Vec::new(), is_partial: false }
    }

    /// The first number that is missing.
    pub(super) fn edge(&self) -> Option<u32> {
        self.edge
    }

    #[cfg(test)]
    fn pieces(&self) -> &[(u32, u32)] {
        &self.pieces
    }

    /// Adds the numbers from `left` up to `right`, without it.
    pub(super) fn add(&mut self, left: u32, right: u32) {
        let edge = *self.edge.get_or_insert(left);
        if at_or_before(right, edge) || !before(left, right) {
            return;
        }
        if at_or_before(left, edge) {
            self.edge = Some(right);
            self.swallow();
            return;
        }
        let (mut left, mut right) = (left, right);
        self.pieces.retain(|&(from, to)| {
            let apart = before(to, left) || before(right, from);
            if !apart {
                left = if before(from, left) { from } else { left };
                right = later(right, to);
            }
            apart
        });
        let place = self.pieces.iter().position(|piece| before(right, piece.0)).unwrap_or(self.pieces.len());
        self.pieces.insert(place, (left, right));
        if self.pieces.len() > MOST_PIECES {
            self.pieces.pop();
            self.is_partial = true;
        }
    }

    fn swallow(&mut self) {
        let Some(mut edge) = self.edge else { return };
        self.pieces.retain(|&(left, right)| {
            let touches = at_or_before(left, edge);
            if touches {
                edge = later(edge, right);
            }
            !touches
        });
        self.edge = Some(edge);
    }

    /// Whether all numbers from `left` up to `right` are there.
    pub(super) fn holds(&self, left: u32, right: u32) -> bool {
        let Some(edge) = self.edge else { return false };
        at_or_before(right, edge)
            || self.pieces.iter().any(|&(from, to)| {
                (at_or_before(from, left) || at_or_before(left, edge) && at_or_before(from, edge))
                    && at_or_before(right, to)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_grow_together_across_the_wrap() {
        let mut ranges = Ranges::up_to(u32::MAX - 9);
        ranges.add(10, 20);
        ranges.add(30, 40);
        assert_eq!(ranges.pieces(), [(10, 20), (30, 40)]);
        assert!(ranges.holds(12, 20) && !ranges.holds(12, 31));
        ranges.add(u32::MAX - 9, 10);
        assert_eq!((ranges.edge(), ranges.pieces()), (Some(20), &[(30, 40)][..]));
        ranges.add(15, 35);
        assert_eq!((ranges.edge(), ranges.pieces().len()), (Some(40), 0));
    }

    #[test]
    fn pieces_that_meet_become_one_and_too_many_are_forgotten() {
        let mut ranges = Ranges::up_to(0);
        ranges.add(10, 20);
        ranges.add(30, 40);
        ranges.add(20, 30);
        assert_eq!(ranges.pieces(), [(10, 40)]);
        (0..100).for_each(|n| ranges.add(100 + n * 10, 105 + n * 10));
        assert!(ranges.is_partial && ranges.pieces().len() == MOST_PIECES);
    }
}
