//! The time of a capture as judges want it: from the first packet on, never back.

use wireproof_reference::time::Instant;

use crate::capture::file::Nanos;

/// Packets of several interfaces may stand in the wrong order by as much, nanoseconds; a step back beyond it is a clock
/// that was set, or another capture that was appended.
const REORDERED: Nanos = 1_000_000_000;

/// Makes times that never go back of those in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    first: Option<Nanos>,
    /// The last time that was told, counted from the first.
    last: Nanos,
    /// What is added since the clock was set back.
    shift: Nanos,
    steps: u64,
    /// The packet before which it was set back first, and by how much.
    step: Option<(u64, Nanos)>,
}

/// When a packet came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) time: Instant,
    /// Whether the clock was set back before it, so that nobody knows how long it took.
    pub(super) is_lost: bool,
}

impl Clock {
    /// The time of packet `number`; one without a time came with the packet before.
    pub(super) fn tell(&mut self, number: u64, time: Option<Nanos>) -> Moment {
        let mut is_lost = false;
        if let Some(time) = time {
            let first = *self.first.get_or_insert(time);
            let since = time - first + self.shift;
            let back = self.last - since;
            if back > REORDERED {
                is_lost = true;
                self.shift += back;
                self.steps += 1;
                self.step.get_or_insert((number, back));
            }
            self.last = self.last.max(since);
        }
        Moment { time: Instant::from_nanos(u64::try_from(self.last).unwrap_or(u64::MAX)), is_lost }
    }

    /// When the first packet was captured.
    pub(super) const fn first(&self) -> Option<Nanos> {
        self.first
    }

    /// The time from the first packet to the last, nanoseconds.
    pub(super) fn span(&self) -> u64 {
        u64::try_from(self.last).unwrap_or(u64::MAX)
    }

    /// How often it was set back, before which packet first, and by how much.
    pub(super) fn steps(&self) -> Option<(u64, u64, Nanos)> {
        self.step.map(|(number, back)| (self.steps, number, back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_counts_from_the_first_packet_and_goes_on_where_the_clock_is_set_back() {
        let second = 1_000_000_000;
        let mut clock = Clock::default();
        let mut told = |number, time: Nanos| {
            let moment = clock.tell(number, Some(time * second));
            (moment.time.as_nanos() / 1_000_000_000, moment.is_lost)
        };
        assert_eq!([told(1, 100), told(2, 103)], [(0, false), (3, false)]);
        assert_eq!([told(3, 50), told(4, 52)], [(3, true), (5, false)]);
        assert_eq!(clock.steps(), Some((1, 3, 53 * second)));
    }

    #[test]
    fn packets_in_the_wrong_order_by_less_than_a_second_share_a_time() {
        let mut clock = Clock::default();
        clock.tell(1, Some(0));
        clock.tell(2, Some(5_000));
        assert_eq!(clock.tell(3, Some(4_000)), Moment { time: Instant::from_nanos(5_000), is_lost: false });
        assert_eq!(clock.tell(4, None).time, Instant::from_nanos(5_000));
        assert_eq!(clock.steps(), None);
    }
}
