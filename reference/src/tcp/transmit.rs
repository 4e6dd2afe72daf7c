//! Segments out, the most urgent first: resets; SYN, text and FIN as the sending half chooses; acknowledgments, on these
//! or alone (RFC 9293 3.8.6.3).

use super::connection::Connection;
use super::mss::offered_by;
use super::options::Options;
use super::receiving::Receiving;
use super::segment::SegmentOut;
use super::sending::{Sending, Span, Syn};
use super::tcb::{SynReceived, SynSent, Synchronised, Tcb, TimeWait};
use crate::time::Instant;

/// RFC 9293 3.8.6.2.2: in TIME-WAIT the window moves only by half the buffer.
const NO_SEGMENT_SIZE: u32 = u32::MAX;

impl Connection {
    /// The next segment to send now, `None` if there is nothing more. The host adds checksum and lower headers.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<SegmentOut> {
        if let Some(reset) = self.resets.pop_front() {
            return Some(reset);
        }
        let carriage = self.lower.carriage();
        let bare = SegmentOut::bare(self.local, self.remote, super::SeqNumber::default(), carriage);
        let mss = offered_by(&self.policy, self.local, self.mtu);
        let segment = match &mut self.tcb {
            Tcb::Closed(_) | Tcb::Listen => None,
            Tcb::SynSent(SynSent { sending }) => sending.next_span(now, Syn::Alone).map(|span| SegmentOut {
                window: self.policy.receive_buffer,
                ..of_span(now, sending, span, mss, bare)
            }),
            Tcb::SynReceived(SynReceived { sending, receiving, .. }) => {
                next(now, sending, receiving, Syn::Alone, mss, bare)
            }
            Tcb::Synchronised(Synchronised { sending, receiving, .. }) => {
                next(now, sending, receiving, Syn::Past, mss, bare)
            }
            Tcb::TimeWait(TimeWait { snd_nxt, receiving, .. }) => receiving.owes_ack_now().then(|| {
                let bare = SegmentOut { seq: *snd_nxt, ..bare };
                acknowledging(receiving, NO_SEGMENT_SIZE, bare)
            }),
        };
        self.settle(now);
        segment
    }
}

/// Text, SYN or FIN with the acknowledgment on it; or the acknowledgment alone, if it is due.
fn next(
    now: Instant,
    sending: &mut Sending,
    receiving: &mut Receiving,
    syn: Syn,
    mss: u16,
    bare: SegmentOut,
) -> Option<SegmentOut> {
    if let Some(span) = sending.next_span(now, syn) {
        let segment = of_span(now, sending, span, mss, bare);
        return Some(acknowledging(receiving, sending.segment_size(), segment));
    }
    receiving.owes_ack_now().then(|| {
        let seq = sending.nxt();
        let bare = SegmentOut { seq, urgent: sending.urgent_field(seq), ..bare };
        acknowledging(receiving, sending.segment_size(), bare)
    })
}

/// The segment for `span`, now sent.
fn of_span(now: Instant, sending: &mut Sending, span: Span, mss: u16, bare: SegmentOut) -> SegmentOut {
    let contents = sending.contents(span);
    sending.handle_sent(now, span, contents.text.len());
    SegmentOut {
        seq: span.seq,
        syn: contents.syn,
        fin: contents.fin,
        psh: contents.push,
        // RFC 9293 3.10.2: with its text it waits for ESTABLISHED.
        urgent: sending.urgent_field(span.seq).filter(|_| !contents.syn),
        // RFC 9293 3.7.1 SHLD-5, MAY-3, MUST-65
        options: Options { mss: contents.syn.then_some(mss) },
        payload: contents.text,
        ..bare
    }
}

/// `segment` with RCV.NXT and the window on it.
fn acknowledging(receiving: &mut Receiving, segment_size: u32, segment: SegmentOut) -> SegmentOut {
    let window = receiving.offer(segment_size);
    receiving.handle_ack_sent();
    SegmentOut { ack: Some(receiving.nxt()), window, ..segment }
}
