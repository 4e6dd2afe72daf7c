//! RFC 9293 3.10.7.4, seventh: the segment text.

use super::super::connection::Reader;
use super::super::state::State;
use super::{Arrival, Discard, Disposition};
use crate::policy::UnreadData;

pub(super) fn check(arrival: &mut Arrival<'_, '_>) -> Disposition {
    match arrival.state {
        State::Established | State::FinWait1 | State::FinWait2 => receive(arrival),
        // A FIN has been received: ignore the text.
        State::CloseWait | State::Closing | State::LastAck => Disposition::Continue,
        State::Closed | State::Listen | State::SynSent | State::SynReceived | State::TimeWait => {
            Disposition::Continue
        }
    }
}

fn receive(arrival: &mut Arrival<'_, '_>) -> Disposition {
    let Arrival { policy, reader, receiving, segment, .. } = arrival;
    let had_gap = receiving.has_gap();
    let is_new = receiving.hold(segment);
    if is_new && *reader == Reader::Gone && policy.unread_data == UnreadData::Resets {
        return Disposition::Abort(Discard::TextAfterClose);
    }
    let advanced = receiving.advance();
    if *reader == Reader::Gone {
        receiving.discard();
    }
    if advanced > 0 && had_gap {
        // RFC 5681 4.2: all or part of a gap is filled.
        receiving.owe_one_ack();
    } else if advanced > 0 {
        receiving.owe_ack_for_text();
    } else if !segment.is_empty() && !receiving.is_fin_next() {
        // RFC 5681 4.2, MAY-13: above a gap.
        receiving.owe_duplicate_ack();
    }
    Disposition::Continue
}
