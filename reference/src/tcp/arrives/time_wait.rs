//! RFC 9293 3.10.7.4 in TIME-WAIT, where a peer that lost our last acknowledgment is answered and nothing else happens.

use super::super::segment::Segment;
use super::super::tcb::{Next, TimeWait};
use super::ack::is_out_of_range;
use super::reset::is_doubtful;
use super::sequence::{is_acceptable, unacceptable};
use super::syn::synchronised;
use super::{Discard, Disposition};
use crate::policy::{Policy, TimeWaitReset, TimeWaitReuse};

pub(super) fn arrives(time_wait: &TimeWait, policy: &Policy, segment: &Segment<'_>) -> Disposition {
    let TimeWait { snd_nxt, max_snd_wnd, receiving } = time_wait;
    // Second, before all else: RFC 1337 3, F1.
    if segment.rst && policy.time_wait_reset == TimeWaitReset::Ignored {
        return Disposition::Discard(Discard::ResetInTimeWait);
    }
    // First. The peer's FIN again lies right before the window: acknowledge it and restart the 2 MSL (fifth).
    if segment.fin && !segment.rst && segment.end() == receiving.nxt() {
        return Disposition::Linger(Discard::OutOfWindow);
    }
    if !is_acceptable(receiving, segment) {
        return unacceptable(segment);
    }
    // Second
    if segment.rst {
        return if is_doubtful(policy, receiving.nxt(), segment) {
            Disposition::Challenge(Discard::ResetNotExact)
        } else {
            Disposition::Enter(Next::Closed(None))
        };
    }
    // Fourth
    if segment.syn {
        return synchronised(policy);
    }
    // Fifth
    let Some(ack) = segment.ack else { return Disposition::Discard(Discard::NoAck) };
    if is_out_of_range(policy, *snd_nxt, *snd_nxt, *max_snd_wnd, ack) {
        return Disposition::Challenge(Discard::AckOutOfRange);
    }
    // Sixth to eighth: the peer has closed. An acknowledgment is not acknowledged: two ends in TIME-WAIT would never stop.
    if segment.is_empty() {
        return Disposition::Discard(Discard::NothingForTimeWait);
    }
    Disposition::Acknowledge(Discard::AfterFin)
}

/// Whether a SYN may take the connection over: its number lies after all that the peer used (RFC 6191 2, without
/// timestamps; RFC 9293 3.6.1 MAY-2).
pub(in crate::tcp) fn is_newer_syn(time_wait: &TimeWait, policy: &Policy, segment: &Segment<'_>) -> bool {
    policy.time_wait_reuse == TimeWaitReuse::NewerSyn
        && segment.syn
        && segment.ack.is_none()
        && !segment.rst
        && !segment.seq.before(time_wait.receiving.nxt())
}
