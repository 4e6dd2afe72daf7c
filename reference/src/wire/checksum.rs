//! The Internet checksum (RFC 1071) and the pseudo-headers of TCP, UDP and ICMPv6 (RFC 9293 3.1, RFC 8200 8.1).

use super::number::Protocol;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A one's complement sum under way. It is folded to 16 bits only at the end (RFC 1071 2, part C), so 64 bits are
/// added at a time.
#[derive(Clone, Copy, Default, Debug)]
#[must_use]
pub struct Sum(u64);

impl Sum {
    /// Nothing summed yet.
    pub const ZERO: Self = Self(0);

    /// Adds `octets`, which must begin at an even place of what is summed; an odd last octet is padded with zero.
    #[inline]
    pub fn octets(self, octets: &[u8]) -> Self {
        // Header and options are short; a long payload is worth the call.
        if octets.len() > 64 { self.long_octets(octets) } else { self.short_octets(octets) }
    }

    #[inline(always)]
    fn short_octets(self, octets: &[u8]) -> Self {
        let (words, tail) = octets.as_chunks::<4>();
        let mut sum = 0;
        for word in words {
            sum += u64::from(u32::from_be_bytes(*word));
        }
        sum += u64::from(match *tail {
            [a] => u32::from_be_bytes([a, 0, 0, 0]),
            [a, b] => u32::from_be_bytes([a, b, 0, 0]),
            [a, b, c] => u32::from_be_bytes([a, b, c, 0]),
            _ => 0,
        });
        self.long(sum)
    }

    /// Sums 64 bits at a time in lanes that do not wait for each other, their carries kept above. The order of the octets
    /// within a word does not matter but for a swap of the result (RFC 1071 2, part B).
    #[inline(never)]
    fn long_octets(self, octets: &[u8]) -> Self {
        let (chunks, rest) = octets.as_chunks::<32>();
        let mut lanes = [0u128; 4];
        // A lane overflows after 2^64 chunks, which no slice has.
        for chunk in chunks {
            for (lane, word) in lanes.iter_mut().zip(chunk.as_chunks::<8>().0) {
                *lane += u128::from(u64::from_ne_bytes(*word));
            }
        }
        // The lower half, and the carries above it.
        let halves = lanes.into_iter().flat_map(|lane| [lane as u64, (lane >> 64) as u64]);
        let sum = halves.fold(Self::ZERO, Self::long);
        let swapped = u16::from_be_bytes(sum.folded().to_ne_bytes());
        self.word(swapped).short_octets(rest)
    }

    /// Adds a 16-bit word.
    #[inline]
    pub fn word(self, word: u16) -> Self {
        self.long(u64::from(word))
    }

    /// Adds two 16-bit words at once.
    #[inline]
    pub fn double(self, double: u32) -> Self {
        self.long(u64::from(double))
    }

    /// Adds some 16-bit words.
    #[inline(always)]
    pub(super) fn words<const N: usize>(self, words: [u16; N]) -> Self {
        self.long(words.into_iter().map(u64::from).sum())
    }

    #[inline]
    fn long(self, long: u64) -> Self {
        let (sum, carry) = self.0.overflowing_add(long);
        Self(sum + u64::from(carry))
    }

    /// The checksum: the complement of the sum folded to 16 bits. Over octets that hold a right checksum it is 0.
    #[inline]
    #[must_use]
    pub fn checksum(self) -> u16 {
        !self.folded()
    }

    /// The sum with its carries added in, until 16 bits are left.
    #[inline]
    fn folded(self) -> u16 {
        let half = (self.0 >> 32) + (self.0 & 0xffff_ffff);
        let half = (half >> 16) + (half & 0xffff);
        let half = (half >> 16) + (half & 0xffff);
        let half = (half >> 16) + (half & 0xffff);
        // At most 16 bits are left.
        half as u16
    }
}

/// The Internet checksum of `octets` (RFC 1071); 0 if they hold a right checksum already.
#[inline]
#[must_use]
pub fn checksum(octets: &[u8]) -> u16 {
    Sum::ZERO.octets(octets).checksum()
}

/// The addresses that a transport checksum covers beside the segment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PseudoHeader {
    /// RFC 9293 3.1.
    V4 {
        /// Source address.
        source: Ipv4Addr,
        /// Final destination.
        destination: Ipv4Addr,
    },
    /// RFC 8200 8.1.
    V6 {
        /// Source address.
        source: Ipv6Addr,
        /// Final destination, also where a routing header is still to be followed.
        destination: Ipv6Addr,
    },
}

impl PseudoHeader {
    /// The pseudo-header for these addresses, `None` if they are of different versions.
    #[must_use]
    pub fn new(source: IpAddr, destination: IpAddr) -> Option<Self> {
        match (source, destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => Some(Self::V4 { source, destination }),
            (IpAddr::V6(source), IpAddr::V6(destination)) => Some(Self::V6 { source, destination }),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => None,
        }
    }

    /// Its sum, for an upper-layer packet of `len` octets.
    #[inline]
    pub fn sum(&self, protocol: Protocol, len: usize) -> Sum {
        // At most 2^32 - 1 octets fit any datagram; a longer slice has no right checksum anyway.
        let ends = Sum(u64::from(protocol.0)).long(len as u64);
        match self {
            Self::V4 { source, destination } => ends.double(source.to_bits()).double(destination.to_bits()),
            Self::V6 { source, destination } => ends.octets(&source.octets()).octets(&destination.octets()),
        }
    }
}
