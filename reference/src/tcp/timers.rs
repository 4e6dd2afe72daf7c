//! The timers of one connection: a table of deadlines, no more.

use crate::time::Instant;

/// What a deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Something sent is not acknowledged, or a closed window must be probed (RFC 6298 5, RFC 9293 3.8.6.1).
    Retransmission,
    /// What was sent has been unacknowledged for as long as the user allows (RFC 9293 3.10.8, USER TIMEOUT).
    User,
    /// A window too small to be worth using has to be used after all (RFC 9293 3.8.6.2.1, rule 4).
    SendOverride,
    /// An acknowledgment has waited long enough (RFC 9293 3.8.6.3).
    DelayedAck,
    /// The end of TIME-WAIT (RFC 9293 3.6.1, 3.10.8).
    TimeWait,
    /// The end of FIN-WAIT-2 for a connection that nobody has any more (the policy's).
    FinWait2,
}

impl Timer {
    /// All of them, in the order in which they are served when they expire together.
    pub const ALL: [Self; 6] = [
        Self::User,
        Self::Retransmission,
        Self::SendOverride,
        Self::DelayedAck,
        Self::TimeWait,
        Self::FinWait2,
    ];

    const fn slot(self) -> usize {
        match self {
            Self::Retransmission => 0,
            Self::SendOverride => 1,
            Self::DelayedAck => 2,
            Self::TimeWait => 3,
            Self::FinWait2 => 4,
            Self::User => 5,
        }
    }
}

/// The deadlines that are set.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timers([Option<Instant>; Timer::ALL.len()]);

impl Timers {
    pub(super) const fn deadline(&self, timer: Timer) -> Option<Instant> {
        self.0[timer.slot()]
    }

    pub(super) const fn is_running(&self, timer: Timer) -> bool {
        self.deadline(timer).is_some()
    }

    pub(super) fn start(&mut self, timer: Timer, deadline: Instant) {
        self.0[timer.slot()] = Some(deadline);
    }

    pub(super) fn stop(&mut self, timer: Timer) {
        self.0[timer.slot()] = None;
    }

    /// Starts it, or stops it where there is no deadline.
    pub(super) fn set(&mut self, timer: Timer, deadline: Option<Instant>) {
        self.0[timer.slot()] = deadline;
    }

    pub(super) fn stop_all(&mut self) {
        *self = Self::default();
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.iter().flatten().min().copied()
    }

    /// Takes a timer that has expired by `now`.
    pub(super) fn take_expired(&mut self, now: Instant) -> Option<Timer> {
        let expired =
            Timer::ALL.into_iter().find(|&timer| self.deadline(timer).is_some_and(|at| at <= now))?;
        self.stop(expired);
        Some(expired)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;

    #[test]
    fn an_expired_timer_is_served_once_and_the_earliest_deadline_is_told() {
        let at = |secs| Instant::ZERO + Duration::from_secs(secs);
        let mut timers = Timers::default();
        timers.start(Timer::TimeWait, at(9));
        timers.start(Timer::DelayedAck, at(3));
        assert_eq!(timers.next(), Some(at(3)));
        assert_eq!(timers.take_expired(at(2)), None);
        assert_eq!(timers.take_expired(at(9)), Some(Timer::DelayedAck));
        assert_eq!(timers.take_expired(at(9)), Some(Timer::TimeWait));
        assert_eq!((timers.take_expired(at(9)), timers.next()), (None, None));
    }
}
