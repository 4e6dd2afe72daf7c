//! A look at a record, no further than is needed to know which judge it goes to: its addresses and ports.
//!
//! A plain segment is judged by these fields as they stand; the headers of what is not plain are read again where the
//! record is judged. What does not look like TCP over IP is read here too, since an ICMP error goes where the connection
//! is that it quotes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use wireproof_reference::wire::{Packet, Protocol, TcpFlags, Transport};

use crate::capture::link::{
    Captured, Content, ETHERNET, IPV4, IPV6, LINUX_SLL, LINUX_SLL2, LOOP, NULL, RAW, SLL_LEN, SLL2_LEN,
    captured,
};
use crate::oracle::{Plain, concern};

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
    /// Numbers for both ends.
    hashes: [u64; 2],
}

impl Segment {
    #[inline]
    pub(super) fn new((from, to): (SocketAddr, SocketAddr), flags: TcpFlags, seq: u32, ack: u32) -> Self {
        Self { from, to, flags, seq, ack, hashes: [of_end(from), of_end(to)] }
    }

    /// A number for its connection, the same in both directions.
    #[inline]
    pub(super) const fn of_connection(&self) -> u64 {
        let [from, to] = self.hashes;
        mixed(from.wrapping_add(to))
    }

    /// A number for its direction of the connection.
    #[inline]
    pub(super) const fn of_direction(&self) -> u64 {
        let [from, to] = self.hashes;
        mixed(from.wrapping_add(to.rotate_left(1)))
    }

    /// A number for the other direction.
    #[inline]
    pub(super) const fn of_answer(&self) -> u64 {
        let [from, to] = self.hashes;
        mixed(to.wrapping_add(from.rotate_left(1)))
    }
}

/// Where the IP packet of a record begins, if nothing but the packet's own header tells how it is read.
#[inline]
pub(super) fn plain_ip(record: &Captured<'_>) -> Option<usize> {
    if record.fcs != 0 {
        return None;
    }
    let is_ip = |at: usize| matches!(record.octets.get(at..at + 2), Some([0x08, 0x00] | [0x86, 0xdd]));
    match record.link {
        ETHERNET => {
            let version = record.octets.get(ETHERNET_LEN)? >> 4;
            let is_told = match record.octets.get(ETHERNET_LEN - 2..ETHERNET_LEN)? {
                [0x08, 0x00] => version == 4,
                [0x86, 0xdd] => version == 6,
                _ => false,
            };
            is_told.then_some(ETHERNET_LEN)
        }
        LINUX_SLL => is_ip(SLL_LEN - 2).then_some(SLL_LEN),
        LINUX_SLL2 => is_ip(0).then_some(SLL2_LEN),
        IPV4 | IPV6 => Some(0),
        link if RAW.contains(&link) => Some(0),
        _ => None,
    }
}

/// What the record is, and whether it is a plain segment behind so many octets.
#[inline]
pub(super) fn look(record: &Captured<'_>) -> (Peek, Option<usize>) {
    let at = plain_ip(record);
    let plain = at.and_then(|at| Plain::read(record.octets.get(at..)?));
    match plain {
        Some(Plain { from, to, flags, seq, ack, .. }) => {
            (Peek::Segment(Segment::new((from, to), flags, seq, ack)), at)
        }
        None => (peek(record), None),
    }
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
    let ends = (SocketAddr::new(from, port(0)), SocketAddr::new(to, port(2)));
    Some(Peek::Segment(Segment::new(ends, TcpFlags::from_bits(port(12)), wide(4), wide(8))))
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
            Peek::Segment(Segment::new((from, to), tcp.flags, tcp.seq, tcp.ack))
        }
        (_, Some((from, to))) => Peek::Error(from, to),
        (Transport::Icmpv4(_) | Transport::Icmpv6(_), None) => Peek::Icmp(packet.ip.source()),
        _ => Peek::Other,
    }
}

/// A number for the two ends of a connection, the same in both directions.
#[inline]
pub(super) fn of_connection(from: SocketAddr, to: SocketAddr) -> u64 {
    mixed(of_end(from).wrapping_add(of_end(to)))
}

/// A number for a host.
pub(super) fn of_host(host: IpAddr) -> u64 {
    of_end(SocketAddr::new(host, 0))
}

#[inline]
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

#[cfg(test)]
mod tests {
    use super::*;

    /// IPv4 and TCP: 192.0.2.1:1025 to 192.0.2.2:80, SEQ 7, SYN.
    const SYN: &str =
        "45000028 00000000 40060000 c0000201 c0000202 0401 0050 00000007 00000009 5002 2000 0000 0000";
    /// The same over IPv6, from 2001:db8::1 to 2001:db8::2.
    const SYN6: &str = "60000000 00140640 20010db8000000000000000000000001 20010db8000000000000000000000002
        0401 0050 00000007 00000009 5002 2000 0000 0000";

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
        digits.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
    }

    fn peeked(link: u32, octets: &[u8]) -> [Peek; 2] {
        let original_len = u32::try_from(octets.len()).unwrap();
        let record = Captured { link, fcs: 0, octets, original_len };
        [peek(&record), slowly(&record)]
    }

    #[test]
    fn a_look_sees_what_the_whole_header_says_on_every_link() {
        let links = [
            (1, "020000000002 020000000001 0800", "020000000002 020000000001 86dd"),
            (
                1,
                "020000000002 020000000001 8100 0005 0800",
                "020000000002 020000000001 88a8 0005 8100 0006 86dd",
            ),
            (101, "", ""),
            (113, "0000 0001 0006 0200000000010000 0800", "0000 0001 0006 0200000000010000 86dd"),
            (0, "02000000", "1e000000"),
            (
                276,
                "0800 0000 00000001 0001 00 06 0200000000010000",
                "86dd 0000 00000001 0001 00 06 0200000000010000",
            ),
        ];
        for (link, v4, v6) in links {
            for (head, packet) in [(v4, SYN), (v6, SYN6)] {
                let [quick, slow] = peeked(link, &hex(&format!("{head}{packet}")));
                assert_eq!(quick, slow, "{link} {packet}");
                let Peek::Segment(segment) = quick else { panic!("{link}: {quick:?}") };
                assert_eq!(
                    (segment.from.port(), segment.to.port(), segment.seq, segment.ack),
                    (1_025, 80, 7, 9)
                );
                assert!(segment.flags.syn());
            }
        }
    }

    #[test]
    fn an_error_goes_where_the_connection_is_that_it_quotes() {
        let head = "45000038 00000000 40010000 c0000209 c0000201 0301 0000 00000000";
        let quote = "45000028 00000000 40060000 c0000201 c0000202 0401 0050 00000007";
        let [peek, _] = peeked(101, &hex(&format!("{head}{quote}")));
        let Peek::Error(from, to) = peek else { panic!("{peek:?}") };
        let [Peek::Segment(segment), _] = peeked(101, &hex(SYN)) else { panic!("no segment") };
        assert_eq!((from, to), (segment.from, segment.to));
        assert_eq!(of_connection(from, to), of_connection(to, from));
        assert_eq!(of_connection(from, to), segment.of_connection());
        assert_ne!(segment.of_direction(), segment.of_answer());
    }

    #[test]
    fn no_octets_are_too_few_for_a_look() {
        for link in [0, 1, 101, 113, 228, 276] {
            let whole = hex(&format!("020000000002 020000000001 0800 {SYN}"));
            for length in 0..whole.len() {
                peeked(link, &whole[..length]);
            }
        }
    }
}
