//! A look at a record, no further than is needed to know which judge it goes to: its addresses and ports.
//!
//! The headers are read where the record is judged, once. What does not look like plain TCP over IP is read here too,
//! since an ICMP error goes where the connection is that it quotes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use wireproof_reference::wire::{Packet, Protocol, TcpFlags, Transport};

use crate::capture::link::{
    Captured, Content, ETHERNET, IPV4, IPV6, LINUX_SLL, LINUX_SLL2, LOOP, NULL, RAW, SLL_LEN, SLL2_LEN,
    captured,
};
use crate::oracle::concern;

const ETHERNET_LEN: usize = 14;
const LOOPBACK_LEN: usize = 4;
const TAG_LEN: usize = 4;
/// More VLAN tags than that are left to whoever reads the whole header.
const MOST_TAGS: usize = 3;

const V4_LEN: usize = 20;
const V6_LEN: usize = 40;
/// More fragments, or a fragment offset (RFC 791 3.1).
const FRAGMENT: u16 = 0x3fff;

/// What a record is, as far as judges are chosen by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peek {
    /// A TCP segment.
    Segment(Segment),
    /// An ICMP error that quotes a segment between these two.
    Error(SocketAddr, SocketAddr),
    /// Another ICMP message of this host.
    Icmp(IpAddr),
    /// Nothing for a judge.
    Other,
}

/// Whose segment, and what kind of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) flags: TcpFlags,
    pub(super) seq: u32,
    pub(super) ack: u32,
}

/// What the record is.
pub(super) fn peek(record: &Captured<'_>) -> Peek {
    let Some(ip) = ip_of(record) else { return slowly(record) };
    match ip.first().map(|first| first >> 4) {
        Some(4) => v4(ip).unwrap_or_else(|| slowly(record)),
        Some(6) => v6(ip).unwrap_or_else(|| slowly(record)),
        _ => slowly(record),
    }
}

/// Where the IP header begins, if it is a plain matter.
fn ip_of<'a>(record: &Captured<'a>) -> Option<&'a [u8]> {
    let octets = record.octets;
    let at = match record.link {
        ETHERNET => {
            let mut at = ETHERNET_LEN;
            for _ in 0..MOST_TAGS {
                match octets.get(at - 2..at)? {
                    [0x08, 0x00] | [0x86, 0xdd] => return octets.get(at..),
                    [0x81, 0x00] | [0x88, 0xa8] | [0x91, 0x00] => at += TAG_LEN,
                    _ => return None,
                }
            }
            return None;
        }
        LINUX_SLL => SLL_LEN,
        LINUX_SLL2 => SLL2_LEN,
        NULL | LOOP => LOOPBACK_LEN,
        IPV4 | IPV6 => 0,
        link if RAW.contains(&link) => 0,
        _ => return None,
    };
    octets.get(at..)
}

/// `None`: only who reads the whole header can tell.
fn v4(ip: &[u8]) -> Option<Peek> {
    let head = ip.first_chunk::<V4_LEN>()?;
    let header_len = usize::from(head[0] & 0x0f) * 4;
    if u16::from_be_bytes([head[6], head[7]]) & FRAGMENT != 0 {
        return None;
    }
    if head[9] != Protocol::TCP.0 {
        return (head[9] != Protocol::ICMP.0).then_some(Peek::Other);
    }
    let four = |at: usize| Ipv4Addr::new(head[at], head[at + 1], head[at + 2], head[at + 3]);
    segment(four(12).into(), four(16).into(), ip.get(header_len.max(V4_LEN)..)?)
}

fn v6(ip: &[u8]) -> Option<Peek> {
    let head = ip.first_chunk::<V6_LEN>()?;
    if head[6] != Protocol::TCP.0 {
        return None;
    }
    let (from, to) = (head[8..24].first_chunk::<16>()?, head[24..40].first_chunk::<16>()?);
    segment(Ipv6Addr::from(*from).into(), Ipv6Addr::from(*to).into(), ip.get(V6_LEN..)?)
}

fn segment(from: IpAddr, to: IpAddr, tcp: &[u8]) -> Option<Peek> {
    let head = tcp.first_chunk::<14>()?;
    let wide = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let port = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
    Some(Peek::Segment(Segment {
        from: SocketAddr::new(from, port(0)),
        to: SocketAddr::new(to, port(2)),
        flags: TcpFlags::from_bits(port(12)),
        seq: wide(4),
        ack: wide(8),
    }))
}

/// By the whole header.
fn slowly(record: &Captured<'_>) -> Peek {
    let mut scratch = Vec::new();
    match captured(record, &mut scratch) {
        Content::Ip { packet, .. } => of_packet(&packet),
        _ => Peek::Other,
    }
}

fn of_packet(packet: &Packet<'_>) -> Peek {
    match (&packet.transport, concern(packet)) {
        (Transport::Tcp(tcp), Some((from, to))) => {
            Peek::Segment(Segment { from, to, flags: tcp.flags, seq: tcp.seq, ack: tcp.ack })
        }
        (_, Some((from, to))) => Peek::Error(from, to),
        (Transport::Icmpv4(_) | Transport::Icmpv6(_), None) => Peek::Icmp(packet.ip.source()),
        _ => Peek::Other,
    }
}

/// A number for the two ends of a connection, the same in both directions.
pub(super) fn of_connection(from: SocketAddr, to: SocketAddr) -> u64 {
    mixed(of_end(from).wrapping_add(of_end(to)))
}

/// A number for one direction of a connection.
pub(super) fn of_direction(from: SocketAddr, to: SocketAddr) -> u64 {
    mixed(of_end(from).wrapping_add(of_end(to).rotate_left(1)))
}

/// A number for a host.
pub(super) fn of_host(host: IpAddr) -> u64 {
    of_end(SocketAddr::new(host, 0))
}

fn of_end(end: SocketAddr) -> u64 {
    let address = match end.ip() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => {
            let [high, low] = [64, 0].map(|by| u64::try_from(address.to_bits() >> by & u128::from(u64::MAX)));
            mixed(high.unwrap_or(0)) ^ low.unwrap_or(0)
        }
    };
    mixed(address << 16 ^ address >> 48 ^ u64::from(end.port()))
}

/// The finaliser of SplitMix64: every bit of the input changes about half of those of the output. It is the same on
/// every machine, so that the shares of the judges are, too.
const fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
