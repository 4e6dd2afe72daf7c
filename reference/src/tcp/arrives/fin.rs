//! RFC 9293 3.10.7.4, eighth: FIN, once all before it has come.

use super::super::state::State;
use super::super::tcb::Next;
use super::{Arrival, Disposition};

pub(super) fn check(arrival: &mut Arrival<'_, '_>) -> Disposition {
    if !arrival.receiving.is_fin_next() {
        return Disposition::Continue;
    }
    arrival.receiving.handle_fin();
    match arrival.state {
        State::FinWait1 => Disposition::Enter(Next::Closing),
        State::FinWait2 => Disposition::Enter(Next::TimeWait),
        State::Established
        | State::CloseWait
        | State::Closing
        | State::LastAck
        | State::Closed
        | State::Listen
        | State::SynSent
        | State::SynReceived
        | State::TimeWait => Disposition::Enter(Next::CloseWait),
    }
}
