//! Where a packet goes first: to its destination if that is on the link, else to the gateway (RFC 1122 3.3.1.1).
//!
//! Left out: redirects (RFC 1122 3.2.2.2; they are ignored, as a host with one gateway gains nothing by them),
//! several gateways and dead gateway detection.

use super::address::Addresses;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The gateways of the host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gateways {
    /// For IPv4 off the link.
    pub ipv4: Option<Ipv4Addr>,
    /// For IPv6 off the link.
    pub ipv6: Option<Ipv6Addr>,
}

impl Gateways {
    /// The neighbour to send a unicast packet for `destination` to; `None` if there is no way.
    pub fn next_hop(&self, addresses: &Addresses, destination: IpAddr) -> Option<IpAddr> {
        // RFC 1122 3.3.1.1 (b); a host without addresses of that version has no link in it.
        addresses.source_for(destination)?;
        if addresses.is_on_link(destination) {
            return Some(destination);
        }
        let gateway = match destination {
            IpAddr::V4(_) => self.ipv4.map(IpAddr::V4),
            IpAddr::V6(_) => self.ipv6.map(IpAddr::V6),
        };
        gateway.filter(|gateway| addresses.is_on_link(*gateway))
    }
}

#[cfg(test)]
mod tests {
    use super::super::address::Prefix;
    use super::*;
    use crate::wire::MacAddr;

    fn next_hop(gateways: Gateways, destination: &str) -> Option<String> {
        let addresses = Addresses {
            mac: MacAddr([2, 0, 0, 0, 0, 2]),
            ipv4: vec![Prefix { address: Ipv4Addr::new(192, 0, 2, 2), length: 24 }],
            ipv6: vec![Prefix { address: "2001:db8::2".parse().unwrap(), length: 64 }],
        };
        gateways.next_hop(&addresses, destination.parse().unwrap()).map(|hop| hop.to_string())
    }

    #[test]
    fn neighbours_are_spoken_to_directly_and_all_others_through_the_gateway() {
        let gateways =
            Gateways { ipv4: Some(Ipv4Addr::new(192, 0, 2, 1)), ipv6: Some("fe80::1".parse().unwrap()) };
        assert_eq!(next_hop(gateways, "192.0.2.77").as_deref(), Some("192.0.2.77"));
        assert_eq!(next_hop(gateways, "198.51.100.1").as_deref(), Some("192.0.2.1"));
        assert_eq!(next_hop(gateways, "2001:db8::77").as_deref(), Some("2001:db8::77"));
        assert_eq!(next_hop(gateways, "2001:db8:1::1").as_deref(), Some("fe80::1"));
    }

    #[test]
    fn without_a_gateway_on_the_link_there_is_no_way_off_it() {
        assert_eq!(next_hop(Gateways::default(), "198.51.100.1"), None);
        let far = Gateways { ipv4: Some(Ipv4Addr::new(198, 51, 100, 1)), ipv6: None };
        assert_eq!(next_hop(far, "203.0.113.1"), None);
        assert_eq!(next_hop(far, "2001:db8:1::1"), None);
    }
}
