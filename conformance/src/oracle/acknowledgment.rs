//! Rules of acknowledgments: RFC 9293 3.4, 3.8.6.3, 3.10.7.4, RFC 5681 4.2.
//!
//! What a segment that arrived demands is kept as a [`Due`] until it is met or too late.

use wireproof_reference::time::{Duration, Instant};

use super::case::{Late, Look};
use super::findings::Findings;
use super::ordinary::Ordinary;
use super::ranges::{Ranges, at_or_before, before, distance};
use super::registry::RuleId;
use super::state::States;
use crate::device::TcpState;

/// MUST-40.
const HALF_A_SECOND: Duration = Duration::from_millis(500);
/// What "at once" may take where no profile tells.
pub(super) const AT_ONCE: Duration = Duration::from_millis(50);
/// RFC 5961 7: answers to segments outside the window may be limited; after so long none is.
const LIMIT: Duration = Duration::from_secs(10);
/// How many demands are kept of an end.
const MOST_DUES: usize = 16;

const GAP: &str = "the capture may lack the segments that were acknowledged";
const ORDER: &str = "a capture does not tell in which order acknowledgments were sent";

/// What must come, and until when.
#[derive(Clone, Copy, Debug)]
struct Due {
    rule: RuleId,
    until: Instant,
    frame: u64,
    /// The acknowledgment number that it takes, or more; `None`: any answer.
    ack: Option<u32>,
}

/// An acknowledgment that stands higher than others: number, frame, numbers behind it, timestamp.
#[derive(Clone, Copy, Debug)]
struct Highest {
    ack: u32,
    frame: u64,
    /// `None`: it was sent again, so that what bears later numbers may have been sent earlier.
    end: Option<u32>,
    clock: Option<u32>,
}

/// In a capture: an acknowledgment of what was not seen.
#[derive(Clone, Copy, Debug)]
struct Ahead {
    ack: u32,
    frame: u64,
    next: u32,
}

#[derive(Clone, Debug, Default)]
struct Side {
    highest: Option<Highest>,
    ahead: Option<Ahead>,
    /// `None` in a capture.
    known: Option<Box<Known>>,
}

/// What takes full knowledge.
#[derive(Clone, Debug, Default)]
struct Known {
    /// The furthest edge that it offered, whether anybody heard or not.
    offered: Option<u32>,
    dues: Vec<Due>,
    /// What it accepted for sure.
    kept: Ranges,
    /// The number of a FIN that it accepted for sure, nothing having been sent behind it, and the frame.
    fin: Option<(u32, u64)>,
    /// Full-sized segments since its last acknowledgment.
    full: u8,
    limited: Option<Instant>,
    /// How many things happened to it that it has not answered, the newest of them when.
    stirs: u32,
    stirred: Option<Instant>,
}

/// What the family keeps.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    sides: [Side; 2],
}

impl Side {
    fn known(&mut self, is_exact: bool) -> Option<&mut Known> {
        if is_exact {
            self.known.get_or_insert_default();
        }
        self.known.as_deref_mut()
    }
}

impl Known {
    /// Something happened to it. What happened long before has had its answer, or gets none.
    fn stir(&mut self, look: &Look<'_>) {
        self.stirs = if self.is_busy(look) { self.stirs.saturating_add(1) } else { 1 };
        self.stirred = Some(look.s.time);
    }

    /// It sends, which answers one of the things that happened; all of them, unless it takes its time.
    fn settle(&mut self, look: &Look<'_>) {
        self.stirs = if self.is_busy(look) { self.stirs.saturating_sub(1) } else { 0 };
    }

    /// Whether something has happened just now.
    fn is_busy(&self, look: &Look<'_>) -> bool {
        let patience = look.timing.map_or(AT_ONCE, |timing| timing.at_once + timing.granularity);
        self.stirred.is_some_and(|then| look.s.time.since(then) <= patience)
    }
}

impl State {
    /// Looks at a segment.
    pub(super) fn observe(&mut self, look: &Look<'_>, out: &mut Findings) {
        if look.s.is_judged {
            self.sent(look, out);
        }
        let known = self.sides[look.s.from.other() as usize].known(look.c.is_exact);
        if let Some(known) = known.filter(|_| look.peer().is_judged) {
            known.stir(look);
            arrived(look, known);
        }
    }

    /// Whether an ordinary segment is nothing but what is expected here.
    #[inline]
    pub(super) fn expects(&self, o: &Ordinary<'_>) -> bool {
        let own = &self.sides[o.s.from as usize];
        own.ahead.is_none() && own.highest.is_some_and(|highest| at_or_before(highest.ack, o.ack))
    }

    /// Takes it.
    #[inline]
    pub(super) fn take(&mut self, o: &Ordinary<'_>) {
        let own = &mut self.sides[o.s.from as usize];
        if own.highest.is_none_or(|highest| before(highest.ack, o.ack)) {
            let clock = o.s.options.timestamps.map(|(value, _)| value);
            own.highest = Some(Highest { ack: o.ack, frame: o.s.number, end: Some(o.s.end()), clock });
        }
    }

    /// The application did something.
    pub(super) fn stir(&mut self, look: &Late<'_>) {
        let Some(known) = self.sides[look.end as usize].known(true) else { return };
        known.stirs = known.stirs.max(1);
        if look.app.is_dead {
            known.dues.clear();
        }
    }

    fn sent(&mut self, look: &Look<'_>, out: &mut Findings) {
        let s = look.s;
        let side = &mut self.sides[s.from as usize];
        if s.flags.rst() {
            side.known.iter_mut().for_each(|known| known.dues.clear());
            return;
        }
        let Some(ack) = s.ack else { return };
        let known = side.known(look.c.is_exact);
        if let Some(known) = known.filter(|_| !s.flags.syn()) {
            one_answer(look, known, out);
        }
        if !s.flags.syn() {
            backwards(look, side, ack, out);
        }
        side.known.iter_mut().for_each(|known| known.settle(look));
        beyond(look, side, ack, out);
        if side.highest.is_none_or(|highest| before(highest.ack, ack)) {
            let clock = s.options.timestamps.map(|(value, _)| value);
            let end = look.own().next.is_some_and(|next| at_or_before(next, s.seq)).then(|| s.end());
            side.highest = Some(Highest { ack, frame: s.number, end, clock });
            side.known.iter_mut().for_each(|known| known.full = 0);
        }
        let Some(side) = &mut side.known else { return };
        if let Some(window) = look.c.window(s) {
            let edge = ack.wrapping_add(window);
            side.offered = Some(side.offered.map_or(edge, |old| if before(old, edge) { edge } else { old }));
        }
        side.dues.retain(|due| {
            let is_met = due.ack.is_none_or(|needed| at_or_before(needed, ack));
            if is_met && s.time <= due.until {
                out.held(due.rule);
            }
            !is_met || s.time > due.until
        });
    }

    /// What was due before `now` did not come.
    pub(super) fn time(&mut self, look: &Late<'_>, out: &mut Findings) {
        let Side { highest, known, .. } = &mut self.sides[look.end as usize];
        let Some(side) = known else { return };
        let is_reset = look.c.halves.iter().any(|half| half.reset.is_some());
        if look.app.is_dead || is_reset || !look.c.is_exact {
            side.dues.clear();
        }
        let highest = highest.map(|highest| highest.ack);
        side.dues.retain(|due| {
            if due.until >= look.now {
                return true;
            }
            let met = due.ack.is_some_and(|needed| highest.is_some_and(|ack| at_or_before(needed, ack)));
            out.decide(due.rule, met, (look.end, due.until, &[due.frame]), || {
                let got =
                    highest.map_or_else(|| "nothing".to_owned(), |ack| format!("ACK {ack} at the most"));
                let permitted = match due.ack {
                    Some(ack) => format!("ACK {ack} or more by {}", due.until),
                    None => format!("an acknowledgment by {}", due.until),
                };
                (got, permitted)
            });
            false
        });
    }
}

/// What a segment that arrived demands of its receiver.
fn arrived(look: &Look<'_>, side: &mut Known) {
    let (s, me, c) = (look.s, look.s.from.other(), look.c);
    let own = c.half(me);
    if s.flags.rst() {
        side.dues.clear();
        return;
    }
    let (Some(edge), Some((acked, _)), Some(offered)) = (own.received.edge(), own.ack, side.offered) else {
        return;
    };
    if side.kept.edge().is_none() {
        side.kept = Ranges::up_to(acked);
    }
    let is_open = c.is_synchronised(me) || look.app.is_mapped && !c.states(me).may_be(TcpState::SynSent);
    if !c.is_exact || !is_open || look.app.is_dead || s.seg_len() == 0 || s.flags.syn() {
        return;
    }
    let at_once = s.time + look.at_once();
    let mut demand = |side: &mut Known, rule, until, ack| {
        if side.dues.len() < MOST_DUES {
            side.dues.push(Due { rule, until, frame: s.number, ack });
        }
    };
    outside(look, side, offered, acked, &mut demand);
    let takes_text =
        States::of(&[TcpState::SynReceived, TcpState::Established, TcpState::FinWait1, TcpState::FinWait2]);
    if !c.is_accepted(s) || !c.states(me).is_within(takes_text) || look.app.closed.is_some() {
        return;
    }
    let end = if before(offered, s.end()) { offered } else { s.end() };
    let is_fin_in = s.flags.fin() && end == s.end();
    if is_fin_in && c.half(s.from).next.is_none_or(|next| at_or_before(next, end)) {
        side.fin.get_or_insert((end.wrapping_sub(1), s.number));
    }
    let was = side.kept.edge().unwrap_or(edge);
    side.kept.add(s.seq, end);
    if before(edge, s.seq) {
        return demand(side, RuleId::EarlyAnswered, at_once, None);
    }
    let rule = if is_fin_in && s.len == 0 { RuleId::FinAcked } else { RuleId::AckDelay };
    demand(side, rule, s.time + HALF_A_SECOND + look.granularity(), Some(end));
    let now = side.kept.edge().unwrap_or(end);
    if before(end, now) {
        demand(side, RuleId::GapAnswered, at_once, Some(end));
        demand(side, RuleId::EarlyKept, s.time + HALF_A_SECOND + look.granularity(), Some(now));
    }
    let mss = own.syn.map_or(536, |syn| syn.options.mss.map_or(536, u32::from));
    let is_full = s.len + u32::from(s.options.len) >= mss && before(was, now);
    side.full = if is_full { side.full.saturating_add(1) } else { side.full };
    if side.full == 2 {
        side.full = 0;
        demand(side, RuleId::StretchAck, at_once, Some(end));
    }
}

/// A segment outside the window is answered (RFC 9293 3.10.7.4, first), a probe of a closed one too (3.8.6.1).
fn outside(
    look: &Look<'_>,
    side: &mut Known,
    offered: u32,
    acked: u32,
    demand: &mut impl FnMut(&mut Known, RuleId, Instant, Option<u32>),
) {
    let (s, me) = (look.s, look.s.from.other());
    let is_whole = s.arrival == super::segment::Arrival::Arrived && s.tcp_sum == super::segment::Sum::Right;
    let answering = States::of(&[
        TcpState::Established,
        TcpState::FinWait1,
        TcpState::FinWait2,
        TcpState::CloseWait,
        TcpState::SynReceived,
    ]);
    let is_sane = s.ack.is_some_and(|ack| look.c.half(me).next.is_some_and(|next| at_or_before(ack, next)));
    let states = look.c.states(me);
    if !is_whole
        || !is_sane
        || s.options.is_signed
        || !states.is_within(answering)
        || look.app.closed.is_some()
    {
        return;
    }
    let is_old = s.len > 0 && at_or_before(s.end(), acked);
    let is_probe = s.len > 0 && s.seq == acked && at_or_before(offered, acked);
    if !is_old && !is_probe || !look.c.is_synchronised(me) {
        return;
    }
    let is_free = side.limited.is_none_or(|last| s.time.since(last) >= LIMIT);
    side.limited = Some(s.time);
    if is_free {
        let rule = if is_probe { RuleId::ProbeAnswered } else { RuleId::OldAnswered };
        demand(side, rule, s.time + HALF_A_SECOND, None);
    }
}

/// RFC 5681 4.2: one acknowledgment for a segment, but for windows that open.
fn one_answer(look: &Look<'_>, side: &Known, out: &mut Findings) {
    let (s, own) = (look.s, look.own());
    let is_asked = look.c.is_exact && s.is_pure_ack();
    let Some(last) = own.last.as_ref().filter(|last| is_asked && last.is_pure_ack()) else { return };
    let is_same = (last.seq, last.ack, last.window, last.blocks(), last.urgent)
        == (s.seq, s.ack, s.window, s.options.blocks(), s.urgent);
    // Keep-alives and probes without octets bear the number before.
    let is_probe = own.next.is_some_and(|next| s.seq != next);
    if !is_same || is_probe {
        return;
    }
    out.decide(RuleId::OneAnswer, side.stirs > 0, look.place(&[last.number, s.number]), || {
        (
            "the same acknowledgment again, though nothing arrived".to_owned(),
            "one for each segment".to_owned(),
        )
    });
}

/// What was never sent, did not arrive, or was not offered is not acknowledged.
fn beyond(look: &Look<'_>, side: &mut Side, ack: u32, out: &mut Findings) {
    let (s, own, peer) = (look.s, look.own(), look.peer());
    let Some(next) = peer.next else { return };
    if !look.c.is_exact {
        return beyond_seen(look, side, ack, next, out);
    }
    let frames = [s.number];
    let is_sent = at_or_before(ack, next);
    out.decide(RuleId::AckBeyondSent, is_sent, look.place(&frames), || {
        (format!("ACK {ack}"), format!("{next} at the most, what was sent"))
    });
    let (Some(edge), Some(side)) = (own.received.edge().filter(|_| is_sent), &side.known) else { return };
    if let Some((fin, frame)) = side.fin {
        out.decide(
            RuleId::AckBehindFin,
            at_or_before(ack, fin.wrapping_add(1)),
            look.place(&[frame, s.number]),
            || (format!("ACK {ack}"), format!("ACK {} at the most, the FIN's", fin.wrapping_add(1))),
        );
    }
    if let Some((left, right, frame)) = own.refused {
        let is_taken = before(edge, ack) && at_or_before(left, edge) && at_or_before(ack, right);
        out.decide(RuleId::RefusedTaken, !is_taken, look.place(&[frame, s.number]), || {
            (format!("ACK {ack}"), format!("{edge}: the segment with what follows is to be dropped"))
        });
    }
    out.decide(RuleId::AckUnreceived, at_or_before(ack, edge), look.place(&frames), || {
        (format!("ACK {ack}"), format!("{edge} at the most, where the first hole is"))
    });
    if let Some(offered) = side.offered.filter(|_| look.c.shift(s.from).is_some() && !s.flags.syn()) {
        // One octet of a probe, or a FIN, may be taken where there is room after all.
        out.decide(RuleId::AckBeyondWindow, distance(offered, ack) <= 1, look.place(&frames), || {
            (format!("ACK {ack}"), format!("{offered} at the most, the edge that was offered"))
        });
    }
}

/// In a capture an acknowledgment of what was not seen mostly shows that the capture lacks frames. It is a break if the
/// octets then come one after the other and are acknowledged with lower numbers.
fn beyond_seen(look: &Look<'_>, side: &mut Side, ack: u32, next: u32, out: &mut Findings) {
    let s = look.s;
    if before(next, ack) {
        out.undecidable(RuleId::AckBeyondSent, GAP);
        if !look.peer().has_gap {
            side.ahead = Some(Ahead { ack, frame: s.number, next });
        }
        return;
    }
    let Some(ahead) = side.ahead else { return out.held(RuleId::AckBeyondSent) };
    if before(ahead.ack, next) {
        side.ahead = None;
    } else if before(ahead.next, ack) && before(ack, ahead.ack) && look.own().received.holds(ahead.next, ack)
    {
        side.ahead = None;
        out.decide(RuleId::AckBeyondSent, false, look.place(&[ahead.frame, s.number]), || {
            let got = format!("ACK {} and later ACK {ack}", ahead.ack);
            (got, format!("{} at the most, what had been sent then", ahead.next))
        });
    }
}

/// The number does not go back, but in segments sent again. A capture may be out of order: only new octets behind what
/// was acknowledged meanwhile, or a later timestamp, show that a segment was sent later.
fn backwards(look: &Look<'_>, side: &Side, ack: u32, out: &mut Findings) {
    let (s, own) = (look.s, look.own());
    let Some(highest) = side.highest else { return };
    if at_or_before(highest.ack, ack) {
        return out.held(RuleId::AckBackwards);
    }
    if s.seg_len() > 0 && !own.is_new(s) {
        return;
    }
    let clock = s.options.timestamps.map(|(value, _)| value);
    let is_later = look.c.is_exact
        || highest.clock.zip(clock).is_some_and(|(old, new)| before(old, new))
        || s.len > 0
            && highest.end.is_some_and(|end| {
                own.una.is_some_and(|una| at_or_before(end, una) && at_or_before(una, s.seq))
            });
    if !is_later {
        return out.undecidable(RuleId::AckBackwards, ORDER);
    }
    out.decide(RuleId::AckBackwards, false, look.place(&[highest.frame, s.number]), || {
        (format!("ACK {ack}"), format!("ACK {} or more", highest.ack))
    });
}
