//! The numbers that tie the layers: hardware addresses, EtherTypes, IP protocols.

use core::fmt;

/// A 48-bit Ethernet address. Prints as `02:00:00:00:00:01`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MacAddr(pub [u8; 6]);

impl MacAddr {
    /// All ones.
    pub const BROADCAST: Self = Self([0xff; 6]);
    /// All zeros: nobody; what an ARP request asks for.
    pub const ZERO: Self = Self([0; 6]);

    /// Is it the broadcast or a multicast address (the group bit)?
    #[must_use]
    pub const fn is_group(self) -> bool {
        self.0[0] & 1 == 1
    }

    /// Is it the broadcast address?
    #[must_use]
    pub fn is_broadcast(self) -> bool {
        self == Self::BROADCAST
    }

    /// The group address that an IPv4 multicast address maps to (RFC 1112 6.4).
    #[must_use]
    pub const fn from_ipv4_multicast(group: core::net::Ipv4Addr) -> Self {
        let [_, b, c, d] = group.octets();
        Self([0x01, 0x00, 0x5e, b & 0x7f, c, d])
    }

    /// The group address that an IPv6 multicast address maps to (RFC 2464 7).
    #[must_use]
    pub const fn from_ipv6_multicast(group: core::net::Ipv6Addr) -> Self {
        let octets = group.octets();
        Self([0x33, 0x33, octets[12], octets[13], octets[14], octets[15]])
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What an Ethernet frame holds; below 1536 it is an IEEE 802.3 length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EtherType(pub u16);

impl EtherType {
    /// IPv4, RFC 894.
    pub const IPV4: Self = Self(0x0800);
    /// ARP, RFC 826.
    pub const ARP: Self = Self(0x0806);
    /// An IEEE 802.1Q tag.
    pub const VLAN: Self = Self(0x8100);
    /// IPv6, RFC 2464.
    pub const IPV6: Self = Self(0x86dd);
    /// An IEEE 802.1ad service tag, the outer of two.
    pub const SERVICE_VLAN: Self = Self(0x88a8);
    /// The outer tag of two before IEEE 802.1ad.
    pub const DOUBLE_VLAN: Self = Self(0x9100);

    /// Does a VLAN tag follow?
    #[must_use]
    #[inline]
    pub const fn is_vlan(self) -> bool {
        matches!(self, Self::VLAN | Self::SERVICE_VLAN | Self::DOUBLE_VLAN)
    }
}

impl fmt::Display for EtherType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::IPV4 => f.pad("IPv4"),
            Self::ARP => f.pad("ARP"),
            Self::VLAN => f.pad("802.1Q"),
            Self::IPV6 => f.pad("IPv6"),
            Self::SERVICE_VLAN => f.pad("802.1ad"),
            Self(number) => write!(f, "0x{number:04x}"),
        }
    }
}

impl fmt::Debug for EtherType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The protocol of an IP payload, or the kind of the next IPv6 header (IANA "Protocol Numbers").
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Protocol(pub u8);

impl Protocol {
    /// IPv6 hop-by-hop options, RFC 8200 4.3.
    pub const HOP_BY_HOP: Self = Self(0);
    /// RFC 792.
    pub const ICMP: Self = Self(1);
    /// RFC 9293.
    pub const TCP: Self = Self(6);
    /// RFC 768.
    pub const UDP: Self = Self(17);
    /// IPv6 routing header, RFC 8200 4.4.
    pub const ROUTING: Self = Self(43);
    /// IPv6 fragment header, RFC 8200 4.5.
    pub const FRAGMENT: Self = Self(44);
    /// RFC 4443.
    pub const ICMPV6: Self = Self(58);
    /// Nothing follows, RFC 8200 4.7.
    pub const NO_NEXT_HEADER: Self = Self(59);
    /// IPv6 destination options, RFC 8200 4.6.
    pub const DESTINATION_OPTIONS: Self = Self(60);

    /// Is it one of the IPv6 extension headers that are walked through?
    #[must_use]
    #[inline]
    pub const fn is_extension(self) -> bool {
        matches!(self, Self::HOP_BY_HOP | Self::ROUTING | Self::FRAGMENT | Self::DESTINATION_OPTIONS)
    }

    /// What it is called, if it is one of those above.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::HOP_BY_HOP => "hop-by-hop",
            Self::ICMP => "ICMP",
            Self::TCP => "TCP",
            Self::UDP => "UDP",
            Self::ROUTING => "routing",
            Self::FRAGMENT => "fragment",
            Self::ICMPV6 => "ICMPv6",
            Self::NO_NEXT_HEADER => "no next header",
            Self::DESTINATION_OPTIONS => "destination options",
            _ => return None,
        })
    }
}

impl fmt::Display for Protocol {
    /// The name, or `protocol 132`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "protocol {}", self.0),
        }
    }
}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
