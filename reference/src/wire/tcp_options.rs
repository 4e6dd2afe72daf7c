//! TCP options, RFC 9293 3.2 and the RFCs of each kind.
//!
//! The options of a segment stay raw, so that nothing is lost; a walk over them gives what they mean. A kind whose
//! length its RFC does not define is given as [`TcpOption::Unknown`]; a length that is no length at all (0, 1, or
//! beyond the end) is an error and ends the walk (RFC 9293 3.1, MUST-7).

use super::error::{Error, Fault, Layer};
use super::read::{Parsed, Span, be8, located, octets, too_small};
use super::walk::{Item, Walk};
use super::write::{fill, room, too_large};
use core::fmt;
use nom::Parser;

/// The options of a segment, raw.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct TcpOptions<'a>(Span<'a>);

impl<'a> TcpOptions<'a> {
    /// No options.
    pub const NONE: Self = Self(Span::new(&[]));

    /// Raw options; to be emitted they must be a multiple of 4 octets and at most 40.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self(Span::new(octets))
    }

    /// The octets, with whatever padding they have.
    #[must_use]
    #[inline]
    pub const fn octets(&self) -> &'a [u8] {
        self.0.octets()
    }

    /// The options in order, up to the end of the list or the first that is malformed.
    #[must_use]
    #[inline]
    pub const fn iter(&self) -> Walk<'a, TcpOption<'a>> {
        Walk::over(self.0)
    }
}

impl<'a> From<Span<'a>> for TcpOptions<'a> {
    fn from(span: Span<'a>) -> Self {
        Self(span)
    }
}

impl<'a> IntoIterator for &TcpOptions<'a> {
    type Item = Result<TcpOption<'a>, Error>;
    type IntoIter = Walk<'a, TcpOption<'a>>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One option.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TcpOption<'a> {
    /// Kind 0, RFC 9293: what follows is padding.
    EndOfList,
    /// Kind 1, RFC 9293.
    NoOperation,
    /// Kind 2, RFC 9293: the most octets of data the sender wants in a segment.
    MaximumSegmentSize(u16),
    /// Kind 3, RFC 7323 2.2: by how many bits the sender shifts its windows; above 14 counts as 14.
    WindowScale(u8),
    /// Kind 4, RFC 2018 2.
    SackPermitted,
    /// Kind 5, RFC 2018 3.
    Sack(SackBlocks<'a>),
    /// Kind 8, RFC 7323 3.2.
    Timestamps {
        /// TSval.
        value: u32,
        /// TSecr.
        echo: u32,
    },
    /// Kind 28, RFC 5482 3.
    UserTimeout {
        /// Is the value in minutes and not in seconds (G)?
        minutes: bool,
        /// The timeout, 15 bits.
        value: u16,
    },
    /// Kind 34, RFC 7413 4.1.1: a cookie of 4 to 16 octets and even length, or none as a request for one.
    FastOpen(&'a [u8]),
    /// Kind 254 with the identifier 0xF989: the same before it had a kind (RFC 6994, draft-ietf-tcpm-fastopen).
    FastOpenExperimental(&'a [u8]),
    /// Kind 19, RFC 2385 3.0.
    Md5(&'a [u8; 16]),
    /// Kind 29, RFC 5925 2.2.
    Ao {
        /// KeyID.
        key_id: u8,
        /// RNextKeyID.
        next_key_id: u8,
        /// The message authentication code.
        mac: &'a [u8],
    },
    /// Kind 30, RFC 8684 3: subtype and all, opaque.
    Mptcp(&'a [u8]),
    /// Kind 172, RFC 9768 3.2.3: counters in the order EE0B, ECEB, EE1B.
    AccEcn0(AccEcnCounters<'a>),
    /// Kind 174, RFC 9768 3.2.3: counters in the order EE1B, ECEB, EE0B.
    AccEcn1(AccEcnCounters<'a>),
    /// Any other kind, or a length that its kind cannot have.
    Unknown {
        /// The kind.
        kind: u8,
        /// What follows kind and length.
        data: &'a [u8],
    },
}

/// What stands before the cookie of [`TcpOption::FastOpenExperimental`] (draft-ietf-tcpm-fastopen, RFC 6994).
const FAST_OPEN_MAGIC: [u8; 2] = [0xf9, 0x89];

impl TcpOption<'_> {
    /// The kind on the wire.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match *self {
            Self::EndOfList => 0,
            Self::NoOperation => 1,
            Self::MaximumSegmentSize(_) => 2,
            Self::WindowScale(_) => 3,
            Self::SackPermitted => 4,
            Self::Sack(_) => 5,
            Self::Timestamps { .. } => 8,
            Self::UserTimeout { .. } => 28,
            Self::FastOpen(_) => 34,
            Self::FastOpenExperimental(_) => 254,
            Self::Md5(_) => 19,
            Self::Ao { .. } => 29,
            Self::Mptcp(_) => 30,
            Self::AccEcn0(_) => 172,
            Self::AccEcn1(_) => 174,
            Self::Unknown { kind, .. } => kind,
        }
    }

    /// Octets on the wire.
    #[must_use]
    pub const fn wire_len(&self) -> usize {
        match self {
            Self::EndOfList | Self::NoOperation => 1,
            Self::MaximumSegmentSize(_) | Self::UserTimeout { .. } => 4,
            Self::WindowScale(_) => 3,
            Self::SackPermitted => 2,
            Self::Sack(blocks) => 2 + 8 * blocks.0.len(),
            Self::Timestamps { .. } => 10,
            Self::FastOpen(data) | Self::Mptcp(data) | Self::Unknown { data, .. } => 2 + data.len(),
            Self::FastOpenExperimental(cookie) => 4 + cookie.len(),
            Self::Md5(_) => 18,
            Self::Ao { mac, .. } => 4 + mac.len(),
            Self::AccEcn0(counters) | Self::AccEcn1(counters) => 2 + counters.0.len(),
        }
    }

    /// Writes the option at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short or the option longer than 255 octets.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let wire_len = self.wire_len();
        let Ok(len) = u8::try_from(wire_len) else {
            return Err(too_large(Layer::Tcp, "option length", 1, 255, wire_len));
        };
        let out = room(Layer::Tcp, out, wire_len)?;
        let kind = [self.kind(), len];
        match *self {
            Self::EndOfList | Self::NoOperation => out[0] = self.kind(),
            Self::MaximumSegmentSize(size) => fill(out, &[&kind, &size.to_be_bytes()]),
            Self::WindowScale(shift) => fill(out, &[&kind, &[shift]]),
            Self::SackPermitted => fill(out, &[&kind]),
            Self::Sack(blocks) => fill(out, &[&kind, blocks.0.as_flattened()]),
            Self::Timestamps { value, echo } => {
                fill(out, &[&kind, &value.to_be_bytes(), &echo.to_be_bytes()]);
            }
            Self::UserTimeout { minutes, value } => {
                let word = u16::from(minutes) << 15 | value & 0x7fff;
                fill(out, &[&kind, &word.to_be_bytes()]);
            }
            Self::FastOpenExperimental(cookie) => fill(out, &[&kind, &FAST_OPEN_MAGIC, cookie]),
            Self::Md5(digest) => fill(out, &[&kind, digest]),
            Self::Ao { key_id, next_key_id, mac } => fill(out, &[&kind, &[key_id, next_key_id], mac]),
            Self::AccEcn0(counters) | Self::AccEcn1(counters) => fill(out, &[&kind, counters.0]),
            Self::FastOpen(data) | Self::Mptcp(data) | Self::Unknown { data, .. } => {
                fill(out, &[&kind, data]);
            }
        }
        Ok(wire_len)
    }
}

/// A block of octets that have arrived: `left` is the first, `right` the one behind the last (RFC 2018 3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SackBlock {
    /// First sequence number of the block.
    pub left: u32,
    /// The sequence number behind the block.
    pub right: u32,
}

impl SackBlock {
    /// The block on the wire.
    #[must_use]
    pub const fn octets(self) -> [u8; 8] {
        ((self.left as u64) << 32 | self.right as u64).to_be_bytes()
    }
}

/// The blocks of a SACK option, as on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SackBlocks<'a>(pub &'a [[u8; 8]]);

impl SackBlocks<'_> {
    /// How many blocks there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Is there no block?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The blocks in order.
    #[inline]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SackBlock> {
        self.0.iter().map(|octets| {
            let [a, b, c, d, e, f, g, h] = *octets;
            SackBlock { left: u32::from_be_bytes([a, b, c, d]), right: u32::from_be_bytes([e, f, g, h]) }
        })
    }
}

impl fmt::Debug for SackBlocks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// The counters of an AccECN option, as on the wire: up to three of 24 bits. What follows the last whole one, or the
/// third, counts as padding (RFC 9768 3.2.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccEcnCounters<'a>(pub &'a [u8]);

impl AccEcnCounters<'_> {
    /// The counters in the order of the option's kind.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u32> {
        self.0.as_chunks::<3>().0.iter().take(3).map(|&[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }
}

impl fmt::Debug for AccEcnCounters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> Item<'a> for TcpOption<'a> {
    #[inline(always)]
    fn read(input: &'a [u8], offset: usize) -> Result<(&'a [u8], Self), Error> {
        located(Layer::Tcp, offset, input, option(input))
    }

    #[inline(always)]
    fn is_last(&self) -> bool {
        matches!(self, Self::EndOfList)
    }
}

#[inline(always)]
fn option(input: &[u8]) -> Parsed<'_, TcpOption<'_>> {
    let (behind_kind, kind) = be8("option kind").parse(input)?;
    match kind {
        0 => return Ok((behind_kind, TcpOption::EndOfList)),
        1 => return Ok((behind_kind, TcpOption::NoOperation)),
        _ => {}
    }
    let (rest, len) = be8("option length").parse(behind_kind)?;
    // RFC 9293 3.1, MUST-7: zero and one would not even cover kind and length.
    if len < 2 {
        return too_small(behind_kind, "option length", 2, usize::from(len));
    }
    let (rest, data) = octets("option", usize::from(len) - 2).parse(rest)?;
    Ok((rest, meaning(kind, data)))
}

/// What an option means, whose kind is 2 or more.
#[inline(always)]
fn meaning(kind: u8, data: &[u8]) -> TcpOption<'_> {
    match (kind, data) {
        (2, &[a, b]) => TcpOption::MaximumSegmentSize(u16::from_be_bytes([a, b])),
        (3, &[shift]) => TcpOption::WindowScale(shift),
        (4, []) => TcpOption::SackPermitted,
        (8, &[a, b, c, d, e, f, g, h]) => TcpOption::Timestamps {
            value: u32::from_be_bytes([a, b, c, d]),
            echo: u32::from_be_bytes([e, f, g, h]),
        },
        (5, data) => match data.as_chunks::<8>() {
            (blocks @ ([_] | [_, _] | [_, _, _] | [_, _, _, _]), []) => TcpOption::Sack(SackBlocks(blocks)),
            _ => TcpOption::Unknown { kind, data },
        },
        _ => rare_meaning(kind, data),
    }
}

#[inline(always)]
fn rare_meaning(kind: u8, data: &[u8]) -> TcpOption<'_> {
    let unknown = TcpOption::Unknown { kind, data };
    match (kind, data) {
        (28, &[a, b]) => {
            let word = u16::from_be_bytes([a, b]);
            TcpOption::UserTimeout { minutes: word & 0x8000 != 0, value: word & 0x7fff }
        }
        (34, cookie) if is_fast_open_cookie(cookie) => TcpOption::FastOpen(cookie),
        (254, &[0xf9, 0x89, ref cookie @ ..]) if is_fast_open_cookie(cookie) => {
            TcpOption::FastOpenExperimental(cookie)
        }
        (19, digest) => digest.try_into().map_or(unknown, TcpOption::Md5),
        (29, &[key_id, next_key_id, ref mac @ ..]) => TcpOption::Ao { key_id, next_key_id, mac },
        (30, data) => TcpOption::Mptcp(data),
        (172, data) => TcpOption::AccEcn0(AccEcnCounters(data)),
        (174, data) => TcpOption::AccEcn1(AccEcnCounters(data)),
        _ => unknown,
    }
}

/// RFC 7413 4.1.1: 4 to 16 octets and even, or none.
fn is_fast_open_cookie(cookie: &[u8]) -> bool {
    cookie.is_empty() || cookie.len().is_multiple_of(2) && (4..=16).contains(&cookie.len())
}

/// Options under construction, in place: at most the 40 octets that a header has room for.
///
/// ```
/// use wireproof_reference::wire::{TcpOption, TcpOptionsBuffer};
/// let mut options = TcpOptionsBuffer::new();
/// options.push(TcpOption::MaximumSegmentSize(1460))?;
/// options.push(TcpOption::WindowScale(7))?;
/// // Padded to a multiple of 4 with zero, the end of the list.
/// assert_eq!(options.options().octets(), [2, 4, 0x05, 0xb4, 3, 3, 7, 0]);
/// # Ok::<(), wireproof_reference::wire::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct TcpOptionsBuffer {
    octets: Room,
    len: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Room([u8; TcpOptionsBuffer::MAX_LEN]);

impl Default for Room {
    fn default() -> Self {
        Self([0; TcpOptionsBuffer::MAX_LEN])
    }
}

impl TcpOptionsBuffer {
    /// The most octets of options: 15 words of header less 5 (RFC 9293 3.1).
    pub const MAX_LEN: usize = 40;

    /// No options yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Octets so far, without padding.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Nothing so far?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Octets that still fit.
    #[must_use]
    pub const fn left(&self) -> usize {
        Self::MAX_LEN - self.len
    }

    /// Appends an option.
    ///
    /// # Errors
    /// If it does not fit any more; then nothing is appended.
    pub fn push(&mut self, option: TcpOption<'_>) -> Result<(), Error> {
        let at = self.len;
        self.len += option
            .emit(&mut self.octets.0[at..])
            .map_err(|error| Error { offset: error.offset + at, ..error })?;
        Ok(())
    }

    /// Appends a SACK option with these blocks, 1 to 4 (RFC 2018 3).
    ///
    /// # Errors
    /// If they do not fit any more; then nothing is appended.
    pub fn push_sack(&mut self, blocks: &[SackBlock]) -> Result<(), Error> {
        let mut octets = [[0; 8]; 4];
        let Some(room) = octets.get_mut(..blocks.len()) else {
            return Err(too_large(Layer::Tcp, "SACK blocks", self.len, 4, blocks.len()));
        };
        for (place, block) in room.iter_mut().zip(blocks) {
            *place = block.octets();
        }
        self.push(TcpOption::Sack(SackBlocks(room)))
    }

    /// Appends octets as they are, well-formed options or not.
    ///
    /// # Errors
    /// If they do not fit any more; then nothing is appended.
    pub fn push_raw(&mut self, octets: &[u8]) -> Result<(), Error> {
        let (at, had) = (self.len, self.left());
        let Some(room) = self.octets.0.get_mut(at..at + octets.len()) else {
            let needed = octets.len();
            return Err(Error {
                layer: Layer::Tcp,
                field: "buffer",
                offset: at,
                fault: Fault::NoRoom,
                needed,
                had,
            });
        };
        room.copy_from_slice(octets);
        self.len += octets.len();
        Ok(())
    }

    /// The options, padded with zeros to a multiple of 4.
    #[must_use]
    pub fn options(&self) -> TcpOptions<'_> {
        TcpOptions::new(&self.octets.0[..self.len.next_multiple_of(4)])
    }
}

impl fmt::Debug for TcpOptionsBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.options().iter()).finish()
    }
}
