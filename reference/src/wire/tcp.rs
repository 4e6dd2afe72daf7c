//! TCP, RFC 9293 3.1. Options are in `tcp_options`.
//!
//! ```text
//! | source port             | destination port        |
//! | sequence number                                   |
//! | acknowledgment number                             |
//! | offset 4, reserved 3, flags 9 | window            |
//! | checksum                | urgent pointer          |
//! | options, padded to a multiple of 4                |
//! | data                                              |
//! ```

use super::checksum::{PseudoHeader, Sum};
use super::error::{Error, Layer};
use super::number::Protocol;
use super::read::{Parsed, Span, block, located, octets, too_small};
use super::tcp_options::TcpOptions;
use super::write::{fill, room, too_large};
use core::fmt;
use core::ops::{BitOr, BitOrAssign};
use nom::Parser;

/// The twelve bits between data offset and window: nine flags and three reserved bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TcpFlags(u16);

impl TcpFlags {
    /// No bit set.
    pub const NONE: Self = Self(0);
    /// No more data from the sender.
    pub const FIN: Self = Self(0x001);
    /// Synchronise sequence numbers.
    pub const SYN: Self = Self(0x002);
    /// Reset the connection.
    pub const RST: Self = Self(0x004);
    /// Push.
    pub const PSH: Self = Self(0x008);
    /// The acknowledgment number is significant.
    pub const ACK: Self = Self(0x010);
    /// The urgent pointer is significant.
    pub const URG: Self = Self(0x020);
    /// ECN echo, RFC 3168.
    pub const ECE: Self = Self(0x040);
    /// Congestion window reduced, RFC 3168.
    pub const CWR: Self = Self(0x080);
    /// Accurate ECN, RFC 9768.
    pub const AE: Self = Self(0x100);
    /// The three reserved bits.
    pub const RESERVED: Self = Self(0xe00);

    /// Each flag with its name, lowest bit first.
    pub const NAMES: [(Self, &'static str); 9] = [
        (Self::FIN, "FIN"),
        (Self::SYN, "SYN"),
        (Self::RST, "RST"),
        (Self::PSH, "PSH"),
        (Self::ACK, "ACK"),
        (Self::URG, "URG"),
        (Self::ECE, "ECE"),
        (Self::CWR, "CWR"),
        (Self::AE, "AE"),
    ];

    /// The low 12 bits of `bits`; the others do not count.
    #[must_use]
    #[inline]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & 0xfff)
    }

    /// The 12 bits, FIN lowest.
    #[must_use]
    #[inline]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Are all bits of `other` set?
    #[must_use]
    #[inline]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Is any bit of `other` set?
    #[must_use]
    #[inline]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Is no bit set?
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The bits of either.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The bits that `other` has not.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// FIN?
    #[must_use]
    #[inline]
    pub const fn fin(self) -> bool {
        self.contains(Self::FIN)
    }

    /// SYN?
    #[must_use]
    #[inline]
    pub const fn syn(self) -> bool {
        self.contains(Self::SYN)
    }

    /// RST?
    #[must_use]
    #[inline]
    pub const fn rst(self) -> bool {
        self.contains(Self::RST)
    }

    /// PSH?
    #[must_use]
    #[inline]
    pub const fn psh(self) -> bool {
        self.contains(Self::PSH)
    }

    /// ACK?
    #[must_use]
    #[inline]
    pub const fn ack(self) -> bool {
        self.contains(Self::ACK)
    }

    /// URG?
    #[must_use]
    #[inline]
    pub const fn urg(self) -> bool {
        self.contains(Self::URG)
    }

    /// The reserved bits as a number, 0 to 7.
    #[must_use]
    pub const fn reserved(self) -> u8 {
        // Three bits are left.
        (self.0 >> 9) as u8
    }

    /// The same flags with the reserved bits of `reserved`, of which the low 3 count.
    #[must_use]
    pub const fn with_reserved(self, reserved: u8) -> Self {
        Self(self.0 & 0x1ff | (reserved as u16 & 7) << 9)
    }
}

impl BitOr for TcpFlags {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.with(other)
    }
}

impl BitOrAssign for TcpFlags {
    fn bitor_assign(&mut self, other: Self) {
        *self = self.with(other);
    }
}

impl fmt::Debug for TcpFlags {
    /// `SYN,ACK`, `none`, `ACK,RES=3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        let mut separator = "";
        for (_, name) in Self::NAMES.iter().filter(|(flag, _)| self.contains(*flag)) {
            write!(f, "{separator}{name}")?;
            separator = ",";
        }
        match self.reserved() {
            0 => Ok(()),
            reserved => write!(f, "{separator}RES={reserved}"),
        }
    }
}

/// A segment. The data offset is that of the options.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tcp<'a> {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Sequence number of the first octet, or of the SYN.
    pub seq: u32,
    /// The next sequence number the sender expects; of meaning if ACK is set.
    pub ack: u32,
    /// Flags and reserved bits.
    pub flags: TcpFlags,
    /// Window as on the wire, before scaling.
    pub window: u16,
    /// Checksum as on the wire.
    pub checksum: u16,
    /// Urgent pointer; of meaning if URG is set.
    pub urgent: u16,
    /// Options, at most 40 octets.
    pub options: TcpOptions<'a>,
    /// The octets of the stream.
    pub payload: &'a [u8],
}

impl<'a> Tcp<'a> {
    /// Octets of a header without options.
    pub const MIN_LEN: usize = 20;

    /// Reads a segment, whose payload is all that follows the header. Malformed options are no error here: the walk
    /// over [`Tcp::options`] tells of them.
    ///
    /// # Errors
    /// If the data offset is less than 5, or the octets end within the header.
    #[inline]
    pub fn parse(octets: &'a [u8]) -> Result<Self, Error> {
        Self::parse_at(octets, 0)
    }

    #[inline(always)]
    pub(super) fn parse_at(octets: &'a [u8], offset: usize) -> Result<Self, Error> {
        let (payload, (fixed, options)) = located(Layer::Tcp, offset, octets, header(octets))?;
        let [s0, s1, d0, d1, n0, n1, n2, n3, a0, a1, a2, a3, f0, f1, w0, w1, c0, c1, u0, u1] = *fixed;
        Ok(Self {
            source_port: u16::from_be_bytes([s0, s1]),
            destination_port: u16::from_be_bytes([d0, d1]),
            seq: u32::from_be_bytes([n0, n1, n2, n3]),
            ack: u32::from_be_bytes([a0, a1, a2, a3]),
            flags: TcpFlags::from_bits(u16::from_be_bytes([f0, f1])),
            window: u16::from_be_bytes([w0, w1]),
            checksum: u16::from_be_bytes([c0, c1]),
            urgent: u16::from_be_bytes([u0, u1]),
            options: TcpOptions::from(Span::at(options, offset + Tcp::MIN_LEN)),
            payload,
        })
    }

    /// Octets of the header, 20 to 60.
    #[must_use]
    #[inline]
    pub fn header_len(&self) -> usize {
        Self::MIN_LEN + self.options.octets().len()
    }

    /// Octets of header and payload.
    #[must_use]
    #[inline]
    pub fn wire_len(&self) -> usize {
        self.header_len() + self.payload.len()
    }

    /// SEG.LEN: the octets of payload, and one each for SYN and FIN (RFC 9293 3.4).
    #[must_use]
    pub fn seg_len(&self) -> usize {
        self.payload.len() + usize::from(self.flags.syn()) + usize::from(self.flags.fin())
    }

    /// The checksum that this segment should bear.
    #[must_use]
    #[inline]
    pub fn right_checksum(&self, pseudo: &PseudoHeader) -> u16 {
        self.sum(0, pseudo).checksum()
    }

    /// Does the segment bear the right checksum?
    #[must_use]
    #[inline]
    pub fn is_checksum_right(&self, pseudo: &PseudoHeader) -> bool {
        self.sum(self.checksum, pseudo).checksum() == 0
    }

    #[inline(always)]
    fn sum(&self, checksum: u16, pseudo: &PseudoHeader) -> Sum {
        let Self { source_port, destination_port, seq, ack, window, urgent, .. } = *self;
        pseudo
            .sum(Protocol::TCP, self.wire_len())
            .words([source_port, destination_port, self.offset_and_flags(), window, checksum, urgent])
            .double(seq)
            .double(ack)
            .octets(self.options.octets())
            .octets(self.payload)
    }

    /// The same segment with the right checksum.
    #[must_use]
    pub fn filled(mut self, pseudo: &PseudoHeader) -> Self {
        self.checksum = self.right_checksum(pseudo);
        self
    }

    /// Writes the segment as it is at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short, or the options are too long or no multiple of 4.
    #[inline]
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let options = self.options.octets();
        if options.len() > 40 {
            return Err(too_large(Layer::Tcp, "options", 20, 40, options.len()));
        }
        if !options.len().is_multiple_of(4) {
            return Err(too_large(Layer::Tcp, "options", 20, options.len() & !3, options.len()));
        }
        let len = self.wire_len();
        fill(room(Layer::Tcp, out, len)?, &[&self.fixed(self.checksum), options, self.payload]);
        Ok(len)
    }

    #[inline(always)]
    fn offset_and_flags(&self) -> u16 {
        // Options are at most 40 octets, so the offset is at most 15; the cast loses nothing after `emit`'s check.
        ((self.header_len() / 4) as u16) << 12 | self.flags.0
    }

    /// The first 20 octets, with this checksum.
    #[inline(always)]
    fn fixed(&self, checksum: u16) -> [u8; 20] {
        let ([s0, s1], [d0, d1]) = (self.source_port.to_be_bytes(), self.destination_port.to_be_bytes());
        let ([n0, n1, n2, n3], [a0, a1, a2, a3]) = (self.seq.to_be_bytes(), self.ack.to_be_bytes());
        let ([f0, f1], [w0, w1]) = (self.offset_and_flags().to_be_bytes(), self.window.to_be_bytes());
        let ([c0, c1], [u0, u1]) = (checksum.to_be_bytes(), self.urgent.to_be_bytes());
        [s0, s1, d0, d1, n0, n1, n2, n3, a0, a1, a2, a3, f0, f1, w0, w1, c0, c1, u0, u1]
    }
}

/// The fixed header and the options; what is left is the payload.
#[inline(always)]
fn header(input: &[u8]) -> Parsed<'_, (&[u8; 20], &[u8])> {
    let (rest, fixed) = block::<20>("header").parse(input)?;
    let header_len = usize::from(fixed[12] >> 4) * 4;
    if header_len < Tcp::MIN_LEN {
        return too_small(&input[12..], "data offset", Tcp::MIN_LEN, header_len);
    }
    let (rest, options) = octets("options", header_len - Tcp::MIN_LEN).parse(rest)?;
    Ok((rest, (fixed, options)))
}
