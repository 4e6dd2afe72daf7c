//! The receiving half of a connection: the receive sequence space of RFC 9293 3.3.1, its window and its text.
//!
//! ```text
//!    |<------------------- RCV.BUFF ------------------->|
//!    |  RCV.USER   |      RCV.WND       |   Reduction   |
//! ---|-------------|--------------------|---------------|--->
//!               RCV.NXT            right edge
//! ```

use super::arrives::trimmed;
use super::assembler::{Assembler, Held};
use super::segment::Segment;
use super::seq::{SeqNumber, octets, size};
use crate::policy::Policy;
use crate::time::Duration;
use std::collections::VecDeque;

/// RFC 5681 4.2: at least every second segment is acknowledged at once.
const SEGMENTS_PER_ACK: u32 = 2;

/// The most duplicate acknowledgments owed at one time, for segments that arrived together.
const DUPLICATE_ACKS_LIMIT: u32 = 64;

/// The acknowledgments that are owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owed {
    /// None.
    Nothing,
    /// One, which may wait for company (RFC 9293 3.8.6.3).
    Later,
    /// So many, now. More than one only for segments out of order, of which the sender counts each (RFC 5681 3.2).
    Now(u32),
}

/// The receiving half.
#[derive(Clone, Debug)]
pub(super) struct Receiving {
    irs: SeqNumber,
    nxt: SeqNumber,
    /// RCV.NXT + RCV.WND, which never moves back (RFC 9293 3.8.6 SHLD-14).
    right_edge: SeqNumber,
    /// RCV.BUFF.
    capacity: u32,
    /// Text in order, not yet read by the user.
    buffer: VecDeque<u8>,
    assembler: Assembler,
    /// The number of the peer's FIN, once seen in the window.
    fin: Option<SeqNumber>,
    /// RCV.UP, the number after the last urgent octet.
    up: Option<SeqNumber>,
    owed: Owed,
    /// Segments with text since the last acknowledgment.
    unacknowledged: u32,
    delayed_ack: Option<Duration>,
}

impl Receiving {
    /// The peer's SYN was `irs`.
    pub(super) fn new(irs: SeqNumber, policy: &Policy) -> Self {
        let capacity = u32::from(policy.receive_buffer);
        Self {
            irs,
            nxt: irs + 1,
            right_edge: irs + 1 + capacity,
            capacity,
            buffer: VecDeque::new(),
            assembler: Assembler::default(),
            fin: None,
            up: None,
            owed: Owed::Nothing,
            unacknowledged: 0,
            delayed_ack: policy.delayed_ack,
        }
    }

    /// The same with what else the SYN's segment carries, which waits for ESTABLISHED (RFC 9293 3.10.7.2, 3.10.7.3).
    pub(super) fn of_syn(syn: &Segment<'_>, policy: &Policy) -> Self {
        let mut receiving = Self::new(syn.seq, policy);
        let rest = trimmed(&receiving, &syn.without_syn());
        receiving.hold(&rest);
        if let Some(offset) = rest.urgent {
            receiving.handle_urgent(rest.seq + u32::from(offset));
        }
        receiving
    }

    // Getters.

    pub(super) const fn irs(&self) -> SeqNumber {
        self.irs
    }

    pub(super) const fn nxt(&self) -> SeqNumber {
        self.nxt
    }

    pub(super) const fn right_edge(&self) -> SeqNumber {
        self.right_edge
    }

    /// RCV.WND: what was offered and is not used up.
    pub(super) const fn window(&self) -> u32 {
        self.right_edge.since(self.nxt)
    }

    /// Octets of text that the user can read.
    pub(super) fn unread(&self) -> usize {
        self.buffer.len()
    }

    /// Octets of urgent text that are still to be read, seen or not (RFC 9293 3.8.5 MUST-33).
    pub(super) fn urgent(&self) -> Option<u32> {
        let read_to = self.read_to();
        self.up.filter(|up| up.after(read_to)).map(|up| up.since(read_to))
    }

    /// The number of the next octet that the user reads.
    fn read_to(&self) -> SeqNumber {
        self.nxt - octets(self.buffer.len())
    }

    pub(super) fn owes_ack_now(&self) -> bool {
        matches!(self.owed, Owed::Now(_))
    }

    /// How long the acknowledgment that is owed may wait, if it may.
    pub(super) fn ack_delay(&self) -> Option<Duration> {
        self.delayed_ack.filter(|_| self.owed == Owed::Later)
    }

    /// Whether the peer's FIN is the next octet.
    pub(super) fn is_fin_next(&self) -> bool {
        self.fin == Some(self.nxt)
    }

    /// Whether `seq` belongs to the window.
    pub(super) const fn has_in_window(&self, seq: SeqNumber) -> bool {
        seq.is_within(self.nxt, self.window())
    }

    // Commands.

    /// RECEIVE: up to `max` octets, not past the end of urgent data (RFC 9293 3.9.1.3).
    pub(super) fn read(&mut self, max: usize) -> Vec<u8> {
        let mark = self.urgent().map_or(usize::MAX, size);
        let count = max.min(mark).min(self.buffer.len());
        let text = self.buffer.drain(..count).collect();
        // What has been passed means nothing any more, least of all when the numbers come round again.
        self.up = self.up.filter(|up| up.after(self.read_to()));
        text
    }

    /// The user is gone; what was not read is forgotten.
    pub(super) fn discard(&mut self) {
        self.buffer.clear();
    }

    pub(super) fn owe_ack(&mut self) {
        if !self.owes_ack_now() {
            self.owed = Owed::Now(1);
        }
    }

    /// The user has read: tells the peer, if it could not send a full segment and now can, or if half the buffer has
    /// become free (RFC 9293 3.8.6.2.2).
    pub(super) fn owe_window_update(&mut self, segment_size: u32) {
        let step = self.step(segment_size);
        if step > 0 && (self.window() < segment_size || step >= self.capacity / 2) {
            self.owe_ack();
        }
    }

    // Input.

    /// RFC 9293 3.10.7.4, sixth: RCV.UP moves on, if that is ahead of what the user has read. True if it does.
    pub(super) fn handle_urgent(&mut self, up: SeqNumber) -> bool {
        let advances = up.after(self.up.unwrap_or(self.read_to()));
        if advances {
            self.up = Some(up);
        }
        advances
    }

    /// Holds text and FIN of a segment that fits the window; true if any of its text is new.
    pub(super) fn hold(&mut self, segment: &Segment<'_>) -> bool {
        let seq = segment.seq;
        let end = seq + octets(segment.payload.len());
        let limit = self.fin.map_or(end, |fin| fin.earlier(end));
        let len = if limit.after(seq) { size(limit.since(seq)) } else { 0 };
        if segment.fin {
            self.fin.get_or_insert(end);
        }
        self.assembler.insert(seq, &segment.payload[..len]) == Held::New
    }

    /// Moves text whose turn has come to the user, RCV.NXT with it. Returns how much.
    pub(super) fn advance(&mut self) -> u32 {
        let start = self.nxt;
        while let Some(mut text) = self.assembler.take(self.nxt) {
            // Nothing lies behind a FIN, even if it came first.
            text.truncate(self.fin.map_or(usize::MAX, |fin| size(fin.since(self.nxt))));
            self.nxt = self.nxt + octets(text.len());
            self.buffer.extend(text);
        }
        self.nxt.since(start)
    }

    /// Whether text waits for a gap before it to be filled.
    pub(super) fn has_gap(&self) -> bool {
        !self.assembler.is_empty()
    }

    /// RCV.NXT passes over the peer's FIN, which is acknowledged at once.
    pub(super) fn handle_fin(&mut self) {
        self.nxt = self.nxt + 1;
        self.assembler.clear();
        self.owe_one_ack();
    }

    /// Text arrived in order and filled no gap: every second such segment is acknowledged at once, the others may wait
    /// (RFC 9293 3.8.6.3 SHLD-18, SHLD-19).
    pub(super) fn owe_ack_for_text(&mut self) {
        self.unacknowledged += 1;
        if self.delayed_ack.is_none() || self.unacknowledged >= SEGMENTS_PER_ACK {
            self.owe_ack();
        } else if self.owed == Owed::Nothing {
            self.owed = Owed::Later;
        }
    }

    /// A segment above a gap: one duplicate acknowledgment for each (RFC 5681 4.2).
    pub(super) fn owe_duplicate_ack(&mut self) {
        self.owed = match self.owed {
            Owed::Nothing | Owed::Later => Owed::Now(1),
            Owed::Now(count) => Owed::Now(count.saturating_add(1).min(DUPLICATE_ACKS_LIMIT)),
        };
    }

    /// RCV.NXT moved: duplicates still owed would repeat an acknowledgment that was never sent.
    pub(super) fn owe_one_ack(&mut self) {
        self.owed = Owed::Now(1);
    }

    // Output.

    /// How far the right edge may move: not at all, or in steps worth having (RFC 9293 3.8.6.2.2 MUST-39).
    fn step(&self, segment_size: u32) -> u32 {
        let free = self.capacity.saturating_sub(octets(self.buffer.len()));
        let step = free.saturating_sub(self.window());
        if step >= (self.capacity / 2).min(segment_size) { step } else { 0 }
    }

    /// The window field for a segment that leaves now. Moves the right edge.
    pub(super) fn offer(&mut self, segment_size: u32) -> u16 {
        self.right_edge = self.right_edge + self.step(segment_size);
        u16::try_from(self.window()).unwrap_or(u16::MAX)
    }

    /// A segment with RCV.NXT has left: it pays for one acknowledgment.
    pub(super) fn handle_ack_sent(&mut self) {
        self.unacknowledged = 0;
        self.owed = match self.owed {
            Owed::Now(count) if count > 1 => Owed::Now(count - 1),
            Owed::Nothing | Owed::Later | Owed::Now(_) => Owed::Nothing,
        };
    }

    /// What must hold after every input.
    pub(super) fn check(&self) {
        debug_assert!(self.window() <= self.capacity.max(1), "RCV.WND {} is out of bounds", self.window());
        debug_assert!(octets(self.buffer.len()) <= self.capacity, "more unread than the buffer holds");
        self.assembler.check(self.nxt, self.window());
    }
}
