//! The Internet layer: what arrives is checked and taken or refused, what leaves gets its header and its way.
//!
//! | room | what | RFCs |
//! |---|---|---|
//! | [`address`] | the host's addresses, and addresses that may not appear | RFC 1122 3.2.1.3, RFC 4291 |
//! | [`receive`] | header checks, IPv4 options | RFC 791, RFC 1122 3.2.1, RFC 8200 |
//! | [`extension`] | IPv6 extension headers at the destination | RFC 8200 4, RFC 5095, RFC 6946 |
//! | [`send`] | headers out, identification | RFC 6864 |
//! | [`route`] | next hops | RFC 1122 3.3.1 |
//! | [`path_mtu`] | how large a packet may be | RFC 1191, RFC 8201 |
//!
//! Left out: fragmentation and reassembly; every fragment is discarded with that reason. Flow labels are zero (RFC 6437 3).

pub mod address;
pub mod extension;
pub mod path_mtu;
pub mod receive;
pub mod route;
pub mod send;

use self::address::{Martian, Reach};
use crate::link::Cast;
use crate::wire::{Error, Protocol, SourceRoute};
use core::net::IpAddr;

/// A packet that arrived, was checked and is for this host.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Who sent it: the address of a single host, or `::` (in IPv6 only, for duplicate address detection).
    pub source: IpAddr,
    /// Who it was sent to.
    pub destination: IpAddr,
    /// What the destination means here.
    pub reach: Reach,
    /// How the frame was addressed.
    pub cast: Cast,
    /// What the payload is.
    pub protocol: Protocol,
    /// Where the field stands that names the protocol, in octets from the start of the packet.
    pub named_at: usize,
    /// The hops left: 255 if no router has forwarded it.
    pub hop_limit: u8,
    /// Differentiated services code point, 6 bits.
    pub dscp: u8,
    /// The way back over the source route that it came by (RFC 1122 3.2.1.8 (c)).
    pub return_route: Option<SourceRoute>,
    /// What the packet carries.
    pub payload: &'a [u8],
    /// The whole packet, as it came, without the padding of its frame.
    pub packet: &'a [u8],
}

/// A fault of a packet that its sender may be told of by ICMP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A field has a value that cannot be. Its place in the packet: the octet, from 0.
    Field {
        /// The place.
        pointer: usize,
    },
    /// IPv6: a header of a kind that is not known, or where it cannot be. The place that names it.
    NextHeader {
        /// The place.
        pointer: usize,
    },
    /// IPv6: an option that is not known and forbids to go on. Its place.
    Option {
        /// The place.
        pointer: usize,
        /// Whether the sender is told even if the packet was for a group (RFC 8200 4.2, action 10).
        even_to_group: bool,
    },
    /// IPv4: the way that the sender prescribed leads on, and this host does not forward.
    SourceRoute,
    /// IPv4: nobody here speaks the protocol.
    Protocol,
    /// Nobody here listens to the port.
    Port,
}

/// Why a packet is not taken, by the clause that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discard {
    /// It is no IP packet, or ends early (RFC 1122 3.2.1.1 for the version).
    Malformed(Error),
    /// The IPv4 header checksum is wrong (RFC 1122 3.2.1.2).
    Checksum,
    /// Its source names no single other host (RFC 1122 3.2.1.3, RFC 9293 3.9.2.3).
    Martian(Martian),
    /// It is for somebody else (RFC 1122 3.2.1.3).
    NotForUs,
    /// The frame went to all, the packet did not (RFC 1122 3.3.6).
    LinkBroadcast,
    /// Part of a packet; there is no reassembly.
    Fragment,
    /// An option's length cannot be.
    BadOption,
    /// A source route that leads on (RFC 1122 3.3.5).
    SourceRoute,
    /// An option that is not known and says to discard (RFC 8200 4.2).
    UnknownOption,
    /// A routing header with segments left (RFC 8200 4.4, RFC 5095 3).
    RoutingHeader,
    /// Hop-by-hop options behind another header (RFC 8200 4).
    HopByHopNotFirst,
    /// The chain of extension headers ends early.
    Truncated,
    /// More than [`extension::MAX_EXTENSION_HEADERS`].
    TooManyExtensionHeaders,
    /// It says that it carries nothing (RFC 8200 4.7).
    NoNextHeader,
}

/// A packet is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Silently.
    Silent(Discard),
    /// And its sender is told why, unless a rule of ICMP forbids it.
    Answer(Discard, Problem),
}
