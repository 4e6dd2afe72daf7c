//! The older format, pcap: draft-ietf-opsawg-pcap.
//!
//! ```text
//! head    magic 4, major 2, minor 2, reserved 8, snap length 4, link type 4 (FCS length in the upper bits)
//! record  seconds 4, fraction 4, captured length 4, original length 4, octets
//! ```

use super::file::{CaptureError, Nanos, Notes, Order, Seen, Stream};
use super::link::Captured;
use super::octets::{LONGEST, u16_at, u32_at};

/// Microseconds, nanoseconds, and a variant of old Linux kernels whose records hold 8 octets more.
const MICRO: u32 = 0xa1b2_c3d4;
const NANO: u32 = 0xa1b2_3c4d;
const MODIFIED: u32 = 0xa1b2_cd34;

const HEAD_LEN: usize = 24;
const RECORD_LEN: usize = 16;
/// What the records of the modified variant hold besides: interface, protocol, packet type, padding.
const MODIFIED_LEN: usize = 8;

/// Records are this much longer than the snap length at most before they are taken for damage.
const SLACK: u32 = 262_144;

/// The head of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    order: Order,
    nanos_per_unit: u32,
    record_len: usize,
    snap_len: u32,
    link: u32,
    fcs: usize,
    version: (u16, u16),
}

impl Head {
    pub(super) fn read(input: &mut Stream<'_>) -> Result<Self, CaptureError> {
        let octets = input.need(4, "a magic number")?.to_vec();
        let known = |order| match u32_at(&octets, 0, order) {
            MICRO => Some((order, 1_000, RECORD_LEN)),
            NANO => Some((order, 1, RECORD_LEN)),
            MODIFIED => Some((order, 1_000, RECORD_LEN + MODIFIED_LEN)),
            _ => None,
        };
        let Some((order, nanos_per_unit, record_len)) = known(Order::Big).or_else(|| known(Order::Little))
        else {
            let found = format!("the magic number {:#010x}", u32_at(&octets, 0, Order::Big));
            let expected = "a pcap (0xa1b2c3d4, 0xa1b23c4d) or pcapng (0x0a0d0d0a) capture";
            return Err(CaptureError::at(0, found, expected));
        };
        let octets = [&octets, input.need(HEAD_LEN - 4, "a file head")?].concat();
        let (major, minor) = (u16_at(&octets, 4, order), u16_at(&octets, 6, order));
        if major != 2 {
            let found = format!("version {major}.{minor}");
            return Err(CaptureError::at(4, found, "version 2.4, or an earlier 2"));
        }
        let field = u32_at(&octets, 20, order);
        // Bit 26 says that the four above it hold the FCS's length in 16-bit words.
        let fcs = if field & 0x0400_0000 == 0 { 0 } else { 2 * usize::try_from(field >> 28).unwrap_or(0) };
        let (snap_len, link) = (u32_at(&octets, 16, order), field & 0xffff);
        Ok(Self { order, nanos_per_unit, record_len, snap_len, link, fcs, version: (major, minor) })
    }

    pub(super) fn details(&self) -> String {
        let order = if self.order == Order::Big { "big-endian" } else { "little-endian" };
        let unit = if self.nanos_per_unit == 1 { "nanoseconds" } else { "microseconds" };
        format!("{order}, {unit}")
    }
}

/// Records one after the other.
pub(super) struct Reader<'r> {
    head: Head,
    input: Stream<'r>,
    number: u64,
    is_over: bool,
}

impl<'r> Reader<'r> {
    pub(super) const fn new(head: Head, input: Stream<'r>) -> Self {
        Self { head, input, number: 0, is_over: false }
    }

    pub(super) const fn input(&mut self) -> &mut Stream<'r> {
        &mut self.input
    }

    pub(super) fn is_piece_full(&self) -> bool {
        let Some(rest) = self.input.rest_of_full() else { return false };
        let Some(head) = rest.get(..self.head.record_len) else { return true };
        let field = |at| usize::try_from(u32_at(head, at, self.head.order)).unwrap_or(usize::MAX);
        let captured = if self.head.version < (2, 4) { field(8).min(field(12)) } else { field(8) };
        rest.len() - head.len() < captured
    }

    pub(super) fn next_seen(&mut self) -> Result<Option<Seen<'_>>, CaptureError> {
        if self.is_over {
            return Ok(None);
        }
        // Until it is known better.
        self.is_over = true;
        let (start, order) = (self.input.offset(), self.head.order);
        let Some(head) = self.input.take(self.head.record_len, "a record's head")? else { return Ok(None) };
        let head = head.first_chunk::<RECORD_LEN>().copied().unwrap_or_default();
        let field = |at| u32_at(&head, at, order);
        let (mut captured, mut original) = (field(8), field(12));
        let (seconds, fraction) = (field(0), field(4));
        // Before version 2.3 the two lengths stood the other way round, in 2.3 in either: the captured one is the smaller.
        if self.head.version < (2, 4) && captured > original {
            (captured, original) = (original, captured);
        }
        let longest =
            self.head.snap_len.saturating_add(SLACK).min(u32::try_from(LONGEST).unwrap_or(u32::MAX));
        if captured > longest {
            let found = format!("a record of {captured} octets");
            return Err(CaptureError::at(
                start + 8,
                found,
                format!("no more than the snap length, {}", self.head.snap_len),
            ));
        }
        let length = usize::try_from(captured).unwrap_or(usize::MAX);
        self.input.ready_for(length)?;
        let place = self.input.place();
        let octets = self.input.need(length, "a packet")?;
        self.number += 1;
        self.is_over = false;
        let time = Nanos::from(seconds) * 1_000_000_000
            + Nanos::from(fraction) * Nanos::from(self.head.nanos_per_unit);
        let Head { link, fcs, .. } = self.head;
        Ok(Some(Seen {
            number: self.number,
            time: Some(time),
            place,
            captured: Captured { link, fcs, octets, original_len: original.max(captured) },
            notes: Notes { options: &[], order },
        }))
    }
}
