//! Rules of windows and of probes: RFC 9293 3.8.6, RFC 7323 2.

use wireproof_reference::time::{Duration, Instant};

use super::case::Look;
use super::doubt::{Claims, Least};
use super::findings::Findings;
use super::ordinary::Ordinary;
use super::ranges::{at_or_before, before, distance};
use super::recent::Recent;
use super::registry::RuleId;
use super::segment::{Arrival, Segment};

/// RFC 6298 2.5: a time-out may be bounded, by this or more; intervals near it need not grow.
const RTO_MAX: Duration = Duration::from_secs(58);
/// Longer than any time-out that is not bounded: a probe must have come.
const NO_PROBE: Duration = Duration::from_secs(130);
/// So many probes are compared.
const PROBES: usize = 4;

const GAP: &str = "the capture lacks segments of this connection";
const PATHS: &str = "the window of several paths counts from the number of their stream (RFC 8684 3.3.4)";
const NO_SYN: &str = "a SYN was not seen, so that the window's scale is unknown";

#[derive(Clone, Debug, Default)]
struct Side {
    /// The window that its last segment offered.
    last_window: Option<u32>,
    largest: u32,
    /// The edge that it knows of for sure, where the last window that arrived puts it.
    sure_edge: Option<u32>,
    told: bool,
    claims: Claims,
    /// While the peer's window is closed, and behind that.
    closed: Option<Box<Closed>>,
}

#[derive(Clone, Debug, Default)]
struct Closed {
    probes: Recent<(Instant, u64), PROBES>,
    /// Since when the peer's window is closed for it, for sure.
    since: Option<(Instant, u64)>,
}

impl Side {
    /// The peer's window is open.
    fn open(&mut self) {
        if let Some(closed) = &mut self.closed {
            closed.probes.clear();
            closed.since = None;
        }
    }
}

/// What the family keeps.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    sides: [Side; 2],
}

impl State {
    /// Looks at a segment.
    pub(super) fn observe(&mut self, look: &Look<'_>, out: &mut Findings) {
        if look.s.flags.rst() {
            return;
        }
        if look.s.is_judged {
            self.sent(look, out);
        }
        self.offered(look, out);
    }

    /// Whether an ordinary segment is nothing but what is expected here: within the window, and offering no less.
    #[inline]
    pub(super) fn expects(&self, o: &Ordinary<'_>) -> bool {
        let (own, peer) = (&self.sides[o.s.from as usize], &self.sides[o.s.from.other() as usize]);
        let (Some(edge), Some(furthest)) = (o.own.peer_edge, o.peer.peer_edge) else { return false };
        let rounding = (1_i32 << o.agreed.shifts[o.s.from as usize]) - 1;
        peer.claims.is_empty()
            && own.last_window != Some(0)
            && (o.s.len == 0 || at_or_before(o.s.end(), edge))
            && (!o.has_moved || distance(o.edge(), furthest) <= rounding)
    }

    /// Takes it.
    #[inline]
    pub(super) fn take(&mut self, o: &Ordinary<'_>) {
        let own = &mut self.sides[o.s.from as usize];
        own.largest = own.largest.max(o.window);
        own.last_window = Some(o.window);
        self.sides[o.s.from.other() as usize].open();
    }

    fn sent(&mut self, look: &Look<'_>, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        if s.len > 0 && own.is_new(s) && !s.flags.syn() {
            let side = &mut self.sides[s.from as usize];
            overrun(look, &mut side.claims, out);
            shrunken(look, side.sure_edge, out);
        }
        self.probe(look, out);
        let side = &mut self.sides[s.from as usize];
        side.told = false;
        if let Some(since) = side.closed.as_mut().and_then(|closed| closed.since.as_mut())
            && own.peer_window == Some(0)
        {
            *since = (s.time, s.number);
        }
    }

    /// A probe of a closed window: SHLD-30, the waits grow.
    fn probe(&mut self, look: &Look<'_>, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        let side = &mut self.sides[s.from as usize];
        let is_probe = own.peer_window == Some(0)
            && own
                .una
                .is_some_and(|una| s.seq == una && s.len > 0 || s.seq == una.wrapping_sub(1) && s.len <= 1);
        if !is_probe || s.flags.syn() {
            return;
        }
        let side = side.closed.get_or_insert_default();
        // MUST-37: it was answered, and goes on.
        let answered =
            |(last, _): &(Instant, u64)| look.peer().last.as_ref().is_some_and(|heard| heard.time >= *last);
        if look.c.is_exact && side.probes.last().is_some_and(answered) {
            out.held(RuleId::LastingProbe);
        }
        side.probes.push((s.time, s.number));
        if side.probes.len() < PROBES || look.app.sets_times {
            return;
        }
        if look.c.has_gaps() {
            // A window that opened between them may be missing.
            return out.undecidable(RuleId::ProbeBackoff, GAP);
        }
        let waits: Vec<Duration> = side.probes.windows(2).map(|pair| pair[1].0.since(pair[0].0)).collect();
        let grows = waits[2] * 10 > waits[0] * 12 || waits[2] >= RTO_MAX;
        let frames: Vec<u64> = side.probes.iter().map(|(_, frame)| *frame).collect();
        out.decide(RuleId::ProbeBackoff, grows, look.place(&frames), || {
            (format!("waits of {}, {} and {}", waits[0], waits[1], waits[2]), "waits that grow".to_owned())
        });
    }

    /// What a segment offers to the other end.
    fn offered(&mut self, look: &Look<'_>, out: &mut Findings) {
        let (s, own, peer) = (look.s, look.own(), look.peer());
        if s.arrival != Arrival::Lost {
            self.sides[s.from.other() as usize].claims.heard(look, out);
        }
        let Some(ack) = s.ack else { return };
        let Some(window) = look.c.window(s) else {
            if s.is_judged {
                out.undecidable(RuleId::WindowShrunk, NO_SYN);
            }
            return;
        };
        if s.is_judged && !s.flags.syn() {
            shrunk(look, ack, window, out);
            self.silly(look, ack, window, out);
        }
        let edge = ack.wrapping_add(window);
        let is_newest = own.ack.is_none_or(|(old, _)| at_or_before(old, ack));
        let side = &mut self.sides[s.from as usize];
        side.largest = side.largest.max(window);
        if is_newest {
            side.last_window = Some(window);
        }
        let other = &mut self.sides[s.from.other() as usize];
        if look.c.is_accepted(s) && at_or_before(peer.una.unwrap_or(ack), ack) {
            // What was overtaken and acknowledges more is believed by some (RFC 9293 3.10.7.4, fifth).
            other.sure_edge = match peer.window_told {
                Some((seq, told)) if is_overtaken(s, ack, (seq, told)) => {
                    other.sure_edge.filter(|_| peer.una == Some(ack))
                }
                _ => Some(edge),
            };
        }
        if window > 0 && is_newest {
            other.open();
        } else if window == 0 && look.c.is_accepted(s) {
            other.closed.get_or_insert_default().since.get_or_insert((s.time, s.number));
        }
    }

    /// MUST-39: a closed window opens by a worthwhile step.
    fn silly(&self, look: &Look<'_>, ack: u32, window: u32, out: &mut Findings) {
        let (s, own) = (look.s, look.own());
        let side = &self.sides[s.from as usize];
        // In a capture another number shows that frames may be missing between them.
        let is_newest =
            own.ack.is_some_and(|(old, _)| if look.c.is_exact { at_or_before(old, ack) } else { old == ack });
        if side.last_window != Some(0) || window == 0 || !is_newest || look.c.has_gaps() {
            return;
        }
        let Some(mss) = look.c.mss_for(s.from.other()) else { return };
        let step = 1 << look.c.shift(s.from).unwrap_or(0);
        let worth = mss.min(side.largest / 2);
        out.decide(RuleId::SillyWindow, window + step > worth, look.place(&[s.number]), || {
            (format!("a closed window that opens by {window}"), format!("nothing, or {worth} or more"))
        });
    }

    /// MUST-36: at `now` the end is judged by what it did not send.
    pub(super) fn time(&mut self, look: &super::case::Late<'_>, out: &mut Findings) {
        let side = &mut self.sides[look.end as usize];
        let Some(closed) = &side.closed else { return };
        let Some((since, frame)) = closed.since else { return };
        if side.told || !look.app.has_unsent || look.app.is_dead || look.c.is_over() {
            return;
        }
        // RFC 6298 2.5 bounds a time-out from below alone.
        let last_wait = match closed.probes[..] {
            [.., (before, _), (last, _)] => last.since(before) * 4,
            _ => NO_PROBE,
        };
        if look.now.since(since) > NO_PROBE.max(last_wait) {
            side.told = true;
            out.decide(RuleId::ZeroWindowProbed, false, (look.end, look.now, &[frame]), || {
                (
                    format!("no probe for {}", look.now.since(since)),
                    "probes, the first after a time-out".to_owned(),
                )
            });
        } else if !closed.probes.is_empty() {
            out.held(RuleId::ZeroWindowProbed);
        }
    }

    /// MUST-37: the connection was given up although the peer answered.
    pub(super) fn gave_up(&mut self, look: &super::case::Late<'_>, out: &mut Findings) {
        let (own, peer) = (look.c.half(look.end), look.c.half(look.end.other()));
        let answered =
            own.last.as_ref().zip(peer.last.as_ref()).is_some_and(|(own, peer)| own.time <= peer.time);
        if own.peer_window == Some(0) && answered && !look.app.has_user_timeout {
            let frames: Vec<u64> = peer.last.iter().map(|last| last.number).collect();
            out.decide(RuleId::LastingProbe, false, (look.end, look.now, &frames), || {
                ("the connection given up".to_owned(), "probing while probes are answered".to_owned())
            });
        }
    }
}

/// Whether a segment comes behind the one that told of the window last (SND.WL1, SND.WL2).
fn is_overtaken(s: &Segment<'_>, ack: u32, (seq, told): (u32, u32)) -> bool {
    before(s.seq, seq) || s.seq == seq && before(ack, told)
}

/// What is new stays within the furthest edge ever offered; a closed window may be probed by one octet or more.
fn overrun(look: &Look<'_>, claims: &mut Claims, out: &mut Findings) {
    let (s, own) = (look.s, look.own());
    if look.c.has_gaps() {
        return out.undecidable(RuleId::WindowOverrun, GAP);
    }
    if look.c.is_multipath() {
        return out.undecidable(RuleId::WindowOverrun, PATHS);
    }
    let (Some(edge), Some(_)) = (own.peer_edge, look.c.shift(s.from.other())) else {
        return out.undecidable(RuleId::WindowOverrun, NO_SYN);
    };
    let end = s.seq.wrapping_add(s.len);
    let is_probe =
        own.peer_window == Some(0) && s.seq == own.una.unwrap_or(edge) && at_or_before(edge, s.seq);
    let frames = [own.peer_edge_frame, s.number];
    if let Some((stale, frame)) = own.stale_edge.filter(|(stale, _)| before(edge, *stale)) {
        let is_used = before(edge, end) && at_or_before(end, stale) && !is_probe;
        out.decide(
            RuleId::StaleWindow,
            !is_used,
            look.place(&[own.peer_edge_frame, frame, s.number]),
            || {
                (
                    format!("octets up to {end}"),
                    format!("up to {edge}: the segment that offered {stale} was overtaken"),
                )
            },
        );
        if is_used {
            return;
        }
    }
    if at_or_before(end, edge) || is_probe {
        return out.held(RuleId::WindowOverrun);
    }
    let told = (format!("octets up to {end}"), format!("up to {edge}, the furthest edge offered"));
    // What begins at the edge may probe a window that an acknowledgment closed which the capture lacks.
    if !look.c.is_exact && at_or_before(edge, s.seq) {
        return out.undecidable(RuleId::WindowOverrun, GAP);
    }
    claims.claim(look, (RuleId::WindowOverrun, &frames), Least::Edge(end), told, out);
}

/// SHLD-15.
fn shrunken(look: &Look<'_>, edge: Option<u32>, out: &mut Findings) {
    let (s, own) = (look.s, look.own());
    let (Some(edge), Some(furthest), true) = (edge, own.peer_edge, look.c.is_exact) else { return };
    let is_new = own.next.is_none_or(|next| at_or_before(next, s.seq));
    if !before(edge, furthest) || !is_new || own.peer_window == Some(0) {
        return;
    }
    let end = s.seq.wrapping_add(s.len);
    out.decide(RuleId::ShrunkenWindow, at_or_before(end, edge), look.place(&[s.number]), || {
        (format!("new octets up to {end}"), format!("up to {edge}, where the edge moved back to"))
    });
}

/// SHLD-14, with the rounding of RFC 7323 2.4. Segments sent again bear old windows; in a capture, which may be out of
/// order, only one that acknowledges more is surely newer.
fn shrunk(look: &Look<'_>, ack: u32, window: u32, out: &mut Findings) {
    let (s, own, peer) = (look.s, look.own(), look.peer());
    let (Some(furthest), Some((old, _)), Some(shift)) = (peer.peer_edge, own.ack, look.c.shift(s.from))
    else {
        return;
    };
    if look.c.is_multipath() {
        return out.undecidable(RuleId::WindowShrunk, PATHS);
    }
    let is_newer = if look.c.is_exact { at_or_before(old, ack) } else { before(old, ack) };
    if !is_newer || own.is_old(s) || look.c.has_gaps() {
        return;
    }
    let edge = ack.wrapping_add(window);
    let back = distance(edge, furthest);
    let rounding = (1_i32 << shift) - 1;
    out.decide(RuleId::WindowShrunk, back <= rounding, look.place(&[peer.peer_edge_frame, s.number]), || {
        (format!("right edge {edge}"), format!("{furthest} or further, as was offered"))
    });
}
