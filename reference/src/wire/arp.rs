//! Address resolution for IPv4 over Ethernet, RFC 826.
//!
//! ```text
//! | hardware 2 | protocol 2 | hlen 1 | plen 1 | operation 2 | sender 6+4 | target 6+4 |
//! ```
//!
//! Left out: other hardware and other protocols; such packets stay octets in a frame.

use super::error::{Error, Layer};
use super::number::{EtherType, MacAddr};
use super::read::{Parsed, block, located, unexpected};
use super::write::{fill, room};
use core::net::Ipv4Addr;
use nom::Parser;

/// What an ARP packet wants (`ar$op`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ArpOperation(pub u16);

impl ArpOperation {
    /// Who has the target's protocol address?
    pub const REQUEST: Self = Self(1);
    /// The sender has its protocol address.
    pub const REPLY: Self = Self(2);
}

/// An ARP packet for IPv4 over Ethernet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Arp<'a> {
    /// Request, reply, or what else there may be.
    pub operation: ArpOperation,
    /// The sender's Ethernet address.
    pub sender_mac: MacAddr,
    /// The sender's IPv4 address; 0.0.0.0 in a probe (RFC 5227).
    pub sender_ip: Ipv4Addr,
    /// The target's Ethernet address, of no meaning in a request.
    pub target_mac: MacAddr,
    /// The target's IPv4 address.
    pub target_ip: Ipv4Addr,
    /// What follows the packet in its frame: padding.
    pub trailer: &'a [u8],
}

impl<'a> Arp<'a> {
    /// Octets of the packet itself.
    pub const LEN: usize = 28;

    /// Asks who has `target`.
    #[must_use]
    pub const fn request(sender_mac: MacAddr, sender_ip: Ipv4Addr, target: Ipv4Addr) -> Self {
        Self {
            operation: ArpOperation::REQUEST,
            sender_mac,
            sender_ip,
            target_mac: MacAddr::ZERO,
            target_ip: target,
            trailer: &[],
        }
    }

    /// The answer to `self` from the owner of `mac`: the addresses change places (RFC 826, packet reception).
    #[must_use]
    pub const fn reply(&self, mac: MacAddr) -> Self {
        Self {
            operation: ArpOperation::REPLY,
            sender_mac: mac,
            sender_ip: self.target_ip,
            target_mac: self.sender_mac,
            target_ip: self.sender_ip,
            trailer: &[],
        }
    }

    /// Reads a packet; what follows it is its trailer.
    ///
    /// # Errors
    /// If the octets end within the packet, or it is not about IPv4 over Ethernet.
    pub fn parse(octets: &'a [u8]) -> Result<Self, Error> {
        Self::parse_at(octets, 0)
    }

    pub(super) fn parse_at(octets: &'a [u8], offset: usize) -> Result<Self, Error> {
        let (trailer, arp) = located(Layer::Arp, offset, octets, packet(octets))?;
        Ok(Self { trailer, ..arp })
    }

    /// Octets on the wire, with the trailer.
    #[must_use]
    pub const fn wire_len(&self) -> usize {
        Self::LEN + self.trailer.len()
    }

    /// Writes packet and trailer at the start of `out` and gives their length.
    ///
    /// # Errors
    /// If `out` is too short.
    pub fn emit(&self, out: &mut [u8]) -> Result<usize, Error> {
        let len = self.wire_len();
        let out = room(Layer::Arp, out, len)?;
        fill(
            out,
            &[
                &KIND,
                &self.operation.0.to_be_bytes(),
                &self.sender_mac.0,
                &self.sender_ip.octets(),
                &self.target_mac.0,
                &self.target_ip.octets(),
                self.trailer,
            ],
        );
        Ok(len)
    }
}

/// Hardware Ethernet (1), protocol IPv4, addresses of 6 and 4 octets.
const KIND: [u8; 6] = [0, 1, 8, 0, 6, 4];

fn packet(input: &[u8]) -> Parsed<'_, Arp<'_>> {
    let (rest, octets) = block::<28>("packet").parse(input)?;
    let [h0, h1, p0, p1, hlen, plen, o0, o1, addresses @ ..] = *octets;
    let hardware = u16::from_be_bytes([h0, h1]);
    if hardware != 1 {
        return unexpected(input, "hardware type", 1, usize::from(hardware));
    }
    let protocol = u16::from_be_bytes([p0, p1]);
    if protocol != EtherType::IPV4.0 {
        return unexpected(
            &input[2..],
            "protocol type",
            usize::from(EtherType::IPV4.0),
            usize::from(protocol),
        );
    }
    if hlen != 6 {
        return unexpected(&input[4..], "hardware address length", 6, usize::from(hlen));
    }
    if plen != 4 {
        return unexpected(&input[5..], "protocol address length", 4, usize::from(plen));
    }
    let [a, b, c, d, e, f, i, j, k, l, m, n, o, p, q, r, s, t, u, v] = addresses;
    let arp = Arp {
        operation: ArpOperation(u16::from_be_bytes([o0, o1])),
        sender_mac: MacAddr([a, b, c, d, e, f]),
        sender_ip: Ipv4Addr::new(i, j, k, l),
        target_mac: MacAddr([m, n, o, p, q, r]),
        target_ip: Ipv4Addr::new(s, t, u, v),
        trailer: &[],
    };
    Ok((rest, arp))
}
