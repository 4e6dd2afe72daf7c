//! RFC 9293 3.10.7.4, sixth: URG.

use super::super::state::State;
use super::{Arrival, Disposition};
use crate::event::Event;

pub(super) fn check(arrival: &mut Arrival<'_, '_>) -> Disposition {
    let Some(offset) = arrival.segment.urgent else { return Disposition::Continue };
    match arrival.state {
        State::Established | State::FinWait1 | State::FinWait2 => {
            // RCV.UP <- max(RCV.UP, SEG.UP)
            if arrival.receiving.handle_urgent(arrival.segment.seq + u32::from(offset)) {
                arrival.events.push(Event::Urgent);
            }
        }
        // A FIN has been received: ignore the URG.
        State::CloseWait | State::Closing | State::LastAck => {}
        State::Closed | State::Listen | State::SynSent | State::SynReceived | State::TimeWait => {}
    }
    Disposition::Continue
}
