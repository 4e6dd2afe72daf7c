//! Whose address is it: the addresses of the host's one interface, which may be several, and which addresses may not appear.
//!
//! RFC 1122 3.2.1.3 and 3.3.6, RFC 4291 2, RFC 9293 3.9.2.3. Left out: duplicate address detection (RFC 4862 5.4;
//! addresses are configured by hand and a second owner is the configuration's fault), group membership reports.

use crate::wire::MacAddr;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address and how many of its leading bits name the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix<A> {
    /// The host's address.
    pub address: A,
    /// Leading bits that all hosts of the link share: at most 32 (IPv4) or 128; more counts as all.
    pub length: u8,
}

/// The addresses of the interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The link address.
    pub mac: MacAddr,
    /// The IPv4 addresses, the preferred one first; none if the host does not speak IPv4.
    pub ipv4: Vec<Prefix<Ipv4Addr>>,
    /// The global IPv6 addresses, the preferred one first; none if the host does not speak IPv6.
    pub ipv6: Vec<Prefix<Ipv6Addr>>,
}

/// How a packet is addressed, as seen from this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To this host alone.
    Own,
    /// To every host of the link.
    Broadcast,
    /// To a group that this host belongs to.
    Group,
    /// To somebody else.
    Other,
}

/// Why an address cannot be the source of a packet that arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Martian {
    /// 0.0.0.0/8 or `::`: this host, or nobody.
    Unspecified,
    /// 127.0.0.0/8 or `::1`: never on a wire.
    Loopback,
    /// A broadcast address.
    Broadcast,
    /// A multicast group.
    Multicast,
    /// 240.0.0.0/4, reserved.
    ClassE,
    /// `::ffff:0:0/96`: IPv4 in IPv6's clothes, never on a wire.
    Mapped,
    /// One of our own addresses, sent by somebody else.
    Own,
}

impl Addresses {
    /// The link-local address, from the link address (RFC 4291 2.5.6 and appendix A), if the host speaks IPv6.
    pub fn link_local(&self) -> Option<Ipv6Addr> {
        let MacAddr([a, b, c, d, e, f]) = self.mac;
        let interface = [a ^ 2, b, c, 0xff, 0xfe, d, e, f];
        let bits = (0xfe80_u128 << 112) | u128::from(u64::from_be_bytes(interface));
        (!self.ipv6.is_empty()).then(|| Ipv6Addr::from_bits(bits))
    }

    /// Whether `address` is one of this host's own.
    pub fn is_own(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.ipv4.iter().any(|own| own.address == address),
            IpAddr::V6(address) => {
                self.ipv6.iter().any(|own| own.address == address) || self.link_local() == Some(address)
            }
        }
    }

    /// All addresses of this host, the preferred ones of each version first.
    pub fn own(&self) -> impl Iterator<Item = IpAddr> {
        let ipv4 = self.ipv4.iter().map(|own| IpAddr::V4(own.address));
        let ipv6 = self.ipv6.iter().map(|own| own.address).chain(self.link_local());
        ipv4.chain(ipv6.map(IpAddr::V6))
    }

    /// Whether `address` is on the link, so that it is asked for its link address itself.
    pub fn is_on_link(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.ipv4.iter().any(|own| own.contains(address)),
            IpAddr::V6(address) => {
                address.is_unicast_link_local() || self.ipv6.iter().any(|own| own.contains(address))
            }
        }
    }

    /// How a packet to `destination` is addressed.
    pub fn reach(&self, destination: IpAddr) -> Reach {
        if self.is_own(destination) {
            return Reach::Own;
        }
        match destination {
            IpAddr::V4(address) if self.is_broadcast(address) => Reach::Broadcast,
            // RFC 1112 7.2: every host belongs to all-hosts.
            IpAddr::V4(address) if address == ALL_HOSTS => Reach::Group,
            IpAddr::V6(address) if !self.ipv6.is_empty() && self.is_group(address) => Reach::Group,
            IpAddr::V4(_) | IpAddr::V6(_) => Reach::Other,
        }
    }

    /// RFC 4291 2.8: all nodes, on the interface and on the link, and the solicited-node groups of our addresses.
    fn is_group(&self, address: Ipv6Addr) -> bool {
        let mut own = self.ipv6.iter().map(|own| own.address).chain(self.link_local());
        address == ALL_NODES
            || address == ALL_NODES_OF_INTERFACE
            || own.any(|own| solicited_node(own) == address)
    }

    /// RFC 1122 3.2.1.3 (c), (d), (e), and 3.3.6 for the forms with zeros that old hosts use.
    fn is_broadcast(&self, address: Ipv4Addr) -> bool {
        let directed = self.ipv4.iter().any(|own| {
            // Two addresses or one: no host part that could be all ones (RFC 3021).
            own.length < 31 && own.contains(address) && {
                let host = address.to_bits() & !own.mask();
                host == !own.mask() || host == 0
            }
        });
        directed || address.is_broadcast()
    }

    /// Why no packet with this source can be answered or believed, if so (RFC 1122 3.2.1.3, RFC 9293 3.9.2.3).
    pub fn martian(&self, source: IpAddr) -> Option<Martian> {
        if self.is_own(source) {
            return Some(Martian::Own);
        }
        match source {
            IpAddr::V4(source) => match source.octets()[0] {
                0 => Some(Martian::Unspecified),
                127 => Some(Martian::Loopback),
                _ if self.is_broadcast(source) => Some(Martian::Broadcast),
                224..=239 => Some(Martian::Multicast),
                240..=255 => Some(Martian::ClassE),
                1..=126 | 128..=223 => None,
            },
            IpAddr::V6(source) if source.is_unspecified() => Some(Martian::Unspecified),
            IpAddr::V6(source) if source.is_loopback() => Some(Martian::Loopback),
            IpAddr::V6(source) if source.is_multicast() => Some(Martian::Multicast),
            IpAddr::V6(source) if source.to_ipv4_mapped().is_some() => Some(Martian::Mapped),
            IpAddr::V6(_) => None,
        }
    }

    /// The address of ours to speak to `destination` from: of its version, and link-local to link-local; on its network
    /// if we have one there (RFC 1122 3.3.4.3 (a), RFC 6724 5, rule 8), else the preferred one.
    pub fn source_for(&self, destination: IpAddr) -> Option<IpAddr> {
        match destination {
            IpAddr::V4(destination) => {
                let near = self.ipv4.iter().find(|own| own.contains(destination));
                near.or(self.ipv4.first()).map(|own| IpAddr::V4(own.address))
            }
            IpAddr::V6(destination) if destination.is_unicast_link_local() => {
                self.link_local().map(IpAddr::V6)
            }
            IpAddr::V6(destination) => {
                let near = self.ipv6.iter().find(|own| own.contains(destination));
                near.or(self.ipv6.first()).map(|own| IpAddr::V6(own.address))
            }
        }
    }
}

/// RFC 1112 4: 224.0.0.1.
pub const ALL_HOSTS: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 1);
/// RFC 4291 2.7.1: `ff02::1`.
pub const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
/// RFC 4291 2.7.1: `ff01::1`.
const ALL_NODES_OF_INTERFACE: Ipv6Addr = Ipv6Addr::new(0xff01, 0, 0, 0, 0, 0, 0, 1);

/// The solicited-node group of `address`: `ff02::1:ff` and its last 24 bits (RFC 4291 2.7.1).
pub const fn solicited_node(address: Ipv6Addr) -> Ipv6Addr {
    let [.., a, b, c] = address.octets();
    Ipv6Addr::from_octets([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, a, b, c])
}

impl Prefix<Ipv4Addr> {
    /// The leading `length` bits set.
    const fn mask(self) -> u32 {
        match u32::MAX.checked_shr(self.length as u32) {
            Some(host) => !host,
            None => u32::MAX,
        }
    }

    const fn contains(self, address: Ipv4Addr) -> bool {
        (self.address.to_bits() ^ address.to_bits()) & self.mask() == 0
    }
}

impl Prefix<Ipv6Addr> {
    const fn mask(self) -> u128 {
        match u128::MAX.checked_shr(self.length as u32) {
            Some(host) => !host,
            None => u128::MAX,
        }
    }

    const fn contains(self, address: Ipv6Addr) -> bool {
        (self.address.to_bits() ^ address.to_bits()) & self.mask() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Addresses {
        Addresses {
            mac: MacAddr([2, 0, 0, 0, 0, 2]),
            ipv4: vec![Prefix { address: Ipv4Addr::new(192, 0, 2, 2), length: 24 }],
            ipv6: vec![Prefix { address: "2001:db8::2".parse().unwrap(), length: 64 }],
        }
    }

    #[test]
    fn each_address_has_its_reach() {
        let cases = [
            ("192.0.2.2", Reach::Own),
            ("2001:db8::2", Reach::Own),
            ("fe80::ff:fe00:2", Reach::Own),
            ("192.0.2.255", Reach::Broadcast),
            ("192.0.2.0", Reach::Broadcast),
            ("255.255.255.255", Reach::Broadcast),
            ("224.0.0.1", Reach::Group),
            ("ff02::1", Reach::Group),
            ("ff01::1", Reach::Group),
            ("ff02::1:ff00:2", Reach::Group),
            ("224.0.0.2", Reach::Other),
            ("ff02::2", Reach::Other),
            ("ff02::1:ff00:3", Reach::Other),
            ("192.0.2.3", Reach::Other),
            ("127.0.0.1", Reach::Other),
            ("198.51.100.255", Reach::Other),
        ];
        for (address, reach) in cases {
            assert_eq!(ours().reach(address.parse().unwrap()), reach, "{address}");
        }
    }

    #[test]
    fn no_source_that_names_nobody_or_many_is_believed() {
        let cases = [
            ("192.0.2.1", None),
            ("2001:db8::1", None),
            ("fe80::1", None),
            ("198.51.100.255", None),
            ("0.0.0.0", Some(Martian::Unspecified)),
            ("0.1.2.3", Some(Martian::Unspecified)),
            ("127.1.2.3", Some(Martian::Loopback)),
            ("192.0.2.255", Some(Martian::Broadcast)),
            ("192.0.2.0", Some(Martian::Broadcast)),
            ("255.255.255.255", Some(Martian::Broadcast)),
            ("239.255.255.255", Some(Martian::Multicast)),
            ("240.0.0.1", Some(Martian::ClassE)),
            ("192.0.2.2", Some(Martian::Own)),
            ("::", Some(Martian::Unspecified)),
            ("::1", Some(Martian::Loopback)),
            ("ff02::1", Some(Martian::Multicast)),
            ("::ffff:192.0.2.1", Some(Martian::Mapped)),
            ("2001:db8::2", Some(Martian::Own)),
            ("fe80::ff:fe00:2", Some(Martian::Own)),
        ];
        for (address, martian) in cases {
            assert_eq!(ours().martian(address.parse().unwrap()), martian, "{address}");
        }
    }

    #[test]
    fn a_host_speaks_to_a_neighbour_from_its_address_on_that_network_and_else_from_the_preferred_one() {
        let mut ours = ours();
        ours.ipv4.push(Prefix { address: Ipv4Addr::new(198, 51, 100, 2), length: 24 });
        ours.ipv6.push(Prefix { address: "2001:db8:1::2".parse().unwrap(), length: 64 });
        for (destination, source) in [
            ("192.0.2.1", "192.0.2.2"),
            ("198.51.100.7", "198.51.100.2"),
            ("203.0.113.1", "192.0.2.2"),
            ("2001:db8:1::9", "2001:db8:1::2"),
            ("2001:db8:9::9", "2001:db8::2"),
            ("fe80::9", "fe80::ff:fe00:2"),
        ] {
            let chosen = ours.source_for(destination.parse().unwrap());
            assert_eq!(chosen, Some(source.parse().unwrap()), "{destination}");
        }
        assert_eq!(ours.martian("198.51.100.255".parse().unwrap()), Some(Martian::Broadcast));
        assert_eq!(ours.reach("ff02::1:ff00:2".parse().unwrap()), Reach::Group);
        assert_eq!(ours.own().count(), 5);
    }

    #[test]
    fn a_link_of_two_hosts_has_no_broadcast_address() {
        let mut ours = ours();
        ours.ipv4 = vec![Prefix { address: Ipv4Addr::new(192, 0, 2, 2), length: 31 }];
        assert_eq!(ours.reach("192.0.2.3".parse().unwrap()), Reach::Other);
        assert_eq!(ours.martian("192.0.2.3".parse().unwrap()), None);
    }

    #[test]
    fn prefixes_of_any_length_decide_what_is_on_the_link() {
        let mut ours = ours();
        let neighbour = "192.0.2.1".parse().unwrap();
        for (length, on_link) in [(0, true), (24, true), (31, false), (32, false), (255, false)] {
            ours.ipv4 = vec![Prefix { address: Ipv4Addr::new(192, 0, 2, 2), length }];
            assert_eq!(ours.is_on_link(neighbour), on_link, "/{length}");
        }
        assert!(ours.is_on_link("fe80::9".parse().unwrap()));
        assert!(!ours.is_on_link("2001:db8:0:1::1".parse().unwrap()));
    }
}
