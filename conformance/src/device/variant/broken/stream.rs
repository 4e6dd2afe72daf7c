//! What is in the stream and in the header: octets, flags, checksums (RFC 9293 3.1, 3.8.5, 3.9.1.2, 3.10.7.4).

use super::super::Variant;
use super::super::flow::Fate::{Drop, Pass};
use crate::device::{CallValue, Errno};
use crate::oracle::RuleId;
use wireproof_reference::wire::TcpFlags;

pub(super) const STACKS: &[Variant] = &[
    Variant::broken(
        "bad-checksum-taken",
        "It takes segments whatever their checksum.",
        &["rfc9293-3.1-MUST-3"],
    )
    .receives(|_, segment| {
        segment.mend();
        Pass
    })
    .breaks(&[RuleId::DamagedUnanswered, RuleId::DataBeforeSyn]),
    Variant::broken("bad-checksum-sent", "The checksum of its data is off by one.", &["rfc9293-3.1-MUST-2"])
        .sends(|_, segment| {
            if segment.has_text() {
                segment.damage = Some(1);
            }
            Pass
        })
        .breaks(&[RuleId::TcpChecksum]),
    Variant::broken("reserved-bits-sent", "It sets a reserved bit.", &["rfc9293-3.1"])
        .sends(|_, segment| {
            segment.flags = segment.flags.with_reserved(1);
            Pass
        })
        .breaks(&[RuleId::ReservedBits]),
    Variant::broken("reserved-bits-judged", "It drops segments with reserved bits.", &["rfc9293-3.1"])
        .receives(|_, segment| if segment.flags.reserved() == 0 { Pass } else { Drop }),
    Variant::broken("no-push", "It never sets PSH.", &["rfc9293-3.9.1.2-MUST-61"])
        .sends(|_, segment| {
            segment.clear(TcpFlags::PSH);
            Pass
        })
        .breaks(&[RuleId::PushAtEnd]),
    Variant::broken(
        "urgent-off-by-one",
        "Its urgent pointer names the last urgent octet.",
        &["rfc9293-3.8.5-MUST-62"],
    )
    .sends(|_, segment| {
        if segment.flags.urg() {
            segment.urgent = segment.urgent.wrapping_sub(1);
        }
        Pass
    })
    .breaks(&[RuleId::UrgentPointer]),
    Variant::broken(
        "urgent-forgotten",
        "What it sends again is no longer urgent.",
        &["rfc9293-3.8.5-MUST-62"],
    )
    .sends(|flow, segment| {
        if flow.is_repeat(segment) {
            segment.clear(TcpFlags::URG);
            segment.urgent = 0;
        }
        Pass
    }),
    Variant::broken(
        "urgent-octet-lost",
        "An urgent octet is taken out of the stream and never delivered.",
        &["rfc9293-3.8.5-MUST-30"],
    )
    .receives(|flow, segment| {
        let start = usize::from(segment.urgent.saturating_sub(1));
        if segment.flags.urg() && flow.gap(segment) == 0 && start < segment.data.len() {
            // A stack that does so acknowledges the octet all the same: it tells itself that the next ones came.
            segment.data.remove(start);
            segment.data.push(b'?');
        }
        Pass
    })
    .breaks(&[RuleId::DeliveredAsSent]),
    Variant::broken(
        "gap-ignored",
        "It delivers data behind a gap as if there were none.",
        &["rfc9293-3.10.7.4"],
    )
    .receives(|flow, segment| {
        if segment.has_text() && flow.gap(segment) > 0 && flow.is_in_window(segment.seq) {
            segment.seq = flow.rcv_nxt;
        }
        Pass
    })
    .breaks(&[RuleId::AckUnreceived]),
    Variant::broken(
        "gap-data-dropped",
        "It keeps no data that come behind a gap.",
        &["rfc9293-3.10.7.4-SHLD-31"],
    )
    .receives(|flow, segment| {
        if segment.len() > 0 && flow.gap(segment) > 0 && flow.is_in_window(segment.seq) {
            // An empty segment that is not expected brings the same acknowledgment.
            segment.become_bare(flow.rcv_nxt.wrapping_sub(1), flow.una, TcpFlags::ACK);
        }
        Pass
    })
    .breaks(&[RuleId::GapAnswered, RuleId::EarlyKept]),
    Variant::broken("old-data-again", "It delivers old data once more.", &["rfc9293-3.10.7.4"])
        .receives(|flow, segment| {
            if flow.is_open && segment.has_text() && flow.irs.is_some() && flow.gap(segment) < 0 {
                segment.seq = flow.rcv_nxt;
            }
            Pass
        })
        .breaks(&[RuleId::AckBeyondSent]),
    Variant::broken("no-ack-flag-taken", "It takes data without an ACK.", &["rfc9293-3.10.7.4"])
        .receives(|flow, segment| {
            if flow.is_open && segment.has_text() && segment.flags.without(TcpFlags::PSH).is_empty() {
                segment.set(TcpFlags::ACK);
                segment.ack = flow.una;
            }
            Pass
        })
        .breaks(&[RuleId::RefusedTaken]),
    Variant::broken("outside-data-taken", "It takes data from behind its window.", &["rfc9293-3.10.7.4"])
        .receives(|flow, segment| {
            let is_behind = flow.gap(segment) > 0 && !flow.is_in_window(segment.seq);
            if flow.is_open && segment.has_text() && is_behind {
                segment.seq = flow.rcv_nxt;
            }
            Pass
        })
        .breaks(&[RuleId::AckUnreceived]),
    Variant::broken(
        "outside-data-reset",
        "It resets the sender of data outside the window.",
        &["rfc9293-3.5.2"],
    )
    .receives(|flow, segment| {
        if flow.is_open && segment.has_text() && !flow.is_in_window(segment.seq) {
            flow.send(segment.reply(segment.ack, 0, TcpFlags::RST));
            return Drop;
        }
        Pass
    }),
    Variant::broken(
        "reset-told-as-end",
        "The application reads the end of the stream after a reset.",
        &["rfc9293-3.6-MUST-12"],
    )
    .answers(|result| {
        if *result == Err(Errno::ECONNRESET) {
            *result = Ok(CallValue::End);
        }
    })
    .breaks(&[RuleId::ToldHonestly]),
    Variant::broken(
        "end-told-as-reset",
        "The application reads a reset where the peer closed in order.",
        &["rfc9293-3.6-MUST-12"],
    )
    .answers(|result| {
        if *result == Ok(CallValue::End) {
            *result = Err(Errno::ECONNRESET);
        }
    }),
    Variant::broken(
        "timeout-not-told",
        "The application reads the end of the stream after a time-out.",
        &["rfc9293-3.8.3-MUST-20"],
    )
    .answers(|result| {
        if *result == Err(Errno::ETIMEDOUT) {
            *result = Ok(CallValue::End);
        }
    })
    .breaks(&[RuleId::EndAfterAll]),
    Variant::broken(
        "wrong-octet-delivered",
        "The last octet of each read is another.",
        &["rfc9293-3.10.7.4"],
    )
    .answers(|result| {
        if let Ok(CallValue::Data(data)) = result
            && let Some(last) = data.last_mut()
        {
            *last ^= 1;
        }
    })
    .breaks(&[RuleId::DeliveredAsSent]),
    Variant::broken("all-urgent", "All its data are urgent.", &["rfc9293-3.8.5-MUST-30"])
        .sends(|_, segment| {
            if segment.has_text() && !segment.flags.urg() {
                segment.set(TcpFlags::URG);
                segment.urgent = u16::try_from(segment.data.len()).unwrap_or(u16::MAX);
            }
            Pass
        })
        .breaks(&[RuleId::UrgentAsked]),
];
