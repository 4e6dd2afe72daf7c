//! Rules of resets: RFC 9293 3.5.2, 3.5.3, 3.6.1, 3.10.7, RFC 5961 3.

use wireproof_reference::time::{Duration, Instant};

use super::case::{Late, Look};
use super::findings::Findings;
use super::ordinary::Ordinary;
use super::ranges::{at_or_before, before};
use super::registry::RuleId;
use super::segment::{Arrival, Segment, Sum};
use crate::device::TcpState;

/// How many segments that arrived last are remembered.
const REMEMBERED: usize = 8;
/// How long a RST that tells of lost octets may take.
const SOON: Duration = Duration::from_millis(500);

/// What the family keeps, of the one end that is judged, or of both in a capture.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    sides: [Side; 2],
}

#[derive(Clone, Debug, Default)]
struct Side {
    /// What arrived last, the newest at the end.
    stimuli: Vec<Segment<'static>>,
    /// `None` in a capture.
    known: Option<Box<Known>>,
}

/// What takes full knowledge.
#[derive(Clone, Debug, Default)]
struct Known {
    /// How many of them came since it last sent.
    fresh: usize,
    /// The application did something since.
    is_called: bool,
    /// It reset the connection past its handshake: the frame.
    has_reset: Option<u64>,
    /// Something arrived since: when.
    tempted: Option<Instant>,
    /// It got a RST that it has to believe: the frame.
    is_reset: Option<(u64, Instant)>,
    /// What the best of the RSTs that came is worth, and its frame.
    came: Option<(Worth, u64)>,
    /// The furthest edge that it offered, whether anybody heard or not.
    offered: Option<u32>,
    /// A damaged segment came, and nothing else since it last sent: when, frame.
    damaged: Option<(Instant, u64)>,
    /// Octets came when nobody would read them: the frame, until when the RST must come.
    unread: Option<(u64, Instant)>,
    /// The application closed with octets unread.
    closed_unread: Option<(u64, Instant)>,
}

/// What a RST is worth to its receiver (RFC 9293 3.10.7.4, RFC 5961 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// It lies outside the window.
    Outside,
    /// It lies in the window and is not the next number.
    Inexact,
    /// It may be the next number, or who knows.
    Exact,
}

impl State {
    /// Looks at a segment.
    pub(super) fn observe(&mut self, look: &Look<'_>, out: &mut Findings) {
        if look.s.is_judged {
            self.sent(look, out);
        }
        self.arrived(look);
    }

    /// Takes an ordinary segment.
    #[inline]
    pub(super) fn take(&mut self, o: &Ordinary<'_>) {
        let peer = &mut self.sides[o.s.from.other() as usize];
        if !peer.stimuli.is_empty() {
            peer.stimuli = Vec::new();
        }
    }

    fn sent(&mut self, look: &Look<'_>, out: &mut Findings) {
        let s = look.s;
        let side = &mut self.sides[s.from as usize];
        if look.c.is_exact {
            side.known.get_or_insert_default();
        }
        if s.flags.rst() {
            side.reset(look, out);
        }
        let Side { stimuli, known: Some(known) } = side else { return };
        if !s.flags.rst() && !s.flags.syn() {
            known.quiet(look, stimuli, out);
        }
        known.survived(look, out);
        known.fresh = 0;
        known.is_called = false;
    }

    fn arrived(&mut self, look: &Look<'_>) {
        let (s, me) = (look.s, look.s.from.other());
        let side = &mut self.sides[me as usize];
        let is_damaged = s.tcp_sum == Sum::Wrong && s.arrival == Arrival::Arrived;
        if look.c.is_exact {
            side.known.get_or_insert_default();
        }
        if let Some(known) = &mut side.known {
            let is_first = is_damaged && look.c.is_exact && known.fresh == 0 && !known.is_called;
            known.damaged = is_first.then_some((s.time, s.number));
        }
        if s.arrival == Arrival::Lost
            || s.tcp_sum == Sum::Wrong && look.c.is_exact
            || !look.c.half(me).is_judged && look.c.is_exact && look.c.half(me).first.is_some()
        {
            return;
        }
        let side = &mut self.sides[me as usize];
        if !look.c.is_exact && look.c.half(me).first.is_some() {
            // A capture tells what a RST answers only where nothing else was sent.
            side.stimuli = Vec::new();
            return;
        }
        if side.stimuli.len() == REMEMBERED {
            side.stimuli.remove(0);
        }
        side.stimuli.push(s.bare());
        let Some(side) = &mut side.known else { return };
        side.fresh += 1;
        if side.has_reset.is_some() {
            side.tempted.get_or_insert(s.time);
        }
        let own = look.c.half(me);
        if s.flags.rst() && look.c.is_exact {
            let worth = side.worth(look);
            if side.came.is_none_or(|(known, _)| known < worth) {
                side.came = Some((worth, s.number));
            }
            let states = look.c.states(me);
            let is_exact_number =
                own.received.edge() == Some(s.seq) && own.ack.is_some_and(|(ack, _)| ack == s.seq);
            let believes = is_exact_number
                && look.c.is_synchronised(me)
                && !states.may_be(TcpState::TimeWait)
                && !states.may_be(TcpState::Closed)
                && !s.options.is_signed;
            if believes {
                side.is_reset = Some((s.number, s.time));
            }
            side.unread = None;
            side.closed_unread = None;
        } else if s.len > 0 && look.c.is_accepted(s) && look.app.closed.is_some() && own.is_judged {
            // RFC 9293 3.6.1, SHLD-3; RFC 2525 2.16.
            let is_new = own.received.edge().is_some_and(|edge| before(edge, s.end()));
            if is_new && look.c.is_synchronised(me) && !look.app.is_dead && own.reset.is_none() {
                side.unread.get_or_insert((s.number, s.time + SOON));
            }
        }
    }

    /// The application was told that the connection was reset.
    pub(super) fn told(&mut self, late: &Late<'_>, out: &mut Findings) {
        let came = self.sides[late.end as usize].known.as_ref().and_then(|known| known.came);
        let Some((worth, frame)) = came.filter(|_| late.c.is_exact && !late.c.is_disturbed) else {
            return;
        };
        let rule = match worth {
            Worth::Outside => RuleId::ResetOutside,
            Worth::Inexact => RuleId::ResetDoubted,
            Worth::Exact => return,
        };
        out.decide(rule, false, (late.end, late.now, &[frame]), || {
            (
                "the connection reset".to_owned(),
                "going on: the RST has not the number that comes next".to_owned(),
            )
        });
    }

    /// The application did something.
    pub(super) fn deed(&mut self, late: &Late<'_>) {
        let side = self.sides[late.end as usize].known.get_or_insert_default();
        side.is_called = true;
        let peer = late.c.half(late.end.other());
        let own = late.c.half(late.end);
        let (Some(isn), Some(edge), true) = (peer.isn(), own.received.edge(), late.c.is_exact) else {
            return;
        };
        let acked = own.ack.map_or(isn, |(ack, _)| if before(ack, edge) { ack } else { edge });
        let fin = u32::from(peer.fin.is_some_and(|(fin, _)| before(fin, acked)));
        let came = u64::from(acked.wrapping_sub(isn).saturating_sub(1 + fin));
        let is_live = late.c.is_synchronised(late.end) && !late.c.is_over() && !late.app.is_dead;
        if late.app.closed == Some(late.now)
            && came < (1 << 30)
            && came > late.app.delivered
            && is_live
            && own.fin.is_none()
        {
            side.closed_unread = Some((own.last.as_ref().map_or(0, |last| last.number), late.now + SOON));
        }
    }

    /// What was due before `now` did not come.
    pub(super) fn time(&mut self, late: &Late<'_>, out: &mut Findings) {
        let Some(side) = &mut self.sides[late.end as usize].known else { return };
        if side.damaged.take_if(|(since, _)| late.now.since(*since) > SOON).is_some() {
            out.held(RuleId::DamagedUnanswered);
        }
        if side.tempted.take_if(|since| late.now.since(*since) > SOON).is_some() {
            out.held(RuleId::QuietAfterReset);
        }
        if side.is_reset.take_if(|(_, since)| late.now.since(*since) > SOON).is_some() {
            out.held(RuleId::ResetBelieved);
        }
        for (rule, due) in
            [(RuleId::ResetAfterClose, &mut side.unread), (RuleId::ResetOnUnread, &mut side.closed_unread)]
        {
            let Some((frame, until)) = *due else { continue };
            if until < late.now {
                *due = None;
                out.decide(rule, late.app.is_dead, (late.end, until, &[frame]), || {
                    ("no RST".to_owned(), format!("a RST by {until}: octets were thrown away"))
                });
            }
        }
    }
}

impl Side {
    /// The end sends a RST.
    fn reset(&mut self, look: &Look<'_>, out: &mut Findings) {
        if let Some(known) = &mut self.known {
            known.reset(look, &self.stimuli, out);
        }
        if look.own().first.is_none() {
            self.numbers(look, out);
        } else if look.c.is_exact {
            self.place(look, out);
        }
    }

    /// RFC 9293 3.5.2, group 1, and 3.10.7.1: the number that was acknowledged; or 0, acknowledging all that came.
    fn numbers(&self, look: &Look<'_>, out: &mut Findings) {
        let s = look.s;
        let Some(last) = self.stimuli.last().filter(|last| !last.flags.rst()) else { return };
        // In a capture more may be on its way, or missing. Next to a first SYN's number a RST means this SYN.
        let right = last.end();
        let is_near =
            s.seq == 0 && s.ack.is_some_and(|ack| ack == right || super::opening::is_just_before(ack, right));
        let is_alone = look.c.is_exact
            || last.flags.syn()
                && last.ack.is_none()
                && is_near
                && look.peer().next == Some(last.end())
                && !look.c.has_gaps();
        if !is_alone {
            return out.undecidable(RuleId::ResetNumbers, "a capture does not tell what the RST answers");
        }
        let answers = |one: &Segment<'_>| match one.ack {
            Some(ack) => s.seq == ack,
            None => s.seq == 0 && s.ack == Some(one.end()),
        };
        let holds = self.stimuli.iter().any(answers);
        out.decide(RuleId::ResetNumbers, holds, look.place(&[last.number, s.number]), || {
            let permitted = match last.ack {
                Some(ack) => format!("SEQ {ack}"),
                None => format!("SEQ 0, ACK {}", last.end()),
            };
            let ack = s.ack.map_or_else(|| "no ACK".to_owned(), |ack| format!("ACK {ack}"));
            (format!("SEQ {}, {ack}", s.seq), permitted)
        });
    }

    /// RFC 9293 3.10.7.4 and 3.5.3: a RST of a connection can be checked by its peer.
    fn place(&self, look: &Look<'_>, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        let (Some(first), Some(next)) = (own.una.or(own.first), own.next) else { return };
        let is_own = at_or_before(first, s.seq) && at_or_before(s.seq, next);
        let is_answer =
            self.stimuli.iter().any(|one| one.ack == Some(s.seq) || one.ack.is_none() && s.seq == 0);
        out.decide(RuleId::ResetInWindow, is_own || is_answer, look.place(&[s.number]), || {
            (format!("SEQ {}", s.seq), format!("{first} to {next}, or what was acknowledged last"))
        });
    }
}

impl Known {
    /// What a RST that arrives is worth, as far as it is sure.
    fn worth(&self, look: &Look<'_>) -> Worth {
        let (s, me) = (look.s, look.s.from.other());
        let own = look.c.half(me);
        let (Some((acked, _)), Some(edge), Some(offered)) = (own.ack, own.received.edge(), self.offered)
        else {
            return Worth::Exact;
        };
        if s.options.is_signed || !look.c.is_synchronised(me) || look.c.shift(me).is_none() {
            Worth::Exact
        } else if before(s.seq, acked) || before(edge, s.seq) && at_or_before(offered, s.seq) {
            Worth::Outside
        } else if before(edge, s.seq) {
            Worth::Inexact
        } else {
            Worth::Exact
        }
    }

    /// The end sends: it lives on, in spite of RSTs that are worth nothing; and it does not answer what was damaged.
    fn survived(&mut self, look: &Look<'_>, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        if let Some((worth, _)) = self.came.filter(|_| !s.flags.rst()) {
            match worth {
                Worth::Outside => out.held(RuleId::ResetOutside),
                Worth::Inexact => out.held(RuleId::ResetDoubted),
                Worth::Exact => {}
            }
        }
        if let (Some(ack), Some(window)) = (s.ack, look.c.window(s)) {
            let edge = ack.wrapping_add(window);
            self.offered = Some(self.offered.map_or(edge, |old| if before(old, edge) { edge } else { old }));
        }
        let Some((since, frame)) = self.damaged.take() else { return };
        let is_at_once = s.time.since(since) <= look.at_once();
        let is_repeated =
            s.is_pure_ack() && own.last.as_ref().is_some_and(|last| (last.seq, last.ack) == (s.seq, s.ack));
        if is_at_once && (is_repeated || s.flags.rst()) {
            out.decide(RuleId::DamagedUnanswered, false, look.place(&[frame, s.number]), || {
                (format!("<CTL={:?}>", s.flags), "silence: what arrived was damaged".to_owned())
            });
        }
    }

    /// The end sends a RST.
    fn reset(&mut self, look: &Look<'_>, stimuli: &[Segment<'static>], out: &mut Findings) {
        let s = look.s;
        for (rule, due) in [
            (RuleId::ResetAfterClose, self.unread.take()),
            (RuleId::ResetOnUnread, self.closed_unread.take()),
        ] {
            if due.is_some() {
                out.held(rule);
            }
        }
        let fresh = &stimuli[stimuli.len() - self.fresh.min(stimuli.len())..];
        if look.c.is_exact && !fresh.is_empty() && !self.is_called {
            // RFC 9293 3.5.2: a RST is never answered by one.
            let is_answer = fresh.iter().all(|one| one.flags.rst())
                && fresh.last().is_some_and(|last| s.time.since(last.time) <= look.at_once());
            let frames: Vec<u64> = fresh.iter().map(|one| one.number).chain([s.number]).collect();
            out.decide(RuleId::ResetOfReset, !is_answer, look.place(&frames), || {
                ("a RST".to_owned(), "silence: only RSTs had arrived".to_owned())
            });
        }
        if look.c.is_exact && look.c.is_synchronised(s.from) {
            self.has_reset.get_or_insert(s.number);
        }
    }

    /// The end sends something else than a RST or a SYN.
    fn quiet(&mut self, look: &Look<'_>, stimuli: &[Segment<'static>], out: &mut Findings) {
        let s = look.s;
        if let Some(frame) = self.has_reset {
            out.decide(RuleId::QuietAfterReset, false, look.place(&[frame, s.number]), || {
                (format!("<CTL={:?}> with {} octets", s.flags, s.len), "nothing but RSTs".to_owned())
            });
        }
        if let Some((frame, _)) = self.is_reset.take() {
            out.decide(RuleId::ResetBelieved, false, look.place(&[frame, s.number]), || {
                (
                    format!("<CTL={:?}> with {} octets", s.flags, s.len),
                    "nothing: the connection was reset".to_owned(),
                )
            });
        }
        // Octets that nobody will read were taken all the same.
        if let Some((frame, _)) = self.unread {
            let taken = stimuli.iter().find(|one| one.number == frame);
            let is_taken = taken.zip(s.ack).is_some_and(|(one, ack)| at_or_before(one.end(), ack));
            if is_taken {
                self.unread = None;
                out.decide(RuleId::ResetAfterClose, false, look.place(&[frame, s.number]), || {
                    ("an acknowledgment of octets that nobody will read".to_owned(), "a RST".to_owned())
                });
            }
        }
    }
}
