//! An IP header of either version.

use super::checksum::PseudoHeader;
use super::error::{Error, Layer};
use super::ipv4::Ipv4;
use super::ipv6::Ipv6;
use super::number::Protocol;
use core::net::IpAddr;

/// An IP header of either version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ip<'a> {
    /// RFC 791.
    V4(Ipv4<'a>),
    /// RFC 8200, with extension headers.
    V6(Ipv6<'a>),
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

    /// Where the packet goes in the end: the last address of a route still to be followed, else the destination.
    #[must_use]
    pub fn final_destination(&self) -> IpAddr {
        match self {
            Self::V4(header) => IpAddr::V4(header.final_destination()),
            Self::V6(header) => IpAddr::V6(header.final_destination()),
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

    pub(super) fn with_protocol(mut self, protocol: Protocol) -> Self {
        match &mut self {
            Self::V4(header) => header.protocol = protocol,
            Self::V6(header) if header.extensions.octets().is_empty() => header.next_header = protocol,
            Self::V6(_) => {}
        }
        self
    }

    pub(super) const fn layer(&self) -> Layer {
        match self {
            Self::V4(_) => Layer::Ipv4,
            Self::V6(_) => Layer::Ipv6,
        }
    }
}
