//! RFC 9293 3.10.7.4, first: is the segment in the window, and which part of it?

use super::super::receiving::Receiving;
use super::super::segment::Segment;
use super::super::seq::{octets, size};
use super::super::state::State;
use super::{Arrival, Discard, Disposition, Opened};

pub(super) fn check(arrival: &mut Arrival<'_, '_>) -> Disposition {
    let Arrival { state, opened, receiving, segment, .. } = arrival;
    // 3.5, Figure 8, line 6; A.2: both ends opened at once, and the peer's SYN comes again, now with the
    // acknowledgment. Of the two only the acknowledgment is new.
    if *state == State::SynReceived
        && *opened == Opened::Actively
        && segment.syn
        && segment.ack.is_some()
        && segment.seq == receiving.irs()
    {
        **segment = segment.without_syn();
    }
    if !is_acceptable(receiving, segment) {
        // A window of zero takes neither text nor FIN, but valid acknowledgments and urgent pointers (3.4, MUST-66).
        if receiving.window() == 0 && segment.seq == receiving.nxt() && !segment.syn {
            segment.payload = &[];
            segment.fin = false;
            receiving.owe_ack();
            return Disposition::Continue;
        }
        return unacceptable(segment);
    }
    **segment = trimmed(receiving, segment);
    Disposition::Continue
}

/// Table 6, a SYN by its own number. Resets have their own, stricter test, and the window of zero that lets them through is there.
pub(super) fn is_acceptable(receiving: &Receiving, segment: &Segment<'_>) -> bool {
    let (len, seq) = (segment.len(), segment.seq);
    // Of a segment whose SYN lies before the window the rest may be new; but the SYN is old, and says that its sender has
    // not heard ours. It is answered like one that comes alone.
    if segment.syn && !segment.rst {
        return receiving.has_in_window(seq);
    }
    match (len, receiving.window()) {
        (0, 0) => seq == receiving.nxt(),
        (_, 0) => segment.rst && seq == receiving.nxt(),
        (0, _) => receiving.has_in_window(seq),
        (_, _) => receiving.has_in_window(seq) || receiving.has_in_window(seq + (len - 1)),
    }
}

/// Text is answered each time; an empty segment or a SYN within the limit of RFC 5961 7, so that two ends which are out
/// of step do not answer each other for ever.
pub(super) fn unacceptable(segment: &Segment<'_>) -> Disposition {
    if segment.rst {
        return Disposition::Discard(Discard::ResetOutOfWindow);
    }
    if segment.syn || (segment.payload.is_empty() && !segment.fin) {
        return Disposition::Challenge(Discard::OutOfWindow);
    }
    Disposition::Acknowledge(Discard::OutOfWindow)
}

/// The part of `segment` that is new and fits the window. The exact number of a reset or a SYN still has to be judged:
/// these stay whole.
pub(in crate::tcp) fn trimmed<'s>(receiving: &Receiving, segment: &Segment<'s>) -> Segment<'s> {
    let mut segment = *segment;
    if segment.rst || segment.syn {
        return segment;
    }
    if segment.seq.before(receiving.nxt()) {
        segment = segment.without_front(receiving.nxt().since(segment.seq));
    }
    let room = receiving.right_edge().since(segment.seq);
    if segment.len() > room {
        segment.fin = false;
        segment.payload = &segment.payload[..segment.payload.len().min(size(room))];
    }
    debug_assert!(octets(segment.payload.len()) <= room);
    segment
}
