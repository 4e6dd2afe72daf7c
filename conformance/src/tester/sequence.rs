//! Sequence arithmetic modulo 2^32 (RFC 9293 3.4). The judge's own: nothing of the reference is asked.

/// Whether `a` stands before `b`. Numbers 2^31 apart stand before each other neither way.
pub fn before(a: u32, b: u32) -> bool {
    distance(a, b) > 0
}

/// Whether `a` stands before `b` or is `b`.
pub fn at_or_before(a: u32, b: u32) -> bool {
    a == b || before(a, b)
}

/// How far it is from `a` to `b`, negative if `b` stands before.
pub fn distance(a: u32, b: u32) -> i32 {
    b.wrapping_sub(a).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_holds_across_the_wrap() {
        assert!(before(u32::MAX, 0) && !before(0, u32::MAX));
        assert!(before(0x7fff_ffff, 0x8000_0000));
        assert!(!before(5, 5) && at_or_before(5, 5));
        assert_eq!((distance(u32::MAX, 1), distance(1, u32::MAX)), (2, -2));
    }

    #[test]
    fn numbers_half_the_space_apart_have_no_order() {
        assert!(!before(0, 0x8000_0000) && !before(0x8000_0000, 0));
    }
}
