//! What is acknowledged, and when (RFC 9293 3.4, 3.8.6.3, 3.10.7.4; RFC 5681 4.2).

use super::super::Variant;
use super::super::flow::Fate::{Drop, Later, Pass};
use super::super::flow::Flow;
use super::super::segment::Segment;
use crate::oracle::RuleId;
use wireproof_reference::time::Duration;
use wireproof_reference::wire::TcpFlags;

const SEGMENTS_PER_ACK: u32 = 2;

pub(super) const STACKS: &[Variant] = &[
    Variant::broken("ack-beyond", "It acknowledges one octet more than came.", &["rfc9293-3.10.7.4"])
        .sends(|flow, segment| {
            if acknowledges_text(flow, segment) {
                segment.ack = segment.ack.wrapping_add(1);
            }
            Pass
        })
        .breaks(&[RuleId::AckBeyondSent]),
    Variant::broken("ack-short", "It acknowledges one octet less than came.", &["rfc9293-3.10.7.4"])
        .sends(|flow, segment| {
            if acknowledges_text(flow, segment) {
                segment.ack = segment.ack.wrapping_sub(1);
            }
            Pass
        })
        .breaks(&[RuleId::StretchAck]),
    Variant::broken(
        "ack-goes-back",
        "After a new acknowledgment it sends the one before once more.",
        &["rfc9293-3.4"],
    )
    .sends(|flow, segment| {
        if acknowledges_text(flow, segment) && segment.ack != flow.rcv_nxt {
            let mut old = segment.clone();
            old.ack = flow.rcv_nxt;
            flow.send(old);
        }
        Pass
    })
    .breaks(&[RuleId::AckBackwards]),
    Variant::broken("ack-late", "It delays acknowledgments by a whole second.", &["rfc9293-3.8.6.3-MUST-40"])
        .policy(|policy| policy.delayed_ack = Some(Duration::from_secs(1)))
        .breaks(&[RuleId::AckDelay]),
    Variant::broken(
        "ack-stretched",
        "It acknowledges only after its delay, however many full segments came.",
        &["rfc9293-3.8.6.3-SHLD-19", "rfc5681-4.2"],
    )
    .receives(|flow, segment| {
        flow.count = if segment.has_text() && flow.gap(segment) == 0 { flow.count + 1 } else { 0 };
        Pass
    })
    .sends(|flow, segment| {
        if acknowledges_text(flow, segment) && flow.count >= SEGMENTS_PER_ACK {
            flow.count = 0;
            return Later(Duration::from_millis(200));
        }
        Pass
    }),
    Variant::broken(
        "no-ack-behind-gap",
        "It is silent when data arrive behind a gap.",
        &["rfc5681-4.2", "rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        flow.mark = u32::from(segment.has_text() && flow.gap(segment) > 0 && flow.is_in_window(segment.seq));
        Pass
    })
    .sends(|flow, segment| if flow.mark == 1 && segment.is_pure_ack() { Drop } else { Pass })
    .breaks(&[RuleId::EarlyAnswered]),
    Variant::broken(
        "no-ack-of-old-data",
        "It drops data that it has already without a word.",
        &["rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| if segment.has_text() && is_old(flow, segment) { Drop } else { Pass })
    .breaks(&[RuleId::OldAnswered]),
    Variant::broken(
        "no-ack-of-old-fin",
        "It drops a FIN that it has already without a word.",
        &["rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| if segment.flags.fin() && is_old(flow, segment) { Drop } else { Pass }),
    Variant::broken(
        "no-ack-outside",
        "It drops empty segments outside the window without a word.",
        &["rfc9293-3.5.2"],
    )
    .receives(|flow, segment| {
        let is_outside = flow.is_open && segment.is_pure_ack() && !flow.is_in_window(segment.seq);
        if is_outside && segment.seq != flow.rcv_nxt { Drop } else { Pass }
    }),
    Variant::broken("ack-of-ack", "It answers every acknowledgment with one.", &["rfc9293-3.10.7.4"])
        .receives(|flow, segment| {
            if flow.is_open && segment.is_pure_ack() && flow.gap(segment) == 0 {
                flow.send(segment.reply(flow.nxt, flow.rcv_nxt, TcpFlags::ACK));
            }
            Pass
        })
        .breaks(&[RuleId::QuietAfterClose, RuleId::OneAnswer]),
    Variant::broken(
        "data-without-ack",
        "Its data bear no ACK.",
        &["rfc9293-3.1", "rfc9293-3.10.7.4-MUST-58"],
    )
    .sends(|_, segment| {
        if segment.has_text() {
            segment.clear(TcpFlags::ACK);
            segment.ack = 0;
        }
        Pass
    })
    .breaks(&[RuleId::AckAlways]),
    Variant::broken(
        "stale-ack-on-data",
        "Its data bear the acknowledgment of before.",
        &["rfc9293-3.10.7.4-MUST-58"],
    )
    .sends(|flow, segment| {
        if segment.has_text() && flow.is_open {
            segment.ack = flow.rcv_nxt;
        }
        Pass
    }),
    Variant::broken(
        "stale-ack-on-repeat",
        "What it sends again bears the acknowledgment of the first time.",
        &["rfc9293-3.10.7.4"],
    )
    .sends(|flow, segment| {
        if segment.len() == 0 || segment.flags.syn() {
            return Pass;
        }
        match flow.kept.iter().find(|first| first.seq == segment.seq) {
            Some(first) => segment.ack = first.ack,
            None => flow.kept.push(segment.clone()),
        }
        Pass
    }),
    Variant::broken("no-delay", "It acknowledges every small segment at once.", &["rfc9293-3.8.6.3-SHLD-18"])
        .policy(|policy| policy.delayed_ack = None),
    Variant::broken(
        "unsent-believed",
        "It takes an acknowledgment of what it never sent for one of all.",
        &["rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        if flow.is_open && segment.flags.ack() && acknowledges_unsent(flow, segment) {
            segment.ack = flow.nxt;
        }
        Pass
    }),
    Variant::broken(
        "unsent-ignored",
        "It is silent about an acknowledgment of what it never sent.",
        &["rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        if flow.is_open && segment.flags.ack() && acknowledges_unsent(flow, segment) { Drop } else { Pass }
    }),
    Variant::broken(
        "old-ack-data-lost",
        "It drops data that come with an old acknowledgment.",
        &["rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        let is_old = segment.ack.wrapping_sub(flow.una).cast_signed() < 0;
        if flow.is_open && segment.has_text() && segment.flags.ack() && is_old { Drop } else { Pass }
    }),
];

/// Whether a segment that is sent does nothing but acknowledge what came behind the SYN.
fn acknowledges_text(flow: &Flow, segment: &Segment) -> bool {
    flow.is_open && segment.is_pure_ack() && flow.irs.is_some_and(|irs| segment.ack != irs.wrapping_add(1))
}

fn acknowledges_unsent(flow: &Flow, segment: &Segment) -> bool {
    segment.ack.wrapping_sub(flow.nxt).cast_signed() > 0
}

fn is_old(flow: &Flow, segment: &Segment) -> bool {
    flow.irs.is_some() && flow.gap(segment) < 0
}
