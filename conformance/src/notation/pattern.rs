//! The octets of a stream: octet i is i mod 251, but where somebody wrote literal octets.
//!
//! 251 is prime, so that an octet at a wrong place shows, whatever the sizes of segments and buffers.

/// How long the pattern is before it begins again.
pub const PERIOD: u64 = 251;

/// Octet `offset` of the pattern.
pub const fn octet(offset: u64) -> u8 {
    // Below 251.
    (offset % PERIOD) as u8
}

/// `len` octets of the pattern from octet `offset` on.
pub fn octets(offset: u64, len: usize) -> Vec<u8> {
    (offset..).take(len).map(octet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_begins_again_behind_octet_250() {
        assert_eq!(octets(249, 4), [249, 250, 0, 1]);
        assert_eq!(octet(251 * 1_000_000_007 + 3), 3);
    }
}
