//! The newer format, pcapng: draft-ietf-opsawg-pcapng.
//!
//! ```text
//! block  type 4, total length 4, body, total length 4
//! ```
//!
//! Sections, interfaces and the three kinds of packet blocks are read; all other blocks are stepped over.

use super::file::{CaptureError, Nanos, Notes, Order, Seen, Stream};
use super::link::Captured;
use super::octets::{LONGEST, u16_at, u32_at};

/// Section header, the same in both byte orders.
pub(super) const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

const BYTE_ORDER: u32 = 0x1a2b_3c4d;

/// How many interfaces a section may name.
const MOST_INTERFACES: usize = 65_536;

const COMMENT: u16 = 1;
const IF_TSRESOL: u16 = 9;
const IF_FCSLEN: u16 = 13;
const IF_TSOFFSET: u16 = 14;

/// One interface of a section.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: u32,
    snap_len: u32,
    resolution: Resolution,
    /// Seconds to be added to its times.
    offset: i64,
    fcs: usize,
}

/// How long a unit of time is: 10^-n or 2^-n seconds.
#[derive(Clone, Copy, Debug)]
enum Resolution {
    Decimal(u32),
    Binary(u32),
}

impl Resolution {
    /// `units` in nanoseconds.
    fn nanos(self, units: u64) -> Nanos {
        let units = i128::from(units);
        match self {
            Self::Decimal(digits @ 0..=9) => units * 10_i128.pow(9 - digits),
            Self::Decimal(digits) => units / 10_i128.checked_pow(digits - 9).unwrap_or(i128::MAX),
            // 2^64 units of 10^9 nanoseconds have fewer than 96 bits.
            Self::Binary(bits) => (units * 1_000_000_000).checked_shr(bits).unwrap_or(0),
        }
    }
}

/// Blocks one after the other.
pub(super) struct Reader<'r> {
    input: Stream<'r>,
    section: Section,
    number: u64,
    is_over: bool,
}

/// What holds until the next section begins.
#[derive(Debug)]
struct Section {
    order: Order,
    interfaces: Vec<Interface>,
    unknown_interface: u64,
}

/// A block without its type and lengths.
struct Block<'b> {
    kind: u32,
    /// Where its body begins.
    offset: u64,
    /// Where it begins in the reader's memory.
    place: usize,
    body: &'b [u8],
}

impl<'r> Reader<'r> {
    pub(super) fn open(input: Stream<'r>) -> Result<Self, CaptureError> {
        let section = Section { order: Order::Little, interfaces: Vec::new(), unknown_interface: 0 };
        let mut reader = Self { input, section, number: 0, is_over: false };
        block(&mut reader.input, &mut reader.section)?;
        Ok(reader)
    }

    pub(super) const fn input(&mut self) -> &mut Stream<'r> {
        &mut self.input
    }

    pub(super) fn is_piece_full(&self) -> bool {
        let Some(rest) = self.input.rest_of_full() else { return false };
        // A section's header may tell its length in another order of octets; it is short.
        let is_section = rest.len() >= 4 && u32_at(rest, 0, Order::Big) == SECTION;
        let length = usize::try_from(u32_at(rest, 4, self.section.order)).unwrap_or(usize::MAX);
        rest.len() < 8 || !is_section && length <= LONGEST && rest.len() < length
    }

    pub(super) fn details(&self) -> String {
        if self.section.order == Order::Big { "big-endian".to_owned() } else { "little-endian".to_owned() }
    }

    pub(super) fn remarks(&self) -> Vec<String> {
        match self.section.unknown_interface {
            0 => Vec::new(),
            count => vec![format!("{count} packets of interfaces that the file does not describe")],
        }
    }

    pub(super) fn next_seen(&mut self) -> Result<Option<Seen<'_>>, CaptureError> {
        let Self { input, section, number, is_over } = self;
        if *is_over {
            return Ok(None);
        }
        // Until it is known better.
        *is_over = true;
        loop {
            // A packet is lent until the next one is asked for: what is no packet is stepped over before it is lent.
            let Some(kind) = next_kind(input, section)? else { return Ok(None) };
            if !matches!(kind, PACKET | SIMPLE_PACKET | ENHANCED_PACKET) {
                block(input, section)?;
                continue;
            }
            if !knows_interface(input, section, kind)? {
                block(input, section)?;
                section.unknown_interface += 1;
                *number += 1;
                continue;
            }
            *number += 1;
            let Some(block) = block(input, section)? else { return Ok(None) };
            let seen = section.packet(&block, *number)?;
            *is_over = false;
            return Ok(Some(seen));
        }
    }
}

/// The kind of the next block, which stays next.
fn next_kind(input: &mut Stream<'_>, section: &Section) -> Result<Option<u32>, CaptureError> {
    let head = input.look(8)?;
    Ok((!head.is_empty()).then(|| u32_at(head, 0, section.order)))
}

/// Whether the packet in the next block is one of an interface that was described.
fn knows_interface(input: &mut Stream<'_>, section: &Section, kind: u32) -> Result<bool, CaptureError> {
    let head = input.look(12)?;
    let index = match kind {
        ENHANCED_PACKET => u32_at(head, 8, section.order),
        PACKET => u32::from(u16_at(head, 8, section.order)),
        _ => 0,
    };
    Ok(usize::try_from(index).is_ok_and(|index| index < section.interfaces.len()))
}

/// The next block; a section header or interface is taken note of.
fn block<'b>(input: &'b mut Stream<'_>, section: &mut Section) -> Result<Option<Block<'b>>, CaptureError> {
    let start = input.offset();
    let Some(head) = input.take(8, "a block's head")? else { return Ok(None) };
    let head = head.first_chunk::<8>().copied().unwrap_or_default();
    let is_section = u32_at(&head, 0, Order::Big) == SECTION;
    if is_section {
        let magic = input.look(4)?;
        section.order = match (u32_at(magic, 0, Order::Big), u32_at(magic, 0, Order::Little)) {
            _ if magic.len() < 4 => {
                let found = "the end of the file".to_owned();
                return Err(CaptureError::at(start + 8, found, "4 octets of a byte-order magic"));
            }
            (BYTE_ORDER, _) => Order::Big,
            (_, BYTE_ORDER) => Order::Little,
            (other, _) => {
                let found = format!("the byte-order magic {other:#010x}");
                return Err(CaptureError::at(
                    start + 8,
                    found,
                    format!("{BYTE_ORDER:#010x} in either order"),
                ));
            }
        };
    }
    let order = section.order;
    let (kind, length) = (u32_at(&head, 0, order), u32_at(&head, 4, order));
    let least = if is_section { 28 } else { 12 };
    let is_sound = length >= least && length.is_multiple_of(4);
    if !is_sound || usize::try_from(length).unwrap_or(usize::MAX) > LONGEST {
        let found = format!("a block of {length} octets");
        let expected = format!("a multiple of 4, {least} or more, no more than {LONGEST}");
        return Err(CaptureError::at(start + 4, found, expected));
    }
    let rest = usize::try_from(length).unwrap_or(usize::MAX) - 8;
    input.ready_for(rest)?;
    let place = input.place();
    let (body, trailer) = input.need(rest, "a block")?.split_at(rest - 4);
    let again = u32_at(trailer, 0, order);
    if again != length {
        let at = start + u64::from(length) - 4;
        let found = format!("the block's length again as {again}");
        return Err(CaptureError::at(at, found, format!("{length} as at its head")));
    }
    let block = Block { kind, offset: start + 8, place, body };
    match kind {
        _ if is_section => section.begin(&block)?,
        INTERFACE => section.interface(&block)?,
        _ => {}
    }
    Ok(Some(block))
}

impl Section {
    fn begin(&mut self, block: &Block<'_>) -> Result<(), CaptureError> {
        let major = u16_at(block.body, 4, self.order);
        let minor = u16_at(block.body, 6, self.order);
        if major != 1 {
            let found = format!("version {major}.{minor}");
            return Err(CaptureError::at(block.offset + 4, found, "version 1.0"));
        }
        self.interfaces.clear();
        options(block.body, 16, self.order, block.offset, |_, _| {})
    }

    fn interface(&mut self, block: &Block<'_>) -> Result<(), CaptureError> {
        let order = self.order;
        if block.body.len() < 8 {
            let found = format!("an interface of {} octets", block.body.len());
            return Err(CaptureError::at(block.offset, found, "8 or more"));
        }
        if self.interfaces.len() >= MOST_INTERFACES {
            return Err(CaptureError::at(
                block.offset,
                "one more interface",
                format!("no more than {MOST_INTERFACES}"),
            ));
        }
        let (link, snap_len) = (u32::from(u16_at(block.body, 0, order)), u32_at(block.body, 4, order));
        let mut interface =
            Interface { link, snap_len, resolution: Resolution::Decimal(6), offset: 0, fcs: 0 };
        options(block.body, 8, order, block.offset, |code, value| match (code, value) {
            (IF_TSRESOL, [resolution, ..]) => {
                let digits = u32::from(resolution & 0x7f);
                interface.resolution = if resolution & 0x80 == 0 {
                    Resolution::Decimal(digits)
                } else {
                    Resolution::Binary(digits)
                };
            }
            (IF_FCSLEN, [length, ..]) => interface.fcs = usize::from(*length).min(4),
            (IF_TSOFFSET, [_, _, _, _, _, _, _, _, ..]) => {
                let octets = value.first_chunk::<8>().copied().unwrap_or_default();
                interface.offset = match order {
                    Order::Big => i64::from_be_bytes(octets),
                    Order::Little => i64::from_le_bytes(octets),
                };
            }
            _ => {}
        })?;
        self.interfaces.push(interface);
        Ok(())
    }

    /// The packet of a block.
    fn packet<'b>(&self, block: &Block<'b>, number: u64) -> Result<Seen<'b>, CaptureError> {
        let (order, body) = (self.order, block.body);
        let field = |at| u32_at(body, at, order);
        let (index, times, lengths, data) = match block.kind {
            ENHANCED_PACKET => (field(0), Some((field(4), field(8))), Some((field(12), field(16))), 20),
            PACKET => (
                u32::from(u16_at(body, 0, order)),
                Some((field(4), field(8))),
                Some((field(12), field(16))),
                20,
            ),
            _ => (0, None, None, 4),
        };
        let interface = usize::try_from(index).ok().and_then(|index| self.interfaces.get(index)).copied();
        let Some(interface) = interface else {
            let found = format!("a packet of interface {index}");
            return Err(CaptureError::at(block.offset, found, "an interface that is described before"));
        };
        let room = body.len().saturating_sub(data);
        let (captured, original) = lengths.unwrap_or_else(|| {
            // A simple packet tells its original length alone; what was captured is that, or the snap length.
            let snap_len = if interface.snap_len == 0 { u32::MAX } else { interface.snap_len };
            (field(0).min(snap_len).min(u32::try_from(room).unwrap_or(u32::MAX)), field(0))
        });
        let length = usize::try_from(captured).unwrap_or(usize::MAX);
        let Some(octets) = body.get(data..).and_then(|rest| rest.get(..length)) else {
            let found = format!("a packet of {captured} octets in a block with room for {room}");
            return Err(CaptureError::at(block.offset, found, "a packet that fits its block"));
        };
        let time = times.map(|(high, low)| {
            let units = (u64::from(high) << 32) | u64::from(low);
            interface.resolution.nanos(units) + Nanos::from(interface.offset) * 1_000_000_000
        });
        let behind = data + length.next_multiple_of(4);
        let options = if block.kind == SIMPLE_PACKET { &[] } else { body.get(behind..).unwrap_or_default() };
        let Interface { link, fcs, .. } = interface;
        let captured = Captured { link, fcs, octets, original_len: original.max(captured) };
        Ok(Seen { number, time, captured, place: block.place + data, notes: Notes { options, order } })
    }
}

/// The comments among the options of a packet. Damaged options hold none.
pub(super) fn comment(notes: &Notes<'_>) -> String {
    let mut comments = Vec::new();
    let read = options(notes.options, 0, notes.order, 0, |code, value| {
        if code == COMMENT {
            comments.push(String::from_utf8_lossy(value).into_owned());
        }
    });
    drop(read);
    comments.join("\n")
}

/// Hands each option of a body, from octet `start` on, to `each`.
fn options(
    body: &[u8],
    start: usize,
    order: Order,
    offset: u64,
    mut each: impl FnMut(u16, &[u8]),
) -> Result<(), CaptureError> {
    let mut at = start;
    while body.len() >= at + 4 {
        let (code, length) = (u16_at(body, at, order), usize::from(u16_at(body, at + 2, order)));
        if code == 0 {
            break;
        }
        let Some(value) = body.get(at + 4..at + 4 + length) else {
            let place = offset + u64::try_from(at).unwrap_or(0);
            return Err(CaptureError::at(
                place,
                format!("an option of {length} octets"),
                "an option that fits its block",
            ));
        };
        each(code, value);
        at += 4 + length.next_multiple_of(4);
    }
    Ok(())
}
