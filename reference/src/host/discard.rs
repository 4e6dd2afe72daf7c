//! Why something that arrived had no effect: one reason, room by room.

use crate::{icmp, ip, link, wire};

/// Why a frame, or what was in it, had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discard {
    /// It is no Ethernet frame, or no whole ARP packet, segment or datagram.
    Malformed(wire::Error),
    /// The frame is not for this host.
    Link(link::Discard),
    /// The frame holds a protocol that this host does not speak.
    EtherType(wire::EtherType),
    /// The ARP packet has no effect.
    Arp(link::arp::Discard),
    /// The IP packet is not taken.
    Ip(ip::Discard),
    /// Nobody speaks the IP packet's protocol.
    Protocol(wire::Protocol),
    /// The ICMP message has no effect.
    Icmp(icmp::Discard),
    /// The checksum of TCP or UDP is wrong (RFC 9293 3.1 MUST-3, RFC 1122 4.1.3.4 MUST).
    Checksum,
    /// TCP or UDP to a group, where only one host is spoken to (RFC 9293 3.9.2.3 MUST-57).
    ToMany,
    /// Port 0.
    Port,
    /// Nobody listens to the UDP port.
    NoSocket,
    /// The UDP port's queue is full.
    QueueFull,
}
