//! Rules of opening and closing: RFC 9293 3.5, 3.6, 3.10.4.

use wireproof_reference::time::{Duration, Instant};

use super::case::{Late, Look};
use super::findings::Findings;
use super::judgement::End;
use super::ranges::{at_or_before, before, distance};
use super::registry::RuleId;
use super::segment::{Arrival, Sum};

/// RFC 2525 2.15: promptly.
const PROMPTLY: Duration = Duration::from_millis(500);

/// A number so little before the right one is a wrong one, and no other connection's: those go up.
const NEAR: i32 = 16;

/// What the family keeps.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// `None` in a capture.
    known: Option<Box<Known>>,
}

/// What takes full knowledge.
#[derive(Clone, Debug, Default)]
struct Known {
    /// A FIN that came again in TIME-WAIT and waits for its acknowledgment: since when, until when, frame, whose turn.
    late_fin: Option<(Instant, u64, End)>,
    /// Until when the FIN must come.
    fin_due: Option<Instant>,
    last_fin: Option<Instant>,
    /// A SYN that came amid the connection and was not answered yet.
    strange_syn: Option<u64>,
}

/// Whether a number is meant to be `right` and is too low.
pub(super) fn is_just_before(number: u32, right: u32) -> bool {
    (1..=NEAR).contains(&distance(number, right))
}

impl State {
    /// Looks at a segment.
    pub(super) fn observe(&mut self, look: &Look<'_>, out: &mut Findings) {
        if look.s.is_judged {
            syn_acked(look, out);
        }
        if look.c.is_exact {
            self.known.get_or_insert_default();
        }
        if let Some(known) = &mut self.known {
            known.observe(look, out);
        }
    }

    /// The application did something.
    pub(super) fn deed(&mut self, late: &Late<'_>) {
        self.known.get_or_insert_default().deed(late);
    }

    /// What was due before `now` did not come.
    pub(super) fn time(&mut self, late: &Late<'_>, out: &mut Findings) {
        self.known.iter_mut().for_each(|known| known.time(late, out));
    }
}

impl Known {
    fn observe(&mut self, look: &Look<'_>, out: &mut Findings) {
        let s = look.s;
        let is_open = look.c.is_exact && look.c.is_synchronised(s.from.other()) && !look.c.is_over();
        if !s.is_judged && s.flags.syn() && s.arrival == Arrival::Arrived && is_open {
            self.strange_syn = Some(s.number);
        }
        if s.is_judged {
            self.sent(look, out);
            self.amid(look, out);
        } else if s.flags.fin() && s.arrival == Arrival::Arrived && s.tcp_sum == Sum::Right {
            self.fin_arrived(look, out);
        } else if s.flags.rst() {
            self.late_fin = None;
            self.fin_due = None;
        }
    }

    fn sent(&mut self, look: &Look<'_>, out: &mut Findings) {
        let (s, frames) = (look.s, [look.s.number]);
        if look.c.is_exact && !s.flags.syn() && !s.flags.rst() {
            let has_heard = look.own().received.edge().is_some();
            out.decide(RuleId::DataBeforeSyn, has_heard, look.place(&frames), || {
                (format!("<CTL={:?}> with {} octets", s.flags, s.len), "a SYN, or nothing".to_owned())
            });
        }
        if let Some((until, frame, _)) = self.late_fin.take() {
            let holds = !s.flags.rst() && s.ack.is_some() && s.time <= until;
            out.decide(RuleId::LateFinAcked, holds, look.place(&[frame, s.number]), || {
                (format!("<CTL={:?}>", s.flags), "an acknowledgment, in TIME-WAIT".to_owned())
            });
        }
        let is_end = s.flags.fin() || s.flags.rst();
        if is_end && self.fin_due.take().is_some_and(|due| s.time <= due) {
            out.held(RuleId::FinPromptly);
        }
    }

    /// RFC 9293 3.10.7.4: a SYN in a connection is challenged or resets it; behind LAST-ACK there is nobody.
    fn amid(&mut self, look: &Look<'_>, out: &mut Findings) {
        let (s, own, peer) = (look.s, look.own(), look.peer());
        if let Some(frame) = self.strange_syn.take() {
            let is_open = look.c.is_synchronised(s.from) && !look.c.is_over();
            let holds = !s.flags.syn() || !is_open;
            out.decide(RuleId::SynInConnection, holds, look.place(&[frame, s.number]), || {
                (format!("<CTL={:?}>", s.flags), "an acknowledgment, or a RST".to_owned())
            });
        }
        let (Some((fin, frame)), Some((peer_fin, _)), true) = (own.fin, peer.fin, look.c.is_exact) else {
            return;
        };
        let was_second = own.ack.is_some_and(|(ack, acked)| before(peer_fin, ack) && acked <= frame);
        let is_gone = own.sure_una.is_some_and(|una| before(fin, una));
        if was_second && is_gone && !s.flags.syn() {
            out.decide(RuleId::QuietAfterClose, s.flags.rst(), look.place(&[frame, s.number]), || {
                (format!("<CTL={:?}> with {} octets", s.flags, s.len), "nothing but RSTs".to_owned())
            });
        }
    }

    /// RFC 9293 3.10.7.4: in TIME-WAIT a FIN that comes again is acknowledged, and 2 MSL begin anew.
    fn fin_arrived(&mut self, look: &Look<'_>, out: &mut Findings) {
        let (s, me) = (look.s, look.s.from.other());
        let (own, peer) = (look.c.half(me), look.c.half(s.from));
        let since = self.last_fin.replace(s.time);
        let (Some((fin, frame)), Some((peer_fin, peer_frame)), true) = (own.fin, peer.fin, look.c.is_exact)
        else {
            return;
        };
        let is_done = own.sure_una.is_some_and(|una| before(fin, una))
            && own.ack.is_some_and(|(ack, _)| before(peer_fin, ack));
        let came_again = s.end().wrapping_sub(1) == peer_fin;
        if !is_done || !came_again || frame > peer_frame || own.reset.is_some() || peer.reset.is_some() {
            return;
        }
        let Some(msl) = look.timing.map(|timing| timing.msl) else {
            return out.undecidable(RuleId::LateFinAcked, "the device's MSL is not known");
        };
        if since.is_some_and(|since| s.time.since(since) < msl * 2) && !look.app.is_dead {
            self.late_fin = Some((s.time + look.at_once() + PROMPTLY, s.number, me));
        }
    }

    fn deed(&mut self, late: &Late<'_>) {
        let own = late.c.half(late.end);
        let (Some(shut), Some(isn)) = (late.app.shut, own.isn()) else { return };
        let sent = own.next.map(|next| u64::from(distance(isn.wrapping_add(1), next).max(0).unsigned_abs()));
        let is_all_sent = late.app.is_known() && sent == Some(late.app.written());
        let is_open = late.c.is_synchronised(late.end) && own.fin.is_none() && !late.c.is_over();
        let has_window = own.peer_window.is_some_and(|window| window > 0);
        if shut == late.now
            && is_all_sent
            && is_open
            && has_window
            && !late.app.has_aborted
            && late.c.is_exact
        {
            self.fin_due = Some(late.now + PROMPTLY);
        }
    }

    fn time(&mut self, late: &Late<'_>, out: &mut Findings) {
        if let Some(due) = self.fin_due.filter(|due| *due < late.now) {
            self.fin_due = None;
            out.decide(RuleId::FinPromptly, late.app.is_dead, (late.end, due, &[]), || {
                (
                    "no FIN, though all was sent and the application had closed".to_owned(),
                    format!("a FIN by {due}"),
                )
            });
        }
        if let Some((until, frame, _)) = self.late_fin.filter(|(until, ..)| *until < late.now) {
            self.late_fin = None;
            out.decide(RuleId::LateFinAcked, false, (late.end, until, &[frame]), || {
                ("silence".to_owned(), "an acknowledgment, in TIME-WAIT".to_owned())
            });
        }
    }
}

/// RFC 9293 3.5: the answer to a SYN acknowledges it.
fn syn_acked(look: &Look<'_>, out: &mut Findings) {
    let (s, peer) = (look.s, look.peer());
    if let (true, Some(ack), Some(syn)) = (s.flags.syn() && !s.flags.rst(), s.ack, peer.syn) {
        // RFC 9293 3.5; data in the SYN may be acknowledged too (RFC 7413 4.2).
        let (least, most) = (syn.seq.wrapping_add(1), syn.end);
        let holds = at_or_before(least, ack) && at_or_before(ack, most);
        // In a capture that lacks frames another, later SYN may be meant: only just before this one's number an
        // acknowledgment is surely wrong.
        let is_near = is_just_before(ack, least);
        if !holds && !is_near && !look.c.is_exact {
            out.undecidable(RuleId::SynAcked, "another SYN may be meant that the capture lacks");
        } else if peer.first == Some(syn.seq) {
            out.decide(RuleId::SynAcked, holds, look.place(&[syn.number, s.number]), || {
                (format!("ACK {ack}"), format!("ACK {least}, behind the SYN"))
            });
        }
    }
}
