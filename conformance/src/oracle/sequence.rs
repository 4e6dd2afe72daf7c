//! Rules of what is sent under which numbers: RFC 9293 3.4, 3.7.1, 3.7.4.

use super::case::Look;
use super::findings::Findings;
use super::ranges::{at_or_before, before, distance};
use super::registry::RuleId;

/// An MSS below this is obeyed by nobody: there would be no room left for octets beside options.
const LEAST_MSS: u32 = 64;

const GAP: &str = "the capture lacks segments of this connection";

/// Looks at a segment of an end that is judged.
pub(super) fn observe(look: &Look<'_>, out: &mut Findings) {
    if look.s.flags.rst() {
        return;
    }
    octets(look, out);
    numbers(look, out);
    fin(look, out);
    size(look, out);
}

/// Whether a segment is a keep-alive: the number before the next, with nothing or one worthless octet (MAY-6).
pub(super) fn is_keepalive(look: &Look<'_>) -> bool {
    let (s, own) = (look.s, look.own());
    let is_before_next = own.next.is_some_and(|next| s.seq == next.wrapping_sub(1));
    is_before_next && s.len <= 1 && !s.flags.syn() && !s.flags.fin() && own.una == own.next
}

fn octets(look: &Look<'_>, out: &mut Findings) {
    let (s, own) = (look.s, look.own());
    let is_again = own.next.is_some_and(|next| before(s.first_octet(), next));
    if s.payload.is_empty() || !is_again || is_keepalive(look) || s.flags.syn() && own.isn() != Some(s.seq) {
        return;
    }
    // RFC 9293 3.4: every octet has its number; RFC 2525 2.4 for what comes of it.
    match own.octets.difference(s.first_octet(), s.payload) {
        None => out.held(RuleId::SameOctets),
        Some((number, old, new)) => out.decide(RuleId::SameOctets, false, look.place(&[s.number]), || {
            (format!("octet {number} sent again as {new:#04x}"), format!("{old:#04x}, as it was sent before"))
        }),
    }
}

fn numbers(look: &Look<'_>, out: &mut Findings) {
    let (s, own, frames) = (look.s, look.own(), [look.s.number]);
    let Some(next) = own.next else { return };
    if look.c.is_exact && !s.flags.syn() {
        out.decide(RuleId::NumbersWithoutHoles, at_or_before(s.seq, next), look.place(&frames), || {
            (format!("SEQ {}", s.seq), format!("SEQ {next} at the most, what comes next"))
        });
    }
    if own.isn().is_some_and(|isn| isn == s.seq) && !s.flags.syn() && s.len > 1 {
        out.decide(RuleId::SynTakesOne, false, look.place(&frames), || {
            (
                format!("octets from {}, the number of the SYN, on", s.seq),
                "octets from the next number on".to_owned(),
            )
        });
    } else if own.isn().is_some_and(|isn| isn.wrapping_add(1) == s.seq) && s.len > 0 {
        out.held(RuleId::SynTakesOne);
    }
    if look.c.is_exact && own.is_old(s) && !s.flags.syn() && !is_keepalive(look) {
        let acked = own.sure_una.filter(|una| at_or_before(s.end(), *una));
        out.decide(RuleId::AckedForgotten, acked.is_none(), look.place(&frames), || {
            let una = acked.unwrap_or_default();
            (
                format!("numbers {} to {} again", s.seq, s.end()),
                format!("nothing before {una}, which was acknowledged"),
            )
        });
    }
}

fn fin(look: &Look<'_>, out: &mut Findings) {
    let (s, own) = (look.s, look.own());
    let Some((fin, frame)) = own.fin else { return };
    if s.flags.syn() {
        return;
    }
    if look.c.has_gaps() {
        out.undecidable(RuleId::NothingBehindFin, GAP);
        return out.undecidable(RuleId::OneFin, GAP);
    }
    if s.len > 1 {
        let end = s.seq.wrapping_add(s.len);
        out.decide(RuleId::NothingBehindFin, at_or_before(end, fin), look.place(&[frame, s.number]), || {
            (format!("octets up to {end}"), format!("none from the FIN's number {fin} on"))
        });
    }
    if s.flags.fin() {
        let again = s.end().wrapping_sub(1);
        out.decide(RuleId::OneFin, again == fin, look.place(&[frame, s.number]), || {
            (format!("a FIN with number {again}"), format!("the FIN's number {fin}"))
        });
    }
}

/// RFC 9293 3.7.1: MSS and options.
fn size(look: &Look<'_>, out: &mut Findings) {
    let (s, frames) = (look.s, [look.s.number]);
    if !s.flags.syn() {
        out.decide(RuleId::MssOnSyn, s.options.mss.is_none(), look.place(&frames), || {
            ("an MSS option without SYN".to_owned(), "none".to_owned())
        });
    }
    let Some(mss) = look.c.mss_for(s.from).filter(|_| look.c.is_exact && s.len > 0 && !s.flags.syn()) else {
        return;
    };
    if mss < LEAST_MSS {
        return out.undecidable(RuleId::MssRespected, "an MSS that leaves no room for options");
    }
    let is_named = look.peer().syn.is_some_and(|syn| syn.options.mss.is_some());
    let rule = if is_named { RuleId::MssRespected } else { RuleId::DefaultMss };
    out.decide(rule, s.len <= mss, look.place(&frames), || {
        (format!("{} octets", s.len), format!("{mss} at the most"))
    });
    if s.len <= mss && s.options.len > 0 {
        let sum = s.len + u32::from(s.options.len);
        out.decide(RuleId::OptionsCounted, sum <= mss, look.place(&frames), || {
            (format!("{} octets and {} of options", s.len, s.options.len), format!("{mss} together"))
        });
    }
    nagle(look, mss, out);
}

/// RFC 9293 3.7.4, SHLD-7: a small segment waits for what is under way.
fn nagle(look: &Look<'_>, mss: u32, out: &mut Findings) {
    let (s, own) = (look.s, look.own());
    let (Some(una), Some(next), Some(edge)) = (own.una, own.next, own.peer_edge) else { return };
    if look.app.has_nodelay
        || !look.app.is_mapped
        || look.c.is_disturbed
        || !own.is_new(s)
        || !before(una, next)
    {
        return;
    }
    // The device may have a limit of its own: what it told the peer, or the default.
    let limit = own.syn.map_or(536, |syn| syn.options.mss.map_or(536, u32::from)).min(mss);
    // Or one that it keeps although more octets wait.
    let limit = look.app.own_limit.map_or(limit, |own| own.min(limit));
    let full = limit.saturating_sub(s.options.len.into());
    let fills_window = distance(s.seq.wrapping_add(s.len), edge) <= 0;
    // Behind the last octets comes no company: they need not wait for the FIN, nor it for them.
    let is_last = s.flags.fin() || look.app.shut.is_some();
    let is_free = s.len >= full || is_last || s.flags.urg() || fills_window || own.peer_window == Some(0);
    // What an octet was sent before and is sent again with new ones is no new small segment.
    let is_fresh = s.seq == next;
    if is_fresh {
        out.decide(RuleId::Nagle, is_free, look.place(&[s.number]), || {
            let flight = distance(una, next);
            (
                format!("{} new octets while {flight} are under way", s.len),
                "waiting, or a full segment".to_owned(),
            )
        });
    }
}
