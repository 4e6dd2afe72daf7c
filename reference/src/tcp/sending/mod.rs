//! The sending half of a connection: the send sequence space of RFC 9293 3.3.1 and what fills it.
//!
//! ```text
//!       ISS      SND.UNA        SND.NXT    SND.UNA+SND.WND        end
//! -------|----------|--------------|--------------|----------------|---->
//!   SYN   acknowl.   in flight      may be sent    must wait    FIN
//! ```
//!
//! SYN and FIN are octets of this space like any other, so that one mechanism sends and repeats all three.

mod next;

pub(super) use next::{Span, Syn};

use super::congestion::{CongestionControl, Expiry, Flight, LossRecovery, NewReno, Repair, SlowStart};
use super::mss::{SegmentSize, Verdict};
use super::retransmit::{Lost, Retransmission};
use super::rtt::Rto;
use super::seq::{SeqNumber, octets, size};
use crate::policy::{Nagle, Policy};
use crate::time::{Duration, Instant};
use std::collections::VecDeque;

/// How far this end's FIN has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fin {
    /// The user has not closed.
    None,
    /// The user has closed; the FIN is not yet acknowledged, perhaps not yet sent.
    Unacknowledged,
    /// The peer has it.
    Acknowledged,
}

/// How far this end's SYN has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SynFate {
    Unacknowledged,
    Acknowledged,
}

/// The peer's window, RFC 9293 3.3.1.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SendWindow {
    /// SND.WND, from SND.UNA.
    pub(super) wnd: u32,
    /// SND.WL1: SEG.SEQ of the last update.
    pub(super) wl1: SeqNumber,
    /// SND.WL2: SEG.ACK of the last update.
    pub(super) wl2: SeqNumber,
    /// MAX.SND.WND: the largest ever offered (RFC 9293 3.8.6.2.1, RFC 5961 5.2).
    pub(super) max: u32,
}

impl SendWindow {
    const fn is_closed(self) -> bool {
        self.wnd == 0
    }

    fn set(&mut self, wnd: u16, seq: SeqNumber, ack: SeqNumber) {
        let wnd = u32::from(wnd);
        *self = Self { wnd, wl1: seq, wl2: ack, max: self.max.max(wnd) };
    }
}

/// The sending half.
#[derive(Debug)]
pub(super) struct Sending {
    iss: SeqNumber,
    una: SeqNumber,
    nxt: SeqNumber,
    syn: SynFate,
    window: SendWindow,
    /// The number of the first octet in `buffer`.
    text_start: SeqNumber,
    /// Text that nobody has acknowledged.
    buffer: VecDeque<u8>,
    capacity: usize,
    fin: Fin,
    /// SND.UP, the number after the last urgent octet (RFC 9293 3.8.5 MUST-62).
    up: Option<SeqNumber>,
    nagle: Nagle,
    size: SegmentSize,
    rto: Rto,
    rto_after_syn_loss: Duration,
    retransmission: Retransmission,
    initial_segments: u32,
    congestion: Box<dyn CongestionControl>,
    recovery: Box<dyn LossRecovery>,
    /// When anything in the sequence space was last sent.
    last_sent: Instant,
    /// RFC 9293 3.8.6.2.1, rule 4: use the window however small.
    override_sws: bool,
}

impl Sending {
    pub(super) fn new(iss: SeqNumber, size: SegmentSize, policy: &Policy) -> Self {
        Self {
            iss,
            una: iss,
            nxt: iss,
            syn: SynFate::Unacknowledged,
            text_start: iss + 1,
            window: SendWindow::default(),
            buffer: VecDeque::new(),
            capacity: policy.send_buffer,
            fin: Fin::None,
            up: None,
            nagle: policy.nagle,
            size,
            rto: Rto::new(policy),
            rto_after_syn_loss: policy.rto_after_syn_loss,
            retransmission: Retransmission::new(),
            initial_segments: policy.initial_segments,
            congestion: Box::new(SlowStart::new(size.effective(), policy.initial_segments)),
            recovery: Box::new(NewReno::new(iss)),
            last_sent: Instant::ZERO,
            override_sws: false,
        }
    }

    // Getters.

    pub(super) const fn iss(&self) -> SeqNumber {
        self.iss
    }

    pub(super) const fn una(&self) -> SeqNumber {
        self.una
    }

    pub(super) const fn nxt(&self) -> SeqNumber {
        self.nxt
    }

    pub(super) const fn window(&self) -> SendWindow {
        self.window
    }

    pub(super) const fn fin(&self) -> Fin {
        self.fin
    }

    pub(super) const fn rto(&self) -> &Rto {
        &self.rto
    }

    pub(super) const fn retransmission(&self) -> &Retransmission {
        &self.retransmission
    }

    pub(super) fn congestion_window(&self) -> (u32, u32) {
        (self.congestion.window(), self.congestion.threshold())
    }

    pub(super) fn segment_size(&self) -> u32 {
        self.size.effective()
    }

    /// Octets of text that the peer has not acknowledged, sent or not.
    pub(super) fn queued(&self) -> usize {
        self.buffer.len()
    }

    pub(super) fn room(&self) -> usize {
        self.capacity.saturating_sub(self.buffer.len())
    }

    const fn flight(&self) -> Flight {
        Flight { una: self.una, nxt: self.nxt }
    }

    pub(super) fn is_in_flight(&self) -> bool {
        self.una != self.nxt
    }

    pub(super) fn is_syn_unacknowledged(&self) -> bool {
        self.syn == SynFate::Unacknowledged
    }

    /// Whether the peer has this end's FIN.
    pub(super) fn is_fin_acknowledged(&self) -> bool {
        self.fin != Fin::None && self.una.after(self.text_end())
    }

    /// Whether the octet `seq` is this end's SYN.
    fn is_syn(&self, seq: SeqNumber) -> bool {
        self.is_syn_unacknowledged() && seq == self.iss
    }

    /// The number after the last octet of text.
    fn text_end(&self) -> SeqNumber {
        self.text_start + octets(self.buffer.len())
    }

    /// The number after all that is to be sent, FIN included.
    fn end(&self) -> SeqNumber {
        match self.fin {
            Fin::None => self.text_end(),
            Fin::Unacknowledged => self.text_end() + 1,
            Fin::Acknowledged => self.una,
        }
    }

    /// Whether `seq` is in flight: SND.UNA =< seq < SND.NXT (RFC 5927 4.1).
    pub(super) fn has_in_flight(&self, seq: SeqNumber) -> bool {
        seq.is_within(self.una, self.flight().size())
    }

    // Commands.

    /// Takes as much of `text` as there is room for.
    pub(super) fn queue(&mut self, text: &[u8]) -> usize {
        let taken = text.len().min(self.room());
        self.buffer.extend(&text[..taken]);
        taken
    }

    /// RFC 9293 3.10.2: all that is queued is urgent.
    pub(super) fn mark_urgent(&mut self) {
        self.up = Some(self.text_end());
    }

    /// The user has closed, or the peer has the FIN: follows a change of state, which alone decides it.
    pub(super) fn set_fin(&mut self, fin: Fin) {
        self.fin = fin;
    }

    pub(super) fn set_nagle(&mut self, nagle: Nagle) {
        self.nagle = nagle;
    }

    // Input.

    /// The peer's SYN has come: its MSS and its first window, unscaled.
    pub(super) fn handle_syn(&mut self, mss: Option<u16>, wnd: u16, seq: SeqNumber, ack: SeqNumber) {
        self.size.handle_syn(mss);
        self.congestion = Box::new(SlowStart::new(self.size.effective(), self.initial_segments));
        self.window.set(wnd, seq, ack);
    }

    /// RFC 9293 3.10.7.3, fourth: the peer's SYN crossed ours, which leaves again with an acknowledgment on it.
    pub(super) fn repeat_syn(&mut self) {
        if self.is_in_flight() {
            self.retransmission.lost = Some(Lost { next: self.iss, end: self.nxt });
        }
    }

    /// SND.UNA < SEG.ACK =< SND.NXT: an acceptable acknowledgment (RFC 9293 3.4).
    /// Returns the round trip, if it ends a measurement.
    pub(super) fn handle_ack(&mut self, now: Instant, ack: SeqNumber) -> Option<Duration> {
        let text_end = self.text_end();
        let text = ack.earlier(text_end).since(self.text_start);
        if self.is_syn_unacknowledged() && self.retransmission.attempts() > 0 {
            self.rto.handle_syn_loss(self.rto_after_syn_loss);
            self.congestion.handle_syn_loss();
        }
        self.syn = SynFate::Acknowledged;
        self.buffer.drain(..size(text));
        self.text_start = self.text_start + text;
        self.una = ack;
        self.up = self.up.filter(|up| up.after(ack));
        let round_trip = self.rto.handle_ack(now, ack);
        self.retransmission.handle_ack(now, ack);
        self.size.handle_ack(ack, text);
        let repair = self.recovery.handle_ack(self.flight(), text, self.congestion.as_mut());
        self.repair(repair);
        round_trip
    }

    /// Whether the acknowledgment that came last leaves the retransmission timer as it runs (RFC 6582 3.2, 3).
    pub(super) fn holds_timer(&self) -> bool {
        self.recovery.holds_timer()
    }

    /// RFC 5681 2: a duplicate acknowledgment.
    pub(super) fn handle_duplicate_ack(&mut self) {
        let repair = self.recovery.handle_duplicate(self.flight(), self.congestion.as_mut());
        self.repair(repair);
    }

    fn repair(&mut self, repair: Repair) {
        if repair == Repair::First {
            let end = self.nxt.earlier(self.una + self.size.effective());
            self.retransmission.lost = Some(Lost { next: self.una, end });
        }
    }

    /// A window update that RFC 9293 3.10.7.4, fifth, lets through. True if it opens a closed window.
    pub(super) fn handle_window(&mut self, now: Instant, wnd: u16, seq: SeqNumber, ack: SeqNumber) -> bool {
        let was_closed = self.window.is_closed();
        self.window.set(wnd, seq, ack);
        if self.window.is_closed() {
            // RFC 9293 3.8.6.1 MUST-37: the peer answers, so the connection stays open.
            self.retransmission.begin(now);
        } else if was_closed {
            let segment = (self.una + self.size.effective()).earlier(self.end());
            // RFC 9293 3.8.6.2.1: new text joins in only if all of the segment fits.
            let fits = segment.since(self.una) <= self.window.wnd;
            self.retransmission
                .handle_opened(self.una, if fits { self.nxt.later(segment) } else { self.nxt });
        }
        was_closed && !self.window.is_closed()
    }

    /// RFC 6298 5.4 to 5.7: the retransmission timer expired.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        let which = if self.retransmission.attempts() == 0 { Expiry::First } else { Expiry::Repeated };
        if self.size.handle_timeout() == Verdict::Adopted {
            self.congestion.handle_segment_size(self.size.effective());
        }
        if !self.is_syn_unacknowledged() {
            self.congestion.handle_timeout(self.flight().size(), which);
            self.recovery.handle_timeout(self.nxt);
        }
        self.rto.back_off();
        self.retransmission.handle_timeout(now, self.una, self.nxt);
    }

    /// RFC 9293 3.8.6.1: the timer expired while the window is closed.
    pub(super) fn handle_probe(&mut self, now: Instant) {
        self.retransmission.handle_probe(now);
    }

    /// RFC 9293 3.8.6.2.1, rule 4.
    pub(super) fn handle_override(&mut self) {
        self.override_sws = true;
    }

    /// RFC 1191 6.4, RFC 8201 5.4: a smaller path. If it is believed at once, what was too large is sent again at once.
    pub(super) fn handle_path_mtu(&mut self, mtu: u32, quoted: SeqNumber) -> bool {
        let adopted = self.size.handle_report(mtu, quoted) == Verdict::Adopted;
        if adopted {
            self.congestion.handle_segment_size(self.size.effective());
            self.retransmission.lost = Some(Lost { next: self.una, end: self.nxt });
        }
        adopted
    }

    /// So many octets of IP options stand before every segment from now on.
    pub(super) fn handle_ip_options(&mut self, len: u32) {
        if self.size.handle_ip_options(len) {
            self.congestion.handle_segment_size(self.size.effective());
        }
    }

    /// What is known of the path before anything but a SYN was sent.
    pub(super) fn handle_known_path(&mut self, mtu: u32) {
        self.size.handle_known_path(mtu);
        self.congestion.handle_segment_size(self.size.effective());
    }

    /// The retransmission timer starts from rest.
    pub(super) fn handle_timer_start(&mut self, now: Instant) {
        self.retransmission.begin(now);
    }

    // Output.

    /// Whether the retransmission timer has to run: something is in flight, or the window is closed to what waits.
    pub(super) fn needs_timer(&self) -> bool {
        self.is_in_flight() || (self.is_probing() && self.nxt != self.end())
    }

    /// Whether it runs in order to probe a closed window.
    pub(super) fn is_probing(&self) -> bool {
        self.window.is_closed() && !self.is_syn_unacknowledged()
    }

    /// The time until the retransmission timer expires, if it starts now.
    pub(super) fn timeout(&self) -> Duration {
        self.rto.doubled(self.retransmission.probes())
    }

    /// Whether text waits for nothing but a larger window, so that nobody else will bring about its sending
    /// (RFC 9293 3.8.6.2.1, rule 4).
    pub(super) fn needs_override(&self) -> bool {
        !self.is_in_flight() && !self.window.is_closed() && self.nxt != self.end()
    }

    /// `span`, with so much text in it, is sent now.
    pub(super) fn handle_sent(&mut self, now: Instant, span: Span, text: usize) {
        let end = span.seq + span.len;
        if span.seq.before(self.nxt) {
            self.rto.handle_resent();
        } else {
            self.rto.handle_sent(now, end);
        }
        self.nxt = self.nxt.later(end);
        self.retransmission.handle_sent(end);
        self.retransmission.probe_due = false;
        self.override_sws = false;
        self.last_sent = now;
        self.size.handle_sent(text);
    }

    /// What must hold after every input.
    pub(super) fn check(&self) {
        debug_assert!(!self.una.after(self.nxt), "SND.UNA {} is after SND.NXT {}", self.una, self.nxt);
        debug_assert!(!self.nxt.after(self.end()), "SND.NXT {} is after {}", self.nxt, self.end());
        debug_assert!(self.buffer.len() <= self.capacity);
        debug_assert!(self.congestion.window() >= 1);
        debug_assert!(self.retransmission.lost.is_none_or(|lost| {
            !lost.next.before(self.una) && lost.next.before(lost.end) && !lost.end.after(self.end())
        }));
    }
}
