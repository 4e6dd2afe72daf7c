//! Fast retransmit and fast recovery, RFC 5681 3.2 as amended by NewReno, RFC 6582; limited transmit, RFC 3042.
//!
//! Of the two ways to leave fast recovery (RFC 6582 3.2, 3) this is the first, which cannot send a burst.

use super::super::seq::SeqNumber;
use super::{CongestionControl, Flight, LossRecovery, Repair};

/// RFC 5681 3.2: so many duplicates mean a loss.
const DUPLICATE_THRESHOLD: u32 = 3;

/// The state of fast recovery.
#[derive(Clone, Debug)]
pub(in crate::tcp) struct NewReno {
    duplicates: u32,
    /// Losses up to this number have been acted upon (RFC 6582 2).
    recover: SeqNumber,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No loss is known.
    Open,
    /// In fast recovery.
    Recovery { partial: Partial },
}

/// How many partial acknowledgments this recovery has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Partial {
    None,
    One,
    More,
}

impl NewReno {
    /// RFC 6582 3.2, 1 sets `recover` to the initial send sequence number. One less, so that the loss of the very first
    /// segment of data can be repaired as well.
    pub(in crate::tcp) fn new(iss: SeqNumber) -> Self {
        Self { duplicates: 0, recover: iss - 1, phase: Phase::Open }
    }

    fn partial(&mut self, before: Partial, acknowledged: u32, control: &mut dyn CongestionControl) -> Repair {
        let partial = if before == Partial::None { Partial::One } else { Partial::More };
        self.phase = Phase::Recovery { partial };
        // RFC 6582 3.2, 3, partial acknowledgments: deflate, and add back a segment if one has left.
        let smss = control.segment_size();
        let back = if acknowledged >= smss { smss } else { 0 };
        control.set_window(control.window().saturating_sub(acknowledged).max(smss).saturating_add(back));
        Repair::First
    }

    fn full(&mut self, flight: Flight, control: &mut dyn CongestionControl) -> Repair {
        // RFC 6582 3.2, 3, full acknowledgments, option 1
        let smss = control.segment_size();
        control.set_window(control.threshold().min(flight.size().max(smss).saturating_add(smss)));
        self.phase = Phase::Open;
        Repair::None
    }
}

impl LossRecovery for NewReno {
    fn handle_duplicate(&mut self, flight: Flight, control: &mut dyn CongestionControl) -> Repair {
        self.duplicates = self.duplicates.saturating_add(1);
        let smss = control.segment_size();
        if let Phase::Recovery { .. } = self.phase {
            // RFC 5681 3.2, 4. No more than what is outstanding can have left the network.
            let most = control.threshold().saturating_add(flight.size());
            control.set_window(control.window().saturating_add(smss).min(most));
            return Repair::None;
        }
        // RFC 6582 3.2, 2: only if more than `recover` is acknowledged.
        if self.duplicates != DUPLICATE_THRESHOLD || !(flight.una - 1).after(self.recover) {
            return Repair::None;
        }
        self.recover = flight.nxt - 1;
        self.phase = Phase::Recovery { partial: Partial::None };
        // RFC 5681 3.2, 2 and 3: what limited transmit sent beyond cwnd is not counted.
        control.handle_loss(flight.size().min(control.window()));
        control.set_window(control.threshold().saturating_add(smss.saturating_mul(DUPLICATE_THRESHOLD)));
        Repair::First
    }

    fn handle_ack(
        &mut self,
        flight: Flight,
        acknowledged: u32,
        control: &mut dyn CongestionControl,
    ) -> Repair {
        self.duplicates = 0;
        match self.phase {
            Phase::Open => {
                // RFC 6582 6: keep `recover` from falling half a sequence space behind.
                self.recover = self.recover.later(flight.una - 1 - (1 << 30));
                control.handle_ack(acknowledged);
                Repair::None
            }
            Phase::Recovery { .. } if flight.una.after(self.recover) => self.full(flight, control),
            Phase::Recovery { partial } => self.partial(partial, acknowledged, control),
        }
    }

    fn handle_timeout(&mut self, nxt: SeqNumber) {
        // RFC 6582 3.2, 4
        self.recover = nxt - 1;
        self.phase = Phase::Open;
        self.duplicates = 0;
    }

    fn holds_timer(&self) -> bool {
        // RFC 6582 3.2, 3: the first partial acknowledgment resets the timer. Many holes are better filled by slow start
        // after a time-out than one in each round trip.
        self.phase == Phase::Recovery { partial: Partial::More }
    }

    fn allowance(&self, segment_size: u32) -> u32 {
        // RFC 3042 2, RFC 5681 3.2, 1: two segments beyond cwnd, on the first two duplicates.
        match (self.phase, self.duplicates) {
            (Phase::Open, 1) => segment_size,
            (Phase::Open, 2) => segment_size.saturating_mul(2),
            (Phase::Open | Phase::Recovery { .. }, _) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::SlowStart;
    use super::*;

    const ISS: SeqNumber = SeqNumber(300);

    fn flight(una: u32, nxt: u32) -> Flight {
        Flight { una: SeqNumber(una), nxt: SeqNumber(nxt) }
    }

    fn lossy() -> (NewReno, SlowStart) {
        let mut control = SlowStart::new(1000, u32::MAX);
        control.set_window(10_000);
        (NewReno::new(ISS), control)
    }

    fn duplicates(reno: &mut NewReno, control: &mut SlowStart, flight: Flight, count: usize) -> Vec<Repair> {
        (0..count).map(|_| reno.handle_duplicate(flight, control)).collect()
    }

    #[test]
    fn the_third_duplicate_and_only_the_third_repairs() {
        let (mut reno, mut control) = lossy();
        let repairs = duplicates(&mut reno, &mut control, flight(1301, 11_301), 4);
        assert_eq!(repairs, [Repair::None, Repair::None, Repair::First, Repair::None]);
        assert_eq!((control.threshold(), control.window()), (5000, 9000));
    }

    #[test]
    fn the_first_data_of_a_connection_can_be_repaired() {
        let (mut reno, mut control) = lossy();
        assert_eq!(duplicates(&mut reno, &mut control, flight(301, 4301), 3)[2], Repair::First);
    }

    #[test]
    fn two_duplicates_allow_two_segments_beyond_the_window() {
        let (mut reno, mut control) = lossy();
        let mut allowed = vec![reno.allowance(1000)];
        for _ in 0..3 {
            let _ = reno.handle_duplicate(flight(1301, 11_301), &mut control);
            allowed.push(reno.allowance(1000));
        }
        assert_eq!(allowed, [0, 1000, 2000, 0]);
    }

    #[test]
    fn a_partial_acknowledgment_repairs_the_next_hole_and_a_full_one_ends_recovery() {
        let (mut reno, mut control) = lossy();
        let _ = duplicates(&mut reno, &mut control, flight(1301, 11_301), 3);
        assert_eq!(reno.handle_ack(flight(4301, 11_301), 3000, &mut control), Repair::First);
        assert_eq!(control.window(), 8000 - 3000 + 1000);
        assert_eq!(reno.handle_ack(flight(11_301, 11_301), 7000, &mut control), Repair::None);
        assert_eq!(control.window(), 2000);
        assert_eq!(reno.handle_ack(flight(12_301, 13_301), 1000, &mut control), Repair::None);
        assert_eq!(control.window(), 3000);
    }

    #[test]
    fn after_a_timeout_duplicates_for_old_data_mean_nothing() {
        let (mut reno, mut control) = lossy();
        reno.handle_timeout(SeqNumber(11_301));
        let old = duplicates(&mut reno, &mut control, flight(4301, 11_301), 5);
        assert!(old.iter().all(|&repair| repair == Repair::None));
        let _ = reno.handle_ack(flight(11_301, 15_301), 7000, &mut control);
        assert_eq!(duplicates(&mut reno, &mut control, flight(11_301, 15_301), 3)[2], Repair::None);
        let _ = reno.handle_ack(flight(12_301, 15_301), 1000, &mut control);
        assert_eq!(duplicates(&mut reno, &mut control, flight(12_301, 15_301), 3)[2], Repair::First);
    }

    #[test]
    fn endless_duplicates_do_not_inflate_the_window_beyond_what_was_outstanding() {
        let (mut reno, mut control) = lossy();
        let _ = duplicates(&mut reno, &mut control, flight(1301, 11_301), 1000);
        assert_eq!(control.window(), 15_000);
    }

    #[test]
    fn recovery_is_entered_after_gigabytes_without_a_loss() {
        let (mut reno, mut control) = lossy();
        let mut una = ISS;
        for _ in 0..10 {
            una = una + (1 << 29);
            let _ = reno.handle_ack(Flight { una, nxt: una + 10_000 }, 1000, &mut control);
        }
        let repairs = duplicates(&mut reno, &mut control, Flight { una, nxt: una + 10_000 }, 3);
        assert_eq!(repairs[2], Repair::First);
    }
}
