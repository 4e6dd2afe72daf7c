//! IPv6, RFC 8200 3. Extension headers are in `extension`.
//!
//! ```text
//! | version 4, traffic class 8, flow label 20      |
//! | payload length | next header | hop limit       |
//! | source address 16                              |
//! | destination address 16                         |
//! | extension headers                              |
//! ```

use super::checksum::PseudoHeader;
use super::error::{Error, Layer};
use super::extension::{Extension, Extensions, FragmentHeader, extension, extent_of};
use super::number::Protocol;
use super::read::{Extent, Parsed, Span, block, located, octets, unexpected};
use super::write::{fill, room, too_large};
use core::net::Ipv6Addr;
use nom::Parser;

/// An IPv6 header with its extension headers, up to the upper layer or the payload of a fragment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ipv6<'a> {
    /// Differentiated services code point, the upper 6 bits of the traffic class.
    pub dscp: u8,
    /// Explicit congestion notification, 2 bits.
    pub ecn: u8,
    /// Flow label, 20 bits.
    pub flow_label: u32,
    /// Octets behind the fixed header, extension headers included, as on the wire; 0 in a jumbogram (RFC 2675).
    pub payload_length: u16,
    /// What follows the fixed header: an extension header's number or the upper layer's.
    pub next_header: Protocol,
    /// Hops left.
    pub hop_limit: u8,
    /// Source address.
    pub source: Ipv6Addr,
    /// Destination address.
    pub destination: Ipv6Addr,
    /// The extension headers, raw.
    pub extensions: Extensions<'a>,
}

impl<'a> Ipv6<'a> {
    /// Octets of the fixed header.
    pub const MIN_LEN: usize = 40;

    /// A header without extensions, hop limit 64; the payload length is zero until filled in.
    #[must_use]
    pub const fn new(source: Ipv6Addr, destination: Ipv6Addr, next_header: Protocol) -> Self {
        Self {
            dscp: 0,
            ecn: 0,
            flow_label: 0,
            payload_length: 0,
            next_header,
            hop_limit: 64,
            source,
            destination,
            extensions: Extensions::NONE,
        }
    }

    /// Reads a header with its extension headers. Gives with it the upper layer's octets as the payload length (or
    /// the jumbo payload option) tells them; what follows those in `octets` is no part of the packet.
    ///
    /// The walk ends behind the header of a fragment, since what follows may be the middle of anything; behind the
    /// fragment header of a packet that is whole (RFC 6946) it goes on. Whether headers stand in an order that
    /// RFC 8200 4.1 allows is for the host to judge.
    ///
    /// # Errors
    /// If the version is not 6, an extension header is malformed, or the octets end before the packet.
    #[inline]
    pub fn parse(octets: &'a [u8]) -> Result<(Self, &'a [u8]), Error> {
        let (header, payload, _) = Self::parse_at(octets, 0, Extent::Whole)?;
        Ok((header, payload))
    }

    /// Header, payload, and what follows the packet.
    #[inline(always)]
    pub(super) fn parse_at(
        octets: &'a [u8],
        offset: usize,
        extent: Extent,
    ) -> Result<(Self, &'a [u8], &'a [u8]), Error> {
        let (trailer, (mut header, body)) = located(Layer::Ipv6, offset, octets, packet(octets, extent))?;
        if !header.next_header.is_extension() {
            return Ok((header, body, trailer));
        }
        let offset = offset + Self::MIN_LEN;
        let (len, fault) = extent_of(header.next_header, body, offset);
        if let (Some(fault), Extent::Whole) = (fault, extent) {
            return Err(fault);
        }
        let (extensions, payload) = body.split_at(len);
        header.extensions = Extensions::from(Span::at(extensions, offset));
        Ok((header, payload, trailer))
    }

    /// The extension headers in order.
    #[must_use]
    pub fn extensions(&self) -> super::extension::ExtensionIter<'a> {
        self.extensions.iter(self.next_header)
    }

    /// What the payload is: the next header of the last extension header.
    #[must_use]
    #[inline]
    pub fn protocol(&self) -> Protocol {
        if self.extensions.octets().is_empty() {
            return self.next_header;
        }
        let mut walk = self.extensions();
        while let Some(Ok(_)) = walk.next() {}
        walk.next_header()
    }

    /// Octets of the fixed header and the extension headers.
    #[must_use]
    #[inline]
    pub fn wire_len(&self) -> usize {
        Self::MIN_LEN + self.extensions.octets().len()
    }

    /// Octets of the upper layer by the payload length or the jumbo payload option, whatever is there.
    #[must_use]
    #[inline]
    pub fn payload_len(&self) -> usize {
        let extensions = self.extensions.octets();
        let all = if self.payload_length == 0 {
            jumbo(self.next_header, extensions).map_or(0, |(_, len)| len.unwrap_or(0))
        } else {
            usize::from(self.payload_length)
        };
        all.saturating_sub(extensions.len())
    }

    /// The fragment header, if there is one; of several, that which makes the packet a fragment, if one does.
    #[must_use]
    pub fn fragment(&self) -> Option<FragmentHeader> {
        if self.extensions.octets().is_empty() {
            return None;
        }
        let headers = self.extensions().filter_map(|extension| match extension {
            Ok(Extension::Fragment(fragment)) => Some(fragment),
            _ => None,
        });
        headers.reduce(|first, next| if next.is_fragment() { next } else { first })
    }

    /// Is it one fragment of several?
    #[must_use]
    #[inline]
    pub fn is_fragment(&self) -> bool {
        self.fragment().is_some_and(|fragment| fragment.is_fragment())
    }

    /// Where the packet goes in the end (RFC 8200 8.1): the last address of a routing header still to be
    /// followed, else the destination.
    #[must_use]
    #[inline]
    pub fn final_destination(&self) -> Ipv6Addr {
        if self.extensions.octets().is_empty() {
            return self.destination;
        }
        let route = self.extensions().find_map(|extension| match extension {
            Ok(Extension::Routing(routing)) => routing.final_destination(),
            _ => None,
        });
        route.unwrap_or(self.destination)
    }

    /// The pseudo-header for what this header carries.
    #[must_use]
    #[inline]
    pub fn pseudo_header(&self) -> PseudoHeader {
        PseudoHeader::V6 { source: self.source, destination: self.final_destination() }
    }

    /// The same header with the payload length right for `payload_len` octets of the upper layer.
    ///
    /// # Errors
    /// If they do not fit the 16 bits; jumbograms are not made.
    pub fn filled(mut self, payload_len: usize) -> Result<Self, Error> {
        let len = self.extensions.octets().len() + payload_len;
        let most = usize::from(u16::MAX);
        self.payload_length =
            u16::try_from(len).map_err(|_| too_large(Layer::Ipv6, "payload length", 4, most, len))?;
        Ok(self)
    }

    /// Writes the header and its extension headers as they are at the start of `out` and gives their length. Of
    /// fields narrower than their type the low bits count.
    ///
    /// # Errors
    /// If `out` is too short.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let len = self.wire_len();
        let word = 6 << 28
            | u32::from(self.dscp & 0x3f) << 22
            | u32::from(self.ecn & 3) << 20
            | self.flow_label & 0xf_ffff;
        fill(
            room(Layer::Ipv6, out, len)?,
            &[
                &word.to_be_bytes(),
                &self.payload_length.to_be_bytes(),
                &[self.next_header.0, self.hop_limit],
                &self.source.octets(),
                &self.destination.octets(),
                self.extensions.octets(),
            ],
        );
        Ok(len)
    }
}

#[inline(always)]
fn packet(input: &[u8], extent: Extent) -> Parsed<'_, (Ipv6<'_>, &[u8])> {
    let (rest, fixed) = block::<40>("header").parse(input)?;
    let ([a, b, c, d, l0, l1, next, hops], addresses) = split::<8, 32, 40>(fixed);
    let (source, destination) = split::<16, 16, 32>(&addresses);
    let word = u32::from_be_bytes([a, b, c, d]);
    if a >> 4 != 6 {
        return unexpected(input, "version", 6, usize::from(a >> 4));
    }
    let payload_length = u16::from_be_bytes([l0, l1]);
    let header = Ipv6 {
        // Six, two and twenty bits are left by the masks.
        dscp: (word >> 22) as u8 & 0x3f,
        ecn: (word >> 20) as u8 & 3,
        flow_label: word & 0xf_ffff,
        payload_length,
        next_header: Protocol(next),
        hop_limit: hops,
        source: Ipv6Addr::from(source),
        destination: Ipv6Addr::from(destination),
        extensions: Extensions::NONE,
    };
    let told = match (usize::from(payload_length), extent) {
        (0, Extent::Whole) => jumbo(header.next_header, rest)?.1,
        (0, Extent::Cut) => jumbo(header.next_header, rest).ok().and_then(|(_, len)| len),
        (len, _) => Some(len),
    };
    let len = match (told, extent) {
        (Some(len), Extent::Whole) => len,
        (Some(len), Extent::Cut) => len.min(rest.len()),
        (None, Extent::Whole) => 0,
        (None, Extent::Cut) if header.next_header == Protocol::NO_NEXT_HEADER => 0,
        // Captured before the network card cut the segment and filled in the length: it reaches to the end.
        (None, Extent::Cut) => rest.len(),
    };
    let (trailer, body) = octets("payload", len).parse(rest)?;
    Ok((trailer, (header, body)))
}

/// An array in two; `A + B` must be `N`, which the compiler sees.
#[inline(always)]
fn split<const A: usize, const B: usize, const N: usize>(octets: &[u8; N]) -> ([u8; A], [u8; B]) {
    const { assert!(A + B == N) };
    let (mut first, mut second) = ([0; A], [0; B]);
    first.copy_from_slice(&octets[..A]);
    second.copy_from_slice(&octets[A..]);
    (first, second)
}

/// The length that a jumbo payload option tells (RFC 2675 2), if the packet begins with hop-by-hop options that
/// hold one.
fn jumbo(next_header: Protocol, body: &[u8]) -> Parsed<'_, Option<usize>> {
    if next_header != Protocol::HOP_BY_HOP {
        return Ok((body, None));
    }
    let (rest, (_, first)) = extension(next_header, 0, body)?;
    let len = match first {
        Extension::HopByHop(options) => options.jumbo_payload(),
        Extension::Routing(_) | Extension::Fragment(_) | Extension::Destination(_) => None,
    };
    Ok((rest, len))
}
