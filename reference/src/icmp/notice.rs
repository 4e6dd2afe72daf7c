//! ICMP errors in: what a router or a host says of a packet that this host sent.
//!
//! RFC 1122 3.2.2 wants them passed to the transport that sent the packet; which of them are hard is in RFC 9293 3.9.2.2 and
//! RFC 5461 2. Whether one is believed is the transport's affair: TCP looks for the quoted sequence number among those in
//! flight (RFC 5927 4.1).

use super::Discard;
use crate::wire::{Icmpv4, Icmpv4Message, Icmpv6, Icmpv6Message, Packet, Protocol, Transport};
use core::net::SocketAddr;

/// What happened to a packet, as somebody says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// No way to the network.
    NetworkUnreachable,
    /// No way to the host.
    HostUnreachable,
    /// Its host does not speak the protocol.
    ProtocolUnreachable,
    /// Nobody listens to the port.
    PortUnreachable,
    /// A policy forbids it.
    Prohibited,
    /// It is larger than the next link carries: so many octets, or 0 if not told.
    TooBig {
        /// Octets with the IP header.
        mtu: usize,
    },
    /// It went round too long, or its fragments did not all arrive.
    TimeExceeded,
    /// Its header is at fault.
    ParameterProblem,
}

/// Whether a complaint means that the connection cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hardness {
    /// It may pass (RFC 9293 3.9.2.2 MUST-56).
    Soft,
    /// It will not (RFC 9293 3.9.2.2 SHLD-26).
    Hard,
}

/// A complaint and the packet that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub complaint: Complaint,
    /// What the packet carried.
    pub protocol: Protocol,
    /// Where it came from: an end of ours, if it is true.
    pub local: SocketAddr,
    /// Where it went.
    pub remote: SocketAddr,
    /// The four octets behind the ports: in TCP the sequence number.
    pub behind_ports: u32,
    /// How long it was, by its header.
    pub packet_len: usize,
}

impl Complaint {
    /// RFC 9293 3.9.2.2: of IPv4 codes 2 to 4 are hard. [`Complaint::TooBig`] is neither where the path's MTU is discovered.
    pub const fn hardness(self) -> Hardness {
        match self {
            Self::ProtocolUnreachable | Self::PortUnreachable | Self::Prohibited => Hardness::Hard,
            Self::NetworkUnreachable
            | Self::HostUnreachable
            | Self::TooBig { .. }
            | Self::TimeExceeded
            | Self::ParameterProblem => Hardness::Soft,
        }
    }
}

/// Reads an ICMP error, whose checksum is right.
///
/// # Errors
/// [`Discard`] if it is no error, or does not quote enough.
pub fn ipv4(icmp: &Icmpv4<'_>) -> Result<Notice, Discard> {
    let complaint = match icmp.message {
        // RFC 6633 3, MUST-55.
        Icmpv4Message::SourceQuench { .. } => return Err(Discard::SourceQuench),
        Icmpv4Message::DestinationUnreachable { next_hop_mtu, .. } => match icmp.code {
            0 | 6 | 11 => Complaint::NetworkUnreachable,
            // RFC 1122 3.2.2.1 adds 7, 8 and 12, RFC 1812 5.2.7.1 adds 9, 10 and 13 to 15: all may pass.
            1 | 5 | 7..=10 | 12..=15 => Complaint::HostUnreachable,
            2 => Complaint::ProtocolUnreachable,
            3 => Complaint::PortUnreachable,
            4 => Complaint::TooBig { mtu: usize::from(next_hop_mtu) },
            _ => return Err(Discard::Type),
        },
        Icmpv4Message::TimeExceeded { .. } => Complaint::TimeExceeded,
        Icmpv4Message::ParameterProblem { .. } => Complaint::ParameterProblem,
        Icmpv4Message::Redirect { .. }
        | Icmpv4Message::EchoReply(_)
        | Icmpv4Message::EchoRequest(_)
        | Icmpv4Message::TimestampRequest(_)
        | Icmpv4Message::TimestampReply(_)
        | Icmpv4Message::Unknown { .. } => return Err(Discard::Type),
    };
    read(complaint, icmp.quoted())
}

/// Reads an ICMPv6 error, whose checksum is right.
///
/// # Errors
/// [`Discard`] if it is no error, or does not quote enough.
pub fn ipv6(icmp: &Icmpv6<'_>) -> Result<Notice, Discard> {
    let complaint = match icmp.message {
        Icmpv6Message::DestinationUnreachable { .. } => match icmp.code {
            0 => Complaint::NetworkUnreachable,
            2 | 3 => Complaint::HostUnreachable,
            4 => Complaint::PortUnreachable,
            // RFC 4443 3.1: 5 and 6 are finer forms of 1; RFC 5461 2 counts 1 as hard.
            1 | 5 | 6 => Complaint::Prohibited,
            _ => return Err(Discard::Type),
        },
        // RFC 4443 3.2 fixes code 0, and tells receivers to ignore it.
        Icmpv6Message::PacketTooBig { mtu, .. } => {
            Complaint::TooBig { mtu: usize::try_from(mtu).unwrap_or(usize::MAX) }
        }
        Icmpv6Message::TimeExceeded { .. } => Complaint::TimeExceeded,
        Icmpv6Message::ParameterProblem { .. } => Complaint::ParameterProblem,
        // RFC 4443 2.4 (a) passes unknown errors up; TCP has no use for one.
        _ => return Err(Discard::Type),
    };
    read(complaint, icmp.quoted())
}

fn read(
    complaint: Complaint,
    quoted: Option<Result<Packet<'_>, crate::wire::Error>>,
) -> Result<Notice, Discard> {
    let packet = quoted.ok_or(Discard::Quote)?.map_err(Discard::Malformed)?;
    let (protocol, source_port, destination_port, behind_ports) = match packet.transport {
        Transport::Tcp(tcp) => (Protocol::TCP, tcp.source_port, tcp.destination_port, tcp.seq),
        Transport::Udp(udp) => {
            let behind = u32::from(udp.length) << 16 | u32::from(udp.checksum);
            (Protocol::UDP, udp.source_port, udp.destination_port, behind)
        }
        // RFC 792 quotes eight octets only: less than a TCP header, but ports and sequence number.
        Transport::Unreadable { protocol: Protocol::TCP, octets, .. } => match octets {
            [a, b, c, d, e, f, g, h, ..] => (
                Protocol::TCP,
                u16::from_be_bytes([*a, *b]),
                u16::from_be_bytes([*c, *d]),
                u32::from_be_bytes([*e, *f, *g, *h]),
            ),
            _ => return Err(Discard::Quote),
        },
        Transport::Icmpv4(_)
        | Transport::Icmpv6(_)
        | Transport::Fragment { .. }
        | Transport::Unreadable { .. }
        | Transport::Other { .. } => return Err(Discard::Quote),
    };
    Ok(Notice {
        complaint,
        protocol,
        local: SocketAddr::new(packet.ip.source(), source_port),
        // RFC 9293 3.9.2.1: a source route ends elsewhere.
        remote: SocketAddr::new(packet.ip.final_destination(), destination_port),
        behind_ports,
        packet_len: packet.ip.header_len() + packet.ip.payload_len(),
    })
}
