//! The connections that are followed, found by their addresses.
//!
//! A map that is hashed, since it is asked for every segment. What it is hashed with is always the same, so that the same
//! packets give the same judgement; its own order is never shown.

use std::collections::HashMap;

use core::hash::{BuildHasherDefault, Hash, Hasher};
use core::net::{IpAddr, SocketAddr};

use wireproof_reference::time::{Duration, Instant};

use super::case::Case;
use super::segment::Segment;

/// A connection that ended makes room before those that were silent for less than so much longer: TIME-WAIT as Linux
/// has it. What comes for it later is rare.
const AFTER_THE_END: Duration = Duration::from_secs(60);

/// Both addresses, the lesser one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    ends: [End; 2],
    is_v6: bool,
}

/// An address in two halves, and a port.
type End = (u64, u64, u16);

impl Key {
    /// That of a segment from one of two ends to the other.
    pub(super) fn new(a: SocketAddr, b: SocketAddr) -> Self {
        let (one, other) = (packed(a), packed(b));
        let ends = if one <= other { [one, other] } else { [other, one] };
        Self { ends, is_v6: a.is_ipv6() }
    }
}

fn packed(end: SocketAddr) -> End {
    match end.ip() {
        IpAddr::V4(address) => (0, address.to_bits().into(), end.port()),
        IpAddr::V6(address) => {
            let octets = address.octets();
            let half = |half: Option<&[u8; 8]>| half.map_or(0, |half| u64::from_be_bytes(*half));
            (half(octets.first_chunk()), half(octets.last_chunk()), end.port())
        }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [(_, low, low_port), (_, high, high_port)] = self.ends;
        state.write_u64(u64::from(low_port) << 16 | u64::from(high_port));
        state.write_u64(low);
        state.write_u64(high);
        // An IPv4 address has no other half.
        if self.is_v6 {
            state.write_u64(self.ends[0].0);
            state.write_u64(self.ends[1].0);
        }
    }
}

/// Multiplies and folds: each bit of what is hashed reaches all of the hash.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fold(u64);

/// Odd numbers without pattern: fractions of the golden ratio and of pi.
const SPREAD: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0x243f_6a88_85a3_08d3];

impl Hasher for Fold {
    fn finish(&self) -> u64 {
        let spread = self.0.wrapping_mul(SPREAD[1]);
        spread ^ spread >> 32
    }

    fn write(&mut self, octets: &[u8]) {
        octets.iter().for_each(|octet| self.write_u64(u64::from(*octet)));
    }

    fn write_u64(&mut self, number: u64) {
        let product = (self.0.rotate_left(23) ^ number).wrapping_mul(SPREAD[0]);
        self.0 = product ^ product >> 29;
    }
}

/// The latest connection between each two addresses.
#[derive(Debug, Default)]
pub(super) struct Cases {
    all: HashMap<Key, Slot, BuildHasherDefault<Fold>>,
}

/// A connection, and what has to be known of all of them to choose those that are let go.
#[derive(Debug)]
pub(super) struct Slot {
    case: Box<Case>,
    last: Instant,
    number: u64,
    is_over: bool,
}

impl Slot {
    fn new(case: Box<Case>) -> Self {
        Self { last: case.last(), number: case.number(), is_over: case.is_over(), case }
    }

    pub(super) fn case(&self) -> &Case {
        &self.case
    }

    /// Shows a segment to the connection.
    pub(super) fn observe(&mut self, segment: &Segment<'_>) {
        self.case.observe(segment);
        self.last = self.case.last();
        self.is_over = self.case.is_over();
    }

    /// Since when nothing is expected of it any more: one that ended counts as silent for longer.
    fn silent_since(&self) -> u64 {
        let early = if self.is_over { AFTER_THE_END } else { Duration::ZERO };
        self.last.as_nanos().saturating_sub(early.as_nanos())
    }
}

impl Cases {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn get_mut(&mut self, key: &Key) -> Option<&mut Case> {
        self.slot(key).map(|slot| slot.case.as_mut())
    }

    pub(super) fn slot(&mut self, key: &Key) -> Option<&mut Slot> {
        self.all.get_mut(key)
    }

    /// Puts a connection in, in place of the one that was there.
    pub(super) fn insert(&mut self, key: Key, case: Box<Case>) -> &mut Slot {
        self.all.entry(key).insert_entry(Slot::new(case)).into_mut()
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Box<Case>> {
        self.all.remove(key).map(|slot| slot.case)
    }

    /// The connections that were silent for longest, so many of them, the longest silent one first; those that ended
    /// before others.
    pub(super) fn most_silent(&self, count: usize) -> Vec<Key> {
        let mut silent: Vec<(u64, u64, Key)> =
            self.all.iter().map(|(key, slot)| (slot.silent_since(), slot.number, *key)).collect();
        if count < silent.len() {
            silent.select_nth_unstable_by_key(count, |(since, number, _)| (*since, *number));
            silent.truncate(count);
        }
        silent.sort_unstable_by_key(|(since, number, _)| (*since, *number));
        silent.into_iter().map(|(.., key)| key).collect()
    }

    /// Does the same to all of them, which is why their order does not matter.
    pub(super) fn each(&mut self, deed: impl Fn(&mut Case)) {
        self.all.values_mut().for_each(|slot| deed(&mut slot.case));
    }

    /// Takes the octets from those connections that were silent for longest, until all together take no more than
    /// `most`; how much that is.
    pub(super) fn forget_octets(&mut self, most: usize) -> usize {
        let mut room = self.all.values().map(|slot| slot.case.octets_room()).sum();
        for key in self.most_silent(usize::MAX) {
            let Some(slot) = self.all.get_mut(&key).filter(|_| room > most) else { break };
            room -= slot.case.octets_room();
            slot.case.forget_octets();
        }
        room
    }

    /// All of them, in the order in which they began.
    #[expect(clippy::vec_box, reason = "a connection stays in its place, whichever list it stands in")]
    pub(super) fn into_all(self) -> Vec<Box<Case>> {
        let mut all: Vec<Box<Case>> = self.all.into_values().map(|slot| slot.case).collect();
        all.sort_unstable_by_key(|case| case.number());
        all
    }
}

#[cfg(test)]
mod tests {
    use core::hash::BuildHasher;
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn both_directions_have_one_key_and_versions_differ() {
        let (a, b) = ("192.0.2.1:80".parse().unwrap(), "192.0.2.2:1024".parse().unwrap());
        assert_eq!(Key::new(a, b), Key::new(b, a));
        let (c, d) = ("[::c000:201]:80".parse().unwrap(), "[::c000:202]:1024".parse().unwrap());
        assert_ne!(Key::new(a, b), Key::new(c, d));
        let swapped = ("192.0.2.1:1024".parse().unwrap(), "192.0.2.2:80".parse().unwrap());
        assert_ne!(Key::new(a, b), Key::new(swapped.0, swapped.1));
    }

    #[test]
    fn hashes_of_neighbours_lie_apart() {
        let server: SocketAddr = "192.0.2.1:80".parse().unwrap();
        let hashed = |port: u16, host: u8| {
            let key = Key::new(SocketAddr::from(([198, 51, 100, host], port)), server);
            BuildHasherDefault::<Fold>::default().hash_one(key)
        };
        let hashes = |part: fn(u64) -> u64| {
            let all = (0..64).flat_map(|host| (0..1024).map(move |port| hashed(1024 + port, host)));
            all.map(part).collect::<BTreeSet<u64>>().len()
        };
        // 65,536 keys in 65,536 places leave about 63 % of the places taken when thrown at random.
        for part in [|hash: u64| hash & 0xffff, |hash: u64| hash >> 48] {
            assert!(hashes(part) > 38_000, "{}", hashes(part));
        }
    }
}
