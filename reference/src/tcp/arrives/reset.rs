//! RFC 9293 3.10.7.4, second: RST, in the window already.

use super::super::error::Error;
use super::super::segment::Segment;
use super::super::seq::SeqNumber;
use super::super::state::State;
use super::super::tcb::Next;
use super::{Arrival, Discard, Disposition, Opened};
use crate::policy::{BlindAttacks, Policy};

pub(super) fn check(arrival: &mut Arrival<'_, '_>) -> Disposition {
    if !arrival.segment.rst {
        return Disposition::Continue;
    }
    if is_doubtful(arrival.policy, arrival.receiving.nxt(), arrival.segment) {
        return Disposition::Challenge(Discard::ResetNotExact);
    }
    Disposition::Enter(match (arrival.state, arrival.opened) {
        (State::SynReceived, Opened::Passively) => Next::Listen,
        (State::SynReceived, Opened::Actively) => Next::Closed(Some(Error::Refused)),
        // The user has closed and so has the peer: nothing is lost.
        (State::Closing | State::LastAck, _) => Next::Closed(None),
        (
            State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closed
            | State::Listen
            | State::SynSent
            | State::TimeWait,
            _,
        ) => Next::Closed(Some(Error::Reset)),
    })
}

/// RFC 5961 3.2: only the exact number proves that the peer knows the connection.
pub(super) fn is_doubtful(policy: &Policy, rcv_nxt: SeqNumber, segment: &Segment<'_>) -> bool {
    policy.blind_attacks == BlindAttacks::Challenged && segment.seq != rcv_nxt
}
