//! Text that came before its turn (RFC 9293 3.10.7.4 SHLD-31), held until the gap before it is filled.
//!
//! An octet that is here stays as it came first: later copies only fill what is missing. Pieces are bounded in number,
//! and by the receive window in size. Where there is no room for one more, the furthest on gives way and will come again:
//! else text whose turn has come might wait for ever.

use super::seq::{SeqNumber, octets, size};

/// The most pieces held apart. A window of full-sized segments, each second one lost, makes half as many.
pub(super) const PIECES_LIMIT: usize = 64;

/// A piece of text and the number of its first octet.
#[derive(Clone, Debug)]
struct Piece {
    seq: SeqNumber,
    text: Vec<u8>,
}

impl Piece {
    fn end(&self) -> SeqNumber {
        self.seq + octets(self.text.len())
    }
}

/// Pieces by their order, not overlapping.
#[derive(Clone, Debug, Default)]
pub(super) struct Assembler {
    pieces: Vec<Piece>,
}

/// What came of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Some octets are new.
    New,
    /// All were here already, or there was no room.
    Nothing,
}

impl Assembler {
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Adds `text`, which starts at `seq`, as far as it is new.
    pub(super) fn insert(&mut self, seq: SeqNumber, text: &[u8]) -> Held {
        let mut held = Held::Nothing;
        let (mut seq, mut rest) = (seq, text);
        let mut place = self.place(seq);
        if self.pieces.len() == PIECES_LIMIT && self.begins_piece(place, seq) && place < PIECES_LIMIT {
            self.pieces.pop();
        }
        while !rest.is_empty() {
            let gap = match self.pieces.get(place) {
                Some(next) if next.seq.after(seq) => rest.len().min(size(next.seq.since(seq))),
                Some(_) => 0,
                None => rest.len(),
            };
            let (new, after) = rest.split_at(gap);
            if !new.is_empty() && self.put(&mut place, seq, new) {
                held = Held::New;
            }
            seq = seq + octets(gap);
            // What the next piece has is passed over.
            let known = self.pieces.get(place).map_or(0, |next| after.len().min(size(next.end().since(seq))));
            rest = &after[known..];
            seq = seq + octets(known);
            place += 1;
        }
        held
    }

    /// The first piece that ends after `seq`.
    fn place(&self, seq: SeqNumber) -> usize {
        self.pieces.iter().position(|piece| piece.end().after(seq)).unwrap_or(self.pieces.len())
    }

    /// Whether text from `seq` on, before the piece at `place`, belongs to none that is here.
    fn begins_piece(&self, place: usize, seq: SeqNumber) -> bool {
        let is_covered = self.pieces.get(place).is_some_and(|next| !next.seq.after(seq));
        let before = place.checked_sub(1).and_then(|before| self.pieces.get(before));
        !is_covered && before.is_none_or(|before| before.end() != seq)
    }

    /// Puts `text` before the piece at `place`, joining it to the one before where they meet. `place` keeps pointing to
    /// the same piece. False if there is no room.
    fn put(&mut self, place: &mut usize, seq: SeqNumber, text: &[u8]) -> bool {
        let has_room = self.pieces.len() < PIECES_LIMIT;
        let before = place.checked_sub(1).and_then(|before| self.pieces.get_mut(before));
        match before.filter(|before| before.end() == seq) {
            Some(before) => before.text.extend_from_slice(text),
            None if has_room => {
                self.pieces.insert(*place, Piece { seq, text: text.to_vec() });
                *place += 1;
            }
            None => return false,
        }
        true
    }

    /// Takes the text that starts at `seq`, once there is some. What lies before `seq` is forgotten.
    pub(super) fn take(&mut self, seq: SeqNumber) -> Option<Vec<u8>> {
        while self.pieces.first().is_some_and(|piece| !piece.end().after(seq)) {
            self.pieces.remove(0);
        }
        self.pieces.first().filter(|piece| !piece.seq.after(seq))?;
        let piece = self.pieces.remove(0);
        Some(piece.text[size(seq.since(piece.seq))..].to_vec())
    }

    pub(super) fn clear(&mut self) {
        self.pieces.clear();
    }

    /// What must hold after every input: pieces in order, within the window.
    pub(super) fn check(&self, nxt: SeqNumber, window: u32) {
        debug_assert!(self.pieces.len() <= PIECES_LIMIT);
        debug_assert!(self.pieces.windows(2).all(|pair| !pair[0].end().after(pair[1].seq)), "pieces overlap");
        debug_assert!(
            self.pieces.iter().all(|piece| piece.end().since(nxt) <= window),
            "a piece is out of the window"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Close to the wrap, so that every test passes over it.
    const START: SeqNumber = SeqNumber(u32::MAX - 3);

    fn insert(assembler: &mut Assembler, offset: u32, text: &str) -> Held {
        assembler.insert(START + offset, text.as_bytes())
    }

    fn taken(assembler: &mut Assembler, offset: u32) -> String {
        let mut text = Vec::new();
        while let Some(piece) = assembler.take(START + offset + octets(text.len())) {
            text.extend(piece);
        }
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn pieces_join_in_the_order_of_their_numbers() {
        let mut assembler = Assembler::default();
        for (offset, text) in [(6, "gh"), (2, "cd"), (4, "ef")] {
            assert_eq!(insert(&mut assembler, offset, text), Held::New);
        }
        assert!(assembler.take(START).is_none());
        assert_eq!(taken(&mut assembler, 2), "cdefgh");
        assert!(assembler.is_empty());
    }

    #[test]
    fn an_octet_stays_as_it_came_first() {
        let mut assembler = Assembler::default();
        insert(&mut assembler, 2, "cd");
        insert(&mut assembler, 6, "gh");
        assert_eq!(insert(&mut assembler, 1, "BCDEFGHI"), Held::New);
        assert_eq!(taken(&mut assembler, 1), "BcdEFghI");
    }

    #[test]
    fn what_is_known_is_not_new() {
        let mut assembler = Assembler::default();
        insert(&mut assembler, 2, "cdef");
        assert_eq!(insert(&mut assembler, 2, "cdef"), Held::Nothing);
        assert_eq!(insert(&mut assembler, 3, "de"), Held::Nothing);
        assert_eq!(insert(&mut assembler, 3, "defg"), Held::New);
        assert_eq!(taken(&mut assembler, 2), "cdefg");
    }

    #[test]
    fn what_was_received_meanwhile_is_forgotten() {
        let mut assembler = Assembler::default();
        insert(&mut assembler, 2, "cd");
        insert(&mut assembler, 5, "fgh");
        assert_eq!(assembler.take(START + 6).unwrap(), b"gh");
        assert!(assembler.is_empty());
    }

    #[test]
    fn islands_are_bounded_and_those_held_still_grow() {
        let mut assembler = Assembler::default();
        for island in 0..PIECES_LIMIT {
            assert_eq!(insert(&mut assembler, 1 + 4 * octets(island), "x"), Held::New);
        }
        assert_eq!(insert(&mut assembler, 5000, "x"), Held::Nothing);
        assert_eq!(insert(&mut assembler, 2, "y"), Held::New);
        assembler.check(START, 6000);
    }

    #[test]
    fn the_furthest_island_gives_way_to_what_comes_before_it() {
        let mut assembler = Assembler::default();
        for island in 0..PIECES_LIMIT {
            insert(&mut assembler, 1 + 4 * octets(island), "x");
        }
        let last = 1 + 4 * octets(PIECES_LIMIT - 1);
        assert_eq!(insert(&mut assembler, 0, "y"), Held::New);
        assert_eq!(taken(&mut assembler, 0), "yx");
        assert_eq!(insert(&mut assembler, last, "x"), Held::New);
        assert_eq!(insert(&mut assembler, last - 2, "abcd"), Held::New);
        assert_eq!(taken(&mut assembler, last - 2), "abxd");
        assembler.check(START, 6000);
    }
}
