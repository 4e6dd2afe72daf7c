//! What an observer may see happen inside the stack: for tests, logs and the curious. Nothing in the stack acts on it.

use crate::tcp::{Discard, State, Timer};
use crate::time::Duration;
use std::collections::VecDeque;

/// The most events kept for an observer who does not look; the oldest go first.
pub const EVENTS_LIMIT: usize = 64;

/// Something that happened to one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The state changed.
    Entered {
        /// The state before.
        from: State,
        /// The state now.
        to: State,
    },
    /// An arriving segment, or the rest of it, was not processed.
    Discarded(Discard),
    /// A round trip was measured (RFC 6298 3).
    RoundTrip {
        /// How long it took.
        sample: Duration,
        /// RTO as computed from it.
        rto: Duration,
    },
    /// The congestion window or its threshold changed.
    Congestion {
        /// cwnd, octets.
        window: u32,
        /// ssthresh, octets.
        threshold: u32,
    },
    /// A timer expired.
    Expired(Timer),
    /// R1 retransmissions have got no answer: the route and the next hop deserve doubt (RFC 9293 3.8.3 MUST-20, SHLD-9).
    DeliveryProblem,
    /// Urgent data was announced, or more of it (RFC 9293 3.8.5 MUST-32).
    Urgent,
}

/// The latest events, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Events(VecDeque<Event>);

impl Events {
    pub(crate) fn push(&mut self, event: Event) {
        if self.0.len() == EVENTS_LIMIT {
            self.0.pop_front();
        }
        self.0.push_back(event);
    }

    pub(crate) fn pop(&mut self) -> Option<Event> {
        self.0.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_events_are_kept() {
        let mut events = Events::default();
        events.push(Event::Urgent);
        for _ in 0..EVENTS_LIMIT {
            events.push(Event::DeliveryProblem);
        }
        assert_eq!(std::iter::from_fn(|| events.pop()).filter(|&event| event == Event::Urgent).count(), 0);
    }
}
