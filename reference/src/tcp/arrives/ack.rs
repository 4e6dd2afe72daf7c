//! RFC 9293 3.10.7.4, fifth: ACK.

use super::super::sending::Sending;
use super::super::seq::SeqNumber;
use super::super::state::State;
use super::super::tcb::Next;
use super::super::timers::Timer;
use super::{Arrival, Discard, Disposition};
use crate::event::Event;
use crate::policy::{BlindAttacks, Policy};

pub(super) fn check(arrival: &mut Arrival<'_, '_>) -> Disposition {
    let Some(ack) = arrival.segment.ack else { return Disposition::Discard(Discard::NoAck) };
    let (una, nxt) = (arrival.sending.una(), arrival.sending.nxt());
    if arrival.state == State::SynReceived {
        // 3.5.2, group 2: what was not sent is not acknowledged by who is meant.
        if !is_acceptable(una, nxt, ack) {
            return Disposition::Reset(Discard::AckOutOfRange);
        }
        advance(arrival, ack);
        update_window(arrival, ack);
        heard(arrival);
        // 3.10.7.2, third: controls that came with the SYN have waited for this.
        if arrival.receiving.urgent().is_some() {
            arrival.events.push(Event::Urgent);
        }
        return Disposition::Enter(Next::Established);
    }
    if is_out_of_range(arrival.policy, una, nxt, arrival.sending.window().max, ack) {
        return Disposition::Challenge(Discard::AckOutOfRange);
    }
    heard(arrival);
    if is_acceptable(una, nxt, ack) {
        advance(arrival, ack);
    } else if is_duplicate(arrival, ack) {
        arrival.sending.handle_duplicate_ack();
    }
    if is_window_newer(arrival.sending, arrival.segment.seq, ack) {
        update_window(arrival, ack);
    }
    match (arrival.state, arrival.sending.is_fin_acknowledged()) {
        (State::FinWait1, true) => Disposition::Enter(Next::FinWait2),
        (State::Closing, true) => Disposition::Enter(Next::TimeWait),
        (State::LastAck, true) => Disposition::Enter(Next::Closed(None)),
        (_, _) => Disposition::Continue,
    }
}

/// SND.UNA < SEG.ACK =< SND.NXT
fn is_acceptable(una: SeqNumber, nxt: SeqNumber, ack: SeqNumber) -> bool {
    ack.after(una) && !ack.after(nxt)
}

/// Not (SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT). The lower bound is RFC 5961 5.2's.
pub(super) fn is_out_of_range(
    policy: &Policy,
    una: SeqNumber,
    nxt: SeqNumber,
    max_snd_wnd: u32,
    ack: SeqNumber,
) -> bool {
    let is_stale = policy.blind_attacks == BlindAttacks::Challenged && ack.before(una - max_snd_wnd);
    ack.after(nxt) || is_stale
}

/// SND.UNA moves. RFC 6298 5.3: the retransmission timer starts anew, if anything is left in flight; but see RFC 6582 3.2, 3.
fn advance(arrival: &mut Arrival<'_, '_>, ack: SeqNumber) {
    let round_trip = arrival.sending.handle_ack(arrival.now, ack);
    if !arrival.sending.holds_timer() {
        arrival.timers.stop(Timer::Retransmission);
    }
    if let Some(sample) = round_trip {
        let rto = arrival.sending.rto().value();
        arrival.events.push(Event::RoundTrip { sample, rto });
    }
}

/// 3.9.2.1 SHLD-24, 3.9.1.9 MAY-9: the segment is the peer's, and so is what its packet tells.
fn heard(arrival: &mut Arrival<'_, '_>) {
    arrival.lower.handle_segment(arrival.segment);
    arrival.sending.handle_ip_options(arrival.lower.carriage().options_len());
}

/// RFC 5681 2, (a) to (e). In answer to probes of a closed window it means nothing.
fn is_duplicate(arrival: &Arrival<'_, '_>, ack: SeqNumber) -> bool {
    let Arrival { sending, segment, came_empty, .. } = arrival;
    let wnd = sending.window().wnd;
    ack == sending.una()
        && sending.is_in_flight()
        && *came_empty
        && u32::from(segment.window) == wnd
        && wnd > 0
}

/// SND.UNA =< SEG.ACK, and SND.WL1 < SEG.SEQ or (SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK).
fn is_window_newer(sending: &Sending, seq: SeqNumber, ack: SeqNumber) -> bool {
    let window = sending.window();
    !ack.before(sending.una()) && (window.wl1.before(seq) || (window.wl1 == seq && !ack.before(window.wl2)))
}

/// SND.WND. Where a closed window opens, the timer no longer runs for probes.
fn update_window(arrival: &mut Arrival<'_, '_>, ack: SeqNumber) {
    let segment = &arrival.segment;
    if arrival.sending.handle_window(arrival.now, segment.window, segment.seq, ack) {
        arrival.timers.stop(Timer::Retransmission);
    }
}
