//! RFC 9293 3.10.7.4, fourth: SYN, in the window.

use super::super::error::Error;
use super::super::state::State;
use super::super::tcb::Next;
use super::{Arrival, Discard, Disposition, Opened};
use crate::policy::{BlindAttacks, Policy};

pub(super) fn check(arrival: &mut Arrival<'_, '_>) -> Disposition {
    if !arrival.segment.syn {
        return Disposition::Continue;
    }
    // The peer begins again; it will send its SYN once more.
    if arrival.state == State::SynReceived && arrival.opened == Opened::Passively {
        return Disposition::Enter(Next::Listen);
    }
    synchronised(arrival.policy)
}

/// RFC 5961 4.2; RFC 793 before it took the SYN for an error.
pub(super) fn synchronised(policy: &Policy) -> Disposition {
    match policy.blind_attacks {
        BlindAttacks::Challenged => Disposition::Challenge(Discard::SynWhenSynchronised),
        BlindAttacks::Believed => Disposition::ResetAndClose(Discard::SynWhenSynchronised, Error::Reset),
    }
}
