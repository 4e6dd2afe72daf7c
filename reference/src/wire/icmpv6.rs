//! ICMPv6, RFC 4443, with neighbour discovery, RFC 4861. NDP's options are in `ndp`.
//!
//! ```text
//! | type | code | checksum |
//! | depends on the type    |
//! ```

use super::checksum::{PseudoHeader, Sum};
use super::error::{Error, Layer};
use super::icmpv4::{Echo, echo};
use super::ndp::{NdpOptions, NeighborFlags, RouterAdvertisement};
use super::number::Protocol;
use super::packet::Packet;
use super::read::{Parsed, Span, be8, be16, be32, ipv6_address, located, rest};
use super::write::{fill, room};
use core::net::Ipv6Addr;
use nom::Parser;

/// An ICMPv6 message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Icmpv6<'a> {
    /// Says more within the type.
    pub code: u8,
    /// Checksum as on the wire.
    pub checksum: u16,
    /// What is said.
    pub message: Icmpv6Message<'a>,
}

/// What an ICMPv6 message says. `quote` is as much of the packet it is about as fits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Icmpv6Message<'a> {
    /// Type 1, RFC 4443 3.1.
    DestinationUnreachable {
        /// Unused, zero.
        unused: u32,
        /// The packet.
        quote: Span<'a>,
    },
    /// Type 2, RFC 4443 3.2.
    PacketTooBig {
        /// MTU of the next hop, in octets.
        mtu: u32,
        /// The packet.
        quote: Span<'a>,
    },
    /// Type 3, RFC 4443 3.3.
    TimeExceeded {
        /// Unused, zero.
        unused: u32,
        /// The packet.
        quote: Span<'a>,
    },
    /// Type 4, RFC 4443 3.4.
    ParameterProblem {
        /// The octet of the packet where the problem is.
        pointer: u32,
        /// The packet.
        quote: Span<'a>,
    },
    /// Type 128, RFC 4443 4.1.
    EchoRequest(Echo<'a>),
    /// Type 129, RFC 4443 4.2.
    EchoReply(Echo<'a>),
    /// Type 133, RFC 4861 4.1.
    RouterSolicitation {
        /// Reserved, zero.
        reserved: u32,
        /// Source link-layer address.
        options: NdpOptions<'a>,
    },
    /// Type 134, RFC 4861 4.2.
    RouterAdvertisement(RouterAdvertisement<'a>),
    /// Type 135, RFC 4861 4.3.
    NeighborSolicitation {
        /// Reserved, zero.
        reserved: u32,
        /// Whose link-layer address is asked for.
        target: Ipv6Addr,
        /// Source link-layer address.
        options: NdpOptions<'a>,
    },
    /// Type 136, RFC 4861 4.4.
    NeighborAdvertisement {
        /// Router, solicited, override, and the reserved bits.
        flags: NeighborFlags,
        /// Whose link-layer address is told.
        target: Ipv6Addr,
        /// Target link-layer address.
        options: NdpOptions<'a>,
    },
    /// Type 137, RFC 4861 4.5.
    Redirect {
        /// Reserved, zero.
        reserved: u32,
        /// The better first hop.
        target: Ipv6Addr,
        /// For what destination.
        destination: Ipv6Addr,
        /// Target link-layer address, redirected header.
        options: NdpOptions<'a>,
    },
    /// Any other type.
    Unknown {
        /// The type; errors are below 128 (RFC 4443 2.1).
        kind: u8,
        /// What follows the checksum.
        data: &'a [u8],
    },
}

/// The longest fixed part behind the checksum, that of a redirect.
const MAX_FIXED: usize = 36;

impl<'a> Icmpv6<'a> {
    /// The code "port unreachable" of destination unreachable.
    pub const PORT_UNREACHABLE: u8 = 4;
    /// The code "unrecognized next header type" of parameter problem.
    pub const UNRECOGNIZED_NEXT_HEADER: u8 = 1;
    /// The code "unrecognized IPv6 option" of parameter problem.
    pub const UNRECOGNIZED_OPTION: u8 = 2;

    /// A message whose checksum is zero until filled in.
    #[must_use]
    pub const fn new(code: u8, message: Icmpv6Message<'a>) -> Self {
        Self { code, checksum: 0, message }
    }

    /// Reads a message, which is a whole IP payload. Malformed NDP options are no error here: the walk over them
    /// tells of them.
    ///
    /// # Errors
    /// If the octets end before the fields of its type.
    pub fn parse(octets: &'a [u8]) -> Result<Self, Error> {
        Self::parse_at(octets, 0)
    }

    pub(super) fn parse_at(octets: &'a [u8], offset: usize) -> Result<Self, Error> {
        Ok(located(Layer::Icmpv6, offset, octets, message(octets, offset))?.1)
    }

    /// The packet that an error is about, read as far as it is there. `None` if the message quotes none.
    pub fn quoted(&self) -> Option<Result<Packet<'a>, Error>> {
        self.message.quote().map(|quote| Packet::parse_cut_at(quote.octets(), quote.offset()))
    }

    /// Is it an error message, about which no other error may be sent (RFC 4443 2.1, 2.4)?
    #[must_use]
    pub const fn is_error(&self) -> bool {
        self.message.kind() < 128
    }

    /// Octets on the wire.
    #[must_use]
    pub fn wire_len(&self) -> usize {
        let (_, len, data) = self.message.parts();
        4 + len + data.len()
    }

    /// The checksum that this message should bear.
    #[must_use]
    pub fn right_checksum(&self, pseudo: &PseudoHeader) -> u16 {
        self.sum(0, pseudo).checksum()
    }

    /// Does the message bear the right checksum?
    #[must_use]
    pub fn is_checksum_right(&self, pseudo: &PseudoHeader) -> bool {
        self.sum(self.checksum, pseudo).checksum() == 0
    }

    /// The same message with the right checksum.
    #[must_use]
    pub fn filled(mut self, pseudo: &PseudoHeader) -> Self {
        self.checksum = self.right_checksum(pseudo);
        self
    }

    fn sum(&self, checksum: u16, pseudo: &PseudoHeader) -> Sum {
        let head = u16::from_be_bytes([self.message.kind(), self.code]);
        let (fixed, len, data) = self.message.parts();
        pseudo
            .sum(Protocol::ICMPV6, 4 + len + data.len())
            .word(head)
            .word(checksum)
            .octets(&fixed[..len])
            .octets(data)
    }

    /// Writes the message as it is at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let (fixed, len, data) = self.message.parts();
        let wire_len = 4 + len + data.len();
        fill(
            room(Layer::Icmpv6, out, wire_len)?,
            &[&[self.message.kind(), self.code], &self.checksum.to_be_bytes(), &fixed[..len], data],
        );
        Ok(wire_len)
    }
}

impl<'a> Icmpv6Message<'a> {
    /// The type on the wire.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match self {
            Self::DestinationUnreachable { .. } => 1,
            Self::PacketTooBig { .. } => 2,
            Self::TimeExceeded { .. } => 3,
            Self::ParameterProblem { .. } => 4,
            Self::EchoRequest(_) => 128,
            Self::EchoReply(_) => 129,
            Self::RouterSolicitation { .. } => 133,
            Self::RouterAdvertisement(_) => 134,
            Self::NeighborSolicitation { .. } => 135,
            Self::NeighborAdvertisement { .. } => 136,
            Self::Redirect { .. } => 137,
            Self::Unknown { kind, .. } => *kind,
        }
    }

    /// The packet that an error is about.
    #[must_use]
    pub const fn quote(&self) -> Option<Span<'a>> {
        match self {
            Self::DestinationUnreachable { quote, .. }
            | Self::PacketTooBig { quote, .. }
            | Self::TimeExceeded { quote, .. }
            | Self::ParameterProblem { quote, .. } => Some(*quote),
            _ => None,
        }
    }

    /// The options of a message of neighbour discovery.
    #[must_use]
    pub const fn ndp_options(&self) -> Option<NdpOptions<'a>> {
        match self {
            Self::RouterSolicitation { options, .. }
            | Self::RouterAdvertisement(RouterAdvertisement { options, .. })
            | Self::NeighborSolicitation { options, .. }
            | Self::NeighborAdvertisement { options, .. }
            | Self::Redirect { options, .. } => Some(*options),
            _ => None,
        }
    }

    /// The fields behind the checksum, how many octets they are, and what follows them.
    fn parts(&self) -> ([u8; MAX_FIXED], usize, &'a [u8]) {
        let mut fixed = [0; MAX_FIXED];
        let (len, data) = match *self {
            Self::DestinationUnreachable { unused: word, quote }
            | Self::PacketTooBig { mtu: word, quote }
            | Self::TimeExceeded { unused: word, quote }
            | Self::ParameterProblem { pointer: word, quote } => {
                fill(&mut fixed[..4], &[&word.to_be_bytes()]);
                (4, quote.octets())
            }
            Self::EchoRequest(Echo { identifier, sequence, data })
            | Self::EchoReply(Echo { identifier, sequence, data }) => {
                fill(&mut fixed[..4], &[&identifier.to_be_bytes(), &sequence.to_be_bytes()]);
                (4, data)
            }
            Self::RouterSolicitation { reserved, options } => {
                fill(&mut fixed[..4], &[&reserved.to_be_bytes()]);
                (4, options.octets())
            }
            Self::RouterAdvertisement(advertisement) => {
                fill(&mut fixed[..12], &[&advertisement.fixed()]);
                (12, advertisement.options.octets())
            }
            Self::NeighborSolicitation { reserved: word, target, options }
            | Self::NeighborAdvertisement { flags: NeighborFlags(word), target, options } => {
                fill(&mut fixed[..20], &[&word.to_be_bytes(), &target.octets()]);
                (20, options.octets())
            }
            Self::Redirect { reserved, target, destination, options } => {
                fill(&mut fixed, &[&reserved.to_be_bytes(), &target.octets(), &destination.octets()]);
                (36, options.octets())
            }
            Self::Unknown { data, .. } => (0, data),
        };
        (fixed, len, data)
    }
}

fn message(input: &[u8], offset: usize) -> Parsed<'_, Icmpv6<'_>> {
    let (body, (kind, code, checksum)) = (be8("type"), be8("code"), be16("checksum")).parse(input)?;
    // A quote stands behind type, code, checksum and four octets more.
    let quote = || rest().map(|octets| Span::at(octets, offset + 8));
    let (end, message) = match kind {
        1 => (be32("unused"), quote())
            .map(|(unused, quote)| Icmpv6Message::DestinationUnreachable { unused, quote })
            .parse(body)?,
        2 => (be32("MTU"), quote())
            .map(|(mtu, quote)| Icmpv6Message::PacketTooBig { mtu, quote })
            .parse(body)?,
        3 => (be32("unused"), quote())
            .map(|(unused, quote)| Icmpv6Message::TimeExceeded { unused, quote })
            .parse(body)?,
        4 => (be32("pointer"), quote())
            .map(|(pointer, quote)| Icmpv6Message::ParameterProblem { pointer, quote })
            .parse(body)?,
        128 => echo.map(Icmpv6Message::EchoRequest).parse(body)?,
        129 => echo.map(Icmpv6Message::EchoReply).parse(body)?,
        133..=137 => discovery(kind, offset + 4, body)?,
        kind => rest().map(|data| Icmpv6Message::Unknown { kind, data }).parse(body)?,
    };
    Ok((end, Icmpv6 { code, checksum, message }))
}

/// What neighbour discovery (RFC 4861 4) has behind the checksum, which ends at `offset`.
fn discovery(kind: u8, offset: usize, body: &[u8]) -> Parsed<'_, Icmpv6Message<'_>> {
    let options = |fixed| rest().map(move |octets| NdpOptions::from(Span::at(octets, offset + fixed)));
    match kind {
        133 => (be32("reserved"), options(4))
            .map(|(reserved, options)| Icmpv6Message::RouterSolicitation { reserved, options })
            .parse(body),
        134 => RouterAdvertisement::parser(offset).map(Icmpv6Message::RouterAdvertisement).parse(body),
        135 => (be32("reserved"), ipv6_address("target address"), options(20))
            .map(|(reserved, target, options)| Icmpv6Message::NeighborSolicitation {
                reserved,
                target,
                options,
            })
            .parse(body),
        136 => (be32("flags"), ipv6_address("target address"), options(20))
            .map(|(flags, target, options)| Icmpv6Message::NeighborAdvertisement {
                flags: NeighborFlags(flags),
                target,
                options,
            })
            .parse(body),
        _ => (
            be32("reserved"),
            ipv6_address("target address"),
            ipv6_address("destination address"),
            options(36),
        )
            .map(|(reserved, target, destination, options)| Icmpv6Message::Redirect {
                reserved,
                target,
                destination,
                options,
            })
            .parse(body),
    }
}
