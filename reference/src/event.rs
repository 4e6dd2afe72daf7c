//! What an observer may see happen inside the stack, for tests, logs and the curious; nothing in the stack acts on it. And
//! what of it the application is told: ERROR_REPORT, RFC 9293 3.9.1.8.

use crate::policy::Reporting;
use crate::tcp::{Discard, Error, State, Timer};
use crate::time::Duration;
use std::collections::VecDeque;

/// The most events kept for an observer who does not look; the oldest go first.
pub const EVENTS_LIMIT: usize = 64;
/// The most reports kept for an application that does not ask; the oldest go first.
pub const REPORTS_LIMIT: usize = 16;

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
    /// An ICMP error came about a segment in flight (RFC 9293 3.9.2.2).
    Unreachable(Error),
}

/// What the application is told unasked, unless it does not want to hear it: the conditions of RFC 9293 3.9.1.8 MUST-47.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// An ICMP error came, and what it means. It does not end an open connection.
    Network(Error),
    /// Excessive retransmissions: R1 has been reached.
    Retransmissions,
    /// The urgent pointer has advanced.
    Urgent,
}

impl Report {
    /// What of an event the application is told.
    const fn of(event: Event) -> Option<Self> {
        match event {
            Event::Unreachable(error) => Some(Self::Network(error)),
            Event::DeliveryProblem => Some(Self::Retransmissions),
            Event::Urgent => Some(Self::Urgent),
            Event::Entered { .. }
            | Event::Discarded(_)
            | Event::RoundTrip { .. }
            | Event::Congestion { .. }
            | Event::Expired(_) => None,
        }
    }
}

/// The latest events and reports, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    events: VecDeque<Event>,
    reports: VecDeque<Report>,
    reporting: Reporting,
}

impl Events {
    pub(crate) const fn new(reporting: Reporting) -> Self {
        Self { events: VecDeque::new(), reports: VecDeque::new(), reporting }
    }

    pub(crate) fn push(&mut self, event: Event) {
        push(&mut self.events, EVENTS_LIMIT, event);
        let report = Report::of(event).filter(|_| self.reporting == Reporting::On);
        if let Some(report) = report {
            push(&mut self.reports, REPORTS_LIMIT, report);
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(crate) fn pop_report(&mut self) -> Option<Report> {
        self.reports.pop_front()
    }

    /// Off, what waits is forgotten as well.
    pub(crate) fn set_reporting(&mut self, reporting: Reporting) {
        self.reporting = reporting;
        if reporting == Reporting::Off {
            self.reports.clear();
        }
    }
}

/// The oldest give way.
fn push<T>(queue: &mut VecDeque<T>, limit: usize, item: T) {
    if queue.len() == limit {
        queue.pop_front();
    }
    queue.push_back(item);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_events_are_kept() {
        let mut events = Events::new(Reporting::On);
        events.push(Event::Urgent);
        for _ in 0..EVENTS_LIMIT {
            events.push(Event::DeliveryProblem);
        }
        let seen: Vec<Event> = std::iter::from_fn(|| events.pop()).collect();
        assert_eq!(seen, [Event::DeliveryProblem; EVENTS_LIMIT]);
        let told: Vec<Report> = std::iter::from_fn(|| events.pop_report()).collect();
        assert_eq!(told, [Report::Retransmissions; REPORTS_LIMIT]);
    }
}
