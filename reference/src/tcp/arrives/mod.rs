//! SEGMENT ARRIVES, RFC 9293 3.10.7: the RFC's order, a file a check.
//!
//! | order | file | looks at |
//! |---|---|---|
//! | 3.10.7.1 | [`closed`] | CLOSED |
//! | 3.10.7.2 | [`listen`] | LISTEN |
//! | 3.10.7.3 | [`syn_sent`] | SYN-SENT |
//! | 3.10.7.4 first | [`sequence`] | acceptability, the window |
//! | second | [`reset`] | RST |
//! | third | | security and compartment, which nothing on the Internet carries (A.1) |
//! | fourth | [`syn`] | SYN |
//! | fifth | [`ack`] | ACK |
//! | sixth | [`urgent`] | URG |
//! | seventh | [`text`] | the text |
//! | eighth | [`fin`] | FIN |
//! | all of them | [`time_wait`] | TIME-WAIT, which has numbers to answer with and nothing else |
//!
//! The first four checks only look. The others hand numbers and text to the two halves of the connection. None changes
//! the state or sends: that is what their [`Disposition`] asks for.

mod ack;
mod closed;
mod disposition;
mod fin;
mod listen;
mod reset;
mod sequence;
mod syn;
mod syn_sent;
mod text;
mod time_wait;
mod urgent;

pub use closed::reset_for_closed;
pub use disposition::Discard;
pub(super) use disposition::Disposition;
pub(super) use listen::{Listening, listens};
pub(super) use sequence::trimmed;
pub(super) use time_wait::is_newer_syn;

use super::connection::{Connection, Flow, Reader};
use super::lower::Lower;
use super::receiving::Receiving;
use super::segment::Segment;
use super::sending::Sending;
use super::state::State;
use super::tcb::{Origin, SynReceived, Synchronised, Tcb};
use super::timers::Timers;
use crate::event::Events;
use crate::policy::Policy;
use crate::time::Instant;

/// A segment and what the checks of 3.10.7.4 need to judge it.
struct Arrival<'a, 's> {
    now: Instant,
    policy: &'a Policy,
    state: State,
    opened: Opened,
    reader: Reader,
    sending: &'a mut Sending,
    receiving: &'a mut Receiving,
    timers: &'a mut Timers,
    lower: &'a mut Lower,
    events: &'a mut Events,
    segment: &'a mut Segment<'s>,
    /// Whether it came with neither text nor FIN, before anything was cut off.
    came_empty: bool,
}

/// How SYN-RECEIVED was reached (RFC 9293 3.10.7.4 MUST-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opened {
    Passively,
    Actively,
}

type Check = fn(&mut Arrival<'_, '_>) -> Disposition;

/// RFC 9293 3.10.7.4, first to eighth.
const CHECKS: [Check; 7] =
    [sequence::check, reset::check, syn::check, ack::check, urgent::check, text::check, fin::check];

/// The same from the sixth on, where 3.10.7.3 joins.
const FROM_SIXTH: &[Check] = CHECKS.split_at(4).1;

impl Connection {
    /// SEGMENT ARRIVES (RFC 9293 3.10.7): a segment from this peer to this end, its checksum verified, its addresses
    /// fit to be answered.
    pub fn handle_segment(&mut self, now: Instant, segment: &Segment<'_>) {
        let mut segment = *segment;
        let una = self.tcb.sending().map(Sending::una);
        match &mut self.tcb {
            Tcb::Closed(_) | Tcb::Listen => {
                let reset = reset_for_closed(&segment, self.lower.carriage());
                reset.into_iter().for_each(|reset| self.reset(reset));
            }
            Tcb::SynSent(syn_sent) => {
                let disposition = syn_sent::arrives(syn_sent, now, &self.policy, &mut self.lower, &segment);
                if self.apply(now, disposition, &segment) == Flow::Continue {
                    self.join_at_sixth(now, &mut segment);
                }
            }
            Tcb::SynReceived(_) | Tcb::Synchronised(_) => self.run(now, &CHECKS, &mut segment),
            Tcb::TimeWait(time_wait) => {
                let disposition = time_wait::arrives(time_wait, &self.policy, &segment);
                let _ = self.apply(now, disposition, &segment);
            }
        }
        // RFC 5461 2.2: a soft error is for data that cannot be delivered. This was.
        if self.tcb.sending().is_some_and(|sending| Some(sending.una()) != una) {
            self.soft_error = None;
        }
        self.settle(now);
    }

    /// RFC 9293 3.10.7.3, fourth: the SYN is done with, the rest of its segment is processed at the sixth step.
    fn join_at_sixth(&mut self, now: Instant, segment: &mut Segment<'_>) {
        if let Tcb::Synchronised(Synchronised { receiving, .. }) = &self.tcb {
            *segment = trimmed(receiving, &segment.without_syn());
            self.run(now, FROM_SIXTH, segment);
        }
    }

    /// Passes a segment through `checks` until one stops it, or the state has no more use for it.
    fn run(&mut self, now: Instant, checks: &[Check], segment: &mut Segment<'_>) {
        let came_empty = segment.is_empty();
        for check in checks {
            let Some(mut arrival) = self.arrival(now, segment, came_empty) else { return };
            let disposition = check(&mut arrival);
            if self.apply(now, disposition, segment) == Flow::Stop {
                return;
            }
        }
    }

    fn arrival<'a, 's>(
        &'a mut self,
        now: Instant,
        segment: &'a mut Segment<'s>,
        came_empty: bool,
    ) -> Option<Arrival<'a, 's>> {
        let state = self.tcb.state();
        let (sending, receiving, opened) = match &mut self.tcb {
            Tcb::SynReceived(SynReceived { sending, receiving, origin: Origin::Passive { .. }, .. }) => {
                (sending, receiving, Opened::Passively)
            }
            Tcb::SynReceived(SynReceived { sending, receiving, origin: Origin::Active, .. })
            | Tcb::Synchronised(Synchronised { sending, receiving, .. }) => {
                (sending, receiving, Opened::Actively)
            }
            Tcb::Closed(_) | Tcb::Listen | Tcb::SynSent(_) | Tcb::TimeWait(_) => return None,
        };
        Some(Arrival {
            now,
            policy: &self.policy,
            state,
            opened,
            reader: self.reader,
            sending,
            receiving,
            timers: &mut self.timers,
            lower: &mut self.lower,
            events: &mut self.events,
            segment,
            came_empty,
        })
    }
}
