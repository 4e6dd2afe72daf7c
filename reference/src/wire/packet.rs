//! An IP packet as a whole: its header, what it carries, and what follows it in its frame.

use super::checksum::PseudoHeader;
use super::error::Error;
use super::icmpv4::Icmpv4;
use super::icmpv6::Icmpv6;
use super::ipv4::{Extent, Ipv4};
use super::ipv6::Ipv6;
use super::number::Protocol;
use super::tcp::Tcp;
use super::udp::Udp;
use super::write::{inner, room};
use super::{Fault, Layer};
use core::net::IpAddr;

/// An IP header of either version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ip<'a> {
    /// RFC 791.
    V4(Ipv4<'a>),
    /// RFC 8200, with extension headers.
    V6(Ipv6<'a>),
}

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

/// An IP packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Packet<'a> {
    /// The header.
    pub ip: Ip<'a>,
    /// What it carries.
    pub transport: Transport<'a>,
    /// What follows the packet by its own length: padding of the frame.
    pub trailer: &'a [u8],
}

impl<'a> Packet<'a> {
    /// A packet without trailer.
    #[must_use]
    pub const fn new(ip: Ip<'a>, transport: Transport<'a>) -> Self {
        Self { ip, transport, trailer: &[] }
    }

    /// Reads a packet of either version. Checksums are not looked at: see [`Packet::checksums`].
    ///
    /// # Errors
    /// If a header is malformed or the octets end before the packet.
    #[inline]
    pub fn parse(octets: &'a [u8]) -> Result<Self, Error> {
        Self::parse_at(octets, 0, Extent::Whole)
    }

    /// Reads a packet of which the end may be missing, as in a capture with a snap length or in an ICMP error. What
    /// the headers tell of lengths is kept: see [`Packet::missing`]. A transport header that does not parse is given
    /// as [`Transport::Unreadable`].
    ///
    /// # Errors
    /// If the IP header is malformed or cut off.
    pub fn parse_cut(octets: &'a [u8]) -> Result<Self, Error> {
        Self::parse_at(octets, 0, Extent::Cut)
    }

    pub(super) fn parse_cut_at(octets: &'a [u8], offset: usize) -> Result<Self, Error> {
        Self::parse_at(octets, offset, Extent::Cut)
    }

    #[inline(always)]
    pub(super) fn parse_at(octets: &'a [u8], offset: usize, extent: Extent) -> Result<Self, Error> {
        match octets.first().map(|first| first >> 4) {
            Some(4) => Self::parse_v4(octets, offset, extent),
            Some(6) => Self::parse_v6(octets, offset, extent),
            version => Err(version_fault(offset, version)),
        }
    }

    #[inline(always)]
    pub(super) fn parse_v4(octets: &'a [u8], offset: usize, extent: Extent) -> Result<Self, Error> {
        let (header, payload, trailer) = Ipv4::parse_at(octets, offset, extent)?;
        let transport = if header.is_fragment() {
            Transport::Fragment { protocol: header.protocol, octets: payload }
        } else {
            let offset = offset + header.wire_len();
            Transport::read(IpVersion::V4, header.protocol, payload, offset, extent)?
        };
        Ok(Self { ip: Ip::V4(header), transport, trailer })
    }

    #[inline(always)]
    pub(super) fn parse_v6(octets: &'a [u8], offset: usize, extent: Extent) -> Result<Self, Error> {
        let (header, payload, trailer) = Ipv6::parse_at(octets, offset, extent)?;
        let protocol = header.protocol();
        let transport = if header.is_fragment() {
            Transport::Fragment { protocol, octets: payload }
        } else {
            let offset = offset + header.wire_len();
            Transport::read(IpVersion::V6, protocol, payload, offset, extent)?
        };
        Ok(Self { ip: Ip::V6(header), transport, trailer })
    }

    /// Octets of the packet that its header tells of and that are not there.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.ip.payload_len().saturating_sub(self.transport.wire_len())
    }

    /// The segment, if it is one.
    #[must_use]
    pub const fn tcp(&self) -> Option<&Tcp<'a>> {
        match &self.transport {
            Transport::Tcp(tcp) => Some(tcp),
            _ => None,
        }
    }

    /// Octets on the wire, with the trailer.
    #[must_use]
    pub fn wire_len(&self) -> usize {
        self.ip.header_len() + self.transport.wire_len() + self.trailer.len()
    }

    /// Writes the packet as it is at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short, or options do not fit a header.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let len = self.wire_len();
        let out = room(self.ip.layer(), out, len)?;
        let at = self.ip.emit(out)?;
        let at = inner(out, at, |out| self.transport.emit(out))?;
        out[at..].copy_from_slice(self.trailer);
        Ok(len)
    }

    /// The packet as it is.
    ///
    /// # Errors
    /// If options do not fit a header.
    pub fn to_vec(&self) -> Result<Vec<u8>, Error> {
        let mut octets = vec![0; self.wire_len()];
        self.emit(&mut octets)?;
        Ok(octets)
    }

    /// The same packet with lengths, protocol and checksums right. The protocol of an IPv6 packet with extension
    /// headers stays as they say.
    ///
    /// # Errors
    /// If it is too long for its length fields.
    pub fn filled(self) -> Result<Self, Error> {
        let pseudo = self.ip.pseudo_header();
        let transport = self.transport.filled(&pseudo)?;
        let ip = self.ip.with_protocol(transport.protocol()).filled(transport.wire_len())?;
        Ok(Self { ip, transport, trailer: self.trailer })
    }

    /// Are the checksums right?
    #[must_use]
    pub fn checksums(&self) -> Checksums {
        let ip = match &self.ip {
            Ip::V4(header) if header.is_checksum_right() => Verdict::Right,
            Ip::V4(_) => Verdict::Wrong,
            Ip::V6(_) => Verdict::None,
        };
        if self.missing() > 0 {
            return Checksums { ip, transport: Verdict::None };
        }
        let pseudo = self.ip.pseudo_header();
        let right = match &self.transport {
            // RFC 768: none was computed.
            Transport::Udp(Udp { checksum: 0, .. }) if matches!(self.ip, Ip::V4(_)) => {
                return Checksums { ip, transport: Verdict::None };
            }
            Transport::Tcp(tcp) => tcp.is_checksum_right(&pseudo),
            Transport::Udp(udp) => udp.is_checksum_right(&pseudo),
            Transport::Icmpv4(icmp) => icmp.is_checksum_right(),
            Transport::Icmpv6(icmp) => icmp.is_checksum_right(&pseudo),
            Transport::Fragment { .. } | Transport::Unreadable { .. } | Transport::Other { .. } => {
                return Checksums { ip, transport: Verdict::None };
            }
        };
        Checksums { ip, transport: if right { Verdict::Right } else { Verdict::Wrong } }
    }
}

#[cold]
fn version_fault(offset: usize, version: Option<u8>) -> Error {
    let fault =
        |fault, needed, had| Error { layer: Layer::Ipv4, field: "version", offset, fault, needed, had };
    match version {
        None => fault(Fault::Truncated, 1, 0),
        Some(version) => fault(Fault::Unexpected, 4, usize::from(version)),
    }
}

/// What a look at a checksum found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Verdict {
    /// It is right.
    Right,
    /// It is wrong.
    Wrong,
    /// There is none, or what it covers is not all there.
    None,
}

/// What a look at a packet's checksums found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Checksums {
    /// The IPv4 header's.
    pub ip: Verdict,
    /// TCP's, UDP's or ICMP's.
    pub transport: Verdict,
}

impl Checksums {
    /// Is none wrong?
    #[must_use]
    pub fn are_right(self) -> bool {
        self.ip != Verdict::Wrong && self.transport != Verdict::Wrong
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum IpVersion {
    V4,
    V6,
}

impl<'a> Ip<'a> {
    /// A header between two addresses without options or extension headers, TTL 64; `None` if their versions differ.
    #[must_use]
    pub const fn new(source: IpAddr, destination: IpAddr, protocol: Protocol) -> Option<Self> {
        match (source, destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                Some(Self::V4(Ipv4::new(source, destination, protocol)))
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                Some(Self::V6(Ipv6::new(source, destination, protocol)))
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => None,
        }
    }

    /// Source address.
    #[must_use]
    pub const fn source(&self) -> IpAddr {
        match self {
            Self::V4(header) => IpAddr::V4(header.source),
            Self::V6(header) => IpAddr::V6(header.source),
        }
    }

    /// Destination address.
    #[must_use]
    pub const fn destination(&self) -> IpAddr {
        match self {
            Self::V4(header) => IpAddr::V4(header.destination),
            Self::V6(header) => IpAddr::V6(header.destination),
        }
    }

    /// Hops left: TTL or hop limit.
    #[must_use]
    pub const fn hop_limit(&self) -> u8 {
        match self {
            Self::V4(header) => header.ttl,
            Self::V6(header) => header.hop_limit,
        }
    }

    /// Differentiated services code point, 6 bits.
    #[must_use]
    pub const fn dscp(&self) -> u8 {
        match self {
            Self::V4(header) => header.dscp,
            Self::V6(header) => header.dscp,
        }
    }

    /// Explicit congestion notification, 2 bits.
    #[must_use]
    pub const fn ecn(&self) -> u8 {
        match self {
            Self::V4(header) => header.ecn,
            Self::V6(header) => header.ecn,
        }
    }

    /// What the packet carries, behind any extension headers.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        match self {
            Self::V4(header) => header.protocol,
            Self::V6(header) => header.protocol(),
        }
    }

    /// Is it one fragment of several?
    #[must_use]
    pub fn is_fragment(&self) -> bool {
        match self {
            Self::V4(header) => header.is_fragment(),
            Self::V6(header) => header.is_fragment(),
        }
    }

    /// Octets of the header with options or extension headers.
    #[must_use]
    #[inline]
    pub fn header_len(&self) -> usize {
        match self {
            Self::V4(header) => header.wire_len(),
            Self::V6(header) => header.wire_len(),
        }
    }

    /// Octets behind the header by its own word, whatever is there.
    #[must_use]
    #[inline]
    pub fn payload_len(&self) -> usize {
        match self {
            Self::V4(header) => header.payload_len(),
            Self::V6(header) => header.payload_len(),
        }
    }

    /// The pseudo-header for what this header carries.
    #[must_use]
    #[inline]
    pub fn pseudo_header(&self) -> PseudoHeader {
        match self {
            Self::V4(header) => header.pseudo_header(),
            Self::V6(header) => header.pseudo_header(),
        }
    }

    /// Writes the header as it is at the start of `out` and gives its length.
    ///
    /// # Errors
    /// If `out` is too short, or options do not fit the header.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        match self {
            Self::V4(header) => header.emit(out),
            Self::V6(header) => header.emit(out),
        }
    }

    /// The same header with length and checksum right for `payload_len` octets behind it.
    ///
    /// # Errors
    /// If they are too many for the length.
    pub fn filled(self, payload_len: usize) -> Result<Self, Error> {
        Ok(match self {
            Self::V4(header) => Self::V4(header.filled(payload_len)?),
            Self::V6(header) => Self::V6(header.filled(payload_len)?),
        })
    }

    fn with_protocol(mut self, protocol: Protocol) -> Self {
        match &mut self {
            Self::V4(header) => header.protocol = protocol,
            Self::V6(header) if header.extensions.octets().is_empty() => header.next_header = protocol,
            Self::V6(_) => {}
        }
        self
    }

    const fn layer(&self) -> Layer {
        match self {
            Self::V4(_) => Layer::Ipv4,
            Self::V6(_) => Layer::Ipv6,
        }
    }
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
    fn read(
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
