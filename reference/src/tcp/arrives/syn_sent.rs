//! RFC 9293 3.10.7.3: SYN-SENT.

use super::super::error::Error;
use super::super::lower::Lower;
use super::super::receiving::Receiving;
use super::super::segment::Segment;
use super::super::tcb::{Next, SynSent};
use super::{Discard, Disposition};
use crate::policy::Policy;
use crate::time::Instant;

pub(super) fn arrives(
    syn_sent: &mut SynSent,
    now: Instant,
    policy: &Policy,
    lower: &mut Lower,
    segment: &Segment<'_>,
) -> Disposition {
    let sending = &mut syn_sent.sending;
    // First: SEG.ACK =< ISS or SEG.ACK > SND.NXT
    if segment.ack.is_some_and(|ack| !ack.after(sending.iss()) || ack.after(sending.nxt())) {
        return if segment.rst {
            Disposition::Discard(Discard::AckOfNoSyn)
        } else {
            Disposition::Reset(Discard::AckOfNoSyn)
        };
    }
    // Second: believed if it acknowledges our SYN. RFC 5961 3.2 leaves this state alone; RCV.NXT is not known here.
    if segment.rst {
        return match segment.ack {
            Some(_) => Disposition::Enter(Next::Closed(Some(Error::Refused))),
            None => Disposition::Discard(Discard::ResetWithoutAck),
        };
    }
    // Third is nothing, fifth:
    if !segment.syn {
        return Disposition::Discard(Discard::NothingForSynSent);
    }
    // Fourth
    lower.handle_segment(segment);
    sending.handle_syn(
        segment.options.mss,
        segment.window,
        segment.seq,
        segment.ack.unwrap_or(sending.iss()),
    );
    match segment.ack {
        Some(ack) => {
            sending.handle_ack(now, ack);
            let mut receiving = Receiving::new(segment.seq, policy);
            receiving.owe_ack();
            Disposition::Enter(Next::EstablishedBy(receiving))
        }
        None => {
            sending.repeat_syn();
            Disposition::Enter(Next::SynReceived(Receiving::of_syn(segment, policy)))
        }
    }
}
