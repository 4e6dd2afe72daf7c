//! Who the tester is on the wire: itself and the other hosts that it plays, all on one link with the device.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use wireproof_reference::wire::MacAddr;

use crate::report::IpVersion;

/// A host that the tester plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its Ethernet address.
    pub mac: MacAddr,
    /// Its IPv4 address.
    pub ipv4: Ipv4Addr,
    /// Its IPv6 address.
    pub ipv6: Ipv6Addr,
}

/// The number of a host in the list of those that the tester plays; 0 is the tester itself.
pub type HostId = usize;

/// As many hosts as the tester plays at most.
pub const MAX_HOSTS: usize = 64;

impl Host {
    /// The host of that number: 192.0.2.1 for the tester, 192.0.2.3 and on for others (.2 is the device).
    pub fn numbered(id: HostId) -> Self {
        let id = u8::try_from(id.min(MAX_HOSTS)).unwrap_or_default();
        let last = if id == 0 { 1 } else { id + 2 };
        Self {
            mac: MacAddr([0x02, 0, 0, 0, 0, last]),
            ipv4: Ipv4Addr::new(192, 0, 2, last),
            ipv6: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(last)),
        }
    }

    /// Its address of that version.
    pub fn address(&self, version: IpVersion) -> IpAddr {
        match version {
            IpVersion::Ipv4 => IpAddr::V4(self.ipv4),
            IpVersion::Ipv6 => IpAddr::V6(self.ipv6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tester_and_other_hosts_differ_from_each_other_and_from_the_device() {
        assert_eq!(Host::numbered(0).ipv4, Ipv4Addr::new(192, 0, 2, 1));
        assert_eq!(Host::numbered(1).ipv4, Ipv4Addr::new(192, 0, 2, 3));
        assert_eq!(Host::numbered(2).mac, MacAddr([2, 0, 0, 0, 0, 4]));
    }
}
