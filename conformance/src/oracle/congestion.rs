//! Rules of congestion control and loss recovery: RFC 5681, 6928, RFC 2525 2.1 to 2.3, 2.6, 2.8, 2.14.
//!
//! What is under way is counted as the observer sees it, which is never more than the sender has under way; windows are
//! bounded from above by what any algorithm of the IETF's permits (RFC 9293 MAY-18): so none but a sure break shows.

use wireproof_reference::time::{Duration, Instant};

use super::case::{Late, Look};
use super::doubt::{Claims, Least};
use super::findings::Findings;
use super::growth::Growth;
use super::ordinary::Ordinary;
use super::ranges::{at_or_before, before, distance};
use super::registry::RuleId;
use super::segment::{Arrival, Segment};

/// RFC 6928 2.
const INITIAL_SEGMENTS: u32 = 10;
const INITIAL_OCTETS: u32 = 14_600;
/// RFC 5681 3.2.
const DUPLICATES: u32 = 3;
/// A time-out is no shorter than this; sooner, something else brought the segment back.
const TIMEOUT: Duration = Duration::from_millis(200);
/// Below so many segments under way no recovery is judged.
const WORTH: u32 = 8;

#[derive(Clone, Debug, Default)]
struct Side {
    /// Acknowledgments of nothing new in a row, and the last frame of them.
    duplicates: u32,
    duplicate_frame: u64,
    /// Behind all that was sent when something was last sent again.
    recover: Option<u32>,
    /// `None` where nothing was lost.
    losses: Option<Box<Losses>>,
    /// The first segment not acknowledged: number, when it was sent last, how often since the peer was heard.
    oldest: Option<(u32, Instant, u32)>,
    /// All acknowledgments of nothing new so far: each may allow a segment more (RFC 3042 2, RFC 5681 3.2).
    all_duplicates: u32,
    growth: Growth,
    claims: Claims,
}

/// What comes of losses.
#[derive(Clone, Debug, Default)]
struct Losses {
    /// What was under way when fast recovery began; until all of it is acknowledged.
    recovery: Option<Recovery>,
    /// Recovery has ended, and the peer was not heard since.
    ended: Option<(u32, u64)>,
    /// What was brought back since the peer was last heard, by duplicates: numbers and frame.
    brought: Option<(u32, u64)>,
    /// A time-out, and what was sent since: frame, octets.
    after_timeout: Option<(u64, u32)>,
    fast_due: Option<(Instant, u64)>,
    /// Congestion avoidance: where it began, with which window.
    avoidance: Option<(u32, u32)>,
}

impl Losses {
    /// Whether nothing of them is left.
    const fn are_over(&self) -> bool {
        let Self { recovery, ended, brought, after_timeout, fast_due, avoidance } = self;
        let is_recovering = recovery.is_some() || ended.is_some() || brought.is_some();
        !is_recovering && after_timeout.is_none() && fast_due.is_none() && avoidance.is_none()
    }
}

#[derive(Clone, Copy, Debug)]
struct Recovery {
    flight: u32,
    until: u32,
}

/// What the family keeps.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    sides: [Side; 2],
}

impl State {
    /// Looks at a segment.
    pub(super) fn observe(&mut self, look: &Look<'_>, out: &mut Findings) {
        let s = look.s;
        if s.flags.rst() {
            self.sides = Default::default();
            return;
        }
        if s.is_judged && s.seg_len() > 0 && !s.flags.syn() {
            self.sides[s.from as usize].sent(look, out);
        }
        if s.arrival != Arrival::Lost {
            self.sides[s.from.other() as usize].heard(look, out);
        }
    }

    /// Reads a little of each part.
    pub(super) fn touch(&self) -> u64 {
        self.sides.iter().fold(0, |all, side| all ^ u64::from(side.all_duplicates) ^ side.duplicate_frame)
    }

    /// Whether an ordinary segment is nothing but what is expected here: octets behind others, as many as any window of
    /// congestion control allows.
    #[inline]
    pub(super) fn expects(&self, o: &Ordinary<'_>) -> bool {
        let (own, peer) = (&self.sides[o.s.from as usize], &self.sides[o.s.from.other() as usize]);
        peer.claims.is_empty() && peer.losses.is_none() && (o.s.seg_len() == 0 || own.expects_octets(o))
    }

    /// Takes it.
    #[inline]
    pub(super) fn take(&mut self, o: &Ordinary<'_>, out: &mut Findings) {
        if o.s.seg_len() > 0 {
            self.sides[o.s.from as usize].take_octets(o, out);
        }
        let peer = &mut self.sides[o.s.from.other() as usize];
        if before(o.peer_una, o.ack) {
            let octets = u32::try_from(distance(o.peer_una, o.ack)).unwrap_or(0);
            peer.growth.acknowledged(octets, o.agreed.mss[o.s.from.other() as usize]);
            (peer.duplicates, peer.oldest) = (0, None);
        } else {
            peer.all_duplicates = peer.all_duplicates.saturating_add(1);
        }
    }

    /// What was due before `now` did not come.
    pub(super) fn time(&mut self, late: &Late<'_>, out: &mut Findings) {
        let Some(losses) = &mut self.sides[late.end as usize].losses else { return };
        if let Some((due, frame)) = losses.fast_due.filter(|(due, _)| *due < late.now) {
            losses.fast_due = None;
            if !late.app.is_dead && !late.c.is_over() {
                out.decide(RuleId::FastRetransmit, false, (late.end, due, &[frame]), || {
                    ("nothing".to_owned(), format!("the missing segment by {due}"))
                });
            }
        }
    }
}

impl Side {
    /// The end sends octets or a FIN.
    fn sent(&mut self, look: &Look<'_>, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        let Some(mss) = look.c.mss_for(s.from).filter(|mss| *mss >= 64) else {
            return out.undecidable(
                RuleId::InitialWindow,
                "the peer's SYN was not seen, so that its MSS is unknown",
            );
        };
        if super::sequence::is_keepalive(look) {
            return;
        }
        if !look.c.has_gaps() {
            self.initial(look, mss, out);
            self.deflated(look, mss, out);
        }
        self.timed_out(look, mss, out);
        let is_again = own.next.is_some_and(|next| before(s.seq, next));
        if is_again {
            self.again(look, out);
        }
        self.additive(look, mss, out);
    }

    #[inline]
    fn expects_octets(&self, o: &Ordinary<'_>) -> bool {
        let is_oldest = self.oldest.is_some_and(|(seq, ..)| seq == o.s.seq);
        if self.losses.is_some() || is_oldest {
            return false;
        }
        let (acked, flight) = under_way(o.agreed.isn[o.s.from as usize], o.una, o.s);
        let mss = o.agreed.mss[o.s.from as usize];
        is_sane(acked, flight)
            && flight
                <= initial_window(mss)
                    .saturating_add(acked)
                    .saturating_add(self.all_duplicates.saturating_mul(mss))
                    .saturating_add(self.growth.allowance(o.s, o.own, (o.una, mss, o.agreed.has_sack)))
    }

    #[inline]
    fn take_octets(&mut self, o: &Ordinary<'_>, out: &mut Findings) {
        let (s, from) = (o.s, o.s.from as usize);
        self.growth.sent(s, o.own, o.agreed.mss[from]);
        let (acked, _) = under_way(o.agreed.isn[from], o.una, s);
        out.held(window_rule(acked, o.agreed.is_named[from]));
        if o.una == s.seq {
            self.oldest = Some((s.seq, s.time, 1));
        }
    }

    /// RFC 5681 3.1 with RFC 6928: the initial window, and growth by no more than was acknowledged.
    fn initial(&mut self, look: &Look<'_>, mss: u32, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        let (Some(isn), Some(una)) = (own.isn(), own.una) else { return };
        if !own.is_new(s) {
            return;
        }
        let limit = initial_window(mss);
        let (acked, flight) = under_way(isn, una, s);
        if !is_sane(acked, flight) {
            return;
        }
        let is_named = look.peer().syn.is_some_and(|syn| syn.options.mss.is_some());
        let rule = window_rule(acked, is_named);
        let allowed = (limit + acked)
            .saturating_add(self.all_duplicates.saturating_mul(mss))
            .saturating_add(self.growth.allowance(s, own, (una, mss, look.c.has_sack() != Some(false))));
        self.growth.sent(s, own, mss);
        if flight <= allowed {
            return out.held(rule);
        }
        let permitted = format!("{allowed} at the most: {limit} and the {acked} acknowledged");
        // An acknowledgment of `m` more octets takes `m` from the flight and allows `m` more.
        let least = Least::Ack(una.wrapping_add((flight - allowed).div_ceil(2)));
        self.claims.claim(
            look,
            (rule, &[s.number]),
            least,
            (format!("{flight} octets under way"), permitted),
            out,
        );
    }

    /// RFC 5681 3.1: after a time-out the window is one segment.
    fn timed_out(&mut self, look: &Look<'_>, mss: u32, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        let after = self.losses.as_mut().map(|losses| &mut losses.after_timeout);
        if let Some(after @ Some(_)) = after {
            let (frame, octets) = after.map(|(frame, octets)| (frame, octets + s.len)).unwrap_or_default();
            let is_same = self.oldest.is_some_and(|(seq, ..)| seq == s.seq);
            // Or the time-out came again.
            *after = (!is_same).then_some((frame, octets));
            if !is_same && look.c.is_exact {
                out.decide(RuleId::LossWindow, octets <= mss, look.place(&[frame, s.number]), || {
                    (format!("{octets} octets since the time-out"), format!("{mss} at the most, one segment"))
                });
            }
        }
        let is_oldest = own.una == Some(s.seq);
        if !is_oldest || own.peer_window == Some(0) {
            return;
        }
        let times = match self.oldest {
            Some((seq, last, times)) if seq == s.seq => {
                // With SACK the first may be a tail-loss probe, after which the window stays (RFC 8985 7).
                let needed = if look.c.has_sack() == Some(false) { 1 } else { 2 };
                if times >= needed && s.time.since(last) >= TIMEOUT && self.duplicates == 0 {
                    self.losses.get_or_insert_default().after_timeout = Some((s.number, s.len));
                }
                times + 1
            }
            _ => u32::from(own.next.is_none_or(|next| at_or_before(next, s.seq))),
        };
        if times > 0 {
            self.oldest = Some((s.seq, s.time, times));
        }
    }

    /// The segment was sent before.
    fn again(&mut self, look: &Look<'_>, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        if self.losses.as_mut().is_some_and(|losses| losses.fast_due.take().is_some()) {
            out.held(RuleId::FastRetransmit);
        }
        let is_oldest = own.una == Some(s.seq);
        if look.c.has_sack() == Some(false) && self.duplicates >= DUPLICATES && !look.c.has_gaps() {
            let losses = self.losses.get_or_insert_default();
            if let Some((seq, frame)) = losses.brought {
                let is_one = seq == s.seq;
                out.decide(
                    RuleId::OneAtATime,
                    is_one,
                    look.place(&[self.duplicate_frame, frame, s.number]),
                    || {
                        (
                            format!("{} too, sent again", s.seq),
                            "one segment, until an acknowledgment comes".to_owned(),
                        )
                    },
                );
            } else if is_oldest {
                out.held(RuleId::OneAtATime);
                losses.brought = Some((s.seq, s.number));
            }
            let recovery = losses.recovery;
            if let (true, None, Some(next), Some(flight)) = (is_oldest, recovery, own.next, own.flight()) {
                losses.recovery = Some(Recovery { flight, until: next });
            }
        }
        self.recover = own.next;
    }

    /// RFC 5681 3.2, step 6, and RFC 6582: no burst when recovery ends.
    fn deflated(&mut self, look: &Look<'_>, mss: u32, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        let Some((flight_then, frame)) = self.losses.as_ref().and_then(|losses| losses.ended) else { return };
        if flight_then < WORTH * mss || !own.is_new(s) || !look.c.is_exact {
            return;
        }
        let Some(flight) = own.una.and_then(|una| u32::try_from(distance(una, s.end())).ok()) else { return };
        // Halved by RFC 5681; other algorithms keep up to 0.85 (RFC 9438 4.6 keeps 0.7).
        let limit = flight_then / 100 * 85 + 3 * mss;
        out.decide(RuleId::Deflation, flight <= limit, look.place(&[frame, s.number]), || {
            (
                format!("{flight} octets under way right after recovery"),
                format!("about half of {flight_then}"),
            )
        });
    }

    /// RFC 5681 3.1, where the application named the algorithm.
    fn additive(&mut self, look: &Look<'_>, mss: u32, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        let avoidance = self.losses.as_ref().and_then(|losses| losses.avoidance);
        let (Some((start, window)), Some(una)) = (avoidance, own.una) else { return };
        if !look.app.names_reno {
            return out.undecidable(
                RuleId::AdditiveConstant,
                "another algorithm may be in place (RFC 9293 MAY-18)",
            );
        }
        let acked = u32::try_from(distance(start, una)).unwrap_or(0);
        let limit = window + (acked / window.max(mss) + 2) * mss;
        let Some(flight) = u32::try_from(distance(una, s.end())).ok() else { return };
        out.decide(RuleId::AdditiveConstant, flight <= limit, look.place(&[s.number]), || {
            (format!("{flight} octets under way"), format!("{limit}: {window}, and a segment a round trip"))
        });
    }

    /// The peer is heard by this end.
    fn heard(&mut self, look: &Look<'_>, out: &mut Findings) {
        self.claims.heard(look, out);
        let (s, me) = (look.s, look.s.from.other());
        let own = look.c.half(me);
        if let Some(losses) = &mut self.losses {
            (losses.ended, losses.brought) = (None, None);
            if losses.after_timeout.take().is_some() && look.c.is_exact {
                out.held(RuleId::LossWindow);
            }
            if losses.are_over() {
                self.losses = None;
            }
        }
        let (Some(ack), Some(una), Some(next)) = (s.ack, own.una, own.next) else { return };
        self.growth.heard(look, next);
        if before(una, ack) {
            let octets = u32::try_from(distance(una, ack)).unwrap_or(0);
            self.growth.acknowledged(octets, look.c.mss_for(me).unwrap_or(0));
            self.advanced(look, ack);
            return;
        }
        self.all_duplicates = self.all_duplicates.saturating_add(1);
        // RFC 5681 2: a duplicate acknowledgment.
        let is_duplicate = ack == una
            && before(una, next)
            && s.is_pure_ack()
            && look.c.window(s).is_some_and(|window| Some(window) == own.peer_window);
        if !is_duplicate {
            return;
        }
        self.duplicates += 1;
        self.duplicate_frame = s.number;
        // RFC 6582 3.2: not for what a recovery before has brought back.
        let is_fresh = self.recover.is_none_or(|recover| before(recover, una));
        if self.duplicates == DUPLICATES
            && is_fresh
            && look.c.is_exact
            && own.is_judged
            && look.c.is_accepted(s)
            && !look.app.is_dead
        {
            self.losses.get_or_insert_default().fast_due = Some((s.time + look.at_once(), s.number));
        }
    }

    /// New octets are acknowledged.
    fn advanced(&mut self, look: &Look<'_>, ack: u32) {
        self.duplicates = 0;
        self.oldest = None;
        let Some(losses) = &mut self.losses else { return };
        losses.fast_due = None;
        let recovery = losses.recovery.filter(|recovery| at_or_before(recovery.until, ack));
        if let Some(recovery) = recovery {
            losses.recovery = None;
            losses.ended = Some((recovery.flight, look.s.number));
            losses.avoidance = Some((ack, recovery.flight / 2));
        }
    }
}

/// RFC 6928 2.
fn initial_window(mss: u32) -> u32 {
    (INITIAL_SEGMENTS * mss).min(INITIAL_OCTETS.max(2 * mss))
}

/// How many octets of a sender were acknowledged, and how many are under way with a segment.
fn under_way(isn: u32, una: u32, s: &Segment<'_>) -> (u32, u32) {
    let acked = u32::try_from(distance(isn.wrapping_add(1), una)).unwrap_or(0);
    let flight = u32::try_from(distance(una, s.seq.wrapping_add(s.len))).unwrap_or(0);
    (acked, flight)
}

/// Whether they are no more than can be reckoned with.
const fn is_sane(acked: u32, flight: u32) -> bool {
    flight <= 1 << 30 && acked <= 1 << 29
}

/// The rule that bounds a congestion window.
const fn window_rule(acked: u32, is_named: bool) -> RuleId {
    match (acked, is_named) {
        (0, true) => RuleId::InitialWindow,
        (0, false) => RuleId::UnnamedMssWindow,
        _ => RuleId::SlowStartGrowth,
    }
}
