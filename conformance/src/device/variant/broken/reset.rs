//! Resets, challenges, and what stands in for them (RFC 9293 3.5.2, 3.5.3, 3.10.5, 3.10.7; RFC 5961).

use super::super::Variant;
use super::super::flow::Fate::{Drop, Pass};
use super::super::flow::Flow;
use super::super::segment::Segment;
use crate::oracle::RuleId;
use wireproof_reference::wire::TcpFlags;

pub(super) const STACKS: &[Variant] = &[
    Variant::broken(
        "reset-answered",
        "It answers a reset with a reset.",
        &["rfc9293-3.5.2", "rfc9293-3.10.7.1"],
    )
    .receives(|_, segment| {
        // The reset goes to a closed port as if it were none.
        if segment.flags.rst() {
            segment.clear(TcpFlags::RST);
        }
        Pass
    })
    .breaks(&[RuleId::ResetOfReset]),
    Variant::broken(
        "reset-number-off",
        "Its reset has the number after the one that it was told.",
        &["rfc9293-3.5.2"],
    )
    .sends(|_, segment| {
        if segment.flags.rst() && !segment.flags.ack() {
            segment.seq = segment.seq.wrapping_add(1);
        }
        Pass
    })
    .breaks(&[RuleId::ResetNumbers, RuleId::ResetInWindow]),
    Variant::broken(
        "reset-without-ack",
        "Its reset of a segment without an ACK acknowledges nothing.",
        &["rfc9293-3.10.7.1"],
    )
    .sends(|_, segment| {
        if segment.flags.rst() {
            segment.clear(TcpFlags::ACK);
            segment.ack = 0;
        }
        Pass
    })
    .breaks(&[RuleId::ResetNumbers]),
    Variant::broken("reset-ack-short", "Its reset does not count SYN, FIN and text.", &["rfc9293-3.10.7.1"])
        .receives(|flow, segment| {
            flow.count = segment.len();
            Pass
        })
        .sends(|flow, segment| {
            if segment.is(TcpFlags::RST | TcpFlags::ACK) && flow.iss.is_none() {
                segment.ack = segment.ack.wrapping_sub(flow.count);
            }
            Pass
        })
        .breaks(&[RuleId::ResetNumbers]),
    Variant::broken(
        "reset-with-ack",
        "Its reset of a segment with an ACK bears an ACK as well.",
        &["rfc9293-3.10.7.1"],
    )
    .sends(|_, segment| {
        if segment.flags.rst() {
            segment.set(TcpFlags::ACK);
        }
        Pass
    }),
    Variant::broken(
        "closed-port-silent",
        "Nothing comes back from a port where nothing is open.",
        &["rfc9293-3.10.7.1"],
    )
    .sends(|flow, segment| if segment.flags.rst() && flow.iss.is_none() { Drop } else { Pass }),
    Variant::broken(
        "reset-number-not-looked-at",
        "It believes a reset outside the window.",
        &["rfc9293-3.5.3", "rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        if flow.is_open && segment.flags.rst() && !flow.is_in_window(segment.seq) {
            segment.seq = flow.rcv_nxt;
        }
        Pass
    })
    .breaks(&[RuleId::ResetOutside]),
    Variant::broken(
        "reset-in-window-believed",
        "It believes a reset anywhere in the window.",
        &["rfc5961-3.2"],
    )
    .receives(|flow, segment| {
        if flow.is_open && segment.flags.rst() && flow.is_in_window(segment.seq) {
            segment.seq = flow.rcv_nxt;
        }
        Pass
    })
    .breaks(&[RuleId::ResetDoubted]),
    Variant::broken("reset-ignored", "It believes no reset on an open connection.", &["rfc9293-3.5.3"])
        .receives(|flow, segment| if flow.is_open && segment.flags.rst() { Drop } else { Pass }),
    Variant::broken(
        "reset-with-data-ignored",
        "It does not believe a reset that explains itself in data.",
        &["rfc9293-3.5.3-SHLD-2"],
    )
    .receives(|_, segment| if segment.flags.rst() && segment.has_text() { Drop } else { Pass }),
    Variant::broken(
        "reset-ends-listener",
        "A reset during the handshake is not believed.",
        &["rfc9293-3.5.3"],
    )
    .receives(
        |flow, segment| if flow.irs.is_some() && !flow.is_open && segment.flags.rst() { Drop } else { Pass },
    ),
    Variant::broken(
        "reset-refuses-blindly",
        "While it opens, it believes a reset that acknowledges nothing.",
        &["rfc9293-3.10.7.3", "rfc9293-3.5.3"],
    )
    .receives(|flow, segment| {
        if is_opening(flow) && segment.flags.rst() {
            segment.set(TcpFlags::ACK);
            segment.ack = flow.nxt;
        }
        Pass
    }),
    Variant::broken("refusal-ignored", "While it opens, it believes no reset.", &["rfc9293-3.10.7.3"])
        .receives(|flow, segment| if is_opening(flow) && segment.flags.rst() { Drop } else { Pass }),
    Variant::broken(
        "opening-resets-nothing",
        "While it opens, it resets no ACK of anything else.",
        &["rfc9293-3.10.7.3"],
    )
    .sends(|flow, segment| if is_opening(flow) && segment.flags.rst() { Drop } else { Pass }),
    Variant::broken(
        "half-open-resets-nothing",
        "While it answers a SYN, it resets no wrong ACK.",
        &["rfc9293-3.10.7.4"],
    )
    .sends(
        |flow, segment| {
            if flow.irs.is_some() && !flow.is_open && segment.flags.rst() { Drop } else { Pass }
        },
    ),
    Variant::broken("abort-silent", "An abort sends nothing.", &["rfc9293-3.10.5"])
        .sends(|flow, segment| if flow.is_open && segment.flags.rst() { Drop } else { Pass })
        .breaks(&[RuleId::ResetOnUnread]),
    Variant::broken("abort-sends-fin", "An abort sends a FIN.", &["rfc9293-3.10.5"])
        .sends(|flow, segment| {
            if flow.is_open && segment.flags.rst() {
                segment.flags = TcpFlags::FIN | TcpFlags::ACK;
                segment.ack = flow.rcv_nxt;
            }
            Pass
        })
        .breaks(&[RuleId::OneFin]),
    Variant::broken("syn-in-window-believed", "A SYN in the window ends the connection.", &["rfc5961-4.2"])
        .receives(|flow, segment| {
            if flow.is_open && segment.flags.syn() && flow.is_in_window(segment.seq) {
                flow.send(segment.reply(flow.nxt, flow.rcv_nxt, TcpFlags::RST | TcpFlags::ACK));
                segment.become_bare(flow.rcv_nxt, 0, TcpFlags::RST);
            }
            Pass
        }),
    Variant::broken(
        "syn-answered-amid",
        "It answers a SYN on an open connection as if it opened one.",
        &["rfc9293-3.10.7.4", "rfc5961-4.2"],
    )
    .receives(|flow, segment| match flow.iss {
        Some(iss) if flow.is_open && segment.flags.syn() => {
            flow.send(segment.reply(iss, segment.seq.wrapping_add(1), TcpFlags::SYN | TcpFlags::ACK));
            Drop
        }
        _ => Pass,
    })
    .breaks(&[RuleId::SynInConnection]),
    Variant::broken("no-challenge-of-resets", "A reset in the window is not challenged.", &["rfc5961-3.2"])
        .receives(|flow, segment| {
            let is_doubtful = flow.is_in_window(segment.seq) && segment.seq != flow.rcv_nxt;
            if flow.is_open && segment.flags.rst() && is_doubtful { Drop } else { Pass }
        }),
    Variant::broken("no-challenge-of-syns", "A SYN in the window is not challenged.", &["rfc5961-4.2"])
        .receives(|flow, segment| {
            if flow.is_open && segment.flags.syn() && flow.is_in_window(segment.seq) { Drop } else { Pass }
        }),
    Variant::broken("challenges-without-limit", "It challenges each and every guess.", &["rfc5961-7"])
        .policy(|policy| policy.challenge_limit = u32::MAX),
    Variant::broken(
        "challenge-acks-the-guess",
        "Its challenge acknowledges the number that was guessed.",
        &["rfc5961-3.2"],
    )
    .receives(|flow, segment| {
        flow.mark = u32::from(segment.flags.rst());
        flow.count = segment.seq;
        Pass
    })
    .sends(|flow, segment| {
        if flow.is_open && flow.mark == 1 && segment.is_pure_ack() {
            segment.ack = flow.count;
        }
        Pass
    })
    .breaks(&[RuleId::AckBeyondSent]),
    Variant::broken(
        "unsent-reset",
        "It resets an ACK of what it never sent on an open connection.",
        &["rfc9293-3.5.2"],
    )
    .receives(|flow, segment| {
        let is_unsent = segment.ack.wrapping_sub(flow.nxt).cast_signed() > 0;
        if flow.is_open && segment.flags.ack() && !segment.flags.rst() && is_unsent {
            flow.send(reset_of(segment));
            return Drop;
        }
        Pass
    }),
    Variant::broken(
        "talks-after-reset",
        "It acknowledges once more behind its own reset.",
        &["rfc9293-3.10.5"],
    )
    .sends(|flow, segment| {
        if flow.is_open && segment.flags.rst() {
            let mut more = segment.clone();
            more.become_bare(flow.nxt, flow.rcv_nxt, TcpFlags::ACK);
            flow.send(more);
        }
        Pass
    })
    .breaks(&[RuleId::QuietAfterReset]),
    Variant::broken(
        "reset-shrugged-off",
        "It answers a reset with an ACK, whatever its number.",
        &["rfc9293-3.5.3"],
    )
    .receives(|flow, segment| {
        if flow.is_open && segment.flags.rst() {
            flow.send(segment.reply(flow.nxt, flow.rcv_nxt, TcpFlags::ACK));
            return Drop;
        }
        Pass
    })
    .breaks(&[RuleId::ResetBelieved]),
];

fn reset_of(segment: &Segment) -> Segment {
    segment.reply(segment.ack, 0, TcpFlags::RST)
}

/// Whether the device has sent a SYN and seen none.
fn is_opening(flow: &Flow) -> bool {
    flow.iss.is_some() && flow.irs.is_none()
}
