//! How large a packet may be on its way to each destination: RFC 1191 for IPv4, RFC 8201 for IPv6.
//!
//! The link's MTU until a router says otherwise; then what the router said, for ten minutes. Whether a message of
//! a router is believed is decided before it comes here (RFC 5927 4.1 and 7.2: TCP checks the quoted sequence number).

use crate::time::{Duration, Instant};
use core::net::IpAddr;
use std::collections::BTreeMap;

/// RFC 1191 3: an estimate never goes below what every router must forward whole.
pub const MIN_MTU_V4: usize = 68;
/// RFC 8200 5: every IPv6 link carries that much.
pub const MIN_MTU_V6: usize = 1280;
/// RFC 1191 6.3, RFC 8201 4: when a larger packet is tried again. At least five minutes.
pub const PATH_MTU_AGE: Duration = Duration::from_secs(600);
/// Destinations remembered; beyond, the oldest message is forgotten.
pub const MAX_PATHS: usize = 256;
/// RFC 1191 7, table 7-1: sizes worth trying when a router of before 1990 does not say which.
const PLATEAUS: [usize; 10] = [32_000, 17_914, 8_166, 4_352, 2_002, 1_492, 1_006, 508, 296, 68];

/// The estimates that differ from the link's MTU.
#[derive(Debug)]
pub struct PathMtus {
    link: usize,
    paths: BTreeMap<IpAddr, Estimate>,
}

#[derive(Clone, Copy, Debug)]
struct Estimate {
    mtu: usize,
    until: Instant,
}

impl PathMtus {
    /// No router spoke yet; the link carries IP packets of `link` octets.
    pub const fn new(link: usize) -> Self {
        Self { link, paths: BTreeMap::new() }
    }

    /// The MTU of the link.
    pub const fn link(&self) -> usize {
        self.link
    }

    /// The largest IP packet for `destination`, in octets with headers.
    pub fn get(&self, now: Instant, destination: IpAddr) -> usize {
        match self.paths.get(&destination) {
            Some(estimate) if estimate.until > now => estimate.mtu.min(self.link),
            Some(_) | None => self.link,
        }
    }

    /// A router could not forward a packet of `len` octets, and said that `mtu` fits (0: a router of before
    /// RFC 1191). Returns the new estimate if it is smaller than before.
    pub fn handle_too_big(
        &mut self,
        now: Instant,
        destination: IpAddr,
        mtu: usize,
        len: usize,
    ) -> Option<usize> {
        let before = self.get(now, destination);
        let mtu = match destination {
            // RFC 8201 4: "must discard it".
            IpAddr::V6(_) if mtu < MIN_MTU_V6 => return None,
            IpAddr::V6(_) => mtu,
            // RFC 1191 5: the next plateau below what was too large.
            IpAddr::V4(_) if mtu == 0 => plateau_below(len.min(before)),
            IpAddr::V4(_) => mtu.max(MIN_MTU_V4),
        };
        // RFC 1191 3, RFC 8201 4: an estimate is never increased by a message.
        if mtu >= before {
            return None;
        }
        self.remember(destination, Estimate { mtu, until: now + PATH_MTU_AGE });
        Some(mtu)
    }

    fn remember(&mut self, destination: IpAddr, estimate: Estimate) {
        if self.paths.len() >= MAX_PATHS && !self.paths.contains_key(&destination) {
            let oldest = self.paths.iter().min_by_key(|(_, estimate)| estimate.until);
            if let Some(oldest) = oldest.map(|(destination, _)| *destination) {
                self.paths.remove(&oldest);
            }
        }
        self.paths.insert(destination, estimate);
    }
}

/// RFC 1191 5: the size to try next when a packet of `len` octets was too large.
pub fn plateau_below(len: usize) -> usize {
    PLATEAUS.into_iter().find(|plateau| *plateau < len).unwrap_or(MIN_MTU_V4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::Ipv4Addr;

    const V4: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));

    fn v6() -> IpAddr {
        "2001:db8:1::1".parse().unwrap()
    }

    #[test]
    fn a_message_lowers_the_estimate_for_ten_minutes() {
        let mut paths = PathMtus::new(1500);
        assert_eq!(paths.handle_too_big(Instant::ZERO, V4, 1400, 1500), Some(1400));
        let end = Instant::ZERO + PATH_MTU_AGE;
        assert_eq!(paths.get(end - Duration::from_nanos(1), V4), 1400);
        assert_eq!(paths.get(end, V4), 1500);
        assert_eq!(paths.get(Instant::ZERO, v6()), 1500);
    }

    #[test]
    fn no_message_raises_an_estimate_or_takes_it_below_the_minimum() {
        let mut paths = PathMtus::new(1500);
        let now = Instant::ZERO;
        assert_eq!(paths.handle_too_big(now, V4, 1500, 1500), None);
        assert_eq!(paths.handle_too_big(now, V4, 9000, 1500), None);
        assert_eq!(paths.handle_too_big(now, V4, 1, 1500), Some(68));
        assert_eq!(paths.handle_too_big(now, V4, 1000, 1500), None);
        assert_eq!(paths.handle_too_big(now, v6(), 1279, 1500), None);
        assert_eq!(paths.handle_too_big(now, v6(), 1280, 1500), Some(1280));
    }

    #[test]
    fn without_a_number_in_the_message_the_next_plateau_is_tried() {
        let mut paths = PathMtus::new(1500);
        for expected in [1492, 1006, 508, 296, 68] {
            assert_eq!(paths.handle_too_big(Instant::ZERO, V4, 0, 1500), Some(expected));
        }
        assert_eq!(paths.handle_too_big(Instant::ZERO, V4, 0, 1500), None);
    }

    #[test]
    fn the_number_of_paths_is_bounded() {
        let mut paths = PathMtus::new(1500);
        for number in 0..=MAX_PATHS as u32 {
            let destination = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number));
            let now = Instant::from_nanos(u64::from(number));
            assert_eq!(paths.handle_too_big(now, destination, 1000, 1500), Some(1000));
        }
        assert_eq!(paths.paths.len(), MAX_PATHS);
        assert_eq!(paths.get(Instant::ZERO, "10.0.0.0".parse().unwrap()), 1500);
    }
}
