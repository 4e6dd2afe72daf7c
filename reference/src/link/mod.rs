//! Ethernet in and out, and the neighbour cache.
//!
//! | room | what | RFCs |
//! |---|---|---|
//! | here | which frames are for this host | RFC 894, RFC 1112 6.4, RFC 2464 |
//! | [`neighbour`] | link addresses of neighbours, for ARP and NDP | RFC 826, RFC 1122 2.3.2, RFC 4861 7 |
//! | [`arp`] | ARP packets to and from the cache | RFC 826, RFC 5227 |
//! | [`ndp`] | neighbour solicitations and advertisements to and from the cache | RFC 4861 7 |
//!
//! Left out: IEEE 802.3 encapsulation with LLC (RFC 1122 2.3.3 says MAY receive), VLANs other than priority tags.

pub mod arp;
pub mod ndp;
pub mod neighbour;

use crate::ip::address::{ALL_HOSTS, ALL_NODES, Addresses, solicited_node};
use crate::wire::{Ethernet, MacAddr};

/// How a frame was addressed: an ICMP error never answers a group (RFC 1122 3.2.2, RFC 4443 2.4 (e)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// To this host's link address.
    Unicast,
    /// To a multicast group that this host listens to.
    Multicast,
    /// To all.
    Broadcast,
}

/// Why a frame is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discard {
    /// It is for another host or a group that this one does not belong to.
    NotForUs,
    /// Its source is a group address: nobody's.
    GroupSource,
    /// It belongs to a VLAN that this host is not in.
    Vlan,
}

/// Whether a frame with this header is for the host with these addresses, and how it was addressed.
///
/// # Errors
/// [`Discard`] says why it is not.
pub fn accept(addresses: &Addresses, header: &Ethernet) -> Result<Cast, Discard> {
    // IEEE 802.1Q: identifier 0 is a priority without a VLAN.
    if header.tags.iter().any(|tag| tag.vlan() != 0) {
        return Err(Discard::Vlan);
    }
    if header.source.is_group() {
        return Err(Discard::GroupSource);
    }
    if header.destination == addresses.mac {
        Ok(Cast::Unicast)
    } else if header.destination.is_broadcast() {
        Ok(Cast::Broadcast)
    } else if groups(addresses).any(|group| group == header.destination) {
        Ok(Cast::Multicast)
    } else {
        Err(Discard::NotForUs)
    }
}

/// The link groups of the host: all hosts (RFC 1112 7.2), all nodes and the solicited-node groups (RFC 4291 2.8).
fn groups(addresses: &Addresses) -> impl Iterator<Item = MacAddr> {
    let ipv4 = addresses.ipv4.first().map(|_| MacAddr::from_ipv4_multicast(ALL_HOSTS));
    let nodes = addresses.ipv6.first().map(|_| ALL_NODES);
    let own = addresses.ipv6.iter().map(|own| own.address).chain(addresses.link_local());
    let ipv6 = nodes.into_iter().chain(own.map(solicited_node)).map(MacAddr::from_ipv6_multicast);
    ipv4.into_iter().chain(ipv6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ip::address::Prefix;
    use crate::wire::{EtherType, VlanTag, VlanTags};
    use core::net::Ipv4Addr;

    fn ours() -> Addresses {
        Addresses {
            mac: MacAddr([2, 0, 0, 0, 0, 2]),
            ipv4: vec![Prefix { address: Ipv4Addr::new(192, 0, 2, 2), length: 24 }],
            ipv6: vec![Prefix { address: "2001:db8::1:2".parse().unwrap(), length: 64 }],
        }
    }

    const SENDER: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);

    fn to(destination: [u8; 6]) -> Ethernet {
        Ethernet::new(SENDER, MacAddr(destination), EtherType::IPV4)
    }

    #[test]
    fn frames_for_us_for_all_and_for_our_groups_are_taken() {
        let cases = [
            ([2, 0, 0, 0, 0, 2], Ok(Cast::Unicast)),
            ([0xff; 6], Ok(Cast::Broadcast)),
            ([0x01, 0x00, 0x5e, 0, 0, 1], Ok(Cast::Multicast)),
            ([0x33, 0x33, 0, 0, 0, 1], Ok(Cast::Multicast)),
            ([0x33, 0x33, 0xff, 1, 0, 2], Ok(Cast::Multicast)),
            ([0x33, 0x33, 0xff, 0, 0, 2], Ok(Cast::Multicast)),
            ([0x33, 0x33, 0xff, 0, 0, 3], Err(Discard::NotForUs)),
            ([0x01, 0x00, 0x5e, 0, 0, 2], Err(Discard::NotForUs)),
            ([2, 0, 0, 0, 0, 3], Err(Discard::NotForUs)),
        ];
        for (destination, expected) in cases {
            assert_eq!(accept(&ours(), &to(destination)), expected, "{}", MacAddr(destination));
        }
    }

    #[test]
    fn frames_from_a_group_or_in_a_vlan_are_not_taken() {
        let mut frame = to([2, 0, 0, 0, 0, 2]);
        frame.source = MacAddr([3, 0, 0, 0, 0, 1]);
        assert_eq!(accept(&ours(), &frame), Err(Discard::GroupSource));
        frame.source = SENDER;
        frame.tags = VlanTags::One(VlanTag::new(7));
        assert_eq!(accept(&ours(), &frame), Err(Discard::Vlan));
        frame.tags = VlanTags::One(VlanTag::new(0));
        assert_eq!(accept(&ours(), &frame), Ok(Cast::Unicast));
    }
}
