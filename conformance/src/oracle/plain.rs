//! A segment as nearly all come: in an IP packet without options, extension headers or fragments, all of it there.
//!
//! Its fields are read where they stand, without the steps that other packets take. What is not plain in this sense is
//! left to whoever reads packets in general; both see the same in what is plain, which a test holds against each other.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use wireproof_reference::wire::checksum::Sum as Adding;
use wireproof_reference::wire::{Protocol, PseudoHeader, TcpFlags};

use super::segment::Sum;

const V4_LEN: usize = 20;
const V6_LEN: usize = 40;
const TCP_LEN: usize = 20;
/// Version 4 and a header of five words (RFC 791 3.1).
const V4_PLAIN: u8 = 0x45;
/// More fragments, or a fragment offset.
const FRAGMENT: u16 = 0x3fff;
const DONT_FRAGMENT: u16 = 0x4000;

/// A segment, with what its IP header says of it.
#[derive(Clone, Copy, Debug)]
pub struct Plain<'a> {
    /// Its sender.
    pub from: SocketAddr,
    /// Its receiver.
    pub to: SocketAddr,
    /// Flags and reserved bits.
    pub flags: TcpFlags,
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgment number, whether the ACK bit is set or not.
    pub ack: u32,
    pub(super) window: u16,
    pub(super) checksum: u16,
    pub(super) urgent: u16,
    pub(super) options: &'a [u8],
    pub(super) payload: &'a [u8],
    /// IPv4's identification.
    pub(super) identification: Option<u16>,
    /// IPv4 without DF.
    pub(super) may_be_cut: bool,
    ip: &'a [u8],
    tcp: &'a [u8],
}

impl<'a> Plain<'a> {
    /// Reads the segment of an IP packet; `None` if it is not plain. Octets behind the packet are no part of it.
    #[inline]
    pub fn read(octets: &'a [u8]) -> Option<Self> {
        match octets.first() {
            Some(&V4_PLAIN) => Self::v4(octets),
            Some(first) if first >> 4 == 6 => Self::v6(octets),
            _ => None,
        }
    }

    #[inline(always)]
    fn v4(octets: &'a [u8]) -> Option<Self> {
        let ip = octets.first_chunk::<V4_LEN>()?;
        let [.., l0, l1, i0, i1, f0, f1, _, protocol, _, _, s0, s1, s2, s3, d0, d1, d2, d3] = *ip;
        let flags = u16::from_be_bytes([f0, f1]);
        if flags & FRAGMENT != 0 || protocol != Protocol::TCP.0 {
            return None;
        }
        let tcp = octets.get(V4_LEN..usize::from(u16::from_be_bytes([l0, l1])))?;
        let ends = (Ipv4Addr::new(s0, s1, s2, s3).into(), Ipv4Addr::new(d0, d1, d2, d3).into());
        let plain = Self::tcp(ip, tcp, ends)?;
        let identification = Some(u16::from_be_bytes([i0, i1]));
        Some(Self { identification, may_be_cut: flags & DONT_FRAGMENT == 0, ..plain })
    }

    fn v6(octets: &'a [u8]) -> Option<Self> {
        let ip = octets.first_chunk::<V6_LEN>()?;
        let (from, to) = (ip[8..24].first_chunk::<16>()?, ip[24..40].first_chunk::<16>()?);
        if ip[6] != Protocol::TCP.0 {
            return None;
        }
        let len = usize::from(u16::from_be_bytes([ip[4], ip[5]]));
        let tcp = octets.get(V6_LEN..V6_LEN + len)?;
        Self::tcp(ip, tcp, (Ipv6Addr::from(*from).into(), Ipv6Addr::from(*to).into()))
    }

    #[inline(always)]
    fn tcp(ip: &'a [u8], tcp: &'a [u8], (from, to): (IpAddr, IpAddr)) -> Option<Self> {
        let head = tcp.first_chunk::<TCP_LEN>()?;
        let [s0, s1, d0, d1, n0, n1, n2, n3, a0, a1, a2, a3, f0, f1, w0, w1, c0, c1, u0, u1] = *head;
        let header_len = usize::from(f0 >> 4) * 4;
        let options = tcp.get(TCP_LEN..header_len)?;
        let payload = tcp.get(header_len..)?;
        Some(Self {
            from: SocketAddr::new(from, u16::from_be_bytes([s0, s1])),
            to: SocketAddr::new(to, u16::from_be_bytes([d0, d1])),
            flags: TcpFlags::from_bits(u16::from_be_bytes([f0, f1])),
            seq: u32::from_be_bytes([n0, n1, n2, n3]),
            ack: u32::from_be_bytes([a0, a1, a2, a3]),
            window: u16::from_be_bytes([w0, w1]),
            checksum: u16::from_be_bytes([c0, c1]),
            urgent: u16::from_be_bytes([u0, u1]),
            options,
            payload,
            identification: None,
            may_be_cut: false,
            ip,
            tcp,
        })
    }

    /// Whether the IP header's checksum is right, if it has one, and that of the segment. In a capture the latter may be
    /// left to the network card: it then holds the sum of the pseudo-header alone, as Linux leaves it.
    #[inline]
    pub(super) fn sums(&self) -> (Sum, Sum) {
        let ip = match self.identification {
            Some(_) => Sum::from_rest(Adding::ZERO.octets(self.ip).checksum()),
            None => Sum::Unknown,
        };
        let Some(pseudo) = PseudoHeader::new(self.from.ip(), self.to.ip()) else { return (ip, Sum::Unknown) };
        let pseudo = pseudo.sum(Protocol::TCP, self.tcp.len());
        if self.checksum == !pseudo.checksum() {
            return (ip, Sum::Unknown);
        }
        (ip, Sum::from_rest(pseudo.octets(self.tcp).checksum()))
    }
}
