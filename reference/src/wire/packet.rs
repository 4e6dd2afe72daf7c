//! An IP packet as a whole: its header, what it carries, and what follows it in its frame.

use super::error::{Error, Fault, Layer};
use super::extension::extent_of;
use super::ip::Ip;
use super::ipv4::Ipv4;
use super::ipv6::Ipv6;
use super::read::Extent;
use super::tcp::Tcp;
use super::transport::{IpVersion, Transport};
use super::udp::Udp;
use super::write::{inner, room};

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
        let behind = offset + header.wire_len();
        let transport = if header.is_fragment() {
            Transport::Fragment { protocol, octets: payload }
        } else if let (_, Some(error)) = extent_of(protocol, payload, behind) {
            // Only where the end may be missing does an extension header stay that cannot be walked over.
            Transport::Unreadable { protocol, octets: payload, error }
        } else {
            Transport::read(IpVersion::V6, protocol, payload, behind, extent)?
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
