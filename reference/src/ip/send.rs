//! Packets out: an IP header before what the upper layers made.

use crate::random::Random;
use crate::wire::{Error, Ipv4, Ipv4Options, Ipv6, Protocol, SourceRoute, SourceRouteKind};
use core::net::IpAddr;

/// RFC 1122 3.2.1.7 and the IANA default of RFC 1700: hops that a packet may make.
pub const DEFAULT_HOP_LIMIT: u8 = 64;
/// RFC 4861 7.1.1: proves that no router forwarded a packet.
pub const LINK_HOP_LIMIT: u8 = 255;
/// RFC 9293 3.7.1 and RFC 1122 3.3.3: headers of an IPv4 packet without options.
pub const IPV4_HEADER_LEN: usize = Ipv4::MIN_LEN;
/// Headers of an IPv6 packet without extension headers.
pub const IPV6_HEADER_LEN: usize = Ipv6::MIN_LEN;

/// The ends of a packet and how it travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// One of our addresses.
    pub source: IpAddr,
    /// Where it goes: an address of the same version.
    pub destination: IpAddr,
    /// What it carries.
    pub protocol: Protocol,
    /// Differentiated services code point, 6 bits.
    pub dscp: u8,
    /// How many hops it may make.
    pub hop_limit: u8,
    /// The gateways that it passes (IPv4 only).
    pub source_route: Option<SourceRoute>,
    /// Whether routers may fragment it (IPv4 only; they never do in IPv6).
    pub dont_fragment: bool,
}

impl Envelope {
    /// Where the packet goes at first: to the first gateway of its route, or where it is for.
    pub fn first_hop(&self) -> IpAddr {
        self.source_route.map_or(self.destination, |route| IpAddr::V4(route.first()))
    }

    /// Whether the first hop has to be a neighbour (RFC 791 3.1, strict source route).
    pub fn is_strict(&self) -> bool {
        self.source_route.is_some_and(|route| route.kind() == SourceRouteKind::Strict)
    }

    /// Octets of the IP header.
    pub fn header_len(&self) -> usize {
        match self.destination {
            IpAddr::V4(_) => IPV4_HEADER_LEN + self.source_route.map_or(0, |route| route.options_len()),
            IpAddr::V6(_) => IPV6_HEADER_LEN,
        }
    }
}

/// Why a packet could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The addresses are of different versions.
    Versions,
    /// A header or the payload does not fit.
    Wire(Error),
}

/// The identification field of IPv4 packets that may be fragmented.
#[derive(Clone, Debug)]
pub struct Identification {
    next: u16,
}

impl Identification {
    /// Starts anywhere.
    pub fn new(mut random: Random) -> Self {
        // The upper 16 of 32 bits.
        Self { next: (random.next_u32() >> 16) as u16 }
    }

    /// RFC 6864 4.1: of an atomic datagram the field has no meaning, and zero tells nobody anything.
    /// RFC 6864 4.3: others need a value that differs from those that may still be under way.
    fn draw(&mut self, dont_fragment: bool) -> u16 {
        if dont_fragment {
            return 0;
        }
        self.next = self.next.wrapping_add(1);
        self.next
    }
}

/// A packet of `payload_len` octets behind its IP header, which `fill` writes into zeros.
///
/// # Errors
/// [`SendError`] if header or payload cannot be written.
pub fn packet(
    identification: &mut Identification,
    envelope: &Envelope,
    payload_len: usize,
    fill: impl FnOnce(&mut [u8]) -> Result<(), Error>,
) -> Result<Vec<u8>, SendError> {
    let Envelope { source, destination, protocol, dscp, hop_limit, source_route, dont_fragment } = *envelope;
    let (mut octets, header_len) = match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let mut header = Ipv4::new(source, destination, protocol);
            // RFC 1122 3.2.1.8 (c), case (A)
            let options = source_route.map(|route| route.options(destination));
            if let (Some(route), Some(options)) = (&source_route, &options) {
                header.destination = route.first();
                header.options = Ipv4Options::new(&options[..route.options_len()]);
            }
            header.dscp = dscp;
            header.ttl = hop_limit;
            header.dont_fragment = dont_fragment;
            header.identification = identification.draw(dont_fragment);
            let header = header.filled(payload_len).map_err(SendError::Wire)?;
            let mut octets = vec![0; header.wire_len() + payload_len];
            let header_len = header.emit(&mut octets).map_err(SendError::Wire)?;
            (octets, header_len)
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            let mut header = Ipv6::new(source, destination, protocol);
            header.dscp = dscp;
            header.hop_limit = hop_limit;
            let header = header.filled(payload_len).map_err(SendError::Wire)?;
            let mut octets = vec![0; header.wire_len() + payload_len];
            let header_len = header.emit(&mut octets).map_err(SendError::Wire)?;
            (octets, header_len)
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return Err(SendError::Versions),
    };
    fill(&mut octets[header_len..]).map_err(SendError::Wire)?;
    Ok(octets)
}
