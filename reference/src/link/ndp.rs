//! Neighbour discovery: IPv6 addresses to link addresses, RFC 4861 7.
//!
//! Left out: routers and their advertisements, redirects, duplicate address detection of our own addresses.

use super::neighbour::{Advertisement, Neighbours};
use crate::ip::Arrival;
use crate::ip::address::{ALL_NODES, Addresses, Reach, solicited_node};
use crate::ip::send::LINK_HOP_LIMIT;
use crate::time::Instant;
use crate::wire::{Icmpv6, Icmpv6Message, MacAddr, NdpOption, NdpOptions, NeighborFlags};
use core::net::{IpAddr, Ipv6Addr};

/// Octets of an option that holds a link address, RFC 4861 4.6.1.
pub const LINK_ADDRESS_OPTION_LEN: usize = 8;

/// An advertisement to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Our address that was asked for; also where it is sent from.
    pub target: Ipv6Addr,
    /// Who asked, or all nodes.
    pub destination: Ipv6Addr,
    /// The flags.
    pub flags: NeighborFlags,
}

/// A message that RFC 4861 7.1 does not let through, or that has no meaning here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid;

/// Handles a neighbour solicitation or advertisement whose checksum is right, and returns what to reply, if anything.
///
/// # Errors
/// [`Invalid`] if it is not valid, or not for this host.
pub fn handle(
    now: Instant,
    addresses: &Addresses,
    neighbours: &mut Neighbours,
    arrival: &Arrival<'_>,
    icmp: &Icmpv6<'_>,
) -> Result<Option<Reply>, Invalid> {
    let (IpAddr::V6(source), IpAddr::V6(destination)) = (arrival.source, arrival.destination) else {
        return Err(Invalid);
    };
    // RFC 4861 7.1.1 and 7.1.2: what all messages have in common.
    let options_are_whole = |options: &NdpOptions<'_>| options.iter().all(|option| option.is_ok());
    if arrival.hop_limit != LINK_HOP_LIMIT || icmp.code != 0 {
        return Err(Invalid);
    }
    match icmp.message {
        Icmpv6Message::NeighborSolicitation { target, options, .. } => {
            let is_valid = !target.is_multicast() && options_are_whole(&options);
            // RFC 4861 7.2.3: only for our own addresses.
            if !is_valid || addresses.reach(IpAddr::V6(target)) != Reach::Own {
                return Err(Invalid);
            }
            let mac = options.source_mac().filter(|mac| is_somebody(addresses, *mac));
            if source.is_unspecified() {
                // RFC 4861 7.1.1: duplicate address detection names nobody, and asks the group.
                if options.source_mac().is_some() || destination != solicited_node(target) {
                    return Err(Invalid);
                }
            } else if let Some(mac) = mac {
                neighbours.handle_solicitation(now, IpAddr::V6(source), mac, IpAddr::V6(target));
            }
            Ok(Some(reply(source, target)))
        }
        Icmpv6Message::NeighborAdvertisement { flags, target, options } => {
            let solicited = flags.contains(NeighborFlags::SOLICITED);
            let is_valid = !target.is_multicast() && options_are_whole(&options);
            let mac = options.target_mac();
            let is_plausible = mac.is_none_or(|mac| is_somebody(addresses, mac));
            // RFC 4861 7.1.2: nobody answers a question by telling all.
            if !is_valid || !is_plausible || destination.is_multicast() && solicited {
                return Err(Invalid);
            }
            // Somebody claims our address (RFC 4862 5.4.4): it is not our neighbour.
            if addresses.is_own(IpAddr::V6(target)) {
                return Err(Invalid);
            }
            let overriding = flags.contains(NeighborFlags::OVERRIDE);
            let target = IpAddr::V6(target);
            neighbours.handle_advertisement(now, Advertisement { target, mac, solicited, overriding });
            Ok(None)
        }
        _ => Err(Invalid),
    }
}

/// Whether a link address can be that of another host.
fn is_somebody(addresses: &Addresses, mac: MacAddr) -> bool {
    !mac.is_group() && mac != MacAddr::ZERO && mac != addresses.mac
}

/// RFC 4861 7.2.4.
fn reply(asker: Ipv6Addr, target: Ipv6Addr) -> Reply {
    if asker.is_unspecified() {
        return Reply { target, destination: ALL_NODES, flags: NeighborFlags::OVERRIDE };
    }
    let flags = NeighborFlags::SOLICITED.with(NeighborFlags::OVERRIDE);
    Reply { target, destination: asker, flags }
}

/// The octets of an option that tells `mac` as the sender's (of a solicitation).
pub fn source_option(mac: MacAddr) -> [u8; LINK_ADDRESS_OPTION_LEN] {
    option(&NdpOption::SourceLinkLayerAddress(mac))
}

/// The octets of an option that tells `mac` as the target's (of an advertisement).
pub fn target_option(mac: MacAddr) -> [u8; LINK_ADDRESS_OPTION_LEN] {
    option(&NdpOption::TargetLinkLayerAddress(mac))
}

fn option(option: &NdpOption<'_>) -> [u8; LINK_ADDRESS_OPTION_LEN] {
    let mut octets = [0; LINK_ADDRESS_OPTION_LEN];
    // Two octets and six: it always fits.
    let emitted = option.emit(&mut octets);
    debug_assert_eq!(emitted, Ok(LINK_ADDRESS_OPTION_LEN));
    octets
}
