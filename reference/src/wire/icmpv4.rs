//! ICMP for IPv4, RFC 792; next-hop MTU by RFC 1191.
//!
//! ```text
//! | type | code | checksum |
//! | depends on the type    |
//! | depends on the type    |
//! ```
//!
//! Left out: the extensions of RFC 4884, which stay octets behind the quote, and the types that RFC 6918 deprecates,
//! which stay unknown.

use super::checksum::Sum;
use super::error::{Error, Layer};
use super::packet::Packet;
use super::read::{Parsed, Span, be8, be16, be32, block, ipv4_address, located, rest};
use super::write::{fill, room};
use core::net::Ipv4Addr;
use nom::Parser;

/// An ICMP message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Icmpv4<'a> {
    /// Says more within the type.
    pub code: u8,
    /// Checksum as on the wire.
    pub checksum: u16,
    /// What is said.
    pub message: Icmpv4Message<'a>,
}

/// An echo request or reply, of ICMP or ICMPv6 alike (RFC 792 page 14, RFC 4443 4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Echo<'a> {
    /// Tells one asker from another.
    pub identifier: u16,
    /// Tells one question from another.
    pub sequence: u16,
    /// What comes back unchanged.
    pub data: &'a [u8],
}

/// What an ICMP message says. `quote` is the header of the datagram it is about and at least 8 octets behind that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Icmpv4Message<'a> {
    /// Type 0.
    EchoReply(Echo<'a>),
    /// Type 3.
    DestinationUnreachable {
        /// Unused, zero; the second octet is RFC 4884's length.
        unused: u16,
        /// MTU of the next hop with code 4 (RFC 1191 4), else zero.
        next_hop_mtu: u16,
        /// The datagram.
        quote: Span<'a>,
    },
    /// Type 4, deprecated by RFC 6633.
    SourceQuench {
        /// Unused, zero.
        unused: u32,
        /// The datagram.
        quote: Span<'a>,
    },
    /// Type 5.
    Redirect {
        /// The better first hop.
        gateway: Ipv4Addr,
        /// The datagram.
        quote: Span<'a>,
    },
    /// Type 8.
    EchoRequest(Echo<'a>),
    /// Type 11.
    TimeExceeded {
        /// Unused, zero; the second octet is RFC 4884's length.
        unused: u32,
        /// The datagram.
        quote: Span<'a>,
    },
    /// Type 12.
    ParameterProblem {
        /// The octet of the datagram where the problem is.
        pointer: u8,
        /// Unused, zero; the first octet is RFC 4884's length.
        unused: [u8; 3],
        /// The datagram.
        quote: Span<'a>,
    },
    /// Type 13: milliseconds since midnight UT.
    TimestampRequest(IcmpTimestamp<'a>),
    /// Type 14.
    TimestampReply(IcmpTimestamp<'a>),
    /// Any other type.
    Unknown {
        /// The type.
        kind: u8,
        /// What follows the checksum.
        data: &'a [u8],
    },
}

/// A timestamp message, RFC 792 page 16; the times are in milliseconds since midnight UT.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct IcmpTimestamp<'a> {
    /// Tells one asker from another.
    pub identifier: u16,
    /// Tells one question from another.
    pub sequence: u16,
    /// When the request was last touched by its sender.
    pub originate: u32,
    /// When it arrived.
    pub receive: u32,
    /// When the reply was last touched by its sender.
    pub transmit: u32,
    /// What follows, of no meaning.
    pub trailer: &'a [u8],
}

impl<'a> Icmpv4<'a> {
    /// The code "fragmentation needed and DF set" of destination unreachable.
    pub const FRAGMENTATION_NEEDED: u8 = 4;
    /// The code "port unreachable" of destination unreachable.
    pub const PORT_UNREACHABLE: u8 = 3;
    /// The code "protocol unreachable" of destination unreachable.
    pub const PROTOCOL_UNREACHABLE: u8 = 2;

    /// A message whose checksum is zero until filled in.
    #[must_use]
    pub const fn new(code: u8, message: Icmpv4Message<'a>) -> Self {
        Self { code, checksum: 0, message }
    }

    /// Reads a message, which is a whole IP payload.
    ///
    /// # Errors
    /// If the octets end before the fields of its type.
    pub fn parse(octets: &'a [u8]) -> Result<Self, Error> {
        Self::parse_at(octets, 0)
    }

    pub(super) fn parse_at(octets: &'a [u8], offset: usize) -> Result<Self, Error> {
        Ok(located(Layer::Icmpv4, offset, octets, message(octets, offset))?.1)
    }

    /// The datagram that an error is about, read as far as it is there. `None` if the message quotes none.
    pub fn quoted(&self) -> Option<Result<Packet<'a>, Error>> {
        self.message.quote().map(|quote| Packet::parse_cut_at(quote.octets(), quote.offset()))
    }

    /// Is it an error message, about which no other error may be sent (RFC 1122 3.2.2)?
    #[must_use]
    pub const fn is_error(&self) -> bool {
        self.message.quote().is_some()
    }

    /// Octets on the wire.
    #[must_use]
    pub const fn wire_len(&self) -> usize {
        let data = match &self.message {
            Icmpv4Message::Unknown { data, .. } => return 4 + data.len(),
            Icmpv4Message::EchoReply(echo) | Icmpv4Message::EchoRequest(echo) => echo.data.len(),
            Icmpv4Message::TimestampRequest(times) | Icmpv4Message::TimestampReply(times) => {
                12 + times.trailer.len()
            }
            Icmpv4Message::DestinationUnreachable { quote, .. }
            | Icmpv4Message::SourceQuench { quote, .. }
            | Icmpv4Message::Redirect { quote, .. }
            | Icmpv4Message::TimeExceeded { quote, .. }
            | Icmpv4Message::ParameterProblem { quote, .. } => quote.octets().len(),
        };
        8 + data
    }

    /// The checksum that this message should bear.
    #[must_use]
    pub fn right_checksum(&self) -> u16 {
        self.sum(0).checksum()
    }

    /// Does the message bear the right checksum?
    #[must_use]
    pub fn is_checksum_right(&self) -> bool {
        self.sum(self.checksum).checksum() == 0
    }

    /// The same message with the right checksum.
    #[must_use]
    pub fn filled(mut self) -> Self {
        self.checksum = self.right_checksum();
        self
    }

    fn sum(&self, checksum: u16) -> Sum {
        let head = u16::from_be_bytes([self.message.kind(), self.code]);
        let (fixed, len, data) = self.message.parts();
        Sum::ZERO.word(head).word(checksum).octets(&fixed[..len]).octets(data)
    }

    /// Writes the message as it is at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let wire_len = self.wire_len();
        let (fixed, len, data) = self.message.parts();
        fill(
            room(Layer::Icmpv4, out, wire_len)?,
            &[&[self.message.kind(), self.code], &self.checksum.to_be_bytes(), &fixed[..len], data],
        );
        Ok(wire_len)
    }
}

impl<'a> Icmpv4Message<'a> {
    /// The type on the wire.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match self {
            Self::EchoReply(_) => 0,
            Self::DestinationUnreachable { .. } => 3,
            Self::SourceQuench { .. } => 4,
            Self::Redirect { .. } => 5,
            Self::EchoRequest(_) => 8,
            Self::TimeExceeded { .. } => 11,
            Self::ParameterProblem { .. } => 12,
            Self::TimestampRequest(_) => 13,
            Self::TimestampReply(_) => 14,
            Self::Unknown { kind, .. } => *kind,
        }
    }

    /// The datagram that an error is about.
    #[must_use]
    pub const fn quote(&self) -> Option<Span<'a>> {
        match self {
            Self::DestinationUnreachable { quote, .. }
            | Self::SourceQuench { quote, .. }
            | Self::Redirect { quote, .. }
            | Self::TimeExceeded { quote, .. }
            | Self::ParameterProblem { quote, .. } => Some(*quote),
            Self::EchoReply(_)
            | Self::EchoRequest(_)
            | Self::TimestampRequest(_)
            | Self::TimestampReply(_)
            | Self::Unknown { .. } => None,
        }
    }

    /// The fields behind the checksum, how many octets they are, and what follows them.
    fn parts(&self) -> ([u8; 16], usize, &'a [u8]) {
        let mut fixed = [0; 16];
        let data = match *self {
            Self::EchoReply(Echo { identifier, sequence, data })
            | Self::EchoRequest(Echo { identifier, sequence, data }) => {
                fill(&mut fixed[..4], &[&identifier.to_be_bytes(), &sequence.to_be_bytes()]);
                data
            }
            Self::DestinationUnreachable { unused, next_hop_mtu, quote } => {
                fill(&mut fixed[..4], &[&unused.to_be_bytes(), &next_hop_mtu.to_be_bytes()]);
                quote.octets()
            }
            Self::SourceQuench { unused, quote } | Self::TimeExceeded { unused, quote } => {
                fill(&mut fixed[..4], &[&unused.to_be_bytes()]);
                quote.octets()
            }
            Self::Redirect { gateway, quote } => {
                fill(&mut fixed[..4], &[&gateway.octets()]);
                quote.octets()
            }
            Self::ParameterProblem { pointer, unused, quote } => {
                fill(&mut fixed[..4], &[&[pointer], &unused]);
                quote.octets()
            }
            Self::TimestampRequest(times) | Self::TimestampReply(times) => {
                let IcmpTimestamp { identifier, sequence, originate, receive, transmit, trailer } = times;
                fill(&mut fixed[..4], &[&identifier.to_be_bytes(), &sequence.to_be_bytes()]);
                let [originate, receive, transmit] =
                    [originate, receive, transmit].map(|time| time.to_be_bytes());
                fill(&mut fixed[4..], &[&originate, &receive, &transmit]);
                return (fixed, 16, trailer);
            }
            Self::Unknown { data, .. } => return (fixed, 0, data),
        };
        (fixed, 4, data)
    }
}

/// The fields of an echo behind the checksum.
pub(super) fn echo(input: &[u8]) -> Parsed<'_, Echo<'_>> {
    (be16("identifier"), be16("sequence number"), rest())
        .map(|(identifier, sequence, data)| Echo { identifier, sequence, data })
        .parse(input)
}

fn timestamp(input: &[u8]) -> Parsed<'_, IcmpTimestamp<'_>> {
    (
        (be16("identifier"), be16("sequence number")),
        (be32("originate timestamp"), be32("receive timestamp"), be32("transmit timestamp")),
        rest(),
    )
        .map(|((identifier, sequence), (originate, receive, transmit), trailer)| IcmpTimestamp {
            identifier,
            sequence,
            originate,
            receive,
            transmit,
            trailer,
        })
        .parse(input)
}

fn message(input: &[u8], offset: usize) -> Parsed<'_, Icmpv4<'_>> {
    let (body, (kind, code, checksum)) = (be8("type"), be8("code"), be16("checksum")).parse(input)?;
    // A quote stands behind type, code, checksum and four octets more.
    let quote = || rest().map(|octets| Span::at(octets, offset + 8));
    let (end, message) = match kind {
        0 => echo.map(Icmpv4Message::EchoReply).parse(body)?,
        3 => (be16("unused"), be16("next-hop MTU"), quote())
            .map(|(unused, next_hop_mtu, quote)| Icmpv4Message::DestinationUnreachable {
                unused,
                next_hop_mtu,
                quote,
            })
            .parse(body)?,
        4 => (be32("unused"), quote())
            .map(|(unused, quote)| Icmpv4Message::SourceQuench { unused, quote })
            .parse(body)?,
        5 => (ipv4_address("gateway address"), quote())
            .map(|(gateway, quote)| Icmpv4Message::Redirect { gateway, quote })
            .parse(body)?,
        8 => echo.map(Icmpv4Message::EchoRequest).parse(body)?,
        11 => (be32("unused"), quote())
            .map(|(unused, quote)| Icmpv4Message::TimeExceeded { unused, quote })
            .parse(body)?,
        12 => (be8("pointer"), block::<3>("unused"), quote())
            .map(|(pointer, &unused, quote)| Icmpv4Message::ParameterProblem { pointer, unused, quote })
            .parse(body)?,
        13 => timestamp.map(Icmpv4Message::TimestampRequest).parse(body)?,
        14 => timestamp.map(Icmpv4Message::TimestampReply).parse(body)?,
        kind => rest().map(|data| Icmpv4Message::Unknown { kind, data }).parse(body)?,
    };
    Ok((end, Icmpv4 { code, checksum, message }))
}
