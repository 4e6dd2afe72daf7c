//! One seeded source of randomness, from which each part of a program forks its own stream.
//!
//! A stream is SplitMix64 (Steele, Lea and Flood, 2014), keyed by SipHash-2-4 of its label: what one part draws
//! never moves what another draws, so that a change in one place leaves the bytes of all others alone.
//! Not for secrets: the ISN of RFC 6528 hashes its own key (see `tcp::isn`), which a test run draws from here.

use core::hash::Hasher;
use siphasher::sip::SipHasher24;

/// A stream of pseudo-random numbers.
#[derive(Clone, Debug)]
pub struct Random {
    seed: u64,
    state: u64,
}

impl Random {
    /// The root stream of a run.
    pub const fn new(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    /// A stream of its own for the part named `label`, independent of what was drawn here so far.
    #[must_use]
    pub fn fork(&self, label: &str) -> Self {
        let mut hasher = SipHasher24::new_with_keys(self.seed, 0x7769_7265_7072_6f6f);
        hasher.write(label.as_bytes());
        Self::new(hasher.finish())
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The next 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        // The upper half: the lower bits of a SplitMix64 are no worse, one half is enough.
        (self.next_u64() >> 32) as u32
    }

    /// A number in `0..bound`; 0 for a bound of 0. The bias is below `bound` / 2^64.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// True `per_million` times out of a million.
    pub fn chance(&mut self, per_million: u32) -> bool {
        self.below(1_000_000) < u64::from(per_million)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fork_does_not_depend_on_what_its_parent_drew() {
        let mut root = Random::new(7);
        let before = root.fork("isn").next_u64();
        root.next_u64();
        assert_eq!(root.fork("isn").next_u64(), before);
        assert_ne!(root.fork("port").next_u64(), before);
    }

    #[test]
    fn bounded_draws_stay_below_the_bound() {
        let mut random = Random::new(1);
        assert!((0..1000).all(|_| random.below(3) < 3));
        assert_eq!(random.below(0), 0);
    }
}
