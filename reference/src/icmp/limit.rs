//! How many ICMP errors the host may cause: a token bucket, as RFC 4443 2.4 (f) recommends for both versions.

use crate::time::{Duration, Instant};

/// RFC 4443 2.4 (f): errors that may follow each other at once.
pub const ERROR_BURST: u32 = 10;
/// RFC 4443 2.4 (f): errors per second in the long run.
pub const ERRORS_PER_SECOND: u32 = 10;

/// The time that one token takes to come back.
const REFILL: Duration = Duration::from_nanos(1_000_000_000 / ERRORS_PER_SECOND as u64);

/// The bucket: it is full at the start.
#[derive(Clone, Copy, Debug)]
pub struct ErrorLimit {
    tokens: u32,
    /// Until when tokens have been counted.
    counted: Instant,
}

impl ErrorLimit {
    /// A full bucket.
    pub const fn new() -> Self {
        Self { tokens: ERROR_BURST, counted: Instant::ZERO }
    }

    /// Takes a token; `false` means that the error must not be sent.
    pub fn take(&mut self, now: Instant) -> bool {
        let elapsed = now.since(self.counted);
        let refilled = elapsed.as_nanos() / REFILL.as_nanos();
        self.counted += REFILL * refilled;
        // More than a bucket's worth counts as a full one, so that the sum stays small.
        let refilled = u32::try_from(refilled).unwrap_or(ERROR_BURST).min(ERROR_BURST);
        self.tokens = (self.tokens + refilled).min(ERROR_BURST);
        let allowed = self.tokens > 0;
        self.tokens = self.tokens.saturating_sub(1);
        allowed
    }
}

impl Default for ErrorLimit {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_one_error_each_refill() {
        let mut limit = ErrorLimit::new();
        let start = Instant::ZERO + Duration::from_secs(60);
        let allowed = (0..20).filter(|_| limit.take(start)).count();
        assert_eq!(allowed, ERROR_BURST as usize);
        assert!(!limit.take(start + Duration::from_millis(99)));
        assert!(limit.take(start + Duration::from_millis(100)));
        assert!(!limit.take(start + Duration::from_millis(199)));
        assert!(limit.take(start + Duration::from_millis(200)));
    }
}
