//! Congestion control and loss recovery (RFC 5681). Where the inner stack is too careful, it is told that the peer has
//! acknowledged what it has not.

use super::super::Variant;
use super::super::flow::Fate::{Drop, Pass};
use super::super::flow::{Flow, before};
use super::super::segment::Segment;
use crate::oracle::RuleId;

/// Segments of a first flight that is too large.
const FLIGHT: u32 = 10;
/// Segments of the burst behind a recovery.
const BURST: u32 = 16;

pub(super) const STACKS: &[Variant] = &[
    Variant::broken(
        "initial-window-large",
        "Its first flight has ten segments.",
        &["rfc5681-3.1", "rfc9293-3.8.2-MUST-19"],
    )
    .receives(|flow, segment| {
        if segment.flags.ack() {
            flow.kept = vec![segment.clone()];
        }
        Pass
    })
    .sends(|flow, segment| {
        flow.count += u32::from(segment.has_text());
        if segment.has_text() && flow.count < FLIGHT {
            pretend(flow, segment.end());
        }
        Pass
    })
    .breaks(&[RuleId::InitialWindow]),
    Variant::broken("slow-start-too-fast", "Each ACK lets three segments and more follow.", &["rfc5681-3.1"])
        .receives(|flow, segment| {
            if flow.is_open && flow.is_progress(segment) {
                flow.kept = vec![segment.clone()];
                pretend(flow, flow.nxt);
            }
            Pass
        }),
    Variant::broken(
        "no-slow-start-after-time-out",
        "After a time-out it goes on with its old window.",
        &["rfc5681-3.1"],
    )
    .sends(|flow, segment| {
        if segment.has_text() && !flow.is_repeat(segment) {
            flow.kept.push(segment.clone());
        }
        Pass
    })
    .receives(|flow, segment| {
        if flow.repeats > 0 && flow.is_progress(segment) {
            let ack = segment.ack;
            let rest: Vec<Segment> =
                flow.kept.iter().filter(|other| !before(other.seq, ack)).cloned().collect();
            rest.into_iter().for_each(|other| flow.send(other));
        }
        Pass
    }),
    Variant::broken(
        "window-not-deflated",
        "When a recovery ends, it sends what the duplicates had allowed, and more.",
        &["rfc5681-3.2"],
    )
    .receives(|flow, segment| {
        let is_end = flow.duplicates >= 3 && flow.is_progress(segment) && segment.ack == flow.nxt;
        (flow.mark, flow.count) = (u32::from(is_end), 0);
        flow.kept = vec![segment.clone()];
        Pass
    })
    .sends(|flow, segment| {
        flow.count += u32::from(segment.has_text());
        if flow.mark == 1 && segment.has_text() && flow.count < BURST {
            pretend(flow, segment.end());
        }
        Pass
    })
    .breaks(&[RuleId::Deflation])
    .seen_by_rules_alone(),
    Variant::broken(
        "syn-loss-forgotten",
        "After a lost SYN its first flight is as large as ever.",
        &["rfc5681-3.1"],
    )
    .receives(|flow, segment| {
        if segment.flags.ack() {
            flow.kept = vec![segment.clone()];
        }
        Pass
    })
    .sends(|flow, segment| {
        let was_syn_lost = flow.mark == 1;
        flow.mark |= u32::from(segment.flags.syn() && flow.is_repeat(segment));
        flow.count += u32::from(segment.has_text());
        if was_syn_lost && segment.has_text() && flow.count < 3 {
            pretend(flow, segment.end());
        }
        Pass
    }),
    Variant::broken("no-fast-retransmit", "It does not count duplicate ACKs.", &["rfc5681-3.2"])
        .receives(|flow, segment| if flow.is_duplicate(segment) { Drop } else { Pass })
        .breaks(&[RuleId::FastRetransmit]),
    Variant::broken(
        "fast-retransmit-early",
        "The second duplicate ACK brings the segment again.",
        &["rfc5681-3.2"],
    )
    .receives(|flow, segment| {
        if flow.is_duplicate(segment) && flow.duplicates == 1 {
            flow.tell(segment.clone());
        }
        Pass
    }),
    Variant::broken(
        "window-update-is-duplicate",
        "It counts an ACK that changes the window as a duplicate.",
        &["rfc5681-2"],
    )
    .receives(|flow, segment| {
        let is_update = segment.ack == flow.una && u32::from(segment.window) != flow.wnd;
        if segment.is_pure_ack() && flow.is_in_flight() && is_update {
            // Once it has changed the window, it comes again, which changes nothing.
            flow.tell(segment.clone());
        }
        Pass
    }),
    Variant::broken(
        "data-is-duplicate",
        "It counts an ACK that rides on data as a duplicate.",
        &["rfc5681-2"],
    )
    .receives(|flow, segment| {
        if flow.is_open && flow.is_in_flight() && segment.has_text() && segment.ack == flow.una {
            let mut bare = segment.clone();
            bare.data.clear();
            bare.seq = segment.end();
            flow.tell(bare);
        }
        Pass
    }),
    Variant::broken(
        "duplicates-never-forgotten",
        "Progress does not start the count of duplicates anew.",
        &["rfc5681-3.2"],
    )
    .receives(|flow, segment| {
        if flow.is_duplicate(segment) {
            flow.count += 1;
            if flow.count == 3 && flow.duplicates < 2 {
                flow.tell(segment.clone());
                flow.tell(segment.clone());
            }
        }
        Pass
    }),
    Variant::broken(
        "several-at-once",
        "The third duplicate ACK brings back all that is on the way.",
        &["rfc5681-3.2", "rfc2525-2.14"],
    )
    .sends(|flow, segment| {
        if !flow.is_repeat(segment) && segment.has_text() {
            flow.kept.push(segment.clone());
        } else if segment.seq == flow.una && flow.duplicates >= 2 {
            let una = flow.una;
            let rest: Vec<Segment> =
                flow.kept.iter().filter(|other| before(una, other.seq)).cloned().collect();
            rest.into_iter().for_each(|other| flow.send(other));
        }
        Pass
    })
    .breaks(&[RuleId::OneAtATime]),
    Variant::broken(
        "window-never-in-the-way",
        "Once something is acknowledged, it sends all that it has.",
        &["rfc5681-3.1"],
    )
    .receives(|flow, segment| {
        if segment.flags.ack() {
            flow.kept = vec![segment.clone()];
        }
        Pass
    })
    .sends(|flow, segment| {
        let is_past_start = flow.iss.is_some_and(|iss| flow.una != iss.wrapping_add(1));
        if segment.has_text() && flow.is_open && is_past_start && !flow.is_repeat(segment) {
            pretend(flow, segment.end());
        }
        Pass
    })
    .breaks(&[RuleId::SlowStartGrowth]),
    Variant::broken(
        "burst-without-mss",
        "A peer that named no MSS gets all that there is at once.",
        &["rfc5681-3.1", "rfc2525-2.3"],
    )
    .receives(|flow, segment| {
        if segment.flags.ack() {
            flow.kept = vec![segment.clone()];
        }
        Pass
    })
    .sends(|flow, segment| {
        if segment.has_text() && flow.peer_mss.is_none() {
            pretend(flow, segment.end());
        }
        Pass
    })
    .breaks(&[RuleId::UnnamedMssWindow])
    .seen_by_rules_alone(),
];

/// Tells the stack that the peer acknowledged everything up to `ack`.
fn pretend(flow: &mut Flow, ack: u32) {
    if let Some(mut last) = flow.kept.last().cloned() {
        let (seq, window) = (flow.rcv_nxt, last.window);
        last.become_bare(seq, ack, wireproof_reference::wire::TcpFlags::ACK);
        last.window = window;
        flow.tell(last);
    }
}
