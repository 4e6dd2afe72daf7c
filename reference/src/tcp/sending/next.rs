//! What may be sent now: what is lost, then new data as the windows, Nagle and the avoidance of silly windows allow
//! (RFC 9293 3.7.4, 3.8.6; RFC 5681 3.1, 4.1).

use super::super::retransmit::Lost;
use super::super::seq::{SeqNumber, size};
use super::{Fin, Sending};
use crate::policy::Nagle;
use crate::time::Instant;

/// What is to go into one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tcp) struct Span {
    pub(in crate::tcp) seq: SeqNumber,
    pub(in crate::tcp) len: u32,
}

/// Whether a SYN is all that may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tcp) enum Syn {
    /// SYN-SENT, SYN-RECEIVED: text waits for ESTABLISHED (RFC 9293 3.10.2).
    Alone,
    /// Text may follow.
    Past,
}

/// What goes into a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tcp) struct Contents {
    pub(in crate::tcp) syn: bool,
    pub(in crate::tcp) fin: bool,
    /// RFC 9293 3.9.1.2 MUST-61: nothing more is queued.
    pub(in crate::tcp) push: bool,
    pub(in crate::tcp) text: Vec<u8>,
}

impl Sending {
    /// What may be sent now, the most urgent first; `None` if nothing.
    pub(in crate::tcp) fn next_span(&mut self, now: Instant, syn: Syn) -> Option<Span> {
        if syn == Syn::Alone {
            return self.syn_span();
        }
        if self.retransmission.probe_due {
            // One octet, text or FIN, sent before or not.
            return Some(Span { seq: self.una, len: 1 });
        }
        if let Some(lost) = self.retransmission.lost {
            return self.repeated_span(lost);
        }
        // RFC 5681 4.1
        if !self.is_in_flight() && now.since(self.last_sent) > self.rto.value() {
            self.congestion.handle_idle();
        }
        self.new_span()
    }

    fn syn_span(&self) -> Option<Span> {
        let due = self.nxt == self.iss || self.retransmission.lost.is_some();
        due.then_some(Span { seq: self.iss, len: 1 })
    }

    /// What is lost, as far as the peer's window reaches (RFC 9293 3.8.6 SHLD-16); beyond the first segment only within
    /// the congestion window, which is RFC 5681 3.1's slow start after a time-out.
    fn repeated_span(&self, lost: Lost) -> Option<Span> {
        if self.is_syn(lost.next) {
            return Some(Span { seq: self.iss, len: 1 });
        }
        let offset = lost.next.since(self.una);
        let in_window = self.window.wnd.saturating_sub(offset);
        let len =
            lost.end.since(lost.next).min(self.with_fin(lost.next, self.size.effective())).min(in_window);
        let allowed = offset == 0 || offset.saturating_add(len) <= self.congestion.window();
        (len > 0 && allowed).then_some(Span { seq: lost.next, len })
    }

    /// `len`, or one more if the FIN follows right after so much text.
    fn with_fin(&self, seq: SeqNumber, len: u32) -> u32 {
        if seq + len == self.text_end() { len + 1 } else { len }
    }

    /// New data: the rules of RFC 9293 3.8.6.2.1 and 3.7.4.
    fn new_span(&self) -> Option<Span> {
        let span = |len| Some(Span { seq: self.nxt, len });
        let mss = self.size.effective();
        let flight = self.flight().size();
        let network = self.congestion.window().saturating_add(self.recovery.allowance(mss));
        let offered = self.window.wnd.saturating_sub(flight);
        let usable = offered.min(network.saturating_sub(flight));
        let text = if self.text_end().after(self.nxt) { self.text_end().since(self.nxt) } else { 0 };
        let waiting = self.end().since(self.nxt);
        if waiting == 0 {
            return None;
        }
        let sendable = text.min(usable);
        // Nagle: nothing is in flight, or nothing could be gained by waiting.
        let closing = waiting > text;
        let urgent = self.up.is_some_and(|up| up.after(self.nxt));
        let at_rest = !self.is_in_flight() || self.nagle == Nagle::Off || closing || urgent;
        // (1)
        if sendable >= mss {
            return span(self.with_fin_in(mss, text, offered));
        }
        // (2) All that waits is pushed.
        let all = self.with_fin_in(text, text, offered);
        if at_rest && text <= usable && all > 0 {
            return span(all);
        }
        // (3), (4)
        let worthwhile = at_rest && sendable > 0 && sendable >= self.window.max.div_ceil(2);
        if worthwhile || (self.override_sws && sendable > 0) {
            return span(sendable);
        }
        None
    }

    /// `len` of `text` octets, and the FIN where it follows and the peer's window has room. In the congestion window it
    /// takes none.
    fn with_fin_in(&self, len: u32, text: u32, offered: u32) -> u32 {
        let fin = self.fin == Fin::Unacknowledged && len == text && len < offered;
        len + u32::from(fin)
    }

    /// The text of `span`, whether a SYN precedes it and a FIN follows it, and whether it empties the queue.
    pub(in crate::tcp) fn contents(&self, span: Span) -> Contents {
        let syn = self.is_syn(span.seq);
        let start = span.seq + u32::from(syn);
        let end = (span.seq + span.len).earlier(self.text_end());
        let len = if end.after(start) { size(end.since(start)) } else { 0 };
        let skip = size(start.since(self.text_start));
        let text = self.buffer.range(skip..skip + len).copied().collect();
        Contents {
            syn,
            fin: (span.seq + span.len).after(self.text_end()),
            push: len > 0 && end == self.text_end(),
            text,
        }
    }

    /// The urgent field for a segment that starts at `seq` (RFC 9293 3.8.5). Urgent data that ends further on than the
    /// field can tell is pointed to as far as it reaches.
    pub(in crate::tcp) fn urgent_field(&self, seq: SeqNumber) -> Option<u16> {
        let up = self.up.filter(|up| up.after(seq))?;
        Some(u16::try_from(up.since(seq)).unwrap_or(u16::MAX))
    }
}
