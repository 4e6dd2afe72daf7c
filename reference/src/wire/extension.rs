//! IPv6 extension headers, RFC 8200 4: hop-by-hop options, routing, fragment, destination options.
//!
//! ```text
//! options     | next header | length in 8 octets, less the first 8 | options ...                 |
//! routing     | next header | length | type | segments left | data ...                           |
//! fragment    | next header | reserved 8 | offset 13, reserved 2, M 1 | identification 32         |
//! ```
//!
//! Left out: authentication and encapsulating security (RFC 4302, 4303), which end the walk as an upper layer does.

use super::error::{Error, Layer};
use super::number::Protocol;
use super::read::{Parsed, Span, be8, be16, be32, located, octets};
use super::walk::{Item, Walk};
use super::write::{fill, room, too_large};
use core::net::Ipv6Addr;
use nom::Parser;

/// The extension headers of a packet, raw.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Extensions<'a>(Span<'a>);

impl<'a> Extensions<'a> {
    /// No extension headers.
    pub const NONE: Self = Self(Span::new(&[]));

    /// Raw extension headers. Each tells the next; the fixed header's next header tells the first.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self(Span::new(octets))
    }

    /// The octets.
    #[must_use]
    #[inline]
    pub const fn octets(&self) -> &'a [u8] {
        self.0.octets()
    }

    /// The headers in order, the first being a `first`.
    #[must_use]
    pub const fn iter(&self, first: Protocol) -> ExtensionIter<'a> {
        ExtensionIter::new(first, self.0.octets(), self.0.offset())
    }
}

impl<'a> From<Span<'a>> for Extensions<'a> {
    fn from(span: Span<'a>) -> Self {
        Self(span)
    }
}

/// One extension header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extension<'a> {
    /// RFC 8200 4.3.
    HopByHop(ExtensionOptions<'a>),
    /// RFC 8200 4.4.
    Routing(Routing<'a>),
    /// RFC 8200 4.5.
    Fragment(FragmentHeader),
    /// RFC 8200 4.6.
    Destination(ExtensionOptions<'a>),
}

impl Extension<'_> {
    /// What the header before must tell as its next header.
    #[must_use]
    pub const fn kind(&self) -> Protocol {
        match self {
            Self::HopByHop(_) => Protocol::HOP_BY_HOP,
            Self::Routing(_) => Protocol::ROUTING,
            Self::Fragment(_) => Protocol::FRAGMENT,
            Self::Destination(_) => Protocol::DESTINATION_OPTIONS,
        }
    }

    /// Octets on the wire.
    #[must_use]
    pub const fn wire_len(&self) -> usize {
        match self {
            Self::HopByHop(options) | Self::Destination(options) => 2 + options.octets().len(),
            Self::Routing(routing) => 4 + routing.data.len(),
            Self::Fragment(_) => FragmentHeader::LEN,
        }
    }

    /// Writes the header at the start of `out`, with `next` as what follows, and gives its length. A fragment header
    /// tells itself what follows.
    ///
    /// # Errors
    /// If `out` is too short, or the header no multiple of 8 octets or longer than 2048.
    pub fn emit(&self, next: Protocol, out: &mut [u8]) -> Result<usize, Error> {
        let len = self.wire_len();
        let units = match u8::try_from((len / 8).wrapping_sub(1)) {
            Ok(units) if len.is_multiple_of(8) => units,
            _ => return Err(too_large(Layer::Ipv6, "extension header length", 1, (len & !7).min(2048), len)),
        };
        let out = room(Layer::Ipv6, out, len)?;
        match self {
            Self::HopByHop(options) | Self::Destination(options) => {
                fill(out, &[&[next.0, units], options.octets()]);
            }
            Self::Routing(Routing { routing_type, segments_left, data }) => {
                fill(out, &[&[next.0, units, *routing_type, *segments_left], data]);
            }
            Self::Fragment(fragment) => fill(out, &[&fragment.octets()]),
        }
        Ok(len)
    }
}

/// A routing header, RFC 8200 4.4.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Routing<'a> {
    /// How the data is laid out.
    pub routing_type: u8,
    /// Nodes still to be visited.
    pub segments_left: u8,
    /// Type-specific data.
    pub data: &'a [u8],
}

impl Routing<'_> {
    /// The last node to be visited, if nodes are left and the layout is known: type 0 (RFC 2460) and 2 (RFC 6275)
    /// end with it, type 4 (RFC 8754) begins with it.
    #[must_use]
    pub fn final_destination(&self) -> Option<Ipv6Addr> {
        if self.segments_left == 0 {
            return None;
        }
        // The addresses stand behind four octets of flags.
        let (addresses, _) = self.data.get(4..)?.as_chunks::<16>();
        let last = match self.routing_type {
            0 | 2 => addresses.last(),
            4 => addresses.first(),
            _ => None,
        };
        last.map(|octets| Ipv6Addr::from(*octets))
    }
}

/// A fragment header, RFC 8200 4.5.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FragmentHeader {
    /// What the fragmentable part begins with.
    pub next_header: Protocol,
    /// The reserved octet, zero.
    pub reserved: u8,
    /// Where the fragment belongs, in units of 8 octets, 13 bits.
    pub offset: u16,
    /// Two reserved bits, zero.
    pub reserved_bits: u8,
    /// The flag M.
    pub more: bool,
    /// Names the packet that the fragment belongs to.
    pub identification: u32,
}

impl FragmentHeader {
    /// Octets on the wire.
    pub const LEN: usize = 8;

    /// Is it one fragment of several, and not a whole packet (RFC 6946)?
    #[must_use]
    #[inline]
    pub const fn is_fragment(&self) -> bool {
        self.more || self.offset != 0
    }

    /// The header on the wire.
    #[must_use]
    pub const fn octets(&self) -> [u8; 8] {
        // Two bits and one bit are left by the masks.
        let [a, b] =
            (self.offset << 3 | (self.reserved_bits as u16 & 3) << 1 | self.more as u16).to_be_bytes();
        let [c, d, e, f] = self.identification.to_be_bytes();
        [self.next_header.0, self.reserved, a, b, c, d, e, f]
    }
}

/// The options of a hop-by-hop or destination options header, raw.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ExtensionOptions<'a>(Span<'a>);

impl<'a> ExtensionOptions<'a> {
    /// Raw options.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self(Span::new(octets))
    }

    /// The octets.
    #[must_use]
    pub const fn octets(&self) -> &'a [u8] {
        self.0.octets()
    }

    /// The options in order, up to the first that is malformed.
    #[must_use]
    pub const fn iter(&self) -> Walk<'a, ExtensionOption<'a>> {
        Walk::over(self.0)
    }

    /// The length told by a jumbo payload option, RFC 2675 2.
    #[must_use]
    pub fn jumbo_payload(&self) -> Option<usize> {
        self.iter().find_map(|option| match option {
            Ok(ExtensionOption::JumboPayload(len)) => usize::try_from(len).ok(),
            _ => None,
        })
    }
}

/// One option of a hop-by-hop or destination options header, RFC 8200 4.2.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ExtensionOption<'a> {
    /// Type 0: one octet of padding, without a length.
    Pad1,
    /// Type 1: two or more octets of padding, which should be zero.
    PadN(&'a [u8]),
    /// Type 5, RFC 2711: routers look closer at the packet.
    RouterAlert(u16),
    /// Type 194, RFC 2675: octets behind the fixed header.
    JumboPayload(u32),
    /// Any other type, or a length that its type cannot have. The upper two bits of the type say what a node that
    /// does not know it must do.
    Unknown {
        /// The option type.
        kind: u8,
        /// What follows type and length.
        data: &'a [u8],
    },
}

impl ExtensionOption<'_> {
    /// Octets on the wire.
    #[must_use]
    pub const fn wire_len(&self) -> usize {
        match self {
            Self::Pad1 => 1,
            Self::PadN(data) | Self::Unknown { data, .. } => 2 + data.len(),
            Self::RouterAlert(_) => 4,
            Self::JumboPayload(_) => 6,
        }
    }

    /// Writes the option at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short or the option's data longer than 255 octets.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let wire_len = self.wire_len();
        // Pad1 has neither length nor data.
        let Ok(len) = u8::try_from(wire_len.saturating_sub(2)) else {
            return Err(too_large(Layer::Ipv6, "option length", 1, 255, wire_len - 2));
        };
        let out = room(Layer::Ipv6, out, wire_len)?;
        match *self {
            Self::Pad1 => out[0] = 0,
            Self::PadN(padding) => fill(out, &[&[1, len], padding]),
            Self::RouterAlert(value) => fill(out, &[&[5, len], &value.to_be_bytes()]),
            Self::JumboPayload(octets) => fill(out, &[&[194, len], &octets.to_be_bytes()]),
            Self::Unknown { kind, data } => fill(out, &[&[kind, len], data]),
        }
        Ok(wire_len)
    }
}

impl<'a> Item<'a> for ExtensionOption<'a> {
    #[inline(always)]
    fn read(input: &'a [u8], offset: usize) -> Result<(&'a [u8], Self), Error> {
        located(Layer::Ipv6, offset, input, option(input))
    }
}

fn option(input: &[u8]) -> Parsed<'_, ExtensionOption<'_>> {
    let (rest, kind) = be8("option type").parse(input)?;
    if kind == 0 {
        return Ok((rest, ExtensionOption::Pad1));
    }
    let (rest, len) = be8("option length").parse(rest)?;
    let (rest, data) = octets("option", usize::from(len)).parse(rest)?;
    let option = match (kind, data) {
        (1, padding) => ExtensionOption::PadN(padding),
        (5, &[a, b]) => ExtensionOption::RouterAlert(u16::from_be_bytes([a, b])),
        (194, &[a, b, c, d]) => ExtensionOption::JumboPayload(u32::from_be_bytes([a, b, c, d])),
        (kind, data) => ExtensionOption::Unknown { kind, data },
    };
    Ok((rest, option))
}

/// Walks over extension headers, up to the upper layer, behind the header of a fragment, or the first that is
/// malformed.
#[derive(Clone, Debug)]
pub struct ExtensionIter<'a> {
    next: Protocol,
    rest: &'a [u8],
    offset: usize,
    ended: bool,
}

impl<'a> ExtensionIter<'a> {
    pub(super) const fn new(next: Protocol, rest: &'a [u8], offset: usize) -> Self {
        Self { next, rest, offset, ended: false }
    }

    /// What follows the headers walked over so far.
    #[must_use]
    pub const fn next_header(&self) -> Protocol {
        self.next
    }

    /// What has not been walked over.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for ExtensionIter<'a> {
    type Item = Result<Extension<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended || !self.next.is_extension() {
            return None;
        }
        let (kind, offset) = (self.next, self.offset);
        match located(Layer::Ipv6, offset, self.rest, extension(kind, offset, self.rest)) {
            Ok((rest, (next, extension))) => {
                self.ended = matches!(extension, Extension::Fragment(fragment) if fragment.is_fragment());
                self.next = next;
                self.offset += self.rest.len() - rest.len();
                self.rest = rest;
                Some(Ok(extension))
            }
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
        }
    }
}

impl core::iter::FusedIterator for ExtensionIter<'_> {}

/// How many octets of `body` are extension headers, and the fault that ended the walk over them before its time. Every
/// header has 8 octets or more, so the walk ends.
pub(super) fn extent_of(first: Protocol, body: &[u8], offset: usize) -> (usize, Option<Error>) {
    let mut walk = ExtensionIter::new(first, body, offset);
    let fault = walk.by_ref().find_map(Result::err);
    (walk.offset - offset, fault)
}

/// One header of the given kind, and what it says comes next.
pub(super) fn extension(
    kind: Protocol,
    offset: usize,
    input: &[u8],
) -> Parsed<'_, (Protocol, Extension<'_>)> {
    if kind == Protocol::FRAGMENT {
        return fragment(input);
    }
    let (rest, (next, units)) = (be8("next header"), be8("extension header length")).parse(input)?;
    let (rest, data) = octets("extension header", usize::from(units) * 8 + 6).parse(rest)?;
    let extension = match (kind, data) {
        (Protocol::ROUTING, &[routing_type, segments_left, ref data @ ..]) => {
            Extension::Routing(Routing { routing_type, segments_left, data })
        }
        (Protocol::HOP_BY_HOP, data) => Extension::HopByHop(ExtensionOptions(Span::at(data, offset + 2))),
        (_, data) => Extension::Destination(ExtensionOptions(Span::at(data, offset + 2))),
    };
    Ok((rest, (Protocol(next), extension)))
}

fn fragment(input: &[u8]) -> Parsed<'_, (Protocol, Extension<'_>)> {
    (be8("next header"), be8("reserved"), be16("fragment offset"), be32("identification"))
        .map(|(next, reserved, offset, identification)| {
            let fragment = FragmentHeader {
                next_header: Protocol(next),
                reserved,
                offset: offset >> 3,
                // Two bits are left.
                reserved_bits: (offset >> 1) as u8 & 3,
                more: offset & 1 == 1,
                identification,
            };
            (fragment.next_header, Extension::Fragment(fragment))
        })
        .parse(input)
}
