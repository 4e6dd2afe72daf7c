//! What an IP packet carries.

use super::checksum::PseudoHeader;
use super::error::{Error, Layer};
use super::icmpv4::Icmpv4;
use super::icmpv6::Icmpv6;
use super::ip::Ip;
use super::number::Protocol;
use super::read::Extent;
use super::tcp::Tcp;
use super::udp::Udp;
use super::write::room;

/// What an IP packet carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport<'a> {
    /// A segment.
    Tcp(Tcp<'a>),
    /// A user datagram.
    Udp(Udp<'a>),
    /// An ICMP message, over IPv4.
    Icmpv4(Icmpv4<'a>),
    /// An ICMPv6 message, over IPv6.
    Icmpv6(Icmpv6<'a>),
    /// A piece of a datagram in several fragments, the first ones too: no one else sees it before reassembly.
    Fragment {
        /// What the datagram carries.
        protocol: Protocol,
        /// The piece.
        octets: &'a [u8],
    },
    /// A header that is cut off or malformed; only the lenient parse gives it.
    Unreadable {
        /// What it should have been.
        protocol: Protocol,
        /// What is there.
        octets: &'a [u8],
        /// Why it does not parse.
        error: Error,
    },
    /// A protocol that is not read here.
    Other {
        /// Which.
        protocol: Protocol,
        /// The payload.
        octets: &'a [u8],
    },
}

/// Some protocols belong to one version of IP.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum IpVersion {
    V4,
    V6,
}

impl<'a> Transport<'a> {
    /// Reads what an IP packet of this header carries; for a payload put together from fragments.
    ///
    /// # Errors
    /// If the transport header is malformed or the octets end before its fields.
    pub fn parse(ip: &Ip<'_>, octets: &'a [u8]) -> Result<Self, Error> {
        let version = match ip {
            Ip::V4(_) => IpVersion::V4,
            Ip::V6(_) => IpVersion::V6,
        };
        Self::read(version, ip.protocol(), octets, 0, Extent::Whole)
    }

    #[inline(always)]
    pub(super) fn read(
        version: IpVersion,
        protocol: Protocol,
        octets: &'a [u8],
        offset: usize,
        extent: Extent,
    ) -> Result<Self, Error> {
        let parsed = match (protocol, version) {
            (Protocol::TCP, _) => Tcp::parse_at(octets, offset).map(Self::Tcp),
            (Protocol::UDP, _) => Udp::parse_at(octets, offset, extent).map(Self::Udp),
            (Protocol::ICMP, IpVersion::V4) => Icmpv4::parse_at(octets, offset).map(Self::Icmpv4),
            (Protocol::ICMPV6, IpVersion::V6) => Icmpv6::parse_at(octets, offset).map(Self::Icmpv6),
            _ => return Ok(Self::Other { protocol, octets }),
        };
        match (parsed, extent) {
            (Err(error), Extent::Cut) => Ok(Self::Unreadable { protocol, octets, error }),
            (parsed, _) => parsed,
        }
    }

    /// What it is, by the number in the IP header.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        match self {
            Self::Tcp(_) => Protocol::TCP,
            Self::Udp(_) => Protocol::UDP,
            Self::Icmpv4(_) => Protocol::ICMP,
            Self::Icmpv6(_) => Protocol::ICMPV6,
            Self::Fragment { protocol, .. }
            | Self::Unreadable { protocol, .. }
            | Self::Other { protocol, .. } => *protocol,
        }
    }

    /// Source and destination port of TCP or UDP, also where the header is cut off behind them.
    #[must_use]
    pub fn ports(&self) -> Option<(u16, u16)> {
        match self {
            Self::Tcp(tcp) => Some((tcp.source_port, tcp.destination_port)),
            Self::Udp(udp) => Some((udp.source_port, udp.destination_port)),
            Self::Unreadable { protocol: Protocol::TCP | Protocol::UDP, octets, .. } => {
                let [a, b, c, d] = *octets.first_chunk()?;
                Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
            }
            _ => None,
        }
    }

    /// The sequence number of TCP, also where the header is cut off behind it, as in the 8 octets that an ICMP error
    /// has to quote (RFC 792).
    #[must_use]
    pub fn seq(&self) -> Option<u32> {
        match self {
            Self::Tcp(tcp) => Some(tcp.seq),
            Self::Unreadable { protocol: Protocol::TCP, octets, .. } => {
                octets.get(4..)?.first_chunk().map(|seq| u32::from_be_bytes(*seq))
            }
            _ => None,
        }
    }

    /// Octets on the wire.
    #[must_use]
    pub fn wire_len(&self) -> usize {
        match self {
            Self::Tcp(tcp) => tcp.wire_len(),
            Self::Udp(udp) => udp.wire_len(),
            Self::Icmpv4(icmp) => icmp.wire_len(),
            Self::Icmpv6(icmp) => icmp.wire_len(),
            Self::Fragment { octets, .. } | Self::Unreadable { octets, .. } | Self::Other { octets, .. } => {
                octets.len()
            }
        }
    }

    /// Writes it as it is at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short, or options do not fit the header.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        match self {
            Self::Tcp(tcp) => tcp.emit(out),
            Self::Udp(udp) => udp.emit(out),
            Self::Icmpv4(icmp) => icmp.emit(out),
            Self::Icmpv6(icmp) => icmp.emit(out),
            Self::Fragment { octets, .. } | Self::Unreadable { octets, .. } | Self::Other { octets, .. } => {
                room(Layer::Ipv4, out, octets.len())?.copy_from_slice(octets);
                Ok(octets.len())
            }
        }
    }

    /// The same with length and checksum right.
    ///
    /// # Errors
    /// If it is too long for its length field.
    pub fn filled(self, pseudo: &PseudoHeader) -> Result<Self, Error> {
        Ok(match self {
            Self::Tcp(tcp) => Self::Tcp(tcp.filled(pseudo)),
            Self::Udp(udp) => Self::Udp(udp.filled(pseudo)?),
            Self::Icmpv4(icmp) => Self::Icmpv4(icmp.filled()),
            Self::Icmpv6(icmp) => Self::Icmpv6(icmp.filled(pseudo)),
            Self::Fragment { .. } | Self::Unreadable { .. } | Self::Other { .. } => self,
        })
    }
}
