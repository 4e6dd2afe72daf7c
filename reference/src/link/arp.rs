//! ARP: IPv4 addresses to link addresses, RFC 826 with RFC 1122 2.3.2 and what RFC 5227 asks of those who are probed.

use super::neighbour::{Advertisement, Neighbours};
use crate::ip::address::Addresses;
use crate::time::Instant;
use crate::wire::{Arp, ArpOperation, MacAddr};
use core::net::IpAddr;

/// Why an ARP packet has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discard {
    /// This host speaks no IPv4.
    NoIpv4,
    /// Its sender cannot be a neighbour: a group, ourselves, or nobody.
    Sender,
    /// It is neither request nor reply.
    Operation,
}

/// Handles an ARP packet as RFC 826, "Packet Reception", says, and returns the reply to send, if any.
///
/// # Errors
/// [`Discard`] says why it has no effect.
pub fn handle<'a>(
    now: Instant,
    addresses: &Addresses,
    neighbours: &mut Neighbours,
    arp: &Arp<'a>,
) -> Result<Option<Arp<'a>>, Discard> {
    if addresses.ipv4.is_empty() {
        return Err(Discard::NoIpv4);
    }
    let own = IpAddr::V4(arp.target_ip);
    let is_for_us = addresses.is_own(own);
    let sender = IpAddr::V4(arp.sender_ip);
    // Another host that says to have our address must not become our neighbour (RFC 5227 2.4).
    let is_neighbour = addresses.martian(sender).is_none()
        && addresses.is_on_link(sender)
        && !arp.sender_mac.is_group()
        && arp.sender_mac != MacAddr::ZERO
        && arp.sender_mac != addresses.mac;
    match arp.operation {
        ArpOperation::REQUEST => {
            if is_neighbour && is_for_us {
                neighbours.handle_solicitation(now, sender, arp.sender_mac, own);
            } else if is_neighbour {
                neighbours.handle_overheard(now, sender, arp.sender_mac);
            } else if !arp.sender_ip.is_unspecified() {
                return Err(Discard::Sender);
            }
            // A probe (RFC 5227 2.1.1, sender 0.0.0.0) is answered like any request.
            Ok(is_for_us.then(|| arp.reply(addresses.mac)))
        }
        ArpOperation::REPLY if !is_neighbour => Err(Discard::Sender),
        // RFC 826 treats replies like requests. Only one that is sent to us can answer a request of ours.
        ArpOperation::REPLY => {
            let solicited = is_for_us && arp.target_mac == addresses.mac;
            let mac = Some(arp.sender_mac);
            let advertisement = Advertisement { target: sender, mac, solicited, overriding: true };
            neighbours.handle_advertisement(now, advertisement);
            Ok(None)
        }
        ArpOperation(_) => Err(Discard::Operation),
    }
}
