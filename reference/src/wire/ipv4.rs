//! IPv4, RFC 791 3.1.
//!
//! ```text
//! | version 4, IHL 4 | DSCP 6, ECN 2 | total length      |
//! | identification                   | flags 3, offset 13 |
//! | time to live     | protocol      | header checksum   |
//! | source address                                       |
//! | destination address                                  |
//! | options, padded to a multiple of 4                   |
//! ```
//!
//! DSCP is RFC 2474's, ECN RFC 3168's.

use super::checksum::{PseudoHeader, Sum};
use super::error::{Error, Layer};
use super::ipv4_options::Ipv4Options;
use super::number::Protocol;
use super::read::{Extent, Parsed, Span, block, located, octets, too_small, unexpected};
use super::write::{fill, room, too_large};
use core::net::Ipv4Addr;
use nom::Parser;

/// An IPv4 header with its options. The header length is that of the options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ipv4<'a> {
    /// Differentiated services code point, 6 bits.
    pub dscp: u8,
    /// Explicit congestion notification, 2 bits.
    pub ecn: u8,
    /// Length of the datagram in octets, as on the wire: header and payload.
    pub total_len: u16,
    /// Names the datagram that a fragment belongs to.
    pub identification: u16,
    /// The reserved flag, which must be zero.
    pub reserved: bool,
    /// The flag DF.
    pub dont_fragment: bool,
    /// The flag MF.
    pub more_fragments: bool,
    /// Where the fragment belongs, in units of 8 octets, 13 bits.
    pub fragment_offset: u16,
    /// Hops left.
    pub ttl: u8,
    /// What the payload is.
    pub protocol: Protocol,
    /// Header checksum as on the wire.
    pub checksum: u16,
    /// Source address.
    pub source: Ipv4Addr,
    /// Destination address.
    pub destination: Ipv4Addr,
    /// Options, at most 40 octets.
    pub options: Ipv4Options<'a>,
}

impl<'a> Ipv4<'a> {
    /// Octets of a header without options.
    pub const MIN_LEN: usize = 20;

    /// A header without options, TTL 64; lengths and checksum are zero until filled in.
    #[must_use]
    pub const fn new(source: Ipv4Addr, destination: Ipv4Addr, protocol: Protocol) -> Self {
        Self {
            dscp: 0,
            ecn: 0,
            total_len: 0,
            identification: 0,
            reserved: false,
            dont_fragment: false,
            more_fragments: false,
            fragment_offset: 0,
            ttl: 64,
            protocol,
            checksum: 0,
            source,
            destination,
            options: Ipv4Options::NONE,
        }
    }

    /// Reads a header. Gives with it the payload that the total length tells of; what follows that in `octets`
    /// is no part of the datagram.
    ///
    /// # Errors
    /// If the version is not 4, the lengths contradict each other, or the octets end before the datagram.
    #[inline]
    pub fn parse(octets: &'a [u8]) -> Result<(Self, &'a [u8]), Error> {
        let (_, datagram) = located(Layer::Ipv4, 0, octets, datagram(octets, Extent::Whole))?;
        Ok((Self::of(&datagram, 0), datagram.payload))
    }

    /// Header, payload, and what follows the datagram.
    #[inline(always)]
    pub(super) fn parse_at(
        octets: &'a [u8],
        offset: usize,
        extent: Extent,
    ) -> Result<(Self, &'a [u8], &'a [u8]), Error> {
        let (trailer, datagram) = located(Layer::Ipv4, offset, octets, datagram(octets, extent))?;
        Ok((Self::of(&datagram, offset), datagram.payload, trailer))
    }

    #[inline(always)]
    fn of(datagram: &Datagram<'a>, offset: usize) -> Self {
        let [_, service, l0, l1, i0, i1, f0, f1, ttl, protocol, c0, c1, s0, s1, s2, s3, d0, d1, d2, d3] =
            *datagram.fixed;
        let flags = u16::from_be_bytes([f0, f1]);
        Self {
            dscp: service >> 2,
            ecn: service & 3,
            total_len: u16::from_be_bytes([l0, l1]),
            identification: u16::from_be_bytes([i0, i1]),
            reserved: flags & 0x8000 != 0,
            dont_fragment: flags & 0x4000 != 0,
            more_fragments: flags & 0x2000 != 0,
            fragment_offset: flags & 0x1fff,
            ttl,
            protocol: Protocol(protocol),
            checksum: u16::from_be_bytes([c0, c1]),
            source: Ipv4Addr::new(s0, s1, s2, s3),
            destination: Ipv4Addr::new(d0, d1, d2, d3),
            options: Ipv4Options::from(Span::at(datagram.options, offset + Self::MIN_LEN)),
        }
    }

    /// Octets of the header, 20 to 60.
    #[must_use]
    #[inline]
    pub fn wire_len(&self) -> usize {
        Self::MIN_LEN + self.options.octets().len()
    }

    /// Octets of payload by the total length, whatever is there.
    #[must_use]
    #[inline]
    pub fn payload_len(&self) -> usize {
        usize::from(self.total_len).saturating_sub(self.wire_len())
    }

    /// Is it one fragment of several?
    #[must_use]
    #[inline]
    pub const fn is_fragment(&self) -> bool {
        self.more_fragments || self.fragment_offset != 0
    }

    /// Where the datagram goes in the end: the last address of a source route still to be followed
    /// (RFC 791 3.1, loose and strict source route), else the destination.
    #[must_use]
    #[inline]
    pub fn final_destination(&self) -> Ipv4Addr {
        if self.options.octets().is_empty() {
            return self.destination;
        }
        self.options.last_of_route().unwrap_or(self.destination)
    }

    /// The pseudo-header for what this header carries.
    #[must_use]
    #[inline]
    pub fn pseudo_header(&self) -> PseudoHeader {
        PseudoHeader::V4 { source: self.source, destination: self.final_destination() }
    }

    /// The checksum that this header should bear.
    #[must_use]
    #[inline]
    pub fn right_checksum(&self) -> u16 {
        self.sum(0).checksum()
    }

    /// Does the header bear the right checksum?
    #[must_use]
    #[inline]
    pub fn is_checksum_right(&self) -> bool {
        self.sum(self.checksum).checksum() == 0
    }

    #[inline(always)]
    fn sum(&self, checksum: u16) -> Sum {
        let [version, service] = self.version_and_service();
        let Self { total_len, identification, ttl, protocol, source, destination, .. } = *self;
        let hops = u16::from_be_bytes([ttl, protocol.0]);
        let first = u16::from_be_bytes([version, service]);
        Sum::ZERO
            .words([first, total_len, identification, self.flags_and_offset(), hops, checksum])
            .double(source.to_bits())
            .double(destination.to_bits())
            .octets(self.options.octets())
    }

    #[inline(always)]
    fn version_and_service(&self) -> [u8; 2] {
        // Options are at most 40 octets, so the IHL is at most 15; the cast loses nothing after `emit`'s check.
        let words = (self.wire_len() / 4) as u8;
        [0x40 | words & 0xf, self.dscp << 2 | self.ecn & 3]
    }

    #[inline(always)]
    fn flags_and_offset(&self) -> u16 {
        u16::from(self.reserved) << 15
            | u16::from(self.dont_fragment) << 14
            | u16::from(self.more_fragments) << 13
            | self.fragment_offset & 0x1fff
    }

    /// The same header with total length and checksum right for `payload_len` octets of payload.
    ///
    /// # Errors
    /// If the datagram would be longer than 65,535 octets.
    pub fn filled(mut self, payload_len: usize) -> Result<Self, Error> {
        let len = self.wire_len() + payload_len;
        let most = usize::from(u16::MAX);
        self.total_len =
            u16::try_from(len).map_err(|_| too_large(Layer::Ipv4, "total length", 2, most, len))?;
        self.checksum = self.right_checksum();
        Ok(self)
    }

    /// Writes the header as it is at the start of `out` and gives its length. Of fields narrower than their
    /// type the low bits count.
    ///
    /// # Errors
    /// If `out` is too short, or the options are too long or no multiple of 4.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let options = self.options.octets();
        if options.len() > 40 {
            return Err(too_large(Layer::Ipv4, "options", 20, 40, options.len()));
        }
        if !options.len().is_multiple_of(4) {
            return Err(too_large(Layer::Ipv4, "options", 20, options.len() & !3, options.len()));
        }
        let len = self.wire_len();
        fill(room(Layer::Ipv4, out, len)?, &[&self.fixed(self.checksum), options]);
        Ok(len)
    }

    /// The first 20 octets, with this checksum.
    #[inline(always)]
    fn fixed(&self, checksum: u16) -> [u8; 20] {
        let ([l0, l1], [i0, i1]) = (self.total_len.to_be_bytes(), self.identification.to_be_bytes());
        let ([f0, f1], [c0, c1]) = (self.flags_and_offset().to_be_bytes(), checksum.to_be_bytes());
        let ([s0, s1, s2, s3], [d0, d1, d2, d3]) = (self.source.octets(), self.destination.octets());
        let [version, service] = self.version_and_service();
        [
            version,
            service,
            l0,
            l1,
            i0,
            i1,
            f0,
            f1,
            self.ttl,
            self.protocol.0,
            c0,
            c1,
            s0,
            s1,
            s2,
            s3,
            d0,
            d1,
            d2,
            d3,
        ]
    }
}

/// The pieces of a datagram.
struct Datagram<'a> {
    fixed: &'a [u8; 20],
    options: &'a [u8],
    payload: &'a [u8],
}

#[inline(always)]
fn datagram(input: &[u8], extent: Extent) -> Parsed<'_, Datagram<'_>> {
    let (rest, fixed) = block::<20>("header").parse(input)?;
    let [v, _, l0, l1, ..] = *fixed;
    if v >> 4 != 4 {
        return unexpected(input, "version", 4, usize::from(v >> 4));
    }
    let header_len = usize::from(v & 0xf) * 4;
    if header_len < Ipv4::MIN_LEN {
        return too_small(input, "header length", Ipv4::MIN_LEN, header_len);
    }
    let (rest, options) = octets("options", header_len - Ipv4::MIN_LEN).parse(rest)?;
    let payload_len = match (usize::from(u16::from_be_bytes([l0, l1])), extent) {
        // Captured before the network card cut the segment and filled in the length: it reaches to the end.
        (0, Extent::Cut) => rest.len(),
        (total, _) if total < header_len => {
            return too_small(&input[2..], "total length", header_len, total);
        }
        (total, Extent::Whole) => total - header_len,
        (total, Extent::Cut) => (total - header_len).min(rest.len()),
    };
    let (trailer, payload) = octets("payload", payload_len).parse(rest)?;
    Ok((trailer, Datagram { fixed, options, payload }))
}
