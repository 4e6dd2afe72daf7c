//! Local ports for connections that name none: RFC 6056 3.3.3, algorithm 3 (simple hash-based).

use crate::random::Random;
use core::hash::Hasher;
use core::net::IpAddr;
use siphasher::sip::SipHasher24;

/// RFC 6056 3.2: "the range 1024-65535"; the well-known ports stay out.
pub(super) const FIRST_EPHEMERAL: u16 = 1024;
/// How many ports there are to choose from.
const EPHEMERAL_PORTS: u16 = u16::MAX - FIRST_EPHEMERAL + 1;

/// Chooses ports: in a row for one peer, from a place that an outsider cannot guess.
#[derive(Clone, Debug)]
pub(super) struct Ports {
    key: (u64, u64),
    next: u16,
}

impl Ports {
    /// With a secret drawn from `random`.
    pub(super) fn new(mut random: Random) -> Self {
        Self { key: (random.next_u64(), random.next_u64()), next: 0 }
    }

    /// A port for a connection from `local` to `remote` and `port`, for which `is_free` holds; `None` if there is none.
    pub(super) fn choose(
        &mut self,
        local: IpAddr,
        remote: IpAddr,
        port: u16,
        is_free: impl Fn(u16) -> bool,
    ) -> Option<u16> {
        let offset = self.offset(local, remote, port);
        for _ in 0..EPHEMERAL_PORTS {
            let place = (u64::from(self.next) + offset) % u64::from(EPHEMERAL_PORTS);
            self.next = self.next.wrapping_add(1);
            // Below EPHEMERAL_PORTS, which is a u16.
            let port = FIRST_EPHEMERAL + u16::try_from(place).unwrap_or(0);
            if is_free(port) {
                return Some(port);
            }
        }
        None
    }

    fn offset(&self, local: IpAddr, remote: IpAddr, port: u16) -> u64 {
        let mut hasher = SipHasher24::new_with_keys(self.key.0, self.key.1);
        for address in [local, remote] {
            match address {
                IpAddr::V4(address) => hasher.write(&address.octets()),
                IpAddr::V6(address) => hasher.write(&address.octets()),
            }
        }
        hasher.write(&port.to_be_bytes());
        hasher.finish() % u64::from(EPHEMERAL_PORTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_to_one_peer_follow_each_other_and_peers_start_elsewhere() {
        let mut ports = Ports::new(Random::new(1));
        let [local, peer, other] = ["192.0.2.2", "192.0.2.1", "192.0.2.3"].map(|a| a.parse().unwrap());
        let first = ports.choose(local, peer, 80, |_| true).unwrap();
        let second = ports.choose(local, peer, 80, |_| true).unwrap();
        assert_eq!(second, if first == u16::MAX { FIRST_EPHEMERAL } else { first + 1 });
        let elsewhere = ports.choose(local, other, 80, |_| true).unwrap();
        assert_ne!(elsewhere, second.wrapping_add(1));
        assert_ne!(Ports::new(Random::new(2)).choose(local, peer, 80, |_| true), Some(first));
    }

    #[test]
    fn taken_ports_are_passed_over_and_no_port_is_below_the_range() {
        let mut ports = Ports::new(Random::new(1));
        let [local, peer] = ["192.0.2.2", "192.0.2.1"].map(|a| a.parse().unwrap());
        assert_eq!(ports.choose(local, peer, 80, |port| port == FIRST_EPHEMERAL), Some(FIRST_EPHEMERAL));
        assert_eq!(ports.choose(local, peer, 80, |port| port < FIRST_EPHEMERAL), None);
    }
}
