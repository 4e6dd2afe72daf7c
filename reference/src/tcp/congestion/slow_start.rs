//! Slow start and congestion avoidance, RFC 5681 3.1, counting octets as it recommends; restart after idle, 4.1.

use super::{CongestionControl, Expiry};

/// cwnd and ssthresh.
#[derive(Clone, Debug)]
pub(in crate::tcp) struct SlowStart {
    smss: u32,
    /// The most segments of an initial window, where it may have more.
    most: u32,
    cwnd: u32,
    ssthresh: u32,
    /// Octets acknowledged in congestion avoidance since cwnd last grew.
    acknowledged: u32,
}

impl SlowStart {
    /// A connection's first window, of `most` segments at most. ssthresh is arbitrarily high.
    pub(in crate::tcp) fn new(smss: u32, most: u32) -> Self {
        Self { smss, most, cwnd: initial_window(smss, most), ssthresh: u32::MAX, acknowledged: 0 }
    }

    const fn two_segments(&self) -> u32 {
        self.smss.saturating_mul(2)
    }
}

/// IW, RFC 5681 3.1; it is an upper bound.
fn initial_window(smss: u32, most: u32) -> u32 {
    let segments: u32 = if smss > 2190 {
        2
    } else if smss > 1095 {
        3
    } else {
        4
    };
    smss.saturating_mul(segments.min(most).max(1))
}

impl CongestionControl for SlowStart {
    fn window(&self) -> u32 {
        self.cwnd
    }

    fn threshold(&self) -> u32 {
        self.ssthresh
    }

    fn segment_size(&self) -> u32 {
        self.smss
    }

    fn handle_ack(&mut self, acknowledged: u32) {
        if self.cwnd < self.ssthresh {
            // RFC 5681 3.1, equation 2
            self.cwnd = self.cwnd.saturating_add(acknowledged.min(self.smss));
            return;
        }
        // RFC 5681 3.1: one segment for each window acknowledged.
        self.acknowledged = self.acknowledged.saturating_add(acknowledged);
        if self.acknowledged >= self.cwnd {
            self.acknowledged -= self.cwnd;
            self.cwnd = self.cwnd.saturating_add(self.smss);
        }
    }

    fn handle_loss(&mut self, flight: u32) {
        // RFC 5681 3.1, equation 4
        self.ssthresh = (flight / 2).max(self.two_segments());
        self.acknowledged = 0;
    }

    fn handle_timeout(&mut self, flight: u32, which: Expiry) {
        // RFC 5681 3.1: held constant where the same segment times out again.
        if which == Expiry::First {
            self.handle_loss(flight);
        }
        self.cwnd = self.smss;
    }

    fn handle_syn_loss(&mut self) {
        // RFC 5681 3.1: one segment after a lost SYN or SYN,ACK.
        self.cwnd = self.smss;
    }

    fn handle_idle(&mut self) {
        // RFC 5681 4.1: RW = min(IW, cwnd)
        self.cwnd = self.cwnd.min(initial_window(self.smss, self.most));
    }

    fn handle_segment_size(&mut self, segment_size: u32) {
        // RFC 5681 3.1: by the ratio of the sizes.
        let scaled = u64::from(self.cwnd) * u64::from(segment_size) / u64::from(self.smss.max(1));
        self.cwnd = u32::try_from(scaled).unwrap_or(u32::MAX).max(segment_size);
        self.smss = segment_size;
    }

    fn set_window(&mut self, window: u32) {
        self.cwnd = window;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_initial_window_is_two_three_or_four_segments_by_their_size() {
        for (smss, segments) in [(2191, 2), (2190, 3), (1460, 3), (1096, 3), (1095, 4), (536, 4)] {
            assert_eq!(SlowStart::new(smss, u32::MAX).window(), smss * segments, "SMSS {smss}");
        }
    }

    #[test]
    fn an_initial_window_may_be_smaller_but_not_larger_and_never_empty() {
        for (most, segments) in [(0, 1), (1, 1), (3, 3), (4, 4), (10, 4)] {
            let mut control = SlowStart::new(1000, most);
            assert_eq!(control.window(), 1000 * segments, "{most}");
            control.set_window(90_000);
            control.handle_idle();
            assert_eq!(control.window(), 1000 * segments, "{most}, after a pause");
        }
    }

    #[test]
    fn slow_start_grows_by_what_was_acknowledged_but_by_a_segment_at_most() {
        let mut control = SlowStart::new(1000, u32::MAX);
        control.handle_ack(10);
        assert_eq!(control.window(), 4010);
        control.handle_ack(2000);
        assert_eq!(control.window(), 5010);
    }

    #[test]
    fn congestion_avoidance_grows_a_segment_a_window() {
        let mut control = SlowStart::new(1000, u32::MAX);
        control.handle_loss(8000);
        control.set_window(control.threshold());
        for _ in 0..3 {
            control.handle_ack(1000);
            assert_eq!(control.window(), 4000);
        }
        control.handle_ack(1000);
        assert_eq!(control.window(), 5000);
        for _ in 0..4 {
            control.handle_ack(1000);
        }
        assert_eq!(control.window(), 5000);
        control.handle_ack(1000);
        assert_eq!(control.window(), 6000);
    }

    #[test]
    fn a_timeout_leaves_one_segment_and_halves_the_flight_once() {
        let mut control = SlowStart::new(1000, u32::MAX);
        control.handle_timeout(10_000, Expiry::First);
        assert_eq!((control.window(), control.threshold()), (1000, 5000));
        control.handle_timeout(1000, Expiry::Repeated);
        assert_eq!((control.window(), control.threshold()), (1000, 5000));
        control.handle_timeout(1000, Expiry::First);
        assert_eq!(control.threshold(), 2000);
    }

    #[test]
    fn an_idle_connection_restarts_with_the_initial_window_at_most() {
        let mut control = SlowStart::new(1000, u32::MAX);
        control.set_window(90_000);
        control.handle_idle();
        assert_eq!(control.window(), 4000);
        control.set_window(1000);
        control.handle_idle();
        assert_eq!(control.window(), 1000);
    }

    #[test]
    fn smaller_segments_shrink_the_window_in_proportion() {
        let mut control = SlowStart::new(1460, u32::MAX);
        control.handle_segment_size(960);
        assert_eq!((control.window(), control.segment_size()), (2880, 960));
    }
}
