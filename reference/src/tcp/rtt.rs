//! The retransmission timeout from round trips, RFC 6298 2 to 5.
//!
//! One round trip is timed at a time, and never one whose segment was sent twice (Karn's algorithm, 3).

use super::seq::SeqNumber;
use crate::policy::Policy;
use crate::time::{Duration, Instant};

/// RFC 6298 2.3: alpha is 1/8, beta 1/4, K is 4.
const ALPHA_DIVISOR: u64 = 8;
const BETA_DIVISOR: u64 = 4;
const K: u64 = 4;

/// The smoothed round trip and how much it varies, RFC 6298 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Estimate {
    srtt: Duration,
    rttvar: Duration,
}

/// A segment under way whose acknowledgment will measure the round trip.
#[derive(Clone, Copy, Debug)]
struct Timed {
    /// The number whose acknowledgment ends the measurement.
    end: SeqNumber,
    sent: Instant,
}

/// The retransmission timeout of one connection.
#[derive(Clone, Debug)]
pub(super) struct Rto {
    estimate: Option<Estimate>,
    initial: Duration,
    value: Duration,
    timed: Option<Timed>,
    min: Duration,
    max: Duration,
    granularity: Duration,
}

impl Rto {
    /// RFC 6298 2.1: no round trip is known.
    pub(super) fn new(policy: &Policy) -> Self {
        let initial = policy.rto_initial.min(policy.rto_max);
        Self {
            estimate: None,
            initial,
            value: initial,
            timed: None,
            min: policy.rto_min,
            max: policy.rto_max,
            granularity: policy.granularity,
        }
    }

    /// RTO as it stands, backed off or not.
    pub(super) const fn value(&self) -> Duration {
        self.value
    }

    /// RTO doubled `times` times, within the maximum: the interval of window probes (RFC 9293 3.8.6.1 SHLD-30).
    pub(super) fn doubled(&self, times: u32) -> Duration {
        (self.value() * 1_u64.checked_shl(times).unwrap_or(u64::MAX)).min(self.max)
    }

    /// The smoothed round trip, once there is one.
    pub(super) fn smoothed(&self) -> Option<Duration> {
        self.estimate.map(|estimate| estimate.srtt)
    }

    /// A segment that ends before `end` is sent for the first time.
    pub(super) fn handle_sent(&mut self, now: Instant, end: SeqNumber) {
        self.timed.get_or_insert(Timed { end, sent: now });
    }

    /// RFC 6298 3: something is sent again, so whatever is timed has become ambiguous.
    pub(super) fn handle_resent(&mut self) {
        self.timed = None;
    }

    /// An acknowledgment up to `ack`; returns the round trip if it ends a measurement.
    pub(super) fn handle_ack(&mut self, now: Instant, ack: SeqNumber) -> Option<Duration> {
        let timed = self.timed.filter(|timed| !timed.end.after(ack))?;
        self.timed = None;
        let sample = now.since(timed.sent);
        self.measure(sample);
        Some(sample)
    }

    fn measure(&mut self, sample: Duration) {
        let Estimate { srtt, rttvar } = match self.estimate {
            // RFC 6298 2.2
            None => Estimate { srtt: sample, rttvar: sample / 2 },
            // RFC 6298 2.3: RTTVAR first, with the old SRTT.
            Some(Estimate { srtt, rttvar }) => Estimate {
                rttvar: (rttvar * (BETA_DIVISOR - 1) + srtt.abs_diff(sample)) / BETA_DIVISOR,
                srtt: (srtt * (ALPHA_DIVISOR - 1) + sample) / ALPHA_DIVISOR,
            },
        };
        self.estimate = Some(Estimate { srtt, rttvar });
        // RFC 6298 2.3, 2.4, 2.5. This also ends any backing off.
        self.value = (srtt + self.granularity.max(rttvar * K)).max(self.min).min(self.max);
    }

    /// RFC 6298 5.5: back off.
    pub(super) fn back_off(&mut self) {
        self.value = self.doubled(1);
    }

    /// RFC 6298 5.7: the SYN or its answer had to be sent again, so the first data waits longer than the SYN did at first.
    pub(super) fn handle_syn_loss(&mut self, after_syn_loss: Duration) {
        self.value = self.initial.max(after_syn_loss);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(millis)
    }

    fn fast(policy: Policy) -> Policy {
        Policy { rto_min: Duration::from_millis(1), ..policy }
    }

    #[test]
    fn the_first_sample_gives_three_times_itself() {
        let mut rto = Rto::new(&fast(Policy::rfc9293()));
        rto.handle_sent(at(0), SeqNumber(1));
        assert_eq!(rto.handle_ack(at(400), SeqNumber(1)), Some(Duration::from_millis(400)));
        assert_eq!(
            (rto.value(), rto.smoothed()),
            (Duration::from_millis(1200), Some(Duration::from_millis(400)))
        );
    }

    #[test]
    fn a_later_sample_moves_the_estimate_by_an_eighth_and_a_quarter() {
        let mut rto = Rto::new(&fast(Policy::rfc9293()));
        rto.measure(Duration::from_millis(400));
        rto.measure(Duration::from_millis(800));
        // RTTVAR 3/4 * 200 + 1/4 * 400 = 250; SRTT 7/8 * 400 + 1/8 * 800 = 450; RTO 450 + 4 * 250.
        assert_eq!(rto.value(), Duration::from_millis(1450));
    }

    #[test]
    fn a_steady_round_trip_still_leaves_room_for_the_granularity() {
        let mut rto = Rto::new(&fast(Policy::rfc9293()));
        for _ in 0..200 {
            rto.measure(Duration::from_millis(100));
        }
        assert_eq!(rto.value(), Duration::from_millis(101));
    }

    #[test]
    fn the_timeout_stays_between_its_limits() {
        let mut rto = Rto::new(&Policy::rfc9293());
        rto.measure(Duration::from_millis(1));
        assert_eq!(rto.value(), Duration::from_secs(1));
        for expected in [2, 4, 8, 16, 32, 60, 60] {
            rto.back_off();
            assert_eq!(rto.value(), Duration::from_secs(expected));
        }
        rto.measure(Duration::from_secs(1000));
        assert_eq!(rto.value(), Duration::from_secs(60));
    }

    #[test]
    fn what_was_sent_twice_is_not_measured_and_backing_off_lasts_until_a_sample() {
        let mut rto = Rto::new(&Policy::rfc9293());
        rto.handle_sent(at(0), SeqNumber(1));
        rto.handle_resent();
        rto.back_off();
        assert_eq!(rto.handle_ack(at(1100), SeqNumber(1)), None);
        assert_eq!(rto.value(), Duration::from_secs(2));
        rto.handle_sent(at(1200), SeqNumber(2));
        assert!(rto.handle_ack(at(1300), SeqNumber(2)).is_some());
        assert_eq!(rto.value(), Duration::from_secs(1));
    }

    #[test]
    fn one_segment_is_timed_at_a_time() {
        let mut rto = Rto::new(&Policy::rfc9293());
        rto.handle_sent(at(0), SeqNumber(1));
        rto.handle_sent(at(50), SeqNumber(2));
        assert_eq!(rto.handle_ack(at(80), SeqNumber(0)), None);
        assert_eq!(rto.handle_ack(at(90), SeqNumber(2)), Some(Duration::from_millis(90)));
        assert_eq!(rto.handle_ack(at(99), SeqNumber(2)), None);
    }

    #[test]
    fn a_lost_syn_makes_no_wait_shorter_than_it_began() {
        for (initial, expected) in [(1, 3), (3, 3), (5, 5)] {
            let policy = Policy { rto_initial: Duration::from_secs(initial), ..Policy::rfc9293() };
            let mut rto = Rto::new(&policy);
            rto.back_off();
            rto.handle_syn_loss(policy.rto_after_syn_loss);
            assert_eq!(rto.value(), Duration::from_secs(expected));
        }
    }
}
