//! The limit of challenge acknowledgments, RFC 5961 7: a count and the time it began, for each connection its own.
//!
//! A limit shared by connections would tell an outsider about them: who spends it on one can count what is left on his
//! own (CVE-2016-5696; erratum 4772). For the same reason the interval begins with a challenge of this connection and not
//! with a clock's tick. What remains is that a forger in the window can use up the challenges of the connection he forges for,
//! until the interval is over.

use crate::policy::Policy;
use crate::time::Instant;

/// How many were sent in the present interval.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Challenges {
    began: Option<Instant>,
    sent: u32,
}

impl Challenges {
    /// Whether one more may be sent; counts it if so.
    pub(super) fn allow(&mut self, now: Instant, policy: &Policy) -> bool {
        if self.began.is_none_or(|began| now.since(began) >= policy.challenge_interval) {
            *self = Self { began: Some(now), sent: 0 };
        }
        let allowed = self.sent < policy.challenge_limit;
        self.sent += u32::from(allowed);
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;

    #[test]
    fn ten_in_five_seconds_and_then_none_until_they_are_over() {
        let policy = Policy::rfc9293();
        let mut challenges = Challenges::default();
        let at = |secs| Instant::ZERO + Duration::from_secs(secs);
        assert_eq!((0..20).filter(|_| challenges.allow(at(100), &policy)).count(), 10);
        assert!(!challenges.allow(at(104), &policy));
        assert!(challenges.allow(at(105), &policy));
    }

    #[test]
    fn the_interval_begins_with_the_first_challenge_wherever_the_clock_stands() {
        let policy = Policy::rfc9293();
        let mut challenges = Challenges::default();
        let at = |secs| Instant::ZERO + Duration::from_secs(secs);
        assert_eq!((0..20).filter(|_| challenges.allow(at(3), &policy)).count(), 10);
        assert!(!challenges.allow(at(7), &policy), "not with the clock's zero");
        assert!(challenges.allow(at(8), &policy));
    }
}
