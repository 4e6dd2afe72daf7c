//! What has to be sent again, and how long that may go on (RFC 9293 3.8.1, 3.8.3, 3.8.6.1).
//!
//! The octets themselves stay in the send buffer; here are only their numbers. A segment that is sent again may be cut
//! anew, as RFC 9293 3.8.6 allows.

use super::seq::SeqNumber;
use crate::time::{Duration, Instant};

/// A stretch of the sequence space that counts as lost and is sent again from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    /// The next number to send again.
    pub(super) next: SeqNumber,
    /// The number after the last.
    pub(super) end: SeqNumber,
}

/// The retransmissions of whatever stands at SND.UNA.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retransmission {
    /// How often the timer has expired since SND.UNA last moved.
    attempts: u32,
    /// When that segment was first sent, or when the peer last answered a window probe.
    since: Instant,
    /// When the timer last expired.
    latest: Instant,
    /// Probes of the closed window since it closed.
    probes: u32,
    /// A probe is to be sent now.
    pub(super) probe_due: bool,
    /// What is to be sent again.
    pub(super) lost: Option<Lost>,
}

impl Retransmission {
    pub(super) const fn new() -> Self {
        Self {
            attempts: 0,
            since: Instant::ZERO,
            latest: Instant::ZERO,
            probes: 0,
            probe_due: false,
            lost: None,
        }
    }

    /// Counts afresh: something is sent for the first time, or the peer has shown that it lives.
    pub(super) const fn begin(&mut self, now: Instant) {
        self.attempts = 0;
        self.since = now;
        self.latest = now;
    }

    /// How often the segment at SND.UNA has timed out.
    pub(super) const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How often the closed window has been probed.
    pub(super) const fn probes(&self) -> u32 {
        self.probes
    }

    /// RFC 9293 3.8.3: how long the segment has been sent again, measured to compare with R2.
    pub(super) const fn span(&self) -> Duration {
        self.latest.since(self.since)
    }

    /// When the segment at SND.UNA was first sent, or the peer last showed that it lives.
    pub(super) const fn since(&self) -> Instant {
        self.since
    }

    /// RFC 6298 5.4: the timer expired with all from `una` to `nxt` outstanding.
    pub(super) fn handle_timeout(&mut self, now: Instant, una: SeqNumber, nxt: SeqNumber) {
        self.attempts = self.attempts.saturating_add(1);
        self.latest = now;
        self.lost = Some(Lost { next: una, end: nxt });
    }

    /// RFC 9293 3.8.6.1: the timer expired while the window is closed.
    pub(super) fn handle_probe(&mut self, now: Instant) {
        self.attempts = self.attempts.saturating_add(1);
        self.probes = self.probes.saturating_add(1);
        self.latest = now;
        self.probe_due = true;
    }

    /// SND.UNA has moved to `una`.
    pub(super) fn handle_ack(&mut self, now: Instant, una: SeqNumber) {
        self.begin(now);
        self.probe_due = false;
        self.lost = self
            .lost
            .map(|lost| Lost { next: lost.next.later(una), ..lost })
            .filter(|lost| lost.next.before(lost.end));
    }

    /// The closed window has opened. What the probes carried, the peer may have thrown away: it is sent again, in the
    /// company of what was not sent yet, up to `end`.
    pub(super) fn handle_opened(&mut self, una: SeqNumber, end: SeqNumber) {
        if self.probes > 0 && una != end {
            self.lost = Some(Lost { next: una, end });
        }
        self.probes = 0;
        self.probe_due = false;
    }

    /// The numbers up to `end` have been sent again.
    pub(super) fn handle_sent(&mut self, end: SeqNumber) {
        self.lost =
            self.lost.map(|lost| Lost { next: end, ..lost }).filter(|lost| lost.next.before(lost.end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(secs)
    }

    const UNA: SeqNumber = SeqNumber(u32::MAX - 9);

    #[test]
    fn what_is_acknowledged_meanwhile_is_not_sent_again() {
        let mut again = Retransmission::new();
        again.handle_timeout(at(1), UNA, UNA + 30);
        again.handle_sent(UNA + 10);
        assert_eq!(again.lost, Some(Lost { next: UNA + 10, end: UNA + 30 }));
        again.handle_ack(at(2), UNA + 20);
        assert_eq!(again.lost, Some(Lost { next: UNA + 20, end: UNA + 30 }));
        again.handle_ack(at(2), UNA + 30);
        assert_eq!(again.lost, None);
    }

    #[test]
    fn the_span_runs_from_the_first_transmission_to_the_latest_expiry() {
        let mut again = Retransmission::new();
        again.begin(at(10));
        again.handle_timeout(at(11), UNA, UNA + 1);
        again.handle_timeout(at(13), UNA, UNA + 1);
        assert_eq!((again.attempts(), again.span()), (2, Duration::from_secs(3)));
        again.handle_ack(at(14), UNA + 1);
        assert_eq!((again.attempts(), again.span()), (0, Duration::ZERO));
    }

    #[test]
    fn an_opening_window_repeats_what_was_probed_with_and_nothing_else() {
        let mut again = Retransmission::new();
        again.handle_opened(UNA, UNA + 1);
        assert_eq!(again.lost, None);
        again.handle_probe(at(1));
        again.handle_opened(UNA, UNA + 1);
        assert_eq!((again.lost, again.probes()), (Some(Lost { next: UNA, end: UNA + 1 }), 0));
        assert!(!again.probe_due);
        let mut again = Retransmission::new();
        again.handle_probe(at(1));
        again.handle_opened(UNA, UNA);
        assert_eq!((again.lost, again.probes(), again.probe_due), (None, 0, false));
    }
}
